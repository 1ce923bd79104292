//! The state of a review: programs with their bytes, which pages have been opened, what was played, and one channel for what happens: pages
//! opened, lines typed. Never answers a request and never judges a line.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::ids::SiteId;
use crate::base::lock::MutexExt as _;
use crate::base::relpath::RelPath;
use crate::build::compile::BuiltProgram;
use crate::content::source::media;
use crate::desk::screen_view::ScreenViews;
use crate::filing::archive::Archive;
use crate::filing::report::ReviewReport;
use crate::program::dependencies::PageDependencies;
use crate::program::manifest::{ManifestFile, page_key};
use crate::program::validate::Program;

/// One program under review.
pub struct ReviewedProgram {
    pub report: ReviewReport,
    pub built: Arc<BuiltProgram>,
    /// Page → its look: the digest of all files that it needs.
    pub page_digests: BTreeMap<RelPath, Digest>,
    /// Page → its films and sounds, of the pages that have some.
    media: BTreeMap<RelPath, BTreeSet<Digest>>,
    /// Those of a size of which some screen plays sound → its files that have a sound.
    audible: BTreeMap<RelPath, BTreeSet<Digest>>,
    /// Films without a track of sound: nobody can hear them.
    silent: BTreeMap<RelPath, Digest>,
    pub site: SiteTexts,
    /// The last approved program with the archive that may hold its files.
    pub last: Option<(Arc<Program>, Archive)>,
}

/// What the content says of a program's site.
pub struct SiteTexts {
    /// Its name by language.
    pub name: Value,
    /// Slide → why it is in the program: playlists, shares and conditions.
    pub reasons: Value,
}

/// Names to display, by language.
pub struct DisplayNames {
    /// Of the installation.
    pub office: Value,
    /// Agency → its name.
    pub agencies: Value,
}

/// Everything that the review page shows.
pub struct ReviewState {
    names: DisplayNames,
    reviewed: Vec<ReviewedProgram>,
    /// When the newest frame got a page with this look.
    delivered: Mutex<BTreeMap<Digest, Instant>>,
    /// Looks of opened pages: a page of a different site with the same bytes has the same look.
    opened: Mutex<BTreeSet<Digest>>,
    /// Films and sounds that were played to the end: a file that several pages show is one.
    played: Mutex<BTreeMap<Digest, Hearing>>,
    /// Look of each page that a browser has measured → the first words that are lost on it; empty if all fit.
    measured: Mutex<BTreeMap<Digest, String>>,
    /// Whether the review page has fetched a state with nothing left to open.
    completion_seen: AtomicBool,
    /// How the review ended.
    outcome: Mutex<Option<ReviewOutcome>>,
    /// Last fetch of the state, with the outcome that it told.
    fetched: (Mutex<Option<Fetch>>, Condvar),
    views: ScreenViews,
    events: Mutex<Sender<InputEvent>>,
}

impl ReviewState {
    /// At the start only the pages that the reports state as seen count as opened.
    pub fn new(reviewed: Vec<ReviewedProgram>, names: DisplayNames, events: Sender<InputEvent>) -> Self {
        Self {
            names,
            reviewed,
            delivered: Mutex::default(),
            opened: Mutex::default(),
            played: Mutex::default(),
            measured: Mutex::default(),
            completion_seen: AtomicBool::new(false),
            outcome: Mutex::default(),
            fetched: Default::default(),
            views: ScreenViews::default(),
            events: Mutex::new(events),
        }
    }

    /// Names to display.
    pub fn names(&self) -> &DisplayNames {
        &self.names
    }

    /// The programs.
    pub fn reviewed(&self) -> &[ReviewedProgram] {
        &self.reviewed
    }

    /// What the shell reads about each screen.
    pub fn views(&self) -> &ScreenViews {
        &self.views
    }

    /// Records that a frame has all of a page with this look.
    pub fn mark_delivered(&self, look: Digest) {
        self.delivered.hold().insert(look, Instant::now());
    }

    /// Records that a page with this look was looked at, if a frame got it, it can have stood there for `SHORTEST_LOOK`, and its films and
    /// sounds were played to the end.
    pub fn mark_looked_at(&self, look: Digest) {
        let since = self.delivered.hold().get(&look).map(Instant::elapsed);
        let stood = since.is_some_and(|since| since >= SHORTEST_LOOK);
        if stood && self.is_played(look) && self.opened.hold().insert(look) {
            let _ = self.events.hold().send(InputEvent::Opened);
        }
    }

    fn is_played(&self, look: Digest) -> bool {
        let played = self.played.hold();
        // Pages with one look need the same files.
        let media = self.reviewed.iter().find_map(|reviewed| {
            let (page, _) = reviewed.page_digests.iter().find(|(_, own)| **own == look)?;
            Some(reviewed.media.get(page))
        });
        media.flatten().is_none_or(|media| media.iter().all(|file| played.contains_key(file)))
    }

    /// Records that a film or a sound was played to the end. Once heard, it stays so.
    pub fn mark_played(&self, file: Digest, hearing: Hearing) {
        let mut played = self.played.hold();
        let known = played.entry(file).or_insert(hearing);
        *known = (*known).max(hearing);
    }

    /// The opened pages whose sound was never on, although a screen plays it, with their sites.
    pub fn unheard(&self) -> Vec<(SiteId, RelPath)> {
        let (opened, played) = (self.opened.hold(), self.played.hold());
        let of = |reviewed: &'_ ReviewedProgram| -> Vec<_> {
            reviewed.unheard(&opened, &played).map(|page| (reviewed.report.site.clone(), page.clone())).collect()
        };
        self.reviewed.iter().flat_map(of).collect()
    }

    /// Records what a browser has measured of the pages with this look: the first words that are lost, if any.
    pub fn mark_measured(&self, look: Digest, lost: String) {
        self.measured.hold().insert(look, lost);
    }

    /// The pages on which words are lost, with their sites and the first of these words.
    pub fn lost(&self) -> Vec<(SiteId, RelPath, String)> {
        let measured = self.measured.hold();
        let lost = |reviewed: &'_ ReviewedProgram| -> Vec<_> {
            let pages = reviewed.page_digests.iter().filter_map(|(page, look)| Some((page, measured.get(look)?)));
            let pages = pages.filter(|(_, words)| !words.is_empty());
            pages.map(|(page, words)| (reviewed.report.site.clone(), page.clone(), words.clone())).collect()
        };
        self.reviewed.iter().flat_map(lost).collect()
    }

    /// Called when the review page has fetched a state, which it does after laying out a slide: whether nothing was left to open then, and the
    /// outcome that it was told.
    pub fn mark_state_sent(&self, complete: bool, outcome: Option<ReviewOutcome>) {
        if complete && !self.completion_seen.swap(true, Ordering::SeqCst) {
            let _ = self.events.hold().send(InputEvent::Opened);
        }
        *self.fetched.0.hold() = Some((Instant::now(), outcome));
        self.fetched.1.notify_all();
    }

    /// How the review ended; `None` while it goes on.
    pub fn outcome(&self) -> Option<ReviewOutcome> {
        *self.outcome.hold()
    }

    /// Ends the review. Waits until an open page has been told, five seconds at most.
    pub fn end(&self, outcome: ReviewOutcome) {
        *self.outcome.hold() = Some(outcome);
        let waits = |fetched: &mut Option<Fetch>| fetched.is_some_and(|(at, told)| told.is_none() && at.elapsed() < LAST_FETCH);
        let _ = self.fetched.1.wait_timeout_while(self.fetched.0.hold(), LAST_FETCH, waits);
    }

    /// Whether the review page has fetched a state with nothing left to open.
    pub fn is_completion_seen(&self) -> bool {
        self.completion_seen.load(Ordering::SeqCst)
    }

    /// The unopened pages with their sites.
    pub fn unopened(&self) -> Vec<(SiteId, RelPath)> {
        let opened = self.opened.hold();
        let left = |reviewed: &'_ ReviewedProgram| -> Vec<(SiteId, RelPath)> {
            let unopened =
                reviewed.report.unopened().filter(|page| reviewed.page_digests.get(*page).is_none_or(|look| !opened.contains(look)));
            unopened.map(|page| (reviewed.report.site.clone(), page.clone())).collect()
        };
        self.reviewed.iter().flat_map(left).collect()
    }

    /// The state for the page: every program, its opened pages, those with films and sounds and whether a screen lets these be heard, the films
    /// without a sound, and what was measured.
    pub fn state_json(&self) -> Value {
        let (opened, played, measured) = (self.opened.hold(), self.played.hold(), self.measured.hold());
        let to_json = |reviewed: &ReviewedProgram| {
            let pages: Vec<_> = reviewed.page_digests.iter().filter(|(_, look)| opened.contains(look)).map(|(page, _)| page).collect();
            let lost: BTreeMap<_, _> = reviewed.page_digests.iter().filter_map(|(page, look)| Some((page, measured.get(look)?))).collect();
            let offsets = &reviewed.built.program.manifest().offsets;
            let unheard: Vec<_> = reviewed.unheard(&opened, &played).collect();
            let media: BTreeMap<_, _> = reviewed.media.keys().map(|page| (page, reviewed.audible.contains_key(page))).collect();
            let silent: Vec<_> = reviewed.silent.keys().collect();
            json!({
                "report": reviewed.report, "opened": pages, "unheard": unheard, "media": media, "measured": lost, "name": reviewed.site.name,
                "offsets": offsets, "silent": silent,
            })
        };
        let programs: Vec<_> = self.reviewed.iter().map(to_json).collect();
        json!({"programs": programs, "office": self.names.office, "agencies": self.names.agencies, "outcome": self.outcome()})
    }
}

/// Shortest time in view that counts as a look.
const SHORTEST_LOOK: Duration = Duration::from_secs(1);

/// What was heard of a film or a sound that was played to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hearing {
    /// Its sound was off, or it has none.
    Unheard,
    Heard,
}

/// When a page fetched the state, and the outcome that it was told.
type Fetch = (Instant, Option<ReviewOutcome>);

/// How a review ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewOutcome {
    Signed,
    Refused,
}

impl ReviewOutcome {
    /// Of a command that did all, or that signed `nothing`; `None` if it signed a part only: the terminal says which.
    pub fn of(all: bool, nothing: bool) -> Option<Self> {
        match (all, nothing) {
            (true, _) => Some(Self::Signed),
            (false, true) => Some(Self::Refused),
            (false, false) => None,
        }
    }
}

/// An open page fetches the state more often than this.
const LAST_FETCH: Duration = Duration::from_secs(5);

/// An event of a review.
pub enum InputEvent {
    /// A page was opened for the first time, or the review page knows that none is left.
    Opened,
    Line(String),
    /// Standard input has ended: no line will follow.
    End,
}

/// Whether a review reads standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyboard {
    /// Lines are answers.
    Read,
    /// Nothing is asked: what is there belongs to others.
    Untouched,
}

/// A channel that receives the lines of standard input, if it is read; the sender may be used for further events.
pub fn events(keyboard: Keyboard) -> (Sender<InputEvent>, Receiver<InputEvent>) {
    let (sender, receiver) = mpsc::channel();
    if keyboard == Keyboard::Untouched {
        return (sender, receiver);
    }
    let typed = sender.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if typed.send(InputEvent::Line(line)).is_err() {
                return;
            }
        }
        let _ = typed.send(InputEvent::End);
    });
    (sender, receiver)
}

impl ReviewedProgram {
    /// `needs`: the files that each page needs.
    pub fn new(
        report: ReviewReport,
        built: Arc<BuiltProgram>,
        needs: &PageDependencies,
        site: SiteTexts,
        last: Option<(Arc<Program>, Archive)>,
    ) -> Self {
        let manifest = built.program.manifest();
        let look = |(page, all): (&RelPath, &BTreeSet<RelPath>)| {
            let files = all.iter().filter_map(|path| manifest.file(path.as_str()));
            let list: String = files.map(|file| format!("{} {}\n", file.path, file.sha256)).collect();
            (page.clone(), Digest::of(list.as_bytes()))
        };
        let looks = needs.iter().map(look).collect();
        let plays = |file: &&ManifestFile| file.media_type.starts_with("video/") || file.media_type.starts_with("audio/");
        let media = needs.iter().map(|(page, all)| {
            let files = all.iter().filter_map(|path| manifest.file(path.as_str())).filter(plays);
            (page.clone(), files.map(|file| file.sha256).collect::<BTreeSet<_>>())
        });
        let media: BTreeMap<_, _> = media.filter(|(_, files)| !files.is_empty()).collect();
        let silent = |file: &&ManifestFile| {
            let bytes = built.objects.get(&file.sha256).and_then(ByteSource::path);
            bytes.is_some_and(|path| media::is_silent(path, &file.media_type))
        };
        let silent = manifest.files.iter().filter(plays).filter(silent).map(|file| (file.path.clone(), file.sha256));
        let silent: BTreeMap<_, _> = silent.collect();
        let loud: BTreeSet<_> =
            manifest.screens.iter().filter(|screen| screen.audio).map(|each| page_key(each.width, each.height)).collect();
        let pages = manifest.slides.values().flat_map(|slide| &slide.pages);
        let heard = |(_, page): (&String, &RelPath)| {
            let files = media.get(page)?.iter().filter(|file| !silent.values().any(|each| each == *file)).copied().collect::<BTreeSet<_>>();
            (!files.is_empty()).then(|| (page.clone(), files))
        };
        let audible = pages.filter(|(size, _)| loud.contains(*size)).filter_map(heard).collect();
        Self { report, page_digests: looks, media, audible, silent, site, last, built }
    }

    /// The opened pages with a sound that some screen plays and that was off.
    fn unheard<'a>(&'a self, opened: &BTreeSet<Digest>, played: &BTreeMap<Digest, Hearing>) -> impl Iterator<Item = &'a RelPath> {
        let open = move |page: &RelPath| self.page_digests.get(page).is_some_and(|look| opened.contains(look));
        let off = move |files: &BTreeSet<Digest>| files.iter().any(|file| played.get(file) == Some(&Hearing::Unheard));
        self.audible.iter().filter(move |(page, files)| open(page) && off(files)).map(|(page, _)| page)
    }

    /// The bytes of a file, checked against the manifest: what is shown is what is signed. Long files are streamed from the disk unchecked;
    /// they were hashed before and are hashed again before signing.
    pub fn bytes(&self, file: &ManifestFile) -> io::Result<ByteSource> {
        /// Longest file, in bytes, that is read whole.
        const SHORT: u64 = 16 << 20;
        let source = self.built.objects.get(&file.sha256).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if source.path().is_some() && file.size > SHORT {
            return Ok(source.clone());
        }
        let bytes = read_stream_limited(source.open()?, file.size)?;
        if Digest::of(&bytes) != file.sha256 {
            return Err(io::Error::other("the bytes differ from those that were built"));
        }
        Ok(ByteSource::Memory(bytes.into()))
    }
}
