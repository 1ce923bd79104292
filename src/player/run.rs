//! Runs a player: takes the lock, loads the stored state, starts the loopback server, then two threads: one makes the rounds, the other
//! fetches what they want. Never judges a document: `pull` and `trust` do.

use std::io;
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
use crate::base::token::Token;
use crate::player::air::{self, Air};
use crate::player::alive;
use crate::player::config::Config;
use crate::player::earlier;
use crate::player::pull::fetch_job::{FetchHand, FetchJob};
use crate::player::pull::{CycleReport, Puller};
use crate::player::record::entry::JournalEntry;
use crate::player::record::journal::{Journal, JournalOwner};
use crate::player::record::noted;
use crate::player::rounds::{self, Rounds, Signal};
use crate::player::show::health::{self, Health};
use crate::player::show::on_air::{OnAir, ShellSettings};
use crate::player::show::plays::PlayIntake;
use crate::player::show::server::{self, ServerState};
use crate::player::show::time::{ClockReading, PlayerTime};
use crate::store::known::Known;
use crate::text;
use crate::trust::secret::SecretKey;

/// Unix second before which this code cannot have existed: a clock below it is wrong.
pub const BUILD_FLOOR: i64 = 1_795_000_000;

/// Longest wait for a running look when the player ends.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Longest wait at the start for what is stored, while the server answers: whoever starts a player of a small store finds all of it on air.
const FIRST_SHOW: Duration = Duration::from_secs(1);

/// A running player; it ends when dropped.
pub struct RunningPlayer {
    service: HttpService,
    stage: Arc<ServerState>,
    /// `None` ends the rounds.
    signals: Sender<Option<Signal>>,
    rounds: JoinHandle<()>,
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

    /// Looks now, and fetches at once what has to be fetched.
    pub fn pull_now(&self) {
        let _ = self.signals.send(Some(Signal::Look));
    }
}

impl Drop for RunningPlayer {
    fn drop(&mut self) {
        let _ = self.signals.send(None);
        // A look may take minutes, and every step survives a power cut, so the wait is short.
        http_service::wait_until(LAST_WAIT, || self.rounds.is_finished());
        self.stage.journal.hold().remember_written();
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
    let start = time.now().ms;
    let mut journal = Journal::open(journal_owner(config, puller.in_force().floor, puller.segment()), start);
    // What can't be written waits there, and the journal's own fault tells it.
    let record = |journal: &mut Journal, entry: &JournalEntry| drop(journal.append(entry, time.now().ms));
    let last = rounds::last_health(config);
    begin(&puller, &journal, (time.now(), last.as_ref())).iter().for_each(|entry| record(&mut journal, entry));
    let held = puller.stored();
    let told = health_of(config, &puller, &time, &journal);
    air::damage(last.as_ref(), &told, start).iter().for_each(|entry| record(&mut journal, entry));
    let report = puller.cycle(start.div_euclid(1_000));
    if let Err(reason) = puller.mind_disk(time.monotonic()) {
        // What it would remember at its end has no place beside another player's.
        std::mem::forget(journal);
        return Err(Failure::Refused(reason));
    }
    let lost = puller.take_losses().map(|detail| rounds::files_lost(detail, time.now().ms));
    lost.iter().for_each(|entry| record(&mut journal, entry));
    noted::news(held, puller.stored(), time.now().ms).for_each(|entry| record(&mut journal, &entry));
    rounds::twins(&mut puller, time.now().ms).iter().for_each(|entry| record(&mut journal, entry));
    puller.note_segment(journal.number());
    let health = health_of(config, &puller, &time, &journal);
    let mut health = if puller.is_informed() { health.after_look() } else { health };
    let found = [air::damage(Some(&told), &health, time.now().ms), air::repair(&told, &health, time.now().ms)];
    found.iter().flatten().for_each(|entry| record(&mut journal, entry));
    health.write(&config.health_path());
    Ok((report, health))
}

/// How a player is doing that shows nothing by itself.
fn health_of(config: &Config, puller: &Puller, time: &PlayerTime, journal: &Journal) -> Health {
    let mut health = rounds::health(config, puller, time, before(config, time.now().ms).as_ref());
    health.faults.extend(journal.faults().cloned());
    let on_air = air::schedule(&puller.in_force(), puller.holdings(), None);
    air::tell(&mut health, &puller.in_force(), &on_air, puller.holdings(), time.now());
    health
}

/// Starts a player. On return it serves what is stored, and its first look is under way.
pub fn start(config: &Config, clock: Arc<dyn Clock>) -> Result<RunningPlayer, Failure> {
    let mut puller = open(config)?;
    let address = Arc::new(OnceLock::new());
    let (server, pulse, poll) = (address.clone(), puller.pulse().clone(), Duration::from_secs(config.poll_seconds));
    alive::feed_while(move || alive::works(pulse.silence(), poll, server.get().copied()))
        .map_err(|error| Failure::io(&config.data, &error))?;
    let stage = stage(config, &puller, clock)?;
    let listener = server::bind(config.listen).map_err(Failure::External)?;
    let (signals, received) = mpsc::channel();
    let doubted = signals.clone();
    let _ = stage.on_doubt.set(Box::new(move || drop(doubted.send(Some(Signal::Doubted)))));
    let service = server::serve(listener, stage.clone()).map_err(|error| Failure::io(&config.data, &error))?;
    let _ = address.set(service.address());
    let (hand, meter) = (puller.take_hand(), puller.meter().clone());
    let mut rounds = Rounds::new(config.clone(), puller, stage.clone());
    let jobs = start_fetching(hand, rounds.air(), signals.clone()).map_err(|error| Failure::io(&config.data, &error))?;
    if let Some(job) = rounds.begin() {
        let _ = jobs.send(job);
    }
    let make_rounds = move || {
        let mut signal = None;
        loop {
            let (wait, job) = rounds.turn(signal);
            if let Some(job) = job {
                let _ = jobs.send(job);
            }
            signal = match received.recv_timeout(wait) {
                Ok(Some(signal)) => Some(signal),
                Err(RecvTimeoutError::Timeout) => None,
                Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                    meter.interrupt(true);
                    break rounds.end();
                }
            };
        }
    };
    let rounds = std::thread::Builder::new().name("look".into()).spawn(make_rounds).map_err(|error| Failure::io(&config.data, &error))?;
    http_service::wait_until(FIRST_SHOW, || stage.health.shared().pending.is_empty());
    Ok(RunningPlayer { service, stage, signals, rounds })
}

/// What the server works with: what is stored is on air.
pub fn stage(config: &Config, puller: &Puller, clock: Arc<dyn Clock>) -> Result<Arc<ServerState>, Failure> {
    let in_force = puller.in_force();
    let time = Arc::new(PlayerTime::new(clock, in_force.floor));
    let now = time.now();
    let journal = Journal::open(journal_owner(config, in_force.floor, puller.segment()), now.ms);
    let on_air = air::schedule(&in_force, puller.holdings(), None);
    let last = rounds::last_health(config);
    let mut health = rounds::health(config, puller, &time, before(config, now.ms).as_ref());
    air::tell(&mut health, &in_force, &on_air, puller.holdings(), now);
    let reading = air::is_reading(&in_force, &on_air, puller.holdings());
    health.faults.extend(journal.faults().cloned());
    let damage = air::damage(last.as_ref(), &health, now.ms);
    health.write(&config.health_path());
    let desk = ShellSettings { site: config.site.clone(), volume: config.volume, token: Token::new()? };
    let earlier = earlier::earlier(puller, &journal, (last.as_ref(), &health), &desk, reading);
    let stage = Arc::new(ServerState {
        name: config.name.clone().unwrap_or_else(|| config.site.to_string()),
        time,
        holdings: puller.holdings().clone(),
        on_air: RwLock::new(Arc::new(OnAir::new(&desk, on_air).reading(reading))),
        desk,
        health: RwLock::new(health),
        journal: Mutex::new(journal),
        plays: Mutex::new(PlayIntake::after(earlier)),
        on_doubt: OnceLock::new(),
    });
    let due = begin(puller, &stage.journal.hold(), (now, last.as_ref()));
    for entry in due.iter().chain(&damage) {
        stage.record(entry);
    }
    Ok(stage)
}

/// What the journal has to be told first after a start: a clock that can't be right or stands before the last report, what was wrong with the
/// state, and what came although no line says so, as after a kill. `last`: that report.
fn begin(puller: &Puller, journal: &Journal, (now, last): (ClockReading, Option<&Health>)) -> Vec<JournalEntry> {
    let (at, floor) = (now.ms, puller.in_force().floor);
    let incident = |kind: &str, detail: String| JournalEntry::Incident { kind: kind.into(), at, detail };
    let untrusted = (!now.trusted).then(|| incident("clock-untrusted", format!("the system clock is below the floor {floor}")));
    let back = last.map(|report| report.at).filter(|last| health::is_to_come(*last, at));
    let back = back.map(|last| incident("clock-back", format!("the last report before this start was of {last}, which has yet to come")));
    let found = puller.incident().map(|(kind, detail)| incident(kind, detail.clone()));
    let known = puller.stored();
    // Where it can't be read what was written, nothing is written twice. The first root did not come: it was there.
    let told = journal.noted().map_or(known, |noted| noted.known().joined(Known { root: puller.first_root(), ..Known::default() }));
    untrusted.into_iter().chain(back).chain(found).chain(noted::news(told, known, at)).collect()
}

/// Starts the thread that fetches; it ends when nobody can send it a job any more.
fn start_fetching(hand: Option<FetchHand>, air: Arc<Air>, signals: Sender<Option<Signal>>) -> io::Result<Sender<FetchJob>> {
    let (jobs, received) = mpsc::channel::<FetchJob>();
    let Some(mut hand) = hand else { return Ok(jobs) };
    let fetch = move || {
        for job in received {
            let mut tell = |news| {
                // A look may wait long for a source.
                air.refresh();
                let _ = signals.send(Some(Signal::Fetched(news)));
                Ok(())
            };
            let ended = job.run(&mut hand, &mut tell);
            let _ = signals.send(Some(Signal::FetchEnded(ended)));
        }
    };
    std::thread::Builder::new().name("fetch".into()).spawn(fetch)?;
    Ok(jobs)
}

/// The last report, as that of a start at `now`.
fn before(config: &Config, now: i64) -> Option<Health> {
    rounds::last_health(config).map(|old| old.of_earlier_start(now))
}

/// Name of the file in the data folder of what is remembered of the journal.
pub const JOURNAL_MEMORY: &str = "journal.json";

/// Whose journal a player writes. `floor`: the earliest time that can be right, in Unix seconds. `given`: the highest number that a segment was
/// given, as far as the state knows.
pub fn journal_owner(config: &Config, floor: i64, given: u64) -> JournalOwner {
    JournalOwner {
        memory: config.data.join(JOURNAL_MEMORY),
        given,
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
    let protected = || Err(text!(vi: "khóa của đầu phát không được đặt mật khẩu", en: "a player's key must have no password"));
    let read = os::open_regular(path).and_then(|file| files::read_stream_limited(file, KEY_FILE_BYTES));
    let no_file =
        || text!(vi: "là thư mục, liên kết hoặc thứ khác, không phải tệp", en: "it is a folder, a link or something else, and no file");
    let is_other = std::fs::symlink_metadata(path).is_ok_and(|meta| !meta.is_file());
    let key = read.map_err(|error| if is_other { no_file() } else { failure::system(&error) });
    let key = key.and_then(|bytes| SecretKey::from_file_text(&String::from_utf8_lossy(&bytes), protected));
    key.map(Some).map_err(|Text { vi, en }| {
        let shown = path.display();
        text!(
            vi: "không dùng được khóa {shown}: {vi}; nhật ký chưa được ký cho đến khi khởi động lại với khóa đúng, tạo tại cơ quan bằng: bangtin keys new TỆP --no-password",
            en: "the key {shown} can't be used: {en}; returns stay unsigned until a start with a good one, made at the office with: bangtin keys new FILE --no-password"
        )
    })
}
