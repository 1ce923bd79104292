//! Withdrawing: finds the role in which a key may withdraw from each program that is reached, and signs the statements.
//! Never overwrites a statement, and never decides whether one counts: `judge` does.

use std::collections::BTreeSet;
use std::path::Path;

use super::filed::{FiledProgram, FiledPrograms};
use super::signed_files;
use super::withdrawal_reach::WithdrawalReach;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::choose;
use crate::program::validate::Program;
use crate::trust::document::{self, CommonFields, Verified};
use crate::trust::judge::{self, WithdrawalEffect};
use crate::trust::root::{Root, SignedRoot};
use crate::trust::root_changes::names;
use crate::trust::secret::SecretKey;
use crate::trust::withdrawal::Withdrawal;

/// Who withdraws, where and when.
pub struct WithdrawalSigner<'a> {
    pub folder: &'a Path,
    pub chain: &'a [SignedRoot],
    /// The newest of `chain`.
    pub root: &'a Verified<Root>,
    pub key: &'a SecretKey,
    pub now: Timestamp,
}

/// What a withdrawal says beside the programs and slides that it reaches.
pub struct WithdrawalTerms {
    /// Required for a new statement; a holder who adds a signature need not repeat it.
    pub reason: Option<String>,
    /// The role to sign in; `None` lets [`withdraw`] choose.
    pub role: Option<RoleId>,
}

struct WithdrawalRequest<'a> {
    filed: &'a FiledProgram,
    /// `None` withdraws the whole program.
    slides: Option<BTreeSet<SlideId>>,
    terms: &'a WithdrawalTerms,
}

/// The result of [`withdraw`].
pub struct Withdrawn<'a> {
    pub done: Vec<(&'a FiledProgram, WithdrawalOutcome)>,
    /// The programs that keep what was to be taken, and why.
    pub left: Vec<(&'a FiledProgram, Text)>,
}

impl Withdrawn<'_> {
    /// Whether some statement has all its signatures.
    pub fn any_complete(&self) -> bool {
        self.done.iter().any(|(_, outcome)| outcome.missing_signatures == 0)
    }

    /// The sites of the programs.
    pub fn sites(&self) -> BTreeSet<SiteId> {
        self.done.iter().map(|(filed, _)| filed.program.manifest().site.clone()).collect()
    }
}

/// What was done about one program.
pub struct WithdrawalOutcome {
    pub number: u64,
    pub action: WithdrawalAction,
    /// How many holders of its role have yet to sign.
    pub missing_signatures: u64,
}

/// What [`withdraw`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalAction {
    New,
    /// Added a signature to a statement that was there.
    Joined,
    /// Nothing: this key has signed already, or earlier withdrawals cover the request.
    Already,
}

/// What these withdrawals together take of a program under this root.
pub fn effect(root: &Root, statements: &[StoredWithdrawal], program: &Program) -> WithdrawalEffect {
    judge::withdrawal_effect(root, statements.iter().filter_map(StoredWithdrawal::complete), program)
}

/// Withdraws from every program that is reached, until a statement lacks signatures: numbers have no gaps, so what follows waits for it.
/// Fails if nothing is taken anywhere.
pub fn withdraw<'a>(
    signer: &WithdrawalSigner<'_>,
    all_filed: &FiledPrograms,
    reach: &WithdrawalReach<'a>,
    terms: &WithdrawalTerms,
) -> Result<Withdrawn<'a>, Failure> {
    let reviewers = &signer.root.body().roles.review;
    if let Some(role) = terms.role.as_ref().filter(|role| !reviewers.contains_key(*role)) {
        return Err(choose::unknown_role(reviewers.keys().map(RoleId::as_str), role.as_str()));
    }
    let (mut out, mut waits) = (Withdrawn { done: Vec::new(), left: Vec::new() }, None);
    for filed in &reach.programs {
        if let Some(number) = waits {
            out.left.push((*filed, waiting_text(number)));
            continue;
        }
        match withdraw_from(signer, all_filed, &WithdrawalRequest { filed, slides: reach.slides_of(filed), terms }) {
            Ok(outcome) => {
                waits = (outcome.missing_signatures > 0).then_some(outcome.number);
                out.done.push((*filed, outcome));
            }
            Err(Failure::Refused(why)) => out.left.push((*filed, why)),
            Err(failure) => return Err(failure),
        }
    }
    match out.left.first() {
        Some((_, why)) if out.done.is_empty() => Err(Failure::Refused(why.clone())),
        _ => Ok(out),
    }
}

fn waiting_text(number: u64) -> Text {
    crate::text!(
        vi: "chờ văn bản thu hồi số {number} đủ chữ ký; sau đó chạy lại đúng lệnh này",
        en: "waits until withdrawal {number} has its signatures; then run this same command again"
    )
}

/// Adds a signature to the same statement if there is one; else signs the next statement.
fn withdraw_from(
    signer: &WithdrawalSigner<'_>,
    all_filed: &FiledPrograms,
    wish: &WithdrawalRequest<'_>,
) -> Result<WithdrawalOutcome, Failure> {
    let statements = withdrawals::read(signer.folder, signer.chain, all_filed)?;
    let program = &wish.filed.program;
    let held = roles(signer, wish)?;
    let same = |each: &&StoredWithdrawal| each.body.program == program.digest() && each.body.slides == wish.slides;
    if let Some(statement) = statements.iter().rev().filter(same).find(|each| held.contains(&each.body.role)) {
        return add_signature(signer, all_filed, statement, wish);
    }
    let whole = || statements.iter().filter_map(StoredWithdrawal::complete);
    let taken = judge::withdrawal_effect(signer.root.body(), whole(), program);
    let covered = taken.program || wish.slides.as_ref().is_some_and(|slides| slides.is_subset(&taken.slides));
    let by = whole().rev().find(|each| each.body().program == program.digest()).filter(|_| covered);
    if let Some(by) = by {
        return Ok(WithdrawalOutcome { number: by.body().version, action: WithdrawalAction::Already, missing_signatures: 0 });
    }
    if let Some(last) = statements.last().filter(|last| last.complete().is_none()) {
        return Err(pending_statement(signer.folder, last));
    }
    let number = statements.len() as u64 + 1;
    let body = new_statement(signer, wish, number, held)?;
    let common = CommonFields { root_id: signer.root.root_id(), issued: signer.now };
    let bytes = document::to_signable_bytes(common, &body).map_err(Failure::Refused)?;
    let signature = signature(signer, number, &bytes)?;
    let path = withdrawals::path(signer.folder, number);
    signed_files::replace_orphan(&signed_files::signature_path(&path, signer.key.public().kid()), &path, &signature)?;
    signed_files::add(&path, &bytes)?;
    read_outcome(signer, all_filed, number, WithdrawalAction::New)
}

/// The roles in which the key may withdraw the program; with `role`, that one alone.
fn roles(signer: &WithdrawalSigner<'_>, wish: &WithdrawalRequest<'_>) -> Result<BTreeSet<RoleId>, Failure> {
    let (root, program) = (signer.root.body(), &wish.filed.program);
    let (site, kid) = (&program.manifest().site, signer.key.public().kid());
    let mut held = judge::usable_roles(root, kid, site, program);
    if let Some(role) = &wish.terms.role {
        held.retain(|each| each == role);
    }
    if held.is_empty() {
        let needed = names(&judge::required_roles(root, site, program));
        return Err(Failure::Refused(crate::text!(
            vi: "khóa {kid} không được thu hồi chương trình này: cần giữ một trong các vai trò {needed} cho cụm {site}",
            en: "key {kid} may not withdraw this program: it takes one of the roles {needed} for site {site}"
        )));
    }
    Ok(held)
}

/// Adds a signature to a statement of the same content.
fn add_signature(
    signer: &WithdrawalSigner<'_>,
    all_filed: &FiledPrograms,
    statement: &StoredWithdrawal,
    wish: &WithdrawalRequest<'_>,
) -> Result<WithdrawalOutcome, Failure> {
    let (number, bytes) = (statement.number, &statement.bytes);
    let begun = |signatures| judge::partial_withdrawal(signer.root, number, bytes.clone(), signatures);
    let mut signatures: Vec<_> = statement.signatures.values().cloned().collect();
    if begun(signatures.clone()).is_ok_and(|begun| begun.signers().contains(&signer.key.public().kid())) {
        return Ok(WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures: statement.missing_signatures() });
    }
    let reason = &statement.body.reason;
    if wish.terms.reason.as_ref().is_some_and(|given| given != reason) {
        return Err(Failure::Refused(crate::text!(
            vi: "văn bản thu hồi số {number} đã có với lý do khác: “{reason}”; để ký vào đúng văn bản đó, chạy lại mà không có --reason",
            en: "withdrawal {number} is there with another reason: “{reason}”; to sign that very statement, run again without --reason"
        )));
    }
    let own = signature(signer, number, bytes)?;
    signatures.push(own.clone());
    begun(signatures).map_err(|refusal| Failure::Refused(refusal.text().clone()))?;
    let path = withdrawals::path(signer.folder, number);
    signed_files::add(&signed_files::signature_path(&path, signer.key.public().kid()), &own)?;
    read_outcome(signer, all_filed, number, WithdrawalAction::Joined)
}

/// Makes the statement to sign, in the role that needs the fewest signatures.
fn new_statement(
    signer: &WithdrawalSigner<'_>,
    wish: &WithdrawalRequest<'_>,
    number: u64,
    held: BTreeSet<RoleId>,
) -> Result<Withdrawal, Failure> {
    let manifest = wish.filed.program.manifest();
    let reason = wish.terms.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let reason = reason
        .ok_or_else(|| Failure::Usage(crate::text!(vi: "phải nêu lý do: --reason \"…\"", en: "a reason is needed: --reason \"…\"")))?;
    let in_role = |role: RoleId| Withdrawal {
        version: number,
        program: wish.filed.program.digest(),
        site: manifest.site.clone(),
        kind: manifest.kind,
        role,
        slides: wish.slides.clone(),
        reason: reason.to_owned(),
    };
    let root = signer.root.body();
    let all = held.into_iter().map(in_role);
    all.min_by_key(|body| judge::required_signatures(root, body).unwrap_or(u64::MAX))
        .ok_or_else(|| Failure::Refused(crate::text!(vi: "không có vai trò nào để ký", en: "there is no role to sign in")))
}

fn signature(signer: &WithdrawalSigner<'_>, number: u64, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    signer.key.sign(bytes, &format!("withdrawals/{number}.json"), signer.now).map_err(Failure::Refused)
}

/// The result for a statement, by the check that publisher and player make.
fn read_outcome(
    signer: &WithdrawalSigner<'_>,
    all_filed: &FiledPrograms,
    number: u64,
    done: WithdrawalAction,
) -> Result<WithdrawalOutcome, Failure> {
    let statements = withdrawals::read(signer.folder, signer.chain, all_filed)?;
    let found = statements.iter().find(|each| each.number == number);
    let gone = || Failure::Refused(crate::text!(vi: "văn bản thu hồi vừa ký đã mất", en: "the withdrawal just signed is gone"));
    Ok(WithdrawalOutcome { number, action: done, missing_signatures: found.ok_or_else(gone)?.missing_signatures() })
}

/// Only one statement may lack signatures: numbers have no gaps, so nothing can be published after it.
fn pending_statement(folder: &Path, last: &StoredWithdrawal) -> Failure {
    let (number, command) = (last.number, last.command());
    let path = withdrawals::path(folder, number);
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} còn thiếu chữ ký, mà các số phải liền nhau. Người khác giữ vai trò ký thêm bằng:\n  {command}\nhoặc nếu không cần nữa thì xóa các tệp {path}* (chưa phát hành), rồi chạy lại",
        en: "withdrawal {number} still lacks signatures, and numbers have no gaps. Another holder of its role signs with:\n  {command}\nor, if it is no longer needed, remove the files {path}* (they are not published), and run again"
    ))
}
