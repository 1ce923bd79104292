//! What to say of withdrawals that wait to be sent: signed in a content folder, and not in a store.
//! Never sends one, and never decides whether one counts: `filing::withdrawals` asks the judge.

use super::reader::StoreReader;
use super::verify::SiteReport;
use crate::base::failure::Failure;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::store::backend::StoreBackend;
use crate::store::check::StoreReport;
use crate::store::layout;
use crate::store::survey::StoreFaultKind;

/// Adds to the report on a site those that concern it. `url`: the store as typed; `all`: those of the content.
pub fn tell(report: &mut SiteReport, reader: &StoreReader, (url, all): (&str, &[StoredWithdrawal])) {
    // Of a store that does not answer nothing is known.
    if !report.answers {
        return;
    }
    let site = report.site.clone();
    let lacks = |number| reader.document(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES).is_ok_and(|found| found.is_none());
    let here = |each: &&StoredWithdrawal| each.body.scope.concerns(&site) && lacks(each.number);
    let (ready, half) = split(all);
    let waits: Vec<_> = ready.iter().filter(here).map(|each| not_sent(each, url)).collect();
    report.faults.extend(waits.iter().cloned());
    report.waits.extend(waits);
    report.warnings.extend(half.filter(here).map(|each| half_signed(each, Some(url))));
}

/// Adds to the report on a store those that it lacks; returns what is to be said of the one that lacks signatures.
pub fn add(report: &mut StoreReport, place: &dyn StoreBackend, (url, all): (&str, &[StoredWithdrawal])) -> Result<Option<Text>, Failure> {
    let lacks = |each: &StoredWithdrawal| Ok::<_, Failure>(place.size(&layout::withdrawal(each.number))?.is_none());
    let (ready, half) = split(all);
    for each in ready {
        if lacks(each)? {
            let text = crate::text!(
                vi: "nội dung đã có, kho chưa có: nội dung bị thu hồi vẫn đang chiếu",
                en: "the content has it, the store does not: what it withdraws is still shown"
            );
            report.faults.add(&layout::withdrawal(each.number), StoreFaultKind::Unsent, text);
        }
    }
    let waits = half.map(|each| lacks(each).map(|lacks| lacks.then(|| half_signed(each, Some(url))))).transpose()?;
    Ok(waits.flatten())
}

/// How those that a checked store lacks are sent. `all`: those of the content, which one command sends together.
pub fn remedy(report: &StoreReport, (url, all): (&str, &[StoredWithdrawal])) -> Option<Text> {
    let last = split(all).0.last().filter(|_| report.faults.any(&[StoreFaultKind::Unsent]))?;
    let Text { vi, en } = last.command(Some(url));
    Some(crate::text!(vi: "gửi văn bản thu hồi vào kho bằng: {vi}", en: "send the withdrawals to the store with: {en}"))
}

/// Those that may be sent, and the one that lacks signatures, past which none is.
fn split(all: &[StoredWithdrawal]) -> (&[StoredWithdrawal], Option<&StoredWithdrawal>) {
    let at = all.iter().position(|each| each.complete().is_none()).unwrap_or(all.len());
    (&all[..at], all.get(at))
}

fn not_sent(statement: &StoredWithdrawal, url: &str) -> Text {
    let (number, Text { vi, en }) = (statement.number, statement.command(Some(url)));
    crate::text!(
        vi: "văn bản thu hồi số {number} của nội dung còn chờ gửi, kho chưa có: nội dung bị thu hồi vẫn đang chiếu; gửi bằng: {vi}",
        en: "withdrawal {number} of the content waits to be sent: the store does not have it, and what it withdraws is still shown; send it with: {en}"
    )
}

/// That a withdrawal is not published yet, since it lacks signatures. `to`: the store that the next signer sends it to.
pub fn half_signed(statement: &StoredWithdrawal, to: Option<&str>) -> Text {
    let (number, role, Text { vi, en }) = (statement.number, &statement.body.role, statement.command(to));
    crate::text!(
        vi: "văn bản thu hồi số {number} còn thiếu chữ ký của vai trò {role}, chưa phát hành; ký thêm bằng: {vi}",
        en: "withdrawal {number} still lacks signatures of role {role} and is not published; sign it with: {en}"
    )
}
