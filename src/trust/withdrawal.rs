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
    /// Counts from 1 without gaps.
    pub version: u64,
    pub program: Digest,
    pub site: SiteId,
    pub kind: ProgramKind,
    pub role: RoleId,
    /// `None` withdraws the whole program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slides: Option<BTreeSet<SlideId>>,
    pub reason: String,
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
