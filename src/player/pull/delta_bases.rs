//! For big objects that are lacking: the old copy that each is likely made from.
//! Never reads media and never asks a source.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fetch::ObjectRef;
use crate::base::digest::Digest;
use crate::base::files::read_to_limit;
use crate::program::manifest::File;
use crate::program::verify::Program;
use crate::store::bases;
use crate::store::blocks::SMALLEST;
use crate::store::objects::Holdings;

/// For big objects of a program that are not held: what to make each from. `known` are programs that are held, the likeliest first.
pub fn choose_bases(program: &Program, known: &[Arc<Program>], holdings: &Holdings) -> BTreeMap<Digest, ObjectRef> {
    let mut chosen = BTreeMap::new();
    let lacks = |file: &File| file.size >= SMALLEST && !holdings.holds(file.sha256, file.size);
    if !program.manifest().files.iter().any(lacks) {
        return chosen;
    }
    for old in known {
        bases::pairs(program.manifest(), old.manifest(), SMALLEST, &|file| read_page(holdings, file), |file, base| {
            if lacks(file) && holdings.holds(base.sha256, base.size) {
                chosen.entry(file.sha256).or_insert(ObjectRef { digest: base.sha256, size: base.size });
            }
        });
    }
    chosen
}

/// A page that is held.
pub fn read_page(holdings: &Holdings, file: &File) -> Option<Vec<u8>> {
    read_to_limit(holdings.open(file.sha256, file.size).ok()?, SMALLEST).ok()
}
