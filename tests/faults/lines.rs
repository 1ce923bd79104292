//! Lines that say nothing, and one that comes and goes: what is stored plays on, and nothing that a player has open grows. The gate watches for
//! some seconds, `tests/long/lines` for half an hour.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::network::used;
use super::{PLAYER, converges, health, month, served, settled, shows};
use crate::delta::shop::Server;
use crate::harness::wait_for;

/// How long the line is up, and then down.
const TURN: Duration = Duration::from_secs(3);
/// Files and threads beyond those of a player at rest: a connection of a look, four of a fetch, what they write to, requests of this test.
const FILES: usize = 8;
const THREADS: usize = 4;

/// A listener that takes every connection and never answers.
fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    format!("http://{address}")
}

/// A listener whose queue is full: a connection is neither taken nor refused. Full for as long as what is returned lives.
fn full() -> (String, TcpListener, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let queued: Vec<_> =
        std::iter::from_fn(|| TcpStream::connect_timeout(&address, Duration::from_millis(300)).ok()).take(10_000).collect();
    assert!(queued.len() < 10_000, "its queue takes all");
    (format!("http://{address}"), listener, queued)
}

/// A line to a server: up or down.
struct Line {
    address: String,
    open: Arc<Mutex<Option<Vec<TcpStream>>>>,
}

impl Line {
    fn to(server: &str) -> Self {
        let server: SocketAddr = server.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self { address: format!("http://{}", listener.local_addr().unwrap()), open: Arc::new(Mutex::new(Some(Vec::new()))) };
        let open = line.open.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // While it is down a connection is closed at once.
                if let Some(held) = open.lock().unwrap().as_mut() {
                    let server = TcpStream::connect(server).unwrap();
                    held.extend([client.try_clone().unwrap(), server.try_clone().unwrap()]);
                    for (from, to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
                        std::thread::spawn(move || pass_on(from, to));
                    }
                }
            }
        });
        line
    }

    fn turn(&self, up: bool) {
        let mut open = self.open.lock().unwrap();
        for stream in open.iter().flatten() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        *open = up.then(Vec::new);
    }
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    let mut part = [0; 1 << 14];
    while let Ok(count @ 1..) = from.read(&mut part) {
        if to.write_all(&part[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// `FLAPPING`: seconds.
#[test]
fn f27_silent_full_and_flapping_lines_leave_no_descriptor_and_no_thread_behind() {
    let seconds = std::env::var("FLAPPING").map_or(24, |seconds| seconds.parse().unwrap());
    let (mut shop, first) = settled();
    // A film of half a minute, so that the line is never up for long enough.
    let nginx = Server::nginx(&shop.sandbox, "limit_rate 100k;");
    let (line, silent, (full, ..)) = (Line::to(&nginx.address), silent(), &full());
    shop.configure("", &json!({"listen": "127.0.0.1:0", "poll_seconds": 10, "store": [silent, full, line.address]}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    shows(&player, &json!([1, 2]), 2);
    let (files, threads, _) = used(&player);
    let mut next = month(2, 3_000_000);
    shop.publish_bare(&next);
    let (began, mut most, mut turns, mut looks) = (Instant::now(), (files, threads), 0, std::collections::BTreeSet::new());
    while began.elapsed() < Duration::from_secs(seconds) {
        line.turn(turns % 2 == 1);
        turns += 1;
        let turned = Instant::now();
        wait_for("the turn of the line", TURN * 2, || {
            let (files, threads, _) = used(&player);
            most = (most.0.max(files), most.1.max(threads));
            turned.elapsed() > TURN
        });
        assert_eq!(served(&shop, &player).len(), 2, "what is stored plays on");
        let told = health(&player);
        looks.extend(told["last_look"].as_i64());
        if told["head"] != json!([1, 2]) {
            // It has come in parts: there is always a next one.
            next = month(turns, 3_000_000);
            shop.publish_bare(&next);
        }
    }
    println!(
        "{turns} turns of the line in {seconds} s, {} looks: {files} files and {threads} threads at rest, {} and {} at most",
        looks.len(),
        most.0,
        most.1
    );
    assert!(most.0 <= files + FILES && most.1 <= threads + THREADS, "{files} {threads}, at most {most:?}");
    assert!(turns > 5 && shop.holds(&first));
    drop(player);
    shop.configure("store", &json!({}));
    let last = json!([1, shop.version()]);
    converges(&shop, &last, &next);
}
