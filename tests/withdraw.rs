//! `bangtin withdraw` from the reviewer to the screen: who may withdraw, its output, what is published, and approval again.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Finished, Prepared, http, tree};
use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;

const NOW: &[&str] = &["--now", "2026-12-01T09:00"];
pub const DECEMBER: &[&str] = &["--month", "2026-12", "--site", "ta-lung"];
pub const EVERGREEN: &[&str] = &["--evergreen", "--site", "ta-lung"];
pub const SLIDE: &str =
    "---\ntitle: Cư trú\nagency: so-tttt\ncategory: phap-luat\nlayout: text\nduration: 10s\n---\nĐăng ký cư trú trong 30 ngày.\n";

/// Adds a second slide to the playlists.
pub fn add_slide(province: &Province) {
    let list = format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\n");
    province.0.write("content/slides/phap-luat/cu-tru.md", SLIDE);
    province.0.write("content/playlists/2026-12/province.yaml", &list);
    province.0.write("content/playlists/evergreen/province.yaml", list.replace("tháng 12/2026", "thường trực"));
}

/// A published province of two slides, and a player that has pulled it.
pub fn published() -> Province {
    static PUBLISHED: Prepared = Prepared::new();
    Province(PUBLISHED.copy(|| publish_and_pull().0))
}

fn publish_and_pull() -> Province {
    let province = Province::new();
    add_slide(&province);
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    let config = json!({"site": "ta-lung", "player": "ta-lung-1", "store": ["store"], "data": "player/data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "reserve_bytes": 0});
    province.0.write("player.json", config.to_string());
    pull(&province).success();
    province
}

pub fn pull(province: &Province) -> Finished {
    province.0.player(&["pull", "--config", "player.json"])
}

pub fn withdraw(province: &Province, key: &str, more: &[&str]) -> Finished {
    let key = format!("keys/{key}");
    province.0.bangtin(&[["withdraw", "--key", &key].as_slice(), more, NOW].concat())
}

/// Schedule that a running player gives to its shell.
pub fn schedule(province: &Province) -> Value {
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    serde_json::from_str(&http::get(&running.address(), "/screens/a/schedule.json", &[]).text()).unwrap()
}

fn kinds(province: &Province) -> Vec<String> {
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let schedule: Value = serde_json::from_str(&http::get(&running.address(), "/screens/a/schedule.json", &[]).text()).unwrap();
    let programs = schedule["programs"].as_array().unwrap().iter();
    let mut kinds: Vec<_> = programs.map(|each| http::timetable(&running.address(), each)["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

pub fn read(province: &Province, name: &str) -> Value {
    serde_json::from_slice(&fs::read(province.0.path(name)).unwrap()).unwrap()
}

pub fn december(province: &Province) -> String {
    let filed = tree(&province.0.path("content/approvals"));
    let manifest = |(name, bytes): (&String, &Vec<u8>)| {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        (value["month"] == "2026-12").then(|| name.split('/').next().unwrap().to_owned())
    };
    filed.iter().filter(|(name, _)| name.ends_with("program.json")).find_map(manifest).unwrap()
}

#[test]
fn a_reason_is_a_sentence_or_two() {
    let province = published();
    let signed = |letters: usize| withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", &"ư".repeat(letters)]);
    signed(501).code(2).stderr_has("the reason has 501 letters and may have 500 at most");
    signed(500).success().stdout_has("Signed withdrawal 1");
}

#[test]
fn a_slide_goes_from_the_desk_to_the_screen_and_the_playlist_is_named() {
    let province = published();
    let said =
        withdraw(&province, "lan", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai giờ"]].concat()).success();
    let said = said.stdout_has("Signed withdrawal 1").stdout_has("screens a: phap-luat/cu-tru is no longer shown");
    let said =
        said.stdout_has("playlists/2026-12/province.yaml:5: remove the entry of phap-luat/cu-tru").stdout_has("slides/phap-luat/cu-tru.md");
    assert!(!said.stdout.contains("until:"), "on the first day of the month there is no yesterday in it: {}", said.stdout);
    let said = province.publish(&["--key", "keys/publish"]).success().stdout_has("Withdrawal 1 is in").stdout_has("published 1-2");
    assert_eq!(said.stdout.matches("\n    withdrawn from it: “Cư trú” (phap-luat/cu-tru)\n").count(), 1, "{}", said.stdout);
    assert_eq!(read(&province, "store/sites/ta-lung/latest.json")["withdrawals"], 1);
    assert_eq!(read(&province, "store/sites/ta-lung/heads/1-2.json")["withdrawals_min"], 1);
    assert!(province.0.path("archive/withdrawals/1.json").is_file());
    pull(&province).success();
    assert_eq!(schedule(&province)["withdrawn"]["slides"], json!({december(&province): ["phap-luat/cu-tru"]}));
    province.publish(&["--key", "keys/publish"]).success().stdout_has("nothing new");
    province.0.bangtin(&["store", "check", "store", "--deep"]).success();
    // Repeating it reports that and signs nothing; a second holder may co-sign.
    withdraw(&province, "lan", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai giờ"]].concat())
        .success()
        .stdout_has("Withdrawn already");
    province.0.bangtin(&["revise", "--withdrawal", "1"]).code(1).stderr_has("withdrawal 1 is about one program alone");
    for number in ["x", "-1", "1.5", "99999999999999999999999"] {
        province.0.bangtin(&["revise", &format!("--withdrawal={number}")]).code(2).stderr_has("a whole number is required");
    }
    withdraw(&province, "hung", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "khác"]].concat())
        .code(1)
        .stderr_has("another reason: “sai giờ”");
    withdraw(&province, "hung", &[DECEMBER, &["--slide", "slides/phap-luat/cu-tru.md", "--only"]].concat())
        .success()
        .stdout_has("Added a signature");
    assert!(!province.0.path("content/trust/withdrawals/2.json").exists());
    // A withdrawal that lacks a signature is not published with the others.
    withdraw(&province, "lan", &[EVERGREEN, &["--reason", "sai"]].concat()).code(1).stderr_has("withdrawal 2 is not in force yet");
    let again = ["--slide", "phap-luat/cu-tru", "--only", "--to", "store"];
    withdraw(&province, "ta-lung", &[DECEMBER, &again].concat()).success().stdout_has("Withdrawn already, by withdrawal 1");
    assert!(province.0.path("content/trust/withdrawals/2.json").exists() && !province.0.path("store/withdrawals/2.json").exists());
}

#[test]
fn a_month_that_stays_in_the_release_is_told_as_staying_whatever_hinders_its_new_program() {
    let province = published();
    let december = |head: &str| {
        let programs = read(&province, &format!("store/sites/ta-lung/heads/{head}.json"))["programs"].clone();
        programs.as_array().unwrap().iter().find(|each| each["kind"] == "monthly").map(|each| each["program"].clone())
    };
    let first = december("1-1");
    withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    // The content still has the slide, and lists one that nobody has approved.
    province.0.write("content/playlists/2026-12/province.yaml", format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\nrevision: 2\n"));
    let said = province.publish(&["--key", "keys/publish"]).code(1).stdout_has("published 1-2");
    let said = said.stdout_has("ta-lung: the published program of 2026-12 stays\n  program ").stdout_has("may not be published: slide ");
    assert!(!said.stdout.contains("left out"), "{}", said.stdout);
    assert_eq!(december("1-2"), first);
    let said = province.publish(&["--key", "keys/publish", "--lang", "vi"]).code(1);
    let said = said.stdout_has("ta-lung: giữ chương trình tháng 12/2026 đang phát hành\n  chương trình ");
    said.stderr_has("chương trình hoặc cụm chưa phát hành được, vì các lý do nêu trên");
    // A month whose content has faults.
    let never = PLAYLIST.replace("- slide: du-lich/ban-gioc.md", "- slide: du-lich/ban-gioc.md\n    days: [sat]");
    province.0.write("content/playlists/2026-12/province.yaml", never);
    let said = province.publish(&["--key", "keys/publish"]).code(1);
    let said = said.stdout_has("ta-lung: the published program of 2026-12 stays\n  the content has 1 error\n  see: bangtin check");
    assert!(!said.stdout.contains("left out"), "{}", said.stdout);
}

#[test]
fn a35_a_withdrawn_month_is_not_published_again_before_its_revision_is_raised() {
    let province = published();
    let program = december(&province);
    let said = withdraw(&province, "ta-lung", &[&program[..8], "--reason", "nhầm chương trình", "--to", "store"]).success();
    said.stdout_has("else the evergreen program")
        .stdout_has("playlists/2026-12/province.yaml: `revision: 2`")
        .stdout_has("Withdrawal 1 is in");
    // A store of this content whose site has no players yet.
    fs::create_dir_all(province.0.path("young/root")).unwrap();
    fs::copy(province.0.path("content/trust/root/1.json"), province.0.path("young/root/1.json")).unwrap();
    withdraw(&province, "hung", &[&program[..8].to_uppercase(), "--to", "young"])
        .success()
        .stdout_has("nothing has been published for ta-lung yet");
    // Players get it before the publisher does anything.
    pull(&province).success();
    assert_eq!(kinds(&province), ["evergreen"]);
    province
        .publish(&["--key", "keys/publish", "--month", "2026-12"])
        .code(1)
        .stderr_has("was withdrawn (withdrawal 1, reason: “nhầm chương trình”)");
    let said =
        province.publish(&["--key", "keys/publish"]).code(1).stdout_has("dropped").stdout_has("left out").stdout_has("published 1-2");
    said.stderr_has("not everything is published; 1 program or site is left out for the reasons named above");
    assert_eq!(read(&province, "store/sites/ta-lung/heads/1-2.json")["programs"].as_array().unwrap().len(), 1);
    province.0.write("content/playlists/2026-12/province.yaml", format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\nrevision: 2\n"));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    province.publish(&["--key", "keys/publish"]).success().stdout_has("published 1-3");
    pull(&province).success();
    assert_eq!(kinds(&province), ["evergreen", "monthly"]);
}

#[test]
fn a36_a_whole_evergreen_program_waits_for_its_second_signer() {
    let province = published();
    let said = withdraw(&province, "lan", &[EVERGREEN, &["--reason", "sai"]].concat()).code(1);
    let command = said.stdout_has("1 more signature by holders of role chief").stdout;
    let command = command.lines().find(|line| line.contains("bangtin withdraw")).unwrap().trim().to_owned();
    province
        .publish(&["--key", "keys/publish"])
        .success()
        .stderr_has("withdrawal 1 still lacks signatures of role chief")
        .stdout_has("nothing new");
    assert!(!province.0.path("store/withdrawals").exists());
    // Numbers have no gaps: the next withdrawal waits and says for which one.
    withdraw(&province, "hung", &[DECEMBER, &["--reason", "khác"]].concat())
        .code(1)
        .stderr_has("withdrawal 1 still lacks signatures")
        .stderr_has(&command);
    let words: Vec<_> = command.split_whitespace().skip(2).map(|word| if word == "FILE" { "keys/hung" } else { word }).collect();
    province.0.bangtin(&[["withdraw"].as_slice(), &words, NOW].concat()).success().stdout_has("Added a signature to withdrawal 1");
    // Without an evergreen program no head is made; the withdrawal is published nevertheless.
    province
        .publish(&["--key", "keys/publish"])
        .code(1)
        .stdout_has("Withdrawal 1 is in")
        .stderr_has("was withdrawn (withdrawal 1, reason: “sai”)");
    pull(&province).success();
    assert_eq!(kinds(&province), ["monthly"]);
    province.0.bangtin(&["store", "check", "store"]).code(1).stdout_has("the evergreen program is withdrawn, and there is no other");
    let list = fs::read_to_string(province.0.path("content/playlists/evergreen/province.yaml")).unwrap();
    province.0.write("content/playlists/evergreen/province.yaml", format!("{list}revision: 2\n"));
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
    province.publish(&["--key", "keys/publish"]).success();
    pull(&province).success();
    assert_eq!(kinds(&province), ["evergreen", "monthly"]);
}

#[test]
fn a36_slides_that_empty_an_evergreen_loop_wait_for_the_threshold_too() {
    let province = published();
    let both = ["--slide", "phap-luat/cu-tru", "--slide", "du-lich/ban-gioc", "--only"];
    let said = withdraw(&province, "lan", &[EVERGREEN, &both, &["--reason", "sai"]].concat()).code(1);
    said.stdout_has("1 more signature");
    province.publish(&["--key", "keys/publish"]).success().stderr_has("still lacks signatures");
    assert!(!province.0.path("store/withdrawals").exists());
    withdraw(&province, "hung", &[EVERGREEN, &both].concat()).success().stdout_has("Added a signature");
    province.publish(&["--key", "keys/publish"]).success().stdout_has("Withdrawal 1 is in");
    pull(&province).success();
    let shown = schedule(&province);
    assert_eq!(shown["withdrawn"]["slides"].as_object().unwrap().values().next().unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn languages_that_stay_on_screen_are_named_and_withdrawn_ones_are_not() {
    let province = Province::new();
    let settings = fs::read_to_string(province.0.path("content/bangtin.yaml")).unwrap().replace("languages: [vi]", "languages: [vi, en]");
    let translation = "---\ntitle: Residence\n---\nRegister within 30 days.\n";
    province.0.write("content/bangtin.yaml", settings).write("content/slides/phap-luat/cu-tru.md", SLIDE);
    province.0.write("content/slides/phap-luat/cu-tru.en.md", translation);
    province.0.write("content/playlists/2026-12/province.yaml", format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\n"));
    province.approve(DECEMBER, "lan").success();
    let one = |slide: &str| withdraw(&province, "lan", &[DECEMBER, &["--slide", slide, "--only", "--reason", "sai"]].concat()).success();
    one("phap-luat/cu-tru.en").stdout_has(
        "to withdraw them too:\n  bangtin withdraw --month 2026-12 --site ta-lung --slide phap-luat/cu-tru --only --reason sai --key keys/lan\n",
    );
    let second = one("phap-luat/cu-tru").stdout;
    assert!(second.contains("Signed withdrawal 2") && !second.contains("Other language versions"), "{second}");
}

#[test]
fn a43_who_may_not_withdraw_is_told_why_and_nothing_is_written() {
    let province = published();
    let refused = |key: &str, more: &[&str], reason: &str, code: i32| {
        withdraw(&province, key, more).code(code).stderr_has(reason);
        assert!(!province.0.path("content/trust/withdrawals").exists(), "{reason}");
    };
    let why: &[&str] = &["--reason", "sai"];
    for key in ["duty", "publish", "root"] {
        refused(key, &[DECEMBER, why].concat(), "may not withdraw this program", 1);
    }
    // The site's reviewer decides about its months, not about its evergreen program.
    refused("ta-lung", &[EVERGREEN, why].concat(), "it takes one of the roles chief", 1);
    // Who named a role by mistake needs nobody else.
    let slide: &[&str] = &["--slide", "phap-luat/cu-tru"];
    refused(
        "duty",
        &[slide, why].concat(),
        "may not withdraw this slide: it takes one of the roles chief, ta-lung for site ta-lung; ask",
        1,
    );
    for what in [DECEMBER, slide] {
        let said = "does not hold role ta-lung; it may withdraw in role chief: leave out --role";
        refused("lan", &[what, why, &["--role", "ta-lung"]].concat(), said, 1);
    }
    refused("ta-lung", &[DECEMBER, why, &["--role", "duty"]].concat(), "does not hold role duty; it may withdraw in role ta-lung", 1);
    refused("duty", &[DECEMBER, why, &["--role", "duty"]].concat(), "may not withdraw this program: it takes one of the roles chief", 1);
    refused("lan", &[DECEMBER, why, &["--slide", "phap-luat/cu-tr"]].concat(), "did you mean “phap-luat/cu-tru”?", 2);
    refused("lan", &[DECEMBER, why, &["--role", "cheif"]].concat(), "there is no role “cheif”; did you mean “chief”?", 2);
    for unknown in [["00000000"].as_slice(), &["--month", "2027-01", "--site", "ta-lung"]] {
        refused("lan", &[unknown, why].concat(), "there is no such program in approvals/", 2);
        refused("lan", &[unknown, why].concat(), &format!("\n  {}  ta-lung 2026-12 revision 1, signed on ", december(&province)), 2);
    }
    refused("lan", DECEMBER, "a reason is needed", 2);
    refused("lan", &["--month", "2026-12", "--reason", "sai"], "--site", 2);
    // A fault elsewhere in the content does not prevent it.
    province.0.write("content/playlists/2026-12/province.yaml", "entries: 5\n");
    withdraw(&province, "lan", &[DECEMBER, why].concat()).success().stdout_has("Signed withdrawal 1").stdout_has("the content has faults");
}

#[test]
fn a36_a_content_folder_behind_the_store_or_beside_it_is_refused() {
    let province = published();
    withdraw(&province, "lan", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai", "--to", "store"]].concat())
        .success();
    fs::rename(province.0.path("content/trust/withdrawals"), province.0.path("kept")).unwrap();
    withdraw(&province, "hung", &[DECEMBER, &["--reason", "khác"]].concat()).success();
    let taken = province.publish(&["--key", "keys/publish"]).code(1).stdout_has("Took over from").stdout_has("published 1-2");
    taken.stderr_has("NOT IN FORCE").stderr_has("bangtin withdraw --withdrawal 1 --key FILE --to store");
    fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
    province.0.write("content/trust/withdrawals/2.json", "{}");
    province.publish(&["--key", "keys/publish"]).code(1).stderr_has("there is 2.json but no 1.json");
    fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
    fs::rename(province.0.path("kept"), province.0.path("content/trust/withdrawals")).unwrap();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("nothing new");
    // Lost on the host and never in this content folder: the last head still states their number.
    fs::remove_dir_all(province.0.path("store/withdrawals")).unwrap();
    fs::rename(province.0.path("content/trust/withdrawals"), province.0.path("kept")).unwrap();
    province.publish(&["--key", "keys/publish"]).code(1).stderr_has("the store counts on 1 withdrawal, the content here has 0");
    fs::rename(province.0.path("kept"), province.0.path("content/trust/withdrawals")).unwrap();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("Withdrawal 1 is in");
}

#[test]
fn a36_a_store_made_anew_gets_no_release_without_the_withdrawals_of_the_archive() {
    let province = published();
    let month = [DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai", "--to", "store"]].concat();
    withdraw(&province, "lan", &month).success();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("published 1-2");
    // An older copy of the content, or a bad merge.
    fs::rename(province.0.path("content/trust/withdrawals"), province.0.path("kept")).unwrap();
    let anew = ["publish", "--to", "anew", "--new-store", "--key", "keys/publish", NOW[0], NOW[1]];
    let said = province.0.bangtin(&anew).code(1);
    said.stderr_has("archive has 1 withdrawal, the content here has 0 withdrawals: what was withdrawn would be shown again");
    assert!(!province.0.path("anew/sites").exists() && !province.0.path("anew/root").exists());
    // The archive may have lost the statements; its last release still counts on them.
    fs::rename(province.0.path("archive/withdrawals"), province.0.path("aside")).unwrap();
    let said = province.0.bangtin(&anew).code(1);
    said.stderr_has("release 1-2 in ").stderr_has("archive counts on 1 withdrawal, the content here has 0 withdrawals");
    withdraw(&province, "lan", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--reason", "khác"]].concat())
        .code(1)
        .stderr_has("number 1 cannot be used again; nothing was signed or written");
    fs::rename(province.0.path("aside"), province.0.path("archive/withdrawals")).unwrap();
    fs::rename(province.0.path("kept"), province.0.path("content/trust/withdrawals")).unwrap();
    // Nobody knows on what a release counts that can't be read: it is told with what to do, and never passed over.
    let last = province.0.path("archive/sites/ta-lung/heads/1-2.json");
    let whole = fs::read(&last).unwrap();
    for damaged in [&whole[..whole.len() / 2], b"{}", b""] {
        fs::write(&last, damaged).unwrap();
        let said = province.0.bangtin(&anew).code(1).stderr_has("archive: sites/ta-lung/heads/1-2.json can't be read (");
        said.stderr_has("Bring it back with its .minisig from the same path in the store").stderr_has("its number stays used");
        assert!(!province.0.path("anew/sites").exists(), "{damaged:?}");
    }
    // What has to leave the screens does not wait for it.
    let other = [EVERGREEN, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "khác", "--to", "store"]].concat();
    withdraw(&province, "lan", &other).success().stderr_has("heads/1-2.json can't be read (").stdout_has("Withdrawal 2 is in");
    // As the remedy says, where nobody has a copy: the number is not used again.
    fs::remove_file(&last).unwrap();
    province.0.bangtin(&anew).success().stdout_has("published 1-3");
}

#[test]
fn withdrawals_that_a_colleague_has_sent_are_taken_over_and_the_next_number_follows() {
    let province = published();
    province.0.run("cp", &["-r", "content", "colleague"]).success();
    let of = |content: &str| tree(&province.0.path(content).join("trust/withdrawals"));
    let colleague = |command: &[&str]| province.0.bangtin(&[&["--content", "colleague"], command, NOW].concat());
    let sent = ["withdraw", "--key", "keys/lan", "--slide", "phap-luat/cu-tru", "--only", "--month", "2026-12", "--site", "ta-lung"];
    colleague(&[sent.as_slice(), &["--reason", "sai", "--to", "store"]].concat()).success().stdout_has("Withdrawal 1 is in");
    let other = [EVERGREEN, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "khác", "--to", "store"]].concat();
    let said = withdraw(&province, "hung", &other).success().stdout_has("Took over from store withdrawal 1, which others signed");
    said.stdout_has("Signed withdrawal 2").stdout_has("Withdrawal 2 is in");
    let (ours, theirs) = (of("content"), of("colleague"));
    assert!(theirs.len() == 2 && theirs.iter().all(|(name, bytes)| ours.get(name) == Some(bytes)), "{:?}", ours.keys());
    let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"];
    colleague(&publish).success().stdout_has("Took over from store withdrawal 2, which others signed");
    assert_eq!(of("colleague"), ours);
    // What nobody here may sign, or is not whole, is no withdrawal and is not taken over.
    province.0.write("store/withdrawals/3.json", &ours["2.json"]);
    let third = ["--slide", "du-lich/ban-gioc", "--reason", "sai", "--to", "store"];
    withdraw(&province, "lan", &third).code(3).stdout_has("Signed withdrawal 3").stderr_has("SIGNED, NOT SENT");
}

#[test]
fn an_incomplete_withdrawal_says_that_nothing_was_sent_and_a_repeated_one_that_it_is_there() {
    let province = published();
    let key = |name: &str| withdraw(&province, name, &[EVERGREEN, &["--reason", "sai", "--to", "store", "--role", "chief"]].concat());
    let first = key("lan").code(1).stderr_has("NOT SENT to store").stdout_has("Once it is fully signed and in the store:");
    assert!(!first.stdout.contains("Withdrawal 1 is in"), "{}", first.stdout);
    key("hung").success().stdout_has("Withdrawal 1 is in");
    key("hung").success().stdout_has("Store store already has withdrawal 1\n");
}

#[test]
fn an_unknown_site_is_named_with_the_nearest_before_anything_is_signed() {
    let province = published();
    let place = ["--month", "2026-12", "--site", "ta-lunk", "--reason", "sai"];
    withdraw(&province, "lan", &place).code(2).stderr_has("there is no site “ta-lunk”; did you mean “ta-lung”?");
    assert!(!province.0.path("content/trust/withdrawals").exists());
}

#[test]
fn a_withdrawal_that_could_not_be_sent_says_so_and_an_empty_address_is_wrong_usage() {
    let province = published();
    let reason = ["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai"];
    withdraw(&province, "lan", &[DECEMBER, &reason, &["--to", ""]].concat()).code(2).stderr_has("the address is empty");
    // A misspelt address: a folder that is not there, one that holds something else.
    fs::create_dir(province.0.path("other")).unwrap();
    for (address, code, why) in [("sotre", 2, "there is no store folder"), ("other", 1, "other holds no publication of this content")] {
        withdraw(&province, "lan", &[DECEMBER, &reason, &["--to", address]].concat()).code(code).stderr_has(why);
    }
    assert!(!province.0.path("sotre").exists() && fs::read_dir(province.0.path("other")).unwrap().next().is_none());
    assert!(!province.0.path("content/trust/withdrawals").exists(), "nothing is signed for them");
    let gone = withdraw(&province, "lan", &[DECEMBER, &reason, &["--to", "http://127.0.0.1:1/x"]].concat());
    let gone = gone
        .code(3)
        .stderr_has("SIGNED, NOT SENT: the withdrawal is not yet in http://127.0.0.1:1/x")
        .stderr_has("withdraw --withdrawal 1 --key keys/lan --to http://127.0.0.1:1/x");
    assert!(gone.stderr.find("SIGNED, NOT SENT") < gone.stderr.rfind("bangtin:"), "it stands first: {}", gone.stderr);
    assert!(gone.stdout.contains("Once it is in the store:") && !gone.stdout.contains("takes effect"), "{}", gone.stdout);
    withdraw(&province, "lan", &[DECEMBER, &reason, &["--to", "store"]].concat()).success().stdout_has("Withdrawal 1 is in");
    let wrong = ["--slide", "Cư tru", "--reason", "sai"];
    withdraw(&province, "lan", &[DECEMBER, &wrong].concat()).code(2).stderr_has("phap-luat/cu-tru");
    for (part, meant) in [
        ("Thác", "did you mean “du-lich/ban-gioc”?"),
        ("ban gioc", "did you mean “du-lich/ban-gioc”?"),
        ("thac ban giok", "did you mean “du-lich/ban-gioc”?"),
    ] {
        withdraw(&province, "lan", &["--slide", part, "--reason", "sai"]).code(2).stderr_has(meant);
    }
}

/// As [`published`], with a second site, and December approved and published a second time at the first.
fn published_twice() -> Province {
    let province = published();
    let site = fs::read_to_string(province.0.path("content/sites/ta-lung.yaml")).unwrap();
    province.0.write("content/sites/tra-linh.yaml", site.replace("Tà Lùng", "Trà Lĩnh"));
    let list = fs::read_to_string(province.0.path("content/playlists/2026-12/province.yaml")).unwrap();
    province.0.write("content/playlists/2026-12/province.yaml", format!("{list}revision: 2\n"));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12"], key).success();
    }
    for key in ["lan", "hung"] {
        province.approve(&["--evergreen"], key).success();
    }
    province.0.bangtin(&[["publish", "--to", "store", "--key", "keys/publish"].as_slice(), NOW].concat()).success();
    pull(&province).success();
    province
}

#[test]
fn a_slide_is_withdrawn_by_its_title_from_every_program_of_every_site_in_one_command() {
    let province = published_twice();
    let all = ["--slide", "Cư trú", "--reason", "sai giờ", "--to", "store"];
    // A key that covers one site's months alone takes what it may and lists what remains.
    let said = withdraw(&province, "ta-lung", &all).code(1).stderr_has("not everything is withdrawn: 3 programs named above still have it");
    let said = said.stdout_has("ta-lung, 2026-12, screens a: phap-luat/cu-tru is no longer shown");
    let said = said.stderr_has("tra-linh, 2026-12: still shown").stderr_has("ta-lung, evergreen program: still shown");
    assert!(!said.stdout.contains("tra-linh"), "{}", said.stdout);
    let said = withdraw(&province, "lan", &all).success().stdout_has("playlists/2026-12/province.yaml:5").stdout_has("Withdrawal 2 is in");
    for place in ["ta-lung, 2026-12", "ta-lung, evergreen", "tra-linh, 2026-12", "tra-linh, evergreen"] {
        assert!(said.stdout.contains(place), "{place}: {}", said.stdout);
    }
    assert!(!said.stderr.contains("still shown"), "{}", said.stderr);
    assert_eq!(said.stdout.matches("playlists/2026-12/province.yaml:5").count(), 1, "{}", said.stdout);
    pull(&province).success();
    let shown = schedule(&province);
    for program in shown["programs"].as_array().unwrap() {
        assert_eq!(shown["withdrawn"]["slides"][program["program"].as_str().unwrap()], json!(["phap-luat/cu-tru"]), "{shown}");
    }
    assert!(shown["programs"].as_array().unwrap().len() >= 2, "{shown}");
    withdraw(&province, "lan", &all).success().stdout_has("Withdrawn already").stdout_has("already has withdrawal");
}

#[test]
fn what_is_withdrawn_is_not_called_shown_where_the_key_has_no_right() {
    let province = published_twice();
    let all = ["--slide", "Cư trú", "--reason", "sai giờ", "--to", "store"];
    withdraw(&province, "lan", &all).success().stdout_has("Signed withdrawal 1");
    let said = withdraw(&province, "ta-lung", &all).success().stdout_has("Withdrawn already, by withdrawal 1");
    assert!(!said.stderr.contains("still shown") && !said.stderr.contains("a holder of the role"), "{}", said.stderr);
    assert_eq!(said.stdout.matches("Withdrawn already").count(), 1, "{}", said.stdout);
    assert!(!province.0.path("content/trust/withdrawals/2.json").exists());
    // Also of named programs alone, some of which the key covers.
    let only = ["--month", "2026-12", "--slide", "Cư trú", "--only", "--reason", "sai giờ"];
    withdraw(&province, "ta-lung", &only).success().stdout_has("Withdrawn already, by withdrawal 1");
}

#[test]
fn a_slide_is_withdrawn_by_the_title_on_the_screens_also_once_another_is_approved() {
    let province = published_twice();
    let path = "content/slides/phap-luat/cu-tru.md";
    let text = std::fs::read_to_string(province.0.path(path)).unwrap();
    province.0.write(path, text.replacen("Cư trú", "Đăng ký tạm vắng", 1));
    province.approve(DECEMBER, "lan").success();
    for title in ["Cư trú", "đăng ký tạm vắng"] {
        let said = withdraw(&province, "lan", &["--slide", title, "--reason", "sai giờ", "--to", "store"]).success();
        assert!(said.stdout.contains("phap-luat/cu-tru"), "{title}: {}", said.stdout);
    }
}

#[test]
fn a_month_that_was_approved_twice_is_withdrawn_whole_and_in_slides() {
    let province = published_twice();
    let narrow = [DECEMBER, &["--slide", "phap-luat/cu-tru", "--only", "--reason", "sai"]].concat();
    let said = withdraw(&province, "lan", &narrow).success();
    assert!(said.stdout.contains("ta-lung, 2026-12") && !said.stdout.contains("evergreen program,"), "{}", said.stdout);
    let said = withdraw(&province, "lan", &[DECEMBER, &["--reason", "sai", "--to", "store"]].concat()).success();
    assert!(said.stdout.contains("the whole program is no longer shown"), "{}", said.stdout);
    pull(&province).success();
    assert_eq!(kinds(&province), ["evergreen"]);
}

#[test]
fn what_is_left_is_counted_as_it_is_listed_and_only_what_is_published_is_called_shown() {
    let province = published_twice();
    let list = fs::read_to_string(province.0.path("content/playlists/2026-12/province.yaml")).unwrap();
    province.0.write("content/playlists/2026-12/province.yaml", list.replace("revision: 2", "revision: 3"));
    let january = list.replace("revision: 2\n", "").replace("tháng 12/2026", "tháng 01/2027");
    province.0.write("content/playlists/2027-01/province.yaml", january);
    for (month, key) in [("2026-12", "lan"), ("2026-12", "hung"), ("2027-01", "lan"), ("2027-01", "hung")] {
        province.approve(&["--month", month, "--site", "tra-linh"], key).success();
    }
    let all = ["--slide", "Cư trú", "--reason", "sai giờ", "--to", "store"];
    let said = withdraw(&province, "ta-lung", &all).code(1);
    // Two programs of tra-linh's December make one line.
    let named: Vec<_> =
        said.stderr.lines().filter(|line| line.contains(": still shown: ") || line.contains(" would show it once ")).collect();
    assert_eq!(named.len(), 4, "{}", said.stderr);
    let said = said.stderr_has("4 programs named above still have it").stderr_has("tra-linh, 2026-12: still shown: ");
    said.stderr_has("tra-linh, 2027-01: not in the present release, would show it once published: ");
}

#[test]
fn a_withdrawal_that_names_nothing_says_what_is_to_be_named() {
    let province = published();
    for more in [&[][..], &["--site", "ta-lung"]] {
        let said = withdraw(&province, "lan", &[more, &["--reason", "sai"]].concat()).code(2);
        said.stderr_has(
            "name what to withdraw: a slide (--slide TITLE), or a whole program (--month MONTH --site SITE, or --evergreen --site SITE)",
        );
    }
}

#[test]
fn two_slides_of_one_title_are_told_apart_by_their_ids() {
    let province = published();
    province.0.write("content/slides/phap-luat/cu-tru-2.md", SLIDE);
    let list = fs::read_to_string(province.0.path("content/playlists/2026-12/province.yaml")).unwrap();
    province.0.write("content/playlists/2026-12/province.yaml", format!("{list}  - slide: phap-luat/cu-tru-2.md\n"));
    let later = ["approve", "--unseen", "--yes", "--key", "keys/lan", "--now", "2026-12-01T09:10"];
    province.0.bangtin(&[later.as_slice(), DECEMBER].concat()).success();
    withdraw(&province, "lan", &["--slide", "Cư trú", "--reason", "sai"])
        .code(2)
        .stderr_has("several slides have the title “Cư trú”; name the slide by its id: phap-luat/cu-tru, phap-luat/cu-tru-2");
    assert!(!province.0.path("content/trust/withdrawals").exists());
}

pub const LIST: &str = "content/playlists/2026-12/province.yaml";

#[test]
fn a92_a_new_program_with_a_withdrawn_slide_is_refused_until_its_revision_is_raised() {
    let province = published();
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    // Approved before the withdrawal, and not published yet.
    province.0.write(LIST, format!("{list}revision: 2\n"));
    province.0.write("content/playlists/evergreen/province.yaml", format!("{}revision: 2\n", list.replace("tháng 12/2026", "thường trực")));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
    let all = ["--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--to", "store"];
    withdraw(&province, "lan", &all).success().stdout_has("Signed withdrawal 1");
    assert!(!province.0.path("content/trust/withdrawals/2.json").exists(), "one statement for every program");
    let why = "slide phap-luat/cu-tru is withdrawn (withdrawal 1, reason: “sai giờ”)";
    let help = "or, to show the slides of withdrawal 1 again, run `bangtin revise --withdrawal 1` and have them approved";
    province.publish(&["--key", "keys/publish", "--month", "2026-12"]).code(1).stderr_has(why).stderr_has(help);
    // Other news does not wait: the month that is listed stays, without the slide.
    let said = province
        .publish(&["--key", "keys/publish"])
        .code(1)
        .stdout_has("the published program of 2026-12 stays\n  ")
        .stdout_has("evergreen")
        .stdout_has("published 1-2");
    assert_eq!(said.stdout.matches(why).count(), 2, "{}", said.stdout);
    let check = |province: &Province| province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
    check(&province)
        .code(1)
        .stdout_has("error[withdrawn-slide]")
        .stdout_has("slides/phap-luat/cu-tru.md")
        .stdout_has(help)
        .stdout_has("take it out of the playlists at: playlists/2026-12/province.yaml:5, playlists/evergreen/province.yaml:5");
    province.0.write(LIST, format!("{list}revision: 3\n"));
    province.approve(DECEMBER, "hung").code(1).stderr_has("ta-lung: not signed").stderr_has(why);
    // The entry taken out, everything passes.
    province.0.write(LIST, PLAYLIST);
    province.approve(DECEMBER, "hung").success();
    province.0.write(LIST, format!("{list}revision: 3\n"));
    province
        .0
        .bangtin(&["revise", "--withdrawal", "1"])
        .success()
        .stdout_has("slides/phap-luat/cu-tru.md: revision 2")
        .stdout_has("of 1 slide;");
    assert_eq!(
        fs::read_to_string(province.0.path("content/slides/phap-luat/cu-tru.md")).unwrap(),
        SLIDE.replace("10s\n", "10s\nrevision: 2\n")
    );
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success().stdout_has("Nothing to do: the slides of withdrawal 1 already have");
    check(&province).success();
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success().stdout_has(
            "phap-luat/cu-tru: Cư trú (so-tttt)\n      ! back after a withdrawal: withdrawal 1, signed 2026-12-01 09:00, reason: “sai giờ”",
        );
    }
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
    province.publish(&["--key", "keys/publish", "--at", "now"]).success().stdout_has("published 1-3");
    pull(&province).success();
    let shown = schedule(&province);
    let listed: Vec<_> = shown["programs"].as_array().unwrap().iter().map(|each| each["program"].as_str().unwrap()).collect();
    assert!(listed.iter().any(|program| shown["withdrawn"]["slides"][program].is_null()), "{shown}");
}

#[test]
fn a92_a_copy_of_a_withdrawn_slide_under_another_id_is_refused() {
    let province = published();
    withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    province.0.write("content/slides/phap-luat/ban-sao.md", SLIDE);
    province.0.write(LIST, format!("{PLAYLIST}  - slide: phap-luat/ban-sao.md\n"));
    let same = "slide phap-luat/ban-sao is the same as phap-luat/cu-tru, which is withdrawn (withdrawal 1, reason: “sai giờ”)";
    province.approve(DECEMBER, "hung").code(1).stderr_has(same);
    // Nor by a site that never had it.
    let site = fs::read_to_string(province.0.path("content/sites/ta-lung.yaml")).unwrap();
    province.0.write("content/sites/tra-linh.yaml", site.replace("Tà Lùng", "Trà Lĩnh"));
    province.approve(&["--month", "2026-12", "--site", "tra-linh"], "hung").code(1).stderr_has(same);
    let check = || province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
    let said = check().code(1).stdout_has("error[withdrawn-slide]").stdout_has(same).stdout_has("--> slides/phap-luat/ban-sao.md");
    // The evergreen week still holds the slide itself.
    assert_eq!(said.stdout.matches("error[withdrawn-slide]").count(), 2, "{}", said.stdout);
    // Also where the slide itself is gone from the content, as after a renaming.
    fs::remove_file(province.0.path("content/slides/phap-luat/cu-tru.md")).unwrap();
    province.0.write("content/playlists/evergreen/province.yaml", PLAYLIST.replace("tháng 12/2026", "thường trực"));
    assert_eq!(check().code(1).stdout_has(same).stdout.matches("error[withdrawn-slide]").count(), 1);
    // Once the month is past, nothing new can come of it.
    province.0.bangtin(&["check", "--now", "2027-01-01T00:00"]).success();
    province.0.write("content/slides/phap-luat/ban-sao.md", SLIDE.replace("30 ngày", "60 ngày"));
    check().success();
    province.approve(DECEMBER, "hung").success();
}

#[test]
fn a36_where_slides_would_empty_the_evergreen_week_a_second_statement_waits_and_the_month_goes_at_once() {
    let province = published();
    let both = ["--slide", "phap-luat/cu-tru", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--to", "store"];
    let said = withdraw(&province, "lan", &both).code(1).stderr_has("withdrawal 2 is not in force yet");
    let said =
        said.stdout_has("Signed withdrawal 1").stdout_has("Signed withdrawal 2").stdout_has("1 more signature by holders of role chief");
    let said = said.stdout_has("bangtin withdraw --withdrawal 2 --key FILE --to store").stdout_has("Withdrawal 1 is in").stdout;
    let waiting = said.split("Once it is fully signed and in the store:").nth(1).unwrap();
    assert!(waiting.contains("ta-lung, evergreen") && !waiting.contains("ta-lung, 2026-12"), "{said}");
    // It holds for every evergreen program, as the first does for every month.
    assert_eq!(
        read(&province, "content/trust/withdrawals/2.json")["slides"],
        read(&province, "content/trust/withdrawals/1.json")["slides"]
    );
    // Repeated, as after a failure to send, it sends what is complete and still waits for the second signature.
    let again = withdraw(&province, "lan", &both).code(1).stdout_has("Withdrawn already, by withdrawal 1").stdout_has("withdrawal 2");
    again.stdout_has("Store store already has withdrawal 1\n").stdout_has("1 more signature");
    assert!(!province.0.path("content/trust/withdrawals/3.json").exists());
    pull(&province).success();
    assert_eq!(kinds(&province), ["evergreen"]);
    assert_eq!(schedule(&province)["withdrawn"]["slides"], json!({}));
    withdraw(&province, "ta-lung", &["--withdrawal", "2"]).code(1);
    withdraw(&province, "hung", &["--withdrawal", "2", "--to", "store"]).success().stdout_has("Added a signature to withdrawal 2");
    withdraw(&province, "hung", &["--withdrawal", "3"]).code(2).stderr_has("there is no withdrawal 3");
    pull(&province).success();
    assert_eq!(schedule(&province)["withdrawn"]["slides"].as_object().unwrap().values().next().unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn a93_a_hostile_statement_is_answered_by_revise_and_a_revision_that_runs_ahead_is_refused() {
    let province = published();
    let slide = "content/slides/phap-luat/cu-tru.md";
    let ahead = |revision: u64| province.0.write(slide, SLIDE.replace("10s\n", &format!("10s\nrevision: {revision}\n")));
    let check = || province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
    ahead(2);
    check().code(1).stdout_has("error[revision-ahead]").stdout_has("has revision 2 but may have 1 at most");
    province.approve(DECEMBER, "lan").code(1).stderr_has("has revision 2 but may have 1 at most");
    province.0.write(slide, SLIDE);
    // The holder of one key of the site's role names every slide, with the highest revision that can be written.
    let root: Value = read(&province, "content/trust/root/1.json");
    let (kid, _) = root["keys"].as_object().unwrap().iter().find(|(_, key)| key["holder"] == "ta-lung").unwrap();
    let hostile = json!({"type": "bangtin-withdrawal", "spec": 1, "root_id": root["root_id"], "issued": "2026-12-01T02:00:00Z", "version": 1,
        "role": "ta-lung", "reason": "phá", "slides": {"phap-luat/cu-tru": 9_007_199_254_740_991_u64, "du-lich/ban-gioc": 9_007_199_254_740_991_u64}});
    let path = "content/trust/withdrawals/1.json";
    province.0.write(path, hostile.to_string());
    province.0.run("minisign", &["-S", "-W", "-s", "keys/ta-lung", "-m", path, "-x", &format!("{path}.{kid}.minisig")]).success();
    check().code(1).stdout_has("error[withdrawn-slide]").stdout_has("bangtin revise --withdrawal 1");
    // One line a slide, the remedy once; also over what was signed before.
    let said = province
        .approve(DECEMBER, "lan")
        .success()
        .stderr_has("ta-lung: signed before, but 2 slides may not be shown:\n  slide du-lich/ban-gioc is withdrawn");
    let said = said.stderr_has("\n  slide phap-luat/cu-tru is withdrawn");
    assert_eq!(said.stderr.matches("bangtin revise --withdrawal 1").count(), 1, "{}", said.stderr);
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success().stdout_has("of 2 slides");
    check().success();
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
    province.publish(&["--key", "keys/publish", "--at", "now"]).success().stdout_has("published 1-2");
    // The same role withdraws the next revision with one signature, whatever number the hostile statement gave.
    let next = ["--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--to", "store"];
    // It may not withdraw from the evergreen week, which is told.
    let said = withdraw(&province, "ta-lung", &[next.as_slice(), &["--yes"]].concat()).code(1).stdout_has("Withdrawal 2 is in");
    said.stderr_has("evergreen program: still shown").stderr_has("not everything is withdrawn");
    assert_eq!(read(&province, "content/trust/withdrawals/2.json")["slides"], json!({"phap-luat/cu-tru": 2}));
}

#[test]
fn a_statement_is_signed_again_when_nothing_of_what_it_took_is_in_force() {
    let province = published();
    withdraw(&province, "lan", &[DECEMBER, &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--to", "store"]].concat()).success();
    let december = december(&province);
    for entry in
        fs::read_dir(province.0.path("content/approvals")).unwrap().map(Result::unwrap).filter(|entry| *entry.file_name() != *december)
    {
        fs::remove_dir_all(entry.path()).unwrap();
    }
    let late = ["withdraw", "--withdrawal", "1", "--key", "keys/hung", "--to", "store", "--now", "2028-01-05T09:00"];
    province.0.bangtin(&late).success().stdout_has("Added a signature to withdrawal 1 in ");
    assert_eq!(fs::read_dir(province.0.path("store/withdrawals")).unwrap().count(), 3);
}

#[test]
fn a_slide_is_found_by_its_title_in_any_case_and_normal_form_and_an_id_wins_over_a_title() {
    let province = published();
    let decomposed = "Cu\u{31b} tru\u{301}";
    let first = ["--slide", decomposed, "--only", "--reason", "sai"];
    withdraw(&province, "lan", &[DECEMBER, &first].concat()).success().stdout_has("phap-luat/cu-tru is no longer shown");
    let small = ["--slide", "cư TRÚ", "--only", "--reason", "sai"];
    withdraw(&province, "lan", &[EVERGREEN, &small].concat()).success().stdout_has("phap-luat/cu-tru is no longer shown");
    // A slide whose title is the id of another.
    let list = fs::read_to_string(province.0.path("content/playlists/2026-12/province.yaml")).unwrap();
    province.0.write("content/slides/phap-luat/khac.md", SLIDE.replace("Cư trú", "du-lich/ban-gioc"));
    province.0.write("content/playlists/2026-12/province.yaml", format!("{list}  - slide: phap-luat/khac.md\n"));
    let again = ["approve", "--unseen", "--yes", "--key", "keys/lan", "--now", "2026-12-01T09:10"];
    province.0.bangtin(&[again.as_slice(), DECEMBER].concat());
    for name in ["du-lich/ban-gioc", "DU-LICH/Ban-Gioc"] {
        let which = ["--slide", name, "--only", "--reason", "sai", "--now", "2026-12-01T09:20"];
        let said = province.0.bangtin(&[&["withdraw", "--key", "keys/lan"], DECEMBER, &which].concat());
        assert!(said.stdout.contains("du-lich/ban-gioc is") && !said.stdout.contains("phap-luat/khac is"), "{name}: {said:?}");
    }
}

#[test]
fn moments_are_local_also_while_the_content_has_faults_and_each_program_left_is_named_once_with_the_next_command() {
    let province = published_twice();
    province.0.write("content/playlists/2026-12/province.yaml", "entries: [");
    let slide = ["--slide", "Cư trú", "--reason", "sai giờ"];
    let said = withdraw(&province, "ta-lung", &slide).code(1);
    let left: Vec<_> = said.stderr.lines().filter(|line| line.contains("still shown")).collect();
    assert!(left.iter().enumerate().all(|(at, line)| !left[..at].contains(line)), "{}", said.stderr);
    said.stderr_has("bangtin withdraw --slide \"Cư trú\" --reason \"sai giờ\" --key FILE");
    let early = ["withdraw", "--key", "keys/lan", "--slide", "Cư trú", "--reason", "sai", "--now", "2026-11-30T23:30"];
    let said = province.0.bangtin(&early).success();
    assert!(!said.stdout.contains("17:00"), "the month begins at midnight, local: {}", said.stdout);
    said.stdout_has("2026-12-01 00:00");
}

#[test]
fn a_slide_that_would_be_taken_at_other_sites_alone_than_the_one_named_is_asked_for_first() {
    let province = published_twice();
    let named = ["--site", "tra-linh", "--slide", "Cư trú", "--reason", "sai giờ"];
    let first = province.0.path("content/trust/withdrawals/1.json");
    let said = withdraw(&province, "ta-lung", &named).code(2).stderr_has("--yes");
    said.stderr_has("this key may withdraw nothing at the site named, tra-linh; --site does not limit")
        .stderr_has("taken from ta-lung alone");
    assert!(!first.exists());
    withdraw(&province, "ta-lung", &[named.as_slice(), &["--yes"]].concat()).code(1).stdout_has("Signed withdrawal 1");
    // A key that may there too is asked nothing.
    withdraw(&province, "lan", &named).success().stdout_has("Signed withdrawal 2");
}
