//! Which programs of the head in force were here whole, and what of them the disk has lost since: that is neither on its way nor refused, and no
//! publisher can help there. Never judges a document, and never fetches one.

use std::collections::{BTreeMap, BTreeSet};

use super::data_words;
use super::stored;
use super::trusted::{InForce, Trusted};
use crate::base::digest::Digest;
use crate::base::text::Text;
use crate::store::local_store::LocalStore;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry};

/// Programs that were here whole, each with the version of the root by which it counted.
pub type WholePrograms = BTreeMap<Digest, u64>;

/// Those of the head in force that are whole now, and those that were `before`.
pub fn whole(before: &WholePrograms, trusted: &Trusted, in_force: &InForce) -> WholePrograms {
    let now = |entry: &HeadEntry| {
        let mut programs = in_force.programs.iter().filter(|each| each.complete && !in_force.gone.contains(&entry.program));
        programs.any(|each| each.program.digest() == entry.program).then_some(in_force.root)
    };
    let root = |entry: &HeadEntry| Some((entry.program, now(entry).or_else(|| before.get(&entry.program).copied())?));
    entries(trusted.head()).filter_map(root).collect()
}

/// Those that a later head lists as the one in force does: with other approvals a program may never have been here.
pub fn carried_over(before: &WholePrograms, (old, new): (Option<&Verified<Head>>, &Verified<Head>)) -> WholePrograms {
    let same = |entry: &&HeadEntry| entries(old).any(|before| before == *entry);
    let carried = entries(Some(new)).filter(same);
    carried.filter_map(|entry| Some((entry.program, *before.get(&entry.program)?))).collect()
}

/// Finds what the disk has lost of programs that were here whole. One whose documents are lost counts as one that can't be read.
pub fn find_lost(whole: &WholePrograms, trusted: &Trusted, in_force: &mut InForce, holdings: &LocalStore) {
    if in_force.lost.is_some() {
        // Nothing is judged.
        return;
    }
    let (mut documents, mut objects) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries(trusted.head()).filter(|entry| whole.contains_key(&entry.program)) {
        let digest = entry.program;
        let program = in_force.programs.iter().find(|each| each.program.digest() == digest);
        if let Some(each) = program {
            let lacking = each.program.manifest().files.iter().filter(|file| !each.complete && !holdings.contains(file.sha256, file.size));
            objects.extend(holdings.missing(lacking.map(|file| file.sha256)));
        }
        // Another root may count approvals that were never here, and what can't be read is told by itself.
        let known = whole.get(&digest) == Some(&in_force.root) && !in_force.withdrawn.programs.contains(&digest);
        if known && (in_force.gone.contains(&digest) || program.is_none() && !in_force.unjudged.contains(&digest)) {
            documents.extend(stored::lost_documents(trusted, entry, holdings));
            in_force.unjudged.extend(Some(digest).filter(|_| program.is_none()));
        }
    }
    in_force.lost_files = (documents, objects);
}

/// What the disk has lost of programs that were here whole, and what to do.
pub fn fault(in_force: &InForce) -> Option<Text> {
    let (documents, objects) = &in_force.lost_files;
    let count = documents.len() + objects.len();
    in_force.head.filter(|_| count > 0).map(|release| data_words::lost_files(release, count))
}

fn entries(head: Option<&Verified<Head>>) -> impl Iterator<Item = &HeadEntry> {
    head.into_iter().flat_map(|head| &head.body().programs)
}
