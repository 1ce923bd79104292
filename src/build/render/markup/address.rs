//! Judges an address in a page or a sheet.
//! Never resolves it.

use super::finding::FindingKind;
use crate::content::source::markdown_check::is_external;

/// What is wrong with an address: it leads out, or `there` does not know its file. An empty one and a place in the same page are right.
pub fn fault(address: &str, there: &dyn Fn(&str) -> bool) -> Option<FindingKind> {
    let plain = address.trim_matches(|c: char| c.is_whitespace() || c.is_control());
    if plain.is_empty() || plain.starts_with('#') {
        return None;
    }
    if is_external(plain) || plain.starts_with(['/', '\\']) {
        return Some(FindingKind::External(address.to_owned()));
    }
    (!there(plain)).then(|| FindingKind::Missing(address.to_owned()))
}

/// An address without what follows its path.
pub fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}
