//! What lies before a reviewer: programs with their bytes, and which pages have been opened.
//! Never answers a request.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::typed::Event;
use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::files::read_to_limit;
use crate::base::ids::SiteId;
use crate::base::lock::MutexExt as _;
use crate::base::news::News;
use crate::base::relpath::RelPath;
use crate::build::built::Built;
use crate::filing::report::Report;
use crate::program::manifest::File;
use crate::program::needs::Needs;

/// One program under review.
pub struct Reviewed {
    /// What the reviewer is told.
    pub report: Report,
    /// Its bytes.
    pub built: Arc<Built>,
    /// Page → its look: the digest of all that it needs.
    pub looks: BTreeMap<RelPath, Digest>,
    /// Name of the site, in every language that it has.
    pub name: Value,
}

/// What bodies are called, by language.
pub struct Names {
    /// The installation.
    pub office: Value,
    /// Agency → its name.
    pub agencies: Value,
}

/// Everything that the review page shows.
pub struct Desk {
    names: Names,
    reviewed: Vec<Reviewed>,
    /// Looks of pages that were opened: another site's page with the same bytes is the same look.
    opened: Mutex<BTreeSet<Digest>>,
    /// Whether the review page has heard that nothing is left to be opened.
    heard: AtomicBool,
    tell: Mutex<Sender<Event>>,
    news: Arc<News>,
}

impl Desk {
    /// Nothing has been opened yet but what the reports say.
    pub fn new(reviewed: Vec<Reviewed>, names: Names, tell: Sender<Event>) -> Self {
        Self { names, reviewed, opened: Mutex::default(), heard: AtomicBool::new(false), tell: Mutex::new(tell), news: News::new() }
    }

    /// Has nothing to tell: what is under review never changes.
    pub fn news(&self) -> &Arc<News> {
        &self.news
    }

    /// What bodies are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The programs.
    pub fn reviewed(&self) -> &[Reviewed] {
        &self.reviewed
    }

    /// Notes that a page was opened.
    pub fn open(&self, reviewed: &Reviewed, page: &RelPath) {
        let look = reviewed.looks.get(page).copied();
        if look.is_some_and(|look| self.opened.hold().insert(look)) {
            let _ = self.tell.hold().send(Event::Opened);
        }
    }

    /// Notes that the review page was told that nothing is left. It asks when a slide is laid out with its pictures.
    pub fn hear(&self) {
        if !self.heard.swap(true, Ordering::SeqCst) {
            let _ = self.tell.hold().send(Event::Opened);
        }
    }

    /// Whether the review page has heard that nothing is left to be opened.
    pub fn is_heard(&self) -> bool {
        self.heard.load(Ordering::SeqCst)
    }

    /// What is still to be opened: sites and pages.
    pub fn left(&self) -> Vec<(SiteId, RelPath)> {
        let opened = self.opened.hold();
        let left = |reviewed: &'_ Reviewed| -> Vec<(SiteId, RelPath)> {
            let unopened = reviewed.report.unopened().filter(|page| reviewed.looks.get(*page).is_none_or(|look| !opened.contains(look)));
            unopened.map(|page| (reviewed.report.site.clone(), page.clone())).collect()
        };
        self.reviewed.iter().flat_map(left).collect()
    }

    /// What the page is told: every program, and the pages opened by now.
    pub fn told(&self) -> Value {
        let opened = self.opened.hold();
        let told = |reviewed: &Reviewed| {
            let pages: Vec<_> = reviewed.looks.iter().filter(|(_, look)| opened.contains(look)).map(|(page, _)| page).collect();
            json!({"report": reviewed.report, "opened": pages, "name": reviewed.name, "offsets": reviewed.built.program.manifest().offsets})
        };
        let programs: Vec<_> = self.reviewed.iter().map(told).collect();
        json!({"programs": programs, "office": self.names.office, "agencies": self.names.agencies})
    }
}

impl Reviewed {
    /// A program and what each of its pages needs.
    pub fn new(report: Report, built: Arc<Built>, needs: &Needs, name: Value) -> Self {
        let manifest = built.program.manifest();
        let look = |(page, all): (&RelPath, &BTreeSet<RelPath>)| {
            let files = all.iter().filter_map(|path| manifest.file(path.as_str()));
            let list: String = files.map(|file| format!("{} {}\n", file.path, file.sha256)).collect();
            (page.clone(), Digest::of(list.as_bytes()))
        };
        let looks = needs.iter().map(look).collect();
        Self { report, built, looks, name }
    }

    /// The bytes of a file, if they are those of the manifest: what is shown is what is signed. Long ones come from the disk piece by
    /// piece and were hashed before; they are hashed once more before the signature.
    pub fn bytes(&self, file: &File) -> io::Result<ByteSource> {
        /// Bytes of a file that is read whole.
        const SHORT: u64 = 16 << 20;
        let source = self.built.objects.get(&file.sha256).ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        if source.path().is_some() && file.size > SHORT {
            return Ok(source.clone());
        }
        let bytes = read_to_limit(source.open()?, file.size)?;
        if Digest::of(&bytes) != file.sha256 {
            return Err(io::Error::other("the bytes differ from those that were built"));
        }
        Ok(ByteSource::Memory(bytes.into()))
    }
}
