//! Roots: form, first root, and the step from one to the next.

use bangtin::base::times::Timestamp;
use bangtin::trust::document::Verified;
use bangtin::trust::judge;
use bangtin::trust::refusal::Refusal;
use bangtin::trust::root::Root;
use bangtin::trust::secret::SecretKey;
use serde_json::{Value, json};

use super::kit::{Office, common, key, key_map, keys, kid, sign, signed, with};

/// A root whose root role varies; the other roles have one fixed key each.
struct Rotation {
    pool: Vec<SecretKey>,
    publish: SecretKey,
    review: SecretKey,
}

impl Rotation {
    fn new(count: usize) -> Self {
        Self { pool: keys(count), publish: key(), review: key() }
    }

    fn value(&self, version: u64, holders: &[usize], threshold: i64) -> Value {
        let holding: Vec<_> = holders.iter().map(|at| &self.pool[*at]).collect();
        let all = holding.iter().copied().chain([&self.publish, &self.review]);
        let kids: Vec<_> = holding.iter().map(|key| kid(key)).collect();
        with(
            common("bangtin-root"),
            json!({
                "version": version, "expires": "2020-01-01T00:00:00Z", "keys": key_map(all),
                "roles": {"root": {"keys": kids, "threshold": threshold},
                          "publish": {"keys": [kid(&self.publish)], "threshold": 1, "epoch": 1},
                          "review": {"chief": {"keys": [kid(&self.review)], "threshold": 1, "sites": ["*"], "kinds": ["monthly"]}}},
                "requires": {"monthly": ["chief"], "evergreen": ["chief"], "urgent": ["chief"], "kit": ["chief"]},
            }),
        )
    }

    fn signers(&self, at: &[usize]) -> Vec<&SecretKey> {
        at.iter().map(|at| &self.pool[*at]).collect()
    }

    fn first(&self, holders: &[usize], threshold: i64) -> Verified<Root> {
        let (bytes, signatures) = signed(&self.value(1, holders, threshold), &self.signers(holders));
        judge::initial_root(bytes, signatures).expect("a first root")
    }
}

fn step(old: &Verified<Root>, (bytes, signatures): (Vec<u8>, Vec<Vec<u8>>)) -> Result<Verified<Root>, Refusal> {
    judge::root_signed_by_old(old, &bytes, signatures.clone())?.finish(signatures)
}

/// One root of a chain: its holders, its threshold, and who signs it.
type Version = (&'static [usize], i64, &'static [usize]);

/// The fifteen `root_rotation_cases` of the TUF conformance suite, by their names there: each a chain of roots, and whether a client that
/// trusts the first ends at the last or at the one before it.
const CASES: [(&str, &[Version], bool); 15] = [
    ("1-of-1-key-rotation", &[(&[1], 1, &[1]), (&[2], 1, &[2, 1]), (&[2], 1, &[2])], true),
    ("1-of-1-key-rotation-unused-signatures", &[(&[1], 1, &[3, 1, 4]), (&[2], 1, &[3, 2, 1, 4]), (&[2], 1, &[3, 2, 4])], true),
    (
        "3-of-5-sign-with-different-keycombos",
        &[(FIVE, 3, &[0, 2, 4]), (FIVE, 3, &[0, 4, 1]), (FIVE, 3, &[0, 1, 3]), (FIVE, 3, &[0, 1, 3])],
        true,
    ),
    ("3-of-5-one-key-rotated", &[(FIVE, 3, &[0, 2, 4]), (OTHER, 3, &[0, 4, 1])], true),
    ("3-of-5-one-key-rotated-with-intermediate-step", &[(FIVE, 3, &[0, 2, 4]), (OTHER, 3, &[0, 2, 4, 5]), (OTHER, 3, &[0, 4, 5])], true),
    (
        "3-of-5-all-keys-rotated-with-intermediate-step",
        &[(FIVE, 3, &[0, 2, 4]), (&[5, 6, 7, 8, 9], 3, &[0, 2, 4, 5, 6, 7]), (&[5, 6, 7, 8, 9], 3, &[5, 6, 7])],
        true,
    ),
    ("1-of-3-threshold-increase-to-2-of-3", &[(&[1, 2, 3], 1, &[1]), (&[1, 2, 3], 2, &[1, 2])], true),
    ("2-of-3-threshold-decrease-to-1-of-3", &[(&[1, 2, 3], 2, &[1, 2]), (&[1, 2, 3], 1, &[1, 2]), (&[1, 2, 3], 1, &[1])], true),
    ("1-of-2-threshold-increase-to-2-of-2", &[(&[1], 1, &[1]), (&[1, 2], 2, &[1, 2])], true),
    ("1-of-1-key-rotation-fail-not-signed-with-old-key", &[(&[1], 1, &[1]), (&[2], 1, &[2, 3, 4])], false),
    ("1-of-1-key-rotation-fail-not-signed-with-new-key", &[(&[1], 1, &[1]), (&[2], 1, &[1, 3, 4])], false),
    ("3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys", &[(FIVE, 3, &[0, 2, 4]), (OTHER, 3, &[0, 2, 4])], false),
    ("3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys", &[(FIVE, 3, &[0, 2, 4]), (OTHER, 3, &[0, 4, 5])], false),
    ("1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached", &[(&[1, 2, 3], 1, &[1]), (&[1, 2, 3], 2, &[2])], false),
    ("2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-reached", &[(&[1, 2, 3], 2, &[1, 2]), (&[1, 2, 3], 1, &[1])], false),
];
const FIVE: &[usize] = &[0, 1, 2, 3, 4];
const OTHER: &[usize] = &[0, 1, 3, 4, 5];

#[test]
fn a02_the_table_of_root_rotations() {
    let rotation = Rotation::new(10);
    let made = |version: u64, (holders, threshold, signers): Version| {
        signed(&rotation.value(version, holders, threshold), &rotation.signers(signers))
    };
    for (name, chain, passes) in CASES {
        let (bytes, signatures) = made(1, chain[0]);
        let mut held = judge::initial_root(bytes, signatures).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        for (version, next) in (2..).zip(&chain[1..]) {
            match step(&held, made(version, *next)) {
                Ok(root) => held = root,
                Err(refusal) => assert!(!passes && version == chain.len() as u64, "{name}: root {version}: {refusal}"),
            }
        }
        assert_eq!(held.body().version, chain.len() as u64 - u64::from(!passes), "{name}");
    }
}

#[test]
fn a01_a03_thresholds_of_both_sides_count_however_many_keys_change() {
    let rotation = Rotation::new(10);
    let first = rotation.first(FIVE, 3);
    let table: [(&[usize], &[usize], bool); 5] = [
        (&[0, 4, 5, 6, 7], &[0, 2, 4, 5], true),
        (&[0, 4, 5, 6, 7], &[0, 1, 2, 4], false),
        (&[5, 6, 7, 8, 9], &[0, 2, 4, 5, 7, 9], true),
        (&[5, 6, 7, 8, 9], &[0, 2, 5, 7, 9], false),
        (&[5, 6, 7, 8, 9], &[0, 2, 4, 5, 7], false),
    ];
    for (holders, signers, passes) in table {
        let next = signed(&rotation.value(2, holders, 3), &rotation.signers(signers));
        assert_eq!(step(&first, next).is_ok(), passes, "{holders:?} signed by {signers:?}");
    }
}

#[test]
fn a01_a03_one_side_alone_cannot_pass_a_root() {
    let rotation = Rotation::new(3);
    let first = rotation.first(&[0, 1], 2);
    for signers in [&[0][..], &[1], &[2], &[2, 2], &[0, 0], &[0, 2]] {
        let next = signed(&rotation.value(2, &[0, 1], 1), &rotation.signers(signers));
        assert!(step(&first, next).is_err(), "{signers:?}");
    }
}

#[test]
fn a04_the_successor_bears_exactly_the_next_number() {
    let rotation = Rotation::new(1);
    let first = rotation.first(&[0], 1);
    for (version, passes) in [(0, false), (1, false), (2, true), (3, false), (1 << 53, false), ((1 << 53) - 1, false)] {
        let next = signed(&rotation.value(version, &[0], 1), &rotation.signers(&[0]));
        assert_eq!(step(&first, next).is_ok(), passes, "{version}");
    }
}

#[test]
fn a06_a_player_three_years_old_walks_all_roots_expired_or_not() {
    let rotation = Rotation::new(2);
    let mut root = rotation.first(&[0], 1);
    for version in 2..=40_u64 {
        let (old, new) = (usize::from(version % 2 == 1), usize::from(version % 2 == 0));
        root = step(&root, signed(&rotation.value(version, &[new], 1), &rotation.signers(&[old, new]))).unwrap();
    }
    assert_eq!(root.body().version, 40);
    assert!(root.body().expires < Timestamp(1_796_263_200));
}

#[test]
fn a07_a_root_over_64_kib_is_refused() {
    let rotation = Rotation::new(1);
    let first = rotation.first(&[0], 1);
    let long = with(rotation.value(2, &[0], 1), json!({"padding": "x".repeat(64 << 10)}));
    assert!(step(&first, signed(&long, &rotation.signers(&[0]))).is_err());
}

#[test]
fn a08_thresholds_lie_between_one_and_the_number_of_distinct_keys() {
    let office = Office::new();
    for role in ["root", "publish", "chief"] {
        for threshold in [json!(0), json!(-1), json!(4), json!(1.0), json!("1"), json!(null)] {
            let mut value = office.root_value();
            let at = if role == "chief" { &mut value["roles"]["review"]["chief"] } else { &mut value["roles"][role] };
            at["threshold"] = threshold.clone();
            let (bytes, signatures) = signed(&value, &[&office.root]);
            assert!(judge::initial_root(bytes, signatures).is_err(), "{role} {threshold}");
        }
    }
    let mut value = office.root_value();
    let only = kid(&office.chiefs[0]);
    value["roles"]["review"]["chief"]["keys"] = json!([only, only]);
    let (bytes, signatures) = signed(&value, &[&office.root]);
    assert!(judge::initial_root(bytes, signatures).is_err(), "one key listed twice for a threshold of two");
}

#[test]
fn a09_one_key_under_two_ids_counts_once() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let office = Office::new();
    let mut value = office.root_value();
    let double = STANDARD.encode([b"Ed".as_slice(), &[9; 8], office.chiefs[0].public().bytes()].concat());
    value["keys"]["00112233445566ff"] = json!({"minisign": double, "holder": "hai tên"});
    value["roles"]["review"]["chief"]["keys"] = json!([kid(&office.chiefs[0]), "00112233445566ff"]);
    let (bytes, signatures) = signed(&value, &[&office.root]);
    let refusal = judge::initial_root(bytes, signatures).unwrap_err();
    assert!(refusal.to_string().contains("not its own"), "{refusal}");
}

#[test]
fn a10_a12_signatures_count_once_and_garbage_harms_nothing() {
    let rotation = Rotation::new(3);
    let first = rotation.first(&[0, 1], 2);
    let (bytes, mut signatures) = signed(&rotation.value(2, &[0, 1], 2), &rotation.signers(&[0, 0, 2]));
    signatures.push(b"garbage".to_vec());
    assert!(step(&first, (bytes.clone(), signatures.clone())).is_err(), "the same key twice");
    signatures.push(sign(&rotation.pool[1], &bytes));
    assert!(step(&first, (bytes, signatures)).is_ok(), "enough good ones among garbage");
}

#[test]
fn a11_a_key_in_two_of_root_publish_review_is_refused() {
    let office = Office::new();
    let (root, publish, chief) = (kid(&office.root), kid(&office.publish), kid(&office.chiefs[0]));
    for (role, intruder) in [("root", &publish), ("root", &chief), ("publish", &root), ("publish", &chief)] {
        let mut value = office.root_value();
        value["roles"][role]["keys"].as_array_mut().unwrap().push(json!(intruder));
        let (bytes, signatures) = signed(&value, &[&office.root]);
        let refusal = judge::initial_root(bytes, signatures).unwrap_err();
        assert!(refusal.to_string().contains("in two of"), "{role}: {refusal}");
    }
    // Two reviewer roles may share a holder.
    let mut value = office.root_value();
    value["roles"]["review"]["ta-lung"]["keys"].as_array_mut().unwrap().push(json!(chief));
    office.root_from(&value);
}

#[test]
fn a13_a_first_root_that_is_unsigned_or_lacks_a_field_is_refused() {
    let office = Office::new();
    let (bytes, _) = signed(&office.root_value(), &[]);
    assert!(judge::initial_root(bytes, Vec::new()).is_err());
    let lacking = [
        "/type",
        "/spec",
        "/root_id",
        "/issued",
        "/version",
        "/expires",
        "/keys",
        "/roles",
        "/roles/root",
        "/roles/publish/epoch",
        "/roles/review/chief/sites",
        "/roles/review/chief/kinds",
        "/requires",
        "/requires/kit",
        "/requires/monthly",
    ];
    for pointer in lacking {
        let mut value = office.root_value();
        let (above, name) = pointer.rsplit_once('/').unwrap();
        value.pointer_mut(above).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        let (bytes, signatures) = signed(&value, &[&office.root]);
        assert!(judge::initial_root(bytes, signatures).is_err(), "without {pointer}");
    }
    for (pointer, bent) in [
        ("/requires/kit", json!([])),
        ("/requires/sites/ta-lung/monthly", json!([])),
        ("/roles/review/chief/sites", json!(["Ta-Lung"])),
        ("/roles/review/chief/kinds", json!(["weekly"])),
        ("/roles/root/keys", json!(["00112233445566ff"])),
        ("/issued", json!("2026-12-03T02:00:00+07:00")),
        ("/root_id", json!("000102030405060708090A0B0C0D0E0F")),
        ("/spec", json!(2)),
        ("/type", json!("bangtin-head")),
    ] {
        let mut value = office.root_value();
        *value.pointer_mut(pointer).unwrap() = bent;
        let (bytes, signatures) = signed(&value, &[&office.root]);
        assert!(judge::initial_root(bytes, signatures).is_err(), "{pointer}");
    }
}

#[test]
fn a14_a_root_of_another_installation_is_refused() {
    let rotation = Rotation::new(1);
    let first = rotation.first(&[0], 1);
    let foreign = with(rotation.value(2, &[0], 1), json!({"root_id": "f".repeat(32)}));
    assert!(matches!(step(&first, signed(&foreign, &rotation.signers(&[0]))), Err(Refusal::Rule(_))));
}
