//! Kit releases: which one is accepted, and whether it fits its kit (`docs/trust.md`, "Release").
//! Never looks at the time: `show` does.

use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::program::validate::Program;
use crate::trust::document::{self, Verified};
use crate::trust::refusal::{Refusal, require};
use crate::trust::release::{KitOrder, KitRelease};
use crate::trust::root::Root;

/// L1–L2. Judges the kit release found under a number of a site.
pub fn release(
    root: &Verified<Root>,
    site: &SiteId,
    number: u64,
    bytes: Vec<u8>,
    signature: Vec<u8>,
) -> Result<Verified<KitRelease>, Refusal> {
    // L1. Signed by a holder of a role that covers this site and the kind `urgent`.
    let roles = root.body().roles.review.values().filter(|role| role.covers(site, ProgramKind::Urgent));
    let holders = roles.flat_map(|role| &role.keys).copied().collect();
    let found: Verified<KitRelease> = document::verify(bytes, &[signature], &root.body().public_keys(&holders), 1, root.root_id())?;
    // L2. For this site, under its own number.
    let body = found.body();
    require(body.site == *site && body.version == number, || {
        let (theirs, version) = (&body.site, body.version);
        crate::text!(
            vi: "lệnh phát là của {theirs} số {version}, không phải {site} số {number}",
            en: "the kit release is {theirs} number {version}, not {site} number {number}"
        )
    })?;
    Ok(found)
}

/// L3. Whether an order to show fits a kit: it names exactly this kit, of its own site, for no longer than the kit's `max`.
pub fn release_matches_kit(release: &Verified<KitRelease>, kit: &Program) -> bool {
    let manifest = kit.manifest();
    let Some(KitOrder::Show { program, from, until }) = release.body().order() else { return false };
    let short_enough = manifest.max.is_some_and(|max| until.checked_sub(from).is_some_and(|seconds| seconds <= max));
    program == kit.digest() && manifest.kind == ProgramKind::Kit && manifest.site == release.body().site && short_enough
}
