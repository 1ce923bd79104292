//! A folder, a link or a pipe in the place of one of a player's own files: it is set aside and told, or the fault says that it has to be removed.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::{PLAYER, Running, failed, health, look_once, settled, shows};
use crate::delta::shop::Shop;
use crate::harness::wait_for;

const FILES: [&str; 6] = ["health.json", "spent.json", "journal.json", "lock", "ballast", "state.a"];
const KINDS: [&str; 3] = ["mkdir -p data/F/somebody", "ln -s ../elsewhere data/F", "mkfifo data/F"];

fn run(shop: &Shop) -> Running {
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0", "bytes_per_day": 1_048_576}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    shows(&player, &json!([1, 2]), 2);
    failed(&player);
    player
}

fn put(shop: &Shop, kind: &str, name: &str) {
    shop.sandbox.run("sh", &["-c", &format!("until rm -rf data/{name}; {}; do :; done", kind.replace('F', name))]).success();
}

fn faults(player: &Running) -> String {
    health(player)["faults"].to_string()
}

#[test]
fn f11_whatever_lies_in_place_of_an_own_file_at_a_start_is_set_aside_and_told() {
    let (shop, _) = settled();
    shop.sandbox.run("sh", &["-c", "cp -a data whole; mkdir elsewhere; echo kept >elsewhere/file"]).success();
    for (name, kind) in FILES.iter().flat_map(|name| KINDS.map(|kind| (name, kind))) {
        shop.sandbox.run("sh", &["-c", "rm -rf data; cp -a whole data"]).success();
        put(&shop, kind, name);
        let player = run(&shop);
        let (told, aside) = (faults(&player), shop.sandbox.path(&format!("data/{name}.unreadable")));
        assert!(told.contains(&format!("data/{name}.unreadable")), "{name}, {kind}: {told}");
        assert!(fs::symlink_metadata(&aside).is_ok_and(|meta| !meta.is_file()), "{name}, {kind}");
        let own = fs::symlink_metadata(shop.sandbox.path(&format!("data/{name}")));
        assert!(own.map_or(*name == "spent.json", |meta| meta.is_file()), "{name}, {kind}");
        assert_eq!(health(&player)["programs"].as_array().map(Vec::len), Some(2), "{name}, {kind}");
        drop(player);
        assert!(!faults(&run(&shop)).contains(".unreadable"), "{name}, {kind}: told until the next start");
    }
    assert_eq!(fs::read(shop.sandbox.path("elsewhere/file")).unwrap(), b"kept\n");
}

#[test]
fn f11_whatever_comes_to_lie_in_place_of_an_own_file_gives_way_under_a_running_player() {
    const IN_USE: [&str; 4] = ["health.json", "journal.json", "lock", "ballast"];
    let (shop, _) = settled();
    let player = run(&shop);
    for name in IN_USE {
        for kind in KINDS {
            shop.sandbox.run("rm", &["-rf", &format!("data/{name}.unreadable")]).success();
            put(&shop, kind, name);
            look_once(&player);
            wait_for(kind, Duration::from_secs(20), || faults(&player).contains(&format!("data/{name}.unreadable")));
            assert!(shop.sandbox.path(&format!("data/{name}")).is_file(), "{name}, {kind}");
        }
    }
    // What can't be set aside has to be removed, and is told as long as it is there.
    for name in IN_USE {
        shop.sandbox.run("sh", &["-c", &format!("rm -rf data/{name}.unreadable; mkdir -p data/{name}.unreadable/older")]).success();
        put(&shop, KINDS[0], name);
        look_once(&player);
        let stays = format!("in place of the file data/{name} and can't be set aside: ");
        wait_for(name, Duration::from_secs(20), || faults(&player).contains(&stays) && faults(&player).contains("Remove this folder"));
        shop.sandbox.run("rm", &["-r", &format!("data/{name}"), &format!("data/{name}.unreadable")]).success();
        look_once(&player);
        wait_for(name, Duration::from_secs(20), || !faults(&player).contains(&stays));
        assert!(shop.sandbox.path(&format!("data/{name}")).is_file(), "{name}");
    }
    assert_ne!(health(&player)["programs"], Value::Null);
}
