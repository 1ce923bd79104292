//! Reads a template's own constructs as the engine does: `{{ … }}`, `{% … %}`, `{# … #}`, and the words in them.
//! Never evaluates one.

use std::ops::Range;

/// Stands for each byte of what a template computes; a letter, so that it opens no markup and ends none.
const COMPUTED: u8 = b'x';

/// What a construct is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstructKind {
    Comment,
    Expression,
    Statement,
}

/// A construct.
#[derive(Debug)]
pub struct Construct<'a> {
    pub kind: ConstructKind,
    pub bytes: Range<usize>,
    /// Without its marks and the spaces beside them.
    pub inside: &'a str,
    /// It takes away white space beside it.
    pub trims: bool,
}

/// The constructs of a template that the engine accepts, in their order.
pub fn read(text: &str) -> Vec<Construct<'_>> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some((start, kind, end_mark)) = next_start(text, from) {
        let end = match kind {
            ConstructKind::Comment => text[start + 2..].find(end_mark).map(|at| start + 2 + at),
            _ => end_of_code(text, start + 2, end_mark),
        };
        let end = end.unwrap_or(text.len());
        let raw = &text[(start + 2).min(end)..end];
        let inside = raw.strip_prefix('-').unwrap_or(raw);
        let inside = inside.strip_suffix('-').unwrap_or(inside);
        let bytes = start..(end + 2).min(text.len());
        from = bytes.end;
        found.push(Construct { kind, bytes, inside: inside.trim(), trims: raw.len() != inside.len() });
    }
    found
}

fn next_start(text: &str, from: usize) -> Option<(usize, ConstructKind, &'static str)> {
    text.as_bytes()[from..].windows(2).enumerate().find_map(|(at, pair)| match pair {
        b"{{" => Some((from + at, ConstructKind::Expression, "}}")),
        b"{%" => Some((from + at, ConstructKind::Statement, "%}")),
        b"{#" => Some((from + at, ConstructKind::Comment, "#}")),
        _ => None,
    })
}

/// Where the mark is that ends a statement or an expression: not in a string.
fn end_of_code(text: &str, from: usize, mark: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'\'' | b'`' => at = end_of_string(bytes, at),
            _ if bytes[at..].starts_with(mark.as_bytes()) => return Some(at),
            _ => at += 1,
        }
    }
    None
}

/// The byte behind a string that begins here.
fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let (quote, mut at) = (bytes[from], from + 1);
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// The text with its constructs taken out, byte for byte: what is computed becomes letters, all else spaces.
pub fn without(text: &str, constructs: &[Construct<'_>]) -> String {
    let mut plain = text.as_bytes().to_vec();
    for construct in constructs {
        let by = if construct.kind == ConstructKind::Expression { COMPUTED } else { b' ' };
        plain[construct.bytes.clone()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = by);
    }
    // Constructs begin and end at ASCII characters.
    String::from_utf8(plain).unwrap_or_default()
}

/// The names in a statement or an expression.
pub fn names(code: &str) -> Vec<&str> {
    words(code).into_iter().map(|(_, word)| word).collect()
}

/// The words in a statement or an expression with their first bytes: no strings, no fields.
pub fn words(code: &str) -> Vec<(usize, &str)> {
    let bytes = code.as_bytes();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' | b'\'' | b'`' => at = end_of_string(bytes, at),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                if !code[..at].trim_end().ends_with('.') {
                    found.push((at, &code[at..at + length]));
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructs_end_where_the_engine_ends_them() {
        let text = "a {{ \"}} {#\" }}<b>{#- %} -#}{%- if x == '%}' %}c{{ {\"a\": {\"b\": 1}} }}";
        let found = read(text);
        let inside: Vec<&str> = found.iter().map(|construct| construct.inside).collect();
        assert_eq!(inside, ["\"}} {#\"", "%}", "if x == '%}'", "{\"a\": {\"b\": 1"]);
        assert_eq!(found.iter().map(|construct| construct.trims).collect::<Vec<_>>(), [false, true, true, false]);
        let plain = without(text, &found);
        assert_eq!(plain.len(), text.len());
        assert_eq!(plain.replace(' ', ""), "axxxxxxxxxxxxx<b>cxxxxxxxxxxxxxxxxxx}}");
    }

    #[test]
    fn names_are_those_of_variables_filters_and_functions() {
        assert_eq!(
            names("texts.alt or 'body' ~ words . number | default(value=body)"),
            ["texts", "or", "words", "default", "value", "body"]
        );
    }
}
