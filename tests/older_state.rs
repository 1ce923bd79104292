//! Copies of a player's state that are whole and older than what else its disk tells, as from a backup: nothing that was withdrawn or revoked
//! comes back while anything tells of it, and nothing tells of more than the state before that is on the disk.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::{Running, tree, wait_for};
use crate::memory::{read, revoke, untold};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");
const COPIES: [&str; 2] = ["state.a", "state.b"];

fn run(shop: &Shop, source: &str) -> Running {
    shop.configure(source, &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

/// How many programs play after the first look, which slides are withdrawn, and the health.
fn shown(shop: &Shop, source: &str) -> (usize, Value, Value) {
    let player = run(shop, source);
    let ended = |health: &Value| health["last_success"] != Value::Null || health["last_error"] != Value::Null;
    wait_for("a look", Duration::from_secs(20), || ended(&read(&player, "/health.json")));
    let schedule = read(&player, "/screens/a/schedule.json");
    let count = schedule["programs"].as_array().map_or(0, Vec::len);
    (count, schedule["withdrawn"]["slides"].clone(), read(&player, "/health.json"))
}

/// A player that holds a month, kept as `old`, then hears news by `tell`, kept as `whole`.
fn told(tell: impl FnOnce(&Shop)) -> Shop {
    let shop = untold();
    shop.pull().success();
    shop.sandbox.run("cp", &["-r", "data", "old"]).success();
    tell(&shop);
    shop.pull();
    shop.sandbox.run("mv", &["data", "whole"]).success();
    shop
}

fn remove(shop: &Shop, name: &str) {
    let path = shop.sandbox.path(name);
    let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
}

/// The whole folder with an older state, where of all that tells of statements only what `stays` is left.
fn put_back(shop: &Shop, stays: &dyn Fn(&str) -> bool) {
    remove(shop, "data");
    shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
    for name in COPIES {
        fs::copy(shop.sandbox.path(&format!("old/{name}")), shop.sandbox.path(&format!("data/{name}"))).unwrap();
    }
    let tells = ["store/root/", "store/withdrawals/", "returns/", "health.json", "journal.json"];
    let all = tree(&shop.sandbox.path("data")).into_keys();
    let gone = all.filter(|name| tells.iter().any(|each| name.starts_with(each)) && !stays(name));
    gone.for_each(|name| remove(shop, &format!("data/{name}")));
}

type Witness = (&'static str, fn(&str) -> bool);

/// The health says of which file the copies are older, `verify` refuses, and the journal has heard of it once.
fn told_as_older(shop: &Shop, what: &str) {
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).code(1).stdout_has("DAMAGED");
    for source in ["nowhere", "hiding"] {
        let (programs, _, health) = shown(shop, source);
        assert_eq!((programs, &health["card"]), (0, &json!(true)), "{what} {source}: {health}");
        assert!(health["faults"].to_string().contains("nothing is shown until they are fetched again"), "{what} {source}: {health}");
        let first = source == "nowhere";
        assert_eq!(health["faults"].to_string().contains("older than what other files"), first, "{what} {source}: {health}");
    }
    let journal: Vec<u8> = tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect();
    let journal = String::from_utf8_lossy(&journal).into_owned();
    assert_eq!(journal.matches("\"state-behind\"").count(), 1, "{what}: {journal}");
}

#[test]
fn a99_an_older_state_brings_no_withdrawn_slide_back_while_anything_tells_of_it() {
    let shop = told(|shop| _ = shop.withdraw(1, &json!({"slides": ["co-so/mot"]})));
    let witnesses: [Witness; 5] = [
        ("the report", |name| name == "health.json"),
        ("what is remembered of the journal", |name| name == "journal.json"),
        ("the journal", |name| name.starts_with("returns/")),
        ("a signature", |name| name.starts_with("store/withdrawals/1.json.")),
        ("the statement without its signature", |name| name == "store/withdrawals/1.json"),
    ];
    for (what, stays) in witnesses {
        put_back(&shop, &stays);
        told_as_older(&shop, what);
        let (programs, withdrawn, health) = shown(&shop, "store");
        assert_eq!((programs, withdrawn), (2, json!({shop.month(): ["co-so/mot"]})), "{what}: {health}");
        assert_eq!(health["faults"], json!([]), "{what}");
        shop.sandbox.player(&["verify", "--config", "player.json"]).success();
    }
    // Where the statement itself is left, nothing is lost; where nothing tells of it, nobody can know.
    put_back(&shop, &|name| name.starts_with("store/withdrawals/"));
    assert_eq!(shown(&shop, "nowhere").1, json!({shop.month(): ["co-so/mot"]}));
    put_back(&shop, &|_| false);
    assert_eq!(shown(&shop, "nowhere").1, json!({}));
}

#[test]
fn a99_an_older_state_brings_no_revoked_reviewer_back() {
    let shop = told(revoke);
    let witnesses: [Witness; 4] = [
        ("the report", |name| name == "health.json"),
        ("what is remembered of the journal", |name| name == "journal.json"),
        ("the journal", |name| name.starts_with("returns/")),
        ("a signature", |name| name.starts_with("store/root/2.json.")),
    ];
    for (what, stays) in witnesses {
        put_back(&shop, &stays);
        told_as_older(&shop, what);
        let (programs, _, health) = shown(&shop, "store");
        assert_eq!((programs, &health["root"]), (0, &json!(2)), "{what}: {health}");
        assert!(!health["faults"].to_string().contains("nothing is shown until"), "{what}: {health}");
    }
}

#[test]
fn a99_one_older_copy_alone_is_believed_no_more_than_two() {
    let shop = told(|shop| _ = shop.withdraw(1, &json!({"slides": ["co-so/mot"]})));
    for old in COPIES {
        let other = COPIES[usize::from(old == COPIES[0])];
        for (how, harm) in [("gone", ""), ("emptied", ""), ("torn", "torn")] {
            put_back(&shop, &|name| name == "health.json");
            match how {
                "gone" => remove(&shop, &format!("data/{other}")),
                "torn" => {
                    let newer = fs::read(shop.sandbox.path(&format!("whole/{other}"))).unwrap();
                    shop.sandbox.write(&format!("data/{other}"), &newer[..newer.len() - 200]);
                    // Nothing else tells of it.
                    remove(&shop, "data/health.json");
                }
                _ => drop(shop.sandbox.write(&format!("data/{other}"), harm)),
            }
            let (programs, _, health) = shown(&shop, "nowhere");
            assert_eq!(programs, 0, "{old} {how}: {health}");
        }
    }
}

#[test]
fn a99_a_report_or_a_journal_that_is_damaged_or_another_sites_tells_of_nothing_more() {
    let shop = told(|shop| _ = shop.withdraw(1, &json!({"slides": ["co-so/mot"]})));
    let health = fs::read_to_string(shop.sandbox.path("whole/health.json")).unwrap();
    let kept = health.find("\"kept\"").unwrap();
    let (before, rest) = health.split_at(kept);
    assert!(rest.contains("\"withdrawals\": 1"));
    let memory = fs::read_to_string(shop.sandbox.path("whole/journal.json")).unwrap();
    let damaged = [
        ("health.json", [before, &rest.replacen("\"withdrawals\": 1", "\"withdrawals\": 7", 1)].concat()),
        ("health.json", [&before.replacen("\"withdrawals\": 1", "\"withdrawals\": 7", 1), rest].concat()),
        ("health.json", health.replace("\"quay\"", "\"bo-song\"")),
        ("journal.json", memory.replacen("\"withdrawals\":1", "\"withdrawals\":7", 1)),
    ];
    for (name, text) in damaged {
        remove(&shop, "data");
        shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
        assert_ne!(fs::read_to_string(shop.sandbox.path(&format!("data/{name}"))).unwrap(), text);
        shop.sandbox.write(&format!("data/{name}"), &text);
        let (programs, withdrawn, health) = shown(&shop, "nowhere");
        assert_eq!((programs, withdrawn), (2, json!({shop.month(): ["co-so/mot"]})), "{name}: {health}");
    }
}

/// Paths in the order in which they are renamed or written to, with the beginning of what is written.
fn traced(shop: &Shop, command: &str) -> Vec<String> {
    let words = ["-f", "-y", "-s", "100", "-o", "trace", "-e", "trace=rename,renameat,renameat2,write"];
    shop.sandbox.run("strace", &[&words[..], &[PLAYER, command, "--config", "player.json"]].concat());
    fs::read_to_string(shop.sandbox.path("trace")).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a99_what_tells_of_a_statement_is_written_after_the_state_that_holds_it() {
    let shop = untold();
    shop.pull().success();
    shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    let calls = traced(&shop, "pull");
    let is = |line: &String, words: &[&str]| words.iter().all(|word| line.contains(word));
    let first = |words: &[&str]| calls.iter().position(|line| is(line, words)).unwrap_or_else(|| panic!("{words:?}: {calls:#?}"));
    let state = first(&["rename", "data/state."]);
    assert!(first(&["rename", "withdrawals/1.json"]) > state, "the names of documents");
    assert!(first(&["write", "returns/", "statements", "\\\"withdrawals\\\":1"]) > state, "the journal");
    assert!(first(&["rename", "health.json"]) > state, "the report");
}

#[test]
fn a99_what_could_not_be_stored_is_in_force_and_told_by_nothing_that_a_restart_would_believe() {
    let shop = untold();
    shop.pull().success();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 10}));
    let chief = crate::trust::kit::kid(&shop.office().chiefs[0]);
    let signature = format!("data/store/withdrawals/1.json.{chief}.minisig");
    let paths = ["data/state.a", "data/state.b", "data/store/withdrawals/1.json", signature.as_str()];
    let paths: String = paths.iter().map(|path| format!("-P {path} ")).collect();
    let inject = format!(
        "exec strace -D -f -qq -o trace {paths}-e trace=rename,renameat,renameat2 -e inject=rename,renameat,renameat2:error=EIO \"$0\" run --config player.json"
    );
    let player = shop.sandbox.spawn("sh", &["-c", &inject, PLAYER], "http://");
    wait_for("both programs", Duration::from_secs(20), || {
        read(&player, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len) == Some(2)
    });
    shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
    let withdrawn = json!({shop.month(): ["co-so/mot"]});
    wait_for("the withdrawal", Duration::from_secs(20), || read(&player, "/screens/a/schedule.json")["withdrawn"]["slides"] == withdrawn);
    let file = || serde_json::from_slice::<Value>(&fs::read(shop.sandbox.path("data/health.json")).unwrap()).unwrap();
    wait_for("the report", Duration::from_secs(20), || {
        file()["withdrawals"] == 1 && file()["faults"].to_string().contains("a restart loses it")
    });
    assert_eq!(file()["kept"]["withdrawals"], 0);
    drop(player);
    let journal: Vec<u8> = tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect();
    assert!(!String::from_utf8_lossy(&journal).contains("\"withdrawals\":1"));
    // The limit that is told: with the disk goes what it did not take, and nothing else.
    let (programs, _, health) = shown(&shop, "nowhere");
    assert_eq!((programs, &health["withdrawals"]), (2, &json!(0)), "{health}");
    assert_eq!(shown(&shop, "store").1, withdrawn);
}

/// An installation's data under the root 1 and with the store of a new one, `new`, of the same site and player.
fn reinstalled(tell: impl FnOnce(&mut Shop)) -> Shop {
    let (mut shop, new) = (untold(), untold());
    tell(&mut shop);
    shop.pull().success();
    for (from, to) in [("store", "new"), ("root.json", "root.json"), ("root.json.a.minisig", "root.json.a.minisig")] {
        shop.sandbox.run("cp", &["-r", new.sandbox.path(from).to_str().unwrap(), to]).success();
    }
    shop
}

#[test]
fn a_new_root_1_over_the_data_of_an_old_installation_gives_the_card_while_that_tells_of_more() {
    let withdrawal = reinstalled(|shop| {
        shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    });
    let release = reinstalled(|shop| shop.publish(&Month::new()));
    for (what, shop) in [("a withdrawal", withdrawal), ("a later release", release)] {
        for source in ["nowhere", "new", "store", "new"] {
            let (count, _, health) = shown(&shop, source);
            assert_eq!(count, 0, "{what} {source}: {health}");
            assert!(health["faults"].to_string().contains("nothing is shown"), "{what} {source}: {health}");
        }
        shop.sandbox.run("mv", &["data", "away"]).success();
        let (count, withdrawn, health) = shown(&shop, "new");
        assert_eq!((count, withdrawn, &health["faults"]), (2, json!({}), &json!([])), "{what}");
    }
    // Where it tells of no more than the new one has, a look is enough.
    let shop = reinstalled(|_| ());
    assert_eq!(shown(&shop, "nowhere").0, 0, "no document of the old one verifies");
    let (count, _, health) = shown(&shop, "new");
    assert_eq!((count, &health["faults"]), (2, &json!([])));
}
