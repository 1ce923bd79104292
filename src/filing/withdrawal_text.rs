//! What a withdrawal does on the screens, and how to correct the content after it, in words.
//! Never signs and never changes content.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::withdrawal_lists;
use super::withdrawn::{WithdrawalAction, WithdrawalOutcome};
use crate::base::ids::{PlaylistId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::content::model::values::{Content, Period, PlaylistEntry};
use crate::program::manifest::Manifest;
use crate::trust::judge::{WithdrawalEffect, WithdrawnRevisions};

/// What a withdrawal takes from one program.
pub struct WithdrawalView<'a> {
    /// Names the program.
    pub label: Text,
    pub manifest: &'a Manifest,
    /// The earlier statement by which the whole program went, if one did.
    pub gone_before: Option<u64>,
    /// The published programs of its period that are not withdrawn with it.
    pub instead: Vec<WithdrawalRival>,
    /// `None`: the whole program.
    pub slides: Option<BTreeSet<SlideId>>,
    /// What all complete withdrawals together take of it.
    pub gone: WithdrawalEffect,
    /// The moment of signing.
    pub now: Timestamp,
    /// The zone in which moments are written.
    pub zone: TimeZone,
}

/// A program that plays once another of its period is withdrawn.
pub struct WithdrawalRival {
    pub name: Text,
    /// The beginning of its digest.
    pub start: String,
    /// Whether it was to be withdrawn too, and the command says by what else.
    pub left: bool,
}

/// A withdrawal as people read it.
pub struct WithdrawalStory<'a> {
    pub reason: &'a str,
    /// What changes on the screens.
    pub taken: Vec<WithdrawalView<'a>>,
    /// What changes once it is fully signed.
    pub waiting: Vec<WithdrawalView<'a>>,
    pub way: WithdrawalWay,
    /// Whether slides are taken from these programs alone, whatever comes later.
    pub only: bool,
    /// The command that withdraws more slides in the same way, around their names.
    pub command: (String, String),
}

/// How far a withdrawal has come on its way to the players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalWay {
    /// It is signed, and to be published.
    Signed,
    /// Sending it failed.
    NotSent,
    /// It is in the store.
    Sent,
}

/// What is withdrawn and why, what changes on which screens and from when, and how to correct the content; each sentence once, however many
/// programs it is about. `revisions`: up to which slides are withdrawn from every program.
pub fn all(story: &WithdrawalStory<'_>, (content, revisions): (Option<&Content>, &WithdrawnRevisions)) -> Vec<Text> {
    let both = || story.taken.iter().chain(&story.waiting);
    let mut said: Vec<Text> = heading(both(), story.reason).into_iter().collect();
    if story.way == WithdrawalWay::NotSent {
        said.push(crate::text!(vi: "Khi đã vào kho:", en: "Once it is in the store:"));
    }
    said.extend(story.taken.iter().map(effect_text));
    if story.taken.iter().any(|taken| !taken.is_past() && taken.gone_before.is_none()) {
        said.extend(from_when(story.way));
    }
    let waiting: Vec<Text> = story.waiting.iter().map(effect_text).filter(|text| !said.contains(text)).collect();
    if !waiting.is_empty() {
        said.push(crate::text!(vi: "Khi đủ chữ ký và văn bản đã vào kho:", en: "Once it is fully signed and in the store:"));
        said.extend(waiting);
    }
    said.extend(remaining_languages(both(), &story.command));
    said.extend(remaining_rivals(both(), &story.command.1));
    match content {
        Some(content) => {
            let mut lines: Vec<Text> = both().filter(|each| each.slides.is_none()).filter_map(|each| restore_text(each, content)).collect();
            lines.extend(slide_corrections(story, content, revisions));
            if !lines.is_empty() {
                said.push(crate::text!(vi: "Sửa nội dung:", en: "To put the content right:"));
            }
            said.extend(lines);
        }
        None => said
            .push(crate::text!(vi: "  nội dung đang có lỗi; xem bằng: bangtin check", en: "  the content has faults; see: bangtin check")),
    }
    let mut seen = BTreeSet::new();
    said.retain(|text| seen.insert(text.en.clone()));
    said
}

/// What was done about one statement: the first line about it.
pub fn outcome(outcome: &WithdrawalOutcome, way: WithdrawalWay, path: &Path) -> Text {
    let (number, path) = (outcome.number, path.display());
    match outcome.action {
        WithdrawalAction::New => crate::text!(vi: "Đã ký văn bản thu hồi số {number}: {path}", en: "Signed withdrawal {number}: {path}"),
        WithdrawalAction::Joined => {
            crate::text!(vi: "Đã ký thêm vào văn bản thu hồi số {number}: {path}", en: "Added a signature to withdrawal {number}: {path}")
        }
        WithdrawalAction::Already if outcome.missing_signatures > 0 => crate::text!(
            vi: "Đã ký từ trước, CHƯA CÓ HIỆU LỰC: văn bản thu hồi số {number}: {path}",
            en: "Signed before, NOT IN FORCE: withdrawal {number}: {path}"
        ),
        WithdrawalAction::Already if way == WithdrawalWay::NotSent => crate::text!(
            vi: "Đã ký từ trước, chưa vào kho: văn bản thu hồi số {number}: {path}",
            en: "Signed before, not in the store yet: withdrawal {number}: {path}"
        ),
        WithdrawalAction::Already => {
            crate::text!(vi: "Đã thu hồi từ trước, văn bản số {number}: {path}", en: "Withdrawn already, by withdrawal {number}: {path}")
        }
    }
}

/// Names the slides by title and id, or the programs by title, and the reason.
fn heading<'a>(all: impl Iterator<Item = &'a WithdrawalView<'a>>, reason: &str) -> Option<Text> {
    let (mut slides, mut programs) = (BTreeMap::new(), BTreeSet::new());
    for each in all {
        if each.slides.is_none() {
            programs.insert(format!("“{}”", printable(&each.manifest.title)));
        }
        let named = each.slides.iter().flatten().filter_map(|id| Some((id, each.manifest.title(id)?)));
        slides.extend(named);
    }
    let list = slides.iter().map(|(id, title)| format!("“{}” ({id})", printable(title))).collect::<Vec<_>>().join(", ");
    let reason = printable(reason);
    let programs = programs.into_iter().collect::<Vec<_>>().join(", ");
    match (slides.is_empty(), programs.is_empty()) {
        (false, _) => Some(crate::text!(vi: "Thu hồi trang {list}, lý do: “{reason}”", en: "Withdrawn: slide {list}, reason: “{reason}”")),
        (true, false) => Some(crate::text!(
            vi: "Thu hồi cả chương trình {programs}, lý do: “{reason}”",
            en: "Withdrawn: the whole program {programs}, reason: “{reason}”"
        )),
        (true, true) => None,
    }
}

/// From when the players follow it; nothing while it can't be known.
fn from_when(way: WithdrawalWay) -> Option<Text> {
    match way {
        WithdrawalWay::Sent => Some(crate::text!(
            vi: "Có hiệu lực từ lần kiểm tra kho kế tiếp của mỗi đầu phát, thường trong một phút; không thể rút lại.",
            en: "It takes effect when each player next looks at the store, usually within a minute; it can't be taken back."
        )),
        WithdrawalWay::Signed => Some(crate::text!(
            vi: "Khi đã vào kho, có hiệu lực từ lần kiểm tra kho kế tiếp của mỗi đầu phát, thường trong một phút; không thể rút lại.",
            en: "Once in the store, it takes effect when each player next looks there, usually within a minute; it can't be taken back."
        )),
        WithdrawalWay::NotSent => None,
    }
}

/// What changes on which screens.
fn effect_text(taken: &WithdrawalView<'_>) -> Text {
    let (Text { vi: vi_label, en: en_label }, screens) = (&taken.label, screens(taken).join(", "));
    if let Some(number) = taken.gone_before {
        return crate::text!(
            vi: "{vi_label}: cả chương trình đã thu hồi từ trước (văn bản số {number})",
            en: "{en_label}: already withdrawn whole (withdrawal {number})"
        );
    }
    let Text { vi, en } = replacement_text(taken);
    let Text { vi: vi_when, en: en_when } = window_text(taken);
    match taken.slides.as_ref().map(join) {
        Some(slides) if !taken.gone.program => crate::text!(
            vi: "{vi_label}, màn hình {screens}: không chiếu {slides} nữa; thời gian đó dành cho trang kế tiếp trong vòng chiếu{vi_when}",
            en: "{en_label}, screens {screens}: {slides} is no longer shown; that time goes to the next slide of the loop{en_when}"
        ),
        Some(slides) => crate::text!(
            vi: "{vi_label}, màn hình {screens}: bỏ {slides} thì có vòng chiếu không còn trang nào, nên cả chương trình bị bỏ; {vi}{vi_when}",
            en: "{en_label}, screens {screens}: without {slides} a loop has no slide left, so the whole program goes; {en}{en_when}"
        ),
        None => crate::text!(
            vi: "{vi_label}, màn hình {screens}: cả chương trình không chiếu nữa; {vi}{vi_when}",
            en: "{en_label}, screens {screens}: the whole program is no longer shown; {en}{en_when}"
        ),
    }
}

/// What plays instead of a withdrawn program.
fn replacement_text(taken: &WithdrawalView<'_>) -> Text {
    if !taken.instead.is_empty() {
        let names = |of: fn(&Text) -> &str, or: &str| taken.instead.iter().map(|each| of(&each.name)).collect::<Vec<_>>().join(or);
        let (vi, en) = (names(|name| &name.vi, " hoặc "), names(|name| &name.en, " or "));
        return crate::text!(vi: "thay vào đó là {vi}, vẫn đang phát hành", en: "{en} plays instead, which is still published");
    }
    match taken.manifest.kind {
        ProgramKind::Evergreen => crate::text!(
            vi: "nếu không có chương trình thường xuyên khác thì khi không có chương trình tháng, màn hình chỉ hiện màn hình chờ",
            en: "unless another evergreen program is published, only the built-in card is left where no month plays"
        ),
        ProgramKind::Monthly => crate::text!(
            vi: "thay vào đó là chương trình tháng khác đang phát hành, nếu có, không thì chương trình thường xuyên",
            en: "another published program of the month plays instead, if there is one, else the evergreen program"
        ),
        ProgramKind::Urgent | ProgramKind::Kit => {
            crate::text!(vi: "màn hình trở lại chương trình tháng hoặc chương trình thường xuyên", en: "the ordinary program comes back")
        }
    }
}

/// What follows from a window that is past or to come.
fn window_text(taken: &WithdrawalView<'_>) -> Text {
    let valid = taken.manifest.valid;
    let moment = |second: i64| taken.zone.moment(Timestamp(second));
    match valid.until.filter(|_| taken.is_past()) {
        Some(until) => {
            let Text { vi, en } = moment(until);
            crate::text!(
                vi: "; chương trình này đã hết hạn lúc {vi}: màn hình không đổi gì",
                en: "; this program ended at {en}: nothing changes on the screens"
            )
        }
        None if valid.from > taken.now.0 => {
            let Text { vi, en } = moment(valid.from);
            crate::text!(vi: "; chương trình này bắt đầu từ {vi}", en: "; this program begins at {en}")
        }
        None => crate::text!(vi: "", en: ""),
    }
}

impl WithdrawalView<'_> {
    fn is_past(&self) -> bool {
        self.manifest.valid.until.is_some_and(|until| until <= self.now.0)
    }

    /// Translations of withdrawn slides that stay on the screen, and originals of withdrawn translations.
    fn remaining(&self) -> impl Iterator<Item = &SlideId> {
        let slides = self.slides.clone().unwrap_or_default();
        let stems: BTreeSet<_> = slides.iter().map(|slide| slide.split_language().0).collect();
        let gone = move |id: &SlideId| self.gone.program || self.gone.slides.contains(id) || slides.contains(id);
        self.manifest.slides.keys().filter(move |id| stems.contains(&id.split_language().0) && !gone(id))
    }
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

fn remaining_languages<'a>(all: impl Iterator<Item = &'a WithdrawalView<'a>>, (before, after): &(String, String)) -> Option<Text> {
    let stays: BTreeSet<&SlideId> = all.flat_map(WithdrawalView::remaining).collect();
    let slides: String = stays.iter().map(|id| format!(" --slide {id}")).collect();
    (!stays.is_empty()).then(|| {
        crate::text!(
            vi: "Các bản ngôn ngữ khác của trang này vẫn được chiếu; muốn thu hồi cả các bản đó:\n  {before}{slides}{after}",
            en: "Other language versions of this slide are still shown; to withdraw them too:\n  {before}{slides}{after}"
        )
    })
}

/// The command that withdraws what plays instead, unless another line says how.
fn remaining_rivals<'a>(all: impl Iterator<Item = &'a WithdrawalView<'a>>, after: &str) -> Option<Text> {
    let gone = all.filter(|each| each.gone_before.is_none() && (each.slides.is_none() || each.gone.program));
    let rivals: BTreeSet<&str> = gone.flat_map(|each| &each.instead).filter(|each| !each.left).map(|each| each.start.as_str()).collect();
    let commands: String = rivals.iter().map(|start| format!("\n  bangtin withdraw {start}{after}")).collect();
    (!rivals.is_empty()).then(|| {
        crate::text!(
            vi: "Nếu chương trình chiếu thay cũng phải thu hồi thì việc tiếp theo là chạy:{commands}",
            en: "If what plays instead must go as well, run next:{commands}"
        )
    })
}

/// The period of a program, and the playlists that it is made of.
fn sources(manifest: &Manifest, content: &Content) -> Option<(Period, Vec<PlaylistId>)> {
    let period = match (manifest.month, manifest.kind) {
        (Some(month), _) => Period::Month(month),
        (None, ProgramKind::Evergreen) => Period::Evergreen,
        _ => return None,
    };
    let shares = content.sites.get(&manifest.site).map(|site| site.shares.as_slice()).unwrap_or_default();
    Some((period, shares.iter().map(|share| share.playlist.clone()).collect()))
}

/// Every line that brings a withdrawn slide into a program to come, and how to show the slide again.
fn slide_corrections(story: &WithdrawalStory<'_>, content: &Content, revisions: &WithdrawnRevisions) -> Vec<Text> {
    let both = || story.taken.iter().chain(&story.waiting);
    let (slides, mut out): (BTreeSet<&SlideId>, _) = (both().flat_map(|each| each.slides.iter().flatten()).collect(), Vec::new());
    let Some(first) = both().next() else { return out };
    let made_of: Vec<_> = both().filter_map(|each| sources(each.manifest, content)).collect();
    let counts = |period: Period, list: &PlaylistId| {
        if story.only {
            made_of.iter().any(|(own, lists)| *own == period && lists.contains(list))
        } else {
            withdrawal_lists::is_to_come(period, first.now, first.zone)
        }
    };
    for id in &slides {
        let (next, slide) = (revisions.get(*id).map(|taken| taken + 1), content.slides.get(*id));
        // Its revision is raised already.
        if slide.zip(next).is_some_and(|(slide, next)| slide.revision >= next) {
            continue;
        }
        let mut lines = withdrawal_lists::lines(content, id, counts);
        let shown = !lines.is_empty();
        // Taken out there with its original, it needs no line of its own.
        lines.retain(|(_, entry)| entry.slide == **id || !slides.contains(&entry.slide));
        out.extend(lines.iter().map(|line| entry_correction(first, *line, id)));
        let Some(file) = slide.map(|slide| &slide.source) else { continue };
        let (vi, en) = next.map_or_else(Default::default, |next| {
            (format!(", và ghi `revision: {next}` ở đầu tệp"), format!(", and write `revision: {next}` at its top"))
        });
        out.push(if shown {
            crate::text!(
                vi: "  hoặc sửa chính trang slides/{file}{vi}: trang đã sửa được chiếu lại khi đã duyệt và phát hành",
                en: "  or fix the slide itself, slides/{file}{en}: the corrected slide is shown again once approved and published"
            )
        } else {
            crate::text!(
                vi: "  không danh sách phát nào còn chiếu {id}; muốn chiếu lại thì sửa trang slides/{file}{vi}, rồi duyệt và phát hành",
                en: "  no playlist shows {id} any more; to show it again, fix the slide, slides/{file}{en}, then approve and publish"
            )
        });
    }
    out
}

fn entry_correction(taken: &WithdrawalView<'_>, (period, entry): (Period, &PlaylistEntry), slide: &SlideId) -> Text {
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
    match day.filter(|day| period.month().is_some_and(|month| month.first_day() <= *day)) {
        None => crate::text!(vi: "  {path}:{line}: xóa mục {slide}", en: "  {path}:{line}: remove the entry of {slide}"),
        Some(day) => crate::text!(
            vi: "  {path}:{line}: xóa mục {slide}, hoặc thêm `until: {day}` vào mục",
            en: "  {path}:{line}: remove the entry of {slide}, or end it with `until: {day}`"
        ),
    }
}

/// A withdrawn digest is never shown again; says where to raise the revision for a new one: in the playlist that the fewest sites share, whose
/// programs all have to be approved anew.
fn restore_text(taken: &WithdrawalView<'_>, content: &Content) -> Option<Text> {
    let (period, lists) = sources(taken.manifest, content)?;
    let first = withdrawal_lists::least_shared(content, period, lists);
    let raised: String = first.map(|list| format!("{}: `revision: {}`", list.place.path, list.revision + 1)).unwrap_or_default();
    Some(crate::text!(
        vi: "  sửa rồi duyệt lại; nếu thu hồi nhầm và muốn chiếu lại đúng nội dung này: nâng lần sửa (revision) trong {raised}, rồi duyệt và phát hành",
        en: "  correct it and have it approved; if it was withdrawn by mistake, to show the same content again: raise the revision in {raised}, then approve and publish"
    ))
}

fn join(slides: &BTreeSet<SlideId>) -> String {
    slides.iter().map(SlideId::as_str).collect::<Vec<_>>().join(", ")
}
