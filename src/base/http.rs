//! Answers HTTP requests with bytes or files: ETag, conditional and range requests, HEAD, the caller's headers, exact `Host` checks.
//! Never chooses what to serve and never joins a path: callers look names up in their own tables.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use tiny_http::{Header, Method, Request, StatusCode};

#[cfg(feature = "office")]
use super::bytes::ByteSource;
use super::digest::Digest;

enum ResponseBody {
    Bytes(Arc<[u8]>),
    /// An open file and its length, streamed.
    File(File, u64),
}

impl ResponseBody {
    fn size(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, size) => *size,
        }
    }
}

/// A complete answer, before the request's conditions and ranges are applied.
pub struct HttpResponse {
    status: u16,
    media_type: String,
    etag: Option<String>,
    headers: Vec<(&'static str, String)>,
    body: ResponseBody,
}

impl HttpResponse {
    /// 200 with bytes.
    pub fn bytes(media_type: &str, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::ok(media_type, ResponseBody::Bytes(bytes.into()))
    }

    /// 200 with JSON.
    pub fn json(text: impl Into<Vec<u8>>) -> Self {
        Self::bytes("application/json", text.into())
    }

    /// 200 with an open file of a known length.
    pub fn file(media_type: &str, file: File, size: u64) -> Self {
        Self::ok(media_type, ResponseBody::File(file, size))
    }

    /// Text is always UTF-8 here.
    fn ok(media_type: &str, body: ResponseBody) -> Self {
        let text = media_type.starts_with("text/") || media_type == "application/json";
        let media_type = if text { format!("{media_type}; charset=utf-8") } else { media_type.to_owned() };
        Self { status: 200, media_type, etag: None, headers: Vec::new(), body }
    }

    /// 200 with bytes in memory or in a file.
    #[cfg(feature = "office")]
    pub fn source(media_type: &str, source: &ByteSource, size: u64) -> io::Result<Self> {
        Ok(match source {
            ByteSource::Memory(bytes) => Self::bytes(media_type, Arc::clone(bytes)),
            ByteSource::File(path) => Self::file(media_type, File::open(path)?, size),
            ByteSource::Temporary(path) => Self::file(media_type, File::open(&**path)?, size),
        })
    }

    /// A short plain text with a status, for refusals.
    pub fn text(status: u16, text: &str) -> Self {
        Self { status, ..Self::bytes("text/plain", text.as_bytes()) }
    }

    /// Uses a digest as the strong validator; the answer then honours conditions and ranges.
    #[must_use]
    pub fn with_digest_etag(mut self, digest: Digest) -> Self {
        self.etag = Some(format!("\"{digest}\""));
        self
    }

    /// Uses the digest of the bytes in memory as the strong validator; a file gets none.
    #[must_use]
    pub fn with_content_etag(self) -> Self {
        let digest = match &self.body {
            ResponseBody::Bytes(bytes) => Digest::of(bytes),
            ResponseBody::File(..) => return self,
        };
        self.with_digest_etag(digest)
    }

    /// With this status in place of 200.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Adds a header; it is left out unless name and value are plain ASCII.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The value of a request header that occurs exactly once; `None` if it is missing or repeated.
pub fn single_header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut found = request.headers().iter().filter(|header| header.field.as_str().as_str().eq_ignore_ascii_case(name));
    let first = found.next()?;
    found.next().is_none().then(|| first.value.as_str())
}

/// Whether the request has a header.
pub fn has_header(request: &Request, name: &str) -> bool {
    request.headers().iter().any(|header| header.field.as_str().as_str().eq_ignore_ascii_case(name))
}

/// The hosts under which a loopback server answers: `localhost`, `127.0.0.1` and `[::1]` with its port.
pub fn loopback_hosts(port: u16) -> Vec<String> {
    ["localhost", "127.0.0.1", "[::1]"].iter().map(|name| format!("{name}:{port}")).collect()
}

/// Whether the request has exactly one `Host`, and it is on the list. Guards against DNS rebinding.
pub fn host_allowed(request: &Request, hosts: &[String]) -> bool {
    single_header(request, "Host").is_some_and(|host| hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host)))
}

/// Whether the request has exactly one `Origin`, equal to its `Host`. Meaningful only after [`host_allowed`].
pub fn is_same_origin(request: &Request) -> bool {
    let origin = single_header(request, "Origin").and_then(|origin| origin.strip_prefix("http://"));
    origin.is_some() && origin == single_header(request, "Host")
}

/// Whether a page of another site asks, as far as the browser says. A repeated header counts as foreign: no browser sends one.
pub fn is_cross_site(request: &Request) -> bool {
    let site = has_header(request, "Sec-Fetch-Site") && !matches!(single_header(request, "Sec-Fetch-Site"), Some("same-origin" | "none"));
    site || (has_header(request, "Origin") && !is_same_origin(request))
}

/// Whether the request only reads.
pub fn is_read_method(request: &Request) -> bool {
    matches!(request.method(), Method::Get | Method::Head)
}

/// The path of the request without its query, not decoded, so that an escaped path matches no table.
pub fn path(request: &Request) -> &str {
    let url = request.url();
    url.split_once('?').map_or(url, |(path, _)| path)
}

/// Which part of a body is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestedRange {
    Whole,
    /// First byte and length, at least one.
    Range(u64, u64),
    Unsatisfiable,
}

/// Reads a `Range` header. Ignores several ranges and other units, as RFC 9110 allows.
pub fn parse_range(range: Option<&str>, size: u64) -> RequestedRange {
    let Some(spec) = range.and_then(|value| value.trim().strip_prefix("bytes=")) else { return RequestedRange::Whole };
    let Some((first, last)) = spec.split_once('-') else { return RequestedRange::Whole };
    let number =
        |text: &str| (!text.is_empty() && text.bytes().all(|c| c.is_ascii_digit())).then(|| text.parse::<u64>().unwrap_or(u64::MAX));
    match (number(first.trim()), number(last.trim())) {
        (Some(first), Some(last)) if last < first => RequestedRange::Whole,
        (Some(first), _) if first >= size && (last.trim().is_empty() || number(last.trim()).is_some()) => RequestedRange::Unsatisfiable,
        (Some(first), Some(last)) => RequestedRange::Range(first, last.min(size - 1) - first + 1),
        (Some(first), None) if last.trim().is_empty() => RequestedRange::Range(first, size - first),
        (None, Some(0)) if first.is_empty() => RequestedRange::Unsatisfiable,
        (None, Some(_)) if first.is_empty() && size == 0 => RequestedRange::Unsatisfiable,
        (None, Some(count)) if first.is_empty() => RequestedRange::Range(size - count.min(size), count.min(size)),
        _ => RequestedRange::Whole,
    }
}

/// Whether an `If-None-Match` list holds a validator; weak comparison, as RFC 9110 requires.
fn etag_matches(list: &str, etag: &str) -> bool {
    list.split(',').map(str::trim).any(|each| each == "*" || each.strip_prefix("W/").unwrap_or(each) == etag)
}

/// Sends an answer as the request requires: 304 for an equal validator, 206 or 416 for one range, no body for HEAD. After an error nothing
/// more can be sent; `InvalidData` if the file can't be read.
pub fn respond(request: Request, answer: HttpResponse) -> io::Result<()> {
    let size = answer.body.size();
    let whole_ok = answer.status == 200 && is_read_method(&request);
    let fresh =
        answer.etag.as_deref().is_some_and(|etag| single_header(&request, "If-None-Match").is_some_and(|list| etag_matches(list, etag)));
    let if_range = single_header(&request, "If-Range");
    let range_holds = !has_header(&request, "If-Range") || (if_range.is_some() && if_range == answer.etag.as_deref());
    let part = if whole_ok && range_holds { parse_range(single_header(&request, "Range"), size) } else { RequestedRange::Whole };

    let mut headers = vec![("Content-Type", answer.media_type), ("X-Content-Type-Options", "nosniff".into())];
    headers.extend(answer.etag.map(|etag| ("ETag", etag)));
    if whole_ok {
        headers.push(("Accept-Ranges", "bytes".into()));
    }
    headers.extend(answer.headers);
    if whole_ok && fresh {
        return send(request, 304, headers, ResponseBody::Bytes(Arc::new([])), (0, size));
    }
    match part {
        RequestedRange::Whole => send(request, answer.status, headers, answer.body, (0, size)),
        RequestedRange::Range(first, length) => {
            headers.push(("Content-Range", format!("bytes {first}-{}/{size}", first + length - 1)));
            send(request, 206, headers, answer.body, (first, length))
        }
        RequestedRange::Unsatisfiable => {
            headers.push(("Content-Range", format!("bytes */{size}")));
            send(request, 416, headers, ResponseBody::Bytes(Arc::new([])), (0, 0))
        }
    }
}

fn send(
    request: Request,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: ResponseBody,
    (first, length): (u64, u64),
) -> io::Result<()> {
    let headers: Vec<Header> =
        headers.iter().filter_map(|(name, value)| Header::from_bytes(name.as_bytes(), value.as_bytes()).ok()).collect();
    let sent = if *request.method() == Method::Head || status == 304 { 0 } else { length };
    let mut reader: Box<dyn Read> = match body {
        ResponseBody::Bytes(bytes) => {
            let mut all = Cursor::new(bytes);
            all.set_position(first);
            Box::new(all.take(length))
        }
        ResponseBody::File(mut file, _) => {
            file.seek(SeekFrom::Start(first))?;
            Box::new(file.take(length))
        }
    };
    let mut writer = request.into_writer();
    writer.write_all(response_head(status, &headers, length).as_bytes())?;
    copy_body(&mut reader, sent, &mut writer)?;
    writer.flush()
}

/// Copies `length` bytes. `InvalidData` if they can't be read, which is no fault of the client: its connection ends before the body does.
fn copy_body(from: &mut dyn Read, length: u64, to: &mut dyn io::Write) -> io::Result<()> {
    let (mut buffer, mut left) = (vec![0; 64 << 10], length);
    while left > 0 {
        let want = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        match from.read(&mut buffer[..want]) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::InvalidData, "the file is too short")),
            Ok(count) => {
                to.write_all(&buffer[..count])?;
                left -= count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
    Ok(())
}

/// The head of an answer, always with `Connection: close`, which tiny_http would not let through: a connection carries one request.
/// On loopback a new connection costs nothing.
pub(super) fn response_head(status: u16, headers: &[Header], length: u64) -> String {
    let reason = StatusCode(status).default_reason_phrase();
    let mut head = format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n");
    if status != 304 {
        let _ = write!(head, "Content-Length: {length}\r\n");
    }
    for header in headers {
        let _ = write!(head, "{}: {}\r\n", header.field, header.value);
    }
    head + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_as_the_rfc_says() {
        for (range, size, expected) in [
            ("bytes=0-0", 10, RequestedRange::Range(0, 1)),
            ("bytes=2-", 10, RequestedRange::Range(2, 8)),
            ("bytes=2-99", 10, RequestedRange::Range(2, 8)),
            ("bytes=-3", 10, RequestedRange::Range(7, 3)),
            ("bytes=-30", 10, RequestedRange::Range(0, 10)),
            ("bytes=-0", 10, RequestedRange::Unsatisfiable),
            ("bytes=10-", 10, RequestedRange::Unsatisfiable),
            ("bytes=0-", 0, RequestedRange::Unsatisfiable),
            ("bytes=99999999999999999999-", 10, RequestedRange::Unsatisfiable),
            ("bytes=5-2", 10, RequestedRange::Whole),
            ("bytes=0-1,3-4", 10, RequestedRange::Whole),
            ("bytes=a-b", 10, RequestedRange::Whole),
            ("lines=1-2", 10, RequestedRange::Whole),
        ] {
            assert_eq!(parse_range(Some(range), size), expected, "{range} of {size}");
        }
        assert_eq!(parse_range(None, 10), RequestedRange::Whole);
    }

    #[test]
    fn validators_match_in_lists_and_weakly() {
        assert!(etag_matches("\"a\", W/\"b\"", "\"b\""));
        assert!(etag_matches("*", "\"b\""));
        assert!(!etag_matches("\"bb\"", "\"b\""));
    }
}
