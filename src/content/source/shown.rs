//! One text as a reader sees it, its escapes resolved, and where in the file each of its characters is written.
//! Never judges a text.

use std::ops::Range;

/// A text as it is shown.
#[derive(Clone, Debug, Default)]
pub struct ShownText {
    text: String,
    /// Of each piece: where it begins in `text`, and the bytes of the file that it comes from.
    pieces: Vec<(usize, Range<usize>)>,
}

impl ShownText {
    /// Adds a piece that comes from these bytes of the file.
    pub fn push(&mut self, shown: &str, written: Range<usize>) {
        self.pieces.push((self.text.len(), written));
        self.text.push_str(shown);
    }

    /// All of the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file that a range of the text comes from: the whole escape if it comes from one.
    pub fn written(&self, shown: Range<usize>) -> Range<usize> {
        let start = self.origin(shown.start).start;
        let last = self.text[..shown.end].char_indices().next_back().map_or(0, |(at, _)| at);
        start..self.origin(last).end.max(start)
    }

    /// Where the character that begins at a byte of the text is written.
    fn origin(&self, at: usize) -> Range<usize> {
        let next = self.pieces.partition_point(|(start, _)| *start <= at);
        let Some((start, written)) = next.checked_sub(1).and_then(|before| self.pieces.get(before)) else { return 0..0 };
        let end = self.pieces.get(next).map_or(self.text.len(), |(end, _)| *end);
        let length = self.text[at..].chars().next().map_or(0, char::len_utf8);
        let here = written.start + (at - start);
        // What has another length as written comes from an escape.
        if end - start == written.len() { here..here + length } else { written.clone() }
    }
}

/// A value in double quotes; `source` begins at its opening quote, at a byte of the file. `None` if the two do not fit.
pub fn in_double_quotes(source: &str, at: usize, value: &str) -> Option<ShownText> {
    let mut shown = ShownText::default();
    let mut rest = source.strip_prefix('"')?;
    let spaces = |text: &str| text.len() - text.trim_start().len();
    for c in value.chars() {
        let length = loop {
            if rest.starts_with("\\\n") {
                rest = rest[1..].trim_start();
            } else if let Some(escape) = rest.strip_prefix('\\') {
                break match escape.chars().next()? {
                    'x' => 4,
                    'u' => 6,
                    'U' => 10,
                    sign => 1 + sign.len_utf8(),
                };
            } else if rest.starts_with(c) {
                break c.len_utf8();
            } else if spaces(rest) == 0 {
                return None;
            } else if c.is_whitespace() {
                break spaces(rest);
            } else {
                rest = rest.trim_start();
            }
        };
        let start = at + (source.len() - rest.len());
        shown.push(c.encode_utf8(&mut [0; 4]), start..start + length);
        rest = rest.get(length..)?;
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_of_a_value_leads_back_to_its_escape() {
        let source = "\"C\\u0061o  \\\n   B\\x61\\U0001F600 c\n  d\" # rest";
        let shown = in_double_quotes(source, 100, "Cao  Ba😀 c d").unwrap();
        let written = |part: &str| {
            let at = shown.text().find(part).unwrap();
            let bytes = shown.written(at..at + part.len());
            &source[bytes.start - 100..bytes.end - 100]
        };
        for (part, expected) in [("Cao", "C\\u0061o"), ("a", "\\u0061"), ("Ba", "B\\x61"), ("😀", "\\U0001F600"), ("c", "c"), ("d", "d")]
        {
            assert_eq!(written(part), expected, "{part}");
        }
        assert!(in_double_quotes("\"ab\"", 0, "ac").is_none() && in_double_quotes("'a'", 0, "a").is_none());
    }

    #[test]
    fn text_of_several_pieces_is_one() {
        let mut shown = ShownText::default();
        shown.push("Công ", 0..6);
        shown.push("а", 6..13);
        shown.push("n", 13..14);
        let at = shown.text().find('а').unwrap();
        assert_eq!((shown.written(at..at + 3), shown.written(at..at + 2), shown.written(0..1)), (6..14, 6..13, 0..1));
    }
}
