//! Roots on their way into a store, with a publication or by themselves: a key can be taken away whatever the content is like.
//! Needs no key, since roots bear their own signatures. Never writes a head.

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::HINT_BYTES;
use crate::filing::signed_files::StoredRoot;
use crate::store::backend::StoreBackend;
use crate::store::layout;
use crate::store::publish::{self, NoProgress, Publication, SignedRoot, SiteUpdate};
use crate::trust::hint::Hint;

/// The roots of a folder as a store takes them.
pub fn signed_roots(chain: &[StoredRoot]) -> Vec<SignedRoot<'_>> {
    chain.iter().map(|files| SignedRoot { root: &files.root, signatures: &files.signatures }).collect()
}

/// Puts the roots up to `version` into a store and into the hints of these sites; says how many hints are new.
///
/// # Errors
/// The store can't be read or written.
pub fn publish(
    store: &dyn StoreBackend,
    chain: &[StoredRoot],
    version: u64,
    sites: impl IntoIterator<Item = SiteId>,
) -> Result<usize, Failure> {
    let mut news = Vec::new();
    for site in sites {
        let hint = store.read(&layout::hint(&site), HINT_BYTES)?.and_then(|bytes| Hint::parse(&bytes));
        // A site without a hint has no head yet: its first publication brings the roots along.
        if let Some(hint) = hint.filter(|hint| hint.root < version) {
            news.push(SiteUpdate { site, head: None, latest: Hint { root: version, ..hint } });
        }
    }
    let roots = signed_roots(chain);
    let goods = Publication { roots: &roots, items: &[], earlier: &[], find: &|_| None, watch: &NoProgress };
    publish::publish(store, &goods, &news)?;
    Ok(news.len())
}
