//! The index of a sound in a container of its own (mp3, ogg): its coding, how long it plays, and whether its end is there.
//! Never decodes a sound.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::errors::Error;
use symphonia::core::formats::FormatOptions;
use symphonia::core::formats::probe::Hint;
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::recording::{Flaw, Recording, Track, ceil_ms, number};

/// Largest page of an Ogg file, in bytes: a head of 27, and 255 segments of 255.
const OGG_PAGE: u64 = 27 + 255 + 255 * 255;
/// Bytes at the beginning of an MP3's first frame in which its encoder's note stands.
const MP3_NOTE: u64 = 256;

/// Reads the index of a file of this media type.
pub fn read(mut file: File, media_type: &str) -> Result<Recording, Flaw> {
    let length = file.metadata()?.len();
    let end = if media_type == "audio/ogg" { last_page_end(&mut file, length)? } else { noted_end(&mut file)? };
    if end.is_some_and(|end| end > length) {
        return Err(Flaw::Cut);
    }
    file.rewind()?;
    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| if let Error::IoError(error) = error { error.into() } else { Flaw::Damaged })?;
    let mut found = Recording { tracks: Vec::new(), ms: None, has_choice: format.tracks().len() > 1 };
    for track in format.tracks() {
        let length = track.time_base.zip(track.duration).and_then(|(base, length)| base.calc_duration(length));
        found.ms = found.ms.max(length.and_then(|time| ceil_ms(u64::try_from(time.as_nanos()).ok()?, 1_000_000_000)));
        let decoded = track.codec_params.as_ref().is_some_and(|codec| is_decoded(media_type, codec));
        found.tracks.push(Track { foreign: (!decoded).then(String::new), ..Track::default() });
    }
    Ok(found)
}

/// Whether every player's browser decodes this codec in a file of this type.
fn is_decoded(media_type: &str, codec: &CodecParameters) -> bool {
    let CodecParameters::Audio(sound) = codec else { return false };
    match media_type {
        "audio/ogg" => [CODEC_ID_OPUS, CODEC_ID_VORBIS].contains(&sound.codec),
        _ => sound.codec == CODEC_ID_MP3,
    }
}

/// Where the last page of an Ogg file ends (RFC 3533, 6): its head says how many segments follow, and the bytes of each.
fn last_page_end(file: &mut File, length: u64) -> Result<Option<u64>, Flaw> {
    let from = length.saturating_sub(OGG_PAGE);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.by_ref().take(OGG_PAGE).read_to_end(&mut tail)?;
    let Some(at) = tail.windows(5).rposition(|part| part == b"OggS\0") else { return Ok(None) };
    let page = &tail[at..];
    let segments = page.get(26).and_then(|count| page.get(27..27 + usize::from(*count))).ok_or(Flaw::Cut)?;
    let held: u64 = segments.iter().map(|size| u64::from(*size)).sum();
    Ok(Some(from + (at + 27 + segments.len()) as u64 + held))
}

/// Where an MP3 ends at the earliest by the note of its encoder, which stands in the first frame behind the tags; many have none.
fn noted_end(file: &mut File) -> Result<Option<u64>, Flaw> {
    let mut head = Vec::new();
    file.by_ref().take(10).read_to_end(&mut head)?;
    let tags = head.starts_with(b"ID3") && head.len() == 10;
    // The size of the tags has seven bits a byte.
    let start = if tags { head[6..].iter().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f)) + 10 } else { 0 };
    file.seek(SeekFrom::Start(start))?;
    let mut frame = Vec::new();
    file.by_ref().take(MP3_NOTE).read_to_end(&mut frame)?;
    let Some(at) = frame.windows(4).position(|part| part == b"Xing" || part == b"Info") else { return Ok(None) };
    // Flags say what follows: 1, the number of frames; 2, that of bytes.
    let bytes = number(&frame, at + 4, 4)
        .filter(|flags| flags & 2 != 0)
        .and_then(|flags| number(&frame, at + 8 + usize::from(flags & 1 != 0) * 4, 4));
    Ok(bytes.map(|bytes| start + bytes))
}
