//! Which codings an ISO file (mp4, m4a) names for its tracks, read from its boxes alone.
//! Never reads what the tracks hold.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

/// Boxes that are looked at in one file at most.
const BOXES: usize = 4_096;

/// The four letters of each track's coding, such as `avc1`, `hvc1`, `mp4a`; what is damaged is left out.
pub fn codings(mut file: File) -> io::Result<Vec<[u8; 4]>> {
    let (length, mut found, mut left) = (file.metadata()?.len(), Vec::new(), BOXES);
    walk(&mut file, 0..length, &mut left, &mut found)?;
    Ok(found)
}

fn walk(file: &mut File, range: std::ops::Range<u64>, left: &mut usize, found: &mut Vec<[u8; 4]>) -> io::Result<()> {
    let mut at = range.start;
    while at + 8 <= range.end && *left > 0 {
        *left -= 1;
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8])?;
        let [a, b, c, d, kind @ ..] = <[u8; 8]>::try_from(&head[..8]).unwrap_or_default();
        let (mut size, mut inside) = (u64::from(u32::from_be_bytes([a, b, c, d])), at + 8);
        if size == 1 {
            file.read_exact(&mut head[8..])?;
            size = u64::from_be_bytes(<[u8; 8]>::try_from(&head[8..]).unwrap_or_default());
            inside += 8;
        }
        let end = if size == 0 { range.end } else { at.saturating_add(size).min(range.end) };
        match &kind {
            b"moov" | b"trak" | b"mdia" | b"minf" | b"stbl" => walk(file, inside..end, left, found)?,
            // Version, flags and a count stand before the entries, each of which is a box named after its coding.
            b"stsd" if inside + 16 <= end => {
                file.seek(SeekFrom::Start(inside + 12))?;
                let mut coding = [0; 4];
                file.read_exact(&mut coding)?;
                found.push(coding);
            }
            _ => {}
        }
        if end <= at {
            break;
        }
        at = end;
    }
    Ok(())
}
