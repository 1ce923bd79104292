//! Reads HTML as a browser does, by the tokenizer of the standard, into its tags.
//! Never accepts what browsers might read in another way: each such place is a finding.

use std::ops::Range;

use html5gum::{DefaultEmitter, HtmlString, Span, Token, Tokenizer};

use super::finding::{Finding, FindingKind};

/// A tag.
pub struct Tag {
    /// In small letters.
    pub element: String,
    pub bytes: Range<usize>,
    /// Of a start tag; an end tag has none.
    pub attributes: Vec<Attribute>,
    pub is_start: bool,
}

/// An attribute.
pub struct Attribute {
    /// In small letters.
    pub name: String,
    pub name_bytes: Range<usize>,
    /// What the browser makes of it: character references are resolved.
    pub value: String,
    /// Between the quotes; empty where there are none.
    pub value_bytes: Range<usize>,
    pub is_quoted: bool,
}

/// The tags of a text in their order, and what must not stand between them.
pub fn read(text: &str) -> (Vec<Tag>, Vec<Finding>) {
    let (mut tags, mut found) = (Vec::new(), Vec::new());
    let mut in_title = false;
    let emitter = DefaultEmitter::<usize>::new_with_span();
    for token in Tokenizer::new_with_emitter(text, emitter).flatten() {
        match token {
            Token::StartTag(tag) => {
                let element = string(&tag.name);
                // A browser takes all of a title for text.
                if in_title {
                    found.push(FindingKind::Forbidden(format!("<{element}> in <title>")).at(bytes(text, tag.span)));
                }
                in_title = element == "title";
                let mut attributes: Vec<_> = tag
                    .attributes
                    .iter()
                    .map(|(name, value)| attribute(text, string(name), string(&value.value), value.span.start))
                    .collect();
                attributes.sort_by_key(|attribute| attribute.name_bytes.start);
                tags.push(Tag { element, bytes: bytes(text, tag.span), attributes, is_start: true });
            }
            Token::EndTag(tag) => {
                in_title &= string(&tag.name) != "title";
                tags.push(Tag { element: string(&tag.name), bytes: bytes(text, tag.span), attributes: Vec::new(), is_start: false });
            }
            Token::Comment(comment) => found.push(FindingKind::Forbidden("<!-- … -->".to_owned()).at(bytes(text, comment.span))),
            Token::Doctype(doctype) => {
                let plain = string(&doctype.name) == "html" && doctype.public_identifier.is_none() && doctype.system_identifier.is_none();
                if !plain || doctype.force_quirks {
                    found.push(FindingKind::Forbidden("<!doctype … >".to_owned()).at(bytes(text, doctype.span)));
                }
            }
            Token::Error(error) => found.push(FindingKind::Malformed(error.value.to_string()).at(bytes(text, error.span))),
            Token::String(_) => {}
        }
    }
    (tags, found)
}

/// Finds the value of an attribute behind its name.
fn attribute(text: &str, name: String, value: String, start: usize) -> Attribute {
    let name_bytes = start..(start + name.len()).min(text.len());
    let after = |from: usize| text.get(from..).map_or(from, |rest| text.len() - rest.trim_start().len());
    let equals = after(name_bytes.end);
    let from = if text.as_bytes().get(equals) == Some(&b'=') { after(equals + 1) } else { equals };
    let quote = text.as_bytes().get(from).copied().filter(|byte| from > equals && matches!(byte, b'"' | b'\''));
    let value_bytes = quote.and_then(|quote| {
        let length = text.as_bytes()[from + 1..].iter().position(|byte| *byte == quote)?;
        Some(from + 1..from + 1 + length)
    });
    Attribute { is_quoted: value_bytes.is_some(), value_bytes: value_bytes.unwrap_or(name_bytes.clone()), name, name_bytes, value }
}

fn string(bytes: &HtmlString) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A place in the text that is at least one character.
fn bytes(text: &str, span: Span<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    if end > start { start..end } else { start..text.ceil_char_boundary((start + 1).min(text.len())) }
}
