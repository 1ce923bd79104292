//! Finds what a withdrawal would take although it was withdrawn before and approved again since: the same command, run once more, must not
//! take that without a word. Never signs, and reads of approvals the moments that they claim.

use std::collections::BTreeMap;

use super::back_again::place;
use super::filed::{FiledProgram, FiledPrograms};
use super::judged;
use super::withdrawal_effect;
use super::withdrawal_reach::WithdrawalReach;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::program::manifest::Manifest;
use crate::trust::document::Verified;
use crate::trust::root::Root;
use crate::trust::withdrawal::WithdrawalScope;

/// The withdrawals of a content folder and the programs that they were about.
pub struct EarlierWithdrawals<'a> {
    pub root: &'a Verified<Root>,
    pub statements: &'a [StoredWithdrawal],
    pub filed: &'a FiledPrograms,
    /// The zone in which moments are written.
    pub zone: TimeZone,
}

impl EarlierWithdrawals<'_> {
    /// A line for each slide or whole program that a new statement would take and that was approved again after a withdrawal, or is signed for
    /// that: when first, and after which one. None for a signature under a statement that is there.
    pub fn approved_again(&self, reach: &WithdrawalReach<'_>) -> Result<Vec<Text>, Failure> {
        let mut found: BTreeMap<String, SignedAgain> = BTreeMap::new();
        for filed in reach.programs.iter().filter(|_| reach.number.is_none()) {
            let (gone, slides) = (withdrawal_effect::effect(self.root.body(), self.statements, &filed.program), reach.slides_of(filed));
            let named = slides.as_ref().map_or_else(|| vec![None], |slides| slides.iter().map(Some).collect());
            for slide in named.into_iter().filter(|slide| !gone.program && slide.is_none_or(|id| !gone.slides.contains(id))) {
                let (Some(first), what) = (filed.first_signed(), label(filed.program.manifest(), slide)) else { continue };
                let Some(number) = self.taken_before(filed, slide, first)? else { continue };
                let again = SignedAgain { lacking: judged::signed_so_far(self.root, filed), first, number, what };
                // Of several programs, one that is approved counts before others.
                let rank = |each: &SignedAgain| (each.lacking.is_some(), each.first);
                if found.get(&again.what.en).is_none_or(|known| rank(&again) < rank(known)) {
                    found.insert(again.what.en.clone(), again);
                }
            }
        }
        Ok(found.into_values().map(|again| again.text(self.zone)).collect())
    }

    /// The last complete withdrawal that took this slide of the program, or the whole of it, as it was before this approval: at a lower
    /// revision, or in an earlier program of its site and period.
    fn taken_before(&self, filed: &FiledProgram, slide: Option<&SlideId>, approved: Timestamp) -> Result<Option<u64>, Failure> {
        let (manifest, revisions) = (filed.program.manifest(), withdrawals::revisions(self.statements));
        let raised = |id: &SlideId| revisions.get(id).is_some_and(|taken| manifest.slides.get(id).is_some_and(|now| now.revision > *taken));
        for statement in self.statements.iter().rev().filter_map(StoredWithdrawal::complete) {
            let took = match &statement.body().scope {
                WithdrawalScope::Slides { slides } => slide.is_some_and(|id| slides.contains_key(id) && raised(id)),
                WithdrawalScope::Program { program, slides, .. } => {
                    let same = match (slides, slide) {
                        (Some(slides), Some(id)) => slides.contains(id),
                        (slides, slide) => slides.is_none() && slide.is_none(),
                    };
                    let before = self.filed.usable(*program)?.filter(|_| same && approved > statement.issued());
                    before.is_some_and(|before| place(before.program.manifest()) == place(manifest))
                }
            };
            if took {
                return Ok(Some(statement.body().version));
            }
        }
        Ok(None)
    }
}

/// A slide or whole program that is back after a withdrawal.
struct SignedAgain {
    /// How far it is signed, unless it is approved.
    lacking: Option<Text>,
    /// When it was signed first.
    first: Timestamp,
    /// The withdrawal before that.
    number: u64,
    what: Text,
}

impl SignedAgain {
    fn text(self, zone: TimeZone) -> Text {
        let (number, Text { vi, en }, Text { vi: vi_when, en: en_when }) = (self.number, self.what, zone.moment(self.first));
        match self.lacking {
            None => crate::text!(
                vi: "{vi} đã được duyệt lại lúc {vi_when}, sau văn bản thu hồi số {number}",
                en: "{en} was approved again on {en_when}, after withdrawal {number}"
            ),
            Some(Text { vi: vi_lacking, en: en_lacking }) => crate::text!(
                vi: "{vi} chưa được duyệt lại ({vi_lacking}), chữ ký đầu lúc {vi_when}, sau văn bản thu hồi số {number}",
                en: "{en} is not approved again yet ({en_lacking}), first signed on {en_when}, after withdrawal {number}"
            ),
        }
    }
}

/// Names a slide by title and id, a program by site and period.
fn label(manifest: &Manifest, slide: Option<&SlideId>) -> Text {
    match slide.and_then(|id| Some((id, printable(manifest.title(id)?)))) {
        Some((id, title)) => crate::text!(vi: "trang “{title}” ({id})", en: "slide “{title}” ({id})"),
        None => {
            let (site, Text { vi, en }) = (&manifest.site, manifest.month.map_or_else(|| manifest.kind.display_name(), dates::month));
            crate::text!(vi: "{site}, {vi}", en: "{site}, {en}")
        }
    }
}
