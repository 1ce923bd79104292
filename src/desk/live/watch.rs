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
    std::thread::spawn(move || reload_on_change(&events, |changed| desk.reload(changed)));
    Ok(watcher)
}

/// Calls `reload` once for each save or burst until the sender is gone.
fn reload_on_change(events: &Receiver<Vec<PathBuf>>, mut reload: impl FnMut(Changed)) {
    while let Some(paths) = events.recv().ok().and_then(|first| collect(events, first)) {
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
fn collect(events: &Receiver<Vec<PathBuf>>, first: Vec<PathBuf>) -> Option<BTreeSet<PathBuf>> {
    let began = Instant::now();
    let mut paths = BTreeSet::from_iter(first);
    while let Some(left) = LONGEST.checked_sub(began.elapsed()) {
        let burst = paths.len() > SAVE_FILES || began.elapsed() > SAVE;
        match events.recv_timeout(left.min(if burst { BURST_QUIET } else { SAVE_QUIET })) {
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
    use super::*;

    /// The readings of events with these pauses before them.
    fn readings(events: impl Iterator<Item = (Duration, String)> + Send + 'static) -> Vec<Changed> {
        let (sender, received) = mpsc::channel();
        let writer = std::thread::spawn(move || {
            for (pause, path) in events {
                std::thread::sleep(pause);
                sender.send(vec![PathBuf::from(path)]).unwrap();
            }
            std::thread::sleep(BURST_QUIET * 4);
        });
        let mut seen = Vec::new();
        reload_on_change(&received, |changed| seen.push(changed));
        writer.join().unwrap();
        seen
    }

    #[test]
    fn a_save_is_one_reading_and_so_is_a_burst_that_pauses() {
        let now = Duration::ZERO;
        let save = [now; 4].into_iter().map(|pause| (pause, "content/slides/a.md".to_owned()));
        assert_eq!(readings(save), [Changed::Content]);
        // A checkout of 1,000 files, a pause of 30 ms after each hundred; git writes its own files too.
        let pause = |number: u32| if number > 0 && number.is_multiple_of(100) { Duration::from_millis(30) } else { Duration::ZERO };
        let checkout = (0..1_000).map(move |number| (pause(number), format!("content/slides/{number}.md")));
        assert_eq!(readings(checkout.chain([(now, "content/.git/index".to_owned())])), [Changed::Content]);
        assert_eq!(readings([(now, "content/.git/index".to_owned())].into_iter()), []);
        assert_eq!(readings([(now, "themes/a/theme.css".to_owned())].into_iter()), [Changed::Theme]);
    }

    #[test]
    fn endless_writing_is_shown_in_time_and_a_panic_ends_one_reading() {
        // More files than a save has, so that a busy machine's pause does not end the burst.
        let pause = |number: u64| Duration::from_millis(if number > 10 { 5 } else { 0 });
        let endless = (0..600).map(move |number| (pause(number), format!("content/slides/{number}.md")));
        let (began, read) = (Instant::now(), readings(endless).len());
        let most = usize::try_from(began.elapsed().as_secs() / LONGEST.as_secs() + 1).unwrap();
        assert!((2..=most).contains(&read), "{read} readings, at most {most}");
        let (sender, received) = mpsc::channel();
        let writer = std::thread::spawn(move || {
            for name in ["a.md", "b.md"] {
                sender.send(vec![PathBuf::from(name)]).unwrap();
                std::thread::sleep(SAVE_QUIET * 10);
            }
        });
        let mut calls = 0;
        reload_on_change(&received, |_| {
            calls += 1;
            assert!(calls > 1, "the first fails");
        });
        writer.join().unwrap();
        assert_eq!(calls, 2);
    }
}
