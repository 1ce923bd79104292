//! Files in the place of approvals that are none: nobody is accused of them, and `check` and `approve` name each with cause and remedy.

use std::fs;

use serde_json::Value;

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::rotation::Holders;

const NOW: [&str; 2] = ["--now", "2026-12-01T09:00"];
const MONTH: [&str; 4] = ["--month", "2026-12", "--site", "ta-lung"];

fn approve(province: &Province, more: &[&str]) -> Finished {
    province.0.bangtin(&[&["approve", "--unseen", "--yes", "--key", "keys/lan"], MONTH.as_slice(), &NOW, more].concat())
}

fn check(province: &Province) -> String {
    province.0.bangtin(&[["check"].as_slice(), &NOW].concat()).success().stdout
}

/// Path below the sandbox of the only statement of a kind of program.
fn statement(province: &Province, kind: &str) -> String {
    let files = tree(&province.0.path("content/approvals"));
    let of = |bytes: &[u8]| {
        serde_json::from_slice::<Value>(bytes)
            .is_ok_and(|value| value["kind"] == kind && value["roles"].is_array() && value["program"].is_string())
    };
    let found: Vec<_> = files.iter().filter(|(name, bytes)| !name.ends_with("program.json") && of(bytes)).map(|(name, _)| name).collect();
    assert_eq!(found.len(), 1, "{files:?}");
    format!("content/approvals/{}", found[0])
}

/// A way to put a file that is none in the place of a statement.
type Spoil = fn(&Province, &str, &str);

#[test]
fn a_file_that_a_reviewer_has_not_signed_never_accuses_her_and_is_named_with_what_to_do() {
    let cases: [(&str, Spoil, &str); 6] = [
        ("words changed", |province, path, _| reword(province, path), "the signature is bad: key "),
        ("an earlier approval with another digest", redirect, "the signature is bad: key "),
        ("signature of something else", |province, path, other| copy(province, path, other, &[".minisig"]), "the signature is bad: key "),
        (
            "statement of another program",
            |province, path, other| copy(province, path, other, &["", ".minisig"]),
            "this statement speaks of program ",
        ),
        ("no signature", |province, path, _| fs::remove_file(province.0.path(&format!("{path}.minisig"))).unwrap(), "its signature file "),
        ("a folder", in_its_place, "; remove it, and put the file itself there"),
    ];
    for (name, spoil, cause) in cases {
        let province = Province::new();
        approve(&province, &[]).success();
        province.approve(&["--evergreen", "--site", "ta-lung"], "lan").success();
        let (path, other) = (statement(&province, "monthly"), statement(&province, "evergreen"));
        assert!(!check(&province).contains("approval-"), "{name}");
        spoil(&province, &path, &other);
        let before = tree(&province.0.path("content/approvals"));
        for more in [&[][..], &["--remark", "khác"]] {
            let said = approve(&province, more).code(1).stderr;
            assert!(said.contains("nothing was signed") && said.contains(&path) && said.contains(cause), "{name}: {said}");
            assert!(said.contains("git log -- approvals/") && !said.contains("has signed something else"), "{name}: {said}");
        }
        assert_eq!(tree(&province.0.path("content/approvals")), before, "{name}");
        let (said, below) = (check(&province), path.strip_prefix("content/").unwrap());
        assert_eq!(said.matches("warning[approval-unsigned]: ").count(), 1, "{name}: {said}");
        assert!(
            said.contains(cause) && said.contains(&format!("  --> {below}\n")) && said.contains("git log -- approvals/"),
            "{name}: {said}"
        );
        let vi = province.0.bangtin(&["--lang", "vi", "check"]).stdout;
        assert!(vi.contains("cảnh báo[approval-unsigned]: ") && vi.contains("cách sửa: lấy lại từ git văn bản"), "{name}: {vi}");
    }
}

/// As a forger does who has an earlier approval at hand.
fn redirect(province: &Province, path: &str, other: &str) {
    let [mine, theirs] = [path, other].map(|path| path.split('/').nth(2).unwrap().to_owned());
    copy(province, path, other, &[".minisig"]);
    province.0.write(path, fs::read_to_string(province.0.path(other)).unwrap().replace(&theirs, &mine));
}

/// Puts files of the other statement in the place of this one's.
fn copy(province: &Province, path: &str, other: &str, ends: &[&str]) {
    for end in ends {
        fs::copy(province.0.path(&format!("{other}{end}")), province.0.path(&format!("{path}{end}"))).unwrap();
    }
}

fn in_its_place(province: &Province, path: &str, _: &str) {
    fs::remove_file(province.0.path(path)).unwrap();
    fs::create_dir(province.0.path(path)).unwrap();
}

fn reword(province: &Province, path: &str) {
    let text = fs::read_to_string(province.0.path(path)).unwrap();
    let forged = text.replace("\"remark\": \"\"", "\"remark\": \"đã xem\"");
    assert_ne!(forged, text);
    province.0.write(path, forged);
}

#[test]
fn what_a_reviewer_has_signed_is_still_hers_and_gets_the_program_that_it_lacks() {
    let province = Province::new();
    approve(&province, &["--remark", "một"]).success();
    let said = approve(&province, &["--remark", "hai"]).code(1).stderr;
    assert!(said.contains("this key has signed something else at "), "{said}");
    let path = statement(&province, "monthly");
    let program = format!("{}/program.json", path.rsplit_once('/').unwrap().0);
    let bytes = fs::read(province.0.path(&program)).unwrap();
    fs::remove_file(province.0.path(&program)).unwrap();
    let said = check(&province);
    assert!(said.contains("warning[approval-unsigned]: there is no program.json beside it"), "{said}");
    approve(&province, &[]).success().stdout_has("Signed before, unchanged: ");
    assert_eq!(fs::read(province.0.path(&program)).unwrap(), bytes);
    assert!(!check(&province).contains("approval-"));
    // Other line ends are told as such, here too.
    let text = fs::read_to_string(province.0.path(&path)).unwrap();
    province.0.write(&path, text.replace('\n', "\r\n"));
    let said = check(&province);
    assert!(said.contains("warning[approval-unsigned]: git or an editor has changed the line endings"), "{said}");
    assert!(!said.contains("remove both files"), "{said}");
}

#[test]
fn the_statement_of_a_key_that_has_left_the_root_is_no_forgery_and_is_judged_by_that_key() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    let province = &holders.province;
    province.approve(&MONTH, "ta-lung").success();
    let path = statement(province, "monthly");
    holders.sandbox().bangtin(&["keys", "new", "keys/moi", "--no-password", "--holder", "moi"]).success();
    holders.trust(&["add", "ta-lung=keys/moi.pub"]).success();
    holders.trust(&["remove", "ta-lung"]).success();
    holders.pass(&["--accept-drop"], &["an"]);
    assert_eq!(holders.root(2)["version"], 2);
    assert!(!check(province).contains("approval-"));
    reword(province, &path);
    assert!(check(province).contains("warning[approval-unsigned]: the signature is bad: key "));
    // Of a key that no root has named nothing is known.
    let (folder, own) = path.rsplit_once('/').unwrap();
    let unknown = format!("{folder}/0123456789abcdef.json");
    for end in ["", ".minisig"] {
        fs::rename(holders.sandbox().path(&format!("{folder}/{own}{end}")), holders.sandbox().path(&format!("{unknown}{end}"))).unwrap();
    }
    assert!(!check(province).contains("approval-"));
}

#[test]
fn a_damaged_or_foreign_program_keeps_no_withdrawal_from_being_signed_and_is_named() {
    let province = Province::approved();
    let is_evergreen = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok_and(|value| value["kind"] == "evergreen");
    let mut filed = tree(&province.0.path("content/approvals")).into_iter().filter(|(name, _)| name.ends_with("program.json"));
    let evergreen = filed.find(|(_, bytes)| is_evergreen(bytes)).unwrap().0;
    let evergreen = format!("content/approvals/{evergreen}");
    let (folder, foreign) = (evergreen.rsplit_once('/').unwrap().0, format!("content/approvals/{}", "0".repeat(64)));
    assert!(!check(&province).contains("approval-program"));
    let whole = fs::read(province.0.path(&format!("{folder}/program.json"))).unwrap();
    for damage in ["foreign", "changed", "no JSON", "a folder"] {
        let program = province.0.path(&format!("{folder}/program.json"));
        match damage {
            "foreign" => drop(province.0.copy(province.0.path(folder), &foreign)),
            "a folder" => {
                fs::remove_file(&program).unwrap();
                fs::create_dir(&program).unwrap();
            }
            "changed" => fs::write(&program, [&whole[..], b"x"].concat()).unwrap(),
            _ => fs::write(&program, "{}").unwrap(),
        }
        let said = check(&province);
        let named = if damage == "foreign" { &foreign } else { folder }.strip_prefix("content/").unwrap();
        assert_eq!(said.matches("warning[approval-program]: ").count(), 1, "{damage}: {said}");
        assert!(said.contains(&format!("  --> {named}/program.json")) && said.contains("repair it now"), "{damage}: {said}");
        let words = ["withdraw", "--key", "keys/lan", "--slide", "du-lich/ban-gioc", "--reason", "sai"];
        // What only one holder may not take waits for the next.
        let done = province.0.bangtin(&[words.as_slice(), &NOW].concat());
        assert!(
            done.stderr.contains(&format!("{named}/program.json")) && done.stdout.contains("Signed withdrawal 1"),
            "{damage}: {done:?}"
        );
        // Whatever else needs it says what it can't know.
        let unknown = "Until then nobody knows whether a slide here is the same as a withdrawn one of that program";
        for said in [province.0.bangtin(&["at", "ta-lung", "2026-12-03T10:15"]), approve(&province, &[])] {
            let told = |line: &&str| line.contains(&format!("{named}/program.json")) && line.ends_with(unknown);
            assert_eq!(said.stderr.lines().filter(told).count(), 1, "{damage}: {said:?}");
        }
        fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
        let _ = fs::remove_dir_all(province.0.path(&foreign));
        let _ = fs::remove_dir(&program);
        fs::write(&program, &whole).unwrap();
    }
}
