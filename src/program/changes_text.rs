//! Describes the differences between two programs in words, in both languages.
//! Never compares: `program::changes` does.

use serde::Serialize;
use serde_json::Value;

use crate::base::dates;
use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::base::zone::TimeZone;
use crate::program::changes::{ChangeKind, FieldChange, FileChange, ProgramChanges, ScreenChange, SlideChange};
use crate::program::page_text::{self, TextChange};
use crate::program::screen_content::{ContentChange, Turns};
use crate::program::times_text::{duration_text, interval_texts};
use crate::text;

/// Lines about one part of a program.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeSection {
    pub heading: Text,
    /// At least one.
    pub lines: Vec<Text>,
}

/// How a slide is named.
pub type SlideName<'a> = &'a dyn Fn(&SlideId) -> Text;

/// Lists the changes part by part; unchanged parts are left out.
pub fn sections(changes: &ProgramChanges, kind: ProgramKind, zone: TimeZone, name: SlideName<'_>) -> Vec<ChangeSection> {
    let mut parts = vec![
        (text!(vi: "Thời hạn và thông tin chung", en: "Validity and general"), fields(&changes.fields, zone)),
        (text!(vi: "Màn hình và giờ chiếu", en: "Screens and times"), screens(changes, kind, zone, name)),
        (text!(vi: "Vòng chiếu", en: "Loops"), loops(changes, name)),
        (text!(vi: "Trang chiếu", en: "Slides"), slides(changes, name)),
        (
            text!(vi: "Giao diện, ảnh, phim và tệp khác", en: "Theme, pictures, films, other files"),
            changes.files.iter().map(file).collect::<Vec<Text>>(),
        ),
    ];
    let own = |(id, change): (&SlideId, &SlideChange)| {
        let Text { vi, en } = name(id);
        (text!(vi: "Đã sửa {vi}", en: "Changed: {en}"), altered(change, zone))
    };
    // After those that are new or gone.
    parts.splice(4..4, changes.slides.changed.iter().map(own));
    parts.retain(|(_, lines)| !lines.is_empty());
    parts.into_iter().map(|(heading, lines)| ChangeSection { heading, lines }).collect()
}

fn fields(all: &[FieldChange], zone: TimeZone) -> Vec<Text> {
    all.iter().filter_map(|each| field(each, zone)).collect()
}

/// `None` if the change means nothing to people: the same offsets begin with each month anew.
fn field(field: &FieldChange, zone: TimeZone) -> Option<Text> {
    let (before, after) = (value(field, &field.before, zone), value(field, &field.after, zone));
    if field.name == "offsets" && before == after {
        return None;
    }
    let (vi, en) = match field.name.as_str() {
        "valid" => ("được chiếu", "may be shown"),
        "title" => ("tiêu đề", "title"),
        "roles" => ("vai trò phải duyệt", "roles that must approve"),
        "revision" => ("lần sửa (revision)", "revision"),
        "month" => ("tháng", "month"),
        "languages" => ("ngôn ngữ", "languages"),
        "offsets" => ("múi giờ", "time zone"),
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
    let (before_vi, after_vi, before_en, after_en) = (before.vi, after.vi, before.en, after.en);
    Some(text!(vi: "{vi}: {before_vi} → {after_vi}", en: "{en}: {before_en} → {after_en}"))
}

fn value(field: &FieldChange, value: &Value, zone: TimeZone) -> Text {
    let number = |name: &str| value.get(name).and_then(Value::as_i64);
    let same = |text: &str| text!(vi: "{text}", en: "{text}");
    let size = |size: &String| size.replace('x', "×");
    match (field.name.as_str(), value) {
        ("revision", Value::Null) => same("1"),
        (_, Value::Null) => same("–"),
        (_, Value::Bool(true)) => text!(vi: "có", en: "yes"),
        (_, Value::Bool(false)) => text!(vi: "không", en: "no"),
        (name, Value::String(text)) => match Month::parse(text).filter(|_| name == "month") {
            Some(Month { year, month }) => text!(vi: "{month:02}/{year}", en: "{text}"),
            None => same(text),
        },
        ("offsets", Value::Array(all)) => {
            let mut offsets: Vec<_> = all.iter().filter_map(|each| each.get(1)?.as_i64()).map(utc_offset).collect();
            offsets.dedup();
            same(&offsets.join(", "))
        }
        (_, Value::Array(all)) => {
            same(&all.iter().map(|each| each.as_str().map_or_else(|| each.to_string(), str::to_owned)).collect::<Vec<_>>().join(", "))
        }
        ("pages", Value::Object(pages)) => same(&pages.keys().map(size).collect::<Vec<_>>().join(", ")),
        ("canvas", Value::Object(_)) => {
            let [w, h, x, y] = ["w", "h", "x", "y"].map(|name| number(name).unwrap_or_default());
            text!(vi: "tại ({x}, {y}) trong khung {w}×{h}", en: "at ({x}, {y}) in {w}×{h}")
        }
        ("valid", Value::Object(_)) => {
            let from = number("from").unwrap_or_default();
            number("until").map_or_else(|| dates::begin(zone.to_local(from)), |until| zone.window(from, until))
        }
        _ => same(&value.to_string()),
    }
}

/// Seconds east of UTC: `UTC+7`, `UTC-3:30`.
fn utc_offset(seconds: i64) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    let (hours, rest) = (minutes / 60, minutes % 60);
    if rest == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{rest:02}") }
}

/// Groups screens with the same changes.
fn screens(changes: &ProgramChanges, kind: ProgramKind, zone: TimeZone, name: SlideName<'_>) -> Vec<Text> {
    let mut groups: Vec<(Vec<&str>, Vec<Text>)> = Vec::new();
    for change in &changes.screens {
        let mut lines = screen(change, kind, zone);
        lines.extend(moved(change, changes, name));
        match groups.iter_mut().find(|(_, known)| *known == lines) {
            Some((ids, _)) => ids.push(change.id.as_str()),
            None => groups.push((vec![change.id.as_str()], lines)),
        }
    }
    let prefixed = |(ids, lines): (Vec<&str>, Vec<Text>)| {
        let (many, ids) = (if ids.len() > 1 { "s" } else { "" }, ids.join(", "));
        lines.into_iter().map(move |Text { vi, en }| text!(vi: "màn hình {ids}: {vi}", en: "screen{many} {ids}: {en}"))
    };
    groups.into_iter().flat_map(prefixed).collect()
}

fn screen(change: &ScreenChange, kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    let (Text { vi: was_vi, en: was_en }, Text { vi: is_vi, en: is_en }) =
        (duration_text(change.seconds.0), duration_text(change.seconds.1));
    if change.change == ChangeKind::Added {
        return vec![text!(vi: "mới, chiếu {is_vi}", en: "new, {is_en} of content")];
    }
    if change.change == ChangeKind::Removed {
        return vec![text!(vi: "bỏ, trước đây chiếu {was_vi}", en: "removed, before {was_en} of content")];
    }
    let mut lines = fields(&change.fields, zone);
    let (same_hours, same_slides) = (change.seconds.0 == change.seconds.1 && change.opened.is_empty(), change.content.has_same_slides());
    let Text { vi, en } = if same_hours && same_slides { turns(change.content.turns) } else { other_slides(&change.content) };
    lines.push(match (same_hours, same_slides) {
        (true, true) => text!(vi: "chiếu {is_vi} như trước{vi}", en: "{is_en} of content as before{en}"),
        (true, false) => text!(vi: "chiếu {is_vi}, số giờ như trước{vi}", en: "{is_en} of content, as many hours as before{en}"),
        (false, _) => text!(vi: "chiếu {is_vi}, trước đây {was_vi}{vi}", en: "{is_en} of content, before {was_en}{en}"),
    });
    let opened = interval_texts(&change.opened, kind, zone).into_iter();
    lines.extend(opened.map(|Text { vi, en }| text!(vi: "chiếu thêm {vi}", en: "now also {en}")));
    let closed = interval_texts(&change.closed, kind, zone).into_iter();
    lines.extend(closed.map(|Text { vi, en }| text!(vi: "không chiếu nữa {vi}", en: "no longer {en}")));
    lines
}

/// Goes on after the hours of a screen with how many of its slides differ; empty if none do.
fn other_slides(content: &ContentChange) -> Text {
    let ContentChange { added, removed, changed, durations, .. } = content;
    let kinds = [
        (added.len(), "thêm", "new"),
        (removed.len(), "bỏ", "removed"),
        (changed.len(), "sửa", "changed"),
        (durations.len(), "đổi thời lượng", "of another duration"),
    ];
    let kinds: Vec<_> = kinds.into_iter().filter(|(count, ..)| *count > 0).collect();
    if kinds.is_empty() {
        return text!(vi: "", en: "");
    }
    let vi = kinds.iter().map(|(count, vi, _)| format!("{vi} {count}")).collect::<Vec<_>>().join(", ");
    let en = kinds.iter().map(|(count, _, en)| format!("{count} {en}")).collect::<Vec<_>>().join(", ");
    text!(vi: "; trang chiếu: {vi}", en: "; slides: {en}")
}

/// Goes on after the hours of a screen that shows the same slides.
fn turns(turns: Turns) -> Text {
    match turns {
        Turns::Same => text!(vi: "", en: ""),
        Turns::Reordered => text!(vi: ", theo thứ tự khác", en: ", in another order"),
        Turns::Other => {
            text!(vi: ", vẫn các trang ấy, nhưng khác giờ hoặc khác số lần", en: ", the same slides, at other times or in other numbers")
        }
    }
}

/// Names the slides that a screen gains or loses while another keeps them: the program's own list names only those that are new or gone everywhere.
fn moved(change: &ScreenChange, all: &ProgramChanges, name: SlideName<'_>) -> Vec<Text> {
    let gained = change.content.added.difference(&all.slides.added).map(name);
    let lost = change.content.removed.difference(&all.slides.removed).map(name);
    let gained = gained.map(|Text { vi, en }| text!(vi: "nay chiếu thêm {vi}", en: "now shows {en}"));
    gained.chain(lost.map(|Text { vi, en }| text!(vi: "không còn chiếu {vi}", en: "no longer shows {en}"))).collect()
}

fn loops(changes: &ProgramChanges, name: SlideName<'_>) -> Vec<Text> {
    let loops = &changes.loops;
    let mut lines = Vec::new();
    if loops.added + loops.removed > 0 {
        let (added, removed, kept) = (loops.added, loops.removed, loops.kept);
        lines.push(text!(
            vi: "{added} vòng mới, {removed} vòng bỏ, {kept} vòng như cũ",
            en: "{added} loops new, {removed} removed, {kept} unchanged"
        ));
    }
    let seconds = |all: &[u64], pick: fn(Text) -> String| {
        all.iter().map(|ms| pick(numbers::thousandths(i64::try_from(*ms).unwrap_or(i64::MAX)))).collect::<Vec<_>>().join("; ")
    };
    for (id, (before, after)) in &loops.durations {
        let (vi, en) = (|text: Text| text.vi, |text: Text| text.en);
        let (before_vi, after_vi, before_en, after_en) = (seconds(before, vi), seconds(after, vi), seconds(before, en), seconds(after, en));
        let Text { vi, en } = name(id);
        lines.push(
            text!(vi: "{vi}: chiếu {after_vi} giây, trước đây {before_vi} giây", en: "{en}: is shown for {after_en} s, before {before_en} s"),
        );
    }
    lines
}

fn slides(changes: &ProgramChanges, name: SlideName<'_>) -> Vec<Text> {
    let slides = &changes.slides;
    let added = slides.added.iter().map(name).map(|Text { vi, en }| text!(vi: "thêm {vi}", en: "new: {en}"));
    let removed = slides.removed.iter().map(name).map(|Text { vi, en }| text!(vi: "bỏ {vi}", en: "removed: {en}"));
    added.chain(removed).collect()
}

/// Lists what changed in a slide: what people read first, then all else.
pub fn altered(change: &SlideChange, zone: TimeZone) -> Vec<Text> {
    let title = change.fields.iter().find(|field| field.name == "title");
    let is_title = |text: &TextChange| title.is_some_and(|title| title.before == text.before && title.after == text.after);
    let mut lines: Vec<Text> = change.texts.iter().flatten().filter(|text| !is_title(text)).map(words).collect();
    if change.texts.is_none() {
        lines.push(text!(
            vi: "không so được chữ: máy này không giữ trang đã duyệt (không có trong thư mục lưu giữ “archive” cạnh thư mục nội dung); hãy đọc lại cả trang",
            en: "its words can't be compared: this machine does not keep the approved page (the folder “archive” beside the content lacks it); read the whole page"
        ));
        let told = |text: &TextChange| {
            let Text { vi, en } = words(text);
            text!(vi: "theo git, tệp nguồn, {vi}", en: "in its source, as git has it, {en}")
        };
        lines.extend(change.sources.iter().flatten().map(told));
    }
    lines.extend(fields(&change.fields, zone));
    lines.extend(change.files.iter().map(file));
    lines
}

fn words(text: &TextChange) -> Text {
    let TextChange { before, after } = text;
    match (before.is_empty(), after.is_empty()) {
        (true, _) => text!(vi: "thêm chữ: «{after}»", en: "words added: «{after}»"),
        (_, true) => text!(vi: "bỏ chữ: «{before}»", en: "words removed: «{before}»"),
        _ => {
            let (before, after) = page_text::differing(before, after);
            text!(vi: "chữ: «{before}» → «{after}»", en: "words: «{before}» → «{after}»")
        }
    }
}

fn file(change: &FileChange) -> Text {
    let path = &change.path;
    match (change.change, change.size.map(numbers::bytes)) {
        (ChangeKind::Added, Some(Text { vi, en })) => text!(vi: "thêm tệp {path} ({vi})", en: "new file {path} ({en})"),
        (ChangeKind::Changed, Some(Text { vi, en })) => text!(vi: "đã đổi tệp {path} (nay {vi})", en: "changed file {path} (now {en})"),
        _ => text!(vi: "bỏ tệp {path}", en: "file gone: {path}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::relpath::RelPath;

    #[test]
    fn no_value_is_told_as_a_machine_writes_it() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let told = |name: &str, before: Value, after: Value| {
            field(&FieldChange { name: name.to_owned(), before, after }, zone).map(|text| format!("{} | {}", text.vi, text.en))
        };
        assert_eq!(told("offsets", json!([[1_796_058_000, 25_200]]), json!([[1_798_736_400, 25_200]])), None);
        for (name, before, after, want) in [
            (
                "offsets",
                json!([[0, 25_200]]),
                json!([[0, 28_800], [9, -12_600]]),
                "múi giờ: UTC+7 → UTC+8, UTC-3:30 | time zone: UTC+7 → UTC+8, UTC-3:30",
            ),
            ("title", json!("Chợ"), json!("Chợ phiên"), "tiêu đề: Chợ → Chợ phiên | title: Chợ → Chợ phiên"),
            ("month", json!("2026-12"), json!("2027-01"), "tháng: 12/2026 → 01/2027 | month: 2026-12 → 2027-01"),
            ("audio", json!(false), json!(true), "phát tiếng: không → có | sounds: no → yes"),
            (
                "roles",
                json!(["chief"]),
                json!(["chief", "ta-lung"]),
                "vai trò phải duyệt: chief → chief, ta-lung | roles that must approve: chief → chief, ta-lung",
            ),
            (
                "canvas",
                json!({"h": 768, "w": 384, "x": 0, "y": 0}),
                json!({"h": 768, "w": 768, "x": 384, "y": 0}),
                "vị trí trên khung hình: tại (0, 0) trong khung 384×768 → tại (384, 0) trong khung 768×768 | place in the picture: at (0, 0) in 384×768 → at (384, 0) in 768×768",
            ),
            (
                "pages",
                json!({"640x320": "a"}),
                json!({"384x768": "b", "640x320": "a"}),
                "trang theo cỡ màn hình: 640×320 → 384×768, 640×320 | pages by size: 640×320 → 384×768, 640×320",
            ),
            ("valid", json!({"from": 1_796_058_000}), Value::Null, "được chiếu: 01/12/2026 → – | may be shown: 2026-12-01 → –"),
        ] {
            assert_eq!(told(name, before, after).as_deref(), Some(want));
        }
    }

    #[test]
    fn words_with_quotation_marks_of_their_own_stand_between_others() {
        let quoted = words(&TextChange { before: "“Chợ” phiên".to_owned(), after: "“Chợ” đêm".to_owned() });
        assert_eq!((quoted.vi.as_str(), quoted.en.as_str()), ("chữ: «“Chợ” phiên» → «“Chợ” đêm»", "words: «“Chợ” phiên» → «“Chợ” đêm»"));
    }

    #[test]
    fn a_file_is_told_by_what_was_done_to_it() {
        for (change, size, vi, en) in [
            (ChangeKind::Added, Some(2), "thêm tệp theme/a.css (2 byte)", "new file theme/a.css (2 bytes)"),
            (ChangeKind::Changed, Some(2), "đã đổi tệp theme/a.css (nay 2 byte)", "changed file theme/a.css (now 2 bytes)"),
            (ChangeKind::Removed, None, "bỏ tệp theme/a.css", "file gone: theme/a.css"),
        ] {
            let text = file(&FileChange { path: RelPath::parse("theme/a.css").unwrap(), change, size });
            assert_eq!((text.vi.as_str(), text.en.as_str()), (vi, en));
        }
    }
}
