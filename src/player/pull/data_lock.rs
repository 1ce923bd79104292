//! The lock of a player's data folder: two players never run on one. Sees whether somebody has moved or replaced the folder, or the file that is
//! locked in it. Never writes anything but that file.

use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::remedy::remedy;
use crate::base::failure;
use crate::base::files;
use crate::base::os;
use crate::base::text::Text;
use crate::player::own_file::InPlace;
use crate::text;

/// A held lock.
pub struct DataLock {
    data: PathBuf,
    /// The locked file; `None` where there is nothing to lock.
    file: Option<File>,
    /// The locked folder.
    folder: Option<File>,
    fault: Option<Text>,
    in_place: InPlace,
}

impl DataLock {
    /// Uses `flock`, not a PID file: a crash leaves no lock behind. The folder is locked beside the file in it, so that a second player is refused
    /// also where somebody has removed the file. Where the file can't be written, it is locked as it is; then with a fault. Without anything to
    /// lock nothing can be stored either. Fails where another player holds it.
    pub fn take(data: &Path) -> Result<Self, Text> {
        let path = data.join("lock");
        let (shown, mut in_place, mut fault) = (path.display(), InPlace::default(), None);
        let clear = in_place.clear(&path);
        let file = files::create_dirs_synced(data).and_then(|()| create(&path)).or_else(|error| {
            if !clear {
                return File::open(&path);
            }
            let (Text { vi, en }, Text { vi: do_vi, en: do_en }) = (failure::system(&error), remedy(&error));
            fault = Some(text!(vi: "không ghi được {shown}: {vi}. {do_vi}", en: "{shown} can't be written: {en}. {do_en}"));
            File::open(&path)
        });
        let lock = Self { data: data.to_owned(), file: file.ok(), folder: File::open(data).ok(), fault, in_place };
        if lock.file.iter().chain(&lock.folder).any(is_held) {
            return Err(text!(
                vi: "một đầu phát khác đang chạy trên {shown}; muốn đầu phát đó cập nhật ngay, hãy chạy: systemctl reload bangtin-player",
                en: "another player is running on {shown}; to have it update now, run: systemctl reload bangtin-player"
            ));
        }
        Ok(lock)
    }

    /// Why the file can't be written, what lay in its place, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.fault.iter().chain(self.in_place.fault())
    }

    /// Whether another folder lies in the place of the one that was locked, or none. Where only the file can be locked, or the disk doesn't answer,
    /// nobody knows.
    pub fn is_displaced(&self) -> bool {
        if self.folder.is_none() && self.file.is_some() {
            return false;
        }
        let own = self.folder.as_ref().map(File::metadata).transpose();
        let (Ok(own), Ok(there)) = (own, present(fs::metadata(&self.data))) else { return false };
        own.as_ref().map(os::identity) != there.filter(Metadata::is_dir).as_ref().map(os::identity)
    }

    /// Locks the file anew where another lies in its place, or none. Whether that was so.
    pub fn renew_file(&mut self) -> bool {
        let path = self.data.join("lock");
        let own = self.file.as_ref().map(File::metadata).transpose();
        let (Ok(own), Ok(there)) = (own, present(fs::symlink_metadata(&path))) else { return false };
        if self.fault.is_some() || own.as_ref().map(os::identity) == there.as_ref().map(os::identity) {
            return false;
        }
        if !self.in_place.clear(&path) {
            // Until somebody removes it.
            return false;
        }
        // A player that is refused holds it for a moment; the lock of the folder keeps it out meanwhile.
        self.file = create(&path).ok().filter(|file| !is_held(file)).or(self.file.take());
        true
    }
}

fn create(path: &Path) -> io::Result<File> {
    File::options().create(true).read(true).append(true).open(path)
}

fn is_held(file: &File) -> bool {
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// What lies at a path; `None` if nothing does. An error of the disk is no absence.
fn present(asked: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match asked {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        asked => asked.map(Some),
    }
}

/// What tells a folder from another that lies in its place later; `None` where there is none.
pub fn folder_identity(data: &Path) -> Option<(u64, u64)> {
    fs::metadata(data).ok().filter(Metadata::is_dir).map(|meta| os::identity(&meta))
}

/// Why a player ends whose folder was moved away or replaced. `taken`: another player holds what is there now.
pub fn displaced(data: &Path, taken: bool) -> Text {
    let shown = data.display();
    if taken {
        return text!(
            vi: "thư mục dữ liệu {shown} đã bị chuyển đi hoặc thay thế, và một đầu phát khác đang chạy ở đó: đầu phát này dừng",
            en: "the data folder {shown} was moved away or replaced, and another player runs there: this one ends"
        );
    }
    text!(
        vi: "thư mục dữ liệu {shown} đã bị thay bằng thư mục của một đầu phát: đầu phát này dừng; văn bản đã nhận được ghi vào đó, lần khởi động sau dùng chung cả hai",
        en: "the data folder {shown} was replaced by one that a player has used: this one ends; what it was told is stored there too, and the next start goes by both"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f29_a_folder_that_was_moved_or_replaced_is_seen_and_the_file_is_locked_anew() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        let mut lock = DataLock::take(&data).unwrap();
        assert!(!lock.is_displaced() && !lock.renew_file() && DataLock::take(&data).is_err());
        fs::remove_file(data.join("lock")).unwrap();
        assert!(lock.renew_file() && !lock.renew_file() && !lock.is_displaced());
        fs::rename(&data, place.path().join("old")).unwrap();
        assert!(lock.is_displaced());
        let other = DataLock::take(&data).unwrap();
        assert!(lock.is_displaced() && DataLock::take(&data).is_err());
        drop(other);
        lock = DataLock::take(&data).unwrap();
        assert!(!lock.is_displaced() && DataLock::take(&place.path().join("old")).is_ok());
    }
    #[cfg(unix)]
    #[test]
    fn f08_where_the_disk_does_not_answer_the_folder_counts_as_in_its_place() {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir().unwrap();
        let (way, real) = (place.path().join("way"), place.path().join("real"));
        fs::create_dir(&real).unwrap();
        symlink(&real, &way).unwrap();
        let mut lock = DataLock::take(&way.join("data")).unwrap();
        // A link to itself: the question fails, and not because nothing is there.
        fs::remove_file(&way).unwrap();
        symlink(&way, &way).unwrap();
        assert!(fs::metadata(way.join("data")).is_err() && !lock.is_displaced() && !lock.renew_file());
        fs::remove_file(&way).unwrap();
        assert!(lock.is_displaced());
    }
}
