//! Names by which content and documents refer to each other: each a newtype with one constructor that checks its form.
//! Never knows what has the name.

use std::fmt;
use std::sync::Arc;

fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
}

fn is_short_id(text: &str) -> bool {
    text.len() <= 40 && is_plain(text)
}

fn is_slide_id(text: &str) -> bool {
    let (stem, language) = text.rsplit_once('.').map_or((text, None), |(stem, language)| (stem, Some(language)));
    stem.len() <= 200 && stem.split('/').all(is_plain) && language.is_none_or(is_language_code)
}

fn is_language_code(text: &str) -> bool {
    (2..=3).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_lowercase())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $form:literal, $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The form that a name must have, for messages.
            pub const FORM: &'static str = $form;

            /// Accepts a well-formed name; `None` for any other.
            pub fn parse(text: &str) -> Option<Self> {
                $check(text).then(|| Self(text.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        $crate::as_text!($name, concat!("must have the form ", $form));
    )*};
}

ids! {
    /// A site: `ta-lung`.
    SiteId, "[a-z0-9-]{1,40}", is_short_id;
    /// One face of a site: `a`.
    ScreenId, "[a-z0-9-]{1,40}", is_short_id;
    /// A player machine: `ta-lung-1`.
    PlayerId, "[a-z0-9-]{1,40}", is_short_id;
    /// An agency: `so-tttt`.
    AgencyId, "[a-z0-9-]{1,40}", is_short_id;
    /// A playlist's name, the same in every month: `province`.
    PlaylistId, "[a-z0-9-]{1,40}", is_short_id;
    /// A reviewers' role: `chief`.
    RoleId, "[a-z0-9-]{1,40}", is_short_id;
    /// A language code: `vi`.
    Language, "[a-z]{2,3}", is_language_code;
    /// A slide: its path under `slides/` without `.md`; a translation ends with its language: `du-lich/ban-gioc.en`.
    SlideId, "[a-z0-9-/]+, then .<language> for a translation", is_slide_id;
}

impl SlideId {
    /// Whether it names a translation.
    pub fn is_translation(&self) -> bool {
        self.0.contains('.')
    }

    /// The id without the language at its end, and that language.
    pub fn split_language(&self) -> (Self, Option<Language>) {
        match self.0.rsplit_once('.') {
            Some((stem, language)) => (Self(stem.into()), Some(Language(language.into()))),
            None => (self.clone(), None),
        }
    }
}

/// Between a slide's id and the number of a part: a name of a file can't hold it before a number.
const PART: &str = "--";

impl SlideId {
    /// The id of a part of a slide that is split: `gia--2`, of a translation `gia--2.en`. Part 1 has the slide's own id.
    #[must_use]
    pub fn part(&self, number: u32) -> Self {
        let (stem, language) = self.0.split_once('.').map_or((&*self.0, None), |(stem, language)| (stem, Some(language)));
        match (number, language) {
            (0 | 1, _) => self.clone(),
            (_, None) => Self(format!("{stem}{PART}{number}").into()),
            (_, Some(language)) => Self(format!("{stem}{PART}{number}.{language}").into()),
        }
    }

    /// What the ids of all its parts but the first begin with.
    pub fn part_prefix(&self) -> String {
        format!("{}{PART}", self.0.split_once('.').map_or(&*self.0, |(stem, _)| stem))
    }

    /// The id of the whole slide, and the number of the part, from 1.
    pub fn split_part(&self) -> (Self, u32) {
        let (stem, language) = self.0.split_once('.').map_or((&*self.0, None), |(stem, language)| (stem, Some(language)));
        let found = stem.rsplit_once(PART).filter(|(whole, _)| is_slide_id(whole)).and_then(|(whole, digits)| {
            let number = digits.parse().ok().filter(|number: &u32| *number > 1 && number.to_string() == digits)?;
            Some((whole, number))
        });
        match (found, language) {
            (None, _) => (self.clone(), 1),
            (Some((whole, number)), None) => (Self(whole.into()), number),
            (Some((whole, number)), Some(language)) => (Self(format!("{whole}.{language}").into()), number),
        }
    }
}

impl Language {
    /// `vi`, the default language of content.
    pub fn vietnamese() -> Self {
        Self("vi".into())
    }
}

impl AgencyId {
    /// Replaces a missing agency, so that the slide's other faults can be reported too; such content is never compiled.
    pub fn placeholder() -> Self {
        Self("unknown".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_our_own_have_the_form_too() {
        assert_eq!(Language::parse("vi"), Some(Language::vietnamese()));
        assert_eq!(AgencyId::parse("unknown"), Some(AgencyId::placeholder()));
    }

    #[test]
    fn only_exact_ascii_names_pass() {
        assert!(SiteId::parse("ta-lung").is_some());
        for name in ["", "A", "а", "a/", "a ", "a.b", &"a".repeat(41)] {
            assert_eq!(SiteId::parse(name), None, "{name:?}");
        }
        for name in ["", "/a", "a/", "a//b", "a.b.en", "a.EN", "a_b", "a."] {
            assert_eq!(SlideId::parse(name), None, "{name:?}");
        }
        let (stem, language) = SlideId::parse("du-lich/ban-gioc.en").unwrap().split_language();
        assert_eq!((stem.as_str(), language.unwrap().as_str()), ("du-lich/ban-gioc", "en"));
    }

    #[test]
    fn a_part_leads_back_to_its_slide() {
        let id = |text: &str| SlideId::parse(text).unwrap();
        for (whole, number, part) in [("a/gia", 2, "a/gia--2"), ("a/gia.en", 12, "a/gia--12.en"), ("a--b", 3, "a--b--3"), ("a", 1, "a")] {
            assert_eq!(id(whole).part(number), id(part));
            assert_eq!(id(part).split_part(), (id(whole), number));
        }
        for name in ["gia--1", "gia--02", "gia--", "gia-2", "a/--2", "--2", "gia--2/b", "gia--99999999999"] {
            assert_eq!(id(name).split_part(), (id(name), 1), "{name}");
        }
    }
}
