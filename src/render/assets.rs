//! Media of slides as files of a program: pictures made again for their room, video and sound as they are.
//! Each piece of work is done once, however many pages and threads ask for it, and again when its file has changed.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use super::cache::{Cache, ENCODER};
use super::output::{Body, Rendered};
use super::picture::{self, Fault, Room};
use crate::base::diagnostic::{Diagnostic, Place};
use crate::base::digest::Digest;
use crate::base::file_types as types;
use crate::base::files::read_limited;
use crate::base::relpath::RelPath;

/// Largest source picture in bytes.
const PICTURE_BYTES: u64 = 256 << 20;

/// The media of one content folder.
pub struct Assets {
    root: PathBuf,
    cache: Cache,
    pictures: Once<(String, Room)>,
    files: Once<String>,
}

type Outcome = Result<Rendered, Diagnostic>;
type Slot = Arc<OnceLock<Outcome>>;
/// Length and time of change: what tells a file from its earlier self while the process lives.
type Stamp = Option<(u64, SystemTime)>;

/// Work done once per key and stamp of its file.
struct Once<K>(Mutex<BTreeMap<K, (Stamp, Slot)>>);

impl<K: Ord> Once<K> {
    fn get(&self, key: K, file: &Path, work: impl FnOnce() -> Outcome) -> Outcome {
        let stamp = file.metadata().ok().and_then(|data| Some((data.len(), data.modified().ok()?)));
        let slot = {
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = known.entry(key).or_default();
            if entry.0 != stamp {
                *entry = (stamp, Slot::default());
            }
            entry.1.clone()
        };
        slot.get_or_init(work).clone()
    }
}

impl Assets {
    /// The media below a content folder, with a cache folder for renditions.
    pub fn new(root: PathBuf, cache: Option<PathBuf>) -> Self {
        Self { root, cache: Cache(cache), pictures: Once(Mutex::default()), files: Once(Mutex::default()) }
    }

    /// A picture for a room.
    pub fn picture(&self, path: &str, room: Room) -> Outcome {
        self.pictures.get((path.to_owned(), room), &self.root.join(path), || self.make(path, room))
    }

    /// Video, sound or captions as they are.
    pub fn file(&self, path: &str) -> Outcome {
        let source = self.root.join(path);
        self.files.get(path.to_owned(), &source.clone(), || {
            let (digest, size) = File::open(&source).and_then(Digest::of_reader).map_err(|error| unreadable(path, &error))?;
            let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
            named(path, digest, &extension, size, Body::File(source))
        })
    }

    /// The bytes of a text file of a slide.
    pub fn text(&self, path: &str) -> Result<String, Diagnostic> {
        let bytes = read_limited(&self.root.join(path), crate::base::limits::CONTENT_TEXT_BYTES);
        let bytes = bytes.map_err(|error| unreadable(path, &error))?;
        String::from_utf8(bytes).map_err(|error| not_utf8(path, &error))
    }

    fn make(&self, path: &str, room: Room) -> Outcome {
        let bytes = read_limited(&self.root.join(path), PICTURE_BYTES).map_err(|error| unreadable(path, &error))?;
        let Room { width, height, contain } = room;
        let key = Digest::of(format!("{ENCODER} {} {width}x{height} {contain}", Digest::of(&bytes)).as_bytes());
        let entry = if let Some(entry) = self.cache.get(&key) {
            entry
        } else {
            let entry = picture::render(&bytes, room).map_err(|fault| diagnostic(path, &fault))?;
            self.cache.put(&key, &entry);
            entry
        };
        let (digest, size) = (Digest::of(&entry.bytes), entry.bytes.len() as u64);
        named(path, digest, entry.extension, size, Body::Bytes(entry.bytes.into()))
    }
}

fn named(source: &str, digest: Digest, extension: &str, size: u64, body: Body) -> Outcome {
    let path = RelPath::parse(&format!("assets/{}.{extension}", &digest.to_string()[..32]));
    match (path, types::of_extension(extension)) {
        (Some(path), Some(media_type)) => Ok(Rendered { path, media_type, digest, size, body }),
        _ => Err(Diagnostic::error(
            "media-type",
            Place::file(source),
            crate::text!(vi: "một chương trình không chứa được tệp .{extension}", en: "a program can't hold .{extension} files"),
            crate::text!(vi: "chuyển sang mp4, webm, m4a, mp3, ogg hoặc vtt", en: "convert it to mp4, webm, m4a, mp3, ogg or vtt"),
        )),
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(
        "media-unreadable",
        Place::file(path),
        crate::text!(vi: "không đọc được tệp: {error}", en: "the file can't be read: {error}"),
        crate::text!(vi: "kiểm tra tệp có ở đó, đọc được và không quá lớn", en: "check that the file is there, readable and not too large"),
    )
}

fn not_utf8(path: &str, error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..at]);
    let line = before.matches('\n').count() + 1;
    let source = before.rsplit('\n').next().unwrap_or_default().to_owned();
    let column = source.chars().count() + 1;
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Diagnostic::error(
        "not-utf8",
        Place { path: path.to_owned(), line: small(line), column: small(column), length: 1, source },
        crate::text!(vi: "tệp không phải văn bản UTF-8", en: "the file is not UTF-8 text"),
        crate::text!(vi: "lưu lại với bảng mã UTF-8 (trong Excel: “CSV UTF-8”)", en: "save it again as UTF-8 (in Excel: “CSV UTF-8”)"),
    )
}

fn diagnostic(path: &str, fault: &Fault) -> Diagnostic {
    match fault {
        Fault::TooLarge(width, height) => Diagnostic::error(
            "picture-too-large",
            Place::file(path),
            crate::text!(vi: "ảnh có {width} × {height} điểm ảnh, quá lớn", en: "the picture has {width} × {height} pixels, too many"),
            crate::text!(vi: "thu nhỏ ảnh xuống dưới 120 triệu điểm ảnh", en: "scale it down to fewer than 120 million pixels"),
        ),
        Fault::Cut => Diagnostic::error(
            "picture-broken",
            Place::file(path),
            crate::text!(vi: "tệp ảnh bị cụt, thiếu phần cuối", en: "the file ends in the middle of the picture"),
            crate::text!(vi: "chép lại tệp ảnh gốc cho đủ", en: "copy the original file again, whole"),
        ),
        Fault::Broken(reason) => Diagnostic::error(
            "picture-broken",
            Place::file(path),
            crate::text!(vi: "ảnh không giải mã được: {reason}", en: "the picture can't be decoded: {reason}"),
            crate::text!(vi: "mở ảnh bằng phần mềm ảnh rồi lưu lại thành JPEG hoặc PNG", en: "open it in a picture editor and save it again as JPEG or PNG"),
        ),
    }
}
