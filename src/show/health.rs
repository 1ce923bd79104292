//! How the player is doing, for operators and for whoever watches many players: one small document, written each cycle.
//! Never decides what plays.

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::text::Text;

/// How fresh the head in force is. Computed at each look, never stored as a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Freshness {
    /// The head has not expired.
    Fresh,
    /// It has; the office should publish.
    Stale,
    /// It has for more than 60 days, or there never was one.
    Lost,
}

/// Days after a head's expiry until the player counts as lost.
const LOST_SECONDS: i64 = 60 * 86_400;

impl Freshness {
    /// Freshness at `now` of a head that expires at `expires`, both in Unix seconds.
    pub fn at(now: i64, expires: Option<i64>) -> Self {
        match expires {
            Some(expires) if now < expires => Self::Fresh,
            Some(expires) if now < expires.saturating_add(LOST_SECONDS) => Self::Stale,
            _ => Self::Lost,
        }
    }

    /// The state in words.
    pub fn text(self) -> Text {
        match self {
            Self::Fresh => crate::text!(vi: "Hoạt động bình thường", en: "All is well"),
            Self::Stale => crate::text!(vi: "Chương trình đã quá hạn làm mới", en: "The programme is overdue for renewal"),
            Self::Lost => crate::text!(vi: "Mất liên lạc với kho chương trình", en: "Out of touch with the store"),
        }
    }
}

/// The health file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The site.
    pub site: SiteId,
    /// The machine.
    pub player: PlayerId,
    /// Version of the player.
    pub version: String,
    /// When this was written, Unix milliseconds by the player's time.
    pub at: i64,
    /// When the player was started.
    pub since: i64,
    /// Freshness of the head.
    pub state: Freshness,
    /// Whether the clock is trusted.
    pub clock_trusted: bool,
    /// Version of the root in force.
    pub root: u64,
    /// Epoch and version of the head in force; null before the first.
    pub head: Option<(u64, u64)>,
    /// Whether the stored head no longer verifies under the root in force.
    pub head_unverifiable: bool,
    /// Programs on air.
    pub programs: Vec<Digest>,
    /// Programs that the head names and that may not be shown, with the reason.
    pub dropped: Vec<(Digest, String)>,
    /// Programs that are still being fetched.
    pub pending: Vec<Digest>,
    /// When a cycle last ended well.
    pub last_success: Option<i64>,
    /// What kept the last cycle from ending well.
    pub last_error: Option<String>,
    /// Bytes that the disk could still take.
    pub free_bytes: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ages_by_steps() {
        let expires = Some(1_000);
        assert_eq!(Freshness::at(999, expires), Freshness::Fresh);
        assert_eq!(Freshness::at(1_000, expires), Freshness::Stale);
        assert_eq!(Freshness::at(1_000 + LOST_SECONDS, expires), Freshness::Lost);
        assert_eq!(Freshness::at(0, None), Freshness::Lost);
    }
}
