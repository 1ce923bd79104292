//! Complete stories: a root key is lost; a site is offline for three years.

use super::Holders;
use crate::trust::kit::sign;

#[test]
fn one_of_three_root_keys_is_lost_and_replaced_and_whoever_found_it_can_do_nothing() {
    let holders = Holders::new(&["an", "binh", "chi"], 2, &["an", "chi"]);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
    // The finder signs her own root: one signature of two.
    holders.key_of("ke-trom");
    holders.trust(&["add", "root=ke-trom/key.pub", "--threshold", "root=1"]).success();
    holders.trust(&["remove", "an", "binh"]).success();
    holders.sign("chi").success();
    holders.sign("ke-trom").success();
    holders.trust(&["apply"]).code(1).stderr_has("1 good signature, 2 required");
    let sandbox = holders.sandbox();
    let draft = std::fs::read(sandbox.path("content/trust/draft/root.json")).unwrap();
    for name in ["chi", "ke-trom"] {
        let key = holders.secret(&format!("{name}/key"));
        sandbox.write(&format!("store/root/2.json.{}.minisig", key.public().kid()), sign(&key, &draft));
    }
    sandbox.write("store/root/2.json", &draft);
    let hint = r#"{"epoch":1,"head":1,"release":0,"root":2,"withdrawals":0}"#;
    sandbox.write("store/sites/ta-lung/latest.json", hint);
    holders.pull().code(1).stderr_has("root 2: bangtin-root: 1 good signature, 2 required");
    // The two remaining holders replace the lost key with a fourth holder's, which counts from then on.
    std::fs::remove_dir_all(sandbox.path("content/trust/draft")).unwrap();
    for (file, _) in crate::harness::tree(&sandbox.path("store/root")).iter().filter(|(file, _)| file.starts_with("2.")) {
        std::fs::remove_file(sandbox.path(&format!("store/root/{file}"))).unwrap();
    }
    holders.key_of("dung");
    holders.trust(&["add", "root=dung/key.pub"]).success();
    holders.trust(&["remove", "chi"]).success();
    holders.pass(&[], &["an", "binh"]);
    holders.trust(&["prepare"]).success();
    holders.sign("chi").code(1).stderr_has("neither of the old root nor of the new one");
    holders.sign("an").success();
    holders.sign("dung").success();
    holders.trust(&["apply"]).success();
    holders.publish("keys/publish").success();
    holders.pull().success();
    assert_eq!(holders.held(), (3, 1, 2));
}

#[test]
fn a06_a_site_that_slept_for_three_years_walks_thirty_nine_roots_to_the_newest_head() {
    let holders = Holders::new(&["an"], 1, &["an"]);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.configure("store");
    holders.pull().success();
    let sandbox = holders.sandbox();
    // Three years of monthly roots, each expired long before the site is back; root keys, publisher and reviewers change.
    let mut root = "an".to_owned();
    for version in 2..=40_u64 {
        let (year, month) = (2026 + (version + 9) / 12, (version + 9) % 12 + 1);
        let now = format!("{year}-{month:02}-01T09:00:00+07:00");
        let trust = |args: &[&str]| sandbox.bangtin(&[["trust"].as_slice(), args, &["--now", &now]].concat());
        let mut old = None;
        match version {
            10 | 30 => {
                let next = format!("root-{version}");
                holders.key_of(&next);
                trust(&["add", &format!("root={next}/key.pub")]).success();
                trust(&["remove", &root]).success();
                old = Some(std::mem::replace(&mut root, next));
            }
            15 => {
                for (role, name) in [("chief", "mai"), ("chief", "nam"), ("publish", "kho")] {
                    sandbox.bangtin(&["keys", "new", &format!("keys/{name}"), "--no-password", "--holder", name]).success();
                    trust(&["add", &format!("{role}=keys/{name}.pub")]).success();
                }
            }
            16 => {
                for name in ["mai", "nam"] {
                    holders.province.approve(&["--evergreen", "--site", "ta-lung"], name).success();
                }
                drop(trust(&["remove", "lan", "hung", "publish"]).success());
            }
            _ => {}
        }
        let expires = format!("{year}-{month:02}-20");
        trust(&["prepare", "--expires", &expires]).success();
        for signer in old.iter().chain([&root]) {
            let key = format!("{signer}/key");
            sandbox.bangtin(&["trust", "sign", "content/trust/draft/root.json", "--key", &key, "--yes", "--now", &now]).success();
        }
        trust(&["apply"]).success();
    }
    let now = ["--now", "2030-03-01T09:00"];
    let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/kho"];
    sandbox.bangtin(&[&publish[..], &now].concat()).success().stdout_has("published 1-2");
    assert_eq!(holders.held(), (1, 1, 1));
    holders.pull().success().stdout_has("1-2");
    assert_eq!(holders.held(), (40, 1, 2));
    // After a restart offline it has the same state.
    holders.configure("nowhere");
    holders.pull().code(3);
    assert_eq!(holders.held(), (40, 1, 2));
}
