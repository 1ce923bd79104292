//! A new version of the tool voids nothing: what was approved is published unchanged while the content is the same, and only then.

use std::fs;

use bangtin::base::digest::Digest;
use bangtin::base::ids::SiteId;
use bangtin::base::times::Month;
use bangtin::build::compile::Compiler;
use bangtin::content::model::values::Period;
use bangtin::content::{model, source};
use bangtin::store::layout;
use serde_json::{Value, json};

use super::commands::Province;
use super::office::{Desks, NOW, december};
use super::province;
use crate::harness::Sandbox;

fn month(text: &str) -> Month {
    Month::parse(text).unwrap()
}

/// Published by version 1.0.0; then the tool is version 1.1.0, which makes other pages.
fn upgraded() -> Desks {
    let desks = Desks::new();
    desks.approve_all();
    desks.publish_at(NOW, &[]).unwrap();
    desks.tool.set("1.1.0");
    desks
}

fn listed(desks: &Desks, version: u64) -> Vec<Digest> {
    desks.head(version).programs.iter().map(|entry| entry.program).collect()
}

/// What the content builds now is not published, and what is published stays.
fn stays(desks: &Desks) {
    let (before, said) = (desks.store(), desks.publish_at(NOW + 60, &[]).unwrap());
    assert!(said.contains("nobody has approved") && said.contains("the published program of 2026-12 stays"), "{said}");
    assert_eq!(desks.store(), before);
}

#[test]
fn an_approved_month_is_published_by_the_next_version_and_played() {
    let desks = upgraded();
    let before = listed(&desks, 1);
    assert!(!before.contains(&desks.build(december()).program.digest()), "version 1.1.0 makes another program");
    for months in [&[][..], &[month("2026-12")]] {
        let said = desks.publish_at(NOW + 60, months).unwrap();
        assert!(said.contains("2026-12 is published as approved with bangtin 1.0.0"), "{said}");
        assert!(said.contains("built again with bangtin 1.1.0"), "{said}");
        assert!(said.contains("nothing new"), "{said}");
    }
    // A store made anew from the archive has the very same programs, and a player takes and shows them.
    let sandbox = &desks.sandbox;
    fs::remove_dir_all(sandbox.path("store")).unwrap();
    desks.publish_at(NOW + 120, &[]).unwrap();
    assert_eq!(listed(&desks, 2), before);
    let config = json!({"site": "ta-lung", "player": "ta-lung-1", "store": ["store"], "data": "data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "reserve_bytes": 0});
    sandbox.write("player.json", config.to_string());
    sandbox.player(&["--lang", "en", "pull", "--config", "player.json"]).success().stdout_has("1-2");
    let args = ["verify", "store", "--root", "content/trust/root/1.json", "--at", "2026-12-03T12:00", "--format", "json"];
    let seen: Value = serde_json::from_str(&sandbox.bangtin(&args).success().stdout).unwrap();
    let monthly = seen["sites"][0]["screens"]["a"]["program"].as_str().unwrap().to_owned();
    assert!(before.iter().any(|program| program.to_string() == monthly), "{seen}");
}

#[test]
fn the_new_versions_program_takes_over_once_it_is_approved_itself() {
    let desks = upgraded();
    let old = listed(&desks, 1);
    assert_eq!(desks.approve_as(&desks.office.chiefs[0], december(), None, ""), Ok(1));
    assert!(desks.publish_at(NOW + 60, &[]).unwrap().contains("nothing new"), "one signature of two is no approval");
    for key in [&desks.office.chiefs[1], &desks.office.local] {
        assert_eq!(desks.approve_as(key, december(), None, ""), Ok(1));
    }
    let said = desks.publish_at(NOW + 60, &[]).unwrap();
    assert!(said.contains("published 1-2") && !said.contains("2026-12 is published as approved"), "{said}");
    let new = desks.build(december()).program.digest();
    assert!(listed(&desks, 2).contains(&new) && !old.contains(&new));
}

#[test]
fn a47_content_changed_after_its_approval_is_refused_by_the_next_version_too() {
    let desks = upgraded();
    desks.revise("2026-12", 2);
    stays(&desks);
    desks.revise("2026-12", 1);
    // Only approvals that state these inputs count: here one of the chiefs signed what was made from others.
    let program = listed(&desks, 1).into_iter().find(|program| *program != listed(&desks, 1)[1]).unwrap();
    let path = layout::approval(program, desks.office.chiefs[0].public().kid());
    let mut statement: Value = serde_json::from_slice(&fs::read(desks.sandbox.path("content").join(&path)).unwrap()).unwrap();
    statement["built"]["inputs"] = json!("0".repeat(64));
    let bytes = serde_json::to_vec(&statement).unwrap();
    let signature = crate::trust::kit::sign(&desks.office.chiefs[0], &bytes);
    desks.sandbox.write(&format!("content/{path}"), bytes).write(&format!("content/{path}.minisig"), signature);
    stays(&desks);
}

#[test]
fn a47_the_same_version_never_explains_other_bytes() {
    let desks = upgraded();
    desks.approve(december());
    // The same version and inputs, but what it builds is not what it built: something changed that the inputs do not show.
    desks.page.set("poisoned");
    fs::remove_dir_all(desks.sandbox.path(&format!("content/approvals/{}", listed(&desks, 1)[0]))).unwrap();
    stays(&desks);
}

#[test]
fn a_program_is_published_by_its_digest_from_the_archive() {
    let desks = upgraded();
    let old = listed(&desks, 1)[0];
    desks.revise("2026-12", 2);
    fs::remove_dir_all(desks.sandbox.path("store")).unwrap();
    desks.programs.borrow_mut().insert(old);
    desks.publish_at(NOW + 60, &[]).unwrap();
    assert!(listed(&desks, 2).contains(&old));
    assert!(desks.publish_at(1_798_736_400, &[]).unwrap_err().contains("is past"));
    // Its files are verified before it is listed.
    let page = Digest::of(b"page");
    for place in ["store", "archive"] {
        desks.sandbox.write(&format!("{place}/{}", layout::object(page)), "pagE");
    }
    assert!(desks.publish_at(NOW + 120, &[]).unwrap_err().contains("neither in the store nor in the archive"));
    let none = Digest::of(b"");
    desks.programs.borrow_mut().insert(none);
    let refused = desks.publish_at(NOW + 60, &[]).unwrap_err();
    assert!(refused.contains(&none.to_string()) && refused.contains(&format!("{old}  ta-lung 2026-12")), "{refused}");
}

/// The digest of the inputs of December at the site, as content that names this version of the tool would have it.
fn inputs(sandbox: &Sandbox) -> Digest {
    let root = sandbox.path("content");
    let tree = source::read(&root).unwrap_or_else(|_| panic!("a readable folder"));
    let content = model::build_content(&tree).content.expect("content");
    let compiler = Compiler::new(&root, None, &content).unwrap_or_else(|_| panic!("a theme"));
    let site = SiteId::parse("ta-lung").unwrap();
    let built = compiler.compile(&site, Period::Month(month("2026-12")));
    built.unwrap_or_else(|_| panic!("a program")).origin.inputs
}

#[test]
fn the_inputs_are_the_files_of_the_month_without_the_version_of_the_tool() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    let first = inputs(&sandbox);
    let settings = fs::read_to_string(sandbox.path("content/bangtin.yaml")).unwrap();
    let playlist = province::PLAYLIST.replace("tháng 12/2026", "tháng 1/2027").replace("du-lich/ban-gioc", "du-lich/moi");
    sandbox
        .write("content/bangtin.yaml", settings.replace("tool: 1.0.0", "tool: 1.1.0"))
        .write("content/slides/du-lich/moi.md", province::SLIDE)
        .write("content/playlists/2027-01/province.yaml", playlist)
        .write("content/calendar/2027.yaml", "days: []\n# Tết\n")
        .write("content/slides/du-lich/ban-gioc.md", province::SLIDE.replace('\n', "\r\n"))
        .write("themes/caobang/Thumbs.db", "x")
        .write("themes/caobang/fonts/._OFL.txt", "x");
    assert_eq!(inputs(&sandbox), first, "another version, another month, other line endings, files of systems");
    let theme = fs::read_to_string(sandbox.path("themes/caobang/theme.css")).unwrap();
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    for (path, text) in [
        ("content/bangtin.yaml", settings.replace("threshold: 2", "threshold: 1")),
        ("content/agencies.yaml", "so-tttt:\n  name: {vi: Sở khác, en: Other}\n  kind: department\n  roles: [chief]\n".to_owned()),
        ("content/calendar/2026.yaml", "days: []\n# khác\n".to_owned()),
        ("content/sites/ta-lung.yaml", site.replace("20:30", "20:00")),
        ("content/playlists/2026-12/province.yaml", format!("{}revision: 2\n", province::PLAYLIST)),
        ("content/slides/du-lich/ban-gioc.md", province::SLIDE.replace("lớn nhất", "đẹp nhất")),
        ("themes/caobang/theme.css", format!("{theme}\n")),
    ] {
        let old = fs::read(sandbox.path(path)).unwrap();
        sandbox.write(path, text);
        assert_ne!(inputs(&sandbox), first, "{path}");
        sandbox.write(path, old);
    }
    assert_eq!(inputs(&sandbox), first);
}

#[test]
fn an_approval_states_the_version_and_the_inputs() {
    let province = Province::new();
    province.approve(&["--month", "2026-12", "--site", "ta-lung"], "lan").success();
    let tree = crate::harness::tree(&province.0.path("content/approvals"));
    let (_, bytes) = tree.iter().find(|(name, _)| name.ends_with(".json") && !name.ends_with("program.json")).unwrap();
    let statement: Value = serde_json::from_slice(bytes).unwrap();
    let made = json!({"tool": env!("CARGO_PKG_VERSION"), "inputs": inputs(&province.0).to_string()});
    assert_eq!(statement["built"], made);
}

#[test]
fn a_slide_in_a_folder_named_slides_keeps_its_path() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    sandbox.write("content/slides/slides/slides/a.md", province::SLIDE);
    let tree = source::read(&sandbox.path("content")).unwrap_or_else(|_| panic!("a readable folder"));
    let content = model::build_content(&tree).content.expect("content");
    assert!(content.slides.values().any(|slide| slide.source == "slides/slides/a.md"));
}
