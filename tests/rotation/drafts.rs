//! Drafts: prepared, changed, signed elsewhere, brought back; and what is refused on the way.

use serde_json::{Value, json};

use super::{Holders, NOW};
use crate::harness::tree;

#[test]
fn the_first_root_is_made_by_five_holders_who_never_meet() {
    let people = ["an", "binh", "chi", "dung", "em"];
    let holders = Holders::unsigned(&people, 3);
    let sandbox = holders.sandbox();
    assert!(!sandbox.path("content/trust/root").exists());
    sandbox.bangtin(&["check"]).success();
    holders.trust(&["show"]).code(1).stderr_has("there is no root");
    holders
        .trust(&["apply"])
        .code(1)
        .stderr_has("draft of root 1: 0 good signatures, 3 required\n")
        .stderr_has("sign it with: bangtin trust sign content/trust/draft/root.json --key FILE\n")
        .stderr_has("0 of 3 signatures; signed: nobody; not yet: ");
    holders
        .trust(&["--lang", "vi", "apply"])
        .code(1)
        .stderr_has("dự thảo văn bản phân quyền số 1: 0 chữ ký hợp lệ, cần 3\n")
        .stderr_has("ký bằng: bangtin trust sign content/trust/draft/root.json --key TỆP\n")
        .stderr_has("0/3 chữ ký; đã ký: chưa ai; chưa ký: ");
    holders.sign("an").success().stdout_has("Renew the root: 3 of 5 keys").stdout_has("SHA-256 of the draft");
    holders.sign("chi").success();
    let short = holders.trust(&["apply"]).code(1).stderr;
    assert!(short.contains("2 of 3 signatures; signed: ") && short.contains("not yet: "), "{short}");
    // A signature by stock minisign, under another file name, counts too.
    let stock = ["-S", "-s", "em/key", "-m", "content/trust/draft/root.json", "-x", "em/signature"];
    sandbox.run("minisign", &stock).success();
    holders.trust(&["apply", "--signature", "em/signature"]).success().stdout_has("Root 1 is in force here");
    let files: Vec<String> = tree(&sandbox.path("content/trust")).into_keys().collect();
    assert_eq!(files.len(), 4, "{files:?}");
    assert!(files.iter().all(|file| file.starts_with("root/1.json")), "{files:?}");
    holders.trust(&["show"]).success().stdout_has("3 of 5 keys");
    holders.trust(&["apply"]).code(1).stderr_has("there is no draft");
}

#[test]
fn a_player_follows_from_the_first_root_to_the_third() {
    let holders = Holders::new(&["an", "binh", "chi", "dung", "em"], 3, &["an", "binh", "chi"]);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
    assert_eq!(holders.held(), (1, 1, 1));
    // One holder replaces another.
    holders.key_of("phuc");
    let added = holders.trust(&["add", "root=phuc/key.pub"]).success().stdout;
    assert!(added.contains("Root 1 → 2") && added.contains("role root: key ") && added.contains("(phuc) is ADDED"), "{added}");
    let vi = holders.sandbox().bangtin(&["--lang", "vi", "trust", "remove", "dung", "--now", NOW]).success().stdout;
    assert!(vi.contains("Văn bản phân quyền số 1 → số 2") && vi.contains("(dung)") && vi.contains("BỎ khóa"), "{vi}");
    let prepared = holders.trust(&["prepare"]).success();
    let prepared = prepared.stdout_has("By root 1, 3 signatures needed, of: ").stdout_has("By root 2, 3 signatures needed, of: ").stdout;
    // What is not in force is not published, and that is said.
    let publish = || holders.trust(&["publish", "--to", "store"]).success().stdout_has("holds the roots up to 1");
    publish()
        .stderr_has("a draft of root 2 is not in force yet; it lacks signatures, sign it first with: bangtin trust sign content/trust/draft/root.json --key FILE\n")
        .stderr_has("run: bangtin trust apply");
    // A holder's own machine shows what the office showed.
    let lines = |text: &str| text.lines().filter(|line| line.starts_with("  - ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&holders.sign("an").success().stdout), lines(&prepared));
    holders.sign("binh").success();
    holders.sign("phuc").success();
    // phuc counts for the new root alone.
    holders.trust(&["apply"]).code(1).stderr_has("2 good signatures, 3 required").stderr_has("by root 2: 3 of 3 signatures");
    holders.sign("em").success();
    publish().stderr_has("a draft of root 2 is not in force yet; run: bangtin trust apply, and publish again\n");
    holders.trust(&["apply"]).success();
    holders.pull().success();
    assert_eq!(holders.held(), (1, 1, 1), "not published yet");
    // All root keys change, and the publisher's too.
    for name in ["giang", "hoa", "khanh"] {
        holders.key_of(name);
    }
    holders.key_of("kho");
    holders.trust(&["add", "root=giang/key.pub", "root=hoa/key.pub", "root=khanh/key.pub", "publish=kho/key.pub"]).success();
    holders.trust(&["remove", "an", "binh", "chi", "em", "phuc", "publish", "--threshold", "root=2"]).success();
    holders.pass(&[], &["an", "chi", "em", "giang", "hoa"]);
    holders.publish("keys/publish").code(1).stderr_has("may not publish");
    holders.publish("kho/key").success().stdout_has("published 1-2");
    holders.pull().success();
    assert_eq!(holders.held(), (3, 1, 2));
    let roles = &holders.root(3)["roles"]["root"];
    assert_eq!((roles["threshold"].as_u64(), roles["keys"].as_array().unwrap().len()), (Some(2), 3));
    assert_eq!(holders.root(3)["keys"].as_object().unwrap().len(), 3 + 1 + 4, "keys without a role are gone");
}

#[test]
fn a_draft_that_is_no_sound_successor_is_not_signed() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let sandbox = holders.sandbox();
    holders.trust(&["prepare"]).success().stdout_has("nothing but number and dates");
    let path = "content/trust/draft/root.json";
    let good: Value = serde_json::from_slice(&std::fs::read(sandbox.path(path)).unwrap()).unwrap();
    let text = std::fs::read_to_string(sandbox.path(path)).unwrap();
    let sign = || sandbox.bangtin(&["trust", "sign", path, "--key", "an/key", "--yes"]);
    for (change, why) in [
        (text.replace("\"version\": 2", "\"version\": 3"), "the root bears version 3, 2 is required"),
        (text.replace("\"version\": 2", "\"version\": 1"), "the root bears version 1, 2 is required"),
        (text.replace(good["root_id"].as_str().unwrap(), &"0".repeat(32)), "another installation"),
        (text.replace("\"threshold\": 2", "\"threshold\": 3"), "threshold 3 with 2 keys"),
        (text.replace("\"version\": 2", "\"more\": true,\n  \"version\": 2"), "can't show"),
        (text.replace("  ", " "), "can't show"),
        (text.replace("bangtin-root", "bangtin-head"), "type"),
        (text[..text.len() / 2].to_owned(), "malformed"),
    ] {
        assert_ne!(change, text, "{why}");
        sandbox.write(path, change);
        sign().code(1).stderr_has(why).stderr_has("it is not signed");
    }
    sandbox.write(path, &text);
    // Only a root holder signs, only after confirmation, and only with the previous root present.
    sandbox
        .bangtin(&["trust", "sign", path, "--key", "keys/lan", "--yes"])
        .code(1)
        .stderr_has("neither of the old root nor of the new one");
    sandbox
        .run("sh", &["-c", &format!("{} trust sign {path} --key an/key </dev/null", env!("CARGO_BIN_EXE_bangtin"))])
        .code(2)
        .stderr_has("--yes");
    sandbox.write("alone/root.json", &text);
    let alone = ["trust", "sign", "alone/root.json", "--key", "an/key", "--yes"];
    sandbox.bangtin(&alone).code(1).stderr_has("root 1, which is in force, is needed");
    assert!(tree(&sandbox.path("content/trust/draft")).len() == 1 && tree(&sandbox.path("alone")).len() == 1, "nothing was signed");
    // The old root counts only with its own signatures.
    sandbox.bangtin(&[&alone[..], &["--old", "content/trust/root/1.json"]].concat()).success().stdout_has("Root 1 → 2");
    sandbox.write("bare/1.json", std::fs::read(sandbox.path("content/trust/root/1.json")).unwrap());
    sandbox.bangtin(&[&alone[..], &["--old", "bare/1.json"]].concat()).code(1).stderr_has("0 good signatures");
}

#[test]
fn edits_keep_the_rules_and_name_the_remedy() {
    let holders = Holders::new(&["an", "binh"], 2, &["an", "binh"]);
    let sandbox = holders.sandbox();
    let draft = sandbox.path("content/trust/draft/root.json");
    holders.trust(&["remove", "an"]).code(1).stderr_has("threshold 2 with 1 key").stderr_has("add the new one first");
    assert!(!draft.exists());
    holders.trust(&["remove", "publish"]).code(1).stderr_has("role publish needs 1 signature but has no key left");
    holders.trust(&["remove", "khong-co"]).code(2).stderr_has("there is no key or holder “khong-co”; known names: ").stderr_has("lan, ");
    holders.trust(&["remove", "lan", "--role", "duty"]).code(1).stderr_has("does not hold duty");
    holders.trust(&["add", "moi=keys/lan.pub"]).code(2).stderr_has("no role “moi”; known names: chief, duty, publish, root, ta-lung");
    holders.trust(&["add", "ROOT=keys/lan.pub"]).code(2).stderr_has("root, publish or a reviewer role is required");
    holders.trust(&["prepare", "--threshold", "publish=2"]).code(1).stderr_has("always 1");
    holders.trust(&["prepare", "--threshold", "chief=3"]).code(1).stderr_has("threshold 3 with 2 keys");
    holders.trust(&["prepare", "--threshold", "chief=x"]).code(2).stderr_has("the form is ROLE=N");
    assert!(!draft.exists());
    // One step for both is accepted, and so is a key named by its kid.
    let kid = holders.secret("an/key").public().kid().to_string();
    holders.trust(&["remove", &kid, "--threshold", "root=1", "--expires", "2030-01-01"]).success().stdout_has("signatures required 2 → 1");
    // A reviewer may hold two roles, and lose one of them.
    holders.trust(&["add", "ta-lung=keys/lan.pub"]).success();
    holders.trust(&["remove", "lan", "--role", "ta-lung"]).success();
    // Signatures of another draft are void.
    holders.sign("binh").success();
    holders.trust(&["prepare"]).success();
    assert_eq!(tree(draft.parent().unwrap()).len(), 2, "looking does not change it");
    holders.trust(&["prepare", "--expires", "2031-01-01"]).success().stdout_has("the signatures made so far are void");
    assert_eq!(tree(draft.parent().unwrap()).len(), 1);
    holders.trust(&["init", "--root-key", "an/key", "--publish-key", "keys/publish.pub", "--review", "chief=keys/lan.pub"]).code(1);
}

#[test]
fn a_new_role_of_the_policy_comes_with_its_keys() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let sandbox = holders.sandbox();
    let settings = std::fs::read_to_string(sandbox.path("content/bangtin.yaml")).unwrap();
    let more = settings.replace("    duty:", "    press: {threshold: 1, sites: [ta-lung], kinds: [urgent]}\n    duty:");
    sandbox.write("content/bangtin.yaml", more.replace("urgent: [duty]", "urgent: [press]"));
    holders.trust(&["prepare", "--policy"]).code(1).stderr_has("role press of bangtin.yaml has no key");
    sandbox.bangtin(&["keys", "new", "keys/press", "--no-password", "--holder", "press"]).success();
    let added = holders.trust(&["add", "press=keys/press.pub", "--policy"]).success().stdout;
    assert!(added.contains("NEW reviewer role press (ta-lung; urgent program): 1 of 1 key"), "{added}");
    assert!(added.contains("urgent program must be approved by: duty → press"), "{added}");
    holders.pass(&[], &["an"]);
    assert_eq!(holders.root(2)["requires"]["urgent"], json!(["press"]));
    // A role that the policy no longer names ends, and its key is removed.
    sandbox.write("content/bangtin.yaml", settings);
    let dropped = holders.trust(&["prepare", "--policy"]).success().stdout;
    assert!(
        dropped.contains("reviewer role press ENDS") && dropped.contains("urgent program must be approved by: press → duty"),
        "{dropped}"
    );
}

#[test]
fn a_stopped_apply_is_done_again() {
    let holders = Holders::new(&["an", "binh"], 1, &["an"]);
    let sandbox = holders.sandbox();
    holders.trust(&["prepare"]).success();
    holders.sign("an").success();
    let draft = tree(&sandbox.path("content/trust/draft"));
    // Stopped before the root was written: the signatures may belong to another draft.
    let kid = holders.secret("binh/key").public().kid();
    sandbox.write(&format!("content/trust/root/2.json.{kid}.minisig"), "left behind");
    holders.trust(&["apply"]).success();
    assert!(!sandbox.path(&format!("content/trust/root/2.json.{kid}.minisig")).exists());
    // Stopped after the root was written: the draft is finished.
    for (file, bytes) in draft {
        sandbox.write(&format!("content/trust/draft/{file}"), bytes);
    }
    holders.trust(&["apply"]).code(1).stderr_has("there is no draft");
    assert!(!sandbox.path("content/trust/draft").exists());
    // A root in force is never overwritten.
    assert_eq!(holders.root(2)["version"], 2);
}

#[test]
fn at_a_terminal_the_passphrase_and_the_last_word_are_asked_for() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let sandbox = holders.sandbox();
    sandbox.bangtin(&["keys", "new", "locked", "--password-command", "echo bimat", "--holder", "locked"]).success();
    holders.trust(&["add", "root=locked.pub", "--threshold", "root=2"]).success();
    let bangtin = env!("CARGO_BIN_EXE_bangtin");
    let at_terminal = |typed: &str| {
        let sign = format!("{bangtin} --lang vi trust sign content/trust/draft/root.json --key locked");
        sandbox.run("sh", &["-c", &format!("printf '{typed}' | script -qec '{sign}' typescript")])
    };
    at_terminal("sai\\nsai\\nsai\\n").code(1);
    // Two more tries.
    at_terminal("sai\\nsai\\nbimat\\nkhông\\n").code(1).stdout_has("không ký; chưa có chữ ký nào được ghi");
    assert_eq!(tree(&sandbox.path("content/trust/draft")).len(), 1);
    at_terminal("bimat\\nc\\n").code(0).stdout_has("Mật khẩu của").stdout_has("Ký văn bản phân quyền này?");
    assert_eq!(tree(&sandbox.path("content/trust/draft")).len(), 2);
}

#[test]
fn a_holder_is_warned_of_roots_that_she_has_not_signed() {
    // The present secret key signs at once; a second signature is needed.
    let holders = Holders::unsigned(&["an", "binh"], 2);
    let sandbox = holders.sandbox();
    std::fs::remove_dir_all(sandbox.path("content/trust")).unwrap();
    let review = ["chief=keys/lan.pub", "chief=keys/hung.pub", "duty=keys/duty.pub", "ta-lung=keys/ta-lung.pub"];
    let init = ["init", "--publish-key", "keys/publish.pub", "--root-key", "an/key", "binh/key.pub", "--root-threshold", "2", "--review"];
    holders.trust(&[&init[..], &review].concat()).success().stdout_has("with 1 signature; 2 required");
    holders.sign("binh").success();
    holders.trust(&["apply"]).success();
    // Both trust root 1 by their own signatures; a third holder, who never signed, does not.
    holders.key_of("chi");
    holders.trust(&["add", "root=chi/key.pub"]).success();
    assert_eq!(holders.sign("an").success().stderr, "");
    let digest = bangtin::base::digest::Digest::of(&std::fs::read(sandbox.path("content/trust/root/1.json")).unwrap());
    let warned = holders.sign("chi").success().stderr;
    assert!(
        warned.contains("has signed none of the roots here, so root 1 could be made up") && warned.contains(&digest.to_string()),
        "{warned}"
    );
    assert_eq!(holders.sign("binh").success().stderr, "");
    holders.trust(&["apply"]).success();
    holders.trust(&["prepare"]).success();
    assert_eq!(holders.sign("chi").success().stderr, "", "she has signed root 2");
}
