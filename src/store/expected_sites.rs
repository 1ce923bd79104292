//! Which sites a store has to have before anything is removed from it: a site that is not listed may be there all the same, or be missing by mistake.
//! Never removes anything.

use std::collections::BTreeSet;

use super::backend::{StoreBackend, StoreEntry};
use super::layout;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::MANIFEST_BYTES;
use crate::base::text::Text;
use crate::program::validate::Program;

/// The sites of a store, as far as they are known without it.
#[derive(Debug, Default)]
pub struct ExpectedSites {
    /// Those that have had releases, by the archive.
    pub published: Vec<SiteId>,
    /// Those of the content, which need not have had any.
    pub content: Vec<SiteId>,
    /// All that the store is for, if it is not for all.
    pub named: Vec<SiteId>,
}

impl ExpectedSites {
    /// Why a store that lists these sites may not be cleared of `remove`: it serves another one, or lacks the releases of one that has had some.
    pub fn missing(&self, store: &dyn StoreBackend, listed: &[SiteId], remove: &[StoreEntry]) -> Result<Option<Text>, Failure> {
        let of_programs = sites_of_programs(store, remove)?;
        let unlisted: BTreeSet<&SiteId> = [&self.published, &self.content, &self.named, &of_programs]
            .into_iter()
            .flatten()
            .filter(|site| !listed.contains(site))
            .collect();
        for site in &unlisted {
            // Asked of the server itself: elsewhere a file that its listing lacks is not there.
            if store.open(&layout::hint(site))?.is_some() {
                return Ok(Some(crate::text!(
                    vi: "cụm {site} có latest.json nhưng không có trong danh sách tệp của kho",
                    en: "site {site} has a latest.json, and the store does not list it"
                )));
            }
        }
        let had_some = |site: &SiteId| self.published.contains(site) || of_programs.contains(site);
        let meant = |site: &SiteId| if self.named.is_empty() { had_some(site) } else { self.named.contains(site) };
        let lost: Vec<&str> = unlisted.into_iter().filter(|site| meant(site)).map(SiteId::as_str).collect();
        let sites = lost.join(", ");
        Ok((!lost.is_empty()).then(|| {
            crate::text!(
                vi: "trong kho không có bản phát hành nào của {sites}, là cụm đã từng phát hành (nếu thư mục sites/ của cụm bị chuyển đi thì đưa về; nếu cụm đã thôi hẳn, hoặc kho chỉ dành cho vài cụm, thì nêu mọi cụm của kho bằng --site)",
                en: "the store has no release of {sites}, which had some (if the folder below sites/ was moved away, bring it back; if the site was given up, or the store is for some sites only, name all sites of the store with --site)"
            )
        }))
    }
}

/// The sites of the programs among these files; of a damaged one, nobody knows.
fn sites_of_programs(store: &dyn StoreBackend, files: &[StoreEntry]) -> Result<Vec<SiteId>, Failure> {
    let mut sites = Vec::new();
    for entry in files {
        let named = entry.path.strip_prefix("programs/").and_then(|name| Digest::parse(name.strip_suffix(".json")?));
        let Some(digest) = named else { continue };
        let bytes = store.read(&entry.path, MANIFEST_BYTES)?.filter(|bytes| Digest::of(bytes) == digest);
        sites.extend(bytes.and_then(|bytes| Program::parse(&bytes).ok()).map(|program| program.manifest().site.clone()));
    }
    Ok(sites)
}
