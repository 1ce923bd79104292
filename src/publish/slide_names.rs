//! How people read which slides were withdrawn: by title and id.
//! Never decides which slides those are.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::text::{Text, printable};
use crate::program::validate::Program;

/// The titles that slides have in some programs: a corrected slide may have another than the one that was withdrawn.
pub struct SlideTitles(BTreeMap<SlideId, Vec<SlideTitle>>);

struct SlideTitle {
    program: Digest,
    revision: u64,
    title: String,
}

impl SlideTitles {
    /// Those of all slides of these programs.
    pub fn new<'a>(programs: impl IntoIterator<Item = &'a Program>) -> Self {
        let mut titles: BTreeMap<SlideId, Vec<SlideTitle>> = BTreeMap::new();
        for (program, manifest) in programs.into_iter().map(|each| (each.digest(), each.manifest())) {
            for (id, slide) in &manifest.slides {
                let title = SlideTitle { program, revision: slide.revision, title: printable(&slide.title) };
                titles.entry(id.clone()).or_default().push(title);
            }
        }
        Self(titles)
    }

    /// In this program.
    pub fn within(&self, program: Digest, slide: &SlideId) -> Option<&str> {
        self.of(slide).find(|each| each.program == program).map(|each| each.title.as_str())
    }

    /// As of a revision: in a program that has the slide at it, or at the nearest one before.
    pub fn up_to(&self, revision: u64, slide: &SlideId) -> Option<&str> {
        self.of(slide).filter(|each| each.revision <= revision).max_by_key(|each| each.revision).map(|each| each.title.as_str())
    }

    fn of(&self, slide: &SlideId) -> impl Iterator<Item = &SlideTitle> {
        self.0.get(slide).into_iter().flatten()
    }
}

/// `“Câu ca Cao Bằng” (van-hoa/ca-dao)`; without a title the id alone.
pub fn named(slide: &SlideId, title: Option<&str>) -> String {
    title.map_or_else(|| slide.to_string(), |title| format!("“{}” ({slide})", printable(title)))
}

/// The withdrawn slides of a program; `None` if there are none. `title`: the title of a slide, if it is known.
pub fn withdrawn<'a>(slides: &BTreeSet<SlideId>, title: impl Fn(&SlideId) -> Option<&'a str>) -> Option<Text> {
    let list = slides.iter().map(|slide| named(slide, title(slide))).collect::<Vec<_>>().join(", ");
    (!slides.is_empty()).then(|| crate::text!(vi: "trang đã thu hồi: {list}", en: "withdrawn from it: {list}"))
}
