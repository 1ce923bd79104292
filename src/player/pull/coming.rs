//! How much of a release that is on its way has come, for whoever asks what the player waits for.
//! Never fetches, and never judges: it counts bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stored;
use crate::base::digest::Digest;
use crate::store::local_store::LocalStore;
use crate::trust::head::{Head, HeadNumber};

/// A release that is not here whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coming {
    pub release: HeadNumber,
    /// Bytes of its objects that are here.
    pub have: u64,
    /// Bytes of all of them; `None` as long as a manifest is missing.
    pub total: Option<u64>,
}

/// Counts what is here of a release. `None` if all of it is.
pub fn coming(head: &Head, holdings: &LocalStore) -> Option<Coming> {
    let programs: Vec<_> = head.programs.iter().map(|entry| stored::parse_program(entry.program, holdings).ok().flatten()).collect();
    let objects: BTreeMap<Digest, u64> = programs.iter().flatten().flat_map(stored::objects).collect();
    let have = objects.iter().map(|(digest, size)| holdings.bytes_of(*digest, *size)).sum();
    let total = programs.iter().all(Option::is_some).then(|| objects.values().sum());
    (total != Some(have)).then_some(Coming { release: head.number(), have, total })
}
