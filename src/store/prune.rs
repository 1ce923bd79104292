//! `bangtin store prune`: finds and removes the unused files of a store. Roots, withdrawals, kit releases, hints and unknown files stay.
//! Never removes a file named by a head that stays.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Months};

use super::backend::{StoreBackend, StoreEntry};
use super::expected_sites::ExpectedSites;
use super::{layout, parallel, survey};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, MANIFEST_BYTES};
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::head::Head;
use crate::trust::root::Root;

/// Files younger than this stay, in seconds: they may belong to a publication in progress.
const GRACE_SECONDS: i64 = 86_400;

/// The files to remove, in an order that never leaves a reference without its target.
#[derive(Debug)]
pub struct PrunePlan {
    /// Whose releases were found.
    pub sites: Vec<SiteId>,
    pub remove: Vec<StoreEntry>,
    pub kept: usize,
    pub heads: usize,
}

#[derive(Default)]
struct RetainedSet {
    heads: BTreeSet<String>,
    programs: BTreeSet<Digest>,
    objects: BTreeSet<Digest>,
}

/// Keeps heads issued at `since` or later, each site's hinted head, its newest good head and all above that. `roots`: newest first. Refuses a
/// store that lacks an `expected` site: what it needs is unknown.
pub fn plan(
    store: &dyn StoreBackend,
    roots: &[&Verified<Root>],
    expected: &ExpectedSites,
    (since, now): (Timestamp, Timestamp),
) -> Result<PrunePlan, Failure> {
    let name = store.name();
    let entries = store.list("")?.ok_or_else(|| {
        Failure::Usage(crate::text!(
            vi: "{name} không liệt kê được tệp, nên không dọn được qua địa chỉ này; hãy dọn ngay trên máy chủ",
            en: "{name} can't list its files, so it can't be pruned by this address; prune it on the server itself"
        ))
    })?;
    let mut keep = RetainedSet::default();
    let sites = survey::sites(store)?.unwrap_or_default();
    for site in &sites {
        retain_site(store, roots, site, since, &mut keep)?;
    }
    if keep.heads.is_empty() {
        let path = "sites/";
        return Err(unknown_needs(store, &crate::text!(vi: "{path} không có bản phát hành nào", en: "{path} has no release")));
    }
    let (mut remove, mut kept) = (Vec::new(), 0);
    for entry in entries {
        let old = entry.modified < now.0 - GRACE_SECONDS;
        match removal_rank(&entry.path, &keep).filter(|_| old) {
            Some(rank) => remove.push((rank, entry)),
            None => kept += 1,
        }
    }
    remove.sort_by(|(a, first), (b, second)| (a, &first.path).cmp(&(b, &second.path)));
    let remove: Vec<StoreEntry> = remove.into_iter().map(|(_, entry)| entry).collect();
    if let Some(missing) = expected.missing(store, &sites, &remove)? {
        return Err(unknown_needs(store, &missing));
    }
    Ok(PrunePlan { sites, remove, kept, heads: keep.heads.len() })
}

/// The time `months` calendar months before `now`; 1970 if that is out of range.
pub fn months_before(now: Timestamp, months: u32) -> Timestamp {
    let then = DateTime::from_timestamp(now.0, 0).and_then(|time| time.checked_sub_months(Months::new(months)));
    Timestamp(then.map_or(0, |time| time.timestamp()))
}

/// Removes the planned files; returns the number removed, after a failure too.
pub fn execute(store: &dyn StoreBackend, plan: &PrunePlan) -> (usize, Result<(), Failure>) {
    let removed = AtomicUsize::new(0);
    let kind = |entry: &StoreEntry| entry.path.split('/').next().unwrap_or_default().to_owned();
    // Kind by kind: references go before their targets.
    let end = plan.remove.chunk_by(|a, b| kind(a) == kind(b)).try_for_each(|group| {
        parallel::try_for_each(store.max_writers(), group.iter().map(Ok), |entry| {
            store.remove(&entry.path)?;
            removed.fetch_add(1, Ordering::SeqCst);
            Ok(())
        })
    });
    (removed.into_inner(), end)
}

fn retain_site(
    store: &dyn StoreBackend,
    roots: &[&Verified<Root>],
    site: &SiteId,
    since: Timestamp,
    keep: &mut RetainedSet,
) -> Result<(), Failure> {
    let numbers = store.head_numbers(site)?;
    let newest_good = survey::newest_head(store, roots, site)?.map(|(head, _)| head.body().number());
    let hinted = store.hinted_head(site)?;
    if newest_good.is_none_or(|newest| newest < hinted) {
        let path = layout::heads(site);
        return Err(unknown_needs(
            store,
            &crate::text!(vi: "{path} thiếu bản phát hành mới nhất, hoặc bản đó hỏng", en: "{path} lacks the newest release, or it is damaged"),
        ));
    }
    for number in &numbers {
        let path = layout::head(site, *number);
        let bytes = store.read(&path, HEAD_BYTES)?.unwrap_or_default();
        let value: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
        let issued = value.as_ref().and_then(|value| Timestamp::parse(value["issued"].as_str()?));
        let recent = issued.is_some_and(|issued| issued >= since);
        // This command does not judge numbers above the newest good head.
        if !recent && *number != hinted && newest_good.is_some_and(|newest| *number < newest) {
            continue;
        }
        let head: Option<Head> = value.and_then(|value| serde_json::from_value(value).ok());
        let head = head.ok_or_else(|| unknown_needs(store, &missing_or_damaged(&path)))?;
        keep.heads.insert(path);
        for entry in &head.programs {
            if keep.programs.insert(entry.program) {
                keep.objects.extend(objects(store, entry.program)?);
            }
        }
    }
    Ok(())
}

/// The objects named by a program. Fails without its manifest: its objects are then unknown.
fn objects(store: &dyn StoreBackend, program: Digest) -> Result<Vec<Digest>, Failure> {
    let path = layout::program(program);
    let bytes = store.read(&path, MANIFEST_BYTES)?.filter(|bytes| Digest::of(bytes) == program);
    let program = bytes.and_then(|bytes| Program::parse(&bytes).ok()).ok_or_else(|| unknown_needs(store, &missing_or_damaged(&path)))?;
    Ok(program.manifest().files.iter().map(|file| file.sha256).collect())
}

fn missing_or_damaged(path: &str) -> Text {
    crate::text!(vi: "{path} thiếu hoặc hỏng", en: "{path} is missing or damaged")
}

/// The refusal of a store that does not tell what its releases need.
fn unknown_needs(store: &dyn StoreBackend, Text { vi, en }: &Text) -> Failure {
    let name = store.name();
    Failure::Refused(crate::text!(
        vi: "{name}: {vi}, nên không biết được gì còn cần; không dọn gì. Xem bằng: bangtin store check {name}",
        en: "{name}: {en}, so nobody can say what is still needed; nothing is removed. Look with: bangtin store check {name}"
    ))
}

/// The rank of a file in the order of removal; `None`: it stays.
fn removal_rank(path: &str, keep: &RetainedSet) -> Option<u8> {
    let parts: Vec<&str> = path.split('/').collect();
    let file = parts.last()?;
    // A stopped publisher left it.
    if file.starts_with(".tmp-") || file.ends_with(".tmp") {
        return Some(0);
    }
    let program = |name: &str| Digest::parse(name).filter(|digest| !keep.programs.contains(digest));
    let object = |name: &str| Digest::parse(name).filter(|digest| !keep.objects.contains(digest));
    match parts.as_slice() {
        ["sites", _, "heads", name] => {
            layout::parse_head_number(name)?;
            let document = path.strip_suffix(layout::SIGNATURE_SUFFIX).unwrap_or(path);
            (!keep.heads.contains(document)).then_some(1)
        }
        ["programs", name] => program(name.strip_suffix(".json")?).map(|_| 2),
        ["approvals", name, _] => program(name).map(|_| 3),
        ["packs", name, _] => program(name).map(|_| 4),
        ["blocks", _, name] => object(name).map(|_| 5),
        ["objects", _, name] => object(name).map(|_| 6),
        _ => None,
    }
}
