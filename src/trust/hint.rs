//! `sites/<site>/latest.json`: the unsigned hint, with which an idle check is one small request. A forged hint can only hide news.
//! Never trusted for anything.

use serde::{Deserialize, Serialize};

use super::head::HeadNumber;
use crate::base::limits::HINT_BYTES;
use crate::base::strict_json;

/// The newest numbers of a store; 0 means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    pub epoch: u64,
    /// Version of the newest head.
    pub head: u64,
    /// Number of the newest kit release.
    pub release: u64,
    pub root: u64,
    /// Number of the newest withdrawal.
    pub withdrawals: u64,
}

impl Hint {
    /// Reads a hint; `None` if it is malformed, and then nothing changes.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() as u64 > HINT_BYTES { None } else { strict_json::from_slice(bytes).ok() }
    }

    /// The number of the newest head.
    pub fn head_number(self) -> HeadNumber {
        HeadNumber { epoch: self.epoch, version: self.head }
    }

    /// The newer of each number of two hints.
    #[must_use]
    pub fn merge_newest(self, other: Self) -> Self {
        let HeadNumber { epoch, version: head } = self.head_number().max(other.head_number());
        let (release, root) = (self.release.max(other.release), self.root.max(other.root));
        Self { epoch, head, release, root, withdrawals: self.withdrawals.max(other.withdrawals) }
    }

    /// The hint's bytes.
    pub fn to_bytes(self) -> Vec<u8> {
        let Self { epoch, head, release, root, withdrawals } = self;
        format!("{{\"epoch\":{epoch},\"head\":{head},\"release\":{release},\"root\":{root},\"withdrawals\":{withdrawals}}}\n").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_hints_the_newer_numbers_count_and_a_new_epoch_starts_low() {
        let ours = Hint { epoch: 2, head: 1, release: 3, root: 4, withdrawals: 5 };
        let theirs = Hint { epoch: 1, head: 9, release: 4, root: 3, withdrawals: 6 };
        let both = Hint { epoch: 2, head: 1, release: 4, root: 4, withdrawals: 6 };
        assert_eq!((ours.merge_newest(theirs), theirs.merge_newest(ours)), (both, both));
    }
}
