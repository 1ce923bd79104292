//! What the office is told about a store, an archive, withdrawals and approvals: all that is missing, in whose role, and what helps.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use super::commands::Province;
use super::province;
use crate::harness::{Finished, tree};
use crate::withdraw::{EVERGREEN, december, published, withdraw};

fn verify(province: &Province, more: &[&str]) -> Finished {
    province.0.bangtin(&[&["verify", "store", "--at", "2026-12-03T10:15"], more].concat())
}

#[test]
fn an_archive_is_neither_in_the_content_nor_the_store() {
    let province = published();
    let sandbox = &province.0;
    symlink("content/slides", sandbox.path("link")).unwrap();
    symlink("store", sandbox.path("again")).unwrap();
    let before = (tree(&sandbox.path("content")), tree(&sandbox.path("themes")), tree(&sandbox.path("store")));
    for inside in ["content", "content/archive", "themes", "themes/x", "archive/../content", "link", "link/below"] {
        let refused = province.publish(&["--key", "keys/publish", "--archive", inside]);
        refused.code(2).stderr_has("is inside the content folder or the themes");
        let slide = ["--slide", "phap-luat/cu-tru", "--reason", "sai", "--archive", inside];
        withdraw(&province, "lan", &slide).code(2).stderr_has("is inside the content folder or the themes");
    }
    for same in ["store", "archive/../store", "again"] {
        province
            .publish(&["--key", "keys/publish", "--archive", same])
            .code(2)
            .stderr_has("is the store (--to) and the archive (--archive) at once");
    }
    let new = ["publish", "--to", "new", "--archive", "./new", "--new-store", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    sandbox.bangtin(&new).code(2).stderr_has("is the store (--to) and the archive (--archive) at once");
    assert!(!sandbox.path("new").exists());
    assert_eq!((tree(&sandbox.path("content")), tree(&sandbox.path("themes")), tree(&sandbox.path("store"))), before);
    province.publish(&["--key", "keys/publish"]).success();
}

#[test]
fn all_approvals_that_a_site_lacks_are_named_at_once() {
    let province = Province::new();
    province.approve(&["--month", "2026-12", "--site", "ta-lung"], "lan").success();
    for more in [[].as_slice(), &["--month", "2026-12"]] {
        let said = province.publish(&[&["--key", "keys/publish"], more].concat()).code(1);
        let said = said.stderr_has("approve it with: bangtin approve --evergreen --site ta-lung --key FILE").stderr;
        assert!(said.contains("approve it with: bangtin approve --month 2026-12 --site ta-lung --key FILE"), "{said}");
        assert!(said.lines().skip(1).all(|line| line.starts_with("ta-lung: ") || line.starts_with("  approve it with: ")), "{said}");
    }
}

#[test]
fn a_withdrawn_evergreen_program_is_no_damaged_file() {
    let province = published();
    let what = [EVERGREEN, &["--reason", "sai"]].concat();
    withdraw(&province, "lan", &what).code(1).stderr_has("withdrawal 1 is not in force yet");
    withdraw(&province, "lan", &what).code(1).stderr_has("withdrawal 1 is not in force yet");
    withdraw(&province, "hung", &["--withdrawal", "1", "--to", "store"]).success();
    let said =
        province.0.bangtin(&["store", "check", "store"]).code(1).stdout_has("the evergreen program is withdrawn, and there is no other");
    let said = said.stderr_has("1 fault; the evergreen program of ta-lung is withdrawn: approve another (bangtin approve --evergreen)");
    assert!(!said.stderr.contains("must be removed"), "{}", said.stderr);
    // Where a file is missing too, both are said.
    let mut files = fs::read_dir(province.0.path("store/root")).unwrap().map(|file| file.unwrap().path());
    let signature = files.find(|path| path.extension() == Some("minisig".as_ref())).unwrap();
    fs::remove_file(signature).unwrap();
    let said = province.0.bangtin(&["store", "check", "store"]).code(1).stderr_has("2 faults; bangtin publish sends missing files");
    said.stderr_has("approve another");
}

#[test]
fn verify_says_in_which_role_a_withdrawal_was_signed_and_whether_it_holds_here() {
    let province = Province::new();
    let site = fs::read_to_string(province.0.path("content/sites/ta-lung.yaml")).unwrap();
    province.0.write("content/sites/ban-gioc.yaml", site.replace("Tà Lùng", "Bản Giốc"));
    province.0.write("content/slides/phap-luat/cu-tru.md", crate::withdraw::SLIDE);
    let list = format!("{}  - slide: phap-luat/cu-tru.md\n", province::PLAYLIST);
    province.0.write("content/playlists/2026-12/province.yaml", &list);
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12"], key).success();
    }
    for key in ["lan", "hung"] {
        province.approve(&["--evergreen"], key).success();
    }
    let publish = ["publish", "--to", "store", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    province.0.bangtin(&publish).success();
    // In a role of one site alone; from the other nothing is taken.
    withdraw(&province, "ta-lung", &["--slide", "phap-luat/cu-tru", "--reason", "sai", "--to", "store"]).code(1);
    let scope = ["--month", "2026-12", "--site", "ban-gioc", "--slide", "phap-luat/cu-tru", "--only", "--reason", "nhầm", "--to", "store"];
    withdraw(&province, "lan", &scope).success();
    let first = "“Cư trú” (phap-luat/cu-tru, revision 1); reason: “sai”; signed by ta-lung as ta-lung";
    let here = verify(&province, &["--site", "ta-lung"]).success().stdout_has(&format!("{first}\n"));
    assert!(!here.stdout.contains("does not hold here"), "{}", here.stdout);
    let there = verify(&province, &["--site", "ban-gioc"]).success().stdout_has(&format!("{first}; does not hold here (role ta-lung)\n"));
    there.stdout_has("“Cư trú” (phap-luat/cu-tru) in the program “Chương trình tháng 12/2026” (");
    let json: Value = serde_json::from_str(&verify(&province, &["--site", "ban-gioc", "--json"]).success().stdout).unwrap();
    let withdrawals = &json["sites"][0]["withdrawals"];
    assert_eq!((&withdrawals[0]["role"], &withdrawals[0]["holds"]), (&"ta-lung".into(), &false.into()), "{json}");
    assert_eq!((&withdrawals[1]["role"], &withdrawals[1]["holds"]), (&"chief".into(), &true.into()), "{json}");
}

#[test]
fn approve_names_the_release_of_what_is_published() {
    let province = published();
    let again = |known: &str| drop(province.approve(EVERGREEN, "lan").success().stdout_has(known));
    again("all signatures are there, published in release 1-1\n");
    // Another program follows it.
    let list = "content/playlists/evergreen/province.yaml";
    let before = fs::read_to_string(province.0.path(list)).unwrap();
    province.0.write(list, format!("{before}revision: 2\n"));
    for key in ["lan", "hung"] {
        province.approve(EVERGREEN, key).success();
    }
    province.approve(EVERGREEN, "hung").success().stdout_has("all signatures are there, not published as far as is known here\n");
    province.publish(&["--key", "keys/publish", "--at", "now"]).success().stdout_has("published 1-2");
    again("all signatures are there, published in release 1-2\n");
}

#[test]
fn of_each_site_it_is_said_what_its_screens_show_where_no_month_follows() {
    let province = Province::approved();
    let publish = |more: &[&str]| province.publish(&[&["--key", "keys/publish"], more].concat());
    let after = "ta-lung: no monthly program is in the release from 2027-01-01 on: the screens show the evergreen program\n";
    publish(&[]).success().stdout_has("published 1-1").stdout_has(after);
    publish(&[]).success().stdout_has("nothing new").stdout_has(after);
    let vietnamese = publish(&["--lang", "vi"]).success();
    let from = "ta-lung: chưa có chương trình tháng nào trong bản phát hành";
    vietnamese.stdout_has(&format!("{from} từ 01/01/2027: màn hình chiếu chương trình thường xuyên\n"));
    // With a month between.
    province.0.write("content/playlists/2027-02/province.yaml", province::PLAYLIST.replace("tháng 12/2026", "tháng 02/2027"));
    for key in ["lan", "hung"] {
        province.approve(&["--month", "2027-02", "--site", "ta-lung"], key).success();
    }
    province.approve(&["--month", "2027-02", "--site", "ta-lung"], "ta-lung").success();
    let said = publish(&[]).success().stdout_has("ta-lung: no monthly program is in the release from 2027-03-01 on: ");
    said.stdout_has("ta-lung: no monthly program is in the release for 2027-01-01 – end of 2027-01-31: ");
    publish(&["--lang", "vi"]).success().stdout_has(&format!("{from} từ 01/01/2027 đến hết 31/01/2027: "));
    // Once all are over.
    let later = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2027-04-01T09:00", "--clock-is-right"];
    province.0.bangtin(&later).success().stdout_has("ta-lung: no monthly program is in the release: the screens show the evergreen");
}

#[test]
fn where_a_root_took_the_approval_away_changes_are_told_all_the_same() {
    let province = published();
    let sandbox = &province.0;
    sandbox.bangtin(&["keys", "new", "keys/minh", "--no-password", "--holder", "minh"]).success();
    let trust = |args: &[&str]| sandbox.bangtin(&[&["trust"], args, &["--now", "2026-12-01T10:00"]].concat()).success();
    trust(&["add", "chief=keys/minh.pub"]);
    trust(&["remove", "lan", "hung", "--threshold", "chief=1"]);
    trust(&["prepare", "--accept-drop"]);
    sandbox.bangtin(&["trust", "sign", "content/trust/draft/root.json", "--key", "keys/root", "--yes"]).success();
    trust(&["apply", "--accept-drop"]);
    let slide = fs::read_to_string(sandbox.path("content/slides/phap-luat/cu-tru.md")).unwrap();
    sandbox.write("content/slides/phap-luat/cu-tru.md", slide.replace("30 ngày", "60 ngày"));
    let said = province.approve(&["--month", "2026-12", "--site", "ta-lung"], "minh").success();
    let said = said.stdout_has("no program is approved now; compared with program ").stdout_has("which has lost its approval");
    said.stdout_has("= 1 slide as before").stdout_has("~ phap-luat/cu-tru: ");
}

#[test]
fn a_file_that_may_not_grow_further_is_told_as_a_fault_of_the_disk_and_nothing_half_written_stays() {
    let province = Province::new();
    province.approve_ta_lung();
    let (bangtin, mut failed) = (env!("CARGO_BIN_EXE_bangtin"), 0);
    for blocks in [0, 1, 2, 4, 8, 16] {
        let publish = "publish --to store --site ta-lung --key keys/publish --now 2026-12-01T09:00";
        let said = province.0.run("bash", &["-c", &format!("ulimit -f {blocks}; exec {bangtin} {publish}")]);
        assert!([0, 3].contains(&said.code), "{blocks}: {said:?}");
        assert!(said.code == 0 || said.stderr.contains("File too large"), "{blocks}: {said:?}");
        failed += usize::from(said.code == 3);
        let half: Vec<_> = tree(&province.0.path("")).into_keys().filter(|name| name.contains(".tmp-")).collect();
        assert!(half.is_empty(), "{blocks}: {half:?}");
    }
    assert!(failed >= 2, "no file was too large: {failed}");
    province.publish(&["--key", "keys/publish"]).success();
}

#[test]
fn the_list_of_approved_programs_begins_with_the_newest_and_marks_withdrawn_slides() {
    let province = published();
    let old = december(&province);
    withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    let list = format!("{}revision: 2\n", province::PLAYLIST);
    province.0.write("content/playlists/2026-12/province.yaml", list);
    for key in ["keys/lan", "keys/hung", "keys/ta-lung"] {
        let approve =
            ["approve", "--unseen", "--yes", "--key", key, "--month", "2026-12", "--site", "ta-lung", "--now", "2026-12-02T09:00"];
        province.0.bangtin(&approve).success();
    }
    province.0.write("content/playlists/2026-12/province.yaml", "entries: [");
    let said = province.publish(&["--key", "keys/publish", "--lang", "vi"]).code(1).stderr;
    let listed: Vec<&str> = said.lines().filter(|line| line.contains("  ta-lung tháng 12/2026 lần sửa ")).collect();
    assert!(listed[0].contains(" lần sửa 2, ") && !listed[0].contains("thu hồi"), "{said}");
    assert!(listed[1].starts_with(&format!("  {old}")) && listed[1].ends_with(" (có trang đã thu hồi)"), "{said}");
}
