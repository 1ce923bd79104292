//! In which order the files of a program are needed on screen, and from which old copy each large one most likely derives.
//! Never reads media and never asks a source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fetch::ObjectRef;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::program::at;
use crate::program::manifest::{Manifest, ManifestFile, ManifestSpan};
use crate::program::validate::{Program, WEEK_SECONDS};
use crate::store::bases::{self, PageReader};
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

/// The slides in the order in which any screen shows them from `now` on.
fn slides_in_play_order(manifest: &Manifest, now: i64) -> Vec<&SlideId> {
    let comes = |span: &ManifestSpan| match manifest.kind {
        // It returns each week: one that is on now began at most its own length ago.
        ProgramKind::Evergreen => {
            let left = (span.1 - at::second_of_week(manifest, now)).rem_euclid(WEEK_SECONDS);
            Some(left - (span.1 - span.0)).map(|start| if left == 0 { start + WEEK_SECONDS } else { start })
        }
        // Its times begin with a release, which may come at any moment.
        ProgramKind::Kit => Some(span.0),
        ProgramKind::Monthly | ProgramKind::Urgent => (now < span.1).then_some(span.0),
    };
    let mut spans: Vec<_> =
        manifest.screens.iter().flat_map(|screen| &screen.spans).filter_map(|span| Some((comes(span)?, span))).collect();
    spans.sort_by_key(|(start, _)| *start);
    let mut loops = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let fresh = spans.into_iter().filter(|(_, span)| loops.insert(&span.2)).filter_map(|(_, span)| manifest.loops.get(&span.2));
    fresh.flat_map(|each| &each.items).map(|(slide, _)| slide).filter(|slide| seen.insert(*slide)).collect()
}

/// The slides that need an object: whose page it is, or names it. A page that is not stored tells nothing.
pub fn slides_with(manifest: &Manifest, object: Digest, holdings: &LocalStore) -> Vec<SlideId> {
    let page = |file: &ManifestFile| read_page(holdings, file);
    slides_needing(manifest, &BTreeSet::from([object]), &page).map(|(id, _)| id.clone()).collect()
}

/// The slides that need one of these objects, each with those that it needs. A page that `page` does not give tells nothing but that it is needed.
pub fn slides_needing<'a>(
    manifest: &'a Manifest,
    objects: &'a BTreeSet<Digest>,
    page: PageReader<'a>,
) -> impl Iterator<Item = (&'a SlideId, BTreeSet<Digest>)> {
    let files = bases::by_path(manifest);
    manifest.slides.iter().filter_map(move |(id, slide)| {
        let pages = slide.pages.values().filter_map(|path| files.get(path.as_str()).copied());
        let all = pages.chain(bases::slide_media_files(slide, &files, page)).map(|file| file.sha256);
        let needed: BTreeSet<Digest> = all.filter(|digest| objects.contains(digest)).collect();
        (!needed.is_empty()).then_some((id, needed))
    })
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
pub fn read_page(holdings: &LocalStore, file: &ManifestFile) -> Option<Vec<u8>> {
    read_stream_limited(holdings.open(file.sha256, file.size).ok()?, MIN_OBJECT_BYTES).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// 09:00 in Hà Nội on 3 December 2026, a Thursday.
    const NOW: i64 = 1_796_263_200;
    const DAY: i64 = 86_400;

    /// Screens by their spans of one loop each; every loop has the slides that its name lists.
    fn manifest(kind: &str, screens: &[&[(i64, i64, &str)]]) -> Manifest {
        let spans = |spans: &[(i64, i64, &str)]| spans.iter().map(|(from, to, name)| json!([from, to, name, 0])).collect::<Vec<_>>();
        let screens: Vec<_> = screens
            .iter()
            .zip(["a", "b"])
            .map(|(each, id)| {
                let canvas = json!({"w": 640, "h": 320, "x": 0, "y": 0});
                json!({"id": id, "width": 640, "height": 320, "canvas": canvas, "audio": false, "spans": spans(each)})
            })
            .collect();
        let loops = ["past", "one two", "two three", "four", "five"];
        let loops: BTreeMap<_, _> = loops
            .into_iter()
            .map(|name| {
                (name, json!({"ms": 1, "items": name.split(' ').map(|slide| json!([format!("x/{slide}"), 1])).collect::<Vec<_>>()}))
            })
            .collect();
        let names = ["five", "four", "one", "past", "three", "two"];
        let slides: BTreeMap<_, _> = names
            .into_iter()
            .map(|name| {
                let page = json!({"640x320": format!("slides/x/{name}.html")});
                (
                    format!("x/{name}"),
                    json!({"pages": page, "title": name, "agency": "x", "category": "x", "language": "vi", "source": name}),
                )
            })
            .collect();
        let file = |path: String, bytes: &[u8], kind: &str| json!({"path": path, "sha256": Digest::of(bytes).to_string(), "size": bytes.len(), "type": kind});
        let films = ["one", "two"].map(|name| file(format!("assets/{name}.mp4"), &film(name), "video/mp4"));
        let pages = names.map(|name| file(format!("slides/x/{name}.html"), &page(name), "text/html"));
        let files: Vec<_> = films.into_iter().chain(pages).collect();
        let value = json!({
            "format": "bangtin-program/1", "kind": kind, "site": "quay", "title": "x", "languages": ["vi"], "revision": 1, "roles": ["chief"],
            "valid": {"from": 0, "until": null}, "offsets": [[0, 25_200]], "screens": screens, "loops": loops, "slides": slides, "files": files,
        });
        serde_json::from_value(value).unwrap()
    }

    fn page(name: &str) -> Vec<u8> {
        format!("{name}: <video src=\"../assets/{name}.mp4\">").into_bytes()
    }

    fn film(name: &str) -> Vec<u8> {
        format!("film {name}").into_bytes()
    }

    /// The names in the order in which their objects are fetched; `+` marks a film.
    fn order(manifest: &Manifest, stored: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let holdings = LocalStore::new(folder.path());
        for name in stored {
            let mut part = holdings.open_partial(Digest::of(&page(name)), page(name).len() as u64).unwrap();
            part.append_from(page(name).as_slice()).unwrap();
            assert!(part.finish().unwrap());
        }
        let name = |object: ObjectRef| {
            let of = |name: &&str| Digest::of(&page(name)) == object.digest;
            let found = ["one", "two", "three", "four", "five", "past"].into_iter().find(of).map(ToOwned::to_owned);
            found.unwrap_or_else(|| if object.digest == Digest::of(&film("one")) { "one+".into() } else { "two+".into() })
        };
        objects_in_play_order(manifest, &holdings, NOW).into_iter().map(name).collect()
    }

    #[test]
    fn what_is_on_a_screen_first_comes_first_with_its_films_and_what_is_over_last() {
        // One screen shows the first loop until a minute from now, the other one begins a second later than it.
        let a: &[_] = &[(NOW - 3_600, NOW - 1_800, "past"), (NOW - 100, NOW + 60, "one two"), (NOW + 60, NOW + 900, "two three")];
        let monthly = manifest("monthly", &[a, &[(NOW - 99, NOW + 500, "four"), (NOW + DAY, NOW + 2 * DAY, "five")]]);
        assert_eq!(order(&monthly, &[]), ["one", "two", "four", "three", "five", "one+", "two+", "past"]);
        // Once a page is there, its film comes right after it.
        assert_eq!(order(&monthly, &["one", "two"]), ["one", "one+", "two", "two+", "four", "three", "five", "past"]);
    }

    #[test]
    fn an_evergreen_week_begins_now_and_a_kit_with_its_release() {
        // Thursday 09:00 is 291,600 s into the local week.
        let now = 3 * DAY + 9 * 3_600;
        let week: &[_] = &[
            (0, 3_600, "four"),
            (now - 7_200, now - 3_600, "past"),
            (now - 60, now + 60, "two three"),
            (now + DAY, now + 2 * DAY, "five"),
        ];
        let evergreen = manifest("evergreen", &[week, &[(now + 100, now + 200, "one two")]]);
        assert_eq!(order(&evergreen, &[]), ["two", "three", "one", "five", "four", "past", "one+", "two+"]);
        let kit = manifest("kit", &[&[(0, 60, "four"), (60, 120, "one two")], &[(0, 30, "five")]]);
        assert_eq!(order(&kit, &[]), ["four", "five", "one", "two", "one+", "two+", "past", "three"]);
    }
}
