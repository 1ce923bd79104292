//! What is refused in a new program although no slide of it is withdrawn by name: pages with withdrawn bytes under another id, and revisions
//! that run ahead; by `check`, `approve` and `publish`.

use std::collections::BTreeSet;
use std::fs;

use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;
use crate::withdraw::{DECEMBER, LIST, SLIDE, published, withdraw};

const ORIGINAL: &str = "content/slides/phap-luat/cu-tru.md";
const COPY: &str = "content/slides/phap-luat/ban-sao.md";
const SAME: &str = "slide phap-luat/ban-sao is the same as phap-luat/cu-tru, which is withdrawn (withdrawal 1, reason: “sai giờ”)";

fn filed(province: &Province) -> BTreeSet<String> {
    let folders = fs::read_dir(province.0.path("content/approvals")).unwrap();
    folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
}

/// Has December approved by all who must; the program's digest.
fn approved(province: &Province) -> String {
    let before = filed(province);
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    filed(province).difference(&before).next().unwrap().clone()
}

fn take(province: &Province) {
    withdraw(province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
}

/// The slide with another text, as its second revision.
fn corrected() -> String {
    SLIDE.replace("10s\n", "10s\nrevision: 2\n").replace("30 ngày", "60 ngày")
}

fn assert_not_published(province: &Province, program: &str, why: &str) {
    province.publish(&["--key", "keys/publish", "--program", program]).code(1).stderr_has(why);
    // Not asked for by name it is left out, the published one stays, and nothing else waits.
    province
        .publish(&["--key", "keys/publish", "--at", "now"])
        .code(1)
        .stdout_has("the published program of 2026-12 stays\n  ")
        .stdout_has(why);
    for head in fs::read_dir(province.0.path("store/sites/ta-lung/heads")).unwrap() {
        let head = fs::read_to_string(head.unwrap().path()).unwrap();
        assert!(!head.contains(program), "{head}");
    }
}

#[test]
fn a92_withdrawn_bytes_are_refused_under_another_id_also_beside_the_corrected_slide() {
    let province = published();
    let with_both = format!("{PLAYLIST}  - slide: phap-luat/cu-tru.md\n  - slide: phap-luat/ban-sao.md\n");
    let check = || province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
    take(&province);
    province.0.write(ORIGINAL, corrected());
    province.0.write(COPY, SLIDE);
    province.0.write(LIST, &with_both);
    let said = check().code(1).stdout_has(SAME).stdout_has("--> slides/phap-luat/ban-sao.md");
    assert_eq!(said.stdout.matches("error[withdrawn-slide]").count(), 1, "{}", said.stdout);
    province.approve(DECEMBER, "hung").code(1).stderr_has("ta-lung: not signed").stderr_has(SAME);
    // Beside the withdrawn slide itself both are told, at once.
    province.0.write(ORIGINAL, SLIDE);
    let both = province.approve(DECEMBER, "hung").code(1).stderr_has("2 slides may not be shown").stderr_has(SAME);
    both.stderr_has("slide phap-luat/cu-tru is withdrawn");
    // With bytes of its own the other slide passes, and so does the corrected one alone.
    province.0.write(ORIGINAL, corrected());
    province.0.write(COPY, SLIDE.replace("30 ngày", "90 ngày"));
    check().success();
    // Shown again as it was, the slide's bytes are approved anew, and with them an equal page.
    province.0.write(ORIGINAL, SLIDE.replace("10s\n", "10s\nrevision: 2\n"));
    province.0.write(COPY, SLIDE);
    check().success();
    province.approve(DECEMBER, "hung").success().stdout_has("phap-luat/cu-tru: Cư trú (so-tttt)\n      ! back after a withdrawal");
    // Withdrawn a second time, the bytes stay away although a third revision stands beside them.
    for key in ["lan", "ta-lung"] {
        province.approve(DECEMBER, key).success();
    }
    let again = ["--slide", "phap-luat/cu-tru", "--reason", "vẫn sai", "--yes"];
    withdraw(&province, "lan", &again).success().stdout_has("Signed withdrawal 2");
    province.0.write(ORIGINAL, corrected().replace("revision: 2", "revision: 3"));
    check().code(1).stdout_has("slide phap-luat/ban-sao is the same as phap-luat/cu-tru, which is withdrawn (withdrawal 2");
}

#[test]
fn a92_a_copy_that_was_approved_before_the_withdrawal_is_not_published() {
    let province = published();
    province.0.write(COPY, SLIDE);
    province.0.write(LIST, format!("{PLAYLIST}  - slide: phap-luat/ban-sao.md\n"));
    let program = approved(&province);
    take(&province);
    assert_not_published(&province, &program, SAME);
}

#[test]
fn a93_a_revision_that_runs_ahead_once_its_withdrawal_was_dropped_is_not_published() {
    let province = published();
    take(&province);
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    let program = approved(&province);
    // It was never sent, so it may be dropped; then nothing allows the second revision.
    fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
    assert_not_published(&province, &program, "slide phap-luat/cu-tru has revision 2 but may have 1 at most");
}

#[test]
fn a92_no_clock_brings_withdrawn_bytes_back_under_another_id() {
    // Of the reviewer who withdraws it may be behind or ahead; so may those be that approved.
    for time in ["1970-01-02T00:00", "2026-12-01T08:00", "2036-01-20T00:00"] {
        let province = published();
        let take = ["withdraw", "--key", "keys/lan", "--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--now", time];
        province.0.bangtin(&take).success();
        fs::rename(province.0.path(ORIGINAL), province.0.path(COPY)).unwrap();
        for list in [LIST, "content/playlists/evergreen/province.yaml"] {
            let lines = fs::read_to_string(province.0.path(list)).unwrap();
            province.0.write(list, lines.replace("phap-luat/cu-tru", "phap-luat/ban-sao"));
        }
        province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]).code(1).stdout_has(SAME);
        province.approve(DECEMBER, "hung").code(1).stderr_has(SAME);
    }
}
