//! Splits a slide into front matter and Markdown body, with the place of each.
//! Never parses either.

use super::text::{SourceText, TextSpan};
use crate::base::diagnostic::Diagnostic;
use crate::text;

/// The two parts of a slide's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlideParts<'a> {
    pub yaml: &'a str,
    pub body: &'a str,
    /// In bytes from the start of the file.
    pub body_offset: usize,
}

/// Lines before the YAML: the opening `---`.
pub const YAML_LINE_OFFSET: u32 = 1;

/// Splits a slide's file.
pub fn split(file: &SourceText) -> Result<SlideParts<'_>, Diagnostic> {
    let text = file.text();
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let fence = line.trim_end() == "---";
        if index == 0 && !fence {
            return Err(missing_fault(file));
        }
        let next = at + line.len();
        if index > 0 && fence {
            let start = text.find('\n').map_or(at, |end| end + 1);
            return Ok(SlideParts { yaml: &text[start..at], body: &text[next..], body_offset: next });
        }
        at = next;
    }
    if text.is_empty() { Err(missing_fault(file)) } else { Err(unterminated_fault(file)) }
}

fn missing_fault(file: &SourceText) -> Diagnostic {
    Diagnostic::error(
        "front-matter-missing",
        file.location(TextSpan { line: 1, column: 1, length: 1 }),
        text!(vi: "tệp không bắt đầu bằng dòng ---", en: "the file does not begin with a --- line"),
        text!(vi: "đặt title, agency, category, layout giữa hai dòng --- ở đầu tệp", en: "put title, agency, category, layout between two --- lines at the top"),
    )
}

fn unterminated_fault(file: &SourceText) -> Diagnostic {
    Diagnostic::error(
        "front-matter-open",
        file.location(TextSpan { line: 1, column: 1, length: 3 }),
        text!(vi: "phần đầu tệp không có dòng --- kết thúc", en: "the front matter has no closing --- line"),
        text!(vi: "thêm dòng --- sau mục cuối cùng", en: "add a --- line after the last key"),
    )
}
