//! A fault in what a person wrote: place, cause, remedy; and its rendering for people.
//! Never prints, never ends the program.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::color::Pen;
use super::numbers;
use super::text::{Lang, Text, printable, printable_lines};

/// Severity of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is built until it is fixed.
    Error,
    /// The build continues.
    Warning,
}

/// A stretch of one source line. Lines and columns count from 1; a column counts characters, not bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceLocation {
    /// Path below the content folder, with `/`.
    pub path: String,
    /// Line, from 1; 0 when the fault concerns the whole file.
    pub line: u32,
    /// Column in characters, from 1; 0 when the fault concerns the whole line or file.
    pub column: u32,
    /// Number of characters under the caret, at least 1 where there is a column.
    pub length: u32,
    /// The source line without its line end; empty when the fault concerns the whole file.
    pub source: String,
}

impl SourceLocation {
    /// A place that is a whole file.
    pub fn file(path: impl Into<String>) -> Self {
        Self { path: path.into(), line: 0, column: 0, length: 0, source: String::new() }
    }
}

/// One fault, complete: code, place, cause, remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Stable name of the kind of fault, such as `unknown-key`; explained in `docs/faults-in-content.md`.
    pub code: &'static str,
    pub severity: Severity,
    pub place: SourceLocation,
    pub cause: Text,
    pub help: Text,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: &'static str, place: SourceLocation, cause: Text, help: Text) -> Self {
        Self { code, severity: Severity::Error, place, cause, help }
    }

    /// A warning.
    pub fn warning(code: &'static str, place: SourceLocation, cause: Text, help: Text) -> Self {
        Self { code, severity: Severity::Warning, place, cause, help }
    }

    /// The fault with every character that is invisible or turns text round replaced by a visible one, for pages that show it.
    #[must_use]
    pub fn printable(&self) -> Self {
        let lines = |Text { vi, en }: &Text| Text { vi: printable_lines(vi), en: printable_lines(en) };
        let SourceLocation { path, source, .. } = &self.place;
        let place = SourceLocation { path: printable(path), source: printable(&source.replace('\t', " ")), ..self.place.clone() };
        Self { place, cause: lines(&self.cause), help: lines(&self.help), ..self.clone() }
    }

    /// The fault as a person reads it: heading, place, source line, caret, remedy, ending with a line feed. Text of an author is escaped
    /// for the terminal.
    pub fn render(&self, lang: Lang, pen: Pen) -> String {
        let (error, warning, help) = match lang {
            Lang::Vi => ("lỗi", "cảnh báo", "cách sửa"),
            Lang::En => ("error", "warning", "help"),
        };
        let grave = |text: &str| if self.severity == Severity::Error { pen.error(text) } else { pen.warning(text) };
        let kind = if self.severity == Severity::Error { error } else { warning };
        let mut out = format!("{}: {}\n", grave(&format!("{kind}[{}]", self.code)), printable_lines(self.cause.get(lang)));
        let place = &self.place;
        let path = printable(&place.path);
        let shown = match (place.line, place.column) {
            (0, _) => path,
            (line, 0) => format!("{path}:{line}"),
            (line, column) => format!("{path}:{line}:{column}"),
        };
        let _ = writeln!(out, "  --> {}", pen.strong(&shown));
        if place.line > 0 {
            let number = place.line.to_string();
            let gutter = " ".repeat(number.len());
            let (shown, column) = crop_line(&place.source.replace('\t', " "), place.column as usize);
            let _ = writeln!(out, "{gutter} |\n{number} | {}", printable(&shown));
            if place.column > 0 {
                let before = display_width(shown.chars().take(column - 1));
                let under = display_width(shown.chars().skip(column - 1).take(place.length as usize)).max(1);
                let _ = writeln!(out, "{gutter} | {}{}", " ".repeat(before), grave(&"^".repeat(under)));
            }
        }
        let _ = writeln!(out, "  {}: {}", pen.strong(help), printable_lines(self.help.get(lang)));
        out
    }
}

/// Sorts faults by file and place, and leaves each once.
pub fn settle(faults: &mut Vec<Diagnostic>) {
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert((fault.code, fault.place.clone(), fault.cause.en.clone())));
    faults.sort_by(|a, b| (&a.place.path, a.place.line, a.place.column).cmp(&(&b.place.path, b.place.line, b.place.column)));
}

/// How many errors and warnings these are; a kind that is absent is left out: `12 lỗi, 2 cảnh báo`.
pub fn counted(faults: &[Diagnostic]) -> Text {
    let count = |severity: Severity| faults.iter().filter(|fault| fault.severity == severity).count();
    let kinds = [(count(Severity::Error), "lỗi", "error"), (count(Severity::Warning), "cảnh báo", "warning")];
    let kinds: Vec<_> = kinds.into_iter().filter(|(count, ..)| *count > 0).collect();
    Text {
        vi: kinds.iter().map(|(count, vi, _)| format!("{count} {vi}")).collect::<Vec<_>>().join(", "),
        en: kinds.iter().map(|(count, _, en)| numbers::counted(*count, en)).collect::<Vec<_>>().join(", "),
    }
}

/// A part of a very long line around a column, and the column within it.
fn crop_line(line: &str, column: usize) -> (String, usize) {
    const MOST: usize = 200;
    if line.chars().count() <= MOST {
        return (line.to_owned(), column);
    }
    let skipped = column.saturating_sub(60);
    let part: String = line.chars().skip(skipped).take(MOST).collect();
    let more = if line.chars().count() > skipped + MOST { "…" } else { "" };
    if skipped == 0 { (format!("{part}{more}"), column) } else { (format!("…{part}{more}"), column - skipped + 1) }
}

/// Width on a terminal: Vietnamese combining marks take no column, CJK takes two.
#[cfg(feature = "office")]
fn display_width(chars: impl Iterator<Item = char>) -> usize {
    chars.map(|c| unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)).sum()
}

/// The player never prints source lines, so one column a character is enough.
#[cfg(not(feature = "office"))]
fn display_width(chars: impl Iterator<Item = char>) -> usize {
    chars.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    #[test]
    fn faults_of_a_file_stand_together_in_its_order_each_once() {
        let fault = |code: &'static str, path: &str, line: u32| {
            let place = SourceLocation { line, ..SourceLocation::file(path) };
            Diagnostic::error(code, place, text!(vi: "a", en: "a"), text!(vi: "b", en: "b"))
        };
        let mut faults = vec![fault("x", "a", 3), fault("x", "b", 1), fault("x", "a", 3), fault("z", "a", 1), fault("y", "a", 1)];
        settle(&mut faults);
        let order: Vec<_> = faults.iter().map(|each| (each.place.path.as_str(), each.place.line, each.code)).collect();
        assert_eq!(order, [("a", 1, "z"), ("a", 1, "y"), ("a", 3, "x"), ("b", 1, "x")]);
    }

    #[test]
    fn faults_are_counted_by_kind() {
        let fault = |make: fn(&'static str, SourceLocation, Text, Text) -> Diagnostic| {
            make("x", SourceLocation::file("a"), text!(vi: "a", en: "a"), text!(vi: "b", en: "b"))
        };
        let (error, warning) = (fault(Diagnostic::error), fault(Diagnostic::warning));
        for (faults, vi, en) in [
            (vec![error.clone()], "1 lỗi", "1 error"),
            (vec![warning.clone(), warning.clone()], "2 cảnh báo", "2 warnings"),
            (vec![warning, error.clone(), error], "2 lỗi, 1 cảnh báo", "2 errors, 1 warning"),
        ] {
            assert_eq!(counted(&faults), Text { vi: vi.to_owned(), en: en.to_owned() });
        }
    }
}
