//! The texts of a file that people may read on a screen, escapes resolved, each with its place. Comments, keys and addresses are none.
//! Never judges a text.

use super::front_matter;
use super::markdown::{self, MarkdownPart};
use super::text::{SourceText, TextSpan};
use super::yaml::{self, YamlNode, YamlValue};

/// The texts of a file: values of YAML, text of a slide's body, lines of every other file.
pub fn texts(file: &SourceText) -> Vec<(String, TextSpan)> {
    let mut out = Vec::new();
    if file.path().ends_with(".md") {
        let Ok(parts) = front_matter::split(file) else { return out };
        add_values(file, parts.yaml, front_matter::YAML_LINE_OFFSET, &mut out);
        for (part, range) in markdown::parts_with_ranges(parts.body) {
            if let MarkdownPart::Text(text, false) = part {
                out.push((text, file.span(parts.body_offset + range.start..parts.body_offset + range.end)));
            }
        }
    } else if file.path().ends_with(".yaml") {
        add_values(file, file.text(), 0, &mut out);
    } else {
        let span = |line: u32, text: &str| TextSpan { line, column: 1, length: u32::try_from(text.chars().count()).unwrap_or(u32::MAX) };
        out.extend((1..).zip(file.text().split('\n')).map(|(line, text)| (text.to_owned(), span(line, text))));
    }
    out
}

/// The place of a character in a text that stands at `span`; the span itself where an escape stands for it.
pub fn place_of(file: &SourceText, span: TextSpan, wanted: char) -> TextSpan {
    let skipped = span.column.saturating_sub(1);
    let found = (0_u32..).zip(file.line(span.line).chars()).find(|(at, c)| *at >= skipped && *c == wanted);
    found.map_or(span, |(at, _)| TextSpan { line: span.line, column: at + 1, length: 1 })
}

fn add_values(file: &SourceText, text: &str, lines_before: u32, out: &mut Vec<(String, TextSpan)>) {
    // What is wrong with the YAML is told where its values are read.
    let mut told = Vec::new();
    let mut open: Vec<YamlNode> = yaml::parse(file, text, lines_before, &mut told).into_iter().collect();
    while let Some(node) = open.pop() {
        match node.value {
            YamlValue::Scalar { text, .. } => out.push((text, node.span)),
            YamlValue::List(items) => open.extend(items),
            YamlValue::Map(entries) => open.extend(entries.into_iter().map(|(_, value)| value)),
        }
    }
    out.sort_by_key(|(_, span)| *span);
}
