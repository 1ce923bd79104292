//! The record about a program before its approval: the last approved program of its site and kind, the pages that this reviewer has opened,
//! who has signed, who wrote the slides. Never judges by itself: `trust::judge` does.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;

use super::approve::ApprovalRequest;
use super::archive::Archive;
use super::earlier::EarlierPrograms;
use super::filed::FiledPrograms;
use super::signed_files;
use crate::base::failure::Failure;
use crate::base::files::read_regular_file;
use crate::base::ids::{RoleId, SlideId};
use crate::base::limits::CONTENT_TEXT_BYTES;
use crate::base::relpath::RelPath;
use crate::base::times::Timestamp;
use crate::content::model::values::Content;
use crate::content::source::history::{self, Author, Authorship};
use crate::program::changes::{self, ProgramChanges};
use crate::program::dependencies::{self, PageDependencies};
use crate::program::manifest::Manifest;
use crate::program::page_text;
use crate::trust::document::Verified;
use crate::trust::head::HeadNumber;
use crate::trust::judge::{self, Approved};
use crate::trust::keys::KeyId;
use crate::trust::root::{Root, SignedRoot};

/// What is on file, the same for all programs under review.
pub struct RecordInputs<'a> {
    pub folder: &'a Path,
    pub content: &'a Content,
    /// The newest root.
    pub root: &'a Verified<Root>,
    /// Those before it, the newest first.
    older: Vec<&'a Verified<Root>>,
    /// Everything in `approvals/`.
    pub filed: &'a FiledPrograms,
    /// The reviewer's key.
    pub kid: KeyId,
    /// What was published from this machine.
    pub archive: Archive,
    /// Answers of git by the commit to start from; one query serves all sites that were approved together.
    authorship_cache: RefCell<BTreeMap<Option<String>, Rc<Option<Authorship>>>>,
}

impl<'a> RecordInputs<'a> {
    /// Takes what is on file in a content folder, for the holder of a key.
    pub fn new(
        folder: &'a Path,
        content: &'a Content,
        (chain, filed): (&'a [SignedRoot], &'a FiledPrograms),
        kid: KeyId,
        archive: Archive,
    ) -> Result<Self, Failure> {
        let older = chain.iter().rev().skip(1).map(|files| &files.root).collect();
        let root = signed_files::newest(chain)?;
        Ok(Self { folder, content, root, older, filed, kid, archive, authorship_cache: RefCell::default() })
    }

    fn authorship(&self, since: Option<String>) -> Rc<Option<Authorship>> {
        let mut cache = self.authorship_cache.borrow_mut();
        let ask = |since: &Option<String>| Rc::new(history::authorship(self.folder, since.as_deref()));
        cache.entry(since).or_insert_with_key(ask).clone()
    }
}

/// What is on record about one program.
pub struct ApprovalRecord {
    /// The files that each page needs.
    pub needs: PageDependencies,
    /// The last approved program of this site and kind; without one, the last that an older root accepts.
    pub last: Option<Approved>,
    /// Whether `last` has lost its approval with a newer root.
    pub lapsed: bool,
    /// What differs from `last`.
    pub changes: Option<ProgramChanges>,
    /// Pages of `last` that can be shown.
    pub kept: BTreeSet<RelPath>,
    /// Pages that this reviewer opened before signing an earlier approved program and that have not changed since.
    pub seen: BTreeSet<RelPath>,
    pub signed: BTreeMap<RoleId, BTreeSet<KeyId>>,
    /// Whether this reviewer has signed.
    pub already_signed: bool,
    /// Who wrote the slides that are not as in `last`.
    pub authors: BTreeMap<SlideId, SlideAuthors>,
    /// Whether git lacks a part of its history here, so that there may be other authors.
    pub history_is_cut: bool,
    /// The newest release with the program that the archive knows, and whether none has followed it.
    pub release: Option<(HeadNumber, bool)>,
    /// The site's newest release that the archive knows, and when it was signed.
    pub last_release: Option<(HeadNumber, Timestamp)>,
    /// When the latest of the valid approvals of it and of `last` was signed.
    pub last_approval: Option<Timestamp>,
}

/// Who wrote a slide since the last approved program, or ever.
#[derive(Default)]
pub struct SlideAuthors {
    pub authors: BTreeSet<Author>,
    /// Whether it has changes that are in no commit.
    pub uncommitted: bool,
}

/// Looks up what is on record.
pub fn record(files: &RecordInputs<'_>, asked: &ApprovalRequest) -> Result<ApprovalRecord, Failure> {
    let manifest = asked.built.program.manifest();
    let needs = dependencies_of(asked)?;
    let earlier = EarlierPrograms::list(files.filed, &asked.built.program, (files.root, files.kid))?;
    let (mut last, mut lapsed) = (earlier.last(files.root)?, false);
    for root in &files.older {
        if last.is_some() {
            break;
        }
        last = earlier.last(root)?;
        lapsed = last.is_some();
    }
    let statements = files.filed.statements(asked.built.program.digest())?;
    statements.ensure_line_ends(files.root)?;
    let mut signed: BTreeMap<RoleId, BTreeSet<KeyId>> = BTreeMap::new();
    let valid = judge::valid_approvals(files.root, &asked.built.program, &statements.files);
    let last_approval = valid.iter().chain(last.iter().flat_map(Approved::approvals)).map(Verified::issued).max();
    for approval in &valid {
        for role in &approval.body().roles {
            let holders = files.root.body().roles.review.get(role).map(|role| &role.keys);
            let held = approval.signers().iter().filter(|kid| holders.is_some_and(|holders| holders.contains(kid)));
            signed.entry(role.clone()).or_default().extend(held);
        }
    }
    let own = asked.earlier.is_some();
    let seen = earlier.opened_pages(&needs)?;
    let approved_in = last.as_ref().and_then(|last| ApprovedIn::find(files.folder, last));
    let mut changes = last.as_ref().map(|last| changes_since(files, asked, last.program().manifest(), &needs));
    let authorship = files.authorship(approved_in.as_ref().and_then(|commits| commits.before.clone()));
    let authors = authorship.iter().flat_map(|told| authors(files, manifest, changes.as_ref(), told)).collect();
    let history_is_cut = authorship.iter().any(|told| told.is_cut);
    if let Some((changes, commits)) = changes.as_mut().zip(approved_in) {
        add_sources(files, changes, &commits);
    }
    let kept = last.as_ref().map(|last| kept_pages(files, last.program().manifest(), changes.as_ref())).unwrap_or_default();
    let release = files.archive.release_of(&manifest.site, asked.built.program.digest());
    let last_release = files.archive.last_release(&manifest.site);
    Ok(ApprovalRecord {
        needs,
        last,
        lapsed,
        changes,
        kept,
        seen,
        signed,
        already_signed: own,
        authors,
        history_is_cut,
        release,
        last_release,
        last_approval,
    })
}

fn changes_since(files: &RecordInputs<'_>, asked: &ApprovalRequest, old: &Manifest, needs: &PageDependencies) -> ProgramChanges {
    let new = asked.built.program.manifest();
    let mut changes = changes::compare(old, new, needs);
    changes.read_texts((old, &|file| files.archive.read(file)), (new, &|file| asked.built.read(file)));
    changes
}

/// Where git has an approved program. Approvals may be committed long after they were signed, with other edits or after them, so the commit
/// that added them need not have the slides as they were approved.
struct ApprovedIn {
    /// The commit that added the program to the repository.
    added: String,
    /// The last one before it that was made before the first approval: all that was edited since is in none that it contains.
    before: Option<String>,
}

impl ApprovedIn {
    fn find(folder: &Path, program: &Approved) -> Option<Self> {
        let added = history::introducing_commit(folder, &format!("approvals/{}/program.json", program.program().digest()))?;
        let first = program.approvals().iter().map(Verified::issued).min();
        let before = first.and_then(|first| history::commit_before(folder, &added, first));
        Some(Self { added, before })
    }

    /// A text file as it was when the program was approved, as far as git knows.
    fn text(&self, folder: &Path, path: &str) -> Option<String> {
        let before = self.before.as_ref().and_then(|before| history::text_at(folder, before, path));
        before.or_else(|| history::text_at(folder, &self.added, path))
    }
}

/// Adds what git says of the sources of slides whose approved pages are not at hand.
fn add_sources(files: &RecordInputs<'_>, changes: &mut ProgramChanges, commits: &ApprovedIn) {
    let lines = |text: &str| text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>();
    for (id, change) in changes.slides.changed.iter_mut().filter(|(_, change)| change.texts.is_none()) {
        let Some(path) = files.content.slide(id).map(|slide| format!("slides/{}", slide.source)) else { continue };
        let now = read_regular_file(&files.folder.join(&path), CONTENT_TEXT_BYTES).ok();
        let both = commits.text(files.folder, &path).zip(now);
        change.sources = both.map(|(was, is)| page_text::differences(&lines(&was), &lines(&String::from_utf8_lossy(&is))));
    }
}

/// The pages of changed and removed slides that the archive holds.
fn kept_pages(files: &RecordInputs<'_>, old: &Manifest, changes: Option<&ProgramChanges>) -> BTreeSet<RelPath> {
    let slides = changes.map(|changes| changes.slides.changed.keys().chain(&changes.slides.removed)).into_iter().flatten();
    let pages = slides.filter_map(|id| old.slides.get(id)).flat_map(|slide| slide.pages.values());
    pages.filter(|page| old.file(page.as_str()).and_then(|file| files.archive.source(file)).is_some()).cloned().collect()
}

fn dependencies_of(asked: &ApprovalRequest) -> Result<PageDependencies, Failure> {
    dependencies::page_dependencies(asked.built.program.manifest(), &|file| asked.built.read(file))
        .map_err(|error| Failure::io("program.json".as_ref(), &error))
}

/// Who wrote the slides that are not as they were approved last. `recent`: who wrote since then. Where that names nobody, or the program
/// approved last does not have the slide, all count who ever wrote it: an edit may have been committed long before its slide is approved.
fn authors(
    files: &RecordInputs<'_>,
    manifest: &Manifest,
    changes: Option<&ProgramChanges>,
    recent: &Authorship,
) -> BTreeMap<SlideId, SlideAuthors> {
    let whole = files.authorship(None);
    let ever = |id: &SlideId| (*whole).as_ref().map(|whole| writers(files.content, id, whole));
    let told = |id: &SlideId| {
        let Some(changes) = changes.filter(|changes| !changes.slides.added.contains(id)) else { return ever(id) };
        let (change, since) = (changes.slides.changed.get(id)?, writers(files.content, id, recent));
        let named = since.uncommitted || !since.authors.is_empty() || change.theme_only().is_some();
        if named { Some(since) } else { ever(id) }
    };
    manifest.slides.keys().filter_map(|id| Some((id.clone(), told(id)?))).collect()
}

fn writers(content: &Content, id: &SlideId, told: &Authorship) -> SlideAuthors {
    let mut writers = SlideAuthors::default();
    for path in sources(content, id) {
        writers.authors.extend(told.authors.get(&path).into_iter().flatten().cloned());
        writers.uncommitted |= told.uncommitted.contains(&path);
    }
    writers
}

/// The content files of a slide: its own, the original from which a translation takes what it does not set, its media.
fn sources(content: &Content, id: &SlideId) -> BTreeSet<String> {
    let Some(slide) = content.slide(id) else { return BTreeSet::new() };
    let base = slide.source.strip_suffix(&format!(".{}.md", slide.language)).map(|base| format!("{base}.md"));
    let texts = std::iter::once(&slide.source).chain(base.as_ref()).map(|source| format!("slides/{source}"));
    let media = slide.media.values().chain(slide.pictures.values()).map(|media| media.path.clone());
    texts.chain(media).collect()
}
