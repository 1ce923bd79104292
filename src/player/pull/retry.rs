//! The wait before a source is asked again. Pure: randomness is an argument.
//! Never sleeps.

use std::time::Duration;

use crate::base::limits::RETRY_LONGEST;

/// The time until the next try: `poll`, doubled with each of the failures in a row before this one; `Retry-After` if longer; but at most
/// [`RETRY_LONGEST`], or `poll` if that is longer. `fraction`, 0 to 1, spreads the players: up to a fifth earlier.
pub fn next_delay(poll: Duration, failures: u32, retry_after_s: Option<u64>, fraction: f64) -> Duration {
    let backed_off = poll.saturating_mul(1 << failures.min(16));
    let asked = Duration::from_secs(retry_after_s.unwrap_or(0));
    backed_off.max(asked).min(RETRY_LONGEST.max(poll)).mul_f64(0.8 + 0.2 * fraction.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f23_waits_grow_and_stay_bounded() {
        let poll = Duration::from_secs(60);
        assert_eq!(next_delay(poll, 0, None, 1.0), poll);
        assert_eq!(next_delay(poll, 0, None, 0.0), Duration::from_secs(48));
        assert_eq!(next_delay(poll, 3, None, 1.0), Duration::from_secs(480));
        assert_eq!(next_delay(poll, 0, Some(300), 1.0), Duration::from_secs(300));
        assert_eq!(next_delay(poll, u32::MAX, Some(u64::MAX), 1.0), Duration::from_secs(900));
        assert_eq!(next_delay(poll * 60, 9, None, 1.0), poll * 60);
    }
}
