//! Answers the preview's requests: its page, the shell, schedules, rendered files. Looks up everything by name in memory.
//! Never joins a request's path to a folder.

use std::sync::Arc;

use super::snapshot::ContentSnapshot;
use super::state::PreviewState;
use super::{fault_page, schedule};
use crate::base::http::HttpResponse;
use crate::base::http_service::Handler;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::limits::SCREEN_SIDE;
use crate::base::text::Lang;
use crate::build::assemble::PageId;
use crate::build::render::RenderedFile;
use crate::content::model::faces::Face;
use crate::content::model::values::Period;
use crate::desk::access::AccessControl;
use crate::desk::pages::{self, Reply};
use crate::program::shell::SLIDE_POLICY;

/// The handler of requests.
pub fn handler(access: AccessControl, desk: Arc<PreviewState>, lang: Lang) -> Arc<Handler> {
    pages::handler(access, desk.news().clone(), move |request| answer(request.url(), &desk, lang))
}

fn answer(url: &str, desk: &PreviewState, lang: Lang) -> Option<Reply> {
    let shown = desk.shown();
    let sheet = &*shown.reading;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    if let Some((theme, path)) = path.strip_prefix("/p/").and_then(|rest| rest.split_once('/')) {
        return match page_id(path, query) {
            Some(page) => slide_page(&page, sheet).map(Reply::from),
            None => program_file(theme, path, sheet),
        };
    }
    let overview = || schedule::overview_json(&shown);
    let documents = |of: (&SiteId, Period, &ScreenId), name: &str| {
        let now = schedule::screen_view(sheet, of).and_then(|view| view.answer(name, || schedule::details(sheet, of)));
        now.or_else(|| sheet.earlier_views.get(of, || None)?.answer(name, || None))
    };
    pages::common(path, lang, overview, documents).map(Reply::from)
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

/// Parses `slides/<id>@<w>x<h>.html`, each side from 1 to [`SCREEN_SIDE`], with a query that ends with `&` and the face's floor.
fn page_id(path: &str, query: &str) -> Option<PageId> {
    let (id, size) = path.strip_prefix("slides/")?.strip_suffix(".html")?.rsplit_once('@')?;
    let (width, height) = size.split_once('x')?;
    let side = |text: &str| text.parse::<u32>().ok().filter(|side| (1..=SCREEN_SIDE).contains(side));
    let known = Face::from((side(width)?, side(height)?));
    let floor = query.rsplit_once('&').and_then(|(_, floor)| floor.parse().ok()).unwrap_or(known.floor);
    Some(PageId { slide: SlideId::parse(id)?, face: Face { floor, ..known } })
}

fn rendered(file: &RenderedFile) -> Option<HttpResponse> {
    let answer = HttpResponse::source(file.media_type, &file.body, file.size).ok()?;
    Some(answer.with_digest_etag(file.digest).with_header("Content-Security-Policy", SLIDE_POLICY))
}
