//! Writes a program, with the wrapper that plays it from any web server, into a folder. A new folder is built under a temporary name and
//! renamed; in an earlier build only differing files are written. Refuses any other folder that is not empty. Never renders.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, DirEntry, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::draft::{LazyRenderer, ProgramDraft, ProgramFile};
use crate::base::bytes::ByteSource;
use crate::base::cache_file::CacheFile;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::os;
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;
use crate::program::shell;
use crate::text;

const MANIFEST: &str = "program.json";
/// Name prefix of unfinished folders and files.
const BUILDING_PREFIX: &str = ".building-";

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
fn targets(draft: &ProgramDraft) -> Vec<ProgramFile> {
    let wrapper = shell::FILES.iter().map(|file| (format!("player/{}", file.name), file.bytes));
    let others = wrapper.chain([("index.html".to_owned(), shell::STATIC_PAGE.as_bytes()), (MANIFEST.to_owned(), &*draft.bytes)]);
    let others = others.filter_map(|(path, bytes)| Some(ProgramFile::in_memory(RelPath::parse(&path)?, bytes)));
    draft.files.iter().cloned().chain(others).collect()
}

/// Creates the folder; one that fails leaves none, nor those above it that it made.
fn create_folder(
    survey: &FolderSurvey,
    targets: &[ProgramFile],
    shelf: &LazyRenderer<'_>,
    now: &dyn Fn() -> SystemTime,
) -> Result<(), Failure> {
    let named = survey.folder.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    let made: Vec<&Path> = named.take_while(|above| above.symlink_metadata().is_err()).collect();
    fill_new_folder(survey, targets, shelf, now).inspect_err(|_| {
        let _ = made.into_iter().try_for_each(fs::remove_dir);
    })
}

fn fill_new_folder(
    survey: &FolderSurvey,
    targets: &[ProgramFile],
    shelf: &LazyRenderer<'_>,
    now: &dyn Fn() -> SystemTime,
) -> Result<(), Failure> {
    let folder = &survey.folder;
    let above = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(|error| Failure::io(above, &error))?;
    remove_stale_builds(above);
    let temp = tempfile::Builder::new().prefix(BUILDING_PREFIX).tempdir_in(above).map_err(|error| Failure::io(above, &error))?;
    // Locked while it is being built, so that other builds do not remove it as stale.
    let held = os::lock_folder(temp.path());
    create_subfolders(temp.path(), targets)?;
    targets.par_iter().try_for_each(|target| write_file(&temp.path().join(target.file.path.as_str()), target, shelf))?;
    os::set_usual_folder_mode(temp.path()).map_err(|error| Failure::io(temp.path(), &error))?;
    let placed = now();
    fs::rename(temp.keep(), folder).map_err(|error| Failure::io(folder, &error))?;
    drop(held);
    // Nobody else knew the folder before the rename, so a file that was stable by then is as written.
    let note = |target: &ProgramFile| {
        let stamp = FileStamp::from_metadata(&fs::symlink_metadata(folder.join(target.file.path.as_str())).ok()?);
        record(target, stamp, placed)
    };
    survey.cache.write(&targets.par_iter().filter_map(note).collect::<OutputRecords>());
    Ok(())
}

fn update(survey: &FolderSurvey, there: &There, targets: &[ProgramFile], shelf: &LazyRenderer<'_>) -> Result<(), Failure> {
    let FolderSurvey { folder, cache, records, since, .. } = survey;
    let by_path: HashMap<&str, usize> = targets.iter().enumerate().map(|(at, target)| (target.file.path.as_str(), at)).collect();
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
    let needed: Vec<&ProgramFile> = targets.iter().zip(&stamps).filter(|(_, stamp)| stamp.is_none()).map(|(target, _)| target).collect();
    let kept = create_subfolders(folder, targets)?;
    let replace = |target: &&ProgramFile| {
        let place = folder.join(target.file.path.as_str());
        if place.is_dir() {
            fs::remove_dir_all(&place).map_err(|error| Failure::io(&place, &error))?;
        }
        let beside =
            place.with_file_name(format!("{BUILDING_PREFIX}{}", &Digest::of(target.file.path.as_str().as_bytes()).to_string()[..16]));
        write_file(&beside, target, shelf)?;
        fs::rename(&beside, &place).map_err(|error| Failure::io(&place, &error))
    };
    let (last, first): (Vec<&ProgramFile>, Vec<&ProgramFile>) = needed.iter().partition(|target| target.file.path.as_str() == MANIFEST);
    first.par_iter().try_for_each(replace)?;
    last.iter().try_for_each(replace)?;
    // A link may have given way to a folder.
    for path in stale.into_iter().filter(|path| !path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())) {
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
fn record(target: &ProgramFile, stamp: FileStamp, since: SystemTime) -> Option<(String, OutputRecord)> {
    stamp.is_stable_before(since).then(|| (target.file.path.to_string(), OutputRecord { digest: target.file.digest, stamp }))
}

/// Returns the stamp of an up-to-date file, judged by the record if it matches, else by the bytes.
fn up_to_date_stamp(found: &ExistingFile, target: &ProgramFile, records: &OutputRecords) -> Option<FileStamp> {
    let stamp = found.stamp?;
    if records.get(&found.path) == Some(&OutputRecord { digest: target.file.digest, stamp }) {
        return Some(stamp);
    }
    if stamp.size != target.file.size {
        return None;
    }
    let held = File::open(&found.place).and_then(Digest::of_reader).ok()?;
    (held == (target.file.digest, target.file.size)).then_some(stamp)
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
fn create_subfolders(root: &Path, targets: &[ProgramFile]) -> Result<BTreeSet<PathBuf>, Failure> {
    let paths = targets.iter().flat_map(|target| Path::new(target.file.path.as_str()).ancestors().skip(1));
    let names: BTreeSet<&Path> = paths.filter(|folder| !folder.as_os_str().is_empty()).collect();
    let mut all = BTreeSet::new();
    // The outer before the inner, so that no link among them is followed.
    for name in names {
        let path = root.join(name);
        // A file may be in the way: an id that was a slide may now be a folder of slides.
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
            fs::remove_file(&path).map_err(|error| Failure::io(&path, &error))?;
        }
        fs::create_dir_all(&path).map_err(|error| Failure::io(&path, &error))?;
        all.insert(path);
    }
    Ok(all)
}

fn write_file(place: &Path, target: &ProgramFile, shelf: &LazyRenderer<'_>) -> Result<(), Failure> {
    match shelf.file_bytes(target)? {
        ByteSource::Memory(bytes) => fs::write(place, &*bytes).map_err(|error| Failure::io(place, &error)),
        ByteSource::File(source) => copy(&source, place),
        ByteSource::Temporary(source) => copy(&source, place),
    }
}

fn copy(source: &Path, place: &Path) -> Result<(), Failure> {
    fs::copy(source, place).map(drop).map_err(|error| {
        // Which of the two failed, the error does not say.
        match File::open(source).and_then(|mut file| io::copy(&mut file, &mut io::sink())) {
            Err(error) => Failure::io(source, &error),
            Ok(_) => Failure::io(place, &error),
        }
    })
}

/// Removes unfinished folders of interrupted builds.
fn remove_stale_builds(above: &Path) {
    let entries = fs::read_dir(above).into_iter().flatten().filter_map(Result::ok);
    for path in
        entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(BUILDING_PREFIX.as_bytes())).map(|entry| entry.path())
    {
        if os::lock_folder(&path).is_ok_and(|held| held.is_some()) {
            let _ = fs::remove_dir_all(path);
        }
    }
}
