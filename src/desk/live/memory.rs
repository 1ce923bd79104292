//! What a reading of the folder leaves to the next one, so that it leaves out what is unchanged: stamps, what media say, slides and their warnings.
//! Never reads a file.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::stamp::FileStamp;
use crate::build::reading::{self, FolderReading, KeepRule};
use crate::content::model::values::{Content, Slide};
use crate::content::model::{KeptSlides, LoadedContent};
use crate::content::source::media::MediaInfo;

/// What the next reading needs.
pub struct ReadingMemory {
    shared_inputs: Digest,
    stamps: BTreeMap<String, FileStamp>,
    media: BTreeMap<String, Option<MediaInfo>>,
    unreadable: BTreeSet<String>,
    since: SystemTime,
    keep: KeepRule,
    warnings: BTreeMap<SlideId, Vec<Diagnostic>>,
}

impl ReadingMemory {
    /// After a reading that began at `since` and found this.
    pub fn new(since: SystemTime, reading: FolderReading, loaded: &mut LoadedContent) -> Self {
        let (shared_inputs, tree) = (reading.shared_inputs, reading.tree);
        let (keep, warnings) = (KeepRule::new(since, &loaded.faults), std::mem::take(&mut loaded.warnings_by_slide));
        Self { shared_inputs, stamps: tree.stamps, media: tree.media, unreadable: tree.unreadable, since, keep, warnings }
    }

    /// The stamp of a file.
    pub fn stamp(&self, path: &str) -> Option<&FileStamp> {
        self.stamps.get(path)
    }

    /// The stamps of all files.
    pub fn stamps(&self) -> &BTreeMap<String, FileStamp> {
        &self.stamps
    }

    /// What media files say; `None` of those at fault.
    pub fn media(&self) -> &BTreeMap<String, Option<MediaInfo>> {
        &self.media
    }

    /// Files that exist and could not be read.
    pub fn unreadable(&self) -> &BTreeSet<String> {
        &self.unreadable
    }

    /// What a medium says, if it is certainly unchanged.
    pub fn known_media(&self, name: &str, now: &FileStamp) -> Option<MediaInfo> {
        let same = self.stamps.get(name) == Some(now) && now.is_stable_before(self.since);
        *self.media.get(name).filter(|_| same)?
    }

    /// The slides of this content that a later reading may leave out.
    pub fn unchanged_slides(&self, content: &Content, reading: &FolderReading) -> KeptSlides {
        if self.shared_inputs != reading.shared_inputs {
            return KeptSlides::default();
        }
        let unchanged = |id: &SlideId, slide: &Slide| {
            let known = self.keep.page_stamps(id, slide, &self.stamps);
            known.is_some() && known == reading::stamps(id, slide, &reading.tree.stamps)
        };
        let kept = content.slides.iter().filter(|(id, slide)| unchanged(id, slide));
        let slides: BTreeMap<_, _> = kept.map(|(id, slide)| (id.clone(), slide.clone())).collect();
        let warnings = self.warnings.iter().filter(|(id, _)| slides.contains_key(*id));
        KeptSlides { warnings: warnings.map(|(id, list)| (id.clone(), list.clone())).collect(), slides }
    }
}
