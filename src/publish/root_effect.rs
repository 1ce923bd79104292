//! What roots will take off the screens of a store's sites: compares what a new player finds there with and without them.
//! Never writes.

use std::collections::BTreeSet;

use super::read_back;
use super::reader::PlannedStore;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::filing::drops::left_without_any;
use crate::player::pull::inspect::{InspectedProgram, Inspection};
use crate::store::backend::StoreBackend;
use crate::store::documents;
use crate::trust::root::SignedRoot;

/// See the module.
#[derive(Debug, Default)]
pub struct RootEffect {
    /// Programs that lose their approval, a line for each.
    pub lost: Vec<Text>,
    /// Sites that are left without any approved program.
    pub emptied: BTreeSet<SiteId>,
}

/// Looks at some sites of a store.
pub fn of(store: &dyn StoreBackend, chain: &[SignedRoot], sites: &BTreeSet<SiteId>, now: Timestamp) -> Result<RootEffect, Failure> {
    let mut effect = RootEffect::default();
    for site in sites {
        let before = read_back::inspect_as_player(site, chain, &PlannedStore::new(store))?;
        let mut planned = PlannedStore::new(store);
        documents::root_files(chain).try_for_each(|file| planned.overlay(file))?;
        let after = read_back::inspect_as_player(site, chain, &planned)?;
        let kept = counting(&after, now);
        let shown: BTreeSet<Digest> = counting(&before, now);
        let lost: Vec<_> =
            after.programs.iter().filter(|each| shown.contains(&each.entry.program)).filter_map(|each| line(site, each)).collect();
        if !lost.is_empty() && kept.is_empty() {
            effect.emptied.insert(site.clone());
        }
        effect.lost.extend(lost);
    }
    Ok(effect)
}

/// The programs that are approved, not withdrawn and not past.
fn counting(seen: &Inspection, now: Timestamp) -> BTreeSet<Digest> {
    let past = |until: Option<i64>| until.is_some_and(|until| until <= now.0);
    let counts = |each: &&InspectedProgram| {
        each.judged.as_ref().is_ok_and(|approved| !each.withdrawn.program && !past(approved.program().manifest().valid.until))
    };
    seen.programs.iter().filter(counts).map(|each| each.entry.program).collect()
}

fn line(site: &SiteId, lost: &InspectedProgram) -> Option<Text> {
    let (program, Text { vi: why_vi, en: why_en }) = (lost.entry.program, lost.judged.as_ref().err()?.text());
    let title = lost.program.as_ref().map_or_else(|| "?".to_owned(), |program| printable(&program.manifest().title));
    let Text { vi, en } = lost.entry.kind.titled(&title);
    Some(crate::text!(vi: "{site}: {vi} ({program}): {why_vi}", en: "{site}: {en} ({program}): {why_en}"))
}

impl RootEffect {
    /// All in one text; `None`: nothing is lost.
    pub fn to_text(&self) -> Option<Text> {
        let list = |pick: fn(&Text) -> &str| self.lost.iter().fold(String::new(), |all, text| all + "\n  " + pick(text));
        let (vi, en) = (list(|text| &text.vi), list(|text| &text.en));
        let left = left_without_any(&self.emptied).map(|Text { vi, en }| (format!("\n{vi}"), format!("\n{en}")));
        let (vi_left, en_left) = left.unwrap_or_default();
        (!self.lost.is_empty()).then(|| {
            crate::text!(
                vi: "văn bản phân quyền này làm các chương trình đang phát hành sau mất hiệu lực duyệt, các màn hình sẽ ngừng chiếu:{vi}{vi_left}",
                en: "with these roots, published programs lose their approval and leave the screens:{en}{en_left}"
            )
        })
    }
}
