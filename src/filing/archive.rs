//! The archive, beside a content folder or elsewhere: the files of what was published from this machine, by their digests.
//! Never writes into it, and never trusts a file whose bytes have another digest.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::ids::SiteId;
use crate::base::limits::HEAD_BYTES;
use crate::base::times::Timestamp;
use crate::program::manifest::ManifestFile;
use crate::store::backend::StoreBackend as _;
use crate::store::folder_store::FolderStore;
use crate::store::layout;
use crate::trust::head::{Head, HeadNumber};

/// Where the archive of a content folder lies unless a command names another place.
pub fn beside(content: &Path) -> PathBuf {
    content.parent().unwrap_or(content).join("archive")
}

/// An archive to read from; empty where there is none.
#[derive(Clone, Default)]
pub struct Archive(Option<Arc<FolderStore>>);

impl Archive {
    /// The archive in a folder.
    pub fn open(folder: &Path) -> Self {
        Self(FolderStore::open_read_only(folder).ok().map(Arc::new))
    }

    /// A file of a program, if the archive has it whole.
    pub fn source(&self, file: &ManifestFile) -> Option<ByteSource> {
        self.0.as_ref()?.local_source(file.sha256, file.size)
    }

    /// The newest release of a site that lists a program, and whether it is the site's newest; `None` if the archive knows of none.
    pub fn release_of(&self, site: &SiteId, program: Digest) -> Option<(HeadNumber, bool)> {
        let (archive, named) = (self.0.as_ref()?, program.to_string());
        let numbers = archive.head_numbers(site).ok()?;
        let lists = |number: &HeadNumber| {
            let bytes = archive.read(&layout::head(site, *number), HEAD_BYTES).ok().flatten();
            // A site has years of heads: only one that holds the digest is parsed.
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| text.contains(&named));
            let head: Option<Head> = text.and_then(|text| serde_json::from_str(&text).ok());
            head.is_some_and(|head| head.programs.iter().any(|entry| entry.program == program))
        };
        let found = numbers.iter().rev().copied().find(lists)?;
        Some((found, numbers.last() == Some(&found)))
    }

    /// The newest release of a site, and when it was signed by its own words; `None` if the archive knows of none.
    pub fn last_release(&self, site: &SiteId) -> Option<(HeadNumber, Timestamp)> {
        let archive = self.0.as_ref()?;
        let number = archive.head_numbers(site).ok()?.into_iter().next_back()?;
        let bytes = archive.read(&layout::head(site, number), HEAD_BYTES).ok()??;
        let head: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        Some((number, Timestamp::parse(head["issued"].as_str()?)?))
    }

    /// The bytes of a file of a program.
    pub fn read(&self, file: &ManifestFile) -> io::Result<Vec<u8>> {
        let source = self.source(file).ok_or(io::ErrorKind::NotFound)?;
        read_stream_limited(source.open()?, file.size)
    }
}
