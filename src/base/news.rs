//! A number that grows with every change, and the requests that wait for it to grow. Each waits on a small thread of its own and takes none of
//! the workers from other requests; how many may wait is bounded. Never knows what has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tiny_http::Request;

use super::http::{self, HttpResponse};
use super::http_service::STACK;
use super::limits::{NEWS_WAIT, NEWS_WAITERS};
use super::lock::MutexExt as _;

/// The number, from 1, and who waits for the next.
pub struct News {
    number: Mutex<u64>,
    changed: Condvar,
    waiting: AtomicUsize,
}

/// One request that waits; counts itself out when dropped.
struct Waiter(Arc<News>);

impl News {
    /// Nothing has changed yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { number: Mutex::new(1), changed: Condvar::new(), waiting: AtomicUsize::new(0) })
    }

    /// Raises the number and answers all who wait.
    pub fn tell(&self, number: u64) {
        *self.number.hold() = number;
        self.changed.notify_all();
    }

    /// Answers a request `…?since=N` with `{"number":M}`: at once if the number is another than `N`, else when it changes, or after
    /// [`NEWS_WAIT`]. One more than [`NEWS_WAITERS`] is answered 503 and asks again later.
    pub fn answer(self: &Arc<Self>, request: Request) {
        let since = request.url().split_once("?since=").and_then(|(_, since)| since.parse().ok()).unwrap_or(0);
        let number = *self.number.hold();
        if number != since {
            return respond(request, number);
        }
        let waiter = Waiter(self.clone());
        if self.waiting.fetch_add(1, Ordering::SeqCst) >= NEWS_WAITERS {
            let _ = http::respond(request, HttpResponse::text(503, "too many wait").with_header("Retry-After", "1"));
            return;
        }
        let wait = move || respond(request, waiter.0.wait(since));
        // Without a thread the request ends unanswered, and its page asks again.
        let _ = std::thread::Builder::new().name("news".into()).stack_size(STACK).spawn(wait);
    }

    fn wait(&self, since: u64) -> u64 {
        let waited = self.changed.wait_timeout_while(self.number.hold(), NEWS_WAIT, |number| *number == since);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

fn respond(request: Request, number: u64) {
    let answer = HttpResponse::bytes("application/json", format!("{{\"number\":{number}}}").into_bytes());
    // A client that has gone away is no fault of ours.
    let _ =
        http::respond(request, answer.with_header("Cache-Control", "no-store").with_header("Cross-Origin-Resource-Policy", "same-origin"));
}
