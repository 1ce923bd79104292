//! Ranges of a file over HTTP: many in one answer if the server can, else one after the other. Joins near ranges, because a header costs
//! more than a small gap. Never yields bytes that were not requested.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read};

use super::http_client::{HttpTransport, ensure_absent, header};
use super::multipart::{MultipartReader, boundary, content_range};
use super::transport::{BodyReader, PullError, RangesResponse};
use crate::store::scan::ByteRange;
use crate::text;

/// Longest gap, in bytes, that is fetched too where one answer has several ranges: less than the header of a part.
const SMALL_GAP: u64 = 96;
/// The same where each range needs its own request.
const LARGE_GAP: u64 = 2 << 10;

/// Reads the bytes of ranges, one after the other.
pub struct HttpRangesReader<'a> {
    http: &'a HttpTransport,
    path: String,
    size: u64,
    /// Ranges still to be read; the first may be partly read.
    pending: VecDeque<ByteRange>,
    /// The current answer.
    body: BodyReader,
    /// For each range of `pending` in the current body, from the first on: length of the gap before it.
    gaps: VecDeque<u64>,
}

impl<'a> HttpRangesReader<'a> {
    /// Sends the first request.
    pub fn open(http: &'a HttpTransport, path: &str, size: u64, stretches: &[ByteRange]) -> Result<RangesResponse<'a>, PullError> {
        let pending = stretches.iter().copied().collect();
        let mut reader = Self { http, path: path.to_owned(), size, pending, body: Box::new(io::empty()), gaps: VecDeque::new() };
        Ok(match reader.send_request()? {
            RangesResponse::Found(body) => {
                reader.body = body;
                RangesResponse::Found(Box::new(reader))
            }
            refused => refused,
        })
    }

    /// The ranges of the next request, and the gaps within them.
    fn next_request(&self) -> (Vec<ByteRange>, VecDeque<u64>) {
        let most = self.http.ranges().max(1);
        let gap = if most > 1 { SMALL_GAP } else { LARGE_GAP };
        let (mut ranges, mut gaps): (Vec<ByteRange>, _) = (Vec::new(), VecDeque::new());
        for &(start, end) in &self.pending {
            let full = ranges.len() == most;
            match ranges.last_mut() {
                Some(last) if start - last.1 <= gap => {
                    gaps.push_back(start - last.1);
                    last.1 = end;
                }
                _ if full => break,
                _ => {
                    gaps.push_back(0);
                    ranges.push((start, end));
                }
            }
        }
        (ranges, gaps)
    }

    /// Requests the next ranges and remembers their gaps.
    fn send_request(&mut self) -> Result<RangesResponse<'static>, PullError> {
        loop {
            let (ranges, gaps) = self.next_request();
            let list: Vec<String> = ranges.iter().map(|(start, end)| format!("{start}-{}", end - 1)).collect();
            let value = format!("bytes={}", list.join(","));
            let bytes = ranges.iter().map(|(start, end)| end - start).sum();
            let response = self.http.request(&self.path, &[("Range", &value)])?;
            let status = response.status().as_u16();
            let headers = response.headers();
            let boundary = header(headers, "content-type").and_then(boundary).map(str::to_owned);
            let body: BodyReader = match (status, boundary) {
                (206, Some(boundary)) if ranges.len() > 1 => {
                    let body = BufReader::new(response.into_body());
                    Box::new(MultipartReader::new(body, &boundary, self.size, &ranges))
                }
                (206, None) if ranges.len() == 1 && header(headers, "content-range") == Some(&*expected(&ranges, self.size)) => {
                    Box::new(response.into_body().take(bytes))
                }
                // The server sent the whole, a single range, or a range of a different file. Its body is not read.
                (200 | 206, _) if ranges.len() > 1 => {
                    self.http.limit_ranges(1);
                    continue;
                }
                (200, _) => {
                    self.http.limit_ranges(0);
                    return Ok(RangesResponse::Mismatch);
                }
                (206 | 416, _) => return Ok(RangesResponse::Mismatch),
                _ => return ensure_absent(&self.http.url(&self.path), response).map(|()| RangesResponse::Absent),
            };
            self.gaps = gaps;
            return Ok(RangesResponse::Found(body));
        }
    }
}

fn expected(ranges: &[ByteRange], size: u64) -> String {
    ranges.first().map(|(start, end)| content_range(*start, *end, size)).unwrap_or_default()
}

impl Read for HttpRangesReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((start, end)) = self.pending.front().copied() else { return Ok(0) };
        if self.gaps.is_empty() {
            self.body = match self.send_request() {
                Ok(RangesResponse::Found(body)) => body,
                Ok(RangesResponse::Absent | RangesResponse::Mismatch) => {
                    return Err(io::Error::other(PullError::external(text!(
                        vi: "máy chủ không còn cho tải từng đoạn",
                        en: "the server no longer serves the file in parts"
                    ))));
                }
                Err(error) => return Err(io::Error::other(error)),
            };
        }
        if let Some(gap) = self.gaps.front_mut()
            && *gap > 0
        {
            let passed = io::copy(&mut self.body.by_ref().take(*gap), &mut io::sink())?;
            if passed < *gap {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            *gap = 0;
        }
        let want = usize::try_from(end - start).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.body.read(&mut buffer[..want]).inspect_err(|error| {
            if error.kind() == io::ErrorKind::InvalidData {
                self.http.limit_ranges(1);
            }
        })?;
        if count == 0 && want > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if start + count as u64 == end {
            self.pending.pop_front();
            self.gaps.pop_front();
            if self.gaps.is_empty() {
                // Reads to the end of the answer, which frees the connection for the next request.
                let _ = std::mem::replace(&mut self.body, Box::new(io::empty())).read(&mut [0]);
            }
        } else if let Some(first) = self.pending.front_mut() {
            first.0 += count as u64;
        }
        Ok(count)
    }
}
