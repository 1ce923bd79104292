//! What a person names on the command line and nobody knows: the same exit code everywhere, and the nearest name or the list.

use crate::harness::{Finished, Sandbox};
use crate::publish::commands::Province;

fn run(sandbox: &Sandbox, line: &str) -> Finished {
    sandbox.bangtin(&line.split(' ').collect::<Vec<_>>())
}

#[test]
fn unknown_roles_and_keys_are_wrong_usage_with_the_nearest_name() {
    let province = Province::new();
    let init = "trust init --out other --root-key keys/root --publish-key keys/publish.pub --review cheif=keys/lan.pub";
    let known = "known names: root, publish, chief, duty, ta-lung";
    let far = "there is no role “xyzzy”; ";
    let [far_init, capital_init, title_init, root_init] = ["xyzzy", "Chief", "Lãnh-đạo", "root"].map(|name| init.replace("cheif", name));
    let nearest = "there is no role “cheif”; did you mean “chief”?\n";
    for (line, said, names) in [
        (init, nearest, "\n"),
        (far_init.as_str(), far, "known names: chief, duty, ta-lung"),
        (capital_init.as_str(), "there is no role “Chief”; did you mean “chief”?\n", "\n"),
        (title_init.as_str(), "there is no role “Lãnh-đạo”; ", "known names: chief, duty, ta-lung"),
        (root_init.as_str(), "root has an option of its own: --root-key", "\n"),
        ("trust add cheif=keys/duty.pub", nearest, "\n"),
        ("trust add xyzzy=keys/duty.pub", far, "known names: chief, duty, publish, root, ta-lung"),
        ("trust remove --role cheif lan", nearest, "\n"),
        ("trust remove --role xyzzy lan", far, known),
        ("trust prepare --threshold cheif=2", nearest, "\n"),
        ("trust prepare --threshold xyzzy=2", far, known),
        ("trust remove lam", "there is no key or holder “lam”; did you mean “lan”?", "\n"),
        ("trust remove 0000000000000000", "there is no key or holder “0000000000000000”; known names: ", "lan"),
    ] {
        run(&province.0, line).code(2).stderr_has(said).stderr_has(names);
        assert!(!province.0.path("content/trust/draft").exists() && !province.0.path("other").exists(), "{line}");
    }
}

#[test]
fn a_key_is_taken_out_by_the_file_of_its_public_key_too() {
    let province = Province::new();
    run(&province.0, "trust remove lan.pub").code(2).stderr_has("there is no file “lan.pub”; did you mean “lan”?");
    run(&province.0, "trust add duty=keys/lan.pub").success();
    run(&province.0, "trust remove --role duty keys/duty.pub").success();
    let draft = std::fs::read_to_string(province.0.path("content/trust/draft/root.json")).unwrap();
    let draft: serde_json::Value = serde_json::from_str(&draft).unwrap();
    assert_eq!(draft["roles"]["review"]["duty"]["keys"].as_array().unwrap().len(), 1, "{draft}");
    // A file that is no key, and a key that holds nothing.
    province.0.write("other.pub", "x");
    run(&province.0, "trust remove other.pub").code(1).stderr_has("not a minisign public key");
    run(&province.0, "keys new keys/moi --no-password").success();
    run(&province.0, "trust remove keys/moi.pub").code(2).stderr_has("there is no key or holder");
}

#[test]
fn an_unknown_month_is_wrong_usage_with_the_known_ones() {
    let province = Province::approved();
    for line in [
        "check --month 2026-11",
        "build --month 2026-11 --out out",
        "approve --month 2026-11 --key keys/lan --unseen --yes",
        "publish --month 2026-11 --to store --key keys/publish --now 2026-12-01T09:00",
    ] {
        let said = "there is no playlist of the month “2026-11”; the months that have one: 2026-12\n";
        run(&province.0, line).code(2).stderr_has(said);
        assert!(!province.0.path("out").exists() && !province.0.path("store").exists(), "{line}");
    }
}

#[test]
fn a_site_screen_slide_or_role_that_nobody_knows_is_wrong_usage_in_every_command() {
    let province = Province::published();
    let sites = [
        "check --site NAME",
        "build --evergreen --out out --site NAME",
        "at NAME 2026-12-03T10:15",
        "approve --evergreen --key keys/lan --unseen --yes --site NAME",
        "publish --to other --key keys/publish --now 2026-12-01T09:00 --site NAME",
        "withdraw --slide du-lich/ban-gioc --reason sai --key keys/lan --site NAME",
        "verify store --site NAME",
        "store check store --site NAME",
    ];
    for line in sites {
        run(&province.0, &line.replace("NAME", "ta-lug")).code(2).stderr_has("there is no site “ta-lug”; did you mean “ta-lung”?");
        let shown = run(&province.0, &line.replace("NAME", "Cửa-khẩu")).code(2).stderr_has("there is no site “Cửa-khẩu”; ");
        assert!(shown.stderr.contains("ta-lung"), "{line}: {}", shown.stderr);
    }
    let withdraw = "withdraw --reason sai --key keys/lan";
    for (line, said) in [
        ("at ta-lung 2026-12-03T10:15 --screen aa".to_owned(), "site ta-lung has no screen “aa”; did you mean “a”?"),
        (format!("{withdraw} --slide du-lich/ban-gio"), "there is no approved slide “du-lich/ban-gio”; did you mean “du-lich/ban-gioc”?"),
        (format!("{withdraw} --slide du-lich/ban-gioc --role cheif"), "there is no role “cheif”; did you mean “chief”?"),
        (format!("{withdraw} --slide du-lich/ban-gioc --role Chief"), "there is no role “Chief”; did you mean “chief”?"),
    ] {
        run(&province.0, &line).code(2).stderr_has(said);
    }
    assert!(!province.0.path("content/trust/withdrawals").exists() && !province.0.path("other").exists());
}

#[test]
fn a_key_file_that_is_not_there_is_wrong_usage_with_the_nearest() {
    let province = Province::approved();
    run(&province.0, "trust prepare").success();
    let init = "trust init --out other --publish-key keys/publish.pub --review chief=keys/lan.pub";
    let before = crate::harness::tree(&province.0.path("content"));
    for (line, said) in [
        ("approve --evergreen --unseen --yes --key keys/la".to_owned(), "did you mean “lan”?"),
        ("publish --to store --now 2026-12-01T09:00 --key keys/publsh".to_owned(), "did you mean “publish”?"),
        (
            "withdraw --slide du-lich/ban-gioc --reason sai --key keys/xyzzy".to_owned(),
            "keys in that folder: duty, hung, lan, publish, root, ta-lung",
        ),
        ("trust sign content/trust/draft/root.json --yes --key keys/rot".to_owned(), "did you mean “root”?"),
        ("trust add chief=keys/dut.pub".to_owned(), "did you mean “duty.pub”?"),
        (format!("{init} --root-key keys/roott"), "did you mean “root”?"),
        ("approve --evergreen --unseen --yes --key nowhere/lan".to_owned(), "that folder holds no such key"),
    ] {
        run(&province.0, &line).code(2).stderr_has("there is no key file ").stderr_has(said);
        assert!(crate::harness::tree(&province.0.path("content")) == before && !province.0.path("other").exists(), "{line}");
    }
}

#[test]
fn a_store_that_is_not_there_is_wrong_usage_for_every_command_that_reads_one() {
    let province = Province::approved();
    for line in [
        "serve --store nowhere",
        "store check nowhere",
        "store prune nowhere --keep-months 3 --yes",
        "verify nowhere",
        "verify nowhere --site ta-lung",
        "publish --to store --site ta-lung --key keys/publish --now 2026-12-01T09:00 --read-back nowhere",
    ] {
        run(&province.0, line).code(2).stderr_has("there is no store folder ").stderr_has("nowhere");
        assert!(!province.0.path("nowhere").exists(), "{line}");
    }
    province.0.write("file", "");
    run(&province.0, "verify file").code(2).stderr_has("is no folder; a store is one");
}

#[test]
fn a_file_in_the_place_of_a_folder_and_a_file_that_is_not_there_are_wrong_usage() {
    let province = Province::published();
    province.0.write("tep.md", "x").write("content/trust/draft/other.json", "{}");
    for place in ["tep.md", "tep.md/kho", "/dev/full"] {
        let said = province.0.bangtin(&["publish", "--to", place, "--key", "keys/publish", "--now", "2026-12-01T09:00"]).code(2);
        said.stderr_has("is no folder; a store is one");
    }
    province.0.bangtin(&["verify", "tep.md"]).code(2).stderr_has("tep.md is no folder; a store is one");
    let sign = ["trust", "sign", "content/trust/draft/othr.json", "--key", "keys/lan", "--yes"];
    province.0.bangtin(&sign).code(2).stderr_has("there is no file ").stderr_has("did you mean “other.json”?");
    let old = ["trust", "sign", "content/trust/root/1.json", "--key", "keys/lan", "--yes", "--old", "none.json"];
    province.0.bangtin(&old).code(2).stderr_has("there is no file ").stderr_has("none.json");
}
