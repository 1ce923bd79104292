//! Two people who withdraw under one number from two copies of the content: the one who comes second keeps what she meant, under the next number.

use std::fs;

use serde_json::json;

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::withdraw::{published, read};

const CU_TRU: &[&str] = &["--slide", "phap-luat/cu-tru"];
const BAN_GIOC: &[&str] = &["--slide", "du-lich/ban-gioc"];
const EVERGREEN: &[&str] = &["--evergreen", "--site", "ta-lung"];

fn run(province: &Province, content: &str, args: &[&str]) -> Finished {
    province.0.bangtin(&[&["--content", content], args, &["--now", "2026-12-01T09:00"]].concat())
}

fn withdraw(province: &Province, content: &str, key: &str, args: &[&str]) -> Finished {
    let key = format!("keys/{key}");
    run(province, content, &[&["withdraw", "--key", &key], args].concat())
}

/// A published province, of which `copy` is what the second person has.
fn two_copies() -> Province {
    let province = published();
    province.0.run("cp", &["-r", "content", "copy"]).success();
    province
}

fn with<'a>(what: &[&'a str], reason: &'a str, store: Option<&'a str>) -> Vec<&'a str> {
    let mut all = what.to_vec();
    all.extend(["--reason", reason]);
    all.extend(store.iter().flat_map(|store| ["--to", *store]));
    all
}

fn scope(province: &Province, name: &str) -> serde_json::Value {
    read(province, name)["slides"].clone()
}

/// The files of statements that wait, by name.
fn unsent(province: &Province) -> usize {
    let folder = province.0.path("copy/trust/withdrawals/unsent");
    if folder.is_dir() { tree(&folder).len() } else { 0 }
}

#[test]
fn the_same_command_again_takes_the_other_over_and_signs_under_the_next_number() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(BAN_GIOC, "sai giờ", Some("store"))).success();
    // Signed offline, under the number that is taken.
    withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", None)).success().stdout_has("Signed withdrawal 1");
    // The evergreen program needs a second signature: that part waits.
    let said = withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", Some("store"))).code(1);
    let said = said.stderr_has("withdrawal 1 that was signed here is not in the store").stdout_has("Took over from store withdrawal 1");
    said.stdout_has("Signed withdrawal 2").stdout_has("Withdrawal 2 is in").stdout_has("stands as withdrawal 2 now");
    assert_eq!(scope(&province, "store/withdrawals/1.json"), json!({"du-lich/ban-gioc": 1}));
    assert_eq!(scope(&province, "store/withdrawals/2.json"), json!({"phap-luat/cu-tru": 1}));
    assert_eq!((unsent(&province), province.0.path("copy/trust/withdrawals/unsent").exists()), (0, false));
    // Nobody has to do anything more.
    run(&province, "copy", &["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"]).stdout_has("published 1-2");
}

#[test]
fn the_command_that_sends_it_later_signs_what_it_was_given_for() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(BAN_GIOC, "sai giờ", Some("store"))).success();
    withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", None)).success();
    // Somebody without her key comes first: nothing is lost, and the command is named.
    let said = run(&province, "copy", &["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"]).code(1);
    let command = "bangtin withdraw --withdrawal 1 --key FILE --to store";
    let said = said.stdout_has("Took over from").stdout_has("published 1-2").stderr_has("NOT IN FORCE: the withdrawal that hung signed");
    said.stderr_has(command).stderr_has("1 withdrawal named above must be signed anew");
    assert_eq!(unsent(&province), 2);
    // Another role can't, her own or another holder of it can.
    withdraw(&province, "copy", "ta-lung", &["--withdrawal", "1", "--to", "store"]).code(1).stderr_has("takes a holder of role chief");
    let said = withdraw(&province, "copy", "hung", &["--withdrawal", "1", "--to", "store"]).success();
    said.stdout_has("Signed withdrawal 2").stdout_has("Withdrawal 2 is in").stdout_has("reason: “sai số”");
    assert_eq!(scope(&province, "store/withdrawals/2.json"), json!({"phap-luat/cu-tru": 1}));
    assert_eq!(unsent(&province), 0);
    // Again, it is a signature under the other's.
    let again = ["--withdrawal", "1", "--to", "store"];
    let said = withdraw(&province, "copy", "hung", &again).success().stdout_has("Added a signature to withdrawal 1 in ");
    assert!(!said.stdout.contains("already has withdrawal"), "{}", said.stdout);
    // Once more, there is nothing to do.
    let said = withdraw(&province, "copy", "hung", &again).success().stdout_has("Store store already has withdrawal 1\n");
    assert!(!said.stdout.contains("withdrawal 1 in "), "{}", said.stdout);
}

#[test]
fn two_people_who_took_the_same_slide_need_one_statement() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(CU_TRU, "sai giờ", Some("store"))).success();
    withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", None)).success();
    let said = withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", Some("store"))).success();
    said.stdout_has("Withdrawn already, by withdrawal 1").stdout_has("stands as withdrawal 1 now");
    assert_eq!(unsent(&province), 0);
    assert!(!province.0.path("store/withdrawals/2.json").exists());
}

#[test]
fn a_half_signed_statement_makes_way_and_is_signed_anew() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(BAN_GIOC, "sai giờ", Some("store"))).success();
    withdraw(&province, "copy", "lan", &with(EVERGREEN, "sai cả", None)).code(1).stderr_has("withdrawal 1 is not in force yet");
    // The second holder runs the command that she was sent.
    let said = withdraw(&province, "copy", "hung", &["--withdrawal", "1", "--to", "store"]).code(1);
    said.stdout_has("Took over from").stdout_has("Signed withdrawal 2").stdout_has("bangtin withdraw --withdrawal 2 --key FILE --to store");
    assert_eq!(unsent(&province), 0);
    withdraw(&province, "copy", "lan", &["--withdrawal", "2", "--to", "store"]).success().stdout_has("Withdrawal 2 is in");
}

#[test]
fn store_check_names_the_other_statement_under_a_number_that_is_used_here() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(BAN_GIOC, "sai giờ", Some("store"))).success();
    withdraw(&province, "copy", "hung", &with(CU_TRU, "sai số", None)).success();
    let said = run(&province, "copy", &["store", "check", "store"]).code(1);
    said.stdout_has("withdrawals/1.json: same number: is another statement than withdrawal 1 here").stdout_has("signed by lan;");
    run(&province, "content", &["store", "check", "store"]).success();
    // As it says.
    run(&province, "copy", &["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"]).stdout_has("Took over from");
    run(&province, "copy", &["store", "check", "store"]).success();
}

#[test]
fn what_was_published_elsewhere_is_not_given_up() {
    let province = two_copies();
    withdraw(&province, "content", "lan", &with(BAN_GIOC, "sai giờ", Some("store"))).success();
    province.0.run("cp", &["-r", "archive", "kept"]).success();
    let second = ["publish", "--to", "second", "--new-store", "--site", "ta-lung", "--key", "keys/publish", "--archive", "kept"];
    run(&province, "copy", &second).success();
    withdraw(&province, "copy", "hung", &[with(CU_TRU, "sai số", Some("second")), vec!["--archive", "kept"]].concat());
    assert!(province.0.path("second/withdrawals/1.json").exists());
    // What is sent with a publication is in the archive.
    run(&province, "copy", &second);
    assert!(province.0.path("kept/withdrawals/1.json").exists());
    let before = tree(&province.0.path("copy/trust"));
    let refused = withdraw(&province, "copy", "hung", &[with(CU_TRU, "sai số", Some("store")), vec!["--archive", "kept"]].concat());
    refused.code(1).stderr_has("two stores were published apart");
    assert_eq!(tree(&province.0.path("copy/trust")), before);
    assert!(fs::read_dir(province.0.path("store/withdrawals")).unwrap().count() == 2);
}
