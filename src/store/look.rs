//! Looking at objects one by one, wherever they lie: which are missing, and which are not what their names say.
//! Never mends anything.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::parallel;
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;

/// How far objects are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Their sizes.
    Sizes,
    /// Every byte.
    Bytes,
}

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is not there.
    Absent,
    /// Another size or other bytes lie there.
    Differs,
}

/// Looks at objects, so many at a time; gives those that are wrong. The first look that fails ends it.
pub fn wrong_objects<E: Send>(
    workers: usize,
    objects: &BTreeMap<Digest, u64>,
    look: impl Fn(Digest, u64) -> Result<Option<Wrong>, E> + Sync,
) -> Result<BTreeMap<Digest, Wrong>, E> {
    let wrong = Mutex::new(BTreeMap::new());
    parallel::each(workers, objects.iter().map(Ok), |(digest, size)| {
        if let Some(what) = look(*digest, *size)? {
            wrong.hold().insert(*digest, what);
        }
        Ok(())
    })?;
    Ok(wrong.into_value())
}

/// Looks at one object of a store.
#[cfg(feature = "office")]
pub fn in_place(
    place: &dyn super::place::Place,
    depth: Depth,
    digest: Digest,
    size: u64,
) -> Result<Option<Wrong>, crate::base::failure::Failure> {
    use std::io::Read as _;

    let path = super::layout::object(digest);
    match place.size(&path)? {
        None => return Ok(Some(Wrong::Absent)),
        Some(found) if found != size => return Ok(Some(Wrong::Differs)),
        Some(_) if depth == Depth::Sizes => return Ok(None),
        Some(_) => {}
    }
    let Some(body) = place.open(&path)? else { return Ok(Some(Wrong::Absent)) };
    let read = Digest::of_reader(body.take(size.saturating_add(1)));
    let read = read.map_err(|error| crate::base::failure::Failure::io(path.as_ref(), &error))?;
    Ok((read != (digest, size)).then_some(Wrong::Differs))
}
