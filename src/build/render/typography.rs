//! Typography: binds what a line may not tear, in texts and in HTML; measures the amount of text.
//! Never changes a letter.

use std::ops::Range;

use super::binding::{self, Place};
use super::words::Edit;

/// Elements that stand in a line of text.
const INLINE: [&str; 5] = ["strong", "em", "del", "code", "img"];
/// Elements whose text is a heading or a cell.
const HEADINGS: [&str; 8] = ["h1", "h2", "h3", "h4", "h5", "h6", "th", "td"];
/// Characters that HTML writes as entities, with what stands for each while spaces are looked at: of the same length, no letter.
const ENTITIES: [(&str, &str); 4] = [("&quot;", "\"\"\"\"\"\""), ("&amp;", "&&&&&"), ("&lt;", "<<<<"), ("&gt;", ">>>>")];

/// A title, a cell or a small text.
pub fn bind_heading(text: &str, language: &str) -> String {
    binding::bind(text, language, Place::Heading)
}

/// A sentence.
pub fn bind_running(text: &str, language: &str) -> String {
    binding::bind(text, language, Place::Running)
}

/// HTML of a body: its headings and cells, and its running text.
pub fn bind_html(html: &str, language: &str) -> String {
    let mut edits: Vec<Edit> = Vec::new();
    let mut block: Vec<Range<usize>> = Vec::new();
    let (mut at, mut place) = (0, Place::Running);
    while at < html.len() {
        let open = html[at..].find('<').map_or(html.len(), |length| at + length);
        if open > at {
            block.push(at..open);
        }
        let close = html[open..].find('>').map_or(html.len(), |length| open + length + 1);
        let tag = html[open..close].trim_start_matches(['<', '/']);
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !INLINE.contains(&name) {
            edits.extend(block_edits(html, &std::mem::take(&mut block), language, place));
            let opens_heading = HEADINGS.contains(&name) && !html[open..close].starts_with("</");
            place = if opens_heading { Place::Heading } else { Place::Running };
        }
        at = close;
    }
    binding::apply(html, &edits)
}

/// The changes of one block, whose text stands in pieces between inline elements.
fn block_edits(html: &str, pieces: &[Range<usize>], language: &str, place: Place) -> Vec<Edit> {
    let mut plain: String = pieces.iter().map(|piece| &html[piece.clone()]).collect();
    for (entity, sign) in ENTITIES {
        plain = plain.replace(entity, sign);
    }
    let mut ends = 0;
    let starts: Vec<usize> = pieces
        .iter()
        .map(|piece| {
            let start = ends;
            ends += piece.len();
            start
        })
        .collect();
    let in_html = |byte: usize| {
        let piece = starts.partition_point(|start| *start <= byte).saturating_sub(1);
        pieces[piece].start + (byte - starts[piece])
    };
    binding::edits(&plain, language, place).into_iter().map(|(byte, sign)| (in_html(byte), sign)).collect()
}

/// The text of a page, without its elements.
pub fn text_of(html: &str) -> String {
    html.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect()
}

/// Amount of text, from 1 (a few words) to 5 (more than a glance); the theme sets the type size by it.
pub fn density(html: &str) -> u8 {
    let mut weight = 0_usize;
    let mut tag = false;
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            '\n' => weight += 12,
            // A Chinese character is as wide as two letters.
            _ if !tag => weight += if c >= '\u{2e80}' { 2 } else { 1 },
            _ => {}
        }
    }
    match weight {
        0..=130 => 1,
        131..=260 => 2,
        261..=430 => 3,
        431..=700 => 4,
        _ => 5,
    }
}

/// Length of a title, from 1 (two or three words) to 4 (a sentence).
pub fn title_length(title: &str) -> u8 {
    match title.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum::<usize>() {
        0..=24 => 1,
        25..=48 => 2,
        49..=84 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_a_line_do_not_stop_a_binding_and_blocks_do() {
        let shown = |html: &str| bind_html(html, "vi").replace('\u{a0}', "_");
        assert_eq!(shown("<p>cao <strong>30</strong> m ở Việt <em>Nam</em></p>"), "<p>cao <strong>30</strong>_m ở Việt_<em>Nam</em></p>");
        assert_eq!(shown("<p>tại Việt</p> <p>Nam a</p>"), "<p>tại Việt</p> <p>Nam a</p>");
        assert_eq!(
            shown("<h2>Giờ làm việc nghỉ lễ</h2><p>Giờ làm việc nghỉ lễ</p>"),
            "<h2>Giờ làm_việc nghỉ_lễ</h2><p>Giờ làm việc nghỉ lễ</p>"
        );
        assert_eq!(
            shown("<p>&quot;Việt Nam&quot; &amp; <img alt=\"Việt Nam\" /></p>"),
            "<p>&quot;Việt_Nam&quot; &amp; <img alt=\"Việt Nam\" /></p>"
        );
    }

    #[test]
    fn markup_weighs_nothing() {
        assert_eq!(density(&"<p class=\"x\">a</p>".repeat(40)), 1);
        assert_eq!(density(&"chữ ".repeat(300)), 5);
    }
}
