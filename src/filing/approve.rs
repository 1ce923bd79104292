//! Approving: prepares the programs that a reviewer is asked about, and signs a statement about exactly these bytes.
//! Never signs a program whose bytes it has not hashed itself, and never merges or overwrites a statement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{filed, signed_files, statements};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId};
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::build::compile::{BuildFn, BuiltProgram};
use crate::content::model::values::Period;
use crate::store::layout;
use crate::text;
use crate::trust::approval::{Approval, Decision};
use crate::trust::document::{self, CommonFields, Verified};
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::{ReviewRole, Root, SiteScope};
use crate::trust::root_changes::names;
use crate::trust::secret::SecretKey;

/// A reviewer's key, the content folder and newest root to sign under, the moment of signing, and what the statement adds.
pub struct ReviewerContext<'a> {
    pub folder: &'a Path,
    pub root: &'a Verified<Root>,
    pub key: &'a SecretKey,
    /// The moment of the statements that are signed: that of the signature, since looking at the pages may take hours.
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
    /// Path of the statement that this key has signed before; it stays as it is.
    pub earlier: Option<PathBuf>,
    /// Signed with it.
    pub decision: Decision,
    /// Signed with it.
    pub remark: String,
}

impl ApprovalRequest {
    /// How many pages it has: each slide once for each size of screen.
    pub fn pages(&self) -> u64 {
        self.built.program.manifest().slides.values().map(|slide| slide.pages.len() as u64).sum()
    }
}

/// Builds the programs to approve, and judges all of them before the first is signed. Skips sites for which the key has no role; refuses if
/// no site is left, or if the key has signed something else about one of the programs.
pub fn prepare_requests(
    reviewer: &ReviewerContext<'_>,
    sites: &[SiteId],
    period: Period,
    build: BuildFn<'_>,
) -> Result<Vec<ApprovalRequest>, Failure> {
    let (mut asked, mut passed_by, mut contradicted, mut faulty) = (Vec::new(), None, Vec::new(), Vec::new());
    for site in sites {
        let built = build(site, period)?;
        ensure_expected_program(reviewer.expected_program, built.program.digest())?;
        match signing_roles(reviewer.root.body(), site, &built, reviewer.key.public().kid()) {
            Ok(roles) => {
                let needed = judge::required_roles(reviewer.root.body(), site, &built.program);
                let (decision, remark) = (reviewer.decision.clone(), reviewer.remark.clone());
                let mut request =
                    ApprovalRequest { site: site.clone(), built: Arc::new(built), roles, needed, earlier: None, decision, remark };
                match earlier_statement(reviewer, &request)? {
                    Earlier::Stays(path) => request.earlier = Some(path),
                    Earlier::Contradicts(path) => contradicted.push(path.display().to_string()),
                    Earlier::Faulty(fault) => faulty.push(fault),
                    Earlier::Absent => {}
                }
                asked.push(request);
            }
            Err(failure) => passed_by = Some(failure),
        }
    }
    if !faulty.is_empty() {
        let list = |pick: fn(&Text) -> &str| faulty.iter().map(|text| format!("\n  {}", pick(text))).collect::<String>();
        let (vi, en) = (list(|text| &text.vi), list(|text| &text.en));
        return Err(Failure::Refused(text!(
            vi: "chưa ký gì: ở chỗ văn bản của khóa này có tệp không được tính:{vi}",
            en: "nothing was signed: what lies in the place of this key's statement does not count:{en}"
        )));
    }
    if !contradicted.is_empty() {
        let paths = contradicted.join(", ");
        return Err(Failure::Refused(text!(
            vi: "chưa ký gì: khóa này đã ký nội dung khác tại {paths}; bỏ --document và --remark để giữ nguyên văn bản đó, hoặc nêu cụm khác bằng --site; muốn duyệt lại thì nâng lần sửa (revision) của danh sách phát",
            en: "nothing was signed: this key has signed something else at {paths}; without --document and --remark that statement stays as it is; or name another site with --site; to approve again, raise the playlist's revision"
        )));
    }
    match passed_by {
        Some(failure) if asked.is_empty() => Err(failure),
        _ => Ok(asked),
    }
}

/// What lies in the place of a key's statement about a program.
enum Earlier {
    Absent,
    /// Its statement, at this path, which can stay.
    Stays(PathBuf),
    /// Its statement, at this path, which says something else than is asked now.
    Contradicts(PathBuf),
    /// No statement of this key: what it is, and what to do.
    Faulty(Text),
}

/// What this key has signed about the program before. A key approves a program once: `unseen` may differ, and a decision or remark only if
/// none is given now. The signature is judged first: anybody can write a file under the id of a key.
fn earlier_statement(reviewer: &ReviewerContext<'_>, asked: &ApprovalRequest) -> Result<Earlier, Failure> {
    let (program, key) = (asked.built.program.digest(), reviewer.key.public());
    // Refuses a `program.json` that is not this program's.
    filed::read_filed_program(reviewer.folder, program)?;
    let statements = statements::read(reviewer.folder, program)?;
    statements.ensure_line_ends(reviewer.root)?;
    if let Some(fault) = statements.fault(reviewer.root.root_id(), key) {
        return Ok(Earlier::Faulty(fault.told(reviewer.folder)));
    }
    let Some(file) = statements.files.get(&key.kid()) else { return Ok(Earlier::Absent) };
    let stays = serde_json::from_slice::<Approval>(&file.statement).is_ok_and(|earlier| {
        let mut same = statement(reviewer, asked, None);
        same.unseen = earlier.unseen;
        same.built.clone_from(&earlier.built);
        if reviewer.decision == Decision::default() {
            same.document = earlier.document.clone();
        }
        if reviewer.remark.is_empty() {
            same.remark.clone_from(&earlier.remark);
        }
        same == earlier
    });
    let path = reviewer.folder.join(layout::approval(program, key.kid()));
    Ok(if stays { Earlier::Stays(path) } else { Earlier::Contradicts(path) })
}

fn statement(reviewer: &ReviewerContext<'_>, asked: &ApprovalRequest, unseen: Option<u64>) -> Approval {
    let program = &asked.built.program;
    let manifest = program.manifest();
    Approval {
        program: program.digest(),
        manifest_size: program.size(),
        total_bytes: program.total_bytes(),
        site: asked.site.clone(),
        kind: manifest.kind,
        show_from: manifest.valid.from,
        show_until: manifest.valid.until,
        roles: asked.roles.clone(),
        document: reviewer.decision.clone(),
        unseen,
        remark: reviewer.remark.clone(),
        built: Some(asked.built.origin.clone()),
    }
}

/// Hashes every file anew, so that what is signed is what the files hold now.
fn verify_bytes(built: &BuiltProgram) -> Result<(), Failure> {
    let wrong = |name: &str| {
        Failure::Refused(text!(vi: "{name} đã đổi trong khi tạo; chạy lại", en: "{name} changed while it was built; run again"))
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
        Some(expected) if expected != found.to_string() => Err(Failure::Refused(text!(
            vi: "nội dung này tạo ra chương trình {found}, không phải {expected}; không ký; hãy cập nhật thư mục nội dung (git pull) hoặc hỏi người báo mã",
            en: "this content builds program {found}, not {expected}; it is not signed; update the content folder (git pull) or ask who gave you the digest"
        ))),
        _ => Ok(()),
    }
}

/// The roles that the program needs and the key holds for this site and kind.
fn signing_roles(root: &Root, site: &SiteId, built: &BuiltProgram, kid: KeyId) -> Result<BTreeSet<RoleId>, Failure> {
    let roles = judge::usable_roles(root, kid, site, &built.program);
    if roles.is_empty() {
        let needed = names(&judge::required_roles(root, site, &built.program));
        let Text { vi, en } = why_no_role(root, site, built.program.manifest().kind, kid);
        return Err(Failure::Refused(text!(
            vi: "khóa {kid} không giữ vai trò nào mà chương trình của {site} cần ({needed}): {vi}",
            en: "key {kid} holds none of the roles that the program of {site} needs ({needed}): {en}"
        )));
    }
    Ok(roles)
}

/// What kind of key it is that can't approve a program of a site, and what to do.
fn why_no_role(root: &Root, site: &SiteId, kind: ProgramKind, kid: KeyId) -> Text {
    let held: BTreeMap<&RoleId, &ReviewRole> = root.roles.review.iter().filter(|(_, role)| role.keys.contains(&kid)).collect();
    let other = |role: &&ReviewRole| match &role.sites {
        SiteScope::Only(sites) if role.kinds.contains(&kind) => sites.iter().filter(|each| *each != site).cloned().collect(),
        _ => BTreeSet::new(),
    };
    let sites = held.values().flat_map(other).collect::<BTreeSet<SiteId>>();
    let (sites, held) = (sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", "), names(held.into_keys()));
    if !sites.is_empty() {
        return text!(
            vi: "khóa này giữ vai trò {held}, duyệt cho {sites}; hãy nêu cụm của mình bằng --site",
            en: "it holds {held}, which approves for {sites}; name your own site with --site"
        );
    }
    if !held.is_empty() {
        let Text { vi, en } = kind.display_name();
        return text!(
            vi: "khóa này chỉ giữ vai trò {held}, không duyệt {vi} của cụm này; hãy dùng khóa của một vai trò cần có",
            en: "it holds only {held}, which does not approve the {en} of this site; use a key of one of those roles"
        );
    }
    let Text { vi, en } = if root.roles.root.keys.contains(&kid) {
        text!(vi: "đây là khóa phân quyền, không phải khóa của người duyệt", en: "it is a root key and no reviewer's")
    } else if root.roles.publish.keys.contains(&kid) {
        text!(vi: "đây là khóa phát hành, không phải khóa của người duyệt", en: "it is a publish key and no reviewer's")
    } else {
        text!(vi: "khóa này không có trong văn bản phân quyền đang hiệu lực", en: "the root in force does not name it")
    };
    text!(vi: "{vi}; hãy dùng khóa của một vai trò cần có", en: "{en}; use a key of one of those roles")
}

/// Signs the statement and files it in `approvals/`; gives its path. `unseen`: how many of its pages the reviewer has not opened. A statement
/// signed before stays, and gets the `program.json` that it lacks.
pub fn sign(reviewer: &ReviewerContext<'_>, asked: &ApprovalRequest, unseen: u64) -> Result<PathBuf, Failure> {
    if let Some(path) = &asked.earlier {
        signed_files::add(&path.with_file_name("program.json"), &asked.built.manifest)?;
        return Ok(path.clone());
    }
    verify_bytes(&asked.built)?;
    let (key, now, kid) = (reviewer.key, reviewer.now, reviewer.key.public().kid());
    let path = reviewer.folder.join(layout::approval(asked.built.program.digest(), kid));
    let bytes = document::to_signable_bytes(
        CommonFields { root_id: reviewer.root.root_id(), issued: now },
        &statement(reviewer, asked, Some(unseen)),
    )
    .map_err(Failure::Refused)?;
    let signature = key.sign(&bytes, &format!("{kid}.json"), now).map_err(Failure::Refused)?;
    signed_files::add(&path.with_file_name("program.json"), &asked.built.manifest)?;
    signed_files::replace_orphan(&path.with_file_name(format!("{kid}.json.minisig")), &path, &signature)?;
    signed_files::add(&path, &bytes)?;
    Ok(path)
}
