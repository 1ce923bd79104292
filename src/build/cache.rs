//! Caches results of a build in the user's cache folder: slides as read, pages as listed, files as written. Work is repeated unless its
//! inputs are certainly unchanged, so a lost, torn or foreign cache costs only time. Never decides what a page holds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::base::cache_file::CacheFile;
use crate::base::diagnostic::Diagnostic;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::base::stamp::FileStamp;
use crate::build::assemble::PageId;
use crate::build::reading::{self, FolderReading, KeepRule, Slides};
use crate::build::render::{ListedFile, RenderedFile, Theme};
use crate::content::model::faces::Face;
use crate::content::model::values::{Content, Slide, SlideBody};
use crate::content::model::{self, KeptSlides};
use crate::content::source::media::MediaInfo;
use crate::content::source::walk::walk;

/// Raised whenever the form or the meaning of the files changes.
const FORMAT_VERSION: &str = "bangtin-build/10";
/// Subfolder of the cache folder.
const FOLDER: &str = "builds";
/// Subfolder of what was measured on pages.
const MEASURED: &str = "measured";
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

    /// Opens the cache file for a folder; `what` it holds is part of its name.
    pub fn cache_file(&self, of: &Path, what: &str) -> CacheFile {
        // A folder reached under two names has two caches, which is only slower.
        let name = Digest::of(std::path::absolute(of).unwrap_or_else(|_| of.to_owned()).as_os_str().as_encoded_bytes()).to_string();
        let path = self.cache.as_ref().map(|cache| cache.join(FOLDER).join(format!("{}.{what}", &name[..32])));
        CacheFile::new(path, Digest::of(format!("{FORMAT_VERSION} {what} {}", self.tool).as_bytes()))
    }

    /// Opens the cache file of what was measured on a page with this digest.
    pub fn measured_page(&self, page: &Digest) -> CacheFile {
        let path = self.cache.as_ref().map(|cache| cache.join(MEASURED).join(page.to_string()));
        CacheFile::new(path, Digest::of(format!("{FORMAT_VERSION} measured {}", self.tool).as_bytes()))
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

/// What is saved of a content folder.
#[derive(Default, Serialize, Deserialize)]
struct SavedContent<'a> {
    /// Of the files on which every slide depends.
    shared_inputs: Option<Digest>,
    /// State of the theme when the pages were rendered.
    theme: Option<Digest>,
    theme_files: Vec<ListedFile>,
    media: BTreeMap<String, (FileStamp, MediaInfo)>,
    /// Without errors.
    slides: BTreeMap<SlideId, SavedSlide<'a>>,
}

#[derive(Serialize, Deserialize)]
struct SavedSlide<'a> {
    /// Of the files that it depends on, its own first.
    stamps: Vec<FileStamp>,
    slide: Cow<'a, Box<Slide>>,
    /// Something was reported of it: it is read again, since each build finds all faults anew. Its pages stay.
    warned: bool,
    pages: PagesByFace,
}

/// The files of a slide's pages, by part and face.
type PagesByFace = BTreeMap<(u32, Face), Vec<ListedFile>>;

/// The cache as one build uses it.
pub struct BuildCache<'a> {
    file: &'a CacheFile,
    /// What is to be saved, but the slides.
    saved: SavedContent<'static>,
    pages: BTreeMap<SlideId, PagesByFace>,
    stamps: BTreeMap<String, FileStamp>,
    keep: KeepRule,
    /// Whether something else is saved.
    changed: bool,
}

impl<'a> BuildCache<'a> {
    /// Reads a content folder except its unchanged slides. Returns the valid content and its warnings. After the walk, `meanwhile` runs in
    /// parallel with the reading; it gets the theme's name if a slide must be read, since then a page probably must be rendered.
    /// Fails with all faults and warnings together.
    pub fn load(
        file: &'a CacheFile,
        root: &Path,
        since: SystemTime,
        meanwhile: impl FnOnce(Option<&str>) + Send,
    ) -> Result<(Content, Vec<Diagnostic>, Self), Failure> {
        let (saved, walked) = rayon::join(|| file.read::<SavedContent<'_>>().unwrap_or_default(), || walk(root));
        let known = |name: &str, now: &FileStamp| saved.media.get(name).filter(|(stamp, _)| stamp == now).map(|(_, facts)| *facts);
        let mut reading = FolderReading::start(root, walked?, known);
        let shared_inputs = reading.shared_inputs;
        let unchanged = |(id, saved_slide): &(SlideId, SavedSlide<'_>)| {
            saved.shared_inputs == Some(shared_inputs)
                && reading::stamps(id, &saved_slide.slide, &reading.tree.stamps).as_ref() == Some(&saved_slide.stamps)
        };
        let saved_count = saved.slides.len();
        let (mut kept, mut pages) = (Slides::new(), BTreeMap::new());
        for (id, saved) in saved.slides.into_iter().filter(unchanged) {
            if let Some(stamp) = saved.stamps.first().filter(|_| !saved.warned) {
                let body = SlideBody::OnDisk(*stamp);
                kept.insert(id.clone(), Box::new(Slide { body, ..*saved.slide.into_owned() }));
            }
            pages.insert(id, saved.pages);
        }
        let kept_count = pages.len();
        // Of those that are read, the unchanged ones bring no new page.
        let new_count = reading.leave_out(&kept) + kept.len() - kept_count;
        let named = model::theme_name(&reading.tree);
        let build = || reading.finish(root, KeptSlides { slides: kept, ..KeptSlides::default() });
        let look = || {
            meanwhile(named.as_deref().filter(|_| new_count > 0));
            Theme::stamp_digest(root, &named?, since)
        };
        let (loaded, theme) = rayon::join(build, look);
        let mut theme_files = saved.theme_files;
        if theme.is_none() || theme != saved.theme {
            pages.clear();
            theme_files.clear();
        }
        let tree = reading.tree;
        let stable = |name: &String| tree.stamps.get(name).copied().filter(|stamp| stamp.is_stable_before(since));
        let media = tree.media.iter().filter_map(|(name, facts)| Some((name.clone(), (stable(name)?, (*facts)?)))).collect();
        let session = Self {
            changed: new_count > 0 || kept_count < saved_count || theme != saved.theme || media != saved.media,
            saved: SavedContent { shared_inputs: Some(shared_inputs), theme, theme_files, media, slides: BTreeMap::new() },
            file,
            pages,
            stamps: tree.stamps,
            keep: KeepRule::new(since, &loaded.faults),
        };
        let sound = !loaded.has_errors();
        match loaded.content {
            Some(content) if sound => Ok((content, loaded.faults, session)),
            content => {
                if let Some(content) = content {
                    session.save(&content);
                }
                Err(Failure::Content(loaded.faults))
            }
        }
    }

    /// The theme's files, if unchanged.
    pub fn theme(&self) -> Option<Vec<ListedFile>> {
        Some(self.saved.theme_files.clone()).filter(|files| !files.is_empty())
    }

    /// Records the list of the theme's files.
    pub fn set_theme(&mut self, rendered: &[RenderedFile]) {
        self.saved.theme_files = rendered.iter().map(RenderedFile::to_listed).collect();
        self.changed = true;
    }

    /// The files of a page, if nothing that it depends on has changed.
    pub fn page(&self, name: &PageId) -> Option<Vec<ListedFile>> {
        let (whole, part) = name.slide.split_part();
        self.pages.get(&whole)?.get(&(part, name.face)).cloned()
    }

    /// Records the list of a page's files.
    pub fn set_page(&mut self, name: PageId, listed: Vec<ListedFile>) {
        let (whole, part) = name.slide.split_part();
        self.pages.entry(whole).or_default().insert((part, name.face), listed);
        self.changed = true;
    }

    /// Saves the slides of the loaded content, with their pages, the theme and the media.
    pub fn save(mut self, content: &Content) {
        if !self.changed {
            return self.file.touch();
        }
        let mut slides = BTreeMap::new();
        for (id, slide) in &content.slides {
            if let Some(stamps) = self.keep.page_stamps(id, slide, &self.stamps) {
                let warned = self.keep.stamps(id, slide, &self.stamps).is_none();
                let pages = self.pages.remove(id).unwrap_or_default();
                slides.insert(id.clone(), SavedSlide { stamps, slide: Cow::Borrowed(slide), warned, pages });
            }
        }
        self.file.write(&SavedContent { slides, ..self.saved });
    }
}
