//! A model of a disk under a player's folder: what a sync has made durable, and what is only in the system's memory. A power cut keeps the
//! first and any part of the second: bytes by sectors of 512, names one by one, each in any order.

use std::collections::BTreeMap;

use super::scene::Image;

/// Bytes that a disk writes whole.
const SECTOR: usize = 512;

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    Folder,
    File(usize),
}

/// One change of a disk. Paths are relative to the player's folder, which is "".
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    MakeFolder(String),
    /// A new, empty file.
    Create(String, usize),
    Write {
        file: usize,
        at: usize,
        bytes: Vec<u8>,
    },
    SetLength {
        file: usize,
        length: usize,
    },
    Rename(String, String),
    Link(String, String),
    Remove(String),
    SyncFile(usize),
    SyncFolder(String),
}

#[derive(Clone, Debug)]
enum Pending {
    Write(usize, Vec<u8>),
    Length(usize),
}

#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    pending: Vec<Pending>,
}

/// A change of a folder: what a name in it stands for from now on.
#[derive(Clone, Debug)]
struct Renamed {
    path: String,
    to: Option<Node>,
}

#[derive(Clone, Debug, Default)]
pub struct Disk {
    names: BTreeMap<String, Node>,
    pending: Vec<Renamed>,
    files: Vec<File>,
    syncs: Syncs,
}

/// What a sync makes durable.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Syncs {
    #[default]
    All,
    /// Only the names in folders: as if the player forgot to sync its files.
    Folders,
    /// Only the bytes of files: as if it forgot to sync its folders.
    Files,
    /// Nothing: the disk lies.
    Nothing,
}

/// Which pending names a power cut keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Names {
    None,
    All,
    /// The first of them.
    First,
    /// Any of them.
    Any,
}

/// Which pending bytes a power cut keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bytes {
    None,
    All,
    /// The first sectors of each file, or any sectors; each file's length at any moment.
    Torn,
}

/// Seeded choices.
#[derive(Clone, Debug)]
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % end.max(1) as u64).unwrap()
    }
}

impl Disk {
    /// A disk on which all this is durable.
    pub fn new(image: &Image, syncs: Syncs) -> Self {
        let mut disk = Self { syncs, ..Self::default() };
        for (path, bytes) in image {
            for (at, _) in path.match_indices('/') {
                disk.names.insert(path[..at].to_owned(), Node::Folder);
            }
            let node = bytes.as_ref().map_or(Node::Folder, |bytes| {
                disk.files.push(File { durable: bytes.clone(), pending: Vec::new() });
                Node::File(disk.files.len() - 1)
            });
            disk.names.insert(path.clone(), node);
        }
        disk
    }

    /// What a name stands for now, for the running system.
    pub fn find(&self, path: &str) -> Option<Node> {
        let latest = self.pending.iter().rev().find(|change| change.path == path);
        latest.map_or_else(|| self.names.get(path).copied(), |change| change.to)
    }

    /// Number of the next new file.
    pub fn next_file(&self) -> usize {
        self.files.len()
    }

    /// A file's length now, for the running system.
    pub fn length(&self, file: usize) -> usize {
        let start = self.files[file].durable.len();
        self.files[file].pending.iter().fold(start, |length, change| match change {
            Pending::Write(at, bytes) => length.max(at + bytes.len()),
            Pending::Length(length) => *length,
        })
    }

    pub fn apply(&mut self, change: &Change) {
        let mut name = |path: &str, to| self.pending.push(Renamed { path: path.to_owned(), to });
        match change {
            Change::MakeFolder(path) => name(path, Some(Node::Folder)),
            Change::Create(path, file) => {
                name(path, Some(Node::File(*file)));
                assert_eq!(*file, self.files.len(), "files are numbered as they come");
                self.files.push(File::default());
            }
            Change::Write { file, at, bytes } => self.files[*file].pending.push(Pending::Write(*at, bytes.clone())),
            Change::SetLength { file, length } => self.files[*file].pending.push(Pending::Length(*length)),
            Change::Rename(from, to) => {
                let node = self.find(from);
                self.pending.extend([Renamed { path: to.clone(), to: node }, Renamed { path: from.clone(), to: None }]);
            }
            Change::Link(from, to) => {
                let node = self.find(from);
                self.pending.push(Renamed { path: to.clone(), to: node });
            }
            Change::Remove(path) => name(path, None),
            Change::SyncFile(_) if matches!(self.syncs, Syncs::Folders | Syncs::Nothing) => {}
            Change::SyncFolder(_) if matches!(self.syncs, Syncs::Files | Syncs::Nothing) => {}
            Change::SyncFile(file) => {
                self.files[*file].durable = self.files[*file].kept(Bytes::All, &mut Chance(1));
                self.files[*file].pending.clear();
            }
            Change::SyncFolder(folder) => {
                let (done, left) = std::mem::take(&mut self.pending).into_iter().partition(|change| parent(&change.path) == folder);
                self.pending = left;
                done.into_iter().for_each(|change: Renamed| set(&mut self.names, change));
            }
        }
    }

    /// What is on the disk after a power cut now.
    pub fn cut(&self, names: Names, bytes: Bytes, chance: &mut Chance) -> Image {
        let (mut kept, count) = (self.names.clone(), chance.below(self.pending.len() + 1));
        for (at, change) in self.pending.iter().enumerate() {
            let stays = match names {
                Names::None => false,
                Names::All => true,
                Names::First => at < count,
                Names::Any => chance.below(2) == 0,
            };
            if stays {
                set(&mut kept, change.clone());
            }
        }
        let contents: Vec<Vec<u8>> = self.files.iter().map(|file| file.kept(bytes, chance)).collect();
        // What lies in a folder that is lost is lost.
        let reached = |path: &str| path.match_indices('/').all(|(at, _)| kept.get(&path[..at]) == Some(&Node::Folder));
        let content = |node: &Node| match node {
            Node::Folder => None,
            Node::File(file) => Some(contents[*file].clone()),
        };
        kept.iter().filter(|(path, _)| reached(path)).map(|(path, node)| (path.clone(), content(node))).collect()
    }
}

impl File {
    fn kept(&self, bytes: Bytes, chance: &mut Chance) -> Vec<u8> {
        let mut content = self.durable.clone();
        if self.pending.is_empty() || bytes == Bytes::None {
            return content;
        }
        // The length may be that of any moment; sectors of it that were not written are zeros.
        let moment = if bytes == Bytes::All { self.pending.len() } else { chance.below(self.pending.len() + 1) };
        let (first, in_order) = (chance.below(self.length() / SECTOR + 2), chance.below(2) == 0);
        let mut length = content.len();
        for (at, change) in self.pending.iter().enumerate() {
            match change {
                Pending::Write(start, new) => {
                    let end = start + new.len();
                    content.resize(content.len().max(end), 0);
                    let mut from = *start;
                    while from < end {
                        let to = end.min((from / SECTOR + 1) * SECTOR);
                        let stays = match bytes {
                            Bytes::All => true,
                            _ if in_order => from / SECTOR < first,
                            _ => chance.below(2) == 0,
                        };
                        if stays {
                            content[from..to].copy_from_slice(&new[from - start..to - start]);
                        }
                        from = to;
                    }
                    length = if at < moment { length.max(end) } else { length };
                }
                Pending::Length(new) if at < moment => {
                    content.resize(*new, 0);
                    length = *new;
                }
                Pending::Length(_) => {}
            }
        }
        content.resize(length, 0);
        content
    }

    fn length(&self) -> usize {
        let writes =
            self.pending.iter().filter_map(|change| if let Pending::Write(at, bytes) = change { Some(at + bytes.len()) } else { None });
        writes.max().unwrap_or(0)
    }
}

fn set(names: &mut BTreeMap<String, Node>, Renamed { path, to }: Renamed) {
    match to {
        Some(node) => drop(names.insert(path, node)),
        None => drop(names.remove(&path)),
    }
}

/// The folder of a path.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
