//! Manifests that no generator makes, and how the one reader refuses them. A reviewer might approve one, so approval does not excuse it.

use bangtin::program::validate::Program;
use serde_json::{Value, json};

use super::kit::manifest;

fn read(value: &Value) -> Result<Program, String> {
    Program::parse(&serde_json::to_vec(value).unwrap())
}

/// A valid program of a kind with one change.
fn changed(kind: &str, change: impl Fn(&mut Value)) -> Result<Program, String> {
    let mut value = manifest("ta-lung", kind, 1);
    change(&mut value);
    read(&value)
}

#[test]
fn a91_timetables_that_make_no_sense_are_refused() {
    const FROM: i64 = 1_796_085_000;
    assert!(changed("monthly", |_| {}).is_ok() && changed("evergreen", |_| {}).is_ok());
    let spans: [(&str, Value); 12] = [
        ("overlapping", json!([[FROM, FROM + 100, "1", 0], [FROM + 99, FROM + 200, "1", 0]])),
        ("unsorted", json!([[FROM + 100, FROM + 200, "1", 0], [FROM, FROM + 50, "1", 0]])),
        ("the same twice", json!([[FROM, FROM + 100, "1", 0], [FROM, FROM + 100, "1", 0]])),
        ("of no length", json!([[FROM, FROM, "1", 0]])),
        ("backwards", json!([[FROM + 1, FROM, "1", 0]])),
        ("before the month", json!([[1_796_057_999, FROM, "1", 0]])),
        ("after the month", json!([[FROM, 1_798_736_401, "1", 0]])),
        ("a thousand years", json!([[FROM, FROM + 31_536_000_000_i64, "1", 0]])),
        ("the largest integer", json!([[FROM, 9_007_199_254_740_991_i64, "1", 0]])),
        ("an unknown loop", json!([[FROM, FROM + 100, "2", 0]])),
        ("a phase beyond its loop", json!([[FROM, FROM + 100, "1", 10_000]])),
        ("negative", json!([[-5, FROM, "1", 0]])),
    ];
    for (name, value) in spans {
        assert!(changed("monthly", |all| all["screens"][0]["spans"] = value.clone()).is_err(), "spans: {name}");
    }
    let loops = [
        ("of 0 ms", json!({"ms": 0, "items": [["du-lich/ban-gioc", 0]]})),
        ("shorter than a second", json!({"ms": 999, "items": [["du-lich/ban-gioc", 999]]})),
        ("without items", json!({"ms": 10_000, "items": []})),
        ("that does not sum", json!({"ms": 10_001, "items": [["du-lich/ban-gioc", 10_000]]})),
        ("with an item of 0 ms", json!({"ms": 10_000, "items": [["du-lich/ban-gioc", 10_000], ["du-lich/ban-gioc", 0]]})),
        (
            "that sums beyond what counts",
            json!({"ms": 0, "items": [["du-lich/ban-gioc", 9_007_199_254_740_991_u64], ["du-lich/ban-gioc", 1]]}),
        ),
        ("of an unknown slide", json!({"ms": 10_000, "items": [["du-lich/khac", 10_000]]})),
    ];
    for (name, value) in loops {
        assert!(changed("monthly", |all| all["loops"]["1"] = value.clone()).is_err(), "a loop {name}");
    }
    let others: [(&str, &str, Value); 14] = [
        ("a month of a thousand years", "/valid/until", json!(1_796_058_000_i64 + 31_536_000_000)),
        ("a month without end", "/valid/until", Value::Null),
        ("a month before time", "/valid/from", json!(-1)),
        ("a month that ends before it begins", "/valid/until", json!(1_796_057_999)),
        ("no screen", "/screens", json!([])),
        ("no role", "/roles", json!([])),
        ("no language", "/languages", json!([])),
        ("another format", "/format", json!("bangtin-program/2")),
        ("a screen of no width", "/screens/0/width", json!(0)),
        ("a screen beyond its canvas", "/screens/0/canvas/x", json!(1)),
        ("a canvas beyond all screens", "/screens/0/canvas/w", json!(40_000)),
        ("a page that is no file", "/slides/du-lich~1ban-gioc/pages/1920x1080", json!("slides/none.html")),
        ("no page of the screen's size", "/slides/du-lich~1ban-gioc/pages", json!({"640x320": "slides/du-lich/ban-gioc@1920x1080.html"})),
        ("a file beyond what counts", "/files/0/size", json!(9_007_199_254_740_992_u64)),
    ];
    for (name, pointer, value) in others {
        let refused = changed("monthly", |all| *all.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value.clone());
        assert!(refused.is_err(), "{name}");
    }
    assert!(changed("monthly", |all| all["screens"] = json!([all["screens"][0], all["screens"][0]])).is_err(), "a screen twice");
    assert!(changed("evergreen", |all| all["valid"] = json!({"from": 0, "until": 5})).is_err(), "an evergreen with an end");
    assert!(changed("evergreen", |all| all["screens"][0]["spans"] = json!([[0, 604_801, "1", 0]])).is_err(), "more than a week");
}

#[test]
fn a92_a_slides_revision_is_1_or_more_and_absent_it_is_1() {
    let of = |revision: Value| changed("monthly", |all| all["slides"]["du-lich/ban-gioc"]["revision"] = revision.clone());
    let read = |found: Result<Program, String>| found.unwrap().manifest().slides.values().next().unwrap().revision;
    assert_eq!((read(changed("monthly", |_| {})), read(of(json!(7)))), (1, 7));
    for wrong in [json!(0), json!(-1), json!("2"), json!(null)] {
        assert!(of(wrong.clone()).is_err(), "{wrong}");
    }
}
