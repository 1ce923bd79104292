//! What a player asks the disk to make durable: what could not be synced counts as not written and is never simply synced again, and a play
//! costs no sync of its own.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::http::send;
use crate::harness::{Finished, Running, tree, wait_for};
use crate::memory::read;

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// A pull in which syncs fail: `inject` says which, of the files at these paths below the sandbox, or of all.
fn pull(shop: &Shop, inject: &str, paths: &[&str]) -> Finished {
    let inject = format!("inject=fsync,fdatasync:error=EIO{inject}");
    let mut trace: Vec<String> = ["-f", "-qq", "-o", "trace", "-e", "trace=fsync,fdatasync", "-e", &inject].map(ToOwned::to_owned).into();
    for path in paths {
        trace.extend(["-P".to_owned(), shop.sandbox.path(path).display().to_string()]);
    }
    trace.extend([PLAYER, "pull", "--config", "player.json"].map(ToOwned::to_owned));
    let done = shop.sandbox.run("strace", &trace.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(fs::read_to_string(shop.sandbox.path("trace")).unwrap().contains("(INJECTED)"), "{done:?}");
    done
}

/// What the player holds, but for what it tells of itself.
fn held(shop: &Shop) -> BTreeMap<String, Vec<u8>> {
    tree(&shop.sandbox.path("data")).into_iter().filter(|(name, _)| name.starts_with("state.") || name.starts_with("store/")).collect()
}

#[test]
fn f08_an_object_whose_sync_failed_once_is_given_up_and_fetched_anew() {
    let mut shop = Shop::new();
    shop.pull().success();
    let film = Month::from([("assets/phim.mp4".to_owned(), noise(1, 200_000))]);
    shop.publish_bare(&film);
    let digest = Digest::of(&film["assets/phim.mp4"]).to_string();
    // The second sync of the same file would succeed, and might lie.
    let part = format!("data/store/parts/{digest}");
    pull(&shop, ":when=1", &[&part]).code(3);
    assert!(!shop.holds(&film) && !shop.sandbox.path(&part).exists());
    assert_eq!(fs::read_to_string(shop.sandbox.path("trace")).unwrap().lines().filter(|line| line.contains("sync(")).count(), 1);
    assert!(shop.pulled() >= 200_000, "fetched anew from the first byte");
    assert!(shop.holds(&film));
}

#[test]
fn f08_what_can_t_be_synced_counts_as_not_written() {
    let mut shop = Shop::new();
    shop.pull().success();
    shop.publish_bare(&Month::from([("assets/phim.mp4".to_owned(), noise(1, 200_000))]));
    shop.withdraw(1, &json!({}));
    let before = held(&shop);
    pull(&shop, "", &[]).code(3);
    let after = held(&shop);
    assert!(
        before == after,
        "{:?}",
        after.iter().filter(|(name, bytes)| before.get(*name) != Some(*bytes)).map(|(name, _)| name).collect::<Vec<_>>()
    );
    // A folder that can't be synced may lose the name of the state.
    pull(&shop, "", &["data"]).code(3);
    shop.pull().success().stdout_has("1-2");
    shop.sandbox.player(&["verify", "--config", "player.json"]).success();
}

/// A player whose syncs are written down, after its first look.
fn traced(shop: &Shop) -> Running {
    let trace = "exec strace -D -f -qq -o trace -e trace=fsync,fdatasync,sync_file_range,msync,sync,syncfs \"$0\" run --config player.json";
    let player = shop.sandbox.spawn("sh", &["-c", trace, PLAYER], "http://");
    wait_for("a look", Duration::from_secs(30), || read(&player, "/health.json")["last_success"] != Value::Null);
    quiet(shop);
    player
}

/// How many there were.
fn syncs(shop: &Shop) -> usize {
    let begun = |line: &&str| line.contains("sync") && !line.contains("resumed>");
    fs::read_to_string(shop.sandbox.path("trace")).unwrap_or_default().lines().filter(begun).count()
}

/// Waits until there were none for two seconds.
fn quiet(shop: &Shop) {
    let (mut seen, mut since) = (syncs(shop), Instant::now());
    wait_for("quiet", Duration::from_secs(30), || {
        let now = syncs(shop);
        since = if now == seen { since } else { Instant::now() };
        seen = now;
        since.elapsed() > Duration::from_secs(2)
    });
    assert!(seen > 0);
}

#[test]
fn b12_sixty_plays_cost_no_more_syncs_than_one() {
    let shop = Shop::new();
    shop.pull().success();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 3_600}));
    let player = traced(&shop);
    let syncs = || syncs(&shop);
    let (schedule, now) = (read(&player, "/screens/a/schedule.json"), SystemClock::new().now_ms());
    let post = |number: i64| {
        let start = now - number * 20_000;
        let play = json!({"token": schedule["token"], "screen": "a", "program": shop.month(), "slide": "du-lich/ban-gioc", "start": start,
            "end": start + 10_000, "ms": 10_000, "painted": true, "outcome": "shown"});
        let answer = send(&player.address(), "POST", "/play", &[("Origin", &player.address())], play.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    // The first one after a start is synced, and what the open segment holds is written elsewhere, as each hour.
    post(61);
    let (seen, began) = (syncs(), Instant::now());
    (1..=60).rev().for_each(post);
    let journal: Vec<u8> = tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect();
    assert_eq!(String::from_utf8_lossy(&journal).matches("\"play\"").count(), 61);
    let cost = syncs() - seen;
    // One in half a minute.
    let most = 1 + usize::try_from(began.elapsed().as_secs() / 30).unwrap();
    println!("{cost} syncs for 60 plays in {:.1} s", began.elapsed().as_secs_f64());
    assert!(cost <= most, "{cost} syncs for 60 plays, {most} at most");
}

#[test]
fn a_look_that_finds_nothing_costs_one_sync() {
    let shop = Shop::new();
    shop.pull().success();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 3_600}));
    let player = traced(&shop);
    let began = syncs(&shop);
    let report = || fs::read(shop.sandbox.path("data/health.json")).unwrap();
    for look in 1..=5 {
        let before = report();
        crate::faults::look(&player);
        wait_for("a report", Duration::from_secs(30), || report() != before);
        quiet(&shop);
        assert_eq!(syncs(&shop) - began, look, "the report's own");
    }
}
