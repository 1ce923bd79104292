//! Reads answers with several ranges (`multipart/byteranges`, RFC 9110 §14.6) part by part, and compares each part with the request.
//! Never reads a part that was not requested, nor parts in a different order.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

use crate::base::limits::{PART_LINE_BYTES, PART_LINES};
use crate::store::scan::ByteRange;

/// Reads the bytes of the parts, one after the other.
pub struct MultipartReader<R> {
    body: R,
    boundary: String,
    size: u64,
    pending: VecDeque<ByteRange>,
    /// Bytes left of the current part.
    remaining: u64,
}

impl<R: BufRead> MultipartReader<R> {
    /// `pending`: the requested parts of a file of `size` bytes, in their order.
    pub fn new(body: R, boundary: &str, size: u64, pending: &[ByteRange]) -> Self {
        Self { body, boundary: format!("--{boundary}"), size, pending: pending.iter().copied().collect(), remaining: 0 }
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        self.body.by_ref().take(PART_LINE_BYTES).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        String::from_utf8(line).map_err(|_| unexpected_answer("a part's header is not text"))
    }

    /// Reads up to the next part's first byte; false after the last part.
    fn next_part(&mut self) -> io::Result<bool> {
        let Some((start, end)) = self.pending.pop_front() else { return Ok(false) };
        // Empty lines may come before a boundary.
        let mut lines = 0;
        loop {
            let line = self.line()?;
            if line == self.boundary {
                break;
            }
            lines += 1;
            if !line.is_empty() || lines > 2 {
                return Err(unexpected_answer("no boundary where one was due"));
            }
        }
        let mut range = None;
        for _ in 0..PART_LINES {
            let line = self.line()?;
            if line.is_empty() {
                if range.as_deref() != Some(&*content_range(start, end, self.size)) {
                    return Err(unexpected_answer("a part that was not asked for"));
                }
                self.remaining = end - start;
                return Ok(true);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-range")
            {
                range = Some(value.trim().to_owned());
            }
        }
        Err(unexpected_answer("a part's header does not end"))
    }
}

/// An answer that differs from the request, as opposed to a broken connection.
fn unexpected_answer(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// The `Content-Range` of the bytes from `start` to before `end`.
pub fn content_range(start: u64, end: u64, size: u64) -> String {
    format!("bytes {start}-{}/{size}", end.saturating_sub(1))
}

/// The boundary in a content type, of 1 to 70 bytes.
pub fn boundary(value: &str) -> Option<&str> {
    let (kind, parameters) = value.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/byteranges") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|each| each.trim().strip_prefix("boundary="))?.trim_matches('"');
    (1..=70).contains(&boundary.len()).then_some(boundary)
}

impl<R: BufRead> Read for MultipartReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || (self.remaining == 0 && !self.next_part()?) {
            return Ok(0);
        }
        let want = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.body.read(&mut buffer[..want])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.remaining -= count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(answer: &str, pending: &[ByteRange]) -> Result<String, String> {
        let mut out = String::new();
        let mut parts = MultipartReader::new(answer.as_bytes(), "x", 20, pending);
        parts.read_to_string(&mut out).map(|_| out).map_err(|error| error.to_string())
    }

    #[test]
    fn trap_9_parts_are_taken_only_as_asked_for() {
        let good = "\r\n--x\r\nContent-Type: a/b\r\nContent-Range: bytes 1-3/20\r\n\r\nabc\r\n--x\r\ncontent-range: bytes 7-7/20\r\n\r\nd\r\n--x--\r\n";
        let asked = [(1, 4), (7, 8)];
        assert_eq!(read(good, &asked).unwrap(), "abcd");
        for (asked, why) in [
            (&[(1, 4), (8, 9)][..], "not asked for"),
            (&[(7, 8), (1, 4)], "not asked for"),
            (&[(1, 4), (7, 8), (9, 10)], "no boundary"),
            (&[(1, 6)], "not asked for"),
        ] {
            assert!(read(good, asked).unwrap_err().contains(why), "{asked:?}");
        }
        for end in 0..good.len() - 9 {
            assert!(read(&good[..end], &asked).is_err(), "cut at {end}");
        }
        assert!(read(&good.replace("/20", "/21"), &asked).is_err());
        assert!(read(&good.replace("--x\r\nContent", "--y\r\nContent"), &asked).is_err());
        assert!(read(&format!("--x\r\n{}", "a: b\r\n".repeat(50)), &asked).unwrap_err().contains("does not end"));
        assert!(read(&format!("--x\r\n{}", "a".repeat(5_000)), &asked).is_err());
    }
}
