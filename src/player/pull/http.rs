//! A store over HTTP(S): statuses as `docs/player.md` lists them, ranges as far as the server gives them.
//! Never believes that a server gave what it was asked for: `Content-Range` must say so.

use ureq::Body;
use ureq::http::{HeaderMap, Response};

use super::http_client::{Http, NONE, absent, header};
use super::http_pieces::Pieced;
use super::multipart::content_range;
use super::transport::{Ask, Got, Pieces, Transport, Unusable};
use crate::store::scan::Stretch;

impl Transport for Http {
    fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable> {
        let range = format!("bytes={}-", ask.from);
        let mut headers = Vec::new();
        if ask.from > 0 {
            headers.push(("Range", range.as_str()));
        }
        if let Some(etag) = ask.etag {
            headers.push(("If-None-Match", etag));
        }
        let response = self.ask(ask.path, &headers, ask.limit.saturating_sub(ask.from))?;
        read(&ask, &self.url(ask.path), response)
    }

    fn pieces<'a>(&'a self, path: &str, size: u64, stretches: &[Stretch]) -> Result<Pieces<'a>, Unusable> {
        if self.ranges() == NONE {
            return Ok(Pieces::Unfit);
        }
        Pieced::open(self, path, size, stretches)
    }

    fn rest(&mut self) {
        self.hang_up();
    }

    fn name(&self) -> &str {
        &self.base
    }
}

fn read(ask: &Ask<'_>, url: &str, response: Response<Body>) -> Result<Got, Unusable> {
    let headers = response.headers();
    let etag = header(headers, "etag").map(str::to_owned);
    let start = match response.status().as_u16() {
        200 => 0,
        206 if ask.from > 0 && begins_at(headers, ask.from, ask.limit) => ask.from,
        206 if ask.from == 0 => return Err(Unusable::new(format!("{url}: a part that was not asked for"))),
        206 => return Ok(Got::Unfit),
        304 if ask.etag.is_some() => return Ok(Got::NotModified),
        // What is held is as long as the file or longer: it is read from its beginning.
        416 if ask.from > 0 => return Ok(Got::Unfit),
        _ => return absent(url, response).map(|()| Got::Absent),
    };
    Ok(Got::Found { body: Box::new(response.into_body().into_reader()), start, etag })
}

/// Whether `Content-Range` says just what was asked for: from this offset to the end of a file of this size.
fn begins_at(headers: &HeaderMap, from: u64, size: u64) -> bool {
    header(headers, "content-range") == Some(&*content_range(from, size, size))
}
