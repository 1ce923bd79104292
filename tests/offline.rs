//! A player without network for 90 days of a clock that the test moves: what is on the screen each minute, and what is said about it.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bangtin::base::clock::Clock;
use bangtin::base::digest::Digest;
use bangtin::base::terms::ProgramKind;
use bangtin::player::config::Config;
use bangtin::player::run::{self, RunningPlayer};
use bangtin::program::show::{ScreenState, show};
use serde_json::{Value, json};

use crate::harness::http::get;
use crate::harness::wait_for;
use crate::publish::commands::Province;
use crate::publish::province::PLAYLIST;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
/// Midnight of 2 December 2026, a Wednesday, in Hà Nội.
const BEGIN: i64 = 1_796_144_400_000;
/// The first days of January and February, counted from [`BEGIN`].
const MONTHS: [i64; 2] = [30, 61];

/// Wall time and monotonic time go together, as far as the test moves them.
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis((self.now_ms() - BEGIN).try_into().unwrap())
    }
}

/// Whether the site is open: Wednesday is day 0.
fn open_at(day: i64, minute: i64) -> bool {
    let weekend = matches!(day % 7, 3 | 4);
    let hours = if weekend { [(480, 690), (840, 1_230)] } else { [(450, 660), (810, 1_080)] };
    hours.iter().any(|(from, until)| (*from..*until).contains(&minute))
}

fn start(folder: &Path, clock: &Arc<TestClock>) -> RunningPlayer {
    let config = json!({
        "site": "ta-lung", "player": "ta-lung-1", "store": [folder.join("store")], "data": folder.join("data"),
        "root": folder.join("content/trust/root/1.json"), "listen": "127.0.0.1:0", "reserve_bytes": 0, "poll_seconds": 86_400,
    });
    fs::write(folder.join("player.json"), config.to_string()).unwrap();
    run::start(&Config::read(&folder.join("player.json")).unwrap(), clock.clone()).unwrap()
}

fn health(player: &RunningPlayer) -> Value {
    serde_json::from_slice(&get(&format!("http://{}", player.address()), "/health.json", &[]).body).unwrap()
}

/// Evergreen, December and January, published on 1 December.
fn published() -> Province {
    let province = Province::new();
    province.0.write("content/playlists/2027-01/province.yaml", PLAYLIST.replace("12/2026", "1/2027"));
    province.approve_ta_lung();
    for key in ["lan", "hung", "ta-lung"] {
        province.approve(&["--month", "2027-01", "--site", "ta-lung"], key).success();
    }
    province.publish(&["--key", "keys/publish"]).success();
    province
}

#[test]
fn f27_a_player_without_network_for_ninety_days_is_never_blank_within_hours_and_says_how_it_is() {
    let province = published();
    let folder = province.0.path("");
    let clock = Arc::new(TestClock(AtomicI64::new(BEGIN)));
    let mut player = start(&folder, &clock);
    wait_for("the first months", Duration::from_secs(20), || health(&player)["last_success"] == json!(BEGIN));
    fs::rename(province.0.path("store"), province.0.path("away")).unwrap();
    let kinds = |player: &RunningPlayer| -> Vec<(Digest, ProgramKind, i64)> {
        let on_air = player.stage().on_air();
        let programs = on_air.schedule().programs.iter().map(|each| &each.program);
        programs.map(|program| (program.digest(), program.manifest().kind, program.manifest().valid.from)).collect()
    };
    let (mut blank, mut wrong, mut open) = (0, 0, 0);
    for day in 0..90 {
        for minute in 0..1_440 {
            let now = BEGIN + day * DAY + minute * MINUTE;
            clock.0.store(now, Ordering::Relaxed);
            let seen = show(player.stage().on_air().schedule(), "a", now, player.stage().time.now().trusted);
            if open_at(day, minute) {
                let due = kinds(&player).into_iter().find(|(digest, ..)| Some(*digest) == seen.program);
                let month = MONTHS.iter().filter(|first| day >= **first).count();
                open += 1;
                blank += i64::from(seen.state != ScreenState::Slide);
                // December, January, then the evergreen week: nobody published February.
                wrong += i64::from(due.is_none_or(|(_, kind, from)| match month {
                    2 => kind != ProgramKind::Evergreen,
                    month => kind != ProgramKind::Monthly || (from * 1000 < BEGIN) != (month == 0),
                }));
            } else {
                wrong += i64::from(seen.state != ScreenState::Dark);
            }
        }
        // The loop goes on in the real time of the test: each day one look, which finds nobody.
        player.pull_now();
        let state = if day == 0 {
            "FRESH"
        } else if day < 30 {
            "STALE"
        } else {
            "LOST"
        };
        let said = health(&player);
        assert_eq!((&said["state"], &said["last_look"]), (&json!(state), &json!(BEGIN)), "day {day}");
        if day == 45 {
            // The power goes: another start has nothing but its disk.
            drop(player);
            player = start(&folder, &clock);
        }
    }
    println!("90 days without network: {open} minutes within hours, {blank} blank, {wrong} wrong");
    // 64 working days of 8 hours, 26 days of weekends of 10.
    assert_eq!((open, blank, wrong), (64 * 480 + 26 * 600, 0, 0));
    let page = get(&format!("http://{}", player.address()), "/", &[]).text().replace("<wbr>", "");
    assert!(page.contains("Out of touch with the store for") && page.contains("Đã mất liên lạc với kho chương trình"), "{page}");
    assert!(page.contains("Ngoài giờ hoạt động") && !page.contains("Chưa có chương trình"), "{page}");
    // The network is back: a look later all is well.
    fs::rename(province.0.path("away"), province.0.path("store")).unwrap();
    player.pull_now();
    wait_for("touch", Duration::from_secs(20), || health(&player)["state"] == "FRESH");
}
