//! Watches the content folder and the themes, also after others stand in their places, waits for the end of a save, then reloads the preview.
//! Never reads a file itself.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::snapshot::Changed;
use super::state::PreviewState;
use super::{later, schedule};
use crate::base::cache_file::CacheFile;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::os;
use crate::base::text::Text;
use crate::content::source::machine_files::MachineFile;

/// Editors write in several steps; a save ends when none follows for this long …
const SAVE_QUIET: Duration = Duration::from_millis(15);
/// … or for this long after a file was closed, or put whole in its place: then its writer is done, or goes on at once. Not every system tells it.
const WHOLE_QUIET: Duration = Duration::from_millis(4);
/// What takes longer than this, or touches more files, is no save but a checkout, a copy, a build: it pauses now and then, and what is
/// on the disk meanwhile is half of it.
const SAVE: Duration = Duration::from_millis(150);
const SAVE_FILES: usize = 8;
/// Such a burst ends when nothing follows for this long …
const BURST_QUIET: Duration = Duration::from_millis(150);
/// … and is shown unfinished after this long.
const LONGEST: Duration = Duration::from_secs(2);

/// How often it is looked whether a folder is still the one that is watched: the system tells of a folder's files, not that another folder
/// stands in its place.
const LOOK: Duration = Duration::from_secs(2);

/// The folders are followed until this is dropped.
pub struct FolderWatch {
    /// Its end is the end of the thread that looks.
    _running: Sender<()>,
}

/// What keeps a watcher on the folders that stand at their paths.
struct Keeper {
    folders: [PathBuf; 2],
    watched: Option<Watched>,
    events: Sender<Told>,
}

/// What the system tells of the folders.
struct Told {
    /// What has changed; nothing where a file was closed alone.
    paths: Vec<PathBuf>,
    /// Whether the file is whole now.
    is_whole: bool,
}

/// Watched folders; each is known by what the file system calls it, `None` where there is none.
struct Watched {
    identities: Vec<Option<(u64, u64)>>,
    /// One of them was deleted. A new one may have got its number.
    deleted: Arc<AtomicBool>,
    _watcher: RecommendedWatcher,
}

/// Watches the content folder and the themes beside it, also after others were put in their places. `decoded` knows the pictures that are sound.
pub fn start(desk: &Arc<PreviewState>, decoded: CacheFile) -> Result<FolderWatch, Failure> {
    let (sender, events) = mpsc::channel();
    let folders = [desk.root.clone(), desk.root.join("..").join("themes")];
    let watched = watch(&folders, &sender).map_err(|cause| Failure::External(not_watched(&desk.root, &cause)))?;
    let mut keeper = Keeper { folders, watched: Some(watched), events: sender };
    let (running, ended) = mpsc::channel();
    let (kept, followed) = (Arc::clone(desk), Arc::clone(desk));
    std::thread::spawn(move || {
        while ended.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            keeper.look(&kept);
        }
    });
    let saves = later::start(desk, decoded);
    std::thread::spawn(move || {
        follow(&events, |changed| {
            followed.reload(changed);
            schedule::prepare(&followed.snapshot());
            let _ = saves.send(());
        });
    });
    Ok(FolderWatch { _running: running })
}

impl Told {
    /// Anything may have changed, also the theme.
    fn anything(folder: &Path) -> Self {
        Self { paths: vec![folder.join("bangtin.yaml")], is_whole: false }
    }

    /// `None`: nothing that matters. The preview's own reads are accesses too.
    fn of(event: Event) -> Option<Self> {
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Self { paths: Vec::new(), is_whole: true }),
            EventKind::Access(_) => None,
            kind => {
                let is_whole = matches!(kind, EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)));
                Some(Self { paths: event.paths, is_whole })
            }
        }
    }
}

impl Keeper {
    /// Watches anew, and lets everything be read again, if a folder is not the one that is watched. What can't be watched is tried again.
    fn look(&mut self, desk: &PreviewState) {
        let stands = |watched: &Watched| !watched.deleted.load(Ordering::SeqCst) && watched.identities == identities(&self.folders);
        if self.watched.as_ref().is_some_and(stands) {
            return;
        }
        let (watched, fault) = match watch(&self.folders, &self.events) {
            Ok(watched) => (Some(watched), None),
            Err(cause) => (None, Some(unfollowed(not_watched(&desk.root, &cause)))),
        };
        let news = watched.is_some() || self.watched.is_some();
        self.watched = watched;
        desk.set_unfollowed(fault);
        if news {
            let _ = self.events.send(Told::anything(&desk.root));
        }
    }
}

fn watch(folders: &[PathBuf], events: &Sender<Told>) -> notify::Result<Watched> {
    // Before the watch begins: what is replaced in between differs at the next look.
    let mut identities = identities(folders);
    let deleted = Arc::new(AtomicBool::new(false));
    let (sender, roots, gone) = (events.clone(), folders.to_vec(), Arc::clone(&deleted));
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.as_ref().is_ok_and(|event| event.kind.is_remove() && event.paths.iter().any(|path| roots.contains(path))) {
            gone.store(true, Ordering::SeqCst);
        }
        let told = match event {
            Ok(event) if !event.need_rescan() => Told::of(event),
            // Events were lost.
            Ok(_) | Err(_) => Some(Told::anything(&roots[0])),
        };
        let _ = told.map_or(Ok(()), |told| sender.send(told));
    })?;
    for (folder, identity) in folders.iter().zip(&mut identities).filter(|(_, identity)| identity.is_some()) {
        match watcher.watch(folder, RecursiveMode::Recursive) {
            // It changes just now, as in a checkout: the next look finds what came of it.
            Err(error) if is_gone(&error) => *identity = None,
            watched => watched?,
        }
    }
    Ok(Watched { identities, deleted, _watcher: watcher })
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => error.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

fn identities(folders: &[PathBuf]) -> Vec<Option<(u64, u64)>> {
    folders.iter().map(|folder| folder.metadata().ok().filter(Metadata::is_dir).map(|metadata| os::identity(&metadata))).collect()
}

/// Calls `reload` once for each save or burst until the sender is gone.
fn follow(events: &Receiver<Told>, reload: impl FnMut(Changed)) {
    let began = Instant::now();
    let next = |wait: Option<Duration>| match wait {
        Some(wait) => events.recv_timeout(wait),
        None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    reload_on_change(next, || began.elapsed(), reload);
}

/// `next` gives the next event, and waits for it this long at most, or without an end; `now` is the time by a monotonic clock.
fn reload_on_change(
    mut next: impl FnMut(Option<Duration>) -> Result<Told, RecvTimeoutError>,
    now: impl Fn() -> Duration,
    mut reload: impl FnMut(Changed),
) {
    while let Some(paths) = next(None).ok().and_then(|first| collect(&mut next, &now, first)) {
        let Some(changed) = what_changed(&paths) else { continue };
        // A panic in one reading must not end the next.
        if catch_unwind(AssertUnwindSafe(|| reload(changed))).is_err() {
            crate::logln!("preview: a reading failed");
        }
    }
}

/// What is to be read again; `None`: nothing.
fn what_changed(paths: &BTreeSet<PathBuf>) -> Option<Changed> {
    let named = |path: &Path, names: &[&str]| path.components().any(|part| names.iter().any(|name| part.as_os_str() == *name));
    let any = |names: &[&str]| paths.iter().any(|path| named(path, names));
    if paths.iter().all(|path| named(path, &[".git"]) || is_made_by_a_system(path)) {
        None
    } else if any(&["themes", "bangtin.yaml"]) {
        Some(Changed::Theme)
    } else {
        Some(if any(&["trust", "approvals"]) { Changed::Signed } else { Changed::Content })
    }
}

/// Whether a system has made a file or a folder of the path for itself: looking into a folder may make one.
fn is_made_by_a_system(path: &Path) -> bool {
    path.components().any(|part| MachineFile::is_system(&part.as_os_str().to_string_lossy()))
}

/// The paths of one save or burst, none where nothing changed; `None` when the sender is gone.
fn collect(
    next: &mut impl FnMut(Option<Duration>) -> Result<Told, RecvTimeoutError>,
    now: &impl Fn() -> Duration,
    first: Told,
) -> Option<BTreeSet<PathBuf>> {
    let began = now();
    let (mut paths, mut is_whole) = (BTreeSet::from_iter(first.paths), first.is_whole);
    while !paths.is_empty() {
        let passed = now().saturating_sub(began);
        let Some(left) = LONGEST.checked_sub(passed) else { break };
        let quiet = if paths.len() > SAVE_FILES || passed > SAVE {
            BURST_QUIET
        } else if is_whole {
            WHOLE_QUIET
        } else {
            SAVE_QUIET
        };
        match next(Some(left.min(quiet))) {
            Ok(more) => {
                paths.extend(more.paths);
                is_whole = more.is_whole;
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(paths)
}

fn not_watched(folder: &Path, cause: &notify::Error) -> Text {
    let folder = folder.display();
    crate::text!(
        vi: "không theo dõi được thư mục {folder}: {cause}",
        en: "can't watch the folder {folder}: {cause}"
    )
}

/// The fault of a folder whose saves nobody tells of.
fn unfollowed(cause: Text) -> Diagnostic {
    let help = crate::text!(
        vi: "bản xem trước không theo các lần lưu cho đến khi theo dõi được; hãy đóng bớt chương trình đang theo dõi tệp, hoặc tăng giới hạn fs.inotify của hệ thống",
        en: "the preview follows no save until it can watch; close other programs that watch files, or raise the system's fs.inotify limits"
    );
    Diagnostic::warning("not-followed", SourceLocation::file("."), cause, help)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn changed(path: &str) -> Told {
        Told { paths: vec![PathBuf::from(path)], is_whole: false }
    }

    /// When readings began, of events with these pauses before them, by a clock of their own: a busy machine changes nothing. Without a path, a file
    /// is closed.
    fn readings(events: impl Iterator<Item = (Duration, String)>, mut seen: impl FnMut(Duration, Changed)) {
        let (now, mut due) = (Cell::new(Duration::ZERO), Duration::ZERO);
        let mut events = events
            .map(|(pause, path)| {
                due += pause;
                (due, path)
            })
            .peekable();
        let next = |wait: Option<Duration>| {
            let until = wait.map(|wait| now.get() + wait);
            match events.next_if(|(due, _)| until.is_none_or(|until| *due <= until)) {
                Some((due, path)) => {
                    now.set(now.get().max(due));
                    Ok(if path.is_empty() { Told { paths: Vec::new(), is_whole: true } } else { changed(&path) })
                }
                None => until.map_or(Err(RecvTimeoutError::Disconnected), |until| {
                    now.set(until);
                    Err(RecvTimeoutError::Timeout)
                }),
            }
        };
        reload_on_change(next, || now.get(), |changed| seen(now.get(), changed));
    }

    fn changes(events: impl Iterator<Item = (Duration, String)>) -> Vec<Changed> {
        let mut all = Vec::new();
        readings(events, |_, changed| all.push(changed));
        all
    }

    #[test]
    fn a_save_is_one_reading_and_so_is_a_burst_that_pauses() {
        let now = Duration::ZERO;
        let save = [now; 4].into_iter().map(|pause| (pause, "content/slides/a.md".to_owned()));
        assert_eq!(changes(save.clone()), [Changed::Content]);
        let later = (SAVE_QUIET + Duration::from_millis(1), "content/slides/a.md".to_owned());
        assert_eq!(changes(save.chain([later])), [Changed::Content; 2], "a save ends when nothing follows");
        // A checkout of 1,000 files, a pause of 30 ms after each hundred; git writes its own files too.
        let pause = |number: u32| if number > 0 && number.is_multiple_of(100) { Duration::from_millis(30) } else { Duration::ZERO };
        let checkout = (0..1_000).map(move |number| (pause(number), format!("content/slides/{number}.md")));
        assert_eq!(changes(checkout.chain([(now, "content/.git/index".to_owned())])), [Changed::Content]);
        for idle in [".git/index", "slides/Thumbs.db", "slides/.DS_Store", "slides/@eaDir/a.md/SYNO", "slides/._a.md"] {
            assert_eq!(changes([(now, format!("content/{idle}"))].into_iter()), [], "{idle}");
        }
        for (paths, read) in [
            (&["themes/a/theme.css"][..], Changed::Theme),
            (&["content/trust/withdrawals/1.json"][..], Changed::Signed),
            (&["content/slides/a.md", "content/approvals/0/program.json"][..], Changed::Signed),
            (&["content/trust/withdrawals/1.json", "content/bangtin.yaml"][..], Changed::Theme),
        ] {
            assert_eq!(changes(paths.iter().map(|path| (now, (*path).to_owned()))), [read], "{paths:?}");
        }
    }

    #[test]
    fn a_save_ends_sooner_once_its_file_is_closed_or_put_in_its_place() {
        let (now, step) = (Duration::ZERO, Duration::from_millis(1));
        let read_at = |events: &[(Duration, &str)]| {
            let mut all = Vec::new();
            readings(events.iter().map(|(pause, path)| (*pause, (*path).to_owned())), |at, _| all.push(at));
            all
        };
        let (file, closed) = ("content/slides/a.md", "");
        assert_eq!(read_at(&[(now, file), (step, file), (step, closed)]), [step * 2 + WHOLE_QUIET]);
        assert_eq!(read_at(&[(now, file), (step, closed), (step, "content/slides/b.md")]), [step * 2 + SAVE_QUIET], "its writer goes on");
        assert_eq!(read_at(&[(now, file), (SAVE_QUIET + step, closed)]), [SAVE_QUIET], "a file that is closed later has not changed since");
        let told = |kind| Told::of(Event::new(kind).add_path(PathBuf::from(file))).map(|told| (told.paths.len(), told.is_whole));
        for (kind, expected) in [
            (EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some((1, true))),
            (EventKind::Modify(ModifyKind::Name(RenameMode::From)), Some((1, false))),
            (EventKind::Modify(ModifyKind::Any), Some((1, false))),
            (EventKind::Access(AccessKind::Close(AccessMode::Write)), Some((0, true))),
            (EventKind::Access(AccessKind::Close(AccessMode::Read)), None),
            (EventKind::Access(AccessKind::Open(AccessMode::Any)), None),
        ] {
            assert_eq!(told(kind), expected, "{kind:?}");
        }
    }

    #[test]
    fn endless_writing_is_shown_in_time_and_a_panic_ends_one_reading() {
        let step = Duration::from_millis(5);
        let mut shown = Vec::new();
        readings((0..1_000).map(|number| (step, format!("content/slides/{number}.md"))), |at, _| shown.push(at));
        // Each in time after its first event, and the end once it is quiet.
        assert_eq!(shown, [step + LONGEST, (step + LONGEST) * 2, step * 1_000 + BURST_QUIET]);
        let mut calls = 0;
        readings(["a.md", "b.md"].map(|name| (SAVE_QUIET * 10, name.to_owned())).into_iter(), |_, _| {
            calls += 1;
            assert!(calls > 1, "the first fails");
        });
        assert_eq!(calls, 2);
    }

    #[test]
    fn the_events_of_a_watcher_are_followed_until_it_is_gone() {
        let (sender, events) = mpsc::channel();
        let (seen, read) = mpsc::channel();
        let follower = std::thread::spawn(move || follow(&events, |changed| seen.send(changed).unwrap()));
        for (path, read_as) in [("content/slides/a.md", Changed::Content), ("themes/a/theme.css", Changed::Theme)] {
            sender.send(changed(path)).unwrap();
            assert_eq!(read.recv(), Ok(read_as));
        }
        drop(sender);
        follower.join().unwrap();
    }
}
