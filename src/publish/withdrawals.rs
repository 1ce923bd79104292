//! Publishes withdrawals into a store, before and without any head: nothing may keep them from players. Finds which programs are listed there.
//! Never decides whether one counts: `filing::withdrawals` asks the judge.

use std::collections::BTreeSet;
use std::path::Path;

use super::installation;
use super::read_back;
use super::reader::StoreReader;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::filing::withdrawals::{self, StoredWithdrawal};
use crate::store::address::StoreAddress;
use crate::store::backend::StoreBackend;
use crate::store::documents;
use crate::store::folder_store::FolderStore;
use crate::store::layout;
use crate::store::survey;
use crate::trust::document::Verified;
use crate::trust::hint::Hint;
use crate::trust::judge;
use crate::trust::keys::KeyId;
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

/// Publishes all fully signed withdrawals before anything else, whatever happens to the rest; returns them. Refuses a store or an archive of
/// another installation before it writes.
pub fn with_programs(
    store: &dyn StoreBackend,
    archive: &dyn StoreBackend,
    chain: &[SignedRoot],
    all: &[StoredWithdrawal],
    sites: &[SiteId],
) -> Done<Vec<Verified<Withdrawal>>> {
    Done::of(|done| {
        installation::ensure_same(store, chain)?;
        installation::ensure_same(archive, chain)?;
        let ready = ready(store, chain, all)?;
        done.warning = all.get(ready.len()).map(waiting);
        done.said = publish_ready(store, chain, ready, sites)?;
        // The archive follows the store: a number that somebody else has used in the store must not be archived.
        documents::put(archive, ready.iter().flat_map(StoredWithdrawal::files))?;
        Ok(ready.iter().filter_map(StoredWithdrawal::complete).cloned().collect())
    })
}

/// Whom a withdrawal published alone reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The players of its sites.
    Players,
    /// No site has players yet: the withdrawal applies from the first publication on.
    FirstPublication,
}

/// What is known of a store before a withdrawal is signed.
pub struct StoreSurvey {
    /// The programs that its newest heads list, else those that the archive holds; none if neither can be read.
    pub listed: BTreeSet<Digest>,
    /// Whether it takes the next withdrawal; not known of one that can't be reached, which keeps nobody from signing.
    pub takes_next: bool,
}

/// Reads the store that a withdrawal is for, if one is named. Refuses, before anything is signed for it, one that does not take the next.
pub fn look(
    store: Option<&StoreAddress>,
    archive: &Path,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    (all, sites): (&[StoredWithdrawal], &[SiteId]),
) -> Result<StoreSurvey, Failure> {
    let store = match store.map(|address| address.open_read_only(environment)).transpose() {
        Err(Failure::External(_)) => None,
        store => store?,
    };
    let takes_next = match store.as_ref().map(|store| ensure_takes_next(&**store, chain, all, sites)).transpose() {
        Err(Failure::External(_)) => false,
        judged => judged?.is_some(),
    };
    let store = store.filter(|_| takes_next);
    let roots: Vec<_> = chain.iter().rev().map(|files| &files.root).collect();
    let heads = store.iter().flat_map(|store| sites.iter().filter_map(|site| survey::newest_head(&**store, &roots, site).ok().flatten()));
    let current: BTreeSet<Digest> = heads.flat_map(|(head, _)| head.body().programs.clone()).map(|entry| entry.program).collect();
    if !current.is_empty() {
        return Ok(StoreSurvey { listed: current, takes_next });
    }
    let kept = FolderStore::open_read_only(archive).and_then(|archive| archive.list("programs")).ok().flatten().unwrap_or_default();
    let kept = kept.iter().filter_map(|entry| Digest::parse(entry.path.strip_prefix("programs/")?.strip_suffix(".json")?));
    Ok(StoreSurvey { listed: kept.collect(), takes_next })
}

/// Refuses a store of another installation, one that holds nothing of this content (a misspelt address would say that it has the withdrawal, and
/// no screen would), and one that has withdrawals which are not here: the next number is taken there.
fn ensure_takes_next(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal], sites: &[SiteId]) -> Result<(), Failure> {
    let mut hints = sites.iter().map(layout::hint);
    let same = installation::ensure_same(store, chain)?;
    let found = hints.try_fold(same, |found, path| Ok::<_, Failure>(found || store.size(&path)?.is_some()))?;
    published_count(store, chain, all)?;
    let name = store.name();
    if found {
        return Ok(());
    }
    Err(Failure::Refused(crate::text!(
        vi: "{name} chưa có bản phát hành nào của nội dung này; hãy kiểm tra lại địa chỉ kho",
        en: "{name} holds no publication of this content; check the store's address"
    )))
}

/// Publishes all fully signed withdrawals alone, and reads them back as a player of each site. `takes_next`: what [`look`] found.
pub fn alone(
    destination: &StoreAddress,
    environment: &[(String, String)],
    chain: &[SignedRoot],
    (all, takes_next): (&[StoredWithdrawal], bool),
    sites: &[SiteId],
) -> Done<Reach> {
    Done::of(|done| {
        if !takes_next {
            ensure_takes_next(&*destination.open_read_only(environment)?, chain, all, sites)?;
        }
        let store = destination.open(environment)?;
        let ready = ready(&*store, chain, all)?;
        done.said = publish_ready(&*store, chain, ready, sites)?;
        let (reader, mut reached) = (StoreReader::open(destination, environment)?, Reach::FirstPublication);
        for site in sites {
            if store.size(&layout::hint(site))?.is_some() {
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

fn waiting(statement: &StoredWithdrawal) -> Text {
    let (number, role, Text { vi, en }) = (statement.number, &statement.body.role, statement.command(None));
    crate::text!(
        vi: "văn bản thu hồi số {number} còn thiếu chữ ký của vai trò {role}, chưa phát hành; ký thêm bằng: {vi}",
        en: "withdrawal {number} still lacks signatures of role {role} and is not published; sign it with: {en}"
    )
}

/// Writes withdrawals into a store and into the hints of sites; the roots that judge them go first. Returns what is new, if anything.
fn publish_ready(
    store: &dyn StoreBackend,
    chain: &[SignedRoot],
    all: &[StoredWithdrawal],
    sites: &[SiteId],
) -> Result<Option<Text>, Failure> {
    let Some(known) = published_count(store, chain, all)? else { return Ok(None) };
    let (last, mut behind) = (all.len() as u64, Vec::new());
    for site in sites {
        // A site without a hint has no players yet; a run that was cut short leaves one that names fewer.
        behind.extend(store.hint(site)?.filter(|hint| known < last || hint.withdrawals < last).map(|hint| (site, hint)));
    }
    if known == last && behind.is_empty() {
        // Published withdrawals may have new signatures.
        return put(store, chain, all, &[]).map(|()| None);
    }
    put(store, chain, all, chain)?;
    let root = chain.last().map_or(0, |newest| newest.root.body().version);
    for (site, hint) in behind {
        store.replace_hint(&layout::hint(site), Hint { root: hint.root.max(root), withdrawals: last, ..hint })?;
    }
    let (name, first) = (store.name(), last.min(known + 1));
    Ok(Some(if first == last {
        crate::text!(vi: "đã đưa văn bản thu hồi số {last} vào {name}", en: "withdrawal {last} is in {name}")
    } else {
        crate::text!(vi: "đã đưa văn bản thu hồi số {first}–{last} vào {name}", en: "withdrawals {first}–{last} are in {name}")
    }))
}

/// Writes all withdrawals, after these roots. Signature files there that hold no good signature give way; a document that is another is
/// named with the way out.
fn put(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal], roots: &[SignedRoot]) -> Result<(), Failure> {
    for statement in all {
        for (kid, ours) in &statement.signatures {
            let path = layout::withdrawal_signature(statement.number, *kid);
            let theirs = store.read(&path, SIGNATURE_BYTES)?.filter(|theirs| theirs != ours);
            if theirs.is_some_and(|theirs| !is_signed(chain, statement.number, &statement.bytes, vec![theirs])) {
                store.remove(&path)?;
            }
        }
    }
    documents::put(store, documents::root_files(roots).chain(all.iter().flat_map(StoredWithdrawal::files))).map_err(|failure| {
        let other = |statement: &StoredWithdrawal| {
            let theirs = store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES).ok()??;
            (theirs != statement.bytes).then(|| different(store, chain, statement.number, &theirs).ok()).flatten()
        };
        all.iter().find_map(other).unwrap_or(failure)
    })
}

/// Whether a root of the chain lets one of these signatures count for a withdrawal.
fn is_signed(chain: &[SignedRoot], number: u64, bytes: &[u8], signatures: Vec<Vec<u8>>) -> bool {
    chain.iter().any(|files| judge::partial_withdrawal(&files.root, number, bytes.to_vec(), signatures.clone()).is_ok())
}

/// Counts the withdrawals in the store; `None` if there are none there and none here. Refuses unknown withdrawals and different content.
fn published_count(store: &dyn StoreBackend, chain: &[SignedRoot], all: &[StoredWithdrawal]) -> Result<Option<u64>, Failure> {
    let count = all.len() as u64;
    let ahead = store.size(&layout::withdrawal(count + 1))?.is_some();
    let mut known = None;
    for statement in all.iter().rev() {
        if let Some(bytes) = store.read(&layout::withdrawal(statement.number), SMALL_DOCUMENT_BYTES)? {
            known = Some((statement, bytes));
            break;
        }
    }
    let name = store.name();
    match known {
        _ if ahead => Err(Failure::Refused(crate::text!(
            vi: "{name} có nhiều văn bản thu hồi hơn {count} văn bản ở đây; lấy nội dung mới nhất về trước (git pull)",
            en: "{name} has more withdrawals than the {count} here; fetch the newest content first (git pull)"
        ))),
        Some((here, bytes)) if bytes != here.bytes => Err(different(store, chain, here.number, &bytes)?),
        Some((here, _)) => Ok(Some(here.number)),
        None => Ok((count > 0).then_some(0)),
    }
}

/// Why the withdrawal of this number in a store is not the one here: its file is damaged, or somebody else has used the number.
fn different(store: &dyn StoreBackend, chain: &[SignedRoot], number: u64, bytes: &[u8]) -> Result<Failure, Failure> {
    let reviewers: BTreeSet<KeyId> = chain.iter().flat_map(|files| files.root.body().reviewers()).collect();
    let read = |kid: &KeyId| store.read(&layout::withdrawal_signature(number, *kid), SIGNATURE_BYTES).transpose();
    let signatures: Vec<Vec<u8>> = reviewers.iter().filter_map(read).collect::<Result<_, Failure>>()?;
    let (name, path) = (store.name(), layout::withdrawal(number));
    Ok(Failure::Refused(if is_signed(chain, number, bytes, signatures) {
        crate::text!(
            vi: "văn bản thu hồi số {number} trong {name} khác với bản ở đây: hai người đã dùng cùng một số. Lấy nội dung mới nhất về (git pull), bỏ bản chưa phát hành ở đây rồi ký lại",
            en: "withdrawal {number} in {name} is another than the one here: two people used one number. Fetch the newest content (git pull), drop the one here that was not published, and sign anew"
        )
    } else {
        crate::text!(
            vi: "{name}: {path} hỏng hoặc thiếu chữ ký, đầu phát mới dừng lại ở đó; xóa tệp này trong kho rồi chạy lại lệnh này, bản ở đây sẽ thay vào",
            en: "{name}: {path} is damaged or lacks its signature, and new players stop there; remove this file from the store and run this again: the one here takes its place"
        )
    }))
}
