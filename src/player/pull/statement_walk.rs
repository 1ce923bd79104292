//! The walk of a look: takes roots, then withdrawals, then kit releases, one document a step, up to a limit.
//! Never judges one itself: the source does. Never stores: its caller does, after each step.

use super::source::{Source, StoreFile};
use super::transport::{PullError, Transport};
use super::trusted::Trusted;
use crate::base::limits::{KIT_RELEASES_MISSED, KIT_RELEASES_READ, ROOT_STEPS, WITHDRAWAL_STEPS};
use crate::text;
use crate::trust::hint::Hint;

/// See the module.
pub struct StatementWalk {
    roots: u64,
    /// The number of withdrawals before the walk, and up to which one they are asked for.
    withdrawals: (u64, u64),
    /// The next kit release, from the newest on, and the oldest.
    release: (u64, u64),
    /// How many of them in a row were not there.
    missed: u64,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Roots,
    Withdrawals,
    Releases,
}

impl StatementWalk {
    /// Begins. A release that does not verify is requested again in the next full look.
    pub fn new(trusted: &Trusted, latest: &Hint) -> Self {
        Self {
            roots: 0,
            withdrawals: (trusted.withdrawals().len() as u64, latest.withdrawals),
            release: (latest.release, latest.release.saturating_sub(KIT_RELEASES_READ - 1).max(1)),
            missed: 0,
            stage: Stage::Roots,
        }
    }

    /// Takes the next document, if there is one, and adds its files to `files`. False at the end.
    pub fn step(&mut self, transport: &dyn Transport, trusted: &mut Trusted, files: &mut Vec<StoreFile>) -> Result<bool, PullError> {
        let found = match self.stage {
            Stage::Roots => self.root(transport, trusted, files)?,
            Stage::Withdrawals => self.withdrawal(transport, trusted, files)?,
            Stage::Releases => return self.kit_release(transport, trusted, files),
        };
        if !found {
            self.stage = if self.stage == Stage::Roots { Stage::Withdrawals } else { Stage::Releases };
        }
        Ok(true)
    }

    /// Step 2: roots n + 1 … up to the first that is absent.
    fn root(&mut self, transport: &dyn Transport, trusted: &mut Trusted, files: &mut Vec<StoreFile>) -> Result<bool, PullError> {
        if self.roots == ROOT_STEPS {
            return Err(PullError::refused(text!(
                vi: "hơn {ROOT_STEPS} văn bản phân quyền trong một lần kiểm tra kho",
                en: "more than {ROOT_STEPS} roots in one look"
            )));
        }
        let Some(root) = Source { transport, trusted }.next_root()? else { return Ok(false) };
        self.roots += 1;
        trusted.add_root(root.into_parts(files));
        Ok(true)
    }

    /// Step 4: withdrawals m + 1 … up to the number in the hint or the first that is absent.
    fn withdrawal(&mut self, transport: &dyn Transport, trusted: &mut Trusted, files: &mut Vec<StoreFile>) -> Result<bool, PullError> {
        let (number, (before, last)) = (trusted.withdrawals().len() as u64 + 1, self.withdrawals);
        if number > last {
            return Ok(false);
        }
        if number > before + WITHDRAWAL_STEPS {
            return Err(PullError::refused(text!(
                vi: "hơn {WITHDRAWAL_STEPS} văn bản thu hồi trong một lần kiểm tra kho",
                en: "more than {WITHDRAWAL_STEPS} withdrawals in one look"
            )));
        }
        let Some(withdrawal) = Source { transport, trusted }.next_withdrawal()? else { return Ok(false) };
        trusted.add_withdrawal(withdrawal.into_parts(files));
        Ok(true)
    }

    /// Step 4: the latest kit releases. The hint that numbers them is not signed, so a store that has none of the newest is asked for no more.
    fn kit_release(&mut self, transport: &dyn Transport, trusted: &mut Trusted, files: &mut Vec<StoreFile>) -> Result<bool, PullError> {
        let (number, oldest) = self.release;
        if number < oldest || self.missed == KIT_RELEASES_MISSED {
            return Ok(false);
        }
        self.release.0 -= 1;
        if !trusted.releases().contains_key(&number) {
            self.missed += 1;
            if let Some(release) = (Source { transport, trusted }).release(number)? {
                self.missed = 0;
                trusted.add_release(release.into_parts(files));
            }
        }
        Ok(true)
    }
}
