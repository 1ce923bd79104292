//! The first root, made from the approval policy and the holders' keys.

use std::collections::BTreeMap;

use bangtin::base::failure::Failure;
use bangtin::base::ids::RoleId;
use bangtin::base::terms::ProgramKind;
use bangtin::content::model::values::{ApprovalPolicy, RolePolicy};
use bangtin::trust::document::{self, CommonFields, RootId};
use bangtin::trust::judge;
use bangtin::trust::policy::{InitialHolders, KeyHolder, first_root};
use bangtin::trust::secret::SecretKey;

use super::kit::{AT, key, sign, site};

fn role(name: &str) -> RoleId {
    RoleId::parse(name).unwrap()
}

fn holder(key: &SecretKey) -> KeyHolder {
    (key.public().clone(), "Người giữ".to_owned())
}

pub fn policy() -> ApprovalPolicy {
    let all = vec![ProgramKind::Monthly, ProgramKind::Evergreen, ProgramKind::Kit];
    let roles = BTreeMap::from([
        (role("chief"), RolePolicy { threshold: 2, sites: Vec::new(), kinds: all, by_merge: false }),
        (role("duty"), RolePolicy { threshold: 1, sites: Vec::new(), kinds: vec![ProgramKind::Urgent], by_merge: false }),
        (role("ta-lung"), RolePolicy { threshold: 1, sites: vec![site("ta-lung")], kinds: vec![ProgramKind::Monthly], by_merge: false }),
    ]);
    let chief = vec![role("chief")];
    let requires = [
        (ProgramKind::Monthly, chief.clone()),
        (ProgramKind::Evergreen, chief.clone()),
        (ProgramKind::Urgent, vec![role("duty")]),
        (ProgramKind::Kit, chief),
    ]
    .into();
    let sites = [(site("ta-lung"), [(ProgramKind::Monthly, vec![role("chief"), role("ta-lung")])].into())].into();
    ApprovalPolicy { roles, requires, sites }
}

pub fn holders(root: &SecretKey) -> InitialHolders {
    let review = [("chief", 2), ("duty", 1), ("ta-lung", 1)];
    let review = review.into_iter().flat_map(|(name, count)| (0..count).map(move |_| (role(name), holder(&key())))).collect();
    InitialHolders { root: vec![holder(root)], root_threshold: 1, publish: vec![holder(&key())], review }
}

#[test]
fn the_policy_becomes_a_root_that_a_player_accepts() {
    let root_key = key();
    let root = first_root(&policy(), holders(&root_key), AT).unwrap();
    let common = CommonFields { root_id: RootId::new([7; 16]), issued: AT };
    let bytes = document::to_signable_bytes(common, &root).unwrap();
    let verified = judge::initial_root(bytes.clone(), vec![sign(&root_key, &bytes)]).unwrap();
    assert_eq!((verified.body(), verified.root_id(), verified.issued()), (&root, common.root_id, AT));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("{\n  \"type\": \"bangtin-root\",\n  \"spec\": 1,\n  \"root_id\": \"0707"), "{text}");
    assert!(root.roles.review[&role("chief")].covers(&site("anywhere"), ProgramKind::Kit));
    assert!(!root.roles.review[&role("ta-lung")].covers(&site("anywhere"), ProgramKind::Monthly));
    assert_eq!(root.requires.of(&site("ta-lung"), ProgramKind::Monthly).len(), 2);
    assert_eq!(root.requires.of(&site("ta-lung"), ProgramKind::Evergreen), [role("chief")]);
}

#[test]
fn what_is_missing_is_named() {
    let root_key = key();
    let refused = |policy: &ApprovalPolicy, holders: InitialHolders| match first_root(policy, holders, AT) {
        Err(Failure::Refused(text) | Failure::Usage(text)) => text.en,
        other => panic!("{other:?}"),
    };
    let mut few = holders(&root_key);
    few.review.remove(0);
    assert!(refused(&policy(), few).contains("role chief needs at least 2 keys, 1 given"));
    let mut unknown = holders(&root_key);
    unknown.review.push((role("chef"), holder(&key())));
    assert!(refused(&policy(), unknown).contains("there is no role “chef”; did you mean “chief”?"));
    let mut lacking = policy();
    lacking.requires.remove(&ProgramKind::Kit);
    assert!(refused(&lacking, holders(&root_key)).contains("kind kit"));
    let mut foreign = policy();
    foreign.requires.insert(ProgramKind::Kit, vec![role("boss")]);
    assert!(refused(&foreign, holders(&root_key)).contains("role boss"));
}

#[test]
fn a_threshold_beyond_the_root_keys_or_a_shared_key_is_never_written() {
    let root_key = key();
    let common = CommonFields { root_id: RootId::new([7; 16]), issued: AT };
    let mut high = holders(&root_key);
    high.root_threshold = 2;
    let root = first_root(&policy(), high, AT).unwrap();
    assert!(document::to_signable_bytes(common, &root).unwrap_err().en.contains("threshold 2 with 1 key"));
    let mut shared = holders(&root_key);
    shared.publish = vec![holder(&root_key)];
    let root = first_root(&policy(), shared, AT).unwrap();
    assert!(document::to_signable_bytes(common, &root).unwrap_err().en.contains("in two of"));
}
