//! Makes a signed draft the root in force: collects its signatures, writes it into the folder.
//! Never writes a root that is not judged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::draft::{self, StoredDraft};
use super::signed_files;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::SIGNATURE_BYTES;
use crate::trust::document::Verified;
use crate::trust::keys::KeyId;
use crate::trust::next_root;
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

/// Makes a judged draft the root in force, then removes the draft.
pub fn write(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<PathBuf, Failure> {
    let path = signed_files::write_root(trust, root, signatures)?;
    draft::discard(trust)?;
    Ok(path)
}
