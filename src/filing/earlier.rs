//! The earlier programs of a site and kind, as a reviewer's record needs them: the last one that is approved, and the pages that were opened before.
//! Lists them by what their statements claim, and reads only those that can decide something. Never judges by itself: `judged` does.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::filed::{Claim, FiledPrograms};
use super::judged::judge_filed;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::relpath::RelPath;
use crate::base::times::Timestamp;
use crate::program::changes;
use crate::program::dependencies::PageDependencies;
use crate::program::manifest::Manifest;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::judge::Approved;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;

/// How many earlier programs are compared: two years of months, if none is approved twice.
const EARLIER: usize = 24;

/// The newest earlier programs of the site and kind of one under review.
pub struct EarlierPrograms<'a> {
    filed: &'a FiledPrograms,
    manifest: &'a Manifest,
    /// The newest.
    root: &'a Verified<Root>,
    kid: KeyId,
    /// The one that may be the last first.
    all: Vec<EarlierProgram>,
}

/// What the statements about a program claim.
struct EarlierProgram {
    digest: Digest,
    rank: Rank,
    /// The first second of its time, the same for two that were approved at once.
    show_from: i64,
    /// Whether the reviewer had opened every page.
    was_opened: bool,
}

/// Whether a program is of the period under review, then the moment of its newest statement. The greatest is the last.
type Rank = (bool, Timestamp);

impl<'a> EarlierPrograms<'a> {
    /// Lists them for the reviewer with this key, under the newest root. Reads statements alone.
    pub fn list(filed: &'a FiledPrograms, program: &'a Program, (root, kid): (&'a Verified<Root>, KeyId)) -> Result<Self, Failure> {
        let manifest = program.manifest();
        let alike = |claim: &&Claim| claim.approval.site == manifest.site && claim.approval.kind == manifest.kind;
        let rank = |claim: &Claim| (claim.approval.show_from == manifest.valid.from, claim.issued);
        let mut all = Vec::new();
        for (digest, claims) in filed.claims()?.filter(|(digest, _)| *digest != program.digest()) {
            let Some(newest) = claims.iter().filter(alike).max_by_key(|claim| rank(claim)) else { continue };
            let was_opened = claims.iter().any(|claim| claim.kid == kid && claim.approval.unseen == Some(0));
            all.push(EarlierProgram { digest, rank: rank(newest), show_from: newest.approval.show_from, was_opened });
        }
        all.sort_unstable_by_key(|each| (Reverse(each.rank), Reverse(each.show_from), each.digest));
        all.truncate(EARLIER);
        Ok(Self { filed, manifest, root, kid, all })
    }

    /// The last one that is approved under a root; one of the same period comes before all others. None is read whose statements are older than the
    /// approval of another.
    pub fn last(&self, root: &Verified<Root>) -> Result<Option<Approved>, Failure> {
        let rank = |approved: &Approved| (approved.program().manifest().month == self.manifest.month, approved.issued());
        let mut last: Option<Approved> = None;
        for each in &self.all {
            if last.as_ref().is_some_and(|last| rank(last) >= each.rank) {
                break;
            }
            let found = self.approved(root, each)?;
            last = found.filter(|found| last.as_ref().is_none_or(|last| rank(found) > rank(last))).or(last);
        }
        Ok(last)
    }

    /// The pages that look as in an approved program of which the reviewer had opened every page. A program signed with unopened pages proves nothing
    /// about any page. None is parsed that holds none of the pages that are left.
    pub fn opened_pages(&self, needs: &PageDependencies) -> Result<BTreeSet<RelPath>, Failure> {
        let (mut opened, mut left) = (BTreeSet::new(), needs.keys().collect::<BTreeSet<_>>());
        for each in self.all.iter().filter(|each| each.was_opened) {
            let bytes: BTreeSet<Digest> = left.iter().filter_map(|page| Some(self.manifest.file(page.as_str())?.sha256)).collect();
            if left.is_empty() || !self.filed.mentions(each.digest, &bytes)? {
                continue;
            }
            let Some(approved) = self.approved(self.root, each)?.filter(|approved| self.was_opened_whole(approved)) else { continue };
            let same = |page: &&&RelPath| self.is_unchanged_since(approved.program().manifest(), page, needs);
            opened.extend(left.iter().filter(same).map(|page| (*page).clone()));
            left.retain(|page| !opened.contains(*page));
        }
        Ok(opened)
    }

    fn approved(&self, root: &Verified<Root>, each: &EarlierProgram) -> Result<Option<Approved>, Failure> {
        let Some(filed) = self.filed.get(each.digest)? else { return Ok(None) };
        filed.statements.ensure_line_ends(self.root)?;
        Ok(judge_filed(root, filed).ok().map(|item| item.approved))
    }

    fn was_opened_whole(&self, approved: &Approved) -> bool {
        approved.approvals().iter().any(|approval| approval.signers().contains(&self.kid) && approval.body().unseen == Some(0))
    }

    /// A slide that returns after a withdrawal is looked at again.
    fn is_unchanged_since(&self, old: &Manifest, page: &RelPath, needs: &PageDependencies) -> bool {
        let mut with = self.manifest.slides.iter().filter(|(_, slide)| slide.pages.values().any(|each| each == page));
        let mut is_back = || with.any(|(id, slide)| slide.revision > old.slides.get(id).map_or(1, |old| old.revision));
        changes::same_page(old, self.manifest, page, needs) && !is_back()
    }
}
