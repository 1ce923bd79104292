//! Reports on one site of a verified store: what a player finds there, as data.
//! Never reads a store, and has no words for people but those of its faults.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::clock;
use super::read_back;
use super::remedies;
use super::shown::{self, Listed, Showing};
use super::slide_names::SlideTitles;
use crate::base::digest::Digest;
use crate::base::ids::{RoleId, ScreenId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::player::pull::inspect::{InspectedProgram, Inspection};
use crate::program::show::{Schedule, ScheduledProgram, Shown, on_again, show};
use crate::program::validate::Program;
use crate::store::lacking::{Lacking, LackingProgram};
use crate::store::layout;
use crate::store::object_check::ObjectFault;
use crate::trust::approval::{Approval, Decision};
use crate::trust::document::Verified;
use crate::trust::freshness::Freshness;
use crate::trust::judge::{self, Approved};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::root::{Root, SignedRoot};
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// What a player of a site finds.
#[derive(Serialize)]
pub struct SiteReport {
    pub site: SiteId,
    pub(super) root: u64,
    pub(super) root_id: String,
    pub(super) root_expires: Timestamp,
    pub(super) head: Option<HeadReport>,
    pub(super) programs: Vec<ProgramReport>,
    pub(super) withdrawals: Vec<WithdrawalReport>,
    pub(super) screens: BTreeMap<ScreenId, Shown>,
    /// When a screen that is dark shows a slide again, in Unix milliseconds.
    #[serde(skip)]
    pub(super) on_again: BTreeMap<ScreenId, i64>,
    #[serde(skip)]
    pub(super) titles: SlideTitles,
    /// The moment of the report.
    #[serde(skip)]
    pub(super) at: Timestamp,
    pub(super) objects: usize,
    pub(super) bytes: u64,
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
    /// What only people can give: publishing again does not help before they do.
    #[serde(skip)]
    pub lacking: Lacking,
    /// Whether files are missing or damaged.
    #[serde(skip)]
    pub files: bool,
    /// What of the content waits to be published, a root or withdrawals: each is one of the faults.
    #[serde(skip)]
    pub waits: Vec<Text>,
}

#[derive(Serialize)]
pub(super) struct HeadReport {
    pub(super) epoch: u64,
    pub(super) version: u64,
    pub(super) issued: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) state: Freshness,
}

#[derive(Serialize)]
pub(super) struct ProgramReport {
    pub(super) program: Digest,
    pub(super) kind: ProgramKind,
    pub(super) title: Option<String>,
    pub(super) from: i64,
    pub(super) valid_from: Option<i64>,
    pub(super) until: Option<i64>,
    pub(super) approved_by: Vec<Approver>,
    pub(super) withdrawn: bool,
    pub(super) withdrawn_slides: BTreeSet<SlideId>,
    /// Whether it is the one of its period that plays.
    pub(super) plays: bool,
    pub(super) refused: Option<Text>,
    /// When it is on the screens; `None`: it is refused or withdrawn.
    #[serde(skip)]
    pub(super) showing: Option<Showing>,
}

#[derive(Serialize)]
pub(super) struct Approver {
    pub(super) kid: KeyId,
    pub(super) holder: String,
    pub(super) roles: BTreeSet<RoleId>,
    pub(super) document: Decision,
    /// What the reviewer signed with it; may be empty.
    pub(super) remark: String,
    /// Pages signed unseen; `None` if the signing tool did not count.
    pub(super) unseen: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct WithdrawalReport {
    pub(super) number: u64,
    pub(super) role: RoleId,
    /// Whether its role approves programs of this site, so that it takes something here; true if no program could be read.
    pub(super) holds: bool,
    #[serde(flatten)]
    pub(super) scope: WithdrawalScope,
    pub(super) reason: String,
    pub(super) signed_by: Vec<String>,
    pub(super) issued: Timestamp,
}

impl SiteReport {
    /// Whether the root should have been renewed by the moment of the report. It keeps nothing from a player.
    pub(super) fn is_root_overdue(&self) -> bool {
        self.root_expires <= self.at
    }

    /// Whether the root or the release is overdue.
    pub fn is_overdue(&self) -> bool {
        self.is_root_overdue() || self.head.as_ref().is_some_and(|head| head.state != Freshness::Fresh)
    }
}

/// Makes the report for the moment `at`. `wrong`: objects that are missing or differ.
pub fn site_report(site: &SiteId, seen: &Inspection, wrong: BTreeMap<Digest, ObjectFault>, at: Timestamp) -> SiteReport {
    let objects = seen.objects();
    let mut faults: Vec<Text> = seen.stopped.iter().map(|stop| stop.reason.clone()).collect();
    faults.extend(seen.programs.iter().filter_map(read_back::refused));
    let refused = faults.len();
    for (digest, what) in wrong {
        let path = layout::object(digest);
        let Text { vi, en } = read_back::object_fault_text(what);
        faults.push(crate::text!(vi: "{path} {vi}", en: "{path} {en}"));
    }
    let (root, files) = (seen.root().body(), files(seen) || faults.len() > refused);
    let (schedule, now) = (schedule(seen), at.0.saturating_mul(1_000));
    let screens: BTreeMap<_, _> = screens(&schedule).into_iter().map(|id| (id.clone(), show(&schedule, id.as_str(), now, true))).collect();
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
        programs: seen.programs.iter().map(|each| program(root, each, (plays(seen, each, at), showing(seen, each, at)))).collect(),
        withdrawals: seen
            .withdrawals()
            .iter()
            .filter(|each| each.body().scope.concerns(site))
            .map(|each| withdrawal(seen, site, each))
            .collect(),
        on_again: screens.keys().filter_map(|id| Some((id.clone(), on_again(&schedule, id.as_str(), now)?))).collect(),
        screens,
        titles: SlideTitles::new(seen.programs.iter().filter_map(|each| Some(each.judged.as_ref().ok()?.program().as_ref()))),
        at,
        objects: objects.len(),
        bytes: objects.values().sum(),
        faults,
        warnings: Vec::new(),
        outside: seen.stopped.as_ref().is_some_and(|stop| stop.external),
        answers: true,
        lacking: lacking(site, seen),
        files,
        waits: Vec::new(),
    }
}

/// What of the content waits to be published at these sites, each once.
pub fn waits(reports: &[&SiteReport]) -> Vec<Text> {
    let mut waits: Vec<Text> = Vec::new();
    for each in reports.iter().flat_map(|report| &report.waits) {
        if !waits.contains(each) {
            waits.push(each.clone());
        }
    }
    waits
}

/// What waits, if nothing else is wrong at these sites.
pub fn only_waits(reports: &[&SiteReport]) -> Option<Text> {
    let only = |each: &&SiteReport| !each.waits.is_empty() && each.faults.len() == each.waits.len();
    (!reports.is_empty() && reports.iter().all(only)).then(|| remedies::joined(&waits(reports)))
}

/// Warnings about approvals that are dated as no right clock dates them. Without a content, the store's root is the first if it says so.
pub fn odd_approvals((site, seen): (&SiteId, &Inspection), chain: &[SignedRoot], now: Timestamp, zone: TimeZone) -> Vec<Text> {
    let first = chain.first().map_or(seen.root(), |files| &files.root);
    let first = Some(first).filter(|first| first.body().version == 1).map(Verified::issued);
    let approved = seen.programs.iter().filter_map(|each| each.judged.as_ref().ok());
    clock::odd_approvals(now, site, approved.flat_map(Approved::approvals), (seen.root().body(), first), zone)
}

/// What only people can give to this site.
fn lacking(site: &SiteId, seen: &Inspection) -> Lacking {
    let lacks = |each: &&InspectedProgram| matches!(each.judged, Err(Refusal::Approvals(_)));
    let program = |each: &InspectedProgram| {
        let manifest = each.program.as_ref()?.manifest();
        Some(LackingProgram { site: site.clone(), kind: each.entry.kind, month: manifest.month, until: manifest.valid.until })
    };
    Lacking {
        programs: seen.programs.iter().filter(lacks).filter_map(program).collect(),
        withdrawals: seen.unsigned.into_iter().collect(),
        evergreen: lacks_evergreen(seen).then(|| site.clone()).into_iter().collect(),
    }
}

/// Whether files are missing or damaged: whatever a player refuses for another reason than what only people can give.
fn files(seen: &Inspection) -> bool {
    let fetched_again = seen.programs.iter().any(|each| each.judged.as_ref().is_err_and(Refusal::is_retryable));
    let refused = |each: &InspectedProgram| each.judged.is_err() || each.withdrawn.program;
    let none_left = seen.programs.iter().filter(|each| each.entry.kind == ProgramKind::Evergreen).all(refused) && seen.head.is_some();
    fetched_again || (seen.stopped.is_some() && seen.unsigned.is_none() && !none_left)
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

/// When a program is on the screens, unless it is refused or withdrawn.
fn showing(seen: &Inspection, of: &InspectedProgram, at: Timestamp) -> Option<Showing> {
    let counts = |each: &InspectedProgram| {
        let approved = each.judged.as_ref().ok().filter(|_| !each.withdrawn.program)?;
        Some(Listed::new(approved.program(), each.entry.from))
    };
    let counting: Vec<Listed> = seen.programs.iter().filter_map(counts).collect();
    Some(shown::showing(counts(of)?, &counting, at.0))
}

fn program(root: &Root, seen: &InspectedProgram, (plays, showing): (bool, Option<Showing>)) -> ProgramReport {
    let approved = seen.judged.as_ref().ok();
    let mut approved_by: Vec<Approver> =
        approved.map(|approved| approved.approvals().iter().flat_map(|each| approvers(root, each)).collect()).unwrap_or_default();
    approved_by.sort_by(|one, other| (&one.roles, &one.holder, one.kid).cmp(&(&other.roles, &other.holder, other.kid)));
    let manifest = seen.program.as_ref().map(|program| program.manifest());
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
        showing,
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
    let concerns = |program: &Program| {
        judge::concerns_programs(root, body, (site, program.manifest().kind), &judge::required_roles(root, site, program))
    };
    let holds = match &body.scope {
        WithdrawalScope::Program { kind, .. } => root.roles.review.get(&body.role).is_some_and(|role| role.covers(site, *kind)),
        WithdrawalScope::Slides { .. } => {
            // Approved or not: that approvals are lacking takes nothing from the withdrawal.
            seen.programs.is_empty() || seen.programs.iter().filter_map(|each| each.program.as_deref()).any(concerns)
        }
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

/// All that is in force.
fn schedule(seen: &Inspection) -> Schedule {
    let mut schedule = Schedule { releases: seen.kit_release_events(), ..Schedule::default() };
    for each in seen.programs.iter().filter(|each| !each.withdrawn.program) {
        let Ok(approved) = &each.judged else { continue };
        schedule.programs.push(ScheduledProgram { program: approved.program().clone(), from: each.entry.from });
        if !each.withdrawn.slides.is_empty() {
            schedule.withdrawn.slides.insert(each.entry.program, each.withdrawn.slides.clone());
        }
    }
    schedule
}

/// The screens of its programs.
fn screens(schedule: &Schedule) -> BTreeSet<&ScreenId> {
    schedule.programs.iter().flat_map(|listed| &listed.program.manifest().screens).map(|screen| &screen.id).collect()
}
