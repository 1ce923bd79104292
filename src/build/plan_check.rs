//! What a build would refuse of plans that are sound as plans: programs beyond the limits of a manifest.
//! Renders nothing, unless a program is so near to its limits that only its files decide.

use std::collections::BTreeSet;
use std::path::Path;

use super::assemble::{self, PageId};
use super::draft::{self, BuildInputs, LazyRenderer};
use super::render::{ListedFile, Renderer, Theme, page_path};
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::relpath::RelPath;
use crate::content::model::values::{Content, Period};
use crate::content::plan::Plan;

/// A size that is written with at least as many digits as that of any file of a program.
const LARGE: u64 = 9_999_999_999;

/// The faults of programs that these plans make.
pub fn check<'p>(root: &Path, theme: &Theme, content: &Content, plans: impl Iterator<Item = &'p Plan>) -> Result<Vec<Diagnostic>, Failure> {
    let own: BTreeSet<RelPath> = theme.file_paths().cloned().collect();
    let mut faults = Vec::new();
    for plan in plans {
        let Some(site) = content.sites.get(&plan.site) else { continue };
        let needed = assemble::required_pages(plan, site);
        let with_path = |page: PageId| page_path(&page.slide, page.face.size()).map(|path| (page, path));
        let pages: Vec<(PageId, RelPath)> = needed.into_iter().filter_map(with_path).collect();
        let own_pages = || pages.iter().map(|(_, path)| path);
        let media = media_paths(content, &pages);
        let most = files(own_pages().chain(&own).chain(&media), LARGE);
        if assemble::assemble(content, plan, &pages, most.into_iter()).is_ok() {
            continue;
        }
        let least = files(own_pages(), 1);
        match assemble::assemble(content, plan, &pages, least.into_iter()) {
            Err(what) => faults.push(draft::refused_program(&plan.site, &what)),
            Ok(_) => faults.extend(faults_of_build(root, content, plan)?),
        }
    }
    Ok(faults)
}

/// More paths of pictures, films and sounds than these pages can have: the renditions of a picture for boxes of one size are one file.
fn media_paths(content: &Content, pages: &[(PageId, RelPath)]) -> BTreeSet<RelPath> {
    let mut paths = BTreeSet::new();
    for (page, _) in pages {
        let Some(slide) = content.slides.get(&page.slide) else { continue };
        for (number, media) in slide.media.values().chain(slide.pictures.values()).enumerate() {
            let name = Digest::of(format!("{number} {} {:?}", media.path, page.face.size()).as_bytes()).to_string();
            paths.extend(RelPath::parse(&format!("assets/{}.webp", &name[..32])));
        }
    }
    paths
}

/// Files with these paths, in their order, each of another digest.
fn files<'a>(paths: impl Iterator<Item = &'a RelPath>, size: u64) -> Vec<ListedFile> {
    let paths: BTreeSet<&RelPath> = paths.collect();
    paths.into_iter().map(|path| ListedFile { path: path.clone(), digest: Digest::of(path.as_str().as_bytes()), size }).collect()
}

/// What a build of this program says.
fn faults_of_build(root: &Path, content: &Content, plan: &Plan) -> Result<Vec<Diagnostic>, Failure> {
    let renderer = Renderer::new(Theme::load(root, &content.settings.theme)?, root.to_owned(), None);
    let shelf = LazyRenderer { content, renderer: &|| Ok(&renderer), pages: None };
    let inputs = BuildInputs { shelf: &shelf, theme: None, cached_files: &|_| None };
    let period = plan.month.map_or(Period::Evergreen, Period::Month);
    match draft::build_drafts(&inputs, std::slice::from_ref(&plan.site), period) {
        Ok(_) => Ok(Vec::new()),
        Err(Failure::Content(faults)) => Ok(faults),
        Err(failure) => Err(failure),
    }
}
