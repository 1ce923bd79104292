//! A store in a folder with one writer: immutable files are created once, atomically, and never with different content.
//! Never knows what to publish.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::backend::{ProgressFn, StoreBackend, StoreEntry, changed_object};
use super::layout;
use crate::base::bytes::ByteSource;
use crate::base::digest::{Digest, DigestWriter};
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::os;
use crate::base::plain_file::{self, Obstacle, PlainFile};
use crate::base::text::Text;
use crate::trust::hint::Hint;

/// A store or an archive in a folder. Opening for writing takes an exclusive lock.
pub struct FolderStore {
    root: PathBuf,
    lock: Option<File>,
    /// The folders that were not there before, innermost first: where nothing is written, none stays.
    made: Vec<PathBuf>,
    others: OtherFiles,
}

/// A file or a device where the folder of a store is meant.
fn no_folder(path: &Path) -> Failure {
    let path = path.display();
    Failure::Usage(crate::text!(vi: "{path} không phải thư mục; kho phải là một thư mục", en: "{path} is no folder; a store is one"))
}

/// How a link, a pipe or a device in a store counts: players pass it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OtherFiles {
    /// Nobody here works with a store that players can't read.
    Refused,
    Absent,
}

impl Drop for FolderStore {
    fn drop(&mut self) {
        drop(self.lock.take());
        for folder in &self.made {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

impl FolderStore {
    /// Opens and locks a folder for writing; creates it if it is missing, until something is written. Fails if another publisher holds the lock for longer than two
    /// seconds.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        if let Some(file) = root.ancestors().find(|above| above.exists()).filter(|above| !above.is_dir()) {
            return Err(no_folder(file));
        }
        let outside = |error: io::Error| Failure::io(root, &error);
        let made = root.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).map(Path::to_owned).collect();
        files::create_dirs_synced(root).map_err(outside)?;
        let mut opened = Self { root: root.to_owned(), lock: None, made, others: OtherFiles::Refused };
        // Lock the folder itself, so that no lock file is published.
        opened.lock = files::lock_folder(root).map_err(outside)?;
        if opened.lock.is_some() {
            return Ok(opened);
        }
        let root = root.display();
        Err(Failure::Refused(crate::text!(
            vi: "một lần phát hành khác đang ghi vào {root}; hãy đợi nó xong rồi chạy lại",
            en: "another publisher is writing to {root}; wait for it and run again"
        )))
    }

    /// Opens a folder for reading only, without a lock. A folder that is not there was mistyped.
    pub fn open_read_only(root: &Path) -> Result<Self, Failure> {
        match fs::metadata(root) {
            Ok(meta) if meta.is_dir() => Ok(Self { root: root.to_owned(), lock: None, made: Vec::new(), others: OtherFiles::Refused }),
            Ok(_) => Err(no_folder(root)),
            Err(error) if error.kind() != io::ErrorKind::NotFound || root.is_symlink() => Err(Failure::io(root, &error)),
            _ => {
                let root = root.display();
                Err(Failure::Usage(crate::text!(vi: "không có thư mục kho {root}", en: "there is no store folder {root}")))
            }
        }
    }

    /// As [`FolderStore::open_read_only`], for a look with the eyes of a player: what it passes by counts as absent;
    /// [`StoreBackend::obstacles`] names it.
    pub fn open_as_player(root: &Path) -> Result<Self, Failure> {
        let mut opened = Self::open_read_only(root)?;
        opened.others = OtherFiles::Absent;
        Ok(opened)
    }

    /// The path on disk of a path in the layout.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The only way to a file that is read: by the rule of a player.
    fn find(&self, path: &str) -> Result<Option<File>, Failure> {
        match plain_file::open(&self.root, path).map_err(|error| Failure::io(&self.path(path), &error))? {
            PlainFile::Found(file) => Ok(Some(file)),
            PlainFile::Obstacle(found) if self.others == OtherFiles::Refused => Err(refused(&found)),
            PlainFile::Absent | PlainFile::Obstacle(_) => Ok(None),
        }
    }

    /// Refuses to write through a link.
    fn ensure_folders(&self, path: &str) -> Result<(), Failure> {
        let found = plain_file::above(&self.root, path).map_err(|error| Failure::io(&self.path(path), &error))?;
        found.map_or(Ok(()), |found| Err(refused(&found)))
    }

    /// The files below a folder, `""` for all, and what is in their way.
    fn walk(&self, folder: &str) -> Result<(Vec<StoreEntry>, Vec<Obstacle>), Failure> {
        let top = if folder.is_empty() { self.root.clone() } else { self.path(folder) };
        let above = if folder.is_empty() { Ok(None) } else { plain_file::above(&self.root, &format!("{folder}/all")) };
        let above = above.map_err(|error| Failure::io(&top, &error))?;
        if above.is_some() || none_if_missing(&top, fs::symlink_metadata(&top))?.is_none() {
            return Ok((Vec::new(), above.into_iter().collect()));
        }
        let (mut entries, mut obstacles) = (Vec::new(), Vec::new());
        for found in walkdir::WalkDir::new(&top).min_depth(1).sort_by_file_name() {
            let found = found.map_err(|error| walk_failure(&top, error))?;
            let Some(path) = found.path().strip_prefix(&self.root).ok().and_then(Path::to_str) else { continue };
            let (kind, path) = (found.file_type(), os::slashed(path.to_owned()));
            if kind.is_file() {
                let meta = found.metadata().map_err(|error| walk_failure(&top, error))?;
                let age = meta.modified().ok().and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
                let modified = age.and_then(|age| i64::try_from(age.as_secs()).ok()).unwrap_or_default();
                entries.push(StoreEntry { path, size: meta.len(), modified });
            } else if is_obstacle(kind, &path) {
                obstacles.push(Obstacle { path: found.into_path(), is_link: kind.is_symlink(), is_above: false });
            }
        }
        Ok((entries, obstacles))
    }
}

/// Whether something that is no file lies where a store has one: not a hidden one, which file servers make for themselves.
fn is_obstacle(kind: FileType, path: &str) -> bool {
    let (first, name) = (path.split('/').next().unwrap_or_default(), path.rsplit('/').next().unwrap_or_default());
    let named_as_file = [".json", layout::SIGNATURE_SUFFIX].iter().any(|end| name.ends_with(end));
    layout::FOLDERS.contains(&first) && !name.starts_with('.') && (!kind.is_dir() || named_as_file)
}

/// What is to be done about something that players pass by; not the fault of who runs the command.
fn refused(found: &Obstacle) -> Failure {
    Failure::External(remedy(found)).about(&found.path.display())
}

fn remedy(found: &Obstacle) -> Text {
    let Text { vi, en } = found.what();
    crate::text!(
        vi: "{vi}; kho chỉ có tệp và thư mục thường, đầu phát bỏ qua thứ khác. Hãy đặt chính tệp hoặc thư mục đó vào đây, hoặc xóa rồi phát hành lại (bangtin publish)",
        en: "{en}; a store has plain files and folders only, and players pass by all else. Put the file or folder itself there, or remove it and publish again (bangtin publish)"
    )
}

impl StoreBackend for FolderStore {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn nothing_there(&self, path: &str) -> Failure {
        let place = self.name();
        Failure::External(crate::text!(
            vi: "{place}: tệp {path} rỗng, không phải do người khác phát hành: có thể ổ đĩa đã đầy, hoặc mất điện giữa lúc ghi. Hãy xóa tệp đó rồi chạy lại lệnh; nếu vẫn vậy, hãy kiểm tra chỗ trống của ổ đĩa và quyền ghi vào thư mục",
            en: "{place}: {path} is an empty file, and nobody else has published: the disk may have been full, or power failed while it was written. Remove that file and run the command again; if that does not help, check the disk's space and the right to write into the folder"
        ))
    }

    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let Some(file) = self.find(path)? else { return Ok(None) };
        files::read_open_file(file, limit).map(Some).map_err(|error| Failure::io(&self.path(path), &error))
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure> {
        Ok(self.find(path)?.map(|file| Box::new(file) as _))
    }

    fn size(&self, path: &str) -> Result<Option<u64>, Failure> {
        let Some(file) = self.find(path)? else { return Ok(None) };
        file.metadata().map(|meta| Some(meta.len())).map_err(|error| Failure::io(&self.path(path), &error))
    }

    fn list(&self, folder: &str) -> Result<Option<Vec<StoreEntry>>, Failure> {
        let (entries, obstacles) = self.walk(folder)?;
        match obstacles.first().filter(|_| self.others == OtherFiles::Refused) {
            Some(found) => Err(refused(found)),
            None => Ok(Some(entries)),
        }
    }

    fn obstacles(&self) -> Result<Vec<(String, Text)>, Failure> {
        let (_, obstacles) = self.walk("")?;
        let named = |found: &Obstacle| Some((os::slashed(found.path.strip_prefix(&self.root).ok()?.to_str()?.to_owned()), remedy(found)));
        Ok(obstacles.iter().filter_map(named).collect())
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        self.ensure_folders(path)?;
        let place = self.path(path);
        files::create_new(&place, bytes).map_err(|error| Failure::io(&place, &error))
    }

    fn check_exclusive_create(&self, _: &str, _: &[u8]) -> Result<Option<Text>, Failure> {
        Ok(None)
    }

    fn replace_hint(&self, path: &str, latest: Hint) -> Result<(), Failure> {
        let (place, bytes) = (self.path(path), latest.to_bytes());
        self.ensure_folders(path)?;
        if self.read(path, bytes.len() as u64).is_ok_and(|old| old.as_ref() == Some(&bytes)) {
            return Ok(());
        }
        files::write_atomic(&place, &bytes).map_err(|error| Failure::io(&place, &error))
    }

    fn has_object(&self, digest: Digest, size: u64) -> Result<bool, Failure> {
        Ok(self.local_source(digest, size).is_some())
    }

    fn put_object(&self, digest: Digest, size: u64, source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure> {
        // Replaces a damaged object: its name fixes its content.
        self.ensure_folders(&layout::object(digest))?;
        let place = self.path(&layout::object(digest));
        let outside = |error: io::Error| Failure::io(&place, &error);
        let folder = place.parent().unwrap_or(&self.root);
        files::create_dirs_synced(folder).map_err(outside)?;
        let temp = tempfile::Builder::new().prefix(TEMP).tempfile_in(folder).map_err(outside)?;
        let mut writer = DigestWriter::new(temp);
        // One extra byte shows that the source is too long.
        io::copy(&mut source.open().map_err(outside)?.take(size.saturating_add(1)), &mut writer).map_err(outside)?;
        if (writer.digest(), writer.size()) != (digest, size) {
            return Err(changed_object(digest));
        }
        sent(size);
        files::persist(writer.into_inner(), &place).map_err(outside)
    }

    fn local_source(&self, digest: Digest, size: u64) -> Option<ByteSource> {
        let path = layout::object(digest);
        let file = self.find(&path).ok()??;
        let intact =
            file.metadata().is_ok_and(|meta| meta.len() == size) && Digest::of_reader(file).is_ok_and(|found| found == (digest, size));
        intact.then(|| ByteSource::File(self.path(&path)))
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        self.ensure_folders(path)?;
        let path = self.path(path);
        none_if_missing(&path, fs::remove_file(&path))?;
        // Remove folders that are now empty; `remove_dir` fails on any other.
        for folder in path.ancestors().skip(1).take_while(|folder| *folder != self.root) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn max_writers(&self) -> usize {
        1
    }
}

/// A failed listing, with the path at which it failed.
fn walk_failure(top: &Path, error: walkdir::Error) -> Failure {
    let path = error.path().unwrap_or(top).to_owned();
    Failure::io(&path, &error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of folders")))
}

const TEMP: &str = ".tmp-";

fn none_if_missing<T>(path: &Path, result: io::Result<T>) -> Result<Option<T>, Failure> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(Failure::io(path, &error)),
    }
}
