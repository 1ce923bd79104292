//! Edits: how a big object is made from another one, as a librsync delta inside a pack. Applied in one pass, with bounded memory.
//! Never decides whether the result is right: its digest does.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt as _;

use crate::base::digest::Digest;

/// The first bytes of a librsync delta.
pub const MAGIC: [u8; 4] = [0x72, 0x73, 0x02, 0x36];
/// Literal whose length follows in four bytes.
pub const LITERAL: u8 = 0x43;
/// Copy whose offset follows in eight bytes and whose length in four.
pub const COPY: u8 = 0x53;
/// The end.
pub const END: u8 = 0;

/// The path of an edit in a pack: what it makes, from what.
pub fn path(new: Digest, old: Digest) -> String {
    format!("edits/{new}/{old}")
}

/// What an edit's path names.
pub fn parse_path(text: &str) -> Option<(Digest, Digest)> {
    let (new, old) = text.strip_prefix("edits/")?.split_once('/')?;
    Some((Digest::parse(new)?, Digest::parse(old)?))
}

/// Makes at most `size` bytes from an edit and the old object.
///
/// # Errors
/// Another form than [`LITERAL`], [`COPY`] and [`END`]; more than `size` bytes; an old object that is shorter than the edit thinks.
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
                    old.read_exact_at(&mut buffer[..step], *at)?;
                    *at = at.saturating_add(step as u64);
                }
            }
            out.write_all(&buffer[..step])?;
            length -= step as u64;
        }
    }
}
