//! Answers the review page's requests, from this machine only. A page counts as opened once a frame of the review page has requested and
//! received all of it, as shown by headers that no script can set, and the review page says, no sooner than a second later, that it was looked
//! at, and of each film and sound of it that it was played to the end. Looks up everything by name; never counts a partial read.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tiny_http::{Method, Request};

use super::state::{Hearing, ReviewState, ReviewedProgram};
use crate::base::digest::Digest;
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::ids::{ScreenId, SiteId};
use crate::base::news::News;
use crate::base::text::Lang;
use crate::content::model::values::Period;
use crate::desk::access::AccessControl;
use crate::desk::pages::{self, Reply, json_response, page_response};
use crate::desk::screen_view::{ScreenView, ViewedProgram};
use crate::program::manifest::ManifestFile;
use crate::program::schedule::ShellTimetable;
use crate::program::shell::SLIDE_POLICY;

const STATIC_FILES: [(&str, &str, &[u8]); 7] = [
    ("/", "text/html", include_bytes!("page/review.html")),
    ("/review.css", "text/css", include_bytes!("page/review.css")),
    ("/review.js", "text/javascript", include_bytes!("page/review.js")),
    ("/playing.js", "text/javascript", include_bytes!("page/playing.js")),
    ("/progress.js", "text/javascript", include_bytes!("page/progress.js")),
    ("/lost.js", "text/javascript", include_bytes!("page/lost.js")),
    ("/review-words.js", "text/javascript", include_bytes!("page/review-words.js")),
];

/// Letters that are kept of what a page loses, at most.
const WORDS_TOLD: usize = 400;

/// The handler of requests. There is never news: what is under review does not change.
pub fn handler(access: AccessControl, desk: Arc<ReviewState>, lang: Lang) -> Arc<Handler> {
    pages::handler(access, News::new(), move |request| find_answer(request, &desk, lang))
}

fn find_answer(request: &Request, desk: &Arc<ReviewState>, lang: Lang) -> Option<Reply> {
    let path = http::path(request);
    if let Some((_, media_type, bytes)) = STATIC_FILES.iter().find(|(name, _, _)| *name == path) {
        return Some(page_response(media_type, &pages::in_language(bytes, lang)).into());
    }
    if let Some(rest) = path.strip_prefix("/p/") {
        return framed_file(request, desk, rest);
    }
    if let Some(rest) = path.strip_prefix("/measured/") {
        return measured_page(request, desk, rest).map(Reply::from);
    }
    if let Some(rest) = path.strip_prefix("/seen/") {
        return looked_at(request, desk, rest);
    }
    if let Some(rest) = path.strip_prefix("/played/") {
        return played_file(request, desk, rest);
    }
    if let Some(rest) = path.strip_prefix("/approved/") {
        return approved_file(desk, rest).map(Reply::from);
    }
    if path == "/review.json" {
        // Computed before the state, so that a page opened in between does not count as reported.
        let (complete, outcome) = (desk.unopened().is_empty(), desk.outcome());
        let (answer, desk) = (json_response(&desk.state_json()), desk.clone());
        let told = move || desk.mark_state_sent(complete, outcome);
        return Some(Reply { then: Some(Box::new(told)), ..answer.into() });
    }
    if let Some(rest) = path.strip_prefix("/times/p/") {
        return program_file(desk, rest).map(|(_, answer)| answer.into());
    }
    let found = match path {
        "/times" => pages::static_file("", lang),
        _ => pages::common(
            path,
            lang,
            || overview_json(desk),
            |of, name| desk.views().get(of, || screen_view(desk, of))?.answer(name, || details(desk, of)),
        ),
    };
    found.map(Reply::from)
}

/// `<digest>/<path>` as requested by a frame of the review page.
fn framed_file(request: &Request, desk: &Arc<ReviewState>, rest: &str) -> Option<Reply> {
    let (reviewed, answer) = program_file(desk, rest)?;
    let (_, path) = rest.split_once('/')?;
    let says = |name: &str, value: &str| http::single_header(request, name) == Some(value);
    let framed = says("Sec-Fetch-Dest", "iframe") && says("Sec-Fetch-Site", "same-origin");
    let whole = *request.method() == Method::Get && !http::has_header(request, "Range") && !http::has_header(request, "If-None-Match");
    let look = look_of(reviewed, path).filter(|_| framed && whole);
    let desk = desk.clone();
    // No caching: every opening must reach this server.
    Some(Reply { answer, cache: "no-store", then: look.map(|look| Box::new(move || desk.mark_delivered(look)) as _) })
}

fn look_of(reviewed: &ReviewedProgram, path: &str) -> Option<Digest> {
    reviewed.page_digests.iter().find(|(page, _)| page.as_str() == path).map(|(_, look)| *look)
}

/// `<digest>/<path>` as the review page reports it: in view for a second.
fn looked_at(request: &Request, desk: &Arc<ReviewState>, rest: &str) -> Option<Reply> {
    let (reviewed, path) = reviewed_file(desk, rest)?;
    if is_of_the_page(request) {
        desk.mark_looked_at(look_of(reviewed, path)?);
    }
    Some(noted())
}

/// `<digest>/<path>` as the review page reports a film or a sound: played to the end; with `?heard`, its sound was on.
fn played_file(request: &Request, desk: &Arc<ReviewState>, rest: &str) -> Option<Reply> {
    let (reviewed, path) = reviewed_file(desk, rest)?;
    let file = reviewed.built.program.manifest().file(path)?;
    if is_of_the_page(request) {
        let heard = request.url().split_once('?').is_some_and(|(_, query)| query == "heard");
        let hearing = if heard { Hearing::Heard } else { Hearing::Unheard };
        desk.mark_played(file.sha256, hearing);
    }
    Some(noted())
}

/// Whether a script of the review page asks.
fn is_of_the_page(request: &Request) -> bool {
    http::single_header(request, "Sec-Fetch-Site") == Some("same-origin") && *request.method() == Method::Get
}

fn noted() -> Reply {
    Reply { cache: "no-store", ..HttpResponse::text(200, "").into() }
}

/// `<digest>/<path>`: the program under review, and the path in it.
fn reviewed_file<'a>(desk: &'a ReviewState, rest: &'a str) -> Option<(&'a ReviewedProgram, &'a str)> {
    let (digest, path) = rest.split_once('/')?;
    let digest = Digest::parse(digest)?;
    Some((desk.reviewed().iter().find(|reviewed| reviewed.built.program.digest() == digest)?, path))
}

/// `<digest>/<path>` of a last approved program, from the archive. It never counts as opened.
fn approved_file(desk: &ReviewState, rest: &str) -> Option<HttpResponse> {
    let (digest, path) = rest.split_once('/')?;
    let digest = Digest::parse(digest)?;
    let (program, archive) =
        desk.reviewed().iter().filter_map(|reviewed| reviewed.last.as_ref()).find(|(last, _)| last.digest() == digest)?;
    let file = program.manifest().file(path)?;
    let answer = HttpResponse::source(&file.media_type, &archive.source(file)?, file.size);
    answer.inspect_err(|error| crate::logln!("serve {path}: {error}")).ok().map(|answer| as_a_player(answer, file))
}

/// Adds what a player says of a file.
fn as_a_player(answer: HttpResponse, file: &ManifestFile) -> HttpResponse {
    answer.with_digest_etag(file.sha256).with_header("Content-Security-Policy", SLIDE_POLICY).with_header("Referrer-Policy", "no-referrer")
}

/// `<digest>/<path>?<words>`: the review page has measured a page, and these are the first words that are lost on it; none if all fit.
fn measured_page(request: &Request, desk: &ReviewState, rest: &str) -> Option<HttpResponse> {
    let (reviewed, path) = reviewed_file(desk, rest)?;
    let look = look_of(reviewed, path)?;
    let query = request.url().split_once('?').map_or("", |(_, query)| query);
    let words = percent_decode_str(query).decode_utf8_lossy();
    desk.mark_measured(look, words.chars().filter(|c| !c.is_control()).take(WORDS_TOLD).collect());
    Some(json_response(&json!({})))
}

/// A file of a program, as a player serves it.
fn program_file<'a>(desk: &'a ReviewState, rest: &'a str) -> Option<(&'a ReviewedProgram, HttpResponse)> {
    let (reviewed, path) = reviewed_file(desk, rest)?;
    let file = reviewed.built.program.manifest().file(path)?;
    let bytes = reviewed.bytes(file).and_then(|bytes| HttpResponse::source(&file.media_type, &bytes, file.size));
    let answer = bytes.inspect_err(|error| crate::logln!("serve {path}: {error}")).ok()?;
    Some((reviewed, as_a_player(answer, file)))
}

fn reviewed_of<'a>(desk: &'a ReviewState, site: &SiteId, period: Period) -> Option<&'a ReviewedProgram> {
    desk.reviewed().iter().find(|reviewed| reviewed.report.site == *site && period_of(reviewed) == period)
}

/// What the shell shows of the program at any moment. Its frames do not count as opened: it loads ahead.
fn screen_view(desk: &ReviewState, (site, period, screen): (&SiteId, Period, &ScreenId)) -> Option<ScreenView> {
    let program = &reviewed_of(desk, site, period)?.built.program;
    let (manifest, digest) = (program.manifest(), program.digest());
    let timetable = ShellTimetable::of_program(manifest, screen)?;
    let viewed = ViewedProgram { base: format!("/times/p/{digest}/"), digest, from: manifest.valid.from, timetable };
    let mark = crate::text!(vi: "CHƯA DUYỆT", en: "NOT APPROVED");
    Some(ScreenView::new((site, period, screen), 100, mark, Some(viewed)))
}

/// What the page around it tells.
fn details(desk: &ReviewState, (site, period, _): (&SiteId, Period, &ScreenId)) -> Option<Value> {
    let reviewed = reviewed_of(desk, site, period)?;
    Some(json!({"number": 1, "faults": [], "reasons": reviewed.site.reasons, "slides": reviewed.built.program.manifest().slides}))
}

fn period_of(reviewed: &ReviewedProgram) -> Period {
    reviewed.built.program.manifest().month.map_or(Period::Evergreen, Period::Month)
}

/// The overview for the preview's page, limited to these programs.
fn overview_json(desk: &ReviewState) -> Value {
    let site = |reviewed: &ReviewedProgram| {
        let screens = &reviewed.built.program.manifest().screens;
        let screens: Vec<_> = screens.iter().map(|each| json!({"id": each.id, "width": each.width, "height": each.height})).collect();
        json!({"id": reviewed.report.site, "name": reviewed.site.name, "screens": screens, "periods": [period_of(reviewed).to_string()]})
    };
    let sites: Vec<_> = desk.reviewed().iter().map(site).collect();
    json!({"number": 1, "name": desk.names().office, "sites": sites, "agencies": desk.names().agencies, "faults": [], "outcome": desk.outcome()})
}
