//! The journal of one player: `returns/<site>/<player>/<seq>.jsonl`, appended line by line; a closed segment is signed. A line torn by a
//! power cut is cut off; a segment that is damaged is closed unsigned, one that can't be read or is not as it was written is set aside, one
//! that is gone is missed, and each is reported. Where what is remembered elsewhere is lost, nothing that it would vouch for is signed.
//! Nothing that goes wrong here stops the player: what can't be written waits. Never changes a closed segment, and removes the oldest only
//! with an entry that says so.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use super::entry::{self, FORMAT, JournalEntry, SegmentHeader};
use super::memory::{JournalMemory, MemoryFault, WrittenPart};
use super::noted::Noted;
use super::old_segments;
use super::open_segment::OpenSegment;
use super::segment::{self, SegmentContent, gaps, segments};
use super::words;
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::{SEGMENT_BYTES, WAITING_ENTRIES};
use crate::base::os;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::player::own_file::{self, InPlace};
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
    /// The highest number that a segment was given, as far as the player's state knows.
    pub given: u64,
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
    memory_place: InPlace,
    /// Why it could not be loaded, until that is told.
    unloaded: Option<MemoryFault>,
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.remember_written();
    }
}

impl Journal {
    /// Continues the last segment, and signs closed segments that a crash left unsigned.
    pub fn open(owner: JournalOwner, now_ms: i64) -> Self {
        let loaded = JournalMemory::load(&owner.memory);
        let (unloaded, memory) = (loaded.as_ref().err().copied(), loaded.unwrap_or_default());
        let memory_place = InPlace::default();
        let mut journal =
            Self { owner, segment: None, waiting: Vec::new(), fault: None, spoiled: Vec::new(), memory, memory_place, unloaded };
        let opened = journal.write_waiting(now_ms);
        journal.note(&opened);
        journal
    }

    /// Why nothing can be written now, or signed, what could not be continued, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.fault.iter().chain(self.owner.key.as_ref().err()).chain(&self.spoiled).chain(self.memory_place.fault())
    }

    /// The highest number that a segment was given; 0 before the first.
    pub fn number(&self) -> u64 {
        self.memory.seq
    }

    /// What was written of statements; `None` while that can't be read.
    pub fn noted(&self) -> Option<&Noted> {
        self.memory.noted.as_ref()
    }

    /// Lets go of an open segment that somebody has removed, moved away or cut, so that the next one says so, and remembers anew what is lost.
    pub fn mind(&mut self, now_ms: i64) {
        let Some(segment) = &self.segment else { return };
        let there = segment.lies_at(&self.path(segment.seq));
        if !there || !own_file::is_file(&self.owner.memory) {
            self.remember_written();
        }
        if !there {
            self.segment = None;
            let opened = self.write_waiting(now_ms);
            self.note(&opened);
        }
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
            words::unwritable(&self.owner.folder, error)
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
        let segment = self.ready(now_ms)?;
        let due = !matches!(entry, JournalEntry::Play(_)) || !(0..SYNC_MS).contains(&now_ms.saturating_sub(segment.synced));
        if let Err(error) = segment.append(&line, due) {
            self.segment = None;
            return Err(error);
        }
        segment.synced = if due { now_ms } else { segment.synced };
        let remember = due && !(0..REMEMBER_MS).contains(&now_ms.saturating_sub(segment.remembered));
        segment.remembered = if remember { now_ms } else { segment.remembered };
        self.memory.noted.iter_mut().for_each(|noted| noted.add(entry));
        if remember {
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
        self.mistrust(&segments, now_ms);
        self.miss(&segments, now_ms);
        let folder = &self.owner.folder;
        self.memory.noted.get_or_insert_with(|| segment::noted(folder, &segments, now_ms));
        let last = segments.last_key_value().map(|(seq, there)| (*seq, *there)).filter(|(seq, _)| *seq >= self.memory.seq);
        last.map(|(seq, _)| segments.remove(&seq));
        let signs = matches!(self.owner.key, Ok(Some(_)));
        segments.retain(|seq, there| *there && (signs || !own_file::is_file(&segment::path(folder, *seq))));
        segments.into_keys().for_each(|seq| self.sign(seq, now_ms));
        let Some((seq, there)) = last else { return self.create(self.memory.seq + 1, None, now_ms) };
        let reopened = if there { self.reopen(seq) } else { Err(io::ErrorKind::NotFound.into()) };
        match reopened {
            Ok((segment, torn, damaged)) => {
                if torn > 0 {
                    self.report("journal-torn", now_ms, format!("{torn} bytes of an unfinished line in segment {seq} were cut off"));
                }
                if damaged || self.memory.doubts(seq) { self.close(&segment, now_ms) } else { Ok(segment) }
            }
            Err(_) if !there => self.create(seq + 1, None, now_ms),
            Err(error) => {
                let path = self.path(seq);
                let segment = self.create(seq + 1, self.digest(seq), now_ms)?;
                // One that can't be renamed stays where it is; its number is passed over in any case.
                let place = files::set_aside(&path).unwrap_or(path);
                self.spoiled.push(words::unreadable(&place));
                self.report("journal-unreadable", now_ms, format!("segment {seq} could not be continued and was set aside: {error}"));
                Ok(segment)
            }
        }
    }

    /// Where what is remembered is lost, or older than the segments: from now on nothing is signed that it would vouch for, and the next
    /// number is higher than any that is known. Reports it, once.
    fn mistrust(&mut self, there: &BTreeMap<u64, bool>, now_ms: i64) {
        let written = segment::highest_written(&self.owner.folder, there).max(self.owner.given);
        let read = self.unloaded.take().map_or(Ok(&self.memory), Err);
        let Some(fault) = JournalMemory::fault(read, written) else { return };
        let place = self.owner.memory.clone();
        let aside = Some(&place).filter(|_| fault == MemoryFault::Unreadable).and_then(|place| files::set_aside(place).ok());
        let reason = words::forgotten(fault, aside.as_deref());
        let seq = there.last_key_value().map_or(0, |(seq, _)| *seq).max(written).max(self.memory.seq);
        self.memory = JournalMemory { seq, before: None, written: None, doubtful: Some(seq), ..self.memory.clone() };
        self.spoiled.push(words::unproven(&place, &reason, seq));
        let (name, en) = (place.file_name().unwrap_or_default().display(), words::forgotten(fault, None).en);
        self.report("journal-memory-lost", now_ms, format!("{name} {en}; segments up to {seq} that are not signed stay unsigned"));
    }

    /// Reports the segments that are gone, once. Those before the first that is there were copied and removed, or were too old.
    fn miss(&mut self, there: &BTreeMap<u64, bool>, now_ms: i64) {
        let highest = there.last_key_value().map_or(0, |(seq, _)| *seq).max(self.memory.seq);
        let told = self.memory.told;
        for gap in gaps(there, highest).into_iter().filter(|gap| *gap.end() > told) {
            self.spoiled.push(words::missing(&gap, &self.owner.folder));
            self.report("journal-missing", now_ms, words::missing_detail(&gap));
            self.remember(JournalMemory { told: *gap.end(), ..self.memory.clone() });
        }
    }

    /// Makes the folder of the segments. A link that leads to no folder is set aside: where it led, older returns may lie.
    fn make_folder(&mut self) -> io::Result<()> {
        let folder = &self.owner.folder;
        // `returns`, the site's, the player's.
        if let Some(link) = folder.ancestors().take(3).find(|each| each.is_symlink() && !each.is_dir()) {
            self.spoiled.push(words::link(link, &files::set_aside(link)?));
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
        if let Err(error) = segment.sync() {
            self.report("journal-unsynced", now_ms, format!("segment {} may lack its last plays: {error}", segment.seq));
        }
        // Its file may hold something else by now.
        let next = self.create(segment.seq + 1, Some(segment.written.digest()), now_ms)?;
        self.sign(segment.seq, now_ms);
        if let Some((first, last, total)) = old_segments::remove(&self.owner.folder, self.owner.floor_ms)? {
            let detail = format!("segments {first} to {last} were the oldest of too many: {total} bytes are left");
            self.report("returns-removed", now_ms, detail);
        }
        Ok(next)
    }

    /// Signs a closed segment, unless it is signed or nothing can vouch for it any more. One that is not what was written, as the next one or
    /// what is remembered names it, is reported and stays unsigned, as is one that nothing names. What fails is tried again at the next start.
    fn sign(&mut self, seq: u64, now_ms: i64) {
        let (path, name) = (self.path(seq), format!("{seq}.jsonl"));
        let signature = path.with_extension("jsonl.minisig");
        if path.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
            return self.report_damage(seq, &words::no_file(), now_ms);
        }
        let mut place = InPlace::default();
        let to_do = segment::read_signature(&signature).is_none() && !self.memory.doubts(seq) && place.clear(&signature);
        self.spoiled.extend(place.fault().cloned());
        if !to_do {
            return;
        }
        let signed = files::read_regular_file(&path, SEGMENT_BYTES * 2).and_then(|bytes| {
            let remembered = self.memory.before.filter(|_| self.memory.seq == seq + 1);
            let named: Vec<Digest> = self.named_by_next(seq).into_iter().chain(remembered).collect();
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

    fn path(&self, seq: u64) -> PathBuf {
        segment::path(&self.owner.folder, seq)
    }

    /// SHA-256 of a segment, if it can be read.
    fn digest(&self, seq: u64) -> Option<Digest> {
        os::open_regular(&self.path(seq)).and_then(Digest::of_reader).ok().map(|(digest, _)| digest)
    }

    /// The digest of a segment by the next one.
    fn named_by_next(&self, seq: u64) -> Option<Digest> {
        SegmentContent::of(&self.owner.folder, seq + 1)?.heading.before
    }

    fn create(&mut self, seq: u64, before: Option<Digest>, opened: i64) -> io::Result<OpenSegment> {
        let JournalOwner { site, player, .. } = &self.owner;
        let heading = SegmentHeader { format: FORMAT.to_owned(), site: site.clone(), player: player.clone(), seq, before, opened };
        let segment = OpenSegment::create(&self.path(seq), &heading)?;
        self.remember(JournalMemory { seq, before, written: None, ..self.memory.clone() });
        Ok(segment)
    }

    /// Keeps elsewhere what the open segment holds, once that is on the disk: before a regular end.
    pub fn remember_written(&mut self) {
        let Some(segment) = self.segment.as_ref().filter(|segment| segment.sync().is_ok()) else { return };
        let written = Some(WrittenPart { bytes: segment.written.size(), sha256: segment.written.digest() });
        let memory = JournalMemory { written, ..self.memory.clone() };
        // Its file may be gone or be another by now.
        if memory.seq == segment.seq && JournalMemory::load(&self.owner.memory).as_ref() != Ok(&memory) {
            self.remember(memory);
        }
    }

    /// Keeps this elsewhere. What fails is made up for by the next start.
    fn remember(&mut self, memory: JournalMemory) {
        self.memory = memory;
        if !self.memory_place.clear(&self.owner.memory) {
            return;
        }
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
        let content = read.ok_or(io::ErrorKind::InvalidData)?;
        // Damaged lines are told by themselves, and a segment that is in doubt is not continued.
        if content.damaged.is_none() && !self.memory.doubts(seq) && !self.memory.agrees(&content.heading, &bytes) {
            return Err(io::Error::other(words::changed().en));
        }
        let segment = OpenSegment::reopen(&path, &bytes, &content)?;
        self.memory.noted = self.memory.noted.take().map(|noted| noted.joined(&content.noted));
        if self.memory.seq != seq {
            self.remember(JournalMemory { seq, before: content.heading.before, written: None, ..self.memory.clone() });
        }
        Ok((segment, bytes.len() as u64 - content.whole, content.damaged.is_some()))
    }
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
        let owner = JournalOwner { folder, memory, given: 0, site, player, key: Ok(None), floor_ms: 0 };
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
