//! Requests whose head has no end or comes slowly: each server answers them under its limits, keeps its memory, and goes on answering others.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::faults;
use crate::harness::http::{get, send, try_get};
use crate::harness::{Running, Sandbox, resident, threads, wait_for};
use crate::publish::commands::Province;

/// What each server withstands. `process` serves at `address`.
pub fn withstands(process: u32, address: &str) {
    let host = address.trim_start_matches("http://");
    assert_ne!(get(address, "/", &[]).status, 0);
    let before = resident(process);
    for start in ["GET / HTTP/1.1\r\nHost: a\r\nX: ", "GET /", "GET / HTTP/1.1\r\nA: b\r\n"] {
        let part = if start.ends_with('\n') { "A: b\r\n".repeat(1 << 17) } else { "a".repeat(1 << 20) };
        let mut client = TcpStream::connect(host).unwrap();
        client.write_all(start.as_bytes()).unwrap();
        let mut most = 0;
        for _ in 0..100 {
            if client.write_all(part.as_bytes()).is_err() {
                break;
            }
            most = resident(process).max(most);
        }
        let mut answer = Vec::new();
        let _ = client.read_to_end(&mut answer);
        assert!(answer.starts_with(b"HTTP/1.1 431 "), "{start:?}: {}", String::from_utf8_lossy(&answer));
        assert!(most < before + (8 << 20), "{start:?}: {before} bytes before, {most} meanwhile");
    }
    let slow = |number: usize| {
        let mut client = TcpStream::connect(host).unwrap();
        client.write_all(if number.is_multiple_of(2) { b"GET / HTTP/1.1\r\nHo" } else { b"G" }).unwrap();
        client
    };
    let held: Vec<TcpStream> = (0..300).map(slow).collect();
    let began = Instant::now();
    for _ in 0..20 {
        assert_ne!(get(address, "/", &[]).status, 503);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(threads(process) < 200, "{} threads", threads(process));
    drop(held);
    wait_for("the threads' end", Duration::from_secs(20), || threads(process) < 60);
}

fn store() -> (Province, Running) {
    let province = Province::published();
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    (province, server)
}

#[test]
fn f26_heads_without_end_and_slow_ones_cost_the_store_nothing() {
    let (_province, server) = store();
    withstands(server.id(), &server.address());
}

#[test]
fn f26_heads_without_end_and_slow_ones_cost_the_preview_nothing() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let server = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://");
    let address = server.address();
    wait_for("all to be looked at", Duration::from_secs(20), || get(&address, "/state.json", &[]).text().contains("\"checked\":true"));
    withstands(server.id(), &server.address());
}

#[test]
fn f26_heads_without_end_and_slow_ones_cost_the_player_nothing() {
    let (_shop, player) = faults::playing();
    withstands(player.id(), &player.address());
}

#[test]
fn f26_bodies_that_are_announced_and_do_not_come_keep_nobody_waiting() {
    let (_shop, player) = faults::playing();
    let address = player.address();
    let host = address.trim_start_matches("http://").to_owned();
    for origin in [address.as_str(), "http://evil.example"] {
        let head = format!("POST /play HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Length: 16000\r\n\r\n");
        let post = |_| {
            let mut client = TcpStream::connect(&host).unwrap();
            client.write_all(head.as_bytes()).unwrap();
            client
        };
        let mut held: Vec<TcpStream> = (0..100).map(post).collect();
        for _ in 0..10 {
            assert_eq!(get(&address, "/screens/a/schedule.json", &[]).status, 200);
            assert_eq!(send(&address, "POST", "/play", &[("Origin", &address)], b"{}").status, 422, "a whole post is judged");
        }
        // All but the four that may be awaited have given way; those have their ten seconds.
        let gave_way = |client: &mut TcpStream| {
            let mut answer = [0; 13];
            client.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
            client.read_exact(&mut answer).is_ok_and(|()| &answer == b"HTTP/1.1 503 ")
        };
        let waiting = held.iter_mut().filter_map(|client| (!gave_way(client)).then_some(())).count();
        assert!(waiting <= 4, "{origin}: {waiting}");
    }
}

#[test]
fn f26_a_request_has_ten_seconds_and_a_length() {
    let (_province, server) = store();
    let address = server.address();
    let host = address.trim_start_matches("http://");
    let (mut still, mut dripping, mut body, mut silent) = (
        TcpStream::connect(host).unwrap(),
        TcpStream::connect(host).unwrap(),
        TcpStream::connect(host).unwrap(),
        TcpStream::connect(host).unwrap(),
    );
    still.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    body.write_all(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcd").unwrap();
    let mut drip = dripping.try_clone().unwrap();
    let began = Instant::now();
    std::thread::spawn(move || {
        while drip.write_all(b"a").is_ok() {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    for client in [&mut still, &mut dripping, &mut body] {
        let mut answer = [0; 13];
        client.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408 ");
    }
    assert!((10..15).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let mut answer = Vec::new();
    silent.read_to_end(&mut answer).unwrap();
    assert!(answer.is_empty(), "a connection opened ahead of need is closed without a word");
    assert_eq!(send(&address, "POST", "/", &[("Transfer-Encoding", "chunked")], b"").status, 411);
    assert_eq!(get(&address, "/", &[("X", "\u{1ea3}")]).status, 400);
    assert_eq!(get(&address, "/", &[("X", &"a".repeat(15 << 10))]).status, 404, "just within the limit");
}

#[test]
fn f26_more_clients_than_the_server_takes_are_sent_away_until_one_has_gone() {
    let (province, server) = store();
    province.0.write("store/packs/big.zst", vec![7; 40 << 20]);
    let address = server.address();
    let host = address.trim_start_matches("http://").to_owned();
    let head = format!("GET /packs/big.zst HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let hold = || {
        let mut client = TcpStream::connect(&host).unwrap();
        client.write_all(head.as_bytes()).unwrap();
        client
    };
    let mut held: Vec<TcpStream> = (0..128).map(|_| hold()).collect();
    let status = || try_get(&address, "/packs/none").map(|reply| reply.status);
    // While one is still read, it gives way to whoever asks: another takes the place.
    wait_for("a refusal", Duration::from_secs(60), || {
        held.push(hold());
        status() == Some(503)
    });
    drop(held);
    wait_for("an answer", Duration::from_secs(60), || status() == Some(404));
}
