//! In which order the files of a program are needed on screen, and from which old copy each large one most likely derives.
//! Never reads media and never asks a source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fetch::ObjectRef;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::program::manifest::{Manifest, ManifestFile, ManifestSlide};
use crate::program::validate::Program;
use crate::store::bases;
use crate::store::blocks::MIN_OBJECT_BYTES;
use crate::store::local_store::LocalStore;

/// The objects of a program, each once: pages and media of the slides in the order of showing after `now` (Unix seconds), then the rest.
/// Media of pages that are not stored yet are among the rest.
pub fn objects_in_play_order(manifest: &Manifest, holdings: &LocalStore, now: i64) -> Vec<ObjectRef> {
    let files = bases::by_path(manifest);
    let slides = slides_in_play_order(manifest, now).into_iter().filter_map(|id| manifest.slides.get(id));
    let of_slides = slides.flat_map(|slide| {
        let pages = slide.pages.values().filter_map(|path| files.get(path.as_str()).copied());
        pages.chain(bases::slide_media_files(slide, &files, &|file| read_page(holdings, file))).collect::<Vec<_>>()
    });
    let mut seen = BTreeSet::new();
    let first = of_slides.chain(&manifest.files).filter(|file| seen.insert(file.sha256));
    first.map(|file| ObjectRef { digest: file.sha256, size: file.size }).collect()
}

/// The slides in the order in which any screen begins to show them.
fn slides_in_play_order(manifest: &Manifest, now: i64) -> Vec<&SlideId> {
    let over = |end: i64| manifest.kind != ProgramKind::Evergreen && end <= now;
    let mut spans: Vec<_> = manifest.screens.iter().flat_map(|screen| &screen.spans).filter(|span| !over(span.1)).collect();
    spans.sort_by_key(|span| span.0);
    let mut loops = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let fresh = spans.into_iter().filter(|span| loops.insert(&span.2)).filter_map(|span| manifest.loops.get(&span.2));
    fresh.flat_map(|each| &each.items).map(|(slide, _)| slide).filter(|slide| seen.insert(*slide)).collect()
}

/// The slides that need an object: whose page it is, or names it. A page that is not stored tells nothing.
pub fn slides_with(manifest: &Manifest, object: Digest, holdings: &LocalStore) -> Vec<SlideId> {
    let files = bases::by_path(manifest);
    let is_page = |path: &str| files.get(path).is_some_and(|file| file.sha256 == object);
    let needs = |slide: &ManifestSlide| {
        let media = || bases::slide_media_files(slide, &files, &|file| read_page(holdings, file));
        slide.pages.values().any(|path| is_page(path.as_str())) || media().iter().any(|file| file.sha256 == object)
    };
    manifest.slides.iter().filter(|(_, slide)| needs(slide)).map(|(id, _)| id.clone()).collect()
}

/// The base of each large object that a program lacks. `known`: stored programs, the likeliest base first.
pub fn choose_bases(program: &Program, known: &[Arc<Program>], holdings: &LocalStore) -> BTreeMap<Digest, ObjectRef> {
    let mut chosen = BTreeMap::new();
    let lacks = |file: &ManifestFile| file.size >= MIN_OBJECT_BYTES && !holdings.contains(file.sha256, file.size);
    if !program.manifest().files.iter().any(lacks) {
        return chosen;
    }
    for old in known {
        for (file, base) in bases::likely_bases(program.manifest(), old.manifest(), MIN_OBJECT_BYTES, &|file| read_page(holdings, file)) {
            if lacks(file) && holdings.may_contain(base.sha256, base.size) {
                chosen.entry(file.sha256).or_insert(ObjectRef { digest: base.sha256, size: base.size });
            }
        }
    }
    chosen
}

/// A stored page; `None` if it is missing or longer than [`MIN_OBJECT_BYTES`].
fn read_page(holdings: &LocalStore, file: &ManifestFile) -> Option<Vec<u8>> {
    read_stream_limited(holdings.open(file.sha256, file.size).ok()?, MIN_OBJECT_BYTES).ok()
}
