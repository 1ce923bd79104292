//! Stands before tiny_http, which bounds neither the head of a request, nor the time for it, nor the number of connections. Reads each request
//! under limits, passes it on whole over a socket that no network leads to, and passes the answer back. Never looks into a path, never
//! answers but with a refusal.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::http;
use super::limits::{BODIES, CONNECTIONS, PLAY_BYTES, REQUEST_HEAD_BYTES, REQUEST_WAIT};
use super::lock::MutexExt as _;
use super::os::{self, InnerAddress, InnerStream};

/// Stack of a connection's thread, in bytes: it copies.
const STACK: usize = 128 << 10;
/// Pause before accepting goes on after a failure (the process ran out of file handles, for example).
const PAUSE: Duration = Duration::from_millis(100);
/// How long what a refused client still sends is taken and forgotten. A connection that is closed on unread bytes loses its answer.
const LINGER: Duration = Duration::from_secs(2);
/// How much is read at once of a request, in bytes.
const STEP: usize = 4 << 10;

/// The connections of a server.
pub struct Guard {
    listener: TcpListener,
    inner: InnerAddress,
    ended: AtomicBool,
    open: Mutex<Connections>,
}

/// By number; the oldest first.
#[derive(Default)]
struct Connections {
    last: u64,
    all: BTreeMap<u64, Connection>,
}

struct Connection {
    client: Arc<TcpStream>,
    /// Whether its head is here and its body still has to come.
    body: bool,
    /// Where its answer comes from; `None` while its request is read.
    answer: Option<Arc<InnerStream>>,
}

impl Connections {
    /// Ends the wait for the first request that waits and is of this kind. Its thread reads the end, and finds that it is no longer listed.
    fn give_up_oldest(&mut self, kind: impl Fn(&Connection) -> bool) -> bool {
        let oldest = self.all.iter().find(|(_, each)| each.answer.is_none() && kind(each)).map(|(number, _)| *number);
        let gone = oldest.and_then(|oldest| self.all.remove(&oldest));
        if let Some(gone) = &gone {
            let _ = gone.client.shutdown(Shutdown::Read);
        }
        gone.is_some()
    }
}

/// Why a connection has no answer of a handler.
enum Unanswered {
    Refused(u16),
    /// The client has gone, or never sent anything.
    Gone,
}

impl Guard {
    /// Starts to accept clients, whose requests go to the listener at `inner`.
    pub fn start(listener: TcpListener, inner: InnerAddress) -> io::Result<Arc<Self>> {
        let guard = Arc::new(Self { listener, inner, ended: AtomicBool::new(false), open: Mutex::default() });
        let shared = guard.clone();
        std::thread::Builder::new().name("accept".into()).stack_size(STACK).spawn(move || shared.accept())?;
        Ok(guard)
    }

    /// Accepts no further client. What has been answered still reaches its client; requests without an answer get none.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        for connection in self.open.hold().all.values() {
            let _ = match &connection.answer {
                Some(answer) => answer.shutdown(Shutdown::Read),
                None => connection.client.shutdown(Shutdown::Both),
            };
        }
        // Wakes the thread that accepts.
        let _ = self.listener.local_addr().and_then(|address| TcpStream::connect_timeout(&address, PAUSE));
    }

    /// Whether no client is connected.
    pub fn is_idle(&self) -> bool {
        self.open.hold().all.is_empty()
    }

    fn accept(self: &Arc<Self>) {
        loop {
            let accepted = self.listener.accept();
            if self.ended.load(Ordering::SeqCst) {
                return;
            }
            match accepted {
                Ok((client, _)) => self.admit(Arc::new(client)),
                Err(_) => std::thread::sleep(PAUSE),
            }
        }
    }

    /// Gives a client its thread. Where there are too many, the one goes whose request is longest on its way; 503 if all are being answered.
    fn admit(self: &Arc<Self>, client: Arc<TcpStream>) {
        let number = {
            let mut open = self.open.hold();
            if open.all.len() >= CONNECTIONS {
                if !open.give_up_oldest(|_| true) {
                    drop(open);
                    // Its request is most often here; what is left unread would take the answer with it.
                    let _ = client.set_read_timeout(Some(PAUSE)).and_then(|()| (&*client).read(&mut [0; STEP]));
                    return refuse(&client, 503);
                }
            }
            open.last += 1;
            let number = open.last;
            open.all.insert(number, Connection { client: client.clone(), body: false, answer: None });
            number
        };
        let shared = self.clone();
        let serve = move || shared.serve(number, &client);
        if std::thread::Builder::new().name("client".into()).stack_size(STACK).spawn(serve).is_err() {
            self.open.hold().all.remove(&number);
        }
    }

    fn serve(&self, number: u64, client: &TcpStream) {
        let _ = client.set_nodelay(true);
        let served = read_request(client, || self.wait_for_body(number)).and_then(|request| self.pass_on(number, client, &request));
        let listed = self.open.hold().all.contains_key(&number);
        match served {
            Err(Unanswered::Refused(status)) => refuse(client, status),
            Err(Unanswered::Gone) if !listed => refuse(client, 503),
            _ => {}
        }
        if listed && matches!(served, Err(Unanswered::Refused(_))) {
            linger(client);
        }
        self.open.hold().all.remove(&number);
    }

    /// Notes that a body has yet to come. Where more are awaited than may be, the one goes that is awaited longest.
    fn wait_for_body(&self, number: u64) {
        let mut open = self.open.hold();
        if open.all.values().filter(|each| each.body && each.answer.is_none()).count() >= BODIES {
            open.give_up_oldest(|each| each.body);
        }
        if let Some(own) = open.all.get_mut(&number) {
            own.body = true;
        }
    }

    /// Sends a request to tiny_http, and its answer to the client.
    fn pass_on(&self, number: u64, client: &TcpStream, request: &[u8]) -> Result<(), Unanswered> {
        let busy = |_| Unanswered::Refused(503);
        let inner = Arc::new(os::connect_inner(&self.inner).map_err(busy)?);
        self.open.hold().all.get_mut(&number).ok_or(Unanswered::Refused(503))?.answer = Some(inner.clone());
        if self.ended.load(Ordering::SeqCst) {
            return Err(Unanswered::Gone);
        }
        (&*inner).write_all(request).and_then(|()| inner.shutdown(Shutdown::Write)).map_err(busy)?;
        match io::copy(&mut &*inner, &mut &*client) {
            // tiny_http answers nothing to a head that is not ASCII.
            Ok(0) if !self.ended.load(Ordering::SeqCst) => Err(Unanswered::Refused(400)),
            _ => Ok(()),
        }
    }
}

/// One request, whole but for a body that is too large for every handler, marked as the last of its connection. `body_awaited` is called
/// where the head comes without all of its body.
fn read_request(client: &TcpStream, body_awaited: impl FnOnce()) -> Result<Vec<u8>, Unanswered> {
    let (mut bytes, end) = (Vec::new(), Instant::now() + REQUEST_WAIT);
    let mut searched = 0;
    let head = loop {
        if let Some(at) = find(&bytes[searched..], b"\r\n\r\n") {
            break searched + at + 4;
        }
        if bytes.len() >= REQUEST_HEAD_BYTES {
            return Err(Unanswered::Refused(431));
        }
        searched = bytes.len().saturating_sub(3);
        let most = REQUEST_HEAD_BYTES - bytes.len();
        read_some(client, end, &mut bytes, most)?;
    };
    // A handler that reads a body reads one byte more than it takes.
    let body = body_length(&bytes[..head])?.min(PLAY_BYTES + 1);
    let whole = head + usize::try_from(body).unwrap_or(usize::MAX);
    if bytes.len() < whole {
        body_awaited();
    }
    while bytes.len() < whole {
        let most = whole - bytes.len();
        read_some(client, end, &mut bytes, most)?;
    }
    bytes.truncate(whole);
    let line = find(&bytes, b"\r\n").map_or(0, |at| at + 2);
    bytes.splice(line..line, *b"Connection: close\r\n");
    Ok(bytes)
}

/// Reads what comes next, `most` bytes at most.
fn read_some(mut client: &TcpStream, end: Instant, into: &mut Vec<u8>, most: usize) -> Result<(), Unanswered> {
    // Browsers open connections ahead of need; an answer there would be taken for that of the next request.
    let late = || if into.is_empty() { Unanswered::Gone } else { Unanswered::Refused(408) };
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() || client.set_read_timeout(Some(left)).is_err() {
        return Err(late());
    }
    let mut step = [0; STEP];
    let most = most.min(STEP);
    match client.read(&mut step[..most]) {
        Ok(0) => Err(Unanswered::Gone),
        Ok(count) => {
            into.extend_from_slice(&step[..count]);
            Ok(())
        }
        Err(error) => match error.kind() {
            ErrorKind::Interrupted => Ok(()),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Err(late()),
            _ => Err(Unanswered::Gone),
        },
    }
}

/// How many bytes follow a head. 411 where only their end would tell.
fn body_length(head: &[u8]) -> Result<u64, Unanswered> {
    let mut length = None;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            return Err(Unanswered::Refused(411));
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let value = std::str::from_utf8(value).ok().and_then(|value| value.trim().parse().ok());
            let value = value.ok_or(Unanswered::Refused(400))?;
            if length.replace(value).is_some_and(|other| other != value) {
                return Err(Unanswered::Refused(400));
            }
        }
    }
    Ok(length.unwrap_or(0))
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn refuse(mut client: &TcpStream, status: u16) {
    // A client that does not read gets no answer.
    let _ = client.set_write_timeout(Some(PAUSE));
    let _ = client.write_all(http::response_head(status, &[], 0).as_bytes());
    let _ = client.shutdown(Shutdown::Write);
}

fn linger(client: &TcpStream) {
    let end = Instant::now() + LINGER;
    let mut forgotten = Vec::new();
    while read_some(client, end, &mut forgotten, STEP).is_ok() {
        forgotten.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> Result<u64, u16> {
        body_length(head.as_bytes()).map_err(|unanswered| match unanswered {
            Unanswered::Refused(status) => status,
            Unanswered::Gone => 0,
        })
    }

    #[test]
    fn the_length_of_a_body_is_said_once_and_in_digits() {
        for (head, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", Ok(0)),
            ("POST /play HTTP/1.1\r\ncontent-LENGTH:  12 \r\n\r\n", Ok(12)),
            ("POST /content-length:9 HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", Ok(3)),
            ("POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n", Err(400)),
            ("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", Err(400)),
            ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", Err(400)),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Err(411)),
        ] {
            assert_eq!(status(head), expected, "{head:?}");
        }
    }
}
