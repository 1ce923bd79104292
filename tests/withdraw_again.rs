//! A withdrawal that is run once more after its slide or program was approved again: it says so, and takes nothing unless somebody says yes.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use crate::harness::Finished;
use crate::publish::commands::Province;
use crate::withdraw::{DECEMBER, EVERGREEN, LIST, december, published, withdraw};

const SLIDE: &[&str] = &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--to", "store"];
const WHOLE: &[&str] = &["--month", "2026-12", "--site", "ta-lung", "--reason", "nhầm", "--to", "store"];

/// Everything approved at one o'clock.
fn approve_later(province: &Province) {
    for (period, keys) in [(DECEMBER, ["lan", "hung", "ta-lung"].as_slice()), (EVERGREEN, &["lan", "hung"])] {
        for key in keys {
            let key = format!("keys/{key}");
            let fixed = ["approve", "--unseen", "--yes", "--now", "2026-12-01T13:00", "--key", &key];
            province.0.bangtin(&[fixed.as_slice(), period].concat()).success();
        }
    }
}

/// The command at a terminal, with this answer.
fn at_a_terminal(province: &Province, command: &[&str], answer: &str) -> Finished {
    let quoted: Vec<String> = command.iter().map(|word| format!("'{word}'")).collect();
    let line = format!("{} withdraw --key keys/lan --now 2026-12-01T14:00 {}", env!("CARGO_BIN_EXE_bangtin"), quoted.join(" "));
    let mut child =
        province.0.command("script", &["-qec", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(answer.as_bytes()).unwrap();
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    drop(stdin);
    Finished { code: child.wait().unwrap().code().unwrap_or(-1), stdout, stderr: String::new() }
}

#[test]
fn a_slide_that_was_approved_again_is_taken_again_only_if_somebody_says_so() {
    let province = published();
    withdraw(&province, "lan", SLIDE).success();
    // Nothing has come back: the same again asks nothing.
    withdraw(&province, "lan", SLIDE).success().stdout_has("Withdrawn already, by withdrawal 1");
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    approve_later(&province);
    let line = "slide “Cư trú” (phap-luat/cu-tru) was approved again on 2026-12-01 13:00, after withdrawal 1\n";
    for quiet in [[].as_slice(), &["--quiet"]] {
        let said = withdraw(&province, "lan", &[SLIDE, quiet].concat()).code(2).stderr_has(line);
        assert_eq!(said.stderr_has("there is no terminal to ask at").stderr_has("--yes").stderr.matches(line).count(), 1);
    }
    // A key that may not is told so before it is asked.
    let stranger = withdraw(&province, "duty", SLIDE).code(1).stderr_has("may not withdraw this slide");
    assert!(!stranger.stderr.contains("--yes"), "{}", stranger.stderr);
    let vietnamese = withdraw(&province, "lan", &[SLIDE, &["--lang", "vi"]].concat()).code(2);
    vietnamese.stderr_has("trang “Cư trú” (phap-luat/cu-tru) đã được duyệt lại lúc 13:00 ngày 01/12/2026, sau văn bản thu hồi số 1\n");
    let second = province.0.path("content/trust/withdrawals/2.json");
    at_a_terminal(&province, SLIDE, "n\n").code(1).stdout_has("Withdraw it again? [y/N]").stdout_has("nothing was signed");
    at_a_terminal(&province, SLIDE, "x\nn\n").code(1).stdout_has("Type y (yes) or n (no): ").stdout_has("nothing was signed");
    assert!(!second.exists());
    // A signature under the first statement takes nothing new.
    withdraw(&province, "hung", &["--withdrawal", "1"]).success().stdout_has("Added a signature to withdrawal 1");
    at_a_terminal(&province, SLIDE, "y\n").code(0).stdout_has("Signed withdrawal 2").stdout_has("Withdrawal 2 is in");
    assert!(second.exists());
    withdraw(&province, "lan", SLIDE).success().stdout_has("Withdrawn already, by withdrawal 2");
    // In one program alone too, which another of the same month has followed.
    let province = published();
    let only = [DECEMBER, &["--only"], SLIDE].concat();
    withdraw(&province, "lan", &only).success();
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(LIST, format!("{list}revision: 2\n"));
    approve_later(&province);
    withdraw(&province, "lan", &only).code(2).stderr_has(line);
    withdraw(&province, "lan", &[only.as_slice(), &["--yes"]].concat()).success().stderr_has(line).stdout_has("Signed withdrawal 2");
}

#[test]
fn a_month_that_was_approved_again_is_taken_again_only_if_somebody_says_so() {
    let province = published();
    withdraw(&province, "lan", WHOLE).success();
    withdraw(&province, "lan", WHOLE).success().stdout_has("Withdrawn already, by withdrawal 1");
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(LIST, format!("{list}revision: 2\n"));
    approve_later(&province);
    let line = "ta-lung, 2026-12 was approved again on 2026-12-01 13:00, after withdrawal 1\n";
    withdraw(&province, "lan", WHOLE).code(2).stderr_has(line).stderr_has("--yes");
    assert!(!province.0.path("content/trust/withdrawals/2.json").exists());
    // A slide of it is another matter.
    withdraw(&province, "lan", &[DECEMBER, &["--only"], SLIDE].concat()).success().stdout_has("Signed withdrawal 2");
    withdraw(&province, "lan", &[WHOLE, &["--yes"]].concat()).success().stderr_has(line).stdout_has("Signed withdrawal 3");
}

#[test]
fn what_too_few_have_signed_again_is_not_called_approved() {
    let province = published();
    withdraw(&province, "lan", WHOLE).success();
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    let sign = |revision: u8, time: &str| {
        province.0.write(LIST, format!("{list}revision: {revision}\n"));
        let fixed = ["approve", "--unseen", "--yes", "--key", "keys/lan", "--now", time];
        province.0.bangtin(&[fixed.as_slice(), DECEMBER].concat()).success()
    };
    sign(2, "2026-12-01T13:00");
    let line = "ta-lung, 2026-12 is not approved again yet (signed by 1 of 2 as chief, 0 of 1 as ta-lung), first signed on 2026-12-01 13:00, \
        after withdrawal 1\n";
    let said = withdraw(&province, "lan", WHOLE).code(2).stderr_has(line);
    assert!(!said.stderr.contains("was approved again"), "{}", said.stderr);
    withdraw(&province, "lan", &[WHOLE, &["--lang", "vi"]].concat()).code(2).stderr_has(
        "ta-lung, tháng 12/2026 chưa được duyệt lại (mới ký 1/2 vai trò chief, 0/1 vai trò ta-lung), chữ ký đầu lúc 13:00 ngày 01/12/2026, ",
    );
    // Nor are the reviewers of the next one taken for informed by it.
    sign(3, "2026-12-01T13:30").stdout_has("  ! back after a withdrawal of the whole program: withdrawal 1, signed 2026-12-01 09:00");
}

#[test]
fn a_slide_of_a_program_that_is_gone_whole_is_not_called_withdrawn() {
    let province = published();
    let only = [DECEMBER, &["--only"], SLIDE].concat();
    withdraw(&province, "lan", WHOLE).success().stdout_has("Withdrawn: the whole program “Chương trình tháng 12/2026”, reason: “nhầm”");
    let nothing = "the whole program is withdrawn already (withdrawal 1); nothing was signed about the slides named";
    withdraw(&province, "lan", &only).code(1).stderr_has(nothing);
    // Nor where another slide was withdrawn since.
    withdraw(&province, "lan", &["--slide", "du-lich/ban-gioc", "--reason", "sai", "--to", "store"]).success();
    let said = withdraw(&province, "lan", &only).code(1).stderr_has(nothing);
    assert!(!said.stdout.contains("Withdrawn"), "{}", said.stdout);
    // Of the evergreen program it still lacks a signature.
    withdraw(&province, "lan", SLIDE).code(1).stdout_has("Signed withdrawal 3").stdout_has("bangtin withdraw --withdrawal 4");
    withdraw(&province, "lan", &only).success().stdout_has("Withdrawn already, by withdrawal 3");
}

#[test]
fn of_several_programs_those_that_are_gone_whole_are_named() {
    let province = published();
    withdraw(&province, "lan", WHOLE).success();
    let both = ["--site", "ta-lung", "--only", "--slide", "phap-luat/cu-tru", "--reason", "sai giờ"];
    let said = withdraw(&province, "lan", &both).success().stdout_has("Signed withdrawal 2");
    said.stdout_has("ta-lung, 2026-12: already withdrawn whole (withdrawal 1); nothing was signed about its slides\n");
}

#[test]
fn a_program_that_is_gone_whole_is_not_signed_anew() {
    let province = published();
    withdraw(&province, "lan", WHOLE).success();
    let gone = "the whole program “Chương trình tháng 12/2026” was withdrawn (withdrawal 1, reason: “nhầm”)";
    province.approve(DECEMBER, "hung").success().stderr_has(&format!("ta-lung: signed before, but {gone}"));
    // One signature is missing again: its holder can't give it anew.
    let folder = province.0.path("content/approvals").join(december(&province));
    let names = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let one = names().find_map(|name| name.strip_suffix(".json").filter(|name| *name != "program").map(str::to_owned)).unwrap();
    [".json", ".minisig", ".json.minisig"].iter().for_each(|end| drop(fs::remove_file(folder.join(format!("{one}{end}")))));
    let left = names().count();
    let ends: Vec<i32> = ["lan", "hung", "ta-lung"].iter().map(|key| province.approve(DECEMBER, key).stderr_has(gone).code).collect();
    assert_eq!((ends.iter().filter(|code| **code == 1).count(), names().count()), (1, left), "{ends:?}");
}

#[test]
fn reviewers_are_told_of_what_a_withdrawal_took_from_one_program_and_the_next_shows_again() {
    let approve = |province: &Province| {
        let list = fs::read_to_string(province.0.path(LIST)).unwrap();
        province.0.write(LIST, format!("{list}revision: 2\n"));
        let again = ["approve", "--unseen", "--yes", "--now", "2026-12-01T13:00", "--key", "keys/lan"];
        province.0.bangtin(&[again.as_slice(), DECEMBER].concat()).success()
    };
    let province = published();
    withdraw(&province, "lan", &[DECEMBER, &["--only"], SLIDE].concat()).success();
    approve(&province).stdout_has("withdrawal 1, signed 2026-12-01 09:00, reason: “sai giờ”");
    let province = published();
    withdraw(&province, "lan", WHOLE).success();
    let back = "  ! back after a withdrawal of the whole program: withdrawal 1, signed 2026-12-01 09:00, reason: “nhầm”\n";
    approve(&province).stdout_has(back);
}
