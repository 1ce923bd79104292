//! The time for the screens. A system clock below the floor is not trusted: time then runs on from the floor by the monotonic clock.
//! Never raises the floor from a clock, and never blanks a screen.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::lock::MutexExt as _;

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
    floor: Mutex<Floor>,
    seen: Mutex<Seen>,
    jump: Mutex<Option<Jump>>,
}

/// By how much a trusted clock has jumped in all, in milliseconds, and when it last did, by the monotonic clock.
#[derive(Clone, Copy)]
struct Jump {
    ms: i64,
    last: Duration,
}

/// The clocks when they were last compared.
#[derive(Clone, Copy)]
struct Seen {
    wall: i64,
    trusted: bool,
    monotonic: Duration,
}

/// What has changed since the clocks were last compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockChange {
    pub now: ClockReading,
    /// Milliseconds by which the machine's clock stepped; 0 if by less than a minute.
    pub step: i64,
}

/// From which size on a step of the machine's clock is one, in milliseconds: smaller ones are corrections.
const STEP_MS: u64 = 60_000;
/// From which size on a jump is told to people, in milliseconds: no clock is wrong by that of itself.
const JUMP_MS: u64 = 3_600_000;
/// How long it is told.
const TOLD: Duration = Duration::from_secs(86_400);

/// The floor in force, and the time that ran without the system clock when it was raised; both in Unix milliseconds.
#[derive(Clone, Copy)]
struct Floor {
    ms: i64,
    time_ms: i64,
    /// By the monotonic clock.
    raised: Duration,
}

impl PlayerTime {
    /// `floor`: the one in force at the start, in Unix seconds.
    pub fn new(clock: Arc<dyn Clock>, floor: i64) -> Self {
        let ms = floor.saturating_mul(1_000);
        let monotonic = clock.monotonic();
        let floor = Mutex::new(Floor { ms, time_ms: ms, raised: monotonic });
        let wall = clock.now_ms();
        let seen = Mutex::new(Seen { wall, trusted: wall >= ms, monotonic });
        Self { clock, floor, seen, jump: Mutex::default() }
    }

    /// Raises the floor to that of verified documents, in Unix seconds. The time that runs on from it never goes back.
    pub fn raise_floor(&self, floor: i64) {
        let (ms, mut held) = (floor.saturating_mul(1_000), self.floor.hold());
        if ms > held.ms {
            *held = Floor { ms, time_ms: ms.max(self.without_clock(*held)), raised: self.clock.monotonic() };
        }
    }

    /// Time since some fixed moment; never steps.
    pub fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    /// The time now.
    pub fn now(&self) -> ClockReading {
        let (ms, floor) = (self.clock.now_ms(), *self.floor.hold());
        if ms >= floor.ms {
            return ClockReading { ms, trusted: true };
        }
        ClockReading { ms: self.without_clock(floor), trusted: false }
    }

    /// Compares the clocks: what has changed since the last time, if the machine's clock has jumped or its trust has changed.
    pub fn change(&self) -> Option<ClockChange> {
        let (mut held, now) = (self.seen.hold(), self.now());
        let seen = Seen { wall: self.clock.now_ms(), trusted: now.trusted, monotonic: self.clock.monotonic() };
        let old = std::mem::replace(&mut *held, seen);
        let passed = i64::try_from(seen.monotonic.saturating_sub(old.monotonic).as_millis()).unwrap_or(i64::MAX);
        let step = seen.wall.saturating_sub(old.wall).saturating_sub(passed);
        let step = if step.unsigned_abs() < STEP_MS { 0 } else { step };
        self.note_jump(step, now.trusted && old.trusted, seen.monotonic);
        (step != 0 || now.trusted != old.trusted).then_some(ClockChange { now, step })
    }

    /// The jumps of a clock that was trusted add up; once it is not, or after a day, they say nothing any more.
    fn note_jump(&self, step: i64, trusted: bool, now: Duration) {
        let mut held = self.jump.hold();
        let before = held.filter(|jump| trusted && now.saturating_sub(jump.last) < TOLD);
        let last = if step == 0 { before.map_or(now, |jump| jump.last) } else { now };
        let ms = before.map_or(0, |jump| jump.ms).saturating_add(if trusted { step } else { 0 });
        *held = (ms != 0).then_some(Jump { ms, last });
    }

    /// By how many milliseconds the machine's clock has jumped within a day, if by an hour or more, although nothing spoke against it: it was
    /// set right, or it is wrong since.
    pub fn jumped(&self) -> Option<i64> {
        let jump = (*self.jump.hold())?;
        (jump.ms.unsigned_abs() >= JUMP_MS && self.clock.monotonic().saturating_sub(jump.last) < TOLD).then_some(jump.ms)
    }

    /// The time by the floor and the monotonic clock.
    fn without_clock(&self, floor: Floor) -> i64 {
        let since = self.clock.monotonic().saturating_sub(floor.raised);
        floor.time_ms.saturating_add(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

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

    #[test]
    fn f16_a_step_of_more_than_a_minute_is_seen_once_in_either_direction() {
        let clock = Arc::new(VirtualClock::starting_at(5_000_000));
        let time = PlayerTime::new(clock.clone(), 1_000);
        let mut step = |ms: i64| {
            clock.step(ms);
            let change = time.change();
            assert_eq!(time.change(), None, "{ms}: once");
            // The clocks are read one after the other.
            change.map(|change| (change.step + 500).div_euclid(1_000))
        };
        assert_eq!([0, 59_000, -59_000].map(&mut step), [None; 3]);
        assert_eq!([61_000, 31_536_000_000, -31_536_000_000].map(&mut step), [Some(61), Some(31_536_000), Some(-31_536_000)]);
        // Below the floor too, where the time for the screens does not follow.
        assert_eq!((step(-4_900_000), time.now().trusted), (Some(-4_900), false));
        assert_eq!((step(4_900_000), time.now().trusted), (Some(4_900), true));
    }

    #[test]
    fn a_jump_of_an_hour_is_told_until_the_clock_is_back_or_a_day_has_passed() {
        let clock = Arc::new(ByHand([AtomicI64::new(5_000_000_000), AtomicI64::new(0)]));
        let time = PlayerTime::new(clock.clone(), 1_000);
        let pass = |wall: i64, passed: i64| {
            clock.0[0].fetch_add(wall + passed, Ordering::Relaxed);
            clock.0[1].fetch_add(passed, Ordering::Relaxed);
            time.change();
            time.jumped()
        };
        let year = 365 * 86_400_000;
        assert_eq!([0, 3_599_000, -3_599_000].map(|step| pass(step, 1_000)), [None; 3]);
        assert_eq!((pass(year, 1_000), pass(0, 3_600_000)), (Some(year), Some(year)));
        assert_eq!(pass(-year, 1_000), None, "back again");
        assert_eq!((pass(-7_200_000, 0), pass(0, 86_399_000), pass(0, 1_000)), (Some(-7_200_000), Some(-7_200_000), None));
        // A clock below the documents was wrong, and is set right.
        assert_eq!((pass(-5_082_000_000, 1_000), pass(5_082_000_000, 1_000)), (None, None));
    }

    /// A clock that moves only by hand: wall and monotonic milliseconds.
    struct ByHand([AtomicI64; 2]);

    impl Clock for ByHand {
        fn now_ms(&self) -> i64 {
            self.0[0].load(Ordering::Relaxed)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.0[1].load(Ordering::Relaxed).unsigned_abs())
        }
    }

    #[test]
    fn t1_without_a_trusted_clock_time_runs_on_from_the_floor_in_force() {
        let clock = Arc::new(ByHand([AtomicI64::new(5_000_000), AtomicI64::new(0)]));
        let time = PlayerTime::new(clock.clone(), 1_000);
        clock.0[1].store(7_000, Ordering::Relaxed);
        time.raise_floor(9_000);
        assert_eq!(time.now(), ClockReading { ms: 9_000_000, trusted: false });
        clock.0[1].store(607_000, Ordering::Relaxed);
        assert_eq!(time.now().ms, 9_600_000);
        // What ran on by itself is ahead of the next floor: it does not go back.
        time.raise_floor(9_100);
        assert_eq!(time.now().ms, 9_600_000);
    }
}
