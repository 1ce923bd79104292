//! `program.json` on the wire: the shape of a manifest, shared by the office and the player. `docs/formats.md` shows one.
//! Never judges: `verify` does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, RoleId, ScreenId, SiteId, SlideId};
use crate::base::relpath::RelPath;
use crate::base::terms::{Canvas, ProgramKind};
use crate::base::times::Month;

/// The only format that this tool writes and reads.
pub const FORMAT: &str = "bangtin-program/1";

/// A program's manifest. The fields of it and of all below it stand in the order of their names on the wire, as canonical JSON wants
/// them, so that it is written without being sorted first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Urgent and kit: what of the screen it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<DisplayMode>,
    /// Every file of the program, sorted by path.
    pub files: Vec<ManifestFile>,
    /// [`FORMAT`].
    pub format: String,
    /// What the program is for.
    pub kind: ProgramKind,
    /// Languages of the content, the main one first.
    pub languages: Vec<Language>,
    /// Cyclic sequences by id.
    pub loops: BTreeMap<String, Loop>,
    /// Urgent and kit: longest show in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// The month, in monthly programs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// `[from, seconds east of UTC]`, sorted by `from` (Unix seconds).
    pub offsets: Vec<(i64, i32)>,
    /// Urgent and kit: 1 to 9, the highest wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Raised so that withdrawn bytes may be approved again under a new digest.
    pub revision: u64,
    /// Reviewer roles whose approval it needs, sorted.
    pub roles: Vec<RoleId>,
    /// The faces, in the order of the site file.
    pub screens: Vec<ManifestScreen>,
    /// The site that it is for.
    pub site: SiteId,
    /// What the loops show.
    pub slides: BTreeMap<SlideId, ManifestSlide>,
    /// Title for people.
    pub title: String,
    /// When it may be shown.
    pub valid: ValidityWindow,
}

impl Manifest {
    /// The file of a path, looked up in the sorted list; a path is never joined to a folder.
    pub fn file(&self, path: &str) -> Option<&ManifestFile> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }
}

/// A stretch of Unix seconds, half-open; an evergreen program has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidityWindow {
    /// First second.
    pub from: i64,
    /// First second after it; `null` for evergreen.
    pub until: Option<i64>,
}

/// What of the screen an urgent program takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisplayMode {
    /// All of it.
    Full,
    /// A strip over what would play otherwise.
    Band,
    /// A running line over what would play otherwise.
    Ticker,
}

/// One face and what it plays when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestScreen {
    /// Whether this face sounds.
    pub audio: bool,
    /// Where the face lies in the picture that the machine puts out.
    pub canvas: Canvas,
    /// Height in pixels.
    pub height: u32,
    /// Its name at the site.
    pub id: ScreenId,
    /// `[start, end, loop, phase]`, sorted and disjoint. Seconds: Unix, or of the local week (evergreen), or from release (kit); phase in ms.
    pub spans: Vec<ManifestSpan>,
    /// Width in pixels.
    pub width: u32,
}

/// `[start, end, loop, phase]`.
pub type ManifestSpan = (i64, i64, String, u64);

/// A cyclic sequence of slides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Loop {
    /// `[slide, milliseconds]`.
    pub items: Vec<(SlideId, u64)>,
    /// Sum of the items, in milliseconds.
    pub ms: u64,
}

/// One slide as a program holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSlide {
    /// Who supplied it and answers for it.
    pub agency: AgencyId,
    /// Its category.
    pub category: String,
    /// Its language.
    pub language: Language,
    /// `"<width>x<height>"` → path of the page.
    pub pages: BTreeMap<String, RelPath>,
    /// Its source file below `slides/`.
    pub source: String,
    /// Title for people.
    pub title: String,
}

/// One file of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its path below the program's root.
    pub path: RelPath,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Length in bytes.
    pub size: u64,
    /// Media type, one of [`crate::base::file_types::MEDIA_TYPES`].
    #[serde(rename = "type")]
    pub media_type: String,
}

/// The key under which a slide lists its page for a screen's size.
pub fn page_key(width: u32, height: u32) -> String {
    format!("{width}x{height}")
}
