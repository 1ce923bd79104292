//! Answers the review page's requests, from this machine only. A page counts as opened once a frame of the review page has requested and
//! received all of it, as shown by headers that no script can set. Looks up everything by name; never counts a partial read.

use std::sync::Arc;

use serde_json::{Value, json};
use tiny_http::{Method, Request};

use super::state::{ReviewState, ReviewedProgram};
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::digest::Digest;
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::relpath::RelPath;
use crate::content::model::values::Period;
use crate::desk::access::{AccessControl, AccessDecision};
use crate::desk::pages::{self, json_response, page_response};
use crate::program::schedule::{ShellProgram, ShellSchedule};
use crate::program::shell::{self, SLIDE_POLICY};

const STATIC_FILES: [(&str, &str, &[u8]); 4] = [
    ("/", "text/html", include_bytes!("page/review.html")),
    ("/review.css", "text/css", include_bytes!("page/review.css")),
    ("/review.js", "text/javascript", include_bytes!("page/review.js")),
    ("/review-words.js", "text/javascript", include_bytes!("page/review-words.js")),
];

/// The handler of requests.
pub fn handler(access: AccessControl, desk: Arc<ReviewState>) -> Arc<Handler> {
    Arc::new(move |request: Request| {
        let found = match access.judge(&request) {
            AccessDecision::Refuse(status) => Reply::of(HttpResponse::text(status, "refused")),
            _ if !http::is_read_method(&request) => Reply::of(HttpResponse::text(405, "only GET and HEAD")),
            _ if http::path(&request) == "/events" => return desk.news().answer(request),
            _ => find_answer(&request, &desk).unwrap_or_else(|| Reply::of(HttpResponse::text(404, "absent"))),
        };
        let answer = found.answer.with_header("Cross-Origin-Resource-Policy", "same-origin");
        // A client that has disconnected is no error, but has opened nothing.
        match (http::respond(request, answer), found.then) {
            (Ok(()), ReplyEffect::PageOpened(reviewed, page)) => desk.mark_opened(reviewed, page),
            (Ok(()), ReplyEffect::CompletionSeen) => desk.mark_completion_seen(),
            _ => {}
        }
    })
}

/// An answer, and its effect once it is sent.
struct Reply<'a> {
    answer: HttpResponse,
    then: ReplyEffect<'a>,
}

/// The effect of an answer.
enum ReplyEffect<'a> {
    Nothing,
    PageOpened(&'a ReviewedProgram, &'a RelPath),
    /// The review page knows that nothing is left to open.
    CompletionSeen,
}

impl Reply<'_> {
    fn of(answer: HttpResponse) -> Self {
        Self { answer, then: ReplyEffect::Nothing }
    }
}

fn find_answer<'a>(request: &Request, desk: &'a ReviewState) -> Option<Reply<'a>> {
    let path = http::path(request);
    if let Some((_, media_type, bytes)) = STATIC_FILES.iter().find(|(name, _, _)| *name == path) {
        return Some(Reply::of(page_response(media_type, bytes).with_header("Cache-Control", "no-cache")));
    }
    if let Some(rest) = path.strip_prefix("/p/") {
        return framed_file(request, desk, rest);
    }
    if path == "/review.json" {
        // Computed before the state, so that a page opened in between does not count as reported.
        let then = if desk.unopened().is_empty() { ReplyEffect::CompletionSeen } else { ReplyEffect::Nothing };
        return Some(Reply { answer: json_response(&desk.state_json()).with_header("Cache-Control", "no-cache"), then });
    }
    let found = match path {
        "/slide.js" => shell::find("slide.js").map(|file| page_response(file.media_type, file.bytes))?,
        "/clock" => json_response(&json!({"now": SystemClock::new().now_ms(), "trusted": true})),
        "/times" => pages::static_file("")?,
        "/state.json" => json_response(&overview_json(desk)),
        _ => match (path.strip_prefix("/times/p/"), path.strip_prefix("/view/")) {
            (Some(rest), _) => program_file(desk, rest)?.1,
            (_, Some(rest)) => shell_file(desk, rest)?,
            _ => pages::static_file(path.strip_prefix('/')?).filter(|_| path != "/")?,
        },
    };
    Some(Reply::of(found.with_header("Cache-Control", "no-cache")))
}

/// `<digest>/<path>` as requested by a frame of the review page.
fn framed_file<'a>(request: &Request, desk: &'a ReviewState, rest: &str) -> Option<Reply<'a>> {
    let (reviewed, answer) = program_file(desk, rest)?;
    let (_, path) = rest.split_once('/')?;
    let says = |name: &str, value: &str| http::single_header(request, name) == Some(value);
    let framed = says("Sec-Fetch-Dest", "iframe") && says("Sec-Fetch-Site", "same-origin");
    let whole = *request.method() == Method::Get && !http::has_header(request, "Range") && !http::has_header(request, "If-None-Match");
    let page = reviewed.page_digests.keys().find(|page| page.as_str() == path).filter(|_| framed && whole);
    // No caching: every opening must reach this server.
    Some(Reply {
        answer: answer.with_header("Cache-Control", "no-store"),
        then: page.map_or(ReplyEffect::Nothing, |page| ReplyEffect::PageOpened(reviewed, page)),
    })
}

/// A file of a program, as a player serves it.
fn program_file<'a>(desk: &'a ReviewState, rest: &str) -> Option<(&'a ReviewedProgram, HttpResponse)> {
    let (digest, path) = rest.split_once('/')?;
    let digest = Digest::parse(digest)?;
    let reviewed = desk.reviewed().iter().find(|reviewed| reviewed.built.program.digest() == digest)?;
    let file = reviewed.built.program.manifest().file(path)?;
    let bytes = reviewed.bytes(file).and_then(|bytes| HttpResponse::source(&file.media_type, &bytes, file.size));
    let answer = bytes.inspect_err(|error| crate::errln!("serve {path}: {error}")).ok()?;
    let answer = answer
        .with_digest_etag(file.sha256)
        .with_header("Content-Security-Policy", SLIDE_POLICY)
        .with_header("Referrer-Policy", "no-referrer");
    Some((reviewed, answer))
}

/// `<site>/<period>/<screen>/…`: the player's shell, for the program at any moment. Its frames do not count as opened: it loads ahead.
fn shell_file(desk: &ReviewState, rest: &str) -> Option<HttpResponse> {
    let parts: Vec<&str> = rest.split('/').collect();
    let [site, period, screen, name] = parts[..] else { return None };
    let fits = |reviewed: &&ReviewedProgram| reviewed.report.site.as_str() == site && period_of(reviewed) == period;
    let reviewed = desk.reviewed().iter().find(fits)?;
    if name != "schedule.json" {
        return pages::shell(name);
    }
    let manifest = reviewed.built.program.manifest();
    let screen = manifest.screens.iter().find(|known| known.id.as_str() == screen)?;
    let digest = reviewed.built.program.digest();
    let programs = [ShellProgram::new(digest, manifest.valid.from, format!("/times/p/{digest}/"), manifest)];
    let mark = crate::text!(vi: "CHƯA DUYỆT", en: "NOT APPROVED");
    let schedule = ShellSchedule::new(&reviewed.report.site, &screen.id, 100, &programs);
    Some(json_response(&pages::schedule(schedule, mark, json!({"number": 1, "faults": [], "reasons": {}}))))
}

fn period_of(reviewed: &ReviewedProgram) -> String {
    reviewed.built.program.manifest().month.map_or(Period::Evergreen, Period::Month).to_string()
}

/// The overview for the preview's page, limited to these programs.
fn overview_json(desk: &ReviewState) -> Value {
    let site = |reviewed: &ReviewedProgram| {
        let screens = &reviewed.built.program.manifest().screens;
        let screens: Vec<_> = screens.iter().map(|each| json!({"id": each.id, "width": each.width, "height": each.height})).collect();
        json!({"id": reviewed.report.site, "name": reviewed.name, "screens": screens, "periods": [period_of(reviewed)]})
    };
    let sites: Vec<_> = desk.reviewed().iter().map(site).collect();
    json!({"number": 1, "name": desk.names().office, "sites": sites, "agencies": desk.names().agencies, "faults": []})
}
