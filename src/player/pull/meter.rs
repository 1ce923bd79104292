//! Limits on the use of the network: bytes a second, bytes a day, times of day. Counts the bytes of all objects.
//! Never reads the wall clock: the cycle passes the time.

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::transport::PullError;
use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::lock::MutexExt as _;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::text;

/// Limits on what is fetched. Documents and urgent programs are exempt from the last two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TransferLimits {
    /// Bytes a second.
    pub rate: Option<u64>,
    /// Bytes of objects a day (UTC).
    pub daily: Option<u64>,
    /// Local minutes of the day in which objects are fetched, `[from, to)`, past midnight if `to` < `from`; empty: always.
    pub window: Vec<(u16, u16)>,
}

impl TransferLimits {
    /// Whether objects may be fetched at this local minute of the day.
    pub fn open_at(&self, minute: u16) -> bool {
        let inside = |&(from, to): &(u16, u16)| {
            if from < to { (from..to).contains(&minute) } else { minute >= from || minute < to }
        };
        self.window.is_empty() || self.window.iter().any(inside)
    }
}

/// Counts and slows what is received.
pub struct Meter {
    limits: TransferLimits,
    path: PathBuf,
    count: Mutex<MeterState>,
}

struct MeterState {
    spent: DailyUsage,
    /// Bytes since [`Meter::start_cycle`].
    cycle_bytes: u64,
    next_read_at: Instant,
    /// Kind of the program being fetched.
    kind: ProgramKind,
}

/// What was fetched on a day (days since the Unix epoch); kept across restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct DailyUsage {
    day: i64,
    bytes: u64,
}

impl Meter {
    /// A meter that keeps the day's total in a file.
    pub fn new(limits: TransferLimits, path: PathBuf) -> Self {
        let read = files::read_file_limited(&path, SMALL_DOCUMENT_BYTES).ok();
        let spent = read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        Self {
            limits,
            path,
            count: Mutex::new(MeterState { spent, cycle_bytes: 0, next_read_at: Instant::now(), kind: ProgramKind::Monthly }),
        }
    }

    /// Begins a cycle at `now`, Unix seconds.
    pub fn start_cycle(&self, now: i64) {
        let mut count = self.count.hold();
        count.cycle_bytes = 0;
        let day = now.div_euclid(86_400);
        if count.spent.day != day {
            count.spent = DailyUsage { day, bytes: 0 };
        }
    }

    /// Ends a cycle: saves the day's total and returns the bytes received in the cycle.
    pub fn end_cycle(&self) -> u64 {
        let MeterState { spent, cycle_bytes, .. } = *self.count.hold();
        if cycle_bytes > 0
            && self.limits.daily.is_some()
            && let Ok(bytes) = serde_json::to_vec(&spent)
            && let Err(error) = files::write_atomic(&self.path, &bytes)
        {
            crate::logln!("pull: {}: {error}", self.path.display());
        }
        cycle_bytes
    }

    /// Sets the kind of program fetched from now on. An urgent one is exempt from the hours and the daily limit.
    pub fn fetching(&self, kind: ProgramKind) {
        self.count.hold().kind = kind;
    }

    /// Checks whether objects may be fetched at this local minute; the error is the reason why not.
    pub fn check_allowed(&self, minute: u16) -> Result<(), Text> {
        let count = self.count.hold();
        if count.kind == ProgramKind::Urgent {
            return Ok(());
        }
        if !self.limits.open_at(minute) {
            return Err(text!(vi: "đang chờ đến giờ được phép tải", en: "waiting for the hours in which the line may be used"));
        }
        match self.limits.daily {
            Some(daily) if count.spent.bytes >= daily => Err(used_up(daily)),
            _ => Ok(()),
        }
    }

    /// A reader whose bytes are counted and slowed.
    pub fn metered<R: Read>(self: &Arc<Self>, inner: R) -> Metered<R> {
        Metered { inner, meter: self.clone() }
    }

    /// Counts received bytes; gives the wait before the next read.
    fn record_bytes(&self, bytes: u64) -> io::Result<Duration> {
        let mut count = self.count.hold();
        count.cycle_bytes += bytes;
        count.spent.bytes = count.spent.bytes.saturating_add(bytes);
        if let Some(daily) = self.limits.daily
            && count.kind != ProgramKind::Urgent
            && count.spent.bytes > daily
        {
            return Err(io::Error::other(PullError::external(used_up(daily))));
        }
        let Some(rate) = self.limits.rate.filter(|rate| *rate > 0) else { return Ok(Duration::ZERO) };
        let now = Instant::now();
        count.next_read_at = count.next_read_at.max(now) + Duration::from_secs_f64(bytes as f64 / rate as f64);
        Ok(count.next_read_at - now)
    }
}

fn used_up(daily: u64) -> Text {
    text!(vi: "hôm nay đã tải {daily} byte, bằng mức giới hạn", en: "{daily} bytes were fetched today, which is the limit")
}

/// See [`Meter::metered`].
pub struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // Small reads keep a slow rate even.
        let most = self.meter.limits.rate.map_or(buffer.len(), |rate| usize::try_from(rate / 8).unwrap_or(usize::MAX).max(512));
        let length = most.min(buffer.len());
        let count = self.inner.read(&mut buffer[..length])?;
        let wait = self.meter.record_bytes(count as u64)?;
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_pass_midnight() {
        let limits = TransferLimits { window: vec![(22 * 60, 5 * 60), (12 * 60, 13 * 60)], ..TransferLimits::default() };
        let open: Vec<u16> = (0..24).filter(|hour| limits.open_at(hour * 60)).collect();
        assert_eq!(open, [0, 1, 2, 3, 4, 12, 22, 23]);
        assert!(TransferLimits::default().open_at(0));
    }

    #[test]
    fn the_day_s_sum_is_kept_and_ends_with_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spent.json");
        let limits = TransferLimits { daily: Some(100), ..TransferLimits::default() };
        let meter = Arc::new(Meter::new(limits.clone(), path.clone()));
        meter.start_cycle(86_400 * 5);
        io::copy(&mut meter.metered(&[0; 90][..]), &mut io::sink()).unwrap();
        assert!(meter.check_allowed(0).is_ok());
        assert_eq!(meter.end_cycle(), 90);
        let meter = Arc::new(Meter::new(limits, path));
        meter.start_cycle(86_400 * 5 + 9);
        assert!(io::copy(&mut meter.metered(&[0; 50][..]), &mut io::sink()).is_err());
        assert!(meter.check_allowed(0).unwrap_err().en.contains("the limit"));
        meter.fetching(ProgramKind::Urgent);
        assert!(io::copy(&mut meter.metered(&[0; 50][..]), &mut io::sink()).is_ok());
        meter.end_cycle();
        meter.start_cycle(86_400 * 6);
        assert!(meter.check_allowed(0).is_ok());
    }

    #[test]
    fn a_rate_holds_over_readers() {
        let meter = Arc::new(Meter::new(TransferLimits { rate: Some(40_000), ..TransferLimits::default() }, PathBuf::new()));
        let began = Instant::now();
        for _ in 0..2 {
            io::copy(&mut meter.metered(&[0; 4_000][..]), &mut io::sink()).unwrap();
        }
        assert!(began.elapsed() >= Duration::from_millis(190));
    }
}
