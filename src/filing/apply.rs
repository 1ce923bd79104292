//! Makes a signed draft the root in force: collects its signatures, judges it as a player will, writes it into the folder.
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

/// The signatures by root keys of the old or the new root, by key: from the files beside the draft and from `others`.
pub fn signatures(
    trust: &Path,
    old: Option<&Verified<Root>>,
    stored: &StoredDraft,
    others: &[PathBuf],
) -> Result<BTreeMap<KeyId, Vec<u8>>, Failure> {
    let mut found = draft::signatures(&draft::path(trust))?;
    for path in others {
        found.push(files::read_file_limited(path, SIGNATURE_BYTES).map_err(|error| Failure::io(path, &error))?);
    }
    let roots = old.map(Verified::body).into_iter().chain([&stored.draft.root]);
    Ok(roots.flat_map(|root| next_root::signatures_by(root, &root.roles.root.keys, &stored.bytes, &found)).collect())
}

/// Judges a draft as a player does.
pub fn judge_draft(
    old: Option<&Verified<Root>>,
    stored: &StoredDraft,
    signatures: &BTreeMap<KeyId, Vec<u8>>,
) -> Result<Verified<Root>, Refusal> {
    let all: Vec<_> = signatures.values().cloned().collect();
    match old {
        None => judge::initial_root(stored.bytes.clone(), all),
        Some(old) => judge::root_signed_by_old(old, &stored.bytes, all.clone())?.finish(all),
    }
}

/// Writes the signatures first and the root last, so that an interrupted run leaves nothing that counts; then removes the draft.
pub fn write(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<PathBuf, Failure> {
    let version = root.body().version;
    let path = trust.join(format!("root/{version}.json"));
    let beside = |kid: &KeyId| trust.join(format!("root/{version}.json.{kid}.minisig"));
    // An interrupted run may have left signatures of another draft.
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
