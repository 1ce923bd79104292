//! Many small edits of a content folder, with two builds after each: into the last build's folder with its cache, and into a new folder
//! without cache. Both print and write the same, whatever was edited, touched, restored, damaged or interrupted.

#[path = "edits/province.rs"]
mod province;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Finished, Sandbox};
use province::{Dice, Province};

/// Output of one build.
fn build(sandbox: &Sandbox, cache: &str, out: &str) -> Finished {
    let args = ["build", "--month", "2026-12", "--out", out];
    let output = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &args).env("XDG_CACHE_HOME", sandbox.path(cache)).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Finished { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

/// Starts a build; kills it after the given time if it still runs.
fn ended(sandbox: &Sandbox, cache: &str, out: &str, after: Duration) {
    let args = ["build", "--month", "2026-12", "--out", out];
    let mut command = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &args);
    let mut child =
        command.env("XDG_CACHE_HOME", sandbox.path(cache)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a started build");
    let end = Instant::now() + after;
    while Instant::now() < end && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let _ = child.kill();
    child.wait().unwrap();
}

/// All paths below a folder: files with their bytes, folders with `None`.
fn all(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let entries = walkdir::WalkDir::new(folder).min_depth(1).into_iter().filter_map(Result::ok);
    let entry = |entry: walkdir::DirEntry| {
        let name = entry.path().strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        let bytes = (!entry.file_type().is_dir()).then(|| fs::read(entry.path()).unwrap());
        (name, bytes)
    };
    entries.map(entry).collect()
}

/// Compares both builds; returns their exit code.
fn same(sandbox: &Sandbox, round: usize, what: &str) -> i32 {
    let fresh = format!("fresh-{round}");
    let (warm, cold) = (build(sandbox, "cache", "out"), build(sandbox, &fresh, &format!("{fresh}/out")));
    assert_eq!((warm.code, &warm.stdout, &warm.stderr), (cold.code, &cold.stdout, &cold.stderr), "{what}");
    if cold.code == 0 {
        let (warm, cold) = (all(&sandbox.path("out")), all(&sandbox.path(&format!("{fresh}/out"))));
        let names = |tree: &BTreeMap<String, _>| tree.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&warm), names(&cold), "{what}");
        for (name, bytes) in &cold {
            assert!(warm[name] == *bytes, "{name} differs; {what}");
        }
    }
    fs::remove_dir_all(sandbox.path(&fresh)).unwrap();
    cold.code
}

fn sequence(seed: u64, steps: usize) {
    let sandbox = Sandbox::new();
    let mut province = Province::new(&sandbox);
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut done = vec![format!("seed {seed}")];
    assert_eq!(same(&sandbox, 0, &done[0]), 0);
    let mut sound = 0;
    for round in 1..=steps {
        for _ in 0..=dice.below(2) {
            done.push(province.edit(&mut dice));
        }
        if dice.below(4) == 0 {
            let after = Duration::from_micros(dice.below(60_000) as u64);
            ended(&sandbox, "cache", "out", after);
            done.push(format!("ended after {after:?}"));
        }
        if same(&sandbox, round, &done.join("; ")) == 0 {
            sound += 1;
        } else if dice.below(3) > 0 {
            province.fix();
            done.push("fixed".to_owned());
        }
    }
    assert!(sound > 0, "nothing could be built: {}", done.join("; "));
}

#[test]
fn a_build_with_a_memory_gives_what_one_without_gives() {
    let chosen = std::env::var("SEED").ok().and_then(|text| text.parse().ok());
    let count = std::env::var("SEQUENCES").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let first = chosen.unwrap_or(1);
    for seed in first..first + count {
        sequence(seed, 8);
    }
}

#[test]
fn what_did_not_change_is_neither_read_nor_written_again() {
    use std::os::unix::fs::MetadataExt as _;
    let sandbox = Sandbox::new();
    let _ = Province::new(&sandbox);
    build(&sandbox, "cache", "out").success();
    let page = |name: &str| sandbox.path(&format!("out/cua/2026-12/slides/{name}@320x160.html"));
    let inode = |name: &str| fs::metadata(page(name)).unwrap().ino();
    let (first, second) = (inode("tin/bai-0"), inode("tin/bai-1"));
    sandbox.write("content/slides/tin/bai-0.md", province::slide("text", "Đã đổi", ""));
    build(&sandbox, "cache", "out").success();
    assert!(inode("tin/bai-0") != first && inode("tin/bai-1") == second);
    assert!(fs::read_to_string(page("tin/bai-0")).unwrap().contains("Đã đổi"));
}

#[test]
fn pages_that_are_gone_are_made_again_from_slides_that_were_not_read() {
    let sandbox = Sandbox::new();
    let _ = Province::new(&sandbox);
    let written_on_windows = (province::slide("text", "một", "") + "\nDòng hai.\n").replace('\n', "\r\n");
    sandbox.write("content/slides/tin/bai-1.md", written_on_windows);
    for round in 0..2 {
        assert_eq!(same(&sandbox, round, "before"), 0);
    }
    fs::remove_dir_all(sandbox.path("out/cua/2026-12/slides")).unwrap();
    assert_eq!(same(&sandbox, 2, "after"), 0);
}

#[test]
fn a_spoilt_memory_costs_time_and_nothing_else() {
    let sandbox = Sandbox::new();
    let _ = Province::new(&sandbox);
    assert_eq!(same(&sandbox, 0, "at first"), 0);
    let folder = sandbox.path("cache/bangtin/builds");
    let files = || fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some());
    assert_eq!(files().count(), 3, "one of the content, one of each site's result");
    for (round, spoil) in [(1, 0), (2, 1), (3, 2)] {
        for path in files() {
            let mut bytes = fs::read(&path).unwrap();
            let half = bytes.len() / 2;
            match spoil {
                0 => bytes.truncate(half),
                1 => bytes[half] ^= 0x20,
                _ => bytes = b"another file".to_vec(),
            }
            fs::write(&path, bytes).unwrap();
        }
        assert_eq!(same(&sandbox, round, &format!("damaged in manner {spoil}")), 0);
    }
}
