//! Compares what a screen shows in two programs: its slides, their pages at its size, their durations, their turns.
//! Never compares hours. Pure: never reads a file, never prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::manifest::{Manifest, ManifestScreen, page_key};
use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;

/// What differs in the content of a screen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ContentChange {
    /// Slides that the screen did not show before.
    pub added: BTreeSet<SlideId>,
    /// Slides that it no longer shows.
    pub removed: BTreeSet<SlideId>,
    /// Slides with another page, or with a page that looks different.
    pub changed: BTreeSet<SlideId>,
    /// Slides that are shown for other lengths of time.
    pub durations: BTreeSet<SlideId>,
    pub turns: Turns,
}

/// How the turns of the slides differ, whatever the hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Turns {
    #[default]
    Same,
    /// One loop after the other has the same items, in another order or from another moment on.
    Reordered,
    /// Some slide comes at other times, or more or less often.
    Other,
}

impl ContentChange {
    /// Whether the screen shows the same slides, with the same pages, for the same lengths of time.
    pub fn has_same_slides(&self) -> bool {
        *self == Self { turns: self.turns, ..Self::default() }
    }
}

/// Compares a screen of a program with that of a later one. `same` tells whether a page that both have looks the same.
pub fn compare(
    (old, before): (&Manifest, &ManifestScreen),
    (new, after): (&Manifest, &ManifestScreen),
    same: impl Fn(&RelPath) -> bool,
) -> ContentChange {
    let (was, is) = (durations(old, before), durations(new, after));
    let only = |one: &BTreeMap<&SlideId, BTreeSet<u64>>, other: &BTreeMap<&SlideId, BTreeSet<u64>>| {
        one.keys().filter(|id| !other.contains_key(*id)).map(|id| (*id).clone()).collect()
    };
    let both = || is.iter().filter_map(|(id, now)| Some((*id, was.get(id)?, now)));
    let looks_same = |id: &SlideId| {
        let pages = page(old, before, id).zip(page(new, after, id));
        pages.is_some_and(|(was, is)| was == is && same(is))
    };
    ContentChange {
        added: only(&is, &was),
        removed: only(&was, &is),
        changed: both().filter(|(id, ..)| !looks_same(id)).map(|(id, ..)| id.clone()).collect(),
        durations: both().filter(|(_, then, now)| then != now).map(|(id, ..)| id.clone()).collect(),
        turns: turns((old, before), (new, after)),
    }
}

fn page<'a>(manifest: &'a Manifest, screen: &ManifestScreen, id: &SlideId) -> Option<&'a RelPath> {
    manifest.slides.get(id)?.pages.get(&page_key(screen.width, screen.height))
}

/// The items of the loops that a screen plays, span by span.
fn items<'a>(manifest: &'a Manifest, screen: &'a ManifestScreen) -> impl Iterator<Item = &'a Vec<(SlideId, u64)>> {
    screen.spans.iter().filter_map(|(_, _, name, _)| Some(&manifest.loops.get(name)?.items))
}

/// The slides of a screen, each with the milliseconds of its turns.
fn durations<'a>(manifest: &'a Manifest, screen: &'a ManifestScreen) -> BTreeMap<&'a SlideId, BTreeSet<u64>> {
    let mut all: BTreeMap<&SlideId, BTreeSet<u64>> = BTreeMap::new();
    for (id, ms) in items(manifest, screen).flatten() {
        all.entry(id).or_default().insert(*ms);
    }
    all
}

fn turns((old, before): (&Manifest, &ManifestScreen), (new, after): (&Manifest, &ManifestScreen)) -> Turns {
    let phases = |screen: &ManifestScreen| screen.spans.iter().map(|(start, end, _, phase)| (*start, *end, *phase)).collect::<Vec<_>>();
    if phases(before) == phases(after) && items(old, before).eq(items(new, after)) {
        return Turns::Same;
    }
    // Another order may divide the same stretch into other spans.
    let sorted = |manifest, screen| {
        let mut all: Vec<Vec<(SlideId, u64)>> = items(manifest, screen).cloned().collect();
        all.iter_mut().for_each(|items| items.sort());
        all.dedup();
        all
    };
    if sorted(old, before) == sorted(new, after) { Turns::Reordered } else { Turns::Other }
}
