//! A store on a server: lists it once, caches the result, and creates documents exclusively as far as the server supports that.
//! Never speaks a protocol: a [`RemoteServer`] does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::backend::{ProgressFn, StoreBackend, StoreEntry, conflict_failure, not_given_back};
use super::layout;
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::limits::{HINT_BYTES, STORE_FOLDERS};
use crate::base::lock::MutexExt as _;
use crate::base::numbers;
use crate::base::text::Text;
use crate::trust::hint::Hint;

/// A file from a server, with the marks that identify its version.
#[derive(Clone, Debug, Default)]
pub struct RemoteFile {
    pub bytes: Vec<u8>,
    pub etag: Option<String>,
    /// Version or generation in a bucket.
    pub version: Option<String>,
}

/// The direct contents of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct FolderListing {
    pub files: Vec<StoreEntry>,
    /// With a trailing slash.
    pub folders: Vec<String>,
}

impl FolderListing {
    /// Whether it names nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// The folders that it names something of, each with the folders directly in it; `""` is the whole.
    fn opened(&self) -> BTreeMap<String, Vec<String>> {
        let mut opened: BTreeMap<String, Vec<String>> = [(String::new(), Vec::new())].into();
        let parent = |path: &str| path.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
        for file in &self.files {
            opened.entry(file.path[..parent(&file.path)].to_owned()).or_default();
        }
        for folder in &self.folders {
            opened.entry(folder[..parent(folder)].to_owned()).or_default().push(folder.clone());
        }
        opened
    }
}

/// A kind of server.
pub trait RemoteServer: Send + Sync {
    /// The address, for messages.
    fn name(&self) -> String;

    /// Reads a file of at most `limit` bytes; `None` if it is absent. A longer file yields `limit` + 1 bytes.
    fn get(&self, path: &str, limit: u64) -> Result<Option<RemoteFile>, Failure>;

    /// Opens a file as a stream; `None` if it is absent.
    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure>;

    /// A file's length in bytes; `None` if it is absent.
    fn size(&self, path: &str) -> Result<Option<u64>, Failure>;

    /// Lists every file and folder in few requests; `None` if this server can't. A folder of which nothing is named may not be empty.
    fn list_all(&self) -> Result<Option<FolderListing>, Failure>;

    /// Lists one folder (`""` or with a trailing slash); `None` if this server can't list.
    fn list_folder(&self, folder: &str) -> Result<Option<FolderListing>, Failure>;

    /// Creates a file; false if it exists.
    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure>;

    /// Whether concurrent creates of the same path are mutually exclusive. `there` is an existing file with content `bytes`, used to probe.
    fn is_exclusive(&self, there: &str, bytes: &[u8]) -> Result<bool, Failure>;

    /// Replaces a file if it is still the version `seen` (`None`: still absent); else returns false.
    fn replace(&self, path: &str, bytes: &[u8], seen: Option<&RemoteFile>) -> Result<bool, Failure>;

    /// Streams an object and hashes it on the way; different content leaves nothing under its name.
    fn send(&self, path: &str, object: (Digest, u64), source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure>;

    /// Removes a file; an absent file is no error.
    fn remove(&self, path: &str) -> Result<(), Failure>;
}

/// Concurrent requests.
const WRITERS: usize = 8;
/// Attempts to write a hint while other publishers write it.
const HINT_TRIES: usize = 5;

#[derive(Default)]
struct ListingCache {
    /// Result of the request for all files: whether the server listed all of them; `None` before it.
    listed: Option<bool>,
    /// Those whose contents are known, with the folders in them.
    folders: BTreeMap<String, Vec<String>>,
    listing_unsupported: bool,
    /// By path; `None`: absent.
    files: BTreeMap<String, Option<StoreEntry>>,
    /// Files read so far; `None`: absent.
    read: BTreeMap<String, Option<RemoteFile>>,
}

/// A store on a server.
pub struct RemoteStore {
    server: Box<dyn RemoteServer>,
    known: Mutex<ListingCache>,
    lacks_exclusive_create: AtomicBool,
}

impl RemoteStore {
    /// Wraps a server.
    pub fn new(server: Box<dyn RemoteServer>) -> Self {
        Self::knowing(server, ListingCache::default())
    }

    /// Wraps a server of which a few files are read, each asked for by itself: to list a big store takes long.
    pub fn unlisted(server: Box<dyn RemoteServer>) -> Self {
        Self::knowing(server, ListingCache { listed: Some(false), listing_unsupported: true, ..ListingCache::default() })
    }

    fn knowing(server: Box<dyn RemoteServer>, known: ListingCache) -> Self {
        Self { server, known: Mutex::new(known), lacks_exclusive_create: AtomicBool::new(false) }
    }

    /// Fetches the listing once: one request covers a thousand files.
    fn listing(&self) -> Result<Option<MutexGuard<'_, ListingCache>>, Failure> {
        let mut known = self.known.hold();
        if known.listed.is_none() {
            let found = self.server.list_all()?;
            let opened = found.as_ref().map(FolderListing::opened).unwrap_or_default();
            // A server may answer as if one folder was asked for: those of which nothing is named are still to be listed.
            let whole = found.as_ref().is_some_and(|found| found.folders.iter().all(|folder| opened.contains_key(folder)));
            known.listed = Some(whole);
            known.folders = opened;
            for entry in found.into_iter().flat_map(|found| found.files) {
                known.files.insert(entry.path.clone(), Some(entry));
            }
        }
        Ok((known.listed == Some(true)).then_some(known))
    }

    /// The folders in a folder; caches its files too. For servers that can't list everything at once.
    fn list_folder(&self, folder: &str) -> Result<Option<Vec<String>>, Failure> {
        let known = self.known.hold();
        if let Some(folders) = known.folders.get(folder) {
            return Ok(Some(folders.clone()));
        }
        if known.listing_unsupported {
            return Ok(None);
        }
        drop(known);
        let found = self.server.list_folder(folder)?;
        let mut known = self.known.hold();
        let Some(found) = found else {
            known.listing_unsupported = true;
            return Ok(None);
        };
        for entry in found.files {
            known.files.entry(entry.path.clone()).or_insert(Some(entry));
        }
        let inside = |other: &String| other.len() > folder.len() && other.starts_with(folder);
        let folders: Vec<_> = found.folders.into_iter().filter(inside).collect();
        known.folders.insert(folder.to_owned(), folders.clone());
        Ok(Some(folders))
    }

    fn remember(&self, path: &str, size: Option<u64>) {
        let mut known = self.known.hold();
        let entry = size.map(|size| StoreEntry { path: path.to_owned(), size, modified: i64::MAX });
        known.files.insert(path.to_owned(), entry);
        known.read.remove(path);
    }

    fn get(&self, path: &str, limit: u64) -> Result<Option<RemoteFile>, Failure> {
        if let Some(got) = self.known.hold().read.get(path) {
            return Ok(got.clone());
        }
        // A file that the listing lacks needs no request.
        if let Some(known) = self.listing()?
            && !matches!(known.files.get(path), Some(Some(_)))
        {
            return Ok(None);
        }
        let got = self.server.get(path, limit)?;
        self.known.hold().read.insert(path.to_owned(), got.clone());
        Ok(got)
    }
}

/// A walk through folders that has no end: a link may lead back to a folder above it.
fn too_many_folders(name: &str) -> Failure {
    let Text { vi, en } = numbers::count(STORE_FOLDERS as u64);
    Failure::External(crate::text!(
        vi: "{name}: kho có quá {vi} thư mục; hãy xem trên máy chủ có liên kết nào dẫn ngược lên thư mục trên không",
        en: "{name}: the store has more than {en} folders; look on the server whether a link leads back to a folder above it"
    ))
}

impl StoreBackend for RemoteStore {
    fn name(&self) -> String {
        self.server.name()
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.get(path, limit)?.map(|got| got.bytes))
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure> {
        self.server.open(path)
    }

    fn size(&self, path: &str) -> Result<Option<u64>, Failure> {
        if let Some(known) = self.listing()? {
            return Ok(known.files.get(path).and_then(Option::as_ref).map(|entry| entry.size));
        }
        let folder = path.rfind('/').map_or("", |at| &path[..=at]);
        let answers = |known: &ListingCache| known.files.contains_key(path) || known.folders.contains_key(folder);
        if !answers(&self.known.hold()) {
            self.list_folder(folder)?;
        }
        let known = self.known.hold();
        if answers(&known) {
            return Ok(known.files.get(path).and_then(Option::as_ref).map(|entry| entry.size));
        }
        drop(known);
        let size = self.server.size(path)?;
        self.remember(path, size);
        Ok(size)
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<StoreEntry>>, Failure> {
        let below = |path: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let matching = |known: &ListingCache| known.files.values().flatten().filter(|entry| below(&entry.path)).cloned().collect();
        if let Some(known) = self.listing()? {
            return Ok(Some(matching(&known)));
        }
        let mut open = vec![if folder.is_empty() { String::new() } else { format!("{folder}/") }];
        let mut seen = BTreeSet::new();
        while let Some(next) = open.pop() {
            let Some(folders) = self.list_folder(&next)? else { return Ok(None) };
            open.extend(folders.into_iter().filter(|folder| seen.insert(folder.clone())));
            if seen.len() > STORE_FOLDERS {
                return Err(too_many_folders(&self.name()));
            }
        }
        Ok(Some(matching(&self.known.hold())))
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        if self.size(path)?.is_some() {
            return Ok(false);
        }
        if !self.server.create(path, bytes)? {
            let size = self.server.size(path)?;
            self.remember(path, size);
            return Ok(false);
        }
        self.remember(path, Some(bytes.len() as u64));
        // Without exclusive creates, a concurrent publisher may have overwritten this file: read it back.
        if self.lacks_exclusive_create.load(Ordering::SeqCst) {
            let there = self.server.get(path, bytes.len() as u64 + 1)?.map(|got| got.bytes).unwrap_or_default();
            if there.is_empty() {
                return Err(not_given_back(&self.name(), path));
            }
            if there != bytes {
                return Err(conflict_failure(&self.name(), path));
            }
        }
        Ok(true)
    }

    fn check_exclusive_create(&self, there: &str, bytes: &[u8]) -> Result<Option<Text>, Failure> {
        if self.server.is_exclusive(there, bytes)? {
            return Ok(None);
        }
        self.lacks_exclusive_create.store(true, Ordering::SeqCst);
        let name = self.name();
        Ok(Some(crate::text!(
            vi: "{name} không hỗ trợ ghi có điều kiện: hai người phát hành cùng một lúc có thể ghi đè lên nhau; hãy chỉ phát hành từ một nơi",
            en: "{name} does not support conditional writes: two people who publish at the same moment may overwrite each other's work; publish from one place only"
        )))
    }

    fn replace_hint(&self, path: &str, latest: Hint) -> Result<(), Failure> {
        for again in 0..HINT_TRIES {
            let seen = if again == 0 { self.get(path, HINT_BYTES)? } else { self.server.get(path, HINT_BYTES)? };
            // A concurrent publisher wrote the hint: keep its newer numbers.
            let theirs = seen.as_ref().filter(|_| again > 0).and_then(|got| Hint::parse(&got.bytes));
            let bytes = theirs.map_or(latest, |theirs| latest.merge_newest(theirs)).to_bytes();
            if seen.as_ref().is_some_and(|got| got.bytes == bytes) {
                return Ok(());
            }
            if self.server.replace(path, &bytes, seen.as_ref())? {
                self.remember(path, Some(bytes.len() as u64));
                return Ok(());
            }
        }
        Err(conflict_failure(&self.name(), path))
    }

    fn has_object(&self, digest: Digest, size: u64) -> Result<bool, Failure> {
        Ok(self.size(&layout::object(digest))? == Some(size))
    }

    fn put_object(&self, digest: Digest, size: u64, source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure> {
        let path = layout::object(digest);
        self.server.send(&path, (digest, size), source, sent)?;
        self.remember(&path, Some(size));
        Ok(())
    }

    fn local_source(&self, _: Digest, _: u64) -> Option<ByteSource> {
        None
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        self.server.remove(path)?;
        self.remember(path, None);
        Ok(())
    }

    fn max_writers(&self) -> usize {
        WRITERS
    }
}
