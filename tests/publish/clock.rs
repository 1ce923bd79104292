//! A publisher whose clock is wrong: what it takes off the screens is named, and a release of the future is told by all that read the store.

use serde_json::Value;

use super::commands::Province;
use crate::harness::Finished;

const DECEMBER: &str = "“Chương trình tháng 12/2026”";

/// The province's release 1-1 was signed on 2026-12-01 at 09:00.
fn publish(province: &Province, now: &str, more: &[&str]) -> Finished {
    let fixed = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", now];
    province.0.bangtin(&[fixed.as_slice(), more].concat())
}

/// What `verify` and `store check` warn of in words and in JSON.
fn warned(province: &Province, now: &str) -> Vec<String> {
    let commands = [["verify", "store"].as_slice(), &["store", "check", "store"]];
    let run = |command: &[&str], more: &[&str]| province.0.bangtin(&[command, &["--now", now], more].concat()).success().stdout;
    let mut all = Vec::new();
    for command in commands {
        let words: Vec<String> =
            run(command, &[]).lines().filter_map(|line| Some(line.trim().strip_prefix("WARNING: ")?.to_owned())).collect();
        let json: Value = serde_json::from_str(&run(command, &["--format", "json"])).unwrap();
        let told = json.pointer("/warnings").or(json.pointer("/sites/0/warnings")).unwrap().as_array().unwrap();
        assert_eq!(told.len(), words.len(), "{json}");
        all.extend(words);
    }
    all
}

#[test]
fn what_a_clock_that_is_ahead_takes_off_is_named_and_seen_until_it_is_put_right() {
    let province = Province::published();
    assert!(warned(&province, "2026-12-01T08:50").is_empty(), "ten minutes");
    let said = publish(&province, "2027-01-05T09:00", &[]).success();
    let leaves = "leaves the release: its time is over since 2027-01-01 00:00, by this computer's clock (2027-01-05 09:00)";
    assert!(
        said.stdout.lines().any(|line| line.starts_with(&format!("ta-lung: {DECEMBER} (")) && line.ends_with(leaves)),
        "{}",
        said.stdout
    );
    assert!(!said.stderr.contains("WARNING: the last release"), "35 days are usual: {}", said.stderr);
    let warning = "ta-lung: release 1-2 was signed at 2027-01-05 09:00, later than this computer's clock (2026-12-02 09:00); ";
    let warnings = warned(&province, "2026-12-02T09:00");
    assert!(warnings.len() == 2 && warnings.iter().all(|text| text.starts_with(warning)), "{warnings:?}");
    // The clock is right again: what the wrong one signed is no reason to leave the month out for ever.
    let refused = publish(&province, "2026-12-02T09:00", &[]).code(1);
    refused
        .stderr_has("this computer's clock shows 2026-12-02 09:00, but release 1-2 of ta-lung was signed later, at 2027-01-05 09:00.")
        .stderr_has("add --clock-is-right");
    let again = publish(&province, "2026-12-02T09:00", &["--clock-is-right"]).success();
    again.stdout_has("published 1-3").stdout_has(DECEMBER);
    assert!(warned(&province, "2026-12-02T09:00").is_empty());
}

#[test]
fn a_clock_far_ahead_takes_nothing_off_unless_it_is_said_to_be_right() {
    let province = Province::published();
    let (now, head) = ("2027-03-06T09:00", || province.0.path("store/sites/ta-lung/heads/1-2.json").exists());
    let said = publish(&province, now, &["-q"]).code(1);
    said.stderr_has("nothing is published: the last release was signed 95 days ago by this computer's clock (2027-03-06 09:00), and")
        .stderr_has("if it is right, add --clock-is-right");
    assert!(!head());
    publish(&province, now, &["--clock-is-right"]).success().stdout_has("its time is over since 2027-01-01 00:00");
    assert!(head());
    // Nothing leaves any more: it is no matter how long ago the last one was signed.
    publish(&province, "2028-03-06T09:00", &[]).success();
}

#[test]
fn a_clock_far_behind_publishes_nothing_and_one_of_ten_minutes_does() {
    let province = Province::published();
    let head = || province.0.path("store/sites/ta-lung/heads/1-2.json").exists();
    publish(&province, "2020-01-01T00:00", &[]).code(1).stderr_has("Put the clock right and run this again");
    publish(&province, "2026-12-01T08:49", &["--expires", "2027-01-20T09:00"]).code(1);
    assert!(!head());
    publish(&province, "2026-12-01T08:51", &[]).success();
    let vietnamese =
        province.0.bangtin(&["--lang", "vi", "publish", "--to", "store", "--key", "keys/publish", "--now", "2020-01-01T00:00"]);
    vietnamese.code(1).stderr_has("Hãy chỉnh đồng hồ cho đúng rồi chạy lại");
}

#[test]
fn an_approval_by_a_clock_that_is_behind_is_told_when_it_is_signed_published_and_read() {
    let province = Province::new();
    let approve = |key: &str, period: &[&str], now: &str| {
        let key = format!("keys/{key}");
        let fixed = ["approve", "--unseen", "--yes", "--site", "ta-lung", "--key", &key, "--now", now];
        province.0.bangtin(&[fixed.as_slice(), period].concat()).success()
    };
    let (december, evergreen) = (["--month", "2026-12"].as_slice(), ["--evergreen"].as_slice());
    let said = approve("lan", december, "1970-01-02").stderr;
    let warning =
        "WARNING: this computer's clock shows 1970-01-02 00:00, but root 1 was signed later, at 2026-12-01 09:00; the approval bears";
    assert_eq!(said.matches(warning).count(), 2, "before it is signed, and with the result: {said}");
    assert!(said.contains("If this clock is wrong, put it right; if it is right"), "{said}");
    for (key, period) in [("hung", december), ("ta-lung", december), ("lan", evergreen), ("hung", evergreen)] {
        let said = approve(key, period, "2026-12-01T09:00").stderr;
        assert!(!said.contains("clock"), "{said}");
    }
    let odd = "ta-lung: the approval by lan is dated 1970-01-02 00:00, before the first root (2026-12-01 09:00): ";
    let said = publish(&province, "2026-12-01T09:00", &[]).success().stderr_has(&format!("WARNING: {odd}"));
    assert_eq!(said.stderr.matches("the approval by").count(), 1, "{}", said.stderr);
    let warnings = warned(&province, "2026-12-01T09:00");
    assert!(warnings.len() == 1 && warnings[0].starts_with(odd), "{warnings:?}");
    // Signed again after a release, by a clock that has gone back by an hour.
    province.0.write("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", super::province::PLAYLIST));
    let said = approve("lan", december, "2026-12-01T08:00").stderr;
    assert!(said.contains("later, at 2026-12-01 09:00; the approval bears"), "{said}");
}

#[test]
fn a_withdrawal_is_signed_by_a_clock_that_is_behind_and_that_is_said() {
    let province = Province::published();
    let withdraw = |what: &[&str], now: &str| {
        let fixed = ["--reason", "sai", "--key", "keys/lan", "--to", "store", "--now", now];
        province.0.bangtin(&[&["withdraw"], what, &fixed].concat())
    };
    let said = withdraw(&["--slide", "du-lich/ban-gioc"], "2020-01-01T09:00");
    let warning = "WARNING: this computer's clock shows 2020-01-01 09:00, but what is withdrawn was approved later";
    let either = "If this clock is wrong, put it right; if it is right, the clock of the computer that signed then was ahead";
    said.stdout_has("Withdrawal 1 is in").stderr_has(warning).stderr_has(either);
    let said = withdraw(&["--month", "2026-12", "--site", "ta-lung"], "2026-12-01T09:30");
    assert!(!said.stderr.contains("clock"), "{}", said.stderr);
}
