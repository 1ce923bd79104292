//! Answers the requests of both servers: access, what either page needs, the shell in its frame under a player's policies; the one exception
//! is stated where it is made. Never knows what is shown.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};
use tiny_http::Request;

use super::access::{AccessControl, AccessDecision};
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::Handler;
use crate::base::ids::{ScreenId, SiteId};
use crate::base::news::News;
use crate::base::text::Lang;
use crate::base::times::Month;
use crate::content::model::values::Period;
use crate::program::shell;

/// Like the player's, but the preview's own page may frame the shell.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self'; \
                           form-action 'none'; frame-ancestors 'self'";

const STATIC_FILES: [(&str, &str, &[u8]); 11] = [
    ("", "text/html", include_bytes!("live/page/index.html")),
    ("page.css", "text/css", include_bytes!("live/page/page.css")),
    ("page.js", "text/javascript", include_bytes!("live/page/page.js")),
    ("moments.js", "text/javascript", include_bytes!("live/page/moments.js")),
    ("news.js", "text/javascript", include_bytes!("live/page/news.js")),
    ("faces.js", "text/javascript", include_bytes!("live/page/faces.js")),
    ("measuring.js", "text/javascript", include_bytes!("live/page/measuring.js")),
    ("parts.js", "text/javascript", include_bytes!("live/page/parts.js")),
    ("words.js", "text/javascript", include_bytes!("live/page/words.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("live/page/icon.svg")),
    ("fault.css", "text/css", include_bytes!("live/page/fault.css")),
];

/// What an address that leads to nothing answers, in both languages, with the way back.
const ABSENT: &[u8] = include_bytes!("live/page/absent.html");

/// The module of the shell that only a preview serves.
const PREVIEW_JS: &[u8] = include_bytes!("live/page/preview.js");

/// An answer with its `Cache-Control`, and what follows once the client has all of it.
pub struct Reply {
    pub answer: HttpResponse,
    pub cache: &'static str,
    pub then: Option<Box<dyn FnOnce()>>,
}

impl From<HttpResponse> for Reply {
    fn from(answer: HttpResponse) -> Self {
        Self { answer, cache: "no-cache", then: None }
    }
}

/// A page of ours in the language in which the command speaks; a reader who chose another one keeps it.
pub fn in_language(page: &'static [u8], lang: Lang) -> Cow<'static, [u8]> {
    match (lang, std::str::from_utf8(page)) {
        (Lang::En, Ok(text)) => text.replacen("<html lang=\"vi\">", "<html lang=\"en\">", 1).into_bytes().into(),
        _ => page.into(),
    }
}

/// The handler of requests: `news` answers `/events`, `find` everything else.
pub fn handler(access: AccessControl, news: Arc<News>, find: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Arc<Handler> {
    Arc::new(move |request: Request| {
        let reply = match access.judge(&request) {
            AccessDecision::Refuse(status) => HttpResponse::text(status, "refused").into(),
            AccessDecision::SetCookie(cookie) => HttpResponse::text(303, "")
                .with_header("Set-Cookie", cookie)
                .with_header("Location", "/")
                .with_header("Referrer-Policy", "no-referrer")
                .into(),
            AccessDecision::Allow if !http::is_read_method(&request) => HttpResponse::text(405, "only GET and HEAD").into(),
            AccessDecision::Allow if http::path(&request) == "/events" => return news.answer(request),
            AccessDecision::Allow => find(&request).unwrap_or_else(|| absent().into()),
        };
        let answer = reply.answer.with_header("Cache-Control", reply.cache).with_header("Cross-Origin-Resource-Policy", "same-origin");
        // A client that has disconnected is no error, but has not got the answer.
        if let (Ok(()), Some(then)) = (http::respond(request, answer), reply.then) {
            then();
        }
    })
}

/// What the page asks for on either server: its files, the clock, `overview`, and of `/view/<site>/<period>/<screen>/` the shell and the
/// `documents` of the screen, by name.
pub fn common(
    path: &str,
    lang: Lang,
    overview: impl FnOnce() -> Value,
    documents: impl FnOnce((&SiteId, Period, &ScreenId), &str) -> Option<HttpResponse>,
) -> Option<HttpResponse> {
    if let Some(rest) = path.strip_prefix("/view/") {
        let parts: Vec<&str> = rest.splitn(4, '/').collect();
        let [site, period, screen, name] = parts[..] else { return None };
        let (site, screen) = (SiteId::parse(site)?, ScreenId::parse(screen)?);
        let period = if period == "evergreen" { Period::Evergreen } else { Period::Month(Month::parse(period)?) };
        return if name.ends_with(".json") { documents((&site, period, &screen), name) } else { shell(name) };
    }
    match path {
        "/clock" => Some(json_response(&json!({"now": SystemClock::new().now_ms(), "trusted": true}))),
        "/state.json" => Some(json_response(&overview())),
        _ => static_file(path.strip_prefix('/')?, lang),
    }
}

/// A file of the page by name; the page itself has the empty name.
pub fn static_file(name: &str, lang: Lang) -> Option<HttpResponse> {
    if let Some((_, media_type, bytes)) = STATIC_FILES.iter().find(|(known, _, _)| *known == name) {
        return Some(page_response(media_type, &in_language(bytes, lang)));
    }
    // The page reads schedule and timetable, and fits pages to be measured, with the player's own modules.
    let shared = matches!(name, "source.js" | "timeline.js" | "slide.js" | "fit.js");
    let measure = Some(&shell::MEASURE).filter(|file| file.name == name);
    measure.or_else(|| shared.then(|| shell::find(name)).flatten()).map(|file| page_response(file.media_type, file.bytes))
}

/// A file of the shell by name; its page has the empty name and is marked as a preview.
fn shell(name: &str) -> Option<HttpResponse> {
    match name {
        "" => {
            const SOURCE: &str = "<meta name=\"bangtin-source\" content=\"daemon\">";
            let marked = shell::PAGE.replace(SOURCE, &format!("{SOURCE}\n<meta name=\"bangtin-preview\">"));
            Some(page_response("text/html", marked.as_bytes()))
        }
        "preview.js" => Some(page_response("text/javascript", PREVIEW_JS)),
        "moments.js" | "news.js" => static_file(name, Lang::Vi),
        _ => shell::find(name).map(|file| page_response(file.media_type, file.bytes)),
    }
}

fn absent() -> HttpResponse {
    HttpResponse::bytes("text/html", ABSENT).with_status(404).with_header("Content-Security-Policy", PAGE_POLICY)
}

/// A file that belongs to no program.
pub fn page_response(media_type: &str, bytes: &[u8]) -> HttpResponse {
    HttpResponse::bytes(media_type, bytes)
        .with_content_etag()
        .with_header("Content-Security-Policy", PAGE_POLICY)
        .with_header("Referrer-Policy", "no-referrer")
}

/// A JSON answer.
pub fn json_response(value: &Value) -> HttpResponse {
    HttpResponse::json(value.to_string()).with_content_etag()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_names_a_chinese_font_of_each_system() {
        let styles = STATIC_FILES.iter().filter(|(name, _, _)| name.ends_with(".css"));
        for (name, _, bytes) in styles {
            let css = String::from_utf8_lossy(bytes);
            for font in ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"] {
                assert!(css.contains(&format!("\"{font}\"")), "{name}: {font}");
            }
        }
    }
}
