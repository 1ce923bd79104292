//! Linux and other Unix systems.
//! Never decides when something is done.

use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::fs::{OFlags, Timespec, Timestamps};

/// Opens a regular file without waiting; a symlink or anything else counts as absent.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Whether an error of [`open_regular`] means that there is no such file.
pub fn is_absent(error: &io::Error) -> bool {
    let link = error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    link || matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Opens a file to be read and continued at its end; creates it if it is missing, never follows a symlink.
pub fn open_part(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}

/// Creates a file that must not exist, with `mode` from the start.
pub fn create_with_mode(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Opens an open descriptor of this process by its number, without taking ownership of it.
pub fn open_descriptor(number: u16) -> io::Result<File> {
    File::open(format!("/dev/fd/{number}"))
}

/// Reads bytes from an offset, as many as come at once.
pub fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    file.read_at(into, at)
}

/// Fills a buffer from an offset.
pub fn read_exact_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    file.read_exact_at(into, at)
}

/// Lets everybody read a file, and its owner write it.
pub fn set_usual_mode(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o644))
}

/// Lets everybody read a folder, and its owner write it.
pub fn set_usual_folder_mode(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(0o755))
}

/// Makes renames and removals inside a folder durable.
pub fn sync_dir(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
}

/// Locks a folder until the file is dropped; `None` if another process holds it. A crash leaves no lock behind.
pub fn lock_folder(folder: &Path) -> io::Result<Option<File>> {
    let file = File::open(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Free bytes on the disk of a folder, for a process without privileges.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Longest time that the service manager waits for [`feed_watchdog`] before it restarts this process; `None`: it does not watch.
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// Tells the service manager that this process works.
pub fn feed_watchdog() {
    // A manager that is not there restarts nobody.
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Watchdog]);
}

/// Time of the last change of the content, in seconds and nanoseconds.
pub fn modified(metadata: &Metadata) -> (i64, i64) {
    (metadata.mtime(), metadata.mtime_nsec())
}

/// Time of the last change of the file in any respect, in seconds and nanoseconds. A program can't set it back.
pub fn status_changed(metadata: &Metadata) -> (i64, i64) {
    (metadata.ctime(), metadata.ctime_nsec())
}

/// The file's own number, and that of its disk.
pub fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.ino(), metadata.dev())
}

/// Whether the file has another name on the disk.
pub fn has_other_names(_: &Path, metadata: &Metadata) -> bool {
    metadata.nlink() > 1
}

/// Sets the times of a file to now; a failure is ignored.
pub fn touch(path: &Path) {
    let now = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    let _ = rustix::fs::utimensat(rustix::fs::CWD, path, &times, rustix::fs::AtFlags::empty());
}

/// The user's folder for caches, by the XDG rules. `variable`: the value of an environment variable, unless it is empty.
pub fn cache_folder(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")))
}

/// The path in a `file://` address, from what follows the two slashes.
pub fn file_url_path(rest: &str) -> PathBuf {
    PathBuf::from(rest)
}

/// A relative path as a name in content, programs and stores: its parts are joined by `/`.
pub fn slashed(path: String) -> String {
    path
}

/// The command that opens an address in the person's browser.
pub const BROWSER: &str = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };

/// An end of a connection inside this process.
pub type InnerStream = UnixStream;
/// Where such connections are accepted.
pub type InnerListener = UnixListener;
/// Where they are made.
pub type InnerAddress = SocketAddr;

/// Listens where no network leads, under a name that nobody guesses; on Linux without a file, which a full disk would refuse.
pub fn bind_inner(name: &str) -> io::Result<InnerListener> {
    #[cfg(target_os = "linux")]
    let address = <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)?;
    #[cfg(not(target_os = "linux"))]
    let address = SocketAddr::from_pathname(std::env::temp_dir().join(name))?;
    UnixListener::bind_addr(&address)
}

/// Connects to a listener of [`bind_inner`].
pub fn connect_inner(address: &InnerAddress) -> io::Result<InnerStream> {
    UnixStream::connect_addr(address)
}

/// The number of the user that a file belongs to.
#[cfg(feature = "office")]
pub fn owner(metadata: &Metadata) -> u32 {
    metadata.uid()
}

/// Takes over Ctrl-C, SIGTERM and SIGHUP. Each call of the result waits for the next one: true for SIGHUP, false for one that asks the process
/// to end.
pub fn signals() -> io::Result<impl FnMut() -> bool + Send> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    Ok(move || signals.forever().next() == Some(SIGHUP))
}

/// Calls a function when the process is asked to end: at Ctrl-C, SIGTERM or SIGHUP. The function ends it.
#[cfg(feature = "office")]
pub fn at_end(then: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut next = signals()?;
    let wait = move || {
        next();
        then();
    };
    std::thread::Builder::new().name("end".into()).spawn(wait).map(drop)
}

/// A command of a program that reads and writes two pipes beside the usual ones, as descriptors 3 and 4: the command's own standard input and
/// output. The program itself has neither. `None`: not on this system.
#[cfg(feature = "office")]
pub fn with_pipes(program: &Path) -> Option<std::process::Command> {
    let mut command = std::process::Command::new("/bin/sh");
    // The shell moves the pipes and becomes the program, which keeps its number.
    command.arg("-c").arg("exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null").arg(program);
    Some(command)
}

/// Lets a write beyond the file size that this process is allowed (`ulimit -f`) fail like one on a full disk, where the signal would end the
/// process amid its work. Not passed on to the programs that it starts.
pub fn survive_file_size_limit() -> io::Result<()> {
    signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
}

/// Whether terminals show colours.
pub fn shows_colors() -> bool {
    true
}
