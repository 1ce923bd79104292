//! The index of a WebM film: its tracks, how long it plays, and whether its elements all lie inside the file.
//! Never decodes a picture: it looks at the first bytes of one alone.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use super::codings;
use super::recording::{Flaw, Recording, Track, ceil_ms, number};
use crate::base::limits::{FILM_INDEX_BYTES, FILM_PARTS};

// Identifiers of elements (RFC 9559).
const ID_FILE: u64 = 0x1a45_dfa3;
const ID_VOID: u64 = 0xec;
const ID_SEGMENT: u64 = 0x1853_8067;
const ID_INFO: u64 = 0x1549_a966;
const ID_TIMESTAMP_SCALE: u64 = 0x2a_d7b1;
const ID_DURATION: u64 = 0x4489;
const ID_TRACKS: u64 = 0x1654_ae6b;
const ID_TRACK_ENTRY: u64 = 0xae;
const ID_TRACK_NUMBER: u64 = 0xd7;
const ID_TRACK_TYPE: u64 = 0x83;
const ID_CODEC: u64 = 0x86;
const ID_CODEC_PRIVATE: u64 = 0x63a2;
const ID_VIDEO: u64 = 0xe0;
const ID_PIXEL_WIDTH: u64 = 0xb0;
const ID_PIXEL_HEIGHT: u64 = 0xba;
const ID_CLUSTER: u64 = 0x1f43_b675;
const ID_BLOCK_GROUP: u64 = 0xa0;
const ID_BLOCK: u64 = 0xa1;
const ID_SIMPLE_BLOCK: u64 = 0xa3;

/// Types of tracks.
const PICTURES: u64 = 1;
const SOUND: u64 = 2;
/// Elements that stand beside each other in an index at most; more are damage.
const BESIDE: usize = 4_096;

/// Identifier, bytes of its head, and bytes that it holds: `None` while a program still writes it.
type Head = (u64, usize, Option<u64>);

/// Reads the index of a file.
pub fn read(file: File) -> Result<Recording, Flaw> {
    let length = file.metadata()?.len();
    let mut walk = Walk { length, file: BufReader::new(file), segments: 0, info: None, tracks: None, found: None, vp9: None };
    walk.run()?;
    walk.ensure_one_segment()?;
    let tracks = walk.found.ok_or(Flaw::NoIndex)?;
    let ms = walk.info.as_deref().and_then(length_of);
    let pictures = tracks.iter().filter(|track| track.picture.is_some()).count();
    let has_choice = pictures > 1 || tracks.len() - pictures > 1;
    Ok(Recording { tracks, ms, has_choice })
}

struct Walk {
    file: BufReader<File>,
    length: u64,
    segments: u32,
    /// As they stand in the file: one that stands again must be the same (RFC 9559, 4.7).
    info: Option<Vec<u8>>,
    tracks: Option<Vec<u8>>,
    found: Option<Vec<Track>>,
    /// Number of the VP9 track whose first picture is still to be seen, and its place among the tracks.
    vp9: Option<(u64, usize)>,
}

impl Walk {
    /// Passes from element to element. What is still being written has no end of its own, so that all of it is passed through.
    fn run(&mut self) -> Result<(), Flaw> {
        let (mut at, mut end, mut left) = (0, self.length, FILM_PARTS);
        while at < end && left > 0 {
            left -= 1;
            let mut bytes = Vec::new();
            (&mut self.file).take(12).read_to_end(&mut bytes)?;
            let whole = bytes.len() == 12;
            let (kind, head, size) = head(&bytes).ok_or(if whole { Flaw::Damaged } else { Flaw::Cut })?;
            let start = at + head as u64;
            let into = self.enters(kind, size);
            let after = size.map_or(u64::MAX, |size| start.saturating_add(size));
            if size.is_some() && after > self.length {
                return Err(Flaw::Cut);
            }
            if !into && size.is_none() {
                return Err(Flaw::Damaged);
            }
            if kind == ID_SEGMENT {
                self.count_segment()?;
                end = after.min(end);
            }
            self.go(start)?;
            if !into {
                self.look(kind, size.unwrap_or(0))?;
            }
            at = if into { start } else { after };
            self.go(at)?;
        }
        Ok(())
    }

    fn count_segment(&mut self) -> Result<(), Flaw> {
        self.segments += 1;
        if self.segments > 1 { Err(Flaw::Twice("Segment")) } else { Ok(()) }
    }

    /// Looks on behind the film, where the walk ended: another film there may be what some browser shows. Anything else is no part of it.
    fn ensure_one_segment(&mut self) -> Result<(), Flaw> {
        loop {
            let mut bytes = Vec::new();
            (&mut self.file).take(12).read_to_end(&mut bytes)?;
            match head(&bytes) {
                Some((ID_SEGMENT, ..)) => self.count_segment()?,
                Some((ID_FILE | ID_VOID, head, Some(size))) => {
                    let back = i64::try_from(bytes.len() - head).unwrap_or(0);
                    self.file.seek_relative(-back)?;
                    let here = self.file.stream_position()?;
                    self.go(here.saturating_add(size))?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn go(&mut self, to: u64) -> Result<(), Flaw> {
        let here = self.file.stream_position()?;
        let by = i64::try_from(to).ok().zip(i64::try_from(here).ok()).map(|(to, here)| to - here);
        match by {
            Some(by) => self.file.seek_relative(by)?,
            None => drop(self.file.seek(SeekFrom::Start(to))?),
        }
        Ok(())
    }

    fn enters(&self, kind: u64, size: Option<u64>) -> bool {
        match kind {
            ID_SEGMENT => true,
            ID_CLUSTER => size.is_none() || self.vp9.is_some(),
            ID_BLOCK_GROUP => self.vp9.is_some(),
            _ => false,
        }
    }

    fn look(&mut self, kind: u64, size: u64) -> Result<(), Flaw> {
        match kind {
            ID_INFO => {
                let held = self.held(size)?;
                keep(&mut self.info, held, "Info")?;
            }
            ID_TRACKS => {
                let held = self.held(size)?;
                if !keep(&mut self.tracks, held.clone(), "Tracks")? {
                    return Ok(());
                }
                let entries: Vec<_> =
                    elements(&held).ok_or(Flaw::Damaged)?.into_iter().filter(|(kind, _)| *kind == ID_TRACK_ENTRY).collect();
                let mut tracks = Vec::new();
                for (_, entry) in entries {
                    let entry = elements(entry).ok_or(Flaw::Damaged)?;
                    if !matches!(value(&entry, ID_TRACK_TYPE).ok_or(Flaw::Damaged)?, PICTURES | SOUND) {
                        continue;
                    }
                    let track = track(&entry).ok_or(Flaw::Damaged)?;
                    if find(&entry, ID_CODEC) == Some(b"V_VP9") {
                        self.vp9 = Some((value(&entry, ID_TRACK_NUMBER).unwrap_or(0), tracks.len()));
                    }
                    tracks.push(track);
                }
                self.found = Some(tracks);
            }
            ID_BLOCK | ID_SIMPLE_BLOCK => {
                let Some((wanted, place)) = self.vp9 else { return Ok(()) };
                let mut bytes = Vec::new();
                (&mut self.file).take(size.min(16)).read_to_end(&mut bytes)?;
                let Some((track, width)) = variable(&bytes) else { return Ok(()) };
                // Behind the number stand a time and flags; a frame begins with the bits 10 and its profile (VP9, 6.2), of which 0 alone is usual.
                if let Some(first) = bytes.get(width + 3).filter(|_| track == Some(wanted)) {
                    self.vp9 = None;
                    let tracks = self.found.iter_mut().flatten();
                    tracks.skip(place).take(1).for_each(|track| track.rare = first & 0b0011_0000 != 0);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn held(&mut self, size: u64) -> Result<Vec<u8>, Flaw> {
        if size > FILM_INDEX_BYTES {
            return Err(Flaw::Damaged);
        }
        let mut bytes = Vec::new();
        (&mut self.file).take(size).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Keeps an element the first time; whether this was it. Fails if another stands again in its place.
fn keep(known: &mut Option<Vec<u8>>, held: Vec<u8>, name: &'static str) -> Result<bool, Flaw> {
    match known {
        Some(first) if *first == held => Ok(false),
        Some(_) => Err(Flaw::Twice(name)),
        None => {
            *known = Some(held);
            Ok(true)
        }
    }
}

/// A number that says by its first bits how long it is, and its bytes; all ones mean that it is unknown.
fn variable(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let bits = u64::MAX >> (64 - 7 * width.min(8));
    let value = number(bytes, 0, width.min(8))? & bits;
    (width <= 8).then_some(((value != bits).then_some(value), width))
}

fn head(bytes: &[u8]) -> Option<Head> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let kind = number(bytes, 0, width).filter(|_| width <= 4)?;
    let (size, more) = variable(bytes.get(width..)?)?;
    Some((kind, width + more, size))
}

/// The elements that stand one after another; `None` if their sizes do not fit.
fn elements(mut rest: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        if found.len() == BESIDE {
            return None;
        }
        let (kind, start, size) = head(rest)?;
        let end = start.checked_add(usize::try_from(size?).ok()?)?;
        found.push((kind, rest.get(start..end)?));
        rest = &rest[end..];
    }
    Some(found)
}

/// The one element of a kind; `None` if several contradict each other.
fn find<'a>(elements: &[(u64, &'a [u8])], kind: u64) -> Option<&'a [u8]> {
    let mut all = elements.iter().filter(|(each, _)| *each == kind).map(|(_, held)| *held);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

fn value(elements: &[(u64, &[u8])], kind: u64) -> Option<u64> {
    let held = find(elements, kind).filter(|held| held.len() <= 8)?;
    number(held, 0, held.len())
}

/// How long a film plays by its information, in milliseconds.
fn length_of(info: &[u8]) -> Option<u64> {
    let elements = elements(info)?;
    let held = find(&elements, ID_DURATION)?;
    let count = match held.len() {
        4 => f64::from(f32::from_be_bytes(held.try_into().ok()?)),
        8 => f64::from_be_bytes(held.try_into().ok()?),
        _ => return None,
    };
    let unit = Duration::from_nanos(value(&elements, ID_TIMESTAMP_SCALE).unwrap_or(1_000_000));
    let nanos = Duration::try_from_secs_f64(count * unit.as_secs_f64()).ok()?.as_nanos();
    ceil_ms(u64::try_from(nanos).ok()?, 1_000_000_000).filter(|ms| *ms > 0)
}

/// A track of pictures or sound; `None` if it is damaged.
fn track(entry: &[(u64, &[u8])]) -> Option<Track> {
    let codec = find(entry, ID_CODEC)?;
    if value(entry, ID_TRACK_TYPE)? == SOUND {
        return Some(Track { foreign: foreign(codec, &[b"A_OPUS", b"A_VORBIS"]), ..Track::default() });
    }
    let video = elements(find(entry, ID_VIDEO)?)?;
    let side = |kind| u32::try_from(value(&video, kind)?).ok();
    let private = find(entry, ID_CODEC_PRIVATE).unwrap_or_default();
    // The configuration of AV1 says profile (0: 4:2:0) and whether there are more than 8 bits.
    let rare = codec == b"V_AV1" && private.get(1..3).is_some_and(|bytes| bytes[0] >> 5 != 0 || bytes[1] & 0x40 != 0);
    let picture = Some((side(ID_PIXEL_WIDTH)?, side(ID_PIXEL_HEIGHT)?));
    Some(Track { picture, foreign: foreign(codec, &[b"V_VP8", b"V_VP9", b"V_AV1"]), rare })
}

/// The name of a coding that is none of those that are decoded.
fn foreign(codec: &[u8], decoded: &[&[u8]]) -> Option<String> {
    (!decoded.contains(&codec)).then(|| codings::name(codec))
}
