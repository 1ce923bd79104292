//! The one user of the Markdown parser: CommonMark with tables and strikethrough.
//! Never passes raw HTML or an address that an author wrote to a page.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

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
}

/// The parts of a body with their byte ranges.
pub fn parts_with_ranges(body: &str) -> Vec<(MarkdownPart, std::ops::Range<usize>)> {
    let mut pictures = 0_u32;
    let mut out = Vec::new();
    for (event, range) in Parser::new_ext(body, options()).into_offset_iter() {
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
            Event::Text(text) | Event::Code(text) => MarkdownPart::Text(text.into_string(), pictures > 0),
            _ => continue,
        };
        out.push((piece, range));
    }
    out
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// A parsed body.
#[derive(Clone, Debug, Default)]
pub struct MarkdownDocument {
    events: Vec<Event<'static>>,
}

/// Parses a body.
pub fn parse(text: &str) -> MarkdownDocument {
    MarkdownDocument { events: Parser::new_ext(text, options()).map(Event::into_static).collect() }
}

impl MarkdownDocument {
    /// The HTML of the document. `image` turns a name in the body into the address to print; `None` leaves the picture out.
    pub fn to_html(&self, image: &dyn Fn(&str) -> Option<String>) -> String {
        let mut left_out = Vec::new();
        let events = self.events.iter().filter_map(|event| match event {
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) => None,
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let address = image(dest_url);
                left_out.push(address.is_none());
                let dest_url = CowStr::from(address?);
                Some(Event::Start(Tag::Image { link_type: *link_type, dest_url, title: title.clone(), id: id.clone() }))
            }
            Event::End(TagEnd::Image) if left_out.pop() == Some(true) => None,
            other => Some(other.clone()),
        });
        let mut out = String::new();
        html::push_html(&mut out, events);
        alignment_as_classes(out)
    }

    /// The text of the heading that the body begins with, if any.
    pub fn first_heading(&self) -> Option<String> {
        let end = self.heading_end()?;
        let text = self.events[..end].iter().filter_map(|event| match event {
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
        Self { events: self.events[start..].to_vec() }
    }

    /// The parts between thematic breaks at the top level.
    pub fn split_columns(&self) -> Vec<Self> {
        let mut depth = 0_u32;
        let mut columns = vec![Self::default()];
        for event in &self.events {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                Event::Rule if depth == 0 => {
                    columns.push(Self::default());
                    continue;
                }
                _ => {}
            }
            if let Some(column) = columns.last_mut() {
                column.events.push(event.clone());
            }
        }
        columns
    }

    fn heading_end(&self) -> Option<usize> {
        let Some(Event::Start(Tag::Heading { .. })) = self.events.first() else { return None };
        self.events.iter().position(|event| matches!(event, Event::End(TagEnd::Heading(_))))
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
}
