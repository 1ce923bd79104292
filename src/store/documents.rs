//! Writes the signed documents of a publication to a store or an archive, each signature before its document.
//! Never judges them and never writes a head: `publish` does, last.

use std::collections::BTreeMap;

use super::backend::StoreBackend;
use super::layout;
use super::publishable::PublishableProgram;
use crate::base::failure::Failure;
use crate::trust::document::Verified;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;

/// A root and the signature files beside it.
pub struct SignedRoot<'a> {
    pub root: &'a Verified<Root>,
    pub signatures: &'a BTreeMap<KeyId, Vec<u8>>,
}

/// A withdrawal and the signature files beside it.
pub struct SignedWithdrawal<'a> {
    pub number: u64,
    pub bytes: &'a [u8],
    pub signatures: &'a BTreeMap<KeyId, Vec<u8>>,
}

/// One file of a publication.
pub struct StoreFile<'a> {
    pub path: String,
    pub bytes: &'a [u8],
    /// Any good signature serves; a document must have exactly these bytes.
    pub kind: StoreFileKind,
}

/// Kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFileKind {
    Signature,
    Document,
}

/// The files of roots.
pub fn root_files<'a>(roots: &'a [SignedRoot<'a>]) -> impl Iterator<Item = StoreFile<'a>> {
    roots.iter().flat_map(|signed| {
        let version = signed.root.body().version;
        let signatures = signed.signatures.iter().map(move |(kid, bytes)| signature(layout::root_signature(version, *kid), bytes));
        signatures.chain([document(layout::root(version), signed.root.bytes())])
    })
}

/// The files of withdrawals.
pub fn withdrawal_files<'a>(withdrawals: &'a [SignedWithdrawal<'a>]) -> impl Iterator<Item = StoreFile<'a>> {
    withdrawals.iter().flat_map(|signed| {
        let number = signed.number;
        let signatures = signed.signatures.iter().map(move |(kid, bytes)| signature(layout::withdrawal_signature(number, *kid), bytes));
        signatures.chain([document(layout::withdrawal(number), signed.bytes)])
    })
}

/// The manifests of programs, then the approvals of each.
pub fn program_files(items: &[PublishableProgram]) -> impl Iterator<Item = StoreFile<'_>> {
    let manifests = items.iter().map(|item| document(layout::program(item.approved.program().digest()), &item.manifest));
    let approvals = items.iter().flat_map(|item| {
        let program = item.approved.program().digest();
        item.approvals.iter().flat_map(move |(kid, file)| {
            let signed = signature(layout::approval_signature(program, *kid), &file.signature);
            [signed, document(layout::approval(program, *kid), &file.statement)]
        })
    });
    manifests.chain(approvals)
}

/// Writes files in their order. Skips those that exist; refuses a document that exists with different content.
pub fn put<'a>(store: &dyn StoreBackend, files: impl Iterator<Item = StoreFile<'a>>) -> Result<(), Failure> {
    for StoreFile { path, bytes, kind } in files {
        match kind {
            StoreFileKind::Signature => store.put_if_absent(&path, bytes)?,
            StoreFileKind::Document => store.put(&path, bytes)?,
        }
    }
    Ok(())
}

fn signature(path: String, bytes: &[u8]) -> StoreFile<'_> {
    StoreFile { path, bytes, kind: StoreFileKind::Signature }
}

fn document(path: String, bytes: &[u8]) -> StoreFile<'_> {
    StoreFile { path, bytes, kind: StoreFileKind::Document }
}
