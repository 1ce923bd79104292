//! The draft of the next root in `trust/draft/`: exactly the bytes that holders sign, with their signature files beside it.
//! Never read by a build, and never judged here.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{line_ends, signed_files};
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::content::model::written::nearest_of;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::next_root::RootDraft;
use crate::trust::root::{Root, SignedRoot};

/// Where the draft is.
pub fn path(trust: &Path) -> PathBuf {
    trust.join("draft/root.json")
}

/// Reads the draft; `None` if there is none. Removes a draft that has become a root.
pub fn read_draft(trust: &Path, chain: &[SignedRoot]) -> Result<Option<RootDraft>, Failure> {
    let path = path(trust);
    let Some(bytes) = signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES)? else { return Ok(None) };
    if chain.iter().any(|files| files.root.bytes() == bytes) {
        discard(trust)?;
        return Ok(None);
    }
    let read = parse(&path, chain.last().map(|files| &files.root), &bytes).map(Some);
    read.map_err(|Text { vi, en }| {
        let path = path.display();
        Failure::Refused(crate::text!(
            vi: "{path}: {vi}; nếu không cần dự thảo văn bản phân quyền này nữa thì xóa đi",
            en: "{path}: {en}; if this draft is no longer needed, remove it"
        ))
    })
}

/// Writes a draft. Removes the signatures beside it, which are void now; the second value says whether there were any.
pub fn write(trust: &Path, draft: &RootDraft) -> Result<(PathBuf, bool), Failure> {
    let bytes = draft.write().map_err(Failure::Refused)?;
    let path = path(trust);
    let mut voided = false;
    for signature in signature_files(&path)? {
        fs::remove_file(&signature).map_err(|error| Failure::io(&signature, &error))?;
        voided = true;
    }
    files::write_atomic(&path, &bytes).map_err(|error| Failure::io(&path, &error))?;
    Ok((path, voided))
}

/// Reads the bytes of a draft, or of a copy of it, to be signed.
pub fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    files::read_file_limited(file, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound if !file.is_symlink() => no_file(file, ".json"),
        _ => Failure::io(file, &error),
    })
}

/// A file that is not there was mistyped: the nearest of its kind in its folder, or all of them.
fn no_file(file: &Path, ends: &str) -> Failure {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let names = file.parent().and_then(|folder| signed_files::list_names(folder).ok()).unwrap_or_default();
    let known: Vec<&str> = names.iter().filter(|other| other.ends_with(ends)).map(String::as_str).collect();
    let Text { vi, en } = if known.is_empty() {
        crate::text!(vi: "thư mục đó không có tệp {ends} nào", en: "that folder holds no {ends} file")
    } else {
        nearest_of(&name, &known, &crate::text!(vi: "các tệp trong thư mục đó", en: "files in that folder"))
    };
    let shown = file.display();
    Failure::Usage(crate::text!(vi: "không có tệp {shown}; {vi}", en: "there is no file {shown}; {en}"))
}

/// D1–D3. What the bytes of a draft say.
pub fn parse(file: &Path, old: Option<&Verified<Root>>, bytes: &[u8]) -> Result<RootDraft, Text> {
    let changed = || line_ends::changed_file(file, bytes, |bytes| RootDraft::read(old, bytes).is_ok());
    RootDraft::read(old, bytes).map_err(|why| changed().unwrap_or(why))
}

/// Puts a signature beside a document; gives its path.
pub fn add_signature(document: &Path, kid: KeyId, signature: &[u8]) -> Result<PathBuf, Failure> {
    let path = signed_files::signature_path(document, kid);
    files::write_atomic(&path, signature).map_err(|error| Failure::io(&path, &error))?;
    Ok(path)
}

/// The signature files beside a document: `NAME*.minisig`.
fn signatures(document: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let read = |path: &PathBuf| signed_files::read_if_exists(path, SIGNATURE_BYTES).transpose();
    signature_files(document)?.iter().filter_map(read).collect()
}

fn signature_files(document: &Path) -> Result<Vec<PathBuf>, Failure> {
    let (Some(folder), Some(name)) = (document.parent(), document.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let own = signed_files::list_names(folder)?.into_iter().filter(|file| file.starts_with(name) && file.ends_with(".minisig"));
    Ok(own.map(|file| folder.join(file)).collect())
}

/// The signatures by root keys of the old root or of the draft, by key: from the files beside the draft and from `others`.
pub fn collect_signatures(
    trust: &Path,
    old: Option<&Verified<Root>>,
    draft: &RootDraft,
    others: &[PathBuf],
) -> Result<BTreeMap<KeyId, Vec<u8>>, Failure> {
    let bytes = draft.write().map_err(Failure::Refused)?;
    let mut found = Vec::new();
    for path in signature_files(&path(trust))?.iter().chain(others) {
        let signature = signed_files::read_if_exists(path, SIGNATURE_BYTES)?;
        let signature = signature.ok_or_else(|| no_file(path, ".minisig"))?;
        if let Some(text) = line_ends::changed_signature(path, &signature) {
            return Err(signed_files::refused_file(path, &text));
        }
        found.push(signature);
    }
    let roots = old.map(Verified::body).into_iter().chain([&draft.root]);
    Ok(roots.flat_map(|root| root.signatures_by(&root.roles.root.keys, &bytes, &found)).collect())
}

/// A draft that is not in force yet, and whether it has the signatures that it needs.
pub fn waiting(trust: &Path, chain: &[SignedRoot]) -> Result<Option<(RootDraft, bool)>, Failure> {
    let Some(draft) = read_draft(trust, chain)? else { return Ok(None) };
    let old = chain.last().map(|files| &files.root);
    let signatures = collect_signatures(trust, old, &draft, &[])?;
    let judged = signed_files::judge_root(old, draft.write().map_err(Failure::Refused)?, &signatures);
    Ok(Some((draft, judged.is_ok())))
}

/// Makes a judged draft the root in force, then removes the draft.
pub fn put_in_force(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<PathBuf, Failure> {
    let path = signed_files::write_root(trust, root, signatures)?;
    discard(trust)?;
    Ok(path)
}

/// Removes the draft, then its signatures. If a run is interrupted between them, the next [`write()`] removes the rest.
pub fn discard(trust: &Path) -> Result<(), Failure> {
    let path = path(trust);
    let signatures = signature_files(&path)?;
    for file in std::iter::once(&path).chain(&signatures) {
        fs::remove_file(file).map_err(|error| Failure::io(file, &error))?;
    }
    // Fails, as it should, if the folder holds anything else.
    let _ = fs::remove_dir(trust.join("draft"));
    Ok(())
}

/// Reads a root with the signatures beside it and judges it as a player judges its first root.
pub fn root_file(path: &Path) -> Result<Verified<Root>, Failure> {
    let (bytes, signatures) = (read(path)?, signatures(path)?.into_iter().enumerate().collect());
    let judged = |bytes: &[u8], all: &BTreeMap<usize, Vec<u8>>| judge::initial_root(bytes.to_vec(), all.values().cloned().collect());
    judged(&bytes, &signatures).map_err(|refusal| {
        let good = |bytes: &[u8], signatures: &_| judged(bytes, signatures).is_ok();
        let changed = line_ends::changed(path, (&bytes, &signatures), good);
        signed_files::refused_file(path, &changed.unwrap_or_else(|| refusal.text().clone()))
    })
}
