//! The temporary folder of one run of a command: removed at the end of the run, also at one by a signal; what killed runs have left is removed
//! by the next. Never touches a folder of another user, or of a run that goes on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::failure::Failure;
use super::os;

/// How often the folder is removed at a signal: threads of the run may still write into it.
const TRIES: u32 = 50;
/// Letters and digits that nobody guesses at the end of a folder's name.
const RANDOM: usize = 12;

/// A folder that only this run uses, locked while it does.
pub struct WorkFolder {
    folder: tempfile::TempDir,
    _lock: File,
}

impl WorkFolder {
    /// Makes a folder of this name and a random end in the system's folder for temporary files; removes those of the same name that nobody
    /// uses. At Ctrl-C, SIGTERM or SIGHUP `ends` ends what works in it; then it is removed, and the process ends with the
    /// exit code that `ends` gave.
    pub fn new(name: &str, ends: impl FnOnce() -> i32 + Send + 'static) -> Result<Arc<Self>, Failure> {
        let above = std::env::temp_dir();
        let made = Arc::new(Self::make(name, &above).map_err(|error| Failure::io(&above, &error))?);
        remove_unused(name, &above, made.path());
        let own = made.path().to_owned();
        os::at_end(move || {
            let code = ends();
            remove(&own);
            std::process::exit(code)
        })
        .map_err(|error| Failure::io(made.path(), &error))?;
        Ok(made)
    }

    fn make(name: &str, above: &Path) -> io::Result<Self> {
        loop {
            let folder = tempfile::Builder::new().prefix(name).rand_bytes(RANDOM).tempdir_in(above)?;
            match os::lock_folder(folder.path()) {
                Ok(Some(lock)) => return Ok(Self { folder, _lock: lock }),
                // Another start takes it for one that is left over.
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes the folders of runs that were killed. What can't be removed stays.
fn remove_unused(name: &str, above: &Path, own: &Path) {
    let Ok(owner) = fs::symlink_metadata(own).map(|metadata| os::owner(&metadata)) else { return };
    // A person may have a folder of a similar name.
    let random = |end: &str| end.len() == RANDOM && end.bytes().all(|c| c.is_ascii_alphanumeric());
    let named = |path: &PathBuf| path.file_name().and_then(|found| found.to_str()?.strip_prefix(name)).is_some_and(random);
    let folders = fs::read_dir(above).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    for folder in folders.filter(|path| named(path) && path != own) {
        let ours = fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir() && os::owner(&metadata) == owner);
        if ours && let Ok(Some(_lock)) = os::lock_folder(&folder) {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn remove(folder: &Path) {
    for _ in 0..TRIES {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
