//! Elements of EBML (RFC 8794), of which a WebM file is made: their heads, and those that stand inside another.
//! Never knows what an element means.

use super::recording::number;

/// Elements that stand beside each other in an index at most; more are damage.
const BESIDE: usize = 4_096;

/// Most bytes of a head.
pub const HEAD: u64 = 12;

/// Identifier, bytes of its head, and bytes that it holds: `None` while a program still writes it.
pub type Head = (u64, usize, Option<u64>);

/// A number that says by its first bits how long it is, and its bytes; all ones mean that it is unknown.
pub fn variable(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let bits = u64::MAX >> (64 - 7 * width.min(8));
    let value = number(bytes, 0, width.min(8))? & bits;
    (width <= 8).then_some(((value != bits).then_some(value), width))
}

/// The head of an element.
pub fn head(bytes: &[u8]) -> Option<Head> {
    let width = bytes.first()?.leading_zeros() as usize + 1;
    let kind = number(bytes, 0, width).filter(|_| width <= 4)?;
    let (size, more) = variable(bytes.get(width..)?)?;
    Some((kind, width + more, size))
}

/// The elements that stand one after another; `None` if their sizes do not fit.
pub fn elements(mut rest: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        if found.len() == BESIDE {
            return None;
        }
        let (kind, start, size) = head(rest)?;
        let end = start.checked_add(usize::try_from(size?).ok()?)?;
        found.push((kind, rest.get(start..end)?));
        rest = &rest[end..];
    }
    Some(found)
}

/// The one element of a kind; `None` if several contradict each other.
pub fn find<'a>(elements: &[(u64, &'a [u8])], kind: u64) -> Option<&'a [u8]> {
    let mut all = elements.iter().filter(|(each, _)| *each == kind).map(|(_, held)| *held);
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The number that the one element of a kind holds.
pub fn value(elements: &[(u64, &[u8])], kind: u64) -> Option<u64> {
    let held = find(elements, kind).filter(|held| held.len() <= 8)?;
    number(held, 0, held.len())
}
