//! What is in force at a player, judged from its trust and its stored documents, without folder or source.

use std::collections::{BTreeMap, BTreeSet};

use bangtin::base::digest::Digest;
use bangtin::base::ids::SlideId;
use bangtin::player::pull::trusted::{InForce, ProgramDocuments, Stored, Trusted};
use bangtin::trust::document::Verified;
use bangtin::trust::head::SignedHead;
use bangtin::trust::judge;
use bangtin::trust::root::Root;
use bangtin::trust::secret::SecretKey;
use bangtin::trust::withdrawal::Withdrawal;
use serde_json::{Value, json};

use super::kit::{AT, Made, Office, common, key, key_map, kid, made, manifest, signed, site, with};

const DAY: i64 = 86_400;

/// A site with a head, an evergreen program and a month, approved by both chiefs (the month by the site's reviewer too).
struct Scene {
    office: Office,
    evergreen: Made,
    month: Made,
    documents: BTreeMap<Digest, ProgramDocuments>,
    head: Value,
    /// Missing objects.
    lacking: BTreeSet<Digest>,
}

impl Scene {
    fn new() -> Self {
        let office = Office::new();
        let two_slides = |kind: &str| {
            let mut value = manifest("ta-lung", kind, 1);
            let slide = value["slides"]["du-lich/ban-gioc"].clone();
            value["slides"] = json!({"a": slide, "b": slide});
            value["loops"] = json!({"1": {"ms": 20000, "items": [["a", 10000], ["b", 10000]]}});
            made(&value)
        };
        let (evergreen, month) = (two_slides("evergreen"), two_slides("monthly"));
        let mut documents = BTreeMap::new();
        let mut entries = Vec::new();
        for program in [&evergreen, &month] {
            let mut approvals: BTreeMap<_, _> = office.chiefs[..2].iter().map(|chief| program.approved(chief, &["chief"])).collect();
            approvals.extend([program.approved(&office.local, &["ta-lung"])]);
            entries.push(program.entry(&approvals.keys().map(ToString::to_string).collect::<Vec<_>>()));
            documents.insert(program.digest, ProgramDocuments { approvals, manifest: program.bytes.clone(), unread: None });
        }
        let head = office.head_value("ta-lung", 3, json!(entries));
        Self { office, evergreen, month, documents, head, lacking: BTreeSet::new() }
    }

    fn trusted(&self) -> Trusted {
        Trusted::new(site("ta-lung"), self.office.root(), 0)
    }

    fn judge(&self, trusted: &mut Trusted) -> InForce {
        let (bytes, signature) = self.office.head(&self.head);
        self.judge_with(trusted, Some(SignedHead { number: (1, 3).into(), bytes, signature }))
    }

    fn judge_with(&self, trusted: &mut Trusted, head: Option<SignedHead>) -> InForce {
        let program = |entry: &bangtin::trust::head::HeadEntry, kids: &BTreeSet<_>| {
            let mut documents = self.documents[&entry.program].clone();
            documents.approvals.retain(|kid, _| kids.contains(kid));
            documents
        };
        trusted.rejudge(&Stored { head, program: &program, holds: &|digest, _| !self.lacking.contains(&digest) })
    }

    /// Root 2 with some fields changed.
    fn next_root(&self, change: impl FnOnce(&mut Value)) -> Verified<Root> {
        let mut value = with(self.office.root_value(), json!({"version": 2}));
        change(&mut value);
        self.office.root_from(&value)
    }

    fn withdrawal(&self, program: &Made, more: Value, keys: &[&SecretKey]) -> Verified<Withdrawal> {
        let fields = json!({"version": 1, "program": program.digest.to_string(), "site": "ta-lung", "kind": program.kind,
                            "role": "chief", "reason": "sai giờ"});
        let (bytes, signatures) = signed(&with(with(common("bangtin-withdrawal"), fields), more), keys);
        judge::withdrawal(&self.office.root(), 1, bytes, signatures).unwrap()
    }
}

fn programs(in_force: &InForce) -> Vec<Digest> {
    in_force.programs.iter().map(|each| each.program.digest()).collect()
}

#[test]
fn everything_approved_is_in_force_and_complete_if_its_objects_are_there() {
    let mut scene = Scene::new();
    let mut trusted = scene.trusted();
    let before = scene.judge_with(&mut trusted, None);
    assert_eq!((before.root, before.head, before.programs.len()), (1, None, 0), "before the first head");
    let in_force = scene.judge(&mut trusted);
    assert_eq!(programs(&in_force), [scene.evergreen.digest, scene.month.digest]);
    assert_eq!((in_force.head, in_force.head_unverifiable), (Some((1, 3).into()), false));
    assert!(in_force.refused.is_empty() && in_force.programs.iter().all(|each| each.complete));
    assert_eq!(trusted.head().map(|head| head.body().number()), in_force.head);
    scene.lacking.insert(Digest::of(b"page"));
    assert!(scene.judge(&mut trusted).programs.iter().all(|each| !each.complete));
}

#[test]
fn a_head_under_another_number_or_with_a_bad_signature_is_none() {
    let scene = Scene::new();
    let mut trusted = scene.trusted();
    let (bytes, signature) = scene.office.head(&scene.head);
    let misplaced = SignedHead { number: (1, 4).into(), bytes: bytes.clone(), signature };
    let unsigned = SignedHead { number: (1, 3).into(), bytes, signature: Vec::new() };
    for head in [misplaced, unsigned] {
        let in_force = scene.judge_with(&mut trusted, Some(head));
        assert_eq!((in_force.head, in_force.programs.len(), trusted.head().is_none()), (None, 0, true));
    }
}

#[test]
fn a_withdrawal_takes_a_program_or_slides_of_it() {
    let scene = Scene::new();
    let chief = &scene.office.chiefs[0];
    let mut trusted = scene.trusted();
    trusted.add_withdrawal(scene.withdrawal(&scene.month, json!({}), &[chief]));
    let in_force = scene.judge(&mut trusted);
    assert_eq!(programs(&in_force), [scene.evergreen.digest]);
    assert_eq!(in_force.withdrawn.programs, BTreeSet::from([scene.month.digest]), "so that no page plays on with it");
    let [(digest, reason)] = &in_force.refused[..] else { panic!("{:?}", in_force.refused) };
    assert_eq!(
        (*digest, reason.vi.as_str(), reason.en.as_str()),
        (scene.month.digest, "đã thu hồi: chương trình tháng “Chương trình”", "withdrawn: monthly program “Chương trình”")
    );

    let mut trusted = scene.trusted();
    trusted.add_withdrawal(scene.withdrawal(&scene.month, json!({"slides": ["a"]}), &[chief]));
    let in_force = scene.judge(&mut trusted);
    assert_eq!(programs(&in_force).len(), 2);
    assert_eq!(in_force.withdrawn.slides, BTreeMap::from([(scene.month.digest, BTreeSet::from([SlideId::parse("a").unwrap()]))]));
}

#[test]
fn a_head_that_no_longer_verifies_under_a_new_root_stays_and_is_reported() {
    let scene = Scene::new();
    let mut trusted = scene.trusted();
    scene.judge(&mut trusted);
    let other = key();
    trusted.add_root(scene.next_root(|root| {
        root["keys"] = with(root["keys"].clone(), key_map([&other]));
        root["roles"]["publish"] = json!({"keys": [kid(&other)], "threshold": 1, "epoch": 2});
    }));
    let in_force = scene.judge(&mut trusted);
    assert_eq!((in_force.root, in_force.head, in_force.head_unverifiable), (2, Some((1, 3).into()), true));
    assert_eq!(programs(&in_force).len(), 2, "what plays plays on");
}

#[test]
fn a_reviewer_taken_out_of_the_root_takes_what_she_approved() {
    let scene = Scene::new();
    let mut trusted = scene.trusted();
    trusted.add_root(scene.next_root(|root| root["roles"]["review"]["ta-lung"]["keys"] = json!([kid(&scene.office.chiefs[2])])));
    let in_force = scene.judge(&mut trusted);
    assert_eq!(programs(&in_force), [scene.evergreen.digest]);
    let [(digest, reason)] = &in_force.refused[..] else { panic!("{:?}", in_force.refused) };
    assert_eq!(*digest, scene.month.digest);
    assert!(reason.en.contains("ta-lung: 0 valid approvals") && reason.vi != reason.en, "{reason:?}");
}

#[test]
fn the_floor_rises_by_roots_and_approved_programs_and_never_sinks() {
    let mut scene = Scene::new();
    let mut trusted = scene.trusted();
    scene.judge_with(&mut trusted, None);
    assert_eq!(trusted.floor(), AT.0, "the root's own moment");
    // Approvals from the far future raise the floor to at most a day after the head's time; approvals of one chief alone do not count.
    let issued = bangtin::base::times::Timestamp(AT.0 + 90 * DAY).to_string();
    let late = |made: &Made, keys: &[&SecretKey]| -> BTreeMap<_, _> {
        let value = with(made.approval.clone(), json!({"issued": issued, "roles": ["chief"]}));
        keys.iter().map(|key| (key.public().kid(), super::kit::approval_file(&value, key))).collect()
    };
    let chiefs: Vec<&SecretKey> = scene.office.chiefs[..2].iter().collect();
    let (alone, both) = (late(&scene.evergreen, &chiefs[..1]), late(&scene.evergreen, &chiefs));
    scene.documents.get_mut(&scene.evergreen.digest).unwrap().approvals = alone;
    assert_eq!(scene.judge(&mut trusted).floor, AT.0);
    scene.documents.get_mut(&scene.evergreen.digest).unwrap().approvals = both;
    assert_eq!(scene.judge(&mut trusted).floor, AT.0 + DAY);
    assert_eq!(scene.judge_with(&mut trusted, None).floor, AT.0 + DAY, "without that head");
    trusted.raise_floor(5);
    assert_eq!(trusted.floor(), AT.0 + DAY);
}
