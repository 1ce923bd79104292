//! Faults of the network and of what is at its end: portals, flapping lines, changed files, much and large content, several sources.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use super::{converges, failed, health, look_once, look_until, month, read, run, served, settled, shows};
use crate::delta::shop::{Server, Shop};
use crate::harness::http::get;
use crate::harness::{Running, tree, wait_for};
use crate::trust::kit::{kid, made, manifest, sign};

/// Headers of requests by path.
type Asked = Arc<Mutex<Vec<(String, String)>>>;
/// Answers a request with any bytes, or leaves it to the store.
type Trick = dyn Fn(&str, &mut TcpStream) -> bool + Send + Sync;

/// Serves a store with an `ETag` for each file, ranges included; a trick may answer instead.
fn server(store: PathBuf, trick: Arc<Trick>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let log = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (store, trick, log) = (store.clone(), trick.clone(), log.clone());
            std::thread::spawn(move || answer(stream, &store, &trick, &log));
        }
    });
    (address, asked)
}

fn answer(mut stream: TcpStream, store: &Path, trick: &Arc<Trick>, log: &Asked) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let headers: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).map(|line| line.to_lowercase()).collect();
    log.lock().unwrap().push((path.clone(), headers.join("\n")));
    if trick(&path, &mut stream) {
        return Some(());
    }
    let Ok(bytes) = fs::read(store.join(&path)) else { return send(&mut stream, "404 Not Found", "", b"") };
    let tag = format!("\"{}\"", Digest::of(&bytes));
    let value = |name: &str| headers.iter().find_map(|line| line.strip_prefix(name)).map(str::trim);
    if value("if-none-match:") == Some(&tag) {
        return send(&mut stream, "304 Not Modified", "", b"");
    }
    let from = value("range: bytes=").and_then(|range| range.split('-').next()?.parse::<usize>().ok()).filter(|from| *from < bytes.len());
    let (status, range) = match from {
        Some(from) => ("206 Partial Content", format!("Content-Range: bytes {from}-{}/{}\r\n", bytes.len() - 1, bytes.len())),
        None => ("200 OK", String::new()),
    };
    send(&mut stream, status, &format!("ETag: {tag}\r\n{range}"), &bytes[from.unwrap_or(0)..])
}

fn send(stream: &mut TcpStream, status: &str, headers: &str, body: &[u8]) -> Option<()> {
    write!(stream, "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len()).ok()?;
    stream.write_all(body).ok()
}

fn honest(_: &str, _: &mut TcpStream) -> bool {
    false
}

/// The object of some bytes, as it is named in a store.
fn object(shop: &Shop, bytes: &[u8]) -> String {
    shop.place("objects", bytes).strip_prefix(shop.sandbox.path("store")).unwrap().to_str().unwrap().to_owned()
}

#[test]
fn f21_a_part_of_other_bytes_costs_one_more_fetch_from_the_first_byte() {
    let (mut shop, _) = settled();
    let next = month(2, 300_000);
    shop.publish_bare(&next);
    let film = &next["assets/phim.mp4"];
    let (address, asked) = server(shop.sandbox.path("store"), Arc::new(honest));
    // The file was another one when its first part was fetched.
    shop.sandbox.write(&format!("data/store/parts/{}", Digest::of(film)), vec![7; 100_000]);
    shop.configure(&address, &json!({}));
    for _ in 0..2 {
        shop.pull();
    }
    let name = object(&shop, film);
    let asked: Vec<bool> =
        asked.lock().unwrap().iter().filter(|(path, _)| *path == name).map(|(_, headers)| headers.contains("range:")).collect();
    assert_eq!(asked, [true, false], "by a range once, then whole");
    assert!(shop.holds(&next));
    converges(&shop, &json!([1, 3]), &next);
}

#[test]
fn f24_an_object_damaged_here_is_fetched_again_though_nothing_has_changed_there() {
    let (shop, first) = settled();
    let (address, asked) = server(shop.sandbox.path("store"), Arc::new(honest));
    let film = &first["assets/phim.mp4"];
    let name = object(&shop, film);
    for damaged in 0..2 {
        if damaged > 0 {
            shop.sandbox.write(&format!("data/store/{name}"), vec![7; film.len()]);
        }
        let player = run(&shop, &json!([address]));
        shows(&player, &json!([1, 2]), 2);
        let looks = || asked.lock().unwrap().iter().filter(|(path, _)| path.ends_with("latest.json")).count();
        let before = looks();
        look_until(&player, "an idle look", || looks() > before);
        assert_eq!(served(&shop, &player).len(), 2);
    }
    let asked = asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|(path, _)| *path == name).count(), 1);
    assert!(asked.iter().all(|(_, headers)| !headers.contains("if-none-match")), "nothing is asked for with a condition");
}

#[test]
fn f24_a_hint_of_the_same_size_and_time_as_the_one_before_is_seen_at_the_next_look() {
    let (mut shop, _) = settled();
    let hint = shop.sandbox.path("store/sites/quay/latest.json");
    let before = fs::metadata(&hint).unwrap();
    let restore = || fs::File::options().write(true).open(&hint).unwrap().set_modified(before.modified().unwrap()).unwrap();
    // Its ETag is made of the time and the size.
    let nginx = Server::nginx(&shop.sandbox, "");
    let player = run(&shop, &json!([nginx.address]));
    shows(&player, &json!([1, 2]), 2);
    let began = Instant::now();
    look_until(&player, "looks over some seconds", || began.elapsed() > Duration::from_secs(3));
    // As a copy of a store that keeps times.
    shop.publish_bare(&month(2, 30_000));
    restore();
    assert_eq!(fs::metadata(&hint).unwrap().len(), before.len());
    look_once(&player);
    look_until(&player, "the new release", || health(&player)["head"] == json!([1, 3]));
    shop.withdraw(1, &json!({}));
    restore();
    // A report may be of a look that began before.
    look_until(&player, "the withdrawal", || health(&player)["withdrawals"] == 1);
}

#[test]
fn f25_a_portal_in_front_of_everything_stores_nothing_and_is_told() {
    let page = |status: &'static str, header: &'static str| -> Arc<Trick> {
        Arc::new(move |_, stream| {
            let _ = send(stream, status, header, b"<!doctype html><title>Wi-Fi</title>Please log in");
            true
        })
    };
    let long: Arc<Trick> = Arc::new(|_, stream| {
        let _ = send(stream, "200 OK", "Content-Type: text/html\r\n", "<!doctype html><title>Wi-Fi</title>".repeat(5_000).as_bytes());
        true
    });
    let portals = [
        ("a page for everything", page("200 OK", "Content-Type: text/html\r\n")),
        ("a long page", long),
        ("a page called JSON", page("200 OK", "Content-Type: application/json\r\nETag: \"x\"\r\n")),
        ("a redirect", page("302 Found", "Location: http://portal.example/login\r\n")),
        ("a page with an error", page("511 Network Authentication Required", "Content-Type: text/html\r\n")),
    ];
    let (mut shop, first) = settled();
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    for (name, portal) in portals {
        let (address, _) = server(shop.sandbox.path("store"), portal);
        let before = tree(&shop.sandbox.path("data/store"));
        let player = run(&shop, &json!([address]));
        let health = failed(&player);
        assert!(health["last_error"]["en"].as_str().unwrap().contains("latest.json"), "{name}: {health}");
        if name.contains("page") && !name.contains("error") {
            assert!(health["last_error"]["en"].as_str().unwrap().contains("its own login page: check that"), "{name}: {health}");
        }
        assert_eq!((&health["head"], served(&shop, &player).len()), (&json!([1, 2]), 2), "{name}");
        assert_eq!(health["refuses"], false, "{name}");
        assert!(tree(&shop.sandbox.path("data/store")) == before && shop.holds(&first), "{name}");
        let page = get(&player.address(), "/", &[]).text();
        assert!(page.contains("Lỗi gần nhất"), "{name}: {page}");
    }
    converges(&shop, &json!([1, 3]), &next);
}

/// Open files and threads of a process, and its processor time in hundredths of a second.
pub fn used(player: &Running) -> (usize, usize, u64) {
    let process = PathBuf::from(format!("/proc/{}", player.id()));
    let count = |name: &str| fs::read_dir(process.join(name)).unwrap().count();
    let stat = fs::read_to_string(process.join("stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (count("fd"), count("task"), fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap())
}

#[test]
fn f27_a_line_that_comes_and_goes_leaves_nothing_open_and_spins_nowhere() {
    let (mut shop, _) = settled();
    let (turn, steady) = (AtomicUsize::new(0), Arc::new(AtomicBool::new(false)));
    let flaps = steady.clone();
    // Of four connections, one is closed at once, one after half a line, one in the middle of the body; the fourth is good.
    let flapping: Arc<Trick> = Arc::new(move |_, stream| match turn.fetch_add(1, Ordering::SeqCst) % 4 {
        _ if flaps.load(Ordering::SeqCst) => false,
        0 => true,
        1 => stream.write_all(b"HTTP/1.1 20").is_ok(),
        2 => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{").is_ok(),
        _ => false,
    });
    let (address, _) = server(shop.sandbox.path("store"), flapping);
    // A name that can't be found, a port where nobody listens, the line that flaps.
    let player = run(&shop, &json!(["http://no-such-host.invalid", "http://127.0.0.1:1", address]));
    (0..8).for_each(|_| look_once(&player));
    let (files, threads, _) = used(&player);
    (0..20).for_each(|_| look_once(&player));
    let (files_after, threads_after, _) = used(&player);
    assert!(files_after <= files + 4 && threads_after <= threads + 4, "{files} {threads} → {files_after} {threads_after}");
    assert_eq!(served(&shop, &player).len(), 2);
    // Without a request to look it waits: no turn of a loop costs anything.
    let idle = || (used(&player).2, Instant::now());
    let (before, began) = idle();
    wait_for("two seconds", Duration::from_secs(5), || began.elapsed() > Duration::from_secs(2));
    assert!(idle().0 - before < 20, "{} hundredths of a second in two", idle().0 - before);
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    steady.store(true, Ordering::SeqCst);
    look_until(&player, "the release", || health(&player)["head"] == json!([1, 3]));
    drop(player);
    converges(&shop, &json!([1, 3]), &next);
}

/// Most bytes that a process has had in memory.
fn peak(player: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", player.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// `HUGE`: MiB of the film; `SMALL`: number of pages. `tests/long/large` sets both.
#[test]
fn f28_a_huge_file_and_thousands_of_small_ones_take_little_memory() {
    let number = |name: &str, usual| std::env::var(name).map_or(usual, |text| text.parse::<u64>().unwrap());
    let (huge, small) = (number("HUGE", 128) << 20, number("SMALL", 1_000));
    // At 16 MiB and at 50 pages a second.
    let limit = Duration::from_secs(60 + (huge >> 24) + small / 50);
    let shop = Shop::new();
    let office = shop.office();
    // Written by hand: a month whose film is a hole of a file, with many pages.
    let hole = fs::File::create(shop.sandbox.path("hole")).unwrap();
    hole.set_len(huge).unwrap();
    let (film, _) = Digest::of_reader(fs::File::open(shop.sandbox.path("hole")).unwrap()).unwrap();
    let place = |digest: &Digest| format!("store/objects/{}/{digest}", &digest.to_string()[..2]);
    shop.sandbox.write(&place(&film), "");
    fs::rename(shop.sandbox.path("hole"), shop.sandbox.path(&place(&film))).unwrap();
    let mut files = BTreeMap::from([("assets/phim.mp4".to_owned(), (film, huge, "video/mp4"))]);
    for number in 0..small {
        let page = format!("trang {number}");
        let digest = Digest::of(page.as_bytes());
        shop.sandbox.write(&place(&digest), &page);
        files.insert(format!("assets/{number:05}.html"), (digest, page.len() as u64, "text/html"));
    }
    let mut value = manifest("quay", "monthly", 9);
    let listed =
        files.iter().map(|(path, (digest, size, kind))| json!({"path": path, "sha256": digest.to_string(), "size": size, "type": kind}));
    let own = value["files"][0].clone();
    value["files"] = listed.chain([own]).collect();
    let made = made(&value);
    for key in &office.chiefs[..2] {
        let (kid, file) = made.approved(key, &["chief"]);
        let name = format!("store/approvals/{}/{kid}.json", made.digest);
        shop.sandbox.write(&name, &file.statement).write(&format!("{name}.minisig"), &file.signature);
    }
    shop.sandbox.write(&format!("store/programs/{}.json", made.digest), &made.bytes);
    let head: Value = serde_json::from_slice(&fs::read(shop.sandbox.path("store/sites/quay/heads/1-1.json")).unwrap()).unwrap();
    let kids: Vec<String> = office.chiefs[..2].iter().map(kid).collect();
    let head = office.head_value("quay", 2, json!([made.entry(&kids), head["programs"][1]])).to_string();
    let name = "store/sites/quay/heads/1-2.json";
    shop.sandbox.write(&format!("{name}.minisig"), sign(&office.publish, head.as_bytes())).write(name, &head);
    shop.sandbox
        .write("store/sites/quay/latest.json", json!({"epoch": 1, "head": 2, "release": 0, "root": 1, "withdrawals": 0}).to_string());
    let nginx = Server::nginx(&shop.sandbox, "");
    let player = run(&shop, &json!([nginx.address]));
    let began = Instant::now();
    wait_for("the month", limit, || read(&player, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len) == Some(2));
    let (fetched, fetching) = (began.elapsed(), peak(&player));
    drop(player);
    let began = Instant::now();
    let player = run(&shop, &json!(["nowhere"]));
    wait_for("all of it again", limit, || read(&player, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len) == Some(2));
    let (read_through, reading) = (began.elapsed(), peak(&player));
    println!(
        "{} MiB and {small} pages: fetched in {:.0} s with {:.1} MiB of memory, on air again after {:.1} s with {:.1} MiB",
        huge >> 20,
        fetched.as_secs_f64(),
        mib(fetching),
        read_through.as_secs_f64(),
        mib(reading)
    );
    // The list of the files is held, whatever their size: 64 MiB with a thousand.
    let most = (63 << 20) + (small << 10);
    assert!(fetching.max(reading) < most, "{fetching} bytes while fetching, {reading} while reading through");
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[test]
fn f30_of_two_sources_the_higher_release_wins_in_either_order() {
    for sources in [json!(["old", "store"]), json!(["store", "old"])] {
        let (mut shop, first) = settled();
        shop.sandbox.copy(shop.sandbox.path("store"), "old");
        let player = run(&shop, &sources);
        shows(&player, &json!([1, 2]), 2);
        let next = month(2, 30_000);
        shop.publish_bare(&next);
        look_until(&player, "the higher release", || health(&player)["head"] == json!([1, 3]));
        look_once(&player);
        shows(&player, &json!([1, 3]), 2);
        assert!(health(&player)["last_error"].is_null() && shop.holds(&first), "{}", health(&player));
        served(&shop, &player);
    }
}

#[test]
fn f30_a_source_that_lags_takes_nothing_back() {
    let (mut shop, _) = settled();
    shop.sandbox.copy(shop.sandbox.path("store"), "old");
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    let player = run(&shop, &json!(["store", "old"]));
    shows(&player, &json!([1, 3]), 2);
    // The one that is up to date goes away, and comes back.
    fs::rename(shop.sandbox.path("store"), shop.sandbox.path("away")).unwrap();
    (0..3).for_each(|_| look_once(&player));
    assert_eq!(health(&player)["head"], json!([1, 3]));
    fs::rename(shop.sandbox.path("away"), shop.sandbox.path("store")).unwrap();
    look_once(&player);
    shows(&player, &json!([1, 3]), 2);
    served(&shop, &player);
    drop(player);
    converges(&shop, &json!([1, 3]), &next);
}

#[test]
fn f30_a_stick_put_in_during_a_download_waits_its_turn_and_counts() {
    let (mut shop, first) = settled();
    let slow = month(2, 3_000_000);
    shop.publish_bare(&slow);
    let network = Server::nginx(&shop.sandbox, "location /objects/ { limit_rate 100k; }");
    let player = run(&shop, &json!([network.address, "stick"]));
    let parts = || fs::read_dir(shop.sandbox.path("data/store/parts")).into_iter().flatten().flatten();
    wait_for("the download", Duration::from_secs(20), || parts().any(|part| part.metadata().is_ok_and(|meta| meta.len() > 0)));
    let next = month(3, 30_000);
    shop.publish_bare(&next);
    shop.sandbox.copy(shop.sandbox.path("store"), "stick");
    assert!(shop.holds(&first));
    // The network goes away.
    drop(network);
    look_until(&player, "the stick", || health(&player)["head"] == json!([1, 4]));
    assert_eq!(served(&shop, &player).len(), 2);
    drop(player);
    converges(&shop, &json!([1, 4]), &next);
}

#[test]
fn f42_with_nothing_at_all_the_card_stands_and_a_stick_alone_is_enough() {
    let mut shop = Shop::new();
    let first = month(1, 30_000);
    shop.publish_bare(&first);
    shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    let player = run(&shop, &json!(["http://127.0.0.1:1", "stick"]));
    let told = failed(&player);
    assert_eq!((&told["head"], &told["state"], served(&shop, &player).len()), (&Value::Null, &json!("LOST"), 0), "{told}");
    assert_eq!(get(&player.address(), "/screens/a/", &[]).status, 200);
    // The stick is put in while the player runs.
    shop.sandbox.copy(shop.sandbox.path("store"), "stick");
    look_until(&player, "the stick", || health(&player)["head"] == json!([1, 2]));
    shows(&player, &json!([1, 2]), 2);
    assert_eq!(served(&shop, &player).len(), 2);
    let withdrawn = read(&player, "/screens/a/schedule.json")["withdrawn"]["slides"].clone();
    assert_eq!(withdrawn.as_object().map(serde_json::Map::len), Some(1), "what is withdrawn comes with it");
    drop(player);
    // Without the stick it plays on.
    fs::remove_dir_all(shop.sandbox.path("stick")).unwrap();
    assert!(shop.holds(&first));
    let player = run(&shop, &json!(["http://127.0.0.1:1", "stick"]));
    shows(&player, &json!([1, 2]), 2);
}
