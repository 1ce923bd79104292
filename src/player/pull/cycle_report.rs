//! How a cycle ended: one look and one fetch, for whoever runs a single one.
//! Never decides what follows from it.

use crate::base::text::Text;

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleOutcome {
    Idle,
    /// A new head is in force, or missing objects were completed.
    Adopted,
    /// What was in force stays in force.
    Failed,
}

/// What a cycle did.
#[derive(Clone, Debug)]
pub struct CycleReport {
    pub outcome: CycleOutcome,
    /// Why it failed.
    pub reason: Option<Text>,
    /// Whether the cause is outside: network, disk.
    pub external: bool,
    /// Bytes of objects, packs and block signatures received over the network, without headers.
    pub downloaded: u64,
}
