//! The words of a line as binding sees them, the lists of words, and the characters that bind or break.
//! Never decides what binds.

use std::collections::HashSet;
use std::ops::Range;

/// No break.
pub const NO_BREAK_SPACE: char = '\u{a0}';
/// No break, no width.
pub const WORD_JOINER: char = '\u{2060}';
/// A break without a width: what `<wbr>` is in a text.
pub const BREAK: char = '\u{200b}';

/// Signs that never begin a line.
const DASHES: [&str; 7] = ["–", "—", "-", "·", "/", "•", "×"];

/// A change at a byte of a text: a no-break space in place of the space there, or a character before it.
pub type Edit = (usize, char);

/// The words of a list; lines that begin with `#` are comments.
pub fn list(text: &'static str, separator: char) -> HashSet<&'static str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| line.split(separator)).map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// A stretch without a space.
pub struct Word<'t> {
    pub text: &'t str,
    /// In bytes.
    pub range: Range<usize>,
    /// Without the signs around it.
    pub core: &'t str,
    /// The core in small letters.
    pub lower: String,
}

/// The words of a line that begins at a byte of its text.
pub fn words(line: &str, start: usize) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let mut at = start;
    for text in line.split(' ') {
        if !text.is_empty() {
            let core = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '°' | '%' | '₫' | '+' | '²' | '³'));
            out.push(Word { text, range: at..at + text.len(), core, lower: core.to_lowercase() });
        }
        at += text.len() + 1;
    }
    out
}

impl Word<'_> {
    /// Its characters, without signs that HTML may have written at length.
    pub fn width(&self) -> usize {
        self.text.chars().filter(|c| !matches!(c, '"' | '&' | '<' | '>')).count()
    }

    /// Whether it stands in a list, with the signs around it, in capitals or not.
    pub fn is_among(&self, list: &[&str]) -> bool {
        if self.core.len() == self.text.len() { list.contains(&&*self.lower) } else { list.contains(&&*self.text.to_lowercase()) }
    }

    /// Whether it begins with a capital.
    pub fn begins_large(&self) -> bool {
        self.core.chars().next().is_some_and(char::is_uppercase)
    }

    /// Whether it begins and ends with a digit.
    pub fn is_number(&self) -> bool {
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        digit(self.core.trim_start_matches('+').chars().next()) && digit(self.core.chars().next_back())
    }

    /// Whether it is nothing but digits, perhaps behind a plus.
    pub fn is_digits(&self) -> bool {
        let digits = self.core.trim_start_matches('+');
        !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())
    }

    /// Whether a sign behind the word ends what it belongs to.
    pub fn ends_phrase(&self) -> bool {
        self.text.ends_with(|c: char| !c.is_alphanumeric() && !matches!(c, '°' | '%' | '₫' | '²' | '³'))
    }

    /// Whether a sign before the word begins what it belongs to.
    pub fn begins_phrase(&self) -> bool {
        self.text.starts_with(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '°' | '%' | '₫'))
    }

    /// Whether it is a sign that never begins a line.
    pub fn is_dash(&self) -> bool {
        DASHES.contains(&self.text)
    }
}
