//! Starts a browser without a window, with a profile of its own and no way to a network, and ends it: in peace, else by force.
//! Never leaves one running, never trusts that it answers.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::connection::{BrowserError, Connection, Session};
use super::found;
use super::tab::Tab;
use crate::base::failure::{self, Failure};
use crate::base::files::read_file_limited;
use crate::base::limits::BROWSER_LOG_BYTES;
use crate::base::lock::MutexExt as _;
use crate::base::os;
use crate::base::text::Text;
use crate::base::work_folder::WorkFolder;
use crate::text;

/// Flags that make pixels the same everywhere, and keep the browser from asking, remembering or reaching anything. Pages are handed to it
/// over the pipe: no name leads anywhere, and the proxy through which all else would go is a port that no one may listen on.
const FLAGS: [&str; 20] = [
    "--headless",
    "--remote-debugging-pipe",
    "--force-device-scale-factor=1",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--disable-lcd-text",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:1",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-breakpad",
    // A container has little of it.
    "--disable-dev-shm-usage",
];
/// How long a browser may take to end when it is asked to.
const PEACE: Duration = Duration::from_secs(3);
const LOOK: Duration = Duration::from_millis(10);

/// A running browser; ended when dropped.
pub struct Browser {
    child: Arc<Mutex<Option<Child>>>,
    root: Session,
    profile: Arc<WorkFolder>,
    patience: Duration,
}

impl Browser {
    /// Starts the browser and waits until it answers. It is given the variable `PATH` with the value `search`, and no other one of this process: they
    /// may hold passwords. Every answer may take as long as `patience`.
    pub fn start(program: &Path, search: &str, patience: Duration) -> Result<Self, Failure> {
        let running: Arc<Mutex<Option<Child>>> = Arc::default();
        let interrupted = Arc::clone(&running);
        let profile = WorkFolder::new("bangtin-check-", move || {
            kill(&interrupted);
            INTERRUPTED
        })?;
        let outside = |error: io::Error| Failure::External(failure::system_at(&program.display(), &error));
        let Some(mut command) = os::with_pipes(program) else { return Err(found::not_here()) };
        command.env_clear().env("PATH", search).env("HOME", profile.path()).env("TMPDIR", profile.path());
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        // Chromium's own sandbox refuses to work for root, who is used in containers. What it loads is our own pages, which hold no script.
        if fs::metadata(profile.path()).is_ok_and(|made| os::owner(&made) == 0) {
            command.arg("--no-sandbox");
        }
        command.arg("about:blank");
        let log = File::create(log(&profile)).map_err(outside)?;
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log).spawn().map_err(outside)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(outside(io::ErrorKind::BrokenPipe.into()));
        };
        *running.hold() = Some(child);
        let connection = Connection::new(input, output, patience).map_err(outside)?;
        let browser = Self { child: running, root: connection.session(""), profile, patience };
        browser.root.call("Browser.getVersion", json!({})).map_err(|error| browser.failure(error))?;
        Ok(browser)
    }

    /// Opens a tab.
    pub fn tab(&self) -> Result<Tab, Failure> {
        Tab::open(&self.root).map_err(|error| self.failure(error))
    }

    /// What went wrong, with the last line that the browser wrote.
    pub fn failure(&self, error: BrowserError) -> Failure {
        let bytes = read_file_limited(&log(&self.profile), BROWSER_LOG_BYTES).unwrap_or_default();
        let last = String::from_utf8_lossy(&bytes).lines().rev().find(|line| !line.trim().is_empty()).map(str::to_owned);
        let seconds = self.patience.as_secs();
        let Text { vi, en } = match error {
            BrowserError::Ended => text!(vi: "trình duyệt tự kết thúc giữa chừng", en: "the browser ended before it was done"),
            BrowserError::Silent(call) => text!(
                vi: "trình duyệt không trả lời trong {seconds} giây ({call})",
                en: "the browser did not answer within {seconds} s ({call})"
            ),
            BrowserError::Refused(why) => text!(vi: "trình duyệt từ chối: {why}", en: "the browser refused: {why}"),
        };
        let last = last.map(|line| format!(" – “{line}”")).unwrap_or_default();
        Failure::External(text!(
            vi: "chưa đo được các trang: {vi}{last}. Hãy chạy lại; nếu vẫn vậy, chọn trình duyệt khác bằng --browser",
            en: "the pages are not measured: {en}{last}. Run this again; if it stays so, take another browser with --browser"
        ))
    }
}

/// The exit code of a command that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

fn log(profile: &WorkFolder) -> std::path::PathBuf {
    profile.path().join("log")
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.root.tell("Browser.close", json!({}));
        let until = Instant::now() + PEACE.min(self.patience);
        while Instant::now() < until {
            if self.child.hold().as_mut().is_none_or(|child| child.try_wait().is_ok_and(|ended| ended.is_some())) {
                return;
            }
            std::thread::sleep(LOOK);
        }
        kill(&self.child);
    }
}

/// Ends the browser by force; its other processes end when they lose this one.
fn kill(running: &Mutex<Option<Child>>) {
    if let Some(mut child) = running.hold().take() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of these lines of the shell in place of a browser.
    fn stub(folder: &Path, lines: &str) -> std::path::PathBuf {
        let path = folder.join("browser");
        fs::write(&path, format!("#!/bin/sh\necho $$ > '{}/id'\n{lines}\n", folder.display())).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(&path, mode).unwrap();
        path
    }

    fn failure_of(lines: &str) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let program = stub(folder.path(), lines);
        let Err(Failure::External(said)) = Browser::start(&program, "/usr/bin:/bin", Duration::from_millis(500)) else {
            panic!("it answered")
        };
        let id = fs::read_to_string(folder.path().join("id")).unwrap();
        assert!(said.vi.starts_with("chưa đo được các trang"), "{said:?}");
        (said.en, Path::new("/proc").join(id.trim()).exists())
    }

    #[test]
    fn a_browser_that_hangs_dies_or_talks_nonsense_is_told_and_none_is_left() {
        let (said, left) = failure_of("exec sleep 600");
        assert!(said.contains("did not answer within 0 s (Browser.getVersion)") && !left, "{said}");
        let (said, left) = failure_of("echo 'no usable sandbox' >&2; exit 1");
        assert!(said.contains("ended before it was done – “no usable sandbox”") && !left, "{said}");
        let (said, left) = failure_of("printf 'hello\\0' >&4; exec sleep 600");
        assert!(said.contains("ended before it was done") && !left, "{said}");
        let (said, left) = failure_of("printf '{\"id\":1,\"error\":{\"message\":\"no\"}}\\0' >&4; exec sleep 600");
        assert!(said.contains("refused: Browser.getVersion: no") && !left, "{said}");
    }
}
