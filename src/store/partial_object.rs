//! An object that a player is still fetching.
//! Never puts one into place whose bytes are not those of its name.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::seen_objects::SeenObjects;
use crate::base::digest::{Digest, DigestWriter};
use crate::base::files;
use crate::base::lock::MutexExt as _;
use crate::base::os;
use crate::base::stamp::FileStamp;

/// An unfinished object: hashed as it grows, renamed into place only when its digest matches its name.
pub struct PartialObject {
    target: PathBuf,
    path: PathBuf,
    file: File,
    hashed: DigestWriter<io::Sink>,
    digest: Digest,
    size: u64,
    seen: Arc<Mutex<SeenObjects>>,
}

impl PartialObject {
    /// Opens a part, new or begun before, and hashes what it holds.
    pub(super) fn open(path: PathBuf, target: PathBuf, (digest, size): (Digest, u64), seen: Arc<Mutex<SeenObjects>>) -> io::Result<Self> {
        let (mut file, mut hashed) = (os::open_part(&path)?, DigestWriter::new(io::sink()));
        io::copy(&mut file, &mut hashed)?;
        Ok(Self { target, path, file, hashed, digest, size, seen })
    }

    /// Bytes already written.
    pub fn len(&self) -> u64 {
        self.hashed.size()
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Discards the content: the server sends the whole object again, or the digest was wrong.
    pub fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.hashed = DigestWriter::new(io::sink());
        Ok(())
    }

    /// Removes the part: the source sent bytes that nobody signed for.
    pub fn discard(self) -> io::Result<()> {
        files::remove_any(&self.path)
    }

    /// Appends a stream up to the object's size. A longer stream is an error: nobody signed for the rest.
    pub fn append_from(&mut self, mut from: impl io::Read) -> io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let missing = self.size - self.len();
            let want = usize::try_from(missing.saturating_add(1)).unwrap_or(usize::MAX).min(buffer.len());
            match from.read(&mut buffer[..want]) {
                Ok(0) => return Ok(()),
                Ok(count) if count as u64 > missing => {
                    return Err(io::Error::new(io::ErrorKind::FileTooLarge, "more bytes than were signed for"));
                }
                Ok(count) => self.write_all(&buffer[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Moves a complete object with the right digest into place (sync, rename, sync of the folder); removes one with a wrong digest.
    pub fn finish(self) -> io::Result<bool> {
        if self.len() < self.size {
            return Ok(false);
        }
        if self.hashed.digest() != self.digest {
            files::remove_any(&self.path)?;
            return Ok(false);
        }
        let folder = self.target.parent().unwrap_or(Path::new("."));
        files::create_dirs_synced(folder)?;
        // After a failed sync the kernel may have dropped the dirty pages: fetch the bytes again, never retry the sync.
        if let Err(error) = self.file.sync_all() {
            files::remove_any(&self.path)?;
            return Err(error);
        }
        fs::rename(&self.path, &self.target)?;
        self.seen.hold().add_whole(self.digest, FileStamp::from_metadata(&self.file.metadata()?));
        os::sync_dir(folder)?;
        Ok(true)
    }
}

impl Write for PartialObject {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hashed.write_all(&bytes[..written])?;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
