//! What a player trusts of its site: the chain of roots, the withdrawals, the kit releases, the head; and what is in force by them. Pure:
//! its caller passes documents as bytes and a function that tells whether an object is stored. Never reads a disk, a source or a clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::withdrawal_chain::WithdrawalChain;
use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::program::show::{KitReleaseEvent, WithdrawnContent};
use crate::program::validate::Program;
use crate::store::known::Known;
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
    /// Why nothing is shown until a source has given again what was lost here, and what to do.
    pub lost: Option<Text>,
    /// Why documents could not be read; the programs that they belong to stand as judged before.
    pub unread: Option<Text>,
    /// Those that stand as judged before, though documents of them are gone from the disk or damaged.
    pub gone: BTreeSet<Digest>,
    /// Those of which documents can't be read or were lost, so that nothing is known of them.
    pub unjudged: BTreeSet<Digest>,
    /// What can't be read while something lacks, and what to do.
    pub unread_fault: Option<Text>,
    /// What the disk has lost of programs that were here whole: documents by path, and objects.
    pub lost_files: (BTreeSet<String>, BTreeSet<Digest>),
    /// Withdrawn programs of the head, and withdrawn slides of those that may be shown.
    pub withdrawn: WithdrawnContent,
    /// Number of withdrawals received.
    pub withdrawals: u64,
    /// Orders to show or end kits.
    pub releases: Vec<KitReleaseEvent>,
}

impl InForce {
    /// The numbers of the newest root, withdrawal and head.
    pub fn known(&self) -> Known {
        Known { root: self.root, withdrawals: self.withdrawals, ..Known::default() }.joined(Known { head: self.head, ..Known::default() })
    }
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
    withdrawals: WithdrawalChain,
    /// By number.
    releases: BTreeMap<u64, Verified<KitRelease>>,
    /// The approved programs of the last judgement, with the root that they were judged by.
    approved: BTreeMap<Digest, (u64, Approved)>,
    head: Option<Verified<Head>>,
    floor: i64,
    /// What the player once had.
    known: Known,
    /// Why that is not known for sure.
    unsure: Option<Text>,
}

impl Trusted {
    /// Begins with a root. `floor`: the earliest Unix second that can be right.
    pub fn new(site: SiteId, first: Verified<Root>, floor: i64) -> Self {
        Self {
            site,
            first,
            later: Vec::new(),
            withdrawals: WithdrawalChain::default(),
            releases: BTreeMap::new(),
            approved: BTreeMap::new(),
            head: None,
            floor,
            known: Known::default(),
            unsure: None,
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
        self.withdrawals.numbered()
    }

    /// All that are held, with twins.
    pub fn chain(&self) -> &WithdrawalChain {
        &self.withdrawals
    }

    /// The version of the newest root, and the number of withdrawals.
    pub fn numbers(&self) -> (u64, u64) {
        (self.root().body().version, self.withdrawals.count())
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

    /// Adds the withdrawal after the last, or one beyond a number that is not there: it counts too.
    pub fn add_withdrawal(&mut self, withdrawal: Verified<Withdrawal>) {
        self.withdrawals.add(withdrawal);
    }

    /// Adds another statement under a number that is taken: both count.
    pub fn add_twin(&mut self, twin: Verified<Withdrawal>) {
        self.withdrawals.add_twin(twin);
    }

    /// Remembers what the player once had. `unsure`: why it may have been more.
    pub fn remember(&mut self, known: Known, unsure: Option<Text>) {
        (self.known, self.unsure) = (self.known.joined(known), unsure);
    }

    /// What the player once had.
    pub fn known(&self) -> Known {
        self.known
    }

    /// Why what the player once had is not known for sure.
    pub fn unsure(&self) -> Option<&Text> {
        self.unsure.as_ref()
    }

    /// Adds a kit release.
    pub fn add_release(&mut self, release: Verified<KitRelease>) {
        self.releases.insert(release.body().version, release);
    }

    /// Raises the floor to this Unix second; it never falls.
    pub fn raise_floor(&mut self, second: i64) {
        self.floor = self.floor.max(second);
    }

    /// The statements that have to be there before anything is shown: those that the head in force requires, and those that the player once
    /// had. `None` if they are.
    pub fn lost_statements(&self) -> Option<(u64, u64)> {
        let (root_min, withdrawals_min) = self.head.as_ref().map_or((0, 0), |head| (head.body().root_min, head.body().withdrawals_min));
        let needed = (root_min.max(self.known.root), withdrawals_min.max(self.known.withdrawals));
        let (root, withdrawals) = self.numbers();
        (root < needed.0 || withdrawals < needed.1).then_some(needed)
    }

    /// The number of the newest kit release; 0 without one.
    pub fn newest_kit_release(&self) -> u64 {
        self.releases.keys().next_back().copied().unwrap_or(0)
    }

    /// Why nothing of the head in force may be shown: statements or a later head are lost, so that a program might be withdrawn, or its
    /// reviewer revoked, until they are fetched again.
    pub fn lost(&self) -> Option<Text> {
        if self.unsure.is_some() {
            return self.unsure.clone();
        }
        if let Some((needed_root, needed)) = self.lost_statements() {
            let (root, withdrawals) = self.numbers();
            let [all, here] = [needed, withdrawals].map(|count| numbers::counted(count, "withdrawal"));
            return Some(text!(
                vi: "đầu phát đã mất văn bản phân quyền hoặc thu hồi: cần văn bản phân quyền số {needed_root} và {needed} văn bản thu hồi, nay chỉ có văn bản phân quyền số {root} và {withdrawals} văn bản thu hồi; chưa chiếu gì cho đến khi tải lại được. Hãy kiểm tra mạng; nếu lặp lại, hãy thay ổ đĩa",
                en: "roots or withdrawals are lost: root {needed_root} and {all} are required, there are root {root} and {here}; nothing is shown until they are fetched again. Check the network; if it happens again, replace the disk"
            ));
        }
        let twins = self.known.twins.saturating_sub(self.withdrawals.twin_count());
        if twins > 0 {
            return Some(text!(
                vi: "đầu phát đã mất {twins} văn bản thu hồi mang số mà văn bản khác cũng mang; chưa chiếu gì cho đến khi tải lại được. Hãy kiểm tra mạng; nếu lặp lại, hãy thay ổ đĩa",
                en: "withdrawals under numbers that others carry too are lost, {twins} of them; nothing is shown until they are fetched again. Check the network; if it happens again, replace the disk"
            ));
        }
        let order = self.known.kit_release;
        if self.newest_kit_release() < order {
            return Some(text!(
                vi: "đầu phát đã mất lệnh phát số {order}; chưa chiếu gì cho đến khi tải lại được lệnh này hoặc lệnh mới hơn. Hãy kiểm tra mạng; nếu lặp lại, hãy thay ổ đĩa",
                en: "kit release {order} is lost; nothing is shown until it or a later one is fetched again. Check the network; if it happens again, replace the disk"
            ));
        }
        let (known, held) = (self.known.head?, self.head.as_ref().map(|head| head.body().number()));
        (held < Some(known)).then(|| {
            text!(
                vi: "đầu phát đã mất bản phát hành {known}; chưa chiếu gì cho đến khi tải lại được bản này hoặc bản mới hơn. Hãy kiểm tra mạng; nếu lặp lại, hãy thay ổ đĩa",
                en: "release {known} is lost; nothing is shown until it or a later one is fetched again. Check the network; if it happens again, replace the disk"
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
        self.withdrawals.effect(self.root().body(), program)
    }

    /// The same by the first `number` withdrawals alone.
    pub fn withdrawn_by(&self, number: u64, program: &Program) -> WithdrawalEffect {
        self.withdrawals.effect_of_first(number, self.root().body(), program)
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
        let lost = self.lost();
        let mut in_force = InForce { undecided: lost.is_some(), incomplete: lost.is_some(), lost, ..InForce::default() };
        let mut approved = Vec::new();
        for entry in self.head.iter().flat_map(|head| &head.body().programs) {
            match &in_force.lost {
                Some(reason) => in_force.refused.push((entry.program, reason.clone())),
                None => approved.extend(self.judge(entry, stored, &mut in_force)),
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
            releases: self.kit_release_events(in_force.programs.iter().map(|each| each.program.as_ref())),
            withdrawals: self.withdrawals.count(),
            ..in_force
        }
    }

    /// Judges one program of the head in force, and adds what follows. Gives it if it may be shown.
    fn judge(&self, entry: &HeadEntry, stored: &Stored<'_>, in_force: &mut InForce) -> Option<Approved> {
        let documents = (stored.program)(entry, &judge::approvals_to_fetch(self.root(), entry));
        // What can't be read now is not absent, and what is gone is fetched again: by the same root, what stood stands.
        let unread = documents.unread.is_some();
        let judged: Result<Approved, Refusal> = self.program(entry, &documents).or_else(|refusal| {
            let before = self.approved_before(entry).filter(|_| unread || refusal.is_retryable()).ok_or(refusal)?;
            if !unread {
                (in_force.undecided, in_force.incomplete) = (true, true);
                in_force.gone.insert(entry.program);
            }
            Ok(before)
        });
        in_force.unread = documents.unread.or(in_force.unread.take());
        let approved = match judged {
            Ok(approved) => approved,
            Err(refusal) if unread => {
                // What can't be read is neither absent nor refused.
                (in_force.undecided, in_force.incomplete) = (true, true);
                in_force.unjudged.insert(entry.program);
                in_force.refused.push((entry.program, refusal.text().clone()));
                return None;
            }
            Err(refusal) => {
                in_force.undecided = true;
                in_force.incomplete |= refusal.is_retryable();
                in_force.refused.push((entry.program, refusal.text().clone()));
                return None;
            }
        };
        let (program, taken) = (approved.program().clone(), self.withdrawn(approved.program()));
        if taken.program {
            in_force.withdrawn.programs.insert(entry.program);
            let Text { vi, en } = program.manifest().kind.named(&program.manifest().title);
            in_force.refused.push((entry.program, text!(vi: "đã thu hồi: {vi}", en: "withdrawn: {en}")));
            return None;
        }
        if !taken.slides.is_empty() {
            in_force.withdrawn.slides.insert(entry.program, taken.slides);
        }
        let complete = program.manifest().files.iter().all(|file| (stored.holds)(file.sha256, file.size));
        in_force.programs.push(ProgramInForce { program, from: entry.from, complete });
        Some(approved)
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
