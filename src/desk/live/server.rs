//! Answers the preview's requests: its page, the shell, schedules, rendered files. Looks up everything by name in memory.
//! Never joins a request's path to a folder.

use std::sync::Arc;

use super::state::{ContentSnapshot, PreviewState};
use super::{fault_page, schedule};
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::ids::SlideId;
use crate::base::limits::SCREEN_SIDE;
use crate::base::text::Lang;
use crate::build::assemble::PageId;
use crate::build::render::RenderedFile;
use crate::desk::access::AccessControl;
use crate::desk::pages::{self, Reply};
use crate::program::shell::SLIDE_POLICY;

/// The handler of requests.
pub fn handler(access: AccessControl, desk: Arc<PreviewState>, lang: Lang) -> Arc<Handler> {
    pages::handler(access, desk.news().clone(), move |request| answer(http::path(request), &desk, lang))
}

fn answer(path: &str, desk: &PreviewState, lang: Lang) -> Option<Reply> {
    let sheet = desk.snapshot();
    if let Some((theme, path)) = path.strip_prefix("/p/").and_then(|rest| rest.split_once('/')) {
        return match page_id(path) {
            Some(page) => slide_page(&page, &sheet).map(Reply::from),
            None => program_file(theme, path, &sheet),
        };
    }
    let overview = || schedule::overview_json(&sheet);
    let found = pages::common(path, lang, overview, |site, period, screen| schedule::screen_view(&sheet, site, period, screen));
    let earlier = || pages::common(path, lang, overview, |site, period, screen| sheet.earlier_views.get((site, period, screen), || None));
    found.or_else(earlier).map(Reply::from)
}

/// A slide's page as it is now, or its faults.
fn slide_page(page: &PageId, sheet: &ContentSnapshot) -> Option<HttpResponse> {
    match sheet.page(page)? {
        Ok(file) => rendered(&file),
        Err(faults) => {
            let html = fault_page::html(page.slide.as_str(), &faults);
            Some(HttpResponse::bytes("text/html", html.into_bytes()).with_header("Content-Security-Policy", SLIDE_POLICY))
        }
    }
}

/// A file of the theme or of a page. Below the theme's own name it never changes: the paths of all others name their bytes.
fn program_file(theme: &str, path: &str, sheet: &ContentSnapshot) -> Option<Reply> {
    let reply = Reply::from(rendered(&sheet.file(path)?)?);
    Some(if theme == sheet.theme_name() { Reply { cache: "max-age=31536000, immutable", ..reply } } else { reply })
}

/// Parses `slides/<id>@<w>x<h>.html`, each side from 1 to [`SCREEN_SIDE`].
fn page_id(path: &str) -> Option<PageId> {
    let (id, size) = path.strip_prefix("slides/")?.strip_suffix(".html")?.rsplit_once('@')?;
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=SCREEN_SIDE).contains(side));
    Some(PageId { slide: SlideId::parse(id)?, size: (side(width)?, side(height)?) })
}

fn rendered(file: &RenderedFile) -> Option<HttpResponse> {
    let answer = HttpResponse::source(file.media_type, &file.body, file.size).ok()?;
    Some(answer.with_digest_etag(file.digest).with_header("Content-Security-Policy", SLIDE_POLICY))
}
