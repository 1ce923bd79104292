//! The boxes of an ISO file (ISO 14496-12): those that stand inside another, and the rows of a table.
//! Never knows what a box means.

use super::recording::{Flaw, number};

/// Boxes that stand beside each other at most; more are damage.
const BESIDE: usize = 4_096;

/// A box without its head: its kind and what it holds.
pub type Inner<'a> = ([u8; 4], &'a [u8]);

/// The boxes that stand one after another; `None` if their sizes do not fit. Fewer bytes than a head at the end are no box.
pub fn inner(mut rest: &[u8]) -> Option<Vec<Inner<'_>>> {
    let mut found = Vec::new();
    while rest.len() >= 8 {
        if found.len() == BESIDE {
            return None;
        }
        let kind = <[u8; 4]>::try_from(&rest[4..8]).ok()?;
        let (start, size) = match number(rest, 0, 4)? {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(number(rest, 8, 8)?).ok()?),
            size => (8, usize::try_from(size).ok()?),
        };
        found.push((kind, rest.get(start..size)?));
        rest = &rest[size..];
    }
    Some(found)
}

/// What the first box of a kind holds.
pub fn find<'a>(boxes: &[Inner<'a>], kind: [u8; 4]) -> Option<&'a [u8]> {
    boxes.iter().find(|(each, _)| *each == kind).map(|(_, held)| *held)
}

/// Fails where several boxes of a group stand beside each other: there may be one (ISO 14496-12), and which of several counts is not fixed.
pub fn once(boxes: &[Inner<'_>], groups: &[&[&'static str]]) -> Result<(), Flaw> {
    for group in groups {
        let mut of_group = boxes.iter().filter_map(|(kind, _)| group.iter().find(|name| name.as_bytes() == kind));
        if let Some(name) = of_group.nth(1) {
            return Err(Flaw::Twice(name));
        }
    }
    Ok(())
}

/// The rows of a table with this many bytes a row, behind its version, flags and count.
pub fn rows(table: &[u8], row: usize) -> Option<impl Iterator<Item = &[u8]>> {
    rows_behind(table, 8, number(table, 4, 4)?, row)
}

/// The rows of a table from a place on: how many, and how many bytes a row.
pub fn rows_behind(table: &[u8], from: usize, count: u64, row: usize) -> Option<impl Iterator<Item = &[u8]>> {
    let length = usize::try_from(count).ok()?.checked_mul(row)?;
    Some(table.get(from..from.checked_add(length)?)?.chunks_exact(row))
}
