//! The catalogue of attacks has a line for each number, names only existing tests, and names every numbered test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::harness::{repository, tree};

/// Last number of the catalogue.
const LAST: u64 = 93;

/// The table of attacks: test names by number.
fn lines() -> BTreeMap<u64, BTreeSet<String>> {
    let page = fs::read_to_string(repository().join("docs/security.md")).unwrap();
    let mut lines = BTreeMap::new();
    for line in page.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = line.trim_end_matches(" |").split(" | ").collect();
        let Ok(number) = cells[0].parse::<u64>() else { continue };
        assert!(cells.len() >= 3 && !cells[1].is_empty() && !cells[2].is_empty(), "attack and outcome are required: {line}");
        let tests = cells.get(3).copied().unwrap_or_default();
        let named = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        assert!(lines.insert(number, named).is_none(), "number {number} stands twice");
    }
    lines
}

/// A test's name begins with the numbers of its cases and appears in exactly their lines.
#[test]
fn the_catalogue_and_the_tests_name_each_other() {
    let lines = lines();
    assert_eq!(lines.keys().copied().collect::<Vec<_>>(), (1..=LAST).collect::<Vec<_>>(), "one line for each number");
    let all = cases();
    for (number, named) in &lines {
        assert!(!named.is_empty(), "{number}: no test");
        let own: BTreeSet<_> = all.iter().filter(|name| numbers(name).contains(number)).cloned().collect();
        assert_eq!(named.difference(&own).collect::<Vec<_>>(), Vec::<&String>::new(), "{number}: in the line, but no test of that number");
        assert_eq!(own.difference(named).collect::<Vec<_>>(), Vec::<&String>::new(), "{number}: a test of it, but not in the line");
    }
    let strays: Vec<_> = all.iter().filter(|name| numbers(name).iter().any(|number| !lines.contains_key(number))).collect();
    assert!(strays.is_empty(), "numbers that the catalogue doesn't know: {strays:?}");
}

/// Names of numbered tests: functions in Rust, titles in JavaScript.
fn cases() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (path, bytes) in ["tests", "src"].iter().flat_map(|folder| tree(&repository().join(folder))) {
        if path.contains("node_modules/") {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.lines().map(str::trim);
        match path.rsplit('.').next() {
            Some("rs") => names.extend(lines.filter_map(|line| Some(line.strip_prefix("fn ")?.split_once('(')?.0.to_owned()))),
            Some("mjs") => names.extend(lines.filter_map(title)),
            _ => {}
        }
    }
    names.retain(|name| !numbers(name).is_empty());
    names
}

/// Quoted text after `test(` or `it(`.
fn title(line: &str) -> Option<String> {
    let rest = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
    let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
    Some(rest[1..].split(quote).next()?.to_owned())
}

/// `a07_a08_…` → 7, 8
fn numbers(name: &str) -> Vec<u64> {
    let words = name.split(['_', ' ', ':', ',']);
    let number = |word: &str| word.strip_prefix('a').filter(|digits| digits.len() == 2)?.parse().ok();
    words.map_while(number).collect()
}

#[test]
fn the_examples_of_the_formats_are_strict_json_of_known_types() {
    let page = fs::read_to_string(repository().join("docs/formats.md")).unwrap();
    let mut types = BTreeSet::new();
    for block in page.split("```json\n").skip(1) {
        let text = block.split("```").next().unwrap();
        let value = bangtin::base::strict_json::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault}:\n{text}"));
        types.extend(value["type"].as_str().map(str::to_owned));
    }
    let known = ["approval", "head", "release", "root", "withdrawal"].map(|kind| format!("bangtin-{kind}"));
    assert_eq!(types.into_iter().collect::<Vec<_>>(), known);
}
