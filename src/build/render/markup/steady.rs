//! Judges what makes a page look otherwise at another moment or on another machine than a reviewer's: conditions, motion, states of elements,
//! what a browser or a machine has of its own; and texts that stand in a style sheet, not in a page.
//! Never judges what a rule looks like on a screen.

use std::ops::Range;

use cssparser::Token;
use unicode_normalization::UnicodeNormalization;

use super::allowed;
use super::finding::{Finding, FindingKind};

/// What has been read of one statement: a declaration, or what stands before a block.
#[derive(Default)]
pub struct Statement {
    /// The name of its `@…` rule.
    rule: Option<String>,
    begun: bool,
    /// The word that it begins with.
    word: Option<String>,
    property: Option<String>,
    /// Where the colon ends that was read last.
    colon: Option<usize>,
    /// Words directly behind a colon: states of elements, if a block follows.
    states: Vec<(String, Range<usize>)>,
    /// What is wrong with the words of a value; nothing, if a block follows: then it is a selector.
    words: Vec<Finding>,
    /// The families of fonts that a value names.
    families: Vec<(String, Range<usize>)>,
    /// Whether a word was read last: a name without quotes may have several.
    in_name: bool,
    /// Whether it stands in a rule that declares a font.
    declares_font: bool,
}

/// Whether a text in a sheet has letters or digits, also such as stand in one sign: № ㊙ 🇻🇳.
pub fn is_readable(text: &str) -> bool {
    text.nfkc().any(|c| c.is_alphanumeric() || ('\u{1f1e6}'..='\u{1f1ff}').contains(&c))
}

impl Statement {
    /// A value that stands without its property.
    pub fn of_property(name: &str) -> Self {
        Self { begun: true, property: Some(name.to_owned()), ..Self::default() }
    }

    /// The first one in the block that follows.
    pub fn inside(&self) -> Self {
        Self { declares_font: self.rule.as_deref() == Some("font-face"), ..Self::default() }
    }

    /// Reads a token that stands at these bytes; `in_brackets`: where a selector has attributes and languages.
    pub fn read(&mut self, token: &Token<'_>, bytes: Range<usize>, in_brackets: bool) -> Option<FindingKind> {
        let first = !std::mem::replace(&mut self.begun, true);
        let follows = std::mem::take(&mut self.in_name);
        match token {
            Token::Semicolon => *self = Self { declares_font: self.declares_font, ..Self::default() },
            Token::AtKeyword(name) => *self = Self { rule: Some(name.to_ascii_lowercase()), begun: true, ..Self::default() },
            Token::Ident(name) if allowed::is_of_vendor(name) => return Some(FindingKind::Forbidden(name.to_string())),
            Token::Ident(name) => {
                if self.colon == Some(bytes.start) {
                    self.states.push((name.to_string(), bytes.clone()));
                }
                if first {
                    self.word = Some(name.to_ascii_lowercase());
                }
                self.word(name, bytes, follows);
                let media = self.rule.as_deref() == Some("media");
                return (media && !allowed::condition(name)).then(|| FindingKind::Forbidden(format!("@media … {name}")));
            }
            Token::Colon => {
                self.colon = Some(bytes.end);
                if self.property.is_none()
                    && let Some(name) = self.word.take()
                {
                    let moves = !allowed::property(&name);
                    self.property = Some(name.clone());
                    return moves.then(|| FindingKind::Forbidden(format!("{name}:")));
                }
            }
            Token::QuotedString(text) if !in_brackets => {
                let property = self.property.as_deref().unwrap_or_default();
                if is_readable(text) && !(allowed::names(property) && (property != "src" || allowed::word(property, text))) {
                    return Some(FindingKind::Forbidden(format!("{property}: \"{text}\"")));
                }
                self.family(text, bytes, false);
            }
            Token::Function(name) if name.eq_ignore_ascii_case("var") => return self.literal("var()"),
            Token::Comma if self.property.as_deref() == Some("src") => return self.literal("…, …"),
            _ => {}
        }
        None
    }

    /// A word of a value; `follows` a word before it.
    fn word(&mut self, word: &str, bytes: Range<usize>, follows: bool) {
        let Some(property) = &self.property else { return };
        if !allowed::word(property, word) {
            self.words.push(FindingKind::Forbidden(format!("{property}: {word}")).at(bytes.clone()));
        }
        self.family(word, bytes, follows);
        self.in_name = true;
    }

    /// A part of a family's name, or the whole of it.
    fn family(&mut self, name: &str, bytes: Range<usize>, follows: bool) {
        if self.declares_font || !self.property.as_deref().is_some_and(allowed::is_font) {
            return;
        }
        match self.families.last_mut().filter(|_| follows) {
            Some((whole, all)) => {
                *whole = format!("{whole} {name}");
                all.end = bytes.end;
            }
            None => self.families.push((name.to_owned(), bytes)),
        }
    }

    /// What a property may not have whose value is judged word by word.
    fn literal(&self, what: &str) -> Option<FindingKind> {
        let property = self.property.as_deref().filter(|property| allowed::is_literal(property))?;
        Some(FindingKind::Forbidden(format!("{property}: {what}")))
    }

    /// The end of a declaration; `declared` knows the fonts of the theme.
    pub fn end(&mut self, declared: &dyn Fn(&str) -> bool) -> Vec<Finding> {
        let property = self.property.clone().unwrap_or_default();
        let families = std::mem::take(&mut self.families).into_iter();
        let machines = families.filter(|(name, _)| !allowed::undeclared(&property, name) && !declared(name));
        let fonts = machines.map(|(name, bytes)| FindingKind::Font(name).at(bytes));
        std::mem::take(&mut self.words).into_iter().chain(fonts).collect()
    }

    /// The end of what stands before a block.
    pub fn block(&mut self) -> Vec<Finding> {
        let states = std::mem::take(self).states.into_iter().filter(|(name, _)| !allowed::state(name));
        states.map(|(name, bytes)| FindingKind::Forbidden(format!(":{name}")).at(bytes)).collect()
    }
}
