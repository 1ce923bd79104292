//! Finds the files that each page of a program needs: the page itself and every file that it references, directly or in a style sheet.
//! Reads generated pages; never reads an author's file.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::manifest::{Manifest, ManifestFile};
use crate::base::relpath::RelPath;

/// Page → all files that it needs, itself included.
pub type PageDependencies = BTreeMap<RelPath, BTreeSet<RelPath>>;

/// Reads the bytes of one file of the program.
pub type ReadFile<'a> = &'a dyn Fn(&ManifestFile) -> io::Result<Vec<u8>>;

/// Returns the dependencies of every page of a program. Reads pages and style sheets only.
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
        let mut all = named_files(manifest, path, &text);
        let through: Vec<_> = all.iter().filter_map(|path| sheets.get(path)).flatten().cloned().collect();
        all.extend(through);
        all.insert(path.clone());
        needs.insert(path.clone(), all);
    }
    Ok(needs)
}

/// The files of the program that a page itself names.
pub fn named_files(manifest: &Manifest, page: &RelPath, html: &str) -> BTreeSet<RelPath> {
    // Templates escape, so every address in a page is quoted. Addresses that are no files of the program are dropped.
    referenced_files(manifest, page, html.split(['"', '\'']))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns the files of the program among some addresses.
fn referenced_files<'t>(manifest: &Manifest, from: &RelPath, addresses: impl Iterator<Item = &'t str>) -> BTreeSet<RelPath> {
    let found = addresses.filter_map(|address| manifest.file(&resolve_address(from, address.trim().trim_matches(['"', '\'']))?));
    found.map(|file| file.path.clone()).collect()
}

/// Resolves an address relative to a file into a path of the program; `None` if it is no address or leads outside.
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
