//! Reading back: `bangtin verify`, what `publish` checks before and after, and `bangtin-player verify`.

use std::fs;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use crate::harness::{Finished, tree};
use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;
use crate::publish::servers::{Nginx, nginx};
use crate::withdraw;

const AT: &[&str] = &["--at", "2026-12-01T09:00"];

fn verify(province: &Province, url: &str, more: &[&str]) -> Finished {
    province.0.bangtin(&[["verify", url].as_slice(), more, AT].concat())
}

/// Path of an object of the store.
fn object(province: &Province) -> String {
    tree(&province.0.path("store")).into_keys().find(|name| name.starts_with("objects/")).unwrap()
}

/// Same length, different last byte.
fn bend(province: &Province, path: &str) {
    let mut bytes = fs::read(province.0.path(path)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    province.0.write(path, bytes);
}

#[test]
fn a_good_store_tells_who_approved_what_and_what_stands_on_the_screens() {
    let province = Province::published();
    let done = verify(&province, "store", &["--deep"]).success();
    assert!(done.stdout.ends_with("\nThe store is valid: players of 1 site get everything (every byte was read)\n"), "{}", done.stdout);
    let done = done
        .stdout_has("root 1 (installation ")
        .stdout_has("release 1-1")
        .stdout_has("approved by lan (")
        .stdout_has("approved by ta-lung (");
    done.stdout_has("screen a: “Thác Bản Giốc” (du-lich/ban-gioc)")
        .stdout_has("“Chương trình tháng 12/2026” shown from 2026-12-01 09:00 until end of 2026-12-31");
    province.0.bangtin(&["--lang", "vi", "verify", "store", "--site", "ta-lung"]).success().stdout_has("duyệt: hung (");
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    let address = server.address();
    let answer = verify(&province, &address, &["--format", "json", "--deep"]).success().stdout;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let site = &answer["sites"][0];
    assert_eq!(
        (&answer["ok"], &site["site"], &site["root"], &site["head"]["state"]),
        (&json!(true), &json!("ta-lung"), &json!(1), &json!("FRESH"))
    );
    let holders = |program: &Value| -> Vec<String> {
        let mut names: Vec<_> =
            program["approved_by"].as_array().unwrap().iter().map(|each| each["holder"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(
        site["programs"].as_array().unwrap().iter().map(holders).collect::<Vec<_>>(),
        [vec!["hung", "lan", "ta-lung"], vec!["hung", "lan"]]
    );
    // A dark screen: why, and when it shows something again.
    for (at, lang, told) in [
        ("2026-12-03T12:00", "vi", "lúc 12:00 ngày 03/12/2026, màn hình a: tắt, ngoài giờ hoạt động, chiếu lại lúc 13:30\n"),
        ("2026-12-03T12:00", "en", "at 2026-12-03 12:00, screen a: dark, outside opening hours, on again at 13:30\n"),
        ("2026-12-03T12:00:50", "en", "at 2026-12-03 12:00:50, screen a: dark, outside opening hours, on again at 13:30\n"),
        ("2026-12-31T23:00", "en", "screen a: dark, outside opening hours, on again at 07:30 on 2027-01-01\n"),
    ] {
        province.0.bangtin(&["--lang", lang, "verify", "store", "--at", at]).success().stdout_has(told);
    }
    // Half a year later the month is over and the head overdue: reported, and no fault.
    let later =
        province.0.bangtin(&["verify", &address, "--site", "ta-lung", "--at", "2027-07-10T12:00", "--format", "json"]).success().stdout;
    let later: Value = serde_json::from_str(&later).unwrap();
    assert_eq!(later["sites"][0]["head"]["state"], "LOST");
    assert_eq!(later["sites"][0]["screens"]["a"]["program"], site["programs"][1]["program"], "the evergreen week");
    let (whole, overdue) = ("get everything (by the sizes of files; --deep reads every byte)\n", "; something is overdue, see above\n");
    for (at, end, of_root) in
        [("2026-12-03T12:00", whole, false), ("2027-07-10T12:00", overdue, false), ("2038-01-20T12:00", overdue, true)]
    {
        let said = province.0.bangtin(&["verify", "store", "--at", at]).success().stdout;
        assert_eq!(said.contains(" (overdue, renew it)\n"), of_root, "{said}");
        assert!(said.ends_with(end), "{said}");
    }
}

#[test]
fn what_a_reviewer_signed_with_the_approval_is_told_again() {
    let province = Province::new();
    province
        .approve(&["--month", "2026-12", "--site", "ta-lung", "--remark", "Đã xem\u{202e}xét", "--document", "1/QĐ, 2026-11-20"], "lan");
    province.approve_ta_lung();
    province.publish(&["--key", "keys/publish"]).success();
    let line = "as chief, decision 1/QĐ of 2026-11-20, remark “Đã xem\u{fffd}xét”, 1 page unopened";
    let told = verify(&province, "store", &[]).success().stdout;
    assert_eq!(told.matches("remark").count(), 1, "{told}");
    assert!(told.contains(line), "{told}");
    verify(&province, "store", &["--lang", "vi"])
        .success()
        .stdout_has("quyết định số 1/QĐ ngày 20/11/2026, ghi chú “Đã xem\u{fffd}xét”, chưa xem 1 trang theo cỡ");
    let answer: Value = serde_json::from_str(&verify(&province, "store", &["--json"]).success().stdout).unwrap();
    let approvers = answer["sites"][0]["programs"][0]["approved_by"].as_array().unwrap();
    let remarks: Vec<_> = approvers.iter().map(|each| (each["holder"].as_str().unwrap(), each["remark"].as_str().unwrap())).collect();
    assert_eq!(remarks, [("hung", ""), ("lan", "Đã xem\u{fffd}xét"), ("ta-lung", "")]);
}

#[test]
fn what_is_missing_or_other_is_named_and_the_exit_code_says_whose_fault_it_is() {
    let province = Province::published();
    let path = object(&province);
    bend(&province, &format!("store/{path}"));
    verify(&province, "store", &[]).success();
    let wrong = verify(&province, "store", &["--deep"]).code(1).stdout_has(&format!("{path} has different content"));
    assert!(!wrong.stdout.contains("The store is valid"), "{}", wrong.stdout);
    let bytes = fs::read(province.0.path(&format!("store/{path}"))).unwrap();
    province.0.write(&format!("store/{path}"), &bytes[1..]);
    verify(&province, "store", &[]).code(1).stdout_has(&format!("{path} has different content"));
    fs::remove_file(province.0.path(&format!("store/{path}"))).unwrap();
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    for store in ["store", server.address().as_str()] {
        verify(&province, store, &[]).code(1).stdout_has(&format!("{path} is not there"));
    }
    let address = server.address();
    drop(server);
    verify(&province, &address, &["--site", "ta-lung"]).code(3).stdout_has("ERROR: ");
    verify(&province, "nowhere", &[]).code(2).stderr_has("there is no store folder");
    let approval =
        tree(&province.0.path("store")).into_keys().find(|name| name.starts_with("approvals/") && name.ends_with(".json")).unwrap();
    fs::remove_file(province.0.path(&format!("store/{approval}"))).unwrap();
    verify(&province, "store", &[]).code(1).stdout_has("absent or badly signed");
    bend(&province, "store/sites/ta-lung/heads/1-1.json");
    verify(&province, "store", &[]).code(1).stdout_has("release 1-1");
}

#[test]
fn a14_a_store_is_judged_by_a_root_of_ones_own_and_never_by_the_stores() {
    let (province, other) = (Province::published(), Province::another());
    let copy = |from: &Province, to: &str| {
        for (name, bytes) in tree(&from.0.path("content/trust/root")) {
            province.0.write(&format!("{to}/{name}"), bytes);
        }
    };
    copy(&province, "roots");
    copy(&other, "other");
    let away = |root: &str| province.0.bangtin(&["--content", "nothing", "verify", "store", "--site", "ta-lung", "--root", root]);
    away("roots/1.json").success();
    away("other/1.json").code(1).stdout_has("0 good signatures");
    away("none/1.json").code(1).stderr_has("can't read the root");
    fs::rename(province.0.path("content"), province.0.path("elsewhere")).unwrap();
    province.0.bangtin(&["verify", "store"]).code(2).stderr_has("--root FILE");
}

#[test]
fn a_store_behind_the_root_of_the_content_is_reported() {
    let holders = crate::rotation::Holders::new(&["an"], 1, &["an"]);
    holders.province.approve_ta_lung();
    holders.publish("keys/publish").success();
    holders.pass(&["--expires", "2029-01-01"], &["an"]);
    let waits =
        "root 2 of the content waits to be published, the store leads to root 1; put it there with: bangtin trust publish --to store\n";
    let said = verify(&holders.province, "store", &[]).code(1).stdout_has(&format!("  ERROR: {waits}"));
    assert!(said.stderr.ends_with(&format!("store: {waits}")), "nothing else is to be done: {}", said.stderr);
    let check = || holders.sandbox().bangtin(&["store", "check", "store"]);
    let said = check().code(1).stdout_has("root/2.json: waits to be published: the content has it, the store leads to root 1\n");
    said.stderr_has("1 fault; put the roots into the store with: bangtin trust publish --to store\n");
    // Of a server that does not answer nobody knows what it holds.
    let dead = holders.province.0.bangtin(&["verify", "http://127.0.0.1:1", "--site", "ta-lung"]).code(3);
    assert!(!dead.stdout.contains("leads to root") && !dead.stdout.contains("trust publish"), "{}", dead.stdout);
    let hint = "store/sites/ta-lung/latest.json";
    let before = fs::read(holders.sandbox().path(hint)).unwrap();
    holders.trust(&["publish", "--to", "store"]).success();
    let release = "root 2 is in the store, but release 1-1 counts on root 1 only; \
        publish one that counts on it with: bangtin publish --to store --key FILE\n";
    verify(&holders.province, "store", &[]).success().stdout_has("root 2 (installation ").stdout_has(release);
    check().success().stdout_has(&format!("ta-lung: {release}"));
    // As after a publication that was stopped, or a copy of some files only.
    holders.sandbox().write(hint, before);
    let named = "root 2 is in the store, but latest.json names root 1, so players learn of it up to ten minutes later; \
        put that right with: bangtin trust publish --to store\n";
    verify(&holders.province, "store", &[]).success().stdout_has(named);
    check().code(1).stdout_has(&format!("{}: waits to be published: names root 1", &hint[6..])).stderr_has("trust publish --to store");
    holders.publish("keys/publish").success();
    for said in [verify(&holders.province, "store", &[]).success(), check().success()] {
        assert!(!said.stdout.contains("counts on root") && !said.stdout.contains("names root"), "{}", said.stdout);
    }
    // One on which a release counts is lost, and does not wait.
    fs::remove_file(holders.sandbox().path("store/root/2.json")).unwrap();
    check().code(1).stdout_has("root/2.json: missing: is not in the store");
}

#[test]
fn publish_reads_back_from_where_players_read() {
    let province = Province::published();
    province.0.run("cp", &["-r", "store", "stale"]).success();
    let list = "content/playlists/2026-12/province.yaml";
    let text = fs::read_to_string(province.0.path(list)).unwrap();
    province.0.write(list, format!("{text}revision: 2\n"));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success();
    }
    let publish = |more: &[&str]| province.publish(&[["--key", "keys/publish"].as_slice(), more].concat());
    publish(&["--read-back", "stale"])
        .code(3)
        .stdout_has("published 1-2")
        .stderr_has("an older state: release 1-1")
        .stderr_has("release 1-2");
    publish(&[]).success().stdout_has("nothing new");
    publish(&["--read-back", "http://127.0.0.1:9"]).code(3).stderr_has("is not what was published");
    // Another publisher published right after: its head is newer and equally valid.
    province.0.run("cp", &["-r", "store", "newer"]).success();
    let theirs =
        ["publish", "--to", "newer", "--site", "ta-lung", "--key", "keys/publish", "--clock-is-right", "--now", "2027-01-20T09:00"];
    province.0.bangtin(&theirs).success().stdout_has("published 1-3");
    publish(&["--read-back", "newer"]).success().stdout_has("nothing new");
    // A mirror with a changed byte, and one with a missing file.
    province.0.run("cp", &["-r", "store", "served"]).success();
    let path = format!("served/{}", object(&province));
    bend(&province, &path);
    publish(&["--read-back", "served"]).success();
    publish(&["--read-back", "served", "--deep"]).code(3).stderr_has("has different content (1 such files)");
    fs::remove_file(province.0.path(&path)).unwrap();
    publish(&["--read-back", "served"]).code(3).stderr_has("is not there");
}

#[test]
fn a40_what_a_player_would_not_take_is_not_published() {
    let province = Province::published();
    let list = "content/playlists/2026-12/province.yaml";
    let text = fs::read_to_string(province.0.path(list)).unwrap();
    province.0.write(list, format!("{text}revision: 2\n"));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success();
    }
    // The host planted a bad signature at the next document's path. Publishing never overwrites it, so players could not get past it.
    let filed = tree(&province.0.path("content/approvals"));
    let planted = filed.keys().filter(|name| name.ends_with(".minisig") && !province.0.path(&format!("store/approvals/{name}")).exists());
    let planted: Vec<_> = planted.cloned().collect();
    assert_eq!(planted.len(), 3);
    province.0.write(&format!("store/approvals/{}", planted[0]), "planted");
    let before = tree(&province.0.path("store"));
    province
        .publish(&["--key", "keys/publish"])
        .code(1)
        .stderr_has("a player of ta-lung would not take it")
        .stderr_has("absent or badly signed");
    assert_eq!(tree(&province.0.path("store")), before);
    fs::remove_file(province.0.path(&format!("store/approvals/{}", planted[0]))).unwrap();
    province.publish(&["--key", "keys/publish"]).success().stdout_has("published 1-2");
}

#[test]
fn an_office_reads_back_through_its_proxy_and_a_player_never_does() {
    let province = player(&Province::published());
    let server = province.0.spawn(env!("CARGO_BIN_EXE_bangtin"), &["serve", "--store", "store", "--listen", "127.0.0.1:0"], "http://");
    let address = server.address();
    let config = fs::read_to_string(province.0.path("player.json")).unwrap().replace("[\"store\"]", &format!("[\"{address}\"]"));
    province.0.write("player.json", config);
    let behind = |program: &str, args: &[&str]| {
        // Nothing listens at this address.
        let mut command = province.0.command(program, args);
        command.env("ALL_PROXY", "http://127.0.0.1:9").env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap()
    };
    let root = "content/trust/root/1.json";
    let asked = behind(env!("CARGO_BIN_EXE_bangtin"), &["verify", &address, "--site", "ta-lung", "--root", root]);
    assert_eq!(asked.status.code(), Some(3), "{asked:?}");
    let pulled = behind(env!("CARGO_BIN_EXE_bangtin-player"), &["pull", "--config", "player.json"]);
    assert!(pulled.status.success(), "{pulled:?}");
}

fn player(province: &Province) -> Province {
    let province = Province(copy(province));
    let config = json!({"site": "ta-lung", "player": "ta-lung-1", "store": ["store"], "data": "data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "reserve_bytes": 0});
    province.0.write("player.json", config.to_string());
    province
}

fn copy(province: &Province) -> crate::harness::Sandbox {
    let sandbox = crate::harness::Sandbox::new();
    for folder in ["store", "content/trust"] {
        for (name, bytes) in tree(&province.0.path(folder)) {
            sandbox.write(&format!("{folder}/{name}"), bytes);
        }
    }
    sandbox
}

#[test]
fn a76_f10_f11_a_player_reads_through_all_that_it_keeps_and_names_what_is_damaged() {
    let office = Province::published();
    let said = ["withdraw", "--key", "keys/lan", "--month", "2026-12", "--site", "ta-lung", "--reason", "sai", "--to", "store"];
    office.0.bangtin(&[&said[..], &["--now", "2026-12-01T09:00"]].concat()).success();
    let province = player(&office);
    let check = |more: &[&str]| province.0.player(&[["verify", "--config", "player.json"].as_slice(), more].concat());
    check(&[]).success().stdout_has("root 1, release –");
    province.0.player(&["pull", "--config", "player.json"]).success();
    let whole = tree(&province.0.path("data"));
    check(&[]).success().stdout_has("root 1, release 1-1, 1 withdrawal");
    let answer: Value = serde_json::from_str(&check(&["--format", "json"]).success().stdout).unwrap();
    assert_eq!((&answer["ok"], &answer["head"], &answer["faults"]), (&json!(true), &json!([1, 1]), &json!({})));
    assert_eq!(tree(&province.0.path("data")), whole, "it changes nothing");
    let free = ["lock", "health.json", "spent.json", "ballast"];
    let named = |name: &&String| !name.starts_with("returns") && !free.contains(&name.as_str());
    let mut seen = 0;
    for (name, bytes) in whole.iter().filter(|(name, _)| named(name)) {
        let mut bent = bytes.clone();
        let middle = bent.len() / 3;
        bent[middle] ^= 1;
        province.0.write(&format!("data/{name}"), &bent);
        let done = check(&[]).code(1);
        let document = name.trim_end_matches(".minisig");
        let about = [document, document.split(".json.").next().unwrap(), document.split('/').nth(2).unwrap_or("state")];
        assert!(about.iter().any(|each| done.stdout.contains(each)), "{name}: {}", done.stdout);
        province.0.write(&format!("data/{name}"), bytes);
        seen += 1;
    }
    assert!(seen >= 15, "{seen}");
    let lost =
        [("returns/ta-lung/ta-lung-1/1.jsonl", "is missing"), ("journal.json", "is missing: nothing says what the open segment held")];
    for (name, told) in lost {
        fs::remove_file(province.0.path(&format!("data/{name}"))).unwrap();
        check(&[]).code(1).stdout_has(&format!("DAMAGED: {name}: {told}")).stderr_has("1 place of the journal is damaged or missing");
        province.0.write(&format!("data/{name}"), &whole[name]);
    }
    let path = whole.keys().find(|name| name.starts_with("store/objects/")).unwrap();
    fs::remove_file(province.0.path(&format!("data/{path}"))).unwrap();
    check(&[]).code(1).stdout_has(&format!("DAMAGED: {path}: is lost"));
    // Of a program that was not on air yet it has still to be fetched, which is no damage.
    let report = fs::read_to_string(province.0.path("data/health.json")).unwrap();
    let mut early: Value = serde_json::from_str(&report).unwrap();
    early["programs"] = json!([]);
    province.0.write("data/health.json", early.to_string());
    for copy in ["data/state.a", "data/state.b"] {
        let mut state: Value = serde_json::from_str(fs::read_to_string(province.0.path(copy)).unwrap().lines().next().unwrap()).unwrap();
        state["whole"] = json!({});
        let state = state.to_string();
        province.0.write(copy, format!("{state}\n{}\n", Digest::of(state.as_bytes())));
    }
    check(&[]).success().stdout_has(&format!("STILL TO BE FETCHED: {path}: is not there yet"));
    let answer: Value = serde_json::from_str(&check(&["--format", "json"]).success().stdout).unwrap();
    assert_eq!((&answer["ok"], answer["pending"].as_object().map(serde_json::Map::len)), (&json!(true), Some(1)));
    province.0.write("data/health.json", report);
    province.0.player(&["pull", "--config", "player.json"]).success();
    // It may run while the player runs.
    let running = province.0.spawn(env!("CARGO_BIN_EXE_bangtin-player"), &["run", "--config", "player.json"], "http://");
    check(&[]).success();
    drop(running);
    fs::remove_file(province.0.path("content/trust/root/1.json")).unwrap();
    check(&[]).code(1).stderr_has("can't read the root");
}

#[test]
fn an_unknown_site_is_wrong_usage_with_the_nearest_name() {
    let province = Province::published();
    for command in [["verify", "store"].as_slice(), &["store", "check", "store"]] {
        let said = province.0.bangtin(&[command, &["--site", "ta-lunk"]].concat());
        said.code(2).stderr_has("there is no site “ta-lunk”; did you mean “ta-lung”?");
    }
}

#[test]
fn of_two_programs_of_one_month_the_one_that_plays_is_marked() {
    let province = Province::published();
    let alone = verify(&province, "store", &[]).success().stdout;
    assert!(!alone.contains("another"), "{alone}");
    province.0.write("content/playlists/2026-12/province.yaml", format!("{PLAYLIST}revision: 2\n"));
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2026-12", "--site", "ta-lung"], key).success();
    }
    // A publisher is told which is which.
    let said = province.publish(&["--key", "keys/publish"]).success().stdout_has("published 1-2");
    let shown = [
        "“Chương trình tháng 12/2026” shown from 2026-12-01 09:00 until 2026-12-01 09:15, when another takes over\n    ",
        "\n    revision 1, approved 2026-12-01 09:00\n",
        "“Chương trình tháng 12/2026” shown from 2026-12-01 09:15 until end of 2026-12-31\n    ",
        "\n    revision 2, approved 2026-12-01 09:00\n",
    ];
    let places: Vec<_> = shown.iter().map(|line| said.stdout.find(line)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", said.stdout);
    // The new one takes over fifteen minutes after its publication.
    let digests = |moment: &str| -> (String, String) {
        let answer = province.0.bangtin(&["verify", "store", "--at", moment, "--format", "json"]).success().stdout;
        let site = serde_json::from_str::<Value>(&answer).unwrap()["sites"][0].take();
        let plays = |program: &&Value| program["kind"] == "monthly" && program["plays"] == true;
        let marked: Vec<_> = site["programs"].as_array().unwrap().iter().filter(plays).collect();
        assert_eq!(marked.len(), 1, "{site}");
        (marked[0]["program"].as_str().unwrap().to_owned(), site["screens"]["a"]["program"].as_str().unwrap().to_owned())
    };
    let (before, after) = (digests("2026-12-01T09:10"), digests("2026-12-01T09:16"));
    assert!(before.0 == before.1 && after.0 == after.1 && before.0 != after.0, "{before:?} {after:?}");
    let text = verify(&province, "store", &[]).success().stdout;
    // The same words as those of the publisher.
    assert!(text.contains(&format!("{}{}\n", shown[0], before.0)) && text.contains(&format!("{}{}\n", shown[2], after.0)), "{text}");
}

#[test]
fn a_withdrawn_slide_keeps_the_title_that_it_had_after_a_correction_with_another() {
    let province = withdraw::published();
    withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ", "--to", "store"]).success();
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    let path = "content/slides/phap-luat/cu-tru.md";
    let text = fs::read_to_string(province.0.path(path)).unwrap();
    province.0.write(path, text.replacen("Cư trú", "Đăng ký tạm vắng", 1));
    for (period, keys) in [(withdraw::DECEMBER, ["lan", "hung", "ta-lung"].as_slice()), (withdraw::EVERGREEN, &["lan", "hung"])] {
        keys.iter().for_each(|key| drop(province.approve(period, key).success()));
    }
    province.publish(&["--key", "keys/publish"]).success().stdout_has("withdrawn from it: “Cư trú” (phap-luat/cu-tru)");
    let said = verify(&province, "store", &[]).success().stdout;
    let old = "withdrawn from it: “Cư trú” (phap-luat/cu-tru)\n";
    assert!(said.contains(old) && said.contains(": “Cư trú” (phap-luat/cu-tru, revision 1); reason: "), "{said}");
    assert!(!said.contains("withdrawn from it: “Đăng ký"), "{said}");
    // On the screens it has its own.
    let shows = |second: u32| {
        let moment = format!("2026-12-01T10:00:{second:02}");
        province.0.bangtin(&["verify", "store", "--at", &moment]).success().stdout.contains(": “Đăng ký tạm vắng” (phap-luat/cu-tru)\n")
    };
    assert!((0..60).step_by(4).any(shows), "{said}");
}

#[test]
fn what_a_store_lacks_is_sent_again_as_the_last_line_says() {
    for remote in [false, true] {
        let province = Province::published();
        let server = nginx(&province.0, Nginx::Whole);
        let (url, folder) = if remote { (server.url.as_str(), "dav") } else { ("store", "store") };
        let publish = || server.publish_to(&province, url);
        publish().success();
        let said = ["withdraw", "--key", "keys/lan", "--month", "2026-12", "--site", "ta-lung", "--reason", "sai", "--to", url];
        server.bangtin(&province.0, &[&said[..], &["--now", "2026-12-01T09:00"]].concat()).success();
        let check = |more: &[&str]| server.bangtin(&province.0, &[["verify", url].as_slice(), more, AT].concat());
        check(&["--deep"]).success();
        let remedy =
            "players of ta-lung don't get the whole release; publish again to the store (bangtin publish): that sends what is missing";
        let gone = |path: &str| fs::remove_file(province.0.path(&format!("{folder}/{path}"))).unwrap();
        // The first publication brings a head that requires the withdrawal, and leaves out the month.
        for (path, code, why) in [
            ("withdrawals/1.json", 3, "names 1 withdrawal but only 0 can be read"),
            ("withdrawals/1.json", 3, "source incomplete: the release needs root 1 and 1 withdrawal, 1 and 0 are held"),
            (object(&province).as_str(), 1, "is not there"),
        ] {
            gone(path);
            let said = check(&[]).code(code).stdout_has(why).stderr_has(remedy);
            assert!(!said.stderr.contains("can't be read"), "{}", said.stderr);
            assert_eq!(publish().code, 1, "the month is left out");
            check(&["--deep"]).success();
        }
        // Damage of the same size: a server tells sizes alone.
        bend(&province, &format!("{folder}/{}", object(&province)));
        check(&["--deep"]).code(1).stdout_has("has different content").stderr_has("remove a damaged file first");
        gone(&object(&province));
        assert_eq!(publish().code, 1);
        check(&["--deep"]).success();
    }
}

#[test]
fn a_withdrawn_program_whose_files_are_gone_is_no_damage() {
    let province = withdraw::published();
    withdraw::withdraw(&province, "lan", &[withdraw::DECEMBER, &["--reason", "nhầm", "--to", "store"]].concat()).success();
    withdraw::pull(&province).success();
    let said = province.0.player(&["verify", "--config", "player.json"]).success();
    let said = said.stdout_has("): not shown: withdrawn, its files are not kept\n");
    assert!(!said.stdout.contains("DAMAGED") && !said.stdout.contains("FETCHED"), "{}", said.stdout);
}

#[test]
fn a_player_with_nothing_to_show_takes_the_programs_of_a_release_that_are_approved() {
    let province = withdraw::published();
    let month = withdraw::read(&province, "store/sites/ta-lung/heads/1-1.json")["programs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|program| program["kind"] == "monthly")
        .unwrap()["program"]
        .as_str()
        .unwrap()
        .to_owned();
    let approvals = format!("store/approvals/{month}");
    fs::rename(province.0.path(&approvals), province.0.path("kept")).unwrap();
    fs::remove_dir_all(province.0.path("player/data")).unwrap();
    withdraw::pull(&province);
    let health = withdraw::read(&province, "player/data/health.json");
    assert_eq!((&health["head"], health["dropped"].as_array().map(Vec::len)), (&json!([1, 1]), Some(1)), "{health}");
    assert!(health["dropped"][0][1]["en"].as_str().unwrap().contains("0 valid approvals"), "{health}");
    fs::rename(province.0.path("kept"), province.0.path(&approvals)).unwrap();
    withdraw::pull(&province).success();
    assert_eq!(withdraw::read(&province, "player/data/health.json")["dropped"], json!([]));
}

#[test]
fn a_withdrawal_that_was_not_sent_is_reported() {
    let province = withdraw::published();
    let check = |more: &[&str]| province.0.bangtin(&[["store", "check", "store"].as_slice(), more].concat());
    withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    let waits = "withdrawal 1 of the content waits to be sent: the store does not have it, and what it withdraws is still shown; \
        send it with: bangtin withdraw --withdrawal 1 --key FILE --to store\n";
    let said = verify(&province, "store", &[]).code(1).stdout_has(&format!("  ERROR: {waits}"));
    assert!(said.stderr.ends_with(&format!("store: {waits}")), "nothing else is to be done: {}", said.stderr);
    for deep in [[].as_slice(), &["--deep"]] {
        let said = check(deep).code(1).stdout_has("withdrawals/1.json: waits to be sent: the content has it, the store does not: ");
        said.stderr_has("1 fault; send the withdrawals to the store with: bangtin withdraw --withdrawal 1 --key FILE --to store\n");
    }
    // What it says does it.
    withdraw::withdraw(&province, "lan", &["--withdrawal", "1", "--to", "store"]).success();
    verify(&province, "store", &[]).success();
    check(&[]).success();
    // One that lacks signatures does not wait to be sent: it is named with what it lacks.
    let both = ["--slide", "phap-luat/cu-tru", "--slide", "du-lich/ban-gioc", "--only", "--reason", "sai"];
    withdraw::withdraw(&province, "lan", &[withdraw::EVERGREEN, &both].concat()).code(1);
    let half =
        "withdrawal 2 still lacks signatures of role chief and is not published; sign it with: bangtin withdraw --withdrawal 2 --key FILE";
    verify(&province, "store", &[]).success().stdout_has(&format!("{half} --to store"));
    check(&[]).success().stdout_has(&format!("{half} --to store"));
    province.0.bangtin(&["trust", "show"]).success().stdout_has(half);
    // Damaged ones of the content say nothing of the store; that they were not compared is said, wherever they would be.
    fs::write(province.0.path("content/trust/withdrawals/2.json"), "{}").unwrap();
    let said = "the withdrawals of the content can't be read, and are not considered here: ";
    verify(&province, "store", &[]).success().stderr_has(said).stderr_has("withdrawals/2.json: the withdrawal is damaged");
    check(&[]).success().stderr_has(said);
    province.0.bangtin(&["trust", "show"]).success().stderr_has(said);
    // A root from elsewhere stands for itself: nothing of the content is compared.
    let said = verify(&province, "store", &["--root", "content/trust/root/1.json"]).success();
    assert!(!said.stderr.contains("considered"), "{}", said.stderr);
}
