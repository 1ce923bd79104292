//! The catalogue of attacks names tests that exist, and names every numbered one.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::{repository, tree};

#[test]
fn the_catalogue_and_the_tests_name_each_other() {
    let catalogue = fs::read_to_string(repository().join("docs/attacks.md")).unwrap();
    let named: BTreeSet<String> = catalogue.split('`').filter(|word| is_case(word) && !word.contains(' ')).map(str::to_owned).collect();
    let all = cases(&["tests", "src"]);
    assert_eq!(named.difference(&all).collect::<Vec<_>>(), Vec::<&String>::new(), "named, but no test");
    let own = cases(&["tests/trust", "tests/publish", "src/trust"]);
    assert_eq!(own.difference(&named).collect::<Vec<_>>(), Vec::<&String>::new(), "a test, but not named");
}

/// The names of the numbered tests below some folders.
fn cases(folders: &[&str]) -> BTreeSet<String> {
    let sources = folders.iter().flat_map(|folder| tree(&repository().join(folder)));
    let name = |line: &str| Some(line.trim().strip_prefix("fn ")?.split_once('(')?.0.to_owned());
    let names = sources.flat_map(|(_, bytes)| String::from_utf8_lossy(&bytes).lines().filter_map(name).collect::<Vec<_>>());
    names.filter(|name| is_case(name)).collect()
}

/// `a07_…`
fn is_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.len() > 4 && bytes[0] == b'a' && bytes[1].is_ascii_digit() && bytes[2].is_ascii_digit() && bytes[3] == b'_'
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
