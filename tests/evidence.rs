//! What a player's journal proves of statements: each that came has its line once, whichever command took it and whenever it was killed, and a
//! restart forgets no moment.

use std::fs;
use std::time::Duration;

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::player::record::memory::JournalMemory;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::http::send;
use crate::harness::{Running, wait_for};
use crate::memory::{read, untold};

const JOURNAL: &str = "data/returns/quay/quay-1/1.jsonl";

fn run(shop: &Shop) -> Running {
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://")
}

/// The lines about statements, without their moments.
fn lines(shop: &Shop) -> Vec<Value> {
    let text = fs::read_to_string(shop.sandbox.path(JOURNAL)).unwrap();
    let all = text.lines().skip(1).map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut told: Vec<Value> = all.filter(|line| line["type"] == "switch" || line["type"] == "statements").collect();
    told.iter_mut().for_each(|line| drop(line.as_object_mut().unwrap().remove("at")));
    told
}

/// Starts the player, and ends it as by `kill -9` after a look.
fn run_once(shop: &Shop) {
    let running = run(shop);
    wait_for("a look", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
}

#[test]
fn a_pull_leaves_its_evidence_and_no_line_is_written_twice() {
    let mut shop = untold();
    shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.pull().success();
    let statements = |number: u64| json!({"type": "statements", "root": 1, "withdrawals": number});
    let switch = |version: u64| json!({"type": "switch", "epoch": 1, "version": version});
    let mut told = vec![statements(1), switch(2)];
    assert_eq!(lines(&shop), told);
    for _ in 0..2 {
        run_once(&shop);
        shop.pull().success();
        assert_eq!(lines(&shop), told, "nothing has come since");
    }
    // Killed after it had taken what came, before a line said so.
    shop.sandbox.run("cp", &["-r", "data/returns", "data/journal.json", "."]).success();
    shop.withdraw(2, &json!({"slides": ["co-so/hai"]}));
    shop.publish(&Month::from([("slides/co-so/ba@1920x1080/index.html".to_owned(), b"ba".to_vec())]));
    shop.withdraw_hint(2);
    shop.pull().success();
    shop.sandbox.run("rm", &["-r", "data/returns", "data/journal.json"]).success();
    shop.sandbox.run("mv", &["returns", "journal.json", "data"]).success();
    assert_eq!(lines(&shop), told);
    told.extend([statements(2), switch(3)]);
    for _ in 0..2 {
        run_once(&shop);
        assert_eq!(lines(&shop), told);
    }
    // Where what is remembered is lost, the segments say what was written.
    fs::remove_file(shop.sandbox.path("data/journal.json")).unwrap();
    run_once(&shop);
    let second = fs::read_to_string(shop.sandbox.path("data/returns/quay/quay-1/2.jsonl")).unwrap();
    assert!(second.contains("journal-memory-lost") && !second.contains("\"statements\"") && !second.contains("\"switch\""), "{second}");
}

#[test]
fn a_play_that_began_after_its_slide_was_withdrawn_is_refused_after_a_restart_too() {
    let shop = untold();
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]})).to_string();
    shop.pull().success();
    // Ten minutes before this start, as if the player had been on since.
    let (path, now) = (shop.sandbox.path("data/journal.json"), SystemClock::new().now_ms());
    let mut memory = JournalMemory::load(&path).unwrap();
    memory.noted.as_mut().unwrap().taken = vec![(1, now - 600_000)];
    memory.save(&path).unwrap();
    let running = run(&shop);
    wait_for("a look", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    let schedule = read(&running, "/screens/a/schedule.json");
    let post = |slide: &str, start: i64| {
        let play = json!({"token": schedule["token"], "screen": "a", "program": &program, "slide": slide, "start": start,
            "end": start + 10_000, "ms": 10_000, "painted": true, "outcome": "shown"});
        send(&running.address(), "POST", "/play", &[("Origin", &running.address())], play.to_string().as_bytes()).status
    };
    assert_eq!(post("co-so/mot", now - 300_000), 422, "after the withdrawal");
    assert_eq!(post("co-so/mot", now - 700_000), 200, "the showing that it ended, or one before");
    assert_eq!(post("co-so/hai", now - 300_000), 200, "a slide that was not withdrawn");
    let text = fs::read_to_string(shop.sandbox.path(JOURNAL)).unwrap();
    assert!(text.contains("\"plays-refused\"") && text.contains("a play of co-so/mot"), "{text}");
}
