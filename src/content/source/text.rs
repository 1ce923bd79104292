//! A text file of the content; maps any byte in it to line, column and source line.
//! Never judges what the text says.

use std::borrow::Cow;
use std::ops::Range;

use super::tree_faults;
use crate::base::diagnostic::{Diagnostic, SourceLocation};

/// A stretch on one line of a text file. Line and column count from 1, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextSpan {
    pub line: u32,
    pub column: u32,
    /// Characters, at least 1.
    pub length: u32,
}

/// The text in the bytes of a file, which must be UTF-8.
pub fn decode<'b>(path: &str, bytes: &'b [u8]) -> Result<&'b str, Diagnostic> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, rest) = bytes.split_at(error.valid_up_to());
        let shown = SourceText::new(path, &String::from_utf8_lossy(good));
        let end = shown.text.len();
        let mut place = shown.location(shown.span(end..end));
        place.source.truncate(place.source.trim_end().len());
        tree_faults::not_utf8(place, rest.first().copied().unwrap_or_default())
    })
}

/// The text in the bytes of a file, and what its author should know of the encoding. A table may have a byte-order mark, since Excel writes
/// one into each, and be UTF-16 with it.
pub fn decode_file<'b>(path: &str, bytes: &'b [u8]) -> Result<(Cow<'b, str>, Option<Diagnostic>), Diagnostic> {
    let table = path.ends_with(".csv");
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] if table => u16::from_le_bytes,
        [0xfe, 0xff, ..] if table => u16::from_be_bytes,
        [0xef, 0xbb, 0xbf, rest @ ..] if table => return Ok((decode(path, rest)?.into(), None)),
        [0xef, 0xbb, 0xbf, ..] => return Err(tree_faults::byte_order_mark(path)),
        _ => return Ok((decode(path, bytes)?.into(), None)),
    };
    let (pairs, odd) = bytes[2..].as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if odd.is_empty() => Ok((text.into(), Some(tree_faults::utf16_table(path)))),
        _ => Err(tree_faults::broken_utf16(path)),
    }
}

/// A text file, valid UTF-8, with LF as its only line end.
#[derive(Clone, Debug)]
pub struct SourceText {
    path: String,
    text: String,
    line_starts: Vec<usize>,
}

impl SourceText {
    /// A file by its path below the content folder. CR before LF is dropped: editors on Windows write it, and it means nothing.
    pub fn new(path: impl Into<String>, text: &str) -> Self {
        let text = text.replace("\r\n", "\n");
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { path: path.into(), text, line_starts: starts }
    }

    /// Path below the content folder, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// All of the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// One line without its end; empty when there is no such line.
    pub fn line(&self, line: u32) -> &str {
        let index = line as usize;
        let Some(start) = index.checked_sub(1).and_then(|index| self.line_starts.get(index)) else { return "" };
        let end = self.line_starts.get(index).map_or(self.text.len(), |next| next - 1);
        &self.text[*start..end]
    }

    /// The byte at which a stretch begins.
    pub fn offset(&self, span: TextSpan) -> usize {
        let start = self.line_starts.get((span.line as usize).saturating_sub(1)).copied().unwrap_or(self.text.len());
        let before: usize = self.line(span.line).chars().take((span.column as usize).saturating_sub(1)).map(char::len_utf8).sum();
        start + before
    }

    /// The place of a stretch.
    pub fn location(&self, span: TextSpan) -> SourceLocation {
        let source = self.line(span.line).to_owned();
        SourceLocation { path: self.path.clone(), line: span.line, column: span.column, length: span.length.max(1), source }
    }

    /// The place of the whole file.
    pub fn file_location(&self) -> SourceLocation {
        SourceLocation::file(self.path.clone())
    }

    /// The stretch of a byte range, cut at the end of its line.
    pub fn span(&self, bytes: Range<usize>) -> TextSpan {
        let index = self.line_starts.partition_point(|start| *start <= bytes.start).saturating_sub(1);
        let start = self.line_starts[index];
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let text = self.line(line);
        let from = self.floor_char_boundary(bytes.start).clamp(start, start + text.len()) - start;
        let to = self.floor_char_boundary(bytes.end).clamp(start + from, start + text.len()) - start;
        TextSpan { line, column: char_count(&text[..from]) + 1, length: char_count(&text[from..to]).max(1) }
    }

    fn floor_char_boundary(&self, mut at: usize) -> usize {
        at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn char_count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_lead_back_to_line_and_column() {
        let file = SourceText::new("a", "một\r\nhai ba\n");
        let at = file.text().find("ba").unwrap();
        assert_eq!(file.span(at..at + 2), TextSpan { line: 2, column: 5, length: 2 });
        assert_eq!(file.span(1..99), TextSpan { line: 1, column: 2, length: 2 });
        assert_eq!(file.span(99..100), TextSpan { line: 3, column: 1, length: 1 });
        assert_eq!(file.line(2), "hai ba");
    }
}
