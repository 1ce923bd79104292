//! `bangtin demo --once`: the whole chain on the sample content; it passes only if every screen serves what is due.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Sandbox, repository, tree, wait_for};
use crate::publish::province;

#[test]
fn every_screen_serves_the_slide_that_is_due() {
    let sandbox = Sandbox::new();
    let content = repository().join("content");
    let content = content.to_str().unwrap();
    let printed =
        sandbox.bangtin(&["--content", content, "demo", "--once", "--site", "ta-lung", "--at", "2026-12-03T10:15"]).success().stdout;
    let at = sandbox.bangtin(&["--content", content, "at", "ta-lung", "2026-12-03T10:15", "--screen", "a", "--json"]).success().stdout;
    let at: serde_json::Value = serde_json::from_str(&at).unwrap();
    let slide = at["slide"].as_str().unwrap();
    for screen in ["a", "b", "c", "d"] {
        assert!(printed.contains(&format!("ta-lung {screen}: {slide}\n")), "{slide} on {screen}?\n{printed}");
    }
    sandbox.bangtin(&["--content", content, "demo", "--once", "--site", "nowhere"]).code(2).stderr_has("ta-lung");
}

#[test]
fn a_screen_that_is_dark_at_noon_is_right() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    sandbox.bangtin(&["demo", "--once", "--at", "2026-12-03T10:15"]).success().stdout_has("ta-lung a: du-lich/ban-gioc\n");
    let once = ["demo", "--once", "--at", "2026-12-03T12:00"];
    sandbox.bangtin(&once).success().stdout_has("ta-lung a: dark\n");
    let vietnamese = sandbox.bangtin(&[once.as_slice(), &["--lang", "vi"]].concat()).success().stdout_has("ta-lung a: tắt\n");
    // No line of the players' log, which is in English.
    assert_eq!(vietnamese.stderr, "Đang tạo chương trình, ký duyệt và phát hành…\n");
}

#[test]
fn a_page_that_is_due_and_missing_is_a_failure() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    // A full pipe blocks the command at its first line: the players are ready and nothing is checked yet.
    let (mut read, mut write) = std::io::pipe().unwrap();
    write.write_all(&vec![b' '; 1 << 16]).unwrap();
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &["demo", "--once", "--at", "2026-12-03T10:15"]);
    let child = command.env("TMPDIR", sandbox.path("tmp")).stdout(write).stderr(Stdio::piped()).spawn().unwrap();
    drop(command);
    let health = || {
        let own = fs::read_dir(sandbox.path("tmp")).unwrap().next()?.unwrap().path();
        serde_json::from_slice::<serde_json::Value>(&fs::read(own.join("players/ta-lung/data/health.json")).ok()?).ok()
    };
    // From then on the next report is seconds away.
    let has_all = |health: serde_json::Value| health["last_success"].is_i64() && health["pending"] == serde_json::json!([]);
    wait_for("all programs", Duration::from_secs(60), || health().is_some_and(has_all));
    let held: Vec<_> =
        tree(&sandbox.path("tmp")).into_keys().filter(|name| name.contains("/players/") && name.contains("/objects/")).collect();
    assert!(!held.is_empty());
    for name in held {
        fs::remove_file(sandbox.path("tmp").join(name)).unwrap();
    }
    let mut printed = String::new();
    read.read_to_string(&mut printed).unwrap();
    let finished = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&finished.stderr);
    assert_eq!(finished.status.code(), Some(3), "{said}\n{}", printed.trim());
    assert!(said.contains("404") && !printed.contains("ta-lung a:"), "{said}\n{}", printed.trim());
}

#[test]
fn json_stands_alone_on_standard_output() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    let said = sandbox.bangtin(&["demo", "--once", "--format", "json", "--at", "2026-12-03T10:15"]).success().stdout;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(said["sites"][0]["shown"]["a"], "du-lich/ban-gioc", "{said}");
}

#[test]
fn the_demo_ends_at_ctrl_c_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &["demo", "--at", "2026-12-03T10:15"]);
    let mut child = command.env("TMPDIR", sandbox.path("tmp")).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    let mut output = child.stdout.take().unwrap();
    let mut buffer = [0; 4_096];
    while !said.contains("Ctrl-C") {
        let count = output.read(&mut buffer).unwrap();
        assert!(count > 0, "it ended: {said}");
        said.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    // Players write there at this moment.
    let folders = || fs::read_dir(sandbox.path("tmp")).unwrap().count();
    assert_eq!(folders(), 1);
    sandbox.run("kill", &["-INT", &child.id().to_string()]).success();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(folders(), 0);
}
