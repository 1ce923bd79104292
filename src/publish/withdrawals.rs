//! Withdrawals on their way into a store: before and without any head, since nothing may keep a player from learning of them.
//! Never decides whether one counts: `filing::withdrawals` asks the judges.

use super::roots;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{LATEST_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::filing::signed_files::RootFiles;
use crate::filing::withdrawals::Statement;
use crate::store::place::Place;
use crate::store::{documents, layout};
use crate::trust::latest::Latest;

/// Puts withdrawals into a store and into the hints of sites, before and without any head: nothing may keep a player from hearing of
/// them. The roots that they are judged by go first. Says what is new, if anything is.
pub fn ship(store: &dyn Place, chain: &[RootFiles], all: &[Statement], sites: &[SiteId]) -> Result<Option<Text>, Failure> {
    let Some(known) = in_store(store, all)? else { return Ok(None) };
    let signed: Vec<_> = all.iter().map(Statement::signed).collect();
    let (first, last) = (known + 1, all.len() as u64);
    if known == last {
        // Signatures may have been added to those that are there.
        return documents::put(store, documents::of_withdrawals(&signed)).map(|()| None);
    }
    let roots = roots::signed(chain);
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
