//! Chooses, for each missing large object, the old copy that it most likely derives from.
//! Never reads media and never asks a source.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fetch::ObjectRef;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::program::manifest::ManifestFile;
use crate::program::validate::Program;
use crate::store::bases;
use crate::store::blocks::MIN_OBJECT_BYTES;
use crate::store::local_store::LocalStore;

/// The base of each large object that a program lacks. `known`: stored programs, the likeliest base first.
pub fn choose_bases(program: &Program, known: &[Arc<Program>], holdings: &LocalStore) -> BTreeMap<Digest, ObjectRef> {
    let mut chosen = BTreeMap::new();
    let lacks = |file: &ManifestFile| file.size >= MIN_OBJECT_BYTES && !holdings.contains(file.sha256, file.size);
    if !program.manifest().files.iter().any(lacks) {
        return chosen;
    }
    for old in known {
        for (file, base) in bases::likely_bases(program.manifest(), old.manifest(), MIN_OBJECT_BYTES, &|file| read_page(holdings, file)) {
            if lacks(file) && holdings.contains(base.sha256, base.size) {
                chosen.entry(file.sha256).or_insert(ObjectRef { digest: base.sha256, size: base.size });
            }
        }
    }
    chosen
}

/// A stored page; `None` if it is missing or longer than [`MIN_OBJECT_BYTES`].
pub fn read_page(holdings: &LocalStore, file: &ManifestFile) -> Option<Vec<u8>> {
    read_stream_limited(holdings.open(file.sha256, file.size).ok()?, MIN_OBJECT_BYTES).ok()
}
