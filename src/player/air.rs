//! What is on air: of what is in force, the programs whose objects have been read through. The hand that looks and the hand that fetches both
//! change it, so that neither waits for the other. Never judges a document: its caller passes what is in force.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::lock::{MutexExt as _, RwLockExt as _};
use crate::base::terms::ProgramKind;
use crate::player::pull::trusted::InForce;
use crate::player::pull::{has_unread, missing_now, slides_with};
use crate::player::record::entry::JournalEntry;
use crate::player::show::health::Health;
use crate::player::show::lacking::{ComingMonth, DamagedFiles};
use crate::player::show::on_air::OnAir;
use crate::player::show::plays::AFTERWARDS;
use crate::player::show::server::ServerState;
use crate::player::show::time::ClockReading;
use crate::program::show::{Schedule, ScheduledProgram, ScreenState, show};
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::seen_objects::LastDamage;

/// See the module.
pub struct Air {
    health_path: PathBuf,
    stage: Arc<ServerState>,
    in_force: Mutex<Arc<InForce>>,
}

impl Air {
    /// With what is on the stage already.
    pub fn new(health_path: PathBuf, stage: Arc<ServerState>, in_force: Arc<InForce>) -> Self {
        Self { health_path, stage, in_force: Mutex::new(in_force) }
    }

    /// Puts on air what is in force now.
    pub fn put(&self, in_force: &Arc<InForce>) {
        let mut held = self.in_force.hold();
        let told = (held.root, held.withdrawals) != (in_force.root, in_force.withdrawals);
        held.clone_from(in_force);
        let changed = self.show(&held, told);
        drop(held);
        // A look that waits for a source must not let the report say what is over.
        if changed || told {
            self.report(|health| health);
        }
    }

    /// Puts on air what was read through or fetched since, and reports it.
    pub fn refresh(&self) {
        self.show(&self.in_force.hold(), false);
        self.report(|health| health);
    }

    /// Changes the report, then adds what is on air.
    pub fn report(&self, change: impl FnOnce(Health) -> Health) {
        let in_force = self.in_force.hold();
        let stage = &self.stage;
        let old = stage.health.shared().clone();
        let mut health = change(old.clone());
        tell(&mut health, &in_force, stage.on_air().schedule(), &stage.holdings, stage.time.now());
        stage.plays.hold().faults().retell(&mut health.faults, &stage.on_air(), stage.time.now());
        self.note_damage(&old, &health);
        if health != old {
            health.write(&self.health_path);
            stage.health.put(health);
        }
    }

    /// Tells the journal of files that were found damaged or lost since the old report, of those that are whole again, and of the slides that need them.
    fn note_damage(&self, old: &Health, new: &Health) {
        let at = self.stage.time.now().ms;
        let (damaged, whole) = (damage(Some(old), new, at), repair(old, new, at));
        for entry in damaged.into_iter().chain(whole).chain(missing(old, new, at)) {
            self.stage.record(&entry);
        }
    }

    /// `told`: whether a statement has changed what the start found. True if other programs or statements are on air now.
    fn show(&self, in_force: &InForce, told: bool) -> bool {
        let stage = &self.stage;
        stage.time.raise_floor(in_force.floor);
        let old = stage.on_air();
        let next = schedule(in_force, &stage.holdings, Some(&old));
        let programs = |schedule: &Schedule| schedule.programs.iter().map(|each| (each.program.digest(), each.from)).collect::<Vec<_>>();
        let statements = |schedule: &Schedule| (schedule.withdrawn.clone(), schedule.releases.clone());
        let reading = old.is_reading() && !told && is_reading(in_force, &next, &stage.holdings);
        let changed = programs(old.schedule()) != programs(&next) || statements(old.schedule()) != statements(&next);
        if changed || reading != old.is_reading() {
            stage.put_on_air(OnAir::new(&stage.desk, next).reading(reading));
        }
        changed
    }
}

/// What the journal hears of files that are damaged or lost and were not at the last report, which may be that of an earlier start.
pub fn damage(old: Option<&Health>, new: &Health, at: i64) -> Option<JournalEntry> {
    let card = if new.card { "; no program is shown" } else { "" };
    let files = new.damaged.as_ref()?;
    // The slides that need it are known of one file.
    let last = if files.file == files.found_last { files.example().en } else { files.found_last.clone() };
    incident("objects-damaged", "found damaged or lost", newly_damaged(old, new), (last.as_str(), card), at)
}

/// What it hears of those that are whole again.
pub fn repair(old: &Health, new: &Health, at: i64) -> Option<JournalEntry> {
    let lacked = counts(Some(old)).1 + newly_damaged(Some(old), new);
    let last = new.damaged.as_ref().map_or("", |files| files.whole_last.as_str());
    incident("objects-whole", "whole again", lacked.saturating_sub(counts(Some(new)).1), (last, ""), at)
}

/// What it hears of programs on air that play without slides since the old report, or without others.
fn missing(old: &Health, new: &Health, at: i64) -> Vec<JournalEntry> {
    let told = |program: &Digest, slides: Option<&BTreeSet<SlideId>>| {
        let detail = slides.map_or_else(
            || format!("program {program} plays with all its slides again"),
            |slides| {
                let names = slides.iter().map(SlideId::as_str).collect::<Vec<_>>().join(", ");
                format!("program {program} plays without slides of which files are damaged or lost: {names}")
            },
        );
        crate::logln!("{detail}");
        JournalEntry::Incident { kind: "slides-missing".into(), at, detail }
    };
    let programs = new.programs.iter().filter(|program| old.missing_slides.get(*program) != new.missing_slides.get(*program));
    programs.map(|program| told(program, new.missing_slides.get(program))).collect()
}

fn newly_damaged(old: Option<&Health>, new: &Health) -> usize {
    let ((found, lacked), (all, lacking)) = (counts(old), counts(Some(new)));
    all.saturating_sub(found).max(lacking.saturating_sub(lacked))
}

/// How many files were found damaged, and how many of them are not whole again.
fn counts(health: Option<&Health>) -> (usize, usize) {
    health.and_then(|health| health.damaged.as_ref()).map_or((0, 0), |files| (files.found, files.lacking))
}

/// `last`: the last of the files, empty if it is not known.
fn incident(kind: &str, what: &str, count: usize, (last, more): (&str, &str), at: i64) -> Option<JournalEntry> {
    let such = if count == 1 { "namely" } else { "such as" };
    let file = if last.is_empty() { String::new() } else { format!(", {such} {last}") };
    let detail = format!("files {what}: {count}{file}{more}");
    (count > 0).then(|| {
        crate::logln!("{detail}");
        JournalEntry::Incident { kind: kind.into(), at, detail }
    })
}

/// What can be on screen of what is in force: programs whose objects have been read through. Where single slides lack a damaged or lost file, a program
/// is shown without them; one that is `on_air` with all slides stays there as it is while the file is fetched again.
pub fn schedule(in_force: &InForce, holdings: &LocalStore, on_air: Option<&OnAir>) -> Schedule {
    let (mut programs, mut gone) = (Vec::new(), in_force.withdrawn.clone());
    for each in &in_force.programs {
        let digest = each.program.digest();
        let stands = on_air.filter(|on_air| on_air.program(digest).is_some());
        let missed = stands.map(|on_air| missing_of(on_air.schedule(), in_force, digest));
        let is_whole = missed.as_ref().is_some_and(BTreeSet::is_empty) || is_complete(&each.program, holdings);
        let missing = if is_whole { Some(BTreeSet::new()) } else { missing_now(&each.program, in_force, holdings).or(missed) };
        let Some(missing) = missing else { continue };
        programs.push(ScheduledProgram { program: each.program.clone(), from: each.from });
        if !missing.is_empty() {
            gone.slides.entry(digest).or_default().extend(missing);
        }
    }
    Schedule { programs, withdrawn: gone, releases: in_force.releases.clone() }
}

/// The slides of a program that are missing on air and not withdrawn.
fn missing_of(on_air: &Schedule, in_force: &InForce, program: Digest) -> BTreeSet<SlideId> {
    let (gone, withdrawn) = (on_air.withdrawn.slides.get(&program), in_force.withdrawn.slides.get(&program));
    let is_withdrawn = |slide: &SlideId| withdrawn.is_some_and(|withdrawn| withdrawn.contains(slide));
    gone.into_iter().flatten().filter(|slide| !is_withdrawn(slide)).cloned().collect()
}

/// Writes into a report what is on air, and what has yet to be: programs that were not read through, or that lack objects.
pub fn tell(health: &mut Health, in_force: &InForce, on_air: &Schedule, holdings: &LocalStore, now: ClockReading) {
    (health.root, health.withdrawals) = (in_force.root, in_force.withdrawals);
    note_left(health, in_force, now.ms);
    health.card = states(on_air, now).all(|state| state == ScreenState::Card);
    health.programs = on_air.programs.iter().map(|each| each.program.digest()).collect();
    let there = |program: &Program| program.manifest().files.iter().all(|file| holdings.may_contain(file.sha256, file.size));
    let pending = in_force.programs.iter().map(|each| &each.program);
    let pending = pending.filter(|program| !health.programs.contains(&program.digest()) || !there(program));
    health.pending = pending.map(|program| program.digest()).chain(in_force.unjudged.iter().copied()).collect();
    let missing = health.programs.iter().map(|program| (*program, missing_of(on_air, in_force, *program)));
    health.missing_slides = missing.filter(|(_, slides)| !slides.is_empty()).collect();
    health.damaged = damaged_files(in_force, holdings, health.damaged.take());
    health.coming_month = coming_month(on_air, now);
}

/// Notes which programs of the last report are in force no more, and since when, as long as their plays are taken.
fn note_left(health: &mut Health, in_force: &InForce, now: i64) {
    let stands = |program: &Digest| in_force.programs.iter().any(|each| each.program.digest() == *program);
    let lately = |at: i64| Duration::from_millis(now.saturating_sub(at).max(0).unsigned_abs()) < AFTERWARDS;
    health.left.retain(|(program, at)| !stands(program) && lately(*at));
    for program in health.programs.iter().filter(|program| !stands(program)) {
        if !health.left.iter().any(|(left, _)| left == program) {
            health.left.push((*program, now));
        }
    }
}

/// `old`: of the last report.
fn damaged_files(in_force: &InForce, holdings: &LocalStore, old: Option<DamagedFiles>) -> Option<DamagedFiles> {
    let (damaged, (documents, _)) = (holdings.damaged(), &in_force.lost_files);
    let (found, lacking) = (damaged.len() + documents.len(), damaged.values().filter(|again| !**again).count() + documents.len());
    let needed = |digest: Digest| {
        let mut manifests = in_force.programs.iter().map(|each| each.program.manifest());
        manifests.find_map(|manifest| Some((manifest, manifest.files.iter().find(|file| file.sha256 == digest)?)))
    };
    let path = |digest: Digest| needed(digest).map_or_else(|| layout::object(digest), |(_, file)| file.path.to_string());
    let LastDamage { found: last, whole } = holdings.last_damage();
    let (found_last, whole_last) = (last.map(path).unwrap_or_default(), whole.map(path).unwrap_or_default());
    if let Some(document) = documents.first() {
        // What was told before is not the last.
        let told = old.is_some_and(|old| old.file == *document);
        let found_last = if told && last.is_some() { found_last } else { document.clone() };
        return Some(DamagedFiles { found, lacking, file: document.clone(), found_last, whole_last, slides: Vec::new() });
    }
    let fits = |digest: &Digest| damaged.get(digest).is_some_and(|again| !again || lacking == 0);
    let digest = last.filter(fits).or_else(|| damaged.keys().copied().find(fits))?;
    let file = path(digest);
    // Pages have to be read to find them.
    let known = old.filter(|old| old.file == file && !old.slides.is_empty()).map(|old| old.slides);
    let slides = || needed(digest).map(|(manifest, _)| slides_with(manifest, digest, holdings)).unwrap_or_default();
    let slides = known.unwrap_or_else(slides);
    Some(DamagedFiles { found, lacking, file, found_last, whole_last, slides })
}

/// The next monthly program that is here, while none counts.
fn coming_month(on_air: &Schedule, now: ClockReading) -> Option<ComingMonth> {
    let months = on_air.programs.iter().filter(|each| each.program.manifest().kind == ProgramKind::Monthly);
    let begins = |each: &ScheduledProgram| each.from.max(each.program.manifest().valid.from).saturating_mul(1_000);
    let ended = |each: &ScheduledProgram| each.program.manifest().valid.until.is_some_and(|until| until.saturating_mul(1_000) <= now.ms);
    let (later, begun): (Vec<_>, Vec<_>) = months.filter(|each| !ended(each)).partition(|each| begins(each) > now.ms);
    let next = later.into_iter().min_by_key(|each| begins(each)).filter(|_| begun.is_empty() && now.trusted)?;
    Some(ComingMonth { title: next.program.manifest().title.clone(), at: begins(next) })
}

/// Whether a slide is on a screen.
pub fn shows_slides(on_air: &Schedule, now: ClockReading) -> bool {
    states(on_air, now).any(|state| state == ScreenState::Slide)
}

/// The state of each screen that a program has.
fn states(on_air: &Schedule, now: ClockReading) -> impl Iterator<Item = ScreenState> {
    let screens = on_air.programs.iter().flat_map(|each| &each.program.manifest().screens);
    screens.map(move |screen| show(on_air, screen.id.as_str(), now.ms, now.trusted).state)
}

/// Whether nothing can be on screen yet, because what is stored of what is in force has to be read through first.
pub fn is_reading(in_force: &InForce, schedule: &Schedule, holdings: &LocalStore) -> bool {
    schedule.programs.is_empty() && has_unread(in_force, holdings)
}

fn is_complete(program: &Program, holdings: &LocalStore) -> bool {
    program.manifest().files.iter().all(|file| holdings.contains(file.sha256, file.size))
}
