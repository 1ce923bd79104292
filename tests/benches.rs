//! The programs below `benches/` begin: each of their parts can be loaded. What they measure is never compared here.

use std::process::Command;

use crate::harness::{Sandbox, repository};

#[test]
fn every_part_of_the_benchmarks_loads() {
    let parts = std::fs::read_dir(repository().join("benches/lib")).unwrap();
    let names = parts.filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".py").map(str::to_owned));
    let imports: String = names.filter(|name| name != "__init__").map(|name| format!("import lib.{name}\n")).collect();
    assert!(imports.lines().count() > 10, "{imports}");
    let done = Command::new("python3").args(["-B", "-c", &imports]).current_dir(repository().join("benches")).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_content_that_the_benchmarks_make_is_taken() {
    let sandbox = Sandbox::new();
    let make =
        format!("from lib import slides; slides.bangtin('{}', '{}/themes', 20, 42, 2)", sandbox.path("").display(), repository().display());
    let done = Command::new("python3").args(["-B", "-c", &make]).current_dir(repository().join("benches")).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    sandbox.bangtin(&["check"]).success();
}
