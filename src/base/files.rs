//! The only way to write and read files: atomically, and within a limit.
//! Never knows what the bytes mean.

use std::fs::{self, File};
use std::io::{self, Read, Write};
#[cfg(feature = "office")]
use std::path::Component;
use std::path::{Path, PathBuf};
#[cfg(feature = "office")]
use std::time::{Duration, Instant};

use super::os::{self, sync_dir};

#[cfg(feature = "office")]
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Writes a file atomically, also across a power cut: temporary file in the same folder, sync, rename, sync of the folder. Creates missing
/// parent folders.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    persist(written_beside(path, bytes)?, path)
}

/// As [`write_atomic`] with one sync instead of two, for what is soon written again: after a power cut the file is whole, but it may be the one before.
pub fn replace_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(written_beside(path, bytes)?, path)
}

/// Replaces a file in one step without syncing, for caches: a power cut can tear the file, and its reader must notice. Creates missing
/// parent folders.
#[cfg(feature = "office")]
pub fn replace_unsynced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = parent(path)?;
    fs::create_dir_all(folder)?;
    let mut temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
    temp.write_all(bytes)?;
    temp.persist(path).map(drop).map_err(|error| error.error)
}

/// Completes an atomic write: sets the usual mode, syncs, renames into place, syncs the folder.
pub fn persist(temp: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    replace(temp, path)?;
    sync_dir(parent(path)?)
}

fn replace(temp: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    sync_with_usual_mode(&temp)?;
    temp.persist(path).map(drop).map_err(|error| error.error)
}

/// Writes a file that must not exist, atomically as [`write_atomic`]; false, and nothing written, if it exists. Of two concurrent writers
/// exactly one succeeds.
pub fn create_new(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let temp = written_beside(path, bytes)?;
    sync_with_usual_mode(&temp)?;
    match temp.persist_noclobber(path) {
        Ok(_) => sync_dir(parent(path)?).map(|()| true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

fn written_beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = parent(path)?;
    create_dirs_synced(folder)?;
    let mut temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
    temp.write_all(bytes)?;
    Ok(temp)
}

fn sync_with_usual_mode(temp: &tempfile::NamedTempFile) -> io::Result<()> {
    os::set_usual_mode(temp.as_file())?;
    temp.as_file().sync_all()
}

/// Writes a file that must not exist, with `mode` from the start (on Windows it has the rights of its folder). An error of kind
/// `AlreadyExists` if it exists.
#[cfg(feature = "office")]
pub fn create_with_mode(path: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let mut file = os::create_with_mode(path, mode)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Creates a folder and its parents, each synced into its parent.
pub fn create_dirs_synced(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = parent(folder)?;
    create_dirs_synced(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_dir(above),
    }
}

/// Puts what lies at a path beside it, as `….unreadable`, and gives that place: it may be somebody's.
pub fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".unreadable");
    let aside = PathBuf::from(aside);
    fs::rename(path, &aside).map(|()| aside)
}

/// Sets aside whatever lies in the place of a file of our own and is no file: a folder, a link, a pipe, a device. Gives where it went.
pub fn make_way(path: &Path) -> io::Result<Option<PathBuf>> {
    if fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file()) { set_aside(path).map(Some) } else { Ok(None) }
}

/// As [`read_file_limited`], for a file that nobody has reason to replace: a link, a folder, a pipe or a device in its place counts as absent, and
/// holds nobody up.
pub fn read_regular_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_open_file(os::open_regular(path)?, limit)
}

/// Reads a file of at most `limit` bytes; a longer one is an error of kind `FileTooLarge`.
pub fn read_file_limited(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_open_file(File::open(path)?, limit)
}

/// As [`read_file_limited`], for a file that is open.
pub fn read_open_file(file: File, limit: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    read_sized(file, size, limit)
}

/// Reads a stream of at most `limit` bytes; a longer one is an error of kind `FileTooLarge`.
pub fn read_stream_limited(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    read_sized(reader, 0, limit)
}

/// Allocates once for a stream of about `size` bytes: a growing buffer is copied many times.
fn read_sized(reader: impl Read, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(limit)).unwrap_or(0).saturating_add(1));
    reader.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {limit} bytes")));
    }
    Ok(bytes)
}

/// As [`read_regular_file`], for a file of about `size` bytes.
#[cfg(feature = "office")]
pub fn read_file_with_size_hint(path: &Path, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    read_sized(os::open_regular(path)?, size, limit)
}

/// Removes a file or folder; an absent one is no error.
pub fn remove_any(path: &Path) -> io::Result<()> {
    let removed = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if !os::is_absent(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Fails if a folder does not take a file of this many bytes, which is not kept.
#[cfg(feature = "office")]
pub fn ensure_room(folder: &Path, bytes: usize) -> io::Result<()> {
    let mut temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
    temp.write_all(&vec![0; bytes])?;
    temp.as_file().sync_all()
}

/// Locks a folder until the file is dropped, waiting up to two seconds for another process; `None` if it still holds the lock then. A process
/// that is just being started holds copies of its parent's open files for a moment, and with them a lock that the parent gave back.
#[cfg(feature = "office")]
pub fn lock_folder(folder: &Path) -> io::Result<Option<File>> {
    let began = Instant::now();
    loop {
        match os::lock_folder(folder)? {
            None if began.elapsed() < LOCK_WAIT => std::thread::sleep(LOCK_WAIT / 40),
            lock => return Ok(lock),
        }
    }
}

/// Whether a path, which may not exist yet, lies in a folder or is that folder, by whatever links, mounts and `..` it is reached.
#[cfg(feature = "office")]
pub fn is_inside(path: &Path, folder: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|metadata| os::identity(&metadata)).filter(|identity| *identity != (0, 0));
    let (Ok(folder), path) = (folder.canonicalize(), resolved(path)) else { return false };
    let own = identity(&folder);
    path.ancestors().any(|above| above == folder || own.is_some() && identity(above) == own)
}

/// Whether two paths, which may not exist yet, are one folder.
#[cfg(feature = "office")]
pub fn is_same(one: &Path, other: &Path) -> bool {
    resolved(one) == resolved(other) || is_inside(one, other) && is_inside(other, one)
}

/// A path without links and `..`; the part that does not exist yet is taken as it is written.
#[cfg(feature = "office")]
fn resolved(path: &Path) -> PathBuf {
    let mut done = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            Component::ParentDir => drop(done.pop()),
            _ => done.push(part),
        }
        done = done.canonicalize().unwrap_or(done);
    }
    done
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a path without a folder"))
}
