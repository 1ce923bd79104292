//! Writes the signed documents of a publication to a store or an archive, each signature before its document.
//! Never judges them: it takes only results of `trust::judge`. Never writes a head: `publish` does, last.

use std::collections::BTreeMap;

use super::backend::StoreBackend;
use super::layout;
use crate::base::failure::Failure;
use crate::trust::judge::{ApprovalFile, Approved};
use crate::trust::keys::KeyId;
use crate::trust::root::SignedRoot;

/// A program with its manifest and approvals, as published.
#[derive(Clone)]
pub struct PublishableProgram {
    pub approved: Approved,
    pub manifest: Vec<u8>,
    /// The approvals named by its entry in the head.
    pub approvals: BTreeMap<KeyId, ApprovalFile>,
}

/// One file of a publication: its path and bytes.
pub enum StoreFile<'a> {
    /// Any good signature serves.
    Signature(String, &'a [u8]),
    /// A document must have exactly these bytes.
    Document(String, &'a [u8]),
}

/// The files of roots.
pub fn root_files(roots: &[SignedRoot]) -> impl Iterator<Item = StoreFile<'_>> {
    roots.iter().flat_map(|signed| {
        let version = signed.root.body().version;
        let signatures =
            signed.signatures.iter().map(move |(kid, bytes)| StoreFile::Signature(layout::root_signature(version, *kid), bytes));
        signatures.chain([StoreFile::Document(layout::root(version), signed.root.bytes())])
    })
}

/// The manifests of programs, then the approvals of each.
pub fn program_files(items: &[PublishableProgram]) -> impl Iterator<Item = StoreFile<'_>> {
    let manifests = items.iter().map(|item| StoreFile::Document(layout::program(item.approved.program().digest()), &item.manifest));
    let approvals = items.iter().flat_map(|item| {
        let program = item.approved.program().digest();
        item.approvals.iter().flat_map(move |(kid, file)| {
            let signature = StoreFile::Signature(layout::approval_signature(program, *kid), &file.signature);
            [signature, StoreFile::Document(layout::approval(program, *kid), &file.statement)]
        })
    });
    manifests.chain(approvals)
}

/// Writes files in their order. Skips those that exist; refuses a document that exists with different content.
pub fn put<'a>(store: &dyn StoreBackend, files: impl Iterator<Item = StoreFile<'a>>) -> Result<(), Failure> {
    for file in files {
        match file {
            StoreFile::Signature(path, bytes) => store.put_if_absent(&path, bytes)?,
            StoreFile::Document(path, bytes) => store.put(&path, bytes)?,
        }
    }
    Ok(())
}
