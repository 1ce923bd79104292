//! The words of `docs/glossary.md` are the words of the code, the documents, the pages and the messages: no retired term is left.
//! Never judges grammar: it looks for the phrases of the table.

use std::fs;

use crate::harness::{repository, tree};

/// Where people read the project's own words. `content/` is what an office writes; captured answers of old versions are none.
const SEARCHED: [&str; 8] = ["src", "player", "themes", "docs", "tests", "benches", "examples", ".ci"];
const FILES: [&str; 4] = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Cargo.toml"];
/// Files of text, by their ending; those without one are scripts.
const TEXT: [&str; 16] =
    ["rs", "js", "mjs", "html", "css", "md", "toml", "yaml", "yml", "txt", "py", "sh", "json", "service", "svg", "conf"];

/// The retired terms, in the order of the table, in small letters.
fn retired() -> Vec<String> {
    let page = fs::read_to_string(repository().join("docs/glossary.md")).expect("docs/glossary.md");
    let table = page.split("## Retired terms").nth(1).expect("the table of retired terms");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.split('|').nth(1).unwrap_or_default().trim().to_lowercase()).collect()
}

/// A text as its words stand: small letters, comment marks and line endings taken for white space.
fn words(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches(['/', '!', '#', '*', '>']));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether a phrase occurs as whole words.
fn holds(words: &str, phrase: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
    words.match_indices(phrase).any(|(at, _)| edge(words[..at].chars().next_back()) && edge(words[at + phrase.len()..].chars().next()))
}

fn texts() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in SEARCHED {
        for (name, bytes) in tree(&repository().join(folder)) {
            let ending = name.rsplit('/').next().and_then(|file| file.rsplit_once('.')).map_or("", |(_, ending)| ending);
            let foreign = name.contains("node_modules/") || name.ends_with("package-lock.json");
            let defines = folder == "docs" && name == "glossary.md" || folder == "tests" && name == "glossary.rs";
            if !foreign && !defines && (ending.is_empty() || TEXT.contains(&ending)) {
                found.extend(String::from_utf8(bytes).ok().map(|text| (format!("{folder}/{name}"), text)));
            }
        }
    }
    found.extend(FILES.map(|name| (name.to_owned(), fs::read_to_string(repository().join(name)).expect("a file of the project"))));
    found
}

#[test]
fn no_retired_term_is_left() {
    let (retired, texts) = (retired(), texts());
    assert!(retired.len() > 20 && texts.len() > 300, "{} terms, {} files: the search finds nothing", retired.len(), texts.len());
    let mut left = Vec::new();
    for (name, text) in &texts {
        let words = words(text);
        left.extend(retired.iter().filter(|phrase| holds(&words, phrase)).map(|phrase| format!("{name}: {phrase}")));
    }
    assert!(left.is_empty(), "retired terms, {}; docs/glossary.md has what to use instead:\n{}", left.len(), left.join("\n"));
}

#[test]
fn a_phrase_is_found_over_line_ends_and_only_as_whole_words() {
    let text = words("/// What is\n/// WANTED now.\n# Văn bản\n# gốc");
    assert!(holds(&text, "is wanted") && holds(&text, "văn bản gốc"), "{text}");
    assert!(!holds(&words("amendment"), "mend") && !holds(&words("mend_it"), "mend") && holds(&words("mend, it"), "mend"));
}
