//! The preview: the content folder live in a browser, through the player's own shell.
//! Never serves a file of the folder as it lies there: only pages that were rendered from it.

mod desk;
mod fault_page;
mod schedule;
mod server;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use notify::RecommendedWatcher;

use super::access::Access;
use crate::base::failure::{self, Failure};
use crate::base::text::Text;
use crate::base::workers::{self, Service};
use desk::Desk;

/// Bytes of stack for an answer: pages are rendered and pictures decoded in it.
const STACK: usize = 2 << 20;

/// A preview that is being served; it ends with this value.
pub struct Preview {
    access: Arc<Access>,
    _service: Service,
    _watcher: RecommendedWatcher,
}

impl Preview {
    /// Starts to serve the content folder `root`, which is read anew after each change.
    ///
    /// # Errors
    /// The address is taken; the folder can't be watched.
    pub fn start(root: PathBuf, listen: SocketAddr) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let Text { vi, en } = failure::system(&error);
            Failure::Outside(crate::text!(
                vi: "không lắng nghe được ở {listen}: {vi}; chọn cổng khác bằng --listen",
                en: "can't listen on {listen}: {en}; choose another port with --listen"
            ))
        };
        let listener = TcpListener::bind(listen).map_err(failed)?;
        let access = Arc::new(Access::new(listener.local_addr().map_err(failed)?)?);
        let desk = Arc::new(Desk::new(root)?);
        let watcher = watch::start(&desk)?;
        let service = Service::with_stack(listener, STACK, server::handler(Arc::clone(&access), desk)).map_err(failed)?;
        Ok(Self { access, _service: service, _watcher: watcher })
    }

    /// The address on this machine, without a slash at its end.
    pub fn url(&self) -> String {
        self.access.url()
    }

    /// The address that carries the token, where one is asked for.
    pub fn entry(&self) -> Option<String> {
        self.access.entry()
    }

    /// Serves until the process ends.
    pub fn run(&self) -> ! {
        workers::forever()
    }
}
