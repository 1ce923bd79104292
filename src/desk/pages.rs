//! Serves the preview's own page and the shell in its frame, under a player's policies; the one exception is stated where it is made.
//! Never knows what is shown.

use serde_json::Value;

use crate::base::http::HttpResponse;
use crate::base::text::Text;
use crate::program::schedule::ShellSchedule;
use crate::program::shell;

/// Like the player's, but the preview's own page may frame the shell.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; img-src 'self'; \
                           form-action 'none'; frame-ancestors 'self'";

const STATIC_FILES: [(&str, &str, &[u8]); 7] = [
    ("", "text/html", include_bytes!("live/page/index.html")),
    ("page.css", "text/css", include_bytes!("live/page/page.css")),
    ("page.js", "text/javascript", include_bytes!("live/page/page.js")),
    ("parts.js", "text/javascript", include_bytes!("live/page/parts.js")),
    ("words.js", "text/javascript", include_bytes!("live/page/words.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("live/page/icon.svg")),
    ("fault.css", "text/css", include_bytes!("live/page/fault.css")),
];

/// The module of the shell that only a preview serves.
const PREVIEW_JS: &[u8] = include_bytes!("live/page/preview.js");

/// A file of the page by name; the page itself has the empty name.
pub fn static_file(name: &str) -> Option<HttpResponse> {
    if let Some((_, media_type, bytes)) = STATIC_FILES.iter().find(|(known, _, _)| *known == name) {
        return Some(page_response(media_type, bytes));
    }
    // The page reads the timetable with the player's own module.
    (name == "timeline.js").then(|| shell::find(name)).flatten().map(|file| page_response(file.media_type, file.bytes))
}

/// A file of the shell by name; its page has the empty name and is marked as a preview.
pub fn shell(name: &str) -> Option<HttpResponse> {
    match name {
        "" => {
            const SOURCE: &str = "<meta name=\"bangtin-source\" content=\"daemon\">";
            let marked = shell::PAGE.replace(SOURCE, &format!("{SOURCE}\n<meta name=\"bangtin-preview\">"));
            Some(page_response("text/html", marked.as_bytes()))
        }
        "preview.js" => Some(page_response("text/javascript", PREVIEW_JS)),
        _ => shell::find(name).map(|file| page_response(file.media_type, file.bytes)),
    }
}

/// A file that belongs to no program.
pub fn page_response(media_type: &str, bytes: &[u8]) -> HttpResponse {
    HttpResponse::bytes(media_type, bytes)
        .with_content_etag()
        .with_header("Content-Security-Policy", PAGE_POLICY)
        .with_header("Referrer-Policy", "no-referrer")
}

/// `schedule.json` with the mark “not approved”; `more`: further fields for the preview's page.
pub fn schedule(mut schedule: ShellSchedule<'_>, mark: Text, more: Value) -> Value {
    schedule.mark = Some(mark);
    let mut value = schedule.value();
    if let (Some(fields), Value::Object(more)) = (value.as_object_mut(), more) {
        fields.extend(more);
    }
    value
}

/// A JSON answer.
pub fn json_response(value: &Value) -> HttpResponse {
    HttpResponse::bytes("application/json", value.to_string().into_bytes()).with_content_etag()
}
