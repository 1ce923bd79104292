//! `sites/<site>/heads/<epoch>-<version>.json`: what a site shows, signed by the publisher.
//! Never decides whether its programs are approved: `judge` does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::SignedDocument;
use super::keys::{KeyId, PublicKey};
use crate::base::digest::Digest;
use crate::base::ids::{PlayerId, ScreenId, SiteId};
use crate::base::limits::{HEAD_BYTES, HEAD_PROGRAMS};
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;

/// The number of a head. Numbers rise within an epoch, and a later epoch is above every number of an earlier one; the default is below
/// every number that a head bears. In JSON it is `[epoch, version]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct HeadNumber {
    /// The root's publish epoch.
    pub epoch: u64,
    /// The number within the epoch.
    pub version: u64,
}

impl HeadNumber {
    /// Reads `epoch-version` in its one form, without leading zeros.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, version) = text.split_once('-')?;
        let number = Self { epoch: epoch.parse().ok()?, version: version.parse().ok()? };
        (number.to_string() == text).then_some(number)
    }
}

impl std::fmt::Display for HeadNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.version)
    }
}

impl From<(u64, u64)> for HeadNumber {
    fn from((epoch, version): (u64, u64)) -> Self {
        Self { epoch, version }
    }
}

impl From<HeadNumber> for (u64, u64) {
    fn from(number: HeadNumber) -> Self {
        (number.epoch, number.version)
    }
}

/// A head as it is stored.
pub struct SignedHead {
    /// Its number.
    pub number: HeadNumber,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its signature file.
    pub signature: Vec<u8>,
}

/// What a head says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The site that it is for.
    pub site: SiteId,
    /// The root's publish epoch.
    pub epoch: u64,
    /// Its number within the epoch; only ever rises.
    pub version: u64,
    /// When people should have published again; an alarm, never a stop.
    pub expires: Timestamp,
    /// The root that a player must hold to judge it.
    pub root_min: u64,
    /// The number of withdrawals that a player must hold to judge it.
    pub withdrawals_min: u64,
    /// 1 to 64 programs, none twice.
    pub programs: Vec<HeadEntry>,
    /// The site's players.
    pub players: BTreeMap<PlayerId, Player>,
    /// Where it was made from, for people: a git commit.
    #[serde(default)]
    pub source: String,
}

impl Head {
    /// Its number.
    pub fn number(&self) -> HeadNumber {
        HeadNumber { epoch: self.epoch, version: self.version }
    }
}

/// One program of a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadEntry {
    /// Digest of the manifest.
    pub program: Digest,
    /// Length of the manifest in bytes.
    pub size: u64,
    /// What it is shown as.
    pub kind: ProgramKind,
    /// When it takes over, in Unix seconds.
    pub from: i64,
    /// The reviewers whose approvals lie in the store.
    pub approvals: Vec<KeyId>,
}

/// A player of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// The key that signs its returns, and nothing else.
    pub play_key: PublicKey,
    /// The faces that it drives.
    pub screens: Vec<ScreenId>,
}

impl SignedDocument for Head {
    const TYPE: &'static str = "bangtin-head";
    const LIMIT: u64 = HEAD_BYTES;

    fn check(&self) -> Result<(), Text> {
        let count = self.programs.len();
        if !(1..=HEAD_PROGRAMS).contains(&count) {
            return Err(crate::text!(
                vi: "bản phát hành có {count} chương trình; phải từ 1 đến {HEAD_PROGRAMS}",
                en: "the release has {count} programs; it must have 1 to {HEAD_PROGRAMS}"
            ));
        }
        let distinct: BTreeSet<_> = self.programs.iter().map(|entry| entry.program).collect();
        if distinct.len() < count {
            return Err(crate::text!(vi: "bản phát hành kê một chương trình hai lần", en: "the release lists a program twice"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_number_has_one_form_and_orders_by_epoch_first() {
        let number = HeadNumber { epoch: 2, version: 41 };
        assert_eq!(HeadNumber::parse("2-41"), Some(number));
        for wrong in ["", "2", "2-", "-41", "02-41", "2-041", "+2-41", "2-41-1", "2-99999999999999999999"] {
            assert_eq!(HeadNumber::parse(wrong), None, "{wrong}");
        }
        assert!(number > HeadNumber { epoch: 1, version: 99 } && number > HeadNumber { epoch: 2, version: 40 });
        assert_eq!(serde_json::to_string(&Some(number)).unwrap(), "[2,41]");
        assert_eq!(serde_json::from_str::<HeadNumber>("[2,41]").unwrap(), number);
    }
}
