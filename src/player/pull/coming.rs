//! How much of a release that is on its way has come, for whoever asks what the player waits for.
//! Never fetches, and never judges: it counts bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stored;
use super::whole::WholePrograms;
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
    /// What the player itself slows it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slowed: Option<Slowed>,
}

/// A limit on the bytes a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slowed {
    pub bytes_per_second: u64,
    /// When all is expected to be here, in Unix milliseconds; `None` as long as a manifest is missing.
    pub done: Option<i64>,
}

impl Coming {
    /// With a limit of bytes a second, if there is one and nothing else keeps it waiting, at `now` in Unix milliseconds.
    #[must_use]
    pub fn slowed_by(self, limit: Option<u64>, now: i64) -> Self {
        let slowed = |bytes_per_second: u64| {
            let left = self.total.map(|total| total.saturating_sub(self.have).saturating_mul(1_000) / bytes_per_second.max(1));
            Slowed { bytes_per_second, done: left.map(|left| now.saturating_add(i64::try_from(left).unwrap_or(i64::MAX))) }
        };
        Self { slowed: limit.map(slowed), ..self }
    }
}

/// Counts what is here of a release. `None` if all of it is, or was: what the disk has lost of programs that were here `whole` is told by itself.
pub fn coming(head: &Head, whole: &WholePrograms, holdings: &LocalStore) -> Option<Coming> {
    let (mut had, mut awaited, mut known) = (BTreeMap::new(), BTreeMap::new(), true);
    for entry in &head.programs {
        let program = stored::parse_program(entry.program, holdings).ok().flatten();
        let was_whole = whole.contains_key(&entry.program);
        known &= was_whole || program.is_some();
        let objects = program.iter().flat_map(stored::objects);
        if was_whole { had.extend(objects) } else { awaited.extend(objects) }
    }
    awaited.retain(|digest, _| !had.contains_key(digest));
    let all = had.values().sum::<u64>();
    let have = all + awaited.iter().map(|(digest, size)| holdings.bytes_of(*digest, *size)).sum::<u64>();
    let total = known.then(|| all + awaited.values().sum::<u64>());
    (total != Some(have)).then_some(Coming { release: head.number(), have, total, slowed: None })
}
