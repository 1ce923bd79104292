//! Output that nobody reads or that can't be written: nothing panics, nothing is left half done, and a lost answer is reported.

use std::fs::File;
use std::process::{Output, Stdio};

use crate::harness::Sandbox;
use crate::publish::commands::Province;

const DECEMBER: [&str; 4] = ["--month", "2026-12", "--site", "ta-lung"];
const WITHDRAW: [&str; 9] = ["withdraw", "--key", "keys/lan", "--reason", "sai", "--now", "2026-12-01T09:00", "--to", "store"];

/// A pipe whose reader has left.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn full_disk() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

fn run(sandbox: &Sandbox, args: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    sandbox.command(env!("CARGO_BIN_EXE_bangtin"), args).stdout(stdout).stderr(stderr).output().unwrap()
}

#[test]
fn a_withdrawal_reaches_the_store_whatever_becomes_of_the_output() {
    for (case, stdout) in [("a closed pipe", closed_pipe as fn() -> Stdio), ("a full disk", full_disk)] {
        let province = Province::published();
        let withdrawn = |key: &str| {
            let args: Vec<&str> = WITHDRAW.iter().chain(&DECEMBER).map(|word| if *word == "keys/lan" { key } else { word }).collect();
            run(&province.0, &args, stdout(), closed_pipe())
        };
        withdrawn("keys/lan");
        let done = withdrawn("keys/hung");
        let expected = if case == "a full disk" { Some(3) } else { Some(0) };
        assert_eq!(done.status.code(), expected, "{case}");
        assert!(province.0.path("store/withdrawals/1.json").is_file(), "{case}: it was signed and not sent");
    }
}

#[test]
fn a_publication_is_finished_after_its_reader_left() {
    let province = Province::approved();
    let args = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    let done = run(&province.0, &args, closed_pipe(), closed_pipe());
    assert_eq!(done.status.code(), Some(0));
    assert!(province.0.path("store/sites/ta-lung/latest.json").is_file());
}

#[test]
fn an_answer_that_can_not_be_written_is_an_error_and_a_reader_that_has_enough_is_not() {
    let province = Province::new();
    for args in
        [["check", "--format", "json"].as_slice(), &["at", "ta-lung", "2026-12-03T10:15"], &["schema"], &["--help"], &["trust", "show"]]
    {
        let full = run(&province.0, args, full_disk(), Stdio::piped());
        assert_eq!(full.status.code(), Some(3), "{args:?}");
        let said = String::from_utf8_lossy(&full.stderr).into_owned();
        assert!(said.contains("bangtin: the answer was not written whole to standard output"), "{args:?}: {said}");
        let closed = run(&province.0, args, closed_pipe(), Stdio::piped());
        let said = String::from_utf8_lossy(&closed.stderr).into_owned();
        assert!(closed.status.code() == Some(0) && !said.contains("panicked"), "{args:?}: {said}");
    }
}

#[test]
fn the_player_goes_on_without_its_standard_error() {
    let province = Province::published();
    province.0.write(
        "player.json",
        r#"{"site": "ta-lung", "player": "a", "store": ["absent", "store"], "data": "data", "root": "content/trust/root/1.json", "listen": "127.0.0.1:0", "reserve_bytes": 0}"#,
    );
    let mut command = province.0.command(env!("CARGO_BIN_EXE_bangtin-player"), &["pull", "--config", "player.json"]);
    let done = command.stdout(closed_pipe()).stderr(closed_pipe()).output().unwrap();
    assert_eq!(done.status.code(), Some(0));
    province.0.player(&["verify", "--config", "player.json"]).success();
}
