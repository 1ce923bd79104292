//! Days, months and moments as people of each language write them.
//! Never knows a time zone: values are already local. Forms that machines read are in `times`.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

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
        Weekday::Sun => ("Chủ nhật", "Sunday"),
    };
    text!(vi: "{vi}", en: "{en}")
}

/// A month: `tháng 02/2026`, in English `2026-02`.
pub fn month(month: Month) -> Text {
    let (year, number) = (month.year, month.month);
    text!(vi: "tháng {number:02}/{year}", en: "{month}")
}

/// A moment: `10:15 ngày 03/12/2026`, in English `2026-12-03 10:15`.
pub fn moment(at: NaiveDateTime) -> Text {
    let (Text { vi, en }, time) = (day(at.date()), at.format("%H:%M"));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_form() {
        let both = |text: Text| (text.vi, text.en);
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        let pair = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
        assert_eq!(both(month(Month { year: 2026, month: 2 })), pair("tháng 02/2026", "2026-02"));
        assert_eq!(both(moment(at("2026-12-03 09:05"))), pair("09:05 ngày 03/12/2026", "2026-12-03 09:05"));
        let noon = at("2026-12-03 12:00");
        assert_eq!(both(later(noon, at("2026-12-03 13:30"))), pair("lúc 13:30", "at 13:30"));
        assert_eq!(both(later(noon, at("2026-12-04 07:30"))), pair("lúc 07:30 ngày 04/12/2026", "at 07:30 on 2026-12-04"));
        assert_eq!(both(begin(at("2026-12-01 00:00"))), pair("01/12/2026", "2026-12-01"));
        assert_eq!(both(end(at("2027-01-01 00:00"))), pair("hết 31/12/2026", "end of 2026-12-31"));
        assert_eq!(both(end(at("2027-01-01 05:00"))), pair("05:00 ngày 01/01/2027", "2027-01-01 05:00"));
    }
}
