//! The lines of a returns segment on the wire: the heading, plays, incidents. Milliseconds are Unix time; durations are monotonic.
//! Never writes files.

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::ids::{PlayerId, ScreenId, SiteId, SlideId};
use crate::store::known::is_default;

/// The only supported format of segments.
pub const FORMAT: &str = "bangtin-returns/1";

/// The first line of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentHeader {
    pub format: String,
    pub site: SiteId,
    pub player: PlayerId,
    /// From 1, without gaps.
    pub seq: u64,
    /// SHA-256 of the whole previous segment; `null` in the first.
    pub before: Option<Digest>,
    /// By the player's clock.
    pub opened: i64,
}

/// Any line after the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum JournalEntry {
    Play(PlayRecord),
    Incident {
        /// A stable name such as `clock-untrusted`.
        kind: String,
        at: i64,
        /// For an inspector, in English.
        detail: String,
    },
    /// A new head is in force.
    Switch {
        at: i64,
        epoch: u64,
        version: u64,
    },
    /// A root or withdrawals were received; the newest numbers.
    Statements {
        at: i64,
        root: u64,
        withdrawals: u64,
        /// How many withdrawals there are under numbers that others have.
        #[serde(default, skip_serializing_if = "is_default")]
        twins: u64,
    },
    /// The clock's trust changed, or the clock stepped.
    Clock {
        /// By the player's clock at that time.
        at: i64,
        trusted: bool,
        /// Milliseconds by which it stepped; 0 if only trust changed.
        step: i64,
    },
}

/// One showing of one slide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayRecord {
    pub screen: ScreenId,
    pub program: Digest,
    pub slide: SlideId,
    /// Unix ms.
    pub start: i64,
    /// Unix ms.
    pub end: i64,
    /// Time on screen, monotonic ms.
    pub ms: u64,
    /// Whether the browser confirmed painting.
    pub painted: bool,
    pub outcome: PlayOutcome,
    /// Whether words were lost: they did not fit on the face at a height that can be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub overflow: bool,
    /// How many earlier plays its page could not keep, which an incident of its own tells.
    #[serde(default, skip_serializing)]
    pub lost: u64,
    /// What speaks against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubt: Vec<PlayDoubt>,
}

/// Why a play can't be right as it is told. A slow page, or one whose clock has stepped, may tell it so honestly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlayDoubt {
    /// It began before this start of the player; of a slide that was not shown: it began to load before the player had its program on air.
    BeforeStart,
    /// The screen had something else at that moment, or nothing.
    Timetable,
    /// It took longer than the slide.
    Long,
    /// The time from start to end is not the time on screen.
    Clock,
    /// Another slide was on the same screen.
    Overlap,
}

/// How a showing went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlayOutcome {
    Shown,
    /// Shown, but after its start.
    Late,
    /// Not shown: its time passed before it was ready.
    Skipped,
    /// Not shown: it could not be loaded.
    Failed,
}

/// A line of a segment, with its end.
pub fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_play_says_that_words_were_lost_and_nothing_otherwise() {
        let digest = "0".repeat(64);
        let line = |more: &str| {
            format!(
                "{{\"type\":\"play\",\"screen\":\"a\",\"program\":\"{digest}\",\"slide\":\"b\",\"start\":1,\"end\":2,\"ms\":1,\"painted\":true,\
                 \"outcome\":\"shown\"{more}}}"
            )
        };
        for (more, lost) in [("", false), (",\"overflow\":true", true)] {
            let entry: JournalEntry = serde_json::from_str(&line(more)).unwrap();
            assert!(matches!(&entry, JournalEntry::Play(play) if play.overflow == lost));
            assert_eq!(serde_json::to_string(&entry).unwrap(), line(more));
        }
    }
}
