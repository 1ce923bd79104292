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

/// The number of a head, ordered by epoch, then version; `[epoch, version]` in JSON. The default is below the number of every head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct HeadNumber {
    pub epoch: u64,
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

/// A head with its number and signature file, as stored.
pub struct SignedHead {
    pub number: HeadNumber,
    pub bytes: Vec<u8>,
    pub signature: Vec<u8>,
}

/// What a head says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub site: SiteId,
    pub epoch: u64,
    /// Only rises within the epoch.
    pub version: u64,
    /// When the next head is due; a late one raises an alarm and stops nothing.
    pub expires: Timestamp,
    /// The lowest root version that a player must hold to judge it.
    pub root_min: u64,
    /// How many withdrawals a player must hold to judge it.
    pub withdrawals_min: u64,
    /// 1 to 64 programs, none twice.
    pub programs: Vec<HeadEntry>,
    pub players: BTreeMap<PlayerId, Player>,
    /// The git commit of its content, for people.
    #[serde(default)]
    pub source: String,
}

impl Head {
    /// Its epoch and version.
    pub fn number(&self) -> HeadNumber {
        HeadNumber { epoch: self.epoch, version: self.version }
    }
}

/// One program of a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadEntry {
    pub program: Digest,
    /// Length of the manifest in bytes.
    pub size: u64,
    pub kind: ProgramKind,
    /// When it takes over, in Unix seconds.
    pub from: i64,
    /// Keys of reviewers whose approvals are in the store.
    pub approvals: Vec<KeyId>,
}

/// A player of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// Signs its returns and nothing else.
    pub play_key: PublicKey,
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
