//! Questions over HTTP(S): connections kept, no redirects, no content encodings, deadlines for every step.
//! Never reads more of a body than its caller does, except a refusal's, so that its connection can be used again.

use std::io::Read as _;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use super::transport::Unusable;

use crate::base::limits::REFUSAL_BYTES;

/// How long a server is waited for.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// Time for everything but the body.
    answer: Duration,
    /// Longest time without a byte.
    silence: Duration,
    /// Time for a whole body, besides what its length takes on the slowest line.
    body: Duration,
    /// Slowest line on which a body may still arrive, in bytes a second.
    slowest: u64,
}

const PATIENCE: Patience =
    Patience { answer: Duration::from_secs(30), silence: Duration::from_secs(30), body: Duration::from_secs(60), slowest: 4 << 10 };

/// A store's address.
pub struct Http {
    agent: Agent,
    /// The address without a slash at its end.
    pub base: String,
    patience: Patience,
    /// How many ranges the server was seen to give at once: [`MANY`], [`ONE`] or [`NONE`].
    ranges: AtomicU8,
    /// Whether it has encoded an answer unasked, so that each question has to say that none may be.
    encodes: AtomicBool,
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
        // Reading slowly on purpose must not look like a slow line.
        let slowest = rate.map_or(PATIENCE.slowest, |rate| PATIENCE.slowest.min(rate / 2)).max(1);
        Self::patient(base, Patience { slowest, ..PATIENCE })
    }

    /// The store at an address, asked from an office: through the proxy that its machines are told to use. Players have a line of their own.
    #[cfg(feature = "office")]
    pub fn from_office(base: &str) -> Self {
        Self::by_way_of(base, PATIENCE, ureq::Proxy::try_from_env())
    }

    fn patient(base: &str, patience: Patience) -> Self {
        Self::by_way_of(base, patience, None)
    }

    fn by_way_of(base: &str, patience: Patience, proxy: Option<ureq::Proxy>) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(Duration::from_secs(15)))
            .timeout_recv_response(Some(patience.answer))
            // A line that has gone silent is left long before the whole body's time is over.
            .timeout_per_read(Some(patience.silence))
            .max_idle_age(Duration::from_secs(20))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .proxy(proxy)
            // Nothing is chosen by it, and over a month its bytes add up.
            .accept("")
            .user_agent(concat!("bangtin/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            base: base.trim_end_matches('/').to_owned(),
            patience,
            ranges: AtomicU8::new(MANY),
            encodes: AtomicBool::new(false),
        }
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
    ///
    /// No server in wide use encodes what nobody asked to be encoded, and `Accept-Encoding: identity` with every question costs a small
    /// update a twentieth of its bytes. A server that does it all the same is told from then on, and an answer that is encoded even so is
    /// an error: it is never decoded.
    pub fn ask(&self, path: &str, headers: &[(&str, &str)], wanted: u64) -> Result<Response<Body>, Unusable> {
        if !self.encodes.load(Ordering::Relaxed) {
            let response = self.ask_once(path, headers, wanted, false)?;
            if !is_encoded(&response) {
                return Ok(response);
            }
            self.encodes.store(true, Ordering::Relaxed);
        }
        let response = self.ask_once(path, headers, wanted, true)?;
        if is_encoded(&response) {
            return Err(Unusable::new(format!("{}: an encoded answer, which was not asked for", self.url(path))));
        }
        Ok(response)
    }

    fn ask_once(&self, path: &str, headers: &[(&str, &str)], wanted: u64, plain: bool) -> Result<Response<Body>, Unusable> {
        let url = self.url(path);
        let mut request = self.agent.get(&url);
        if plain {
            request = request.header("Accept-Encoding", "identity");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body_time = self.patience.body + Duration::from_secs(wanted / self.patience.slowest);
        let request = request.config().timeout_recv_body(Some(body_time)).build();
        request.call().map_err(|error| Unusable::new(format!("{url}: {error}")))
    }

    /// The full address of a path, for messages.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }
}

fn is_encoded(response: &Response<Body>) -> bool {
    header(response.headers(), "content-encoding").is_some_and(|encoding| encoding != "identity")
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::time::Instant;

    use super::*;

    /// A server that drips: a byte each tenth of a second, of the head under `/head`, of the body under `/body`. Under `/good` it answers at once.
    fn dripping() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || drip(stream));
            }
        });
        address
    }

    fn drip(mut stream: TcpStream) -> std::io::Result<()> {
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

    #[test]
    fn a70_a_drip_ends_with_the_time_for_the_whole_and_keeps_nobody_else_waiting() {
        let second = Duration::from_secs(1);
        let http = Http::patient(&dripping(), Patience { answer: second, silence: second / 2, body: second, slowest: 1 << 30 });
        let read = |path: &str| -> Result<usize, String> {
            let answer = http.ask(path, &[], 1_000_000).map_err(|error| error.reason)?;
            let mut bytes = Vec::new();
            answer.into_body().into_reader().read_to_end(&mut bytes).map_err(|error| error.to_string())
        };
        std::thread::scope(|scope| {
            for path in ["head", "body"] {
                scope.spawn(move || {
                    let began = Instant::now();
                    let ended = read(path);
                    assert!(ended.is_err(), "{path}: {ended:?}");
                    // Never before its time: a byte each tenth of a second is no silence.
                    let took = began.elapsed();
                    assert!(took > second * 9 / 10 && took < second * 5, "{path}: {took:?}");
                });
            }
            let began = Instant::now();
            assert_eq!(read("good"), Ok(1));
            assert!(began.elapsed() < second * 9 / 10);
        });
        // What a player is really told to wait for a head, 256 KiB: two minutes, however many bytes drip in.
        let whole = PATIENCE.answer + PATIENCE.body + Duration::from_secs((256 << 10) / PATIENCE.slowest);
        assert!(whole < Duration::from_secs(180));
    }
}
