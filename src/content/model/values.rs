//! The valid content. Every field here has been checked: names exist, dates are dates, windows do not overlap.
//! Never holds raw text that still has to be judged, but for a slide's Markdown body.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

pub use super::period::Period;
use crate::base::diagnostic::SourceLocation;
use crate::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId, SlideId};
use crate::base::stamp::FileStamp;
use crate::base::terms::{Canvas, ProgramKind};
use crate::base::text::{Lang, Text};
use crate::base::zone::TimeZone;

/// A name or sentence by language.
pub type LocalizedNames = BTreeMap<Language, String>;

/// A name in the language of the person who reads it, else in the first that it has.
pub fn name(names: &LocalizedNames, lang: Lang) -> &str {
    let code = match lang {
        Lang::Vi => "vi",
        Lang::En => "en",
    };
    names.get(code).or_else(|| names.values().next()).map_or("", String::as_str)
}

/// The whole content folder, valid.
#[derive(Clone, Debug)]
pub struct Content {
    /// `bangtin.yaml`.
    pub settings: ContentSettings,
    /// `agencies.yaml`.
    pub agencies: BTreeMap<AgencyId, Agency>,
    /// `sites/*.yaml`.
    pub sites: BTreeMap<SiteId, Site>,
    /// `calendar/*.yaml`.
    pub calendar: Calendar,
    /// `slides/**/*.md`, translations under their own id.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    /// `playlists/<period>/<id>.yaml`.
    pub playlists: BTreeMap<(Period, PlaylistId), Playlist>,
}

/// `bangtin.yaml`.
#[derive(Clone, Debug)]
pub struct ContentSettings {
    /// Name of the whole installation.
    pub name: LocalizedNames,
    /// One time zone for all sites.
    pub time_zone: TimeZone,
    /// Languages of the content; the first is that of files without a suffix.
    pub languages: Vec<Language>,
    /// Folder under the themes folder.
    pub theme: String,
    /// The version of the tool that may build and approve.
    pub tool: String,
    /// Who has to approve what: the start of the root's policy.
    pub approval: ApprovalPolicy,
    /// Addresses of the store, the first preferred.
    pub store: Vec<String>,
    /// Where players send their returns.
    pub returns: Option<String>,
}

/// The approval policy from which `trust init` makes the root.
#[derive(Clone, Debug, Default)]
pub struct ApprovalPolicy {
    /// Reviewer roles.
    pub roles: BTreeMap<RoleId, RolePolicy>,
    /// Kind → roles that have to approve it.
    pub requires: BTreeMap<ProgramKind, Vec<RoleId>>,
    /// Exceptions per site.
    pub sites: BTreeMap<SiteId, BTreeMap<ProgramKind, Vec<RoleId>>>,
}

/// What one reviewer role may do.
#[derive(Clone, Debug)]
pub struct RolePolicy {
    /// How many distinct keys must sign.
    pub threshold: u32,
    /// The sites that it covers; empty: all.
    pub sites: Vec<SiteId>,
    /// The kinds that it covers.
    pub kinds: Vec<ProgramKind>,
    /// Whether the job on the protected branch holds a key of it: merge = approval.
    pub by_merge: bool,
}

/// A body that supplies content and answers for it.
#[derive(Clone, Debug)]
pub struct Agency {
    /// Its name by language.
    pub name: LocalizedNames,
    /// What kind of body, free text such as `department`.
    pub kind: String,
    /// Reviewer roles that approve what it owns.
    pub roles: Vec<RoleId>,
    /// First day of its existence under this name.
    pub since: Option<NaiveDate>,
    /// Last day of it.
    pub until: Option<NaiveDate>,
    /// Who took over its tasks.
    pub succeeded_by: Option<AgencyId>,
}

/// A cluster: a place with screens and opening hours.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its name by language.
    pub name: LocalizedNames,
    /// The agency that runs it.
    pub operator: AgencyId,
    /// Languages shown here, a part of those of the settings, in their order.
    pub languages: Vec<Language>,
    /// Its faces, in the order of the file.
    pub screens: Vec<Screen>,
    /// When it is open.
    pub hours: OpeningHours,
    /// How much of its time each playlist gets, in the order of the file.
    pub shares: Vec<PlaylistShare>,
    /// Loudness in percent, 0 to 100.
    pub volume: u8,
    /// What is known of its line.
    pub network: Network,
    /// Where incidents are told: mail addresses or URLs.
    pub contacts: Vec<String>,
    /// First day of its existence under this name.
    pub since: Option<NaiveDate>,
    /// Last day of it.
    pub until: Option<NaiveDate>,
    /// The site that took its place.
    pub succeeded_by: Option<SiteId>,
    /// The site's file.
    pub place: SourceLocation,
}

/// One face.
#[derive(Clone, Debug)]
pub struct Screen {
    /// Its name at the site.
    pub id: ScreenId,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Where it lies in the machine's output; its own size at 0, 0 unless said otherwise.
    pub canvas: Canvas,
    /// Whether it sounds.
    pub audio: bool,
    /// The screen whose spans it copies (`loop: same-as-a`).
    pub same_as: Option<ScreenId>,
}

/// Opening windows per kind of day; empty = closed. Sorted; windows that touch are not yet joined.
#[derive(Clone, Debug, Default)]
pub struct OpeningHours {
    /// Monday to Friday, unless the calendar says otherwise.
    pub workday: Vec<TimeWindow>,
    /// Saturday and Sunday, unless the calendar says otherwise.
    pub weekend: Vec<TimeWindow>,
    /// Days that the calendar calls holidays.
    pub holiday: Vec<TimeWindow>,
    /// Make-up workdays; `None`: as `workday`.
    pub makeup: Option<Vec<TimeWindow>>,
}

/// A half-open stretch of local time in minutes from the midnight that starts its day; `end` over 1,440 lies on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeWindow {
    /// 0 to 1,439.
    pub start: u32,
    /// `start` + 1 to `start` + 1,439, or 1,440 for midnight.
    pub end: u32,
}

/// As the site's file writes it: `07:30-11:00`.
impl fmt::Display for TimeWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.end > 1_440 { self.end - 1_440 } else { self.end };
        let [(from, past), (until, beyond)] = [self.start, end].map(|minute| (minute / 60, minute % 60));
        write!(f, "{from:02}:{past:02}-{until:02}:{beyond:02}")
    }
}

/// A playlist's part of a site's time.
#[derive(Clone, Debug)]
pub struct PlaylistShare {
    /// The playlist's id, the same in every month.
    pub playlist: PlaylistId,
    /// 1 to 100.
    pub share: u32,
}

/// A site's line.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Usual speed in kbit/s.
    pub kbit_per_s: Option<u32>,
    /// Megabytes that a month may cost.
    pub mb_per_month: Option<u32>,
}

/// Public holidays, make-up days and other days that differ from their weekday.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Years for which there is a file.
    pub years: Vec<i32>,
    /// The days that differ.
    pub days: BTreeMap<NaiveDate, SpecialDay>,
}

/// One day that differs from its weekday.
#[derive(Clone, Debug)]
pub struct SpecialDay {
    /// What it is treated as.
    pub kind: DayKind,
    /// What people call it.
    pub name: LocalizedNames,
}

/// The resolved kind of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    /// An ordinary working day.
    Workday,
    /// Saturday or Sunday.
    Weekend,
    /// A public holiday.
    Holiday,
    /// A day off turned into a working day; counts as `workday` too.
    Makeup,
}

impl DayKind {
    /// What people call such a day.
    pub fn name(self) -> Text {
        match self {
            Self::Workday => crate::text!(vi: "ngày làm việc", en: "workday"),
            Self::Weekend => crate::text!(vi: "ngày nghỉ cuối tuần", en: "weekend"),
            Self::Holiday => crate::text!(vi: "ngày lễ", en: "holiday"),
            Self::Makeup => crate::text!(vi: "ngày làm bù", en: "makeup"),
        }
    }
}

/// A playlist of one agency for one period.
#[derive(Clone, Debug)]
pub struct Playlist {
    /// Title for people.
    pub title: String,
    /// Who owns it.
    pub agency: AgencyId,
    /// Raised to approve the same bytes again after a withdrawal; 1 unless said otherwise.
    pub revision: u64,
    /// Its entries in order, globs already replaced by one entry per slide.
    pub entries: Vec<PlaylistEntry>,
    /// The playlist's file.
    pub place: SourceLocation,
}

/// One line of a playlist: one slide with its conditions.
#[derive(Clone, Debug)]
pub struct PlaylistEntry {
    /// The slide; a translation's id when the entry names a translation.
    pub slide: SlideId,
    /// Fits any day when empty.
    pub days: Vec<DaySelector>,
    /// Day-parts; empty: all opening hours.
    pub times: Vec<TimeWindow>,
    /// First day, inclusive.
    pub from: Option<NaiveDate>,
    /// Last day, inclusive.
    pub until: Option<NaiveDate>,
    /// 1 to 20.
    pub weight: u32,
    /// The screens that show it; `None`: all.
    pub screens: Option<Vec<ScreenId>>,
    /// Where the entry stands.
    pub place: SourceLocation,
}

/// One word of `days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DaySelector {
    /// `mon` … `sun`, by the calendar.
    Weekday(chrono::Weekday),
    /// `workday`, `weekend`, `holiday`, `makeup`, by the resolved day.
    Kind(DayKind),
}

/// One slide source file, valid and with all that it inherits from the slide it translates.
#[derive(Clone, Debug)]
pub struct Slide {
    /// Its language.
    pub language: Language,
    /// Its file below `slides/`.
    pub source: String,
    /// Title.
    pub title: String,
    /// Who supplied it.
    pub agency: AgencyId,
    /// Its category.
    pub category: String,
    /// A layout of the theme.
    pub layout: String,
    /// How long it stands, in milliseconds.
    pub duration_ms: u64,
    /// First and last day of validity, local and inclusive, each where given.
    pub valid: (Option<NaiveDate>, Option<NaiveDate>),
    /// The Markdown body, without front matter, already found free of HTML and foreign addresses.
    pub body: SlideBody,
    /// Key of the front matter → media file.
    pub media: BTreeMap<MediaKey, MediaFile>,
    /// Pictures that the body names, by the name written there.
    pub pictures: BTreeMap<String, MediaFile>,
    /// Small texts of the layout by key: `caption`, `cite`, `issued_by` and the like.
    pub texts: BTreeMap<String, String>,
    /// The front matter's place.
    pub place: SourceLocation,
}

/// A slide's Markdown, or that it lies in its file: most builds render few slides, and need of the others no more than was judged before.
#[derive(Clone, Debug)]
pub enum SlideBody {
    /// The text.
    Loaded(String),
    /// It is still to be read, from a file that has to bear the stamp of the one that was judged.
    OnDisk(FileStamp),
}

/// What a media file is to its slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaKey {
    /// `image`.
    Image,
    /// `video`.
    Video,
    /// `audio`, played while the slide stands.
    Audio,
    /// `table`, a CSV file.
    Table,
    /// `poster`, the still picture of a video.
    Poster,
    /// `captions`, a WebVTT file of a video.
    Captions,
}

impl MediaKey {
    /// The key of the front matter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Table => "table",
            Self::Poster => "poster",
            Self::Captions => "captions",
        }
    }
}

/// A media file of the content, sniffed by content and found to match its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaFile {
    /// Path below the content folder, with `/`.
    pub path: String,
    /// Media type by content, such as `image/jpeg`.
    pub media_type: &'static str,
    /// Width in pixels, for pictures and video.
    pub width: u32,
    /// Height in pixels, for pictures and video.
    pub height: u32,
    /// Length in milliseconds, for video and audio, rounded up.
    pub duration_ms: u64,
}
