//! How the player is doing, for operators and for monitoring many players: one small document, written after each look. How fresh the
//! player is depends on the moment: it is computed whenever somebody asks. Never decides what plays.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::failure::{Failure, library_reason};
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::text;
use crate::trust::freshness::Freshness;
use crate::trust::head::HeadNumber;

/// A report that is older than this many times the time between looks comes from a player that does not run.
const LOOKS: i64 = 3;
/// A look itself may take a while, so shorter times between looks count as this long, in milliseconds.
const SHORTEST_LOOK_MS: i64 = 60_000;

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
    /// Programs that the head names but that may not be shown, with the reason.
    pub dropped: Vec<(Digest, Text)>,
    /// Programs that are still being fetched.
    pub pending: Vec<Digest>,
    /// When the player last had all that it knew to be wanted.
    pub last_success: Option<i64>,
    /// Why the player can't look at the store, or why it lacks something; `None` if nothing is wrong.
    pub last_error: Option<Text>,
    /// What is wrong with the machine, and what to do.
    #[serde(default)]
    pub faults: Vec<Text>,
    /// What it waits for, although nothing is wrong.
    pub waiting: Option<Waiting>,
    /// `None` if the disk could not be asked.
    pub free_bytes: Option<u64>,
}

/// Why something is not fetched now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub reason: Text,
    /// When it is tried again.
    pub until: i64,
}

/// The health file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read_file_limited(path, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Refused(text!(vi: "máy chiếu này chưa chạy lần nào", en: "this player has not run yet")),
        _ => Failure::io(path, &error),
    })
}

impl Health {
    /// Parses the health file; `path` is for the error.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let shown = path.display();
        serde_json::from_slice(bytes).map_err(|error| {
            let reason = library_reason(&error);
            Failure::Refused(text!(vi: "{shown}: tệp tình trạng hỏng ({reason})", en: "{shown}: {error}"))
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
        self.state = looked.map_or(Freshness::Lost, |looked| Freshness::of_player(now.div_euclid(1_000), looked.div_euclid(1_000)));
        self
    }

    /// Whether the player that wrote this runs at `now`, in Unix milliseconds, if it looks every `poll_seconds`.
    pub fn is_running(&self, now: i64, poll_seconds: u64) -> bool {
        let poll = i64::try_from(poll_seconds).unwrap_or(i64::MAX).saturating_mul(1_000).max(SHORTEST_LOOK_MS);
        now.saturating_sub(self.at) <= poll.saturating_mul(LOOKS)
    }

    /// How the player is doing at `now`, in Unix milliseconds, in one sentence, and whether all is well.
    pub fn summary(&self, now: i64) -> (bool, Text) {
        let Text { vi, en } = elapsed(now, self.last_look.unwrap_or(self.since));
        let text = match (self.state, self.head_overdue(now)) {
            (Freshness::Lost, _) if self.last_look.is_none() => {
                text!(vi: "Chưa liên lạc được với kho chương trình", en: "Not yet in touch with the store")
            }
            (Freshness::Lost, _) => text!(vi: "Mất liên lạc với kho chương trình đã {vi}", en: "Out of touch with the store for {en}"),
            (Freshness::Stale, _) => text!(
                vi: "Chưa kiểm tra được kho chương trình đã {vi} (màn hình vẫn chiếu)",
                en: "No complete look at the store for {en} (the screens play on)"
            ),
            (Freshness::Fresh, Some(Text { vi, en })) => text!(
                vi: "Bản phát hành đã quá hạn {vi}, cần phát hành lại (màn hình vẫn chiếu)",
                en: "The release is overdue for {en}: publish again (the screens play on)"
            ),
            (Freshness::Fresh, None) if self.last_error.is_some() || !self.faults.is_empty() || !self.clock_trusted => text!(
                vi: "Có việc cần xem lại, ghi bên dưới (màn hình vẫn chiếu)",
                en: "Something needs attention, see below (the screens play on)"
            ),
            (Freshness::Fresh, None) => return (true, text!(vi: "Hoạt động bình thường", en: "All is well")),
        };
        (false, text)
    }

    /// How long the head in force is overdue at `now`; `None` if it is not.
    pub fn head_overdue(&self, now: i64) -> Option<Text> {
        self.head_expires.filter(|expires| *expires <= now).map(|expires| elapsed(now, expires))
    }
}

/// The time from `then` to `now`, in Unix milliseconds, in words.
pub fn elapsed(now: i64, then: i64) -> Text {
    let minutes = now.saturating_sub(then).max(0) / 60_000;
    let (hours, days) = (minutes / 60, minutes / 1_440);
    match minutes {
        0..60 => text!(vi: "{minutes} phút", en: "{minutes} min"),
        60..2_880 => text!(vi: "{hours} giờ", en: "{hours} h"),
        _ => text!(vi: "{days} ngày", en: "{days} days"),
    }
}
