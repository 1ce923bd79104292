//! Makes edits: runs the rsync scan over the new object, since the publisher has both objects, then extends every copy to the byte.
//! Never writes an edit that does not pay.

use std::fs::File;
use std::io::{self, Read as _};

use super::blocks::{self, ENTRY_BYTES};
use super::edit::{COPY, END, LITERAL, MAGIC};
use super::scan::{self, CopyRun};
use crate::base::bytes::ByteSource;
use crate::base::os;

/// Most literal bytes of an edit. Above that, resumable ranges of the object are better.
pub const LITERAL_BYTES: u64 = 4 << 20;
/// An object that shares less than this part with the old one is fetched whole: requests for ranges cost what they save.
const UNRELATED_BELOW: u64 = 16;
/// Block length in bytes; the second for very large objects, so that the index stays within memory.
const BLOCKS: (u32, u32) = (1 << 10, 8 << 10);
/// Objects from this size on use the longer blocks, in bytes.
const BIG: u64 = 512 << 20;

enum RandomAccessSource<'a> {
    Memory(&'a [u8]),
    File(File),
}

impl<'a> RandomAccessSource<'a> {
    fn open(source: &'a ByteSource) -> io::Result<Self> {
        match source {
            ByteSource::Memory(bytes) => Ok(Self::Memory(bytes)),
            ByteSource::File(path) => Ok(Self::File(File::open(path)?)),
            ByteSource::Temporary(path) => Ok(Self::File(File::open(&**path)?)),
        }
    }

    fn read(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        match self {
            Self::File(file) => os::read_exact_at(file, into, at),
            Self::Memory(bytes) => {
                let start = usize::try_from(at).unwrap_or(usize::MAX);
                let part = bytes.get(start..).and_then(|rest| rest.get(..into.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
                into.copy_from_slice(part);
                Ok(())
            }
        }
    }

    fn piece(&self, at: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut piece = vec![0; usize::try_from(length).unwrap_or(0)];
        self.read(&mut piece, at).map(|()| piece)
    }
}

/// An object and its size in bytes.
pub type SizedSource<'a> = (&'a ByteSource, u64);

/// The empty edit: the two objects have so little in common that a search does not pay.
const UNRELATED: Vec<u8> = Vec::new();

/// Makes an edit; `UNRELATED` if the objects share too little, `None` if it needs more than [`LITERAL_BYTES`] or half the object.
pub fn make_edit(old: SizedSource<'_>, new: SizedSource<'_>) -> io::Result<Option<Vec<u8>>> {
    let block = if old.1 < BIG { BLOCKS.0 } else { BLOCKS.1 };
    let entries = entries(old, block)?;
    let (old_bytes, new_bytes) = (RandomAccessSource::open(old.0)?, RandomAccessSource::open(new.0)?);
    let mut found: Vec<CopyRun> = Vec::new();
    let read = |window: &mut [u8], at| new_bytes.read(window, at);
    scan::find_copies(&read, &[(0, new.1)], &entries, block, &|| false, |copy| match found.last_mut() {
        Some(last) if last.position + last.length == copy.position && last.offset + last.length == copy.offset => {
            last.length += copy.length;
        }
        _ => found.push(copy),
    })?;
    // Both ends may match by less than a block.
    if found.first().is_none_or(|copy| copy.position > 0) {
        found.insert(0, CopyRun { position: 0, offset: 0, length: 0 });
    }
    found.push(CopyRun { position: new.1, offset: old.1, length: 0 });
    extend_copies(&mut found, (&old_bytes, old.1), (&new_bytes, new.1))?;
    let copied: u64 = found.iter().map(|copy| copy.length).sum();
    if copied < new.1 / UNRELATED_BELOW {
        return Ok(Some(UNRELATED));
    }
    if new.1 - copied > LITERAL_BYTES.min(new.1 / 2) {
        return Ok(None);
    }
    write(&found, &new_bytes, new.1).map(Some)
}

/// The entries of all whole blocks.
fn entries(old: SizedSource<'_>, block: u32) -> io::Result<Vec<u8>> {
    let whole = usize::try_from(old.1 / u64::from(block)).unwrap_or(0) * ENTRY_BYTES;
    let mut out = Vec::with_capacity(whole);
    let mut stream = old.0.open()?;
    loop {
        let mut piece = Vec::new();
        stream.by_ref().take(4 << 20).read_to_end(&mut piece)?;
        if piece.is_empty() {
            out.truncate(whole);
            return Ok(out);
        }
        out.extend(blocks::entries(&piece, block));
    }
}

/// Extends each copy on both sides while the bytes are equal, up to its neighbours.
fn extend_copies(copies: &mut [CopyRun], old: (&RandomAccessSource<'_>, u64), new: (&RandomAccessSource<'_>, u64)) -> io::Result<()> {
    let mut free = 0;
    for number in 0..copies.len() {
        let limit = copies.get(number + 1).map_or(new.1, |next| next.position);
        let copy = &mut copies[number];
        while copy.position > free && copy.offset > 0 {
            let step = (copy.position - free).min(copy.offset).min(1 << 10);
            let (one, other) = (old.0.piece(copy.offset - step, step)?, new.0.piece(copy.position - step, step)?);
            let same = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count() as u64;
            copy.position -= same;
            copy.offset -= same;
            copy.length += same;
            if same < step {
                break;
            }
        }
        loop {
            let (at, old_at) = (copy.position + copy.length, copy.offset + copy.length);
            let step = (limit - at).min(old.1 - old_at).min(1 << 10);
            let (one, other) = (old.0.piece(old_at, step)?, new.0.piece(at, step)?);
            let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count() as u64;
            copy.length += same;
            if same < step || step == 0 {
                break;
            }
        }
        free = copy.position + copy.length;
    }
    Ok(())
}

fn write(copies: &[CopyRun], new: &RandomAccessSource<'_>, size: u64) -> io::Result<Vec<u8>> {
    let mut out = MAGIC.to_vec();
    let mut at = 0;
    let literal = |out: &mut Vec<u8>, from: u64, to: u64| -> io::Result<()> {
        let length = u32::try_from(to - from).map_err(io::Error::other)?;
        if length > 0 {
            out.push(LITERAL);
            out.extend(length.to_be_bytes());
            out.extend(new.piece(from, length.into())?);
        }
        Ok(())
    };
    for copy in copies {
        literal(&mut out, at, copy.position)?;
        at = copy.position + copy.length;
        let (mut offset, mut left) = (copy.offset, copy.length);
        while left > 0 {
            let length = u32::try_from(left).unwrap_or(u32::MAX);
            out.push(COPY);
            out.extend(offset.to_be_bytes());
            out.extend(length.to_be_bytes());
            offset += u64::from(length);
            left -= u64::from(length);
        }
    }
    literal(&mut out, at, size)?;
    out.push(END);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::edit::apply;
    use super::*;

    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        };
        (0..length).map(next).collect()
    }

    fn made(old: &[u8], new: &[u8]) -> Option<Vec<u8>> {
        let (one, other) = (ByteSource::Memory(old.into()), ByteSource::Memory(new.into()));
        make_edit((&one, old.len() as u64), (&other, new.len() as u64)).unwrap()
    }

    fn applied(old: &[u8], edit: &[u8], size: usize) -> io::Result<Vec<u8>> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(old).unwrap();
        let mut out = Vec::new();
        apply(edit, &file, size as u64, &mut out).map(|()| out)
    }

    #[test]
    fn edits_bring_only_what_changed_to_the_byte() {
        let old = noise(1, 3_000_000);
        let mut new = old[..1_000].to_vec();
        new.extend(noise(2, 65_536));
        new.extend_from_slice(&old[1_000..2_000_003]);
        new.extend(noise(3, 77));
        new.extend_from_slice(&old[2_100_000..]);
        let edit = made(&old, &new).unwrap();
        assert!(edit.len() < 65_536 + 77 + 120, "{}", edit.len());
        assert_eq!(applied(&old, &edit, new.len()).unwrap(), new);
        // Other librsync readers accept it.
        let mut theirs = Vec::new();
        fast_rsync::apply(&old, &edit, &mut theirs).unwrap();
        assert_eq!(theirs, new);
    }

    #[test]
    fn small_and_odd_ones_come_right_and_others_do_not_pay() {
        let old = noise(4, 10_000);
        for new in [old.clone(), old[..9_000].to_vec(), old[1..].to_vec(), [old.clone(), old.clone()].concat(), vec![0; 0]] {
            let edit = made(&old, &new).unwrap();
            assert_eq!(applied(&old, &edit, new.len()).unwrap(), new);
        }
        assert_eq!(made(&old, &noise(5, 10_000)).unwrap(), UNRELATED);
        assert!(made(&[], &noise(5, 10)).is_none());
        let third = [&old[..4_000], &noise(8, 8_000)[..]].concat();
        assert!(made(&old, &third).is_none(), "ranges of it pay, an edit does not");
    }

    #[test]
    fn edits_that_lie_are_refused_and_stay_within_their_size() {
        let old = noise(6, 5_000);
        let new = [&old[..3_000], &noise(7, 500)[..], &old[3_000..]].concat();
        let edit = made(&old, &new).unwrap();
        assert!(applied(&old, &edit, new.len() - 1).is_err());
        assert!(applied(&old[..4_000], &edit, new.len()).is_err());
        for end in 0..edit.len() {
            assert!(applied(&old, &edit[..end], new.len()).is_err(), "cut at {end}");
        }
        assert!(applied(&old, b"rs\x026\x99", 10).is_err());
        assert!(applied(&old, &[&MAGIC[..], &[COPY, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 9, 0]].concat(), 10).is_err());
    }
}
