//! What a withdrawal does on the screens, and how to correct the content after it, in words.
//! Never signs and never changes content.

use std::collections::BTreeSet;

use super::filed::FiledProgram;
use crate::base::dates;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::content::model::values::{Content, Period, Playlist, PlaylistEntry};
use crate::program::manifest::Manifest;
use crate::trust::judge::{WithdrawalEffect, WithdrawnRevisions};

/// A withdrawal as people read it.
pub struct WithdrawalView<'a> {
    pub manifest: &'a Manifest,
    /// `None`: the whole program.
    pub slides: Option<BTreeSet<SlideId>>,
    /// What all complete withdrawals together take of it.
    pub gone: WithdrawalEffect,
    /// The moment of signing.
    pub now: Timestamp,
    /// The zone in which moments are written.
    pub zone: TimeZone,
}

/// What changes on the screens at once, what once the `waiting` have their signatures, and how to correct the content; each sentence once,
/// however many programs it is about. `revisions`: up to which slides are withdrawn from every program.
pub fn all(
    taken: &[WithdrawalView<'_>],
    waiting: &[WithdrawalView<'_>],
    (content, revisions): (Option<&Content>, &WithdrawnRevisions),
) -> Vec<Text> {
    let mut said: Vec<Text> = taken.iter().flat_map(effect_text).collect();
    if !waiting.is_empty() {
        said.push(crate::text!(vi: "Khi đủ chữ ký và đã phát hành:", en: "Once it is fully signed and published:"));
        said.extend(waiting.iter().flat_map(effect_text));
    }
    let both = || taken.iter().chain(waiting);
    said.extend(both().filter_map(remaining_languages));
    match content {
        Some(content) => said.extend(both().flat_map(|each| correction_text(each, content, revisions))),
        None => said
            .push(crate::text!(vi: "  nội dung đang có lỗi; xem bằng: bangtin check", en: "  the content has faults; see: bangtin check")),
    }
    let mut seen = BTreeSet::new();
    said.retain(|text| seen.insert(text.en.clone()));
    said
}

/// The programs that still show it, and why.
pub fn left(left: &[(&FiledProgram, Text)]) -> Vec<Text> {
    let line = |(filed, why): &(&FiledProgram, Text)| {
        let (manifest, Text { vi, en }) = (filed.program.manifest(), why);
        let (site, Text { vi: vi_period, en: en_period }) = (&manifest.site, period_text(manifest));
        crate::text!(vi: "{site}, {vi_period}: vẫn chiếu: {vi}", en: "{site}, {en_period}: still shown: {en}")
    };
    left.iter().map(line).collect()
}

fn period_text(manifest: &Manifest) -> Text {
    manifest.month.map_or_else(|| manifest.kind.display_name(), dates::month)
}

/// What changes on which screens, and from when.
fn effect_text(taken: &WithdrawalView<'_>) -> Vec<Text> {
    let manifest = taken.manifest;
    let (site, screens, Text { vi: vi_period, en: en_period }) = (&manifest.site, screens(taken).join(", "), period_text(manifest));
    let Text { vi, en } = replacement_text(manifest.kind);
    let first = match taken.slides.as_ref().map(join) {
        Some(slides) if !taken.gone.program => crate::text!(
            vi: "{site}, {vi_period}, màn hình {screens}: không chiếu {slides} nữa; thời gian đó dành cho trang kế tiếp trong vòng chiếu",
            en: "{site}, {en_period}, screens {screens}: {slides} is shown no more; that time goes to the next slide of the loop"
        ),
        Some(slides) => crate::text!(
            vi: "{site}, {vi_period}, màn hình {screens}: bỏ {slides} thì có vòng chiếu không còn trang nào, nên cả chương trình bị bỏ; {vi}",
            en: "{site}, {en_period}, screens {screens}: without {slides} a loop has no slide left, so the whole program goes; {en}"
        ),
        None => crate::text!(
            vi: "{site}, {vi_period}, màn hình {screens}: cả chương trình không chiếu nữa; {vi}",
            en: "{site}, {en_period}, screens {screens}: the whole program is shown no more; {en}"
        ),
    };
    vec![first, when(taken)]
}

/// What plays instead of a withdrawn program.
fn replacement_text(kind: ProgramKind) -> Text {
    match kind {
        ProgramKind::Evergreen => crate::text!(
            vi: "nếu không có chương trình thường xuyên khác, ngoài giờ của chương trình tháng chỉ còn màn hình chờ",
            en: "unless another evergreen program is published, only the built-in card is left where no month plays"
        ),
        ProgramKind::Monthly => crate::text!(
            vi: "thay vào đó là chương trình tháng khác đang phát hành, nếu có, không thì chương trình thường xuyên",
            en: "another published program of the month plays instead, if there is one, else the evergreen week"
        ),
        ProgramKind::Urgent | ProgramKind::Kit => {
            crate::text!(vi: "màn hình trở lại chương trình thường", en: "the ordinary program comes back")
        }
    }
}

fn when(taken: &WithdrawalView<'_>) -> Text {
    let valid = taken.manifest.valid;
    let moment = |second: i64| taken.zone.moment(Timestamp(second));
    if let Some(until) = valid.until.filter(|until| *until <= taken.now.0) {
        let Text { vi, en } = moment(until);
        return crate::text!(
            vi: "chương trình này đã hết hạn lúc {vi}: màn hình không đổi gì",
            en: "its window ended at {en}: nothing changes on the screens"
        );
    }
    if valid.from > taken.now.0 {
        let Text { vi, en } = moment(valid.from);
        return crate::text!(
            vi: "chương trình này bắt đầu từ {vi}; mỗi máy chiếu biết việc thu hồi ở lần hỏi kho kế tiếp (khoảng một phút sau khi phát hành)",
            en: "its window begins at {en}; each player knows of it when it next asks the store (about a minute after publishing)"
        );
    }
    crate::text!(
        vi: "từ lần mỗi máy chiếu hỏi kho kế tiếp, khoảng một phút sau khi phát hành; không máy nào quên việc này, kể cả khi kho bị đưa về bản cũ",
        en: "from when each player next asks the store, about a minute after publishing; no player forgets it, even if the store is put back"
    )
}

/// The screens whose loops show a withdrawn slide.
fn screens(taken: &WithdrawalView<'_>) -> Vec<String> {
    let shows = |loop_id: &String| {
        let items = taken.manifest.loops.get(loop_id).map(|each| each.items.as_slice()).unwrap_or_default();
        taken.slides.as_ref().is_none_or(|slides| items.iter().any(|(slide, _)| slides.contains(slide)))
    };
    let all = taken.manifest.screens.iter().filter(|screen| screen.spans.iter().any(|(_, _, loop_id, _)| shows(loop_id)));
    all.map(|screen| screen.id.to_string()).collect()
}

/// Translations of withdrawn slides that stay on the screen, and originals of withdrawn translations.
fn remaining_languages(taken: &WithdrawalView<'_>) -> Option<Text> {
    let slides = taken.slides.as_ref()?;
    let stems: BTreeSet<_> = slides.iter().map(|slide| slide.split_language().0).collect();
    let gone = |id: &SlideId| taken.gone.program || taken.gone.slides.contains(id) || slides.contains(id);
    let stays = taken.manifest.slides.keys().filter(|id| stems.contains(&id.split_language().0) && !gone(id));
    let stays: Vec<_> = stays.map(|id| format!("--slide {id}")).collect();
    let more = stays.join(" ");
    (!stays.is_empty()).then(|| {
        crate::text!(
            vi: "còn chiếu các bản ngôn ngữ khác của trang này; nếu cũng phải bỏ, thêm: {more}",
            en: "the slide stays on screen in other languages; if those must go too, add: {more}"
        )
    })
}

/// How to correct the content: lines of playlists to change, and how to bring a program back.
fn correction_text(taken: &WithdrawalView<'_>, content: &Content, revisions: &WithdrawnRevisions) -> Vec<Text> {
    let manifest = taken.manifest;
    let period = match (manifest.month, manifest.kind) {
        (Some(month), _) => Period::Month(month),
        (None, ProgramKind::Evergreen) => Period::Evergreen,
        _ => return Vec::new(),
    };
    let shares = content.sites.get(&manifest.site).map(|site| site.shares.as_slice()).unwrap_or_default();
    let lists: Vec<&Playlist> = shares.iter().filter_map(|share| content.playlists.get(&(period, share.playlist.clone()))).collect();
    let mut out = vec![crate::text!(vi: "Sửa nội dung:", en: "To put the content right:")];
    let Some(slides) = &taken.slides else {
        out.push(restore_text(&lists));
        return out;
    };
    for slide in slides {
        let entries =
            lists.iter().flat_map(|list| &list.entries).filter(|entry| entry.slide == *slide || entry.slide == slide.split_language().0);
        out.extend(entries.map(|entry| entry_correction(taken, entry, slide)));
        if let Some(file) = content.slides.get(slide).map(|slide| &slide.source) {
            let next = revisions.get(slide).map(|taken| taken + 1);
            let (vi, en) = next.map_or_else(Default::default, |next| {
                (format!(", và ghi `revision: {next}` ở đầu tệp"), format!(", and write `revision: {next}` at its top"))
            });
            out.push(crate::text!(
                vi: "  hoặc sửa chính trang slides/{file}{vi}: bản sửa là chương trình mới và chiếu lại được ngay khi được duyệt",
                en: "  or fix the slide itself, slides/{file}{en}: fixed, it makes another program, which may show it as soon as that is approved"
            ));
        }
    }
    out
}

fn entry_correction(taken: &WithdrawalView<'_>, entry: &PlaylistEntry, slide: &SlideId) -> Text {
    let (path, line) = (&entry.place.path, entry.place.line);
    if entry.place.source.contains("slides:") {
        return crate::text!(
            vi: "  {path}:{line}: mẫu này gồm {slide}; chuyển tệp của trang ra khỏi thư mục, hoặc liệt kê từng trang thay cho mẫu",
            en: "  {path}:{line}: this pattern takes in {slide}; move the slide's file out of the folder, or list the slides one by one"
        );
    }
    if slide.is_translation() && entry.slide != *slide {
        return crate::text!(
            vi: "  {path}:{line}: mục này chiếu trang gốc cùng bản dịch {slide}; nếu chỉ bỏ bản dịch thì xóa tệp của bản dịch",
            en: "  {path}:{line}: this entry shows the original with its translation {slide}; if the translation alone must go, remove its file"
        );
    }
    // The last day on which the slide was shown as intended.
    let day = taken.zone.yesterday(taken.now).filter(|day| entry.from.is_none_or(|from| from <= *day));
    match day.filter(|day| taken.manifest.month.is_some_and(|month| month.first_day() <= *day)) {
        None => crate::text!(vi: "  {path}:{line}: xóa mục {slide}", en: "  {path}:{line}: remove the entry of {slide}"),
        Some(day) => crate::text!(
            vi: "  {path}:{line}: xóa mục {slide}, hoặc thêm `until: {day}` vào mục",
            en: "  {path}:{line}: remove the entry of {slide}, or end it with `until: {day}`"
        ),
    }
}

/// A withdrawn digest is never shown again; says where to raise the revision for a new one.
fn restore_text(lists: &[&Playlist]) -> Text {
    let raised: String = lists.first().map(|list| format!("{}: `revision: {}`", list.place.path, list.revision + 1)).unwrap_or_default();
    crate::text!(
        vi: "  sửa nội dung rồi duyệt lại; nếu thu hồi nhầm và muốn chiếu lại đúng nội dung này: tăng revision trong {raised}, rồi duyệt và phát hành",
        en: "  correct the content and have it approved; if it was withdrawn by mistake, to show the same content again: raise the revision in {raised}, then approve and publish"
    )
}

fn join(slides: &BTreeSet<SlideId>) -> String {
    slides.iter().map(SlideId::as_str).collect::<Vec<_>>().join(", ")
}
