//! What commands are given of the environment, in tests, long scripts and benchmarks: one list, read in four languages.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use bangtin::office::sign::approve_ci::CI_VARIABLES;

use crate::harness::environment::changes;
use crate::harness::{Sandbox, repository, tree};

const BANGTIN: &str = env!("CARGO_BIN_EXE_bangtin");
/// What nobody's commands are given.
const HIDDEN: [&str; 8] =
    ["LANG", "LC_MESSAGES", "GIT_DIR", "GIT_INDEX_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "AWS_PROFILE"];
/// What stays.
const KEPT: [&str; 3] = ["BANGTIN_BIN", "RUNS", "SEED"];

#[test]
fn all_who_read_the_list_hide_the_same() {
    let names = || CI_VARIABLES.iter().chain(&HIDDEN).chain(&KEPT).map(|name| (*name).to_owned());
    let mut expected: BTreeMap<String, String> = names().map(|name| (name, "7".to_owned())).collect();
    for (name, value) in changes(names().collect()) {
        match value {
            Some(value) => drop(expected.insert(name, value)),
            None => drop(expected.remove(&name)),
        }
    }
    assert!(CI_VARIABLES.iter().chain(&HIDDEN).all(|name| !expected.contains_key(*name)), "{expected:?}");
    assert!(KEPT.iter().all(|name| expected.contains_key(*name)) && expected["LC_ALL"] == "C.UTF-8", "{expected:?}");
    let readers = [
        ("bash", ["-c", "source tests/harness/environment; env"]),
        (
            "python3",
            [
                "-Bc",
                "import os, sys; sys.path.append('benches'); from lib import measure\nwith measure.scratch('test'): [print(f'{n}={v}') for n, v in os.environ.items()]",
            ],
        ),
        (
            "node",
            [
                "-e",
                "import('./tests/browser/environment.mjs').then(() => Object.entries(process.env).forEach(([n, v]) => console.log(`${n}=${v}`)))",
            ],
        ),
    ];
    for (program, args) in readers {
        let usual = ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let mut command = Command::new(program);
        command.args(args).current_dir(repository()).env_clear().envs(usual).envs(names().map(|name| (name, "7")));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        // Shells and wrappers add variables of their own.
        let known = |name: &str| expected.contains_key(name) || names().any(|other| other == name);
        let left = told.lines().filter_map(|line| line.split_once('=')).filter(|(name, _)| known(name));
        let left: BTreeMap<String, String> = left.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(left, expected, "{program}");
    }
}

/// What installs and builds may need some of it, so it is hidden after that.
#[test]
fn scripts_and_benchmarks_that_run_the_tool_hide_what_changes_its_words() {
    let mut hiding = Vec::new();
    for (name, script) in tree(&repository().join("tests/long")) {
        let script = String::from_utf8(script).unwrap();
        let line = |wanted: &dyn Fn(&str) -> bool| script.lines().collect::<Vec<_>>().iter().rposition(|line| wanted(line));
        if script.contains("debug/bangtin") {
            let hides = line(&|line| line.starts_with("source ") && line.trim_end_matches('"').ends_with("tests/harness/environment"));
            assert!(hides.is_some() && hides > line(&|line| line.contains("cargo ")), "tests/long/{name}");
            hiding.push(name);
        }
    }
    assert_eq!(hiding, ["upgrade", "windows"]);
    let programs = fs::read_dir(repository().join("benches")).unwrap().map(|entry| entry.unwrap().path());
    for path in programs.filter(|path| path.is_file() && path.extension().is_none()) {
        let program = fs::read_to_string(&path).unwrap();
        assert!(program.contains("with measure.scratch(") && !program.contains("tempfile"), "{}", path.display());
        hiding.push(path.display().to_string());
    }
    assert_eq!(hiding.len(), 5, "{hiding:?}");
}

#[test]
fn a_benchmark_signs_on_a_machine_of_continuous_integration() {
    let sandbox = Sandbox::new();
    let program = format!(
        "import pathlib\nfrom lib import history, measure\nwith measure.scratch('test') as folder:\n\
         \x20   office = history.office(folder / 'few', '{BANGTIN}', measure.ROOT, 4, 1, ['2036-12'])\n\
         \x20   measure.call(['{BANGTIN}', 'approve', '--month', '2036-12', *history.DECISION, '--now', '2036-09-01'], cwd=office)\n\
         \x20   print(len(list((office / 'content/approvals').iterdir())))\n"
    );
    let mut command = Command::new("python3");
    command.args(["-Bc", &program]).current_dir(repository().join("benches")).env("XDG_CACHE_HOME", sandbox.path("cache"));
    let output =
        command.env("CI", "true").env("GITHUB_ACTIONS", "true").env("LANG", "vi_VN.UTF-8").env("GIT_DIR", "/nowhere").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1\n");
}
