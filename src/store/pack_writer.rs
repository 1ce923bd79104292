//! Makes packs: all small files of a program; or only those that another program lacks and the edits from its large objects, compressed with
//! that program as the dictionary if both are of one kind. Never writes a file: bytes in, bytes out.

use std::collections::BTreeSet;
use std::io::{self, Write};

use zstd::stream::Encoder;
use zstd::zstd_safe::CParameter;

use super::documents::PublishableProgram;
use super::packs;
use super::{bases, edit, edit_writer, layout};
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::limits::{PACK_BYTES, PACK_WINDOW_BYTES};
use crate::base::terms::ProgramKind;
use crate::program::manifest::ManifestFile;
use crate::program::validate::Program;

/// Finds the bytes of a program's file; `None` if they are not on this machine.
pub type FileFinder<'a> = &'a (dyn Fn(&ManifestFile) -> Option<ByteSource> + Sync);

/// The highest level whose window is within the limit, and a faster one above [`SLOW_BYTES`].
const LEVELS: (i32, i32) = (19, 9);
/// Smallest object that gets an edit, in bytes.
const EDITED_FROM: u64 = 8 << 10;
/// Most bytes of edits in one pack.
const EDITS_BYTES: u64 = 12 << 20;
/// Largest pack at the higher level, in bytes before compression.
const SLOW_BYTES: u64 = 16 << 20;

/// Makes the pack for a player that holds `base`: approvals and manifest where players take them from it, new small objects, edits.
fn delta_pack(base: &PublishableProgram, item: &PublishableProgram, find: FileFinder<'_>) -> io::Result<Vec<u8>> {
    let (program, old) = (item.approved.program(), base.approved.program());
    let (mut documents, mut dictionary) = (Vec::new(), None);
    if brings_documents(base, item) {
        for (kid, file) in &item.approvals {
            documents.push((layout::approval_signature(program.digest(), *kid), file.signature.as_slice()));
            documents.push((layout::approval(program.digest(), *kid), file.statement.as_slice()));
        }
        documents.push((layout::program(program.digest()), item.manifest.as_slice()));
        dictionary = packs::dictionary(old, &base.manifest, |file| bytes(file, find))?;
    }
    let edits = edits(&edit_pairs(old, program, find), find)?;
    let edited: BTreeSet<Digest> = edits.iter().map(|(digest, _, _)| *digest).collect();
    let mut objects = small_files(program, &held(Some(old.as_ref())));
    objects.retain(|file| !edited.contains(&file.sha256));
    let edits = edits.into_iter().map(|(_, path, edit)| (path, edit)).collect();
    pack(PackContents { documents, objects, edits }, find, dictionary.as_deref())
}

/// Whether the pack holds documents, and so uses a dictionary: players look for the documents of a program in the pack against one of its own
/// kind. The others then are the same at all sites that show the same.
fn brings_documents(base: &PublishableProgram, item: &PublishableProgram) -> bool {
    let [old, new] = [base, item].map(|each| each.approved.program().manifest().kind);
    old == new
}

/// The objects of a base.
fn held(base: Option<&Program>) -> BTreeSet<Digest> {
    base.iter().flat_map(|base| base.manifest().files.iter().map(|file| file.sha256)).collect()
}

/// The new objects that may get an edit, each once, with the objects of the base from which it would be made.
fn edit_pairs<'a>(base: &'a Program, program: &'a Program, find: FileFinder<'_>) -> Vec<(&'a ManifestFile, &'a ManifestFile)> {
    let (held, mut seen) = (held(Some(base)), BTreeSet::new());
    let page = |file: &ManifestFile| if file.media_type == "text/html" { bytes(file, find).ok() } else { None };
    let mut pairs = bases::likely_bases(program.manifest(), base.manifest(), EDITED_FROM, &page);
    pairs.retain(|(file, _)| {
        // The dictionary already covers what a text shares with an old one.
        let text = packs::is_small(file.size) && file.media_type.starts_with("text/");
        !text && !held.contains(&file.sha256) && seen.insert(file.sha256)
    });
    pairs
}

/// Makes the edits, where that pays: digest of the new object, path in the pack, edit.
fn edits(pairs: &[(&ManifestFile, &ManifestFile)], find: FileFinder<'_>) -> io::Result<Vec<(Digest, String, Vec<u8>)>> {
    let (mut out, mut total) = (Vec::new(), 0);
    for (file, old) in pairs {
        if total > EDITS_BYTES {
            break;
        }
        let (Some(from), Some(to)) = (find(old), find(file)) else { continue };
        if let Some(edit) = edit_writer::make_edit((&from, old.size), (&to, file.size))? {
            total += edit.len() as u64;
            out.push((file.sha256, edit::path(file.sha256, old.sha256), edit));
        }
    }
    Ok(out)
}

/// Reads a file that fits into memory.
fn bytes(file: &ManifestFile, find: FileFinder<'_>) -> io::Result<Vec<u8>> {
    read_stream_limited(find(file).ok_or(io::ErrorKind::NotFound)?.open()?, file.size)
}

/// A pack to make.
pub struct PackJob<'a> {
    pub path: String,
    item: &'a PublishableProgram,
    base: Option<&'a PublishableProgram>,
}

/// What decides about the bytes of a pack without documents: the base or none, the objects, and the pairs of which edits are made.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct SharedContents {
    pub without_base: bool,
    objects: Vec<Digest>,
    edits: Vec<(Digest, Digest)>,
}

impl PackJob<'_> {
    /// The contents of a pack that holds no documents: programs that share them have the same pack. `None` for a pack with documents.
    pub fn shared_contents(&self, find: FileFinder<'_>) -> Option<SharedContents> {
        if self.base.is_some_and(|base| brings_documents(base, self.item)) {
            return None;
        }
        let (program, base) = (self.item.approved.program(), self.base.map(|base| &**base.approved.program()));
        let edits = base.map(|base| edit_pairs(base, program, find)).unwrap_or_default();
        Some(SharedContents {
            without_base: base.is_none(),
            objects: small_files(program, &held(base)).into_iter().map(|file| file.sha256).collect(),
            edits: edits.into_iter().map(|(file, old)| (file.sha256, old.sha256)).collect(),
        })
    }

    /// Makes the pack.
    pub fn make(&self, find: FileFinder<'_>) -> io::Result<Vec<u8>> {
        match self.base {
            None => {
                let objects = small_files(self.item.approved.program(), &held(None));
                pack(PackContents { objects, ..PackContents::default() }, find, None)
            }
            Some(base) => delta_pack(base, self.item, find),
        }
    }
}

/// Plans a program's packs: a full one, and one for each program that a player of the site probably holds: the last of its kind and the
/// evergreen one. `others`: the programs of this and the last publication.
pub fn pack_jobs<'a>(item: &'a PublishableProgram, others: &[&'a PublishableProgram]) -> Vec<PackJob<'a>> {
    let manifest = item.approved.program().manifest();
    let of_site = |other: &&&PublishableProgram| {
        let (program, its) = (other.approved.program(), other.approved.program().manifest());
        its.site == manifest.site && program.digest() != item.approved.program().digest() && its.valid.from <= manifest.valid.from
    };
    let last = |kind: ProgramKind| {
        let of_kind = others.iter().filter(of_site).filter(|other| other.approved.program().manifest().kind == kind);
        of_kind.copied().max_by_key(|other| {
            let program = other.approved.program();
            (program.manifest().valid.from, program.manifest().revision, program.digest())
        })
    };
    let evergreen = if manifest.kind == ProgramKind::Evergreen { None } else { last(ProgramKind::Evergreen) };
    // The pack without a base comes last: if it exists, all exist.
    let bases = last(manifest.kind).into_iter().chain(evergreen).map(Some).chain([None]);
    let job = |base: Option<&'a PublishableProgram>| {
        let path = layout::pack(item.approved.program().digest(), base.map(|base| base.approved.program().digest()));
        PackJob { path, item, base }
    };
    bases.map(job).collect()
}

/// The small files of a program that are not in `held`, each digest once, in manifest order.
fn small_files<'a>(program: &'a Program, held: &BTreeSet<Digest>) -> Vec<&'a ManifestFile> {
    let mut seen = BTreeSet::new();
    program
        .manifest()
        .files
        .iter()
        .filter(|file| packs::is_small(file.size) && !held.contains(&file.sha256) && seen.insert(file.sha256))
        .scan(0_u64, |total, file| {
            *total += file.size;
            (*total <= PACK_BYTES / 2).then_some(file)
        })
        .collect()
}

/// Contents of a pack, in this order.
#[derive(Default)]
struct PackContents<'a> {
    documents: Vec<(String, &'a [u8])>,
    objects: Vec<&'a ManifestFile>,
    edits: Vec<(String, Vec<u8>)>,
}

fn pack(contents: PackContents<'_>, find: FileFinder<'_>, dictionary: Option<&[u8]>) -> io::Result<Vec<u8>> {
    let length = |path: &str, size: u64| packs::file_header(path, size).len() as u64 + size;
    let texts = contents.documents.iter().map(|(path, bytes)| length(path, bytes.len() as u64)).sum::<u64>()
        + contents.objects.iter().map(|file| length(&layout::object(file.sha256), file.size)).sum::<u64>();
    let total = texts + contents.edits.iter().map(|(path, bytes)| length(path, bytes.len() as u64)).sum::<u64>();
    // The whole dictionary is reachable only within one window; edits come last and do not use it.
    let dictionary = dictionary.filter(|bytes| bytes.len() as u64 + texts <= PACK_WINDOW_BYTES);
    let level = if total <= SLOW_BYTES { LEVELS.0 } else { LEVELS.1 };
    let mut encoder = Encoder::with_dictionary(Vec::new(), level, dictionary.unwrap_or_default())?;
    encoder.set_parameter(CParameter::WindowLog(PACK_WINDOW_BYTES.ilog2()))?;
    encoder.set_pledged_src_size(Some(total))?;
    encoder.include_dictid(true)?;
    let mut write = |path: &str, bytes: &[u8]| {
        encoder.write_all(packs::file_header(path, bytes.len() as u64).as_bytes())?;
        encoder.write_all(bytes)
    };
    contents.documents.iter().try_for_each(|(path, bytes)| write(path, bytes))?;
    for file in contents.objects {
        let bytes = bytes(file, find)?;
        if bytes.len() as u64 != file.size {
            return Err(io::Error::other(format!("{} has another length than the manifest says", file.path)));
        }
        write(&layout::object(file.sha256), &bytes)?;
    }
    contents.edits.iter().try_for_each(|(path, bytes)| write(path, bytes))?;
    encoder.finish()
}
