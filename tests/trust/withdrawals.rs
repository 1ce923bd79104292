//! Withdrawals: who may sign them, and what they remove from which program.

use std::collections::BTreeSet;
use std::fs;

use bangtin::base::ids::SlideId;
use bangtin::program::validate::Program;
use bangtin::trust::document::Verified;
use bangtin::trust::judge::{self, WithdrawalEffect};
use bangtin::trust::refusal::Refusal;
use bangtin::trust::secret::SecretKey;
use bangtin::trust::withdrawal::Withdrawal;
use serde_json::{Value, json};

use crate::harness::repository;

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

/// A statement about slides of every program, in the role of the chiefs.
fn of_slides(number: u64, slides: Value) -> Value {
    with(common("bangtin-withdrawal"), json!({"version": number, "role": "chief", "slides": slides, "reason": "sai ngày"}))
}

fn effect_of_all(office: &Office, made: &Made, given: &[(Value, &[&SecretKey])]) -> WithdrawalEffect {
    let root = office.root();
    let judged = |(value, keys): &(Value, &[&SecretKey])| {
        let (bytes, signatures) = signed(value, keys);
        judge::withdrawal(&root, value["version"].as_u64().unwrap(), bytes, signatures).unwrap()
    };
    let given: Vec<_> = given.iter().map(judged).collect();
    judge::withdrawal_effect(root.body(), &given, &Program::parse(&made.bytes).unwrap())
}

/// [`two_loops`], changed as a rebuild changes it, with slide `b` of a revision.
fn rebuilt(site: &str, kind: &str, revision: u64, change: Value) -> Made {
    let mut value = with(two_loops(kind), change);
    value["site"] = json!(site);
    if revision > 1 {
        value["slides"]["b"]["revision"] = json!(revision);
    }
    made(&value)
}

#[test]
fn a92_a_withdrawn_slide_leaves_every_program_of_its_role_up_to_its_revision() {
    let office = Office::new();
    let one: &[&SecretKey] = &[&office.chiefs[0]];
    let taken = |made: &Made| effect_of_all(&office, made, &[(of_slides(1, json!({"b": 1})), one)]);
    let (only_b, nothing) = (WithdrawalEffect { program: false, slides: slides(&["b"]) }, WithdrawalEffect::default());
    for (site, kind) in [("ta-lung", "monthly"), ("quay", "monthly"), ("ta-lung", "evergreen")] {
        for change in [json!({}), json!({"title": "Tên khác"}), json!({"revision": 7}), json!({"languages": ["vi", "en"]})] {
            assert_eq!(taken(&rebuilt(site, kind, 1, change.clone())), only_b, "{site} {kind} {change}");
            assert_eq!(taken(&rebuilt(site, kind, 2, change)), nothing);
        }
    }
    // A role that did not have to approve a program takes nothing from it, nor one that does not cover its site or kind.
    let local: &[&SecretKey] = &[&office.local];
    let by_local = |made: &Made| effect_of_all(&office, made, &[(with(of_slides(1, json!({"b": 1})), json!({"role": "ta-lung"})), local)]);
    assert_eq!(by_local(&rebuilt("ta-lung", "monthly", 1, json!({}))), only_b);
    assert_eq!(by_local(&rebuilt("quay", "monthly", 1, json!({}))), nothing);
    assert_eq!(by_local(&rebuilt("ta-lung", "evergreen", 1, json!({}))), nothing);
    // What a statement says beside the slides with their revisions does not narrow it.
    let named = with(of_slides(1, json!({"b": 1})), json!({"program": "0".repeat(64), "site": "quay", "kind": "monthly"}));
    assert_eq!(effect_of_all(&office, &rebuilt("ta-lung", "monthly", 1, json!({})), &[(named, one)]), only_b);
}

#[test]
fn a92_a_statement_about_slides_is_of_a_holder_and_names_a_slide_and_a_revision() {
    let office = Office::new();
    let chief = &office.chiefs[0];
    assert!(judge_value(&office, &of_slides(1, json!({"b": 1})), &[chief]).is_ok());
    for (slides, role, key) in [
        (json!({}), "chief", chief),
        (json!({"b": 0}), "chief", chief),
        (json!({"b": -1}), "chief", chief),
        (json!({"b": "1"}), "chief", chief),
        (json!({"B": 1}), "chief", chief),
        (json!(["b"]), "chief", chief),
        (json!({"b": 1}), "nobody", chief),
        (json!({"b": 1}), "chief", &office.local),
        (json!({"b": 1}), "chief", &office.publish),
    ] {
        let value = with(of_slides(1, slides.clone()), json!({"role": role}));
        assert!(judge_value(&office, &value, &[key]).is_err(), "{slides} {role}");
    }
}

#[test]
fn a93_a_statement_takes_a_slide_one_revision_further_at_most_whatever_it_says() {
    let office = Office::new();
    let one: &[&SecretKey] = &[&office.chiefs[0]];
    let local: &[&SecretKey] = &[&office.local];
    let most = |number| (of_slides(number, json!({"b": 9_007_199_254_740_991_u64})), one);
    let holds = |revision: u64, given: &[(Value, &[&SecretKey])]| {
        effect_of_all(&office, &rebuilt("quay", "monthly", revision, json!({})), given) == WithdrawalEffect::default()
    };
    assert!(!holds(1, &[most(1)]) && holds(2, &[most(1)]));
    assert!(!holds(2, &[most(1), most(2)]) && holds(3, &[most(1), most(2)]));
    // Statements of other roles count as steps, and a lower number takes nothing further.
    let other = |number| (with(of_slides(number, json!({"b": 1})), json!({"role": "ta-lung"})), local);
    assert!(!holds(2, &[other(1), most(2)]) && holds(3, &[other(1), most(2)]));
    let first = |number| (of_slides(number, json!({"b": 1})), one);
    assert!(holds(2, &[first(1), first(2), first(3)]));
}

#[test]
fn a100_statements_under_one_number_are_one_step_of_the_chain_in_any_order() {
    let office = Office::new();
    let (one, local): (&[&SecretKey], &[&SecretKey]) = (&[&office.chiefs[0]], &[&office.local]);
    let holds = |revision: u64, given: &[(Value, &[&SecretKey])]| {
        effect_of_all(&office, &rebuilt("quay", "monthly", revision, json!({})), given) == WithdrawalEffect::default()
    };
    let by = |number: u64, keys, role: &str| (with(of_slides(number, json!({"b": 9})), json!({"role": role})), keys);
    let (ours, others) = (|number| by(number, one, "chief"), |number| by(number, local, "ta-lung"));
    for twins in [[ours(1), others(1)], [others(1), ours(1)], [ours(1), ours(1)]] {
        assert!(!holds(1, &twins) && holds(2, &twins), "as far as one statement");
        let [first, second] = twins;
        assert!(!holds(2, &[first.clone(), second.clone(), ours(2)]) && holds(3, &[first, second, ours(2)]));
    }
}

#[test]
fn a36_slides_of_every_program_empty_no_evergreen_loop_and_no_kit_by_one_key_and_a_whole_kit_needs_two() {
    let office = Office::new();
    let (one, two): (&[&SecretKey], &[&SecretKey]) = (&[&office.chiefs[0]], &[&office.chiefs[0], &office.chiefs[1]]);
    let both = || of_slides(1, json!({"b": 1, "c": 1}));
    let kit = || {
        let mut value = two_loops("kit");
        value["valid"] = json!({"from": 1_796_058_000, "until": 1_798_736_400});
        value["screens"][0]["spans"] = json!([[0, 3_600, "1", 0]]);
        made(&with(value, json!({"band": "full", "priority": 9, "max": 3_600})))
    };
    for made in [rebuilt("ta-lung", "evergreen", 1, json!({})), kit()] {
        assert_eq!(effect_of_all(&office, &made, &[(both(), one)]), WithdrawalEffect::default());
        let taken = WithdrawalEffect { program: false, slides: slides(&["b", "c"]) };
        assert_eq!(effect_of_all(&office, &made, &[(both(), two)]), taken);
    }
    // The same statement acts where one signature suffices.
    assert!(effect_of_all(&office, &rebuilt("ta-lung", "monthly", 1, json!({})), &[(both(), one)]).program);
    let whole = value(&kit(), "ta-lung", "chief", json!({}));
    assert!(judge_value(&office, &whole, one).is_err());
    assert!(effect(&office, &kit(), &[(whole, two)]).program);
}

#[test]
fn a35_statements_of_the_first_form_still_verify_and_act() {
    // Signed by bangtin 1.0.0 before statements named slides with revisions: a slide of a program, then the whole program.
    let stored = |name: &str| fs::read(repository().join("tests/trust/stored").join(name)).unwrap();
    let root = judge::initial_root(stored("root.json"), vec![stored("root.minisig")]).unwrap();
    let program = Program::parse(&stored("program.json")).unwrap();
    let statement = |number: u64| {
        let (bytes, signature) = (stored(&format!("withdrawal-{number}.json")), stored(&format!("withdrawal-{number}.minisig")));
        judge::withdrawal(&root, number, bytes, vec![signature]).unwrap()
    };
    let (slide, whole) = (statement(1), statement(2));
    let taken = |given: &[Verified<Withdrawal>], program: &Program| judge::withdrawal_effect(root.body(), given, program);
    assert_eq!(taken(std::slice::from_ref(&slide), &program), WithdrawalEffect { program: false, slides: slides(&["phap-luat/cu-tru"]) });
    assert!(taken(&[slide.clone(), whole.clone()], &program).program);
    // They are about that program alone, and no step of the chain of revisions.
    let mut other: Value = serde_json::from_slice(&stored("program.json")).unwrap();
    other["revision"] = json!(2);
    assert_eq!(taken(&[slide.clone(), whole], &Program::parse(&made(&other).bytes).unwrap()), WithdrawalEffect::default());
    assert!(judge::withdrawn_revisions([&slide], |_| true).is_empty());
}
