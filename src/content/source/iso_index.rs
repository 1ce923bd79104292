//! The index of an ISO file (mp4, m4a): its tracks, how long it plays after its edit lists, and whether all that its tables name is there.
//! Never reads what the tracks hold.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::codings;
use super::iso_boxes::{Inner, find, inner, once, rows};
use super::iso_fragments::Fragments;
use super::recording::{Flaw, Recording, Track, ceil_ms, contrary, number};
use crate::base::limits::{FILM_INDEX_BYTES, FILM_PARTS};

/// What the outermost boxes say.
struct Outline {
    index: Vec<u8>,
    /// Those that follow it.
    fragments: Fragments,
    /// Whether a box reaches beyond the end of the file, or is no box.
    cut: bool,
}

/// Reads the index of a file.
pub fn read(mut file: File) -> Result<Recording, Flaw> {
    let length = file.metadata()?.len();
    let outline = outline(&mut file, length)?;
    let boxes = inner(&outline.index).ok_or(Flaw::Damaged)?;
    once(&boxes, &[&["mvhd"], &["mvex"]])?;
    let scale = find(&boxes, *b"mvhd").and_then(times).map_or(0, |(scale, _)| scale);
    // The tables of a fragmented film stand with its fragments, so its outermost boxes say whether it is whole.
    let extends = find(&boxes, *b"mvex");
    if extends.is_some() && outline.cut {
        return Err(Flaw::Cut);
    }
    let mut found = Recording { tracks: Vec::new(), ms: None, said_ms: None, has_choice: false };
    let (mut kinds, mut plays, mut others) = (BTreeSet::new(), Vec::new(), 0);
    for (_, track) in boxes.iter().filter(|(kind, _)| kind == b"trak") {
        let parts = TrackBoxes::of(track)?;
        if parts.handler != *b"vide" && parts.handler != *b"soun" {
            others = parts.said_ms(scale).max(Some(others)).unwrap_or(0);
            continue;
        }
        let end = parts.media_end().ok_or(Flaw::Damaged)?;
        if end > length || (end == 0 && extends.is_some() && !outline.fragments.is_any()) {
            return Err(Flaw::Cut);
        }
        // A track that holds nothing is not played.
        if end == 0 && extends.is_none() {
            continue;
        }
        found.has_choice |= !kinds.insert(parts.handler);
        let play = parts.play(scale, extends.and(Some(&outline.fragments))).unwrap_or_default();
        let codings = parts.codings().ok_or(Flaw::Damaged)?;
        found.tracks.extend(codings.into_iter().map(|track| Track { starts_ms: play.starts, ends_ms: play.ends, ..track }));
        plays.push(play);
    }
    let earliest = plays.iter().map(|play| play.from).min().unwrap_or(0);
    let clear = extends.is_none() || outline.fragments.is_clear();
    for track in &mut found.tracks {
        track.starts_ms = track.starts_ms.saturating_sub(earliest);
        track.ends_ms = track.ends_ms.filter(|_| clear).map(|ends| ends.saturating_sub(earliest));
    }
    let ends = plays.iter().filter_map(|play| play.ends).max().map(|ends| ends.saturating_sub(earliest));
    let Some(extends) = extends else {
        let said = find(&boxes, *b"mvhd").and_then(times).and_then(|(scale, length)| ceil_ms(length, scale)).filter(|ms| *ms > 0);
        let longest = |of: fn(&Play) -> Option<u64>| plays.iter().filter_map(of).max();
        let by_heads = if plays.iter().all(|play| play.by_head.is_some()) { longest(|play| play.by_head) } else { None };
        let (all, by_heads) = (ends.max(Some(others)), by_heads.map(|ms| ms.max(others)));
        let by_media_heads = contrary(longest(|play| Some(play.media?.0)), longest(|play| Some(play.media?.1)), 0);
        found.ms = ends;
        found.said_ms = contrary(said, all, 0).or(contrary(by_heads, all, 0)).or(by_media_heads);
        return Ok(found);
    };
    let said = inner(extends).and_then(|boxes| whole_length(find(&boxes, *b"mehd")?, scale));
    let held = ends.filter(|_| outline.fragments.is_clear());
    found.said_ms = contrary(said, held, 0);
    found.ms = if found.said_ms.is_some() { held } else { said.or(held) };
    Ok(found)
}

/// When a track plays, in milliseconds.
#[derive(Default)]
struct Play {
    /// Where its first fragment stands.
    from: u64,
    /// When it begins after its edit list, which may wait first.
    starts: u64,
    ends: Option<u64>,
    /// How long it plays by its own head.
    by_head: Option<u64>,
    /// How long its media last by their head, if it says so, and by their samples.
    media: Option<(u64, u64)>,
}

fn outline(file: &mut File, length: u64) -> Result<Outline, Flaw> {
    let (mut at, mut outline, mut left, mut types) = (0, None, FILM_PARTS, 0);
    while at + 8 <= length && left > 0 {
        left -= 1;
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8])?;
        let mut start = at + 8;
        let size = match number(&head, 0, 4).unwrap_or(0) {
            0 => length - at,
            1 if at + 16 > length => u64::MAX,
            1 => {
                file.read_exact(&mut head[8..])?;
                start += 8;
                number(&head, 8, 8).unwrap_or(0)
            }
            size => size,
        };
        let end = at.saturating_add(size);
        let cut = size < start - at || end > length;
        let is_index = &head[4..8] == b"moov";
        if cut && is_index {
            return Err(if end > length { Flaw::Cut } else { Flaw::Damaged });
        }
        types += u32::from(&head[4..8] == b"ftyp");
        if types > 1 || is_index && outline.is_some() {
            return Err(Flaw::Twice(if is_index { "moov" } else { "ftyp" }));
        }
        if is_index {
            if end - start > FILM_INDEX_BYTES {
                return Err(Flaw::Damaged);
            }
            let mut index = Vec::new();
            (&mut *file).take(end - start).read_to_end(&mut index)?;
            outline = Some(Outline { fragments: Fragments::of(&index), index, cut: false });
        }
        if cut {
            return outline.map(|outline| Outline { cut: true, ..outline }).ok_or(Flaw::NoIndex);
        }
        if let Some(outline) = outline.as_mut().filter(|_| &head[4..8] == b"moof") {
            let mut fragment = Vec::new();
            if end - start <= FILM_INDEX_BYTES {
                (&mut *file).take(end - start).read_to_end(&mut fragment)?;
            }
            outline.fragments.add((!fragment.is_empty()).then_some(fragment.as_slice()));
        }
        at = end;
    }
    outline.iter_mut().filter(|_| left == 0).for_each(|outline| outline.fragments.leave_open());
    outline.ok_or(Flaw::NoIndex)
}

/// Units a second and the length in them, of `mvhd` and `mdhd`; a length of all ones is unknown.
fn times(head: &[u8]) -> Option<(u64, u64)> {
    let (scale, length) = if head.first()? == &1 {
        (number(head, 20, 4)?, number(head, 24, 8)?)
    } else {
        (number(head, 12, 4)?, number(head, 16, 4).filter(|length| *length != u64::from(u32::MAX)).unwrap_or(0))
    };
    Some((scale, if length == u64::MAX { 0 } else { length }))
}

/// The length that `mehd` gives a fragmented film.
fn whole_length(head: &[u8], scale: u64) -> Option<u64> {
    let length = if head.first()? == &1 { number(head, 4, 8)? } else { number(head, 4, 4)? };
    ceil_ms(length, scale).filter(|ms| *ms > 0)
}

/// The boxes of one track.
struct TrackBoxes<'a> {
    handler: [u8; 4],
    head: &'a [u8],
    edits: Option<&'a [u8]>,
    media_head: &'a [u8],
    /// Of `stbl`.
    tables: Vec<Inner<'a>>,
}

impl<'a> TrackBoxes<'a> {
    fn of(track: &'a [u8]) -> Result<Self, Flaw> {
        let within = |held: Option<&'a [u8]>, groups: &[&[&'static str]]| {
            let boxes = held.and_then(inner).ok_or(Flaw::Damaged)?;
            once(&boxes, groups).map(|()| boxes)
        };
        let boxes = within(Some(track), &[&["tkhd"], &["edts"], &["mdia"]])?;
        let media = within(find(&boxes, *b"mdia"), &[&["mdhd"], &["hdlr"], &["minf"]])?;
        let handler = find(&media, *b"hdlr").and_then(|held| <[u8; 4]>::try_from(held.get(8..12)?).ok()).ok_or(Flaw::Damaged)?;
        let edits = find(&boxes, *b"edts").map(|held| within(Some(held), &[&["elst"]])).transpose()?;
        let edits = edits.and_then(|boxes| find(&boxes, *b"elst"));
        let information = within(find(&media, *b"minf"), &[&["stbl"]])?;
        let tables: [&[&str]; 6] = [&["stsd"], &["stts"], &["ctts"], &["stsc"], &["stsz", "stz2"], &["stco", "co64"]];
        let tables = within(find(&information, *b"stbl"), &tables)?;
        let (head, media_head) = (find(&boxes, *b"tkhd").ok_or(Flaw::Damaged)?, find(&media, *b"mdhd").ok_or(Flaw::Damaged)?);
        Ok(Self { handler, head, edits, media_head, tables })
    }

    fn table(&self, kind: [u8; 4]) -> Option<&'a [u8]> {
        find(&self.tables, kind)
    }

    /// When the track plays: its media, or what its edit list shows of them. `movie_scale`: units of edits in a second.
    fn play(&self, movie_scale: u64, fragments: Option<&Fragments>) -> Option<Play> {
        let (scale, said) = times(self.media_head)?;
        let (said, samples) = (ceil_ms(said, scale).filter(|ms| *ms > 0), self.samples()?);
        let held = ceil_ms(samples, scale)?;
        let Some(fragments) = fragments else {
            let media = said.filter(|_| contrary(said, Some(held), 0).is_none()).map_or(held, |said| said.min(held));
            // An edit without a length lasts as long as the media do, and none shows more than there is.
            let (starts, ends) = self.edited(movie_scale, |length| if length == 0 { media } else { length.min(media) })?;
            let (by_head, media) = (self.said_ms(movie_scale), said.map(|said| (said, held)));
            return Some(Play { from: 0, starts, ends: Some(ends), by_head, media });
        };
        let (first, end) = fragments.span(self.id()?).unwrap_or_default();
        let (from, media) = (ceil_ms(if samples > 0 { 0 } else { first }, scale)?, ceil_ms(end.max(samples), scale)?);
        // Edits were written before the fragments were.
        let (wait, ends) = self.edited(movie_scale, |_| media)?;
        Some(Play { from, starts: from.saturating_add(wait), ends: Some(ends), ..Play::default() })
    }

    /// How long the edit list waits before it first shows media, and when it ends, in milliseconds. `shows`: how much an edit of this length shows.
    fn edited(&self, movie_scale: u64, shows: impl Fn(u64) -> u64) -> Option<(u64, u64)> {
        let Some(edits) = self.edits else { return Some((0, shows(0))) };
        let (time, empty) = if edits.first()? == &1 { (8, u64::MAX) } else { (4, u64::from(u32::MAX)) };
        let (mut wait, mut ends) = (None, 0_u64);
        for edit in rows(edits, 2 * time + 4)? {
            let (length, from) = (ceil_ms(number(edit, 0, time)?, movie_scale)?, number(edit, time, time)?);
            if from != empty {
                wait = wait.or(Some(ends));
            }
            ends = ends.saturating_add(if from == empty { length } else { shows(length) });
        }
        Some(if ends == 0 { (0, shows(0)) } else { (wait.unwrap_or(0), ends) })
    }

    /// How long the samples of its tables last, in units: no more of them than there are.
    fn samples(&self) -> Option<u64> {
        let (mut left, mut sum) = (Sizes::of(self)?.count(), 0_u64);
        for row in rows(self.table(*b"stts")?, 8)? {
            let count = number(row, 0, 4)?.min(left);
            left -= count;
            sum = sum.saturating_add(count.saturating_mul(number(row, 4, 4)?));
        }
        Some(sum)
    }

    /// The number by which fragments name it.
    fn id(&self) -> Option<u64> {
        number(self.head, if self.head.first()? == &1 { 20 } else { 12 }, 4)
    }

    /// How long it plays by its own head, in milliseconds; `None` if that is not said.
    fn said_ms(&self, movie_scale: u64) -> Option<u64> {
        let (at, width) = if self.head.first()? == &1 { (28, 8) } else { (20, 4) };
        let unknown = u64::MAX >> (64 - 8 * width);
        let length = number(self.head, at, width).filter(|length| ![0, unknown].contains(length))?;
        ceil_ms(length, movie_scale)
    }

    /// Where the last of the media ends in the file, by the tables of samples and chunks; `None` if these do not fit.
    fn media_end(&self) -> Option<u64> {
        let (offsets, width) = match self.table(*b"stco") {
            Some(table) => (table, 4),
            None => (self.table(*b"co64")?, 8),
        };
        let mut runs = rows(self.table(*b"stsc")?, 12)?.peekable();
        let (mut sizes, mut a_chunk, mut end) = (Sizes::of(self)?, 0, 0);
        for (index, offset) in rows(offsets, width)?.enumerate() {
            while let Some(run) = runs.next_if(|run| number(run, 0, 4).is_some_and(|first| first <= index as u64 + 1)) {
                a_chunk = number(run, 4, 4)?;
            }
            end = end.max(number(offset, 0, width)?.saturating_add(sizes.next(a_chunk)));
        }
        Some(end)
    }

    /// A track for each coding that it is described by.
    fn codings(&self) -> Option<Vec<Track>> {
        let described = inner(self.table(*b"stsd")?.get(8..)?)?;
        let coding = |(kind, entry): &Inner<'_>| if self.handler == *b"vide" { self.picture(*kind, entry) } else { sound(*kind, entry) };
        Some(described.iter().map(coding).collect::<Option<Vec<_>>>()?).filter(|codings| !codings.is_empty())
    }

    fn picture(&self, kind: [u8; 4], entry: &[u8]) -> Option<Track> {
        let (width, height) = (u32::try_from(number(entry, 24, 2)?).ok()?, u32::try_from(number(entry, 26, 2)?).ok()?);
        // Phones keep upright films as they are held, with a turn by a quarter.
        let matrix = if self.head.first()? == &1 { 52 } else { 40 };
        let turned = number(self.head, matrix, 4)? == 0 && number(self.head, matrix + 16, 4)? == 0;
        let picture = Some(if turned { (height, width) } else { (width, height) });
        if kind != *b"avc1" && kind != *b"avc3" {
            return Some(Track { picture, foreign: Some(codings::name(&kind)), ..Track::default() });
        }
        let profile = find(&inner(entry.get(78..)?)?, *b"avcC")?.get(1)?;
        // Baseline, Main, Extended and High: 8 bits and 4:2:0.
        Some(Track { picture, rare: ![66, 77, 88, 100].contains(profile), ..Track::default() })
    }
}

/// AAC and MP3 are decoded; which of many codings `mp4a` is, stands in its description.
fn sound(kind: [u8; 4], entry: &[u8]) -> Option<Track> {
    let decoded = match &kind {
        b".mp3" => true,
        b"mp4a" => matches!(object_type(entry)?, 0x40 | 0x66..=0x69 | 0x6b),
        _ => false,
    };
    Some(Track { foreign: (!decoded).then(|| codings::name(&kind)), ..Track::default() })
}

/// The object type in an `esds` box (ISO 14496-1, 7.2.6): an elementary stream's descriptor that holds its decoder's.
fn object_type(entry: &[u8]) -> Option<u8> {
    let at = entry.windows(4).position(|part| part == b"esds")?;
    let stream = descriptor(entry.get(at + 8..)?, 3)?;
    let flags = stream.get(2)?;
    let mut more = if flags & 0x80 == 0 { 3 } else { 5 };
    if flags & 0x40 != 0 {
        more += 1 + usize::from(*stream.get(more)?);
    }
    if flags & 0x20 != 0 {
        more += 2;
    }
    descriptor(stream.get(more..)?, 4)?.first().copied()
}

/// What a descriptor of this tag holds, and all behind it.
fn descriptor(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let size = bytes.iter().skip(1).take(4).take_while(|byte| **byte & 0x80 != 0).count() + 1;
    bytes.get(1 + size..).filter(|_| bytes.first() == Some(&tag))
}

/// The sizes of samples, taken one chunk after another.
enum Sizes<'a> {
    /// Bytes of each sample, and how many are left.
    Same(u64, u64),
    /// A table with this many bits a sample, and how many were taken.
    Each(&'a [u8], usize, usize),
}

impl<'a> Sizes<'a> {
    fn of(track: &TrackBoxes<'a>) -> Option<Self> {
        if let Some(table) = track.table(*b"stsz") {
            let (same, count) = (number(table, 4, 4)?, number(table, 8, 4)?);
            return if same > 0 { Some(Self::Same(same, count)) } else { Self::each(table, 32, count) };
        }
        let table = track.table(*b"stz2")?;
        Self::each(table, usize::from(*table.get(7)?), number(table, 8, 4)?)
    }

    fn each(table: &'a [u8], bits: usize, count: u64) -> Option<Self> {
        let bytes = usize::try_from(count).ok()?.checked_mul(bits)?.div_ceil(8);
        let held = table.get(12..12_usize.checked_add(bytes)?)?;
        [4, 8, 16, 32].contains(&bits).then_some(Self::Each(held, bits, 0))
    }

    /// How many samples there are.
    fn count(&self) -> u64 {
        match self {
            Self::Same(_, count) => *count,
            Self::Each(table, bits, _) => (table.len() * 8 / bits) as u64,
        }
    }

    /// Bytes of the next `count` samples, or of what is left of them.
    fn next(&mut self, count: u64) -> u64 {
        match self {
            Self::Same(size, left) => {
                let taken = count.min(*left);
                *left -= taken;
                taken.saturating_mul(*size)
            }
            Self::Each(table, bits, taken) => {
                let (from, last) = (*taken, table.len() * 8 / *bits);
                *taken = usize::try_from(count).unwrap_or(last).saturating_add(from).min(last);
                let size = |index: usize| match *bits {
                    4 => u64::from((table[index / 2] >> (4 - index % 2 * 4)) & 0xf),
                    bits => number(table, index * bits / 8, bits / 8).unwrap_or(0),
                };
                (from..*taken).map(size).fold(0, u64::saturating_add)
            }
        }
    }
}
