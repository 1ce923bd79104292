//! The rounds of a running player under a virtual clock: how long it is deaf at most, whatever its line and its limits do.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bangtin::base::clock::Clock;
use bangtin::base::digest::Digest;
use bangtin::base::text::Text;
use bangtin::player::config::Config;
use bangtin::player::pull::fetch_job::FetchHand;
use bangtin::player::pull::{FetchRequest, FetchResponse, PullError, Puller, Transport, open_transport};
use bangtin::player::rounds::{Rounds, Signal};
use bangtin::player::run;
use bangtin::player::show::server::ServerState;
use serde_json::{Value, json};

use crate::delta::shop::{Month, Shop, noise};
use crate::harness::tree;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// 09:00 in Hà Nội on 3 December 2026, when the shop's documents were signed.
const START: i64 = 1_796_263_200_000;

/// How a line behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Good,
    /// An object takes three hours.
    Slow,
    /// An object is given up after a minute and a half.
    Dripping,
    /// Nothing answers, which takes fifteen seconds to find out.
    Dead,
    /// Whatever is asked for is given up after a minute and a half.
    Stalling,
    /// So is what has this in its path.
    StallingAt(&'static str),
    /// The server is busy, once, and asks for a wait of an hour.
    Busy,
}

/// Time, and what happened in it.
struct World {
    now: AtomicI64,
    /// The time that the running fetch has taken, which passes beside the looks.
    fetch: AtomicI64,
    line: Mutex<Line>,
    looks: Mutex<Vec<i64>>,
    /// How much else the looks have asked for.
    else_asked: AtomicI64,
    stage: OnceLock<Arc<ServerState>>,
    /// Whether hostile sources drag out whatever they are asked for; else they are as good as the store.
    drags: AtomicBool,
    /// How many programs were on air, and how many of them the report told, when a look last asked for a head, or for what stalls.
    before_head: Mutex<(usize, usize)>,
}

impl Clock for World {
    fn now_ms(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis((self.now_ms() - START).try_into().unwrap())
    }
}

/// A store at the end of the line, for one of the hands.
struct Far {
    store: Box<dyn Transport>,
    world: Arc<World>,
    looks: bool,
    /// Whether it is dead whatever its line does.
    dead: bool,
    hostile: bool,
    /// When the time of a look is over.
    until: Option<i64>,
}

impl Far {
    /// A hint that names more than there is, and then nothing, as late as a request allows.
    fn drag(&self, request: &FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        let hint = request.path.ends_with("latest.json");
        let (now, took) = (self.world.now_ms(), if hint { 300 } else { 28_000 });
        if let Some(until) = self.until.filter(|until| now + took > *until) {
            self.world.now.store(until.max(now), Ordering::SeqCst);
            return Err(PullError::out_of_time("evil"));
        }
        self.world.now.fetch_add(took, Ordering::SeqCst);
        if !hint {
            return Ok(FetchResponse::Absent);
        }
        let forged = br#"{"epoch":1,"head":1000000,"release":1000000,"root":1000,"withdrawals":1000}"#;
        Ok(FetchResponse::Found { body: Box::new(forged.as_slice()), start: 0 })
    }
}

impl Transport for Far {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        if self.hostile && self.looks && self.world.drags.load(Ordering::SeqCst) {
            return self.drag(&request);
        }
        let line = if self.dead { Line::Dead } else { *self.world.line.lock().unwrap() };
        if self.looks && !self.dead && !self.hostile && request.path.ends_with("latest.json") {
            self.world.looks.lock().unwrap().push(self.world.now_ms());
        } else if self.looks {
            self.world.else_asked.fetch_add(1, Ordering::SeqCst);
        }
        let stalls = matches!(line, Line::StallingAt(part) if request.path.contains(part));
        if self.looks && (stalls || request.path.contains("/heads/")) {
            let told = |stage: &Arc<ServerState>| (stage.on_air().schedule().programs.len(), stage.health().programs.len());
            *self.world.before_head.lock().unwrap() = self.world.stage.get().map_or((0, 0), told);
        }
        if self.looks && line == Line::Busy {
            *self.world.line.lock().unwrap() = Line::Good;
            let reason = Text { vi: "máy chủ bận".into(), en: "busy".into() };
            return Err(PullError { retry_after_s: Some(3_600), ..PullError::external(reason) });
        }
        let took = match line {
            Line::Dead => 15_000,
            Line::Slow if request.path.starts_with("objects/") => 3 * HOUR,
            Line::Dripping if request.path.starts_with("objects/") => 90_000,
            Line::Stalling => 90_000,
            Line::StallingAt(_) if stalls => 90_000,
            _ => 300,
        };
        let passes = if self.looks { &self.world.now } else { &self.world.fetch };
        passes.fetch_add(took, Ordering::SeqCst);
        if took > 300 && line != Line::Slow {
            return Err(PullError::external(Text { vi: "chậm".into(), en: "too slow".into() }));
        }
        self.store.get(request)
    }

    fn set_time(&mut self, left: Option<Duration>) {
        self.until = left.map(|left| self.world.now_ms() + i64::try_from(left.as_millis()).unwrap());
    }

    fn name(&self) -> &'static str {
        if self.hostile { "http://evil" } else { "http://far" }
    }
}

/// A player whose threads are played by the test.
struct Site {
    shop: Shop,
    world: Arc<World>,
    stage: Arc<ServerState>,
    rounds: Rounds,
    hand: FetchHand,
    signals: VecDeque<(i64, Signal)>,
    _data: tempfile::TempDir,
}

impl Site {
    /// A player that has a first month, with these settings.
    fn new(settings: &Value) -> Self {
        let mut shop = Shop::new();
        shop.publish(&Month::new());
        // In memory: weeks of reports need no disk.
        let data = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        std::os::unix::fs::symlink(data.path(), shop.sandbox.path("data")).unwrap();
        shop.pull().success();
        shop.configure("store", settings);
        let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
        let world = Arc::new(World {
            now: START.into(),
            fetch: 0.into(),
            line: Mutex::new(Line::Good),
            looks: Mutex::default(),
            else_asked: 0.into(),
            stage: OnceLock::new(),
            drags: AtomicBool::new(false),
            before_head: Mutex::default(),
        });
        let open = |address: &str, slowest: u64| -> Box<dyn Transport> {
            let hostile = address.contains("/evil-");
            let store = open_transport::for_player(&address.replace("/evil-1", "/store").replace("/evil-2", "/store"), slowest, &[]);
            let (looks, dead) = (slowest > 2_048, address.ends_with("/dead"));
            Box::new(Far { store, world: world.clone(), looks, dead, hostile, until: None })
        };
        let mut puller = Puller::open_with(config.pull_settings(), run::BUILD_FLOOR, &open).unwrap();
        puller.verify_objects();
        let hand = puller.take_hand().unwrap();
        let stage = run::stage(&config, &puller, world.clone()).unwrap();
        let _ = world.stage.set(stage.clone());
        let rounds = Rounds::new(config, puller, stage.clone());
        let mut site = Self { shop, world, stage, rounds, hand, signals: VecDeque::new(), _data: data };
        site.pass(GAP);
        assert_eq!(site.health()["head"], json!([1, 2]));
        site
    }

    fn line(&self, line: Line) {
        *self.world.line.lock().unwrap() = line;
    }

    /// Lets time pass.
    fn pass(&mut self, ms: i64) {
        let end = self.world.now_ms() + ms;
        let mut signal = None;
        while self.world.now_ms() < end {
            let (wait, job) = self.rounds.turn(signal.take());
            let now = self.world.now_ms();
            if let Some(job) = job {
                let world = self.world.clone();
                world.fetch.store(now, Ordering::SeqCst);
                let signals = &mut self.signals;
                let ended = job.run(&mut self.hand, &mut |news| {
                    signals.push_back((world.fetch.load(Ordering::SeqCst), Signal::Fetched(news)));
                    Ok(())
                });
                self.signals.push_back((self.world.fetch.load(Ordering::SeqCst), Signal::FetchEnded(ended)));
            }
            let next = now + i64::try_from(wait.as_millis()).unwrap().max(1);
            let due = self.signals.front().map_or(next, |(at, _)| next.min((*at).max(now)));
            if due >= end {
                self.world.now.store(end, Ordering::SeqCst);
            } else {
                self.world.now.store(due, Ordering::SeqCst);
                if self.signals.front().is_some_and(|(at, _)| *at <= due) {
                    signal = self.signals.pop_front().map(|(_, signal)| signal);
                }
            }
        }
    }

    fn health(&self) -> Value {
        json!(self.stage.health())
    }

    /// Checks and tells the longest time between two looks since the last call; `promised`: in milliseconds.
    fn check_gaps(&self, what: &str, promised: i64) {
        let looks = std::mem::take(&mut *self.world.looks.lock().unwrap());
        let gap = looks.windows(2).map(|two| two[1] - two[0]).max().unwrap();
        let seconds = |ms: i64| f64::from(i32::try_from(ms).unwrap()) / 1_000.0;
        println!("{what}: {} looks, at most {:.1} s apart; promised: {:.1}", looks.len(), seconds(gap), seconds(promised));
        assert!(gap <= promised, "{what}: {gap} ms");
    }
}

fn film(seed: u64, length: usize) -> Month {
    Month::from([("media/film.mp4".to_owned(), noise(seed, length))])
}

/// A look each minute; what it costs to ask comes on top.
const GAP: i64 = MINUTE + 5_000;

/// Whether this process has a file open.
fn is_open(path: &Path) -> bool {
    let open = fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.filter_map(|fd| fs::read_link(fd.path()).ok()).any(|other| other == path)
}

#[test]
fn b13_what_was_read_through_counts_although_the_reading_was_interrupted() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 48_000_000));
    shop.pull().success();
    shop.configure("store", &json!({}));
    let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
    let open = |address: &str, slowest: u64| open_transport::for_player(address, slowest, &[]);
    let mut puller = Puller::open_with(config.pull_settings(), run::BUILD_FLOOR, &open).unwrap();
    let (mut hand, second, poll) = (puller.take_hand().unwrap(), START.div_euclid(1_000), Duration::from_secs(60));
    let digest = Digest::of(&noise(1, 48_000_000)).to_string();
    let film = shop.sandbox.path(&format!("data/store/objects/{}/{digest}", &digest[..2])).canonicalize().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    // A look finds news while the last file, the film, is read through.
    let (meter, mut next) = (puller.meter().clone(), puller.next_job(second, Duration::ZERO));
    puller.look(Duration::ZERO, poll, &|_| {});
    let mut reader = None;
    for round in 0..2 {
        let Some(job) = next.take() else { break };
        let mut news = Vec::new();
        let ended = job.run(&mut hand, &mut |told| {
            let meter = meter.clone();
            reader = (round == 0).then(|| {
                let (film, over) = (film.clone(), over.clone());
                std::thread::spawn(move || {
                    while !is_open(&film) && !over.load(Ordering::SeqCst) {
                        std::thread::yield_now();
                    }
                    meter.interrupt(true);
                })
            });
            news.push(told);
            Ok(())
        });
        over.store(true, Ordering::SeqCst);
        let _ = reader.take().map(std::thread::JoinHandle::join);
        meter.interrupt(false);
        assert_eq!(ended.is_err(), round == 0, "{ended:?}");
        // What the first one told was applied while the film was still being read through.
        news.into_iter().filter(|_| round > 0).for_each(|told| puller.apply(told, second).unwrap());
        puller.end_fetch(ended, Duration::ZERO, poll);
        next = puller.next_job(second, Duration::ZERO);
    }
    assert!(puller.is_settled() && next.is_none(), "it would be fetched again and again");
}

#[test]
fn hours_of_the_line_are_waited_for_without_being_deaf() {
    let mut site = Site::new(&json!({"fetch_hours": ["22:00-05:00"]}));
    site.shop.publish_bare(&film(1, 900_000));
    site.pass(12 * HOUR);
    let health = site.health();
    let opens = START + 13 * HOUR;
    assert_eq!(
        (&health["waiting"]["until"], &health["last_error"], &health["state"]),
        (&json!(opens), &Value::Null, &json!("FRESH")),
        "{health}"
    );
    assert!(!site.shop.holds(&film(1, 900_000)));
    let (release, total) = (&health["coming"]["release"], health["coming"]["total"].as_u64());
    assert!(*release == json!([1, 3]) && total > Some(900_000) && health["coming"]["have"].as_u64() < Some(900_000), "{health}");
    let page = site.stage.health().summary(site.world.now_ms(), None);
    assert!(page.notes.iter().any(|note| note.en.starts_with("Release 1-3 is on its way: ")), "{health}");
    // The hours begin at 22:00, and one look later the fetch does.
    site.pass(HOUR + GAP);
    assert!(site.shop.holds(&film(1, 900_000)));
    site.pass(GAP);
    assert_eq!((&site.health()["waiting"], &site.health()["head"]), (&Value::Null, &json!([1, 3])));
    assert_eq!(site.health()["coming"], Value::Null);
    site.check_gaps("hours of the line", GAP);
}

#[test]
fn bytes_of_the_day_are_waited_for_without_being_deaf() {
    let mut site = Site::new(&json!({"bytes_per_day": 1 << 20}));
    site.shop.publish_bare(&film(2, 1_500_000));
    site.pass(2 * HOUR);
    let health = site.health();
    assert_eq!((&health["waiting"]["until"], &health["last_error"]), (&json!((START / DAY + 1) * DAY), &Value::Null), "{health}");
    // A restart does not begin the day anew.
    let spent: Value = serde_json::from_slice(&fs::read(site.shop.sandbox.path("data/spent.json")).unwrap()).unwrap();
    assert!(spent["bytes"].as_u64() >= Some(1 << 20), "{spent}");
    site.pass(DAY);
    assert!(site.shop.holds(&film(2, 1_500_000)) && site.health()["waiting"].is_null());
    site.check_gaps("bytes of the day", GAP);
}

#[test]
fn a_release_on_its_way_to_a_new_player_is_told_and_nobody_is_called() {
    let mut shop = Shop::new();
    let month = film(8, 900_000);
    shop.publish_bare(&month);
    for object in [&month["media/film.mp4"][..], b"page"] {
        fs::remove_file(shop.place("objects", object)).unwrap();
    }
    shop.pull().code(3);
    let told = shop.sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).stdout;
    assert!(told.contains("Release 1-2 is on its way: 0 KB of ") && !told.contains("ell the publisher"), "{told}");
}

#[test]
fn one_missing_object_makes_nobody_deaf_and_is_taken_when_it_comes() {
    let mut site = Site::new(&json!({}));
    let film = film(3, 900_000);
    site.shop.publish_bare(&film);
    let object = site.shop.place("objects", &film["media/film.mp4"]);
    fs::rename(&object, site.shop.sandbox.path("kept")).unwrap();
    site.pass(3 * HOUR);
    let health = site.health();
    assert!(health["waiting"]["reason"]["en"].as_str().unwrap().starts_with("no source has objects/"), "{health}");
    assert!(health["waiting"]["until"].as_i64().unwrap() > site.world.now_ms() - MINUTE && health["last_error"].is_null(), "{health}");
    fs::rename(site.shop.sandbox.path("kept"), &object).unwrap();
    site.pass(16 * MINUTE);
    assert!(site.shop.holds(&film) && site.health()["waiting"].is_null());
    site.check_gaps("a missing object", GAP);
}

#[test]
fn a_slow_source_delays_no_withdrawal() {
    let mut site = Site::new(&json!({}));
    let first = site.shop.month();
    let on_air = |site: &Site| site.health()["programs"].as_array().unwrap().contains(&json!(first));
    site.line(Line::Slow);
    site.shop.publish_bare(&film(4, 900_000));
    site.pass(HOUR);
    assert!(on_air(&site));
    site.shop.withdraw(1, &json!({"program": first}));
    site.pass(GAP);
    assert!(!on_air(&site), "{}", site.health());
    site.pass(10 * HOUR);
    assert!(site.shop.holds(&film(4, 900_000)) && site.health()["waiting"].is_null(), "{}", site.health());
    site.check_gaps("a slow source", GAP);
}

#[test]
fn what_a_look_finds_is_on_air_before_anything_else_is_asked_for() {
    let mut site = Site::new(&json!({}));
    site.shop.publish(&Month::new());
    site.pass(GAP);
    assert_eq!(*site.world.before_head.lock().unwrap(), (2, 2));
    site.shop.withdraw(1, &json!({}));
    site.pass(GAP);
    assert_eq!(*site.world.before_head.lock().unwrap(), (1, 1));
}

#[test]
fn what_a_look_has_read_is_on_air_while_the_next_document_stalls() {
    let mut site = Site::new(&json!({}));
    site.shop.withdraw(1, &json!({}));
    site.shop.withdraw(2, &json!({}));
    site.line(Line::StallingAt("withdrawals/2.json"));
    *site.world.before_head.lock().unwrap() = (9, 9);
    site.pass(2 * MINUTE + GAP);
    assert_eq!(*site.world.before_head.lock().unwrap(), (1, 1), "programs on air, and reported, while the second stalls");
}

#[test]
fn f23_a_server_that_is_busy_once_makes_no_look_wait_whatever_it_asks_for() {
    let mut site = Site::new(&json!({}));
    let first = site.shop.month();
    for busy in 1..=5 {
        site.line(Line::Busy);
        site.pass(2 * GAP);
        assert!(*site.world.line.lock().unwrap() == Line::Good && site.health()["last_error"].is_null(), "{busy}: {}", site.health());
    }
    site.line(Line::Busy);
    site.shop.withdraw(1, &json!({}));
    site.pass(2 * GAP);
    assert!(!site.health()["programs"].as_array().unwrap().contains(&json!(first)), "{}", site.health());
    site.check_gaps("a server that is busy once", GAP);
}

#[test]
fn what_a_store_has_lost_is_told_disturbs_nothing_and_is_read_as_soon_as_it_is_back() {
    let mut site = Site::new(&json!({}));
    let (first, statement) = (site.shop.month(), site.shop.sandbox.path("store/withdrawals/1.json"));
    site.shop.withdraw(1, &json!({}));
    fs::rename(&statement, site.shop.sandbox.path("kept")).unwrap();
    let programs = |site: &Site| site.health()["programs"].as_array().unwrap().contains(&json!(first));
    site.pass(3 * GAP);
    let health = site.health();
    let told = health["faults"][0]["en"].as_str().unwrap_or_default();
    assert!(told.starts_with("the store names 1 withdrawal but only 0 can be read") && programs(&site), "{health}");
    // It has all that there is: no look interrupts what is fetched.
    assert_eq!((&health["last_success"], &health["last_error"]), (&health["at"], &Value::Null), "{health}");
    fs::rename(site.shop.sandbox.path("kept"), &statement).unwrap();
    site.pass(GAP);
    assert!(!programs(&site) && site.health()["faults"] == json!([]), "{}", site.health());
    site.check_gaps("a store that has lost a withdrawal", GAP);
}

#[test]
fn a_hint_that_names_less_than_its_store_has_hides_nothing_for_longer_than_ten_minutes() {
    let mut site = Site::new(&json!({}));
    site.pass(HOUR);
    let (path, last) = (site.shop.sandbox.path("store/sites/quay/latest.json"), film(10, 10_000));
    let old = fs::read(&path).unwrap();
    site.shop.rotate();
    site.shop.publish_bare(&film(9, 10_000));
    site.shop.withdraw(1, &json!({}));
    site.shop.publish_bare(&last);
    fs::write(&path, &old).unwrap();
    site.pass(10 * MINUTE + 5_000);
    let health = site.health();
    assert_eq!((&health["root"], &health["withdrawals"]), (&json!(2), &json!(1)), "{health}");
    // One release further in each look, once one was found.
    site.pass(2 * GAP);
    assert!(site.health()["head"] == json!([1, 4]) && site.shop.holds(&last), "{}", site.health());
    // The player is as well off as with a good hint, and says what the publisher has to do.
    site.pass(7 * HOUR);
    let health = site.health();
    assert_eq!((&health["last_error"], &health["refuses"], &health["state"]), (&Value::Null, &json!(false), &json!("FRESH")), "{health}");
    assert!(health["faults"][0]["en"].as_str().unwrap().starts_with("latest.json names less than its store has: http://far"), "{health}");
    site.shop.withdraw_hint(1);
    site.pass(GAP);
    assert_eq!(site.health()["faults"], json!([]));
    site.check_gaps("a hint that names less", GAP);
}

#[test]
fn what_a_quiet_day_of_looks_asks_for_beside_the_hint_is_what_the_manual_says() {
    let mut site = Site::new(&json!({}));
    site.pass(HOUR);
    site.world.else_asked.store(0, Ordering::SeqCst);
    site.pass(DAY);
    let (asked, looks) = (site.world.else_asked.load(Ordering::SeqCst), site.world.looks.lock().unwrap().len());
    println!("a quiet day: {looks} looks, {asked} requests beside their hints");
    assert!((3 * 144..=3 * 165 + 20).contains(&asked), "{asked}");
}

#[test]
fn b13_a_reading_is_begun_once() {
    let mut shop = Shop::new();
    shop.publish(&film(1, 10_000));
    shop.pull().success();
    let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(bangtin::base::clock::SystemClock::new());
    let puller = Puller::open(config.pull_settings(), run::BUILD_FLOOR).unwrap();
    let stage = run::stage(&config, &puller, clock).unwrap();
    let mut rounds = Rounds::new(config, puller, stage);
    // Before the first look, which may wait for a source; the round that looks starts no second one beside it.
    assert!(rounds.begin().is_some() && rounds.turn(None).1.is_none());
}

#[test]
fn where_nothing_else_can_be_shown_the_evergreen_week_does_not_wait_for_the_month() {
    let mut shop = Shop::new();
    let month = film(6, 900_000);
    shop.publish_bare(&month);
    fs::remove_file(shop.place("objects", &month["media/film.mp4"])).unwrap();
    shop.pull().code(3);
    let health: Value = serde_json::from_slice(&fs::read(shop.sandbox.path("data/health.json")).unwrap()).unwrap();
    assert_eq!((&health["head"], health["programs"].as_array().map(Vec::len)), (&json!([1, 2]), Some(1)), "{health}");
}

#[test]
fn a_damaged_file_is_told_with_the_slide_that_shows_it() {
    let mut site = Site::new(&json!({"poll_seconds": 900}));
    let (page, picture) = ("slides/co-so/mot@1920x1080/index.html", "assets/anh.jpg");
    let month =
        Month::from([(page.to_owned(), b"<img src=\"../../../assets/anh.jpg\">".to_vec()), (picture.to_owned(), noise(9, 100_000))]);
    site.shop.publish_bare(&month);
    site.pass(HOUR);
    for (path, bytes) in &month {
        let name = Digest::of(bytes).to_string();
        site.shop.sandbox.write(&format!("data/store/objects/{}/{name}", &name[..2]), vec![7; bytes.len()]);
        site.pass(8 * DAY + HOUR);
        assert!(site.shop.holds(&month), "{path}");
        let damaged = &site.health()["damaged"];
        assert_eq!(damaged["slides"], json!(["co-so/mot"]), "{path}: {damaged}");
    }
}

#[test]
fn f10_what_is_stored_is_read_through_each_week_and_a_damaged_object_comes_back() {
    let mut site = Site::new(&json!({"poll_seconds": 900}));
    let month = film(7, 100_000);
    site.shop.publish_bare(&month);
    site.pass(HOUR);
    let damage = |site: &Site| {
        let name = Digest::of(&month["media/film.mp4"]).to_string();
        site.shop.sandbox.write(&format!("data/store/objects/{}/{name}", &name[..2]), vec![7; 100_000]);
        assert!(!site.shop.holds(&month));
    };
    damage(&site);
    site.pass(8 * DAY + HOUR);
    assert!(site.shop.holds(&month) && site.health()["pending"] == json!([]), "{}", site.health());
    let (file, told) = ("media/film.mp4", |health: Value| health["damaged"].clone());
    let whole = json!({"found": 1, "lacking": 0, "file": file, "found_last": file, "whole_last": file});
    assert_eq!(told(site.health()), whole);
    // Without a source the program plays on, and the report names it.
    damage(&site);
    site.line(Line::Dead);
    site.pass(8 * DAY + HOUR);
    let (health, listed) = (site.health(), json!([site.shop.month()]));
    assert!(health["pending"] == listed && health["programs"].as_array().map(Vec::len) == Some(2), "{health}");
    let damaged = told(health.clone());
    assert!(damaged["lacking"] == 1 && damaged["file"] == file && damaged["found_last"] == file, "{health}");
    site.line(Line::Good);
    site.pass(HOUR);
    assert!(site.shop.holds(&month) && site.health()["pending"] == json!([]), "{}", site.health());
    // The journal tells of both times, and that the file came back.
    let journal = String::from_utf8(tree(&site.shop.sandbox.path("data/returns")).into_values().flatten().collect()).unwrap();
    let times = |kind: &str| journal.matches(&format!("\"{kind}\"")).count();
    assert_eq!((times("objects-damaged"), times("objects-whole")), (2, 2), "{journal}");
}

#[test]
fn f10_f11_what_is_lost_while_a_fetch_ends_is_fetched_as_soon_as_it_is_missed_and_once() {
    let mut shop = Shop::new();
    let month = film(8, 100_000);
    shop.publish_bare(&month);
    shop.configure("store", &json!({}));
    let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
    let mut puller = Puller::open(config.pull_settings(), run::BUILD_FLOOR).unwrap();
    let (mut hand, second, now, poll) = (puller.take_hand().unwrap(), START.div_euclid(1_000), Duration::ZERO, Duration::from_secs(60));
    puller.look(now, poll, &|_| {});
    let film = Digest::of(&month["media/film.mp4"]);
    let object = shop.sandbox.path(&format!("data/store/objects/{}/{film}", &film.to_string()[..2]));
    let mut fetch = |puller: &mut Puller, harm: &dyn Fn()| {
        let Some(job) = puller.next_job(second, now) else { return false };
        let mut news = Vec::new();
        let ended = job.run(&mut hand, &mut |told| {
            news.push(told);
            Ok(())
        });
        news.into_iter().for_each(|told| puller.apply(told, second).unwrap());
        harm();
        puller.end_fetch(ended, now, poll);
        true
    };
    assert!(fetch(&mut puller, &|| fs::remove_file(&object).and_then(|()| fs::create_dir(&object)).unwrap()));
    assert!(puller.holdings().doubt([film]), "it counted as there");
    assert!(fetch(&mut puller, &|| {}) && shop.holds(&month) && puller.is_settled());
    // No source has it either: whoever asks for it now makes nothing faster.
    fs::remove_file(shop.place("objects", &month["media/film.mp4"])).unwrap();
    fs::write(&object, b"").unwrap();
    assert!(puller.holdings().doubt([film]) && fetch(&mut puller, &|| {}) && !puller.is_settled());
    assert!(!puller.holdings().doubt([film]) && !fetch(&mut puller, &|| {}));
}

#[test]
fn f26_a_dripping_source_makes_nobody_deaf_and_is_told() {
    let mut site = Site::new(&json!({}));
    site.line(Line::Dripping);
    site.shop.publish_bare(&film(5, 900_000));
    site.pass(6 * HOUR);
    let health = site.health();
    assert_eq!((&health["last_error"]["en"], &health["state"]), (&json!("too slow"), &json!("FRESH")), "{health}");
    site.check_gaps("a dripping source", GAP);
    site.line(Line::Good);
    site.pass(16 * MINUTE);
    assert!(site.shop.holds(&film(5, 900_000)) && site.health()["last_error"].is_null());
}

#[test]
fn f30_a_dead_source_keeps_nobody_from_the_next_one() {
    let mut site = Site::new(&json!({"store": ["dead", "store"]}));
    site.pass(6 * HOUR);
    let first = site.shop.month();
    site.shop.withdraw(1, &json!({}));
    site.pass(GAP + 15_000);
    let health = site.health();
    assert!(!health["programs"].as_array().unwrap().contains(&json!(first)) && health["last_error"].is_null(), "{health}");
    site.check_gaps("a dead source before a good one", GAP + 15_000);
}

#[test]
fn f30_a_hostile_source_before_a_good_one_delays_no_withdrawal_beyond_seventy_seconds() {
    for sources in [&["evil-1", "store"][..], &["evil-1", "evil-2", "store"], &["store", "evil-1"]] {
        let mut site = Site::new(&json!({"store": sources}));
        let mut longest = 0;
        for number in 1..=24 {
            // It is good for a while, drags just when the statement comes, or has been doing so for long.
            site.world.drags.store(number % 3 == 0, Ordering::SeqCst);
            site.pass(20 * MINUTE + i64::try_from(number).unwrap() * 7_300);
            site.shop.withdraw(number, &json!({}));
            site.world.drags.store(true, Ordering::SeqCst);
            let began = site.world.now_ms();
            while site.health()["withdrawals"] != number {
                site.pass(500);
                assert!(site.world.now_ms() - began <= 70_000, "{sources:?} {number}: {}", site.health());
            }
            longest = longest.max(site.world.now_ms() - began);
        }
        println!("{sources:?}: a withdrawal is received within {longest} ms");
        site.pass(3 * MINUTE);
        let health = site.health();
        let evil = health["sources"].as_array().unwrap().iter().find(|source| source["name"] == "http://evil").unwrap();
        assert!(evil["reason"]["en"].as_str().unwrap().contains("answers too slowly") && health["last_error"].is_null(), "{health}");
    }
}

#[test]
fn f26_a_source_that_drips_whatever_is_asked_for_counts_as_dead() {
    let mut site = Site::new(&json!({}));
    site.line(Line::Stalling);
    site.pass(3 * DAY);
    assert_eq!((&site.health()["state"], &site.health()["last_error"]["en"]), (&json!("STALE"), &json!("too slow")));
    site.check_gaps("a source of which everything drips", 15 * MINUTE + 90_000);
}

#[test]
fn f23_a_dead_source_is_asked_every_quarter_of_an_hour_for_six_weeks() {
    let mut site = Site::new(&json!({"poll_seconds": 300}));
    site.pass(HOUR);
    site.line(Line::Dead);
    site.check_gaps("a look every five minutes", 5 * MINUTE + 5_000);
    site.pass(22 * HOUR);
    assert_eq!(site.health()["state"], "FRESH");
    site.pass(3 * HOUR);
    assert_eq!(site.health()["state"], "STALE");
    site.pass(41 * DAY);
    let health = site.health();
    assert_eq!((&health["state"], &health["head"], &health["last_error"]["en"]), (&json!("LOST"), &json!([1, 2]), &json!("too slow")));
    site.check_gaps("six weeks offline", 15 * MINUTE + 15_000);
    site.line(Line::Good);
    site.shop.publish_bare(&film(6, 900_000));
    site.pass(20 * MINUTE + GAP);
    assert!(site.shop.holds(&film(6, 900_000)) && site.health()["state"] == "FRESH", "{}", site.health());
}
