//! What a playlist and its program are for: a month, or the evergreen week.
//! Never asks the clock.

use std::fmt;

use crate::base::dates;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Month;

/// What a playlist is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Month(Month),
    Evergreen,
}

impl Period {
    /// The name for people.
    pub fn name(self) -> Text {
        match self {
            Self::Month(month) => dates::month(month),
            Self::Evergreen => ProgramKind::Evergreen.display_name(),
        }
    }
}

/// As in commands: `2026-12` or `evergreen`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => month.fmt(f),
            Self::Evergreen => f.write_str("evergreen"),
        }
    }
}
