//! How many of the withdrawals here a store has, and what stands under a number there: the same statement, another signed one, or no signed one.
//! Never writes, and never decides whether a withdrawal counts: the judge does.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::failure::Failure;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
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

/// The withdrawals that a store has beyond the `count` here, up to the first that is not fully signed under a root of the chain.
pub fn newer(store: &dyn StoreBackend, chain: &[SignedRoot], count: u64) -> Result<Vec<SignedWithdrawal>, Failure> {
    let mut found = Vec::new();
    for number in count + 1.. {
        let Some(bytes) = store.read(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)? else { break };
        let signatures = signatures(store, chain, number)?;
        let all: Vec<_> = signatures.values().cloned().collect();
        if !chain.iter().any(|files| judge::withdrawal(&files.root, number, bytes.clone(), all.clone()).is_ok()) {
            break;
        }
        found.push(SignedWithdrawal { number, bytes, signatures });
    }
    Ok(found)
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
    Ok(known(store, chain, all)?.or((count > 0).then_some(0)))
}

/// The highest number here that the store has; refuses it with other content there.
pub fn known(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Option<u64>, Failure> {
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
        vi: "văn bản thu hồi số {number} trong {name} khác với bản ở đây: hai người đã dùng cùng một số. Lấy nội dung mới nhất về (git pull), bỏ bản chưa phát hành ở đây rồi ký lại",
        en: "withdrawal {number} in {name} is another than the one here: two people used one number. Fetch the newest content (git pull), drop the one here that was not published, and sign anew"
    )))
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
