//! The wait between cycles. Pure: randomness is an argument.
//! Never sleeps.

use std::time::Duration;

use crate::base::limits::RETRY_LONGEST;

/// The time until the next cycle: `poll` after success; doubled with each consecutive failure; `Retry-After` if longer; at most
/// [`RETRY_LONGEST`]. `fraction`, 0 to 1, spreads the players by up to a fifth in either direction.
pub fn next_delay(poll: Duration, failures: u32, retry_after_s: Option<u64>, fraction: f64) -> Duration {
    let backed_off = poll.saturating_mul(1 << failures.min(16));
    let asked = Duration::from_secs(retry_after_s.unwrap_or(0));
    let base = backed_off.max(asked).min(RETRY_LONGEST);
    base.mul_f64(0.8 + 0.4 * fraction.clamp(0.0, 1.0)).min(RETRY_LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_bounded() {
        let poll = Duration::from_secs(60);
        assert_eq!(next_delay(poll, 0, None, 0.5), poll);
        assert_eq!(next_delay(poll, 3, None, 0.5), Duration::from_secs(480));
        assert_eq!(next_delay(poll, 0, Some(300), 0.5), Duration::from_secs(300));
        assert_eq!(next_delay(poll, u32::MAX, Some(u64::MAX), 1.0), RETRY_LONGEST);
        assert_eq!(next_delay(poll, 0, None, 0.0), Duration::from_secs(48));
    }
}
