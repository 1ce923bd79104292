//! Programs under a root: which approvals count, and what is dropped or incomplete without enough of them.

use bangtin::base::times::Timestamp;
use bangtin::trust::document::Verified;
use bangtin::trust::head::{Head, HeadEntry};
use bangtin::trust::judge::{self, Approved};
use bangtin::trust::keys::KeyId;
use bangtin::trust::refusal::Refusal;
use bangtin::trust::root::Root;
use serde_json::{Value, json};

use super::kit::{Files, Made, Office, approval_file, kid, made, manifest, site, with};

struct Scene {
    office: Office,
    root: Verified<Root>,
    place: &'static str,
    kind: &'static str,
}

impl Scene {
    fn new(place: &'static str, kind: &'static str) -> Self {
        let office = Office::new();
        let root = office.root();
        Self { office, root, place, kind }
    }

    fn made(&self) -> Made {
        made(&manifest(self.place, self.kind, 1))
    }

    fn entry(&self, made: &Made, kids: Vec<KeyId>) -> HeadEntry {
        let kids: Vec<_> = kids.iter().map(KeyId::to_string).collect();
        let head = self.office.verified_head(&self.root, &self.office.head_value(self.place, 1, json!([made.entry(&kids)])));
        head.body().programs[0].clone()
    }

    fn judge(&self, made: &Made, files: &Files) -> Result<Approved, Refusal> {
        self.judge_as(made, self.place, &self.entry(made, files.keys().copied().collect()), files)
    }

    fn judge_as(&self, made: &Made, place: &str, entry: &HeadEntry, files: &Files) -> Result<Approved, Refusal> {
        let counted = judge::approvals(&self.root, &site(place), entry, files)?;
        judge::program(&self.root, counted, &made.bytes)
    }

    fn good(&self, made: &Made) -> Files {
        let chiefs = &self.office.chiefs;
        let mut files = Files::from([made.approved(&chiefs[0], &["chief"]), made.approved(&chiefs[1], &["chief"])]);
        if self.place == "ta-lung" && self.kind == "monthly" {
            files.extend([made.approved(&self.office.local, &["ta-lung"])]);
        }
        files
    }
}

fn is_dropped(judged: &Result<Approved, Refusal>) -> bool {
    matches!(judged, Err(Refusal::Rule(_) | Refusal::Approvals(_)))
}

fn is_incomplete(judged: &Result<Approved, Refusal>) -> bool {
    matches!(judged, Err(Refusal::Unproven(_)))
}

#[test]
fn enough_approvals_approve() {
    for (place, kind) in [("ta-lung", "monthly"), ("ta-lung", "evergreen"), ("trung-khanh", "monthly")] {
        let scene = Scene::new(place, kind);
        let made = scene.made();
        let approved = scene.judge(&made, &scene.good(&made)).unwrap();
        assert_eq!(approved.program().digest(), made.digest);
    }
}

#[test]
fn a31_none_too_few_or_of_the_wrong_role_is_dropped() {
    let scene = Scene::new("ta-lung", "monthly");
    let made = scene.made();
    let chiefs = &scene.office.chiefs;
    assert!(is_dropped(&scene.judge(&made, &Files::new())), "none");
    for missing in scene.good(&made).keys() {
        let mut files = scene.good(&made);
        files.remove(missing);
        assert!(is_dropped(&scene.judge(&made, &files)), "without {missing}");
    }
    // A role that the reviewer does not hold does not count, nor one held but not named.
    let files = Files::from([
        made.approved(&chiefs[0], &["chief"]),
        made.approved(&scene.office.duty, &["chief"]),
        made.approved(&scene.office.local, &["ta-lung"]),
    ]);
    assert!(is_dropped(&scene.judge(&made, &files)), "not held");
    let files = Files::from([
        made.approved(&chiefs[0], &["chief"]),
        made.approved(&chiefs[1], &[]),
        made.approved(&scene.office.local, &["ta-lung"]),
    ]);
    assert!(is_dropped(&scene.judge(&made, &files)), "not named");
    // The publisher's key is no reviewer's key.
    let mut files = scene.good(&made);
    files.remove(&chiefs[0].public().kid());
    files.extend([made.approved(&scene.office.publish, &["chief"])]);
    assert!(is_dropped(&scene.judge(&made, &files)), "publisher");
}

#[test]
fn a31_a_refusal_names_every_role_that_lacks_signatures() {
    let refused = |kind: &'static str, absent: bool| {
        let scene = Scene::new("ta-lung", kind);
        let mut value = manifest("ta-lung", kind, 1);
        value["roles"] = json!(["chief", "ta-lung"]);
        let made = made(&value);
        let files = Files::from([made.approved(&scene.office.chiefs[0], &["chief"])]);
        let second = scene.office.chiefs[1].public().kid();
        let entry = scene.entry(&made, files.keys().copied().chain(absent.then_some(second)).collect());
        let judged = judge::program_with_approvals(&scene.root, (&site("ta-lung"), &entry), &made.bytes, &files);
        let said = judged.as_ref().map_or_else(ToString::to_string, |_| String::new()).replace(&second.to_string(), "KID");
        (said, is_incomplete(&judged))
    };
    let both = "role chief: 1 valid approval, 2 required; role ta-lung: 0 valid approvals, 1 required";
    assert_eq!(refused("monthly", false), (both.to_owned(), false));
    // What is absent is named once, and may come.
    assert_eq!(refused("monthly", true), (format!("{both}; absent or badly signed: KID"), true));
    // Of the evergreen program the root asks for the chiefs alone, and the manifest for a role that does not approve it.
    let (said, incomplete) = refused("evergreen", false);
    assert!(said.contains("role ta-lung must approve, but ") && said.ends_with("; role chief: 1 valid approval, 2 required"), "{said}");
    assert!(!incomplete, "fetching again does not help");
}

#[test]
fn a31_the_manifests_own_roles_count_too() {
    let scene = Scene::new("trung-khanh", "monthly");
    let mut value = manifest("trung-khanh", "monthly", 1);
    value["roles"] = json!(["chief", "ta-lung"]);
    let made = made(&value);
    let mut files = scene.good(&made);
    files.extend([made.approved(&scene.office.local, &["ta-lung"])]);
    let refusal = scene.judge(&made, &files).unwrap_err();
    assert!(refusal.to_string().contains("does not cover"), "a role that does not cover the site is never met: {refusal}");
}

#[test]
fn a32_approvals_of_another_site_month_kind_or_program_do_not_count() {
    let scene = Scene::new("ta-lung", "monthly");
    let made = scene.made();
    let bends = [
        json!({"site": "trung-khanh"}),
        json!({"site": "lobby"}),
        json!({"kind": "evergreen"}),
        json!({"manifest_size": made.bytes.len() + 1}),
        json!({"total_bytes": 5}),
        json!({"show_from": 1_798_736_400, "show_until": 1_801_414_800}),
        json!({"show_until": null}),
        json!({"root_id": "f".repeat(32)}),
        json!({"critical": ["x"]}),
        json!({"type": "bangtin-release"}),
        json!({"spec": 2}),
    ];
    let key = &scene.office.chiefs[1];
    for bend in bends {
        let mut files = scene.good(&made);
        let bent = with(made.approval.clone(), bend.clone());
        files.insert(key.public().kid(), approval_file(&bent, key));
        assert!(is_dropped(&scene.judge(&made, &files)), "{bend}");
    }
    // A statement on another program lies in the wrong place: whoever put it there, the right one is absent.
    let mut files = scene.good(&made);
    let elsewhere = with(made.approval.clone(), json!({"program": "0".repeat(64)}));
    files.insert(key.public().kid(), approval_file(&elsewhere, key));
    assert!(is_incomplete(&scene.judge(&made, &files)), "another program");
    let mut lacking = made.approval.clone();
    lacking.as_object_mut().unwrap().remove("show_until");
    let mut files = scene.good(&made);
    files.insert(key.public().kid(), approval_file(&lacking, key));
    assert!(is_dropped(&scene.judge(&made, &files)), "a missing field is not null");
    // The complete entry at another site.
    let files = scene.good(&made);
    let entry = scene.entry(&made, files.keys().copied().collect());
    assert!(is_dropped(&scene.judge_as(&made, "trung-khanh", &entry, &files)));
}

#[test]
fn a37_content_different_from_the_approved_is_refused() {
    let scene = Scene::new("ta-lung", "evergreen");
    let (made, other) = (scene.made(), super::kit::made(&manifest("ta-lung", "evergreen", 2)));
    let files = scene.good(&made);
    let entry = scene.entry(&made, files.keys().copied().collect());
    let counted = judge::approvals(&scene.root, &site("ta-lung"), &entry, &files).unwrap();
    assert!(is_incomplete(&judge::program(&scene.root, counted, &other.bytes)));
}

#[test]
fn a37_a_head_that_lies_about_its_program_is_seen() {
    let scene = Scene::new("ta-lung", "monthly");
    let made = scene.made();
    let files = scene.good(&made);
    let honest = scene.entry(&made, files.keys().copied().collect());
    let lies: [fn(&mut HeadEntry); 2] = [|entry| entry.size += 1, |entry| entry.kind = bangtin::base::terms::ProgramKind::Evergreen];
    for lie in lies {
        let mut entry = honest.clone();
        lie(&mut entry);
        assert!(is_dropped(&scene.judge_as(&made, "ta-lung", &entry, &files)));
    }
}

#[test]
fn a40_an_absent_or_badly_signed_approval_that_is_needed_is_incomplete() {
    let scene = Scene::new("ta-lung", "evergreen");
    let made = scene.made();
    let all = scene.good(&made);
    let entry = scene.entry(&made, all.keys().copied().collect());
    let first = *all.keys().next().unwrap();
    let mut files = all.clone();
    files.remove(&first);
    assert!(is_incomplete(&scene.judge_as(&made, "ta-lung", &entry, &files)), "absent");
    let mut files = all.clone();
    files.get_mut(&first).unwrap().statement.push(b' ');
    assert!(is_incomplete(&scene.judge_as(&made, "ta-lung", &entry, &files)), "one changed byte");
    let mut files = all.clone();
    files.get_mut(&first).unwrap().statement = vec![b' '; 65 << 10];
    assert!(is_incomplete(&scene.judge_as(&made, "ta-lung", &entry, &files)), "a host that sends too much drops no program");
}

#[test]
fn a12_a_bad_approval_beyond_the_needed_ones_harms_nothing() {
    let scene = Scene::new("ta-lung", "evergreen");
    let made = scene.made();
    let mut files = scene.good(&made);
    let (third, mut file) = made.approved(&scene.office.chiefs[2], &["chief"]);
    file.signature = b"garbage".to_vec();
    files.insert(third, file);
    assert!(scene.judge(&made, &files).is_ok());
}

#[test]
fn a15_a_reviewer_taken_out_of_the_root_is_revoked() {
    let mut scene = Scene::new("ta-lung", "evergreen");
    let made = scene.made();
    let files = scene.good(&made);
    assert!(scene.judge(&made, &files).is_ok());
    let mut value = scene.office.root_value();
    let gone = kid(&scene.office.chiefs[0]);
    value["keys"].as_object_mut().unwrap().remove(&gone);
    value["roles"]["review"]["chief"]["keys"].as_array_mut().unwrap().retain(|kid| *kid != json!(gone));
    scene.root = scene.office.root_from(&value);
    assert!(is_dropped(&scene.judge(&made, &files)), "its approval does not count and is not waited for");
}

#[test]
fn a45_one_reviewer_counts_once_whatever_names_the_files_bear() {
    let scene = Scene::new("ta-lung", "evergreen");
    let made = scene.made();
    let chiefs = &scene.office.chiefs;
    let (own, file) = made.approved(&chiefs[0], &["chief"]);
    let files = Files::from([(own, file.clone()), (chiefs[1].public().kid(), file)]);
    assert!(is_incomplete(&scene.judge(&made, &files)), "what the other signed is absent");
}

#[test]
fn a34_nothing_left_or_no_evergreen_refuses_the_head() {
    let scene = Scene::new("trung-khanh", "monthly");
    let made = scene.made();
    let monthly = scene.judge(&made, &scene.good(&made)).unwrap();
    assert!(judge::ensure_evergreen_left(&[]).is_err());
    assert!(judge::ensure_evergreen_left(&[monthly]).is_err());
    let scene = Scene::new("trung-khanh", "evergreen");
    let made = scene.made();
    let evergreen = scene.judge(&made, &scene.good(&made)).unwrap();
    assert!(judge::ensure_evergreen_left(&[evergreen]).is_ok());
}

#[test]
fn a90_one_approval_from_the_future_does_not_move_the_clock() {
    let scene = Scene::new("ta-lung", "evergreen");
    let made = scene.made();
    let key = &scene.office.chiefs[1];
    let future = with(made.approval.clone(), json!({"issued": "2099-01-01T00:00:00Z"}));
    let mut files = scene.good(&made);
    files.insert(key.public().kid(), approval_file(&future, key));
    let approved = scene.judge(&made, &files).unwrap();
    let head: Verified<Head> = scene.office.verified_head(&scene.root, &scene.office.head_value("ta-lung", 1, head_entries(&made)));
    assert_eq!(judge::clock_floor(&head, &[approved]), Some(Timestamp(head.issued().0 + 86_400)));
    assert_eq!(judge::clock_floor(&head, &[]), None);
    // Below the threshold there is no approved program, so no time to use.
    let files = Files::from([(key.public().kid(), approval_file(&future, key))]);
    assert!(scene.judge(&made, &files).is_err());
}

fn head_entries(made: &Made) -> Value {
    json!([made.entry(&[])])
}

#[test]
fn a_program_that_is_approved_but_not_well_formed_is_dropped() {
    let scene = Scene::new("ta-lung", "evergreen");
    let mut value = manifest("ta-lung", "evergreen", 1);
    value["loops"]["1"]["ms"] = json!(9_000);
    let made = made(&value);
    assert!(is_dropped(&scene.judge(&made, &scene.good(&made))));
}
