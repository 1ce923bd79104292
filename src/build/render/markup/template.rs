//! Judges a template in every branch at once. That holds because branches begin and end at the same place of the markup, nothing computed
//! becomes markup, and no construct hides text; what breaks that is a finding too.
//! Never renders.

use super::constructs::{self, Construct, ConstructKind};
use super::finding::{Finding, FindingKind};
use super::tags::{self, Attribute, Tag};
use super::{address, page};
use crate::base::text::Text;
use crate::text;

/// Variables that hold markup.
const MARKUP: [&str; 4] = ["body", "column", "columns", "super"];
/// Variables that addresses begin with or consist of.
const FILES: [&str; 7] = ["image.src", "backdrop.src", "poster.src", "video.src", "audio.src", "captions.src", "sheet"];
/// Names that no template may give another meaning, and what they may be bound to in a loop.
const GIVEN: [&str; 15] = [
    "audio", "body", "captions", "cell", "column", "columns", "header", "image", "poster", "root", "row", "rows", "sheet", "sheets",
    "video",
];
const LOOPS: [(&str, &str); 5] = [("column", "columns"), ("sheet", "sheets"), ("row", "rows"), ("cell", "row"), ("cell", "header")];

/// Where in the markup a construct stands; tags and attributes are numbered by their first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Text,
    Tag(usize),
    Value(usize),
}

/// What is wrong in a template, whatever slide it is given; `holds` knows the theme's files by their path in a program.
pub fn in_template(text: &str, holds: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let constructs = constructs::read(text);
    let plain = constructs::without(text, &constructs);
    let (tags, mut found) = tags::read(&plain);
    let computed = |finding: &Finding| {
        let overlaps = |construct: &Construct<'_>| construct.bytes.start < finding.bytes.end && finding.bytes.start < construct.bytes.end;
        matches!(finding.kind, FindingKind::Forbidden(_)) && constructs.iter().any(overlaps)
    };
    for tag in &tags {
        let by_address = |attribute: &Attribute| template_address(text, attribute, &constructs, holds);
        // A name that is computed is judged as what it is, below.
        found.extend(page::judge(tag, &by_address).into_iter().filter(|finding| !computed(finding)));
    }
    found.extend(page::filled_clocks(&tags));
    let attributes = tags.iter().flat_map(|tag| &tag.attributes);
    found.extend(attributes.filter(|attribute| attribute.name == "data-label" && !is_label(text, attribute)).map(written_label));
    let mut open: Vec<Place> = Vec::new();
    for construct in &constructs {
        let place = place(&tags, construct.bytes.start);
        let kind = match construct.kind {
            ConstructKind::Comment => (place_is_tag(place)).then(|| FindingKind::Unclear(between())),
            ConstructKind::Expression => expression(construct.inside, place),
            ConstructKind::Statement => statement(construct, place, &mut open, &plain),
        };
        found.extend(kind.map(|kind| kind.at(construct.bytes.clone())));
    }
    found.sort_by_key(|finding| finding.bytes.start);
    found
}

/// Whether an attribute that a style sheet may show holds what stands above the cell: the page says it too.
fn is_label(text: &str, attribute: &Attribute) -> bool {
    let value = text[attribute.value_bytes.clone()].strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    value.is_some_and(|inside| inside.trim() == "cell.label")
}

fn written_label(attribute: &Attribute) -> Finding {
    let kind = FindingKind::Unclear(
        text!(vi: "data-label chỉ có thể là {{{{ cell.label }}}}", en: "data-label is {{{{ cell.label }}}} and nothing else"),
    );
    kind.at(attribute.name_bytes.clone())
}

fn place_is_tag(place: Place) -> bool {
    matches!(place, Place::Tag(_))
}

fn place(tags: &[Tag], at: usize) -> Place {
    let before = tags.partition_point(|tag| tag.bytes.start < at);
    let Some(tag) = tags[..before].last().filter(|tag| at < tag.bytes.end) else { return Place::Text };
    let inside = |attribute: &&Attribute| attribute.is_quoted && (attribute.value_bytes.start..attribute.value_bytes.end).contains(&at);
    tag.attributes.iter().find(inside).map_or(Place::Tag(tag.bytes.start), |attribute| Place::Value(attribute.value_bytes.start))
}

/// An address is a file of the theme behind `{{ root }}`, or one that the template is given.
fn template_address(text: &str, attribute: &Attribute, constructs: &[Construct<'_>], holds: &dyn Fn(&str) -> bool) -> Option<FindingKind> {
    let bytes = &attribute.value_bytes;
    let mut inside = constructs.iter().filter(|construct| bytes.contains(&construct.bytes.start));
    let Some(first) = inside.next() else { return address::fault(&attribute.value, &|_| false) };
    let alone = first.kind == ConstructKind::Expression && first.bytes.start == bytes.start && inside.next().is_none();
    let fixed = &text[first.bytes.end.min(bytes.end)..bytes.end];
    // The browser resolves character references, which a path needs none of.
    match first.inside {
        "root" if alone && fixed.starts_with("theme/") && !fixed.contains('&') => {
            (!holds(address::without_query(fixed))).then(|| FindingKind::Missing(fixed.to_owned()))
        }
        given if alone && fixed.is_empty() && FILES.contains(&given) => None,
        _ => Some(FindingKind::Unclear(text!(
            vi: "địa chỉ chỉ có thể là {{{{ root }}}}theme/…, hoặc riêng {{{{ image.src }}}}, {{{{ backdrop.src }}}}, {{{{ poster.src }}}}, {{{{ video.src }}}}, {{{{ audio.src }}}}, {{{{ captions.src }}}}, {{{{ sheet }}}}",
            en: "an address is {{{{ root }}}}theme/…, or {{{{ image.src }}}}, {{{{ backdrop.src }}}}, {{{{ poster.src }}}}, {{{{ video.src }}}}, {{{{ audio.src }}}}, {{{{ captions.src }}}}, {{{{ sheet }}}} alone"
        ))),
    }
}

fn expression(inside: &str, place: Place) -> Option<FindingKind> {
    if inside.starts_with('<') {
        return Some(FindingKind::Forbidden("{{<…/>}}".to_owned()));
    }
    if let Some(kind) = raw(inside) {
        return Some(kind);
    }
    if place_is_tag(place) {
        let said = text!(
            vi: "giá trị tính ra trong thẻ phải nằm trong dấu nháy: class=\"{{{{ … }}}}\"",
            en: "a computed value in a tag stands in quotes: class=\"{{{{ … }}}}\""
        );
        return Some(FindingKind::Unclear(said));
    }
    let names = constructs::names(inside);
    let markup = names.iter().find(|name| MARKUP.contains(name))?;
    let alone = inside == *markup || inside == "super()";
    (!alone || place != Place::Text).then(|| {
        FindingKind::Unclear(text!(
            vi: "{markup} đứng riêng giữa văn bản: không qua bộ lọc, không nằm trong thẻ",
            en: "{markup} stands alone, in the text: with no filter, in no tag"
        ))
    })
}

/// What makes markup of text, or shows everything that the template is given.
fn raw(code: &str) -> Option<FindingKind> {
    let names = constructs::names(code);
    let found = names.iter().find(|name| **name == "safe" || name.starts_with("__"))?;
    Some(FindingKind::Forbidden(if *found == "safe" { "| safe".to_owned() } else { (*found).to_owned() }))
}

fn statement(construct: &Construct<'_>, place: Place, open: &mut Vec<Place>, plain: &str) -> Option<FindingKind> {
    let length = construct.inside.find(|c: char| !c.is_ascii_alphabetic() && c != '_').unwrap_or(construct.inside.len());
    let (word, rest) = construct.inside.split_at(length);
    if let Some(kind) = raw(construct.inside) {
        return Some(kind);
    }
    let after_equals = plain[..construct.bytes.start].trim_end().ends_with('=');
    if place_is_tag(place) && (construct.trims || after_equals) {
        return Some(FindingKind::Unclear(between()));
    }
    match word {
        "if" | "for" | "block" => {
            open.push(place);
            let only_text = word == "block" && place != Place::Text;
            if only_text { Some(FindingKind::Unclear(in_text(word))) } else { binding(word, rest) }
        }
        "elif" | "else" => (open.last() != Some(&place)).then(|| FindingKind::Unclear(between())),
        "endif" | "endfor" | "endblock" => (open.pop() != Some(place)).then(|| FindingKind::Unclear(between())),
        "include" | "extends" => (place != Place::Text).then(|| FindingKind::Unclear(in_text(word))),
        "set" | "set_global" if rest.contains('=') => binding(word, rest),
        _ => Some(FindingKind::Forbidden(format!("{{% {word} %}}"))),
    }
}

/// A name that gets a value: none that the template is given, and no value that holds markup.
fn binding(word: &str, rest: &str) -> Option<FindingKind> {
    let (bound, value) = match word {
        "for" => {
            let (at, _) = constructs::words(rest).into_iter().find(|(_, word)| *word == "in")?;
            (&rest[..at], &rest[at + 2..])
        }
        "set" | "set_global" => rest.split_once('=')?,
        _ => return None,
    };
    let bound: Vec<&str> = bound.split(',').map(str::trim).collect();
    let value = value.trim();
    if let [name] = bound[..]
        && word == "for"
        && LOOPS.contains(&(name, value))
    {
        return None;
    }
    let name = bound.iter().find(|name| GIVEN.contains(name)).copied();
    let names = constructs::names(value);
    let named = name.or_else(|| names.into_iter().find(|name| MARKUP.contains(name) || *name == "sheets"))?;
    Some(FindingKind::Unclear(text!(
        vi: "{named} giữ nghĩa riêng: chỉ có {{% for column in columns %}}, {{% for sheet in sheets %}}, {{% for row in rows %}}, {{% for cell in row %}}, {{% for cell in header %}}",
        en: "{named} keeps its meaning: there are only {{% for column in columns %}}, {{% for sheet in sheets %}}, {{% for row in rows %}}, {{% for cell in row %}}, {{% for cell in header %}}"
    )))
}

fn between() -> Text {
    text!(
        vi: "điều kiện phải bắt đầu và kết thúc ở cùng một chỗ: giữa văn bản, giữa các thuộc tính trọn vẹn của một thẻ, hoặc trong một giá trị",
        en: "a condition begins and ends at one place: in the text, between whole attributes of a tag, or within one value"
    )
}

fn in_text(word: &str) -> Text {
    text!(vi: "{{% {word} %}} đứng giữa văn bản, không nằm trong thẻ", en: "{{% {word} %}} stands in the text, in no tag")
}
