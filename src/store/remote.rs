//! A store on a server: what is there is asked for once, and every write is one that nobody else can have made at the same moment, as far
//! as the server keeps such promises. Never speaks a protocol: a [`Server`] does.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::layout;
use super::place::{Entry, Place, Sent, conflict};
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::limits::LATEST_BYTES;
use crate::base::lock::MutexExt as _;
use crate::base::text::Text;
use crate::trust::latest::Latest;

/// A file as a server gave it, with what tells it from a later one.
#[derive(Clone, Debug, Default)]
pub struct Got {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// Its version or generation.
    pub version: Option<String>,
}

/// What lies right in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files.
    pub files: Vec<Entry>,
    /// Folders, with a slash at their end.
    pub folders: Vec<String>,
}

/// A kind of server.
pub trait Server: Send + Sync {
    /// Its address, for people.
    fn name(&self) -> String;

    /// A file of at most `limit` bytes; `None` if it is not there.
    fn get(&self, path: &str, limit: u64) -> Result<Option<Got>, Failure>;

    /// A file as a stream; `None` if it is not there.
    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure>;

    /// A file's length; `None` if it is not there.
    fn size(&self, path: &str) -> Result<Option<u64>, Failure>;

    /// Every file, in few requests; `None` if this server can't tell so much at once.
    fn list_all(&self) -> Result<Option<Vec<Entry>>, Failure>;

    /// What lies right in a folder (`""` or with a slash at its end); `None` if this server can't list.
    fn list_folder(&self, folder: &str) -> Result<Option<Listing>, Failure>;

    /// Creates a file; false if there is one.
    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure>;

    /// Whether `create` keeps two apart that come at the same moment. `there` is a file with its bytes, by which that can be tried.
    fn is_exclusive(&self, there: &str, bytes: &[u8]) -> Result<bool, Failure>;

    /// Writes a file that may change, if it is still the one seen (`None`: still absent); false if it is not.
    fn replace(&self, path: &str, bytes: &[u8], seen: Option<&Got>) -> Result<bool, Failure>;

    /// Sends an object, streaming, hashed on the way; other bytes leave nothing under its name.
    fn send(&self, path: &str, object: (Digest, u64), source: &ByteSource, sent: Sent<'_>) -> Result<(), Failure>;

    /// Removes a file; one that is not there is fine.
    fn remove(&self, path: &str) -> Result<(), Failure>;
}

/// How many requests are under way at the same time.
const WRITERS: usize = 8;
/// How often a hint is written anew when others write it at the same time.
const HINT_TRIES: usize = 5;

/// What is known of the server's files.
#[derive(Default)]
struct Known {
    /// Whether all files were asked for at once, and told.
    listed: Option<bool>,
    /// Folders whose files were told.
    folders: BTreeSet<String>,
    /// The server can't list at all.
    lists_nothing: bool,
    /// Files by path; `None`: not there.
    files: BTreeMap<String, Option<Entry>>,
    /// Small files that were read.
    read: BTreeMap<String, Option<Got>>,
}

/// A store on a server.
pub struct Remote {
    server: Box<dyn Server>,
    known: Mutex<Known>,
    doubtful: AtomicBool,
}

impl Remote {
    /// A store on this server.
    pub fn new(server: Box<dyn Server>) -> Self {
        Self { server, known: Mutex::default(), doubtful: AtomicBool::new(false) }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.hold()
    }

    /// The listing, taken once: one request tells of a thousand files, where asking for each would take as many.
    fn listing(&self) -> Result<Option<MutexGuard<'_, Known>>, Failure> {
        let mut known = self.known();
        if known.listed.is_none() {
            let found = self.server.list_all()?;
            known.listed = Some(found.is_some());
            for entry in found.into_iter().flatten() {
                known.files.insert(entry.path.clone(), Some(entry));
            }
        }
        Ok((known.listed == Some(true)).then_some(known))
    }

    /// Where all can't be told at once: the folder of a file, which one request tells, and its neighbours with it.
    fn list_folder(&self, folder: &str) -> Result<Option<Vec<String>>, Failure> {
        if self.known().lists_nothing {
            return Ok(None);
        }
        let found = self.server.list_folder(folder)?;
        let mut known = self.known();
        let Some(found) = found else {
            known.lists_nothing = true;
            return Ok(None);
        };
        known.folders.insert(folder.to_owned());
        for entry in found.files {
            known.files.entry(entry.path.clone()).or_insert(Some(entry));
        }
        Ok(Some(found.folders))
    }

    fn learn(&self, path: &str, size: Option<u64>) {
        let mut known = self.known();
        let entry = size.map(|size| Entry { path: path.to_owned(), size, modified: i64::MAX });
        known.files.insert(path.to_owned(), entry);
        known.read.remove(path);
    }

    fn get(&self, path: &str, limit: u64) -> Result<Option<Got>, Failure> {
        if let Some(got) = self.known().read.get(path) {
            return Ok(got.clone());
        }
        // What the listing lacks need not be asked for.
        if let Some(known) = self.listing()?
            && !matches!(known.files.get(path), Some(Some(_)))
        {
            return Ok(None);
        }
        let got = self.server.get(path, limit)?;
        self.known().read.insert(path.to_owned(), got.clone());
        Ok(got)
    }
}

impl Place for Remote {
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
        for again in [false, true] {
            let known = self.known();
            if let Some(file) = known.files.get(path) {
                return Ok(file.as_ref().map(|entry| entry.size));
            }
            if known.folders.contains(folder) {
                return Ok(None);
            }
            drop(known);
            if again || self.list_folder(folder)?.is_none() {
                break;
            }
        }
        let size = self.server.size(path)?;
        self.learn(path, size);
        Ok(size)
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<Entry>>, Failure> {
        let below = |path: &str| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let told = |known: &Known| known.files.values().flatten().filter(|entry| below(&entry.path)).cloned().collect();
        if let Some(known) = self.listing()? {
            return Ok(Some(told(&known)));
        }
        let mut open = vec![if folder.is_empty() { String::new() } else { format!("{folder}/") }];
        while let Some(next) = open.pop() {
            let Some(folders) = self.list_folder(&next)? else { return Ok(None) };
            open.extend(folders.into_iter().filter(|folder| folder.len() > next.len()));
        }
        Ok(Some(told(&self.known())))
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        if self.size(path)?.is_some() {
            return Ok(false);
        }
        if !self.server.create(path, bytes)? {
            let size = self.server.size(path)?;
            self.learn(path, size);
            return Ok(false);
        }
        self.learn(path, Some(bytes.len() as u64));
        // Where two can create one file, whoever wrote first may find the other's bytes now.
        if self.doubtful.load(Ordering::SeqCst)
            && self.server.get(path, bytes.len() as u64 + 1).ok().flatten().is_none_or(|got| got.bytes != bytes)
        {
            return Err(conflict(&self.name(), path));
        }
        Ok(true)
    }

    fn exclusive(&self, there: &str, bytes: &[u8]) -> Result<Option<Text>, Failure> {
        if self.server.is_exclusive(there, bytes)? {
            return Ok(None);
        }
        self.doubtful.store(true, Ordering::SeqCst);
        let name = self.name();
        Ok(Some(crate::text!(
            vi: "{name} không biết ghi có điều kiện: hai người phát hành cùng một lúc có thể đè lên nhau; hãy chỉ phát hành từ một nơi",
            en: "{name} knows no conditional writes: two that publish at the same moment may overwrite each other; publish from one place only"
        )))
    }

    fn replace(&self, path: &str, latest: Latest) -> Result<(), Failure> {
        let bytes = latest.to_bytes();
        for again in 0..HINT_TRIES {
            let seen = if again == 0 { self.get(path, LATEST_BYTES)? } else { self.server.get(path, LATEST_BYTES)? };
            if seen.as_ref().is_some_and(|got| got.bytes == bytes) {
                return Ok(());
            }
            // Somebody has published after us: what is newer in theirs stays.
            let theirs = seen.as_ref().filter(|_| again > 0).and_then(|got| Latest::parse(&got.bytes));
            let bytes = theirs.map_or_else(|| bytes.clone(), |theirs| latest.newest(theirs).to_bytes());
            if seen.as_ref().is_some_and(|got| got.bytes == bytes) {
                return Ok(());
            }
            if self.server.replace(path, &bytes, seen.as_ref())? {
                self.learn(path, Some(bytes.len() as u64));
                return Ok(());
            }
        }
        Err(conflict(&self.name(), path))
    }

    fn has_object(&self, digest: Digest, size: u64) -> Result<bool, Failure> {
        Ok(self.size(&layout::object(digest))? == Some(size))
    }

    fn put_object(&self, digest: Digest, size: u64, source: &ByteSource, sent: Sent<'_>) -> Result<(), Failure> {
        let path = layout::object(digest);
        self.server.send(&path, (digest, size), source, sent)?;
        self.learn(&path, Some(size));
        Ok(())
    }

    fn on_disk(&self, _: Digest, _: u64) -> Option<ByteSource> {
        None
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        self.server.remove(path)?;
        self.learn(path, None);
        Ok(())
    }

    fn writers(&self) -> usize {
        WRITERS
    }
}
