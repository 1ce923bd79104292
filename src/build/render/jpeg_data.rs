//! Whether the coded data of a JPEG are whole: walks through the codes of all blocks (ITU-T T.81, Huffman modes) and looks where they end. Decoders
//! let damage inside a scan pass and show shifted parts. Never decodes a value; what it does not know it leaves to the decoder.

use crate::content::source::media::is_too_large;

/// What is wrong with the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JpegDamage {
    /// The file ends in the middle.
    Cut,
    /// Codes that do not exist, or fewer or more of them than the picture has.
    Inside,
}

/// Bytes that may stand between the last code and the next marker: some cameras fill up.
const FILLING: usize = 8;

/// Scans that are looked at: an author's picture has ten at the most.
const SCANS: usize = 200;

/// For each 16 bits the length of the code with which they begin, 0 for none, and its symbol.
type Codes = Vec<(u8, u8)>;

struct Component {
    id: u8,
    /// Blocks of an interleaved unit.
    horizontal: usize,
    vertical: usize,
    /// Blocks with pixels of the picture.
    width: usize,
    height: usize,
    /// Blocks in a row, with those that only fill up units.
    stride: usize,
    /// For each block which coefficients are known not to be 0: later scans of a progressive picture depend on it.
    known: Vec<u64>,
}

struct Frame {
    progressive: bool,
    units: (usize, usize),
    components: Vec<Component>,
}

struct Scan {
    /// Component, DC and AC table.
    parts: Vec<(usize, usize, usize)>,
    spectrum: (u32, u32),
    first: bool,
}

/// Looks through all scans.
pub fn check(bytes: &[u8]) -> Result<(), JpegDamage> {
    let (mut at, mut interval, mut frame, mut scans) = (2, 0, None, 0);
    let (mut dc, mut ac): ([Codes; 4], [Codes; 4]) = Default::default();
    loop {
        let marker = match bytes.get(at..) {
            Some([0xff, 0xff, ..]) => {
                at += 1;
                continue;
            }
            Some([0xff, 0xd9, ..]) => return Ok(()),
            Some([0xff, marker, ..]) => *marker,
            Some([_, _, ..]) => return Err(JpegDamage::Inside),
            _ => return Err(JpegDamage::Cut),
        };
        let length = bytes.get(at + 2..at + 4).map_or(0, |length| usize::from(u16::from_be_bytes([length[0], length[1]])));
        let Some(body) = bytes.get(at + 4..at + 2 + length) else {
            return Err(JpegDamage::Cut);
        };
        at += 2 + length;
        match (marker, body) {
            (0xc4, _) => read_tables(body, &mut dc, &mut ac),
            (0xc0..=0xc2, _) => frame = read_frame(body, marker == 0xc2),
            (0xdd, [high, low, ..]) => interval = usize::from(u16::from_be_bytes([*high, *low])),
            (0xda, _) => {
                let Some((frame, scan)) = frame.as_mut().and_then(|frame: &mut Frame| read_scan(body, frame).map(|scan| (frame, scan)))
                else {
                    return Ok(());
                };
                scans += 1;
                if scans > SCANS {
                    return Err(JpegDamage::Inside);
                }
                let tables = scan.parts.iter().map(|(_, low, high)| (dc.get(*low), ac.get(*high)));
                let mut walk = Walk { bytes, at, bits: 0, count: 0, run: 0 };
                let tables: Option<Vec<(&Codes, &Codes)>> = tables.map(|(low, high)| low.zip(high)).collect();
                let Some(tables) = tables else { return Ok(()) };
                walk.scan(frame, &scan, &tables, interval)?;
                at = walk.at;
            }
            // Other modes of coding.
            (0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf, _) => return Ok(()),
            _ => {}
        }
    }
}

fn read_tables(mut body: &[u8], dc: &mut [Codes; 4], ac: &mut [Codes; 4]) {
    while let Some((head, rest)) = body.split_at_checked(17) {
        let all: usize = head[1..].iter().map(|count| usize::from(*count)).sum();
        let Some((symbols, rest)) = rest.split_at_checked(all) else {
            return;
        };
        let mut codes = vec![(0, 0); 1 << 16];
        let (mut next, mut symbols) = (0_usize, symbols.iter());
        for (length, count) in (1_u8..).zip(&head[1..]) {
            let step = 1 << (16 - length);
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                if let Some(range) = codes.get_mut(next..next + step) {
                    range.fill((length, *symbol));
                }
                next += step;
            }
        }
        let tables = if head[0] >> 4 == 0 { &mut *dc } else { &mut *ac };
        if let Some(table) = tables.get_mut(usize::from(head[0] & 15)) {
            *table = codes;
        }
        body = rest;
    }
}

fn read_frame(body: &[u8], progressive: bool) -> Option<Frame> {
    let [_, h1, h2, w1, w2, count, rest @ ..] = body else {
        return None;
    };
    let (height, width) = (usize::from(u16::from_be_bytes([*h1, *h2])), usize::from(u16::from_be_bytes([*w1, *w2])));
    let parts: Vec<(u8, usize, usize)> = rest
        .as_chunks::<3>()
        .0
        .iter()
        .take(usize::from(*count))
        .map(|[id, sides, _]| (*id, usize::from(sides >> 4), usize::from(sides & 15)))
        .collect();
    let small = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let (most_h, most_v) = (parts.iter().map(|part| part.1).max()?, parts.iter().map(|part| part.2).max()?);
    if is_too_large(small(width), small(height)) || height == 0 || width == 0 || parts.iter().any(|part| part.1 == 0 || part.2 == 0) {
        return None;
    }
    let units = (width.div_ceil(8 * most_h), height.div_ceil(8 * most_v));
    let component = |(id, horizontal, vertical): (u8, usize, usize)| {
        let blocks = units.0 * horizontal * units.1 * vertical;
        Component {
            id,
            horizontal,
            vertical,
            width: (width * horizontal).div_ceil(most_h).div_ceil(8),
            height: (height * vertical).div_ceil(most_v).div_ceil(8),
            stride: units.0 * horizontal,
            known: if progressive { vec![0; blocks] } else { Vec::new() },
        }
    };
    Some(Frame { progressive, units, components: parts.into_iter().map(component).collect() })
}

fn read_scan(body: &[u8], frame: &Frame) -> Option<Scan> {
    let (count, rest) = body.split_first()?;
    let (parts, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    let part = |[id, tables]: &[u8; 2]| {
        let component = frame.components.iter().position(|component| component.id == *id)?;
        Some((component, usize::from(tables >> 4), usize::from(tables & 15)))
    };
    let parts: Option<Vec<_>> = parts.as_chunks().0.iter().map(part).collect();
    let &[start, end, bits] = rest.get(..3)? else {
        return None;
    };
    let spectrum = if frame.progressive { (u32::from(start), u32::from(end)) } else { (0, 63) };
    let parts = parts.filter(|parts| !parts.is_empty() && spectrum.1 < 64)?;
    Some(Scan { parts, spectrum, first: !frame.progressive || bits >> 4 == 0 })
}

/// The codes of one scan.
struct Walk<'b> {
    bytes: &'b [u8],
    at: usize,
    bits: u64,
    count: u32,
    /// Blocks that have no more codes in this scan.
    run: u32,
}

impl Walk<'_> {
    fn scan(&mut self, frame: &mut Frame, scan: &Scan, tables: &[(&Codes, &Codes)], interval: usize) -> Result<(), JpegDamage> {
        let alone = scan.parts.len() == 1;
        let (columns, rows) = match scan.parts.as_slice() {
            [(only, ..)] => (frame.components[*only].width, frame.components[*only].height),
            _ => frame.units,
        };
        for unit in 0..columns * rows {
            if interval > 0 && unit > 0 && unit % interval == 0 {
                self.restart(unit / interval - 1)?;
            }
            let (x, y) = (unit % columns, unit / columns);
            for ((component, ..), codes) in scan.parts.iter().zip(tables) {
                let component = &mut frame.components[*component];
                let (across, down) = if alone { (1, 1) } else { (component.horizontal, component.vertical) };
                for block in 0..across * down {
                    let place = (y * down + block / across) * component.stride + x * across + block % across;
                    if frame.progressive {
                        let known = component.known.get_mut(place).ok_or(JpegDamage::Inside)?;
                        self.progressive_block(scan, *codes, known)?;
                    } else {
                        self.block(*codes)?;
                    }
                }
            }
        }
        self.end()
    }

    fn block(&mut self, (dc, ac): (&Codes, &Codes)) -> Result<(), JpegDamage> {
        let size = self.symbol(dc)?;
        self.take(u32::from(size))?;
        let mut at = 1;
        while at < 64 {
            let (zeros, size) = split(self.symbol(ac)?);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => return Ok(()),
                _ => {
                    at += zeros + 1;
                    self.take(size)?;
                }
            }
        }
        if at > 64 { Err(JpegDamage::Inside) } else { Ok(()) }
    }

    fn progressive_block(&mut self, scan: &Scan, (dc, ac): (&Codes, &Codes), known: &mut u64) -> Result<(), JpegDamage> {
        match (scan.spectrum.0, scan.first) {
            (0, true) => {
                let size = self.symbol(dc)?;
                self.take(u32::from(size)).map(drop)
            }
            (0, false) => self.take(1).map(drop),
            (_, true) => self.first_pass(scan.spectrum, ac, known),
            (_, false) => self.later_pass(scan.spectrum, ac, known),
        }
    }

    fn first_pass(&mut self, (start, end): (u32, u32), ac: &Codes, known: &mut u64) -> Result<(), JpegDamage> {
        if self.run > 0 {
            self.run -= 1;
            return Ok(());
        }
        let mut at = start;
        while at <= end {
            let (zeros, size) = split(self.symbol(ac)?);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    self.run = (1 << zeros) - 1 + self.take(zeros)?;
                    return Ok(());
                }
                _ => {
                    at += zeros;
                    if at > end {
                        return Err(JpegDamage::Inside);
                    }
                    self.take(size)?;
                    *known |= 1 << at;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn later_pass(&mut self, (start, end): (u32, u32), ac: &Codes, known: &mut u64) -> Result<(), JpegDamage> {
        let mut at = start;
        while self.run == 0 && at <= end {
            let (mut zeros, size) = split(self.symbol(ac)?);
            match (zeros, size) {
                (0..15, 0) => {
                    self.run = (1 << zeros) + self.take(zeros)?;
                    break;
                }
                (_, 0) => {}
                (_, 1) => drop(self.take(1)?),
                _ => return Err(JpegDamage::Inside),
            }
            while at <= end {
                if *known >> at & 1 == 1 {
                    self.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if size == 1 {
                if at > end {
                    return Err(JpegDamage::Inside);
                }
                *known |= 1 << at;
            }
            at += 1;
        }
        if self.run > 0 {
            self.run -= 1;
            for at in at..=end {
                if *known >> at & 1 == 1 {
                    self.take(1)?;
                }
            }
        }
        Ok(())
    }

    /// The marker between two intervals, with its number.
    fn restart(&mut self, number: usize) -> Result<(), JpegDamage> {
        self.end()?;
        let expected = [0xff, 0xd0 + u8::try_from(number % 8).unwrap_or_default()];
        if !self.bytes[self.at..].starts_with(&expected) {
            return Err(JpegDamage::Inside);
        }
        self.at += 2;
        Ok(())
    }

    /// Goes on to the next marker, which must follow.
    fn end(&mut self) -> Result<(), JpegDamage> {
        let spare = self.at + FILLING - (self.count / 8) as usize;
        (self.bits, self.count, self.run) = (0, 0, 0);
        loop {
            match self.bytes.get(self.at..) {
                Some([0xff, 0xff, ..]) => {}
                Some([0xff, next, ..]) if *next != 0 => return Ok(()),
                Some([_, ..]) if self.at <= spare => {}
                Some([_, ..]) => return Err(JpegDamage::Inside),
                _ => return Err(JpegDamage::Cut),
            }
            self.at += 1;
        }
    }

    fn symbol(&mut self, codes: &Codes) -> Result<u8, JpegDamage> {
        self.fill();
        let next = if self.count >= 16 { self.bits >> (self.count - 16) } else { self.bits << (16 - self.count) };
        match codes.get((next & 0xffff) as usize) {
            Some((length, symbol)) if *length > 0 => self.take(u32::from(*length)).map(|_| *symbol),
            _ => Err(self.damage()),
        }
    }

    fn take(&mut self, count: u32) -> Result<u32, JpegDamage> {
        self.fill();
        if count > self.count {
            return Err(self.damage());
        }
        self.count -= count;
        let value = self.bits >> self.count;
        self.bits &= (1 << self.count) - 1;
        Ok(u32::try_from(value).unwrap_or_default())
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let (byte, length) = match self.bytes.get(self.at..) {
                Some([0xff, 0, ..]) => (0xff, 2),
                Some([0xff, ..] | []) | None => return,
                Some([byte, ..]) => (*byte, 1),
            };
            self.at += length;
            self.bits = self.bits << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// Why there is no code: the file ends, or not.
    fn damage(&self) -> JpegDamage {
        if self.at + 1 >= self.bytes.len() { JpegDamage::Cut } else { JpegDamage::Inside }
    }
}

/// A symbol of an AC table: how many zeros are skipped, and the bits of the value.
fn split(symbol: u8) -> (u32, u32) {
    (u32::from(symbol >> 4), u32::from(symbol & 15))
}
