//! The README: its commands run, its tables match the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bangtin::base::failure::Failure;
use bangtin::base::text::Text;

use crate::harness::{Sandbox, repository, tree};

fn readme() -> String {
    fs::read_to_string(repository().join("README.md")).expect("README.md")
}

/// Lines of all `sh` blocks.
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
            ["cargo", "install", "--path", ".", "--profile", "dist"] | ["tests/run"] => continue,
            other => panic!("a command that no test knows: {other:?}"),
        };
        match args[0] {
            // Servers run until killed; they must start.
            "serve" | "preview" | "demo" => {
                let more: &[&str] = if args[0] == "demo" { &[] } else { &["--listen", "127.0.0.1:0"] };
                drop(sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &[&args, more].concat(), "http://"));
            }
            // At a time in the README's month, so that the test does not depend on today's date.
            "trust" if args[1] == "init" => drop(sandbox.bangtin(&[&args[..], &["--now", "2026-11-25T09:00"]].concat()).success()),
            "approve" | "publish" => drop(sandbox.bangtin(&[&args[..], &["--now", "2026-11-25T09:00"]].concat()).success()),
            _ => drop(sandbox.bangtin(&args).success()),
        }
        ran += 1;
    }
    assert!(ran > 15, "only {ran} commands");
    assert!(sandbox.path("store/sites/ta-lung/latest.json").is_file());
}

/// Names in a command's list of subcommands.
fn listed(help: &str) -> BTreeSet<String> {
    let list = help.split("Commands:\n").nth(1).unwrap_or_default();
    let lines = list.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    lines.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn the_table_of_commands_is_that_of_the_tool() {
    let names = listed(&Sandbox::new().bangtin(&["--help"]).success().stdout);
    let text = readme();
    let section = text.split("\n## Commands\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a section on commands");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|(name, _)| name.to_owned());
    assert_eq!(rows.collect::<BTreeSet<_>>(), names, "left: README.md, right: the tool");
    assert!(names.len() > 10, "{names:?}");
}

/// Every document for people, by path.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs/", "examples/ci/", "examples/inspect/"] {
        for entry in fs::read_dir(repository().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                let path = format!("{folder}{name}");
                let text = fs::read_to_string(repository().join(&path)).unwrap();
                pages.insert(path, text);
            }
        }
    }
    assert!(pages.len() > 15 && pages.contains_key("README.md"), "{:?}", pages.keys());
    pages
}

#[test]
fn every_command_that_a_page_names_exists() {
    let sandbox = Sandbox::new();
    let help = |player: bool, args: &[&str]| {
        let args = [args, &["--help"]].concat();
        listed(&if player { sandbox.player(&args) } else { sandbox.bangtin(&args) }.success().stdout)
    };
    let top = [help(false, &[]), help(true, &[])];
    let mut below: BTreeMap<(bool, String), BTreeSet<String>> = BTreeMap::new();
    let (mut seen, mut strange) = (0, Vec::new());
    // The glossary may name commands that do not exist yet.
    for (path, text) in pages().into_iter().filter(|(path, _)| path != "docs/glossary.md") {
        for line in text.lines() {
            // In code only: in a sentence, a word after the name is no command.
            let blocks = line.starts_with("    ") || line.starts_with("bangtin");
            let codes: Vec<&str> = if blocks { vec![line.trim()] } else { line.split('`').skip(1).step_by(2).collect() };
            for code in codes {
                let words: Vec<&str> = code.split_whitespace().collect();
                let (Some(tool @ ("bangtin" | "bangtin-player")), Some(name)) = (words.first().copied(), words.get(1).copied()) else {
                    continue;
                };
                let player = tool == "bangtin-player";
                if name.starts_with('-') || name == "COMMAND" {
                    continue;
                }
                seen += 1;
                if !top[usize::from(player)].contains(name) {
                    strange.push(format!("{path}: {code}"));
                    continue;
                }
                let own = below.entry((player, name.to_owned())).or_insert_with(|| help(player, &[name]));
                if !own.is_empty() && words.get(2).is_some_and(|word| !word.starts_with('-') && !own.contains(*word)) {
                    strange.push(format!("{path}: {code}"));
                }
            }
        }
    }
    assert!(strange.is_empty(), "{}", strange.join("\n"));
    assert!(seen > 60, "{seen}");
}

#[test]
fn every_path_that_a_page_names_exists() {
    let folders = ["src/", "tests/", "player/", "themes/", "benches/", "docs/", "examples/"];
    let mut seen = 0;
    for (path, text) in pages() {
        for code in text.lines().filter(|line| !line.starts_with("    ")).flat_map(|line| line.split('`').skip(1).step_by(2)) {
            let named = folders.iter().any(|folder| code.starts_with(folder)) && !code.contains(['<', '*', ' ', '…']);
            if named {
                assert!(repository().join(code).exists(), "{path}: there is no {code}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

/// cargo passes when a filter matches no test; this check does not.
#[test]
fn the_long_scripts_name_tests_that_exist() {
    let tests = Sandbox::new().run(std::env::current_exe().unwrap().to_str().unwrap(), &["--list"]).success().stdout;
    let folder = repository().join("tests/long");
    let scripts = tree(&folder);
    assert!(scripts.len() >= 5);
    // The script for Windows runs the tool itself.
    for (name, script) in scripts.into_iter().filter(|(name, _)| name != "windows") {
        let script = String::from_utf8(script).unwrap();
        let runs = |line: &&str| line.contains("--test all ") || line.contains("node --test ");
        let command = script.lines().rev().find(runs).unwrap_or_else(|| panic!("tests/long/{name} runs no test"));
        if let Some((_, rest)) = command.split_once("--test all ") {
            let filter = rest.split_whitespace().find(|word| !word.starts_with('-')).unwrap();
            assert!(tests.lines().any(|test| test.starts_with(filter)), "tests/long/{name}: no test {filter}");
        } else {
            // With a pattern only the tests named so run, else all of a file.
            let rest = command.split_once("--test-name-pattern='").map_or("", |(_, rest)| rest);
            let (pattern, file) = rest.split_once("' ").unwrap_or(("", command.split_once("node --test ").unwrap_or_default().1));
            let text = fs::read_to_string(repository().join("tests").join(file)).unwrap();
            assert!(text.lines().any(|line| line.starts_with("test(") && line.contains(pattern)), "tests/long/{name}: no test {pattern}");
        }
    }
}

#[test]
fn the_exit_codes_are_those_that_commands_end_with() {
    let text = readme();
    let said = text.split("Exit codes: ").nth(1).and_then(|rest| rest.split_once(".\n")).expect("a sentence on exit codes").0;
    let said: Vec<(&str, &str)> = said.split("; ").map(|each| each.split_once(' ').unwrap()).collect();
    let empty = || Text { vi: String::new(), en: String::new() };
    let given = [Failure::Content(Vec::new()), Failure::Refused(empty()), Failure::Usage(empty()), Failure::External(empty())];
    let codes: BTreeSet<String> = given.iter().map(|failure| failure.exit_code().to_string()).chain(["0".to_owned()]).collect();
    assert_eq!(said.iter().map(|(code, _)| (*code).to_owned()).collect::<BTreeSet<_>>(), codes);
    let sandbox = Sandbox::new();
    crate::publish::province::write(&sandbox);
    let code = |word: &str| said.iter().find(|(_, words)| words.contains(word)).unwrap().0.parse::<i32>().unwrap();
    sandbox.bangtin(&["check"]).code(code("done"));
    sandbox.bangtin(&["check", "--no-such-option"]).code(code("usage"));
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "/dev/null/out"]).code(code("outside"));
    sandbox.write("content/bangtin.yaml", "name: 1\n").bangtin(&["check"]).code(code("content"));
}

/// Targets of a page's links, except other web sites.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"))
}

#[test]
fn every_link_leads_somewhere_and_every_page_is_linked() {
    let pages = pages();
    let anchor = |heading: &str| {
        let kept = heading.trim().to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect::<String>()
    };
    let mut linked = BTreeSet::from(["README.md".to_owned()]);
    for (path, text) in &pages {
        for link in links(text) {
            let (file, place) = link.split_once('#').map_or((link, None), |(file, place)| (file, Some(place)));
            let mut parts: Vec<&str> = path.split('/').collect();
            parts.pop();
            for part in file.split('/').filter(|part| !part.is_empty() && *part != ".") {
                if part == ".." {
                    parts.pop().unwrap_or_else(|| panic!("{path}: {link} leads out of the repository"));
                } else {
                    parts.push(part);
                }
            }
            let target = if file.is_empty() { path.clone() } else { parts.join("/") };
            assert!(repository().join(&target).exists(), "{path}: nothing lies at {link}");
            if let Some(place) = place {
                let found = pages[&target]
                    .lines()
                    .filter_map(|line| line.strip_prefix('#'))
                    .any(|line| anchor(line.trim_start_matches('#')) == place);
                assert!(found, "{path}: no heading for {link}");
            }
            if target != *path {
                linked.insert(target);
            }
        }
    }
    let alone: Vec<_> = pages.keys().filter(|path| path.starts_with("docs/") && !linked.contains(*path)).collect();
    assert!(alone.is_empty(), "no page links {alone:?}");
}

#[test]
fn the_table_of_dependencies_is_that_of_the_manifest() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("Cargo.toml");
    let section = |heading: &str| manifest.split(heading).nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default().to_owned();
    let systems = ["[dependencies]", "[target.'cfg(unix)'.dependencies]", "[target.'cfg(windows)'.dependencies]"];
    let dependencies = systems.map(|heading| section(&format!("\n{heading}\n"))).concat();
    let declared: BTreeSet<&str> = dependencies.lines().filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    let player = section("\nplayer = [");
    let player = player.split(']').next().unwrap_or_default();
    let text = readme();
    let table = text.split("\n## Dependencies\n").nth(1).and_then(|rest| rest.trim_start().split("\n\n").next()).unwrap_or_default();
    let mut listed = BTreeSet::new();
    for row in table.lines().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, uses, why, in_player] = cells.as_slice() else { panic!("four cells are expected: {row}") };
        assert!(!uses.is_empty() && !why.is_empty(), "{row}");
        for name in names.split(", ").map(|name| name.trim_matches('`')) {
            assert!(listed.insert(name), "{name} is listed twice");
            assert_eq!(*in_player == "yes", player.contains(&format!("\"dep:{name}\"")), "whether the player has {name}");
        }
    }
    assert_eq!(listed, declared, "the README's table and Cargo.toml name different crates");
    let changelog = fs::read_to_string(repository().join("CHANGELOG.md")).expect("CHANGELOG.md");
    assert!(changelog.contains(&format!("## {}", env!("CARGO_PKG_VERSION"))));
}

/// A command's purpose is written once, so its own help and the list of commands can't differ.
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

#[test]
fn the_manifest_strips_what_is_copied_to_sites_and_asks_for_the_rust_that_the_readme_names() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).unwrap();
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert!(readme().contains(&format!("Rust {version} or newer")), "{version}");
    let tables: BTreeMap<&str, &str> = manifest.split("\n[").filter_map(|table| table.split_once("]\n")).collect();
    let says = |table: &str, setting: &str| tables[table].lines().any(|line| line == setting);
    assert!(says("profile.release", "strip = true") && says("profile.release", "lto = \"off\""));
    assert!(says("profile.dist", "inherits = \"release\"") && says("profile.player", "inherits = \"dist\""));
    // Cargo takes the symbols of a package with a table of its own from there alone.
    for profile in ["release", "dist", "player"] {
        assert!(says(&format!("profile.{profile}.package.bangtin"), "strip = true"), "{profile}");
    }
}
