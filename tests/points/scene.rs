//! What a sweep begins with: the player's folder before a pull or a start, the store that it pulls from, and every state that may be
//! shown on the way from the old to the new.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::machine::Seen;
use crate::delta::shop::{Month, Shop, noise};
use crate::harness::tree;

/// Second after the last of the month that is published.
const MONTH_END: u64 = 1_798_736_400;

/// Files by path below the player's folder; `None` is a folder.
pub type Image = BTreeMap<String, Option<Vec<u8>>>;

/// What can be on the screens: the programs that play, and the slides that are taken out of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Show {
    pub programs: BTreeSet<String>,
    pub slides: Value,
}

/// What may be shown under which numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub root: u64,
    pub version: u64,
    pub withdrawals: u64,
    pub show: Show,
}

impl Step {
    /// Whether a player that shows this has come to here.
    pub fn fits(&self, seen: &Seen) -> bool {
        (self.root, self.version, &self.show) == (seen.root, seen.version, &seen.show)
    }
}

/// What the player does while it is stopped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doing {
    /// `pull`.
    Pulls,
    /// `run`, until its first cycle, which finds no source, has ended.
    Starts,
    /// `run`, from the moment at which a source comes until all that it has is shown.
    Hears,
}

pub struct Scene {
    pub name: &'static str,
    pub doing: Doing,
    /// Whether the store has anything that the player's folder has not.
    pub has_news: bool,
    pub shop: Shop,
    /// The player's folder before.
    pub before: Image,
    /// In the order in which they come into force; the last is the new.
    pub steps: Vec<Step>,
    /// The files of every approved program.
    pub approved: BTreeMap<String, Month>,
    pub evergreens: BTreeSet<String>,
}

/// The scenes in which the player pulls.
pub const PULLS: [&str; 5] = ["first", "month", "single", "withdrawal", "root"];
/// A start beside them.
pub const START: &str = "start";
/// Those in which a running player looks: news comes, or no source at all.
pub const HEARS: [&str; 5] = ["first heard", "month heard", "withdrawal heard", "root heard", "nothing heard"];

impl Scene {
    pub fn new(name: &'static str) -> Self {
        let news = name.trim_end_matches(" heard");
        let mut shop = Shop::new();
        let mut steps = vec![Step { root: 1, version: 0, withdrawals: 0, show: Show { slides: json!({}), ..Show::default() } }];
        shop.publish(&month(10));
        let (evergreens, old) = published(&shop, 2);
        // Before its first head the player's clock may be outside the month, and so it is for ever after that month.
        let alone = |version, evergreens: &BTreeSet<String>| step(1, version, 0, evergreens.clone());
        steps.extend([alone(2, &evergreens), step(1, 2, 0, old)]);
        if news != "first" {
            shop.pull().success();
            steps.drain(..2);
        }
        let before = if news == "first" { BTreeMap::new() } else { tree(&shop.sandbox.path("data")) };
        match news {
            "month" => shop.publish(&month(20)),
            "single" => shop.publish_bare(&month(20)),
            "withdrawal" => {
                let program = shop.withdraw(1, &json!({"slides": ["x/0"]})).to_string();
                let show = Show { slides: json!({program: ["x/0"]}), ..steps[0].show.clone() };
                steps.push(Step { withdrawals: 1, show, ..steps[0].clone() });
            }
            "root" => {
                shop.rotate();
                // Without the second chief nothing of the old head is approved any more.
                steps.push(step(2, 2, 0, BTreeSet::new()));
                shop.publish(&month(20));
            }
            _ => {}
        }
        let root = if news == "root" { 2 } else { 1 };
        if ["month", "single", "root"].contains(&news) {
            let (evergreens, new) = published(&shop, 3);
            // Screens with nothing to show get the evergreen week first.
            if news == "root" || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() >= MONTH_END {
                steps.push(Step { root, ..alone(3, &evergreens) });
            }
            steps.push(step(root, 3, 0, new));
        }
        let approved = approved(&shop);
        let before = before.into_iter().map(|(path, bytes)| (path, Some(bytes))).collect();
        let doing = match name {
            START => Doing::Starts,
            _ if news != name => Doing::Hears,
            _ => Doing::Pulls,
        };
        Self { name, doing, has_news: news != "nothing", shop, before, steps, approved, evergreens }
    }

    /// Index of the first step that fits what a folder has committed to.
    pub fn committed(&self, data: &Image) -> usize {
        let number = |state: &Value, name| state[name].as_u64().unwrap_or(0);
        let copies: Vec<Value> = ["state.a", "state.b"].iter().filter_map(|name| copy(data.get(*name)?.as_ref()?)).collect();
        let highest = |name| copies.iter().map(|state| number(state, name)).max().unwrap_or(0);
        let (root, version, withdrawals) = (highest("root"), highest("version"), highest("withdrawals"));
        let reached = |step: &Step| (step.root <= root || step.root == 1) && step.version <= version && step.withdrawals <= withdrawals;
        let last = self.steps.iter().rposition(reached).unwrap_or(0);
        let same = |step: &Step| {
            let Step { root, version, withdrawals, .. } = self.steps[last];
            (step.root, step.version, step.withdrawals) == (root, version, withdrawals)
        };
        self.steps.iter().position(same).unwrap_or(0)
    }

    /// Whether a show is wholly that of a step, or only evergreen programs, or nothing.
    pub fn is_whole(&self, show: &Show) -> bool {
        self.steps.iter().any(|step| step.show == *show) || show.programs.is_subset(&self.evergreens)
    }

    /// Whether a player may show this while its disk fails: what is whole, or, where it names the slides that lack a file, some programs of a
    /// step. A program is left out that has no other slide.
    pub fn allows(&self, seen: &Seen) -> bool {
        let part = |step: &Step| seen.show.programs.is_subset(&step.show.programs) && seen.show.slides == step.show.slides;
        self.is_whole(&seen.show) || seen.lacks && self.steps.iter().any(part)
    }
}

/// A copy of the state, if its checksum is right.
fn copy(bytes: &[u8]) -> Option<Value> {
    let (body, sum) = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?.split_once('\n')?;
    let right = sum == bangtin::base::digest::Digest::of(body.as_bytes()).to_string();
    if right { serde_json::from_str(body).ok() } else { None }
}

fn step(root: u64, version: u64, withdrawals: u64, programs: BTreeSet<String>) -> Step {
    Step { root, version, withdrawals, show: Show { programs, slides: json!({}) } }
}

/// Six pages, a style sheet and a film that changes a little, so that packs, edits, block signatures and single objects all occur.
fn month(change: u64) -> Month {
    let mut film = noise(1, 270_000);
    film[100_000..100_400].copy_from_slice(&noise(change, 400));
    let pages = (0..6).map(|page| (format!("slides/x/{page}@1920x1080/index.html"), noise(change * 8 + page, 700)));
    let page = format!("<!doctype html><title>{change}</title><video src=\"../../assets/phim.mp4\"></video>");
    pages
        .chain([
            ("assets/phim.mp4".to_owned(), film),
            ("assets/a.css".to_owned(), noise(change + 1, 900)),
            ("slides/du-lich/phim@1920x1080.html".to_owned(), page.into_bytes()),
        ])
        .collect()
}

/// The evergreen programs of a head, and all its programs.
fn published(shop: &Shop, version: u64) -> (BTreeSet<String>, BTreeSet<String>) {
    let head = std::fs::read(shop.sandbox.path(&format!("store/sites/quay/heads/1-{version}.json"))).unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    let programs = head["programs"].as_array().unwrap();
    let name = |entry: &Value| entry["program"].as_str().unwrap().to_owned();
    (programs.iter().filter(|entry| entry["kind"] == "evergreen").map(name).collect(), programs.iter().map(name).collect())
}

fn approved(shop: &Shop) -> BTreeMap<String, Month> {
    let store = tree(&shop.sandbox.path("store"));
    let of = |(name, bytes): (&String, &Vec<u8>)| {
        let digest = name.strip_prefix("programs/")?.strip_suffix(".json")?;
        let manifest: Value = serde_json::from_slice(bytes).unwrap();
        let file = |file: &Value| {
            let sum = file["sha256"].as_str().unwrap();
            (file["path"].as_str().unwrap().to_owned(), store[&format!("objects/{}/{sum}", &sum[..2])].clone())
        };
        Some((digest.to_owned(), manifest["files"].as_array().unwrap().iter().map(file).collect()))
    };
    store.iter().filter_map(of).collect()
}
