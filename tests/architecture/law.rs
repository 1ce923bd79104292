//! The law of imports: the order of the stages, the order inside their folders, and no cycle of modules at any depth.
//! Has the tables; README and CONTRIBUTING show the first. Never reads a file: the caller gives the sources.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::reader::{self, Source, Use};

/// The stages: each uses only itself and those to its left. `daemon` is left of `office` because `demo` runs the player's own code.
pub const ORDER: [&str; 14] =
    ["base", "content", "program", "build", "trust", "store", "filing", "player", "publish", "report", "desk", "daemon", "office", "bin"];

/// The order as README and CONTRIBUTING show it.
pub const SHOWN: [&str; 13] =
    ["base", "content", "program", "build", "trust", "store", "filing", "player", "publish", "report", "desk", "office, daemon", "bin"];

/// The order inside a folder, from the left. Members of one group do not use each other. `*` is every name of the folder that is not in
/// the table; those may use each other.
const INSIDE: [(&str, &[&[&str]]); 5] = [
    ("content", &[&["source"], &["model"], &["plan"], &["author"]]),
    ("build", &[&["render"], &["*"], &["preflight"]]),
    ("player", &[&["pull"], &["record"], &["show"], &["config"], &["run"]]),
    ("desk", &[&["*"], &["live", "review"]]),
    ("office", &[&["*"], &["content"], &["sign"], &["trust"], &["store"], &["report"], &["demo"]]),
];

/// Uses that break the order of the stages or of a folder.
pub fn order(sources: &[Source]) -> Vec<String> {
    let stages: Vec<&[&str]> = ORDER.iter().map(std::slice::from_ref).collect();
    let mut broken: BTreeSet<String> = BTreeSet::new();
    for module in reader::modules(sources) {
        if !ORDER.contains(&module[0].as_str()) {
            broken.insert(format!("src/{}: a folder that the law does not know", module[0]));
        }
    }
    for used in reader::uses(sources) {
        if used.from.is_empty() {
            continue;
        }
        broken.extend(against(&used, 0, &stages));
        for (folder, groups) in INSIDE {
            if used.from[0] == folder && used.to[0] == folder {
                broken.extend(against(&used, 1, groups));
            }
        }
    }
    broken.into_iter().collect()
}

/// Compares both paths at a depth. The folder's own module may use all of the folder; a member that uses it in turn makes a cycle.
fn against(used: &Use, depth: usize, groups: &[&[&str]]) -> Option<String> {
    let (from, to) = (used.from.get(depth)?, used.to.get(depth)?);
    let named = |name: &String| groups.iter().position(|group| group.contains(&name.as_str()));
    let others = groups.iter().position(|group| group.contains(&"*"));
    let (here, there) = (named(from).or(others)?, named(to).or(others)?);
    let side_by_side = here == there && from != to && (named(from).is_some() || named(to).is_some());
    (there > here || side_by_side).then(|| format!("{}:{} uses {}, against the order: {}", file(used), used.line, used.path, shown(groups)))
}

fn shown(groups: &[&[&str]]) -> String {
    groups.iter().map(|group| group.join(", ").replace('*', "(the other files)")).collect::<Vec<_>>().join(" < ")
}

fn file(used: &Use) -> String {
    format!("src/{}", used.file)
}

/// Cycles of modules. In each folder, everything below one name counts as one module, and the folder's own file as another. So a
/// child that uses an item of its parent, while the parent uses the child, is a cycle too.
pub fn circles(sources: &[Source]) -> Vec<String> {
    let uses: Vec<Use> = reader::uses(sources).into_iter().filter(|used| !used.from.is_empty()).collect();
    let mut folders: BTreeSet<Vec<String>> =
        reader::modules(sources).into_iter().map(|module| module[..module.len() - 1].to_vec()).collect();
    folders.insert(Vec::new());
    folders.iter().flat_map(|folder| circles_in(folder, &uses)).collect()
}

type Edges<'a> = BTreeMap<Vec<String>, BTreeMap<Vec<String>, &'a Use>>;

fn circles_in(folder: &[String], uses: &[Use]) -> Vec<String> {
    let node = |module: &[String]| module.starts_with(folder).then(|| module[..module.len().min(folder.len() + 1)].to_vec());
    let mut edges = Edges::new();
    for used in uses {
        if let (Some(from), Some(to)) = (node(&used.from), node(&used.to))
            && from != to
        {
            edges.entry(from).or_default().entry(to).or_insert(used);
        }
    }
    let found: BTreeSet<Vec<Vec<String>>> = edges.keys().filter_map(|start| shortest(start, &edges)).collect();
    found.iter().map(|circle| described(circle, &edges)).collect()
}

/// The shortest cycle through a module, rotated to begin with its alphabetically first name.
fn shortest(start: &Vec<String>, edges: &Edges<'_>) -> Option<Vec<Vec<String>>> {
    let mut before: BTreeMap<&Vec<String>, &Vec<String>> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for next in edges.get(at).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut way = vec![at.clone()];
                while let Some(earlier) = before.get(&way[way.len() - 1]) {
                    way.push((*earlier).clone());
                }
                way.reverse();
                let first = way.iter().enumerate().min_by_key(|(_, name)| *name).map_or(0, |(at, _)| at);
                way.rotate_left(first);
                return Some(way);
            }
            if !before.contains_key(next) {
                before.insert(next, at);
                open.push_back(next);
            }
        }
    }
    None
}

/// `a → b → a`, then one use for each arrow.
fn described(circle: &[Vec<String>], edges: &Edges<'_>) -> String {
    let name = |module: &Vec<String>| module.join("::");
    let round: Vec<&Vec<String>> = circle.iter().chain(circle.first()).collect();
    let arrows = round.iter().map(|module| name(module)).collect::<Vec<_>>().join(" → ");
    let why = round.windows(2).map(|pair| {
        let used = edges[pair[0]][pair[1]];
        format!("\n    {}:{} uses {}", file(used), used.line, used.path)
    });
    format!("a circle: {arrows}{}", why.collect::<String>())
}

/// Glob imports of a module with children: the reader can't tell which of them are used.
pub fn globs(sources: &[Source]) -> Vec<String> {
    let known = reader::modules(sources);
    let folder = |module: &Vec<String>| known.iter().any(|other| other.len() > module.len() && other.starts_with(module));
    let uses = reader::uses(sources);
    let wide = uses.iter().filter(|used| used.glob && folder(&used.to));
    wide.map(|used| format!("{}:{} uses {}::*, a whole folder: name what is meant", file(used), used.line, used.path)).collect()
}
