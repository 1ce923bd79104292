//! A file that saves one value of a command for its next run. A torn, damaged or foreign file reads as no value.
//! Never required: without the file the work is done again.

use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::digest::Digest;
use super::files::{read_regular_file, replace_unsynced};
use super::limits::CACHE_FILE_BYTES;
use super::os;

/// A cache file: checksum, then the value in postcard's form.
pub struct CacheFile {
    path: Option<PathBuf>,
    kind: Digest,
}

impl CacheFile {
    /// The cache file at a path; without a path it holds nothing. `kind` covers all that decides whether a saved value can be used: one that
    /// was saved under another kind is not read.
    pub fn new(path: Option<PathBuf>, kind: Digest) -> Self {
        Self { path, kind }
    }

    /// The saved value; `None` if there is none that can be used.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let bytes = read_regular_file(self.path.as_deref()?, CACHE_FILE_BYTES).ok()?;
        let (sum, value) = bytes.split_first_chunk()?;
        (*sum == self.checksum(value)).then(|| postcard::from_bytes(value).ok())?
    }

    /// Saves a value in place of the former one; a failed write is ignored.
    pub fn write<T: Serialize>(&self, value: &T) {
        if let (Some(path), Ok(value)) = (&self.path, postcard::to_allocvec(value)) {
            let _ = replace_unsynced(path, &[&self.checksum(&value), value.as_slice()].concat());
        }
    }

    /// Marks the file as used now: what has not been used for long is removed.
    pub fn touch(&self) {
        if let Some(path) = &self.path {
            os::touch(path);
        }
    }

    fn checksum(&self, value: &[u8]) -> [u8; 4] {
        let mut sum = crc32fast::Hasher::new();
        sum.update(self.kind.as_bytes());
        sum.update(value);
        sum.finalize().to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_only_whole_and_under_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/value");
        let open = |kind: &[u8]| CacheFile::new(Some(path.clone()), Digest::of(kind));
        let read = |kind: &[u8]| open(kind).read::<Vec<String>>();
        open(b"k").write(&vec!["old"]);
        open(b"k").write(&vec!["new", "er"]);
        assert_eq!(read(b"k"), Some(vec!["new".to_owned(), "er".to_owned()]));
        assert_eq!(read(b"another kind"), None);
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert_eq!(read(b"k"), None, "cut at {length}");
        }
    }
}
