//! What a player was told stays with it: withdrawals, roots and heads outlive a damaged file, a source that hides them and a full disk.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::base::digest::Digest;
use bangtin::trust::hint::Hint;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};
use crate::harness::http::{get, send};
use crate::harness::{Running, tree, wait_for};
use crate::trust::kit::{common, kid, sign, with};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// A month of three slides, in two sources: `store`, and `hiding`, which will not get the news.
pub fn untold() -> Shop {
    let mut shop = Shop::new();
    let page = |name: &str| (format!("slides/{name}@1920x1080/index.html"), name.as_bytes().to_vec());
    shop.publish(&Month::from([page("co-so/mot"), page("co-so/hai")]));
    shop.sandbox.run("cp", &["-r", "store", "hiding"]).success();
    shop
}

/// A player that holds a month of three slides and one withdrawal, with a second source that never had it.
fn told() -> (Shop, String) {
    let shop = untold();
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.pull().success();
    (shop, program.to_string())
}

/// Root 2, without the chiefs who approved everything.
pub fn revoke(shop: &Shop) {
    let office = shop.office();
    let mut root = with(office.root_value(), json!({"version": 2}));
    root["roles"]["review"]["chief"]["keys"] = json!(office.chiefs[1..].iter().map(kid).collect::<Vec<_>>());
    let (path, bytes) = ("store/root/2.json", root.to_string());
    shop.sandbox.write(&format!("{path}.{}.minisig", kid(&office.root)), sign(&office.root, bytes.as_bytes())).write(path, &bytes);
}

fn run(shop: &Shop, source: &str) -> Running {
    shop.configure(source, &json!({"listen": "127.0.0.1:0"}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

pub fn read(running: &Running, path: &str) -> Value {
    serde_json::from_slice(&get(&running.address(), path, &[]).body).unwrap_or_default()
}

/// What may stand on the screen, once the first cycle is over.
fn on_screen(shop: &Shop, source: &str) -> (usize, Value, Value) {
    let running = run(shop, source);
    wait_for("the first cycle", Duration::from_secs(20), || {
        let health = read(&running, "/health.json");
        health["last_success"] != Value::Null || health["last_error"] != Value::Null
    });
    let schedule = read(&running, "/screens/a/schedule.json");
    (schedule["programs"].as_array().map_or(0, Vec::len), schedule["withdrawn"]["slides"].clone(), read(&running, "/health.json"))
}

fn damage(shop: &Shop, names: &[&str]) {
    for name in names {
        shop.sandbox.write(&format!("data/{name}"), "[");
    }
}

#[test]
fn a76_h1_a_damaged_statement_is_not_forgotten() {
    let (shop, program) = told();
    for files in [["store/withdrawals/1.json", "lost"], ["store/withdrawals/1.json", "state.a"], ["store/withdrawals/1.json", "state.b"]] {
        for source in ["nowhere", "hiding"] {
            damage(&shop, &files);
            assert_eq!(on_screen(&shop, source).1, json!({&program: ["co-so/mot"]}), "{files:?} {source}");
        }
        assert!(fs::read(shop.sandbox.path("data/store/withdrawals/1.json")).unwrap().starts_with(b"{"), "{files:?}: written anew");
    }
}

#[test]
fn h1_a_root_that_was_walked_stays_and_what_it_revoked_stays_away() {
    let (shop, _) = told();
    shop.configure("store", &json!({}));
    revoke(&shop);
    // Nothing else is new, and nothing else is left: the root alone is kept.
    shop.pull();
    assert_eq!(on_screen(&shop, "nowhere").0, 0);
    for files in [["store/root/2.json", "lost"], ["store/root/2.json", "state.a"], ["store/root/2.json", "state.b"]] {
        for source in ["nowhere", "hiding"] {
            damage(&shop, &files);
            let (programs, _, health) = on_screen(&shop, source);
            assert_eq!((programs, &health["root"]), (0, &json!(2)), "{files:?} {source}");
        }
    }
}

#[test]
fn h1_a_damaged_head_or_state_brings_no_older_head_back() {
    let (mut shop, _) = told();
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-3");
    for files in [["store/sites/quay/heads/1-3.json", "lost"], ["state.a", "lost"], ["state.b", "lost"], ["state.a", "state.b"]] {
        for source in ["nowhere", "hiding"] {
            damage(&shop, &files);
            let health = on_screen(&shop, source).2;
            assert_eq!(health["head"], json!([1, 3]), "{files:?} {source}");
            let (faults, both) = (health["faults"].to_string(), files == ["state.a", "state.b"]);
            assert_eq!(
                (faults.contains("both copies are lost"), faults.contains("the other copy")),
                (both, files[1] == "lost" && files[0] != "store/sites/quay/heads/1-3.json"),
                "{files:?}"
            );
        }
    }
}

#[test]
fn h1_without_a_single_copy_the_card_stands_until_a_complete_look() {
    let (mut shop, program) = told();
    // A head that requires the withdrawal.
    shop.require_withdrawals(1);
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-3");
    for source in ["nowhere", "hiding"] {
        damage(&shop, &["store/withdrawals/1.json", "state.a", "state.b"]);
        let (programs, _, health) = on_screen(&shop, source);
        assert_eq!(programs, 0, "{source}");
        assert!(health["faults"].to_string().contains("root 1 and 1 withdrawal are required"), "{health}");
        let objects = tree(&shop.sandbox.path("data/store")).keys().filter(|name| name.starts_with("objects/")).count();
        assert!(objects >= 3, "{source}: nothing is removed, {objects} objects");
    }
    let (programs, withdrawn, _) = on_screen(&shop, "store");
    assert_eq!((programs, withdrawn), (2, json!({})), "the month that it concerned is not listed any more: {program}");
}

#[test]
fn h1_where_nothing_is_shown_the_reason_stands_first_and_verify_says_so_too() {
    let (mut shop, _) = told();
    shop.require_withdrawals(1);
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-3");
    let verify = |more: &[&str]| shop.sandbox.player(&[&["--lang", "en", "verify", "--config", "player.json"][..], more].concat());
    let nothing = "NOTHING IS SHOWN: roots or withdrawals are lost: root 1 and 1 withdrawal are required";
    // With a whole copy of the state nothing is lost.
    damage(&shop, &["store/withdrawals/1.json"]);
    let said = verify(&[]).code(1).stderr_has("the player shows nothing of it");
    assert!(!said.stdout.contains("NOTHING IS SHOWN") && !said.stdout.contains("not shown"), "{}", said.stdout);
    damage(&shop, &["state.a", "state.b"]);
    let said = verify(&[]).code(1).stdout_has(nothing).stderr_has("the player shows nothing until what is lost is fetched again");
    let programs: Vec<&str> = said.stdout.lines().filter(|line| line.ends_with("): not shown yet")).collect();
    let kinds = ["monthly program “", "evergreen program “"].map(|kind| programs.iter().filter(|line| line.starts_with(kind)).count());
    assert_eq!(kinds, [1, 1], "{}", said.stdout);
    let answer: Value = serde_json::from_str(&verify(&["--format", "json"]).code(1).stdout).unwrap();
    assert!(answer["lost"]["vi"].as_str().unwrap().starts_with("đầu phát đã mất văn bản phân quyền hoặc thu hồi"), "{answer}");
    // Neither the copies that were set aside nor a disk that lacks room stands before it.
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0", "reserve_bytes": 1_u64 << 50}));
    let running = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    wait_for("the first cycle", Duration::from_secs(20), || read(&running, "/health.json")["last_error"] != Value::Null);
    let health = read(&running, "/health.json");
    let faults = health["faults"].to_string();
    assert!(faults.contains("both copies are lost") && faults.contains("the disk lacks room"), "{health}");
    let status = shop.sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).code(1).stdout;
    let first = status.lines().find(|line| line.contains("To be fixed: "));
    assert!(first.is_some_and(|line| line.starts_with("  To be fixed: roots or withdrawals are lost: ")), "{status}");
}

#[test]
fn a76_f05_a_statement_beyond_a_lost_one_counts_as_soon_as_the_gap_is_closed() {
    let (shop, program) = told();
    shop.sandbox.run("cp", &["-r", "store", "half"]).success();
    shop.withdraw(2, &json!({"slides": ["co-so/hai"]}));
    shop.pull().success();
    let remove = |name: &str| fs::remove_file(shop.sandbox.path(&format!("data/{name}"))).unwrap();
    ["state.a", "state.b", "store/withdrawals/1.json"].into_iter().for_each(remove);
    assert_eq!(on_screen(&shop, "hiding").0, 0);
    // It never had the second withdrawal, which lies here.
    let (programs, withdrawn, health) = on_screen(&shop, "half");
    assert_eq!((programs, withdrawn, &health["withdrawals"]), (2, json!({&program: ["co-so/hai", "co-so/mot"]}), &json!(2)), "{health}");
}

#[test]
fn a76_f05_whatever_still_tells_of_what_is_lost_counts() {
    type Trace = (&'static str, fn(&str) -> bool);
    let traces: [Trace; 5] = [
        ("the report", |name| name == "health.json"),
        ("the journal", |name| name.starts_with("returns/")),
        ("a copy of the state", |name| name == "state.b"),
        ("a signature", |name| name.starts_with("store/withdrawals/2.json.")),
        ("nothing", |_| false),
    ];
    let (shop, _) = told();
    shop.withdraw(2, &json!({}));
    let running = run(&shop, "store");
    wait_for("the second withdrawal", Duration::from_secs(20), || read(&running, "/health.json")["withdrawals"] == 2);
    // It counts before it is told.
    let journal = || tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect::<Vec<u8>>();
    wait_for("its line in the journal", Duration::from_secs(20), || String::from_utf8_lossy(&journal()).contains("\"withdrawals\":2"));
    drop(running);
    shop.sandbox.run("mv", &["data", "whole"]).success();
    for (what, stays) in traces {
        let _ = fs::remove_dir_all(shop.sandbox.path("data"));
        shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
        for name in tree(&shop.sandbox.path("whole")).into_keys() {
            let keeps = name.starts_with("store/objects") || name.starts_with("store/sites") || name.starts_with("store/programs");
            if !keeps && !name.starts_with("store/approvals") && !stays(&name) {
                fs::remove_file(shop.sandbox.path(&format!("data/{name}"))).unwrap();
            }
        }
        if stays("state.b") {
            // Torn: nothing of it can be parsed.
            let torn = fs::read(shop.sandbox.path("whole/state.b")).unwrap();
            shop.sandbox.write("data/state.b", &torn[..torn.len() - 200]);
        }
        let (programs, _, health) = on_screen(&shop, "hiding");
        assert_eq!(programs == 0, what != "nothing", "{what}: {health}");
    }
}

#[test]
fn a76_f05_a_release_that_is_lost_gives_no_earlier_one_its_place() {
    let (mut shop, _) = told();
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-3");
    damage(&shop, &["state.a", "state.b", "store/sites/quay/heads/1-3.json"]);
    let (programs, _, health) = on_screen(&shop, "hiding");
    assert!(programs == 0 && health["faults"].to_string().contains("release 1-3 is lost"), "{health}");
    let (programs, _, health) = on_screen(&shop, "store");
    assert_eq!((programs, &health["head"]), (2, &json!([1, 3])), "{health}");
}

#[test]
fn a76_f05_a_kit_release_that_is_lost_is_missed() {
    let shop = untold();
    let duty = &shop.office().duty;
    for number in [6, 7] {
        let order = json!({"version": number, "site": "quay", "program": shop.month(), "from": 1_796_871_600, "until": 1_796_878_800,
            "nonce": "000102030405060708090a0b0c0d0e0f"});
        let (path, bytes) = (format!("store/releases/quay/{number}.json"), with(common("bangtin-release"), order).to_string());
        shop.sandbox.write(&format!("{path}.minisig"), sign(duty, bytes.as_bytes())).write(&path, &bytes);
    }
    let latest = Hint { epoch: 1, head: 2, release: 7, root: 1, withdrawals: 0 };
    shop.sandbox.write("store/sites/quay/latest.json", latest.to_bytes());
    shop.pull().success();
    shop.sandbox.player(&["verify", "--config", "player.json"]).success().stdout_has("2 kit releases");
    shop.sandbox.run("mv", &["data", "whole"]).success();
    for name in ["7.json", "7.json.minisig", "6.json"] {
        let _ = fs::remove_dir_all(shop.sandbox.path("data"));
        shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
        ["state.a", "state.b"].iter().for_each(|state| fs::remove_file(shop.sandbox.path(&format!("data/{state}"))).unwrap());
        fs::remove_file(shop.sandbox.path(&format!("data/store/releases/quay/{name}"))).unwrap();
        let last = name.starts_with('7');
        let said = shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).code(1);
        said.stdout_has(&format!("DAMAGED: store/releases/quay/{}.json", &name[..1]));
        for _ in 0..2 {
            let (programs, _, health) = on_screen(&shop, "hiding");
            let missed = health["faults"].to_string().contains("kit release 7 is lost");
            assert_eq!((programs, missed), if last { (0, true) } else { (2, false) }, "{name}: {health}");
        }
        let journal = fs::read_to_string(shop.sandbox.path("data/returns/quay/quay-1/1.jsonl")).unwrap();
        let missing = "kit release 6, release 1-2; once there were root 1, withdrawals 0, kit release 7, release 1-2";
        assert_eq!(journal.contains(missing), last, "{name}: {journal}");
        let (programs, _, health) = on_screen(&shop, "store");
        assert_eq!((programs, &health["faults"]), (2, &json!([])), "{name}");
        let held = shop.sandbox.path("data/store/releases/quay");
        assert_eq!(tree(&held), tree(&shop.sandbox.path("store/releases/quay")), "{name}");
    }
}

#[test]
fn a_flood_of_long_withdrawals_is_bounded() {
    let (shop, program) = told();
    shop.withdraw(2, &json!({"slides": ["co-so/hai"], "reason": "x".repeat(4 << 10)}));
    shop.pull().success();
    shop.withdraw(3, &json!({"slides": ["co-so/hai"], "reason": "x".repeat((4 << 10) + 1)}));
    shop.pull().code(1).stderr_has("withdrawal 3: its reason has 4097 bytes, 4096 are the most");
    // The names of slides are as long.
    let slides: serde_json::Map<String, Value> = (0..1_350).map(|number| (format!("co-so/trang-chieu-{number:020}"), json!(1))).collect();
    let last = 3 + (16 << 20) / 50_000;
    for number in 3..=last {
        shop.withdraw(number, &json!({"slides": &slides}));
    }
    shop.pull().code(1).stderr_has("too many withdrawals: a player takes 16777216 bytes of them");
    let (programs, withdrawn, health) = on_screen(&shop, "nowhere");
    assert!(health["withdrawals"].as_u64() > Some(200) && health["withdrawals"].as_u64() < Some(last), "{health}");
    assert_eq!((programs, withdrawn), (2, json!({&program: ["co-so/hai", "co-so/mot"]})), "what was taken before counts");
}

#[test]
fn h2_f06_a_withdrawal_counts_on_a_disk_that_takes_nothing() {
    let (shop, program) = told();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    // Every write of a byte fails from the start, as on a full disk.
    let full = "ulimit -f 0; exec \"$0\" run --config player.json";
    let running = shop.sandbox.spawn("sh", &["-c", full, PLAYER], "http://");
    shop.withdraw(2, &json!({"slides": ["co-so/hai"]}));
    assert!(Command::new("kill").args(["-HUP", &running.id().to_string()]).status().unwrap().success());
    let expected = json!({&program: ["co-so/hai", "co-so/mot"]});
    wait_for("the withdrawal", Duration::from_secs(8), || read(&running, "/screens/a/schedule.json")["withdrawn"]["slides"] == expected);
    wait_for("the reason", Duration::from_secs(8), || read(&running, "/health.json")["last_error"]["en"].to_string().contains("disk"));
    drop(running);
    // Once there is room, it is stored: the next start needs no source for it.
    shop.pull().success();
    assert_eq!(on_screen(&shop, "nowhere").1, expected);
}

/// A player under strace, which tampers with calls on one path; ended with its tracer.
struct Traced {
    running: Running,
}

impl Drop for Traced {
    fn drop(&mut self) {
        let strace = self.running.id();
        let players = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap_or_default();
        // Strace ends with the player, but the player not with strace.
        players.split_whitespace().for_each(|player| drop(Command::new("kill").args(["-KILL", player]).status()));
    }
}

/// An object's path, as the player names it.
fn object(bytes: &[u8]) -> String {
    let digest = Digest::of(bytes).to_string();
    format!("data/store/objects/{}/{digest}", &digest[..2])
}

fn listed(running: &Running) -> usize {
    read(running, "/screens/a/schedule.json")["programs"].as_array().map_or(0, Vec::len)
}

#[test]
fn b13_the_server_answers_and_what_is_due_shows_while_the_rest_is_read_through() {
    let mut shop = untold();
    let film = Month::from([("assets/phim.mp4".to_owned(), b"film".to_vec())]);
    shop.publish(&film);
    shop.pull().success();
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    // Each is opened once: the evergreen program, of one page, is read through after 3 s, the month after 6.
    let paths = [object(b"page"), object(b"film")];
    let slow = ["-f", "-qq", "-o", "trace.txt", "-P", &paths[0], "-P", &paths[1], "-e", "inject=openat:delay_enter=3000000"];
    let began = Instant::now();
    let traced =
        Traced { running: shop.sandbox.spawn("strace", &[&slow[..], &[PLAYER, "run", "--config", "player.json"]].concat(), "http://") };
    let (shown, address) = (|| listed(&traced.running), traced.running.address());
    assert_eq!(get(&address, "/screens/a/schedule.json", &[]).status, 503, "a page that plays on keeps what it has");
    // Alone, so the month is still being read through.
    wait_for("the evergreen program", Duration::from_secs(20), || shown() == 1);
    assert!(began.elapsed() > Duration::from_secs(3), "{:?}", began.elapsed());
    wait_for("the month", Duration::from_secs(20), || shown() == 2);
    assert!(began.elapsed() > Duration::from_secs(6), "{:?}", began.elapsed());
}

#[test]
fn b13_a_statement_reaches_a_running_page_before_the_first_program_is_read_through() {
    let shop = Shop::new();
    shop.pull().success();
    shop.withdraw(1, &json!({"program": shop.month()}));
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    let slow = ["-f", "-qq", "-o", "trace.txt", "-P", &object(b"page"), "-e", "inject=openat:delay_enter=6000000"];
    let began = Instant::now();
    let traced =
        Traced { running: shop.sandbox.spawn("strace", &[&slow[..], &[PLAYER, "run", "--config", "player.json"]].concat(), "http://") };
    let schedule = || get(&traced.running.address(), "/screens/a/schedule.json", &[]);
    wait_for("the statement", Duration::from_secs(5), || schedule().status == 200);
    assert!(began.elapsed() < Duration::from_secs(6) && listed(&traced.running) == 0, "{:?}", began.elapsed());
    assert!(read(&traced.running, "/screens/a/schedule.json")["withdrawn"].to_string().contains(&shop.month()));
    wait_for("the evergreen program", Duration::from_secs(20), || listed(&traced.running) == 1);
}

#[test]
fn the_page_of_a_withdrawn_slide_is_not_served() {
    let (shop, program) = told();
    let running = run(&shop, "nowhere");
    let status = |name: &str| get(&running.address(), &format!("/p/{program}/slides/{name}@1920x1080/index.html"), &[]).status;
    assert_eq!((status("co-so/mot"), status("co-so/hai")), (404, 200));
}

#[test]
fn a_screen_without_a_program_gets_a_schedule_without_one() {
    let shop = Shop::new();
    let running = run(&shop, "nowhere");
    let schedule = read(&running, "/screens/a/schedule.json");
    assert_eq!((&schedule["programs"], &schedule["screen"]), (&json!([]), &json!("a")), "{schedule}");
}

#[test]
fn f09_an_object_that_can_t_be_read_is_cut_off_and_fetched_again_and_the_others_play_on() {
    let shop = untold();
    shop.pull().success();
    let running = run(&shop, "store");
    wait_for("the first cycle", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    fs::remove_dir_all(shop.sandbox.path("store/packs")).unwrap();
    let (path, process) = (object(b"co-so/mot"), running.id().to_string());
    let held = shop.sandbox.path(&path);
    let serve = |name: &str| {
        let answer = get(&running.address(), &format!("/p/{}/slides/{name}@1920x1080/index.html", shop.month()), &[]);
        (answer.status, answer.body)
    };
    assert_eq!(serve("co-so/mot"), (200, b"co-so/mot".to_vec()));
    let before = fs::metadata(&held).unwrap().ino();
    let mut strace = fail(&shop, &process, &path, "read,pread64");
    assert_eq!(serve("co-so/mot").1, b"", "cut off");
    assert_eq!(serve("co-so/hai"), (200, b"co-so/hai".to_vec()));
    let look = || assert!(Command::new("kill").args(["-HUP", &process]).status().unwrap().success());
    look();
    wait_for("the object again", Duration::from_secs(20), || fs::metadata(&held).is_ok_and(|meta| meta.ino() != before));
    assert_eq!(listed(&running), 2);
    assert!(Command::new("kill").arg(strace.id().to_string()).status().unwrap().success());
    let _ = strace.wait();
    assert_eq!(serve("co-so/mot"), (200, b"co-so/mot".to_vec()));
    // One that is cut short is not served at all, and its program plays on without it as long as no source has it.
    let object = shop.sandbox.path(&path.replace("data/", ""));
    fs::rename(&object, shop.sandbox.path("away")).unwrap();
    fs::write(&held, "co-so").unwrap();
    assert_eq!(serve("co-so/mot").0, 404);
    look();
    wait_for("the fetch that finds it nowhere", Duration::from_secs(20), || {
        let health = read(&running, "/health.json");
        health["pending"].to_string().contains(&shop.month()) && health["waiting"] != Value::Null
    });
    assert_eq!((listed(&running), serve("co-so/mot").0, serve("co-so/hai").0), (2, 404, 200));
    fs::rename(shop.sandbox.path("away"), &object).unwrap();
    look();
    wait_for("the object again", Duration::from_secs(20), || serve("co-so/mot").0 == 200);
}

/// The exit code of a pull while every opening of one of the player's files fails with EIO, and whether it opened the file.
fn pull_with_read_error(shop: &Shop, name: &str, source: &str) -> (i32, bool) {
    shop.configure(source, &json!({}));
    // As the player names it.
    let path = &format!("data/{name}");
    let inject = ["-f", "-qq", "-o", "trace.txt", "-P", path, "-e", "trace=openat", "-e", "inject=openat:error=EIO"];
    let done = shop.sandbox.run("strace", &[&inject[..], &[PLAYER, "pull", "--config", "player.json"]].concat());
    (done.code, fs::read_to_string(shop.sandbox.path("trace.txt")).unwrap().contains("(INJECTED)"))
}

#[test]
fn each_object_is_read_through_once_at_a_start() {
    let (shop, _) = told();
    let objects = tree(&shop.sandbox.path("data/store/objects"));
    shop.configure("nowhere", &json!({}));
    for name in objects.keys() {
        let path = format!("data/store/objects/{name}");
        let trace = ["-f", "-qq", "-o", "trace.txt", "-P", &path, "-e", "trace=openat"];
        shop.sandbox.run("strace", &[&trace[..], &[PLAYER, "pull", "--config", "player.json"]].concat());
        let opened = fs::read_to_string(shop.sandbox.path("trace.txt")).unwrap().matches("openat(").count();
        assert_eq!(opened, 1, "{name}");
    }
}

#[test]
fn m1_a_read_error_is_no_absence_and_nothing_is_deleted_for_it() {
    let (mut shop, _) = told();
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success();
    let whole = tree(&shop.sandbox.path("data/store"));
    let read = |name: &&String| ["programs/", "approvals/", "objects/"].iter().any(|folder| name.starts_with(folder));
    let mut opened = 0;
    for name in whole.keys().filter(read) {
        for source in ["nowhere", "store"] {
            let (code, read) = pull_with_read_error(&shop, &format!("store/{name}"), source);
            opened += usize::from(read);
            assert!(source == "nowhere" || [0, 3].contains(&code), "{name}: {code}");
            let left = tree(&shop.sandbox.path("data/store"));
            let gone: Vec<_> = whole.keys().filter(|name| !left.contains_key(*name)).collect();
            assert!(gone.is_empty(), "{name} {source}: {gone:?}");
        }
    }
    assert!(opened >= 20, "{opened}");
    assert_eq!(on_screen(&shop, "nowhere").0, 2);
}

/// From now on these calls of a running player fail with EIO on one path, named as the player names it.
fn fail(shop: &Shop, process: &str, path: &str, calls: &str) -> Child {
    let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:error=EIO"));
    let args = ["-f", "-o", "trace.txt", "-P", path, "-e", &trace, "-e", &inject, "-p", process];
    let mut strace = shop.sandbox.command("strace", &args).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(strace.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().contains("attached")));
    // It tells of new threads too, and would end if nobody listened.
    std::thread::spawn(move || said.for_each(drop));
    strace
}

#[test]
fn m1_what_stands_plays_on_while_a_running_player_can_t_read_it() {
    let (shop, program) = told();
    let running = run(&shop, "store");
    wait_for("the first cycle", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    let whole = tree(&shop.sandbox.path("data/store/objects"));
    let (path, process) = (format!("data/store/programs/{program}.json"), running.id().to_string());
    let mut strace = fail(&shop, &process, &path, "openat");
    shop.withdraw(2, &json!({"slides": ["co-so/hai"]}));
    assert!(Command::new("kill").args(["-HUP", &process]).status().unwrap().success());
    wait_for("the error", Duration::from_secs(20), || read(&running, "/health.json")["last_error"]["en"].to_string().contains(&program));
    let schedule = read(&running, "/screens/a/schedule.json");
    assert_eq!(schedule["programs"].as_array().map(Vec::len), Some(2));
    assert_eq!(schedule["withdrawn"]["slides"], json!({&program: ["co-so/hai", "co-so/mot"]}), "what it shows obeys nevertheless");
    assert_eq!(tree(&shop.sandbox.path("data/store/objects")), whole);
    drop(running);
    let _ = strace.wait();
}

#[test]
fn m2_a_statement_in_the_place_of_another_takes_nothing_off() {
    let mut shop = Shop::new();
    shop.pull().success();
    let old = shop.month();
    shop.publish(&Month::from([("assets/phim.mp4".to_owned(), b"film".to_vec())]));
    fs::remove_dir_all(shop.sandbox.path("store/packs")).unwrap();
    let (new, chief) = (shop.month(), kid(&shop.office().chiefs[0]));
    for end in ["", ".minisig"] {
        let path = |program: &str| shop.sandbox.path(&format!("store/approvals/{program}/{chief}.json{end}"));
        fs::copy(path(&new), shop.sandbox.path(&format!("right{end}"))).unwrap();
        fs::copy(path(&old), path(&new)).unwrap();
    }
    // Her statement on another program is authentic, but the one on this program is missing: the old head stays.
    shop.pull().code(3).stderr_has("absent or badly signed");
    let running = run(&shop, "store");
    wait_for("the reason", Duration::from_secs(20), || read(&running, "/health.json").to_string().contains("absent or badly signed"));
    for end in ["", ".minisig"] {
        fs::copy(shop.sandbox.path(&format!("right{end}")), shop.sandbox.path(&format!("store/approvals/{new}/{chief}.json{end}")))
            .unwrap();
    }
    // A player that runs needs no new start.
    assert!(Command::new("kill").args(["-HUP", &running.id().to_string()]).status().unwrap().success());
    let programs = || read(&running, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len);
    wait_for("the program", Duration::from_secs(20), || programs() == Some(2));
    drop(running);
    shop.pull().success();
    assert_eq!(on_screen(&shop, "nowhere").0, 2);
}

#[test]
fn l1_what_is_dropped_keeps_its_reason_and_is_judged_anew() {
    let mut shop = Shop::new();
    shop.publish(&Month::new());
    fs::remove_dir_all(shop.sandbox.path("store/packs")).unwrap();
    let chief = &shop.office().chiefs[0];
    let path = format!("store/approvals/{}/{}.json", shop.month(), kid(chief));
    let right = [path.clone(), format!("{path}.minisig")].map(|path| (path.clone(), fs::read(shop.sandbox.path(&path)).unwrap()));
    // An authentic statement of hers on this program, with another end.
    let mut other: Value = serde_json::from_slice(&right[0].1).unwrap();
    other["show_until"] = json!(1_798_736_401);
    shop.sandbox.write(&path, other.to_string()).write(&format!("{path}.minisig"), sign(chief, other.to_string().as_bytes()));
    let part = format!("data/store/parts/{}", Digest::of(b"left over"));
    shop.sandbox.write(&part, "left");
    shop.pull().success().stdout_has("1-2").stderr_has("differ in the time of showing");
    assert!(!shop.sandbox.path(&part).exists(), "what is refused for good keeps nothing");
    let running = run(&shop, "store");
    wait_for("the first cycle", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    let health = read(&running, "/health.json");
    assert!(health["dropped"][0][1]["en"].as_str().unwrap().contains("differ in the time of showing"), "{health}");
    shop.sandbox.player(&["verify", "--config", "player.json"]).success();
    for (path, bytes) in &right {
        shop.sandbox.write(path, bytes);
    }
    assert!(Command::new("kill").args(["-HUP", &running.id().to_string()]).status().unwrap().success());
    let programs = || read(&running, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len);
    wait_for("the program", Duration::from_secs(20), || programs() == Some(2));
}

#[test]
fn l2_l3_l5_what_is_left_over_goes_and_what_is_lost_is_written_anew() {
    let (mut shop, _) = told();
    let first = shop.month();
    for _ in 0..2 {
        shop.publish(&Month::new());
        shop.withdraw_hint(1);
        shop.pull().success();
    }
    let left = tree(&shop.sandbox.path("data/store"));
    assert!(!left.keys().any(|name| name.contains(&first)), "{:?}", left.keys());
    assert_eq!(left.keys().filter(|name| name.contains("/heads/")).count(), 4, "the head in force and the one before it");
    for name in ["data/.tmp-abcdef", "data/store/programs/.tmp-abcdef", "data/store/withdrawals/.tmp-abcdef"] {
        shop.sandbox.write(name, "torn");
    }
    ["state.a", "state.b"].iter().for_each(|name| fs::remove_file(shop.sandbox.path(&format!("data/{name}"))).unwrap());
    shop.pull().success();
    assert!(!tree(&shop.sandbox.path("data")).keys().any(|name| name.contains(".tmp-")));
    shop.sandbox.player(&["verify", "--config", "player.json"]).success().stdout_has("release 1-4");
}

#[test]
fn l6_f11_a_folder_or_a_file_in_the_way_is_removed() {
    let (shop, _) = told();
    let manifest = shop.sandbox.path(&format!("data/store/programs/{}.json", shop.month()));
    fs::remove_file(&manifest).unwrap();
    fs::create_dir(&manifest).unwrap();
    fs::remove_dir_all(shop.sandbox.path("data/store/objects")).unwrap();
    shop.sandbox.write("data/store/objects", "in the way");
    shop.configure("store", &json!({}));
    shop.pull().success();
    assert_eq!(on_screen(&shop, "nowhere").0, 2);
}

#[test]
fn h4_nothing_in_the_data_folder_stops_the_start() {
    type Damage = fn(&Shop, &str);
    let write: Damage = |shop, name| drop(fs::write(shop.sandbox.path(name), "[\0"));
    let empty: Damage = |shop, name| drop(fs::write(shop.sandbox.path(name), ""));
    let folder: Damage = |shop, name| {
        let path = shop.sandbox.path(name);
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
        fs::create_dir_all(path.join("full")).unwrap();
    };
    let file: Damage = |shop, name| {
        let _ = fs::remove_dir_all(shop.sandbox.path(name));
        shop.sandbox.write(name, "in the way");
    };
    let gone: Damage = |shop, name| {
        let path = shop.sandbox.path(name);
        let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path));
    };
    let journal = "data/returns/quay/quay-1/1.jsonl";
    // What is damaged, how, and whether the operator has something to do.
    let damaged = [
        (journal, write, true),
        (journal, empty, true),
        (journal, folder, true),
        ("data/journal.json", gone, true),
        ("data/journal.json", empty, true),
        ("data/journal.json", folder, true),
        ("data/returns", file, true),
        ("data/state.a", folder, true),
        ("data/state.b", write, true),
        ("data/state.a.unreadable", folder, false),
        ("play.key", gone, true),
        ("play.key", write, true),
        ("play.key", folder, true),
        ("data/spent.json", folder, true),
        ("data/spent.json", write, true),
        ("data/ballast", folder, true),
        ("data/lock", folder, true),
        ("data/health.json", folder, true),
        ("data/store/parts", file, false),
    ];
    let (shop, program) = told();
    shop.sandbox.bangtin(&["keys", "new", "good.key", "--no-password"]).success();
    let prepare = || {
        gone(&shop, "data");
        gone(&shop, "play.key");
        fs::copy(shop.sandbox.path("good.key"), shop.sandbox.path("play.key")).unwrap();
        shop.configure("store", &json!({"listen": "127.0.0.1:0", "play_key": "play.key", "bytes_per_day": 1_048_576}));
        let running = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
        wait_for("the head", Duration::from_secs(20), || read(&running, "/health.json")["last_success"] != Value::Null);
    };
    prepare();
    shop.sandbox.run("cp", &["-r", "data", "whole"]).success();
    for (name, harm, told) in damaged {
        gone(&shop, "data");
        gone(&shop, "play.key");
        fs::copy(shop.sandbox.path("good.key"), shop.sandbox.path("play.key")).unwrap();
        shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
        harm(&shop, name);
        shop.configure("nowhere", &json!({"listen": "127.0.0.1:0", "play_key": "play.key", "bytes_per_day": 1_048_576}));
        let running = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
        let programs = || read(&running, "/screens/a/schedule.json")["programs"].as_array().map(Vec::len);
        wait_for(name, Duration::from_secs(20), || programs() == Some(2));
        let (schedule, health) = (read(&running, "/screens/a/schedule.json"), read(&running, "/health.json"));
        assert_eq!(schedule["withdrawn"]["slides"], json!({&program: ["co-so/mot"]}), "{name}");
        assert_eq!(health["faults"].as_array().unwrap().is_empty(), !told, "{name}: {health}");
    }
    // A folder that can't even be made: nothing is stored, and the card stands.
    gone(&shop, "data");
    shop.sandbox.write("file", "");
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0", "data": "file/data"}));
    let running = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    assert_eq!(get(&running.address(), "/screens/a/", &[]).status, 200);
    assert!(!read(&running, "/health.json")["faults"].as_array().unwrap().is_empty());
}

#[test]
fn f05_a_state_that_was_set_aside_is_told_until_a_look_was_complete() {
    let (shop, _) = told();
    for copies in [&["state.a"][..], &["state.a", "state.b"]] {
        for name in copies {
            shop.sandbox.write(&format!("data/{name}"), "torn");
        }
        let _ = fs::remove_dir_all(shop.sandbox.path("later"));
        let player = run(&shop, "later");
        let faults = || read(&player, "/health.json")["faults"].to_string();
        wait_for("a look", Duration::from_secs(20), || read(&player, "/health.json")["last_error"] != Value::Null);
        assert!(faults().contains("was set aside as"), "{}", faults());
        shop.sandbox.run("cp", &["-r", "store", "later"]).success();
        assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
        wait_for("a complete look", Duration::from_secs(20), || read(&player, "/health.json")["last_error"] == Value::Null);
        assert_eq!(faults(), "[]");
    }
}

#[test]
fn f06_f12_a_full_disk_stops_no_start() {
    let (shop, program) = told();
    for returns in [false, true] {
        if returns {
            drop(run(&shop, "nowhere"));
            damage(&shop, &["state.a"]);
        }
        shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
        let full = "ulimit -f 0; exec \"$0\" run --config player.json";
        let running = shop.sandbox.spawn("sh", &["-c", full, PLAYER], "http://");
        let schedule = read(&running, "/screens/a/schedule.json");
        assert_eq!(schedule["withdrawn"]["slides"], json!({&program: ["co-so/mot"]}), "{returns}");
    }
}

#[test]
fn l2_verify_asks_for_no_object_that_no_cycle_fetches() {
    let mut shop = Shop::new();
    let film = Month::from([("assets/phim.mp4".to_owned(), b"film".to_vec())]);
    shop.publish(&film);
    shop.pull().success();
    shop.publish(&Month::new());
    shop.pull().success().stdout_has("1-3");
    // Only the release before the one in force names it.
    assert!(shop.holds(&film));
    let digest = Digest::of(b"film").to_string();
    fs::remove_file(shop.sandbox.path(&format!("data/store/objects/{}/{digest}", &digest[..2]))).unwrap();
    shop.pull().success();
    assert!(!shop.holds(&film));
    shop.sandbox.player(&["verify", "--config", "player.json"]).success();
}

#[test]
fn l4_a_source_that_lacks_something_is_no_refusal() {
    let mut shop = Shop::new();
    shop.pull().success();
    // A release that requires a withdrawal which this source does not have: another may.
    shop.require_withdrawals(1);
    shop.publish(&Month::new());
    shop.pull().code(3);
    // A signature that is too long counts as absent, by its own name.
    shop.require_withdrawals(0);
    shop.publish(&Month::new());
    shop.sandbox.write("store/sites/quay/heads/1-3.json.minisig", "x".repeat(2_000));
    shop.pull().code(3).stderr_has("no sites/quay/heads/1-3.json.minisig");
    // A document that is too long is a damaged or replaced file: this source is refused.
    let path = "store/sites/quay/heads/1-3.json";
    let long = format!("{{{}", " ".repeat(4 << 20));
    shop.sandbox.write(path, long);
    shop.pull().code(1).stderr_has("sites/quay/heads/1-3.json is longer than").stderr_has("tell the publisher");
}

/// Posts a showing of a slide, as the shell does.
fn post(running: &Running, schedule: &Value, program: &str, start: i64) -> u16 {
    let play = json!({"token": schedule["token"], "screen": "a", "program": program, "slide": "co-so/mot", "start": start,
        "end": start + 10_000, "ms": 10_000, "painted": true, "outcome": "shown"});
    send(&running.address(), "POST", "/play", &[("Origin", &running.address())], play.to_string().as_bytes()).status
}

#[test]
fn m4_b4_the_showing_that_a_withdrawal_ends_is_taken() {
    let (shop, program) = told();
    let running = run(&shop, "store");
    let schedule = read(&running, "/screens/a/schedule.json");
    // Both began before the withdrawal comes.
    let began = SystemClock::new().now_ms() - 20_000;
    assert_eq!(post(&running, &schedule, &program, began), 200);
    shop.withdraw(2, &json!({}));
    assert!(Command::new("kill").args(["-HUP", &running.id().to_string()]).status().unwrap().success());
    wait_for("the withdrawal", Duration::from_secs(20), || {
        let schedule = read(&running, "/screens/a/schedule.json");
        !schedule["programs"].to_string().contains(&program)
    });
    assert_eq!(
        read(&running, "/screens/a/schedule.json")["withdrawn"]["programs"],
        json!([&program]),
        "pages that lack a timetable hear it too"
    );
    assert_eq!(post(&running, &schedule, &program, began + 10_000), 200);
    let journal = || fs::read_to_string(shop.sandbox.path("data/returns/quay/quay-1/1.jsonl")).unwrap();
    wait_for("the line about the withdrawal", Duration::from_secs(20), || journal().matches("\"statements\"").count() == 2);
    let journal = journal();
    assert_eq!(journal.matches(&program).count() - journal.matches("program-refused").count(), 2, "{journal}");
    assert_eq!(post(&running, &schedule, &"0".repeat(64), began + 10_000), 422, "one that never was on air");
}
