//! Has a filed program judged as a player will judge it, with the statements at hand.
//! Never judges by itself: `trust::judge` does.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::store::publish::PublishableProgram;
use crate::trust::document::Verified;
use crate::trust::head::HeadEntry;
use crate::trust::judge::{self, ApprovalFile};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// Judges with all statements at hand, then again with only those that the head will name, as a player will.
pub fn judge_with_named_approvals(
    root: &Verified<Root>,
    site: &SiteId,
    program: Digest,
    kind: ProgramKind,
    manifest: Vec<u8>,
    files: &BTreeMap<KeyId, ApprovalFile>,
) -> Result<PublishableProgram, Refusal> {
    let size = manifest.len() as u64;
    let decide = |approvals: Vec<KeyId>| {
        let entry = HeadEntry { program, size, kind, from: 0, approvals };
        judge::approvals(root, site, &entry, files).and_then(|counted| judge::program(root, counted, &manifest))
    };
    let first = decide(files.keys().copied().collect())?;
    let named: BTreeSet<KeyId> =
        first.approvals().iter().flat_map(Verified::signers).filter(|kid| files.contains_key(kid)).copied().collect();
    let approved = decide(named.iter().copied().collect())?;
    let approvals = files.iter().filter(|(kid, _)| named.contains(kid)).map(|(kid, file)| (*kid, file.clone())).collect();
    Ok(PublishableProgram { approved, manifest, approvals })
}
