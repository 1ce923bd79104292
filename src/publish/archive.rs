//! Keeps in the archive the heads that a store has had: what was in force when, and which numbers are taken.
//! Never changes a store, never keeps a head that the roots do not accept.

use std::path::Path;

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::SIGNATURE_BYTES;
use crate::store::backend::StoreBackend;
use crate::store::folder_store::FolderStore;
use crate::store::layout;
use crate::store::survey::{self, StoreFaults};
use crate::trust::document::Verified;
use crate::trust::root::Root;

/// The sites that have had releases, by the archive in a folder; none without one.
pub fn sites(folder: &Path) -> Result<Vec<SiteId>, Failure> {
    // One that can't be read is not one that has none.
    if !folder.try_exists().map_err(|error| Failure::io(folder, &error))? {
        return Ok(Vec::new());
    }
    Ok(survey::sites(&FolderStore::open_read_only(folder)?)?.unwrap_or_default())
}

/// Copies every good head of a site that the archive lacks, each signature before its head. `roots`: newest first. Publications before this
/// one were perhaps stopped before they came here.
pub fn keep_heads(store: &dyn StoreBackend, archive: &dyn StoreBackend, roots: &[&Verified<Root>], site: &SiteId) -> Result<(), Failure> {
    let kept = archive.head_numbers(site)?;
    for number in store.head_numbers(site)?.difference(&kept) {
        let Some((head, _)) = survey::head(store, roots, site, *number, &mut StoreFaults::default())? else { continue };
        let name = layout::head_signature(site, *number);
        let Some(signature) = store.read(&name, SIGNATURE_BYTES)? else { continue };
        archive.put_if_absent(&name, &signature)?;
        archive.put(&layout::head(site, *number), head.bytes())?;
    }
    Ok(())
}
