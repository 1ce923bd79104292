//! The pulling side of a player. It owns what is trusted and what is in force; a look reads the documents of a source and applies them at once; a
//! fetch job, which may run on another thread, brings the rest. The steps are numbered as in `docs/trust.md`. Never shows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::cycle_report::{CycleOutcome, CycleReport};
use super::data_folder::DataFolder;
use super::fetch_job::{self, FetchHand, FetchJob, FetchNews};
use super::http_client::{FETCH_RATE, LOOK_RATE};
use super::meter::Meter;
use super::pulse::{Beating, Pulse};
use super::settings::{OpenTransport, PullSettings, Show};
use super::source::Source;
use super::statement_walk::StatementWalk;
use super::store_source::{BackOff, StoreSource, lost_withdrawals_fault};
use super::transport::{Pause, PullError};
use super::trusted::{InForce, Trusted};
use super::{open_transport, stored};
use crate::base::digest::Digest;
use crate::base::limits::FULL_LOOK;
use crate::base::text::Text;
use crate::store::local_store::LocalStore;
use crate::trust::head::HeadNumber;
use crate::trust::hint::Hint;

/// The pulling side of a player. Holds the lock of its data folder.
pub struct Puller {
    folder: DataFolder,
    trusted: Trusted,
    in_force: Arc<InForce>,
    sources: Vec<StoreSource>,
    hand: Option<FetchHand>,
    meter: Arc<Meter>,
    pulse: Arc<Pulse>,
    reserve: u64,
    /// Whether all that is known to be wanted is there.
    settled: bool,
    /// Whether a look has found something since the last fetch was planned.
    news: bool,
    /// When looks read everything again, whatever the hints say, by the monotonic clock.
    full_look: Duration,
    /// Whether room was made since a fetch last succeeded.
    made_room: bool,
    /// Why the last fetch left something.
    lacking: Option<PullError>,
    fetch_back_off: BackOff,
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
        let (folder, mut trusted) = DataFolder::open(&data, &site, stored::provisioned_root(&root)?)?;
        trusted.raise_floor(build_floor);
        let in_force = folder.rejudge(&mut trusted);
        let holdings = folder.holdings().clone();
        let meter = Arc::new(Meter::new(limits, data.join("spent.json")));
        let transports = sources.iter().map(|source| open(source, FETCH_RATE)).collect();
        let pulse = Pulse::new();
        let beating = |source: &String| Box::new(Beating { transport: open(source, LOOK_RATE), pulse: pulse.clone() });
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
            made_room: false,
            lacking: None,
            fetch_back_off: BackOff::default(),
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

    /// What is wrong with the data folder and with what the sources have, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = Text> {
        self.folder.faults().cloned().chain(lost_withdrawals_fault(&self.sources, self.in_force.withdrawals))
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

    /// The time until a fetch is tried again, at `now` of the monotonic clock.
    pub fn fetch_wait(&self, now: Duration) -> Duration {
        self.fetch_back_off.left(now)
    }

    /// Forgets all waits: everything is tried at once.
    pub fn forget_waits(&mut self) {
        self.sources.iter_mut().for_each(|source| source.back_off = BackOff::default());
        self.fetch_back_off = BackOff::default();
    }

    /// Steps 1 to 6: looks at every source, since one that lags or lies must not hide what another has, but at none that failed lately. What is found is in force at
    /// once, and `show` is called with it before anything else is asked for. `now` is monotonic. `None` if no look was complete; else
    /// whether there is news, which a running fetch does not know.
    pub fn look(&mut self, now: Duration, poll: Duration, show: Show<'_>) -> Option<bool> {
        let mut news = None;
        let full = now >= self.full_look;
        if full {
            self.full_look = now + FULL_LOOK;
            self.sources.iter_mut().for_each(|source| source.hint = None);
        }
        for at in 0..self.sources.len() {
            // Rather early than after the wait: the next look comes a whole `poll` later.
            if !self.sources[at].back_off.is_over(now + poll) {
                continue;
            }
            match self.look_at(at, if full { u64::MAX } else { 0 }, show) {
                Ok(found) => {
                    news = Some(found || news == Some(true));
                    self.sources[at].back_off = BackOff::default();
                }
                // `Retry-After` must not make the player deaf.
                Err(_) => self.sources[at].back_off.fail(now, poll, None),
            }
        }
        self.sources.iter_mut().for_each(|source| source.transport.close_idle());
        if self.news {
            self.fetch_back_off = BackOff::default();
        }
        // A disk that takes nothing is no fault of a source, and it is told as one of the machine.
        if self.save().is_ok() && news.is_some() {
            self.folder.forget_set_aside();
        }
        news
    }

    /// What is needed now, in Unix seconds and by the monotonic clock; `None` if nothing is, or if it has to wait. Without a source, to read
    /// through what is stored.
    pub fn next_job(&mut self, now: i64, monotonic: Duration) -> Option<FetchJob> {
        // News may be an urgent program, which does not wait for hours and bytes of the line.
        let waits = !self.news && self.lacking.as_ref().and_then(PullError::resumes_at).is_some_and(|until| now < until);
        if self.folder.holdings().take_doubts() {
            self.settled = false;
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

    /// One cycle, at `now` in Unix seconds: a look and a fetch. The sources are tried in order until one gives everything.
    pub fn cycle(&mut self, now: i64) -> CycleReport {
        self.meter.start_cycle(now);
        let mut report = CycleReport { outcome: CycleOutcome::Failed, reason: None, external: true, downloaded: 0 };
        let mut hand = self.hand.take();
        for at in 0..self.sources.len() {
            let looked = self.look_at(at, 0, &|_| {});
            let ended = looked.and_then(|_| hand.as_mut().map_or(Ok(CycleOutcome::Idle), |hand| self.fetch_now(at, hand, now)));
            match ended {
                Ok(outcome) => {
                    report = CycleReport { outcome, reason: None, external: false, ..report };
                    break;
                }
                // A refusal takes precedence over an outside error in the report.
                Err(error) if report.reason.is_none() || report.external => {
                    (report.reason, report.external) = (Some(error.reason), error.external);
                }
                Err(_) => {}
            }
        }
        self.hand = hand;
        self.verify_objects();
        self.sources.iter_mut().for_each(|source| source.transport.close_idle());
        CycleReport { downloaded: self.meter.end_cycle(), ..report }
    }

    /// Fetches what is needed of one source, on this thread.
    fn fetch_now(&mut self, at: usize, hand: &mut FetchHand, now: i64) -> Result<CycleOutcome, PullError> {
        self.verify_objects();
        if self.settled && !self.in_force.undecided {
            return Ok(CycleOutcome::Idle);
        }
        let (before, lacked) = (self.in_force.head, self.in_force.programs.iter().any(|each| !each.complete));
        self.made_room = false;
        loop {
            // Objects may come from any source, documents from this one.
            let mut job = self.job(Some(at), now);
            job.offers.retain(|(source, _)| *source == at);
            let ended = job.run(hand, &mut |news| self.apply(news, now));
            self.end_fetch(ended, Duration::ZERO, Duration::ZERO);
            match self.lacking.clone() {
                Some(error) => return Err(error),
                None if self.made_room => {}
                None => break,
            }
        }
        Ok(if lacked || self.in_force.head != before { CycleOutcome::Adopted } else { CycleOutcome::Idle })
    }

    fn job(&mut self, first: Option<usize>, now: i64) -> FetchJob {
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

    /// Looks at one source. True if it has news. `withdrawals`: up to which number they are asked for if the hint names no new one.
    fn look_at(&mut self, at: usize, withdrawals: u64, show: Show<'_>) -> Result<bool, PullError> {
        let looked = self.read_source(at, withdrawals, show);
        self.sources[at].note(looked.as_ref().err());
        looked
    }

    fn read_source(&mut self, at: usize, withdrawals: u64, show: Show<'_>) -> Result<bool, PullError> {
        let source = &mut self.sources[at];
        // Step 2: the hint. With an unchanged hint nothing else has changed, unless the source lacked what it names.
        let hint = Source { transport: source.transport.as_ref(), trusted: &self.trusted }.hint()?;
        let (is_new, (root, held)) = (source.hint != Some(hint), self.trusted.numbers());
        if !is_new && hint.root <= root && hint.withdrawals <= held {
            return Ok(false);
        }
        source.hint = None;
        // After a new one, further ones are asked for until one is absent.
        let until = if hint.withdrawals > held { u64::MAX } else { withdrawals };
        let walked = self.walk(at, &Hint { withdrawals: until, ..hint }, show);
        let found = is_new || self.trusted.numbers() != (root, held);
        if found {
            (self.settled, self.news) = (false, true);
        }
        // Step 3, even if the walk was stopped.
        self.rejudge();
        show(&self.in_force);
        let _ = self.save();
        if self.trusted.numbers().0 > root {
            // What was accepted under another root is read and judged anew.
            self.sources.iter_mut().for_each(StoreSource::forget);
        }
        walked?;
        if let Some(lost) = self.trusted.lost_statements() {
            return Err(PullError::refused(lost));
        }
        // Steps 5 and 6.
        let source = &mut self.sources[at];
        let reader = Source { transport: source.transport.as_ref(), trusted: &self.trusted };
        if found {
            source.offer = reader.newer_head(hint.head_number())?;
        }
        source.hint = Some(hint);
        Ok(found)
    }

    /// Steps 2 to 4. Each document is in force and stored before the next is asked for: neither a source that stalls nor a disk that takes
    /// nothing must delay what an earlier one revokes. After the first sixteen this is done as often as their number doubles.
    fn walk(&mut self, at: usize, latest: &Hint, show: Show<'_>) -> Result<(), PullError> {
        let (mut walk, mut taken, mut more) = (StatementWalk::new(&self.trusted, latest), 0_u32, true);
        while more {
            let mut files = Vec::new();
            more = walk.step(self.sources[at].transport.as_ref(), &mut self.trusted, &mut files)?;
            taken += u32::from(!files.is_empty());
            let counts = !files.is_empty() && (taken <= 16 || taken.is_power_of_two());
            self.folder.keep(files);
            if counts {
                self.rejudge();
                show(&self.in_force);
                let _ = self.save();
            }
        }
        Ok(())
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

    fn save(&mut self) -> Result<(), PullError> {
        Ok(self.folder.save_making_room(&self.trusted, &self.in_force)?)
    }

    fn rejudge(&mut self) {
        self.in_force = Arc::new(self.folder.rejudge(&mut self.trusted));
    }
}
