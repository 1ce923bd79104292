//! Reads back and verifies what a player stored in earlier cycles: roots, withdrawals, kit releases, heads, programs.
//! Never uses the network.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use super::remedy::unreadable;
use super::trusted::{InForce, ProgramDocuments, Trusted};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::files::read_file_limited;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::state::Documents;
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

/// Where accepted documents are stored: whole in the state, and in files of their own. One of them suffices.
#[derive(Clone, Copy)]
pub struct Shelf<'a> {
    pub kept: &'a Documents,
    pub holdings: &'a LocalStore,
}

impl<'a> Shelf<'a> {
    /// What is stored at a path: in the state, then in the file. Either may be damaged.
    fn contents(self, path: &'a str, limit: u64) -> impl Iterator<Item = Vec<u8>> {
        let file = move || self.holdings.document(path, limit).ok().flatten();
        self.kept.get(path).map(|text| text.clone().into_bytes()).into_iter().chain(std::iter::once_with(file).flatten())
    }

    /// The names of the files in a folder.
    pub fn names(self, folder: &str) -> BTreeSet<String> {
        let kept = self.kept.keys().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/'));
        kept.map(str::to_owned).chain(self.holdings.list_names(folder).unwrap_or_default()).collect()
    }

    /// Judges what is stored at a path with the signature files beside it, and adds the files of what is accepted to `found`. `names`:
    /// those in its folder.
    fn accept<T>(
        self,
        path: &str,
        names: &BTreeSet<String>,
        found: &mut Documents,
        judge: impl Fn(Vec<u8>, Vec<Vec<u8>>) -> Option<Verified<T>>,
    ) -> Option<Verified<T>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        let own =
            |file: &&String| file.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') && rest.ends_with(layout::SIGNATURE_SUFFIX));
        let paths: Vec<String> = names.iter().filter(own).map(|file| format!("{folder}/{file}")).collect();
        let read = |path: &'_ String| Shelf::contents(self, path, SIGNATURE_BYTES).map(|bytes| (path.clone(), bytes)).collect::<Vec<_>>();
        let signatures: Vec<_> = paths.iter().flat_map(read).collect();
        let all = || signatures.iter().map(|(_, bytes)| bytes.clone()).collect();
        let document = Shelf::contents(self, path, SMALL_DOCUMENT_BYTES).find_map(|bytes| judge(bytes, all()))?;
        for (path, bytes) in signatures.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).chain([(path, document.bytes())]) {
            if let Ok(text) = str::from_utf8(bytes) {
                found.entry(path.to_owned()).or_insert_with(|| text.to_owned());
            }
        }
        Some(document)
    }
}

/// Trust from everything stored, from the provisioned root on, and the documents that it comes from.
pub fn trusted(site: &SiteId, first: Verified<Root>, floor: i64, shelf: Shelf<'_>) -> (Trusted, Documents) {
    let mut trusted = Trusted::new(site.clone(), first, floor);
    let found = recover(&mut trusted, shelf);
    (trusted, found)
}

/// Adds what is stored and not yet trusted; gives the documents of it.
pub fn recover(trusted: &mut Trusted, shelf: Shelf<'_>) -> Documents {
    let mut found = Documents::new();
    add_roots(trusted, shelf, &mut found);
    add_withdrawals(trusted, shelf, &mut found);
    add_twins(trusted, shelf, &mut found);
    add_releases(trusted, shelf, &mut found);
    found
}

/// Adds the stored roots after the newest. Their number needs no limit: the walk that accepted each has one.
fn add_roots(trusted: &mut Trusted, shelf: Shelf<'_>, found: &mut Documents) {
    let names = shelf.names("root");
    loop {
        let path = layout::root(trusted.root().body().version + 1);
        let next = shelf.accept(&path, &names, found, |bytes, signatures| {
            judge::root_signed_by_old(trusted.root(), &bytes, signatures.clone()).and_then(|half| half.finish(signatures)).ok()
        });
        let Some(next) = next else { return };
        trusted.add_root(next);
    }
}

/// Adds the stored withdrawals that verify under any root of the chain: a withdrawal stays when its signer loses the role, and it counts
/// though one before it was lost.
fn add_withdrawals(trusted: &mut Trusted, shelf: Shelf<'_>, found: &mut Documents) {
    let names = shelf.names("withdrawals");
    for number in statement_numbers(&names) {
        if trusted.chain().has(number) {
            continue;
        }
        let withdrawal = shelf.accept(&layout::withdrawal(number), &names, found, |bytes, signatures| {
            trusted.roots().find_map(|root| judge::withdrawal(root, number, bytes.clone(), signatures.clone()).ok())
        });
        if let Some(withdrawal) = withdrawal {
            trusted.add_withdrawal(withdrawal);
        }
    }
}

/// Adds the stored twins, as the withdrawals whose numbers they have.
fn add_twins(trusted: &mut Trusted, shelf: Shelf<'_>, found: &mut Documents) {
    let names = shelf.names("withdrawals");
    for (number, digest) in twins(&names) {
        if trusted.chain().has_twin(number, digest) {
            continue;
        }
        let twin = shelf.accept(&layout::withdrawal_twin(number, digest), &names, found, |bytes, signatures| {
            let is_own = Digest::of(&bytes) == digest;
            trusted.roots().filter(|_| is_own).find_map(|root| judge::withdrawal(root, number, bytes.clone(), signatures.clone()).ok())
        });
        if let Some(twin) = twin {
            trusted.add_twin(twin);
        }
    }
}

/// The twins of withdrawals that files of a folder have in their names, of statements and of signatures.
pub fn twins<'a>(names: impl IntoIterator<Item = &'a String>) -> BTreeSet<(u64, Digest)> {
    names.into_iter().filter_map(|name| layout::parse_withdrawal_twin(name)).collect()
}

/// The numbers that files of a folder of statements have in their names, of statements and of signatures.
pub fn statement_numbers<'a>(names: impl IntoIterator<Item = &'a String>) -> BTreeSet<u64> {
    names.into_iter().filter_map(|name| name.split_once(".json")?.0.parse().ok()).collect()
}

/// Adds the stored kit releases of the site that verify under any root of the chain.
fn add_releases(trusted: &mut Trusted, shelf: Shelf<'_>, found: &mut Documents) {
    let site = trusted.site().clone();
    let names = shelf.names(&layout::releases(&site));
    for number in release_numbers(&site, shelf) {
        if trusted.releases().contains_key(&number) {
            continue;
        }
        let release = shelf.accept(&layout::release(&site, number), &names, found, |bytes, signatures| {
            let judge = |signature: Vec<u8>| {
                trusted.roots().find_map(|root| judge::release(root, &site, number, bytes.clone(), signature.clone()).ok())
            };
            signatures.into_iter().find_map(judge)
        });
        if let Some(release) = release {
            trusted.add_release(release);
        }
    }
}

/// The numbers of the stored kit releases of a site, valid or not, and of those of which only the signature is left.
pub fn release_numbers(site: &SiteId, shelf: Shelf<'_>) -> BTreeSet<u64> {
    statement_numbers(&shelf.names(&layout::releases(site)))
}

/// A stored head that verifies under a root of the chain, with its files.
pub fn signed_head(trusted: &Trusted, shelf: Shelf<'_>, number: HeadNumber) -> Option<SignedHead> {
    let (path, signature_path) = (layout::head(trusted.site(), number), layout::head_signature(trusted.site(), number));
    shelf.contents(&path, HEAD_BYTES).find_map(|bytes| {
        let signed = |signature| SignedHead { number, bytes: bytes.clone(), signature };
        shelf.contents(&signature_path, SIGNATURE_BYTES).map(signed).find(|head| trusted.kept_head(head).is_some())
    })
}

/// A stored head that verifies under a root of the chain.
pub fn verified_head(trusted: &Trusted, shelf: Shelf<'_>, number: HeadNumber) -> Option<Verified<Head>> {
    trusted.kept_head(&signed_head(trusted, shelf, number)?).map(|(head, _)| head)
}

/// The highest stored head that verifies: a head is stored only when it is complete, so no later number is ever given up.
pub fn highest_head(trusted: &Trusted, shelf: Shelf<'_>) -> Option<SignedHead> {
    let names = shelf.names(&layout::heads(trusted.site()));
    let numbers: BTreeSet<HeadNumber> = names.iter().filter_map(|name| layout::parse_head_number(name)).collect();
    numbers.into_iter().rev().find_map(|number| signed_head(trusted, shelf, number))
}

/// The stored documents of a program, with the approvals of these keys.
pub fn program_documents(entry: &HeadEntry, kids: &BTreeSet<KeyId>, holdings: &LocalStore) -> ProgramDocuments {
    let mut documents = ProgramDocuments::default();
    let mut read = |path: String, limit: u64| match holdings.document(&path, limit) {
        Ok(bytes) => bytes,
        Err(error) => {
            documents.unread = Some(unreadable(Path::new("store").join(&path).as_path(), &error));
            None
        }
    };
    let manifest = read(layout::program(entry.program), MANIFEST_BYTES);
    let approvals = kids.iter().filter_map(|kid| {
        let statement = read(layout::approval(entry.program, *kid), SMALL_DOCUMENT_BYTES)?;
        let signature = read(layout::approval_signature(entry.program, *kid), SIGNATURE_BYTES)?;
        Some((*kid, ApprovalFile { statement, signature }))
    });
    let approvals = approvals.collect();
    ProgramDocuments { approvals, manifest: manifest.unwrap_or_default(), ..documents }
}

/// The paths of the documents that count for a program.
pub fn program_paths(trusted: &Trusted, entry: &HeadEntry) -> Vec<String> {
    let kids = judge::approvals_to_fetch(trusted.root(), entry);
    let approvals = kids.iter().flat_map(|kid| [layout::approval(entry.program, *kid), layout::approval_signature(entry.program, *kid)]);
    approvals.chain([layout::program(entry.program)]).collect()
}

/// Judges a program from its stored documents.
pub fn program(trusted: &Trusted, entry: &HeadEntry, holdings: &LocalStore) -> Result<Approved, Refusal> {
    trusted.program(entry, &program_documents(entry, &judge::approvals_to_fetch(trusted.root(), entry), holdings))
}

/// The documents of a program that are not there as they were when it counted, by path.
pub fn lost_documents(trusted: &Trusted, entry: &HeadEntry, holdings: &LocalStore) -> BTreeSet<String> {
    let kids = judge::approvals_to_fetch(trusted.root(), entry);
    let documents = program_documents(entry, &kids, holdings);
    let manifest = layout::program(entry.program);
    let manifest = Some(manifest).filter(|_| Digest::of(&documents.manifest) != entry.program);
    let counts = |file: &ApprovalFile| {
        let approval = judge::authentic_approval(trusted.root(), file);
        approval.is_ok_and(|approval| approval.body().program == entry.program)
    };
    let kids = kids.into_iter().filter(|kid| !documents.approvals.get(kid).is_some_and(counts));
    kids.map(|kid| layout::approval(entry.program, kid)).chain(manifest).collect()
}

/// A stored program, not judged; `None` if its manifest is absent or damaged: only to keep its objects or copy from them.
pub fn parse_program(program: Digest, holdings: &LocalStore) -> io::Result<Option<Program>> {
    let manifest = holdings.document(&layout::program(program), MANIFEST_BYTES)?;
    Ok(manifest.and_then(|manifest| Program::parse(&manifest).ok()))
}

/// A stored program by kind and title; `None` without its manifest.
pub fn program_name(program: Digest, holdings: &LocalStore) -> Option<Text> {
    let program = parse_program(program, holdings).ok().flatten()?;
    Some(program.manifest().kind.named(&program.manifest().title))
}

/// The same; by its digest without its manifest.
pub fn program_words(program: Digest, holdings: &LocalStore) -> Text {
    program_name(program, holdings).unwrap_or_else(|| text!(vi: "chương trình {program}", en: "program {program}"))
}

/// The objects of all programs that may be shown, each once.
pub fn all_objects(in_force: &InForce) -> BTreeMap<Digest, u64> {
    in_force.programs.iter().flat_map(|each| objects(&each.program)).collect()
}

/// Whether an object of a program that may be shown is on disk and has yet to be read through.
pub fn has_unread(in_force: &InForce, holdings: &LocalStore) -> bool {
    let mut files = in_force.programs.iter().flat_map(|each| &each.program.manifest().files);
    files.any(|file| holdings.is_unread(file.sha256))
}

/// The objects of a program, each once.
pub fn objects(program: &Program) -> BTreeMap<Digest, u64> {
    program.manifest().files.iter().map(|file| (file.sha256, file.size)).collect()
}
