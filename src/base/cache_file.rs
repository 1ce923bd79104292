//! An append-only file of named entries: results that a command saves for the next run. Entries that are torn, damaged or written under
//! another `kind` are ignored. Never required: without the file the work is done again.

use std::collections::{BTreeMap, HashMap};
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::digest::Digest;
use super::files::{self, read_file_limited};

use crate::base::limits::LEDGER_BYTES;

/// Length and checksum before each entry.
const ENTRY_HEADER_BYTES: usize = 8;
/// Space that replaced entries may take before the file is rewritten.
const COMPACTION_SLACK_BYTES: usize = 256 << 10;

/// The contents of a cache file. `kind` alone decides whether entries can be used: under another kind the file reads as empty.
pub struct CacheFile {
    path: Option<PathBuf>,
    kind: Digest,
    bytes: OnceLock<Vec<u8>>,
}

/// The current entries by name, and the bytes they take.
pub struct CacheEntries<'a> {
    named: HashMap<&'a str, &'a [u8]>,
    live_bytes: usize,
    /// End of the valid part of the file.
    valid_end: usize,
}

/// Changes to save: entries to set, and entries to remove (`None`).
pub type CacheUpdates = BTreeMap<String, Option<Vec<u8>>>;

impl CacheFile {
    /// Opens a cache file; it is read when its entries are first used. Without a path or a file it is empty.
    pub fn open(path: Option<PathBuf>, kind: Digest) -> Self {
        Self { path, kind, bytes: OnceLock::new() }
    }

    /// Reads the file now, so that a later [`Self::entries`] does not wait.
    pub fn prefetch(&self) {
        self.bytes();
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get_or_init(|| self.path.as_deref().and_then(|path| read_file_limited(path, LEDGER_BYTES).ok()).unwrap_or_default())
    }

    /// The entries, the last of each name.
    pub fn entries(&self) -> CacheEntries<'_> {
        let mut entries = CacheEntries { named: HashMap::with_capacity(self.bytes().len() / 256), live_bytes: 0, valid_end: 0 };
        while let Some((name, value, next)) = self.entry(entries.valid_end) {
            let size = next - entries.valid_end;
            let old = if value.is_empty() { entries.named.remove(name) } else { entries.named.insert(name, value) };
            entries.live_bytes =
                (entries.live_bytes + size).saturating_sub(old.map_or(0, |old| ENTRY_HEADER_BYTES + 2 + name.len() + old.len()));
            entries.valid_end = next;
        }
        entries
    }

    fn entry(&self, at: usize) -> Option<(&str, &[u8], usize)> {
        let bytes = self.bytes();
        let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let (length, sum) = (number(at)? as usize, number(at + 4)?);
        let body = bytes.get(at + ENTRY_HEADER_BYTES..(at + ENTRY_HEADER_BYTES).checked_add(length)?)?;
        if checksum(&self.kind, body) != sum {
            return None;
        }
        let (size, rest) = body.split_first_chunk::<2>()?;
        let (name, value) = rest.split_at_checked(usize::from(u16::from_le_bytes(*size)))?;
        Some((std::str::from_utf8(name).ok()?, value, at + ENTRY_HEADER_BYTES + length))
    }

    /// Saves the changes; a failed write is ignored. `keeps` says whether an unchanged entry is kept; it is called only when the file is
    /// rewritten.
    pub fn save(&self, entries: &CacheEntries<'_>, changes: &CacheUpdates, keeps: impl Fn(&str) -> bool) {
        let Some(path) = &self.path else { return };
        let length = self.bytes().len();
        let whole = entries.valid_end == length && length > 0;
        if changes.is_empty() && whole {
            return files::touch(path);
        }
        let mut out = Vec::new();
        let added = changes.iter().filter(|(_, value)| value.is_some());
        if whole && length <= 2 * entries.live_bytes + COMPACTION_SLACK_BYTES {
            changes.iter().for_each(|(name, value)| encode_entry(&mut out, &self.kind, name, value.as_deref().unwrap_or_default()));
            let _ = append_bytes(path, &out);
            return;
        }
        let mut all: Vec<(&str, &[u8])> = entries.named.iter().map(|(name, value)| (*name, *value)).collect();
        all.retain(|(name, _)| !changes.contains_key(*name) && keeps(name));
        all.extend(added.map(|(name, value)| (name.as_str(), value.as_deref().unwrap_or_default())));
        all.sort_unstable();
        all.into_iter().for_each(|(name, value)| encode_entry(&mut out, &self.kind, name, value));
        let _ = rewrite(path, &out);
    }
}

impl<'a> CacheEntries<'a> {
    /// The entry of a name.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.named.get(name).copied()
    }

    /// The names of all entries.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.named.keys().copied()
    }
}

/// The sum includes the kind: entries appended under another kind then fail it.
fn checksum(kind: &Digest, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(kind.as_bytes());
    sum.update(body);
    sum.finalize()
}

fn encode_entry(out: &mut Vec<u8>, kind: &Digest, name: &str, value: &[u8]) {
    let (Ok(size), Ok(length)) = (u16::try_from(name.len()), u32::try_from(2 + name.len() + value.len())) else { return };
    let at = out.len();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(value);
    let sum = checksum(kind, &out[at + ENTRY_HEADER_BYTES..]);
    out[at + 4..at + ENTRY_HEADER_BYTES].copy_from_slice(&sum.to_le_bytes());
}

/// Appends with one write, so that entries of two concurrent commands do not mix.
fn append_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(bytes)
}

/// Does not sync: an entry torn by a power cut fails its checksum.
fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
    temp.write_all(bytes)?;
    temp.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(ledger: &CacheFile) -> Vec<(String, Vec<u8>)> {
        let entries = ledger.entries();
        let mut all: Vec<_> = entries.names().map(|name| (name.to_owned(), entries.get(name).unwrap().to_vec())).collect();
        all.sort();
        all
    }

    #[test]
    fn entries_are_added_replaced_and_forgotten_and_torn_ones_are_absent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/ledger");
        let open = |kind: &[u8]| CacheFile::open(Some(path.clone()), Digest::of(kind));
        let save = |changes: &[(&str, Option<&[u8]>)]| {
            let changes = changes.iter().map(|(name, value)| ((*name).to_owned(), value.map(<[u8]>::to_vec))).collect();
            let ledger = open(b"k");
            ledger.save(&ledger.entries(), &changes, |_| true);
        };
        save(&[("a", Some(b"1")), ("b", Some(b"2"))]);
        save(&[("a", None), ("c", Some(b"3")), ("b", Some(b"4"))]);
        let now = vec![("b".to_owned(), b"4".to_vec()), ("c".to_owned(), b"3".to_vec())];
        assert_eq!(names(&open(b"k")), now);
        assert!(names(&open(b"another kind")).is_empty());
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            assert!(names(&open(b"k")).len() <= 2);
            save(&[("d", Some(b"5"))]);
            assert!(names(&open(b"k")).contains(&("d".to_owned(), b"5".to_vec())), "cut at {length}");
        }
    }
}
