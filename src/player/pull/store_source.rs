//! What a player knows of one of its sources: the last hint, a newer head that it offers, and when it is asked again after a failure.
//! Never asks by itself.

use std::time::Duration;

use super::inspect;
use super::retry;
use super::source::Accepted;
use super::transport::{PullError, Transport};
use crate::base::text::Text;
use crate::base::token;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadNumber};
use crate::trust::hint::Hint;

/// A source, as looks see it.
pub struct StoreSource {
    pub transport: Box<dyn Transport>,
    /// The hint of the last complete look.
    pub hint: Option<Hint>,
    /// A head above the one in force.
    pub offer: Option<Accepted<Verified<Head>>>,
    /// Why the last look failed.
    pub fault: Option<PullError>,
    pub back_off: BackOff,
    /// Whether its first turn in the last look was too short for it.
    pub slow: bool,
    /// Up to which number of withdrawals what it has is yet to be compared with what is held.
    pub uncompared: u64,
    /// The number of a withdrawal that it has and that is not taken, and why; until a new root.
    pub passed_over: Option<(u64, Text)>,
    /// How many withdrawals, and which head, it was found to have although its hint names fewer or an earlier one.
    pub has: (u64, Option<HeadNumber>),
}

impl StoreSource {
    /// A source that was never asked.
    pub fn new(transport: Box<dyn Transport>) -> Self {
        Self {
            transport,
            hint: None,
            offer: None,
            fault: None,
            back_off: BackOff::default(),
            slow: false,
            uncompared: 0,
            passed_over: None,
            has: (0, None),
        }
    }

    /// Forgets what it said under another root, so that the next look reads it anew.
    pub fn forget(&mut self) {
        (self.hint, self.offer, self.passed_over) = (None, None, None);
    }

    /// Notes how a look ended. A source that is down for weeks is logged once.
    pub fn note(&mut self, fault: Option<&PullError>) {
        let (name, was) = (self.transport.name(), self.fault.as_ref());
        match fault {
            // Most reasons begin with the address.
            Some(error) if was != Some(error) && error.reason.en.starts_with(name) => crate::logln!("pull: {}", error.reason.en),
            Some(error) if was != Some(error) => crate::logln!("pull: {name}: {}", error.reason.en),
            None if was.is_some() => crate::logln!("pull: {name}: a complete look again"),
            _ => {}
        }
        self.fault = fault.cloned();
    }
}

/// What is wrong where a source names more withdrawals than could be read of it; `held`: how many are held.
pub fn lost_withdrawals_fault(sources: &[StoreSource], held: u64) -> Option<Text> {
    let named = sources.iter().filter_map(|source| source.hint).map(|hint| hint.withdrawals).max()?;
    (named > held).then(|| inspect::lost_withdrawals_text(named, held))
}

/// What is wrong where the hint of a source names less than it has.
pub fn hint_behind_fault(sources: &[StoreSource]) -> Option<Text> {
    let is_behind =
        |source: &&StoreSource| source.hint.is_some_and(|hint| hint.withdrawals < source.has.0 || Some(hint.head_number()) < source.has.1);
    sources.iter().find(is_behind).map(|source| {
        let name = source.transport.name();
        text!(
            vi: "tệp latest.json nêu ít hơn những gì kho có: {name}, như sau khi chép lại một bản cũ. Đầu phát đã tự dò và nhận phần còn lại. Hãy báo người phát hành: chạy bangtin store check để xem, phát hành lại để sửa",
            en: "latest.json names less than its store has: {name}, as after a copy of an older state. The player has found the rest by itself. Tell the publisher: bangtin store check shows it, and publishing again puts it right"
        )
    })
}

/// When something is tried again after failures. Times are those of a monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct BackOff {
    failures: u32,
    until: Duration,
}

impl BackOff {
    /// Whether the wait is over.
    pub fn is_over(&self, now: Duration) -> bool {
        now >= self.until
    }

    /// The time still to wait.
    pub fn left(&self, now: Duration) -> Duration {
        self.until.saturating_sub(now)
    }

    /// Waits `poll` after the first failure, and longer after each further one; `retry_after_s`: what a source asked for.
    pub fn fail(&mut self, now: Duration, poll: Duration, retry_after_s: Option<u64>) {
        self.until = now + retry::next_delay(poll, self.failures, retry_after_s, random_fraction());
        self.failures = self.failures.saturating_add(1);
    }
}

/// A random number from 0 to 1; about 0.5 without a source of randomness.
pub fn random_fraction() -> f64 {
    let [byte] = token::random_token().unwrap_or([128]);
    f64::from(byte) / 255.0
}
