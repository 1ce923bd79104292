//! Questions over HTTP(S): connections kept, no redirects, no content encodings, deadlines for every step.
//! Never reads more of a body than its caller does, except a refusal's, so that its connection can be used again.

use std::io::Read as _;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::transport::Unusable;

/// Slowest line on which a body may still arrive, in bytes a second.
const SLOWEST: u64 = 4 << 10;
/// Time for everything but the body.
const ANSWER: Duration = Duration::from_secs(30);
/// Longest time without a byte.
const SILENCE: Duration = Duration::from_secs(30);
/// Longest body of a refusal that is read so that the connection can serve the next question, in bytes.
const REFUSAL_BYTES: u64 = 8 << 10;

/// A store's address.
pub struct Http {
    agent: Agent,
    /// The address without a slash at its end.
    pub base: String,
    slowest: u64,
    /// How many ranges the server was seen to give at once: [`MANY`], [`ONE`] or [`NONE`].
    ranges: AtomicU8,
}

/// Any number of ranges in one answer, as far as is known.
pub const MANY: u8 = 2;
/// One range an answer.
pub const ONE: u8 = 1;
/// Whole files only.
pub const NONE: u8 = 0;

impl Http {
    /// The store at an address, with or without a slash at its end. `rate`: bytes a second that the caller will read at most.
    pub fn new(base: &str, rate: Option<u64>) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(ANSWER))
            // A line that has gone silent is left long before the whole body's time is over.
            .timeout_per_read(Some(SILENCE))
            .max_idle_age(Duration::from_secs(20))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(None)
            // Nothing is chosen by it, and over a month its bytes add up.
            .accept("")
            .user_agent(concat!("bangtin/", env!("CARGO_PKG_VERSION")))
            .build();
        // Reading slowly on purpose must not look like a slow line.
        let slowest = rate.map_or(SLOWEST, |rate| SLOWEST.min(rate / 2)).max(1);
        Self { agent: Agent::new_with_config(config), base: base.trim_end_matches('/').to_owned(), slowest, ranges: AtomicU8::new(MANY) }
    }

    /// How many ranges the server gives at once.
    pub fn ranges(&self) -> u8 {
        self.ranges.load(Ordering::Relaxed)
    }

    /// Closes the connections that wait for a next question. A server that many players look at could not keep one open for each.
    pub fn hang_up(&mut self) {
        self.agent = Agent::new_with_config(self.agent.config().clone());
    }

    /// Remembers that the server gives no more ranges at once than this.
    pub fn at_most(&self, ranges: u8) {
        self.ranges.fetch_min(ranges, Ordering::Relaxed);
    }

    /// Asks for a path with these headers; `wanted` is how many bytes the body may have.
    pub fn ask(&self, path: &str, headers: &[(&str, &str)], wanted: u64) -> Result<Response<Body>, Unusable> {
        let url = self.url(path);
        let mut request = self.agent.get(&url).header("Accept-Encoding", "identity");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body_time = Duration::from_secs(60 + wanted / self.slowest);
        let request = request.config().timeout_recv_body(Some(body_time)).build();
        let response = request.call().map_err(|error| Unusable::new(format!("{url}: {error}")))?;
        if header(response.headers(), "content-encoding").is_some_and(|encoding| encoding != "identity") {
            return Err(Unusable::new(format!("{url}: an encoded answer, which was not asked for")));
        }
        Ok(response)
    }

    /// The full address of a path, for messages.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }
}

/// Tells "nothing there" from an answer that can't be used.
pub fn absent(url: &str, response: Response<Body>) -> Result<(), Unusable> {
    let status = response.status().as_u16();
    let retry_after_s = header(response.headers(), "retry-after").and_then(|value| value.parse().ok());
    // What is left unread would cost the connection.
    let mut rest = response.into_body().into_reader().take(REFUSAL_BYTES);
    let _ = std::io::copy(&mut rest, &mut std::io::sink());
    match status {
        403 | 404 | 410 => Ok(()),
        _ => Err(Unusable { reason: format!("{url}: status {status}"), retry_after_s }),
    }
}

/// A header's value, if it is text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
