//! Publishing, all sites together: all parts planned before one is written.
//! Never decides about a program: `publish_site` asks the judgement.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::publish_desk::Desk;
use super::publish_site::{self, SitePlan};
use super::read_back::{self, Given};
use crate::base::bytes::ByteSource;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{LATEST_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::filing::signed_files::RootFiles;
use crate::filing::withdrawals::Statement;
use crate::program::manifest;
use crate::store::documents;
use crate::store::layout;
use crate::store::place::{Checked, Place};
use crate::store::publish::{self, Goods, SignedRoot, Unwatched, Watch};
use crate::trust::latest::Latest;

/// Plans every site's part; nothing may be written if one is refused.
pub fn plan_all(desk: &Desk<'_>, sites: &[SiteId]) -> Result<Vec<SitePlan>, Failure> {
    let (mut plans, mut faults, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for site in sites {
        match publish_site::plan(desk, site) {
            Ok(plan) => plans.push(plan),
            Err(Failure::Content(more)) => faults.extend(more),
            Err(Failure::Refused(Text { vi, en })) => refused.push(crate::text!(vi: "{site}: {vi}", en: "{site}: {en}")),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(Failure::Content(faults));
    }
    if !refused.is_empty() {
        let join = |texts: Vec<&str>| texts.join("\n");
        let (vi, en) = (join(refused.iter().map(|t| t.vi.as_str()).collect()), join(refused.iter().map(|t| t.en.as_str()).collect()));
        return Err(Failure::Refused(crate::text!(vi: "không phát hành gì:\n{vi}", en: "nothing is published:\n{en}")));
    }
    Ok(plans)
}

/// What a publication did.
pub struct Done {
    /// What to tell the publisher.
    pub said: Vec<Text>,
    /// What the publisher should know about the store.
    pub warning: Option<Text>,
    /// What each site was given.
    pub given: Vec<Given>,
}

/// Writes the archive, then the store; nothing if a player would not take it.
pub fn write(
    store: &dyn Place,
    archive: &dyn Place,
    chain: &[RootFiles],
    plans: Vec<SitePlan>,
    watch: &dyn Watch,
) -> Result<Done, Failure> {
    read_back::rehearse(store, chain, &plans)?;
    let roots = signed_roots(chain);
    let (mut items, mut news, mut objects, mut said) = (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
    let mut earlier = Vec::new();
    for plan in plans {
        items.extend(plan.items);
        earlier.extend(plan.earlier);
        news.push(plan.news);
        said.extend(plan.said);
        objects.extend(plan.objects);
    }
    let here = |file: &manifest::File| {
        let built = objects.get(&file.sha256).cloned();
        built.or_else(|| [store, archive].into_iter().find_map(|place| place.on_disk(file.sha256, file.size)))
    };
    // What another machine has published is in the store alone.
    let anywhere = |file: &manifest::File| here(file).or_else(|| fetched(store, file));
    publish::keep(archive, &Goods { roots: &roots, items: &items, earlier: &earlier, find: &anywhere, watch: &Unwatched })?;
    let warning = publish::publish(store, &Goods { roots: &roots, items: &items, earlier: &earlier, find: &here, watch }, &news)?;
    let given = news.into_iter().map(|each| Given { site: each.site, latest: each.latest }).collect();
    Ok(Done { said, warning, given })
}

/// Puts withdrawals into a store and into the hints of sites, before and without any head: nothing may keep a player from hearing of
/// them. The roots that they are judged by go first. Says what is new, if anything is.
pub fn ship_withdrawals(store: &dyn Place, chain: &[RootFiles], all: &[Statement], sites: &[SiteId]) -> Result<Option<Text>, Failure> {
    let Some(known) = in_store(store, all)? else { return Ok(None) };
    let signed: Vec<_> = all.iter().map(Statement::signed).collect();
    let (first, last) = (known + 1, all.len() as u64);
    if known == last {
        // Signatures may have been added to those that are there.
        return documents::put(store, documents::of_withdrawals(&signed)).map(|()| None);
    }
    let roots = signed_roots(chain);
    documents::put(store, documents::of_roots(&roots))?;
    documents::put(store, documents::of_withdrawals(&signed))?;
    let root = roots.last().map_or(0, |newest| newest.root.body().version);
    for site in sites {
        let path = layout::latest(site);
        // A site without a hint has no players yet.
        if let Some(hint) = store.read(&path, LATEST_BYTES)?.and_then(|bytes| Latest::parse(&bytes)) {
            store.replace(&path, Latest { root: hint.root.max(root), withdrawals: last, ..hint })?;
        }
    }
    let name = store.name();
    Ok(Some(crate::text!(
        vi: "đã đưa văn bản thu hồi số {first}–{last} vào {name}",
        en: "withdrawals {first}–{last} are in {name}"
    )))
}

/// How many withdrawals the store has; `None` if there are none anywhere. One that we do not know, or other bytes, are refused.
fn in_store(store: &dyn Place, all: &[Statement]) -> Result<Option<u64>, Failure> {
    let count = all.len() as u64;
    let ahead = store.size(&layout::withdrawal(count + 1))?.is_some();
    let mut known = None;
    for statement in all.iter().rev() {
        if let Some(bytes) = store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES)? {
            known = Some((statement.number, bytes == statement.bytes));
            break;
        }
    }
    let name = store.name();
    match known {
        _ if ahead => Err(Failure::Refused(crate::text!(
            vi: "{name} có nhiều văn bản thu hồi hơn {count} văn bản ở đây; lấy nội dung mới nhất về trước (git pull)",
            en: "{name} has more withdrawals than the {count} here; fetch the newest content first (git pull)"
        ))),
        Some((number, false)) => Err(Failure::Refused(crate::text!(
            vi: "văn bản thu hồi số {number} trong {name} khác với bản ở đây: hai người đã dùng cùng một số. Lấy nội dung mới nhất về (git pull), bỏ bản chưa phát hành ở đây rồi ký lại",
            en: "withdrawal {number} in {name} is another than the one here: two people used one number. Fetch the newest content (git pull), drop the one here that was not published, and sign anew"
        ))),
        Some((number, true)) => Ok(Some(number)),
        None => Ok((count > 0).then_some(0)),
    }
}

fn signed_roots(chain: &[RootFiles]) -> Vec<SignedRoot<'_>> {
    chain.iter().map(|files| SignedRoot { root: &files.root, signatures: &files.signatures }).collect()
}

/// An object fetched from a store into a temporary file; `None` if the store has no such bytes.
fn fetched(store: &dyn Place, file: &manifest::File) -> Option<ByteSource> {
    let body = store.open(&layout::object(file.sha256)).ok()??;
    let mut temporary = tempfile::NamedTempFile::new().ok()?;
    std::io::copy(&mut Checked::new(body, file.sha256, file.size, &|_| ()), &mut temporary).ok()?;
    Some(ByteSource::Temporary(Arc::new(temporary.into_temp_path())))
}
