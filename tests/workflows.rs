//! CI: the example workflows keep secrets away from outside proposals; check and build need neither network nor secrets.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::harness::{Sandbox, repository, tree};

/// Faults of a workflow in GitHub's form, which Forgejo and Gitea read too.
fn faults(text: &str) -> Vec<String> {
    let file: Value = serde_saphyr::from_str(text).expect("YAML");
    let mut faults = Vec::new();
    let triggers: Vec<String> = match &file["on"] {
        Value::Object(map) => map.keys().cloned().collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => vec![one.clone()],
        other => panic!("a workflow without a trigger: {other}"),
    };
    let proposed = triggers.iter().any(|trigger| trigger == "pull_request");
    if let Some(other) = triggers.iter().find(|name| !["pull_request", "push"].contains(&name.as_str())) {
        faults.push(format!("trigger {other}"));
    }
    if proposed && triggers.len() > 1 {
        faults.push("one file for proposals and for the protected branch".to_owned());
    }
    if file["on"]["push"].is_object() && file["on"]["push"]["branches"] != serde_json::json!(["main"]) {
        faults.push("pushes to other branches than the protected one".to_owned());
    }
    if file["permissions"] != serde_json::json!({"contents": "read"}) {
        faults.push("permissions are not just contents: read".to_owned());
    }
    let jobs = file["jobs"].as_object().expect("jobs");
    for (name, job) in jobs {
        faults.extend(job_faults(name, job, proposed));
    }
    if !proposed && jobs.len() != 1 {
        faults.push("more than the publishing job beside its secrets".to_owned());
    }
    let above = serde_json::to_string(&serde_json::json!([file["env"], file["defaults"]])).unwrap();
    if above.contains("secrets") {
        faults.push("secrets for every job".to_owned());
    }
    faults
}

fn job_faults(name: &str, job: &Value, proposed: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let text = job.to_string();
    if !job["permissions"].is_null() {
        faults.push(format!("{name}: permissions of its own"));
    }
    if !proposed && !job["if"].as_str().is_some_and(|rule| rule.contains("github.ref == 'refs/heads/main'")) {
        faults.push(format!("{name}: not for the protected branch alone"));
    }
    if proposed && (text.contains("secrets") || !job["environment"].is_null()) {
        faults.push(format!("{name}: secrets for a proposal"));
    }
    for word in ["cache", "download-artifact", "artifacts/"] {
        if text.contains(word) {
            faults.push(format!("{name}: {word}"));
        }
    }
    let steps = job["steps"].as_array().expect("steps");
    for (index, step) in steps.iter().enumerate() {
        let uses = step["uses"].as_str().unwrap_or_default();
        let pin = uses.rsplit_once('@').map(|(_, pin)| pin).unwrap_or_default();
        if !uses.is_empty() && (pin.len() != 40 || !pin.bytes().all(|c| c.is_ascii_hexdigit())) {
            faults.push(format!("{name}: {uses} is not pinned by a commit"));
        }
        if index + 1 < steps.len() && step.to_string().contains("secrets") {
            faults.push(format!("{name}: secrets before the last step"));
        }
        let run = step["run"].as_str().unwrap_or_default();
        if run.contains("${{") {
            faults.push(format!("{name}: an expression inside a script"));
        }
        if run.contains("bangtin") && run.contains(" approve") {
            faults.push(format!("{name}: approves"));
        }
    }
    if !proposed && !steps.last().is_some_and(|step| step["run"].as_str().is_some_and(|run| run.contains(" publish "))) {
        faults.push(format!("{name}: does not end with publish"));
    }
    faults
}

fn example(name: &str) -> String {
    fs::read_to_string(repository().join("examples/ci").join(name)).expect("an example")
}

#[test]
fn a46_a47_a48_the_example_workflows_give_proposals_nothing_worth_stealing() {
    for name in ["github/check.yml", "github/publish.yml", "forgejo/check.yml", "forgejo/publish.yml"] {
        assert_eq!(faults(&example(name)), Vec::<String>::new(), "{name}");
    }
    let names: Vec<String> = tree(&repository().join("examples/ci")).into_keys().collect();
    assert_eq!(names.len(), 6, "a workflow that no test reads: {names:?}");
}

#[test]
fn a46_a47_a48_each_rule_for_workflows_sees_its_breach() {
    let (check, publish) = (example("github/check.yml"), example("github/publish.yml"));
    let breaches = [
        (&check, "  pull_request:", "  pull_request_target:", "trigger pull_request_target"),
        (&check, "  pull_request:", "  workflow_run: {workflows: [check]}", "trigger workflow_run"),
        (&check, "  pull_request:", "  pull_request:\n  push: {branches: [main]}", "one file"),
        (&check, "  contents: read", "  contents: write", "permissions are not"),
        (&check, "permissions:\n  contents: read\n", "", "permissions are not"),
        (&check, "${{ github.token }}", "${{ secrets.STORE }}", "check: secrets for a proposal"),
        (&check, "    runs-on:", "    permissions: {contents: write}\n    runs-on:", "check: permissions of its own"),
        (&check, "    runs-on:", "    environment: publishing\n    runs-on:", "check: secrets for a proposal"),
        (&check, "@ea165f8d65b6e75b540449e92b4886f43607fa02", "@v4", "is not pinned"),
        (&check, "env:\n  # The tool", "env:\n  KEY: ${{ secrets.KEY }}\n  # The tool", "secrets for every job"),
        (&publish, "branches: [main]", "branches: ['**']", "pushes to other branches"),
        (&publish, "    if: github.ref == 'refs/heads/main' && github.ref_protected\n", "", "not for the protected branch alone"),
        (&publish, "    steps:\n", "    steps:\n      - uses: actions/cache@0000000000000000000000000000000000000000\n", "publish: cache"),
        (&publish, "    steps:\n", "    steps:\n      - run: gh run download-artifact\n", "publish: download-artifact"),
        (&publish, "${{ github.token }}", "${{ secrets.PUBLISH_KEY }}", "secrets before the last step"),
        (&publish, "publish \\\n", "approve \\\n", "does not end with publish"),
        (&publish, "./bangtin --content content-repository/content check", "./bangtin approve --in-ci", "publish: approves"),
        (
            &publish,
            "jobs:\n",
            "jobs:\n  other: {if: \"github.ref == 'refs/heads/main'\", steps: [{run: \"x publish y\"}]}\n",
            "more than the publishing job",
        ),
    ];
    for (text, from, to, fault) in breaches {
        assert!(text.contains(from), "{from}");
        let found = faults(&text.replacen(from, to, 1));
        assert!(found.iter().any(|each| each.contains(fault)), "{fault}: {found:?}");
    }
}

/// The same for GitLab's form.
fn gitlab_faults(text: &str) -> Vec<String> {
    let file: BTreeMap<String, Value> = serde_saphyr::from_str(text).expect("YAML");
    let mut faults = Vec::new();
    for (name, job) in file.iter().filter(|(_, job)| job["script"].is_array()) {
        let rules = job["rules"].to_string();
        let protected =
            rules.contains("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") && rules.contains("$CI_COMMIT_REF_PROTECTED == \\\"true\\\"");
        let proposed = rules.contains("merge_request_event");
        let secret = job.to_string().contains("$PUBLISH_KEY") || !job["environment"].is_null();
        if job["rules"].as_array().is_none_or(|rules| rules.len() != 1) || protected == proposed {
            faults.push(format!("{name}: neither for proposals alone nor for the protected branch alone"));
        }
        if secret && !protected {
            faults.push(format!("{name}: secrets for a proposal"));
        }
        if job["cache"] != serde_json::json!([]) {
            faults.push(format!("{name}: a cache"));
        }
        if protected && (job["dependencies"] != serde_json::json!([]) || job["needs"] != serde_json::json!([])) {
            faults.push(format!("{name}: files of other jobs"));
        }
    }
    let shared: Vec<_> = file.iter().filter(|(_, job)| !job["script"].is_array()).map(|(name, value)| format!("{name}{value}")).collect();
    if shared.iter().any(|text| text.contains("PUBLISH_KEY") || text.contains("cache")) {
        faults.push("a secret or a cache for every job".to_owned());
    }
    faults
}

#[test]
fn a46_a47_a48_the_gitlab_example_keeps_the_same_rules() {
    let text = example("gitlab/.gitlab-ci.yml");
    assert_eq!(gitlab_faults(&text), Vec::<String>::new());
    let breaches = [
        (
            "    - ./bangtin --content content check",
            "    - echo $PUBLISH_KEY\n    - ./bangtin --content content check",
            "secrets for a proposal",
        ),
        ("  cache: []\n  dependencies", "  cache: {paths: [target]}\n  dependencies", "publish: a cache"),
        ("  dependencies: []\n", "", "files of other jobs"),
        (" && $CI_COMMIT_REF_PROTECTED == \"true\"", "", "publish: neither"),
        ("variables:\n", "variables:\n  PUBLISH_KEY: x\n", "for every job"),
    ];
    for (from, to, fault) in breaches {
        assert!(text.contains(from), "{from}");
        let found = gitlab_faults(&text.replacen(from, to, 1));
        assert!(found.iter().any(|each| each.contains(fault)), "{fault}: {found:?}");
    }
}

/// A secret that must not appear in any output.
const SECRET: &str = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLE";

#[test]
fn a48_check_and_build_need_no_network_and_take_no_secret() {
    let sandbox = Sandbox::new();
    crate::publish::province::write(&sandbox);
    let bangtin = env!("CARGO_BIN_EXE_bangtin");
    let alone = sandbox.run("unshare", &["-rn", "true"]).code == 0;
    let run = |args: &[&str], secrets: &[&str]| {
        // Where namespaces are not permitted, strace shows attempted connections.
        let before: &[&str] =
            if alone { &["unshare", "-rn"] } else { &["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", "net.txt"] };
        let words: Vec<&str> = before.iter().copied().chain([bangtin, "-q"]).chain(args.iter().copied()).collect();
        let mut command = sandbox.command(words[0], &words[1..]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("XDG_CACHE_HOME", sandbox.path("cache"));
        for name in secrets {
            command.env(name, SECRET);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {text}");
        let net = if alone { String::new() } else { fs::read_to_string(sandbox.path("net.txt")).expect("what strace saw") };
        assert!(!net.contains("AF_INET"), "{args:?} went to the network:\n{net}");
        text
    };
    let names =
        ["PUBLISH_KEY", "PUBLISH_KEY_PASSWORD", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "GOOGLE_SERVICE_ACCOUNT", "BANGTIN_KEY"];
    let build = |out: &str, secrets: &[&str]| run(&["build", "--month", "2026-12", "--out", out], secrets);
    let said = run(&["check"], &names) + &build("with", &names) + &build("without", &[]);
    assert!(!said.contains(SECRET), "{said}");
    let (with, without) = (tree(&sandbox.path("with")), tree(&sandbox.path("without")));
    assert!(!with.is_empty() && with == without, "a variable found its way into a build");
}

#[test]
fn a48_what_reads_and_makes_content_is_given_no_variable_of_the_process() {
    let stages = ["base/", "content/", "program/", "build/", "desk/live/", "office/content/"];
    // A variable names the browser; its only argument is the address.
    let compiles = |name: &str| stages.iter().any(|stage| name.starts_with(stage)) && !name.ends_with("browser.rs");
    let mut seen = 0;
    for (name, bytes) in tree(&repository().join("src")) {
        let text = String::from_utf8_lossy(&bytes);
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let has = |word: &str| code.iter().any(|line| line.contains(word));
        assert!(!has("env::var") || name.starts_with("bin/"), "src/{name} reads the environment: the binaries alone do");
        if compiles(&name) {
            seen += 1;
            assert!(!has(".environment"), "src/{name} is given the environment");
        }
    }
    assert!(seen > 50, "only {seen} files");
}
