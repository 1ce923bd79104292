//! What the pages of the screens may tell of the time before a start: by the last report, by the journal, and by what is stored.
//! Never judges a document, and never shows one.

use std::time::Duration;

use crate::base::digest::Digest;
use crate::player::pull::Puller;
use crate::player::record::journal::Journal;
use crate::player::show::health::Health;
use crate::player::show::on_air::{OnAir, ShellSettings};
use crate::player::show::plays::Earlier;
use crate::program::show::{Schedule, ScheduledProgram};

/// What was on air before this start. `last`: the last report; `health`: that of this start, with what has left the air since; `reading`: whether what is
/// stored has to be read through before anything is on air.
pub fn earlier(
    puller: &Puller,
    journal: &Journal,
    (last, health): (Option<&Health>, &Health),
    desk: &ShellSettings,
    reading: bool,
) -> Earlier {
    let program = |digest: &Digest| puller.stored_program(*digest);
    let has_left = |program: &Digest| health.left.iter().any(|(left, _)| left == program);
    let before = last.iter().flat_map(|last| &last.programs).filter(|program| !has_left(program));
    let before: Vec<ScheduledProgram> = before.filter_map(program).collect();
    let left: Vec<(i64, ScheduledProgram)> = health.left.iter().filter_map(|(digest, at)| Some((*at, program(digest)?))).collect();
    let in_force = puller.in_force();
    let current = in_force.programs.iter().map(|each| ScheduledProgram { program: each.program.clone(), from: each.from });
    let all: Vec<ScheduledProgram> = current.chain(left.iter().map(|(_, each)| each.clone())).collect();
    let taken = journal.noted().map(|noted| noted.taken.clone()).unwrap_or_default();
    let on_air = |programs: Vec<ScheduledProgram>| OnAir::new(desk, Schedule { programs, ..Schedule::default() });
    let beside = |each: ScheduledProgram| on_air(before.iter().cloned().chain([each]).collect());
    let ago = |at: i64| Duration::from_millis(health.at.saturating_sub(at).max(0).unsigned_abs());
    let mut left: Vec<(Duration, OnAir)> = left.into_iter().map(|(at, each)| (ago(at), beside(each))).collect();
    let before = on_air(before);
    let before = if reading {
        Some(before)
    } else {
        left.push((Duration::ZERO, before));
        None
    };
    Earlier { withdrawn: taken.into_iter().map(|(number, at)| (at, puller.slides_withdrawn_by(number, &all))).collect(), before, left }
}
