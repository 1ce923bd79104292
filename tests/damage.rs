//! A player's data folder with any single file damaged in every way, without a network and with a source that hides the news: a withdrawn
//! slide, a withdrawn program and the programs of a revoked reviewer stay away. The gate runs a seeded slice, `tests/long/damage` all.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::delta::shop::Shop;
use crate::harness::{Running, tree, wait_for};
use crate::memory::{read, revoke, untold};

const PLAYER: &str = env!("CARGO_BIN_EXE_bangtin-player");
/// Nobody's: modes of files do not bind root.
const USER: &str = "65534";
const WAYS: [&str; 6] = ["byte", "emptied", "removed", "folder", "pipe", "unreadable"];
const SOURCES: [&str; 2] = ["nowhere", "hiding"];

struct Scene {
    name: &'static str,
    shop: Shop,
    /// Whether a schedule shows nothing of what must stay away.
    obeys: fn(&Value, &str) -> bool,
    files: Vec<String>,
}

fn listed(schedule: &Value) -> Vec<&str> {
    schedule["programs"].as_array().map_or(Vec::new(), |programs| programs.iter().filter_map(|each| each["program"].as_str()).collect())
}

fn scenes() -> Vec<Scene> {
    let slide: fn(&Value, &str) -> bool = |schedule, program| {
        let withdrawn = schedule["withdrawn"]["slides"][program].as_array();
        !listed(schedule).contains(&program) || withdrawn.is_some_and(|slides| slides.contains(&json!("co-so/mot")))
    };
    let program: fn(&Value, &str) -> bool = |schedule, program| !listed(schedule).contains(&program);
    let reviewer: fn(&Value, &str) -> bool = |schedule, _| listed(schedule).is_empty();
    let withdraw_slide: fn(&Shop) = |shop| _ = shop.withdraw(1, &json!({"slides": ["co-so/mot"]}));
    let withdraw_program: fn(&Shop) = |shop| _ = shop.withdraw(1, &json!({}));
    let news = [("slide", withdraw_slide, slide), ("program", withdraw_program, program), ("reviewer", revoke, reviewer)];
    news.map(|(name, tell, obeys)| {
        let shop = untold();
        // The player has shown the month before it hears the news.
        shop.pull().success();
        tell(&shop);
        fs::set_permissions(shop.sandbox.path(""), fs::Permissions::from_mode(0o755)).unwrap();
        let mut scene = Scene { name, shop, obeys, files: Vec::new() };
        scene.own();
        for schedule in scene.shown("store").iter().skip(1) {
            assert!(obeys(schedule, &scene.shop.month()), "{name}: {schedule}");
        }
        scene.shop.sandbox.run("mv", &["data", "whole"]).success();
        scene.files = tree(&scene.shop.sandbox.path("whole")).into_keys().collect();
        for name in ["health.json", "journal.json", "spent.json", "state.a", "state.b"] {
            assert!(scene.files.iter().any(|file| file == name), "{name} is not damaged: {:?}", scene.files);
        }
        scene
    })
    .into()
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap()) == 0
}

impl Scene {
    fn own(&self) {
        if is_root() {
            self.shop.sandbox.run("chown", &["-R", USER, "data"]).success();
        }
    }

    fn start(&self) -> Running {
        let user = if is_root() { format!("setpriv --reuid={USER} --clear-groups -- ") } else { String::new() };
        let command = format!("exec {user}\"$0\" run --config player.json 2>stderr.txt");
        self.shop.sandbox.spawn("sh", &["-c", &command, PLAYER], "http://")
    }

    /// What may be on screen at the start, and after the first cycle.
    fn shown(&self, source: &str) -> [Value; 2] {
        // With a budget, so that there is a file of what was spent.
        self.shop.configure(source, &json!({"listen": "127.0.0.1:0", "bytes_per_day": 1 << 30}));
        let running = self.start();
        let first = read(&running, "/screens/a/schedule.json");
        wait_for("the first cycle", Duration::from_secs(30), || {
            let health = read(&running, "/health.json");
            ["last_success", "last_error", "waiting"].iter().any(|key| health[key] != Value::Null)
        });
        [first, read(&running, "/screens/a/schedule.json")]
    }

    /// Makes a copy of the whole folder.
    fn copy(&self) {
        let sandbox = &self.shop.sandbox;
        sandbox.run("rm", &["-rf", "data"]).success();
        sandbox.run("cp", &["-a", "whole", "data"]).success();
    }

    /// Damages one file, in a copy of the whole folder.
    fn damage(&self, name: &str, way: &str, random: u64) {
        self.copy();
        self.harm(name, way, random);
        self.own();
    }

    fn harm(&self, name: &str, way: &str, random: u64) {
        let sandbox = &self.shop.sandbox;
        let path = sandbox.path("data").join(name);
        let mut bytes = fs::read(&path).unwrap();
        match way {
            "byte" => {
                let at = usize::try_from(random).unwrap_or_default() % bytes.len().max(1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (random >> 32 & 7);
                }
                fs::write(&path, bytes).unwrap();
            }
            "emptied" => fs::write(&path, "").unwrap(),
            "removed" => fs::remove_file(&path).unwrap(),
            "folder" => {
                fs::remove_file(&path).unwrap();
                fs::create_dir_all(path.join("full")).unwrap();
            }
            "pipe" => {
                fs::remove_file(&path).unwrap();
                sandbox.run("mkfifo", &[path.to_str().unwrap()]).success();
            }
            _ => fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap(),
        }
    }
}

#[test]
fn f10_a_pipe_in_place_of_a_file_holds_nobody_up() {
    let scene = scenes().remove(0);
    let sandbox = &scene.shop.sandbox;
    // A folder in which a player has run.
    sandbox.run("cp", &["-a", "whole", "data"]).success();
    scene.shown("nowhere");
    sandbox.run("rm", &["-r", "whole"]).success();
    sandbox.run("mv", &["data", "whole"]).success();
    let files: Vec<_> = tree(&sandbox.path("whole")).into_keys().filter(|name| !name.starts_with("store/objects/")).collect();
    assert!(files.iter().any(|name| name == "health.json"), "{files:?}");
    for name in files {
        scene.damage(&name, "pipe", 0);
        // Whatever it says, it says it at once.
        sandbox.player(&["status", "--config", "player.json"]);
        for schedule in scene.shown("nowhere") {
            assert!((scene.obeys)(&schedule, &scene.shop.month()), "{name}: {schedule}");
        }
    }
}

#[test]
fn f11_a_folder_of_the_store_without_rights_is_told_with_its_path_and_nothing_is_removed() {
    let scene = scenes().remove(0);
    let (sandbox, month) = (&scene.shop.sandbox, scene.shop.month());
    let object = scene.files.iter().find_map(|name| name.strip_prefix("store/objects/")).unwrap()[..2].to_owned();
    let folders = [
        "approvals".to_owned(),
        format!("approvals/{month}"),
        "programs".to_owned(),
        "objects".to_owned(),
        format!("objects/{object}"),
        "withdrawals".to_owned(),
        "sites/quay/heads".to_owned(),
    ];
    for folder in folders {
        scene.copy();
        scene.own();
        let path = sandbox.path("data/store").join(&folder);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        let before = tree(&sandbox.path("data/store"));
        for schedule in scene.shown("store") {
            assert!((scene.obeys)(&schedule, &month), "{folder}: {schedule}");
        }
        let told = sandbox.player(&["--lang", "en", "status", "--config", "player.json"]).stdout;
        assert!(
            told.contains(&format!("data/store/{folder} can't be read: Permission denied")) && told.contains("chown -R"),
            "{folder}: {told}"
        );
        for wrong in ["rogram refused", "rograms refused", "does not match", "ell the publisher", "badly signed"] {
            assert!(!told.contains(wrong), "{folder}: {told}");
        }
        let gone: Vec<_> = before.into_keys().filter(|name| !sandbox.path("data/store").join(name).exists()).collect();
        assert_eq!(gone, [""; 0], "{folder}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let shown = scene.shown("store");
        assert_eq!(listed(&shown[1]).len(), 2, "{folder}: {}", shown[1]);
    }
}

#[test]
fn a76_f05_with_both_states_any_statement_may_be_lost_and_nothing_is_shown_until_it_is_back() {
    let scenes = scenes();
    let mut points = Vec::new();
    for (at, scene) in scenes.iter().enumerate() {
        let statements = scene.files.iter().filter(|name| name.starts_with("store/root/") || name.starts_with("store/withdrawals/"));
        let ways = statements.flat_map(|name| ["byte", "emptied", "removed", "folder"].map(|way| (name, way)));
        points.extend(ways.flat_map(|(name, way)| ["byte", "removed"].map(|states| (at, name.as_str(), way, states))));
    }
    assert!(points.len() >= 48, "{}", points.len());
    if std::env::var("DAMAGE").as_deref() != Ok("all") {
        // Prime to the numbers of ways: each comes up with each kind of file.
        points = points.into_iter().step_by(5).collect();
    }
    let shown = |scene: &Scene, source: &str| scene.shown(source).map(|schedule| listed(&schedule).len());
    for &(at, name, way, states) in &points {
        let (scene, what) = (&scenes[at], format!("{name} {way} {states}"));
        scene.copy();
        // Past the closing brace of the documents, so that nothing can be salvaged.
        for state in ["state.a", "state.b"] {
            scene.harm(state, states, 1);
        }
        // In the second line of a signature: the first is a comment.
        scene.harm(name, way, if name.ends_with(".minisig") { 90 } else { 40 });
        scene.own();
        let verified = scene.shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]);
        assert!(verified.code == 1 && verified.stdout.contains("state.a: "), "{what}: {verified:?}");
        assert!(verified.stdout.contains(name.split(".json").next().unwrap()), "{what}: {verified:?}");
        // A restart makes nothing of it good, and a source that hides the news does not either.
        assert_eq!([shown(scene, "hiding"), shown(scene, "hiding")], [[0, 0]; 2], "{what}");
        let health = fs::read_to_string(scene.shop.sandbox.path("data/health.json")).unwrap();
        assert!(health.contains("are required, there are root") && !health.contains("refused"), "{what}: {health}");
        let journal = fs::read_to_string(scene.shop.sandbox.path("data/returns/quay/quay-1/1.jsonl")).unwrap();
        assert_eq!(journal.matches("state-rebuilt").count(), 1, "{what}: {journal}");
        // What is known still is enough, or the source that has all of it.
        let after = scene.shown("store");
        assert!((scene.obeys)(&after[1], &scene.shop.month()), "{what}: {}", after[1]);
        let health = fs::read_to_string(scene.shop.sandbox.path("data/health.json")).unwrap();
        assert!(health.contains("\"faults\": []"), "{what}: {health}");
    }
    eprintln!("{} points", points.len());
}

#[test]
fn a76_f05_whatever_kind_of_file_alone_is_left_no_start_is_a_first_one() {
    let scene = scenes().remove(0);
    let sandbox = &scene.shop.sandbox;
    // The name of a file, or of a folder with what it holds.
    let kind = |name: &String| name.split('/').take(if name.starts_with("store/") { 2 } else { 1 }).collect::<Vec<_>>().join("/");
    let mut kinds: Vec<String> = scene.files.iter().map(kind).collect();
    kinds.dedup();
    // Nothing, and a copy of the state that was set aside.
    kinds.extend(["nothing", "state.a.unreadable"].map(str::to_owned));
    assert!(kinds.len() >= 12 && kinds.iter().any(|kind| kind == "journal.json"), "{kinds:?}");
    for kind in kinds {
        sandbox.run("rm", &["-rf", "data"]).success();
        let from = if kind == "state.a.unreadable" { "state.a" } else { kind.as_str() };
        let place = sandbox.path("data").join(&kind);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        if kind != "nothing" {
            sandbox.run("cp", &["-a", &format!("whole/{from}"), place.to_str().unwrap()]).success();
        }
        scene.own();
        let first = ["nothing", "lock", "ballast"].contains(&kind.as_str());
        let verified = sandbox.player(&["verify", "--config", "player.json"]);
        assert_eq!(verified.code, i32::from(!first), "{kind}: {verified:?}");
        // A source that hides the withdrawal, which nothing but these tell of.
        let shown = scene.shown("hiding");
        let told = ["health.json", "returns", "store/withdrawals", "state.a", "state.b", "state.a.unreadable"].contains(&kind.as_str());
        assert!(!told || shown.iter().all(|schedule| (scene.obeys)(schedule, &scene.shop.month())), "{kind}: {shown:?}");
        let journal = tree(&sandbox.path("data/returns")).into_values().flatten().collect::<Vec<u8>>();
        let rebuilt = String::from_utf8(journal).unwrap().matches("state-rebuilt").count();
        let whole = ["state.a", "state.b"].contains(&kind.as_str());
        assert_eq!(rebuilt, usize::from(!first && !whole), "{kind}");
        // Once it has had a look, the next start is like any other.
        let after = scene.shown("store");
        assert!((scene.obeys)(&after[1], &scene.shop.month()) && listed(&after[1]).len() == 2, "{kind}: {}", after[1]);
        let health = fs::read_to_string(sandbox.path("data/health.json")).unwrap();
        assert!(health.contains("\"faults\": []"), "{kind}: {health}");
    }
}

#[test]
fn a76_h1_whatever_file_is_damaged_nothing_withdrawn_or_revoked_comes_back() {
    let scenes = scenes();
    let mut points = Vec::new();
    for (at, scene) in scenes.iter().enumerate() {
        let ways = scene.files.iter().flat_map(|name| WAYS.map(|way| (name, way)));
        points.extend(ways.flat_map(|(name, way)| SOURCES.map(|source| (at, name.as_str(), way, source))));
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let (mut random, all) = (number("SEED").unwrap_or(0x9e37_79b9), points.len());
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    if std::env::var("DAMAGE").as_deref() != Ok("all") {
        let mut shuffled: Vec<_> = points.into_iter().map(|point| (next(), point)).collect();
        shuffled.sort_unstable();
        points = shuffled.into_iter().map(|(_, point)| point).take(30).collect();
    }
    let mut playing = 0;
    for &(at, name, way, source) in &points {
        let scene = &scenes[at];
        scene.damage(name, way, next());
        let shown = scene.shown(source);
        for schedule in &shown {
            assert!((scene.obeys)(schedule, &scene.shop.month()), "{} {name} {way} {source}: {schedule}", scene.name);
        }
        playing += usize::from(!listed(&shown[1]).is_empty());
    }
    let files: Vec<String> = scenes.iter().map(|scene| format!("{} in {}", scene.files.len(), scene.name)).collect();
    eprintln!("{} of {all} points ({} files), {playing} with something on screen", points.len(), files.join(", "));
    // Two of three scenes leave something to show, and one damage takes little of it.
    assert!(playing * 2 > points.len(), "{playing} of {}", points.len());
}
