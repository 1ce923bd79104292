//! The README: its commands run, its tables are those of the code.

use std::fs;

use crate::harness::{Sandbox, repository};

fn readme() -> String {
    fs::read_to_string(repository().join("README.md")).expect("README.md")
}

/// The lines of all `sh` blocks.
fn commands(text: &str) -> Vec<String> {
    text.split("```sh\n").skip(1).flat_map(|block| block.split("```").next().unwrap_or_default().lines()).map(str::to_owned).collect()
}

#[test]
fn the_commands_of_the_readme_run_in_their_order() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let mut ran = 0;
    for line in commands(&readme()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let args = match words.as_slice() {
            ["bangtin", rest @ ..] => rest.to_vec(),
            ["cargo", "run", "--release", "--", rest @ ..] => rest.to_vec(),
            ["cargo", "install", "--path", "."] | ["tests/run"] => continue,
            other => panic!("a command that no test knows: {other:?}"),
        };
        match args[0] {
            // Servers run until they are ended: they have to come up.
            "serve" | "preview" | "demo" => {
                let more: &[&str] = if args[0] == "demo" { &[] } else { &["--listen", "127.0.0.1:0"] };
                drop(sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &[&args, more].concat(), "http://"));
            }
            // As if in the month that the README speaks of, so that the test means the same in any year.
            "trust" if args[1] == "init" => drop(sandbox.bangtin(&[&args[..], &["--now", "2026-11-25T09:00"]].concat()).success()),
            "approve" | "publish" => drop(sandbox.bangtin(&[&args[..], &["--now", "2026-11-25T09:00"]].concat()).success()),
            _ => drop(sandbox.bangtin(&args).success()),
        }
        ran += 1;
    }
    assert!(ran > 15, "only {ran} commands");
    assert!(sandbox.path("store/sites/ta-lung/latest.json").is_file());
}

#[test]
fn the_table_of_commands_is_that_of_the_tool() {
    let help = Sandbox::new().bangtin(&["--help"]).success().stdout;
    let listed = help.split("Commands:").nth(1).and_then(|rest| rest.split("Options:").next()).unwrap_or_default();
    let names: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let text = readme();
    for name in names.iter().filter(|name| **name != "help") {
        assert!(text.contains(&format!("| `{name}` |")), "{name} is not in the README's table");
    }
    assert!(names.len() > 10, "{help}");
}

#[test]
fn the_table_of_dependencies_is_that_of_the_manifest() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("Cargo.toml");
    let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    let text = readme();
    for name in dependencies.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.trim()) {
        assert!(text.contains(&format!("`{name}`")), "{name} is not in the README's table");
    }
    let changelog = fs::read_to_string(repository().join("CHANGELOG.md")).expect("CHANGELOG.md");
    assert!(changelog.contains(&format!("## {}", env!("CARGO_PKG_VERSION"))));
}

/// What a command is for is said once, so its own help and the list of all can't differ.
#[test]
fn each_command_says_of_itself_what_the_list_says() {
    let sandbox = Sandbox::new();
    let help = |args: &[&str]| sandbox.bangtin(&[args, &["--help"]].concat()).success().stdout;
    let list = help(&[]);
    let (_, list) = list.split_once("Commands:\n").unwrap();
    let names: Vec<&str> = list.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   ")).collect();
    assert!(names.len() > 10, "{names:?}");
    for line in names.iter().filter(|line| !line.trim_start().starts_with("help ")) {
        let (name, about) = line.trim_start().split_once(' ').unwrap();
        let first = about.trim().split(" / ").next().unwrap().to_owned();
        assert!(help(&[name]).starts_with(&first), "{name}: {first}");
    }
}
