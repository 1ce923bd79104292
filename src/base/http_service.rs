//! Threads that answer HTTP requests: a listener, a bounded set of workers with small stacks, a stop that does not wait for clients.
//! Never looks into a request. A client that sends its request byte by byte costs one small thread inside tiny_http, no worker; a client
//! that reads slowly costs one worker of the bounded set. tiny_http has no socket deadlines, so this bound is the whole defence.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tiny_http::{Request, Server};

use super::lock::MutexExt as _;

/// Most requests answered at the same time.
const MAX_WORKERS: usize = 32;
/// Bytes of stack for an answer that looks something up.
pub const STACK: usize = 256 << 10;
/// Pause before the listener is opened again after it failed (as when the process has no file handle left).
const REOPEN: Duration = Duration::from_millis(500);

/// What answers one request. It may take its time; others are answered meanwhile.
pub type Handler = dyn Fn(Request) + Send + Sync;

/// A running server; dropping it stops it.
pub struct HttpService {
    shared: Arc<ServiceState>,
    address: SocketAddr,
}

struct ServiceState {
    handler: Arc<Handler>,
    stack: usize,
    listener: TcpListener,
    stop: AtomicBool,
    busy: AtomicUsize,
    workers: AtomicUsize,
    servers: Mutex<Vec<Arc<Server>>>,
}

impl HttpService {
    /// Starts to answer on a bound listener.
    pub fn start(listener: TcpListener, handler: Arc<Handler>) -> io::Result<Self> {
        Self::with_stack(listener, STACK, handler)
    }

    /// As [`Self::start`], with this many bytes of stack for each answer.
    pub fn with_stack(listener: TcpListener, stack: usize, handler: Arc<Handler>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(ServiceState {
            handler,
            stack,
            listener,
            stop: AtomicBool::new(false),
            busy: AtomicUsize::new(0),
            workers: AtomicUsize::new(0),
            servers: Mutex::new(Vec::new()),
        });
        shared.open_server()?;
        Ok(Self { shared, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for HttpService {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let servers = std::mem::take(&mut *self.shared.servers.hold());
        for server in &servers {
            // Each call frees one waiting worker.
            for _ in 0..=MAX_WORKERS {
                server.unblock();
            }
        }
    }
}

/// Waits until the process is ended, while others work.
#[cfg(feature = "office")]
pub fn forever() -> ! {
    loop {
        std::thread::park();
    }
}

/// Waits until something is done, at most so long; says whether it is.
#[cfg(feature = "office")]
pub fn wait_until(limit: Duration, done: impl Fn() -> bool) -> bool {
    const PAUSE: Duration = Duration::from_millis(20);
    let end = std::time::Instant::now() + limit;
    while !done() {
        if std::time::Instant::now() > end {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}

/// Counts down when dropped.
struct Decrement<'a>(&'a AtomicUsize);

impl Drop for Decrement<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ServiceState {
    fn open_server(self: &Arc<Self>) -> io::Result<()> {
        let server = Server::from_listener(self.listener.try_clone()?, None).map_err(io::Error::other)?;
        let server = Arc::new(server);
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
                // The accepting thread has ended; connections that it had accepted are still served by this worker's loop.
                Err(_) => {
                    self.reopen_server();
                    continue;
                }
            };
            let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
            let _busy = Decrement(&self.busy);
            let workers = self.workers.load(Ordering::SeqCst);
            if busy >= workers && workers < MAX_WORKERS {
                let _ = self.spawn(server.clone());
            }
            // A fault in one answer must not take a worker away from all others.
            let answered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.handler)(request)));
            if answered.is_err() {
                eprintln!("http: an answer failed");
            }
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
