//! A plan and its rendered files become a program: the manifest in canonical bytes, and the tree that it names.
//! Never writes files and never knows a key.

use std::collections::{BTreeMap, BTreeSet};

use super::manifest::{self, FORMAT, File, Loop, Manifest, Screen, Slide, Valid, page_key};
use super::verify::Program;
use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;
use crate::model::values::{Content, Site};
use crate::plan::Plan;
use crate::render::Rendered;

/// A page of a slide at one size in pixels.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageName {
    /// The slide.
    pub slide: SlideId,
    /// Width and height of the screen.
    pub size: (u32, u32),
}

/// A compiled program: the manifest as checked and as bytes, and every file that it lists.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The manifest, checked as a player checks it.
    pub program: Program,
    /// The bytes of `program.json`.
    pub bytes: Vec<u8>,
    /// Every file, in the order of the manifest.
    pub files: Vec<Rendered>,
}

/// The pages that a plan needs: each slide of a screen's loops at that screen's size, in a fixed order.
pub fn pages(plan: &Plan, site: &Site) -> BTreeSet<PageName> {
    let mut needed = BTreeSet::new();
    for screen in &plan.screens {
        let Some(face) = site.screens.iter().find(|face| face.id == screen.id) else { continue };
        let used: BTreeSet<&String> = screen.spans.iter().map(|span| &span.2).collect();
        let items = used.into_iter().filter_map(|name| plan.loops.get(name)).flat_map(|each| &each.items);
        needed.extend(items.map(|(slide, _)| PageName { slide: slide.clone(), size: (face.width, face.height) }));
    }
    needed
}

/// Puts a program together. `pages` holds the path of the page of each [`PageName`] of the plan; `files` may hold a path several times,
/// with equal bytes.
///
/// # Errors
/// What the manifest lacks to be well formed, in English; a fault of the tool or a program beyond the limits, not of one file.
pub fn pack(content: &Content, plan: &Plan, pages: &BTreeMap<PageName, RelPath>, files: Vec<Rendered>) -> Result<Packed, String> {
    let site = content.sites.get(&plan.site).ok_or("an unknown site")?;
    let by_path: BTreeMap<RelPath, Rendered> = files.into_iter().map(|file| (file.path.clone(), file)).collect();
    let listed = by_path.values().map(listed).collect();
    let manifest = manifest(plan, screens(site, plan), slides(content, pages)?, listed);
    let (program, bytes) = Program::compiled(manifest)?;
    debug_assert!(Program::parse(&bytes).is_ok(), "a player would refuse what was compiled");
    Ok(Packed { program, bytes, files: by_path.into_values().collect() })
}

/// The manifest of a plan with these screens, slides and files. Questions about time alone need no files and no slides.
pub fn manifest(plan: &Plan, screens: Vec<Screen>, slides: BTreeMap<SlideId, Slide>, files: Vec<File>) -> Manifest {
    Manifest {
        format: FORMAT.to_owned(),
        kind: plan.kind,
        site: plan.site.clone(),
        month: plan.month,
        title: plan.title.clone(),
        languages: plan.languages.clone(),
        revision: plan.revision,
        roles: plan.roles.clone(),
        valid: Valid { from: plan.valid.0, until: plan.valid.1 },
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

fn listed(file: &Rendered) -> File {
    File { path: file.path.clone(), sha256: file.digest, size: file.size, media_type: file.media_type.to_owned() }
}

fn screens(site: &Site, plan: &Plan) -> Vec<Screen> {
    let spans: BTreeMap<_, &Vec<manifest::Span>> = plan.screens.iter().map(|screen| (&screen.id, &screen.spans)).collect();
    let screen = |face: &crate::model::values::Screen| Screen {
        id: face.id.clone(),
        width: face.width,
        height: face.height,
        canvas: face.canvas,
        audio: face.audio,
        spans: spans.get(&face.id).map(|spans| (*spans).clone()).unwrap_or_default(),
    };
    site.screens.iter().map(screen).collect()
}

fn slides(content: &Content, pages: &BTreeMap<PageName, RelPath>) -> Result<BTreeMap<SlideId, Slide>, String> {
    let mut slides: BTreeMap<SlideId, Slide> = BTreeMap::new();
    for (name, path) in pages {
        let source = content.slides.get(&name.slide).ok_or_else(|| format!("unknown slide {}", name.slide))?;
        let slide = slides.entry(name.slide.clone()).or_insert_with(|| Slide {
            pages: BTreeMap::new(),
            title: source.title.clone(),
            agency: source.agency.clone(),
            category: source.category.clone(),
            language: source.language.clone(),
            source: source.source.clone(),
        });
        slide.pages.insert(page_key(name.size.0, name.size.1), path.clone());
    }
    Ok(slides)
}
