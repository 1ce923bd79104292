//! What a player that holds nothing but its first root finds at a source: the cycle's own steps up to the objects, and all of it told
//! instead of the first thing that is wrong. Never shows, never commits, and changes nothing at the source.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use super::adopt::Packs;
use super::meter::Limits;
use super::puller::{Puller, Settings};
use super::stop::Stop;
use super::transport::{Ask, Got, Transport, Unusable};
use super::{statements, stored};
use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::program::show::Release as Ordered;
use crate::store::layout;
use crate::store::look::{Depth, Wrong};
use crate::trust::document::Verified;
use crate::trust::head::{Entry, Head};
use crate::trust::judge::{self, Approved, Withdrawn};
use crate::trust::latest::Latest;
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// What was found.
pub struct Seen {
    /// The newest root that the source leads to.
    pub root: Verified<Root>,
    /// The hint.
    pub latest: Option<Latest>,
    /// Withdrawals, as far as they are good.
    pub withdrawals: Vec<Verified<Withdrawal>>,
    /// The head that would be adopted.
    pub head: Option<Verified<Head>>,
    /// Its programs.
    pub programs: Vec<SeenProgram>,
    /// Orders to show kits of these, and their ends.
    pub releases: Vec<Ordered>,
    /// Why a player would keep what it has.
    pub stopped: Option<Stop>,
}

/// A program of a head.
pub struct SeenProgram {
    /// What the head says of it.
    pub entry: Entry,
    /// Its approvals and manifest, judged.
    pub judged: Result<Approved, Refusal>,
    /// What the withdrawals leave of it.
    pub withdrawn: Withdrawn,
}

/// Looks at a source as a new player of a site. `root`: the file of the root that it is given; `scratch`: an empty folder.
pub fn inspect(site: &SiteId, root: PathBuf, scratch: PathBuf, source: &dyn Transport) -> Result<Seen, Text> {
    let settings = Settings { data: scratch, root, site: site.clone(), sources: Vec::new(), reserve: 0, limits: Limits::default() };
    let mut puller = Puller::open(settings, 0)?;
    let mut seen = Found::default();
    let stopped = puller.look(source, &mut seen).err();
    let Found { latest, head, programs } = seen;
    let kits = programs.iter().filter_map(|each| each.judged.as_ref().ok()).map(|approved| approved.program().as_ref());
    let releases = statements::orders(&puller.releases, kits);
    Ok(Seen { root: puller.root().clone(), latest, withdrawals: puller.withdrawals, head, programs, releases, stopped })
}

/// The source at an address, as a player reads it: `http://`, `https://` or a folder; from an office, which may sit behind a proxy.
#[cfg(feature = "office")]
pub fn source(address: &str) -> Box<dyn Transport> {
    if address.contains("://") {
        Box::new(super::http_client::Http::from_office(address))
    } else {
        Box::new(super::folder::Folder::new(address))
    }
}

#[derive(Default)]
struct Found {
    latest: Option<Latest>,
    head: Option<Verified<Head>>,
    programs: Vec<SeenProgram>,
}

impl Puller {
    /// Steps 2 to 8 of a cycle, for every program.
    fn look(&mut self, source: &dyn Transport, found: &mut Found) -> Result<(), Stop> {
        let Some((latest, _)) = self.hint(source)? else { return Ok(()) };
        found.latest = Some(latest);
        self.walk_roots(source)?;
        self.walk_withdrawals(source, &latest)?;
        self.walk_releases(source, &latest)?;
        let Some(head) = self.news(source, latest)? else { return Ok(()) };
        for entry in &head.body().programs {
            let judged = self.judge_entry(source, entry, &mut Packs::new())?;
            let withdrawn = judged.as_ref().map(|approved| self.withdrawn(approved.program())).unwrap_or_default();
            found.programs.push(SeenProgram { entry: entry.clone(), judged, withdrawn });
        }
        found.head = Some(*head);
        let left: Vec<Approved> = found.standing().cloned().collect();
        judge::head_stands(&left).map_err(|refusal| super::stop::refused(refusal.to_string()))
    }
}

impl Found {
    fn standing(&self) -> impl Iterator<Item = &Approved> {
        self.programs.iter().filter(|each| !each.withdrawn.program).filter_map(|each| each.judged.as_ref().ok())
    }
}

impl Seen {
    /// The objects of all programs that count, each once.
    pub fn objects(&self) -> BTreeMap<Digest, u64> {
        let approved = self.programs.iter().filter(|each| !each.withdrawn.program).filter_map(|each| each.judged.as_ref().ok());
        approved.flat_map(|each| stored::objects(each.program())).collect()
    }
}

/// Looks at one object of a source. For its size the last byte is asked for: where it ends, the object ends.
pub fn look_at(source: &dyn Transport, depth: Depth, digest: Digest, size: u64) -> Result<Option<Wrong>, Unusable> {
    let path = layout::object(digest);
    let from = if depth == Depth::Bytes { 0 } else { size.saturating_sub(1) };
    let (body, start) = match source.get(Ask { path: &path, limit: size, from, etag: None })? {
        Got::Found { body, start, .. } => (body, start),
        Got::Unfit => return Ok(Some(Wrong::Differs)),
        Got::Absent | Got::NotModified => return Ok(Some(Wrong::Absent)),
    };
    let read = Digest::of_reader(body.take(size.saturating_add(1)));
    let (found, length) = read.map_err(|error| Unusable::new(format!("{path}: {error}")))?;
    let whole = start == 0;
    let right = start.saturating_add(length) == size && (!whole || size == 0 || found == digest);
    Ok((!right).then_some(Wrong::Differs))
}
