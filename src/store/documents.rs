//! The signed documents of a publication as they are put into a store or an archive: each signature before its document.
//! Never judges them, and never puts a head: `publish` does, last.

use std::collections::BTreeMap;

use super::item::Item;
use super::layout;
use super::place::Place;
use crate::base::failure::Failure;
use crate::trust::document::Verified;
use crate::trust::keys::Kid;
use crate::trust::root::Root;

/// A root and the signature files beside it.
pub struct SignedRoot<'a> {
    /// The root.
    pub root: &'a Verified<Root>,
    /// Its signatures by holder.
    pub signatures: &'a BTreeMap<Kid, Vec<u8>>,
}

/// A withdrawal and the signature files beside it.
pub struct SignedWithdrawal<'a> {
    /// Its number.
    pub number: u64,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its signatures by holder.
    pub signatures: &'a BTreeMap<Kid, Vec<u8>>,
}

/// One file of a publication.
pub struct Paper<'a> {
    /// Where it goes.
    pub path: String,
    /// What stands in it.
    pub bytes: &'a [u8],
    /// Of a signature any good one will do; a document has just these bytes.
    pub what: What,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A detached signature.
    Signature,
    /// A document.
    Document,
}

/// The files of roots.
pub fn of_roots<'a>(roots: &'a [SignedRoot<'a>]) -> impl Iterator<Item = Paper<'a>> {
    roots.iter().flat_map(|signed| {
        let version = signed.root.body().version;
        let signatures = signed.signatures.iter().map(move |(kid, bytes)| signature(layout::root_signature(version, *kid), bytes));
        signatures.chain([document(layout::root(version), signed.root.bytes())])
    })
}

/// The files of withdrawals.
pub fn of_withdrawals<'a>(withdrawals: &'a [SignedWithdrawal<'a>]) -> impl Iterator<Item = Paper<'a>> {
    withdrawals.iter().flat_map(|signed| {
        let number = signed.number;
        let signatures = signed.signatures.iter().map(move |(kid, bytes)| signature(layout::withdrawal_signature(number, *kid), bytes));
        signatures.chain([document(layout::withdrawal(number), signed.bytes)])
    })
}

/// The manifests of programs, then the approvals of each.
pub fn of_programs(items: &[Item]) -> impl Iterator<Item = Paper<'_>> {
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

/// Puts files in their order. What is there already is left alone; a document with other bytes is refused.
pub fn put<'a>(store: &dyn Place, papers: impl Iterator<Item = Paper<'a>>) -> Result<(), Failure> {
    for Paper { path, bytes, what } in papers {
        match what {
            What::Signature => store.put_unless_there(&path, bytes)?,
            What::Document => store.put(&path, bytes)?,
        }
    }
    Ok(())
}

fn signature(path: String, bytes: &[u8]) -> Paper<'_> {
    Paper { path, bytes, what: What::Signature }
}

fn document(path: String, bytes: &[u8]) -> Paper<'_> {
    Paper { path, bytes, what: What::Document }
}
