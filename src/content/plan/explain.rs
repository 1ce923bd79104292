//! Why a slide is shown at a moment: the day and its kind, the opening window, the playlist's entry, the share. Pure.
//! Never puts it in words: commands do.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Weekday};

use super::candidates;
use super::days::{self, PlanningPeriod, WEEK};
use super::interval;
use crate::base::diagnostic::SourceLocation;
use crate::base::ids::{PlaylistId, ScreenId, SiteId, SlideId};
use crate::content::model::values::{Content, DayKind, Period, TimeWindow};

/// The reasons behind an answer.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The day on which the window starts; `None` in the evergreen week.
    pub date: Option<NaiveDate>,
    pub weekday: Weekday,
    pub kind: DayKind,
    /// `None` while closed.
    pub window: Option<TimeWindow>,
    /// `None` while dark.
    pub entry: Option<ExplainingEntry>,
}

/// An entry that plays.
#[derive(Clone, Debug)]
pub struct ExplainingEntry {
    pub playlist: PlaylistId,
    pub share: u32,
    /// The sum of the shares that have something to show on this screen then: a playlist without gives its time to the others.
    pub shares: u32,
    pub place: SourceLocation,
}

/// Why a screen shows a slide, or is dark, at a Unix second. `None` for an unknown site.
pub fn explain(content: &Content, id: &SiteId, period: Period, screen: &ScreenId, at: (i64, Option<&SlideId>)) -> Option<Explanation> {
    let (second, slide) = at;
    let site = content.sites.get(id)?;
    let (frame, second) = frame(content, period, second);
    let (day, window) = frame.window_at(&site.hours, second)?;
    let screen = site.screens.iter().find(|each| each.id == *screen)?;
    let source = screen.same_as.as_ref().and_then(|id| site.screens.iter().find(|each| each.id == *id)).unwrap_or(screen);
    let all = candidates::candidate_entries(content, site, period, &frame);
    let is_due = |each: &&candidates::CandidateEntry<'_>| each.plays_on(source) && interval::contains(&each.play_times, second);
    let sharing: BTreeSet<usize> = all.iter().filter(is_due).map(|each| each.share_index).collect();
    let plays = |each: &&candidates::CandidateEntry<'_>| is_due(each) && each.items.iter().any(|(id, _)| Some(id) == slide);
    let cause = |each: &candidates::CandidateEntry<'_>| {
        let share = &site.shares[each.share_index];
        let shares = sharing.iter().map(|index| site.shares[*index].share).sum();
        ExplainingEntry { playlist: share.playlist.clone(), share: share.share, shares, place: each.entry.place.clone() }
    };
    let entry = all.iter().find(plays).map(cause);
    Some(Explanation { date: day.date, weekday: day.weekday, kind: day.kind, window: window.copied(), entry })
}

/// A site's opening windows on the day of a Unix second. `None` for an unknown site.
pub fn opening_hours<'a>(content: &'a Content, id: &SiteId, period: Period, second: i64) -> Option<&'a [TimeWindow]> {
    let (frame, second) = frame(content, period, second);
    Some(days::opening_windows(&content.sites.get(id)?.hours, frame.day_at(second)?.kind))
}

/// The days that a program is planned from, and a Unix second in its own seconds.
fn frame(content: &Content, period: Period, second: i64) -> (PlanningPeriod, i64) {
    let zone = content.settings.time_zone;
    match period {
        Period::Month(month) => (PlanningPeriod::month(zone, &content.calendar, month), second),
        Period::Evergreen => (PlanningPeriod::week(), (second + i64::from(zone.utc_offset(second)) + 3 * 86_400).rem_euclid(WEEK)),
    }
}
