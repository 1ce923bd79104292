//! The review page of `approve`: serves the very bytes that are to be signed, under the player's own policies, and knows which pages were
//! opened in it. Never signs.

mod desk;
mod server;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use super::access::Access;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::workers::Service;

pub use desk::{Desk, Event, Names, Reviewed};

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
