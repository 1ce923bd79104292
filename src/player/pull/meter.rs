//! Limits on the use of the network: bytes a second, bytes a day, times of day. Counts the bytes of all objects, and interrupts their
//! fetch. Never reads the wall clock: its owner passes the time.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::transport::{Pause, PullError};
use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::lock::MutexExt as _;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::player::own_file::InPlace;
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

    /// The Unix second from which objects may be fetched, if they may not at `now`; `offset_s`: local time ahead of UTC, in seconds.
    fn opens_at(&self, now: i64, offset_s: i64) -> Option<i64> {
        let local = now + offset_s;
        let open = |ahead: &i64| self.open_at(u16::try_from((local / 60 + ahead).rem_euclid(1_440)).unwrap_or(0));
        (0..1_440).find(open).filter(|ahead| *ahead > 0).map(|ahead| now - local.rem_euclid(60) + ahead * 60)
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
    /// What the file has.
    saved: DailyUsage,
    /// Bytes since [`Meter::start_cycle`].
    cycle_bytes: u64,
    next_read_at: Instant,
    /// Kind of the program being fetched, and how far its local time is ahead of UTC, in seconds; `None` before the first.
    fetched: Option<(ProgramKind, i64)>,
    /// Unix second.
    now: i64,
    interrupted: bool,
    /// Why the file could not be read, until the day ends.
    fault: Option<Text>,
    in_place: InPlace,
}

/// What was fetched on a day (days since the Unix epoch); kept across restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct DailyUsage {
    day: i64,
    bytes: u64,
}

impl Meter {
    /// A meter that keeps the day's total in a file, if there is a limit on it. One that can't be read is set aside.
    pub fn new(limits: TransferLimits, path: PathBuf) -> Self {
        let (spent, fault) = if limits.daily.is_some() { read(&path) } else { (DailyUsage::default(), None) };
        let count = MeterState {
            spent,
            saved: spent,
            cycle_bytes: 0,
            next_read_at: Instant::now(),
            fetched: None,
            now: 0,
            interrupted: false,
            fault,
            in_place: InPlace::default(),
        };
        Self { limits, path, count: Mutex::new(count) }
    }

    /// What is wrong with the file, and what to do.
    pub fn faults(&self) -> Vec<Text> {
        let count = self.count.hold();
        count.fault.iter().chain(count.in_place.fault()).cloned().collect()
    }

    /// Begins a cycle at `now`, Unix seconds.
    pub fn start_cycle(&self, now: i64) {
        self.set_time(now);
        self.count.hold().cycle_bytes = 0;
    }

    /// Sets the time, in Unix seconds. To be called at least every few minutes while something is fetched.
    pub fn set_time(&self, now: i64) {
        let mut count = self.count.hold();
        count.now = now;
        let day = now.div_euclid(86_400);
        if count.spent.day != day {
            // What was read at the start may be of today.
            count.fault = count.fault.take().filter(|_| count.spent.day == 0);
            count.spent = DailyUsage { day, bytes: 0 };
        }
    }

    /// Lets every read of an object fail, or succeed again.
    pub fn interrupt(&self, interrupted: bool) {
        self.count.hold().interrupted = interrupted;
    }

    /// Saves the day's total and returns the bytes received in the cycle.
    pub fn end_cycle(&self) -> u64 {
        self.save();
        self.count.hold().cycle_bytes
    }

    /// Saves the day's total, so that a restart does not begin the day anew.
    pub fn save(&self) {
        let (spent, saved) = {
            let count = self.count.hold();
            (count.spent, count.saved)
        };
        if self.limits.daily.is_some()
            && spent != saved
            && let Ok(bytes) = serde_json::to_vec(&spent)
        {
            if !self.count.hold().in_place.clear(&self.path) {
                return;
            }
            match files::write_atomic(&self.path, &bytes) {
                Ok(()) => self.count.hold().saved = spent,
                Err(error) => crate::logln!("pull: {}: {error}", self.path.display()),
            }
        }
    }

    /// Sets the kind of program fetched from now on, and its local time, in seconds ahead of UTC. An urgent one is exempt from the hours and
    /// the daily limit.
    pub fn fetching(&self, kind: ProgramKind, offset_s: i64) {
        self.count.hold().fetched = Some((kind, offset_s));
    }

    /// How far local time is ahead of UTC, in seconds, by the program that was fetched last.
    pub fn local_offset(&self) -> Option<i64> {
        self.count.hold().fetched.map(|(_, offset_s)| offset_s)
    }

    /// Fails while [`Meter::interrupt`] holds.
    pub fn check_uninterrupted(&self) -> Result<(), PullError> {
        if self.count.hold().interrupted {
            let reason = text!(vi: "ngừng tải để kiểm tra lại", en: "interrupted to plan anew");
            return Err(PullError::paused(reason, Pause::Interrupted));
        }
        Ok(())
    }

    /// Checks whether objects may be fetched now; the error is the reason why not.
    pub fn check_allowed(&self) -> Result<(), PullError> {
        self.check_uninterrupted()?;
        let (spent, fetched, now) = {
            let count = self.count.hold();
            (count.spent, count.fetched, count.now)
        };
        let (kind, offset_s) = fetched.unwrap_or((ProgramKind::Monthly, 0));
        if kind == ProgramKind::Urgent {
            return Ok(());
        }
        if let Some(opens) = self.limits.opens_at(now, offset_s) {
            let reason = text!(vi: "đang chờ đến giờ được phép tải", en: "waiting for the hours in which the line may be used");
            return Err(PullError::paused(reason, Pause::Until(opens)));
        }
        match self.limits.daily {
            Some(daily) if spent.bytes >= daily => {
                let Text { vi, en } = numbers::size(daily);
                let reason = text!(vi: "hôm nay đã tải {vi}, bằng mức giới hạn", en: "{en} were fetched today, which is the limit");
                Err(PullError::paused(reason, Pause::Until((spent.day + 1) * 86_400)))
            }
            _ => Ok(()),
        }
    }

    /// A reader whose bytes are counted and slowed.
    pub fn metered<R: Read>(self: &Arc<Self>, inner: R) -> Metered<R> {
        Metered { inner, meter: self.clone() }
    }

    /// Counts received bytes; gives the wait before the next read.
    fn record_bytes(&self, bytes: u64) -> Duration {
        let mut count = self.count.hold();
        count.cycle_bytes += bytes;
        count.spent.bytes = count.spent.bytes.saturating_add(bytes);
        let Some(rate) = self.limits.rate.filter(|rate| *rate > 0) else { return Duration::ZERO };
        let now = Instant::now();
        count.next_read_at = count.next_read_at.max(now) + Duration::from_secs_f64(bytes as f64 / rate as f64);
        count.next_read_at - now
    }
}

/// Reads the day's total; why it is not known, and what to do.
fn read(path: &Path) -> (DailyUsage, Option<Text>) {
    if fs::symlink_metadata(path).is_err() {
        return (DailyUsage::default(), None);
    }
    let bytes = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).ok();
    if let Some(spent) = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        return (spent, None);
    }
    let (shown, then) = (path.display(), files::set_aside(path).map(|aside| aside.display().to_string()));
    let Text { vi, en } = match then {
        Ok(aside) => text!(vi: ", đã cất thành {aside}", en: " and was set aside as {aside}"),
        Err(_) => text!(vi: "", en: ""),
    };
    let fault = text!(
        vi: "không đọc được {shown}{vi}; lượng đã tải hôm nay được đếm lại từ 0 và có thể vượt bytes_per_day. Nếu lặp lại, hãy thay ổ đĩa",
        en: "{shown} could not be read{en}; what is fetched today is counted from 0 again, and may be more than bytes_per_day. If it happens again, replace the disk"
    );
    (DailyUsage::default(), Some(fault))
}

/// See [`Meter::metered`].
pub struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.meter.check_allowed().map_err(io::Error::other)?;
        // Small reads keep a slow rate even.
        let most = self.meter.limits.rate.map_or(buffer.len(), |rate| usize::try_from(rate / 8).unwrap_or(usize::MAX).max(512));
        let length = most.min(buffer.len());
        let count = self.inner.read(&mut buffer[..length])?;
        let wait = self.meter.record_bytes(count as u64);
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
        // At 01:30:20 UTC it is 08:30:20 in Hà Nội: 12:00 there comes at 05:00.
        let (now, ahead) = (86_400 * 9 + 5_420, 7 * 3_600);
        assert_eq!(limits.opens_at(now, ahead), Some(86_400 * 9 + 5 * 3_600));
        assert_eq!((limits.opens_at(now, 0), TransferLimits::default().opens_at(now, ahead)), (None, None));
    }

    #[test]
    fn the_day_s_sum_is_kept_and_ends_with_the_day() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spent.json");
        let limits = TransferLimits { daily: Some(100), ..TransferLimits::default() };
        let meter = Arc::new(Meter::new(limits.clone(), path.clone()));
        meter.start_cycle(86_400 * 5);
        io::copy(&mut meter.metered(&[0; 90][..]), &mut io::sink()).unwrap();
        assert!(meter.check_allowed().is_ok());
        assert_eq!(meter.end_cycle(), 90);
        let meter = Arc::new(Meter::new(limits, path));
        meter.start_cycle(86_400 * 5 + 9);
        assert!(io::copy(&mut meter.metered(&[0; 50][..]), &mut io::sink()).is_err());
        let error = meter.check_allowed().unwrap_err();
        assert!(error.reason.en.contains("the limit") && error.pause == Some(Pause::Until(86_400 * 6)), "{error:?}");
        meter.fetching(ProgramKind::Urgent, 0);
        assert!(io::copy(&mut meter.metered(&[0; 50][..]), &mut io::sink()).is_ok());
        meter.end_cycle();
        meter.set_time(86_400 * 6);
        assert!(meter.check_allowed().is_ok());
        meter.interrupt(true);
        assert_eq!(meter.check_allowed().unwrap_err().pause, Some(Pause::Interrupted));
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
