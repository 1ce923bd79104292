//! Chooses what a screen shows at a moment from all that is in force: interruptions, the month, the evergreen week, the card. Pure.
//! Never checks approvals, never reads a clock. `player/timeline.js` is its counterpart in the browser.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::at::{CurrentItem, Lookup, LookupOptions, lookup};
use super::manifest::{DisplayMode, Manifest};
use super::validate::Program;
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;

/// All that is in force at a site.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// Programs of the head in force that may play.
    pub programs: Vec<ScheduledProgram>,
    pub withdrawn: WithdrawnContent,
    /// In any order.
    pub releases: Vec<KitReleaseEvent>,
}

/// A program of a head.
#[derive(Clone, Debug)]
pub struct ScheduledProgram {
    pub program: Arc<Program>,
    /// Unix second at which it takes over.
    pub from: i64,
}

/// Withdrawn programs, and withdrawn slides by program. Ids are exact: a translation is withdrawn on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawnContent {
    pub programs: BTreeSet<Digest>,
    pub slides: BTreeMap<Digest, BTreeSet<SlideId>>,
}

impl WithdrawnContent {
    /// Nothing is withdrawn.
    pub const fn none() -> Self {
        Self { programs: BTreeSet::new(), slides: BTreeMap::new() }
    }
}

/// A numbered release of a kit, or the end of its lower-numbered releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum KitReleaseEvent {
    /// Shows the kit in `[from, until)`, Unix seconds.
    Start {
        /// Number of the release at this site.
        version: u64,
        program: Digest,
        from: i64,
        until: i64,
    },
    /// Ends every lower-numbered release of the kit.
    End {
        version: u64,
        /// The kit.
        end: Digest,
    },
}

/// What a screen does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScreenState {
    Slide,
    /// A program is in force but has nothing for this moment: closed hours.
    Dark,
    /// No program counts; the built-in card shows.
    Card,
}

/// The answer for one screen and one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub state: ScreenState,
    /// The program that plays or is dark.
    pub program: Option<Digest>,
    pub slide: Option<SlideId>,
    #[serde(rename = "loop")]
    pub loop_id: Option<String>,
    /// Place in the loop, from 0.
    pub item: Option<usize>,
    /// Milliseconds since the item began.
    pub into: Option<i64>,
    /// Length of the item in milliseconds.
    pub ms: Option<i64>,
    /// Next Unix millisecond at which the answer may change; `None`: never by itself.
    pub until: Option<i64>,
    pub overlay: Option<Overlay>,
}

/// A band or ticker over what plays; fields as in [`Shown`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overlay {
    pub program: Digest,
    pub band: DisplayMode,
    pub slide: SlideId,
    #[serde(rename = "loop")]
    pub loop_id: String,
    pub item: usize,
    pub into: i64,
    pub ms: i64,
}

/// Returns what a screen shows at `t_ms` (Unix milliseconds). With an untrusted clock only the evergreen week plays, round the clock.
pub fn show(schedule: &Schedule, screen: &str, t_ms: i64, trusted: bool) -> Shown {
    let mut asked = ShowQuery { schedule, screen, t_ms, until: i64::MAX };
    if !trusted {
        let under = asked.evergreen(true);
        return asked.into_shown(under, None);
    }
    let mut running = asked.current_interruptions();
    running.sort_by_key(|each| each.rank);
    let overlay = running.first().copied().filter(|each| each.band != DisplayMode::Full);
    let full = running.iter().find(|each| each.band == DisplayMode::Full).map(|each| BaseContent::Slide(each.digest, each.at, each.ends));
    let under = full.or_else(|| asked.monthly()).unwrap_or_else(|| asked.evergreen(false));
    asked.into_shown(under, overlay)
}

/// Moments at which the answer may change that are looked at: beyond them nothing is known to come.
const CHANGES_SEEN: usize = 100;

/// The next Unix millisecond at which a screen that is dark at `t_ms` shows a slide again, with a trusted clock. `None`: it is not dark, or the
/// built-in card comes first, or nothing is known to come.
pub fn on_again(schedule: &Schedule, screen: &str, t_ms: i64) -> Option<i64> {
    let mut now = t_ms;
    for _ in 0..CHANGES_SEEN {
        let shown = show(schedule, screen, now, true);
        match shown.state {
            ScreenState::Dark => now = shown.until?,
            ScreenState::Slide => return (now > t_ms).then_some(now),
            ScreenState::Card => return None,
        }
    }
    None
}

/// One query, and the earliest moment found so far at which its answer may change.
struct ShowQuery<'a> {
    schedule: &'a Schedule,
    screen: &'a str,
    t_ms: i64,
    until: i64,
}

/// What plays under an overlay; the last value of `Slide` is the millisecond at which it ends.
enum BaseContent<'a> {
    Slide(Digest, CurrentItem<'a>, i64),
    Dark(Digest),
    Card,
}

/// An urgent or released program with a slide at the moment.
#[derive(Clone, Copy)]
struct Interruption<'a> {
    /// Sorts the highest first.
    rank: (Reverse<u8>, Reverse<i64>, Digest),
    digest: Digest,
    band: DisplayMode,
    at: CurrentItem<'a>,
    ends: i64,
}

impl<'a> ShowQuery<'a> {
    fn note_change(&mut self, ms: i64) {
        if ms > self.t_ms {
            self.until = self.until.min(ms);
        }
    }

    /// Whether `[from, until)` in seconds contains the moment; notes both edges.
    fn covers(&mut self, from: i64, until: i64) -> bool {
        self.note_change(from * 1000);
        self.note_change(until * 1000);
        from * 1000 <= self.t_ms && self.t_ms < until * 1000
    }

    fn programs_of_kind(&self, kind: ProgramKind) -> Vec<&'a ScheduledProgram> {
        let schedule = self.schedule;
        let counts = |each: &&ScheduledProgram| {
            each.program.manifest().kind == kind && !schedule.withdrawn.programs.contains(&each.program.digest())
        };
        schedule.programs.iter().filter(counts).collect()
    }

    fn lookup_options(&self, digest: Digest) -> LookupOptions<'a> {
        LookupOptions { withdrawn: self.schedule.withdrawn.slides.get(&digest), round_the_clock: false }
    }

    /// Every urgent and released program with a slide now.
    fn current_interruptions(&mut self) -> Vec<Interruption<'a>> {
        let mut running = Vec::new();
        for listed in self.programs_of_kind(ProgramKind::Urgent) {
            let valid = listed.program.manifest().valid;
            if self.covers(listed.from.max(valid.from), valid.until.unwrap_or(i64::MAX / 1000)) {
                running.extend(self.interruption(listed, listed.from, 0));
            }
        }
        for listed in self.programs_of_kind(ProgramKind::Kit) {
            let manifest = listed.program.manifest();
            for (from, until) in self.release_windows(listed.program.digest()) {
                let last = until.min(from.saturating_add(manifest.max.unwrap_or(0))).min(manifest.valid.until.unwrap_or(i64::MAX / 1000));
                if self.covers(from.max(manifest.valid.from), last) {
                    running.extend(self.interruption(listed, from, from * 1000));
                }
            }
        }
        running
    }

    /// Windows of a kit's releases that no later `End` has ended.
    fn release_windows(&self, kit: Digest) -> Vec<(i64, i64)> {
        let ends = self.schedule.releases.iter().filter_map(|each| match each {
            KitReleaseEvent::End { version, end } if *end == kit => Some(*version),
            _ => None,
        });
        let ended = ends.max().unwrap_or(0);
        let starts = self.schedule.releases.iter().filter_map(|each| match each {
            KitReleaseEvent::Start { version, program, from, until } if *program == kit && *version > ended => Some((*from, *until)),
            _ => None,
        });
        starts.collect()
    }

    /// Returns the interruption by a program whose window holds the moment, if it has a slide then. Its spans count from `origin_ms`.
    fn interruption(&mut self, listed: &'a ScheduledProgram, from: i64, origin_ms: i64) -> Option<Interruption<'a>> {
        let (digest, manifest) = (listed.program.digest(), listed.program.manifest());
        let t_ms = self.t_ms - origin_ms;
        match lookup(manifest, self.screen, t_ms, self.lookup_options(digest)) {
            Lookup::Plays(at) => {
                self.note_change(at.changes_at_ms + origin_ms);
                let rank = (Reverse(manifest.priority.unwrap_or(0)), Reverse(from), digest);
                Some(Interruption { rank, digest, band: manifest.band.unwrap_or(DisplayMode::Full), at, ends: at.until(t_ms) + origin_ms })
            }
            Lookup::Dark { edge } => {
                edge.into_iter().for_each(|ms| self.note_change(ms + origin_ms));
                None
            }
            Lookup::AllWithdrawn { edge } => {
                self.note_change(edge + origin_ms);
                None
            }
        }
    }

    /// The monthly program that covers the moment, dark hours included.
    fn monthly(&mut self) -> Option<BaseContent<'a>> {
        let mut covering = self.programs_of_kind(ProgramKind::Monthly);
        covering.retain(|each| {
            let valid = each.program.manifest().valid;
            self.covers(each.from.max(valid.from), valid.until.unwrap_or(i64::MAX / 1000))
        });
        covering.sort_by_key(|each| (Reverse(each.from), each.program.digest()));
        covering.into_iter().find_map(|each| self.base_content(each.program.digest(), each.program.manifest(), false))
    }

    /// The evergreen program in force; if none is yet, the next one.
    fn evergreen(&mut self, round_the_clock: bool) -> BaseContent<'a> {
        let mut known = self.programs_of_kind(ProgramKind::Evergreen);
        known.iter().for_each(|each| self.note_change(each.from * 1000));
        known.sort_by_key(|each| {
            let ahead = each.from * 1000 > self.t_ms;
            (ahead, if ahead { each.from } else { -each.from }, each.program.digest())
        });
        let base = known.into_iter().find_map(|each| self.base_content(each.program.digest(), each.program.manifest(), round_the_clock));
        base.unwrap_or(BaseContent::Card)
    }

    /// What a monthly or evergreen program has now; `None` when all slides of its loop are withdrawn.
    fn base_content(&mut self, digest: Digest, manifest: &'a Manifest, round_the_clock: bool) -> Option<BaseContent<'a>> {
        match lookup(manifest, self.screen, self.t_ms, LookupOptions { round_the_clock, ..self.lookup_options(digest) }) {
            Lookup::Plays(at) => Some(BaseContent::Slide(digest, at, at.until(self.t_ms))),
            Lookup::Dark { edge } => {
                edge.into_iter().for_each(|ms| self.note_change(ms));
                Some(BaseContent::Dark(digest))
            }
            Lookup::AllWithdrawn { edge } => {
                self.note_change(edge);
                None
            }
        }
    }

    fn into_shown(mut self, under: BaseContent<'a>, overlay: Option<Interruption<'a>>) -> Shown {
        let overlay = overlay.map(|each| {
            self.note_change(each.ends);
            let (slide, loop_id) = (each.at.slide.clone(), each.at.loop_id().to_owned());
            Overlay { program: each.digest, band: each.band, slide, loop_id, item: each.at.item, into: each.at.elapsed_ms, ms: each.at.ms }
        });
        let (state, program, at) = match under {
            BaseContent::Slide(digest, at, ends) => {
                self.note_change(ends);
                (ScreenState::Slide, Some(digest), Some(at))
            }
            BaseContent::Dark(digest) => (ScreenState::Dark, Some(digest), None),
            BaseContent::Card => (ScreenState::Card, None, None),
        };
        Shown {
            state,
            program,
            slide: at.map(|at| at.slide.clone()),
            loop_id: at.map(|at| at.loop_id().to_owned()),
            item: at.map(|at| at.item),
            into: at.map(|at| at.elapsed_ms),
            ms: at.map(|at| at.ms),
            until: Some(self.until).filter(|ms| *ms < i64::MAX),
            overlay,
        }
    }
}
