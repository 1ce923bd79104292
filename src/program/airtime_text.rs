//! Says in words, in both languages, how often and when slides play, and did before.
//! Never compares: `program::airtime` does.

use std::collections::{BTreeMap, BTreeSet};

use super::airtime::{Airtime, AirtimeChange, AirtimeChanges, Hours};
use super::times_text::calendar_texts;
use crate::base::ids::{ScreenId, SlideId};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::text;

/// A line for each new slide, for each whose airtime changed, and one for all others.
pub fn lines(changes: &AirtimeChanges, kind: ProgramKind, zone: TimeZone, name: &dyn Fn(&SlideId) -> Text) -> Vec<Text> {
    let named = |id, parts: &[Text]| {
        let (Text { vi: name_vi, en: name_en }, Text { vi, en }) = (name(id), joined(parts, "; "));
        text!(vi: "{name_vi}: {vi}", en: "{name_en}: {en}")
    };
    let changed = changes.changed.iter().map(|(id, change)| named(id, &changed(change, kind, zone)));
    let added = changes.added.iter().map(|(id, airtime)| named(id, &added(airtime, kind, zone)));
    changed.chain(added).chain(changes.others.map(|others| other_slides(others, kind))).collect()
}

/// What is said of one slide; nothing of one that plays as before.
pub fn of(changes: &AirtimeChanges, id: &SlideId, kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    let told = changes.changed.get(id).map(|change| changed(change, kind, zone));
    told.or_else(|| changes.added.get(id).map(|airtime| added(airtime, kind, zone))).unwrap_or_default()
}

fn changed(AirtimeChange { before, after, other_hours }: &AirtimeChange, kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    let mut parts = Vec::new();
    if before.ms != after.ms {
        let (was, is) = (seconds(&before.ms), seconds(&after.ms));
        let (was_vi, is_vi, was_en, is_en) = (was.vi, is.vi, was.en, is.en);
        parts.push(text!(vi: "chiếu {is_vi} giây, trước đây {was_vi} giây", en: "is shown for {is_en} s, was {was_en} s"));
    }
    if let Some((was, is)) = only(&before.per_loop).zip(only(&after.per_loop)).filter(|(was, is)| was != is) {
        let Text { vi, en } = numbers::per_loop(is);
        parts.push(text!(vi: "{vi}, trước đây {was}", en: "{en}, was {was}"));
    } else if before.plays == after.plays && before.per_loop != after.per_loop {
        let (was, is) = (each_loop(&before.per_loop), each_loop(&after.per_loop));
        let (was_vi, is_vi, was_en, is_en) = (was.vi, is.vi, was.en, is.en);
        parts.push(text!(vi: "mỗi vòng {is_vi} lần, trước đây {was_vi}", en: "{is_en} times in each loop, was {was_en}"));
    }
    if before.plays != after.plays {
        let (Text { vi, en }, was) = (plays(after, kind), numbers::count(before.plays));
        let (was_vi, was_en) = (was.vi, was.en);
        parts.push(text!(vi: "{vi}, trước đây {was_vi}", en: "{en}, was {was_en}"));
    }
    if *other_hours {
        let (was, is) = (when(before, kind, zone), when(after, kind, zone));
        let (was_vi, is_vi, was_en, is_en) = (was.vi, is.vi, was.en, is.en);
        parts.push(text!(vi: "nay chiếu {is_vi}", en: "now plays {is_en}"));
        parts.push(text!(vi: "trước đây chiếu {was_vi}", en: "played {was_en}"));
    }
    parts
}

fn added(airtime: &Airtime, kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    let (length, plays, when) = (seconds(&airtime.ms), plays(airtime, kind), when(airtime, kind, zone));
    let turns = only(&airtime.per_loop).map(numbers::per_loop);
    let (vi, en) = (length.vi, length.en);
    let mut parts = vec![text!(vi: "trang mới, mỗi lần {vi} giây", en: "new, {en} s each time")];
    parts.extend(turns);
    parts.push(plays);
    let (vi, en) = (when.vi, when.en);
    parts.push(text!(vi: "chiếu {vi}", en: "plays {en}"));
    parts
}

fn other_slides((count, was, is): (usize, u64, u64), kind: ProgramKind) -> Text {
    let (period, was, is, slides) = (period(kind), numbers::count(was), numbers::count(is), numbers::counted(count, "other slide"));
    let (period_vi, period_en, was_vi, is_vi, was_en, is_en) = (period.vi, period.en, was.vi, is.vi, was.en, is.en);
    text!(
        vi: "{count} trang còn lại: {period_vi} {is_vi} lần cộng lại, trước đây {was_vi}",
        en: "{slides}: {is_en} plays {period_en} together, was {was_en}"
    )
}

/// `cả tháng 1.240 lần`, with a note where several screens are counted together.
fn plays(airtime: &Airtime, kind: ProgramKind) -> Text {
    let (period, count) = (period(kind), numbers::count(airtime.plays));
    let (screens_vi, screens_en) =
        if airtime.hours.len() > 1 { (" (cộng các màn hình)", " (all screens together)") } else { ("", "") };
    let (period_vi, period_en, vi, en) = (period.vi, period.en, count.vi, count.en);
    let noun = if airtime.plays == 1 { "play" } else { "plays" };
    text!(vi: "{period_vi} {vi} lần{screens_vi}", en: "{en} {noun} {period_en}{screens_en}")
}

fn period(kind: ProgramKind) -> Text {
    match kind {
        ProgramKind::Monthly => text!(vi: "cả tháng", en: "in the month"),
        ProgramKind::Evergreen => text!(vi: "cả tuần", en: "in the week"),
        ProgramKind::Urgent | ProgramKind::Kit => text!(vi: "tổng cộng", en: "in all"),
    }
}

/// The hours, with the screens that have the same.
fn when(airtime: &Airtime, kind: ProgramKind, zone: TimeZone) -> Text {
    let mut groups: BTreeMap<&Hours, Vec<&str>> = BTreeMap::new();
    for (screen, hours) in &airtime.hours {
        groups.entry(hours).or_default().push(ScreenId::as_str(screen));
    }
    let group = |(hours, screens): (&Hours, Vec<&str>)| {
        let (many, screens) = (if screens.len() > 1 { "s" } else { "" }, screens.join(", "));
        let Text { vi, en } = match hours {
            Hours::Whole => text!(vi: "suốt giờ chiếu", en: "throughout the hours"),
            Hours::Stretches(stretches) => joined(&calendar_texts(stretches, kind, zone), "; "),
        };
        text!(vi: "{vi} (màn hình {screens})", en: "{en} (screen{many} {screens})")
    };
    joined(&groups.into_iter().map(group).collect::<Vec<_>>(), "; ")
}

fn seconds(all: &BTreeSet<u64>) -> Text {
    let each: Vec<Text> = all.iter().map(|ms| numbers::thousandths(i64::try_from(*ms).unwrap_or(i64::MAX))).collect();
    joined(&each, "; ")
}

/// The turns in loops that differ in them: `1 hoặc 3`.
fn each_loop(all: &BTreeSet<u64>) -> Text {
    let turns: Vec<_> = all.iter().map(u64::to_string).collect();
    Text { vi: turns.join(" hoặc "), en: turns.join(" or ") }
}

/// The only member of a set.
fn only(all: &BTreeSet<u64>) -> Option<u64> {
    all.first().copied().filter(|_| all.len() == 1)
}

fn joined(texts: &[Text], between: &str) -> Text {
    let (vi, en): (Vec<&str>, Vec<&str>) = texts.iter().map(|text| (text.vi.as_str(), text.en.as_str())).unzip();
    Text { vi: vi.join(between), en: en.join(between) }
}
