//! Computes how fresh a head is at a moment, from its expiry alone, and puts it in words.
//! Never reads a clock, and never decides what plays: a stale head plays on.

use serde::{Deserialize, Serialize};

use crate::base::text::Text;

/// How fresh the head in force is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Freshness {
    Fresh,
    /// The head has expired; the office should publish.
    Stale,
    /// The head expired 60 days ago or earlier, or there is none.
    Lost,
}

/// Seconds from a head's expiry until the player counts as lost: 60 days.
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
