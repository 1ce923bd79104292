//! Checks the stored journal of a player: each line, the chain of the segments, their signatures, and whether all are there.
//! Never changes anything, so it may run beside the player.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

use super::journal::JournalOwner;
use super::memory::JournalMemory;
use super::segment::{self, SegmentContent, gaps, segments};
use super::words;
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::SEGMENT_BYTES;
use crate::base::text::Text;
use crate::text;
use crate::trust::keys::PublicKey;

/// What is wrong with the segments, by the name of the file in their folder.
#[derive(Debug, Default)]
pub struct JournalFaults {
    /// Those that are damaged or missing.
    pub damaged: BTreeMap<String, Text>,
    /// Those that are whole and have no signature, with what to do.
    pub unsigned: BTreeMap<String, Text>,
}

/// Checks the segments. The last is open: it has no signature, and its last line may be unfinished. Segments before the first that is there
/// were copied to the office and removed, or were too old.
pub fn journal_faults(owner: &JournalOwner) -> JournalFaults {
    // What can't vouch for the segments is told by itself.
    let memory =
        if memory_fault(owner).is_some() { JournalMemory::default() } else { JournalMemory::load(&owner.memory).unwrap_or_default() };
    // A folder that is not there has no segments.
    let there = segments(&owner.folder).unwrap_or_default();
    let highest = there.last_key_value().map_or(0, |(seq, _)| *seq).max(memory.seq).max(owner.given);
    let missing = gaps(&there, highest).into_iter().map(|gap| (names(&gap), text!(vi: "đã mất", en: "is missing")));
    let mut faults = JournalFaults { damaged: missing.collect(), ..JournalFaults::default() };
    // Number and digest of segments, by the one after each and by what is remembered.
    let mut named: Vec<(u64, Digest)> = memory.before.map(|digest| (memory.seq.saturating_sub(1), digest)).into_iter().collect();
    // What was set aside was told then.
    for seq in there.into_iter().rev().filter(|(_, whole)| *whole).map(|(seq, _)| seq) {
        let name = format!("{seq}.jsonl");
        let bytes = files::read_regular_file(&owner.folder.join(&name), SEGMENT_BYTES * 2).unwrap_or_default();
        let content = SegmentContent::read(&bytes).filter(|content| content.heading.seq == seq);
        let digests: Vec<Digest> = named.iter().filter(|(number, _)| *number == seq).map(|(_, digest)| *digest).collect();
        let key = owner.key.as_ref().ok().and_then(Option::as_ref).filter(|_| seq < highest);
        let signed = key.map(|key| (key.public(), owner.folder.join(format!("{name}.minisig"))));
        let damage = damage(&bytes, content.as_ref(), &digests);
        let other = || content.as_ref().filter(|content| !memory.agrees(&content.heading, &bytes)).map(|_| words::changed());
        match (damage.or_else(other), signed.map(|(key, path)| check_signature(&bytes, key, &path))) {
            (Some(damage), _) => drop(faults.damaged.insert(name, damage)),
            (None, Some(Signed::Wrongly)) => {
                faults.damaged.insert(name, text!(vi: "chữ ký không đúng", en: "its signature does not match"));
            }
            (None, Some(Signed::Not)) => {
                let lasting = memory.doubts(seq) || digests.is_empty();
                faults.unsigned.insert(name, if lasting { words::never_signed() } else { words::unsigned() });
            }
            (None, Some(Signed::Well) | None) => {}
        }
        named.extend(content.and_then(|content| content.heading.before).map(|digest| (seq - 1, digest)));
    }
    faults
}

/// Why what is remembered of the journal can't vouch for its segments.
pub fn memory_fault(owner: &JournalOwner) -> Option<Text> {
    let written = segment::highest_written(&owner.folder, &segments(&owner.folder).unwrap_or_default());
    let fault = JournalMemory::fault(JournalMemory::load(&owner.memory).as_ref().map_err(|fault| *fault), written.max(owner.given))?;
    let Text { vi, en } = words::forgotten(fault, None);
    Some(text!(
        vi: "{vi}: không còn gì xác nhận nội dung đoạn nhật ký đang mở",
        en: "{en}: nothing says what the open segment held"
    ))
}

fn names(gap: &RangeInclusive<u64>) -> String {
    let (first, last) = (gap.start(), gap.end());
    if first == last { format!("{first}.jsonl") } else { format!("{first}.jsonl – {last}.jsonl") }
}

/// What is wrong with what one segment holds. `named`: its digests by whatever names it.
fn damage(bytes: &[u8], content: Option<&SegmentContent>, named: &[Digest]) -> Option<Text> {
    let Some(content) = content else { return Some(text!(vi: "không đọc được", en: "can't be read")) };
    content.damage(bytes, named)
}

/// Whether a segment is signed.
enum Signed {
    Well,
    Wrongly,
    /// There is no signature, or none that can be read.
    Not,
}

fn check_signature(bytes: &[u8], key: &PublicKey, path: &Path) -> Signed {
    match segment::read_signature(path) {
        None => Signed::Not,
        // A key that the player had before says nothing that this one could check.
        Some(signature) if signature.is_by(key) && !signature.verifies_with(key, bytes) => Signed::Wrongly,
        Some(_) => Signed::Well,
    }
}
