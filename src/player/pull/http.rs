//! A store over HTTP(S): handles statuses as `docs/player.md` lists them, and ranges if the server supports them.
//! Never assumes that a server sent the requested range: `Content-Range` must say so.

use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Response};

use super::http_client::{HttpTransport, ensure_absent, header};
use super::http_ranges::HttpRangesReader;
use super::multipart::content_range;
use super::transport::{BodyReader, FetchRequest, FetchResponse, PullError, RangesResponse, Transport};
use crate::store::scan::ByteRange;
use crate::text;

impl Transport for HttpTransport {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        let range = format!("bytes={}-", request.from);
        let headers = [("Range", range.as_str())];
        let response = self.request(request.path, if request.from > 0 { &headers } else { &[] })?;
        read(&request, &self.url(request.path), response)
    }

    fn get_ranges<'a>(&'a self, path: &str, size: u64, stretches: &[ByteRange]) -> Result<RangesResponse<'a>, PullError> {
        if self.ranges() == 0 {
            return Ok(RangesResponse::Mismatch);
        }
        HttpRangesReader::open(self, path, size, stretches)
    }

    fn set_time(&mut self, left: Option<Duration>) {
        self.until = left.map(|left| Instant::now() + left);
    }

    fn close_idle(&mut self) {
        self.close_idle_connections();
    }

    fn name(&self) -> &str {
        &self.base
    }
}

fn read(request: &FetchRequest<'_>, url: &str, response: Response<BodyReader>) -> Result<FetchResponse, PullError> {
    let headers = response.headers();
    let start = match response.status().as_u16() {
        200 => 0,
        206 if request.from > 0 && is_requested_range(headers, request.from, request.limit) => request.from,
        206 if request.from == 0 => {
            return Err(PullError::external(text!(
                vi: "{url}: máy chủ trả lời một đoạn không được yêu cầu",
                en: "{url}: a part that was not asked for"
            )));
        }
        206 => return Ok(FetchResponse::Mismatch),
        // The stored part is at least as long as the file: the file is read from its beginning.
        416 if request.from > 0 => return Ok(FetchResponse::Mismatch),
        _ => return ensure_absent(url, response).map(|()| FetchResponse::Absent),
    };
    Ok(FetchResponse::Found { body: response.into_body(), start })
}

/// Whether `Content-Range` is exactly the requested range: from this offset to the end of a file of this size.
fn is_requested_range(headers: &HeaderMap, from: u64, size: u64) -> bool {
    header(headers, "content-range") == Some(&*content_range(from, size, size))
}
