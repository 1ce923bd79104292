//! Withdrawals: who may sign them, and what they remove from which program.

use std::collections::BTreeSet;

use bangtin::base::ids::SlideId;
use bangtin::program::validate::Program;
use bangtin::trust::document::Verified;
use bangtin::trust::judge::{self, WithdrawalEffect};
use bangtin::trust::refusal::Refusal;
use bangtin::trust::secret::SecretKey;
use bangtin::trust::withdrawal::Withdrawal;
use serde_json::{Value, json};

use super::kit::{Made, Office, common, made, manifest, signed, with};

fn value(made: &Made, site: &str, role: &str, more: Value) -> Value {
    let fields =
        json!({"version": 1, "program": made.digest.to_string(), "site": site, "kind": made.kind, "role": role, "reason": "sai giờ"});
    with(with(common("bangtin-withdrawal"), fields), more)
}

fn judge_value(office: &Office, value: &Value, keys: &[&SecretKey]) -> Result<Verified<Withdrawal>, Refusal> {
    let (bytes, signatures) = signed(value, keys);
    judge::withdrawal(&office.root(), 1, bytes, signatures)
}

fn slides(names: &[&str]) -> BTreeSet<SlideId> {
    names.iter().map(|name| SlideId::parse(name).unwrap()).collect()
}

/// A manifest whose loops are `[a, b]` and `[b]`.
fn two_loops(kind: &str) -> Value {
    let mut value = manifest("ta-lung", kind, 1);
    let slide = value["slides"]["du-lich/ban-gioc"].clone();
    value["slides"] = json!({"a": slide, "b": slide, "c": slide});
    value["loops"] =
        json!({"1": {"ms": 20000, "items": [["a", 10000], ["b", 10000]]}, "2": {"ms": 20000, "items": [["b", 10000], ["c", 10000]]}});
    value
}

fn effect(office: &Office, made: &Made, given: &[(Value, &[&SecretKey])]) -> WithdrawalEffect {
    let given: Vec<_> = given.iter().map(|(value, keys)| judge_value(office, value, keys).unwrap()).collect();
    judge::withdrawal_effect(office.root().body(), &given, &Program::parse(&made.bytes).unwrap())
}

#[test]
fn a36_a_withdrawal_needs_a_holder_of_its_role_for_its_site_and_kind() {
    let office = Office::new();
    let made = made(&manifest("ta-lung", "monthly", 1));
    let (chief, local, duty) = (&office.chiefs[0], &office.local, &office.duty);
    assert!(judge_value(&office, &value(&made, "ta-lung", "chief", json!({})), &[chief]).is_ok());
    assert!(judge_value(&office, &value(&made, "ta-lung", "ta-lung", json!({})), &[local]).is_ok());
    for (site, role, more, key) in [
        ("ta-lung", "chief", json!({}), local),
        ("ta-lung", "ta-lung", json!({}), chief),
        ("trung-khanh", "ta-lung", json!({}), local),
        ("ta-lung", "ta-lung", json!({"kind": "evergreen"}), local),
        ("ta-lung", "duty", json!({}), duty),
        ("ta-lung", "nobody", json!({}), chief),
        ("ta-lung", "chief", json!({}), &office.publish),
        ("ta-lung", "chief", json!({"version": 2}), chief),
        ("ta-lung", "chief", json!({"slides": []}), chief),
        ("ta-lung", "chief", json!({"root_id": "f".repeat(32)}), chief),
        ("ta-lung", "chief", json!({"type": "bangtin-approval"}), chief),
    ] {
        assert!(judge_value(&office, &value(&made, site, role, more.clone()), &[key]).is_err(), "{site} {role} {more}");
    }
}

#[test]
fn a36_a_whole_evergreen_program_needs_the_threshold_of_the_role() {
    let office = Office::new();
    let made = made(&two_loops("evergreen"));
    let whole = value(&made, "ta-lung", "chief", json!({}));
    let (one, two) = (&office.chiefs[0], &office.chiefs[1]);
    assert!(judge_value(&office, &whole, &[one]).is_err());
    assert!(judge_value(&office, &whole, &[one, one]).is_err());
    assert!(effect(&office, &made, &[(whole, &[one, two])]).program);
    let some = value(&made, "ta-lung", "chief", json!({"slides": ["a"]}));
    assert_eq!(effect(&office, &made, &[(some, &[one])]), WithdrawalEffect { program: false, slides: slides(&["a"]) });
}

#[test]
fn a36_one_key_cannot_empty_an_evergreen_loop_slide_by_slide() {
    let office = Office::new();
    let made = made(&two_loops("evergreen"));
    let (one, two) = (&office.chiefs[0], &office.chiefs[1]);
    let first = || value(&made, "ta-lung", "chief", json!({"slides": ["a"]}));
    let second = || value(&made, "ta-lung", "chief", json!({"slides": ["b"]}));
    let alone: [(Value, &[&SecretKey]); 2] = [(first(), &[one]), (second(), &[one])];
    assert_eq!(effect(&office, &made, &alone).slides, slides(&["a"]), "the one that would empty the loop has no effect");
    let together: [(Value, &[&SecretKey]); 2] = [(first(), &[one]), (second(), &[one, two])];
    assert_eq!(effect(&office, &made, &together), WithdrawalEffect { program: false, slides: slides(&["a", "b"]) });
}

#[test]
fn a_loop_emptied_in_a_monthly_program_takes_the_program() {
    let office = Office::new();
    let made = made(&two_loops("monthly"));
    let one = &office.chiefs[0];
    let some = value(&made, "ta-lung", "chief", json!({"slides": ["b"]}));
    assert_eq!(effect(&office, &made, &[(some, &[one])]), WithdrawalEffect { program: false, slides: slides(&["b"]) });
    let all = value(&made, "ta-lung", "chief", json!({"slides": ["b", "c"]}));
    assert!(effect(&office, &made, &[(all, &[one])]).program);
}

#[test]
fn a35_a_withdrawal_takes_its_own_program_and_no_later_revision() {
    let office = Office::new();
    let one = &office.chiefs[0];
    let (first, second) = (made(&manifest("ta-lung", "monthly", 1)), made(&manifest("ta-lung", "monthly", 2)));
    let taken = || value(&first, "ta-lung", "chief", json!({}));
    assert!(effect(&office, &first, &[(taken(), &[one])]).program);
    assert_eq!(effect(&office, &second, &[(taken(), &[one])]), WithdrawalEffect::default());
    // A site's role does not decide about another site's program, nor does a role that its policy does not name.
    let elsewhere = made(&manifest("trung-khanh", "monthly", 1));
    let other = value(&elsewhere, "ta-lung", "ta-lung", json!({}));
    assert_eq!(effect(&office, &elsewhere, &[(other, &[&office.local])]), WithdrawalEffect::default());
}
