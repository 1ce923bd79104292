//! Checks objects one by one, in a store or on a player: finds missing objects and those that do not match their names.
//! Never repairs anything.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::parallel;
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;
use crate::base::text::Text;

/// How thoroughly objects are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckDepth {
    Sizes,
    /// Sizes and digests.
    Bytes,
}

impl CheckDepth {
    /// In words, behind a verdict.
    pub fn words(self) -> Text {
        match self {
            Self::Bytes => crate::text!(vi: "đã đọc từng byte", en: "every byte was read"),
            Self::Sizes => {
                crate::text!(vi: "chỉ xem kích thước tệp; thêm --deep để đọc từng byte", en: "by the sizes of files; --deep reads every byte")
            }
        }
    }
}

/// What is wrong with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectFault {
    Absent,
    /// Wrong size or digest.
    Differs,
}

/// Checks objects with `workers` threads and returns the faulty ones. Stops at the first error of `look`.
pub fn object_faults<E: Send>(
    workers: usize,
    objects: &BTreeMap<Digest, u64>,
    look: impl Fn(Digest, u64) -> Result<Option<ObjectFault>, E> + Sync,
) -> Result<BTreeMap<Digest, ObjectFault>, E> {
    let wrong = Mutex::new(BTreeMap::new());
    parallel::try_for_each(workers, objects.iter().map(Ok), |(digest, size)| {
        if let Some(what) = look(*digest, *size)? {
            wrong.hold().insert(*digest, what);
        }
        Ok(())
    })?;
    Ok(wrong.into_value())
}

/// Checks one object of a store.
#[cfg(feature = "office")]
pub fn check_in_store(
    place: &dyn super::backend::StoreBackend,
    depth: CheckDepth,
    digest: Digest,
    size: u64,
) -> Result<Option<ObjectFault>, crate::base::failure::Failure> {
    use std::io::Read as _;

    let path = super::layout::object(digest);
    match place.size(&path)? {
        None => return Ok(Some(ObjectFault::Absent)),
        Some(found) if found != size => return Ok(Some(ObjectFault::Differs)),
        Some(_) if depth == CheckDepth::Sizes => return Ok(None),
        Some(_) => {}
    }
    let Some(body) = place.open(&path)? else { return Ok(Some(ObjectFault::Absent)) };
    let read = Digest::of_reader(body.take(size.saturating_add(1)));
    let read = read.map_err(|error| crate::base::failure::Failure::io(path.as_ref(), &error))?;
    Ok((read != (digest, size)).then_some(ObjectFault::Differs))
}
