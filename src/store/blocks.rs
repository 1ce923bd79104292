//! Block signatures of big objects, in librsync's form: untrusted hints from which a player finds what it already has.
//! Never reads one back: the player's delta does.

use std::io::{self, Read};

use fast_rsync::{Signature, SignatureOptions};

/// Objects from this size on get a block signature, in bytes.
pub const SMALLEST: u64 = 256 << 10;
/// Objects from this size on get blocks twice as large, in bytes.
const LARGE: u64 = 64 << 20;
/// Bytes kept of each block's MD4 hash.
const HASH_BYTES: u32 = 8;
/// Magic, block size, hash size.
const HEADER_BYTES: usize = 12;
/// How much is read at once: a whole number of blocks of either size.
const PIECE: u64 = 4 << 20;

/// The block signature of an object of `size` bytes. Reads piece by piece, since a film does not fit into memory.
pub fn signature(mut object: impl Read, size: u64) -> io::Result<Vec<u8>> {
    let options = SignatureOptions { block_size: if size < LARGE { 4_096 } else { 8_192 }, crypto_hash_size: HASH_BYTES };
    let mut out = Signature::calculate(&[], options).into_serialized();
    loop {
        let mut piece = Vec::new();
        object.by_ref().take(PIECE).read_to_end(&mut piece)?;
        if piece.is_empty() {
            return Ok(out);
        }
        out.extend_from_slice(&Signature::calculate(&piece, options).serialized()[HEADER_BYTES..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn piecewise_is_the_same_as_at_once() {
        let bytes: Vec<u8> = (0..9_000_001_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let at_once = Signature::calculate(&bytes, SignatureOptions { block_size: 4_096, crypto_hash_size: 8 });
        assert_eq!(signature(bytes.as_slice(), bytes.len() as u64).unwrap(), at_once.serialized());
        assert_eq!(&at_once.serialized()[..12], [0x72, 0x73, 0x01, 0x36, 0, 0, 0x10, 0, 0, 0, 0, 8]);
    }
}
