//! The page that replaces a slide with faults: place, cause and remedy, in both languages.
//! Never appears in a program.

use std::fmt::Write as _;

use crate::base::diagnostic::Diagnostic;
use crate::base::html::escape;
use crate::base::text::Lang;

/// The complete document; its style is `/fault.css`, and the shell fits its text to the screen.
pub fn html(slide: &str, faults: &[Diagnostic]) -> String {
    let mut list = String::new();
    for fault in faults.iter().map(Diagnostic::printable) {
        let place = &fault.place;
        let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
        let _ = write!(
            list,
            "<li><p class=\"where\">{}{line} <b>{}</b></p><p lang=\"vi\">{}</p><p lang=\"en\">{}</p>",
            escape(&place.path),
            escape(fault.code),
            escape(fault.cause.get(Lang::Vi)),
            escape(fault.cause.get(Lang::En)),
        );
        if !place.source.is_empty() {
            let _ = write!(list, "<pre>{}</pre>", escape(&place.source));
        }
        let (vi, en) = (escape(fault.help.get(Lang::Vi)), escape(fault.help.get(Lang::En)));
        let _ = write!(list, "<p class=\"help\" lang=\"vi\">→ {vi}</p><p class=\"help\" lang=\"en\">{en}</p></li>");
    }
    format!(
        "<!doctype html><html lang=\"vi\" data-floor=\"7\" data-fault><meta charset=\"utf-8\"><title>{slide}</title><link rel=\"stylesheet\" href=\"/fault.css\">\
         <body><main data-fit><h1>Trang chiếu có lỗi <small lang=\"en\">This slide has faults</small></h1>\
         <p class=\"slide\">{slide}</p><ul>{list}</ul></main></body></html>",
        slide = escape(slide),
    )
}
