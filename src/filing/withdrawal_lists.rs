//! Finds the lines of playlists that bring a slide onto screens, and the playlist whose revision brings a program back.
//! Never changes one, and never reads a file.

use crate::base::ids::{PlaylistId, SlideId};
use crate::base::times::{Month, Timestamp};
use crate::base::zone::TimeZone;
use crate::content::model::values::{Content, Period, Playlist, PlaylistEntry};

/// The entries of a slide in the playlists that `counts` accepts, with their periods; an entry shows a slide with its translations.
pub fn lines<'a>(content: &'a Content, slide: &SlideId, counts: impl Fn(Period, &PlaylistId) -> bool) -> Vec<(Period, &'a PlaylistEntry)> {
    let original = slide.split_language().0;
    let lists = content.playlists.iter().filter(|((period, id), _)| counts(*period, id));
    let entries = lists.flat_map(|((period, _), list)| list.entries.iter().map(move |entry| (*period, entry)));
    entries.filter(|(_, entry)| entry.slide == *slide || entry.slide == original).collect()
}

/// The playlist among these that the fewest sites share: to raise its revision makes the fewest programs others.
pub fn least_shared(content: &Content, period: Period, lists: impl IntoIterator<Item = PlaylistId>) -> Option<&Playlist> {
    let sites = |list: &PlaylistId| content.sites.values().filter(|site| site.shares.iter().any(|share| share.playlist == *list)).count();
    let known = lists.into_iter().filter_map(|list| Some((sites(&list), content.playlists.get(&(period, list))?)));
    known.min_by_key(|(sites, _)| *sites).map(|(_, list)| list)
}

/// Whether a period is not past: the evergreen week never is.
pub fn is_to_come(period: Period, now: Timestamp, zone: TimeZone) -> bool {
    period.month().is_none_or(|month| month >= Month::containing(zone.to_local(now.0).date()))
}
