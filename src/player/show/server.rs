//! The loopback server: the shell, its schedule, the clock, the files of programs on air, and the one POST that accepts play records.
//! Looks up every name in a table in memory and never joins a path. Never listens beyond this machine.

use std::io::{ErrorKind, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use serde_json::json;
use tiny_http::{Method, Request};

use super::health::Health;
use super::on_air::{OnAir, ShellSettings};
use super::operator_page;
use super::plays::{PlayIntake, PlayRejection, PostMoment};
use super::time::{ClockChange, PlayerTime};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::{HttpService, STACK};
use crate::base::ids::ScreenId;
use crate::base::limits::PLAY_BYTES;
use crate::base::lock::{MutexExt as _, RwLockExt as _};
use crate::base::text::Text;
use crate::player::record::entry::JournalEntry;
use crate::player::record::journal::Journal;
use crate::program::shell::{self, PAGE_POLICY, SLIDE_POLICY};
use crate::store::local_store::LocalStore;
use crate::text;

/// The server's state.
pub struct ServerState {
    /// Name shown to the operator.
    pub name: String,
    pub desk: ShellSettings,
    pub time: Arc<PlayerTime>,
    pub holdings: LocalStore,
    pub on_air: RwLock<Arc<OnAir>>,
    pub health: RwLock<Health>,
    pub journal: Mutex<Journal>,
    pub plays: Mutex<PlayIntake>,
    /// Called when an object that counted as whole turns out not to be.
    pub on_doubt: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl ServerState {
    /// What can be shown now.
    pub fn on_air(&self) -> Arc<OnAir> {
        self.on_air.shared().clone()
    }

    /// How the player is doing now.
    pub fn health(&self) -> Health {
        self.health.shared().clone().as_of(self.time.now().ms)
    }

    /// Puts other programs on air.
    pub fn put_on_air(&self, next: OnAir) {
        let mut plays = self.plays.hold();
        plays.left(self.on_air());
        plays.came(&next, self.time.monotonic());
        drop(plays);
        self.on_air.put(Arc::new(next));
    }

    /// Tells the journal of a step of the clock, or of a change of its trust.
    pub fn note_clock(&self) {
        let Some(ClockChange { now, step }) = self.time.change() else { return };
        // What waits is told later.
        let _ = self.journal.hold().append(&JournalEntry::Clock { at: now.ms, trusted: now.trusted, step }, now.ms);
    }

    /// Appends to the journal, after what the clock did; false if it can't be written, for example on a full disk.
    pub fn record(&self, entry: &JournalEntry) -> bool {
        self.note_clock();
        self.journal.hold().append(entry, self.time.now().ms).is_ok()
    }
}

/// Binds the loopback address; any other is refused, whatever the configuration says.
pub fn bind(address: SocketAddr) -> Result<TcpListener, Text> {
    if !address.ip().is_loopback() {
        return Err(text!(
            vi: "đầu phát chỉ phục vụ trên chính máy này; {address} không phải địa chỉ nội bộ 127.0.0.1 hay ::1",
            en: "a player serves this machine only; {address} is not on loopback (127.0.0.1, ::1)"
        ));
    }
    TcpListener::bind(address).map_err(|error| {
        let Text { vi, en } = failure::system(&error);
        text!(vi: "không mở được {address}: {vi}", en: "can't listen on {address}: {en}")
    })
}

/// The address that a player listens on by default.
pub fn default_address() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 8377))
}

/// Starts to serve requests.
pub fn serve(listener: TcpListener, stage: Arc<ServerState>) -> std::io::Result<HttpService> {
    let port = listener.local_addr()?.port();
    let hosts = http::loopback_hosts(port);
    HttpService::start(listener, STACK, Arc::new(move |request| answer(&stage, &hosts, request)))
}

fn answer(stage: &ServerState, hosts: &[String], mut request: Request) {
    let answer = if !http::host_allowed(&request, hosts) {
        HttpResponse::text(421, "this server answers on loopback only")
    } else if http::is_cross_site(&request) {
        HttpResponse::text(403, "not from another site")
    } else if *request.method() == Method::Post && request.url() == "/play" {
        post(stage, &mut request)
    } else if http::is_read_method(&request) {
        find_response(stage, http::path(&request))
            .unwrap_or_else(|| HttpResponse::text(404, "nothing here").with_header("Cache-Control", "no-store"))
    } else {
        HttpResponse::text(405, "GET and HEAD only")
    };
    let answer = answer.with_header("Cross-Origin-Resource-Policy", "same-origin").with_header("Referrer-Policy", "no-referrer");
    let path = http::path(&request).to_owned();
    // A client that has disconnected needs no answer.
    if http::respond(request, answer).is_err_and(|error| error.kind() == ErrorKind::InvalidData) {
        doubt(stage, &path);
    }
}

/// Lets the object behind a path be read through and, if it is damaged, fetched again.
fn doubt(stage: &ServerState, path: &str) -> Option<()> {
    let (program, file) = path.strip_prefix("/p/")?.split_once('/')?;
    let on_air = stage.on_air();
    let file = on_air.file(Digest::parse(program)?, file)?;
    crate::logln!("serve {path}: the object can't be read");
    if stage.holdings.doubt([file.sha256])
        && let Some(tell) = stage.on_doubt.get()
    {
        tell();
    }
    Some(())
}

fn find_response(stage: &ServerState, path: &str) -> Option<HttpResponse> {
    let found = match path {
        "/" => {
            let html = operator_page::operator_page(&stage.name, &stage.health(), &stage.on_air(), stage.time.now());
            HttpResponse::bytes("text/html", html.into_bytes()).with_header("Content-Security-Policy", operator_page::POLICY)
        }
        "/clock" => {
            // No page goes by a time of which the journal does not know.
            stage.note_clock();
            let now = stage.time.now();
            HttpResponse::json(json!({"now": now.ms, "trusted": now.trusted}).to_string())
        }
        "/health.json" => HttpResponse::json(serde_json::to_vec(&stage.health()).ok()?),
        "/operator.css" => return Some(HttpResponse::bytes("text/css", operator_page::STYLE.as_bytes()).with_content_etag()),
        "/operator.js" => return Some(HttpResponse::bytes("text/javascript", operator_page::SCRIPT.as_bytes()).with_content_etag()),
        _ => {
            // Below `/screens/` for the screens, below `/watch/` for people, whose looking is no play.
            for (folder, viewer) in [("/screens/", Viewer::Screen), ("/watch/", Viewer::Person)] {
                if let Some((screen, name)) = path.strip_prefix(folder).and_then(|rest| rest.split_once('/')) {
                    return shell_response(stage, screen, name, viewer);
                }
            }
            let (program, file) = path.strip_prefix("/p/")?.split_once('/')?;
            let program = Digest::parse(program)?;
            // No program has a file of this name: JSON is none of its types.
            let found = match file.strip_prefix("timetable/") {
                Some(name) => HttpResponse::json(stage.on_air().timetable_json(program, name)?).with_content_etag(),
                None => slide_file(stage, program, file).or_else(|| doubt(stage, path).and(None))?,
            };
            return Some(found.with_header("Cache-Control", "public, max-age=31536000, immutable"));
        }
    };
    Some(found.with_header("Cache-Control", "no-store"))
}

/// For whom a page is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Viewer {
    Screen,
    Person,
}

/// The shell of one screen. A screen that no program has yet gets a page too, which shows the built-in card.
fn shell_response(stage: &ServerState, screen: &str, name: &str, viewer: Viewer) -> Option<HttpResponse> {
    let screen = ScreenId::parse(screen)?;
    let on_air = stage.on_air();
    let found = match name {
        "" => HttpResponse::bytes("text/html", shell::PAGE.as_bytes()).with_header("Content-Security-Policy", PAGE_POLICY),
        // A page that plays on from before a restart keeps what it has until the first program is read through.
        "schedule.json" if on_air.is_reading() => {
            return Some(HttpResponse::text(503, "what is stored is being read through").with_header("Cache-Control", "no-store"));
        }
        "schedule.json" if viewer == Viewer::Person => HttpResponse::json(on_air.watch_json(&stage.desk, &screen)),
        "schedule.json" => HttpResponse::bytes("application/json", on_air.schedule_json(&stage.desk, &screen)),
        _ => shell::find(name).map(|file| HttpResponse::bytes(file.media_type, file.bytes))?,
    };
    Some(found.with_content_etag().with_header("Cache-Control", "no-cache"))
}

fn slide_file(stage: &ServerState, program: Digest, path: &str) -> Option<HttpResponse> {
    let on_air = stage.on_air();
    let file = on_air.file(program, path)?;
    let opened = stage.holdings.open_whole(file.sha256, file.size).ok()?;
    let answer = HttpResponse::file(&file.media_type, opened, file.size).with_digest_etag(file.sha256);
    Some(answer.with_header("Content-Security-Policy", SLIDE_POLICY))
}

fn post(stage: &ServerState, request: &mut Request) -> HttpResponse {
    if !http::is_same_origin(request) {
        return HttpResponse::text(403, "plays come from this page only");
    }
    let mut body = Vec::new();
    if request.as_reader().take(PLAY_BYTES + 1).read_to_end(&mut body).is_err() || body.len() as u64 > PLAY_BYTES {
        return HttpResponse::text(413, "too long");
    }
    let moment = PostMoment { now: stage.time.now(), since: stage.health.shared().since, monotonic: stage.time.monotonic() };
    let mut plays = stage.plays.hold();
    let accepted = plays.accept(&body, &stage.desk.token, &stage.on_air(), moment);
    let answer = match accepted {
        Ok(play) if stage.record(&JournalEntry::Play(play.clone())) => {
            plays.written(&play);
            HttpResponse::text(200, "taken")
        }
        Ok(play) => {
            plays.forget(&play);
            HttpResponse::text(503, "not written; try again")
        }
        Err(PlayRejection::Repeated) => HttpResponse::text(200, "taken before"),
        Err(PlayRejection::Token) => HttpResponse::text(403, "the token of another start"),
        Err(PlayRejection::Often) => HttpResponse::text(429, "more than a screen shows; try again"),
        Err(PlayRejection::Body) => HttpResponse::text(422, "not a play that can have been"),
    };
    for entry in plays.faults().take_untold(moment.now.ms) {
        stage.record(&entry);
    }
    answer
}
