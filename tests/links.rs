//! Links and files where a folder belongs: in what a player keeps they give way, and nothing behind a link is touched; elsewhere the message
//! names the link and what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::http::get;
use crate::harness::{Running, wait_for};
use crate::publish::commands::Province;

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");
const KINDS: [&str; 5] = ["dangling", "to a file", "elsewhere", "loop", "file"];

/// A player that holds a month and a withdrawal, and the folders that it made below `store`.
fn settled() -> (Shop, Vec<String>) {
    let mut shop = Shop::new();
    shop.publish(&Month::from([("slides/co-so/mot@1920x1080/index.html".to_owned(), b"mot".to_vec())]));
    shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.pull().success();
    shop.sandbox.run("mv", &["data", "whole"]).success();
    let folders = shop.sandbox.run("find", &["whole/store", "-type", "d"]).success().stdout;
    (shop, folders.lines().map(|line| line.replacen("whole/", "data/", 1)).collect())
}

/// Puts something else in place of a folder of a new copy of the data. `elsewhere` has a file that is nobody's.
fn replace(shop: &Shop, folder: &str, kind: &str) {
    let sandbox = &shop.sandbox;
    sandbox.run("rm", &["-rf", "data", "elsewhere", "file"]).success();
    sandbox.run("cp", &["-a", "whole", "data"]).success();
    sandbox.write("elsewhere/theirs", "theirs").write("elsewhere/aa/theirs", "theirs").write("file", "theirs");
    let place = sandbox.path(folder);
    let _ = fs::remove_dir_all(&place);
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    match kind {
        "dangling" => symlink(sandbox.path("nowhere/at/all"), &place).unwrap(),
        "to a file" => symlink(sandbox.path("file"), &place).unwrap(),
        "elsewhere" => symlink(sandbox.path("elsewhere"), &place).unwrap(),
        "loop" => symlink(&place, &place).unwrap(),
        _ => fs::write(&place, "in the way").unwrap(),
    }
}

fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

#[test]
fn f11_whatever_lies_in_place_of_a_folder_of_the_store_gives_way_and_nothing_behind_it_is_touched() {
    let (shop, folders) = settled();
    assert!(folders.len() > 10, "{folders:?}");
    let mut next = shop;
    for folder in &folders {
        for kind in KINDS {
            replace(&next, folder, kind);
            let pulled = next.pull();
            assert_eq!((pulled.code, pulled.stderr.contains("written")), (0, false), "{folder} {kind}: {pulled:?}");
            next.sandbox.player(&["verify", "--config", "player.json"]).success();
            let theirs = ["elsewhere/theirs", "elsewhere/aa/theirs", "file"];
            assert!(theirs.iter().all(|name| fs::read(next.sandbox.path(name)).unwrap() == b"theirs"), "{folder} {kind}");
            // What holds the whole store may be a link to a disk.
            let (is_folder, linked) = (is_folder(&next.sandbox.path(folder)), folder == "data/store" && kind == "elsewhere");
            let needed = !folder.ends_with("/parts");
            assert!(is_folder != linked || !needed, "{folder} {kind}");
        }
    }
    // A release that is fetched over a link in place of the parts.
    for kind in KINDS {
        next.publish(&Month::from([("media/film.mp4".to_owned(), kind.as_bytes().to_vec())]));
        next.withdraw_hint(1);
        replace(&next, "data/store/parts", kind);
        next.pull().success();
        assert!(is_folder(&next.sandbox.path("data/store/parts")), "{kind}");
        assert!(fs::read(next.sandbox.path("elsewhere/theirs")).unwrap() == b"theirs", "{kind}");
    }
}

fn run(shop: &Shop, source: &str) -> Running {
    shop.configure(source, &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

fn health(player: &Running) -> Value {
    serde_json::from_slice(&get(&player.address(), "/health.json", &[]).body).unwrap()
}

#[test]
fn f11_a_link_that_leads_nowhere_in_place_of_the_returns_is_set_aside_and_told() {
    let (shop, _) = settled();
    for folder in ["data/returns", "data/returns/quay", "data/returns/quay/quay-1"] {
        for kind in KINDS {
            replace(&shop, folder, kind);
            let player = run(&shop, "store");
            wait_for("a look", Duration::from_secs(20), || health(&player)["last_look"] != Value::Null);
            let (faults, journal) = (health(&player)["faults"].to_string(), shop.sandbox.path("data/returns/quay/quay-1/2.jsonl"));
            match kind {
                "elsewhere" => assert!(!faults.contains("set aside as") && journal.exists(), "{folder} {kind}: {faults}"),
                "file" => assert!(faults.contains("the journal can't be written"), "{folder} {kind}: {faults}"),
                _ => {
                    assert!(faults.contains("set aside as") && is_folder(&shop.sandbox.path(folder)), "{folder} {kind}: {faults}");
                    assert!(journal.exists() && shop.sandbox.path(&format!("{folder}.unreadable")).is_symlink(), "{folder} {kind}");
                }
            }
        }
    }
}

#[test]
fn f13_where_the_data_folder_is_a_link_that_leads_nowhere_the_disk_is_asked_for_and_nothing_is_written() {
    let (shop, _) = settled();
    symlink(shop.sandbox.path("nowhere/at/all"), shop.sandbox.path("data")).unwrap();
    let player = run(&shop, "store");
    assert_eq!(get(&player.address(), "/screens/a/", &[]).status, 200);
    let fault = health(&player)["faults"][0]["en"].to_string();
    assert!(fault.contains("a link that leads to no folder") && !fault.contains("chown") && !fault.contains("Make room"), "{fault}");
    drop(player);
    assert!(shop.sandbox.path("data").is_symlink() && !shop.sandbox.path("nowhere").exists());
}

#[test]
fn of_a_store_with_a_link_in_place_of_a_folder_the_message_names_the_link_and_what_to_do() {
    let (shop, _) = settled();
    let place = |name: &str| shop.sandbox.path(name);
    fs::rename(place("store"), place("kept")).unwrap();
    symlink(place("nowhere"), place("store")).unwrap();
    shop.pull().code(3).stderr_has("the link leads to no folder; mount its disk, or correct the link");
    shop.sandbox.bangtin(&["store", "check", "store"]).code(3).stderr_has("store is a file, or a link that leads nowhere");
    fs::remove_file(place("store")).unwrap();
    fs::rename(place("kept"), place("store")).unwrap();
    fs::rename(place("store/sites"), place("sites")).unwrap();
    symlink(place("sites"), place("store/sites")).unwrap();
    shop.pull().code(3).stderr_has("store/sites is a link, and a store has none: put the folder itself there");
    // The office, which writes there.
    for kind in ["dangling", "loop", "file"] {
        let province = Province::approved();
        let objects = province.0.path("store/objects");
        fs::create_dir(province.0.path("store")).unwrap();
        match kind {
            "file" => fs::write(&objects, "").unwrap(),
            _ => symlink(if kind == "loop" { objects.clone() } else { province.0.path("nowhere") }, &objects).unwrap(),
        }
        province.publish(&["--key", "keys/publish"]).code(3).stderr_has(if kind == "file" {
            "store/objects: is in the place of a folder and is none"
        } else {
            "store/objects: is a link; a store has plain files and folders only"
        });
        fs::remove_file(&objects).unwrap();
        province.publish(&["--key", "keys/publish"]).success();
    }
}
