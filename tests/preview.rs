//! `bangtin preview`: what it serves, what it refuses, and that a saved fault stands in place of its slide and goes when mended.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::harness::{Running, Sandbox, wait_for};

fn start(sandbox: &Sandbox) -> Running {
    sandbox.copy("content", "content").copy("themes", "themes");
    sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "127.0.0.1:0"], "http://")
}

/// Status line, headers and body of one request, sent exactly as given.
fn ask(running: &Running, head: &str) -> String {
    let address = running.address();
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{}\r\nConnection: close\r\n\r\n", head.replace("HOST", host)).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(running: &Running, path: &str) -> String {
    ask(running, &format!("GET {path} HTTP/1.1\r\nHost: HOST"))
}

#[test]
fn only_compiled_output_is_served_and_only_to_this_machine() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    assert!(get(&running, "/").contains("Bảng Tin"));
    assert!(get(&running, "/view/ta-lung/2026-12/a/").contains("bangtin-preview"));
    let paths = [
        "/bangtin.yaml",
        "/content/bangtin.yaml",
        "/.git/config",
        "/p/1/../bangtin.yaml",
        "/p/1/slides/du-lich/ban-gioc.md",
        "/p/1/%2e%2e/bangtin.yaml",
        "//etc/passwd",
        "/view/../a/b/shell.js",
        "/view/ta-lung/2026-12/nowhere/schedule.json",
    ];
    for path in paths {
        assert!(get(&running, path).starts_with("HTTP/1.1 404"), "{path}");
    }
    for host in ["evil.example", "localhost.evil", ""] {
        let answer = ask(&running, &format!("GET / HTTP/1.1\r\nHost: {host}"));
        assert!(answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.1 400"), "{host}: {answer}");
    }
    assert!(ask(&running, "POST /clock HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0").starts_with("HTTP/1.1 405"));
}

#[test]
fn another_address_asks_for_the_printed_token() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let running = sandbox.spawn(env!("CARGO_BIN_EXE_bangtin"), &["preview", "--listen", "0.0.0.0:0"], "?token=");
    let at = running.output.find("?token=").unwrap() + "?token=".len();
    let token = &running.output[at..at + 32];
    assert!(get(&running, "/").starts_with("HTTP/1.1 403"));
    assert!(get(&running, "/?token=00000000000000000000000000000000").starts_with("HTTP/1.1 403"));
    let welcome = get(&running, &format!("/?token={token}"));
    assert!(welcome.starts_with("HTTP/1.1 303") && welcome.contains("HttpOnly; SameSite=Strict"), "{welcome}");
    let held = ask(&running, &format!("GET /state.json HTTP/1.1\r\nHost: HOST\r\nCookie: bangtin-preview={token}"));
    assert!(held.starts_with("HTTP/1.1 200"), "{held}");
}

#[test]
fn a_saved_fault_stands_in_place_of_its_slide_and_goes_when_mended() {
    let sandbox = Sandbox::new();
    let running = start(&sandbox);
    let file = "content/slides/du-lich/ban-gioc.md";
    let page = "/p/0/slides/du-lich/ban-gioc@640x320.html";
    let whole = std::fs::read_to_string(sandbox.path(file)).unwrap();
    assert!(get(&running, page).starts_with("HTTP/1.1 200"));
    let limit = Duration::from_secs(20);
    sandbox.write(file, whole.replacen("layout:", "layuot:", 1));
    wait_for("the fault", limit, || get(&running, page).contains("layuot"));
    assert!(get(&running, "/state.json").contains("layuot"));
    sandbox.write(file, &whole);
    wait_for("the mended slide", limit, || !get(&running, page).contains("layuot"));
}
