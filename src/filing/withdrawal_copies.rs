//! Takes over withdrawals that somebody else has signed and published, and that are not here yet: their files, exactly as they stand in a store.
//! Never judges one, which the caller has done, and never writes over one that is here.

use std::collections::BTreeMap;
use std::path::Path;

use super::{signed_files, withdraw, withdrawals};
use crate::base::failure::Failure;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::trust::keys::KeyId;

/// A fully signed withdrawal of a store, with the signature files beside it, by key.
#[derive(Clone, Debug)]
pub struct SignedWithdrawal {
    pub number: u64,
    pub bytes: Vec<u8>,
    pub signatures: BTreeMap<KeyId, Vec<u8>>,
}

/// Writes those found in a store into the content folder, the signatures of each before it. Returns what to say, if there are any.
pub fn take_over(content: &Path, store: &str, found: &[SignedWithdrawal]) -> Result<Option<Text>, Failure> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(None) };
    let _held = withdraw::lock(content)?;
    for SignedWithdrawal { number, bytes, signatures } in found {
        let path = withdrawals::path(content, *number);
        if signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES)?.is_none() {
            let signature = |(kid, signature): (&KeyId, &Vec<u8>)| {
                signed_files::replace_orphan(&signed_files::signature_path(&path, *kid), &path, signature)
            };
            signatures.iter().try_for_each(signature)?;
        }
        signed_files::add(&path, bytes)?;
    }
    let (first, last) = (first.number, last.number);
    let numbers = if first == last { last.to_string() } else { format!("{first}–{last}") };
    let plural = if first == last { "" } else { "s" };
    Ok(Some(crate::text!(
        vi: "đã lấy về từ {store} văn bản thu hồi số {numbers} do người khác ký, ở đây chưa có; ghi trust/withdrawals vào git",
        en: "took over from {store} withdrawal{plural} {numbers}, which others signed and which were not here; commit trust/withdrawals"
    )))
}
