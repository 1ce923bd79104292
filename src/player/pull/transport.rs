//! Where documents and objects come from: a store over HTTP, or the same tree in a folder such as a USB stick.
//! Never keeps anything and never follows a redirect or a symlink.

use std::io::Read;

use crate::base::failure;
use crate::base::text::Text;
use crate::store::scan::ByteRange;
use crate::text;

/// Bytes on their way. They may be read on another thread than the one that asked.
pub type BodyReader = Box<dyn Read + Send>;

/// What a source has under a path.
pub enum FetchResponse {
    /// Bytes from `start` on: 0, or the offset that was asked for.
    Found {
        /// The bytes.
        body: BodyReader,
        /// Offset of the first of them.
        start: u64,
        /// The source's validator.
        etag: Option<String>,
    },
    /// Nothing.
    Absent,
    /// The rest after the offset can't be had: the file there is another than the one whose beginning is held.
    Mismatch,
    /// What the caller's validator stands for.
    NotModified,
}

/// Stretches of a file, as far as a source can give them.
pub enum RangesResponse<'a> {
    /// Just the bytes of the stretches, one after the other.
    Found(Box<dyn Read + Send + 'a>),
    /// Nothing there.
    Absent,
    /// The source gives whole files only, or its file has another size.
    Mismatch,
}

/// Why a source gave no answer that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransportError {
    /// What happened.
    pub reason: Text,
    /// Seconds after which the source wants to be asked again.
    pub retry_after_s: Option<u64>,
}

impl TransportError {
    /// A failure without advice.
    pub fn new(reason: Text) -> Self {
        Self { reason, retry_after_s: None }
    }

    /// A read or write that failed. `what`: the path or address that it was about.
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        // What this tool itself had to say went through the reader as an error of this type.
        match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            Some(Self { reason: Text { vi, en }, .. }) => Self::new(text!(vi: "{what}: {vi}", en: "{what}: {en}")),
            None => {
                let Text { vi, en } = failure::system(error);
                Self::new(text!(vi: "{what}: {vi}", en: "{what}: {en}"))
            }
        }
    }
}

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason.en)
    }
}

impl std::error::Error for TransportError {}

/// What is asked of a source.
#[derive(Clone, Copy, Debug)]
pub struct FetchRequest<'a> {
    /// Path of the store's layout.
    pub path: &'a str,
    /// Most bytes that the answer may have; deadlines follow from it.
    pub limit: u64,
    /// Offset to begin at; 0 for all.
    pub from: u64,
    /// Validator of what is held.
    pub etag: Option<&'a str>,
}

/// A source of a store's files. Several threads may ask at once.
pub trait Transport: Send + Sync {
    /// Asks for one file.
    fn get(&self, ask: FetchRequest<'_>) -> Result<FetchResponse, TransportError>;

    /// Asks for stretches of a file of `size` bytes; they are sorted and disjoint, and there is at least one.
    fn get_ranges<'a>(&'a self, path: &str, size: u64, stretches: &[ByteRange]) -> Result<RangesResponse<'a>, TransportError>;

    /// Nothing more will be asked for a while: whatever is kept open for the next question is closed.
    fn close_idle(&mut self);

    /// Its name in messages.
    fn name(&self) -> &str;
}
