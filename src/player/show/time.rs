//! The time for the screens. A system clock below the floor is not trusted: time then runs on from the floor by the monotonic clock.
//! Never raises the floor from a clock, and never blanks a screen.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::base::clock::Clock;

/// A time, and whether the clock that gave it is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockReading {
    /// Unix milliseconds.
    pub ms: i64,
    /// Whether the system clock is at or above the floor.
    pub trusted: bool,
}

/// The player's time.
pub struct PlayerTime {
    clock: Arc<dyn Clock>,
    started: Duration,
    start_floor_ms: i64,
    floor_ms: AtomicI64,
}

impl PlayerTime {
    /// `floor`: the one in force at the start, in Unix seconds.
    pub fn new(clock: Arc<dyn Clock>, floor: i64) -> Self {
        let started = clock.monotonic();
        let floor_ms = floor.saturating_mul(1_000);
        Self { clock, started, start_floor_ms: floor_ms, floor_ms: AtomicI64::new(floor_ms) }
    }

    /// Raises the floor to that of verified documents, in Unix seconds.
    pub fn raise_floor(&self, floor: i64) {
        self.floor_ms.fetch_max(floor.saturating_mul(1_000), Ordering::Relaxed);
    }

    /// Time since some fixed moment; never steps.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// The time now.
    pub fn now(&self) -> ClockReading {
        let ms = self.clock.now_ms();
        if ms >= self.floor_ms.load(Ordering::Relaxed) {
            return ClockReading { ms, trusted: true };
        }
        let since = self.clock.monotonic().saturating_sub(self.started);
        ClockReading { ms: self.start_floor_ms.saturating_add(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)), trusted: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::VirtualClock;

    #[test]
    fn f14_a_clock_below_the_floor_runs_on_from_it() {
        let clock = Arc::new(VirtualClock::starting_at(5_000));
        let time = PlayerTime::new(clock.clone(), 1_000);
        let now = time.now();
        assert!(!now.trusted && now.ms >= 1_000_000 && now.ms < 1_060_000);
        clock.step(2_000_000);
        assert!(time.now().trusted && time.now().ms >= 2_005_000);
        time.raise_floor(3_000);
        assert!(!time.now().trusted);
    }
}
