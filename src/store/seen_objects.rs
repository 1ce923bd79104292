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
    /// The one that was found damaged last, and the one that was whole again last.
    pub last: LastDamage,
}

/// See [`SeenObjects::last`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastDamage {
    pub found: Option<Digest>,
    pub whole: Option<Digest>,
}

impl SeenObjects {
    /// Adds one that was read through or written.
    pub fn add_whole(&mut self, digest: Digest, stamp: FileStamp) {
        self.whole.insert(digest, stamp);
        if self.damaged.get(&digest) == Some(&false) {
            self.last.whole = Some(digest);
            self.damaged.insert(digest, true);
        }
    }

    /// Adds one that is damaged, or can't be read.
    pub fn add_damaged(&mut self, digest: Digest) {
        self.whole.remove(&digest);
        if self.damaged.insert(digest, false) != Some(false) {
            self.last.found = Some(digest);
        }
    }
}
