//! When the blocks of a WebM film stand: where each of its tracks begins and where it ends.
//! Never reads a file.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::ebml;
use super::recording::ceil_ms;

/// Bytes at the beginning of a block that are looked at: its track, time and flags, its frames, and the first byte of one.
pub const BLOCK_HEAD: u64 = 16;
/// Furthest that a block may stand from the time of its cluster, in units.
pub const REACH: i64 = 32_768;

/// A block, by its first bytes.
pub struct Block {
    pub track: u64,
    /// The first byte of a frame that stands alone.
    pub first: Option<u8>,
    /// From the time of its cluster, in units.
    time: i64,
    frames: u64,
}

impl Block {
    /// Behind the number of its track stand a time and flags, which say whether several frames follow.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (track, width) = ebml::variable(bytes)?;
        let time = bytes.get(width..width + 2)?;
        let laced = bytes.get(width + 2)? & 0b0110 != 0;
        let next = bytes.get(width + 3).copied();
        let frames = if laced { u64::from(next?) + 1 } else { 1 };
        Some(Self { track: track?, first: next.filter(|_| !laced), time: i64::from(i16::from_be_bytes([time[0], time[1]])), frames })
    }
}

/// The blocks seen so far.
#[derive(Default)]
pub struct BlockTimes {
    tracks: BTreeMap<u64, TrackTimes>,
}

#[derive(Default)]
struct TrackTimes {
    /// Whether it holds pictures or sound.
    plays: bool,
    /// Nanoseconds of a frame, if its description says so.
    frame: Option<u64>,
    span: Option<Span>,
}

/// In units.
struct Span {
    first: i64,
    last: i64,
    /// The block before the last.
    before: Option<i64>,
    /// How many frames the last block has, and how long it lasts if it says so.
    frames: u64,
    lasts: Option<u64>,
}

/// Where a film ends, in milliseconds.
pub struct End {
    /// Of pictures and sound.
    pub ms: u64,
    /// How much longer its last block may be: it does not say how long it lasts.
    pub doubt: u64,
    /// Of any track: subtitles may stand longer.
    pub all: u64,
}

impl BlockTimes {
    /// Declares a track of pictures or sound. `frame`: nanoseconds of a frame, if its description says so.
    pub fn declare(&mut self, track: u64, frame: Option<u64>) {
        let known = self.tracks.entry(track).or_default();
        (known.plays, known.frame) = (true, frame);
    }

    /// Whether each declared track has a block.
    pub fn all_begun(&self) -> bool {
        self.tracks.values().all(|track| !track.plays || track.span.is_some())
    }

    /// Up to where each declared track is known, in units: the last block seen of the one that ends first.
    pub fn known_until(&self) -> Option<i64> {
        let played = self.tracks.values().filter(|track| track.plays);
        played.map(|track| track.span.as_ref().map(|span| span.last)).min().flatten()
    }

    /// Takes a block of a cluster of this time. `lasts`: as its group says.
    pub fn add(&mut self, cluster: i64, block: &Block, lasts: Option<u64>) {
        let time = cluster.saturating_add(block.time);
        let track = self.tracks.entry(block.track).or_default();
        let alone = Span { first: time, last: time, before: None, frames: block.frames, lasts };
        let span = track.span.get_or_insert(alone);
        match time.cmp(&span.last) {
            Ordering::Greater => (span.before, span.last, span.frames, span.lasts) = (Some(span.last), time, block.frames, lasts),
            Ordering::Less => (span.first, span.before) = (span.first.min(time), span.before.max(Some(time))),
            Ordering::Equal => {}
        }
    }

    /// When a track begins, in milliseconds. `unit`: nanoseconds.
    pub fn start_ms(&self, track: u64, unit: u64) -> u64 {
        let first = self.tracks.get(&track).and_then(|track| track.span.as_ref()).map_or(0, |span| span.first);
        in_ms(nanoseconds(first, unit))
    }

    /// When a track ends, in milliseconds; `None` without a block of it. `unit`: nanoseconds.
    pub fn end_ms(&self, track: u64, unit: u64) -> Option<u64> {
        self.tracks.get(&track)?.end(unit).map(|(ms, _)| ms)
    }

    /// Where the film ends; `None` without a block of pictures or sound. `unit`: nanoseconds.
    pub fn end(&self, unit: u64) -> Option<End> {
        let ends = self.tracks.values().filter_map(|track| Some((track.plays, track.end(unit)?)));
        let (mut found, mut all) = (None, 0);
        for (plays, (ms, doubt)) in ends {
            all = all.max(ms);
            if plays {
                found = found.max(Some((ms, doubt)));
            }
        }
        found.map(|(ms, doubt)| End { ms, doubt, all })
    }
}

impl TrackTimes {
    /// Milliseconds, and how much longer its last block may be. One that says nothing counts as long as the one before.
    fn end(&self, unit: u64) -> Option<(u64, u64)> {
        let Span { last, before, frames, lasts, .. } = self.span.as_ref()?;
        let said = match (lasts, self.frame) {
            (Some(count), _) => Some(nanoseconds(*count, unit)),
            (None, Some(frame)) => Some(nanoseconds(frame, *frames)),
            (None, None) => None,
        };
        let step = before.map_or(0, |before| nanoseconds(last.saturating_sub(before), unit));
        let doubt = if said.is_some() { 0 } else { in_ms(step) };
        Some((in_ms(nanoseconds(*last, unit).saturating_add(said.unwrap_or(step))), doubt))
    }
}

fn nanoseconds(count: impl Into<i128>, unit: u64) -> i128 {
    count.into().saturating_mul(i128::from(unit))
}

/// Nanoseconds in milliseconds, rounded up; none for less than nothing.
fn in_ms(nanoseconds: i128) -> u64 {
    let count = u64::try_from(nanoseconds.max(0)).unwrap_or(u64::MAX);
    ceil_ms(count, 1_000_000_000).unwrap_or(u64::MAX)
}
