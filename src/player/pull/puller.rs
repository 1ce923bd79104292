//! The pulling side of a player: opening takes the lock and verifies everything stored; each cycle then runs the steps as
//! `docs/trust.md` numbers them. A failed cycle leaves in force what was. Never shows: it states which programs may be shown.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;

use super::data_folder::DataFolder;
use super::fetcher::Fetcher;
use super::meter::{Meter, TransferLimits};
use super::pack::PackDownload;
use super::source::{Accepted, FetchedHint, Source};
use super::transport::{PullError, Transport};
use super::trusted::{InForce, Trusted};
use super::{open_transport, statement_walk, stored};
use crate::base::certificates;
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::program::show::{Schedule, ScheduledProgram, show};
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry};
use crate::trust::judge::{self, Approved};
use crate::trust::refusal::Refusal;

/// How a player pulls.
#[derive(Clone, Debug)]
pub struct PullSettings {
    pub data: PathBuf,
    /// Path of the provisioned root.
    pub root: PathBuf,
    pub site: SiteId,
    /// Addresses and folders to pull from, the preferred first.
    pub sources: Vec<String>,
    /// Certificates that sources may be signed by, beside the system's authorities.
    pub authorities: Option<PathBuf>,
    /// Free bytes of the disk that stay unused.
    pub reserve: u64,
    pub limits: TransferLimits,
}

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleOutcome {
    Idle,
    /// A new head is in force, or missing objects were completed.
    Adopted,
    /// What was in force stays in force.
    Failed,
}

/// What a cycle did.
#[derive(Clone, Debug)]
pub struct CycleReport {
    pub outcome: CycleOutcome,
    /// Whether it knew all documents of a source up to the head, whatever objects it lacks.
    pub looked: bool,
    /// Why it failed.
    pub reason: Option<Text>,
    /// Whether the cause is outside: network, disk.
    pub external: bool,
    /// Bytes of objects, packs and block signatures received over the network, without headers.
    pub downloaded: u64,
    /// `Retry-After` of the source, in seconds.
    pub retry_after_s: Option<u64>,
}

/// By program: packs opened for their documents, with objects still unread.
type OpenPacks = BTreeMap<Digest, PackDownload>;

/// The pulling side of a player. Holds the lock of its data folder.
pub struct Puller {
    folder: DataFolder,
    trusted: Trusted,
    in_force: Arc<InForce>,
    transports: Vec<Box<dyn Transport>>,
    meter: Arc<Meter>,
    reserve: u64,
    /// Whether this cycle has read all documents of a source up to the head.
    looked: bool,
    /// The hint of the last cycle, if that cycle succeeded.
    last_hint: Option<FetchedHint>,
    /// Reads through the objects held at the start.
    verification: Option<JoinHandle<()>>,
}

impl Puller {
    /// Takes the lock, verifies every stored document, and begins to verify the objects: [`Puller::wait_for_verification`] waits for that.
    /// `build_floor`: the earliest Unix second that can be right.
    pub fn open(settings: PullSettings, build_floor: i64) -> Result<Self, Text> {
        let PullSettings { data, root, site, sources, authorities, reserve, limits } = settings;
        let (folder, mut trusted) = DataFolder::open(&data, &site, stored::provisioned_root(&root)?)?;
        trusted.raise_floor(build_floor);
        let in_force = folder.rejudge(&mut trusted);
        let objects: BTreeMap<Digest, u64> = in_force.programs.iter().flat_map(|each| stored::objects(&each.program)).collect();
        let holdings = folder.holdings().clone();
        holdings.mark_unread(BTreeMap::clone(&objects));
        let verification = std::thread::Builder::new().name("verify".into()).spawn(move || holdings.verify_all(&objects));
        let shown = data.display();
        // Without them a source may be unreachable; what is stored plays on.
        let authorities = authorities.map(|path| certificates::read(&path)).transpose().unwrap_or_else(|fault| {
            crate::logln!("pull: {}", fault.en);
            None
        });
        let authorities = authorities.unwrap_or_default();
        Ok(Self {
            folder,
            trusted,
            in_force: Arc::new(in_force),
            transports: sources.iter().map(|source| open_transport::for_player(source, limits.rate, &authorities)).collect(),
            meter: Arc::new(Meter::new(limits, data.join("spent.json"))),
            reserve,
            looked: false,
            last_hint: None,
            verification: Some(verification.map_err(|error| failure::system_at(&shown, &error))?),
        })
    }

    /// Waits until the objects held at the start are verified, then judges again. Nothing may be shown, committed or collected earlier; a
    /// source may be asked for documents.
    pub fn wait_for_verification(&mut self) {
        if let Some(verification) = self.verification.take() {
            if verification.join().is_err() {
                crate::logln!("pull: the objects could not all be read through");
            }
            self.rejudge();
        }
    }

    /// What is in force.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.clone()
    }

    /// What is wrong with the data folder, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.folder.faults()
    }

    /// The objects and documents on disk.
    pub fn holdings(&self) -> &LocalStore {
        self.folder.holdings()
    }

    /// One cycle, at `now` in Unix seconds. The sources are tried in order until one answers.
    pub fn cycle(&mut self, now: i64) -> CycleReport {
        let mut transports = std::mem::take(&mut self.transports);
        self.meter.start_cycle(now);
        self.looked = false;
        if self.verification.is_none() && self.folder.holdings().verify_unread() {
            self.rejudge();
        }
        let mut report =
            CycleReport { outcome: CycleOutcome::Failed, looked: false, reason: None, external: true, downloaded: 0, retry_after_s: None };
        for at in 0..transports.len() {
            // The first source that answers gives the documents; objects may come from any.
            let in_turn: Vec<&dyn Transport> = transports[at..].iter().chain(&transports[..at]).map(AsRef::as_ref).collect();
            match self.run_steps(&in_turn, now) {
                Ok(outcome) => {
                    report = CycleReport { outcome, reason: None, external: false, retry_after_s: None, ..report };
                    break;
                }
                // A source that lags or lies must not block the others. A refusal takes precedence over an outside error in the report.
                Err(error) => {
                    crate::logln!("pull: {}: {}", transports[at].name(), error.reason.en);
                    if report.reason.is_none() || report.external {
                        report.reason = Some(error.reason);
                        report.external = error.external;
                    }
                    report.retry_after_s = error.retry_after_s.or(report.retry_after_s);
                }
            }
        }
        self.wait_for_verification();
        for transport in &mut transports {
            transport.close_idle();
        }
        self.transports = transports;
        report.downloaded = self.meter.end_cycle();
        report.looked = self.looked;
        report
    }

    fn run_steps(&mut self, transports: &[&dyn Transport], now: i64) -> Result<CycleOutcome, PullError> {
        let transport = transports[0];
        // Step 2: the hint. An unchanged hint ends the cycle only if the last cycle succeeded.
        let Some(hint) = self.source(transport).hint(self.last_hint.as_ref())? else {
            self.looked = true;
            return Ok(CycleOutcome::Idle);
        };
        self.last_hint = None;
        let mut files = Vec::new();
        let walked = statement_walk::roots(transport, &mut self.trusted, &mut files)
            .and_then(|()| statement_walk::statements(transport, &mut self.trusted, &hint.latest, &mut files));
        // Step 3, and step 4 for each statement, even if the walk was stopped or the disk takes nothing: neither must delay what an earlier
        // document revokes.
        self.folder.keep(files);
        self.rejudge();
        let saved = self.save();
        walked?;
        saved?;
        if let Some(lost) = self.trusted.lost_statements() {
            return Err(PullError::refused(lost));
        }
        // Steps 5 and 6.
        let newer = self.source(transport).newer_head(hint.latest.head_number())?;
        self.looked = true;
        self.wait_for_verification();
        let mut packs = OpenPacks::new();
        let adopted = newer.is_some();
        match newer {
            Some(head) => self.adopt(transports, head, now, &mut packs)?,
            None => self.retry_refused(transport)?,
        }
        let completed = self.fetch_remaining(transports, now, packs)?;
        if let Some(reason) = &self.in_force.unread {
            return Err(PullError::external(reason.clone()));
        }
        self.folder.collect_garbage(&self.trusted, &self.in_force)?;
        self.folder.collect_documents(&self.trusted)?;
        self.last_hint = (!self.in_force.undecided).then_some(hint);
        Ok(if adopted || completed { CycleOutcome::Adopted } else { CycleOutcome::Idle })
    }

    /// Steps 7 to 10 for a new head: judge, fetch what is due now, commit.
    fn adopt(
        &mut self,
        transports: &[&dyn Transport],
        head: Accepted<Verified<Head>>,
        now: i64,
        packs: &mut OpenPacks,
    ) -> Result<(), PullError> {
        let mut approved = Vec::new();
        for entry in &head.document().body().programs {
            match self.judge_entry(transports[0], entry, packs)? {
                // Step 7: a program that is withdrawn as a whole does not count.
                Ok(program) if self.trusted.withdrawn(program.program()).program => {
                    crate::logln!("pull: program {} is withdrawn", entry.program);
                }
                Ok(program) => approved.push(program),
                // Step 7: absent or damaged bytes may be there later; until then the old head stays.
                Err(refusal) if refusal.is_retryable() => return Err(incomplete(entry, &refusal)),
                Err(refusal) => crate::logln!("pull: program {} is refused: {refusal}", entry.program),
            }
        }
        judge::ensure_evergreen_left(&approved).map_err(|refusal| PullError::refused(refusal.text().clone()))?;
        // Step 8: enough space for everything, before the first byte.
        if self.folder.ensure_space(&approved, self.reserve).is_err() {
            // Parts and objects of heads that never came into force may take the space.
            self.folder.collect_garbage(&self.trusted, &self.in_force)?;
            self.folder.ensure_space(&approved, self.reserve)?;
        }
        // Step 9: what is due now, and every evergreen program.
        let due = programs_due(&approved, now);
        for program in &due {
            let mut fetcher = self.fetcher(transports, program.manifest().kind, now);
            fetcher.known.extend_from_slice(&due);
            fetcher.fetch_program(program, packs.remove(&program.digest()))?;
        }
        // Step 10: the one commit point.
        let committed = self.folder.commit_head(&self.trusted, head);
        self.rejudge();
        Ok(committed?)
    }

    /// Steps 7 and 8 again for programs of the head in force that may not be shown: a statement or manifest may be damaged on disk, another
    /// may have lain in its place at the source, and a new root may count approvals that were never fetched.
    fn retry_refused(&mut self, transport: &dyn Transport) -> Result<(), PullError> {
        let refused: BTreeSet<Digest> = self.in_force.refused.iter().map(|(digest, _)| *digest).collect();
        let entries: Vec<HeadEntry> = self.trusted.head().iter().flat_map(|head| &head.body().programs).cloned().collect();
        let (mut repaired, mut missing, unread) = (false, None, self.in_force.unread.is_some());
        for entry in entries.iter().filter(|entry| unread || refused.contains(&entry.program)) {
            match self.judge_entry(transport, entry, &mut OpenPacks::new())? {
                Ok(_) => repaired = true,
                Err(refusal) if refusal.is_retryable() => missing = Some(incomplete(entry, &refusal)),
                Err(_) => {}
            }
        }
        if repaired {
            self.rejudge();
        }
        missing.map_or(Ok(()), Err)
    }

    /// Fetches the rest of the head in force, in the order in which it will be shown. True if anything was missing.
    fn fetch_remaining(&mut self, transports: &[&dyn Transport], now: i64, mut packs: OpenPacks) -> Result<bool, PullError> {
        let mut open: Vec<_> = self.in_force.programs.iter().filter(|each| !each.complete).cloned().collect();
        open.sort_by_key(|each| (each.program.manifest().valid.until.is_some_and(|until| until <= now), each.from));
        // A program that can't be completed must not block the later ones.
        let mut fetched = Vec::new();
        for each in &open {
            let pack = packs.remove(&each.program.digest());
            fetched.push(self.fetcher(transports, each.program.manifest().kind, now).fetch_program(&each.program, pack));
        }
        if !open.is_empty() {
            self.rejudge();
        }
        fetched.into_iter().collect::<Result<(), _>>()?;
        Ok(!open.is_empty())
    }

    /// Steps 7 and 8 for one entry: from the disk first, then from the source: in a pack based on a stored program, else file by file. The
    /// pack stays open in `packs` for its objects.
    fn judge_entry(
        &self,
        transport: &dyn Transport,
        entry: &HeadEntry,
        packs: &mut OpenPacks,
    ) -> Result<Result<Approved, Refusal>, PullError> {
        let (source, holdings) = (self.source(transport), self.folder.holdings());
        if let Ok(approved) = stored::program(&self.trusted, entry, holdings) {
            return Ok(Ok(approved));
        }
        // Of what is stored only the manifest, which its digest names, is sure to be what the source has.
        let manifest = layout::program(entry.program);
        let held = |path: &str, limit: u64| holdings.document(path, limit).ok().flatten().filter(|_| path == manifest);
        if let Some(pack) = self.open_pack(transport, entry) {
            let judged = source.program(entry, &|path, limit| pack.document(path, limit).or_else(|| held(path, limit)))?;
            if judged.document().is_ok() {
                packs.insert(entry.program, pack);
                return Ok(judged.store(holdings)?);
            }
        }
        // Packs are hints: a wrong one must not block the files themselves.
        Ok(source.program(entry, &held)?.store(holdings)?)
    }

    /// Opens the pack of what is new since the stored program of the same kind, and reads its documents.
    fn open_pack(&self, transport: &dyn Transport, entry: &HeadEntry) -> Option<PackDownload> {
        let of_kind = self.in_force.programs.iter().filter(|each| each.complete && each.program.manifest().kind == entry.kind);
        // The publisher bases packs on the program that the new one follows.
        let base = of_kind.max_by_key(|each| (each.from <= entry.from, each.from))?;
        self.meter.fetching(entry.kind);
        let mut pack = PackDownload::request(transport, self.folder.holdings(), &self.meter, entry.program, Some(&base.program)).ok()??;
        pack.read_documents().ok()?;
        Some(pack)
    }

    /// The fetcher of objects, with the stored programs as bases: those of this kind first, the newest first.
    fn fetcher<'a>(&'a self, transports: &'a [&'a dyn Transport], kind: ProgramKind, now: i64) -> Fetcher<'a> {
        let holdings = self.folder.holdings();
        let mut known: Vec<_> = self.in_force.programs.iter().map(|each| (each.from, each.program.clone())).collect();
        for entry in self.folder.previous_head(&self.trusted).iter().flat_map(|head| &head.body().programs) {
            let program = stored::parse_program(entry.program, holdings).ok().flatten();
            known.extend(program.map(|program| (entry.from, Arc::new(program))));
        }
        known.sort_by_key(|(from, program)| (program.manifest().kind != kind, Reverse(*from)));
        let mut seen = BTreeSet::new();
        let known = known.into_iter().map(|(_, program)| program).filter(|program| seen.insert(program.digest())).collect();
        Fetcher { sources: transports, holdings, meter: &self.meter, now, known }
    }

    fn source<'a>(&'a self, transport: &'a dyn Transport) -> Source<'a> {
        Source { transport, trusted: &self.trusted }
    }

    /// Stores what was accepted. What no head needs gives way on a full disk.
    fn save(&mut self) -> Result<(), PullError> {
        match self.folder.save(&self.trusted) {
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                self.folder.collect_garbage(&self.trusted, &self.in_force)?;
                Ok(self.folder.save(&self.trusted)?)
            }
            saved => Ok(saved?),
        }
    }

    fn rejudge(&mut self) {
        self.in_force = Arc::new(self.folder.rejudge(&mut self.trusted));
    }
}

fn incomplete(entry: &HeadEntry, refusal: &Refusal) -> PullError {
    let (program, Text { vi, en }) = (entry.program, refusal.text());
    PullError::external(text!(vi: "{program}: {vi}", en: "{program}: {en}"))
}

/// The programs that must be complete before a head is adopted: what any screen shows now, and every evergreen.
fn programs_due(approved: &[Approved], now: i64) -> Vec<Arc<Program>> {
    let listed = approved.iter().map(|each| ScheduledProgram { program: each.program().clone(), from: each.entry().from });
    let schedule = Schedule { programs: listed.collect(), ..Schedule::default() };
    let screens: BTreeSet<_> =
        approved.iter().flat_map(|each| &each.program().manifest().screens).map(|screen| screen.id.as_str()).collect();
    let shown: BTreeSet<Digest> =
        screens.iter().filter_map(|screen| show(&schedule, screen, now.saturating_mul(1_000), true).program).collect();
    let is_due = |program: &Program| shown.contains(&program.digest()) || program.manifest().kind == ProgramKind::Evergreen;
    let mut due: Vec<_> = approved.iter().map(|each| each.program().clone()).filter(|program| is_due(program)).collect();
    // The evergreen first: what it holds is not fetched again with the others.
    due.sort_by_key(|program| program.manifest().kind != ProgramKind::Evergreen);
    due
}
