//! What a player lacks, as its report tells it: damaged files, and what it waits for.
//! Never finds it out: its caller does.

use serde::{Deserialize, Serialize};

use crate::base::text::Text;

/// Files that were found damaged on the disk since the start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedFiles {
    /// How many.
    pub found: usize,
    /// How many of them are not whole again.
    pub lacking: usize,
    /// One of them, which is not whole again if any is not: its path in its program, else in a store.
    pub file: String,
}

/// Why something is not fetched now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub reason: Text,
    /// When it is tried again.
    pub until: i64,
}
