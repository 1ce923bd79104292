//! How many of the withdrawals here a store has, and what stands under a number there: the same statement, another signed one, or no signed one.
//! Never writes, and never decides whether a withdrawal counts: the judge does.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::failure::Failure;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::filing::withdrawal_copies::SignedWithdrawal;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::store::backend::StoreBackend;
use crate::store::layout;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::SignedRoot;

/// Whether a root of the chain lets one of these signatures count for a withdrawal.
pub fn is_signed(chain: &[SignedRoot], number: u64, bytes: &[u8], signatures: Vec<Vec<u8>>) -> bool {
    chain.iter().any(|files| judge::partial_withdrawal(&files.root, number, bytes.to_vec(), signatures.clone()).is_ok())
}

/// The withdrawals that a store has and that are not here, from the first such number on, up to one that is not fully signed under a root of the
/// chain. One under a number used here must be.
pub fn newer(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Vec<SignedWithdrawal>, Failure> {
    let mut found = Vec::new();
    for number in known(store, all)? + 1.. {
        let Some(bytes) = store.read(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)? else { break };
        let signatures = signatures(store, chain, number)?;
        let signed: Vec<_> = signatures.values().cloned().collect();
        if !chain.iter().any(|files| judge::withdrawal(&files.root, number, bytes.clone(), signed.clone()).is_ok()) {
            if number <= all.len() as u64 {
                return Err(different(store, chain, number, &bytes)?);
            }
            break;
        }
        found.push(SignedWithdrawal { number, bytes, signatures });
    }
    Ok(found)
}

/// The last number under which a store has the statement that is here; 0 if there is none.
fn known(store: &dyn StoreBackend, all: &[StoredWithdrawal]) -> Result<u64, Failure> {
    for statement in all.iter().rev() {
        if store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES)?.is_some_and(|bytes| bytes == statement.bytes) {
            return Ok(statement.number);
        }
    }
    Ok(0)
}

/// Counts the withdrawals in the store; `None` if there are none there and none here. Refuses those that are not here, and other content.
pub fn published(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Option<u64>, Failure> {
    let count = all.len() as u64;
    let (name, next) = (store.name(), count + 1);
    if let Some(bytes) = store.read(&layout::withdrawal(next), SMALL_DOCUMENT_BYTES)? {
        return Err(if is_signed(chain, next, &bytes, signatures(store, chain, next)?.into_values().collect()) {
            Failure::Refused(crate::text!(
                vi: "{name} vừa có thêm văn bản thu hồi, ngoài {count} văn bản ở đây; chạy lại lệnh này để lấy về",
                en: "{name} has just got more withdrawals than the {count} here; run this again, which takes them over"
            ))
        } else {
            unsigned(store, next)
        });
    }
    Ok(same(store, chain, all)?.or((count > 0).then_some(0)))
}

/// The highest number here that the store has; refuses it with other content there.
fn same(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Option<u64>, Failure> {
    for statement in all.iter().rev() {
        if let Some(bytes) = store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES)? {
            let same = bytes == statement.bytes;
            return if same { Ok(Some(statement.number)) } else { Err(different(store, chain, statement.number, &bytes)?) };
        }
    }
    Ok(None)
}

/// Why the withdrawal of this number in a store is not the one here: its file is damaged, or somebody else has used the number.
pub fn different(store: &dyn StoreBackend, chain: &[SignedRoot], number: u64, bytes: &[u8]) -> Result<Failure, Failure> {
    if !is_signed(chain, number, bytes, signatures(store, chain, number)?.into_values().collect()) {
        return Ok(unsigned(store, number));
    }
    let name = store.name();
    Ok(Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} trong {name} khác với bản ở đây: hai người đã dùng cùng một số. Chạy lại lệnh này: bản trong kho được lấy về, và lệnh withdraw ký lại bản ở đây dưới số kế tiếp",
        en: "withdrawal {number} in {name} is another than the one here: two people used one number. Run this command again: it takes theirs over, and withdraw signs yours anew under the next number"
    )))
}

/// The withdrawals here of which a store has another under the same number, both signed: its path there, by whom it is, and what to do.
pub fn others(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Vec<(String, Text)>, Failure> {
    let mut found = Vec::new();
    for StoredWithdrawal { number, bytes, .. } in all {
        let path = layout::withdrawal(*number);
        let Some(theirs) = store.read(&path, SMALL_DOCUMENT_BYTES)?.filter(|theirs| theirs != bytes) else { continue };
        let signatures = signatures(store, chain, *number)?;
        let by = signatures.keys().filter_map(|kid| Some(chain.last()?.root.body().display_holder(*kid))).collect::<Vec<_>>().join(", ");
        if !is_signed(chain, *number, &theirs, signatures.into_values().collect()) {
            continue;
        }
        let text = crate::text!(
            vi: "là văn bản khác với văn bản thu hồi số {number} ở đây (trust/withdrawals/{number}.json), do {by} ký; văn bản ở đây không tới được đầu phát nào chưa nhận nó. Nếu người ấy không ký thì khóa đã bị lộ: thay khóa (bangtin trust remove), xóa tệp này trong kho rồi phát hành lại. Nếu là văn bản của đồng nghiệp thì chạy bangtin publish để lấy về",
            en: "is another statement than withdrawal {number} here (trust/withdrawals/{number}.json), signed by {by}; the one here reaches no player that does not have it yet. If they did not sign it, their key is stolen: replace it (bangtin trust remove), remove this file from the store and publish again. If it is a colleague's, run bangtin publish, which takes it over"
        );
        found.push((path, text));
    }
    Ok(found)
}

/// The signatures of reviewers beside a withdrawal in a store.
fn signatures(store: &dyn StoreBackend, chain: &[SignedRoot], number: u64) -> Result<BTreeMap<KeyId, Vec<u8>>, Failure> {
    let reviewers: BTreeSet<KeyId> = chain.iter().flat_map(|files| files.root.body().reviewers()).collect();
    let read = |kid: KeyId| {
        let found = store.read(&layout::withdrawal_signature(number, kid), SIGNATURE_BYTES).transpose()?;
        Some(found.map(|signature| (kid, signature)))
    };
    reviewers.into_iter().filter_map(read).collect()
}

/// What stands under this number is no signed withdrawal: damage, or the answer of something else than the store. It keeps nobody from signing.
fn unsigned(store: &dyn StoreBackend, number: u64) -> Failure {
    let (name, path) = (store.name(), layout::withdrawal(number));
    Failure::External(crate::text!(
        vi: "{name}: {path} hỏng hoặc thiếu chữ ký, đầu phát mới dừng lại ở đó; xóa tệp này trong kho rồi chạy lại lệnh này, bản ở đây sẽ thay vào. Nếu tại địa chỉ này không phải là kho trả lời, mà chẳng hạn là trang đăng nhập của mạng, thì kiểm tra mạng và địa chỉ",
        en: "{name}: {path} is damaged or lacks its signature, and new players stop there; remove this file from the store and run this again: the one here takes its place. If something else answers at this address, such as the login page of a network, check the network and the address"
    ))
}
