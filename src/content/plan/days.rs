//! Which days a program is planned from, what kind each is, and when its windows are. Pure.
//! Never knows an entry or a slide.

use chrono::{Datelike as _, NaiveDate, Weekday};

use super::interval::{self, TimeInterval};
use super::local_time;
use crate::base::times::Month;
use crate::base::zone::TimeZone;
use crate::content::model::values::{Calendar, DayKind, DaySelector, OpeningHours, PlaylistEntry, TimeWindow};

/// Seconds of the local week.
pub const WEEK: i64 = 7 * 86_400;
const DAY: i64 = 86_400;

/// One day whose windows may reach into the program.
#[derive(Clone, Debug)]
pub struct PlannedDay {
    /// `None` in the evergreen week.
    pub date: Option<NaiveDate>,
    /// By the calendar.
    pub weekday: Weekday,
    pub kind: DayKind,
    /// The second of its midnight.
    midnight: i64,
    /// True if no change of offset is near, so that minutes can be added.
    constant_offset: bool,
}

/// The time that a program covers, `[from, until)` in its own seconds, and the days that it is planned from.
#[derive(Clone, Debug)]
pub struct PlanningPeriod {
    /// `None` in the evergreen week, which is already local.
    zone: Option<TimeZone>,
    /// In order; a month begins with the last day of the month before, whose night may reach in.
    pub days: Vec<PlannedDay>,
    pub from: i64,
    pub until: i64,
}

impl PlanningPeriod {
    /// A calendar month.
    pub fn month(zone: TimeZone, calendar: &Calendar, month: Month) -> Self {
        let (from, until) =
            (local_time::midnight_second(zone, month.first_day()), local_time::midnight_second(zone, month.next().first_day()));
        let eve = month.first_day().pred_opt().unwrap_or_default();
        let dates = eve.iter_days().take_while(|date| *date < month.next().first_day());
        let jumps = local_time::offset_changes(zone, from - 4 * DAY, until + 4 * DAY);
        let days = dates.map(|date| {
            let midnight = local_time::midnight_second(zone, date);
            let even = !jumps.iter().any(|(second, _)| (midnight - 2 * DAY..midnight + 4 * DAY).contains(second));
            PlannedDay { date: Some(date), weekday: date.weekday(), kind: kind(calendar, date), midnight, constant_offset: even }
        });
        Self { zone: Some(zone), days: days.collect(), from, until }
    }

    /// The evergreen week: plain days, Monday first.
    pub fn week() -> Self {
        let mut weekday = Weekday::Mon;
        let days = (0..7).map(|number| {
            let day = PlannedDay { date: None, weekday, kind: by_weekday(weekday), midnight: number * DAY, constant_offset: true };
            weekday = weekday.succ();
            day
        });
        Self { zone: None, days: days.collect(), from: 0, until: WEEK }
    }

    /// The part of a day's window inside the program; for Sunday's night in the week, also the part at the week's start.
    fn clipped_window(&self, day: &PlannedDay, window: TimeWindow) -> impl Iterator<Item = TimeInterval> + use<> {
        let second = |minute: u32| match (self.zone, day.date) {
            (Some(zone), Some(date)) if !day.constant_offset => local_time::second_after_midnight(zone, date, minute),
            _ => day.midnight + i64::from(minute) * 60,
        };
        let (start, end) = (second(window.start), second(window.end));
        let wrapped = if self.zone.is_none() { Some((start - WEEK, end - WEEK)) } else { None };
        let (from, until) = (self.from, self.until);
        let cut = move |(start, end): TimeInterval| (start.max(from), end.min(until));
        std::iter::once((start, end)).chain(wrapped).map(cut).filter(|(start, end)| start < end)
    }

    /// The windows of the days that fit, as sorted, disjoint stretches.
    pub fn intervals<'a>(
        &self,
        fits: impl Fn(&PlannedDay) -> bool,
        windows: impl Fn(&PlannedDay) -> &'a [TimeWindow],
    ) -> Vec<TimeInterval> {
        let fitting = self.days.iter().filter(|day| fits(day));
        interval::union(fitting.flat_map(|day| windows(day).iter().flat_map(|window| self.clipped_window(day, *window))).collect())
    }

    /// The day and the opening window that hold a second; outside opening hours the calendar day, without a window.
    pub fn window_at<'a>(&self, hours: &'a OpeningHours, second: i64) -> Option<(&PlannedDay, Option<&'a TimeWindow>)> {
        let holds =
            |day: &PlannedDay, window: &TimeWindow| self.clipped_window(day, *window).any(|(start, end)| start <= second && second < end);
        let open = self
            .days
            .iter()
            .find_map(|day| opening_windows(hours, day.kind).iter().find(|window| holds(day, window)).map(|window| (day, Some(window))));
        open.or_else(|| self.day_at(second).map(|day| (day, None)))
    }

    /// The day of a second.
    pub fn day_at(&self, second: i64) -> Option<&PlannedDay> {
        self.days.iter().rfind(|day| day.midnight <= second)
    }
}

/// The opening windows of a kind of day.
pub fn opening_windows(hours: &OpeningHours, kind: DayKind) -> &[TimeWindow] {
    match kind {
        DayKind::Workday => &hours.workday,
        DayKind::Weekend => &hours.weekend,
        DayKind::Holiday => &hours.holiday,
        DayKind::Makeup => hours.makeup.as_ref().unwrap_or(&hours.workday),
    }
}

/// Whether a day fits an entry's `days`, `from` and `until`.
pub fn entry_fits_day(entry: &PlaylistEntry, day: &PlannedDay) -> bool {
    let selected = |selector: &DaySelector| match selector {
        DaySelector::Weekday(weekday) => *weekday == day.weekday,
        DaySelector::Kind(DayKind::Workday) => matches!(day.kind, DayKind::Workday | DayKind::Makeup),
        DaySelector::Kind(kind) => *kind == day.kind,
    };
    (entry.days.is_empty() || entry.days.iter().any(selected))
        && day.date.is_none_or(|date| entry.from.is_none_or(|from| from <= date) && entry.until.is_none_or(|until| date <= until))
}

fn kind(calendar: &Calendar, date: NaiveDate) -> DayKind {
    calendar.days.get(&date).map_or_else(|| by_weekday(date.weekday()), |day| day.kind)
}

fn by_weekday(weekday: Weekday) -> DayKind {
    if matches!(weekday, Weekday::Sat | Weekday::Sun) { DayKind::Weekend } else { DayKind::Workday }
}
