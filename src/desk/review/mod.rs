//! The review page of `approve`: serves the exact bytes that will be signed, under the player's own policies, and records which pages are
//! opened. Never signs.

mod server;
mod state;
pub mod unopened;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::access::AccessControl;
use crate::base::failure::{self, Failure};
use crate::base::http_service::{HttpService, STACK};
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::text::{Lang, Text};
use state::InputEvent;
use unopened::SitePage;

pub use state::{DisplayNames, Keyboard, ReviewOutcome, ReviewState, ReviewedProgram, SiteTexts};

/// Longest wait for the browser to lay out the last page.
const LAST_PAGE: Duration = Duration::from_secs(10);

/// A page on which words are lost, and the first of them.
pub type LostPage = (SiteId, RelPath, String);

/// Who can open the pages after standard input has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody: no browser was started, and nobody is at the terminal.
    AtTheKeyboard,
    /// The browser that the command started.
    InABrowser,
}

/// A running review page; it ends when dropped.
pub struct ReviewServer {
    desk: Arc<ReviewState>,
    url: String,
    events: Receiver<InputEvent>,
    _service: HttpService,
}

impl ReviewServer {
    /// Starts to serve on a free loopback port; the page speaks `lang` first.
    pub fn start(reviewed: Vec<ReviewedProgram>, names: DisplayNames, keyboard: Keyboard, lang: Lang) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let Text { vi, en } = failure::system(&error);
            Failure::External(crate::text!(vi: "không mở được trang duyệt: {vi}", en: "the review page can't be served: {en}"))
        };
        let (sender, events) = state::events(keyboard);
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).map_err(failed)?;
        let access = AccessControl::new(listener.local_addr().map_err(failed)?)?;
        let (url, desk) = (access.url(), Arc::new(ReviewState::new(reviewed, names, sender)));
        let service = HttpService::start(listener, STACK, server::handler(access, desk.clone(), lang)).map_err(failed)?;
        Ok(Self { desk, url, events, _service: service })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether there is nothing to review.
    pub fn is_empty(&self) -> bool {
        self.desk.reviewed().is_empty()
    }

    /// The unopened pages.
    pub fn unopened(&self) -> Vec<SitePage> {
        self.desk.unopened()
    }

    /// The pages on which words are lost, as far as a browser has measured them: all that were opened, and more as time goes on.
    pub fn lost(&self) -> Vec<LostPage> {
        self.desk.lost()
    }

    /// The opened pages whose sound was never on.
    pub fn unheard(&self) -> Vec<SitePage> {
        self.desk.unheard()
    }

    /// Waits until every page has been opened; calls `asked` with the unopened pages for each line typed meanwhile. Fails with the unopened
    /// pages if nobody can open them any longer.
    pub fn opened(&self, reader: Reader, asked: &dyn Fn(&[SitePage])) -> Result<(), Vec<SitePage>> {
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

    /// After the last page is sent, its pictures still follow: waits until the browser has laid it out. A closed browser is waited for only
    /// [`LAST_PAGE`].
    fn wait_for_page(&self) {
        while !self.desk.is_completion_seen() && self.events.recv_timeout(LAST_PAGE).is_ok() {}
    }

    /// Ends the review and tells an open page how; with `None` the page only loses its server.
    pub fn end(self, outcome: Option<ReviewOutcome>) {
        outcome.iter().for_each(|outcome| self.desk.end(*outcome));
    }

    /// The next line typed; `None` once standard input has ended.
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
