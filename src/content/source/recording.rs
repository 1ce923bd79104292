//! What the index of a film or sound says of its tracks, the same for every container, and what may be wrong with it.
//! Never reads a file.

use image::ImageError;

use crate::base::failure;
use crate::base::text::Text;
use crate::text;

/// A film or sound by its index.
pub struct Recording {
    /// Of pictures and sound alone: timecode, telemetry, subtitles and the like are passed over.
    pub tracks: Vec<Track>,
    /// How long it plays in milliseconds, rounded up: as its head says, or, where that is wrong or missing, as long as what it holds. `None` if
    /// neither can be known.
    pub ms: Option<u64>,
    /// The length that its head says, where that is wrong.
    pub said_ms: Option<u64>,
    /// Whether it has several tracks of pictures, or several of sound, of which a browser plays one.
    pub has_choice: bool,
}

/// A track of pictures or sound.
#[derive(Default)]
pub struct Track {
    /// Width and height as shown; `None` for sound.
    pub picture: Option<(u32, u32)>,
    /// What its coding is called if not every player's browser decodes it in such a file; empty if it has no name.
    pub foreign: Option<String>,
    /// Whether many players can decode its pictures only slowly, if at all: more than 8 bits, or colour finer than 4:2:0.
    pub rare: bool,
    /// How long nothing of it is there at the start, in milliseconds.
    pub starts_ms: u64,
    /// When it ends, in milliseconds; `None` if that can't be known.
    pub ends_ms: Option<u64>,
}

/// Two lengths that differ by no more than this are the same, in milliseconds: encoders add parts of a frame, or leave them out.
const SAME_MS: u64 = 100;

/// The length that a head says, if what it describes has another one. `doubt`: how much longer that may be than is known.
pub fn contrary(said: Option<u64>, held: Option<u64>, doubt: u64) -> Option<u64> {
    said.filter(|said| held.is_some_and(|held| said.abs_diff(held) > SAME_MS.saturating_add(doubt)))
}

/// Why an index can't be used.
#[derive(Debug)]
pub enum Flaw {
    /// The file ends before what its index names.
    Cut,
    /// There is no index, which some programs write last.
    NoIndex,
    /// A sound does not say how long it is.
    NoLength,
    /// This part stands more than once where there may be one: a browser takes one of them, perhaps another on each machine.
    Twice(&'static str),
    /// The index contradicts itself.
    Damaged,
    /// It can't be read for this reason.
    Other(Text),
}

impl Flaw {
    /// What is wrong, to stand behind a colon.
    pub fn reason(&self) -> Text {
        match self {
            Self::Cut => text!(vi: "tệp bị cụt, phần sau không còn", en: "it was cut short, and its later part is missing"),
            Self::NoIndex => {
                text!(vi: "không có mục lục: tệp bị cụt hoặc ghi chưa xong", en: "it has no index: it was cut short, or never finished")
            }
            Self::NoLength => text!(vi: "tệp không ghi độ dài", en: "it does not say how long it is"),
            Self::Twice(part) => text!(
                vi: "có hơn một phần “{part}” trong khi chỉ được có một, nên mỗi máy có thể chiếu một phần khác",
                en: "it has more than one “{part}”, of which there may be one, so each machine may show another"
            ),
            Self::Damaged => text!(vi: "phần mô tả (header) trong tệp bị hỏng", en: "its headers are damaged"),
            Self::Other(reason) => reason.clone(),
        }
    }
}

impl Flaw {
    /// What is wrong with a picture whose headers can't be read.
    pub fn of_picture(error: ImageError) -> Self {
        match error {
            ImageError::IoError(error) => error.into(),
            ImageError::Unsupported(error) => {
                Self::Other(text!(vi: "kiểu ảnh này không đọc được ({error})", en: "this kind of picture can't be read ({error})"))
            }
            _ => Self::Damaged,
        }
    }
}

impl From<std::io::Error> for Flaw {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof { Self::Cut } else { Self::Other(failure::system(&error)) }
    }
}

/// A number of big-endian bytes at this place of a box or element.
pub fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// `count` units of which `scale` make a second, in milliseconds, rounded up.
pub fn ceil_ms(count: u64, scale: u64) -> Option<u64> {
    let ms = (u128::from(count) * 1_000).div_ceil(u128::from(scale).max(1));
    u64::try_from(ms).ok().filter(|_| scale > 0)
}
