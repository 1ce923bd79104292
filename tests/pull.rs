//! The player's pull from a folder, `bangtin serve` and a stock nginx; and what it refuses, keeping the old program.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Finished, Sandbox, tree, wait_for};
use crate::publish::commands::Province;

/// A published province, and the configuration of a player that pulls from `store`.
fn configure(sandbox: &Sandbox, site: &str, store: &str) {
    let config = json!({
        "site": site, "player": "ta-lung-1", "store": [store], "data": "player/data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "poll_seconds": 10, "reserve_bytes": 0,
    });
    sandbox.write("player.json", config.to_string());
}

fn pull(sandbox: &Sandbox) -> Finished {
    sandbox.player(&["--lang", "en", "pull", "--config", "player.json"])
}

fn objects(sandbox: &Sandbox) -> usize {
    tree(&sandbox.path("player/data/store")).keys().filter(|name| name.starts_with("objects/")).count()
}

fn state(sandbox: &Sandbox) -> Value {
    let copies = ["state.a", "state.b"].map(|name| fs::read_to_string(sandbox.path(&format!("player/data/{name}"))).unwrap_or_default());
    let read = |text: &String| text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    copies.iter().filter_map(read).max_by_key(|state| state["counter"].as_u64()).unwrap_or_default()
}

#[test]
fn first_boot_from_a_folder_then_nothing_new() {
    let province = Province::published();
    configure(&province.0, "ta-lung", "store");
    pull(&province.0).success().stdout_has("1-1");
    assert_eq!(state(&province.0)["version"], 1);
    let listed = tree(&province.0.path("store")).keys().filter(|name| name.starts_with("objects/")).count();
    assert_eq!(objects(&province.0), listed);
    pull(&province.0).success().stdout_has("release 1-1: 0 bytes fetched");
}

#[test]
fn a37_a38_a68_changed_bytes_are_never_adopted_and_the_old_head_stays() {
    let province = Province::published();
    let sandbox = &province.0;
    configure(sandbox, "ta-lung", "copy");
    // Without packs, which contain the same files again and have their own tests.
    fs::remove_dir_all(sandbox.path("store/packs")).unwrap();
    let whole = tree(&sandbox.path("store"));
    let head: Value = serde_json::from_slice(&whole["sites/ta-lung/heads/1-1.json"]).unwrap();
    let month =
        head["programs"].as_array().unwrap().iter().find(|each| each["kind"] == "monthly").unwrap()["program"].as_str().unwrap().to_owned();
    for (name, bytes) in &whole {
        // A player that holds root 1 does not read the store's copy.
        if name.starts_with("root/") || name.starts_with("blocks/") {
            continue;
        }
        let _ = fs::remove_dir_all(sandbox.path("copy"));
        let _ = fs::remove_dir_all(sandbox.path("player"));
        for (name, bytes) in &whole {
            sandbox.write(&format!("copy/{name}"), bytes);
        }
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        sandbox.write(&format!("copy/{name}"), &changed);
        let finished = pull(sandbox);
        assert!([1, 3].contains(&finished.code), "{name}: {finished:?}");
        if name.contains(&month) {
            // It is dropped, and the evergreen program is what there is to show.
            let health: Value = serde_json::from_slice(&fs::read(sandbox.path("player/data/health.json")).unwrap()).unwrap();
            assert_eq!((health["dropped"].as_array().map(Vec::len), &health["dropped"][0][0]), (Some(1), &json!(month)), "{name}");
        } else {
            // A start writes its state; no release is in it.
            let state = state(sandbox);
            assert_eq!((&state["epoch"], &state["version"]), (&json!(0), &json!(0)), "{name}");
        }
    }
}

#[test]
fn a26_a30_a40_a73_another_site_an_older_head_or_a_missing_file_change_nothing() {
    let province = Province::published();
    let sandbox = &province.0;
    configure(sandbox, "ta-lung", "store");
    pull(sandbox).success();
    let first = tree(&sandbox.path("store"));
    let other = fs::read(sandbox.path("store/sites/ta-lung/heads/1-1.json")).unwrap();
    sandbox.write("foreign/sites/trung-khanh/heads/1-1.json", &other);
    sandbox.write("foreign/sites/trung-khanh/heads/1-1.json.minisig", &first["sites/ta-lung/heads/1-1.json.minisig"]);
    sandbox.write("foreign/sites/trung-khanh/latest.json", &first["sites/ta-lung/latest.json"]);
    let data = sandbox.path("player/data");
    fs::rename(&data, sandbox.path("player/kept")).unwrap();
    configure(sandbox, "trung-khanh", "foreign");
    pull(sandbox).code(1).stderr_has("not for trung-khanh");
    fs::remove_dir_all(&data).unwrap();
    fs::rename(sandbox.path("player/kept"), &data).unwrap();
    configure(sandbox, "ta-lung", "nowhere");
    pull(sandbox).code(3).stderr_has("is not there");
    assert_eq!(state(sandbox)["version"], 1);
}

#[test]
fn a76_f05_f10_damage_on_disk_is_found_and_repaired() {
    let province = Province::published();
    let sandbox = &province.0;
    configure(sandbox, "ta-lung", "store");
    pull(sandbox).success();
    let name = tree(&sandbox.path("player/data/store")).into_keys().find(|name| name.starts_with("objects/")).unwrap();
    let path = format!("player/data/store/{name}");
    let mut bytes = fs::read(sandbox.path(&path)).unwrap();
    bytes[0] ^= 1;
    sandbox.write(&path, &bytes);
    sandbox.write("player/data/state.a", b"torn").write("player/data/state.b", b"");
    let again = pull(sandbox).success();
    assert!(!again.stdout.contains(": 0 bytes"), "{again:?}");
    let line = format!("object {}: damaged or cut short, removed", name.rsplit('/').next().unwrap());
    assert_eq!(again.stderr.matches(&line).count(), 1, "{again:?}");
    assert_ne!(fs::read(sandbox.path(&path)).unwrap(), bytes);
    assert!(sandbox.path("player/data/state.a.unreadable").exists());
}

#[test]
fn f10_f11_damaged_documents_are_fetched_again_under_the_same_head() {
    let province = Province::published();
    let sandbox = &province.0;
    configure(sandbox, "ta-lung", "store");
    pull(sandbox).success();
    let whole = tree(&sandbox.path("player/data/store"));
    let documents: Vec<_> = whole.iter().filter(|(name, _)| name.starts_with("programs/") || name.starts_with("approvals/")).collect();
    assert!(documents.len() > 4, "{:?}", whole.keys());
    for (name, bytes) in documents {
        sandbox.write(&format!("player/data/store/{name}"), &bytes[..bytes.len() / 2]);
        pull(sandbox).success();
        assert!(tree(&sandbox.path("player/data/store")) == whole, "{name}");
    }
}

#[test]
fn f19_f27_a_dead_source_costs_nothing_of_what_is_held() {
    let province = Province::published();
    let sandbox = &province.0;
    let store = tree(&sandbox.path("store"));
    let object = |name: &String| name.starts_with("objects/");
    let (wanted, held) = store.iter().find(|(name, bytes)| object(name) && bytes.len() > 1).unwrap();
    // All objects but one are present, so only this one is requested, from a source that does not answer.
    for (name, bytes) in store.iter().filter(|(name, _)| *name != wanted) {
        sandbox.write(&format!("{}/{name}", if object(name) { "player/data/store" } else { "copy" }), bytes);
    }
    configure(sandbox, "ta-lung", "copy");
    let config = fs::read_to_string(sandbox.path("player.json")).unwrap();
    sandbox.write("player.json", config.replace("[\"copy\"]", "[\"copy\",\"http://127.0.0.1:1\"]"));
    let part = format!("player/data/store/parts/{}", wanted.rsplit('/').next().unwrap());
    sandbox.write(&part, &held[..1]);
    pull(sandbox).code(3);
    assert_eq!(fs::read(sandbox.path(&part)).unwrap(), held[..1]);
}

#[test]
fn f30_a_lying_mirror_does_not_hide_what_another_has() {
    let province = Province::published();
    let sandbox = &province.0;
    for (name, bytes) in tree(&sandbox.path("store")) {
        sandbox.write(&format!("copy/{name}"), bytes);
    }
    configure(sandbox, "ta-lung", "copy");
    sandbox.write("copy/root/2.json", "{}");
    pull(sandbox).code(1).stderr_has("root 2");
    let config = fs::read_to_string(sandbox.path("player.json")).unwrap();
    sandbox.write("player.json", config.replace("[\"copy\"]", "[\"copy\",\"store\"]"));
    pull(sandbox).success();
}

#[test]
fn a72_a_long_fallback_page_counts_as_absent() {
    let province = Province::published();
    let sandbox = &province.0;
    sandbox.write("store/root/2.json", "<!doctype html>".to_owned() + &" ".repeat(100_000));
    configure(sandbox, "ta-lung", "store");
    pull(sandbox).success().stdout_has("1-1");
}

#[test]
fn f37_a_player_ends_at_once_while_a_source_is_silent() {
    let province = Province::published();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    configure(&province.0, "ta-lung", &format!("http://{}", listener.local_addr().unwrap()));
    let mut child = province.0.command(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"]).spawn().unwrap();
    let _silent = listener.accept().unwrap();
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    wait_for("the end", Duration::from_secs(5), || child.try_wait().unwrap().is_some());
}

#[test]
fn f29_a_second_player_on_the_same_data_is_refused() {
    let province = Province::published();
    configure(&province.0, "ta-lung", "store");
    let _running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    pull(&province.0).code(1).stderr_has("; to have it update now, run: systemctl reload bangtin-player");
}

/// A stock nginx in the foreground on its own port; killed when dropped.
struct Nginx(Child);

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn nginx(sandbox: &Sandbox) -> (Nginx, String) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = sandbox.path("");
    let folder = folder.to_str().unwrap();
    sandbox.write("nginx/nginx.conf", format!(
        "daemon off; master_process off; pid {folder}/nginx/pid; error_log {folder}/nginx/error.log;\nevents {{}}\nhttp {{ access_log off; \
         client_body_temp_path {folder}/nginx/b; proxy_temp_path {folder}/nginx/p; fastcgi_temp_path {folder}/nginx/f; uwsgi_temp_path {folder}/nginx/u; \
         scgi_temp_path {folder}/nginx/s; server {{ listen 127.0.0.1:{port}; root {folder}/store; }} }}\n"
    ));
    let config = format!("{folder}/nginx/nginx.conf");
    let child = Command::new("nginx").args(["-p", folder, "-c", &config, "-e", "stderr"]).spawn().expect("nginx");
    wait_for("nginx", Duration::from_secs(10), || TcpStream::connect(("127.0.0.1", port)).is_ok());
    (Nginx(child), format!("http://127.0.0.1:{port}"))
}

#[test]
fn a_stock_nginx_serves_the_store() {
    let province = Province::published();
    let (_nginx, address) = nginx(&province.0);
    configure(&province.0, "ta-lung", &address);
    pull(&province.0).success().stdout_has("1-1");
}

/// Traffic between a player and a server.
#[derive(Default)]
struct Talk {
    /// Bytes in both directions.
    bytes: AtomicU64,
    /// Connections that the player keeps open.
    open: AtomicU64,
}

/// Relays bytes between a player and a server, and counts them.
fn counting(target: String) -> (String, Arc<Talk>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let talk = Arc::new(Talk::default());
    let shared = talk.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            shared.open.fetch_add(1, Ordering::SeqCst);
            let server = TcpStream::connect(target.trim_start_matches("http://")).unwrap();
            let asks = (client.try_clone().unwrap(), server.try_clone().unwrap(), 1);
            for (mut from, mut to, ends) in [asks, (server, client, 0)] {
                let shared = shared.clone();
                std::thread::spawn(move || {
                    let mut buffer = [0; 4_096];
                    while let Ok(size @ 1..) = from.read(&mut buffer) {
                        shared.bytes.fetch_add(size as u64, Ordering::SeqCst);
                        if to.write_all(&buffer[..size]).is_err() {
                            break;
                        }
                    }
                    let _ = to.shutdown(std::net::Shutdown::Write);
                    shared.open.fetch_sub(ends, Ordering::SeqCst);
                });
            }
        }
    });
    (address, talk)
}

#[test]
fn an_idle_look_costs_under_a_kilobyte() {
    let province = Province::published();
    let (_nginx, address) = nginx(&province.0);
    let (address, talk) = counting(address);
    let count = || talk.bytes.load(Ordering::SeqCst);
    configure(&province.0, "ta-lung", &address);
    let player = province.0.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let health = || crate::harness::http::get(&player.address(), "/health.json", &[]).text();
    wait_for("the first head", Duration::from_secs(20), || health().contains("\"head\":[1,1]"));
    // The health file is written at the end of the first cycle; from here on the next one is counted.
    let before = count();
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
    wait_for("an idle look", Duration::from_secs(20), || count() > before + 200);
    let written = |health: &str| serde_json::from_str::<Value>(health).unwrap()["at"].as_i64();
    let first = written(&health());
    wait_for("its end", Duration::from_secs(20), || {
        let now = written(&health());
        now > first || count() > before + 200
    });
    let cost = count() - before;
    assert!(cost < 1_000, "{cost} bytes for an idle look");
    // A server of ten thousand players can't keep a connection open for each between cycles.
    wait_for("the connections' end", Duration::from_secs(20), || talk.open.load(Ordering::SeqCst) == 0);
}
