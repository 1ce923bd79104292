//! Judges the tags of a page: elements, attributes, and where its addresses lead.
//! Never reads a template.

use super::finding::{Finding, FindingKind};
use super::tags::{self, Attribute, Tag};
use super::{address, allowed, sheet};

/// What is wrong in a finished page; `there` knows the files of its program, relative to the page.
pub fn in_page(text: &str, there: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let (tags, mut found) = tags::read(text);
    let judged = |tag: &Tag| judge(tag, &|attribute| address::fault(&attribute.value, there));
    found.extend(tags.iter().flat_map(judged).chain(filled_clocks(&tags)));
    found.sort_by_key(|finding| finding.bytes.start);
    found
}

/// The shell puts its text in place of what an element for the time or the date holds, so that no reviewer would see the page as it is shown.
pub fn filled_clocks(tags: &[Tag]) -> Vec<Finding> {
    let filled = |(at, tag): (usize, &Tag)| {
        let own = tag.attributes.iter().find(|attribute| allowed::is_clock(&attribute.name))?;
        let ends = |next: &Tag| !next.is_start && next.element == tag.element && next.bytes.start == tag.bytes.end;
        let kind = FindingKind::Forbidden(format!("… in <{} {}>", tag.element, own.name));
        (!tags.get(at + 1).is_some_and(ends)).then(|| kind.at(own.name_bytes.clone()))
    };
    tags.iter().enumerate().filter_map(filled).collect()
}

/// What is wrong with a tag; `by_address` judges an attribute whose value is an address.
pub fn judge(tag: &Tag, by_address: &dyn Fn(&Attribute) -> Option<FindingKind>) -> Vec<Finding> {
    if !tag.is_start {
        return Vec::new();
    }
    if !allowed::element(&tag.element) {
        let end = tag.bytes.start + 1 + tag.element.len();
        return vec![FindingKind::Forbidden(format!("<{}>", tag.element)).at(tag.bytes.start..end.min(tag.bytes.end))];
    }
    let mut found = Vec::new();
    for attribute in &tag.attributes {
        let kind = if !allowed::attribute(&tag.element, &attribute.name) {
            Some(FindingKind::Forbidden(format!("{}=", attribute.name)))
        } else if allowed::steering(&tag.element, &attribute.name, &attribute.value) == Some(false) {
            Some(FindingKind::Forbidden(format!("{}=\"…\"", attribute.name)))
        } else if allowed::is_address(&attribute.name) {
            by_address(attribute)
        } else if allowed::is_styled(&tag.element, &attribute.name) {
            sheet::in_value(&attribute.name, &attribute.value).into_iter().next().map(|finding| finding.kind)
        } else {
            None
        };
        let bytes = if matches!(kind, Some(FindingKind::Forbidden(_))) || !attribute.is_quoted {
            attribute.name_bytes.clone()
        } else {
            attribute.value_bytes.clone()
        };
        found.extend(kind.map(|kind| kind.at(bytes)));
    }
    found
}
