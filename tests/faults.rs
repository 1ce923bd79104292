//! What the machine, its disk, its clock and its network do to a player. Test names begin with the number in `docs/reliability.md`.
//! After each fault: only whole signed programs of one release are served, the release never falls, one good look puts all right.

mod clock;
mod disk;
mod in_place;
mod lines;
mod losses;
mod network;
mod process;
mod removal;
mod slides;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::http::get;
use crate::harness::{Running, tree, wait_for};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// A month with a page and a film of this many bytes.
fn month(seed: u64, film: usize) -> Month {
    let page = ("slides/co-so/mot@1920x1080/index.html".to_owned(), format!("trang {seed}").into_bytes());
    Month::from([page, ("assets/phim.mp4".to_owned(), crate::delta::shop::noise(seed, film))])
}

/// A player that holds release 1-2 with a month, and the month.
fn settled() -> (Shop, Month) {
    let (mut shop, first) = (Shop::new(), month(1, 30_000));
    shop.publish_bare(&first);
    shop.pull().success().stdout_has("1-2");
    (shop, first)
}

/// Starts the player on these sources.
fn run(shop: &Shop, sources: &Value) -> Running {
    shop.configure("", &json!({"listen": "127.0.0.1:0", "store": sources}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

/// A player that shows its first program.
pub fn playing() -> (Shop, Running) {
    let (shop, _) = settled();
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    (shop, player)
}

fn read(player: &Running, path: &str) -> Value {
    serde_json::from_slice(&get(&player.address(), path, &[]).body).unwrap_or_default()
}

fn health(player: &Running) -> Value {
    read(player, "/health.json")
}

pub fn look(player: &Running) {
    signal(player, "HUP");
}

fn signal(player: &Running, name: &str) {
    let kill = std::process::Command::new("kill").args([&format!("-{name}"), &player.id().to_string()]).status();
    assert!(kill.unwrap().success());
}

/// Asks for one look and waits until it is reported.
fn look_once(player: &Running) {
    let before = health(player)["at"].clone();
    look(player);
    wait_for("a look", Duration::from_secs(30), || health(player)["at"] != before);
}

/// Asks for looks until a condition holds.
#[track_caller]
fn look_until(player: &Running, what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, Duration::from_secs(40), || {
        look_once(player);
        holds()
    });
}

/// Waits until a running player reports the end of a cycle with an error, and returns its health.
fn failed(player: &Running) -> Value {
    wait_for("the reason", Duration::from_secs(30), || health(player)["last_error"] != Value::Null);
    health(player)
}

/// Waits until a running player shows this many programs of a release.
fn shows(player: &Running, release: &Value, programs: usize) {
    wait_for("the release", Duration::from_secs(30), || {
        let schedule = read(player, "/screens/a/schedule.json");
        health(player)["head"] == *release && schedule["programs"].as_array().map(Vec::len) == Some(programs)
    });
}

/// What a player serves: nothing but whole programs of one published release, byte for byte as they were signed, without the pages of
/// withdrawn slides. Returns their digests.
fn served(shop: &Shop, player: &Running) -> BTreeSet<String> {
    let schedule = read(player, "/screens/a/schedule.json");
    let store = tree(&shop.sandbox.path("store"));
    // Before the first release there is no schedule: the page shows the card.
    let listed = schedule["programs"].as_array().cloned().unwrap_or_default();
    let programs: BTreeSet<String> = listed.iter().map(|each| each["program"].as_str().unwrap().to_owned()).collect();
    let releases = store.iter().filter(|(name, _)| name.contains("/heads/") && name.ends_with(".json"));
    let of_one = releases.into_iter().any(|(_, bytes)| {
        let head: Value = serde_json::from_slice(bytes).unwrap();
        let listed: BTreeSet<_> = head["programs"].as_array().unwrap().iter().filter_map(|each| each["program"].as_str()).collect();
        programs.iter().all(|program| listed.contains(program.as_str()))
    });
    assert!(of_one, "{programs:?}");
    for program in &programs {
        let manifest: Value = serde_json::from_slice(&store[&format!("programs/{program}.json")]).unwrap();
        let withdrawn = schedule["withdrawn"]["slides"][program].as_array().into_iter().flatten();
        let withdrawn: Vec<&Value> =
            withdrawn.flat_map(|id| manifest["slides"][id.as_str().unwrap()]["pages"].as_object().unwrap().values()).collect();
        for file in manifest["files"].as_array().unwrap() {
            let answer = get(&player.address(), &format!("/p/{program}/{}", file["path"].as_str().unwrap()), &[]);
            if withdrawn.contains(&&file["path"]) {
                assert_eq!(answer.status, 404, "{file}");
                continue;
            }
            assert_eq!((answer.status, Digest::of(&answer.body).to_string().as_str()), (200, file["sha256"].as_str().unwrap()), "{file}");
        }
    }
    programs
}

/// One good look later, and without it, the player holds and shows the newest release.
fn converges(shop: &Shop, release: &Value, month: &Month) {
    shop.configure("store", &json!({}));
    shop.pull().success();
    assert!(shop.holds(month));
    let player = run(shop, &json!(["nowhere"]));
    shows(&player, release, 2);
    assert_eq!(served(shop, &player).len(), 2);
}

/// Overwrites every file of a folder.
fn spoil(shop: &Shop, folder: &str, bytes: &[u8]) {
    for name in tree(&shop.sandbox.path(folder)).keys() {
        fs::write(shop.sandbox.path(&format!("{folder}/{name}")), bytes).unwrap();
    }
}
