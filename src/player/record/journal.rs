//! The journal of one player: `returns/<site>/<player>/<seq>.jsonl`, appended and synced line by line; a closed segment is signed.
//! A line torn by a power cut is cut off and reported. Never changes a closed segment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::entry::{FORMAT, JournalEntry, SegmentHeader};
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::SEGMENT_BYTES;
use crate::base::times::Timestamp;
use crate::trust::secret::SecretKey;

const DAY_MS: i64 = 86_400_000;

/// An open journal. The player's lock keeps other processes out.
pub struct Journal {
    folder: PathBuf,
    site: SiteId,
    player: PlayerId,
    key: Option<SecretKey>,
    segment: OpenSegment,
}

struct OpenSegment {
    file: File,
    seq: u64,
    size: u64,
    opened: i64,
}

impl Journal {
    /// Opens the journal below `returns`, continues its last segment, and signs closed segments that a crash left unsigned.
    /// Without a key, segments stay unsigned until a later start has one.
    pub fn open(returns: &Path, site: &SiteId, player: &PlayerId, key: Option<SecretKey>, now_ms: i64) -> io::Result<Self> {
        let folder = returns.join(site.as_str()).join(player.as_str());
        files::create_dirs_synced(&folder)?;
        let numbers = segments(&folder)?;
        let (segment, torn) = match numbers.last() {
            Some(seq) => reopen_segment(&folder, *seq)?,
            None => (create_segment(&folder, site, player, 1, None, now_ms)?, 0),
        };
        let mut journal = Self { folder, site: site.clone(), player: player.clone(), key, segment };
        for seq in numbers.iter().filter(|seq| **seq < journal.segment.seq) {
            journal.sign(*seq, now_ms)?;
        }
        if torn > 0 {
            let detail = format!("{torn} bytes of an unfinished line in segment {} were cut off", journal.segment.seq);
            journal.append(&JournalEntry::Incident { kind: "journal-torn".into(), at: now_ms, detail }, now_ms)?;
        }
        Ok(journal)
    }

    /// Appends one line and makes it durable before it returns. Closes the segment first if it is a day old or full.
    pub fn append(&mut self, entry: &JournalEntry, now_ms: i64) -> io::Result<()> {
        if self.segment.size >= SEGMENT_BYTES || now_ms.div_euclid(DAY_MS) > self.segment.opened.div_euclid(DAY_MS) {
            self.close(now_ms)?;
        }
        let line = encode_line(entry)?;
        if let Err(error) = self.segment.file.write_all(&line).and_then(|()| self.segment.file.sync_data()) {
            // The next line must not follow half a line.
            self.segment.file.set_len(self.segment.size)?;
            return Err(error);
        }
        self.segment.size += line.len() as u64;
        Ok(())
    }

    /// Closes and signs the segment, then begins the next.
    pub fn close(&mut self, now_ms: i64) -> io::Result<()> {
        let (before, _) = Digest::of_reader(File::open(segment_path(&self.folder, self.segment.seq))?)?;
        self.sign(self.segment.seq, now_ms)?;
        self.segment = create_segment(&self.folder, &self.site, &self.player, self.segment.seq + 1, Some(before), now_ms)?;
        Ok(())
    }

    fn sign(&self, seq: u64, now_ms: i64) -> io::Result<()> {
        let path = segment_path(&self.folder, seq);
        let signature = path.with_extension("jsonl.minisig");
        let Some(key) = &self.key else { return Ok(()) };
        if signature.exists() {
            return Ok(());
        }
        let bytes = files::read_file_limited(&path, SEGMENT_BYTES * 2)?;
        let signed = key.sign(&bytes, &format!("{seq}.jsonl"), Timestamp(now_ms.div_euclid(1000)));
        files::write_atomic(&signature, &signed.map_err(|text| io::Error::other(text.en))?)
    }
}

fn segment_path(folder: &Path, seq: u64) -> PathBuf {
    folder.join(format!("{seq}.jsonl"))
}

/// Numbers of the segments in a folder, ascending.
fn segments(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        numbers.extend(name.to_str().and_then(|name| name.strip_suffix(".jsonl")).and_then(|seq| seq.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn create_segment(
    folder: &Path,
    site: &SiteId,
    player: &PlayerId,
    seq: u64,
    before: Option<Digest>,
    opened: i64,
) -> io::Result<OpenSegment> {
    let heading = SegmentHeader { format: FORMAT.to_owned(), site: site.clone(), player: player.clone(), seq, before, opened };
    let first = encode_line(&heading)?;
    let path = segment_path(folder, seq);
    files::write_atomic(&path, &first)?;
    Ok(OpenSegment { file: open_for_append(&path)?, seq, size: first.len() as u64, opened })
}

/// Opens the last segment for appending and cuts off what follows its last line end. Gives the number of bytes cut off.
fn reopen_segment(folder: &Path, seq: u64) -> io::Result<(OpenSegment, u64)> {
    let path = segment_path(folder, seq);
    let bytes = files::read_file_limited(&path, SEGMENT_BYTES * 2)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let heading: SegmentHeader = serde_json::from_slice(first).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    let file = open_for_append(&path)?;
    if whole < bytes.len() {
        file.set_len(whole as u64)?;
        file.sync_all()?;
    }
    Ok((OpenSegment { file, seq, size: whole as u64, opened: heading.opened }, (bytes.len() - whole) as u64))
}

fn open_for_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

fn encode_line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::signature::SignatureFile;

    fn incident(at: i64) -> JournalEntry {
        JournalEntry::Incident { kind: "test".into(), at, detail: String::new() }
    }

    #[test]
    fn segments_are_chained_signed_and_survive_a_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let (site, player) = (SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
        let open = |now| {
            let (key, _) = SecretKey::generate(None).unwrap();
            Journal::open(folder.path(), &site, &player, Some(key), now).unwrap()
        };
        let place = folder.path().join("ta-lung/ta-lung-1");
        let mut journal = open(DAY_MS);
        journal.append(&incident(1), DAY_MS).unwrap();
        drop(journal);
        let first = place.join("1.jsonl");
        OpenOptions::new().append(true).open(&first).unwrap().write_all(b"{\"type\":\"pl").unwrap();
        let mut journal = open(DAY_MS + 1);
        let text = fs::read_to_string(&first).unwrap();
        assert!(text.ends_with("were cut off\"}\n") && text.lines().count() == 3, "{text}");
        journal.append(&incident(2), 2 * DAY_MS).unwrap();
        let second = fs::read_to_string(place.join("2.jsonl")).unwrap();
        let heading: SegmentHeader = serde_json::from_str(second.lines().next().unwrap()).unwrap();
        assert_eq!((heading.seq, heading.before), (2, Some(Digest::of(text.as_bytes()))));
        let signature = SignatureFile::parse(&fs::read(place.join("1.jsonl.minisig")).unwrap()).unwrap();
        assert!(signature.verifies_with(journal.key.as_ref().unwrap().public(), text.as_bytes()));
    }
}
