//! Sees that something in the content folder or the themes was saved, waits until the saving is over, and has the desk read anew.
//! Never reads a file itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::state::{Changed, PreviewState};
use crate::base::failure::Failure;

/// Editors write in several steps; this long without another one is the end of a save.
const QUIET_PERIOD: Duration = Duration::from_millis(15);
/// Even under endless writing the preview follows after so long.
const MAX_BATCH: u32 = 20;

/// Watches as long as the value lives.
pub fn start(desk: &Arc<PreviewState>) -> Result<RecommendedWatcher, Failure> {
    let (tell, told) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        let Ok(event) = event else { return };
        // Our own reading is an access too.
        if !matches!(event.kind, EventKind::Access(_)) {
            let _ = tell.send(event.paths);
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
    std::thread::spawn(move || reload_on_change(&told, &desk));
    Ok(watcher)
}

fn reload_on_change(told: &Receiver<Vec<PathBuf>>, desk: &PreviewState) {
    while let Ok(mut paths) = told.recv() {
        for _ in 0..MAX_BATCH {
            match told.recv_timeout(QUIET_PERIOD) {
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
