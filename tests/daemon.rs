//! The running player: its loopback server and what it refuses, durable play records, status and configuration.

use std::fs;
use std::time::Duration;

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::base::digest::Digest;
use bangtin::player::record::memory::JournalMemory;
use serde_json::{Value, json};

use crate::harness::http::{Reply, exchange, get, send};
use crate::harness::{Running, Sandbox, wait_for};
use crate::publish::commands::Province;

struct Player {
    province: Province,
    running: Running,
    address: String,
}

fn player() -> Player {
    let province = Province::published();
    province.0.bangtin(&["keys", "new", "play.key", "--no-password"]).success();
    let config = json!({
        "site": "ta-lung", "player": "ta-lung-1", "store": ["store"], "data": "data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "play_key": "play.key", "reserve_bytes": 0,
    });
    province.0.write("player.json", config.to_string());
    let running = start(&province.0);
    let address = running.address();
    let player = Player { province, running, address };
    wait_for("the first head", Duration::from_secs(20), || get(&player.address, "/health.json", &[]).text().contains("\"head\":[1,1]"));
    player
}

/// The machine's time, in Unix milliseconds.
fn now_ms() -> i64 {
    SystemClock::new().now_ms()
}

fn start(sandbox: &Sandbox) -> Running {
    sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://")
}

impl Player {
    fn schedule(&self) -> Value {
        serde_json::from_slice(&get(&self.address, "/screens/a/schedule.json", &[]).body).unwrap()
    }

    fn play(&self, change: impl FnOnce(&mut Value)) -> String {
        let schedule = self.schedule();
        let program = &schedule["programs"][0];
        let timetable = crate::harness::http::timetable(&self.address, program);
        let slide = timetable["pages"].as_object().unwrap().keys().next().unwrap().clone();
        let mut play = json!({"token": schedule["token"], "screen": "a", "program": program["program"], "slide": slide,
            "start": now_ms() - 90_000, "end": now_ms() - 80_000, "ms": 10_000, "painted": true, "outcome": "shown"});
        change(&mut play);
        play.to_string()
    }

    fn post(&self, origin: &str, body: &str) -> u16 {
        send(&self.address, "POST", "/play", &[("Origin", origin), ("Content-Type", "application/json")], body.as_bytes()).status
    }
}

#[test]
fn a77_only_exact_names_of_this_machine_are_answered() {
    let player = player();
    let port = player.address.rsplit(':').next().unwrap();
    let local = format!("localhost:{port}");
    for host in [&local, &format!("127.0.0.1:{port}"), &format!("[::1]:{port}")] {
        assert_eq!(get(&player.address, "/", &[("Host", host)]).status, 200, "{host}");
    }
    let strangers = ["evil.example", "localhost", "127.0.0.1", "", "localhost.evil", "0.0.0.0", "127.0.0.2", "127.1", "2130706433", "[::]"];
    let with_port = strangers.iter().filter(|host| !["localhost", "127.0.0.1"].contains(host)).map(|host| format!("{host}:{port}"));
    let longer =
        [format!("{local}.evil"), format!("{local}@evil"), format!("evil@{local}"), format!("{local}, evil"), format!("localhost.:{port}")];
    for host in strangers.iter().map(ToString::to_string).chain(with_port).chain(longer) {
        for path in ["/", "/screens/a/", "/clock", "/nothing"] {
            assert_eq!(get(&player.address, path, &[("Host", &host)]).status, 421, "{host} {path}");
        }
    }
    for two in [["evil.example", &local], [&local, "evil.example"], [&local, &local]] {
        assert_eq!(get(&player.address, "/", &[("Host", two[0]), ("Host", two[1])]).status, 421, "{two:?}");
    }
    for version in ["1.1", "1.0"] {
        let answer = exchange(&player.address, format!("GET / HTTP/{version}\r\nConnection: close\r\n\r\n").as_bytes());
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 421"), "no host in {version}: {answer}");
    }
}

#[test]
fn a78_what_pages_of_other_sites_send_is_refused() {
    let player = player();
    let own = player.address.clone();
    let asks = |method: &str, path: &str, headers: &[(&str, &str)]| send(&player.address, method, path, headers, b"").status;
    for site in ["cross-site", "same-site", "odd", ""] {
        assert_eq!(asks("GET", "/", &[("Sec-Fetch-Site", site)]), 403, "{site}");
    }
    assert_eq!(asks("GET", "/", &[("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site")]), 403);
    for site in ["same-origin", "none"] {
        assert_eq!(asks("GET", "/clock", &[("Sec-Fetch-Site", site)]), 200, "{site}");
    }
    // A fetch, a form, a WebSocket of another page: the browser sends only its origin.
    for origin in
        ["http://evil.example", "null", "", "https://127.0.0.1", &own.replace("http:", "https:"), &own.replace("127.0.0.1", "localhost")]
    {
        assert_eq!(asks("GET", "/screens/a/schedule.json", &[("Origin", origin)]), 403, "{origin}");
        assert_eq!(player.post(origin, &player.play(|_| {})), 403, "{origin}");
        let socket = [("Origin", origin), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13")];
        assert_eq!(asks("GET", "/", &socket), 403, "{origin}");
    }
    assert_eq!(asks("GET", "/clock", &[("Origin", &own)]), 200);
    assert_eq!(send(&own, "POST", "/play", &[], player.play(|_| {}).as_bytes()).status, 403, "without an origin");
    assert_eq!(send(&own, "POST", "/play", &[("Origin", &own), ("Origin", &own)], player.play(|_| {}).as_bytes()).status, 403, "two");
    assert_eq!(player.post(&own, &player.play(|play| play["token"] = json!("0".repeat(32)))), 403);
    assert_eq!(player.post(&own, &player.play(|play| play["token"] = json!(""))), 403);
    assert_eq!(player.post(&own, &"x".repeat((16 << 10) + 1)), 413);
    let long = player.play(|_| {});
    assert_eq!(player.post(&own, &format!("{long}{}", " ".repeat((16 << 10) - long.len()))), 200, "just 16 KiB");
    for method in ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"] {
        assert_eq!(asks(method, "/play", &[("Origin", &own)]), 405, "{method}");
    }
    for path in ["/", "/clock", "/play/", "/play?x", "/screens/a/"] {
        assert_eq!(asks("POST", path, &[("Origin", &own)]), 405, "{path}");
    }
    let (page, style) =
        (get(&own, "/screens/a/", &[]), format!("{}theme/theme.css", player.schedule()["programs"][0]["base"].as_str().unwrap()));
    let (slide, missing) = (get(&own, &style, &[]), get(&own, "/none", &[]));
    for answer in [&page, &slide, &missing, &get(&own, "/health.json", &[]), &get(&own, "/", &[("Host", "evil")])] {
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(answer.headers.iter().all(|(name, _)| !name.to_ascii_lowercase().starts_with("access-control-")), "{answer:?}");
    }
    let policy = |answer: &Reply| answer.header("content-security-policy").unwrap().to_owned();
    assert!(policy(&page).starts_with("default-src 'none'; script-src 'self';") && policy(&page).ends_with("frame-ancestors 'none'"));
    assert!(policy(&slide).starts_with("default-src 'none'; script-src 'none';") && policy(&slide).ends_with("frame-ancestors 'self'"));
}

#[test]
fn a79_a_player_listens_on_loopback_only() {
    let player = player();
    let sandbox = &player.province.0;
    let own = fs::read_to_string(sandbox.path("player.json")).unwrap().replace("\"data\":\"data\"", "\"data\":\"other\"");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.7:8377", "10.0.0.1:0", "[fe80::1]:0", "[::ffff:127.0.0.1]:0", "255.255.255.255:0"] {
        sandbox.write("open.json", own.replace("127.0.0.1:0", address));
        for command in ["run", "pull", "status"] {
            sandbox.player(&["--lang", "en", command, "--config", "open.json"]).code(1).stderr_has("loopback");
        }
    }
    for name in ["localhost:0", "*:0", "eth0"] {
        sandbox.write("open.json", own.replace("127.0.0.1:0", name));
        sandbox.player(&["run", "--config", "open.json"]).code(1);
    }
    sandbox.player(&["run", "--config", "player.json", "--listen", "0.0.0.0:0"]).code(2);
    assert!(!sandbox.path("other").exists());
    // The kernel's view of the running player: it listens on loopback only, and on no other kind of socket.
    let process = format!("/proc/{}", player.running.id());
    let sockets: Vec<String> = fs::read_dir(format!("{process}/fd"))
        .unwrap()
        .filter_map(|entry| {
            fs::read_link(entry.unwrap().path()).ok()?.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned)
        })
        .collect();
    let mut listening = 0;
    for table in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"] {
        for line in fs::read_to_string(format!("{process}/net/{table}")).unwrap_or_default().lines().skip(1) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            if sockets.iter().any(|inode| inode == cells[9]) && (cells[3] == "0A" || !table.starts_with("tcp")) {
                assert!(table == "tcp" && cells[1].starts_with("0100007F:"), "{table}: {line}");
                listening += 1;
            }
        }
    }
    assert_eq!(listening, 1);
}

#[test]
fn a80_tricks_with_paths_find_nothing() {
    let player = player();
    let base = player.schedule()["programs"][0]["base"].as_str().unwrap().to_owned();
    let style = format!("{base}theme/theme.css");
    assert_eq!(get(&player.address, &style, &[]).status, 200);
    assert_eq!(get(&player.address, &format!("{style}?x"), &[]).body, get(&player.address, &style, &[]).body, "a query changes nothing");
    let tails = [
        "../x",
        "program.json",
        "theme%2ftheme.css",
        "theme//theme.css",
        "theme/./theme.css",
        "theme/../theme/theme.css",
        "/theme/theme.css",
        "theme\\theme.css",
        "theme/theme.css/",
        "theme/theme.css%00",
        "theme/theme.css;x",
        "theme/theme.css%3fraw",
        "theme/THEME.css",
        "theme",
        "",
    ];
    let others = [
        "/..",
        "/../etc/passwd",
        "//",
        "/p/",
        "/p/../x",
        "/screens/a/../shell.js",
        "/screens/A/",
        "/screens/a/none.js",
        "/player.json",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..;/",
        "/p/../../etc/passwd",
        "//etc/passwd",
        "/screens//",
        "/screens/../",
        "/screens/a",
        "/operator.css/",
        "http://evil.example/",
        "/data/state.a",
        "/state.a",
        "/store/",
        "/objects/",
        "/returns/",
    ];
    let long = format!("/p/{}", "a/".repeat(2_000));
    let paths = tails.iter().map(|tail| format!("{base}{tail}")).chain(others.iter().map(ToString::to_string)).chain([long]);
    for path in paths {
        assert_eq!(get(&player.address, &path, &[]).status, 404, "{path}");
    }
    let host = player.address.trim_start_matches("http://");
    for path in ["/p/\0", "/\0../etc/passwd", "/\u{e9}", "/ /etc/passwd", "*", ""] {
        let answer = exchange(&player.address, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 404") || answer.starts_with("HTTP/1.1 400"), "{path:?}: {answer}");
    }
    assert_eq!(get(&player.address, "/clock", &[]).status, 200);
}

#[test]
fn a_play_is_taken_once_from_the_own_page_and_survives_a_kill() {
    let player = player();
    let good = player.play(|_| {});
    assert_eq!(player.post("http://evil.example", &good), 403);
    assert_eq!(player.post(&player.address, &player.play(|play| play["token"] = json!("0".repeat(32)))), 403);
    assert_eq!(player.post(&player.address, &player.play(|play| play["slide"] = json!("nothing/here"))), 422);
    assert_eq!(player.post(&player.address, &player.play(|play| play["end"] = json!(1))), 422);
    assert_eq!(player.post(&player.address, "{"), 422);
    assert_eq!(player.post(&player.address, &"x".repeat(20_000)), 413);
    assert_eq!(player.post(&player.address, &good), 200);
    assert_eq!(player.post(&player.address, &good), 200);
    let Player { province, running, .. } = player;
    // Dropped, a player is killed as by `kill -9`.
    drop(running);
    let folder = province.0.path("data/returns/ta-lung/ta-lung-1");
    let first = fs::read(folder.join("1.jsonl")).unwrap();
    let journal = lines(&first);
    assert_eq!(plays(&journal), 1, "{journal:?}");
    assert_eq!((&journal[0]["format"], &journal[0]["seq"], &journal[0]["before"]), (&json!("bangtin-returns/1"), &json!(1), &Value::Null));
    // The segment continues on the same day.
    let running = start(&province.0);
    let player = Player { address: running.address(), province, running };
    // A token is valid for one start only.
    assert_eq!(player.post(&player.address, &good), 403);
    let later = player.play(|play| (play["start"], play["end"]) = (json!(now_ms() - 70_000), json!(now_ms() - 60_000)));
    assert_eq!(player.post(&player.address, &later), 200);
    let Player { province, running, .. } = player;
    drop(running);
    let more = fs::read(folder.join("1.jsonl")).unwrap();
    assert!(more.starts_with(&first) && plays(&lines(&more)) == 2 && !folder.join("2.jsonl").exists());
    // Killed in the middle of a line on a past day: whole lines are kept, closed and signed, and the next segment names this one.
    let opened = lines(&more)[0]["opened"].to_string();
    let dated = String::from_utf8(more).unwrap().replacen(&opened, "0", 1);
    province.0.write("data/returns/ta-lung/ta-lung-1/1.jsonl", format!("{dated}{{\"type\":\"pl"));
    // Else the day would be missed.
    let memory = province.0.path("data/journal.json");
    let mut remembered = JournalMemory::load(&memory).unwrap();
    remembered.written = None;
    remembered.save(&memory).unwrap();
    let running = start(&province.0);
    let player = Player { address: running.address(), province, running };
    let last = player.play(|play| (play["start"], play["end"]) = (json!(now_ms() - 50_000), json!(now_ms() - 40_000)));
    assert_eq!(player.post(&player.address, &last), 200);
    let (first, second) = (fs::read(folder.join("1.jsonl")).unwrap(), lines(&fs::read(folder.join("2.jsonl")).unwrap()));
    assert_eq!(first, dated.as_bytes());
    assert_eq!((&second[0]["seq"], &second[0]["before"]), (&json!(2), &json!(Digest::of(&first).to_string())));
    assert!(plays(&second) == 1 && second.iter().any(|line| line["kind"] == "journal-torn"), "{second:?}");
    let sandbox = &player.province.0;
    sandbox
        .run(
            "minisign",
            &[
                "-V",
                "-p",
                "play.key.pub",
                "-m",
                "data/returns/ta-lung/ta-lung-1/1.jsonl",
                "-x",
                "data/returns/ta-lung/ta-lung-1/1.jsonl.minisig",
            ],
        )
        .success();
}

fn lines(journal: &[u8]) -> Vec<Value> {
    assert!(journal.ends_with(b"\n"));
    String::from_utf8_lossy(journal).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn plays(journal: &[Value]) -> usize {
    journal.iter().filter(|line| line["type"] == "play").count()
}

#[test]
fn f27_what_is_stored_plays_without_any_store() {
    let player = player();
    let Player { province, running, .. } = player;
    drop(running);
    fs::remove_dir_all(province.0.path("store")).unwrap();
    let again = start(&province.0);
    let schedule: Value = serde_json::from_slice(&get(&again.address(), "/screens/a/schedule.json", &[]).body).unwrap();
    assert_eq!(schedule["programs"].as_array().map(Vec::len), Some(2));
    wait_for("the reason", Duration::from_secs(20), || get(&again.address(), "/health.json", &[]).text().contains("is not there"));
    let page = get(&again.address(), "/", &[]).text();
    assert!(page.contains("Lỗi gần nhất") && page.contains("/watch/a/"), "{page}");
    // Somebody who looks is no screen: without a token, no play is taken.
    let watched = get(&again.address(), "/watch/a/schedule.json", &[]);
    let (watched, shown) = (serde_json::from_slice::<Value>(&watched.body).unwrap(), &schedule);
    assert_eq!((&watched["token"], watched["mark"]["en"].as_str()), (&Value::Null, Some("View only, not recorded")));
    assert_eq!(watched["programs"], shown["programs"]);
    assert!(shown["token"].is_string() && shown["mark"].is_null());
    assert_eq!(get(&again.address(), "/watch/a/", &[]).body, get(&again.address(), "/screens/a/", &[]).body);
    assert!(
        page.contains("<h2>Màn hình a <span lang=\"en\">Screen a</span></h2>")
            && ["vừa xong", "phút trước"].iter().any(|ago| page.contains(ago)),
        "{page}"
    );
    assert!(page.contains("không thấy ") && page.contains(" is not there"), "both languages: {page}");
    let status = |lang: &str| province.0.player(&["--lang", lang, "status", "--config", "player.json"]).success().stdout;
    assert!(status("vi").contains("Lỗi gần nhất: không thấy ") && !status("vi").contains("is not there"), "{}", status("vi"));
    assert!(status("en").contains(" is not there") && !status("en").contains("không thấy"), "{}", status("en"));
}

#[test]
fn status_tells_in_words_and_configuration_faults_have_a_place() {
    let player = player();
    player.province.0.player(&["--lang", "vi", "status", "--config", "player.json"]).success().stdout_has("bản phát hành 1-1");
    player.province.0.player(&["status", "--json", "--config", "player.json"]).success().stdout_has("\"head\"");
    let sandbox = &player.province.0;
    sandbox.write("bad.json", "{\"site\": \"ta-lung\",\n \"sites\": 1}");
    sandbox.player(&["--lang", "en", "run", "--config", "bad.json"]).code(1).stderr_has("unknown field `sites`").stderr_has("line 2");
    sandbox.player(&["run", "--config", "none.json"]).code(2);
}

#[test]
fn status_says_how_old_a_report_is_and_ends_with_1_once_it_is_older_than_three_looks() {
    let Player { province, running, .. } = player();
    drop(running);
    let path = province.0.path("data/health.json");
    let mut health: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let status = |health: &Value, seconds: i64, lang: &str| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let mut old = health.clone();
        old["at"] = json!((i64::try_from(now).unwrap() - seconds) * 1_000);
        province.0.write("data/health.json", old.to_string());
        province.0.player(&["--lang", lang, "status", "--config", "player.json"])
    };
    health["last_look"] = json!(now_ms() - 10_000);
    health["clock_trusted"] = json!(true);
    let fresh = status(&health, 5, "en").success().stdout;
    assert!(fresh.contains("\n  report of ") && !fresh.contains(" ago"), "{fresh}");
    // A full disk keeps the file as it was: it never says that all is well now.
    assert!(fresh.contains(": All was well at the last report\n") && fresh.contains("because “listen” has port 0"), "{fresh}");
    // A player that was killed, or whose disk is full.
    status(&health, 125, "en").success().stdout_has(", 2 min ago; root 1,");
    status(&health, 125, "vi").success().stdout_has(" (2 phút trước); văn bản");
    status(&health, 185, "en").code(1).stdout_has("no new report since ").stdout_has(", 3 min ago; root 1,");
    // Of a moment that has yet to come: the clock was ahead then. Small steps are corrections.
    status(&health, -30, "en").success();
    status(&health, -3_600, "en").code(1).stdout_has("which has yet to come");
    status(&health, -73 * 365 * 86_400, "vi").code(1).stdout_has("một thời điểm chưa đến");
    status(&health, 3 * 86_400, "vi").code(1).stdout_has(" (3 ngày trước); văn bản");
    // A clock that was not trusted is behind: the documents date the report.
    health["clock_trusted"] = json!(false);
    status(&health, -3_600, "en").success();
    status(&health, 185, "en").code(1);
}

#[test]
fn status_asks_the_player_that_runs_and_reads_the_file_only_if_none_answers() {
    let Player { province, running, .. } = player();
    drop(running);
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut config: Value = serde_json::from_str(&fs::read_to_string(province.0.path("player.json")).unwrap()).unwrap();
    config["listen"] = json!(format!("127.0.0.1:{port}"));
    province.0.write("player.json", config.to_string());
    let running = start(&province.0);
    // A file that a full disk keeps as it was, or that is not there.
    let status = || province.0.player(&["--lang", "en", "status", "--config", "player.json"]);
    wait_for("a look", Duration::from_secs(20), || get(&running.address(), "/health.json", &[]).text().contains("\"last_success\":1"));
    let old = fs::read_to_string(province.0.path("data/health.json")).unwrap();
    let mut wrong: Value = serde_json::from_str(&old).unwrap();
    (wrong["withdrawals"], wrong["at"]) = (json!(77), json!(0));
    province.0.write("data/health.json", wrong.to_string());
    status().success().stdout_has("withdrawals received: 0");
    province.0.player(&["status", "--json", "--config", "player.json"]).success().stdout_has("\"withdrawals\": 0");
    // Another player that has the address says nothing of this one.
    config["player"] = json!("ta-lung-2");
    province.0.write("player.json", config.to_string());
    status().code(1).stdout_has("withdrawals received: 77");
    drop(running);
    config["player"] = json!("ta-lung-1");
    province.0.write("player.json", config.to_string());
    status().code(1).stdout_has("no new report since ").stdout_has("withdrawals received: 77");
}

#[test]
fn f26_many_connections_at_once_are_all_answered() {
    let player = player();
    let host = player.address.trim_start_matches("http://").to_owned();
    // A browser opens several connections at once and in advance; none may wait for another to close.
    for _ in 0..20 {
        let silent: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(&host).unwrap()).collect();
        let asked: Vec<_> = (0..12)
            .map(|_| {
                let address = player.address.clone();
                std::thread::spawn(move || kept_open(&address))
            })
            .collect();
        for one in asked {
            assert_eq!(one.join().unwrap(), "HTTP/1.1 200");
        }
        drop(silent);
    }
}

/// Sends a request as a browser does; keeps the connection open unless the answer closes it. Returns the start of the answer.
fn kept_open(address: &str) -> String {
    use std::io::{Read as _, Write as _};
    let host = address.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET /clock HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut answer = [0; 4_096];
    let size = stream.read(&mut answer).unwrap();
    let text = String::from_utf8_lossy(&answer[..size]).into_owned();
    if !text.contains("Connection: close") {
        std::mem::forget(stream);
    }
    text[..12].to_owned()
}

#[test]
fn f19_the_health_after_a_start_is_that_of_what_is_stored_before_any_source_answers() {
    let Player { province, running, .. } = player();
    drop(running);
    // The kernel takes the connection, and nobody ever answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config: Value = serde_json::from_str(&fs::read_to_string(province.0.path("player.json")).unwrap()).unwrap();
    config["store"] = json!([format!("http://{}", silent.local_addr().unwrap())]);
    province.0.write("player.json", config.to_string());
    let running = start(&province.0);
    let health: Value = serde_json::from_slice(&get(&running.address(), "/health.json", &[]).body).unwrap();
    assert_eq!((&health["state"], &health["head"], &health["root"]), (&json!("FRESH"), &json!([1, 1]), &json!(1)), "{health}");
    assert_eq!((health["programs"].as_array().map(Vec::len), &health["last_success"]), (Some(2), &Value::Null), "{health}");
}
