//! Answers the preview's requests: its page, the shell, schedules, rendered files. Everything is looked up by name in what was compiled.
//! Never joins a request's path to a folder.

use std::sync::Arc;

use serde_json::json;
use tiny_http::Request;

use super::desk::Desk;
use super::{fault_page, schedule};
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::http::{self, Answer};
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::limits::SCREEN_SIDE;
use crate::base::times::Month;
use crate::base::workers::Handler;
use crate::build::render::Rendered;
use crate::content::model::values::Period;
use crate::desk::access::{Access, Verdict};
use crate::desk::pages;
use crate::desk::pages::data;
use crate::program::shell::SLIDE_POLICY;

/// What answers each request.
pub fn handler(access: Arc<Access>, desk: Arc<Desk>) -> Arc<Handler> {
    Arc::new(move |request: Request| {
        let answer = match access.judge(&request) {
            Verdict::Refuse(status) => Answer::text(status, "refused"),
            Verdict::Welcome(cookie) => {
                Answer::text(303, "").header("Set-Cookie", cookie).header("Location", "/").header("Referrer-Policy", "no-referrer")
            }
            Verdict::Pass if !http::reads(&request) => Answer::text(405, "only GET and HEAD"),
            Verdict::Pass if http::path(&request) == "/events" => return desk.news().answer(request),
            Verdict::Pass => answer(http::path(&request), &desk).unwrap_or_else(|| Answer::text(404, "absent")),
        };
        // A client that has gone away is no fault of ours.
        let _ = http::respond(request, answer.header("Cache-Control", "no-cache").header("Cross-Origin-Resource-Policy", "same-origin"));
    })
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
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=SCREEN_SIDE).contains(side));
    Some((SlideId::parse(id)?, (side(width)?, side(height)?)))
}

fn rendered(file: &Rendered) -> Option<Answer> {
    let answer = Answer::source(file.media_type, &file.body, file.size).ok()?;
    Some(answer.tagged(file.digest).header("Content-Security-Policy", SLIDE_POLICY))
}
