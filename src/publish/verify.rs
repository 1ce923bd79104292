//! Reports on one site of a verified store: what a player finds there, as data and in words.
//! Never reads a store.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::read_back;
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::ids::{RoleId, ScreenId, SiteId, SlideId};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::{Lang, Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::player::pull::inspect::{InspectedProgram, Inspection};
use crate::program::show::{Schedule, ScheduledProgram, ScreenState, Shown, show};
use crate::store::layout;
use crate::store::object_check::ObjectFault;
use crate::trust::approval::{Approval, Decision};
use crate::trust::document::Verified;
use crate::trust::freshness::Freshness;
use crate::trust::judge::{self, Approved};
use crate::trust::keys::KeyId;
use crate::trust::root::Root;
use crate::trust::root_changes::names;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// What a player of a site finds.
#[derive(Serialize)]
pub struct SiteReport {
    pub site: SiteId,
    root: u64,
    root_id: String,
    root_expires: Timestamp,
    head: Option<HeadReport>,
    programs: Vec<ProgramReport>,
    withdrawals: Vec<WithdrawalReport>,
    screens: BTreeMap<ScreenId, Shown>,
    #[serde(skip)]
    titles: BTreeMap<SlideId, String>,
    /// The moment of the report.
    #[serde(skip)]
    at: Timestamp,
    objects: usize,
    bytes: u64,
    /// Why a player would not get everything.
    pub faults: Vec<Text>,
    /// What is no fault of the store, and to be looked into.
    pub warnings: Vec<Text>,
    /// Whether the source did not answer, or lacks files.
    #[serde(skip)]
    pub outside: bool,
    /// Whether it answers all the same.
    #[serde(skip)]
    pub answers: bool,
    /// Whether its evergreen programs are all withdrawn: publishing again does not help before another is approved.
    #[serde(skip)]
    pub lacks_evergreen: bool,
}

#[derive(Serialize)]
struct HeadReport {
    epoch: u64,
    version: u64,
    issued: Timestamp,
    expires: Timestamp,
    state: Freshness,
}

#[derive(Serialize)]
struct ProgramReport {
    program: Digest,
    kind: ProgramKind,
    title: Option<String>,
    from: i64,
    valid_from: Option<i64>,
    until: Option<i64>,
    approved_by: Vec<Approver>,
    withdrawn: bool,
    withdrawn_slides: BTreeSet<SlideId>,
    /// Whether it is the one of its period that plays.
    plays: bool,
    refused: Option<Text>,
}

#[derive(Serialize)]
struct Approver {
    kid: KeyId,
    holder: String,
    roles: BTreeSet<RoleId>,
    document: Decision,
    /// What the reviewer signed with it; may be empty.
    remark: String,
    /// Pages signed unseen; `None` if the signing tool did not count.
    unseen: Option<u64>,
}

#[derive(Serialize)]
struct WithdrawalReport {
    number: u64,
    role: RoleId,
    /// Whether its role approves programs of this site, so that it takes something here.
    holds: bool,
    #[serde(flatten)]
    scope: WithdrawalScope,
    reason: String,
    signed_by: Vec<String>,
    issued: Timestamp,
}

/// Makes the report for the moment `at`. `wrong`: objects that are missing or differ.
pub fn site_report(site: &SiteId, seen: &Inspection, wrong: BTreeMap<Digest, ObjectFault>, at: Timestamp) -> SiteReport {
    let objects = seen.objects();
    let mut faults: Vec<Text> = seen.stopped.iter().map(|stop| stop.reason.clone()).collect();
    faults.extend(seen.programs.iter().filter_map(read_back::refused));
    for (digest, what) in wrong {
        let path = layout::object(digest);
        let Text { vi, en } = read_back::object_fault_text(what);
        faults.push(crate::text!(vi: "{path} {vi}", en: "{path} {en}"));
    }
    let root = seen.root().body();
    SiteReport {
        site: site.clone(),
        root: root.version,
        root_id: seen.root().root_id().to_string(),
        root_expires: root.expires,
        head: seen.head.as_ref().map(|head| HeadReport {
            epoch: head.body().epoch,
            version: head.body().version,
            issued: head.issued(),
            expires: head.body().expires,
            state: Freshness::of_head(at.0, head.body().expires.0),
        }),
        programs: seen.programs.iter().map(|each| program(root, each, plays(seen, each, at))).collect(),
        withdrawals: seen
            .withdrawals()
            .iter()
            .filter(|each| each.body().scope.concerns(site))
            .map(|each| withdrawal(seen, site, each))
            .collect(),
        screens: screens(seen, at),
        titles: titles(seen),
        at,
        objects: objects.len(),
        bytes: objects.values().sum(),
        faults,
        warnings: Vec::new(),
        outside: seen.stopped.as_ref().is_some_and(|stop| stop.external),
        answers: true,
        lacks_evergreen: lacks_evergreen(seen),
    }
}

fn lacks_evergreen(seen: &Inspection) -> bool {
    let mut evergreen = seen.programs.iter().filter(|each| each.entry.kind == ProgramKind::Evergreen).peekable();
    evergreen.peek().is_some() && evergreen.all(|each| each.withdrawn.program)
}

/// Whether a program is the one of its period that plays, at this moment or when the period begins, as [`show`] chooses.
fn plays(seen: &Inspection, of: &InspectedProgram, at: Timestamp) -> bool {
    let good = |each: &InspectedProgram| each.judged.as_ref().ok().filter(|_| !each.withdrawn.program).map(|good| good.program().clone());
    let Some(own) = good(of) else { return false };
    let (kind, month, moment) = (own.manifest().kind, own.manifest().month, at.0.max(own.manifest().valid.from));
    let rank = |each: &InspectedProgram| {
        let (from, ahead) = (each.entry.from, each.entry.from > moment);
        (ahead, if ahead { from } else { -from }, each.entry.program)
    };
    let same = |each: &&InspectedProgram| good(each).is_some_and(|other| (other.manifest().kind, other.manifest().month) == (kind, month));
    seen.programs.iter().filter(same).map(rank).min() == Some(rank(of))
}

fn program(root: &Root, seen: &InspectedProgram, plays: bool) -> ProgramReport {
    let approved = seen.judged.as_ref().ok();
    let mut approved_by: Vec<Approver> =
        approved.map(|approved| approved.approvals().iter().flat_map(|each| approvers(root, each)).collect()).unwrap_or_default();
    approved_by.sort_by(|one, other| (&one.roles, &one.holder, one.kid).cmp(&(&other.roles, &other.holder, other.kid)));
    let manifest = approved.map(|approved| approved.program().manifest());
    ProgramReport {
        program: seen.entry.program,
        kind: seen.entry.kind,
        title: manifest.map(|manifest| printable(&manifest.title)),
        from: seen.entry.from,
        valid_from: manifest.map(|manifest| manifest.valid.from),
        until: manifest.and_then(|manifest| manifest.valid.until),
        approved_by,
        withdrawn: seen.withdrawn.program,
        withdrawn_slides: seen.withdrawn.slides.clone(),
        plays,
        refused: seen.judged.as_ref().err().map(|refusal| refusal.text().clone()),
    }
}

fn approvers(root: &Root, approval: &Verified<Approval>) -> Vec<Approver> {
    let body = approval.body();
    let approver = |kid: KeyId| Approver {
        kid,
        holder: root.display_holder(kid),
        roles: body.roles.clone(),
        document: body.document.clone(),
        remark: printable(&body.remark),
        unseen: body.unseen,
    };
    approval.signers().iter().copied().map(approver).collect()
}

fn withdrawal(seen: &Inspection, site: &SiteId, found: &Verified<Withdrawal>) -> WithdrawalReport {
    let (root, body) = (seen.root().body(), found.body());
    let concerns = |approved: &Approved| {
        let program = approved.program();
        judge::concerns_programs(root, body, (site, program.manifest().kind), &judge::required_roles(root, site, program))
    };
    let holds = match &body.scope {
        WithdrawalScope::Program { kind, .. } => root.roles.review.get(&body.role).is_some_and(|role| role.covers(site, *kind)),
        WithdrawalScope::Slides { .. } => seen.programs.iter().filter_map(|each| each.judged.as_ref().ok()).any(concerns),
    };
    WithdrawalReport {
        number: body.version,
        role: body.role.clone(),
        holds,
        scope: body.scope.clone(),
        reason: printable(&body.reason),
        signed_by: found.signers().iter().map(|kid| root.display_holder(*kid)).collect(),
        issued: found.issued(),
    }
}

/// What each screen shows, with a trusted clock.
fn screens(seen: &Inspection, at: Timestamp) -> BTreeMap<ScreenId, Shown> {
    let mut schedule = Schedule { releases: seen.kit_release_events(), ..Schedule::default() };
    for each in seen.programs.iter().filter(|each| !each.withdrawn.program) {
        let Ok(approved) = &each.judged else { continue };
        schedule.programs.push(ScheduledProgram { program: approved.program().clone(), from: each.entry.from });
        if !each.withdrawn.slides.is_empty() {
            schedule.withdrawn.slides.insert(each.entry.program, each.withdrawn.slides.clone());
        }
    }
    let ids: BTreeSet<_> =
        schedule.programs.iter().flat_map(|listed| &listed.program.manifest().screens).map(|screen| screen.id.clone()).collect();
    ids.into_iter().map(|id| (id.clone(), show(&schedule, id.as_str(), at.0.saturating_mul(1_000), true))).collect()
}

/// The report in words.
pub fn site_text(report: &SiteReport, zone: TimeZone, lang: Lang) -> String {
    let mut out = format!("{}\n", report.site);
    let mut line = |text: Text| {
        let _ = writeln!(out, "  {}", text.get(lang));
    };
    let local = |at: Timestamp| zone.moment(at).get(lang).to_owned();
    let (root, id, expires) = (report.root, &report.root_id, local(report.root_expires));
    line(
        crate::text!(vi: "văn bản phân quyền số {root} (mã hệ thống {id}), hạn thay: {expires}", en: "root {root} (installation {id}), renew by {expires}"),
    );
    if let Some(HeadReport { epoch, version, issued, expires, state }) = &report.head {
        let (issued, expires, Text { vi, en }) = (local(*issued), local(*expires), head_words(*state));
        line(crate::text!(
            vi: "bản phát hành {epoch}-{version}, ký lúc {issued}, hạn phát hành lại: {expires} ({vi})",
            en: "release {epoch}-{version}, signed {issued}, publish again by {expires} ({en})"
        ));
    }
    for each in &report.programs {
        program_words(each, zone, lang).into_iter().for_each(&mut line);
        rival_words(&report.programs, each, zone).into_iter().for_each(&mut line);
    }
    report.withdrawals.iter().map(|each| withdrawal_words(each, &report.programs, zone)).for_each(&mut line);
    screen_words(report, zone).into_iter().for_each(&mut line);
    let (objects, Text { vi, en }) = (report.objects, numbers::bytes(report.bytes));
    let counted = numbers::counted(objects, "object");
    line(crate::text!(vi: "{objects} tệp, {vi}", en: "{counted}, {en}"));
    report.warnings.iter().cloned().for_each(&mut line);
    for Text { vi, en } in &report.faults {
        line(crate::text!(vi: "LỖI: {vi}", en: "ERROR: {en}"));
    }
    out
}

/// What a withdrawal takes here, by whom and why.
fn withdrawal_words(withdrawal: &WithdrawalReport, programs: &[ProgramReport], zone: TimeZone) -> Text {
    let WithdrawalReport { number, role, holds, scope, reason, signed_by, issued } = withdrawal;
    let (by, Text { vi: vi_signed, en: en_signed }, Text { vi, en }) =
        (signed_by.join(", "), zone.moment(*issued), scope_words(scope, programs));
    let here = if *holds {
        crate::text!(vi: "", en: "")
    } else {
        crate::text!(vi: "; không có hiệu lực ở cụm này (vai trò {role})", en: "; does not hold here (role {role})")
    };
    let Text { vi: vi_here, en: en_here } = here;
    crate::text!(
        vi: "văn bản thu hồi số {number}, ký lúc {vi_signed}: {vi}; lý do: “{reason}”; người ký: {by}, vai trò {role}{vi_here}",
        en: "withdrawal {number}, signed {en_signed}: {en}; reason: “{reason}”; signed by {by} as {role}{en_here}"
    )
}

/// What a withdrawal names: slides, or a program by its title, if it is listed.
fn scope_words(scope: &WithdrawalScope, programs: &[ProgramReport]) -> Text {
    let WithdrawalScope::Program { program, slides, .. } = scope else { return scope.words() };
    let title = programs.iter().find(|each| each.program == *program).and_then(|each| each.title.as_deref());
    let name = title.map_or_else(|| program.to_string(), |title| format!("“{title}” ({}…)", &program.to_string()[..8]));
    match slides.iter().flatten().map(SlideId::as_str).collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => crate::text!(vi: "cả chương trình {name}", en: "the whole program {name}"),
        slides => crate::text!(vi: "trang {slides} trong chương trình {name}", en: "{slides} in the program {name}"),
    }
}

/// Which of several programs of one period plays, and when the others do or did.
fn rival_words(all: &[ProgramReport], program: &ProgramReport, zone: TimeZone) -> Option<Text> {
    let place = |each: &ProgramReport| (each.kind, each.until);
    let plays = all.iter().find(|each| each.plays && place(each) == place(program)).filter(|_| !program.withdrawn)?;
    if program.plays {
        let several = all.iter().filter(|other| place(other) == place(program)).count() > 1;
        return several
            .then(|| crate::text!(vi: "  cùng kỳ có nhiều chương trình: chương trình này được chiếu", en: "  of several for this period, this one plays"));
    }
    let Text { vi, en } = zone.moment(Timestamp(program.from.max(plays.from)));
    Some(if program.from > plays.from {
        crate::text!(vi: "  cùng kỳ: sẽ thay chương trình đang chiếu từ {vi}", en: "  for the same period: takes over on {en}")
    } else {
        crate::text!(vi: "  cùng kỳ: không chiếu, được chương trình khác thay từ {vi}", en: "  for the same period: does not play, replaced on {en}")
    })
}

/// What the screens show at the report's moment; a line for all that show the same.
fn screen_words(report: &SiteReport, zone: TimeZone) -> Vec<Text> {
    let mut groups: Vec<(Vec<&str>, Text)> = Vec::new();
    for (screen, shown) in &report.screens {
        let text = match (shown.state, &shown.slide) {
            (ScreenState::Slide, Some(slide)) => match report.titles.get(slide) {
                Some(title) => crate::text!(vi: "“{title}” ({slide})", en: "“{title}” ({slide})"),
                None => crate::text!(vi: "{slide}", en: "{slide}"),
            },
            (ScreenState::Dark, _) => crate::text!(vi: "tắt", en: "dark"),
            _ => crate::text!(vi: "màn hình chờ", en: "the built-in card"),
        };
        match groups.iter_mut().find(|(_, known)| *known == text) {
            Some((screens, _)) => screens.push(screen.as_str()),
            None => groups.push((vec![screen.as_str()], text)),
        }
    }
    let at = zone.moment(report.at);
    let line = |(screens, Text { vi, en }): (Vec<&str>, Text)| {
        let (many, list, at_vi, at_en) = (if screens.len() > 1 { "s" } else { "" }, screens.join(", "), &at.vi, &at.en);
        crate::text!(vi: "lúc {at_vi}, màn hình {list}: {vi}", en: "at {at_en}, screen{many} {list}: {en}")
    };
    groups.into_iter().map(line).collect()
}

/// The titles of all slides.
fn titles(seen: &Inspection) -> BTreeMap<SlideId, String> {
    let good = seen.programs.iter().filter_map(|each| each.judged.as_ref().ok());
    let slides = good.flat_map(|approved| &approved.program().manifest().slides);
    slides.map(|(id, slide)| (id.clone(), printable(&slide.title))).collect()
}

fn head_words(state: Freshness) -> Text {
    match state {
        Freshness::Fresh => crate::text!(vi: "còn hạn", en: "in time"),
        Freshness::Stale | Freshness::Lost => crate::text!(vi: "đã quá hạn, cần phát hành lại", en: "overdue, publish again"),
    }
}

fn program_words(program: &ProgramReport, zone: TimeZone, lang: Lang) -> Vec<Text> {
    let digest = program.program;
    let from = program.from.max(program.valid_from.unwrap_or(program.from));
    let (title, from) = (program.kind.titled(program.title.as_deref().unwrap_or("?")), dates::begin(zone.to_local(from)));
    let title = title.get(lang);
    let from = from.get(lang);
    let until = program.until.map(|until| dates::end(zone.to_local(until)));
    let (vi, en) = until.map_or_else(Default::default, |Text { vi, en }| (format!(" đến {vi}"), format!(" until {en}")));
    let mut out = vec![crate::text!(vi: "{title} chiếu từ {from}{vi}\n    {digest}", en: "{title} shown from {from}{en}\n    {digest}")];
    for Approver { kid, holder, roles, document, remark, unseen } in &program.approved_by {
        let roles = names(roles);
        let said = if remark.is_empty() {
            crate::text!(vi: "", en: "")
        } else {
            crate::text!(vi: ", ghi chú “{remark}”", en: ", remark “{remark}”")
        };
        let Text { vi: vi_remark, en: en_remark } = said;
        let decision = document.text().map(|Text { vi, en }| (format!(", quyết định {vi}"), format!(", decision {en}")));
        let (vi_decision, en_decision) = decision.unwrap_or_default();
        let pages = |unseen: u64| match unseen {
            0 => (", đã xem hết các trang".to_owned(), ", all pages opened".to_owned()),
            _ => (format!(", chưa xem {unseen} trang theo cỡ màn hình"), format!(", {} unopened", numbers::counted(unseen, "page"))),
        };
        let (vi, en) = unseen.map(pages).unwrap_or_default();
        out.push(crate::text!(
            vi: "  người duyệt: {holder} ({kid}), vai trò {roles}{vi_decision}{vi_remark}{vi}",
            en: "  approved by {holder} ({kid}) as {roles}{en_decision}{en_remark}{en}"
        ));
    }
    if program.withdrawn {
        out.push(crate::text!(vi: "  đã thu hồi, không chiếu", en: "  withdrawn, not shown"));
    }
    if !program.withdrawn && !program.withdrawn_slides.is_empty() {
        let slides = program.withdrawn_slides.iter().map(SlideId::as_str).collect::<Vec<_>>().join(", ");
        out.push(crate::text!(vi: "  trang đã thu hồi: {slides}", en: "  withdrawn from it: {slides}"));
    }
    out
}
