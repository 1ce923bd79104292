//! What a player remembers of its journal outside the journal's folder: the highest number given, and the digest of the segment before it.
//! So a segment that vanishes is missed, and no number is given twice. Never judges what is missing.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

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
}

impl JournalMemory {
    /// What is remembered; nothing where the file is absent or can't be read: the folder then says what there is.
    pub fn load(path: &Path) -> Self {
        let read = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).ok();
        let memory: Option<Self> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        memory.filter(|memory| memory.seq < MAX_INTEGER).unwrap_or_default()
    }

    /// Stores it.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        files::write_atomic(path, &serde_json::to_vec(self)?)
    }
}
