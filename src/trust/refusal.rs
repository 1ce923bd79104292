//! Why something signed was not accepted, in the two kinds that a caller acts on.
//! Never decides anything.

use crate::base::text::Text;

/// Why something signed was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Absent bytes, a wrong digest, missing or bad signatures: fetching again may help.
    Unproven(Text),
    /// Authentic bytes that break a rule: fetching again won't help.
    Rule(Text),
    /// Too few good approvals with none absent: fetching again won't help, another approval does.
    Approvals(Text),
}

impl Refusal {
    /// The reason, for people.
    pub fn text(&self) -> &Text {
        match self {
            Self::Unproven(text) | Self::Rule(text) | Self::Approvals(text) => text,
        }
    }

    /// Whether trying again may help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unproven(_))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text().en)
    }
}

impl std::error::Error for Refusal {}

/// Gives [`Refusal::Rule`] unless the rule holds; for `?`.
pub fn require(holds: bool, text: impl FnOnce() -> Text) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::Rule(text())) }
}
