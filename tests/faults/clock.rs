//! Faults of the clock: dead, wrong, stepped; zones, months and the ends of years.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bangtin::base::clock::{Clock, VirtualClock};
use bangtin::base::digest::Digest;
use bangtin::base::terms::ProgramKind;
use bangtin::player::config::Config;
use bangtin::player::run::{self, RunningPlayer};
use bangtin::program::show::{Schedule, ScheduledProgram, ScreenState, Shown, WithdrawnContent, show};
use bangtin::program::validate::Program;
use serde_json::{Value, json};

use super::{month, settled};
use crate::delta::shop::Shop;
use crate::harness::http::{get, send};
use crate::harness::{tree, wait_for};
use crate::trust::kit::{AT, kid, made, manifest, sign, with};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;
const NOW: i64 = AT.0 * SECOND;
/// A Monday at 08:00 in January, when the evergreen program has a slide on.
const MONDAY: i64 = 1_799_024_400 * SECOND;

/// A clock that a test steps, and that goes on by more than has passed.
struct SiteClock {
    wall: VirtualClock,
    passed: AtomicI64,
}

impl SiteClock {
    fn passed(&self) -> i64 {
        self.passed.load(Ordering::Relaxed)
    }
}

impl Clock for SiteClock {
    fn now_ms(&self) -> i64 {
        self.wall.now_ms() + self.passed()
    }

    fn monotonic(&self) -> Duration {
        self.wall.monotonic() + Duration::from_millis(self.passed().unsigned_abs())
    }
}

/// A player in this process, by such a clock.
struct Timed {
    clock: Arc<SiteClock>,
    player: RunningPlayer,
}

impl Timed {
    fn new(shop: &Shop, source: &str, now_ms: i64) -> Self {
        shop.configure(source, &json!({"listen": "127.0.0.1:0", "poll_seconds": 86_400}));
        let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
        let clock = Arc::new(SiteClock { wall: VirtualClock::starting_at(now_ms), passed: AtomicI64::new(0) });
        // A child process that another test forks at this moment inherits the last player's lock until its exec.
        let mut player = None;
        wait_for("the player's lock", Duration::from_secs(10), || {
            player = run::start(&config, clock.clone()).ok();
            player.is_some()
        });
        Self { clock, player: player.unwrap() }
    }

    fn read(&self, path: &str) -> Value {
        serde_json::from_slice(&get(&format!("http://{}", self.player.address()), path, &[]).body).unwrap()
    }

    /// What the screen shows now.
    fn shown(&self) -> Shown {
        let now = self.player.stage().time.now();
        show(self.player.stage().on_air().schedule(), "a", now.ms, now.trusted)
    }

    fn kind(&self) -> Option<ProgramKind> {
        let digest = self.shown().program?;
        let on_air = self.player.stage().on_air();
        on_air.schedule().programs.iter().find(|each| each.program.digest() == digest).map(|each| each.program.manifest().kind)
    }

    fn step(&self, ms: i64) {
        self.clock.wall.step(ms);
    }

    /// Lets time pass.
    fn pass(&self, ms: i64) {
        self.clock.passed.fetch_add(ms, Ordering::Relaxed);
    }

    /// Posts the outcome of a showing of a slide of the program that is on, begun at this moment.
    fn post(&self, outcome: &str, start: i64) {
        let (address, shown, on_air) = (format!("http://{}", self.player.address()), self.shown(), self.player.stage().on_air());
        let program = on_air.schedule().programs.iter().find(|each| Some(each.program.digest()) == shown.program).unwrap();
        let slide = program.program.manifest().slides.keys().next().unwrap();
        let token = self.read("/screens/a/schedule.json")["token"].clone();
        let play = json!({"token": token, "screen": "a", "program": shown.program, "slide": slide, "start": start,
            "end": start + 100, "ms": 100, "painted": true, "outcome": outcome});
        let answer = send(&address, "POST", "/play", &[("Origin", &address)], play.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{}: {play}", answer.text());
    }

    fn now(&self) -> i64 {
        self.player.stage().time.now().ms
    }

    fn faults(&self) -> String {
        self.cycle();
        self.read("/health.json")["faults"].to_string()
    }

    /// Runs a cycle to its end. The first report may be of what was under way before.
    fn cycle(&self) {
        for _ in 0..2 {
            let before = self.read("/health.json")["at"].clone();
            wait_for("a cycle", Duration::from_secs(20), || {
                self.player.pull_now();
                self.read("/health.json")["at"] != before
            });
        }
    }
}

fn incidents(shop: &Shop) -> String {
    String::from_utf8(tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect()).unwrap()
}

#[test]
fn f14_with_a_dead_clock_and_no_network_the_evergreen_week_plays_from_the_floor_on() {
    let (shop, _) = settled();
    // Unix 0, before it, and the ends of the numbers.
    for dead in [0, -1, -5 * DAY, i64::MIN / 2] {
        let site = Timed::new(&shop, "nowhere", dead);
        let clock = site.read("/clock");
        assert_eq!(clock["trusted"], json!(false), "{dead}");
        let first = clock["now"].as_i64().unwrap();
        assert!(first >= NOW - DAY, "{dead}: {first}");
        let shown = site.shown();
        assert_eq!((shown.state, site.kind()), (ScreenState::Slide, Some(ProgramKind::Evergreen)), "{dead}: {shown:?}");
        // Time goes on with the monotonic clock, whatever the other does.
        wait_for("time", Duration::from_secs(10), || site.read("/clock")["now"].as_i64().unwrap() > first + 50);
        site.step(DAY);
        assert!(site.read("/clock")["now"].as_i64().unwrap() < first + HOUR, "{dead}");
        assert!(incidents(&shop).contains("clock-untrusted"), "{dead}");
    }
    // Once the time is known, the month plays.
    let site = Timed::new(&shop, "nowhere", 0);
    site.step(1_796_090_000_000);
    assert_eq!((site.read("/clock")["trusted"].clone(), site.kind()), (json!(false), Some(ProgramKind::Evergreen)), "below the documents");
    site.step(NOW + DAY - 1_796_090_000_000);
    assert_eq!(site.read("/clock")["trusted"], json!(true));
}

#[test]
fn f15_an_hour_in_2099_takes_nothing_and_leaves_nothing_behind() {
    let (mut shop, first) = settled();
    let site = Timed::new(&shop, "store", NOW);
    site.cycle();
    let before = tree(&shop.sandbox.path("data/store"));
    let floor = || {
        let state = fs::read_to_string(shop.sandbox.path("data/state.a")).unwrap();
        serde_json::from_str::<Value>(state.lines().next().unwrap()).unwrap()["floor"].clone()
    };
    let known = floor();
    let ahead = 4_080_000_000_000 - NOW;
    site.step(ahead);
    site.cycle();
    assert_eq!((site.shown().state == ScreenState::Card, site.kind()), (false, Some(ProgramKind::Evergreen)), "the month is over");
    site.step(HOUR);
    site.cycle();
    assert!(tree(&shop.sandbox.path("data/store")) == before && floor() == known, "nothing is removed, nothing is remembered");
    site.step(-ahead);
    site.cycle();
    let clock = site.read("/clock");
    assert!(clock["trusted"] == json!(true) && clock["now"].as_i64().unwrap() < NOW + DAY, "{clock}");
    let health = site.read("/health.json");
    assert_eq!((&health["head"], &health["state"], &health["last_error"]), (&json!([1, 2]), &json!("FRESH"), &Value::Null));
    let now = health["at"].as_i64().unwrap();
    assert!(health["last_look"].as_i64().is_some_and(|look| look <= now), "{health}");
    // The same over a restart in 2099, which takes a new release all the same.
    drop(site);
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    let site = Timed::new(&shop, "store", NOW + ahead);
    wait_for("the release", Duration::from_secs(20), || site.read("/health.json")["head"] == json!([1, 3]));
    drop(site);
    assert!(shop.holds(&first) && shop.holds(&next));
    let site = Timed::new(&shop, "nowhere", NOW);
    assert_eq!(site.read("/screens/a/schedule.json")["programs"].as_array().map(Vec::len), Some(2));
    assert_eq!(site.read("/clock")["trusted"], json!(true));
    assert_eq!(incidents(&shop).matches("\"clock-back\"").count(), 1);
    // The look of 2099 has yet to come: it says nothing of the last one.
    let health = site.read("/health.json");
    assert_eq!(health["last_look"], Value::Null, "{health}");
    site.step(2 * DAY);
    assert_eq!(site.read("/health.json")["state"], json!("STALE"));
}

#[test]
fn f15_a_start_by_a_clock_of_before_the_last_report_says_so_whether_that_clock_is_believed_or_not() {
    let ahead = || {
        let (shop, _) = settled();
        drop(Timed::new(&shop, "nowhere", NOW + 40 * DAY));
        assert_eq!(incidents(&shop).matches("\"clock-back\"").count(), 0);
        shop
    };
    // Right again; and below the documents, so that time runs on from them.
    for (now, untrusted) in [(NOW, 0), (NOW - 400 * DAY, 1), (0, 1)] {
        let shop = ahead();
        let count = || ["\"clock-back\"", "\"clock-untrusted\""].map(|kind| incidents(&shop).matches(kind).count());
        // The pull that brought all ran by the clock of the machine.
        let [_, before] = count();
        drop(Timed::new(&shop, "nowhere", now));
        assert_eq!(count(), [1, before + untrusted], "{now}: {}", incidents(&shop));
    }
    // A `pull` writes into the same journal.
    let shop = ahead();
    let config = Config::read(&shop.sandbox.path("player.json")).unwrap();
    for now in [NOW, 0] {
        // The lock may be inherited for a moment, as above.
        wait_for("the lock", Duration::from_secs(10), || run::pull_once(&config, Arc::new(VirtualClock::starting_at(now))).is_ok());
    }
    let journal = incidents(&shop);
    let told = ["\"clock-back\"", "\"clock-untrusted\""].map(|kind| journal.matches(kind).count());
    assert!(told[0] > 0 && told[1] == 2, "with that of the pull that brought all: {journal}");
}

#[test]
fn f16_steps_of_the_clock_move_the_show_and_nothing_else() {
    let (shop, _) = settled();
    // 09:00 on 1 December, in the middle of the opening hours.
    let site = Timed::new(&shop, "nowhere", NOW + DAY);
    for step in [-SECOND, HOUR, -HOUR, DAY, -DAY] {
        let before = site.read("/clock")["now"].as_i64().unwrap();
        site.step(step);
        let clock = site.read("/clock");
        let moved = clock["now"].as_i64().unwrap() - before;
        assert!(clock["trusted"] == json!(true) && (step..step + 5 * SECOND).contains(&moved), "{step}: {clock}");
    }
    // Each jump of more than a minute stands in the journal, before what is told by the new time.
    site.cycle();
    let steps = |journal: &str| -> Vec<i64> {
        let lines = journal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| line["type"] == json!("clock"))
            .filter_map(|line| line["step"].as_i64())
            .map(|step| (step + SECOND / 2).div_euclid(SECOND))
            .collect()
    };
    let before = steps(&incidents(&shop)).len();
    for step in [365 * DAY, -365 * DAY, HOUR, -HOUR] {
        site.step(step);
        // The page tells it, and how to compare. A cycle that was under way at the step tells what was before.
        let jumped = "has jumped ahead by 365 days. Compare the line “Clock” with a telephone";
        wait_for("a report after the step", Duration::from_secs(20), || {
            site.cycle();
            site.read("/health.json")["faults"].to_string().contains(jumped) == (step == 365 * DAY)
        });
    }
    assert_eq!(steps(&incidents(&shop))[before..], [365 * DAY, -365 * DAY, HOUR, -HOUR].map(|step| step / SECOND));
    // A year back is below the documents: not a time that can be right, so it runs on from the floor.
    site.step(-365 * DAY);
    let clock = site.read("/clock");
    assert!(clock["trusted"] == json!(false) && clock["now"].as_i64().unwrap() >= NOW - DAY, "{clock}");
    assert_eq!(site.shown().state, ScreenState::Slide);
    site.step(365 * DAY);
    assert_eq!(site.read("/clock")["trusted"], json!(true));
}

#[test]
fn a94_plays_that_can_t_have_been_shown_are_refused_and_doubtful_ones_are_marked() {
    let (shop, _) = settled();
    let site = Timed::new(&shop, "nowhere", MONDAY);
    let (address, schedule) = (format!("http://{}", site.player.address()), site.read("/screens/a/schedule.json"));
    let (shown, since) = (site.shown(), site.read("/health.json")["since"].as_i64().unwrap());
    let now = || site.player.stage().time.now().ms;
    let post = |change: Value| {
        let start = now();
        let mut play = json!({"token": schedule["token"], "screen": "a", "program": shown.program, "slide": shown.slide, "start": start,
            "end": start + 100, "ms": 100, "painted": true, "outcome": "shown"});
        play.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        send(&address, "POST", "/play", &[("Origin", &address)], play.to_string().as_bytes()).status
    };
    let last = || -> Value { serde_json::from_str(incidents(&shop).lines().last().unwrap()).unwrap() };
    let lasting = |start: i64, ms: i64| json!({"start": start, "end": start + ms, "ms": ms});
    assert_eq!((post(json!({})), last()["doubt"].clone()), (200, Value::Null), "{shown:?}");
    assert_eq!(
        (post(json!({"doubt": ["long"], "start": now() - 2_000})), last()["doubt"].clone()),
        (200, Value::Null),
        "the page has no say in it"
    );
    let length = shown.ms.unwrap();
    let ended = |ms: i64| lasting(now() - ms, ms);
    for (change, doubt) in
        [(lasting(since - 10_000, 1_000), "before-start"), (ended(length + 60_000), "long"), (json!({"ms": 7_000}), "clock")]
    {
        assert_eq!(post(change.clone()), 200, "{change}");
        assert!(last()["doubt"].as_array().is_some_and(|told| told.contains(&json!(doubt))), "{doubt}: {}", last());
    }
    for change in [
        lasting(0, 10_000),
        lasting(4_070_908_800_000, 10_000),
        lasting(now() + 60_000, 10_000),
        ended(30 * DAY),
        lasting(now() - 30 * DAY, 10_000),
        json!({"screen": "khong-co"}),
        json!({"slide": "khong/co"}),
    ] {
        assert_eq!(post(change.clone()), 422, "{change}");
    }
    // Another program's slide than the one that is due.
    let other = site
        .player
        .stage()
        .on_air()
        .schedule()
        .programs
        .iter()
        .map(|each| each.program.clone())
        .find(|each| Some(each.digest()) != shown.program);
    let other = other.unwrap();
    let slide = other.manifest().slides.keys().next().unwrap();
    assert_eq!(post(json!({"program": other.digest(), "slide": slide})), 200);
    assert!(last()["doubt"].as_array().unwrap().contains(&json!("timetable")), "{}", last());
    // No screen shows a hundred slides in seconds.
    let told = |journal: &str| journal.matches("\"plays-refused\"").count();
    assert_eq!(told(&incidents(&shop)), 1, "what can't have been is told, once for as long as it goes on");
    let base = now();
    let often = (0..400).map(|at| post(json!({"start": base - at}))).filter(|status| *status == 429).count();
    assert!((250..=400).contains(&often), "{often}");
    site.cycle();
    let faults = site.read("/health.json")["faults"].to_string();
    assert!(faults.contains("màn hình a có lượt chiếu không thể có thật") && told(&incidents(&shop)) == 1, "{faults}");
}

#[test]
fn a_slide_that_fails_is_told_until_it_is_shown() {
    let (shop, _) = settled();
    let site = Timed::new(&shop, "nowhere", MONDAY);
    site.pass(30 * SECOND);
    let post = |outcome: &str| {
        site.post(outcome, site.now());
        site.faults()
    };
    let slide = site.shown().slide.unwrap();
    assert!(post("failed").contains(&format!("màn hình a không chiếu được trang {slide}")));
    assert!(post("skipped").contains("không chiếu được trang"));
    assert!(!post("shown").contains("không chiếu được trang"));
}

#[test]
fn f37_a_slide_that_could_not_be_had_while_the_player_was_off_or_read_its_programs_is_no_fault_of_the_screen() {
    let (mut shop, _) = settled();
    let site = Timed::new(&shop, "store", NOW + DAY);
    assert_eq!(site.kind(), Some(ProgramKind::Monthly));
    let since = site.read("/health.json")["since"].as_i64().unwrap();
    let doubt = || serde_json::from_str::<Value>(incidents(&shop).lines().last().unwrap()).unwrap()["doubt"].to_string();
    // Before the start; after it, where the page began to load before it.
    for start in [since - 600 * SECOND, since - 12 * SECOND, since + 1, site.now()] {
        site.post("failed", start);
        assert!(doubt().contains("before-start"), "{start}: {}", doubt());
    }
    site.pass(8 * SECOND);
    site.post("failed", site.now() - 1);
    assert!(doubt().contains("before-start") && !site.faults().contains("không chiếu được trang"), "{}", doubt());
    site.pass(20 * SECOND);
    site.post("failed", site.now());
    assert!(!doubt().contains("before-start"), "{}", doubt());
    assert!(site.faults().contains("không chiếu được trang"));
    // A program that comes later can be had from then on; one that has left the air has no slides that fail.
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    let before = site.shown().program;
    wait_for("the next month", Duration::from_secs(20), || {
        site.cycle();
        site.shown().program != before
    });
    let doubt = || serde_json::from_str::<Value>(incidents(&shop).lines().last().unwrap()).unwrap()["doubt"].to_string();
    site.post("failed", site.now());
    assert!(doubt().contains("before-start") && !site.faults().contains("không chiếu được trang"), "{}", doubt());
    site.pass(21 * SECOND);
    site.post("failed", site.now());
    assert!(site.faults().contains("không chiếu được trang"));
}

fn program(value: Value) -> ScheduledProgram {
    let (program, _) = Program::from_manifest(serde_json::from_value(value).unwrap()).unwrap();
    ScheduledProgram { program: Arc::new(program), from: 0 }
}

/// A month `[from, until)` that shows one slide at all hours, with these changes of local time.
fn whole_month(name: &str, from: i64, until: i64, offsets: &Value) -> ScheduledProgram {
    let change = json!({"month": name, "valid": {"from": from, "until": until}, "offsets": offsets});
    let mut value = with(manifest("quay", "monthly", 1), change);
    value["screens"][0]["spans"] = json!([[from, until, "1", 0]]);
    program(value)
}

/// An evergreen week with a loop for each hour of each day.
fn whole_week(offsets: &Value) -> ScheduledProgram {
    let mut value = with(manifest("quay", "evergreen", 1), json!({"offsets": offsets}));
    let hours = || 0..7 * 24_i64;
    value["screens"][0]["spans"] = hours().map(|hour| json!([hour * 3_600, (hour + 1) * 3_600, hour.to_string(), 0])).collect();
    value["loops"] = hours().map(|hour| (hour.to_string(), value["loops"]["1"].clone())).collect::<serde_json::Map<_, _>>().into();
    program(value)
}

#[test]
fn f17_local_time_comes_from_the_manifest_alone_and_a_month_changes_once() {
    // Where local time jumps, or a number may overflow: the moment, seconds east before and after it.
    let moments = [
        ("Berlin, an hour forward", 1_806_195_600, 3_600, 7_200),
        ("Berlin, an hour back", 1_824_944_400, 7_200, 3_600),
        ("Lord Howe, half an hour back", 1_806_764_400, 39_600, 37_800),
        ("29 February 2028", 1_835_370_000, 25_200, 25_200),
        ("the end of a month with 29 days", 1_835_456_400, 25_200, 25_200),
        ("the leap second of 2016", 1_483_228_800, 25_200, 25_200),
        ("the end of 32 bits, in 2038", 2_147_483_648, 25_200, 25_200),
        ("2100, no leap year", 4_107_517_200, 25_200, 25_200),
    ];
    for (name, at, before, after) in moments {
        let offsets = if before == after { json!([[0, before]]) } else { json!([[0, before], [at, after]]) };
        let clocks = json!([[at - 20 * 86_400, before]]);
        let programs = vec![
            whole_month("2027-03", at - 20 * 86_400, at, &clocks),
            whole_month("2027-04", at, at + 20 * 86_400, &json!([[at, after]])),
            whole_week(&offsets),
        ];
        let months = [programs[0].program.digest(), programs[1].program.digest()];
        let schedule = |programs: &[ScheduledProgram]| Schedule {
            programs: programs.to_vec(),
            withdrawn: WithdrawnContent::none(),
            releases: Vec::new(),
        };
        let all = schedule(&programs);
        // Every second of four hours: the old month until the moment, the new one from it on.
        for second in at - 7_200..at + 7_200 {
            let shown = show(&all, "a", second * SECOND, true);
            assert_eq!(shown.program, Some(months[usize::from(second >= at)]), "{name} {}", second - at);
            assert!(shown.until.is_some_and(|until| until > second * SECOND), "{name}: time goes on");
        }
        // The week follows local time: a repeated hour is shown again as that hour, a lost one is left out.
        let week = schedule(&programs[2..]);
        for second in (at - 7_200..at + 7_200).step_by(60) {
            let local = second + if second >= at { after } else { before };
            let hour = (local + 3 * 86_400).rem_euclid(7 * 86_400) / 3_600;
            let shown = show(&week, "a", second * SECOND, true);
            assert_eq!(shown.loop_id, Some(hour.to_string()), "{name} {}", second - at);
            assert!(shown.until.is_some_and(|until| until > second * SECOND), "{name}: time goes on");
        }
    }
}

#[test]
fn f17_a_player_asks_the_machine_for_no_zone() {
    let (shop, _) = settled();
    let mut command = shop.sandbox.command(
        "strace",
        &["-f", "-qq", "-o", "trace", "-e", "trace=openat,open,readlink,readlinkat", super::PLAYER, "pull", "--config", "player.json"],
    );
    assert!(command.env("TZ", "America/New_York").status().unwrap().success());
    let trace = fs::read_to_string(shop.sandbox.path("trace")).unwrap();
    assert!(trace.contains("state.a") && !trace.contains("zoneinfo") && !trace.contains("localtime"), "{trace}");
}

#[test]
fn f18_between_two_months_the_evergreen_week_plays_until_the_next_is_there() {
    let (shop, _) = settled();
    let office = shop.office();
    // January, listed beside December; its page is not in the store yet.
    let (page, until) = (b"thang gieng".as_slice(), 1_801_414_800);
    let mut january = with(manifest("quay", "monthly", 7), json!({"month": "2027-01", "valid": {"from": 1_798_736_400, "until": until}}));
    january["offsets"] = json!([[1_798_736_400, 25_200]]);
    january["screens"][0]["spans"] = json!([[1_798_736_400, until, "1", 0]]);
    january["files"][0]["sha256"] = json!(Digest::of(page).to_string());
    january["files"][0]["size"] = json!(page.len());
    let made = made(&january);
    let kids: Vec<String> = office.chiefs[..2].iter().map(kid).collect();
    for key in &office.chiefs[..2] {
        let (kid, file) = made.approved(key, &["chief"]);
        let name = format!("store/approvals/{}/{kid}.json", made.digest);
        shop.sandbox.write(&name, &file.statement).write(&format!("{name}.minisig"), &file.signature);
    }
    shop.sandbox.write(&format!("store/programs/{}.json", made.digest), &made.bytes);
    let head: Value = serde_json::from_slice(&fs::read(shop.sandbox.path("store/sites/quay/heads/1-2.json")).unwrap()).unwrap();
    let mut programs = head["programs"].clone();
    programs.as_array_mut().unwrap().push(with(made.entry(&kids), json!({"from": 1_798_736_400})));
    let head = office.head_value("quay", 3, programs).to_string();
    let name = "store/sites/quay/heads/1-3.json";
    shop.sandbox.write(&format!("{name}.minisig"), sign(&office.publish, head.as_bytes())).write(name, &head);
    shop.sandbox
        .write("store/sites/quay/latest.json", json!({"epoch": 1, "head": 3, "release": 0, "root": 1, "withdrawals": 0}).to_string());
    // In December the release is taken; January waits.
    let site = Timed::new(&shop, "store", NOW);
    let pending = || site.read("/health.json")["pending"].clone();
    wait_for("the release", Duration::from_secs(20), || site.read("/health.json")["head"] == json!([1, 3]));
    wait_for("what is missing", Duration::from_secs(20), || pending() == json!([made.digest.to_string()]));
    // December is over.
    site.step(1_798_740_000_000 - NOW);
    assert_eq!(site.kind(), Some(ProgramKind::Evergreen));
    assert_ne!(site.shown().state, ScreenState::Card);
    let digest = Digest::of(page).to_string();
    shop.sandbox.write(&format!("store/objects/{}/{digest}", &digest[..2]), page);
    site.player.pull_now();
    wait_for("January", Duration::from_secs(20), || site.shown().program == Some(made.digest));
}
