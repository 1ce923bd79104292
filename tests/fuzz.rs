//! Fuzzes every parser of outside input. A target is a parser, valid samples, and what must hold for every input: no panic, bounded time
//! and memory, and accepted values within their limits. The gate runs a seeded slice; `tests/long/fuzz` runs each target for a minute or
//! a given time. Inputs that once broke something are in `tests/fuzz/found/<target>/` and run first.
//!
//! Each target runs in its own process with limited memory, so that stack overflows and endless allocations are found too. The current
//! input is in a file beside the process.

mod content;
mod local;
mod mutate;
mod pictures;
mod shown;
mod signed;
mod wire;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use bangtin::base::digest::Digest;

use self::mutate::Mutator;
use crate::harness::{Sandbox, repository};

/// Runs one input.
type Run = Box<dyn Fn(&[u8])>;

/// One parser to fuzz.
pub struct Target {
    /// Valid samples, and some nearly valid ones.
    pub seeds: Vec<Vec<u8>>,
    /// Typical fragments of this form.
    pub words: &'static [&'static str],
    /// Runs one input; panics on a violated property.
    pub run: Run,
}

/// Constructor of a target. It makes keys and samples, so only the process that runs the target calls it.
type Make = fn() -> Target;

/// Each target: name, number of inputs in the gate, constructor.
const TARGETS: [(&str, u32, Make); 29] = [
    ("manifest", 1_500, shown::manifest),
    ("bases", 300, shown::bases),
    ("play", 1_500, shown::play),
    ("root", 600, signed::root),
    ("head", 600, signed::head),
    ("approval", 600, signed::approval),
    ("withdrawal", 600, signed::withdrawal),
    ("release", 600, signed::release),
    ("latest", 4_000, signed::latest),
    ("signature", 3_000, signed::signature),
    ("public-key", 3_000, signed::public_key),
    ("secret-key", 1_500, signed::secret_key),
    ("state", 800, local::state),
    ("journal", 500, local::journal),
    ("player-config", 800, local::player_config),
    ("spent", 800, local::spent),
    ("request", 3_000, wire::request),
    ("range", 4_000, wire::range),
    ("byteranges", 3_000, wire::byteranges),
    ("retry-after", 2_000, wire::retry_after),
    ("dav-listing", 1_500, wire::dav_listing),
    ("blocks", 60, wire::blocks),
    ("pack", 400, wire::pack),
    ("edit", 2_000, wire::edit),
    ("yaml", 1_200, content::yaml),
    ("slide", 600, content::slide),
    ("table", 2_000, content::table),
    ("media", 400, content::media),
    ("picture", 150, pictures::picture),
];

/// Time limit of one input; generous, since the machine may be busy.
const LONGEST: Duration = Duration::from_secs(10);
/// Memory that a target's process may map, in bytes.
const MEMORY: &str = "--as=1610612736";

fn known(name: &str) -> bool {
    TARGETS.iter().any(|(target, _, _)| *target == name)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Runs every target, or those that `FUZZ` names, each in its own process. `FUZZ_SECONDS`: seconds for each, in place of the slice.
#[test]
fn every_parser_takes_anything() {
    let chosen = variable("FUZZ");
    assert!(chosen.iter().flat_map(|chosen| chosen.split(' ')).all(known), "FUZZ={chosen:?}: no such target");
    let mut broken = Vec::new();
    for (name, _, _) in TARGETS {
        if chosen.as_ref().is_some_and(|chosen| !chosen.split(' ').any(|each| each == name)) {
            continue;
        }
        let sandbox = Sandbox::new();
        let own = std::env::current_exe().unwrap();
        let args = [MEMORY, "--core=0", own.to_str().unwrap(), "--exact", "fuzz::one_target", "--ignored", "--nocapture"];
        let mut command = sandbox.command("prlimit", &args);
        let output = command.env("FUZZ", name).env("TMPDIR", sandbox.path("")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        match text.lines().find(|line| line.starts_with("fuzz ")) {
            Some(line) if output.status.success() => println!("{line}"),
            _ => {
                let input = fs::read(sandbox.path("input")).unwrap_or_default();
                let kept = repository().join(format!("tests/fuzz/found/{name}/{}", &Digest::of(&input).to_string()[..16]));
                fs::create_dir_all(kept.parent().unwrap()).unwrap();
                fs::write(&kept, &input).unwrap();
                let text = String::from_utf8_lossy(&output.stderr);
                let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("pull:")).take(20).collect();
                broken.push(format!("{name}: {}, input kept as {}\n{}", output.status, kept.display(), text.join("\n")));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n\n"));
}

/// Every found input belongs to a target.
#[test]
fn found_inputs_have_their_target() {
    for entry in fs::read_dir(repository().join("tests/fuzz/found")).into_iter().flatten() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known(&name), "tests/fuzz/found/{name}: no such target");
    }
}

/// One target, in this process.
#[test]
#[ignore = "every_parser_takes_anything runs it, once for each target, in a process with limits"]
fn one_target() {
    let name = variable("FUZZ").expect("FUZZ names a target");
    let (_, slice, make) = TARGETS.iter().find(|(target, _, _)| *target == name).expect("a target");
    let seconds = variable("FUZZ_SECONDS").map(|text| Duration::from_secs(text.parse().expect("seconds")));
    let seed: u64 = variable("FUZZ_SEED").map_or(1, |text| text.parse().expect("a number"));
    let target = make();
    let input = fs::File::create(std::env::temp_dir().join("input")).unwrap();
    let mut slowest = Duration::ZERO;
    let mut run = |bytes: &[u8]| {
        input.set_len(0).and_then(|()| input.write_all_at(bytes, 0)).unwrap();
        let began = Instant::now();
        catch_unwind(AssertUnwindSafe(|| (target.run)(bytes))).unwrap_or_else(|_| std::process::exit(101));
        slowest = slowest.max(began.elapsed());
        assert!(began.elapsed() < LONGEST, "{:?} for one input", began.elapsed());
    };
    target.seeds.iter().for_each(|seed| run(seed));
    let found = repository().join("tests/fuzz/found").join(&name);
    if found.is_dir() {
        crate::harness::tree(&found).into_values().for_each(|found| run(&found));
    }
    let mut mutator = Mutator::new(seed, &target.seeds, target.words);
    let (began, mut count) = (Instant::now(), 0_u64);
    while seconds.map_or(count < u64::from(*slice), |seconds| began.elapsed() < seconds) {
        run(&mutator.next());
        count += 1;
    }
    let report = format!("fuzz {name}: {count} executions, slowest {} ms, {} MiB at most", slowest.as_millis(), peak_mib());
    std::io::stdout().write_all(format!("\n{report}\n").as_bytes()).unwrap();
}

/// Peak memory of this process.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) >> 10
}
