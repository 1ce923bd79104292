//! A store in a folder: a mounted stick or a shared disk. Only named files are opened; symlinks count as absent.
//! Never writes there.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

use super::transport::{Ask, Got, Pieces, Transport, Unusable};
use crate::base::digest::Digest;
use crate::base::files::read_to_limit;
use crate::store::scan::Stretch;

/// A folder that holds a store's root.
pub struct Folder {
    root: PathBuf,
    name: String,
}

impl Folder {
    /// The store in a folder.
    pub fn new(root: &str) -> Self {
        Self { root: PathBuf::from(root), name: root.to_owned() }
    }

    /// No part of the way below the root may be a symlink.
    fn plain(&self, path: &str) -> Option<PathBuf> {
        let mut at = self.root.clone();
        for part in Path::new(path).components() {
            let Component::Normal(part) = part else { return None };
            at.push(part);
            if at.symlink_metadata().ok()?.is_symlink() {
                return None;
            }
        }
        Some(at)
    }

    /// A regular file below the root; `None` where there is none.
    fn open(&self, path: &str) -> Result<Option<File>, Unusable> {
        if !self.root.is_dir() {
            return Err(Unusable::new(format!("{} is not there", self.name)));
        }
        let Some(place) = self.plain(path) else { return Ok(None) };
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(place) {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) || is_link(&error) => return Ok(None),
            Err(error) => return Err(Unusable::new(format!("{path}: {error}"))),
        };
        let plain = file.metadata().map_err(|error| Unusable::new(format!("{path}: {error}")))?.is_file();
        Ok(plain.then_some(file))
    }
}

impl Transport for Folder {
    fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable> {
        let Some(mut file) = self.open(ask.path)? else { return Ok(Got::Absent) };
        let read = |error: std::io::Error| Unusable::new(format!("{}: {error}", ask.path));
        if let Some(etag) = ask.etag {
            // The hint is small: its own digest is its validator.
            let bytes = read_to_limit(&file, ask.limit).map_err(read)?;
            if etag == Digest::of(&bytes).to_string() {
                return Ok(Got::NotModified);
            }
        }
        file.seek(SeekFrom::Start(ask.from)).map_err(read)?;
        Ok(Got::Found { body: Box::new(file), start: ask.from, etag: None })
    }

    fn pieces<'a>(&'a self, path: &str, size: u64, stretches: &[Stretch]) -> Result<Pieces<'a>, Unusable> {
        let Some(file) = self.open(path)? else { return Ok(Pieces::Absent) };
        if file.metadata().map_err(|error| Unusable::new(format!("{path}: {error}")))?.len() != size {
            return Ok(Pieces::Unfit);
        }
        Ok(Pieces::Found(Box::new(Cut { file, stretches: stretches.iter().copied().collect() })))
    }

    fn rest(&mut self) {}

    fn name(&self) -> &str {
        &self.name
    }
}

/// Reads stretches of a file one after the other.
struct Cut {
    file: File,
    stretches: VecDeque<Stretch>,
}

impl std::io::Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some((start, end)) = self.stretches.front_mut() else { return Ok(0) };
        let want = usize::try_from(*end - *start).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..want], *start)?;
        *start += count as u64;
        if *start == *end {
            self.stretches.pop_front();
        }
        Ok(count)
    }
}

fn is_link(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
