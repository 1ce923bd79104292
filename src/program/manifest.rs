//! Format of `program.json`, shared by the office and the player; `docs/formats.md` shows an example.
//! Never judges: `validate` does.

use std::collections::BTreeMap;
use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, RoleId, ScreenId, SiteId, SlideId};
use crate::base::relpath::RelPath;
use crate::base::terms::{Canvas, ProgramKind};
use crate::base::times::Month;

/// The only format that this tool writes and reads.
pub const FORMAT: &str = "bangtin-program/1";

/// A program's manifest. Its fields, and those of all types below, are declared in the order of their JSON names, as canonical JSON
/// requires, so it is written without a sort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Urgent and kit: how much of the screen it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub band: Option<DisplayMode>,
    /// Sorted by path.
    pub files: Vec<ManifestFile>,
    /// Always [`FORMAT`].
    pub format: String,
    pub kind: ProgramKind,
    /// The main one first.
    pub languages: Vec<Language>,
    /// By id.
    pub loops: BTreeMap<String, Loop>,
    /// Urgent and kit: longest show in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Monthly programs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<Month>,
    /// `[from, seconds east of UTC]`, sorted by `from` (Unix seconds).
    pub offsets: Vec<(i64, i32)>,
    /// Urgent and kit: 1 to 9, the highest wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<u8>,
    /// Raised to have withdrawn content approved again under a new digest.
    pub revision: u64,
    /// Reviewer roles that must approve it, sorted.
    pub roles: Vec<RoleId>,
    /// In the order of the site file.
    pub screens: Vec<ManifestScreen>,
    pub site: SiteId,
    pub slides: BTreeMap<SlideId, ManifestSlide>,
    pub title: String,
    pub valid: ValidityWindow,
}

impl Manifest {
    /// Finds a file by its path in the sorted list; never joins a path to a folder.
    pub fn file(&self, path: &str) -> Option<&ManifestFile> {
        self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|at| &self.files[at])
    }

    /// The slide of an id, with every part of it if it is split.
    pub fn with_parts(&self, id: &SlideId) -> Vec<(&SlideId, &ManifestSlide)> {
        let prefix = id.part_prefix();
        let after = self.slides.range::<str, _>((Bound::Excluded(prefix.as_str()), Bound::Unbounded));
        let parts = after.take_while(|(part, _)| part.as_str().starts_with(&prefix)).filter(|(part, _)| part.split_part().0 == *id);
        self.slides.get_key_value(id).into_iter().chain(parts).collect()
    }

    /// The title of a slide; of one that is split, without the number of the part.
    pub fn title(&self, id: &SlideId) -> Option<&str> {
        let title = &self.slides.get(id)?.title;
        let split = self.slides.contains_key(&id.part(2));
        Some(title.rsplit_once(" (1/").filter(|_| split).map_or(title, |(whole, _)| whole))
    }
}

/// Half-open range of Unix seconds; an evergreen program has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidityWindow {
    pub from: i64,
    pub until: Option<i64>,
}

/// How much of the screen an urgent program or kit takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DisplayMode {
    Full,
    /// A strip over what would play otherwise.
    Band,
    /// A running line over what would play otherwise.
    Ticker,
}

/// One screen, its size in pixels, and what it plays when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestScreen {
    pub audio: bool,
    /// Place of the screen in the machine's whole output.
    pub canvas: Canvas,
    pub height: u32,
    pub id: ScreenId,
    /// Sorted and disjoint.
    pub spans: Vec<ManifestSpan>,
    pub width: u32,
}

/// `[start, end, loop, phase]`. Start and end in seconds: Unix time, of the local week (evergreen) or since the release (kit); phase in ms.
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
    pub agency: AgencyId,
    pub category: String,
    pub language: Language,
    /// `"<width>x<height>"` → path of the page.
    pub pages: BTreeMap<String, RelPath>,
    /// Raised to show it again after a withdrawal; absent: 1.
    #[serde(default = "first_revision", skip_serializing_if = "is_first_revision")]
    pub revision: u64,
    /// Below `slides/`.
    pub source: String,
    pub title: String,
}

fn first_revision() -> u64 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first_revision(revision: &u64) -> bool {
    *revision == 1
}

/// One file of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Below the program's root.
    pub path: RelPath,
    pub sha256: Digest,
    /// In bytes.
    pub size: u64,
    /// One of [`crate::base::file_types::MEDIA_TYPES`].
    #[serde(rename = "type")]
    pub media_type: String,
}

/// Key of the page for a screen's size in [`ManifestSlide::pages`].
pub fn page_key(width: u32, height: u32) -> String {
    format!("{width}x{height}")
}
