//! One player's machine on a disk in memory: its folder is set to any state, and the real binary runs on it. Never judges what it sees.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::scene::{Doing, Image, Scene, Show};
use crate::harness::environment;
use crate::harness::http::{Reply, try_get};
use crate::harness::tree;

/// Longest time from a start to the end of the first cycle.
pub const LIMIT: Duration = Duration::from_secs(20);

pub struct Machine {
    folder: tempfile::TempDir,
    player: String,
}

/// What a running player says and shows.
#[derive(Debug)]
pub struct Seen {
    pub root: u64,
    pub version: u64,
    /// Beside the slides that the player says it has to do without, since files of them are damaged or lost.
    pub show: Show,
    /// Whether there are such slides.
    pub lacks: bool,
}

/// A player that was started, and killed when dropped.
pub struct Started {
    child: Child,
    /// Where its server is; `None` if it ended before.
    pub address: Option<String>,
}

impl Drop for Started {
    fn drop(&mut self) {
        // A killed strace would leave the player running.
        match self.below() {
            Some(player) => drop(Command::new("kill").args(["-KILL", &player]).status()),
            None => drop(self.child.kill()),
        }
        let _ = self.child.wait();
    }
}

impl Machine {
    pub fn new(scene: &Scene) -> Self {
        let memory = Path::new("/dev/shm");
        let mut named = tempfile::Builder::new();
        let named = named.prefix("bangtin-points-");
        let folder = if memory.is_dir() { named.tempdir_in(memory) } else { named.tempdir() }.expect("a folder");
        for (name, bytes) in tree(&scene.shop.sandbox.path("")) {
            if name.starts_with("store/") || name.starts_with("root.json") {
                write(&folder.path().join(name), &bytes);
            }
        }
        let machine = Self { folder, player: env!("CARGO_BIN_EXE_bangtin-player").to_owned() };
        for (name, store) in [("player.json", "store"), ("offline.json", "nowhere"), ("deaf.json", "news")] {
            let config = serde_json::json!({
                "site": "quay", "player": "quay-1", "store": [store], "data": "data", "root": "root.json", "reserve_bytes": 0,
                "listen": "127.0.0.1:0", "poll_seconds": 86_400,
            });
            write(&machine.path(name), config.to_string().as_bytes());
        }
        machine
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes the player's folder hold exactly these files and folders.
    pub fn set(&self, image: &Image) {
        let data = self.path("data");
        let _ = fs::remove_dir_all(&data);
        for (name, bytes) in image {
            match bytes {
                Some(bytes) => write(&data.join(name), bytes),
                None => fs::create_dir_all(data.join(name)).expect("a folder"),
            }
        }
    }

    /// What the player's folder holds.
    pub fn data(&self) -> Image {
        let data = self.path("data");
        let held = if data.is_dir() { tree(&data) } else { BTreeMap::new() };
        held.into_iter().map(|(name, bytes)| (name, Some(bytes))).collect()
    }

    /// The player's command for what it does in a scene, after the words of another command that runs it.
    pub fn command(&self, before: &[&str], doing: Doing) -> Command {
        match doing {
            Doing::Pulls => self.player(before, &["pull"], "player.json"),
            Doing::Starts => self.player(before, &["run"], "offline.json"),
            Doing::Hears => self.player(before, &["run"], "deaf.json"),
        }
    }

    fn player(&self, before: &[&str], args: &[&str], config: &str) -> Command {
        let mut words = before.iter().copied().chain([self.player.as_str()]);
        let mut command = Command::new(words.next().expect("the player"));
        command.args(words).args(["--lang", "en"]).args(args).arg("--config").arg(self.path(config));
        command.current_dir(self.folder.path());
        environment::clean(&mut command);
        command
    }

    /// Runs a pull to its end, with exit code and words; the code of a killed one is `None`.
    pub fn pull(&self, before: &[&str]) -> (Option<i32>, String) {
        let output = self.command(before, Doing::Pulls).output().expect("a pull");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// What `verify` says.
    pub fn verify(&self) -> Value {
        let output = self.player(&[], &["verify", "--format", "json"], "player.json").output().expect("a check");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    /// Starts the player without a source.
    pub fn start(&self, before: &[&str]) -> Started {
        self.launch(before, Doing::Starts)
    }

    /// Starts the player for what it does in a scene, and waits for its address.
    pub fn launch(&self, before: &[&str], doing: Doing) -> Started {
        let stderr = fs::File::create(self.path("stderr")).expect("a log");
        let mut child = self.command(before, doing).stdout(Stdio::piped()).stderr(stderr).spawn().expect("a start");
        let mut line = String::new();
        let _ = BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line);
        let address = line.trim().trim_end_matches('/').to_owned();
        Started { child, address: address.starts_with("http://").then_some(address) }
    }

    pub fn stderr(&self) -> String {
        fs::read_to_string(self.path("stderr")).unwrap_or_default()
    }
}

impl Started {
    /// The player that strace runs; `None` without strace.
    fn below(&self) -> Option<String> {
        let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", self.child.id())).unwrap_or_default();
        children.split_whitespace().next().map(str::to_owned)
    }

    /// The player's process.
    pub fn player(&self) -> String {
        self.below().unwrap_or_else(|| self.child.id().to_string())
    }

    /// Asks for a look.
    pub fn ask(&self) {
        drop(Command::new("kill").args(["-HUP", &self.player()]).stderr(Stdio::null()).status());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_some())
    }

    /// Moment of the last report.
    pub fn reported(&self) -> Option<Value> {
        let health: Value = serde_json::from_slice(&whole(try_get(self.address.as_ref()?, "/health.json")?)?).ok()?;
        Some(health["at"].clone())
    }

    /// Waits for the end of the first cycle; false if the player ended instead. Fails if it does neither.
    pub fn first_cycle(&mut self) -> Result<bool, String> {
        let end = Instant::now() + LIMIT;
        while Instant::now() < end {
            let Some(address) = &self.address else { break };
            let health = try_get(address, "/health.json").and_then(|reply| serde_json::from_slice::<Value>(&reply.body).ok());
            if health.is_some_and(|health| !health["last_error"].is_null()) {
                return Ok(true);
            }
            if self.has_ended() {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        if self.address.is_none() { Ok(false) } else { Err("its first cycle does not end".to_owned()) }
    }

    /// What it shows now; `None` if it does not answer.
    pub fn seen(&self) -> Option<Seen> {
        let address = self.address.as_ref()?;
        let health: Value = serde_json::from_slice(&whole(try_get(address, "/health.json")?)?).ok()?;
        let schedule: Value = serde_json::from_slice(&whole(try_get(address, "/screens/a/schedule.json")?)?).ok()?;
        let taken = schedule["withdrawn"]["programs"].as_array();
        let listed = schedule["programs"].as_array().into_iter().flatten().map(|each| &each["program"]);
        let plays = listed.filter(|program| !taken.is_some_and(|taken| taken.contains(program)));
        let programs = plays.filter_map(|program| program.as_str().map(str::to_owned)).collect();
        let (slides, lacks) = without(&schedule["withdrawn"]["slides"], &health["missing_slides"]);
        let version = health["head"][1].as_u64().unwrap_or(0);
        Some(Seen { root: health["root"].as_u64()?, version, show: Show { programs, slides }, lacks })
    }

    /// What it shows once that may stand, which it does as soon as what failed once is tried again; else what it shows in the end. A call
    /// that strace lets fail once fails once in each thread, so that each new reader of a file may meet it.
    pub fn seen_whole(&self, scene: &Scene) -> Option<Seen> {
        let end = Instant::now() + LIMIT;
        let mut seen = self.seen();
        while seen.as_ref().is_some_and(|seen| !scene.allows(seen)) && Instant::now() < end {
            // The next try is due after a day here; a look that is asked for tries at once.
            self.ask();
            std::thread::sleep(Duration::from_millis(200));
            seen = self.seen();
        }
        seen
    }

    /// The file of a program; `None` if it does not send all of it.
    pub fn file(&self, program: &str, path: &str) -> Option<Vec<u8>> {
        whole(try_get(self.address.as_ref()?, &format!("/p/{program}/{path}"))?)
    }
}

/// The slides that are gone from programs, without those that are missing from them; whether any is.
fn without(gone: &Value, missing: &Value) -> (Value, bool) {
    let mut left = gone.clone();
    for (program, slides) in missing.as_object().into_iter().flatten() {
        // It may be back since the one of the two was asked.
        let Some(of_program) = left[program].as_array_mut() else { continue };
        of_program.retain(|slide| !slides.as_array().expect("a list").contains(slide));
        if of_program.is_empty() {
            left.as_object_mut().expect("programs").remove(program);
        }
    }
    (left, missing.as_object().is_some_and(|programs| !programs.is_empty()))
}

/// The body of an answer that is good and complete.
fn whole(reply: Reply) -> Option<Vec<u8>> {
    let length = reply.header("content-length").and_then(|length| length.parse().ok());
    (reply.status == 200 && length.is_none_or(|length: usize| length == reply.body.len())).then_some(reply.body)
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, bytes).expect("a written file");
}
