//! A report in words: for the terminal whole, for its question what is signed, and how far the approval is.
//! Never decides anything.

use std::fmt::Write as _;

use super::report::{RemovedSlide, ReviewReport, RoleProgress, SlideReport, SlideState};
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::{Lang, Text};
use crate::base::zone::TimeZone;
use crate::program::changes::ThemeChange;
use crate::program::changes_text::{self, Part};
use crate::text;
use crate::trust::root_changes::names;

/// How much of a report is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// What people changed whole, all else as counts.
    Short,
    /// Every slide and every file.
    Whole,
}

impl Listing {
    /// Whether all was asked for.
    pub fn asked(all: bool) -> Self {
        if all { Self::Whole } else { Self::Short }
    }
}

/// The question before the signature: names each program that will be signed.
pub fn question(reports: &[&ReviewReport], url: &str) -> Text {
    let subjects: Vec<Text> = reports.iter().filter(|report| !report.signed).map(|report| report.subject()).collect();
    let (look_vi, look_en) = (format!("(xem tại {url}/)"), format!("(see {url}/)"));
    if let [Text { vi, en }] = subjects.as_slice() {
        return text!(vi: "Ký duyệt {vi}? {look_vi} [c/K] ", en: "Sign {en}? {look_en} [y/N] ");
    }
    let list = |pick: fn(&Text) -> &String| subjects.iter().map(pick).fold(String::new(), |list, each| format!("{list}\n  {each}"));
    let (count, vi, en) = (subjects.len(), list(|text| &text.vi), list(|text| &text.en));
    text!(
        vi: "Ký duyệt {count} chương trình:{vi}\n{look_vi} [c/K] ",
        en: "Sign {count} programs:{en}\n{look_en} [y/N] "
    )
}

impl ReviewReport {
    /// What is signed besides the program.
    fn signed_along(&self) -> Vec<Text> {
        let decision = self
            .decision
            .as_ref()
            .map(|Text { vi, en }| text!(vi: "quyết định {vi} (ký cùng)", en: "decision: {en} (part of what is signed)"));
        let remark = &self.remark;
        let remark =
            (!remark.is_empty()).then(|| text!(vi: "ghi chú: “{remark}” (ký cùng)", en: "remark: “{remark}” (part of what is signed)"));
        decision.into_iter().chain(remark).collect()
    }

    /// What a signature covers: `“Chương trình tháng 12/2026” của cụm ta-lung (a1d4eae8…), vai trò chief, quyết định số …`.
    fn subject(&self) -> Text {
        let (title, site, digest, roles) = (&self.title, &self.site, self.program.to_string()[..8].to_owned(), names(&self.roles));
        let Text { vi, en } =
            self.decision.as_ref().map_or(text!(vi: "", en: ""), |Text { vi, en }| text!(vi: ", quyết định {vi}", en: ", decision {en}"));
        let remark = &self.remark;
        let Text { vi: vi_remark, en: en_remark } =
            if remark.is_empty() { text!(vi: "", en: "") } else { text!(vi: ", ghi chú “{remark}”", en: ", remark “{remark}”") };
        text!(
            vi: "“{title}” của cụm {site} ({digest}…), vai trò {roles}{vi}{vi_remark}",
            en: "“{title}” of site {site} ({digest}…), role {roles}{en}{en_remark}"
        )
    }

    /// Its title and site, by which people tell programs apart.
    pub fn named(&self) -> (&str, &SiteId) {
        (&self.title, &self.site)
    }

    /// How far its approval is once this key has signed.
    pub fn standing(&self) -> Text {
        match &self.release {
            _ if !self.lacking.is_empty() => {}
            Some(number) if self.in_newest => {
                return text!(vi: "đã đủ chữ ký, có trong bản phát hành {number}", en: "all signatures are there, published in release {number}");
            }
            Some(number) => {
                return text!(
                    vi: "đã đủ chữ ký, bản phát hành cuối cùng có chương trình này: {number}",
                    en: "all signatures are there, published last in release {number}"
                );
            }
            // Another machine may have published it.
            None => {
                return text!(
                    vi: "đã đủ chữ ký, chưa phát hành (theo dữ liệu trên máy này)",
                    en: "all signatures are there, not published as far as is known here"
                );
            }
        }
        let (vi, en): (Vec<String>, Vec<String>) = self
            .lacking
            .iter()
            .map(|(role, count)| {
                (format!("{count} chữ ký vai trò {role}"), format!("{} of role {role}", numbers::counted(*count, "signature")))
            })
            .unzip();
        let (vi, en) = (vi.join(", "), en.join(", "));
        text!(vi: "chưa được duyệt, còn thiếu {vi}", en: "not approved yet, still missing {en}")
    }

    /// The report as text: what people changed first and whole, then what the theme changed and what is as it was.
    pub fn text(&self, zone: TimeZone, lang: Lang, listing: Listing) -> String {
        let mut out = self.head(zone, lang);
        let notes = self.notes.iter().map(|Text { vi, en }| text!(vi: "! {vi}", en: "! {en}")).collect();
        for line in [notes, self.edited_slides(zone, listing), self.program_changes(listing), self.other_slides(listing)].concat() {
            let _ = writeln!(out, "  {}", line.get(lang));
        }
        out
    }

    /// Slides that somebody changed, each with what was changed, those that are new, and those that are gone.
    fn edited_slides(&self, zone: TimeZone, listing: Listing) -> Vec<Text> {
        let change = |slide: &SlideReport| self.changes.as_ref()?.slides.changed.get(&slide.id);
        let told = if listing == Listing::Whole { changes_text::altered } else { changes_text::edits };
        let edits = |slide| (slide, change(slide).map(|change| told(change, zone)).unwrap_or_default());
        let mut changed: Vec<_> = self.slides.iter().filter(|slide| slide.mark() == '~').map(edits).collect();
        changed.sort_by_key(|(_, edits)| edits.is_empty());
        let mut lines = Vec::new();
        for (slide, edits) in changed {
            lines.extend(slide.lines(edits.is_empty().then(changes_text::only_markup)));
            lines.extend(edits.into_iter().map(|Text { vi, en }| text!(vi: "      {vi}", en: "      {en}")));
        }
        lines.extend(self.slides.iter().filter(|slide| slide.mark() == '+').flat_map(|slide| slide.lines(None)));
        lines.extend(
            self.removed
                .iter()
                .map(|RemovedSlide { id, title, agency, .. }| text!(vi: "- {id}: {title} ({agency})", en: "- {id}: {title} ({agency})")),
        );
        lines
    }

    /// What changed besides slides.
    fn program_changes(&self, listing: Listing) -> Vec<Text> {
        let mut lines = Vec::new();
        for part in self.parts.iter().filter(|part| matches!(part.about, Part::Program | Part::Files)) {
            let Text { vi, en } = &part.heading;
            lines.push(text!(vi: "{vi}:", en: "{en}:"));
            let told = match (&self.changes, listing) {
                (Some(changes), Listing::Short) if part.about == Part::Files => changes_text::files_in_short(&changes.files),
                _ => part.lines.clone(),
            };
            lines.extend(told.into_iter().map(|Text { vi, en }| text!(vi: "  {vi}", en: "  {en}")));
        }
        lines
    }

    /// The slides whose content nobody changed: how many they are, and which if all are listed.
    fn other_slides(&self, listing: Listing) -> Vec<Text> {
        let mut lines = Vec::new();
        let mut tell = |mark: char, Text { vi, en }: Text, slides: Vec<&SlideReport>| {
            if slides.is_empty() {
                return;
            }
            lines.push(text!(vi: "{mark} {vi}", en: "{mark} {en}"));
            // One that is back after a withdrawal is named in any case.
            let named = slides.into_iter().filter(|slide| listing == Listing::Whole || slide.returned.is_some());
            let lines_of = |slide: &SlideReport| slide.lines(None);
            lines.extend(named.flat_map(lines_of).map(|Text { vi, en }| text!(vi: "    {vi}", en: "    {en}")));
        };
        let retimed: Vec<_> = self.slides.iter().filter(|slide| slide.mark() == '@').collect();
        tell('@', retimed_count(retimed.len()), retimed);
        for what in [ThemeChange::Style, ThemeChange::Fonts] {
            let slides: Vec<_> = self.slides.iter().filter(|slide| slide.mark() == '*' && slide.theme_only == Some(what)).collect();
            tell('*', changes_text::restyled_count(slides.len(), what), slides);
        }
        let same: Vec<_> = self.slides.iter().filter(|slide| slide.mark() == '=').collect();
        let (count, counted) = (same.len(), numbers::counted(same.len(), "slide"));
        tell('=', text!(vi: "{count} trang chiếu như cũ", en: "{counted} as before"), same);
        if !lines.is_empty() && listing == Listing::Short {
            lines.push(
                text!(vi: "(xem đủ danh sách: thêm --all, hoặc ở trang duyệt)", en: "(the whole list: with --all, or on the review page)"),
            );
        }
        lines.extend(self.opened_before(listing));
        lines
    }

    /// The slides whose pages need not be opened again.
    fn opened_before(&self, listing: Listing) -> Option<Text> {
        let again: Vec<String> =
            self.slides.iter().filter(|slide| slide.pages.iter().all(|page| page.seen)).map(|slide| format!("“{}”", slide.title)).collect();
        let (count, slides) = (again.len(), numbers::counted(again.len(), "slide"));
        let list = if listing == Listing::Whole { format!(": {}", again.join(", ")) } else { String::new() };
        (count > 0).then(|| {
            text!(
                vi: "bạn đã xem trước khi ký chương trình trước, từ đó không đổi: {count} trang chiếu{list}",
                en: "opened by you before you signed an earlier program, unchanged since: {slides}{list}"
            )
        })
    }

    fn head(&self, zone: TimeZone, lang: Lang) -> String {
        let (site, title, digest, files, slides) = (&self.site, &self.title, self.program, self.files, self.slides.len());
        let (title, bytes) = (self.kind.titled(title), numbers::bytes(self.bytes));
        let (title, bytes) = (title.get(lang), bytes.get(lang));
        let (roles, needed) = (names(&self.roles), names(self.needed.keys()));
        let window = self.valid.until.map(|until| format!(", {}", zone.window(self.valid.from, until).get(lang))).unwrap_or_default();
        let (shown, parts) = (numbers::counted(slides, "slide"), numbers::counted(files, "file"));
        let head = text!(
            vi: "{site}: {title}{window}\n  chương trình {digest}\n  {slides} trang chiếu, {files} tệp, {bytes}; ký với vai trò: {roles} (cần: {needed})\n",
            en: "{site}: {title}{window}\n  program {digest}\n  {shown}, {parts}, {bytes}; signing as: {roles} (needed: {needed})\n"
        );
        let mut out = head.get(lang).to_owned();
        for (role, RoleProgress { threshold, signed }) in &self.needed {
            let (count, names) = (signed.len(), signed.join(", "));
            let line = if signed.is_empty() {
                text!(vi: "  vai trò {role}: chưa ai ký (cần {threshold})", en: "  role {role}: nobody has signed ({threshold} needed)")
            } else {
                text!(vi: "  vai trò {role}: đã ký {count}/{threshold}: {names}", en: "  role {role}: {count} of {threshold} signed: {names}")
            };
            let _ = writeln!(out, "{}", line.get(lang));
        }
        for line in self.signed_along() {
            let _ = writeln!(out, "  {}", line.get(lang));
        }
        let since = match &self.last {
            Some((program, issued)) if self.lapsed => {
                let Text { vi, en } = zone.moment(*issued);
                text!(
                    vi: "  hiện không có chương trình nào được duyệt; so với chương trình {program}, duyệt lúc {vi}, đã mất hiệu lực duyệt (~ đã sửa, + mới, - bỏ, @ chỉ khác lịch chiếu, * chỉ khác giao diện, = như cũ):",
                    en: "  no program is approved now; compared with program {program}, approved on {en}, which has lost its approval (~ changed, + new, - removed, @ played otherwise, * theme only, = as before):"
                )
            }
            Some((program, issued)) => {
                let Text { vi, en } = zone.moment(*issued);
                text!(vi: "  so với chương trình {program}, duyệt lúc {vi} (~ đã sửa, + mới, - bỏ, @ chỉ khác lịch chiếu, * chỉ khác giao diện, = như cũ):", en: "  compared with program {program}, approved on {en} (~ changed, + new, - removed, @ played otherwise, * theme only, = as before):")
            }
            None => {
                text!(vi: "  chương trình đầu tiên thuộc loại này ở cụm này: tất cả đều mới", en: "  the first program of this kind at this site: all of it is new")
            }
        };
        let _ = writeln!(out, "{}", since.get(lang));
        out
    }
}

impl SlideReport {
    /// How it compares with the last approved program, as a mark before its line.
    fn mark(&self) -> char {
        match (self.state, self.theme_only) {
            (SlideState::New, _) => '+',
            (SlideState::Changed, None) => '~',
            // A person changed when it plays.
            _ if !self.airtime.is_empty() => '@',
            (SlideState::Changed, Some(_)) => '*',
            (SlideState::Same, _) => '=',
        }
    }

    /// Its line, which may end with a remark, and that it is back after a withdrawal.
    fn lines(&self, remark: Option<Text>) -> Vec<Text> {
        let (mark, Self { id, title, agency, .. }) = (self.mark(), self);
        let by = if self.authors.is_empty() { String::new() } else { format!(" · {}", self.authors.join(", ")) };
        let uncommitted = self.uncommitted.then(|| text!(vi: "chưa ghi vào git", en: "not committed"));
        let (vi, en): (String, String) =
            uncommitted.into_iter().chain(remark).map(|Text { vi, en }| (format!(" · {vi}"), format!(" · {en}"))).unzip();
        let line = text!(vi: "{mark} {id}: {title} ({agency}){by}{vi}", en: "{mark} {id}: {title} ({agency}){by}{en}");
        let back = self
            .returned
            .as_ref()
            .map(|Text { vi, en }| text!(vi: "    ! trở lại sau khi thu hồi: {vi}", en: "    ! back after a withdrawal: {en}"));
        std::iter::once(line).chain(back).collect()
    }
}

/// How many slides only play at other times, for another duration or in other numbers: the section on airtime names them.
fn retimed_count(count: usize) -> Text {
    let slides = numbers::counted(count, "slide");
    text!(
        vi: "{count} trang chiếu chỉ khác lịch chiếu (giờ, thời lượng hoặc số lần, đã nêu ở trên); nội dung như cũ",
        en: "{slides}, content as before, only when, how long or how often they play differs, as told above"
    )
}

/// What a reviewer who opens pages should know of stopping; `site`: the one that was chosen.
pub fn stopping_advice(site: Option<&str>) -> Text {
    let Text { vi, en } = match site {
        Some(_) => text!(vi: "", en: ""),
        None => {
            text!(vi: "; nếu nhiều trang, hãy duyệt từng cụm với --site", en: "; where they are many, approve site by site with --site")
        }
    };
    text!(
        vi: "Bỏ giữa chừng thì lần sau phải xem lại từ đầu, vì chỉ trang đã ký mới được tính{vi}",
        en: "If you stop midway, all pages are to be opened again, since only what you signed counts{en}"
    )
}
