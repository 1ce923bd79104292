//! Makes the next head of a site: number, bytes, signature, and the message about it.
//! Never chooses programs, never writes.

use std::fmt::Write as _;

use super::archived::ArchivedWithdrawals;
use super::context::PublishContext;
use super::shown::{self, Listed};
use super::slide_names;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::MAX_INTEGER;
use crate::base::numbers;
use crate::base::text::Text;
use crate::store::layout;
use crate::store::publish::{PublishableProgram, SiteUpdate};
use crate::store::survey::StoredHead;
use crate::text;
use crate::trust::document::{self, CommonFields};
use crate::trust::head::{Head, HeadEntry, HeadNumber, SignedHead};
use crate::trust::hint::Hint;
use crate::trust::judge::{self, Approved, HeadContext, HeadOutcome};

/// Signs the next head and checks it as a player does. Makes none if the last head has the same content and is not half-way to its expiry.
pub fn next_head(
    desk: &PublishContext<'_>,
    site: &SiteId,
    previous: Option<&StoredHead>,
    programs: Vec<HeadEntry>,
) -> Result<SiteUpdate, Failure> {
    let root = desk.root.body();
    let old = previous.map(|(head, _)| head.body());
    let hint = desk.store.hint(site).ok().flatten().unwrap_or_default();
    let (epoch, withdrawals) = (root.roles.publish.epoch, desk.withdrawals.len() as u64);
    let update = |head: Option<SignedHead>, version| {
        let latest = Hint { epoch, head: version, root: root.version, withdrawals, ..hint };
        SiteUpdate { site: site.clone(), head, latest }
    };
    ensure_all_withdrawals(desk, site, old)?;
    if let Some((head, true)) = previous {
        let body = head.body();
        let half = i64::midpoint(head.issued().0, body.expires.0);
        let same = body.programs == programs && body.root_min == root.version && body.withdrawals_min == withdrawals;
        if body.epoch == epoch && same && desk.now.0 < half {
            return Ok(update(None, body.version));
        }
    }
    let number = next_number(desk, site, old, epoch)?;
    let head = Head {
        site: site.clone(),
        epoch,
        version: number.version,
        expires: desk.renewal(),
        root_min: root.version,
        withdrawals_min: withdrawals,
        programs,
        players: old.map(|head| head.players.clone()).unwrap_or_default(),
        source: desk.source.clone(),
    };
    let bytes =
        document::to_signable_bytes(CommonFields { root_id: desk.root.root_id(), issued: desk.now }, &head).map_err(Failure::Refused)?;
    let signature = desk.key.sign(&bytes, &format!("{number}.json"), desk.now).map_err(Failure::Refused)?;
    let held = HeadContext { root: desk.root, withdrawals, head: previous.map(|(head, _)| head) };
    match judge::head(held, site, number, bytes.clone(), signature.clone()) {
        Ok(HeadOutcome::New(_)) => Ok(update(Some(SignedHead { number, bytes, signature }), number.version)),
        Ok(HeadOutcome::Unchanged) => Ok(update(None, number.version)),
        Err(refusal) => Err(Failure::Refused(refusal.text().clone())),
    }
}

/// Refuses a release that would count on fewer withdrawals than one before it: what they take from the screens would come back.
fn ensure_all_withdrawals(desk: &PublishContext<'_>, site: &SiteId, old: Option<&Head>) -> Result<(), Failure> {
    let held = desk.withdrawals.len() as u64;
    if let Some(theirs) = old.map(|head| head.withdrawals_min).filter(|theirs| *theirs > held) {
        let counted = numbers::counted(theirs, "withdrawal");
        return Err(Failure::Refused(crate::text!(
            vi: "kho đã có {theirs} văn bản thu hồi, nội dung ở đây mới có {held}; lấy nội dung mới nhất về trước (git pull)",
            en: "the store counts on {counted}, the content here has {held}; fetch the newest content first (git pull)"
        )));
    }
    // A store made anew knows nothing of what was withdrawn.
    let known = ArchivedWithdrawals::read(desk.archive, std::slice::from_ref(site))?;
    known.ensure_all_here(held)?;
    known.ensure_readable()
}

fn next_number(desk: &PublishContext<'_>, site: &SiteId, old: Option<&Head>, epoch: u64) -> Result<HeadNumber, Failure> {
    // Players never take a number twice: a store made anew goes on above what the archive has.
    let newest = old.map(Head::number).max(desk.archive.head_numbers(site)?.last().copied());
    let first = match newest {
        Some(HeadNumber { epoch: theirs, .. }) if theirs > epoch => {
            return Err(Failure::Refused(crate::text!(
                vi: "đã phát hành ở đợt {theirs}, văn bản phân quyền ở đây mới là đợt {epoch}; lấy nội dung mới nhất về trước (git pull)",
                en: "releases are at epoch {theirs}, the root here at {epoch}; fetch the newest content first (git pull)"
            )));
        }
        Some(HeadNumber { epoch: theirs, version }) if theirs == epoch => version + 1,
        _ => 1,
    };
    // A signature without its head comes from an interrupted publisher: its number is skipped.
    let taken = desk.store.head_numbers(site)?;
    for number in (first..=MAX_INTEGER).map(|version| HeadNumber { epoch, version }) {
        if !taken.contains(&number) || desk.store.size(&layout::head(site, number))?.is_some() {
            return Ok(number);
        }
    }
    Err(Failure::Refused(crate::text!(
        vi: "số bản phát hành đã hết; phải nâng đợt phát hành (epoch) trong văn bản phân quyền mới",
        en: "release numbers are used up; a new root must raise the publish epoch"
    )))
}

/// The publisher's message about a site, with the options that decide nothing.
pub fn update_text(desk: &PublishContext<'_>, site: &SiteId, (news, idle): (&SiteUpdate, &[&str]), items: &[PublishableProgram]) -> Text {
    let head: Option<Head> = news.head.as_ref().and_then(|signed| serde_json::from_slice(&signed.bytes).ok());
    let idle = Some(idle.join(", ")).filter(|idle| !idle.is_empty());
    let idle = idle.map(|names| crate::text!(vi: "; không có tác dụng: {names}", en: "; {names} had no effect"));
    let Text { vi, en } = idle.unwrap_or(crate::text!(vi: "", en: ""));
    let Some(SignedHead { number, .. }) = &news.head else {
        return crate::text!(vi: "{site}: không có gì mới{vi}", en: "{site}: nothing new{en}");
    };
    let zone = desk.zone;
    let mut text = crate::text!(vi: "{site}: đã phát hành bản {number}{vi}", en: "{site}: published {number}{en}");
    let listed = head.iter().flat_map(|head| &head.programs);
    let mut listed: Vec<(i64, &Approved)> = listed
        .filter_map(|entry| {
            let item = items.iter().find(|item| item.approved.program().digest() == entry.program)?;
            Some((entry.from, &item.approved))
        })
        .collect();
    let counting: Vec<Listed> = listed.iter().map(|(from, approved)| Listed::new(approved.program(), *from)).collect();
    // As people think of them: month by month, then the evergreen program.
    listed.sort_by_key(|(from, approved)| (approved.program().manifest().kind, approved.program().manifest().valid.from, *from));
    for (from, approved) in &listed {
        let (manifest, program) = (approved.program().manifest(), approved.program().digest());
        let shown = shown::showing(Listed::new(approved.program(), *from), &counting, desk.now.0).words(zone);
        let Text { vi, en } = manifest.kind.titled(&manifest.title);
        let more = one_of_several(desk, &listed, approved);
        let (vi_more, en_more) = more.map_or_else(Default::default, |Text { vi, en }| (vi, en));
        let taken = judge::withdrawal_effect(desk.root.body(), &desk.withdrawals, approved.program()).slides;
        let taken = slide_names::withdrawn(&taken, |slide| manifest.title(slide));
        let (vi_taken, en_taken) = taken.map_or_else(Default::default, |Text { vi, en }| (format!("\n    {vi}"), format!("\n    {en}")));
        let _ = write!(text.vi, "\n  {vi} {}\n    {program}{vi_more}{vi_taken}", shown.vi);
        let _ = write!(text.en, "\n  {en} {}\n    {program}{en_more}{en_taken}", shown.en);
    }
    text
}

/// Tells a program from another of its period on the list: its revision, and when it was approved.
fn one_of_several(desk: &PublishContext<'_>, listed: &[(i64, &Approved)], approved: &Approved) -> Option<Text> {
    let period = |approved: &Approved| (approved.program().manifest().kind, approved.program().manifest().month);
    let several = listed.iter().filter(|(_, other)| period(other) == period(approved)).count() > 1;
    let (revision, Text { vi, en }) = (approved.program().manifest().revision, desk.zone.moment(approved.issued()));
    several.then(|| text!(vi: "\n    lần sửa {revision}, duyệt lúc {vi}", en: "\n    revision {revision}, approved {en}"))
}
