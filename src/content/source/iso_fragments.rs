//! The fragments of an ISO film (ISO 14496-12, 8.8): when the samples of each track begin and end, whose tables do not stand in the index.
//! Never reads a file.

use std::collections::BTreeMap;

use super::iso_boxes::{find, inner, rows_behind};
use super::recording::number;

/// The fragments seen so far.
#[derive(Default)]
pub struct Fragments {
    /// Units of a sample that does not say how long it lasts, by track.
    usual: BTreeMap<u64, u64>,
    /// Where the samples of a track begin and end, in its units.
    spans: BTreeMap<u64, (u64, u64)>,
    seen: bool,
    unclear: bool,
}

impl Fragments {
    /// Of a film with this index; none are seen yet.
    pub fn of(index: &[u8]) -> Self {
        let boxes = inner(index).unwrap_or_default();
        let extends = find(&boxes, *b"mvex").and_then(inner).unwrap_or_default();
        let tracks = extends.into_iter().filter(|(kind, _)| kind == b"trex");
        let usual = tracks.filter_map(|(_, held)| Some((number(held, 4, 4)?, number(held, 12, 4)?)));
        Self { usual: usual.collect(), ..Self::default() }
    }

    /// Takes the next fragment; `None`: it can't be read.
    pub fn add(&mut self, fragment: Option<&[u8]>) {
        self.seen = true;
        if fragment.and_then(|fragment| self.take(fragment)).is_none() {
            self.leave_open();
        }
    }

    /// From here on nothing can be said of when samples end.
    pub fn leave_open(&mut self) {
        self.unclear = true;
    }

    /// Whether there is a fragment.
    pub fn is_any(&self) -> bool {
        self.seen
    }

    /// Whether all of them could be read.
    pub fn is_clear(&self) -> bool {
        !self.unclear
    }

    /// Where the samples of a track begin and end, in its units; `None` if it has none.
    pub fn span(&self, track: u64) -> Option<(u64, u64)> {
        self.spans.get(&track).copied()
    }

    fn take(&mut self, fragment: &[u8]) -> Option<()> {
        for (kind, track) in inner(fragment)? {
            if &kind != b"traf" {
                continue;
            }
            let boxes = inner(track)?;
            let head = find(&boxes, *b"tfhd")?;
            let number_of = number(head, 4, 4)?;
            let usual = usual_duration(head, self.usual.get(&number_of).copied().unwrap_or(0))?;
            let mut lasts = 0_u64;
            for (_, run) in boxes.iter().filter(|(kind, _)| kind == b"trun") {
                lasts = lasts.saturating_add(run_duration(run, usual)?);
            }
            let time = match find(&boxes, *b"tfdt") {
                Some(time) if time.first()? == &1 => Some(number(time, 4, 8)?),
                Some(time) => Some(number(time, 4, 4)?),
                None => None,
            };
            let known = self.spans.get(&number_of).copied();
            let start = time.or(known.map(|(_, end)| end))?;
            let (first, end) = known.unwrap_or((start, start));
            if lasts > 0 {
                self.spans.insert(number_of, (first.min(start), end.max(start.saturating_add(lasts))));
            }
        }
        Some(())
    }
}

/// The last bytes of the flags of a box.
fn flags(held: &[u8]) -> Option<u64> {
    number(held, 1, 3)
}

/// How long a sample lasts that does not say it: what `tfhd` gives, or what the index gives.
fn usual_duration(head: &[u8], of_index: u64) -> Option<u64> {
    let flags = flags(head)?;
    let before = 8 + 8 * usize::from(flags & 1 != 0) + 4 * usize::from(flags & 2 != 0);
    if flags & 8 == 0 { Some(of_index) } else { number(head, before, 4) }
}

/// How long the samples of a `trun` last together.
fn run_duration(run: &[u8], usual: u64) -> Option<u64> {
    let (flags, count) = (flags(run)?, number(run, 4, 4)?);
    if flags & 0x100 == 0 {
        return Some(count.saturating_mul(usual));
    }
    let before = 8 + 4 * usize::from(flags & 1 != 0) + 4 * usize::from(flags & 4 != 0);
    // Of each sample: how long it lasts, then its size, flags and shift, as far as they are given.
    let row = 4 * usize::try_from((flags & 0xf00).count_ones()).ok()?;
    let lengths = rows_behind(run, before, count, row)?.filter_map(|row| number(row, 0, 4));
    Some(lengths.fold(0, u64::saturating_add))
}
