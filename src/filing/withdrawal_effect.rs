//! What the withdrawals that are there take of a program: which slides, the whole of it, and by which statement.
//! Never signs, and never decides whether a statement counts: `judge` does.

use std::collections::{BTreeMap, BTreeSet};

use super::filed::{FiledProgram, FiledPrograms};
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::judge::{self, WithdrawalEffect, WithdrawnRevisions};
use crate::trust::root::Root;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// What these withdrawals together take of a program under this root.
pub fn effect(root: &Root, statements: &[StoredWithdrawal], program: &Program) -> WithdrawalEffect {
    judge::withdrawal_effect(root, statements.iter().filter_map(StoredWithdrawal::complete), program)
}

/// The statement by which a whole program went, of complete ones in the order of their numbers.
pub fn gone_by<'a>(
    root: &Root,
    complete: impl IntoIterator<Item = &'a Verified<Withdrawal>>,
    program: &Program,
) -> Option<&'a Verified<Withdrawal>> {
    let all: Vec<_> = complete.into_iter().collect();
    let taken = |end: &usize| judge::withdrawal_effect(root, all[..*end].iter().copied(), program).program;
    (1..=all.len()).find(taken).map(|end| all[end - 1])
}

/// The slides that all complete withdrawals take from a program; `None`: the whole program.
pub fn taken_by(root: &Verified<Root>, statements: &[StoredWithdrawal], filed: &FiledProgram) -> Option<BTreeSet<SlideId>> {
    let WithdrawalEffect { program, slides } = effect(root.body(), statements, &filed.program);
    (!program).then_some(slides)
}

/// The slides that complete withdrawals name, each with the last number that does, as far as they concern a program.
pub fn named_by<'s>(statements: &'s [StoredWithdrawal], program: &Program) -> BTreeMap<&'s SlideId, u64> {
    let complete = statements.iter().filter(|each| each.complete().is_some());
    let named = complete.flat_map(|each| {
        let slides: Vec<&SlideId> = match &each.body.scope {
            WithdrawalScope::Program { program: of, slides: Some(slides), .. } if *of == program.digest() => slides.iter().collect(),
            WithdrawalScope::Program { .. } => Vec::new(),
            WithdrawalScope::Slides { slides } => slides.keys().collect(),
        };
        slides.into_iter().map(|id| (id, each.number))
    });
    named.collect()
}

/// The statement by which complete ones of its role have taken all that this one names, if they have.
pub fn covered_by(root: &Root, statements: &[StoredWithdrawal], filed: &FiledPrograms, body: &Withdrawal) -> Result<Option<u64>, Failure> {
    let complete = || statements.iter().filter_map(StoredWithdrawal::complete);
    let (program, slides) = match &body.scope {
        WithdrawalScope::Slides { slides } => {
            let taken = judge::withdrawn_revisions(complete(), |each| each.role == body.role);
            let all = slides.iter().all(|(id, revision)| taken.get(id).is_some_and(|most| revision <= most));
            let names = |each: &&Withdrawal| each.role == body.role && each.scope.slides().iter().any(|id| slides.contains_key(*id));
            return Ok(complete().map(Verified::body).rfind(names).filter(|_| all).map(|each| each.version));
        }
        WithdrawalScope::Program { program, slides, .. } => (program, slides),
    };
    let Some(filed) = filed.usable(*program)? else { return Ok(None) };
    Ok(taken_already(root, statements, filed, slides.as_ref()))
}

/// The statement by which these slides of a program, or the whole of it, are gone already.
pub fn taken_already(
    root: &Root,
    statements: &[StoredWithdrawal],
    filed: &FiledProgram,
    slides: Option<&BTreeSet<SlideId>>,
) -> Option<u64> {
    let complete = statements.iter().filter_map(StoredWithdrawal::complete);
    let whole = gone_by(root, complete, &filed.program).map(|by| by.body().version);
    let Some(slides) = slides.filter(|_| whole.is_none()) else { return whole };
    let (taken, named) = (effect(root, statements, &filed.program).slides, named_by(statements, &filed.program));
    slides.iter().filter_map(|id| named.get(id)).max().copied().filter(|_| slides.is_subset(&taken))
}

/// Up to which revision slides are withdrawn: the highest that a program has, at most one beyond what is withdrawn (W4).
pub fn revisions(statements: &[StoredWithdrawal], slides: &BTreeSet<SlideId>, programs: &[&FiledProgram]) -> WithdrawnRevisions {
    let chain = withdrawals::revisions(statements);
    let revision = |id: &SlideId| {
        let most = programs.iter().filter_map(|filed| filed.program.manifest().slides.get(id)).map(|slide| slide.revision).max()?;
        Some((id.clone(), most.min(chain.get(id).map_or(1, |taken| taken + 1))))
    };
    slides.iter().filter_map(revision).collect()
}
