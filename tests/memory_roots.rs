//! What a player holds outlives a fault of one file: a root on a full disk, heads that can't be read, the lock, the journal and the key of
//! another user, both copies of the state.

use std::fs;
use std::process::Command;
use std::time::Duration;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::{Running, tree, wait_for};
use crate::memory::{read, revoke, untold};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// A player that holds a month of three slides and the withdrawal of one.
fn told() -> (Shop, String) {
    let shop = untold();
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.pull().success();
    (shop, program.to_string())
}

/// The files that hold anything, by relative path. What is being tried on a full disk comes and goes, empty.
fn stored(shop: &Shop) -> Vec<String> {
    let files = walkdir::WalkDir::new(shop.sandbox.path("data")).sort_by_file_name().into_iter().filter_map(Result::ok);
    let holds = |entry: &walkdir::DirEntry| entry.metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
    files.filter(holds).map(|entry| entry.path().display().to_string()).collect()
}

fn run(shop: &Shop, source: &str) -> Running {
    shop.configure(source, &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

fn programs(player: &Running) -> usize {
    read(player, "/screens/a/schedule.json")["programs"].as_array().map_or(0, Vec::len)
}

fn after_a_look(player: &Running) -> Value {
    let ended = |health: &Value| health["last_success"] != Value::Null || health["last_error"] != Value::Null;
    wait_for("a look", Duration::from_secs(20), || ended(&read(player, "/health.json")));
    read(player, "/health.json")
}

#[test]
fn h2_f06_a_root_that_revokes_counts_on_a_disk_that_takes_nothing() {
    let (shop, _) = told();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let full = "ulimit -f 0; exec \"$0\" run --config player.json";
    let player = shop.sandbox.spawn("sh", &["-c", full, PLAYER], "http://");
    wait_for("both programs", Duration::from_secs(20), || programs(&player) == 2);
    let before = stored(&shop);
    revoke(&shop);
    let path = "store/sites/quay/latest.json";
    let mut hint: Value = serde_json::from_slice(&fs::read(shop.sandbox.path(path)).unwrap()).unwrap();
    hint["root"] = json!(2);
    shop.sandbox.write(path, hint.to_string());
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
    wait_for("the root", Duration::from_secs(8), || read(&player, "/health.json")["root"] == 2 && programs(&player) == 0);
    assert!(read(&player, "/health.json").to_string().contains("disk"), "{}", read(&player, "/health.json"));
    assert_eq!(stored(&shop), before, "nothing could be stored");
    drop(player);
    // Once there is room, it is stored: the next start needs no source for it.
    shop.pull();
    let player = run(&shop, "nowhere");
    assert_eq!((&after_a_look(&player)["root"], programs(&player)), (&json!(2), 0));
}

#[test]
fn h4_f11_f12_what_belongs_to_another_user_stops_no_start_and_is_told() {
    let (shop, program) = told();
    shop.sandbox.bangtin(&["keys", "new", "play.key", "--no-password"]).success();
    let settings = json!({"listen": "127.0.0.1:0", "play_key": "play.key"});
    shop.configure("store", &settings);
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    after_a_look(&player);
    drop(player);
    shop.configure("nowhere", &settings);
    // Rights as a user has them to whom the file does not belong, and what the report names.
    for (name, rights) in
        [("data/lock", "a-rwx"), ("data/lock", "a-wx"), ("data/returns", "a-rwx"), ("data/returns", "a-w"), ("play.key", "a-rwx")]
    {
        shop.sandbox.run("chmod", &["-R", rights, name]).success();
        // In a name space without users, not even root may go beyond the rights of a file.
        let player = shop.sandbox.spawn("unshare", &["-U", PLAYER, "run", "--config", "player.json"], "http://");
        wait_for(name, Duration::from_secs(20), || programs(&player) == 2);
        let schedule = read(&player, "/screens/a/schedule.json");
        assert_eq!(schedule["withdrawn"]["slides"], json!({&program: ["co-so/mot"]}), "{name} {rights}");
        let faults = || read(&player, "/health.json")["faults"].to_string();
        wait_for(name, Duration::from_secs(10), || faults().contains(name));
        drop(player);
        shop.sandbox.run("chmod", &["-R", "u+rwX", name]).success();
    }
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    after_a_look(&player);
    assert_eq!((programs(&player), &read(&player, "/health.json")["faults"]), (2, &json!([])));
}

#[test]
fn h4_f08_an_error_of_the_disk_in_the_last_segment_stops_no_start_and_is_told() {
    let (shop, program) = told();
    drop(run(&shop, "store"));
    shop.sandbox.run("cp", &["-r", "data", "whole"]).success();
    for calls in ["openat", "read", "write", "fdatasync"] {
        fs::remove_dir_all(shop.sandbox.path("data")).unwrap();
        shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
        shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
        let inject = format!(
            "exec strace -D -f -qq -o trace -P data/returns/quay/quay-1/1.jsonl -e trace={calls} -e inject={calls}:error=EIO \"$0\" run --config player.json"
        );
        let player = shop.sandbox.spawn("sh", &["-c", &inject, PLAYER], "http://");
        wait_for(calls, Duration::from_secs(20), || programs(&player) == 2);
        assert_eq!(read(&player, "/screens/a/schedule.json")["withdrawn"]["slides"], json!({&program: ["co-so/mot"]}), "{calls}");
        wait_for(calls, Duration::from_secs(20), || read(&player, "/health.json")["faults"].to_string().contains("data/returns"));
        assert!(fs::read_to_string(shop.sandbox.path("trace")).unwrap().contains("(INJECTED)"), "{calls}");
    }
}

#[test]
fn h4_a_folder_in_place_of_a_closed_segment_stops_no_start() {
    let (shop, program) = told();
    shop.sandbox.bangtin(&["keys", "new", "play.key", "--no-password"]).success();
    let start = || {
        shop.configure("store", &json!({"listen": "127.0.0.1:0", "play_key": "play.key"}));
        let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
        after_a_look(&player);
        wait_for("the programs", Duration::from_secs(20), || programs(&player) == 2);
        player
    };
    drop(start());
    // Another day: the next start closes it.
    let first = shop.sandbox.path("data/returns/quay/quay-1/1.jsonl");
    let text = fs::read_to_string(&first).unwrap();
    let opened = serde_json::from_str::<Value>(text.lines().next().unwrap()).unwrap()["opened"].to_string();
    fs::write(&first, text.replacen(&opened, "0", 1)).unwrap();
    fs::remove_file(shop.sandbox.path("data/journal.json")).unwrap();
    drop(start());
    assert!(first.with_file_name("2.jsonl").exists());
    for signature in ["minisig", "none"] {
        let _ = fs::remove_file(&first).or_else(|_| fs::remove_dir_all(&first));
        fs::create_dir_all(first.join("full")).unwrap();
        let player = start();
        let schedule = read(&player, "/screens/a/schedule.json");
        assert_eq!(schedule["withdrawn"]["slides"], json!({&program: ["co-so/mot"]}), "{signature}");
        drop(player);
        let _ = fs::remove_file(first.with_extension("jsonl.minisig"));
        // It is no secret either.
        shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).code(1).stdout_has("1.jsonl");
    }
}

#[test]
fn m1_a_read_error_of_a_head_or_a_statement_deletes_nothing_of_what_it_names() {
    let (mut shop, _) = told();
    // What only the release before names, and nothing else.
    let film = Month::from([("assets/phim.mp4".to_owned(), b"film".to_vec())]);
    shop.publish(&film);
    shop.withdraw_hint(1);
    shop.pull().success();
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-4");
    assert!(shop.holds(&film));
    let whole = tree(&shop.sandbox.path("data/store"));
    let mut opened = 0;
    for name in whole.keys().filter(|name| ["sites/", "root/", "withdrawals/"].iter().any(|folder| name.starts_with(folder))) {
        for source in ["nowhere", "store"] {
            shop.configure(source, &json!({}));
            let path = format!("data/store/{name}");
            for calls in ["openat", "read"] {
                let inject = format!("inject={calls}:error=EIO");
                let trace = ["-f", "-qq", "-o", "trace", "-P", &path, "-e", "trace=openat,read", "-e", &inject];
                let done = shop.sandbox.run("strace", &[&trace[..], &[PLAYER, "pull", "--config", "player.json"]].concat());
                opened += usize::from(fs::read_to_string(shop.sandbox.path("trace")).unwrap().contains("(INJECTED)"));
                assert!(source == "nowhere" || [0, 3].contains(&done.code), "{name} {calls}: {done:?}");
                let left = tree(&shop.sandbox.path("data/store"));
                let gone: Vec<_> = whole.keys().filter(|name| !left.contains_key(*name)).collect();
                assert!(gone.is_empty(), "{name} {source} {calls}: {gone:?}\n{done:?}");
            }
        }
    }
    assert!(opened >= 8, "{opened}");
    shop.configure("store", &json!({}));
    shop.pull().success();
    let player = run(&shop, "nowhere");
    assert_eq!((&after_a_look(&player)["head"], programs(&player), shop.holds(&film)), (&json!([1, 4]), 2, true));
}

/// A copy of the state whose checksum is right.
fn state(shop: &Shop, name: &str) -> Option<Value> {
    let text = fs::read_to_string(shop.sandbox.path(&format!("data/{name}"))).ok()?;
    let (body, sum) = text.strip_suffix('\n')?.split_once('\n')?;
    (Digest::of(body.as_bytes()).to_string() == sum).then(|| serde_json::from_str(body).unwrap())
}

#[test]
fn l3_both_copies_of_the_state_are_written_again_wherever_one_is_lost() {
    let (shop, _) = told();
    let numbers = |value: &Value| ["root", "epoch", "version", "withdrawals"].map(|name| value[name].as_u64().unwrap());
    let held = |name| state(&shop, name).map(|state| numbers(&state));
    shop.pull().success();
    let expected = Some([1, 1, 2, 1]);
    for lost in [&["state.a"][..], &["state.b"], &["state.a", "state.b"]] {
        for torn in [false, true] {
            for name in lost {
                let path = shop.sandbox.path(&format!("data/{name}"));
                if torn { fs::write(&path, "torn").unwrap() } else { fs::remove_file(&path).unwrap() }
            }
            shop.pull().success();
            assert!(held("state.a") == expected || held("state.b") == expected, "{lost:?} {torn}: at once");
            shop.pull().success();
            assert_eq!((held("state.a"), held("state.b")), (expected, expected), "{lost:?} {torn}");
            // The documents are needed no more.
            shop.sandbox.run("mv", &["data/store/withdrawals", "away"]).success();
            let player = run(&shop, "nowhere");
            assert_eq!((&after_a_look(&player)["withdrawals"], programs(&player)), (&json!(1), 2));
            drop(player);
            shop.configure("store", &json!({}));
            let _ = fs::remove_dir_all(shop.sandbox.path("away"));
            shop.pull().success();
        }
    }
}
