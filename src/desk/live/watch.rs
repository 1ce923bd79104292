//! Watches the content folder and the themes, waits for the end of a save, then reloads the preview.
//! Never reads a file itself.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::state::{Changed, PreviewState};
use crate::base::failure::Failure;

/// Editors write in several steps; a save ends when none follows for this long.
const SAVE_QUIET: Duration = Duration::from_millis(15);
/// What takes longer than this, or touches more files, is no save but a checkout, a copy, a build: it pauses now and then, and what is
/// on the disk meanwhile is half of it.
const SAVE: Duration = Duration::from_millis(150);
const SAVE_FILES: usize = 8;
/// Such a burst ends when nothing follows for this long …
const BURST_QUIET: Duration = Duration::from_millis(150);
/// … and is shown unfinished after this long.
const LONGEST: Duration = Duration::from_secs(2);

/// Watches until the value is dropped.
pub fn start(desk: &Arc<PreviewState>) -> Result<RecommendedWatcher, Failure> {
    let (sender, events) = mpsc::channel();
    let root = desk.root.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let _ = match event {
            // The preview's own reads are accesses too.
            Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
            Ok(event) if !event.need_rescan() => sender.send(event.paths),
            // Events were lost: anything may have changed, also the theme.
            Ok(_) | Err(_) => sender.send(vec![root.join("bangtin.yaml")]),
        };
    })
    .map_err(|error| failure(&desk.root, &error))?;
    let themes = desk.root.join("..").join("themes");
    for folder in [desk.root.clone(), themes] {
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive).map_err(|error| failure(&folder, &error))?;
        }
    }
    let desk = Arc::clone(desk);
    std::thread::spawn(move || follow(&events, |changed| desk.reload(changed)));
    Ok(watcher)
}

/// Calls `reload` once for each save or burst until the sender is gone.
fn follow(events: &Receiver<Vec<PathBuf>>, reload: impl FnMut(Changed)) {
    let began = Instant::now();
    let next = |wait: Option<Duration>| match wait {
        Some(wait) => events.recv_timeout(wait),
        None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    reload_on_change(next, || began.elapsed(), reload);
}

/// `next` gives the paths of the next event, and waits for it this long at most, or without an end; `now` is the time by a monotonic clock.
fn reload_on_change(
    mut next: impl FnMut(Option<Duration>) -> Result<Vec<PathBuf>, RecvTimeoutError>,
    now: impl Fn() -> Duration,
    mut reload: impl FnMut(Changed),
) {
    while let Some(paths) = next(None).ok().and_then(|first| collect(&mut next, &now, first)) {
        let named = |path: &Path, names: &[&str]| path.components().any(|part| names.iter().any(|name| part.as_os_str() == *name));
        if paths.iter().all(|path| named(path, &[".git"])) {
            continue;
        }
        let theme = paths.iter().any(|path| named(path, &["themes", "bangtin.yaml"]));
        // A panic in one reading must not end the next.
        if catch_unwind(AssertUnwindSafe(|| reload(if theme { Changed::Theme } else { Changed::Content }))).is_err() {
            crate::logln!("preview: a reading failed");
        }
    }
}

/// The paths of one save or burst; `None` when the sender is gone.
fn collect(
    next: &mut impl FnMut(Option<Duration>) -> Result<Vec<PathBuf>, RecvTimeoutError>,
    now: &impl Fn() -> Duration,
    first: Vec<PathBuf>,
) -> Option<BTreeSet<PathBuf>> {
    let began = now();
    let mut paths = BTreeSet::from_iter(first);
    loop {
        let passed = now().saturating_sub(began);
        let Some(left) = LONGEST.checked_sub(passed) else { break };
        let burst = paths.len() > SAVE_FILES || passed > SAVE;
        match next(Some(left.min(if burst { BURST_QUIET } else { SAVE_QUIET }))) {
            Ok(more) => paths.extend(more),
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(paths)
}

fn failure(folder: &Path, error: &notify::Error) -> Failure {
    let folder = folder.display();
    Failure::External(crate::text!(
        vi: "không theo dõi được thư mục {folder}: {error}",
        en: "can't watch the folder {folder}: {error}"
    ))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// When readings began, of events with these pauses before them, by a clock of their own: a busy machine changes nothing.
    fn readings(events: impl Iterator<Item = (Duration, String)>, mut seen: impl FnMut(Duration, Changed)) {
        let (now, mut due) = (Cell::new(Duration::ZERO), Duration::ZERO);
        let mut events = events
            .map(|(pause, path)| {
                due += pause;
                (due, vec![PathBuf::from(path)])
            })
            .peekable();
        let next = |wait: Option<Duration>| {
            let until = wait.map(|wait| now.get() + wait);
            match events.next_if(|(due, _)| until.is_none_or(|until| *due <= until)) {
                Some((due, paths)) => {
                    now.set(now.get().max(due));
                    Ok(paths)
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
        assert_eq!(changes([(now, "content/.git/index".to_owned())].into_iter()), []);
        assert_eq!(changes([(now, "themes/a/theme.css".to_owned())].into_iter()), [Changed::Theme]);
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
        for (path, changed) in [("content/slides/a.md", Changed::Content), ("themes/a/theme.css", Changed::Theme)] {
            sender.send(vec![PathBuf::from(path)]).unwrap();
            assert_eq!(read.recv(), Ok(changed));
        }
        drop(sender);
        follower.join().unwrap();
    }
}
