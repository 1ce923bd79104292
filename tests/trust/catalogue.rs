//! The catalogues of attacks and of faults have a line for each number, name only existing tests, and name every numbered test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::RangeInclusive;

use crate::harness::{repository, tree};

/// A table of numbered cases in `docs/`.
struct Catalogue {
    page: &'static str,
    /// What stands before a number in the name of a test.
    letter: char,
    numbers: &'static [RangeInclusive<u64>],
}

const CATALOGUES: [Catalogue; 2] = [
    Catalogue { page: "docs/security.md", letter: 'a', numbers: &[1..=101] },
    Catalogue { page: "docs/reliability.md", letter: 'f', numbers: &[1..=30, 34..=34, 37..=38, 40..=44] },
];

impl Catalogue {
    /// The table: test names by number.
    fn lines(&self) -> BTreeMap<u64, BTreeSet<String>> {
        let page = fs::read_to_string(repository().join(self.page)).unwrap();
        let mut lines = BTreeMap::new();
        for line in page.lines().filter_map(|line| line.strip_prefix("| ")) {
            let cells: Vec<&str> = line.trim_end_matches(" |").split(" | ").collect();
            let Ok(number) = cells[0].parse::<u64>() else { continue };
            assert!(cells.len() >= 3 && !cells[1].is_empty() && !cells[2].is_empty(), "a case and its outcome are required: {line}");
            let tests = cells.get(3).copied().unwrap_or_default();
            let named = tests.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            assert!(lines.insert(number, named).is_none(), "{}: number {number} stands twice", self.page);
        }
        lines
    }

    /// `a07_a08_…` → 7, 8
    fn numbers_in(&self, name: &str) -> Vec<u64> {
        tags(name).into_iter().filter(|(letter, _)| *letter == self.letter).filter_map(|(_, digits)| digits.parse().ok()).collect()
    }
}

/// A test's name begins with the numbers of its cases and appears in exactly their lines.
#[test]
fn the_catalogues_and_the_tests_name_each_other() {
    let all = cases();
    for catalogue in &CATALOGUES {
        let (page, lines) = (catalogue.page, catalogue.lines());
        let expected: Vec<u64> = catalogue.numbers.iter().cloned().flatten().collect();
        assert_eq!(lines.keys().copied().collect::<Vec<_>>(), expected, "{page}: one line for each number");
        for (number, named) in &lines {
            assert!(!named.is_empty(), "{page} {number}: no test");
            let own: BTreeSet<_> = all.iter().filter(|name| catalogue.numbers_in(name).contains(number)).cloned().collect();
            assert_eq!(
                named.difference(&own).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{page} {number}: in the line, but no test of it"
            );
            assert_eq!(
                own.difference(named).collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{page} {number}: a test of it, but not in the line"
            );
        }
        let unknown = |name: &&String| catalogue.numbers_in(name).iter().any(|number| !lines.contains_key(number));
        let strays: Vec<_> = all.iter().filter(unknown).collect();
        assert!(strays.is_empty(), "{page}: numbers that it doesn't know: {strays:?}");
    }
}

/// Names of tests: functions in Rust, titles in JavaScript.
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
    names
}

/// Quoted text after `test(` or `it(`.
fn title(line: &str) -> Option<String> {
    let rest = line.strip_prefix("test(").or_else(|| line.strip_prefix("it("))?;
    let quote = rest.chars().next().filter(|c| "\"'`".contains(*c))?;
    Some(rest[1..].split(quote).next()?.to_owned())
}

/// The letters and digits before the words of a test's name.
fn tags(name: &str) -> Vec<(char, &str)> {
    let tag = |word: &'_ str| -> Option<char> {
        let letter = word.chars().next().filter(char::is_ascii_lowercase)?;
        ((2..=4).contains(&word.len()) && word[1..].bytes().all(|byte| byte.is_ascii_digit())).then_some(letter)
    };
    name.split(['_', ' ', ':', ',']).map_while(|word| Some((tag(word)?, &word[1..]))).collect()
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
