//! What a reviewer reads before signing, as text and as JSON: the program, what changed, who wrote it, who has signed, what to open.
//! Never decides anything.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::approve::ApprovalRequest;
use super::record::ApprovalRecord;
use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, RoleId, SiteId, SlideId};
use crate::base::numbers;
use crate::base::relpath::RelPath;
use crate::base::terms::ProgramKind;
use crate::base::text::{Lang, Text};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::program::changes::{self, ProgramChanges};
use crate::program::changes_text::{self, ChangeSection};
use crate::program::manifest::ValidityWindow;
use crate::text;
use crate::trust::root::Root;
use crate::trust::root_changes::names;

/// One program as a reviewer sees it.
#[derive(Clone, Debug, Serialize)]
pub struct ReviewReport {
    pub site: SiteId,
    pub kind: ProgramKind,
    pub title: String,
    pub program: Digest,
    pub valid: ValidityWindow,
    /// Sum of all files, in bytes.
    pub bytes: u64,
    pub files: usize,
    /// The roles for which this key signs.
    pub roles: Vec<RoleId>,
    /// All roles that must approve it.
    pub needed: BTreeMap<RoleId, RoleProgress>,
    /// Whether this key has signed it before.
    pub signed: bool,
    /// The last approved program of this site and kind, and when that was.
    pub last: Option<(Digest, Timestamp)>,
    /// What changed since `last`; `null` without it.
    pub changes: Option<ProgramChanges>,
    /// `changes` in words.
    pub parts: Vec<ChangeSection>,
    pub slides: Vec<SlideReport>,
    /// What the two-person rule means here.
    pub notes: Vec<Text>,
}

/// How far a role's approval has come.
#[derive(Clone, Debug, Serialize)]
pub struct RoleProgress {
    pub threshold: u64,
    /// The holders of the keys that have signed.
    pub signed: Vec<String>,
}

/// One slide.
#[derive(Clone, Debug, Serialize)]
pub struct SlideReport {
    pub id: SlideId,
    pub title: String,
    pub agency: AgencyId,
    pub language: Language,
    /// Its source file below `slides/`.
    pub source: String,
    pub state: SlideState,
    /// What changed; empty unless `state` is `changed`.
    pub altered: Vec<Text>,
    /// Which statement took it, when and why, if it is back after a withdrawal.
    pub returned: Option<Text>,
    /// Who wrote it since the last approved program, as far as git knows.
    pub authors: Vec<String>,
    pub uncommitted: bool,
    /// Whether the reviewer is one of its authors.
    pub own: bool,
    pub pages: Vec<PageReport>,
}

/// A slide at one size.
#[derive(Clone, Debug, Serialize)]
pub struct PageReport {
    /// For example `1920x1080`.
    pub size: String,
    pub path: RelPath,
    /// Whether this reviewer opened it before signing an earlier program and it has not changed since.
    pub seen: bool,
}

/// How a slide compares with the last approved program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SlideState {
    New,
    Changed,
    Same,
}

/// Builds the report for a reviewer with this holder's name. `returned`: the slides that are back after a withdrawal.
pub fn report(
    (asked, record, returned): (&ApprovalRequest, &ApprovalRecord, &BTreeMap<SlideId, Text>),
    root: &Root,
    holder: &str,
    zone: TimeZone,
) -> ReviewReport {
    let program = &asked.built.program;
    let manifest = program.manifest();
    let changes = record.last.as_ref().map(|last| changes::compare(last.program().manifest(), manifest, &record.needs));
    let parts = changes.as_ref().map(|changes| changes_text::sections(changes, manifest.kind, zone)).unwrap_or_default();
    let state = |id: &SlideId| match changes.as_ref().map(|changes| (changes.slides.changed.get(id), changes.slides.added.contains(id))) {
        Some((Some(change), _)) => (SlideState::Changed, changes_text::altered(change, zone)),
        Some((None, false)) => (SlideState::Same, Vec::new()),
        Some((None, true)) | None => (SlideState::New, Vec::new()),
    };
    let reported = |id| SlideReport { returned: returned.get(id).cloned(), ..slide(asked, record, id, holder, state(id)) };
    let slides: Vec<SlideReport> = manifest.slides.keys().map(reported).collect();
    let standing = |role: &RoleId| {
        let threshold = root.roles.review.get(role).map_or(1, |role| role.threshold);
        let kids = record.signed.get(role).into_iter().flatten();
        let signed = kids.map(|kid| root.display_holder(*kid)).collect();
        (role.clone(), RoleProgress { threshold, signed })
    };
    let needed: BTreeMap<RoleId, RoleProgress> = asked.needed.iter().map(standing).collect();
    let notes = two_person_notes(&slides, asked, &needed);
    ReviewReport {
        site: asked.site.clone(),
        kind: manifest.kind,
        title: manifest.title.clone(),
        program: program.digest(),
        valid: manifest.valid,
        bytes: program.total_bytes(),
        files: manifest.files.len(),
        roles: asked.roles.iter().cloned().collect(),
        needed,
        signed: record.already_signed,
        last: record.last.as_ref().map(|last| (last.program().digest(), last.issued())),
        changes,
        parts,
        slides,
        notes,
    }
}

fn slide(
    asked: &ApprovalRequest,
    record: &ApprovalRecord,
    id: &SlideId,
    holder: &str,
    (state, altered): (SlideState, Vec<Text>),
) -> SlideReport {
    let slide = &asked.built.program.manifest().slides[id];
    let writers = record.authors.get(id);
    let page = |(size, path): (&String, &RelPath)| PageReport { size: size.clone(), path: path.clone(), seen: record.seen.contains(path) };
    SlideReport {
        id: id.clone(),
        title: slide.title.clone(),
        agency: slide.agency.clone(),
        language: slide.language.clone(),
        source: slide.source.clone(),
        state,
        altered,
        returned: None,
        authors: writers.into_iter().flat_map(|writers| &writers.authors).map(|author| author.as_str().to_owned()).collect(),
        uncommitted: writers.is_some_and(|writers| writers.uncommitted),
        own: writers.is_some_and(|writers| writers.authors.iter().any(|author| author.matches_holder(holder))),
        pages: slide.pages.iter().map(page).collect(),
    }
}

/// The two-person rule, as far as git knows the authors: thresholds count distinct keys, so an author counts only once.
fn two_person_notes(slides: &[SlideReport], asked: &ApprovalRequest, needed: &BTreeMap<RoleId, RoleProgress>) -> Vec<Text> {
    let own = slides.iter().filter(|slide| slide.own).count();
    if own == 0 {
        return Vec::new();
    }
    let sole = slides.iter().filter(|slide| slide.own && slide.authors.len() == 1).count();
    let line = |role: &RoleId| {
        let threshold = needed.get(role).map_or(1, |standing| standing.threshold);
        if threshold > 1 {
            text!(
                vi: "bạn là tác giả của {own} trang (là tác giả duy nhất: {sole}); vai trò {role} cần {threshold} khóa khác nhau, khóa của bạn chỉ tính một",
                en: "you wrote {own} of the slides ({sole} of them alone); role {role} needs {threshold} distinct keys, and yours counts once"
            )
        } else {
            text!(
                vi: "bạn là tác giả của {own} trang (là tác giả duy nhất: {sole}); vai trò {role} chỉ cần một khóa, nên chưa có người thứ hai xem lại",
                en: "you wrote {own} of the slides ({sole} of them alone); role {role} needs one key only, so no second person will have looked"
            )
        }
    };
    asked.roles.iter().map(line).collect()
}

impl ReviewReport {
    /// The pages that this reviewer has not opened before.
    pub fn unopened(&self) -> impl Iterator<Item = &RelPath> {
        self.slides.iter().flat_map(|slide| &slide.pages).filter(|page| !page.seen).map(|page| &page.path)
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
        for part in &self.parts {
            let _ = writeln!(out, "  {}:", part.heading.get(lang));
            for line in &part.lines {
                let _ = writeln!(out, "    {}", line.get(lang));
            }
        }
        let again: Vec<&str> =
            self.slides.iter().filter(|slide| slide.pages.iter().all(|page| page.seen)).map(|slide| slide.id.as_str()).collect();
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
        let (kind, bytes) = (self.kind.display_name(), numbers::bytes(self.bytes));
        // Most titles say the kind themselves.
        let kind = Some(kind.get(lang)).filter(|kind| !title.to_lowercase().contains(kind)).map(|kind| format!(" ({kind})"));
        let (kind, bytes) = (kind.unwrap_or_default(), bytes.get(lang));
        let (roles, needed) = (names(&self.roles), names(self.needed.keys()));
        let window = self.valid.until.map(|until| format!(", {}", zone.window(self.valid.from, until).get(lang))).unwrap_or_default();
        let (shown, parts) = (numbers::counted(slides, "slide"), numbers::counted(files, "file"));
        let head = text!(
            vi: "{site}: {title}{kind}{window}\n  chương trình {digest}\n  {slides} trang chiếu, {files} tệp, {bytes}; ký với vai trò: {roles} (cần: {needed})\n",
            en: "{site}: {title}{kind}{window}\n  program {digest}\n  {shown}, {parts}, {bytes}; signing as: {roles} (needed: {needed})\n"
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
        let since = match &self.last {
            Some((program, issued)) => {
                let Text { vi, en } = zone.moment(*issued);
                text!(vi: "  so với chương trình {program}, duyệt ngày {vi} (+ mới, ~ sửa, = như cũ):", en: "  since program {program}, approved {en} (+ new, ~ changed, = as it was):")
            }
            None => {
                text!(vi: "  chương trình đầu tiên thuộc loại này ở cụm này: tất cả đều mới", en: "  the first program of this kind at this site: all of it is new")
            }
        };
        let _ = writeln!(out, "{}", since.get(lang));
        out
    }
}
