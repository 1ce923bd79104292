//! The index of a WebM film: its tracks, how long it plays, and whether its elements all lie inside the file.
//! Never decodes a picture: it looks at the first bytes of one alone.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use super::codings;
use super::ebml::{self, elements, find, value};
use super::recording::{Flaw, Recording, Track, ceil_ms, contrary, number};
use super::webm_blocks::{BLOCK_HEAD, Block, BlockTimes, REACH};
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
const ID_FRAME_DURATION: u64 = 0x23_e383;
const ID_CODEC: u64 = 0x86;
const ID_CODEC_PRIVATE: u64 = 0x63a2;
const ID_VIDEO: u64 = 0xe0;
const ID_PIXEL_WIDTH: u64 = 0xb0;
const ID_PIXEL_HEIGHT: u64 = 0xba;
const ID_CLUSTER: u64 = 0x1f43_b675;
const ID_TIMESTAMP: u64 = 0xe7;
const ID_BLOCK_GROUP: u64 = 0xa0;
const ID_BLOCK: u64 = 0xa1;
const ID_BLOCK_DURATION: u64 = 0x9b;
const ID_SIMPLE_BLOCK: u64 = 0xa3;

/// Types of tracks.
const PICTURES: u64 = 1;
const SOUND: u64 = 2;
/// Elements at the beginning of a cluster among which its time is looked for: it comes first, but for checksums and the like.
const BEFORE_BLOCKS: usize = 8;

/// Reads the index of a file.
pub fn read(file: File) -> Result<Recording, Flaw> {
    let mut walk = Walk::of(file)?;
    walk.run()?;
    walk.ensure_one_segment()?;
    walk.read_end()?;
    let mut tracks = walk.found.ok_or(Flaw::NoIndex)?;
    let info = walk.info.as_deref().and_then(elements).unwrap_or_default();
    let unit = value(&info, ID_TIMESTAMP_SCALE).unwrap_or(1_000_000);
    for (track, number) in tracks.iter_mut().zip(&walk.numbers) {
        track.starts_ms = walk.times.start_ms(*number, unit);
        track.ends_ms = walk.times.end_ms(*number, unit).filter(|_| walk.left > 0);
    }
    let said = length_of(&info, unit);
    let end = walk.times.end(unit).filter(|_| walk.left > 0);
    // Subtitles may stand longer than pictures and sound; then the film is as long as these, and nothing contradicts.
    let longest = end.as_ref().map(|end| end.all);
    let held = end.as_ref().map(|end| end.ms);
    let differs = |from: Option<u64>| contrary(said, from, end.as_ref().map_or(0, |end| end.doubt));
    let ms = if differs(held).is_some() { held } else { said.or(held) };
    let pictures = tracks.iter().filter(|track| track.picture.is_some()).count();
    let has_choice = pictures > 1 || tracks.len() - pictures > 1;
    Ok(Recording { said_ms: differs(held).and(differs(longest)), tracks, ms, has_choice })
}

/// A cluster that was passed over: its time, and where what it holds begins and ends.
type Passed = (i64, u64, u64);

struct Walk {
    file: BufReader<File>,
    length: u64,
    segments: u32,
    /// Elements that may still be looked at.
    left: u32,
    /// As they stand in the file: one that stands again must be the same (RFC 9559, 4.7).
    info: Option<Vec<u8>>,
    tracks: Option<Vec<u8>>,
    found: Option<Vec<Track>>,
    /// The numbers of those, by which blocks name them.
    numbers: Vec<u64>,
    /// Number of the VP9 track whose first picture is still to be seen, and its place among the tracks.
    vp9: Option<(u64, usize)>,
    times: BlockTimes,
    /// Of the cluster whose blocks follow.
    time: i64,
    passed: Vec<Passed>,
}

impl Walk {
    fn of(file: File) -> Result<Self, Flaw> {
        let length = file.metadata()?.len();
        Ok(Self {
            file: BufReader::new(file),
            length,
            segments: 0,
            left: FILM_PARTS,
            info: None,
            tracks: None,
            found: None,
            numbers: Vec::new(),
            vp9: None,
            times: BlockTimes::default(),
            time: 0,
            passed: Vec::new(),
        })
    }

    /// Passes from element to element. What is still being written has no end of its own, so that all of it is passed through.
    fn run(&mut self) -> Result<(), Flaw> {
        let (mut at, mut end) = (0, self.length);
        while at < end && self.left > 0 {
            self.left -= 1;
            let bytes = self.held(ebml::HEAD)?;
            let whole = bytes.len() as u64 == ebml::HEAD;
            let (kind, head, size) = ebml::head(&bytes).ok_or(if whole { Flaw::Damaged } else { Flaw::Cut })?;
            let start = at + head as u64;
            let into = kind == ID_SEGMENT || kind == ID_CLUSTER && size.is_none();
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
                self.look(kind, start, after)?;
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
            let bytes = self.held(ebml::HEAD)?;
            match ebml::head(&bytes) {
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

    fn look(&mut self, kind: u64, start: u64, end: u64) -> Result<(), Flaw> {
        match kind {
            ID_INFO => {
                let held = self.index_part(end - start)?;
                keep(&mut self.info, held, "Info")?;
            }
            ID_TRACKS => {
                let held = self.index_part(end - start)?;
                if keep(&mut self.tracks, held.clone(), "Tracks")? {
                    self.take_tracks(&held)?;
                }
            }
            ID_CLUSTER => self.look_at_cluster(start, end)?,
            _ => self.look_inside_cluster(kind, start, end)?,
        }
        Ok(())
    }

    fn take_tracks(&mut self, held: &[u8]) -> Result<(), Flaw> {
        let entries = elements(held).ok_or(Flaw::Damaged)?;
        let mut tracks = Vec::new();
        for (_, entry) in entries.into_iter().filter(|(kind, _)| *kind == ID_TRACK_ENTRY) {
            let entry = elements(entry).ok_or(Flaw::Damaged)?;
            if !matches!(value(&entry, ID_TRACK_TYPE).ok_or(Flaw::Damaged)?, PICTURES | SOUND) {
                continue;
            }
            let (track, number) = (track(&entry).ok_or(Flaw::Damaged)?, value(&entry, ID_TRACK_NUMBER).unwrap_or(0));
            if find(&entry, ID_CODEC) == Some(b"V_VP9") {
                self.vp9 = Some((number, tracks.len()));
            }
            self.times.declare(number, value(&entry, ID_FRAME_DURATION));
            self.numbers.push(number);
            tracks.push(track);
        }
        self.found = Some(tracks);
        Ok(())
    }

    /// Once each track has begun, the time of a cluster is enough: only those at the end are read.
    fn look_at_cluster(&mut self, start: u64, end: u64) -> Result<(), Flaw> {
        let begun = self.found.is_some() && self.times.all_begun();
        let time = if begun { self.time_of_cluster(start, end)? } else { None };
        match time {
            Some(time) => self.passed.push((time, start, end)),
            None => self.read_cluster(start, end)?,
        }
        Ok(())
    }

    fn time_of_cluster(&mut self, start: u64, end: u64) -> Result<Option<i64>, Flaw> {
        let mut at = start;
        for _ in 0..BEFORE_BLOCKS {
            match self.inner(at, end)? {
                Some((ID_TIMESTAMP, start, after)) => return self.number(after - start).map(Some),
                Some((ID_SIMPLE_BLOCK | ID_BLOCK_GROUP, ..)) | None => return Ok(None),
                Some((.., after)) => at = after,
            }
        }
        Ok(None)
    }

    fn read_cluster(&mut self, start: u64, end: u64) -> Result<(), Flaw> {
        let mut at = start;
        while let Some((kind, start, after)) = self.inner(at, end)? {
            self.look_inside_cluster(kind, start, after)?;
            at = after;
        }
        Ok(())
    }

    fn look_inside_cluster(&mut self, kind: u64, start: u64, end: u64) -> Result<(), Flaw> {
        match kind {
            ID_TIMESTAMP => self.time = self.number(end - start)?,
            ID_SIMPLE_BLOCK => {
                let bytes = self.held(BLOCK_HEAD.min(end - start))?;
                self.take_block(&bytes, None);
            }
            ID_BLOCK_GROUP => {
                let (mut at, mut block, mut lasts) = (start, None, None);
                while let Some((kind, start, after)) = self.inner(at, end)? {
                    match kind {
                        ID_BLOCK => block = Some(self.held(BLOCK_HEAD.min(after - start))?),
                        ID_BLOCK_DURATION => lasts = u64::try_from(self.number(after - start)?).ok(),
                        _ => {}
                    }
                    at = after;
                }
                block.into_iter().for_each(|block| self.take_block(&block, lasts));
            }
            _ => {}
        }
        Ok(())
    }

    fn take_block(&mut self, bytes: &[u8], lasts: Option<u64>) {
        let Some(block) = Block::parse(bytes) else { return };
        self.times.add(self.time, &block, lasts);
        // A frame begins with the bits 10 and its profile (VP9, 6.2), of which 0 alone is usual.
        let seen = self.vp9.filter(|(wanted, _)| *wanted == block.track).zip(block.first);
        if let Some(((_, place), first)) = seen {
            self.vp9 = None;
            let tracks = self.found.iter_mut().flatten();
            tracks.skip(place).take(1).for_each(|track| track.rare = first & 0b0011_0000 != 0);
        }
    }

    /// Reads those clusters that were passed over and may hold the last block of a track.
    fn read_end(&mut self) -> Result<(), Flaw> {
        let mut passed = std::mem::take(&mut self.passed);
        passed.sort_unstable();
        while let Some((time, start, end)) = passed.pop() {
            if self.times.known_until().is_some_and(|known| time.saturating_add(REACH) <= known) {
                break;
            }
            self.read_cluster(start, end)?;
        }
        Ok(())
    }

    /// The element that begins at a place of another one: its kind, and where what it holds begins and ends. `None` behind the last.
    fn inner(&mut self, at: u64, end: u64) -> Result<Option<(u64, u64, u64)>, Flaw> {
        if at >= end || self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.go(at)?;
        let bytes = self.held(ebml::HEAD.min(end - at))?;
        let Some((kind, head, Some(size))) = ebml::head(&bytes) else { return Ok(None) };
        let start = at + head as u64;
        let after = start.saturating_add(size);
        self.go(start)?;
        Ok((after <= end).then_some((kind, start, after)))
    }

    /// A number of this many bytes; one that is no number counts as 0.
    fn number(&mut self, size: u64) -> Result<i64, Flaw> {
        let bytes = self.held(size.min(8))?;
        Ok(number(&bytes, 0, bytes.len()).and_then(|value| i64::try_from(value).ok()).unwrap_or(0))
    }

    fn index_part(&mut self, size: u64) -> Result<Vec<u8>, Flaw> {
        if size > FILM_INDEX_BYTES { Err(Flaw::Damaged) } else { self.held(size) }
    }

    /// The next bytes of the file, or what is left of it.
    fn held(&mut self, size: u64) -> Result<Vec<u8>, Flaw> {
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

/// How long a film plays by its information, in milliseconds. `unit`: nanoseconds.
fn length_of(info: &[(u64, &[u8])], unit: u64) -> Option<u64> {
    let held = find(info, ID_DURATION)?;
    let count = match held.len() {
        4 => f64::from(f32::from_be_bytes(held.try_into().ok()?)),
        8 => f64::from_be_bytes(held.try_into().ok()?),
        _ => return None,
    };
    let nanos = Duration::try_from_secs_f64(count * Duration::from_nanos(unit).as_secs_f64()).ok()?.as_nanos();
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
    Some(Track { picture, foreign: foreign(codec, &[b"V_VP8", b"V_VP9", b"V_AV1"]), rare, ..Track::default() })
}

/// The name of a coding that is none of those that are decoded.
fn foreign(codec: &[u8], decoded: &[&[u8]]) -> Option<String> {
    (!decoded.contains(&codec)).then(|| codings::name(codec))
}
