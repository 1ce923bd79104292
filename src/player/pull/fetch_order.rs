//! The order in which the files of a program are needed on screen.
//! Never asks whether they are stored.

use std::collections::BTreeSet;

use super::delta_bases::read_page;
use super::fetch::ObjectRef;
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::program::manifest::Manifest;
use crate::store::bases;
use crate::store::local_store::LocalStore;

/// The objects of a program, each once: pages and media of the slides in the order of showing after `now` (Unix seconds), then the rest.
/// Media of pages that are not stored yet are among the rest.
pub fn objects_in_play_order(manifest: &Manifest, holdings: &LocalStore, now: i64) -> Vec<ObjectRef> {
    let files = bases::by_path(manifest);
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut push = |digest: Digest, size: u64| {
        if seen.insert(digest) {
            out.push(ObjectRef { digest, size });
        }
    };
    for slide in slides_in_play_order(manifest, now).into_iter().filter_map(|id| manifest.slides.get(id)) {
        for file in slide.pages.values().filter_map(|path| files.get(path.as_str())) {
            push(file.sha256, file.size);
        }
        for file in bases::slide_media_files(slide, &files, &|file| read_page(holdings, file)) {
            push(file.sha256, file.size);
        }
    }
    for file in &manifest.files {
        push(file.sha256, file.size);
    }
    out
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
