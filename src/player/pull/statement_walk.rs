//! The walks of a cycle: takes roots, withdrawals and kit releases in order, up to a limit.
//! Never judges one itself: the source does.

use super::source::Source;
use super::transport::{PullError, Transport};
use super::trusted::Trusted;
use crate::base::limits::{KIT_RELEASES_READ, ROOT_STEPS, WITHDRAWAL_STEPS};
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::hint::Hint;

/// Step 2: roots n + 1 … up to the first that is absent. Stores them in `holdings`, if given, before they are trusted.
pub fn roots(transport: &dyn Transport, trusted: &mut Trusted, holdings: Option<&LocalStore>) -> Result<(), PullError> {
    for _ in 0..ROOT_STEPS {
        let Some(root) = Source { transport, trusted }.next_root()? else { return Ok(()) };
        trusted.add_root(root.store(holdings)?);
    }
    Err(PullError::refused(text!(
        vi: "hơn {ROOT_STEPS} văn bản phân quyền trong một lần cập nhật",
        en: "more than {ROOT_STEPS} roots in one cycle"
    )))
}

/// Step 4: withdrawals m + 1 … up to the number in the hint or the first that is absent, then the latest kit releases. A release that does
/// not verify is requested again in the next full cycle. Stores both as [`roots`] does.
pub fn statements(transport: &dyn Transport, trusted: &mut Trusted, latest: &Hint, holdings: Option<&LocalStore>) -> Result<(), PullError> {
    let before = trusted.withdrawals().len() as u64;
    for number in before + 1..=latest.withdrawals {
        if number > before + WITHDRAWAL_STEPS {
            return Err(PullError::refused(text!(
                vi: "hơn {WITHDRAWAL_STEPS} văn bản thu hồi trong một lần cập nhật",
                en: "more than {WITHDRAWAL_STEPS} withdrawals in one cycle"
            )));
        }
        let Some(withdrawal) = Source { transport, trusted }.next_withdrawal()? else { break };
        trusted.add_withdrawal(withdrawal.store(holdings)?);
    }
    for number in latest.release.saturating_sub(KIT_RELEASES_READ - 1).max(1)..=latest.release {
        if !trusted.releases().contains_key(&number)
            && let Some(release) = (Source { transport, trusted }).release(number)?
        {
            trusted.add_release(release.store(holdings)?);
        }
    }
    Ok(())
}
