//! Publishes withdrawals into a store, before and without any head: nothing may keep them from players.
//! Never decides whether one counts: `filing::withdrawals` asks the judge.

use std::collections::BTreeSet;

use super::archived::ArchivedWithdrawals;
use super::installation::{self, NewStore};
use super::look;
use super::read_back;
use super::reader::StoreReader;
use super::withdrawal_count;
use super::withdrawal_waits;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::filing::withdrawal_copies::SignedWithdrawal;
use crate::filing::withdrawals::{self, StoredWithdrawal};
use crate::store::address::StoreAddress;
use crate::store::backend::StoreBackend;
use crate::store::documents;
use crate::store::layout;
use crate::trust::document::Verified;
use crate::trust::hint::Hint;
use crate::trust::root::SignedRoot;
use crate::trust::withdrawal::Withdrawal;

/// What was done; reported even if a later step fails.
pub struct Done<T> {
    /// Why a withdrawal is not published yet.
    pub warning: Option<Text>,
    /// What is new in the store.
    pub said: Option<Text>,
    pub end: Result<T, Failure>,
}

impl<T> Done<T> {
    fn of(work: impl FnOnce(&mut Done<()>) -> Result<T, Failure>) -> Self {
        let mut done = Done { warning: None, said: None, end: Ok(()) };
        let end = work(&mut done);
        Self { warning: done.warning, said: done.said, end }
    }
}

/// A store, opened to write into, and where it is read back from.
type Place<'a> = (&'a dyn StoreBackend, &'a StoreAddress, &'a [(String, String)]);

/// Publishes all fully signed withdrawals before anything else, whatever happens to the rest; returns them. Refuses a store or an archive of
/// another installation before it writes.
pub fn with_programs(
    place: Place<'_>,
    archive: &dyn StoreBackend,
    chain: &[SignedRoot],
    all: &[StoredWithdrawal],
    sites: &[SiteId],
) -> Done<Vec<Verified<Withdrawal>>> {
    let (store, ..) = place;
    Done::of(|done| {
        installation::ensure_same(store, chain)?;
        installation::ensure_same(archive, chain)?;
        let ready = ready(store, chain, all)?;
        done.warning = all.get(ready.len()).map(|statement| withdrawal_waits::half_signed(statement, None));
        done.said = publish_ready(place, chain, ready, sites)?;
        // The archive follows the store: a number that somebody else has used in the store must not be archived.
        documents::put(archive, ready.iter().flat_map(StoredWithdrawal::files))?;
        Ok(ready.iter().filter_map(StoredWithdrawal::complete).cloned().collect())
    })
}

/// What is known of a store before anything is published into it.
pub struct StoreBefore {
    /// Whether it holds nothing of this installation yet.
    pub is_new: bool,
    /// The withdrawals there that are not here; one may have the number of one here, which was not published.
    pub newer: Vec<SignedWithdrawal>,
}

/// Looks at a store before a publication. Refuses one of another installation, and a new one where the archive knows releases of these sites,
/// unless it is meant. Refuses another statement under a number that was published.
pub fn before(
    store: &dyn StoreBackend,
    archive: &dyn StoreBackend,
    chain: &[SignedRoot],
    (all, sites): (&[StoredWithdrawal], &[SiteId]),
    new_store: NewStore,
) -> Result<StoreBefore, Failure> {
    let is_new = installation::is_new(store, chain, sites)?;
    installation::ensure_same(archive, chain)?;
    let known = || sites.iter().try_fold(false, |known, site| Ok::<_, Failure>(known || !archive.head_numbers(site)?.is_empty()));
    if is_new && new_store == NewStore::Refuse && known()? {
        return Err(installation::not_there(store));
    }
    let newer = withdrawal_count::newer(store, chain, all)?;
    ArchivedWithdrawals::read(archive, sites)?.ensure_given_up(all, &newer)?;
    Ok(StoreBefore { is_new, newer })
}

/// The fully signed withdrawals that go into a store which has none yet.
pub fn for_new_store(chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    let ready = withdrawals::publishable(all, chain, &|_| Ok(false))?;
    Ok(ready.iter().filter_map(StoredWithdrawal::complete).cloned().collect())
}

/// Whom a withdrawal published alone reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The players of its sites.
    Players,
    /// No site has players yet: the withdrawal applies from the first publication on.
    FirstPublication,
}

/// Publishes all fully signed withdrawals alone, and reads them back as a player of each site. `takes_next`: what the look
/// before found.
pub fn alone(
    destination: &StoreAddress,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    (all, takes_next): (&[StoredWithdrawal], bool),
    sites: &[SiteId],
) -> Done<Reach> {
    Done::of(|done| {
        if !takes_next {
            look::newer(destination, environment, chain, (all, sites))?;
        }
        // A server's listing would be waited for, and is not needed: the few documents are asked for one by one.
        let store = destination.open_for_documents(environment)?;
        let ready = ready(&*store, chain, all)?;
        let said = publish_ready((&*store, destination, environment), chain, ready, sites)?;
        let (reader, mut reached) = (StoreReader::open(destination, environment)?, Reach::FirstPublication);
        read_back::ensure_kept(&reader, ready)?;
        done.said = said;
        for site in sites {
            // What a server lists need not be what it serves.
            if store.size(&layout::hint(site))?.is_some() || reader.has_hint(site) {
                read_back::ensure_withdrawals_served(&reader, chain, site, ready.len() as u64)?;
                reached = Reach::Players;
            }
        }
        Ok(reached)
    })
}

/// Returns the withdrawals that may be published.
fn ready<'a>(store: &dyn StoreBackend, chain: &[SignedRoot], all: &'a [StoredWithdrawal]) -> Result<&'a [StoredWithdrawal], Failure> {
    withdrawals::publishable(all, chain, &|number| Ok(store.size(&layout::withdrawal(number))?.is_some()))
}

/// Writes withdrawals into a store, reads them back, and raises the hints of sites; the roots that judge them go first. Returns what is new, if
/// anything. A hint that names what is not there would hold new players up.
fn publish_ready(
    (store, address, environment): Place<'_>,
    chain: &[SignedRoot],
    all: &[StoredWithdrawal],
    sites: &[SiteId],
) -> Result<Option<Text>, Failure> {
    let Some(known) = withdrawal_count::published(store, chain, all)? else { return Ok(None) };
    let (last, mut behind) = (all.len() as u64, Vec::new());
    for site in sites {
        // A site without a hint has no players yet; a run that was cut short leaves one that names fewer.
        behind.extend(store.hint(site)?.filter(|hint| known < last || hint.withdrawals < last).map(|hint| (site, hint)));
    }
    if known == last && behind.is_empty() {
        // Published withdrawals may have new signatures.
        let signed = put(store, chain, all, &[])?;
        return Ok((!signed.is_empty()).then(|| signatures_text(store, &signed)));
    }
    put(store, chain, all, chain)?;
    read_back::ensure_kept(&StoreReader::open(address, environment)?, all)?;
    let root = chain.last().map_or(0, |newest| newest.root.body().version);
    for (site, hint) in behind {
        store.replace_hint(&layout::hint(site), Hint { root: hint.root.max(root), withdrawals: last, ..hint })?;
    }
    let (name, first) = (store.name(), last.min(known + 1));
    Ok(Some(if first == last {
        crate::text!(vi: "Đã đưa văn bản thu hồi số {last} vào {name}", en: "Withdrawal {last} is in {name}")
    } else {
        crate::text!(vi: "Đã đưa văn bản thu hồi số {first}–{last} vào {name}", en: "Withdrawals {first}–{last} are in {name}")
    }))
}

/// What signatures alone have added to a store.
fn signatures_text(store: &dyn StoreBackend, numbers: &BTreeSet<u64>) -> Text {
    let (name, list) = (store.name(), numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    let (what, many) = if numbers.len() == 1 { ("a signature", "") } else { ("signatures", "s") };
    crate::text!(
        vi: "Đã đưa thêm chữ ký vào văn bản thu hồi số {list} trong kho {name}",
        en: "Added {what} to withdrawal{many} {list} in {name}"
    )
}

/// Writes all withdrawals, after these roots. Signature files there that hold no good signature give way; a document that is another is
/// named with the way out. Returns those of which the store lacked a signature.
fn put(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal], roots: &[SignedRoot]) -> Result<BTreeSet<u64>, Failure> {
    let mut signed = BTreeSet::new();
    for statement in all {
        for (kid, ours) in &statement.signatures {
            let path = layout::withdrawal_signature(statement.number, *kid);
            let stored = store.read(&path, SIGNATURE_BYTES)?;
            if stored.is_none() {
                signed.insert(statement.number);
            }
            let theirs = stored.filter(|theirs| theirs != ours);
            if theirs.is_some_and(|theirs| !withdrawal_count::is_signed(chain, statement.number, &statement.bytes, vec![theirs])) {
                store.remove(&path)?;
            }
        }
    }
    documents::put(store, documents::root_files(roots).chain(all.iter().flat_map(StoredWithdrawal::files))).map_err(|failure| {
        let other = |statement: &StoredWithdrawal| {
            let theirs = store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES).ok()??;
            (theirs != statement.bytes).then(|| withdrawal_count::different(store, chain, statement.number, &theirs).ok()).flatten()
        };
        all.iter().find_map(other).unwrap_or(failure)
    })?;
    Ok(signed)
}
