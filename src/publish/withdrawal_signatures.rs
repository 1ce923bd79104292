//! Signatures of withdrawals that are here and that a store lacks, where it has the withdrawal itself: signed anew since a root took a key away.
//! Go into a store with the roots, so that a new player does not stop at the withdrawal. Never writes a withdrawal.

use std::collections::BTreeSet;
use std::path::Path;

use super::withdrawal_count;
use crate::base::failure::Failure;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::filing::signed_files;
use crate::store::backend::StoreBackend;
use crate::store::documents::{self, StoreFile};
use crate::store::layout;
use crate::trust::keys::KeyId;
use crate::trust::root::SignedRoot;

/// See the module.
pub struct MissingSignatures(Vec<(u64, KeyId, Vec<u8>)>);

impl MissingSignatures {
    /// Compares a store with a folder of signed files. What can't be read here, or is another statement there, is left to `publish`: nothing may
    /// hold a root back.
    pub fn find(store: &dyn StoreBackend, chain: &[SignedRoot], trust: &Path) -> Result<Self, Failure> {
        let mut missing = Vec::new();
        for number in 1.. {
            let path = trust.join(layout::withdrawal(number));
            let Ok(Some(own)) = signed_files::read_if_exists(&path, SMALL_DOCUMENT_BYTES) else { break };
            let Some(theirs) = store.read(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)? else { break };
            for (kid, signature) in signed_files::read_signatures(&path).unwrap_or_default() {
                let lacks = theirs == own && store.size(&layout::withdrawal_signature(number, kid))?.is_none();
                if lacks && withdrawal_count::is_signed(chain, number, &own, vec![signature.clone()]) {
                    missing.push((number, kid, signature));
                }
            }
        }
        Ok(Self(missing))
    }

    /// As files of a store.
    pub fn files(&self) -> impl Iterator<Item = StoreFile<'_>> {
        self.0.iter().map(|(number, kid, bytes)| StoreFile::Signature(layout::withdrawal_signature(*number, *kid), bytes))
    }

    /// Writes them into the store. Says which; `None`: there are none.
    pub fn send(&self, store: &dyn StoreBackend) -> Result<Option<Text>, Failure> {
        documents::put(store, self.files())?;
        let numbers: BTreeSet<u64> = self.0.iter().map(|(number, ..)| *number).collect();
        let (name, list) = (store.name(), numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        Ok((!list.is_empty()).then(|| {
            crate::text!(
                vi: "{name}: đã thêm chữ ký mới của văn bản thu hồi số {list}",
                en: "{name}: new signatures of withdrawal {list} are in it"
            )
        }))
    }
}
