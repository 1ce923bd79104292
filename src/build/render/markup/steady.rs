//! Judges what makes a page look otherwise at another moment or on another machine than a reviewer's: conditions, motion, states of elements;
//! and texts that stand in a style sheet, not in a page. Never judges what a rule looks like on a screen.

use std::ops::Range;

use cssparser::Token;

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
}

impl Statement {
    /// Reads a token that stands at these bytes; `in_brackets`: where a selector has attributes and languages.
    pub fn read(&mut self, token: &Token<'_>, bytes: Range<usize>, in_brackets: bool) -> Option<FindingKind> {
        let first = !std::mem::replace(&mut self.begun, true);
        match token {
            Token::Semicolon => *self = Self::default(),
            Token::AtKeyword(name) => *self = Self { rule: Some(name.to_ascii_lowercase()), begun: true, ..Self::default() },
            Token::Ident(name) => {
                if self.colon == Some(bytes.start) {
                    self.states.push((name.to_string(), bytes));
                }
                if first {
                    self.word = Some(name.to_ascii_lowercase());
                }
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
            Token::QuotedString(text) if !in_brackets && text.chars().any(char::is_alphanumeric) => {
                let property = self.property.as_deref().unwrap_or_default();
                return (!allowed::names(property)).then(|| FindingKind::Forbidden(format!("{property}: \"{text}\"")));
            }
            _ => {}
        }
        None
    }

    /// The end of what stands before a block.
    pub fn block(&mut self) -> Vec<Finding> {
        let states = std::mem::take(self).states.into_iter().filter(|(name, _)| !allowed::state(name));
        states.map(|(name, bytes)| FindingKind::Forbidden(format!(":{name}")).at(bytes)).collect()
    }
}
