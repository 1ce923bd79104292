//! What `check` finds beyond a reading: theme, characters without a glyph, pictures, sizes, the programs of every month, line ends. Found in a thread
//! of its own, at the start and once saves pause, from what was read: no save waits for it on its way to the screen. Reads no file a second time
//! but tables, and texts after the theme has changed.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::snapshot::{ContentSnapshot, PlanResult, WithdrawalsOfFolder, faults_of};
use super::state::{LaterFaults, PreviewState};
use crate::base::cache_file::CacheFile;
use crate::base::clock;
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::build::render;
use crate::build::{check, pictures};
use crate::content::plan::due;
use crate::content::source::tree::Texts;
use crate::content::source::{self, line_ends, weight};

/// Saves pause when none follows for this long: then the picture is there.
const PAUSE: Duration = Duration::from_secs(1);

/// That of a command's main thread, in bytes.
const STACK: usize = 8 << 20;

/// What is kept from one look to the next.
struct Looker {
    /// Knows the pictures that are sound.
    decoded: CacheFile,
    /// The faults of the theme with this name of its loading.
    theme: Option<(String, Vec<Diagnostic>)>,
    /// Characters without a glyph, by file; `None`: all texts are to be looked at.
    glyphs: Option<BTreeMap<String, Vec<Diagnostic>>>,
    /// Of approvals, as long as these withdrawals are shared.
    approvals: Option<(WithdrawalsOfFolder, Vec<Diagnostic>)>,
    /// The texts of the first look are all there are.
    has_looked: bool,
}

/// Looks now, and after what is told to the sender, until that is dropped. `decoded` knows the pictures that are sound.
pub fn start(desk: &Arc<PreviewState>, decoded: CacheFile) -> Sender<()> {
    let (saves, told) = mpsc::channel();
    let desk: Weak<PreviewState> = Arc::downgrade(desk);
    std::thread::spawn(move || {
        // All other cores are left to what is shown.
        let core = ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build().ok();
        let mut looker = Looker { decoded, theme: None, glyphs: None, approvals: None, has_looked: false };
        follow(&told, PAUSE, || {
            let Some(desk) = desk.upgrade() else { return };
            // A panic in one look must not end the next.
            if catch_unwind(AssertUnwindSafe(|| looker.look(&desk, core.as_ref()))).is_err() {
                crate::logln!("preview: a check failed");
            }
        });
    });
    saves
}

impl Looker {
    fn look(&mut self, desk: &PreviewState, core: Option<&ThreadPool>) {
        let (reading, texts) = desk.take_unchecked();
        let find = || {
            let of_files = self.of_files(&desk.root, &reading, texts).unwrap_or_else(faults_of);
            let sound = check::is_sound(&reading.faults) && check::is_sound(&of_files);
            let of_plans = if sound { self.of_plans(&desk.root, &reading).unwrap_or_else(faults_of) } else { Vec::new() };
            LaterFaults { of_files, of_plans, line_ends: line_ends::check(&desk.root) }
        };
        let found = match core {
            Some(core) => core.install(find),
            None => find(),
        };
        self.has_looked = true;
        desk.set_later(&reading, found);
    }

    fn of_files(&mut self, root: &Path, reading: &ContentSnapshot, texts: Texts) -> Result<Vec<Diagnostic>, Failure> {
        let mut faults = self.of_theme(root, reading, texts)?;
        let Some(memory) = &reading.memory else { return Ok(faults) };
        faults.extend(pictures::check(root, (memory.media(), memory.stamps()), &self.decoded, SystemTime::now()));
        faults.extend(weight::check(root, memory.stamps(), memory.unreadable()));
        Ok(faults)
    }

    fn of_theme(&mut self, root: &Path, reading: &ContentSnapshot, texts: Texts) -> Result<Vec<Diagnostic>, Failure> {
        let (glyphs, known) = (self.glyphs.take(), self.theme.take());
        let Some((name, layouts)) = &reading.chosen else { return Ok(Vec::new()) };
        let known = known.filter(|(known, _)| known == reading.theme_name());
        let glyphs = glyphs.filter(|_| known.is_some());
        let own = known.map_or_else(|| render::check_theme(root, name, layouts), |(_, own)| Ok(own))?;
        self.theme = Some((reading.theme_name().to_owned(), own.clone()));
        let mut faults = own;
        let Some(renderer) = reading.renderer().filter(|_| check::is_sound(&faults)) else { return Ok(faults) };
        if let Some(content) = reading.content.as_ref().filter(|_| faults.is_empty()) {
            faults.extend(render::check_crops(renderer.theme(), layouts, content));
        }
        let (mut glyphs, texts) = match glyphs {
            Some(glyphs) => (glyphs, texts),
            None if self.has_looked => (BTreeMap::new(), source::read(root)?.texts),
            None => (BTreeMap::new(), texts),
        };
        let stands = |path: &String| reading.memory.as_ref().is_some_and(|memory| memory.stamp(path).is_some());
        glyphs.retain(|path, _| stands(path) && !texts.contains_key(path));
        for fault in render::check_glyphs(renderer.theme(), &texts)? {
            glyphs.entry(fault.place.path.clone()).or_default().push(fault);
        }
        faults.extend(glyphs.values().flatten().cloned());
        self.glyphs = Some(glyphs);
        faults.extend(render::unreadable_fonts(renderer.theme())?);
        Ok(faults)
    }

    fn of_plans(&mut self, root: &Path, reading: &ContentSnapshot) -> Result<Vec<Diagnostic>, Failure> {
        let (Some(content), Some(renderer)) = (&reading.content, reading.renderer()) else { return Ok(Vec::new()) };
        let periods = due::all_periods(content);
        let all = content.sites.keys().flat_map(|site| periods.iter().map(move |period| (site, *period)));
        let tried: Vec<PlanResult> = all.filter_map(|(site, period)| reading.plan(site, period)).collect();
        let mut faults = due::faults(&tried);
        let made = || tried.iter().filter_map(|plan| plan.as_ref().ok()).map(Arc::as_ref);
        faults.extend(check::of_programs(root, renderer, content, made)?);
        faults.extend(self.of_approvals(reading)?);
        Ok(faults)
    }

    fn of_approvals(&mut self, reading: &ContentSnapshot) -> Result<Vec<Diagnostic>, Failure> {
        let shared = reading.shared_withdrawals();
        if let Some((known, faults)) = &self.approvals
            && Arc::ptr_eq(known, shared)
        {
            return Ok(faults.clone());
        }
        // What prevents an answer is told with the reading.
        let Ok(Some(withdrawals)) = reading.withdrawals() else { return Ok(Vec::new()) };
        let faults = withdrawals.approval_faults(clock::present())?;
        self.approvals = Some((Arc::clone(shared), faults.clone()));
        Ok(faults)
    }
}

fn follow(saves: &Receiver<()>, pause: Duration, mut look: impl FnMut()) {
    look();
    while saves.recv().is_ok() {
        let last = loop {
            if let Err(silence) = saves.recv_timeout(pause) {
                break silence;
            }
        };
        if last == RecvTimeoutError::Disconnected {
            return;
        }
        look();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_looked_at_from_the_start_and_once_after_all_saves_that_come_together() {
        let (saves, told) = mpsc::channel();
        let (looked, looks) = mpsc::channel();
        let follower = std::thread::spawn(move || follow(&told, Duration::from_millis(300), || looked.send(()).unwrap()));
        looks.recv().unwrap();
        for _ in 0..100 {
            saves.send(()).unwrap();
        }
        looks.recv().unwrap();
        assert!(looks.try_recv().is_err());
        saves.send(()).unwrap();
        drop(saves);
        follower.join().unwrap();
        assert!(looks.recv().is_err(), "who has gone is told nothing");
    }
}
