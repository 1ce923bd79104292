//! The rounds of a running player: a look every 0.8 to 1.0 times `poll_seconds`, whatever is being fetched; a fetch whenever something is
//! needed; what either finds is put on air and reported at once. Never waits and starts no thread: its caller does.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::base::digest::Digest;
use crate::base::limits::SCRUB;
use crate::base::lock::MutexExt as _;
use crate::base::numbers;
use crate::base::text::Text;
use crate::player::air::{self, Air};
use crate::player::alive;
use crate::player::config::Config;
use crate::player::pull::fetch_job::{FetchJob, FetchNews};
use crate::player::pull::trusted::InForce;
use crate::player::pull::{Pause, PullError, Puller, local_offset, program_name, retry, store_source};
use crate::player::record::entry::JournalEntry;
use crate::player::record::noted;
use crate::player::show::health::{self, Health};
use crate::player::show::lacking::Waiting;
use crate::player::show::server::ServerState;
use crate::player::show::supply::{self, Supply};
use crate::player::show::time::PlayerTime;
use crate::store::known::{Known, ToldNumbers};
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::freshness::Freshness;

const DAY: Duration = Duration::from_secs(86_400);

/// What happened since the last turn.
pub enum Signal {
    /// Somebody asks for a look now.
    Look,
    /// A file that counted as whole turned out not to be when it was served.
    Doubted,
    Fetched(FetchNews),
    FetchEnded(Result<(), PullError>),
}

/// See the module.
pub struct Rounds {
    config: Config,
    puller: Puller,
    stage: Arc<ServerState>,
    air: Arc<Air>,
    /// By the monotonic clock.
    next_look: Duration,
    fetching: bool,
    /// When all that is stored is read through again, by the monotonic clock.
    next_scrub: Duration,
    /// Why news of the running fetch could not be applied.
    refused: Option<PullError>,
    /// The numbers that the journal was told.
    told: Known,
}

impl Rounds {
    /// Begins with a look.
    pub fn new(config: Config, puller: Puller, stage: Arc<ServerState>) -> Self {
        let air = Arc::new(Air::new(config.health_path(), stage.clone(), puller.in_force()));
        let next_scrub = stage.time.monotonic() + SCRUB;
        let told = puller.stored();
        Self { config, puller, stage, air, next_look: Duration::ZERO, fetching: false, next_scrub, refused: None, told }
    }

    /// What is on air, for the fetching hand.
    pub fn air(&self) -> Arc<Air> {
        self.air.clone()
    }

    /// A fetch that needs no look: what is stored is read through.
    pub fn begin(&mut self) -> Option<FetchJob> {
        let job = self.puller.next_job(self.stage.time.now().ms.div_euclid(1_000), self.stage.time.monotonic());
        self.fetching = job.is_some();
        job
    }

    /// Takes a signal, and looks if it is time. Gives the longest time until the next turn, and a fetch to start now.
    pub fn turn(&mut self, signal: Option<Signal>) -> (Duration, Option<FetchJob>) {
        let now = self.stage.time.now();
        self.stage.note_clock();
        let second = now.ms.div_euclid(1_000);
        self.puller.meter().set_time(second);
        let number = self.stage.journal.hold().number();
        self.puller.note_segment(number);
        let (before, poll) = (self.puller.in_force(), Duration::from_secs(self.config.poll_seconds));
        match signal {
            None | Some(Signal::Doubted) => {}
            Some(Signal::Look) => {
                self.puller.forget_waits();
                self.next_look = Duration::ZERO;
            }
            Some(Signal::Fetched(news)) => self.refused = self.puller.apply(news, second).err().or(self.refused.take()),
            Some(Signal::FetchEnded(ended)) => {
                self.fetching = false;
                self.puller.meter().interrupt(false);
                let ended = self.refused.take().map_or(ended, Err);
                self.puller.end_fetch(ended, self.stage.time.monotonic(), poll);
            }
        }
        // A look may take a while.
        self.air.put(&self.puller.in_force());
        let start = self.stage.time.monotonic();
        let mut looked = false;
        if start >= self.next_look {
            self.next_look = start + retry::next_delay(poll, 0, None, store_source::random_fraction());
            self.mind_disk();
            let found = self.puller.look(start, poll, &|in_force| self.air.put(in_force));
            looked = found.is_some();
            self.puller.holdings().doubt_changed(self.puller.objects());
            if found == Some(true) && self.fetching {
                // Planned anew once it has ended: what is due now comes first.
                self.puller.meter().interrupt(true);
            }
        }
        self.report(&before, looked);
        self.puller.meter().save();
        let monotonic = self.stage.time.monotonic();
        self.scrub(monotonic);
        let job = if self.fetching { None } else { self.puller.next_job(second, monotonic) };
        self.fetching |= job.is_some();
        self.puller.pulse().beat();
        (self.next_look.saturating_sub(monotonic), job)
    }

    /// Before a regular end: what was lost on the disk is written anew.
    pub fn end(&mut self) {
        let before = self.puller.in_force();
        self.mind_disk();
        self.report(&before, false);
    }

    /// Holds memory against the disk, and tells the journal what was lost there. A player whose folder is another's now ends.
    fn mind_disk(&mut self) {
        if let Err(reason) = self.puller.mind_disk(self.stage.time.monotonic()) {
            alive::end(&reason);
        }
        self.stage.journal.hold().mind(self.stage.time.now().ms);
        if let Some(detail) = self.puller.take_losses() {
            crate::logln!("{detail}");
            self.stage.record(&files_lost(detail, self.stage.time.now().ms));
        }
    }

    /// Once a week all that is stored is read through again: while no slide is on a screen, if that is the case within a day.
    fn scrub(&mut self, monotonic: Duration) {
        let on_air = self.stage.on_air();
        if self.fetching
            || monotonic < self.next_scrub
            || (monotonic < self.next_scrub + DAY && air::shows_slides(on_air.schedule(), self.stage.time.now()))
        {
            return;
        }
        self.next_scrub = monotonic + SCRUB;
        self.puller.holdings().doubt(self.puller.objects());
    }

    /// Puts on air what is in force now, and tells how the player is doing.
    fn report(&mut self, before: &InForce, looked: bool) {
        let in_force = self.puller.in_force();
        self.air.put(&in_force);
        let now = self.stage.time.now();
        for entry in noted::news(before.known(), in_force.known(), now.ms) {
            match entry {
                JournalEntry::Switch { epoch, version, .. } => crate::logln!("release {epoch}-{version} is in force"),
                JournalEntry::Statements { root, withdrawals, .. } => {
                    crate::logln!("in force: root {root}, withdrawals up to {withdrawals}");
                }
                JournalEntry::Play(_) | JournalEntry::Incident { .. } | JournalEntry::Clock { .. } => {}
            }
        }
        // After the state: a line never tells of more than that holds.
        let stored = self.puller.stored();
        for entry in noted::news(self.told, stored, now.ms) {
            self.stage.record(&entry);
        }
        self.told = self.told.joined(stored);
        for entry in twins(&mut self.puller, now.ms) {
            self.stage.record(&entry);
        }
        self.air.report(|old| {
            let mut health = health(&self.config, &self.puller, &self.stage.time, Some(&old));
            health.faults.extend(self.stage.journal.hold().faults().cloned());
            health.faults.extend(self.stage.time.jumped().map(jump_fault));
            if let Some(reason) = health.last_error.as_ref().filter(|reason| Some(*reason) != old.last_error.as_ref()) {
                self.stage.record(&JournalEntry::Incident { kind: "pull-kept".into(), at: now.ms, detail: reason.en.clone() });
            }
            let is_new = |refused: &&(Digest, Text)| !old.dropped.contains(refused) && !old.withdrawn.contains(refused);
            for (digest, why) in health.dropped.iter().chain(&health.withdrawn).filter(is_new) {
                let detail = format!("{digest}: {}", why.en);
                crate::logln!("program {detail}");
                self.stage.record(&JournalEntry::Incident { kind: "program-refused".into(), at: now.ms, detail });
            }
            if looked { health.after_look() } else { health }
        });
    }
}

/// What the journal hears about withdrawals that came under numbers that others have.
pub fn twins(puller: &mut Puller, at: i64) -> Vec<JournalEntry> {
    let told = puller.take_twins().into_iter();
    told.map(|detail| JournalEntry::Incident { kind: "withdrawal-twin".into(), at, detail }).collect()
}

/// What the journal hears about files that were lost under the running player.
pub fn files_lost(detail: String, at: i64) -> JournalEntry {
    JournalEntry::Incident { kind: "files-lost".into(), at, detail }
}

/// How the player is doing, but for what is on air, which `air` adds. `old`: its last health.
pub fn health(config: &Config, puller: &Puller, time: &PlayerTime, old: Option<&Health>) -> Health {
    let (now, in_force) = (time.now(), puller.in_force());
    let free_bytes = puller.holdings().free_bytes().ok();
    // What is lost or can't be read is told as a fault of the machine: no publisher can help.
    let refused = in_force.refused.iter().filter(|(digest, _)| in_force.lost.is_none() && !in_force.unjudged.contains(digest));
    let (withdrawn, dropped): (Vec<_>, Vec<_>) = refused.cloned().partition(|(digest, _)| in_force.withdrawn.programs.contains(digest));
    let dropped = dropped.into_iter().map(|(digest, why)| (digest, named(digest, why, puller.holdings()))).collect();
    let reason = puller.reason();
    let waiting = reason.filter(|reason| reason.pause.is_some()).map(|reason| waiting(reason, puller, time));
    let (set_aside, no_room) = (old.and_then(|old| old.set_aside.clone()), no_room(free_bytes, config.reserve_bytes, reason));
    Health {
        site: config.site.clone(),
        player: config.player.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now.ms,
        since: old.map_or(now.ms, |old| old.since),
        state: Freshness::Lost,
        last_look: old.and_then(|old| old.last_look),
        clock_trusted: now.trusted,
        root: in_force.root,
        head: in_force.head,
        head_expires: in_force.head_expires.map(|second| second.saturating_mul(1_000)),
        head_unverifiable: in_force.head_unverifiable,
        programs: old.map(|old| old.programs.clone()).unwrap_or_default(),
        left: old.map(|old| old.left.clone()).unwrap_or_default(),
        card: true,
        dropped,
        withdrawn,
        withdrawals: in_force.withdrawals,
        pending: Vec::new(),
        damaged: old.and_then(|old| old.damaged.clone()),
        missing_slides: BTreeMap::new(),
        coming_month: None,
        last_success: if puller.is_settled() { Some(now.ms) } else { old.and_then(|old| old.last_success) },
        last_error: if waiting.is_some() { None } else { reason.map(|reason| reason.reason.clone()) },
        waiting,
        // Why nothing is shown, or not all, stands before what is wrong besides.
        faults: puller.unshown().chain(no_room).chain(puller.faults()).chain(set_aside.clone()).collect(),
        repaired: puller.repaired().cloned().into_iter().collect(),
        set_aside,
        supply: Supply {
            refuses: reason.is_some_and(|reason| !reason.external && reason.pause.is_none()),
            coming: puller.coming().map(|coming| coming.slowed_by(config.bytes_per_second.filter(|_| reason.is_none()), now.ms)),
            sources: supply::report(
                puller.sources().map(|(name, fault)| (name, fault.map(|fault| &fault.reason))),
                old.map_or(&[], |old| &old.supply.sources),
                now.ms,
            ),
        },
        kept: Some(ToldNumbers::new(puller.kept())),
        free_bytes,
        utc_offset: in_force
            .programs
            .first()
            .map(|each| local_offset(each.program.manifest(), now.ms.div_euclid(1_000)))
            .or(puller.meter().local_offset())
            .or(old.and_then(|old| old.utc_offset)),
    }
    .as_of(now.ms)
}

/// Why something is not fetched now, and until when.
fn waiting(reason: &PullError, puller: &Puller, time: &PlayerTime) -> Waiting {
    let soon = || {
        let wait = i64::try_from(puller.fetch_wait(time.monotonic()).as_millis()).unwrap_or(i64::MAX);
        time.now().ms.saturating_add(wait)
    };
    let until = reason.resumes_at().map_or_else(soon, |second| second.saturating_mul(1_000));
    Waiting { reason: reason.reason.clone(), until }
}

/// Why a program is refused, behind its title where that is known: nobody knows it by its digest.
fn named(program: Digest, why: Text, holdings: &LocalStore) -> Text {
    let Some(Text { vi: name_vi, en: name_en }) = program_name(program, holdings) else { return why };
    let Text { vi, en } = why;
    text!(vi: "{name_vi}: {vi}", en: "{name_en}: {en}")
}

/// What the last report said, of whichever start.
pub fn last_health(config: &Config) -> Option<Health> {
    let path = config.health_path();
    health::read(&path).and_then(|bytes| Health::parse(&path, &bytes)).ok()
}

/// A clock that has jumped by this many milliseconds.
fn jump_fault(ms: i64) -> Text {
    let (vi, en) = if ms > 0 { ("tới", "ahead") } else { ("lùi", "back") };
    let Text { vi: time_vi, en: time_en } = health::elapsed(ms.saturating_abs(), 0);
    text!(
        vi: "đồng hồ của máy đã nhảy {vi} {time_vi}. Hãy so dòng “Đồng hồ” với điện thoại: sai thì chỉnh giờ; đúng thì không phải làm gì, dòng này hết sau một ngày",
        en: "the machine's clock has jumped {en} by {time_en}. Compare the line “Clock” with a telephone: if it is wrong, set the clock; if it is right, nothing is to be done, and this line goes within a day"
    )
}

/// A disk with less room than has to stay free, or than the next programs take.
fn no_room(free: Option<u64>, reserve: u64, reason: Option<&PullError>) -> Option<Text> {
    let Some(free) = free.filter(|free| *free < reserve) else {
        return reason.filter(|reason| reason.pause == Some(Pause::NoRoom)).map(|_| {
            text!(
                vi: "ổ đĩa không đủ chỗ cho chương trình mới. Hãy giải phóng dung lượng hoặc thay ổ đĩa lớn hơn",
                en: "the next program does not fit on the disk. Make room, or use a larger disk"
            )
        });
    };
    let (Text { vi: free_vi, en: free_en }, Text { vi, en }) = (numbers::size(free), numbers::size(reserve));
    Some(text!(
        vi: "ổ đĩa không đủ chỗ: còn trống {free_vi}, phải chừa lại {vi}. Hãy giải phóng dung lượng hoặc thay ổ đĩa lớn hơn",
        en: "the disk lacks room: {free_en} are free, {en} are kept in reserve. Make room, or use a larger disk"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_do_not_fit_are_a_fault_with_its_remedy_before_the_disk_is_full() {
        let paused = |pause| PullError::paused(text!(vi: "lý do", en: "reason"), pause);
        let told = |free, reason: Option<&PullError>| no_room(Some(free), 100, reason).map(|text| text.en);
        assert_eq!(told(100, None), None);
        assert_eq!(told(100, Some(&paused(Pause::Missing))), None);
        assert!(told(100, Some(&paused(Pause::NoRoom))).unwrap().ends_with("does not fit on the disk. Make room, or use a larger disk"));
        assert!(told(99, Some(&paused(Pause::NoRoom))).unwrap().starts_with("the disk lacks room: "));
    }
}
