//! Programs: whether the approvals that a head names suffice under a root, for this site (`docs/trust.md`, "Approval").
//! Never looks at the time: `show` skips a program whose window is over.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::ids::{RoleId, SiteId};
use crate::base::limits::MANIFEST_BYTES;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::program::validate::Program;
use crate::trust::approval::Approval;
use crate::trust::document::{self, RootId, Verified};
use crate::trust::head::HeadEntry;
use crate::trust::keys::{KeyId, PublicKey};
use crate::trust::refusal::{Refusal, require};
use crate::trust::root::Root;

/// An approval as received: the statement `<kid>.json` and its signature file `<kid>.json.minisig`.
#[derive(Clone, Debug)]
pub struct ApprovalFile {
    pub statement: Vec<u8>,
    pub signature: Vec<u8>,
}

/// P1. The approvals to fetch: those that the head names and whose key holds a reviewer role in the newest root.
pub fn approvals_to_fetch(root: &Verified<Root>, entry: &HeadEntry) -> BTreeSet<KeyId> {
    let reviewers = root.body().reviewers();
    entry.approvals.iter().filter(|kid| reviewers.contains(kid)).copied().collect()
}

/// P2. The roles that must approve a program: its own, and those that the root requires for its kind and site.
pub fn required_roles(root: &Root, site: &SiteId, program: &Program) -> BTreeSet<RoleId> {
    let manifest = program.manifest();
    roles_of(root, site, manifest.kind, &manifest.roles)
}

/// As [`required_roles`], for a program that is only planned, with these `own` roles.
pub fn roles_of(root: &Root, site: &SiteId, kind: ProgramKind, own: &[RoleId]) -> BTreeSet<RoleId> {
    own.iter().chain(root.requires.of(site, kind)).cloned().collect()
}

/// The roles of P2 in which a key may sign about a program: the key holds them, and they cover the site and kind.
pub fn usable_roles(root: &Root, kid: KeyId, site: &SiteId, program: &Program) -> BTreeSet<RoleId> {
    let kind = program.manifest().kind;
    let holds = |name: &RoleId| root.roles.review.get(name).is_some_and(|role| role.keys.contains(&kid) && role.covers(site, kind));
    required_roles(root, site, program).into_iter().filter(holds).collect()
}

/// The authentic approvals of one entry that match it; [`approvals`] gives them only if they meet what the root requires.
#[derive(Clone, Debug)]
pub struct CountedApprovals {
    entry: HeadEntry,
    site: SiteId,
    approvals: Vec<Verified<Approval>>,
    /// Keys whose approval is absent or badly signed, to report if the count falls short.
    absent: BTreeSet<KeyId>,
    /// Rules broken by others.
    broken: Vec<Text>,
}

/// P3–P5. Judges the approvals of an entry before its manifest is fetched. `files`: those of [`approvals_to_fetch`] that were found.
pub fn approvals(
    root: &Verified<Root>,
    site: &SiteId,
    entry: &HeadEntry,
    files: &BTreeMap<KeyId, ApprovalFile>,
) -> Result<CountedApprovals, Refusal> {
    require(entry.size <= MANIFEST_BYTES, || crate::text!(vi: "bản kê quá lớn", en: "the manifest is too large"))?;
    let counted = collect_approvals(root, site, entry, files);
    // P5. Every role that the root requires is met.
    let required: BTreeSet<_> = root.body().requires.of(site, entry.kind).iter().cloned().collect();
    counted.ensure_roles_met(root.body(), &required)?;
    Ok(counted)
}

/// P3, P4, P8. The approvals of a program that count so far, enough or not: they show people who has signed.
pub fn valid_approvals(root: &Verified<Root>, program: &Program, files: &BTreeMap<KeyId, ApprovalFile>) -> Vec<Verified<Approval>> {
    counted_so_far(root, program, files).approvals
}

/// P3, P4, P8, P9. The roles in which a program lacks signatures so far.
pub fn short_roles(root: &Verified<Root>, program: &Program, files: &BTreeMap<KeyId, ApprovalFile>) -> Vec<ShortRole> {
    let required = required_roles(root.body(), &program.manifest().site, program);
    counted_so_far(root, program, files).short_roles(root.body(), &required)
}

/// P3, P4, P8.
fn counted_so_far(root: &Verified<Root>, program: &Program, files: &BTreeMap<KeyId, ApprovalFile>) -> CountedApprovals {
    let manifest = program.manifest();
    let approvals = files.keys().copied().collect();
    let entry = HeadEntry { program: program.digest(), size: program.size(), kind: manifest.kind, from: manifest.valid.from, approvals };
    let mut counted = collect_approvals(root, &manifest.site, &entry, files);
    counted.keep_those_of(program);
    counted
}

/// P3–P9 at once, where the manifest is at hand. A refusal for too few approvals names all roles, those of the manifest too.
pub fn program_with_approvals(
    root: &Verified<Root>,
    (site, entry): (&SiteId, &HeadEntry),
    manifest: &[u8],
    files: &BTreeMap<KeyId, ApprovalFile>,
) -> Result<Approved, Refusal> {
    match approvals(root, site, entry, files) {
        Ok(counted) => program(root, counted, manifest),
        Err(rule @ Refusal::Rule(_)) => Err(rule),
        // P5 names the root's roles alone. P9 names those of the manifest too; it refuses as well, since it asks for the root's again.
        Err(part) => program(root, collect_approvals(root, site, entry, files), manifest).and(Err(part)),
    }
}

/// P3. A statement about any program, signed by a key that holds a reviewer role now.
pub fn authentic_approval(root: &Verified<Root>, file: &ApprovalFile) -> Result<Verified<Approval>, Refusal> {
    let reviewers = root.body().reviewers();
    signed_approval(root.root_id(), &root.body().public_keys(&reviewers), file)
}

/// P3. A statement about any program, signed by this key, whether it holds a role or not: it tells what the key signed from what it did not.
pub fn approval_signed_by(root_id: RootId, key: &PublicKey, file: &ApprovalFile) -> Result<Verified<Approval>, Refusal> {
    signed_approval(root_id, &std::iter::once(key), file)
}

fn signed_approval<'a>(
    root_id: RootId,
    keys: &(impl Iterator<Item = &'a PublicKey> + Clone),
    file: &ApprovalFile,
) -> Result<Verified<Approval>, Refusal> {
    document::verify(file.statement.clone(), std::slice::from_ref(&file.signature), keys, 1, root_id)
}

/// P3. Whether what lies in the place of an approval of an entry is one.
pub fn is_approval_of(root: &Verified<Root>, entry: &HeadEntry, file: &ApprovalFile) -> bool {
    authentic_approval(root, file).is_ok_and(|approval| approval.body().program == entry.program)
}

/// P3–P4.
fn collect_approvals(root: &Verified<Root>, site: &SiteId, entry: &HeadEntry, files: &BTreeMap<KeyId, ApprovalFile>) -> CountedApprovals {
    let (absent, broken) = (BTreeSet::new(), Vec::new());
    let mut counted = CountedApprovals { entry: entry.clone(), site: site.clone(), approvals: Vec::new(), absent, broken };
    for kid in approvals_to_fetch(root, entry) {
        // Taking a key out of the root revokes what it signed.
        let Some(file) = files.get(&kid) else {
            counted.absent.insert(kid);
            continue;
        };
        match authentic_approval(root, file) {
            // P3. What lies at this place speaks of it. Anybody can put another authentic statement there, and the right one is absent then.
            Ok(approval) if approval.body().program != entry.program || !approval.signers().contains(&kid) => {
                counted.absent.insert(kid);
            }
            // P4. It names this program's size, site and kind.
            Ok(approval) if matches_entry(approval.body(), site, entry) => counted.approvals.push(approval),
            Ok(_) => counted.broken.push(
                crate::text!(vi: "văn bản phê duyệt nói về kích thước, cụm hoặc loại khác", en: "an approval speaks of another size, site or kind"),
            ),
            Err(Refusal::Unproven(_)) => drop(counted.absent.insert(kid)),
            Err(Refusal::Rule(text) | Refusal::Approvals(text)) => counted.broken.push(text),
        }
    }
    counted
}

/// P6–P9. Judges the program itself: the only way to an [`Approved`].
pub fn program(root: &Verified<Root>, mut counted: CountedApprovals, manifest: &[u8]) -> Result<Approved, Refusal> {
    let CountedApprovals { entry, site, .. } = &counted;
    // P6. The manifest has the digest that the head names.
    if Digest::of(manifest) != entry.program {
        return Err(Refusal::Unproven(crate::text!(vi: "bản kê không khớp mã băm", en: "the manifest does not match its digest")));
    }
    let program = Program::parse(manifest).map_err(|detail| {
        Refusal::Rule(crate::text!(vi: "bản kê sai quy cách: {detail}", en: "the manifest is not well formed: {detail}"))
    })?;
    // P7. Length, site and kind equal the head's entry.
    require(
        program.size() == entry.size && program.manifest().site == *site && program.manifest().kind == entry.kind,
        || crate::text!(vi: "bản kê khác với bản phát hành về cụm, loại hoặc kích thước", en: "manifest and release differ in site, kind or size"),
    )?;
    // P8. The approvals' window and total size equal the manifest's.
    counted.keep_those_of(&program);
    // P9. These approvals meet every role of the manifest and of the root.
    counted.ensure_roles_met(root.body(), &required_roles(root.body(), &counted.site, &program))?;
    Ok(Approved { program: Arc::new(program), entry: counted.entry, approvals: counted.approvals })
}

impl CountedApprovals {
    /// P8. Drops the approvals whose window or total size is not the manifest's.
    fn keep_those_of(&mut self, program: &Program) {
        let before = self.approvals.len();
        self.approvals.retain(|approval| matches_program(approval.body(), program));
        if self.approvals.len() < before {
            self.broken.push(crate::text!(
                vi: "văn bản phê duyệt khác với bản kê về thời gian chiếu hoặc tổng dung lượng",
                en: "an approval and the manifest differ in the time of showing or the total size"
            ));
        }
    }

    /// Those of the roles that have fewer signatures than their threshold.
    fn short_roles(&self, root: &Root, roles: &BTreeSet<RoleId>) -> Vec<ShortRole> {
        let short = |name: &RoleId| {
            let role = root.roles.review.get(name)?;
            let named = self.approvals.iter().filter(|approval| approval.body().roles.contains(name));
            let keys: BTreeSet<_> = named.flat_map(Verified::signers).filter(|kid| role.keys.contains(kid)).collect();
            let short = ShortRole { role: name.clone(), count: keys.len() as u64, threshold: role.threshold };
            (short.count < short.threshold).then_some(short)
        };
        roles.iter().filter_map(short).collect()
    }

    /// Requires that each role covers this site and kind, and that its threshold of distinct keys hold it and name it. A refusal names all that
    /// do not.
    fn ensure_roles_met(&self, root: &Root, roles: &BTreeSet<RoleId>) -> Result<(), Refusal> {
        let (site, kind) = (&self.site, self.entry.kind);
        let covers = |name: &RoleId| root.roles.review.get(name).is_some_and(|role| role.covers(site, kind));
        let (covering, others): (BTreeSet<_>, BTreeSet<_>) = roles.iter().cloned().partition(covers);
        let word = kind.as_str();
        let none = |name: &RoleId| {
            crate::text!(
                vi: "cần vai trò duyệt {name}, nhưng vai trò này không có hoặc không phụ trách cụm {site}, loại {word}",
                en: "role {name} must approve, but there is no such role or it does not cover site {site}, kind {word}"
            )
        };
        let short = self.short_roles(root, &covering);
        let mut why: Vec<Text> = others.iter().map(none).chain(short.iter().map(ShortRole::text)).collect();
        if why.is_empty() {
            return Ok(());
        }
        let missing = !short.is_empty() && !self.absent.is_empty();
        if missing {
            let absent = self.absent.iter().map(KeyId::to_string).collect::<Vec<_>>().join(", ");
            why.push(crate::text!(vi: "thiếu hoặc sai chữ ký: {absent}", en: "absent or badly signed: {absent}"));
        }
        if !short.is_empty() {
            why.extend(self.broken.iter().cloned());
        }
        let join = |pick: fn(&Text) -> &str| why.iter().map(pick).collect::<Vec<_>>().join("; ");
        let text = Text { vi: join(|text| &text.vi), en: join(|text| &text.en) };
        // A role that nobody can sign in is not met by what is fetched again.
        Err(if missing && others.is_empty() { Refusal::Unproven(text) } else { Refusal::Approvals(text) })
    }
}

/// A role with fewer signatures than it takes.
pub struct ShortRole {
    pub role: RoleId,
    pub count: u64,
    pub threshold: u64,
}

impl ShortRole {
    fn text(&self) -> Text {
        let Self { role, count, threshold } = self;
        let good = numbers::counted(*count, "valid approval");
        crate::text!(
            vi: "vai trò {role}: {count} văn bản phê duyệt hợp lệ, cần {threshold}",
            en: "role {role}: {good}, {threshold} required"
        )
    }
}

fn matches_entry(approval: &Approval, site: &SiteId, entry: &HeadEntry) -> bool {
    approval.manifest_size == entry.size && approval.site == *site && approval.kind == entry.kind
}

fn matches_program(approval: &Approval, program: &Program) -> bool {
    let valid = program.manifest().valid;
    (approval.show_from, approval.show_until) == (valid.from, valid.until) && approval.total_bytes == program.total_bytes()
}

/// A program that enough reviewers approved, under one root, for one site. Only [`program`] makes it.
#[derive(Clone, Debug)]
pub struct Approved {
    program: Arc<Program>,
    entry: HeadEntry,
    approvals: Vec<Verified<Approval>>,
}

impl Approved {
    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The head's entry.
    pub fn entry(&self) -> &HeadEntry {
        &self.entry
    }

    /// The approvals that counted.
    pub fn approvals(&self) -> &[Verified<Approval>] {
        &self.approvals
    }

    /// The latest `issued` of the approvals that counted.
    pub fn issued(&self) -> Timestamp {
        self.approvals.iter().map(Verified::issued).max().unwrap_or(Timestamp(0))
    }
}
