//! Making packs: all small files of a program, or only what is new since another program, compressed with that one as the dictionary.
//! Never writes a file: bytes in, bytes out.

use std::collections::BTreeSet;
use std::io::{self, Write};

use zstd::stream::Encoder;
use zstd::zstd_safe::CParameter;

use super::item::Item;
use super::layout;
use super::packs::{self, UNPACKED_BYTES, WINDOW_BYTES};
use crate::base::digest::Digest;
use crate::base::terms::Kind;
use crate::program::manifest::File;
use crate::program::verify::Program;

/// Gives the bytes of a program's file.
pub type Read<'a> = &'a dyn Fn(&File) -> io::Result<Vec<u8>>;

/// The highest level whose window is within the limit, and a quicker one for what is too much for it.
const LEVELS: (i32, i32) = (19, 9);
/// Up to so many bytes the higher level is worth its time.
const SLOW_BYTES: u64 = 16 << 20;

/// The small objects of a program.
fn all(program: &Program, read: Read<'_>) -> io::Result<Vec<u8>> {
    pack(&[], &small(program, &BTreeSet::new()), read, None)
}

/// What a player that holds `base` lacks of a program: the statements about it, its manifest, its new small objects. `base` is a program
/// and the bytes of its manifest.
fn since(base: (&Program, &[u8]), item: &Item, read: Read<'_>) -> io::Result<Vec<u8>> {
    let program = item.approved.program();
    let held: BTreeSet<Digest> = base.0.manifest().files.iter().map(|file| file.sha256).collect();
    let mut documents = Vec::new();
    for (kid, file) in &item.approvals {
        documents.push((layout::approval_signature(program.digest(), *kid), file.signature.as_slice()));
        documents.push((layout::approval(program.digest(), *kid), file.statement.as_slice()));
    }
    documents.push((layout::program(program.digest()), item.manifest.as_slice()));
    let objects = small(program, &held);
    let dictionary = packs::dictionary(base.0, base.1, read)?;
    pack(&documents, &objects, read, dictionary.as_deref())
}

/// A pack to be made.
pub struct Job<'a> {
    /// Where it goes.
    pub path: String,
    item: &'a Item,
    base: Option<&'a Item>,
}

impl Job<'_> {
    /// Makes it.
    pub fn make(&self, read: Read<'_>) -> io::Result<Vec<u8>> {
        match self.base {
            None => all(self.item.approved.program(), read),
            Some(base) => since((base.approved.program(), &base.manifest), self.item, read),
        }
    }
}

/// The packs that a program gets: all of it, and what is new since the programs that a player of the site most likely holds: the last
/// one of its kind, and the evergreen one. `others` are the programs of this and the last publication.
pub fn jobs<'a>(item: &'a Item, others: &[&'a Item]) -> Vec<Job<'a>> {
    let manifest = item.approved.program().manifest();
    let of_site = |other: &&&Item| {
        let (program, its) = (other.approved.program(), other.approved.program().manifest());
        its.site == manifest.site && program.digest() != item.approved.program().digest() && its.valid.from <= manifest.valid.from
    };
    let last = |kind: Kind| {
        let of_kind = others.iter().filter(of_site).filter(|other| other.approved.program().manifest().kind == kind);
        of_kind.max_by_key(|other| {
            let program = other.approved.program();
            (program.manifest().valid.from, program.manifest().revision, program.digest())
        })
    };
    let mut bases: Vec<&Item> = last(manifest.kind).copied().into_iter().collect();
    if manifest.kind != Kind::Evergreen {
        bases.extend(last(Kind::Evergreen).copied());
    }
    let name = |base: Option<&Item>| layout::pack(item.approved.program().digest(), base.map(|base| base.approved.program().digest()));
    let ways = bases.into_iter().map(Some).chain([None]);
    // The one without a base comes last: where it is, all are.
    ways.map(|base| Job { path: name(base), item, base }).collect()
}

/// The small files of a program whose digests are not held, each once, in the order of the manifest.
fn small<'a>(program: &'a Program, held: &BTreeSet<Digest>) -> Vec<&'a File> {
    let mut seen = BTreeSet::new();
    program
        .manifest()
        .files
        .iter()
        .filter(|file| packs::is_small(file.size) && !held.contains(&file.sha256) && seen.insert(file.sha256))
        .scan(0_u64, |total, file| {
            *total += file.size;
            (*total <= UNPACKED_BYTES / 2).then_some(file)
        })
        .collect()
}

fn pack(documents: &[(String, &[u8])], objects: &[&File], read: Read<'_>, dictionary: Option<&[u8]>) -> io::Result<Vec<u8>> {
    let length = |path: &str, size: u64| packs::line(path, size).len() as u64 + size;
    let total = documents.iter().map(|(path, bytes)| length(path, bytes.len() as u64)).sum::<u64>()
        + objects.iter().map(|file| length(&layout::object(file.sha256), file.size)).sum::<u64>();
    // Only within one window can all of the dictionary be referred to.
    let dictionary = dictionary.filter(|bytes| bytes.len() as u64 + total <= WINDOW_BYTES);
    let level = if total <= SLOW_BYTES { LEVELS.0 } else { LEVELS.1 };
    let mut encoder = Encoder::with_dictionary(Vec::new(), level, dictionary.unwrap_or_default())?;
    encoder.set_parameter(CParameter::WindowLog(WINDOW_BYTES.ilog2()))?;
    encoder.set_pledged_src_size(Some(total))?;
    encoder.include_dictid(true)?;
    for (path, bytes) in documents {
        encoder.write_all(packs::line(path, bytes.len() as u64).as_bytes())?;
        encoder.write_all(bytes)?;
    }
    for file in objects {
        let bytes = read(file)?;
        if bytes.len() as u64 != file.size {
            return Err(io::Error::other(format!("{} has another length than the manifest says", file.path)));
        }
        encoder.write_all(packs::line(&layout::object(file.sha256), file.size).as_bytes())?;
        encoder.write_all(&bytes)?;
    }
    encoder.finish()
}
