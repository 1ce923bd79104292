//! Faults of the disk: full, out of inodes, read-only, missing; files damaged, lost, of another version.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use super::{PLAYER, converges, failed, health, month, read, run, served, settled, shows, spoil};
use crate::delta::shop::Shop;
use crate::harness::http::get;
use crate::harness::{Finished, Running, tree, wait_for};

/// Runs a script in which `data` is a small disk of its own, with what the player held; afterwards `data` is what is left on it.
fn on_small_disk(shop: &Shop, options: &str, script: &str) -> Finished {
    let kept = shop.sandbox.path("kept");
    let data = shop.sandbox.path("data");
    let _ = fs::remove_dir_all(&kept);
    fs::rename(&data, &kept).unwrap();
    fs::create_dir(&data).unwrap();
    let script = format!(
        "mount -t tmpfs -o {options} tmpfs data && cp -r kept/. data/ && {{ {script}; code=$?; }}; rm -rf data/filler; cp -r data left; exit $code"
    );
    let done = shop.sandbox.run("unshare", &["-Urm", "sh", "-c", &script]);
    fs::remove_dir(&data).unwrap();
    fs::rename(shop.sandbox.path("left"), &data).unwrap();
    done
}

fn leftovers(shop: &Shop) -> Vec<String> {
    tree(&shop.sandbox.path("data")).into_keys().filter(|name| name.contains(".tmp-")).collect()
}

#[test]
fn f05_without_one_good_copy_of_anything_a_player_starts_from_its_first_root() {
    for garbage in [b"".as_slice(), b"\0\0\0\0", b"[1]\n[2]\n"] {
        let (shop, first) = settled();
        spoil(&shop, "data", garbage);
        let player = run(&shop, &json!(["nowhere"]));
        assert_eq!((&health(&player)["head"], served(&shop, &player).len()), (&Value::Null, 0), "{garbage:?}");
        assert_eq!(get(&player.address(), "/screens/a/", &[]).status, 200, "the card");
        drop(player);
        converges(&shop, &json!([1, 2]), &first);
    }
}

#[test]
fn f06_on_a_disk_full_to_the_last_byte_a_withdrawal_is_kept_over_a_restart() {
    // What the withdrawn program frees makes room for the ballast again; a statement about a program that is not there frees nothing.
    for (statement, programs) in [(json!({}), 1), (json!({"program": "ab".repeat(32)}), 2)] {
        let (shop, _) = settled();
        shop.withdraw(1, &statement);
        let fill = "mkdir data/filler; cat /dev/zero >data/filler/zeros 2>/dev/null";
        let done = on_small_disk(&shop, "size=8m", &format!("{fill}; {PLAYER} --lang en pull --config player.json"));
        let told = done.stderr.contains("the room kept for withdrawals is used up");
        assert_eq!((told, shop.sandbox.path("data/ballast").exists()), (programs == 2, programs == 1), "{}", done.stderr);
        let player = run(&shop, &json!(["nowhere"]));
        let health = health(&player);
        assert_eq!(health["programs"].as_array().map(Vec::len), Some(programs), "{health}");
        assert_eq!(health["withdrawals"], 1, "{health}");
    }
}

#[test]
fn f06_a_disk_without_inodes_costs_the_new_program_only() {
    let (mut shop, first) = settled();
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    let fill = "mkdir data/filler && n=0; while mkdir data/filler/$n 2>/dev/null; do n=$((n+1)); done";
    let done = on_small_disk(&shop, "size=8m,nr_inodes=200", &format!("{fill}; {PLAYER} --lang en pull --config player.json"));
    done.code(3).stderr_has("No space");
    assert!(shop.holds(&first) && !shop.holds(&next) && leftovers(&shop).is_empty());
    converges(&shop, &json!([1, 3]), &next);
}

#[test]
fn f06_whatever_call_finds_no_room_the_show_stays_and_nothing_is_left_behind() {
    let next = month(2, 30_000);
    for call in ["write", "mkdir,mkdirat", "rename,renameat,renameat2", "fsync,fdatasync", "ftruncate"] {
        let (mut shop, first) = settled();
        shop.publish_bare(&next);
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:error=ENOSPC"));
        let args = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject, PLAYER, "pull", "--config", "player.json"];
        let done = shop.sandbox.run("strace", &args);
        assert!([0, 3].contains(&done.code), "{call}: {done:?}");
        assert!(shop.holds(&first) && leftovers(&shop).is_empty(), "{call}: {:?}", leftovers(&shop));
        let player = run(&shop, &json!(["nowhere"]));
        assert_eq!(served(&shop, &player).len(), 2, "{call}");
        drop(player);
        converges(&shop, &json!([1, 3]), &next);
    }
}

#[test]
fn f06_what_no_release_needs_makes_room_once() {
    let (mut shop, _) = settled();
    let stray = crate::delta::shop::noise(7, 3_000_000);
    let digest = Digest::of(&stray).to_string();
    shop.sandbox.write(&format!("data/store/objects/{}/{digest}", &digest[..2]), &stray);
    let next = month(2, 2_000_000);
    shop.publish_bare(&next);
    on_small_disk(&shop, "size=4m", &format!("{PLAYER} pull --config player.json")).success().stdout_has("1-3");
    assert!(shop.holds(&next));
    assert!(!shop.sandbox.path(&format!("data/store/objects/{}/{digest}", &digest[..2])).exists());
    converges(&shop, &json!([1, 3]), &next);
}

/// System calls of a running player that fail.
struct Trouble(Child);

impl Trouble {
    /// `more`: further arguments of strace, such as the one path that is concerned.
    fn begin(shop: &Shop, player: &Running, calls: &str, error: &str, more: &[&str]) -> Self {
        let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:error={error}"));
        let args = ["-f", "-q", "-o", "trace", "-e", &trace, "-e", &inject, "-p", &player.id().to_string()];
        let strace = shop.sandbox.command("strace", &[&args, more].concat()).spawn().unwrap();
        // Every thread has to be attached.
        let tasks = || fs::read_dir(format!("/proc/{}/task", player.id())).unwrap().flatten();
        let free = |task: fs::DirEntry| fs::read_to_string(task.path().join("status")).is_ok_and(|text| text.contains("TracerPid:\t0\n"));
        wait_for("strace", Duration::from_secs(10), || !tasks().any(free));
        Self(strace)
    }

    fn end(mut self) {
        Command::new("kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn f09_a_file_that_can_t_be_read_costs_its_own_answer_only() {
    let (shop, first) = settled();
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    let film = &first["assets/phim.mp4"];
    let object = shop.sandbox.path("data").join(shop.place("objects", film).strip_prefix(shop.sandbox.path("")).unwrap());
    let schedule = read(&player, "/screens/a/schedule.json");
    let film_at = |program: &Value| get(&player.address(), &format!("{}assets/phim.mp4", program["base"].as_str().unwrap()), &[]);
    let month = schedule["programs"].as_array().unwrap().iter().find(|program| film_at(program).status == 200).unwrap();
    let trouble = Trouble::begin(&shop, &player, "read,pread64,sendfile,copy_file_range", "EIO", &["-P", object.to_str().unwrap()]);
    let began = Instant::now();
    assert!(film_at(month).body.len() < film.len(), "broken off");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let page = get(&player.address(), &format!("{}slides/co-so/mot@1920x1080/index.html", month["base"].as_str().unwrap()), &[]);
    assert_eq!((page.status, page.body.as_slice()), (200, first["slides/co-so/mot@1920x1080/index.html"].as_slice()));
    trouble.end();
    assert_eq!(served(&shop, &player).len(), 2);
    drop(player);
    converges(&shop, &json!([1, 2]), &first);
}

#[test]
fn f09_what_can_t_be_read_through_is_told_once_and_tried_again_later() {
    let (shop, first) = settled();
    let place = shop.place("objects", &first["assets/phim.mp4"]);
    let object = format!("data/store/{}", place.strip_prefix(shop.sandbox.path("store")).unwrap().display());
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let inject = "exec strace -D -f -qq -o trace -P \"$0\" -e trace=read,pread64 -e inject=read,pread64:error=EIO \"$1\" run --config player.json 2>said";
    let player = shop.sandbox.spawn("sh", &["-c", inject, &object, PLAYER], "http://");
    let said = || fs::read_to_string(shop.sandbox.path("said")).unwrap();
    wait_for("the reason", Duration::from_secs(20), || said().contains("pull: files on the disk can't be read"));
    wait_for("the report", Duration::from_secs(20), || health(&player)["damaged"]["lacking"] == 1);
    // Not in a circle: what failed is read again after a wait.
    let reads = || fs::read_to_string(shop.sandbox.path("trace")).unwrap().matches("EIO").count();
    let (before, began) = (reads(), Instant::now());
    wait_for("two seconds", Duration::from_secs(5), || began.elapsed() > Duration::from_secs(2));
    assert!(reads() <= before + 2 && before < 20, "{before} and then {} times", reads() - before);
    assert_eq!(served(&shop, &player).len(), 1, "{}", health(&player));
}

type Harm = fn(&Path, &[u8]);

#[test]
fn f10_f11_an_object_that_is_not_what_was_signed_is_never_served_and_comes_back() {
    let (shop, first) = settled();
    let film = &first["assets/phim.mp4"];
    let place = shop.place("objects", film);
    let object = shop.sandbox.path("data").join(place.strip_prefix(shop.sandbox.path("")).unwrap());
    let harms: [(&str, Harm); 8] = [
        ("a bit flipped", |at, bytes| fs::write(at, [&[bytes[0] ^ 1], &bytes[1..]].concat()).unwrap()),
        ("truncated", |at, bytes| fs::write(at, &bytes[..bytes.len() / 2]).unwrap()),
        ("zeroes", |at, bytes| fs::write(at, vec![0; bytes.len()]).unwrap()),
        ("empty", |at, _| fs::write(at, b"").unwrap()),
        ("grown", |at, bytes| fs::write(at, [bytes, b"more"].concat()).unwrap()),
        ("a folder", |at, _| fs::remove_file(at).and_then(|()| fs::create_dir(at)).unwrap()),
        ("a link", |at, bytes| {
            let other = at.with_extension("other");
            fs::write(&other, bytes).and_then(|()| fs::remove_file(at)).and_then(|()| symlink(&other, at)).unwrap();
        }),
        ("without rights", |at, _| fs::set_permissions(at, fs::Permissions::from_mode(0o0)).unwrap()),
    ];
    for (name, harm) in harms {
        harm(&object, film);
        let player = run(&shop, &json!(["nowhere"]));
        // Root reads what has no rights.
        let whole = name == "without rights" && fs::File::open(&object).is_ok();
        assert_eq!(served(&shop, &player).len(), if whole { 2 } else { 1 }, "{name}");
        let pending = health(&player)["pending"].as_array().map(Vec::len);
        assert_eq!(pending, Some(usize::from(!whole)), "{name}: {}", health(&player));
        if !whole {
            failed(&player);
            assert_eq!(
                health(&player)["damaged"],
                json!({"found": 1, "lacking": 1, "file": "assets/phim.mp4", "found_last": "assets/phim.mp4"}),
                "{name}"
            );
            let page = get(&player.address(), "/", &[]).text();
            let told = ["Tệp hỏng hoặc mất trên ổ đĩa: 1", "như assets/phim.mp4, chưa tải lại được"];
            assert!(told.iter().all(|each| page.contains(each)), "{name}: {page}");
        }
        drop(player);
        converges(&shop, &json!([1, 2]), &first);
    }
}

#[test]
fn f10_f11_what_changes_on_the_disk_of_a_playing_player_is_not_served_and_comes_back() {
    let (shop, first) = settled();
    let film = &first["assets/phim.mp4"];
    let place = shop.place("objects", film);
    let object = shop.sandbox.path("data").join(place.strip_prefix(shop.sandbox.path("")).unwrap());
    // What is served makes good what it misses; no look comes to its help.
    shop.configure("store", &json!({"listen": "127.0.0.1:0", "poll_seconds": 86_400}));
    let player = shop.sandbox.spawn(PLAYER, &["run", "--config", "player.json"], "http://");
    shows(&player, &json!([1, 2]), 2);
    let listed = read(&player, "/screens/a/schedule.json")["programs"].clone();
    let paths = listed.as_array().unwrap().iter().map(|each| format!("/p/{}/assets/phim.mp4", each["program"].as_str().unwrap()));
    let path = paths.into_iter().find(|path| get(&player.address(), path, &[]).status == 200).expect("a program with the film");
    let harms: [(&str, Harm); 4] = [
        ("a bit flipped", |at, bytes| fs::write(at, [&[bytes[0] ^ 1], &bytes[1..]].concat()).unwrap()),
        ("another file in its place", |at, bytes| {
            let other = at.with_extension("other");
            fs::write(&other, [&bytes[1..], &[0]].concat()).and_then(|()| fs::rename(&other, at)).unwrap();
        }),
        ("empty", |at, _| fs::write(at, b"").unwrap()),
        ("a folder", |at, _| fs::remove_file(at).and_then(|()| fs::create_dir(at)).unwrap()),
    ];
    for (name, harm) in harms {
        harm(&object, film);
        let answer = get(&player.address(), &path, &[]);
        assert!(answer.status == 404 || answer.body == *film, "{name}: {} with different content", answer.status);
        wait_for(name, Duration::from_secs(30), || get(&player.address(), &path, &[]).body == *film);
        assert_eq!(fs::read(&object).unwrap(), *film, "{name}");
        shows(&player, &json!([1, 2]), 2);
    }
    // Nobody asks for it: a look finds it, from what the file system tells.
    fs::write(&object, [&[film[0] ^ 1], &film[1..]].concat()).unwrap();
    super::look(&player);
    wait_for("a look that finds it", Duration::from_secs(30), || fs::read(&object).is_ok_and(|bytes| bytes == *film));
    // The same bytes, written again.
    fs::write(&object, film).unwrap();
    assert_eq!(get(&player.address(), &path, &[]).body, *film);
}

#[test]
fn f10_each_damage_is_told_in_the_journal_with_a_file_of_its_own() {
    let (shop, first) = settled();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    let journal = || String::from_utf8(tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect()).unwrap();
    // Whichever of the two has the lower digest, it was damaged before the other is.
    let (page, film) = ("slides/co-so/mot@1920x1080/index.html", "assets/phim.mp4");
    for (at, name) in [film, page, film, page].into_iter().enumerate() {
        let (bytes, digest) = (&first[name], Digest::of(&first[name]).to_string());
        let object = shop.sandbox.path("data/store/objects").join(&digest[..2]).join(&digest);
        fs::write(&object, [&[bytes[0] ^ 1], &bytes[1..]].concat()).unwrap();
        super::look(&player);
        wait_for(name, Duration::from_secs(30), || {
            let told = journal();
            let lines = told.lines().filter(|line| line.contains("\"objects-whole\""));
            fs::read(&object).is_ok_and(|now| now == *bytes) && lines.count() == at + 1
        });
        let told = journal();
        let last = |kind: &str| told.lines().rfind(|line| line.contains(kind)).unwrap().to_owned();
        assert!(last("\"objects-whole\"").contains(&format!("files whole again: 1, namely {name}")), "{at}: {told}");
        assert!(last("\"objects-damaged\"").contains(&format!("files found damaged or lost: 1, namely {name}")), "{at}: {told}");
        assert_eq!(told.matches("\"objects-damaged\"").count(), at + 1, "{at}: {told}");
    }
}

#[test]
fn f10_what_lies_on_the_disk_is_read_through_before_a_new_release_counts_on_it() {
    let (mut shop, _) = settled();
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    // Left by an earlier release, and damaged since: the right name and the right size.
    for bytes in next.values() {
        let place = shop.place("objects", bytes);
        let name = place.strip_prefix(shop.sandbox.path("store")).unwrap();
        shop.sandbox.write(&format!("data/store/{}", name.display()), vec![7; bytes.len()]);
    }
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 3]), 2);
    served(&shop, &player);
    drop(player);
    assert!(shop.holds(&next));
    converges(&shop, &json!([1, 3]), &next);
}

/// Starts the player without any source where nothing below `data` can be written.
fn read_only(shop: &Shop) -> Running {
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let script = format!("mount --bind data data && mount -o remount,bind,ro data && exec {PLAYER} run --config player.json");
    shop.sandbox.spawn("unshare", &["-Urm", "sh", "-c", &script], "http://")
}

#[test]
fn f12_a_player_starts_on_a_read_only_disk_and_says_so() {
    let (shop, first) = settled();
    let before = tree(&shop.sandbox.path("data"));
    let player = read_only(&shop);
    assert_eq!(served(&shop, &player).len(), 2);
    let health = failed(&player);
    assert!(health["head"] == json!([1, 2]) && health["faults"][0]["en"].to_string().contains("Read-only"), "{health}");
    drop(player);
    assert!(tree(&shop.sandbox.path("data")) == before);
    converges(&shop, &json!([1, 2]), &first);
}

/// Every call that changes a disk.
const CHANGES: &str = "write,pwrite64,rename,renameat,renameat2,mkdir,mkdirat,unlink,unlinkat,ftruncate,fsync,fdatasync";

#[test]
fn f12_a_disk_that_turns_read_only_takes_nothing_off_the_screen() {
    let (mut shop, first) = settled();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    let next = month(2, 30_000);
    shop.publish_bare(&next);
    let trouble = Trouble::begin(&shop, &player, CHANGES, "EROFS", &[]);
    super::look(&player);
    failed(&player);
    assert_eq!(served(&shop, &player).len(), 2);
    trouble.end();
    assert!(shop.holds(&first));
    super::look(&player);
    shows(&player, &json!([1, 3]), 2);
    served(&shop, &player);
    drop(player);
    converges(&shop, &json!([1, 3]), &next);
}

#[test]
fn h2_f12_a_withdrawal_holds_though_the_disk_takes_nothing_and_is_kept_as_soon_as_it_does() {
    let (shop, _) = settled();
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    shop.withdraw(1, &json!({}));
    let trouble = Trouble::begin(&shop, &player, CHANGES, "EROFS", &[]);
    super::look(&player);
    failed(&player);
    let in_force = |player: &Running| {
        let health = health(player);
        (health["withdrawals"].clone(), health["programs"].as_array().map(Vec::len))
    };
    assert_eq!(in_force(&player), (json!(1), Some(1)), "{}", health(&player));
    trouble.end();
    super::look(&player);
    wait_for("what was withdrawn on the disk", Duration::from_secs(20), || shop.sandbox.path("data/store/withdrawals/1.json").exists());
    drop(player);
    let player = run(&shop, &json!(["nowhere"]));
    assert_eq!(in_force(&player), (json!(1), Some(1)), "{}", health(&player));
}

#[test]
fn f13_a_disk_that_is_not_mounted_gives_the_card_and_nothing_is_written_in_its_place() {
    let (shop, first) = settled();
    shop.configure("store", &json!({"listen": "127.0.0.1:0"}));
    // As the manual says, nobody can write where the disk will be mounted.
    let script = format!("mount -t tmpfs -o ro tmpfs data && exec {PLAYER} run --config player.json");
    let player = shop.sandbox.spawn("unshare", &["-Urm", "sh", "-c", &script], "http://");
    let page = get(&player.address(), "/screens/a/", &[]);
    assert_eq!((page.status, served(&shop, &player).len()), (200, 0));
    let health = failed(&player);
    assert!(health["faults"][0]["en"].to_string().contains("data/lock can't be written"), "{health}");
    drop(player);
    // With the disk it goes on where it stood.
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    drop(player);
    converges(&shop, &json!([1, 2]), &first);
}

#[test]
fn f34_neither_the_release_in_force_nor_the_one_before_it_is_removed() {
    let (mut shop, first) = settled();
    let (second, third) = (month(2, 30_000), month(3, 30_000));
    let evergreen = shop.sandbox.path("data/store/objects/");
    let pages = || tree(&evergreen).values().filter(|bytes| bytes.as_slice() == b"page").count();
    shop.publish_bare(&second);
    shop.pull().success();
    assert!(shop.holds(&first) && shop.holds(&second), "a page that still plays the old month can go on");
    // A restart changes nothing, and the old program stays until the next one.
    drop(run(&shop, &json!(["store"])));
    assert!(shop.holds(&first) && shop.holds(&second) && pages() == 1);
    shop.publish_bare(&third);
    shop.configure("store", &json!({}));
    shop.pull().success();
    assert!(!shop.holds(&first) && shop.holds(&second) && shop.holds(&third) && pages() == 1);
}

/// A copy of the state with a good checksum.
fn state(body: &Value) -> String {
    let body = body.to_string();
    format!("{body}\n{}\n", Digest::of(body.as_bytes()))
}

fn store_state(shop: &Shop, text: &str) {
    for name in ["data/state.a", "data/state.b"] {
        shop.sandbox.write(name, text);
    }
}

#[test]
fn f40_a_state_of_an_older_version_is_read_and_one_of_a_newer_kept() {
    let (shop, first) = settled();
    // The state of the first players, which held no documents.
    let old = json!({"counter": 9, "root": 1, "epoch": 1, "version": 2, "previous": null, "withdrawals": 0, "floor": 1_795_000_000});
    store_state(&shop, &state(&old));
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    served(&shop, &player);
    assert_eq!(health(&player)["faults"], json!([]));
    drop(player);
    // Two that this version can't know.
    for newer in [json!({"format": 9, "copies": [1, 2]}), json!({"counter": 10, "root": 1, "epoch": 1, "version": 2, "withdrawn": {}})] {
        let whole = tree(&shop.sandbox.path("data/store"));
        let text = state(&newer);
        store_state(&shop, &text);
        let player = run(&shop, &json!(["nowhere"]));
        shows(&player, &json!([1, 2]), 2);
        served(&shop, &player);
        drop(player);
        let kept =
            tree(&shop.sandbox.path("data")).into_iter().filter(|(name, bytes)| name.starts_with("state.") && *bytes == text.as_bytes());
        assert!(kept.count() >= 1, "the newer state is kept: {newer}");
        assert!(tree(&shop.sandbox.path("data/store")) == whole, "{newer}");
        converges(&shop, &json!([1, 2]), &first);
    }
}
