//! Block signatures of large objects (`blocks/`): untrusted hints that show a player what it already has. Two levels: an entry for every
//! 32 KiB, then one for every 1 KiB; a player fetches fine entries only for coarse blocks that it lacks. Never verifies bytes.

#[cfg(feature = "office")]
use std::io::{self, Read};

use fast_rsync::{Signature, SignatureOptions};

/// Smallest object with a block signature, in bytes; smaller ones go into packs.
pub const MIN_OBJECT_BYTES: u64 = 256 << 10;
/// Bytes covered by a coarse entry.
pub const COARSE_BLOCK: u32 = 32 << 10;
/// Bytes covered by a fine entry.
pub const FINE_BLOCK: u32 = 1 << 10;
/// Bytes of an entry: four of the rolling sum, eight of MD4. With fewer than six of MD4, wrong matches were observed.
pub const ENTRY_BYTES: usize = 12;
/// Fine entries per coarse entry.
pub const FINE_IN_COARSE: u64 = (COARSE_BLOCK / FINE_BLOCK) as u64;
const HASH_BYTES: u32 = 8;
/// Header length in bytes: magic, block size, bytes of MD4.
pub const HEADER_BYTES: usize = 12;

/// A librsync signature without entries, for blocks of this size.
pub fn header(block: u32) -> Vec<u8> {
    Signature::calculate(&[], signature_options(block)).into_serialized()
}

/// The entry of one block, which may be a short last block.
pub fn entry(block: &[u8]) -> [u8; ENTRY_BYTES] {
    let size = u32::try_from(block.len()).unwrap_or(u32::MAX).max(1);
    let signature = Signature::calculate(block, signature_options(size));
    let mut out = [0; ENTRY_BYTES];
    out.copy_from_slice(&signature.serialized()[HEADER_BYTES..][..ENTRY_BYTES]);
    out
}

/// The entries of all blocks of a piece, in order; the last block may be short.
#[cfg(feature = "office")]
pub fn entries(piece: &[u8], block: u32) -> Vec<u8> {
    Signature::calculate(piece, signature_options(block)).into_serialized().split_off(HEADER_BYTES)
}

fn signature_options(block_size: u32) -> SignatureOptions {
    SignatureOptions { block_size, crypto_hash_size: HASH_BYTES }
}

/// Length of header and coarse entries for an object of this size: a player's first request.
pub fn coarse_bytes(size: u64) -> u64 {
    HEADER_BYTES as u64 + size.div_ceil(COARSE_BLOCK.into()) * ENTRY_BYTES as u64
}

/// Length of the whole file for an object of this size.
pub fn total_bytes(size: u64) -> u64 {
    coarse_bytes(size) + size.div_ceil(FINE_BLOCK.into()) * ENTRY_BYTES as u64
}

/// Range of a coarse block's fine entries in the file: first byte, and one past the last.
pub fn fine_bytes(size: u64, block: u64) -> (u64, u64) {
    let at = |entry: u64| coarse_bytes(size) + entry * ENTRY_BYTES as u64;
    let first = block * FINE_IN_COARSE;
    (at(first), at((first + FINE_IN_COARSE).min(size.div_ceil(FINE_BLOCK.into()))))
}

/// Makes the block signature of an object of `size` bytes. Reads in pieces, since a film does not fit into memory.
#[cfg(feature = "office")]
pub fn signature(mut object: impl Read, size: u64) -> io::Result<Vec<u8>> {
    /// Read size in bytes: a whole number of coarse blocks.
    const PIECE: u64 = 4 << 20;
    let mut out = header(COARSE_BLOCK);
    let mut fine = Vec::with_capacity(usize::try_from(total_bytes(size) - coarse_bytes(size)).unwrap_or(0));
    loop {
        let mut piece = Vec::new();
        object.by_ref().take(PIECE).read_to_end(&mut piece)?;
        if piece.is_empty() {
            break;
        }
        out.append(&mut entries(&piece, COARSE_BLOCK));
        fine.append(&mut entries(&piece, FINE_BLOCK));
    }
    out.append(&mut fine);
    if out.len() as u64 == total_bytes(size) {
        Ok(out)
    } else {
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the object has another length than its name was given for"))
    }
}

#[cfg(all(test, feature = "office"))]
mod tests {
    use super::*;

    #[test]
    fn both_levels_lie_where_the_sizes_say() {
        let bytes: Vec<u8> = (0..9_000_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let size = bytes.len() as u64;
        let file = signature(bytes.as_slice(), size).unwrap();
        assert_eq!(file.len() as u64, total_bytes(size));
        let at_once = |block| Signature::calculate(&bytes, signature_options(block)).into_serialized();
        let (coarse, fine) = (at_once(COARSE_BLOCK), at_once(FINE_BLOCK));
        assert_eq!(&file[..12], [0x72, 0x73, 0x01, 0x36, 0, 0, 0x80, 0, 0, 0, 0, 8]);
        assert_eq!(&file[..coarse.len()], coarse);
        assert_eq!(&file[coarse.len()..], &fine[HEADER_BYTES..]);
        let last = size / u64::from(COARSE_BLOCK);
        let (from, to) = fine_bytes(size, last);
        assert_eq!((to, (to - from) % ENTRY_BYTES as u64), (total_bytes(size), 0));
        let tail = &bytes[usize::try_from(last).unwrap() * COARSE_BLOCK as usize..];
        assert_eq!(entry(tail), coarse[coarse.len() - ENTRY_BYTES..]);
        assert!(signature(&bytes[..100], size).is_err());
    }
}
