//! Withdrawals that carry one number and say different things: a thief with one review key, or a second store, can use a number first, and what
//! the office withdraws under it takes effect all the same, at every player, and is told.

use std::fs;
use std::process::Command;
use std::time::Duration;

use bangtin::trust::hint::Hint;
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use crate::delta::shop::Shop;
use crate::harness::{Running, tree, wait_for};
use crate::memory::{read, untold};
use crate::trust::kit::{common, kid, sign, with};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");

/// Writes a withdrawal of slides, signed by a key, into a store.
fn withdraw(shop: &Shop, store: &str, number: u64, (role, key): (&str, &SecretKey), slides: &Value) {
    let body = json!({"version": number, "role": role, "slides": slides, "reason": "x"});
    let bytes = with(common("bangtin-withdrawal"), body).to_string();
    let name = format!("{store}/withdrawals/{number}.json");
    shop.sandbox.write(&format!("{name}.{}.minisig", kid(key)), sign(key, bytes.as_bytes())).write(&name, &bytes);
    hint(shop, store, number);
}

fn hint(shop: &Shop, store: &str, withdrawals: u64) {
    let latest = Hint { epoch: 1, head: 2, release: 0, root: 1, withdrawals };
    shop.sandbox.write(&format!("{store}/sites/quay/latest.json"), latest.to_bytes());
}

/// A month in `store` and in `thief`, where somebody with the key of another site's reviewer has used these numbers.
fn occupied(numbers: u64) -> Shop {
    let shop = untold();
    shop.sandbox.run("cp", &["-r", "store", "thief"]).success();
    for number in 1..=numbers {
        withdraw(&shop, "thief", number, ("ta-lung", &shop.office().local), &json!({"co-so/mot": 1}));
    }
    shop
}

/// The office's withdrawal under a number.
fn office(shop: &Shop, number: u64, slide: &str) {
    withdraw(shop, "store", number, ("chief", &shop.office().chiefs[0]), &json!({slide: 1}));
}

fn run(shop: &Shop, sources: &[&str]) -> Running {
    shop.configure("", &json!({"store": sources, "listen": "127.0.0.1:0", "poll_seconds": 10}));
    shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://")
}

fn pull(shop: &Shop, sources: &[&str]) {
    shop.configure("", &json!({"store": sources, "listen": "127.0.0.1:0"}));
    shop.pull().success();
}

fn withdrawn(player: &Running) -> Value {
    read(player, "/screens/a/schedule.json")["withdrawn"]["slides"].clone()
}

fn faults(player: &Running) -> String {
    read(player, "/health.json")["faults"].to_string()
}

/// Waits for a fault: it is reported after what it tells of is in force.
fn told(player: &Running, fault: &str, what: &str) {
    let end = std::time::Instant::now() + Duration::from_secs(20);
    while !faults(player).contains(fault) {
        assert!(std::time::Instant::now() < end, "{what}: {}", read(player, "/health.json"));
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn journal(shop: &Shop) -> String {
    let all: Vec<u8> = tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect();
    String::from_utf8_lossy(&all).into_owned()
}

fn look(player: &Running) {
    assert!(Command::new("kill").args(["-HUP", &player.id().to_string()]).status().unwrap().success());
}

/// Both statements of number 1 count, and everybody is told.
fn both_count(shop: &Shop, player: &Running, what: &str) {
    let expected = json!({shop.month(): ["co-so/mot"]});
    wait_for(what, Duration::from_secs(20), || withdrawn(player) == expected);
    told(player, "different withdrawals carry the same number 1", what);
    assert_eq!(
        (&read(player, "/health.json")["withdrawals"], &read(player, "/health.json")["last_error"]),
        (&json!(1), &Value::Null),
        "{what}"
    );
    wait_for(what, Duration::from_secs(20), || journal(shop).contains("\"withdrawal-twin\"") && journal(shop).contains("\"twins\":1"));
    let said = shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).success();
    said.stdout_has("number 1: 2 different withdrawals carry it");
}

#[test]
fn a100_a_number_that_a_thief_has_used_keeps_no_withdrawal_of_the_office_out() {
    // He has the host; the player's network, for a moment; a stick; or a source that is asked first, for good.
    let ways: [(&str, &[&str], &[&str]); 3] = [
        ("once", &["thief"], &["store"]),
        ("a stick", &["nowhere", "thief"], &["store", "nowhere"]),
        ("for good", &["thief"], &["thief", "store"]),
    ];
    for (what, first, then) in ways {
        let shop = occupied(1);
        drop(run(&shop, first));
        let player = run(&shop, first);
        wait_for(what, Duration::from_secs(20), || read(&player, "/health.json")["withdrawals"] == 1);
        assert_eq!(withdrawn(&player), json!({}), "{what}");
        // It counts before it is stored, and what ends here is killed.
        let stored = |copy| fs::read_to_string(shop.sandbox.path(copy)).is_ok_and(|state| state.contains("withdrawals/1.json"));
        wait_for(what, Duration::from_secs(20), || stored("data/state.a") || stored("data/state.b"));
        drop(player);
        office(&shop, 1, "co-so/mot");
        let player = run(&shop, then);
        both_count(&shop, &player, what);
        drop(player);
        // It is known without any source, whatever single file is lost.
        shop.sandbox.run("cp", &["-r", "data", "whole"]).success();
        for lost in ["", "store/withdrawals", "state.a", "state.b", "health.json", "journal.json"] {
            let _ = fs::remove_dir_all(shop.sandbox.path("data"));
            shop.sandbox.run("cp", &["-r", "whole", "data"]).success();
            let path = shop.sandbox.path(&format!("data/{lost}"));
            if !lost.is_empty() {
                fs::remove_file(&path).or_else(|_| fs::remove_dir_all(&path)).unwrap();
            }
            let player = run(&shop, &["nowhere"]);
            assert_eq!(withdrawn(&player), json!({shop.month(): ["co-so/mot"]}), "{what} {lost}");
            told(&player, "different withdrawals carry the same number 1", &format!("{what} {lost}"));
        }
        assert_eq!(journal(&shop).matches("\"twins\":1").count(), 1, "{what}: told once");
    }
}

#[test]
fn a100_a_running_player_takes_the_offices_withdrawal_at_the_next_look() {
    let shop = occupied(5);
    let player = run(&shop, &["thief", "store"]);
    wait_for("the thief's", Duration::from_secs(20), || read(&player, "/health.json")["withdrawals"] == 5);
    office(&shop, 1, "co-so/mot");
    look(&player);
    both(&player, &json!({shop.month(): ["co-so/mot"]}));
    office(&shop, 2, "co-so/hai");
    look(&player);
    both(&player, &json!({shop.month(): ["co-so/hai", "co-so/mot"]}));
    told(&player, "carry the same number 1, 2,", "the second");
}

fn both(player: &Running, expected: &Value) {
    wait_for("the office's", Duration::from_secs(20), || withdrawn(player) == *expected);
}

#[test]
fn a100_two_stores_that_were_published_apart_both_count_in_any_order() {
    let mut seen = Vec::new();
    for order in [["store", "hiding"], ["hiding", "store"]] {
        let shop = untold();
        office(&shop, 1, "co-so/mot");
        withdraw(&shop, "hiding", 1, ("chief", &shop.office().chiefs[1]), &json!({"co-so/hai": 1}));
        let player = run(&shop, &order);
        both(&player, &json!({shop.month(): ["co-so/hai", "co-so/mot"]}));
        seen.push(read(&player, "/health.json")["withdrawals"].clone());
    }
    assert_eq!(seen, [json!(1), json!(1)]);
}

#[test]
fn a100_numbers_used_far_ahead_keep_none_out() {
    let shop = occupied(200);
    pull(&shop, &["thief"]);
    for number in 1..=150 {
        office(&shop, number, if number == 1 { "co-so/mot" } else { "co-so/hai" });
    }
    let player = run(&shop, &["store"]);
    // The newest of a store first; what a look does not reach, the next ones do.
    both(&player, &json!({shop.month(): ["co-so/hai"]}));
    let end = std::time::Instant::now() + Duration::from_secs(120);
    while withdrawn(&player) != json!({shop.month(): ["co-so/hai", "co-so/mot"]}) {
        assert!(std::time::Instant::now() < end, "{}", withdrawn(&player));
        look(&player);
        std::thread::sleep(Duration::from_millis(200));
    }
    told(&player, "carry the same number 1, 2, 3, 4, 5, …", "all of them");
}

#[test]
fn a100_one_key_fills_no_number_and_what_does_not_verify_is_no_twin() {
    let shop = occupied(1);
    pull(&shop, &["thief"]);
    let thief = &shop.office().local;
    for change in 2..=4 {
        withdraw(&shop, "thief", 1, ("ta-lung", thief), &json!({"co-so/mot": change}));
        pull(&shop, &["thief"]);
    }
    withdraw(&shop, "thief", 1, ("ta-lung", thief), &json!({"co-so/mot": 5}));
    // A fifth is passed over and told, and the source is good for all else.
    pull(&shop, &["thief"]);
    let health: Value = serde_json::from_slice(&fs::read(shop.sandbox.path("data/health.json")).unwrap()).unwrap();
    let said = "there are 4 others of this number by the same signer, and those count";
    assert!(health["faults"].to_string().contains(said) && journal(&shop).contains(said), "{health}");
    assert_eq!((&health["last_success"], &health["last_error"]), (&health["at"], &Value::Null), "{health}");
    // Signed by nobody who may; in a role that its signer does not hold; under another number.
    let held = tree(&shop.sandbox.path("data/store/withdrawals"));
    let name = "thief/withdrawals/1.json";
    let whole = fs::read(shop.sandbox.path(name)).unwrap();
    shop.sandbox.write(name, [&whole[..], b"\n"].concat());
    pull(&shop, &["thief"]);
    withdraw(&shop, "thief", 1, ("chief", thief), &json!({"co-so/mot": 1}));
    pull(&shop, &["thief"]);
    withdraw(&shop, "thief", 2, ("ta-lung", thief), &json!({"co-so/mot": 9}));
    for end in ["", &format!(".{}.minisig", kid(thief))] {
        fs::rename(shop.sandbox.path(&format!("thief/withdrawals/2.json{end}")), shop.sandbox.path(&format!("{name}{end}"))).unwrap();
    }
    hint(&shop, "thief", 1);
    pull(&shop, &["thief"]);
    assert!(tree(&shop.sandbox.path("data/store/withdrawals")) == held);
    // The number is full for him alone.
    office(&shop, 1, "co-so/mot");
    pull(&shop, &["store"]);
    let player = run(&shop, &["nowhere"]);
    assert_eq!(withdrawn(&player), json!({shop.month(): ["co-so/mot"]}));
}

#[test]
fn a100_an_older_state_forgets_no_twin_and_the_next_root_ends_the_fault() {
    let shop = occupied(1);
    pull(&shop, &["thief"]);
    shop.sandbox.run("cp", &["-r", "data", "old"]).success();
    office(&shop, 1, "co-so/mot");
    pull(&shop, &["store"]);
    for state in ["state.a", "state.b"] {
        fs::copy(shop.sandbox.path(&format!("old/{state}")), shop.sandbox.path(&format!("data/{state}"))).unwrap();
    }
    for name in tree(&shop.sandbox.path("data/store/withdrawals")).into_keys().filter(|name| name.starts_with("1-")) {
        fs::remove_file(shop.sandbox.path(&format!("data/store/withdrawals/{name}"))).unwrap();
    }
    shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).code(1).stdout_has("DAMAGED: store/withdrawals");
    let player = run(&shop, &["nowhere"]);
    assert_eq!(read(&player, "/screens/a/schedule.json")["programs"], json!([]));
    told(&player, "under numbers that others carry too are lost", "the loss");
    drop(player);
    let player = run(&shop, &["store"]);
    both(&player, &json!({shop.month(): ["co-so/mot"]}));
    told(&player, "carry the same number 1", "the fault");
    drop(player);
    // The office has acted: the same people, and a new root.
    let office = shop.office();
    let root = with(office.root_value(), json!({"version": 2})).to_string();
    shop.sandbox.write(&format!("store/root/2.json.{}.minisig", kid(&office.root)), sign(&office.root, root.as_bytes()));
    shop.sandbox.write("store/root/2.json", &root);
    let player = run(&shop, &["store"]);
    wait_for("the root", Duration::from_secs(20), || read(&player, "/health.json")["root"] == 2);
    wait_for("the end of the fault", Duration::from_secs(20), || faults(&player) == "[]");
    both(&player, &json!({shop.month(): ["co-so/mot"]}));
}
