//! The review page of `approve`: serves the very bytes that are to be signed, under the player's own policies, and knows which pages were
//! opened in it. Never signs.

mod server;
mod state;
mod typed;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::access::AccessControl;
use crate::base::failure::{self, Failure};
use crate::base::http_service::HttpService;
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use typed::InputEvent;

pub use state::{DisplayNames, ReviewState, ReviewedProgram};

/// How long the browser may take over the last page.
const LAST_PAGE: Duration = Duration::from_secs(10);

/// A page that is still to be opened.
pub type UnopenedPage = (SiteId, RelPath);

/// Who opens the pages when nobody can type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody: whoever can't type won't find the page either.
    AtTheKeyboard,
    /// A browser that was started for it.
    InABrowser,
}

/// A review page that is being served; it ends with this value.
pub struct ReviewServer {
    desk: Arc<ReviewState>,
    url: String,
    events: Receiver<InputEvent>,
    _service: HttpService,
}

impl ReviewServer {
    /// Starts to serve on a free port of this machine, and to listen to what is typed.
    pub fn start(reviewed: Vec<ReviewedProgram>, names: DisplayNames) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let Text { vi, en } = failure::system(&error);
            Failure::External(crate::text!(vi: "không mở được trang duyệt: {vi}", en: "the review page can't be served: {en}"))
        };
        let (tell, events) = typed::events();
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(failed)?;
        let access = AccessControl::new(listener.local_addr().map_err(failed)?)?;
        let (url, desk) = (access.url(), Arc::new(ReviewState::new(reviewed, names, tell)));
        let service = HttpService::start(listener, server::handler(access, desk.clone())).map_err(failed)?;
        Ok(Self { desk, url, events, _service: service })
    }

    /// Where a browser finds it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What is still to be opened.
    pub fn unopened(&self) -> Vec<UnopenedPage> {
        self.desk.unopened()
    }

    /// Waits until every page has been opened; `asked` with what is left for each line that is typed meanwhile.
    ///
    /// # Errors
    /// What is left when nobody will open it any more.
    pub fn opened(&self, reader: Reader, asked: &dyn Fn(&[UnopenedPage])) -> Result<(), Vec<UnopenedPage>> {
        loop {
            let left = self.unopened();
            if left.is_empty() {
                self.wait_for_page();
                return Ok(());
            }
            match self.events.recv() {
                Ok(InputEvent::Opened) => {}
                Ok(InputEvent::Line(_)) => asked(&left),
                Ok(InputEvent::End) if reader == Reader::InABrowser => {}
                Ok(InputEvent::End) | Err(_) => return Err(left),
            }
        }
    }

    /// When all of the last page is sent, its pictures are still to follow. Waits until the browser has laid it out, though not for one
    /// that was closed.
    fn wait_for_page(&self) {
        while !self.desk.is_completion_seen() && self.events.recv_timeout(LAST_PAGE).is_ok() {}
    }

    /// The next line that is typed; none if there will be none.
    pub fn answer(&self) -> Option<String> {
        loop {
            match self.events.recv() {
                Ok(InputEvent::Line(answer)) => return Some(answer),
                Ok(InputEvent::Opened) => {}
                Ok(InputEvent::End) | Err(_) => return None,
            }
        }
    }
}
