//! What each page of a program needs to look as it does: itself and every file of the program that it names, style sheets followed.
//! Reads pages that the generator made; never an author's file.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::manifest::{Manifest, ManifestFile};
use crate::base::relpath::RelPath;

/// Page → all files that it needs, itself included.
pub type PageDependencies = BTreeMap<RelPath, BTreeSet<RelPath>>;

/// Reads the bytes of one file of the program.
pub type ReadFile<'a> = &'a dyn Fn(&ManifestFile) -> io::Result<Vec<u8>>;

/// The needs of every page of a program. Pages and style sheets are read, nothing else is.
pub fn page_dependencies(manifest: &Manifest, read: ReadFile<'_>) -> io::Result<PageDependencies> {
    let mut sheets = BTreeMap::new();
    for file in manifest.files.iter().filter(|file| file.media_type == "text/css") {
        let text = text(read(file)?);
        sheets.insert(
            &file.path,
            referenced_files(manifest, &file.path, text.split("url(").skip(1).filter_map(|rest| rest.split(')').next())),
        );
    }
    let mut needs = PageDependencies::new();
    for path in manifest.slides.values().flat_map(|slide| slide.pages.values()) {
        let Some(file) = manifest.file(path.as_str()) else { continue };
        let text = text(read(file)?);
        // Every address in a page stands in quotes, since templates escape; what is no file of the program falls away.
        let mut all = referenced_files(manifest, path, text.split(['"', '\'']));
        let through: Vec<_> = all.iter().filter_map(|path| sheets.get(path)).flatten().cloned().collect();
        all.extend(through);
        all.insert(path.clone());
        needs.insert(path.clone(), all);
    }
    Ok(needs)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Those of some addresses that are files of the program.
fn referenced_files<'t>(manifest: &Manifest, from: &RelPath, addresses: impl Iterator<Item = &'t str>) -> BTreeSet<RelPath> {
    let found = addresses.filter_map(|address| manifest.file(&resolve_address(from, address.trim().trim_matches(['"', '\'']))?));
    found.map(|file| file.path.clone()).collect()
}

/// An address relative to a file, as a path of the program; `None` if it leads out of it.
fn resolve_address(from: &RelPath, address: &str) -> Option<String> {
    if address.is_empty() || address.len() > 1_000 || address.contains(['<', '>', ' ', '\n']) {
        return None;
    }
    let mut parts: Vec<&str> = from.as_str().split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "." => {}
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_relative_to_the_file_that_holds_them() {
        let page = RelPath::parse("slides/a/b@1x1.html").unwrap();
        assert_eq!(resolve_address(&page, "../../assets/x.jpg").as_deref(), Some("assets/x.jpg"));
        assert_eq!(resolve_address(&page, "./c.html").as_deref(), Some("slides/a/c.html"));
        assert_eq!(resolve_address(&page, "../../../x"), None);
        assert_eq!(resolve_address(&page, "no address"), None);
    }
}
