//! Attacks on roots, end to end: what the commands refuse, and how a player treats a forged store.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Holders;
use crate::harness::http::get;
use crate::harness::{tree, wait_for};
use crate::trust::kit::sign;

fn published() -> Holders {
    let holders = Holders::new(&["an"], 1, &["an"]);
    publish_and_pull(&holders);
    holders
}

fn publish_and_pull(holders: &Holders) {
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
}

#[test]
fn a09_a11_a22_trust_add_refuses_a_key_that_poses_as_another() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let sandbox = holders.sandbox();
    // One key in two of root, publish and review.
    for role in [
        "root=keys/publish.pub",
        "root=keys/lan.pub",
        "publish=an/key.pub",
        "publish=keys/duty.pub",
        "chief=an/key.pub",
        "duty=keys/publish.pub",
    ] {
        holders.trust(&["add", role]).code(1).stderr_has("in two of root, publish and review");
    }
    holders.trust(&["add", "chief=keys/lan.pub"]).code(1).stderr_has("holds role chief already");
    // The same 32-byte key under another minisign key id.
    let lan = holders.secret("keys/lan");
    let double = STANDARD.encode([b"Ed".as_slice(), &[9; 8], lan.public().bytes()].concat());
    sandbox.write("double.pub", format!("untrusted comment: hai tên\n{double}\n"));
    for role in ["chief=double.pub", "duty=double.pub", "root=double.pub"] {
        holders.trust(&["add", role]).code(1).stderr_has("listed under another minisign id");
    }
    // Weak keys, for which anyone can sign.
    for key in [[0; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }] {
        let weak = STANDARD.encode([b"Ed".as_slice(), &[7; 8], &key].concat());
        sandbox.write("weak.pub", format!("untrusted comment: minisign public key\n{weak}\n"));
        holders.trust(&["add", "chief=weak.pub"]).code(1).stderr_has("or a weak one");
    }
    assert!(!sandbox.path("content/trust/draft").exists());
    // Two reviewer roles may share a holder.
    holders.trust(&["add", "duty=keys/lan.pub"]).success();
}

#[test]
fn a05_a_bad_next_root_is_not_kept_over_a_restart_offline() {
    let holders = published();
    let sandbox = holders.sandbox();
    let mut next = holders.root(1);
    next["version"] = json!(2);
    let kid = holders.secret("an/key").public().kid();
    sandbox.write("store/root/2.json", next.to_string());
    sandbox.write(&format!("store/root/2.json.{kid}.minisig"), sign(&holders.secret("keys/publish"), next.to_string().as_bytes()));
    sandbox.write("store/sites/ta-lung/latest.json", json!({"epoch": 1, "head": 1, "release": 0, "root": 2, "withdrawals": 0}).to_string());
    let before = tree(&sandbox.path("player/data/store"));
    holders.pull().code(1).stderr_has("root 2: bangtin-root: 0 good signatures");
    assert_eq!(tree(&sandbox.path("player/data/store")), before, "nothing of it is written");
    holders.configure("nowhere");
    holders.pull().code(3);
    assert_eq!(holders.held(), (1, 1, 1));
    // A valid root 2 is still accepted.
    std::fs::remove_file(sandbox.path("store/root/2.json")).unwrap();
    std::fs::remove_file(sandbox.path(&format!("store/root/2.json.{kid}.minisig"))).unwrap();
    holders.pass(&[], &["an"]);
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
    assert_eq!(holders.held(), (2, 1, 2));
}

#[test]
fn a07_after_1024_roots_a_cycle_ends_and_what_plays_stays() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let sandbox = holders.sandbox();
    // The player syncs each root to disk; a few megabytes of tmpfs do that a thousand times faster.
    let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    std::os::unix::fs::symlink(memory.path(), sandbox.path("player")).unwrap();
    publish_and_pull(&holders);
    let key = holders.secret("an/key");
    let text = std::fs::read_to_string(sandbox.path("content/trust/root/1.json")).unwrap();
    for version in 2..=1_030_u64 {
        let bytes = text.replace("\"version\": 1,", &format!("\"version\": {version},"));
        sandbox.write(&format!("store/root/{version}.json.{}.minisig", key.public().kid()), sign(&key, bytes.as_bytes()));
        sandbox.write(&format!("store/root/{version}.json"), bytes);
    }
    let latest = |head: u64| json!({"epoch": 1, "head": head, "release": 0, "root": 1_030, "withdrawals": 0}).to_string();
    sandbox.write("store/sites/ta-lung/latest.json", latest(1));
    holders.pull().code(1).stderr_has("more than 1024 roots in one look");
    assert_eq!(holders.held().2, 1, "the head in force stays");
    assert!(sandbox.path("player/data/store/root/1025.json").is_file() && !sandbox.path("player/data/store/root/1026.json").exists());
    // The next cycle continues from there.
    holders.pull().success();
    assert_eq!(holders.held(), (1_030, 1, 1));
    // All of them count after a restart without network.
    holders.configure("nowhere");
    let player = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let health = || serde_json::from_str::<Value>(&get(&player.address(), "/health.json", &[]).text()).unwrap_or_default();
    wait_for("a cycle", Duration::from_secs(20), || health()["root"] == 1_030);
}

#[test]
fn a29_a_publish_key_that_used_up_all_numbers_is_recovered_from_by_a_new_epoch() {
    let holders = published();
    let sandbox = holders.sandbox();
    let last = (1_u64 << 53) - 1;
    let mut head: Value = serde_json::from_slice(&std::fs::read(sandbox.path("store/sites/ta-lung/heads/1-1.json")).unwrap()).unwrap();
    head["version"] = json!(last);
    let stolen = sign(&holders.secret("keys/publish"), head.to_string().as_bytes());
    let fast = format!("store/sites/ta-lung/heads/1-{last}.json");
    sandbox.write(&fast, head.to_string()).write(&format!("{fast}.minisig"), stolen);
    let forward = json!({"epoch": 1, "head": last, "release": 0, "root": 1, "withdrawals": 0}).to_string();
    sandbox.write("store/sites/ta-lung/latest.json", &forward);
    holders.pull().success();
    assert_eq!(holders.held(), (1, 1, last));
    // The office can't publish until a root removes the key and begins a new epoch.
    sandbox.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", crate::publish::province::PLAYLIST));
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").code(1).stderr_has("raise the publish epoch");
    sandbox.bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", "publish=keys/moi.pub"]).success();
    holders.trust(&["remove", "publish"]).success();
    let prepared = holders.trust(&["prepare", "--bump-epoch"]).success().stdout;
    assert!(prepared.contains("publish epoch 1 → 2"), "{prepared}");
    holders.sign("an").success();
    holders.trust(&["apply"]).success();
    holders.publish("keys/moi").success().stdout_has("published 2-1");
    holders.pull().success();
    assert_eq!(holders.held(), (2, 2, 1));
    // The thief's signatures, old and new, are void.
    sandbox.write("store/sites/ta-lung/latest.json", forward);
    holders.pull().code(1);
    head["epoch"] = json!(2);
    let fast = format!("store/sites/ta-lung/heads/2-{last}.json");
    sandbox
        .write(&format!("{fast}.minisig"), sign(&holders.secret("keys/publish"), head.to_string().as_bytes()))
        .write(&fast, head.to_string());
    sandbox
        .write("store/sites/ta-lung/latest.json", json!({"epoch": 2, "head": last, "release": 0, "root": 2, "withdrawals": 0}).to_string());
    holders.pull().code(1).stderr_has("0 good signatures");
    assert_eq!(holders.held(), (2, 2, 1));
}
