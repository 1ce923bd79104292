//! Plans one site's part of a publication: chooses the programs of its next head and judges them as a player does.
//! Never writes anything.

use std::collections::BTreeMap;

use super::context::PublishContext;
use super::head;
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::MANIFEST_BYTES;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::build::compile::BuiltProgram;
use crate::content::model::values::Period;
use crate::filing::filed::Claim;
use crate::filing::judged::{judge_filed, judge_with_named_approvals};
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::publish::{PublishableProgram, SiteUpdate};
use crate::store::survey::{self, StoredHead};
use crate::trust::document::Verified;
use crate::trust::head::HeadEntry;
use crate::trust::judge::{self, Approved};
use crate::trust::next_head::{self, HeadCandidate};

/// Seconds from publication until a new program takes over, so that every site has it by then.
const LEAD_SECONDS: i64 = 15 * 60;

/// One site's part, ready to be written.
pub struct SitePlan {
    /// Programs of the next head.
    pub items: Vec<PublishableProgram>,
    /// Programs of the last head, which players hold.
    pub earlier: Vec<PublishableProgram>,
    /// Bytes of the programs' files, as far as they were built now.
    pub objects: BTreeMap<Digest, ByteSource>,
    pub news: SiteUpdate,
    /// For the publisher.
    pub messages: Vec<Text>,
}

/// Plans a site's part. Fails on a requested program that is past or not approved, a missing evergreen program, a store ahead of the root.
pub fn plan(desk: &PublishContext<'_>, site: &SiteId) -> Result<SitePlan, Failure> {
    let roots: Vec<_> = std::iter::once(desk.root).chain(desk.older.iter().copied()).collect();
    let previous = survey::newest_head(desk.store, &roots, site)?;
    let mut said = Vec::new();
    let listed = retained_programs(desk, site, previous.as_ref(), &mut said)?;
    let (mut chosen, mut objects) = (Vec::new(), BTreeMap::new());
    for period in periods(desk, site)? {
        let built = (desk.build)(site, period)?;
        match approved_program(desk, site, &built, period) {
            Ok(item) => chosen.push(item),
            Err(Failure::Refused(reason)) if may_keep_evergreen(desk, period, &listed) => said.push(kept_evergreen_text(site, &reason)),
            Err(Failure::Refused(reason)) if may_skip_month(desk, period, &built.program) => said.push(skipped_text(site, &reason)),
            Err(failure) => return Err(failure),
        }
        objects.extend(built.objects);
    }
    let entries = entries(desk, previous.as_ref(), &listed, &chosen);
    let named = |digest: &Digest| entries.iter().any(|entry| entry.program == *digest);
    let items =
        listed.iter().cloned().chain(chosen).map(|item| (item.approved.program().digest(), item)).filter(|(digest, _)| named(digest));
    let items: Vec<_> = items.collect::<BTreeMap<_, _>>().into_values().collect();
    let judged: Vec<Approved> = items.iter().map(|item| item.approved.clone()).collect();
    judge::ensure_evergreen_left(&judged).map_err(|refusal| {
        let Text { vi, en } = refusal.text();
        Failure::Refused(crate::text!(
            vi: "{vi}; mỗi cụm phải có chương trình thường xuyên đã duyệt (bangtin approve --evergreen)",
            en: "{en}; every site needs one (bangtin approve --evergreen)"
        ))
    })?;
    let news = head::next_head(desk, site, previous.as_ref(), entries)?;
    said.push(head::update_text(desk, site, &news, &items));
    Ok(SitePlan { items, earlier: listed, objects, news, messages: said })
}

/// Returns the programs of the last head that may still be shown, judged again.
fn retained_programs(
    desk: &PublishContext<'_>,
    site: &SiteId,
    previous: Option<&StoredHead>,
    said: &mut Vec<Text>,
) -> Result<Vec<PublishableProgram>, Failure> {
    let mut kept = Vec::new();
    for entry in previous.map_or(&[][..], |(head, _)| &head.body().programs) {
        let program = entry.program;
        if desk.without.contains(&program) {
            said.push(crate::text!(vi: "{site}: gỡ {program}", en: "{site}: taken off: {program}"));
            continue;
        }
        let Some(manifest) = desk.store.read(&layout::program(program), MANIFEST_BYTES)? else { continue };
        let mut files = BTreeMap::new();
        for kid in &entry.approvals {
            files.extend(desk.store.approval(program, *kid)?.map(|file| (*kid, file)));
        }
        if let Some(filed) = desk.filed.get(program)? {
            for (kid, file) in &filed.files {
                files.entry(*kid).or_insert_with(|| file.clone());
            }
        }
        match judge_with_named_approvals(desk.root, site, entry, manifest, &files) {
            Ok(item) => match withdrawal_reason(desk, item.approved.program()) {
                None => kept.push(item),
                Some(Text { vi, en }) => said.push(crate::text!(vi: "{site}: bỏ {program}: {vi}", en: "{site}: dropped {program}: {en}")),
            },
            Err(refusal) => {
                let Text { vi, en } = refusal.text();
                said.push(crate::text!(vi: "{site}: bỏ {program}: {vi}", en: "{site}: dropped {program}: {en}"));
            }
        }
    }
    Ok(kept)
}

/// The periods to publish: the requested months, else every month with a filed program that is not past; always the evergreen week.
fn periods(desk: &PublishContext<'_>, site: &SiteId) -> Result<Vec<Period>, Failure> {
    let mut months = desk.months.clone();
    if months.is_empty() {
        let filed = desk.filed.read_claimed(|Claim { approval, .. }| {
            approval.site == *site && approval.kind == ProgramKind::Monthly && approval.show_until.is_some_and(|until| until > desk.now.0)
        })?;
        months.extend(filed.iter().filter_map(|filed| filed.program.manifest().month));
    }
    Ok(months.into_iter().map(Period::Month).chain([Period::Evergreen]).collect())
}

/// Returns the program that the content builds now, if it is approved and not past.
fn approved_program(desk: &PublishContext<'_>, site: &SiteId, built: &BuiltProgram, period: Period) -> Result<PublishableProgram, Failure> {
    let program = &built.program;
    let digest = program.digest();
    let Text { vi: vi_period, en: en_period } = period.name();
    if program.manifest().valid.until.is_some_and(|until| until <= desk.now.0) {
        return Err(Failure::Refused(crate::text!(vi: "{vi_period} đã qua", en: "{en_period} is past")));
    }
    if desk.without.contains(&digest) {
        return Err(Failure::Refused(crate::text!(
            vi: "{vi_period}: nội dung vẫn dựng ra chương trình cần gỡ {digest}",
            en: "{en_period}: the content still builds {digest}, which is to be taken off"
        )));
    }
    let option = if program.manifest().month.is_some() { format!("--month {period}") } else { "--evergreen".to_owned() };
    let Some(filed) = desk.filed.get(digest)? else {
        return Err(Failure::Refused(crate::text!(
            vi: "{vi_period}: chương trình {digest} chưa ai duyệt (nội dung có thể đã đổi sau khi duyệt); duyệt bằng: bangtin approve {option} --site {site} --key TỆP",
            en: "{en_period}: nobody has approved program {digest} (the content may have changed since); approve it with: bangtin approve {option} --site {site} --key FILE"
        )));
    };
    if let Some(Text { vi, en }) = withdrawal_reason(desk, program) {
        return Err(Failure::Refused(crate::text!(
            vi: "{vi_period}: chương trình {digest} {vi}; sửa nội dung, hoặc nếu thu hồi nhầm thì tăng revision trong danh sách phát, rồi duyệt lại",
            en: "{en_period}: program {digest} {en}; correct the content, or raise the playlist's revision if it was withdrawn by mistake, and have it approved"
        )));
    }
    judge_filed(desk.root, filed).map_err(|refusal| {
        let Text { vi, en } = refusal.text();
        Failure::Refused(crate::text!(
            vi: "{vi_period}: chương trình {digest} chưa đủ văn bản phê duyệt: {vi}; duyệt bằng: bangtin approve {option} --site {site} --key TỆP",
            en: "{en_period}: program {digest} is not approved: {en}; approve it with: bangtin approve {option} --site {site} --key FILE"
        ))
    })
}

/// Whether a listed evergreen program may stay although the content now builds a different one: only with months requested by name, so
/// that a changed evergreen week never goes unnoticed.
fn may_keep_evergreen(desk: &PublishContext<'_>, period: Period, listed: &[PublishableProgram]) -> bool {
    let evergreen = |item: &PublishableProgram| item.approved.program().manifest().kind == ProgramKind::Evergreen;
    period == Period::Evergreen && !desk.months.is_empty() && listed.iter().any(evergreen)
}

/// Whether a month may be left out: its program was withdrawn, and nobody requested it by name. Other news must not wait for it.
fn may_skip_month(desk: &PublishContext<'_>, period: Period, program: &Program) -> bool {
    period != Period::Evergreen && desk.months.is_empty() && withdrawal_reason(desk, program).is_some()
}

/// Number and reason of the withdrawal of a whole program, if there is one.
fn withdrawal_reason(desk: &PublishContext<'_>, program: &Program) -> Option<Text> {
    if !judge::withdrawal_effect(desk.root.body(), &desk.withdrawals, program).program {
        return None;
    }
    let by = desk.withdrawals.iter().map(Verified::body).rfind(|body| body.program == program.digest())?;
    let (number, reason) = (by.version, &by.reason);
    Some(crate::text!(vi: "đã bị thu hồi (số {number}: {reason})", en: "was withdrawn (number {number}: {reason})"))
}

fn skipped_text(site: &SiteId, reason: &Text) -> Text {
    let Text { vi, en } = reason;
    crate::text!(vi: "{site}: không phát hành {vi}", en: "{site}: left out: {en}")
}

fn kept_evergreen_text(site: &SiteId, reason: &Text) -> Text {
    let Text { vi, en } = reason;
    crate::text!(
        vi: "{site}: giữ chương trình thường xuyên đang phát hành; {vi}",
        en: "{site}: the published evergreen program stays; {en}"
    )
}

fn entries(
    desk: &PublishContext<'_>,
    previous: Option<&StoredHead>,
    listed: &[PublishableProgram],
    chosen: &[PublishableProgram],
) -> Vec<HeadEntry> {
    let later = if previous.is_some() { desk.now.0 + LEAD_SECONDS } else { desk.now.0 };
    let from = desk.at.map_or(later, |at| at.0);
    let candidates = |items: &[PublishableProgram]| items.iter().map(candidate).collect::<Vec<_>>();
    next_head::next_entries(&candidates(listed), &candidates(chosen), desk.now.0, from)
}

fn candidate(item: &PublishableProgram) -> HeadCandidate {
    let manifest = item.approved.program().manifest();
    HeadCandidate { entry: item.approved.entry().clone(), month: manifest.month, until: manifest.valid.until }
}
