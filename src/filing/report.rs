//! What a reviewer reads before signing: the program, what changed, who wrote it, who has signed, what to open. `report_text` words it.
//! Never decides anything.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::approve::ApprovalRequest;
use super::record::ApprovalRecord;
use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, RoleId, SiteId, SlideId};
use crate::base::relpath::RelPath;
use crate::base::terms::ProgramKind;
use crate::base::text::{Lang, Text, printable};
use crate::base::times::Timestamp;
use crate::content::model::values::{self, Content};
use crate::program::changes::{ProgramChanges, ThemeChange};
use crate::program::changes_text::{self, ChangeSection};
use crate::program::manifest::{Manifest, ManifestSlide, ValidityWindow};
use crate::program::{airtime, airtime_text};
use crate::text;
use crate::trust::root::Root;

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
    /// The decision that is signed with the approval, in words.
    pub decision: Option<Text>,
    /// The remark that is signed with it; may be empty.
    pub remark: String,
    /// Role → how many signatures it still lacks once this key has signed.
    pub lacking: BTreeMap<RoleId, u64>,
    /// The newest release with this program that the archive knows.
    pub release: Option<String>,
    /// Whether none has followed that release.
    #[serde(skip)]
    pub in_newest: bool,
    /// The last approved program of this site and kind, and when that was.
    pub last: Option<(Digest, Timestamp)>,
    /// Whether `last` has lost its approval with a newer root: then no program of this site and kind is approved.
    pub lapsed: bool,
    /// What changed since `last`; `null` without it.
    pub changes: Option<ProgramChanges>,
    /// `changes` in words.
    pub parts: Vec<ChangeSection>,
    pub slides: Vec<SlideReport>,
    /// The slides of `last` that it no longer has.
    pub removed: Vec<RemovedSlide>,
    /// What the reviewer has to know besides: that the whole program is back after a withdrawal, that git can't name all authors, what the
    /// two-person rule means here.
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
    /// The lengths of its turns, in milliseconds.
    pub ms: BTreeSet<u64>,
    pub state: SlideState,
    /// What differs, if the theme alone changed it: then its words, pictures and films are as they were.
    pub theme_only: Option<ThemeChange>,
    /// What changed, in words; empty unless `state` is `changed`.
    pub altered: Vec<Text>,
    /// When and how often it plays, and did before, in words; empty if that is as it was.
    pub airtime: Vec<Text>,
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
    /// The page of this size as it was approved last, if the slide has changed and the archive holds the page.
    pub before: Option<RelPath>,
}

/// A slide that was approved last and is no longer there.
#[derive(Clone, Debug, Serialize)]
pub struct RemovedSlide {
    pub id: SlideId,
    pub title: String,
    pub agency: AgencyId,
    pub language: Language,
    /// The pages that the archive holds.
    pub pages: Vec<RemovedPage>,
}

/// A page of a removed slide.
#[derive(Clone, Debug, Serialize)]
pub struct RemovedPage {
    pub size: String,
    pub path: RelPath,
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
    content: &Content,
) -> ReviewReport {
    let zone = content.settings.time_zone;
    let (program, manifest, changes) = (&asked.built.program, asked.built.program.manifest(), record.changes.clone());
    let old = record.last.as_ref().map(|last| last.program().manifest());
    let name = |id: &SlideId| slide_name(id, [Some(manifest), old], content);
    let parts = changes.as_ref().map(|changes| changes_text::sections(changes, manifest.kind, zone, &name)).unwrap_or_default();
    let state = |id: &SlideId| match changes.as_ref().map(|changes| (changes.slides.changed.get(id), changes.slides.added.contains(id))) {
        Some((Some(change), _)) => (SlideState::Changed, changes_text::told(change, zone)),
        Some((None, false)) => (SlideState::Same, Vec::new()),
        Some((None, true)) | None => (SlideState::New, Vec::new()),
    };
    let theme_only = |id: &SlideId| changes.as_ref()?.slides.changed.get(id)?.theme_only();
    let airtime = |id: &SlideId| changes.as_ref().map_or_else(Vec::new, |all| airtime_text::of(&all.airtime, id, manifest.kind, zone));
    let lengths = airtime::durations(manifest);
    let reported = |id| SlideReport {
        ms: lengths.get(id).cloned().unwrap_or_default(),
        returned: returned.get(id).cloned(),
        theme_only: theme_only(id),
        airtime: airtime(id),
        ..slide(asked, record, id, holder, state(id))
    };
    let slides: Vec<SlideReport> = manifest.slides.keys().map(reported).collect();
    let standing = |role: &RoleId| {
        let threshold = root.roles.review.get(role).map_or(1, |role| role.threshold);
        let kids = record.signed.get(role).into_iter().flatten();
        let signed = kids.map(|kid| root.display_holder(*kid)).collect();
        (role.clone(), RoleProgress { threshold, signed })
    };
    let needed: BTreeMap<RoleId, RoleProgress> = asked.needed.iter().map(standing).collect();
    let notes = cut_history_note(record).into_iter().chain(two_person_notes(&slides, asked, &needed)).collect();
    ReviewReport {
        site: asked.site.clone(),
        kind: manifest.kind,
        title: manifest.title.clone(),
        program: program.digest(),
        valid: manifest.valid,
        bytes: program.total_bytes(),
        files: manifest.files.len(),
        roles: asked.roles.iter().cloned().collect(),
        lacking: lacking(&needed, asked, record.already_signed),
        needed,
        signed: record.already_signed,
        decision: asked.decision.text(),
        remark: printable(&asked.remark),
        release: record.release.map(|(number, _)| number.to_string()),
        in_newest: record.release.is_some_and(|(_, newest)| newest),
        last: record.last.as_ref().map(|last| (last.program().digest(), last.issued())),
        lapsed: record.lapsed,
        removed: old.zip(changes.as_ref()).map(|(old, changes)| removed(old, changes, record)).unwrap_or_default(),
        changes,
        parts,
        slides,
        notes,
    }
}

fn lacking(needed: &BTreeMap<RoleId, RoleProgress>, asked: &ApprovalRequest, signed: bool) -> BTreeMap<RoleId, u64> {
    let lacks = |(role, progress): (&RoleId, &RoleProgress)| {
        let own = u64::from(!signed && asked.roles.contains(role));
        (role.clone(), progress.threshold.saturating_sub(progress.signed.len() as u64 + own))
    };
    needed.iter().map(lacks).filter(|(_, count)| *count > 0).collect()
}

/// `“Thác Bản Giốc” (du-lich/ban-gioc, Sở Văn hóa)`, as the first program that has the slide says.
fn slide_name(id: &SlideId, programs: [Option<&Manifest>; 2], content: &Content) -> Text {
    let Some(slide) = programs.into_iter().flatten().find_map(|program| program.slides.get(id)) else {
        return text!(vi: "{id}", en: "{id}");
    };
    let (title, agency) = (&slide.title, content.agencies.get(&slide.agency));
    let of = |lang: Lang| agency.map_or_else(|| slide.agency.to_string(), |agency| values::name(&agency.name, lang).to_owned());
    let (vi, en) = (of(Lang::Vi), of(Lang::En));
    text!(vi: "“{title}” ({id}, {vi})", en: "“{title}” ({id}, {en})")
}

fn removed(old: &Manifest, changes: &ProgramChanges, record: &ApprovalRecord) -> Vec<RemovedSlide> {
    let pages = |slide: &ManifestSlide| {
        let kept = slide.pages.iter().filter(|(_, path)| record.kept.contains(*path));
        kept.map(|(size, path)| RemovedPage { size: size.clone(), path: path.clone() }).collect()
    };
    let slide = |id: &SlideId| {
        let slide = old.slides.get(id)?;
        let (title, agency, language) = (slide.title.clone(), slide.agency.clone(), slide.language.clone());
        Some(RemovedSlide { id: id.clone(), title, agency, language, pages: pages(slide) })
    };
    changes.slides.removed.iter().filter_map(slide).collect()
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
    let old = record.last.as_ref().and_then(|last| last.program().manifest().slides.get(id)).filter(|_| state == SlideState::Changed);
    let before = |size: &String| old.and_then(|old| old.pages.get(size)).filter(|page| record.kept.contains(*page)).cloned();
    let page = |(size, path): (&String, &RelPath)| PageReport {
        size: size.clone(),
        path: path.clone(),
        seen: record.seen.contains(path),
        before: before(size),
    };
    SlideReport {
        id: id.clone(),
        title: slide.title.clone(),
        agency: slide.agency.clone(),
        language: slide.language.clone(),
        source: slide.source.clone(),
        ms: BTreeSet::new(),
        state,
        theme_only: None,
        altered,
        airtime: Vec::new(),
        returned: None,
        authors: writers.into_iter().flat_map(|writers| &writers.authors).map(|author| author.as_str().to_owned()).collect(),
        uncommitted: writers.is_some_and(|writers| writers.uncommitted),
        own: writers.is_some_and(|writers| writers.authors.iter().any(|author| author.matches_holder(holder))),
        pages: slide.pages.iter().map(page).collect(),
    }
}

fn cut_history_note(record: &ApprovalRecord) -> Option<Text> {
    record.history_is_cut.then(|| {
        text!(
            vi: "kho git ở đây thiếu một phần lịch sử hoặc git không trả lời, nên không nêu được đầy đủ ai đã sửa trang chiếu; muốn biết, hãy sao chép lại trọn kho (git clone, không dùng --depth hay --filter)",
            en: "the git repository here lacks a part of its history or gives no answer, so not everybody who changed slides can be named; to know, clone it whole (git clone without --depth or --filter)"
        )
    })
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
}
