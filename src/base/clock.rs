//! Time as an argument: functions take a clock, so that a test or a demonstration can control it.
//! Never decides whether a clock is trusted.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::times::Timestamp;

/// Wall time and monotonic time of one machine.
pub trait Clock: Send + Sync {
    /// Unix time in milliseconds; may be wrong, may step.
    fn now_ms(&self) -> i64;
    /// Time since some fixed moment of this process; never steps.
    fn monotonic(&self) -> Duration;
}

/// The machine's own clock.
pub struct SystemClock(Instant);

impl SystemClock {
    /// The machine's clock, its monotonic time counted from now.
    pub fn new() -> Self {
        Self(Instant::now())
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The second that the machine's clock shows.
pub fn present() -> Timestamp {
    Timestamp(SystemClock::new().now_ms().div_euclid(1_000))
}

/// The machine's clock with an offset, which can be stepped.
pub struct VirtualClock {
    real: SystemClock,
    ahead_ms: AtomicI64,
}

impl VirtualClock {
    /// A clock that shows `now_ms` at this moment.
    pub fn starting_at(now_ms: i64) -> Self {
        let real = SystemClock::new();
        let ahead_ms = AtomicI64::new(now_ms - real.now_ms());
        Self { real, ahead_ms }
    }

    /// Moves the wall time by `ms` milliseconds; the monotonic time stays.
    pub fn step(&self, ms: i64) {
        self.ahead_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> i64 {
        self.real.now_ms() + self.ahead_ms.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        self.real.monotonic()
    }
}
