//! Reads the type, size and length of a picture, video or sound from its content: headers only, no pixel is decoded.
//! Never trusts a name: content that does not match its extension is a fault.

use std::collections::BTreeSet;
use std::io::{BufReader, Read as _};
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ImageDecoder, ImageResult, Limits};
use serde::{Deserialize, Serialize};

use super::recording::{Flaw, Recording};
use super::{iso_index, sound_index, webm_index};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::file_types;
use crate::base::limits::{PICTURE_PIXELS, PICTURE_SIDE, VIDEO_SIDE};
use crate::base::os;
use crate::base::text::Text;
use crate::text;

/// Extensions of media files.
pub const EXTENSIONS: [&str; 9] = ["jpg", "jpeg", "png", "webp", "mp4", "webm", "m4a", "mp3", "ogg"];

/// What the content of a media file says. A picture's size is that of the picture turned upright.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaInfo {
    /// Pixels; 0 for sound.
    pub width: u32,
    /// Pixels; 0 for sound.
    pub height: u32,
    /// Rounded up; 0 for pictures, and for films of which it can't be known.
    pub ms: u64,
    /// The other length that its head says, where that is wrong; else 0.
    pub said_ms: u64,
    /// How long a film shows nothing at its start.
    pub blank_ms: u64,
    /// How long nothing is heard at its start.
    pub silent_ms: u64,
    /// How long a film goes on after its pictures have ended, with sound alone; 0 if that is not noticed.
    pub still_ms: u64,
    /// Whether it is a film that many players can decode only slowly, if at all.
    pub rare: bool,
    /// Whether it has several tracks of pictures, or several of sound.
    pub has_choice: bool,
}

/// A last picture that stands for this time or less is not noticed, in milliseconds.
pub const STILL_MS: u64 = 1_000;

/// The media type that a file of this name must have; `None` if the name is not that of a media file.
pub fn media_type_for_name(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1;
    let usual = if extension == "jpeg" { "jpg" } else { extension };
    EXTENSIONS.contains(&extension).then(|| file_types::from_extension(usual)).flatten()
}

/// Whether a file of this name is a picture.
pub fn is_picture(name: &str) -> bool {
    media_type_for_name(name).is_some_and(|media_type| media_type.starts_with("image/"))
}

/// Looks into a file. `name` is its path below the content folder.
pub fn probe(path: &Path, name: &str) -> Result<MediaInfo, Diagnostic> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let expected = media_type_for_name(name).unwrap_or("unknown");
    let mut head = Vec::new();
    os::open_regular(path).and_then(|file| file.take(512).read_to_end(&mut head)).map_err(|error| flawed_fault(name, &error.into()))?;
    if is_lfs_pointer(&head) {
        return Err(lfs_pointer(name));
    }
    let found = sniff_media_type(&head);
    // The tracks, not the first bytes, distinguish the two kinds of ISO file.
    let same = found == expected || (found == "video/mp4" && expected == "audio/mp4");
    if !same {
        return Err(mismatch(name, extension, found));
    }
    if expected.starts_with("image/") { probe_picture(path, name, expected) } else { probe_tracks(path, name, expected) }
}

fn sniff_media_type(head: &[u8]) -> &'static str {
    let text = head.trim_ascii_start();
    let begins = |word: &str| text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word.as_bytes());
    match head {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => "image/png",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4).unwrap_or_default() {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => "HEIC",
            b"avif" | b"avis" => "AVIF",
            _ => "video/mp4",
        },
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "TIFF",
        [b'8', b'B', b'P', b'S', ..] => "PSD",
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => "BMP",
        [0xff, 0x0a, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => "JPEG XL",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "video/webm",
        [b'O', b'g', b'g', b'S', ..] => "audio/ogg",
        [b'I', b'D', b'3', ..] => "audio/mpeg",
        [0xff, second, ..] if second & 0xe0 == 0xe0 => "audio/mpeg",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        [b'P', b'K', 3, 4, ..] => "application/zip",
        _ if begins("<svg") || begins("<?xml") => "image/svg+xml",
        _ if begins("<!doctype") || begins("<html") || begins("<script") => "text/html",
        [] => "empty",
        _ => "unknown",
    }
}

fn probe_picture(path: &Path, name: &str, media_type: &str) -> Result<MediaInfo, Diagnostic> {
    let file = BufReader::new(os::open_regular(path).map_err(|error| flawed_fault(name, &error.into()))?);
    let header: ImageResult<((u32, u32), bool)> = match media_type {
        "image/jpeg" => JpegDecoder::new(file).map(|decoder| (upright_size(decoder), false)),
        "image/png" => PngDecoder::with_limits(file, Limits::default())
            .and_then(|decoder| decoder.is_apng().map(|moving| (upright_size(decoder), moving))),
        _ => WebPDecoder::new(file).map(|decoder| {
            let moving = decoder.has_animation();
            (upright_size(decoder), moving)
        }),
    };
    let ((width, height), moving) = header.map_err(|error| flawed_fault(name, &Flaw::of_picture(error)))?;
    if width == 0 || height == 0 {
        return Err(flawed_fault(name, &Flaw::Damaged));
    }
    if is_too_large(width, height) {
        return Err(too_many_pixels(name, width, height));
    }
    if moving {
        return Err(moving_picture(name));
    }
    Ok(MediaInfo { width, height, ..MediaInfo::default() })
}

/// The size of a picture as it is shown: cameras store it as they are held, and say how it is to be turned.
fn upright_size(mut decoder: impl ImageDecoder) -> (u32, u32) {
    use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let (width, height) = decoder.dimensions();
    match decoder.orientation() {
        Ok(Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH) => (height, width),
        _ => (width, height),
    }
}

fn probe_tracks(path: &Path, name: &str, media_type: &str) -> Result<MediaInfo, Diagnostic> {
    let Recording { tracks, ms, said_ms, has_choice } = index(path, media_type).map_err(|flaw| flawed_fault(name, &flaw))?;
    let sides = || tracks.iter().filter_map(|track| track.picture);
    let (width, height) = sides().fold((0, 0), |(wide, high), (width, height)| (width.max(wide), height.max(high)));
    let seen = width > 0 && height > 0;
    let sounds = tracks.iter().any(|track| track.picture.is_none());
    if media_type.starts_with("video/") != seen || !(seen || sounds) {
        return Err(mismatch(name, name.rsplit_once('.').map_or("", |(_, e)| e), if seen { "video" } else { "audio" }));
    }
    let foreign: BTreeSet<&str> = tracks.iter().filter_map(|track| track.foreign.as_deref()).collect();
    if !foreign.is_empty() {
        return Err(unsupported_codec_fault(name, &foreign));
    }
    if width > VIDEO_SIDE || height > VIDEO_SIDE {
        return Err(too_many_pixels(name, width, height));
    }
    let ms = ms.unwrap_or(0);
    // A slide sets how long a film is; of a sound without a length nobody would learn that its slide cuts it off.
    if ms == 0 && !seen {
        return Err(flawed_fault(name, &Flaw::NoLength));
    }
    let waits = |pictures: bool| tracks.iter().filter(|track| track.picture.is_some() == pictures).map(|track| track.starts_ms).min();
    let (blank_ms, silent_ms) = (waits(true).unwrap_or(0), waits(false).unwrap_or(0));
    let rare = tracks.iter().any(|track| track.rare);
    let shown = tracks.iter().filter(|track| track.picture.is_some()).filter_map(|track| track.ends_ms).max();
    let still_ms = shown.map(|shown| ms.saturating_sub(shown)).filter(|still| *still > STILL_MS).unwrap_or(0);
    Ok(MediaInfo { width, height, ms, said_ms: said_ms.unwrap_or(0), blank_ms, silent_ms, still_ms, rare, has_choice })
}

fn index(path: &Path, media_type: &str) -> Result<Recording, Flaw> {
    let file = os::open_regular(path)?;
    match media_type {
        "video/mp4" | "audio/mp4" => iso_index::read(file),
        "video/webm" => webm_index::read(file),
        _ => sound_index::read(file, media_type),
    }
}

/// Whether a film has no track of sound. One whose index can't be read is taken to have one.
pub fn is_silent(path: &Path, media_type: &str) -> bool {
    index(path, media_type).is_ok_and(|recording| recording.tracks.iter().all(|track| track.picture.is_some()))
}

fn mismatch(name: &str, extension: &str, found: &str) -> Diagnostic {
    let help = picture_remedy(found).unwrap_or_else(|| {
        text!(vi: "lưu lại đúng loại, hoặc đổi đuôi cho đúng với nội dung", en: "save it in the right format, or name it after what it is")
    });
    Diagnostic::error(
        "media-mismatch",
        SourceLocation::file(name),
        text!(vi: "tên nói là {extension}, nội dung lại là {found}", en: "the name says {extension}, the content says {found}"),
        help,
    )
}

/// How to convert a picture of a kind that is not taken, by its name or its extension.
pub(super) fn picture_remedy(kind: &str) -> Option<Text> {
    match kind.to_ascii_lowercase().as_str() {
        "heic" | "heif" => Some(text!(
            vi: "mở ảnh rồi xuất ra JPEG (iPhone: Cài đặt → Camera → Định dạng → Tương thích nhất thì máy chụp thẳng ra JPEG)",
            en: "open it and export it as JPEG (iPhone: Settings → Camera → Formats → Most Compatible makes it take JPEG at once)"
        )),
        "gif" | "image/gif" => Some(text!(
            vi: "ảnh đứng yên thì lưu lại thành PNG; ảnh động thì chuyển thành mp4 và dùng bố cục phim",
            en: "save a picture that does not move as PNG; make one that moves an mp4, for a layout with a film"
        )),
        "avif" | "tiff" | "tif" | "bmp" | "psd" | "jpeg xl" | "jxl" | "svg" | "image/svg+xml" => Some(text!(
            vi: "mở bằng phần mềm ảnh rồi xuất ra JPEG (ảnh chụp) hoặc PNG (hình vẽ)",
            en: "open it in a picture editor and export it as JPEG (photographs) or PNG (drawings)"
        )),
        _ => None,
    }
}

fn moving_picture(name: &str) -> Diagnostic {
    Diagnostic::error(
        "media-moves",
        SourceLocation::file(name),
        text!(vi: "đây là ảnh động; trang chỉ hiện được khung đầu tiên", en: "the picture moves; a slide would show its first frame alone"),
        text!(
            vi: "chuyển thành phim mp4 (H.264) và dùng bố cục phim; hoặc lưu một khung thành PNG, JPEG",
            en: "make it an mp4 film (H.264), for a layout with a film; or save one frame as PNG or JPEG"
        ),
    )
}

fn flawed_fault(name: &str, flaw: &Flaw) -> Diagnostic {
    let Text { vi, en } = flaw.reason();
    let help = match flaw {
        Flaw::Cut | Flaw::NoIndex => text!(
            vi: "chép lại tệp gốc; nếu tệp gốc cũng vậy thì xuất lại từ chương trình đã làm ra nó",
            en: "copy the original again; if that is so too, export it again from the program that made it"
        ),
        Flaw::NoLength | Flaw::Twice(_) | Flaw::Damaged | Flaw::Other(_) => {
            text!(vi: "xuất lại tệp từ chương trình đã làm ra nó", en: "export it again from the program that made it")
        }
    };
    let cause = text!(vi: "tệp hỏng hoặc thiếu phần: {vi}", en: "the file is broken or incomplete: {en}");
    Diagnostic::error("media-broken", SourceLocation::file(name), cause, help)
}

/// `codings`: names of those that are not decoded; one without a name is empty.
fn unsupported_codec_fault(name: &str, codings: &BTreeSet<&str>) -> Diagnostic {
    let named = codings.iter().filter(|coding| !coding.is_empty()).copied().collect::<Vec<_>>().join(", ");
    let in_brackets = if named.is_empty() { named } else { format!(" ({named})") };
    Diagnostic::error(
        "media-coding",
        SourceLocation::file(name),
        text!(
            vi: "hình hoặc tiếng được mã hóa theo kiểu mà trình chiếu không dùng{in_brackets}",
            en: "pictures or sound are coded in a way that players don't take{in_brackets}"
        ),
        text!(
            vi: "xuất lại: mp4 với H.264 và AAC, hoặc webm với VP9 và Opus",
            en: "export it again: mp4 with H.264 and AAC, or webm with VP9 and Opus"
        ),
    )
}

/// Whether a picture has more pixels than a program may hold.
pub fn is_too_large(width: u32, height: u32) -> bool {
    u64::from(width) * u64::from(height) > PICTURE_PIXELS || width.max(height) > PICTURE_SIDE
}

/// A picture or video with more pixels than a program may hold.
pub fn too_many_pixels(name: &str, width: u32, height: u32) -> Diagnostic {
    let (most, side) = (PICTURE_PIXELS / 1_000_000, width.max(height));
    let film = media_type_for_name(name).is_some_and(|media_type| media_type.starts_with("video/"));
    let longest = if film { VIDEO_SIDE } else { PICTURE_SIDE };
    let cause = if side > longest {
        text!(
            vi: "{width}×{height} điểm ảnh: cạnh {side} dài quá {longest}",
            en: "{width}×{height} pixels: the side of {side} is longer than {longest}"
        )
    } else {
        text!(
            vi: "{width}×{height} điểm ảnh: quá {most} triệu điểm ảnh",
            en: "{width}×{height} pixels: more than {most} megapixels"
        )
    };
    let help = text!(
        vi: "thu nhỏ: ảnh đến {most} triệu điểm ảnh và mỗi cạnh đến {PICTURE_SIDE}, phim mỗi cạnh đến {VIDEO_SIDE}",
        en: "make it smaller: pictures up to {most} megapixels and {PICTURE_SIDE} a side, films up to {VIDEO_SIDE} a side"
    );
    Diagnostic::error("media-too-large", SourceLocation::file(name), cause, help)
}

/// Whether a file that begins so is a Git LFS pointer.
pub fn is_lfs_pointer(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs")
}

/// A Git LFS pointer in place of the file.
pub fn lfs_pointer(name: &str) -> Diagnostic {
    Diagnostic::error(
        "lfs-pointer",
        SourceLocation::file(name),
        text!(vi: "thiếu tệp: ở đây chỉ có con trỏ Git LFS", en: "the file is missing: only its Git LFS pointer is here"),
        text!(vi: "chạy git lfs pull, hoặc đưa thẳng tệp vào git", en: "run git lfs pull, or put the file itself into git"),
    )
}
