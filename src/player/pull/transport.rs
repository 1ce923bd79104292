//! Where documents and objects come from: a store over HTTP, or the same tree in a folder such as a USB stick.
//! Never keeps anything and never follows a redirect or a symlink.

use std::io::Read;

use crate::store::scan::Stretch;

/// Bytes on their way. They may be read on another thread than the one that asked.
pub type Body = Box<dyn Read + Send>;

/// What a source has under a path.
pub enum Got {
    /// Bytes from `start` on: 0, or the offset that was asked for.
    Found {
        /// The bytes.
        body: Body,
        /// Offset of the first of them.
        start: u64,
        /// The source's validator.
        etag: Option<String>,
    },
    /// Nothing.
    Absent,
    /// The rest after the offset can't be had: the file there is another than the one whose beginning is held.
    Unfit,
    /// What the caller's validator stands for.
    NotModified,
}

/// Stretches of a file, as far as a source can give them.
pub enum Pieces<'a> {
    /// Just the bytes of the stretches, one after the other.
    Found(Box<dyn Read + Send + 'a>),
    /// Nothing there.
    Absent,
    /// The source gives whole files only, or a file of another size lies there.
    Unfit,
}

/// Why a source gave no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unusable {
    /// What happened, for the log.
    pub reason: String,
    /// Seconds after which the source wants to be asked again.
    pub retry_after_s: Option<u64>,
}

impl Unusable {
    /// A failure without advice.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry_after_s: None }
    }
}

/// What is asked of a source.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Path of the store's layout.
    pub path: &'a str,
    /// Most bytes that the answer may have; deadlines follow from it.
    pub limit: u64,
    /// Offset from which the rest is wanted; 0 for all.
    pub from: u64,
    /// Validator of what is held.
    pub etag: Option<&'a str>,
}

/// A source of a store's files. Several threads may ask at once.
pub trait Transport: Send + Sync {
    /// Asks for one file.
    fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable>;

    /// Asks for stretches of a file of `size` bytes; they are sorted and disjoint, and there is at least one.
    fn pieces<'a>(&'a self, path: &str, size: u64, stretches: &[Stretch]) -> Result<Pieces<'a>, Unusable>;

    /// Nothing more will be asked for a while: whatever is kept open for the next question is closed.
    fn rest(&mut self);

    /// Its name in messages.
    fn name(&self) -> &str;
}
