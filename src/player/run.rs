//! Runs a player: takes the lock, loads the stored state, starts the loopback server, then runs one pull cycle after another.
//! Never judges a document: `pull` and `trust` do.

use std::net::SocketAddr;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, OnceLock, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::failure::{self, Failure};
use crate::base::files;
use crate::base::http_service::{self, HttpService};
use crate::base::limits::KEY_FILE_BYTES;
use crate::base::lock::{MutexExt as _, RwLockExt as _};
use crate::base::os;
use crate::base::text::Text;
use crate::base::token::{self, Token};
use crate::player::alive;
use crate::player::config::Config;
use crate::player::pull::trusted::InForce;
use crate::player::pull::{CycleOutcome, CycleReport, Puller, retry};
use crate::player::record::entry::JournalEntry;
use crate::player::record::journal::{Journal, JournalOwner};
use crate::player::show::health::{self, Health};
use crate::player::show::on_air::{OnAir, ShellSettings};
use crate::player::show::server::{self, ServerState};
use crate::player::show::time::{ClockReading, PlayerTime};
use crate::program::show::{Schedule, ScheduledProgram};
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::freshness::Freshness;
use crate::trust::head::HeadNumber;
use crate::trust::secret::SecretKey;

/// Unix second before which this code cannot have existed: a clock below it is wrong.
pub const BUILD_FLOOR: i64 = 1_795_000_000;

/// Longest wait for a running cycle when the player ends.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// A running player; it ends when dropped.
pub struct RunningPlayer {
    service: HttpService,
    stage: Arc<ServerState>,
    wake: Sender<WakeSignal>,
    thread: JoinHandle<()>,
}

enum WakeSignal {
    Pull,
    End,
}

impl RunningPlayer {
    /// The server's address.
    pub fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// The server's state.
    pub fn stage(&self) -> &Arc<ServerState> {
        &self.stage
    }

    /// Starts a cycle now.
    pub fn pull_now(&self) {
        let _ = self.wake.send(WakeSignal::Pull);
    }
}

impl Drop for RunningPlayer {
    fn drop(&mut self) {
        let _ = self.wake.send(WakeSignal::End);
        // A download may take hours, and every step survives a power cut, so the wait is short.
        http_service::wait_until(LAST_WAIT, || self.thread.is_finished());
    }
}

/// Takes the lock and opens the stored state.
pub fn open(config: &Config) -> Result<Puller, Failure> {
    Puller::open(config.pull_settings(), BUILD_FLOOR).map_err(Failure::Refused)
}

/// Runs one cycle and writes the health file, for a player that does not run.
pub fn pull_once(config: &Config, clock: Arc<dyn Clock>) -> Result<(CycleReport, Health), Failure> {
    let mut puller = open(config)?;
    let time = PlayerTime::new(clock, puller.in_force().floor);
    let before = last_health(config);
    let report = puller.cycle(time.now().ms.div_euclid(1_000));
    let in_force = puller.in_force();
    let now = time.now();
    let (last_look, faults) = (before.and_then(|health| health.last_look), puller.faults().cloned().collect());
    let health = after_cycle(Health { last_look, faults, ..health(config, &in_force, now, puller.holdings()) }, &report);
    write(config, &health);
    Ok((report, health))
}

/// Starts a player. On return it serves what is stored, and its first cycle is running.
pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<RunningPlayer, Failure> {
    let mut puller = open(config)?;
    let address = Arc::new(OnceLock::new());
    let server = address.clone();
    // To read everything through may take long; from then on the server must answer.
    let works = move || server.get().is_none_or(|address| alive::answers(*address));
    alive::feed_while(works).map_err(|error| Failure::io(&config.data, &error))?;
    puller.wait_for_verification();
    let in_force = puller.in_force();
    let time = Arc::new(PlayerTime::new(clock, in_force.floor));
    let now = time.now();
    let journal = Journal::open(journal_owner(config, in_force.floor), now.ms);
    let last_look = last_health(config).and_then(|health| health.last_look);
    let facts = health(config, &in_force, now, puller.holdings());
    let health = Health { last_look, faults: faults(&puller, &journal), ..facts }.as_of(now.ms);
    write(config, &health);
    let desk = ShellSettings { site: config.site.clone(), volume: config.volume, token: Token::new()? };
    let stage = Arc::new(ServerState {
        name: config.name.clone().unwrap_or_else(|| config.site.to_string()),
        time,
        holdings: puller.holdings().clone(),
        on_air: RwLock::new(Arc::new(OnAir::new(&desk, schedule(&in_force)))),
        desk,
        health: RwLock::new(health),
        journal: Mutex::new(journal),
        plays: Mutex::default(),
    });
    if !now.trusted {
        let detail = format!("the system clock is below the floor {}", in_force.floor);
        stage.record(&JournalEntry::Incident { kind: "clock-untrusted".into(), at: now.ms, detail });
    }
    let listener = server::bind(config.listen).map_err(Failure::External)?;
    let service = server::serve(listener, stage.clone()).map_err(|error| Failure::io(&config.data, &error))?;
    let _ = address.set(service.address());
    let (wake, woken) = mpsc::channel();
    let mut cycles = CycleLoop { config: config.clone(), puller, stage: stage.clone(), failures: 0, trusted: now.trusted };
    let thread = std::thread::Builder::new().name("pull".into()).spawn(move || {
        let mut wait = cycles.run_cycle();
        while let Ok(WakeSignal::Pull) | Err(RecvTimeoutError::Timeout) = woken.recv_timeout(wait) {
            wait = cycles.run_cycle();
        }
    });
    let thread = thread.map_err(|error| Failure::io(&config.data, &error))?;
    Ok(RunningPlayer { service, stage, wake, thread })
}

fn schedule(in_force: &InForce) -> Schedule {
    let complete = in_force.programs.iter().filter(|each| each.complete);
    Schedule {
        programs: complete.map(|each| ScheduledProgram { program: each.program.clone(), from: each.from }).collect(),
        withdrawn: in_force.withdrawn.clone(),
        releases: in_force.releases.clone(),
    }
}

fn journal_owner(config: &Config, floor: i64) -> JournalOwner {
    JournalOwner {
        folder: config.data.join("returns").join(config.site.as_str()).join(config.player.as_str()),
        site: config.site.clone(),
        player: config.player.clone(),
        key: play_key(config),
        floor_ms: floor.saturating_mul(1_000),
    }
}

/// The key that signs the returns, if one is set and usable; else why not, and what to do.
fn play_key(config: &Config) -> Result<Option<SecretKey>, Text> {
    let Some(path) = &config.play_key else { return Ok(None) };
    let protected = || Err(text!(vi: "khóa của máy chiếu không được đặt mật khẩu", en: "a player's key must have no password"));
    let read = os::open_regular(path).and_then(|file| files::read_stream_limited(file, KEY_FILE_BYTES));
    let key = read.map_err(|error| failure::system(&error));
    let key = key.and_then(|bytes| SecretKey::from_file_text(&String::from_utf8_lossy(&bytes), protected));
    key.map(Some).map_err(|Text { vi, en }| {
        let shown = path.display();
        text!(
            vi: "không dùng được khóa {shown}: {vi}; nhật ký chưa được ký cho đến khi khởi động lại với khóa đúng (bangtin keys new FILE --no-password)",
            en: "the key {shown} can't be used: {en}; returns stay unsigned until a start with a good one (bangtin keys new FILE --no-password)"
        )
    })
}

fn faults(puller: &Puller, journal: &Journal) -> Vec<Text> {
    puller.faults().chain(journal.faults()).cloned().collect()
}

/// What the last report said, of whichever start.
fn last_health(config: &Config) -> Option<Health> {
    let path = config.health_path();
    health::read(&path).and_then(|bytes| Health::parse(&path, &bytes)).ok()
}

fn write(config: &Config, health: &Health) {
    if let Ok(bytes) = serde_json::to_vec_pretty(health)
        && let Err(error) = files::write_atomic(&config.health_path(), &bytes)
    {
        crate::logln!("health: {error}");
    }
}

/// The health by what is in force, as if no cycle has run yet.
fn health(config: &Config, in_force: &InForce, now: ClockReading, holdings: &LocalStore) -> Health {
    let digests = |complete| in_force.programs.iter().filter(|each| each.complete == complete).map(|each| each.program.digest()).collect();
    Health {
        site: config.site.clone(),
        player: config.player.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        at: now.ms,
        since: now.ms,
        state: Freshness::Lost,
        last_look: None,
        clock_trusted: now.trusted,
        root: in_force.root,
        head: in_force.head,
        head_expires: in_force.head_expires.map(|second| second.saturating_mul(1_000)),
        head_unverifiable: in_force.head_unverifiable,
        programs: digests(true),
        dropped: in_force.refused.clone(),
        pending: digests(false),
        last_success: None,
        last_error: None,
        faults: Vec::new(),
        free_bytes: holdings.free_bytes().ok(),
    }
}

/// The health after a cycle that ended at `health.at`.
fn after_cycle(mut health: Health, report: &CycleReport) -> Health {
    let at = health.at;
    if report.looked {
        health.last_look = Some(at);
    }
    if report.outcome != CycleOutcome::Failed {
        health.last_success = Some(at);
    }
    health.last_error.clone_from(&report.reason);
    health.as_of(at)
}

struct CycleLoop {
    config: Config,
    puller: Puller,
    stage: Arc<ServerState>,
    failures: u32,
    trusted: bool,
}

impl CycleLoop {
    /// Runs one cycle and updates what is shown and reported. Gives the time until the next.
    fn run_cycle(&mut self) -> Duration {
        let now = self.stage.time.now();
        if now.trusted != self.trusted {
            self.trusted = now.trusted;
            self.stage.record(&JournalEntry::Clock { at: now.ms, trusted: now.trusted, step: 0 });
        }
        let before = self.puller.in_force();
        let report = self.puller.cycle(now.ms.div_euclid(1_000));
        let in_force = self.puller.in_force();
        self.stage.time.raise_floor(in_force.floor);
        self.put_on_air(&before, &in_force);
        self.update_health(&report, &in_force);
        self.failures = if report.outcome == CycleOutcome::Failed { self.failures.saturating_add(1) } else { 0 };
        retry::next_delay(Duration::from_secs(self.config.poll_seconds), self.failures, report.retry_after_s, random_fraction())
    }

    fn put_on_air(&self, before: &InForce, in_force: &InForce) {
        let (old, next) = (self.stage.on_air(), schedule(in_force));
        let programs = |schedule: &Schedule| schedule.programs.iter().map(|each| (each.program.digest(), each.from)).collect::<Vec<_>>();
        let statements = |schedule: &Schedule| (schedule.withdrawn.clone(), schedule.releases.clone());
        if programs(old.schedule()) != programs(&next) || statements(old.schedule()) != statements(&next) {
            self.stage.put_on_air(OnAir::new(&self.stage.desk, next));
        }
        if in_force.head != before.head {
            let (at, HeadNumber { epoch, version }) = (self.stage.time.now().ms, in_force.head.unwrap_or_default());
            self.stage.record(&JournalEntry::Switch { at, epoch, version });
        }
    }

    fn update_health(&self, report: &CycleReport, in_force: &InForce) {
        let now = self.stage.time.now();
        let old = self.stage.health.shared().clone();
        if let Some(reason) = report.reason.as_ref().filter(|reason| Some(*reason) != old.last_error.as_ref()) {
            self.stage.record(&JournalEntry::Incident { kind: "pull-kept".into(), at: now.ms, detail: reason.en.clone() });
        }
        for (digest, why) in in_force.refused.iter().filter(|refused| !old.dropped.contains(refused)) {
            let detail = format!("{digest}: {}", why.en);
            self.stage.record(&JournalEntry::Incident { kind: "program-refused".into(), at: now.ms, detail });
        }
        let facts = health(&self.config, in_force, now, &self.stage.holdings);
        let faults = faults(&self.puller, &self.stage.journal.hold());
        let health = Health { since: old.since, last_look: old.last_look, last_success: old.last_success, faults, ..facts };
        let health = after_cycle(health, report);
        write(&self.config, &health);
        self.stage.health.put(health);
    }
}

/// A random number from 0 to 1 for jitter; about 0.5 without a source of randomness.
fn random_fraction() -> f64 {
    let [byte] = token::random_token().unwrap_or([128]);
    f64::from(byte) / 255.0
}
