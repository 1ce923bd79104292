//! Differences between two programs: every change of signed content is listed.

use bangtin::base::canonical;
use bangtin::base::relpath::RelPath;
use bangtin::program::changes::{self, ChangeKind};
use bangtin::program::dependencies;
use bangtin::program::manifest::ManifestFile;
use bangtin::program::validate::Program;
use serde_json::{Value, json};

use crate::trust::kit::manifest;

fn program(value: &Value) -> Program {
    Program::parse(&canonical::to_vec(value).unwrap()).unwrap_or_else(|fault| panic!("{fault}"))
}

const PAGE: &str = "slides/du-lich/ban-gioc@1920x1080.html";
const OTHER: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A month with a page, a picture, a style sheet and a font that the sheet names.
fn month() -> Value {
    let mut value = manifest("ta-lung", "monthly", 1);
    let file =
        |path: &str, digest: char, kind: &str| json!({"path": path, "sha256": digest.to_string().repeat(64), "size": 9, "type": kind});
    value["files"] = json!([
        file("assets/aa.jpg", 'a', "image/jpeg"),
        file("assets/bb.jpg", 'b', "image/jpeg"),
        file(PAGE, 'c', "text/html"),
        file("theme/fonts/f.woff2", 'd', "font/woff2"),
        file("theme/theme.css", 'e', "text/css"),
    ]);
    value
}

#[allow(clippy::unnecessary_wraps, reason = "what reads a file may fail")]
fn read(file: &ManifestFile) -> std::io::Result<Vec<u8>> {
    Ok(match file.path.as_str() {
        PAGE => b"<link href=\"../../theme/theme.css\"><img src='../../assets/aa.jpg'> \"../../../x\"".to_vec(),
        "theme/theme.css" => b"@font-face { src: url(fonts/f.woff2) format('woff2') }".to_vec(),
        other => panic!("{other} is neither page nor sheet"),
    })
}

fn compare(old: &Value, new: &Value) -> changes::ProgramChanges {
    let (old, new) = (program(old), program(new));
    changes::compare(old.manifest(), new.manifest(), &dependencies::page_dependencies(new.manifest(), &read).unwrap())
}

#[test]
fn a_page_needs_what_it_names_and_what_its_sheets_name() {
    let needs = dependencies::page_dependencies(program(&month()).manifest(), &read).unwrap();
    let all: Vec<&str> = needs.values().flatten().map(RelPath::as_str).collect();
    assert_eq!(all, ["assets/aa.jpg", PAGE, "theme/fonts/f.woff2", "theme/theme.css"]);
}

#[test]
fn a51_no_field_of_a_manifest_changes_unseen() {
    let before = month();
    assert!(compare(&before, &before).is_empty());
    let slide = "/slides/du-lich~1ban-gioc";
    let start = before["screens"][0]["spans"][0][0].as_i64().unwrap();
    let mutations: Vec<(String, Value)> = vec![
        ("/title".into(), json!("Khác")),
        ("/languages".into(), json!(["vi", "en"])),
        ("/revision".into(), json!(2)),
        ("/roles".into(), json!(["chief", "ta-lung"])),
        ("/offsets".into(), json!([[0, 28_800]])),
        ("/valid/until".into(), json!(before["valid"]["until"].as_i64().unwrap() - 1)),
        ("/month".into(), json!("2027-01")),
        ("/screens/0/audio".into(), json!(false)),
        ("/screens/0/canvas/w".into(), json!(2000)),
        ("/screens/0/spans/0/0".into(), json!(start + 1)),
        ("/screens/0/spans/0/3".into(), json!(7)),
        ("/loops/1".into(), json!({"ms": 20_000, "items": [["du-lich/ban-gioc", 10_000], ["du-lich/ban-gioc", 10_000]]})),
        ("/loops/1".into(), json!({"ms": 11_000, "items": [["du-lich/ban-gioc", 11_000]]})),
        (format!("{slide}/title"), json!("Khác")),
        (format!("{slide}/agency"), json!("so-khac")),
        (format!("{slide}/category"), json!("khac")),
        (format!("{slide}/language"), json!("en")),
        (format!("{slide}/source"), json!("khac.md")),
        ("/files/0/sha256".into(), json!(OTHER)),
        ("/files/1/sha256".into(), json!(OTHER)),
        ("/files/2/sha256".into(), json!(OTHER)),
        ("/files/3/sha256".into(), json!(OTHER)),
        ("/files/4/sha256".into(), json!(OTHER)),
        ("/files/1/path".into(), json!("assets/cc.jpg")),
    ];
    for (pointer, value) in mutations {
        let mut after = before.clone();
        *after.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        let changes = compare(&before, &after);
        assert!(!changes.is_empty(), "{pointer} changed unseen");
        assert!(!compare(&after, &before).is_empty(), "{pointer} changed back unseen");
    }
}

#[test]
fn a51_a_change_is_reported_where_it_is_seen() {
    let before = month();
    let change = |pointer: &str, value: Value| {
        let mut after = before.clone();
        *after.pointer_mut(pointer).unwrap() = value;
        compare(&before, &after)
    };
    // The page names the sheet, which names the font: the slide looks different.
    let font = change("/files/3/sha256", json!(OTHER));
    let slide = &font.slides.changed.values().next().unwrap().files;
    assert_eq!((slide.len(), slide[0].path.as_str(), slide[0].change), (1, "theme/fonts/f.woff2", ChangeKind::Changed));
    // A picture that no page names is listed among the files and changes no slide.
    let stray = change("/files/1/sha256", json!(OTHER));
    assert!(stray.slides.changed.is_empty() && stray.files.len() == 1);
    // Loops are compared by content.
    let mut renamed = before.clone();
    renamed["loops"] = json!({"9": before["loops"]["1"]});
    for span in renamed["screens"][0]["spans"].as_array_mut().unwrap() {
        span[2] = json!("9");
    }
    assert!(compare(&before, &renamed).is_empty(), "another name for the same loop is no change for anyone who watches");
    let spans = before["screens"][0]["spans"].as_array().unwrap();
    let (start, end) = (spans[0][0].as_i64().unwrap(), spans[0][1].as_i64().unwrap());
    let earlier = change("/screens/0/spans/0/1", json!(end - 600));
    let screen = &earlier.screens[0];
    assert_eq!((screen.closed.as_slice(), screen.opened.len()), ([(end - 600, end)].as_slice(), 0));
    assert_eq!(screen.seconds.0 - screen.seconds.1, 600);
    assert!(start < end);
}
