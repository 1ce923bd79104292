//! What the preview shows now: the newest reading of the folder, and what was found in it afterwards.
//! Never serves, never looks for faults by itself.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use super::snapshot::{Changed, ContentSnapshot};
use crate::base::diagnostic::{self, Diagnostic};
use crate::base::failure::Failure;
use crate::base::lock::{MutexExt as _, RwLockExt as _};
use crate::base::news::News;
use crate::base::work_folder::WorkFolder;
use crate::build::check;
use crate::content::source::tree::Texts;

/// What was found in a reading after it was shown.
#[derive(Default)]
pub struct LaterFaults {
    /// In files, whatever the content says.
    pub of_files: Vec<Diagnostic>,
    /// In what a content without errors makes.
    pub of_plans: Vec<Diagnostic>,
    pub line_ends: Vec<Diagnostic>,
}

/// A reading with all that is known of it.
pub struct Shown {
    /// Grows with each reading, and with each answer to what was looked at afterwards.
    pub number: u64,
    pub reading: Arc<ContentSnapshot>,
    /// Whether `later` is of this reading; else it is of one before.
    pub is_checked: bool,
    later: Arc<LaterFaults>,
    /// Why no save is followed, while that is so.
    unfollowed: Option<Diagnostic>,
    faults: OnceLock<Vec<Diagnostic>>,
}

/// Holds what is shown, and notifies waiting requests of the next.
pub struct PreviewState {
    pub root: PathBuf,
    /// Renditions of pictures: those of builds, so that neither makes one twice.
    cache: PathBuf,
    /// In place of a cache, and for a clean end at a signal.
    _work: Arc<WorkFolder>,
    shown: RwLock<Arc<Shown>>,
    /// Texts that were read and not looked at afterwards. Held while the folder is read: one reading follows another.
    unchecked: Mutex<Texts>,
    unfollowed: Mutex<Option<Diagnostic>>,
    news: Arc<News>,
}

impl Shown {
    /// Every fault that `check` tells, as it tells them: what follows from the content is told once its files have no error.
    pub fn faults(&self) -> &[Diagnostic] {
        self.faults.get_or_init(|| {
            let mut faults = [self.reading.faults.as_slice(), &self.later.of_files].concat();
            if check::is_sound(&faults) {
                faults.extend(self.reading.faults_of_content());
                faults.extend_from_slice(&self.later.of_plans);
            }
            faults.extend(self.later.line_ends.iter().chain(&self.unfollowed).cloned());
            diagnostic::settle(&mut faults);
            faults
        })
    }
}

impl PreviewState {
    /// Reads the folder for the first time. `cache`: that of builds, if there is one.
    pub fn new(root: PathBuf, cache: Option<PathBuf>) -> Result<Self, Failure> {
        let work = WorkFolder::new("bangtin-preview-", || 0)?;
        let cache = cache.unwrap_or_else(|| work.path().to_owned());
        let (reading, texts) = ContentSnapshot::first(&root, &cache);
        let (reading, later) = (Arc::new(reading), Arc::default());
        let shown = Shown { number: 1, reading, is_checked: false, later, unfollowed: None, faults: OnceLock::new() };
        let (shown, unfollowed) = (RwLock::new(Arc::new(shown)), Mutex::default());
        Ok(Self { root, cache, _work: work, shown, unchecked: Mutex::new(texts), unfollowed, news: News::new() })
    }

    /// The newest reading with what is known of it.
    pub fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.shared())
    }

    /// The newest reading.
    pub fn snapshot(&self) -> Arc<ContentSnapshot> {
        Arc::clone(&self.shown.shared().reading)
    }

    /// Reads again what has changed and notifies waiting requests.
    pub fn reload(&self, changed: Changed) {
        let mut unchecked = self.unchecked.hold();
        let old = self.shown();
        let (reading, texts) = old.reading.next(&self.root, &self.cache, changed);
        unchecked.extend(texts);
        self.show(&old, Arc::new(reading), None);
    }

    /// The newest reading, and the texts that were read since this was asked last.
    pub fn take_unchecked(&self) -> (Arc<ContentSnapshot>, Texts) {
        let mut unchecked = self.unchecked.hold();
        (self.snapshot(), std::mem::take(&mut *unchecked))
    }

    /// Adds what was found in a reading, unless another one has followed.
    pub fn set_later(&self, reading: &Arc<ContentSnapshot>, later: LaterFaults) {
        let _alone = self.unchecked.hold();
        let old = self.shown();
        if Arc::ptr_eq(&old.reading, reading) {
            self.show(&old, Arc::clone(reading), Some(Arc::new(later)));
        }
    }

    /// `later`: what was found in this reading; `None`: nobody has looked yet.
    fn show(&self, old: &Shown, reading: Arc<ContentSnapshot>, later: Option<Arc<LaterFaults>>) {
        let (number, is_checked) = (old.number + 1, later.is_some());
        let (later, unfollowed) = (later.unwrap_or_else(|| Arc::clone(&old.later)), self.unfollowed.hold().clone());
        self.shown.put(Arc::new(Shown { number, reading, is_checked, later, unfollowed, faults: OnceLock::new() }));
        self.news.tell(number);
    }

    /// Says from the next reading on why no save is followed; `None`: they are.
    pub fn set_unfollowed(&self, fault: Option<Diagnostic>) {
        *self.unfollowed.hold() = fault;
    }

    /// Announces each new number.
    pub fn news(&self) -> &Arc<News> {
        &self.news
    }
}
