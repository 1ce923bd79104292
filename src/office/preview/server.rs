//! Answers the preview's requests: its page, the shell, schedules, rendered files. Everything is looked up by name in what was compiled.
//! Never joins a request's path to a folder.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tiny_http::{Request, Server};

use super::access::{Access, Verdict};
use super::desk::Desk;
use super::{fault_page, schedule};
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::http::{self, Answer};
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::times::Month;
use crate::model::values::Period;
use crate::render::{Body, Rendered};
use crate::show::shell_files::{self, SLIDE_POLICY};

/// Enough for the parallel requests of a few browsers; long waits get threads of their own.
const WORKERS: usize = 4;
/// How long one request for news may wait; below what proxies cut off.
const NEWS: Duration = Duration::from_secs(25);

/// Like the player's, but the preview's own page may frame the shell.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self'; \
                           form-action 'none'; frame-ancestors 'self'";

const SHEETS: [(&str, &str, &[u8]); 6] = [
    ("/", "text/html", include_bytes!("page/index.html")),
    ("/page.css", "text/css", include_bytes!("page/page.css")),
    ("/page.js", "text/javascript", include_bytes!("page/page.js")),
    ("/words.js", "text/javascript", include_bytes!("page/words.js")),
    ("/icon.svg", "image/svg+xml", include_bytes!("page/icon.svg")),
    ("/fault.css", "text/css", include_bytes!("page/fault.css")),
];

/// The shell's module that only a preview serves.
const MOMENT: &[u8] = include_bytes!("page/preview.js");

/// Serves until the process ends.
pub fn run(server: Server, desk: &Arc<Desk>, access: &Arc<Access>) {
    let server = Arc::new(server);
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (server, desk, access) = (Arc::clone(&server), Arc::clone(desk), Arc::clone(access));
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A client that has gone away is no fault of ours.
                    let _ = serve(request, &desk, &access);
                }
            })
        })
        .collect();
    for worker in workers {
        let _ = worker.join();
    }
}

fn serve(request: Request, desk: &Arc<Desk>, access: &Access) -> io::Result<()> {
    match access.judge(&request) {
        Verdict::Refuse(status) => return http::respond(request, Answer::text(status, "refused")),
        Verdict::Welcome(cookie) => {
            let answer =
                Answer::text(303, "").header("Set-Cookie", cookie).header("Location", "/").header("Referrer-Policy", "no-referrer");
            return http::respond(request, answer);
        }
        Verdict::Pass => {}
    }
    if !http::reads(&request) {
        return http::respond(request, Answer::text(405, "only GET and HEAD"));
    }
    let path = http::path(&request).to_owned();
    if path == "/events" {
        let since = request.url().split_once("?since=").and_then(|(_, since)| since.parse().ok()).unwrap_or(0);
        let desk = Arc::clone(desk);
        std::thread::spawn(move || {
            let number = desk.wait(since, NEWS);
            http::respond(request, data(&json!({ "number": number })))
        });
        return Ok(());
    }
    let answer = answer(&path, desk).unwrap_or_else(|| Answer::text(404, "absent"));
    http::respond(request, answer.header("Cache-Control", "no-cache").header("Cross-Origin-Resource-Policy", "same-origin"))
}

fn answer(path: &str, desk: &Desk) -> Option<Answer> {
    if let Some((_, media_type, bytes)) = SHEETS.iter().find(|(name, _, _)| *name == path) {
        return Some(page(media_type, bytes));
    }
    if path == "/clock" {
        return Some(data(&json!({"now": SystemClock::new().now_ms(), "trusted": true})));
    }
    if path == "/state.json" {
        return Some(data(&schedule::overview(&desk.sheet())));
    }
    if path == "/timeline.js" {
        return shell_files::find("timeline.js").map(|file| page(file.media_type, file.bytes));
    }
    if let Some(rest) = path.strip_prefix("/view/") {
        return view(rest, desk);
    }
    program(path.strip_prefix("/p/")?, desk)
}

/// `<site>/<period>/<screen>/…`: the shell's page, its modules, its schedule.
fn view(rest: &str, desk: &Desk) -> Option<Answer> {
    let parts: Vec<&str> = rest.split('/').collect();
    let [site, period, screen, name] = parts[..] else { return None };
    let (site, screen) = (SiteId::parse(site)?, ScreenId::parse(screen)?);
    let period = if period == "evergreen" { Period::Evergreen } else { Period::Month(Month::parse(period)?) };
    match name {
        "" => {
            const SOURCE: &str = "<meta name=\"bangtin-source\" content=\"daemon\">";
            let marked = shell_files::PAGE.replace(SOURCE, &format!("{SOURCE}\n<meta name=\"bangtin-preview\">"));
            Some(page("text/html", marked.as_bytes()))
        }
        "preview.js" => Some(page("text/javascript", MOMENT)),
        "schedule.json" => schedule::schedule(&desk.sheet(), &site, period, &screen).map(|found| data(&found)),
        _ => shell_files::find(name).map(|file| page(file.media_type, file.bytes)),
    }
}

/// `<number>/<path>`: a file of the program as it stands now. The number only makes the address new after each change.
fn program(rest: &str, desk: &Desk) -> Option<Answer> {
    let (_, path) = rest.split_once('/')?;
    let sheet = desk.sheet();
    let Some((id, size)) = slide(path) else { return sheet.file(path).and_then(|file| rendered(&file)) };
    match sheet.page(&id, size)? {
        Ok(file) => rendered(&file),
        Err(faults) => {
            let html = fault_page::html(id.as_str(), &faults);
            Some(Answer::bytes("text/html", html.into_bytes()).header("Content-Security-Policy", SLIDE_POLICY))
        }
    }
}

/// `slides/<id>@<w>x<h>.html`, sizes within what a screen may have.
fn slide(path: &str) -> Option<(SlideId, (u32, u32))> {
    let (id, size) = path.strip_prefix("slides/")?.strip_suffix(".html")?.rsplit_once('@')?;
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=32_768).contains(side));
    Some((SlideId::parse(id)?, (side(width)?, side(height)?)))
}

fn rendered(file: &Rendered) -> Option<Answer> {
    let answer = match &file.body {
        Body::Bytes(bytes) => Answer::bytes(file.media_type, Arc::clone(bytes)),
        Body::File(path) => Answer::file(file.media_type, File::open(path).ok()?, file.size),
    };
    Some(answer.tagged(file.digest).header("Content-Security-Policy", SLIDE_POLICY))
}

fn page(media_type: &str, bytes: &[u8]) -> Answer {
    Answer::bytes(media_type, bytes)
        .tagged_by_bytes()
        .header("Content-Security-Policy", PAGE_POLICY)
        .header("Referrer-Policy", "no-referrer")
}

fn data(value: &serde_json::Value) -> Answer {
    Answer::bytes("application/json", value.to_string().into_bytes()).tagged_by_bytes()
}
