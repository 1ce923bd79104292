//! `bangtin store check` and `store prune`: what they find, what they remove, and what they never do.

use std::collections::BTreeSet;
use std::fs;

use bangtin::base::digest::Digest;
use serde_json::Value;

use super::commands::Province;
use super::province;
use super::servers::{pull, s3};
use crate::harness::{Finished, Sandbox, tree};

const STORE: &str = "store";

fn check(province: &Province, more: &[&str]) -> Finished {
    province.0.bangtin(&[["store", "check", STORE].as_slice(), more].concat())
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {}", finished.stdout))
}

fn faults(finished: &Finished) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    json(finished)["faults"].as_array().unwrap().iter().map(|fault| (text(&fault["path"]), text(&fault["kind"]))).collect()
}

/// A second December program and, half a year later, a second head, which names nothing of the first month.
fn half_a_year_later(province: &Province) {
    let sandbox = &province.0;
    sandbox.write("content/playlists/evergreen/province.yaml", format!("{}revision: 2\n", province::PLAYLIST));
    for key in ["lan", "hung"] {
        let key = format!("keys/{key}");
        sandbox
            .bangtin(&["approve", "--unseen", "--yes", "--key", &key, "--evergreen", "--site", "ta-lung", "--now", "2027-06-01T08:00"])
            .success();
    }
    let publish = ["publish", "--to", STORE, "--site", "ta-lung", "--key", "keys/publish"];
    sandbox.bangtin(&[&publish[..], &["--now", "2027-06-01T09:00", "--clock-is-right"]].concat()).success().stdout_has("published 1-2");
    // Programs that both heads list are removed after the second one's successor.
    sandbox.bangtin(&[&publish[..], &["--now", "2027-06-01T10:00"]].concat()).success().stdout_has("published 1-3");
}

#[test]
fn a_whole_store_is_called_whole() {
    let province = Province::published();
    check(&province, &[]).success().stdout_has("ta-lung: release 1-1 (2 programs)").stdout_has("root 1");
    check(&province, &["--deep"]).success();
    province
        .0
        .bangtin(&["--lang", "vi", "store", "check", STORE])
        .success()
        .stdout_has("bản phát hành hợp lệ")
        .stdout_has("\nKho hợp lệ: 1 cụm (chỉ xem kích thước tệp; thêm --deep để đọc từng byte)\n");
    let finished = check(&province, &["--format", "json", "--deep"]).success();
    let report = json(&finished);
    assert_eq!((&report["ok"], &report["sites"][0]["head"], &report["deep"]), (&true.into(), &"1-1".into(), &true.into()));
    let objects = tree(&province.0.path(STORE)).keys().filter(|name| name.starts_with("objects/")).count();
    assert_eq!(report["objects"], objects);
    // On a machine without content, the store's own root is trusted on first use.
    let elsewhere = Sandbox::new();
    let path = province.0.path(STORE);
    let there = elsewhere.bangtin(&["store", "check", path.to_str().unwrap()]).success();
    there.stdout_has("trusted on first use");
    // A folder that is no store, and a missing folder.
    elsewhere.write("empty/.keep", "").bangtin(&["store", "check", "empty"]).code(1).stderr_has("is this a store?");
    elsewhere.bangtin(&["store", "check", "nothing"]).code(2).stderr_has("there is no store folder");
    elsewhere.bangtin(&["store", "prune", "nothing", "--keep-months", "1", "--yes"]).code(2);
    assert!(!elsewhere.path("nothing").exists());
}

#[test]
fn every_file_that_is_missing_or_changed_is_named() {
    let province = Province::published();
    let whole = tree(&province.0.path(STORE));
    assert!(whole.len() > 15);
    for (name, bytes) in &whole {
        let place = province.0.path(STORE).join(name);
        fs::remove_file(&place).unwrap();
        let finished = check(&province, &["--format", "json"]);
        if name.starts_with("blocks/") || name.starts_with("packs/") {
            // Hints: a player works without them.
            finished.success();
        } else {
            let found = faults(&finished);
            // A head's missing file looks like an unfinished publication; but then the hint names a missing head.
            let named = if name.ends_with("/heads/1-1.json") { "sites/ta-lung/latest.json" } else { name.as_str() };
            // A root's missing signature is reported at the root.
            let named = if name.starts_with("root/1.json.") { "root/1.json" } else { named };
            assert!(found.iter().any(|(path, _)| path == named), "{name}: {found:?}");
            finished.code(1).stderr_has(" fault");
        }
        let mut changed = bytes.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&place, &changed).unwrap();
        let finished = check(&province, &["--format", "json", "--deep"]);
        // Every byte counts here, except those of hints; even in parts of a signature that no player reads.
        if !name.starts_with("blocks/") && !name.starts_with("packs/") {
            assert!(!faults(&finished).is_empty(), "{name} changed");
            finished.code(1);
        }
        fs::write(&place, bytes).unwrap();
    }
    check(&province, &["--deep"]).success();
}

#[test]
fn prune_keeps_what_is_named_and_removes_the_rest_only_when_told() {
    let province = Province::published();
    let sandbox = &province.0;
    let first: BTreeSet<String> = tree(&sandbox.path(STORE)).into_keys().collect();
    half_a_year_later(&province);
    // A leftover of a stopped publisher, and an unknown file.
    sandbox.write("store/objects/00/.tmp-abcdef", "half").write("store/readme.txt", "ours");
    let before = tree(&sandbox.path(STORE));
    let prune = |more: &[&str]| sandbox.bangtin(&[["store", "prune", STORE].as_slice(), more].concat());
    let (long, now) = (["--keep-months", "12"], ["--now", "2027-07-01T00:00:00Z"]);

    // All files are recent by the disk's clock: nothing is removed yet.
    prune(&["--keep-months", "0"]).success().stdout_has("there is nothing to remove; ");
    // All heads are recent: only the unfinished file is removed.
    let finished = prune(&[&long[..], &now].concat()).success();
    assert_eq!(finished.stdout.lines().next(), Some("objects/00/.tmp-abcdef"), "{}", finished.stdout);
    let finished = prune(&[&["--keep-months", "3", "--format", "json"][..], &now].concat()).success();
    let plan = json(&finished);
    assert_eq!(plan["removed"], 0);
    assert_eq!(tree(&sandbox.path(STORE)), before, "without --yes nothing is touched");

    prune(&[&["--keep-months", "3", "--yes"][..], &now].concat()).success().stdout_has("files removed");
    let after: BTreeSet<String> = tree(&sandbox.path(STORE)).into_keys().collect();
    let gone: BTreeSet<&str> = before.keys().filter(|name| !after.contains(*name)).map(String::as_str).collect();
    let planned: BTreeSet<&str> = plan["files"].as_array().unwrap().iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(gone, planned);
    for kind in ["sites/ta-lung/heads/1-1.json", "sites/ta-lung/heads/1-1.json.minisig", "programs/", "approvals/"] {
        assert!(gone.iter().any(|name| name.starts_with(kind) && first.contains(*name)), "{kind} went: {gone:?}");
    }
    for stays in ["root/1.json", "sites/ta-lung/latest.json", "sites/ta-lung/heads/1-3.json", "readme.txt"] {
        assert!(after.contains(stays), "{stays}");
    }
    check(&province, &["--deep"]).success().stdout_has("ta-lung: release 1-3");
    pull(sandbox, STORE).success().stdout_has("1-3");
    // A second run finds nothing to do.
    prune(&[&["--keep-months", "3", "--yes"][..], &now].concat()).success().stdout_has("there is nothing to remove; ");
}

#[test]
fn prune_stops_where_nobody_can_say_what_is_needed() {
    let province = Province::published();
    half_a_year_later(&province);
    let sandbox = &province.0;
    let head = fs::read_to_string(sandbox.path("store/sites/ta-lung/heads/1-3.json")).unwrap();
    let program = serde_json::from_str::<Value>(&head).unwrap()["programs"][0]["program"].as_str().unwrap().to_owned();
    let args = ["store", "prune", STORE, "--keep-months", "3", "--yes", "--now", "2027-07-01T00:00:00Z"];
    let whole = tree(&sandbox.path(STORE));
    // The manifest of a program; the newest release, which the hint names; one above it, of which nobody knows what it lists; the releases
    // of a site; all of them.
    let manifest = format!("programs/{program}.json");
    let gone = [manifest.as_str(), "sites/ta-lung/heads/1-3.json", "sites/ta-lung/heads/1-3.json.minisig", "sites/ta-lung/heads", "sites"];
    for (path, cut) in gone.map(|path| (path, false)).into_iter().chain(gone[..3].iter().map(|path| (*path, true))) {
        let place = sandbox.path(STORE).join(path);
        if cut {
            fs::write(&place, "{").unwrap();
        } else {
            sandbox.run("rm", &["-r", &format!("{STORE}/{path}")]).success();
        }
        let before = tree(&sandbox.path(STORE));
        sandbox.bangtin(&args).code(1).stderr_has("nothing is removed").stderr_has("bangtin store check");
        assert_eq!(tree(&sandbox.path(STORE)), before, "{path}");
        check(&province, &[]).code(1);
        for (name, bytes) in &whole {
            let place = sandbox.path(STORE).join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, bytes).unwrap();
        }
    }
    check(&province, &["--deep"]).success();
    sandbox.write("store/sites/ta-lung/heads/1-4.json", "{").bangtin(&args).code(1).stderr_has("heads/1-4.json is missing or damaged");
    fs::remove_file(sandbox.path("store/sites/ta-lung/heads/1-4.json")).unwrap();
    // A head with a forged signature does not count as the newest: the valid one below it stays.
    province.publish(&["--key", "keys/publish", "--now", "2027-06-01T11:00"]).code(2);
}

#[test]
fn prune_stops_where_a_site_is_not_listed() {
    let province = Province::published();
    let sandbox = &province.0;
    let args = ["store", "prune", STORE, "--keep-months", "0", "--yes", "--now", "2027-07-01T00:00:00Z"];
    sandbox.bangtin(&args).success().stdout_has("sites found in the store: ta-lung; what none of them needs does not stay\n");
    // A site that has had releases, and whose folder the store does not list.
    sandbox.write("archive/sites/cao-bang/heads/1-1.json", "{}");
    let before = tree(&sandbox.path(STORE));
    let lost =
        sandbox.bangtin(&args).code(1).stderr_has("the store has no release of cao-bang, which had some").stderr_has("nothing is removed");
    lost.stderr_has("name all sites of the store with --site");
    assert_eq!(tree(&sandbox.path(STORE)), before);
    // A store for some sites only, or a site that was given up.
    let named = sandbox.bangtin(&[args.as_slice(), &["--site", "ta-lung"]].concat()).success();
    named.stdout_has("there is nothing to remove");
    sandbox.bangtin(&[args.as_slice(), &["--site", "bac-kan"]].concat()).code(1).stderr_has("the store has no release of bac-kan");
    // An archive that can't be read knows sites all the same.
    fs::remove_dir_all(sandbox.path("archive")).unwrap();
    sandbox.write("archive", "");
    assert_ne!(sandbox.bangtin(&args).code, 0);
    fs::remove_file(sandbox.path("archive")).unwrap();
    // Under another name the releases are not good ones.
    fs::rename(sandbox.path("store/sites/ta-lung"), sandbox.path("store/sites/cao-bang")).unwrap();
    sandbox.bangtin(&args).code(1).stderr_has("nothing is removed");
    assert_eq!(tree(&sandbox.path("store/objects")).len(), before.keys().filter(|name| name.starts_with("objects/")).count());
}

/// A machine without content and archive.
#[test]
fn prune_stops_where_a_program_of_a_site_that_is_not_listed_would_go() {
    let province = Province::published();
    let store = province.0.path(STORE);
    let listed = tree(&store.join("programs")).into_values().next().unwrap();
    let other = String::from_utf8(listed).unwrap().replace("\"site\":\"ta-lung\"", "\"site\":\"cao-bang\"");
    let path = format!("store/programs/{}.json", Digest::of(other.as_bytes()));
    province.0.write(&path, other);
    let before = tree(&store);
    let elsewhere = Sandbox::new();
    let args = ["store", "prune", store.to_str().unwrap(), "--keep-months", "0", "--yes", "--now", "2027-07-01T00:00:00Z"];
    elsewhere.bangtin(&args).code(1).stderr_has("the store has no release of cao-bang, which had some").stderr_has("nothing is removed");
    assert_eq!(tree(&store), before);
    elsewhere.bangtin(&[args.as_slice(), &["--site", "ta-lung"]].concat()).success().stdout_has("1 of 1 file removed");
    assert!(!province.0.path(&path).exists());
}

#[test]
fn a_site_that_lost_its_releases_is_named() {
    let province = Province::published();
    let sandbox = &province.0;
    sandbox.run("rm", &["-r", "store/sites/ta-lung"]).success();
    let lost = [("sites/".to_owned(), "missing".to_owned()), ("sites/ta-lung/heads".to_owned(), "missing".to_owned())];
    assert_eq!(faults(&check(&province, &["--format", "json"]).code(1)), lost);
    check(&province, &[]).code(1).stdout_has("this site has had releases");
    // Without content there is no archive to compare with: an empty store is told all the same.
    let elsewhere = Sandbox::new();
    let store = sandbox.path(STORE);
    elsewhere.bangtin(&["store", "check", store.to_str().unwrap()]).code(1).stdout_has("the store has no release");
}

#[test]
fn a_store_made_anew_goes_on_above_the_numbers_that_players_have() {
    let province = Province::published();
    let sandbox = &province.0;
    pull(sandbox, STORE).success().stdout_has("1-1");
    let heads = |place: &str| tree(&sandbox.path(place)).into_iter().filter(|(name, _)| name.contains("/heads/")).collect::<Vec<_>>();
    let first = heads(STORE);
    assert_eq!(heads("archive"), first, "the archive has the release and its signature");
    // What a publication that was stopped leaves.
    sandbox.run("rm", &["-r", &format!("{STORE}/root"), &format!("{STORE}/sites")]).success();
    let stopped = province.publish(&["--key", "keys/publish"]).code(1);
    stopped.stderr_has("only files of a publication that was stopped (objects/)").stderr_has("with --new-store, until the first release");
    sandbox.run("rm", &["-r", STORE]).success();
    province.publish(&["--key", "keys/publish"]).code(1).stderr_has("holds nothing of this installation").stderr_has("--new-store");
    let again = province.publish(&["--key", "keys/publish", "--new-store"]).success();
    again.stdout_has("published 1-2").stdout_has("so the number follows 1-1, the last in the archive");
    check(&province, &["--deep"]).success();
    pull(sandbox, STORE).success().stdout_has("1-2");
    assert_eq!(heads("archive").len(), 2 * first.len());
    // A store that an older version of the tool wrote: its releases come into the archive with the next publication.
    sandbox.run("rm", &["-r", "archive/sites"]).success();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("nothing new");
    assert_eq!(heads("archive"), heads(STORE));
}

#[test]
fn a_forged_newest_head_does_not_let_the_good_one_be_pruned() {
    let province = Province::published();
    half_a_year_later(&province);
    let sandbox = &province.0;
    let good = fs::read(sandbox.path("store/sites/ta-lung/heads/1-3.json")).unwrap();
    sandbox.write("store/sites/ta-lung/heads/1-9.json", good).write("store/sites/ta-lung/heads/1-9.json.minisig", "forged");
    let args = ["store", "prune", STORE, "--keep-months", "0", "--yes", "--now", "2028-07-01T00:00:00Z"];
    sandbox.bangtin(&args).success();
    assert!(sandbox.path("store/sites/ta-lung/heads/1-3.json").is_file() && !sandbox.path("store/sites/ta-lung/heads/1-1.json").exists());
    check(&province, &[]).code(1).stdout_has("sites/ta-lung/heads/1-9.json: a player refuses it");
}

#[test]
fn a_bucket_is_checked_and_pruned_like_a_folder() {
    let province = Province::approved();
    let sandbox = &province.0;
    let server = s3(sandbox);
    server.publish(&province, &[]).success();
    let check = |more: &[&str]| server.bangtin(sandbox, &[["store", "check", &server.url].as_slice(), more].concat());
    check(&["--deep"]).success().stdout_has("ta-lung: release 1-1");
    let later =
        ["publish", "--to", &server.url, "--site", "ta-lung", "--key", "keys/publish", "--clock-is-right", "--now", "2027-06-01T09:00"];
    server.bangtin(sandbox, &later).success().stdout_has("published 1-2");
    let prune = ["store", "prune", &server.url, "--keep-months", "3", "--yes", "--now", "2027-07-01T00:00:00Z"];
    server.bangtin(sandbox, &prune).success().stdout_has("files removed");
    check(&["--deep"])
        .success()
        .stdout_has("ta-lung: release 1-2 (1 program); the store keeps 1 valid release\n")
        .stdout_has("\nThe store is valid: 1 site (every byte was read)\n");
    pull(sandbox, &server.public).success().stdout_has("1-2");

    // A truncated object is found by its size; the next publication fixes it.
    let asked = server.asked(0);
    let object = asked.iter().rev().find(|asked| asked.method == "GET" && asked.path.contains("/objects/")).unwrap().path.clone();
    let name = object.trim_start_matches("/bucket/kho/").to_owned();
    sandbox.write("cut", "x");
    let cut = bangtin::store::address::StoreAddress::parse(&server.url, "/".as_ref()).unwrap();
    let place = cut.open(&server.environment).unwrap_or_else(|failure| panic!("{failure:?}"));
    place.remove(&name).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert!(place.create(&name, b"x").unwrap_or_default());
    check(&["--format", "json"]).code(1).stdout_has(&name);
    server.bangtin(sandbox, &later).success();
    check(&["--deep"]).success();
}
