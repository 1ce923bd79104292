//! Whose turn it is on the line: big objects come one after the other, each asked for while the end of the one before is still on its way.
//! Several at once would only push each other out of a slow line's queue; one at a time would leave it idle between them.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

/// So many bytes before its end an object leaves the line to the next: what a common line holds on its way.
const LEFT: u64 = 512 << 10;

/// The one place on the line.
#[derive(Default)]
pub struct Turns {
    busy: Mutex<bool>,
    free: Condvar,
}

impl Turns {
    /// Waits for the place.
    pub fn take(&self) -> Turn<'_> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut busy = self.free.wait_while(busy, |busy| *busy).unwrap_or_else(PoisonError::into_inner);
        *busy = true;
        Turn { turns: self, held: AtomicBool::new(true) }
    }
}

/// The place, held until its object is nearly there, or until this is dropped.
pub struct Turn<'a> {
    turns: &'a Turns,
    held: AtomicBool,
}

impl Turn<'_> {
    /// A reader of the object's last `length` bytes, which gives the place away in time.
    pub fn reader<R>(&self, inner: R, length: u64) -> Ending<'_, R> {
        Ending { inner, left: length, turn: self }
    }

    fn give(&self) {
        if self.held.swap(false, Ordering::Relaxed) {
            *self.turns.busy.lock().unwrap_or_else(PoisonError::into_inner) = false;
            self.turns.free.notify_one();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.give();
    }
}

/// See [`Turn::reader`].
pub struct Ending<'a, R> {
    inner: R,
    left: u64,
    turn: &'a Turn<'a>,
}

impl<R: Read> Read for Ending<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left <= LEFT {
            self.turn.give();
        }
        let count = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_one_begins_before_the_end_and_not_sooner() {
        let turns = Turns::default();
        let turn = turns.take();
        let length = LEFT + 100;
        let mut reader = turn.reader(io::repeat(1), length);
        let free = || !*turns.busy.lock().unwrap();
        reader.read_exact(&mut [0; 100]).unwrap();
        assert!(!free());
        reader.read_exact(&mut [0; 1]).unwrap();
        assert!(free());
        drop(turns.take());
        assert!(free());
        let other = turns.take();
        drop(turn);
        assert!(!free(), "a place that was given away is not given again");
        drop(other);
    }
}
