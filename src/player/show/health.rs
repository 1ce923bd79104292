//! How the player is doing, for operators and for monitoring many players: one small document, written after each look. How fresh the
//! player is depends on the moment: it is computed whenever somebody asks. Never decides what plays.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lacking::{ComingMonth, DamagedFiles, Waiting};
use super::supply::Supply;
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::failure::{self, Failure, library_reason};
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId, SlideId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::player::own_file;
use crate::player::pull::remedy::remedy;
use crate::store::known::ToldNumbers;
use crate::text;
use crate::trust::freshness::Freshness;
use crate::trust::head::HeadNumber;

/// A report that is older than this many times the time between looks comes from a player that does not run.
const LOOKS: i64 = 3;
/// A look itself may take a while, so shorter times between looks count as this long, in milliseconds.
const SHORTEST_LOOK_MS: i64 = 60_000;
/// By how much a moment may lie in the future, in milliseconds: clocks are set by small steps.
const SLACK_MS: i64 = 60_000;

/// The health file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub site: SiteId,
    pub player: PlayerId,
    /// Of the player.
    pub version: String,
    /// When this was written; all times are Unix milliseconds by the player's time.
    pub at: i64,
    /// When the player started.
    pub since: i64,
    /// At `at`; see [`Health::as_of`].
    pub state: Freshness,
    /// When the last complete look at a store ended, also one of an earlier start.
    pub last_look: Option<i64>,
    pub clock_trusted: bool,
    /// Version in force.
    pub root: u64,
    /// The head in force; `None` before the first.
    pub head: Option<HeadNumber>,
    /// When the office should have published again.
    pub head_expires: Option<i64>,
    /// Whether the stored head no longer verifies under the root in force.
    pub head_unverifiable: bool,
    /// Programs on air.
    pub programs: Vec<Digest>,
    /// Programs that have left the air, and when, as long as their plays are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<(Digest, i64)>,
    /// Whether every screen shows the built-in card.
    #[serde(default)]
    pub card: bool,
    /// Programs that the head names but that may not be shown, with the reason.
    pub dropped: Vec<(Digest, Text)>,
    /// Programs that the head names and that are withdrawn, by title.
    #[serde(default)]
    pub withdrawn: Vec<(Digest, Text)>,
    /// Number of withdrawals received.
    #[serde(default)]
    pub withdrawals: u64,
    /// Programs that are not on air yet, or of which objects are missing.
    pub pending: Vec<Digest>,
    /// Files of programs that were found damaged on the disk since the start; `None` without any.
    #[serde(default)]
    pub damaged: Option<DamagedFiles>,
    /// Slides of programs on air that are not shown, since files of them are damaged or lost.
    #[serde(default)]
    pub missing_slides: BTreeMap<Digest, BTreeSet<SlideId>>,
    /// The next monthly program, while none counts.
    #[serde(default)]
    pub coming_month: Option<ComingMonth>,
    /// When the player last had all that it knew to be wanted.
    pub last_success: Option<i64>,
    /// Why the player can't look at the store, or why it lacks something; `None` if nothing is wrong.
    pub last_error: Option<Text>,
    /// What is wrong with the machine, and what to do.
    #[serde(default)]
    pub faults: Vec<Text>,
    /// What was wrong and is put right, and what to do if it happens again.
    #[serde(default)]
    pub repaired: Vec<Text>,
    /// What it waits for, although nothing is wrong.
    pub waiting: Option<Waiting>,
    /// What comes, and from where.
    #[serde(flatten)]
    pub supply: Supply,
    /// What the disk holds, for a start that finds no state or an older one; `None` from a player that did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<ToldNumbers>,
    /// `None` if the disk could not be asked.
    pub free_bytes: Option<u64>,
    /// Seconds that the site's time is ahead of UTC; `None` without a program.
    #[serde(default)]
    pub utc_offset: Option<i64>,
    /// What lay in the health file's place since the start and was set aside.
    #[serde(skip)]
    pub set_aside: Option<Text>,
}

/// Whether a moment lies in the future: the clock was ahead when it was written down. Both in Unix milliseconds.
pub fn is_to_come(moment: i64, now: i64) -> bool {
    moment > now.saturating_add(SLACK_MS)
}

/// The health file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read_regular_file(path, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Refused(text!(
            vi: "đầu phát này chưa chạy lần nào; khởi động bằng: systemctl start bangtin-player",
            en: "this player has not run yet; start it with: systemctl start bangtin-player"
        )),
        _ => Failure::io(path, &error),
    })
}

impl Health {
    /// Writes the health file. A failure is a fault, which the operator's page tells: the player goes on.
    pub fn write(&mut self, path: &Path) {
        match own_file::make_way(path) {
            Ok(None) => {}
            Ok(Some(told)) => {
                self.add_fault(told.clone());
                self.set_aside = Some(told);
            }
            Err(fault) => return self.add_fault(fault),
        }
        if let Ok(bytes) = serde_json::to_vec_pretty(self)
            && let Err(error) = files::replace_whole(path, &bytes)
        {
            let (shown, Text { vi, en }, Text { vi: do_vi, en: do_en }) = (path.display(), failure::cause(&error), remedy(&error));
            self.add_fault(text!(vi: "không ghi được {shown}: {vi}. {do_vi}", en: "{shown} can't be written: {en}. {do_en}"));
        }
    }

    fn add_fault(&mut self, fault: Text) {
        if !self.faults.contains(&fault) {
            crate::logln!("health: {}", fault.en);
            self.faults.push(fault);
        }
    }

    /// Parses the health file; `path` is for the error.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let shown = path.display();
        serde_json::from_slice(bytes).map_err(|error| {
            let reason = library_reason(&error);
            Failure::Refused(text!(
                vi: "{shown}: tệp tình trạng hỏng ({reason}); đầu phát đang chạy sẽ ghi lại sau ít phút",
                en: "{shown} is damaged ({error}); a running player writes it again within minutes"
            ))
        })
    }

    /// This health after a complete look that ended at `at`.
    #[must_use]
    pub fn after_look(self) -> Self {
        let at = self.at;
        Self { last_look: Some(at), ..self }.as_of(at)
    }

    /// This health with its state at `now`, in Unix milliseconds.
    #[must_use]
    pub fn as_of(mut self, now: i64) -> Self {
        // A player that never looked counts from its start if it has something to show.
        let looked = self.last_look.or(self.head.and(Some(self.since)));
        let looked = looked.filter(|looked| !is_to_come(*looked, now));
        self.state = looked.map_or(Freshness::Lost, |looked| Freshness::of_player(now.div_euclid(1_000), looked.div_euclid(1_000)));
        self
    }

    /// As the report of an earlier start counts for a start at `now`: what it dates in the future is of no known age.
    #[must_use]
    pub fn of_earlier_start(self, now: i64) -> Self {
        Self { since: now, last_success: None, last_look: self.last_look.filter(|look| !is_to_come(*look, now)), ..self }
    }

    /// Whether the player that wrote this runs at `now`, in Unix milliseconds, if it looks every `poll_seconds`.
    pub fn is_running(&self, now: i64, poll_seconds: u64) -> bool {
        let poll = i64::try_from(poll_seconds).unwrap_or(i64::MAX).saturating_mul(1_000).max(SHORTEST_LOOK_MS);
        (-SLACK_MS..=poll.saturating_mul(LOOKS)).contains(&now.saturating_sub(self.at))
    }

    /// Whether no screen has a program to show.
    pub fn shows_card(&self) -> bool {
        self.card || self.programs.is_empty()
    }

    /// A moment in Unix milliseconds by the site's clock; before the first program, which says what that is, by UTC, with what to add.
    pub fn moment(&self, ms: i64) -> Text {
        let Text { vi, en } = dates::moment(Timestamp(ms.div_euclid(1_000) + self.utc_offset.unwrap_or(0)).utc().naive_utc());
        if self.utc_offset.is_some() {
            return text!(vi: "{vi}", en: "{en}");
        }
        text!(vi: "{vi} (giờ UTC, cộng 7 giờ thành giờ Việt Nam)", en: "{en} (UTC: add 7 hours for Viet Nam)")
    }
}

/// The time from `then` to `now`, in Unix milliseconds, in words.
pub fn elapsed(now: i64, then: i64) -> Text {
    let minutes = now.saturating_sub(then).max(0).unsigned_abs() / 60_000;
    let (hours, Text { vi, en }) = (minutes / 60, numbers::count(minutes / 1_440));
    match minutes {
        0..60 => text!(vi: "{minutes} phút", en: "{minutes} min"),
        60..2_880 => text!(vi: "{hours} giờ", en: "{hours} h"),
        _ => text!(vi: "{vi} ngày", en: "{en} days"),
    }
}
