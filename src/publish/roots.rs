//! Publishes roots into a store, with a publication or alone, so that a key can be revoked whatever the state of the content.
//! Needs no key, since roots carry their own signatures. Never writes a head.

use super::installation::{self, NewStore};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::store::backend::StoreBackend;
use crate::store::publish::{self, NoProgress, Publication, SiteUpdate};
use crate::trust::hint::Hint;
use crate::trust::root::SignedRoot;

/// Writes the roots up to `version` into a store and into the hints of these sites; returns the number of new hints. Refuses a store of another
/// installation before it writes, and one that holds nothing of this one, unless it is meant: no player would get them.
pub fn publish(
    store: &dyn StoreBackend,
    chain: &[SignedRoot],
    version: u64,
    sites: impl IntoIterator<Item = SiteId>,
    new_store: NewStore,
) -> Result<usize, Failure> {
    let sites: Vec<SiteId> = sites.into_iter().collect();
    if installation::is_new(store, chain, &sites)? && new_store == NewStore::Refuse {
        return Err(installation::not_there(store));
    }
    let mut news = Vec::new();
    for site in sites {
        let hint = store.hint(&site)?;
        // A site without a hint has no head yet: its first publication brings the roots.
        if let Some(hint) = hint.filter(|hint| hint.root < version) {
            news.push(SiteUpdate { site, head: None, latest: Hint { root: version, ..hint } });
        }
    }
    let publication = Publication { roots: chain, items: &[], earlier: &[], find: &|_| None, watch: &NoProgress };
    publish::publish(store, &publication, &news)?;
    Ok(news.len())
}
