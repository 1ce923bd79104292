//! Moments as people type them: local time of the content, or with an offset.
//! Never asks a clock: the command passes the present moment.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

use super::local_time;
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;

/// Years of a moment: those of a month, but for the last, after whose end no date has four digits.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9998;

/// Reads `now`, which is `present`; `2026-12-03`; `2026-12-03T10:15`, with or without seconds, in local time of the content's zone; or such
/// a time with `Z` or an offset such as `+07:00`. A day alone means its first moment. Of a local time that occurs twice, [`other_of_two`] tells
/// what else it may mean. Refuses a local time that a change of the clocks skips, and one by which the years of four digits begin or end: the
/// days beside it can't be written.
pub fn parse(text: &str, zone: TimeZone, present: Timestamp) -> Result<Timestamp, Failure> {
    if text == "now" {
        return Ok(present);
    }
    let shown = printable(text);
    let (written, offset) = split_offset(text);
    let local = parse_local(written).filter(|_| offset.is_none() || written.contains('T')).ok_or_else(|| {
        if let Some(Text { vi, en }) = dates::mistyped(text).or_else(|| without_day(text)) {
            return Failure::Usage(crate::text!(vi: "“{shown}” không phải thời điểm: {vi}", en: "“{shown}” is not a moment: {en}"));
        }
        Failure::Usage(crate::text!(
            vi: "“{shown}” không phải thời điểm; viết now, 2026-12-03, 2026-12-03T10:15 hoặc 2026-12-03T10:15+07:00",
            en: "“{shown}” is not a moment; write now, 2026-12-03, 2026-12-03T10:15 or 2026-12-03T10:15+07:00"
        ))
    })?;
    if !YEARS.contains(&local.year()) {
        let (first, last) = (YEARS.start(), YEARS.end());
        return Err(Failure::Usage(crate::text!(
            vi: "“{shown}” nằm ngoài những năm được nhận; viết một năm từ {first} đến {last}",
            en: "“{shown}” is outside the years that are taken; write one from {first} to {last}"
        )));
    }
    if let Some(offset) = offset {
        return Ok(Timestamp(local.and_utc().timestamp() - offset));
    }
    let second = local_time::to_unix_second(zone, local);
    let found = zone.to_local(second);
    if found == local || is_day(text) && found.date() == local.date() {
        return Ok(Timestamp(second));
    }
    // The jump is from the one offset of the zone to the other.
    let offsets = [zone.utc_offset(second - 1), zone.utc_offset(second)].map(offset_text);
    let (before, after) = (&offsets[0], &offsets[1]);
    let to = found.format(if found.date() == local.date() { "%H:%M" } else { "%Y-%m-%dT%H:%M" });
    let found = found.format("%Y-%m-%dT%H:%M");
    Err(Failure::Usage(crate::text!(
        vi: "không có lúc {shown}: đồng hồ được vặn lên thẳng {to}; viết {found} hoặc thêm múi giờ của nơi đó: {before} hoặc {after}",
        en: "{shown} does not exist: the clocks go forward to {to}; write {found}, or add one of the place's offsets: {before} or {after}"
    )))
}

/// Whether a text is a day alone, if it is a moment.
pub fn is_day(text: &str) -> bool {
    text.len() == 10
}

/// That a local time occurs twice, of which [`parse`] takes the first, and how to name each; `None` for any other moment.
pub fn other_of_two(text: &str, zone: TimeZone) -> Option<Text> {
    let local = parse_local(text).filter(|_| !is_day(text))?;
    let first = local_time::to_unix_second(zone, local);
    let offset = zone.utc_offset(first);
    let (_, later) = local_time::offset_changes(zone, first, first + 86_400).into_iter().find(|(_, later)| *later < offset)?;
    if zone.to_local(first + i64::from(offset - later)) != local {
        return None;
    }
    let (shown, [first, other]) = (local.format("%Y-%m-%dT%H:%M:%S").to_string(), [offset, later].map(offset_text));
    let shown = shown.strip_suffix(":00").unwrap_or(&shown);
    Some(crate::text!(
        vi: "hôm đó đồng hồ được vặn lùi nên có hai lần {shown}; đã lấy lần đầu ({shown}{first}), lần sau thì viết {shown}{other}",
        en: "the clocks go back on that day, and {shown} occurs twice; the first was taken ({shown}{first}), for the other write {shown}{other}"
    ))
}

/// That a time of day stands without its day, and how to write both.
fn without_day(text: &str) -> Option<Text> {
    let time = dates::clock(text)?;
    Some(
        crate::text!(vi: "thiếu ngày; viết cả ngày, dạng 2026-12-03T{time}", en: "the day is missing; write it too, such as 2026-12-03T{time}"),
    )
}

/// An offset as [`split_offset`] reads it, in whole minutes: `+07:00`.
fn offset_text(seconds: i32) -> String {
    let minutes = seconds.unsigned_abs() / 60;
    format!("{}{:02}:{:02}", if seconds < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
}

/// A date or a local time, in exactly one of three forms.
fn parse_local(text: &str) -> Option<NaiveDateTime> {
    let format = match text.len() {
        10 => "%Y-%m-%d",
        16 => "%Y-%m-%dT%H:%M",
        19 => "%Y-%m-%dT%H:%M:%S",
        _ => return None,
    };
    let day = || NaiveDate::parse_from_str(text, format).ok().map(|day| day.and_time(NaiveTime::MIN));
    let found = NaiveDateTime::parse_from_str(text, format).ok().or_else(day)?;
    // No leap seconds: the timetable has none. chrono also takes signs and blanks.
    (found.nanosecond() < 1_000_000_000 && found.format(format).to_string() == text).then_some(found)
}

/// A time's text without its `Z` or offset, and the offset in seconds.
fn split_offset(text: &str) -> (&str, Option<i64>) {
    if let Some(written) = text.strip_suffix('Z') {
        return (written, Some(0));
    }
    let offset = text.len().checked_sub(6).and_then(|at| Some((text.get(..at)?, text.get(at..)?)));
    let read = |offset: &str| {
        let sign = if offset.starts_with('-') { -1 } else { 1 };
        let time = NaiveTime::parse_from_str(offset.strip_prefix(['+', '-'])?, "%H:%M").ok()?;
        (time.format("%H:%M").to_string() == offset[1..]).then(|| sign * i64::from(time.num_seconds_from_midnight()))
    };
    match offset.and_then(|(written, offset)| Some((written, read(offset)?))) {
        Some((written, offset)) => (written, Some(offset)),
        None => (text, None),
    }
}

/// As [`parse`], for a moment that must be after `present`.
pub fn parse_later(text: &str, zone: TimeZone, present: Timestamp) -> Result<Timestamp, Failure> {
    let found = parse(text, zone, present)?;
    if found > present {
        return Ok(found);
    }
    let (shown, Text { vi, en }) = (printable(text), zone.moment(present));
    Err(Failure::Usage(crate::text!(
        vi: "{shown} đã qua (bây giờ là {vi}); hãy nhập thời điểm trong tương lai",
        en: "{shown} is past (it is {en} now); write a later moment"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_local_unless_they_say_otherwise() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let now = Timestamp(1_800_000_000);
        let want = Timestamp::parse("2026-12-03T03:15:00Z");
        for text in [
            "2026-12-03T10:15",
            "2026-12-03T10:15:00",
            "2026-12-03T03:15Z",
            "2026-12-03T03:15:00Z",
            "2026-12-03T10:15:00+07:00",
            "2026-12-03T10:15+07:00",
            "2026-12-02T22:15-05:00",
        ] {
            assert_eq!(parse(text, zone, now).ok(), want, "{text}");
        }
        assert_eq!(parse("2026-12-03", zone, now).ok(), Timestamp::parse("2026-12-02T17:00:00Z"));
        assert_eq!(parse("now", zone, now).ok(), Some(now));
    }

    #[test]
    fn no_other_form_is_taken() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        for text in [
            "",
            "Z",
            "3/12/2026",
            "2026-12-3",
            "+2026-12-3",
            "2026-12-03Z",
            "2026-12-03+07:00",
            "2026-12-03 10:15",
            "2026-12-03t10:15z",
            "2026-12-03T10",
            "2026-12-03T1:5",
            "2026-12-03T 1: 5",
            "2026-12-03T10:15+0700",
            "2026-12-03T10:15+07",
            "2026-12-03T10:15+7:00",
            "2026-12-03T10:15+24:00",
            "2026-12-03T10:15:00.5Z",
            "2026-12-03T24:00",
            "2026-12-03T23:59:60",
            "2026-12-03T23:59:60Z",
            "2026-02-30",
            "ngày 3 tháng 12",
        ] {
            assert!(parse(text, zone, Timestamp(0)).is_err_and(|failure| failure.exit_code() == 2), "{text}");
        }
    }

    #[test]
    fn a_year_beside_which_there_is_none_of_four_digits_is_refused_with_those_that_are_taken() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        for text in ["9999-12-31T23:59", "9999-01-01", "9999-12-31T23:59:59Z", "9999-06-01T00:00-05:00", "1969-12-31", "0000-01-01T00:00Z"]
        {
            let Err(Failure::Usage(said)) = parse(text, zone, Timestamp(0)) else { panic!("{text} was taken") };
            assert!(said.en.contains("from 1970 to 9998") && said.vi.contains("từ 1970 đến 9998"), "{said:?}");
        }
        for text in ["9998-12-31T23:59", "9998-12-31T23:59-12:00", "1970-01-01"] {
            assert!(parse(text, zone, Timestamp(0)).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_refused_with_the_time_that_follows() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        let Err(Failure::Usage(said)) = parse("2026-03-29T02:30", berlin, Timestamp(0)) else { panic!("it was taken") };
        assert!(
            said.en.contains("forward to 03:00; write 2026-03-29T03:00,") && said.vi.contains("thẳng 03:00; viết 2026-03-29T03:00 "),
            "{said:?}"
        );
        assert!(said.en.ends_with("offsets: +01:00 or +02:00") && said.vi.ends_with("nơi đó: +01:00 hoặc +02:00"), "{said:?}");
        assert!(parse("2026-03-29T02:30+01:00", berlin, Timestamp(0)).is_ok());
        assert!(parse("2026-10-25T02:30", berlin, Timestamp(0)).is_ok(), "it occurs twice");
        // Samoa skipped a whole day: only a moment of the next one exists.
        let apia = TimeZone::parse("Pacific/Apia").unwrap();
        for text in ["2011-12-30", "2011-12-30T12:00"] {
            let Err(Failure::Usage(said)) = parse(text, apia, Timestamp(0)) else { panic!("{text} was taken") };
            assert!(said.en.contains("write 2011-12-31T00:00,") && said.vi.contains("viết 2011-12-31T00:00 "), "{said:?}");
            assert!(said.en.ends_with("offsets: -10:00 or +14:00"), "{said:?}");
        }
        assert!(parse("2011-12-31T00:00", apia, Timestamp(0)).is_ok());
    }

    #[test]
    fn a_day_begins_with_its_first_moment_also_where_it_has_no_midnight() {
        let santiago = TimeZone::parse("America/Santiago").unwrap();
        assert_eq!(parse("2027-09-05", santiago, Timestamp(0)).ok(), Timestamp::parse("2027-09-05T04:00:00Z"));
        let Err(Failure::Usage(said)) = parse("2027-09-05T00:30", santiago, Timestamp(0)) else { panic!("it was taken") };
        assert!(said.en.contains("write 2027-09-05T01:00,"), "{said:?}");
    }

    #[test]
    fn of_a_time_that_occurs_twice_both_are_named() {
        let prague = TimeZone::parse("Europe/Prague").unwrap();
        let said = other_of_two("2027-10-31T02:30", prague).unwrap();
        assert!(said.en.ends_with("the first was taken (2027-10-31T02:30+02:00), for the other write 2027-10-31T02:30+01:00"), "{said:?}");
        assert!(said.vi.ends_with("đã lấy lần đầu (2027-10-31T02:30+02:00), lần sau thì viết 2027-10-31T02:30+01:00"), "{said:?}");
        for text in
            ["2027-10-31T01:59", "2027-10-31T03:00", "2027-10-31", "2027-10-30T02:30", "2027-10-31T02:30+01:00", "now", "2027-03-28T02:30"]
        {
            assert_eq!(other_of_two(text, prague), None, "{text}");
        }
        // A day begins with the first of two midnights.
        let havana = TimeZone::parse("America/Havana").unwrap();
        assert!(other_of_two("2027-11-07", havana).is_none() && other_of_two("2027-11-07T00:00", havana).is_some());
    }

    #[test]
    fn a_time_without_its_day_is_told_as_that() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let Err(Failure::Usage(said)) = parse("8h30", zone, Timestamp(0)) else { panic!("it was taken") };
        assert!(said.en.ends_with("the day is missing; write it too, such as 2026-12-03T08:30"), "{said:?}");
    }
}
