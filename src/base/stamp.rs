//! File metadata that identifies an unchanged file without reading it. The rule is git's: a stamp is trusted only when it is old enough
//! that a later write must have changed it. Never reads a clock.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::os;

/// Writes closer than this may leave the same time: file systems tick every 1 to 10 ms.
const TICK: Duration = Duration::from_millis(20);
/// The same for file systems that keep whole seconds; the oldest keep only even ones.
const WHOLE_SECONDS: Duration = Duration::from_millis(2_500);

/// Size, modification time, status change time and identity of a file. A program can't set back the status change time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    pub size: u64,
    modified: (i64, i64),
    status_changed: (i64, i64),
    inode: u64,
    device: u64,
}

impl FileStamp {
    /// The stamp of a file's metadata.
    pub fn from_metadata(metadata: &Metadata) -> Self {
        let (inode, device) = os::identity(metadata);
        Self { size: metadata.len(), modified: os::modified(metadata), status_changed: os::status_changed(metadata), inode, device }
    }

    /// Whether bytes read after `since` belong to this stamp for good. If the file changed at about that time they may not: a second write
    /// in the same tick leaves the same stamp.
    pub fn is_stable_before(&self, since: SystemTime) -> bool {
        let whole = self.status_changed.1 == 0 && self.modified.1 == 0;
        let distance = if whole { WHOLE_SECONDS } else { TICK };
        let Some(last) = since.checked_sub(distance).and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()) else {
            return false;
        };
        let last = (i64::try_from(last.as_secs()).unwrap_or(i64::MAX), i64::from(last.subsec_nanos()));
        self.status_changed < last && self.modified < last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_stamp_is_not_trusted_and_an_old_one_is() {
        let at = |millis: u64| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let fine = FileStamp { size: 1, modified: (10, 5), status_changed: (10, 5), inode: 1, device: 1 };
        assert!(!fine.is_stable_before(at(10_000)) && !fine.is_stable_before(at(10_020)) && fine.is_stable_before(at(10_021)));
        let whole = FileStamp { modified: (10, 0), status_changed: (10, 0), ..fine };
        assert!(!whole.is_stable_before(at(11_900)) && whole.is_stable_before(at(12_600)));
    }
}
