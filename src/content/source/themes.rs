//! Where themes are: in the content folder, else beside it. Lists them, and names what in them is neither a plain file nor a folder.
//! Never follows a link, and never opens a pipe.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::tree_faults;
use crate::base::diagnostic::Diagnostic;
use crate::base::files::read_open_file;
use crate::base::limits::{CONTENT_FILES, CONTENT_TEXT_BYTES};
use crate::base::os;
use crate::base::plain_file::{self, PlainFile};

/// The folders of themes, as seen from the content folder; the first that has a theme of a name wins.
pub const PLACES: [&str; 2] = ["themes", "../themes"];

/// What lies in a folder of themes.
#[derive(Default)]
pub struct ThemeList {
    /// `theme.yaml` of each theme by the theme's name, in the order of names.
    pub settings: Vec<(String, Result<Vec<u8>, Diagnostic>)>,
    /// Links, pipes and the like, by path.
    pub faults: Vec<(String, Diagnostic)>,
}

/// Lists one of the [`PLACES`].
pub fn list(root: &Path, place: &str) -> ThemeList {
    let (mut out, folder) = (ThemeList::default(), root.join(place));
    // A theme, its folders, and what is in them.
    for entry in WalkDir::new(&folder).follow_root_links(false).max_depth(3).sort_by_file_name().into_iter().flatten().take(CONTENT_FILES) {
        let Ok(below) = entry.path().strip_prefix(&folder) else { continue };
        let below = os::slashed(below.to_string_lossy().into_owned());
        let shown = if below.is_empty() { place.to_owned() } else { format!("{place}/{below}") };
        let kind = entry.file_type();
        if entry.path_is_symlink() {
            out.faults.push((shown.clone(), tree_faults::symlink(&shown)));
        } else if entry.depth() > 1 && !kind.is_file() && !kind.is_dir() {
            out.faults.push((shown.clone(), tree_faults::not_a_file(&shown)));
        } else if let Some(name) = below.strip_suffix("/theme.yaml").filter(|_| entry.depth() == 2 && kind.is_file()) {
            let bytes = match plain_file::open_at(entry.path()) {
                Ok(PlainFile::Found(file)) => read_open_file(file, CONTENT_TEXT_BYTES),
                Ok(PlainFile::Absent | PlainFile::Obstacle(_)) => continue,
                Err(error) => Err(error),
            };
            out.settings.push((name.to_owned(), bytes.map_err(|error| tree_faults::unreadable(&shown, &error))));
        }
    }
    out
}

/// The folder of a theme, as faults name it and on the disk.
pub fn find(root: &Path, name: &str) -> Option<(String, PathBuf)> {
    let is_plain = |path: &Path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
    let places = PLACES.map(|place| (format!("{place}/{name}"), root.join(place)));
    let found = places.into_iter().filter(|(_, above)| is_plain(above)).map(|(shown, above)| (shown, above.join(name)));
    found
        .filter(|(_, folder)| is_plain(folder))
        .find(|(_, folder)| folder.join("theme.yaml").symlink_metadata().is_ok_and(|file| file.is_file()))
}
