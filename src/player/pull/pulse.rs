//! A sign of life of the looks: each request that one sends counts, which tells a slow source from a look that hangs.
//! Never ends anything: who watches it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::transport::{FetchRequest, FetchResponse, PullError, Transport};

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

/// A source each of whose requests is a sign of life.
pub struct Beating {
    pub transport: Box<dyn Transport>,
    pub pulse: Arc<Pulse>,
}

impl Transport for Beating {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        self.pulse.beat();
        self.transport.get(request)
    }

    fn close_idle(&mut self) {
        self.transport.close_idle();
    }

    fn name(&self) -> &str {
        self.transport.name()
    }
}
