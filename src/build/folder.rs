//! Writes a program, with the wrapper that plays it from any web server, into a folder. A new folder is built under a temporary name and
//! renamed; in an earlier build only differing files are written. Refuses any other folder that is not empty. Never renders.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, DirEntry, File};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::draft::{LazyRenderer, ProgramDraft, ProgramFile};
use crate::base::bytes::ByteSource;
use crate::base::cache_file::CacheFile;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::stamp::FileStamp;
use crate::program::shell;
use crate::text;

const MANIFEST: &str = "program.json";
/// Name prefix of unfinished folders and files.
const BUILDING_PREFIX: &str = ".building-";

/// A file that the folder must hold.
struct OutputFile<'a> {
    path: Cow<'a, str>,
    digest: Digest,
    size: u64,
    origin: OutputSource<'a>,
}

/// Source of the bytes of an output file.
enum OutputSource<'a> {
    /// Bytes of the wrapper or the manifest.
    Own(&'a [u8]),
    /// A program file, whose bytes may have to be rendered.
    Part(&'a ProgramFile),
}

/// Record of a file that a build wrote or found up to date.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct OutputRecord {
    digest: Digest,
    stamp: FileStamp,
}

/// By path below the folder.
type OutputRecords = BTreeMap<String, OutputRecord>;

/// The current state of a folder, and the records of earlier builds. Taken while the program is being planned.
pub struct FolderSurvey {
    folder: PathBuf,
    cache: CacheFile,
    records: OutputRecords,
    since: SystemTime,
    /// `None` when the folder does not exist.
    there: Result<Option<There>, Failure>,
}

/// Contents of a folder.
struct There {
    files: Vec<ExistingFile>,
    /// Outer before inner.
    folders: Vec<PathBuf>,
}

/// A file in the folder.
struct ExistingFile {
    /// Relative to the folder.
    path: String,
    place: PathBuf,
    /// `None` unless it is a plain file.
    stamp: Option<FileStamp>,
}

/// Surveys an output folder; `cache` holds the records of earlier builds.
pub fn survey(folder: PathBuf, cache: CacheFile, since: SystemTime) -> FolderSurvey {
    let (records, there) = rayon::join(|| cache.read().unwrap_or_default(), || there(&folder));
    FolderSurvey { folder, cache, records, since, there }
}

/// Writes the program into the surveyed folder.
pub fn write(survey: &FolderSurvey, draft: &ProgramDraft, shelf: &LazyRenderer<'_>, now: &dyn Fn() -> SystemTime) -> Result<(), Failure> {
    let targets = targets(draft);
    let Some(there) = survey.there.as_ref().map_err(Failure::clone)? else { return create_folder(survey, &targets, shelf, now) };
    if !(there.files.is_empty() && there.folders.is_empty() || there.files.iter().any(|found| found.path == MANIFEST)) {
        let shown = survey.folder.display();
        return Err(Failure::Usage(text!(
            vi: "{shown} không phải là chương trình tạo trước đây; hãy chọn thư mục khác",
            en: "{shown} is not an earlier build; choose another folder"
        )));
    }
    update(survey, there, &targets, shelf)
}

/// All files, the manifest last: a page that the manifest does not name yet does no harm.
fn targets(draft: &ProgramDraft) -> Vec<OutputFile<'_>> {
    let own = |path: Cow<'static, str>, bytes| OutputFile {
        path,
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        origin: OutputSource::Own(bytes),
    };
    let mut targets = Vec::with_capacity(draft.files.len() + 16);
    for part in &draft.files {
        let file = &part.file;
        targets.push(OutputFile {
            path: file.path.as_str().into(),
            digest: file.digest,
            size: file.size,
            origin: OutputSource::Part(part),
        });
    }
    targets.extend(shell::FILES.iter().map(|file| own(format!("player/{}", file.name).into(), file.bytes)));
    targets.push(own("index.html".into(), shell::STATIC_PAGE.as_bytes()));
    targets.push(own(MANIFEST.into(), &draft.bytes));
    targets
}

fn create_folder(
    survey: &FolderSurvey,
    targets: &[OutputFile<'_>],
    shelf: &LazyRenderer<'_>,
    now: &dyn Fn() -> SystemTime,
) -> Result<(), Failure> {
    let folder = &survey.folder;
    let above = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(|error| Failure::io(above, &error))?;
    remove_stale_builds(above);
    let temp = tempfile::Builder::new().prefix(BUILDING_PREFIX).tempdir_in(above).map_err(|error| Failure::io(above, &error))?;
    // Locked while it is being built, so that other builds do not remove it as stale.
    let held = File::open(temp.path()).and_then(|file| file.lock().map(|()| file));
    create_subfolders(temp.path(), targets.iter())?;
    targets.par_iter().try_for_each(|target| write_file(&temp.path().join(&*target.path), target, shelf))?;
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).map_err(|error| Failure::io(temp.path(), &error))?;
    let placed = now();
    fs::rename(temp.keep(), folder).map_err(|error| Failure::io(folder, &error))?;
    drop(held);
    // Nobody else knew the folder before the rename, so a file that was stable by then is as written.
    let note = |target: &OutputFile<'_>| {
        let stamp = FileStamp::from_metadata(&fs::symlink_metadata(folder.join(&*target.path)).ok()?);
        record(target, stamp, placed)
    };
    survey.cache.write(&targets.par_iter().filter_map(note).collect::<OutputRecords>());
    Ok(())
}

fn update(survey: &FolderSurvey, there: &There, targets: &[OutputFile<'_>], shelf: &LazyRenderer<'_>) -> Result<(), Failure> {
    let FolderSurvey { folder, cache, records, since, .. } = survey;
    let by_path: HashMap<&str, usize> = targets.iter().enumerate().map(|(at, target)| (&*target.path, at)).collect();
    // For each existing file: the index of its target, and its stamp if it is up to date.
    let judge = |found: &ExistingFile| {
        let at = *by_path.get(found.path.as_str())?;
        Some((at, up_to_date_stamp(found, &targets[at], records)))
    };
    let judged: Vec<Option<(usize, Option<FileStamp>)>> = there.files.par_iter().map(judge).collect();
    let mut stamps: Vec<Option<FileStamp>> = vec![None; targets.len()];
    let mut stale = Vec::new();
    for (found, judged) in there.files.iter().zip(judged) {
        match judged {
            Some((at, stamp)) => stamps[at] = stamp,
            None => stale.push(&found.place),
        }
    }
    let needed: Vec<&OutputFile<'_>> = targets.iter().zip(&stamps).filter(|(_, stamp)| stamp.is_none()).map(|(target, _)| target).collect();
    let kept = create_subfolders(folder, targets.iter())?;
    let replace = |target: &&OutputFile<'_>| {
        let place = folder.join(&*target.path);
        if place.is_dir() {
            fs::remove_dir_all(&place).map_err(|error| Failure::io(&place, &error))?;
        }
        let beside = place.with_file_name(format!("{BUILDING_PREFIX}{}", &Digest::of(target.path.as_bytes()).to_string()[..16]));
        write_file(&beside, target, shelf)?;
        fs::rename(&beside, &place).map_err(|error| Failure::io(&place, &error))
    };
    let (last, first): (Vec<&OutputFile<'_>>, Vec<&OutputFile<'_>>) = needed.iter().partition(|target| target.path == MANIFEST);
    first.par_iter().try_for_each(replace)?;
    last.iter().try_for_each(replace)?;
    for path in stale {
        ignore_missing(path, fs::remove_file(path))?;
    }
    // The innermost first.
    for path in there.folders.iter().rev().filter(|path| !kept.contains(*path)) {
        ignore_missing(path, fs::remove_dir(path))?;
    }
    let now: OutputRecords = targets.iter().zip(stamps).filter_map(|(target, stamp)| record(target, stamp?, *since)).collect();
    if now == *records {
        cache.touch();
    } else {
        cache.write(&now);
    }
    Ok(())
}

/// Treats a missing path as removed, also one whose folder has been replaced by a file.
fn ignore_missing(path: &Path, removed: io::Result<()>) -> Result<(), Failure> {
    match removed {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Err(Failure::io(path, &error)),
        _ => Ok(()),
    }
}

/// The record of a file that was up to date at or after `since`; `None` if its stamp is too recent to be reliable.
fn record(target: &OutputFile<'_>, stamp: FileStamp, since: SystemTime) -> Option<(String, OutputRecord)> {
    stamp.is_stable_before(since).then(|| (target.path.to_string(), OutputRecord { digest: target.digest, stamp }))
}

/// Returns the stamp of an up-to-date file, judged by the record if it matches, else by the bytes.
fn up_to_date_stamp(found: &ExistingFile, target: &OutputFile<'_>, records: &OutputRecords) -> Option<FileStamp> {
    let stamp = found.stamp?;
    if records.get(&found.path) == Some(&OutputRecord { digest: target.digest, stamp }) {
        return Some(stamp);
    }
    if stamp.size != target.size {
        return None;
    }
    let held = File::open(&found.place).and_then(Digest::of_reader).ok()?;
    (held == (target.digest, target.size)).then_some(stamp)
}

/// Lists all files and folders below a folder; `None` if it does not exist. Lists only the top level unless it holds an earlier build.
fn there(folder: &Path) -> Result<Option<There>, Failure> {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = open.pop() {
        let outside = |error: io::Error| Failure::io(&path, &error);
        let entries = match fs::read_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && path == folder => return Ok(None),
            other => other.map_err(outside)?,
        };
        let mut inside = Vec::new();
        for entry in entries {
            let entry = entry.map_err(outside)?;
            if entry.file_type().map_err(outside)?.is_dir() {
                folders.push(entry.path());
                open.push((entry.path(), format!("{prefix}{}/", entry.file_name().to_string_lossy())));
            } else {
                inside.push(entry);
            }
        }
        let look = |entry: DirEntry| {
            let (name, metadata) = (entry.file_name(), entry.metadata().ok());
            let stamp = metadata.filter(fs::Metadata::is_file).map(|metadata| FileStamp::from_metadata(&metadata));
            ExistingFile { path: format!("{prefix}{}", name.to_string_lossy()), place: entry.path(), stamp }
        };
        files.par_extend(inside.into_par_iter().map(look));
        if path == folder && !files.iter().any(|found: &ExistingFile| found.path == MANIFEST) {
            break;
        }
    }
    Ok(Some(There { files, folders }))
}

/// Creates the folders of these files; returns all of them.
fn create_subfolders<'t, 'd: 't>(root: &Path, targets: impl Iterator<Item = &'t OutputFile<'d>>) -> Result<BTreeSet<PathBuf>, Failure> {
    let names: BTreeSet<&str> = targets.filter_map(|target| Some(target.path.rsplit_once('/')?.0)).collect();
    let mut all = BTreeSet::new();
    for name in names {
        let path = root.join(name);
        // A file may be in the way: an id that was a slide may now be a folder of slides.
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
        }
        fs::create_dir_all(&path).map_err(|error| Failure::io(&path, &error))?;
        all.extend(path.ancestors().take_while(|above| *above != root).map(Path::to_owned));
    }
    Ok(all)
}

fn write_file(place: &Path, target: &OutputFile<'_>, shelf: &LazyRenderer<'_>) -> Result<(), Failure> {
    let outside = |error: io::Error| Failure::io(place, &error);
    match target.origin {
        OutputSource::Own(bytes) => fs::write(place, bytes).map_err(outside),
        OutputSource::Part(part) => match shelf.file_bytes(part)? {
            ByteSource::Memory(bytes) => fs::write(place, &*bytes).map_err(outside),
            ByteSource::File(source) => copy(&source, place),
            ByteSource::Temporary(source) => copy(&source, place),
        },
    }
}

fn copy(source: &Path, place: &Path) -> Result<(), Failure> {
    fs::copy(source, place).map(drop).map_err(|error| Failure::io(source, &error))
}

/// Removes unfinished folders of interrupted builds.
fn remove_stale_builds(above: &Path) {
    let entries = fs::read_dir(above).into_iter().flatten().filter_map(Result::ok);
    for path in
        entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(BUILDING_PREFIX.as_bytes())).map(|entry| entry.path())
    {
        if File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(path);
        }
    }
}
