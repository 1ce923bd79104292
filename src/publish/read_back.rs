//! Checks a publication as a player sees it: before a byte is written, and as it is served afterwards.
//! Runs the player's own steps: never judges by itself, never writes into a store.

use std::path::Path;

use super::reader::{PlannedStore, StoreReader};
use super::site::SitePlan;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::numbers;
use crate::base::text::Text;
use crate::filing::signed_files;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::player::pull::inspect::{self, InspectedProgram, Inspection};
use crate::player::pull::{PullError, Transport, provisioned_root};
use crate::store::backend::StoreBackend;
use crate::store::documents::{self, StoreFile};
use crate::store::layout;
use crate::store::object_check::{CheckDepth, ObjectFault};
use crate::trust::head::SignedHead;
use crate::trust::hint::Hint;
use crate::trust::root::SignedRoot;

/// Runs a new player of each site on the store as it will be.
pub fn rehearse(store: &dyn StoreBackend, chain: &[SignedRoot], plans: &[SitePlan]) -> Result<(), Failure> {
    let mut planned = PlannedStore::new(store);
    documents::root_files(chain).try_for_each(|file| planned.overlay(file))?;
    for plan in plans {
        documents::program_files(&plan.items).try_for_each(|file| planned.overlay(file))?;
        let (site, latest) = (&plan.news.site, plan.news.latest.to_bytes());
        let mut lay = |path, bytes| planned.overlay(StoreFile::Document(path, bytes));
        if let Some(SignedHead { number, bytes, signature }) = &plan.news.head {
            lay(layout::head_signature(site, *number), signature)?;
            lay(layout::head(site, *number), bytes)?;
        }
        lay(layout::hint(site), &latest)?;
    }
    for plan in plans {
        let site = &plan.news.site;
        let seen = inspect_as_player(site, chain, &planned)?;
        if let Some(Text { vi, en }) = refusal_text(&seen) {
            return Err(Failure::Refused(crate::text!(
                vi: "không phát hành gì: đầu phát ở {site} sẽ không nhận: {vi}; kiểm tra kho bằng: bangtin store check",
                en: "nothing is published: a player of {site} would not take it: {en}; check the store with: bangtin store check"
            )));
        }
    }
    Ok(())
}

/// Reads the served store as a new player of each site, with the hint that was written for it. A difference is an external failure, since
/// the signatures are good.
pub fn read_back(reader: &StoreReader, chain: &[SignedRoot], given: &[(SiteId, Hint)], depth: CheckDepth) -> Result<(), Failure> {
    for (site, latest) in given {
        let seen = reader.read(|source| inspect_as_player(site, chain, source))?;
        let wrong = match refusal_text(&seen).or_else(|| stale_text(&seen, latest)) {
            None => objects(reader, &seen, depth)?,
            wrong => wrong,
        };
        if let Some(Text { vi, en }) = wrong {
            return Err(Failure::External(crate::text!(
                vi: "đã ghi xong, nhưng nơi phục vụ không trả đúng những gì vừa phát hành cho {site}: {vi}. Đầu phát giữ chương trình đang có; hãy kiểm tra máy chủ và bộ nhớ đệm rồi chạy lại, hoặc xem chi tiết bằng: bangtin verify",
                en: "everything is written, but what is served for {site} is not what was published: {en}. Players keep what they have; check the server and its caches, then run this again, or see the details with: bangtin verify"
            )));
        }
    }
    Ok(())
}

/// Fails unless these withdrawals are served as they were written, each with a signature: a server may take a file and keep nothing.
pub fn ensure_kept(reader: &StoreReader, all: &[StoredWithdrawal]) -> Result<(), Failure> {
    let served = |path: &str, limit| reader.document(path, limit).map_err(unread);
    for statement in all {
        let number = statement.number;
        let is_kept = served(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)?.is_some_and(|bytes| bytes == statement.bytes);
        let mut signed = 0;
        for kid in statement.signatures.keys() {
            signed += usize::from(served(&layout::withdrawal_signature(number, *kid), SIGNATURE_BYTES)?.is_some());
        }
        if !is_kept || signed < statement.signatures.len() {
            return Err(Failure::External(crate::text!(
                vi: "máy chủ nhận tệp nhưng không trả lại văn bản thu hồi số {number} như đã ghi; hãy kiểm tra quyền ghi, dung lượng và bộ nhớ đệm của máy chủ",
                en: "the server took the files, but does not give back withdrawal {number} as it was written; check the server's rights, space and caches"
            )));
        }
    }
    Ok(())
}

/// Fails unless a new player of a site accepts this many withdrawals, whether or not it accepts the head.
pub fn ensure_withdrawals_served(reader: &StoreReader, chain: &[SignedRoot], site: &SiteId, count: u64) -> Result<(), Failure> {
    let seen = reader.read(|source| inspect_as_player(site, chain, source))?;
    let found = seen.withdrawals().len() as u64;
    if found >= count {
        return Ok(());
    }
    let all = numbers::counted(count, "withdrawal");
    let (vi, en) = seen.stopped.map(|stop| (format!(": {}", stop.reason.vi), format!(": {}", stop.reason.en))).unwrap_or_default();
    Err(Failure::External(crate::text!(
        vi: "đã ghi xong, nhưng đầu phát ở {site} mới thấy {found}/{count} văn bản thu hồi{vi}; hãy kiểm tra máy chủ và bộ nhớ đệm; tệp hỏng trong kho thì bangtin store check nêu tên, xóa đi rồi chạy lại lệnh này",
        en: "everything is written, but players of {site} see {found} of {all}{en}; check the server and its caches; a damaged file in the store is named by bangtin store check: remove it and run this again"
    )))
}

/// Inspects a store as a player of a site provisioned with the first root of the chain.
pub fn inspect_as_player(site: &SiteId, chain: &[SignedRoot], source: &dyn Transport) -> Result<Inspection, Failure> {
    let first = chain.first().ok_or_else(|| Failure::Refused(signed_files::no_root()))?;
    Ok(inspect::inspect(site, first.root.clone(), source))
}

/// Inspects a store as a player of a site provisioned with the root in a file, its signatures beside it.
pub fn as_player_with(site: &SiteId, root: &Path, source: &dyn Transport) -> Result<Inspection, Failure> {
    provisioned_root(root).map(|root| inspect::inspect(site, root, source)).map_err(Failure::Refused)
}

/// Why a player would refuse part of what is served.
fn refusal_text(seen: &Inspection) -> Option<Text> {
    if let Some(stop) = &seen.stopped {
        return Some(stop.reason.clone());
    }
    seen.programs.iter().find_map(refused)
}

/// Why a player would refuse a program of its head.
pub fn refused(seen: &InspectedProgram) -> Option<Text> {
    let program = seen.entry.program;
    let Text { vi, en } = seen.judged.as_ref().err()?.text();
    Some(crate::text!(vi: "chương trình {program}: {vi}", en: "program {program}: {en}"))
}

/// Reports a state older than the published one. A newer state is accepted: another publisher came right after.
fn stale_text(seen: &Inspection, given: &Hint) -> Option<Text> {
    let head = seen.head.as_ref().map(|head| head.body().number()).unwrap_or_default();
    let (root, withdrawals) = (seen.root().body().version, seen.withdrawals().len() as u64);
    let given_head = given.head_number();
    if head >= given_head && root >= given.root && withdrawals >= given.withdrawals {
        return None;
    }
    let Hint { root: given_root, withdrawals: given_withdrawals, .. } = given;
    let [taken, given_taken] = [withdrawals, *given_withdrawals].map(|count| numbers::counted(count, "withdrawal"));
    Some(crate::text!(
        vi: "còn thấy bản phát hành cũ {head}, văn bản phân quyền số {root}, {withdrawals} văn bản thu hồi; vừa phát hành bản {given_head}, văn bản phân quyền số {given_root}, {given_withdrawals} văn bản thu hồi",
        en: "an older state: release {head}, root {root}, {taken}; just published: release {given_head}, root {given_root}, {given_taken}"
    ))
}

fn unread(error: PullError) -> Failure {
    let Text { vi, en } = error.reason;
    Failure::External(crate::text!(vi: "không đọc lại được: {vi}", en: "can't read it back: {en}"))
}

fn objects(reader: &StoreReader, seen: &Inspection, depth: CheckDepth) -> Result<Option<Text>, Failure> {
    let wrong = reader.object_faults(seen, depth).map_err(unread)?;
    let count = wrong.len();
    Ok(wrong.into_iter().next().map(|(digest, what)| {
        let path = layout::object(digest);
        let Text { vi, en } = object_fault_text(what);
        crate::text!(vi: "{path} {vi} ({count} tệp như vậy)", en: "{path} {en} ({count} such files)")
    }))
}

/// Describes a fault of an object.
pub fn object_fault_text(wrong: ObjectFault) -> Text {
    match wrong {
        ObjectFault::Absent => crate::text!(vi: "không có", en: "is not there"),
        ObjectFault::Differs => crate::text!(vi: "có nội dung khác", en: "has different content"),
    }
}
