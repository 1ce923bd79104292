//! What the lines `switch` and `statements` of a journal say: the newest numbers, and when withdrawals came of late. So none is written twice,
//! and a restart forgets no moment. Never reads a file and never writes a line.

use serde::{Deserialize, Serialize};

use super::entry::JournalEntry;
use crate::store::known::{Known, is_default};
use crate::trust::head::HeadNumber;

/// How long the moments of withdrawals are kept, in milliseconds: a day more than a play may wait in a browser.
pub const LATELY_MS: i64 = 8 * 86_400_000;
/// Most moments that are kept, the newest.
const MOMENTS: usize = 64;

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    root: u64,
    withdrawals: u64,
    head: Option<HeadNumber>,
    #[serde(default, skip_serializing_if = "is_default")]
    twins: u64,
    /// How many withdrawals there were from when on, in Unix milliseconds, the oldest first: those of the last days, and the one before.
    pub taken: Vec<(u64, i64)>,
}

impl Noted {
    /// Adds what a line says.
    pub fn add(&mut self, entry: &JournalEntry) {
        match *entry {
            JournalEntry::Switch { epoch, version, .. } => {
                self.head = self.head.max(Some(HeadNumber { epoch, version }));
            }
            JournalEntry::Statements { at, root, withdrawals, twins } => {
                (self.root, self.withdrawals, self.twins) = (self.root.max(root), self.withdrawals.max(withdrawals), self.twins.max(twins));
                self.take(withdrawals, at);
            }
            JournalEntry::Play(_) | JournalEntry::Incident { .. } | JournalEntry::Clock { .. } => {}
        }
    }

    /// The newest numbers.
    pub fn known(&self) -> Known {
        let Self { root, withdrawals, head, twins, .. } = *self;
        Known { root, withdrawals, head, twins, kit_release: 0 }
    }

    /// Whether it has a number of each kind.
    pub fn is_full(&self) -> bool {
        self.root > 0 && self.head.is_some()
    }

    /// With what later lines say.
    #[must_use]
    pub fn joined(mut self, later: &Self) -> Self {
        (self.root, self.withdrawals) = (self.root.max(later.root), self.withdrawals.max(later.withdrawals));
        (self.head, self.twins) = (self.head.max(later.head), self.twins.max(later.twins));
        later.taken.iter().for_each(|(number, at)| self.take(*number, *at));
        self
    }

    fn take(&mut self, number: u64, at: i64) {
        if number <= self.taken.last().map_or(0, |(last, _)| *last) {
            return;
        }
        self.taken.push((number, at));
        let before = self.taken.iter().rposition(|(_, then)| *then < at.saturating_sub(LATELY_MS)).unwrap_or(0);
        self.taken.drain(..before.max(self.taken.len().saturating_sub(MOMENTS)));
    }
}

/// The lines that are due at `at`, in Unix milliseconds, where `told` was told and `known` is in force.
pub fn news(told: Known, known: Known, at: i64) -> impl Iterator<Item = JournalEntry> {
    let Known { root, withdrawals, head, twins, .. } = known;
    let rises = root > told.root || withdrawals > told.withdrawals || twins > told.twins;
    let statements = rises.then_some(JournalEntry::Statements { at, root, withdrawals, twins });
    let head = head.filter(|head| Some(*head) > told.head);
    statements.into_iter().chain(head.map(|HeadNumber { epoch, version }| JournalEntry::Switch { at, epoch, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_numbers_count_and_the_moments_of_the_last_days_are_kept() {
        let mut noted = Noted::default();
        let day = 86_400_000;
        for (number, at) in [(0, 0), (1, day), (2, 2 * day), (2, 3 * day), (3, 11 * day), (1, 12 * day)] {
            noted.add(&JournalEntry::Statements { at, root: 1, withdrawals: number, twins: 0 });
        }
        noted.add(&JournalEntry::Switch { at: 0, epoch: 1, version: 2 });
        assert_eq!(noted.taken, [(2, 2 * day), (3, 11 * day)], "those of the last days, and the one before");
        assert_eq!((noted.root, noted.withdrawals, noted.head), (1, 3, Some(HeadNumber { epoch: 1, version: 2 })));
        (10..200).for_each(|number| noted.take(number, 11 * day));
        assert_eq!((noted.taken.len(), noted.taken.last()), (MOMENTS, Some(&(199, 11 * day))));
    }

    #[test]
    fn only_what_rises_is_news() {
        let known = |root, withdrawals, version| {
            Noted { root, withdrawals, head: Some(HeadNumber { epoch: 1, version }), ..Noted::default() }.known()
        };
        let told = |now| news(known(2, 3, 4), now, 9).collect::<Vec<_>>();
        assert_eq!(told(known(2, 3, 4)), []);
        assert_eq!(told(Known::default()), [], "data that was moved away, beside returns that were kept");
        assert_eq!(told(known(1, 4, 3)), [JournalEntry::Statements { at: 9, root: 1, withdrawals: 4, twins: 0 }]);
        let both =
            [JournalEntry::Statements { at: 9, root: 3, withdrawals: 3, twins: 0 }, JournalEntry::Switch { at: 9, epoch: 1, version: 5 }];
        assert_eq!(told(known(3, 3, 5)), both);
    }
}
