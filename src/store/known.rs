//! The numbers that a player has reached, and the form in which a file tells them: with a sum, so that damage makes no number higher.
//! Never reads or writes a file, and never says what follows from them.

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::trust::head::HeadNumber;

/// The numbers of the newest root, withdrawal, kit release and head that a player once had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub root: u64,
    pub withdrawals: u64,
    #[serde(default)]
    pub kit_release: u64,
    pub head: Option<HeadNumber>,
    /// How many withdrawals it has under numbers that others have.
    #[serde(default, skip_serializing_if = "is_default")]
    pub twins: u64,
}

/// Whether a value is the one that a reader takes where there is none, and so is not written.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Known {
    /// The higher of each number.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        Self {
            root: self.root.max(other.root),
            withdrawals: self.withdrawals.max(other.withdrawals),
            kit_release: self.kit_release.max(other.kit_release),
            head: self.head.max(other.head),
            twins: self.twins.max(other.twins),
        }
    }
}

/// Such numbers with their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldNumbers {
    #[serde(flatten)]
    known: Known,
    sum: Digest,
}

impl ToldNumbers {
    /// Of these numbers.
    pub fn new(known: Known) -> Self {
        Self { known, sum: sum(&known) }
    }

    /// The numbers; none if the sum is another's.
    pub fn known(&self) -> Known {
        if self.sum == sum(&self.known) { self.known } else { Known::default() }
    }
}

fn sum(known: &Known) -> Digest {
    Digest::of(&serde_json::to_vec(known).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_makes_no_number_higher() {
        let known = Known { root: 1, withdrawals: 2, kit_release: 0, head: Some(HeadNumber { epoch: 1, version: 7 }), twins: 3 };
        let text = serde_json::to_string_pretty(&ToldNumbers::new(known)).unwrap();
        let read = |text: &str| serde_json::from_str::<ToldNumbers>(text).map_or(Known::default(), |told| told.known());
        assert_eq!(read(&text), known);
        for (at, letter) in text.char_indices().filter(|(_, letter)| letter.is_ascii_digit()) {
            let other = if letter == '9' { "8" } else { "9" };
            let bent = [&text[..at], other, &text[at + 1..]].concat();
            assert_eq!(read(&bent), Known::default(), "{bent}");
        }
    }
}
