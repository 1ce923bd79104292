//! Answers the preview's requests: its page, the shell, schedules, rendered files. Everything is looked up by name in what was compiled.
//! Never joins a request's path to a folder.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tiny_http::{Request, Server};

use super::desk::Desk;
use super::{fault_page, schedule};
use crate::base::bytes::ByteSource;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::failure::Failure;
use crate::base::http::{self, Answer};
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::times::Month;
use crate::build::render::Rendered;
use crate::content::model::values::Period;
use crate::desk::access::{Access, Verdict};
use crate::desk::pages;
use crate::desk::pages::data;
use crate::program::shell::SLIDE_POLICY;

/// Enough for the parallel requests of a few browsers; long waits get threads of their own.
const WORKERS: usize = 4;
/// How long one request for news may wait; below what proxies cut off.
const NEWS: Duration = Duration::from_secs(25);

/// Opens the port; gives the address too, which is another where port 0 was asked for.
pub fn listen(address: SocketAddr) -> Result<(Server, SocketAddr), Failure> {
    let server = Server::http(address).map_err(|error| {
        Failure::Outside(crate::text!(
            vi: "không lắng nghe được ở {address}: {error}; chọn cổng khác bằng --listen",
            en: "can't listen on {address}: {error}; choose another port with --listen"
        ))
    })?;
    let bound = server.server_addr().to_ip().unwrap_or(address);
    Ok((server, bound))
}

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
    if let Some(found) = path.strip_prefix('/').and_then(pages::sheet) {
        return Some(found);
    }
    if path == "/clock" {
        return Some(data(&json!({"now": SystemClock::new().now_ms(), "trusted": true})));
    }
    if path == "/state.json" {
        return Some(data(&schedule::overview(&desk.sheet())));
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
        "schedule.json" => schedule::schedule(&desk.sheet(), &site, period, &screen).map(|found| data(&found)),
        _ => pages::shell(name),
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
        ByteSource::Memory(bytes) => Answer::bytes(file.media_type, Arc::clone(bytes)),
        source => Answer::file(file.media_type, File::open(source.path()?).ok()?, file.size),
    };
    Some(answer.tagged(file.digest).header("Content-Security-Policy", SLIDE_POLICY))
}
