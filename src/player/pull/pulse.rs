//! A sign of life of the looks: each request that one sends counts, which tells a slow source from a look that hangs. And the time that a look has at
//! one source, which ends the look there. Never ends anything else: who watches the pulse does.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::transport::{BodyReader, FetchRequest, FetchResponse, PullError, Transport};

/// The time of the last sign of life.
pub struct Pulse {
    began: Instant,
    last_ms: AtomicU64,
}

impl Pulse {
    /// A pulse that beats now.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), last_ms: AtomicU64::new(0) })
    }

    /// Gives a sign of life.
    pub fn beat(&self) {
        self.last_ms.store(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The time since the last one.
    pub fn silence(&self) -> Duration {
        self.began.elapsed().saturating_sub(Duration::from_millis(self.last_ms.load(Ordering::Relaxed)))
    }
}

/// A source each of whose requests is a sign of life, and whose time may be bounded.
pub struct Beating {
    transport: Box<dyn Transport>,
    pulse: Arc<Pulse>,
    until: Option<Instant>,
}

impl Beating {
    /// With as much time as its requests need.
    pub fn new(transport: Box<dyn Transport>, pulse: Arc<Pulse>) -> Self {
        Self { transport, pulse, until: None }
    }
}

impl Transport for Beating {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        self.pulse.beat();
        let out_of_time = PullError::out_of_time(self.name());
        if is_over(self.until) {
            return Err(out_of_time);
        }
        match self.transport.get(request) {
            Ok(FetchResponse::Found { body, start }) => {
                Ok(FetchResponse::Found { body: Box::new(Timed { body, until: self.until, out_of_time }), start })
            }
            // Whatever the failure says, it is the time that it had.
            Err(_) if is_over(self.until) => Err(out_of_time),
            other => other,
        }
    }

    fn set_time(&mut self, left: Option<Duration>) {
        self.until = left.map(|left| Instant::now() + left);
        self.transport.set_time(left);
    }

    fn close_idle(&mut self) {
        self.transport.close_idle();
    }

    fn name(&self) -> &str {
        self.transport.name()
    }
}

fn is_over(until: Option<Instant>) -> bool {
    until.is_some_and(|until| Instant::now() >= until)
}

/// A body that has to be read in time.
struct Timed {
    body: BodyReader,
    until: Option<Instant>,
    out_of_time: PullError,
}

impl Read for Timed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = if is_over(self.until) { Err(io::ErrorKind::TimedOut.into()) } else { self.body.read(buffer) };
        read.map_err(|error| if is_over(self.until) { io::Error::other(self.out_of_time.clone()) } else { error })
    }
}
