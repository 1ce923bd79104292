//! Converts local time to Unix seconds and lists changes of offset. A local time that occurs twice means the first; one that a jump
//! skips means the moment of the jump. Never knows a month or a window.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::base::zone::TimeZone;

/// Seconds within which no zone changes its offset twice.
const STRIDE: i64 = 6 * 3_600;
const DAY: i64 = 86_400;

/// Every change of offset after `from` and before `until`: the first second of the new offset, and the new offset.
pub fn offset_changes(zone: TimeZone, from: i64, until: i64) -> Vec<(i64, i32)> {
    let mut found = Vec::new();
    let (mut at, mut holds) = (from, zone.utc_offset(from));
    while at < until {
        let ahead = (at + STRIDE).min(until);
        if zone.utc_offset(ahead) == holds {
            at = ahead;
        } else {
            let (mut before, mut after) = (at, ahead);
            while after - before > 1 {
                let middle = before.midpoint(after);
                if zone.utc_offset(middle) == holds { before = middle } else { after = middle }
            }
            holds = zone.utc_offset(after);
            if after < until {
                found.push((after, holds));
            }
            at = after;
        }
    }
    found
}

/// `[from, offset]`, then every change before `until`: the form of a manifest.
pub fn manifest_offsets(zone: TimeZone, from: i64, until: i64) -> Vec<(i64, i32)> {
    let mut out = vec![(from, zone.utc_offset(from))];
    out.extend(offset_changes(zone, from, until));
    out
}

/// The Unix second of a local time.
pub fn to_unix_second(zone: TimeZone, local: NaiveDateTime) -> i64 {
    let local_second = local.and_utc().timestamp();
    let (from, until) = (local_second - 2 * DAY, local_second + 2 * DAY);
    let (mut begins, mut holds) = (from, zone.utc_offset(from));
    for (second, next) in offset_changes(zone, from, until) {
        let found = local_second - i64::from(holds);
        if found < second {
            // A time before this offset began is in the gap that the change made.
            return found.max(begins);
        }
        (begins, holds) = (second, next);
    }
    (local_second - i64::from(holds)).max(begins)
}

/// The Unix second of a local midnight.
pub fn midnight_second(zone: TimeZone, day: NaiveDate) -> i64 {
    to_unix_second(zone, day.and_time(chrono::NaiveTime::MIN))
}

/// The Unix second of a local time, `minute` minutes from a day's midnight with 24 hours a day; it may be on a later day.
pub fn second_after_midnight(zone: TimeZone, day: NaiveDate, minute: u32) -> i64 {
    to_unix_second(zone, day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(i64::from(minute)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: TimeZone, text: &str) -> i64 {
        to_unix_second(zone, text.parse().unwrap())
    }

    #[test]
    fn a_gap_is_the_jump_and_a_repeated_hour_its_first() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        // 2026-03-29 02:00 CET = 01:00Z: the clock jumps to 03:00.
        assert_eq!(at(berlin, "2026-03-29T02:00:00"), 1_774_746_000);
        assert_eq!(at(berlin, "2026-03-29T02:59:00"), 1_774_746_000);
        assert_eq!(at(berlin, "2026-03-29T03:00:00"), 1_774_746_000);
        // 2026-10-25 02:30 is first at 00:30Z.
        assert_eq!(at(berlin, "2026-10-25T02:30:00"), 1_792_888_200);
        // Samoa had no 30 December 2011: the day is the moment 2011-12-30T10:00Z.
        assert_eq!(at(TimeZone::parse("Pacific/Apia").unwrap(), "2011-12-30T12:00:00"), 1_325_239_200);
    }
}
