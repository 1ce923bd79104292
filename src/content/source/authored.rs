//! Makes of a body, as authors write it, CommonMark that means the same: CommonMark takes an indented line for code, a year for a list and a
//! line above hyphens for a heading. Hides the signs of emphasis from the parser. Never changes what a reader sees.

use std::ops::Range;

/// Stand for `*`, `_` and `~` while the parser reads. Content can't hold them: control characters are refused.
const HIDDEN: [(char, char); 3] = [('*', '\u{1}'), ('_', '\u{2}'), ('~', '\u{3}')];

/// A body as the parser reads it.
pub struct Authored {
    pub text: String,
    /// Where a stretch that is copied begins: in `text`, and in the author's text.
    anchors: Vec<(usize, usize)>,
}

/// The sign that a character stands for, if it stands for one.
pub fn shown_sign(c: char) -> Option<char> {
    HIDDEN.iter().find(|(_, hidden)| *hidden == c).map(|(sign, _)| *sign)
}

/// A text with the signs of the author.
pub fn with_signs(text: &str) -> String {
    text.chars().map(|c| shown_sign(c).unwrap_or(c)).collect()
}

/// The body that the parser reads.
pub fn prepare(body: &str) -> Authored {
    let out = Authored { text: String::with_capacity(body.len() + 64), anchors: Vec::new() };
    let mut writer = Writer { out, items: Vec::new(), in_paragraph: false };
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        writer.line(line.trim_end_matches('\n'), at);
        if line.ends_with('\n') {
            writer.out.text.push('\n');
        }
        at += line.len();
    }
    writer.out
}

impl Authored {
    /// The bytes of the author's text from which a range of `text` comes.
    pub fn written(&self, range: Range<usize>) -> Range<usize> {
        let start = self.origin(range.start);
        let end = if range.end > range.start { self.origin(range.end - 1) + 1 } else { start };
        start..end.max(start)
    }

    fn origin(&self, at: usize) -> usize {
        let next = self.anchors.partition_point(|(here, _)| *here <= at);
        let Some((here, there)) = next.checked_sub(1).and_then(|before| self.anchors.get(before)) else { return at };
        let most = self.anchors.get(next).map_or(usize::MAX, |(_, there)| *there);
        (there + (at - here)).min(most)
    }

    /// Adds text of the author that stands at a byte of his.
    fn copy(&mut self, text: &str, at: usize) {
        self.anchors.push((self.text.len(), at));
        self.text.push_str(text);
    }
}

struct Writer {
    out: Authored,
    /// The columns at which the contents of the open list items begin.
    items: Vec<Column>,
    /// Whether the line before is text of a paragraph.
    in_paragraph: bool,
}

/// A column in the author's text, and the same in what the parser reads.
#[derive(Clone, Copy, Default)]
struct Column {
    written: usize,
    read: usize,
}

impl Column {
    fn right(self, by: usize) -> Self {
        Self { written: self.written + by, read: self.read + by }
    }
}

/// What begins a list item.
enum Marker<'a> {
    Bullet,
    /// Its digits.
    Number(&'a str),
}

impl Writer {
    /// Writes a line that begins at a byte of the body.
    fn line(&mut self, line: &str, at: usize) {
        let rest = line.trim_start();
        if rest.is_empty() {
            self.in_paragraph = false;
            return;
        }
        let start = at + (line.len() - rest.len());
        let columns = columns(&line[..line.len() - rest.len()]);
        let marker = marker(rest).is_some() && !is_rule(rest);
        let before = self.items.len();
        if marker || !self.in_paragraph {
            while self.items.last().is_some_and(|content| columns < content.written) {
                self.items.pop();
            }
        }
        let base = self.items.last().copied().unwrap_or_default();
        // Four columns more would be code.
        let indent = match columns.checked_sub(base.written) {
            Some(4..) => base.read,
            Some(more) => base.read + more,
            None => columns.min(base.read),
        };
        let separator = !rest.trim_end().is_empty() && rest.trim_end().bytes().all(|c| c == b'-');
        if separator && self.in_paragraph && rest.trim_end().len() >= 3 {
            // Directly below a paragraph the line would make a heading of it.
            self.out.text.push('\n');
        }
        self.out.copy(&" ".repeat(indent), start);
        self.rest(rest, start, Column { written: columns, read: indent }, before > self.items.len());
    }

    /// Writes what follows the indentation. `sibling`: the line ends an item, so that any number may go on.
    fn rest(&mut self, mut rest: &str, mut at: usize, mut column: Column, sibling: bool) {
        let mut first = true;
        loop {
            let plain = rest.trim_end();
            let heading = rest.trim_start_matches('#');
            if is_rule(rest) || rest.starts_with("```") || rest.starts_with("~~~") {
                self.out.copy(rest, at);
                self.in_paragraph = false;
                return;
            }
            if matches!(plain, "-" | "--" | "+" | "*") {
                self.out.text.push('\\');
                self.inline(rest, at);
                return;
            }
            if heading.len() < rest.len() && rest.len() - heading.len() <= 6 && heading.starts_with([' ', '\t']) {
                self.inline(rest, at);
                self.in_paragraph = false;
                return;
            }
            if let Some(inside) = rest.strip_prefix('>') {
                let text = inside.trim_start();
                self.out.copy("> ", at);
                (at, rest, column) = (at + (rest.len() - text.len()), text, Column::default());
                self.in_paragraph = false;
                if text.is_empty() {
                    return;
                }
                continue;
            }
            let Some(found) = marker(rest) else { return self.inline(rest, at) };
            let size = if let Marker::Number(digits) = found { digits.len() + 1 } else { 1 };
            if let Marker::Number(digits) = found {
                if !is_item_number(digits) {
                    // A year, or a number that a list would show in another way.
                    self.out.copy(digits, at);
                    self.out.text.push('\\');
                    return self.inline(&rest[digits.len()..], at + digits.len());
                }
                if first && self.in_paragraph && !sibling && digits != "1" {
                    return self.inline(rest, at);
                }
            }
            let text = rest[size..].trim_start_matches([' ', '\t']);
            let gap = columns_from(column.written + size, &rest[size..rest.len() - text.len()]);
            let gap = if gap > 4 { 1 } else { gap.max(1) };
            self.out.copy(&rest[..size], at);
            self.out.copy(&" ".repeat(gap), at + size);
            column = column.right(size + gap);
            self.items.push(column);
            (at, rest) = (at + (rest.len() - text.len()), text);
            (first, self.in_paragraph) = (false, false);
            if text.trim_end().is_empty() {
                return;
            }
        }
    }

    /// Writes text of a paragraph, its signs of emphasis hidden.
    fn inline(&mut self, text: &str, at: usize) {
        self.out.copy("", at);
        let (mut escaped, mut last, mut in_address) = (false, ' ', false);
        for c in text.chars() {
            in_address = if in_address { c != ')' } else { last == ']' && c == '(' };
            let hides = !escaped && !in_address;
            let hidden = HIDDEN.iter().find(|(sign, _)| *sign == c && hides).map_or(c, |(_, hidden)| *hidden);
            self.out.text.push(hidden);
            escaped = c == '\\' && !escaped;
            last = c;
        }
        self.in_paragraph = true;
    }
}

/// The marker of a list item at the start of a text.
fn marker(text: &str) -> Option<Marker<'_>> {
    let space = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    if let Some(rest) = text.strip_prefix(['-', '+', '*']) {
        return space(rest).then_some(Marker::Bullet);
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = text[digits..].strip_prefix(['.', ')'])?;
    ((1..=9).contains(&digits) && space(rest)).then(|| Marker::Number(&text[..digits]))
}

/// Whether a number can begin an item of a list: a list shows `7`, never `2026` or `07`.
fn is_item_number(digits: &str) -> bool {
    digits.len() <= 3 && (digits == "0" || !digits.starts_with('0'))
}

/// Whether a line is a rule: three or more of the same sign.
fn is_rule(text: &str) -> bool {
    ['-', '*', '_'].iter().any(|sign| {
        let others = text.chars().any(|c| c != *sign && c != ' ' && c != '\t');
        !others && text.chars().filter(|c| c == sign).count() >= 3
    })
}

fn columns(space: &str) -> usize {
    columns_from(0, space)
}

/// The width of white space that begins at a column; a tab goes on to the next fourth.
fn columns_from(start: usize, space: &str) -> usize {
    let end = space.chars().fold(start, |column, c| match c {
        '\t' => column / 4 * 4 + 4,
        '\u{3000}' => column + 2,
        _ => column + 1,
    });
    end - start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commonmark_takes_otherwise_is_written_so_that_it_stays() {
        for (body, prepared) in [
            ("    Căn cứ\n\n\tĐề nghị\n\n\u{a0}\u{a0}\u{a0}\u{a0}a\n\u{3000}\u{3000}b", "Căn cứ\n\nĐề nghị\n\na\nb"),
            ("- a\n\n      b\n\n          c\n", "- a\n\n  b\n\n  c\n"),
            ("-      a\n1.\t\tb", "- a\n1. b"),
            ("2026. Là năm\n07. a\n7) b", "2026\\. Là năm\n07\\. a\n7) b"),
            ("- 2026. a", "- 2026\\. a"),
            ("Lúc 7 giờ\n---\nNơi họp", "Lúc 7 giờ\n\n---\nNơi họp"),
            ("a\n--\n-\nb", "a\n\\--\n\\-\nb"),
            ("Tên\n===\n# b\n---\n* * *\n***", "Tên\n===\n# b\n---\n* * *\n***"),
            ("a:\n    - b\n    - c", "a:\n- b\n- c"),
            (">      a", "> a"),
        ] {
            assert_eq!(with_signs(&prepare(body).text), prepared, "{body:?}");
        }
    }

    #[test]
    fn only_signs_in_text_are_hidden() {
        assert_eq!(prepare("* a*b_c~d \\*e\\\\*").text, "* a\u{1}b\u{2}c\u{3}d \\*e\\\\\u{1}");
        assert_eq!(prepare("- **a**\n> _b_\n~~~\n").text, "- \u{1}\u{1}a\u{1}\u{1}\n> \u{2}b\u{2}\n~~~\n");
    }

    #[test]
    fn places_lead_back_to_the_author() {
        let body = "\u{3000}\u{3000}ầb\n---\n-      2026. x\n";
        let ready = prepare(body);
        for word in ["ầb", "---", "2026", "x"] {
            let at = ready.text.find(word).unwrap();
            assert_eq!(&body[ready.written(at..at + word.len())], word);
        }
    }
}
