//! Why a slide stands at a moment: the day and its kind, the opening window, the playlist's entry, the share. Pure.
//! Never says it in words: commands do.

use chrono::{NaiveDate, Weekday};

use super::candidates;
use super::days::{Frame, WEEK};
use super::stretch;
use crate::base::diagnostic::Place;
use crate::base::ids::{PlaylistId, ScreenId, SiteId, SlideId};
use crate::content::model::values::{Content, DayKind, Period, Window};

/// What leads to an answer.
#[derive(Clone, Debug)]
pub struct Why {
    /// The day on which the window starts; none in the evergreen week.
    pub date: Option<NaiveDate>,
    /// Its weekday.
    pub weekday: Weekday,
    /// Its kind.
    pub kind: DayKind,
    /// The opening window; none while closed.
    pub window: Option<Window>,
    /// The entry that brings the slide; none while dark.
    pub entry: Option<Cause>,
}

/// An entry that plays.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Its playlist.
    pub playlist: PlaylistId,
    /// The playlist's share.
    pub share: u32,
    /// The sum of all shares of the site.
    pub shares: u32,
    /// Where the entry stands.
    pub place: Place,
}

/// Why a screen shows a slide, or is dark, at a Unix second. `None` for an unknown site.
pub fn why(content: &Content, id: &SiteId, period: Period, screen: &ScreenId, at: (i64, Option<&SlideId>)) -> Option<Why> {
    let (second, slide) = at;
    let site = content.sites.get(id)?;
    let zone = content.settings.time_zone;
    let (frame, second) = match period {
        Period::Month(month) => (Frame::month(zone, &content.calendar, month), second),
        Period::Evergreen => (Frame::week(), (second + i64::from(zone.offset(second)) + 3 * 86_400).rem_euclid(WEEK)),
    };
    let (day, window) = frame.window_at(&site.hours, second)?;
    let screen = site.screens.iter().find(|each| each.id == *screen)?;
    let source = screen.same_as.as_ref().and_then(|id| site.screens.iter().find(|each| each.id == *id)).unwrap_or(screen);
    let all = candidates::candidates(content, site, period, &frame);
    let plays = |each: &&candidates::Candidate<'_>| {
        let brings = each.items.iter().any(|(id, _)| Some(id) == slide);
        each.on(source) && brings && stretch::holds(&each.plays, second)
    };
    let cause = |each: &candidates::Candidate<'_>| {
        let share = &site.shares[each.list];
        let shares = site.shares.iter().map(|each| each.share).sum();
        Cause { playlist: share.playlist.clone(), share: share.share, shares, place: each.entry.place.clone() }
    };
    let entry = all.iter().find(plays).map(cause);
    Some(Why { date: day.date, weekday: day.weekday, kind: day.kind, window: window.copied(), entry })
}
