//! What can be shown of a program while files of it are damaged or lost on the disk: all slides that need none of them.
//! Never finds out what is damaged, and never shows a slide of which a part is.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::fetch_order::{read_page, slides_needing};
use super::trusted::InForce;
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::program::manifest::{Manifest, ManifestFile};
use crate::program::validate::Program;
use crate::store::local_store::LocalStore;

/// Folders of a program whose files are needed by the slides that name them, and by no other.
const OF_SLIDES: [&str; 2] = ["slides/", "assets/"];

/// The slides without which a program in force can be shown now, beside the withdrawn ones; `None` if it can't be.
pub fn missing_now(program: &Program, in_force: &InForce, holdings: &LocalStore) -> Option<BTreeSet<SlideId>> {
    let withdrawn = in_force.withdrawn.slides.get(&program.digest());
    missing_slides(program, withdrawn, &lacking_objects(program, holdings)?, holdings)
}

/// The objects of a program that are damaged or lost here; `None` while others have yet to be fetched or read through.
fn lacking_objects(program: &Program, holdings: &LocalStore) -> Option<BTreeSet<Digest>> {
    let damaged = holdings.damaged();
    let absent = program.manifest().files.iter().filter(|file| !holdings.contains(file.sha256, file.size));
    absent.map(|file| (damaged.get(&file.sha256) == Some(&false)).then_some(file.sha256)).collect()
}

/// The slides that can't be shown while these objects are lacking, beside the `withdrawn` ones. `None` if no slide is left, or if it is not known which
/// need them, as with a file of the theme.
pub fn missing_slides(
    program: &Program,
    withdrawn: Option<&BTreeSet<SlideId>>,
    lacking: &BTreeSet<Digest>,
    holdings: &LocalStore,
) -> Option<BTreeSet<SlideId>> {
    let manifest = program.manifest();
    let is_withdrawn = |slide: &SlideId| withdrawn.is_some_and(|withdrawn| withdrawn.contains(slide));
    let missing: BTreeSet<SlideId> = slides_without(manifest, lacking, holdings)?.into_iter().filter(|id| !is_withdrawn(id)).collect();
    let mut items = manifest.loops.values().flat_map(|each| &each.items);
    items.any(|(slide, _)| !missing.contains(slide) && !is_withdrawn(slide)).then_some(missing)
}

/// The slides that need one of these objects, each with all parts of it: a table of which a part is missing would look whole.
fn slides_without(manifest: &Manifest, lacking: &BTreeSet<Digest>, holdings: &LocalStore) -> Option<BTreeSet<SlideId>> {
    let files: Vec<&ManifestFile> = manifest.files.iter().filter(|file| lacking.contains(&file.sha256)).collect();
    let lies_in = |file: &ManifestFile, folder: &str| file.path.as_str().starts_with(folder);
    if files.iter().any(|file| !OF_SLIDES.iter().any(|folder| lies_in(file, folder))) {
        return None;
    }
    let (any_media, unread) = (files.iter().any(|file| !lies_in(file, OF_SLIDES[0])), Cell::new(false));
    let page = |file: &ManifestFile| {
        let read = Some(file).filter(|file| any_media && !lacking.contains(&file.sha256));
        let text = read.and_then(|file| read_page(holdings, file));
        unread.set(unread.get() || (read.is_some() && text.is_none()));
        text
    };
    let (mut slides, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (id, needed) in slides_needing(manifest, lacking, &page) {
        slides.extend(manifest.with_parts(&id.split_part().0).into_iter().map(|(part, _)| part.clone()));
        known.extend(needed);
    }
    // What no page names that can be read belongs to one that is lacking itself.
    let a_page_lacks = files.iter().any(|file| lies_in(file, OF_SLIDES[0]));
    (!unread.get() && (a_page_lacks || lacking.is_subset(&known))).then_some(slides)
}
