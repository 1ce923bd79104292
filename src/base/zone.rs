//! IANA time zones from the built-in database: a machine's own database must not decide what a screen shows.
//! Never parses times and never reads a clock.

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use tz::TimeZoneRef;

use super::dates;
use super::text::Text;
use super::times::Timestamp;

/// Rules must reach the year 10000, because months have years of four digits.
const LAST_SECOND: i64 = 253_402_300_800;

/// A time zone of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(&'static TimeZoneRef<'static>);

impl TimeZone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(&tzdb_data::time_zone::UTC);

    /// The zone of this name in IANA's spelling. `None` if the database has no such zone, or no rules for the far future.
    pub fn parse(name: &str) -> Option<Self> {
        let exact = tzdb_data::TZ_NAMES.contains(&name);
        let rules = tzdb_data::find_tz(name.as_bytes()).filter(|_| exact)?;
        rules.find_local_time_type(LAST_SECOND).is_ok().then_some(Self(rules))
    }

    /// Seconds east of UTC at a Unix second. Covers every year that a month can have; returns 0 for others.
    pub fn utc_offset(self, second: i64) -> i32 {
        self.0.find_local_time_type(second).map_or(0, tz::LocalTimeType::ut_offset)
    }

    /// A moment as people of this zone read it: `10:15 ngày 03/12/2026`.
    pub fn moment(self, instant: Timestamp) -> Text {
        dates::moment(self.to_local(instant.0))
    }

    /// The day of a moment as people of this zone read it: `03/12/2026`. Says so where it is a day of UTC, which begins at another moment.
    pub fn day(self, instant: Timestamp) -> Text {
        let Text { vi, en } = dates::day(self.to_local(instant.0).date());
        let utc = if self == Self::UTC { " (UTC)" } else { "" };
        crate::text!(vi: "{vi}{utc}", en: "{en}{utc}")
    }

    /// A window as people of this zone read it: `từ 01/12/2026 đến hết 31/12/2026`.
    pub fn window(self, from: i64, until: i64) -> Text {
        dates::between(&dates::begin(self.to_local(from)), &dates::end(self.to_local(until)))
    }

    /// The day before that of an instant.
    pub fn yesterday(self, now: Timestamp) -> Option<NaiveDate> {
        self.to_local(now.0).date().pred_opt()
    }

    /// The local time at a Unix second.
    pub fn to_local(self, second: i64) -> NaiveDateTime {
        DateTime::from_timestamp(second.saturating_add(self.utc_offset(second).into()), 0).unwrap_or_default().naive_utc()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_database_is_found_by_its_own_spelling_only() {
        for name in tzdb_data::TZ_NAMES {
            assert!(TimeZone::parse(name).is_some(), "{name}");
        }
        for name in ["asia/ho_chi_minh", "Asia/Hanoi", "", "UTC+7", " UTC"] {
            assert!(TimeZone::parse(name).is_none(), "{name}");
        }
    }

    #[test]
    fn offsets_follow_the_rules_beyond_the_last_change_on_record() {
        let zone = |name| TimeZone::parse(name).unwrap();
        assert_eq!(zone("Asia/Ho_Chi_Minh").utc_offset(1_796_122_800), 25_200);
        // Before 1975-06-13 the clocks of Sài Gòn stood at UTC+8.
        assert_eq!(zone("Asia/Ho_Chi_Minh").utc_offset(0), 28_800);
        // July and January of 2099.
        assert_eq!(zone("Europe/Berlin").utc_offset(4_087_065_600), 7_200);
        assert_eq!(zone("Europe/Berlin").utc_offset(4_071_168_000), 3_600);
        assert_eq!(TimeZone::UTC.utc_offset(4_087_065_600), 0);
        assert_eq!(zone("Asia/Ho_Chi_Minh").to_local(1_796_122_800).to_string(), "2026-12-01 18:00:00");
        let midnight = Timestamp(1_796_230_800);
        assert_eq!(zone("Asia/Ho_Chi_Minh").day(midnight).vi, "03/12/2026");
        assert_eq!(TimeZone::UTC.day(midnight).en, "2026-12-02 (UTC)");
        assert_eq!(zone("Asia/Ho_Chi_Minh").moment(Timestamp(1_796_122_800)).vi, "18:00 ngày 01/12/2026");
    }
}
