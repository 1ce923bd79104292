//! The second verifier, in Python: agrees with `bangtin` about a real store and refuses a changed one.
//! It is written from docs/formats.md, so these tests check that page too.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::harness::{Finished, Prepared, Sandbox, repository, tree};
use crate::publish::commands::Province;
use crate::publish::province;

const SLIDES: [(&str, &str); 5] = [("chao", "10s"), ("phap-luat", "17s"), ("su-kien", "8s"), ("du-lich", "31s"), ("thoi-tiet", "13s")];

/// Two screens, five slides of different lengths, a weekend entry and an entry with `times`.
fn published() -> Province {
    static PUBLISHED: Prepared = Prepared::new();
    Province(PUBLISHED.copy(|| publish().0))
}

fn publish() -> Province {
    let province = Province::new();
    let sandbox = &province.0;
    for (name, duration) in SLIDES {
        let slide = format!("---\ntitle: {name}\nagency: so-tttt\ncategory: du-lich\nlayout: text\nduration: {duration}\n---\nXin chào.\n");
        sandbox.write(&format!("content/slides/co-so/{name}.md"), slide);
    }
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    let screens = "  - {id: a, width: 640, height: 320}\n  - {id: b, width: 640, height: 320}\n";
    sandbox.write("content/sites/ta-lung.yaml", site.replace("  - {id: a, width: 640, height: 320}\n", screens));
    let more = "  - slide: co-so/chao.md\n    weight: 2\n  - slide: co-so/phap-luat.md\n    screens: [b]\n  - slide: co-so/su-kien.md\n    \
                days: [sat, sun]\n  - slide: co-so/du-lich.md\n    times: [\"09:00-10:30\", \"14:00-15:07\"]\n  - slide: co-so/thoi-tiet.md\n";
    sandbox.write("content/playlists/2026-12/province.yaml", format!("{}{more}", province::PLAYLIST));
    let evergreen = province::PLAYLIST.replace("tháng 12/2026", "thường trực");
    sandbox.write("content/playlists/evergreen/province.yaml", format!("{evergreen}{more}"));
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    province
}

/// Python with the one package that the verifier needs: the system's, or the one that tests/tools installs.
fn python() -> String {
    let own = repository().join("target/tools/inspect/bin/python3");
    if own.exists() { own.to_string_lossy().into_owned() } else { "python3".to_owned() }
}

/// Runs the second verifier over a store.
pub fn inspect(sandbox: &Sandbox, store: &str, more: &[&str]) -> Finished {
    let program = repository().join("examples/inspect/verify_store.py");
    let fixed = [program.to_str().unwrap(), store, "--root", "content/trust/root/1.json"];
    sandbox.run(&python(), &[&fixed, more].concat())
}

/// Output of `bangtin at` in the verifier's form.
fn at(sandbox: &Sandbox, moment: &str) -> BTreeMap<String, (String, u64, u64)> {
    let answer = sandbox.bangtin(&["at", "ta-lung", moment, "--json"]).success();
    let parse = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap();
        let number = |key: &str| value[key].as_u64().unwrap_or(0);
        let what = value["slide"].as_str().unwrap_or(value["state"].as_str().unwrap()).to_owned();
        (value["screen"].as_str().unwrap().to_owned(), (what, number("item"), number("into")))
    };
    answer.stdout.lines().map(parse).collect()
}

/// Lines of a timetable: screen, moment, slide or state, item, milliseconds into it.
fn timetable(answer: &Finished) -> Vec<(String, String, (String, u64, u64))> {
    let cells = answer.stdout.lines().map(|line| line.split('\t').collect::<Vec<_>>()).filter(|cells| cells.len() == 5);
    cells.map(|c| (c[0].into(), c[1].into(), (c[2].into(), c[3].parse().unwrap(), c[4].parse().unwrap()))).collect()
}

#[test]
fn the_second_verifier_agrees_with_at_and_names_who_approved() {
    let province = published();
    let sandbox = &province.0;
    // From the publication to weeks after the month, in steps that reach every hour and weekday.
    let moments: Vec<String> = (0..90_u32)
        .map(|n| {
            let (day, second) = (1 + n * 2 / 3, (n * 7_919 + 33_007) % 86_400);
            let (month, day) = if day <= 31 { ("2026-12", day) } else { ("2027-01", day - 31) };
            format!("{month}-{day:02}T{:02}:{:02}:{:02}+07:00", second / 3_600, second / 60 % 60, second % 60)
        })
        .filter(|moment| moment.as_str() > "2026-12-01T09:00")
        .collect();
    let asked: Vec<&str> = moments.iter().flat_map(|moment| ["--at", moment.as_str()]).collect();
    let answer = inspect(sandbox, "store", &asked).success();
    for line in ["lan (chief)", "hung (chief)", "ta-lung (ta-lung)", "ta-lung: head 1-1"] {
        assert!(answer.stdout.contains(line), "{line}:\n{}", answer.stdout);
    }
    let lines = timetable(&answer);
    assert_eq!(lines.len(), 2 * moments.len());
    let mut shown = 0;
    for (screen, moment, what) in &lines {
        assert_eq!(at(sandbox, moment).get(screen), Some(what), "{screen} {moment}");
        shown += usize::from(what.0 != "dark");
    }
    assert!(shown > 40, "{shown}");
    let day = timetable(&inspect(sandbox, "store", &["--day", "2026-12-05"]).success());
    assert!(day.len() > 1_000, "{}", day.len());
    for (screen, moment, what) in day.iter().step_by(day.len() / 20) {
        assert_eq!(at(sandbox, moment).get(screen), Some(what), "{screen} {moment}");
    }
}

#[test]
fn the_second_verifier_reads_a_store_over_http() {
    let province = published();
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    let asked = ["--site", "ta-lung", "--at", "2026-12-03T10:15:00+07:00"];
    let (near, far) = (inspect(&province.0, "store", &asked).success(), inspect(&province.0, &server.address(), &asked).success());
    assert_eq!(near.stdout, far.stdout);
}

#[test]
fn the_second_verifier_refuses_what_was_tampered_with() {
    let province = published();
    let sandbox = &province.0;
    let whole = tree(&sandbox.path("store"));
    let name = |start: &str, end: &str| whole.keys().find(|name| name.starts_with(start) && name.ends_with(end)).unwrap().clone();
    let flip = |name: &str| {
        let mut bytes = whole[name].clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        (name.to_owned(), bytes)
    };
    let head = name("sites/ta-lung/heads/", ".json");
    let signature = format!("{head}.minisig");
    let text = String::from_utf8(whole[&signature].clone()).unwrap();
    let (mut objects, root) = (whole.keys().filter(|name| name.starts_with("objects/")), "root/2.json".to_owned());
    let (one, other) = (objects.next().unwrap(), objects.next().unwrap());
    let latest = json!({"epoch": 1, "head": 2, "release": 0, "root": 1, "withdrawals": 0}).to_string();
    let foreign = whole[&name("approvals/", ".minisig")].clone();
    let cases = [
        ("an object changed", vec![flip(one)], "different content"),
        ("an object longer than signed", vec![(one.clone(), [whole[one].as_slice(), b"x"].concat())], "more than"),
        ("two objects swapped", vec![(one.clone(), whole[other].clone()), (other.clone(), whole[one].clone())], "object"),
        ("a manifest changed", vec![flip(&name("programs/", ".json"))], "absent or another"),
        ("an approval changed", vec![flip(&name("approvals/", ".json"))], "no good signature"),
        ("an approval's signature changed", vec![flip(&name("approvals/", ".minisig"))], "no good signature"),
        ("a head changed", vec![flip(&head)], "no good signature"),
        ("a reviewer's signature at a head", vec![(signature.clone(), foreign)], "no good signature"),
        ("the old algorithm", vec![(signature.clone(), text.replace("\nRU", "\nRW").into_bytes())], "no good signature"),
        ("CRLF", vec![(signature.clone(), text.replace('\n', "\r\n").into_bytes())], "no good signature"),
        (
            "another comment",
            vec![(signature.clone(), text.replace("trusted comment: t", "trusted comment: T").into_bytes())],
            "no good signature",
        ),
        ("a hint at a head that is not there", vec![(name("sites/ta-lung/latest", ""), latest.into_bytes())], "REFUSED"),
        ("a root that nobody signed", vec![(root, whole[&name("root/1", ".json")].clone())], "too few signatures"),
        ("a withdrawal that nobody signed", vec![("withdrawals/1.json".into(), whole[&head].clone())], "no good signature"),
    ];
    inspect(sandbox, "store", &["--at", "2026-12-03T10:15:00+07:00"]).success();
    for (case, files, reason) in cases {
        let _ = fs::remove_dir_all(sandbox.path("copy"));
        sandbox.copy(sandbox.path("store"), "copy");
        for (name, bytes) in files {
            assert!(whole.get(&name) != Some(&bytes), "{case}");
            sandbox.write(&format!("copy/{name}"), bytes);
        }
        let finished = inspect(sandbox, "copy", &["--at", "2026-12-03T10:15:00+07:00"]);
        assert!(finished.code == 1 && finished.stderr.contains(reason), "{case}: {finished:?}");
    }
    for missing in [name("approvals/", ".json"), one.clone()] {
        let _ = fs::remove_dir_all(sandbox.path("copy"));
        sandbox.copy(sandbox.path("store"), "copy");
        fs::remove_file(sandbox.path(&format!("copy/{missing}"))).unwrap();
        inspect(sandbox, "copy", &["--at", "2026-12-03T10:15:00+07:00"]).code(1);
    }
}

#[test]
fn the_second_verifier_sees_withdrawals() {
    let province = published();
    let sandbox = &province.0;
    let head: Value = serde_json::from_slice(&fs::read(sandbox.path("store/sites/ta-lung/heads/1-1.json")).unwrap()).unwrap();
    let month = head["programs"].as_array().unwrap().iter().find(|entry| entry["kind"] == "monthly").unwrap();
    let root: Value = serde_json::from_slice(&fs::read(sandbox.path("store/root/1.json")).unwrap()).unwrap();
    let (kid, _) = root["keys"].as_object().unwrap().iter().find(|(_, key)| key["holder"] == "lan").unwrap();
    let moment = ["--at", "2026-12-03T10:15:00+07:00"];
    let before = timetable(&inspect(sandbox, "store", &moment).success());
    let withdraw = |number: u32, more: Value| {
        let mut value = json!({"type": "bangtin-withdrawal", "spec": 1, "root_id": root["root_id"], "issued": "2026-12-02T01:00:00Z", "version": number,
            "program": month["program"], "site": "ta-lung", "kind": "monthly", "role": "chief", "reason": "sai giờ"});
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let path = format!("store/withdrawals/{number}.json");
        sandbox.write(&path, value.to_string());
        // Signatures of stock minisign are accepted too.
        sandbox.run("minisign", &["-S", "-W", "-s", "keys/lan", "-m", &path, "-x", &format!("{path}.{kid}.minisig")]).success();
    };
    withdraw(1, json!({"slides": [before[0].2.0]}));
    let after = inspect(sandbox, "store", &moment).success().stdout_has("withdrawal 1").stdout_has("sai giờ");
    assert_ne!(timetable(&after)[0].2.0, before[0].2.0);
    // A statement about slides takes them from every program, at most one revision further than those before it.
    let next = timetable(&after)[0].2.0.clone();
    withdraw(2, json!({"slides": {next.clone(): 99}}));
    assert_ne!(timetable(&inspect(sandbox, "store", &moment).success().stdout_has("of every program"))[0].2.0, next);
    withdraw(2, json!({}));
    let gone = timetable(&inspect(sandbox, "store", &moment).success());
    // The evergreen program plays instead: the same entries, without the withdrawal, from another phase.
    assert!(gone[0].2.0 != "card" && gone[0].2 != timetable(&after)[0].2, "{gone:?}");
    withdraw(3, json!({"role": "ta-lung"}));
    inspect(sandbox, "store", &moment).code(1).stderr_has("withdrawal 3");
}

#[test]
fn the_second_verifier_stays_short() {
    let text = fs::read_to_string(repository().join("examples/inspect/verify_store.py")).unwrap();
    assert!(text.lines().count() <= 200);
}
