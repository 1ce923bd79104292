//! Work that may keep a person waiting: says so while it lasts, or waits for it no longer than a limit.
//! Never stops the work, and never prints by itself.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How long a person waits without a word.
const SAID_AFTER: Duration = Duration::from_millis(2_500);

/// Does some work; calls `tell` once if it takes longer than 2.5 seconds.
pub fn told<T>(tell: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
    told_after(SAID_AFTER, tell, work)
}

fn told_after<T>(limit: Duration, tell: impl FnOnce() + Send, work: impl FnOnce() -> T) -> T {
    let (done, ends) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if ends.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                tell();
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Waits for some work no longer than `limit`; `None` if it has not ended by then. It is left to itself, until the program ends.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, ends) = mpsc::channel();
    std::thread::spawn(move || drop(done.send(work())));
    ends.recv_timeout(limit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_long_is_told_of_and_while_it_lasts() {
        assert_eq!(told(|| panic!("it was quick"), || 7), 7);
        let (tell, told) = mpsc::channel();
        // The work lasts until the word has come.
        assert_eq!(told_after(Duration::from_millis(1), move || tell.send(()).unwrap(), move || told.recv()), Ok(()));
    }

    #[test]
    fn work_that_never_ends_is_not_waited_for() {
        assert_eq!(within(Duration::from_secs(60), || 7), Some(7));
        let (never, told) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(1), move || told.recv()), None);
        drop(never);
    }
}
