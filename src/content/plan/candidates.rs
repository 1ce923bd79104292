//! Which entries concern a site in a period, with what each shows and when it plays. Pure.
//! Never orders them in time: `rotation` and `spans` do.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::base::ids::{Language, SlideId};
use crate::base::limits::MIN_LOOP_MS;
use crate::content::model::values::{Content, DaySelector, Period, Playlist, PlaylistEntry, Screen, Site, Slide, TimeWindow};

use super::days::{PlanningPeriod, entry_fits_day, opening_windows};
use super::interval::{self, TimeInterval};
use super::local_time;

/// One entry of a playlist that has a share of the site.
#[derive(Clone, Debug)]
pub struct CandidateEntry<'a> {
    /// Index in the site's `shares`.
    pub share_index: usize,
    pub entry: &'a PlaylistEntry,
    /// The slides that it shows in a row, with milliseconds.
    pub items: Vec<(SlideId, u64)>,
    /// Inside opening hours, by its conditions and its slide's validity. Entries of equal conditions share one list, so that the sweep
    /// treats them as one.
    pub play_times: Rc<[TimeInterval]>,
}

impl CandidateEntry<'_> {
    /// Whether the entry is meant for a screen.
    pub fn plays_on(&self, screen: &Screen) -> bool {
        self.entry.screens.as_ref().is_none_or(|screens| screens.contains(&screen.id))
    }

    /// Milliseconds of its slide and translations together.
    pub fn ms(&self) -> u64 {
        self.items.iter().map(|(_, ms)| ms).sum()
    }
}

/// The playlists of a site's `shares` that have a file in a period, in that order, with their index there.
pub fn playlists<'a>(content: &'a Content, site: &Site, period: Period) -> Vec<(usize, &'a Playlist)> {
    let shares = site.shares.iter().enumerate();
    shares.filter_map(|(at, share)| Some((at, content.playlists.get(&(period, share.playlist.clone()))?))).collect()
}

/// All entries for a site, in order of `shares`, then of the file.
pub fn candidate_entries<'a>(content: &'a Content, site: &'a Site, period: Period, frame: &PlanningPeriod) -> Vec<CandidateEntry<'a>> {
    let open = opening_intervals(site, frame);
    let mut known: HashMap<PlayConditions<'a>, Rc<[TimeInterval]>> = HashMap::new();
    let mut all = Vec::new();
    for (list, playlist) in playlists(content, site, period) {
        for entry in &playlist.entries {
            let own = content.slides.get(&entry.slide).map(AsRef::as_ref);
            let items = items(content, site, entry, own);
            if items.is_empty() {
                continue;
            }
            let validity = own.map_or((None, None), |slide| slide.valid);
            let key = (&*entry.days, &*entry.times, (entry.from, entry.until), validity);
            let plays = known.entry(key).or_insert_with(|| play_times(content, site, entry, frame, &open).into());
            all.push(CandidateEntry { share_index: list, entry, items, play_times: Rc::clone(plays) });
        }
    }
    all
}

/// Everything that decides when an entry plays: its days, times and dates, and the validity of its slide.
type PlayConditions<'a> = (&'a [DaySelector], &'a [TimeWindow], DateRange, DateRange);
type DateRange = (Option<NaiveDate>, Option<NaiveDate>);

/// When a site is open.
pub fn opening_intervals(site: &Site, frame: &PlanningPeriod) -> Vec<TimeInterval> {
    frame.intervals(|_| true, |day| opening_windows(&site.hours, day.kind))
}

fn play_times(content: &Content, site: &Site, entry: &PlaylistEntry, frame: &PlanningPeriod, open: &[TimeInterval]) -> Vec<TimeInterval> {
    let own = if entry.times.is_empty() {
        frame.intervals(|day| entry_fits_day(entry, day), |day| opening_windows(&site.hours, day.kind))
    } else {
        interval::intersection(&frame.intervals(|day| entry_fits_day(entry, day), |_| &entry.times), open)
    };
    match content.slides.get(&entry.slide).map(|slide| valid(content, slide)) {
        Some((i64::MIN, i64::MAX)) | None => own,
        Some(valid) => interval::intersection(&own, &[valid]),
    }
}

/// From 00:00 of the first day to 24:00 of the last.
fn valid(content: &Content, slide: &Slide) -> TimeInterval {
    let zone = content.settings.time_zone;
    let from = slide.valid.0.map_or(i64::MIN, |day| local_time::midnight_second(zone, day));
    let until = slide.valid.1.and_then(|day| day.succ_opt()).map_or(i64::MAX, |day| local_time::midnight_second(zone, day));
    (from, until)
}

/// The entry's slide and its translations in the order of the site's languages, each with all its parts; an entry that names a translation
/// gives only that.
fn items(content: &Content, site: &Site, entry: &PlaylistEntry, own: Option<&Slide>) -> Vec<(SlideId, u64)> {
    let parts = |id: &SlideId, slide: &Slide| {
        let ms = slide.duration_ms.max(MIN_LOOP_MS);
        (1..=slide.parts).map(|part| (id.part(part), ms)).collect::<Vec<_>>()
    };
    if entry.slide.is_translation() {
        return own.map(|slide| parts(&entry.slide, slide)).unwrap_or_default();
    }
    let named = |language: &Language| match own.filter(|slide| slide.language == *language) {
        Some(slide) => Some(parts(&entry.slide, slide)),
        None => {
            let id = SlideId::parse(&format!("{}.{language}", entry.slide))?;
            content.slides.get(&id).map(|slide| parts(&id, slide))
        }
    };
    site.languages.iter().filter_map(named).flatten().collect()
}
