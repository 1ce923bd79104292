//! The page that replaces a slide with faults: place, cause and remedy, in both languages.
//! Never appears in a program.

use std::fmt::Write as _;

use crate::base::diagnostic::Diagnostic;
use crate::base::html::escape;
use crate::base::text::Lang;

/// A text as HTML of which no line breaks a name such as `du-lich/ban-gioc.md` or an entry such as `- slide: a.md`, or parts a number from its
/// unit.
fn with_whole_names(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut out = String::new();
    for (at, word) in words.iter().enumerate() {
        let before = |back: usize| at.checked_sub(back).map_or("", |at| words[at]);
        let entry = *word == "-" && words.get(at + 1).is_some_and(|key| key.ends_with(':'));
        let (inside, ends) = (before(1) == "-" && word.ends_with(':'), before(2) == "-" && before(1).ends_with(':'));
        let whole = !inside && !ends && word.contains(['-', '/']);
        let unit = before(1).ends_with(|c: char| c.is_ascii_digit()) && word.starts_with(char::is_alphabetic);
        let space = if at == 0 {
            ""
        } else if unit {
            "\u{a0}"
        } else {
            " "
        };
        let (open, close) =
            (if entry || whole { "<span class=\"whole\">" } else { "" }, if ends || whole && !entry { "</span>" } else { "" });
        let _ = write!(out, "{space}{open}{}{close}", escape(word));
    }
    out
}

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
            with_whole_names(fault.cause.get(Lang::Vi)),
            with_whole_names(fault.cause.get(Lang::En)),
        );
        if !place.source.is_empty() {
            let _ = write!(list, "<pre>{}</pre>", escape(&place.source));
        }
        let (vi, en) = (with_whole_names(fault.help.get(Lang::Vi)), with_whole_names(fault.help.get(Lang::En)));
        let _ = write!(list, "<p class=\"help\" lang=\"vi\">→ {vi}</p><p class=\"help\" lang=\"en\">{en}</p></li>");
    }
    format!(
        "<!doctype html><html lang=\"vi\" data-floor=\"7\" data-fault><meta charset=\"utf-8\"><title>{slide}</title><link rel=\"stylesheet\" href=\"/fault.css\">\
         <body><main data-fit><h1>Trang chiếu có lỗi <small lang=\"en\">This slide has faults</small></h1>\
         <p class=\"slide\">{slide}</p><ul>{list}</ul></main></body></html>",
        slide = escape(slide),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_whole_and_all_is_escaped() {
        assert_eq!(
            with_whole_names("có phải “du-lich/a.md”, b & <c>"),
            "có phải <span class=\"whole\">“du-lich/a.md”,</span> b &amp; &lt;c&gt;"
        );
        assert_eq!(with_whole_names("thêm: - slide: a/b.md ; hết"), "thêm: <span class=\"whole\">- slide: a/b.md</span> ; hết");
        assert_eq!(with_whole_names("từ 1 giây đến 1 giờ"), "từ 1\u{a0}giây đến 1\u{a0}giờ");
    }
}
