//! The withdrawals of a content folder, `trust/withdrawals/`: reads them with the player's own check, including those that lack signatures.
//! Never writes one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::filed::FiledPrograms;
use super::{line_ends, signed_files};
use crate::base::failure::Failure;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::shell::quoted;
use crate::base::text::Text;
use crate::content::source::history;
use crate::store::documents::StoreFile;
use crate::store::layout;
use crate::trust::document::Verified;
use crate::trust::judge::{self, PartialWithdrawal, WithdrawnRevisions};
use crate::trust::keys::KeyId;
use crate::trust::root::SignedRoot;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// A withdrawal with the signature files beside it, by key.
#[derive(Clone)]
pub struct StoredWithdrawal {
    pub number: u64,
    /// As read under the newest root that accepts its signers.
    pub body: Withdrawal,
    pub bytes: Vec<u8>,
    pub signatures: BTreeMap<KeyId, Vec<u8>>,
    pub status: SignatureStatus,
    /// Where signatures are missing: the withdrawal as an older root took it, with all that it needed then.
    pub lapsed: Option<Verified<Withdrawal>>,
}

/// Whether a withdrawal has all the signatures that it needs under the newest root.
#[derive(Clone)]
pub enum SignatureStatus {
    Complete(Verified<Withdrawal>),
    /// How many holders of its role have yet to sign.
    Missing(u64),
}

impl StoredWithdrawal {
    /// The withdrawal, if it has all its signatures.
    pub fn complete(&self) -> Option<&Verified<Withdrawal>> {
        match &self.status {
            SignatureStatus::Complete(withdrawal) => Some(withdrawal),
            SignatureStatus::Missing(_) => None,
        }
    }

    /// The withdrawal, if it has had all its signatures under any root: what it took stays out of new programs.
    pub fn was_complete(&self) -> Option<&Verified<Withdrawal>> {
        self.complete().or(self.lapsed.as_ref())
    }

    /// How many holders of its role have yet to sign.
    pub fn missing_signatures(&self) -> u64 {
        match self.status {
            SignatureStatus::Complete(_) => 0,
            SignatureStatus::Missing(missing) => missing,
        }
    }

    /// The command with which another holder of its role signs it, and sends it `to` a store.
    pub fn command(&self, to: Option<&str>) -> Text {
        let (number, to) = (self.number, to.map(|url| format!(" --to {}", quoted(url))).unwrap_or_default());
        crate::text!(vi: "bangtin withdraw --withdrawal {number} --key TỆP{to}", en: "bangtin withdraw --withdrawal {number} --key FILE{to}")
    }

    /// That it has lost signatures with a newer root, and how it gets them.
    pub fn lost_signatures(&self, chain: &[SignedRoot]) -> [Text; 2] {
        let (number, role, Text { vi, en }) = (self.number, &self.body.role, self.command(None));
        let version = chain.last().map_or(0, |files| files.root.body().version);
        let lost = crate::text!(
            vi: "văn bản thu hồi số {number} không còn đủ chữ ký theo văn bản phân quyền số {version}, nên đầu phát mới sẽ dừng lại ở đó",
            en: "withdrawal {number} no longer has enough signatures under root {version}, and a new player would stop there"
        );
        [lost, crate::text!(vi: "một người giữ vai trò {role} ký thêm bằng: {vi}", en: "a holder of role {role} adds one with: {en}")]
    }

    /// Its files in a store.
    pub fn files(&self) -> impl Iterator<Item = StoreFile<'_>> {
        let number = self.number;
        let signatures = self.signatures.iter();
        let signatures = signatures.map(move |(kid, bytes)| StoreFile::Signature(layout::withdrawal_signature(number, *kid), bytes));
        signatures.chain([StoreFile::Document(layout::withdrawal(number), &self.bytes)])
    }
}

/// The statement of this number, and what it takes.
pub fn find(all: &[StoredWithdrawal], number: u64) -> Result<(u64, &WithdrawalScope), Failure> {
    let last = all.len();
    all.iter().find(|each| each.number == number).map(|each| (number, &each.body.scope)).ok_or_else(|| {
        Failure::Usage(crate::text!(
            vi: "không có văn bản thu hồi số {number}; số cuối cùng là {last}",
            en: "there is no withdrawal {number}; the last is {last}"
        ))
    })
}

/// The revision up to which those that have had all their signatures take each slide.
pub fn revisions(all: &[StoredWithdrawal]) -> WithdrawnRevisions {
    judge::withdrawn_revisions(all.iter().filter_map(StoredWithdrawal::was_complete), |_| true)
}

/// The path of a withdrawal.
pub fn path(content: &Path, number: u64) -> PathBuf {
    content.join("trust").join(layout::withdrawal(number))
}

/// Reads every withdrawal from number 1 on, judged under the newest root. `filed`: the programs that they may name.
pub fn read(content: &Path, chain: &[SignedRoot], filed: &FiledPrograms) -> Result<Vec<StoredWithdrawal>, Failure> {
    let mut all: Vec<StoredWithdrawal> = Vec::new();
    for number in 1.. {
        let path = path(content, number);
        let Some(bytes) = signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES)? else { break };
        let signatures = signed_files::read_signatures(&path)?;
        let earlier: Vec<_> = all.iter().filter_map(StoredWithdrawal::complete).cloned().collect();
        let (body, judged) = judge_stored(chain, number, (&bytes, &signatures)).map_err(|why| {
            let good = |bytes: &[u8], signatures: &_| judge_stored(chain, number, (bytes, signatures)).is_ok();
            let changed = line_ends::changed(&path, (&bytes, &signatures), good);
            changed.map_or_else(|| damaged(content, number, &why), |text| signed_files::refused_file(&path, &text))
        })?;
        let status = match judged {
            Ok(begun) => signature_status(begun, &|begun| has_no_effect(chain, filed, &earlier, begun))?,
            Err(missing) => SignatureStatus::Missing(missing),
        };
        let lapsed = match &status {
            SignatureStatus::Complete(_) => None,
            SignatureStatus::Missing(_) => lapsed(chain, number, (&bytes, &signatures)),
        };
        all.push(StoredWithdrawal { number, body, bytes, signatures, status, lapsed });
    }
    no_gap(content, all.len() as u64)?;
    Ok(all)
}

/// A statement past which nothing is signed or published, with what brings it back.
fn damaged(content: &Path, number: u64, Text { vi, en }: &Text) -> Failure {
    let (path, Text { vi: from_vi, en: from_en }) = (path(content, number), origin(content, number));
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "{path}: văn bản thu hồi hỏng hoặc thiếu tệp chữ ký ({vi}), nên không ký và không phát hành tiếp được. Lấy lại đúng {number}.json và các tệp {number}.json.*.minisig {from_vi}. Chưa từng phát hành thì xóa các tệp đó, cùng các số sau, rồi thu hồi lại",
        en: "{path}: the withdrawal is damaged or lacks its signature file ({en}), and nothing can be signed or published past it. Bring {number}.json and its {number}.json.*.minisig back as they were {from_en}. If it was never published, remove these files, and those of later numbers, and withdraw again"
    ))
}

/// Where the files of a statement can be had again: from git only if it has them.
fn origin(content: &Path, number: u64) -> Text {
    let (document, shown) = (format!("trust/{}", layout::withdrawal(number)), content.display());
    let tracked = history::tracked_files(content, "trust/withdrawals");
    if tracked.contains(&document) && tracked.iter().any(|file| file.starts_with(&format!("{document}."))) {
        return crate::text!(
            vi: "bằng: git -C {shown} restore trust/withdrawals; hoặc chép từ thư mục withdrawals của kho hay của thư mục lưu giữ (archive)",
            en: "with: git -C {shown} restore trust/withdrawals; or copy them from the folder withdrawals of the store or of the archive"
        );
    }
    crate::text!(
        vi: "từ thư mục withdrawals của kho hay của thư mục lưu giữ (archive): các tệp này chưa được ghi vào git ở đây",
        en: "from the folder withdrawals of the store or of the archive: git does not have them here"
    )
}

/// Judges under the newest root, else under the newest one that accepts its signers; then it lacks all signatures that the newest requires,
/// whose number is returned.
fn judge_stored(
    chain: &[SignedRoot],
    number: u64,
    (bytes, signatures): (&[u8], &BTreeMap<KeyId, Vec<u8>>),
) -> Result<(Withdrawal, Result<PartialWithdrawal, u64>), Text> {
    let all: Vec<_> = signatures.values().cloned().collect();
    let mut refused = None;
    for (age, files) in chain.iter().rev().enumerate() {
        match judge::partial_withdrawal(&files.root, number, bytes.to_vec(), all.clone()) {
            Ok(begun) if age == 0 => return Ok((begun.body().clone(), Ok(begun))),
            Ok(begun) => {
                let root = chain.last().map_or(files.root.body(), |newest| newest.root.body());
                let required =
                    judge::required_signatures(root, begun.body()).ok_or_else(|| refused.take().unwrap_or_else(signed_files::no_root))?;
                return Ok((begun.body().clone(), Err(required)));
            }
            Err(refusal) => refused = refused.or_else(|| Some(refusal.text().clone())),
        }
    }
    Err(refused.unwrap_or_else(signed_files::no_root))
}

/// What a statement says, as the newest root reads it that accepts its signers.
pub(super) fn body(chain: &[SignedRoot], number: u64, bytes: &[u8], signatures: &BTreeMap<KeyId, Vec<u8>>) -> Result<Withdrawal, Text> {
    judge_stored(chain, number, (bytes, signatures)).map(|(body, _)| body)
}

/// A withdrawal that a root before the newest took.
fn lapsed(chain: &[SignedRoot], number: u64, (bytes, signatures): (&[u8], &BTreeMap<KeyId, Vec<u8>>)) -> Option<Verified<Withdrawal>> {
    let all: Vec<_> = signatures.values().cloned().collect();
    let under = |files: &SignedRoot| judge::partial_withdrawal(&files.root, number, bytes.to_vec(), all.clone()).ok()?.finish().ok();
    chain.iter().rev().skip(1).find_map(under)
}

fn signature_status(
    begun: PartialWithdrawal,
    idle: &dyn Fn(&Verified<Withdrawal>) -> Result<bool, Failure>,
) -> Result<SignatureStatus, Failure> {
    let (lacking, threshold) = (begun.missing_signatures(), begun.missing_for_threshold());
    Ok(match begun.finish() {
        Ok(withdrawal) if threshold > 0 && idle(&withdrawal)? => SignatureStatus::Missing(threshold),
        Ok(withdrawal) => SignatureStatus::Complete(withdrawal),
        Err(_) => SignatureStatus::Missing(lacking),
    })
}

/// Whether a withdrawal of slides takes nothing before it has more signatures (W5): those of one program would empty an evergreen loop, those
/// of every program go no further than its role has gone before. A player that took it would never look for further signatures, so it is not
/// published before it has them.
fn has_no_effect(
    chain: &[SignedRoot],
    filed: &FiledPrograms,
    earlier: &[Verified<Withdrawal>],
    withdrawal: &Verified<Withdrawal>,
) -> Result<bool, Failure> {
    let (body, with_it) = (withdrawal.body(), || earlier.iter().chain([withdrawal]));
    match &body.scope {
        WithdrawalScope::Slides { .. } => {
            let by_role = |each: &Withdrawal| each.role == body.role;
            Ok(judge::withdrawn_revisions(with_it(), by_role) == judge::withdrawn_revisions(earlier, by_role))
        }
        WithdrawalScope::Program { program, slides: Some(slides), .. } => {
            let program = filed.usable(*program)?.map(|filed| &filed.program);
            let (Some(program), Some(root)) = (program, chain.last()) else { return Ok(false) };
            let after = judge::withdrawal_effect(root.root.body(), with_it(), program);
            Ok(!after.program && !slides.is_subset(&after.slides))
        }
        WithdrawalScope::Program { slides: None, .. } => Ok(false),
    }
}

fn no_gap(content: &Path, last: u64) -> Result<(), Failure> {
    let folder = content.join("trust/withdrawals");
    let number = |name: String| name.split('.').next()?.parse::<u64>().ok();
    let highest = signed_files::list_names(&folder)?.into_iter().filter(|name| name.ends_with(".json")).filter_map(number).max();
    match highest.filter(|highest| *highest > last) {
        None => Ok(()),
        Some(highest) => {
            let (folder, missing, Text { vi, en }) = (folder.display(), last + 1, origin(content, last + 1));
            Err(Failure::Refused(crate::text!(
                vi: "{folder}: có {highest}.json mà không có {missing}.json; văn bản thu hồi được đánh số liền nhau, hãy lấy đủ nội dung về (git pull), hoặc lấy lại tệp đã mất {vi}",
                en: "{folder}: there is {highest}.json but no {missing}.json; withdrawals are numbered without gaps, so fetch the whole content (git pull), or bring back what is missing {en}"
            )))
        }
    }
}

/// Those that may be published: all before the first that lacks signatures, which must be the last and not published yet. `published`:
/// whether a number is in the store already.
pub fn publishable<'a>(
    all: &'a [StoredWithdrawal],
    chain: &[SignedRoot],
    published: &dyn Fn(u64) -> Result<bool, Failure>,
) -> Result<&'a [StoredWithdrawal], Failure> {
    let Some(at) = all.iter().position(|statement| statement.complete().is_none()) else { return Ok(all) };
    let number = all[at].number;
    if at + 1 == all.len() && !published(number)? {
        return Ok(&all[..at]);
    }
    let [Text { vi, en }, Text { vi: vi_help, en: en_help }] = all[at].lost_signatures(chain);
    Err(Failure::Refused(crate::text!(vi: "{vi}; {vi_help}", en: "{en}; {en_help}")))
}
