//! The review page of `approve`: serves the very bytes that are to be signed, under the player's own policies, and knows which pages were
//! opened in it. Never signs.

mod desk;
mod server;
mod typed;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::access::Access;
use crate::base::failure::{self, Failure};
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use crate::base::workers::Service;
use typed::Event;

pub use desk::{Desk, Names, Reviewed};

/// How long the browser may take over the last page.
const LAST_PAGE: Duration = Duration::from_secs(10);

/// A page that is still to be opened.
pub type Left = (SiteId, RelPath);

/// Who opens the pages when nobody can type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody: whoever can't type won't find the page either.
    AtTheKeyboard,
    /// A browser that was started for it.
    InABrowser,
}

/// A review page that is being served; it ends with this value.
pub struct Review {
    desk: Arc<Desk>,
    url: String,
    events: Receiver<Event>,
    _service: Service,
}

impl Review {
    /// Starts to serve on a free port of this machine, and to listen to what is typed.
    pub fn start(reviewed: Vec<Reviewed>, names: Names) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let Text { vi, en } = failure::system(&error);
            Failure::Outside(crate::text!(vi: "không mở được trang duyệt: {vi}", en: "the review page can't be served: {en}"))
        };
        let (tell, events) = typed::events();
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(failed)?;
        let access = Access::new(listener.local_addr().map_err(failed)?)?;
        let (url, desk) = (access.url(), Arc::new(Desk::new(reviewed, names, tell)));
        let service = Service::start(listener, server::handler(access, desk.clone())).map_err(failed)?;
        Ok(Self { desk, url, events, _service: service })
    }

    /// Where a browser finds it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What is still to be opened.
    pub fn left(&self) -> Vec<Left> {
        self.desk.left()
    }

    /// Waits until every page has been opened; `asked` with what is left for each line that is typed meanwhile.
    ///
    /// # Errors
    /// What is left when nobody will open it any more.
    pub fn opened(&self, reader: Reader, asked: &dyn Fn(&[Left])) -> Result<(), Vec<Left>> {
        loop {
            let left = self.left();
            if left.is_empty() {
                self.wait_for_page();
                return Ok(());
            }
            match self.events.recv() {
                Ok(Event::Opened) => {}
                Ok(Event::Line(_)) => asked(&left),
                Ok(Event::End) if reader == Reader::InABrowser => {}
                Ok(Event::End) | Err(_) => return Err(left),
            }
        }
    }

    /// When all of the last page is sent, its pictures are still to follow. Waits until the browser has laid it out, though not for one
    /// that was closed.
    fn wait_for_page(&self) {
        while !self.desk.is_heard() && self.events.recv_timeout(LAST_PAGE).is_ok() {}
    }

    /// The next line that is typed; none if there will be none.
    pub fn answer(&self) -> Option<String> {
        loop {
            match self.events.recv() {
                Ok(Event::Line(answer)) => return Some(answer),
                Ok(Event::Opened) => {}
                Ok(Event::End) | Err(_) => return None,
            }
        }
    }
}
