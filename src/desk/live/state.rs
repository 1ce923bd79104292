//! The content folder in its current state, read again after each change; plans and pages are made on request and kept until the next
//! change. Never serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};

use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::ids::{SiteId, SlideId};
use crate::base::lock::{MutexExt as _, RwLockExt as _};
use crate::base::news::News;
use crate::build::render::{RenderedFile, Renderer, Theme};
use crate::content::model::values::{Content, Period};
use crate::content::model::{self, LoadedContent};
use crate::content::plan::{self, Plan};
use crate::content::source;

/// One reading of the folder, with what was made from it so far.
pub struct ContentSnapshot {
    /// Number of the reading, from 1.
    pub number: u64,
    /// `None` if the content is unusable.
    pub content: Option<Content>,
    pub faults: Vec<Diagnostic>,
    faults_by_slide: BTreeMap<SlideId, Vec<Diagnostic>>,
    renderer: Option<Arc<Renderer>>,
    plans: Mutex<BTreeMap<(SiteId, Period), Arc<PlanResult>>>,
    files: Mutex<BTreeMap<String, RenderedFile>>,
    /// Files of the previous reading: a page loaded before the change still requests its pictures.
    previous_files: BTreeMap<String, RenderedFile>,
}

/// A plan, or the reasons why there is none.
pub type PlanResult = Result<Plan, Vec<Diagnostic>>;

/// What a save changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Content only.
    Content,
    /// A file of a theme, or `bangtin.yaml`, which chooses the theme.
    Theme,
}

/// Holds the newest snapshot and notifies waiting requests of the next.
pub struct PreviewState {
    pub root: PathBuf,
    cache: tempfile::TempDir,
    sheet: RwLock<Arc<ContentSnapshot>>,
    news: Arc<News>,
}

impl PreviewState {
    /// Reads the folder for the first time.
    pub fn new(root: PathBuf) -> Result<Self, Failure> {
        let cache = tempfile::Builder::new().prefix("bangtin-preview-").tempdir();
        let cache = cache.map_err(|error| Failure::io(&std::env::temp_dir(), &error))?;
        let sheet = ContentSnapshot::read(&root, cache.path(), 1, None);
        Ok(Self { root, cache, sheet: RwLock::new(Arc::new(sheet)), news: News::new() })
    }

    /// The newest reading.
    pub fn snapshot(&self) -> Arc<ContentSnapshot> {
        Arc::clone(&self.sheet.shared())
    }

    /// Reads the folder again and notifies waiting requests.
    pub fn reload(&self, changed: Changed) {
        let old = self.snapshot();
        let renderer = match changed {
            Changed::Theme => None,
            Changed::Content => old.renderer.clone(),
        };
        let mut sheet = ContentSnapshot::read(&self.root, self.cache.path(), old.number + 1, renderer);
        sheet.previous_files.clone_from(&old.files.hold());
        let number = sheet.number;
        self.sheet.put(Arc::new(sheet));
        self.news.tell(number);
    }

    /// Announces each new reading.
    pub fn news(&self) -> &Arc<News> {
        &self.news
    }
}

impl ContentSnapshot {
    fn read(root: &Path, cache: &Path, number: u64, kept: Option<Arc<Renderer>>) -> Self {
        let mut sheet = Self {
            number,
            content: None,
            faults: Vec::new(),
            faults_by_slide: BTreeMap::new(),
            renderer: kept,
            plans: Mutex::default(),
            files: Mutex::default(),
            previous_files: BTreeMap::new(),
        };
        let tree = match source::read(root) {
            Ok(tree) => tree,
            Err(failure) => {
                sheet.faults = faults_of(failure);
                return sheet;
            }
        };
        let LoadedContent { content, faults, faults_by_slide: broken, .. } = model::build_content(&tree);
        sheet.faults = faults;
        sheet.faults_by_slide = broken;
        if let (None, Some(content)) = (&sheet.renderer, &content) {
            match renderer(root, cache, &content.settings.theme) {
                Ok(renderer) => sheet.renderer = Some(Arc::new(renderer)),
                Err(failure) => sheet.faults.extend(faults_of(failure)),
            }
        }
        if let (Some(renderer), mut files) = (&sheet.renderer, sheet.files.hold()) {
            let theme = renderer.theme_files().unwrap_or_default();
            files.extend(theme.into_iter().map(|file| (file.path.to_string(), file)));
        }
        sheet.content = content;
        sheet
    }

    /// The plan of a site's period; `None` if the site is unknown or the content unusable.
    pub fn plan(&self, site: &SiteId, period: Period) -> Option<Arc<PlanResult>> {
        let content = self.content.as_ref().filter(|content| content.sites.contains_key(site))?;
        let key = (site.clone(), period);
        if let Some(found) = self.plans.hold().get(&key) {
            return Some(Arc::clone(found));
        }
        let made = Arc::new(plan::period(content, site, period));
        self.plans.hold().insert(key, Arc::clone(&made));
        Some(made)
    }

    /// A file of the theme, or of a page that was rendered before.
    pub fn file(&self, path: &str) -> Option<RenderedFile> {
        self.files.hold().get(path).or_else(|| self.previous_files.get(path)).cloned()
    }

    /// A slide's page, rendered now, or the faults that prevent it; `None` if the slide is unknown.
    pub fn page(&self, id: &SlideId, size: (u32, u32)) -> Option<Result<RenderedFile, Vec<Diagnostic>>> {
        if let Some(faults) = self.faults_by_slide.get(id) {
            return Some(Err(faults.clone()));
        }
        let content = self.content.as_ref().filter(|content| content.slides.contains_key(id))?;
        let Some(renderer) = &self.renderer else { return Some(Err(self.faults.clone())) };
        Some(renderer.slide(content, id, size).map(|files| {
            let first = files[0].clone();
            self.files.hold().extend(files.into_iter().map(|file| (file.path.to_string(), file)));
            first
        }))
    }
}

fn renderer(root: &Path, cache: &Path, theme: &str) -> Result<Renderer, Failure> {
    Ok(Renderer::new(Theme::load(root, theme)?, root.to_owned(), Some(cache.to_owned())))
}

/// The diagnostics of a failure; a failure without any becomes one about the whole folder.
fn faults_of(failure: Failure) -> Vec<Diagnostic> {
    let text = match failure {
        Failure::Content(faults) => return faults,
        Failure::Refused(text) | Failure::Usage(text) | Failure::External(text) => text,
    };
    let help = crate::text!(vi: "sửa rồi lưu lại; trang tự cập nhật", en: "fix it and save; this page follows by itself");
    vec![Diagnostic::error("unreadable", crate::base::diagnostic::SourceLocation::file("."), text, help)]
}
