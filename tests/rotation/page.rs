//! The root commands of docs/trust.md run as printed there.

use std::fs;
use std::path::Path;

use crate::harness::{Sandbox, repository};
use crate::publish::province;

#[test]
fn the_commands_of_the_trust_page_run_in_their_order() {
    let page = fs::read_to_string(repository().join("docs/trust.md")).unwrap();
    let part = page.split("## Setting up").nth(1).and_then(|rest| rest.split("## When something happens").next()).unwrap();
    let lines: Vec<&str> = part.split("```sh\n").skip(1).flat_map(|block| block.split("```").next().unwrap().lines()).collect();
    assert!(lines.len() > 20, "only {} commands", lines.len());
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    // No terminal for choosing a password or confirming, and nothing was published before.
    let given =
        [("keys new", "keys new --no-password"), ("trust sign", "trust sign --yes"), ("trust publish", "trust publish --new-store")];
    let prepared = |line: &&str| given.iter().fold((*line).to_owned(), |line, (from, to)| line.replace(from, to));
    let script: Vec<String> = lines.iter().map(prepared).collect();
    let folder = Path::new(env!("CARGO_BIN_EXE_bangtin")).parent().unwrap().display().to_string();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
    let output = sandbox.command("sh", &["-ec", &script.join("\n")]).env("PATH", path).output().unwrap();
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(sandbox.path("content/trust/root/2.json").is_file() && sandbox.path("store/root/2.json").is_file());
}
