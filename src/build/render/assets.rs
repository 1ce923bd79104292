//! Turns the media of slides into files of a program: pictures re-encoded for their box, video and sound unchanged. Each file is processed
//! once for all pages and threads, and again when it has changed. Never writes into a program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use super::cache::{ENCODER_VERSION, Rendition, RenditionCache};
use super::output::RenderedFile;
use super::picture::{self, PictureBox, PictureError};
use crate::base::bytes::ByteSource;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::file_types as types;
use crate::base::files::read_regular_file;
use crate::base::limits::{CONTENT_TEXT_BYTES, PICTURE_BYTES};
use crate::base::lock::MutexExt as _;
use crate::base::os;
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;
use crate::base::text::Text;
use crate::content::model::values::{Slide, SlideBody};
use crate::content::source::text::{self, SourceText};
use crate::content::source::{front_matter, media};

/// The media of one content folder.
pub struct Assets {
    root: PathBuf,
    cache: RenditionCache,
    results: Mutex<BTreeMap<AssetKey, (Option<FileStamp>, AssetSlot)>>,
    room: RenditionRoom,
}

/// What renditions take in memory before further ones go to temporary files, in bytes: a command holds all of them until its last program is
/// written.
const RENDITIONS_IN_MEMORY: u64 = 256 << 20;

/// Their folder in the cache folder, where a killed command's leftovers are removed with what has not been used for long.
const HELD: &str = "held";

/// Room in memory for renditions; what it has no more room for goes to temporary files.
struct RenditionRoom {
    left: AtomicU64,
    /// Of the temporary files; `None`: where the system has them.
    folder: Option<PathBuf>,
}

impl RenditionRoom {
    /// Takes bytes over. A disk that takes no file leaves them in memory.
    fn hold(&self, bytes: Vec<u8>) -> ByteSource {
        let size = bytes.len() as u64;
        let take = |left: u64| left.checked_sub(size);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            return ByteSource::Memory(bytes.into());
        }
        self.write(&bytes).map_or_else(|_| ByteSource::Memory(bytes.into()), |path| ByteSource::Temporary(Arc::new(path)))
    }

    fn write(&self, bytes: &[u8]) -> io::Result<tempfile::TempPath> {
        let mut file = match &self.folder {
            Some(folder) => fs::create_dir_all(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder)),
            None => tempfile::NamedTempFile::new(),
        }?;
        file.write_all(bytes)?;
        Ok(file.into_temp_path())
    }
}

/// The path of a file, and what is made of it.
type AssetKey = (String, AssetUse);
type MakeRendition = fn(&[u8], PictureBox) -> Result<Rendition, PictureError>;
type AssetResult = Result<RenderedFile, Diagnostic>;
type AssetSlot = Arc<OnceLock<AssetResult>>;

/// What a page makes of a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum AssetUse {
    Unchanged,
    Picture(PictureBox),
    /// What lies behind a picture in a box.
    Backdrop(PictureBox),
}

impl Assets {
    /// The media below a content folder, with a cache folder for renditions.
    pub fn new(root: PathBuf, cache: Option<PathBuf>) -> Self {
        let room = RenditionRoom { left: AtomicU64::new(RENDITIONS_IN_MEMORY), folder: cache.as_ref().map(|cache| cache.join(HELD)) };
        Self { root, cache: RenditionCache(cache), results: Mutex::default(), room }
    }

    /// Runs work once per file and box, and again when the file has changed.
    fn once(&self, path: &str, used: AssetUse, work: impl FnOnce() -> AssetResult) -> AssetResult {
        let stamp = self.root.join(path).metadata().ok().map(|metadata| FileStamp::from_metadata(&metadata));
        let slot = {
            let mut known = self.results.hold();
            let entry = known.entry((path.to_owned(), used)).or_default();
            if entry.0 != stamp {
                *entry = (stamp, AssetSlot::default());
            }
            entry.1.clone()
        };
        slot.get_or_init(work).clone()
    }

    /// Renders a picture for a box.
    pub fn picture(&self, path: &str, room: PictureBox) -> AssetResult {
        self.once(path, AssetUse::Picture(room), || self.render_picture(path, room, ("", picture::render)))
    }

    /// Renders what lies behind a picture in a box.
    pub fn backdrop(&self, path: &str, room: PictureBox) -> AssetResult {
        self.once(path, AssetUse::Backdrop(room), || self.render_picture(path, room, (" backdrop", picture::backdrop)))
    }

    /// Returns a film or sound unchanged, captions with LF as their only line end.
    pub fn file(&self, path: &str) -> AssetResult {
        self.once(path, AssetUse::Unchanged, || {
            let source = self.root.join(path);
            if path.ends_with(".vtt") {
                let bytes = self.text(path)?.text().as_bytes().to_vec();
                return asset_file(path, Digest::of(&bytes), "vtt", bytes.len() as u64, ByteSource::Memory(bytes.into()));
            }
            let (digest, size) = os::open_regular(&source).and_then(Digest::of_reader).map_err(|error| unreadable(path, &error))?;
            let extension = Path::new(path).extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
            asset_file(path, digest, &extension, size, ByteSource::File(source))
        })
    }

    /// The digest of a film or sound that a page holds unchanged; `None` if none does yet.
    pub fn known_digest(&self, path: &str) -> Option<Digest> {
        let slot = self.results.hold().get(&(path.to_owned(), AssetUse::Unchanged))?.1.clone();
        let made = slot.get()?.as_ref().ok()?;
        matches!(made.body, ByteSource::File(_)).then_some(made.digest)
    }

    /// Reads a text file of a slide.
    pub fn text(&self, path: &str) -> Result<SourceText, Diagnostic> {
        let bytes = read_regular_file(&self.root.join(path), CONTENT_TEXT_BYTES);
        let bytes = bytes.map_err(|error| unreadable(path, &error))?;
        text::decode_file(path, &bytes).map(|(text, _)| SourceText::new(path, &text))
    }

    /// Returns the Markdown of a slide. Reads a body left on disk now; fails if its file has changed since it was checked.
    pub fn slide_markdown<'a>(&self, slide: &'a Slide) -> Result<Cow<'a, str>, Diagnostic> {
        match &slide.body {
            SlideBody::Loaded(text) => Ok(text.into()),
            SlideBody::OnDisk(stamp) => self.read_unchanged(&format!("slides/{}", slide.source), stamp).map(Cow::from),
        }
    }

    fn read_unchanged(&self, path: &str, stamp: &FileStamp) -> Result<String, Diagnostic> {
        let text = self.text(path)?;
        let now = fs::metadata(self.root.join(path)).map_err(|error| unreadable(path, &error))?;
        // Taken after the read, so that a file written meanwhile has a different stamp.
        if FileStamp::from_metadata(&now) == *stamp {
            Ok(front_matter::split(&text)?.body.to_owned())
        } else {
            Err(changed_during_build(path))
        }
    }

    /// `make` has a name that distinguishes what it makes.
    fn render_picture(&self, path: &str, room: PictureBox, (kind, make): (&str, MakeRendition)) -> AssetResult {
        let bytes = read_regular_file(&self.root.join(path), PICTURE_BYTES).map_err(|error| unreadable(path, &error))?;
        let PictureBox { width, height, contain } = room;
        let key = Digest::of(format!("{ENCODER_VERSION} {} {width}x{height} {contain}{kind}", Digest::of(&bytes)).as_bytes());
        let entry = if let Some(entry) = self.cache.get(&key) {
            entry
        } else {
            let entry = make(&bytes, room).map_err(|fault| picture_diagnostic(path, &fault))?;
            self.cache.put(&key, &entry);
            entry
        };
        let (digest, size) = (Digest::of(&entry.bytes), entry.bytes.len() as u64);
        asset_file(path, digest, entry.extension, size, self.room.hold(entry.bytes))
    }
}

/// Decodes a picture as it is decoded for a page.
pub fn decode(root: &Path, path: &str) -> Result<(), Diagnostic> {
    let bytes = read_regular_file(&root.join(path), PICTURE_BYTES).map_err(|error| unreadable(path, &error))?;
    picture::decode(&bytes).map(|_| ()).map_err(|fault| picture_diagnostic(path, &fault))
}

fn asset_file(source: &str, digest: Digest, extension: &str, size: u64, body: ByteSource) -> AssetResult {
    let path = RelPath::parse(&format!("assets/{}.{extension}", &digest.to_string()[..32]));
    match (path, types::from_extension(extension)) {
        (Some(path), Some(media_type)) => Ok(RenderedFile { path, media_type, digest, size, body }),
        _ => Err(Diagnostic::error(
            "media-type",
            SourceLocation::file(source),
            crate::text!(vi: "một chương trình không chứa được tệp .{extension}", en: "a program can't hold .{extension} files"),
            crate::text!(vi: "chuyển sang mp4, webm, m4a, mp3, ogg hoặc vtt", en: "convert it to mp4, webm, m4a, mp3, ogg or vtt"),
        )),
    }
}

fn unreadable(path: &str, error: &std::io::Error) -> Diagnostic {
    let Text { vi, en } = failure::system(error);
    Diagnostic::error(
        "media-unreadable",
        SourceLocation::file(path),
        crate::text!(vi: "không đọc được tệp: {vi}", en: "the file can't be read: {en}"),
        crate::text!(vi: "kiểm tra tệp có ở đó, đọc được và không quá lớn", en: "check that the file is there, readable and not too large"),
    )
}

fn changed_during_build(path: &str) -> Diagnostic {
    Diagnostic::error(
        "slide-changed",
        SourceLocation::file(path),
        crate::text!(vi: "tệp thay đổi trong lúc tạo chương trình", en: "the file changed during the build"),
        crate::text!(vi: "chạy lại lệnh", en: "run the command again"),
    )
}

fn picture_diagnostic(path: &str, fault: &PictureError) -> Diagnostic {
    match fault {
        PictureError::TooLarge(width, height) => media::too_many_pixels(path, *width, *height),
        PictureError::Truncated => Diagnostic::error(
            "picture-broken",
            SourceLocation::file(path),
            crate::text!(vi: "tệp ảnh bị cụt, thiếu phần cuối", en: "the file ends in the middle of the picture"),
            crate::text!(vi: "chép lại tệp ảnh gốc cho đủ", en: "copy the original file again, whole"),
        ),
        PictureError::Damaged => Diagnostic::error(
            "picture-broken",
            SourceLocation::file(path),
            crate::text!(vi: "tệp ảnh bị hỏng ở giữa: một phần đã mất hoặc bị ghi đè", en: "the file is damaged inside: a part of the picture is lost or overwritten"),
            crate::text!(vi: "chép lại tệp ảnh gốc từ máy ảnh hoặc nơi lưu; nếu gốc cũng hỏng thì dùng ảnh khác", en: "copy the original again from the camera or archive; if that is damaged too, take another picture"),
        ),
        PictureError::Colors(kind) => Diagnostic::error(
            "picture-colors",
            SourceLocation::file(path),
            crate::text!(vi: "màu của ảnh ({kind}) không chuyển được sang màu của màn hình (sRGB)", en: "the colours of the picture ({kind}) can't be converted to those of the screen (sRGB)"),
            crate::text!(
                vi: "mở bằng phần mềm ảnh, chuyển sang RGB với hồ sơ sRGB rồi lưu lại (GIMP: Ảnh → Quản lý màu → Chuyển sang hồ sơ màu)",
                en: "open it in a picture editor, convert it to RGB with the profile sRGB and save it again (GIMP: Image → Color Management → Convert to Color Profile)"
            ),
        ),
        PictureError::Broken(reason) => Diagnostic::error(
            "picture-broken",
            SourceLocation::file(path),
            crate::text!(vi: "ảnh không giải mã được: {reason}", en: "the picture can't be decoded: {reason}"),
            crate::text!(vi: "mở ảnh bằng phần mềm ảnh rồi lưu lại thành JPEG hoặc PNG", en: "open it in a picture editor and save it again as JPEG or PNG"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_slide_is_read_again_only_while_it_is_the_one_that_was_judged() {
        let folder = tempfile::tempdir().unwrap();
        let (assets, path) = (Assets::new(folder.path().to_owned(), None), folder.path().join("a.md"));
        fs::write(&path, "---\r\ntitle: Một\r\n---\r\nHai\r\n").unwrap();
        let stamp = FileStamp::from_metadata(&fs::metadata(&path).unwrap());
        assert_eq!(assets.read_unchanged("a.md", &stamp), Ok("Hai\n".to_owned()));
        fs::write(&path, "---\ntitle: Một\n---\nBa, bốn\n").unwrap();
        assert_eq!(assets.read_unchanged("a.md", &stamp).unwrap_err().code, "slide-changed");
    }

    #[test]
    fn renditions_that_memory_has_no_room_for_go_to_files_that_leave_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let room = RenditionRoom { left: AtomicU64::new(10), folder: Some(folder.path().to_owned()) };
        let files = || fs::read_dir(folder.path()).unwrap().count();
        let read = |source: &ByteSource| {
            let mut bytes = Vec::new();
            source.open().unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let held = [b"seven b".to_vec(), b"four".to_vec(), b"3 b".to_vec(), b"x".to_vec()].map(|bytes| room.hold(bytes));
        assert!(
            matches!(&held, [ByteSource::Memory(_), ByteSource::Temporary(_), ByteSource::Memory(_), ByteSource::Temporary(_)]),
            "{held:?}"
        );
        assert_eq!((files(), held.each_ref().map(read)), (2, [b"seven b".to_vec(), b"four".to_vec(), b"3 b".to_vec(), b"x".to_vec()]));
        let copy = held[1].clone();
        drop(held);
        assert_eq!((files(), read(&copy)), (1, b"four".to_vec()));
        drop(copy);
        assert_eq!(files(), 0);
        // Where no file can be written, memory holds it.
        fs::write(folder.path().join("file"), b"").unwrap();
        let room = RenditionRoom { folder: Some(folder.path().join("file/below")), ..room };
        assert!(matches!(room.hold(b"more".to_vec()), ByteSource::Memory(_)));
    }
}
