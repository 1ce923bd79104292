//! Reads back and verifies what a player stored in earlier cycles: roots, withdrawals, kit releases, heads, programs.
//! Never uses the network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::trusted::{ProgramDocuments, Trusted};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::files::read_file_limited;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber, SignedHead};
use crate::trust::judge::{self, ApprovalFile, Approved};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// The provisioned root: trusted because it is installed at this path, once a threshold of its own signatures verifies.
pub fn provisioned_root(path: &Path) -> Result<Verified<Root>, Text> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let Text { vi, en } = failure::system(&error);
        text!(vi: "không đọc được văn bản phân quyền {shown}: {vi}", en: "can't read the root {shown}: {en}")
    };
    let bytes = read_file_limited(path, SMALL_DOCUMENT_BYTES).map_err(unreadable)?;
    let prefix = format!("{}.", path.file_name().and_then(|name| name.to_str()).unwrap_or_default());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut signatures = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)?.filter_map(Result::ok) {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(layout::SIGNATURE_SUFFIX)) {
            signatures.extend(read_file_limited(&entry.path(), SIGNATURE_BYTES).ok());
        }
    }
    judge::initial_root(bytes, signatures).map_err(|refusal| {
        let Text { vi, en } = refusal.text();
        text!(vi: "văn bản phân quyền {shown} không hợp lệ: {vi}", en: "the root {shown} is not valid: {en}")
    })
}

/// Trust from everything stored, from the provisioned root on.
pub fn trusted(site: &SiteId, first: Verified<Root>, floor: i64, holdings: &LocalStore) -> Trusted {
    let mut trusted = Trusted::new(site.clone(), first, floor);
    add_roots(&mut trusted, holdings);
    add_withdrawals(&mut trusted, holdings);
    add_releases(&mut trusted, holdings);
    trusted
}

/// Adds the stored roots after the first. Their number needs no limit: the walk that accepted each has one.
fn add_roots(trusted: &mut Trusted, holdings: &LocalStore) {
    let names = holdings.list_names("root").unwrap_or_default();
    loop {
        let path = layout::root(trusted.root().body().version + 1);
        let Ok(Some(bytes)) = holdings.document(&path, SMALL_DOCUMENT_BYTES) else { return };
        let signatures = signatures(&path, &names, holdings);
        let next = judge::root_signed_by_old(trusted.root(), &bytes, signatures.clone()).and_then(|half| half.finish(signatures));
        let Ok(next) = next else { return };
        trusted.add_root(next);
    }
}

/// Adds the stored withdrawals, from the first to the last that verifies under any root of the chain: a withdrawal stays when its signer
/// loses the role.
fn add_withdrawals(trusted: &mut Trusted, holdings: &LocalStore) {
    let names = holdings.list_names("withdrawals").unwrap_or_default();
    for number in 1.. {
        let path = layout::withdrawal(number);
        let Ok(Some(bytes)) = holdings.document(&path, SMALL_DOCUMENT_BYTES) else { return };
        let signatures = signatures(&path, &names, holdings);
        let judged = trusted.roots().find_map(|root| judge::withdrawal(root, number, bytes.clone(), signatures.clone()).ok());
        let Some(withdrawal) = judged else { return };
        trusted.add_withdrawal(withdrawal);
    }
}

/// The stored signatures of a document. `names`: the files of its folder.
fn signatures(path: &str, names: &[String], holdings: &LocalStore) -> Vec<Vec<u8>> {
    let (folder, name) = path.rsplit_once('/').unwrap_or_default();
    let own =
        |file: &&String| file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(layout::SIGNATURE_SUFFIX));
    let read = |file: &String| holdings.document(&format!("{folder}/{file}"), SIGNATURE_BYTES).ok().flatten();
    names.iter().filter(own).filter_map(read).collect()
}

/// Adds the stored kit releases of the site that verify under any root of the chain.
fn add_releases(trusted: &mut Trusted, holdings: &LocalStore) {
    let site = trusted.site().clone();
    for number in release_numbers(&site, holdings) {
        let bytes = holdings.document(&layout::release(&site, number), SMALL_DOCUMENT_BYTES).ok().flatten();
        let signature = holdings.document(&layout::release_signature(&site, number), SIGNATURE_BYTES).ok().flatten();
        let (Some(bytes), Some(signature)) = (bytes, signature) else { continue };
        let judged = trusted.roots().find_map(|root| judge::release(root, &site, number, bytes.clone(), signature.clone()).ok());
        if let Some(release) = judged {
            trusted.add_release(release);
        }
    }
}

/// The numbers of the stored kit releases of a site, valid or not.
pub fn release_numbers(site: &SiteId, holdings: &LocalStore) -> Vec<u64> {
    let names = holdings.list_names(&format!("releases/{site}")).unwrap_or_default();
    names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect()
}

/// A stored head, not judged.
pub fn signed_head(site: &SiteId, number: HeadNumber, holdings: &LocalStore) -> Option<SignedHead> {
    let bytes = holdings.document(&layout::head(site, number), HEAD_BYTES).ok()??;
    let signature = holdings.document(&layout::head_signature(site, number), SIGNATURE_BYTES).ok()??;
    Some(SignedHead { number, bytes, signature })
}

/// A stored head that verifies under a root of the chain.
pub fn verified_head(trusted: &Trusted, holdings: &LocalStore, number: HeadNumber) -> Option<Verified<Head>> {
    trusted.kept_head(&signed_head(trusted.site(), number, holdings)?).map(|(head, _)| head)
}

/// The highest stored head that verifies: used when both copies of the state are lost.
pub fn highest_head(trusted: &Trusted, holdings: &LocalStore) -> Option<HeadNumber> {
    let names = holdings.list_names(&layout::heads(trusted.site())).ok()?;
    let numbers: BTreeSet<HeadNumber> = names.iter().filter_map(|name| layout::parse_head_number(name)).collect();
    numbers.into_iter().rev().find(|number| verified_head(trusted, holdings, *number).is_some())
}

/// The stored documents of a program, with the approvals of these keys.
pub fn program_documents(entry: &HeadEntry, kids: &BTreeSet<KeyId>, holdings: &LocalStore) -> ProgramDocuments {
    let approval = |kid: &KeyId| {
        let statement = holdings.document(&layout::approval(entry.program, *kid), SMALL_DOCUMENT_BYTES).ok()??;
        let signature = holdings.document(&layout::approval_signature(entry.program, *kid), SIGNATURE_BYTES).ok()??;
        Some((*kid, ApprovalFile { statement, signature }))
    };
    let manifest = holdings.document(&layout::program(entry.program), MANIFEST_BYTES).ok().flatten();
    ProgramDocuments { approvals: kids.iter().filter_map(approval).collect(), manifest: manifest.unwrap_or_default() }
}

/// Judges a program from its stored documents.
pub fn program(trusted: &Trusted, entry: &HeadEntry, holdings: &LocalStore) -> Result<Approved, Refusal> {
    trusted.program(entry, &program_documents(entry, &judge::approvals_to_fetch(trusted.root(), entry), holdings))
}

/// The stored program of an entry, not judged: only to keep its objects or copy from them.
pub fn parse_program(entry: &HeadEntry, holdings: &LocalStore) -> Option<Program> {
    let manifest = holdings.document(&layout::program(entry.program), MANIFEST_BYTES).ok().flatten()?;
    Program::parse(&manifest).ok()
}

/// The objects of a program, each once.
pub fn objects(program: &Program) -> BTreeMap<Digest, u64> {
    program.manifest().files.iter().map(|file| (file.sha256, file.size)).collect()
}
