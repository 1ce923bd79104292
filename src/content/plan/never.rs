//! Entries that never play: why, and one warning for all that have the same cause. Pure.
//! Never decides whether an entry plays: `planner` does.

use chrono::NaiveDate;

use super::candidates::CandidateEntry;
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::ids::{SiteId, SlideId};
use crate::base::text::Text;
use crate::content::model::values::{Period, Slide};
use crate::text;

/// An entry that a plan never plays, and why.
#[derive(Clone, Debug)]
pub struct NeverPlayed {
    site: SiteId,
    period: Period,
    slide: SlideId,
    /// Of the entry.
    place: SourceLocation,
    cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// The validity of the slide in this file has no day of the period; it begins or ends on this one.
    Validity(String, Bound),
    /// The keys of the entry, and `valid` of its slide, that are never fulfilled together.
    Keys(Vec<&'static str>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Begins(NaiveDate),
    Ended(NaiveDate),
}

impl NeverPlayed {
    /// Why a site's entry, of which this is the slide, never plays in a period.
    pub(super) fn new(site: &SiteId, each: &CandidateEntry<'_>, slide: Option<&Slide>, period: Period) -> Self {
        let validity = slide.and_then(|slide| Some(Cause::Validity(format!("slides/{}", slide.source), outside(slide.valid, period)?)));
        let cause = validity.unwrap_or_else(|| Cause::Keys(keys(each, slide, period)));
        Self { site: site.clone(), period, slide: each.entry.slide.clone(), place: each.entry.place.clone(), cause }
    }

    /// Whether one warning tells of both: of a slide's validity wherever the slide is listed, of all else at this entry.
    fn is_told_with(&self, other: &Self) -> bool {
        let alike = (&self.slide, &self.cause) == (&other.slide, &other.cause);
        alike && (matches!(self.cause, Cause::Validity(..)) || self.place == other.place)
    }
}

/// The bound that keeps every day of a range out of a period.
fn outside((first, last): (Option<NaiveDate>, Option<NaiveDate>), period: Period) -> Option<Bound> {
    let month = period.month()?;
    let ended = last.filter(|last| *last < month.first_day()).map(Bound::Ended);
    ended.or_else(|| first.filter(|first| *first >= month.next().first_day()).map(Bound::Begins))
}

/// Those that alone suffice, else all that are set.
fn keys(each: &CandidateEntry<'_>, slide: Option<&Slide>, period: Period) -> Vec<&'static str> {
    let entry = each.entry;
    if !each.play_times.is_empty() {
        return vec!["screens"];
    }
    match outside((entry.from, entry.until), period) {
        Some(Bound::Ended(_)) => return vec!["until"],
        Some(Bound::Begins(_)) => return vec!["from"],
        None => {}
    }
    let set = [
        ("days", !entry.days.is_empty()),
        ("times", !entry.times.is_empty()),
        ("from", entry.from.is_some()),
        ("until", entry.until.is_some()),
        ("valid", slide.is_some_and(|slide| slide.valid != (None, None))),
    ];
    set.into_iter().filter(|(_, set)| *set).map(|(key, _)| key).collect()
}

/// One warning for each cause, in the order in which the causes were found.
pub fn warnings<'a>(all: impl IntoIterator<Item = &'a NeverPlayed>) -> Vec<Diagnostic> {
    let mut groups: Vec<Vec<&NeverPlayed>> = Vec::new();
    for each in all {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| first.is_told_with(each))) {
            Some(group) => group.push(each),
            None => groups.push(vec![each]),
        }
    }
    groups.iter().filter_map(|group| Some(warning(group.first()?, group))).collect()
}

fn warning(first: &NeverPlayed, all: &[&NeverPlayed]) -> Diagnostic {
    let slide = &first.slide;
    match &first.cause {
        Cause::Validity(file, bound) => {
            let Text { vi, en } = match bound {
                Bound::Begins(day) => {
                    let Text { vi, en } = dates::day(*day);
                    text!(vi: "bắt đầu từ ngày {vi}", en: "begins on {en}")
                }
                Bound::Ended(day) => {
                    let Text { vi, en } = dates::day(*day);
                    text!(vi: "đã hết ngày {vi}", en: "ended on {en}")
                }
            };
            let places = places(all).join("; ");
            Diagnostic::warning(
                "never-plays",
                SourceLocation::file(file.clone()),
                text!(
                    vi: "“{slide}” không có lúc nào được chiếu: thời hạn của trang (valid) {vi}",
                    en: "“{slide}” never plays: its validity (valid) {en}"
                ),
                text!(vi: "sửa valid của trang, hoặc bỏ trang khỏi {places}", en: "correct valid of the slide, or take it out of {places}"),
            )
        }
        Cause::Keys(keys) => {
            let (Text { vi, en }, sites) = (first.period.name(), sites(all, &first.place));
            let Text { vi: vi_help, en: en_help } = to_look_at(keys);
            Diagnostic::warning(
                "never-plays",
                first.place.clone(),
                text!(vi: "{sites}, {vi}: “{slide}” không có lúc nào được chiếu", en: "{sites}, {en}: “{slide}” never plays"),
                text!(vi: "xem lại {vi_help}", en: "look at {en_help}"),
            )
        }
    }
}

/// Where the slide is listed, each place once with its sites: `playlists/2026-12/province.yaml:6 (ta-lung, trung-khanh)`.
fn places(all: &[&NeverPlayed]) -> Vec<String> {
    let mut places: Vec<&SourceLocation> = Vec::new();
    for each in all {
        if !places.contains(&&each.place) {
            places.push(&each.place);
        }
    }
    places.iter().map(|place| format!("{}:{} ({})", place.path, place.line, sites(all, place))).collect()
}

fn sites(all: &[&NeverPlayed], place: &SourceLocation) -> String {
    let here = all.iter().filter(|each| each.place == *place);
    here.map(|each| each.site.as_str()).collect::<Vec<_>>().join(", ")
}

fn to_look_at(keys: &[&str]) -> Text {
    let own = keys.iter().copied().filter(|key| *key != "valid").collect::<Vec<_>>().join(", ");
    match (own.is_empty(), keys.contains(&"valid")) {
        (true, _) => text!(vi: "valid của trang", en: "the slide's valid"),
        (false, true) => text!(vi: "{own} của mục và valid của trang", en: "the entry's {own} and the slide's valid"),
        (false, false) => text!(vi: "{own} của mục", en: "the entry's {own}"),
    }
}
