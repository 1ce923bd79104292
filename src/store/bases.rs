//! Guesses the base of a new object in an old program: the file at the same path, or the file that the same slide showed in its place.
//! Publisher and player make the same guess. Never reads media.

use std::collections::{BTreeMap, BTreeSet};

use crate::program::manifest::{Manifest, ManifestFile, ManifestSlide};

/// Returns a page's text; `None` if it is not available.
pub type PageReader<'a> = &'a dyn Fn(&ManifestFile) -> Option<Vec<u8>>;

/// Pairs files of the new program with their likely bases in the old one, likelier pairs first. Both have at least `least` bytes.
pub fn likely_bases<'a>(
    new: &'a Manifest,
    old: &'a Manifest,
    least: u64,
    page: PageReader<'_>,
) -> Vec<(&'a ManifestFile, &'a ManifestFile)> {
    let (new_files, old_files) = (by_path(new), by_path(old));
    let mut pairs: Vec<_> = new_files.iter().filter_map(|(path, file)| Some((*file, *old_files.get(path)?))).collect();
    for (id, slide) in &new.slides {
        let Some(before) = old.slides.get(id) else { continue };
        let now = slide_media_files(slide, &new_files, page);
        if now.iter().all(|file| file.size < least) {
            continue;
        }
        let then = slide_media_files(before, &old_files, page);
        for kind in now.iter().map(|file| file.media_type.as_str()).collect::<BTreeSet<_>>() {
            let of_kind = |list: &[&'a ManifestFile]| list.iter().filter(|file| file.media_type == kind).copied().collect::<Vec<_>>();
            pairs.extend(of_kind(&now).into_iter().zip(of_kind(&then)));
        }
    }
    pairs.retain(|(file, base)| file.sha256 != base.sha256 && file.size >= least && base.size >= least);
    pairs
}

/// Indexes the files of a manifest by path.
pub fn by_path(manifest: &Manifest) -> BTreeMap<&str, &ManifestFile> {
    manifest.files.iter().map(|file| (file.path.as_str(), file)).collect()
}

/// The media named by the pages of a slide, in page order; skips pages that are not available.
pub fn slide_media_files<'a>(
    slide: &ManifestSlide,
    files: &BTreeMap<&str, &'a ManifestFile>,
    page: PageReader<'_>,
) -> Vec<&'a ManifestFile> {
    let mut found: Vec<&ManifestFile> = Vec::new();
    for path in slide.pages.values() {
        let Some(text) = files.get(path.as_str()).and_then(|file| page(file)) else { continue };
        for name in asset_names(&String::from_utf8_lossy(&text)) {
            if let Some(file) = files.get(&*format!("assets/{name}"))
                && !found.iter().any(|known| known.path == file.path)
            {
                found.push(file);
            }
        }
    }
    found
}

fn asset_names(page: &str) -> Vec<&str> {
    let end = |rest: &str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))).unwrap_or(rest.len());
    page.split("assets/").skip(1).map(|rest| &rest[..end(rest)]).collect()
}
