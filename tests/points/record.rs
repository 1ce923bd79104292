//! Turns strace's log of a real pull or start into changes of the model disk: descriptors, positions and paths are followed call by call.
//! Fails on a call that changes files and that it does not know.

use std::collections::BTreeMap;
use std::path::Path;

use super::disk::{Change, Disk, Node, Syncs};
use super::scene::Image;
use super::strace::{self, Call, unhex};

/// What a descriptor is open on. Descriptors that were copied are not followed: the player copies none of the files that it writes.
#[derive(Clone, Debug)]
enum Open {
    File { file: usize, at: usize, appends: bool },
    Folder(String),
}

/// The changes of one run.
pub struct Recorder {
    /// Of the player's folder, with a slash at its end.
    folder: String,
    disk: Disk,
    open: BTreeMap<i64, Open>,
    changes: Vec<Change>,
}

impl Recorder {
    /// The changes below a folder, which held `before`, in the order in which the calls ended.
    pub fn changes(log: &Path, folder: &Path, before: &Image) -> Vec<Change> {
        let folder = format!("{}/", folder.to_str().unwrap());
        let mut own = Self { folder, disk: Disk::new(before, Syncs::All), open: BTreeMap::new(), changes: Vec::new() };
        for call in strace::read(log).iter().filter(|call| call.result >= 0) {
            own.call(call);
        }
        own.changes
    }

    fn call(&mut self, call: &Call) {
        let words = call.split();
        let number = |at: usize| words.get(at).and_then(|word| word.parse::<i64>().ok()).unwrap_or(-1);
        let count = usize::try_from(call.result).unwrap();
        match call.name.as_str() {
            "openat" => self.opens(&words, call.result),
            "close" => drop(self.open.remove(&number(0))),
            "read" => {
                if let Some(Open::File { at, .. }) = self.open.get_mut(&number(0)) {
                    *at += count;
                }
            }
            "lseek" => {
                if let Some(Open::File { at, .. }) = self.open.get_mut(&number(0)) {
                    *at = count;
                }
            }
            "write" | "pwrite64" => {
                let Some(Open::File { file, at, appends }) = self.open.get(&number(0)).cloned() else { return };
                let place = usize::try_from(number(3)).unwrap_or(if appends { self.disk.length(file) } else { at });
                let bytes = unhex(words[1])[..count].to_vec();
                self.change(Change::Write { file, at: place, bytes });
                if call.name == "write" {
                    self.open.insert(number(0), Open::File { file, at: place + count, appends });
                }
            }
            "ftruncate" => {
                let Some(Open::File { file, .. }) = self.open.get(&number(0)) else { return };
                self.change(Change::SetLength { file: *file, length: usize::try_from(number(1)).unwrap() });
            }
            "fsync" | "fdatasync" => match self.open.get(&number(0)).cloned() {
                Some(Open::File { file, .. }) => self.change(Change::SyncFile(file)),
                Some(Open::Folder(path)) => self.change(Change::SyncFolder(path)),
                None => {}
            },
            "mkdir" => self.named(words[0], Change::MakeFolder),
            "unlink" | "rmdir" => self.named(words[0], Change::Remove),
            "unlinkat" => {
                if let Some(path) = self.below(words[0], words[1]) {
                    self.change(Change::Remove(path));
                }
            }
            "rename" => self.moves(words[0], words[1]),
            "renameat" | "renameat2" if words[0] == "AT_FDCWD" && words[2] == "AT_FDCWD" => self.moves(words[1], words[3]),
            "link" => {
                if let (Some(from), Some(to)) = (self.path(words[0]), self.path(words[1])) {
                    self.change(Change::Link(from, to));
                }
            }
            // Who may read is not modelled.
            "chmod" | "fchmod" | "fchmodat" | "utimensat" => {}
            other if !strace::changes(other) => {}
            other => assert!(!call.arguments.contains(&hex(&self.folder)), "the model does not know {other}({})", call.arguments),
        }
    }

    fn opens(&mut self, words: &[&str], descriptor: i64) {
        let Some(path) = self.below(words[0], words[1]) else { return };
        let has = |flag| words[2].split('|').any(|word| word == flag);
        if has("O_CREAT") && self.disk.find(&path).is_none() {
            self.change(Change::Create(path.clone(), self.disk.next_file()));
        }
        match self.disk.find(&path) {
            Some(Node::File(file)) => {
                if has("O_TRUNC") && self.disk.length(file) > 0 {
                    self.change(Change::SetLength { file, length: 0 });
                }
                self.open.insert(descriptor, Open::File { file, at: 0, appends: has("O_APPEND") });
            }
            Some(Node::Folder) => drop(self.open.insert(descriptor, Open::Folder(path))),
            None if path.is_empty() => drop(self.open.insert(descriptor, Open::Folder(path))),
            None => panic!("the model lost {path}"),
        }
    }

    fn named(&mut self, quoted: &str, change: impl Fn(String) -> Change) {
        if let Some(path) = self.path(quoted).filter(|path| !path.is_empty()) {
            self.change(change(path));
        }
    }

    fn moves(&mut self, from: &str, to: &str) {
        if let (Some(from), Some(to)) = (self.path(from), self.path(to)) {
            self.change(Change::Rename(from, to));
        }
    }

    fn change(&mut self, change: Change) {
        self.disk.apply(&change);
        self.changes.push(change);
    }

    /// A path that is relative to an open folder, or to none.
    fn below(&self, folder: &str, quoted: &str) -> Option<String> {
        match folder.parse().ok().and_then(|descriptor: i64| self.open.get(&descriptor)) {
            Some(Open::Folder(above)) => Some(format!("{above}/{}", String::from_utf8(unhex(quoted)).ok()?)),
            _ => self.path(quoted),
        }
    }

    /// A path below the player's folder, which is "".
    fn path(&self, quoted: &str) -> Option<String> {
        let path = format!("{}/", String::from_utf8(unhex(quoted)).ok()?);
        path.strip_prefix(&self.folder).map(|rest| rest.trim_end_matches('/').to_owned())
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("\\x{byte:02x}")).collect()
}
