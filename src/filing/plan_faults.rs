//! What withdrawals hold against the plans of a content: whole programs, slides, statements that have lost signatures.
//! Never judges by itself, and never changes a file.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use super::gone::JudgedPlans;
use super::returning::Refused;
use super::withdrawals::StoredWithdrawal;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::base::times::Timestamp;
use crate::content::model::values::{Content, Slide};
use crate::content::plan::Plan;
use crate::store::layout;
use crate::trust::root::SignedRoot;

/// A withdrawal that has lost signatures with a newer root.
fn lapsed_fault(statement: &StoredWithdrawal, chain: &[SignedRoot]) -> Option<Diagnostic> {
    statement.lapsed.as_ref()?;
    let place = SourceLocation::file(format!("trust/{}", layout::withdrawal(statement.number)));
    let [lost, help] = statement.lost_signatures(chain);
    Some(Diagnostic::error("withdrawal-unsigned", place, lost, help))
}

/// What is wrong with plans that are not past. Asks for the plans only where one may be refused, and renders
/// pages only where a slide has the title of another, withdrawn one, which every layout shows, or where a withdrawn program plays alike.
pub fn faults_of_plans<P: Borrow<Plan>>(
    judged: &JudgedPlans<'_>,
    plans: impl Iterator<Item = P>,
    now: Timestamp,
) -> Result<Vec<Diagnostic>, Failure> {
    let (content, withdrawals, check) = (judged.content(), judged.withdrawals(), judged.withdrawals().check());
    let mut faults: Vec<_> = withdrawals.statements.iter().filter_map(|each| lapsed_fault(each, &withdrawals.chain)).collect();
    if check.withdrawals.is_empty() && content.slides.values().all(|slide| slide.revision <= 1) {
        return Ok(faults);
    }
    for plan in plans {
        let plan: &Plan = plan.borrow();
        if plan.valid.1.is_some_and(|until| until <= now.0) {
            continue;
        }
        let (limits, shown) = (check.limits(&plan.site, plan.kind, &plan.roles), slides_of(content, plan));
        let refused = shown.iter().filter_map(|(id, slide)| check.refused(&limits, id, slide.revision, &slide.source));
        let mut found: Vec<Refused> = refused.collect();
        if may_have_copies(judged, plan)? {
            match judged.compile(plan) {
                Ok(built) => found.extend(check.copies(built.program.manifest(), &limits.here)?),
                Err(Failure::Content(broken)) => faults.extend(broken),
                Err(failure) => return Err(failure),
            }
        }
        // Slides that are withdrawn say more than that the whole program is.
        if found.is_empty() {
            match judged.fault(plan) {
                Ok(gone) => faults.extend(gone),
                Err(Failure::Content(broken)) => faults.extend(broken),
                Err(failure) => return Err(failure),
            }
        }
        faults.extend(found.into_iter().filter_map(|refused| refused.fault(content, now)));
    }
    Ok(faults)
}

/// Whether a slide of a plan has the title of another, withdrawn one: without that, none looks like it.
pub(super) fn may_have_copies(judged: &JudgedPlans<'_>, plan: &Plan) -> Result<bool, Failure> {
    let check = judged.withdrawals().check();
    let limits = check.limits(&plan.site, plan.kind, &plan.roles);
    let titles = slides_of(judged.content(), plan).into_iter().map(|(id, slide)| (id, slide.title_of(id)));
    Ok(check.withdrawn_pages(&limits.here)?.may_have_copies(titles))
}

fn slides_of<'a>(content: &'a Content, plan: &'a Plan) -> BTreeMap<&'a SlideId, &'a Slide> {
    let items = plan.loops.values().flat_map(|each| &each.items);
    items.filter_map(|(id, _)| Some((id, content.slide(id)?))).collect()
}
