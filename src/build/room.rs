//! What `check` knows without a browser about whether slides fit on their faces: by rows, bullets and letters, at the smallest letters that can
//! be read there. Never measures: the preview does, in a browser.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::assemble::{self, PageId};
use super::render::{self, Renderer, SlideText};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::SlideId;
use crate::content::model::faces::Face;
use crate::content::model::values::Content;
use crate::content::plan::Plan;

/// Fewer lines, or letters in a line, hold no title with a sentence.
const LINES: f64 = 6.0;
const LETTERS: f64 = 12.0;
/// The estimate is rough: text is told from this part above its room.
const SURE: f64 = 1.15;

/// Warns of faces that are too small for a layout in which a slide does not fit, each once, and of slides that may not fit on the others.
pub fn check<'p>(renderer: &Renderer, content: &Content, plans: impl Iterator<Item = &'p Plan>) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut slides: BTreeMap<SlideId, BTreeSet<Face>> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for plan in plans {
        let Some(site) = content.sites.get(&plan.site) else { continue };
        for PageId { slide: id, face } in assemble::required_pages(plan, site) {
            let Some(slide) = content.slide(&id) else { continue };
            let room = renderer.room(slide, face);
            let key = (&plan.site, face, &slide.layout);
            if room.lines >= LINES && room.letters >= LETTERS {
                slides.entry(id).or_default().insert(face);
            } else if !told.contains(&key) && renderer.text_of(slide, &id).is_some_and(|said| said.lines(room.letters) > room.lines) {
                told.insert(key);
                faults.push(render::face_too_small(site, face, &slide.layout, room));
            }
        }
    }
    let slides: Vec<_> = slides.into_iter().collect();
    faults.par_extend(slides.par_iter().filter_map(|(id, faces)| may_not_fit(renderer, content, id, faces)));
    faults
}

fn may_not_fit(renderer: &Renderer, content: &Content, id: &SlideId, faces: &BTreeSet<Face>) -> Option<Diagnostic> {
    let slide = content.slide(id)?;
    let said: SlideText = renderer.text_of(slide, id)?;
    let needs = |face: &Face| {
        let room = renderer.room(slide, *face);
        (said.lines(room.letters), room.lines)
    };
    let tight: Vec<(&Face, (f64, f64))> =
        faces.iter().map(|face| (face, needs(face))).filter(|(_, (lines, room))| *lines > room * SURE).collect();
    let (tightest, (lines, room)) = tight.iter().max_by(|(_, one), (_, other)| (one.0 / one.1).total_cmp(&(other.0 / other.1)))?;
    Some(render::may_not_fit(slide, &tight.iter().map(|(face, _)| **face).collect(), **tightest, (*lines, *room)))
}
