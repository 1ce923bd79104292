//! The segment that is written to: its file, and size and digest of what was written.
//! Never decides what is written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::entry::{self, SegmentHeader};
use super::segment::SegmentContent;
use crate::base::digest::DigestWriter;
use crate::base::files;
use crate::base::os;

/// See the module.
pub struct OpenSegment {
    file: File,
    pub seq: u64,
    /// Size and digest of what was written.
    pub written: DigestWriter<io::Sink>,
    pub opened: i64,
    /// When it was last synced, and when what it holds was last remembered elsewhere; both in Unix milliseconds.
    pub synced: i64,
    pub remembered: i64,
}

impl OpenSegment {
    /// Begins a segment.
    pub fn create(path: &Path, heading: &SegmentHeader) -> io::Result<Self> {
        let first = entry::line(heading)?;
        files::write_atomic(path, &first)?;
        let SegmentHeader { seq, opened, .. } = *heading;
        Ok(Self { file: open_for_append(path)?, seq, written: digested(&first), opened, synced: opened, remembered: opened })
    }

    /// Goes on with a segment that has these bytes. What follows its last line end is cut off.
    pub fn reopen(path: &Path, bytes: &[u8], content: &SegmentContent) -> io::Result<Self> {
        let (file, SegmentContent { heading, whole, .. }) = (open_for_append(path)?, content);
        if (bytes.len() as u64) > *whole {
            file.set_len(*whole)?;
            file.sync_all()?;
        }
        let written = digested(bytes.get(..usize::try_from(*whole).unwrap_or_default()).unwrap_or_default());
        Ok(Self { file, seq: heading.seq, written, opened: heading.opened, synced: i64::MIN, remembered: i64::MIN })
    }

    /// Appends a line; `sync`: with all before it. After an error nothing of it is left, but this segment has to be read again.
    pub fn append(&mut self, line: &[u8], sync: bool) -> io::Result<()> {
        let written = self.file.write_all(line).and_then(|()| if sync { self.sync() } else { Ok(()) });
        if written.is_err() {
            // The next line must not follow half a line. What a failed sync left on the disk is read again.
            let _ = self.file.set_len(self.written.size());
        }
        written.and_then(|()| self.written.write_all(line))
    }

    /// Whether its file lies at a path with all that was written. Where the disk does not tell, it does.
    pub fn lies_at(&self, path: &Path) -> bool {
        match fs::symlink_metadata(path) {
            Ok(there) => {
                let same = self.file.metadata().is_ok_and(|own| os::identity(&own) == os::identity(&there));
                same && there.len() >= self.written.size()
            }
            Err(error) => !os::is_absent(&error),
        }
    }

    /// Waits until all that was written is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn open_for_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

fn digested(bytes: &[u8]) -> DigestWriter<io::Sink> {
    let mut written = DigestWriter::new(io::sink());
    // A sink takes everything.
    let _ = written.write_all(bytes);
    written
}
