//! Why a slide is in a loop: the playlists' entries that name it, with their conditions, in words.
//! Never decides whether it is: `plan` does.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::dates;
use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::content::model::values::{Content, DayKind, DaySelector, Period, PlaylistEntry, Site};

/// One entry that brings a slide to a site.
#[derive(Serialize)]
pub struct Reason {
    /// The playlist's title.
    playlist: String,
    /// `playlists/2026-12/province.yaml:12`.
    place: String,
    /// Its share and conditions, in words.
    when: Text,
}

/// The reasons of every slide that a site's playlists of a period name, by the id that the entry names.
pub fn reasons(content: &Content, site: &Site, period: Period) -> BTreeMap<SlideId, Vec<Reason>> {
    let mut all: BTreeMap<SlideId, Vec<Reason>> = BTreeMap::new();
    let lists = site.shares.iter().filter_map(|share| Some((share, content.playlists.get(&(period, share.playlist.clone()))?)));
    // A playlist without a file in this period gives its time to the others.
    let all_shares = lists.clone().map(|(share, _)| share.share).sum();
    for (share, playlist) in lists {
        for entry in &playlist.entries {
            let place = format!("{}:{}", entry.place.path, entry.place.line);
            let reason = Reason { playlist: playlist.title.clone(), place, when: conditions(entry, share.share, all_shares) };
            all.entry(entry.slide.clone()).or_default().push(reason);
        }
    }
    all
}

fn conditions(entry: &PlaylistEntry, share: u32, shares: u32) -> Text {
    let (mut vi, mut en) = (vec![format!("tỷ lệ {share}/{shares} thời lượng")], vec![format!("{share}/{shares} of the time")]);
    let mut add = |text: Text| {
        vi.push(text.vi);
        en.push(text.en);
    };
    let weight = entry.weight;
    if weight > 1 {
        add(numbers::per_loop(weight));
    }
    if !entry.days.is_empty() {
        let (days_vi, days_en): (Vec<_>, Vec<_>) = entry.days.iter().map(|day| day_words(*day)).map(|Text { vi, en }| (vi, en)).unzip();
        let (days_vi, days_en) = (days_vi.join(", "), days_en.join(", "));
        add(crate::text!(vi: "{days_vi}", en: "{days_en}"));
    }
    if !entry.times.is_empty() {
        let times = entry.times.iter().map(|window| window.in_words()).collect::<Vec<_>>().join(", ");
        add(crate::text!(vi: "{times}", en: "{times}"));
    }
    if let Some(from) = entry.from {
        let Text { vi, en } = dates::day(from);
        add(crate::text!(vi: "từ {vi}", en: "from {en}"));
    }
    if let Some(until) = entry.until {
        let Text { vi, en } = dates::day(until);
        add(crate::text!(vi: "đến hết {vi}", en: "until {en}"));
    }
    Text { vi: vi.join(" · "), en: en.join(" · ") }
}

fn day_words(day: DaySelector) -> Text {
    let (vi, en) = match day {
        DaySelector::Weekday(day) => return dates::weekday(day),
        DaySelector::Kind(DayKind::Workday) => ("ngày làm việc", "workdays"),
        DaySelector::Kind(DayKind::Weekend) => ("cuối tuần", "weekends"),
        DaySelector::Kind(DayKind::Holiday) => ("ngày lễ", "holidays"),
        DaySelector::Kind(DayKind::Makeup) => ("ngày làm bù", "make-up days"),
    };
    crate::text!(vi: "{vi}", en: "{en}")
}
