//! The module law: a stage uses only the stages before it, and `base`; the files of one stage never use each other in a circle.
//! The same order stands in the README, and is compared here. Sizes of files are kept here too.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::harness::repository;

const ORDER: [&str; 12] = ["base", "source", "model", "plan", "render", "program", "trust", "store", "pull", "record", "show", "report"];
/// Wiring may use every stage.
const WIRING: [&str; 3] = ["office", "daemon", "bin"];
/// No file of source is longer.
const LONGEST: usize = 400;

struct Source {
    path: String,
    stage: String,
    module: String,
    lines: usize,
    uses: BTreeSet<(String, String)>,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = repository().join("src");
    let mut files: Vec<_> = crate::harness::tree(&root).into_iter().filter(|(path, _)| path.ends_with(".rs")).collect();
    files.retain(|(path, _)| path.contains('/'));
    files.into_iter().map(|(path, bytes)| source(path, String::from_utf8(bytes).expect("UTF-8"))).collect()
}

fn source(path: String, text: String) -> Source {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let stage = path.split('/').next().unwrap_or_default().to_owned();
    let module = module_of(&path);
    let mut uses = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let boundary = code[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '$');
        if boundary {
            collect(&code[at + "crate::".len()..], &mut uses);
        }
    }
    for (at, _) in code.match_indices("super::") {
        let above = path.matches('/').count();
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(next) = rest.strip_prefix("super::") {
            rest = next;
            climbed += 1;
        }
        let before = code[..at].ends_with("super::");
        // In a file `stage/x.rs` one step up is the stage; in `stage/x/y.rs` two.
        let depth = if path.ends_with("/mod.rs") { above - 1 } else { above };
        if !before && climbed == depth {
            let mut inside = BTreeSet::new();
            collect(rest, &mut inside);
            uses.extend(inside.into_iter().map(|(first, _)| (stage.clone(), first)));
        }
    }
    Source { lines: text.lines().count(), path, stage, module, uses, text }
}

fn module_of(path: &str) -> String {
    let inside = path.split_once('/').map_or("", |(_, rest)| rest);
    inside.trim_end_matches(".rs").split('/').next().unwrap_or_default().to_owned()
}

/// Reads `a::b…` or `{a::b, c}` after `crate::` as pairs of the first two names.
fn collect(rest: &str, into: &mut BTreeSet<(String, String)>) {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    if let Some(group) = rest.strip_prefix('{') {
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    collect(group[start..at].trim(), into);
                    return;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    collect(group[start..at].trim(), into);
                    start = at + 1;
                }
                _ => {}
            }
        }
        return;
    }
    let first = word(rest);
    let after = &rest[first.len()..];
    if first.is_empty() {
        return;
    }
    match after.strip_prefix("::") {
        Some(inner) if inner.starts_with('{') => {
            let mut names = BTreeSet::new();
            collect(inner, &mut names);
            into.extend(names.into_iter().map(|(second, _)| (first.clone(), second)));
        }
        Some(inner) => {
            into.insert((first, word(inner)));
        }
        None => {
            into.insert((first, String::new()));
        }
    }
}

#[test]
fn a_stage_uses_only_the_stages_before_it() {
    let place = |stage: &str| ORDER.iter().position(|name| *name == stage);
    let mut broken = Vec::new();
    for file in sources() {
        if WIRING.contains(&file.stage.as_str()) {
            continue;
        }
        let own = place(&file.stage).unwrap_or_else(|| panic!("src/{}: a folder that the law does not know", file.path));
        for (used, _) in &file.uses {
            let wiring = WIRING.contains(&used.as_str());
            if wiring || place(used).is_some_and(|other| other > own) {
                broken.push(format!("src/{} uses {used}", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "against the module law:\n{}", broken.join("\n"));
}

#[test]
fn files_of_one_stage_do_not_use_each_other_in_a_circle() {
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let all = sources();
    let known: BTreeSet<String> = all.iter().map(|file| format!("{}::{}", file.stage, file.module)).collect();
    for file in &all {
        let own = format!("{}::{}", file.stage, file.module);
        for (stage, module) in &file.uses {
            let used = format!("{stage}::{module}");
            if *stage == file.stage && used != own && file.module != "mod" && known.contains(&used) {
                edges.entry(own.clone()).or_default().insert(used);
            }
        }
    }
    for start in edges.keys() {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&String> = edges[start].iter().collect();
        while let Some(next) = open.pop() {
            assert_ne!(next, start, "a circle of files through {start}: {:?}", edges[start]);
            if seen.insert(next) {
                open.extend(edges.get(next).into_iter().flatten());
            }
        }
    }
}

#[test]
fn every_file_says_what_it_owns_and_stays_small() {
    for file in sources() {
        let lines: Vec<&str> = file.text.lines().take(2).collect();
        let said =
            lines.len() == 2 && lines.iter().all(|line| line.starts_with("//!")) || file.stage == "bin" && lines[0].starts_with("//!");
        assert!(said, "src/{}: begins without two lines of what it owns and never does", file.path);
        assert!(file.lines <= LONGEST, "src/{}: {} lines, more than {LONGEST}", file.path, file.lines);
    }
}

#[test]
fn the_readme_shows_the_same_order() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md");
    let shown = ORDER.iter().filter(|stage| repository().join("src").join(stage).is_dir()).copied().collect::<Vec<_>>().join(" < ");
    assert!(readme.contains(&shown), "README.md does not hold: {shown}");
}

#[test]
fn the_player_is_free_of_the_generator() {
    let manifest = fs::read_to_string(repository().join("Cargo.toml")).expect("Cargo.toml");
    let player = manifest.split("player = [").nth(1).and_then(|rest| rest.split(']').next()).expect("the player feature");
    for foreign in ["tera", "pulldown-cmark", "image", "object_store", "tokio", "serde-saphyr"] {
        assert!(!player.contains(&format!("\"dep:{foreign}\"")), "the player feature pulls {foreign}");
    }
}

#[test]
fn the_top_level_holds_only_what_was_agreed() {
    let allowed = [
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
    ];
    for entry in fs::read_dir(repository()).expect("the repository") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        assert!(name.starts_with('.') || allowed.contains(&name.as_str()), "{name} does not belong at the top level");
    }
    assert!(Path::new(&repository()).join("Cargo.lock").is_file());
}
