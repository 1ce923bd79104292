//! What can be on the screens: the complete, approved programs of the head in force, in the form that the shell reads.
//! Never fetches and never approves: its caller passes approved programs only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::token::Token;
use crate::program::manifest::{ManifestFile, ManifestScreen};
use crate::program::schedule::{self, ShellProgram, ShellSchedule, ShellTimetable};
use crate::program::shell;
use crate::program::show::{Schedule, ScheduledProgram};
use crate::program::validate::Program;
use crate::text;

/// What the shell gets beside the programs.
#[derive(Clone, Debug)]
pub struct ShellSettings {
    pub site: SiteId,
    /// In percent.
    pub volume: u8,
    /// The token of this start; a play record without it is rejected.
    pub token: Token,
}

/// A set of programs that can be shown.
pub struct OnAir {
    schedule: Schedule,
    schedules: BTreeMap<ScreenId, Arc<[u8]>>,
    reading: bool,
}

impl OnAir {
    /// Puts programs on air.
    pub fn new(desk: &ShellSettings, schedule: Schedule) -> Self {
        let screens = schedule.programs.iter().flat_map(|listed| &listed.program.manifest().screens);
        let ids: BTreeSet<&ScreenId> = screens.map(|screen| &screen.id).collect();
        let schedules = ids.into_iter().map(|screen| (screen.clone(), written(desk, &schedule, screen))).collect();
        Self { schedule, schedules, reading: false }
    }

    /// The same, while what a start has found is read through, and until a statement changes what it found.
    #[must_use]
    pub fn reading(self, reading: bool) -> Self {
        Self { reading, ..self }
    }

    /// Whether it is not known yet what can be shown: a page that plays on from before the start keeps what it has.
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// The programs, each with the time from which it counts.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The screens of all programs, by name.
    pub fn screens(&self) -> impl Iterator<Item = &ScreenId> {
        self.schedules.keys()
    }

    /// A screen, as described by the newest program that has it.
    pub fn screen(&self, id: &str) -> Option<&ManifestScreen> {
        let newest = self.schedule.programs.iter().rev();
        newest.flat_map(|listed| &listed.program.manifest().screens).find(|screen| screen.id.as_str() == id)
    }

    /// `schedule.json` of a screen, without programs if none has this screen.
    pub fn schedule_json(&self, desk: &ShellSettings, screen: &ScreenId) -> Arc<[u8]> {
        self.schedules.get(screen).cloned().unwrap_or_else(|| written(desk, &self.schedule, screen))
    }

    /// The same for a page that somebody looks at: it records no play, and says so.
    pub fn watch_json(&self, desk: &ShellSettings, screen: &ScreenId) -> Vec<u8> {
        let mut written = shell_schedule(desk, &self.schedule, screen);
        written.token = None;
        // On two lines it breaks between the languages.
        written.mark = Some(text!(vi: "Chỉ xem, không ghi\u{a0}vào\u{a0}nhật\u{a0}ký", en: "View only, not recorded"));
        schedule::to_json(&written)
    }

    /// The timetable of a program on air for the screen of `<screen>.json`.
    pub fn timetable_json(&self, program: Digest, name: &str) -> Option<Vec<u8>> {
        let screen = ScreenId::parse(name.strip_suffix(".json")?)?;
        Some(schedule::to_json(&ShellTimetable::of_program(self.program(program)?.manifest(), &screen)?))
    }

    /// A program on air.
    pub fn program(&self, digest: Digest) -> Option<&Program> {
        self.schedule.programs.iter().map(|listed| listed.program.as_ref()).find(|program| program.digest() == digest)
    }

    /// Whether a program that is there has this screen and this slide.
    pub fn has(&self, program: Digest, screen: &ScreenId, slide: &SlideId) -> bool {
        self.program(program).is_some_and(|program| {
            let manifest = program.manifest();
            manifest.slides.contains_key(slide) && manifest.screens.iter().any(|each| each.id == *screen)
        })
    }

    /// A file of a program on air, but no page of a withdrawn slide: looked up in the manifest, never joined to a path.
    pub fn file(&self, program: Digest, path: &str) -> Option<&ManifestFile> {
        let manifest = self.program(program)?.manifest();
        let mut withdrawn = self.schedule.withdrawn.slides.get(&program).into_iter().flatten().filter_map(|id| manifest.slides.get(id));
        if withdrawn.any(|slide| slide.pages.values().any(|page| page.as_str() == path)) {
            return None;
        }
        manifest.file(path)
    }
}

fn written(desk: &ShellSettings, schedule: &Schedule, screen: &ScreenId) -> Arc<[u8]> {
    schedule::to_json(&shell_schedule(desk, schedule, screen)).into()
}

fn shell_schedule<'a>(desk: &'a ShellSettings, schedule: &'a Schedule, screen: &'a ScreenId) -> ShellSchedule<'a> {
    let has = |listed: &&ScheduledProgram| listed.program.manifest().screens.iter().any(|each| each.id == *screen);
    let programs = schedule.programs.iter().filter(has).map(|listed| shell_program(listed, screen)).collect();
    let mut written = ShellSchedule::new(&desk.site, screen, desk.volume, programs);
    (written.shell, written.token) = (Some(*shell::DIGEST), Some(&desk.token));
    (written.releases, written.withdrawn) = (&schedule.releases, &schedule.withdrawn);
    written
}

fn shell_program(listed: &ScheduledProgram, screen: &ScreenId) -> ShellProgram {
    let program = listed.program.digest();
    let base = format!("/p/{program}/");
    ShellProgram { timetable: format!("{base}timetable/{screen}.json"), base, from: listed.from, program }
}
