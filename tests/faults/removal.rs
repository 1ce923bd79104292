//! What somebody removes, empties or replaces under a running player: memory is written anew, and told; two players never run on one folder.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{PLAYER, Running, health, look, look_once, month, read, run, settled, shows, signal};
use crate::delta::shop::{Month, Server, Shop};
use crate::harness::http::get;
use crate::harness::{tree, wait_for};

/// What is done, and what of it is named.
const LOSSES: [(&str, &[&str]); 12] = [
    ("rm -rf data/store data/state.a data/state.b", &["data/state.a", "data/state.b", "data/store"]),
    ("rm data/state.a", &["data/state.a"]),
    ("rm -r data/store/withdrawals", &["data/store/withdrawals"]),
    ("rm data/store/withdrawals/1.json", &["data/store/withdrawals/1.json"]),
    ("rm data/store/root/2.json.*", &["data/store/root/2.json."]),
    ("rm -r data/store/sites", &["data/store/sites"]),
    (": >data/store/withdrawals/1.json; : >data/state.b", &["data/state.b", "data/store/withdrawals/1.json"]),
    ("printf x >data/store/root/2.json", &["data/store/root/2.json"]),
    ("rm data/state.b; mkdir data/state.b; rm data/ballast data/lock", &["data/ballast", "data/lock", "data/state.b"]),
    ("rm -rf data/*", &["data/ballast, data/lock, data/state.a and 2 more"]),
    ("mv data old", &["data; "]),
    ("mv data old; mkdir data", &["data; "]),
];

/// A player that holds root 2, release 1-2 of it and a withdrawal of one of its slides; the program.
fn told() -> (Shop, String) {
    let mut shop = Shop::new();
    let page = |name: &str| (format!("slides/{name}@1920x1080/index.html"), name.as_bytes().to_vec());
    shop.rotate();
    shop.publish(&Month::from([page("co-so/mot"), page("co-so/hai")]));
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]})).to_string();
    shop.pull().success().stdout_has("1-2");
    (shop, program)
}

/// The statements and the head that a data folder holds.
fn documents(shop: &Shop) -> BTreeMap<String, Vec<u8>> {
    let mut store = tree(&shop.sandbox.path("data/store"));
    store.retain(|name, _| ["root/", "withdrawals/", "sites/"].iter().any(|folder| name.starts_with(folder)));
    store
}

/// All that the journals in the data folder, and in one that was moved away, say.
fn journal(shop: &Shop) -> String {
    let folders = ["data/returns", "old/returns"].map(|folder| shop.sandbox.path(folder)).into_iter().filter(|folder| folder.is_dir());
    String::from_utf8(folders.flat_map(|folder| tree(&folder).into_values().flatten()).collect()).unwrap()
}

/// Asks for a look, and waits until health tells all of this; what it told in the end otherwise.
fn told_at_a_look(player: &Running, wanted: &[&str]) -> Result<(), String> {
    look(player);
    let began = Instant::now();
    loop {
        let report = health(player);
        let faults = format!("{} {}", report["faults"], report["repaired"]);
        if wanted.iter().all(|part| faults.contains(part)) {
            return Ok(());
        } else if began.elapsed() > Duration::from_secs(20) {
            return Err(faults);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Does something to the folder while a process stands still: between two commands it would write its folder anew.
fn meanwhile(shop: &Shop, process: u32, commands: &str) {
    let script = format!("kill -STOP {process}; {{ {commands}; }}; code=$?; kill -CONT {process}; exit $code");
    shop.sandbox.run("sh", &["-c", &script]).success();
}

fn ended(process: u32) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).map_or(true, |stat| stat.contains(") Z "))
}

/// Inode and time of each finished file of the data folder, but `health.json`, which tells each look.
fn files(shop: &Shop) -> Vec<(Option<(u64, i64)>, String)> {
    let names = tree(&shop.sandbox.path("data")).into_keys().filter(|name| name != "health.json" && !name.contains(".tmp-"));
    let stamp = |name: &String| fs::metadata(shop.sandbox.path(&format!("data/{name}"))).map(|meta| (meta.ino(), meta.mtime_nsec())).ok();
    names.map(|name| (stamp(&name), name)).collect()
}

/// Waits until what the start and the first look have brought is written, for some of it is a moment later; the files then.
fn at_rest(shop: &Shop, player: &Running) -> Vec<(Option<(u64, i64)>, String)> {
    wait_for("the first look", Duration::from_secs(20), || health(player)["last_error"] != Value::Null);
    let mut before = files(shop);
    wait_for("a quiet folder", Duration::from_secs(20), || {
        std::thread::sleep(Duration::from_secs(1));
        let last = std::mem::replace(&mut before, files(shop));
        last == before
    });
    before
}

#[test]
fn f05_what_vanishes_under_a_running_player_is_written_anew_and_told() {
    std::thread::scope(|scope| {
        for end in ["TERM", "KILL"] {
            scope.spawn(move || LOSSES.into_iter().for_each(|(loss, named)| vanishes(loss, named, end)));
        }
    });
}

/// Files vanish, and the player ends: by a signal at once, or killed after a look.
fn vanishes(loss: &str, named: &[&str], end: &str) {
    let (shop, program) = told();
    let whole = documents(&shop);
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    at_rest(&shop, &player);
    meanwhile(&shop, player.id(), loss);
    if end == "KILL" {
        let told = told_at_a_look(&player, &[named, &["what the player knows was written anew"]].concat());
        assert!(told.is_ok(), "{loss}: {told:?}");
        assert_eq!(journal(&shop).matches("files-lost").count(), 1, "{loss}: {}", journal(&shop));
        look_once(&player);
        assert_eq!(journal(&shop).matches("files-lost").count(), 1, "{loss}: told once");
    }
    signal(&player, end);
    wait_for("the end", Duration::from_secs(10), || ended(player.id()));
    drop(player);
    assert!(journal(&shop).contains("files-lost"), "{loss} {end}: {}", journal(&shop));
    let there = tree(&shop.sandbox.path("data")).into_keys().collect::<Vec<_>>();
    assert!(shop.sandbox.path("data/store").is_dir(), "{loss} {end}: {there:?}, {}", journal(&shop));
    assert_eq!(documents(&shop), whole, "{loss} {end}");
    let player = run(&shop, &json!(["nowhere"]));
    wait_for("the first look", Duration::from_secs(20), || health(&player)["last_error"] != Value::Null);
    let (health, schedule) = (health(&player), read(&player, "/screens/a/schedule.json"));
    let held = (&health["root"], &health["head"], &health["withdrawals"]);
    assert_eq!(held, (&json!(2), &json!([1, 2]), &json!(1)), "{loss} {end}: {health}");
    let listed = schedule["programs"].to_string().contains(&program);
    assert!(!listed || schedule["withdrawn"]["slides"][&program] == json!(["co-so/mot"]), "{loss} {end}: {schedule}");
}

#[test]
fn f05_a_look_that_finds_all_in_its_place_writes_nothing() {
    let (shop, _) = told();
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    let before = at_rest(&shop, &player);
    look_once(&player);
    assert_eq!(files(&shop), before);
    // One that was only touched holds what it held.
    shop.sandbox.run("sh", &["-c", "touch -a data/state.a; chmod 600 data/store/withdrawals/1.json data/ballast"]).success();
    look_once(&player);
    assert_eq!(files(&shop), before);
    assert_eq!((&health(&player)["faults"], journal(&shop).contains("files-lost")), (&json!([]), false));
}

#[test]
fn f44_a_journal_that_vanishes_under_a_running_player_is_told_and_goes_on() {
    let open = "data/returns/quay/quay-1/1.jsonl";
    let losses =
        ["rm -r data/returns".to_owned(), format!("rm {open}"), format!(": >{open}"), "rm -r data/returns data/journal.json".to_owned()];
    for loss in losses {
        let (shop, _) = told();
        let player = run(&shop, &json!(["nowhere"]));
        wait_for("the first look", Duration::from_secs(20), || health(&player)["last_error"] != Value::Null);
        shop.sandbox.run("sh", &["-c", &loss]).success();
        let told = told_at_a_look(&player, &["data/returns/quay/quay-1"]);
        assert!(told.is_ok(), "{loss}: {told:?}");
        drop(player);
        let next = fs::read_to_string(shop.sandbox.path("data/returns/quay/quay-1/2.jsonl")).unwrap();
        assert!(next.contains("journal-missing") || next.contains("journal-unreadable"), "{loss}: {next}");
        assert!(shop.sandbox.path("data/journal.json").exists(), "{loss}");
    }
}

#[test]
fn f11_objects_that_vanish_under_a_running_player_are_told_and_fetched_again() {
    let (shop, film) = settled();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    wait_for("the first cycle", Duration::from_secs(20), || health(&player)["last_success"] != Value::Null);
    // Nobody asks for a page.
    fs::remove_dir_all(shop.sandbox.path("data/store/objects")).unwrap();
    look(&player);
    wait_for("the objects", Duration::from_secs(20), || shop.holds(&film) && health(&player)["damaged"]["lacking"] == 0);
    assert!(journal(&shop).contains("objects-damaged") && journal(&shop).contains("objects-whole"), "{}", journal(&shop));
}

#[test]
fn f11_documents_of_programs_that_vanish_take_nothing_off_the_screen_and_come_back() {
    let (shop, program) = told();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    wait_for("the first cycle", Duration::from_secs(20), || health(&player)["last_success"] != Value::Null);
    let whole = tree(&shop.sandbox.path("data/store"));
    shop.sandbox.run("sh", &["-c", "mkdir away; mv store/programs store/approvals store/packs away"]).success();
    shop.sandbox.run("rm", &["-r", "data/store/programs", "data/store/approvals"]).success();
    let told = told_at_a_look(&player, &["data/store/approvals, data/store/programs; ", "the rest is fetched again"]);
    assert!(told.is_ok(), "{told:?}");
    // News has all judged anew, and no source has what is lost.
    shop.withdraw(2, &json!({"slides": ["co-so/hai"]}));
    look(&player);
    wait_for("the withdrawal", Duration::from_secs(20), || health(&player)["withdrawals"] == 2);
    let schedule = read(&player, "/screens/a/schedule.json");
    assert_eq!(schedule["programs"].as_array().map(Vec::len), Some(2), "{schedule}");
    assert_eq!(schedule["withdrawn"]["slides"][&program], json!(["co-so/hai", "co-so/mot"]));
    shop.sandbox.run("sh", &["-c", "mv away/* store"]).success();
    look(&player);
    wait_for("the documents", Duration::from_secs(20), || {
        let held = tree(&shop.sandbox.path("data/store"));
        whole.iter().all(|(name, bytes)| held.get(name) == Some(bytes))
    });
}

/// A player whose end can be waited for, its address, and the name of its log.
fn child(shop: &Shop, source: &str) -> (Child, String) {
    shop.configure(source, &json!({"listen": "127.0.0.1:0"}));
    let log = File::create(shop.sandbox.path("log")).unwrap();
    let mut child = shop.sandbox.command(PLAYER, &["run", "--config", "player.json"]).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().trim_end_matches('/').to_owned();
    wait_for("the first look", Duration::from_secs(20), || {
        serde_json::from_slice::<Value>(&get(&address, "/health.json", &[]).body).is_ok_and(|health| health["last_error"] != Value::Null)
    });
    (child, address)
}

/// Lets a player look, which ends it; its exit code and what it logged.
fn ends(shop: &Shop, mut child: Child) -> (Option<i32>, String) {
    std::process::Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    let mut code = None;
    wait_for("the end", Duration::from_secs(20), || {
        code = child.try_wait().unwrap();
        code.is_some()
    });
    (code.unwrap().code(), fs::read_to_string(shop.sandbox.path("log")).unwrap())
}

#[test]
fn f29_of_two_players_the_one_whose_folder_was_moved_away_ends() {
    let (shop, _) = told();
    let (first, _) = child(&shop, "nowhere");
    shop.sandbox.run("mv", &["data", "old"]).success();
    let second = run(&shop, &json!(["store"]));
    shows(&second, &json!([1, 2]), 2);
    let (code, log) = ends(&shop, first);
    assert!(code == Some(1) && log.contains("another player runs there"), "{code:?} {log}");
    shows(&second, &json!([1, 2]), 2);
    look_once(&second);
    assert_eq!(health(&second)["faults"], json!([]));
    drop(second);
    shop.sandbox.player(&["verify", "--config", "player.json"]).success();
}

#[test]
fn f29_a_folder_that_another_player_has_used_is_taken_over_by_the_next_start_with_all_of_both() {
    let (mut shop, program) = told();
    shop.sandbox.run("cp", &["-a", "data", "older"]).success();
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.withdraw(2, &json!({"program": program, "slides": ["co-so/hai"]}));
    shop.pull().success();
    let (player, _) = child(&shop, "nowhere");
    meanwhile(&shop, player.id(), "mv data old; mv older data");
    let (code, log) = ends(&shop, player);
    assert!(code == Some(1) && log.contains("was replaced by one that a player has used"), "{code:?} {log}");
    let player = run(&shop, &json!(["nowhere"]));
    let health = health(&player);
    assert_eq!((&health["root"], &health["head"], &health["withdrawals"]), (&json!(2), &json!([1, 3]), &json!(2)), "{health}");
}

#[test]
fn f29_a_pull_whose_folder_was_moved_away_says_so_and_leaves_the_next_player_alone() {
    const LENGTH: usize = 2_000_000;
    let (mut shop, _) = settled();
    shop.publish_bare(&month(2, LENGTH));
    let slow = Server::nginx(&shop.sandbox, "location /objects/ { limit_rate 400k; }");
    shop.configure(&slow.address, &json!({}));
    let mut command = shop.sandbox.command(PLAYER, &["--lang", "en", "pull", "--config", "player.json"]);
    let pull = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let parts = || fs::read_dir(shop.sandbox.path("data/store/parts")).into_iter().flatten().flatten();
    wait_for("some of the film", Duration::from_secs(20), || {
        parts().filter_map(|part| Some(part.metadata().ok()?.len())).max().unwrap_or(0) > 300_000
    });
    meanwhile(&shop, pull.id(), "mv data old; mkdir data");
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 3]), 2);
    wait_for("all of it", Duration::from_secs(20), || health(&player)["last_success"] != Value::Null);
    let state = fs::read(shop.sandbox.path("data/state.a")).unwrap();
    let done = pull.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.code() == Some(1) && said.contains("another player runs there"), "{said}");
    assert_eq!(fs::read(shop.sandbox.path("data/state.a")).unwrap(), state);
}

#[test]
fn f29_a_folder_that_is_moved_away_while_it_is_verified_is_told() {
    let (shop, _) = told();
    let path = tree(&shop.sandbox.path("data/store/objects")).into_keys().next().unwrap();
    let path = format!("data/store/objects/{path}");
    let slow = ["-f", "-qq", "-o", "trace.txt", "-P", &path, "-e", "inject=openat:delay_enter=6000000"];
    let verify = [PLAYER, "--lang", "en", "verify", "--config", "player.json"];
    let child = shop.sandbox.command("strace", &[&slow[..], &verify].concat()).stderr(Stdio::piped()).spawn().unwrap();
    // The call is written down when it begins, and is held up then.
    let traced = || fs::read_to_string(shop.sandbox.path("trace.txt")).unwrap_or_default();
    wait_for("the object", Duration::from_secs(60), || traced().contains("openat("));
    shop.sandbox.run("sh", &["-c", "mv data old; cp -a old data"]).success();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.code() == Some(1) && said.contains("data was moved away or replaced while it was read"), "{said}");
}
