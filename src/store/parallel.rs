//! Processes items in order on a few threads and stops at the first error.
//! Never starts a thread that outlives the call.

use std::sync::{Mutex, mpsc};

use crate::base::lock::MutexExt as _;

/// Runs `work` on each item of `things`, at most `workers` at a time. After an error of `work` no item starts; after an error in `things`
/// the items before it are still processed.
pub fn try_for_each<T: Send, E: Send>(
    workers: usize,
    things: impl Iterator<Item = Result<T, E>>,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let (send, receive) = mpsc::sync_channel::<T>(workers);
    let receive = Mutex::new(receive);
    let failed = Mutex::new(None);
    let mut given = Ok(());
    let has_failed = || failed.hold().is_some();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = receive.hold().recv();
                    let Ok(thing) = next else { return };
                    // Drain the channel after an error too, so that the sender never blocks.
                    if !has_failed()
                        && let Err(failure) = work(thing)
                    {
                        failed.hold().get_or_insert(failure);
                    }
                }
            });
        }
        for thing in things {
            if has_failed() {
                break;
            }
            match thing {
                Ok(thing) => drop(send.send(thing)),
                Err(failure) => {
                    given = Err(failure);
                    break;
                }
            }
        }
        drop(send);
    });
    failed.into_value().map_or(given, Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::base::failure::Failure;

    fn refused() -> Failure {
        Failure::Refused(crate::text!(vi: "thôi", en: "stop"))
    }

    #[test]
    fn all_is_done_or_the_first_fault_ends_it() {
        let done = AtomicUsize::new(0);
        let count = |_| {
            done.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        try_for_each(3, (0..100).map(Ok), count).unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 100);
        try_for_each(1, (0..3).map(|n| if n == 2 { Err(refused()) } else { Ok(n) }), count).unwrap_err();
        assert_eq!(done.load(Ordering::SeqCst), 102, "what came before the fault is done");
        let begun = AtomicUsize::new(0);
        let fails = |_| {
            begun.fetch_add(1, Ordering::SeqCst);
            Err(refused())
        };
        try_for_each(2, (0..10_000).map(Ok), fails).unwrap_err();
        assert!(begun.load(Ordering::SeqCst) <= 2);
    }
}
