//! Names each program of the last release that the next one lists no more, and why, as far as nothing else has named it.
//! Never decides what leaves: `site` does.

use super::context::PublishContext;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::store::layout;
use crate::store::publish::PublishableProgram;
use crate::trust::head::HeadEntry;

/// A line for each. `before`: the entries of the last head; `listed`: those of them that are still approved; `after`: the entries of the next.
pub fn texts(
    desk: &PublishContext<'_>,
    site: &SiteId,
    (before, after): (&[HeadEntry], &[HeadEntry]),
    listed: &[PublishableProgram],
) -> Result<Vec<Text>, Failure> {
    let stays = |program: Digest| after.iter().any(|entry| entry.program == program);
    let mut out = Vec::new();
    for program in before.iter().map(|entry| entry.program).filter(|program| !stays(*program)) {
        match listed.iter().find(|item| item.approved.program().digest() == program) {
            Some(item) => out.push(listed_text(desk, site, item)),
            None if desk.without.contains(&program) => {}
            None if desk.store.size(&layout::program(program))?.is_none() => out.push(crate::text!(
                vi: "{site}: bản phát hành mới không còn chương trình {program}: kho thiếu bản kê của chương trình đó",
                en: "{site}: dropped program {program}: its manifest is missing from the store"
            )),
            // Judged, refused and told by the planner.
            None => {}
        }
    }
    Ok(out)
}

/// Whether one of the programs `before` is not among those `after`, since its time is over by this clock.
pub fn any_ended(desk: &PublishContext<'_>, before: &[PublishableProgram], after: &[PublishableProgram]) -> bool {
    let stays = |item: &PublishableProgram| after.iter().any(|other| other.approved.program().digest() == item.approved.program().digest());
    before.iter().any(|item| item.approved.program().manifest().valid.until.is_some_and(|until| until <= desk.now.0) && !stays(item))
}

fn listed_text(desk: &PublishContext<'_>, site: &SiteId, item: &PublishableProgram) -> Text {
    let (program, manifest) = (item.approved.program().digest(), item.approved.program().manifest());
    let Text { vi: vi_title, en: en_title } = manifest.kind.titled(&manifest.title);
    let (vi_leaves, en_leaves) = (
        format!("{site}: bản phát hành mới không còn {vi_title} ({program})"),
        format!("{site}: {en_title} ({program}) leaves the release"),
    );
    match manifest.valid.until.filter(|until| *until <= desk.now.0) {
        Some(until) => {
            let (Text { vi, en }, now) = (desk.zone.moment(Timestamp(until)), desk.zone.moment(desk.now));
            let (now_vi, now_en) = (now.vi, now.en);
            crate::text!(
                vi: "{vi_leaves}: đã hết thời gian chiếu từ {vi}, theo đồng hồ máy này ({now_vi})",
                en: "{en_leaves}: its time is over since {en}, by this computer's clock ({now_en})"
            )
        }
        None => crate::text!(
            vi: "{vi_leaves}: đã có chương trình khác của cùng kỳ thay thế",
            en: "{en_leaves}: another program of its period has taken its place"
        ),
    }
}
