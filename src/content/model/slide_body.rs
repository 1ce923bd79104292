//! What a slide's body may hold: no raw HTML, no link, no picture but a file beside it, no hidden character behind an escape.
//! Never changes a body.

use std::collections::BTreeMap;

use super::slide_media::{self, Beside};
use super::values::{Media, MediaKey};
use super::written::Faults;
use crate::base::limits::FILE_FAULTS;
use crate::content::source::Tree;
use crate::content::source::characters;
use crate::content::source::markdown_check::{Found, found, is_external};
use crate::content::source::text::Span;
use crate::text;

/// Judges a body that begins at byte `at` of the file, and finds the pictures that it names.
pub fn check(body: &str, at: usize, beside: &Beside, tree: &Tree, faults: &mut Faults<'_>) -> BTreeMap<String, Media> {
    let mut pictures = BTreeMap::new();
    let mut last_html = 0;
    for (found, range) in found(body) {
        let span = faults.file.span(at + range.start..at + range.end);
        match found {
            // A block of HTML comes line by line: one fault for it.
            Found::Html if span.line == last_html + 1 || span.line == last_html => last_html = span.line,
            Found::Html => {
                last_html = span.line;
                html(span, faults);
            }
            Found::Link(address) => link(&address, span, faults),
            Found::Picture(address) if is_external(&address) => external(&address, span, faults),
            Found::Picture(name) => {
                if let Some(media) = slide_media::look(beside, MediaKey::Image, (&name, span), tree, faults) {
                    pictures.insert(name, media);
                }
            }
            Found::Text(text) => {
                if faults.list.len() < FILE_FAULTS {
                    faults.list.extend(characters::hidden_in_value(&text, || faults.file.place(span)));
                }
            }
        }
    }
    pictures
}

fn html(span: Span, faults: &mut Faults<'_>) {
    faults.error(
        "raw-html",
        span,
        text!(vi: "không dùng được HTML trong trang", en: "HTML is not taken in slides"),
        text!(
            vi: "viết bằng Markdown; muốn hiện dấu < thì viết \\<",
            en: "write Markdown; to show the sign < write \\<"
        ),
    );
}

fn link(address: &str, span: Span, faults: &mut Faults<'_>) {
    if is_external(address) {
        external(address, span, faults);
    } else {
        faults.error(
            "link",
            span,
            text!(vi: "trang trên màn hình không có liên kết", en: "a slide on a screen has no links"),
            text!(vi: "viết thành chữ thường", en: "write it as plain text"),
        );
    }
}

fn external(address: &str, span: Span, faults: &mut Faults<'_>) {
    let shown: String = address.chars().take(60).collect::<String>().escape_debug().to_string();
    faults.error(
        "external-address",
        span,
        text!(vi: "địa chỉ bên ngoài “{shown}”", en: "an address outside: “{shown}”"),
        text!(
            vi: "viết địa chỉ thành chữ thường trong dấu `…`; ảnh phải là tệp nằm cạnh trang",
            en: "write the address as plain text in `…`; a picture must be a file beside the slide"
        ),
    );
}
