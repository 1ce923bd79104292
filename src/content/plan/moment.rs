//! Moments as people type them: local time of the content, or with an offset.
//! Never asks a clock.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::local_time;
use crate::base::failure::Failure;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;

/// Reads `2026-12-03`, `2026-12-03T10:15` (local, of the content's zone) or `2026-12-03T10:15:00+07:00`.
pub fn parse(text: &str, zone: TimeZone) -> Result<Timestamp, Failure> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Timestamp(time.timestamp()));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    let minute = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let second = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    let local = day.or_else(|_| minute()).or_else(|_| second()).ok();
    local.map(|local| Timestamp(local_time::to_unix_second(zone, local))).ok_or_else(|| {
        Failure::Usage(crate::text!(
            vi: "“{text}” không phải thời điểm; viết 2026-12-03T10:15 hoặc 2026-12-03T10:15:00+07:00",
            en: "“{text}” is not a moment; write 2026-12-03T10:15 or 2026-12-03T10:15:00+07:00"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_local_unless_they_say_otherwise() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let want = Timestamp::parse("2026-12-03T03:15:00Z");
        for text in ["2026-12-03T10:15", "2026-12-03T10:15:00", "2026-12-03T03:15:00Z", "2026-12-03T10:15:00+07:00"] {
            assert_eq!(parse(text, zone).ok(), want, "{text}");
        }
        assert_eq!(parse("2026-12-03", zone).ok(), Timestamp::parse("2026-12-02T17:00:00Z"));
        assert!(parse("3/12/2026", zone).is_err());
    }
}
