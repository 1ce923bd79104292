//! A player's commitments, in two copies. A commit replaces the older copy; its rename is the one commit point. Each copy has a checksum;
//! an unreadable copy is set aside, never trusted. Each holds the accepted statements whole, so that no single damage loses one. Never
//! judges them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::known::{Known, is_default};
use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::STATE_BYTES;
use crate::base::os;
use crate::trust::head::HeadNumber;

/// Signed documents and their signature files, by their paths in a store. Both are text by their formats.
pub type Documents = BTreeMap<String, String>;

/// A player's commitment. Everything else follows from the documents that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerState {
    /// Rises at each commit.
    pub counter: u64,
    /// Version of the newest root seen.
    pub root: u64,
    /// Epoch of the head in force; 0 before the first.
    pub epoch: u64,
    /// Version of the head in force; 0 before the first.
    pub version: u64,
    /// The head before it; its objects are kept.
    pub previous: Option<HeadNumber>,
    /// Number of the last withdrawal applied.
    pub withdrawals: u64,
    /// The earliest clock time accepted, Unix seconds.
    pub floor: i64,
    /// Every root after the provisioned one, every withdrawal and kit release, the head in force.
    #[serde(default)]
    pub documents: Documents,
    /// The highest number that a segment of the journal was given: none is given twice, whatever the journal loses.
    #[serde(default)]
    pub segment: u64,
    /// The newest root when a withdrawal last came under a number that another has: until the next it is told. 0 before the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub twins_root: u64,
    /// After both copies were lost: what the player once had, as long as it does not have all of it again.
    #[serde(default)]
    pub lost: Option<Known>,
    /// Programs of the head in force that were here whole, each with the version of the root by which it counted: what they lack was lost.
    #[serde(default)]
    pub whole: BTreeMap<Digest, u64>,
}

impl PlayerState {
    /// What it commits to, and what it says was lost.
    pub fn known(&self) -> Known {
        Known { root: self.root, withdrawals: self.withdrawals, head: self.head(), ..Known::default() }
            .joined(self.lost.unwrap_or_default())
    }

    /// The head in force; `None` before the first.
    pub fn head(&self) -> Option<HeadNumber> {
        (self.version > 0).then_some(HeadNumber { epoch: self.epoch, version: self.version })
    }

    /// Orders states by what they commit to; the highest is in force.
    pub fn rank(&self) -> (u64, u64, u64, u64) {
        (self.root, self.epoch, self.version, self.counter)
    }

    /// The higher of two by rank, and nothing that only the lower one has is lost.
    fn joined(self, other: Self) -> Self {
        let (low, mut high) = if self.rank() < other.rank() { (self, other) } else { (other, self) };
        high.withdrawals = high.withdrawals.max(low.withdrawals);
        high.floor = high.floor.max(low.floor);
        high.segment = high.segment.max(low.segment);
        high.twins_root = high.twins_root.max(low.twins_root);
        high.documents = low.documents.into_iter().chain(high.documents).collect();
        high
    }
}

/// The two copies in a player's data folder.
#[derive(Clone, Debug)]
pub struct StateFiles {
    folder: PathBuf,
}

/// Result of reading both copies.
#[derive(Debug, PartialEq, Eq)]
pub struct LoadedState {
    /// The valid copy with the higher (root, epoch, version, counter), with the documents of both; `None` without one.
    pub state: Option<PlayerState>,
    /// Whether both copies hold the same documents.
    pub equal: bool,
    /// Copies that are not there.
    pub absent: Vec<PathBuf>,
    /// Unreadable copies, renamed for inspection where they can be.
    pub set_aside: Vec<PathBuf>,
    /// What can still be read of the documents in unreadable copies: trusted for nothing, since each has its own signatures.
    pub salvaged: Documents,
}

/// One copy as stored.
#[derive(Debug, PartialEq, Eq)]
pub enum StateCopy {
    Good(PlayerState),
    Absent,
    Damaged,
}

const COPIES: [&str; 2] = ["state.a", "state.b"];

impl StateFiles {
    /// The copies in a folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Reads both copies and renames unreadable ones.
    pub fn load(&self) -> LoadedState {
        let copies = self.inspect();
        let documents = |at: usize| if let StateCopy::Good(state) = &copies[at].1 { Some(&state.documents) } else { None };
        let equal = documents(0) == documents(1);
        let mut found = LoadedState { state: None, equal, absent: Vec::new(), set_aside: Vec::new(), salvaged: Documents::new() };
        for (name, copy) in copies {
            match copy {
                StateCopy::Good(state) => {
                    found.state = Some(match found.state.take() {
                        Some(held) => held.joined(state),
                        None => state,
                    });
                }
                StateCopy::Absent => found.absent.push(self.folder.join(name)),
                StateCopy::Damaged => {
                    let path = self.folder.join(name);
                    found.salvaged.extend(salvage(&path).unwrap_or_default());
                    // One that stays in its place gives way at the next commit.
                    found.set_aside.push(files::set_aside(&path).unwrap_or(path));
                }
            }
        }
        found
    }

    /// The bytes of both copies, and of those that were set aside, whatever they are.
    pub fn remains(&self) -> Vec<Vec<u8>> {
        COPIES.iter().flat_map(|name| [self.folder.join(name), self.aside(name)]).filter_map(|path| read_bytes(&path)).collect()
    }

    /// What can be read of the documents in both copies, whole or not: trusted for nothing, since each has its own signatures.
    pub fn documents(&self) -> Documents {
        self.paths().iter().filter_map(|path| salvage(path)).flatten().collect()
    }

    /// The paths of both copies.
    pub fn paths(&self) -> [PathBuf; 2] {
        COPIES.map(|name| self.folder.join(name))
    }

    /// Whether the copy at a path is whole and commits to the same as `state`, whichever of the two is older.
    pub fn holds(&self, path: &Path, state: &PlayerState) -> bool {
        read(path).is_some_and(|held| PlayerState { counter: state.counter, ..held } == *state)
    }

    fn aside(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.unreadable"))
    }

    /// Reads both copies by name without changing them.
    pub fn inspect(&self) -> [(&'static str, StateCopy); 2] {
        COPIES.map(|name| {
            let path = self.folder.join(name);
            let absent = || fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
            let copy = match read(&path) {
                Some(state) => StateCopy::Good(state),
                None if absent() => StateCopy::Absent,
                None => StateCopy::Damaged,
            };
            (name, copy)
        })
    }

    /// Commits: replaces the copy with the lower counter atomically and returns the state as written. A counter at `u64::MAX`, possible
    /// only by a manual change, stays there; the rank then decides which copy is older. If one can't be replaced, the other is.
    pub fn commit(&self, state: &PlayerState) -> io::Result<PlayerState> {
        let age = |name: &str| read(&self.folder.join(name)).map(|state| (state.counter, state.rank()));
        let ages = COPIES.map(age);
        let older = usize::from(ages[1] < ages[0]);
        let newest = ages.iter().flatten().map(|(counter, _)| *counter).max().unwrap_or(0);
        let next = PlayerState { counter: newest.saturating_add(1), ..state.clone() };
        let bytes = encode(&next)?;
        let put = |copy: usize| {
            let path = self.folder.join(COPIES[copy]);
            files::make_way(&path).and_then(|_| files::write_atomic(&path, &bytes))
        };
        put(older).or_else(|_| put(1 - older))?;
        Ok(next)
    }
}

fn encode(state: &PlayerState) -> io::Result<Vec<u8>> {
    let body = serde_json::to_string(state)?;
    Ok(format!("{body}\n{}\n", Digest::of(body.as_bytes())).into_bytes())
}

/// Reads a copy; `None` if it is absent, damaged or can't be read.
fn read(path: &Path) -> Option<PlayerState> {
    let text = String::from_utf8(read_bytes(path)?).ok()?;
    let (body, sum) = text.strip_suffix('\n')?.split_once('\n')?;
    let intact = Digest::parse(sum).is_some_and(|sum| sum == Digest::of(body.as_bytes()));
    if intact { serde_json::from_str(body).ok() } else { None }
}

fn read_bytes(path: &Path) -> Option<Vec<u8>> {
    files::read_stream_limited(os::open_regular(path).ok()?, STATE_BYTES).ok()
}

/// The documents of a copy, whatever its checksum says.
fn salvage(path: &Path) -> Option<Documents> {
    let bytes = read_bytes(path)?;
    let text = String::from_utf8_lossy(&bytes);
    serde_json::from_str::<PlayerState>(text.lines().next()?).ok().map(|state| state.documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f05_the_older_copy_gives_way_and_a_torn_one_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let files = StateFiles::new(folder.path());
        assert_eq!(files.load().state, None);
        for version in 1..=3 {
            files.commit(&PlayerState { root: 1, epoch: 1, version, ..PlayerState::default() }).unwrap();
        }
        assert_eq!(files.load().state.map(|state| (state.version, state.counter)), Some((3, 3)));
        let newest = folder.path().join("state.a");
        let whole = fs::read(&newest).unwrap();
        for cut in 0..whole.len() {
            fs::write(&newest, &whole[..cut]).unwrap();
            let found = files.load();
            assert_eq!((found.state.map(|state| state.version), found.set_aside.len()), (Some(2), 1), "cut at {cut}");
        }
        fs::write(&newest, whole.iter().map(|byte| byte ^ 1).collect::<Vec<_>>()).unwrap();
        fs::write(folder.path().join("state.b"), b"").unwrap();
        let found = files.load();
        assert_eq!((found.state, found.set_aside.len()), (None, 2));
    }

    #[test]
    fn a_counter_at_its_end_stands_in_no_commits_way() {
        let folder = tempfile::tempdir().unwrap();
        let files = StateFiles::new(folder.path());
        let exhausted = PlayerState { counter: u64::MAX, root: 1, epoch: 1, version: 1, ..PlayerState::default() };
        fs::write(folder.path().join("state.a"), encode(&exhausted).unwrap()).unwrap();
        for version in 2..=5 {
            files.commit(&PlayerState { version, ..exhausted.clone() }).unwrap();
            assert_eq!(files.load().state.map(|state| state.version), Some(version));
            let versions = files.inspect().map(|(_, copy)| if let StateCopy::Good(state) = copy { state.version } else { 0 });
            assert_eq!(versions.into_iter().min(), Some(version - 1), "the older copy gave way");
        }
    }
}
