//! The review page of `approve`: serves the very bytes that are to be signed, under the player's own policies, and knows which pages were
//! opened in it. Never signs.

mod desk;
mod server;

use std::io::BufRead as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use super::preview::access::Access;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::workers::Service;

pub use desk::{Desk, Names, Reviewed};

/// What happens while a reviewer reads.
pub enum Event {
    /// A page was opened that had not been.
    Opened,
    /// A line was typed.
    Line(String),
    /// Standard input has ended: nobody will type any more.
    End,
}

/// A review page that is being served; it ends with this value.
pub struct Review {
    desk: Arc<Desk>,
    url: String,
    _service: Service,
}

impl Review {
    /// Starts to serve on a free port of this machine.
    pub fn start(reviewed: Vec<Reviewed>, names: Names, tell: Sender<Event>) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::Outside(crate::text!(vi: "không mở được trang duyệt: {error}", en: "the review page can't be served: {error}"))
        };
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(failed)?;
        let access = Access::new(listener.local_addr().map_err(failed)?)?;
        let (url, desk) = (access.url(), Arc::new(Desk::new(reviewed, names, tell)));
        let service = Service::start(listener, server::handler(access, desk.clone())).map_err(failed)?;
        Ok(Self { desk, url, _service: service })
    }

    /// Where a browser finds it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the page in the browser has heard that nothing is left to be opened.
    pub fn is_heard(&self) -> bool {
        self.desk.is_heard()
    }

    /// What is still to be opened: sites and pages.
    pub fn left(&self) -> Vec<(SiteId, RelPath)> {
        self.desk.left()
    }
}

/// Standard input and the review page, both told through one channel.
pub fn ears() -> (Sender<Event>, Receiver<Event>) {
    let (tell, told) = mpsc::channel();
    let typed = tell.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if typed.send(Event::Line(line)).is_err() {
                return;
            }
        }
        let _ = typed.send(Event::End);
    });
    (tell, told)
}
