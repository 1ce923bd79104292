//! Withdrawals: which one is accepted, and what all of them together take from a program (`docs/trust.md`, "Withdrawal").
//! Never stores one: a caller keeps every withdrawal that it accepted.

use std::collections::BTreeSet;

use super::program::required_roles;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::program::validate::Program;
use crate::trust::document::{self, Verified};
use crate::trust::keys::KeyId;
use crate::trust::refusal::{Refusal, require};
use crate::trust::root::{ReviewRole, Root};
use crate::trust::withdrawal::Withdrawal;

/// An authentic withdrawal in a role that covers its site and kind; it may still lack signatures.
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
    // W3. The role that it names covers its site and kind; a whole evergreen program needs the role's threshold.
    let role = covering_role(root.body(), found.body()).ok_or_else(|| role_does_not_cover(found.body()))?;
    let (count, threshold) = (count_holders(role, &found), role.threshold);
    Ok(PartialWithdrawal { withdrawal: found, count, threshold })
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
            return Err(Refusal::Unproven(crate::text!(
                vi: "văn bản thu hồi {number}: {count} chữ ký của người giữ vai trò, cần {needed}",
                en: "withdrawal {number}: {count} signatures by holders of its role, {needed} are required"
            )));
        }
        Ok(withdrawal)
    }
}

/// How many holders of the role that it names must sign; `None` if the role does not cover the site and kind.
pub fn required_signatures(root: &Root, withdrawal: &Withdrawal) -> Option<u64> {
    covering_role(root, withdrawal).map(|role| signatures_needed(withdrawal, role.threshold))
}

/// A whole evergreen program, which has no fallback, needs the role's threshold.
fn signatures_needed(withdrawal: &Withdrawal, threshold: u64) -> u64 {
    if withdrawal.kind == ProgramKind::Evergreen && withdrawal.slides.is_none() { threshold } else { 1 }
}

/// The role that a withdrawal names, if it covers the site and kind.
fn covering_role<'a>(root: &'a Root, withdrawal: &Withdrawal) -> Option<&'a ReviewRole> {
    root.roles.review.get(&withdrawal.role).filter(|role| role.covers(&withdrawal.site, withdrawal.kind))
}

fn count_holders(role: &ReviewRole, withdrawal: &Verified<Withdrawal>) -> u64 {
    withdrawal.signers().intersection(&role.keys).count() as u64
}

fn role_does_not_cover(withdrawal: &Withdrawal) -> Refusal {
    let (role, site, kind) = (&withdrawal.role, &withdrawal.site, withdrawal.kind.as_str());
    Refusal::Rule(crate::text!(
        vi: "vai trò {role} không có hoặc không phụ trách cụm {site}, loại {kind}",
        en: "role {role} does not exist or does not cover site {site}, kind {kind}"
    ))
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
    let mut out = WithdrawalEffect::default();
    for withdrawal in withdrawals {
        let body = withdrawal.body();
        // W4. It concerns the program that it names if site and kind are equal and its role had to approve that program.
        let concerns = body.program == program.digest() && body.site == manifest.site && body.kind == manifest.kind;
        if !concerns || !required_roles(root, &manifest.site, program).contains(&body.role) {
            continue;
        }
        let Some(slides) = &body.slides else {
            out.program = true;
            continue;
        };
        let all: BTreeSet<_> = out.slides.union(slides).cloned().collect();
        if empties_a_loop(program, &all) && manifest.kind == ProgramKind::Evergreen {
            // W5. Slides that would empty an evergreen loop need the role's threshold; with fewer signatures they stay.
            if covering_role(root, body).is_none_or(|role| count_holders(role, withdrawal) < role.threshold) {
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
