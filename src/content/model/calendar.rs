//! `calendar/<year>.yaml` → the days that differ.
//! Never knows opening hours.

use chrono::{Datelike as _, NaiveDate};

use super::agencies::order;
use super::settings::names;
use super::values::{Calendar, SpecialDay};
use super::written::{At, CalendarFile, DayFile, Faults, Written as _};
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, Place};
use crate::base::text::Text;
use crate::content::source::text::Span;
use crate::content::source::{Tree, yaml};
use crate::text;

/// Reads all years.
pub fn read(tree: &Tree, faults: &mut Vec<Diagnostic>) -> Calendar {
    let mut calendar = Calendar::default();
    for (path, file) in tree.texts.range("calendar/".to_owned()..).take_while(|(path, _)| path.starts_with("calendar/")) {
        let stem = path["calendar/".len()..].strip_suffix(".yaml");
        let year = stem.filter(|stem| stem.len() == 4).and_then(|stem| stem.parse::<i32>().ok()).filter(|year| *year >= 1970);
        let mut found = Faults::new(file);
        match year {
            None => found.list.push(Diagnostic::error(
                "file-place",
                file.whole(),
                text!(vi: "tệp lịch phải mang tên năm", en: "a calendar file is named after its year"),
                text!(vi: "đặt tên như calendar/2026.yaml", en: "name it like calendar/2026.yaml"),
            )),
            Some(year) => {
                calendar.years.push(year);
                let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| CalendarFile::read(&node, &mut found));
                for day in written.iter().flat_map(|file| &file.days).flat_map(|list| &list.value) {
                    add(day, year, &mut calendar, &mut found);
                }
            }
        }
        faults.append(&mut found.list);
    }
    if calendar.years.is_empty() {
        faults.push(Diagnostic::error(
            "file-missing",
            Place::file("calendar"),
            text!(vi: "chưa có lịch của năm nào", en: "there is no calendar of any year"),
            text!(vi: "tạo calendar/<năm>.yaml với các ngày nghỉ lễ", en: "make calendar/<year>.yaml with the public holidays"),
        ));
    }
    calendar
}

fn add(written: &At<DayFile>, year: i32, calendar: &mut Calendar, faults: &mut Faults<'_>) {
    let day = &written.value;
    order(day.from.as_ref(), day.until.as_ref(), faults);
    let has = |key: &str| day.given.iter().any(|(given, _)| *given == key);
    if has("date") == has("from") || has("from") != has("until") {
        faults.error(
            "day-form",
            written.span,
            text!(vi: "một mục cần date, hoặc cả from và until", en: "an item needs date, or both from and until"),
            text!(vi: "viết date: 2026-09-02, hoặc from: … và until: …", en: "write date: 2026-09-02, or from: … and until: …"),
        );
        return;
    }
    let (Some(first), Some(last)) = (day.date.as_ref().or(day.from.as_ref()), day.date.as_ref().or(day.until.as_ref())) else { return };
    let Some(kind) = &day.kind else { return };
    for end in [first, last] {
        if end.value.year() != year {
            other_year(end.value, year, end.span, faults);
            return;
        }
    }
    for date in first.value.iter_days().take_while(|date| *date <= last.value) {
        let special = SpecialDay { kind: kind.value, name: names(day.name.as_ref()) };
        if calendar.days.insert(date, special).is_some() {
            let Text { vi, en } = dates::day(date);
            faults.error(
                "day-twice",
                first.span,
                text!(vi: "ngày {vi} đã có trong lịch", en: "{en} is already in the calendar"),
                text!(vi: "giữ lại một mục cho mỗi ngày", en: "keep one item for each day"),
            );
            return;
        }
    }
}

fn other_year(date: NaiveDate, year: i32, span: Span, faults: &mut Faults<'_>) {
    let (wanted, Text { vi, en }) = (date.year(), dates::day(date));
    faults.error(
        "day-year",
        span,
        text!(vi: "ngày {vi} không thuộc năm {year}", en: "{en} is not in {year}"),
        text!(vi: "chuyển sang calendar/{wanted}.yaml hoặc sửa năm", en: "move it to calendar/{wanted}.yaml or correct the year"),
    );
}
