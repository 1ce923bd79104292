//! The signed files of a content folder: reads roots (`trust/root/`) with the checks of a player, and adds files.
//! Never overwrites a document with different content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::line_ends;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::{ROOT_STEPS, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::plain_file::{self, PlainFile};
use crate::base::text::Text;
use crate::store::layout;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::root::{Root, SignedRoot};

/// Every root of a content folder from 1 on, each checked against the one before.
pub fn roots(content: &Path) -> Result<Vec<SignedRoot>, Failure> {
    read_roots(&content.join("trust"))
}

/// Every root below a folder of signed files; there must be one.
pub fn read_roots(trust: &Path) -> Result<Vec<SignedRoot>, Failure> {
    let chain = read_chain(trust)?;
    if chain.is_empty() {
        let folder = trust.join("root");
        let folder = folder.display();
        return Err(Failure::Refused(crate::text!(
            vi: "chưa có văn bản phân quyền trong {folder}; lập bằng: bangtin trust init",
            en: "there is no root in {folder}; make it with: bangtin trust init"
        )));
    }
    Ok(chain)
}

/// As [`read_roots`], but the folder may have none yet.
pub fn read_chain(trust: &Path) -> Result<Vec<SignedRoot>, Failure> {
    let mut chain: Vec<SignedRoot> = Vec::new();
    for version in 1..=ROOT_STEPS {
        let path = trust.join(layout::root(version));
        let Some(bytes) = read_if_exists(&path, SMALL_DOCUMENT_BYTES)? else { break };
        let signatures = read_signatures(&path)?;
        let old = chain.last().map(|files| &files.root);
        let root = judge_root(old, bytes.clone(), &signatures).map_err(|refusal| {
            let good = |bytes: &[u8], signatures: &_| judge_root(old, bytes.to_vec(), signatures).is_ok();
            refused_file(&path, &line_ends::changed(&path, (&bytes, &signatures), good).unwrap_or_else(|| refusal.text().clone()))
        })?;
        chain.push(SignedRoot { root, signatures });
    }
    Ok(chain)
}

/// Judges the first root or the successor of `old` as a player does.
pub fn judge_root(old: Option<&Verified<Root>>, bytes: Vec<u8>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<Verified<Root>, Refusal> {
    let all: Vec<_> = signatures.values().cloned().collect();
    match old {
        None => judge::initial_root(bytes, all),
        Some(old) => judge::root_signed_by_old(old, &bytes, all.clone())?.finish(all),
    }
}

/// Writes a root below a folder of signed files: the signatures first and the root last, so that an interrupted run leaves nothing that
/// counts.
pub fn write_root(trust: &Path, root: &Verified<Root>, signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<PathBuf, Failure> {
    let path = trust.join(layout::root(root.body().version));
    // An interrupted run may have left signatures of another draft.
    if path.symlink_metadata().is_err() {
        for kid in read_signatures(&path)?.keys() {
            let stale = signature_path(&path, *kid);
            fs::remove_file(&stale).map_err(|error| Failure::io(&stale, &error))?;
        }
    }
    for (kid, signature) in signatures {
        replace_orphan(&signature_path(&path, *kid), &path, signature)?;
    }
    add(&path, root.bytes())?;
    Ok(path)
}

/// The newest root of a chain, as [`roots`] gives it.
pub fn newest(chain: &[SignedRoot]) -> Result<&Verified<Root>, Failure> {
    chain.last().map(|files| &files.root).ok_or_else(|| Failure::Refused(no_root()))
}

/// What a chain without a root is refused with.
pub fn no_root() -> Text {
    crate::text!(
        vi: "chưa có văn bản phân quyền; lập bằng: bangtin trust init",
        en: "there is no root; make it with: bangtin trust init"
    )
}

/// Writes a file; refuses if it exists with different content.
pub fn add(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if files::create_new(path, bytes).map_err(|error| Failure::io(path, &error))? {
        return Ok(());
    }
    let same = match read_if_exists(path, bytes.len() as u64) {
        Err(refused @ Failure::Refused(_)) => return Err(refused),
        old => old.is_ok_and(|old| old.as_deref() == Some(bytes)),
    };
    if same { Ok(()) } else { Err(content_differs(path)) }
}

/// Writes a signature before its document. Replaces a signature without a document, which an interrupted run left.
pub fn replace_orphan(path: &Path, document: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if document.symlink_metadata().is_ok() {
        return Err(content_differs(document));
    }
    files::write_atomic(path, bytes).map_err(|error| Failure::io(path, &error))
}

fn content_differs(path: &Path) -> Failure {
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "{path} đã có với nội dung khác; không ghi đè",
        en: "{path} exists with different content; it is not overwritten"
    ))
}

/// The bytes of a plain file; `None` if there is none. What else lies in its place, or is longer than such a file can be, is refused: a player
/// passes it by.
pub fn read_if_exists(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
    let outside = |error: io::Error| Failure::io(path, &error);
    match plain_file::open_at(path).map_err(outside)? {
        PlainFile::Found(file) => files::read_open_file(file, limit).map(Some).map_err(|error| match error.kind() {
            io::ErrorKind::FileTooLarge => refused_file(
                path,
                &crate::text!(
                    vi: "dài hơn {limit} byte, không tệp nào ở đây dài như vậy; hãy xóa nó, và đặt chính tệp đó vào đây nếu đã có (lấy lại từ git hoặc kho)",
                    en: "has more than {limit} bytes, which no such file has; remove it, and put the file itself there if there was one (from git or the store)"
                ),
            ),
            _ => outside(error),
        }),
        PlainFile::Absent => Ok(None),
        PlainFile::Obstacle(found) => {
            let Text { vi, en } = found.what();
            Err(refused_file(
                path,
                &crate::text!(
                    vi: "{vi}; hãy xóa nó, và đặt chính tệp đó vào đây nếu đã có (lấy lại từ git hoặc kho)",
                    en: "{en}; remove it, and put the file itself there if there was one (from git or the store)"
                ),
            ))
        }
    }
}

/// The signature files beside a document that several sign, by holder.
pub fn read_signatures(document: &Path) -> Result<BTreeMap<KeyId, Vec<u8>>, Failure> {
    let (Some(folder), Some(name)) = (document.parent(), document.file_name().and_then(|name| name.to_str())) else {
        return Ok(BTreeMap::new());
    };
    let mut found = BTreeMap::new();
    for file in list_names(folder)? {
        let kid = file.strip_prefix(name).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| rest.strip_suffix(".minisig"));
        if let Some(kid) = kid.and_then(KeyId::parse)
            && let Some(bytes) = read_if_exists(&folder.join(&file), SIGNATURE_BYTES)?
        {
            found.insert(kid, bytes);
        }
    }
    Ok(found)
}

/// Names in a folder, sorted; none if there is no folder.
pub fn list_names(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Failure::io(folder, &error)),
    };
    let name = |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().into_string().ok());
    entries.map(name).filter_map(Result::transpose).collect::<io::Result<_>>().map_err(|error| Failure::io(folder, &error))
}

/// One holder's signature of a document that several sign.
pub fn signature_path(document: &Path, kid: KeyId) -> PathBuf {
    let mut path = document.as_os_str().to_owned();
    path.push(format!(".{kid}.minisig"));
    path.into()
}

/// A refusal of a file, with its path.
pub fn refused_file(path: &Path, Text { vi, en }: &Text) -> Failure {
    let path = path.display();
    Failure::Refused(crate::text!(vi: "{path}: {vi}", en: "{path}: {en}"))
}
