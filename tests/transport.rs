//! Dishonest sources: endless bodies, redirects, USB sticks with foreign files, changed or pulled out. Always: stored files stay
//! complete, only named files are opened, and a pull from an honest source then succeeds.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::{Finished, tree, wait_for};

/// A month with two pages and a film.
fn month(seed: u64) -> Month {
    let page = |name: &str| (format!("slides/co-so/{name}@1920x1080/index.html"), format!("{name} {seed}").into_bytes());
    Month::from([page("mot"), page("hai"), ("assets/phim.mp4".to_owned(), noise(seed, 200_000))])
}

/// A player that holds head 2, and a newer head 3 in the store, without packs.
fn shop() -> Shop {
    let mut shop = Shop::new();
    shop.publish_bare(&month(1));
    shop.pull().success();
    shop.publish_bare(&month(2));
    shop
}

fn version(shop: &Shop) -> u64 {
    let copies = ["state.a", "state.b"].map(|name| fs::read_to_string(shop.sandbox.path(&format!("data/{name}"))).unwrap_or_default());
    let read = |text: &String| serde_json::from_str::<Value>(text.lines().next()?).ok()?["version"].as_u64();
    copies.iter().filter_map(read).max().unwrap_or(0)
}

fn parts(shop: &Shop) -> Vec<PathBuf> {
    fs::read_dir(shop.sandbox.path("data/store/parts")).map_or(Vec::new(), |all| all.map(|each| each.unwrap().path()).collect())
}

type Behaviour = dyn Fn(&str, &mut TcpStream) -> Option<()> + Send + Sync;

/// Serves a store; the behaviour may answer a request with any bytes instead. Counts requests by path.
fn server(store: PathBuf, behaviour: Arc<Behaviour>) -> (String, Arc<Mutex<BTreeMap<String, u32>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked: Arc<Mutex<BTreeMap<String, u32>>> = Arc::default();
    let log = asked.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (store, behaviour, log) = (store.clone(), behaviour.clone(), log.clone());
            std::thread::spawn(move || answer(stream, &store, &behaviour, &log));
        }
    });
    (address, asked)
}

fn answer(mut stream: TcpStream, store: &Path, behaviour: &Arc<Behaviour>, log: &Mutex<BTreeMap<String, u32>>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    lines.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
    *log.lock().unwrap().entry(path.clone()).or_default() += 1;
    if behaviour(&path, &mut stream).is_some() {
        return Some(());
    }
    let (status, body) = fs::read(store.join(&path)).map_or(("404 Not Found", Vec::new()), |bytes| ("200 OK", bytes));
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).ok()?;
    stream.write_all(&body).ok()
}

#[test]
fn a69_f22_a_body_without_end_is_cut_and_nothing_of_it_stays() {
    // Bytes that buffers on both sides may take beyond those read.
    const SLACK: u64 = 16 << 20;
    // L4: a document that is too long is for the publisher; what may be a page of the network, for whoever sees to that.
    let (network, publisher) = ((3, "the network may answer with its own login page"), (1, "tell the publisher"));
    let cases = [
        ("latest.json", network),
        ("root/2.json", publisher),
        ("heads/1-3.json", publisher),
        ("heads/1-3.json.minisig", (3, "no sites/")),
        ("approvals/", publisher),
        ("programs/", publisher),
        ("objects/", (3, "")),
    ];
    for (kind, (code, told)) in cases {
        let shop = shop();
        let sent = Arc::new(AtomicU64::new(0));
        let (count, store) = (sent.clone(), shop.sandbox.path("store"));
        let behaviour = move |path: &str, stream: &mut TcpStream| {
            if !path.contains(kind) {
                return None;
            }
            let begin = fs::read(store.join(path)).unwrap_or(b"{".to_vec());
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").ok()?;
            stream.write_all(&begin).ok()?;
            count.fetch_add(begin.len() as u64, Ordering::SeqCst);
            while stream.write_all(&vec![b' '; 64 << 10]).is_ok() {
                count.fetch_add(64 << 10, Ordering::SeqCst);
            }
            Some(())
        };
        let (address, _) = server(shop.sandbox.path("store"), Arc::new(behaviour));
        shop.configure(&address, &json!({}));
        let finished = shop.pull();
        assert!(finished.code == code && finished.stderr.contains(told), "{kind}: {finished:?}");
        let status = shop.sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).stdout;
        assert_eq!(status.contains("Call the publisher at once."), code == 1, "{kind}: {status}");
        // Four objects may be in flight at once; the largest document is a manifest.
        assert!(sent.load(Ordering::SeqCst) > 0 && sent.load(Ordering::SeqCst) < 5 * SLACK, "{kind}: {sent:?}");
        assert!(!shop.holds(&month(2)) && shop.holds(&month(1)), "{kind}");
        assert_eq!(parts(&shop), Vec::<PathBuf>::new(), "{kind}");
        shop.configure("store", &json!({}));
        shop.pull().success();
        assert!(shop.holds(&month(2)) && version(&shop) == 3, "{kind}");
    }
}

/// Runs a pull under strace; returns its result and the lines of one kind of system call.
fn traced(shop: &Shop, call: &str) -> (Finished, Vec<String>) {
    let trace = shop.sandbox.path("trace");
    let filter = format!("trace={call}");
    let player = env!("CARGO_BIN_EXE_bangtin-player");
    let args = ["-f", "-qq", "-s", "400", "-e", &filter, "-o", trace.to_str().unwrap(), player, "pull", "--config", "player.json"];
    let finished = shop.sandbox.run("strace", &args);
    let lines = fs::read_to_string(&trace).unwrap();
    (finished, lines.lines().map(str::to_owned).collect())
}

#[test]
fn a71_redirects_lead_nowhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let other = elsewhere.local_addr().unwrap();
    let called = Arc::new(AtomicUsize::new(0));
    let count = called.clone();
    std::thread::spawn(move || elsewhere.incoming().for_each(|_| _ = count.fetch_add(1, Ordering::SeqCst)));
    let shop = shop();
    let places = [
        format!("http://{other}/x"),
        "file:///etc/passwd".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "//169.254.169.254/".to_owned(),
        "ftp://169.254.169.254/x".to_owned(),
        "/sites/quay/latest.json".to_owned(),
        "\u{1}".to_owned(),
    ];
    for (place, kind) in
        places.iter().flat_map(|place| ["latest.json", "root/2.json", "heads/", "objects/"].map(|kind| (place.clone(), kind)))
    {
        let target = place.clone();
        let redirect = move |path: &str, stream: &mut TcpStream| {
            let status = [301, 302, 303, 307, 308][path.len() % 5];
            let head = format!("HTTP/1.1 {status} Moved\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            path.contains(kind).then(|| stream.write_all(head.as_bytes()).ok()).flatten()
        };
        let (address, asked) = server(shop.sandbox.path("store"), Arc::new(redirect));
        shop.configure(&address, &json!({}));
        let (finished, calls) = traced(&shop, "connect");
        assert_eq!(finished.code, 3, "{place} {kind}: {finished:?}");
        let port = address.rsplit(':').next().unwrap();
        let own = format!("sin_port=htons({port}), sin_addr=inet_addr(\"127.0.0.1\")");
        let strange: Vec<_> =
            calls.iter().filter(|line| line.contains("connect(") && line.contains("sin") && !line.contains(&own)).collect();
        assert!(strange.is_empty() && calls.iter().any(|line| line.contains(&own)), "{place} {kind}: {strange:?}");
        // Each of the two rounds of a cycle may request an object once; there is no endless loop.
        assert!(asked.lock().unwrap().values().all(|count| *count <= 2), "{place} {kind}: {asked:?}");
        assert!(!shop.holds(&month(2)) && shop.holds(&month(1)), "{place} {kind}");
    }
    assert_eq!(called.load(Ordering::SeqCst), 0);
}

#[test]
fn a72_f25_a_page_for_everything_is_absence_and_a_badly_signed_root_ends_the_cycle() {
    let shop = shop();
    let store = shop.sandbox.path("store");
    // A host that answers missing files with its front page and status 200.
    let there = store.clone();
    let fallback = move |path: &str, stream: &mut TcpStream| {
        let page = "<!doctype html><title>Cổng thông tin</title>".repeat(5_000);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", page.len());
        (!there.join(path).exists()).then(|| stream.write_all((head + &page).as_bytes()).ok()).flatten()
    };
    let (address, asked) = server(store.clone(), Arc::new(fallback));
    let unsigned = fs::read_to_string(store.join("root/1.json")).unwrap().replace("\"version\":1", "\"version\":2");
    shop.sandbox.write("store/root/2.json", &unsigned);
    shop.configure(&address, &json!({}));
    shop.pull().code(1).stderr_has("root 2");
    assert!(version(&shop) == 2 && shop.holds(&month(1)) && !shop.sandbox.path("data/store/root/2.json").exists());
    fs::remove_file(store.join("root/2.json")).unwrap();
    shop.pull().success().stdout_has("1-3");
    assert!(asked.lock().unwrap()["root/2.json"] >= 2 && shop.holds(&month(2)));
}

/// A USB stick with a copy of the present store.
fn stick(shop: &Shop) -> PathBuf {
    let stick = shop.sandbox.path("stick");
    let _ = fs::remove_dir_all(&stick);
    shop.sandbox.copy(shop.sandbox.path("store"), "stick");
    shop.configure("stick", &json!({}));
    stick
}

/// A sparse file: takes no space and would take very long to read.
fn sparse(path: &Path) {
    File::create(path).unwrap().set_len(60 << 30).unwrap();
}

#[test]
fn a73_a74_of_a_flooded_stick_only_what_is_named_is_opened_and_once() {
    let shop = shop();
    let stick = stick(&shop);
    for n in 0..10_000 {
        let folder = ["", "objects/", "objects/00/", "sites/quay/heads/", "programs/"][n % 5];
        fs::create_dir_all(stick.join(folder)).unwrap();
        File::create(stick.join(folder).join(format!("extra-{n}.json"))).unwrap();
    }
    for name in ["huge.bin", "autorun.inf", "sites/quay/huge.json", "objects/00/huge", "latest.json"] {
        sparse(&stick.join(name));
    }
    symlink("/dev/zero", stick.join("zero")).unwrap();
    symlink("/", stick.join("everything")).unwrap();
    let (finished, calls) = traced(&shop, "openat,open,openat2");
    finished.success();
    assert!(shop.holds(&month(2)) && version(&shop) == 3);
    let mut opened: BTreeMap<String, u32> = BTreeMap::new();
    let root = format!("{}/", stick.display());
    for line in calls.iter().filter(|line| !line.contains(" = -1 ")) {
        let named = line.split('"').nth(1).unwrap_or_default();
        if let Some(name) = named.strip_prefix("stick/").or(named.strip_prefix(&root)).or(named.split("/stick/").nth(1)) {
            *opened.entry(name.to_owned()).or_default() += 1;
        }
    }
    let named = |name: &String| shop.sandbox.path("store").join(name).is_file() && !name.contains("extra") && !name.contains("huge");
    assert!(opened.len() > 8 && opened.keys().all(named), "{opened:?}");
    // Files are not checked first and read again later: the copied bytes are the hashed ones.
    assert!(opened.values().all(|times| *times == 1), "{opened:?}");
    // From here on the stick's content does not matter.
    fs::remove_dir_all(stick.join("objects")).unwrap();
    shop.configure("stick", &json!({"listen": "127.0.0.1:0"}));
    let running = shop.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let answer = crate::harness::http::get(&running.address(), "/screens/a/schedule.json", &[]).text();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let base = answer["programs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|each| crate::harness::http::timetable(&running.address(), each)["kind"] == "monthly")
        .unwrap()["base"]
        .clone();
    for (path, bytes) in month(2) {
        let answer = crate::harness::http::get(&running.address(), &format!("{}{path}", base.as_str().unwrap()), &[]);
        assert!(answer.status == 200 && answer.body == bytes, "{path}");
    }
}

#[test]
fn a73_what_lies_in_place_of_a_named_file_is_no_way_out() {
    type Trick<'a> = Box<dyn Fn(&Path) + 'a>;
    let shop = shop();
    let film = month(2)["assets/phim.mp4"].clone();
    let name = shop.place("objects", &film).strip_prefix(shop.sandbox.path("store")).unwrap().to_owned();
    shop.sandbox.write("outside/film", &film);
    let outside = shop.sandbox.path("outside");
    let tricks: Vec<(&str, Trick<'_>)> = vec![
        ("nothing", Box::new(|at| fs::remove_file(at).unwrap())),
        ("sixty gigabytes", Box::new(sparse)),
        ("a link to the very bytes", Box::new(|at| replace(at, |at| symlink(outside.join("film"), at).unwrap()))),
        ("a link to a device", Box::new(|at| replace(at, |at| symlink("/dev/zero", at).unwrap()))),
        ("a link to itself", Box::new(|at| replace(at, |at| symlink(at, at).unwrap()))),
        ("a folder", Box::new(|at| replace(at, |at| fs::create_dir(at).unwrap()))),
        (
            "a pipe that nobody writes to",
            Box::new(|at| replace(at, |at| assert!(std::process::Command::new("mkfifo").arg(at).status().unwrap().success()))),
        ),
        (
            "a linked folder",
            Box::new(|at| {
                let folder = at.parent().unwrap();
                let moved = outside.join(folder.file_name().unwrap());
                let _ = fs::remove_dir_all(&moved);
                fs::rename(folder, &moved).unwrap();
                symlink(&moved, folder).unwrap();
            }),
        ),
    ];
    for (case, trick) in tricks {
        let stick = stick(&shop);
        trick(&stick.join(&name));
        let finished = shop.pull();
        assert_eq!(finished.code, 3, "{case}: {finished:?}");
        assert!(!shop.holds(&month(2)) && shop.holds(&month(1)), "{case}");
    }
    for linked in ["sites/quay/latest.json", "sites/quay/heads/1-3.json", "sites"] {
        let stick = stick(&shop);
        fs::rename(stick.join(linked), shop.sandbox.path("outside/moved")).unwrap();
        symlink(shop.sandbox.path("outside/moved"), stick.join(linked)).unwrap();
        shop.pull().code(3);
        assert!(!shop.holds(&month(2)), "{linked}");
        let _ = fs::remove_dir_all(shop.sandbox.path("outside/moved"));
        let _ = fs::remove_file(shop.sandbox.path("outside/moved"));
    }
    stick(&shop);
    shop.pull().success();
    assert!(shop.holds(&month(2)));
}

fn replace(at: &Path, with: impl Fn(&Path)) {
    fs::remove_file(at).unwrap();
    with(at);
}

#[test]
fn a73_an_older_head_on_a_stick_changes_nothing() {
    let mut shop = shop();
    let old = stick(&shop);
    shop.publish_bare(&month(3));
    shop.configure("store", &json!({}));
    shop.pull().success().stdout_has("1-4");
    shop.configure(old.to_str().unwrap(), &json!({}));
    shop.pull().code(1).stderr_has("older");
    assert!(version(&shop) == 4 && shop.holds(&month(3)));
}

#[test]
fn a75_f30_a_stick_pulled_out_midway_costs_nothing_of_what_was_copied() {
    const LENGTH: usize = 4_000_000;
    let mut shop = Shop::new();
    shop.publish_bare(&month(1));
    shop.pull().success();
    let film = noise(9, LENGTH);
    let next = Month::from([("assets/phim.mp4".to_owned(), film.clone())]);
    shop.publish_bare(&next);
    let stick = stick(&shop);
    // Slow enough to pull the stick out in the meantime.
    shop.configure("stick", &json!({"bytes_per_second": 1_000_000}));
    let mut child = shop.sandbox.command(env!("CARGO_BIN_EXE_bangtin-player"), &["pull", "--config", "player.json"]).spawn().unwrap();
    let part = shop.sandbox.path("data/store/parts").join(Digest::of(&film).to_string());
    wait_for("some of the film", Duration::from_secs(20), || fs::metadata(&part).is_ok_and(|meta| meta.len() > 300_000));
    // Open files on a removed stick can't be read further.
    let place = shop.place("objects", &film);
    File::options().write(true).open(stick.join(place.strip_prefix(shop.sandbox.path("store")).unwrap())).unwrap().set_len(0).unwrap();
    fs::remove_dir_all(&stick).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let copied = fs::metadata(&part).unwrap().len();
    assert!(copied > 300_000 && copied < LENGTH as u64, "{copied}");
    assert!(shop.holds(&month(1)) && !shop.holds(&next));
    // The stick is still the first source; the rest comes from another one.
    let server = crate::delta::shop::Server::nginx(&shop.sandbox, "");
    shop.configure("stick", &json!({"store": ["stick", server.address]}));
    let fetched = shop.pulled();
    assert!(shop.holds(&next) && version(&shop) == 3);
    assert!(fetched < LENGTH as u64 - copied + 10_000, "{fetched} of {LENGTH} after {copied}");
}

/// A well-formed state with a valid checksum, as an attacker with disk access could write it.
fn forged(shop: &Shop, change: &Value) {
    let text = fs::read_to_string(shop.sandbox.path("data/state.a")).unwrap();
    let mut state: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    state.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let body = state.to_string();
    for name in ["data/state.a", "data/state.b"] {
        shop.sandbox.write(name, format!("{body}\n{}\n", Digest::of(body.as_bytes())));
    }
}

#[test]
fn a76_f05_f10_what_was_written_on_the_disk_of_a_player_that_was_off_is_not_believed() {
    let shop = shop();
    let first = tree(&shop.sandbox.path("data"));
    shop.pull().success().stdout_has("1-3");
    let states = ["state.a", "state.b"];
    // The earlier state is restored: the player continues from it to the newest head.
    for name in states {
        shop.sandbox.write(&format!("data/{name}"), first.get(name).map_or(b"".as_slice(), Vec::as_slice));
    }
    shop.pull().success().stdout_has("1-3");
    let forgeries = [
        json!({"counter": 1_000, "version": 1_000, "floor": 0}),
        json!({"counter": 1_000, "epoch": 9, "version": 1, "root": 7, "withdrawals": 5, "floor": 0}),
        json!({"counter": 0, "epoch": 0, "version": 0, "root": 0, "floor": -5}),
    ];
    for forgery in &forgeries {
        forged(&shop, forgery);
        // Without a source it plays the highest complete head; the floor of its clock comes from the documents.
        shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
        let running = shop.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
        let ask = |path: &str| serde_json::from_str::<Value>(&crate::harness::http::get(&running.address(), path, &[]).text()).unwrap();
        assert_eq!(ask("/screens/a/schedule.json")["programs"].as_array().unwrap().len(), 2, "{forgery}");
        assert!(ask("/clock")["now"].as_i64().unwrap() >= crate::trust::kit::AT.0 * 1_000, "{forgery}");
        drop(running);
        shop.configure("store", &json!({}));
        shop.pull().success().stdout_has("1-3");
    }
    // A different head under the held number, different documents and objects: all are verified at the start and fetched again.
    for kind in ["sites/quay/heads/1-3.json", "programs/", "approvals/", "objects/"] {
        let data = tree(&shop.sandbox.path("data/store"));
        assert!(data.keys().any(|name| name.starts_with(kind)), "{kind}");
        for (name, bytes) in data.iter().filter(|(name, _)| name.starts_with(kind)) {
            let mut bytes = bytes.clone();
            bytes[0] ^= 1;
            shop.sandbox.write(&format!("data/store/{name}"), &bytes);
        }
        shop.pull().success().stdout_has("1-3");
        let after = tree(&shop.sandbox.path("data/store"));
        let newest = |name: &&String| shop.sandbox.path("store").join(name).exists() && !first.contains_key(&format!("store/{name}"));
        assert!(data.keys().filter(newest).all(|name| after.get(name) == data.get(name)), "{kind}");
        assert!(shop.holds(&month(2)), "{kind}");
    }
}
