//! Rebuilds a large object from an old copy: reads the block signature, scans the copy, fetches the missing ranges, checks the digest.
//! Never keeps a result with a wrong digest: then, and whenever rebuilding does not pay, the object is fetched whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::copy_plan::{self, CopySpan};
use super::fetch::ObjectRef;
use super::meter::Meter;
use super::transport::{PullError, RangesResponse, Transport};
use crate::base::lock::MutexExt as _;
use crate::base::os;
use crate::store::blocks::{self, COARSE_BLOCK, ENTRY_BYTES, FINE_BLOCK, FINE_IN_COARSE};
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::partial_object::PartialObject;
use crate::store::scan::{self, ByteRange};

/// Time limit of the scan: the base, plus a second for each `SCAN_BYTES_A_SECOND` of the old copy.
const SCAN_BASE: Duration = Duration::from_secs(3);
const SCAN_BYTES_A_SECOND: u64 = 8 << 20;
/// Missing coarse blocks whose fine blocks are searched: up to the first number without a sample; never more than the second, which
/// bounds memory.
const FINE_BLOCKS: (usize, usize) = (64, 4_096);
/// Blocks in the sample that is tried first where many blocks are missing.
const SAMPLE_BLOCKS: usize = 16;
/// Share, in sixteenths: an object is fetched whole if this much of it or more is missing.
const FETCH_WHOLE_SIXTEENTHS: u64 = 15;

/// One scan at a time: each may take several megabytes of memory and a whole core.
static ONE_SCAN: Mutex<()> = Mutex::new(());

/// Rebuilds `target` from `base`, resuming an earlier try. False: this does not pay or is impossible; the caller fetches the whole.
pub fn rebuild(
    source: &dyn Transport,
    holdings: &LocalStore,
    meter: &Arc<Meter>,
    target: ObjectRef,
    base: ObjectRef,
) -> Result<bool, PullError> {
    let path = layout::object(target.digest);
    let failed = |error: io::Error| PullError::io(&path, &error);
    let Ok(old) = holdings.open(base.digest, base.size) else { return Ok(false) };
    let Some(spans) = plan_copy(source, meter, target, (&old, base.size)) else { return Ok(false) };
    let mut part = holdings.open_partial(target.digest, target.size).map_err(failed)?;
    if part.len() < target.size {
        let missing = copy_plan::ranges_to_fetch(&spans, part.len());
        let fetched: Box<dyn Read + Send + '_> = if missing.is_empty() {
            Box::new(io::empty())
        } else {
            match source.get_ranges(&path, target.size, &missing)? {
                RangesResponse::Found(body) => body,
                RangesResponse::Absent | RangesResponse::Mismatch => return Ok(false),
            }
        };
        match assemble(&mut part, &spans, &old, meter.metered(fetched)) {
            // The server sent wrong ranges; it may still have the whole object.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(false),
            assembled => assembled.map_err(failed)?,
        }
    }
    // The digest of the whole catches a block with a colliding entry and a damaged old copy.
    part.finish().map_err(failed)
}

/// Plans what is copied and what is fetched; `None` if fetching the whole is as good.
fn plan_copy(source: &dyn Transport, meter: &Arc<Meter>, target: ObjectRef, old: (&File, u64)) -> Option<Vec<CopySpan>> {
    let hints = BlockSignatureReader { source, meter, path: layout::blocks(target.digest), size: target.size };
    let coarse_entries = hints.coarse_entries()?;
    let _one = ONE_SCAN.hold();
    let until = Instant::now() + SCAN_BASE + Duration::from_secs(old.1 / SCAN_BYTES_A_SECOND);
    let expired = move || Instant::now() > until;
    // An old copy that can't be read is no base; the next verification finds it.
    let Ok(Some(coarse)) = find_coarse(old, &coarse_entries, target.size, &expired) else { return None };
    let lacking: Vec<u64> = (0..).zip(&coarse).filter(|(_, at)| at.is_none()).map(|(number, _)| number).collect();
    let regions = copy_plan::unmatched_ranges(old.1, &coarse);
    let mut rest: &[u64] = &lacking[..lacking.len().min(FINE_BLOCKS.1)];
    if rest.len() > FINE_BLOCKS.0 && rest.len() * 2 > coarse.len() {
        // Little was found: a sample shows whether the object is unrelated, before all its fine entries are fetched.
        let sample: Vec<u64> = rest.iter().copied().step_by(rest.len().div_ceil(SAMPLE_BLOCKS)).collect();
        let found = hints.fine_matches(&sample, (old.0, &regions), &expired)?;
        let hits: usize = found.values().flatten().flatten().count();
        if hits * 4 < sample.len() * usize::try_from(FINE_IN_COARSE).unwrap_or(1) {
            rest = &[];
        }
    }
    let fine = if rest.is_empty() { FineMatches::new() } else { hints.fine_matches(rest, (old.0, &regions), &expired)? };
    let spans = copy_plan::copy_spans(target.size, &coarse, &fine);
    let pays = copy_plan::total_length(&copy_plan::ranges_to_fetch(&spans, 0)) < target.size / 16 * FETCH_WHOLE_SIXTEENTHS;
    pays.then_some(spans)
}

/// Scans for coarse blocks. The index holds full blocks only, so the short last block is tried at its likely offsets.
fn find_coarse(old: (&File, u64), entries: &[u8], size: u64, expired: &dyn Fn() -> bool) -> io::Result<Option<Vec<Option<u64>>>> {
    let block = u64::from(COARSE_BLOCK);
    let full = usize::try_from(size / block).unwrap_or(0) * ENTRY_BYTES;
    let Some(mut found) = scan::find_blocks(old.0, &[(0, old.1)], &entries[..full], COARSE_BLOCK, expired)? else { return Ok(None) };
    let tail = size % block;
    if tail > 0 {
        let after_last = found.last().copied().flatten().map(|at| at + block);
        let mut bytes = vec![0; usize::try_from(tail).unwrap_or(0)];
        let mut is_last = |at: &u64| os::read_exact_at(old.0, &mut bytes, *at).is_ok() && blocks::entry(&bytes) == entries[full..];
        found.push(after_last.into_iter().chain(old.1.checked_sub(tail)).find(&mut is_last));
    }
    Ok(Some(found))
}

/// Coarse block → offsets of its fine blocks in the old copy.
type FineMatches = BTreeMap<u64, Vec<Option<u64>>>;

/// Reads parts of the block signature of one object.
struct BlockSignatureReader<'a> {
    source: &'a dyn Transport,
    meter: &'a Arc<Meter>,
    path: String,
    size: u64,
}

impl BlockSignatureReader<'_> {
    /// `None` on any failure: a hint must not block the object.
    fn read(&self, stretches: &[ByteRange]) -> Option<Vec<u8>> {
        let Ok(RangesResponse::Found(body)) = self.source.get_ranges(&self.path, blocks::total_bytes(self.size), stretches) else {
            return None;
        };
        let length = copy_plan::total_length(stretches);
        let mut bytes = Vec::new();
        self.meter.metered(body.take(length)).read_to_end(&mut bytes).ok()?;
        (bytes.len() as u64 == length).then_some(bytes)
    }

    /// The coarse entries; `None` without a signature in the known form.
    fn coarse_entries(&self) -> Option<Vec<u8>> {
        let bytes = self.read(&[(0, blocks::coarse_bytes(self.size))])?;
        bytes.strip_prefix(&*blocks::header(COARSE_BLOCK)).map(<[u8]>::to_vec)
    }

    /// Finds the fine blocks of these coarse blocks in the given regions of the old copy.
    fn fine_matches(&self, numbers: &[u64], old: (&File, &[ByteRange]), expired: &dyn Fn() -> bool) -> Option<FineMatches> {
        let mut stretches: Vec<ByteRange> = Vec::new();
        for number in numbers {
            let (start, end) = blocks::fine_bytes(self.size, *number);
            match stretches.last_mut() {
                Some(last) if last.1 == start => last.1 = end,
                _ => stretches.push((start, end)),
            }
        }
        let entries = self.read(&stretches)?;
        let Ok(Some(found)) = scan::find_blocks(old.0, old.1, &entries, FINE_BLOCK, expired) else { return None };
        // Only the last coarse block may have fewer.
        let step = usize::try_from(FINE_IN_COARSE).unwrap_or(1);
        Some(numbers.iter().copied().zip(found.chunks(step).map(<[_]>::to_vec)).collect())
    }
}

/// Writes the missing bytes in order, from the old copy or from `fetched`.
fn assemble(part: &mut PartialObject, spans: &[CopySpan], old: &File, mut fetched: impl Read) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    for span in spans {
        let mut at = span.start.max(part.len());
        while at < span.start + span.length {
            let want = usize::try_from(span.start + span.length - at).unwrap_or(usize::MAX).min(buffer.len());
            match span.old {
                Some(place) => os::read_exact_at(old, &mut buffer[..want], place + (at - span.start))?,
                None => fetched.read_exact(&mut buffer[..want])?,
            }
            part.write_all(&buffer[..want])?;
            at += want as u64;
        }
    }
    Ok(())
}
