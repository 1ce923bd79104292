//! Sources that send a byte now and then: the real player gives each such answer up in time and takes what it needs from another source.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::wait_for;
use crate::memory::read;

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// Serves a store, and below one folder of it a byte each fifth of a second.
fn dripping(store: PathBuf, folder: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let store = store.clone();
            std::thread::spawn(move || answer(stream, &store, folder));
        }
    });
    address
}

fn answer(mut stream: TcpStream, store: &Path, folder: &str) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
    let (status, body) = fs::read(store.join(&path)).map_or(("404 Not Found", Vec::new()), |bytes| ("200 OK", bytes));
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).ok()?;
    if !path.starts_with(folder) {
        return stream.write_all(&body).ok();
    }
    let (_never, pause) = std::sync::mpsc::channel::<()>();
    for byte in body {
        stream.write_all(&[byte]).ok()?;
        let _ = pause.recv_timeout(Duration::from_millis(200));
    }
    Some(())
}

/// Two pages and a film that changes a little.
fn month(seed: u64) -> Month {
    let mut film = noise(1, 600_000);
    film[300_000..300_400].copy_from_slice(&noise(seed, 400));
    let page = |number: u64| (format!("slides/x/{number}@1920x1080/index.html"), noise(seed * 8 + number, 2_000));
    Month::from([page(0), page(1), ("assets/phim.mp4".to_owned(), film)])
}

/// A player whose first source drips below a folder, and how long it takes until the next release is on air.
fn until_on_air(folder: &'static str) -> Duration {
    let mut shop = Shop::new();
    shop.publish(&month(2));
    shop.pull().success();
    if folder == "packs/" {
        shop.publish(&month(3));
    } else {
        shop.publish_bare(&month(3));
    }
    let (slow, good) = (dripping(shop.sandbox.path("store"), folder), shop.sandbox.path("store"));
    shop.configure("", &json!({"listen": "127.0.0.1:0", "poll_seconds": 10, "store": [slow, good]}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    let began = Instant::now();
    let mut looks = 0;
    let mut last = Value::Null;
    wait_for(folder, Duration::from_secs(150), || {
        let health = read(&player, "/health.json");
        looks += usize::from(health["last_look"] != last);
        last.clone_from(&health["last_look"]);
        health["head"] == json!([1, 3])
    });
    let took = began.elapsed();
    assert!(shop.holds(&month(3)), "{folder}");
    // Looks go on meanwhile.
    assert!(looks >= 4, "{folder}: {looks} looks in {took:?}");
    took
}

#[test]
fn h6_f26_a_source_that_drips_objects_or_packs_is_given_up_and_another_taken() {
    std::thread::scope(|scope| {
        let started = ["objects/", "packs/"].map(|folder| (folder, scope.spawn(move || until_on_air(folder))));
        for (folder, player) in started {
            let took = player.join().unwrap();
            println!("{folder}: on air after {:.0} s", took.as_secs_f64());
            // An answer has a minute; not earlier: a byte each fifth of a second is no silence.
            assert!(took > Duration::from_secs(55), "{folder}: {took:?}");
        }
    });
}
