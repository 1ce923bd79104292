//! Reads a content folder except the slides that an earlier reading has read: those whose inputs are certainly unchanged.
//! Never keeps a slide with an error, and none with a warning whose words are not kept too: each reading tells all of these.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::SystemTime;

use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::stamp::FileStamp;
use crate::content::model::values::Slide;
use crate::content::model::{self, KeptSlides, LoadedContent};
use crate::content::source::ContentTree;
use crate::content::source::media::MediaInfo;
use crate::content::source::walk::WalkResult;

/// A content folder of which all is read but the slides.
pub struct FolderReading {
    pub tree: ContentTree,
    /// Digest of the files on which every slide depends.
    pub shared_inputs: Digest,
    unread: Vec<String>,
}

/// Slides by id, as [`Slide`]s are kept.
pub type Slides = BTreeMap<SlideId, Box<Slide>>;

impl FolderReading {
    /// Reads all but the slides of a walked folder; `known` may supply what a media file says, so that it is not opened.
    pub fn start(root: &Path, walked: WalkResult, known: impl Fn(&str, &FileStamp) -> Option<MediaInfo> + Sync) -> Self {
        let (tree, unread) = ContentTree::without_slides(root, walked, known);
        Self { shared_inputs: shared_inputs_digest(&tree), tree, unread }
    }

    /// Drops the kept slides from those that [`Self::finish`] reads; returns how many it will read.
    pub fn leave_out(&mut self, kept: &Slides) -> usize {
        self.unread.retain(|name| slide_id(name).is_none_or(|id| !kept.contains_key(&id)));
        self.unread.len()
    }

    /// Reads the other slides and builds the content.
    pub fn finish(&mut self, root: &Path, kept: KeptSlides) -> LoadedContent {
        self.tree.read_files(root, std::mem::take(&mut self.unread), |_, _| None);
        model::build_with_cached(&self.tree, kept)
    }
}

/// What decides whether a slide, or what was made of it, may be kept for a later reading.
pub struct KeepRule {
    since: SystemTime,
    /// The gravest fault of each file that has any.
    faults: HashMap<String, Severity>,
}

impl KeepRule {
    /// After a reading that began at `since` and found these faults.
    pub fn new(since: SystemTime, faults: &[Diagnostic]) -> Self {
        let mut gravest = HashMap::new();
        for fault in faults {
            let known = gravest.entry(fault.place.path.clone()).or_insert(fault.severity);
            *known = fault.severity.min(*known);
        }
        Self { since, faults: gravest }
    }

    /// The stamps of a slide's inputs if it may be kept as long as they stay the same.
    pub fn stamps(&self, id: &SlideId, slide: &Slide, all: &BTreeMap<String, FileStamp>) -> Option<Vec<FileStamp>> {
        self.stable_stamps(id, slide, all).filter(|_| self.gravest(id, slide).is_none())
    }

    /// The same where a warning does no harm: for its pages, which are as they were when the slide is read again, and with its warnings.
    pub fn page_stamps(&self, id: &SlideId, slide: &Slide, all: &BTreeMap<String, FileStamp>) -> Option<Vec<FileStamp>> {
        self.stable_stamps(id, slide, all).filter(|_| self.gravest(id, slide) != Some(Severity::Error))
    }

    fn stable_stamps(&self, id: &SlideId, slide: &Slide, all: &BTreeMap<String, FileStamp>) -> Option<Vec<FileStamp>> {
        stamps(id, slide, all).filter(|all| all.iter().all(|stamp| stamp.is_stable_before(self.since)))
    }

    /// The gravest fault of a slide's inputs: what a translation inherits from a faulty original has gaps.
    fn gravest(&self, id: &SlideId, slide: &Slide) -> Option<Severity> {
        inputs(id, slide).filter_map(|path| self.faults.get(&*path)).min().copied()
    }
}

/// Paths of the files that a slide depends on beside those that all share: its own, its original's if it is a translation, its media.
pub(super) fn inputs<'s>(id: &SlideId, slide: &'s Slide) -> impl Iterator<Item = Cow<'s, str>> {
    let original = id.is_translation().then(|| format!("slides/{}.md", id.split_language().0).into());
    let media = slide.media.values().chain(slide.pictures.values()).map(|media| media.path.as_str().into());
    std::iter::once(slide.place.path.as_str().into()).chain(original).chain(media)
}

/// Stamps of a slide's inputs, its own file's first; `None` if one is missing.
pub fn stamps(id: &SlideId, slide: &Slide, all: &BTreeMap<String, FileStamp>) -> Option<Vec<FileStamp>> {
    inputs(id, slide).map(|path| all.get(&*path).copied()).collect()
}

fn shared_inputs_digest(tree: &ContentTree) -> Digest {
    let mut all = Vec::new();
    let texts = ["bangtin.yaml", "agencies.yaml"].into_iter().filter_map(|name| Some((name, tree.texts.get(name)?)));
    for (name, text) in texts.chain(tree.themes.iter().map(|(name, text)| (name.as_str(), text))) {
        all.extend_from_slice(Digest::of(name.as_bytes()).as_bytes());
        all.extend_from_slice(Digest::of(text.text().as_bytes()).as_bytes());
    }
    Digest::of(&all)
}

fn slide_id(path: &str) -> Option<SlideId> {
    SlideId::parse(path.strip_prefix("slides/")?.strip_suffix(".md")?)
}
