//! Which captions of a WebVTT file a browser shows, by the parser of the standard (W3C WebVTT, section 6), and the faults of the others;
//! and what would show them otherwise on another machine. Never changes a file.

use std::ops::Range;

use super::text::{SourceText, TextSpan};
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::base::numbers;
use crate::base::text::Text;
use crate::text;

/// Why a part of the file is never shown, with its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lost {
    /// Times that no browser reads.
    Times(u32),
    /// A caption whose end is not after its start.
    NoLength(u32),
    /// A caption that begins when the film is over.
    AfterFilm(u32),
    /// Lines that belong to no caption.
    Stray(u32),
    /// A file without a caption.
    NoCaption,
}

/// Lines between two blank ones, as far as they are read.
enum Block {
    None,
    /// What stands right under `WEBVTT`: no text.
    Header,
    /// The lines below a line of times: text.
    Caption,
    /// A remark, a style or a region.
    Remark,
    /// No line of times yet: the first line, how many there are, and the one that may have been meant for times.
    Other {
        first: u32,
        lines: u32,
        times: Option<u32>,
    },
}

/// Whether a file begins as every browser asks.
pub fn has_signature(text: &str) -> bool {
    text.strip_prefix("WEBVTT").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n']))
}

/// The tags of a caption's text that every browser shows alike.
const TAGS: [&str; 6] = ["<b>", "</b>", "<i>", "</i>", "<u>", "</u>"];
/// Where a caption stands.
const SETTINGS: [&str; 4] = ["line:", "position:", "align:", "size:"];

/// What captions may not hold beside text and times, since browsers or machines may show it in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unfit {
    /// A style sheet or a region of the file's own.
    Style,
    /// A tag, or a `<` that hides what follows.
    Tag,
    Setting,
}

/// The errors of captions that hold more than text, times and places.
pub fn check_form(file: &SourceText) -> Vec<Diagnostic> {
    let faults = unfit(file.text()).into_iter().take(MAX_FAULTS_PER_FILE);
    faults.map(|(bytes, what)| unfit_diagnostic(file, bytes, what)).collect()
}

fn unfit(text: &str) -> Vec<(Range<usize>, Unfit)> {
    let (mut found, mut start, mut in_caption) = (Vec::new(), 0, false);
    // To a browser a lone CR ends a line too.
    for line in text.split(['\n', '\r']) {
        let mut add = |part: &str, what| {
            let at = part.as_ptr() as usize - line.as_ptr() as usize + start;
            found.push((at..at + part.len(), what));
        };
        if ["STYLE", "REGION"].contains(&line.trim()) {
            add(line, Unfit::Style);
        } else if line.contains("-->") {
            settings(line).filter(|each| !is_place(each)).for_each(|each| add(each, Unfit::Setting));
        } else if in_caption {
            tags(line).filter(|tag| !TAGS.contains(tag)).for_each(|tag| add(tag, Unfit::Tag));
        }
        in_caption = line.contains("-->") || in_caption && !line.is_empty();
        start += line.len() + 1;
    }
    found
}

/// What stands behind the times of a caption.
fn settings(line: &str) -> impl Iterator<Item = &str> {
    timed(line).map_or("", |(_, _, rest)| rest).split_ascii_whitespace()
}

fn is_place(setting: &str) -> bool {
    SETTINGS.iter().any(|name| setting.starts_with(name))
}

/// Each `<` with what a browser takes for its tag.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices('<').map(|(at, _)| line[at..].split_inclusive('>').next().unwrap_or_default())
}

fn unfit_diagnostic(file: &SourceText, bytes: Range<usize>, what: Unfit) -> Diagnostic {
    let (cause, help) = match what {
        Unfit::Style => (
            text!(vi: "phụ đề không được mang kiểu dáng hay vùng riêng: mỗi máy có thể hiện một khác", en: "captions can't bring a style or a region: each machine may show another one"),
            text!(vi: "bỏ cả khối này, đến dòng trống", en: "remove this block, up to the blank line"),
        ),
        Unfit::Tag => (
            text!(vi: "phụ đề chỉ được có các thẻ <b>, <i>, <u>: thẻ khác mỗi trình duyệt hiểu một cách, có thể giấu chữ", en: "captions hold no tags but <b>, <i>, <u>: browsers take others in different ways, and may hide words"),
            text!(vi: "bỏ thẻ, giữ lại chữ; dấu < viết là &lt;", en: "remove the tag and keep the words; for the sign < write &lt;"),
        ),
        Unfit::Setting => (
            text!(vi: "sau thời gian của phụ đề chỉ được có line:, position:, align:, size:", en: "behind the times of a caption only line:, position:, align:, size: may stand"),
            text!(vi: "bỏ phần này", en: "remove this"),
        ),
    };
    Diagnostic::error("captions-form", file.location(file.span(bytes)), cause, help)
}

/// Warns of captions that are never shown. `film_ms` is the film's length in milliseconds, 0 if it is not known.
pub fn check(file: &SourceText, film_ms: u64) -> Vec<Diagnostic> {
    lost(file.text(), film_ms).into_iter().take(MAX_FAULTS_PER_FILE).map(|lost| to_diagnostic(lost, file, film_ms)).collect()
}

fn lost(text: &str, film_ms: u64) -> Vec<Lost> {
    let (mut found, mut captions, mut block) = (Vec::new(), 0, Block::Header);
    for (number, line) in (2..).zip(text.lines().skip(1)) {
        block = if line.contains("-->") {
            // One line above the times is the caption's name.
            if let Block::Other { lines: 2.., .. } = block {
                found.extend(stray(&block));
            }
            captions += 1;
            found.extend(lost_caption(line, number, film_ms));
            Block::Caption
        } else if line.is_empty() {
            found.extend(stray(&block));
            Block::None
        } else {
            with_line(block, line, number)
        };
    }
    found.extend(stray(&block));
    if captions == 0 && found.is_empty() {
        found.push(Lost::NoCaption);
    }
    found
}

/// A block with one more line, which holds no `-->`.
fn with_line(block: Block, line: &str, number: u32) -> Block {
    let times = (line.contains("->") || line.contains(['→', '⟶'])).then_some(number);
    match block {
        Block::Other { first, lines, times: before } => Block::Other { first, lines: lines + 1, times: before.or(times) },
        Block::None if is_remark(line) => Block::Remark,
        Block::Header if times.is_none() => Block::Header,
        Block::None | Block::Header => Block::Other { first: number, lines: 1, times },
        Block::Caption | Block::Remark => block,
    }
}

fn is_remark(line: &str) -> bool {
    line.strip_prefix("NOTE").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
        || ["STYLE", "REGION"].contains(&line.trim_end())
}

fn stray(block: &Block) -> Option<Lost> {
    let Block::Other { first, times, .. } = block else { return None };
    Some(times.map_or(Lost::Stray(*first), Lost::Times))
}

fn lost_caption(line: &str, number: u32, film_ms: u64) -> Option<Lost> {
    match times(line) {
        None => Some(Lost::Times(number)),
        Some((start, end)) if end <= start => Some(Lost::NoLength(number)),
        Some((start, _)) if film_ms > 0 && start >= film_ms => Some(Lost::AfterFilm(number)),
        Some(_) => None,
    }
}

/// Start and end of a caption in milliseconds.
fn times(line: &str) -> Option<(u64, u64)> {
    timed(line).map(|(start, end, _)| (start, end))
}

/// Start and end of a caption in milliseconds, and what stands behind them.
fn timed(line: &str) -> Option<(u64, u64, &str)> {
    let blank = |c: char| c.is_ascii_whitespace();
    let (start, rest) = timestamp(line.trim_start_matches(blank))?;
    let rest = rest.trim_start_matches(blank).strip_prefix("-->")?;
    let (end, rest) = timestamp(rest.trim_start_matches(blank))?;
    Some((start, end, rest))
}

/// A time in milliseconds, and what follows it: `01:02.345`, `00:01:02.345`.
fn timestamp(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &'_ str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let exactly = |text: &str, count: usize| (digits(text) == count).then(|| text[..count].parse::<u64>().ok()).flatten();
    let length = digits(text);
    let first = u64::from(text[..length].parse::<u32>().ok()?);
    let rest = text[length..].strip_prefix(':')?;
    let second = exactly(rest, 2)?;
    let (hours, minutes, seconds, rest) = match rest[2..].strip_prefix(':') {
        Some(rest) => (first, second, exactly(rest, 2)?, &rest[2..]),
        None if length == 2 => (0, first, second, &rest[2..]),
        None => return None,
    };
    let rest = rest.strip_prefix('.')?;
    let part = exactly(rest, 3)?;
    let total = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + part;
    (minutes < 60 && seconds < 60).then_some((total, &rest[3..]))
}

fn to_diagnostic(lost: Lost, file: &SourceText, film_ms: u64) -> Diagnostic {
    let form = || {
        text!(
            vi: "viết thời gian ngay trên lời, dạng 00:00:01.000 --> 00:00:03.500: dấu chấm rồi ba chữ số, mũi tên -->; ghi chú bắt đầu bằng NOTE",
            en: "write the times right above the text, as 00:00:01.000 --> 00:00:03.500: a point and three digits, the arrow -->; a remark begins with NOTE"
        )
    };
    let (line, cause, help) = match lost {
        Lost::Times(line) => (
            line,
            text!(vi: "không trình duyệt nào đọc được thời gian này: phụ đề không bao giờ hiện", en: "no browser reads these times: the caption is never shown"),
            form(),
        ),
        Lost::NoLength(line) => (
            line,
            text!(vi: "phụ đề kết thúc không sau lúc bắt đầu: không bao giờ hiện", en: "the caption does not end after its start: it is never shown"),
            text!(vi: "viết lúc bắt đầu trước, lúc kết thúc sau mũi tên", en: "write the start before the arrow, the end after it"),
        ),
        Lost::AfterFilm(line) => {
            let Text { vi, en } = numbers::thousandths(i64::try_from(film_ms / 100 * 100).unwrap_or(i64::MAX));
            (
                line,
                text!(vi: "phim chỉ dài {vi} giây: phụ đề này không bao giờ hiện", en: "the film lasts {en} s only: this caption is never shown"),
                text!(vi: "sửa thời gian, hoặc bỏ phụ đề này", en: "correct the times, or remove the caption"),
            )
        }
        Lost::Stray(line) => (
            line,
            text!(vi: "phần này không thuộc phụ đề nào: không bao giờ hiện", en: "this belongs to no caption: it is never shown"),
            form(),
        ),
        Lost::NoCaption => (1, text!(vi: "tệp không có phụ đề nào", en: "there is no caption in the file"), form()),
    };
    let length = u32::try_from(file.line(line).chars().count()).unwrap_or(u32::MAX);
    Diagnostic::warning("captions-lost", file.location(TextSpan { line, column: 1, length }), cause, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_hold_text_times_and_places_only() {
        let cases: &[(&str, &[(&str, Unfit)])] = &[
            ("Kind: captions\n\n1\n00:01.000 --> 00:02.000 line:80% align:start position:0% size:50%\n<b>a</b> <i>b</i> &lt;c>\n", &[]),
            ("\nNOTE <c>\n\n<c>\n00:01.000 --> 00:02.000\nSTYLE of life\n", &[]),
            ("\nSTYLE\n::cue {}\n\n00:01.000 --> 00:02.000\nx", &[("STYLE", Unfit::Style)]),
            ("STYLE \t\n::cue {}\n", &[("STYLE \t", Unfit::Style)]),
            ("\nNOTE\r\rSTYLE\r::cue {}\n", &[("STYLE", Unfit::Style)]),
            ("\nREGION\nid:a\n\n00:01.000-->00:02.000 region:a\nx", &[("REGION", Unfit::Style), ("region:a", Unfit::Setting)]),
            ("\n00:01.000 --> 00:02.000\tvertical:rl x\nx", &[("vertical:rl", Unfit::Setting), ("x", Unfit::Setting)]),
            ("\n00:01.000 --> 00:02.000\n<c.black>a</c>\n", &[("<c.black>", Unfit::Tag), ("</c>", Unfit::Tag)]),
            (
                "\n00:01.000 --> 00:02.000\na\n1 < 2 <00:01.500>b <b\n",
                &[("< 2 <00:01.500>", Unfit::Tag), ("<00:01.500>", Unfit::Tag), ("<b", Unfit::Tag)],
            ),
        ];
        for (rest, wanted) in cases {
            let text = format!("WEBVTT\n{rest}");
            let found: Vec<_> = unfit(&text).into_iter().map(|(bytes, what)| (&text[bytes], what)).collect();
            assert_eq!(found, *wanted, "{rest}");
        }
    }

    #[test]
    fn captions_are_lost_where_a_browser_drops_them() {
        let good = "00:01.000 --> 00:02.000\nx\n";
        let cases: &[(&str, &[Lost])] = &[
            ("", &[Lost::NoCaption]),
            ("\nNOTE a\nb\n", &[Lost::NoCaption]),
            ("00:01.000 --> 00:02.000\nx\n", &[]),
            ("Kind: captions\n\n1\n0:00:01.000 --> 100:00:02.000 line:80%\nx\ny\n", &[]),
            ("\nNOTE\n\nSTYLE\n::cue {}\n\n00:01.000-->00:02.000\nx", &[]),
            ("\n00:00:01,000 --> 00:00:02,000\nx\n", &[Lost::Times(3)]),
            ("\n1\n00:00:01.000 --> 00:00:02,000\nx\n", &[Lost::Times(4)]),
            ("\n00:01.00 --> 00:02.000\nx\n", &[Lost::Times(3)]),
            ("\n1:01.000 --> 1:02.000\nx\n", &[Lost::Times(3)]),
            ("\n00:61.000 --> 01:02.000\nx\n", &[Lost::Times(3)]),
            ("\n00:01.000 -> 00:02.000\nx\n", &[Lost::Times(3)]),
            ("00:01.000 → 00:02.000\nx\n", &[Lost::Times(2)]),
            ("\n1\n00:01.000 -> 00:02.000\nx\n\n00:02.000 --> 00:03.000\ny\n", &[Lost::Times(4)]),
            ("\n00:05.000 --> 00:03.000\nx\n", &[Lost::NoLength(3)]),
            ("\n00:05.000 --> 00:05.000\nx\n", &[Lost::NoLength(3)]),
            ("\n10:00.000 --> 10:01.000\nx\n", &[Lost::AfterFilm(3)]),
            ("\n00:59.999 --> 10:01.000\nx\n", &[]),
            ("\n00:01.000 --> 00:02.000\nx\n\ny\n", &[Lost::Stray(6)]),
            ("\nx\ny\n00:01.000 --> 00:02.000\nz\n", &[Lost::Stray(3)]),
        ];
        for (rest, wanted) in cases {
            assert_eq!(lost(&format!("WEBVTT\n{rest}"), 60_000), *wanted, "{rest}");
        }
        assert_eq!(lost(&format!("WEBVTT\n\n{good}"), 500), [Lost::AfterFilm(3)]);
        assert_eq!(lost(&format!("WEBVTT\n\n{good}"), 0), []);
        assert!(has_signature("WEBVTT") && has_signature("WEBVTT x\n") && !has_signature("WEBVTT1\n") && !has_signature("webvtt\n"));
    }
}
