//! A running player that news reaches. strace watches one of its two hands from the moment at which both wait, so every file call of that
//! thread can be struck, also on files whose names are random. Never judges what is shown.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use super::machine::{LIMIT, Machine, Started};
use super::scene::{Doing, Scene};

/// The threads that store what comes, by name.
pub const HANDS: [&str; 2] = ["look", "fetch"];

/// How long a hand that waits stays where it is.
const STILL: Duration = Duration::from_millis(20);

/// Longest time from a request to look until the look has begun.
const BEGIN: Duration = Duration::from_millis(300);

/// strace on one thread of a player. It ends with the player, which has to be dropped first.
pub struct Watch {
    strace: Child,
    /// Held open: strace writes there at its end.
    _words: BufReader<ChildStderr>,
}

impl Watch {
    fn on(thread: u32, words: &[&str]) -> Self {
        let mut command = Command::new("strace");
        command.args(["-p", &thread.to_string()]).args(words).stderr(Stdio::piped());
        let mut strace = command.spawn().expect("strace");
        let (mut words, mut line) = (BufReader::new(strace.stderr.take().expect("its words")), String::new());
        words.read_line(&mut line).expect("its first words");
        assert!(line.contains("attached"), "{line}");
        Self { strace, _words: words }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.strace.wait();
    }
}

impl Machine {
    /// Starts the player with a source that is not there yet, and waits until both hands wait.
    pub fn start_deaf(&self, before: &[&str]) -> Result<Started, String> {
        let _ = fs::remove_file(self.path("news"));
        let mut started = self.launch(before, Doing::Hears);
        if !started.first_cycle()? {
            return Err(format!("it does not start: {}", self.stderr()));
        }
        let end = Instant::now() + LIMIT;
        while !started.waits() {
            if Instant::now() > end {
                return Err("its hands do not come to rest".to_owned());
            }
        }
        Ok(started)
    }

    /// The same, with strace on one of its hands.
    pub fn watch(&self, hand: &str, words: &[&str]) -> Result<(Started, Watch), String> {
        let started = self.start_deaf(&[])?;
        let watch = Watch::on(started.thread(hand), words);
        Ok((started, watch))
    }

    /// Lets the news of a scene come, and asks for looks until all of it is shown and nothing is left to do; false if the player ends instead.
    /// Of an error that `lasts` nothing more is asked than that the player comes to rest.
    pub fn hear(&self, started: &mut Started, scene: &Scene, lasts: bool) -> Result<bool, String> {
        if scene.has_news {
            std::os::unix::fs::symlink(self.path("store"), self.path("news")).expect("a link");
        }
        let last = scene.steps.last().expect("a step");
        let (end, mut looks) = (Instant::now() + LIMIT, 0);
        let mut asked = (started.reported(), Instant::now());
        started.ask();
        while Instant::now() < end {
            if started.has_ended() {
                return Ok(false);
            }
            let reported = started.reported();
            if !started.waits() || reported == asked.0 && asked.1.elapsed() < BEGIN {
                continue;
            }
            looks += 1;
            if reported != asked.0 && started.seen().is_some_and(|seen| last.fits(&seen)) || lasts && looks > 1 {
                return Ok(true);
            }
            asked = (reported, Instant::now());
            started.ask();
        }
        Err(format!("it does not show the news, but {:?}: {}", started.seen(), self.stderr()))
    }
}

impl Started {
    /// The thread of a name.
    fn thread(&self, name: &str) -> u32 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.player())).expect("a running player");
        let mut numbers = tasks.filter_map(|task| task.ok()?.file_name().to_str()?.parse().ok());
        let named = |number: &u32| fs::read_to_string(format!("/proc/{number}/comm")).is_ok_and(|comm| comm.trim() == name);
        numbers.find(named).unwrap_or_else(|| panic!("no thread {name}"))
    }

    /// Whether both hands wait for something to do.
    fn waits(&self) -> bool {
        let still = || HANDS.map(|hand| self.at_rest(hand));
        let before = still();
        std::thread::sleep(STILL);
        before.iter().all(Option::is_some) && before == still()
    }

    /// How often a sleeping thread was put to sleep; `None` if it does not sleep.
    fn at_rest(&self, hand: &str) -> Option<String> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.player())).ok()?;
        let read = |task: &fs::DirEntry| fs::read_to_string(task.path().join("status")).ok();
        let status = tasks.filter_map(|task| read(&task.ok()?)).find(|status| status.starts_with(&format!("Name:\t{hand}\n")))?;
        let line = |name: &str| status.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        let sleeps = line("State:")?.contains("S (sleeping)");
        line("voluntary_ctxt_switches:").filter(|_| sleeps)
    }
}
