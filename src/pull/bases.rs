//! Which old copy an object is likely made from: the file of the same path, or the one that the same slide showed in its place.
//! Never reads media and never asks a source.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::relpath::RelPath;
use crate::program::manifest::{File, Manifest, Slide};
use crate::program::verify::Program;
use crate::store::blocks::SMALLEST;
use crate::store::objects::Holdings;

/// An object by name and size.
pub type Named = (Digest, u64);

/// For big objects of a program that are not held: what to make each from. `known` are programs that are held, the likeliest first.
pub fn choose(program: &Program, known: &[Arc<Program>], holdings: &Holdings) -> BTreeMap<Digest, Named> {
    let manifest = program.manifest();
    let wanted: Vec<&File> =
        manifest.files.iter().filter(|file| file.size >= SMALLEST && !holdings.holds(file.sha256, file.size)).collect();
    let mut chosen = BTreeMap::new();
    if wanted.is_empty() {
        return chosen;
    }
    let usable = |file: &File| file.size >= SMALLEST && holdings.holds(file.sha256, file.size);
    for old in known {
        let by_path: BTreeMap<&RelPath, &File> = old.manifest().files.iter().map(|file| (&file.path, file)).collect();
        for file in &wanted {
            if let Some(base) = by_path.get(&file.path).filter(|base| usable(base)) {
                chosen.entry(file.sha256).or_insert((base.sha256, base.size));
            }
        }
        by_slide(manifest, old.manifest(), holdings, |new, base| {
            if usable(base) && !holdings.holds(new.sha256, new.size) {
                chosen.entry(new.sha256).or_insert((base.sha256, base.size));
            }
        });
    }
    chosen
}

/// Pairs what the pages of a slide used with what they use now, in their order, kind by kind.
fn by_slide(new: &Manifest, old: &Manifest, holdings: &Holdings, mut pair: impl FnMut(&File, &File)) {
    let (new_files, old_files) = (by_path(new), by_path(old));
    for (id, slide) in &new.slides {
        let Some(before) = old.slides.get(id) else { continue };
        let now = media(slide, &new_files, holdings);
        let then = media(before, &old_files, holdings);
        for kind in now.iter().map(|file| file.media_type.as_str()).collect::<BTreeSet<_>>() {
            let of_kind =
                |list: &[&'_ File]| list.iter().filter(|file| file.media_type == kind).map(|file| (*file).clone()).collect::<Vec<_>>();
            for (file, base) in of_kind(&now).iter().zip(&of_kind(&then)) {
                if file.sha256 != base.sha256 {
                    pair(file, base);
                }
            }
        }
    }
}

/// The files of a manifest by path.
pub fn by_path(manifest: &Manifest) -> BTreeMap<&str, &File> {
    manifest.files.iter().map(|file| (file.path.as_str(), file)).collect()
}

/// The media that the pages of a slide name, in the order of the pages; nothing of pages that are not held.
pub fn media<'a>(slide: &Slide, files: &BTreeMap<&str, &'a File>, holdings: &Holdings) -> Vec<&'a File> {
    let mut found: Vec<&File> = Vec::new();
    for path in slide.pages.values() {
        let Some(page) = files.get(path.as_str()) else { continue };
        let mut text = Vec::new();
        let read = holdings.open(page.sha256, page.size).and_then(|file| file.take(SMALLEST).read_to_end(&mut text));
        if read.is_err() {
            continue;
        }
        for name in named(&String::from_utf8_lossy(&text)) {
            if let Some(file) = files.get(&*format!("assets/{name}"))
                && !found.iter().any(|known| known.path == file.path)
            {
                found.push(file);
            }
        }
    }
    found
}

/// The names after `assets/` in a page.
fn named(page: &str) -> Vec<&str> {
    let end = |rest: &str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))).unwrap_or(rest.len());
    page.split("assets/").skip(1).map(|rest| &rest[..end(rest)]).collect()
}
