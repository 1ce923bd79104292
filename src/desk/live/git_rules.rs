//! Asks git, in a thread of its own, what it would do to the files of the folder: at the start, and once saves pause. No save waits for git on its way
//! to the screen. Never reads a slide.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::state::PreviewState;
use crate::content::source::line_ends;

/// Saves pause when none follows for this long: then the picture is there.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks now, and after what is told to the sender, until that is dropped. Another answer than before is told with a new reading.
pub fn start(desk: &Arc<PreviewState>) -> Sender<()> {
    let (saves, told) = mpsc::channel();
    let desk = Arc::clone(desk);
    std::thread::spawn(move || follow(&told, PAUSE, || desk.set_line_ends(line_ends::check(&desk.root))));
    saves
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
    fn git_is_asked_at_the_start_and_once_after_all_saves_that_come_together() {
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
