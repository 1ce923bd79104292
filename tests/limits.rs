//! `src/base/limits.rs` is the one table of limits on outside input: every numeric constant named like a limit is there or in the list
//! below, and every limit of the table is used and explained.

use std::fs;

use crate::harness::{repository, tree};

/// Words in a constant's name that mark a limit.
const WORDS: [&str; 12] =
    ["BYTES", "PIXELS", "MOST", "MAX", "MAXIMUM", "LIMIT", "LONGEST", "LARGEST", "DEEPEST", "DEPTH", "REMEMBERED", "FAULTS"];

/// Constants named like limits that bound no outside input. Obsolete entries are reported.
const OTHERS: [(&str, &str, &str); 16] = [
    ("base/diagnostic.rs", "MOST", "how much of a long line is printed"),
    ("base/http_service.rs", "MAX_WORKERS", "threads of our own: further requests wait"),
    ("build/cache.rs", "MAX_UNUSED", "how long files of ours are kept"),
    ("desk/live/watch.rs", "LONGEST", "how long a reload waits for the end of a burst"),
    ("player/pull/fetcher.rs", "MAX_CONCURRENT", "requests of our own in flight"),
    ("player/pull/fetcher.rs", "MAX_SINGLE_FETCHES", "up to where single requests cost less than a pack"),
    ("player/pull/rebuild.rs", "SCAN_BYTES_A_SECOND", "a speed, from which time for our own work follows"),
    ("store/blocks.rs", "ENTRY_BYTES", "a size in a format"),
    ("store/blocks.rs", "HASH_BYTES", "a size in a format"),
    ("store/blocks.rs", "HEADER_BYTES", "a size in a format"),
    ("store/blocks.rs", "MIN_OBJECT_BYTES", "from where a publisher adds block signatures"),
    ("store/cloud.rs", "PART_BYTES", "the size of a publisher's uploads"),
    ("store/edit_writer.rs", "LITERAL_BYTES", "what a publisher puts into an edit"),
    ("store/pack_writer.rs", "EDITS_BYTES", "what a publisher puts into a pack"),
    ("store/pack_writer.rs", "SLOW_BYTES", "up to where more time is spent on packing"),
    ("trust/document.rs", "LIMIT", "declared by the trait; each document names one of the table"),
];

/// Name and value of a constant defined on a line.
fn constant(line: &str) -> Option<(&str, &str)> {
    let (before, after) = line.split_once("const ")?;
    let visible = before.trim();
    let plain = visible.is_empty() || visible == "pub" || (visible.starts_with("pub(") && visible.ends_with(')'));
    let (name, rest) = after.split_once(':')?;
    plain.then(|| (name.trim(), rest.split_once('=').map_or("", |(_, value)| value.trim())))
}

/// Constants named like limits, with or without a literal number.
fn named(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let limits = code.lines().filter_map(constant).filter(|(name, value)| {
        let own = value.is_empty() || value.contains(|c: char| c.is_ascii_digit());
        own && name.split('_').any(|word| WORDS.contains(&word))
    });
    limits.map(|(name, _)| name).collect()
}

fn sources() -> Vec<(String, String)> {
    let files = tree(&repository().join("src")).into_iter().filter(|(path, _)| path.ends_with(".rs"));
    files.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

#[test]
fn every_limit_on_what_comes_from_outside_stands_in_one_table() {
    let found: Vec<(String, String)> = sources()
        .iter()
        .filter(|(path, _)| path != "base/limits.rs")
        .flat_map(|(path, text)| named(text).into_iter().map(|name| (path.clone(), name.to_owned())))
        .collect();
    let listed = |path: &str, name: &str| OTHERS.iter().any(|(file, other, _)| *file == path && *other == name);
    let stray: Vec<_> = found.iter().filter(|(path, name)| !listed(path, name)).collect();
    assert!(stray.is_empty(), "belong into base/limits.rs: {stray:?}");
    let gone: Vec<_> = OTHERS.iter().filter(|(path, name, _)| !found.contains(&((*path).into(), (*name).into()))).collect();
    assert!(gone.is_empty(), "listed, and no longer there: {gone:?}");
}

#[test]
fn every_limit_of_the_table_is_explained_and_used() {
    let table = fs::read_to_string(repository().join("src/base/limits.rs")).unwrap();
    let others: String = sources().into_iter().filter(|(path, _)| path != "base/limits.rs").map(|(_, text)| text).collect();
    let mut said = String::new();
    let mut count = 0;
    for line in table.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            said.push_str(comment);
        } else if let Some((name, _)) = constant(line) {
            // The comment says what it bounds and what happens beyond it.
            assert!(said.contains(['.', ';']) && said.len() > 40, "{name}: what it bounds, why, what happens beyond it");
            let uses = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| *word == name).count();
            assert!(uses(&others) >= 2 || uses(&table) >= 2, "{name} is used nowhere");
            (said, count) = (String::new(), count + 1);
        }
    }
    assert!(count > 50, "{count} limits");
}

#[test]
fn the_rule_finds_limits_and_nothing_else() {
    let planted = "pub const BODY_BYTES: u64 = 1 << 20;\n    const LONGEST: u32 = 20;\npub(crate) const MAX: usize = 7;\nconst LIMIT: u64;\n\
                   const OTHER_LIMIT: u64 = HEAD_BYTES;\nconst MAXIM: &str = \"7\";\nconst fn most(BYTES: u64) {}\n#[cfg(test)]\nconst MOST: u8 = 1;";
    assert_eq!(named(planted), ["BODY_BYTES", "LONGEST", "MAX", "LIMIT"]);
}
