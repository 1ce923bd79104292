//! The walks of a cycle: takes roots, withdrawals and kit releases in order, up to a limit.
//! Never judges one itself: the source does. Never stores: what is accepted counts at once, and its files are stored later.

use super::source::{Source, StoreFile};
use super::transport::{PullError, Transport};
use super::trusted::Trusted;
use crate::base::limits::{KIT_RELEASES_READ, ROOT_STEPS, WITHDRAWAL_STEPS};
use crate::text;
use crate::trust::hint::Hint;

/// Step 2: roots n + 1 … up to the first that is absent. Adds their files to `files`.
pub fn roots(transport: &dyn Transport, trusted: &mut Trusted, files: &mut Vec<StoreFile>) -> Result<(), PullError> {
    for _ in 0..ROOT_STEPS {
        let Some(root) = Source { transport, trusted }.next_root()? else { return Ok(()) };
        trusted.add_root(root.into_parts(files));
    }
    Err(PullError::refused(text!(
        vi: "hơn {ROOT_STEPS} văn bản phân quyền trong một lần cập nhật",
        en: "more than {ROOT_STEPS} roots in one cycle"
    )))
}

/// Step 4: withdrawals m + 1 … up to the number in the hint or the first that is absent, then the latest kit releases. A release that does
/// not verify is requested again in the next full cycle. Adds the files of both to `files`.
pub fn statements(transport: &dyn Transport, trusted: &mut Trusted, latest: &Hint, files: &mut Vec<StoreFile>) -> Result<(), PullError> {
    let before = trusted.withdrawals().len() as u64;
    for number in before + 1..=latest.withdrawals {
        if number > before + WITHDRAWAL_STEPS {
            return Err(PullError::refused(text!(
                vi: "hơn {WITHDRAWAL_STEPS} văn bản thu hồi trong một lần cập nhật",
                en: "more than {WITHDRAWAL_STEPS} withdrawals in one cycle"
            )));
        }
        let Some(withdrawal) = Source { transport, trusted }.next_withdrawal()? else { break };
        trusted.add_withdrawal(withdrawal.into_parts(files));
    }
    for number in latest.release.saturating_sub(KIT_RELEASES_READ - 1).max(1)..=latest.release {
        if !trusted.releases().contains_key(&number)
            && let Some(release) = (Source { transport, trusted }).release(number)?
        {
            trusted.add_release(release.into_parts(files));
        }
    }
    Ok(())
}
