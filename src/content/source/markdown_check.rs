//! Finds what a body may not hold, with places: raw HTML, links, external pictures; and measures how much there is to read.
//! Never changes a body.

use std::ops::Range;

use super::markdown::{self, MarkdownPart};
use crate::base::limits::{MARKDOWN_DEPTH, MARKDOWN_INDENT};

/// The first line of a text that begins with lists or quotations nested beyond the limits: its index, from 0.
pub fn first_too_deep(text: &str) -> Option<usize> {
    text.split('\n').position(is_too_deep)
}

fn is_too_deep(line: &str) -> bool {
    let (mut rest, mut markers, mut columns) = (line, 0, 0);
    loop {
        let inner = rest.trim_start_matches([' ', '\t']);
        columns += rest[..rest.len() - inner.len()].chars().map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
        let bullet = || {
            inner.strip_prefix(['-', '*', '+']).or_else(|| inner.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix(['.', ')']))
        };
        let item = || bullet().filter(|after| after.starts_with([' ', '\t']));
        let Some(after) = inner.strip_prefix('>').or_else(item) else { break };
        (rest, markers) = (after, markers + 1);
    }
    // A line of one sign is a rule.
    let first = line.trim_start().chars().next();
    let is_rule = || line.chars().all(|c| c.is_whitespace() || Some(c) == first && c != '>');
    (markers > MARKDOWN_DEPTH || markers > 0 && columns > MARKDOWN_INDENT + markers) && !is_rule()
}

/// Everything in a body to check but its texts, with its byte range in the body.
pub fn elements_to_check(body: &str) -> Vec<(MarkdownPart, Range<usize>)> {
    let mut parts = markdown::parts_with_ranges(body);
    parts.retain(|(part, _)| !matches!(part, MarkdownPart::Text(..)));
    parts
}

/// Whether an address leads out of the content: it has a scheme or a host, however disguised.
pub fn is_external(address: &str) -> bool {
    let plain: String = address.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let scheme = plain.find(':').is_some_and(|at| !plain[..at].contains('/'));
    scheme || plain.starts_with("//") || plain.starts_with("\\\\") || plain.starts_with("/\\")
}

/// Reading time in milliseconds: 5 s, plus 60 ms a letter or digit and 240 ms a CJK character, rounded up to a second, 8 to 45 s.
pub fn reading_time_ms(body: &str) -> u64 {
    let mut ms = 5_000;
    for (piece, _) in markdown::parts_with_ranges(body) {
        if let MarkdownPart::Text(text, in_picture) = piece
            && !in_picture
        {
            ms += text.chars().map(char_reading_ms).sum::<u64>();
        }
    }
    (ms.div_ceil(1_000) * 1_000).clamp(8_000, 45_000)
}

fn char_reading_ms(c: char) -> u64 {
    match c {
        '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3130}'..='\u{318f}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
            if c.is_alphanumeric() =>
        {
            240
        }
        _ if c.is_alphanumeric() => 60,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_is_found_and_rules_and_indented_text_are_none() {
        for line in ["- ".repeat(17) + "a", "> - ".repeat(9) + "a", "1. ".repeat(17) + "a", ">".repeat(17), " ".repeat(130) + "* a"] {
            assert_eq!(first_too_deep(&format!("a\n{line}\nb\n{line}")), Some(1), "{line}");
        }
        for line in
            ["- ".repeat(16) + "a", "- ".repeat(60), "* * ".repeat(30), " ".repeat(400) + "Nơi nhận", "a > ".repeat(30), "-".repeat(90)]
        {
            assert_eq!(first_too_deep(&line), None, "{line}");
        }
    }

    #[test]
    fn disguised_addresses_are_external() {
        for address in
            ["http://a", "//a", "javascript:x", "java\tscript:x", " javascript:x", "data:text/html,x", "file:///a", "\\\\a", "mailto:a@b"]
        {
            assert!(is_external(address), "{address:?}");
        }
        for address in ["a.jpg", "a/b.jpg", "a/b:c"] {
            assert!(!is_external(address), "{address:?}");
        }
    }

    #[test]
    fn reading_time_counts_letters_not_addresses_or_picture_texts() {
        assert_eq!(reading_time_ms(""), 8_000);
        assert_eq!(reading_time_ms(&"a".repeat(100)), 11_000);
        assert_eq!(reading_time_ms(&"ả".repeat(101)), 12_000);
        assert_eq!(reading_time_ms(&"高".repeat(50)), 17_000);
        assert_eq!(reading_time_ms(&format!("![{}]({}.jpg)", "a".repeat(200), "b".repeat(90))), 8_000);
        assert_eq!(reading_time_ms(&format!("| a |\n| - |\n| {} |\n", "b".repeat(99))), 11_000);
        assert_eq!(reading_time_ms(&"a".repeat(9_000)), 45_000);
    }
}
