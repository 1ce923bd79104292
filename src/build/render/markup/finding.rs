//! What is wrong in a theme, and where.
//! Never words a remedy.

use std::ops::Range;

use crate::base::text::Text;

/// Something found, with its bytes in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    pub bytes: Range<usize>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// What no page or sheet may hold, as it is written.
    Forbidden(String),
    /// What browsers may read in another way than the check, by its name in the standard.
    Malformed(String),
    /// A way to write a template that hides from the check what a page will hold.
    Unclear(Text),
    /// An address that leads out of the program.
    External(String),
    /// A font that the theme does not declare.
    Font(String),
    /// A file that the program does not hold.
    Missing(String),
}

impl FindingKind {
    /// With its place.
    pub fn at(self, bytes: Range<usize>) -> Finding {
        Finding { kind: self, bytes }
    }
}
