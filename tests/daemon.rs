//! The running player: its loopback server and what it refuses, plays that are durable, status and configuration.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::http::{get, send};
use crate::harness::{Running, Sandbox, wait_for};
use crate::publish::commands::Province;

struct Player {
    province: Province,
    running: Running,
    address: String,
}

fn player() -> Player {
    let province = Province::new();
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
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
        let slide = program["manifest"]["slides"].as_object().unwrap().keys().next().unwrap().clone();
        let mut play = json!({"token": schedule["token"], "screen": "a", "program": program["program"], "slide": slide,
            "start": 1_796_085_000_000_i64, "end": 1_796_085_010_000_i64, "ms": 10_000, "painted": true, "outcome": "shown"});
        change(&mut play);
        play.to_string()
    }

    fn post(&self, origin: &str, body: &str) -> u16 {
        send(&self.address, "POST", "/play", &[("Origin", origin), ("Content-Type", "application/json")], body.as_bytes()).status
    }
}

#[test]
fn a77_a78_a80_only_this_machine_and_only_what_is_on_air() {
    let player = player();
    let port = player.address.rsplit(':').next().unwrap();
    let local = format!("localhost:{port}");
    assert_eq!(get(&player.address, "/", &[("Host", &local)]).status, 200);
    for host in ["evil.example", &format!("evil.example:{port}"), &format!("localhost.evil:{port}"), "localhost"] {
        assert_eq!(get(&player.address, "/", &[("Host", host)]).status, 421, "{host}");
    }
    assert_eq!(get(&player.address, "/", &[("Host", &local), ("Host", "evil.example")]).status, 421);
    for site in ["cross-site", "same-site"] {
        assert_eq!(get(&player.address, "/", &[("Sec-Fetch-Site", site)]).status, 403);
    }
    let schedule = player.schedule();
    let base = schedule["programs"][0]["base"].as_str().unwrap().to_owned();
    for path in [
        "/..",
        "/../etc/passwd",
        "//",
        "/p/",
        "/p/../x",
        &format!("{base}../x"),
        &format!("{base}program.json"),
        &format!("{base}theme%2ftheme.css"),
        &format!("{base}theme//theme.css"),
        "/screens/a/../shell.js",
        "/screens/A/",
        "/screens/a/none.js",
        "/player.json",
    ] {
        assert_eq!(get(&player.address, path, &[]).status, 404, "{path}");
    }
    let page = get(&player.address, "/screens/a/", &[]);
    assert!(page.header("content-security-policy").unwrap().contains("script-src 'self'"));
    assert_eq!(page.header("access-control-allow-origin"), None);
    let style = get(&player.address, &format!("{base}theme/theme.css"), &[]);
    assert_eq!((style.status, style.header("x-content-type-options")), (200, Some("nosniff")));
    assert!(style.header("content-security-policy").unwrap().contains("script-src 'none'"));
    assert_eq!(style.header("cross-origin-resource-policy"), Some("same-origin"));
    assert_eq!(send(&player.address, "DELETE", "/play", &[], b"").status, 405);
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
    let journal = player.province.0.path("data/returns/ta-lung/ta-lung-1/1.jsonl");
    let Player { province, running, .. } = player;
    drop(running);
    let lines = fs::read_to_string(&journal).unwrap();
    assert_eq!(lines.lines().filter(|line| line.contains("\"type\":\"play\"")).count(), 1, "{lines}");
    let heading: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&heading["format"], &heading["seq"], &heading["before"]), (&json!("bangtin-returns/1"), &json!(1), &Value::Null));
    let again = start(&province.0);
    let shown = get(&again.address(), "/health.json", &[]).text();
    assert!(shown.contains("\"site\":\"ta-lung\""));
}

#[test]
fn what_is_stored_plays_without_any_store() {
    let player = player();
    let Player { province, running, .. } = player;
    drop(running);
    fs::remove_dir_all(province.0.path("store")).unwrap();
    let again = start(&province.0);
    let schedule: Value = serde_json::from_slice(&get(&again.address(), "/screens/a/schedule.json", &[]).body).unwrap();
    assert_eq!(schedule["programs"].as_array().map(Vec::len), Some(2));
    wait_for("the reason", Duration::from_secs(20), || get(&again.address(), "/health.json", &[]).text().contains("is not there"));
    let page = get(&again.address(), "/", &[]).text();
    assert!(page.contains("Lỗi gần nhất") && page.contains("/screens/a/"), "{page}");
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
    let open = fs::read_to_string(sandbox.path("player.json"))
        .unwrap()
        .replace("127.0.0.1:0", "0.0.0.0:0")
        .replace("\"data\":\"data\"", "\"data\":\"other\"");
    sandbox.write("open.json", open);
    sandbox.player(&["--lang", "en", "run", "--config", "open.json"]).code(1).stderr_has("loopback");
}

#[test]
fn many_connections_at_once_are_all_answered() {
    let player = player();
    let host = player.address.trim_start_matches("http://").to_owned();
    // A browser opens connections in advance and several at once; none may wait for another to be closed.
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

/// Asks as a browser does, leaving the connection open unless the answer says that it will be closed. Gives the start of the answer.
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
