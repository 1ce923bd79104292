//! Moments as people type them: local time of the content, or with an offset.
//! Never asks a clock: the command passes the present moment.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};

use super::local_time;
use crate::base::failure::Failure;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;

/// Reads `2026-12-03`, `2026-12-03T10:15` (local, of the content's zone), `2026-12-03T10:15+07:00`, or `now`, which is `present`. Refuses a
/// local time that a change of the clocks skips.
pub fn parse(text: &str, zone: TimeZone, present: Timestamp) -> Result<Timestamp, Failure> {
    if text == "now" {
        return Ok(present);
    }
    let with_offset = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
    if let Ok(time) = with_offset {
        return Ok(Timestamp(time.timestamp()));
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN));
    let minute = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
    let second = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S");
    // No leap seconds: the timetable has none.
    let local = day.or_else(|_| minute()).or_else(|_| second()).ok().filter(|local| local.nanosecond() < 1_000_000_000);
    let shown = printable(text);
    let local = local.ok_or_else(|| {
        Failure::Usage(crate::text!(
            vi: "“{shown}” không phải thời điểm; viết now, 2026-12-03T10:15 hoặc 2026-12-03T10:15+07:00",
            en: "“{shown}” is not a moment; write now, 2026-12-03T10:15 or 2026-12-03T10:15+07:00"
        ))
    })?;
    let second = local_time::to_unix_second(zone, local);
    let found = zone.to_local(second);
    if found == local {
        return Ok(Timestamp(second));
    }
    let found = found.format("%H:%M");
    Err(Failure::Usage(crate::text!(
        vi: "{shown} không có trong ngày đó: đồng hồ được vặn lên thẳng {found}; viết {found} hoặc thêm múi giờ, dạng +07:00",
        en: "{shown} does not exist on that day: the clocks go forward to {found}; write {found}, or add an offset such as +07:00"
    )))
}

/// As [`parse`], for a moment that must be after `present`.
pub fn parse_later(text: &str, zone: TimeZone, present: Timestamp) -> Result<Timestamp, Failure> {
    let found = parse(text, zone, present)?;
    if found > present {
        return Ok(found);
    }
    let (shown, Text { vi, en }) = (printable(text), zone.moment(present));
    Err(Failure::Usage(crate::text!(
        vi: "{shown} đã qua (bây giờ là {vi}); viết một thời điểm về sau",
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
        for text in
            ["2026-12-03T10:15", "2026-12-03T10:15:00", "2026-12-03T03:15:00Z", "2026-12-03T10:15:00+07:00", "2026-12-03T10:15+07:00"]
        {
            assert_eq!(parse(text, zone, now).ok(), want, "{text}");
        }
        assert_eq!(parse("2026-12-03", zone, now).ok(), Timestamp::parse("2026-12-02T17:00:00Z"));
        assert_eq!(parse("now", zone, now).ok(), Some(now));
        assert!(
            parse("3/12/2026", zone, now).is_err()
                && parse("2026-12-03T23:59:60", zone, now).is_err_and(|failure| failure.exit_code() == 2)
        );
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_refused_with_the_time_that_follows() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        let Err(Failure::Usage(said)) = parse("2026-03-29T02:30", berlin, Timestamp(0)) else { panic!("it was taken") };
        assert!(said.en.contains("forward to 03:00") && said.vi.contains("thẳng 03:00"), "{said:?}");
        assert!(parse("2026-03-29T02:30+01:00", berlin, Timestamp(0)).is_ok());
        assert!(parse("2026-10-25T02:30", berlin, Timestamp(0)).is_ok(), "it occurs twice");
    }
}
