//! One reading of the content folder. Only what changed is read again; plans, documents of screens and pages are made on request, and pages kept
//! as long as their inputs stay the same. Never serves.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::SystemTime;

use super::memory::ReadingMemory;
use super::rendered::{PageResult, RenderedFiles, ThemeInUse};
use crate::base::clock;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{SiteId, SlideId};
use crate::base::lock::MutexExt as _;
use crate::base::text::Text;
use crate::build::assemble::PageId;
use crate::build::reading::FolderReading;
use crate::build::render::{RenderedFile, Renderer};
use crate::content::model::values::{Content, Period, SlideBody};
use crate::content::model::{self, Layouts};
use crate::content::plan::{self, Plan, due};
use crate::content::source::tree::Texts;
use crate::content::source::walk::walk;
use crate::desk::screen_view::ScreenViews;
use crate::filing::gone::{FolderWithdrawals, JudgedPlans};
use crate::filing::plan_faults;

/// One reading of the folder, with what was made from it so far.
pub struct ContentSnapshot {
    /// Number of the reading, from 1.
    pub number: u64,
    /// `None` if the content is unusable.
    pub content: Option<Content>,
    /// What the files say by themselves.
    pub faults: Vec<Diagnostic>,
    /// Name and layouts of the chosen theme, if something can be said of it.
    pub chosen: Option<(String, Layouts)>,
    pub views: Arc<ScreenViews>,
    /// Those of the reading before: a schedule that was answered then may name its timetable a moment later.
    pub earlier_views: Arc<ScreenViews>,
    faults_by_slide: BTreeMap<SlideId, Vec<Diagnostic>>,
    theme: Option<Arc<ThemeInUse>>,
    /// Content folder, and what may be kept of its pictures.
    folders: (PathBuf, PathBuf),
    /// Names for what the pages of slides depend on, each made once.
    identities: Mutex<BTreeMap<SlideId, String>>,
    plans: Mutex<BTreeMap<(SiteId, Period), PlanResult>>,
    /// Those of the folder, read once until signed files change; `None` in it without a root.
    withdrawals: WithdrawalsOfFolder,
    /// Number and reason of the withdrawal of the whole program, where it is withdrawn.
    gone: Mutex<BTreeMap<(SiteId, Period), Option<Text>>>,
    rendered: Arc<RenderedFiles>,
    /// What it leaves to the next one.
    pub memory: Option<ReadingMemory>,
}

/// A plan, or the reasons why there is none.
pub type PlanResult = Result<Arc<Plan>, Vec<Diagnostic>>;

/// Withdrawals as they were read, shared by all readings until signed files change.
pub type WithdrawalsOfFolder = Arc<OnceLock<Result<Option<FolderWithdrawals>, Failure>>>;

/// What a save changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// Content only.
    Content,
    /// Signed files, perhaps content too.
    Signed,
    /// A file of a theme, or `bangtin.yaml`, which chooses the theme; perhaps all else too.
    Theme,
}

impl ContentSnapshot {
    /// The first reading of a folder, with its texts.
    pub fn first(root: &Path, cache: &Path) -> (Self, Texts) {
        let mut sheet = Self { number: 1, ..Self::default() };
        let texts = sheet.read(root, cache, &Self::default());
        (sheet, texts)
    }

    /// The reading that follows this one, with the texts that were read.
    pub fn next(&self, root: &Path, cache: &Path, changed: Changed) -> (Self, Texts) {
        let mut sheet = Self {
            number: self.number + 1,
            theme: self.theme.clone().filter(|_| changed != Changed::Theme),
            earlier_views: self.views.clone(),
            rendered: self.rendered.clone(),
            ..Self::default()
        };
        // The first reading began before changes were watched.
        if changed == Changed::Content && self.number > 1 && matches!(self.withdrawals.get(), Some(Ok(_))) {
            sheet.withdrawals = self.withdrawals.clone();
        }
        let texts = sheet.read(root, cache, self);
        (sheet, texts)
    }

    fn read(&mut self, root: &Path, cache: &Path, old: &Self) -> Texts {
        let since = SystemTime::now();
        self.folders = (root.to_owned(), cache.to_owned());
        let walked = match walk(root) {
            Ok(walked) => walked,
            Err(failure) => {
                self.faults = if root.is_dir() { faults_of(failure) } else { vec![folder_gone(root)] };
                return Texts::new();
            }
        };
        let mut reading = FolderReading::start(root, walked, |name, now| old.memory.as_ref()?.known_media(name, now));
        let kept = old.memory.as_ref().zip(old.content.as_ref()).map(|(memory, content)| memory.unchanged_slides(content, &reading));
        let kept = kept.unwrap_or_default();
        reading.leave_out(&kept.slides);
        if self.theme.is_some() {
            let known = old.identities.hold().clone().into_iter().filter(|(id, _)| kept.slides.contains_key(id)).collect();
            self.identities = Mutex::new(known);
        }
        let mut loaded = reading.finish(root, kept);
        self.chosen = loaded.theme.take().filter(|(theme, _)| reading.tree.is_theme_plain(theme));
        let texts = std::mem::take(&mut reading.tree.texts);
        self.memory = Some(ReadingMemory::new(since, reading, &mut loaded));
        (self.faults, self.faults_by_slide) = (loaded.faults, loaded.faults_by_slide);
        if let (None, Some(content)) = (&self.theme, &loaded.content) {
            match ThemeInUse::load(root, cache, &content.settings.theme, &self.rendered) {
                Ok(theme) => self.theme = Some(Arc::new(theme)),
                Err(failure) => self.faults.extend(faults_of(failure)),
            }
        }
        self.content = loaded.content;
        texts
    }

    /// What a content without errors says beyond its files: slides that no playlist names, files that no slide uses, withdrawn slides.
    pub fn faults_of_content(&self) -> Vec<Diagnostic> {
        let Some(content) = &self.content else { return Vec::new() };
        let mut faults = match self.withdrawals() {
            Ok(found) => model::unused_slides(content, &found.map(FolderWithdrawals::revisions).unwrap_or_default()).into_iter().collect(),
            Err(failure) => faults_of(failure),
        };
        faults.extend(self.memory.as_ref().and_then(|memory| model::unused_media(content, memory.stamps())));
        let now = clock::present();
        if let Some(judged) = self.judged_plans(content) {
            faults.extend(plan_faults::faults_of_plans(&judged, self.all_plans(content), now).unwrap_or_else(faults_of));
        }
        faults
    }

    /// The plan of a site's period; `None` if the site is unknown or the content unusable.
    pub fn plan(&self, site: &SiteId, period: Period) -> Option<PlanResult> {
        let content = self.content.as_ref().filter(|content| content.sites.contains_key(site))?;
        let key = (site.clone(), period);
        if let Some(found) = self.plans.hold().get(&key) {
            return Some(found.clone());
        }
        let made = plan::period(content, site, period).map(Arc::new);
        self.plans.hold().insert(key, made.clone());
        Some(made)
    }

    /// The withdrawals of the folder, read once.
    pub fn withdrawals(&self) -> Result<Option<&FolderWithdrawals>, Failure> {
        let read = self.withdrawals.get_or_init(|| FolderWithdrawals::read(&self.folders.0));
        read.as_ref().map(Option::as_ref).map_err(Failure::clone)
    }

    /// The same as what the next readings share with this one.
    pub fn shared_withdrawals(&self) -> &WithdrawalsOfFolder {
        &self.withdrawals
    }

    /// Judges plans; `None` without a root, or where the withdrawals can't be read, which is a fault of its own.
    fn judged_plans<'a>(&'a self, content: &'a Content) -> Option<JudgedPlans<'a>> {
        let withdrawals = self.withdrawals().ok().flatten()?;
        Some(JudgedPlans::new(withdrawals, Some(self.folders.1.clone()), content))
    }

    /// Number and reason of the withdrawal of a plan's whole program, if it is withdrawn. What prevents an answer is among the faults.
    pub fn gone(&self, plan: &Plan) -> Option<Text> {
        let key = (plan.site.clone(), plan.month.map_or(Period::Evergreen, Period::Month));
        if let Some(found) = self.gone.hold().get(&key) {
            return found.clone();
        }
        let judged = self.judged_plans(self.content.as_ref()?);
        let found = judged.and_then(|judged| judged.gone(plan).ok().flatten());
        self.gone.hold().insert(key, found.clone());
        found
    }

    /// The plans of every site, made or taken from those that are kept, one after another.
    fn all_plans<'a>(&'a self, content: &'a Content) -> impl Iterator<Item = Arc<Plan>> + 'a {
        let all = content.sites.keys().flat_map(move |site| due::periods(content, site).map(move |period| (site, period)));
        all.filter_map(move |(site, period)| self.plan(site, period)?.ok())
    }

    /// The renderer of the theme that was loaded.
    pub fn renderer(&self) -> Option<&Renderer> {
        self.theme.as_ref().map(|theme| theme.renderer())
    }

    /// Name of the theme as it was loaded; a changed theme gets another one.
    pub fn theme_name(&self) -> &str {
        self.theme.as_ref().map_or("none", |theme| theme.name())
    }

    /// A file of the theme, or of a page that was rendered.
    pub fn file(&self, path: &str) -> Option<RenderedFile> {
        self.rendered.file(path)
    }

    /// A slide's page, rendered unless it was before, or the faults that prevent it; `None` if the slide is unknown.
    pub fn page(&self, page: &PageId) -> Option<PageResult> {
        let identity = self.page_identity(&page.slide)?;
        if let Some(faults) = self.faults_by_slide.get(&page.slide.split_part().0) {
            return Some(Err(faults.clone()));
        }
        let Some(theme) = &self.theme else { return Some(Err(self.faults.clone())) };
        self.rendered.page(page, identity, || Some(theme.render(self.content.as_ref()?, page)))
    }

    /// A name for what a slide's pages depend on: as long as it stays the same, so do the pages. `None` if the slide is unknown.
    pub fn page_identity(&self, id: &SlideId) -> Option<String> {
        let content = self.content.as_ref()?;
        let (slide, whole) = (content.slide(id)?, id.split_part().0);
        if let Some(known) = self.identities.hold().get(&whole) {
            return Some(known.clone());
        }
        let faults = self.faults_by_slide.get(&whole).or(self.theme.is_none().then_some(&self.faults));
        let said = match (faults, &slide.body) {
            (Some(faults), _) => serde_json::to_vec(faults).ok()?,
            (None, SlideBody::OnDisk(_)) => return None,
            (None, SlideBody::Loaded(body)) => {
                let agency = content.agencies.get(&slide.agency).map(|agency| &agency.name);
                let files = slide.media.values().chain(slide.pictures.values());
                let media: Vec<_> = files.map(|file| self.memory.as_ref()?.stamp(&file.path)).collect();
                postcard::to_allocvec(&(self.theme_name(), &content.settings.name, agency, slide, body, media)).ok()?
            }
        };
        let made = Digest::of(&said).to_string()[..32].to_owned();
        self.identities.hold().insert(whole, made.clone());
        Some(made)
    }
}

impl Default for ContentSnapshot {
    /// Nothing has been read.
    fn default() -> Self {
        Self {
            number: 0,
            content: None,
            faults: Vec::new(),
            chosen: None,
            views: Arc::default(),
            earlier_views: Arc::default(),
            faults_by_slide: BTreeMap::new(),
            theme: None,
            folders: Default::default(),
            identities: Mutex::default(),
            plans: Mutex::default(),
            withdrawals: Arc::default(),
            gone: Mutex::default(),
            rendered: Arc::default(),
            memory: None,
        }
    }
}

/// Nothing can be shown without the folder.
fn folder_gone(root: &Path) -> Diagnostic {
    let shown = root.display();
    let cause = crate::text!(vi: "không thấy thư mục nội dung {shown}", en: "the content folder {shown} is not there");
    let help = crate::text!(
        vi: "đặt lại thư mục vào đúng chỗ đó (ví dụ chuyển git về nhánh có thư mục này, gắn lại ổ đĩa); trang tự cập nhật trong vài giây",
        en: "put it back at that place (switch git to a branch that has it, mount the disk again); this page follows by itself within seconds"
    );
    Diagnostic::error("folder-gone", SourceLocation::file("."), cause, help)
}

/// The diagnostics of a failure; a failure without any becomes one about the whole folder.
pub fn faults_of(failure: Failure) -> Vec<Diagnostic> {
    let text = match failure {
        Failure::Content(faults) => return faults,
        Failure::Refused(text) | Failure::Usage(text) | Failure::External(text) => text,
    };
    let help = crate::text!(vi: "sửa rồi lưu lại; trang tự cập nhật", en: "fix it and save; this page follows by itself");
    vec![Diagnostic::error("unreadable", SourceLocation::file("."), text, help)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::work_folder::WorkFolder;

    #[test]
    fn the_plans_that_are_kept_serve_the_check_of_withdrawn_slides_too() {
        let cache = WorkFolder::new("bangtin-preview-", || 0).unwrap();
        let (sheet, _) = ContentSnapshot::first(&Path::new(env!("CARGO_MANIFEST_DIR")).join("content"), cache.path());
        let content = sheet.content.as_ref().unwrap();
        let site = content.sites.keys().next().unwrap();
        let period = due::periods(content, site).next().unwrap();
        let shown = sheet.plan(site, period).unwrap().unwrap();
        let checked: Vec<_> = sheet.all_plans(content).collect();
        assert!(checked.len() > 1 && checked.iter().any(|plan| Arc::ptr_eq(plan, &shown)), "{} plans", checked.len());
        assert!(sheet.all_plans(content).zip(&checked).all(|(again, plan)| Arc::ptr_eq(&again, plan)));
    }
}
