//! HTTP(S) requests: connections are kept; no redirects, no content encodings, a deadline for every step.
//! Never reads more of a body than its caller does, except a refusal's, so that the connection can be used again.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{HeaderMap, Response};

use super::transport::{BodyReader, PullError};
use crate::base::certificates::{self, Certificate};
use crate::base::connection;
use crate::base::limits::REFUSAL_BYTES;
use crate::base::paced::Paced;
use crate::base::text::Text;
use crate::text;

/// Deadlines of a request.
#[derive(Clone, Copy, Debug)]
struct Timeouts {
    /// From the request to the end of the headers.
    answer: Duration,
    /// Longest pause between two bytes.
    silence: Duration,
    /// A body is given up if it brings less than `slowest` bytes a second over this time of waiting for it, however long it is.
    body: Duration,
    slowest: u64,
}

const TIMEOUTS: Timeouts =
    Timeouts { answer: Duration::from_secs(30), silence: Duration::from_secs(30), body: Duration::from_secs(60), slowest: 4 << 10 };

/// The same time for a body of an office, where a person waits.
#[cfg(feature = "office")]
const OFFICE_BODY: Duration = Duration::from_secs(30);

/// Lowest accepted rate of the documents of a look, in bytes a second.
pub const LOOK_RATE: u64 = TIMEOUTS.slowest;
/// The same of each of several objects that share a slow line.
pub const FETCH_RATE: u64 = TIMEOUTS.slowest / 4;

/// A store over HTTP(S).
pub struct HttpTransport {
    agent: Agent,
    /// Without a slash at its end.
    pub base: String,
    timeouts: Timeouts,
    /// When all requests have to be answered whole.
    pub until: Option<Instant>,
    /// Most ranges that the server gives in one answer, as far as it has shown; 0: it gives whole files only.
    ranges: AtomicUsize,
    /// Whether the server encoded an answer unasked, so that each request must forbid encodings.
    needs_identity: AtomicBool,
}

/// Most ranges in one request: what common servers accept by default.
const RANGES: usize = 100;

impl HttpTransport {
    /// The store at an address, with or without a slash at its end. `slowest`: lowest accepted rate, in bytes a second; `authorities` are
    /// trusted beside the system's.
    pub fn new(base: &str, slowest: u64, authorities: &[Certificate<'static>]) -> Self {
        Self::open(base, Timeouts { slowest, ..TIMEOUTS }, None, authorities)
    }

    /// The store at an address, for an office: through the proxy that the environment names. Players use no proxy.
    #[cfg(feature = "office")]
    pub fn from_environment_proxy(base: &str) -> Self {
        Self::open(base, Timeouts { body: OFFICE_BODY, ..TIMEOUTS }, ureq::Proxy::try_from_env(), &[])
    }

    fn open(base: &str, timeouts: Timeouts, proxy: Option<ureq::Proxy>, authorities: &[Certificate<'static>]) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(timeouts.answer))
            .timeout_per_read(Some(timeouts.silence))
            .max_idle_age(Duration::from_secs(20))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(proxy)
            .tls_config(certificates::trust(base, authorities))
            // The header selects nothing, and over a month its bytes add up.
            .accept("")
            .user_agent(concat!("bangtin/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            base: base.trim_end_matches('/').to_owned(),
            timeouts,
            until: None,
            ranges: AtomicUsize::new(RANGES),
            needs_identity: AtomicBool::new(false),
        }
    }

    /// Most ranges to ask for in one request; 0: the server gives whole files only.
    pub fn ranges(&self) -> usize {
        self.ranges.load(Ordering::Relaxed)
    }

    /// Closes idle connections. A server with many players could not keep one open for each.
    pub fn close_idle_connections(&mut self) {
        self.agent = Agent::new_with_config(self.agent.config().clone());
    }

    /// Remembers that the server gives no more ranges in one answer than this.
    pub fn limit_ranges(&self, most: usize) {
        self.ranges.fetch_min(most, Ordering::Relaxed);
    }

    /// Requests a path with these headers.
    ///
    /// Servers do not compress unless asked, and `Accept-Encoding: identity` in every request costs 5 % of a small update. A server that
    /// compresses all the same gets that header from then on; an answer that is still encoded is an error and is never decoded.
    pub fn request(&self, path: &str, headers: &[(&str, &str)]) -> Result<Response<BodyReader>, PullError> {
        if !self.needs_identity.load(Ordering::Relaxed) {
            let response = self.request_once(path, headers)?;
            if !is_encoded(&response) {
                return Ok(response);
            }
            self.needs_identity.store(true, Ordering::Relaxed);
        }
        let response = self.request_once(path, &[&[("Accept-Encoding", "identity")], headers].concat())?;
        if is_encoded(&response) {
            let url = self.url(path);
            return Err(PullError::external(text!(
                vi: "{url}: máy chủ nén nội dung dù không được yêu cầu; hãy tắt nén trên máy chủ",
                en: "{url}: the server compresses its answer although it was asked not to; switch compression off there"
            )));
        }
        Ok(response)
    }

    fn request_once(&self, path: &str, headers: &[(&str, &str)]) -> Result<Response<BodyReader>, PullError> {
        let url = self.url(path);
        let request = headers.iter().fold(self.agent.get(&url), |request, (name, value)| request.header(*name, *value));
        let left = self.until.map(|until| until.saturating_duration_since(Instant::now()));
        let response = request.config().timeout_global(left).build().call().map_err(|error| {
            let Text { vi, en } = connection::reason(&error);
            PullError::external(text!(vi: "{url}: {vi}", en: "{url}: {en}"))
        })?;
        let Timeouts { body: time, slowest, .. } = self.timeouts;
        let least = slowest.saturating_mul(time.as_secs());
        Ok(response.map(|body| -> BodyReader { Box::new(Paced::new(body.into_reader(), time, least)) }))
    }

    /// The full address of a path, for messages.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }
}

fn is_encoded(response: &Response<BodyReader>) -> bool {
    header(response.headers(), "content-encoding").is_some_and(|encoding| encoding != "identity")
}

/// Succeeds if the status means that there is no such file (403, 404, 410); any other status is an error.
pub fn ensure_absent(url: &str, response: Response<BodyReader>) -> Result<(), PullError> {
    let status = response.status().as_u16();
    let retry_after_s = header(response.headers(), "retry-after").and_then(|value| value.parse().ok());
    // An unread rest would cost the connection.
    let mut rest = response.into_body().take(REFUSAL_BYTES);
    let _ = std::io::copy(&mut rest, &mut std::io::sink());
    match status {
        403 | 404 | 410 => Ok(()),
        _ => {
            let Text { vi, en } = connection::status(status);
            let reason = text!(vi: "{url}: {vi}", en: "{url}: {en}");
            Err(PullError { retry_after_s, ..PullError::external(reason) })
        }
    }
}

/// A header's value, if it is text.
pub fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::net::{TcpListener, TcpStream};

    use super::super::pulse::{Beating, Pulse};
    use super::super::transport::{Pause, Transport as _};
    use super::*;

    /// A server that sends a byte each tenth of a second: of the headers under `/head`, of the body under `/body`. `/good` answers at once.
    fn dripping() -> String {
        serve(drip)
    }

    fn serve(answer: fn(TcpStream) -> io::Result<()>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(stream));
            }
        });
        address
    }

    fn drip(mut stream: TcpStream) -> io::Result<()> {
        let mut asked = [0; 1_024];
        let count = stream.read(&mut asked)?;
        let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
        if asked.starts_with("GET /good") {
            return stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx");
        }
        let body = asked.starts_with("GET /body");
        stream.write_all(if body { b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" } else { b"HTTP/1.1 200 OK\r\nX-More: " })?;
        let (_never, pause) = std::sync::mpsc::channel::<()>();
        loop {
            stream.write_all(b"H")?;
            let _ = pause.recv_timeout(Duration::from_millis(100));
        }
    }

    /// Falls silent, without closing: before the headers, in the body under `/body`, after the last byte under `/end`.
    fn stall(mut stream: TcpStream) -> io::Result<()> {
        let mut asked = [0; 1_024];
        let count = stream.read(&mut asked)?;
        let asked = String::from_utf8_lossy(&asked[..count]).into_owned();
        let length = if asked.starts_with("GET /end") { 4 } else { 1_000 };
        if !asked.starts_with("GET /head") {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhalf")?;
        }
        loop {
            std::thread::park();
        }
    }

    #[test]
    fn f19_silence_ends_with_its_deadline_and_a_whole_answer_waits_for_no_end() {
        let half = Duration::from_millis(500);
        let http = HttpTransport::open(&serve(stall), Timeouts { answer: half, silence: half, body: half * 20, slowest: 1 }, None, &[]);
        for (path, whole) in [("head", false), ("body", false), ("end", true)] {
            let began = Instant::now();
            let read = http.request(path, &[]).ok().and_then(|answer| {
                let mut bytes = Vec::new();
                answer.into_body().read_to_end(&mut bytes).ok()
            });
            assert_eq!(read, whole.then_some(4), "{path}");
            assert!(began.elapsed() < half * 4 && (whole || began.elapsed() > half * 9 / 10), "{path}: {:?}", began.elapsed());
        }
    }

    #[test]
    fn f30_whatever_a_server_does_a_request_ends_with_the_time_of_the_look() {
        let half = Duration::from_millis(500);
        for base in [serve(stall), dripping()] {
            for path in ["head", "body"] {
                let mut http = Beating::new(Box::new(HttpTransport::new(&base, LOOK_RATE, &[])), Pulse::new());
                http.set_time(Some(half));
                let began = Instant::now();
                let ended = super::super::fetch::document(&http, path, 1_000_000);
                let ended = ended.and_then(|_| super::super::fetch::signature(&http, "more"));
                assert!(ended.is_err_and(|error| error.pause == Some(Pause::OutOfTime)), "{path}");
                assert!(began.elapsed() < half * 3, "{path}: {:?}", began.elapsed());
            }
        }
    }

    #[test]
    fn a70_f26_a_drip_ends_with_the_time_for_the_whole_and_keeps_nobody_else_waiting() {
        let second = Duration::from_secs(1);
        let http =
            HttpTransport::open(&dripping(), Timeouts { answer: second, silence: second / 2, body: second, slowest: 1 << 30 }, None, &[]);
        let read = |path: &str| -> Result<usize, String> {
            let answer = http.request(path, &[]).map_err(|error| error.reason.en)?;
            let mut bytes = Vec::new();
            answer.into_body().read_to_end(&mut bytes).map_err(|error| error.to_string())
        };
        std::thread::scope(|scope| {
            for path in ["head", "body"] {
                scope.spawn(move || {
                    let began = Instant::now();
                    let ended = read(path);
                    assert!(ended.is_err(), "{path}: {ended:?}");
                    // Not earlier: a byte each tenth of a second is no silence.
                    let took = began.elapsed();
                    assert!(took > second * 9 / 10 && took < second * 5, "{path}: {took:?}");
                });
            }
            let began = Instant::now();
            assert_eq!(read("good"), Ok(1));
            assert!(began.elapsed() < second * 9 / 10);
        });
        // With the real timeouts a player waits under three minutes for a head of 256 KiB, however slowly its bytes arrive.
        let whole = TIMEOUTS.answer + TIMEOUTS.body + Duration::from_secs((256 << 10) / TIMEOUTS.slowest);
        assert!(whole < Duration::from_secs(180));
    }
}
