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
    let far_init = init.replace("cheif", "xyzzy");
    let nearest = "there is no role “cheif”; did you mean “chief”?\n";
    for (line, said, names) in [
        (init, nearest, "\n"),
        (far_init.as_str(), far, "known names: chief, duty, ta-lung"),
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
fn an_unknown_month_is_wrong_usage_with_the_known_ones() {
    let province = Province::new();
    province.approve_ta_lung();
    for line in [
        "check --month 2026-11",
        "build --month 2026-11 --out out",
        "approve --month 2026-11 --key keys/lan --unseen --yes",
        "publish --month 2026-11 --to store --key keys/publish --now 2026-12-01T09:00",
    ] {
        let said = "there is no playlist of the month “2026-11”; did you mean “2026-12”?";
        run(&province.0, line).code(2).stderr_has(said);
        assert!(!province.0.path("out").exists() && !province.0.path("store").exists(), "{line}");
    }
}

#[test]
fn a_store_that_is_not_there_is_wrong_usage_for_every_command_that_reads_one() {
    let province = Province::new();
    province.approve_ta_lung();
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
    run(&province.0, "verify file").code(2).stderr_has("there is no store folder ");
}
