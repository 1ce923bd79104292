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
use crate::base::limits::{SEGMENT_BYTES, SIGNATURE_BYTES};
use crate::base::text::Text;
use crate::text;
use crate::trust::keys::PublicKey;
use crate::trust::signature::SignatureFile;

/// What is damaged or missing, by the name of the file in the folder of the segments. The last segment is open: it has no signature, and its
/// last line may be unfinished. Segments before the first that is there were copied to the office and removed, or were too old.
pub fn journal_faults(owner: &JournalOwner) -> BTreeMap<String, Text> {
    // What can't vouch for the segments is told by itself.
    let memory =
        if memory_fault(owner).is_some() { JournalMemory::default() } else { JournalMemory::load(&owner.memory).unwrap_or_default() };
    // A folder that is not there has no segments.
    let there = segments(&owner.folder).unwrap_or_default();
    let highest = there.last_key_value().map_or(0, |(seq, _)| *seq).max(memory.seq).max(owner.given);
    let missing = gaps(&there, highest).into_iter().map(|gap| (names(&gap), text!(vi: "đã mất", en: "is missing")));
    let mut faults: BTreeMap<String, Text> = missing.collect();
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
        let told = fault(&bytes, content.as_ref(), &digests, signed);
        let other = || content.as_ref().filter(|content| !memory.agrees(&content.heading, &bytes)).map(|_| words::changed());
        faults.extend(told.or_else(other).map(|fault| (name, fault)));
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

/// What is wrong with one segment. `named`: its digests by whatever names it; `signed`: by which key it should be signed, and where.
fn fault(bytes: &[u8], content: Option<&SegmentContent>, named: &[Digest], signed: Option<(&PublicKey, impl AsRef<Path>)>) -> Option<Text> {
    let Some(content) = content else { return Some(text!(vi: "không đọc được", en: "can't be read")) };
    if let Some(damage) = content.damage(bytes, named) {
        return Some(damage);
    }
    let (key, path) = signed?;
    let signature = files::read_regular_file(path.as_ref(), SIGNATURE_BYTES).ok().and_then(|bytes| SignatureFile::parse(&bytes));
    match signature {
        None => Some(text!(vi: "không có chữ ký đọc được", en: "has no signature that can be read")),
        // A key that the player had before says nothing that this one could check.
        Some(signature) if signature.is_by(key) && !signature.verifies_with(key, bytes) => {
            Some(text!(vi: "chữ ký không đúng", en: "its signature does not match"))
        }
        Some(_) => None,
    }
}
