//! Answers the preview's requests: its page, the shell, schedules, rendered files. Looks up everything by name in memory.
//! Never joins a request's path to a folder.

use std::sync::Arc;

use super::state::PreviewState;
use super::{fault_page, schedule};
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::ids::SlideId;
use crate::base::limits::SCREEN_SIDE;
use crate::build::render::RenderedFile;
use crate::desk::access::AccessControl;
use crate::desk::pages::{self, Reply};
use crate::program::shell::SLIDE_POLICY;

/// The handler of requests.
pub fn handler(access: AccessControl, desk: Arc<PreviewState>) -> Arc<Handler> {
    pages::handler(access, desk.news().clone(), move |request| answer(http::path(request), &desk).map(Reply::from))
}

fn answer(path: &str, desk: &PreviewState) -> Option<HttpResponse> {
    if let Some(rest) = path.strip_prefix("/p/") {
        return program_file(rest, desk);
    }
    let overview = || schedule::overview_json(&desk.snapshot());
    pages::common(path, overview, |site, period, screen| schedule::schedule_json(&desk.snapshot(), site, period, screen))
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
