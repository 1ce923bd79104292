//! Reads `calendar/<year>.yaml`: the days that differ from their weekday.
//! Never knows opening hours.

use chrono::{Datelike as _, NaiveDate};

use super::agencies::check_date_order;
use super::settings::localized_names;
use super::values::{Calendar, SpecialDay};
use super::written::{CalendarFile, DayFile, FileFaults, FromYaml as _, Spanned};
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::text::Text;
use crate::content::source::text::TextSpan;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// Reads the calendars of all years.
pub fn read(tree: &ContentTree, faults: &mut Vec<Diagnostic>) -> Calendar {
    let mut calendar = Calendar::default();
    for (path, file) in tree.texts.range("calendar/".to_owned()..).take_while(|(path, _)| path.starts_with("calendar/")) {
        let stem = path["calendar/".len()..].strip_suffix(".yaml");
        let year = stem.filter(|stem| stem.len() == 4).and_then(|stem| stem.parse::<i32>().ok()).filter(|year| *year >= 1970);
        let mut found = FileFaults::new(file);
        match year {
            None => found.list.push(Diagnostic::error(
                "file-place",
                file.file_location(),
                text!(vi: "tệp lịch phải mang tên năm", en: "a calendar file is named after its year"),
                text!(vi: "đặt tên như calendar/2026.yaml", en: "name it like calendar/2026.yaml"),
            )),
            Some(year) => {
                calendar.years.push(year);
                let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| CalendarFile::read(&node, &mut found));
                for day in written.iter().flat_map(|file| &file.days).flat_map(|list| &list.value) {
                    add_day(day, year, &mut calendar, &mut found);
                }
            }
        }
        faults.append(&mut found.list);
    }
    // A file with a fault of its own is there all the same.
    if !tree.texts.keys().chain(&tree.unreadable).any(|path| path.starts_with("calendar/")) {
        faults.push(Diagnostic::error(
            "file-missing",
            SourceLocation::file("calendar"),
            text!(vi: "chưa có lịch của năm nào", en: "there is no calendar of any year"),
            text!(
                vi: "tạo calendar/<năm>.yaml với các ngày nghỉ lễ, ít nhất là: days: []",
                en: "make calendar/<year>.yaml with the public holidays, at least: days: []"
            ),
        ));
    }
    calendar
}

fn add_day(written: &Spanned<DayFile>, year: i32, calendar: &mut Calendar, faults: &mut FileFaults<'_>) {
    let day = &written.value;
    check_date_order(day.from.as_ref(), day.until.as_ref(), faults);
    if day.has("date") == day.has("from") || day.has("from") != day.has("until") {
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
            report_other_year(end.value, year, end.span, faults);
            return;
        }
    }
    for date in first.value.iter_days().take_while(|date| *date <= last.value) {
        let special = SpecialDay { kind: kind.value, name: localized_names(day.name.as_ref()) };
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

fn report_other_year(date: NaiveDate, year: i32, span: TextSpan, faults: &mut FileFaults<'_>) {
    let (own_year, Text { vi, en }) = (date.year(), dates::day(date));
    faults.error(
        "day-year",
        span,
        text!(vi: "ngày {vi} không thuộc năm {year}", en: "{en} is not in {year}"),
        text!(vi: "chuyển sang calendar/{own_year}.yaml hoặc sửa năm", en: "move it to calendar/{own_year}.yaml or correct the year"),
    );
}
