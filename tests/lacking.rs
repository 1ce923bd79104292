//! Stores whose files are whole and which lack what only people can give: what `store check` and `verify` tell to do, and that it heals them.

use crate::harness::{Finished, Sandbox};
use crate::rotation::Holders;
use crate::withdraw::add_slide;

const NOW: &str = "2026-12-01T09:00:00+07:00";

/// A published store, of whose reviewers one was replaced by a root that is in the store too.
fn replaced() -> Holders {
    let holders = Holders::new(&["an"], 1, &["an"]);
    add_slide(&holders.province);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders
}

fn replace(holders: &Holders, old: &str, role: &str) {
    holders.sandbox().bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", &format!("{role}=keys/moi.pub")]).success();
    holders.trust(&["remove", old]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    holders.trust(&["publish", "--to", "store", "--accept-drop"]).success();
}

/// Both commands that judge a store, in words.
fn told(sandbox: &Sandbox, lang: &str) -> [Finished; 2] {
    let commands = [["store", "check", "store"].as_slice(), &["verify", "store"]];
    commands.map(|command| sandbox.bangtin(&[&["--lang", lang], command, &["--now", NOW]].concat()).code(1))
}

#[test]
fn programs_that_lost_their_approvals_are_to_be_approved_and_no_file_is_to_be_removed() {
    let holders = replaced();
    replace(&holders, "hung", "chief");
    let commands = ["bangtin approve --month 2026-12 --site ta-lung --key ", "bangtin approve --evergreen --site ta-lung --key "];
    // Each program is named with the reason why no screen shows it.
    let said = holders.sandbox().bangtin(&["verify", "store", "--now", NOW]).code(1).stdout;
    let lines: Vec<_> = said.lines().filter(|line| line.contains("“Chương trình")).collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.contains("” NOT SHOWN: role chief: 1 valid approval, 2 required")), "{said}");
    assert!(!said.contains("shown from"), "{said}");
    for (lang, file, forbidden) in [("en", "FILE", ["must be removed", "remove a damaged"]), ("vi", "TỆP", ["thì xóa", "hỏng thì"])]
    {
        for said in told(holders.sandbox(), lang) {
            commands.iter().for_each(|command| assert!(said.stderr.contains(&format!("{command}{file}")), "{}", said.stderr));
            assert!(forbidden.iter().all(|words| !said.stderr.contains(words)), "{}", said.stderr);
        }
    }
    let [checked, _] = told(holders.sandbox(), "en");
    checked.stderr_has("2 programs without the approvals required, for which no file is to be removed");
    // As it says.
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    holders.province.approve(&["--evergreen", "--site", "ta-lung"], "moi").success();
    holders.publish("keys/publish").success();
    for command in [["store", "check", "store"].as_slice(), &["verify", "store"]] {
        holders.sandbox().bangtin(&[command, &["--now", NOW]].concat()).success();
    }
}

#[test]
fn a_withdrawal_holds_although_the_programs_of_the_site_lack_approvals() {
    let holders = replaced();
    let withdraw =
        ["withdraw", "--key", "keys/lan", "--slide", "phap-luat/cu-tru", "--reason", "sai", "--yes", "--now", NOW, "--to", "store"];
    holders.sandbox().bangtin(&withdraw);
    replace(&holders, "hung", "chief");
    let said = holders.sandbox().bangtin(&["verify", "store", "--now", NOW]).code(1);
    let said = said.stdout_has("withdrawal 1, signed ").stdout;
    assert!(!said.contains("does not hold here"), "{said}");
}

#[test]
fn an_evergreen_program_that_is_alone_does_not_wait_for_its_moment() {
    let holders = replaced();
    replace(&holders, "hung", "chief");
    // Its content differs, so that this is another program than the one that lost its approvals.
    let list = std::fs::read_to_string(holders.sandbox().path("content/playlists/evergreen/province.yaml")).unwrap();
    holders.sandbox().write("content/playlists/evergreen/province.yaml", format!("{list}revision: 2\n"));
    holders.province.approve(&["--month", "2026-12", "--site", "ta-lung"], "moi").success();
    for key in ["lan", "moi"] {
        holders.province.approve(&["--evergreen", "--site", "ta-lung"], key).success();
    }
    let alone = "shown as soon as a player has it, not only from 2026-12-01 09:15: no other evergreen program is left";
    let published = holders.publish("keys/publish").success().stdout_has(alone).stdout;
    let verified = holders.sandbox().bangtin(&["verify", "store", "--now", NOW]).success().stdout_has(alone).stdout;
    assert!(!published.contains("shown from 2026-12-01 09:15\n") && !verified.contains("shown from 2026-12-01 09:15\n"), "{verified}");
    let later = ["verify", "store", "--at", "2026-12-01T09:16", "--now", NOW];
    holders.sandbox().bangtin(&later).success().stdout_has("shown from 2026-12-01 09:15\n");
}

#[test]
fn a_month_that_gives_way_before_it_begins_is_never_shown() {
    let province = crate::publish::commands::Province::new();
    let at = |words: &[&str], now: &str| province.0.bangtin(&[words, &["--now", now]].concat());
    let approve = |period: &[&str], key: &str| {
        let fixed = ["approve", "--unseen", "--yes", "--site", "ta-lung", "--key", key];
        drop(at(&[&fixed, period].concat(), "2026-11-20T09:00").success());
    };
    let month = || ["keys/lan", "keys/hung", "keys/ta-lung"].iter().for_each(|key| approve(&["--month", "2026-12"], key));
    month();
    ["keys/lan", "keys/hung"].iter().for_each(|key| approve(&["--evergreen"], key));
    let publish = |now: &str| at(&["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"], now).success().stdout;
    publish("2026-11-20T10:00");
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", crate::publish::province::PLAYLIST));
    month();
    let said = publish("2026-11-21T10:00");
    let verified = at(&["verify", "store"], "2026-11-21T10:01").success().stdout;
    for said in [said, verified] {
        let never =
            "“Chương trình tháng 12/2026” never shown: another of its period takes over on 2026-11-21 10:15, before this one begins\n";
        assert_eq!(said.matches(never).count(), 1, "{said}");
        assert_eq!(said.matches("“Chương trình tháng 12/2026” shown from 2026-12-01 until end of 2026-12-31\n").count(), 1, "{said}");
    }
}

#[test]
fn roots_that_leave_a_site_without_any_program_are_asked_about() {
    let holders = replaced();
    holders.sandbox().bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", "chief=keys/moi.pub"]).success();
    holders.trust(&["remove", "hung"]).success();
    holders.trust(&["prepare", "--accept-drop"]).success().stderr_has("NO approved program is left at: ta-lung");
    // Whoever signs beside the approvals is told, too.
    let sign = ["trust", "sign", "content/trust/draft/root.json", "--key", "an/key", "--yes", "--now", NOW];
    let told = "2 programs will lose approval and leave the screens once the new root is published";
    holders.sandbox().bangtin(&sign).success().stderr_has(told).stderr_has("NO approved program is left at: ta-lung");
    holders.trust(&["apply", "--accept-drop"]).success();
    let before = crate::harness::tree(&holders.sandbox().path("store"));
    let refused = holders.trust(&["publish", "--to", "store"]).code(1);
    let refused = refused.stderr_has("with these roots, published programs lose their approval and leave the screens:\n  ta-lung: ");
    refused.stderr_has("role chief: 1 valid approval, 2 required").stderr_has("nothing is written").stderr_has("add --accept-drop");
    assert_eq!(crate::harness::tree(&holders.sandbox().path("store")), before);
    holders.trust(&["publish", "--to", "store", "--accept-drop"]).success().stdout_has("holds the roots up to 2");
    // Once they are there, nothing more is taken away.
    let again = holders.trust(&["publish", "--to", "store"]).success();
    assert!(!again.stderr.contains("lose"), "{}", again.stderr);
}

#[test]
fn roots_are_asked_about_too_where_a_withdrawal_lacks_signatures_under_them() {
    let holders = replaced();
    let withdraw = [
        "withdraw",
        "--slide",
        "phap-luat/cu-tru",
        "--role",
        "chief",
        "--reason",
        "sai",
        "--key",
        "keys/hung",
        "--to",
        "store",
        "--yes",
        "--now",
        NOW,
    ];
    holders.sandbox().bangtin(&withdraw).success();
    holders.sandbox().bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", "chief=keys/moi.pub"]).success();
    holders.trust(&["remove", "hung"]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    let before = crate::harness::tree(&holders.sandbox().path("store"));
    let refused = holders.trust(&["publish", "--to", "store"]).code(1);
    refused
        .stderr_has("published programs lose their approval")
        .stderr_has("NO approved program is left at: ta-lung")
        .stderr_has("nothing is written");
    assert_eq!(crate::harness::tree(&holders.sandbox().path("store")), before);
}

#[test]
fn a_withdrawal_that_lost_its_signer_is_to_be_signed_and_is_no_damaged_file() {
    let holders = replaced();
    let withdraw = |words: &[&str], key: &str| {
        holders.sandbox().bangtin(&[&["withdraw", "--key", key, "--yes", "--now", NOW, "--to", "store"], words].concat())
    };
    withdraw(&["--slide", "phap-luat/cu-tru", "--role", "ta-lung", "--reason", "sai"], "keys/ta-lung");
    replace(&holders, "ta-lung", "ta-lung");
    for said in told(holders.sandbox(), "en") {
        let said = said.stderr_has("withdrawal 1 lacks signatures, and no file is to be removed for it");
        let said = said.stderr_has("bangtin withdraw --withdrawal 1 --key FILE");
        assert!(!said.stderr.contains("must be removed") && !said.stderr.contains("remove a damaged"), "{}", said.stderr);
    }
    // Bytes that no holder ever signed are damage.
    let path = holders.sandbox().path("store/withdrawals/1.json");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replace("sai", "sao")).unwrap();
    for said in told(holders.sandbox(), "en") {
        assert!(!said.stderr.contains("lacks signatures") && said.stderr.contains("damaged file"), "{}", said.stderr);
    }
}

#[test]
fn a_damaged_approval_is_named_itself() {
    let holders = replaced();
    let name = crate::harness::tree(&holders.sandbox().path("store"))
        .into_keys()
        .find(|name| name.starts_with("approvals/") && name.ends_with(".json"))
        .unwrap();
    holders.sandbox().write(&format!("store/{name}"), "{}");
    let said = holders.sandbox().bangtin(&["store", "check", "store", "--now", NOW]).code(1);
    said.stdout_has(&format!("{name}: damaged: is no approval of this program, or badly signed")).stderr_has("must be removed");
}
