//! Steps 7 to 9: one fetch of all that is needed, by what was trusted when it was planned. Judges the programs of a newer head, fetches what
//! is due, then the rest in the order in which it will be on screen. Never commits: it tells its owner, who judges again.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fetcher::{Fetcher, local_offset};
use super::meter::Meter;
use super::pack::PackDownload;
use super::source::Source;
use super::transport::{Pause, PullError, Transport};
use super::trusted::{InForce, Trusted};
use super::{partly, stored};
use crate::base::digest::Digest;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::program::show::{Schedule, ScheduledProgram, show};
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber};
use crate::trust::judge::{self, Approved};
use crate::trust::refusal::Refusal;

/// What is needed. All values are those of the moment at which it was planned.
pub struct FetchJob {
    /// Unix second.
    pub now: i64,
    pub trusted: Trusted,
    pub in_force: Arc<InForce>,
    /// The head before the one in force: its programs are bases of copies.
    pub previous: Option<Verified<Head>>,
    /// Newer heads, each with the position of its source, the preferred first.
    pub offers: Vec<(usize, Verified<Head>)>,
    /// Position of the source that is asked first. `None`: what is stored is read through, and nothing is fetched.
    pub first: Option<usize>,
    /// Free bytes of the disk that stay unused.
    pub reserve: u64,
}

/// What a fetch has reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchNews {
    /// All that is due now by this head is stored: it may be adopted with these programs.
    Due(HeadNumber, BTreeSet<Digest>),
    /// Documents or objects of the head in force are stored.
    More,
}

/// What a fetch works with.
pub struct FetchHand {
    /// The preferred first.
    pub transports: Vec<Box<dyn Transport>>,
    pub holdings: LocalStore,
    pub meter: Arc<Meter>,
}

/// By program: packs opened for their documents, with objects still unread.
type OpenPacks = BTreeMap<Digest, PackDownload>;

/// Called with each piece of news; its error ends the fetch.
pub type Tell<'a> = &'a mut dyn FnMut(FetchNews) -> Result<(), PullError>;

impl FetchJob {
    /// Fetches. What can't be had does not block the rest; of several reasons the first failure is returned, else the first pause.
    pub fn run(&self, hand: &mut FetchHand, tell: Tell<'_>) -> Result<(), PullError> {
        let ended = self.run_steps(hand, tell);
        hand.transports.iter_mut().for_each(|transport| transport.close_idle());
        ended
    }

    fn run_steps(&self, hand: &FetchHand, tell: Tell<'_>) -> Result<(), PullError> {
        // Step 1: the screens come first.
        self.read_stored(hand, tell)?;
        let Some(first) = self.first else { return self.ensure_read(&hand.holdings) };
        let mut reasons = Vec::new();
        for (at, head) in &self.offers {
            let mut fetch = Fetch::new(self, hand, *at);
            match fetch.due(head) {
                Ok((approved, missing)) => {
                    let programs = approved.iter().map(|each| each.program().digest()).collect();
                    tell(FetchNews::Due(head.body().number(), programs))?;
                    let rest = listed(&approved);
                    let known = rest.iter().cloned().chain(self.programs()).collect();
                    return first_reason(fetch.rest(rest, known, tell).err().into_iter().chain(missing).collect());
                }
                Err(error) if error.pause == Some(Pause::Interrupted) => return Err(error),
                Err(error) => reasons.push(error),
            }
        }
        let mut fetch = Fetch::new(self, hand, first);
        let lacking = self.in_force.programs.iter().filter(|each| !each.complete);
        let mut lacking: Vec<_> = lacking.map(|each| (each.from, each.program.clone())).collect();
        if self.offers.is_empty() {
            reasons.extend(fetch.refused(&mut lacking, tell).err());
        }
        reasons.extend(fetch.rest(lacking, fetch.held(), tell).err());
        first_reason(reasons)
    }

    /// Reads through what is stored of the evergreen program and of what is shown now, the smaller first: so a screen has something soon, and what is
    /// due at the latest after twice its own time. Every other program is read through when its turn to be fetched comes; if nothing is fetched, now.
    fn read_stored(&self, hand: &FetchHand, tell: Tell<'_>) -> Result<(), PullError> {
        let mut programs: Vec<_> = self.programs().collect();
        let shown = shown_now(&programs, self.now);
        let is_first = |program: &Program| program.manifest().kind == ProgramKind::Evergreen || shown.contains(&program.digest());
        programs.retain(|(_, program)| self.first.is_none() || is_first(program));
        let size = |program: &Program| stored::objects(program).values().sum::<u64>();
        programs.sort_by_cached_key(|(from, program)| if is_first(program) { (false, size(program), *from) } else { (true, 0, *from) });
        for (_, program) in programs {
            if read_through(&hand.holdings, &hand.meter, &program)? {
                tell(FetchNews::More)?;
            }
        }
        Ok(())
    }

    fn ensure_read(&self, holdings: &LocalStore) -> Result<(), PullError> {
        if stored::has_unread(&self.in_force, holdings) {
            return Err(PullError::external(
                text!(vi: "có tệp trên ổ đĩa không đọc được; đầu phát tự đọc lại, nếu lặp lại hãy thay ổ đĩa", en: "files on the disk can't be read; the player tries again, replace the disk if this returns"),
            ));
        }
        Ok(())
    }

    /// The programs in force, each with the time from which it counts.
    fn programs(&self) -> impl Iterator<Item = (i64, Arc<Program>)> {
        self.in_force.programs.iter().map(|each| (each.from, each.program.clone()))
    }
}

/// One fetch with the sources in one order.
struct Fetch<'a> {
    job: &'a FetchJob,
    sources: Vec<&'a dyn Transport>,
    holdings: &'a LocalStore,
    meter: &'a Arc<Meter>,
    packs: OpenPacks,
}

impl<'a> Fetch<'a> {
    /// The source at `first` gives the documents; objects may come from any.
    fn new(job: &'a FetchJob, hand: &'a FetchHand, first: usize) -> Self {
        let (before, from) = hand.transports.split_at(first.min(hand.transports.len()));
        let sources = from.iter().chain(before).map(AsRef::as_ref).collect();
        Self { job, sources, holdings: &hand.holdings, meter: &hand.meter, packs: OpenPacks::new() }
    }

    /// Steps 7 to 9 for a new head: judge, fetch what is due now. Also why a program of it can't be had yet, if the others do without it.
    fn due(&mut self, head: &Verified<Head>) -> Result<(Vec<Approved>, Option<PullError>), PullError> {
        let trusted = &self.job.trusted;
        let (mut approved, mut missing) = (Vec::new(), None);
        for entry in &head.body().programs {
            match self.judge_entry(entry)? {
                // Step 7: a program that is withdrawn as a whole does not count.
                Ok(program) if trusted.withdrawn(program.program()).program => {
                    crate::logln!("pull: program {} is withdrawn", entry.program);
                }
                Ok(program) => approved.push(program),
                // Step 7: absent or damaged bytes may be there later; until then the old head stays, if it has anything to show.
                Err(refusal) if refusal.is_retryable() && shows_something(&self.job.in_force, self.holdings) => {
                    return Err(incomplete(entry, &refusal, self.holdings));
                }
                Err(refusal) if refusal.is_retryable() => missing = Some(incomplete(entry, &refusal, self.holdings)),
                Err(refusal) => crate::logln!("pull: program {} is refused: {refusal}", entry.program),
            }
        }
        judge::ensure_evergreen_left(&approved).map_err(|refusal| PullError::refused(refusal.text().clone()))?;
        // Step 8: enough space for everything, before the first byte.
        self.ensure_space(&approved)?;
        // Step 9: what is due now, and every evergreen program.
        let due = programs_due(&approved, &self.job.in_force, self.holdings, self.job.now);
        let held = self.held();
        for program in &due {
            let mut known = by_likeness(held.clone(), program.manifest().kind);
            known.extend_from_slice(&due);
            self.program(program, known)?;
        }
        Ok((approved, missing))
    }

    /// Fetches programs in the order in which they will be shown. `known`: with the time from which each counts, stored in whole or in part.
    fn rest(&mut self, mut programs: Vec<(i64, Arc<Program>)>, known: Vec<(i64, Arc<Program>)>, tell: Tell<'_>) -> Result<(), PullError> {
        programs.sort_by_key(|(from, program)| (program.manifest().valid.until.is_some_and(|until| until <= self.job.now), *from));
        let mut reasons = Vec::new();
        for (_, program) in programs {
            // A program that can't be completed must not block the later ones.
            let fetched = self.program(&program, by_likeness(known.clone(), program.manifest().kind));
            if fetched != Ok(false) {
                tell(FetchNews::More)?;
            }
            reasons.extend(fetched.err());
        }
        first_reason(reasons)
    }

    /// Reads through what is stored of a program and fetches the rest. False if nothing was to be done.
    fn program(&mut self, program: &Arc<Program>, known: Vec<Arc<Program>>) -> Result<bool, PullError> {
        let read = read_through(self.holdings, self.meter, program)?;
        let pack = self.packs.remove(&program.digest());
        let fetcher = Fetcher { sources: &self.sources, holdings: self.holdings, meter: self.meter, now: self.job.now, known };
        fetcher.fetch_program(program, pack).map(|fetched| fetched || read)
    }

    /// Steps 7 and 8 again for programs of the head in force that may not be shown, or of which documents are gone: a statement or manifest may
    /// be damaged on disk, another may have lain in its place at the source, and a new root may count approvals that were never fetched. Adds
    /// those that may be shown now to `lacking`.
    fn refused(&mut self, lacking: &mut Vec<(i64, Arc<Program>)>, tell: Tell<'_>) -> Result<(), PullError> {
        let InForce { refused, unread, gone, lost_files: (lost, _), .. } = self.job.in_force.as_ref();
        let refused: BTreeSet<Digest> = refused.iter().map(|(digest, _)| *digest).chain(gone.iter().copied()).collect();
        let (known, mut missing) = (lacking.len(), None);
        let entries = self.job.trusted.head().into_iter().flat_map(|head| &head.body().programs);
        for entry in entries.filter(|entry| unread.is_some() || refused.contains(&entry.program)) {
            match self.judge_entry(entry)? {
                Ok(approved) if self.job.trusted.withdrawn(approved.program()).program => {}
                Ok(approved) => lacking.push((entry.from, approved.program().clone())),
                Err(refusal) if refusal.is_retryable() && !lost.is_empty() => missing = Some(not_at_source(entry, &refusal)),
                Err(refusal) if refusal.is_retryable() => missing = Some(incomplete(entry, &refusal, self.holdings)),
                Err(_) => {}
            }
        }
        if lacking.len() > known {
            tell(FetchNews::More)?;
        }
        missing.map_or(Ok(()), Err)
    }

    /// Steps 7 and 8 for one entry: from the disk first, then from the source: in a pack based on a stored program, else file by file. The
    /// pack stays open for its objects.
    fn judge_entry(&mut self, entry: &HeadEntry) -> Result<Result<Approved, Refusal>, PullError> {
        let (job, holdings) = (self.job, self.holdings);
        if let Ok(approved) = stored::program(&job.trusted, entry, holdings) {
            return Ok(Ok(approved));
        }
        let source = Source { transport: self.sources[0], trusted: &job.trusted };
        // Of what is stored only the manifest, which its digest names, is sure to be what the source has.
        let manifest = layout::program(entry.program);
        let held = |path: &str, limit: u64| holdings.document(path, limit).ok().flatten().filter(|_| path == manifest);
        if let Some(pack) = self.open_pack(entry) {
            let judged = source.program(entry, &|path, limit| pack.document(path, limit).or_else(|| held(path, limit)))?;
            if judged.document().is_ok() {
                self.packs.insert(entry.program, pack);
                return Ok(judged.store(holdings)?);
            }
        }
        // Packs are hints: a wrong one must not block the files themselves.
        Ok(source.program(entry, &held)?.store(holdings)?)
    }

    /// Opens the pack of what is new since the stored program of the same kind, and reads its documents.
    fn open_pack(&self, entry: &HeadEntry) -> Option<PackDownload> {
        let programs = &self.job.in_force.programs;
        let of_kind = programs.iter().filter(|each| each.program.manifest().kind == entry.kind && is_stored(&each.program, self.holdings));
        // The publisher bases packs on the program that the new one follows.
        let base = of_kind.max_by_key(|each| (each.from <= entry.from, each.from))?;
        self.meter.fetching(entry.kind, local_offset(base.program.manifest(), self.job.now));
        let mut pack = PackDownload::request(self.sources[0], self.holdings, self.meter, entry.program, Some(&base.program)).ok()??;
        pack.read_documents().ok()?;
        Some(pack)
    }

    /// The programs of the head in force and of the one before it, each with the time from which it counts.
    fn held(&self) -> Vec<(i64, Arc<Program>)> {
        let earlier = self.job.previous.iter().flat_map(|head| &head.body().programs);
        let program = |entry: &HeadEntry| stored::parse_program(entry.program, self.holdings).ok().flatten();
        let earlier = earlier.filter_map(|entry| Some((entry.from, Arc::new(program(entry)?))));
        self.job.programs().chain(earlier).collect()
    }

    /// Checks that the disk has space for all missing objects beyond the reserve.
    fn ensure_space(&self, programs: &[Approved]) -> Result<(), PullError> {
        let all: BTreeMap<Digest, u64> = programs.iter().flat_map(|each| stored::objects(each.program())).collect();
        let missing: u64 = all.iter().filter(|(digest, size)| !self.holdings.may_contain(**digest, **size)).map(|(_, size)| size).sum();
        let (free, reserve) = (self.holdings.free_bytes()?, self.job.reserve);
        if let Some(first) = programs.first().map(|each| each.program().manifest()) {
            self.meter.fetching(first.kind, local_offset(first, self.job.now));
        }
        if missing > 0 && missing.saturating_add(reserve) > free {
            let [missing, free, reserve] = [missing, free, reserve].map(numbers::size);
            let (missing_vi, free_vi, reserve_vi) = (missing.vi, free.vi, reserve.vi);
            let (missing_en, free_en, reserve_en) = (missing.en, free.en, reserve.en);
            let reason = text!(
                vi: "không đủ chỗ: còn phải tải {missing_vi}, ổ đĩa còn trống {free_vi}, phải chừa lại {reserve_vi}",
                en: "no room: {missing_en} are still to be fetched, {free_en} are free, {reserve_en} are kept in reserve"
            );
            return Err(PullError::paused(reason, Pause::NoRoom));
        }
        Ok(())
    }
}

/// Of several reasons an interruption counts first, then a failure, then a pause.
fn first_reason(reasons: Vec<PullError>) -> Result<(), PullError> {
    let rank = |error: &PullError| (error.pause != Some(Pause::Interrupted), error.pause.is_some());
    reasons.into_iter().min_by_key(rank).map_or(Ok(()), Err)
}

/// Programs as bases of copies, each once: those of this kind first, the newest first.
fn by_likeness(mut known: Vec<(i64, Arc<Program>)>, kind: ProgramKind) -> Vec<Arc<Program>> {
    known.sort_by_key(|(from, program)| (program.manifest().kind != kind, Reverse(*from)));
    let mut seen = BTreeSet::new();
    known.into_iter().map(|(_, program)| program).filter(|program| seen.insert(program.digest())).collect()
}

/// Steps 7 and 9 again, by what is trusted now: whether a head may be adopted. `programs`: those that a fetch found approved.
pub fn ensure_adoptable(
    (trusted, in_force): (&Trusted, &InForce),
    holdings: &LocalStore,
    head: &Head,
    programs: &BTreeSet<Digest>,
    now: i64,
) -> Result<(), PullError> {
    let mut approved = Vec::new();
    for entry in &head.programs {
        match stored::program(trusted, entry, holdings) {
            Ok(program) if trusted.withdrawn(program.program()).program => {}
            Ok(program) => approved.push(program),
            Err(refusal) if refusal.is_retryable() && programs.contains(&entry.program) => {
                return Err(incomplete(entry, &refusal, holdings));
            }
            Err(_) => {}
        }
    }
    judge::ensure_evergreen_left(&approved).map_err(|refusal| PullError::refused(refusal.text().clone()))?;
    let holds = |(digest, size)| holdings.contains(digest, size);
    if programs_due(&approved, in_force, holdings, now).iter().all(|program| stored::objects(program).into_iter().all(holds)) {
        return Ok(());
    }
    // What is due has changed meanwhile; the next fetch brings it.
    let reason = text!(vi: "nội dung cần chiếu ngay đã thay đổi", en: "what is due has changed");
    Err(PullError::paused(reason, Pause::Interrupted))
}

/// Whether the screens have anything of what is in force.
fn shows_something(in_force: &InForce, holdings: &LocalStore) -> bool {
    let plays = |program: &Program| is_stored(program, holdings) || partly::missing_now(program, in_force, holdings).is_some();
    in_force.programs.iter().any(|each| plays(&each.program))
}

/// A program that can't be judged until more of it is there.
fn incomplete(entry: &HeadEntry, refusal: &Refusal, holdings: &LocalStore) -> PullError {
    let (Text { vi: name_vi, en: name_en }, Text { vi, en }) = (stored::program_words(entry.program, holdings), refusal.text());
    PullError::paused(
        text!(
            vi: "bản phát hành mới chưa dùng được, {name_vi}: {vi}; nếu kéo dài, báo người phát hành",
            en: "the new release can't be used yet, {name_en}: {en}; if it lasts, tell the publisher"
        ),
        Pause::Missing,
    )
}

/// A program that the disk has lost, and a source does not have either.
fn not_at_source(entry: &HeadEntry, refusal: &Refusal) -> PullError {
    let (program, Text { vi, en }) = (entry.program, refusal.text());
    let reason = text!(
        vi: "nguồn không có đủ những gì ổ đĩa đã mất của chương trình {program}: {vi}",
        en: "the source lacks what the disk has lost of program {program}: {en}"
    );
    PullError::paused(reason, Pause::Missing)
}

/// The programs that must be complete before a head is adopted: every evergreen, and what any screen shows now, unless the screens have
/// nothing else to show until then.
fn programs_due(approved: &[Approved], in_force: &InForce, holdings: &LocalStore, now: i64) -> Vec<Arc<Program>> {
    let shown = if shows_something(in_force, holdings) { shown_now(&listed(approved), now) } else { BTreeSet::new() };
    let is_due = |program: &Program| shown.contains(&program.digest()) || program.manifest().kind == ProgramKind::Evergreen;
    let mut due: Vec<_> = approved.iter().map(|each| each.program().clone()).filter(|program| is_due(program)).collect();
    // The evergreen first: what it holds is not fetched again with the others.
    due.sort_by_key(|program| program.manifest().kind != ProgramKind::Evergreen);
    due
}

/// Of programs, each with the time from which it counts, those that any screen shows now.
fn shown_now(programs: &[(i64, Arc<Program>)], now: i64) -> BTreeSet<Digest> {
    let listed = programs.iter().map(|(from, program)| ScheduledProgram { program: program.clone(), from: *from });
    let schedule = Schedule { programs: listed.collect(), ..Schedule::default() };
    let screens: BTreeSet<_> =
        programs.iter().flat_map(|(_, program)| &program.manifest().screens).map(|screen| screen.id.as_str()).collect();
    screens.iter().filter_map(|screen| show(&schedule, screen, now.saturating_mul(1_000), true).program).collect()
}

fn listed(approved: &[Approved]) -> Vec<(i64, Arc<Program>)> {
    approved.iter().map(|each| (each.entry().from, each.program().clone())).collect()
}

/// Whether all objects of a program are on disk, read through or not.
fn is_stored(program: &Program, holdings: &LocalStore) -> bool {
    stored::objects(program).into_iter().all(|(digest, size)| holdings.may_contain(digest, size))
}

/// Reads through the unread objects of a program, until the fetch is interrupted. True if there were any.
fn read_through(holdings: &LocalStore, meter: &Meter, program: &Program) -> Result<bool, PullError> {
    let any = holdings.verify_unread(&stored::objects(program), &|| meter.check_uninterrupted().is_ok());
    meter.check_uninterrupted().map(|()| any)
}
