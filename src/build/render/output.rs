//! What rendering gives: files by the path that they have in a program.
//! Never writes them.

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::file_types;
use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;

/// One slide at one size: its page and all that it uses beyond the files of the theme.
#[derive(Clone, Debug)]
pub struct RenderedPage {
    /// See [`page_path`].
    pub path: RelPath,
    /// The page itself first, then its assets and fonts.
    pub files: Vec<RenderedFile>,
}

/// Where the page of a slide at one size lies: `slides/<id>@<w>x<h>.html`. One file a page, not a folder with one file in it: making,
/// walking and checking ten thousand folders took longer than all pages together.
pub fn page_path(id: &SlideId, (width, height): (u32, u32)) -> Option<RelPath> {
    RelPath::parse(&format!("slides/{id}@{width}x{height}.html"))
}

/// One file of a program.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// Its path in the program.
    pub path: RelPath,
    /// Its media type, one of the pairs that a manifest may list.
    pub media_type: &'static str,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
    /// Its bytes, or where they lie.
    pub body: ByteSource,
}

/// A file as a manifest lists it, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Its path in the program.
    pub path: RelPath,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

impl ListedFile {
    /// Its media type, which goes by the extension.
    pub fn media_type(&self) -> &'static str {
        file_types::from_extension(self.path.extension()).unwrap_or_default()
    }
}

impl RenderedFile {
    /// What a manifest says of it.
    pub fn to_listed(&self) -> ListedFile {
        ListedFile { path: self.path.clone(), digest: self.digest, size: self.size }
    }

    /// A file from bytes in memory.
    pub(super) fn new(path: RelPath, media_type: &'static str, bytes: Vec<u8>) -> Self {
        let digest = Digest::of(&bytes);
        Self { path, media_type, digest, size: bytes.len() as u64, body: ByteSource::Memory(bytes.into()) }
    }
}
