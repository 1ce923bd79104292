//! Checks what a slide's body holds: no raw HTML, no link, no picture except a file beside it, no character behind an escape that misleads.
//! Never changes a body.

use std::collections::BTreeMap;

use super::slide_media;
use super::values::{MediaFile, MediaKey, Slide};
use super::written::{FileFaults, SlideFile};
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::base::text::{Text, printable};
use crate::content::source::ContentTree;
use crate::content::source::characters;
use crate::content::source::markdown::{MarkdownPart, shown_texts};
use crate::content::source::markdown_check::{elements_to_check, is_external, reading_time_ms};
use crate::content::source::text::TextSpan;
use crate::text;

/// A slide that stands longer than this is asked about, in milliseconds, if it also stands this many times as long as reading it takes.
const LONG_MS: u64 = 60_000;
const LONG_TIMES: u64 = 4;

/// Warns of a length at which nobody can read the body, less than a third of its reading time, and of one that is likely a slip. A slide with a
/// film is watched.
pub fn check_reading(slide: &Slide, written: &SlideFile, body: &str, faults: &mut FileFaults<'_>) {
    let Some(length) = written.duration.as_ref().filter(|_| !slide.media.contains_key(&MediaKey::Video)) else { return };
    let reading = reading_time_ms(body);
    let (seconds, stands) = (reading / 1_000, slide.duration_ms / 1_000);
    // A second thought costs nothing, and 900s for 90s holds every screen for a quarter of an hour.
    if slide.duration_ms > LONG_MS && slide.duration_ms > reading.saturating_mul(LONG_TIMES) {
        faults.warning(
            "too-long-to-stand",
            length.span,
            text!(vi: "trang này chiếu liền {stands} giây, trong khi đọc hết chỉ mất khoảng {seconds} giây", en: "this slide is shown for {stands} s without a break, and reading it takes about {seconds} s"),
            text!(vi: "nếu gõ nhầm thì sửa duration, hoặc bỏ duration", en: "correct duration if it is a slip, or leave it out"),
        );
    }
    // A few words are read at a glance.
    if reading <= reading_time_ms("") || slide.duration_ms.saturating_mul(3) >= reading {
        return;
    }
    faults.warning(
        "too-short-to-read",
        length.span,
        text!(vi: "đọc hết trang này mất khoảng {seconds} giây, trang chỉ chiếu {stands} giây", en: "reading this slide takes about {seconds} s, it is shown for only {stands} s"),
        text!(vi: "đặt duration: {seconds}s, hoặc bỏ duration", en: "set duration: {seconds}s, or leave it out"),
    );
}

/// Checks a body that begins at byte `at` of the file, and finds the pictures that it names.
pub fn check(body: &str, at: usize, folder: &str, tree: &ContentTree, faults: &mut FileFaults<'_>) -> BTreeMap<String, MediaFile> {
    let mut pictures = BTreeMap::new();
    let mut last_html = 0;
    for (found, range) in elements_to_check(body) {
        let span = faults.file.span(at + range.start..at + range.end);
        match found {
            // The parser gives an HTML block line by line; one fault is enough.
            MarkdownPart::Html if span.line == last_html + 1 || span.line == last_html => last_html = span.line,
            MarkdownPart::Html => {
                last_html = span.line;
                report_html(span, faults);
            }
            MarkdownPart::Link(address) => report_link(&address, span, faults),
            MarkdownPart::Picture(address) if is_external(&address) => report_external(&address, span, faults),
            MarkdownPart::Picture(name) => {
                if let Some(media) = slide_media::lookup_media(folder, MediaKey::Image, (&name, span), tree, faults) {
                    pictures.insert(name, media);
                }
            }
            MarkdownPart::Text(..) => {}
            MarkdownPart::CodeBlock => report_code_block(span, faults),
            MarkdownPart::Definition => report_definition(span, faults),
            MarkdownPart::LeftOver(signs) => report_left_over(&signs, span, faults),
            MarkdownPart::Sign(sign) => report_sign(sign, span, faults),
        }
    }
    if characters::may_hide(body) {
        let texts = shown_texts(body, at);
        let found = texts.iter().flat_map(|text| characters::check_shown(text, faults.file));
        let room = MAX_FAULTS_PER_FILE.saturating_sub(faults.list.len());
        faults.list.extend(found.take(room).collect::<Vec<_>>());
    }
    pictures
}

fn report_html(span: TextSpan, faults: &mut FileFaults<'_>) {
    faults.error(
        "raw-html",
        span,
        text!(vi: "không dùng được HTML trong trang", en: "HTML is not allowed in slides"),
        text!(
            vi: "viết bằng Markdown; muốn hiện dấu < thì viết \\<",
            en: "write Markdown; to show the sign < write \\<"
        ),
    );
}

fn report_definition(span: TextSpan, faults: &mut FileFaults<'_>) {
    faults.error(
        "link-definition",
        span,
        text!(
            vi: "Markdown đọc dòng dạng [chữ]: … là địa chỉ của liên kết: trang chiếu không hiện dòng này",
            en: "Markdown reads a line like [words]: … as where links lead: the slide would not show it"
        ),
        text!(vi: "bỏ ngoặc vuông, hoặc viết \\[ trước chữ", en: "leave out the brackets, or write \\[ before the words"),
    );
}

fn report_code_block(span: TextSpan, faults: &mut FileFaults<'_>) {
    faults.error(
        "code-block",
        span,
        text!(vi: "khối mã giữa hai dòng ``` không dùng được trên trang chiếu", en: "a slide has no code block between ``` lines"),
        text!(
            vi: "xóa hai dòng ```: xuống dòng trong tệp là xuống dòng trên trang chiếu",
            en: "remove the ``` lines: a line end in the file is a line end on the slide"
        ),
    );
}

fn report_left_over(signs: &str, span: TextSpan, faults: &mut FileFaults<'_>) {
    let escaped: String = signs.chars().flat_map(|sign| ['\\', sign]).collect();
    faults.warning(
        "emphasis-left",
        span,
        text!(vi: "dấu {signs} không có dấu khép: trang chiếu hiện nguyên dấu này", en: "{signs} has no partner: the slide shows the signs themselves"),
        text!(
            vi: "đặt hai dấu sát chữ, trong cùng một đoạn: {signs}chữ{signs}; muốn hiện dấu thì viết {escaped}; phép nhân viết ×",
            en: "put both close to the words, in one paragraph: {signs}words{signs}; to show the signs write {escaped}; for times write ×"
        ),
    );
}

fn report_sign(sign: char, span: TextSpan, faults: &mut FileFaults<'_>) {
    let (what, help) = if sign == '>' {
        (
            text!(vi: "đoạn trích dẫn", en: "a quotation"),
            text!(vi: "nếu là dấu lớn hơn thì viết \\> hoặc viết bằng chữ (“trên 38 °C”)", en: "for the sign write \\>, or say it in words (“above 38 °C”)"),
        )
    } else {
        let close = if sign == '-' { '−' } else { sign };
        (
            text!(vi: "gạch đầu dòng", en: "an item of a list"),
            text!(
                vi: "nếu là dấu của số thì viết liền ({close}5) hoặc \\{sign}; nếu là gạch đầu dòng thì bắt đầu bằng chữ",
                en: "if it belongs to the number, leave out the space ({close}5) or write \\{sign}; if it is an item, begin with a word"
            ),
        )
    };
    let Text { vi, en } = what;
    let cause = text!(
        vi: "dấu {sign} ở đầu dòng thành {vi}: số sau đó mất dấu",
        en: "{sign} at the start of the line makes {en}: the number behind it loses its sign"
    );
    faults.warning("sign-or-item", TextSpan { length: 1, ..span }, cause, help);
}

fn report_link(address: &str, span: TextSpan, faults: &mut FileFaults<'_>) {
    if is_external(address) {
        report_external(address, span, faults);
    } else {
        faults.error(
            "link",
            span,
            text!(vi: "trang trên màn hình không có liên kết", en: "a slide on a screen has no links"),
            text!(vi: "ghi dưới dạng văn bản, không phải liên kết", en: "write it as plain text"),
        );
    }
}

fn report_external(address: &str, span: TextSpan, faults: &mut FileFaults<'_>) {
    let escaped = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    let shown = printable(&address.chars().take(60).map(escaped).collect::<String>());
    faults.error(
        "external-address",
        span,
        text!(vi: "địa chỉ bên ngoài “{shown}”", en: "an address outside: “{shown}”"),
        text!(
            vi: "ghi địa chỉ dưới dạng văn bản, không phải liên kết, trong dấu `…`; ảnh phải là tệp nằm cạnh trang",
            en: "write the address as plain text in `…`; a picture must be a file beside the slide"
        ),
    );
}
