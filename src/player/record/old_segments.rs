//! Removes the oldest closed segments of a journal, by age and by size.
//! Never removes the open one.

use std::fs;
use std::io;
use std::path::Path;

use super::segment::{self, SegmentContent, segments};
use crate::base::limits::{RETURNS_BYTES, RETURNS_DAYS};

const DAY_MS: i64 = 86_400_000;

/// Removes the oldest closed segments beyond the limits. Gives the first and the last, and how many bytes are left. `floor_ms`: the earliest
/// time that can be right, in Unix milliseconds.
pub fn remove(folder: &Path, floor_ms: i64) -> io::Result<Option<(u64, u64, u64)>> {
    let mut closed = segments(folder)?;
    closed.pop_last();
    let parts = |seq: u64| ["jsonl", "jsonl.unreadable", "jsonl.minisig"].map(|end| segment::path(folder, seq).with_extension(end));
    let size = |seq: u64| parts(seq).iter().filter_map(|path| fs::symlink_metadata(path).ok()).map(|meta| meta.len()).sum::<u64>();
    let mut total: u64 = closed.keys().map(|seq| size(*seq)).sum();
    let (oldest, mut removed) = (floor_ms - RETURNS_DAYS * DAY_MS, Vec::new());
    for seq in closed.into_keys() {
        // One that says no possible time has no age.
        let aged = SegmentContent::of(folder, seq).is_some_and(|content| (1..oldest).contains(&content.heading.opened));
        if total <= RETURNS_BYTES && !aged {
            break;
        }
        total -= size(seq);
        // An absent one is no error; one that stays is removed the next time.
        parts(seq).iter().for_each(|path| drop(fs::remove_file(path)));
        removed.push(seq);
    }
    Ok(removed.first().zip(removed.last()).map(|(first, last)| (*first, *last, total)))
}
