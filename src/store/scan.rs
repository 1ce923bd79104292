//! The rsync scan: finds the blocks of a new object in an old one on disk. Reads the old one in windows, drops literals.
//! Never trusts the entries: they are hints, and their author must not be able to stall the player.

use std::collections::HashMap;
use std::fs::File;
use std::io;

use fast_rsync::{DiffError, Signature, diff};

use super::blocks::{self, ENTRY_BYTES};
use crate::base::os;

/// Window size in bytes. The time is checked between windows; crafted entries can force the hash of a whole block for each byte, which
/// takes some seconds for a window of this size.
const WINDOW: u64 = 128 << 10;

/// A range of bytes: the first, and one past the last.
pub type ByteRange = (u64, u64);

/// Finds, for each entry, the offset in `old` of a matching block; `None` for the whole result if `expired` ends the scan early.
/// Searches only the `regions` of `old`. Never finds a block of a length other than `block`.
pub fn find_blocks(
    old: &File,
    regions: &[ByteRange],
    entries: &[u8],
    block: u32,
    expired: &dyn Fn() -> bool,
) -> io::Result<Option<Vec<Option<u64>>>> {
    let mut found = vec![None; entries.len() / ENTRY_BYTES];
    let size = u64::from(block);
    let read = |window: &mut [u8], at| os::read_exact_at(old, window, at);
    let whole = find_copies(&read, regions, entries, block, expired, |copy| {
        for step in 0..copy.length / size {
            let number = usize::try_from(copy.offset / size + step).unwrap_or(usize::MAX);
            if let Some(slot @ None) = found.get_mut(number) {
                *slot = Some(copy.position + step * size);
            }
        }
    })?;
    fill_equal_blocks(entries, &mut found);
    Ok(whole.then_some(found))
}

/// Fills a window from an offset of the searched object.
pub type ReadAt<'a> = &'a dyn Fn(&mut [u8], u64) -> io::Result<()>;

/// Searches `regions` for the blocks of `entries` and calls `each` for each run, in order, no overlap. False if `expired` ends it early.
pub fn find_copies(
    read: ReadAt<'_>,
    regions: &[ByteRange],
    entries: &[u8],
    block: u32,
    expired: &dyn Fn() -> bool,
    mut each: impl FnMut(CopyRun),
) -> io::Result<bool> {
    let mut serialized = blocks::header(block);
    serialized.extend_from_slice(entries);
    // The header comes from here and the entries are whole: no untrusted bytes reach the header.
    let signature = Signature::deserialize(serialized).map_err(|error| io::Error::other(error.to_string()))?;
    let index = signature.index();
    let (mut window, mut delta) = (Vec::new(), Vec::new());
    let size = u64::from(block);
    for &(start, end) in regions {
        let mut at = start;
        while at + size <= end {
            if expired() {
                return Ok(false);
            }
            let length = WINDOW.max(size).min(end - at);
            window.resize(usize::try_from(length).unwrap_or(0), 0);
            read(&mut window, at)?;
            delta.clear();
            diff(&index, &window, &mut delta).map_err(|error| match error {
                DiffError::Io(error) => error,
                DiffError::InvalidSignature => io::Error::other("an unusable signature"),
            })?;
            // The next window starts early enough for a block across this window's end, and not inside a block already found.
            let mut next = at + length - (size - 1);
            for copy in copies(&delta)? {
                next = next.max(at + copy.position + copy.length);
                each(CopyRun { position: at + copy.position, ..copy });
            }
            at = next;
        }
    }
    Ok(true)
}

/// Copies a result to all equal blocks, for example runs of zeros: the index names only one block for each content.
fn fill_equal_blocks(entries: &[u8], found: &mut [Option<u64>]) {
    let (entries, _) = entries.as_chunks::<ENTRY_BYTES>();
    let known: HashMap<_, u64> = entries.iter().zip(found.iter()).filter_map(|(entry, at)| Some((entry, (*at)?))).collect();
    for (entry, at) in entries.iter().zip(found.iter_mut()) {
        *at = at.or_else(|| known.get(entry).copied());
    }
}

/// A run of bytes that the searched object shares with the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyRun {
    /// Offset in the searched object.
    pub position: u64,
    /// Offset in the object of the blocks.
    pub offset: u64,
    /// In bytes.
    pub length: u64,
}

/// Parses a librsync delta and keeps only its copies, with their offsets in what the delta makes.
fn copies(mut delta: &[u8]) -> io::Result<Vec<CopyRun>> {
    let value = |bytes: &[u8]| bytes.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    let mut take = |count: u64| {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        delta.split_off(..count).ok_or(io::ErrorKind::UnexpectedEof)
    };
    let (mut found, mut position) = (Vec::new(), 0);
    let _magic = take(4)?;
    loop {
        let code = take(1)?[0];
        let literal = match code {
            0 => return Ok(found),
            1..=0x40 => code.into(),
            0x41..=0x44 => value(take(1 << (code - 0x41))?),
            0x45..=0x54 => {
                let (offset, length) = (value(take(1 << ((code - 0x45) / 4))?), value(take(1 << ((code - 0x45) % 4))?));
                found.push(CopyRun { position, offset, length });
                position += length;
                continue;
            }
            _ => return Err(io::Error::other("an unknown delta command")),
        };
        let _skipped = take(literal)?;
        position += literal;
    }
}

#[cfg(all(test, feature = "office"))]
mod tests {
    use std::io::Write as _;

    use super::super::blocks::COARSE_BLOCK;
    use super::*;

    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..length).map(next).collect()
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn entries(bytes: &[u8], block: u32) -> Vec<u8> {
        bytes.chunks_exact(block as usize).flat_map(blocks::entry).collect()
    }

    #[test]
    fn blocks_are_found_wherever_they_moved_across_windows() {
        let new = noise(1, 5 << 20);
        // Everything moved by an odd number of bytes, and the middle changed.
        let mut old = noise(2, 12_345);
        old.extend_from_slice(&new);
        let middle = old.len() / 2;
        old[middle..middle + 100].fill(0);
        let entries = entries(&new, COARSE_BLOCK);
        let found = find_blocks(&file(&old), &[(0, old.len() as u64)], &entries, COARSE_BLOCK, &|| false).unwrap().unwrap();
        let mut lost = 0;
        for (number, at) in found.iter().enumerate() {
            let start = number * COARSE_BLOCK as usize;
            match at {
                Some(at) => {
                    assert_eq!(old[usize::try_from(*at).unwrap()..][..COARSE_BLOCK as usize], new[start..][..COARSE_BLOCK as usize]);
                }
                None => lost += 1,
            }
        }
        assert!((1..=2).contains(&lost), "{lost}");
    }

    #[test]
    fn trap_1_equal_blocks_share_the_place_of_one() {
        let new = vec![0; 1 << 20];
        let old = vec![0; 40 << 10];
        let found =
            find_blocks(&file(&old), &[(0, old.len() as u64)], &entries(&new, COARSE_BLOCK), COARSE_BLOCK, &|| false).unwrap().unwrap();
        assert!(found.iter().all(Option::is_some));
    }

    #[test]
    fn trap_6_time_that_ran_out_gives_nothing() {
        let old = noise(3, 3 << 20);
        let calls = std::cell::Cell::new(0);
        let expired = || {
            calls.set(calls.get() + 1);
            calls.get() > 2
        };
        assert!(
            find_blocks(&file(&old), &[(0, old.len() as u64)], &entries(&old, COARSE_BLOCK), COARSE_BLOCK, &expired).unwrap().is_none()
        );
    }

    #[test]
    fn copies_of_a_delta_lie_where_it_says() {
        let (old, new) = (noise(4, 300_000), noise(5, 200_000));
        let mut mixed = old[..100_000].to_vec();
        mixed.extend_from_slice(&new[..70_000]);
        mixed.extend_from_slice(&old[131_072..]);
        let signature = Signature::calculate(&old, fast_rsync::SignatureOptions { block_size: 1024, crypto_hash_size: 8 });
        let mut delta = Vec::new();
        diff(&signature.index(), &mixed, &mut delta).unwrap();
        let found = copies(&delta).unwrap();
        assert_eq!(found.last().map(|copy| copy.position + copy.length), Some(mixed.len() as u64 - 992));
        for copy in &found {
            let (from, to, length) = (copy.position, copy.offset, copy.length);
            let cut = |bytes: &[u8], at: u64| bytes[usize::try_from(at).unwrap()..][..usize::try_from(length).unwrap()].to_vec();
            assert_eq!(cut(&mixed, from), cut(&old, to));
        }
        for end in 0..delta.len() {
            assert!(copies(&delta[..end]).is_err(), "cut at {end}");
        }
    }
}
