//! Walks a content folder in sorted order and checks every name.
//! Never follows a symlink, never opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use unicode_normalization::UnicodeNormalization as _;
use walkdir::{DirEntry, WalkDir};

use super::machine_files::{self, MachineFile};
use super::{history, legal_names, media, tree_faults};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::limits::{CONTENT_FILES, PATH_BYTES};
use crate::base::os;
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;

/// Folders whose files make up a program's input.
const CONTENT_FOLDERS: [&str; 4] = ["sites", "calendar", "slides", "playlists"];
/// Other names that belong in a content folder; other commands read them.
const KNOWN_OTHER_NAMES: [&str; 9] = ["urgent", "approvals", "trust", "reports", "themes", "keys", "docs", "bangtin.yaml", "agencies.yaml"];
/// Extensions of the texts that are read.
pub const TEXTS: [&str; 4] = ["yaml", "md", "csv", "vtt"];
/// The files at the top.
const TOP_FILES: [&str; 2] = ["bangtin.yaml", "agencies.yaml"];

/// The result of a walk.
#[derive(Debug, Default)]
pub struct WalkResult {
    /// The files to be read, by path below the content folder, with their stamps during the walk.
    pub stamps: BTreeMap<String, FileStamp>,
    /// Files that exist but can't be used, already reported; those of a bad name also under the legal one that was proposed.
    pub unreadable: BTreeSet<String>,
    /// The legal path that was proposed for one of a bad name.
    pub renamed: BTreeMap<String, String>,
    /// Faults of names and kinds.
    pub faults: Vec<Diagnostic>,
}

/// Walks a content folder. Only an unreadable folder is an error.
pub fn walk(root: &Path) -> Result<WalkResult, Failure> {
    let mut out = WalkResult::default();
    let entries = collect_entries(root, &mut out)?;
    // Names of the legal form differ on every file system; only other names can have a twin.
    let twins = entries.iter().any(|(name, _)| !name.bytes().all(|c| c.is_ascii() && !c.is_ascii_uppercase()));
    let mut folded: BTreeMap<String, String> = BTreeMap::new();
    let look = |(_, entry): &(String, DirEntry)| entry.file_type().is_file().then(|| entry.path().symlink_metadata());
    let looks: Vec<_> = entries.par_iter().map(look).collect();
    for ((name, entry), metadata) in entries.into_iter().zip(looks) {
        if twins {
            let fold: String = name.nfc().flat_map(char::to_lowercase).collect();
            if let Some(twin) = folded.insert(fold, name.clone()) {
                out.refuse(tree_faults::name_collision(&name, &twin), name);
                continue;
            }
        }
        let (folder, own) = name.rsplit_once('/').unwrap_or(("", &name));
        if out.unreadable.contains(folder) && is_portable_name(own) {
            // The folder's name is at fault, not this one.
            out.propose(&name, own);
            out.unreadable.insert(name);
        } else if !is_portable_name(&name) {
            let (fault, legal) = bad_name(&name, entry.path());
            legal.iter().for_each(|legal| out.propose(&name, legal));
            out.refuse(fault, name);
        } else if !entry.file_type().is_dir() {
            match metadata {
                None => out.refuse(tree_faults::not_a_file(&name), name),
                Some(Ok(metadata)) if os::has_other_names(entry.path(), &metadata) => out.refuse(tree_faults::hard_link(&name), name),
                Some(Ok(metadata)) => drop(out.stamps.insert(name, FileStamp::from_metadata(&metadata))),
                Some(Err(error)) => out.refuse(tree_faults::unreadable(&name, &error), name),
            }
        }
    }
    Ok(out)
}

impl WalkResult {
    fn refuse(&mut self, fault: Diagnostic, name: String) {
        self.faults.push(fault);
        self.unreadable.insert(name);
    }

    /// What names the legal path is not at fault as well.
    fn propose(&mut self, name: &str, legal: &str) {
        let folder = name.rsplit_once('/').map(|(folder, _)| self.renamed.get(folder).map_or(folder, String::as_str));
        let path = folder.map_or_else(|| legal.to_owned(), |folder| format!("{folder}/{legal}"));
        self.unreadable.insert(path.clone());
        self.renamed.insert(name.to_owned(), path);
    }
}

/// The entries of the folders to read with their names, without links and hidden files.
fn collect_entries(root: &Path, out: &mut WalkResult) -> Result<Vec<(String, DirEntry)>, Failure> {
    let mut found = Vec::new();
    let mut entries = WalkDir::new(root).follow_links(false).min_depth(1).max_depth(16).sort_by_file_name().into_iter();
    let (mut seen, mut system) = (0, Vec::new());
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(root).to_owned();
            Failure::io(&path, &error.into_io_error().unwrap_or_else(|| std::io::Error::other("a loop of folders")))
        })?;
        seen += 1;
        if seen > CONTENT_FILES {
            out.faults.push(tree_faults::too_many_files());
            break;
        }
        let name = relative_name(root, entry.path());
        let kind = entry.file_type();
        if kind.is_symlink() {
            out.refuse(tree_faults::symlink(&name), name);
            continue;
        }
        if let Some(fault) = misplaced(&entry, &name) {
            out.refuse(fault, name.clone());
        }
        let made = MachineFile::of(&entry.file_name().to_string_lossy());
        if made.is_some() || entry.file_name().as_encoded_bytes().starts_with(b".") {
            if kind.is_dir() {
                entries.skip_current_dir();
            }
            match made {
                Some(MachineFile::System(maker)) => system.push((maker, name)),
                Some(made) => made.fault(&name).into_iter().for_each(|fault| out.refuse(fault, name.clone())),
                None => {}
            }
            continue;
        }
        let first = name.split('/').next().unwrap_or_default();
        if entry.depth() == 1 {
            let meant = legal_names::legal(first).filter(|legal| legal != first);
            let is_meant = |known: &[&str]| meant.as_ref().is_some_and(|legal| known.contains(&legal.as_str()));
            if kind.is_dir() && !CONTENT_FOLDERS.contains(&first) && !is_meant(&CONTENT_FOLDERS) {
                if !KNOWN_OTHER_NAMES.contains(&first) {
                    out.faults.push(tree_faults::unknown_folder(&name, &CONTENT_FOLDERS));
                }
                entries.skip_current_dir();
                continue;
            }
            if kind.is_file() && !KNOWN_OTHER_NAMES.contains(&first) && !is_meant(&TOP_FILES) {
                if first.ends_with(".yaml") || first.ends_with(".yml") {
                    out.faults.push(tree_faults::unknown_file(&name));
                }
                continue;
            }
        }
        found.push((name, entry));
    }
    out.faults.extend(machine_files::warnings(&system));
    Ok(found)
}

/// The fault of a path that is too long, or of a name, and a legal name that no other file has.
fn bad_name(name: &str, path: &Path) -> (Diagnostic, Option<String>) {
    if name.len() > PATH_BYTES {
        return (tree_faults::long_path(name), None);
    }
    let Proposal { free, original } = Proposal::of(name, path);
    (tree_faults::bad_name(name, free.as_deref(), original.as_deref()), free)
}

/// What to call a file that can't keep its name.
pub(super) struct Proposal {
    /// A legal name of a kind that is read, which no other file has.
    pub free: Option<String>,
    /// The file beside it of which it looks like a copy.
    pub original: Option<String>,
}

impl Proposal {
    /// Looks at what stands beside the file.
    pub fn of(name: &str, path: &Path) -> Self {
        let own = name.rsplit('/').next().unwrap_or(name);
        // Where case does not count, a file stands under its legal name already.
        let is_itself = |other: &Path| other.canonicalize().ok().is_some_and(|other| path.canonicalize().is_ok_and(|path| path == other));
        let taken = |name: &String| {
            let other = path.with_file_name(name);
            other.symlink_metadata().is_ok() && !is_itself(&other)
        };
        let numbered = |legal: &str, number: u32| match legal.split_once('.') {
            Some((stem, ends)) => format!("{stem}-{number}.{ends}"),
            None => format!("{legal}-{number}"),
        };
        let legal = legal_names::legal(own).map(legal_names::of_a_kind_in_use);
        let originals = legal_names::copied_from(own).into_iter().flat_map(|copied| [legal_names::legal(&copied), Some(copied)]).flatten();
        let original = originals.chain(legal.clone()).find(&taken);
        let free = legal.and_then(|legal| {
            let mut all = std::iter::once(legal.clone()).chain((2..100).map(|number| numbered(&legal, number)));
            all.find(|legal| is_portable_name(legal) && !taken(legal))
        });
        Self { free, original }
    }
}

/// What is no file where a file belongs: a folder with the name of one, or what git would wait for.
fn misplaced(entry: &DirEntry, name: &str) -> Option<Diagnostic> {
    let kind = entry.file_type();
    if is_folder_named_as_file(entry) && is_portable_name(name) {
        return Some(tree_faults::folder_named_as_file(name));
    }
    let read_by_git = history::READ_BY_GIT.iter().any(|read| entry.file_name() == *read);
    (read_by_git && !kind.is_file() && !kind.is_dir()).then(|| tree_faults::not_a_file(name))
}

/// Whether a folder has the name of a file that is read: whoever put it there meant the file.
fn is_folder_named_as_file(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let (stem, extension) = name.rsplit_once('.').unwrap_or_default();
    let read = TEXTS.contains(&extension) || media::EXTENSIONS.contains(&extension);
    let is_ours = entry.depth() > 1 || TOP_FILES.contains(&&*name);
    entry.file_type().is_dir() && is_ours && !stem.is_empty() && !name.starts_with('.') && read
}

/// The path below a folder. Compares bytes: splitting paths into components costs more than the rest of the walk.
fn relative_name(root: &Path, path: &Path) -> String {
    let (root, path) = (root.as_os_str().as_encoded_bytes(), path.as_os_str().as_encoded_bytes());
    let name = path.strip_prefix(root).unwrap_or(path);
    let separator = name.first().is_some_and(|first| std::path::is_separator(char::from(*first)));
    os::slashed(String::from_utf8_lossy(&name[usize::from(separator)..]).into_owned())
}

/// Whether a name has the legal form and is not reserved for a device on Windows, where authors work.
fn is_portable_name(name: &str) -> bool {
    let reserved = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default();
        matches!(stem, "con" | "prn" | "aux" | "nul")
            || (stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.as_bytes()[3].is_ascii_digit())
    };
    RelPath::is_well_formed(name) && !name.contains('@') && !name.split('/').any(reserved)
}
