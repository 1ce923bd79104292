//! Withdrawing: finds the role in which a key may withdraw from each program that is reached, and signs the statements.
//! Never overwrites a statement, and never decides whether one counts: `judge` does.

use std::collections::BTreeSet;
use std::path::Path;

use super::filed::{FiledProgram, FiledPrograms};
use super::signed_files;
use super::withdrawal_effect::{self, gone_by, named_by, revisions, taken_already, taken_by};
use super::withdrawal_folder;
use super::withdrawal_reach::{WithdrawalReach, slides_of};
use super::withdrawal_refusals;
use super::withdrawals::{self, StoredWithdrawal};
use super::withdrawals_unsent::UnsentWithdrawal;
use super::withdrawn::{WithdrawalAction, WithdrawalOutcome, Withdrawn};
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SlideId};
use crate::base::limits::REASON_LETTERS;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::choose;
use crate::trust::document::{self, CommonFields, Verified};
use crate::trust::judge;
use crate::trust::root::{Root, SignedRoot};
use crate::trust::secret::SecretKey;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

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
    pub role: Option<String>,
    /// Those that were signed here and wait to be signed anew.
    pub unsent: Vec<UnsentWithdrawal>,
    /// The last number that the store or the archive has.
    pub published: u64,
}

impl WithdrawalTerms {
    /// The statement that a number means here, if it is one to be signed anew.
    pub fn renewed(&self, number: u64) -> Option<&Withdrawal> {
        self.unsent.iter().find(|each| each.number == number).map(|each| &each.body)
    }
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
    let named = |name: &String| match reviewers.get_key_value(name.as_str()) {
        Some((role, _)) => Ok(role.clone()),
        None => Err(choose::unknown_role(reviewers.keys().map(RoleId::as_str), name)),
    };
    let role = terms.role.as_ref().map(named).transpose()?;
    // Two commands at the same time would write one number twice, and the statement of the one would stand beside the signature of the other.
    let _held = withdrawal_folder::lock(signer.folder)?;
    let out = Withdrawn { done: Vec::new(), left: Vec::new(), gone: Vec::new() };
    let mut work = WithdrawalWork { signer, all_filed, terms, role, reason: terms.reason.clone(), out };
    match (&reach.number, &reach.slides) {
        (Some(number), _) => match terms.renewed(*number) {
            Some(body) => work.renew(body, reach)?,
            None => work.cosign(*number, reach)?,
        },
        (None, Some(slides)) if !reach.only => work.everywhere(slides, &reach.programs)?,
        _ => reach.programs.iter().try_for_each(|filed| work.one_program(filed, reach.slides_of(filed)))?,
    }
    let why = work
        .out
        .left
        .first()
        .map(|(_, why)| why.clone())
        .or_else(|| work.out.gone.first().map(|(_, by)| withdrawal_refusals::gone_whole(*by)));
    match why {
        Some(why) if work.out.done.is_empty() => Err(Failure::Refused(why)),
        _ => Ok(work.out),
    }
}

/// A command's work, statement by statement.
struct WithdrawalWork<'w, 'a> {
    signer: &'w WithdrawalSigner<'w>,
    all_filed: &'w FiledPrograms,
    terms: &'w WithdrawalTerms,
    /// The role to sign in, if one is named.
    role: Option<RoleId>,
    /// Of new statements.
    reason: Option<String>,
    out: Withdrawn<'a>,
}

impl<'a> WithdrawalWork<'_, 'a> {
    fn statements(&self) -> Result<Vec<StoredWithdrawal>, Failure> {
        withdrawals::read(self.signer.folder, self.signer.chain, self.all_filed)
    }

    /// The roles in which the key may withdraw from a program; with `role`, that one alone.
    fn roles(&self, filed: &FiledProgram) -> BTreeSet<RoleId> {
        let mut held = self.all_roles(filed);
        held.retain(|each| self.role.as_ref().is_none_or(|role| each == role));
        held
    }

    fn all_roles(&self, filed: &FiledProgram) -> BTreeSet<RoleId> {
        let (program, kid) = (&filed.program, self.signer.key.public().kid());
        judge::usable_roles(self.signer.root.body(), kid, &program.manifest().site, program)
    }

    /// Adds a signature to a statement that is there.
    fn cosign(&mut self, number: u64, reach: &WithdrawalReach<'a>) -> Result<(), Failure> {
        let statements = self.statements()?;
        for statement in statements.iter().filter(|each| each.number == number) {
            let concerned = reach.programs.iter().filter(|filed| self.concerns(&statement.body, filed)).copied().collect();
            self.out.done.push((self.add_signature(statement)?, concerned));
        }
        Ok(())
    }

    /// Signs anew, under the next number, what was signed under one that is another's now; or under the same statement, if there is one.
    fn renew(&mut self, body: &Withdrawal, reach: &WithdrawalReach<'a>) -> Result<(), Failure> {
        if !self.holds(&body.role) {
            return Err(withdrawal_refusals::no_holder(body.version, &body.role));
        }
        let statements = self.statements()?;
        let by = withdrawal_effect::covered_by(self.signer.root.body(), &statements, self.all_filed, body)?;
        let concerned = reach.programs.iter().filter(|filed| self.concerns(body, filed)).copied().collect();
        self.reason = self.reason.take().or_else(|| Some(body.reason.clone()));
        self.note(self.sign(&statements, &body.scope, &BTreeSet::from([body.role.clone()]), by), concerned)
    }

    fn holds(&self, role: &RoleId) -> bool {
        let (reviewers, kid) = (&self.signer.root.body().roles.review, self.signer.key.public().kid());
        reviewers.get(role).is_some_and(|role| role.keys.contains(&kid))
    }

    fn concerns(&self, body: &Withdrawal, filed: &FiledProgram) -> bool {
        let (root, manifest) = (self.signer.root.body(), filed.program.manifest());
        let roles = judge::required_roles(root, &manifest.site, &filed.program);
        judge::concerns_programs(root, body, (&manifest.site, manifest.kind), &roles)
    }

    /// Slides, from every program: a statement for each role that it takes, and, where they would empty a loop, the same once more for the
    /// role's threshold (W5).
    fn everywhere(&mut self, slides: &BTreeSet<SlideId>, programs: &[&'a FiledProgram]) -> Result<(), Failure> {
        let mut open: Vec<(&FiledProgram, BTreeSet<RoleId>)> = programs.iter().map(|filed| (*filed, self.roles(filed))).collect();
        loop {
            let reached = |role: &&RoleId| open.iter().filter(|(_, held)| held.contains(*role)).count();
            let Some(role) = open.iter().flat_map(|(_, held)| held).max_by_key(reached).cloned() else { break };
            let (covered, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, held)| held.contains(&role));
            open = rest;
            self.in_role(role, slides, covered.into_iter().map(|(filed, _)| filed).collect())?;
        }
        let statements = self.statements()?;
        for (filed, _) in open {
            let own = slides_of(slides, filed);
            let by = taken_already(self.signer.root.body(), &statements, filed, Some(&own));
            self.without_role(filed, Some(slides), by);
        }
        Ok(())
    }

    /// A program of which the key may take nothing: it keeps what was to be taken, unless that is gone `already`.
    fn without_role(&mut self, filed: &'a FiledProgram, slides: Option<&BTreeSet<SlideId>>, already: Option<u64>) {
        let Some(number) = already else { return self.out.left.push((filed, self.not_allowed(filed, slides))) };
        match self.out.done.iter_mut().find(|(outcome, _)| outcome.number == number) {
            Some((_, programs)) => programs.push(filed),
            None => {
                self.out.done.push((WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures: 0 }, vec![filed]));
            }
        }
    }

    /// Slides, from every program of a role, of which these are there.
    fn in_role(&mut self, role: RoleId, slides: &BTreeSet<SlideId>, programs: Vec<&'a FiledProgram>) -> Result<(), Failure> {
        let statements = self.statements()?;
        let (scope, held) = (WithdrawalScope::Slides { slides: revisions(&statements, slides, &programs) }, BTreeSet::from([role]));
        let by = self.already(&statements, slides, &programs);
        let first = match self.sign(&statements, &scope, &held, by) {
            Ok(first) => first,
            refused => return self.note(refused, programs),
        };
        let statements = self.statements()?;
        let keeps = |filed: &&FiledProgram| {
            taken_by(self.signer.root, &statements, filed).is_some_and(|taken| !slides_of(slides, filed).is_subset(&taken))
        };
        let (kept, taken): (Vec<_>, Vec<_>) = programs.into_iter().partition(keeps);
        if first.missing_signatures > 0 {
            let before = by.map(|number| WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures: 0 });
            self.out.done.extend(before.map(|before| (before, taken)));
            self.out.done.push((first, kept));
            return Ok(());
        }
        self.out.done.push((first, taken));
        if !kept.is_empty() {
            return self.note(self.sign_next(&statements, &scope, &held), kept);
        }
        Ok(())
    }

    /// Notes what was done for these programs, or why it was refused.
    fn note(&mut self, signed: Result<WithdrawalOutcome, Failure>, programs: Vec<&'a FiledProgram>) -> Result<(), Failure> {
        match signed {
            Ok(outcome) => self.out.done.push((outcome, programs)),
            Err(Failure::Refused(why)) => self.out.left.extend(programs.into_iter().map(|filed| (filed, why.clone()))),
            Err(failure) => return Err(failure),
        }
        Ok(())
    }

    /// The number of the statement by which these slides are withdrawn from new programs of all these sites and kinds already, if they are.
    fn already(&self, statements: &[StoredWithdrawal], slides: &BTreeSet<SlideId>, programs: &[&FiledProgram]) -> Option<u64> {
        let complete = || statements.iter().filter_map(StoredWithdrawal::complete);
        let taken = |filed: &&FiledProgram| {
            let most = judge::withdrawn_revisions(complete(), |body| self.concerns(body, filed));
            let known = &filed.program.manifest().slides;
            slides_of(slides, filed).iter().all(|id| most.get(id).is_some_and(|most| known[id].revision <= *most))
        };
        let names = |body: &&Withdrawal| matches!(&body.scope, WithdrawalScope::Slides { slides: named } if slides.iter().any(|id| named.contains_key(id)));
        complete().map(Verified::body).rfind(names).filter(|_| programs.iter().all(taken)).map(|body| body.version)
    }

    /// One program, or slides of it alone.
    fn one_program(&mut self, filed: &'a FiledProgram, slides: Option<BTreeSet<SlideId>>) -> Result<(), Failure> {
        let (statements, held, program) = (self.statements()?, self.roles(filed), &filed.program);
        if held.is_empty() {
            let by = taken_already(self.signer.root.body(), &statements, filed, slides.as_ref());
            self.without_role(filed, slides.as_ref(), by);
            return Ok(());
        }
        let named = named_by(&statements, program);
        let complete = statements.iter().filter_map(StoredWithdrawal::complete);
        let gone = gone_by(self.signer.root.body(), complete, program).map(|by| by.body().version);
        let last = |slides: &BTreeSet<SlideId>| slides.iter().filter_map(|id| named.get(id)).max().copied();
        let by = match (taken_by(self.signer.root, &statements, filed), &slides) {
            (None, None) => gone,
            (None, Some(slides)) if slides.iter().any(|id| !named.contains_key(id)) => {
                self.out.gone.extend(gone.map(|by| (filed, by)));
                return Ok(());
            }
            (Some(taken), Some(slides)) if !slides.is_subset(&taken) => None,
            (_, slides) => slides.as_ref().and_then(last),
        };
        let (digest, manifest) = (program.digest(), program.manifest());
        let scope = WithdrawalScope::Program { program: digest, site: manifest.site.clone(), kind: manifest.kind, slides };
        self.note(self.sign(&statements, &scope, &held, by), vec![filed])
    }

    fn not_allowed(&self, filed: &FiledProgram, slides: Option<&BTreeSet<SlideId>>) -> Text {
        let (root, kid) = (self.signer.root.body(), self.signer.key.public().kid());
        let others = self.all_roles(filed);
        if let Some(role) = self.role.as_ref().filter(|_| !others.is_empty()) {
            return withdrawal_refusals::another_role(kid, (role, self.holds(role)), &others);
        }
        withdrawal_refusals::not_allowed(root, kid, slides, &[filed])
    }

    /// Adds a signature to the same statement if there is one; else signs the next statement, unless the request is covered `already`.
    fn sign(
        &self,
        statements: &[StoredWithdrawal],
        scope: &WithdrawalScope,
        held: &BTreeSet<RoleId>,
        already: Option<u64>,
    ) -> Result<WithdrawalOutcome, Failure> {
        let same = statements.iter().rfind(|each| each.body.scope == *scope && held.contains(&each.body.role));
        let own = |each: &&UnsentWithdrawal| {
            each.body.scope == *scope && held.contains(&each.body.role) && Some(&each.body.reason) == self.reason.as_ref()
        };
        let unsent = self.terms.unsent.iter().find(own);
        let covers =
            |each: &UnsentWithdrawal| withdrawal_effect::covered_by(self.signer.root.body(), statements, self.all_filed, &each.body);
        // What was signed here is in force by what somebody else has signed for another reason; or not, though nothing shows it today.
        let covered = unsent.map(covers).transpose()?;
        match (same, covered.unwrap_or(already)) {
            (Some(_), Some(number)) if covered.is_some() => {
                Ok(WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures: 0 })
            }
            (Some(same), _) => self.add_signature(same),
            (None, Some(number)) => Ok(WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures: 0 }),
            (None, None) => self.sign_next(statements, scope, held),
        }
    }

    /// Signs the next statement.
    fn sign_next(
        &self,
        statements: &[StoredWithdrawal],
        scope: &WithdrawalScope,
        held: &BTreeSet<RoleId>,
    ) -> Result<WithdrawalOutcome, Failure> {
        if let Some(last) = statements.last().filter(|last| last.complete().is_none()) {
            return Err(withdrawal_refusals::pending(self.signer.folder, last, self.terms.published));
        }
        let (signer, number) = (self.signer, statements.len() as u64 + 1);
        withdrawal_folder::ensure_room(signer.folder)?;
        let body = self.new_statement(number, scope, held)?;
        let common = CommonFields { root_id: signer.root.root_id(), issued: signer.now };
        let bytes = document::to_signable_bytes(common, &body).map_err(Failure::Refused)?;
        let signature = signature(signer, number, &bytes)?;
        let path = withdrawals::path(signer.folder, number);
        let beside = signed_files::signature_path(&path, signer.key.public().kid());
        signed_files::replace_orphan(&beside, &path, &signature)?;
        // On a full disk no signature stays without its statement.
        signed_files::add(&path, &bytes).inspect_err(|_| drop(std::fs::remove_file(&beside)))?;
        self.read_outcome(number, WithdrawalAction::New)
    }

    /// Adds a signature to a statement.
    fn add_signature(&self, statement: &StoredWithdrawal) -> Result<WithdrawalOutcome, Failure> {
        let (signer, number, bytes) = (self.signer, statement.number, &statement.bytes);
        let begun = |signatures| judge::partial_withdrawal(signer.root, number, bytes.clone(), signatures);
        let mut signatures: Vec<_> = statement.signatures.values().cloned().collect();
        if begun(signatures.clone()).is_ok_and(|begun| begun.signers().contains(&signer.key.public().kid())) {
            let missing_signatures = statement.missing_signatures();
            return Ok(WithdrawalOutcome { number, action: WithdrawalAction::Already, missing_signatures });
        }
        let (reason, role) = (&statement.body.reason, &statement.body.role);
        if self.terms.reason.as_ref().is_some_and(|given| given != reason) {
            return Err(withdrawal_refusals::another_reason(number, reason));
        }
        if !self.holds(role) {
            return Err(withdrawal_refusals::no_holder(number, role));
        }
        withdrawal_folder::ensure_room(signer.folder)?;
        let own = signature(signer, number, bytes)?;
        signatures.push(own.clone());
        begun(signatures).map_err(|refusal| Failure::Refused(refusal.text().clone()))?;
        let path = withdrawals::path(signer.folder, number);
        signed_files::add(&signed_files::signature_path(&path, signer.key.public().kid()), &own)?;
        self.read_outcome(number, WithdrawalAction::Joined)
    }

    /// Makes the statement to sign, in the role that needs the fewest signatures.
    fn new_statement(&self, number: u64, scope: &WithdrawalScope, held: &BTreeSet<RoleId>) -> Result<Withdrawal, Failure> {
        let reason = self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        let reason = reason
            .ok_or_else(|| Failure::Usage(crate::text!(vi: "phải nêu lý do: --reason \"…\"", en: "a reason is needed: --reason \"…\"")))?;
        let letters = reason.chars().count();
        if letters > REASON_LETTERS {
            return Err(Failure::Usage(crate::text!(
                vi: "lý do dài {letters} ký tự, nhiều nhất là {REASON_LETTERS}: hãy rút gọn",
                en: "the reason has {letters} letters and may have {REASON_LETTERS} at most: shorten it"
            )));
        }
        let in_role = |role: &RoleId| Withdrawal { version: number, role: role.clone(), scope: scope.clone(), reason: reason.to_owned() };
        let root = self.signer.root.body();
        let all = held.iter().map(in_role);
        all.min_by_key(|body| judge::required_signatures(root, body).unwrap_or(u64::MAX))
            .ok_or_else(|| Failure::Refused(crate::text!(vi: "không có vai trò nào để ký", en: "there is no role to sign in")))
    }

    /// The result for a statement, by the check that publisher and player make.
    fn read_outcome(&self, number: u64, action: WithdrawalAction) -> Result<WithdrawalOutcome, Failure> {
        let statements = self.statements()?;
        let found = statements.iter().find(|each| each.number == number);
        let gone = || {
            Failure::Refused(crate::text!(
                vi: "không còn văn bản thu hồi vừa ký; hãy kiểm tra thư mục trust/withdrawals rồi chạy lại",
                en: "the withdrawal just signed is gone; check the folder trust/withdrawals and run this again"
            ))
        };
        Ok(WithdrawalOutcome { number, action, missing_signatures: found.ok_or_else(gone)?.missing_signatures() })
    }
}

fn signature(signer: &WithdrawalSigner<'_>, number: u64, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    signer.key.sign(bytes, &format!("withdrawals/{number}.json"), signer.now).map_err(Failure::Refused)
}
