//! Withdrawals: which one is accepted, and what all of them together take from a program (`docs/trust.md`, "Withdrawal").
//! Never stores one: a caller keeps every withdrawal that it accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::program::required_roles;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::program::validate::Program;
use crate::trust::document::{self, Verified};
use crate::trust::keys::KeyId;
use crate::trust::refusal::{Refusal, require};
use crate::trust::root::{ReviewRole, Root};
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// An authentic withdrawal in a role that covers what it names; it may still lack signatures.
#[derive(Clone, Debug)]
pub struct PartialWithdrawal {
    withdrawal: Verified<Withdrawal>,
    count: u64,
    threshold: u64,
}

/// W1–W3. Judges the withdrawal found under a number, with all signature files beside it.
pub fn withdrawal(root: &Verified<Root>, number: u64, bytes: Vec<u8>, signatures: Vec<Vec<u8>>) -> Result<Verified<Withdrawal>, Refusal> {
    partial_withdrawal(root, number, bytes, signatures)?.finish()
}

/// W1–W3, except the check that enough holders signed.
pub fn partial_withdrawal(
    root: &Verified<Root>,
    number: u64,
    bytes: Vec<u8>,
    signatures: Vec<Vec<u8>>,
) -> Result<PartialWithdrawal, Refusal> {
    // W1. Signed by a key that holds a reviewer role; only then is it read.
    let reviewers = root.body().reviewers();
    let found: Verified<Withdrawal> = document::verify(bytes, &signatures, &root.body().public_keys(&reviewers), 1, root.root_id())?;
    // W2. The number in the file's name.
    let version = found.body().version;
    require(
        version == number,
        || crate::text!(vi: "văn bản thu hồi mang số {version}, tên tệp là {number}", en: "the withdrawal says {version}, its file's name {number}"),
    )?;
    // W3. The role that it names covers the program that it names; a whole evergreen program or kit needs the role's threshold.
    let role = covering_role(root.body(), found.body()).ok_or_else(|| role_does_not_cover(found.body()))?;
    let (count, threshold) = (count_holders(role, &found), role.threshold);
    Ok(PartialWithdrawal { withdrawal: found, count, threshold })
}

/// Whether what lies under a number is a withdrawal that one of some roots takes, so that it is whole, whatever it lacks under another.
pub fn is_whole_withdrawal<'a>(
    roots: impl IntoIterator<Item = &'a Verified<Root>>,
    number: u64,
    bytes: &[u8],
    signatures: &[Vec<u8>],
) -> bool {
    roots.into_iter().any(|root| partial_withdrawal(root, number, bytes.to_vec(), signatures.to_vec()).is_ok())
}

impl PartialWithdrawal {
    /// What it says.
    pub fn body(&self) -> &Withdrawal {
        self.withdrawal.body()
    }

    /// The keys with good signatures.
    pub fn signers(&self) -> &BTreeSet<KeyId> {
        self.withdrawal.signers()
    }

    /// How many holders of its role have yet to sign.
    pub fn missing_signatures(&self) -> u64 {
        signatures_needed(self.body(), self.threshold).saturating_sub(self.count)
    }

    /// As [`PartialWithdrawal::missing_signatures`], for slides that need the role's threshold (W5).
    pub fn missing_for_threshold(&self) -> u64 {
        self.threshold.saturating_sub(self.count)
    }

    /// The rest of W3: enough holders signed.
    pub fn finish(self) -> Result<Verified<Withdrawal>, Refusal> {
        let Self { withdrawal, count, threshold } = self;
        let (number, needed) = (withdrawal.body().version, signatures_needed(withdrawal.body(), threshold));
        if count < needed {
            let signed = numbers::counted(count, "signature");
            return Err(Refusal::Unproven(crate::text!(
                vi: "văn bản thu hồi {number}: {count} chữ ký của người giữ vai trò, cần {needed}",
                en: "withdrawal {number}: {signed} by holders of its role, {needed} required"
            )));
        }
        Ok(withdrawal)
    }
}

/// How many holders of the role that it names must sign; `None` if the role does not cover what it names.
pub fn required_signatures(root: &Root, withdrawal: &Withdrawal) -> Option<u64> {
    covering_role(root, withdrawal).map(|role| signatures_needed(withdrawal, role.threshold))
}

/// A whole evergreen program, which has no fallback, and a whole kit, which is kept for an emergency, need the role's threshold.
fn signatures_needed(withdrawal: &Withdrawal, threshold: u64) -> u64 {
    match withdrawal.scope {
        WithdrawalScope::Program { kind, slides: None, .. } if needs_threshold(kind) => threshold,
        _ => 1,
    }
}

fn needs_threshold(kind: ProgramKind) -> bool {
    matches!(kind, ProgramKind::Evergreen | ProgramKind::Kit)
}

/// The role that a withdrawal names, if it covers the site and kind of the program that is named.
fn covering_role<'a>(root: &'a Root, withdrawal: &Withdrawal) -> Option<&'a ReviewRole> {
    let role = root.roles.review.get(&withdrawal.role)?;
    match &withdrawal.scope {
        WithdrawalScope::Program { site, kind, .. } => role.covers(site, *kind).then_some(role),
        WithdrawalScope::Slides { .. } => Some(role),
    }
}

fn count_holders(role: &ReviewRole, withdrawal: &Verified<Withdrawal>) -> u64 {
    withdrawal.signers().intersection(&role.keys).count() as u64
}

fn role_does_not_cover(withdrawal: &Withdrawal) -> Refusal {
    let role = &withdrawal.role;
    Refusal::Rule(crate::text!(
        vi: "vai trò {role} không có hoặc không phụ trách cụm và loại được nêu",
        en: "role {role} does not exist or does not cover the site and kind that are named"
    ))
}

/// The revision up to which each slide is withdrawn.
pub type WithdrawnRevisions = BTreeMap<SlideId, u64>;

/// W4. Goes on through the statements: the revision up to which a statement takes each slide, at most one beyond those of lower numbers, whatever
/// it says. So no statement uses up the revisions, and it makes no difference which of several under one number comes first.
#[derive(Default)]
struct Chain {
    reached: WithdrawnRevisions,
    /// The number of the last statement, and what those of lower numbers had reached for the slides that were named under it.
    number: u64,
    before: WithdrawnRevisions,
}

impl Chain {
    fn step(&mut self, withdrawal: &Withdrawal) -> WithdrawnRevisions {
        let WithdrawalScope::Slides { slides } = &withdrawal.scope else { return BTreeMap::new() };
        if withdrawal.version != self.number {
            self.number = withdrawal.version;
            self.before.clear();
        }
        let mut take = |(id, revision): (&SlideId, &u64)| {
            let reached = self.reached.entry(id.clone()).or_default();
            let before = *self.before.entry(id.clone()).or_insert(*reached);
            let taken = (*revision).min(before.saturating_add(1));
            *reached = taken.max(*reached);
            (id.clone(), taken)
        };
        slides.iter().map(&mut take).collect()
    }
}

/// The revision up to which those statements that count take each slide; the others are steps of the chain all the same.
pub fn withdrawn_revisions<'a>(
    withdrawals: impl IntoIterator<Item = &'a Verified<Withdrawal>>,
    counts: impl Fn(&Withdrawal) -> bool,
) -> WithdrawnRevisions {
    let (mut chain, mut taken) = (Chain::default(), BTreeMap::new());
    for body in withdrawals.into_iter().map(Verified::body) {
        for (id, revision) in chain.step(body).into_iter().filter(|_| counts(body)) {
            let reached: &mut u64 = taken.entry(id).or_default();
            *reached = revision.max(*reached);
        }
    }
    taken
}

/// Whether a statement about slides concerns the programs of a site and kind that these roles have to approve (W4).
pub fn concerns_programs(root: &Root, withdrawal: &Withdrawal, (site, kind): (&SiteId, ProgramKind), roles: &BTreeSet<RoleId>) -> bool {
    roles.contains(&withdrawal.role) && root.roles.review.get(&withdrawal.role).is_some_and(|role| role.covers(site, kind))
}

/// What withdrawals take from a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WithdrawalEffect {
    /// Whether the whole program is withdrawn.
    pub program: bool,
    pub slides: BTreeSet<SlideId>,
}

/// W4–W6. What all accepted withdrawals, in the order of their numbers, take from a program.
pub fn withdrawal_effect<'a>(
    root: &Root,
    withdrawals: impl IntoIterator<Item = &'a Verified<Withdrawal>>,
    program: &Program,
) -> WithdrawalEffect {
    let manifest = program.manifest();
    let roles = required_roles(root, &manifest.site, program);
    let (mut out, mut chain) = (WithdrawalEffect::default(), Chain::default());
    for withdrawal in withdrawals {
        let body = withdrawal.body();
        let revisions = chain.step(body);
        if !concerns_programs(root, body, (&manifest.site, manifest.kind), &roles) {
            continue;
        }
        let slides: BTreeSet<SlideId> = match &body.scope {
            WithdrawalScope::Slides { .. } => {
                let all =
                    revisions.iter().flat_map(|(id, most)| manifest.with_parts(id).into_iter().map(move |(id, slide)| (id, slide, most)));
                all.filter(|(_, slide, most)| slide.revision <= **most).map(|(id, ..)| id.clone()).collect()
            }
            WithdrawalScope::Program { program: named, site, kind, slides } => {
                if *named != program.digest() || *site != manifest.site || *kind != manifest.kind {
                    continue;
                }
                out.program |= slides.is_none();
                let named = slides.iter().flatten();
                named.flat_map(|id| std::iter::once(id).chain(manifest.with_parts(id).into_iter().map(|(id, _)| id))).cloned().collect()
            }
        };
        let all: BTreeSet<_> = out.slides.union(&slides).cloned().collect();
        if all == out.slides {
            continue;
        }
        if empties_a_loop(program, &all) && needs_threshold(manifest.kind) {
            // W5. Slides that would empty a loop of an evergreen program or a kit need the role's threshold; with fewer signatures they stay.
            if root.roles.review.get(&body.role).is_none_or(|role| count_holders(role, withdrawal) < role.threshold) {
                continue;
            }
        } else if empties_a_loop(program, &all) {
            // W6. In any other program, an empty loop withdraws the whole program.
            out.program = true;
        }
        out.slides = all;
    }
    out
}

fn empties_a_loop(program: &Program, slides: &BTreeSet<SlideId>) -> bool {
    program.manifest().loops.values().any(|each| each.items.iter().all(|(slide, _)| slides.contains(slide)))
}
