//! What was here whole and is gone from the disk of a player that was off: it is told as lost, with what to do; it is neither on its way nor refused.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Running, failed, health, month, read, run, settled, shows};
use crate::delta::shop::Shop;
use crate::harness::{tree, wait_for};

const FOLDERS: [&str; 3] = ["approvals", "programs", "objects"];
/// What is done to each file of a folder, or to the folder.
const WAYS: [&str; 4] = [
    "rm -r data/store/F",
    "find data/store/F -type f -exec truncate -s 0 {} +",
    "find data/store/F -type f -exec sh -c 'printf x >\"$1\"' sh {} ';'",
    "rm -r data/store/F data/health.json",
];

fn journal(shop: &Shop, kind: &str) -> usize {
    let all: Vec<u8> = tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect();
    String::from_utf8(all).unwrap().matches(&format!("\"{kind}\"")).count()
}

/// Page and status, as people read them.
fn words(shop: &Shop, player: &Running) -> String {
    let config = fs::read_to_string(shop.sandbox.path("player.json")).unwrap();
    let port = player.address().rsplit(':').next().unwrap().to_owned();
    shop.sandbox.write("status.json", config.replace("127.0.0.1:0", &format!("127.0.0.1:{port}")));
    let status = |lang: &str| shop.sandbox.player(&["--lang", lang, "status", "--config", "status.json"]).stdout;
    let page = String::from_utf8(crate::harness::http::get(&player.address(), "/", &[]).body).unwrap();
    [status("vi"), status("en"), page].concat()
}

/// Waits until the loss is told, and holds every word against it.
fn told_as_lost(shop: &Shop, player: &Running, loss: &str) {
    failed(player);
    let fault = |health: &Value| health["faults"].to_string().contains("lost from the disk: ");
    wait_for(loss, Duration::from_secs(20), || fault(&health(player)) && health(player)["damaged"]["lacking"].as_u64() > Some(0));
    let health = health(player);
    assert_eq!((&health["coming"], &health["dropped"]), (&Value::Null, &json!([])), "{loss}: {health}");
    let said = words(shop, player);
    let right = ["đã mất trên ổ đĩa", "release 1-2", "Check the network, or bring the store on a stick", "replace the disk", "refused: 0"];
    assert!(right.iter().all(|each| said.to_lowercase().contains(&each.to_lowercase())), "{loss}: {said}");
    let wrong = ["on its way", "đang tải về", "ell the publisher", "báo người phát hành", "ell the office"];
    assert!(!wrong.iter().any(|each| said.contains(each)), "{loss}: {said}");
}

#[test]
fn f11_what_was_here_whole_and_is_gone_at_a_start_is_told_as_lost_once_and_comes_back() {
    for (folder, way) in FOLDERS.iter().flat_map(|folder| WAYS.map(|way| (folder, way))) {
        let (shop, _) = settled();
        let loss = way.replace('F', folder);
        shop.sandbox.run("sh", &["-c", &loss]).success();
        let told = [(); 2].map(|()| {
            let player = run(&shop, &json!(["nowhere"]));
            told_as_lost(&shop, &player, &loss);
            drop(player);
            journal(&shop, "objects-damaged")
        });
        // What is found while it is read through is told file by file, of which there are three.
        let most = if *folder == "objects" { 3 } else { 1 };
        assert!((1..=most).contains(&told[0]) && told[1] == told[0], "{loss}: {told:?}");
        // Nothing of it counts as yet to be fetched.
        let verified = shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]);
        assert!(!verified.stdout.contains("STILL TO BE FETCHED"), "{loss}: {verified:?}");
        verified.code(1);
        let player = run(&shop, &json!(["store"]));
        shows(&player, &json!([1, 2]), 2);
        wait_for("the end of the fault", Duration::from_secs(20), || {
            health(&player)["faults"] == json!([]) && health(&player)["last_success"] != Value::Null
        });
        assert!(journal(&shop, "objects-whole") > 0, "{loss}");
    }
}

#[test]
fn f11_a_pull_that_fetches_again_what_was_lost_says_so_in_the_journal() {
    for folder in FOLDERS {
        let (shop, first) = settled();
        shop.sandbox.run("rm", &["-r", &format!("data/store/{folder}")]).success();
        shop.pull().success();
        assert!(shop.holds(&first));
        assert_eq!((journal(&shop, "objects-damaged"), journal(&shop, "objects-whole")), (1, 1), "{folder}");
    }
}

#[test]
fn f11_of_a_release_that_never_came_whole_what_was_here_is_lost_and_the_rest_is_on_its_way() {
    let mut shop = Shop::new();
    let films = month(1, 30_000);
    shop.publish_bare(&films);
    let film = shop.place("objects", &films["assets/phim.mp4"]);
    fs::rename(&film, shop.sandbox.path("film")).unwrap();
    shop.pull();
    let player = run(&shop, &json!(["nowhere"]));
    failed(&player);
    let told = health(&player);
    assert!(told["head"] == json!([1, 2]) && told["coming"]["release"] == json!([1, 2]) && told["faults"] == json!([]), "{told}");
    assert!(words(&shop, &player).contains("Release 1-2 is in force, the rest of it is on its way: "));
    drop(player);
    // The evergreen program was here whole.
    let page = shop.place("objects", b"page");
    let page = page.strip_prefix(shop.sandbox.path("store")).unwrap();
    fs::remove_file(shop.sandbox.path("data/store").join(page)).unwrap();
    let player = run(&shop, &json!(["nowhere"]));
    failed(&player);
    let told = health(&player);
    assert!(told["faults"].to_string().contains("lost from the disk: 1 file of release 1-2 that had been here; "), "{told}");
    assert!(told["coming"]["release"] == json!([1, 2]) && told["damaged"]["lacking"] == 1, "{told}");
    drop(player);
    fs::rename(shop.sandbox.path("film"), &film).unwrap();
    super::converges(&shop, &json!([1, 2]), &films);
}

#[test]
fn f11_what_a_later_root_asks_for_and_never_was_here_is_no_loss() {
    let (shop, _) = settled();
    crate::memory::revoke(&shop);
    shop.configure("store", &json!({}));
    shop.pull();
    shop.sandbox.run("rm", &["-r", "data/store/approvals"]).success();
    let player = run(&shop, &json!(["nowhere"]));
    failed(&player);
    let told = health(&player);
    assert!(told["root"] == 2 && !told["faults"].to_string().contains("lost from the disk"), "{told}");
    assert!(told["dropped"].as_array().is_some_and(|dropped| dropped.len() == 2), "{told}");
}

#[test]
fn f11_a_source_that_answers_and_lacks_what_was_lost_is_named_and_nobody_is_sent_to_the_publisher() {
    let (shop, _) = settled();
    shop.sandbox.run("sh", &["-c", "rm -r data/store/approvals store/approvals; rm -rf store/packs"]).success();
    let player = run(&shop, &json!(["store"]));
    wait_for("the reason", Duration::from_secs(20), || health(&player)["waiting"] != Value::Null);
    let said = words(&shop, &player);
    assert!(said.contains("the source lacks what the disk has lost of program") && said.contains("nguồn không có đủ"), "{said}");
    assert!(!said.contains("ell the publisher") && !said.contains("on its way"), "{said}");
    assert_eq!(read(&player, "/screens/a/schedule.json")["programs"].as_array().map_or(0, Vec::len), 0);
}
