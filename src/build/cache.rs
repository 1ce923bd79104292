//! Caches results of a build in the user's cache folder: slides as read, pages as listed, files as written. Work is repeated unless its
//! inputs are certainly unchanged, so a lost, torn or foreign cache costs only time. Never decides what a page holds.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::base::cache_file::{CacheEntries, CacheFile, CacheUpdates};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;
use crate::build::assemble::PageId;
use crate::build::render::{ListedFile, RenderedFile, Theme, page_path};
use crate::content::model::slide_cache::{self, CachedSlide, CachedSlides, SlideInputs};
use crate::content::model::values::{Content, Slide};
use crate::content::model::{self, LoadedContent};
use crate::content::source::media::MediaInfo;
use crate::content::source::walk::walk;
use crate::content::source::{ContentFile, ContentReader, ContentTree};

/// Raised whenever the meaning of entries changes.
const FORMAT_VERSION: &str = "bangtin-build/2";
/// Subfolder of the cache folder.
const FOLDER: &str = "builds";
/// How long unused files are kept.
const MAX_UNUSED: Duration = Duration::from_secs(60 * 86_400);
/// Shortest time between two prunings.
const PRUNE_INTERVAL: Duration = Duration::from_secs(86_400);

/// Location of the caches, and the tool that owns them.
pub struct BuildCacheFolder {
    cache: Option<PathBuf>,
    tool: String,
}

impl BuildCacheFolder {
    /// Caches in the folder `cache`, if there is one. `tool` distinguishes the tool that writes them from every other.
    pub fn new(cache: Option<PathBuf>, tool: String) -> Self {
        Self { cache, tool }
    }

    /// The cache folder.
    pub fn cache(&self) -> Option<&Path> {
        self.cache.as_deref()
    }

    /// Opens the cache of a content folder.
    pub fn content_cache(&self, root: &Path) -> CacheFile {
        self.cache_file(root, "content")
    }

    /// Opens the cache of an output folder.
    pub fn output_cache(&self, folder: &Path) -> CacheFile {
        self.cache_file(folder, "result")
    }

    fn cache_file(&self, of: &Path, what: &str) -> CacheFile {
        // A folder reached under two names has two caches, which is only slower.
        let name = Digest::of(std::path::absolute(of).unwrap_or_else(|_| of.to_owned()).as_os_str().as_encoded_bytes()).to_string();
        let path = self.cache.as_ref().map(|cache| cache.join(FOLDER).join(format!("{}.{what}", &name[..32])));
        CacheFile::open(path, Digest::of(format!("{FORMAT_VERSION} {what} {}", self.tool).as_bytes()))
    }

    /// Removes caches and picture renditions that no build has used for 60 days. Runs at most once a day.
    pub fn prune(&self, now: SystemTime) {
        let Some(cache) = &self.cache else { return };
        let mark = cache.join(FOLDER).join("pruned");
        let age = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok().and_then(|time| now.duration_since(time).ok());
        if age(&mark).is_some_and(|age| age < PRUNE_INTERVAL) || fs::write(&mark, b"").is_err() {
            return;
        }
        for folder in fs::read_dir(cache).into_iter().flatten().filter_map(Result::ok) {
            for entry in fs::read_dir(folder.path()).into_iter().flatten().filter_map(Result::ok) {
                let path: PathBuf = entry.path();
                if age(&path).is_some_and(|age| age > MAX_UNUSED) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }
}

/// The cache as one build uses it.
pub struct BuildCache<'a> {
    ledger: &'a CacheFile,
    entries: CacheEntries<'a>,
    changes: CacheUpdates,
    since: SystemTime,
    basis: Digest,
    theme: Option<Digest>,
    identities: HashMap<SlideId, Digest>,
    stamps: BTreeMap<String, FileStamp>,
}

#[derive(Serialize, Deserialize)]
struct MediaInfoRecord {
    stamp: FileStamp,
    facts: (u32, u32, u64),
}

/// Files of a page or of the theme. Valid for one key, which covers everything that they depend on.
#[derive(Serialize, Deserialize)]
struct FileListRecord<'a> {
    key: &'a [u8],
    #[serde(borrow)]
    files: Vec<(&'a str, [u8; 32], u64)>,
}

impl<'a> BuildCache<'a> {
    /// Reads a content folder except its unchanged slides. Returns the valid content and its warnings. After the walk, `meanwhile` runs in
    /// parallel with the reading; it gets the theme's name if a slide must be read, since then a page probably must be rendered.
    /// Fails with all faults and warnings together.
    pub fn load(
        ledger: &'a CacheFile,
        root: &Path,
        since: SystemTime,
        meanwhile: impl FnOnce(Option<&str>) + Send,
    ) -> Result<(Content, Vec<Diagnostic>, Self), Failure> {
        let (entries, walked) = rayon::join(|| ledger.entries(), || walk(root));
        let reading = ContentReader::start(root, walked?, |found| cached_media(&entries, found));
        let basis = shared_inputs_digest(&reading.tree);
        let kept = cached_slides(&entries, &reading, basis);
        let rest: Vec<ContentFile> =
            reading.slides.iter().zip(&kept).filter(|(_, kept)| kept.is_none()).map(|(found, _)| found.clone()).collect();
        let read = rest.clone();
        let mut identities: HashMap<SlideId, Digest> = kept.iter().flatten().map(|(id, kept)| (id.clone(), kept.text_digest)).collect();
        let timed = kept.iter().flatten().filter(|(_, kept)| kept.explicit_duration).map(|(id, _)| id.clone()).collect();
        let slides = || kept.into_iter().flatten().map(|(id, kept)| (id, kept.slide)).collect();
        let named = model::theme_name(&reading.tree);
        let build = || {
            let tree = reading.finish(rest);
            let loaded = model::build_with_cached(&tree, CachedSlides { slides: slides(), explicit_duration: timed });
            (tree, loaded)
        };
        let look = || {
            meanwhile(named.as_deref().filter(|_| !read.is_empty()));
            Theme::stamp_digest(root, &named?, since)
        };
        let ((tree, loaded), theme) = rayon::join(build, look);
        let mut session = Self {
            ledger,
            entries,
            changes: CacheUpdates::new(),
            since,
            basis,
            theme,
            identities: HashMap::new(),
            stamps: BTreeMap::new(),
        };
        session.remember_read(&tree, &loaded, &read, &mut identities);
        session.identities = identities;
        session.stamps = tree.stamps;
        match loaded.content {
            Some(content) if loaded.faults.iter().all(|fault| fault.severity == Severity::Warning) => Ok((content, loaded.faults, session)),
            _ => {
                session.save();
                Err(Failure::Content(loaded.faults))
            }
        }
    }

    /// Records what was read: media facts, and slides without faults or warnings.
    fn remember_read(
        &mut self,
        tree: &ContentTree,
        loaded: &LoadedContent,
        read: &[ContentFile],
        identities: &mut HashMap<SlideId, Digest>,
    ) {
        for (name, facts) in tree.media.iter().filter_map(|(name, facts)| Some((name, facts.as_ref()?))) {
            let Some(stamp) = tree.stamps.get(name).copied().filter(|stamp| stamp.is_stable_before(self.since)) else { continue };
            let entry = postcard::to_allocvec(&MediaInfoRecord { stamp, facts: (facts.width, facts.height, facts.ms) }).ok();
            if entry.as_deref() != self.entries.get(&media_name(name)) {
                self.changes.insert(media_name(name), entry);
            }
        }
        let Some(content) = &loaded.content else { return };
        let faulty: HashSet<&str> = loaded.faults.iter().map(|fault| fault.place.path.as_str()).collect();
        let text = |found: &ContentFile| tree.texts.get(&found.name).map(|text| Digest::of(text.text().as_bytes()));
        let texts: Vec<(SlideId, &ContentFile, Digest)> =
            read.par_iter().filter_map(|found| Some((id(&found.name)?, found, text(found)?))).collect();
        let (originals, translations): (Vec<_>, Vec<_>) = texts.into_iter().partition(|(id, ..)| !id.is_translation());
        for (id, _, digest) in &originals {
            identities.insert(id.clone(), *digest);
        }
        for (id, _, digest) in &translations {
            if let Some(original) = identities.get(&id.split_language().0) {
                let both = [*original.as_bytes(), *digest.as_bytes()].concat();
                identities.insert(id.clone(), Digest::of(&both));
            }
        }
        let learnt = originals.into_par_iter().chain(translations).filter_map(|(id, found, _)| {
            let (slide, identity) = (content.slides.get(&id)?.clone(), *identities.get(&id)?);
            // A faulty original leaves gaps in its translations, so neither is recorded.
            let at_fault = faulty.contains(found.name.as_str()) || faulty.contains(format!("slides/{}.md", id.split_language().0).as_str());
            if at_fault || !found.stamp.is_stable_before(self.since) {
                return None;
            }
            let kept = CachedSlide { slide, explicit_duration: loaded.explicit_durations.contains(&id), text_digest: identity };
            let ground = SlideInputs { path: &found.name, stamp: found.stamp, shared_inputs: self.basis };
            Some((slide_name(&found.name), slide_cache::encode(&kept, &ground, tree)))
        });
        self.changes.par_extend(learnt);
    }

    /// The theme's files, if unchanged.
    pub fn theme(&self) -> Option<Vec<ListedFile>> {
        decode_files(self.entries.get("t")?, self.theme?.as_bytes())
    }

    /// Records the list of the theme's files.
    pub fn set_theme(&mut self, rendered: &[RenderedFile]) {
        let listed: Vec<ListedFile> = rendered.iter().map(RenderedFile::to_listed).collect();
        if let Some(key) = self.theme {
            self.changes.insert("t".to_owned(), encode_files(key.as_bytes(), &listed));
        }
    }

    /// The files of a page, if nothing that it depends on has changed.
    pub fn page(&self, content: &Content, name: &PageId) -> Option<Vec<ListedFile>> {
        let bytes = self.entries.get(&page_name(name)?)?;
        decode_files(bytes, &self.page_key(content, name)?)
    }

    /// Records the list of a page's files.
    pub fn set_page(&mut self, content: &Content, name: &PageId, listed: &[ListedFile]) {
        if let (Some(entry), Some(key)) = (page_name(name), self.page_key(content, name)) {
            self.changes.insert(entry, encode_files(&key, listed));
        }
    }

    /// Everything that a page depends on: theme, settings, agencies, the slide's text and media. `None` while one of them is too recent.
    fn page_key(&self, content: &Content, name: &PageId) -> Option<Vec<u8>> {
        let slide: &Slide = content.slides.get(&name.slide)?;
        let mut all = [*self.theme?.as_bytes(), *self.basis.as_bytes(), *self.identities.get(&name.slide)?.as_bytes()].concat();
        for media in slide.media.values().chain(slide.pictures.values()) {
            let stamp = self.stamps.get(&media.path).filter(|stamp| stamp.is_stable_before(self.since))?;
            all.extend(postcard::to_allocvec(&(&media.path, stamp)).ok()?);
        }
        Some(all)
    }

    /// Writes new entries. Entries of removed slides and pictures are dropped when the file is rewritten.
    pub fn save(&self) {
        let keeps = |name: &str| match name.split_once('/') {
            Some(("s", path)) => {
                path.strip_prefix("slides/").is_some_and(|path| self.identities.contains_key(path.trim_end_matches(".md")))
            }
            Some(("m", path)) => self.stamps.contains_key(path),
            Some(("p", page)) => page.rsplit_once('@').is_some_and(|(id, _)| self.identities.contains_key(id)),
            _ => true,
        };
        self.ledger.save(&self.entries, &self.changes, keeps);
    }
}

/// Returns the unchanged slides of a reading, in its order; `None` for the others.
fn cached_slides(entries: &CacheEntries<'_>, reading: &ContentReader, basis: Digest) -> Vec<Option<(SlideId, CachedSlide)>> {
    let mut kept: Vec<Option<(SlideId, CachedSlide)>> = reading
        .slides
        .par_iter()
        .map(|found| {
            let ground = SlideInputs { path: &found.name, stamp: found.stamp, shared_inputs: basis };
            Some((id(&found.name)?, slide_cache::decode(entries.get(&slide_name(&found.name))?, &ground, &reading.tree)?))
        })
        .collect();
    // A translation inherits from its original, so it is read whenever the original is.
    let there: HashSet<SlideId> = if kept.iter().flatten().any(|(id, _)| id.is_translation()) {
        kept.iter().flatten().map(|(id, _)| id.clone()).collect()
    } else {
        HashSet::new()
    };
    let alone = |(id, _): &mut (SlideId, CachedSlide)| id.is_translation() && !there.contains(&id.split_language().0);
    for each in &mut kept {
        each.take_if(alone);
    }
    kept
}

fn cached_media(entries: &CacheEntries<'_>, found: &ContentFile) -> Option<MediaInfo> {
    let entry: MediaInfoRecord = postcard::from_bytes(entries.get(&media_name(&found.name))?).ok()?;
    let (width, height, ms) = entry.facts;
    let media_type = crate::content::source::media::media_type_for_name(&found.name)?;
    (entry.stamp == found.stamp).then_some(MediaInfo { media_type, width, height, ms })
}

/// Digest of the files on which every slide depends.
fn shared_inputs_digest(tree: &ContentTree) -> Digest {
    let mut all = Vec::new();
    let texts = ["bangtin.yaml", "agencies.yaml"].into_iter().filter_map(|name| Some((name, tree.texts.get(name)?)));
    for (name, text) in texts.chain(tree.themes.iter().map(|(name, text)| (name.as_str(), text))) {
        all.extend_from_slice(Digest::of(name.as_bytes()).as_bytes());
        all.extend_from_slice(Digest::of(text.text().as_bytes()).as_bytes());
    }
    Digest::of(&all)
}

fn id(path: &str) -> Option<SlideId> {
    SlideId::parse(path.strip_prefix("slides/")?.strip_suffix(".md")?)
}

fn slide_name(path: &str) -> String {
    format!("s/{path}")
}

fn media_name(path: &str) -> String {
    format!("m/{path}")
}

fn page_name(name: &PageId) -> Option<String> {
    Some(format!("p/{}", page_path(&name.slide, name.size)?.as_str().strip_prefix("slides/")?))
}

fn encode_files(key: &[u8], listed: &[ListedFile]) -> Option<Vec<u8>> {
    let files = listed.iter().map(|file| (file.path.as_str(), *file.digest.as_bytes(), file.size)).collect();
    postcard::to_allocvec(&FileListRecord { key, files }).ok()
}

fn decode_files(bytes: &[u8], key: &[u8]) -> Option<Vec<ListedFile>> {
    let list: FileListRecord<'_> = postcard::from_bytes(bytes).ok()?;
    let listed = |(path, digest, size): (&str, [u8; 32], u64)| {
        Some(ListedFile { path: RelPath::parse(path)?, digest: Digest::from_bytes(digest), size })
    };
    (list.key == key).then(|| list.files.into_iter().map(listed).collect())?
}
