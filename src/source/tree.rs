//! The walk through a content folder: sorted, no link followed, every file read once and within its limit.
//! Never follows a symlink, never judges what a file says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;
use walkdir::WalkDir;

use super::media::{self, Facts};
use super::text::SourceText;
use super::{characters, tree_faults};
use crate::base::diagnostic::{Diagnostic, Place};
use crate::base::failure::Failure;
use crate::base::files::read_limited;
use crate::base::limits::{CONTENT_FILES, CONTENT_MEDIA_BYTES, CONTENT_TEXT_BYTES};
use crate::base::relpath::RelPath;

/// Folders whose files make up a program's input.
const FOLDERS: [&str; 4] = ["sites", "calendar", "slides", "playlists"];
/// What else belongs in a content folder and is read by other commands.
const OTHERS: [&str; 9] = ["urgent", "approvals", "trust", "reports", "themes", "keys", "docs", "bangtin.yaml", "agencies.yaml"];

/// A content folder as read.
#[derive(Debug, Default)]
pub struct Tree {
    /// Text files (YAML, Markdown, CSV, WebVTT) by path below the content folder.
    pub texts: BTreeMap<String, SourceText>,
    /// Media files by path, with what their content says; `None`: at fault, already told.
    pub media: BTreeMap<String, Option<Facts>>,
    /// `theme.yaml` of each theme that can be chosen, by the theme's name.
    pub themes: BTreeMap<String, SourceText>,
    /// Files that are there and could not be read, already told.
    pub unreadable: BTreeSet<String>,
    /// Faults of names, file kinds, sizes, characters and media.
    pub faults: Vec<Diagnostic>,
}

impl Tree {
    /// Whether a file is there, read or not.
    pub fn holds(&self, path: &str) -> bool {
        self.texts.contains_key(path) || self.media.contains_key(path) || self.unreadable.contains(path)
    }
}

/// Reads a content folder. What is wrong with single files becomes faults of the tree; an error is only a folder that can't be read.
pub fn read(root: &Path) -> Result<Tree, Failure> {
    let mut tree = Tree::default();
    let names = walk(root, &mut tree)?;
    let read: Vec<_> = names.into_par_iter().map(|(name, path)| (load(&name, &path), name)).collect();
    for (loaded, name) in read {
        match loaded {
            Loaded::Text(text, faults) => {
                tree.faults.extend(faults);
                tree.texts.insert(name, text);
            }
            Loaded::Media(facts, fault) => {
                tree.faults.extend(fault);
                tree.media.insert(name, facts);
            }
            Loaded::Unreadable(fault) => {
                tree.faults.push(fault);
                tree.unreadable.insert(name);
            }
        }
    }
    themes(root, &mut tree);
    Ok(tree)
}

enum Loaded {
    Text(SourceText, Vec<Diagnostic>),
    Media(Option<Facts>, Option<Diagnostic>),
    Unreadable(Diagnostic),
}

/// Names of all files to read; faults of names and kinds go to the tree.
fn walk(root: &Path, tree: &mut Tree) -> Result<Vec<(String, PathBuf)>, Failure> {
    let mut files = Vec::new();
    let mut folded: BTreeMap<String, String> = BTreeMap::new();
    let mut entries = WalkDir::new(root).follow_links(false).min_depth(1).max_depth(16).sort_by_file_name().into_iter();
    let mut seen = 0;
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root).to_owned();
            Failure::io(&path, &error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of folders")))
        })?;
        seen += 1;
        if seen > CONTENT_FILES {
            tree.faults.push(tree_faults::too_many());
            break;
        }
        let path = entry.path().to_owned();
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
        let kind = entry.file_type();
        let base = entry.file_name().to_string_lossy();
        if kind.is_symlink() {
            tree.faults.push(tree_faults::symlink(&name));
            tree.unreadable.insert(name);
            continue;
        }
        if base.starts_with('.') {
            if kind.is_dir() {
                entries.skip_current_dir();
            }
            continue;
        }
        let first = name.split('/').next().unwrap_or_default();
        if entry.depth() == 1 {
            if kind.is_dir() && !FOLDERS.contains(&first) {
                if !OTHERS.contains(&first) {
                    tree.faults.push(tree_faults::unknown_folder(&name, &FOLDERS));
                }
                entries.skip_current_dir();
                continue;
            }
            if kind.is_file() && !OTHERS.contains(&first) {
                if first.ends_with(".yaml") || first.ends_with(".yml") {
                    tree.faults.push(tree_faults::unknown_file(&name));
                }
                continue;
            }
        }
        let fold: String = name.nfc().flat_map(char::to_lowercase).collect();
        if let Some(twin) = folded.insert(fold, name.clone()) {
            tree.faults.push(tree_faults::twins(&name, &twin));
            tree.unreadable.insert(name);
            continue;
        }
        if !plain_name(&name) {
            tree.faults.push(tree_faults::name(&name));
            tree.unreadable.insert(name);
            continue;
        }
        if kind.is_dir() {
            continue;
        }
        if !kind.is_file() {
            tree.faults.push(tree_faults::not_a_file(&name));
            tree.unreadable.insert(name);
        } else if entry.metadata().is_ok_and(|metadata: Metadata| metadata.nlink() > 1) {
            tree.faults.push(tree_faults::hard_link(&name));
            tree.unreadable.insert(name);
        } else {
            files.push((name, path));
        }
    }
    Ok(files)
}

/// Names that mean devices on Windows, where authors work.
fn plain_name(name: &str) -> bool {
    let reserved = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default();
        matches!(stem, "con" | "prn" | "aux" | "nul")
            || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.as_bytes()[3].is_ascii_digit())
    };
    RelPath::parse(name).is_some() && !name.contains('@') && !name.split('/').any(reserved)
}

fn load(name: &str, path: &Path) -> Loaded {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let text = matches!(extension, "yaml" | "md" | "csv" | "vtt");
    if !text && (!name.starts_with("slides/") || !media::EXTENSIONS.contains(&extension)) {
        return Loaded::Unreadable(tree_faults::unknown_kind(name, extension));
    }
    if text {
        return match read_limited(path, CONTENT_TEXT_BYTES) {
            Ok(bytes) => load_text(name, &bytes),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                Loaded::Unreadable(tree_faults::too_large(line_at_limit(name, path), CONTENT_TEXT_BYTES))
            }
            Err(error) => Loaded::Unreadable(tree_faults::unreadable(name, &error)),
        };
    }
    match path.metadata() {
        Ok(metadata) if metadata.len() > CONTENT_MEDIA_BYTES => {
            Loaded::Unreadable(tree_faults::too_large(Place::file(name), CONTENT_MEDIA_BYTES))
        }
        Ok(_) => match media::sniff(path, name) {
            Ok(facts) => Loaded::Media(Some(facts), None),
            Err(fault) => Loaded::Media(None, Some(fault)),
        },
        Err(error) => Loaded::Unreadable(tree_faults::unreadable(name, &error)),
    }
}

/// The line on which a text file passes its limit.
fn line_at_limit(name: &str, path: &Path) -> Place {
    let mut newlines = 0;
    if let Ok(file) = std::fs::File::open(path) {
        let bytes = std::io::BufReader::new(file).take(CONTENT_TEXT_BYTES).bytes();
        newlines = bytes.filter_map(Result::ok).filter(|byte| *byte == b'\n').count();
    }
    Place { line: u32::try_from(newlines + 1).unwrap_or(u32::MAX), source: "…".to_owned(), ..Place::file(name) }
}

fn load_text(name: &str, bytes: &[u8]) -> Loaded {
    if bytes.starts_with(b"version https://git-lfs") {
        return Loaded::Unreadable(media::lfs_pointer(name));
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Loaded::Unreadable(tree_faults::byte_order_mark(name));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let text = SourceText::new(name, text);
            let faults = characters::check(&text);
            Loaded::Text(text, faults)
        }
        Err(error) => {
            let good = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned();
            let shown = SourceText::new(name, &good);
            let mut place = shown.place(shown.span(good.len()..good.len()));
            place.source = place.source.trim_end().to_owned();
            Loaded::Unreadable(tree_faults::not_utf8(place, bytes[error.valid_up_to()]))
        }
    }
}

/// Themes lie in the content folder or beside it; the former win.
fn themes(root: &Path, tree: &mut Tree) {
    for (folder, shown) in [("themes", "themes"), ("../themes", "../themes")] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path().join("theme.yaml");
            if tree.themes.contains_key(&name) || !path.is_file() {
                continue;
            }
            let shown = format!("{shown}/{name}/theme.yaml");
            match read_limited(&path, CONTENT_TEXT_BYTES).map(String::from_utf8) {
                Ok(Ok(text)) => drop(tree.themes.insert(name, SourceText::new(shown, &text))),
                Ok(Err(_)) => tree.faults.push(tree_faults::not_utf8(Place::file(shown), 0)),
                Err(error) => tree.faults.push(tree_faults::unreadable(&shown, &error)),
            }
        }
    }
}
