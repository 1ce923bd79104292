//! What a new player that has only its first root finds at a source: runs the cycle's own steps up to the objects, and collects what is
//! wrong with each program. Never stores, never shows, and never changes the source.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::sync::Arc;

use super::fetch;
use super::source::{Accepted, Source};
use super::statement_walk::StatementWalk;
use super::stored;
use super::transport::{FetchRequest, FetchResponse, PullError, Transport};
use super::trusted::Trusted;
use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::limits::{MANIFEST_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::numbers;
use crate::base::text::Text;
use crate::program::show::KitReleaseEvent;
use crate::program::validate::Program;
use crate::store::layout;
use crate::store::object_check::{CheckDepth, ObjectFault};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry};
use crate::trust::judge::{self, Approved, WithdrawalEffect};
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// The result of an inspection.
pub struct Inspection {
    trusted: Trusted,
    /// The head that would be adopted.
    pub head: Option<Verified<Head>>,
    pub programs: Vec<InspectedProgram>,
    /// Why a player would not adopt the head.
    pub stopped: Option<PullError>,
    /// The number of a whole withdrawal that stops it for want of signatures.
    pub unsigned: Option<u64>,
}

/// A program of a head.
pub struct InspectedProgram {
    pub entry: HeadEntry,
    /// The judgement of its approvals and manifest.
    pub judged: Result<Approved, Refusal>,
    /// The program, approved or not, as the head names it; `None`: it can't be read.
    pub program: Option<Arc<Program>>,
    /// What the withdrawals remove from it.
    pub withdrawn: WithdrawalEffect,
}

/// Inspects a source as a new player of the site does, beginning with this root.
pub fn inspect(site: &SiteId, root: Verified<Root>, transport: &dyn Transport) -> Inspection {
    let mut seen =
        Inspection { trusted: Trusted::new(site.clone(), root, 0), head: None, programs: Vec::new(), stopped: None, unsigned: None };
    seen.stopped = seen.run_steps(transport).err();
    seen.unsigned = seen.stopped.as_ref().and_then(|_| seen.unsigned_withdrawal(transport));
    seen
}

/// What to tell where a store names more withdrawals than could be read of it.
pub fn lost_withdrawals_text(named: u64, found: u64) -> Text {
    let all = numbers::counted(named, "withdrawal");
    text!(
        vi: "kho báo có {named} văn bản thu hồi nhưng chỉ đọc được {found}: trong kho có tệp mất, hỏng hoặc chưa đủ chữ ký; người phát hành tìm bằng: bangtin store check",
        en: "the store names {all} but only {found} can be read: files there are lost or damaged, or lack signatures; the publisher finds them with: bangtin store check"
    )
}

impl Inspection {
    /// Steps 2 to 8 of a cycle, for every program.
    fn run_steps(&mut self, transport: &dyn Transport) -> Result<(), PullError> {
        let trusted = &mut self.trusted;
        let hint = Source { transport, trusted }.hint()?;
        let mut files = Vec::new();
        let mut walk = StatementWalk::new(trusted, &hint);
        while walk.step(transport, trusted, &mut files)? {}
        let source = Source { transport, trusted };
        let Some(head) = source.newer_head(hint.head_number())?.map(Accepted::into_document) else { return Ok(()) };
        for entry in &head.body().programs {
            let judged = source.program(entry, &|_, _| None)?.into_document();
            let withdrawn = judged.as_ref().map(|approved| trusted.withdrawn(approved.program())).unwrap_or_default();
            let program = judged.as_ref().map_or_else(|_| program_named(transport, entry), |approved| Some(approved.program().clone()));
            self.programs.push(InspectedProgram { entry: entry.clone(), judged, program, withdrawn });
        }
        self.head = Some(head);
        let left: Vec<Approved> = self.valid_programs().cloned().collect();
        judge::ensure_evergreen_left(&left).map_err(|refusal| PullError::refused(refusal.text().clone()))?;
        let (named, found) = (hint.withdrawals, self.trusted.withdrawals().len() as u64);
        if named > found { Err(PullError::external(lost_withdrawals_text(named, found))) } else { Ok(()) }
    }

    /// The withdrawal after those that were taken, if it is there and whole.
    fn unsigned_withdrawal(&self, transport: &dyn Transport) -> Option<u64> {
        let number = self.withdrawals().len() as u64 + 1;
        let bytes = fetch::document(transport, &layout::withdrawal(number), SMALL_DOCUMENT_BYTES).ok()??;
        let reviewers: BTreeSet<_> = self.trusted.roots().flat_map(|root| root.body().reviewers()).collect();
        let signature = |kid| fetch::signature(transport, &layout::withdrawal_signature(number, kid)).ok().flatten();
        let signatures: Vec<_> = reviewers.into_iter().filter_map(signature).collect();
        let unsigned = judge::withdrawal(self.root(), number, bytes.clone(), signatures.clone()).is_err();
        (unsigned && judge::is_whole_withdrawal(self.trusted.roots(), number, &bytes, &signatures)).then_some(number)
    }

    /// Its programs as a player judges them that has followed so far, once this root is the newest. What is withdrawn stays withdrawn.
    pub fn judged_under(
        &self,
        root: &Verified<Root>,
        site: &SiteId,
        transport: &dyn Transport,
    ) -> Result<Vec<InspectedProgram>, PullError> {
        let trusted = Trusted::new(site.clone(), root.clone(), 0);
        let judge = |each: &InspectedProgram| {
            let judged = Source { transport, trusted: &trusted }.program(&each.entry, &|_, _| None)?.into_document();
            Ok(InspectedProgram { entry: each.entry.clone(), judged, program: each.program.clone(), withdrawn: each.withdrawn.clone() })
        };
        self.programs.iter().map(judge).collect()
    }

    /// The newest verified root of the source.
    pub fn root(&self) -> &Verified<Root> {
        self.trusted.root()
    }

    /// The withdrawals that verify.
    pub fn withdrawals(&self) -> &[Verified<Withdrawal>] {
        self.trusted.withdrawals()
    }

    /// Orders to show or end kits among the programs.
    pub fn kit_release_events(&self) -> Vec<KitReleaseEvent> {
        let approved = self.programs.iter().filter_map(|each| each.judged.as_ref().ok());
        self.trusted.kit_release_events(approved.map(|approved| approved.program().as_ref()))
    }

    /// The objects of all programs that count, each once.
    pub fn objects(&self) -> BTreeMap<Digest, u64> {
        self.valid_programs().flat_map(|approved| stored::objects(approved.program())).collect()
    }

    fn valid_programs(&self) -> impl Iterator<Item = &Approved> {
        self.programs.iter().filter(|each| !each.withdrawn.program).filter_map(|each| each.judged.as_ref().ok())
    }
}

/// The program that a head names, whatever its approvals: its title and months are told with the reason why it does not count.
fn program_named(transport: &dyn Transport, entry: &HeadEntry) -> Option<Arc<Program>> {
    let bytes = fetch::document(transport, &layout::program(entry.program), entry.size.min(MANIFEST_BYTES)).ok()??;
    Program::parse(&bytes).ok().filter(|program| program.digest() == entry.program).map(Arc::new)
}

/// Checks one object of a source. To check only the size, it requests the last byte and verifies that the object ends there.
pub fn check_object_at(source: &dyn Transport, depth: CheckDepth, digest: Digest, size: u64) -> Result<Option<ObjectFault>, PullError> {
    let path = layout::object(digest);
    let from = if depth == CheckDepth::Bytes { 0 } else { size.saturating_sub(1) };
    let (body, start) = match source.get(FetchRequest { path: &path, limit: size, from })? {
        FetchResponse::Found { body, start } => (body, start),
        FetchResponse::Mismatch => return Ok(Some(ObjectFault::Differs)),
        FetchResponse::Absent => return Ok(Some(ObjectFault::Absent)),
    };
    let read = Digest::of_reader(body.take(size.saturating_add(1)));
    let (found, length) = read.map_err(|error| PullError::io(&path, &error))?;
    let whole = start == 0;
    let matches = start.saturating_add(length) == size && (!whole || size == 0 || found == digest);
    Ok((!matches).then_some(ObjectFault::Differs))
}
