//! Publishes into a store, so that no reader sees a reference before its target, and writes the archive.
//! Never decides whether a program is approved: it takes only results of `trust::judge`.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::num::NonZero;
use std::sync::Mutex;

use super::backend::StoreBackend;
pub use super::documents::PublishableProgram;
use super::pack_writer::{FileFinder, PackJob};
use super::{blocks, documents, layout, pack_writer, parallel};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::lock::MutexExt as _;
use crate::base::text::Text;
use crate::program::manifest;
use crate::trust::head::SignedHead;
use crate::trust::hint::Hint;
use crate::trust::root::SignedRoot;

/// Packs made at the same time, at most: each takes about 100 MB.
const PACKERS: usize = 8;

/// A site's new head; without one only the hint is updated.
pub struct SiteUpdate {
    pub site: SiteId,
    pub head: Option<SignedHead>,
    pub latest: Hint,
}

/// Receives the progress of sending objects.
pub trait Progress: Sync {
    /// Sending of `files` missing files starts, `bytes` in total.
    fn begin(&self, files: u64, bytes: u64);
    /// A number of further bytes have been sent.
    fn sent(&self, bytes: u64);
    /// All objects are sent.
    fn end(&self);
}

/// Ignores progress.
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: u64, _: u64) {}
    fn sent(&self, _: u64) {}
    fn end(&self) {}
}

/// The contents of a publication, without the heads.
pub struct Publication<'a> {
    /// Every root, oldest first.
    pub roots: &'a [SignedRoot],
    pub items: &'a [PublishableProgram],
    /// The programs of the last heads, which players probably hold.
    pub earlier: &'a [PublishableProgram],
    pub find: FileFinder<'a>,
    pub watch: &'a dyn Progress,
}

/// Writes everything: objects, block signatures and packs, programs, approvals, roots, heads, hints; each signature before its document.
/// Skips existing files, so a stopped publication resumes. Returns a warning if the store can't exclude concurrent publishers.
pub fn publish(store: &dyn StoreBackend, goods: &Publication<'_>, news: &[SiteUpdate]) -> Result<Option<Text>, Failure> {
    put_objects(store, goods)?;
    put_hints(store, goods)?;
    put_documents(store, goods)?;
    let mut warning = None;
    if let Some(newest) = goods.roots.last().filter(|_| news.iter().any(|each| each.head.is_some())) {
        warning = store.check_exclusive_create(&layout::root(newest.root.body().version), newest.root.bytes())?;
    }
    for each in news {
        if let Some(SignedHead { number, bytes, signature }) = &each.head {
            store.put(&layout::head_signature(&each.site, *number), signature)?;
            store.put(&layout::head(&each.site, *number), bytes)?;
        }
    }
    news.iter().try_for_each(|each| store.replace_hint(&layout::hint(&each.site), each.latest))?;
    Ok(warning)
}

/// Adds programs and their approvals to the archive: a tree in the store's layout without heads and hints. Never removes from it.
pub fn write_archive(archive: &dyn StoreBackend, goods: &Publication<'_>) -> Result<(), Failure> {
    put_objects(archive, goods)?;
    put_documents(archive, goods)
}

/// The files of all programs, each digest once.
fn files<'a>(goods: &Publication<'a>) -> impl Iterator<Item = (&'a PublishableProgram, &'a manifest::ManifestFile)> {
    let mut seen: BTreeSet<Digest> = BTreeSet::new();
    let all = goods.items.iter().flat_map(|item| item.approved.program().manifest().files.iter().map(move |file| (item, file)));
    all.filter(move |(_, file)| seen.insert(file.sha256))
}

fn put_objects(store: &dyn StoreBackend, goods: &Publication<'_>) -> Result<(), Failure> {
    let missing = Mutex::new(BTreeSet::new());
    parallel::try_for_each(store.max_writers(), files(goods).map(Ok), |(_, file)| {
        if !store.has_object(file.sha256, file.size)? {
            missing.hold().insert(file.sha256);
        }
        Ok(())
    })?;
    let missing = missing.into_value();
    if missing.is_empty() {
        return Ok(());
    }
    let files = || files(goods).filter(|(_, file)| missing.contains(&file.sha256));
    goods.watch.begin(missing.len() as u64, files().map(|(_, file)| file.size).sum());
    let sources = files().map(|(item, file)| (goods.find)(file).map(|source| (file, source)).ok_or_else(|| missing_file(item, file)));
    let sent = |bytes| goods.watch.sent(bytes);
    parallel::try_for_each(store.max_writers(), sources, |(file, source)| store.put_object(file.sha256, file.size, &source, &sent))?;
    goods.watch.end();
    Ok(())
}

/// Writes block signatures and packs, which save players downloads and are optional. Derives them from bytes on this machine, never from
/// the store; whoever wrote an object that is only in the store wrote its hints.
fn put_hints(store: &dyn StoreBackend, goods: &Publication<'_>) -> Result<(), Failure> {
    let big = files(goods).filter(|(_, file)| file.size >= blocks::MIN_OBJECT_BYTES);
    let lacking = big.filter_map(|(_, file)| match store.size(&layout::blocks(file.sha256)) {
        Ok(Some(_)) => None,
        Ok(None) => (goods.find)(file).map(|source| Ok((file, source))),
        Err(failure) => Some(Err(failure)),
    });
    parallel::try_for_each(store.max_writers(), lacking, |(file, source)| {
        let path = layout::blocks(file.sha256);
        let failed = |error: std::io::Error| Failure::io(path.as_ref(), &error);
        let bytes = source.open().and_then(|object| blocks::signature(object, file.size)).map_err(failed)?;
        store.put_if_absent(&path, &bytes)
    })?;
    put_packs(store, goods)
}

/// Makes the packs that the store lacks on all cores, and the same pack of several programs once.
fn put_packs(store: &dyn StoreBackend, goods: &Publication<'_>) -> Result<(), Failure> {
    let others: Vec<&PublishableProgram> = goods.items.iter().chain(goods.earlier).collect();
    let (mut based, mut shared) = (Vec::new(), BTreeMap::<_, Vec<PackJob<'_>>>::new());
    for item in goods.items {
        if store.size(&layout::pack(item.approved.program().digest(), None))?.is_some() {
            continue;
        }
        for job in pack_writer::pack_jobs(item, &others) {
            match job.shared_contents(goods.find) {
                None => based.push(vec![job]),
                Some(contents) => shared.entry(contents).or_default().push(job),
            }
        }
    }
    let mut whole = Vec::new();
    for (contents, jobs) in shared {
        if contents.without_base { whole.push(jobs) } else { based.push(jobs) }
    }
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get).min(PACKERS);
    // The packs without a base come last: if such a pack exists, all of its program exist.
    for jobs in [based, whole] {
        parallel::try_for_each(workers, jobs.into_iter().map(Ok), |jobs| {
            let Some(first) = jobs.first() else { return Ok(()) };
            match first.make(goods.find) {
                Ok(bytes) => jobs.iter().try_for_each(|job| store.put_if_absent(&job.path, &bytes)),
                // The base is not on this machine: players use the other packs or fetch files singly.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                Err(error) => Err(Failure::io(first.path.as_ref(), &error)),
            }
        })?;
    }
    Ok(())
}

fn put_documents(store: &dyn StoreBackend, goods: &Publication<'_>) -> Result<(), Failure> {
    documents::put(store, documents::program_files(goods.items))?;
    documents::put(store, documents::root_files(goods.roots))
}

fn missing_file(item: &PublishableProgram, file: &manifest::ManifestFile) -> Failure {
    let (program, path) = (item.approved.program().digest(), &file.path);
    Failure::Refused(crate::text!(
        vi: "chương trình {program}: không tìm thấy {path} trong kho, lưu trữ hay nội dung; phát hành bằng phiên bản bangtin đã tạo chương trình, hoặc duyệt lại",
        en: "program {program}: {path} is neither in the store nor in the archive nor in the content; publish it with the version of bangtin that built it, or approve it again"
    ))
}
