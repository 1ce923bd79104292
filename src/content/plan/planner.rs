//! Plans a period of a site: calendar, hours, day-parts, shares and validity become spans and loops. Pure.
//! Never knows HTML. The rules are in `docs/timetable.md`.

use std::collections::BTreeSet;

use super::candidates::{self, CandidateEntry};
use super::days::PlanningPeriod;
use super::interval::TimeInterval;
use super::never::NeverPlayed;
use super::planned::{Plan, PlannedScreen};
use super::{faults, local_time, spans};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::{RoleId, ScreenId, SiteId};
use crate::base::terms::ProgramKind;
use crate::content::model::values::{Content, DayKind, DaySelector, Period, PlaylistShare, Screen, Site};

/// 2026-01-01T00:00Z: an evergreen program lists changes of offset from here on.
const OFFSETS_FROM: i64 = 1_767_225_600;
/// 2056-01-01T00:00Z: the list ends here.
const OFFSETS_UNTIL: i64 = 2_713_910_400;

/// Plans a month or the evergreen week of a site.
///
/// # Errors
/// Every error of the period: unknown site, no calendar, no playlist, no role, opening time without an entry; in the evergreen week also
/// conditions that a week does not allow.
pub fn period(content: &Content, site: &SiteId, period: Period) -> Result<Plan, Vec<Diagnostic>> {
    let known = content.sites.get(site).ok_or_else(|| vec![faults::unknown_site(site)])?;
    let zone = content.settings.time_zone;
    match period {
        Period::Month(month) if !content.calendar.years.contains(&month.year) => Err(vec![faults::missing_calendar(month.year)]),
        Period::Month(month) => {
            let frame = PlanningPeriod::month(zone, &content.calendar, month);
            let offsets = local_time::manifest_offsets(zone, frame.from, frame.until);
            let plan = plan_period(content, site, known, period, &frame)?;
            Ok(Plan { valid: (frame.from, Some(frame.until)), offsets, ..plan })
        }
        Period::Evergreen => {
            let mut offsets = local_time::manifest_offsets(zone, OFFSETS_FROM, OFFSETS_UNTIL);
            offsets[0].0 = 0;
            Ok(Plan { offsets, ..plan_period(content, site, known, period, &PlanningPeriod::week())? })
        }
    }
}

fn plan_period(content: &Content, id: &SiteId, site: &Site, period: Period, frame: &PlanningPeriod) -> Result<Plan, Vec<Diagnostic>> {
    let lists = candidates::playlists(content, site, period);
    let faulty = |share: &PlaylistShare| content.faulty_playlists.contains(&(period, share.playlist.clone()));
    let Some((_, first)) = lists.first() else {
        // A faulty one is reported with its file.
        return Err(if site.shares.iter().any(faulty) { Vec::new() } else { vec![faults::no_playlists(content, id, site, period)] });
    };
    let all = candidates::candidate_entries(content, site, period, frame);
    let mut errors = Vec::new();
    if period == Period::Evergreen {
        errors.extend(all.iter().flat_map(|each| evergreen_conflicts(content, each)));
    }
    let owners = lists.iter().filter_map(|(_, playlist)| content.agencies.get(&playlist.agency));
    let roles: BTreeSet<RoleId> = owners.flat_map(|agency| agency.roles.iter().cloned()).collect();
    if roles.is_empty() {
        errors.push(faults::no_role(content, id, site, period));
    }
    let open = candidates::opening_intervals(site, frame);
    let zone = matches!(period, Period::Month(_)).then_some(content.settings.time_zone);
    let mut loops = spans::LoopBuilder::default();
    let mut screens: Vec<PlannedScreen> = Vec::new();
    for screen in &site.screens {
        let source = source_screen(screen);
        let Some(screen) = site.screens.iter().find(|each| each.id == *source) else { continue };
        if screens.iter().any(|done| done.id == screen.id) {
            continue;
        }
        let (found, uncovered) = loops.spans(site, screen, &all, &open);
        if !uncovered.is_empty() {
            errors.push(faults::uncovered_time(id, site, &screen.id, &uncovered, zone));
        }
        let spans = found.into_iter().map(|(start, end, number, phase)| (start, end, spans::loop_id(number), phase)).collect();
        screens.push(PlannedScreen { id: screen.id.clone(), spans });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Plan {
        kind: if zone.is_some() { ProgramKind::Monthly } else { ProgramKind::Evergreen },
        site: id.clone(),
        month: if let Period::Month(month) = period { Some(month) } else { None },
        title: first.title.clone(),
        languages: site.languages.clone(),
        revision: 1 + lists.iter().map(|(_, playlist)| playlist.revision.saturating_sub(1)).sum::<u64>(),
        roles: roles.into_iter().collect(),
        valid: (0, None),
        offsets: Vec::new(),
        screens: expand_copied_screens(site, &screens),
        loops: loops.into_loops_by_id(),
        warnings: warnings(content, id, site, period, &open),
        never: if open.is_empty() { Vec::new() } else { never(content, id, site, period, &all) },
    })
}

/// All screens in the order of the site file; a copying screen gets the spans of the screen that it copies.
fn expand_copied_screens(site: &Site, own: &[PlannedScreen]) -> Vec<PlannedScreen> {
    let screens = site.screens.iter().map(|screen| {
        let spans = own.iter().find(|each| each.id == *source_screen(screen)).map(|each| each.spans.clone()).unwrap_or_default();
        PlannedScreen { id: screen.id.clone(), spans }
    });
    screens.collect()
}

/// The screen whose entries a screen plays: itself, or the one that it copies.
fn source_screen(screen: &Screen) -> &ScreenId {
    screen.same_as.as_ref().unwrap_or(&screen.id)
}

fn warnings(content: &Content, id: &SiteId, site: &Site, period: Period, open: &[TimeInterval]) -> Vec<Diagnostic> {
    let has_file = |share: &&PlaylistShare| {
        let key = (period, share.playlist.clone());
        content.playlists.contains_key(&key) || content.faulty_playlists.contains(&key)
    };
    let absent = site.shares.iter().filter(|share| !has_file(share));
    let mut out: Vec<_> = absent.map(|share| faults::missing_playlist(content, (id, site), &share.playlist, period)).collect();
    if open.is_empty() {
        out.push(faults::no_opening_hours(id, site));
    }
    out
}

fn never(content: &Content, id: &SiteId, site: &Site, period: Period, all: &[CandidateEntry<'_>]) -> Vec<NeverPlayed> {
    let never = |each: &&CandidateEntry<'_>| {
        each.play_times.is_empty() || !site.screens.iter().any(|screen| screen.same_as.is_none() && each.plays_on(screen))
    };
    let slide = |each: &CandidateEntry<'_>| content.slides.get(&each.entry.slide).map(AsRef::as_ref);
    all.iter().filter(never).map(|each| NeverPlayed::new(id, each, slide(each), period)).collect()
}

/// Conditions of an entry that the evergreen week does not allow.
fn evergreen_conflicts(content: &Content, each: &CandidateEntry<'_>) -> Vec<Diagnostic> {
    let entry = each.entry;
    let conditions = [
        ("from", entry.from.is_some()),
        ("until", entry.until.is_some()),
        ("holiday", entry.days.contains(&DaySelector::Kind(DayKind::Holiday))),
        ("makeup", entry.days.contains(&DaySelector::Kind(DayKind::Makeup))),
        ("valid", content.slides.get(&entry.slide).is_some_and(|slide| slide.valid != (None, None))),
    ];
    let given = conditions.into_iter().filter(|(_, given)| *given);
    given.map(|(key, _)| faults::not_in_evergreen(entry.place.clone(), key)).collect()
}
