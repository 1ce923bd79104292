//! A player's pulling side: opened with the lock taken and everything stored verified anew; then one cycle after another.
//! Never shows: it says which programs may be shown.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::folder::Folder;
use super::http_client::Http;
use super::meter::{Limits, Meter};
use super::transport::Transport;
use super::{statements, stored};
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::program::show::{Release as Ordered, Withdrawn};
use crate::program::verify::Program;
use crate::store::objects::Holdings;
use crate::store::state::{State, StateFiles};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadNumber};
use crate::trust::judge;
use crate::trust::latest::Latest;
use crate::trust::release::Release;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// What a player is told about pulling.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of everything that it keeps.
    pub data: PathBuf,
    /// The provisioned root.
    pub root: PathBuf,
    /// Its site.
    pub site: SiteId,
    /// Addresses and folders to pull from, the preferred first.
    pub sources: Vec<String>,
    /// Free bytes that are never used.
    pub reserve: u64,
    /// What the line may be used for.
    pub limits: Limits,
}

/// A program that the head names and that is approved.
#[derive(Clone, Debug)]
pub struct Held {
    /// The program.
    pub program: Arc<Program>,
    /// Unix second from which it takes over.
    pub from: i64,
    /// Whether every object of it is on disk.
    pub complete: bool,
}

/// What is in force.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// Version of the newest root.
    pub root: u64,
    /// Number of the head; `None` before the first.
    pub head: Option<HeadNumber>,
    /// When the head expires, Unix seconds.
    pub head_expires: Option<i64>,
    /// When the root expires, Unix seconds.
    pub root_expires: i64,
    /// Unix second below which no clock is trusted.
    pub floor: i64,
    /// The head in force does not verify under the newest root.
    pub head_unverifiable: bool,
    /// Its programs that may be shown.
    pub programs: Vec<Held>,
    /// Slides of them that may not.
    pub withdrawn: Withdrawn,
    /// Orders to show kits, and their ends.
    pub releases: Vec<Ordered>,
}

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing is new.
    Idle,
    /// Something new is in force, or was completed.
    Adopted,
    /// Something was wrong; what was in force is.
    Kept,
}

/// What a cycle did.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What was wrong, for the log.
    pub reason: Option<String>,
    /// Whether that lies outside: network, disk.
    pub outside: bool,
    /// Programs of the head that may not be shown, with the reason.
    pub dropped: Vec<(Digest, String)>,
    /// Bytes of objects, packs and block signatures that came over the line, without headers.
    pub downloaded: u64,
    /// When the source wants to be asked again, in seconds.
    pub retry_after_s: Option<u64>,
}

/// The pulling side of a player. Holds the lock of its data folder.
pub struct Puller {
    pub(super) settings: Settings,
    pub(super) holdings: Holdings,
    pub(super) files: StateFiles,
    pub(super) state: State,
    pub(super) roots: Vec<Verified<Root>>,
    pub(super) head: Option<Verified<Head>>,
    /// All withdrawals from number 1 on.
    pub(super) withdrawals: Vec<Verified<Withdrawal>>,
    /// Releases for this site by number.
    pub(super) releases: BTreeMap<u64, Verified<Release>>,
    pub(super) sources: Vec<Box<dyn Transport>>,
    pub(super) meter: Arc<Meter>,
    /// The hint of the last cycle, its validator, and whether that cycle left nothing undone.
    pub(super) hint: Option<(Latest, Option<String>)>,
    pub(super) complete: bool,
    pub(super) dropped: Vec<(Digest, String)>,
    pub(super) standing: Arc<Standing>,
    /// The objects that were held at the start are being read through.
    verifying: Option<JoinHandle<()>>,
    _lock: File,
}

impl Puller {
    /// Takes the lock, verifies every stored document, and begins to read the objects through: [`Puller::settle`] waits for that.
    /// `build_floor`: the oldest second that can be right.
    pub fn open(settings: Settings, build_floor: i64) -> Result<Self, Text> {
        let first = stored::provisioned(&settings.root)?;
        let lock = lock(&settings)?;
        let holdings = Holdings::new(settings.data.join("store"));
        let files = StateFiles::new(&settings.data);
        let data = settings.data.display().to_string();
        let found = files.load().map_err(|error| text!(vi: "{data}: {error}", en: "{data}: {error}"))?;
        for path in &found.set_aside {
            eprintln!("state: {} could not be read and was set aside", path.display());
        }
        let roots = stored::roots(first, &holdings);
        let mut state = found.state.unwrap_or_default();
        if state.head().and_then(|number| stored::head(&roots, &settings.site, &holdings, number)).is_none() {
            // Both copies are gone, or what they name is: the highest head that is whole goes on.
            let highest = stored::highest_head(&roots, &settings.site, &holdings).unwrap_or_default();
            (state.epoch, state.version) = highest.into();
        }
        state.floor = state.floor.max(build_floor);
        let withdrawals = statements::withdrawals(&roots, &holdings);
        let releases = statements::releases(&roots, &settings.site, &holdings);
        // What is damaged on disk is walked again.
        state.withdrawals = withdrawals.len() as u64;
        let sources = settings.sources.iter().map(|source| transport(source, settings.limits.rate)).collect();
        let meter = Arc::new(Meter::new(settings.limits.clone(), settings.data.join("spent.json")));
        let mut puller = Self {
            holdings,
            files,
            state,
            roots,
            head: None,
            withdrawals,
            releases,
            sources,
            meter,
            hint: None,
            complete: false,
            dropped: Vec::new(),
            standing: Arc::default(),
            verifying: None,
            settings,
            _lock: lock,
        };
        puller.judge_stored();
        let objects = puller.standing.programs.iter().flat_map(|held| stored::objects(&held.program)).collect();
        let holdings = puller.holdings.clone();
        let verify = std::thread::Builder::new().name("verify".into()).spawn(move || holdings.verify_all(&objects));
        puller.verifying = Some(verify.map_err(|error| text!(vi: "{data}: {error}", en: "{data}: {error}"))?);
        Ok(puller)
    }

    /// Waits until what was held at the start is read through, and judges it by that. Nothing may be shown, committed or collected before;
    /// asking a source for documents may.
    pub fn settle(&mut self) {
        if let Some(verifying) = self.verifying.take() {
            if verifying.join().is_err() {
                eprintln!("pull: the objects could not all be read through");
            }
            self.judge_stored();
        }
    }

    /// What is in force.
    pub fn standing(&self) -> Arc<Standing> {
        self.standing.clone()
    }

    /// The objects and documents on disk.
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// The newest root.
    pub(super) fn root(&self) -> &Verified<Root> {
        // The chain begins with the provisioned root and only grows.
        &self.roots[self.roots.len() - 1]
    }

    /// Step 3 (and step 1 at the start): judges the head in force and its programs anew.
    pub(super) fn judge_stored(&mut self) {
        let number = self.state.head();
        let stored = number.and_then(|number| stored::head(&self.roots, &self.settings.site, &self.holdings, number));
        let head_unverifiable = stored.as_ref().is_some_and(|(_, current)| !current);
        self.head = stored.map(|(head, _)| head);
        let (mut programs, mut dropped, mut approved) = (Vec::new(), Vec::new(), Vec::new());
        let mut slides = BTreeMap::new();
        for entry in self.head.iter().flat_map(|head| &head.body().programs) {
            match stored::program(self.root(), &self.settings.site, entry, &self.holdings) {
                Ok(each) => {
                    let program = each.program().clone();
                    let taken = self.withdrawn(&program);
                    if taken.program {
                        dropped.push((entry.program, "withdrawn".to_owned()));
                        continue;
                    }
                    if !taken.slides.is_empty() {
                        slides.insert(entry.program, taken.slides);
                    }
                    let complete = stored::objects(&program).into_iter().all(|(digest, size)| self.holdings.holds(digest, size));
                    programs.push(Held { program, from: entry.from, complete });
                    approved.push(each);
                }
                Err(refusal) => dropped.push((entry.program, refusal.to_string())),
            }
        }
        let issued = self.roots.iter().map(|root| root.issued().0).max();
        let by_head = self.head.as_ref().and_then(|head| judge::floor(head, &approved)).map(|instant| instant.0);
        self.state.floor = self.state.floor.max(issued.unwrap_or(0)).max(by_head.unwrap_or(0));
        self.state.root = self.root().body().version;
        self.dropped = dropped;
        self.standing = Arc::new(Standing {
            root: self.state.root,
            head: self.head.as_ref().map(|head| head.body().number()),
            head_expires: self.head.as_ref().map(|head| head.body().expires.0),
            root_expires: self.root().body().expires.0,
            floor: self.state.floor,
            head_unverifiable,
            releases: statements::orders(&self.releases, programs.iter().map(|held| held.program.as_ref())),
            withdrawn: Withdrawn { slides, ..Withdrawn::default() },
            programs,
        });
    }

    /// What the withdrawals take from a program.
    pub(super) fn withdrawn(&self, program: &Program) -> judge::Withdrawn {
        judge::withdrawn(self.root().body(), &self.withdrawals, program)
    }
}

fn transport(source: &str, rate: Option<u64>) -> Box<dyn Transport> {
    if source.contains("://") { Box::new(Http::new(source, rate)) } else { Box::new(Folder::new(source)) }
}

/// `flock`, not a file with a number in it: a crash leaves no lock behind.
fn lock(settings: &Settings) -> Result<File, Text> {
    let path = settings.data.join("lock");
    let shown = path.display();
    let failed = |error: std::io::Error| text!(vi: "{shown}: {error}", en: "{shown}: {error}");
    files::make_folders(&settings.data).map_err(failed)?;
    let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(text!(
            vi: "một máy chiếu khác đang chạy trên {shown}",
            en: "another player is running on {shown}"
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
