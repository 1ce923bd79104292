//! Publishing, all sites together: all parts planned before one is written.
//! Never decides about a program: `publish_site` asks the judgement.

use std::collections::BTreeMap;

use super::publish_desk::Desk;
use super::publish_site::{self, SitePlan};
use super::trust_files::RootFiles;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::program::manifest;
use crate::store::layout;
use crate::store::publish::{self, SignedRoot};
use crate::store::tree::{Source, Tree};

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

/// Writes the archive, then the store; gives what to tell the publisher.
pub fn write(store: &Tree, archive: &Tree, chain: &[RootFiles], plans: Vec<SitePlan>) -> Result<Vec<Text>, Failure> {
    let roots: Vec<_> = chain.iter().map(|files| SignedRoot { root: &files.root, signatures: &files.signatures }).collect();
    let (mut items, mut news, mut objects, mut said) = (Vec::new(), Vec::new(), BTreeMap::new(), Vec::new());
    let mut earlier = Vec::new();
    for plan in plans {
        items.extend(plan.items);
        earlier.extend(plan.earlier);
        news.push(plan.news);
        said.extend(plan.said);
        objects.extend(plan.objects);
    }
    let find = |file: &manifest::File| {
        objects.get(&file.sha256).cloned().or_else(|| {
            let holder = [store, archive].into_iter().find(|tree| tree.has_object(file.sha256, file.size));
            holder.map(|tree| Source::File(tree.path(&layout::object(file.sha256))))
        })
    };
    publish::keep(archive, &roots, &items, &find)?;
    publish::packs(store, &items, &earlier, &find)?;
    publish::publish(store, &roots, &items, &find, &news)?;
    Ok(said)
}
