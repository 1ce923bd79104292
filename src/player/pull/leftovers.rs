//! What lies in a player's data folder and is nobody's: the temporary files of writes that a power cut stopped, and links in its store.
//! Never removes a file that was written whole.

use std::fs;
use std::path::Path;

/// Removes the temporary files of writes that a power cut stopped and, below the store's folder, links: nothing there is anybody else's.
pub fn remove(folder: &Path, in_store: bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let (name, Ok(kind)) = (entry.file_name(), entry.file_type()) else { continue };
        if kind.is_dir() && name != "parts" && !folder.ends_with("objects") {
            remove(&entry.path(), in_store || name == "store");
        } else if kind.is_symlink() && in_store || kind.is_file() && name.as_encoded_bytes().starts_with(b".tmp-") {
            // One that stays costs a little space.
            let _ = fs::remove_file(entry.path());
        }
    }
}
