//! The one user of the Markdown parser: CommonMark with tables, as authors write it (`authored`, `emphasis`): a line end is a line end,
//! numbers stay as they are written. Never passes raw HTML or an address that an author wrote to a page.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::authored::{self, Authored};
use super::emphasis;
use super::shown::ShownText;

/// Characters of a line that a verse may have.
const VERSE: usize = 44;

/// One part of a body, for checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MarkdownPart {
    Html,
    /// The address, escapes resolved.
    Link(String),
    /// The address, escapes resolved.
    Picture(String),
    /// Escapes resolved; true inside a picture's text.
    Text(String, bool),
    /// Between fences.
    CodeBlock,
    /// A line that only says where links lead, and is shown nowhere.
    Definition,
    /// Signs of emphasis without a partner.
    LeftOver(String),
    /// The sign that makes an item of a list or a quotation of what may be a number with a sign.
    Sign(char),
}

/// The parts of a body with their byte ranges.
pub fn parts_with_ranges(body: &str) -> Vec<(MarkdownPart, Range<usize>)> {
    let ready = authored::prepare(body);
    let (events, left) = emphasis::pair(parsed(&ready), &ready.text);
    let mut pictures = 0_u32;
    let mut out = Vec::new();
    for (event, range) in events {
        let piece = match event {
            Event::Html(_) | Event::InlineHtml(_) => MarkdownPart::Html,
            Event::Start(Tag::Link { dest_url, .. }) => MarkdownPart::Link(dest_url.into_string()),
            Event::Start(Tag::Image { dest_url, .. }) => {
                pictures += 1;
                MarkdownPart::Picture(dest_url.into_string())
            }
            Event::End(TagEnd::Image) => {
                pictures = pictures.saturating_sub(1);
                continue;
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => MarkdownPart::CodeBlock,
            Event::Start(Tag::Item | Tag::BlockQuote(_)) => match sign_of_a_number(&ready.text[range.clone()]) {
                Some(sign) => MarkdownPart::Sign(sign),
                None => continue,
            },
            Event::Text(text) | Event::Code(text) => MarkdownPart::Text(text.into_string(), pictures > 0),
            _ => continue,
        };
        out.push((piece, ready.written(range)));
    }
    let definitions = Parser::new_ext(&ready.text, Options::ENABLE_TABLES);
    out.extend(definitions.reference_definitions().iter().map(|(_, each)| (MarkdownPart::Definition, ready.written(each.span.clone()))));
    let left = left.into_iter().map(|range| ready.written(range));
    out.extend(left.map(|range| (MarkdownPart::LeftOver(body[range.clone()].to_owned()), range)));
    out
}

/// The texts of a body, one for each block, as a reader sees them. The body begins at byte `at` of its file.
pub fn shown_texts(body: &str, at: usize) -> Vec<ShownText> {
    let ready = authored::prepare(body);
    let (events, _) = emphasis::pair(parsed(&ready), &ready.text);
    let written = |range| {
        let Range { start, end } = ready.written(range);
        at + start..at + end
    };
    let mut out = vec![ShownText::default()];
    for (event, range) in events {
        let inline = |tag: TagEnd| matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link);
        match (event, out.last_mut()) {
            (Event::Text(text) | Event::Code(text), Some(block)) => block.push(&text, written(range)),
            (Event::SoftBreak | Event::HardBreak, Some(block)) => block.push("\n", written(range)),
            (Event::Start(tag), _) if !inline(tag.to_end()) => out.push(ShownText::default()),
            (Event::End(tag), _) if !inline(tag) => out.push(ShownText::default()),
            _ => {}
        }
    }
    out.retain(|block| !block.text().is_empty());
    out
}

/// The sign in front of an item or a quotation that may belong to a number: `- 5 °C`, `+ 84 206`, `> 38 °C`.
fn sign_of_a_number(text: &str) -> Option<char> {
    let text = text.trim_start();
    let sign = text.chars().next().filter(|c| matches!(c, '-' | '+' | '>'))?;
    let rest = text[1..].trim_start();
    let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',')).trim_start();
    let meant = match sign {
        '-' => unit.starts_with(['°', '℃']) || unit.starts_with("độ"),
        '+' => unit.starts_with(['°', '℃']) || rest.starts_with("84 "),
        _ => true,
    };
    (meant && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(sign)
}

fn parsed(ready: &Authored) -> Vec<emphasis::Placed> {
    let parser = Parser::new_ext(&ready.text, Options::ENABLE_TABLES).into_offset_iter();
    parser.map(|(event, range)| (event.into_static(), range)).collect()
}

/// A parsed body.
#[derive(Clone, Debug, Default)]
pub struct MarkdownDocument {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
struct Piece {
    event: Event<'static>,
    /// The number that the author gives to an item of a list.
    number: Option<u32>,
}

/// Parses a body.
pub fn parse(text: &str) -> MarkdownDocument {
    let ready = authored::prepare(text);
    let (events, _) = emphasis::pair(parsed(&ready), &ready.text);
    let number = |event: &Event<'_>, range: Range<usize>| {
        let Event::Start(Tag::Item) = event else { return None };
        let (digits, _) = ready.text[range].trim_start().split_once(['.', ')'])?;
        digits.parse().ok()
    };
    MarkdownDocument { pieces: events.into_iter().map(|(event, range)| Piece { number: number(&event, range), event }).collect() }
}

impl MarkdownDocument {
    /// The HTML of the document. `image` turns a name in the body into the address to print; `None` leaves the picture out.
    /// A paragraph of several lines has the class `lines`, and `verse` if all of them are short.
    pub fn to_html(&self, image: &dyn Fn(&str) -> Option<String>) -> String {
        let mut left_out = Vec::new();
        let events = self.pieces.iter().enumerate().filter_map(|(at, piece)| match &piece.event {
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) => None,
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let address = image(dest_url);
                left_out.push(address.is_none());
                let dest_url = CowStr::from(address?);
                Some(Event::Start(Tag::Image { link_type: *link_type, dest_url, title: title.clone(), id: id.clone() }))
            }
            Event::End(TagEnd::Image) if left_out.pop() == Some(true) => None,
            Event::SoftBreak => Some(Event::HardBreak),
            Event::Start(Tag::Item) => Some(match piece.number {
                Some(number) => Event::Html(format!("<li value=\"{number}\">").into()),
                None => piece.event.clone(),
            }),
            Event::Start(Tag::Paragraph) => Some(match self.line_lengths(at).as_slice() {
                [_] => piece.event.clone(),
                lengths if lengths.iter().all(|length| *length <= VERSE) => Event::Html("<p class=\"lines verse\">".into()),
                _ => Event::Html("<p class=\"lines\">".into()),
            }),
            other => Some(other.clone()),
        });
        let mut out = String::new();
        html::push_html(&mut out, events);
        alignment_as_classes(out)
    }

    /// The characters of each line of the paragraph that begins here.
    fn line_lengths(&self, start: usize) -> Vec<usize> {
        let mut lengths = vec![0];
        for piece in self.pieces[start..].iter().take_while(|piece| piece.event != Event::End(TagEnd::Paragraph)) {
            match (&piece.event, lengths.last_mut()) {
                (Event::SoftBreak | Event::HardBreak, _) => lengths.push(0),
                (Event::Text(text) | Event::Code(text), Some(last)) => *last += text.chars().count(),
                _ => {}
            }
        }
        lengths
    }

    /// The text of the heading that the body begins with, if any.
    pub fn first_heading(&self) -> Option<String> {
        let end = self.heading_end()?;
        let text = self.pieces[..end].iter().filter_map(|piece| match &piece.event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            Event::SoftBreak | Event::HardBreak => Some(" "),
            _ => None,
        });
        Some(text.collect())
    }

    /// The body without the heading that it begins with.
    #[must_use]
    pub fn without_first_heading(&self) -> Self {
        let start = self.heading_end().map_or(0, |end| end + 1);
        Self { pieces: self.pieces[start..].to_vec() }
    }

    /// The parts between thematic breaks at the top level.
    pub fn split_columns(&self) -> Vec<Self> {
        let mut depth = 0_u32;
        let mut columns = vec![Self::default()];
        for piece in &self.pieces {
            match piece.event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Rule if depth == 0 => {
                    columns.push(Self::default());
                    continue;
                }
                _ => {}
            }
            if let Some(column) = columns.last_mut() {
                column.pieces.push(piece.clone());
            }
        }
        columns
    }

    fn heading_end(&self) -> Option<usize> {
        let Event::Start(Tag::Heading { .. }) = self.pieces.first()?.event else { return None };
        self.pieces.iter().position(|piece| matches!(piece.event, Event::End(TagEnd::Heading(_))))
    }
}

/// Replaces the parser's style attributes for alignment in table cells by classes: the pages' policy forbids styles.
fn alignment_as_classes(html: String) -> String {
    if !html.contains(" style=\"text-align: ") {
        return html;
    }
    html.replace(" style=\"text-align: left\"", " class=\"left\"")
        .replace(" style=\"text-align: right\"", " class=\"right\"")
        .replace(" style=\"text-align: center\"", " class=\"center\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_html_link_or_style_gets_through() {
        let document =
            parse("## Một *hai*\n\n<b onclick=x>a</b> [chữ](https://x.vn) ![n](a.jpg) ![m](b.jpg)\n\n| a |\n| -: |\n| 1 |\n\n---\n\nba\n");
        assert_eq!(document.first_heading().as_deref(), Some("Một hai"));
        let columns = document.without_first_heading().split_columns();
        assert_eq!(columns.len(), 2);
        let html = columns[0].to_html(&|name| (name == "a.jpg").then(|| "x/1.jpg".to_owned()));
        assert!(html.contains("src=\"x/1.jpg\"") && !html.contains("b.jpg"), "{html}");
        assert!(!html.contains("onclick") && !html.contains("x.vn") && !html.contains("style="), "{html}");
        assert!(html.contains("<td class=\"right\">"), "{html}");
    }
    fn shown(body: &str) -> String {
        parse(body).to_html(&|_| None).replace('\n', "").replace("<br />", "|")
    }

    #[test]
    fn lines_and_numbers_stay_as_they_are_written() {
        for (body, html) in [
            ("Văn phòng\nĐiện thoại: 0206\n", "<p class=\"lines verse\">Văn phòng|Điện thoại: 0206</p>"),
            ("a) Cá nhân\nb) Tổ chức", "<p class=\"lines verse\">a) Cá nhân|b) Tổ chức</p>"),
            (
                "3. a\n4. b\n\nNhắc thêm:\n\n5. c",
                "<ol start=\"3\"><li value=\"3\">a</li><li value=\"4\">b</li></ol><p>Nhắc thêm:</p><ol start=\"5\"><li value=\"5\">c</li></ol>",
            ),
            ("1. a\n3. b", "<ol><li value=\"1\">a</li><li value=\"3\">b</li></ol>"),
            ("1) a", "<ol><li value=\"1\">a</li></ol>"),
            ("2026. Là năm", "<p>2026. Là năm</p>"),
            ("01. a\n02. b", "<p class=\"lines verse\">01. a|02. b</p>"),
            ("Nhắc:\n3. a\n4. b", "<p class=\"lines verse\">Nhắc:|3. a|4. b</p>"),
            ("    a\n\n\tb\n\n\u{3000}\u{3000}c", "<p>a</p><p>b</p><p>c</p>"),
            ("- a\n\n      b", "<ul><li><p>a</p><p>b</p></li></ul>"),
            ("- a\n  - b\n    - c", "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li></ul>"),
            ("1. a\n   - b\n2. c", "<ol><li value=\"1\">a<ul><li>b</li></ul></li><li value=\"2\">c</li></ol>"),
            ("Họp lúc 7 giờ\n---\nNơi họp", "<p>Họp lúc 7 giờ</p><hr /><p>Nơi họp</p>"),
            ("+84 206\n-5 °C\n#gopy", "<p class=\"lines verse\">+84 206|-5 °C|#gopy</p>"),
            ("a\n> b\n> c", "<p>a</p><blockquote><p class=\"lines verse\">b|c</p></blockquote>"),
        ] {
            assert_eq!(shown(body), html, "{body:?}");
        }
    }

    #[test]
    fn emphasis_is_what_authors_mean_by_it() {
        for (body, html) in [
            ("Bể 5*10*20 m, hố 2*3*4 m, mã a_b_c, 8~12, ~500", "Bể 5*10*20 m, hố 2*3*4 m, mã a_b_c, 8~12, ~500"),
            ("**a** *b* _c_ __d__ ~~e~~", "<strong>a</strong> <em>b</em> <em>c</em> <strong>d</strong> <del>e</del>"),
            ("***a*** **b *c* d** ***e** f*", "<em><strong>a</strong></em> <strong>b <em>c</em> d</strong> <em><strong>e</strong> f</em>"),
            (
                "**北坡**生活，**“列宁溪”**很美，在**（高平）**的",
                "<strong>北坡</strong>生活，<strong>“列宁溪”</strong>很美，在<strong>（高平）</strong>的",
            ),
            ("**“việc nhẹ”**, (**a**).", "<strong>“việc nhẹ”</strong>, (<strong>a</strong>)."),
            ("\\*a\\* `b*c_d`", "*a* <code>b*c_d</code>"),
            ("**a\nb** c", "<strong>a|b</strong> c"),
            ("**a\n\nb**", "**a</p><p>b**"),
            ("![a](x_y.jpg) c*d", "a c*d"),
            ("vé* 5 đồng, khách sạn 5*", "vé* 5 đồng, khách sạn 5*"),
        ] {
            let shown = shown(body);
            let inside = shown.trim_start_matches("<p class=\"lines verse\">").trim_start_matches("<p>").trim_end_matches("</p>");
            assert_eq!(inside, html, "{body:?}");
        }
    }

    #[test]
    fn signs_without_a_partner_and_signs_of_numbers_are_told_with_their_place() {
        let told = |body: &str| -> Vec<String> {
            let parts = parts_with_ranges(body).into_iter();
            let told =
                parts.filter(|(part, _)| matches!(part, MarkdownPart::LeftOver(_) | MarkdownPart::Sign(_) | MarkdownPart::CodeBlock));
            told.map(|(_, range)| body[range].split('\n').next().unwrap_or_default().to_owned()).collect()
        };
        for body in ["**a", "a**", "*Lưu ý: b", "_Lưu ý: b", "** a **", "5**10", "    ~~a", "**a\n\nb"] {
            assert_eq!(
                told(body).first().map(|signs| &signs[..1]),
                Some(&body.trim_start()[body.trim_start().find(['*', '_', '~']).unwrap()..][..1]),
                "{body}"
            );
        }
        for body in ["5*10*20", "vé*", "(*)", "a_b", "____", "Ngày __ tháng __", "~500", "**a** b", "- 5 người", "-5 °C", "***", "- a\n* b"]
        {
            assert_eq!(told(body), Vec::<String>::new(), "{body}");
        }
        assert_eq!(told("- 5 °C\n- 3,5 độ C"), ["- 5 °C", "- 3,5 độ C"]);
        assert_eq!(told("+ 84 206\n\n> 38 °C"), ["+ 84 206", "> 38 °C"]);
        assert_eq!(told("```\na\n```"), ["```"]);
    }
}
