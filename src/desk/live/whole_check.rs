//! Runs `check` on the folder, in a thread of its own: at the start, and once saves pause. What it finds beyond a reading, such as characters without
//! a glyph, faults of the theme, line ends that git would change, comes a moment later. No save waits for it on its way to the screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::state::PreviewState;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::times::Timestamp;
use crate::build::cache::BuildCacheFolder;
use crate::build::check::{self, CheckOrder};
use crate::content::source::line_ends;
use crate::filing::gone::FolderWithdrawals;
use crate::filing::plan_faults;

/// Saves pause when none follows for this long: then the picture is there.
const PAUSE: Duration = Duration::from_secs(1);

/// That of a command's main thread, in bytes.
const STACK: usize = 8 << 20;

/// Checks now, and after what is told to the sender, until that is dropped. Another answer than before is told with a new reading. `memory`: it
/// knows the pictures that are sound.
pub fn start(desk: &Arc<PreviewState>, memory: BuildCacheFolder) -> Sender<()> {
    let (saves, told) = mpsc::channel();
    let desk = Arc::clone(desk);
    std::thread::spawn(move || {
        // All other cores are left to what is shown.
        let core = ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build().ok();
        follow(&told, PAUSE, || {
            // A panic in one check must not end the next.
            if catch_unwind(AssertUnwindSafe(|| check_once(&desk, &memory, core.as_ref()))).is_err() {
                crate::logln!("preview: a check failed");
            }
        });
    });
    saves
}

fn check_once(desk: &PreviewState, memory: &BuildCacheFolder, core: Option<&ThreadPool>) {
    let reading = desk.snapshot();
    let run = || found(&desk.root, memory);
    let found = core.map_or_else(run, |core| core.install(run));
    desk.set_checked(&reading, found);
}

/// What `check` tells of the folder. What prevents it is told by the reading.
fn found(root: &Path, memory: &BuildCacheFolder) -> Vec<Diagnostic> {
    let decoded = memory.cache_file(root, "pictures");
    let withdrawals = LazyLock::new(|| FolderWithdrawals::read(root));
    let read = || withdrawals.as_ref().map(Option::as_ref).map_err(Failure::clone);
    let order = CheckOrder {
        root,
        site: None,
        month: None,
        decoded: &decoded,
        since: SystemTime::now(),
        of_plans: &|content, plans| {
            let now = Timestamp(SystemClock::new().now_ms().div_euclid(1_000));
            plan_faults::of_folder(read()?, memory.cache().map(Into::into), (content, plans), now)
        },
        withdrawn: &|| Ok(read()?.map(FolderWithdrawals::revisions).unwrap_or_default()),
    };
    check::check(&order).map_or_else(|_| line_ends::check(root), |checked| checked.faults)
}

fn follow(saves: &Receiver<()>, pause: Duration, mut ask: impl FnMut()) {
    ask();
    while saves.recv().is_ok() {
        let last = loop {
            if let Err(silence) = saves.recv_timeout(pause) {
                break silence;
            }
        };
        if last == RecvTimeoutError::Disconnected {
            return;
        }
        ask();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_checked_at_the_start_and_once_after_all_saves_that_come_together() {
        let (saves, told) = mpsc::channel();
        let (asked, answers) = mpsc::channel();
        let follower = std::thread::spawn(move || follow(&told, Duration::from_millis(300), || asked.send(()).unwrap()));
        answers.recv().unwrap();
        for _ in 0..100 {
            saves.send(()).unwrap();
        }
        answers.recv().unwrap();
        assert!(answers.try_recv().is_err());
        saves.send(()).unwrap();
        drop(saves);
        follower.join().unwrap();
        assert!(answers.recv().is_err(), "who has gone is told nothing");
    }
}
