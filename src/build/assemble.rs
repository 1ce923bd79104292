//! Turns a plan and its rendered files into a program: builds and checks the manifest and its canonical bytes.
//! Never writes files, never handles keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;
use crate::build::render::ListedFile;
use crate::content::model::faces::Face;
use crate::content::model::values::{Content, Site};
use crate::content::plan::Plan;
use crate::program::manifest::{self, FORMAT, Loop, Manifest, ManifestFile, ManifestScreen, ManifestSlide, ValidityWindow, page_key};
use crate::program::validate::Program;

/// A page: a slide on one face.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageId {
    pub slide: SlideId,
    pub face: Face,
}

/// Returns the pages that a plan needs: each slide of a screen's loops on that screen's face, in a fixed order.
pub fn required_pages(plan: &Plan, site: &Site) -> BTreeSet<PageId> {
    let mut needed = BTreeSet::new();
    for screen in &plan.screens {
        let Some(face) = site.screens.iter().find(|face| face.id == screen.id) else { continue };
        let used: BTreeSet<&String> = screen.spans.iter().map(|span| &span.2).collect();
        let items = used.into_iter().filter_map(|name| plan.loops.get(name)).flat_map(|each| &each.items);
        let face = Face::at(site, (face.width, face.height));
        needed.extend(items.map(|(slide, _)| PageId { slide: slide.clone(), face }));
    }
    needed
}

/// Assembles a program: the manifest, checked as a player checks it, and its bytes. `pages` is sorted and gives the path of each page of
/// the plan; `files` are sorted by path, without duplicates. The error says in English why the manifest is not well formed: a fault of
/// the tool, or a program beyond the limits.
pub fn assemble(
    content: &Content,
    plan: &Plan,
    pages: &[(PageId, RelPath)],
    files: impl Iterator<Item = ListedFile> + Send,
) -> Result<(Program, Vec<u8>), String> {
    let site = content.sites.get(&plan.site).ok_or("an unknown site")?;
    let (files, slides) = rayon::join(|| files.map(manifest_file).collect(), || slides(content, pages));
    let manifest = manifest_of(plan, screens(site, plan), slides?, files);
    let (program, bytes) = Program::from_manifest(manifest)?;
    debug_assert!(Program::parse(&bytes).is_ok(), "a player would refuse what was compiled");
    Ok((program, bytes))
}

/// Builds the manifest of a plan. Queries about time alone need no files and no slides.
pub fn manifest_of(
    plan: &Plan,
    screens: Vec<ManifestScreen>,
    slides: BTreeMap<SlideId, ManifestSlide>,
    files: Vec<ManifestFile>,
) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        kind: plan.kind,
        site: plan.site.clone(),
        month: plan.month,
        title: plan.title.clone(),
        languages: plan.languages.clone(),
        revision: plan.revision,
        roles: plan.roles.clone(),
        valid: ValidityWindow { from: plan.valid.0, until: plan.valid.1 },
        offsets: plan.offsets.clone(),
        screens,
        loops: plan.loops.iter().map(|(id, each)| (id.clone(), Loop { ms: each.ms, items: each.items.clone() })).collect(),
        slides,
        files,
        band: None,
        priority: None,
        max: None,
    }
}

fn manifest_file(file: ListedFile) -> ManifestFile {
    let media_type = file.media_type().to_owned();
    ManifestFile { path: file.path, sha256: file.digest, size: file.size, media_type }
}

/// The screens of a site with their spans in a plan.
pub fn screens(site: &Site, plan: &Plan) -> Vec<ManifestScreen> {
    let spans: BTreeMap<_, &Vec<manifest::ManifestSpan>> = plan.screens.iter().map(|screen| (&screen.id, &screen.spans)).collect();
    let screen = |face: &crate::content::model::values::Screen| ManifestScreen {
        id: face.id.clone(),
        width: face.width,
        height: face.height,
        canvas: face.canvas,
        audio: face.audio,
        spans: spans.get(&face.id).map(|spans| (*spans).clone()).unwrap_or_default(),
    };
    site.screens.iter().map(screen).collect()
}

/// The slides of these pages, which are sorted. The error, in English: a page of no slide.
pub fn slides(content: &Content, pages: &[(PageId, RelPath)]) -> Result<BTreeMap<SlideId, ManifestSlide>, String> {
    let mut slides: Vec<(SlideId, ManifestSlide)> = Vec::with_capacity(pages.len());
    // Both are sorted: one pass instead of thousands of searches.
    let mut sources = content.slides.iter();
    for (name, path) in pages {
        let page = (page_key(name.face.width, name.face.height), path.clone());
        match slides.last_mut().filter(|(id, _)| *id == name.slide) {
            Some((_, slide)) => drop(slide.pages.insert(page.0, page.1)),
            None => {
                let source = match name.slide.split_part().1 {
                    1 => sources.find(|(id, _)| **id == name.slide).map(|(_, slide)| &**slide),
                    // Parts stand between slides, not in the order of their own.
                    _ => content.slide(&name.slide),
                };
                let source = source.ok_or_else(|| format!("unknown slide {}", name.slide))?;
                let slide = ManifestSlide {
                    pages: BTreeMap::from([page]),
                    title: source.title_of(&name.slide),
                    agency: source.agency.clone(),
                    category: source.category.clone(),
                    language: source.language.clone(),
                    revision: source.revision,
                    source: source.source.clone(),
                };
                slides.push((name.slide.clone(), slide));
            }
        }
    }
    Ok(slides.into_iter().collect())
}
