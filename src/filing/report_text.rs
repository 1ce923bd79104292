//! A report in words: for the terminal whole, for its question what is signed, and how far the approval is.
//! Never decides anything.

use std::fmt::Write as _;

use super::report::{RemovedSlide, ReviewReport, RoleProgress, SlideState};
use crate::base::numbers;
use crate::base::relpath::RelPath;
use crate::base::text::{Lang, Text};
use crate::base::zone::TimeZone;
use crate::text;
use crate::trust::root_changes::names;

/// The question before the signature: names each program that will be signed.
pub fn question(reports: &[&ReviewReport], url: &str) -> Text {
    let subjects: Vec<Text> = reports.iter().filter(|report| !report.signed).map(|report| report.subject()).collect();
    let (look_vi, look_en) = (format!("(xem lại tại {url}/)"), format!("(look again at {url}/)"));
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

    /// A page by the title of its slide and its size.
    pub fn page_name(&self, page: &RelPath) -> String {
        let found = self.slides.iter().find_map(|slide| Some((slide, slide.pages.iter().find(|each| each.path == *page)?)));
        found.map_or_else(|| page.to_string(), |(slide, each)| format!("“{}” {} ({page})", slide.title, each.size.replace('x', "×")))
    }

    /// The report as text.
    pub fn text(&self, zone: TimeZone, lang: Lang) -> String {
        let mut out = self.head(zone, lang);
        for note in &self.notes {
            let _ = writeln!(out, "  ! {}", note.get(lang));
        }
        for slide in &self.slides {
            let mark = match slide.state {
                SlideState::New => '+',
                SlideState::Changed => '~',
                SlideState::Same => '=',
            };
            let (id, title, agency) = (&slide.id, &slide.title, &slide.agency);
            let _ = write!(out, "  {mark} {id}: {title} ({agency})");
            if !slide.authors.is_empty() {
                let _ = write!(out, " · {}", slide.authors.join(", "));
            }
            if slide.uncommitted {
                let _ = write!(out, " · {}", text!(vi: "chưa ghi vào git", en: "not committed").get(lang));
            }
            out.push('\n');
            if let Some(Text { vi, en }) = &slide.returned {
                let line = text!(vi: "      ! trở lại sau khi thu hồi: {vi}", en: "      ! back after a withdrawal: {en}");
                let _ = writeln!(out, "{}", line.get(lang));
            }
        }
        for RemovedSlide { id, title, agency, .. } in &self.removed {
            let _ = writeln!(out, "  - {id}: {title} ({agency})");
        }
        for part in &self.parts {
            let _ = writeln!(out, "  {}:", part.heading.get(lang));
            for line in &part.lines {
                let _ = writeln!(out, "    {}", line.get(lang));
            }
        }
        let again: Vec<String> =
            self.slides.iter().filter(|slide| slide.pages.iter().all(|page| page.seen)).map(|slide| format!("“{}”", slide.title)).collect();
        if !again.is_empty() {
            let (count, list) = (again.len(), again.join(", "));
            let line = text!(
                vi: "  {count} trang như cũ bạn đã xem trước khi ký chương trình trước: {list}",
                en: "  opened by you as they are before you signed an earlier program, {count}: {list}"
            );
            let _ = writeln!(out, "{}", line.get(lang));
        }
        out
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
                    vi: "  hiện không có chương trình nào được duyệt; so với chương trình {program}, duyệt lúc {vi}, đã mất hiệu lực duyệt (+ mới, ~ đã sửa, = như cũ, - bỏ):",
                    en: "  no program is approved now; compared with program {program}, approved on {en}, which has lost its approval (+ new, ~ changed, = as it was, - removed):"
                )
            }
            Some((program, issued)) => {
                let Text { vi, en } = zone.moment(*issued);
                text!(vi: "  so với chương trình {program}, duyệt lúc {vi} (+ mới, ~ đã sửa, = như cũ, - bỏ):", en: "  compared with program {program}, approved on {en} (+ new, ~ changed, = as it was, - removed):")
            }
            None => {
                text!(vi: "  chương trình đầu tiên thuộc loại này ở cụm này: tất cả đều mới", en: "  the first program of this kind at this site: all of it is new")
            }
        };
        let _ = writeln!(out, "{}", since.get(lang));
        out
    }
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
