//! Steps 7 and 8 of a cycle for single programs: their documents from what is stored, from a pack, from the source; then the judgement.
//! Never fetches objects and never commits.

use std::collections::{BTreeMap, BTreeSet};

use super::adopt::Packs;
use super::fetch;
use super::pack::Pack;
use super::puller::Puller;
use super::stop::Stop;
use super::stored;
use super::transport::Transport;
use crate::base::digest::Digest;
use crate::base::limits::{MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::terms::Kind;
use crate::store::layout;
use crate::trust::head::Entry;
use crate::trust::judge::{self, ApprovalFile, Approved};
use crate::trust::refusal::Refusal;

impl Puller {
    /// Steps 7 and 8 again for programs of the head in force that may not be shown: a statement or manifest may be damaged on disk, and
    /// after a new root approvals may count that were never fetched.
    pub(super) fn mend(&mut self, source: &dyn Transport) -> Result<(), Stop> {
        let refused: BTreeSet<Digest> = self.dropped.iter().map(|(digest, _)| *digest).collect();
        let entries: Vec<Entry> = self.head.iter().flat_map(|head| &head.body().programs).cloned().collect();
        let (mut mended, mut missing) = (false, None);
        for entry in entries.iter().filter(|entry| refused.contains(&entry.program)) {
            match self.judge_entry(source, entry, &mut Packs::new())? {
                Ok(_) => mended = true,
                Err(refusal) if refusal.is_incomplete() => missing = Some(format!("{}: {refusal}", entry.program)),
                Err(_) => {}
            }
        }
        if mended {
            self.judge_stored();
        }
        missing.map_or(Ok(()), |reason| Err(Stop { reason, outside: true, retry_after_s: None }))
    }

    /// Steps 7 and 8 for one entry: what is stored first, then what the source has: in a pack made from a program that is held, else
    /// file by file. A pack that holds objects too is left open in `packs`.
    pub(super) fn judge_entry(&self, source: &dyn Transport, entry: &Entry, packs: &mut Packs) -> Result<Result<Approved, Refusal>, Stop> {
        match stored::program(self.root(), &self.settings.site, entry, &self.holdings) {
            Err(refusal) if refusal.is_incomplete() => {}
            judged => return Ok(judged),
        }
        if let Some(pack) = self.pack(source, entry)
            && let Ok(approved) = self.judge_from(source, entry, Some(&pack))?
        {
            packs.insert(entry.program, pack);
            return Ok(Ok(approved));
        }
        // Packs are hints: one that is wrong must not stand in the way of the files themselves.
        self.judge_from(source, entry, None)
    }

    fn judge_from(&self, source: &dyn Transport, entry: &Entry, pack: Option<&Pack>) -> Result<Result<Approved, Refusal>, Stop> {
        let site = &self.settings.site;
        let packed = |path: &str, limit: u64| pack.and_then(|pack| pack.document(path, limit));
        let mut files = BTreeMap::new();
        for kid in judge::wanted(self.root(), entry) {
            let (path, signature_path) = (layout::approval(entry.program, kid), layout::approval_signature(entry.program, kid));
            let statement = match packed(&path, SMALL_DOCUMENT_BYTES) {
                None => fetch::document(source, &path, SMALL_DOCUMENT_BYTES)?,
                packed => packed,
            };
            let signature = match packed(&signature_path, SIGNATURE_BYTES) {
                None => fetch::signature(source, &signature_path)?,
                packed => packed,
            };
            if let (Some(statement), Some(signature)) = (statement, signature) {
                files.insert(kid, ApprovalFile { statement, signature });
            }
        }
        let counted = match judge::approvals(self.root(), site, entry, &files) {
            Ok(counted) => counted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let (path, limit) = (layout::program(entry.program), entry.size.min(MANIFEST_BYTES));
        let manifest = match packed(&path, limit).filter(|bytes| Digest::of(bytes) == entry.program) {
            None => fetch::document(source, &path, limit)?.unwrap_or_default(),
            Some(packed) => packed,
        };
        let judged = judge::program(self.root(), counted, &manifest);
        if judged.is_ok() {
            for (kid, file) in &files {
                self.holdings.put_document(&layout::approval_signature(entry.program, *kid), &file.signature)?;
                self.holdings.put_document(&layout::approval(entry.program, *kid), &file.statement)?;
            }
            self.holdings.put_document(&layout::program(entry.program), &manifest)?;
        }
        Ok(judged)
    }

    /// The pack of what is new since the program of the same kind that is held, with its documents read.
    fn pack(&self, source: &dyn Transport, entry: &Entry) -> Option<Pack> {
        let of_kind = self.standing.programs.iter().filter(|held| held.complete && held.program.manifest().kind == entry.kind);
        // The publisher makes packs from the program that the new one follows.
        let base = of_kind.max_by_key(|held| (held.from <= entry.from, held.from))?;
        self.meter.urgent(entry.kind == Kind::Urgent);
        let mut pack = Pack::ask(source, &self.holdings, &self.meter, entry.program, Some(&base.program)).ok()??;
        pack.read_documents().ok()?;
        Some(pack)
    }
}
