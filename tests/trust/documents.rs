//! Heads, and the rules common to all signed documents.

use bangtin::trust::judge::{self, HeadContext, HeadOutcome, HeadRefusal};
use serde_json::{Value, json};

use super::kit::{Office, made, manifest, sign, signed, site, with};

fn entries() -> Value {
    json!([made(&manifest("ta-lung", "evergreen", 1)).entry(&[])])
}

fn judge_value(office: &Office, value: &Value) -> Result<HeadOutcome, HeadRefusal> {
    let root = office.root();
    let (bytes, signature) = office.head(value);
    let name = (value["epoch"].as_u64().unwrap_or(1), value["version"].as_u64().unwrap_or(1));
    judge::head(HeadContext { root: &root, withdrawals: 0, head: None }, &site("ta-lung"), name.into(), bytes, signature)
}

#[test]
fn a14_a_head_of_another_installation_is_refused() {
    let office = Office::new();
    let value = with(office.head_value("ta-lung", 1, entries()), json!({"root_id": "f".repeat(32)}));
    assert!(judge_value(&office, &value).is_err());
}

#[test]
fn a17_unknown_fields_pass_and_unknown_critical_names_do_not() {
    let office = Office::new();
    let value = with(office.head_value("ta-lung", 1, entries()), json!({"later": {"a": [1]}, "critical": []}));
    let Ok(HeadOutcome::New(head)) = judge_value(&office, &value) else { panic!("refused") };
    assert_eq!(head.bytes(), serde_json::to_vec(&value).unwrap(), "kept as received");
    for critical in [json!(["x"]), json!(null), json!("x"), json!([1])] {
        assert!(judge_value(&office, &with(value.clone(), json!({"critical": critical}))).is_err(), "{critical}");
    }
}

#[test]
fn a18_strict_json_and_only_after_the_signature() {
    let office = Office::new();
    let root = office.root();
    let good = serde_json::to_string(&office.head_value("ta-lung", 1, entries())).unwrap();
    let doubled = good.replacen('{', "{\"version\":1,", 1);
    let float = good.replacen("\"version\":1", "\"version\":1.0", 1);
    let bom = format!("\u{feff}{good}");
    let deep = good.replacen('{', "{\"x\":[[[[[[[[]]]]]]]],", 1);
    let large = good.replacen('{', "{\"x\":9007199254740992,", 1);
    let surrogate = good.replacen('{', "{\"x\":\"\\ud800\",", 1);
    for text in [doubled, float, bom, deep, large, surrogate, format!("{good}{good}")] {
        let signature = sign(&office.publish, text.as_bytes());
        let held = HeadContext { root: &root, withdrawals: 0, head: None };
        let refusal = judge::head(held, &site("ta-lung"), (1, 1).into(), text.clone().into_bytes(), signature).unwrap_err();
        assert!(refusal.text().en.contains("malformed"), "{text}");
        // Unsigned, the same bytes are refused for the missing signature: their content was not read.
        let refusal = judge::head(held, &site("ta-lung"), (1, 1).into(), text.into_bytes(), Vec::new()).unwrap_err();
        assert!(refusal.text().en.contains("0 good signatures"));
    }
}

#[test]
fn a23_a_document_offered_as_another_kind_is_refused_by_its_type() {
    let office = Office::new();
    let made = made(&manifest("ta-lung", "evergreen", 1));
    for other in [with(made.approval.clone(), json!({})), office.root_value()] {
        let fields = office.head_value("ta-lung", 1, entries());
        let disguised = with(fields, json!({"type": other["type"]}));
        let refusal = judge_value(&office, &disguised).unwrap_err();
        assert!(refusal.text().en.contains("type"), "{}", refusal.text().en);
    }
    let head_as_root = with(office.root_value(), json!({"type": "bangtin-head"}));
    let (bytes, signatures) = signed(&head_as_root, &[&office.root]);
    assert!(judge::initial_root(bytes, signatures).is_err());
}

#[test]
fn a26_a27_older_heads_equal_heads_and_twins() {
    let office = Office::new();
    let root = office.root();
    let value = office.head_value("ta-lung", 5, entries());
    let (bytes, signature) = office.head(&value);
    let held = office.verified_head(&root, &value);
    let held = HeadContext { root: &root, withdrawals: 0, head: Some(&held) };
    let place = site("ta-lung");
    assert!(matches!(judge::head(held, &place, (1, 5).into(), bytes, signature), Ok(HeadOutcome::Unchanged)));
    let offer = |version: u64, more: Value| {
        let (bytes, signature) = office.head(&with(office.head_value("ta-lung", version, entries()), more));
        judge::head(held, &place, (1, version).into(), bytes, signature)
    };
    assert!(matches!(offer(4, json!({})), Err(HeadRefusal::Rollback(_))));
    assert!(matches!(offer(5, json!({"source": "other"})), Err(HeadRefusal::Equivocation(_))));
    assert!(matches!(offer(6, json!({})), Ok(HeadOutcome::New(_))));
    // Unsigned bytes raise no alarm.
    let (bytes, _) = office.head(&with(office.head_value("ta-lung", 5, entries()), json!({"source": "other"})));
    assert!(matches!(judge::head(held, &place, (1, 5).into(), bytes, Vec::new()), Err(HeadRefusal::Document(_))));
}

#[test]
fn a29_a_new_epoch_starts_the_numbers_anew_and_ends_the_old_ones() {
    let office = Office::new();
    let root = office.root();
    let last = office.verified_head(&root, &office.head_value("ta-lung", (1 << 53) - 1, entries()));
    let raised = {
        let mut value = office.root_value();
        value["roles"]["publish"]["epoch"] = json!(2);
        office.root_from(&value)
    };
    let held = HeadContext { root: &raised, withdrawals: 0, head: Some(&last) };
    let offer = |epoch: u64, version: u64| {
        let (bytes, signature) = office.head(&with(office.head_value("ta-lung", version, entries()), json!({"epoch": epoch})));
        judge::head(held, &site("ta-lung"), (epoch, version).into(), bytes, signature)
    };
    assert!(matches!(offer(2, 1), Ok(HeadOutcome::New(_))));
    assert!(offer(1, 3).is_err());
    assert!(offer(3, 1).is_err());
}

#[test]
fn a16_a_stored_head_outlives_the_key_that_signed_it() {
    let office = Office::new();
    let root = office.root();
    let value = office.head_value("ta-lung", 1, entries());
    let (bytes, signature) = office.head(&value);
    let rotated = {
        let other = super::kit::key();
        let mut value = office.root_value();
        value["keys"] = with(value["keys"].clone(), super::kit::key_map([&other]));
        value["roles"]["publish"]["keys"] = json!([super::kit::kid(&other)]);
        office.root_from(&value)
    };
    let place = site("ta-lung");
    assert!(judge::stored_head(&[&root], &place, &bytes, &signature).is_ok_and(|(_, current)| current));
    assert!(judge::stored_head(&[&rotated, &root], &place, &bytes, &signature).is_ok_and(|(_, current)| !current));
    assert!(judge::stored_head(&[&rotated], &place, &bytes, &signature).is_err());
    assert!(judge::stored_head(&[&root], &site("other"), &bytes, &signature).is_err());
}

#[test]
fn a30_a_head_of_another_site_or_under_another_number_is_refused() {
    let office = Office::new();
    let root = office.root();
    let held = HeadContext { root: &root, withdrawals: 0, head: None };
    let (bytes, signature) = office.head(&office.head_value("trung-khanh", 1, entries()));
    assert!(judge::head(held, &site("ta-lung"), (1, 1).into(), bytes, signature).is_err());
    let (bytes, signature) = office.head(&office.head_value("ta-lung", 1, entries()));
    assert!(judge::head(held, &site("ta-lung"), (1, 2).into(), bytes, signature).is_err());
    for name in ["A", "а", "a/", "a b", "", "ta_lung"] {
        assert!(judge_value(&office, &office.head_value(name, 1, entries())).is_err(), "{name:?}");
    }
}

#[test]
fn a34_heads_without_programs_with_too_many_or_with_one_twice_are_refused() {
    let office = Office::new();
    let entry = |revision: u64| made(&manifest("ta-lung", "evergreen", revision)).entry(&[]);
    let many: Vec<_> = (0..65).map(entry).collect();
    for programs in [json!([]), json!(many), json!([entry(1), entry(1)])] {
        assert!(judge_value(&office, &office.head_value("ta-lung", 1, programs)).is_err());
    }
    assert!(judge_value(&office, &office.head_value("ta-lung", 1, json!(many[..64]))).is_ok());
    for lacking in ["from", "approvals", "size", "kind", "program"] {
        let mut entry = entry(1);
        entry.as_object_mut().unwrap().remove(lacking);
        assert!(judge_value(&office, &office.head_value("ta-lung", 1, json!([entry]))).is_err(), "{lacking}");
    }
}

#[test]
fn a41_a42_expiry_refuses_nothing() {
    let office = Office::new();
    let mut root = office.root_value();
    root["expires"] = json!("2001-01-01T00:00:00Z");
    let root = office.root_from(&root);
    let value = with(office.head_value("ta-lung", 1, entries()), json!({"expires": "2001-01-01T00:00:00Z"}));
    let (bytes, signature) = office.head(&value);
    let held = HeadContext { root: &root, withdrawals: 0, head: None };
    assert!(matches!(judge::head(held, &site("ta-lung"), (1, 1).into(), bytes, signature), Ok(HeadOutcome::New(_))));
}

#[test]
fn a_source_that_lacks_the_root_or_the_withdrawals_of_its_head_is_incomplete() {
    let office = Office::new();
    for more in [json!({"root_min": 2}), json!({"withdrawals_min": 1})] {
        let value = with(office.head_value("ta-lung", 1, entries()), more);
        assert!(matches!(judge_value(&office, &value), Err(HeadRefusal::SourceIncomplete(_))));
    }
}
