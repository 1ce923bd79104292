//! What a player's journal proves of statements: each that came has its line once, whichever command took it and whenever it was killed, and a
//! restart forgets no moment.

use std::fs;
use std::process::Command;
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

/// Posts a play of ten seconds as the page of screen a does, and gives the status.
fn post(player: &Running, (program, slide): (&str, &str), start: i64, lost: u64) -> u16 {
    let schedule = read(player, "/screens/a/schedule.json");
    let play = json!({"token": schedule["token"], "screen": "a", "program": program, "slide": slide, "start": start, "end": start + 10_000,
        "ms": 10_000, "painted": true, "outcome": "shown", "lost": lost});
    send(&player.address(), "POST", "/play", &[("Origin", &player.address())], play.to_string().as_bytes()).status
}

/// A player that has looked, and may be asked for a schedule.
fn looked(shop: &Shop) -> Running {
    let running = run(shop);
    wait_for("a look", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    running
}

fn look(player: &Running) {
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
}

fn journal(shop: &Shop) -> String {
    fs::read_to_string(shop.sandbox.path(JOURNAL)).unwrap()
}

#[test]
fn plays_of_a_program_that_has_left_the_air_are_taken_for_ten_minutes_over_a_restart_too() {
    let shop = untold();
    let month = shop.month();
    let player = looked(&shop);
    shop.withdraw(1, &json!({}));
    look(&player);
    wait_for("the withdrawal", Duration::from_secs(20), || read(&player, "/health.json")["left"][0][0] == json!(month));
    drop(player);
    let path = shop.sandbox.path("data/health.json");
    let told = serde_json::from_slice::<Value>(&fs::read(&path).unwrap()).unwrap();
    let mut lost = 0;
    // As if it had left some seconds ago.
    for (seconds, taken) in [(0, true), (300, true), (560, true), (620, false)] {
        let (mut report, left) = (told.clone(), told["at"].as_i64().unwrap() - seconds * 1_000);
        report["left"][0][1] = json!(left);
        fs::write(&path, report.to_string()).unwrap();
        let player = looked(&shop);
        let expected = if taken { 200 } else { 422 };
        assert_eq!(post(&player, (&month, "co-so/mot"), left - 60_000 - seconds, 0), expected, "{seconds}");
        if seconds >= 300 {
            assert_eq!(post(&player, (&month, "co-so/mot"), left + 60_000, 0), 422, "{seconds}: it was not on air any more");
        }
        lost += if taken { 0 } else { 2 };
    }
    // What is too late is told with its program, to the journal and to the operator.
    let said = format!("is of program {month}, which is not on air");
    assert_eq!(
        (lost, journal(&shop).matches(&said).count(), journal(&shop).matches("\"plays-lost\"").count()),
        (2, 1, 1),
        "{}",
        journal(&shop)
    );
}

#[test]
fn plays_that_a_page_could_not_keep_are_counted_and_told_once() {
    let shop = untold();
    let (month, player) = (shop.month(), looked(&shop));
    let start = read(&player, "/clock")["now"].as_i64().unwrap() - 60_000;
    assert_eq!(post(&player, (&month, "co-so/mot"), start, 37), 200);
    assert_eq!(post(&player, (&month, "co-so/mot"), start, 37), 200, "its answer was lost on the way");
    // Refused for good: the page won't post it again.
    assert_eq!(post(&player, (&month, "co-so/hai"), start + 86_400_000, 5), 422);
    let text = journal(&shop);
    assert_eq!(text.matches("\"plays-lost\"").count(), 2, "{text}");
    assert!(text.contains("screen a: its page could not keep 37 plays") && text.contains("could not keep 5 plays"), "{text}");
    look(&player);
    wait_for("the fault", Duration::from_secs(20), || {
        read(&player, "/health.json")["faults"].to_string().contains("42 plays of screen a never came to the journal")
    });
}
