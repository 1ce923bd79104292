//! What is on record about a program before it is approved: the last approved one of its site and kind, which pages this reviewer has
//! opened already, who has signed, who wrote the slides. Never judges by itself: `trust::judge` does.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use super::approve::Asked;
use super::judged::judged;
use super::signed_files::Filed;
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SlideId};
use crate::base::relpath::RelPath;
use crate::base::times::Instant;
use crate::content::model::values::Content;
use crate::content::source::history::{self, Author, Authorship};
use crate::program::changes;
use crate::program::manifest::Manifest;
use crate::program::needs::{self, Needs};
use crate::program::verify::Program;
use crate::trust::document::Verified;
use crate::trust::judge::{self, Approved};
use crate::trust::keys::Kid;
use crate::trust::root::Root;

/// What lies on file, the same for all programs that are asked about.
pub struct Files<'a> {
    /// The content folder.
    pub folder: &'a Path,
    /// The content.
    pub content: &'a Content,
    /// The newest root.
    pub root: &'a Verified<Root>,
    /// What lies in `approvals/`.
    pub filed: &'a [Filed],
    /// The reviewer's key.
    pub kid: Kid,
    /// What git has said, by the commit since which it was asked: sites that were approved together are asked about once.
    told: RefCell<BTreeMap<Option<String>, Rc<Option<Authorship>>>>,
}

impl<'a> Files<'a> {
    /// What lies in a content folder, for the holder of a key.
    pub fn new(folder: &'a Path, content: &'a Content, root: &'a Verified<Root>, filed: &'a [Filed], kid: Kid) -> Self {
        Self { folder, content, root, filed, kid, told: RefCell::default() }
    }

    fn authorship(&self, since: Option<String>) -> Rc<Option<Authorship>> {
        let mut told = self.told.borrow_mut();
        let ask = |since: &Option<String>| Rc::new(history::authorship(self.folder, since.as_deref()));
        told.entry(since).or_insert_with_key(ask).clone()
    }
}

/// What is on record about one program.
pub struct Record {
    /// The files that each page needs.
    pub needs: Needs,
    /// The last approved program of this site and kind.
    pub last: Option<Last>,
    /// The pages that this reviewer opened, as they are, before signing an earlier program that was approved.
    pub seen: BTreeSet<RelPath>,
    /// Who has signed for which role so far.
    pub signed: BTreeMap<RoleId, BTreeSet<Kid>>,
    /// Whether this reviewer has.
    pub own: bool,
    /// Who wrote the slides that are not as they were.
    pub authors: BTreeMap<SlideId, Writers>,
}

/// An approved program.
pub struct Last {
    /// It.
    pub program: Arc<Program>,
    /// When the last approval that counted was signed.
    pub issued: Instant,
}

/// Who wrote a slide since the last approved program.
#[derive(Default)]
pub struct Writers {
    /// Those whom git names.
    pub authors: BTreeSet<Author>,
    /// Whether it holds changes that are in no commit, by whomever.
    pub uncommitted: bool,
}

/// Looks up what is on record.
pub fn record(files: &Files<'_>, asked: &Asked) -> Result<Record, Failure> {
    let manifest = asked.built.program.manifest();
    let needs = pages_need(asked)?;
    let approved = approved_before(files, asked);
    let last = approved.iter().max_by_key(|approved| (approved.program().manifest().month == manifest.month, approved.issued()));
    let last = last.map(|approved| Last { program: approved.program().clone(), issued: approved.issued() });
    let statements = files.filed.iter().find(|filed| filed.program.digest() == asked.built.program.digest()).map(|filed| &filed.files);
    let mut signed: BTreeMap<RoleId, BTreeSet<Kid>> = BTreeMap::new();
    let good = statements.map(|statements| judge::so_far(files.root, &asked.built.program, statements)).unwrap_or_default();
    for approval in &good {
        for role in &approval.body().roles {
            let held = approval
                .signers()
                .iter()
                .filter(|kid| files.root.body().roles.review.get(role).is_some_and(|role| role.keys.contains(kid)));
            signed.entry(role.clone()).or_default().extend(held);
        }
    }
    let own = statements.is_some_and(|statements| statements.contains_key(&files.kid));
    let seen = seen(&approved, manifest, &needs, files.kid);
    let authors = authors(files, manifest, last.as_ref(), &needs);
    Ok(Record { needs, last, seen, signed, own, authors })
}

fn pages_need(asked: &Asked) -> Result<Needs, Failure> {
    let read = |file: &crate::program::manifest::File| {
        let source = asked.built.objects.get(&file.sha256).ok_or_else(|| std::io::Error::from(std::io::ErrorKind::NotFound))?;
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut source.open()?, &mut bytes)?;
        Ok(bytes)
    };
    needs::needs(asked.built.program.manifest(), &read).map_err(|error| Failure::io("program.json".as_ref(), &error))
}

/// The other programs on file of this site and kind that are approved under the newest root.
fn approved_before(files: &Files<'_>, asked: &Asked) -> Vec<Approved> {
    let (own, manifest) = (asked.built.program.digest(), asked.built.program.manifest());
    let alike = |filed: &&Filed| {
        let other = filed.program.manifest();
        filed.program.digest() != own && other.site == manifest.site && other.kind == manifest.kind
    };
    let judged = |filed: &Filed| {
        let item = judged(files.root, &manifest.site, filed.program.digest(), manifest.kind, filed.manifest.clone(), &filed.files);
        item.ok().map(|item| item.approved)
    };
    files.filed.iter().filter(alike).filter_map(judged).collect()
}

/// The pages that look as in an earlier program of which this reviewer had opened every page. One that was signed with pages unopened
/// proves nothing about any.
fn seen(approved: &[Approved], manifest: &Manifest, needs: &Needs, kid: Kid) -> BTreeSet<RelPath> {
    let whole = |approved: &&Approved| {
        let mut own = approved.approvals().iter().filter(|approval| approval.signers().contains(&kid));
        own.any(|approval| approval.body().unseen == Some(0))
    };
    let earlier: Vec<&Approved> = approved.iter().filter(whole).collect();
    let held = |page: &&RelPath| earlier.iter().any(|earlier| changes::same_page(earlier.program().manifest(), manifest, page, needs));
    needs.keys().filter(held).cloned().collect()
}

fn authors(files: &Files<'_>, manifest: &Manifest, last: Option<&Last>, needs: &Needs) -> BTreeMap<SlideId, Writers> {
    // The commit that brought the approved program into the repository holds the slides that it was made of.
    let since = last.and_then(|last| history::introduced(files.folder, &format!("approvals/{}/program.json", last.program.digest())));
    let told = files.authorship(since);
    let Some(Authorship { authors, uncommitted }) = &*told else { return BTreeMap::new() };
    let as_it_was = |id: &SlideId| {
        let old = last.map(|last| last.program.manifest());
        old.is_some_and(|old| {
            old.slides.get(id) == manifest.slides.get(id) && pages(manifest, id).all(|page| changes::same_page(old, manifest, page, needs))
        })
    };
    let changed = manifest.slides.keys().filter(|id| !as_it_was(id));
    let writers = |id: &SlideId| {
        let mut writers = Writers::default();
        for path in sources(files.content, id) {
            writers.authors.extend(authors.get(&path).into_iter().flatten().cloned());
            writers.uncommitted |= uncommitted.contains(&path);
        }
        (id.clone(), writers)
    };
    changed.map(writers).collect()
}

fn pages<'a>(manifest: &'a Manifest, id: &SlideId) -> impl Iterator<Item = &'a RelPath> {
    manifest.slides.get(id).into_iter().flat_map(|slide| slide.pages.values())
}

/// The files of the content that make a slide: its own, that of the first language from which it takes what it does not say, its media.
fn sources(content: &Content, id: &SlideId) -> BTreeSet<String> {
    let Some(slide) = content.slides.get(id) else { return BTreeSet::new() };
    let base = slide.source.strip_suffix(&format!(".{}.md", slide.language)).map(|base| format!("{base}.md"));
    let texts = std::iter::once(&slide.source).chain(base.as_ref()).map(|source| format!("slides/{source}"));
    let media = slide.media.values().chain(slide.pictures.values()).map(|media| media.path.clone());
    texts.chain(media).collect()
}
