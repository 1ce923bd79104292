//! Links, pipes and folders in the place of files, in a store and among the signed files of the content: named at once, never followed, never
//! waited for.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::commands::Province;
use crate::harness::{Finished, tree};
use crate::withdraw::{published, withdraw};

const SLIDE: [&str; 4] = ["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"];
const OTHER: [&str; 4] = ["--slide", "du-lich/ban-gioc", "--reason", "sai giờ"];

/// What is put in the place of a file, which stands beside it as `NAME.real`.
const KINDS: [&str; 4] = ["link", "dangling link", "pipe", "folder"];

fn put(kind: &str, place: &Path) {
    match kind {
        "link" => symlink(real(place).file_name().unwrap(), place).unwrap(),
        "dangling link" => symlink("nowhere", place).unwrap(),
        "folder" => fs::create_dir(place).unwrap(),
        _ => assert!(std::process::Command::new("mkfifo").arg(place).status().unwrap().success()),
    }
}

fn real(place: &Path) -> std::path::PathBuf {
    format!("{}.real", place.display()).into()
}

/// Runs a command, which must not wait for anything.
fn run(province: &Province, args: &[&str]) -> Finished {
    let line = [["30", env!("CARGO_BIN_EXE_bangtin")].as_slice(), args].concat();
    let ended = province.0.run("timeout", &line);
    assert_ne!(ended.code, 124, "{args:?} hangs: {}{}", ended.stdout, ended.stderr);
    ended
}

#[test]
fn a65_what_is_no_plain_file_in_a_store_is_named_and_nobody_waits_for_it() {
    let province = published();
    withdraw(&province, "lan", &[SLIDE.as_slice(), &["--to", "store"]].concat()).success();
    let mut names =
        fs::read_dir(province.0.path("store/withdrawals")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let signature = format!("withdrawals/{}", names.find(|name| name.ends_with(".minisig")).unwrap());
    let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    for name in ["withdrawals/1.json", signature.as_str(), "sites/ta-lung/latest.json", "root/1.json"] {
        let place = province.0.path("store").join(name);
        fs::rename(&place, real(&place)).unwrap();
        for kind in KINDS {
            put(kind, &place);
            let what = if kind.ends_with("link") { "is a link" } else { "is a folder, a pipe, a device or a socket, and no file" };
            let named = format!("{name}: {what}");
            // Where no plain file stands in a file's place, a publication and a look at the store end with it.
            run(&province, &publish).code(3).stderr_has(&named).stderr_has("publish again");
            run(&province, &["trust", "publish", "--to", "store", "--now", "2026-12-01T09:00"]);
            let checked = run(&province, &["store", "check", "store"]);
            assert_eq!(checked.code, 1, "{name} {kind}: {}", checked.stderr);
            assert!(checked.stdout.contains(&format!("{name}: damaged: {what}")), "{name} {kind}: {}", checked.stdout);
            let verified = run(&province, &["verify", "store", "--at", "2026-12-03T10:15"]);
            // Where the sites of the store can't be listed, that is the only thing it says.
            match (verified.code, verified.stdout.is_empty()) {
                (0, _) => {}
                (_, true) => drop(verified.stderr_has(&named)),
                (_, false) => drop(verified.stdout_has(&format!("{name} {what}"))),
            }
            // Nothing keeps a withdrawal from being signed.
            let said = run(
                &province,
                &[["withdraw", "--key", "keys/lan", "--now", "2026-12-01T09:00", "--to", "store"].as_slice(), &OTHER].concat(),
            );
            said.code(3).stderr_has("SIGNED, NOT SENT").stderr_has(&named);
            if place.is_dir() && !place.is_symlink() { fs::remove_dir(&place).unwrap() } else { fs::remove_file(&place).unwrap() }
        }
        fs::rename(real(&place), &place).unwrap();
    }
    // The month waits for a corrected slide.
    run(&province, &publish).code(1).stdout_has("Withdrawal 2 is in").stdout_has("published 1-2");
    run(&province, &["store", "check", "store"]).success();
    // A folder of the store that is a link: nothing is read or written behind it.
    let folder = province.0.path("store/withdrawals");
    fs::rename(&folder, real(&folder)).unwrap();
    symlink("withdrawals.real", &folder).unwrap();
    run(&province, &publish).code(3).stderr_has("store/withdrawals: is a link");
    run(&province, &["store", "check", "store"]).code(1).stdout_has("withdrawals: damaged: is a link");
    run(&province, &["verify", "store", "--at", "2026-12-03T10:15"]).stdout_has("withdrawals is a link");
}

#[test]
fn a65_what_is_no_plain_file_among_signed_files_is_named() {
    let province = published();
    withdraw(&province, "lan", &SLIDE).success();
    let approval = |end: &str| {
        let all = walkdir::WalkDir::new(province.0.path("content/approvals")).into_iter().filter_map(Result::ok);
        all.map(walkdir::DirEntry::into_path).find(|path| path.to_str().is_some_and(|path| path.ends_with(end))).unwrap()
    };
    let fixed = ["content/trust/withdrawals/1.json", "content/trust/root/1.json"].map(|name| province.0.path(name));
    for place in fixed.into_iter().chain([approval("program.json")]) {
        fs::rename(&place, real(&place)).unwrap();
        for kind in KINDS {
            put(kind, &place);
            let what = if kind.ends_with("link") { "is a link" } else { "is a folder, a pipe, a device or a socket, and no file" };
            let named = format!("{}: {what}", place.display());
            let named = &named[named.find("content/").unwrap()..];
            let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
            let said = run(&province, &publish).code(1);
            assert!(said.stderr.contains(named) || said.stdout.contains(named), "{named}: {}{}", said.stdout, said.stderr);
            let approve = ["approve", "--evergreen", "--unseen", "--yes", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
            run(&province, &approve);
            if place.to_str().unwrap().contains("/trust/") {
                run(&province, &["check", "--now", "2026-12-01T09:00"]).code(1).stderr_has(named);
            }
            if place.is_dir() && !place.is_symlink() { fs::remove_dir(&place).unwrap() } else { fs::remove_file(&place).unwrap() }
        }
        fs::rename(real(&place), &place).unwrap();
    }
    province.publish(&["--key", "keys/publish"]);
}

#[test]
fn an_approval_that_cannot_be_read_is_an_absent_one_and_keeps_no_other_site_waiting() {
    let province = Province::new();
    let sandbox = &province.0;
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    sandbox.write("content/sites/ban-gioc.yaml", site.replace("Tà Lùng", "Bản Giốc"));
    province.approve_ta_lung();
    let before: Vec<_> = fs::read_dir(sandbox.path("content/approvals")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for key in ["lan", "hung"] {
        for period in [["--month", "2026-12"].as_slice(), &["--evergreen"]] {
            province.approve(&[period, &["--site", "ban-gioc"]].concat(), key).success();
        }
    }
    let publish = ["publish", "--to", "store", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    let of_month = |folder: &&std::path::PathBuf| fs::read_to_string(folder.join("program.json")).unwrap().contains("\"kind\":\"monthly\"");
    let month = before.iter().find(of_month).unwrap();
    let statement = fs::read_dir(month)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "json") && !path.ends_with("program.json"));
    // A statement over its limit, a signature over its, a pipe, and a program over its own.
    let statement = statement.unwrap();
    let signature = real(&statement).with_file_name(format!("{}.minisig", statement.file_name().unwrap().to_str().unwrap()));
    for (place, bytes) in [(&statement, 70_000), (&signature, 70_000), (&statement, 0), (&month.join("program.json"), 17 << 20)] {
        fs::rename(place, real(place)).unwrap();
        match bytes {
            0 => put("pipe", place),
            size => fs::File::create(place).unwrap().set_len(size).unwrap(),
        }
        let said = run(&province, &publish).code(1).stdout_has("ban-gioc: ");
        assert!(sandbox.path("store/sites/ban-gioc/latest.json").exists(), "{}", said.stdout);
        let shown = place.display().to_string();
        let waits = said.stdout.split_once("ta-lung: waits for approval: ").unwrap_or_default().1;
        let named = waits.split("\nta-lung: ").next().unwrap_or_default();
        assert!(named.contains(&shown[shown.find("content/").unwrap()..]) && named.contains("from git or the store"), "{}", said.stdout);
        fs::remove_file(place).unwrap();
        fs::rename(real(place), place).unwrap();
    }
    run(&province, &publish).success();
}

#[test]
fn what_is_left_out_is_told_with_quiet_too() {
    let province = Province::published();
    province.0.write("content/playlists/evergreen/province.yaml", format!("{}revision: 2\n", super::province::PLAYLIST));
    let reason = "ta-lung: the published evergreen program stays\n  evergreen program ";
    for quiet in [[].as_slice(), &["--quiet"]] {
        let said = province.publish(&[["--key", "keys/publish"].as_slice(), quiet].concat()).code(1);
        assert_eq!(format!("{}{}", said.stdout, said.stderr).matches(reason).count(), 1, "{}", said.stderr);
    }
    // An evergreen program that was asked for by name and is not approved is no success.
    province.approve(&["--evergreen", "--site", "ta-lung"], "lan").success();
    let filed: std::collections::BTreeSet<_> =
        tree(&province.0.path("content/approvals")).into_keys().map(|name| name[..64].to_owned()).collect();
    let published = tree(&province.0.path("store/programs"));
    let new = filed.into_iter().find(|digest| !published.contains_key(&format!("{digest}.json"))).unwrap();
    let said = province.publish(&["--key", "keys/publish", "--program", &new]).code(1).stdout_has(reason);
    said.stdout_has("only what the content builds can be approved: name another program that is approved, or bring the content back");
}

#[test]
fn schemas_are_not_written_into_the_content() {
    let province = Province::new();
    let before = tree(&province.0.path("content"));
    province.0.bangtin(&["schema", "--out", "content/slides"]).code(2).stderr_has("is inside the content folder");
    assert_eq!(tree(&province.0.path("content")), before);
    province.0.bangtin(&["schema", "--out", "schemas"]).success();
}
