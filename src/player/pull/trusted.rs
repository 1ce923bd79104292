//! What a player trusts of its site: the chain of roots, the withdrawals, the kit releases, the head; and what is in force by them. Pure:
//! its caller passes documents as bytes and a function that tells whether an object is stored. Never reads a disk, a source or a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::program::show::{KitReleaseEvent, WithdrawnContent};
use crate::program::validate::Program;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber, SignedHead};
use crate::trust::judge::{self, ApprovalFile, Approved, WithdrawalEffect};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::release::{KitOrder, KitRelease};
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// A program that the head names and that is approved.
#[derive(Clone, Debug)]
pub struct ProgramInForce {
    pub program: Arc<Program>,
    /// Unix second.
    pub from: i64,
    /// Whether all its objects are on disk.
    pub complete: bool,
}

/// What is in force.
#[derive(Clone, Debug, Default)]
pub struct InForce {
    pub root: u64,
    /// `None` before the first.
    pub head: Option<HeadNumber>,
    /// Unix second.
    pub head_expires: Option<i64>,
    /// Unix second.
    pub root_expires: i64,
    /// Unix second; no clock below it is trusted.
    pub floor: i64,
    /// Whether the head in force no longer verifies under the newest root.
    pub head_unverifiable: bool,
    /// The head's programs that may be shown.
    pub programs: Vec<ProgramInForce>,
    /// The head's programs that may not be shown, with the reason.
    pub refused: Vec<(Digest, Text)>,
    /// Whether one of them is refused for another reason than a withdrawal: a source may have what it lacks.
    pub undecided: bool,
    /// Whether one of them lacks bytes, so that it may yet be shown as it is.
    pub incomplete: bool,
    /// Why documents could not be read; the programs that they belong to stand as judged before.
    pub unread: Option<Text>,
    /// Withdrawn programs of the head, and withdrawn slides of those that may be shown.
    pub withdrawn: WithdrawnContent,
    /// Number of withdrawals received.
    pub withdrawals: u64,
    /// Orders to show or end kits.
    pub releases: Vec<KitReleaseEvent>,
}

/// The documents of one program, not yet judged.
#[derive(Clone, Debug, Default)]
pub struct ProgramDocuments {
    pub approvals: BTreeMap<KeyId, ApprovalFile>,
    /// Empty if there is none.
    pub manifest: Vec<u8>,
    /// Why some of them could not be read, although they may be there.
    pub unread: Option<Text>,
}

/// Access to what is stored, for the judgement.
pub struct Stored<'a> {
    /// The committed head.
    pub head: Option<SignedHead>,
    /// Reads the documents of a program, with the approvals of these keys.
    pub program: &'a dyn Fn(&HeadEntry, &BTreeSet<KeyId>) -> ProgramDocuments,
    /// Whether an object of this digest and size is stored.
    pub holds: &'a dyn Fn(Digest, u64) -> bool,
}

/// What is trusted of a site. It only grows: the newest root and every withdrawal stay.
#[derive(Clone)]
pub struct Trusted {
    site: SiteId,
    first: Verified<Root>,
    /// Oldest first.
    later: Vec<Verified<Root>>,
    /// From number 1 on.
    withdrawals: Vec<Verified<Withdrawal>>,
    /// By number.
    releases: BTreeMap<u64, Verified<KitRelease>>,
    /// The approved programs of the last judgement, with the root that they were judged by.
    approved: BTreeMap<Digest, (u64, Approved)>,
    head: Option<Verified<Head>>,
    floor: i64,
}

impl Trusted {
    /// Begins with a root. `floor`: the earliest Unix second that can be right.
    pub fn new(site: SiteId, first: Verified<Root>, floor: i64) -> Self {
        Self {
            site,
            first,
            later: Vec::new(),
            withdrawals: Vec::new(),
            releases: BTreeMap::new(),
            approved: BTreeMap::new(),
            head: None,
            floor,
        }
    }

    /// The site.
    pub fn site(&self) -> &SiteId {
        &self.site
    }

    /// The newest root.
    pub fn root(&self) -> &Verified<Root> {
        self.later.last().unwrap_or(&self.first)
    }

    /// All roots, newest first.
    pub fn roots(&self) -> impl Iterator<Item = &Verified<Root>> {
        self.later.iter().rev().chain([&self.first])
    }

    /// All withdrawals from number 1 on.
    pub fn withdrawals(&self) -> &[Verified<Withdrawal>] {
        &self.withdrawals
    }

    /// The version of the newest root, and the number of withdrawals.
    pub fn numbers(&self) -> (u64, u64) {
        (self.root().body().version, self.withdrawals.len() as u64)
    }

    /// The kit releases by number.
    pub fn releases(&self) -> &BTreeMap<u64, Verified<KitRelease>> {
        &self.releases
    }

    /// The head in force.
    pub fn head(&self) -> Option<&Verified<Head>> {
        self.head.as_ref()
    }

    /// Unix second; no clock below it is trusted.
    pub fn floor(&self) -> i64 {
        self.floor
    }

    /// Adds the root after the newest, which must have judged it.
    pub fn add_root(&mut self, root: Verified<Root>) {
        self.later.push(root);
    }

    /// Adds the withdrawal after the last.
    pub fn add_withdrawal(&mut self, withdrawal: Verified<Withdrawal>) {
        self.withdrawals.push(withdrawal);
    }

    /// Adds a kit release.
    pub fn add_release(&mut self, release: Verified<KitRelease>) {
        self.releases.insert(release.body().version, release);
    }

    /// Raises the floor to this Unix second; it never falls.
    pub fn raise_floor(&mut self, second: i64) {
        self.floor = self.floor.max(second);
    }

    /// Why nothing of the head in force may be shown: statements that it requires are lost, so a program might be withdrawn, or its reviewer
    /// revoked, until they are fetched again.
    pub fn lost_statements(&self) -> Option<Text> {
        let Head { root_min, withdrawals_min, .. } = self.head.as_ref()?.body();
        let (root, withdrawals) = self.numbers();
        (root < *root_min || withdrawals < *withdrawals_min).then(|| {
            let needed = numbers::counted(*withdrawals_min, "withdrawal");
            text!(
                vi: "đầu phát đã mất văn bản phân quyền hoặc thu hồi: cần văn bản phân quyền số {root_min} và {withdrawals_min} văn bản thu hồi, nay còn số {root} và {withdrawals}; chưa chiếu gì cho đến khi tải lại được",
                en: "roots or withdrawals are lost: root {root_min} and {needed} are required, there are root {root} and {withdrawals}; nothing is shown until they are fetched again"
            )
        })
    }

    /// H7: an adopted head stays valid under any root of the chain. The second value: whether it verifies under the newest.
    pub fn kept_head(&self, stored: &SignedHead) -> Option<(Verified<Head>, bool)> {
        let newest_first: Vec<_> = self.roots().collect();
        let (head, current) = judge::stored_head(&newest_first, &self.site, &stored.bytes, &stored.signature).ok()?;
        (head.body().number() == stored.number).then_some((head, current))
    }

    /// Judges one entry of a head by P1 to P9.
    pub fn program(&self, entry: &HeadEntry, documents: &ProgramDocuments) -> Result<Approved, Refusal> {
        let counted = judge::approvals(self.root(), &self.site, entry, &documents.approvals)?;
        judge::program(self.root(), counted, &documents.manifest)
    }

    /// W4 to W6: what the withdrawals remove from a program.
    pub fn withdrawn(&self, program: &Program) -> WithdrawalEffect {
        judge::withdrawal_effect(self.root().body(), &self.withdrawals, program)
    }

    /// L3: what the kit releases mean for these programs: orders that match their kit, and every end.
    pub fn kit_release_events<'a>(&self, programs: impl Iterator<Item = &'a Program> + Clone) -> Vec<KitReleaseEvent> {
        let to_event = |(version, release): (&u64, &Verified<KitRelease>)| match release.body().order()? {
            KitOrder::End { program } => Some(KitReleaseEvent::End { version: *version, end: program }),
            KitOrder::Show { program, from, until } => {
                let fits = programs.clone().any(|kit| judge::release_matches_kit(release, kit));
                fits.then_some(KitReleaseEvent::Start { version: *version, program, from, until })
            }
        };
        self.releases.iter().filter_map(to_event).collect()
    }

    /// Step 3 (and step 1 at the start): judges the stored head and its programs again, and raises the floor accordingly.
    pub fn rejudge(&mut self, stored: &Stored<'_>) -> InForce {
        let kept = stored.head.as_ref().and_then(|head| self.kept_head(head));
        let head_unverifiable = kept.as_ref().is_some_and(|(_, current)| !current);
        self.head = kept.map(|(head, _)| head);
        let lost = self.lost_statements();
        let (mut programs, mut refused, mut approved) = (Vec::new(), Vec::new(), Vec::new());
        let (mut undecided, mut incomplete, mut unread) = (lost.is_some(), lost.is_some(), None);
        let mut withdrawn = WithdrawnContent::default();
        for entry in self.head.iter().flat_map(|head| &head.body().programs) {
            if let Some(reason) = &lost {
                refused.push((entry.program, reason.clone()));
                continue;
            }
            let documents = (stored.program)(entry, &judge::approvals_to_fetch(self.root(), entry));
            // What can't be read now is not absent: by the same root, what stood stands.
            let before = documents.unread.as_ref().and_then(|_| self.approved_before(entry));
            let judged = self.program(entry, &documents).or_else(|refusal| before.ok_or(refusal));
            unread = documents.unread.or(unread);
            match judged {
                Ok(each) => {
                    let (program, taken) = (each.program().clone(), self.withdrawn(each.program()));
                    if taken.program {
                        withdrawn.programs.insert(entry.program);
                        let title = &program.manifest().title;
                        refused.push((entry.program, text!(vi: "đã thu hồi: {title}", en: "withdrawn: {title}")));
                        continue;
                    }
                    if !taken.slides.is_empty() {
                        withdrawn.slides.insert(entry.program, taken.slides);
                    }
                    let complete = program.manifest().files.iter().all(|file| (stored.holds)(file.sha256, file.size));
                    programs.push(ProgramInForce { program, from: entry.from, complete });
                    approved.push(each);
                }
                Err(refusal) => {
                    (undecided, incomplete) = (true, incomplete || refusal.is_retryable());
                    refused.push((entry.program, refusal.text().clone()));
                }
            }
        }
        self.floor = self.floor_with(&approved);
        self.approved = approved.into_iter().map(|each| (each.program().digest(), (self.root().body().version, each))).collect();
        let (root, head) = (self.root().body(), self.head.as_ref().map(Verified::body));
        InForce {
            root: root.version,
            head: head.map(Head::number),
            head_expires: head.map(|head| head.expires.0),
            root_expires: root.expires.0,
            floor: self.floor,
            head_unverifiable,
            releases: self.kit_release_events(programs.iter().map(|each| each.program.as_ref())),
            withdrawn,
            withdrawals: self.withdrawals.len() as u64,
            programs,
            refused,
            undecided,
            incomplete,
            unread,
        }
    }

    /// The floor, raised by the roots and by what is approved of the head.
    fn floor_with(&self, approved: &[Approved]) -> i64 {
        let by_roots = self.roots().map(|root| root.issued().0).max();
        let by_head = self.head.as_ref().and_then(|head| judge::clock_floor(head, approved)).map(|instant| instant.0);
        self.floor.max(by_roots.unwrap_or(0)).max(by_head.unwrap_or(0))
    }

    /// The result of the last judgement for an entry, if the newest root is still the same.
    fn approved_before(&self, entry: &HeadEntry) -> Option<Approved> {
        let (root, approved) = self.approved.get(&entry.program)?;
        (*root == self.root().body().version && approved.entry() == entry).then(|| approved.clone())
    }
}
