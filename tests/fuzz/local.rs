//! Files that a player reads from its own disk, where others may write too: state, journal, configuration, the day's sum.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bangtin::base::digest::Digest;
use bangtin::base::ids::{PlayerId, SiteId};
use bangtin::player::config::Config;
use bangtin::player::pull::meter::{Meter, TransferLimits};
use bangtin::player::record::entry::{FORMAT, JournalEntry};
use bangtin::player::record::journal::{Journal, JournalOwner};
use bangtin::store::state::{PlayerState, StateFiles};

use super::Target;
use crate::harness::Sandbox;

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

/// Both copies. If the input's second line is empty, the target fills in the right checksum, as an attacker with disk access would.
pub fn state() -> Target {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("data");
    fs::create_dir_all(&folder).unwrap();
    let state = PlayerState {
        counter: 7,
        root: 2,
        epoch: 1,
        version: 41,
        previous: Some((1, 40).into()),
        withdrawals: 3,
        floor: 1_796_263_200,
        ..PlayerState::default()
    };
    let body = serde_json::to_string(&state).unwrap();
    let whole = format!("{body}\n{}\n", Digest::of(body.as_bytes()));
    let seeds = vec![format!("{body}\n").into_bytes(), whole.into_bytes(), format!("{body}\n\n").into_bytes()];
    let run = move |input: &[u8]| {
        // The closure owns the folder, which so lives as long as the target.
        let folder = sandbox.path("data");
        let mut bytes = input.to_vec();
        if let Some(body) = input.strip_suffix(b"\n") {
            bytes.extend(format!("{}\n", Digest::of(body)).into_bytes());
        }
        fs::write(folder.join("state.a"), &bytes).unwrap();
        fs::write(folder.join("state.b"), input).unwrap();
        let files = StateFiles::new(&folder);
        if let Some(found) = files.load().state {
            let committed = files.commit(&found).unwrap();
            assert_eq!(PlayerState { counter: found.counter, ..committed.clone() }, found);
            assert!(committed.counter > found.counter || found.counter == u64::MAX);
            assert_eq!(files.load().state.map(|state| state.version), Some(found.version));
        }
        for name in ["state.a", "state.b", "state.a.unreadable", "state.b.unreadable"] {
            let _ = fs::remove_file(folder.join(name));
        }
        assert_eq!(self::files(&folder), 0, "something was left behind");
    };
    Target { seeds, words: &["\"counter\":", "null", "[1,2]", "\n", "-1", "\"floor\":", "{", "}"], run: Box::new(run) }
}

pub fn journal() -> Target {
    let sandbox = Sandbox::new();
    let heading = format!(
        "{{\"format\":\"{FORMAT}\",\"site\":\"ta-lung\",\"player\":\"ta-lung-1\",\"seq\":1,\"before\":null,\"opened\":86400000}}\n"
    );
    let incident = "{\"type\":\"incident\",\"kind\":\"pull-kept\",\"at\":86400001,\"detail\":\"\"}\n";
    let seeds =
        [heading.clone(), format!("{heading}{incident}"), format!("{heading}{incident}{{\"type\":\"pl")].map(String::into_bytes).to_vec();
    let run = move |input: &[u8]| {
        let (folder, site, player) = (sandbox.path("returns"), SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("1.jsonl"), input).unwrap();
        let owner =
            JournalOwner { folder: folder.clone(), memory: folder.join("memory"), given: 0, site, player, key: Ok(None), floor_ms: 0 };
        Journal::open(owner, 86_400_002).append(&JournalEntry::Clock { at: 1, trusted: true, step: 0 }, 86_400_003).unwrap();
        // Only whole lines, whatever was there before; earlier whole lines remain, unless a new segment began.
        let last = (1..100).rev().map(|seq| folder.join(format!("{seq}.jsonl"))).find(|path| path.exists()).unwrap();
        assert!(fs::read(&last).unwrap().ends_with(b"\"step\":0}\n"));
        if let Ok(aside) = fs::read(folder.join("1.jsonl.unreadable")) {
            assert_eq!(aside, input, "what can't be read is not changed");
        } else {
            let first = fs::read(folder.join("1.jsonl")).unwrap();
            let whole = input.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            assert!(first.starts_with(&input[..whole]));
        }
        fs::remove_dir_all(&folder).unwrap();
    };
    Target { seeds, words: &["\n", "\"seq\":", "\"opened\":", "null", "{", "}", "\"before\":"], run: Box::new(run) }
}

pub fn player_config() -> Target {
    let sandbox = Sandbox::new();
    let least = r#"{"site":"ta-lung","player":"ta-lung-1","store":["https://store.example/b"],"data":"data","root":"root/1.json"}"#;
    let full = r#"{"site":"ta-lung","player":"ta-lung-1","store":["https://store.example/b","../stick"],"data":"/var/lib/b","root":"/etc/b/1.json",
        "listen":"127.0.0.1:8377","play_key":"play.key","volume":70,"poll_seconds":60,"reserve_bytes":1,"bytes_per_second":2048,
        "bytes_per_day":1048576,"fetch_hours":["22:00-05:00","05:00-24:00"],"name":"Tà Lùng"}"#;
    let words = &[
        "\"listen\":\"0.0.0.0:80\",",
        "\"[::1]:0\"",
        "file:///",
        "ftp://",
        "\"24:00-00:00\"",
        "\"aa:bb-cc:dd\"",
        "null",
        "-1",
        "../",
        "\0",
        "\"é0:0é-00:00\"",
    ];
    let run = move |input: &[u8]| {
        let path = sandbox.path("player.json");
        fs::write(&path, input).unwrap();
        if let Ok(config) = Config::read(&path) {
            assert!(config.listen.ip().is_loopback() && !config.store.is_empty() && config.volume <= 100);
            assert!((10..=86_400).contains(&config.poll_seconds));
            assert_eq!(config.pull_settings().limits.window.len(), config.fetch_hours.len());
        }
    };
    Target { seeds: vec![least.into(), full.into()], words, run: Box::new(run) }
}

/// `spent.json`, and the counting on top of its value.
pub fn spent() -> Target {
    let sandbox = Sandbox::new();
    let run = move |input: &[u8]| {
        let path = sandbox.path("spent.json");
        fs::write(&path, input).unwrap();
        let meter = Arc::new(Meter::new(TransferLimits { daily: Some(1 << 20), ..TransferLimits::default() }, path));
        meter.start_cycle(1_796_263_200);
        let _ = meter.check_allowed();
        let _ = std::io::copy(&mut meter.metered(&[0; 64][..]), &mut std::io::sink());
        assert!(meter.end_cycle() <= 64);
    };
    let seeds = vec![b"{\"day\":20790,\"bytes\":1024}".to_vec(), b"{\"day\":20790,\"bytes\":18446744073709551615}".to_vec()];
    Target { seeds, words: &["\"day\":20790", "\"bytes\":", "-1", "null"], run: Box::new(run) }
}
