//! Which segments of a journal there are, and what one holds: its heading, then line by line whether each is an entry that this version knows.
//! Never writes a file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};

use super::entry::{JournalEntry, SegmentHeader};
use super::noted::{LATELY_MS, Noted};
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::{MAX_INTEGER, SEGMENT_BYTES, SIGNATURE_BYTES};
use crate::base::text::Text;
use crate::text;
use crate::trust::signature::SignatureFile;

/// Most segments that are searched for what they say of statements, the newest first.
const SEARCHED: usize = 256;

/// What a segment holds.
pub struct SegmentContent {
    pub heading: SegmentHeader,
    /// Bytes up to its last line end.
    pub whole: u64,
    /// Bytes from the first to the last line that is no entry.
    pub damaged: Option<Range<u64>>,
    /// Whether it has no line but the heading.
    pub bare: bool,
    /// What its lines say of statements.
    pub noted: Noted,
}

impl SegmentContent {
    /// Reads the bytes of a segment; `None` without a heading.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let first = lines.next()?;
        let heading = serde_json::from_slice(first).ok()?;
        let (mut at, mut damaged, mut noted) = (first.len() as u64, None::<Range<u64>>, Noted::default());
        for line in lines {
            let end = at + line.len() as u64;
            match serde_json::from_slice::<JournalEntry>(line) {
                Ok(entry) => noted.add(&entry),
                Err(_) => damaged = Some(damaged.map_or(at, |before| before.start)..end),
            }
            at = end;
        }
        Some(Self { heading, whole: at, damaged, bare: at == first.len() as u64, noted })
    }

    /// Reads a segment of a folder; `None` if it is not there, or has no heading.
    pub fn of(folder: &Path, seq: u64) -> Option<Self> {
        Self::read(&files::read_regular_file(&path(folder, seq), SEGMENT_BYTES * 2).ok()?)
    }

    /// What is wrong with the segment, whose bytes these are. `named`: its digests by whatever names it.
    pub fn damage(&self, bytes: &[u8], named: &[Digest]) -> Option<Text> {
        if let Some(Range { start, end }) = self.damaged {
            return Some(text!(vi: "hỏng từ byte {start} đến byte {end}", en: "is damaged from byte {start} to byte {end}"));
        }
        let digest = Digest::of(bytes);
        named.iter().any(|named| *named != digest).then(|| {
            text!(vi: "không còn như lúc đóng: mã băm ghi khi đó khác", en: "is not as it was closed: the digest written down then is another")
        })
    }
}

/// The file of a segment.
pub fn path(folder: &Path, seq: u64) -> PathBuf {
    folder.join(format!("{seq}.jsonl"))
}

/// The signature at a path; `None` if none is there that can be read.
pub fn read_signature(path: &Path) -> Option<SignatureFile> {
    SignatureFile::parse(&files::read_regular_file(path, SIGNATURE_BYTES).ok()?)
}

/// The highest number of a segment that has an entry, as far as can be read; 0 without any.
pub fn highest_written(folder: &Path, there: &BTreeMap<u64, bool>) -> u64 {
    let Some((seq, whole)) = there.last_key_value() else { return 0 };
    let bare = *whole && SegmentContent::of(folder, *seq).is_some_and(|content| content.bare);
    seq - u64::from(bare)
}

/// The numbers of all segments of a folder, and whether each is there or only what was set aside.
pub fn segments(folder: &Path) -> io::Result<BTreeMap<u64, bool>> {
    let mut segments = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some((seq, rest)) = name.to_str().and_then(|name| name.split_once(".jsonl")) else { continue };
        let seq = seq.parse().ok().filter(|seq| (1..MAX_INTEGER).contains(seq));
        if let (Some(seq), "" | ".unreadable") = (seq, rest) {
            *segments.entry(seq).or_default() |= rest.is_empty();
        }
    }
    Ok(segments)
}

/// What the segments of a folder say of statements, at `now` in Unix milliseconds.
pub fn noted(folder: &Path, segments: &BTreeMap<u64, bool>, now: i64) -> Noted {
    let (mut newest, mut found) = (Noted::default(), Vec::new());
    for (seq, _) in segments.iter().rev().filter(|(_, there)| **there).take(SEARCHED) {
        let Some(content) = SegmentContent::of(folder, *seq) else { continue };
        newest = newest.joined(&content.noted);
        found.push(content.noted);
        if newest.is_full() && content.heading.opened < now.saturating_sub(LATELY_MS) {
            break;
        }
    }
    found.iter().rev().fold(Noted::default(), Noted::joined)
}

/// The numbers that are gone, from the first segment that is there up to the highest that was given.
pub fn gaps(there: &BTreeMap<u64, bool>, highest: u64) -> Vec<RangeInclusive<u64>> {
    let mut next = there.keys().next().copied().unwrap_or(highest).max(1);
    let mut gaps = Vec::new();
    for seq in there.keys().copied().chain([highest + 1]) {
        if seq > next {
            gaps.push(next..=seq - 1);
        }
        next = next.max(seq + 1);
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_entry_and_the_first_is_the_heading() {
        let heading = "{\"format\":\"bangtin-returns/1\",\"site\":\"ta-lung\",\"player\":\"p\",\"seq\":1,\"before\":null,\"opened\":0}\n";
        let entry = "{\"type\":\"switch\",\"at\":1,\"epoch\":1,\"version\":2}\n";
        let (first, one) = (heading.len() as u64, entry.len() as u64);
        let read =
            |rest: &[&str]| SegmentContent::read(format!("{heading}{}", rest.concat()).as_bytes()).map(|read| (read.whole, read.damaged));
        assert_eq!(read(&[entry, entry]), Some((first + 2 * one, None)));
        assert_eq!(read(&[entry, "{\"type\":\"sw"]), Some((first + one, None)), "the end of an unfinished line is no damage");
        for bad in ["#### garbage\n", "{\"type\":#switch\"}\n", "{\"type\":\"other\"}\n", "\n", "[]\n", "\0\0\0\0\n", heading] {
            let end = first + one + bad.len() as u64;
            assert_eq!(read(&[entry, bad, entry]), Some((end + one, Some(first + one..end))), "{bad:?}");
            assert_eq!(read(&[entry, bad, entry, bad]).unwrap().1, Some(first + one..end + one + bad.len() as u64), "{bad:?}");
        }
        assert!(SegmentContent::read(entry.as_bytes()).is_none() && SegmentContent::read(heading.trim_end().as_bytes()).is_none());
    }
}
