//! A store in a folder: a mounted stick or a shared disk. Opens only named files; symlinks count as absent.
//! Never writes to the store.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::transport::{FetchRequest, FetchResponse, PullError, RangesResponse, Transport};
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::os;
use crate::store::scan::ByteRange;
use crate::text;

/// A folder that holds a store's root.
pub struct FolderTransport {
    root: PathBuf,
    name: String,
}

impl FolderTransport {
    /// The store in a folder.
    pub fn new(root: &str) -> Self {
        Self { root: PathBuf::from(root), name: root.to_owned() }
    }

    /// The file's path; `None` if any part of it below the root is a symlink or absent.
    fn path_without_symlinks(&self, path: &str) -> Option<PathBuf> {
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

    /// Opens a regular file below the root; `None` if there is none.
    fn open(&self, path: &str) -> Result<Option<File>, PullError> {
        if !self.root.is_dir() {
            let name = &self.name;
            return Err(PullError::external(text!(vi: "không thấy {name}", en: "{name} is not there")));
        }
        let Some(place) = self.path_without_symlinks(path) else { return Ok(None) };
        match os::open_regular(&place) {
            Ok(file) => Ok(Some(file)),
            Err(error) if os::is_absent(&error) => Ok(None),
            Err(error) => Err(PullError::io(path, &error)),
        }
    }
}

impl Transport for FolderTransport {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        let Some(mut file) = self.open(request.path)? else { return Ok(FetchResponse::Absent) };
        let read = |error: std::io::Error| PullError::io(request.path, &error);
        if let Some(etag) = request.etag {
            // Only the hint is asked for with a validator; it is small, and its digest serves as one.
            let bytes = read_stream_limited(&file, request.limit).map_err(read)?;
            if etag == Digest::of(&bytes).to_string() {
                return Ok(FetchResponse::NotModified);
            }
        }
        file.seek(SeekFrom::Start(request.from)).map_err(read)?;
        Ok(FetchResponse::Found { body: Box::new(file), start: request.from, etag: None })
    }

    fn get_ranges<'a>(&'a self, path: &str, size: u64, stretches: &[ByteRange]) -> Result<RangesResponse<'a>, PullError> {
        let Some(file) = self.open(path)? else { return Ok(RangesResponse::Absent) };
        if file.metadata().map_err(|error| PullError::io(path, &error))?.len() != size {
            return Ok(RangesResponse::Mismatch);
        }
        Ok(RangesResponse::Found(Box::new(RangesReader { file, stretches: stretches.iter().copied().collect() })))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

struct RangesReader {
    file: File,
    stretches: VecDeque<ByteRange>,
}

impl std::io::Read for RangesReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some((start, end)) = self.stretches.front_mut() else { return Ok(0) };
        let want = usize::try_from(*end - *start).unwrap_or(usize::MAX).min(buffer.len());
        let count = os::read_at(&self.file, &mut buffer[..want], *start)?;
        *start += count as u64;
        if *start == *end {
            self.stretches.pop_front();
        }
        Ok(count)
    }
}
