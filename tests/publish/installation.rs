//! A store or an archive of another installation: refused by every command that would sign for it or write into it, before it does.

use std::collections::BTreeMap;

use bangtin::base::digest::Digest;

use super::commands::Province;
use crate::harness::{Finished, tree};

const NOW: &[&str] = &["--now", "2026-12-01T09:00"];

fn run(province: &Province, args: &[&str]) -> Finished {
    province.0.bangtin(&[args, NOW].concat())
}

fn files(province: &Province, folders: &[&str]) -> Vec<BTreeMap<String, Vec<u8>>> {
    folders.iter().map(|folder| province.0.path(folder)).filter(|path| path.exists()).map(|path| tree(&path)).collect()
}

fn digest(province: &Province, path: &str) -> String {
    Digest::of(&std::fs::read(province.0.path(path)).unwrap()).to_string()
}

#[test]
fn a_store_of_another_installation_is_refused_before_anything_is_signed_or_written() {
    let (ours, theirs) = (Province::approved(), Province::another());
    theirs.approve_ta_lung();
    for province in [&ours, &theirs] {
        province.publish(&["--key", "keys/publish"]).success();
    }
    let [store, archive] = ["store", "archive"].map(|name| theirs.0.path(name).display().to_string());
    let roots = [&ours, &theirs].map(|province| digest(province, "content/trust/root/1.json"));
    let before = (files(&ours, &["content", "archive", "store"]), files(&theirs, &["content", "archive", "store"]));
    let commands: [&[&str]; 4] = [
        &["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "nhầm", "--key", "keys/lan", "--to", &store],
        &["publish", "--site", "ta-lung", "--key", "keys/publish", "--to", &store],
        &["publish", "--site", "ta-lung", "--key", "keys/publish", "--to", "store", "--archive", &archive],
        &["trust", "publish", "--to", &store],
    ];
    for command in commands {
        let refused = run(&ours, command).code(1).stderr_has("belongs to another installation").stderr_has("Nothing was signed or written");
        roots.iter().fold(refused, |refused, root| refused.stderr_has(root));
        assert!(
            (files(&ours, &["content", "archive", "store"]), files(&theirs, &["content", "archive", "store"])) == before,
            "{command:?}"
        );
    }
}

#[test]
fn a_store_begins_at_the_first_publication_or_on_purpose_and_nothing_is_made_by_one_that_is_refused() {
    let ours = Province::new();
    let absent = |names: &[&str]| names.iter().for_each(|name| assert!(!ours.0.path(name).exists(), "{name}"));
    ours.publish(&["--key", "keys/publish"]).code(1).stderr_has("nothing new is published");
    absent(&["store", "archive"]);
    ours.approve_ta_lung();
    ours.publish(&["--key", "keys/publish"]).success();
    // A typing error, and a share that is not mounted.
    std::fs::create_dir(ours.0.path("mnt")).unwrap();
    for (place, url) in
        [("stoer", "stoer".to_owned()), ("mnt/kho", "mnt/kho".to_owned()), ("mnt", format!("file://{}", ours.0.path("mnt").display()))]
    {
        let publish = ["publish", "--site", "ta-lung", "--key", "keys/publish", "--to", &url];
        for command in [publish.as_slice(), &["trust", "publish", "--to", &url]] {
            run(&ours, command).code(1).stderr_has("holds nothing of this installation").stderr_has("--new-store");
        }
        assert!(place == "mnt" || !ours.0.path(place).exists(), "{place}");
    }
    absent(&["mnt/kho", "mnt/root"]);
    let begin = |more: &[&str]| {
        run(
            &ours,
            &[["publish", "--site", "ta-lung", "--key", "keys/publish", "--to", "stick/kho", "--new-store"].as_slice(), more].concat(),
        )
    };
    begin(&["--program", &"0".repeat(64)]).code(2);
    absent(&["stick"]);
    begin(&[]).success().stdout_has("ta-lung: published 1-");
    run(&ours, &["publish", "--site", "ta-lung", "--key", "keys/publish", "--to", "stick/kho"]).success();
    run(&ours, &["trust", "publish", "--to", "stick/kho"]).success();
}

#[test]
fn a_store_with_another_root_of_the_same_number_or_a_damaged_one_is_refused() {
    let ours = Province::approved();
    ours.publish(&["--key", "keys/publish"]).success();
    let prepare = |expires: &str| {
        run(&ours, &["trust", "prepare", "--expires", expires]).success();
        run(&ours, &["trust", "sign", "content/trust/draft/root.json", "--key", "keys/root", "--yes"]).success();
        run(&ours, &["trust", "apply"]).success();
    };
    prepare("2028-06-01");
    run(&ours, &["trust", "publish", "--to", "store"]).success();
    // The same installation, with a root 2 that somebody else made.
    let published = digest(&ours, "content/trust/root/2.json");
    for name in tree(&ours.0.path("content/trust/root")).into_keys().filter(|name| name.starts_with("2.")) {
        std::fs::remove_file(ours.0.path("content/trust/root").join(name)).unwrap();
    }
    prepare("2028-07-01");
    let own = digest(&ours, "content/trust/root/2.json");
    let withdraw = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "nhầm", "--key", "keys/lan", "--to", "store"];
    let forked = run(&ours, &withdraw).code(1).stderr_has("has another root 2").stderr_has("ask the root holders");
    forked.stderr_has(&published).stderr_has(&own);
    ours.0.write("store/root/1.json", "{\"type\": \"bangtin-ro");
    assert!(!ours.0.path("content/trust/withdrawals").exists());
    // What is no root says nothing about the installation: it keeps nobody from signing, and nothing is written there.
    let before = files(&ours, &["store"]);
    run(&ours, &["trust", "publish", "--to", "store"]).code(3).stderr_has("root/1.json is damaged");
    run(&ours, &withdraw).code(3).stderr_has("SIGNED, NOT SENT").stderr_has("root/1.json is damaged").stderr_has("remove that file");
    assert!(files(&ours, &["store"]) == before);
}
