//! What roots will take off the screens of a store's sites: judges what is published there with and without them.
//! Never writes.

use std::collections::BTreeSet;

use super::read_back;
use super::reader::PlannedStore;
use super::withdrawal_signatures::MissingSignatures;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::filing::drops::left_without_any;
use crate::filing::signed_files;
use crate::player::pull::inspect::InspectedProgram;
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
    /// Withdrawals that the store holds without the signatures which these roots ask for.
    pub unsigned: BTreeSet<u64>,
}

/// Looks at some sites of a store, into which signatures of withdrawals will go with the roots.
pub fn of(
    store: &dyn StoreBackend,
    (chain, signatures): (&[SignedRoot], &MissingSignatures),
    sites: &BTreeSet<SiteId>,
    now: Timestamp,
) -> Result<RootEffect, Failure> {
    let (mut effect, newest) = (RootEffect::default(), signed_files::newest(chain)?);
    let (here, mut planned) = (PlannedStore::new(store), PlannedStore::new(store));
    documents::root_files(chain).chain(signatures.files()).try_for_each(|file| planned.overlay(file))?;
    for site in sites {
        let before = read_back::inspect_as_player(site, chain, &here)?;
        // A new player may find less: a withdrawal that lacks signatures now keeps all from it. One that plays has the withdrawal.
        let after = before.judged_under(newest, site, &here).map_err(|error| Failure::External(error.reason))?;
        let (shown, kept) = (counting(&before.programs, now), counting(&after, now));
        let lost: Vec<_> = after.iter().filter(|each| shown.contains(&each.entry.program)).filter_map(|each| line(site, each)).collect();
        if !lost.is_empty() && kept.is_empty() {
            effect.emptied.insert(site.clone());
        }
        effect.lost.extend(lost);
        let unsigned = read_back::inspect_as_player(site, chain, &planned)?.unsigned;
        effect.unsigned.extend(unsigned.filter(|_| before.unsigned.is_none()));
    }
    Ok(effect)
}

/// The programs that are approved, not withdrawn and not past.
fn counting(programs: &[InspectedProgram], now: Timestamp) -> BTreeSet<Digest> {
    let past = |until: Option<i64>| until.is_some_and(|until| until <= now.0);
    let counts = |each: &&InspectedProgram| {
        each.judged.as_ref().is_ok_and(|approved| !each.withdrawn.program && !past(approved.program().manifest().valid.until))
    };
    programs.iter().filter(counts).map(|each| each.entry.program).collect()
}

fn line(site: &SiteId, lost: &InspectedProgram) -> Option<Text> {
    let (program, Text { vi: why_vi, en: why_en }) = (lost.entry.program, lost.judged.as_ref().err()?.text());
    let title = lost.program.as_ref().map_or_else(|| "?".to_owned(), |program| printable(&program.manifest().title));
    let Text { vi, en } = lost.entry.kind.titled(&title);
    Some(crate::text!(vi: "{site}: {vi} ({program}): {why_vi}", en: "{site}: {en} ({program}): {why_en}"))
}

impl RootEffect {
    /// What the store, written as on the command line, lacks of its withdrawals under these roots; `None`: nothing.
    pub fn unsigned_text(&self, store: &str) -> Option<Text> {
        let first = self.unsigned.first()?;
        Some(crate::text!(
            vi: "theo văn bản phân quyền này, văn bản thu hồi số {first} trong kho thiếu chữ ký: đầu phát mới hoặc bị mất dữ liệu không nhận bản phát hành nào cho đến khi kho có đủ; đưa chữ ký vào kho bằng bangtin publish, hoặc: bangtin withdraw --withdrawal {first} --key TỆP --to {store}",
            en: "under these roots withdrawal {first} in the store lacks signatures: a new player, or one that lost its data, takes no release until the store has them; bring them with bangtin publish, or: bangtin withdraw --withdrawal {first} --key FILE --to {store}"
        ))
    }

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
