//! A store over HTTP(S): no redirects, no content encodings, deadlines for every step, statuses as `docs/player.md` lists them.
//! Never reads more of a body than its caller does.

use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::transport::{Ask, Got, Transport, Unusable};

/// Slowest line on which a body may still arrive, in bytes a second.
const SLOWEST: u64 = 4 << 10;
/// Time for everything but the body.
const ANSWER: Duration = Duration::from_secs(30);
/// Longest time without a byte.
const SILENCE: Duration = Duration::from_secs(30);

/// A store's address.
pub struct Http {
    agent: Agent,
    base: String,
}

impl Http {
    /// The store at an address, with or without a slash at its end.
    pub fn new(base: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(ANSWER))
            // A line that has gone silent is left long before the whole body's time is over.
            .timeout_per_read(Some(SILENCE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("bangtin/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned() }
    }
}

impl Transport for Http {
    fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable> {
        let url = format!("{}/{}", self.base, ask.path);
        let wanted = ask.limit.saturating_sub(ask.from);
        let mut request = self.agent.get(&url).header("Accept-Encoding", "identity");
        if ask.from > 0 {
            request = request.header("Range", format!("bytes={}-", ask.from));
        }
        if let Some(etag) = ask.etag {
            request = request.header("If-None-Match", etag);
        }
        let body_time = Duration::from_secs(60 + wanted / SLOWEST);
        let request = request.config().timeout_recv_body(Some(body_time)).build();
        let response = request.call().map_err(|error| Unusable::new(format!("{url}: {error}")))?;
        read(&ask, &url, response)
    }

    fn name(&self) -> &str {
        &self.base
    }
}

fn read(ask: &Ask<'_>, url: &str, response: Response<Body>) -> Result<Got, Unusable> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let etag = header(headers, "etag").map(str::to_owned);
    if header(headers, "content-encoding").is_some_and(|encoding| encoding != "identity") {
        return Err(Unusable::new(format!("{url}: an encoded answer, which was not asked for")));
    }
    let retry_after_s = header(headers, "retry-after").and_then(|value| value.parse().ok());
    let start = match status {
        200 => 0,
        206 if ask.from > 0 && begins_at(headers, ask.from, ask.limit) => ask.from,
        206 if ask.from == 0 => return Err(Unusable::new(format!("{url}: a part that was not asked for"))),
        206 => return Ok(Got::Unfit),
        304 if ask.etag.is_some() => return Ok(Got::NotModified),
        403 | 404 | 410 => return Ok(Got::Absent),
        // What is held is as long as the file or longer: it is read from its beginning.
        416 if ask.from > 0 => return Ok(Got::Unfit),
        _ => return Err(Unusable { reason: format!("{url}: status {status}"), retry_after_s }),
    };
    Ok(Got::Found { body: Box::new(response.into_body().into_reader()), start, etag })
}

/// Whether `Content-Range` says just what was asked for: from this offset to the end of a file of this size.
fn begins_at(headers: &HeaderMap, from: u64, size: u64) -> bool {
    header(headers, "content-range") == Some(&format!("bytes {from}-{}/{size}", size.saturating_sub(1)))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
