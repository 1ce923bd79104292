//! Inputs shared by all sites of a publication, and the previous head of a site.
//! Never decides what is published.

use std::collections::BTreeSet;

use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, SIGNATURE_BYTES};
use crate::base::times::{Month, Timestamp};
use crate::base::zone::TimeZone;
use crate::build::compile::BuildFn;
use crate::filing::signed_files::FiledProgram;
use crate::store::backend::StoreBackend;
use crate::store::layout;
use crate::trust::document::Verified;
use crate::trust::head::Head;
use crate::trust::judge;
use crate::trust::root::Root;
use crate::trust::secret::SecretKey;
use crate::trust::withdrawal::Withdrawal;

/// Inputs of a publication, the same for all sites.
pub struct PublishContext<'a> {
    /// For times in messages.
    pub zone: TimeZone,
    pub build: BuildFn<'a>,
    /// The newest root.
    pub root: &'a Verified<Root>,
    /// Older roots, newest first.
    pub older: Vec<&'a Verified<Root>>,
    pub store: &'a dyn StoreBackend,
    /// Contents of `approvals/`.
    pub filed: Vec<FiledProgram>,
    pub key: &'a SecretKey,
    pub now: Timestamp,
    /// When new programs take over, if given.
    pub at: Option<Timestamp>,
    /// When the heads should be renewed.
    pub expires: Timestamp,
    /// Commit of the content.
    pub source: String,
    /// Requested months; empty: all that are approved and not past.
    pub months: BTreeSet<Month>,
    /// Programs to take off.
    pub without: BTreeSet<Digest>,
    /// All, from number 1 on.
    pub withdrawals: Vec<Verified<Withdrawal>>,
}

/// The last head of a site, and whether the newest root accepts its signature.
pub type PreviousHead = (Verified<Head>, bool);

/// Finds the newest head of the site in the store that one of our roots accepts, and whether the newest root accepts it.
pub fn previous_head(desk: &PublishContext<'_>, site: &SiteId) -> Result<Option<PreviousHead>, Failure> {
    let roots: Vec<_> = std::iter::once(desk.root).chain(desk.older.iter().copied()).collect();
    for number in desk.store.head_numbers(site)?.into_iter().rev() {
        let bytes = desk.store.read(&layout::head(site, number), HEAD_BYTES)?;
        let signature = desk.store.read(&layout::head_signature(site, number), SIGNATURE_BYTES)?;
        if let (Some(bytes), Some(signature)) = (bytes, signature)
            && let Ok((head, current)) = judge::stored_head(&roots, site, &bytes, &signature)
            && head.body().number() == number
        {
            return Ok(Some((head, current)));
        }
    }
    Ok(None)
}
