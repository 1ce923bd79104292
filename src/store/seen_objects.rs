//! What a player's process knows of its stored objects: which it has read through or written, and which it has found damaged.
//! Never reads one itself.

use std::collections::BTreeMap;

use crate::base::digest::Digest;
use crate::base::stamp::FileStamp;

/// What this process knows of the objects.
#[derive(Debug, Default)]
pub struct SeenObjects {
    /// Those that it has read through or written, as they lay on the disk then, and that nobody has doubted since.
    pub whole: BTreeMap<Digest, FileStamp>,
    /// Those that it has found damaged, each with whether it is whole again.
    pub damaged: BTreeMap<Digest, bool>,
}

impl SeenObjects {
    /// Adds one that was read through or written.
    pub fn add_whole(&mut self, digest: Digest, stamp: FileStamp) {
        self.whole.insert(digest, stamp);
        self.damaged.entry(digest).and_modify(|again| *again = true);
    }

    /// Adds one that is damaged, or can't be read.
    pub fn add_damaged(&mut self, digest: Digest) {
        self.whole.remove(&digest);
        self.damaged.insert(digest, false);
    }
}
