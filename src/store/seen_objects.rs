//! What a player's process knows of its stored objects: which it has read through or written, and which it has found damaged.
//! Never reads one itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::digest::Digest;

/// What this process knows of the objects.
#[derive(Debug, Default)]
pub struct SeenObjects {
    /// Those that it has read through or written, and that nobody has doubted since.
    pub whole: BTreeSet<Digest>,
    /// Those that it has found damaged, each with whether it is whole again.
    pub damaged: BTreeMap<Digest, bool>,
}

impl SeenObjects {
    /// Adds one that was read through or written.
    pub fn add_whole(&mut self, digest: Digest) {
        self.whole.insert(digest);
        self.damaged.entry(digest).and_modify(|again| *again = true);
    }

    /// Adds one that is damaged, or can't be read.
    pub fn add_damaged(&mut self, digest: Digest) {
        self.whole.remove(&digest);
        self.damaged.insert(digest, false);
    }
}
