//! Roots on their way into a store, with a publication or by themselves: a key can be taken away whatever the content is like.
//! Needs no key, since roots bear their own signatures. Never writes a head.

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::LATEST_BYTES;
use crate::filing::signed_files::RootFiles;
use crate::store::layout;
use crate::store::place::Place;
use crate::store::publish::{self, Goods, SignedRoot, SiteNews, Unwatched};
use crate::trust::latest::Latest;

/// The roots of a folder as a store takes them.
pub fn signed(chain: &[RootFiles]) -> Vec<SignedRoot<'_>> {
    chain.iter().map(|files| SignedRoot { root: &files.root, signatures: &files.signatures }).collect()
}

/// Puts the roots up to `version` into a store and into the hints of these sites; says how many hints are new.
///
/// # Errors
/// The store can't be read or written.
pub fn publish(store: &dyn Place, chain: &[RootFiles], version: u64, sites: impl IntoIterator<Item = SiteId>) -> Result<usize, Failure> {
    let mut news = Vec::new();
    for site in sites {
        let hint = store.read(&layout::latest(&site), LATEST_BYTES)?.and_then(|bytes| Latest::parse(&bytes));
        // A site without a hint has no head yet: its first publication brings the roots along.
        if let Some(hint) = hint.filter(|hint| hint.root < version) {
            news.push(SiteNews { site, head: None, latest: Latest { root: version, ..hint } });
        }
    }
    let roots = signed(chain);
    let goods = Goods { roots: &roots, items: &[], earlier: &[], find: &|_| None, watch: &Unwatched };
    publish::publish(store, &goods, &news)?;
    Ok(news.len())
}
