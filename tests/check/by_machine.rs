//! Output for programs: schemas; and the manual's lists compared with the source.

use std::collections::BTreeSet;
use std::fs;

use bangtin::content::model::written::{
    AgencyFile, CalendarFile, EntryFile, PlaylistFile, SCHEMAS, SettingsFile, SiteFile, SlideFile, ThemeFile, schema,
};

use crate::harness::{Sandbox, repository, tree};

#[test]
fn schema_prints_one_or_all_or_writes_them() {
    let sandbox = Sandbox::new();
    let all: serde_json::Value = serde_json::from_str(&sandbox.bangtin(&["schema"]).success().stdout).expect("JSON");
    assert_eq!(all.as_object().expect("a map").len(), SCHEMAS.len());
    let slide: serde_json::Value = serde_json::from_str(&sandbox.bangtin(&["schema", "slide"]).success().stdout).expect("JSON");
    assert_eq!(slide, all["slide"]);
    sandbox.bangtin(&["schema", "--out", "schemas"]).success();
    assert_eq!(tree(&sandbox.path("schemas")).len(), SCHEMAS.len());
    sandbox.bangtin(&["schema", "slid"]).code(2).stderr_has("did you mean “slide”?");
}

#[test]
fn schemas_have_exactly_the_keys_that_are_read() {
    let keys = |keys: &[(&'static str, bool)]| keys.iter().map(|(key, _)| (*key).to_owned()).collect::<BTreeSet<_>>();
    let held = |value: &serde_json::Value| {
        assert_eq!(value["additionalProperties"], false);
        value["properties"].as_object().expect("properties").keys().cloned().collect::<BTreeSet<_>>()
    };
    let of = |name| schema(name).expect("a schema");
    for (name, read) in [
        ("bangtin", SettingsFile::KEYS),
        ("site", SiteFile::KEYS),
        ("calendar", CalendarFile::KEYS),
        ("playlist", PlaylistFile::KEYS),
        ("slide", SlideFile::KEYS),
        ("theme", ThemeFile::KEYS),
    ] {
        assert_eq!(held(&of(name)), keys(read), "{name}");
    }
    assert_eq!(held(&of("agencies")["additionalProperties"]), keys(AgencyFile::KEYS));
    assert_eq!(held(&of("playlist")["properties"]["entries"]["items"]), keys(EntryFile::KEYS));
}

#[test]
fn the_manual_names_every_key() {
    let manual = fs::read_to_string(repository().join("docs/content.md")).expect("docs/content.md");
    let missing: Vec<_> = SCHEMAS
        .iter()
        .flat_map(|(name, _)| names(&schema(name).expect("a schema")))
        .filter(|key| !manual.contains(&format!("`{key}`")))
        .collect();
    assert!(missing.is_empty(), "docs/content.md does not name {missing:?}");
}

fn names(value: &serde_json::Value) -> BTreeSet<String> {
    match value {
        serde_json::Value::Object(map) => {
            let own = map.get("properties").and_then(|p| p.as_object()).map(|p| p.keys().cloned().collect::<BTreeSet<_>>());
            map.values().flat_map(names).chain(own.unwrap_or_default()).collect()
        }
        serde_json::Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn the_manual_explains_every_fault_and_a_case_shows_it() {
    let manual = fs::read_to_string(repository().join("docs/faults-in-content.md")).expect("docs/faults-in-content.md");
    let rows: Vec<String> =
        manual.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(code, _)| code.to_owned())).collect();
    let listed: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), listed.len(), "a code stands twice in docs/faults-in-content.md");
    let mut given = BTreeSet::new();
    for folder in ["src/content", "src/build", "src/filing", "src/desk"] {
        for (_, bytes) in tree(&repository().join(folder)) {
            given.extend(codes(&String::from_utf8(bytes).expect("UTF-8")));
        }
    }
    assert_eq!(listed, given, "left: docs/faults-in-content.md, right: the source");
    let shown: String = tree(&repository().join("tests/check"))
        .into_iter()
        .filter(|(name, _)| name.ends_with(".txt"))
        .map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned())
        // What withdrawals make of the content takes keys; large programs, measured pages and the preview have tests of their own.
        .chain(
            [
                "tests/withdraw.rs",
                "tests/withdraw_words.rs",
                "tests/statements.rs",
                "tests/check.rs",
                "tests/rotation/drops.rs",
                "tests/preview.rs",
                "tests/check/refused_by_build.rs",
                "tests/preflight.rs",
            ]
            .iter()
            .map(|file| fs::read_to_string(repository().join(file)).expect(file)),
        )
        .collect();
    // Tests run as root, and 200,000 files would take too long. Four are of files that change while a build reads them, the last two of
    // systems that watch no folder or let nobody read it.
    let unseen = [
        "too-many-files",
        "file-unreadable",
        "theme-font",
        "media-unreadable",
        "media-type",
        "slide-changed",
        "not-followed",
        "unreadable",
    ];
    let missing: Vec<_> = given
        .iter()
        .filter(|code| !shown.contains(&format!("[{code}]")) && !shown.contains(&format!("\"{code}\"")) && !unseen.contains(&code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

/// Fault codes in a source file: the first string after a call that makes a fault.
fn codes(text: &str) -> BTreeSet<String> {
    let calls = ["Diagnostic::error(", "Diagnostic::warning(", ".error(", ".warning(", ".report_unknown(", "code: "];
    let mut out = BTreeSet::new();
    for call in calls {
        for (at, _) in text.match_indices(call) {
            let rest = text[at + call.len()..].trim_start();
            if let Some((code, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                out.insert(code.to_owned());
            }
        }
    }
    out
}
