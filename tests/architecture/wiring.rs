//! What files of `office/` and `daemon/` may do: take arguments, call a stage, word the answer. They name no tool that does a stage's
//! work, and stay simple. Has the lists and limits, each with its reason. Never reads a file: the caller gives the sources.

use std::collections::BTreeMap;

use super::functions::{Function, decisions, functions, own_tokens};
use super::reader::{self, Kind, Source};

/// Crates allowed for arguments and output. All others do the work of a stage.
const CRATES: [&str; 6] = ["std", "clap", "serde", "serde_json", "indicatif", "rpassword"];

/// Paths that wiring never names, and where they belong.
const STAGES_ONLY: [(&str, &str); 32] = [
    ("std::fs", "files are read and written by the stage that owns them"),
    ("std::os", "what differs by system lives in base/os"),
    ("std::process::Command", "other programs are started by base/os"),
    ("std::thread", "threads belong to base/workers and the stages"),
    ("std::net::TcpListener", "a server belongs to desk, player or store"),
    ("std::net::TcpStream", "a connection belongs to desk, player or store"),
    ("std::sync::Mutex", "shared state belongs to the stage that shares it"),
    ("std::sync::RwLock", "shared state belongs to the stage that shares it"),
    ("std::sync::mpsc", "shared state belongs to the stage that shares it"),
    ("std::cell", "shared state belongs to the stage that shares it"),
    ("serde_json::from_slice", "a file is parsed by the stage that owns its form"),
    ("serde_json::from_str", "a file is parsed by the stage that owns its form"),
    ("serde_json::from_reader", "a file is parsed by the stage that owns its form"),
    ("serde_json::from_value", "a file is parsed by the stage that owns its form"),
    ("crate::base::files", "files are read and written by the stage that owns them"),
    ("crate::base::digest::Digest::of", "a digest is computed where the bytes are read"),
    ("crate::base::canonical", "only a stage makes what is signed"),
    ("crate::base::strict_json", "a file is parsed by the stage that owns its form"),
    ("crate::base::http", "a server belongs to desk, player or store"),
    ("crate::base::cache_file", "only build remembers"),
    ("crate::base::stamp", "only build remembers"),
    ("crate::content::source::walk", "content::source::read reads a content folder"),
    ("crate::build::assemble", "build::compile makes a program"),
    ("crate::build::render::output", "build::compile makes a program"),
    ("crate::program::validate", "a program is verified where its bytes come in"),
    ("crate::trust::judge", "filing, publish and player judge"),
    ("crate::trust::head", "publish makes heads, player reads them"),
    ("crate::trust::next_head", "publish makes heads"),
    ("crate::trust::signature", "trust verifies"),
    ("crate::store::layout", "where a file lies in a store is the store's and publish's to know"),
    ("crate::store::documents", "publish writes documents"),
    ("crate::store::local_store", "publish writes objects"),
];

/// Maximum lines of a function.
const LINES: usize = 50;
/// Maximum decisions of a function: `if`, `match`, loops, and methods that choose, order or sum (`functions::CHOOSING`).
const DECISIONS: usize = 8;
/// Maximum decisions of a file.
const DECISIONS_OF_FILE: usize = 24;
/// Maximum arithmetic operations of a file.
const SUMS: usize = 3;

/// An exception: file, rule, reason. Obsolete ones are reported.
pub type Exception = (&'static str, &'static str, &'static str);

/// The exceptions of this repository.
pub const EXCEPTIONS: &[Exception] = &[
    ("office/demo/mod.rs", "ureq", "`--once` asks the player as a browser would"),
    ("office/demo/mod.rs", "crate::base::digest::Digest::of", "`--once` compares what the player answers with what was signed"),
    ("office/demo/mod.rs", "crate::base::files", "it writes the configuration that a person would"),
    ("office/demo/office.rs", "crate::base::files", "it writes the keys that a person would"),
    ("office/demo/office.rs", "nested loops", "it signs as every reviewer for every period, as people would command by command"),
];

/// Reports work of a stage in wiring, each rule once per file, and obsolete exceptions.
pub fn logic(sources: &[Source], exceptions: &[Exception]) -> Vec<String> {
    let known = reader::modules(sources);
    let mut broken: BTreeMap<(&str, String), String> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.path.starts_with("office/") || source.path.starts_with("daemon/")) {
        let named = reader::named(source, &known);
        let names = named.iter().filter_map(|(path, line)| wrong_name(path).map(|(rule, why)| (rule, *line, format!("{path}: {why}"))));
        for (rule, line, what) in names.chain(wrong_shape(source)) {
            broken.entry((&source.path, rule)).or_insert(format!("src/{}:{line}: {what}", source.path));
        }
    }
    let excepted = |(file, rule): &(&str, String)| exceptions.iter().any(|(name, allowed, _)| name == file && allowed == rule);
    let idle = exceptions.iter().filter(|(file, rule, _)| !broken.contains_key(&(file, (*rule).to_owned())));
    let idle: Vec<String> = idle.map(|(file, rule, _)| format!("src/{file} needs no exception from the rule {rule}")).collect();
    broken.iter().filter(|(key, _)| !excepted(key)).map(|((_, rule), what)| format!("{what} [{rule}]")).chain(idle).collect()
}

/// The rule that a path breaks, and its reason.
fn wrong_name(path: &str) -> Option<(String, String)> {
    let below = |above: &str| path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
    if let Some((name, why)) = STAGES_ONLY.iter().find(|(name, _)| below(name)) {
        return Some(((*name).to_owned(), (*why).to_owned()));
    }
    let foreign = path.split("::").next().filter(|first| *first != "crate" && !CRATES.contains(first))?;
    Some((foreign.to_owned(), "a crate that does the work of a stage".to_owned()))
}

/// Rules of length and simplicity that a file breaks.
fn wrong_shape(source: &Source) -> Vec<(String, usize, String)> {
    let tokens = own_tokens(source);
    let functions = functions(source);
    let mut broken = Vec::new();
    let mut over = |rule: &str, line: usize, is: usize, most: usize, what: String| {
        if is > most {
            broken.push((rule.to_owned(), line, format!("{what}: {is}, at most {most}")));
        }
    };
    for Function { name, line, lines, decisions, loops, waits, .. } in &functions {
        over("length", *line, *lines, LINES, format!("lines of {name}"));
        over("decisions", *line, *decisions, DECISIONS, format!("decisions of {name}"));
        over("nested loops", *line, *loops, 1, format!("loops within each other in {name}"));
        over("waiting", *line, *waits, 0, format!("`while` and `loop` in {name}, which are for a stage"));
    }
    over("decisions of file", 1, decisions(&tokens), DECISIONS_OF_FILE, "decisions".to_owned());
    over("arithmetic", 1, functions.iter().map(|function| function.sums).sum(), SUMS, "operations of arithmetic".to_owned());
    let traits = tokens.iter().filter(|token| token.kind == Kind::Word && token.text == "trait");
    broken.extend(traits.map(|token| ("trait".to_owned(), token.line, "what has several forms is a stage".to_owned())));
    broken
}
