//! The catalogue of attacks names tests that exist, and names every numbered one.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::{repository, tree};

#[test]
fn the_catalogue_and_the_tests_name_each_other() {
    let catalogue = fs::read_to_string(repository().join("docs/attacks.md")).unwrap();
    let named: BTreeSet<String> = catalogue.split('`').filter(|word| is_case(word) && !word.contains(' ')).map(str::to_owned).collect();
    let mut sources = tree(&repository().join("tests"));
    sources.extend(tree(&repository().join("src")));
    let texts = sources.iter().filter(|(name, _)| name.ends_with(".rs")).map(|(_, bytes)| String::from_utf8_lossy(bytes));
    let tests: BTreeSet<String> = texts
        .flat_map(|text| {
            text.lines().map(str::trim).filter_map(|line| Some(line.strip_prefix("fn ")?.split_once('(')?.0.to_owned())).collect::<Vec<_>>()
        })
        .filter(|name| is_case(name))
        .collect();
    assert_eq!(named, tests);
}

/// `a07_…`
fn is_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 4 && bytes[0] == b'a' && bytes[1].is_ascii_digit() && bytes[2].is_ascii_digit() && bytes[3] == b'_'
}
