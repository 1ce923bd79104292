//! Tests the checks of the law on small made-up sources: each must report planted faults and accept what is allowed.
//! Never reads the repository.

use super::functions::functions;
use super::reader::{Source, modules, uses};
use super::wiring::logic;
use super::{HEADING, folders, law, shown, sizes};

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| Source { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
}

/// Modules that one file uses, among empty files.
fn used_by(path: &str, text: &str, others: &[&str]) -> Vec<String> {
    let files: Vec<_> = others.iter().map(|path| (*path, "")).chain([(path, text)]).collect();
    let mut all: Vec<_> = uses(&sources(&files)).into_iter().map(|used| used.to.join("::")).collect();
    all.dedup();
    all
}

#[track_caller]
fn reported(broken: &[String], parts: &[&str]) {
    assert!(broken.iter().any(|each| parts.iter().all(|part| each.contains(part))), "{parts:?} is not in {broken:#?}");
}

const HOUSE: [&str; 7] = [
    "base/mod.rs",
    "base/files.rs",
    "content/mod.rs",
    "content/model/mod.rs",
    "content/model/values.rs",
    "content/plan/mod.rs",
    "content/plan/days.rs",
];

#[test]
fn the_reader_finds_every_way_to_name_a_module() {
    let (days, values, files) = ("content::plan::days", "content::model::values", "base::files");
    let cases: [(&str, &str, &[&str]); 14] = [
        ("content/plan/x.rs", "use crate::content::model::values::Content;", &[values]),
        (
            "content/plan/x.rs",
            "use crate::{base::files::{self, read as r}, content::{plan::days::*, model::values}};",
            &[files, values, days],
        ),
        ("content/plan/x.rs", "fn f() { crate::base::files::read(); }", &[files]),
        ("content/plan/x.rs", "use super::days;", &[days]),
        ("content/plan/x.rs", "fn f() { super::super::model::values::g(); }", &[values]),
        (
            "content/plan/x.rs",
            "mod tests { use super::*; use super::super::days::Frame; fn f() { super::super::super::model::values::g() } }",
            &[values, days],
        ),
        ("content/plan/x.rs", "use crate::content::model as written;\nfn f() { written::values::g(); }", &["content::model", values]),
        ("content/plan.rs", "mod days;\nuse days::Frame;\nfn f() { self::days::g(); }", &[days]),
        ("content/plan.rs", "mod days;\nmod tests { use super::*; fn f() { days::g(); } }", &[days]),
        ("content/x.rs", "#[serde(default = \"values::standard\")]\nuse crate::content::model::values;", &[values]),
        ("content/x.rs", "#[arg(value_parser = crate::content::model::values::parse)] struct A;", &[values]),
        ("bin/x.rs", "use bangtin::content::{model, plan::days::Frame};", &["content::model", days]),
        ("base/text.rs", "macro_rules! m { () => { $crate::base::files::read() } }", &[files]),
        (
            "content/x.rs",
            "// crate::base::files\n/* crate::base::files /* in */ */ const A: &str = \"crate::base::files\"; const B: char = '\"'; const C: &str = r#\"\" crate::base::files\"#; pub(in crate::content) fn f<'a>(x: &'a str) { crate::text!(); other::base::files(); }",
            &[],
        ),
    ];
    for (path, text, wanted) in cases {
        assert_eq!(used_by(path, text, &HOUSE), wanted, "{path}: {text}");
    }
}

#[test]
fn a_file_is_the_module_that_its_path_says() {
    let all = modules(&sources(&[("lib.rs", ""), ("desk/review.rs", ""), ("desk/review/server.rs", ""), ("build/mod.rs", "")]));
    let all: Vec<_> = all.iter().map(|module| module.join("::")).collect();
    assert_eq!(all, ["build", "desk", "desk::review", "desk::review::server"]);
}

#[test]
fn an_import_against_the_order_is_reported() {
    let cases = [
        ("base/files.rs", "use crate::store::layout;", "store/layout.rs"),
        ("trust/keys.rs", "fn f() { crate::publish::site::judged(); }", "publish/site.rs"),
        ("daemon/run.rs", "use crate::office::context::Context;", "office/context.rs"),
        ("desk/pages.rs", "use crate::daemon::run;", "daemon/run.rs"),
        ("content/model/values.rs", "use crate::content::plan::days;", "content/plan/days.rs"),
        ("content/source/yaml.rs", "use super::super::model::values;", "content/model/values.rs"),
        ("build/render/page.rs", "mod tests { use crate::build::compile; }", "build/compile.rs"),
        ("player/pull/adopt.rs", "use crate::player::show::page;", "player/show/page.rs"),
        ("desk/access.rs", "use super::live::server;", "desk/live/server.rs"),
        ("desk/live/server.rs", "use crate::desk::review;", "desk/review.rs"),
        ("office/context.rs", "use super::sign::keys;", "office/sign/keys.rs"),
        ("office/content/at.rs", "use crate::office::store;", "office/store/mod.rs"),
    ];
    for (path, text, other) in cases {
        reported(&law::order(&sources(&[(path, text), (other, "")])), &[path, "against the order"]);
    }
    reported(&law::order(&sources(&[("helpers/x.rs", "")])), &["src/helpers", "does not know"]);
}

#[test]
fn an_import_along_the_order_is_allowed() {
    let along = sources(&[
        ("content/plan/days.rs", "use crate::content::model::values; use crate::base::files;"),
        ("content/mod.rs", "pub mod plan; use plan::days;"),
        ("content/model/values.rs", ""),
        ("base/files.rs", ""),
        ("build/compile.rs", "use super::kept; use super::render::page;"),
        ("build/kept.rs", ""),
        ("build/render/page.rs", ""),
        ("desk/live/server.rs", "use crate::desk::access;"),
        ("desk/access.rs", ""),
        ("office/demo/mod.rs", "use crate::daemon::run; use crate::office::content::build;"),
        ("office/content/build.rs", "use super::super::context;"),
        ("office/context.rs", ""),
        ("daemon/run.rs", ""),
        ("bin/bangtin.rs", "use bangtin::office::context;"),
    ]);
    assert_eq!(law::order(&along), Vec::<String>::new());
    assert_eq!(law::circles(&along), Vec::<String>::new());
}

#[test]
fn a_circle_is_reported_at_any_depth() {
    let files = [("store/a.rs", "use super::b;"), ("store/b.rs", "use super::c;"), ("store/c.rs", "fn f() { crate::store::a::g(); }")];
    reported(&law::circles(&sources(&files)), &["store::a → store::b → store::c → store::a", "src/store/b.rs:1 uses store::c"]);
    let deep = [("trust/judge/root/a.rs", "use super::b;"), ("trust/judge/root/b.rs", "use super::a;")];
    reported(&law::circles(&sources(&deep)), &["trust::judge::root::a → trust::judge::root::b → trust::judge::root::a"]);
    // Two folders, each used by the other through different files.
    let folders = [
        ("desk/live/a.rs", "use crate::desk::review::b;"),
        ("desk/review/b.rs", ""),
        ("desk/review/c.rs", "use crate::desk::live::d;"),
        ("desk/live/d.rs", ""),
    ];
    reported(&law::circles(&sources(&folders)), &["desk::live → desk::review → desk::live"]);
    // A child that uses what its parent defines, while the parent uses the child.
    let parent = [("plan/mod.rs", "mod spans; pub struct Plan; fn f() { spans::g(); }"), ("plan/spans.rs", "use super::Plan;")];
    reported(&law::circles(&sources(&parent)), &["plan → plan::spans → plan"]);
    let beside = [("desk/review.rs", "mod desk; pub use desk::Desk; pub enum Event {}"), ("desk/review/desk.rs", "use super::Event;")];
    reported(&law::circles(&sources(&beside)), &["desk::review → desk::review::desk → desk::review"]);
    let declares = [("plan/mod.rs", "pub mod spans; pub struct Plan;"), ("plan/spans.rs", "use super::Plan;")];
    assert_eq!(law::circles(&sources(&declares)), Vec::<String>::new());
}

#[test]
fn a_glob_of_a_folder_is_reported() {
    let wide = [("content/plan/x.rs", "use crate::content::model::*;"), ("content/model/values.rs", "")];
    reported(&law::globs(&sources(&wide)), &["content::model::*"]);
    let narrow =
        [("content/plan/x.rs", "use crate::content::model::values::*;\nmod tests { use super::*; }"), ("content/model/values.rs", "")];
    assert_eq!(law::globs(&sources(&narrow)), Vec::<String>::new());
}

#[test]
fn logic_in_wiring_is_reported() {
    let cases = [
        ("use crate::trust::judge;\nfn f() { judge::program(); }", "crate::trust::judge"),
        ("fn f() { crate::program::validate::Program::read(); }", "crate::program::validate"),
        ("fn f() { std::fs::write(\"a\", b\"\").ok(); }", "std::fs"),
        ("use std::{fs as disk, path::Path};\nfn f() { disk::remove_file(\"a\"); }", "std::fs"),
        ("use crate::base::files;\nfn f() { files::write_atomic(); }", "crate::base::files"),
        ("use crate::base::digest::Digest;\nfn f(b: &[u8]) -> Digest { Digest::of(b) }", "crate::base::digest::Digest::of"),
        ("fn f() { sha2::Sha256::new(); }", "sha2"),
        ("use rayon::prelude::*;", "rayon"),
        ("fn f(b: &[u8]) { serde_json::from_slice::<Value>(b); }", "serde_json::from_slice"),
        ("fn f() { for a in b { for c in a { g(c); } } }", "nested loops"),
        ("fn f() { for a in b.iter() { if a { while c {} } } }", "nested loops"),
        ("fn f() { loop { g(); } }", "waiting"),
        ("fn f(a: &[u8]) -> u64 { a[0] * 3 + a[1] * 5 + a[2] }", "arithmetic"),
        ("trait Writer { fn write(&self); }", "trait"),
        (
            "fn f() { a.filter(b).map(c).any(d); if e {} if g {} match h { _ => {} } i.find(j); k.sort(); l.retain(m); n.zip(o) }",
            "decisions of f",
        ),
    ];
    for (text, rule) in cases {
        for path in ["office/sign/x.rs", "daemon/x.rs"] {
            reported(&logic(&sources(&[(path, text), ("trust/judge/mod.rs", "")]), &[]), &[path, rule]);
        }
        let stage = logic(&sources(&[("filing/x.rs", text)]), &[]);
        assert_eq!(stage, Vec::<String>::new());
    }
    let long = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(60));
    reported(&logic(&sources(&[("office/x.rs", &long)]), &[]), &["lines of f"]);
}

#[test]
fn a_command_is_no_logic() {
    let text = "use std::path::PathBuf;\nuse serde_json::json;\nuse super::context::Context;\nuse crate::filing::approve;\n#[derive(clap::Args)]\npub struct Args { file: PathBuf }\n\
        impl std::fmt::Display for Args {}\n\
        pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {\n    let done = approve::sign(&context.cwd.join(&args.file))?;\n    for line in &done.lines {\n        println!(\"{}\", u64::from(line.count) + 1);\n    }\n    \
        println!(\"{}\", json!({\"done\": done.items.iter().map(ToString::to_string).collect::<Vec<_>>()}));\n    Ok(())\n}\n\
        #[cfg(test)]\nmod tests { fn f() { loop {} } }\n";
    let files = sources(&[("office/sign/approve.rs", text), ("office/context.rs", ""), ("filing/approve.rs", "")]);
    assert_eq!(logic(&files, &[]), Vec::<String>::new());
}

#[test]
fn an_exception_holds_for_its_file_and_rule_and_must_be_needed() {
    let files = sources(&[("office/a.rs", "fn f() { std::fs::read(); sha2::x(); }"), ("office/b.rs", "fn f() { std::fs::read(); }")]);
    let broken = logic(&files, &[("office/a.rs", "std::fs", "a reason"), ("office/b.rs", "sha2", "a reason")]);
    assert_eq!(broken.len(), 3, "{broken:#?}");
    reported(&broken, &["office/a.rs", "sha2"]);
    reported(&broken, &["office/b.rs", "std::fs"]);
    reported(&broken, &["office/b.rs needs no exception", "sha2"]);
}

#[test]
fn functions_are_measured() {
    let text = "impl A {\n    fn f<F: Fn(u8) -> u8>(&self, a: Vec<(u8, u8)>, b: bool) -> u8 {\n        a.iter().filter(|c| c).sum::<u8>() * 2\n    }\n}\nfn g();\n";
    let all = functions(&Source { path: "a/b.rs".to_owned(), text: text.to_owned() });
    assert_eq!(all.len(), 1);
    let f = &all[0];
    assert_eq!((f.name.as_str(), f.line, f.lines, f.parameters, f.decisions, f.loops, f.sums), ("f", 2, 3, 2, 2, 0, 1));
}

#[test]
fn sizes_and_beginnings_are_reported() {
    let long = format!("//! a\n//! b\n{}", "\n".repeat(400));
    reported(&sizes(&sources(&[("base/a.rs", &long)])), &["402 lines"]);
    reported(&sizes(&sources(&[("base/a.rs", "//! a\nuse b;\n")])), &["begins without"]);
    let function = format!("//! a\n//! b\nfn f() {{\n{}}}\n", "\n".repeat(60));
    reported(&sizes(&sources(&[("base/a.rs", &function)])), &["f has 62 lines"]);
    reported(&sizes(&sources(&[("base/a.rs", "//! a\n//! b\nfn f(a: A, b: A, c: A, d: A, e: A, g: A) {}\n")])), &["f takes 6"]);
    reported(&sizes(&sources(&[("store/scan.rs", "//! a\n//! b\nfn find_copies(a: A) {}\n")])), &["find_copies takes 1"]);
}

#[test]
fn documents_that_differ_from_the_folders_are_reported() {
    let files = sources(&[("base/a.rs", ""), ("trust/a.rs", ""), ("office/a.rs", ""), ("daemon/a.rs", ""), ("bin/a.rs", "")]);
    let table = |rows: &str| format!("x\n\n    base < trust < office, daemon < bin\n\n{HEADING}\n| --- | --- | --- |\n{rows}\nend\n");
    let good = table("| `base/` | a | b |\n| `trust/` | a | b |\n| `office/`, `daemon/` | a | b |\n");
    assert_eq!(shown(&files, &[("README.md", good.clone()), ("CONTRIBUTING.md", good.clone())]), Vec::<String>::new());
    reported(&shown(&files, &[("README.md", good.replace("trust <", ""))]), &["does not show: base < trust < office, daemon < bin"]);
    reported(&shown(&files, &[("README.md", good.replace("| `trust/` | a | b |\n", ""))]), &["the table names"]);
    reported(&shown(&files, &[("README.md", good.clone()), ("CONTRIBUTING.md", good.replace("| a |", "| c |"))]), &["different rows"]);
    assert_eq!(folders("| `office/`, `daemon/` | `x/` | y |"), ["office", "daemon"]);
}
