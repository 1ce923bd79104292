//! Approving: prepares the programs that a reviewer is asked about, and signs a statement about exactly these bytes.
//! Never signs a program whose bytes it has not hashed itself, and never merges or overwrites a statement.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::signed_files;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId};
use crate::base::times::Timestamp;
use crate::build::built::{BuildFn, BuiltProgram};
use crate::content::model::values::Period;
use crate::trust::approval::{Approval, Decision};
use crate::trust::document::{self, CommonFields, Verified};
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;
use crate::trust::secret::SecretKey;

/// A reviewer's key, the content folder and newest root to sign under, the moment of signing, and what the statement adds.
pub struct ReviewerContext<'a> {
    pub folder: &'a Path,
    pub root: &'a Verified<Root>,
    pub key: &'a SecretKey,
    pub now: Timestamp,
    /// The digest that was asked for; any other program is refused.
    pub expected_program: Option<&'a str>,
    pub decision: Decision,
    pub remark: String,
}

/// One program, ready to be signed.
pub struct ApprovalRequest {
    pub site: SiteId,
    pub built: Arc<BuiltProgram>,
    /// The roles for which this key signs.
    pub roles: BTreeSet<RoleId>,
    /// All roles that must approve it.
    pub needed: BTreeSet<RoleId>,
}

impl ApprovalRequest {
    /// How many pages it has: each slide once for each size of screen.
    pub fn pages(&self) -> u64 {
        self.built.program.manifest().slides.values().map(|slide| slide.pages.len() as u64).sum()
    }
}

/// Builds and hashes the programs to approve. Skips sites for which the key has no role; refuses if no site is left.
pub fn prepare_requests(
    reviewer: &ReviewerContext<'_>,
    sites: &[SiteId],
    period: Period,
    build: BuildFn<'_>,
) -> Result<Vec<ApprovalRequest>, Failure> {
    let (mut asked, mut passed_by) = (Vec::new(), None);
    for site in sites {
        let built = build(site, period)?;
        verify_bytes(&built)?;
        ensure_expected_program(reviewer.expected_program, built.program.digest())?;
        match signing_roles(reviewer.root.body(), site, &built, reviewer.key.public().kid()) {
            Ok(roles) => {
                let needed = judge::required_roles(reviewer.root.body(), site, &built.program);
                asked.push(ApprovalRequest { site: site.clone(), built: Arc::new(built), roles, needed });
            }
            Err(failure) => passed_by = Some(failure),
        }
    }
    match passed_by {
        Some(failure) if asked.is_empty() => Err(failure),
        _ => Ok(asked),
    }
}

/// Hashes every file anew, so that what is shown and signed is what the files hold now.
fn verify_bytes(built: &BuiltProgram) -> Result<(), Failure> {
    let wrong = |name: &str| {
        Failure::Refused(crate::text!(vi: "{name} đã đổi trong khi dựng; chạy lại", en: "{name} changed while it was built; run again"))
    };
    if Digest::of(&built.manifest) != built.program.digest() {
        return Err(wrong("program.json"));
    }
    for file in &built.program.manifest().files {
        let source = built.objects.get(&file.sha256).ok_or_else(|| wrong(file.path.as_str()))?;
        let found = source.open().and_then(Digest::of_reader).map_err(|error| Failure::io(Path::new(file.path.as_str()), &error))?;
        if found != (file.sha256, file.size) {
            return Err(wrong(file.path.as_str()));
        }
    }
    Ok(())
}

fn ensure_expected_program(expected: Option<&str>, found: Digest) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != found.to_string() => Err(Failure::Refused(crate::text!(
            vi: "nội dung này dựng ra chương trình {found}, không phải {expected}; không ký",
            en: "this content builds program {found}, not {expected}; it is not signed"
        ))),
        _ => Ok(()),
    }
}

/// The roles that the program needs and the key holds for this site and kind.
fn signing_roles(root: &Root, site: &SiteId, built: &BuiltProgram, kid: KeyId) -> Result<BTreeSet<RoleId>, Failure> {
    let roles = judge::usable_roles(root, kid, site, &built.program);
    if roles.is_empty() {
        let needed = judge::required_roles(root, site, &built.program);
        let needed = needed.iter().map(RoleId::as_str).collect::<Vec<_>>().join(", ");
        return Err(Failure::Refused(crate::text!(
            vi: "khóa {kid} không giữ vai trò nào mà chương trình của {site} cần ({needed})",
            en: "key {kid} holds none of the roles that the program of {site} needs ({needed})"
        )));
    }
    Ok(roles)
}

/// Signs the statement and files it in `approvals/`; gives its path. `unseen`: how many of its pages the reviewer has not opened.
pub fn sign(reviewer: &ReviewerContext<'_>, asked: &ApprovalRequest, unseen: u64) -> Result<PathBuf, Failure> {
    let ReviewerContext { folder, key, now, .. } = *reviewer;
    verify_bytes(&asked.built)?;
    let (program, kid) = (&asked.built.program, key.public().kid());
    let manifest = program.manifest();
    let approval = Approval {
        program: program.digest(),
        manifest_size: program.size(),
        total_bytes: program.total_bytes(),
        site: asked.site.clone(),
        kind: manifest.kind,
        show_from: manifest.valid.from,
        show_until: manifest.valid.until,
        roles: asked.roles.clone(),
        document: reviewer.decision.clone(),
        unseen: Some(unseen),
        remark: reviewer.remark.clone(),
    };
    let place = signed_files::approval_folder(folder, program.digest());
    let path = place.join(format!("{kid}.json"));
    if let Some(earlier) = signed_files::read_filed_program(folder, program.digest())?.and_then(|mut filed| filed.files.remove(&kid)) {
        return ensure_same_statement(&path, &earlier.statement, &approval).map(|()| path);
    }
    let bytes =
        document::to_signable_bytes(CommonFields { root_id: reviewer.root.root_id(), issued: now }, &approval).map_err(Failure::Refused)?;
    let signature = key.sign(&bytes, &format!("{kid}.json"), now).map_err(Failure::Refused)?;
    signed_files::add(&place.join("program.json"), &asked.built.manifest)?;
    signed_files::replace_orphan(&place.join(format!("{kid}.json.minisig")), &path, &signature)?;
    signed_files::add(&path, &bytes)?;
    Ok(path)
}

/// A key approves a program once. The same statement again is fine, whatever its `unseen`; a different one needs a raised `revision`.
fn ensure_same_statement(path: &Path, earlier: &[u8], approval: &Approval) -> Result<(), Failure> {
    let same =
        serde_json::from_slice::<Approval>(earlier).is_ok_and(|earlier| Approval { unseen: approval.unseen, ..earlier } == *approval);
    let path = path.display();
    let refused = || {
        Failure::Refused(crate::text!(
            vi: "{path} đã có với nội dung khác; muốn duyệt lại, hãy tăng revision của danh sách phát",
            en: "{path} exists and says something else; to approve again, raise the playlist's revision"
        ))
    };
    if same { Ok(()) } else { Err(refused()) }
}
