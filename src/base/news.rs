//! A number that changes with every change of what is shown, and the requests that wait for it. Each waits on a small thread of its own and
//! occupies no worker; their number is bounded. Never knows what has changed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tiny_http::Request;

use super::http::{self, HttpResponse};
use super::http_service::STACK;
use super::limits::{NEWS_WAIT, NEWS_WAITERS};
use super::lock::MutexExt as _;

/// The number, at first 1, and the requests that wait for another.
pub struct News {
    number: Mutex<u64>,
    changed: Condvar,
    waiting: AtomicUsize,
}

/// One waiting request; decrements the count when dropped.
struct Waiter(Arc<News>);

impl News {
    /// The number is 1: nothing has changed yet.
    pub fn new() -> Arc<Self> {
        Arc::new(Self { number: Mutex::new(1), changed: Condvar::new(), waiting: AtomicUsize::new(0) })
    }

    /// Sets the number and answers all waiting requests.
    pub fn tell(&self, number: u64) {
        *self.number.hold() = number;
        self.changed.notify_all();
    }

    /// Answers a request `…?since=N` with `{"number":M}`: at once if the number differs from `N`, else when it changes or after
    /// [`NEWS_WAIT`]. Beyond [`NEWS_WAITERS`] a request is answered 503 and asks again later.
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
        // If no thread starts, the request ends unanswered, and its page asks again.
        let _ = std::thread::Builder::new().name("news".into()).stack_size(STACK).spawn(wait);
    }

    /// The number as soon as it differs from `since`, else after [`NEWS_WAIT`].
    pub fn wait(&self, since: u64) -> u64 {
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
    let answer = HttpResponse::json(format!("{{\"number\":{number}}}")).with_header("Cache-Control", "no-store");
    // Ignored: the client may have disconnected.
    let _ = http::respond(request, answer.with_header("Cross-Origin-Resource-Policy", "same-origin"));
}

#[cfg(test)]
mod tests {
    use tiny_http::TestRequest;

    use super::*;

    #[test]
    fn who_waits_is_bounded_and_ends_with_the_next_change() {
        let news = News::new();
        let ask = |since: u64| news.answer(TestRequest::new().with_path(&format!("/events?since={since}")).into());
        let waiting = || news.waiting.load(Ordering::SeqCst);
        ask(0);
        assert_eq!(waiting(), 0, "who has not heard the number is answered at once");
        for number in 1..=NEWS_WAITERS {
            ask(1);
            assert_eq!(waiting(), number);
        }
        ask(1);
        assert_eq!(waiting(), NEWS_WAITERS, "one too many is sent away");
        news.tell(2);
        let began = std::time::Instant::now();
        while waiting() > 0 {
            assert!(began.elapsed() < NEWS_WAIT / 2, "{} still wait", waiting());
            std::thread::yield_now();
        }
    }
}
