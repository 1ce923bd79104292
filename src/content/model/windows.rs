//! Parses windows and durations, and finds opening windows that overlap.
//! Never knows a calendar.

use super::values::{OpeningHours, TimeWindow};

use crate::base::dates;
use crate::base::limits::{MIN_LOOP_MS, SLIDE_MS};

const DAY: u32 = 1_440;
/// Minutes of a night: 13 hours.
const NIGHT: u32 = 780;

impl TimeWindow {
    /// As people read it: `07:30–11:00`.
    pub fn in_words(self) -> String {
        self.to_string().replace('-', "–")
    }
}

/// Reads `HH:MM-HH:MM`: start below 24:00, end up to 24:00; an end before the start is on the next day; an end at the start is refused.
pub fn parse(text: &str) -> Option<TimeWindow> {
    let (start, end) = text.split_once('-')?;
    let (start, end) = (minutes(start)?, minutes(end)?);
    if start >= DAY || start == end {
        return None;
    }
    Some(TimeWindow { start, end: if end < start { end + DAY } else { end } })
}

/// The window that somebody meant who wrote it in another form, such as `7:30–11:00` or `7h30 - 11h`.
pub fn respelt(text: &str) -> Option<TimeWindow> {
    let (start, end) = text.split_once(['-', '–', '—'])?;
    let time = |text: &str| match text.trim() {
        "24h" | "24h00" | "24:00" => Some("24:00".to_owned()),
        other => dates::clock(other).filter(|time| time.len() == 5),
    };
    parse(&format!("{}-{}", time(start)?, time(end)?)).filter(|_| parse(text).is_none())
}

fn minutes(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    if bytes.len() != 5 || bytes[2] != b':' || !bytes.iter().enumerate().all(|(i, c)| i == 2 || c.is_ascii_digit()) {
        return None;
    }
    let (hour, minute): (u32, u32) = (text[..2].parse().ok()?, text[3..].parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

/// Reads `12s`, `2m` or `1m30s` as milliseconds, 1 s to 1 h.
pub fn parse_duration_ms(text: &str) -> Option<u64> {
    let number = |digits: &str| -> Option<u64> {
        let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|c| c.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (minutes, rest) = match text.split_once('m') {
        Some((minutes, rest)) => (number(minutes)?, rest),
        None => (0, text),
    };
    let seconds = match rest.strip_suffix('s') {
        Some(seconds) => number(seconds)?,
        None if rest.is_empty() && text.ends_with('m') => 0,
        None => return None,
    };
    let total = minutes * 60 + seconds;
    Some(total * 1_000).filter(|ms| (MIN_LOOP_MS..=SLIDE_MS).contains(ms))
}

/// The windows of each kind of day by its word.
pub fn by_day_kind(hours: &OpeningHours) -> [(&'static str, &[TimeWindow]); 4] {
    let makeup = hours.makeup.as_deref().unwrap_or(&hours.workday);
    [("workday", &hours.workday), ("weekend", &hours.weekend), ("holiday", &hours.holiday), ("makeup", makeup)]
}

/// The window between the ends of one that goes on past midnight and lasts longer than [`NIGHT`]: its ends were mixed up, most likely.
pub fn turned(window: TimeWindow) -> Option<TimeWindow> {
    (window.end > DAY && window.end - window.start > NIGHT).then(|| TimeWindow { start: window.end - DAY, end: window.start })
}

/// Two windows of one kind of day that overlap.
pub fn first_overlap(windows: &[TimeWindow]) -> Option<(TimeWindow, TimeWindow)> {
    let mut sorted = windows.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[1].start < pair[0].end).map(|pair| (pair[0], pair[1]))
}

/// A window past midnight that overlaps a window of the next day, with the kinds of both days: any kind may follow any.
pub fn overlap_past_midnight(hours: &OpeningHours) -> Option<(&'static str, TimeWindow, &'static str, TimeWindow)> {
    let kinds = by_day_kind(hours);
    kinds.iter().flat_map(|(kind, windows)| windows.iter().map(move |window| (*kind, *window))).find_map(|(kind, late)| {
        let next = |(next, windows): &(&'static str, &[TimeWindow])| {
            windows.iter().find(|early| early.start + DAY < late.end).map(|early| (kind, late, *next, *early))
        };
        kinds.iter().find_map(next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_windows_and_durations_pass() {
        assert_eq!(parse("22:00-02:00"), Some(TimeWindow { start: 1_320, end: 1_560 }));
        assert_eq!(parse("00:00-24:00"), Some(TimeWindow { start: 0, end: 1_440 }));
        for text in
            ["24:00-02:00", "7:30-09:00", "07:30–09:00", "07:30 - 09:00", "07:60-08:00", "08:00-08:00", "08:00-24:01", "0730-0900", ""]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        for (text, ms) in [("12s", 12_000), ("2m", 120_000), ("1m30s", 90_000), ("60m", 3_600_000), ("90s", 90_000)] {
            assert_eq!(parse_duration_ms(text), Some(ms), "{text}");
        }
        for text in ["0s", "61m", "12", "1h", "1.5s", "s", "m", "1m30", "-1s", "30s1m", "+1s", " 1s"] {
            assert_eq!(parse_duration_ms(text), None, "{text}");
        }
    }

    #[test]
    fn a_window_in_another_form_is_written_out() {
        for (text, written) in [
            ("7:30-11:00", Some("07:30-11:00")),
            ("07:30–11:00", Some("07:30-11:00")),
            ("7h30 - 11h", Some("07:30-11:00")),
            ("11:30-7:00", Some("11:30-07:00")),
            ("18h-24h", Some("18:00-24:00")),
            ("07:30-11:00", None),
            ("7:60-8:00", None),
            ("8-9", None),
            ("7:30", None),
        ] {
            assert_eq!(respelt(text).map(|window| window.to_string()).as_deref(), written, "{text}");
        }
    }

    #[test]
    fn a_window_is_turned_that_takes_most_of_a_night_and_a_day() {
        for (text, other) in
            [("11:00-07:30", Some("07:30-11:00")), ("20:00-08:30", None), ("07:30-23:00", None), ("18:00-07:30", Some("07:30-18:00"))]
        {
            assert_eq!(turned(parse(text).unwrap()), other.and_then(parse), "{text}");
        }
    }

    #[test]
    fn nights_are_held_against_every_next_day() {
        let window = |text| parse(text).unwrap();
        let mut hours =
            OpeningHours { workday: vec![window("20:00-01:00")], weekend: vec![], holiday: vec![window("00:30-02:00")], makeup: None };
        assert_eq!(overlap_past_midnight(&hours).map(|found| (found.0, found.2)), Some(("workday", "holiday")));
        hours.holiday = vec![window("01:00-02:00")];
        assert_eq!(overlap_past_midnight(&hours), None);
    }
}
