//! A stolen key or host, seen through the player's binary: what the thief can do, what he can't, and the recovery.

mod town;

use std::fs;

use serde_json::{Value, json};

use crate::trust::kit::{Made, approval_file, key, key_map, kid, manifest, with};
use town::{Town, names};

/// Noon of a day of the month, in opening hours.
const DECEMBER: &str = "2026-12-01T08:00:00+07:00";
const JULY: &str = "2027-07-10T12:00:00+07:00";

/// The same month of the year before, approved then.
fn last_december(town: &Town) -> Made {
    let mut value = manifest("quay", "monthly", 1);
    value["month"] = json!("2025-12");
    value["valid"] = json!({"from": 1_764_522_000, "until": 1_767_200_400});
    value["offsets"] = json!([[1_764_522_000, 25_200]]);
    value["screens"][0]["spans"] = json!([[1_764_549_000, 1_764_561_600, "1", 0]]);
    town.by_chiefs(&value)
}

fn kit(town: &Town) -> Made {
    let mut value = manifest("quay", "kit", 1);
    value["valid"] = json!({"from": 1_796_058_000, "until": 1_798_736_400});
    value["screens"][0]["spans"] = json!([[0, 3_600, "1", 0]]);
    town.by_chiefs(&with(value, json!({"band": "full", "priority": 9, "max": 3_600})))
}

#[test]
fn a29_a31_a33_a34_a43_a87_a_stolen_publish_key_chooses_among_what_is_approved_and_nothing_more() {
    let town = Town::new();
    let chief = &town.office.chiefs[0];
    let (evergreen, first, second) = (town.evergreen(), town.december(1), town.december(2));
    let (past, kit, elsewhere) = (last_december(&town), kit(&town), town.by_chiefs(&manifest("cang", "monthly", 1)));
    let alone = town.approved(&manifest("quay", "monthly", 9), &[chief]);
    let nobody = town.approved(&manifest("quay", "monthly", 10), &[]);
    town.publish(1, &[&first, &evergreen]);
    town.pull().success().stdout_has("1-1");
    // He can choose another approved program of the month …
    town.publish(2, &[&second, &evergreen]);
    town.pull().success().stdout_has("1-2");
    assert_eq!(town.on_air(), names(&[&second, &evergreen]));
    // … or none, but no program approved by too few, by nobody, or for another site.
    for (version, program) in [(3, &alone), (4, &nobody), (5, &elsewhere)] {
        town.publish(version, &[program, &evergreen]);
        town.pull().success();
        assert_eq!(town.on_air(), names(&[&evergreen]), "{version}");
    }
    // A program approved for another time, or a kit, is never on screen.
    town.publish(6, &[&past, &kit, &evergreen]);
    town.pull().success().stdout_has("1-6");
    for time in [DECEMBER, JULY] {
        assert_eq!(town.shown_at(time).as_deref(), Some(evergreen.digest.to_string().as_str()), "{time}");
    }
    // He can't sign a kit release.
    town.release(1, &kit, &town.office.publish);
    town.hint((1, 6));
    town.pull().success();
    assert_eq!(town.schedule()["releases"], json!([]));
    town.release(1, &kit, &town.office.duty);
    town.pull().success();
    assert_eq!(town.schedule()["releases"].as_array().unwrap().len(), 1, "the duty officer's it is");
    assert_eq!(town.shown_at("2026-12-01T08:00:00+07:00").as_deref(), Some(kit.digest.to_string().as_str()));
    // He can't blank the screens.
    for (version, programs) in [(7, vec![&first]), (8, vec![&alone, &nobody]), (9, vec![])] {
        town.publish(version, &programs);
        town.pull().code(1);
        assert!(town.on_air().contains(&evergreen.digest.to_string()), "{version}");
        assert_eq!(town.state()["version"], 6);
    }
    recovers_by_a_new_epoch(&town, &first, &evergreen);
}

/// He can use up all numbers. A new root with another key and the next epoch ends that.
fn recovers_by_a_new_epoch(town: &Town, first: &Made, evergreen: &Made) {
    let last = (1_u64 << 53) - 1;
    town.publish(last, &[first, evergreen]);
    town.pull().success().stdout_has(&last.to_string());
    let new = key();
    let mut root = town.office.root_value();
    root["version"] = json!(2);
    root["keys"] = with(root["keys"].clone(), key_map([&new]));
    root["roles"]["publish"] = json!({"keys": [kid(&new)], "threshold": 1, "epoch": 2});
    town.root(&root);
    let next = with(town.head_value((2, 1), &[first, evergreen]), json!({"root_min": 2}));
    town.head((2, 1), &next, &town.office.publish);
    town.pull().code(1).stderr_has("0 good signatures");
    town.head((2, 1), &next, &new);
    town.pull().success().stdout_has("2-1");
    town.publish(last, &[evergreen]);
    town.pull().code(1);
    assert_eq!((town.state()["epoch"].clone(), town.state()["version"].clone()), (json!(2), json!(1)));
    assert_eq!(town.on_air(), names(&[first, evergreen]));
}

#[test]
fn a36_a43_a45_a_stolen_review_key_withdraws_what_its_roles_cover_and_nothing_else() {
    let town = Town::new();
    let (evergreen, first, second) = (town.evergreen(), town.december(1), town.december(2));
    town.publish(1, &[&first, &second, &evergreen]);
    town.pull().success();
    let thief = &town.office.chiefs[2];
    // He approves anything under every name, yet counts as one of the two required reviewers; none of his heads counts.
    let own = town.approved(&manifest("quay", "monthly", 7), &[thief]);
    for other in &town.office.chiefs[..2] {
        let path = format!("approvals/{}/{}.json", own.digest, kid(other));
        let file = approval_file(&with(own.approval.clone(), json!({"roles": ["chief"]})), thief);
        town.put(&format!("{path}.minisig"), file.signature);
        town.put(&path, file.statement);
    }
    town.head((1, 2), &town.head_value((1, 2), &[&own, &evergreen]), thief);
    town.pull().code(1).stderr_has("0 good signatures");
    town.head((1, 2), &town.head_value((1, 2), &[&own, &first, &second, &evergreen]), &town.office.publish);
    town.pull().code(3).stderr_has("absent or badly signed");
    assert_eq!(town.on_air(), names(&[&first, &second, &evergreen]), "even a publisher who is taken in lists it in vain");
    town.head((1, 2), &town.head_value((1, 2), &[&first, &second, &evergreen]), &town.office.publish);
    town.pull().success();
    // He can't withdraw the evergreen program, and only a program's reviewers can withdraw anything of it.
    for (program, more, signer) in [
        (&evergreen, json!({}), thief),
        (&first, json!({"role": "duty"}), &town.office.duty),
        (&first, json!({"role": "ta-lung"}), &town.office.local),
        (&first, json!({"site": "cang"}), &town.office.local),
        (&first, json!({}), &town.office.publish),
    ] {
        town.withdraw(1, program, more, &[signer]);
        town.hint((1, 2));
        town.pull().code(1).stderr_has("withdrawal 1");
        assert_eq!(town.on_air(), names(&[&first, &second, &evergreen]));
        fs::remove_dir_all(town.sandbox.path("store/withdrawals")).unwrap();
    }
    // He can only withdraw a month that his role approves.
    town.withdraw(1, &first, json!({}), &[thief]);
    town.hint((1, 2));
    town.pull().success();
    assert_eq!(town.on_air(), names(&[&second, &evergreen]));
    // A different document under a known number counts as one under the next number does.
    town.withdraw(1, &second, json!({}), &[thief]);
    town.hint((1, 2));
    town.pull().success();
    assert_eq!(town.on_air(), names(&[&evergreen]));
    town.withdraw(2, &evergreen, json!({"slides": ["du-lich/ban-gioc"]}), &[thief]);
    town.hint((1, 2));
    town.pull().success();
    assert_eq!(town.schedule()["withdrawn"]["slides"], json!({}), "a loop of the evergreen week is not emptied by one");
}

#[test]
fn a26_a30_a38_a44_a_stolen_host_can_only_hide_news() {
    let town = Town::new();
    let (evergreen, first, second, third) = (town.evergreen(), town.december(1), town.december(2), town.december(3));
    town.publish(1, &[&first, &evergreen]);
    town.publish(2, &[&second, &evergreen]);
    town.pull().success().stdout_has("1-2");
    let stays = |what: &str| {
        assert_eq!(town.on_air(), names(&[&second, &evergreen]), "{what}");
        assert_eq!(town.state()["version"], 2, "{what}");
    };
    // A frozen store: no news, no fault.
    town.pull().success().stdout_has("release 1-2: 0 bytes fetched");
    // An older head; the older head under the newer path; a newer one under an older path.
    town.hint((1, 1));
    town.pull().code(1).stderr_has("older");
    stays("an older head");
    let store = |name: &str| fs::read(town.sandbox.path(&format!("store/sites/quay/heads/{name}"))).unwrap();
    let (old, old_signature) = (store("1-1.json"), store("1-1.json.minisig"));
    town.publish(3, &[&third, &evergreen]);
    let (new, new_signature) = (store("1-3.json"), store("1-3.json.minisig"));
    town.put("sites/quay/heads/1-3.json", &old);
    town.put("sites/quay/heads/1-3.json.minisig", &old_signature);
    town.pull().code(1).stderr_has("the file's name says 1-3");
    stays("an old head under a new name");
    // A mixture: the new head with documents of other programs. Only approvals of its own digest count for a program.
    town.put("sites/quay/heads/1-3.json", &new);
    town.put("sites/quay/heads/1-3.json.minisig", &new_signature);
    let folder = |made: &Made| town.sandbox.path(&format!("store/approvals/{}", made.digest));
    fs::rename(folder(&third), town.sandbox.path("kept")).unwrap();
    copy(&town, &second, &third);
    town.pull().code(3).stderr_has("absent or badly signed");
    stays("approvals of another program are in its place");
    fs::remove_dir_all(folder(&third)).unwrap();
    fs::rename(town.sandbox.path("kept"), folder(&third)).unwrap();
    town.pull().success();
    assert_eq!(town.on_air(), names(&[&third, &evergreen]), "fixed, it is shown");
    swapped_objects_are_seen(&town, &evergreen);
}

fn copy(town: &Town, from: &Made, to: &Made) {
    let approvals = crate::harness::tree(&town.sandbox.path(&format!("store/approvals/{}", from.digest)));
    assert!(!approvals.is_empty());
    for (name, bytes) in approvals {
        town.put(&format!("approvals/{}/{name}", to.digest), bytes);
    }
}

/// A new page and the old one, with their bytes swapped.
fn swapped_objects_are_seen(town: &Town, evergreen: &Made) {
    let digest = bangtin::base::digest::Digest::of(b"other").to_string();
    let mut value = manifest("quay", "monthly", 4);
    value["files"][0] = with(value["files"][0].clone(), json!({"sha256": digest, "size": 5}));
    let fourth = town.by_chiefs(&value);
    town.put(&format!("objects/{}/{digest}", &digest[..2]), b"pages");
    town.publish(4, &[&fourth, evergreen]);
    town.pull();
    assert!(!town.on_air().contains(&fourth.digest.to_string()));
    town.sandbox
        .bangtin(&["verify", "store", "--root", "root.json", "--site", "quay", "--deep"])
        .code(1)
        .stdout_has("has different content");
    town.put(&format!("objects/{}/{digest}", &digest[..2]), b"other");
    town.pull().success();
    assert_eq!(town.on_air(), names(&[&fourth, evergreen]));
}

#[test]
fn a35_what_is_withdrawn_stays_so_over_restart_stick_and_rollback() {
    let town = Town::new();
    let (evergreen, first) = (town.evergreen(), town.december(1));
    town.publish(1, &[&first, &evergreen]);
    town.pull().success();
    // A USB stick written before the withdrawal.
    town.sandbox.run("cp", &["-r", "store", "stick"]).success();
    town.withdraw(1, &first, json!({}), &[&town.office.chiefs[0]]);
    town.hint((1, 1));
    town.pull().success();
    let gone = |what: &str| assert_eq!(town.on_air(), names(&[&evergreen]), "{what}");
    gone("withdrawn");
    town.configure("stick");
    town.pull().success();
    gone("a stick from before");
    town.configure("nowhere");
    gone("restarted without a source");
    town.configure("store");
    fs::remove_dir_all(town.sandbox.path("store/withdrawals")).unwrap();
    town.publish(2, &[&first, &evergreen]);
    town.pull().success().stdout_has("1-2");
    gone("listed again by a host that has forgotten");
    // Both copies of the state are lost, the documents are not.
    for copy in ["data/state.a", "data/state.b"] {
        let _ = fs::remove_file(town.sandbox.path(copy));
    }
    town.pull().success();
    gone("its state lost");
    // Recovery: the same content under a raised revision, approved again.
    let again = town.december(2);
    town.publish(3, &[&again, &evergreen]);
    town.pull().success().stdout_has("1-3");
    assert_eq!(town.on_air(), names(&[&again, &evergreen]));
}

/// What a rebuild changes in a manifest.
type Change = fn(&mut Value);

/// December with slides `a` and `b`, the second of a revision, changed as a rebuild changes it.
fn december_of_two(town: &Town, revision: u64, change: impl Fn(&mut Value)) -> Made {
    let mut value = manifest("quay", "monthly", 1);
    let slide = value["slides"]["du-lich/ban-gioc"].clone();
    value["slides"] = json!({"a": slide, "b": slide});
    value["loops"] = json!({"1": {"ms": 20_000, "items": [["a", 10_000], ["b", 10_000]]}});
    if revision > 1 {
        value["slides"]["b"]["revision"] = json!(revision);
    }
    change(&mut value);
    town.by_chiefs(&value)
}

#[test]
fn a92_a_withdrawn_slide_stays_away_however_its_program_is_built_again_and_whoever_lists_it() {
    let town = Town::new();
    let (evergreen, first) = (town.evergreen(), december_of_two(&town, 1, |_| {}));
    town.publish(1, &[&first, &evergreen]);
    town.pull().success();
    town.withdraw(1, &first, json!({"slides": {"b": 1}}), &[&town.office.chiefs[0]]);
    town.hint((1, 1));
    town.pull().success();
    let withdrawn = |made: &Made| town.schedule()["withdrawn"]["slides"][made.digest.to_string()].clone();
    assert_eq!(withdrawn(&first), json!(["b"]));
    // Approved programs that the thief of the publish key lists by himself, past every check of the office.
    let rebuilds: [(&str, Change); 4] = [
        ("another face", |value| value["screens"][0]["canvas"] = json!({"w": 3840, "h": 1080, "x": 0, "y": 0})),
        ("another agency", |value| value["slides"]["b"]["agency"] = json!("so-vhtt")),
        ("another version of the tool", |value| {
            value["slides"]["b"]["pages"]["640x320"] = value["slides"]["b"]["pages"]["1920x1080"].clone();
        }),
        ("another revision of the playlist", |value| value["revision"] = json!(5)),
    ];
    for (version, (what, change)) in (2..).zip(rebuilds) {
        let again = december_of_two(&town, 1, change);
        town.publish(version, &[&again, &evergreen]);
        town.pull().success().stdout_has(&format!("1-{version}"));
        assert_eq!(withdrawn(&again), json!(["b"]), "{what}");
    }
    // Its revision raised and approved, it is back.
    let back = december_of_two(&town, 2, |_| {});
    town.publish(6, &[&back, &evergreen]);
    town.pull().success().stdout_has("1-6");
    assert_eq!(withdrawn(&back), Value::Null);
}

#[test]
fn a28_a_refused_head_leaves_numbers_floor_and_stored_head_as_they_were() {
    let town = Town::new();
    let (evergreen, first, second) = (town.evergreen(), town.december(1), town.december(2));
    let unapproved = town.approved(&manifest("quay", "evergreen", 9), &[&town.office.chiefs[0]]);
    town.publish(1, &[&first, &evergreen]);
    town.pull().success();
    let stored = || {
        let head = fs::read(town.sandbox.path("data/store/sites/quay/heads/1-1.json")).unwrap();
        let state = town.state();
        (head, ["root", "epoch", "version", "previous", "withdrawals", "floor"].map(|name| state[name].clone()))
    };
    let before = stored();
    let good = |version| town.head_value((1, version), &[&second, &evergreen]);
    let missing = with(town.entry(&second), json!({"program": "0".repeat(64)}));
    let publish = &town.office.publish;
    let cases: [(&str, u64, Value, _); 9] = [
        ("signed by a reviewer", 2, good(2), &town.office.chiefs[0]),
        ("of another site", 2, with(good(2), json!({"site": "cang"})), publish),
        ("under another number", 2, good(3), publish),
        ("of another epoch", 2, with(good(2), json!({"epoch": 2})), publish),
        ("of the number that is held", 1, with(good(1), json!({"issued": "2026-12-09T00:00:00Z"})), publish),
        ("ahead of the roots", 2, with(good(2), json!({"root_min": 9, "issued": "2099-01-01T00:00:00Z"})), publish),
        ("ahead of the withdrawals", 2, with(good(2), json!({"withdrawals_min": 9})), publish),
        ("without an evergreen program", 2, town.head_value((1, 2), &[&second, &unapproved]), publish),
        ("with a program that is nowhere", 2, with(good(2), json!({"programs": [missing, town.entry(&evergreen)]})), publish),
    ];
    let own = fs::read(town.sandbox.path("store/sites/quay/heads/1-1.json")).unwrap();
    for (what, version, value, key) in cases {
        town.head((1, version), &value, key);
        assert_ne!(town.pull().code, 0, "{what}");
        town.configure("nowhere");
        assert_eq!(town.on_air(), names(&[&first, &evergreen]), "{what}");
        town.configure("store");
        assert_eq!(stored(), before, "{what}");
    }
    town.put("sites/quay/heads/1-1.json", own);
    town.head((1, 2), &good(2), publish);
    town.pull().success().stdout_has("1-2");
}

#[test]
fn a32_an_approval_for_another_site_kind_or_month_counts_for_nothing_at_the_player() {
    let town = Town::new();
    let evergreen = town.evergreen();
    let chiefs = &town.office.chiefs;
    for (number, more) in [
        json!({"site": "cang"}),
        json!({"kind": "evergreen"}),
        json!({"show_from": 1_764_522_000, "show_until": 1_767_200_400}),
        json!({"program": evergreen.digest.to_string()}),
        json!({"total_bytes": 5}),
        json!({"manifest_size": 9}),
    ]
    .into_iter()
    .enumerate()
    {
        let made = town.by_chiefs(&manifest("quay", "monthly", number as u64 + 1));
        let bent = approval_file(&with(with(made.approval.clone(), json!({"roles": ["chief"]})), more.clone()), &chiefs[1]);
        let path = format!("approvals/{}/{}.json", made.digest, kid(&chiefs[1]));
        town.put(&format!("{path}.minisig"), bent.signature);
        town.put(&path, bent.statement);
        town.publish(number as u64 + 1, &[&made, &evergreen]);
        // A statement on another program is in the wrong place: the right one counts as absent, and the player waits for it.
        town.pull().code(if more.get("program").is_some() { 3 } else { 0 });
        assert_eq!(town.on_air(), names(&[&evergreen]), "{more}");
    }
}

#[test]
fn a33_last_december_listed_again_in_july_is_never_shown() {
    let town = Town::new();
    let (evergreen, december, past) = (town.evergreen(), town.december(1), last_december(&town));
    town.publish(1, &[&december, &past, &evergreen]);
    town.pull().success();
    let shown = |time: &str| town.shown_at(time).unwrap();
    assert_eq!(shown("2026-12-01T08:00:00+07:00"), december.digest.to_string(), "in its own month it is shown");
    for time in [JULY, "2025-12-01T08:00:00+07:00", "2027-12-01T08:00:00+07:00"] {
        let found = shown(time);
        assert_ne!(found, december.digest.to_string(), "{time}");
        if time != "2025-12-01T08:00:00+07:00" {
            assert_eq!(found, evergreen.digest.to_string(), "{time}");
        }
    }
}
