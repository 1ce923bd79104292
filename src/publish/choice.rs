//! Which program stands for a period in the next head of a site: the one that was named, the one that the content builds now, or an approved
//! one that another version of the tool made from the same content (`docs/trust.md`, U1–U3). Never judges by itself, never writes.

use std::collections::{BTreeMap, BTreeSet};

use super::context::PublishContext;
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::terms::{BuildOrigin, ProgramKind};
use crate::base::text::{Text, printable};
use crate::build::compile::BuiltProgram;
use crate::content::model::values::Period;
use crate::filing::filed::{self, Claim, FiledProgram, FiledPrograms};
use crate::filing::judged::{approved_lines, judge_filed, judge_filed_by};
use crate::filing::returning::{self, ReturnCheck};
use crate::program::validate::Program;
use crate::store::publish::PublishableProgram;
use crate::trust::approval::Approval;
use crate::trust::judge;
use crate::trust::root_changes::names;

/// What stands for a period.
#[derive(Default)]
pub struct Choice {
    /// `None`: nothing new; what is listed stays.
    pub item: Option<PublishableProgram>,
    /// Bytes of files, as far as they were built now.
    pub objects: BTreeMap<Digest, ByteSource>,
    /// For the publisher.
    pub said: Option<Text>,
    /// Whether a program is kept out that should be on screens by now: by a withdrawal, or because it lacks approvals.
    pub left_out: bool,
    /// Why no evergreen program can be listed, which every site needs.
    pub lacks_evergreen: Option<Text>,
}

/// Why a program can't be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hindrance {
    /// It is past, or to be taken off although the content makes it.
    Contradiction,
    Withdrawal,
    /// It lacks approvals.
    Approvals,
}

/// The programs of a site that were named, by period. One of another site is passed by.
pub fn named<'a>(desk: &'a PublishContext<'_>, site: &SiteId) -> Result<BTreeMap<Period, &'a FiledProgram>, Failure> {
    let mut named = BTreeMap::new();
    for digest in &desk.programs {
        let Some(filed) = desk.filed.get(*digest)?.filter(|filed| filed.program.manifest().site == *site) else { continue };
        let period = filed.program.manifest().month.map_or(Period::Evergreen, Period::Month);
        if let Some(other) = named.insert(period, filed) {
            let (other, Text { vi, en }) = (other.program.digest(), period.name());
            return Err(Failure::Usage(crate::text!(
                vi: "{site}: --program nêu hai chương trình của {vi}: {other} và {digest}",
                en: "{site}: --program names two programs of {en}: {other} and {digest}"
            )));
        }
    }
    Ok(named)
}

/// The digests that are named, each whole or by its beginning, of programs in `approvals/`. A whole one may be of any program.
pub fn digests(filed: &FiledPrograms, named: &[String]) -> Result<BTreeSet<Digest>, Failure> {
    let find = |start: &String| match Digest::parse(start) {
        Some(whole) => Ok(whole),
        None => filed.starting_with(start)?.map(|found| found.program.digest()).ok_or_else(|| none_begins(start)),
    };
    named.iter().map(find).collect()
}

fn none_begins(start: &str) -> Failure {
    Failure::Usage(crate::text!(
        vi: "trong approvals/ không có chương trình nào có mã băm bắt đầu bằng {start}; hãy xem mã băm bằng: bangtin verify KHO, hoặc nêu đủ 64 chữ số",
        en: "no program in approvals/ has a digest that begins with {start}; look at the digests with: bangtin verify STORE, or give all 64 digits"
    ))
}

/// Fails if a named program is not in `approvals/`, or of none of the sites.
pub fn ensure_named_are_filed(desk: &PublishContext<'_>, sites: &[SiteId]) -> Result<(), Failure> {
    let listed = |site: &SiteId| sites.contains(site);
    for digest in &desk.programs {
        if desk.filed.get(*digest)?.is_some_and(|filed| listed(&filed.program.manifest().site)) {
            continue;
        }
        let current = |approval: &Approval| listed(&approval.site) && approval.show_until.is_none_or(|until| until > desk.now.0);
        let Text { vi, en } =
            filed::list(desk.filed.read_claimed(|claim| current(&claim.approval))?, |filed| return_check(desk).note(filed));
        return Err(Failure::Usage(crate::text!(
            vi: "không có chương trình {digest} trong approvals/ cho các cụm này; hiện có:{vi}",
            en: "program {digest} is not in approvals/ for these sites; there are:{en}"
        )));
    }
    Ok(())
}

/// Chooses. Fails if what stands for the period is past, withdrawn or not approved, unless the rest may go on without it.
pub fn choose(
    desk: &PublishContext<'_>,
    site: &SiteId,
    period: Period,
    named: Option<&FiledProgram>,
    listed: &[PublishableProgram],
) -> Result<Choice, Failure> {
    let built = match named.is_none().then(|| (desk.build)(site, period)).transpose() {
        Err(Failure::Content(faults)) if period != Period::Evergreen && !desk.names_periods() => {
            return Ok(Choice {
                said: Some(faulty_text(desk, (site, period), faults.len(), is_listed(period, listed))?),
                left_out: true,
                ..Choice::default()
            });
        }
        // A named program needs no content, and the evergreen week that plays stays beside it.
        Err(Failure::Content(faults)) if period == Period::Evergreen && !desk.programs.is_empty() && has_evergreen(listed) => {
            let errors = numbers::counted(faults.len(), "error");
            let (vi, en) = (format!("nội dung có {} lỗi", faults.len()), format!("the content has {errors}"));
            return Ok(Choice { said: Some(kept_text(site, period, &Text { vi, en })), ..Choice::default() });
        }
        built => built?,
    };
    let earlier = built.as_ref().map(|built| made_before(desk, built)).transpose()?.flatten();
    let mut choice = Choice::default();
    let program = match (named, earlier, &built) {
        (Some(filed), ..) => &filed.program,
        (None, Some((filed, tool)), Some(built)) => {
            choice.said = Some(made_before_text(site, period, (filed, &tool), built));
            &filed.program
        }
        (None, _, Some(built)) => &built.program,
        (None, _, None) => return Ok(choice),
    };
    let barred = new_program_reason(desk, program, listed)?;
    match approved_program(desk, (site, named.is_some()), program, (period, barred.as_ref()))? {
        Ok(item) => choice.item = Some(item),
        Err((why, reason)) if may_keep_evergreen(desk, (period, why), listed) => {
            choice.said = Some(kept_text(site, period, &reason));
            choice.left_out = why == Hindrance::Withdrawal || named.is_some() || !desk.names_periods();
        }
        Err((why, reason)) if may_leave_out(desk, period, why) => {
            let stays = is_listed(period, listed);
            choice.said =
                Some(if stays { kept_text(site, period, &reason) } else { left_out_text(site, why, &of_period(period, why, reason)) });
            choice.left_out = why == Hindrance::Withdrawal || stays || program.manifest().valid.from <= desk.now.0;
        }
        Err((Hindrance::Approvals, reason)) if !desk.names_periods() => choice.lacks_evergreen = Some(reason),
        Err((why, reason)) => {
            let stays = why != Hindrance::Contradiction && is_listed(period, listed);
            return Err(Failure::Refused(if stays { kept(period, &reason) } else { of_period(period, why, reason) }));
        }
    }
    choice.objects = built.map(|built| built.objects).unwrap_or_default();
    Ok(choice)
}

/// The newest approved program that another version made from the very inputs of the one built now, and that version, unless the one built
/// now is approved itself.
fn made_before<'a>(desk: &'a PublishContext<'_>, built: &BuiltProgram) -> Result<Option<(&'a FiledProgram, String)>, Failure> {
    if desk.filed.usable(built.program.digest())?.is_some_and(|filed| judge_filed(desk.root, filed).is_ok()) {
        return Ok(None);
    }
    let (manifest, BuildOrigin { tool, inputs }) = (built.program.manifest(), &built.origin);
    // U1. The approvals that suffice state these inputs. U2. They state another version of the tool: with the same one, different bytes mean
    // that something changed which the inputs do not show.
    let same_inputs = |approval: &Approval| approval.built.as_ref().is_some_and(|made| made.inputs == *inputs && made.tool != *tool);
    let same_period =
        |approval: &Approval| approval.site == manifest.site && approval.kind == manifest.kind && approval.show_from == manifest.valid.from;
    for digest in desk.filed.claimed(|Claim { approval, .. }| same_period(approval) && same_inputs(approval))? {
        let Some(filed) = desk.filed.usable(digest)? else { continue };
        let Ok(item) = judge_filed_by(desk.root, filed, same_inputs) else { continue };
        let made = item.approved.approvals().iter().find_map(|approval| approval.body().built.clone());
        return Ok(made.map(|made| (filed, printable(&made.tool))));
    }
    Ok(None)
}

/// U3. Returns the program as its approvals are judged now, if it is not past, not barred by a withdrawal and not to be taken off; else why not.
fn approved_program(
    desk: &PublishContext<'_>,
    (site, by_name): (&SiteId, bool),
    program: &Program,
    (period, barred): (Period, Option<&Text>),
) -> Result<Result<PublishableProgram, (Hindrance, Text)>, Failure> {
    let (digest, short) = (program.digest(), program.digest().short());
    let Text { vi: vi_period, en: en_period } = period.name();
    let Text { vi: vi_named, en: en_named } = match period {
        Period::Evergreen => crate::text!(vi: "{vi_period} {short}", en: "{en_period} {short}"),
        Period::Month(_) => crate::text!(vi: "chương trình {short}", en: "program {short}"),
    };
    let hindered = |why, text| Ok(Err((why, text)));
    if program.manifest().valid.until.is_some_and(|until| until <= desk.now.0) {
        return hindered(Hindrance::Contradiction, crate::text!(vi: "{vi_period} đã qua", en: "{en_period} is past"));
    }
    if desk.without.contains(&digest) {
        let text = crate::text!(
            vi: "{vi_period}: nội dung vẫn tạo ra chương trình cần gỡ {short}",
            en: "{en_period}: the content still builds {short}, which is to be taken off"
        );
        return hindered(Hindrance::Contradiction, text);
    }
    if let Some(Text { vi, en }) = barred {
        return hindered(Hindrance::Withdrawal, crate::text!(vi: "{vi_named} {vi}", en: "{en_named} {en}"));
    }
    let option = if program.manifest().month.is_some() { format!("--month {period}") } else { "--evergreen".to_owned() };
    let filed = match desk.filed.get(digest) {
        Err(Failure::Refused(Text { vi, en })) => {
            return hindered(Hindrance::Approvals, crate::text!(vi: "{vi_named}: {vi}", en: "{en_named}: {en}"));
        }
        found => found?,
    };
    let Some(filed) = filed else {
        let roles = names(&judge::required_roles(desk.root.body(), site, program));
        let text = crate::text!(
            vi: "{vi_named} chưa được duyệt với đúng nội dung này (nếu đã duyệt thì nội dung đã đổi sau đó; cần vai trò {roles})\n  duyệt bằng: bangtin approve {option} --site {site} --key TỆP",
            en: "{en_named}: nobody has approved this content (if somebody did, it has changed since; needed: {roles})\n  approve it with: bangtin approve {option} --site {site} --key FILE"
        );
        return hindered(Hindrance::Approvals, text);
    };
    filed.statements.ensure_line_ends(desk.root)?;
    Ok(judge_filed(desk.root, filed).map_err(|refusal| {
        let Text { vi, en } = refusal.text();
        let Text { vi: vi_next, en: en_next } =
            filed.statements.unread().into_iter().next().unwrap_or_else(|| approve_text(&option, site, by_name));
        let text = crate::text!(
            vi: "{vi_named} chưa đủ văn bản phê duyệt: {vi}\n  {vi_next}",
            en: "{en_named} is not approved: {en}\n  {en_next}"
        );
        (Hindrance::Approvals, text)
    }))
}

/// How a program gets its approvals. One that was asked for by name need not be what the content builds now, which alone is approved.
fn approve_text(option: &str, site: &SiteId, by_name: bool) -> Text {
    let (vi, en) = if by_name {
        (
            "chỉ duyệt được chương trình mà nội dung tạo ra: nêu một chương trình khác đã duyệt, hoặc đưa nội dung về đúng bản đã tạo ra chương trình này (git) rồi ",
            "only what the content builds can be approved: name another program that is approved, or bring the content back to the state that gives this one (git), then ",
        )
    } else {
        ("", "")
    };
    crate::text!(
        vi: "{vi}duyệt bằng: bangtin approve {option} --site {site} --key TỆP",
        en: "{en}approve it with: bangtin approve {option} --site {site} --key FILE"
    )
}

/// Whether a listed evergreen program may stay although the content now builds a different one: that one lacks approvals or is barred by a
/// withdrawal, or the publisher asked for something else.
fn may_keep_evergreen(desk: &PublishContext<'_>, (period, why): (Period, Hindrance), listed: &[PublishableProgram]) -> bool {
    let may = desk.names_periods() || why != Hindrance::Contradiction;
    period == Period::Evergreen && may && has_evergreen(listed)
}

fn has_evergreen(listed: &[PublishableProgram]) -> bool {
    listed.iter().any(|item| item.approved.program().manifest().kind == ProgramKind::Evergreen)
}

/// Whether a month may be left out, since nobody asked for it by name: other news must not wait for its approvals, nor for what a withdrawal
/// bars.
fn may_leave_out(desk: &PublishContext<'_>, period: Period, why: Hindrance) -> bool {
    period != Period::Evergreen && !desk.names_periods() && why != Hindrance::Contradiction
}

/// Whether a program of the month is listed, which then stays.
fn is_listed(period: Period, listed: &[PublishableProgram]) -> bool {
    listed.iter().any(|item| item.approved.program().manifest().month.map(Period::Month) == Some(period))
}

/// Why a withdrawal bars a program, and the way back: it is withdrawn, or it is not listed yet and holds a slide that is.
fn new_program_reason(desk: &PublishContext<'_>, program: &Program, listed: &[PublishableProgram]) -> Result<Option<Text>, Failure> {
    let check = return_check(desk);
    if let Some(gone) = check.gone(program) {
        return Ok(Some(returning::way_back(&gone)));
    }
    if listed.iter().any(|item| item.approved.program().digest() == program.digest()) {
        return Ok(None);
    }
    let refusal = check.refusal(program.manifest())?;
    Ok(refusal.map(|Text { vi, en }| crate::text!(vi: "không được phát hành: {vi}", en: "may not be published: {en}")))
}

/// Number and reason of the withdrawal of a whole program, if there is one.
pub fn withdrawal_reason(desk: &PublishContext<'_>, program: &Program) -> Option<Text> {
    return_check(desk).gone(program)
}

fn return_check<'a>(desk: &'a PublishContext<'_>) -> ReturnCheck<'a> {
    ReturnCheck { root: desk.root, withdrawals: &desk.withdrawals, filed: &desk.filed }
}

/// A reason with the period that it is about, unless it says so itself.
fn of_period(period: Period, why: Hindrance, reason: Text) -> Text {
    let (Text { vi, en }, Text { vi: vi_period, en: en_period }) = (&reason, period.name());
    match period {
        Period::Month(_) if why != Hindrance::Contradiction => crate::text!(vi: "{vi_period}: {vi}", en: "{en_period}: {en}"),
        _ => reason,
    }
}

fn left_out_text(site: &SiteId, why: Hindrance, Text { vi, en }: &Text) -> Text {
    match why {
        Hindrance::Approvals => crate::text!(vi: "{site}: chờ duyệt, chưa phát hành: {vi}", en: "{site}: waits for approval: {en}"),
        _ => crate::text!(vi: "{site}: không có trong bản phát hành: {vi}", en: "{site}: left out: {en}"),
    }
}

/// Why the content gives no program of a period, whether a listed one stays, and which approved ones can be listed all the same.
fn faulty_text(desk: &PublishContext<'_>, (site, period): (&SiteId, Period), count: usize, stays: bool) -> Result<Text, Failure> {
    let (Text { vi, en }, errors) = (period.name(), numbers::counted(count, "error"));
    let of_site = desk.filed.read_claimed(|claim| claim.approval.site == *site)?;
    let of_period: Vec<_> = of_site.into_iter().filter(|filed| filed.program.manifest().month.map(Period::Month) == Some(period)).collect();
    let (vi_list, en_list) = match approved_lines(desk.root, &of_period, |filed| return_check(desk).note(filed)) {
        list if list.en.is_empty() => Default::default(),
        Text { vi, en } => (
            format!("\n  đã duyệt, phát hành được nguyên như vậy bằng --program MÃ_BĂM:{vi}"),
            format!("\n  approved, and can be published as it is with --program DIGEST:{en}"),
        ),
    };
    let Text { vi: vi_why, en: en_why } = crate::text!(
        vi: "nội dung có {count} lỗi\n  xem bằng: bangtin check --site {site} --month {period}{vi_list}",
        en: "the content has {errors}\n  see: bangtin check --site {site} --month {period}{en_list}"
    );
    if stays {
        return Ok(kept_text(site, period, &Text { vi: vi_why, en: en_why }));
    }
    Ok(crate::text!(
        vi: "{site}: không có trong bản phát hành: {vi}: {vi_why}",
        en: "{site}: left out: {en}: {en_why}"
    ))
}

fn kept_text(site: &SiteId, period: Period, reason: &Text) -> Text {
    let Text { vi, en } = kept(period, reason);
    crate::text!(vi: "{site}: {vi}", en: "{site}: {en}")
}

/// What is published for a period stays, since what would follow it is hindered.
fn kept(period: Period, Text { vi, en }: &Text) -> Text {
    let Text { vi: vi_period, en: en_period } = period.name();
    match period {
        Period::Evergreen => {
            crate::text!(vi: "giữ {vi_period} đang phát hành\n  {vi}", en: "the published {en_period} stays\n  {en}")
        }
        Period::Month(_) => crate::text!(
            vi: "giữ chương trình {vi_period} đang phát hành\n  {vi}",
            en: "the published program of {en_period} stays\n  {en}"
        ),
    }
}

/// Says which months are approved and wait for an evergreen program alone; `None` if none do.
pub fn waits_for_evergreen(site: &SiteId, listed: &[PublishableProgram], chosen: &[PublishableProgram]) -> Option<Text> {
    let months = chosen.iter().filter_map(|item| item.approved.program().manifest().month);
    let (vi, en): (Vec<String>, Vec<String>) = months.map(|month| Period::Month(month).name()).map(|Text { vi, en }| (vi, en)).unzip();
    let (are, vi, en) = (if en.len() == 1 { "is approved and waits" } else { "are approved and wait" }, vi.join(", "), en.join(", "));
    (!en.is_empty() && !has_evergreen(listed) && !has_evergreen(chosen)).then(|| {
        crate::text!(
            vi: "{site}: {vi} đã được duyệt, còn chờ chương trình thường xuyên: cụm nào cũng phải có",
            en: "{site}: {en} {are} for an evergreen program, which every site needs"
        )
    })
}

fn made_before_text(site: &SiteId, period: Period, (filed, tool): (&FiledProgram, &str), built: &BuiltProgram) -> Text {
    let (digest, again, own, Text { vi, en }) =
        (filed.program.digest().short(), built.program.digest().short(), &built.origin.tool, period.name());
    crate::text!(
        vi: "{site}: {vi} được phát hành đúng như đã duyệt với bangtin {tool}: {digest}; bangtin {own} tạo lại từ cùng nội dung sẽ ra {again}",
        en: "{site}: {en} is published as approved with bangtin {tool}: {digest}; built again with bangtin {own}, the same content would be {again}"
    )
}
