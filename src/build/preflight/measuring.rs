//! Which pages are measured, in which order, and what is known of them from earlier runs.
//! Never judges: the shell's module does, in the browser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rayon::prelude::*;
use serde::Serialize;

use super::browser::Browser;
use super::connection::BrowserError;
use super::finding::{self, PageFindings};
use super::places::Places;
use super::stand::Stand;
use super::tab::Tab;
use crate::base::diagnostic::{self, Diagnostic};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::lock::MutexExt as _;
use crate::base::relpath::RelPath;
use crate::base::stamp::FileStamp;
use crate::build::assemble::{self, PageId};
use crate::build::cache::BuildCacheFolder;
use crate::build::render::{RenderedFile, Renderer, Theme, page_path};
use crate::content::model::values::Content;
use crate::content::plan::Plan;

/// Longest time until an answer of the browser: a busy machine starts it, or shows a page, in a few seconds.
const PATIENCE: Duration = Duration::from_secs(40);
/// More tabs than this wait for each other.
const TABS: usize = 4;

/// What to measure.
pub struct PreflightOrder<'a> {
    /// Content folder.
    pub root: &'a Path,
    /// Without errors.
    pub content: &'a Content,
    /// Every page of these plans is measured.
    pub plans: &'a [Plan],
    /// Remembers what was measured.
    pub memory: &'a BuildCacheFolder,
    /// The browser's program.
    pub browser: &'a Path,
    /// The value of `PATH`, where a browser may look for its own programs.
    pub search: &'a str,
    /// Is told how many pages of how many are measured.
    pub progress: &'a (dyn Fn(usize, usize) + Sync),
}

/// What is told without a browser, by rows, bullets and letters.
const ESTIMATE: &str = "may-not-fit";

/// How much was measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// Pages of the plans.
    pub pages: usize,
    /// Of which the browser measured these in this run.
    pub anew: usize,
}

/// Why a page was not measured.
enum Unmeasured {
    Faulty(Vec<Diagnostic>),
    Browser(BrowserError),
}

/// The pages that have one state of their inputs.
struct Run<'a> {
    order: &'a PreflightOrder<'a>,
    renderer: Renderer,
    theme: Vec<RenderedFile>,
    /// Of the theme's files and the browser.
    shared: Digest,
}

fn measure(order: &PreflightOrder<'_>) -> Result<(Measured, Vec<Diagnostic>), Failure> {
    let renderer =
        Renderer::new(Theme::load(order.root, &order.content.settings.theme)?, order.root.to_owned(), order.memory.cache().map(Into::into));
    let theme = renderer.theme_files()?;
    let program = order.browser.metadata().map_err(|error| Failure::io(order.browser, &error))?;
    let browser = format!("{} {:?}", order.browser.display(), FileStamp::from_metadata(&program));
    let shared = digest(&theme, Digest::of(browser.as_bytes()));
    let run = Run { order, renderer, theme, shared };
    let needed = |plan: &Plan| order.content.sites.get(&plan.site).map(|site| assemble::required_pages(plan, site)).unwrap_or_default();
    let pages: Vec<PageId> = order.plans.iter().flat_map(needed).collect::<BTreeSet<_>>().into_iter().collect();
    let keys: Vec<_> = pages.par_iter().map(|page| Ok(run.key(&run.files(page)?))).collect();
    let failed = keys.iter().filter_map(|key: &Result<_, Vec<_>>| key.as_ref().err()).flatten();
    let mut faults: Vec<Diagnostic> = Vec::new();
    failed.for_each(|fault| {
        if !faults.contains(fault) {
            faults.push(fault.clone());
        }
    });
    if !faults.is_empty() {
        return Err(Failure::Content(faults));
    }
    let keys: Vec<Digest> = keys.into_iter().flatten().collect();
    let mut found: Vec<Option<PageFindings>> = keys.par_iter().map(|key| run.known(key)).collect();
    let mut wanted: Vec<usize> = (0..pages.len()).filter(|at| found[*at].is_none()).collect();
    // A tab changes its size only where it must.
    wanted.sort_by_key(|at| pages[*at].face);
    if !wanted.is_empty() {
        for (at, page) in run.in_browser(&pages, &wanted)? {
            run.keep(&keys[at], &page);
            found[at] = Some(page);
        }
    }
    Ok((Measured { pages: pages.len(), anew: wanted.len() }, run.faults(&pages, &found)))
}

/// Measures every page of the plans that no earlier run has measured, and adds what is wrong with them to the faults of the content, in place of
/// what was estimated without a browser. Fails if a slide can't be rendered, or with what went wrong with the browser.
pub fn measure_into(faults: &mut Vec<Diagnostic>, order: &PreflightOrder<'_>) -> Result<Measured, Failure> {
    match measure(order) {
        Ok((measured, found)) => {
            faults.retain(|fault| fault.code != ESTIMATE);
            faults.extend(found);
            diagnostic::settle(faults);
            Ok(measured)
        }
        Err(Failure::Content(found)) => {
            faults.extend(found);
            diagnostic::settle(faults);
            Err(Failure::Content(Vec::new()))
        }
        Err(failure) => Err(failure),
    }
}

/// The digest of files, with their paths, and of what else decides.
fn digest(files: &[RenderedFile], other: Digest) -> Digest {
    let mut all = other.as_bytes().to_vec();
    for file in files {
        all.extend_from_slice(file.path.as_str().as_bytes());
        all.extend_from_slice(file.digest.as_bytes());
    }
    Digest::of(&all)
}

impl Run<'_> {
    fn files(&self, page: &PageId) -> Result<Vec<RenderedFile>, Vec<Diagnostic>> {
        self.renderer.slide(self.order.content, &page.slide, page.face)
    }

    /// What decides how a page looks; the shell's modules are part of the tool, which the cache knows.
    fn key(&self, files: &[RenderedFile]) -> Digest {
        digest(files, self.shared)
    }

    fn known(&self, key: &Digest) -> Option<PageFindings> {
        let file = self.order.memory.measured_page(key);
        file.read().inspect(|_| file.touch())
    }

    fn keep(&self, key: &Digest, page: &PageFindings) {
        self.order.memory.measured_page(key).write(page);
    }

    /// Measures these pages in tabs of one browser; the first failure ends all.
    fn in_browser(&self, pages: &[PageId], wanted: &[usize]) -> Result<Vec<(usize, PageFindings)>, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let browser = Browser::start(self.order.browser, self.order.search, PATIENCE)?;
        let tabs = (0..cores.min(TABS).min(wanted.len())).map(|_| browser.tab()).collect::<Result<Vec<_>, _>>()?;
        let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let failed = Mutex::new(None);
        std::thread::scope(|scope| {
            for mut tab in tabs {
                let (next, results, failed) = (&next, &results, &failed);
                scope.spawn(move || {
                    while let Some(at) = wanted.get(next.fetch_add(1, Ordering::Relaxed)).filter(|_| failed.hold().is_none()) {
                        match self.page(&mut tab, &pages[*at]) {
                            Ok(page) => {
                                let mut results = results.hold();
                                results.push((*at, page));
                                (self.order.progress)(results.len(), wanted.len());
                            }
                            Err(why) => drop(failed.hold().get_or_insert(why)),
                        }
                    }
                });
            }
        });
        let failed = failed.hold().take();
        match failed {
            None => Ok(std::mem::take(&mut *results.hold())),
            Some(Unmeasured::Faulty(faults)) => Err(Failure::Content(faults)),
            Some(Unmeasured::Browser(error)) => Err(browser.failure(error)),
        }
    }

    fn page(&self, tab: &mut Tab, page: &PageId) -> Result<PageFindings, Unmeasured> {
        let files = self.files(page).map_err(Unmeasured::Faulty)?;
        let path = page_path(&page.slide, page.face.size());
        // Pages of one size have one path, whatever height letters need on them.
        let folder = page.face.floor.to_string();
        let stand = Stand::new(&folder, files.iter().chain(&self.theme));
        let path = format!("{folder}/{}", path.as_ref().map(RelPath::as_str).unwrap_or_default());
        tab.measure(&path, page.face.size(), &|path| stand.serve(path)).map_err(Unmeasured::Browser)
    }

    /// The faults of all slides; parts of a split table are one slide.
    fn faults(&self, pages: &[PageId], found: &[Option<PageFindings>]) -> Vec<Diagnostic> {
        let mut slides: BTreeMap<&str, (&PageId, Vec<_>)> = BTreeMap::new();
        for (page, findings) in pages.iter().zip(found) {
            let (Some(slide), Some(findings)) = (self.order.content.slide(&page.slide), findings) else { continue };
            slides.entry(&slide.place.path).or_insert((page, Vec::new())).1.push((page.face, findings));
        }
        let of_slide = |(page, found): (&PageId, Vec<_>)| {
            let slide = self.order.content.slide(&page.slide)?;
            let places = Places::new(self.order.root, slide);
            Some(finding::diagnostics(&found, &slide.place, &|words| places.find(words)))
        };
        slides.into_values().filter_map(of_slide).flatten().collect()
    }
}
