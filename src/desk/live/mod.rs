//! The preview: the content folder live in a browser, through the player's own shell.
//! Never serves a file of the folder as stored: only what was rendered from it.

mod fault_page;
mod later;
mod memory;
mod rendered;
mod schedule;
mod server;
mod snapshot;
mod state;
mod watch;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::access::AccessControl;
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::{self, Failure};
use crate::base::http_service::HttpService;
use crate::base::text::{Lang, Text};
use crate::build::cache::BuildCacheFolder;
use crate::build::pictures;
use state::PreviewState;
use watch::FolderWatch;

/// Stack of an answer's thread, in bytes: it renders pages and decodes pictures.
const STACK: usize = 2 << 20;

/// How long after a reading its faults are told where the preview was started: to find all of them takes longer than a picture, which goes first.
const PICTURE_FIRST: Duration = Duration::from_millis(250);

/// A running preview; it ends when dropped.
pub struct Preview {
    entry: String,
    network: Option<Result<String, String>>,
    desk: Arc<PreviewState>,
    _service: HttpService,
    _watch: FolderWatch,
}

impl Preview {
    /// Starts to serve the content folder `root`, which is read again after each change; the page speaks `lang` first. `memory`: that of builds.
    /// Fails if the address is in use or the folder can't be watched.
    pub fn start(root: PathBuf, memory: &BuildCacheFolder, listen: SocketAddr, lang: Lang) -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            let Text { vi, en } = failure::system(&error);
            Failure::External(crate::text!(
                vi: "không lắng nghe được ở {listen}: {vi}; chọn cổng khác bằng --listen",
                en: "can't listen on {listen}: {en}; choose another port with --listen"
            ))
        };
        let listener = TcpListener::bind(listen).map_err(failed)?;
        let access = AccessControl::new(listener.local_addr().map_err(failed)?)?;
        let (entry, network) = (access.entry_url(), access.network_url());
        let decoded = memory.cache_file(&root, pictures::MEMORY);
        let desk = Arc::new(PreviewState::new(root, memory.cache().map(PathBuf::from))?);
        let watch = watch::start(&desk, decoded)?;
        let service = HttpService::start(listener, STACK, server::handler(access, desk.clone(), lang)).map_err(failed)?;
        Ok(Self { entry, network, desk, _service: service, _watch: watch })
    }

    /// The address that opens it on this machine.
    pub fn entry(&self) -> &str {
        &self.entry
    }

    /// The address that opens it on other machines, if they may; the error has a placeholder for this machine's address.
    pub fn network(&self) -> Option<Result<&str, &str>> {
        self.network.as_ref().map(|found| found.as_deref().map_err(String::as_str))
    }

    /// Serves until the process ends; passes the faults of the folder to `told` whenever they are others than before, at first none.
    pub fn run(&self, told: impl Fn(&[Diagnostic])) -> ! {
        let (mut known, mut owed) = (Vec::new(), false);
        loop {
            std::thread::sleep(PICTURE_FIRST);
            let shown = self.desk.shown();
            owed = owed || shown.faults() != known;
            known = shown.faults().to_vec();
            // That there are none is known once all was looked at.
            if owed && (shown.is_checked || !known.is_empty()) {
                told(&known);
                owed = false;
            }
            self.desk.news().wait(shown.number);
        }
    }
}
