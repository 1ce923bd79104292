//! A clone whose line endings git changed: each kind of signed file says so, and the commands in the message bring it back.

use std::fs;
use std::path::Path;

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::withdraw::{published, withdraw};

const NOW: &[&str] = &["--now", "2026-12-01T09:00"];
const SAID: &str = "changed the line endings of this file";

fn run(province: &Province, args: &[&str]) -> Finished {
    province.0.bangtin(&[args, NOW].concat())
}

/// A clone with the line endings of Windows, and its commands.
struct Clone(Province);

impl Clone {
    /// Of a province with a withdrawal.
    fn new() -> Self {
        let province = published();
        withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
        let git = |args: &[&str]| {
            let fixed = ["-c", "user.name=lan", "-c", "user.email=lan@example.vn", "-c", "commit.gpgsign=false"];
            province.0.run("git", &[fixed.as_slice(), args].concat()).success()
        };
        git(&["init", "-q"]);
        git(&["add", "content", "themes"]);
        git(&["commit", "-q", "-m", "Nội dung"]);
        git(&["clone", "-q", "-c", "core.autocrlf=true", ".", "clone"]);
        Self(province)
    }

    fn bangtin(&self, args: &[&str]) -> Finished {
        run(&self.0, &[&["--content", "clone/content"], args].concat())
    }

    fn approve(&self) -> Finished {
        self.bangtin(&["approve", "--unseen", "--yes", "--key", "keys/lan", "--month", "2026-12", "--site", "ta-lung"])
    }

    fn publish(&self) -> Finished {
        self.bangtin(&["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"])
    }

    /// Runs the two commands of a message, which `publish` gives for each program.
    fn restore(&self, said: &str) {
        let commands: Vec<&str> = said.split("git -C ").skip(1).collect();
        assert!(!commands.is_empty() && commands.len().is_multiple_of(2), "{said}");
        for command in commands {
            let end = ["; ", ". "].iter().filter_map(|mark| command.find(mark)).min().unwrap();
            let words: Vec<&str> = command[..end].split_whitespace().collect();
            self.0.0.run("git", &[["-C"].as_slice(), &words].concat()).success();
        }
    }
}

#[test]
fn a_clone_with_other_line_ends_is_told_apart_from_a_forged_one_and_comes_back_as_the_message_says() {
    let clone = Clone::new();
    assert!(fs::read(clone.0.0.path("clone/content/trust/root/1.json")).unwrap().windows(2).any(|pair| pair == b"\r\n"));
    for said in [clone.bangtin(&["trust", "show"]), clone.bangtin(&["check"]), clone.approve(), clone.publish()] {
        said.code(1).stderr_has("trust/root/1.json: git or an editor").stderr_has(SAID).stderr_has("* -text");
    }
    let said = clone.bangtin(&["trust", "show"]).stderr;
    clone.restore(&said);
    // The approvals are another folder.
    // `publish` says it of the programs that it leaves out; what was withdrawn and what is published already waits for nobody.
    let said = clone.publish().code(1).stdout_has("/approvals/").stdout_has(SAID).stdout_has("ta-lung: published 1-2").stdout;
    clone.approve().code(1).stderr_has("/approvals/").stderr_has(SAID);
    clone.bangtin(&["trust", "show"]).code(1).stderr_has("/approvals/").stderr_has(SAID);
    clone.restore(&said);
    // The programs are the same, so that themes and texts may keep their line endings.
    clone.publish().success().stdout_has("ta-lung: nothing new");
    clone.bangtin(&["trust", "show"]).success();
}

/// Gives files the line endings of Windows.
fn with_carriage_returns(folder: &Path, chosen: impl Fn(&str) -> bool) {
    for (name, bytes) in tree(folder).into_iter().filter(|(name, _)| chosen(name)) {
        fs::write(folder.join(name), String::from_utf8(bytes).unwrap().replace('\n', "\r\n")).unwrap();
    }
}

#[test]
fn each_kind_of_signed_file_is_named_and_what_git_does_not_have_is_saved_again() {
    let province = published();
    withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    run(&province, &["trust", "prepare"]).success();
    let signed = run(&province, &["trust", "sign", "content/trust/draft/root.json", "--key", "keys/root", "--yes"]).success();
    assert!(signed.stdout.contains("Once enough have signed") && !signed.stdout.contains("Carry"), "{}", signed.stdout);
    let content = province.0.path("content");
    let original = tree(&content);
    let sign = ["trust", "sign", "content/trust/draft/root.json", "--key", "keys/root", "--yes"];
    let old = ["trust", "sign", "content/trust/draft/root.json", "--old", "content/trust/root/1.json", "--key", "keys/root", "--yes"];
    let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish"];
    let withdrawal = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "khác", "--key", "keys/lan"];
    let (show, check, apply) = (["trust", "show"], ["check"], ["trust", "apply"]);
    let kinds: [(&str, &str, &[&str]); 9] = [
        ("trust/root/1.json", "", &show),
        ("trust/root/", ".minisig", &check),
        ("trust/root/1.json", "", &old),
        ("trust/withdrawals/1.json", "", &withdrawal),
        ("trust/withdrawals/", ".minisig", &publish),
        ("trust/draft/", ".json", &sign),
        ("trust/draft/", ".minisig", &apply),
        ("approvals/", "program.json", &publish),
        ("approvals/", ".minisig", &publish),
    ];
    for (start, end, command) in kinds {
        with_carriage_returns(&content, |name| name.starts_with(start) && name.ends_with(end));
        let mut said = run(&province, command).code(1);
        if start == "approvals/" {
            said.stderr.push_str(&said.stdout);
        }
        said.stderr_has(SAID).stderr_has("Save these files with the line endings LF").stderr_has(start);
        original.iter().for_each(|(name, bytes)| fs::write(content.join(name), bytes).unwrap());
    }
    run(&province, &apply).success();
}
