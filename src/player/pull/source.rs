//! The documents that one source has for a site: fetches each within its limit and judges it by what is already trusted.
//! Never stores one by itself, and never fetches an object.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::fetch;
use super::transport::{FetchRequest, FetchResponse, PullError, Transport};
use super::trusted::Trusted;
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::limits::{HEAD_BYTES, HINT_BYTES, MANIFEST_BYTES, REASON_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber};
use crate::trust::hint::Hint;
use crate::trust::judge::{self, ApprovalFile, Approved, HeadContext, HeadOutcome, HeadRefusal};
use crate::trust::keys::KeyId;
use crate::trust::refusal::Refusal;
use crate::trust::release::KitRelease;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// A file and its path in a store.
pub type StoreFile = (String, Vec<u8>);

/// A verified document with its files.
#[derive(Clone)]
pub struct Accepted<T> {
    document: T,
    /// Each signature before its document.
    files: Vec<StoreFile>,
}

impl<T> Accepted<T> {
    /// Stores the files and returns the document.
    pub fn store(self, holdings: &LocalStore) -> io::Result<T> {
        self.files.iter().try_for_each(|(path, bytes)| holdings.put_document(path, bytes))?;
        Ok(self.document)
    }

    /// The document; adds its files to `files`.
    pub fn into_parts(self, files: &mut Vec<StoreFile>) -> T {
        files.extend(self.files);
        self.document
    }

    /// The document, without storing anything.
    pub fn into_document(self) -> T {
        self.document
    }

    /// The document.
    pub fn document(&self) -> &T {
        &self.document
    }
}

/// Documents that need not be fetched, by path and limit.
pub type KnownDocuments<'a> = &'a dyn Fn(&str, u64) -> Option<Vec<u8>>;

/// What a withdrawal is judged to be, and the signatures beside it.
type JudgedWithdrawal = (Result<Verified<Withdrawal>, Text>, BTreeMap<KeyId, Vec<u8>>);

/// A source of one site's documents.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub transport: &'a dyn Transport,
    /// Determines what is requested and what is accepted.
    pub trusted: &'a Trusted,
}

impl Source<'_> {
    /// Step 2: the hint. It is always read whole: web servers make validators of a time in seconds and a size, which a copy with its old
    /// time has too.
    pub fn hint(&self) -> Result<Hint, PullError> {
        let path = &layout::hint(self.trusted.site());
        let FetchResponse::Found { body, .. } = self.transport.get(FetchRequest { path, limit: HINT_BYTES, from: 0 })? else {
            return Err(self.no_release());
        };
        // A page of the network may be of any length.
        let bytes = match read_stream_limited(body, HINT_BYTES) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Vec::new(),
            read => read.map_err(|error| PullError::io(path, &error))?,
        };
        let name = self.transport.name();
        Hint::parse(&bytes).ok_or_else(|| {
            PullError::external(text!(
                vi: "{name}: {path} sai dạng; có thể mạng đang trả về trang đăng nhập, hãy kiểm tra",
                en: "{name}: {path} is malformed; the network may answer with its own login page: check that"
            ))
        })
    }

    /// The root after the newest, by R2 and R3; `None` if there is none.
    pub fn next_root(&self) -> Result<Option<Accepted<Verified<Root>>>, PullError> {
        let old = self.trusted.root();
        let number = old.body().version + 1;
        let path = layout::root(number);
        let Some(bytes) = fetch::document(self.transport, &path, SMALL_DOCUMENT_BYTES)? else { return Ok(None) };
        let mut signatures = BTreeMap::new();
        let place = |kid: KeyId| layout::root_signature(number, kid);
        self.signatures(&old.body().roles.root.keys, &place, &mut signatures)?;
        let refused = |refusal: Refusal| {
            let Text { vi, en } = refusal.text();
            PullError::refused(text!(vi: "văn bản phân quyền số {number}: {vi}", en: "root {number}: {en}"))
        };
        let half = judge::root_signed_by_old(old, &bytes, signatures.values().cloned().collect()).map_err(refused)?;
        self.signatures(half.own_key_ids(), &place, &mut signatures)?;
        let document = half.finish(signatures.values().cloned().collect()).map_err(refused)?;
        Ok(Some(accepted(document, signatures, place, (path, bytes))))
    }

    /// The withdrawal after the last one, by W1 to W3; `None` if there is none.
    pub fn next_withdrawal(&self) -> Result<Option<Accepted<Verified<Withdrawal>>>, PullError> {
        let number = self.trusted.withdrawals().len() as u64 + 1;
        let path = layout::withdrawal(number);
        let Some(bytes) = fetch::document(self.transport, &path, SMALL_DOCUMENT_BYTES)? else { return Ok(None) };
        let (judged, signatures) = self.withdrawal(number, &bytes)?;
        let place = |kid: KeyId| layout::withdrawal_signature(number, kid);
        judged.map(|document| Some(accepted(document, signatures, place, (path, bytes)))).map_err(PullError::refused)
    }

    /// A withdrawal that the source has under a number that is held, if it is another one, by W1 to W3; `None` if there is none. A refused one
    /// is logged and skipped: no number is lost by it.
    pub fn twin(&self, number: u64) -> Result<Option<Accepted<Verified<Withdrawal>>>, PullError> {
        let path = layout::withdrawal(number);
        let Some(bytes) = fetch::document(self.transport, &path, SMALL_DOCUMENT_BYTES)? else { return Ok(None) };
        if self.trusted.chain().of(number).any(|held| held.bytes() == bytes) {
            return Ok(None);
        }
        let (judged, signatures) = self.withdrawal(number, &bytes)?;
        let digest = Digest::of(&bytes);
        let (place, path) = (|kid: KeyId| layout::withdrawal_twin_signature(number, digest, kid), layout::withdrawal_twin(number, digest));
        match judged {
            Ok(document) => Ok(Some(accepted(document, signatures, place, (path, bytes)))),
            Err(refusal) => {
                crate::logln!("pull: {}: another one than is held is passed over: {}", self.transport.name(), refusal.en);
                Ok(None)
            }
        }
    }

    /// Judges the bytes found under a number by W1 to W3, with the signatures that the source has beside them.
    fn withdrawal(&self, number: u64, bytes: &[u8]) -> Result<JudgedWithdrawal, PullError> {
        let (root, mut signatures) = (self.trusted.root(), BTreeMap::new());
        self.signatures(&root.body().reviewers(), &|kid| layout::withdrawal_signature(number, kid), &mut signatures)?;
        let judged = judge::withdrawal(root, number, bytes.to_vec(), signatures.values().cloned().collect());
        let judged = judged.map_err(|refusal| {
            let Text { vi, en } = refusal.text();
            text!(vi: "văn bản thu hồi số {number}: {vi}", en: "withdrawal {number}: {en}")
        });
        let short = |document: Verified<Withdrawal>| {
            let length = document.body().reason.len();
            if length <= REASON_BYTES {
                return Ok(document);
            }
            Err(text!(
                vi: "văn bản thu hồi số {number}: lý do dài {length} byte, nhiều nhất là {REASON_BYTES}",
                en: "withdrawal {number}: its reason has {length} bytes, {REASON_BYTES} are the most"
            ))
        };
        Ok((judged.and_then(short), signatures))
    }

    /// A kit release, by L1 and L2; `None` if there is none. A refused one is logged and skipped.
    pub fn release(&self, number: u64) -> Result<Option<Accepted<Verified<KitRelease>>>, PullError> {
        let site = self.trusted.site();
        let (path, signature_path) = (layout::release(site, number), layout::release_signature(site, number));
        let Some(bytes) = fetch::document(self.transport, &path, SMALL_DOCUMENT_BYTES)? else { return Ok(None) };
        let Some(signature) = fetch::signature(self.transport, &signature_path)? else { return Ok(None) };
        match judge::release(self.trusted.root(), site, number, bytes.clone(), signature.clone()) {
            Ok(document) => Ok(Some(Accepted { document, files: vec![(signature_path, signature), (path, bytes)] })),
            Err(refusal) => {
                crate::logln!("pull: release {number}: {refusal}");
                Ok(None)
            }
        }
    }

    /// Steps 5 and 6: a head by its number, by H1 to H6; `None` if it is the one in force.
    pub fn newer_head(&self, number: HeadNumber) -> Result<Option<Accepted<Verified<Head>>>, PullError> {
        let site = self.trusted.site();
        let (path, signature_path) = (layout::head(site, number), layout::head_signature(site, number));
        let bytes = fetch::document(self.transport, &path, HEAD_BYTES)?.ok_or_else(|| self.absent(&path))?;
        let signature = fetch::signature(self.transport, &signature_path)?.ok_or_else(|| self.absent(&signature_path))?;
        let withdrawals = self.trusted.withdrawals().len() as u64;
        let context = HeadContext { root: self.trusted.root(), withdrawals, head: self.trusted.head() };
        match judge::head(context, site, number, bytes.clone(), signature.clone()) {
            Ok(HeadOutcome::Unchanged) => Ok(None),
            Ok(HeadOutcome::New(document)) => {
                Ok(Some(Accepted { document: *document, files: vec![(signature_path, signature), (path, bytes)] }))
            }
            Err(refusal) => {
                let Text { vi, en } = refusal.text();
                let reason = text!(vi: "bản phát hành {number}: {vi}", en: "release {number}: {en}");
                Err(PullError { external: matches!(refusal, HeadRefusal::SourceIncomplete(_)), ..PullError::refused(reason) })
            }
        }
    }

    /// Whether the source has the very head that is in force.
    pub fn has_held_head(&self) -> Result<bool, PullError> {
        let Some(held) = self.trusted.head() else { return Ok(false) };
        let path = layout::head(self.trusted.site(), held.body().number());
        Ok(fetch::document(self.transport, &path, HEAD_BYTES)?.is_some_and(|bytes| bytes == held.bytes()))
    }

    /// Steps 5 and 6 without the hint: the head after `known`; `None` if there is none. A refused one is logged and skipped.
    pub fn further_head(&self, known: HeadNumber) -> Result<Option<Accepted<Verified<Head>>>, PullError> {
        let epoch = self.trusted.root().body().roles.publish.epoch;
        let version = if known.epoch == epoch { known.version.saturating_add(1) } else { 1 };
        let number = HeadNumber { epoch, version };
        let found = fetch::document(self.transport, &layout::head(self.trusted.site(), number), HEAD_BYTES);
        match found.and_then(|found| found.map_or(Ok(None), |_| self.newer_head(number))) {
            Err(error) if !error.external => {
                crate::logln!("pull: {}: {}; its hint does not name it: passed over", self.transport.name(), error.reason.en);
                Ok(None)
            }
            read => read,
        }
    }

    /// Steps 7 and 8 for one entry of a head: its approvals, then its manifest, each as `known` gives it by path and limit, if it does.
    /// What is refused for good is kept as well, so that later judgements find the same reason.
    pub fn program(&self, entry: &HeadEntry, known: KnownDocuments<'_>) -> Result<Accepted<Result<Approved, Refusal>>, PullError> {
        let (root, site) = (self.trusted.root(), self.trusted.site());
        let mut approvals = BTreeMap::new();
        for kid in judge::approvals_to_fetch(root, entry) {
            let (path, signature_path) = (layout::approval(entry.program, kid), layout::approval_signature(entry.program, kid));
            let statement = match known(&path, SMALL_DOCUMENT_BYTES) {
                None => fetch::document(self.transport, &path, SMALL_DOCUMENT_BYTES)?,
                known => known,
            };
            let signature = match known(&signature_path, SIGNATURE_BYTES) {
                None => fetch::signature(self.transport, &signature_path)?,
                known => known,
            };
            if let (Some(statement), Some(signature)) = (statement, signature) {
                approvals.insert(kid, ApprovalFile { statement, signature });
            }
        }
        let mut manifest = None;
        let document = match judge::approvals(root, site, entry, &approvals) {
            Ok(counted) => {
                let (path, limit) = (layout::program(entry.program), entry.size.min(MANIFEST_BYTES));
                let bytes = match known(&path, limit).filter(|bytes| Digest::of(bytes) == entry.program) {
                    None => fetch::document(self.transport, &path, limit)?.unwrap_or_default(),
                    Some(known) => known,
                };
                let judged = judge::program(root, counted, &bytes);
                manifest = Some((path, bytes));
                judged
            }
            Err(refusal) => Err(refusal),
        };
        let signed = |(kid, file): (KeyId, ApprovalFile)| {
            let (path, signature_path) = (layout::approval(entry.program, kid), layout::approval_signature(entry.program, kid));
            [(signature_path, file.signature), (path, file.statement)]
        };
        let again = document.as_ref().is_err_and(Refusal::is_retryable);
        let files = approvals.into_iter().flat_map(signed).chain(manifest).filter(|_| !again).collect();
        Ok(Accepted { document, files })
    }

    /// Fetches the signatures of these keys that are not in `found` yet.
    fn signatures(
        &self,
        kids: &BTreeSet<KeyId>,
        place: &dyn Fn(KeyId) -> String,
        found: &mut BTreeMap<KeyId, Vec<u8>>,
    ) -> Result<(), PullError> {
        for kid in kids {
            if !found.contains_key(kid)
                && let Some(signature) = fetch::signature(self.transport, &place(*kid))?
            {
                found.insert(*kid, signature);
            }
        }
        Ok(())
    }

    fn no_release(&self) -> PullError {
        let (name, site) = (self.transport.name(), self.trusted.site());
        PullError::external(text!(
            vi: "{name}: kho không có bản phát hành cho cụm {site}; kiểm tra mục site trong cấu hình và địa chỉ kho",
            en: "{name}: the store has no release for site {site}; check the key site of the configuration and the store's address"
        ))
    }

    fn absent(&self, path: &str) -> PullError {
        let name = self.transport.name();
        PullError::external(text!(vi: "{name}: không có {path}", en: "{name}: no {path}"))
    }
}

fn accepted<T>(document: T, signatures: BTreeMap<KeyId, Vec<u8>>, place: impl Fn(KeyId) -> String, file: StoreFile) -> Accepted<T> {
    let files = signatures.into_iter().map(|(kid, signature)| (place(kid), signature)).chain([file]).collect();
    Accepted { document, files }
}
