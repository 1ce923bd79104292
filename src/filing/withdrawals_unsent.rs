//! Withdrawals that were signed here under a number that somebody else's has taken in a store: kept in `trust/withdrawals/unsent/` until what they
//! say stands under another number. Never signs, and never drops one before.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::filed::FiledPrograms;
use super::signed_files;
use super::withdrawal_effect;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::shell::quoted;
use crate::base::text::{Text, printable};
use crate::trust::keys::KeyId;
use crate::trust::root::{Root, SignedRoot};
use crate::trust::withdrawal::Withdrawal;

/// A statement that waits to be signed anew.
#[derive(Clone, Debug)]
pub struct UnsentWithdrawal {
    /// Under which it was signed, and which is another's now.
    pub number: u64,
    pub body: Withdrawal,
    path: PathBuf,
    signers: Vec<KeyId>,
}

fn folder(content: &Path) -> PathBuf {
    content.join("trust/withdrawals/unsent")
}

/// Sets a statement aside, with its signatures: each file is kept before the first is removed. Says where.
pub(super) fn set_aside(content: &Path, statement: &StoredWithdrawal) -> Result<Text, Failure> {
    let (number, begin) = (statement.number, Digest::of(&statement.bytes).to_string());
    let kept = folder(content).join(format!("{number}-{}.json", &begin[..8]));
    let write = |path: &Path, bytes: &[u8]| files::write_atomic(path, bytes).map_err(|error| Failure::io(path, &error));
    for (kid, signature) in &statement.signatures {
        write(&signed_files::signature_path(&kept, *kid), signature)?;
    }
    write(&kept, &statement.bytes)?;
    remove(&withdrawals::path(content, number), statement.signatures.keys())?;
    let kept = kept.display();
    Ok(crate::text!(
        vi: "văn bản thu hồi số {number} ký ở đây chưa vào kho, và người khác đã dùng số đó: chuyển sang {kept} cho đến khi được ký lại dưới số khác",
        en: "withdrawal {number} that was signed here is not in the store, and somebody else has used its number: it is kept as {kept} until it is signed anew under another"
    ))
}

fn remove<'a>(document: &Path, signers: impl Iterator<Item = &'a KeyId>) -> Result<(), Failure> {
    let beside = signers.map(|kid| signed_files::signature_path(document, *kid));
    for path in std::iter::once(document.to_owned()).chain(beside) {
        files::remove_any(&path).map_err(|error| Failure::io(&path, &error))?;
    }
    // Only an empty folder goes.
    let _ = document.parent().map(fs::remove_dir);
    Ok(())
}

/// Those that wait and can be read: one that is damaged keeps nobody from withdrawing. Where the statement that has its number
/// now is to be signed first, the number means that one.
pub fn read(content: &Path, chain: &[SignedRoot], statements: &[StoredWithdrawal]) -> Result<Vec<UnsentWithdrawal>, Failure> {
    let first = pending(statements).map(|each| each.number);
    Ok(read_all(content, chain)?.into_iter().filter_map(Result::ok).filter(|each| Some(each.number) != first).collect())
}

/// The statement that lacks signatures: nothing is signed under a new number before it has them.
fn pending(statements: &[StoredWithdrawal]) -> Option<&StoredWithdrawal> {
    statements.iter().find(|each| each.complete().is_none())
}

/// Reads those that wait; of what no root takes for a statement, why and what to do.
fn read_all(content: &Path, chain: &[SignedRoot]) -> Result<Vec<Result<UnsentWithdrawal, Text>>, Failure> {
    let mut found = Vec::new();
    for name in signed_files::list_names(&folder(content))? {
        let number = name.strip_suffix(".json").and_then(|name| name.split_once('-')?.0.parse().ok());
        let (Some(number), path) = (number, folder(content).join(&name)) else { continue };
        let Some(bytes) = signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES)? else { continue };
        let signatures = signed_files::read_signatures(&path)?;
        found.push(match withdrawals::body(chain, number, &bytes, &signatures) {
            Ok(body) => Ok(UnsentWithdrawal { number, body, path, signers: signatures.into_keys().collect() }),
            Err(Text { vi, en }) => {
                let path = path.display();
                Err(crate::text!(
                    vi: "{path}: văn bản thu hồi chưa có hiệu lực, nay hỏng ({vi}); thu hồi lại bằng lệnh ban đầu, rồi xóa các tệp {path}*",
                    en: "{path}: a withdrawal that is not in force, and damaged ({en}); withdraw again with the first command, then remove the files {path}*"
                ))
            }
        });
    }
    Ok(found)
}

/// What became of those that waited.
#[derive(Default)]
pub struct Settled {
    /// Which stand under another number now.
    pub said: Vec<Text>,
    /// Which still wait, and what to do.
    pub waits: Vec<Text>,
}

/// Drops those that stand under another number now; `to`: the store that the others are for, if one is named.
pub fn settle(content: &Path, (chain, filed): (&[SignedRoot], &FiledPrograms), to: &str) -> Result<Settled, Failure> {
    let (mut out, waiting) = (Settled::default(), read_all(content, chain)?);
    if waiting.is_empty() {
        return Ok(out);
    }
    let (statements, root) = (withdrawals::read(content, chain, filed)?, signed_files::newest(chain)?.body());
    let mut taken = BTreeSet::new();
    for each in waiting {
        let each = match each {
            Ok(each) => each,
            Err(damaged) => {
                out.waits.push(damaged);
                continue;
            }
        };
        let same = |there: &&StoredWithdrawal| there.body.scope == each.body.scope && there.body.role == each.body.role;
        // One for one: of two about the same slides, the second asks for more signatures.
        let free = |there: &&StoredWithdrawal| there.number > each.number && !taken.contains(&there.number);
        let same = statements.iter().filter(free).find(same).map(|there| there.number);
        taken.extend(same);
        let by = match same {
            None => withdrawal_effect::covered_by(root, &statements, filed, &each.body)?,
            same => same,
        };
        let Some(by) = by else {
            out.waits.push(each.waits(root, pending(&statements), to));
            continue;
        };
        remove(&each.path, each.signers.iter())?;
        let (number, path) = (each.number, each.path.display());
        out.said.push(crate::text!(
            vi: "điều đã ký thu hồi ở đây dưới số {number} nay có trong văn bản thu hồi số {by}; đã xóa bản cũ {path}",
            en: "what was withdrawn here as number {number} stands as withdrawal {by} now; its old file {path} is removed"
        ));
    }
    Ok(out)
}

impl UnsentWithdrawal {
    /// That it is not in force, and the command that signs it anew and sends it `to` a store.
    fn waits(&self, root: &Root, first: Option<&StoredWithdrawal>, to: &str) -> Text {
        let (number, path, reason) = (self.number, self.path.display(), printable(&self.body.reason));
        let by = self.signers.iter().map(|kid| root.display_holder(*kid)).collect::<Vec<_>>().join(", ");
        let (Text { vi, en }, role) = (self.body.scope.words(), &self.body.role);
        let store = Some(to).filter(|to| !to.is_empty());
        let before = first.map_or(crate::text!(vi: "", en: ""), |first| {
            let (number, role, Text { vi, en }) = (first.number, &first.body.role, first.command(store));
            crate::text!(
                vi: "Trước hết, người giữ vai trò {role} ký thêm vào văn bản thu hồi số {number} đang còn thiếu chữ ký, bằng:\n  {vi}\nSau đó: ",
                en: "First, a holder of role {role} signs withdrawal {number}, which lacks signatures, with:\n  {en}\nThen: "
            )
        });
        let (vi_before, en_before) = (before.vi, before.en);
        let to = store.map(|to| format!(" --to {}", quoted(to))).unwrap_or_default();
        crate::text!(
            vi: "CHƯA CÓ HIỆU LỰC: văn bản thu hồi {by} ký ở đây dưới số {number} ({vi}; lý do: “{reason}”): người khác đã dùng số đó. {vi_before}Một người giữ vai trò {role} ký lại dưới số kế tiếp bằng:\n  bangtin withdraw --withdrawal {number} --key TỆP{to}\nhoặc nếu không cần nữa thì xóa các tệp {path}*",
            en: "NOT IN FORCE: the withdrawal that {by} signed here as number {number} ({en}; reason: “{reason}”): somebody else has used that number. {en_before}A holder of role {role} signs it anew under the next number with:\n  bangtin withdraw --withdrawal {number} --key FILE{to}\nor, if it is no longer needed, remove the files {path}*"
        )
    }
}
