//! Withdrawing: finds the program that is meant and the role in which a key may withdraw it, and signs the statement.
//! Never overwrites a statement, and never decides whether one counts: `judge` does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::filed::{Claim, FiledProgram, FiledPrograms};
use super::signed_files;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::printable;
use crate::base::times::{Month, Timestamp};
use crate::content::model::choose;
use crate::program::manifest::ManifestSlide;
use crate::program::validate::Program;
use crate::trust::document::{self, CommonFields, Verified};
use crate::trust::judge;
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

/// What to withdraw.
pub struct WithdrawalRequest<'a> {
    pub filed: &'a FiledProgram,
    /// `None` withdraws the whole program.
    pub slides: Option<BTreeSet<SlideId>>,
    /// Required for a new statement; a holder who adds a signature need not repeat it.
    pub reason: Option<String>,
    /// The role to sign in; `None` lets [`withdraw`] choose.
    pub role: Option<RoleId>,
}

/// The result of [`withdraw`].
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

/// How a program is named on the command line.
pub enum ProgramSelector<'a> {
    /// Its digest or the beginning of it.
    Digest(&'a str),
    /// Its site and month; without a month, the evergreen program.
    Place(&'a SiteId, Option<Month>),
}

/// Finds the one filed program that is meant.
pub fn find<'a>(filed: &'a FiledPrograms, which: &ProgramSelector<'_>) -> Result<&'a FiledProgram, Failure> {
    let at = |claim: &Claim, site: &SiteId, kind| claim.approval.site == *site && claim.approval.kind == kind;
    let mut found = match which {
        ProgramSelector::Digest(start) => {
            let meant = filed.digests().filter(|digest| digest.to_string().starts_with(start));
            meant.filter_map(|digest| filed.get(digest).transpose()).collect::<Result<Vec<_>, _>>()?
        }
        ProgramSelector::Place(site, Some(_)) => filed.read_claimed(|claim| at(claim, site, ProgramKind::Monthly))?,
        ProgramSelector::Place(site, None) => filed.read_claimed(|claim| at(claim, site, ProgramKind::Evergreen))?,
    };
    if let ProgramSelector::Place(_, Some(month)) = which {
        found.retain(|each| each.program.manifest().month == Some(*month));
    }
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::Refused(crate::text!(
            vi: "không có chương trình nào như vậy trong approvals/; chỉ thu hồi được chương trình đã duyệt",
            en: "there is no such program in approvals/; only what was approved can be withdrawn"
        ))),
        several => {
            let line = |each: &&FiledProgram| {
                let manifest = each.program.manifest();
                let period = manifest.month.map_or_else(|| manifest.kind.as_str().to_owned(), |month| month.to_string());
                let (digest, site, revision, title) =
                    (each.program.digest(), &manifest.site, manifest.revision, printable(&manifest.title));
                format!("\n  {digest}  {site} {period} revision {revision}: {title}")
            };
            let list: String = several.iter().map(line).collect();
            Err(Failure::Usage(crate::text!(
                vi: "có nhiều chương trình như vậy; hãy nêu mã băm của một chương trình:{list}",
                en: "there are several; name one by its digest:{list}"
            )))
        }
    }
}

/// Reads slide names, each of which must be in the program; `None` if there are no names.
pub fn slides(filed: &FiledProgram, names: &[String]) -> Result<Option<BTreeSet<SlideId>>, Failure> {
    let known = &filed.program.manifest().slides;
    let one = |name: &String| {
        let plain = name.strip_prefix("slides/").unwrap_or(name);
        let plain = plain.strip_suffix(".md").unwrap_or(plain);
        SlideId::parse(plain).filter(|id| known.contains_key(id)).ok_or_else(|| unknown_slide(plain, known))
    };
    let all = names.iter().map(one).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(Some(all).filter(|all| !all.is_empty()))
}

fn unknown_slide(name: &str, known: &BTreeMap<SlideId, ManifestSlide>) -> Failure {
    let known: Vec<_> = known.iter().map(|(id, slide)| (id.as_str(), vec![slide.title.as_str()])).collect();
    choose::unknown(&crate::text!(vi: "trang trong chương trình này", en: "slide of this program"), name, &known)
}

/// Whether these withdrawals together withdraw the whole program under this root.
pub fn leaves_nothing(root: &Root, statements: &[StoredWithdrawal], program: &Program) -> bool {
    judge::withdrawal_effect(root, statements.iter().filter_map(StoredWithdrawal::complete), program).program
}

/// Adds a signature to the same statement if there is one; else signs the next statement.
pub fn withdraw(
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
    if let Some(role) = &wish.role {
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
    if wish.reason.as_ref().is_some_and(|given| given != reason) {
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
    let reason = wish.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
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
