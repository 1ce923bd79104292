//! Answers the preview's requests: its page, the shell, schedules, rendered files. Looks up everything by name in memory.
//! Never joins a request's path to a folder.

use std::sync::Arc;

use serde_json::json;
use tiny_http::Request;

use super::state::PreviewState;
use super::{fault_page, schedule};
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::limits::SCREEN_SIDE;
use crate::base::times::Month;
use crate::build::render::RenderedFile;
use crate::content::model::values::Period;
use crate::desk::access::{AccessControl, AccessDecision};
use crate::desk::pages;
use crate::desk::pages::json_response;
use crate::program::shell::SLIDE_POLICY;

/// The handler of requests.
pub fn handler(access: Arc<AccessControl>, desk: Arc<PreviewState>) -> Arc<Handler> {
    Arc::new(move |request: Request| {
        let answer = match access.judge(&request) {
            AccessDecision::Refuse(status) => HttpResponse::text(status, "refused"),
            AccessDecision::SetCookie(cookie) => HttpResponse::text(303, "")
                .with_header("Set-Cookie", cookie)
                .with_header("Location", "/")
                .with_header("Referrer-Policy", "no-referrer"),
            AccessDecision::Allow if !http::is_read_method(&request) => HttpResponse::text(405, "only GET and HEAD"),
            AccessDecision::Allow if http::path(&request) == "/events" => return desk.news().answer(request),
            AccessDecision::Allow => answer(http::path(&request), &desk).unwrap_or_else(|| HttpResponse::text(404, "absent")),
        };
        // A client that has disconnected is no error.
        let _ = http::respond(
            request,
            answer.with_header("Cache-Control", "no-cache").with_header("Cross-Origin-Resource-Policy", "same-origin"),
        );
    })
}

fn answer(path: &str, desk: &PreviewState) -> Option<HttpResponse> {
    if let Some(found) = path.strip_prefix('/').and_then(pages::static_file) {
        return Some(found);
    }
    if path == "/clock" {
        return Some(json_response(&json!({"now": SystemClock::new().now_ms(), "trusted": true})));
    }
    if path == "/state.json" {
        return Some(json_response(&schedule::overview_json(&desk.snapshot())));
    }
    if let Some(rest) = path.strip_prefix("/view/") {
        return view(rest, desk);
    }
    program_file(path.strip_prefix("/p/")?, desk)
}

/// `<site>/<period>/<screen>/…`: the shell's page, its modules, its schedule.
fn view(rest: &str, desk: &PreviewState) -> Option<HttpResponse> {
    let parts: Vec<&str> = rest.split('/').collect();
    let [site, period, screen, name] = parts[..] else { return None };
    let (site, screen) = (SiteId::parse(site)?, ScreenId::parse(screen)?);
    let period = if period == "evergreen" { Period::Evergreen } else { Period::Month(Month::parse(period)?) };
    match name {
        "schedule.json" => schedule::schedule_json(&desk.snapshot(), &site, period, &screen).map(|found| json_response(&found)),
        _ => pages::shell(name),
    }
}

/// `<number>/<path>`: a file of the current program. The number only changes the address after each change.
fn program_file(rest: &str, desk: &PreviewState) -> Option<HttpResponse> {
    let (_, path) = rest.split_once('/')?;
    let sheet = desk.snapshot();
    let Some((id, size)) = slide(path) else { return sheet.file(path).and_then(|file| rendered(&file)) };
    match sheet.page(&id, size)? {
        Ok(file) => rendered(&file),
        Err(faults) => {
            let html = fault_page::html(id.as_str(), &faults);
            Some(HttpResponse::bytes("text/html", html.into_bytes()).with_header("Content-Security-Policy", SLIDE_POLICY))
        }
    }
}

/// Parses `slides/<id>@<w>x<h>.html`, each side from 1 to [`SCREEN_SIDE`].
fn slide(path: &str) -> Option<(SlideId, (u32, u32))> {
    let (id, size) = path.strip_prefix("slides/")?.strip_suffix(".html")?.rsplit_once('@')?;
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=SCREEN_SIDE).contains(side));
    Some((SlideId::parse(id)?, (side(width)?, side(height)?)))
}

fn rendered(file: &RenderedFile) -> Option<HttpResponse> {
    let answer = HttpResponse::source(file.media_type, &file.body, file.size).ok()?;
    Some(answer.with_digest_etag(file.digest).with_header("Content-Security-Policy", SLIDE_POLICY))
}
