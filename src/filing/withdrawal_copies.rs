//! Takes over withdrawals that somebody else has signed and published, and that are not here yet: their files, exactly as they stand in a store.
//! Never judges one, which the caller has done, and never writes over one that is here: one with the same number is set aside.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::filed::FiledPrograms;
use super::{signed_files, withdrawal_folder, withdrawals, withdrawals_unsent};
use crate::base::failure::Failure;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::trust::keys::KeyId;
use crate::trust::root::SignedRoot;

/// A fully signed withdrawal of a store, with the signature files beside it, by key.
#[derive(Clone, Debug)]
pub struct SignedWithdrawal {
    pub number: u64,
    pub bytes: Vec<u8>,
    pub signatures: BTreeMap<KeyId, Vec<u8>>,
}

/// What a take-over did.
#[derive(Default)]
pub struct TakenOver {
    /// What was taken over, if there was anything.
    pub said: Option<Text>,
    /// What was set aside for it.
    pub aside: Vec<Text>,
}

/// Writes those found in a store into the content folder, the signatures of each before it. A statement here whose number is another's there is
/// set aside first, with all of later numbers.
pub fn take_over(
    content: &Path,
    (chain, filed): (&[SignedRoot], &FiledPrograms),
    (store, found): (&str, &[SignedWithdrawal]),
) -> Result<TakenOver, Failure> {
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return Ok(TakenOver::default()) };
    let _held = withdrawal_folder::lock(content)?;
    let here = withdrawals::read(content, chain, filed)?;
    let other = |number: u64, bytes: &[u8]| found.iter().any(|each| each.number == number && each.bytes != bytes);
    let from = here.iter().find(|each| other(each.number, &each.bytes)).map_or(u64::MAX, |each| each.number);
    // The last first: numbers have no gaps, also after a power cut.
    let aside = here.iter().rev().filter(|each| each.number >= from).map(|each| withdrawals_unsent::set_aside(content, each));
    let aside = aside.collect::<Result<_, _>>()?;
    for SignedWithdrawal { number, bytes, signatures } in found {
        let path = withdrawals::path(content, *number);
        if signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES)?.is_none() {
            for kid in signed_files::read_signatures(&path)?.keys() {
                let stale = signed_files::signature_path(&path, *kid);
                fs::remove_file(&stale).map_err(|error| Failure::io(&stale, &error))?;
            }
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
    let said = crate::text!(
        vi: "Đã lấy về từ {store} văn bản thu hồi số {numbers} do người khác ký, ở đây chưa có; ghi trust/withdrawals vào git",
        en: "Took over from {store} withdrawal{plural} {numbers}, which others signed and which were not here; commit trust/withdrawals"
    );
    Ok(TakenOver { said: Some(said), aside })
}
