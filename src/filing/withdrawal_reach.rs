//! Finds the approved programs that a withdrawal reaches: those named, and for slides every program in force or to come that shows one.
//! Never signs, and never asks a store: its caller says which programs are listed.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;

use super::filed::{self, Claim, FiledProgram, FiledPrograms};
use super::withdrawal_refusals;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::{Month, Timestamp};
use crate::content::model::choose;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;
use crate::trust::withdrawal::WithdrawalScope;

/// What is named on the command line.
pub struct WithdrawalNames<'a> {
    /// The digest of a program or the beginning of it.
    pub digest: Option<&'a str>,
    pub site: Option<&'a SiteId>,
    pub month: Option<Month>,
    pub evergreen: bool,
    /// Ids or titles; without any, whole programs are meant.
    pub slides: &'a [String],
    /// Whether slides are taken from the named programs alone.
    pub only: bool,
}

impl WithdrawalNames<'_> {
    /// Says that what is named beside slides does not limit their withdrawal.
    pub fn no_limit(&self) -> Option<Text> {
        let program = self.digest.map(|_| crate::text!(vi: "chương trình được nêu", en: "the program named"));
        let flags = [(self.month.is_some(), "--month"), (self.evergreen, "--evergreen"), (self.site.is_some(), "--site")];
        let flags: Vec<&str> = flags.into_iter().filter_map(|(given, name)| given.then_some(name)).collect();
        let named = program.or_else(|| (!flags.is_empty()).then(|| Text { vi: flags.join(" và "), en: flags.join(" and ") }));
        let Text { vi, en } = named.filter(|_| !self.slides.is_empty() && !self.only)?;
        Some(crate::text!(
            vi: "{vi} không giới hạn việc thu hồi trang; muốn chỉ bỏ trang ở đó thì thêm --only",
            en: "a slide's withdrawal is not limited by {en}; to take it off what is named alone, add --only"
        ))
    }
}

/// What a withdrawal takes, and from which programs.
pub struct WithdrawalReach<'a> {
    /// The statement to add a signature to; `None` for a new one.
    pub number: Option<u64>,
    /// Whether slides are taken from these programs alone, whatever comes later.
    pub only: bool,
    /// Those that may need several signatures last.
    pub programs: Vec<&'a FiledProgram>,
    /// `None`: the whole programs.
    pub slides: Option<BTreeSet<SlideId>>,
}

impl WithdrawalReach<'_> {
    /// Those of the slides that a program has.
    pub fn slides_of(&self, filed: &FiledProgram) -> Option<BTreeSet<SlideId>> {
        self.slides.as_ref().map(|slides| slides_of(slides, filed))
    }

    /// That slides named with a site would be taken elsewhere alone, where this key may withdraw; `None` if also there, or if nothing is
    /// signed anew.
    pub fn elsewhere(&self, named: &WithdrawalNames<'_>, root: &Root, kid: KeyId) -> Option<Text> {
        let here = named.site.filter(|_| self.number.is_none() && self.slides.is_some() && !self.only)?;
        let may = |filed: &&&FiledProgram| !judge::usable_roles(root, kid, &filed.program.manifest().site, &filed.program).is_empty();
        let sites: BTreeSet<&str> = self.programs.iter().filter(may).map(|filed| filed.program.manifest().site.as_str()).collect();
        if sites.is_empty() || sites.contains(here.as_str()) {
            return None;
        }
        let sites = sites.into_iter().collect::<Vec<_>>().join(", ");
        Some(crate::text!(
            vi: "khóa này không thu hồi được gì ở cụm {here} đã nêu; --site không giới hạn việc thu hồi trang, nên sẽ chỉ bỏ trang ở cụm {sites}",
            en: "this key may withdraw nothing at the site named, {here}; --site does not limit the withdrawal of a slide, which would be taken from {sites} alone"
        ))
    }

    /// Refuses a key that may withdraw nothing from any of these programs. Who may add a signature is said where it is added.
    pub fn ensure_allowed(&self, root: &Root, kid: KeyId) -> Result<(), Failure> {
        let may = |filed: &&FiledProgram| !judge::usable_roles(root, kid, &filed.program.manifest().site, &filed.program).is_empty();
        if self.number.is_some() || self.programs.is_empty() || self.programs.iter().any(may) {
            return Ok(());
        }
        Err(Failure::Refused(withdrawal_refusals::not_allowed(root, kid, self.slides.as_ref(), &self.programs)))
    }
}

/// Those of some slides that a program has.
pub fn slides_of(slides: &BTreeSet<SlideId>, filed: &FiledProgram) -> BTreeSet<SlideId> {
    let known = &filed.program.manifest().slides;
    slides.iter().filter(|id| known.contains_key(*id)).cloned().collect()
}

/// Finds them: for each month and for the evergreen program of a site those that are `listed`, and any approved since; where none is listed,
/// all that were approved.
pub fn reach<'a>(
    filed: &'a FiledPrograms,
    named: &WithdrawalNames<'_>,
    listed: &BTreeSet<Digest>,
    now: Timestamp,
) -> Result<WithdrawalReach<'a>, Failure> {
    if named.digest.is_none() && named.site.is_none() && named.slides.is_empty() {
        return Err(Failure::Usage(crate::text!(
            vi: "thu hồi cả chương trình thì phải nêu cụm: --site",
            en: "to withdraw whole programs, name their site: --site"
        )));
    }
    let mut programs = match named.digest {
        Some(start) => vec![of_digest(filed, start)?],
        None => in_place(filed, named, listed, now)?,
    };
    if programs.is_empty() {
        return Err(nothing_approved(filed));
    }
    let slides = slides(&programs, named.slides)?;
    if slides.is_some() && !named.only {
        programs.extend(in_place(filed, &WithdrawalNames { slides: named.slides, ..ANYWHERE }, listed, now)?);
    }
    Ok(sorted(WithdrawalReach { number: None, only: named.only, programs, slides }))
}

/// The approved programs of every site that are not past: for each period those that are `listed`, and any approved since; where none is
/// listed, all.
pub fn in_force<'a>(filed: &'a FiledPrograms, listed: &BTreeSet<Digest>, now: Timestamp) -> Result<Vec<&'a FiledProgram>, Failure> {
    in_place(filed, &ANYWHERE, listed, now)
}

/// What a statement that is there takes, as far as its programs are there still: a signature may be needed long after.
pub fn of_statement<'a>(
    filed: &'a FiledPrograms,
    (number, scope): (u64, &WithdrawalScope),
    listed: &BTreeSet<Digest>,
    now: Timestamp,
) -> Result<WithdrawalReach<'a>, Failure> {
    let (programs, slides) = match scope {
        WithdrawalScope::Program { program, slides, .. } => (filed.usable(*program)?.into_iter().collect(), slides.clone()),
        WithdrawalScope::Slides { slides } => (in_place(filed, &ANYWHERE, listed, now)?, Some(slides.keys().cloned().collect())),
    };
    let only = matches!(scope, WithdrawalScope::Program { .. });
    Ok(sorted(WithdrawalReach { number: Some(number), only, programs, slides }))
}

const ANYWHERE: WithdrawalNames<'_> = WithdrawalNames { digest: None, site: None, month: None, evergreen: false, slides: &[], only: false };

/// Each program once that has one of the slides; those last that may need several signatures.
fn sorted(mut reach: WithdrawalReach<'_>) -> WithdrawalReach<'_> {
    let mut programs = std::mem::take(&mut reach.programs);
    programs.retain(|each| reach.slides_of(each).is_none_or(|slides| !slides.is_empty()));
    programs.sort_by_key(|each| {
        let manifest = each.program.manifest();
        (manifest.kind == ProgramKind::Evergreen, &manifest.site, manifest.month, each.program.digest())
    });
    programs.dedup_by_key(|each| each.program.digest());
    WithdrawalReach { programs, ..reach }
}

fn of_digest<'a>(filed: &'a FiledPrograms, start: &str) -> Result<&'a FiledProgram, Failure> {
    filed.starting_with(start)?.ok_or_else(|| nothing_approved(filed))
}

/// The approved programs of a site and period, or of all of them that are not past.
fn in_place<'a>(
    filed: &'a FiledPrograms,
    named: &WithdrawalNames<'_>,
    listed: &BTreeSet<Digest>,
    now: Timestamp,
) -> Result<Vec<&'a FiledProgram>, Failure> {
    let of_period = |Claim { approval, .. }: &Claim| match (named.month, named.evergreen) {
        (Some(_), _) => approval.kind == ProgramKind::Monthly,
        (None, true) => approval.kind == ProgramKind::Evergreen,
        (None, false) => approval.show_until.is_none_or(|until| until > now.0),
    };
    let mut found = filed.read_claimed(|claim| of_period(claim) && named.site.is_none_or(|site| claim.approval.site == *site))?;
    let is_listed = |each: &FiledProgram| listed.contains(&each.program.digest());
    let mut since = BTreeMap::new();
    for each in found.iter().copied().filter(|each| is_listed(each)) {
        let last = since.entry(place(each)).or_default();
        *last = each.first_signed().max(*last);
    }
    // Approved in the same second counts as since.
    let counts = |each: &FiledProgram| is_listed(each) || since.get(&place(each)).is_none_or(|last| each.first_signed() >= *last);
    found.retain(|each| counts(each) && (named.month.is_none() || each.program.manifest().month == named.month));
    Ok(found)
}

/// What programs replace each other for.
pub(super) fn place(filed: &FiledProgram) -> (&SiteId, &'static str, Option<Month>) {
    let manifest = filed.program.manifest();
    (&manifest.site, manifest.kind.as_str(), manifest.month)
}

fn nothing_approved(filed: &FiledPrograms) -> Failure {
    let Text { vi, en } = match filed.read_claimed(|_| true) {
        Ok(known) => filed::list(known, |_| None),
        Err(failure) => return failure,
    };
    Failure::Usage(crate::text!(
        vi: "không có chương trình nào như vậy trong approvals/; chỉ thu hồi được chương trình đã duyệt:{vi}",
        en: "there is no such program in approvals/; only what was approved can be withdrawn:{en}"
    ))
}

/// Reads names of slides, each of which must be in one of the programs; `None` if there are no names.
fn slides(programs: &[&FiledProgram], names: &[String]) -> Result<Option<BTreeSet<SlideId>>, Failure> {
    let manifests = programs.iter().map(|each| each.program.manifest());
    // A part goes with its slide.
    let all = manifests.flat_map(|manifest| manifest.slides.keys().filter(|id| id.split_part().1 == 1).map(move |id| (id, manifest)));
    // Programs differ in titles, and the title on the screens may be that of any.
    let mut known: BTreeMap<&SlideId, BTreeSet<&str>> = BTreeMap::new();
    for (id, title) in all.filter_map(|(id, manifest)| Some((id, manifest.title(id)?))) {
        known.entry(id).or_default().insert(title);
    }
    let found = names.iter().map(|name| slide(&known, name)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(Some(found).filter(|found| !found.is_empty()))
}

/// Without the accidents of typing: in normal form C, in small letters.
fn folded(name: &str) -> String {
    name.trim().nfc().flat_map(char::to_lowercase).collect()
}

fn slide(known: &BTreeMap<&SlideId, BTreeSet<&str>>, name: &str) -> Result<SlideId, Failure> {
    let plain = name.strip_prefix("slides/").unwrap_or(name);
    let plain = plain.strip_suffix(".md").unwrap_or(plain);
    let (plain_fold, name_fold) = (folded(plain), folded(name));
    // An id wins over a title, whatever its letters' case.
    let id = [plain, &plain_fold].into_iter().filter_map(SlideId::parse).map(|id| id.split_part().0).find(|id| known.contains_key(id));
    if let Some(id) = id {
        return Ok(id);
    }
    let titled = |same: &dyn Fn(&str) -> bool| {
        known.iter().filter(|(_, titles)| titles.iter().any(|title| same(title))).map(|(id, _)| *id).collect::<Vec<_>>()
    };
    let exact = titled(&|title| title == name.trim());
    match if exact.is_empty() { titled(&|title| folded(title) == name_fold) } else { exact }.as_slice() {
        [id] => Ok((*id).clone()),
        [] => {
            let known: Vec<_> = known.iter().map(|(id, titles)| (id.as_str(), titles.iter().copied().collect())).collect();
            Err(choose::unknown(&crate::text!(vi: "trang đã duyệt", en: "approved slide"), plain, &known))
        }
        several => {
            let (title, ids) = (printable(name), several.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "));
            Err(Failure::Usage(crate::text!(
                vi: "nhiều trang có tiêu đề “{title}”; hãy nêu mã của trang: {ids}",
                en: "several slides have the title “{title}”; name the slide by its id: {ids}"
            )))
        }
    }
}
