//! What a player remembers of its journal outside the journal's folder: the highest number given, the digest of the segment before it, how
//! far the open one was written, and what was noted of statements. So what vanishes or changes is missed, and no number is given twice.
//! Never says what to do about it.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::entry::SegmentHeader;
use super::noted::Noted;
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::{MAX_INTEGER, SMALL_DOCUMENT_BYTES};
use crate::base::os;
use crate::base::summed;

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
    /// Up to this number no segment is signed any more: what said what they held was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubtful: Option<u64>,
    /// What the segments say of statements; `None` from a player that did not note it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<Noted>,
    /// SHA-256 of all this without it; `None` from a player that did not write one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Digest>,
}

/// The first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenPart {
    pub bytes: u64,
    pub sha256: Digest,
}

/// Why nothing is remembered that says what the segments held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryFault {
    Absent,
    /// It is no such file, or not as it was written.
    Unreadable,
    /// It is older than the segments.
    Behind,
}

impl JournalMemory {
    /// What is remembered.
    pub fn load(path: &Path) -> Result<Self, MemoryFault> {
        if fs::symlink_metadata(path).is_err_and(|error| os::is_absent(&error)) {
            return Err(MemoryFault::Absent);
        }
        let bytes = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).map_err(|_| MemoryFault::Unreadable)?;
        let memory: Self = serde_json::from_slice(&bytes).map_err(|_| MemoryFault::Unreadable)?;
        let older = memory.sum.is_none() && memory.noted.is_none();
        let whole = if older { serde_json::to_vec(&memory).is_ok_and(|text| text == bytes) } else { summed::open(&bytes).is_some() };
        if whole && memory.seq < MAX_INTEGER { Ok(Self { sum: None, ..memory }) } else { Err(MemoryFault::Unreadable) }
    }

    /// Why it can't vouch for the segments, of which one of the number `written` has entries. `read`: what [`JournalMemory::load`] gave.
    pub fn fault(read: Result<&Self, MemoryFault>, written: u64) -> Option<MemoryFault> {
        match read {
            Err(MemoryFault::Absent) => (written > 0).then_some(MemoryFault::Absent),
            Err(fault) => Some(fault),
            Ok(memory) => (memory.seq < written).then_some(MemoryFault::Behind),
        }
    }

    /// Whether a segment with this heading and these bytes can be what was written, as far as it is remembered.
    pub fn agrees(&self, heading: &SegmentHeader, bytes: &[u8]) -> bool {
        let part = |written: &WrittenPart| usize::try_from(written.bytes).ok().and_then(|end| bytes.get(..end)).map(Digest::of);
        let written = self.written.as_ref().is_none_or(|written| part(written) == Some(written.sha256));
        heading.seq != self.seq || (heading.before == self.before && written)
    }

    /// Whether the segment of this number is not to be signed.
    pub fn doubts(&self, seq: u64) -> bool {
        self.doubtful.is_some_and(|most| seq <= most)
    }

    /// Stores it.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        files::write_atomic(path, &self.encoded()?)
    }

    fn encoded(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Self { sum: None, ..self.clone() }).map(summed::seal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f44_no_byte_of_what_is_remembered_changes_unseen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.json");
        assert_eq!(JournalMemory::load(&path), Err(MemoryFault::Absent));
        let (before, written) = (Some(Digest::of(b"1")), Some(WrittenPart { bytes: 5, sha256: Digest::of(b"2") }));
        let mut noted = Noted::default();
        noted.taken.push((1, 5));
        let noted = Some(noted);
        let memory = JournalMemory { seq: 4, before, told: 2, written, doubtful: Some(1), noted, sum: None };
        memory.save(&path).unwrap();
        assert_eq!(JournalMemory::load(&path), Ok(memory));
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                fs::write(&path, bent).unwrap();
                assert_eq!(JournalMemory::load(&path), Err(MemoryFault::Unreadable), "byte {at}, bit {bit}");
            }
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(JournalMemory::load(&path), Err(MemoryFault::Unreadable), "cut at {at}");
        }
        // As versions before this form wrote it.
        fs::write(&path, "{\"seq\":3,\"before\":null,\"told\":0,\"written\":null}").unwrap();
        assert_eq!(JournalMemory::load(&path).map(|memory| (memory.seq, memory.noted)), Ok((3, None)));
    }
}
