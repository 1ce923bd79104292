//! How fresh a head is at a moment, from its expiry alone; the words for it.
//! Never reads a clock, and never decides what plays: a stale head plays on.

use serde::{Deserialize, Serialize};

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
            Self::Stale => {
                crate::text!(vi: "Bản phát hành đã quá hạn, cần phát hành lại (màn hình vẫn chiếu)", en: "The release is overdue: publish again (the screens play on)")
            }
            Self::Lost => crate::text!(vi: "Mất liên lạc với kho chương trình", en: "Out of touch with the store"),
        }
    }
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
