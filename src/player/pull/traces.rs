//! What a player's disk tells of what the player once had, beside the state: the names of statements and heads, the last report, the journal,
//! the remains of the copies. Each is written only after the state, so none tells of more than the state, unless that is lost or older. Gives
//! numbers, which only keep things from being shown. Never judges a document.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::remedy::unreadable;
use super::stored::{self, statement_numbers};
use super::whole::WholePrograms;
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::limits::{SEGMENT_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::summed;
use crate::base::text::Text;
use crate::store::known::{Known, ToldNumbers};
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::state::{PlayerState, StateFiles};
use crate::text;
use crate::trust::head::HeadNumber;

/// Most segments of a journal that are searched, the newest first: half a minute of an SD card.
const SEGMENTS: usize = 256;

/// What the disk tells, and why that may not be all.
#[derive(Debug, Default)]
pub struct Traces {
    pub known: Known,
    pub unsure: Option<Text>,
}

/// Files and folders of a data folder in which a player leaves something, beside its lock and the room kept on the disk.
const LEFT: [&str; 5] = ["store", "returns", "health.json", "journal.json", "spent.json"];

/// Whether a player has run in a data folder before, as far as its disk tells: a start in such a folder is no first one.
pub fn is_used(data: &Path) -> bool {
    !StateFiles::new(data).remains().is_empty() || LEFT.iter().any(|name| holds_a_file(&data.join(name)))
}

/// Whether there is a file, or one in a folder; a folder that can't be read counts as one.
fn holds_a_file(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => {
            let in_it = |entries: fs::ReadDir| entries.filter_map(Result::ok).any(|entry| holds_a_file(&entry.path()));
            fs::read_dir(path).map_or(true, in_it)
        }
        found => found.is_ok(),
    }
}

/// Whether a whole copy of the state is there, beside what tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It says itself what was received, and so does what can't be read.
    Whole,
    /// Everything counts that may tell, also what has no sum.
    Lost,
}

/// Reads the traces in a data folder.
pub fn traces(data: &Path, site: &SiteId, holdings: &LocalStore, state: State) -> Traces {
    let mut unsure = None;
    let mut names = |folder: &str| {
        holdings.list_names(folder).unwrap_or_else(|error| {
            let Text { vi, en } = unreadable(&data.join("store").join(folder), &error);
            unsure = Some(text!(
                vi: "chưa biết đã nhận những văn bản nào, nên chưa chiếu gì: {vi}",
                en: "it is not known which statements were received, so nothing is shown: {en}"
            ));
            Vec::new()
        })
    };
    let newest = |names: Vec<String>| statement_numbers(&names).last().copied().unwrap_or(0);
    let withdrawals = names("withdrawals");
    let known = Known {
        root: newest(names("root")),
        twins: stored::twins(&withdrawals).len() as u64,
        withdrawals: newest(withdrawals),
        kit_release: newest(names(&layout::releases(site))),
        head: names(&layout::heads(site)).iter().filter_map(|name| layout::parse_head_number(name)).max(),
    };
    let known = StateFiles::new(data).remains().iter().map(|bytes| mentioned(bytes, site)).fold(known, Known::joined);
    let known = known.joined(report(&data.join("health.json"), site, state));
    let known = known.joined(journal(&data.join("returns").join(site.as_str()), remembered(&data.join("journal.json"))));
    Traces { known, unsure: unsure.filter(|_| state == State::Lost) }
}

/// What is left of a copy of the state. Each statement is named there several times, so a number that stands there only once may be damage.
fn mentioned(bytes: &[u8], site: &SiteId) -> Known {
    let text = String::from_utf8_lossy(bytes);
    let second = |marks: &[&str]| {
        let after = marks.iter().flat_map(|mark| text.match_indices(mark).map(|(at, mark)| &text[at + mark.len()..]));
        let number = |rest: &str| rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse::<u64>().ok();
        let mut numbers: Vec<u64> = after.filter_map(number).collect();
        numbers.sort_unstable();
        numbers.iter().rev().nth(1).copied().unwrap_or(0)
    };
    Known {
        root: second(&["\"root/", "\"root\":"]),
        withdrawals: second(&["\"withdrawals/", "\"withdrawals\":"]),
        kit_release: second(&[format!("\"{}/", layout::releases(site)).as_str()]),
        ..Known::default()
    }
}

/// What of the last report counts here.
#[derive(Deserialize)]
struct Report {
    site: SiteId,
    root: u64,
    #[serde(default)]
    withdrawals: u64,
    head: Option<HeadNumber>,
    kept: Option<ToldNumbers>,
    #[serde(default)]
    programs: Vec<Digest>,
    #[serde(default)]
    pending: Vec<Digest>,
}

fn last_report(path: &Path, site: &SiteId) -> Option<Report> {
    let read = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).ok();
    let report: Option<Report> = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    report.filter(|report| report.site == *site)
}

/// What the last report says. Its numbers without a sum count only where there is no state: a report of an earlier version was written before
/// the state, and damage could make one higher.
fn report(path: &Path, site: &SiteId, state: State) -> Known {
    let Some(Report { root, withdrawals, head, kept, .. }) = last_report(path, site) else { return Known::default() };
    let kept = kept.map(|kept| kept.known()).unwrap_or_default();
    if state == State::Whole { kept } else { kept.joined(Known { root, withdrawals, head, ..Known::default() }) }
}

/// The programs that were here whole: by the state, else those of its head that the last report had on air with all their files.
pub fn whole(data: &Path, site: &SiteId, state: &PlayerState) -> WholePrograms {
    if !state.whole.is_empty() {
        return state.whole.clone();
    }
    let report = last_report(&data.join("health.json"), site).filter(|report| report.head.is_some() && report.head == state.head());
    let whole = |Report { root, programs, pending, .. }: Report| {
        programs.into_iter().filter(|program| !pending.contains(program)).map(|program| (program, root)).collect()
    };
    report.map(whole).unwrap_or_default()
}

/// What is remembered of the journal elsewhere: the number of the last segment, and what the segments say; `None` if it is not there whole.
fn remembered(path: &Path) -> Option<(u64, Known)> {
    #[derive(Deserialize)]
    struct Memory {
        seq: u64,
        noted: Known,
    }
    let text = files::read_regular_file(path, SMALL_DOCUMENT_BYTES).ok().and_then(|bytes| summed::open(&bytes))?;
    serde_json::from_slice(&text).ok().map(|Memory { seq, noted }| (seq, noted))
}

/// A line of the journal that says what came.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line {
    Switch {
        epoch: u64,
        version: u64,
    },
    Statements {
        root: u64,
        withdrawals: u64,
        #[serde(default)]
        twins: u64,
    },
    Incident {
        kind: String,
        detail: String,
    },
    #[serde(other)]
    Other,
}

/// What the journals of a site say. Numbers rise, so the last lines tell all, and what is remembered tells what the segments before its own say.
fn journal(folder: &Path, remembered: Option<(u64, Known)>) -> Known {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    // Its release may be that of another site: only with its segment it is known to be of this one.
    let mut known = remembered.map_or(Known::default(), |(_, noted)| Known { head: None, ..noted });
    for player in entries(folder) {
        let number = |path: &PathBuf| path.file_name()?.to_str()?.strip_suffix(".jsonl")?.parse::<u64>().ok();
        let mut segments: Vec<_> = entries(&player).filter_map(|path| Some((number(&path)?, path))).collect();
        segments.sort_unstable();
        let own = remembered.filter(|(seq, _)| segments.iter().any(|(number, _)| number == seq));
        let (first, mut last) = own.map_or((0, Known::default()), |(seq, noted)| (seq, noted));
        for (_, path) in segments.into_iter().rev().take_while(|(number, _)| *number >= first).take(SEGMENTS) {
            let bytes = files::read_regular_file(&path, SEGMENT_BYTES * 2).unwrap_or_default();
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"{\"type\":\"play\""));
            last = lines.filter_map(|line| serde_json::from_slice(line).ok()).map(said).fold(last, Known::joined);
            if own.is_none() && last.head.is_some() && last.root > 0 {
                break;
            }
        }
        known = known.joined(last);
    }
    known
}

fn said(line: Line) -> Known {
    match line {
        Line::Switch { epoch, version } => Known { head: Some(HeadNumber { epoch, version }), ..Known::default() },
        Line::Statements { root, withdrawals, twins } => Known { root, withdrawals, twins, ..Known::default() },
        // Journals of older versions say only this of withdrawals.
        Line::Incident { kind, detail } if kind == "program-refused" && detail.contains(": withdrawn: ") => {
            Known { withdrawals: 1, ..Known::default() }
        }
        Line::Incident { .. } | Line::Other => Known::default(),
    }
}
