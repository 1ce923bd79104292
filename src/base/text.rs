//! Text for people, always in Vietnamese and English together, so that no message exists in one language only.
//! Never decides which language is wanted: the binaries do.

use serde::Serialize;

/// The language in which the tool speaks to the person at the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "player", derive(clap::ValueEnum))]
pub enum Lang {
    /// Tiếng Việt.
    Vi,
    /// English.
    En,
}

impl Lang {
    /// The language that the environment asks for: Vietnamese for a locale that begins with `vi`, English for every other.
    pub fn from_locale(locale: &str) -> Self {
        if locale.starts_with("vi") { Self::Vi } else { Self::En }
    }
}

/// One message in both languages. Made with [`text!`](crate::text).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Vietnamese, with full diacritics.
    pub vi: String,
    /// English.
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
