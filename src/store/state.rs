//! A player's commitments, in two copies. A commit replaces the older copy; its rename is the one commit point. Each copy has a checksum;
//! an unreadable copy is set aside, never trusted. Never holds what documents already say.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::files;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::trust::head::HeadNumber;

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
}

impl PlayerState {
    /// The head in force; `None` before the first.
    pub fn head(&self) -> Option<HeadNumber> {
        (self.version > 0).then_some(HeadNumber { epoch: self.epoch, version: self.version })
    }

    /// Orders states by what they commit to; the highest is in force.
    pub fn rank(&self) -> (u64, u64, u64, u64) {
        (self.root, self.epoch, self.version, self.counter)
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
    /// The valid copy with the higher (root, epoch, version, counter); `None` without one.
    pub state: Option<PlayerState>,
    /// Unreadable copies, renamed for inspection.
    pub set_aside: Vec<PathBuf>,
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
    pub fn load(&self) -> io::Result<LoadedState> {
        let mut found = LoadedState { state: None, set_aside: Vec::new() };
        for (name, copy) in self.inspect()? {
            match copy {
                StateCopy::Good(state) if found.state.as_ref().is_none_or(|held| held.rank() < state.rank()) => found.state = Some(state),
                StateCopy::Good(_) | StateCopy::Absent => {}
                StateCopy::Damaged => {
                    let aside = self.folder.join(format!("{name}.unreadable"));
                    fs::rename(self.folder.join(name), &aside)?;
                    found.set_aside.push(aside);
                }
            }
        }
        Ok(found)
    }

    /// Reads both copies by name without changing them.
    pub fn inspect(&self) -> io::Result<[(&'static str, StateCopy); 2]> {
        let copy = |name: &'static str| -> io::Result<_> {
            let path = self.folder.join(name);
            let copy = match read(&path)? {
                Some(state) => StateCopy::Good(state),
                None if fs::symlink_metadata(&path).is_ok() => StateCopy::Damaged,
                None => StateCopy::Absent,
            };
            Ok((name, copy))
        };
        let [first, second] = COPIES;
        Ok([copy(first)?, copy(second)?])
    }

    /// Commits: replaces the copy with the lower counter atomically and returns the state as written. A counter at `u64::MAX`, possible
    /// only by a manual change, stays there; the rank then decides which copy is older.
    pub fn commit(&self, state: &PlayerState) -> io::Result<PlayerState> {
        let age = |name: &str| read(&self.folder.join(name)).ok().flatten().map(|state| (state.counter, state.rank()));
        let ages = COPIES.map(age);
        let older = usize::from(ages[1] < ages[0]);
        let newest = ages.iter().flatten().map(|(counter, _)| *counter).max().unwrap_or(0);
        let next = PlayerState { counter: newest.saturating_add(1), ..state.clone() };
        files::write_atomic(&self.folder.join(COPIES[older]), &encode(&next)?)?;
        Ok(next)
    }
}

fn encode(state: &PlayerState) -> io::Result<Vec<u8>> {
    let body = serde_json::to_string(state)?;
    Ok(format!("{body}\n{}\n", Digest::of(body.as_bytes())).into_bytes())
}

/// Reads a copy; `None` if it is absent or damaged.
fn read(path: &Path) -> io::Result<Option<PlayerState>> {
    let bytes = match files::read_file_limited(path, SMALL_DOCUMENT_BYTES) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::FileTooLarge | io::ErrorKind::IsADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let Ok(text) = String::from_utf8(bytes) else { return Ok(None) };
    let Some((body, sum)) = text.strip_suffix('\n').and_then(|text| text.split_once('\n')) else { return Ok(None) };
    let intact = Digest::parse(sum).is_some_and(|sum| sum == Digest::of(body.as_bytes()));
    Ok(if intact { serde_json::from_str(body).ok() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_copy_gives_way_and_a_torn_one_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let files = StateFiles::new(folder.path());
        assert_eq!(files.load().unwrap().state, None);
        for version in 1..=3 {
            files.commit(&PlayerState { root: 1, epoch: 1, version, ..PlayerState::default() }).unwrap();
        }
        assert_eq!(files.load().unwrap().state.map(|state| (state.version, state.counter)), Some((3, 3)));
        let newest = folder.path().join("state.a");
        let whole = fs::read(&newest).unwrap();
        for cut in 0..whole.len() {
            fs::write(&newest, &whole[..cut]).unwrap();
            let found = files.load().unwrap();
            assert_eq!((found.state.map(|state| state.version), found.set_aside.len()), (Some(2), 1), "cut at {cut}");
        }
        fs::write(&newest, whole.iter().map(|byte| byte ^ 1).collect::<Vec<_>>()).unwrap();
        fs::write(folder.path().join("state.b"), b"").unwrap();
        let found = files.load().unwrap();
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
            assert_eq!(files.load().unwrap().state.map(|state| state.version), Some(version));
            let versions = files.inspect().unwrap().map(|(_, copy)| if let StateCopy::Good(state) = copy { state.version } else { 0 });
            assert_eq!(versions.into_iter().min(), Some(version - 1), "the older copy gave way");
        }
    }
}
