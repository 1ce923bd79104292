//! How fresh something is at a moment: a head by its expiry, a player by its last look.
//! Never reads a clock, and never decides what plays: what is stale plays on.

use serde::{Deserialize, Serialize};

/// How fresh a head or a player is at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Freshness {
    Fresh,
    Stale,
    Lost,
}

/// Seconds from a head's expiry until it counts as lost: 60 days.
const HEAD_LOST: i64 = 60 * 86_400;
/// Seconds from a player's last look until it counts as stale, and as lost: a day, and 30 days.
const LOOK: (i64, i64) = (86_400, 30 * 86_400);

impl Freshness {
    /// Of a head that expires at `expires`; all times in Unix seconds.
    pub fn of_head(now: i64, expires: i64) -> Self {
        Self::by(now.saturating_sub(expires), (0, HEAD_LOST))
    }

    /// Of a player that last looked at a store completely at `looked`.
    pub fn of_player(now: i64, looked: i64) -> Self {
        Self::by(now.saturating_sub(looked), LOOK)
    }

    fn by(age: i64, (stale, lost): (i64, i64)) -> Self {
        match age {
            _ if age >= lost => Self::Lost,
            _ if age >= stale => Self::Stale,
            _ => Self::Fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_ages_from_its_expiry_and_a_player_from_its_last_look() {
        let head = [999, 1_000, 999 + HEAD_LOST, 1_000 + HEAD_LOST].map(|now| Freshness::of_head(now, 1_000));
        assert_eq!(head, [Freshness::Fresh, Freshness::Stale, Freshness::Stale, Freshness::Lost]);
        let player = [0, 86_399, 86_400, 30 * 86_400 - 1, 30 * 86_400].map(|age| Freshness::of_player(1_000 + age, 1_000));
        assert_eq!(player, [Freshness::Fresh, Freshness::Fresh, Freshness::Stale, Freshness::Stale, Freshness::Lost]);
        assert_eq!(Freshness::of_player(0, i64::MAX), Freshness::Fresh, "a clock that was set back");
    }
}
