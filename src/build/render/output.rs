//! Results of rendering: files with their paths in a program.
//! Never writes them.

use serde::{Deserialize, Serialize};

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::file_types;
use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;

/// Path of the page of a slide at one size: `slides/<id>@<w>x<h>.html`. No folder per page: creating, walking and checking ten thousand
/// folders took longer than all pages together.
pub fn page_path(id: &SlideId, (width, height): (u32, u32)) -> Option<RelPath> {
    RelPath::parse(&format!("slides/{id}@{width}x{height}.html"))
}

/// One file of a program.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    pub path: RelPath,
    /// One of the types that a manifest may list.
    pub media_type: &'static str,
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
    pub body: ByteSource,
}

/// A file as a manifest lists it, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedFile {
    pub path: RelPath,
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
}

impl ListedFile {
    /// The media type, by extension.
    pub fn media_type(&self) -> &'static str {
        file_types::from_extension(self.path.extension()).unwrap_or_default()
    }
}

impl RenderedFile {
    /// The file as a manifest lists it.
    pub fn to_listed(&self) -> ListedFile {
        ListedFile { path: self.path.clone(), digest: self.digest, size: self.size }
    }

    /// Creates a file from bytes in memory.
    pub(super) fn new(path: RelPath, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self { path, media_type, digest, size: bytes.len() as u64, body: ByteSource::Memory(bytes.into()) }
    }
}
