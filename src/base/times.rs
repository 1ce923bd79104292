//! Months and instants as the formats write them.
//! Never knows a time zone and never reads a clock.

use std::fmt;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, NaiveDateTime, Utc};

/// A calendar month, written `2026-12`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// 1970 to 9999.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    /// Reads exactly `YYYY-MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let month = Self::containing(NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").ok()?);
        ((1970..=9999).contains(&month.year) && month.to_string() == text).then_some(month)
    }

    /// The following month.
    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 { Self { year: self.year + 1, month: 1 } } else { Self { month: self.month + 1, ..self } }
    }

    /// The first day of the month.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default()
    }

    /// The month that holds a day.
    pub fn containing(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

crate::as_text!(Month, "a month is written YYYY-MM");

/// An instant in signed documents, in whole seconds of UTC, written `2026-12-03T02:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const INSTANT: &str = "%Y-%m-%dT%H:%M:%SZ";

impl Timestamp {
    /// Reads exactly `YYYY-MM-DDTHH:MM:SSZ`.
    pub fn parse(text: &str) -> Option<Self> {
        let time = NaiveDateTime::parse_from_str(text, INSTANT).ok()?.and_utc();
        let instant = Self(time.timestamp());
        (instant.to_string() == text).then_some(instant)
    }

    /// The instant as many calendar months later, at the same time of day.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Self {
        Self(self.utc().checked_add_months(Months::new(months)).map_or(i64::MAX, |later| later.timestamp()))
    }

    /// The same instant as a date and time of UTC.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.utc().format(INSTANT))
    }
}

crate::as_text!(Timestamp, "a time is written YYYY-MM-DDTHH:MM:SSZ");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_form_is_read() {
        assert_eq!(Timestamp::parse("2026-12-03T02:00:00Z").map(|i| i.0), Some(1_796_263_200));
        for text in ["2026-12-03T02:00:00", "2026-12-03 02:00:00Z", "2026-12-3T02:00:00Z", "2026-12-03T02:00:60Z", "2026-02-30T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        assert_eq!(Month::parse("2026-12").unwrap().next().to_string(), "2027-01");
        for text in ["2026-13", "2026-1", "26-01", "2026-00", "+026-01"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
