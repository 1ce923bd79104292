//! Withdrawals at the player: applied at once, kept for good, and never without a valid signature.

use std::fs;

use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop};

fn shop() -> Shop {
    let mut shop = Shop::new();
    let page = |name: &str| (format!("slides/{name}@1920x1080/index.html"), name.as_bytes().to_vec());
    shop.publish(&Month::from([page("co-so/mot"), page("co-so/hai")]));
    shop.pull().success();
    shop
}

/// Schedule that a running player gives to its shell, offline.
fn schedule(shop: &Shop) -> Value {
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let running = shop.sandbox.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    let body = crate::harness::http::get(&running.address(), "/screens/a/schedule.json", &[]).text();
    shop.configure("store", &json!({}));
    serde_json::from_str(&body).unwrap()
}

fn programs(schedule: &Value) -> usize {
    schedule["programs"].as_array().unwrap().len()
}

#[test]
fn a_withdrawn_slide_goes_and_stays_gone() {
    let shop = shop();
    assert_eq!(schedule(&shop)["withdrawn"]["slides"], json!({}));
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.pull().success();
    assert_eq!(schedule(&shop)["withdrawn"]["slides"], json!({program.to_string(): ["co-so/mot"]}));
    // A hint without it and a store without it change nothing.
    fs::remove_dir_all(shop.sandbox.path("store/withdrawals")).unwrap();
    shop.sandbox
        .write("store/sites/quay/latest.json", json!({"epoch": 1, "head": 2, "release": 0, "root": 1, "withdrawals": 0}).to_string());
    shop.pull().success();
    assert_eq!(schedule(&shop)["withdrawn"]["slides"], json!({program.to_string(): ["co-so/mot"]}));
    // If damaged on disk, it is fetched again.
    let program = shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    shop.sandbox.write("data/store/withdrawals/1.json", "{");
    shop.pull().success();
    assert_eq!(schedule(&shop)["withdrawn"]["slides"], json!({program.to_string(): ["co-so/mot"]}));
}

#[test]
fn a_withdrawn_program_goes_and_the_evergreen_week_stays() {
    let mut shop = shop();
    assert_eq!(programs(&schedule(&shop)), 2);
    shop.withdraw(1, &json!({}));
    shop.pull().success().stdout_has("1-2");
    assert_eq!(programs(&schedule(&shop)), 1);
    // The same bytes listed again by a newer head stay withdrawn; another month plays.
    shop.publish(&Month::new());
    shop.withdraw_hint(1);
    shop.pull().success().stdout_has("1-3");
    assert_eq!(programs(&schedule(&shop)), 2);
}

#[test]
fn a_withdrawal_without_its_signer_or_with_a_gap_changes_nothing() {
    for (number, more, unsigned) in [(1, json!({}), true), (1, json!({"version": 2}), false), (1, json!({"role": "duty"}), false)] {
        let shop = shop();
        shop.withdraw(number, &more);
        if unsigned {
            for entry in fs::read_dir(shop.sandbox.path("store/withdrawals")).unwrap().flatten() {
                if entry.path().extension().unwrap() == "minisig" {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        }
        shop.pull().code(1).stderr_has("withdrawal 1");
        assert_eq!(programs(&schedule(&shop)), 2, "{more}");
    }
}
