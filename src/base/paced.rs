//! A body of a server's answer that has to keep up a least rate: one that drips would be waited for without an end.
//! Never counts the time that its reader takes.

use std::io::{self, Read};
use std::time::{Duration, Instant};

/// A body that has to keep up a least rate. Only the time spent waiting for it counts, so a caller may read as slowly as it likes.
pub struct Paced<R> {
    body: R,
    time: Duration,
    /// Bytes that have to come in `time`.
    least: u64,
    waited: Duration,
    bytes: u64,
}

impl<R: Read> Paced<R> {
    /// A body that is given up if it brings less than `least` bytes in `time` of waiting for it.
    pub fn new(body: R, time: Duration, least: u64) -> Self {
        Self { body, time, least, waited: Duration::ZERO, bytes: 0 }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.waited >= self.time {
            if self.bytes < self.least {
                return Err(io::ErrorKind::TimedOut.into());
            }
            (self.waited, self.bytes) = (Duration::ZERO, 0);
        }
        let began = Instant::now();
        let count = self.body.read(buffer)?;
        self.waited += began.elapsed();
        self.bytes += count as u64;
        Ok(count)
    }
}
