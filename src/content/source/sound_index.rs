//! The index of a sound in a container of its own (mp3, ogg): its coding, how long it plays, and whether its end is there.
//! Never decodes a sound.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use super::recording::{Flaw, Recording, Track, ceil_ms, contrary, number};
use crate::base::limits::FILM_PARTS;

/// Largest page of an Ogg file, in bytes: a head of 27, and 255 segments of 255.
const OGG_PAGE: u64 = 27 + 255 + 255 * 255;
/// Bytes at the beginning of an MP3's first frame in which its encoder's note stands.
const MP3_NOTE: u64 = 256;

/// Reads the index of a file of this media type, and how long its packets last.
pub fn read(mut file: File, media_type: &str) -> Result<Recording, Flaw> {
    let length = file.metadata()?.len();
    let ogg = media_type == "audio/ogg";
    let note = if ogg { Note { end: last_page_end(&mut file, length)?, counts: true } } else { encoder_note(&mut file)? };
    if note.end.is_some_and(|end| end > length) {
        return Err(Flaw::Cut);
    }
    file.rewind()?;
    let stream = MediaSourceStream::new(Box::new(file), MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|error| if let Error::IoError(error) = error { error.into() } else { Flaw::Damaged })?;
    let packets = packets(&mut *format, media_type)?;
    let mut found = Recording { tracks: Vec::new(), ms: None, said_ms: None, has_choice: format.tracks().len() > 1 };
    let mut held = None;
    for track in format.tracks() {
        let in_ms = |count: u64| {
            let time = track.time_base?.calc_duration(count.into())?;
            ceil_ms(u64::try_from(time.as_nanos()).ok()?, 1_000_000_000)
        };
        found.ms = found.ms.max(track.duration.and_then(|length| in_ms(length.get())));
        let lasts = packets.as_ref().and_then(|packets| packets.get(&track.id)).copied();
        // What the encoder of an MP3 added before and behind the sound.
        let added = if ogg { 0 } else { u64::from(track.delay.unwrap_or(0)) + u64::from(track.padding.unwrap_or(0)) };
        held = held.max(lasts.and_then(|lasts| in_ms(lasts.saturating_sub(added))));
        let decoded = track.codec_params.as_ref().is_some_and(|codec| is_decoded(media_type, codec));
        found.tracks.push(Track { foreign: (!decoded).then(String::new), ..Track::default() });
    }
    // Without a note the length of an MP3 is a guess from its first frame.
    found.said_ms = contrary(found.ms.filter(|_| note.counts), held, 0);
    if found.said_ms.is_some() || !note.counts {
        found.ms = held.or(found.ms);
    }
    Ok(found)
}

/// How long the packets of each track last, in its units; `None` if there are too many to be counted.
fn packets(format: &mut dyn FormatReader, media_type: &str) -> Result<Option<BTreeMap<u32, u64>>, Flaw> {
    let (mut lasts, mut cuts) = (BTreeMap::new(), BTreeMap::new());
    for _ in 0..FILM_PARTS {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Err(Error::ResetRequired) => return Err(Flaw::Twice("Ogg")),
            Ok(None) | Err(_) => {
                // The last packet of an Ogg track may be used in part.
                lasts.iter_mut().for_each(|(track, lasts): (&u32, &mut u64)| *lasts -= cuts.get(track).copied().unwrap_or(0));
                return Ok(Some(lasts));
            }
        };
        // By its last page's own count an Ogg track ends there, and packets behind it are cut; those of an MP3 are whole.
        let cut = if media_type == "audio/ogg" { packet.trim_end.get() } else { 0 };
        *lasts.entry(packet.track_id).or_insert(0) += packet.dur.get().saturating_add(cut);
        cuts.insert(packet.track_id, cut);
    }
    Ok(None)
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

/// What a file notes of its own length.
struct Note {
    /// Where it ends at the earliest, if that is noted.
    end: Option<u64>,
    /// Whether it notes how long it plays.
    counts: bool,
}

/// The note of an MP3's encoder, which stands in the first frame behind the tags; many have none.
fn encoder_note(file: &mut File) -> Result<Note, Flaw> {
    let mut head = Vec::new();
    file.by_ref().take(10).read_to_end(&mut head)?;
    let tags = head.starts_with(b"ID3") && head.len() == 10;
    // The size of the tags has seven bits a byte.
    let start = if tags { head[6..].iter().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f)) + 10 } else { 0 };
    file.seek(SeekFrom::Start(start))?;
    let mut frame = Vec::new();
    file.by_ref().take(MP3_NOTE).read_to_end(&mut frame)?;
    let Some(at) = frame.windows(4).position(|part| part == b"Xing" || part == b"Info") else {
        return Ok(Note { end: None, counts: frame.windows(4).any(|part| part == b"VBRI") });
    };
    // Flags say what follows: 1, the number of frames; 2, that of bytes.
    let flags = number(&frame, at + 4, 4).unwrap_or(0);
    let counts = flags & 1 != 0;
    let bytes = if flags & 2 == 0 { None } else { number(&frame, at + 8 + usize::from(counts) * 4, 4) };
    Ok(Note { end: bytes.map(|bytes| start + bytes), counts })
}
