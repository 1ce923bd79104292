//! The sweep by strace: each call of a pull or a start that touches files is the one before which the player is killed, or the one that
//! fails. What the player shows then is approved and whole, and so is what the next start shows.

use std::collections::{BTreeMap, BTreeSet};

use super::judge::{Judge, Promise};
use super::scene::Doing;
use super::strace::{self, FILE_CALLS};

/// What is done to a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Blow {
    /// The player is killed in its place.
    Kill,
    /// It fails once.
    Fails(&'static str),
    /// It and every later one of its kind fails.
    FailsOn(&'static str),
}

/// One place: the k-th call of a kind in any thread, or of those of a kind that touch one path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub call: String,
    pub nth: usize,
    pub path: Option<String>,
}

impl Judge<'_> {
    /// The places of what the player does in the scene, from a run that nothing disturbs.
    pub fn places(&self) -> Vec<Place> {
        self.machine.set(&self.scene.before);
        let log = self.machine.path("trace");
        let words = ["strace", "-f", "-qq", "-y", "-o", log.to_str().unwrap(), "-e", &format!("trace={FILE_CALLS}")];
        self.run(&words);
        let calls = strace::read(&log);
        let own = self.machine.path("");
        let own = own.to_str().unwrap();
        let main = calls[0].thread;
        let (mut nth, mut on_path, mut places) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        for call in calls.iter().filter(|call| !["close", "dup", "fcntl"].contains(&call.name.as_str())) {
            let count = nth.entry((call.thread, &call.name)).or_insert(0);
            *count += 1;
            let Some(path) = path(&call.arguments, own) else { continue };
            if call.thread == main {
                places.insert(Place { call: call.name.clone(), nth: *count, path: None });
            } else if !path.contains("/.tmp-") {
                // Other threads count for themselves: their calls are told by what they touch.
                let count = on_path.entry((&call.name, path)).or_insert(0);
                *count += 1;
                places.insert(Place { call: call.name.clone(), nth: *count, path: Some(path.to_owned()) });
            }
        }
        assert!(places.len() > 50, "{places:?}");
        places.into_iter().collect()
    }

    /// Does what the scene does, until its end or to the end of the first cycle. Gives the exit code of a pull.
    pub fn run(&self, words: &[&str]) -> (Option<i32>, String) {
        if self.scene.doing == Doing::Pulls {
            return self.machine.pull(words);
        }
        let mut started = self.machine.start(words);
        started.first_cycle().unwrap();
        (Some(0), String::new())
    }

    /// Deals a blow to a place, and judges what follows.
    pub fn blow(&mut self, place: &Place, blow: Blow) {
        let what = format!("{blow:?} at {place:?}");
        self.machine.set(&self.scene.before);
        let Place { call, nth, path } = place;
        let effect = match blow {
            Blow::Kill => format!("inject={call}:signal=KILL:when={nth}"),
            Blow::Fails(error) => format!("inject={call}:error={error}:when={nth}"),
            Blow::FailsOn(error) => format!("inject={call}:error={error}:when={nth}+"),
        };
        let (log, trace) = (self.machine.path("trace"), format!("trace={call}"));
        let mut words = vec!["strace", "-f", "-qq", "-o", log.to_str().unwrap(), "-e", &trace, "-e", &effect];
        if let Some(path) = path {
            words.extend(["-P", path]);
        }
        let killed = match self.scene.doing {
            Doing::Pulls => {
                let (code, stderr) = self.machine.pull(&words);
                if !matches!(code, Some(0 | 1 | 3)) && blow != Blow::Kill || code.is_some() && stderr.contains("panicked") {
                    self.fault(&what, &format!("the pull ends with {code:?}: {stderr}"));
                }
                if code == Some(0) {
                    self.figures.add("went on");
                }
                code.is_none()
            }
            Doing::Starts => {
                let mut started = self.machine.start(&words);
                match started.first_cycle() {
                    Err(hangs) => self.fault(&what, &hangs),
                    Ok(true) => self.figures.add("went on"),
                    Ok(false) => self.figures.add("ended"),
                }
                let seen = started.seen_whole(self.scene);
                if let Some(seen) = &seen {
                    if let Err(wrong) = self.only_approved(&started, &seen.show, false) {
                        self.fault(&what, &wrong);
                    }
                    if !self.scene.is_whole(&seen.show) {
                        self.fault(&what, &format!("it shows {seen:?}"));
                    }
                }
                seen.is_none()
            }
        };
        let failed = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("INJECTED"));
        if !(if blow == Blow::Kill { killed } else { failed() }) {
            self.figures.add("not reached");
        }
        let least = self.scene.committed(&self.machine.data());
        self.point(&what, Promise::Kept(least.max(self.scene.committed(&self.scene.before))));
    }
}

/// The first path below a folder that a call names, by its arguments or by a descriptor.
fn path<'a>(arguments: &'a str, folder: &str) -> Option<&'a str> {
    let start = arguments.find(folder)?;
    let rest = &arguments[start..];
    Some(&rest[..rest.find(['"', '>']).unwrap_or(rest.len())])
}
