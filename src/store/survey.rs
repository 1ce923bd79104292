//! Reads a store as a player does: the chain of roots, the sites, their heads. Collects its faults.
//! Never changes a store.

use std::collections::BTreeMap;

use serde::Serialize;

use super::backend::StoreBackend;
use super::layout;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, ROOT_STEPS, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadNumber};
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;

/// Kind of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StoreFaultKind {
    /// Named but absent.
    Missing,
    /// Content does not match its name, its form or the trusted copy.
    Damaged,
    /// A player would refuse it.
    Refused,
    /// Whole, but players refuse it for what only people can give, such as an approval; or for what depends on that.
    Lacking,
    /// A hint that does not name the newest good head.
    Behind,
    /// A root of the content that the store lacks, or one of the store that a hint does not name.
    Waiting,
    /// A withdrawal of the content that the store lacks.
    Unsent,
    /// Whole, and another than the one of the content under the same number.
    Other,
}

/// Faults by path, each path once.
#[derive(Debug, Default)]
pub struct StoreFaults(BTreeMap<String, (StoreFaultKind, Text)>);

impl StoreFaults {
    /// Adds a fault; the first of a path stays.
    pub fn add(&mut self, path: &str, wrong: StoreFaultKind, detail: Text) {
        self.0.entry(path.to_owned()).or_insert((wrong, detail));
    }

    /// Adds an absent file.
    pub fn missing(&mut self, path: &str) {
        self.add(path, StoreFaultKind::Missing, crate::text!(vi: "không có trong kho", en: "is not in the store"));
    }

    /// Whether there is a fault of one of these kinds.
    pub fn any(&self, kinds: &[StoreFaultKind]) -> bool {
        self.0.values().any(|(kind, _)| kinds.contains(kind))
    }

    /// All faults, by path.
    pub fn by_path(&self) -> &BTreeMap<String, (StoreFaultKind, Text)> {
        &self.0
    }
}

/// Reads the roots of a store, oldest first. The store must hold the `trusted` roots with the same bytes; without any, its first root is
/// trusted on first use. Fails if there is no good first root.
pub fn root_chain(store: &dyn StoreBackend, trusted: &[&Verified<Root>], faults: &mut StoreFaults) -> Result<Vec<Verified<Root>>, Failure> {
    let mut chain: Vec<Verified<Root>> = Vec::new();
    for version in 1..=ROOT_STEPS {
        let path = layout::root(version);
        let bytes = store.read(&path, SMALL_DOCUMENT_BYTES)?;
        let own = usize::try_from(version - 1).ok().and_then(|at| trusted.get(at));
        if let Some(own) = own {
            match bytes {
                None => faults.missing(&path),
                Some(bytes) if bytes != own.bytes() => {
                    let text = crate::text!(vi: "khác với văn bản phân quyền trong thư mục nội dung", en: "differs from the root in the content folder");
                    faults.add(&path, StoreFaultKind::Damaged, text);
                }
                Some(_) => signatures(store, version, own, faults)?,
            }
            chain.push((*own).clone());
            continue;
        }
        let Some(bytes) = bytes else { break };
        let next = match chain.last() {
            None => first_root(store, bytes)?,
            Some(old) => next_root(store, old, version, &bytes)?,
        };
        match next {
            Ok(root) => chain.push(root),
            Err(refusal) if chain.is_empty() => return Err(Failure::Refused(refusal)),
            Err(refusal) => {
                faults.add(&path, StoreFaultKind::Refused, refusal);
                break;
            }
        }
    }
    if chain.is_empty() {
        return Err(no_first_root(store));
    }
    Ok(chain)
}

/// Refuses what can be listed and holds nothing of a store: neither a root nor a site. `sites`: those that it lists.
pub fn ensure_store(store: &dyn StoreBackend, sites: Option<&[SiteId]>) -> Result<(), Failure> {
    let holds_some = sites.is_none_or(|sites| !sites.is_empty()) || store.size(&layout::root(1))?.is_some();
    if holds_some { Ok(()) } else { Err(no_first_root(store)) }
}

/// What a folder or an address without a root is refused with.
pub fn no_first_root(store: &dyn StoreBackend) -> Failure {
    let name = store.name();
    Failure::Refused(crate::text!(
        vi: "{name}: không có văn bản phân quyền nào (root/1.json); đây có phải là một kho không?",
        en: "{name}: there is no root (root/1.json); is this a store?"
    ))
}

/// Checks that the store's signatures of a root meet the root's own threshold.
fn signatures(store: &dyn StoreBackend, version: u64, root: &Verified<Root>, faults: &mut StoreFaults) -> Result<(), Failure> {
    let found = root_signatures(store, version, root.body().roles.root.keys.iter())?;
    if let Err(refusal) = judge::initial_root(root.bytes().to_vec(), found) {
        faults.add(&layout::root(version), StoreFaultKind::Refused, refusal.text().clone());
    }
    Ok(())
}

fn root_signatures<'a>(store: &dyn StoreBackend, version: u64, kids: impl Iterator<Item = &'a KeyId>) -> Result<Vec<Vec<u8>>, Failure> {
    let read = |kid: &KeyId| store.read(&layout::root_signature(version, *kid), SIGNATURE_BYTES);
    kids.map(read).filter_map(Result::transpose).collect()
}

fn first_root(store: &dyn StoreBackend, bytes: Vec<u8>) -> Result<Result<Verified<Root>, Text>, Failure> {
    // The unverified document names its signers; use the names only to find signature files.
    let names: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    let kids = names.as_ref().and_then(|root| root["roles"]["root"]["keys"].as_array()).into_iter().flatten();
    let kids: Vec<KeyId> = kids.filter_map(|kid| KeyId::parse(kid.as_str()?)).collect();
    let signatures = root_signatures(store, 1, kids.iter())?;
    Ok(judge::initial_root(bytes, signatures).map_err(|refusal| refusal.text().clone()))
}

fn next_root(store: &dyn StoreBackend, old: &Verified<Root>, version: u64, bytes: &[u8]) -> Result<Result<Verified<Root>, Text>, Failure> {
    let by_old = root_signatures(store, version, old.body().roles.root.keys.iter())?;
    let half = match judge::root_signed_by_old(old, bytes, by_old) {
        Ok(half) => half,
        Err(refusal) => return Ok(Err(refusal.text().clone())),
    };
    let by_new = root_signatures(store, version, half.own_key_ids().iter())?;
    Ok(half.finish(by_new).map_err(|refusal| refusal.text().clone()))
}

/// Lists the sites of a store; `None` if it can't list.
pub fn sites(store: &dyn StoreBackend) -> Result<Option<Vec<SiteId>>, Failure> {
    let Some(entries) = store.list("sites")? else { return Ok(None) };
    let mut sites: Vec<_> = entries.iter().filter_map(|entry| SiteId::parse(entry.path.split('/').nth(1)?)).collect();
    sites.sort();
    sites.dedup();
    Ok(Some(sites))
}

/// A good head, and whether the newest root accepts its signature.
pub type StoredHead = (Verified<Head>, bool);

/// Reads one head; `None` if it is faulty, or absent as after a stopped publication. `roots`: newest first.
pub fn head(
    store: &dyn StoreBackend,
    roots: &[&Verified<Root>],
    site: &SiteId,
    number: HeadNumber,
    faults: &mut StoreFaults,
) -> Result<Option<StoredHead>, Failure> {
    let path = layout::head(site, number);
    let Some(bytes) = store.read(&path, HEAD_BYTES)? else { return Ok(None) };
    let name = layout::head_signature(site, number);
    let Some(signature) = store.read(&name, SIGNATURE_BYTES)? else {
        faults.missing(&name);
        return Ok(None);
    };
    let wrong = match judge::stored_head(roots, site, &bytes, &signature) {
        Ok((head, current)) if head.body().number() == number => return Ok(Some((head, current))),
        Ok(_) => crate::text!(vi: "số trong tệp khác với tên tệp", en: "says another number than its name"),
        Err(refusal) => refusal.text().clone(),
    };
    faults.add(&path, StoreFaultKind::Refused, wrong);
    Ok(None)
}

/// The newest good head of a site. `roots`: newest first.
pub fn newest_head(store: &dyn StoreBackend, roots: &[&Verified<Root>], site: &SiteId) -> Result<Option<StoredHead>, Failure> {
    let numbers = store.head_numbers(site)?.into_iter().rev();
    numbers.map(|number| head(store, roots, site, number, &mut StoreFaults::default())).find_map(Result::transpose).transpose()
}
