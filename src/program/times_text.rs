//! Says in words, in both languages, how long and when something plays: lengths and stretches of time in the seconds of a program's spans.
//! Never knows what plays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;

use crate::base::dates;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::text;

/// A length of time in hours and minutes.
pub fn duration_text(seconds: i64) -> Text {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    if minutes == 0 {
        return text!(vi: "{hours} giờ", en: "{hours} h");
    }
    text!(vi: "{hours} giờ {minutes:02} phút", en: "{hours} h {minutes:02} min")
}

/// Groups stretches of time by their hours; each line lists the days with these hours.
pub fn interval_texts(stretches: &[(i64, i64)], kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    by_clock(stretches, kind, zone, day_runs)
}

/// As [`interval_texts`], but names days that return every week by their weekdays, with the first and the last.
pub fn calendar_texts(stretches: &[(i64, i64)], kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    by_clock(stretches, kind, zone, weekday_runs)
}

fn by_clock(stretches: &[(i64, i64)], kind: ProgramKind, zone: TimeZone, name: fn(&[i64], ProgramKind) -> Text) -> Vec<Text> {
    let mut days: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for (start, end) in stretches.iter().flat_map(|stretch| days_of(*stretch, kind, zone)) {
        let clock = |second: i64| format!("{:02}:{:02}", second.rem_euclid(86_400) / 3_600, second.rem_euclid(3_600) / 60);
        let until = if end.rem_euclid(86_400) == 0 { "24:00".to_owned() } else { clock(end) };
        days.entry(format!("{}–{until}", clock(start))).or_default().push(start.div_euclid(86_400));
    }
    let line = |(clock, days): (String, Vec<i64>)| {
        let Text { vi, en } = name(&days, kind);
        text!(vi: "{clock}: {vi}", en: "{clock}: {en}")
    };
    days.into_iter().map(line).collect()
}

/// A stretch in local time; one of a day or more is cut at each midnight.
fn days_of((start, end): (i64, i64), kind: ProgramKind, zone: TimeZone) -> Vec<(i64, i64)> {
    let (mut from, until) = (local(start, kind, zone), local(end, kind, zone));
    let mut all = Vec::new();
    while until - from >= 86_400 {
        let midnight = (from.div_euclid(86_400) + 1) * 86_400;
        all.push((from, midnight));
        from = midnight;
    }
    if from < until {
        all.push((from, until));
    }
    all
}

/// Names days that return every week by their weekdays, with the first and the last; others as ranges.
fn weekday_runs(days: &[i64], kind: ProgramKind) -> Text {
    let weekday = |day: i64| (day + 3).rem_euclid(7);
    let dated = matches!(kind, ProgramKind::Monthly | ProgramKind::Urgent);
    let (Some(first), Some(last), true) = (days.first(), days.last(), dated) else { return day_runs(days, kind) };
    let weekdays: BTreeSet<i64> = days.iter().map(|day| weekday(*day)).collect();
    let weekly = (*first..=*last).filter(|day| weekdays.contains(&weekday(*day)));
    if weekdays.len() == days.len() || last - first + 1 == i64::try_from(days.len()).unwrap_or_default() || !weekly.eq(days.iter().copied())
    {
        return day_runs(days, kind);
    }
    let (weekdays, range) =
        (day_runs(&weekdays.into_iter().collect::<Vec<_>>(), ProgramKind::Evergreen), [day_name(*first, kind), day_name(*last, kind)]);
    let (Text { vi, en }, [Text { vi: first_vi, en: first_en }, Text { vi: last_vi, en: last_en }]) = (weekdays, range);
    text!(vi: "{vi} (từ {first_vi} đến {last_vi})", en: "{en} (from {first_en} to {last_en})")
}

/// Converts a second of a span to local time: seconds since 1970, of the week, or since a release.
fn local(second: i64, kind: ProgramKind, zone: TimeZone) -> i64 {
    match kind {
        ProgramKind::Monthly | ProgramKind::Urgent => second + i64::from(zone.utc_offset(second)),
        ProgramKind::Evergreen | ProgramKind::Kit => second,
    }
}

/// Joins consecutive days into ranges.
fn day_runs(days: &[i64], kind: ProgramKind) -> Text {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some(last) if last.1 + 1 == *day => last.1 = *day,
            _ => runs.push((*day, *day)),
        }
    }
    let join = |name: fn(i64, ProgramKind) -> Text, pick: fn(&Text) -> &String| {
        let run = |(first, last): &(i64, i64)| {
            let (first, last) = (name(*first, kind), name(*last, kind));
            if first == last { pick(&first).clone() } else { format!("{} – {}", pick(&first), pick(&last)) }
        };
        runs.iter().map(run).collect::<Vec<_>>().join(", ")
    };
    let (vi, en) = (join(day_name, |text| &text.vi), join(day_name, |text| &text.en));
    text!(vi: "{vi}", en: "{en}")
}

fn day_name(day: i64, kind: ProgramKind) -> Text {
    match kind {
        ProgramKind::Monthly | ProgramKind::Urgent => dates::day(Timestamp(day * 86_400).utc().date_naive()),
        // 5 January 1970 was a Monday.
        ProgramKind::Evergreen => dates::weekday(Timestamp((day + 4) * 86_400).utc().weekday()),
        ProgramKind::Kit => {
            let number = day + 1;
            text!(vi: "ngày thứ {number} từ lúc phát", en: "day {number} from its release")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_told_by_the_hours_with_their_days() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        // 2026-12-01T18:00+07:00 and the same hour on four other days.
        let start = 1_796_122_800;
        let evenings: Vec<_> = [0, 1, 2, 4, 6].iter().map(|day| (start + day * 86_400, start + day * 86_400 + 1_800)).collect();
        let texts = interval_texts(&evenings, ProgramKind::Monthly, zone);
        assert_eq!(texts.len(), 1);
        assert_eq!(texts[0].en, "18:00–18:30: 2026-12-01 – 2026-12-03, 2026-12-05, 2026-12-07");
        let week = interval_texts(&[(27_000, 39_600), (113_400, 126_000), (518_400, 525_600)], ProgramKind::Evergreen, zone);
        assert_eq!(week[0].vi, "00:00–02:00: Chủ Nhật");
        assert_eq!(week[1].vi, "07:30–11:00: thứ Hai – thứ Ba");
    }

    #[test]
    fn days_that_return_every_week_are_told_by_their_weekdays() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        // 2026-12-05, a Saturday, 09:00+07:00.
        let saturday = 1_796_436_000;
        let told = |days: &[i64], hours: i64| {
            let all: Vec<_> = days.iter().map(|day| (saturday + day * 86_400, saturday + day * 86_400 + hours * 3_600)).collect();
            calendar_texts(&all, ProgramKind::Monthly, zone).into_iter().map(|text| text.vi).collect::<Vec<_>>()
        };
        assert_eq!(told(&[0, 1, 7, 8, 14, 15], 1), ["09:00–10:00: thứ Bảy – Chủ Nhật (từ 05/12/2026 đến 20/12/2026)"]);
        assert_eq!(told(&[0, 1, 7, 14, 15], 1), ["09:00–10:00: 05/12/2026 – 06/12/2026, 12/12/2026, 19/12/2026 – 20/12/2026"]);
        assert_eq!(told(&[0, 1, 2], 15), ["09:00–24:00: 05/12/2026 – 07/12/2026"]);
        assert_eq!(told(&[0], 15 + 48), ["00:00–24:00: 06/12/2026 – 07/12/2026", "09:00–24:00: 05/12/2026"]);
    }
}
