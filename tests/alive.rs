//! A player that works, or that says it does not: the end after a panic, systemd's watchdog, how fresh it says it is at any moment.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bangtin::player::show::health::Health;
use bangtin::trust::freshness::Freshness;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::http::get;
use crate::harness::{Finished, Running, wait_for};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

fn run(shop: &Shop) -> Running {
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

fn status(shop: &Shop, more: &[&str]) -> Finished {
    shop.sandbox.player(&[["--lang", "en", "status", "--config", "player.json"].as_slice(), more].concat())
}

fn health(player: &Running) -> Value {
    serde_json::from_slice(&get(&player.address(), "/health.json", &[]).body).unwrap()
}

/// Eight pages of a month, too many to be fetched one after the other.
fn pages(seed: u64) -> Month {
    (0..8).map(|page| (format!("slides/x/{page}@1920x1080/index.html"), noise(seed * 8 + page, 300))).collect()
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// Sets a time in the health file that an earlier start left: this many days before its last report.
fn age(shop: &Shop, days: i64, time: &str) {
    let path = shop.sandbox.path("data/health.json");
    let mut health: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    // The documents are of the future, so the last report may be too.
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let last = if time == "at" { now } else { health["at"].as_i64().unwrap().max(now) };
    // A minute more: a clock that is not trusted begins at a whole second, a little before the last report.
    health[time] = json!(last - days * DAY - 60_000);
    fs::write(path, health.to_string()).unwrap();
}

#[test]
fn a_panic_in_any_thread_ends_the_process() {
    let mut shop = Shop::new();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 3_600}));
    let stderr = shop.sandbox.path("stderr");
    let mut command = shop.sandbox.command(PLAYER, &["run", "--config", "player.json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(File::create(&stderr).unwrap()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let address = address.trim().trim_end_matches('/').to_owned();
    wait_for("the first head", Duration::from_secs(20), || get(&address, "/health.json", &[]).text().contains("\"head\":[1,1]"));
    // A thread that the system does not give makes the thread that asks for it panic.
    let threads = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<_> = threads.map(|path| (fs::read_to_string(path.join("comm")).unwrap(), path)).collect();
    let (_, pulls) = names.iter().find(|(name, _)| ["fetch\n", "pull\n"].contains(&name.as_str())).unwrap_or_else(|| panic!("{names:?}"));
    let trace = shop.sandbox.path("trace");
    let mut strace = Command::new("strace")
        .args(["-e", "trace=clone,clone3", "-e", "inject=clone,clone3:error=EAGAIN", "-o", trace.to_str().unwrap(), "-p"])
        .arg(pulls.file_name().unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut attached = String::new();
    BufReader::new(strace.stderr.take().unwrap()).read_line(&mut attached).unwrap();
    assert!(attached.contains("attached"), "{attached}");
    shop.publish_bare(&pages(1));
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    let mut code = None;
    wait_for("the end of the process", Duration::from_secs(20), || {
        code = child.try_wait().unwrap().map(|status| status.code());
        code.is_some()
    });
    let _ = strace.wait();
    let said = fs::read_to_string(stderr).unwrap();
    assert!(code == Some(Some(101)) && said.contains("panicked") && said.contains("the player ends"), "{code:?} {said}");
    // What is stored is whole: the next start goes on.
    let again = run(&shop);
    wait_for("the next head", Duration::from_secs(20), || health(&again)["head"] == json!([1, 2]));
}

#[test]
fn f37_the_watchdog_is_fed_while_the_server_answers() {
    let mut shop = Shop::new();
    // More than the buffers between the player and a client take.
    shop.publish_bare(&Month::from([("assets/phim.mp4".to_owned(), noise(1, 8 << 20))]));
    shop.pull().success();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let socket = UnixDatagram::bind(shop.sandbox.path("notify")).unwrap();
    // Longer than the player waits for its own server.
    socket.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let mut command = shop.sandbox.command(PLAYER, &["run", "--config", "player.json"]);
    command.env("NOTIFY_SOCKET", shop.sandbox.path("notify")).env("WATCHDOG_USEC", "600000").stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().trim_end_matches('/').to_owned();
    let fed = || {
        let mut message = [0; 64];
        socket.recv(&mut message).map(|length| String::from_utf8_lossy(&message[..length]).trim().to_owned())
    };
    for _ in 0..5 {
        assert_eq!(fed().unwrap(), "WATCHDOG=1");
    }
    // Clients that ask for it and do not read hold every worker, so that the server answers nobody.
    let host = address.trim_start_matches("http://");
    let film = format!("GET /p/{}/assets/phim.mp4 HTTP/1.1\r\nHost: {host}\r\n\r\n", shop.month());
    let deaf: Vec<TcpStream> = (0..40)
        .map(|_| {
            let mut client = TcpStream::connect(host).unwrap();
            client.write_all(film.as_bytes()).unwrap();
            client
        })
        .collect();
    wait_for("silence", Duration::from_secs(40), || fed().is_err());
    drop(deaf);
    wait_for("food", Duration::from_secs(30), || fed().is_ok());
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn after_a_pull_status_tells_what_was_pulled_and_that_no_player_runs() {
    let shop = Shop::new();
    status(&shop, &[]).code(1).stderr_has("has not run yet; start it with: systemctl start bangtin-player");
    shop.pull().success();
    let fresh = status(&shop, &[]).success().stdout_has("release 1-1").stdout;
    assert!(fresh.contains("\n  No player answers at http://127.0.0.1:") && !fresh.contains("All is well"), "{fresh}");
    age(&shop, 1, "at");
    status(&shop, &[])
        .code(1)
        .stderr_has("the player does not run, or its disk can't be written; run: systemctl restart bangtin-player")
        .stdout_has("release 1-1");
    let stale = status(&shop, &[]).stdout;
    assert!(stale.contains(": no new report since ") && !stale.contains("All is well"), "{stale}");
}

#[test]
fn how_fresh_a_player_is_is_computed_when_somebody_asks() {
    let shop = Shop::new();
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    shop.pull().code(3);
    let state = || serde_json::from_str::<Value>(&status(&shop, &["--json"]).stdout).unwrap()["state"].clone();
    status(&shop, &[]).code(1).stdout_has("The screens show only").stdout_has("Not yet in touch with the store\n");
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    shop.pull().success();
    assert_eq!(state(), "FRESH");
    age(&shop, 2, "last_look");
    assert_eq!(state(), "STALE");
    status(&shop, &[]).success().stdout_has("No complete look at the store for 2 days");
    age(&shop, 31, "last_look");
    assert_eq!(state(), "LOST");
    status(&shop, &[]).success().stdout_has("Out of touch with the store for 31 days");
    // The expiry of the release is another matter.
    shop.pull().success();
    age(&shop, 3, "head_expires");
    assert_eq!(state(), "FRESH");
    status(&shop, &[])
        .success()
        .stdout_has("The release has been overdue for 3 days\n")
        .stdout_has("First compare with a telephone: if it is not ")
        .stdout_has("If the time is right, ask the publisher for a new release");
    // A running player goes on counting from the last look of an earlier start, and shows it to the operator, from the first cycle on.
    age(&shop, 2, "last_look");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    shop.configure(&format!("http://{}", silent.local_addr().unwrap()), &json!({"listen": "127.0.0.1:0"}));
    let player = run(&shop);
    assert_eq!((&health(&player)["state"], &health(&player)["head"]), (&json!("STALE"), &json!([1, 1])));
    let page = get(&player.address(), "/", &[]).text();
    assert!(page.contains("Đã 2 ngày chưa kiểm tra được kho chương trình") && page.contains("for 2 days"), "{page}");
    assert_eq!(state(), "STALE");
    status(&shop, &[]).success().stdout_has("release 1-1").stdout_has("programs ready: 2");
}

/// `tests/long/watchdog` runs it: it takes the five minutes that a request of a look has, and a little more.
#[test]
#[ignore = "takes six minutes"]
fn f37_looks_that_hang_are_not_fed_although_the_server_answers() {
    let shop = Shop::new();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 10}));
    let socket = UnixDatagram::bind(shop.sandbox.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
    let started = format!("export NOTIFY_SOCKET=$PWD/notify WATCHDOG_USEC=600000; exec {PLAYER} run --config player.json");
    let player = shop.sandbox.spawn("sh", &["-c", &started], "http://");
    let fed = || socket.recv(&mut [0; 64]).is_ok();
    wait_for("a look", Duration::from_secs(20), || health(&player)["last_success"] != Value::Null);
    assert!(fed());
    // Whatever the thread of the looks asks the system for takes twenty minutes.
    let threads = fs::read_dir(format!("/proc/{}/task", player.id())).unwrap().map(|entry| entry.unwrap().path());
    let look = threads.into_iter().find(|path| fs::read_to_string(path.join("comm")).is_ok_and(|name| name == "look\n")).unwrap();
    let args = ["-qq", "-o", "/dev/null", "-e", "inject=all:delay_enter=1200000000", "-p", look.file_name().unwrap().to_str().unwrap()];
    let mut strace = shop.sandbox.command("strace", &args).spawn().unwrap();
    let began = std::time::Instant::now();
    wait_for("hunger", Duration::from_secs(400), || !fed());
    let took = began.elapsed();
    println!("not fed {:.0} s after the looks began to hang", took.as_secs_f64());
    assert!(took > Duration::from_secs(280), "a look may take long: {took:?}");
    assert_eq!(get(&player.address(), "/clock", &[]).status, 200);
    strace.kill().unwrap();
    strace.wait().unwrap();
}

#[test]
fn screens_without_a_program_are_never_called_well() {
    let shop = Shop::new();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let player = run(&shop);
    wait_for("the programs", Duration::from_secs(20), || health(&player)["last_success"] != Value::Null);
    let page = get(&player.address(), "/", &[]).text();
    assert!(!page.contains("màn hình chờ"), "{page}");
    status(&shop, &[]).success();
    drop(player);
    // The health file is what a page and `status` tell from.
    let path = shop.sandbox.path("data/health.json");
    let mut told: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    (told["programs"], told["withdrawn"]) =
        (json!([]), json!([["0".repeat(64), {"vi": "đã thu hồi: Tháng 12", "en": "withdrawn: December"}]]));
    told["withdrawals"] = json!(4);
    fs::write(&path, told.to_string()).unwrap();
    let said = status(&shop, &[]).code(1).stdout;
    for text in [
        "The screens show only the built-in card, no program\n",
        "Programs withdrawn: 1; tell the publisher",
        "withdrawals received: 4",
        "withdrawn whole: 1, refused: 0",
        "\n  withdrawn: December (0000",
    ] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(!said.contains("All is well") && !said.contains("UTC"), "{said}");
}

#[test]
fn a_disk_with_less_room_than_the_reserve_and_a_report_that_can_t_be_written_are_told_at_once() {
    let shop = Shop::new();
    shop.pull().success();
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "reserve_bytes": 1_u64 << 52}));
    // Every write of a byte fails.
    let full = "ulimit -f 0; exec \"$0\" run --config player.json";
    let player = shop.sandbox.spawn("sh", &["-c", full, PLAYER], "http://");
    let page = get(&player.address(), "/", &[]).text();
    assert!(page.contains("<h1>Cần xử lý: ổ đĩa không đủ chỗ</h1>") && page.contains("<p>Còn trống "), "{page}");
    assert!(health(&player)["faults"].to_string().contains("health.json can't be written"), "{}", health(&player));
}

#[test]
fn a_player_that_never_looked_counts_from_its_start_if_it_has_something_to_show() {
    let state = |head: Option<[u64; 2]>, hours: i64| {
        let told = json!({
            "site": "ta-lung", "player": "p", "version": "1.0.0", "at": 0, "since": 0, "state": "LOST", "last_look": null, "clock_trusted": true,
            "root": 1, "head": head, "head_expires": null, "head_unverifiable": false, "programs": [], "dropped": [], "pending": [],
            "last_success": null, "last_error": null, "free_bytes": null,
        });
        serde_json::from_value::<Health>(told).unwrap().as_of(hours * 3_600_000).state
    };
    assert_eq!([0, 23, 25, 31 * 24].map(|hours| state(Some([1, 1]), hours)), {
        use Freshness::{Fresh, Lost, Stale};
        [Fresh, Fresh, Stale, Lost]
    });
    assert_eq!(state(None, 0), Freshness::Lost);
    assert_eq!(state(Some([1, 1]), -1), Freshness::Lost, "a start in the future");
}
