//! Plans which ranges of a new object are copied from an old one and which are fetched. Pure.
//! Never reads a file and never asks a source.

use std::collections::BTreeMap;

use crate::store::blocks::{COARSE_BLOCK, FINE_BLOCK};
use crate::store::scan::ByteRange;

/// A range of the new object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopySpan {
    pub start: u64,
    pub length: u64,
    /// Offset in the old object; `None`: to be fetched.
    pub old: Option<u64>,
}

/// The ranges of an old object in which no coarse block was found, each widened by one block on both sides, because a fine block may
/// straddle the border.
pub fn unmatched_ranges(old_size: u64, coarse: &[Option<u64>]) -> Vec<ByteRange> {
    let block = u64::from(COARSE_BLOCK);
    let mut covered: Vec<u64> = coarse.iter().flatten().copied().collect();
    covered.sort_unstable();
    covered.dedup();
    let mut gaps: Vec<ByteRange> = Vec::new();
    let mut at = 0;
    let ends = covered.into_iter().map(|start| (start, start + block)).chain([(old_size, old_size)]);
    for (start, end) in ends {
        if start > at {
            let wide = (at.saturating_sub(block), (start + block).min(old_size));
            match gaps.last_mut() {
                Some(last) if last.1 >= wide.0 => last.1 = wide.1,
                _ => gaps.push(wide),
            }
        }
        at = at.max(end);
    }
    gaps
}

/// The plan for the whole new object, with adjacent spans joined. `fine`: coarse block → offsets of its fine blocks, for the coarse blocks
/// that were searched for fine ones.
pub fn copy_spans(size: u64, coarse: &[Option<u64>], fine: &BTreeMap<u64, Vec<Option<u64>>>) -> Vec<CopySpan> {
    let mut out: Vec<CopySpan> = Vec::new();
    for (number, at) in coarse.iter().enumerate() {
        let number = number as u64;
        let start = number * u64::from(COARSE_BLOCK);
        let end = (start + u64::from(COARSE_BLOCK)).min(size);
        match (at, fine.get(&number)) {
            (None, Some(found)) => {
                let offsets = found.iter().copied().chain(std::iter::repeat(None));
                for (begin, old) in (start..end).step_by(FINE_BLOCK as usize).zip(offsets) {
                    push_joined(&mut out, CopySpan { start: begin, length: u64::from(FINE_BLOCK).min(end - begin), old });
                }
            }
            _ => push_joined(&mut out, CopySpan { start, length: end - start, old: *at }),
        }
    }
    out
}

fn push_joined(out: &mut Vec<CopySpan>, next: CopySpan) {
    match out.last_mut() {
        Some(last) if last.old.map(|old| old + last.length) == next.old => last.length += next.length,
        _ => out.push(next),
    }
}

/// The ranges to fetch, from an offset on.
pub fn ranges_to_fetch(spans: &[CopySpan], from: u64) -> Vec<ByteRange> {
    let rest = spans.iter().filter(|span| span.old.is_none() && span.start + span.length > from);
    rest.map(|span| (span.start.max(from), span.start + span.length)).collect()
}

/// Total length of ranges, in bytes.
pub fn total_length(stretches: &[ByteRange]) -> u64 {
    stretches.iter().map(|(start, end)| end - start).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u64 = COARSE_BLOCK as u64;

    #[test]
    fn spans_cover_the_object_once() {
        let size = 3 * BLOCK + 5_000;
        let coarse = [Some(700), None, Some(700 + 2 * BLOCK), None];
        let mut found = vec![Some(0); 32];
        found[3] = None;
        found[4] = None;
        for (step, at) in found.iter_mut().enumerate() {
            *at = at.map(|_| 700 + BLOCK + step as u64 * 1_024);
        }
        let fine = BTreeMap::from([(1, found)]);
        let spans = copy_spans(size, &coarse, &fine);
        let mut at = 0;
        for span in &spans {
            assert_eq!(span.start, at);
            at += span.length;
        }
        assert_eq!(at, size);
        assert_eq!(ranges_to_fetch(&spans, 0), [(BLOCK + 3 * 1_024, BLOCK + 5 * 1_024), (3 * BLOCK, size)]);
        assert_eq!(ranges_to_fetch(&spans, BLOCK + 4 * 1_024), [(BLOCK + 4 * 1_024, BLOCK + 5 * 1_024), (3 * BLOCK, size)]);
        assert_eq!(spans.len(), 4, "{spans:?}");
    }

    #[test]
    fn gaps_of_the_old_object_are_widened_and_joined() {
        assert_eq!(unmatched_ranges(100, &[None]), [(0, 100)]);
        assert_eq!(unmatched_ranges(2 * BLOCK, &[Some(0), Some(BLOCK)]), []);
        let far = 10 * BLOCK;
        assert_eq!(unmatched_ranges(far, &[Some(0), Some(far - BLOCK)]), [(0, far)]);
        assert_eq!(unmatched_ranges(far, &[Some(5), Some(5)]), [(0, far)]);
        let wide = unmatched_ranges(far, &[Some(0), Some(BLOCK), Some(2 * BLOCK), Some(3 * BLOCK + 9)]);
        assert_eq!(wide, [(2 * BLOCK, far)]);
    }
}
