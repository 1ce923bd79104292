//! Watches the content folder and the themes, waits for the end of a save, then reloads the preview.
//! Never reads a file itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::state::{Changed, PreviewState};
use crate::base::failure::Failure;

/// Editors write in several steps; a save ends when none follows for this long.
const QUIET_PERIOD: Duration = Duration::from_millis(15);
/// Most further events in one batch: under endless writing the preview reloads after at most 20 × 15 ms.
const MAX_BATCH: u32 = 20;

/// Watches until the value is dropped.
pub fn start(desk: &Arc<PreviewState>) -> Result<RecommendedWatcher, Failure> {
    let (sender, events) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        // The preview's own reads are accesses too.
        if !matches!(event.kind, EventKind::Access(_)) {
            let _ = sender.send(event.paths);
        }
    })
    .map_err(|error| failure(&desk.root, &error))?;
    let themes = desk.root.join("..").join("themes");
    for folder in [desk.root.clone(), themes] {
        if folder.is_dir() {
            watcher.watch(&folder, RecursiveMode::Recursive).map_err(|error| failure(&folder, &error))?;
        }
    }
    let desk = Arc::clone(desk);
    std::thread::spawn(move || reload_on_change(&events, &desk));
    Ok(watcher)
}

fn reload_on_change(events: &Receiver<Vec<PathBuf>>, desk: &PreviewState) {
    while let Ok(mut paths) = events.recv() {
        for _ in 0..MAX_BATCH {
            match events.recv_timeout(QUIET_PERIOD) {
                Ok(more) => paths.extend(more),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let own = |path: &PathBuf| path.components().any(|part| part.as_os_str() == ".git");
        if paths.iter().all(own) {
            continue;
        }
        let theme =
            paths.iter().any(|path| path.components().any(|part| part.as_os_str() == "themes" || part.as_os_str() == "bangtin.yaml"));
        desk.reload(if theme { Changed::Theme } else { Changed::Content });
    }
}

fn failure(folder: &std::path::Path, error: &notify::Error) -> Failure {
    let folder = folder.display();
    Failure::External(crate::text!(
        vi: "không theo dõi được thư mục {folder}: {error}",
        en: "can't watch the folder {folder}: {error}"
    ))
}
