//! `sites/<site>/heads/<epoch>-<version>.json`: what a site shows, signed by the publisher.
//! Never decides whether its programs are approved: `judge` does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::keys::{Kid, PublicKey};
use crate::base::digest::Digest;
use crate::base::ids::{PlayerId, ScreenId, SiteId};
use crate::base::limits::{HEAD_BYTES, HEAD_PROGRAMS};
use crate::base::terms::Kind;
use crate::base::text::Text;
use crate::base::times::Instant;

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
    pub expires: Instant,
    /// The root that a player must hold to judge it.
    pub root_min: u64,
    /// The number of withdrawals that a player must hold to judge it.
    pub withdrawals_min: u64,
    /// 1 to 64 programs, none twice.
    pub programs: Vec<Entry>,
    /// The site's players.
    pub players: BTreeMap<PlayerId, Player>,
    /// Where it was made from, for people: a git commit.
    #[serde(default)]
    pub source: String,
}

/// One program of a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Digest of the manifest.
    pub program: Digest,
    /// Length of the manifest in bytes.
    pub size: u64,
    /// What it is shown as.
    pub kind: Kind,
    /// When it takes over, in Unix seconds.
    pub from: i64,
    /// The reviewers whose approvals lie in the store.
    pub approvals: Vec<Kid>,
}

/// A player of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// The key that signs its returns, and nothing else.
    pub play_key: PublicKey,
    /// The faces that it drives.
    pub screens: Vec<ScreenId>,
}

impl Document for Head {
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
