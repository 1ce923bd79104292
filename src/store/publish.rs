//! Publishing: what goes into a store, in the order in which a reader may never meet a name without its thing; and the archive beside it.
//! Never decides whether a program is approved: it takes only such as `trust::judge` made.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

pub use super::item::Item;
use super::tree::{Source, Tree};
use super::{layout, pack_writer};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::program::manifest;
use crate::trust::document::Verified;
use crate::trust::keys::Kid;
use crate::trust::latest::Latest;
use crate::trust::root::Root;

/// A root and the signature files beside it.
pub struct SignedRoot<'a> {
    /// The root.
    pub root: &'a Verified<Root>,
    /// Its signatures by holder.
    pub signatures: &'a BTreeMap<Kid, Vec<u8>>,
}

/// A site's new head; without one only the hint is set right.
pub struct SiteNews {
    /// The site.
    pub site: SiteId,
    /// Number, bytes and signature of the new head.
    pub head: Option<(u64, u64, Vec<u8>, Vec<u8>)>,
    /// The hint.
    pub latest: Latest,
}

/// Where the bytes of a program's file can be had; `None` if nowhere.
pub type Finder<'a> = &'a dyn Fn(&manifest::File) -> Option<Source>;

/// Writes everything: objects, block signatures, programs, approvals, roots, heads, hints. What is there already is left alone, so a
/// publication that was stopped goes on where it stood. A signature comes before its document.
pub fn publish(store: &Tree, roots: &[SignedRoot<'_>], items: &[Item], find: Finder<'_>, news: &[SiteNews]) -> Result<(), Failure> {
    put_things(store, roots, items, find, With::Blocks)?;
    for each in news {
        if let Some((epoch, version, bytes, signature)) = &each.head {
            store.put(&layout::head_signature(&each.site, *epoch, *version), signature)?;
            store.put(&layout::head(&each.site, *epoch, *version), bytes)?;
        }
    }
    news.iter().try_for_each(|each| store.replace(&layout::latest(&each.site), &each.latest.to_bytes()))
}

/// Puts the packs of programs that have none yet. `earlier` are the programs of the last heads, from which players come.
pub fn packs(store: &Tree, items: &[Item], earlier: &[Item], find: Finder<'_>) -> Result<(), Failure> {
    let others: Vec<&Item> = items.iter().chain(earlier).collect();
    for item in items {
        if store.holds(&layout::pack(item.approved.program().digest(), None)) {
            continue;
        }
        for job in pack_writer::jobs(item, &others) {
            match job.make(find) {
                Ok(bytes) => store.put_unless_there(&job.path, &bytes)?,
                // A base that the store has lost: players fetch what they lack from the other packs, or singly.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::io(&store.path(&job.path), &error)),
            }
        }
    }
    Ok(())
}

/// Keeps programs and the statements about them in the archive: a tree of the store's layout without heads and hints, to which
/// publications only ever add.
pub fn keep(archive: &Tree, roots: &[SignedRoot<'_>], items: &[Item], find: Finder<'_>) -> Result<(), Failure> {
    put_things(archive, roots, items, find, With::Objects)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum With {
    Objects,
    Blocks,
}

fn put_things(tree: &Tree, roots: &[SignedRoot<'_>], items: &[Item], find: Finder<'_>, with: With) -> Result<(), Failure> {
    let mut seen: BTreeSet<Digest> = BTreeSet::new();
    for item in items {
        for file in &item.approved.program().manifest().files {
            if seen.insert(file.sha256) && !tree.has_object(file.sha256, file.size) {
                let source = find(file).ok_or_else(|| nowhere(item, file))?;
                tree.put_object(file.sha256, file.size, &source)?;
            }
        }
    }
    if with == With::Blocks {
        for file in items.iter().flat_map(|item| &item.approved.program().manifest().files) {
            tree.put_blocks(file.sha256, file.size)?;
        }
    }
    for item in items {
        tree.put(&layout::program(item.approved.program().digest()), &item.manifest)?;
    }
    for item in items {
        let program = item.approved.program().digest();
        for (kid, file) in &item.approvals {
            tree.put_unless_there(&layout::approval_signature(program, *kid), &file.signature)?;
            tree.put(&layout::approval(program, *kid), &file.statement)?;
        }
    }
    for signed in roots {
        let version = signed.root.body().version;
        for (kid, signature) in signed.signatures {
            tree.put_unless_there(&layout::root_signature(version, *kid), signature)?;
        }
        tree.put(&layout::root(version), signed.root.bytes())?;
    }
    Ok(())
}

fn nowhere(item: &Item, file: &manifest::File) -> Failure {
    let (program, path) = (item.approved.program().digest(), &file.path);
    Failure::Refused(crate::text!(
        vi: "chương trình {program}: không tìm thấy {path} trong kho, lưu trữ hay nội dung",
        en: "program {program}: {path} is neither in the store nor in the archive nor in the content"
    ))
}
