//! Turns content into programs: plans, pages, manifests. Unchanged files are referenced, not rendered again; a slide that several sites
//! show on like faces is rendered once. Never writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::assemble::{self, PageId};
use super::render::{ListedFile, RenderedFile, Renderer};
use crate::base::bytes::ByteSource;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::lock::MutexExt as _;
use crate::base::relpath::RelPath;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{self, Plan};
use crate::program::validate::Program;
use crate::text;

/// A program and its files.
pub struct ProgramDraft {
    pub site: SiteId,
    pub program: Program,
    /// Bytes of `program.json`.
    pub bytes: Vec<u8>,
    /// In the order of the manifest.
    pub files: Vec<ProgramFile>,
    /// Warnings of the plan.
    pub warnings: Vec<Diagnostic>,
}

/// One file of a program; [`LazyRenderer::file_bytes`] gives its bytes.
#[derive(Clone)]
pub struct ProgramFile {
    pub file: ListedFile,
    body: Option<ByteSource>,
    /// The page that needs it; `None` for a file of the theme.
    page: Option<Arc<PageId>>,
}

/// Inputs of [`build_drafts`].
pub struct BuildInputs<'a, 'r> {
    pub shelf: &'a LazyRenderer<'r>,
    /// The theme's files, if an earlier build has listed them.
    pub theme: Option<Vec<ListedFile>>,
    /// Files of a page, the page first, if an earlier build has listed them.
    pub cached_files: &'a (dyn Fn(&PageId) -> Option<Vec<ListedFile>> + Sync),
}

/// Gives the bytes of program files; renders only when needed.
pub struct LazyRenderer<'a> {
    pub content: &'a Content,
    /// Not called by a build that changes no page, so no theme is loaded.
    pub renderer: GetRenderer<'a>,
    /// Keeps rendered pages for the next programs of a command; `None` keeps none.
    pub pages: Option<&'a RenderedPages>,
}

/// The files of rendered pages.
pub type RenderedPages = Mutex<BTreeMap<PageId, Vec<RenderedFile>>>;

/// Returns the renderer, the same each time.
pub type GetRenderer<'a> = &'a (dyn Fn() -> Result<&'a Renderer, Failure> + Sync);

/// Newly rendered pages with their files.
pub type NewPages = Vec<(PageId, Vec<ListedFile>)>;

/// Sorted by page.
type PageFiles<'a> = Vec<(&'a PageId, Result<Vec<ProgramFile>, Vec<Diagnostic>>)>;

/// Plans and packs one program per site. Fails with all faults of all plans and slides together.
pub fn build_drafts(inputs: &BuildInputs<'_, '_>, sites: &[SiteId], period: Period) -> Result<(Vec<ProgramDraft>, NewPages), Failure> {
    let content = inputs.shelf.content;
    let plans: Vec<Result<Plan, Vec<Diagnostic>>> = sites.par_iter().map(|site| plan::period(content, site, period)).collect();
    let needed = |plan: &Plan| content.sites.get(&plan.site).map(|site| assemble::required_pages(plan, site)).unwrap_or_default();
    let needed: Vec<BTreeSet<PageId>> = plans.iter().map(|plan| plan.as_ref().map(needed).unwrap_or_default()).collect();
    let (pages, fresh) = pages(inputs, &needed)?;
    let theme = theme(inputs)?;
    let (mut drafts, mut faults) = (Vec::new(), Vec::new());
    for (plan, needed) in plans.into_iter().zip(&needed) {
        let found: Vec<Diagnostic> = match plan {
            Err(found) => found,
            Ok(plan) => match draft(inputs, plan, needed, &pages, &theme) {
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

fn pages<'a>(inputs: &BuildInputs<'_, '_>, needed: &'a [BTreeSet<PageId>]) -> Result<(PageFiles<'a>, NewPages), Failure> {
    let all: BTreeSet<&PageId> = needed.iter().flatten().collect();
    let all: Vec<&PageId> = all.into_iter().collect();
    let kept: Vec<Option<Vec<ListedFile>>> = all.par_iter().map(|name| (inputs.cached_files)(name)).collect();
    let renderer = if kept.iter().all(Option::is_some) { None } else { Some((inputs.shelf.renderer)()?) };
    let made: Vec<Result<Vec<ProgramFile>, Vec<Diagnostic>>> = all
        .par_iter()
        .zip(kept)
        .map(|(name, kept)| {
            let page = Arc::new((*name).clone());
            let part = |file: ListedFile, body| ProgramFile { file, body, page: Some(Arc::clone(&page)) };
            match (kept, renderer) {
                (Some(files), _) => Ok(files.into_iter().map(|file| part(file, None)).collect()),
                (None, Some(renderer)) => {
                    let files = inputs.shelf.page(renderer, name)?;
                    Ok(files.into_iter().map(|file| part(file.to_listed(), Some(file.body))).collect())
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

fn theme(inputs: &BuildInputs<'_, '_>) -> Result<Vec<ProgramFile>, Failure> {
    let part = |file: ListedFile, body| ProgramFile { file, body, page: None };
    Ok(match &inputs.theme {
        Some(files) => files.iter().map(|file| part(file.clone(), None)).collect(),
        None => (inputs.shelf.renderer)()?.theme_files()?.into_iter().map(|file| part(file.to_listed(), Some(file.body))).collect(),
    })
}

fn draft(
    inputs: &BuildInputs<'_, '_>,
    plan: Plan,
    needed: &BTreeSet<PageId>,
    pages: &PageFiles<'_>,
    theme: &[ProgramFile],
) -> Result<ProgramDraft, Vec<Diagnostic>> {
    let (mut files, mut faults) = (Vec::with_capacity(needed.len() + theme.len()), Vec::new());
    let mut paths = Vec::with_capacity(needed.len());
    let mut made = pages.iter();
    for name in needed {
        // Both are sorted, and every needed page is present.
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
    let warnings = plan.all_warnings();
    match assemble::assemble(inputs.shelf.content, &plan, &paths, files.iter().map(|part| part.file.clone())) {
        Ok((program, bytes)) => Ok(ProgramDraft { site: plan.site, program, bytes, files, warnings }),
        Err(what) => Err(vec![refused_program(&plan.site, &what)]),
    }
}

/// A program beyond the limits of a manifest. `what`: the reason, in English.
pub fn refused_program(site: &SiteId, what: &str) -> Diagnostic {
    Diagnostic::error(
        "program-refused",
        SourceLocation::file(format!("sites/{site}.yaml")),
        text!(vi: "chương trình không hợp lệ: {what}", en: "the program is not well formed: {what}"),
        text!(vi: "giảm số trang hoặc số ảnh, phim của kỳ này, hoặc số cỡ màn hình của cụm", en: "use fewer slides, pictures and films in the period, or fewer sizes of screens at the site"),
    )
}

impl ProgramFile {
    /// A file of these bytes that is neither a page's nor the theme's.
    pub fn in_memory(path: RelPath, bytes: &[u8]) -> Self {
        let file = ListedFile { path, digest: Digest::of(bytes), size: bytes.len() as u64 };
        Self { file, body: Some(ByteSource::Memory(bytes.into())), page: None }
    }
}

impl LazyRenderer<'_> {
    fn page(&self, renderer: &Renderer, name: &PageId) -> Result<Vec<RenderedFile>, Vec<Diagnostic>> {
        if let Some(files) = self.pages.and_then(|pages| pages.hold().get(name).cloned()) {
            return Ok(files);
        }
        let files = renderer.slide(self.content, &name.slide, name.face)?;
        if let Some(pages) = self.pages {
            pages.hold().insert(name.clone(), files.clone());
        }
        Ok(files)
    }

    /// Returns the bytes of a file; renders it again if an earlier build rendered it.
    pub fn file_bytes(&self, part: &ProgramFile) -> Result<ByteSource, Failure> {
        if let Some(body) = &part.body {
            return Ok(body.clone());
        }
        let renderer = (self.renderer)()?;
        let files = match &part.page {
            None => renderer.theme_files()?,
            Some(name) => self.page(renderer, name).map_err(Failure::Content)?,
        };
        let same = |file: &RenderedFile| file.path == part.file.path && file.digest == part.file.digest;
        files.into_iter().find(same).map(|file| file.body).ok_or_else(|| changed_during_build(&part.file))
    }
}

/// Reports a file that now renders differently.
fn changed_during_build(file: &ListedFile) -> Failure {
    let path = &file.path;
    Failure::External(text!(
        vi: "{path}: nội dung thay đổi trong lúc tạo chương trình; hãy chạy lại",
        en: "{path}: the content changed during the build; run it again"
    ))
}
