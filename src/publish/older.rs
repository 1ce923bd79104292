//! Names each approved program that was asked for by name and is older than the one whose place it takes: by mistake, that brings back what was
//! corrected. Never decides what is listed: `choice` does.

use super::context::PublishContext;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::store::publish::PublishableProgram;
use crate::trust::document::Verified;

/// A text for each. `listed`: the programs of the last head that may still be shown; `items`: those of the next.
pub fn texts(desk: &PublishContext<'_>, site: &SiteId, listed: &[PublishableProgram], items: &[PublishableProgram]) -> Vec<Text> {
    let named = items.iter().filter(|item| desk.programs.contains(&item.approved.program().digest()));
    named.filter_map(|item| text(desk, site, newer(listed, item)?, item)).collect()
}

/// The last program of the same period, if it is newer.
fn newer<'a>(listed: &'a [PublishableProgram], item: &PublishableProgram) -> Option<&'a PublishableProgram> {
    let period = |item: &PublishableProgram| (item.approved.program().manifest().kind, item.approved.program().manifest().month);
    let last = listed.iter().filter(|other| period(other) == period(item)).max_by_key(|other| other.approved.entry().from)?;
    (age(last)? > age(item)?).then_some(last)
}

/// When the newest of its approvals was signed, and its revision.
fn age(item: &PublishableProgram) -> Option<(Timestamp, u64)> {
    let signed = item.approved.approvals().iter().map(Verified::issued).max()?;
    Some((signed, item.approved.program().manifest().revision))
}

fn text(desk: &PublishContext<'_>, site: &SiteId, newer: &PublishableProgram, item: &PublishableProgram) -> Option<Text> {
    let (Text { vi, en }, Text { vi: vi_newer, en: en_newer }) = (named(desk, item)?, named(desk, newer)?);
    Some(crate::text!(
        vi: "{site}: chương trình cũ hơn sẽ thay chương trình đang phát hành:\n  {vi}\n  thay {vi_newer}",
        en: "{site}: an older program takes the place of the published one:\n  {en}\n  in place of the {en_newer}"
    ))
}

fn named(desk: &PublishContext<'_>, item: &PublishableProgram) -> Option<Text> {
    let (program, manifest) = (item.approved.program().digest().short(), item.approved.program().manifest());
    let (Text { vi, en }, (signed, revision)) = (manifest.kind.titled(&manifest.title), age(item)?);
    let Text { vi: vi_signed, en: en_signed } = desk.zone.moment(signed);
    Some(crate::text!(
        vi: "{vi} ({program}), lần sửa {revision}, ký duyệt lúc {vi_signed}",
        en: "{en} ({program}), revision {revision}, signed at {en_signed}"
    ))
}
