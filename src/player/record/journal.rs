//! The journal of one player: `returns/<site>/<player>/<seq>.jsonl`, appended line by line; a closed segment is signed. A line torn by a
//! power cut is cut off; a segment that is damaged is closed unsigned, one that can't be read or is not as it was written is set aside, one
//! that is gone is missed, and each is reported. Nothing that goes wrong here stops the player: what can't be written waits. Never changes a closed segment, and removes the
//! oldest only with an entry that says so.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::entry::{self, FORMAT, JournalEntry, SegmentHeader};
use super::memory::{JournalMemory, WrittenPart};
use super::segment::{SegmentContent, gaps, segments};
use super::words;
use crate::base::digest::{Digest, DigestWriter};
use crate::base::failure;
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::{RETURNS_BYTES, RETURNS_DAYS, SEGMENT_BYTES, WAITING_ENTRIES};
use crate::base::os;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::trust::secret::SecretKey;

const DAY_MS: i64 = 86_400_000;
/// Plays are synced together: a card wears out by syncs, and a power cut ends the showing that it loses.
const SYNC_MS: i64 = 30_000;
/// How often what the open segment holds is remembered elsewhere, beside at a regular end.
const REMEMBER_MS: i64 = 3_600_000;

/// Whose journal it is.
pub struct JournalOwner {
    /// Folder of its segments.
    pub folder: PathBuf,
    /// File of what is remembered of them elsewhere.
    pub memory: PathBuf,
    pub site: SiteId,
    pub player: PlayerId,
    /// Without it, segments stay unsigned until a later start has one. The error says why it can't be used, and what to do.
    pub key: Result<Option<SecretKey>, Text>,
    /// The earliest time that can be right, in Unix milliseconds: ages are measured by it, whatever the clock says.
    pub floor_ms: i64,
}

/// A journal. The player's lock keeps other processes out.
pub struct Journal {
    owner: JournalOwner,
    /// `None` while none could be opened.
    segment: Option<OpenSegment>,
    /// Entries that can't be told again and have not been written yet, the oldest first.
    waiting: Vec<JournalEntry>,
    fault: Option<Text>,
    /// Segments that were found damaged or missing since the start.
    spoiled: Vec<Text>,
    memory: JournalMemory,
}

struct OpenSegment {
    file: File,
    seq: u64,
    /// Size and digest of what was written.
    written: DigestWriter<io::Sink>,
    opened: i64,
    synced: i64,
    remembered: i64,
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.remember_written();
    }
}

impl Journal {
    /// Continues the last segment, and signs closed segments that a crash left unsigned.
    pub fn open(owner: JournalOwner, now_ms: i64) -> Self {
        let mut journal =
            Self { owner, segment: None, waiting: Vec::new(), fault: None, spoiled: Vec::new(), memory: JournalMemory::default() };
        journal.memory = JournalMemory::load(&journal.owner.memory);
        let opened = journal.write_waiting(now_ms);
        journal.note(&opened);
        journal
    }

    /// Why nothing can be written now, or signed, what could not be continued, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.fault.iter().chain(self.owner.key.as_ref().err()).chain(&self.spoiled)
    }

    /// Appends one line. Closes the segment first if it is of another day or full. A play that can't be written must be sent again; anything
    /// else waits here.
    pub fn append(&mut self, entry: &JournalEntry, now_ms: i64) -> io::Result<()> {
        let written = self.write(entry, now_ms);
        self.note(&written);
        if written.is_err() && !matches!(entry, JournalEntry::Play(_)) && self.waiting.len() < WAITING_ENTRIES {
            self.waiting.push(entry.clone());
        }
        written
    }

    fn note(&mut self, written: &io::Result<()>) {
        self.fault = written.as_ref().err().map(|error| {
            let reason = failure::cause(error);
            crate::logln!("journal: {}: {}", self.owner.folder.display(), reason.en);
            words::unwritable(&self.owner.folder, &reason)
        });
    }

    fn write(&mut self, entry: &JournalEntry, now_ms: i64) -> io::Result<()> {
        self.write_waiting(now_ms)?;
        self.write_line(entry, now_ms)
    }

    fn write_waiting(&mut self, now_ms: i64) -> io::Result<()> {
        self.ready(now_ms)?;
        while let Some(first) = self.waiting.first().cloned() {
            self.write_line(&first, now_ms)?;
            self.waiting.remove(0);
        }
        Ok(())
    }

    fn write_line(&mut self, entry: &JournalEntry, now_ms: i64) -> io::Result<()> {
        let line = entry::line(entry)?;
        let OpenSegment { file, written: before, synced, remembered, .. } = self.ready(now_ms)?;
        let due = !matches!(entry, JournalEntry::Play(_)) || !(0..SYNC_MS).contains(&now_ms.saturating_sub(*synced));
        let written = file.write_all(&line).and_then(|()| if due { file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            // The next line must not follow half a line. What a failed sync left on the disk is read again.
            let _ = file.set_len(before.size());
            self.segment = None;
            return Err(error);
        }
        before.write_all(&line)?;
        *synced = if due { now_ms } else { *synced };
        if due && !(0..REMEMBER_MS).contains(&now_ms.saturating_sub(*remembered)) {
            *remembered = now_ms;
            self.remember_written();
        }
        Ok(())
    }

    /// The segment for an entry at this time.
    fn ready(&mut self, now_ms: i64) -> io::Result<&mut OpenSegment> {
        let segment = match self.segment.take() {
            Some(segment) => segment,
            None => self.resume(now_ms)?,
        };
        let over = segment.written.size() >= SEGMENT_BYTES || now_ms.div_euclid(DAY_MS) != segment.opened.div_euclid(DAY_MS);
        let segment = if over { self.close(&segment, now_ms)? } else { segment };
        Ok(self.segment.insert(segment))
    }

    fn resume(&mut self, now_ms: i64) -> io::Result<OpenSegment> {
        self.make_folder()?;
        let mut segments = segments(&self.owner.folder)?;
        self.miss(&segments, now_ms);
        let last = segments.last_key_value().map(|(seq, there)| (*seq, *there)).filter(|(seq, _)| *seq >= self.memory.seq);
        last.map(|(seq, _)| segments.remove(&seq));
        if let Ok(Some(_)) = self.owner.key {
            segments.into_iter().filter(|(_, there)| *there).for_each(|(seq, _)| self.sign(seq, now_ms));
        }
        let Some((seq, there)) = last else { return self.create(self.memory.seq + 1, None, now_ms) };
        let reopened = if there { self.reopen(seq) } else { Err(io::ErrorKind::NotFound.into()) };
        match reopened {
            Ok((segment, torn, damaged)) => {
                if torn > 0 {
                    self.report("journal-torn", now_ms, format!("{torn} bytes of an unfinished line in segment {seq} were cut off"));
                }
                if damaged { self.close(&segment, now_ms) } else { Ok(segment) }
            }
            Err(_) if !there => self.create(seq + 1, None, now_ms),
            Err(error) => {
                let path = self.path(seq);
                let segment = self.create(seq + 1, self.digest(seq), now_ms)?;
                // One that can't be renamed stays where it is; its number is passed over in any case.
                let aside = path.with_extension("jsonl.unreadable");
                let place = if fs::rename(&path, &aside).is_ok() { aside } else { path };
                self.spoiled.push(words::unreadable(&place));
                self.report("journal-unreadable", now_ms, format!("segment {seq} could not be continued and was set aside: {error}"));
                Ok(segment)
            }
        }
    }

    /// Reports the segments that are gone, once. Those before the first that is there were copied and removed, or were too old.
    fn miss(&mut self, there: &BTreeMap<u64, bool>, now_ms: i64) {
        let highest = there.last_key_value().map_or(0, |(seq, _)| *seq).max(self.memory.seq);
        let told = self.memory.told;
        for gap in gaps(there, highest).into_iter().filter(|gap| *gap.end() > told) {
            let (first, last) = (gap.start(), gap.end());
            self.spoiled.push(words::missing(&gap, &self.owner.folder));
            self.report("journal-missing", now_ms, format!("segments {first} to {last} are missing"));
            self.remember(JournalMemory { told: *last, ..self.memory });
        }
    }

    /// Makes the folder of the segments. A link that leads to no folder is set aside: where it led, older returns may lie.
    fn make_folder(&mut self) -> io::Result<()> {
        let folder = &self.owner.folder;
        // `returns`, the site's, the player's.
        if let Some(link) = folder.ancestors().take(3).find(|each| each.is_symlink() && !each.is_dir()) {
            let mut aside = link.as_os_str().to_owned();
            aside.push(".unreadable");
            fs::rename(link, &aside)?;
            self.spoiled.push(words::link(link, Path::new(&aside)));
        }
        files::create_dirs_synced(folder)
    }

    /// Keeps an incident for the next entry that is written.
    fn report(&mut self, kind: &str, at: i64, detail: String) {
        crate::logln!("{kind}: {detail}");
        self.waiting.push(JournalEntry::Incident { kind: kind.to_owned(), at, detail });
    }

    /// Closes and signs a segment, then begins the next.
    fn close(&mut self, segment: &OpenSegment, now_ms: i64) -> io::Result<OpenSegment> {
        if let Err(error) = segment.file.sync_data() {
            self.report("journal-unsynced", now_ms, format!("segment {} may lack its last plays: {error}", segment.seq));
        }
        // Its file may hold something else by now.
        let next = self.create(segment.seq + 1, Some(segment.written.digest()), now_ms)?;
        self.sign(segment.seq, now_ms);
        self.remove_old(now_ms)?;
        Ok(next)
    }

    /// Signs a closed segment, unless it is signed. One that is not what was written, as the next one or what is remembered names it, is
    /// reported and stays unsigned, as is one that nothing names. What fails is tried again at the next start.
    fn sign(&mut self, seq: u64, now_ms: i64) {
        let (path, name) = (self.path(seq), format!("{seq}.jsonl"));
        let signature = path.with_extension("jsonl.minisig");
        if signature.exists() {
            return;
        }
        let signed = files::read_regular_file(&path, SEGMENT_BYTES * 2).and_then(|bytes| {
            let remembered = self.memory.before.filter(|_| self.memory.seq == seq + 1);
            let named: Vec<Digest> = self.heading(seq + 1).and_then(|next| next.before).into_iter().chain(remembered).collect();
            let content = SegmentContent::read(&bytes).ok_or(io::ErrorKind::InvalidData)?;
            if let Some(damage) = content.damage(&bytes, &named).or_else(|| named.is_empty().then(words::unnamed)) {
                self.report_damage(seq, &damage, now_ms);
                return Err(io::ErrorKind::InvalidData.into());
            }
            let Ok(Some(key)) = &self.owner.key else { return Ok(()) };
            let signed = key.sign(&bytes, &name, Timestamp(now_ms.div_euclid(1000)));
            files::write_atomic(&signature, &signed.map_err(|text| io::Error::other(text.en))?)
        });
        if let Err(error) = signed {
            crate::logln!("journal: {name} is not signed: {error}");
        }
    }

    fn report_damage(&mut self, seq: u64, damage: &Text, now_ms: i64) {
        let en = &damage.en;
        self.spoiled.push(words::damaged(&self.path(seq), damage));
        self.report("journal-damaged", now_ms, format!("segment {seq} {en}; it is not signed"));
    }

    /// Removes the oldest closed segments beyond the limits, and reports it.
    fn remove_old(&mut self, now_ms: i64) -> io::Result<()> {
        let mut closed = segments(&self.owner.folder)?;
        closed.pop_last();
        let parts = |seq: u64| ["jsonl", "jsonl.unreadable", "jsonl.minisig"].map(|end| self.path(seq).with_extension(end));
        let size = |seq: u64| parts(seq).iter().filter_map(|path| fs::symlink_metadata(path).ok()).map(|meta| meta.len()).sum::<u64>();
        let mut total: u64 = closed.keys().map(|seq| size(*seq)).sum();
        let (oldest, mut removed) = (self.owner.floor_ms - RETURNS_DAYS * DAY_MS, Vec::new());
        for seq in closed.into_keys() {
            // One that says no possible time has no age.
            let aged = self.heading(seq).is_some_and(|heading| (1..oldest).contains(&heading.opened));
            if total <= RETURNS_BYTES && !aged {
                break;
            }
            total -= size(seq);
            // An absent one is no error; one that stays is removed the next time.
            parts(seq).iter().for_each(|path| drop(fs::remove_file(path)));
            removed.push(seq);
        }
        if let (Some(first), Some(last)) = (removed.first(), removed.last()) {
            self.report(
                "returns-removed",
                now_ms,
                format!("segments {first} to {last} were the oldest of too many: {total} bytes are left"),
            );
        }
        Ok(())
    }

    fn path(&self, seq: u64) -> PathBuf {
        self.owner.folder.join(format!("{seq}.jsonl"))
    }

    /// SHA-256 of a segment, if it can be read.
    fn digest(&self, seq: u64) -> Option<Digest> {
        os::open_regular(&self.path(seq)).and_then(Digest::of_reader).ok().map(|(digest, _)| digest)
    }

    fn heading(&self, seq: u64) -> Option<SegmentHeader> {
        let bytes = files::read_regular_file(&self.path(seq), SEGMENT_BYTES * 2).ok()?;
        serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next()?).ok()
    }

    fn create(&mut self, seq: u64, before: Option<Digest>, opened: i64) -> io::Result<OpenSegment> {
        let JournalOwner { site, player, .. } = &self.owner;
        let heading = SegmentHeader { format: FORMAT.to_owned(), site: site.clone(), player: player.clone(), seq, before, opened };
        let first = entry::line(&heading)?;
        let path = self.path(seq);
        files::write_atomic(&path, &first)?;
        self.remember(JournalMemory { seq, before, written: None, ..self.memory });
        Ok(OpenSegment { file: open_for_append(&path)?, seq, written: digested(&first), opened, synced: opened, remembered: opened })
    }

    /// Keeps elsewhere what the open segment holds, once that is on the disk: before a regular end.
    pub fn remember_written(&mut self) {
        let Some(segment) = self.segment.as_ref().filter(|segment| segment.file.sync_data().is_ok()) else { return };
        let written = Some(WrittenPart { bytes: segment.written.size(), sha256: segment.written.digest() });
        if self.memory.seq == segment.seq && self.memory.written != written {
            self.remember(JournalMemory { written, ..self.memory });
        }
    }

    /// Keeps this elsewhere. What fails is made up for by the next start.
    fn remember(&mut self, memory: JournalMemory) {
        self.memory = memory;
        if let Err(error) = self.memory.save(&self.owner.memory) {
            crate::logln!("journal: {}: {error}", self.owner.memory.display());
        }
    }

    /// Opens the last segment for appending and cuts off what follows its last line end. Gives the number of bytes cut off, and whether
    /// other lines are damaged.
    fn reopen(&mut self, seq: u64) -> io::Result<(OpenSegment, u64, bool)> {
        let path = self.path(seq);
        let bytes = files::read_regular_file(&path, SEGMENT_BYTES * 2)?;
        let read = SegmentContent::read(&bytes).filter(|content| content.heading.seq == seq);
        let SegmentContent { heading, whole, damaged } = read.ok_or(io::ErrorKind::InvalidData)?;
        // Damaged lines are told by themselves.
        if damaged.is_none() && !self.memory.agrees(&heading, &bytes) {
            return Err(io::Error::other(words::changed().en));
        }
        let file = open_for_append(&path)?;
        let torn = bytes.len() as u64 - whole;
        if torn > 0 {
            file.set_len(whole)?;
            file.sync_all()?;
        }
        if self.memory.seq != seq {
            self.remember(JournalMemory { seq, before: heading.before, written: None, ..self.memory });
        }
        let written = digested(bytes.get(..usize::try_from(whole).unwrap_or_default()).unwrap_or_default());
        let segment = OpenSegment { file, seq, written, opened: heading.opened, synced: i64::MIN, remembered: i64::MIN };
        Ok((segment, torn, damaged.is_some()))
    }
}

fn open_for_append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

fn digested(bytes: &[u8]) -> DigestWriter<io::Sink> {
    let mut written = DigestWriter::new(io::sink());
    // A sink takes everything.
    let _ = written.write_all(bytes);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident(at: i64) -> JournalEntry {
        JournalEntry::Incident { kind: "test".into(), at, detail: String::new() }
    }

    #[test]
    fn plays_are_synced_together_and_anything_else_at_once() {
        let (place, site, player) =
            (tempfile::tempdir().unwrap(), SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
        let (folder, memory) = (place.path().to_owned(), place.path().join("memory"));
        let owner = JournalOwner { folder, memory, site, player, key: Ok(None), floor_ms: 0 };
        let mut journal = Journal::open(owner, DAY_MS);
        let play = serde_json::from_str::<JournalEntry>(
            r#"{"type":"play","screen":"a","program":"0000000000000000000000000000000000000000000000000000000000000000","slide":"co-so/mot",
                "start":1,"end":2,"ms":1,"painted":true,"outcome":"shown"}"#,
        );
        let play = play.unwrap();
        let mut synced = |entry: &JournalEntry, after: i64| {
            journal.append(entry, DAY_MS + after).unwrap();
            journal.segment.as_ref().unwrap().synced - DAY_MS
        };
        let plays: Vec<i64> = [1, 10_000, SYNC_MS - 1, SYNC_MS, SYNC_MS + 1].map(|after| synced(&play, after)).into();
        assert_eq!(plays, [0, 0, 0, SYNC_MS, SYNC_MS]);
        assert_eq!(synced(&incident(1), SYNC_MS + 2), SYNC_MS + 2);
        assert_eq!(synced(&play, -1), -1, "a clock that goes back delays no sync");
    }
}
