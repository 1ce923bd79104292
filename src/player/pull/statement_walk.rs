//! The walks of a cycle: fetches roots, withdrawals and kit releases in order, up to a limit, and passes each on once it is judged.
//! Never judges or stores one itself: the source judges, the caller stores.

use super::cycle_error::CycleError;
use super::source::{Accepted, Source};
use super::transport::Transport;
use super::trusted::Trusted;
use crate::base::limits::{KIT_RELEASES_READ, ROOT_STEPS, WITHDRAWAL_STEPS};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::release::KitRelease;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// Step 2: roots n + 1 … up to the first that is absent.
pub fn roots(
    transport: &dyn Transport,
    trusted: &mut Trusted,
    mut take: impl FnMut(&mut Trusted, Accepted<Verified<Root>>) -> Result<(), CycleError>,
) -> Result<(), CycleError> {
    for _ in 0..ROOT_STEPS {
        let Some(root) = Source { transport, trusted }.next_root()? else { return Ok(()) };
        take(trusted, root)?;
    }
    Err(CycleError::refused(text!(
        vi: "hơn {ROOT_STEPS} văn bản phân quyền trong một lần cập nhật",
        en: "more than {ROOT_STEPS} roots in one cycle"
    )))
}

/// Step 4: withdrawals m + 1 … up to the number in the hint or the first that is absent.
pub fn withdrawals(
    transport: &dyn Transport,
    trusted: &mut Trusted,
    newest: u64,
    mut take: impl FnMut(&mut Trusted, Accepted<Verified<Withdrawal>>) -> Result<(), CycleError>,
) -> Result<(), CycleError> {
    for _ in 0..WITHDRAWAL_STEPS {
        if trusted.withdrawals().len() as u64 >= newest {
            return Ok(());
        }
        let Some(withdrawal) = Source { transport, trusted }.next_withdrawal()? else { return Ok(()) };
        take(trusted, withdrawal)?;
    }
    Err(CycleError::refused(text!(
        vi: "hơn {WITHDRAWAL_STEPS} văn bản thu hồi trong một lần cập nhật",
        en: "more than {WITHDRAWAL_STEPS} withdrawals in one cycle"
    )))
}

/// Step 4: the latest kit releases up to the newest. One that does not verify is requested again in the next full cycle.
pub fn releases(
    transport: &dyn Transport,
    trusted: &mut Trusted,
    newest: u64,
    mut take: impl FnMut(&mut Trusted, Accepted<Verified<KitRelease>>) -> Result<(), CycleError>,
) -> Result<(), CycleError> {
    for number in newest.saturating_sub(KIT_RELEASES_READ - 1).max(1)..=newest {
        if !trusted.releases().contains_key(&number)
            && let Some(release) = (Source { transport, trusted }).release(number)?
        {
            take(trusted, release)?;
        }
    }
    Ok(())
}
