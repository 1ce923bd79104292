//! Has a filed program judged as a player will judge it, with the statements at hand.
//! Never judges by itself: `trust::judge` does.

use std::collections::{BTreeMap, BTreeSet};

use super::filed::{self, FiledProgram};
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::store::publish::PublishableProgram;
use crate::trust::approval::Approval;
use crate::trust::document::Verified;
use crate::trust::head::HeadEntry;
use crate::trust::judge::{self, ApprovalFile, ShortRole};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// Judges a filed program with all statements about it.
pub fn judge_filed(root: &Verified<Root>, filed: &FiledProgram) -> Result<PublishableProgram, Refusal> {
    judge_filed_with(root, filed, &filed.statements.files)
}

fn judge_filed_with(
    root: &Verified<Root>,
    filed: &FiledProgram,
    files: &BTreeMap<KeyId, ApprovalFile>,
) -> Result<PublishableProgram, Refusal> {
    let (program, manifest) = (filed.program.digest(), filed.program.manifest());
    let entry = HeadEntry { program, size: filed.program.size(), kind: manifest.kind, from: 0, approvals: Vec::new() };
    judge_with_named_approvals(root, &manifest.site, &entry, filed.manifest.clone(), files)
}

/// How far a program is signed that is not approved: in each role that lacks signatures, how many have signed of how many; `None` if it is
/// approved.
pub fn signed_so_far(root: &Verified<Root>, filed: &FiledProgram) -> Option<Text> {
    let refusal = judge_filed(root, filed).err()?;
    let told = |ShortRole { role, count, threshold }: &ShortRole| {
        (format!("{count}/{threshold} vai trò {role}"), format!("{count} of {threshold} as {role}"))
    };
    let (vi, en): (Vec<_>, Vec<_>) = judge::short_roles(root, &filed.program, &filed.statements.files).iter().map(told).unzip();
    let (vi, en) = (vi.join(", "), en.join(", "));
    Some(if en.is_empty() { refusal.text().clone() } else { crate::text!(vi: "mới ký {vi}", en: "signed by {en}") })
}

/// A line of a list for each of some programs that is approved. `note`: what else is to be said of one.
pub fn approved_lines(root: &Verified<Root>, programs: &[&FiledProgram], note: impl Fn(&FiledProgram) -> Option<Text>) -> Text {
    filed::list(programs.iter().copied().filter(|filed| judge_filed(root, filed).is_ok()), note)
}

/// As [`judge_filed`], by those statements alone of which `holds` is true.
pub fn judge_filed_by(
    root: &Verified<Root>,
    filed: &FiledProgram,
    holds: impl Fn(&Approval) -> bool,
) -> Result<PublishableProgram, Refusal> {
    let valid = judge::valid_approvals(root, &filed.program, &filed.statements.files);
    let kids: BTreeSet<KeyId> = valid.iter().filter(|each| holds(each.body())).flat_map(Verified::signers).copied().collect();
    let files = filed.statements.files.iter().filter(|(kid, _)| kids.contains(kid)).map(|(kid, file)| (*kid, file.clone())).collect();
    judge_filed_with(root, filed, &files)
}

/// Judges the program of an entry with all statements at hand, then again with only those that the head will name, as a player will.
pub fn judge_with_named_approvals(
    root: &Verified<Root>,
    site: &SiteId,
    entry: &HeadEntry,
    manifest: Vec<u8>,
    files: &BTreeMap<KeyId, ApprovalFile>,
) -> Result<PublishableProgram, Refusal> {
    let decide = |approvals: Vec<KeyId>| {
        let entry = HeadEntry { size: manifest.len() as u64, approvals, ..entry.clone() };
        judge::program_with_approvals(root, (site, &entry), &manifest, files)
    };
    let all: BTreeSet<KeyId> = files.keys().copied().collect();
    let first = decide(all.iter().copied().collect())?;
    let named: BTreeSet<KeyId> =
        first.approvals().iter().flat_map(Verified::signers).filter(|kid| files.contains_key(kid)).copied().collect();
    let approved = if named == all { first } else { decide(named.iter().copied().collect())? };
    let approvals = files.iter().filter(|(kid, _)| named.contains(kid)).map(|(kid, file)| (*kid, file.clone())).collect();
    Ok(PublishableProgram { approved, manifest, approvals })
}
