//! Threads that answer HTTP requests: a bounded set of workers with small stacks, behind the guard of the connections; a stop that does not
//! wait for clients. Never looks into a request. A client that reads slowly occupies a worker: their bound is the only defence.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tiny_http::{Request, Server};

use super::http_guard::Guard;
use super::lock::MutexExt as _;
use super::os::{self, InnerListener};
use super::token::Token;

/// Most requests answered at the same time.
const MAX_WORKERS: usize = 32;
/// Stack of a worker, in bytes; enough for a lookup.
pub const STACK: usize = 256 << 10;
/// Pause before a failed listener is reopened (after the process ran out of file handles, for example).
const REOPEN: Duration = Duration::from_millis(500);
/// How long a stop waits for answers that are on their way to clients.
const LAST: Duration = Duration::from_millis(500);

/// Answers one request. It may take long: other workers answer meanwhile.
pub type Handler = dyn Fn(Request) + Send + Sync;

/// A running server; dropping it stops it.
pub struct HttpService {
    shared: Arc<ServiceState>,
    guard: Arc<Guard>,
    address: SocketAddr,
}

struct ServiceState {
    handler: Arc<Handler>,
    stack: usize,
    /// Where the guard passes requests on.
    inner: InnerListener,
    stop: AtomicBool,
    busy: AtomicUsize,
    workers: AtomicUsize,
    servers: Mutex<Vec<Arc<Server>>>,
}

impl HttpService {
    /// Starts answering on a bound listener, with a stack of this many bytes for each worker.
    pub fn start(listener: TcpListener, stack: usize, handler: Arc<Handler>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let name = Token::new().map_err(|_| io::Error::other("the system gives no random numbers"))?;
        let inner = os::bind_inner(&format!("bangtin-{name}"))?;
        let inner_address = inner.local_addr()?;
        let shared = Arc::new(ServiceState {
            handler,
            stack,
            inner,
            stop: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            workers: AtomicUsize::new(0),
            servers: Mutex::new(Vec::new()),
        });
        shared.open_server()?;
        Ok(Self { shared, guard: Guard::start(listener, inner_address)?, address })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for HttpService {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        self.guard.end();
        wait_until(LAST, || self.guard.is_idle());
        let servers = std::mem::take(&mut *self.shared.servers.hold());
        for server in &servers {
            // Each call frees one waiting worker.
            for _ in 0..=MAX_WORKERS {
                server.unblock();
            }
        }
    }
}

/// Blocks until the process ends.
#[cfg(feature = "office")]
pub fn forever() -> ! {
    loop {
        std::thread::park();
    }
}

/// Waits until `done` returns true, at most for `limit`; returns whether it did.
pub fn wait_until(limit: Duration, done: impl Fn() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !done() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    done()
}

impl ServiceState {
    fn open_server(self: &Arc<Self>) -> io::Result<()> {
        let server = Server::from_listener(self.inner.try_clone()?, None).map_err(io::Error::other)?;
        let server = Arc::new(server);
        // Never dropped: tiny_http's own end expects a socket with a name in a folder. There is one service in a process.
        std::mem::forget(server.clone());
        self.servers.hold().push(server.clone());
        self.spawn(server)
    }

    fn spawn(self: &Arc<Self>, server: Arc<Server>) -> io::Result<()> {
        self.workers.fetch_add(1, Ordering::SeqCst);
        let shared = self.clone();
        let started = std::thread::Builder::new().name("http".into()).stack_size(self.stack).spawn(move || shared.worker_loop(&server));
        if started.is_err() {
            self.workers.fetch_sub(1, Ordering::SeqCst);
        }
        started.map(drop)
    }

    fn worker_loop(self: &Arc<Self>, server: &Arc<Server>) {
        while !self.stop.load(Ordering::SeqCst) {
            let request = match server.recv() {
                Ok(request) => request,
                Err(_) if self.stop.load(Ordering::SeqCst) => break,
                // The accepting thread has ended; this loop still serves the connections that it accepted.
                Err(_) => {
                    self.reopen_server();
                    continue;
                }
            };
            let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
            let workers = self.workers.load(Ordering::SeqCst);
            if busy >= workers && workers < MAX_WORKERS {
                let _ = self.spawn(server.clone());
            }
            // A panic in one answer must not end the worker.
            let answered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.handler)(request)));
            if answered.is_err() {
                crate::logln!("http: an answer failed");
            }
            self.busy.fetch_sub(1, Ordering::SeqCst);
        }
        self.workers.fetch_sub(1, Ordering::SeqCst);
    }

    fn reopen_server(self: &Arc<Self>) {
        while !self.stop.load(Ordering::SeqCst) {
            std::thread::sleep(REOPEN);
            if self.open_server().is_ok() {
                return;
            }
        }
    }
}
