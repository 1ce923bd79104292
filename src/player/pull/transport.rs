//! The interface to a store: over HTTP, or the same tree in a folder, for example on a USB stick.
//! Never keeps anything and never follows a redirect or a symlink.

use std::io::Read;
use std::time::Duration;

use crate::base::failure;
use crate::base::text::Text;
use crate::store::scan::ByteRange;
use crate::text;

/// The body of an answer. It may be read on a different thread from the request's.
pub type BodyReader = Box<dyn Read + Send>;

/// A source's answer for a path.
pub enum FetchResponse {
    /// Bytes from `start` on: 0, or the requested offset.
    Found {
        body: BodyReader,
        start: u64,
    },
    Absent,
    /// The rest after the offset is not available: the source's file differs from the one that was begun.
    Mismatch,
}

/// A source's answer for ranges of a file.
pub enum RangesResponse<'a> {
    /// Exactly the bytes of the ranges, one after the other.
    Found(Box<dyn Read + Send + 'a>),
    Absent,
    /// The source gives whole files only, or its file has a different size.
    Mismatch,
}

/// Why a source gave no usable answer, or why a cycle ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullError {
    pub reason: Text,
    /// Whether the cause is outside: network, disk, an incomplete source.
    pub external: bool,
    /// `Retry-After` of the source, in seconds.
    pub retry_after_s: Option<u64>,
    /// Set if nothing is wrong, and the fetch goes on later.
    pub pause: Option<Pause>,
}

/// Why a fetch pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// The hours of the line, or its bytes of the day, are over, until this Unix second.
    Until(i64),
    /// No source has what is named; it may come.
    Missing,
    /// The disk has no room.
    NoRoom,
    /// A look has found news, or the player ends.
    Interrupted,
    /// A look has used up the time that it has at one source; the next one goes on.
    OutOfTime,
}

impl PullError {
    /// An outside error, which may pass by itself.
    pub fn external(reason: Text) -> Self {
        Self { reason, external: true, retry_after_s: None, pause: None }
    }

    /// Documents that break a rule.
    pub fn refused(reason: Text) -> Self {
        Self { external: false, ..Self::external(reason) }
    }

    /// A state that is no failure.
    pub fn paused(reason: Text, pause: Pause) -> Self {
        Self { pause: Some(pause), ..Self::external(reason) }
    }

    /// A source that did not give all within its time.
    pub fn out_of_time(source: &str) -> Self {
        let reason = text!(
            vi: "{source}: trả lời quá chậm, chưa đọc hết; lần kiểm tra sau đọc tiếp",
            en: "{source}: answers too slowly, not all could be read; the next look goes on"
        );
        Self::paused(reason, Pause::OutOfTime)
    }

    /// The Unix second until which it pauses, if that is known.
    pub fn resumes_at(&self) -> Option<i64> {
        match self.pause {
            Some(Pause::Until(second)) => Some(second),
            _ => None,
        }
    }

    /// A failed read or write. `what`: its path or address.
    pub fn io(what: &str, error: &std::io::Error) -> Self {
        // An error of this type that passed through a reader stays what it is.
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).cloned();
        let inner = inner.unwrap_or_else(|| Self::external(failure::system(error)));
        let Text { vi, en } = &inner.reason;
        Self { reason: text!(vi: "{what}: {vi}", en: "{what}: {en}"), ..inner }
    }
}

/// For the player's own disk.
impl From<std::io::Error> for PullError {
    fn from(error: std::io::Error) -> Self {
        let Text { vi, en } = failure::system(&error);
        Self::external(text!(vi: "ổ đĩa: {vi}", en: "disk: {en}"))
    }
}

impl std::fmt::Display for PullError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.reason.en)
    }
}

impl std::error::Error for PullError {}

/// A request to a source.
#[derive(Clone, Copy, Debug)]
pub struct FetchRequest<'a> {
    /// Relative to the store's root.
    pub path: &'a str,
    /// Most bytes of the whole file.
    pub limit: u64,
    /// Offset of the first byte.
    pub from: u64,
}

/// A source of a store's files. Several threads may send requests at once.
pub trait Transport: Send + Sync {
    /// Requests one file.
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError>;

    /// Requests ranges of a file of `size` bytes: at least one, sorted and disjoint. Unless a source overrides this, it gives whole files only.
    fn get_ranges<'a>(&'a self, _path: &str, _size: u64, _stretches: &[ByteRange]) -> Result<RangesResponse<'a>, PullError> {
        Ok(RangesResponse::Mismatch)
    }

    /// How much time all later requests have together, with their bodies; `None`: as much as they need.
    fn set_time(&mut self, _left: Option<Duration>) {}

    /// Closes connections kept for a next request, because none will follow soon.
    fn close_idle(&mut self) {}

    /// The source's name in messages.
    fn name(&self) -> &str;
}
