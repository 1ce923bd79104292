//! A store in a folder: a mounted stick or a shared disk. Only named files are opened; symlinks count as absent.
//! Never writes there.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Component, Path, PathBuf};

use super::transport::{Ask, Got, Transport, Unusable};
use crate::base::digest::Digest;
use crate::base::files::read_to_limit;

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
}

impl Transport for Folder {
    fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable> {
        if !self.root.is_dir() {
            return Err(Unusable::new(format!("{} is not there", self.name)));
        }
        let Some(path) = self.plain(ask.path) else { return Ok(Got::Absent) };
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) || is_link(&error) => {
                return Ok(Got::Absent);
            }
            Err(error) => return Err(Unusable::new(format!("{}: {error}", ask.path))),
        };
        let read = |error: std::io::Error| Unusable::new(format!("{}: {error}", ask.path));
        if !file.metadata().map_err(read)?.is_file() {
            return Ok(Got::Absent);
        }
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

    fn name(&self) -> &str {
        &self.name
    }
}

fn is_link(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}
