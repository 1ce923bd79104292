//! Packs (`packs/`): many small files of the store in one compressed stream, so that a program costs few requests. Untrusted hints: their
//! files pass the same signature and digest checks as files fetched singly. Never decides what to fetch.

use std::collections::BTreeSet;
use std::io::{self, Read};

use ruzstd::decoding::{Dictionary, FrameDecoder, StreamingDecoder};

use super::blocks;
use crate::base::digest::{Digest, from_hex};
use crate::base::limits::{PACK_BYTES, PACK_DICTIONARY_BYTES, PACK_LINE_BYTES, PACK_WINDOW_BYTES};
use crate::program::manifest::ManifestFile;
use crate::program::validate::Program;

/// The header of every dictionary, in the Zstandard dictionary format: magic, id, Huffman and FSE tables, three offsets. The tables were
/// trained on pages of the shipped theme; they are part of the format and do not change with the theme.
const TABLES: &str = "37a430ec6e6974623c10b0336d0e300c0c8a2a536bf45d435a1e467a325593251d3c8ab7b5adbf6b4297d8af99e8ee7edfcd1011dd5a03c99452\
92528ae8e096188340e4309301000004850242b168482c9ccadd010460411d570ecea4c140208a832008a218866110060001804100046010882219a49844ca\
000014aa6f0ab270944033c81843600600600000000000010000000400000008000000";

/// Whether a file of this size goes into packs.
pub fn is_small(size: u64) -> bool {
    size < blocks::MIN_OBJECT_BYTES
}

/// Makes the dictionary of a base program: its text files, each once, in manifest order, then the manifest. `None` if they exceed
/// [`PACK_DICTIONARY_BYTES`] by the sizes in the manifest. Errors come from `read`.
pub fn dictionary(
    base: &Program,
    manifest: &[u8],
    mut read: impl FnMut(&ManifestFile) -> io::Result<Vec<u8>>,
) -> io::Result<Option<Vec<u8>>> {
    let mut seen = BTreeSet::new();
    let texts: Vec<&ManifestFile> =
        base.manifest().files.iter().filter(|file| file.media_type.starts_with("text/") && seen.insert(file.sha256)).collect();
    let total = texts.iter().map(|file| file.size).fold(manifest.len() as u64, u64::saturating_add);
    if total > PACK_DICTIONARY_BYTES {
        return Ok(None);
    }
    let Some(tables) = from_hex::<{ TABLES.len() / 2 }>(TABLES) else { return Ok(None) };
    let mut out = tables.to_vec();
    for file in texts {
        out.extend(read(file)?);
    }
    out.extend_from_slice(manifest);
    Ok(Some(out))
}

/// The line before a file in a pack.
pub fn file_header(path: &str, size: u64) -> String {
    format!("{path} {size}\n")
}

/// Reads a pack file by file.
pub struct PackReader<R: Read> {
    stream: StreamingDecoder<R, FrameDecoder>,
    /// Unread bytes of the current file.
    remaining: u64,
    /// Bytes that the pack may still yield.
    budget: u64,
}

impl<R: Read> PackReader<R> {
    /// Opens a pack. A pack made with a dictionary needs the same one.
    pub fn open(source: R, dictionary: Option<&[u8]>) -> io::Result<Self> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(PACK_WINDOW_BYTES);
        if let Some(bytes) = dictionary {
            decoder.add_dict(Dictionary::decode_dict(bytes).map_err(|error| io::Error::other(error.to_string()))?).map_err(broken)?;
        }
        let stream = StreamingDecoder::new_with_decoder(source, decoder).map_err(broken)?;
        Ok(Self { stream, remaining: 0, budget: PACK_BYTES })
    }

    /// Skips the rest of the current file and returns path and size of the next; this reader then yields its bytes.
    pub fn next_file(&mut self) -> io::Result<Option<(String, u64)>> {
        let left = self.remaining;
        if io::copy(&mut self.by_ref().take(left), &mut io::sink())? < left {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut line = Vec::new();
        let mut byte = [0];
        while self.stream.read(&mut byte)? == 1 && byte != *b"\n" {
            line.push(byte[0]);
            if line.len() > PACK_LINE_BYTES {
                return Err(io::Error::other("a line in a pack is too long"));
            }
        }
        if line.is_empty() {
            return Ok(None);
        }
        let line = String::from_utf8(line).map_err(|_| io::Error::other("a line in a pack is not text"))?;
        let size = line.split_once(' ').and_then(|(path, size)| Some((path.to_owned(), size.parse::<u64>().ok()?)));
        let (path, size) = size.ok_or_else(|| io::Error::other("a line in a pack names no size"))?;
        self.budget = self.budget.checked_sub(size).ok_or_else(|| io::Error::other(format!("a pack of more than {PACK_BYTES} bytes")))?;
        self.remaining = size;
        Ok(Some((path, size)))
    }
}

impl<R: Read> Read for PackReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.stream.read(&mut buffer[..want])?;
        self.remaining -= count as u64;
        Ok(count)
    }
}

fn broken(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("an unreadable pack: {error}"))
}

/// Parses the path of an object in a pack.
pub fn parse_object_path(path: &str) -> Option<Digest> {
    let digest = Digest::parse(path.rsplit('/').next()?)?;
    (super::layout::object(digest) == path).then_some(digest)
}
