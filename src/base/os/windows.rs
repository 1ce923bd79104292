//! Windows. The office tool runs here; of the player's code only what `demo` and `verify` use.
//! Never decides when something is done.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::windows::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use winapi_util::{Handle, file};

/// Constants of `CreateFileW`.
const FILE_ADD_FILE: u32 = 2;
const FILE_SHARE_READ: u32 = 1;
const FILE_SHARE_DELETE: u32 = 4;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// Opens a regular file; a symlink or anything else counts as absent. Looks first, then opens: a handle to the link itself could not
/// read files that a cloud service or deduplication keeps.
pub fn open_regular(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_file() { File::open(path) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Whether an error of [`open_regular`] means that there is no such file.
pub fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename)
}

/// Opens a file to be read and continued at its end; creates it if it is missing, never follows a symlink.
pub fn open_part(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(io::ErrorKind::AlreadyExists.into()),
        _ => OpenOptions::new().read(true).append(true).create(true).open(path),
    }
}

/// Creates a file that must not exist. It has the access rights of its folder: Windows has no modes.
pub fn create_with_mode(path: &Path, _: u32) -> io::Result<File> {
    File::create_new(path)
}

/// Always an error: Windows numbers no descriptors.
pub fn open_descriptor(_: u16) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Reads bytes from an offset, as many as come at once.
pub fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    file.seek_read(into, at)
}

/// Fills a buffer from an offset.
pub fn read_exact_at(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<()> {
    while !into.is_empty() {
        match read_at(file, into, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => (into, at) = (&mut into[count..], at + count as u64),
        }
    }
    Ok(())
}

/// Nothing: a file has the access rights of its folder.
pub fn set_usual_mode(_: &File) -> io::Result<()> {
    Ok(())
}

/// Nothing: a folder has the access rights of the one above.
pub fn set_usual_folder_mode(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Nothing: NTFS logs names by itself, and a folder can't be synced.
pub fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Locks a folder until the file is dropped; `None` if another process holds it. A crash leaves no lock behind. Folders have no locks here,
/// so the handle asks for a right that it denies to others; they can't rename a file right into the folder meanwhile, only below it.
pub fn lock_folder(folder: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.access_mode(FILE_ADD_FILE).share_mode(FILE_SHARE_READ | FILE_SHARE_DELETE).custom_flags(FILE_FLAG_BACKUP_SEMANTICS);
    match options.open(folder) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Free bytes on the disk of a folder, for this user.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    fs4::available_space(folder)
}

/// No service manager of Windows watches a process in this way.
pub fn watchdog() -> Option<Duration> {
    None
}

/// See [`watchdog`].
pub fn feed_watchdog() {}

/// Time of the last change of the content, in seconds and nanoseconds.
pub fn modified(metadata: &Metadata) -> (i64, i64) {
    let ticks = metadata.last_write_time().cast_signed();
    (ticks / 10_000_000, ticks % 10_000_000 * 100)
}

/// The end of time: Windows has no time of change that a program can't set back, so no stamp counts as stable.
pub fn status_changed(_: &Metadata) -> (i64, i64) {
    (i64::MAX, 0)
}

/// Always the same: no stamp counts as stable.
pub fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

/// Whether the file has another name on the disk.
pub fn has_other_names(path: &Path, _: &Metadata) -> bool {
    Handle::from_path(path).and_then(file::information).is_ok_and(|found| found.number_of_links() > 1)
}

/// Sets the time of a file to now; a failure is ignored.
pub fn touch(path: &Path) {
    let _ = OpenOptions::new().write(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// The user's folder for data of this machine. `variable`: the value of an environment variable, unless it is empty.
pub fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("LOCALAPPDATA")
}

/// The path in a `file://` address, from what follows the two slashes: a drive follows a third one.
pub fn file_url_path(rest: &str) -> PathBuf {
    PathBuf::from(rest.strip_prefix('/').filter(|rest| rest.as_bytes().get(1) == Some(&b':')).unwrap_or(rest))
}

/// A relative path as a name in content, programs and stores: its parts are joined by `/`.
pub fn slashed(path: String) -> String {
    path.replace('\\', "/")
}

/// An end of a connection inside this process.
pub type InnerStream = TcpStream;
/// Where such connections are accepted.
pub type InnerListener = TcpListener;
/// Where they are made.
pub type InnerAddress = SocketAddr;

/// Listens on this machine only: there is no other socket here.
pub fn bind_inner(_: &str) -> io::Result<InnerListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// Connects to a listener of [`bind_inner`].
pub fn connect_inner(address: &InnerAddress) -> io::Result<InnerStream> {
    TcpStream::connect(address)
}

/// The command that opens an address in the person's browser.
pub const BROWSER: &str = "rundll32 url.dll,FileProtocolHandler";

/// Makes the terminal show colours; false if it can't.
pub fn shows_colors() -> bool {
    anstyle_query::windows::enable_ansi_colors() == Some(true)
}

/// A folder for temporary files belongs to one user here.
#[cfg(feature = "office")]
pub fn owner(_: &Metadata) -> u32 {
    0
}

/// Nothing tells a process here that it is to end, or to look for news.
pub fn signals() -> io::Result<impl FnMut() -> bool + Send> {
    Err::<fn() -> bool, _>(io::ErrorKind::Unsupported.into())
}

/// Nothing tells a process here that it is to end; what it leaves is removed by the next one.
#[cfg(feature = "office")]
pub fn at_end(_: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Programs get no numbered pipes here.
#[cfg(feature = "office")]
pub fn with_pipes(_: &Path) -> Option<std::process::Command> {
    None
}

/// No signal here ends a process for the size of a file.
pub fn survive_file_size_limit() -> io::Result<()> {
    Ok(())
}
