#![allow(dead_code, reason = "each capability uses its own part of the harness")]
//! The one test harness: a temporary folder for each test, the real binaries, comparison of complete output.
//! `BLESS=1` renews goldens. Child processes end when their guard is dropped. Never sleeps a fixed time.

pub mod environment;
pub mod http;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The root of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A test's temporary folder; removed when dropped.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

/// Output and exit code of a finished command.
#[derive(Debug)]
pub struct Finished {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Self { folder: tempfile::Builder::new().prefix("bangtin-test-").tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file; creates its folders.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside the sandbox")).expect("folders");
        fs::write(path, text).expect("a written file");
        self
    }

    /// Copies a folder of the repository into the sandbox.
    pub fn copy(&self, from: impl AsRef<Path>, to: &str) -> &Self {
        copy_tree(&repository().join(from), &self.path(to));
        self
    }

    /// Runs the office binary in the sandbox, in English, without colour.
    pub fn bangtin(&self, args: &[&str]) -> Finished {
        self.run(env!("CARGO_BIN_EXE_bangtin"), args)
    }

    /// Runs the player binary in the sandbox.
    pub fn player(&self, args: &[&str]) -> Finished {
        self.run(env!("CARGO_BIN_EXE_bangtin-player"), args)
    }

    /// Runs any program in the sandbox.
    pub fn run(&self, program: &str, args: &[&str]) -> Finished {
        let output = self.command(program, args).output().unwrap_or_else(|error| panic!("{program}: {error}"));
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// A command prepared as in `run`, not yet started.
    pub fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.folder.path());
        environment::clean(&mut command);
        command
    }

    /// Starts a server and waits for the first line on stdout that contains `ready`.
    pub fn spawn(&self, program: &str, args: &[&str], ready: &str) -> Running {
        let mut child = self.command(program, args).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("a started child");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut seen = String::new();
        while !seen.contains(ready) {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).expect("readable output"), 0, "{program} ended before it was ready:\n{seen}");
            seen.push_str(&line);
        }
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Running { child, output: seen }
    }
}

/// A sandbox that is made once in a run; each test works on a copy of its own, with the rights of each file.
pub struct Prepared(OnceLock<Vec<(String, fs::Permissions, Vec<u8>)>>);

impl Prepared {
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// A copy of what `make` makes at the first call.
    pub fn copy(&self, make: impl FnOnce() -> Sandbox) -> Sandbox {
        let files = self.0.get_or_init(|| {
            let made = make();
            let rights = |name: &str| fs::metadata(made.path(name)).expect("a file").permissions();
            tree(&made.path("")).into_iter().map(|(name, bytes)| (name.clone(), rights(&name), bytes)).collect()
        });
        let sandbox = Sandbox::new();
        for (name, rights, bytes) in files {
            sandbox.write(name, bytes);
            fs::set_permissions(sandbox.path(name), rights.clone()).expect("the same rights");
        }
        sandbox
    }
}

/// A child process; killed when dropped.
pub struct Running {
    child: Child,
    /// Its output up to the line that says it is ready.
    pub output: String,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first `http://…` address that it printed, without a trailing slash.
    pub fn address(&self) -> String {
        let start = self.output.find("http://").expect("an address");
        let rest = &self.output[start..];
        rest[..rest.find(|c: char| c.is_whitespace() || c == '?').unwrap_or(rest.len())].trim_end_matches('/').to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Finished {
    #[track_caller]
    pub fn success(self) -> Self {
        self.code(0)
    }

    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn stderr_has(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in stderr:\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn stdout_has(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no {text:?} in stdout:\n{}", self.stdout);
        self
    }
}

/// Compares with a golden file in `tests/`; `BLESS=1` renews it.
#[track_caller]
pub fn golden(name: &str, actual: &str) {
    let path = repository().join("tests").join(name);
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, actual).expect("a written golden");
    }
    let expected =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; a new golden is written with BLESS=1", path.display()));
    assert!(
        expected == actual,
        "{} differs; renew with BLESS=1 if the change is meant.\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}

/// Waits until a condition holds, `limit` at most.
#[track_caller]
pub fn wait_for(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < end, "waited {limit:?} for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Memory of a process, in bytes.
pub fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory").trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().expect("a number") << 10
}

/// Threads of a process.
pub fn threads(process: u32) -> usize {
    fs::read_dir(format!("/proc/{process}/task")).expect("a running process").count()
}

/// Bytes of every file below a folder, by relative path. A running player may write there: a file that is gone before it is read was a temporary one.
pub fn tree(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    assert!(folder.is_dir(), "{} is no folder", folder.display());
    walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            let bytes = fs::read(entry.path());
            let gone = bytes.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
            (!gone).then(|| (name, bytes.expect("a readable file")))
        })
        .collect()
}

fn copy_tree(from: &Path, to: &Path) {
    for (name, bytes) in tree(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, bytes).expect("a written file");
    }
}
