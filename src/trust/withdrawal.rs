//! `withdrawals/<n>.json`: a statement that a program, or slides of it, must no longer be shown.
//! Never decides whom it concerns: `judge` does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::document::SignedDocument;
use crate::base::digest::Digest;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;

/// What a withdrawal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Its number; there are no gaps.
    pub version: u64,
    /// The program that it is about.
    pub program: Digest,
    /// That program's site.
    pub site: SiteId,
    /// That program's kind.
    pub kind: ProgramKind,
    /// The reviewer role in which it is signed.
    pub role: RoleId,
    /// The slides that must go; without it the whole program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slides: Option<BTreeSet<SlideId>>,
    /// Why, for people.
    pub reason: String,
}

impl Withdrawal {
    /// Whether it takes a whole evergreen program, for which there is nothing to fall back on.
    pub fn withdraws_whole_evergreen(&self) -> bool {
        self.kind == ProgramKind::Evergreen && self.slides.is_none()
    }
}

impl SignedDocument for Withdrawal {
    const TYPE: &'static str = "bangtin-withdrawal";
    const LIMIT: u64 = SMALL_DOCUMENT_BYTES;

    fn check(&self) -> Result<(), Text> {
        if self.slides.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(crate::text!(vi: "danh sách trang thu hồi rỗng", en: "the list of withdrawn slides is empty"));
        }
        Ok(())
    }
}
