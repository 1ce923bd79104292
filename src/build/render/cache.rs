//! Caches renditions and cut fonts in a folder, which saves decoding and resizing in the next build.
//! Never trusts an entry: its bytes must match the digest written in it; a lost or damaged one is rendered again.

use std::path::PathBuf;

use crate::base::digest::Digest;
use crate::base::files::{read_regular_file, replace_unsynced};
use crate::base::limits::RENDITION_BYTES;
use crate::base::os;

/// Raised whenever the same picture and size would encode differently.
pub const ENCODER_VERSION: &str = "bangtin-rendition/2";

/// An encoded picture, or a font.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    pub bytes: Vec<u8>,
    /// `jpg`, `png`; `woff2` of a font that was cut down.
    pub extension: &'static str,
}

/// A cache; without a folder it holds nothing.
#[derive(Clone)]
pub struct RenditionCache(pub Option<PathBuf>);

impl RenditionCache {
    /// Returns the entry of a key, if it is present and whole.
    pub fn get(&self, key: &Digest) -> Option<Rendition> {
        let path = self.path(key)?;
        let bytes = read_regular_file(&path, RENDITION_BYTES).ok()?;
        os::touch(&path);
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
        let (extension, digest) = head.strip_prefix(ENCODER_VERSION)?.strip_prefix(' ')?.split_once(' ')?;
        let extension = ["jpg", "png", "woff2"].into_iter().find(|known| *known == extension)?;
        (Digest::parse(digest)? == Digest::of(body)).then(|| Rendition { bytes: body.to_vec(), extension })
    }

    /// Stores an entry. Ignores write errors: the next build does the work again.
    pub fn put(&self, key: &Digest, entry: &Rendition) {
        let Some(path) = self.path(key) else { return };
        let head = format!("{ENCODER_VERSION} {} {}\n", entry.extension, Digest::of(&entry.bytes));
        let _ = replace_unsynced(&path, &[head.as_bytes(), &entry.bytes].concat());
    }

    fn path(&self, key: &Digest) -> Option<PathBuf> {
        let name = key.to_string();
        Some(self.0.as_ref()?.join(&name[..2]).join(name))
    }
}
