//! The folder of finished renditions: saves decoding and resizing on the next build.
//! Never trusted: an entry counts only if its bytes have the digest written in it; a lost or spoilt one is made again.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use crate::base::digest::Digest;
use crate::base::files::{read_file_limited, touch};
use crate::base::limits::RENDITION_BYTES;

/// Raised whenever the same picture and size would give other bytes.
pub const ENCODER_VERSION: &str = "bangtin-rendition/1";

/// A rendition: bytes, and whether they are a PNG (else a JPEG).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    /// Its extension: `jpg` or `png`.
    pub extension: &'static str,
}

/// A cache; without a folder it holds nothing.
pub struct RenditionCache(pub Option<PathBuf>);

impl RenditionCache {
    /// The entry under a key, if it is there and whole.
    pub fn get(&self, key: &Digest) -> Option<Rendition> {
        let path = self.path(key)?;
        let bytes = read_file_limited(&path, RENDITION_BYTES).ok()?;
        touch(&path);
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
        let (extension, digest) = head.strip_prefix(ENCODER_VERSION)?.strip_prefix(' ')?.split_once(' ')?;
        let extension = ["jpg", "png"].into_iter().find(|known| *known == extension)?;
        (Digest::parse(digest)? == Digest::of(body)).then(|| Rendition { bytes: body.to_vec(), extension })
    }

    /// Keeps an entry. A cache that can't be written is no fault: the next build does the work again.
    pub fn put(&self, key: &Digest, entry: &Rendition) {
        let Some(path) = self.path(key) else { return };
        let Some(folder) = path.parent() else { return };
        let head = format!("{ENCODER_VERSION} {} {}\n", entry.extension, Digest::of(&entry.bytes));
        // No sync: an entry torn by a power cut fails its digest.
        let write = || {
            fs::create_dir_all(folder)?;
            let mut temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
            temp.write_all(head.as_bytes())?;
            temp.write_all(&entry.bytes)?;
            temp.persist(&path).map_err(|error| error.error)
        };
        let _ = write();
    }

    fn path(&self, key: &Digest) -> Option<PathBuf> {
        let name = key.to_string();
        Some(self.0.as_ref()?.join(&name[..2]).join(name))
    }
}
