//! The pulling side of a player. It owns what is trusted and what is in force; a look (`look`) reads the documents of a source and applies them at
//! once; a fetch job, which may run on another thread, brings the rest. The steps are numbered as in `docs/trust.md`. Never shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::coming::{self, Coming};
use super::data_folder::DataFolder;
use super::fetch_job::{self, FetchHand, FetchJob, FetchNews};
use super::http_client::{FETCH_RATE, LOOK_RATE};
use super::meter::Meter;
use super::pulse::{Beating, Pulse};
use super::settings::{OpenTransport, PullSettings};
use super::store_source::{BackOff, StoreSource, hint_behind_fault, lost_withdrawals_fault};
use super::transport::{Pause, PullError};
use super::trusted::{InForce, Trusted};
use super::whole::{self, WholePrograms};
use super::{open_transport, stored, twin_words};
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::text::Text;
use crate::program::show::ScheduledProgram;
use crate::store::known::Known;
use crate::store::local_store::LocalStore;
use crate::trust::head::HeadNumber;

/// The pulling side of a player. Holds the lock of its data folder.
pub struct Puller {
    pub(super) folder: DataFolder,
    pub(super) trusted: Trusted,
    pub(super) in_force: Arc<InForce>,
    pub(super) sources: Vec<StoreSource>,
    pub(super) hand: Option<FetchHand>,
    pub(super) meter: Arc<Meter>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) reserve: u64,
    /// Whether all that is known to be wanted is there.
    pub(super) settled: bool,
    /// Whether a look has found something since the last fetch was planned.
    pub(super) news: bool,
    /// When looks read everything again, whatever the hints say, by the monotonic clock.
    pub(super) full_look: Duration,
    /// When looks ask for one of each kind more than the hints name.
    pub(super) further_look: Duration,
    /// Whether room was made since a fetch last succeeded.
    pub(super) made_room: bool,
    /// Why the last fetch left something.
    pub(super) lacking: Option<PullError>,
    pub(super) fetch_back_off: BackOff,
    /// Withdrawals that came under numbers that others have, and were not told yet.
    pub(super) twins_untold: Vec<String>,
}

impl Puller {
    /// Opens it with transports to the sources of the settings; see [`Puller::open_with`].
    pub fn open(settings: PullSettings, build_floor: i64) -> Result<Self, Text> {
        let authorities = open_transport::authorities(settings.authorities.as_deref());
        Self::open_with(settings, build_floor, &|address, slowest| open_transport::for_player(address, slowest, &authorities))
    }

    /// Takes the lock and verifies every stored document. Objects count as absent until a fetch job has read them through, or
    /// [`Puller::verify_objects`]. `build_floor`: the earliest Unix second that can be right.
    pub fn open_with(settings: PullSettings, build_floor: i64, open: OpenTransport<'_>) -> Result<Self, Text> {
        let PullSettings { data, root, site, sources, reserve, limits, .. } = settings;
        let (mut folder, mut trusted) = DataFolder::open(&data, &site, stored::provisioned_root(&root)?)?;
        trusted.raise_floor(build_floor);
        let in_force = folder.rejudge(&mut trusted);
        let holdings = folder.holdings().clone();
        let meter = Arc::new(Meter::new(limits, data.join("spent.json")));
        let transports = sources.iter().map(|source| open(source, FETCH_RATE)).collect();
        let pulse = Pulse::new();
        let beating = |source: &String| Box::new(Beating::new(open(source, LOOK_RATE), pulse.clone()));
        Ok(Self {
            hand: Some(FetchHand { transports, holdings, meter: meter.clone() }),
            folder,
            trusted,
            in_force: Arc::new(in_force),
            sources: sources.iter().map(|source| StoreSource::new(beating(source))).collect(),
            meter,
            pulse,
            reserve,
            settled: false,
            news: false,
            full_look: Duration::ZERO,
            further_look: Duration::ZERO,
            made_room: false,
            lacking: None,
            fetch_back_off: BackOff::default(),
            twins_untold: Vec::new(),
        })
    }

    /// The objects of what is in force.
    pub fn objects(&self) -> impl Iterator<Item = Digest> + use<> {
        stored::all_objects(&self.in_force).into_keys()
    }

    /// Reads the objects through that were held at the start, then judges again.
    pub fn verify_objects(&mut self) {
        if self.folder.holdings().verify_unread(&stored::all_objects(&self.in_force), &|| true) {
            self.rejudge();
        }
    }

    /// What is in force.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.clone()
    }

    /// Why nothing may be shown, or what of the store can't be read or is lost, and what to do.
    pub fn unshown(&self) -> impl Iterator<Item = Text> {
        let of_content = [&self.in_force.lost, &self.in_force.unread_fault].into_iter().flatten().cloned();
        of_content.chain(whole::fault(&self.in_force))
    }

    /// What else is wrong with the data folder and with what the sources have, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = Text> {
        let of_sources = lost_withdrawals_fault(&self.sources, self.in_force.withdrawals);
        let twins = twin_words::fault(&self.trusted, self.folder.state().twins_root);
        let behind = hint_behind_fault(&self.sources);
        let passed_over = self.sources.iter().filter_map(|source| source.passed_over.as_ref()).map(|(_, told)| told.clone());
        self.folder.faults().cloned().chain(self.meter.faults()).chain(of_sources).chain(twins).chain(passed_over).chain(behind)
    }

    /// What was wrong with the data folder and is put right.
    pub fn repaired(&self) -> Option<&Text> {
        self.folder.repaired()
    }

    /// What the journal has to hear of copies of the state that were lost, or older than what else the disk told: its name, and what is here.
    pub fn incident(&self) -> Option<&(&'static str, String)> {
        self.folder.incident()
    }

    /// The numbers that are on the disk. What tells of them is written after that.
    pub fn stored(&self) -> Known {
        self.folder.stored()
    }

    /// The numbers that a report keeps for a start that finds no state, or an older one: those on the disk, and those that were once.
    pub fn kept(&self) -> Known {
        self.folder.stored().joined(self.trusted.known())
    }

    /// The root that was installed with the player.
    pub fn first_root(&self) -> u64 {
        self.trusted.roots().last().map_or(0, |root| root.body().version)
    }

    /// A program that is or was in force, as far as its manifest is here, with the time from which it counts.
    pub fn stored_program(&self, program: Digest) -> Option<ScheduledProgram> {
        let in_force = self.in_force.programs.iter().find(|each| each.program.digest() == program);
        if let Some(each) = in_force {
            return Some(ScheduledProgram { program: each.program.clone(), from: each.from });
        }
        let found = Arc::new(stored::parse_program(program, self.folder.holdings()).ok().flatten()?);
        let previous = self.folder.previous_head(&self.trusted);
        let mut entries = self.trusted.head().into_iter().chain(&previous).flat_map(|head| &head.body().programs);
        let from = entries.find(|entry| entry.program == program).map_or(found.manifest().valid.from, |entry| entry.from);
        Some(ScheduledProgram { program: found, from })
    }

    /// Slides of these programs that the first `number` withdrawals take.
    pub fn slides_withdrawn_by(&self, number: u64, programs: &[ScheduledProgram]) -> BTreeMap<Digest, BTreeSet<SlideId>> {
        let programs = programs.iter().map(|each| each.program.as_ref());
        programs.map(|program| (program.digest(), self.trusted.withdrawn_by(number, program).slides)).collect()
    }

    /// The highest number that a segment of the journal was given, as far as the state knows.
    pub fn segment(&self) -> u64 {
        self.folder.state().segment
    }

    /// Notes such a number in the state. What can't be stored is told as a fault.
    pub fn note_segment(&mut self, number: u64) {
        if self.folder.note_segment(number) {
            let _ = self.save();
        }
    }

    /// Holds what is in memory against the disk, at a moment of the monotonic clock: what was lost there is written anew. Fails if the data folder
    /// is another player's now: this one has to end.
    pub fn mind_disk(&mut self, now: Duration) -> Result<(), Text> {
        if self.folder.mind(&mut self.trusted, now)? {
            // What is only fetched may be gone too.
            self.settled = false;
            self.rejudge();
        }
        Ok(())
    }

    /// What was lost on the disk while the player ran and not told yet, for the journal.
    pub fn take_losses(&mut self) -> Option<String> {
        self.folder.take_losses()
    }

    /// The objects and documents on disk.
    pub fn holdings(&self) -> &LocalStore {
        self.folder.holdings()
    }

    /// What fetches work with, for a thread of its own. `None` if it was taken before; [`Puller::cycle`] needs it too.
    pub fn take_hand(&mut self) -> Option<FetchHand> {
        self.hand.take()
    }

    /// Counts and limits what is fetched.
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// The sign of life of the looks.
    pub fn pulse(&self) -> &Arc<Pulse> {
        &self.pulse
    }

    /// Whether the last look at a source was complete.
    pub fn is_informed(&self) -> bool {
        self.sources.iter().any(|source| source.hint.is_some() && source.fault.is_none())
    }

    /// Whether all that is needed is there, as far as the last look knows.
    pub fn is_settled(&self) -> bool {
        self.settled && self.is_informed()
    }

    /// Why the player can't look, or why it lacks something; a refusal takes precedence over an outside error.
    pub fn reason(&self) -> Option<&PullError> {
        let faults = self.sources.iter().filter_map(|source| source.fault.as_ref());
        if self.is_informed() { self.lacking.as_ref() } else { faults.min_by_key(|fault| fault.external) }
    }

    /// The sources by name, the preferred first, each with why the last look at it failed.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Option<&PullError>)> {
        self.sources.iter().map(|source| (source.transport.name(), source.fault.as_ref()))
    }

    /// The release that is on its way: a newer one that a source offers, else the one in force while it lacks something.
    pub fn coming(&self) -> Option<Coming> {
        if self.settled {
            return None;
        }
        let offers = self.sources.iter().filter_map(|source| Some(source.offer.as_ref()?.document().body()));
        let (newest, holdings) = (offers.max_by_key(|head| head.number()), self.folder.holdings());
        newest.map_or_else(
            || coming::coming(self.trusted.head()?.body(), &self.folder.state().whole, holdings),
            |head| coming::coming(head, &WholePrograms::new(), holdings),
        )
    }

    /// The time until a fetch is tried again, at `now` of the monotonic clock.
    pub fn fetch_wait(&self, now: Duration) -> Duration {
        self.fetch_back_off.left(now)
    }

    /// Forgets all waits: everything is tried at once.
    pub fn forget_waits(&mut self) {
        self.sources.iter_mut().for_each(|source| source.back_off = BackOff::default());
        self.fetch_back_off = BackOff::default();
    }

    /// What is needed now, in Unix seconds and by the monotonic clock; `None` if nothing is, or if it has to wait. Without a source, to read
    /// through what is stored.
    pub fn next_job(&mut self, now: i64, monotonic: Duration) -> Option<FetchJob> {
        // News may be an urgent program, which does not wait for hours and bytes of the line.
        let waits = !self.news && self.lacking.as_ref().and_then(PullError::resumes_at).is_some_and(|until| now < until);
        if self.folder.holdings().take_doubts() {
            self.settled = false;
            // How the last fetch ended says nothing of what is missed since.
            self.fetch_back_off = BackOff::default();
            self.rejudge();
        }
        let first = self.sources.iter().position(|source| source.hint.is_some() && source.fault.is_none());
        // A source may come to have what a program lacks that is refused.
        let unread = || stored::has_unread(&self.in_force, self.folder.holdings());
        let needs = (!self.settled || self.in_force.undecided) && (first.is_some() || unread());
        (needs && !waits && self.fetch_back_off.is_over(monotonic)).then(|| self.job(first, now))
    }

    /// Applies what a fetch has reached, at `now` in Unix seconds.
    pub fn apply(&mut self, news: FetchNews, now: i64) -> Result<(), PullError> {
        let FetchNews::Due(number, programs) = news else {
            self.rejudge();
            return Ok(());
        };
        self.adopt(number, &programs, now)
    }

    /// Ends a fetch, at a moment of the monotonic clock. What is no longer needed is removed after a fetch that brought everything, and
    /// objects also once where there was no room.
    pub fn end_fetch(&mut self, ended: Result<(), PullError>, now: Duration, poll: Duration) {
        // An interrupted fetch may have read more through than it told.
        self.rejudge();
        self.folder.note_fetched(&self.trusted);
        // What can't be read is not absent: nothing is removed for it.
        let unread = self.in_force.unread.clone().map_or(Ok(()), |reason| Err(PullError::external(reason)));
        let ended = ended.and_then(|()| self.save()).and(unread);
        let no_room = ended.as_ref().is_err_and(|error| error.pause == Some(Pause::NoRoom)) && !self.made_room;
        let mut lacking = ended.err();
        if (lacking.is_none() && self.is_informed()) || no_room {
            self.made_room = no_room;
            let documents = |()| if no_room { Ok(()) } else { self.folder.collect_documents(&self.trusted) };
            lacking = self.folder.collect_garbage(&self.trusted, &self.in_force).and_then(documents).err().map(PullError::from);
        }
        let complete = self.in_force.programs.iter().all(|each| each.complete) && self.sources.iter().all(|source| source.offer.is_none());
        self.settled = lacking.is_none() && complete && !self.news;
        let interrupted = lacking.take_if(|error| error.pause == Some(Pause::Interrupted)).is_some() || self.news;
        if let Some(error) = lacking.as_ref().filter(|error| Some(*error) != self.lacking.as_ref()) {
            crate::logln!("pull: {}", error.reason.en);
        }
        let goes_on = || interrupted || stored::has_unread(&self.in_force, self.folder.holdings());
        // What a source may still bring, as for a program that is refused, is asked for again, but not at once.
        match &lacking {
            Some(error) if error.resumes_at().is_none() => self.fetch_back_off.fail(now, poll, error.retry_after_s),
            None if (self.in_force.undecided || !self.settled) && !goes_on() => self.fetch_back_off.fail(now, poll, None),
            _ => self.fetch_back_off = BackOff::default(),
        }
        self.lacking = lacking;
    }

    pub(super) fn job(&mut self, first: Option<usize>, now: i64) -> FetchJob {
        // Other heads may leave other things behind.
        self.made_room &= !std::mem::take(&mut self.news);
        let offers = self.sources.iter().enumerate().filter_map(|(at, source)| Some((at, source.offer.as_ref()?.document().clone())));
        FetchJob {
            now,
            trusted: self.trusted.clone(),
            in_force: self.in_force.clone(),
            previous: self.folder.previous_head(&self.trusted),
            offers: offers.collect(),
            first,
            reserve: self.reserve,
        }
    }

    /// Steps 7 and 10 for an offered head whose due programs a fetch has completed: judge again, by what is trusted now; commit. `programs`:
    /// those that the fetch found approved.
    fn adopt(&mut self, number: HeadNumber, programs: &BTreeSet<Digest>, now: i64) -> Result<(), PullError> {
        let mut offers = self.sources.iter().filter_map(|source| source.offer.as_ref());
        // A look has taken it back.
        let Some(head) = offers.find(|head| head.document().body().number() == number).cloned() else { return Ok(()) };
        fetch_job::ensure_adoptable((&self.trusted, &self.in_force), self.folder.holdings(), head.document().body(), programs, now)?;
        // Step 10: the one commit point.
        let committed = self.folder.commit_head(&self.trusted, head);
        self.rejudge();
        for source in &mut self.sources {
            source.offer.take_if(|head| head.document().body().number() <= number);
        }
        Ok(committed?)
    }

    pub(super) fn save(&mut self) -> Result<(), PullError> {
        Ok(self.folder.save_making_room(&self.trusted, &self.in_force)?)
    }

    pub(super) fn rejudge(&mut self) {
        self.in_force = Arc::new(self.folder.rejudge(&mut self.trusted));
    }
}
