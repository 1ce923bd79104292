//! Opens files by the rule of a player: a plain file, reached through plain folders. A link is never followed, and a pipe or a device never
//! opened, which would hold its reader up. Never says what the file is for.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::os;
#[cfg(feature = "office")]
use super::text::Text;
#[cfg(feature = "office")]
use crate::text;

/// What lies at a path.
pub enum PlainFile {
    Found(File),
    Absent,
    /// Something else than a plain file, or on the way to it something else than a folder.
    Obstacle(Obstacle),
}

/// What lies in the place of a plain file or of a folder on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    pub path: PathBuf,
    /// Whether it is a link; else a pipe, a device, a socket, or a folder in the place of a file or the other way round.
    pub is_link: bool,
    /// Whether it lies in the place of a folder on the way.
    pub is_above: bool,
}

/// Opens the file at a relative path below a folder, which itself may be a link.
pub fn open(root: &Path, path: &str) -> io::Result<PlainFile> {
    if let Some(obstacle) = above(root, path)? {
        return Ok(PlainFile::Obstacle(obstacle));
    }
    open_at(&root.join(path))
}

/// As [`open`], for one file by its own path: the folders on the way are the caller's.
pub fn open_at(path: &Path) -> io::Result<PlainFile> {
    let kind = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata.file_type(),
        Err(error) if os::is_absent(&error) => return Ok(PlainFile::Absent),
        Err(error) => return Err(error),
    };
    if !kind.is_file() {
        return Ok(PlainFile::Obstacle(Obstacle { path: path.to_owned(), is_link: kind.is_symlink(), is_above: false }));
    }
    match os::open_regular(path) {
        Ok(file) => Ok(PlainFile::Found(file)),
        Err(error) if os::is_absent(&error) => Ok(PlainFile::Absent),
        Err(error) => Err(error),
    }
}

/// The first thing in the place of a folder on the way to a path that is no plain folder.
pub fn above(root: &Path, path: &str) -> io::Result<Option<Obstacle>> {
    let mut at = root.to_owned();
    let mut parts = Path::new(path).components().peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            break;
        }
        let Component::Normal(part) = part else { return Err(io::ErrorKind::InvalidFilename.into()) };
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) => return Ok(Some(Obstacle { path: at, is_link: metadata.is_symlink(), is_above: true })),
            Err(error) if os::is_absent(&error) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

#[cfg(feature = "office")]
impl Obstacle {
    /// What it is, for a sentence that begins with its path.
    pub fn what(&self) -> Text {
        match (self.is_link, self.is_above) {
            (true, _) => text!(vi: "là liên kết", en: "is a link"),
            (false, true) => text!(vi: "nằm ở chỗ của một thư mục mà không phải là thư mục", en: "is in the place of a folder and is none"),
            (false, false) => {
                text!(vi: "là thư mục, ống dẫn, thiết bị hoặc ổ cắm, không phải tệp", en: "is a folder, a pipe, a device or a socket, and no file")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn only_plain_files_in_plain_folders_are_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("a/b")).unwrap();
        fs::write(at("a/b/file"), "x").unwrap();
        symlink("b", at("a/linked")).unwrap();
        symlink("b/file", at("a/link")).unwrap();
        symlink("nowhere", at("a/dangling")).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, at("a/pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("a/socket")).unwrap();
        let seen = |path: &str| match open(folder.path(), path).unwrap() {
            PlainFile::Found(_) => "found".to_owned(),
            PlainFile::Absent => "absent".to_owned(),
            PlainFile::Obstacle(found) => {
                format!("{} {} {}", found.path.strip_prefix(folder.path()).unwrap().display(), found.is_link, found.is_above)
            }
        };
        for (path, expected) in [
            ("a/b/file", "found"),
            ("a/b/none", "absent"),
            ("none/b/file", "absent"),
            ("a/linked/file", "a/linked true true"),
            ("a/link", "a/link true false"),
            ("a/dangling", "a/dangling true false"),
            ("a/pipe", "a/pipe false false"),
            ("a/pipe/file", "a/pipe false true"),
            ("a/socket", "a/socket false false"),
            ("a/b", "a/b false false"),
        ] {
            assert_eq!(seen(path), expected, "{path}");
        }
        assert!(open(folder.path(), "../x/y").is_err());
    }
}
