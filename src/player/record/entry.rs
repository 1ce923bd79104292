//! The lines of a returns segment on the wire: the heading, plays, incidents. Milliseconds are Unix time; durations are monotonic.
//! Never writes files.

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::ids::{PlayerId, ScreenId, SiteId, SlideId};

/// The only format that this tool writes and reads.
pub const FORMAT: &str = "bangtin-returns/1";

/// The first line of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentHeader {
    /// [`FORMAT`].
    pub format: String,
    /// The site.
    pub site: SiteId,
    /// The machine at the site.
    pub player: PlayerId,
    /// Number of the segment, from 1, without gaps.
    pub seq: u64,
    /// SHA-256 of the whole segment before; `null` in the first.
    pub before: Option<Digest>,
    /// When it was begun, by the player's clock.
    pub opened: i64,
}

/// Every other line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum JournalEntry {
    /// A slide stood on a screen.
    Play(PlayRecord),
    /// Something went wrong.
    Incident {
        /// Stable name of what happened, such as `clock-untrusted`.
        kind: String,
        /// When.
        at: i64,
        /// What an inspector should know, in English.
        detail: String,
    },
    /// Another head took over.
    Switch {
        /// When.
        at: i64,
        /// Epoch of the new head.
        epoch: u64,
        /// Version of the new head.
        version: u64,
    },
    /// The clock was found good or bad, or it stepped.
    Clock {
        /// When, by the clock as it then was.
        at: i64,
        /// Whether it is trusted from now on.
        trusted: bool,
        /// By how many milliseconds it stepped; 0 if only trust changed.
        step: i64,
    },
}

/// One showing of one slide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayRecord {
    /// The face.
    pub screen: ScreenId,
    /// The program that it was part of.
    pub program: Digest,
    /// The slide.
    pub slide: SlideId,
    /// When it came, Unix ms.
    pub start: i64,
    /// When it went, Unix ms.
    pub end: i64,
    /// How long it stood, monotonic ms.
    pub ms: u64,
    /// Whether the browser confirmed that it was painted.
    pub painted: bool,
    /// How it went.
    pub outcome: PlayOutcome,
}

/// How a showing went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayOutcome {
    /// On time.
    Shown,
    /// Shown, but not at its moment.
    Late,
    /// Not shown: its moment passed before it was ready.
    Skipped,
    /// Not shown: it could not be loaded.
    Failed,
}
