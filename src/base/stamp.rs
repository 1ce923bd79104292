//! What the file system says of a file without its being read: by it a file is known to be the one that was read before. The rule is
//! git's: a stamp counts only once it is old enough that a later write must have changed it. Never reads a clock.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// Two writes nearer than this may leave the same time: the clock of file systems ticks every 1 to 10 ms.
const TICK: Duration = Duration::from_millis(20);
/// The same for file systems that keep whole seconds, the oldest even pairs of them.
const WHOLE_SECONDS: Duration = Duration::from_millis(2_500);

/// Size, time of writing, time of change, and identity of a file. The time of change can't be set back by a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Length in bytes.
    pub size: u64,
    modified: (i64, i64),
    status_changed: (i64, i64),
    inode: u64,
    device: u64,
}

impl FileStamp {
    /// The stamp that goes with these facts.
    pub fn from_metadata(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            status_changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
            device: metadata.dev(),
        }
    }

    /// The same from the system's own form of these facts.
    pub fn from_stat(stat: &rustix::fs::Stat) -> Self {
        let wide = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        Self {
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified: (stat.st_mtime, wide(stat.st_mtime_nsec)),
            status_changed: (stat.st_ctime, wide(stat.st_ctime_nsec)),
            inode: stat.st_ino,
            device: stat.st_dev,
        }
    }

    /// Whether bytes read after `since` are what this stamp means for good. Of a file that was changed at about that time they may not
    /// be: a second write in the same tick would leave the same stamp.
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
