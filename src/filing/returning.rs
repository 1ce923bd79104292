//! Which slides may not stand in a program that no screen has shown yet: withdrawn ones, under whatever id, until their `revision` is
//! raised, and those whose `revision` runs ahead of the withdrawals. Never touches a program that is published: `judge` does.

use std::collections::BTreeMap;
use std::path::Path;

use super::approve::ApprovalRequest;
use super::back_again::{self, taken_by};
use super::filed::{FiledProgram, FiledPrograms};
use super::page_copies::WithdrawnPages;
use super::signed_files;
use super::withdrawals::{self, StoredWithdrawal};
use super::{withdrawal_effect, withdrawal_lists};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::ids::{PlaylistId, RoleId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::content::model::values::Content;
use crate::program::manifest::{Manifest, ManifestSlide};
use crate::program::validate::Program;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::judge::{self, WithdrawnRevisions};
use crate::trust::root::{Root, SignedRoot};
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// The complete withdrawals of a content folder, and the programs that they were about.
pub struct ReturnCheck<'a> {
    pub root: &'a Verified<Root>,
    pub withdrawals: &'a [Verified<Withdrawal>],
    pub filed: &'a FiledPrograms,
}

/// Up to which revision slides are withdrawn.
pub(super) struct RevisionLimits {
    /// From the programs of one site and kind.
    pub(super) here: WithdrawnRevisions,
    /// By any role.
    anywhere: WithdrawnRevisions,
}

/// A slide that may not stand in a new program, and why.
pub(super) struct Refused {
    id: SlideId,
    kind: RefusalKind,
    cause: Text,
    /// Of a withdrawn one, what can be done but take it out of the playlists.
    help: Text,
}

enum RefusalKind {
    Withdrawn,
    RevisionAhead,
}

impl Refused {
    /// The remedy; `places`: the lines of playlists that bring the slide in, where they are known.
    fn help(&self, places: &str) -> Text {
        let Text { vi, en } = &self.help;
        match (&self.kind, places) {
            (RefusalKind::RevisionAhead, _) => self.help.clone(),
            (RefusalKind::Withdrawn, "") => text!(vi: "bỏ trang khỏi danh sách phát; {vi}", en: "take it out of the playlist; {en}"),
            (RefusalKind::Withdrawn, _) => {
                text!(vi: "bỏ trang khỏi danh sách phát ở: {places}; {vi}", en: "take it out of the playlists at: {places}; {en}")
            }
        }
    }

    /// The fault of the slide's file.
    pub(super) fn fault(self, content: &Content, now: Timestamp) -> Option<Diagnostic> {
        let to_come = |period, _: &PlaylistId| withdrawal_lists::is_to_come(period, now, content.settings.time_zone);
        let lines = withdrawal_lists::lines(content, &self.id, to_come);
        let places: Vec<_> = lines.iter().map(|(_, entry)| format!("{}:{}", entry.place.path, entry.place.line)).collect();
        let (place, help) = (content.slide(&self.id)?.place.clone(), self.help(&places.join(", ")));
        Some(match self.kind {
            RefusalKind::Withdrawn => Diagnostic::error("withdrawn-slide", place, self.cause, help),
            RefusalKind::RevisionAhead => Diagnostic::error("revision-ahead", place, self.cause, help),
        })
    }
}

/// The withdrawals that have, or have had under an older root, all their signatures.
pub fn complete(folder: &Path, chain: &[SignedRoot], filed: &FiledPrograms) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    Ok(were_complete(&withdrawals::read(folder, chain, filed)?))
}

pub(super) fn were_complete(all: &[StoredWithdrawal]) -> Vec<Verified<Withdrawal>> {
    all.iter().filter_map(StoredWithdrawal::was_complete).cloned().collect()
}

/// A slide whose revision is to be raised.
pub struct SlideRevision {
    /// Below `slides/`.
    pub source: String,
    pub revision: u64,
}

/// The slides of the content that a statement names, with the revision that each needs to be shown again.
pub fn raised(folder: &Path, content: &Content, number: u64) -> Result<Vec<SlideRevision>, Failure> {
    let chain = signed_files::roots(folder)?;
    let statements = withdrawals::read(folder, &chain, &FiledPrograms::list(folder)?)?;
    let (_, WithdrawalScope::Slides { slides }) = withdrawals::find(&statements, number)? else {
        return Err(Failure::Refused(text!(
            vi: "văn bản thu hồi số {number} chỉ nói về một chương trình; để chiếu lại, nâng lần sửa (revision) trong danh sách phát",
            en: "withdrawal {number} is about one program alone; to show it again, raise the revision in a playlist"
        )));
    };
    let taken = withdrawals::revisions(&statements);
    let needed = |id: &SlideId| {
        let (slide, revision) = (content.slides.get(id)?, taken.get(id)? + 1);
        (slide.revision < revision).then(|| SlideRevision { source: slide.source.clone(), revision })
    };
    Ok(slides.keys().filter_map(needed).collect())
}

/// Why a whole program is `gone`, and how to show its content again.
pub fn way_back(Text { vi, en }: &Text) -> Text {
    text!(
        vi: "{vi}; sửa nội dung, hoặc nếu thu hồi nhầm thì nâng lần sửa (revision) trong danh sách phát, rồi duyệt lại",
        en: "{en}; correct the content, or raise the playlist's revision if it was withdrawn by mistake, and have it approved"
    )
}

/// A slide that looks like a withdrawn one, and why that was withdrawn.
pub struct WithdrawnCopy {
    pub of: SlideId,
    pub why: Text,
}

/// That a slide is withdrawn from all programs.
fn for_good(Text { vi, en }: &Text) -> Text {
    text!(vi: "{vi}; không bản phát hành mới nào được chiếu trang này", en: "{en}; no new release may show it")
}

/// That a statement took a slide, and from what.
fn taken_for_people(body: &Withdrawal) -> Text {
    let why = withdrawn_by(body.version, &printable(&body.reason));
    if matches!(body.scope, WithdrawalScope::Slides { .. }) {
        return for_good(&why);
    }
    let Text { vi, en } = why;
    text!(
        vi: "{vi} khỏi riêng chương trình này; chương trình có nội dung khác thì được chiếu",
        en: "{en} from this program alone; one with other content may show it"
    )
}

fn withdrawn_by(number: u64, reason: &str) -> Text {
    text!(
        vi: "đã bị thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)",
        en: "was withdrawn (withdrawal {number}, reason: “{reason}”)"
    )
}

impl ReturnCheck<'_> {
    pub(super) fn limits(&self, site: &SiteId, kind: ProgramKind, own: &[RoleId]) -> RevisionLimits {
        let roles = judge::roles_of(self.root.body(), site, kind, own);
        let here = |body: &Withdrawal| judge::concerns_programs(self.root.body(), body, (site, kind), &roles);
        RevisionLimits {
            here: judge::withdrawn_revisions(self.withdrawals, here),
            anywhere: judge::withdrawn_revisions(self.withdrawals, |_| true),
        }
    }

    /// The last statement that names a slide, or that of which it is a part.
    fn last(&self, id: &SlideId) -> Option<&Verified<Withdrawal>> {
        let whole = id.split_part().0;
        let names =
            |each: &&Verified<Withdrawal>| matches!(&each.body().scope, WithdrawalScope::Slides { slides } if slides.contains_key(&whole));
        self.withdrawals.iter().rfind(names)
    }

    /// Its number and reason.
    fn named(&self, id: &SlideId) -> Option<(u64, String)> {
        self.last(id).map(|last| (last.body().version, printable(&last.body().reason)))
    }

    pub(super) fn refused(&self, limits: &RevisionLimits, id: &SlideId, revision: u64, source: &str) -> Option<Refused> {
        // A part is refused with its slide.
        if id.split_part().1 > 1 {
            return None;
        }
        let allowed = limits.anywhere.get(id).map_or(1, |taken| taken + 1);
        if limits.here.get(id).is_some_and(|taken| revision <= *taken) {
            let (number, reason) = self.named(id)?;
            return Some(Refused {
                id: id.clone(),
                kind: RefusalKind::Withdrawn,
                cause: text!(vi: "trang {id} đã bị thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)", en: "slide {id} is withdrawn (withdrawal {number}, reason: “{reason}”)"),
                help: text!(
                    vi: "hoặc, nếu muốn chiếu trở lại các trang của văn bản số {number}, chạy `bangtin revise --withdrawal {number}` rồi duyệt lại",
                    en: "or, to show the slides of withdrawal {number} again, run `bangtin revise --withdrawal {number}` and have them approved"
                ),
            });
        }
        (revision > allowed).then(|| Refused {
            id: id.clone(),
            kind: RefusalKind::RevisionAhead,
            cause: text!(
                vi: "trang {id} ghi revision {revision}, trong khi chỉ được đến {allowed}: mỗi lần thu hồi chỉ tăng một",
                en: "slide {id} has revision {revision} but may have {allowed} at most: each withdrawal allows one more"
            ),
            help: text!(vi: "ghi `revision: {allowed}` ở đầu tệp slides/{source}", en: "write `revision: {allowed}` at the top of slides/{source}"),
        })
    }

    /// Those of a plan's slides that are withdrawn from all programs of its site and kind, each with number and reason. `revision`: that of a
    /// slide or of the one it is a part of.
    pub(super) fn withdrawn_slides<'p>(
        &self,
        plan: &'p Manifest,
        revision: &dyn Fn(&SlideId) -> Option<u64>,
    ) -> BTreeMap<&'p SlideId, Text> {
        let limits = self.limits(&plan.site, plan.kind, &plan.roles);
        let taken = |id: &'p SlideId| {
            let most = limits.here.get(&id.split_part().0)?;
            let (number, reason) = self.named(id).filter(|_| revision(id).is_some_and(|revision| revision <= *most))?;
            Some((id, for_good(&withdrawn_by(number, &reason))))
        };
        plan.loops.values().flat_map(|each| &each.items).filter_map(|(id, _)| taken(id)).collect()
    }

    /// The slides that all withdrawals take from this very program, each with number and reason.
    pub(super) fn taken_from(&self, program: &Program) -> BTreeMap<SlideId, Text> {
        let mut found = BTreeMap::new();
        for (end, statement) in self.withdrawals.iter().enumerate() {
            for id in judge::withdrawal_effect(self.root.body(), &self.withdrawals[..=end], program).slides {
                found.entry(id).or_insert_with(|| taken_for_people(statement.body()));
            }
        }
        found
    }

    /// Number and reason of the withdrawal of a whole program, if there is one.
    pub fn gone(&self, program: &Program) -> Option<Text> {
        let body = withdrawal_effect::gone_by(self.root.body(), self.withdrawals, program)?.body();
        let (number, reason) = (body.version, printable(&body.reason));
        Some(withdrawn_by(number, &reason))
    }

    /// What a list says of a program that withdrawals concern.
    pub fn note(&self, filed: &FiledProgram) -> Option<Text> {
        let program = &filed.program;
        let gone = self.gone(program).map(|_| text!(vi: "đã bị thu hồi", en: "withdrawn"));
        gone.or_else(|| (!self.taken_from(program).is_empty()).then(|| text!(vi: "có trang đã thu hồi", en: "has withdrawn slides")))
    }

    /// Why a program may not be approved or published for the first time: each slide with cause and remedy.
    pub fn refusal(&self, manifest: &Manifest) -> Result<Option<Text>, Failure> {
        let limits = self.limits(&manifest.site, manifest.kind, &manifest.roles);
        let refused = |(id, slide): (&SlideId, &ManifestSlide)| self.refused(&limits, id, slide.revision, &slide.source);
        let mut found: Vec<Refused> = manifest.slides.iter().filter_map(refused).collect();
        found.extend(self.copies(manifest, &limits.here)?);
        let helps: Vec<Text> = found.iter().map(|each| each.help("")).collect();
        if let ([Refused { cause: Text { vi, en }, .. }], [help]) = (found.as_slice(), helps.as_slice()) {
            let Text { vi: vi_help, en: en_help } = help;
            return Ok(Some(text!(vi: "{vi}; {vi_help}", en: "{en}; {en_help}")));
        }
        // One line a slide, and each remedy once.
        let join = |pick: fn(&Text) -> &String| {
            let mut lines: Vec<&str> = Vec::new();
            for text in found.iter().map(|each| &each.cause).chain(&helps) {
                if !lines.contains(&pick(text).as_str()) {
                    lines.push(pick(text));
                }
            }
            lines.iter().map(|line| format!("\n  {line}")).collect::<String>()
        };
        let (count, vi, en) = (found.len(), join(|text| &text.vi), join(|text| &text.en));
        Ok((count > 0).then(|| text!(vi: "có {count} trang không được chiếu:{vi}", en: "{count} slides may not be shown:{en}")))
    }

    /// The pages that any site had of withdrawn slides.
    pub(super) fn withdrawn_pages<'a>(&self, most: &'a WithdrawnRevisions) -> Result<WithdrawnPages<'a>, Failure> {
        WithdrawnPages::read(self.filed, most)
    }

    /// Slides whose page has the very bytes of a withdrawn one.
    pub(super) fn copies(&self, manifest: &Manifest, most: &WithdrawnRevisions) -> Result<Vec<Refused>, Failure> {
        let copy = |(id, page): (&SlideId, &SlideId)| {
            let (number, reason) = self.named(page)?;
            Some(Refused {
                id: id.clone(),
                kind: RefusalKind::Withdrawn,
                cause: text!(
                    vi: "trang {id} giống hệt trang {page} đã bị thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)",
                    en: "slide {id} is the same as {page}, which is withdrawn (withdrawal {number}, reason: “{reason}”)"
                ),
                help: text!(
                    vi: "hoặc sửa nội dung trang; nếu muốn chiếu trở lại thì dùng chính trang {page}, chạy `bangtin revise --withdrawal {number}` rồi duyệt lại",
                    en: "or correct what it says; to show it again, use {page} itself, run `bangtin revise --withdrawal {number}` and have it approved"
                ),
            })
        };
        Ok(self.withdrawn_pages(most)?.copies(manifest).into_iter().filter_map(copy).collect())
    }

    /// The slides of a program whose page has the very bytes of a withdrawn one.
    pub(super) fn copied(&self, manifest: &Manifest) -> Result<BTreeMap<SlideId, WithdrawnCopy>, Failure> {
        let limits = self.limits(&manifest.site, manifest.kind, &manifest.roles);
        let copy = |(id, page): (&SlideId, &SlideId)| {
            let (number, reason) = self.named(page)?;
            Some((id.clone(), WithdrawnCopy { of: page.clone(), why: withdrawn_by(number, &reason) }))
        };
        Ok(self.withdrawn_pages(&limits.here)?.copies(manifest).into_iter().filter_map(copy).collect())
    }

    /// Takes out the requests that may not be approved, except those that the key has signed before; says why, and of those what is not
    /// shown. Fails if none is left.
    pub fn refuse(&self, asked: &mut Vec<ApprovalRequest>) -> Result<Vec<Text>, Failure> {
        let (mut kept, mut said) = (Vec::new(), Vec::new());
        for request in asked.drain(..) {
            let (site, program) = (&request.site, &request.built.program);
            // Slides that are withdrawn say more than that the whole program is.
            let refusal = self.refusal(program.manifest())?.or_else(|| {
                let (Text { vi, en }, title) = (way_back(&self.gone(program)?), printable(&program.manifest().title));
                Some(text!(vi: "cả chương trình “{title}” {vi}", en: "the whole program “{title}” {en}"))
            });
            said.extend(refusal.as_ref().map(|Text { vi, en }| match request.earlier {
                None => text!(vi: "{site}: không ký: {vi}", en: "{site}: not signed: {en}"),
                Some(_) => text!(vi: "{site}: đã ký từ trước, nhưng {vi}", en: "{site}: signed before, but {en}"),
            }));
            if refusal.is_none() || request.earlier.is_some() {
                kept.push(request);
            }
        }
        *asked = kept;
        if said.is_empty() || !asked.is_empty() {
            return Ok(said);
        }
        let join = |pick: fn(&Text) -> &String| said.iter().map(|text| pick(text).as_str()).collect::<Vec<_>>().join("\n");
        Err(Failure::Refused(Text { vi: join(|text| &text.vi), en: join(|text| &text.en) }))
    }

    /// The slides that are back after a withdrawal, compared with the last program that was approved: which statement took each, when and why.
    pub fn returned(&self, program: &Program, approved: Option<&Manifest>, zone: TimeZone) -> Result<BTreeMap<SlideId, Text>, Failure> {
        let manifest = program.manifest();
        let back = |(id, slide): (&SlideId, &ManifestSlide)| {
            let before = approved.and_then(|approved| approved.slides.get(id)).map_or(1, |slide| slide.revision);
            let last = self.last(id).filter(|_| slide.revision > before)?;
            Some((id.clone(), taken_by(last, zone)))
        };
        let mut found: BTreeMap<_, _> = manifest.slides.iter().filter_map(back).collect();
        for statement in back_again::followed((self.root, self.filed), self.withdrawals, program)? {
            if let WithdrawalScope::Program { slides: Some(slides), .. } = &statement.body().scope {
                let there = slides.iter().filter(|id| manifest.slides.contains_key(*id));
                for id in there {
                    found.entry(id.clone()).or_insert_with(|| taken_by(statement, zone));
                }
            }
        }
        Ok(found)
    }
}
