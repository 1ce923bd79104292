//! The law of modules, checked on the sources: each stage uses only earlier ones, no import cycles at any depth, no logic in `office/` and
//! `daemon/`, limited length of files and functions. README and CONTRIBUTING show the same law.

#[path = "architecture/functions.rs"]
mod functions;
#[path = "architecture/law.rs"]
mod law;
#[path = "architecture/planted.rs"]
mod planted;
#[path = "architecture/reader.rs"]
mod reader;
#[path = "architecture/wiring.rs"]
mod wiring;

use std::collections::BTreeSet;
use std::fs;

use crate::harness::{repository, tree};
use reader::Source;

/// Maximum length of a source file, in lines.
const LONGEST: usize = 400;
/// Maximum length of a function, in lines.
const LONGEST_FUNCTION: usize = 60;
/// Maximum number of parameters, without `self`.
const PARAMETERS: usize = 5;

/// Functions with more parameters. Obsolete exceptions are reported.
const WIDE: [(&str, &str); 3] =
    [("build/render/subset.rs", "curve_to"), ("office/demo/mod.rs", "start_player"), ("store/scan.rs", "find_copies")];

/// First line of every shown table of the stages.
const HEADING: &str = "| folder of `src/` | owns | never |";

fn sources() -> Vec<Source> {
    let files = tree(&repository().join("src")).into_iter().filter(|(path, _)| path.strip_suffix(".rs").is_some());
    files.map(|(path, bytes)| Source { path, text: String::from_utf8(bytes).expect("UTF-8") }).collect()
}

fn document(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[track_caller]
fn none(broken: &[String]) {
    assert!(broken.is_empty(), "against the law of modules, {}:\n{}", broken.len(), broken.join("\n"));
}

/// Checks headers and sizes of files, sizes of functions.
fn sizes(sources: &[Source]) -> Vec<String> {
    let mut broken = Vec::new();
    for source in sources.iter().filter(|source| source.path.contains('/')) {
        let path = &source.path;
        let expected = if path.starts_with("bin/") { 1 } else { 2 };
        if source.text.lines().take_while(|line| line.starts_with("//!")).count() < expected {
            broken.push(format!("src/{path}: begins without two lines of what it owns and never does"));
        }
        let lines = source.text.lines().count();
        if lines > LONGEST {
            broken.push(format!("src/{path}: {lines} lines, more than {LONGEST}"));
        }
        for function in functions::functions(source) {
            let (name, lines, takes) = (&function.name, function.lines, function.parameters);
            if lines > LONGEST_FUNCTION {
                broken.push(format!("src/{path}: {name} has {lines} lines, more than {LONGEST_FUNCTION}"));
            }
            if (takes > PARAMETERS) != WIDE.contains(&(path, name)) {
                broken
                    .push(format!("src/{path}: {name} takes {takes} parameters, of at most {PARAMETERS}; WIDE names those that take more"));
            }
        }
    }
    broken
}

/// Public items without a doc comment, except fields and variants, whose names may suffice (`missing_docs` would ask for them too).
fn undocumented(sources: &[Source]) -> Vec<String> {
    let kinds = ["fn", "struct", "enum", "trait", "type", "const", "static"].map(|kind| format!("pub {kind} "));
    let mut broken = Vec::new();
    for source in sources {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        // A macro's items get their doc comments from its call.
        let item = |line: &str| kinds.iter().any(|kind| line.strip_prefix(kind).is_some_and(|name| !name.starts_with('$')));
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| item(line)) {
            // Skips attributes; a command's arguments are documented at the command.
            let mut above =
                lines[..at].iter().rev().take_while(|line| !line.is_empty() && !line.ends_with(['{', '}', ';']) || line.starts_with("///"));
            if !above.any(|line| line.starts_with("///") || line.contains("allow(missing_docs")) {
                broken.push(format!("src/{}:{}: {line} has no documentation", source.path, at + 1));
            }
        }
    }
    broken
}

/// Lines that name a system outside `base/os`. Tests may, which run on Linux.
fn systems(sources: &[Source]) -> Vec<String> {
    const NAMES: [&str; 11] = [
        "std::os::",
        "rustix",
        "winapi",
        "signal_hook",
        "cfg(unix",
        "cfg(windows",
        "cfg(not(unix",
        "cfg!(unix",
        "cfg!(windows",
        "target_os",
        "\"/dev/",
    ];
    let apart = |source: &&Source| !source.path.starts_with("base/os/");
    let mut broken = Vec::new();
    for source in sources.iter().filter(apart) {
        let text = source.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some(name) = NAMES.iter().find(|name| line.to_lowercase().contains(*name)) {
                broken.push(format!("src/{}:{}: {name} is the business of base/os", source.path, at + 1));
            }
        }
    }
    broken
}

/// Compares the tables in the documents with the law and with the folders.
fn shown(sources: &[Source], documents: &[(&str, String)]) -> Vec<String> {
    let exists = |name: &&str| sources.iter().any(|source| source.path.split_once('/').is_some_and(|(folder, _)| folder == *name));
    let here: Vec<&str> = law::SHOWN.iter().flat_map(|group| group.split(", ")).filter(exists).collect();
    let groups = law::SHOWN.iter().map(|group| group.split(", ").filter(|name| here.contains(name)).collect::<Vec<_>>().join(", "));
    let line = groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join(" < ");
    let mut broken = Vec::new();
    for (name, text) in documents {
        if !text.lines().any(|each| each.trim() == line) {
            broken.push(format!("{name} does not show: {line}"));
        }
        let rows = rows(text);
        let named: Vec<&str> = rows.iter().flat_map(|row| folders(row)).filter(|folder| *folder != "bin").collect();
        let expected: Vec<&str> = here.iter().copied().filter(|folder| *folder != "bin").collect();
        if named != expected {
            broken.push(format!("{name}: the table names {named:?}, src/ has {expected:?}"));
        }
    }
    if let [(first, one), others @ ..] = documents {
        let differ = others.iter().filter(|(_, other)| rows(one) != rows(other));
        broken.extend(differ.map(|(name, _)| format!("{first} and {name} show different rows of the table")));
    }
    broken
}

/// Rows below the table's heading.
fn rows(text: &str) -> Vec<&str> {
    let below = text.lines().map(str::trim).skip_while(|line| *line != HEADING).skip(2);
    below.take_while(|line| line.starts_with('|')).collect()
}

/// Folders in a row's first cell, as `` `base/` ``.
fn folders(row: &str) -> Vec<&str> {
    let cell = row.split('|').nth(1).unwrap_or_default();
    cell.split('`').filter_map(|part| part.strip_suffix('/')).collect()
}

#[test]
fn a_stage_uses_only_the_stages_before_it() {
    none(&law::order(&sources()));
}

#[test]
fn modules_do_not_use_each_other_in_a_circle() {
    none(&law::circles(&sources()));
}

#[test]
fn no_glob_takes_a_whole_folder() {
    none(&law::globs(&sources()));
}

#[test]
fn office_and_daemon_hold_no_logic() {
    none(&wiring::logic(&sources(), wiring::EXCEPTIONS));
}

#[test]
fn every_file_says_what_it_owns_and_stays_small() {
    none(&sizes(&sources()));
}

#[test]
fn what_others_use_is_documented() {
    none(&undocumented(&sources()));
    let planted = |text: &str| undocumented(&[Source { path: "base/x.rs".into(), text: text.into() }]).len();
    assert_eq!(
        planted("/// Says.\n#[derive(Debug)]\npub struct A {\n    pub a: u8,\n}\n\nimpl A {\n    /// Says.\n    pub fn a() {}\n}\n"),
        0
    );
    assert_eq!(planted("#[derive(Debug)]\npub struct A {\n    pub a: u8,\n}\n\nimpl A {\n    pub fn a() {}\n    pub fn b() {}\n}\n"), 3);
}

#[test]
fn only_base_os_knows_the_system() {
    none(&systems(&sources()));
    let planted = |path: &str, text: &str| systems(&[Source { path: path.into(), text: text.into() }]).len();
    assert_eq!(planted("base/files.rs", "use std::os::unix::fs::X;\n#[cfg(windows)]\nlet a = \"/dev/fd\";\n// rustix\n"), 3);
    assert_eq!(planted("base/os/unix.rs", "use rustix::fs;\n"), 0);
    assert_eq!(planted("base/files.rs", "\n#[cfg(test)]\nmod tests {\n    use std::os::unix::fs::X;\n}\n"), 0);
}

#[test]
fn the_documents_show_the_same_law() {
    none(&shown(&sources(), &[("README.md", document("README.md")), ("CONTRIBUTING.md", document("CONTRIBUTING.md"))]));
}

#[test]
fn the_player_is_free_of_the_generator() {
    let manifest = document("Cargo.toml");
    let player = manifest.split("player = [").nth(1).and_then(|rest| rest.split(']').next()).expect("the player feature");
    for foreign in ["tera", "pulldown-cmark", "image", "object_store", "tokio", "granit-parser"] {
        assert!(!player.contains(&format!("\"dep:{foreign}\"")), "the player feature pulls {foreign}");
    }
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let allowed = BTreeSet::from([
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "content",
        "themes",
        "player",
        "tests",
        "examples",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "docs",
        "benches",
        "target",
    ]);
    for entry in fs::read_dir(repository()).expect("the repository") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || allowed.contains(name.as_str()), "{name} does not belong at the top level");
    }
    assert!(repository().join("Cargo.lock").is_file());
}
