//! A content folder as read: every file within its limit.
//! Never judges what a file says. Follows no symlink.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use rayon::prelude::*;

use super::media::{self, MediaInfo};
use super::text::{self, SourceText};
use super::walk::{self, Proposal, WalkResult};
use super::{characters, conflict, markdown_check, themes, tree_faults};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::files::read_file_with_size_hint;
use crate::base::limits::{CONTENT_LINE_BYTES, CONTENT_MEDIA_BYTES, CONTENT_TEXT_BYTES, PICTURE_BYTES};
use crate::base::os;
use crate::base::stamp::FileStamp;

/// Texts by path.
pub type Texts = BTreeMap<String, SourceText>;

/// A content folder as read.
#[derive(Debug, Default)]
pub struct ContentTree {
    /// Text files (YAML, Markdown, CSV, WebVTT) by path below the content folder.
    pub texts: Texts,
    /// By path; `None`: at fault, already reported.
    pub media: BTreeMap<String, Option<MediaInfo>>,
    /// `theme.yaml` of each theme that can be chosen, by the theme's name.
    pub themes: BTreeMap<String, SourceText>,
    /// Files that exist but could not be read, already reported; those of a bad name also under the legal one that was proposed.
    pub unreadable: BTreeSet<String>,
    /// The legal path that was proposed for one of a bad name.
    pub renamed: BTreeMap<String, String>,
    /// Of all files except themes, taken before they are read.
    pub stamps: BTreeMap<String, FileStamp>,
    /// Faults of names, file kinds, sizes, characters and media.
    pub faults: Vec<Diagnostic>,
}

impl ContentTree {
    /// Reads a walked folder except the files `slides/**/*.md`, whose paths it returns: a caller that has slides cached leaves them unread.
    /// `known` may supply what a media file says, so that it is not opened.
    pub fn without_slides(
        root: &Path,
        walked: WalkResult,
        known: impl Fn(&str, &FileStamp) -> Option<MediaInfo> + Sync,
    ) -> (Self, Vec<String>) {
        let WalkResult { stamps, unreadable, renamed, faults } = walked;
        let (slides, others) = stamps.keys().cloned().partition(|name: &String| name.starts_with("slides/") && name.ends_with(".md"));
        let mut tree = Self { unreadable, renamed, stamps, faults, ..Self::default() };
        tree.read_files(root, others, known);
        load_themes(root, &mut tree);
        (tree, slides)
    }

    /// Reads these of the walked files too.
    pub fn read_files(&mut self, root: &Path, names: Vec<String>, known: impl Fn(&str, &FileStamp) -> Option<MediaInfo> + Sync) {
        let load = |name: String| {
            let stamp = self.stamps.get(&name)?;
            let known = known(&name, stamp).map(|facts| LoadedFile::Media(Some(facts), None));
            Some((known.unwrap_or_else(|| load_file(root, &name, stamp.size)), name))
        };
        for (loaded, name) in names.into_par_iter().filter_map(load).collect::<Vec<_>>() {
            self.add(loaded, name);
        }
    }

    fn add(&mut self, loaded: LoadedFile, name: String) {
        match loaded {
            LoadedFile::Text(text, faults) => {
                self.faults.extend(faults);
                self.texts.insert(name, text);
            }
            LoadedFile::Media(facts, fault) => {
                self.faults.extend(fault);
                self.media.insert(name, facts);
            }
            LoadedFile::Unreadable(faults) => {
                self.faults.extend(faults);
                self.unreadable.insert(name);
            }
        }
    }

    /// The text of a file that must be there; reports it if it is not.
    pub fn required_text(&self, path: &str, faults: &mut Vec<Diagnostic>) -> Option<&SourceText> {
        if !self.contains(path) {
            faults.push(tree_faults::missing(path));
        }
        self.texts.get(path)
    }

    /// Whether the theme of this name is there but could not be read, already reported.
    pub fn has_unreadable_theme(&self, name: &str) -> bool {
        let parts = |folder: &str| [folder.to_owned(), format!("{folder}/{name}"), format!("{folder}/{name}/theme.yaml")];
        themes::PLACES.iter().any(|folder| parts(folder).iter().any(|path| self.unreadable.contains(path)))
    }

    /// Whether all in the theme of this name are plain files and folders, so that something can be said of it.
    pub fn is_theme_plain(&self, name: &str) -> bool {
        !self.unreadable.iter().any(|path| themes::PLACES.iter().any(|folder| path.starts_with(&format!("{folder}/{name}/"))))
    }

    /// The faults of a file as a file, also those of a bad name that stands for it.
    pub fn faults_of(&self, path: &str) -> impl Iterator<Item = &Diagnostic> {
        self.faults.iter().filter(move |fault| self.renamed.get(&fault.place.path).unwrap_or(&fault.place.path) == path)
    }

    /// Whether a file exists, read or not.
    pub fn contains(&self, path: &str) -> bool {
        self.texts.contains_key(path) || self.media.contains_key(path) || self.unreadable.contains(path)
    }
}

/// Reads a content folder. Faults of single files go into the tree; only an unreadable folder is an error.
pub fn read(root: &Path) -> Result<ContentTree, Failure> {
    let (mut tree, slides) = ContentTree::without_slides(root, walk::walk(root)?, |_, _| None);
    tree.read_files(root, slides, |_, _| None);
    Ok(tree)
}

/// One text file of a content folder; `None` if it can't be read.
pub fn read_text(root: &Path, name: &str) -> Option<SourceText> {
    if let LoadedFile::Text(text, _) = load_file(root, name, 0) { Some(text) } else { None }
}

enum LoadedFile {
    Text(SourceText, Vec<Diagnostic>),
    Media(Option<MediaInfo>, Option<Diagnostic>),
    Unreadable(Vec<Diagnostic>),
}

fn load_file(root: &Path, name: &str, size: u64) -> LoadedFile {
    let path = &*root.join(name);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let text = walk::TEXTS.contains(&extension);
    if !text && (!name.starts_with("slides/") || !media::EXTENSIONS.contains(&extension)) {
        let Proposal { free, original } = Proposal::of(name, path);
        return LoadedFile::Unreadable(vec![tree_faults::unknown_kind(name, extension, (free.as_deref(), original.as_deref()))]);
    }
    if text {
        return match read_file_with_size_hint(path, size, CONTENT_TEXT_BYTES) {
            Ok(bytes) => load_text(name, &bytes),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                LoadedFile::Unreadable(vec![tree_faults::too_large(line_at_limit(name, path), CONTENT_TEXT_BYTES)])
            }
            Err(error) => LoadedFile::Unreadable(vec![tree_faults::unreadable(name, &error)]),
        };
    }
    let most = if media::is_picture(name) { PICTURE_BYTES } else { CONTENT_MEDIA_BYTES };
    if size > most {
        return LoadedFile::Unreadable(vec![tree_faults::too_large(SourceLocation::file(name), most)]);
    }
    match media::probe(path, name) {
        Ok(facts) => LoadedFile::Media(Some(facts), None),
        Err(fault) => LoadedFile::Media(None, Some(fault)),
    }
}

/// The line on which a text file exceeds its limit.
fn line_at_limit(name: &str, path: &Path) -> SourceLocation {
    let mut newlines = 0;
    if let Ok(file) = os::open_regular(path) {
        let bytes = std::io::BufReader::new(file).take(CONTENT_TEXT_BYTES).bytes();
        newlines = bytes.filter_map(Result::ok).filter(|byte| *byte == b'\n').count();
    }
    SourceLocation { line: u32::try_from(newlines + 1).unwrap_or(u32::MAX), source: "…".to_owned(), ..SourceLocation::file(name) }
}

fn load_text(name: &str, bytes: &[u8]) -> LoadedFile {
    if media::is_lfs_pointer(bytes) {
        return LoadedFile::Unreadable(vec![media::lfs_pointer(name)]);
    }
    let (text, note) = match text::decode_file(name, bytes) {
        Ok((text, note)) => (SourceText::new(name, &text), note),
        Err(fault) => return LoadedFile::Unreadable(vec![fault]),
    };
    let conflicts = conflict::check(&text);
    if !conflicts.is_empty() {
        return LoadedFile::Unreadable(conflicts);
    }
    if let Some(place) = first_long_line(&text) {
        return LoadedFile::Unreadable(vec![tree_faults::line_too_long(place, CONTENT_LINE_BYTES)]);
    }
    if let Some(index) = markdown_check::first_too_deep(text.text()).filter(|_| name.ends_with(".md")) {
        let line = text.text().split('\n').nth(index).unwrap_or_default();
        return LoadedFile::Unreadable(vec![tree_faults::nested_too_deep(line_place(&text, index, line))]);
    }
    let faults = note.into_iter().chain(characters::check(&text)).collect();
    LoadedFile::Text(text, faults)
}

/// A text file that is UTF-8 and holds no conflict of git.
fn merged_text(name: &str, bytes: &[u8]) -> Result<SourceText, Vec<Diagnostic>> {
    let text = text::decode(name, bytes).map(|text| SourceText::new(name, text)).map_err(|fault| vec![fault])?;
    let conflicts = conflict::check(&text);
    if conflicts.is_empty() { Ok(text) } else { Err(conflicts) }
}

/// The first line over the limit, with its beginning.
fn first_long_line(file: &SourceText) -> Option<SourceLocation> {
    let (index, line) = file.text().split('\n').enumerate().find(|(_, line)| line.len() > CONTENT_LINE_BYTES)?;
    Some(line_place(file, index, line))
}

/// A line with its beginning, where it is too long to be shown.
fn line_place(file: &SourceText, index: usize, line: &str) -> SourceLocation {
    let (shown, rest) = line.char_indices().nth(60).map_or((line, false), |(end, _)| (&line[..end], true));
    let source = shown.chars().chain(rest.then_some('…')).collect();
    SourceLocation { line: u32::try_from(index + 1).unwrap_or(u32::MAX), source, ..file.file_location() }
}

/// Loads the themes in the content folder and beside it; the former win.
fn load_themes(root: &Path, tree: &mut ContentTree) {
    for (folder, found) in themes::PLACES.map(|folder| (folder, themes::list(root, folder))) {
        for (shown, fault) in found.faults {
            // A link in the content folder itself is told by the walk.
            if tree.unreadable.insert(shown) {
                tree.faults.push(fault);
            }
        }
        for (name, bytes) in found.settings {
            if tree.themes.contains_key(&name) || tree.has_unreadable_theme(&name) {
                continue;
            }
            let shown = format!("{folder}/{name}/theme.yaml");
            match bytes.map_err(|fault| vec![fault]).and_then(|bytes| merged_text(&shown, &bytes)) {
                Ok(text) => drop(tree.themes.insert(name, text)),
                Err(faults) => {
                    tree.faults.extend(faults);
                    tree.unreadable.insert(shown);
                }
            }
        }
    }
}
