//! A player's files on disk, in the layout of a store: objects by digest, signed documents by path, parts of unfinished downloads.
//! Hashes every object while writing it. Never decides what to fetch, and never follows a symlink but one in place of its whole folder.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fs::{self, File};
use std::io::{self, Seek as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::partial_object::PartialObject;
use super::seen_objects::{LastDamage, SeenObjects};
use super::{layout, parallel};
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::lock::MutexExt as _;
use crate::base::os::{self, is_absent, open_regular};
use crate::base::stamp::FileStamp;

/// Levels of folders below a store's own, as in `approvals/<program>` and `sites/<site>/heads`, and itself.
const FOLDERS_DEEP: u32 = 4;

/// A player's own partial store.
#[derive(Clone, Debug)]
pub struct LocalStore {
    root: PathBuf,
    seen: Arc<Mutex<SeenObjects>>,
    /// Whether one that counted as there was doubted since somebody last asked.
    doubted: Arc<AtomicBool>,
}

impl LocalStore {
    /// The store in a folder, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), seen: Arc::default(), doubted: Arc::default() }
    }

    /// Reads a document of at most `limit` bytes; `None` if it is absent, longer, a symlink or not a file.
    pub fn document(&self, path: &str, limit: u64) -> io::Result<Option<Vec<u8>>> {
        match files::read_regular_file(&self.root.join(path), limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) || error.kind() == io::ErrorKind::FileTooLarge => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a document atomically, unless it already has this content.
    pub fn put_document(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if self.document(path, bytes.len() as u64).ok().flatten().is_some_and(|held| held == bytes) {
            return Ok(());
        }
        let target = self.root.join(path);
        self.make_way(&target)?;
        files::write_atomic(&target, bytes)
    }

    /// Removes a file or link where a folder of `target` belongs, and whatever is no file at `target` itself. From the top: what is below a
    /// link is somebody else's.
    fn make_way(&self, target: &Path) -> io::Result<()> {
        let folders: Vec<_> = target.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)).collect();
        for folder in folders.into_iter().rev() {
            let linked = folder == self.root && folder.is_dir();
            if !linked && fs::symlink_metadata(folder).is_ok_and(|meta| !meta.is_dir()) {
                files::remove_any(folder)?;
            }
        }
        if fs::symlink_metadata(target).is_ok_and(|meta| !meta.is_file()) { files::remove_any(target) } else { Ok(()) }
    }

    /// Removes the files and folders in a folder of documents whose names `keep` refuses.
    pub fn retain_documents(&self, folder: &str, keep: impl Fn(&str) -> bool) -> io::Result<()> {
        let names = self.list_names(folder)?;
        names.iter().filter(|name| !keep(name)).try_for_each(|name| files::remove_any(&self.root.join(folder).join(name)))
    }

    /// Lists the names in a folder of documents, sorted; empty without the folder, and behind a link.
    pub fn list_names(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = self.root.join(folder);
        let links = folder.ancestors().take_while(|each| *each != self.root).any(Path::is_symlink);
        let entries = match fs::read_dir(&folder) {
            _ if links => return Ok(Vec::new()),
            Ok(entries) => entries,
            Err(error) if is_absent(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect::<Vec<_>>();
        names.sort();
        Ok(names)
    }

    /// The first folder that can't be listed although it is there, and why: what lies below it is not absent.
    pub fn unreadable_folder(&self) -> Option<(PathBuf, io::Error)> {
        let (mut open, mut depth) = (vec![self.root.clone()], 0);
        while depth < FOLDERS_DEEP {
            let mut below = Vec::new();
            for folder in open {
                match fs::read_dir(&folder) {
                    Ok(entries) => {
                        let folders = entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
                        below.extend(folders.map(|entry| entry.path()));
                    }
                    Err(error) if is_absent(&error) => {}
                    Err(error) => return Some((folder, error)),
                }
            }
            below.sort_unstable();
            (open, depth) = (below, depth + 1);
        }
        None
    }

    /// Whether an object is there and was read through or written by this process: what an earlier one left counts for nothing. Never reads
    /// the object itself, which may take minutes: [`LocalStore::verify_unread`] does.
    pub fn contains(&self, digest: Digest, size: u64) -> bool {
        self.seen.hold().whole.contains_key(&digest) && self.may_contain(digest, size)
    }

    /// Whether an object is there by its name and size, read through or not.
    pub fn may_contain(&self, digest: Digest, size: u64) -> bool {
        fs::symlink_metadata(self.object_path(digest)).is_ok_and(|meta| meta.is_file() && meta.len() == size)
    }

    /// How many bytes of an object are there, in its place or in a part.
    pub fn bytes_of(&self, digest: Digest, size: u64) -> u64 {
        if self.may_contain(digest, size) {
            return size;
        }
        fs::symlink_metadata(self.part_path(digest)).map_or(0, |meta| meta.len().min(size))
    }

    /// Whether something lies in an object's place that has yet to be read through, whatever it is.
    pub fn is_unread(&self, digest: Digest) -> bool {
        !self.seen.hold().whole.contains_key(&digest) && fs::symlink_metadata(self.object_path(digest)).is_ok()
    }

    /// Notes as damaged those of these objects in whose place nothing lies, and gives them. What can't be read is not absent.
    pub fn missing(&self, among: impl IntoIterator<Item = Digest>) -> BTreeSet<Digest> {
        let gone = |digest: &Digest| fs::symlink_metadata(self.object_path(*digest)).is_err_and(|error| is_absent(&error));
        let gone: BTreeSet<Digest> = among.into_iter().filter(gone).collect();
        let mut seen = self.seen.hold();
        gone.iter().for_each(|digest| seen.add_damaged(*digest));
        gone
    }

    /// Lets objects count as absent until they are read through again. True if one of them counted as there: that the others lack is known.
    pub fn doubt(&self, objects: impl IntoIterator<Item = Digest>) -> bool {
        let mut seen = self.seen.hold();
        let any = objects.into_iter().filter(|digest| seen.whole.remove(digest).is_some()).count() > 0;
        drop(seen);
        self.doubted.fetch_or(any, Ordering::AcqRel);
        any
    }

    /// Doubts those of these objects whose files somebody else has changed or removed since they were read through or written.
    pub fn doubt_changed(&self, among: impl IntoIterator<Item = Digest>) {
        let (whole, mut changed, mut gone) = (self.seen.hold().whole.clone(), Vec::new(), Vec::new());
        for (digest, stamp) in among.into_iter().filter_map(|digest| Some((digest, whole.get(&digest)?))) {
            match self.stamp(digest) {
                Ok(now) if now == *stamp => {}
                Ok(_) => changed.push(digest),
                Err(error) if is_absent(&error) => gone.push(digest),
                // What can't be read is not gone.
                Err(_) => {}
            }
        }
        self.doubt(changed.into_iter().chain(gone.iter().copied()));
        let mut seen = self.seen.hold();
        gone.into_iter().for_each(|digest| seen.add_damaged(digest));
    }

    /// Whether an object that counted as there was doubted since the last call.
    pub fn take_doubts(&self) -> bool {
        self.doubted.swap(false, Ordering::AcqRel)
    }

    /// Reads through, on up to four threads and as long as `goes_on`, those of these objects that are there unread, and removes those that do
    /// not match their names. One that can't be read stays unread. True if there were any.
    pub fn verify_unread(&self, among: &BTreeMap<Digest, u64>, goes_on: &(dyn Fn() -> bool + Sync)) -> bool {
        let unread: Vec<_> = among.iter().map(|(digest, size)| (*digest, *size)).filter(|(digest, _)| self.is_unread(*digest)).collect();
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(4);
        let work = |(digest, size)| {
            if goes_on()
                && let Err(error) = self.verify_or_remove(digest, size)
            {
                crate::logln!("object {digest}: {error}");
                self.seen.hold().add_damaged(digest);
            }
            Ok::<(), Infallible>(())
        };
        let Ok(()) = parallel::try_for_each(workers, unread.iter().copied().map(Ok), work);
        !unread.is_empty()
    }

    /// Opens an object for serving; reads it through first if its file has changed since it last was. `InvalidData`: it is damaged.
    pub fn open_whole(&self, digest: Digest, size: u64) -> io::Result<File> {
        let mut file = self.open(digest, size)?;
        let stamp = FileStamp::from_metadata(&file.metadata()?);
        if self.seen.hold().whole.get(&digest) == Some(&stamp) {
            return Ok(file);
        }
        if Digest::of_reader(&file)? != (digest, size) {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.seen.hold().add_whole(digest, stamp);
        file.rewind()?;
        Ok(file)
    }

    /// Opens an object; `NotFound` also if its name is not a file of this size.
    pub fn open(&self, digest: Digest, size: u64) -> io::Result<File> {
        let file = open_regular(&self.object_path(digest))?;
        if file.metadata()?.len() == size { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    /// Opens an object of any size as a source of copies; the result is verified by its own digest.
    pub fn open_any(&self, digest: Digest) -> io::Result<File> {
        open_regular(&self.object_path(digest))
    }

    /// Hashes an object and removes it if it does not match its name. True if it matches.
    pub fn verify_or_remove(&self, digest: Digest, size: u64) -> io::Result<bool> {
        let intact = match self.open(digest, size) {
            Ok(file) => {
                let stamp = FileStamp::from_metadata(&file.metadata()?);
                (Digest::of_reader(file)? == (digest, size)).then_some(stamp)
            }
            Err(error) if is_absent(&error) => None,
            Err(error) => return Err(error),
        };
        let mut seen = self.seen.hold();
        if let Some(stamp) = intact {
            seen.add_whole(digest, stamp);
            return Ok(true);
        }
        seen.whole.remove(&digest);
        let path = self.object_path(digest);
        if fs::symlink_metadata(&path).is_ok() {
            crate::logln!("object {digest}: damaged or cut short, removed");
            seen.add_damaged(digest);
        }
        drop(seen);
        files::remove_any(&path).map(|()| false)
    }

    /// The objects that this process has found damaged on the disk, each with whether it is whole again.
    pub fn damaged(&self) -> BTreeMap<Digest, bool> {
        self.seen.hold().damaged.clone()
    }

    /// The one of them that was found last, and the one that was whole again last.
    pub fn last_damage(&self) -> LastDamage {
        self.seen.hold().last
    }

    /// Hashes an object without changing it: whether it matches its name; `None` if it is absent.
    pub fn check_object(&self, digest: Digest, size: u64) -> io::Result<Option<bool>> {
        match self.open(digest, size) {
            Ok(file) => Digest::of_reader(file).map(|found| Some(found == (digest, size))),
            Err(error) if is_absent(&error) => Ok(fs::symlink_metadata(self.object_path(digest)).is_ok().then_some(false)),
            Err(error) => Err(error),
        }
    }

    /// Starts or resumes an object. Hashes the existing part again; restarts a part longer than `size`.
    pub fn open_partial(&self, digest: Digest, size: u64) -> io::Result<PartialObject> {
        let (path, target) = (self.part_path(digest), self.object_path(digest));
        self.make_way(&path)?;
        self.make_way(&target)?;
        files::create_dirs_synced(&self.root.join("parts"))?;
        if fs::symlink_metadata(&path).is_ok_and(|meta| meta.len() > size) {
            files::remove_any(&path)?;
        }
        PartialObject::open(path, target, (digest, size), self.seen.clone())
    }

    /// Removes the objects and parts that `keep` does not name, and nothing else. Returns the bytes freed.
    pub fn collect_garbage(&self, keep: &BTreeSet<Digest>) -> io::Result<u64> {
        let mut freed = 0;
        let mut seen = self.seen.hold();
        seen.damaged.retain(|digest, again| *again || keep.contains(digest));
        seen.whole.retain(|digest, _| keep.contains(digest));
        drop(seen);
        let mut folders = vec![self.root.join("parts")];
        for name in self.list_names("objects")? {
            folders.push(self.root.join("objects").join(name));
        }
        for folder in folders.iter().filter(|folder| !folder.is_symlink()) {
            let Ok(entries) = fs::read_dir(folder) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let kept = entry.file_name().to_str().and_then(Digest::parse).is_some_and(|digest| keep.contains(&digest));
                if !kept {
                    freed += entry.metadata().map_or(0, |meta| meta.len());
                    files::remove_any(&entry.path())?;
                }
            }
        }
        Ok(freed)
    }

    /// Free bytes on the disk, for a process without privileges.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let there = self.root.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("/"));
        os::free_bytes(there)
    }

    fn stamp(&self, digest: Digest) -> io::Result<FileStamp> {
        fs::symlink_metadata(self.object_path(digest)).map(|metadata| FileStamp::from_metadata(&metadata))
    }

    fn object_path(&self, digest: Digest) -> PathBuf {
        self.root.join(layout::object(digest))
    }

    fn part_path(&self, digest: Digest) -> PathBuf {
        self.root.join("parts").join(digest.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holdings() -> (tempfile::TempDir, LocalStore) {
        let folder = tempfile::tempdir().unwrap();
        let holdings = LocalStore::new(folder.path().join("store"));
        (folder, holdings)
    }

    #[test]
    fn an_object_grows_in_parts_and_is_placed_only_when_right() {
        let (_folder, holdings) = holdings();
        let (bytes, digest) = (b"hello world", Digest::of(b"hello world"));
        holdings.open_partial(digest, 11).unwrap().append_from(&bytes[..4]).unwrap();
        let mut part = holdings.open_partial(digest, 11).unwrap();
        assert_eq!(part.len(), 4);
        part.append_from(&bytes[4..]).unwrap();
        assert!(part.finish().unwrap() && holdings.verify_or_remove(digest, 11).unwrap());
        let mut wrong = holdings.open_partial(Digest::of(b"x"), 1).unwrap();
        wrong.append_from(&b"y"[..]).unwrap();
        assert!(!wrong.finish().unwrap() && !holdings.contains(Digest::of(b"x"), 1));
        assert!(holdings.open_partial(digest, 11).unwrap().append_from(&b"hello world!"[..]).is_err());
    }

    #[test]
    fn f10_f11_what_is_changed_or_not_a_file_is_dropped() {
        let (_folder, holdings) = holdings();
        let digest = Digest::of(b"abc");
        let put = |bytes: &[u8]| {
            let mut part = holdings.open_partial(digest, 3).unwrap();
            part.append_from(bytes).unwrap();
            part.finish().unwrap()
        };
        assert!(put(b"abc"));
        let path = holdings.object_path(digest);
        fs::write(&path, b"abd").unwrap();
        assert!(!holdings.verify_or_remove(digest, 3).unwrap() && !path.exists());
        assert_eq!(holdings.damaged(), BTreeMap::from([(digest, false)]));
        // Put there by somebody else, it has to be read through like any other.
        fs::write(&path, b"abe").unwrap();
        assert!(!holdings.contains(digest, 3) && holdings.is_unread(digest) && !holdings.verify_or_remove(digest, 3).unwrap());
        fs::create_dir(&path).unwrap();
        assert!(!holdings.verify_or_remove(digest, 3).unwrap() && put(b"abc"));
        fs::remove_file(&path).unwrap();
        fs::write(holdings.root.join("elsewhere"), b"abc").unwrap();
        std::os::unix::fs::symlink(holdings.root.join("elsewhere"), &path).unwrap();
        assert!(holdings.open(digest, 3).is_err() && !holdings.verify_or_remove(digest, 3).unwrap() && put(b"abc"));
        assert_eq!(holdings.damaged(), BTreeMap::from([(digest, true)]));
        assert_eq!(holdings.collect_garbage(&BTreeSet::from([digest])).unwrap(), 0);
        assert_eq!(holdings.collect_garbage(&BTreeSet::new()).unwrap(), 3);
    }
}
