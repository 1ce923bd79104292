//! A draft with its signatures becomes the root in force: collected, judged as a player will judge it, written into the folder.
//! Never writes a root that a player would refuse.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::draft::{self, StoredDraft};
use super::signed_files;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::SIGNATURE_BYTES;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::next_root;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// The signatures that some root key of the old or the new root made, by holder: those beside the draft, and those in `others`.
pub fn signatures(
    trust: &Path,
    old: Option<&Verified<Root>>,
    lying: &StoredDraft,
    others: &[PathBuf],
) -> Result<BTreeMap<KeyId, Vec<u8>>, Failure> {
    let mut found = draft::signatures(&draft::path(trust))?;
    for path in others {
        found.push(files::read_file_limited(path, SIGNATURE_BYTES).map_err(|error| Failure::io(path, &error))?);
    }
    let roots = old.map(Verified::body).into_iter().chain([&lying.draft.root]);
    Ok(roots.flat_map(|root| next_root::signatures_by(root, &root.roles.root.keys, &lying.bytes, &found)).collect())
}

/// The player's own judgement.
pub fn judge_draft(
    old: Option<&Verified<Root>>,
    lying: &StoredDraft,
    signatures: &BTreeMap<KeyId, Vec<u8>>,
) -> Result<Verified<Root>, Refusal> {
    let all: Vec<_> = signatures.values().cloned().collect();
    match old {
        None => judge::initial_root(lying.bytes.clone(), all),
        Some(old) => judge::root_signed_by_old(old, &lying.bytes, all.clone())?.finish(all),
    }
}

/// Signatures first, the root last: whoever is stopped between them has written nothing that counts. Then the draft goes.
pub fn write(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<PathBuf, Failure> {
    let version = root.body().version;
    let path = trust.join(format!("root/{version}.json"));
    let beside = |kid: &KeyId| trust.join(format!("root/{version}.json.{kid}.minisig"));
    // What an attempt that was stopped left behind may be signatures of another draft.
    if path.symlink_metadata().is_err() {
        for kid in signed_files::read_signatures(&path)?.keys() {
            let stale = beside(kid);
            fs::remove_file(&stale).map_err(|error| Failure::io(&stale, &error))?;
        }
    }
    for (kid, signature) in signatures {
        signed_files::replace_orphan(&beside(kid), &path, signature)?;
    }
    signed_files::add(&path, root.bytes())?;
    draft::discard(trust)?;
    Ok(path)
}
