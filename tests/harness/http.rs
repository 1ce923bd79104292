//! A raw HTTP client: sends exactly what a test wrote, hostile headers included.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub fn get(address: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    send(address, "GET", path, headers, b"")
}

/// As [`get`], from a server that may end at any moment.
pub fn try_get(address: &str, path: &str) -> Option<Reply> {
    let raw = try_exchange(address, &request(address, "GET", path, &[], b""))?;
    parse(&raw)
}

/// Sends one request; a `Host` is added unless the test gives its own.
pub fn send(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    parse(&exchange(address, &request(address, method, path, headers, body))).expect("an answer")
}

fn request(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let host = address.trim_start_matches("http://");
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        let _ = write!(head, "Host: {host}\r\n");
    }
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    [format!("{head}\r\n").as_bytes(), body].concat()
}

fn parse(raw: &[u8]) -> Option<Reply> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&raw[..end]).into_owned();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let pair = |line: &str| line.split_once(':').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    Some(Reply { status, headers: head.lines().skip(1).filter_map(pair).collect(), body: raw[end + 4..].to_vec() })
}

/// Sends bytes unchanged; returns all that the server sends until it closes.
pub fn exchange(address: &str, bytes: &[u8]) -> Vec<u8> {
    try_exchange(address, bytes).expect("a connection")
}

fn try_exchange(address: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    // A server that refuses early may close before it has read everything.
    let _ = stream.write_all(bytes);
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw);
    Some(raw)
}

/// The timetable that a program of a player's `schedule.json` names.
pub fn timetable(address: &str, program: &serde_json::Value) -> serde_json::Value {
    serde_json::from_slice(&get(address, program["timetable"].as_str().expect("an address"), &[]).body).expect("a timetable")
}
