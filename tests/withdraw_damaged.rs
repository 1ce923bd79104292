//! A withdrawal that is damaged, in the content folder or in the store: the message names the file and what brings it back, and that works.

use std::fs;
use std::process::Stdio;

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::withdraw::{published, read, withdraw};

const ALL: &[&str] = &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"];
const FILE: &str = "content/trust/withdrawals/1.json";

/// The command in a message, up to its end.
fn command(message: &str) -> Vec<&str> {
    let start = message.find("git -C ").unwrap_or_else(|| panic!("{message}"));
    message[start..].split(';').next().unwrap().split_whitespace().skip(1).collect()
}

/// Ways to damage the statement or its signature.
fn damages(province: &Province) -> Vec<Box<dyn Fn() + '_>> {
    let folder = province.0.path("content/trust/withdrawals");
    let signature =
        fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).find(|path| path.extension() == Some("minisig".as_ref()));
    let (statement, signature) = (folder.join("1.json"), signature.unwrap());
    let (cut, gone) = (statement.clone(), signature.clone());
    vec![
        Box::new(move || fs::write(&statement, fs::read_to_string(&statement).unwrap().replace("sai", "sao")).unwrap()),
        Box::new(move || fs::write(&cut, "").unwrap()),
        Box::new(move || fs::write(&signature, "untrusted comment: x").unwrap()),
        Box::new(move || fs::remove_file(&gone).unwrap()),
    ]
}

#[test]
fn a_damaged_withdrawal_of_the_content_is_named_and_comes_back_as_the_message_says() {
    let province = published();
    withdraw(&province, "lan", &[ALL, &["--to", "store"]].concat()).success();
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    let git = |args: &[&str]| {
        let fixed = ["-C", "content", "-c", "user.name=lan", "-c", "user.email=lan@example.vn", "-c", "commit.gpgsign=false"];
        province.0.run("git", &[fixed.as_slice(), args].concat()).success()
    };
    git(&["init", "-q"]);
    git(&["add", "--all"]);
    git(&["commit", "-q", "-m", "Thu hồi"]);
    let check = || province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
    for damage in damages(&province) {
        damage();
        let blocked: [Finished; 4] = [
            check(),
            withdraw(&province, "hung", &["--slide", "du-lich/ban-gioc", "--reason", "khác"]),
            province.publish(&["--key", "keys/publish"]),
            province.approve(&["--month", "2026-12"], "lan"),
        ];
        for said in blocked {
            let said = said.code(1).stderr_has(FILE).stderr_has("damaged or lacks its signature file (").stderr;
            assert_eq!(command(&said).last(), Some(&"trust/withdrawals"), "{said}");
        }
        let said = check().stderr;
        province.0.run("git", &command(&said)).success();
        check().success();
    }
    // Its copies in the store and in the archive are the same files.
    for source in ["store", "archive"] {
        province.publish(&["--key", "keys/publish"]);
        fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
        province.0.run("cp", &["-r", &format!("{source}/withdrawals"), "content/trust/withdrawals"]).success();
        check().success();
    }
    // Removed here though published: the gap is named with the same remedy.
    withdraw(&province, "hung", &["--slide", "du-lich/ban-gioc", "--only", "--month", "2026-12", "--site", "ta-lung", "--reason", "khác"])
        .success();
    fs::remove_file(province.0.path(FILE)).unwrap();
    let said = check().code(1).stderr_has("there is 2.json but no 1.json").stderr;
    province.0.run("git", &command(&said)).success();
    check().success();
}

#[test]
fn a_damaged_withdrawal_that_was_never_published_is_removed_and_signed_again() {
    let province = published();
    withdraw(&province, "lan", ALL).success();
    damages(&province)[0]();
    let said = withdraw(&province, "lan", ALL).code(1).stderr_has("If it was never published, remove these files");
    let said = said.stderr_has("from the folder withdrawals of the store or of the archive: git does not have them here. If").stderr;
    assert!(!said.contains("git -C"), "git can't bring back what it never had: {said}");
    fs::remove_dir_all(province.0.path("content/trust/withdrawals")).unwrap();
    withdraw(&province, "lan", &[ALL, &["--to", "store"]].concat()).success().stdout_has("Withdrawal 1 is in");
}

#[test]
fn a_damaged_withdrawal_of_the_store_is_replaced_and_a_hint_that_a_cut_run_left_is_raised() {
    let province = published();
    let hint = fs::read(province.0.path("store/sites/ta-lung/latest.json")).unwrap();
    let all = [ALL, &["--to", "store"]].concat();
    withdraw(&province, "lan", &all).success();
    province.0.write("store/withdrawals/1.json", "{}");
    let why = "withdrawals/1.json is damaged or lacks its signature";
    withdraw(&province, "hung", &["--slide", "du-lich/ban-gioc", "--reason", "khác", "--to", "store"])
        .code(3)
        .stderr_has("SIGNED, NOT SENT")
        .stderr_has(why);
    province.publish(&["--key", "keys/publish"]).code(3).stderr_has(why);
    for (name, _) in tree(&province.0.path("content/trust/withdrawals")).into_iter().filter(|(name, _)| !name.starts_with("1.")) {
        fs::remove_file(province.0.path("content/trust/withdrawals").join(name)).unwrap();
    }
    fs::remove_file(province.0.path("store/withdrawals/1.json")).unwrap();
    withdraw(&province, "lan", &all).success().stdout_has("Withdrawal 1 is in");
    // Signatures that prove nothing give way to those here.
    let signature = fs::read_dir(province.0.path("store/withdrawals")).unwrap().map(|file| file.unwrap().path());
    let signature = signature.into_iter().find(|path| path.extension() == Some("minisig".as_ref())).unwrap();
    let good = fs::read_to_string(&signature).unwrap();
    let other = good.lines().enumerate().map(|(at, line)| if at == 1 { line.replace('R', "S") } else { line.to_owned() });
    for bad in ["untrusted comment: x".to_owned(), String::new(), other.collect::<Vec<_>>().join("\n")] {
        fs::write(&signature, bad).unwrap();
        province.0.bangtin(&["store", "check", "store"]).code(1).stdout_has("withdrawals/1.json");
        let number = ["--withdrawal", "1", "--to", "store"];
        withdraw(&province, "lan", &number).success();
        assert_eq!(fs::read_to_string(&signature).unwrap(), good);
        province.0.bangtin(&["store", "check", "store"]).success();
    }
    // A statement that is lost there although the hint names it: a verification and a player say so.
    fs::remove_file(province.0.path("store/withdrawals/1.json")).unwrap();
    let lost = "names 1 withdrawal but only 0 can be read";
    province.0.bangtin(&["verify", "store", "--site", "ta-lung"]).code(3).stdout_has(lost);
    province.0.bangtin(&["store", "check", "store"]).code(1).stdout_has("withdrawals/1.json: missing: is not in the store");
    withdraw(&province, "lan", &["--withdrawal", "1", "--to", "store"]).success();
    // The network died between the statement and the hint: the next run raises it.
    province.0.write("store/sites/ta-lung/latest.json", &hint);
    let check = || province.0.bangtin(&["store", "check", "store"]);
    check().code(1).stdout_has("latest.json: behind: names root 1 and 0 withdrawals, the store has root 1 and 1 withdrawal: players learn");
    withdraw(&province, "lan", &all).success().stdout_has("Withdrawal 1 is in");
    check().success();
    assert_eq!(read(&province, "store/sites/ta-lung/latest.json")["withdrawals"], 1);
    // Signatures that prove nothing give way to a publication too.
    fs::write(&signature, "untrusted comment: x").unwrap();
    province.publish(&["--key", "keys/publish"]);
    assert_eq!(fs::read_to_string(&signature).unwrap(), good);
}

#[test]
fn two_commands_never_sign_one_number() {
    let province = published();
    let trust = province.0.path("content/trust");
    let held = bangtin::base::files::lock_folder(&trust).unwrap();
    assert!(held.is_some());
    withdraw(&province, "lan", ALL).code(1).stderr_has("another command is signing in").stderr_has("nothing was signed");
    assert!(!trust.join("withdrawals").exists());
    drop(held);
    // At the same moment, over and over: each has a number of its own, and every signature is that of its statement.
    let start = |slide: &str| {
        let args = ["withdraw", "--key", "keys/lan", "--reason", "sai", "--slide", slide, "--only", "--now", "2026-12-01T09:00"];
        province.0.command(env!("CARGO_BIN_EXE_bangtin"), &args).stdout(Stdio::null()).spawn().unwrap()
    };
    for _ in 0..4 {
        let mut both = ["phap-luat/cu-tru", "du-lich/ban-gioc"].map(start);
        let done = both.iter_mut().filter_map(|one| one.wait().unwrap().success().then_some(())).count();
        let signed = (1..=100).take_while(|number| trust.join(format!("withdrawals/{number}.json")).exists()).count();
        let said = province.0.bangtin(&["check", "--now", "2026-12-01T09:00"]);
        assert!(!said.stderr.contains("damaged") && signed >= done.max(1), "{done} of {signed}: {said:?}");
        fs::remove_dir_all(trust.join("withdrawals")).unwrap();
    }
}

#[test]
fn on_a_full_disk_nothing_is_signed_that_could_not_be_kept() {
    let province = published();
    let line = format!(
        "ulimit -f 16; exec {} withdraw --slide phap-luat/cu-tru --reason sai --key keys/lan --to store --now 2026-12-01T09:00",
        env!("CARGO_BIN_EXE_bangtin")
    );
    province.0.run("bash", &["-c", &line]).code(3).stderr_has("nothing was signed or sent: ").stderr_has("make room on that disk");
    assert!(!province.0.path("content/trust/withdrawals").exists() && !province.0.path("store/withdrawals").exists());
    withdraw(&province, "lan", &[ALL, &["--to", "store"]].concat()).success();
}
