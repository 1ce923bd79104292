//! What a new root removes: announced before signing, effective at the player within one cycle.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::Holders;
use crate::harness::http::get;
use crate::harness::{tree, wait_for};
use crate::publish::commands::Province;
use crate::trust::kit::sign;
use crate::withdraw::add_slide;

/// An office with one root holder; its programs are published and pulled. The draft names a new reviewer of ta-lung.
fn successor() -> Holders {
    successor_with(|_| ())
}

fn successor_with(prepare: impl Fn(&Province)) -> Holders {
    let holders = Holders::new(&["an"], 1, &["an"]);
    prepare(&holders.province);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
    holders.sandbox().bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", "ta-lung=keys/moi.pub"]).success();
    holders
}

#[test]
fn a15_what_a_new_root_would_drop_is_listed_and_must_be_accepted() {
    let holders = successor();
    let removed = holders.trust(&["remove", "ta-lung"]).success().stderr;
    let listed =
        "1 program will lose approval and leave the screens once the new root is published:\n  ta-lung: “Chương trình tháng 12/2026” (";
    assert!(removed.contains(listed), "{removed}");
    let refused = holders.trust(&["prepare"]).code(1).stderr;
    assert!(refused.contains(listed) && refused.contains("role ta-lung: 0 valid approvals, 1 required"), "{refused}");
    assert!(refused.contains("--accept-drop") && !refused.contains("evergreen"), "{refused}");
    let vi = holders.sandbox().bangtin(&["--lang", "vi", "trust", "prepare", "--now", super::NOW]).code(1).stderr;
    assert!(vi.contains("mất hiệu lực duyệt") && vi.contains("ta-lung: “Chương trình tháng 12/2026” ("), "{vi}");
    holders.trust(&["prepare", "--accept-drop"]).success();
    holders.sign("an").success();
    holders.trust(&["apply"]).code(1).stderr_has(listed).stderr_has("--accept-drop");
    assert!(!holders.sandbox().path("content/trust/root/2.json").exists());
    // After the month's end nothing is removed.
    holders.sandbox().bangtin(&["trust", "prepare", "--now", "2027-01-02"]).success();
    holders.trust(&["apply", "--accept-drop"]).success();
    // The root is published alone, and the program ends within one cycle; the evergreen program stays.
    let month = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--month", "2026-12", "--now", super::NOW];
    holders.sandbox().bangtin(&month).code(1).stderr_has("role ta-lung: 0 valid approvals");
    holders.trust(&["publish", "--to", "store"]).success().stdout_has("notified: 1 site");
    holders.trust(&["publish", "--to", "store"]).success().stdout_has("the sites already know it");
    let pulled = holders.pull().success();
    assert!(pulled.stderr.contains("role ta-lung: 0 valid approvals"), "{pulled:?}");
    assert_eq!(holders.held(), (2, 1, 1));
    // The successor approves the same bytes: the program returns with the next head.
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    holders.publish("keys/publish").success().stdout_has("published 1-2");
    assert!(!holders.pull().success().stderr.contains("role ta-lung"));
    assert_eq!(holders.held(), (2, 1, 2));
}

#[test]
fn a15_withdrawals_that_lose_their_signer_are_listed_and_can_be_signed_again() {
    let holders = successor();
    holders.pass(&[], &["an"]);
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    let sandbox = holders.sandbox();
    let withdraw = |which: &[&str], key: &str| sandbox.bangtin(&[&["withdraw"], which, &["--key", key, "--now", super::NOW]].concat());
    withdraw(&["--month", "2026-12", "--site", "ta-lung", "--role", "ta-lung", "--reason", "sai"], "keys/ta-lung").success();
    holders.trust(&["remove", "ta-lung"]).success();
    let refused = holders.trust(&["prepare"]).code(1).stderr;
    assert!(
        refused.contains("1 withdrawal will lack signatures then") && refused.contains("number 1, role ta-lung; sign it with: "),
        "{refused}"
    );
    assert!(!refused.contains("programs lose"), "{refused}");
    let command = refused.split("sign it with: bangtin withdraw ").nth(1).and_then(|rest| rest.split(" --key").next()).unwrap();
    let words: Vec<&str> = command.split_whitespace().chain(["--to", "store"]).collect();
    withdraw(&words, "keys/moi").success();
    holders.pass(&[], &["an"]);
    // A new player with root 1 accepts the withdrawal by its second signature.
    holders.trust(&["publish", "--to", "store"]).success();
    std::fs::remove_dir_all(sandbox.path("player")).unwrap();
    let second = sandbox.path(&format!("store/withdrawals/1.json.{}.minisig", holders.secret("keys/moi").public().kid()));
    std::fs::rename(&second, sandbox.path("kept")).unwrap();
    holders.pull().code(1).stderr_has("withdrawal 1");
    std::fs::rename(sandbox.path("kept"), &second).unwrap();
    holders.pull().success();
    assert_eq!(holders.held(), (3, 1, 1));
    assert!(sandbox.path("player/data/store/withdrawals/1.json").is_file());
    // Without its role, no one could sign it again.
    let settings = std::fs::read_to_string(sandbox.path("content/bangtin.yaml")).unwrap();
    let lines = settings.lines().filter(|line| !line.starts_with("    ta-lung:")).collect::<Vec<_>>().join("\n");
    sandbox.write(
        "content/bangtin.yaml",
        lines.replace("chief, ta-lung", "chief").replace("    sites:\n      ta-lung: {monthly: [chief]}", ""),
    );
    holders.trust(&["prepare", "--policy"]).code(1).stderr_has("1 withdrawal will lack signatures then").stderr_has("withdrawals/1.json");
}

#[test]
fn a15_a_signature_that_was_given_to_a_withdrawal_and_not_sent_goes_with_the_root() {
    let holders = successor();
    holders.pass(&[], &["an"]);
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    let sandbox = holders.sandbox();
    let withdraw = |which: &[&str], key: &str| sandbox.bangtin(&[&["withdraw"], which, &["--key", key, "--now", super::NOW]].concat());
    let month = ["--month", "2026-12", "--site", "ta-lung", "--role", "ta-lung", "--reason", "sai", "--to", "store"];
    withdraw(&month, "keys/ta-lung").success();
    holders.trust(&["remove", "ta-lung"]).success();
    // The command that `prepare` gives names no store.
    withdraw(&["--withdrawal", "1"], "keys/moi").success().stdout_has("NOT SENT by this command");
    let second = sandbox.path(&format!("store/withdrawals/1.json.{}.minisig", holders.secret("keys/moi").public().kid()));
    assert!(!second.exists());
    holders.pass(&[], &["an"]);
    let said = holders.trust(&["publish", "--to", "store"]).success().stdout_has("new signatures of withdrawal 1 are in it");
    assert!(!said.stderr.contains("lacks signatures"), "{}", said.stderr);
    assert!(second.exists());
    let again = holders.trust(&["publish", "--to", "store"]).success();
    assert!(!again.stdout.contains("new signatures"), "{}", again.stdout);
    // A new player with root 1 accepts the withdrawal by its second signature.
    std::fs::remove_dir_all(sandbox.path("player")).unwrap();
    holders.pull().success();
    assert_eq!(holders.held().0, 3);
}

#[test]
fn a92_a_withdrawal_that_lost_its_signer_still_holds_for_new_programs_and_is_named() {
    let holders = successor_with(add_slide);
    holders.pass(&[], &["an"]);
    let (sandbox, slide) = (holders.sandbox(), "content/slides/phap-luat/cu-tru.md");
    let withdraw = ["withdraw", "--slide", "phap-luat/cu-tru", "--reason", "sai", "--yes", "--key", "keys/ta-lung", "--now", super::NOW];
    sandbox.bangtin(&withdraw).code(1).stderr_has("still shown");
    let withdrawn = std::fs::read_to_string(sandbox.path(slide)).unwrap();
    sandbox.bangtin(&["revise", "--withdrawal", "1"]).success();
    holders.trust(&["remove", "ta-lung"]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    let check = || sandbox.bangtin(&["check", "--now", super::NOW]).code(1).stdout;
    // Raised as the withdrawal allows: nothing is wrong with the slide. Its signature is.
    let said = check();
    assert!(said.contains("error[withdrawal-unsigned]: withdrawal 1 no longer has enough signatures under root 3"), "{said}");
    assert!(said.contains("trust/withdrawals/1.json") && said.contains("bangtin withdraw --withdrawal 1 --key FILE"), "{said}");
    assert!(!said.contains("revision-ahead") && !said.contains("withdrawn-slide"), "{said}");
    // What was withdrawn stays away.
    sandbox.write(slide, &withdrawn);
    assert!(check().contains("error[withdrawn-slide]: slide phap-luat/cu-tru is withdrawn (withdrawal 1"));
    sandbox.bangtin(&["revise", "--withdrawal", "1"]).success();
    sandbox.bangtin(&["withdraw", "--withdrawal", "1", "--key", "keys/moi", "--now", super::NOW]).success();
    sandbox.bangtin(&["check", "--now", super::NOW]).success();
}

#[test]
fn programs_that_are_on_no_screen_any_more_are_not_counted_among_those_that_a_root_takes_away() {
    let holders = successor();
    let sandbox = holders.sandbox();
    let list = "content/playlists/2026-12/province.yaml";
    let text = std::fs::read_to_string(sandbox.path(list)).unwrap();
    let counted = || {
        std::fs::remove_dir_all(sandbox.path("content/trust/draft")).unwrap();
        holders.trust(&["add", "ta-lung=keys/moi.pub"]).success();
        let said = holders.trust(&["remove", "ta-lung"]).success().stderr;
        said.split(" will lose approval").next().unwrap().rsplit("bangtin: ").next().unwrap().to_owned()
    };
    assert_eq!(counted(), "1 program");
    for revision in 2..4 {
        sandbox.write(list, format!("{text}revision: {revision}\n"));
        for key in ["lan", "hung", "ta-lung"] {
            let (key, now) = (format!("keys/{key}"), format!("2026-12-01T09:1{revision}"));
            let month = ["--unseen", "--yes", "--month", "2026-12", "--site", "ta-lung", "--key", &key, "--now", &now];
            sandbox.bangtin(&[&["approve"], &month[..]].concat()).success();
        }
    }
    assert_eq!(counted(), "3 programs", "the later two may still be published");
    let later = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--at", "now", "--now", "2026-12-01T09:20"];
    sandbox.bangtin(&later).success();
    assert_eq!(counted(), "1 program", "those of revisions 1 and 2 were replaced");
}

#[test]
fn a_damaged_approval_does_not_keep_a_key_from_being_taken_away() {
    let holders = successor();
    let sandbox = holders.sandbox();
    let name = tree(&sandbox.path("content/approvals")).into_keys().find(|name| name.ends_with("program.json")).unwrap();
    sandbox.write(&format!("content/approvals/{name}"), "{}");
    sandbox.write("content/bangtin.yaml", "broken: [");
    holders.trust(&["remove", "ta-lung"]).success().stderr_has("it can't be said which programs lose their approval");
    holders.trust(&["prepare"]).code(1).stderr_has("does not match its folder's name");
    holders.pass(&["--accept-drop", "--expires", "2028-01-01"], &["an"]);
    holders.trust(&["publish", "--to", "store"]).success();
    holders.pull().success().stderr_has("role ta-lung: 0 valid approvals");
}

#[test]
fn a_successor_who_approves_first_loses_nothing() {
    let holders = successor();
    holders.pass(&[], &["an"]);
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    holders.trust(&["remove", "ta-lung"]).success();
    holders.pass(&[], &["an"]);
    holders.publish("keys/publish").success();
    assert!(!holders.pull().success().stderr.contains("role ta-lung"));
    assert_eq!(holders.held(), (3, 1, 2));
}

#[test]
fn a15_a72_a_bad_root_does_not_hold_back_what_the_one_before_it_revokes() {
    let holders = successor();
    let sandbox = holders.sandbox();
    let player = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let health = || serde_json::from_str::<Value>(&get(&player.address(), "/health.json", &[]).text()).unwrap_or_default();
    wait_for("the first cycle", Duration::from_secs(20), || health()["last_success"].is_i64());
    assert_eq!(health()["programs"].as_array().unwrap().len(), 2);
    holders.trust(&["remove", "ta-lung"]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    // The host can't withhold the new root for long; it serves a third one that no root holder signed.
    let mut third = holders.root(2);
    third["version"] = 3.into();
    sandbox.write("store/root/3.json", third.to_string());
    let name = format!("store/root/3.json.{}.minisig", holders.secret("an/key").public().kid());
    sandbox.write(&name, sign(&holders.secret("keys/duty"), third.to_string().as_bytes()));
    holders.trust(&["publish", "--to", "store"]).success();
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
    wait_for("the second cycle", Duration::from_secs(20), || {
        health()["last_error"]["en"].as_str().is_some_and(|error| error.contains("root 3"))
    });
    assert_eq!(health()["root"], 2);
    assert_eq!(health()["programs"].as_array().unwrap().len(), 1, "the evergreen week alone");
    let why = health()["dropped"][0][1].clone();
    assert!(why["en"].as_str().unwrap().starts_with("monthly program “Chương trình tháng 12/2026”: role ta-lung"), "{why}");
    assert!(why["vi"].as_str().unwrap().starts_with("“Chương trình tháng 12/2026”: vai trò ta-lung"), "{why}");
    // Nobody knows a program by its digest, which stands last.
    let status = sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).success().stdout;
    let [program, why] = [&health()["dropped"][0][0], &why["en"]].map(|text| text.as_str().unwrap().to_owned());
    assert!(status.contains(&format!("  {why} ({program})\n")), "{status}");
    let page = get(&player.address(), "/", &[]).text();
    assert!(page.contains(&format!("{why} ({}…)", &program[..12])), "{page}");
}

#[test]
fn a_published_withdrawal_that_lost_its_signer_is_never_to_be_removed_and_its_number_never_used_again() {
    let holders = successor_with(add_slide);
    holders.pass(&[], &["an"]);
    let sandbox = holders.sandbox();
    let withdraw =
        |content: &str, args: &[&str]| sandbox.bangtin(&[&["--content", content, "withdraw"], args, &["--now", super::NOW]].concat());
    let month = ["--month", "2026-12", "--site", "ta-lung", "--role", "ta-lung", "--key", "keys/ta-lung", "--reason"];
    withdraw("content", &[&month[..], &["sai", "--to", "store"]].concat()).success();
    sandbox.run("cp", &["-r", "content", "behind"]).success();
    std::fs::remove_dir_all(sandbox.path("behind/trust/withdrawals")).unwrap();
    // The archive alone holds the number.
    sandbox.run("cp", &["-r", "store/withdrawals", "archive/withdrawals"]).success();
    let other = ["--slide", "phap-luat/cu-tru", "--reason", "thử", "--key", "keys/lan"];
    let refused = withdraw("behind", &other).code(1).stderr_has("archive has 1 withdrawal").stderr_has("1.json* and those of later");
    assert!(!sandbox.path("behind/trust/withdrawals").exists(), "{}", refused.stderr);
    sandbox.run("cp", &["-r", "content", "early"]).success();
    std::fs::remove_dir_all(sandbox.path("early/trust/withdrawals")).unwrap();
    std::fs::rename(sandbox.path("archive/withdrawals"), sandbox.path("aside")).unwrap();
    withdraw("early", &other).success().stdout_has("Signed withdrawal 1");
    std::fs::rename(sandbox.path("aside"), sandbox.path("archive/withdrawals")).unwrap();
    holders.trust(&["remove", "ta-lung"]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    for lang in ["en", "vi"] {
        let said = withdraw("content", &[&other[..], &["--lang", lang]].concat()).code(1);
        said.stderr_has("bangtin withdraw --withdrawal 1 --key ").stderr_has(if lang == "en" {
            "by role ta-lung"
        } else {
            "vai trò ta-lung"
        });
    }
    let said = withdraw("content", &other).code(1).stderr_has("Remove no file");
    assert!(!said.stderr.contains("not published") && !said.stderr.contains("no longer needed"), "{}", said.stderr);
    // What was signed elsewhere under that number waits, and the command that is named first works first.
    sandbox.run("cp", &["-r", "content/trust/root", "early/trust"]).success();
    let waits = withdraw("early", &[&other[..], &["--to", "store"]].concat()).code(1);
    waits.stderr_has("Remove no file");
    let publish = ["--content", "early", "publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", super::NOW];
    let publish =
        sandbox.bangtin(&publish).stderr_has("First, a holder of role ta-lung signs withdrawal 1, which lacks signatures, with:\n");
    publish.stderr_has("bangtin withdraw --withdrawal 1 --key FILE --to store\nThen: A holder of role chief signs it anew");
    let again = ["--withdrawal", "1", "--key"];
    let first = withdraw("early", &[&again[..], &["keys/moi"]].concat()).success();
    first.stderr_has("NOT IN FORCE").stderr_has("signs it anew under the next number with:\n  bangtin withdraw --withdrawal 1 --key FILE");
    withdraw("early", &[&again[..], &["keys/lan"]].concat()).success().stdout_has("Signed withdrawal 2");
}
