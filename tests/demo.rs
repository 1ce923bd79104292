//! `bangtin demo --once`: the whole chain on the sample content.

use crate::harness::{Sandbox, repository};

#[test]
fn every_screen_serves_the_slide_that_is_due() {
    let sandbox = Sandbox::new();
    let content = repository().join("content");
    let content = content.to_str().unwrap();
    let printed =
        sandbox.bangtin(&["--content", content, "demo", "--once", "--site", "ta-lung", "--at", "2026-12-03T10:15"]).success().stdout;
    let at = sandbox.bangtin(&["--content", content, "at", "ta-lung", "2026-12-03T10:15", "--screen", "a", "--json"]).success().stdout;
    let at: serde_json::Value = serde_json::from_str(&at).unwrap();
    let slide = at["slide"].as_str().unwrap();
    for screen in ["a", "b", "c", "d"] {
        assert!(printed.contains(&format!("ta-lung {screen}: {slide}")), "{slide} on {screen}?\n{printed}");
    }
    sandbox.bangtin(&["--content", content, "demo", "--once", "--site", "nowhere"]).code(2).stderr_has("ta-lung");
}
