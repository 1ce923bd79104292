//! What a running player costs the machine: threads with four faces, the crates that it is made of, and what a browser has to ask for again.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::{Duration, Instant};

use bangtin::base::limits::CONNECTIONS;
use serde_json::{Value, json};

use crate::delta::shop::Shop;
use crate::harness::http::get;
use crate::harness::{repository, threads, wait_for};
use crate::memory::read;

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// Requests that a browser makes of one host at the same time.
const REQUESTS: usize = 6;
const FACES: usize = 4;

#[test]
fn a_player_with_four_faces_has_few_threads() {
    let shop = Shop::new();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    wait_for("a look", Duration::from_secs(30), || read(&player, "/health.json")["last_success"] != Value::Null);
    let idle = threads(player.id());
    let (schedule, address) = (read(&player, "/screens/a/schedule.json"), player.address());
    let timetable = schedule["programs"][0]["timetable"].as_str().unwrap().to_owned();
    let mut most = idle;
    std::thread::scope(|scope| {
        let faces: Vec<_> = (0..FACES * REQUESTS)
            .map(|_| {
                let (address, timetable) = (&address, &timetable);
                scope.spawn(move || {
                    let began = Instant::now();
                    while began.elapsed() < Duration::from_secs(3) {
                        for path in ["/screens/a/schedule.json", "/clock", timetable.as_str()] {
                            assert_eq!(get(address, path, &[]).status, 200, "{path}");
                        }
                    }
                })
            })
            .collect();
        while faces.iter().any(|face| !face.is_finished()) {
            most = most.max(threads(player.id()));
            std::thread::sleep(Duration::from_millis(5));
        }
    });
    println!("{idle} threads before, {most} at most with {FACES} faces of {REQUESTS} requests at once");
    // A server takes no more connections at once; one that has just ended may still have its thread.
    assert!(idle <= 16 && most <= 16 + CONNECTIONS, "{idle} {most}");
    wait_for("the end of those that served the faces", Duration::from_secs(30), || threads(player.id()) <= idle + FACES + 32);
}

/// The names of all crates that a build with these features is made of.
fn crates(features: &str) -> BTreeSet<String> {
    let args = [
        "tree",
        "--offline",
        "--locked",
        "--no-default-features",
        "--features",
        features,
        "-e",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let listed = Command::new(env!("CARGO")).args(args).current_dir(repository()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    String::from_utf8_lossy(&listed.stdout).lines().filter_map(|line| Some(line.split(' ').next()?.to_owned())).collect()
}

#[test]
fn the_player_holds_no_async_runtime_and_nothing_of_the_generator_at_any_depth() {
    let runtimes = [
        "tokio",
        "async-std",
        "smol",
        "async-executor",
        "async-io",
        "futures-executor",
        "mio",
        "polling",
        "hyper",
        "h2",
        "reqwest",
        "actix-rt",
        "glommio",
        "monoio",
        "compio",
        "embassy-executor",
    ];
    let generator =
        ["tera", "pulldown-cmark", "image", "object_store", "granit-parser", "fast_image_resize", "symphonia", "notify", "mimalloc"];
    let (player, all) = (crates("player"), crates("office,cloud"));
    let foreign: Vec<_> = runtimes.iter().chain(&generator).filter(|name| player.contains(**name)).collect();
    assert_eq!(foreign, [] as [&&str; 0]);
    // The list is one of real names: the whole tool has a runtime for the stores in buckets.
    assert!(
        player.contains("ureq") && all.contains("tokio") && all.contains("hyper") && all.contains("tera") && player.len() * 2 < all.len()
    );
}

#[test]
fn what_a_digest_names_is_asked_for_once_and_a_schedule_each_time() {
    let shop = Shop::new();
    shop.pull().success();
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    wait_for("the programs", Duration::from_secs(20), || {
        read(&player, "/screens/a/schedule.json")["programs"].as_array().is_some_and(|all| all.len() == 2)
    });
    let control = |path: &str| {
        let answer = get(&player.address(), path, &[]);
        (answer.status, answer.header("cache-control").unwrap_or_default().to_owned())
    };
    let immutable = (200, "public, max-age=31536000, immutable".to_owned());
    for program in read(&player, "/screens/a/schedule.json")["programs"].as_array().unwrap() {
        let (timetable, base) = (program["timetable"].as_str().unwrap(), program["base"].as_str().unwrap());
        assert!(timetable.starts_with(&format!("{base}timetable/")), "{program}");
        assert_eq!(control(timetable), immutable);
        let answer = get(&player.address(), timetable, &[]);
        let pages = serde_json::from_slice::<Value>(&answer.body).unwrap()["pages"].as_object().unwrap().clone();
        assert!(!pages.is_empty());
        for page in pages.values() {
            assert_eq!(control(&format!("{base}{}", page.as_str().unwrap())), immutable);
        }
        assert_eq!(control(&format!("{base}timetable/none.json")).0, 404);
    }
    for (path, expected) in
        [("/screens/a/schedule.json", "no-cache"), ("/screens/a/", "no-cache"), ("/clock", "no-store"), ("/health.json", "no-store")]
    {
        assert_eq!(control(path), (200, expected.to_owned()), "{path}");
    }
}
