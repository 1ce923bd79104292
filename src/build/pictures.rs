//! Decodes the pictures of a content folder as a build does, so that a check refuses what a build would. A picture that was sound is decoded
//! again only after it has changed. Never makes a rendition.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use rayon::prelude::*;

use super::render;
use crate::base::cache_file::CacheFile;
use crate::base::diagnostic::Diagnostic;
use crate::base::stamp::FileStamp;
use crate::content::source::media::{self, MediaInfo};

/// Subject of the cache file that knows the pictures that are sound.
pub const MEMORY: &str = "pictures";

/// What media files say, `None` of those at fault, and the stamps of all files, by path.
pub type Media<'a> = (&'a BTreeMap<String, Option<MediaInfo>>, &'a BTreeMap<String, FileStamp>);

/// The faults of all pictures whose header is sound. `cache` keeps the stamps of those that could be decoded; `since` is the start of the
/// command.
pub fn check(root: &Path, (media, stamps): Media<'_>, cache: &CacheFile, since: SystemTime) -> Vec<Diagnostic> {
    let known = cache.read::<BTreeMap<String, FileStamp>>().unwrap_or_default();
    let pictures = media.iter().filter(|(path, facts)| facts.is_some() && media::is_picture(path));
    let pictures: Vec<_> = pictures.filter_map(|(path, _)| Some((path, stamps.get(path)?))).collect();
    let decode = |(path, stamp): &(&String, &FileStamp)| if known.get(*path) == Some(*stamp) { Ok(()) } else { render::decode(root, path) };
    let results: Vec<_> = pictures.par_iter().map(decode).collect();
    let (mut sound, mut faults) = (BTreeMap::new(), Vec::new());
    for ((path, stamp), result) in pictures.into_iter().zip(results) {
        match result {
            Err(fault) => faults.push(fault),
            Ok(()) if stamp.is_stable_before(since) => drop(sound.insert(path.clone(), *stamp)),
            Ok(()) => {}
        }
    }
    if sound == known {
        cache.touch();
    } else {
        cache.write(&sound);
    }
    faults
}
