//! `fleet ROOT DATA COUNT THREADS`: COUNT players, each with the client's own code and its own folder, on THREADS threads.
//! Reads rounds from stdin, `ADDRESS SECONDS` each: every player pulls once, at its own moment within these seconds. For `benches/fleet`.

use std::collections::VecDeque;
use std::fs;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::base::ids::SiteId;
use bangtin::player::pull::{CycleOutcome, PullSettings, Puller};
use serde_json::json;

struct Player {
    puller: Puller,
    data: PathBuf,
}

/// Result of one cycle.
struct Done {
    /// End of the cycle, since the round began.
    at: Duration,
    /// Delay of its start: above zero, the machine could not keep up.
    late: Duration,
    outcome: CycleOutcome,
    downloaded: u64,
    version: u64,
    reason: Option<String>,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [root, data, count, threads] = args.as_slice() else {
        eprintln!("fleet ROOT DATA COUNT THREADS");
        std::process::exit(2);
    };
    let (count, threads): (usize, usize) = (count.parse().expect("a number"), threads.parse().expect("a number"));
    let mut players: Vec<Option<Mutex<Player>>> = (0..count).map(|_| None).collect();
    let pool = Path::new(data).join("pool");
    fs::create_dir_all(&pool).expect("a folder");
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let (address, seconds) = line.split_once(' ').expect("an address and seconds");
        for (number, place) in players.iter_mut().enumerate() {
            place.get_or_insert_with(|| Mutex::new(player(root, &Path::new(data).join(format!("p{number}")), address)));
        }
        let spread = Duration::from_secs_f64(seconds.parse().expect("seconds"));
        let all: Vec<&Mutex<Player>> = players.iter().flatten().collect();
        println!("{}", summary(&round(&all, spread, threads, &pool)));
    }
}

fn player(root: &str, data: &Path, address: &str) -> Player {
    let site = SiteId::parse("do").expect("a site id");
    let settings = PullSettings {
        authorities: None,
        data: data.to_owned(),
        root: root.into(),
        site,
        sources: vec![address.to_owned()],
        reserve: 0,
        limits: bangtin::player::pull::meter::TransferLimits::default(),
    };
    let puller = Puller::open(settings, 0).unwrap_or_else(|text| panic!("{}", text.en));
    Player { puller, data: data.to_owned() }
}

fn round(players: &[&Mutex<Player>], spread: Duration, threads: usize, pool: &Path) -> Vec<Done> {
    let count = players.len();
    // Players with neighbouring numbers pull at distant times; the step is a prime and divides no round number.
    let order: VecDeque<usize> = (0..count).map(|at| at * 7_919 % count).collect();
    let moment = |place: usize| spread.mul_f64(place as f64 / count as f64);
    let (queue, done, begin) = (Mutex::new((0, order)), Mutex::new(Vec::new()), Instant::now());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let (place, number) = {
                        let mut queue = queue.lock().expect("the queue");
                        let Some(number) = queue.1.pop_front() else { return };
                        queue.0 += 1;
                        (queue.0 - 1, number)
                    };
                    let due = begin + moment(place);
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let late = due.elapsed();
                    let mut player = players[number].lock().expect("a player");
                    let now = SystemClock::new().now_ms().div_euclid(1_000);
                    let report = player.puller.cycle(now);
                    let standing = player.puller.in_force();
                    let whole = standing.programs.iter().all(|held| held.complete);
                    let each = Done {
                        at: begin.elapsed(),
                        late,
                        outcome: if whole { report.outcome } else { CycleOutcome::Failed },
                        downloaded: report.downloaded,
                        version: standing.head.map_or(0, |number| number.version),
                        reason: report.reason.map(|reason| reason.en),
                    };
                    share(&player.data.join("store/objects"), pool);
                    done.lock().expect("the results").push(each);
                }
            });
        }
    });
    done.into_inner().expect("the results")
}

/// Replaces objects of equal names by one file of a pool: thousands of copies would not fit into memory.
fn share(objects: &Path, pool: &Path) {
    for folder in fs::read_dir(objects).into_iter().flatten().flatten() {
        for entry in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
            let (own, common) = (entry.path(), pool.join(entry.file_name()));
            if fs::hard_link(&own, &common).is_err() {
                use std::os::unix::fs::MetadataExt as _;
                let inode = |path: &Path| fs::metadata(path).map(|meta| meta.ino()).ok();
                if inode(&own) != inode(&common) {
                    fs::remove_file(&own).and_then(|()| fs::hard_link(&common, &own)).expect("a link to the pool");
                }
            }
        }
    }
}

fn summary(done: &[Done]) -> serde_json::Value {
    let mut ends: Vec<f64> = done.iter().filter(|each| each.outcome != CycleOutcome::Failed).map(|each| each.at.as_secs_f64()).collect();
    ends.sort_by(f64::total_cmp);
    let at = |percent: usize| ends.get((ends.len() * percent / 100).min(ends.len().saturating_sub(1))).copied();
    let reasons: Vec<_> = done.iter().filter_map(|each| each.reason.as_ref()).take(3).collect();
    json!({
        "players": done.len(),
        "errors": done.len() - ends.len(),
        "reasons": reasons,
        "adopted": done.iter().filter(|each| each.outcome == CycleOutcome::Adopted).count(),
        "oldest": done.iter().map(|each| each.version).min(),
        "downloaded": done.iter().map(|each| each.downloaded).sum::<u64>(),
        "p50": at(50), "p99": at(99), "last": at(100),
        "latest_start": done.iter().map(|each| each.late.as_secs_f64()).fold(0.0, f64::max),
    })
}
