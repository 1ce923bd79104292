//! Judges the state in which a stop, an error or a power cut left a player's folder: what the next start shows, and whether one healthy
//! pull makes all well. Equal states are judged once.

use std::collections::BTreeMap;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use super::machine::{Machine, Started};
use super::scene::{Image, Scene, Show};

/// What must hold at the next start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Nothing falls below this step of the scene.
    Kept(usize),
    /// What is shown is verified and whole: the disk lied, so the newest may be lost.
    Verified,
}

/// Faults printed at most.
const SHOWN: usize = 12;

/// One blow of these may meet nothing: where threads take turns, a call may come once less. A sweep with more of them strikes thin air.
const ONE_MISSED_OF: u64 = 50;
/// Of few points these may be missed.
const MISSED: u64 = 2;

/// Figures of a sweep, by name.
#[derive(Default)]
pub struct Figures(BTreeMap<String, u64>);

impl Figures {
    pub fn add(&mut self, name: &str) {
        *self.0.entry(name.to_owned()).or_default() += 1;
    }
}

pub struct Judge<'a> {
    pub scene: &'a Scene,
    pub machine: Machine,
    judged: BTreeMap<(Promise, Digest), bool>,
    pub figures: Figures,
    faults: Vec<String>,
}

impl<'a> Judge<'a> {
    pub fn new(scene: &'a Scene) -> Self {
        Self { scene, machine: Machine::new(scene), judged: BTreeMap::new(), figures: Figures::default(), faults: Vec::new() }
    }

    /// Records what does not hold.
    pub fn fault(&mut self, point: &str, what: &str) {
        self.faults.push(format!("{}, {point}: {what}", self.scene.name));
    }

    /// Judges what the player's folder holds now.
    pub fn point(&mut self, point: &str, promise: Promise) {
        self.figures.add("points");
        let key = (promise, fingerprint(&self.machine.data()));
        let good = match self.judged.get(&key) {
            Some(good) => *good,
            None => {
                self.figures.add("states");
                let judged = self.next_start(promise).and_then(|()| self.converges(promise));
                let good = judged.is_ok();
                if let Err(what) = judged {
                    self.fault(point, &what);
                }
                self.judged.insert(key, good);
                good
            }
        };
        self.figures.add(if good { "converged" } else { "unmet" });
    }

    fn next_start(&mut self, promise: Promise) -> Result<(), String> {
        let mut started = self.machine.start(&[]);
        if !started.first_cycle()? {
            return Err(format!("it does not start: {}", self.machine.stderr()));
        }
        let seen = started.seen().ok_or("it does not answer")?;
        self.only_approved(&started, &seen.show, !seen.lacks)?;
        let fits = |step: &super::scene::Step| step.fits(&seen);
        match promise {
            Promise::Verified if self.scene.is_whole(&seen.show) => {
                let newest = self.scene.steps.last().is_some_and(fits);
                self.figures.add(if newest { "newest kept" } else { "newest lost" });
                Ok(())
            }
            Promise::Kept(least) if self.scene.steps.iter().rposition(fits).is_some_and(|at| at >= least) => Ok(()),
            _ => Err(format!("{promise:?}, but the next start shows {seen:?}\nof {:?}\n{}", self.scene.steps, self.machine.stderr())),
        }
    }

    /// Checks every byte that is served of what is shown. `all`: every file must be served but the pages of withdrawn slides; a player that lacks
    /// some says so.
    pub fn only_approved(&self, started: &Started, show: &Show, all: bool) -> Result<(), String> {
        for program in &show.programs {
            let taken: Vec<_> = show.slides[program].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let is_taken = |path: &str| taken.iter().any(|id| path.starts_with(&format!("slides/{id}@")));
            let files = self.scene.approved.get(program).ok_or_else(|| format!("UNAPPROVED: {program} is shown"))?;
            for (path, bytes) in files {
                match started.file(program, path) {
                    Some(_) if is_taken(path) => return Err(format!("WITHDRAWN: {path} of {program} is served")),
                    None if is_taken(path) => {}
                    Some(served) if served == *bytes => {}
                    Some(_) => return Err(format!("CORRUPT: {path} of {program} is served with different content")),
                    None if all => return Err(format!("{path} of {program} is not served")),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// Whether one healthy pull brings all back. Lines of the journal that a lying disk has lost are lost for good: they have to be told.
    fn converges(&mut self, promise: Promise) -> Result<(), String> {
        let (code, stderr) = self.machine.pull(&[]);
        if code != Some(0) {
            return Err(format!("the next healthy pull ends with {code:?}: {stderr}"));
        }
        let (found, last) = (self.machine.verify(), &self.scene.steps[self.scene.steps.len() - 1]);
        let content = ["faults", "pending", "twins"].iter().all(|part| found[part] == json!({})) && found["lost"].is_null();
        let told = found["journal"].as_object().is_some_and(|segments| !segments.is_empty());
        let only_journal = promise == Promise::Verified && content && told;
        if only_journal {
            self.figures.add("told as damage of the journal");
        }
        let whole = (found["ok"] == true || only_journal)
            && found["programs"].as_array().is_some_and(|programs| programs.iter().all(|each| each["refused"].is_null()))
            && found["head"].to_string().contains(&last.version.to_string())
            && found["root"] == last.root
            && found["withdrawals"] == last.withdrawals;
        if whole { Ok(()) } else { Err(format!("after the next healthy pull: {found}\n{stderr}")) }
    }

    /// How many points did not hold.
    pub fn unmet(&self) -> u64 {
        self.figures.0.get("unmet").copied().unwrap_or(0)
    }

    /// Prints the figures under the fault's number, and fails if anything did not hold, or too many blows met nothing.
    pub fn end(self, fault: u64) {
        let figure = |name: &str| self.figures.0.get(name).copied().unwrap_or(0);
        let (points, missed) = (figure("points"), figure("not reached"));
        let figures: Vec<_> = self.figures.0.iter().map(|(name, count)| format!("{count} {name}")).collect();
        let count = |word: &str| self.faults.iter().filter(|fault| fault.contains(word)).count();
        let (corrupt, unapproved) = (count("CORRUPT"), count("UNAPPROVED"));
        println!("F{fault}, {}: {}; {corrupt} corrupt, {unapproved} unapproved", self.scene.name, figures.join(", "));
        let shown = self.faults.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n\n");
        assert!(self.faults.is_empty(), "{} faults:\n{shown}", self.faults.len());
        assert!(
            missed <= MISSED || missed * ONE_MISSED_OF <= points,
            "{}: {missed} blows met nothing, beside {points} points",
            self.scene.name
        );
    }
}

/// Digest of a folder, without what differs from run to run: random names, and times in the health file and in the journal.
fn fingerprint(data: &Image) -> Digest {
    let mut all = Vec::new();
    for (name, bytes) in data {
        let temporary = name.rsplit('/').next().is_some_and(|name| name.starts_with(".tmp-"));
        let name = if temporary { name.rsplit_once(".tmp-").map_or("", |(folder, _)| folder) } else { name };
        let bytes = bytes.as_deref().unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        let timed = name == "health.json" || name == "journal.json" || name.starts_with("returns/");
        let settled = if timed { text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().into_bytes() } else { bytes.to_vec() };
        all.extend(format!("{name}\0{}\0", settled.len()).into_bytes());
        all.extend(settled);
    }
    Digest::of(&all)
}
