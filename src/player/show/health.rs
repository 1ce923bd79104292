//! How the player is doing, for operators and for monitoring many players: one small document, written after each look. How fresh the
//! player is depends on the moment: it is computed whenever somebody asks. Never decides what plays.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lacking::{DamagedFiles, Waiting};
use super::supply::Supply;
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::failure::{self, Failure, library_reason};
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::Timestamp;
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
    /// When the player last had all that it knew to be wanted.
    pub last_success: Option<i64>,
    /// Why the player can't look at the store, or why it lacks something; `None` if nothing is wrong.
    pub last_error: Option<Text>,
    /// What is wrong with the machine, and what to do.
    #[serde(default)]
    pub faults: Vec<Text>,
    /// What it waits for, although nothing is wrong.
    pub waiting: Option<Waiting>,
    /// What comes, and from where.
    #[serde(flatten)]
    pub supply: Supply,
    /// `None` if the disk could not be asked.
    pub free_bytes: Option<u64>,
    /// Seconds that the site's time is ahead of UTC; `None` without a program.
    #[serde(default)]
    pub utc_offset: Option<i64>,
}

/// How a player is doing, in words.
pub struct Summary {
    pub good: bool,
    /// The worst of it, or that all is well.
    pub headline: Text,
    /// The rest of it, and what to do.
    pub notes: Vec<Text>,
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
        if let Ok(bytes) = serde_json::to_vec_pretty(self)
            && let Err(error) = files::write_atomic(path, &bytes)
        {
            let (shown, Text { vi, en }) = (path.display(), failure::cause(&error));
            crate::logln!("health: {shown}: {en}");
            let fault = text!(
                vi: "không ghi được {shown}: {vi}. Hãy giải phóng dung lượng hoặc thay ổ đĩa",
                en: "{shown} can't be written: {en}. Make room, or replace the disk"
            );
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
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

    /// How the player is doing at `now`, in Unix milliseconds. `overall`: what stands above all else.
    pub fn summary(&self, now: i64, overall: Option<Text>) -> Summary {
        let card = self.shows_card();
        let (on_vi, on_en) = self.on_screen();
        let mut said: Vec<Text> = overall.into_iter().collect();
        if card {
            said.push(text!(vi: "Màn hình chỉ hiện màn hình chờ", en: "The screens show only the built-in card"));
            said.extend(self.card_reason());
        }
        said.extend(self.at_fault());
        said.extend(self.out_of_date(now));
        if !self.clock_trusted {
            let (plays_vi, plays_en) =
                if card { ("", "") } else { ("; đang chiếu chương trình thường xuyên", "; the evergreen program plays") };
            said.push(text!(
                vi: "Đồng hồ của máy bị chậm: sớm hơn thời điểm của các văn bản đã nhận{plays_vi}. Hãy chỉnh giờ.",
                en: "The machine's clock is slow: it is behind the documents received{plays_en}. Set the clock."
            ));
        }
        if let Some(Text { vi, en }) = &self.last_error {
            if said.is_empty() {
                said.push(text!(vi: "Có việc cần xem lại ({on_vi})", en: "Something needs attention ({on_en})"));
            }
            said.push(text!(vi: "Lỗi gần nhất: {vi}", en: "Last error: {en}"));
        }
        let good = said.is_empty();
        if good {
            said.push(text!(vi: "Hoạt động bình thường", en: "All is well"));
        }
        if self.is_behind() {
            said.push(text!(vi: "Đang tải hoặc đang đọc nội dung", en: "Content is being fetched or read"));
        }
        if let Some(DamagedFiles { found, lacking: 0, file }) = &self.damaged {
            said.push(text!(
                vi: "Tệp hỏng trên ổ đĩa đã tải lại: {found}, như {file}; nếu lặp lại, hãy thay ổ đĩa",
                en: "Files damaged on the disk and fetched again: {found}, such as {file}; if it happens again, replace the disk"
            ));
        }
        if let Some(Waiting { reason: Text { vi, en }, until }) = &self.waiting {
            let Text { vi: at_vi, en: at_en } = self.moment(*until);
            said.push(text!(vi: "Đang chờ đến {at_vi}: {vi}", en: "Waiting until {at_en}: {en}"));
        }
        said.extend(self.supply.notes(card));
        Summary { good, headline: said.remove(0), notes: said }
    }

    /// What is wrong with the machine, its files and its programs.
    fn at_fault(&self) -> Vec<Text> {
        let mut said: Vec<_> = self.faults.iter().map(|Text { vi, en }| text!(vi: "Cần xử lý: {vi}", en: "To be fixed: {en}")).collect();
        let lacking = self.pending.iter().filter(|each| self.programs.contains(each)).count();
        if lacking > 0 {
            said.push(text!(vi: "Chương trình đang phát thiếu tệp: {lacking}", en: "Programs on air lack files: {lacking}"));
        }
        if let Some(DamagedFiles { lacking: count @ 1.., file, .. }) = &self.damaged {
            let (then_vi, then_en) = if self.last_error.is_some() || self.waiting.is_some() {
                ("chưa tải lại được", "they can't be fetched again yet")
            } else {
                ("máy tự tải lại", "they are fetched again")
            };
            said.push(text!(
                vi: "Tệp hỏng trên ổ đĩa: {count}, như {file}; {then_vi}",
                en: "Files damaged on the disk: {count}, such as {file}; {then_en}"
            ));
        }
        if let Some(Text { vi, en }) = self.refusal().filter(|_| !self.shows_card()) {
            let count = self.dropped.len();
            said.push(text!(
                vi: "Chương trình bị từ chối: {count} ({vi}). Hãy báo người phát hành",
                en: "Programs refused: {count} ({en}). Tell the publisher"
            ));
        }
        said
    }

    /// Why a program was refused, unless that is a fault of the machine, which the publisher can't put right.
    fn refusal(&self) -> Option<&Text> {
        self.dropped.iter().map(|(_, why)| why).find(|why| !self.faults.contains(why))
    }

    /// What is on the screens meanwhile.
    fn on_screen(&self) -> (&'static str, &'static str) {
        if self.shows_card() {
            ("màn hình chờ", "the built-in card")
        } else {
            ("chương trình đã lưu vẫn dùng được", "what is stored can still be shown")
        }
    }

    /// How long the store was not looked at, and how long the release is overdue.
    fn out_of_date(&self, now: i64) -> Vec<Text> {
        let (on_vi, on_en) = self.on_screen();
        let Text { vi, en } = elapsed(now, self.last_look.unwrap_or(self.since));
        let mut said = Vec::new();
        match self.state {
            Freshness::Lost if self.last_look.is_none() => said.push(text!(
                vi: "Chưa liên lạc được với kho chương trình ({on_vi})",
                en: "Not yet in touch with the store ({on_en})"
            )),
            Freshness::Lost if self.last_look.is_some_and(|look| look > now) => said.push(text!(
                vi: "Chưa rõ lần kiểm tra kho gần nhất: đồng hồ của máy đã được chỉnh lùi ({on_vi})",
                en: "Not known when the store was last looked at: the clock was set back ({on_en})"
            )),
            Freshness::Lost => said.push(text!(
                vi: "Đã mất liên lạc với kho chương trình {vi} ({on_vi})",
                en: "Out of touch with the store for {en} ({on_en})"
            )),
            Freshness::Stale => said.push(text!(
                vi: "Đã {vi} chưa kiểm tra được kho chương trình ({on_vi})",
                en: "No complete look at the store for {en} ({on_en})"
            )),
            Freshness::Fresh => {}
        }
        if let Some(expires) = self.head_expires.filter(|expires| *expires <= now) {
            let Text { vi, en } = elapsed(now, expires);
            said.push(text!(
                vi: "Bản phát hành đã quá hạn {vi} ({on_vi})",
                en: "The release has been overdue for {en} ({on_en})"
            ));
            let Text { vi, en } = self.moment(now);
            said.push(text!(
                vi: "Trước hết hãy so với điện thoại: nếu bây giờ không phải là {vi} thì đồng hồ của máy chạy nhanh, bản phát hành có thể chưa quá hạn; hãy chỉnh giờ",
                en: "First compare with a telephone: if it is not {en} now, the machine's clock is ahead and the release may not be overdue; set the clock"
            ));
            said.push(text!(
                vi: "Nếu giờ đúng, hãy báo người phát hành để phát hành bản mới",
                en: "If the time is right, ask the publisher for a new release"
            ));
        }
        said
    }

    /// Whether the last look found something that is still being fetched.
    fn is_behind(&self) -> bool {
        let looked = self.last_look.is_some() && self.state == Freshness::Fresh;
        looked && self.last_error.is_none() && self.waiting.is_none() && self.last_success.is_none_or(|success| success < self.at)
    }

    /// Whether no screen has a program to show.
    pub fn shows_card(&self) -> bool {
        self.card || self.programs.is_empty()
    }

    /// Why no program is shown, unless the last error or what is waited for says so.
    fn card_reason(&self) -> Option<Text> {
        let (withdrawn, pending) = (self.withdrawn.len(), self.pending.len());
        if let Some(coming) = self.supply.coming {
            return Some(coming.words());
        }
        if withdrawn > 0 && pending == 0 {
            return Some(text!(
                vi: "Chương trình đã thu hồi: {withdrawn}; hãy báo người phát hành",
                en: "Programs withdrawn: {withdrawn}; tell the publisher"
            ));
        }
        if let Some(Text { vi, en }) = self.refusal() {
            return Some(text!(
                vi: "Chương trình bị từ chối: {vi}. Hãy báo người phát hành",
                en: "Program refused: {en}. Tell the publisher"
            ));
        }
        if self.last_error.is_some() || self.waiting.is_some() || self.last_look.is_none() || !self.faults.is_empty() {
            return None;
        }
        Some(match self.head {
            None => text!(
                vi: "Chưa nhận được bản phát hành nào; hãy báo người phát hành",
                en: "No release has come yet; tell the publisher"
            ),
            Some(_) if pending > 0 => {
                text!(vi: "Chương trình đang tải hoặc đang đọc từ ổ đĩa: {pending}", en: "Programs being fetched or read from the disk: {pending}")
            }
            Some(_) => text!(
                vi: "Không có chương trình nào cho lúc này; hãy báo người phát hành",
                en: "No program covers this moment; tell the publisher"
            ),
        })
    }

    /// A moment in Unix milliseconds by the site's clock, or by UTC, which it then says.
    pub fn moment(&self, ms: i64) -> Text {
        let Text { vi, en } = dates::moment(Timestamp(ms.div_euclid(1_000) + self.utc_offset.unwrap_or(0)).utc().naive_utc());
        if self.utc_offset.is_some() { text!(vi: "{vi}", en: "{en}") } else { text!(vi: "{vi} (UTC)", en: "{en} (UTC)") }
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
