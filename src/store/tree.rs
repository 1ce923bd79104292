//! A store as a folder that one publisher writes: what is immutable is created once, whole or not at all, and never with other bytes.
//! Never knows what should be published.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{blocks, layout};
use crate::base::digest::{Digest, DigestWriter};
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::ids::SiteId;

/// Where an object's bytes come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// From memory.
    Bytes(Arc<[u8]>),
    /// From a file.
    File(PathBuf),
}

impl Source {
    /// The bytes as a stream.
    pub fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        match self {
            Self::Bytes(bytes) => Ok(Box::new(&**bytes)),
            Self::File(path) => Ok(Box::new(File::open(path)?)),
        }
    }
}

/// A store, or an archive, held for writing. Two holders of the same folder exclude each other.
pub struct Tree {
    root: PathBuf,
    _lock: File,
}

impl Tree {
    /// Takes hold of a folder, made if it is missing. Fails at once if another publisher holds it.
    pub fn open(root: &Path) -> Result<Self, Failure> {
        let outside = |error: io::Error| Failure::io(root, &error);
        files::make_folders(root).map_err(outside)?;
        // The folder itself is locked, so that no lock file lies among what is published.
        let lock = File::open(root).map_err(outside)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root: root.to_owned(), _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => {
                let root = root.display();
                Err(Failure::Refused(crate::text!(
                    vi: "một lần phát hành khác đang ghi vào {root}; hãy đợi nó xong rồi chạy lại",
                    en: "another publisher is writing to {root}; wait for it and run again"
                )))
            }
            Err(fs::TryLockError::Error(error)) => Err(outside(error)),
        }
    }

    /// Where a path of the layout lies on this disk.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A file's bytes; `None` if it is not there.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.path(path);
        match files::read_limited(&path, limit) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::io(&path, &error)),
        }
    }

    /// Whether a file is there.
    pub fn holds(&self, path: &str) -> bool {
        self.path(path).is_file()
    }

    /// Puts an immutable file. The same bytes again are fine; other bytes are refused, whoever wrote the first.
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.path(path);
        let outside = |error: io::Error| Failure::io(&place, &error);
        if files::create_new(&place, bytes).map_err(outside)? {
            return Ok(());
        }
        match files::read_limited(&place, bytes.len() as u64) {
            Ok(old) if old == bytes => Ok(()),
            Ok(_) => Err(conflict(&place)),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Err(conflict(&place)),
            Err(error) => Err(outside(error)),
        }
    }

    /// Puts an immutable file unless one of that name is there, whatever its bytes: for signatures, of which any good one will do.
    pub fn put_unless_there(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.path(path);
        files::create_new(&place, bytes).map(drop).map_err(|error| Failure::io(&place, &error))
    }

    /// Writes a hint, the only kind of file that may change.
    pub fn replace(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.path(path);
        if files::read_limited(&place, bytes.len() as u64).is_ok_and(|old| old == bytes) {
            return Ok(());
        }
        files::write_atomic(&place, bytes).map_err(|error| Failure::io(&place, &error))
    }

    /// Whether an object is there, whole and with the right bytes.
    pub fn has_object(&self, digest: Digest, size: u64) -> bool {
        let path = self.path(&layout::object(digest));
        fs::metadata(&path).is_ok_and(|meta| meta.is_file() && meta.len() == size)
            && File::open(&path).and_then(Digest::of_reader).is_ok_and(|found| found == (digest, size))
    }

    /// Puts an object under its digest, hashed on the way. A damaged one that lies there is mended: its name says what it must hold.
    pub fn put_object(&self, digest: Digest, size: u64, source: &Source) -> Result<(), Failure> {
        let place = self.path(&layout::object(digest));
        let outside = |error: io::Error| Failure::io(&place, &error);
        let folder = place.parent().unwrap_or(&self.root);
        files::make_folders(folder).map_err(outside)?;
        let temp = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder).map_err(outside)?;
        let mut writer = DigestWriter::new(temp);
        // One byte more than wanted is enough to see that there are too many.
        io::copy(&mut source.open().map_err(outside)?.take(size.saturating_add(1)), &mut writer).map_err(outside)?;
        if (writer.digest(), writer.size()) != (digest, size) {
            return Err(Failure::Refused(crate::text!(
                vi: "tệp {digest} không còn đúng những byte đã duyệt; không phát hành",
                en: "object {digest} no longer has the approved bytes; it is not published"
            )));
        }
        files::persist(writer.into_inner(), &place).map_err(outside)
    }

    /// Puts the block signature of an object that is there, if it is big enough to have one.
    pub fn put_blocks(&self, digest: Digest, size: u64) -> Result<(), Failure> {
        let place = self.path(&layout::blocks(digest));
        if size < blocks::SMALLEST || place.is_file() {
            return Ok(());
        }
        let object = self.path(&layout::object(digest));
        let signature = File::open(&object).and_then(|file| blocks::signature(file, size)).map_err(|error| Failure::io(&object, &error))?;
        files::write_atomic(&place, &signature).map_err(|error| Failure::io(&place, &error))
    }

    /// The numbers `(epoch, version)` for which a head or its signature is there. A signature alone is left by a publisher that was
    /// stopped between the two; its number is used up.
    pub fn heads(&self, site: &SiteId) -> Result<BTreeSet<(u64, u64)>, Failure> {
        let folder = self.path(&layout::heads(site));
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            Err(error) => return Err(Failure::io(&folder, &error)),
        };
        let mut numbers = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(|error| Failure::io(&folder, &error))?.file_name();
            numbers.extend(name.to_str().and_then(head_number));
        }
        Ok(numbers)
    }
}

fn head_number(name: &str) -> Option<(u64, u64)> {
    let stem = name.strip_suffix(layout::SIGNATURE).unwrap_or(name).strip_suffix(".json")?;
    let (epoch, version) = stem.split_once('-')?;
    let number = (epoch.parse().ok()?, version.parse().ok()?);
    (format!("{}-{}", number.0, number.1) == stem).then_some(number)
}

fn conflict(path: &Path) -> Failure {
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "{path} đã có với nội dung khác: có người khác vừa phát hành, hoặc kho bị sửa; không ghi đè",
        en: "{path} exists with other bytes: somebody else has published, or the store was changed; it is not overwritten"
    ))
}
