//! How much is read for an answer, counted call by call with strace: a range of a store's file, a save in the preview, a film that is approved and
//! published, the programs before one that is approved, the theme of several sites, a slide with a warning. How often git is asked, by a git that
//! notes it.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::Duration;

use bangtin::base::digest::Digest;
use serde_json::Value;

use crate::harness::http::{self, get};
use crate::harness::{Running, Sandbox, resident, tree, wait_for};
use crate::publish::commands::Province;
use crate::publish::province::{PLAYLIST, SLIDE};
use crate::withdraw::{DECEMBER, LIST};

const BANGTIN: &str = env!("CARGO_BIN_EXE_bangtin");
const OPENS: &str = "trace=open,openat,openat2";
const READS: &str = "trace=read,pread64,readv,preadv,preadv2,sendfile,splice,copy_file_range";

/// A server under strace; ended with its tracer, which would let it live.
struct Traced<'a> {
    sandbox: &'a Sandbox,
    running: Running,
    server: u32,
}

impl<'a> Traced<'a> {
    /// Starts `bangtin` with such calls traced, each thread into a file of its own, so that no line is torn by another thread's.
    fn start(sandbox: &'a Sandbox, calls: &str, args: &[&str]) -> Self {
        sandbox.write("traces/none", "");
        let strace = ["-ff", "-qq", "-y", "-s", "200", "-o", "traces/of", "-e", calls, BANGTIN];
        let running = sandbox.spawn("strace", &[&strace[..], args].concat(), "http://");
        let id = running.id();
        let server = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap().trim().parse().unwrap();
        Self { sandbox, running, server }
    }

    /// The traced calls so far that name this.
    fn calls(&self, name: &str) -> Vec<String> {
        let traces = tree(&self.sandbox.path("traces")).into_values();
        let lines = traces.flat_map(|trace| String::from_utf8_lossy(&trace).lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| line.contains(name)).collect()
    }
}

impl Drop for Traced<'_> {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.server.to_string()]).status();
    }
}

/// The sum of what such calls returned, in bytes.
fn bytes(calls: &[String]) -> u64 {
    calls.iter().filter_map(|line| line.rsplit_once(" = ")?.1.parse::<u64>().ok()).sum()
}

/// The calls that a command opens files with, with its own cache folder. It succeeds.
fn opens(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let _ = fs::remove_dir_all(sandbox.path("traces"));
    sandbox.write("traces/none", "");
    let strace = ["-ff", "-qq", "-s", "200", "-o", "traces/of", "-e", OPENS, BANGTIN];
    let mut command = sandbox.command("strace", &[&strace[..], args].concat());
    let output = command.env("XDG_CACHE_HOME", sandbox.path("cache")).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    let traces = tree(&sandbox.path("traces")).into_values();
    traces.flat_map(|trace| String::from_utf8_lossy(&trace).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// How many of these calls are about such a file.
fn count(calls: &[String], name: &str) -> usize {
    calls.iter().filter(|line| line.contains(&format!("{name}\""))).count()
}

#[test]
fn of_a_big_file_only_the_range_is_read_and_even_the_whole_is_never_in_memory() {
    const SIZE: u64 = 64 << 20;
    let sandbox = Sandbox::new();
    sandbox.write("store/root/1.json", "{}").write("store/packs/big.zst", "");
    fs::File::options().write(true).open(sandbox.path("store/packs/big.zst")).unwrap().set_len(SIZE).unwrap();
    let traced = Traced::start(&sandbox, READS, &["serve", "--store", "store", "--listen", "127.0.0.1:0"]);
    let address = traced.running.address();
    for round in 0..40 {
        let first = SIZE - 1_000_000 + round * 1_000;
        let part = get(&address, "/packs/big.zst", &[("Range", &format!("bytes={first}-{}", first + 6))]);
        assert_eq!((part.status, part.body.len()), (206, 7));
    }
    let read = || bytes(&traced.calls("/store/packs/big.zst"));
    assert_eq!(read(), 40 * 7);
    let before = resident(traced.server);
    let whole = get(&address, "/packs/big.zst", &[]);
    assert_eq!((whole.status, whole.body.len() as u64), (200, SIZE));
    assert_eq!(read(), SIZE + 40 * 7);
    let grown = resident(traced.server).saturating_sub(before);
    assert!(grown < SIZE / 2, "{grown} bytes more in memory");
}

#[test]
fn after_a_save_the_preview_reads_no_slide_and_no_medium_that_is_unchanged() {
    let sandbox = Sandbox::new();
    sandbox.copy("themes", "themes").copy("content", "content");
    // What was written in the last 20 ms before it is read may change without a trace: the next reading reads it again.
    std::thread::sleep(Duration::from_millis(100));
    let traced = Traced::start(&sandbox, OPENS, &["preview", "--listen", "127.0.0.1:0"]);
    let address = traced.running.address();
    let number =
        || serde_json::from_slice::<serde_json::Value>(&get(&address, "/state.json", &[]).body).unwrap()["reading"].as_u64().unwrap();
    let slides = tree(&sandbox.path("content/slides"));
    let opened = |name: &str| traced.calls(&format!("/slides/{name}\"")).len();
    let before: Vec<_> = slides.keys().map(|name| (name, opened(name))).collect();
    assert!(before.iter().filter(|(name, _)| name.ends_with(".md")).all(|(_, count)| *count > 0), "each is read at the start: {before:?}");
    let (first, saved) = (number(), "du-lich/ban-gioc.md");
    sandbox.write(&format!("content/slides/{saved}"), [&slides[saved][..], "\nThêm một dòng.\n".as_bytes()].concat());
    wait_for("the next reading", Duration::from_secs(20), || number() > first);
    // Tables and captions are small, and read as texts each time; a translation depends on its original.
    let again = before.iter().filter(|(name, count)| !name.ends_with(".csv") && !name.ends_with(".vtt") && opened(name) > *count);
    let again: Vec<_> = again.map(|(name, _)| name.as_str()).collect();
    assert_eq!(again, ["du-lich/ban-gioc.en.md", saved, "du-lich/ban-gioc.zh.md"]);
}

#[test]
fn the_preview_reads_each_withdrawal_once_a_reading_of_the_folder() {
    let province = crate::withdraw::published();
    crate::withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    let traced = Traced::start(&province.0, OPENS, &["preview", "--listen", "127.0.0.1:0"]);
    let address = traced.running.address();
    for path in ["view/ta-lung/2026-12/a/schedule.json", "view/ta-lung/evergreen/a/schedule.json", "state.json"] {
        assert_eq!(get(&address, &format!("/{path}"), &[]).status, 200, "{path}");
    }
    assert_eq!(traced.calls("/trust/withdrawals/1.json\"").len(), 1);
}

/// A JSON document of a server.
fn json(address: &str, path: &str) -> Value {
    serde_json::from_slice(&get(address, path, &[]).body).unwrap()
}

fn number(address: &str) -> u64 {
    json(address, "/state.json")["reading"].as_u64().unwrap()
}

/// Saves a file and waits for the reading of it.
fn save(sandbox: &Sandbox, address: &str, name: &str, text: &str) {
    let before = number(address);
    sandbox.write(name, text);
    wait_for("the next reading", Duration::from_secs(20), || number(address) > before);
}

#[test]
fn a_save_of_a_slide_reads_no_signed_file_again_and_a_new_statement_is_read() {
    let province = crate::withdraw::published();
    crate::withdraw::withdraw(&province, "lan", &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"]).success();
    let traced = Traced::start(&province.0, OPENS, &["preview", "--listen", "127.0.0.1:0"]);
    let address = traced.running.address();
    let opened = || traced.calls("/trust/withdrawals/1.json\"").len();
    let edit = |words: &str| {
        save(&province.0, &address, "content/slides/du-lich/ban-gioc.md", &format!("{SLIDE}\n{words}\n"));
        assert_eq!(get(&address, "/view/ta-lung/2026-12/a/schedule.json", &[]).status, 200);
        assert!(json(&address, "/state.json").to_string().contains("withdrawn-slide"), "{words}");
    };
    // What was changed between the first reading and the beginning of the watch is read with the second one.
    ["Một.", "Hai."].into_iter().for_each(edit);
    let before = opened();
    ["Ba.", "Bốn."].into_iter().for_each(edit);
    assert_eq!(opened(), before);
    for key in ["lan", "hung"] {
        crate::withdraw::withdraw(&province, key, &["--slide", "du-lich/ban-gioc", "--reason", "sai tên"]);
    }
    wait_for("the second withdrawal", Duration::from_secs(20), || json(&address, "/state.json").to_string().contains("sai tên"));
    assert!(opened() > before);
}

#[test]
fn a_slide_with_a_warning_is_not_read_again_after_a_save_and_its_warning_stays_until_it_is_fixed() {
    let sandbox = Sandbox::new();
    sandbox.copy("themes", "themes").copy("content", "content");
    let (own, other) = ("content/slides/du-lich/dai.md", "content/slides/du-lich/ban-gioc.md");
    let long = SLIDE.replace("duration: 12s", "duration: 3s") + &"Thác nước lớn. ".repeat(20);
    sandbox.write(own, &long);
    let whole = fs::read_to_string(sandbox.path(other)).unwrap();
    // What was written in the last 20 ms before it is read may change without a trace: the next reading reads it again.
    std::thread::sleep(Duration::from_millis(100));
    let traced = Traced::start(&sandbox, OPENS, &["preview", "--listen", "127.0.0.1:0"]);
    let address = traced.running.address();
    let warnings =
        || json(&address, "/state.json")["faults"].as_array().unwrap().iter().filter(|fault| fault["code"] == "too-short-to-read").count();
    assert_eq!(warnings(), 1);
    let before = traced.calls("/du-lich/dai.md\"").len();
    for words in ["Một.", "Hai."] {
        save(&sandbox, &address, other, &format!("{whole}\n{words}\n"));
        assert_eq!((warnings(), traced.calls("/du-lich/dai.md\"").len()), (1, before), "{words}");
    }
    save(&sandbox, &address, own, &long.replace("duration: 3s", "duration: 12s"));
    assert_eq!(warnings(), 0);
}

/// A path of programs whose git notes each call, and waits while there is a file `held`.
fn noting_git(sandbox: &Sandbox) -> String {
    let script =
        "#!/bin/sh\necho \"$*\" >>\"$NOTES/asked\"\nwhile [ -e \"$NOTES/held\" ]; do sleep 0.02; done\nPATH=$REST exec git \"$@\"\n";
    sandbox.write("notes/asked", "").write("bin/git", script);
    sandbox.run("chmod", &["+x", "bin/git"]).success();
    format!("{}:{}", sandbox.path("bin").display(), std::env::var("PATH").unwrap())
}

#[test]
fn no_save_waits_for_git_and_what_git_says_of_it_comes_after_it() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    sandbox.run("git", &["init", "--quiet"]).success();
    let notes = |name: &str| sandbox.path("notes").join(name);
    let (path, rest) = (format!("PATH={}", noting_git(&sandbox)), format!("REST={}", std::env::var("PATH").unwrap()));
    let (kept, preview) = (format!("NOTES={}", sandbox.path("notes").display()), ["preview", "--listen", "127.0.0.1:0"]);
    let running = sandbox.spawn("env", &[&[path.as_str(), &rest, &kept, env!("CARGO_BIN_EXE_bangtin")], &preview[..]].concat(), "http://");
    let (address, limit) = (running.address(), Duration::from_secs(30));
    let asked = || fs::read_to_string(notes("asked")).unwrap().lines().count();
    // One process for the content, one for the themes beside it.
    wait_for("the first answers", limit, || asked() == 2);
    let state = || json(&address, "/state.json").to_string();
    assert!(!state().contains("git-line-ends"));
    fs::write(notes("held"), "").unwrap();
    let slide = fs::read_to_string(sandbox.path("content/slides/du-lich/ban-gioc.md")).unwrap();
    sandbox.write("content/.gitattributes", "");
    save(&sandbox, &address, "content/slides/du-lich/ban-gioc.md", &format!("{slide}\nKhông chờ git.\n"));
    // While git gives no answer, all of the save is there: schedule, timetable, page, faults.
    let schedule = json(&address, "/view/ta-lung/2026-12/a/schedule.json");
    let pages = &http::timetable(&address, &schedule["programs"][0])["pages"];
    let page = format!("{}{}", schedule["programs"][0]["base"].as_str().unwrap(), pages["du-lich/ban-gioc"].as_str().unwrap());
    assert!(get(&address, &page, &[]).text().contains("Không chờ git."));
    assert!(!state().contains("git-line-ends"));
    wait_for("the question after the save", limit, || asked() == 3);
    let before = number(&address);
    fs::remove_file(notes("held")).unwrap();
    wait_for("the answer", limit, || state().contains("git-line-ends"));
    assert_eq!(number(&address), before, "nothing is read again for it");
    assert!(asked() <= 6, "{}", fs::read_to_string(notes("asked")).unwrap());
    // It goes as it came.
    sandbox.write("content/.gitattributes", "* -text\n");
    wait_for("the end of the warning", limit, || !state().contains("git-line-ends"));
}

#[test]
fn an_approval_parses_of_all_earlier_programs_the_last_one_alone() {
    let province = Province::new();
    let sandbox = &province.0;
    let list = fs::read_to_string(sandbox.path(LIST)).unwrap();
    let approve = |key: &'static str, now: &'static str| [&["approve", "--unseen", "--yes", "--key", key, "--now", now], DECEMBER].concat();
    let filed = || -> BTreeSet<String> {
        let folders = fs::read_dir(sandbox.path("content/approvals")).into_iter().flatten();
        folders.map(|folder| folder.unwrap().file_name().into_string().unwrap()).collect()
    };
    let signed = |revision: u64, now: &'static str, keys: &[&'static str]| -> BTreeSet<String> {
        let before = filed();
        sandbox.write(LIST, format!("{list}revision: {revision}\n"));
        for key in keys {
            sandbox.bangtin(&approve(key, now)).success();
        }
        filed().difference(&before).cloned().collect()
    };
    let all = ["keys/lan", "keys/hung", "keys/ta-lung"];
    let earlier =
        [(1, "2026-12-01T09:11"), (2, "2026-12-01T09:12"), (3, "2026-12-01T09:13")].map(|(revision, now)| signed(revision, now, &all));
    let last = signed(4, "2026-12-01T09:14", &all);
    // The newest statement is about a program that too few have signed: it is parsed too, and passed by.
    let half = signed(5, "2026-12-01T09:15", &["keys/lan"]);
    assert!(earlier.iter().chain([&last, &half]).all(|program| program.len() == 1));
    sandbox.write(LIST, format!("{list}revision: 6\n"));
    let calls = opens(sandbox, &approve("keys/lan", "2026-12-01T09:16"));
    let read = |program: &&String| calls.iter().any(|line| line.contains(&format!("{program}/program.json\", O_RDONLY")));
    assert_eq!(filed().iter().filter(read).cloned().collect::<BTreeSet<_>>(), last.union(&half).cloned().collect());
}

const FILM: &str = "content/slides/du-lich/phim.mp4";

/// A province with a film in its month and in its evergreen week.
fn with_film() -> Province {
    let province = Province::new();
    let noise = ["-f", "lavfi", "-i", "testsrc2=size=640x320:rate=25:duration=4", "-vf", "noise=alls=80:allf=t", "-pix_fmt", "yuv420p"];
    province.0.run("ffmpeg", &[&["-v", "error"], &noise[..], &["-b:v", "8M", FILM][..]].concat()).success();
    let slide =
        SLIDE.replace("layout: text\nduration: 12s", "layout: video\nvideo: phim.mp4").replace("Thác nước lớn nhất Đông Nam Á.\n", "");
    province.0.write("content/slides/du-lich/phim.md", slide.replace("Thác Bản Giốc", "Phim"));
    for list in [LIST, "content/playlists/evergreen/province.yaml"] {
        province.0.write(list, format!("{PLAYLIST}  - slide: du-lich/phim.md\n"));
    }
    province
}

/// How many times a command reads each of these files, each as long as the film, from its beginning to its end. It succeeds.
fn times_read<const N: usize>(sandbox: &Sandbox, args: &[&str], files: [&str; N]) -> [u64; N] {
    let size = fs::metadata(sandbox.path(FILM)).unwrap().len();
    assert!(size > 1 << 20, "{size}");
    let _ = fs::remove_dir_all(sandbox.path("traces"));
    sandbox.write("traces/none", "");
    let strace = ["-ff", "-qq", "-y", "-s", "0", "-o", "traces/of", "-e", READS, BANGTIN];
    sandbox.run("strace", &[&strace[..], args].concat()).success();
    let traces = tree(&sandbox.path("traces")).into_values();
    let calls: Vec<String> =
        traces.flat_map(|trace| String::from_utf8_lossy(&trace).lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    let of = |file: &str| calls.iter().filter(|line| line.contains(&format!("/{file}>"))).cloned().collect::<Vec<_>>();
    // What its length and size are read from is a small part of it.
    files.map(|file| bytes(&of(file)) / size)
}

#[test]
fn a_film_is_hashed_when_the_program_is_built_and_again_when_it_is_signed_and_no_other_time() {
    let province = with_film();
    let approve = ["approve", "--unseen", "--yes", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
    assert_eq!(times_read(&province.0, &[&approve[..], DECEMBER].concat(), [FILM]), [2]);
}

#[test]
fn publish_hashes_a_film_once_for_all_programs_and_reads_it_again_only_for_what_it_writes() {
    let province = with_film();
    province.approve_ta_lung();
    let digest = Digest::of(&fs::read(province.0.path(FILM)).unwrap()).to_string();
    let [archived, stored] = ["archive", "store"].map(|folder| format!("{folder}/objects/{}/{digest}", &digest[..2]));
    let publish = ["publish", "--to", "store", "--site", "ta-lung", "--key", "keys/publish", "--now", "2026-12-01T09:00"];
    let read = || times_read(&province.0, &publish, [FILM, &archived, &stored]);
    // Its digest; its copy in the archive and that in the store, each compared with the digest on the way; the digests of its blocks.
    assert_eq!(read(), [4, 0, 0]);
    assert!(province.0.path(&format!("store/blocks/{}/{digest}", &digest[..2])).is_file());
    // The same again: whether the content is what was approved, and whether both copies are whole.
    assert_eq!(read(), [1, 1, 1]);
}

#[test]
fn no_command_reads_the_theme_again_for_each_site() {
    let read = |sites: usize| {
        let province = Province::new();
        let sandbox = &province.0;
        let site = fs::read(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
        for number in 1..sites {
            sandbox.write(&format!("content/sites/cua-{number}.yaml"), &site);
        }
        let (month, now) = (["--month", "2026-12"], ["--now", "2026-12-01T09:00"]);
        let approve = |period: &[&'static str], key: &'static str| [&["approve", "--unseen", "--yes", "--key", key], period, &now].concat();
        for period in [&month[..], &["--evergreen"]] {
            sandbox.bangtin(&approve(period, "keys/lan")).success();
        }
        sandbox.bangtin(&approve(DECEMBER, "keys/ta-lung")).success();
        let publish = [&["publish", "--to", "store", "--key", "keys/publish"], &now[..]].concat();
        let commands = [
            vec!["check"],
            vec!["build", "--month", "2026-12", "--out", "out"],
            approve(&month, "keys/hung"),
            approve(&["--evergreen"], "keys/hung"),
            publish,
        ];
        let opened = commands.map(|args| (args[0], count(&opens(sandbox, &args), "/layouts/text.html")));
        assert_eq!(tree(&sandbox.path("store/sites")).keys().filter(|name| name.ends_with("/latest.json")).count(), sites);
        opened
    };
    let alone = read(1);
    assert!(alone.iter().all(|(_, count)| *count > 0), "{alone:?}");
    assert_eq!(read(3), alone);
}

#[test]
fn the_page_of_a_slide_with_a_warning_is_not_made_again() {
    let sandbox = Sandbox::new();
    crate::publish::province::write(&sandbox);
    let long = SLIDE.replace("duration: 12s", "duration: 3s") + &"Thác nước lớn. ".repeat(20);
    sandbox.write("content/slides/du-lich/ban-gioc.md", long);
    // What was written in the last 20 ms before it is read is not remembered.
    std::thread::sleep(Duration::from_millis(100));
    let build = ["build", "--month", "2026-12", "--out", "out"];
    let made = opens(&sandbox, &build);
    assert!(count(&made, "/layouts/text.html") > 0);
    let again = opens(&sandbox, &build);
    assert_eq!((count(&again, "/ban-gioc.md"), count(&again, "/layouts/text.html")), (1, 0), "{again:?}");
}
