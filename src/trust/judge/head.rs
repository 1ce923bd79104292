//! Heads: which one may be adopted, and which one stays in force (`docs/trust.md`, "Head").
//! Never judges their programs: `program` does.

use super::program::Approved;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::trust::document::{self, Verified};
use crate::trust::head::{Head, HeadNumber};
use crate::trust::refusal::{Refusal, require};
use crate::trust::root::Root;

/// What a player or publisher holds when it judges a head: the newest root, the number of withdrawals, the head in force.
#[derive(Clone, Copy)]
pub struct HeadContext<'a> {
    pub root: &'a Verified<Root>,
    pub withdrawals: u64,
    pub head: Option<&'a Verified<Head>>,
}

/// The result for an acceptable head.
#[derive(Debug)]
pub enum HeadOutcome {
    /// Newer than the one held; its programs are not judged yet.
    New(Box<Verified<Head>>),
    /// Exactly the bytes held.
    Unchanged,
}

/// Why a head is not adopted; the one held stays in force in every case.
#[derive(Debug)]
pub enum HeadRefusal {
    /// Its signature, form, site, file name or epoch is wrong.
    Document(Refusal),
    Rollback(Text),
    /// Same number as the one held, different content: somebody signed twice.
    Equivocation(Text),
    /// It requires a newer root or more withdrawals than the source gave.
    SourceIncomplete(Text),
}

impl HeadRefusal {
    /// The reason, for people.
    pub fn text(&self) -> &Text {
        match self {
            Self::Document(refusal) => refusal.text(),
            Self::Rollback(text) | Self::Equivocation(text) | Self::SourceIncomplete(text) => text,
        }
    }
}

impl From<Refusal> for HeadRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Document(refusal)
    }
}

/// H1–H6. Judges a head found under the name `<epoch>-<version>` of a site.
pub fn head(
    held: HeadContext<'_>,
    site: &SiteId,
    name: HeadNumber,
    bytes: Vec<u8>,
    signature: Vec<u8>,
) -> Result<HeadOutcome, HeadRefusal> {
    // H1. Exactly the bytes held: nothing to do, even if their signer has lost the right since.
    if held.head.is_some_and(|head| head.bytes() == bytes) {
        return Ok(HeadOutcome::Unchanged);
    }
    // H2. Signature by publish keys of the newest root; type, spec, critical, form; root_id.
    let head = verify_head(held.root, bytes, signature)?;
    let body = head.body();
    // H3. The own site, and the number in the file's name.
    ensure_own_site(body, site)?;
    let number = body.number();
    require(
        number == name,
        || crate::text!(vi: "tệp mang số {name} nhưng nội dung là {number}", en: "the file's name says {name}, the release says {number}"),
    )?;
    // H4. The epoch of the newest root.
    let (epoch, want) = (body.epoch, held.root.body().roles.publish.epoch);
    require(
        epoch == want,
        || crate::text!(vi: "bản phát hành thuộc đợt {epoch}, văn bản phân quyền yêu cầu đợt {want}", en: "the release is of epoch {epoch}, the root wants {want}"),
    )?;
    // H5. Above the one held; an equal number with different content is an alarm.
    if let Some(old) = held.head {
        let old = old.body().number();
        if number < old {
            return Err(HeadRefusal::Rollback(crate::text!(
                vi: "bản phát hành {number} cũ hơn {old} đang giữ",
                en: "release {number} is older than {old}, which is held"
            )));
        }
        if number == old {
            return Err(HeadRefusal::Equivocation(crate::text!(
                vi: "có hai bản phát hành khác nhau cùng số {number}",
                en: "there are two different releases of number {number}"
            )));
        }
    }
    // H6. The root and withdrawals that it requires are held. Expiry raises an alarm and is no reason to refuse.
    let (root, withdrawals) = (held.root.body().version, held.withdrawals);
    let (root_min, withdrawals_min) = (body.root_min, body.withdrawals_min);
    if root_min > root || withdrawals_min > withdrawals {
        let needed = numbers::counted(withdrawals_min, "withdrawal");
        return Err(HeadRefusal::SourceIncomplete(crate::text!(
            vi: "nguồn thiếu: bản phát hành cần văn bản phân quyền số {root_min} và {withdrawals_min} văn bản thu hồi, hiện có {root} và {withdrawals}; hãy phát hành lại (bangtin publish)",
            en: "source incomplete: the release needs root {root_min} and {needed}, {root} and {withdrawals} are held; publish again (bangtin publish)"
        )));
    }
    Ok(HeadOutcome::New(Box::new(head)))
}

/// H7. Verifies a head from the player's own disk. It stays in force over a change of epoch or publish keys: one of `roots`, newest first,
/// must accept its signature. The second value says whether the newest one does.
pub fn stored_head(roots: &[&Verified<Root>], site: &SiteId, bytes: &[u8], signature: &[u8]) -> Result<(Verified<Head>, bool), Refusal> {
    let mut first = None;
    for (at, root) in roots.iter().enumerate() {
        match verify_head(root, bytes.to_vec(), signature.to_vec()) {
            Ok(head) => return ensure_own_site(head.body(), site).map(|()| (head, at == 0)),
            Err(refusal) => first = first.or(Some(refusal)),
        }
    }
    Err(first.unwrap_or_else(|| Refusal::Unproven(crate::text!(vi: "không có văn bản phân quyền nào", en: "there is no root"))))
}

/// H8. Requires that an evergreen program is left after the programs of a head are judged.
pub fn ensure_evergreen_left(left: &[Approved]) -> Result<(), Refusal> {
    require(
        left.iter().any(|approved| approved.program().manifest().kind == ProgramKind::Evergreen),
        || crate::text!(vi: "không còn chương trình thường xuyên nào được duyệt", en: "no approved evergreen program is left"),
    )
}

/// T1. How far a head raises the floor of the clock: to the latest `issued` of approvals in sets that met their thresholds, at most to the
/// head's own `issued` plus one day.
pub fn clock_floor(head: &Verified<Head>, approved: &[Approved]) -> Option<Timestamp> {
    let cap = head.issued().0.saturating_add(86_400);
    approved.iter().map(|approved| Timestamp(approved.issued().0.min(cap))).max()
}

fn verify_head(root: &Verified<Root>, bytes: Vec<u8>, signature: Vec<u8>) -> Result<Verified<Head>, Refusal> {
    let group = &root.body().roles.publish;
    document::verify(bytes, &[signature], &root.body().public_keys(&group.keys), group.threshold, root.root_id())
}

fn ensure_own_site(head: &Head, site: &SiteId) -> Result<(), Refusal> {
    require(head.site == *site, || {
        let found = &head.site;
        crate::text!(vi: "bản phát hành của cụm {found}, không phải của {site}", en: "the release is for site {found}, not for {site}")
    })
}
