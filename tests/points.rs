//! The player on a failing machine: killed or refused at any file call of a pull, of a start and of a running player that news reaches, and cut
//! off from power between any two of them. At every point the next start shows the old or the new, whole and approved, nothing committed is
//! lost, and one healthy pull makes all well.
//! The gate takes a seeded slice of the points; `tests/long/points` takes all.

mod disk;
mod hear;
mod inject;
mod judge;
mod machine;
mod record;
mod scene;
mod strace;

use disk::{Bytes, Chance, Change, Disk, Names, Syncs};
use inject::Blow;
use judge::{Judge, Promise};
use record::Recorder;
use scene::{HEARS, PULLS, START, Scene};

/// Points of each test in the gate.
const POINTS: usize = 40;

fn all() -> bool {
    std::env::var("POINTS").is_ok_and(|value| value == "all")
}

/// Every scene, or those that `SCENES` names, divided by commas; in the gate only these.
fn scenes(slice: &[&'static str]) -> Vec<Scene> {
    let chosen = std::env::var("SCENES").ok();
    let is_chosen = |name: &&str| chosen.as_ref().is_none_or(|chosen| chosen.split(',').any(|each| each == *name));
    let every: Vec<&str> = PULLS.into_iter().chain([START]).chain(HEARS).filter(is_chosen).collect();
    let names = if all() { every.as_slice() } else { slice };
    names.iter().copied().map(Scene::new).collect()
}

/// Deals the blows of a fault, named by its number, to every place of every scene, or to some of these.
fn strike(fault: u64, slice: &[&'static str], blows: impl Fn(&str) -> Vec<Blow>) {
    for scene in scenes(slice) {
        let mut judge = Judge::new(&scene);
        let places = judge.places();
        let mut points: Vec<_> = places.iter().flat_map(|place| blows(&place.call).into_iter().map(move |blow| (place, blow))).collect();
        if !all() {
            let mut chance = Chance(fault);
            points = (0..POINTS / slice.len()).map(|_| points.swap_remove(chance.below(points.len()))).collect();
        }
        for (place, blow) in points {
            judge.blow(place, blow);
        }
        judge.end(fault);
    }
}

/// Names and bytes that a power cut keeps.
type Kept = [(Names, Bytes)];

/// Cuts the power at every change of a scene, or at some, `times` each.
fn cut<'a>(scene: &'a Scene, seed: u64, syncs: Syncs, times: usize, kept: &Kept) -> Judge<'a> {
    let mut judge = Judge::new(scene);
    let changes = judge.record();
    let mut chance = Chance(seed);
    let mut disk = Disk::new(&scene.before, syncs);
    let mut least = scene.committed(&scene.before);
    let share = (changes.len() + 1) * times / POINTS + 1;
    for at in 0..=changes.len() {
        if at > 0 {
            disk.apply(&changes[at - 1]);
        }
        // What the player saw when it synced its folder, and at its end, it takes for kept.
        if at == changes.len() || at > 0 && changes[at - 1] == Change::SyncFolder(String::new()) {
            least = least.max(scene.committed(&disk.cut(Names::All, Bytes::All, &mut Chance(1))));
        }
        for _ in 0..times {
            if !all() && chance.below(share) > 0 {
                continue;
            }
            let (names, bytes) = kept[chance.below(kept.len())];
            let promise = if syncs == Syncs::Nothing { Promise::Verified } else { Promise::Kept(least) };
            judge.machine.set(&disk.cut(names, bytes, &mut chance));
            let last: String = at.checked_sub(1).map(|at| format!("{:?}", changes[at]).chars().take(120).collect()).unwrap_or_default();
            judge.point(&format!("after change {at}, {last}, {names:?} names, {bytes:?} bytes"), promise);
        }
    }
    judge
}

fn cut_all(fault: u64, slice: &'static str, syncs: Syncs, times: usize, kept: &Kept) {
    scenes(&[slice]).iter().for_each(|scene| cut(scene, fault, syncs, times, kept).end(fault));
}

impl Judge<'_> {
    /// What the player changes on its disk in the scene.
    fn record(&self) -> Vec<Change> {
        self.machine.set(&self.scene.before);
        std::fs::create_dir_all(self.machine.path("data")).unwrap();
        let log = self.machine.path("trace");
        let trace = format!("trace={}", strace::FILE_CALLS);
        self.run(&["strace", "-f", "-qq", "-xx", "-s", "16777216", "-o", log.to_str().unwrap(), "-e", &trace]);
        Recorder::changes(&log, &self.machine.path("data"), &self.scene.before)
    }
}

#[test]
fn f01_killed_at_any_file_call_it_shows_old_or_new_and_recovers() {
    // A kill before a call that changes nothing leaves what a kill before the next one leaves.
    strike(1, &["withdrawal", START, "root heard"], |call| if strace::changes(call) { vec![Blow::Kill] } else { Vec::new() });
}

#[test]
fn f06_a_full_disk_at_any_call_leaves_what_is_shown_untouched() {
    let full = |call: &str| match call {
        "write" | "rename" | "renameat" | "renameat2" | "mkdir" => vec![Blow::Fails("ENOSPC"), Blow::FailsOn("ENOSPC")],
        call if strace::changes(call) => vec![Blow::Fails("ENOSPC")],
        _ => Vec::new(),
    };
    strike(6, &["first", "withdrawal heard"], full);
}

#[test]
fn f08_an_io_error_at_any_call_is_never_shown_and_nothing_is_lost() {
    strike(8, &["root", START, "month heard"], |_| vec![Blow::Fails("EIO")]);
}

#[test]
fn f02_a_power_cut_that_keeps_names_and_loses_bytes_shows_nothing_torn() {
    cut_all(2, "root", Syncs::All, 2, &[(Names::All, Bytes::None), (Names::All, Bytes::Torn), (Names::All, Bytes::Torn)]);
}

#[test]
fn f03_a_power_cut_that_keeps_bytes_and_loses_renames_shows_old_or_new() {
    cut_all(3, "single", Syncs::All, 1, &[(Names::None, Bytes::All), (Names::First, Bytes::All), (Names::First, Bytes::Torn)]);
}

#[test]
fn f04_a_power_cut_that_loses_or_reorders_names_shows_old_or_new() {
    cut_all(4, "month", Syncs::All, 2, &[(Names::Any, Bytes::All), (Names::Any, Bytes::Torn), (Names::Any, Bytes::None)]);
}

#[test]
fn f41_a_disk_whose_sync_lies_may_lose_the_newest_and_never_shows_the_unverified() {
    cut_all(
        41,
        "month",
        Syncs::Nothing,
        1,
        &[(Names::Any, Bytes::Torn), (Names::First, Bytes::Torn), (Names::All, Bytes::Torn), (Names::All, Bytes::None)],
    );
}

#[test]
fn a_sync_that_the_player_forgot_would_be_found() {
    let scene = Scene::new("month");
    for (syncs, kept) in [(Syncs::Folders, (Names::All, Bytes::None)), (Syncs::Files, (Names::None, Bytes::All))] {
        let judge = cut(&scene, 7, syncs, 1, &[kept]);
        assert!(judge.unmet() > 0, "{syncs:?}");
    }
}
