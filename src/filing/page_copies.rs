//! Pages with the very bytes of a withdrawn one, found in the programs of `approvals/` (W7).
//! Never says whether a slide itself is withdrawn: its `revision` does.

use std::collections::BTreeMap;

use super::filed::FiledPrograms;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::program::manifest::{Manifest, ManifestSlide};
use crate::trust::judge::WithdrawnRevisions;

/// The pages that any site had of withdrawn slides up to the withdrawn revisions: bytes, then the slides that had them, with the title that
/// every layout shows.
pub struct WithdrawnPages<'a> {
    most: &'a WithdrawnRevisions,
    pages: BTreeMap<Digest, BTreeMap<SlideId, String>>,
}

impl<'a> WithdrawnPages<'a> {
    /// Reads the signed programs that hold a withdrawn slide. The moments of statements don't count: any of the clocks may have been wrong.
    pub fn read(filed: &FiledPrograms, most: &'a WithdrawnRevisions) -> Result<Self, Failure> {
        let mut pages: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        if most.is_empty() {
            return Ok(Self { most, pages });
        }
        for filed in filed.read_naming(&|id| most.contains_key(&id.split_part().0))? {
            let old = filed.program.manifest();
            let withdrawn =
                |(id, slide): &(&SlideId, &ManifestSlide)| most.get(&id.split_part().0).is_some_and(|taken| slide.revision <= *taken);
            for (id, slide) in old.slides.iter().filter(withdrawn) {
                for bytes in digests(old, slide) {
                    pages.entry(bytes).or_default().insert(id.clone(), slide.title.clone());
                }
            }
        }
        Ok(Self { most, pages })
    }

    /// Whether one of these slides has the title of a withdrawn one that is another slide: without that, none is a copy.
    pub fn may_have_copies<'b>(&self, shown: impl IntoIterator<Item = (&'b SlideId, String)>) -> bool {
        let mut titles: BTreeMap<&str, Vec<SlideId>> = BTreeMap::new();
        for (id, title) in self.pages.values().flatten() {
            titles.entry(title.as_str()).or_default().push(id.split_part().0);
        }
        shown
            .into_iter()
            .any(|(id, title)| titles.get(title.as_str()).is_some_and(|withdrawn| withdrawn.iter().any(|each| *each != id.split_part().0)))
    }

    /// The slides of a program whose page is that of a withdrawn one, and which. Not a slide's own page, and not one that stands in this
    /// program under its own id too, with a revision that is not withdrawn: there the reviewers approve these bytes anew.
    pub fn copies<'b>(&self, manifest: &'b Manifest) -> Vec<(&'b SlideId, &SlideId)> {
        let copy_of = |(id, slide): (&'b SlideId, &ManifestSlide)| {
            let whole = id.split_part().0;
            let original = digests(manifest, slide).find_map(|bytes| {
                let had = self.pages.get(&bytes)?;
                let allowed = had.keys().any(|each| each.split_part().0 == whole || self.is_back(manifest, each, bytes));
                had.keys().next().filter(|_| !allowed)
            })?;
            Some((id, original))
        };
        manifest.slides.iter().filter_map(copy_of).collect()
    }

    fn is_back(&self, manifest: &Manifest, withdrawn: &SlideId, bytes: Digest) -> bool {
        let whole = withdrawn.split_part().0;
        let raised = |slide: &ManifestSlide| self.most.get(&whole).is_none_or(|taken| slide.revision > *taken);
        let stands = |slide: &ManifestSlide| digests(manifest, slide).any(|each| each == bytes);
        manifest.with_parts(&whole).into_iter().any(|(_, slide)| raised(slide) && stands(slide))
    }
}

/// The pages of a slide.
fn digests<'a>(manifest: &'a Manifest, slide: &'a ManifestSlide) -> impl Iterator<Item = Digest> + 'a {
    slide.pages.values().filter_map(move |path| Some(manifest.file(path.as_str())?.sha256))
}
