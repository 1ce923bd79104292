//! The differences between two programs in words, both languages.
//! Never compares: `program::changes` does.

use chrono_tz::Tz;
use serde::Serialize;
use serde_json::Value;

use super::moment;
use crate::base::terms::Kind;
use crate::base::text::Text;
use crate::base::times::Instant;
use crate::program::changes::{Change, Changes, Field, FileChange, ScreenChange, SlideChange};
use crate::text;

/// Lines about one part of a program.
#[derive(Clone, Debug, Serialize)]
pub struct Part {
    /// What they are about.
    pub heading: Text,
    /// At least one.
    pub lines: Vec<Text>,
}

/// What changed, part by part; parts without a change are left out.
pub fn parts(changes: &Changes, kind: Kind, zone: Tz) -> Vec<Part> {
    let mut parts = vec![
        (text!(vi: "Thời hạn và thông tin chung", en: "Window and general"), changes.fields.iter().map(|each| field(each, zone)).collect()),
        (
            text!(vi: "Màn hình và giờ chiếu", en: "Screens and times"),
            changes.screens.iter().flat_map(|each| screen(each, kind, zone)).collect(),
        ),
        (text!(vi: "Vòng chiếu", en: "Loops"), loops(changes)),
        (text!(vi: "Trang chiếu", en: "Slides"), slides(changes, zone)),
        (
            text!(vi: "Giao diện, ảnh, phim và tệp khác", en: "Theme, pictures, films, other files"),
            changes.files.iter().map(file).collect::<Vec<Text>>(),
        ),
    ];
    parts.retain(|(_, lines)| !lines.is_empty());
    parts.into_iter().map(|(heading, lines)| Part { heading, lines }).collect()
}

fn field(field: &Field, zone: Tz) -> Text {
    let (before, after) = (value(field, &field.before, zone), value(field, &field.after, zone));
    let (vi, en) = match field.name.as_str() {
        "valid" => ("được chiếu", "may be shown"),
        "title" => ("tên", "title"),
        "roles" => ("vai phải duyệt", "roles that must approve"),
        "revision" => ("lần sửa (revision)", "revision"),
        "month" => ("tháng", "month"),
        "languages" => ("ngôn ngữ", "languages"),
        "offsets" => ("giờ địa phương so với UTC", "local time from UTC"),
        "audio" => ("phát tiếng", "sounds"),
        "width" => ("rộng", "width"),
        "height" => ("cao", "height"),
        "canvas" => ("vị trí trên khung hình", "place in the picture"),
        "agency" => ("đơn vị", "agency"),
        "category" => ("chuyên mục", "category"),
        "language" => ("ngôn ngữ", "language"),
        "source" => ("tệp nguồn", "source file"),
        "pages" => ("trang theo cỡ màn hình", "pages by size"),
        other => (other, other),
    };
    text!(vi: "{vi}: {before} → {after}", en: "{en}: {before} → {after}")
}

fn value(field: &Field, value: &Value, zone: Tz) -> String {
    let second = |name: &str| value.get(name).and_then(Value::as_i64).map(|second| moment::local(Instant(second), zone));
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        _ if field.name == "valid" => format!("{} – {}", second("from").unwrap_or_default(), second("until").unwrap_or_default()),
        _ => value.to_string(),
    }
}

fn screen(change: &ScreenChange, kind: Kind, zone: Tz) -> Vec<Text> {
    let id = &change.id;
    let (Text { vi: was_vi, en: was_en }, Text { vi: is_vi, en: is_en }) = (length(change.seconds.0), length(change.seconds.1));
    if change.change == Change::Added {
        return vec![text!(vi: "màn {id}: mới, chiếu {is_vi}", en: "screen {id}: new, shows for {is_en}")];
    }
    if change.change == Change::Removed {
        return vec![text!(vi: "màn {id}: bỏ, trước đây chiếu {was_vi}", en: "screen {id}: gone, showed for {was_en}")];
    }
    let mut lines: Vec<Text> = change.fields.iter().map(|each| prefixed(id.as_str(), field(each, zone))).collect();
    if change.seconds.0 == change.seconds.1 && change.opened.is_empty() {
        lines.push(text!(
            vi: "màn {id}: chiếu {is_vi} như trước, theo thứ tự khác",
            en: "screen {id}: shows for {is_en} as before, in another order"
        ));
    } else {
        lines.push(text!(vi: "màn {id}: chiếu {is_vi}, trước đây {was_vi}", en: "screen {id}: shows for {is_en}, before {was_en}"));
    }
    for (start, end) in &change.opened {
        let Text { vi, en } = stretch(*start, *end, kind, zone);
        lines.push(text!(vi: "màn {id}: chiếu thêm {vi}", en: "screen {id}: now shows {en}"));
    }
    for (start, end) in &change.closed {
        let Text { vi, en } = stretch(*start, *end, kind, zone);
        lines.push(text!(vi: "màn {id}: không chiếu nữa {vi}", en: "screen {id}: no longer shows {en}"));
    }
    lines
}

fn prefixed(id: &str, line: Text) -> Text {
    let Text { vi, en } = line;
    text!(vi: "màn {id}: {vi}", en: "screen {id}: {en}")
}

fn length(seconds: i64) -> Text {
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    text!(vi: "{hours} giờ {minutes:02} phút", en: "{hours} h {minutes:02} min")
}

/// A stretch of time: of the calendar, of the week, or since a release.
fn stretch(start: i64, end: i64, kind: Kind, zone: Tz) -> Text {
    let clock = |second: i64| format!("{:02}:{:02}", second % 86_400 / 3_600, second % 3_600 / 60);
    match kind {
        Kind::Monthly | Kind::Urgent => {
            let (from, until) = (moment::local(Instant(start), zone), moment::local(Instant(end), zone));
            text!(vi: "{from} – {until}", en: "{from} – {until}")
        }
        Kind::Evergreen => {
            const DAYS: [(&str, &str); 7] = [
                ("thứ Hai", "Monday"),
                ("thứ Ba", "Tuesday"),
                ("thứ Tư", "Wednesday"),
                ("thứ Năm", "Thursday"),
                ("thứ Sáu", "Friday"),
                ("thứ Bảy", "Saturday"),
                ("Chủ nhật", "Sunday"),
            ];
            let day = usize::try_from(start.div_euclid(86_400).rem_euclid(7)).unwrap_or_default();
            let ((vi, en), from, until) = (DAYS[day], clock(start), clock(end));
            text!(vi: "{vi} {from}–{until}", en: "{en} {from}–{until}")
        }
        Kind::Kit => text!(vi: "từ giây {start} đến giây {end}", en: "from second {start} to second {end}"),
    }
}

fn loops(changes: &Changes) -> Vec<Text> {
    let loops = &changes.loops;
    let mut lines = Vec::new();
    if loops.added + loops.removed > 0 {
        let (added, removed, kept) = (loops.added, loops.removed, loops.kept);
        lines.push(text!(
            vi: "{added} vòng mới, {removed} vòng bỏ, {kept} vòng như cũ",
            en: "{added} new, {removed} gone, {kept} as before"
        ));
    }
    let seconds =
        |all: &[u64]| all.iter().map(|ms| format!("{}.{:03}", ms / 1_000, ms % 1_000)).collect::<Vec<_>>().join(", ").replace(".000", "");
    for (id, (before, after)) in &loops.durations {
        let (before, after) = (seconds(before), seconds(after));
        lines.push(text!(vi: "{id}: đứng {before} → {after} giây", en: "{id}: stands for {before} → {after} s"));
    }
    lines
}

fn slides(changes: &Changes, zone: Tz) -> Vec<Text> {
    let slides = &changes.slides;
    let mut lines: Vec<Text> = slides.added.iter().map(|id| text!(vi: "thêm {id}", en: "new: {id}")).collect();
    lines.extend(slides.removed.iter().map(|id| text!(vi: "bỏ {id}", en: "gone: {id}")));
    for (id, change) in &slides.changed {
        lines.extend(altered(change, zone).into_iter().map(|Text { vi, en }| text!(vi: "sửa {id}: {vi}", en: "changed: {id}: {en}")));
    }
    lines
}

/// What of a slide is not as it was.
pub fn altered(change: &SlideChange, zone: Tz) -> Vec<Text> {
    change.fields.iter().map(|each| field(each, zone)).chain(change.files.iter().map(file)).collect()
}

fn file(change: &FileChange) -> Text {
    let path = &change.path;
    match (change.change, change.size) {
        (Change::Added, Some(size)) => text!(vi: "tệp mới {path} ({size} byte)", en: "new file {path} ({size} bytes)"),
        (Change::Changed, Some(size)) => text!(vi: "tệp đổi {path} ({size} byte)", en: "changed file {path} ({size} bytes)"),
        _ => text!(vi: "tệp bỏ {path}", en: "file gone: {path}"),
    }
}
