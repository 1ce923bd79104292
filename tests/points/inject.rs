//! The sweep by strace: each call that touches files, of a pull, a start or a running player that news reaches, is the one before which the
//! player is killed, or the one that fails. What the player shows then is approved and whole, and so is what the next start shows.

use std::collections::{BTreeMap, BTreeSet};

use super::hear::HANDS;
use super::judge::{Judge, Promise};
use super::machine::{Seen, Started};
use super::scene::Doing;
use super::strace::{self, Call, FILE_CALLS};

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

/// One place: the k-th call of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub call: String,
    pub nth: usize,
    pub of: Of,
}

/// The calls that are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// Those of any thread.
    Any,
    /// Those that touch a path, of any thread.
    Path(String),
    /// Those of a running player's hand from the moment at which news comes.
    Hand(&'static str),
}

impl Judge<'_> {
    /// The places of what the player does in the scene, from a run that nothing disturbs.
    pub fn places(&self) -> Vec<Place> {
        let log = self.machine.path("trace");
        let trace = format!("trace={FILE_CALLS}");
        let words = ["-qq", "-y", "-o", log.to_str().unwrap(), "-e", &trace];
        let mut places = BTreeSet::new();
        if self.scene.doing == Doing::Hears {
            for hand in HANDS {
                self.machine.set(&self.scene.before);
                let (mut started, watch) = self.machine.watch(hand, &words[1..]).unwrap();
                assert_eq!(self.machine.hear(&mut started, self.scene, false), Ok(true));
                drop((started, watch));
                self.add_places(&mut places, &strace::read(&log), &Of::Hand(hand));
            }
        } else {
            self.machine.set(&self.scene.before);
            self.run(&[&["strace", "-f"], &words[..]].concat());
            self.add_places(&mut places, &strace::read(&log), &Of::Any);
        }
        assert!(places.len() > if self.scene.has_news { 50 } else { 10 }, "{places:?}");
        places.into_iter().collect()
    }

    /// Other threads than the first are struck by the paths that they touch. A file with a random name has none that is known before; the
    /// scenes in which a player hears strike it.
    fn add_places(&self, places: &mut BTreeSet<Place>, calls: &[Call], of: &Of) {
        let own = self.machine.path("");
        let own = own.to_str().unwrap();
        let main = calls.first().map(|call| call.thread);
        let (mut nth, mut on_path) = (BTreeMap::new(), BTreeMap::new());
        for call in calls.iter().filter(|call| !["close", "dup", "fcntl"].contains(&call.name.as_str())) {
            let count = nth.entry((call.thread, &call.name)).or_insert(0);
            *count += 1;
            let paths = paths(&call.arguments, own);
            if Some(call.thread) == main && !paths.is_empty() {
                places.insert(Place { call: call.name.clone(), nth: *count, of: of.clone() });
            } else if let Some(path) = paths.into_iter().find(|path| !path.contains("/.tmp-")) {
                let count = on_path.entry((call.thread, &call.name, path)).or_insert(0);
                *count += 1;
                places.insert(Place { call: call.name.clone(), nth: *count, of: Of::Path(path.to_owned()) });
            }
        }
    }

    /// Does what the scene does, until its end or until all that it brings is shown.
    pub fn run(&self, words: &[&str]) {
        match self.scene.doing {
            Doing::Pulls => drop(self.machine.pull(words)),
            Doing::Starts => drop(self.machine.start(words).first_cycle().unwrap()),
            Doing::Hears => {
                let mut started = self.machine.start_deaf(words).unwrap();
                assert_eq!(self.machine.hear(&mut started, self.scene, false), Ok(true));
            }
        }
    }

    /// Deals a blow to a place, and judges what follows.
    pub fn blow(&mut self, place: &Place, blow: Blow) {
        let what = format!("{blow:?} at {place:?}");
        self.machine.set(&self.scene.before);
        let Place { call, nth, of } = place;
        let effect = match blow {
            Blow::Kill => format!("inject={call}:signal=KILL:when={nth}"),
            Blow::Fails(error) => format!("inject={call}:error={error}:when={nth}"),
            Blow::FailsOn(error) => format!("inject={call}:error={error}:when={nth}+"),
        };
        let (log, trace) = (self.machine.path("trace"), format!("trace={call}"));
        let _ = std::fs::remove_file(&log);
        let mut words = vec!["strace", "-f", "-qq", "-o", log.to_str().unwrap(), "-e", &trace, "-e", &effect];
        if let Of::Path(path) = of {
            words.extend(["-P", path]);
        }
        let killed = match (self.scene.doing, of) {
            (Doing::Hears, Of::Hand(hand)) => self.strikes_a_hand(&what, hand, blow, &words[3..]),
            (Doing::Starts, _) => self.strikes_a_start(&what, &words),
            _ => self.strikes_a_pull(&what, blow, &words),
        };
        let failed = || std::fs::read_to_string(&log).is_ok_and(|log| log.contains("INJECTED"));
        if if blow == Blow::Kill { killed } else { failed() } {
            let least = self.scene.committed(&self.machine.data());
            self.point(&what, Promise::Kept(least.max(self.scene.committed(&self.scene.before))));
        } else {
            self.figures.add("not reached");
        }
    }

    /// Whether the pull was killed.
    fn strikes_a_pull(&mut self, what: &str, blow: Blow, words: &[&str]) -> bool {
        let (code, stderr) = self.machine.pull(words);
        if !matches!(code, Some(0 | 1 | 3)) && blow != Blow::Kill || code.is_some() && stderr.contains("panicked") {
            self.fault(what, &format!("the pull ends with {code:?}: {stderr}"));
        }
        if code == Some(0) {
            self.figures.add("went on");
        }
        code.is_none()
    }

    /// Whether the player was killed or ended.
    fn strikes_a_start(&mut self, what: &str, words: &[&str]) -> bool {
        let mut started = self.machine.start(words);
        let ended = started.first_cycle();
        let seen = started.seen_whole(self.scene);
        self.shown(what, ended, &started, seen)
    }

    /// Whether the player was killed or ended. One that an error met once shows all news in the end, by itself.
    fn strikes_a_hand(&mut self, what: &str, hand: &str, blow: Blow, words: &[&str]) -> bool {
        let (mut started, watch) = match self.machine.watch(hand, words) {
            Ok(watched) => watched,
            Err(fault) => {
                self.fault(what, &fault);
                return true;
            }
        };
        let ended = self.machine.hear(&mut started, self.scene, matches!(blow, Blow::FailsOn(_)));
        if ended == Ok(false) && blow != Blow::Kill {
            self.fault(what, &format!("a running player ends: {}", self.machine.stderr()));
        }
        let seen = started.seen();
        let killed = self.shown(what, ended, &started, seen);
        // Once it is gone, strace has written its log.
        drop((started, watch));
        killed
    }

    /// Judges what a struck player shows. `ended`: whether it goes on. Gives whether it shows nothing any more.
    fn shown(&mut self, what: &str, ended: Result<bool, String>, started: &Started, seen: Option<Seen>) -> bool {
        match ended {
            Err(hangs) => self.fault(what, &hangs),
            Ok(true) => self.figures.add("went on"),
            Ok(false) => self.figures.add("ended"),
        }
        let Some(seen) = seen else { return true };
        if let Err(wrong) = self.only_approved(started, &seen.show, false) {
            self.fault(what, &wrong);
        }
        if !self.scene.allows(&seen) {
            self.fault(what, &format!("it shows {seen:?}\n{}", self.machine.stderr()));
        }
        false
    }
}

/// The paths below a folder that a call names, by its arguments or by a descriptor.
fn paths<'a>(arguments: &'a str, folder: &str) -> Vec<&'a str> {
    let found = arguments.match_indices(folder).map(|(at, _)| &arguments[at..]);
    found.map(|rest| &rest[..rest.find(['"', '>']).unwrap_or(rest.len())]).collect()
}
