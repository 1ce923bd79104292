//! Looks at the store that a withdrawal is for before it is signed: whether it takes the next one, which programs it lists, and which withdrawals of
//! others are not here yet. Waits ten seconds or so: a store that does not answer, or not as a store does, keeps nobody from signing. Never writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::archived::ArchivedWithdrawals;
use super::installation;
use super::withdrawal_count;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::slow;
use crate::base::text::Text;
use crate::filing::withdrawal_copies::SignedWithdrawal;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::store::address::StoreAddress;
use crate::store::backend::StoreBackend;
use crate::store::folder_store::FolderStore;
use crate::store::layout;
use crate::store::survey;
use crate::trust::root::SignedRoot;

/// How long the answer to one question is waited for: a little longer than a connection is tried, so that its failure is named.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is known of a store before a withdrawal is signed.
pub struct StoreSurvey {
    /// The programs that its newest heads list, else those that the archive holds; none if neither can be read.
    pub listed: BTreeSet<Digest>,
    /// Whether it takes the next withdrawal; not known of one that does not answer as a store does, which keeps nobody from signing.
    pub takes_next: bool,
    /// The withdrawals there that are not here yet: the next number comes after them.
    pub newer: Vec<SignedWithdrawal>,
    /// The last number that the archive has, or the store of the one here that lacks signatures; 0 if there is none.
    pub published: u64,
    /// What of the archive can't be read, and what to do: it may know of more withdrawals.
    pub unreadable: Vec<Text>,
}

/// Reads the store that a withdrawal is for, if one is named. Refuses, before anything is signed for it, one that does not take the next.
pub fn look(
    store: Option<&StoreAddress>,
    archive: &Path,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    (all, sites): (&[StoredWithdrawal], &[SiteId]),
) -> Result<StoreSurvey, Failure> {
    let answer = match store.map(|address| newer(address, environment, chain, (all, sites))).transpose() {
        Err(Failure::External(_)) => None,
        answer => answer?,
    };
    let (takes_next, newer) = (answer.is_some(), answer.unwrap_or_default());
    let kept = FolderStore::open_read_only(archive).ok();
    let (mut published, mut unreadable) = (0, Vec::new());
    match kept.as_ref().map(|archive| ArchivedWithdrawals::read(archive, sites)) {
        None => {}
        Some(Ok(known)) => {
            known.ensure_given_up(all, &newer)?;
            known.ensure_all_here(newer.last().map_or(all.len() as u64, |last| last.number))?;
            (published, unreadable) = (known.last, known.unreadable);
        }
        // What has to leave the screens does not wait until the archive is whole.
        Some(Err(failure)) => unreadable.extend(failure.text().cloned()),
    }
    let pending = all.last().filter(|last| last.complete().is_none()).map(|last| last.number);
    let there = pending.zip(store).filter(|(number, address)| takes_next && has(address, environment, *number).unwrap_or(false));
    let published = there.map_or(published, |(number, _)| number);
    let current = store.filter(|_| takes_next).map(|address| listed(address, environment, chain, sites));
    if let Some(listed) = current.and_then(Result::ok).filter(|listed| !listed.is_empty()) {
        return Ok(StoreSurvey { listed, takes_next, newer, published, unreadable });
    }
    let kept = kept.and_then(|archive| archive.list("programs").ok().flatten()).unwrap_or_default();
    let kept = kept.iter().filter_map(|entry| Digest::parse(entry.path.strip_prefix("programs/")?.strip_suffix(".json")?));
    Ok(StoreSurvey { listed: kept.collect(), takes_next, newer, published, unreadable })
}

/// Whether a store has a file under the number of a withdrawal.
fn has(address: &StoreAddress, environment: &[(String, String)], number: u64) -> Result<bool, Failure> {
    ask(address, environment, move |store| Ok(store.read(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)?.is_some()))
}

/// The withdrawals in a store that are not here. Refuses a store of another installation, one that holds nothing of this content (a misspelt
/// address would say that it has the withdrawal, and no screen would), and one that has something else than a fully signed statement under a
/// number used here.
pub fn newer(
    address: &StoreAddress,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    (all, sites): (&[StoredWithdrawal], &[SiteId]),
) -> Result<Vec<SignedWithdrawal>, Failure> {
    let (chain, all, sites) = (chain.to_vec(), all.to_vec(), sites.to_vec());
    ask(address, environment, move |store| {
        let new = installation::is_new(store, &chain, &sites)?;
        let name = store.name();
        if !new {
            return withdrawal_count::newer(store, &chain, &all);
        }
        Err(Failure::Refused(crate::text!(
            vi: "{name} chưa có bản phát hành nào của nội dung này; hãy kiểm tra lại địa chỉ kho",
            en: "{name} holds no publication of this content; check the store's address"
        )))
    })
}

/// The programs that the newest heads of these sites list.
fn listed(
    address: &StoreAddress,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    sites: &[SiteId],
) -> Result<BTreeSet<Digest>, Failure> {
    let (chain, sites) = (chain.to_vec(), sites.to_vec());
    ask(address, environment, move |store| {
        let roots: Vec<_> = chain.iter().rev().map(|files| &files.root).collect();
        let heads = sites.iter().filter_map(|site| survey::newest_head(store, &roots, site).ok().flatten());
        Ok(heads.flat_map(|(head, _)| head.body().programs.clone()).map(|entry| entry.program).collect())
    })
}

/// Asks the store at an address; fails if it has not answered in time.
fn ask<T: Send + 'static>(
    address: &StoreAddress,
    environment: &[(String, String)],
    question: impl FnOnce(&dyn StoreBackend) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (at, environment) = (address.clone(), environment.to_vec());
    let answer = slow::within(PATIENCE, move || question(&*at.open_unlisted(&environment)?));
    answer.unwrap_or_else(|| {
        let seconds = PATIENCE.as_secs();
        Err(Failure::External(crate::text!(
            vi: "{address}: kho không trả lời trọn vẹn trong {seconds} giây; hãy kiểm tra mạng và địa chỉ",
            en: "{address}: no whole answer within {seconds} seconds; check the network and the address"
        )))
    })
}
