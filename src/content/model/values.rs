//! The valid content. Every field here has been checked: names exist, dates are dates, windows do not overlap.
//! Never holds unparsed text, except the checked Markdown of a slide's body.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::base::dates;
use crate::base::diagnostic::SourceLocation;
use crate::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId, SlideId};
use crate::base::stamp::FileStamp;
use crate::base::terms::{Canvas, ProgramKind};
use crate::base::text::{Lang, Text};
use crate::base::times::Month;
use crate::base::zone::TimeZone;

/// A name or sentence by language.
pub type LocalizedNames = BTreeMap<Language, String>;

/// A name in the reader's language, or in the first language that it has.
pub fn name(names: &LocalizedNames, lang: Lang) -> &str {
    let code = match lang {
        Lang::Vi => "vi",
        Lang::En => "en",
    };
    names.get(code).or_else(|| names.values().next()).map_or("", String::as_str)
}

/// What a playlist and its program are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Month(Month),
    Evergreen,
}

impl Period {
    /// The month; `None` for the evergreen week.
    pub fn month(self) -> Option<Month> {
        match self {
            Self::Month(month) => Some(month),
            Self::Evergreen => None,
        }
    }

    /// The name for people.
    pub fn name(self) -> Text {
        match self {
            Self::Month(month) => dates::month(month),
            Self::Evergreen => ProgramKind::Evergreen.display_name(),
        }
    }
}

/// As in commands: `2026-12` or `evergreen`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => month.fmt(f),
            Self::Evergreen => f.write_str("evergreen"),
        }
    }
}

/// The whole content folder, valid.
#[derive(Clone, Debug)]
pub struct Content {
    pub settings: ContentSettings,
    pub agencies: BTreeMap<AgencyId, Agency>,
    pub sites: BTreeMap<SiteId, Site>,
    pub calendar: Calendar,
    /// Translations have their own ids.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    pub playlists: BTreeMap<(Period, PlaylistId), Playlist>,
    /// Those whose file is there and can't be used: they are at fault, not missing.
    pub faulty_playlists: BTreeSet<(Period, PlaylistId)>,
}

/// The settings in `bangtin.yaml`.
#[derive(Clone, Debug)]
pub struct ContentSettings {
    pub name: LocalizedNames,
    /// One for all sites.
    pub time_zone: TimeZone,
    /// The first is that of files without a suffix.
    pub languages: Vec<Language>,
    /// A folder under `themes/`, in the content folder or beside it.
    pub theme: String,
    /// The version of bangtin that may build and approve.
    pub tool: String,
    pub approval: ApprovalPolicy,
    /// Addresses, the preferred one first.
    pub store: Vec<String>,
    /// Where players send their returns.
    pub returns: Option<String>,
}

/// The approval policy from which `trust init` makes the root.
#[derive(Clone, Debug, Default)]
pub struct ApprovalPolicy {
    pub roles: BTreeMap<RoleId, RolePolicy>,
    /// Roles that must approve each kind.
    pub requires: BTreeMap<ProgramKind, Vec<RoleId>>,
    /// Exceptions per site.
    pub sites: BTreeMap<SiteId, BTreeMap<ProgramKind, Vec<RoleId>>>,
}

/// What one reviewer role may do.
#[derive(Clone, Debug)]
pub struct RolePolicy {
    /// How many distinct keys must sign.
    pub threshold: u32,
    /// Empty: all.
    pub sites: Vec<SiteId>,
    pub kinds: Vec<ProgramKind>,
    /// Whether the job on the protected branch holds a key of the role: merge = approval.
    pub by_merge: bool,
}

/// A body that supplies content and answers for it.
#[derive(Clone, Debug, Default)]
pub struct Agency {
    pub name: LocalizedNames,
    /// Free text: `department`, `district`, `broadcaster` …
    pub kind: String,
    /// Reviewer roles that approve what it owns.
    pub roles: Vec<RoleId>,
    /// First day under this name.
    pub since: Option<NaiveDate>,
    /// Last day under this name.
    pub until: Option<NaiveDate>,
    pub succeeded_by: Option<AgencyId>,
}

/// A place with screens and opening hours.
#[derive(Clone, Debug)]
pub struct Site {
    pub name: LocalizedNames,
    pub operator: AgencyId,
    /// A subset of the settings' languages, in their order.
    pub languages: Vec<Language>,
    /// In the order of the file.
    pub screens: Vec<Screen>,
    pub hours: OpeningHours,
    /// In the order of the file.
    pub shares: Vec<PlaylistShare>,
    /// Percent, 0 to 100.
    pub volume: u8,
    pub network: Network,
    /// Recipients of incident reports: mail addresses or URLs.
    pub contacts: Vec<String>,
    /// First day under this name.
    pub since: Option<NaiveDate>,
    /// Last day under this name.
    pub until: Option<NaiveDate>,
    pub succeeded_by: Option<SiteId>,
    pub place: SourceLocation,
}

/// One face of a site; sizes are in pixels.
#[derive(Clone, Debug)]
pub struct Screen {
    pub id: ScreenId,
    pub width: u32,
    pub height: u32,
    /// Its place in the machine's output; default: its own size at 0, 0.
    pub canvas: Canvas,
    /// Whether it plays sound.
    pub audio: bool,
    /// The screen whose spans it copies (`loop: same-as-a`).
    pub same_as: Option<ScreenId>,
    /// Its own, or that of its site.
    pub viewing: Option<Viewing>,
}

/// From how far a face is read, and how high it is, both in centimetres.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewing {
    pub distance: u32,
    pub height: u32,
}

/// Opening windows per kind of day, sorted; empty: closed. Windows that touch are not joined yet.
#[derive(Clone, Debug, Default)]
pub struct OpeningHours {
    /// Monday to Friday, unless the calendar says otherwise.
    pub workday: Vec<TimeWindow>,
    /// Saturday and Sunday, unless the calendar says otherwise.
    pub weekend: Vec<TimeWindow>,
    pub holiday: Vec<TimeWindow>,
    /// Make-up workdays; `None`: as `workday`.
    pub makeup: Option<Vec<TimeWindow>>,
}

/// A half-open stretch of local time in minutes from the midnight that starts its day; `end` over 1,440 is on the next day.
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
    /// The same in every month.
    pub playlist: PlaylistId,
    /// 1 to 100.
    pub share: u32,
}

/// A site's network connection.
#[derive(Clone, Debug, Default)]
pub struct Network {
    pub kbit_per_s: Option<u32>,
    /// Monthly data allowance in megabytes.
    pub mb_per_month: Option<u32>,
}

/// Public holidays, make-up days and other days that differ from their weekday.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    /// Years that have a file.
    pub years: Vec<i32>,
    pub days: BTreeMap<NaiveDate, SpecialDay>,
}

/// One day that differs from its weekday.
#[derive(Clone, Debug)]
pub struct SpecialDay {
    pub kind: DayKind,
    pub name: LocalizedNames,
}

/// The resolved kind of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayKind {
    Workday,
    Weekend,
    Holiday,
    /// A day off turned into a working day; counts as `workday` too.
    Makeup,
}

impl DayKind {
    /// The name for people.
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
    pub title: String,
    /// The owner.
    pub agency: AgencyId,
    /// Raised to approve the same content again after a withdrawal; default 1.
    pub revision: u64,
    /// In the order of the file, each pattern replaced by one entry per slide.
    pub entries: Vec<PlaylistEntry>,
    pub place: SourceLocation,
}

/// One line of a playlist: one slide with its conditions.
#[derive(Clone, Debug)]
pub struct PlaylistEntry {
    /// A translation's id if the entry names a translation.
    pub slide: SlideId,
    /// Empty: any day.
    pub days: Vec<DaySelector>,
    /// Empty: all opening hours.
    pub times: Vec<TimeWindow>,
    /// First day, inclusive.
    pub from: Option<NaiveDate>,
    /// Last day, inclusive.
    pub until: Option<NaiveDate>,
    /// 1 to 20.
    pub weight: u32,
    /// `None`: all.
    pub screens: Option<Vec<ScreenId>>,
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

/// One valid slide; a translation includes what it inherits from its original.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slide {
    pub language: Language,
    /// Path below `slides/`.
    pub source: String,
    pub title: String,
    /// Who supplied it.
    pub agency: AgencyId,
    pub category: String,
    pub layout: String,
    pub duration_ms: u64,
    /// Whether the file sets `duration`, or the original's: a translation inherits only such a duration.
    pub sets_duration: bool,
    /// First and last day, local and inclusive.
    pub valid: (Option<NaiveDate>, Option<NaiveDate>),
    /// Raised to show it again after a withdrawal; a translation has its own.
    pub revision: u64,
    /// The Markdown without front matter, already checked for HTML and external addresses.
    pub body: SlideBody,
    pub media: BTreeMap<MediaKey, MediaFile>,
    /// Pictures in the body, by the name written there.
    pub pictures: BTreeMap<String, MediaFile>,
    /// Where the subject of its picture is, if its file or its original's says so.
    pub focus: Option<Focus>,
    /// Most rows of its table that stand on a screen at a time, if its file or its original's says so.
    pub rows: Option<u32>,
    /// How many screens its table takes; 1 unless it is split. Each part has an id of its own: [`SlideId::part`].
    pub parts: u32,
    /// Small texts of the layout by key: `caption`, `cite`, `issued_by` and the like.
    pub texts: BTreeMap<String, String>,
    /// Of its revision, or its title: where a fault of the whole slide is reported.
    pub place: SourceLocation,
}

/// The point of a picture that stays in view where a layout cuts it, in percent of width and height, in steps of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Focus {
    pub x: u8,
    pub y: u8,
}

/// A slide's Markdown, or a reference to its file: most builds render few slides and need no body of the others.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SlideBody {
    /// Never serialised: its file holds it.
    Loaded(#[serde(skip)] String),
    /// Not read yet; the file must still have this stamp, under which it was checked.
    OnDisk(FileStamp),
}

/// The role of a media file in its slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MediaKey {
    Image,
    Video,
    /// Played while the slide is shown.
    Audio,
    /// A CSV file.
    Table,
    /// The still picture of a film.
    Poster,
    /// A WebVTT file of a film.
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

/// A media file whose content matches its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Path below the content folder, with `/`.
    pub path: String,
    /// Pixels, as `height`, for pictures and video.
    pub width: u32,
    pub height: u32,
    /// For video and audio, rounded up.
    pub duration_ms: u64,
}
