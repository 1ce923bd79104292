//! A file of named entries that grows at its end: what a command learnt and may use the next time. An entry that was torn, spoilt or written
//! by another kind of writer is as good as absent. Never needed: who finds nothing does the work again.

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
/// Entries that were replaced may take this much room before the file is written anew.
const COMPACTION_SLACK_BYTES: usize = 256 << 10;

/// The bytes of a ledger. All that decides whether entries are of use together is its `kind`: with another kind it is empty.
pub struct CacheFile {
    path: Option<PathBuf>,
    kind: Digest,
    bytes: OnceLock<Vec<u8>>,
}

/// The entries by name, and how many bytes they take.
pub struct CacheEntries<'a> {
    named: HashMap<&'a str, &'a [u8]>,
    live_bytes: usize,
    /// Where the good part of the file ends.
    valid_end: usize,
}

/// What a command wants remembered: entries to set, and entries to forget (`None`).
pub type CacheUpdates = BTreeMap<String, Option<Vec<u8>>>;

impl CacheFile {
    /// A ledger, read when its entries are first asked for; without a path, or without a file there, it is empty.
    pub fn open(path: Option<PathBuf>, kind: Digest) -> Self {
        Self { path, kind, bytes: OnceLock::new() }
    }

    /// Reads it now, for who has time now and asks for the entries later.
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

    /// Remembers. `keeps` says of entries that are neither set nor forgotten whether they are still worth their room; it is asked only when
    /// the file is written anew. A ledger that can't be written is no fault.
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

    /// The names that there are.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.named.keys().copied()
    }
}

/// The kind goes into the sum, so that entries of one kind appended to a file that has become another's are seen as spoilt.
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

/// One write, so that entries of two commands at the same time do not mix.
fn append_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().append(true).open(path)?.write_all(bytes)
}

/// No sync: what a power cut tears fails its sum.
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
