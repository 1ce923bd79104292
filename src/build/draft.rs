//! From content to programs whose files may still lie where an earlier build put them: plans, pages, manifests. A slide that several sites
//! show at one size is rendered once. Never writes.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::assemble::{self, PageId};
use super::render::{ListedFile, RenderedFile, Renderer};
use crate::base::bytes::ByteSource;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{self, Plan};
use crate::program::validate::Program;
use crate::text;

/// A program and the parts that it is made of.
pub struct ProgramDraft {
    /// Whose it is.
    pub site: SiteId,
    /// The manifest, checked as a player checks it.
    pub program: Program,
    /// The bytes of `program.json`.
    pub bytes: Vec<u8>,
    /// Every file that the manifest lists, in its order.
    pub files: Vec<ProgramFile>,
    /// What of the plan deserves a look.
    pub warnings: Vec<Diagnostic>,
}

/// One file of a program. Its bytes may be wanted or not: [`LazyRenderer::file_bytes`] gives them.
#[derive(Clone)]
pub struct ProgramFile {
    /// As the manifest lists it.
    pub file: ListedFile,
    body: Option<ByteSource>,
    /// The page that brings it; none for a file of the theme.
    page: Option<Arc<PageId>>,
}

/// What drafts are made from.
pub struct BuildInputs<'a, 'r> {
    /// The content.
    pub content: &'a Content,
    /// Where bytes come from.
    pub shelf: &'a LazyRenderer<'r>,
    /// The files of the theme, if an earlier build has listed them.
    pub theme: Option<Vec<ListedFile>>,
    /// The files of a page, the page first, if an earlier build has listed them.
    pub cached_files: &'a (dyn Fn(&PageId) -> Option<Vec<ListedFile>> + Sync),
}

/// Where the bytes of parts come from.
pub struct LazyRenderer<'a> {
    /// The content.
    pub content: &'a Content,
    /// Gives the renderer; a build that changes no page asks for none, and no theme is loaded.
    pub renderer: GetRenderer<'a>,
}

/// Gives the renderer, the same each time.
pub type GetRenderer<'a> = &'a (dyn Fn() -> Result<&'a Renderer, Failure> + Sync);

/// Pages that were rendered now, with their files.
pub type NewPages = Vec<(PageId, Vec<ListedFile>)>;

/// Sorted by name.
type PageFiles<'a> = Vec<(&'a PageId, Result<Vec<ProgramFile>, Vec<Diagnostic>>)>;

/// Plans and packs one program for each of these sites.
///
/// # Errors
/// All faults of all plans and of every slide together.
pub fn build_drafts(makings: &BuildInputs<'_, '_>, sites: &[SiteId], period: Period) -> Result<(Vec<ProgramDraft>, NewPages), Failure> {
    let content = makings.content;
    let plans: Vec<Result<Plan, Vec<Diagnostic>>> = sites.par_iter().map(|site| plan::period(content, site, period)).collect();
    let wanted = |plan: &Plan| content.sites.get(&plan.site).map(|site| assemble::required_pages(plan, site)).unwrap_or_default();
    let wanted: Vec<BTreeSet<PageId>> = plans.iter().map(|plan| plan.as_ref().map(wanted).unwrap_or_default()).collect();
    let (pages, fresh) = pages(makings, &wanted)?;
    let theme = theme(makings)?;
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    for (plan, wanted) in plans.into_iter().zip(&wanted) {
        let found: Vec<Diagnostic> = match plan {
            Err(found) => found,
            Ok(plan) => match draft(makings, plan, wanted, &pages, &theme) {
                Ok(draft) => {
                    drafts.push(draft);
                    continue;
                }
                Err(found) => found,
            },
        };
        for fault in found {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    if faults.is_empty() { Ok((drafts, fresh)) } else { Err(Failure::Content(faults)) }
}

fn pages<'a>(makings: &BuildInputs<'_, '_>, wanted: &'a [BTreeSet<PageId>]) -> Result<(PageFiles<'a>, NewPages), Failure> {
    let all: BTreeSet<&PageId> = wanted.iter().flatten().collect();
    let all: Vec<&PageId> = all.into_iter().collect();
    let kept: Vec<Option<Vec<ListedFile>>> = all.par_iter().map(|name| (makings.cached_files)(name)).collect();
    let renderer = if kept.iter().all(Option::is_some) { None } else { Some((makings.shelf.renderer)()?) };
    let made: Vec<Result<Vec<ProgramFile>, Vec<Diagnostic>>> = all
        .par_iter()
        .zip(kept)
        .map(|(name, kept)| {
            let page = Arc::new((*name).clone());
            let part = |file: ListedFile, body| ProgramFile { file, body, page: Some(Arc::clone(&page)) };
            match (kept, renderer) {
                (Some(files), _) => Ok(files.into_iter().map(|file| part(file, None)).collect()),
                (None, Some(renderer)) => {
                    let page = renderer.slide(makings.content, &name.slide, name.size)?;
                    Ok(page.files.into_iter().map(|file| part(file.to_listed(), Some(file.body))).collect())
                }
                (None, None) => Err(Vec::new()),
            }
        })
        .collect();
    let fresh = |(name, made): (&&PageId, &Result<Vec<ProgramFile>, _>)| {
        let parts = made.as_ref().ok().filter(|parts| parts.first().is_some_and(|first| first.body.is_some()))?;
        Some(((*name).clone(), parts.iter().map(|part| part.file.clone()).collect()))
    };
    let fresh = all.iter().zip(&made).filter_map(fresh).collect();
    Ok((all.into_iter().zip(made).collect(), fresh))
}

fn theme(makings: &BuildInputs<'_, '_>) -> Result<Vec<ProgramFile>, Failure> {
    let part = |file: ListedFile, body| ProgramFile { file, body, page: None };
    Ok(match &makings.theme {
        Some(files) => files.iter().map(|file| part(file.clone(), None)).collect(),
        None => (makings.shelf.renderer)()?.theme_files()?.into_iter().map(|file| part(file.to_listed(), Some(file.body))).collect(),
    })
}

fn draft(
    makings: &BuildInputs<'_, '_>,
    mut plan: Plan,
    wanted: &BTreeSet<PageId>,
    pages: &PageFiles<'_>,
    theme: &[ProgramFile],
) -> Result<ProgramDraft, Vec<Diagnostic>> {
    let (mut files, mut faults) = (Vec::with_capacity(wanted.len() + theme.len()), Vec::new());
    let mut paths = Vec::with_capacity(wanted.len());
    let mut made = pages.iter();
    for name in wanted {
        // Both are sorted, and all that is wanted is there.
        match made.find(|(found, _)| *found == name).map(|(_, parts)| parts) {
            Some(Ok(parts)) => {
                paths.extend(parts.first().map(|page| (name.clone(), page.file.path.clone())));
                files.extend_from_slice(parts);
            }
            Some(Err(more)) => faults.extend_from_slice(more),
            None => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    files.extend_from_slice(theme);
    files.sort_by(|a, b| a.file.path.cmp(&b.file.path));
    files.dedup_by(|a, b| a.file.path == b.file.path);
    let warnings = std::mem::take(&mut plan.warnings);
    match assemble::assemble(makings.content, &plan, &paths, files.iter().map(|part| part.file.clone())) {
        Ok((program, bytes)) => Ok(ProgramDraft { site: plan.site, program, bytes, files, warnings }),
        Err(what) => Err(vec![Diagnostic::error(
            "program-refused",
            SourceLocation::file(format!("sites/{}.yaml", plan.site)),
            text!(vi: "chương trình không hợp lệ: {what}", en: "the program is not well formed: {what}"),
            text!(vi: "giảm số trang hoặc dung lượng ảnh, video của tháng", en: "use fewer slides, or smaller pictures and videos, in the month"),
        )]),
    }
}

impl ProgramFile {
    /// Whether its bytes are in memory or in a file, so that nothing has to be made again.
    pub fn has_bytes(&self) -> bool {
        self.body.is_some()
    }
}

impl LazyRenderer<'_> {
    /// The bytes of a part, made again where an earlier build had made them.
    pub fn file_bytes(&self, part: &ProgramFile) -> Result<ByteSource, Failure> {
        if let Some(body) = &part.body {
            return Ok(body.clone());
        }
        let renderer = (self.renderer)()?;
        let files = match &part.page {
            None => renderer.theme_files()?,
            Some(name) => renderer.slide(self.content, &name.slide, name.size).map_err(Failure::Content)?.files,
        };
        let same = |file: &RenderedFile| file.path == part.file.path && file.digest == part.file.digest;
        files.into_iter().find(same).map(|file| file.body).ok_or_else(|| changed_during_build(&part.file))
    }
}

/// A file does not come out as it did a moment ago.
fn changed_during_build(file: &ListedFile) -> Failure {
    let path = &file.path;
    Failure::External(text!(
        vi: "{path}: nội dung thay đổi trong lúc tạo chương trình; hãy chạy lại",
        en: "{path}: the content changed during the build; run it again"
    ))
}
