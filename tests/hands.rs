//! The two hands of a running player: looks go on and take effect at once, whatever the other hand fetches or waits for.

use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::delta::shop::{Month, Server, Shop, noise};
use crate::harness::http::get;
use crate::harness::{Running, wait_for};

/// Objects at 4 KB a second, and no packs, not even those of a publication that has yet to remove them.
const SLOW_WITHOUT_PACKS: &str = "location /objects/ { limit_rate 4k; } location /packs/ { return 404; }";

fn run(shop: &Shop) -> Running {
    shop.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://")
}

fn health(player: &Running) -> Value {
    serde_json::from_slice(&get(&player.address(), "/health.json", &[]).body).unwrap()
}

fn film(seed: u64, length: usize) -> Month {
    Month::from([("media/film.mp4".to_owned(), noise(seed, length))])
}

/// Bytes of unfinished objects on the player's disk.
fn parts(shop: &Shop) -> u64 {
    let parts = fs::read_dir(shop.sandbox.path("data/store/parts")).into_iter().flatten();
    parts.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
}

/// `tests/long/withdrawal` runs this with the minute between looks that players have by default. `POLL`: seconds.
#[test]
fn b3_h6_a_withdrawal_is_on_the_screens_while_a_download_of_hours_goes_on() {
    let poll: u64 = std::env::var("POLL").map_or(10, |seconds| seconds.parse().unwrap());
    let mut shop = Shop::new();
    shop.publish(&film(1, 1_000));
    let first = shop.month();
    // 40 MB at 4 KB a second: three hours.
    let server = Server::nginx(&shop.sandbox, SLOW_WITHOUT_PACKS);
    shop.configure(&server.address, &json!({"listen": "127.0.0.1:0", "poll_seconds": poll}));
    let player = run(&shop);
    let programs =
        || health(&player)["programs"].as_array().unwrap().iter().map(|each| each.as_str().unwrap().to_owned()).collect::<Vec<_>>();
    wait_for("the first month", Duration::from_secs(30), || programs().contains(&first));
    shop.publish_bare(&film(2, 40_000_000));
    wait_for("the download", Duration::from_secs(poll + 20), || parts(&shop) > 0);
    shop.withdraw(1, &json!({"program": first}));
    let began = Instant::now();
    // 70 s with the default of 60 s between looks.
    wait_for("the withdrawal", Duration::from_secs(poll + 10), || !programs().contains(&first));
    println!("withdrawn {:.1} s after it was written, with {poll} s between looks", began.elapsed().as_secs_f64());
    let schedule: Value = serde_json::from_slice(&get(&player.address(), "/screens/a/schedule.json", &[]).body).unwrap();
    assert!(!schedule["programs"].to_string().contains(&first), "{schedule}");
    // The download was planned anew and goes on with what it had.
    let held = parts(&shop);
    wait_for("the rest of the download", Duration::from_secs(60), || parts(&shop) > held);
    let health = health(&player);
    assert_eq!((&health["state"], &health["last_error"]), (&json!("FRESH"), &Value::Null), "{health}");
    let looks = |server: &Server| server.traffic().lines.iter().filter(|line| line.contains("latest.json")).count();
    looks(&server);
    wait_for("three looks", Duration::from_secs(3 * poll + 5), {
        let mut seen = 0;
        let server = &server;
        move || {
            seen += looks(server);
            seen >= 3
        }
    });
}

#[test]
fn a_small_release_that_is_found_meanwhile_is_on_air_while_a_film_of_hours_would_still_be_coming() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 1_000));
    let server = Server::nginx(&shop.sandbox, SLOW_WITHOUT_PACKS);
    shop.configure(&server.address, &json!({"listen": "127.0.0.1:0", "poll_seconds": 10}));
    let player = run(&shop);
    wait_for("the first month", Duration::from_secs(30), || health(&player)["head"] == json!([1, 2]));
    let long = film(2, 40_000_000);
    shop.publish_bare(&long);
    wait_for("the download", Duration::from_secs(30), || parts(&shop) > 0);
    let next = film(3, 1_000);
    shop.publish_bare(&next);
    let third = shop.month();
    // The look that finds it, and one more; the film takes three hours.
    wait_for("the small release", Duration::from_secs(25), || {
        let health = health(&player);
        health["head"] == json!([1, 4]) && health["programs"].as_array().unwrap().contains(&json!(third))
    });
    assert!(shop.holds(&next) && !shop.holds(&long));
}

#[test]
fn b13_a_start_in_the_middle_of_a_download_of_hours_shows_what_was_shown_before() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 1_000));
    shop.pull().success();
    let first = shop.month();
    let server = Server::nginx(&shop.sandbox, SLOW_WITHOUT_PACKS);
    shop.configure(&server.address, &json!({"listen": "127.0.0.1:0", "poll_seconds": 10}));
    shop.publish_bare(&film(2, 40_000_000));
    for _ in 0..2 {
        let player = run(&shop);
        let held = parts(&shop);
        wait_for("the download", Duration::from_secs(30), || parts(&shop) > held);
        let health = health(&player);
        assert!(health["programs"].as_array().unwrap().contains(&json!(first)), "{health}");
        assert_eq!(health["head"][1], json!(2), "the new release waits for what is due: {health}");
    }
}

#[test]
fn h5_b2_hours_bytes_of_the_day_and_a_missing_object_make_nobody_deaf() {
    let film = film(3, 1_500_000);
    let mut players = ["fetch_hours", "bytes_per_day", "missing"].map(|wait| {
        let mut shop = Shop::new();
        shop.pull().success();
        let first = shop.month();
        // The line may be used twelve hours from now, for a minute, by the local time of the program.
        let health: Value = serde_json::from_slice(&fs::read(shop.sandbox.path("data/health.json")).unwrap()).unwrap();
        let minute = |ahead: i64| (health["at"].as_i64().unwrap() / 60_000 + (7 + 12) * 60 + ahead) % 1_440;
        let hours = format!("{:02}:{:02}-{:02}:{:02}", minute(0) / 60, minute(0) % 60, minute(1) / 60, minute(1) % 60);
        let limits = json!({"fetch_hours": [hours], "bytes_per_day": 1 << 20});
        let mut settings = json!({"listen": "127.0.0.1:0", "poll_seconds": 10});
        if let Some(limit) = limits.get(wait) {
            settings[wait] = limit.clone();
        }
        shop.publish_bare(&film);
        if wait == "missing" {
            fs::remove_file(shop.place("objects", &film["media/film.mp4"])).unwrap();
        }
        shop.configure("store", &settings);
        let player = run(&shop);
        (wait, shop, player, first, BTreeSet::new())
    });
    wait_for("four looks of each", Duration::from_secs(45), || {
        players.iter_mut().for_each(|(_, _, player, _, looks)| looks.extend(health(player)["last_look"].as_i64()));
        players.iter().all(|(.., looks)| looks.len() >= 4)
    });
    for (wait, shop, player, first, _) in &players {
        let now = health(player);
        assert!(now["waiting"]["reason"]["en"].is_string() && now["last_error"].is_null() && now["state"] == "FRESH", "{wait}: {now}");
        assert!(!shop.holds(&film), "{wait}");
        shop.withdraw(1, &json!({"program": first}));
    }
    for (wait, _, player, first, _) in &players {
        wait_for(wait, Duration::from_secs(20), || !health(player)["programs"].as_array().unwrap().contains(&json!(first)));
    }
}

#[test]
fn l8_a_withdrawal_beyond_the_hint_is_found() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 1_000));
    let program = shop.withdraw(1, &json!({}));
    shop.withdraw_hint(0);
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let player = run(&shop);
    let held = || get(&player.address(), "/health.json", &[]).text();
    wait_for("the release without it", Duration::from_secs(30), || held().contains("\"head\":[1,2]") && held().contains("\"pending\":[]"));
    assert!(health(&player)["programs"].as_array().unwrap().iter().all(|each| each != &json!(program.to_string())));
    assert!(shop.sandbox.path("data/store/withdrawals/1.json").exists());
}

#[test]
fn a_fetch_that_the_configuration_slows_is_told_with_its_end() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 1_000));
    shop.pull().success();
    shop.publish_bare(&film(2, 3_000_000));
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 10, "bytes_per_second": 65_536}));
    let player = run(&shop);
    let slowed = || health(&player)["coming"]["slowed"].clone();
    wait_for("an estimate", Duration::from_secs(40), || slowed()["done"].is_i64());
    let health = health(&player);
    let coming = &health["coming"];
    let left = (coming["total"].as_i64().unwrap() - coming["have"].as_i64().unwrap()) * 1_000 / 65_536;
    assert_eq!(coming["slowed"], json!({"bytes_per_second": 65_536, "done": health["at"].as_i64().unwrap() + left}), "{health}");
    let said = shop.sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).stdout;
    assert!(said.contains("(bytes_per_second); if the line is as fast as that, all is here at about "), "{said}");
    wait_for("the rest", Duration::from_secs(90), || shop.holds(&film(2, 3_000_000)) && slowed().is_null());
}
