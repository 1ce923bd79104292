//! Plans one site's part of a publication: the programs of its next head, judged as a player does, and that head.
//! Never decides which program stands for a period: `choice` does. Never writes anything.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::choice;
use super::clock;
use super::context::PublishContext;
use super::gaps;
use super::head;
use super::leaving;
use super::remedies;
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::MANIFEST_BYTES;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::{Month, Timestamp};
use crate::content::model::values::Period;
use crate::filing::filed::Claim;
use crate::filing::judged::judge_with_named_approvals;
use crate::store::layout;
use crate::store::publish::{PublishableProgram, SiteUpdate};
use crate::store::survey::{self, StoredHead};
use crate::trust::head::HeadEntry;
use crate::trust::judge::{self, Approved};
use crate::trust::next_head::{self, HeadCandidate, TakeOver};

/// Seconds from publication until a new program takes over, so that every site has it by then.
const LEAD_SECONDS: i64 = 15 * 60;

/// One site's part, ready to be written.
pub struct SitePlan {
    /// Programs of the next head.
    pub items: Vec<PublishableProgram>,
    /// All programs of the last head.
    pub published: Vec<Digest>,
    /// Those of them that stay approved: players hold them.
    pub earlier: Vec<PublishableProgram>,
    /// Bytes of the programs' files, as far as they were built now.
    pub objects: BTreeMap<Digest, ByteSource>,
    pub news: SiteUpdate,
    /// For the publisher.
    pub messages: Vec<Text>,
    /// Why programs are kept out that should be on screens by now, a reason each.
    pub left_out: Vec<Text>,
    /// The options that decide nothing here.
    pub idle: Vec<&'static str>,
    /// When the last head was signed, where a program of it leaves because its time is over by this clock.
    pub last_signed: Option<Timestamp>,
}

/// A site's part, or what it waits for.
pub enum Planned {
    Ready(Box<SitePlan>),
    /// No evergreen program of the site is approved, and nobody asked for the site or for a period by name.
    Waits(Text),
    /// Nothing is to be published anywhere: the clock stands before the site's last release.
    ClockBehind(Text),
}

/// Plans a site's part; `alone`: whether it is the only one asked for. Fails on a requested program that is past or not approved, on a missing
/// evergreen program unless the others may go on without the site, and on a store ahead of the root.
pub fn plan(desk: &PublishContext<'_>, site: &SiteId, alone: bool) -> Result<Planned, Failure> {
    let roots: Vec<_> = std::iter::once(desk.root).chain(desk.older.iter().copied()).collect();
    let previous = survey::newest_head(desk.store, &roots, site)?;
    let signed = previous.as_ref().filter(|_| !desk.clock_is_right).map(|(head, _)| (site, head.body().number(), head.issued()));
    match signed.and_then(|signed| clock::behind(desk.now, signed, desk.zone)) {
        Some(behind) => Ok(Planned::ClockBehind(behind)),
        None => plan_after(desk, site, alone, previous.as_ref()),
    }
}

/// Plans what follows the last head.
fn plan_after(desk: &PublishContext<'_>, site: &SiteId, alone: bool, previous: Option<&StoredHead>) -> Result<Planned, Failure> {
    let mut said = Vec::new();
    let before = previous.map_or(&[][..], |(head, _)| &head.body().programs);
    let listed = retained_programs(desk, site, before, &mut said)?;
    let named = choice::named(desk, site)?;
    let (mut chosen, mut objects, mut left_out) = (Vec::new(), BTreeMap::new(), Vec::new());
    let (mut waits, mut refused, mut lacking) = (Vec::new(), Vec::new(), Vec::new());
    for period in periods(desk, site, named.keys())? {
        match choice::choose(desk, site, period, named.get(&period).copied(), &listed) {
            // All that is missing is named at once: each approval takes people's time.
            Err(Failure::Refused(reason)) => refused.push(reason),
            other => {
                let choice = other?;
                lacking.extend(choice.lacks_evergreen);
                chosen.extend(choice.item);
                objects.extend(choice.objects);
                left_out.extend(choice.said.clone().filter(|_| choice.left_out));
                waits.extend(choice.said);
            }
        }
    }
    if !refused.is_empty() || !lacking.is_empty() {
        let waiting = refused.is_empty() && !alone;
        waits.extend(choice::waits_for_evergreen(site, &listed, &chosen));
        let reason = all_reasons(site, &[refused, lacking].concat(), &waits);
        let shown = gaps::texts(desk, site, before, &listed);
        return if waiting { Ok(Planned::Waits(site_waits_text(site, &reason, &shown))) } else { Err(Failure::Refused(reason)) };
    }
    said.extend(waits);
    let entries = entries(desk, previous, &listed, &chosen);
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
    said.extend(number_follows(desk, site)?.filter(|_| previous.is_none()));
    let takes_over = desk.at.is_some_and(|at| entries.iter().any(|entry| entry.from == at.0));
    let more = [leaving::texts(desk, site, (before, &entries), &listed)?, gaps::texts(desk, site, &entries, &items)].concat();
    let news = head::next_head(desk, site, previous, entries)?;
    let idle = [("--at", desk.at.is_some() && !takes_over), ("--expires", desk.expires.is_some() && news.head.is_none())];
    let idle: Vec<_> = idle.into_iter().filter_map(|(name, idle)| idle.then_some(name)).collect();
    said.push(head::update_text(desk, site, (&news, &idle), &items));
    said.extend(more);
    let published = before.iter().map(|entry| entry.program).collect();
    let last_signed = previous.filter(|_| leaving::any_ended(desk, &listed, &items)).map(|(head, _)| head.issued());
    Ok(Planned::Ready(Box::new(SitePlan { items, published, earlier: listed, objects, news, messages: said, left_out, idle, last_signed })))
}

/// What a store made anew is numbered after.
fn number_follows(desk: &PublishContext<'_>, site: &SiteId) -> Result<Option<Text>, Failure> {
    Ok(desk.archive.head_numbers(site)?.last().map(|last| {
        crate::text!(
            vi: "{site}: kho này chưa có bản phát hành nào, nên số tiếp theo bản {last} trong kho lưu giữ: đầu phát không nhận lại một số đã dùng",
            en: "{site}: this store has no release yet, so the number follows {last}, the last in the archive: players never take a number twice"
        )
    }))
}

/// Why nothing is published for a site, a line for each reason, and what else waits.
fn all_reasons(site: &SiteId, refused: &[Text], waits: &[Text]) -> Text {
    let named = |text: &Text, at: usize| match (at, text) {
        (0, text) => text.clone(),
        (_, Text { vi, en }) => crate::text!(vi: "{site}: {vi}", en: "{site}: {en}"),
    };
    let lines: Vec<Text> = refused.iter().enumerate().map(|(at, text)| named(text, at)).chain(waits.iter().cloned()).collect();
    let join = |pick: fn(&Text) -> &String| lines.iter().map(|text| pick(text).as_str()).collect::<Vec<_>>().join("\n");
    Text { vi: join(|text| &text.vi), en: join(|text| &text.en) }
}

fn site_waits_text(site: &SiteId, Text { vi, en }: &Text, shown: &[Text]) -> Text {
    let reason = crate::text!(vi: "{site}: chưa phát hành gì cho cụm này: {vi}", en: "{site}: nothing is published for this site: {en}");
    remedies::joined(&[&[reason][..], shown].concat())
}

/// Returns the programs of the last head, which has these entries, that may still be shown, judged again.
fn retained_programs(
    desk: &PublishContext<'_>,
    site: &SiteId,
    before: &[HeadEntry],
    said: &mut Vec<Text>,
) -> Result<Vec<PublishableProgram>, Failure> {
    let mut kept = Vec::new();
    for entry in before {
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
        if let Some(filed) = desk.filed.usable(program)? {
            for (kid, file) in &filed.statements.files {
                files.entry(*kid).or_insert_with(|| file.clone());
            }
        }
        let Text { vi, en } = match judge_with_named_approvals(desk.root, site, entry, manifest, &files) {
            Ok(item) => match choice::withdrawal_reason(desk, item.approved.program()) {
                None => {
                    kept.push(item);
                    continue;
                }
                Some(why) => why,
            },
            Err(refusal) => refusal.text().clone(),
        };
        said.push(crate::text!(
            vi: "{site}: bản phát hành mới không còn chương trình {program}: {vi}",
            en: "{site}: dropped program {program}: {en}"
        ));
    }
    Ok(kept)
}

/// The periods to publish: the requested months and those of the named programs, else every month with a filed program that is not past;
/// always the evergreen week.
fn periods<'a>(desk: &PublishContext<'_>, site: &SiteId, named: impl Iterator<Item = &'a Period>) -> Result<BTreeSet<Period>, Failure> {
    let months = desk.months.iter().copied().map(Period::Month);
    let mut periods: BTreeSet<Period> = months.chain(named.copied()).chain([Period::Evergreen]).collect();
    if !desk.names_periods() {
        let claimed = RefCell::new(BTreeSet::new());
        let current = |Claim { approval, .. }: &Claim| {
            let until = approval.show_until.filter(|until| *until > desk.now.0);
            let current = approval.site == *site && approval.kind == ProgramKind::Monthly && until.is_some();
            let month = || Month::containing(desk.zone.to_local(approval.show_from).date());
            claimed.borrow_mut().extend(current.then(month).map(Period::Month));
            current
        };
        for digest in desk.filed.claimed(current)? {
            match desk.filed.get(digest) {
                // Which month it is, its approvals alone say; what is wrong with it is told there.
                Err(Failure::Refused(_)) => periods.extend(claimed.borrow().iter().copied()),
                filed => periods.extend(filed?.and_then(|filed| filed.program.manifest().month).map(Period::Month)),
            }
        }
    }
    Ok(periods)
}

fn entries(
    desk: &PublishContext<'_>,
    previous: Option<&StoredHead>,
    listed: &[PublishableProgram],
    chosen: &[PublishableProgram],
) -> Vec<HeadEntry> {
    let later = if previous.is_some() { desk.now.0 + LEAD_SECONDS } else { desk.now.0 };
    let take_over = desk.at.map_or(TakeOver::New(later), |at| TakeOver::Moved(at.0));
    let candidates = |items: &[PublishableProgram]| items.iter().map(candidate).collect::<Vec<_>>();
    next_head::next_entries(&candidates(listed), &candidates(chosen), desk.now.0, take_over)
}

fn candidate(item: &PublishableProgram) -> HeadCandidate {
    let manifest = item.approved.program().manifest();
    HeadCandidate { entry: item.approved.entry().clone(), month: manifest.month, until: manifest.valid.until }
}
