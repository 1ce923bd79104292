//! What a player holds from earlier cycles, verified anew: the chain of roots, the head in force, its programs.
//! Never asks the network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::base::digest::Digest;
use crate::base::files::read_limited;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::program::verify::Program;
use crate::store::layout;
use crate::store::objects::Holdings;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Entry, Head, HeadNumber};
use crate::trust::judge::{self, ApprovalFile, Approved};
use crate::trust::keys::Kid;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// The provisioned root: trusted by its place, with its own threshold of signatures beside it.
pub fn provisioned(path: &Path) -> Result<Verified<Root>, Text> {
    let shown = path.display();
    let unreadable =
        |error: std::io::Error| text!(vi: "không đọc được văn bản phân quyền {shown}: {error}", en: "can't read the root {shown}: {error}");
    let bytes = read_limited(path, SMALL_DOCUMENT_BYTES).map_err(unreadable)?;
    let prefix = format!("{}.", path.file_name().and_then(|name| name.to_str()).unwrap_or_default());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut signatures = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)?.filter_map(Result::ok) {
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.starts_with(&prefix) && name.ends_with(layout::SIGNATURE)) {
            signatures.extend(read_limited(&entry.path(), SIGNATURE_BYTES).ok());
        }
    }
    judge::initial_root(bytes, signatures).map_err(|refusal| {
        let Text { vi, en } = refusal.text();
        text!(vi: "văn bản phân quyền {shown} không hợp lệ: {vi}", en: "the root {shown} is not valid: {en}")
    })
}

/// The roots from the provisioned one to the newest stored, oldest first. However many: each was let in by a walk that has its limit.
pub fn roots(first: Verified<Root>, holdings: &Holdings) -> Vec<Verified<Root>> {
    let names = holdings.names("root").unwrap_or_default();
    let mut beside: BTreeMap<u64, Vec<&String>> = BTreeMap::new();
    for name in names.iter().filter(|name| name.ends_with(layout::SIGNATURE)) {
        if let Some(number) = name.split('.').next().and_then(|number| number.parse().ok()) {
            beside.entry(number).or_default().push(name);
        }
    }
    let mut roots = vec![first];
    while let Some(newest) = roots.last() {
        let number = newest.body().version + 1;
        let Ok(Some(bytes)) = holdings.document(&layout::root(number), SMALL_DOCUMENT_BYTES) else { break };
        let read = |name: &&String| holdings.document(&format!("root/{name}"), SIGNATURE_BYTES).ok().flatten();
        let signatures: Vec<_> = beside.get(&number).into_iter().flatten().filter_map(read).collect();
        let next = judge::root_signed_by_old(newest, &bytes, signatures.clone()).and_then(|half| half.finish(signatures));
        let Ok(next) = next else { break };
        roots.push(next);
    }
    roots
}

/// A stored head with its number; the second value says whether the newest root accepts its signature.
pub fn head(roots: &[Verified<Root>], site: &SiteId, holdings: &Holdings, number: HeadNumber) -> Option<(Verified<Head>, bool)> {
    let bytes = holdings.document(&layout::head(site, number), HEAD_BYTES).ok()??;
    let signature = holdings.document(&layout::head_signature(site, number), SIGNATURE_BYTES).ok()??;
    let newest_first: Vec<_> = roots.iter().rev().collect();
    let (head, current) = judge::kept_head(&newest_first, site, &bytes, &signature).ok()?;
    (head.body().number() == number).then_some((head, current))
}

/// The highest stored head that verifies: what is left when both copies of the state are gone.
pub fn highest_head(roots: &[Verified<Root>], site: &SiteId, holdings: &Holdings) -> Option<HeadNumber> {
    let names = holdings.names(&layout::heads(site)).ok()?;
    let numbers: BTreeSet<HeadNumber> = names.iter().filter_map(|name| layout::parse_head_number(name)).collect();
    numbers.into_iter().rev().find(|number| head(roots, site, holdings, *number).is_some())
}

/// The approvals of an entry that are stored.
pub fn approvals(root: &Verified<Root>, entry: &Entry, holdings: &Holdings) -> BTreeMap<Kid, ApprovalFile> {
    let read = |kid: Kid| {
        let statement = holdings.document(&layout::approval(entry.program, kid), SMALL_DOCUMENT_BYTES).ok()??;
        let signature = holdings.document(&layout::approval_signature(entry.program, kid), SIGNATURE_BYTES).ok()??;
        Some((kid, ApprovalFile { statement, signature }))
    };
    judge::wanted(root, entry).into_iter().filter_map(read).collect()
}

/// Judges a program by what is stored.
pub fn program(root: &Verified<Root>, site: &SiteId, entry: &Entry, holdings: &Holdings) -> Result<Approved, Refusal> {
    let counted = judge::approvals(root, site, entry, &approvals(root, entry, holdings))?;
    let manifest = holdings.document(&layout::program(entry.program), MANIFEST_BYTES).ok().flatten();
    judge::program(root, counted, &manifest.unwrap_or_default())
}

/// The stored program of an entry without a judgement: for what is only kept or copied from.
pub fn unjudged(entry: &Entry, holdings: &Holdings) -> Option<Program> {
    let manifest = holdings.document(&layout::program(entry.program), MANIFEST_BYTES).ok().flatten()?;
    Program::parse(&manifest).ok()
}

/// The objects of a program, each once.
pub fn objects(program: &Program) -> BTreeMap<Digest, u64> {
    program.manifest().files.iter().map(|file| (file.sha256, file.size)).collect()
}

/// The objects that must stay: those of these programs and of the stored programs of an earlier head.
pub fn kept<'a>(programs: impl Iterator<Item = &'a Program>, earlier: Option<&Verified<Head>>, holdings: &Holdings) -> BTreeSet<Digest> {
    let mut keep: BTreeSet<Digest> = programs.flat_map(objects).map(|(digest, _)| digest).collect();
    for entry in earlier.map(|head| head.body().programs.as_slice()).unwrap_or_default() {
        keep.extend(unjudged(entry, holdings).iter().flat_map(objects).map(|(digest, _)| digest));
    }
    keep
}
