//! What a player remembers of its journal outside the journal's folder: the highest number given, the digest of the segment before it, and
//! how far the open one was written. So what vanishes or changes is missed, and no number is given twice. Never says what to do about it.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::entry::SegmentHeader;
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::{MAX_INTEGER, SMALL_DOCUMENT_BYTES};

/// The file `journal.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalMemory {
    /// The highest number that a segment was given; 0 before the first.
    pub seq: u64,
    /// SHA-256 of the segment before it, as it was closed.
    pub before: Option<Digest>,
    /// Up to this number what is missing was told.
    #[serde(default)]
    pub told: u64,
    /// The beginning of the segment with the highest number, as it was written.
    #[serde(default)]
    pub written: Option<WrittenPart>,
}

/// The first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenPart {
    pub bytes: u64,
    pub sha256: Digest,
}

impl JournalMemory {
    /// What is remembered; nothing where the file is absent or can't be read: the folder then says what there is.
    pub fn load(path: &Path) -> Self {
        let read = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).ok();
        let memory: Option<Self> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        memory.filter(|memory| memory.seq < MAX_INTEGER).unwrap_or_default()
    }

    /// Whether a segment with this heading and these bytes can be what was written, as far as it is remembered.
    pub fn agrees(&self, heading: &SegmentHeader, bytes: &[u8]) -> bool {
        let part = |written: &WrittenPart| usize::try_from(written.bytes).ok().and_then(|end| bytes.get(..end)).map(Digest::of);
        let written = self.written.as_ref().is_none_or(|written| part(written) == Some(written.sha256));
        heading.seq != self.seq || (heading.before == self.before && written)
    }

    /// Stores it.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        files::write_atomic(path, &serde_json::to_vec(self)?)
    }
}
