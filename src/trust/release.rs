//! `releases/<site>/<n>.json`: the order to show a kit that was approved in advance, or to end it.
//! Never decides whether it counts: `judge` does.

use serde::{Deserialize, Serialize};

use super::document::{RootId, SignedDocument};
use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;

/// What a kit release says, as written: either `program`, `from` and `until`, or `end`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KitRelease {
    pub site: SiteId,
    /// Numbered per site.
    pub version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    program: Option<Digest>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<Digest>,
    /// 128 random bits, so that no two kit releases are equal.
    pub nonce: Nonce,
}

/// 32 lowercase hexadecimal digits, in the form of a `root_id`.
pub type Nonce = RootId;

/// What a kit release orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KitOrder {
    /// Show a kit from second `from` until just before `until`, in Unix seconds.
    Show { program: Digest, from: i64, until: i64 },
    /// End every lower-numbered kit release of this kit.
    End { program: Digest },
}

impl KitRelease {
    /// Makes a kit release to sign.
    pub fn new(site: SiteId, version: u64, order: KitOrder, nonce: Nonce) -> Self {
        let bare = Self { site, version, program: None, from: None, until: None, end: None, nonce };
        match order {
            KitOrder::Show { program, from, until } => Self { program: Some(program), from: Some(from), until: Some(until), ..bare },
            KitOrder::End { program } => Self { end: Some(program), ..bare },
        }
    }

    /// What it orders; `None` if the two forms are mixed or `from` is not before `until`, which no verified kit release has.
    pub fn order(&self) -> Option<KitOrder> {
        match (self.program, self.from, self.until, self.end) {
            (Some(program), Some(from), Some(until), None) if from < until => Some(KitOrder::Show { program, from, until }),
            (None, None, None, Some(program)) => Some(KitOrder::End { program }),
            _ => None,
        }
    }
}

impl SignedDocument for KitRelease {
    const TYPE: &'static str = "bangtin-release";
    const LIMIT: u64 = SMALL_DOCUMENT_BYTES;

    fn check(&self) -> Result<(), Text> {
        self.order().map(drop).ok_or_else(|| {
            crate::text!(
                vi: "lệnh phát phải có program, from, until với from < until, hoặc chỉ có end",
                en: "a kit release has program, from and until with from < until, or end alone"
            )
        })
    }
}
