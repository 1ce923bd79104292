//! The faults of YAML itself, in both languages.
//! Never reads YAML.

use super::text::SourceText;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::library_reason;
use crate::base::limits::{YAML_DEPTH, YAML_NODES};
use crate::base::text::Text;
use crate::text;

/// A part of YAML that content files may not use.
#[derive(Clone, Copy)]
pub enum UnsupportedFeature {
    /// `&name`.
    Anchor,
    /// `*name`.
    Alias,
    /// `!tag`.
    Tag,
    /// `<<:`.
    Merge,
    /// A second document after `---`.
    Document,
    /// A list or map as a key.
    Key,
    /// `%YAML`, `%TAG`.
    Directive,
}

/// The fault of a part of YAML that content files may not use.
pub fn unsupported_feature(place: SourceLocation, what: UnsupportedFeature) -> Diagnostic {
    let (cause, help) = match what {
        UnsupportedFeature::Anchor => (
            text!(vi: "không dùng được mỏ neo (&) của YAML", en: "YAML anchors (&) are not allowed"),
            text!(vi: "viết thẳng giá trị; nếu văn bản bắt đầu bằng & thì đặt trong dấu nháy", en: "write the value itself; put a text that begins with & in quotes"),
        ),
        UnsupportedFeature::Alias => (
            text!(vi: "không dùng được bí danh (*) của YAML", en: "YAML aliases (*) are not allowed"),
            text!(vi: "viết lại giá trị; nếu văn bản bắt đầu bằng * thì đặt trong dấu nháy", en: "write the value again; put a text that begins with * in quotes"),
        ),
        UnsupportedFeature::Tag => (
            text!(vi: "không dùng được nhãn kiểu (!) của YAML", en: "YAML tags (!) are not allowed"),
            text!(vi: "bỏ nhãn; nếu văn bản bắt đầu bằng ! thì đặt trong dấu nháy", en: "drop the tag; put a text that begins with ! in quotes"),
        ),
        UnsupportedFeature::Merge => (
            text!(vi: "không dùng được mục gộp (<<) của YAML", en: "YAML merge keys (<<) are not allowed"),
            text!(vi: "viết từng mục", en: "write each key out"),
        ),
        UnsupportedFeature::Document => (
            text!(vi: "tệp có hơn một tài liệu YAML", en: "the file holds more than one YAML document"),
            text!(vi: "bỏ dòng --- và phần sau nó, hoặc tách thành tệp riêng", en: "remove the --- line and what follows it, or make it a file of its own"),
        ),
        UnsupportedFeature::Directive => (
            text!(vi: "không dùng được chỉ thị (%) của YAML", en: "YAML directives (%) are not allowed"),
            text!(vi: "xóa dòng này", en: "remove this line"),
        ),
        UnsupportedFeature::Key => (
            text!(vi: "tên mục phải là một từ, không phải danh sách hay nhóm mục", en: "a key must be a word, not a list or a map"),
            text!(vi: "nếu văn bản bắt đầu bằng {{ hoặc [ thì đặt trong dấu nháy", en: "put a text that begins with {{ or [ in quotes"),
        ),
    };
    Diagnostic::error("yaml-refused", place, cause, help)
}

/// A key that occurs twice in one map.
pub fn duplicate_key(place: SourceLocation, key: &str, first: u32) -> Diagnostic {
    Diagnostic::error(
        "duplicate-key",
        place,
        text!(vi: "mục “{key}” đã có ở dòng {first}", en: "the key “{key}” already stands on line {first}"),
        text!(vi: "giữ lại một trong hai", en: "keep one of the two"),
    )
}

/// Nesting beyond the limit.
pub fn too_deep(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "yaml-too-deep",
        place,
        text!(vi: "lồng nhau sâu hơn {YAML_DEPTH} tầng", en: "nested deeper than {YAML_DEPTH}"),
        text!(vi: "không tệp nội dung nào cần sâu đến thế; hãy xem lại dấu ngoặc và thụt dòng", en: "no content file needs that; look at the brackets and the indentation"),
    )
}

/// More values than the limit.
pub fn too_many(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "yaml-too-long",
        place,
        text!(vi: "hơn {YAML_NODES} giá trị trong một tệp", en: "more than {YAML_NODES} values in one file"),
        text!(vi: "chia thành nhiều tệp", en: "split it into several files"),
    )
}

/// A file or front matter with nothing in it.
pub fn empty_file(file: &SourceText, lines_before: u32) -> Diagnostic {
    let place = if lines_before == 0 {
        file.file_location()
    } else {
        file.location(super::text::TextSpan { line: lines_before, column: 1, length: 3 })
    };
    Diagnostic::error(
        "yaml-empty",
        place,
        text!(vi: "không có gì bên trong", en: "there is nothing in it"),
        text!(vi: "viết các mục bắt buộc; xem docs/content.md", en: "write the required keys; see docs/content.md"),
    )
}

/// Text after a `#` that was meant as text.
pub fn cut_text(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "text-cut",
        place,
        text!(vi: "phần từ dấu # bị YAML coi là ghi chú và bỏ đi", en: "YAML takes what begins with # for a comment and drops it"),
        text!(
            vi: "đặt cả văn bản trong dấu nháy kép; nếu đúng là ghi chú thì thêm dấu cách sau #",
            en: "put the whole text in double quotes; for a comment, put a space after #"
        ),
    )
}

/// A key whose value follows its colon at once: YAML takes both for one text.
pub fn blank_after_colon(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "yaml-syntax",
        place,
        text!(vi: "thiếu dấu cách sau dấu hai chấm", en: "a blank is missing after the colon"),
        text!(vi: "viết một dấu cách sau dấu hai chấm: “mục: giá trị”", en: "put a blank after the colon: “key: value”"),
    )
}

/// Quotes that open here and are not closed before another value begins; `ends`: the line on which the parser gave up.
pub fn open_quote(place: SourceLocation, ends: u32) -> Diagnostic {
    Diagnostic::error(
        "yaml-syntax",
        place,
        text!(
            vi: "dấu nháy mở ở đây chưa khép: YAML đọc tiếp đến dòng {ends}",
            en: "the quotes that open here are not closed: YAML reads on to line {ends}"
        ),
        close_quotes(),
    )
}

fn close_quotes() -> Text {
    text!(vi: "khép dấu nháy ở cuối văn bản, cùng loại với dấu mở", en: "close the quotes at the end of the text, with the kind that opened them")
}

/// A tab in place of spaces.
pub fn tab(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "yaml-syntax",
        place,
        text!(vi: "có dấu tab ở chỗ YAML cần dấu cách", en: "a tab stands where YAML wants spaces"),
        text!(vi: "thụt dòng bằng dấu cách", en: "indent with spaces"),
    )
}

/// A syntax error; `message` is the parser's own, in English.
pub fn syntax(place: SourceLocation, message: &str) -> Diagnostic {
    if message.contains("limit exceeded") || message.contains("nesting") {
        return too_deep(place);
    }
    if message.contains("directive") {
        return unsupported_feature(place, UnsupportedFeature::Directive);
    }
    let line = place.source.trim_start().to_owned();
    if message.contains("tab") {
        return tab(place);
    }
    let (cause, help) = if message.contains("quote") {
        (text!(vi: "dấu nháy không khép đúng", en: "quotes are not right here: {message}"), close_quotes())
    } else if message.contains("flow") || message.contains("bracket") {
        (
            text!(vi: "nhóm {{ … }} hay danh sách [ … ] chưa khép, hoặc thiếu dấu phẩy giữa các mục", en: "a {{ … }} or [ … ] is not closed, or a comma between items is missing"),
            text!(vi: "khép dấu ngoặc ở dòng này hoặc dòng trước; văn bản có , : {{ [ thì đặt trong dấu nháy", en: "close the bracket on this line or the one before; put a text that holds , : {{ [ in quotes"),
        )
    } else if message.contains("mapping values") || line.matches(": ").count() > 1 {
        (
            text!(vi: "dấu hai chấm ở chỗ không mong đợi, hoặc thụt dòng lệch", en: "a colon stands where none can, or the indentation is off: {message}"),
            text!(vi: "đặt văn bản có dấu hai chấm trong dấu nháy; các mục cùng nhóm phải thẳng cột", en: "put a text that holds a colon in quotes; keys of one group must stand in one column"),
        )
    } else {
        let reason = library_reason(&message);
        (
            text!(vi: "không đúng cú pháp YAML ({reason})", en: "this is not YAML: {message}"),
            text!(vi: "xem dòng này và dòng trước: dấu ngoặc, dấu nháy, dấu hai chấm, thụt dòng", en: "look at this line and the one before: brackets, quotes, colons, indentation"),
        )
    };
    Diagnostic::error("yaml-syntax", place, cause, help)
}
