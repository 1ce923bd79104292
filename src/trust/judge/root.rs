//! Roots: the first one, trusted by its place, and the step from one to the next (`docs/trust.md`, "Root").
//! Never stores: a caller keeps a root only once it is [`Verified`].

use std::collections::BTreeSet;

use crate::trust::document::{self, RootId, SignedDocument as _, Verified};
use crate::trust::keys::KeyId;
use crate::trust::refusal::{Refusal, require};
use crate::trust::root::Root;

/// R1. A provisioned root is trusted by its place, but must be well formed and meet its own threshold.
pub fn initial_root(bytes: Vec<u8>, signatures: Vec<Vec<u8>>) -> Result<Verified<Root>, Refusal> {
    let (common, root) = document::parse::<Root>(&bytes)?;
    verify_own_threshold(bytes, signatures, &root, common.root_id)
}

/// R2. The next root's raw bytes must carry the old root's threshold before a field of it is read; then it must be the direct successor.
pub fn root_signed_by_old(old: &Verified<Root>, bytes: &[u8], signatures: Vec<Vec<u8>>) -> Result<PendingRoot, Refusal> {
    let group = &old.body().roles.root;
    let keys = old.body().public_keys(&group.keys);
    let new = document::verify::<Root>(bytes.to_vec(), &signatures, &keys, group.threshold, old.root_id())?;
    ensure_successor(old, new.root_id(), new.body())?;
    Ok(PendingRoot(new))
}

/// The part of R2 that reads fields: same installation, exactly the next number. Also checked before a draft is signed.
pub fn ensure_successor(old: &Verified<Root>, root_id: RootId, new: &Root) -> Result<(), Refusal> {
    document::ensure_same_installation(old.root_id(), root_id, Root::TYPE)?;
    let (want, found) = (old.body().version.saturating_add(1), new.version);
    require(
        found == want,
        || crate::text!(vi: "văn bản phân quyền mang số {found}, cần {want}", en: "the root bears version {found}, {want} is required"),
    )
}

/// A root that meets the old root's threshold and has yet to meet its own.
pub struct PendingRoot(Verified<Root>);

impl PendingRoot {
    /// The ids of its root keys, which name its own signature files in the store.
    pub fn own_key_ids(&self) -> &BTreeSet<KeyId> {
        &self.0.body().roles.root.keys
    }

    /// R3. Checks its own threshold, by the key rules of the first root. Only this gives a root that may be kept.
    pub fn finish(self, signatures: Vec<Vec<u8>>) -> Result<Verified<Root>, Refusal> {
        verify_own_threshold(self.0.bytes().to_vec(), signatures, self.0.body(), self.0.root_id())
    }
}

fn verify_own_threshold(bytes: Vec<u8>, signatures: Vec<Vec<u8>>, root: &Root, root_id: RootId) -> Result<Verified<Root>, Refusal> {
    let group = &root.roles.root;
    document::verify(bytes, &signatures, &root.public_keys(&group.keys), group.threshold, root_id)
}
