//! `withdrawals/<n>.json`: a statement that slides up to a revision, a program, or slides of a program must no longer be shown.
//! Never decides whom it concerns: `judge` does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::SignedDocument;
use crate::base::digest::Digest;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::program::validate::Program;

/// What a withdrawal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Counts from 1 without gaps.
    pub version: u64,
    pub role: RoleId,
    #[serde(flatten)]
    pub scope: WithdrawalScope,
    pub reason: String,
}

/// What a withdrawal takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WithdrawalScope {
    /// One program, or slides of it.
    Program {
        program: Digest,
        site: SiteId,
        kind: ProgramKind,
        /// `None` withdraws the whole program.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        slides: Option<BTreeSet<SlideId>>,
    },
    /// Slides up to a revision, in every program that the role had to approve.
    Slides { slides: BTreeMap<SlideId, u64> },
}

impl WithdrawalScope {
    /// The slides that it names; none if it names a whole program.
    pub fn slides(&self) -> Vec<&SlideId> {
        match self {
            Self::Program { slides, .. } => slides.iter().flatten().collect(),
            Self::Slides { slides } => slides.keys().collect(),
        }
    }

    /// What it names, in words.
    pub fn words(&self) -> Text {
        let parts = |word: &str| -> Vec<String> {
            match self {
                Self::Program { program, slides, .. } => {
                    std::iter::once(program.to_string()).chain(slides.iter().flatten().map(ToString::to_string)).collect()
                }
                Self::Slides { slides } => slides.iter().map(|(id, revision)| format!("{id} ({word} {revision})")).collect(),
            }
        };
        Text { vi: parts("lần sửa").join(", "), en: parts("revision").join(", ") }
    }

    /// Whether it names a program, or a slide of it.
    pub fn names(&self, of: &Program) -> bool {
        match self {
            Self::Program { program, .. } => *program == of.digest(),
            Self::Slides { slides } => slides.keys().any(|id| of.manifest().slides.contains_key(id)),
        }
    }

    /// Whether it may concern a site.
    pub fn concerns(&self, of: &SiteId) -> bool {
        !matches!(self, Self::Program { site, .. } if site != of)
    }
}

impl SignedDocument for Withdrawal {
    const TYPE: &'static str = "bangtin-withdrawal";
    const LIMIT: u64 = SMALL_DOCUMENT_BYTES;

    fn check(&self) -> Result<(), Text> {
        match &self.scope {
            WithdrawalScope::Program { slides: Some(slides), .. } if slides.is_empty() => {
                Err(crate::text!(vi: "danh sách trang thu hồi rỗng", en: "the list of withdrawn slides is empty"))
            }
            WithdrawalScope::Slides { slides } if slides.is_empty() || slides.values().any(|revision| *revision == 0) => Err(
                crate::text!(vi: "danh sách trang thu hồi rỗng, hoặc có revision 0", en: "the list of withdrawn slides is empty, or has a revision 0"),
            ),
            _ => Ok(()),
        }
    }
}
