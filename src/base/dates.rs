//! Days, months and moments as people of each language write them.
//! Never knows a time zone: values are already local. Forms that machines read are in `times`.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _, Weekday};

use super::text::Text;
use super::times::Month;
use crate::text;

/// A day: `03/12/2026`, in English `2026-12-03`.
pub fn day(day: NaiveDate) -> Text {
    Text { vi: day.format("%d/%m/%Y").to_string(), en: day.format("%Y-%m-%d").to_string() }
}

/// A day of the week: `thứ Hai`, in English `Monday`.
pub fn weekday(day: Weekday) -> Text {
    let (vi, en) = match day {
        Weekday::Mon => ("thứ Hai", "Monday"),
        Weekday::Tue => ("thứ Ba", "Tuesday"),
        Weekday::Wed => ("thứ Tư", "Wednesday"),
        Weekday::Thu => ("thứ Năm", "Thursday"),
        Weekday::Fri => ("thứ Sáu", "Friday"),
        Weekday::Sat => ("thứ Bảy", "Saturday"),
        Weekday::Sun => ("Chủ Nhật", "Sunday"),
    };
    text!(vi: "{vi}", en: "{en}")
}

/// A month: `tháng 02/2026`, in English `2026-02`.
pub fn month(month: Month) -> Text {
    let (year, number) = (month.year, month.month);
    text!(vi: "tháng {number:02}/{year}", en: "{month}")
}

/// A month in a sentence: `tháng 2 năm 2026`, in English `February 2026`.
pub fn month_in_words(month: Month) -> Text {
    let (Month { year, month: number }, en) = (month, month.first_day().format("%B %Y"));
    text!(vi: "tháng {number} năm {year}", en: "{en}")
}

/// A moment: `10:15 ngày 03/12/2026`, in English `2026-12-03 10:15`.
pub fn moment(at: NaiveDateTime) -> Text {
    let (Text { vi, en }, time) = (day(at.date()), at.format("%H:%M"));
    text!(vi: "{time} ngày {vi}", en: "{en} {time}")
}

/// As [`moment`], with its seconds unless they are none: `10:15:07 ngày 03/12/2026`.
pub fn moment_to_the_second(at: NaiveDateTime) -> Text {
    if at.second() == 0 {
        return moment(at);
    }
    let (Text { vi, en }, time) = (day(at.date()), at.format("%H:%M:%S"));
    text!(vi: "{time} ngày {vi}", en: "{en} {time}")
}

/// A moment after `now`: `lúc 13:30`, with its day unless that is today.
pub fn later(now: NaiveDateTime, at: NaiveDateTime) -> Text {
    let (time, Text { vi, en }) = (at.format("%H:%M"), day(at.date()));
    if now.date() == at.date() {
        text!(vi: "lúc {time}", en: "at {time}")
    } else {
        text!(vi: "lúc {time} ngày {vi}", en: "at {time} on {en}")
    }
}

/// The begin of a window: the day alone if the moment is midnight.
pub fn begin(at: NaiveDateTime) -> Text {
    if at.time() == NaiveTime::MIN { day(at.date()) } else { moment(at) }
}

/// The end of a window: the last day if the moment is midnight.
pub fn end(at: NaiveDateTime) -> Text {
    match at.date().checked_sub_days(Days::new(1)) {
        Some(last) if at.time() == NaiveTime::MIN => {
            let Text { vi, en } = day(last);
            text!(vi: "hết {vi}", en: "end of {en}")
        }
        _ => moment(at),
    }
}

/// A window from begin to end.
pub fn between(from: &Text, until: &Text) -> Text {
    let (Text { vi, en }, Text { vi: until_vi, en: until_en }) = (from, until);
    text!(vi: "từ {vi} đến {until_vi}", en: "{en} – {until_en}")
}

/// Why a text that looks like a day, a month or a moment is none: no calendar has the day, no clock shows the time, or it is written in another
/// form, with how to write it. `None`: it looks like none of these.
pub fn mistyped(text: &str) -> Option<Text> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    if let Some(written) = Some(text).filter(|_| shape.starts_with("0000-00-00")).and_then(with_clock) {
        return Some(text!(
            vi: "viết {written}: chữ T giữa ngày và giờ, giờ viết đủ hai chữ số, dấu hai chấm trước phút",
            en: "write {written}: T between day and time, hours with two digits, a colon before the minutes"
        ));
    }
    let spaced = |(day, _): &(&str, &str)| shape.starts_with("0000-00-00 0") && NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    if let Some((day, time)) = text.split_once(' ').filter(spaced) {
        let time = time.trim_start();
        return Some(
            text!(vi: "viết chữ T giữa ngày và giờ, không có dấu cách: {day}T{time}", en: "write T between day and time, without a blank: {day}T{time}"),
        );
    }
    if shape.starts_with("0000-00-00") {
        let (day, rest) = text.split_at(10);
        return match NaiveDate::parse_from_str(day, "%Y-%m-%d") {
            Err(_) => Some(text!(vi: "không có ngày {day}", en: "the day {day} does not exist")),
            Ok(_) => rest.strip_prefix('T').and_then(no_such_time),
        };
    }
    if shape == "0000-00" {
        return Month::parse(text).is_none().then(|| text!(vi: "không có tháng {text}", en: "the month {text} does not exist"));
    }
    let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
    if parts.iter().any(|part| part.is_empty() || part.len() > 4 || !part.bytes().all(|c| c.is_ascii_digit())) {
        return None;
    }
    let (written, what_vi, what_en) = match *parts.as_slice() {
        [day, month, year] if year.len() == 4 => (format!("{year}-{month:0>2}-{day:0>2}"), "ngày", "day"),
        [year, month, day] if year.len() == 4 => (format!("{year}-{month:0>2}-{day:0>2}"), "ngày", "day"),
        [month, year] if year.len() == 4 => (format!("{year}-{month:0>2}"), "tháng", "month"),
        [year, month] if year.len() == 4 => (format!("{year}-{month:0>2}"), "tháng", "month"),
        _ => return None,
    };
    let exists = if what_en == "day" { NaiveDate::parse_from_str(&written, "%Y-%m-%d").is_ok() } else { Month::parse(&written).is_some() };
    Some(if exists {
        text!(vi: "viết {what_vi} theo dạng {written}", en: "write the {what_en} as {written}")
    } else {
        text!(vi: "không có {what_vi} {text}", en: "the {what_en} {text} does not exist")
    })
}

/// A day with a time of day that is written in another form, as a moment is written.
fn with_clock(text: &str) -> Option<String> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', ' '])?.trim_start();
    let (time, offset) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
    let written = clock(time).filter(|written| written != time)?;
    NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok().then(|| format!("{day}T{written}{offset}"))
}

/// A time of day that people write as `8:30`, `8h30`, `8h` or `08:30:15`, in the form of the last. `None`: no clock shows it.
pub fn clock(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.trim().split([':', 'h', 'g']).collect();
    let number = |part: &str, most: u8| {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit());
        part.parse().ok().filter(|number: &u8| digits && *number <= most)
    };
    let minutes = |part: &str| number(part, 59).filter(|_| part.len() == 2);
    match *parts.as_slice() {
        [hour, ""] if !text.contains(':') => Some(format!("{:02}:00", number(hour, 23)?)),
        [hour, minute] => Some(format!("{:02}:{:02}", number(hour, 23)?, minutes(minute)?)),
        [hour, minute, second] => Some(format!("{:02}:{:02}:{:02}", number(hour, 23)?, minutes(minute)?, minutes(second)?)),
        _ => None,
    }
}

/// A time of day that no clock shows.
fn no_such_time(text: &str) -> Option<Text> {
    let time = text.split(['Z', '+', '-']).next().unwrap_or_default();
    let parts: Vec<&str> = time.split(':').collect();
    let typed = (2..=3).contains(&parts.len()) && parts.iter().all(|part| part.len() == 2 && part.bytes().all(|c| c.is_ascii_digit()));
    let over = |part: &&str, most: u32| part.parse::<u32>().is_ok_and(|number| number > most);
    let wrong = typed && (over(&parts[0], 23) || parts[1..].iter().any(|part| over(part, 59)));
    wrong.then(|| {
        text!(vi: "không có giờ {time}: giờ từ 00 đến 23, phút và giây từ 00 đến 59", en: "the time {time} does not exist: hours end at 23, minutes and seconds at 59")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_mistyped_is_told_by_what_is_wrong_with_it() {
        for (text, en) in [
            ("2026-12-03 10:15", "write T between day and time, without a blank: 2026-12-03T10:15"),
            ("2026-12-03 8:30", "write 2026-12-03T08:30: T between day and time, hours with two digits, a colon before the minutes"),
            (
                "2026-12-03T8h30+07:00",
                "write 2026-12-03T08:30+07:00: T between day and time, hours with two digits, a colon before the minutes",
            ),
            ("2026-12-03 8h", "write 2026-12-03T08:00: T between day and time, hours with two digits, a colon before the minutes"),
            ("2026-02-30 8:30", "the day 2026-02-30 does not exist"),
            ("2026-02-30", "the day 2026-02-30 does not exist"),
            ("2026-02-30T10:15", "the day 2026-02-30 does not exist"),
            ("2026-12-03T25:00", "the time 25:00 does not exist: hours end at 23, minutes and seconds at 59"),
            ("2026-12-03T10:15:60+07:00", "the time 10:15:60 does not exist: hours end at 23, minutes and seconds at 59"),
            ("03/12/2026", "write the day as 2026-12-03"),
            ("3.12.2026", "write the day as 2026-12-03"),
            ("2026-12-3", "write the day as 2026-12-03"),
            ("31/02/2026", "the day 31/02/2026 does not exist"),
            ("12/2026", "write the month as 2026-12"),
            ("2026-1", "write the month as 2026-01"),
            ("2026-13", "the month 2026-13 does not exist"),
        ] {
            assert_eq!(mistyped(text).map(|text| text.en).as_deref(), Some(en), "{text}");
        }
        for text in
            ["", "now", "tomorrow", "2026", "2026-12-03T", "2026-12-03T10", "2026-12-03T1:5", "2026-12", "2026-12-03", "1/2", "a/b/2026"]
        {
            assert_eq!(mistyped(text), None, "{text}");
        }
    }

    #[test]
    fn each_language_has_its_own_form() {
        let both = |text: Text| (text.vi, text.en);
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        let pair = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        assert_eq!(both(month(Month { year: 2026, month: 2 })), pair("tháng 02/2026", "2026-02"));
        assert_eq!(both(month_in_words(Month { year: 2027, month: 1 })), pair("tháng 1 năm 2027", "January 2027"));
        assert_eq!(both(moment(at("2026-12-03 09:05"))), pair("09:05 ngày 03/12/2026", "2026-12-03 09:05"));
        let noon = at("2026-12-03 12:00");
        assert_eq!(both(later(noon, at("2026-12-03 13:30"))), pair("lúc 13:30", "at 13:30"));
        assert_eq!(both(later(noon, at("2026-12-04 07:30"))), pair("lúc 07:30 ngày 04/12/2026", "at 07:30 on 2026-12-04"));
        assert_eq!(both(begin(at("2026-12-01 00:00"))), pair("01/12/2026", "2026-12-01"));
        assert_eq!(both(end(at("2027-01-01 00:00"))), pair("hết 31/12/2026", "end of 2026-12-31"));
        assert_eq!(both(end(at("2027-01-01 05:00"))), pair("05:00 ngày 01/01/2027", "2027-01-01 05:00"));
    }
}
