//! Publishes all sites together: plans every part before it writes one.
//! Never decides about a program: `site` asks the judge.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::archive as record;
use super::choice;
use super::clock;
use super::context::PublishContext;
use super::older;
use super::read_back;
use super::remedies;
use super::site::{self, Planned, SitePlan};
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::filing::filed::{self, FiledProgram};
use crate::program::manifest;
use crate::store::backend::{StoreBackend, VerifyingReader};
use crate::store::layout;
use crate::store::publish::{self, NoProgress, Progress, Publication};
use crate::trust::hint::Hint;
use crate::trust::root::SignedRoot;

/// The parts of a publication.
pub struct PublicationPlan {
    pub sites: Vec<SitePlan>,
    /// About sites that wait for approvals.
    pub waiting: Vec<Text>,
}

impl PublicationPlan {
    /// Warnings about approvals that are dated as no right clock dates them.
    pub fn odd_approvals(&self, desk: &PublishContext<'_>) -> Vec<Text> {
        let first = desk.older.last().copied().unwrap_or(desk.root).issued();
        let odd = |plan: &SitePlan| {
            let approvals = plan.items.iter().flat_map(|item| item.approved.approvals());
            clock::odd_approvals(desk.now, &plan.news.site, approvals, (desk.root.body(), Some(first)), desk.zone)
        };
        self.sites.iter().flat_map(odd).collect()
    }

    /// That programs which were named are older than those whose place they take.
    pub fn older(&self, desk: &PublishContext<'_>) -> Vec<Text> {
        self.sites.iter().flat_map(|plan| older::texts(desk, &plan.news.site, &plan.earlier, &plan.items)).collect()
    }
}

/// Plans every site's part. One refusal stops the whole publication; all refusals are reported together. Sites that wait for approvals stop
/// the others only if there are no others.
pub fn plan_all(desk: &PublishContext<'_>, sites: &[SiteId]) -> Result<PublicationPlan, Failure> {
    choice::ensure_named_are_filed(desk, sites)?;
    let (mut plans, mut waiting, mut faults, mut refused) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for site in sites {
        match site::plan(desk, site, sites.len() == 1) {
            Ok(Planned::Ready(plan)) => plans.push(*plan),
            Ok(Planned::Waits(text)) => waiting.push(text),
            Ok(Planned::ClockBehind(text)) => return Err(Failure::Refused(text)),
            Err(Failure::Content(more)) => faults.extend(more),
            Err(Failure::Refused(Text { vi, en })) => refused.push(crate::text!(vi: "{site}: {vi}", en: "{site}: {en}")),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(Failure::Content(faults));
    }
    if plans.is_empty() {
        refused.extend(waiting.iter().cloned());
    }
    if !refused.is_empty() {
        let Text { vi, en } = remedies::joined(&refused);
        return Err(Failure::Refused(crate::text!(vi: "không phát hành gì mới:\n{vi}", en: "nothing new is published:\n{en}")));
    }
    let published = || plans.iter().flat_map(|plan| plan.published.iter().map(|program| (&plan.news.site, program)));
    match desk.without.iter().find(|digest| published().all(|(_, program)| program != *digest)) {
        Some(digest) => {
            let line = |(site, program): (&SiteId, &Digest)| -> Result<Text, Failure> {
                let filed = desk.filed.get(*program)?;
                Ok(filed.map_or_else(|| crate::text!(vi: "\n  {program}  {site}", en: "\n  {program}  {site}"), FiledProgram::list_line))
            };
            let Text { vi, en } = filed::joined(published().map(line).collect::<Result<Vec<_>, Failure>>()?.into_iter());
            Err(Failure::Usage(crate::text!(
                vi: "không phát hành gì: chương trình {digest} (--without) không có trong bản phát hành của các cụm này; hiện có:{vi}",
                en: "nothing is published: program {digest} (--without) is in no release of these sites; there are:{en}"
            )))
        }
        None => {
            let last_signed = plans.iter().filter_map(|plan| plan.last_signed).max();
            match last_signed.filter(|_| !desk.clock_is_right).and_then(|signed| clock::long_since(desk.now, signed, desk.zone)) {
                Some(text) => Err(Failure::Refused(text)),
                None => Ok(PublicationPlan { sites: plans, waiting }),
            }
        }
    }
}

/// What a publication did.
pub struct PublishResult {
    /// For the publisher.
    pub messages: Vec<Text>,
    /// Why programs and sites are kept out that should be on screens by now, a reason each; all of them are among the messages.
    pub left_out: Vec<Text>,
    /// The options that decide nothing at any site.
    pub idle: BTreeSet<&'static str>,
    /// About the store.
    pub warnings: Vec<Text>,
    pub hints: Vec<(SiteId, Hint)>,
}

/// Writes the archive, then the store; writes nothing if a player would refuse the result.
pub fn write(
    store: &dyn StoreBackend,
    archive: &dyn StoreBackend,
    chain: &[SignedRoot],
    PublicationPlan { sites, waiting }: PublicationPlan,
    watch: &dyn Progress,
) -> Result<PublishResult, Failure> {
    read_back::rehearse(store, chain, &sites)?;
    let (mut items, mut news, mut objects) = (Vec::new(), Vec::new(), BTreeMap::new());
    let (mut earlier, mut left_out, mut said) = (Vec::new(), waiting.clone(), waiting);
    let idle = sites.iter().map(|plan| plan.idle.iter().copied().collect::<BTreeSet<_>>());
    let idle = idle.reduce(|all, each| all.intersection(&each).copied().collect()).unwrap_or_default();
    for plan in sites {
        left_out.extend(plan.left_out);
        items.extend(plan.items);
        earlier.extend(plan.earlier);
        news.push(plan.news);
        said.extend(plan.messages);
        objects.extend(plan.objects);
    }
    let here = |file: &manifest::ManifestFile| {
        let built = objects.get(&file.sha256).cloned();
        built.or_else(|| [store, archive].into_iter().find_map(|place| place.local_source(file.sha256, file.size)))
    };
    // Files published by another machine are only in the store.
    let anywhere = |file: &manifest::ManifestFile| here(file).or_else(|| fetch_to_temp(store, file));
    publish::write_archive(archive, &Publication { roots: chain, items: &items, earlier: &earlier, find: &anywhere, watch: &NoProgress })?;
    let warning = publish::publish(store, &Publication { roots: chain, items: &items, earlier: &earlier, find: &here, watch }, &news)?;
    let roots: Vec<_> = chain.iter().rev().map(|files| &files.root).collect();
    news.iter().try_for_each(|each| record::keep_heads(store, archive, &roots, &each.site))?;
    let hints = news.into_iter().map(|each| (each.site, each.latest)).collect();
    Ok(PublishResult { messages: said, left_out, idle, warnings: warning.into_iter().collect(), hints })
}

/// Fetches an object from a store into a temporary file; `None` if the store does not have it intact.
fn fetch_to_temp(store: &dyn StoreBackend, file: &manifest::ManifestFile) -> Option<ByteSource> {
    let body = store.open(&layout::object(file.sha256)).ok()??;
    let (mut temporary, wrong) = (tempfile::NamedTempFile::new().ok()?, AtomicBool::new(false));
    let mut body = VerifyingReader::new(body, (file.sha256, file.size), &|_| (), &wrong);
    std::io::copy(&mut body, &mut temporary).ok()?;
    Some(ByteSource::Temporary(Arc::new(temporary.into_temp_path())))
}
