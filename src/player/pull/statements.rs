//! Withdrawals and releases: what of them is stored, and what they come to.
//! Never asks the network, and never judges: `trust` does.

use std::collections::BTreeMap;

use crate::base::ids::SiteId;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::program::show;
use crate::program::verify::Program;
use crate::store::layout;
use crate::store::objects::Holdings;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::release::{Order, Release};
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// The stored withdrawals from the first one on, as far as they verify under a root of the chain: a signer who has lost the right since
/// does not bring back what was withdrawn.
pub fn withdrawals(roots: &[Verified<Root>], holdings: &Holdings) -> Vec<Verified<Withdrawal>> {
    let names = holdings.names("withdrawals").unwrap_or_default();
    let stored = |number: u64| {
        let bytes = holdings.document(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES).ok()??;
        let prefix = format!("{number}.json.");
        let own = names.iter().filter(|name| name.starts_with(&prefix) && name.ends_with(layout::SIGNATURE));
        let signatures: Vec<_> =
            own.filter_map(|name| holdings.document(&format!("withdrawals/{name}"), SIGNATURE_BYTES).ok().flatten()).collect();
        roots.iter().rev().find_map(|root| judge::withdrawal(root, number, bytes.clone(), signatures.clone()).ok())
    };
    (1..).map_while(stored).collect()
}

/// The stored releases of a site by number, as far as they verify under a root of the chain.
pub fn releases(roots: &[Verified<Root>], site: &SiteId, holdings: &Holdings) -> BTreeMap<u64, Verified<Release>> {
    let names = holdings.names(&format!("releases/{site}")).unwrap_or_default();
    let numbers = names.iter().filter_map(|name| name.strip_suffix(".json")?.parse::<u64>().ok());
    let stored = |number: u64| {
        let bytes = holdings.document(&layout::release(site, number), SMALL_DOCUMENT_BYTES).ok()??;
        let signature = holdings.document(&layout::release_signature(site, number), SIGNATURE_BYTES).ok()??;
        let judged = |root| judge::release(root, site, number, bytes.clone(), signature.clone()).ok();
        Some((number, roots.iter().rev().find_map(judged)?))
    };
    numbers.filter_map(stored).collect()
}

/// What releases come to for the kits that are held: orders that fit their kit, and every end.
pub fn orders<'a>(releases: &BTreeMap<u64, Verified<Release>>, programs: impl Iterator<Item = &'a Program> + Clone) -> Vec<show::Release> {
    let told = |(version, release): (&u64, &Verified<Release>)| match release.body().order()? {
        Order::End { program } => Some(show::Release::End { version: *version, end: program }),
        Order::Show { program, from, until } => {
            let fits = programs.clone().any(|kit| judge::release_fits(release, kit));
            fits.then_some(show::Release::Start { version: *version, program, from, until })
        }
    };
    releases.iter().filter_map(told).collect()
}
