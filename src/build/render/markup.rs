//! Finds in a template, a page or a style sheet what the policy of a page forbids, and every file that it names.
//! Never changes a text, never looks for a file.

use std::ops::Range;

use crate::content::source::markdown_check::is_external;

/// Something found, with its bytes in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    pub bytes: Range<usize>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// An element or attribute that the policy forbids.
    Forbidden(String),
    /// An address that leads out of the program.
    External(String),
    /// A file that is named, relative to the page or sheet; in a template without what it computes, [`COMPUTED`].
    File(String),
}

/// Stands for each byte of what a template computes.
pub const COMPUTED: char = '\0';
/// Elements that run code, hold another page or carry rules of their own.
const ELEMENTS: [&str; 7] = ["script", "style", "iframe", "frame", "object", "embed", "base"];
/// Attributes that name a file.
const ADDRESSES: [&str; 8] = ["src", "href", "xlink:href", "poster", "srcset", "data", "action", "background"];

/// What a template or page holds.
pub fn in_page(text: &str) -> Vec<Finding> {
    let plain = blank(&blank(&blank(&blank(text, ("{#", "#}"), b' '), ("{%", "%}"), b' '), ("{{", "}}"), 0), ("<!--", "-->"), b' ');
    let (mut found, mut rest) = (Vec::new(), 0);
    while let Some(at) = plain[rest..].find('<').map(|at| rest + at) {
        let name = word(&plain, at + 1);
        rest = name.end.max(at + 1);
        if !plain[name.clone()].starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let element = plain[name.clone()].to_ascii_lowercase();
        if ELEMENTS.contains(&&*element) {
            found.push(Finding { kind: FindingKind::Forbidden(format!("<{element}>")), bytes: at..name.end });
        }
        while let Some((key, value)) = attribute(&plain, &mut rest) {
            found.extend(in_attribute(&plain, &key, value));
        }
    }
    found
}

fn in_attribute(plain: &str, key: &Range<usize>, value: Range<usize>) -> Vec<Finding> {
    let name = plain[key.clone()].to_ascii_lowercase();
    let refresh = name == "http-equiv" && plain[value.clone()].eq_ignore_ascii_case("refresh");
    if name == "style" || name.starts_with("on") || refresh {
        return vec![Finding { kind: FindingKind::Forbidden(format!("{name}=")), bytes: key.clone() }];
    }
    if !ADDRESSES.contains(&&*name) {
        return Vec::new();
    }
    let parts = plain[value.clone()].split(if name == "srcset" { ',' } else { '\n' });
    let addresses = parts.map(|part| part.split_whitespace().next().unwrap_or_default());
    addresses.filter_map(|address| Some(Finding { kind: address_kind(address)?, bytes: value.clone() })).collect()
}

fn address_kind(address: &str) -> Option<FindingKind> {
    let fixed = address.trim_start_matches(COMPUTED);
    let owned = address.to_owned();
    match fixed {
        _ if fixed.is_empty() || fixed.starts_with('#') => None,
        _ if is_external(fixed) || address.starts_with('/') => Some(FindingKind::External(owned.replace(COMPUTED, ""))),
        _ => Some(FindingKind::File(owned)),
    }
}

/// What a style sheet holds.
pub fn in_sheet(text: &str) -> Vec<Finding> {
    let plain = blank(text, ("/*", "*/"), b' ');
    let mut found = Vec::new();
    for (start, end) in [("url(", ")"), ("@import", ";")] {
        for (at, _) in plain.match_indices(start) {
            let from = at + start.len();
            let to = plain[from..].find(end).map_or(plain.len(), |length| from + length);
            let address = plain[from..to].trim().trim_matches(['"', '\'']);
            // `@import url(…)` is found as `url(…)`.
            let kind = if address.starts_with("url(") { None } else { address_kind(address) };
            found.extend(kind.map(|kind| Finding { kind, bytes: at..to }));
        }
    }
    found.sort_by_key(|finding| finding.bytes.start);
    found
}

/// A text with everything from a start to its end replaced, line ends kept.
fn blank(text: &str, (start, end): (&str, &str), by: u8) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(start) {
        let length = rest[at..].find(end).map_or(rest.len() - at, |length| length + end.len());
        out.push_str(&rest[..at]);
        out.extend(rest[at..at + length].bytes().map(|byte| char::from(if byte == b'\n' { byte } else { by })));
        rest = &rest[at + length..];
    }
    out + rest
}

/// The word that begins at a byte.
fn word(text: &str, from: usize) -> Range<usize> {
    let length = text[from..].find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '=' | '<' | '"' | '\''));
    from..length.map_or(text.len(), |length| from + length)
}

/// The next attribute of a tag: its name and its value; `at` moves behind it. `None` at the end of the tag.
fn attribute(text: &str, at: &mut usize) -> Option<(Range<usize>, Range<usize>)> {
    let skip = |from: usize, more: &str| {
        from + text[from..].len() - text[from..].trim_start_matches(|c: char| c.is_whitespace() || more.contains(c)).len()
    };
    let start = skip(*at, "/\"'=");
    let key = word(text, start);
    *at = key.end;
    if key.is_empty() {
        return None;
    }
    let equals = skip(key.end, "");
    if !text[equals..].starts_with('=') {
        return Some((key, equals..equals));
    }
    let from = skip(equals + 1, "");
    let quote = text[from..].chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => from + 1..text[from + 1..].find(quote).map_or(text.len(), |length| from + 1 + length),
        None => from..text[from..].find(|c: char| c.is_whitespace() || c == '>').map_or(text.len(), |length| from + length),
    };
    *at = if quote.is_some() { (value.end + 1).min(text.len()) } else { value.end };
    Some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Vec<FindingKind> {
        in_page(text).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn what_the_policy_forbids_is_found_and_only_that() {
        let forbidden = |what: &str| FindingKind::Forbidden(what.to_owned());
        for (text, kind) in [
            ("<SCRIPT>x</SCRIPT>", forbidden("<script>")),
            ("<p\n  class=a style = 'color:red'>", forbidden("style=")),
            ("<img/onerror=x>", forbidden("onerror=")),
            ("<meta http-equiv=Refresh content=1>", forbidden("http-equiv=")),
            ("<img src=https://a.vn/x.png>", FindingKind::External("https://a.vn/x.png".to_owned())),
            ("<img srcset='a.png 1x, //a.vn/x.png 2x' >", FindingKind::File("a.png".to_owned())),
            ("<img src='data:image/png;base64,x'>", FindingKind::External("data:image/png;base64,x".to_owned())),
            ("<a href=\"{{ root }}theme/x.css\">", FindingKind::File(format!("{}theme/x.css", "\0".repeat(10)))),
        ] {
            assert_eq!(page(text).first(), Some(&kind), "{text}");
        }
        for text in [
            "<p>style=x onload=y <b>2 < 3</b></p>",
            "{# <script> #}<!-- <script> --><p {% if a > 1 %}class=\"b\"{% endif %}>{{ \"<script>\" }}</p>",
            "<a href=\"{{ image.src }}\" xmlns=\"http://www.w3.org/2000/svg\"><use href='#x'/></a>",
        ] {
            assert_eq!(page(text), [], "{text}");
        }
    }

    #[test]
    fn a_sheet_names_its_files_outside_comments() {
        let found = in_sheet("/* url(x) */ @import 'b.css';\na{b:url( \"fonts/a.woff2\" )} c{d:url(HTTP://a/b)}");
        assert_eq!(
            found.iter().map(|finding| &finding.kind).collect::<Vec<_>>(),
            [
                &FindingKind::File("b.css".to_owned()),
                &FindingKind::File("fonts/a.woff2".to_owned()),
                &FindingKind::External("HTTP://a/b".to_owned())
            ]
        );
    }
}
