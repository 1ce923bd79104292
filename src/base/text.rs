//! Text for people, always in Vietnamese and English together, so that no message exists in one language only.
//! Never chooses the language: the binaries do.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

/// The language in which the tool speaks to the person at the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "player", derive(clap::ValueEnum))]
pub enum Lang {
    /// Vietnamese | tiếng Việt
    Vi,
    /// English | tiếng Anh
    En,
}

impl Lang {
    /// The language of the environment: Vietnamese for a locale that begins with `vi`, English for every other.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
        let vietnamese = |locale: String| locale.split(['_', '.', '-', '@']).next().is_some_and(|name| name.eq_ignore_ascii_case("vi"));
        if locale.is_some_and(vietnamese) { Self::Vi } else { Self::En }
    }
}

/// Whether a character is invisible but could control a terminal, change the direction of text or make two texts differ that look the same.
/// Line feeds and tabs are not among them.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e01ef}')
}

/// A name or title from outside, safe on one line of a terminal: control and invisible characters become visible ones.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Text of several lines, safe on a terminal.
pub fn printable_lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

/// JSON whose strings hold no control or invisible character as such: each is written as an escape, so that the value stays the same.
pub fn printable_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// One message in both languages. Made with [`text!`](crate::text).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// With full diacritics.
    pub vi: String,
    pub en: String,
}

impl Text {
    /// The message in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// Makes a [`Text`] from two format strings that capture variables as `format!` does.
#[macro_export]
macro_rules! text {
    (vi: $vi:literal, en: $en:literal $(,)?) => {
        $crate::base::text::Text { vi: format!($vi), en: format!($en) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_in_json_and_the_value_stays() {
        let value = "Cao Bằng \u{7f}\u{85}\u{9b}31m \u{202e}x\u{2066}\u{200f}\u{e0041}\u{feff}\n\t\u{0}é😀";
        let json = serde_json::to_string_pretty(&serde_json::json!({ value: [value] })).unwrap();
        let shown = printable_json(&json);
        assert!(shown.chars().all(|c| !is_hidden(c)) && shown.contains("Cao Bằng \\u007f\\u0085\\u009b31m \\u202ex"), "{shown}");
        assert!(shown.contains("\\udb40\\udc41") && shown.contains("é😀"), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), serde_json::json!({ value: [value] }));
    }

    #[test]
    fn the_language_is_that_of_the_locale_and_of_no_other_that_begins_alike() {
        let lang = |locale: &str| Lang::from_environment(|name| (name == "LANG").then(|| locale.to_owned()));
        for locale in ["vi", "vi_VN", "vi_VN.UTF-8", "vi.UTF-8", "VI_vn", "vi-VN", "vi@euro"] {
            assert_eq!(lang(locale), Lang::Vi, "{locale}");
        }
        for locale in ["", "C", "en_US.UTF-8", "vie", "video", "x_vi"] {
            assert_eq!(lang(locale), Lang::En, "{locale}");
        }
    }
}
