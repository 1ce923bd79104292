//! Edits: make a large object from another one, as a librsync delta inside a pack, in one pass with bounded memory.
//! Never verifies the result: its digest does.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::base::digest::Digest;
use crate::base::os;

/// The first bytes of a librsync delta.
pub const MAGIC: [u8; 4] = [0x72, 0x73, 0x02, 0x36];
/// Literal; its length follows in four bytes.
pub const LITERAL: u8 = 0x43;
/// Copy; its offset follows in eight bytes, its length in four.
pub const COPY: u8 = 0x53;
/// End of the delta.
pub const END: u8 = 0;

/// The path of an edit in a pack: the new object, then the old one.
pub fn path(new: Digest, old: Digest) -> String {
    format!("edits/{new}/{old}")
}

/// Parses the path of an edit: the new object and the old one.
pub fn parse_path(text: &str) -> Option<(Digest, Digest)> {
    let (new, old) = text.strip_prefix("edits/")?.split_once('/')?;
    Some((Digest::parse(new)?, Digest::parse(old)?))
}

/// Makes at most `size` bytes from an edit and the old object.
///
/// # Errors
/// A command other than [`LITERAL`], [`COPY`] and [`END`]; more than `size` bytes; a copy from beyond the end of the old object.
pub fn apply(mut edit: impl Read, old: &File, size: u64, mut out: impl Write) -> io::Result<()> {
    let mut magic = [0; 4];
    edit.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(io::Error::other("not a delta"));
    }
    let mut left = size;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let mut code = [0];
        edit.read_exact(&mut code)?;
        let mut number = |width: usize| -> io::Result<u64> {
            let mut bytes = [0; 8];
            edit.read_exact(&mut bytes[8 - width..])?;
            Ok(u64::from_be_bytes(bytes))
        };
        let (mut from, mut length) = match code[0] {
            END => return Ok(()),
            LITERAL => (None, number(4)?),
            COPY => (Some(number(8)?), number(4)?),
            _ => return Err(io::Error::other("an unknown delta command")),
        };
        left = left.checked_sub(length).ok_or_else(|| io::Error::other("more bytes than were signed for"))?;
        while length > 0 {
            let step = usize::try_from(length).unwrap_or(usize::MAX).min(buffer.len());
            match &mut from {
                None => edit.read_exact(&mut buffer[..step])?,
                Some(at) => {
                    os::read_exact_at(old, &mut buffer[..step], *at)?;
                    *at = at.saturating_add(step as u64);
                }
            }
            out.write_all(&buffer[..step])?;
            length -= step as u64;
        }
    }
}
