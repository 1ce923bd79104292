//! Faults of processes: a second player, a crash, signals in the middle of a download, clients that hold on, errors that repeat.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{PLAYER, converges, failed, health, look, month, read, run, served, settled, shows, signal};
use crate::delta::shop::Server;
use crate::harness::http::get;
use crate::harness::{resident, threads, tree, wait_for};

#[test]
fn f26_a_thousand_clients_that_never_finish_keep_no_slide_from_the_screen() {
    let (shop, first) = settled();
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    let host = player.address().trim_start_matches("http://").to_owned();
    // Half send nothing, half a part of a request.
    let held: Vec<TcpStream> = (0..1_000)
        .map(|number| {
            let mut stream = TcpStream::connect(&host).unwrap();
            if number % 2 == 0 {
                stream.write_all(b"GET /clock HTTP/1.1\r\nHo").unwrap();
            }
            stream
        })
        .collect();
    let began = Instant::now();
    assert_eq!(served(&shop, &player).len(), 2);
    assert_eq!(get(&player.address(), "/screens/a/", &[]).status, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert!(resident(player.id()) < 64 << 20, "{} bytes", resident(player.id()));
    drop(held);
    wait_for("the threads' end", Duration::from_secs(20), || threads(player.id()) < 100);
    assert!(shop.holds(&first));
}

#[test]
fn f29_a_killed_player_leaves_no_lock_behind() {
    let (shop, _) = settled();
    for _ in 0..3 {
        let player = run(&shop, &json!(["nowhere"]));
        shop.pull().code(1).stderr_has("is running on");
        signal(&player, "KILL");
        drop(player);
        let player = run(&shop, &json!(["nowhere"]));
        shows(&player, &json!([1, 2]), 2);
    }
    // A lock file that says anything is only a file.
    shop.sandbox.write("data/lock", "4711");
    shows(&run(&shop, &json!(["nowhere"])), &json!([1, 2]), 2);
}

#[test]
fn f29_where_the_lock_was_removed_a_second_player_is_refused_all_the_same() {
    let (shop, _) = settled();
    let player = run(&shop, &json!(["nowhere"]));
    for _ in 0..2 {
        // The second time the file is one that the refused player has made.
        fs::remove_file(shop.sandbox.path("data/lock")).unwrap();
        shop.pull().code(1).stderr_has("is running on");
        shop.sandbox.player(&["--lang", "en", "run", "--config", "player.json"]).code(1).stderr_has("is running on");
    }
    shows(&player, &json!([1, 2]), 2);
    drop(player);
    shows(&run(&shop, &json!(["nowhere"])), &json!([1, 2]), 2);
}

#[test]
fn f37_a_player_ended_in_the_middle_of_a_download_goes_on_where_it_was() {
    const LENGTH: usize = 2_000_000;
    for name in ["TERM", "KILL"] {
        let (mut shop, first) = settled();
        let next = month(2, LENGTH);
        shop.publish_bare(&next);
        let slow = Server::nginx(&shop.sandbox, "location /objects/ { limit_rate 400k; }");
        shop.configure(&slow.address, &json!({"listen": "127.0.0.1:0"}));
        let mut child = shop.sandbox.command(PLAYER, &["run", "--config", "player.json"]).stdout(Stdio::null()).spawn().unwrap();
        let part = || {
            let parts = fs::read_dir(shop.sandbox.path("data/store/parts")).into_iter().flatten().flatten();
            parts.filter_map(|part| Some(part.metadata().ok()?.len())).max().unwrap_or(0)
        };
        wait_for("some of the film", Duration::from_secs(20), || part() > 300_000);
        let began = Instant::now();
        std::process::Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
        wait_for("the end", Duration::from_secs(5), || child.try_wait().unwrap().is_some());
        assert!(began.elapsed() < Duration::from_secs(5));
        let copied = part();
        assert!(copied > 300_000 && shop.holds(&first), "{name}: {copied}");
        let player = run(&shop, &json!(["nowhere"]));
        assert_eq!(served(&shop, &player).len(), 2, "{name}");
        drop(player);
        let fast = Server::nginx(&shop.sandbox, "");
        shop.configure(&fast.address, &json!({}));
        let fetched = shop.pulled();
        assert!(fetched < LENGTH as u64 - copied + 50_000, "{name}: {fetched} of {LENGTH} after {copied}");
        converges(&shop, &json!([1, 3]), &next);
    }
}

#[test]
fn f37_a_hangup_starts_a_look_and_ends_nothing() {
    let (mut shop, _) = settled();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    look(&player);
    shows(&player, &json!([1, 3]), 2);
    served(&shop, &player);
}

#[test]
fn f38_an_error_that_repeats_is_written_once() {
    let (shop, _) = settled();
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let log = shop.sandbox.path("log");
    let mut command = shop.sandbox.command(PLAYER, &["run", "--config", "player.json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().trim_end_matches('/').to_owned();
    let report = || serde_json::from_slice::<Value>(&get(&address, "/health.json", &[]).body).unwrap();
    wait_for("the reason", Duration::from_secs(20), || report()["last_error"] != Value::Null);
    // A slide that is missing on the disk is asked for at each of its turns, and each look fails.
    let schedule: Value = serde_json::from_slice(&get(&address, "/screens/a/schedule.json", &[]).body).unwrap();
    fs::remove_dir_all(shop.sandbox.path("data/store/objects")).unwrap();
    let pages: Vec<String> = schedule["programs"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|each| {
            let pages = crate::harness::http::timetable(&address, each)["pages"].as_object().unwrap().clone();
            let base = each["base"].as_str().unwrap().to_owned();
            pages.into_iter().map(move |(_, path)| format!("{base}{}", path.as_str().unwrap()))
        })
        .collect();
    for _ in 0..20 {
        pages.iter().for_each(|page| assert_eq!(get(&address, page, &[]).status, 404, "{page}"));
        let before = report()["at"].clone();
        std::process::Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
        wait_for("a look", Duration::from_secs(20), || report()["at"] != before);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let said = fs::read_to_string(&log).unwrap();
    let mut lines: Vec<&str> = said.lines().collect();
    let all = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert!(all == lines.len() && all < 20 && said.contains("is not there"), "{said}");
    assert!(lines.iter().all(|line| line.matches("/nowhere").count() < 2), "no path stands twice in a line: {said}");
    // The journal holds the reason once, too.
    let journal = String::from_utf8(tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect()).unwrap();
    assert_eq!(journal.matches("pull-kept").count(), 1, "{journal}");
    let size = fs::metadata(shop.sandbox.path("data/health.json")).unwrap().len();
    assert!(size < 10_000, "{size}");
}

#[test]
fn f38_a_log_that_takes_nothing_ends_nothing() {
    let (mut shop, _) = settled();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    // Every line that it writes fails: the log's disk is full.
    let player = shop.sandbox.spawn("sh", &["-c", &format!("exec {PLAYER} run --config player.json 2>/dev/full")], "http://");
    shows(&player, &json!([1, 2]), 2);
    fs::rename(shop.sandbox.path("store"), shop.sandbox.path("away")).unwrap();
    look(&player);
    failed(&player);
    assert_eq!(read(&player, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len), Some(2));
    fs::rename(shop.sandbox.path("away"), shop.sandbox.path("store")).unwrap();
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    look(&player);
    shows(&player, &json!([1, 3]), 2);
    assert!(health(&player)["last_error"].is_null());
}

#[test]
fn h3_f38_output_that_nobody_takes_stops_no_start_and_ends_nothing() {
    // A full disk under either output, one that is closed, and a pipe whose reader has gone.
    for outputs in [">/dev/full", ">/dev/full 2>/dev/full", ">&- 2>&-", ">pipe", ">pipe 2>pipe"] {
        let (mut shop, _) = settled();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        shop.configure("store", &json!({"listen": free}));
        // Its own output tells nobody its address.
        let script = format!("echo http://{free}/; mkfifo pipe; exec 3<>pipe; exec {PLAYER} run --config player.json {outputs} 3<&-");
        let player = shop.sandbox.spawn("sh", &["-c", &script], "http://");
        wait_for(outputs, Duration::from_secs(20), || crate::harness::http::try_get(&player.address(), "/clock").is_some());
        shows(&player, &json!([1, 2]), 2);
        fs::rename(shop.sandbox.path("store"), shop.sandbox.path("away")).unwrap();
        look(&player);
        failed(&player);
        fs::rename(shop.sandbox.path("away"), shop.sandbox.path("store")).unwrap();
        let next = month(2, 30_000);
        shop.publish_bare(&next);
        look(&player);
        shows(&player, &json!([1, 3]), 2);
        assert_eq!(served(&shop, &player).len(), 2, "{outputs}");
    }
}
