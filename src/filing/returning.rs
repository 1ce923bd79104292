//! Which slides may not stand in a program that no screen has shown yet: withdrawn ones, under whatever id, until their `revision` is
//! raised, and those whose `revision` runs ahead of the withdrawals. Never touches a program that is published: `judge` does.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::approve::ApprovalRequest;
use super::filed::{Claim, FiledPrograms};
use super::signed_files;
use super::withdrawal_lists;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{PlaylistId, RoleId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::build::compile::Compiler;
use crate::content::model::values::{Content, Period};
use crate::content::plan::Plan;
use crate::program::manifest::{Manifest, ManifestSlide};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::judge::{self, WithdrawnRevisions};
use crate::trust::root::{Root, SignedRoot};
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// The complete withdrawals of a content folder, and the programs that they were about.
pub struct ReturnCheck<'a> {
    pub root: &'a Root,
    pub withdrawals: &'a [Verified<Withdrawal>],
    pub filed: &'a FiledPrograms,
}

/// Up to which revision slides are withdrawn.
struct RevisionLimits {
    /// From the programs of one site and kind.
    here: WithdrawnRevisions,
    /// By any role.
    anywhere: WithdrawnRevisions,
}

/// A page of a withdrawn slide.
#[derive(Clone)]
struct WithdrawnPage {
    id: SlideId,
    title: String,
}

/// Why a slide may not stand in a new program.
struct Refused {
    code: &'static str,
    cause: Text,
    help: Text,
}

/// A remedy with every line of a playlist that brings the slide in.
fn with_lines(content: &Content, id: &SlideId, now: Timestamp, Text { vi, en }: Text) -> Text {
    let to_come = |period, _: &PlaylistId| withdrawal_lists::is_to_come(period, now, content.settings.time_zone);
    let lines = withdrawal_lists::lines(content, id, to_come);
    let places = lines.iter().map(|(_, entry)| format!("{}:{}", entry.place.path, entry.place.line)).collect::<Vec<_>>().join(", ");
    if places.is_empty() {
        return Text { vi, en };
    }
    text!(vi: "{vi}; trang này có ở: {places}", en: "{en}; it stands at: {places}")
}

/// The withdrawals that have all their signatures.
pub fn complete(folder: &Path, chain: &[SignedRoot], filed: &FiledPrograms) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    Ok(withdrawals::read(folder, chain, filed)?.iter().filter_map(StoredWithdrawal::complete).cloned().collect())
}

/// What is wrong with the slides of plans that are not past, where the folder has a root. Renders pages only where a slide has the title of
/// a withdrawn one: every layout shows it.
pub fn faults_of_plans(
    folder: &Path,
    cache: Option<PathBuf>,
    (content, plans): (&Content, &[Plan]),
    now: Timestamp,
) -> Result<Vec<Diagnostic>, Failure> {
    let chain = signed_files::read_chain(&folder.join("trust"))?;
    let Some(newest) = chain.last() else { return Ok(Vec::new()) };
    let filed = FiledPrograms::list(folder)?;
    let check = ReturnCheck { root: newest.root.body(), withdrawals: &complete(folder, &chain, &filed)?, filed: &filed };
    let (mut faults, compiler) = (Vec::new(), OnceCell::new());
    for plan in plans.iter().filter(|plan| plan.valid.1.is_none_or(|until| until > now.0)) {
        let limits = check.limits(&plan.site, plan.kind, &plan.roles);
        let shown: BTreeSet<&SlideId> = plan.loops.values().flat_map(|each| &each.items).map(|(id, _)| id).collect();
        let mut found: Vec<(SlideId, Refused)> = Vec::new();
        for id in &shown {
            let refused = content.slides.get(*id).and_then(|slide| check.refused(&limits, id, slide.revision, &slide.source));
            found.extend(refused.map(|refused| ((*id).clone(), refused)));
        }
        let titles: BTreeSet<&str> = shown.iter().filter_map(|id| content.slides.get(*id)).map(|slide| slide.title.as_str()).collect();
        let copied = |page: &WithdrawnPage| !shown.contains(&page.id) && titles.contains(page.title.as_str());
        if check.withdrawn_pages(&limits.here)?.values().any(copied) {
            if compiler.get().is_none() {
                drop(compiler.set(Compiler::new(folder, cache.clone(), content)?));
            }
            let period = plan.month.map_or(Period::Evergreen, Period::Month);
            match compiler.get().map(|compiler| compiler.compile(&plan.site, period)).transpose() {
                Ok(built) => {
                    found.extend(built.map(|built| check.copies(built.program.manifest(), &limits.here)).transpose()?.unwrap_or_default());
                }
                Err(Failure::Content(broken)) => faults.extend(broken),
                Err(failure) => return Err(failure),
            }
        }
        for (id, Refused { code, cause, help }) in found {
            let help = if code == "withdrawn-slide" { with_lines(content, &id, now, help) } else { help };
            faults.extend(content.slides.get(&id).map(|slide| Diagnostic::error(code, slide.place.clone(), cause, help)));
        }
    }
    Ok(faults)
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
            vi: "văn bản thu hồi số {number} chỉ nói về một chương trình; để chiếu lại, tăng revision trong danh sách phát",
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

impl ReturnCheck<'_> {
    fn limits(&self, site: &SiteId, kind: ProgramKind, own: &[RoleId]) -> RevisionLimits {
        let roles = judge::roles_of(self.root, site, kind, own);
        let here = |body: &Withdrawal| judge::concerns_programs(self.root, body, (site, kind), &roles);
        RevisionLimits {
            here: judge::withdrawn_revisions(self.withdrawals, here),
            anywhere: judge::withdrawn_revisions(self.withdrawals, |_| true),
        }
    }

    /// The last statement that names a slide.
    fn named(&self, id: &SlideId) -> Option<(u64, String)> {
        let names = |body: &&Withdrawal| matches!(&body.scope, WithdrawalScope::Slides { slides } if slides.contains_key(id));
        self.withdrawals.iter().map(Verified::body).rfind(names).map(|body| (body.version, printable(&body.reason)))
    }

    fn takes_several(&self, number: u64) -> bool {
        self.withdrawals.iter().any(|each| each.body().version == number && each.body().scope.slides().len() > 1)
    }

    fn refused(&self, limits: &RevisionLimits, id: &SlideId, revision: u64, source: &str) -> Option<Refused> {
        let allowed = limits.anywhere.get(id).map_or(1, |taken| taken + 1);
        if limits.here.get(id).is_some_and(|taken| revision <= *taken) {
            let (number, reason) = self.named(id)?;
            return Some(Refused {
                code: "withdrawn-slide",
                cause: text!(vi: "trang {id} đã bị thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)", en: "slide {id} is withdrawn (withdrawal {number}, reason: “{reason}”)"),
                help: if self.takes_several(number) {
                    text!(
                        vi: "bỏ trang khỏi danh sách phát; hoặc nếu các trang của văn bản thu hồi số {number} được chiếu trở lại thì tăng revision của tất cả bằng: bangtin revise --withdrawal {number}, rồi duyệt lại",
                        en: "take it out of the playlist; or, to show the slides of withdrawal {number} again, raise their revision with: bangtin revise --withdrawal {number}, and have them approved"
                    )
                } else {
                    text!(
                        vi: "bỏ trang khỏi danh sách phát; hoặc nếu được chiếu trở lại thì ghi `revision: {allowed}` ở đầu tệp slides/{source} rồi duyệt lại",
                        en: "take it out of the playlist; or, to show it again, write `revision: {allowed}` at the top of slides/{source} and have it approved"
                    )
                },
            });
        }
        (revision > allowed).then(|| Refused {
            code: "revision-ahead",
            cause: text!(
                vi: "trang {id} ghi revision {revision}, trong khi chỉ được đến {allowed}: mỗi lần thu hồi chỉ tăng một",
                en: "slide {id} has revision {revision} but may have {allowed} at most: each withdrawal allows one more"
            ),
            help: text!(vi: "ghi `revision: {allowed}` ở đầu tệp slides/{source}", en: "write `revision: {allowed}` at the top of slides/{source}"),
        })
    }

    /// Why a program may not be approved or published for the first time: each slide with cause and remedy.
    pub fn refusal(&self, manifest: &Manifest) -> Result<Option<Text>, Failure> {
        let limits = self.limits(&manifest.site, manifest.kind, &manifest.roles);
        let refused = |(id, slide): (&SlideId, &ManifestSlide)| self.refused(&limits, id, slide.revision, &slide.source);
        let mut found: Vec<Refused> = manifest.slides.iter().filter_map(refused).collect();
        found.extend(self.copies(manifest, &limits.here)?.into_iter().map(|(_, refused)| refused));
        let join = |pick: fn(&Text) -> &String| {
            if let [Refused { cause, help, .. }] = found.as_slice() {
                return format!("{}; {}", pick(cause), pick(help));
            }
            // One line a slide, and each remedy once.
            let mut lines: Vec<&str> = Vec::new();
            for text in found.iter().map(|each| &each.cause).chain(found.iter().map(|each| &each.help)) {
                if !lines.contains(&pick(text).as_str()) {
                    lines.push(pick(text));
                }
            }
            lines.iter().map(|line| format!("\n  {line}")).collect()
        };
        let (vi, en) = (join(|text| &text.vi), join(|text| &text.en));
        Ok((!found.is_empty()).then_some(Text { vi, en }))
    }

    /// The pages of withdrawn slides that any site had when they were withdrawn.
    fn withdrawn_pages(&self, most: &WithdrawnRevisions) -> Result<BTreeMap<Digest, WithdrawnPage>, Failure> {
        let mut pages = BTreeMap::new();
        if most.is_empty() {
            return Ok(pages);
        }
        let current = |Claim { approval, issued }: &Claim| {
            let before = |withdrawal: &Verified<Withdrawal>| {
                *issued <= withdrawal.issued() && approval.show_until.is_none_or(|until| until > withdrawal.issued().0)
            };
            self.withdrawals.iter().any(before)
        };
        for filed in self.filed.read_claimed(current)? {
            let old = filed.program.manifest();
            let withdrawn = |(id, slide): &(&SlideId, &ManifestSlide)| most.get(*id).is_some_and(|taken| slide.revision <= *taken);
            for (id, slide) in old.slides.iter().filter(withdrawn) {
                let page = WithdrawnPage { id: id.clone(), title: slide.title.clone() };
                pages.extend(slide.pages.values().filter_map(|path| Some((old.file(path.as_str())?.sha256, page.clone()))));
            }
        }
        Ok(pages)
    }

    /// Slides whose page has the very bytes of a withdrawn one.
    fn copies(&self, manifest: &Manifest, most: &WithdrawnRevisions) -> Result<Vec<(SlideId, Refused)>, Failure> {
        let mut pages = self.withdrawn_pages(most)?;
        // With the slide itself back, its bytes are approved again.
        pages.retain(|_, page| !manifest.slides.contains_key(&page.id));
        let copy = |(id, slide): (&SlideId, &ManifestSlide)| {
            let page = &slide.pages.values().find_map(|page| pages.get(&manifest.file(page.as_str())?.sha256))?.id;
            let (number, reason) = self.named(page)?;
            let refused = Refused {
                code: "withdrawn-slide",
                cause: text!(
                    vi: "trang {id} giống hệt trang {page} đã bị thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)",
                    en: "slide {id} is the same as {page}, which is withdrawn (withdrawal {number}, reason: “{reason}”)"
                ),
                help: text!(
                    vi: "sửa nội dung trang; hoặc nếu được chiếu trở lại thì dùng chính trang {page} với `revision` tăng thêm một",
                    en: "correct what it says; or, to show it again, use {page} itself with its `revision` raised by one"
                ),
            };
            Some((id.clone(), refused))
        };
        Ok(manifest.slides.iter().filter_map(copy).collect())
    }

    /// Takes out the requests that may not be approved, except those that the key has signed before; says why, and of those what is not
    /// shown. Fails if none is left.
    pub fn refuse(&self, asked: &mut Vec<ApprovalRequest>) -> Result<Vec<Text>, Failure> {
        let (mut kept, mut said) = (Vec::new(), Vec::new());
        for request in asked.drain(..) {
            let (site, refusal) = (&request.site, self.refusal(request.built.program.manifest())?);
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

    /// The slides that return after a withdrawal, compared with the last program that was approved.
    pub fn returned(&self, manifest: &Manifest, last: Option<&Manifest>) -> Vec<Text> {
        let back = |(id, slide): (&SlideId, &ManifestSlide)| {
            let before = last.and_then(|last| last.slides.get(id)).map_or(1, |slide| slide.revision);
            let (number, reason) = self.named(id).filter(|_| slide.revision > before)?;
            Some(text!(
                vi: "{id}: trở lại sau khi thu hồi (văn bản thu hồi số {number}, lý do: “{reason}”)",
                en: "{id}: returns after its withdrawal (withdrawal {number}, reason: “{reason}”)"
            ))
        };
        manifest.slides.iter().filter_map(back).collect()
    }
}
