//! Describes the differences between two programs in words, in both languages.
//! Never compares: `program::changes` does.

use serde::Serialize;

use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::program::airtime_text;
use crate::program::changes::{ChangeKind, FileChange, ProgramChanges, ScreenChange, SlideChange, ThemeChange};
use crate::program::field_text::fields;
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
    pub about: Part,
}

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Validity, screens, how often and when slides play.
    Program,
    /// What people changed in slides.
    Slides,
    /// Slides that the theme alone changed.
    Theme,
    Files,
}

/// How a slide is named.
pub type SlideName<'a> = &'a dyn Fn(&SlideId) -> Text;

/// Lists the changes part by part, what people changed in slides first; unchanged parts are left out. Slides that the theme alone changed stand
/// together.
pub fn sections(changes: &ProgramChanges, kind: ProgramKind, zone: TimeZone, name: SlideName<'_>) -> Vec<ChangeSection> {
    let edited = changes.slides.changed.iter().filter(|(_, change)| change.theme_only().is_none());
    let edited = edited.map(|(id, change)| (name(id), told(change, zone)));
    let mut parts: Vec<_> =
        edited.map(|(Text { vi, en }, lines)| (Part::Slides, text!(vi: "Đã sửa {vi}", en: "Changed: {en}"), lines)).collect();
    parts.extend([
        (Part::Slides, text!(vi: "Trang chiếu", en: "Slides"), slides(changes, name)),
        (Part::Program, text!(vi: "Thời hạn và thông tin chung", en: "Validity and general data"), fields(&changes.fields, zone)),
        (Part::Program, text!(vi: "Màn hình và thời gian chiếu", en: "Screens and hours"), screens(changes, kind, zone, name)),
        (
            Part::Program,
            text!(vi: "Số lần và giờ chiếu của trang", en: "How often and when slides play"),
            airtime_text::lines(&changes.airtime, kind, zone, name),
        ),
    ]);
    for what in [ThemeChange::Style, ThemeChange::Fonts] {
        let slides: Vec<Text> = restyled(changes, what).map(name).collect();
        let heading = restyled_count(slides.len(), what);
        parts.push((Part::Theme, heading, slides));
    }
    let files = changes.files.iter().map(file).collect();
    parts.push((Part::Files, text!(vi: "Giao diện, ảnh, phim và tệp khác", en: "Theme, pictures, films, other files"), files));
    parts.retain(|(_, _, lines)| !lines.is_empty());
    parts.into_iter().map(|(about, heading, lines)| ChangeSection { heading, lines, about }).collect()
}

/// The slides of which nothing but this differs.
pub fn restyled(changes: &ProgramChanges, what: ThemeChange) -> impl Iterator<Item = &SlideId> {
    changes.slides.changed.iter().filter(move |(_, change)| change.theme_only() == Some(what)).map(|(id, _)| id)
}

/// How many slides the theme alone changed, and in what.
pub fn restyled_count(count: usize, what: ThemeChange) -> Text {
    let (slides, Text { vi, en }) = (numbers::counted(count, "slide"), restyled_text(what));
    text!(vi: "{count} trang chiếu {vi}", en: "{slides}, {en}")
}

fn restyled_text(what: ThemeChange) -> Text {
    match what {
        ThemeChange::Fonts => text!(
            vi: "chỉ khác giao diện (phông chữ); nội dung như cũ",
            en: "content as before, only the fonts of the theme differ"
        ),
        ThemeChange::Style => text!(
            vi: "chỉ khác giao diện (kiểu trình bày); nội dung như cũ",
            en: "content as before, only the style of the theme differs"
        ),
    }
}

/// Groups screens with the same changes.
fn screens(changes: &ProgramChanges, kind: ProgramKind, zone: TimeZone, name: SlideName<'_>) -> Vec<Text> {
    let mut groups: Vec<(Vec<&str>, Vec<Text>)> = Vec::new();
    for change in &changes.screens {
        let mut lines = screen(change, changes, kind, zone);
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

fn screen(change: &ScreenChange, all: &ProgramChanges, kind: ProgramKind, zone: TimeZone) -> Vec<Text> {
    let (Text { vi: was_vi, en: was_en }, Text { vi: is_vi, en: is_en }) =
        (duration_text(change.seconds.0), duration_text(change.seconds.1));
    if change.change == ChangeKind::Added {
        return vec![text!(vi: "mới, chiếu {is_vi}", en: "new, {is_en} shown")];
    }
    if change.change == ChangeKind::Removed {
        return vec![text!(vi: "bỏ, trước đây chiếu {was_vi}", en: "removed, {was_en} shown before")];
    }
    let mut lines = fields(&change.fields, zone);
    let (same_hours, same_slides) = (change.seconds.0 == change.seconds.1 && change.opened.is_empty(), change.content.has_same_slides());
    let Text { vi, en } = if same_hours && same_slides { turns(change.content.turns) } else { other_slides(&change.content, all) };
    lines.push(match (same_hours, same_slides) {
        (true, true) => text!(vi: "chiếu {is_vi} như trước{vi}", en: "{is_en} shown as before{en}"),
        (true, false) => text!(vi: "chiếu {is_vi}, số giờ như trước{vi}", en: "{is_en} shown, as before{en}"),
        (false, _) => text!(vi: "chiếu {is_vi}, trước đây {was_vi}{vi}", en: "{is_en} shown, was {was_en}{en}"),
    });
    let opened = interval_texts(&change.opened, kind, zone).into_iter();
    lines.extend(opened.map(|Text { vi, en }| text!(vi: "chiếu thêm {vi}", en: "now also {en}")));
    let closed = interval_texts(&change.closed, kind, zone).into_iter();
    lines.extend(closed.map(|Text { vi, en }| text!(vi: "không chiếu nữa {vi}", en: "no longer {en}")));
    lines
}

/// Goes on after the hours of a screen with how many of its slides differ; empty if none do.
fn other_slides(content: &ContentChange, all: &ProgramChanges) -> Text {
    let ContentChange { added, removed, changed, durations, .. } = content;
    let restyled = changed.iter().filter(|id| all.slides.changed.get(*id).is_some_and(|change| change.theme_only().is_some())).count();
    let kinds = [
        (added.len(), "thêm", "new"),
        (removed.len(), "bỏ", "removed"),
        (changed.len() - restyled, "sửa", "changed"),
        (restyled, "chỉ khác giao diện", "theme only"),
        (durations.len(), "đổi thời lượng", "with another duration"),
    ];
    counted_kinds(&kinds).map_or(text!(vi: "", en: ""), |Text { vi, en }| text!(vi: "; trang chiếu: {vi}", en: "; slides: {en}"))
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

fn slides(changes: &ProgramChanges, name: SlideName<'_>) -> Vec<Text> {
    let slides = &changes.slides;
    let added = slides.added.iter().map(name).map(|Text { vi, en }| text!(vi: "Thêm {vi}", en: "New: {en}"));
    let removed = slides.removed.iter().map(name).map(|Text { vi, en }| text!(vi: "Bỏ {vi}", en: "Removed: {en}"));
    added.chain(removed).collect()
}

/// Says what changed in a slide to a reader who knows no HTML: at least one line, and no files but pictures, films and sounds.
pub fn told(change: &SlideChange, zone: TimeZone) -> Vec<Text> {
    let edits = edits(change, zone);
    if edits.is_empty() { vec![change.theme_only().map_or_else(only_markup, restyled_text)] } else { edits }
}

/// What is said of a slide whose pages differ, and nothing on them that people see by itself.
pub fn only_markup() -> Text {
    text!(
        vi: "chữ và ảnh như cũ, chỉ mã HTML của trang khác",
        en: "words and pictures as before, only the HTML of its pages differs"
    )
}

/// Lists what changed in a slide: what people read first, then all else.
pub fn altered(change: &SlideChange, zone: TimeZone) -> Vec<Text> {
    let files = change.files.iter().filter(|each| !each.is_media()).map(file);
    edits(change, zone).into_iter().chain(files).collect()
}

/// What somebody changed in the content of a slide: its words, what its source says of it, its pictures, films and sounds.
pub fn edits(change: &SlideChange, zone: TimeZone) -> Vec<Text> {
    let title = change.fields.iter().find(|field| field.name == "title");
    let is_title = |text: &TextChange| title.is_some_and(|title| title.before == text.before && title.after == text.after);
    let mut lines: Vec<Text> = change.texts.iter().flatten().filter(|text| !is_title(text)).map(words).collect();
    if change.texts.is_none() && change.theme_only().is_none() {
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
    let (captions, media): (Vec<_>, Vec<_>) = change.files.iter().filter(|each| each.is_media()).partition(|each| each.is_captions());
    lines.extend(captions.first().map(|each| captions_text(each.change)));
    lines.extend(media.into_iter().map(file));
    lines
}

fn words(text: &TextChange) -> Text {
    let (before, after) = page_text::differing(&text.before, &text.after);
    let (before, after) = (quoted(&before), quoted(&after));
    match (text.before.is_empty(), text.after.is_empty()) {
        (true, _) => text!(vi: "thêm chữ: {after}", en: "text added: {after}"),
        (_, true) => text!(vi: "bỏ chữ: {before}", en: "text removed: {before}"),
        _ => text!(vi: "chữ: {before} → {after}", en: "text: {before} → {after}"),
    }
}

/// In quotation marks; in others than those that the text has.
fn quoted(text: &str) -> String {
    if text.contains(['“', '”']) { format!("«{text}»") } else { format!("“{text}”") }
}

/// The changed files that no slide's own change tells, for a summary: those of the theme, fonts as a count, all others as a count.
pub fn files_in_short(files: &[FileChange]) -> Vec<Text> {
    let (theme, media): (Vec<&FileChange>, Vec<&FileChange>) = files.iter().partition(|each| each.is_of_theme());
    let (fonts, theme): (Vec<&FileChange>, Vec<&FileChange>) = theme.into_iter().partition(|each| each.is_font());
    let counts = [
        kinds(&fonts).map(|Text { vi, en }| text!(vi: "tệp phông chữ: {vi}", en: "font files: {en}")),
        kinds(&media).map(|Text { vi, en }| text!(vi: "ảnh, phim và tệp khác: {vi}", en: "pictures, films, other files: {en}")),
    ];
    theme.into_iter().map(file).chain(counts.into_iter().flatten()).collect()
}

/// How many files are new, changed and removed; `None` without any.
fn kinds(files: &[&FileChange]) -> Option<Text> {
    let count = |kind: ChangeKind| files.iter().filter(|each| each.change == kind).count();
    counted_kinds(&[
        (count(ChangeKind::Added), "thêm", "new"),
        (count(ChangeKind::Changed), "đổi", "changed"),
        (count(ChangeKind::Removed), "bỏ", "removed"),
    ])
}

/// Counts with their words, without those that are 0; `None` if all are.
fn counted_kinds(kinds: &[(usize, &str, &str)]) -> Option<Text> {
    let kinds: Vec<_> = kinds.iter().filter(|(count, ..)| *count > 0).collect();
    let vi = kinds.iter().map(|(count, vi, _)| format!("{vi} {count}")).collect::<Vec<_>>().join(", ");
    let en = kinds.iter().map(|(count, _, en)| format!("{count} {en}")).collect::<Vec<_>>().join(", ");
    (!kinds.is_empty()).then_some(Text { vi, en })
}

/// What was done to the captions of a film; their words are told by themselves.
fn captions_text(change: ChangeKind) -> Text {
    match change {
        ChangeKind::Added => text!(vi: "phụ đề mới", en: "new captions"),
        ChangeKind::Changed => text!(vi: "phụ đề đã thay", en: "captions replaced"),
        ChangeKind::Removed => text!(vi: "bỏ phụ đề", en: "captions removed"),
    }
}

fn file(change: &FileChange) -> Text {
    let path = &change.path;
    match (change.change, change.size.map(numbers::bytes)) {
        (ChangeKind::Added, Some(Text { vi, en })) => text!(vi: "thêm tệp {path} ({vi})", en: "new file {path} ({en})"),
        (ChangeKind::Changed, Some(Text { vi, en })) => text!(vi: "đã đổi tệp {path} (nay {vi})", en: "changed file {path} (now {en})"),
        _ => text!(vi: "bỏ tệp {path}", en: "removed file {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::relpath::RelPath;

    #[test]
    fn words_with_quotation_marks_of_their_own_stand_between_others() {
        let quoted = words(&TextChange { before: "“Chợ” phiên".to_owned(), after: "“Chợ” đêm".to_owned() });
        assert_eq!((quoted.vi.as_str(), quoted.en.as_str()), ("chữ: «“Chợ” phiên» → «“Chợ” đêm»", "text: «“Chợ” phiên» → «“Chợ” đêm»"));
    }

    #[test]
    fn a_file_is_told_by_what_was_done_to_it() {
        for (change, size, vi, en) in [
            (ChangeKind::Added, Some(2), "thêm tệp theme/a.css (2 byte)", "new file theme/a.css (2 bytes)"),
            (ChangeKind::Changed, Some(2), "đã đổi tệp theme/a.css (nay 2 byte)", "changed file theme/a.css (now 2 bytes)"),
            (ChangeKind::Removed, None, "bỏ tệp theme/a.css", "removed file theme/a.css"),
        ] {
            let text = file(&FileChange { path: RelPath::parse("theme/a.css").unwrap(), change, size });
            assert_eq!((text.vi.as_str(), text.en.as_str()), (vi, en));
        }
    }
}
