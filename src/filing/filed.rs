//! The programs in `approvals/`: listed by name, each read and parsed only when it is needed, so that no command gets slower with the years.
//! Never judges one: `judged` does.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::line_ends;
use super::signed_files::{list_names, read_if_exists, refused_file};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::printable;
use crate::base::times::Timestamp;
use crate::program::validate::Program;
use crate::trust::approval::Approval;
use crate::trust::document::Verified;
use crate::trust::judge::{self, ApprovalFile};
use crate::trust::keys::KeyId;
use crate::trust::root::Root;

/// A program in `approvals/` with every statement about it. Nothing is judged yet.
pub struct FiledProgram {
    folder: PathBuf,
    pub manifest: Vec<u8>,
    pub program: Program,
    /// Statements by the key id in the file's name.
    pub files: BTreeMap<KeyId, ApprovalFile>,
}

impl FiledProgram {
    /// The program on a line of a list: digest, site, period, revision, title.
    pub fn list_line(&self) -> String {
        let (digest, manifest) = (self.program.digest(), self.program.manifest());
        let period = manifest.month.map_or_else(|| manifest.kind.as_str().to_owned(), |month| month.to_string());
        format!("\n  {digest}  {} {period} revision {}: {}", manifest.site, manifest.revision, printable(&manifest.title))
    }

    /// Fails if a statement does not count only because git or an editor has changed its line ends.
    pub fn ensure_line_ends(&self, root: &Verified<Root>) -> Result<(), Failure> {
        self.files.iter().try_for_each(|(kid, file)| ensure_line_ends(root, &self.folder, *kid, file))
    }

    /// When it was first approved, as its statements claim.
    pub fn first_approved(&self) -> Option<Timestamp> {
        let claims = self.files.values().filter_map(|file| serde_json::from_slice::<Claim>(&file.statement).ok());
        claims.map(|claim| claim.issued).min()
    }
}

/// What a statement says of its program. Unverified: it only narrows a search, whose results are judged.
#[derive(Deserialize)]
pub struct Claim {
    pub issued: Timestamp,
    #[serde(flatten)]
    pub approval: Approval,
}

/// Everything in `approvals/`.
pub struct FiledPrograms {
    content: PathBuf,
    programs: BTreeMap<Digest, FiledEntry>,
}

#[derive(Default)]
struct FiledEntry {
    claims: OnceCell<Vec<Claim>>,
    program: OnceCell<FiledProgram>,
}

impl FiledPrograms {
    /// Lists the programs of a content folder; reads none.
    pub fn list(content: &Path) -> Result<Self, Failure> {
        let names = list_names(&content.join("approvals"))?;
        let programs = names.iter().filter_map(|name| Some((Digest::parse(name)?, FiledEntry::default()))).collect();
        Ok(Self { content: content.to_owned(), programs })
    }

    /// The digests of all programs.
    pub fn digests(&self) -> impl Iterator<Item = Digest> {
        self.programs.keys().copied()
    }

    /// One program; `None` if it is not there. Refuses a manifest that does not match its folder's name.
    pub fn get(&self, digest: Digest) -> Result<Option<&FiledProgram>, Failure> {
        let Some(entry) = self.programs.get(&digest) else { return Ok(None) };
        if let Some(known) = entry.program.get() {
            return Ok(Some(known));
        }
        let Some(read) = read_filed_program(&self.content, digest)? else { return Ok(None) };
        Ok(Some(entry.program.get_or_init(|| read)))
    }

    /// The one program whose digest begins so; `None` if there is none. Refuses several.
    pub fn starting_with(&self, start: &str) -> Result<Option<&FiledProgram>, Failure> {
        let meant = self.digests().filter(|digest| digest.to_string().starts_with(start));
        match meant.filter_map(|digest| self.get(digest).transpose()).collect::<Result<Vec<_>, _>>()?.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            several => {
                let list: String = several.iter().map(|each| each.list_line()).collect();
                Err(Failure::Usage(crate::text!(
                    vi: "có nhiều chương trình như vậy; hãy nêu mã băm của một chương trình:{list}",
                    en: "there are several; name one by its digest:{list}"
                )))
            }
        }
    }

    /// The programs of which some statement makes such a claim, the one with the newest such statement first. Reads statements alone.
    pub fn claimed(&self, wanted: impl Fn(&Claim) -> bool) -> Result<Vec<Digest>, Failure> {
        let mut found = Vec::new();
        for (digest, entry) in &self.programs {
            let newest = self.claims(*digest, entry)?.iter().filter(|claim| wanted(claim)).map(|claim| claim.issued).max();
            found.extend(newest.map(|issued| (Reverse(issued), *digest)));
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, digest)| digest).collect())
    }

    /// As [`Self::claimed`], read and parsed.
    pub fn read_claimed(&self, wanted: impl Fn(&Claim) -> bool) -> Result<Vec<&FiledProgram>, Failure> {
        let found = self.claimed(wanted)?;
        found.into_iter().filter_map(|digest| self.get(digest).transpose()).collect()
    }

    /// What each reviewer of the root has signed: how many approvals, and how many pages unseen in them.
    pub fn reviewers(&self, root: &Verified<Root>) -> Result<BTreeMap<KeyId, (u64, u64)>, Failure> {
        let mut signed = BTreeMap::new();
        for digest in self.digests() {
            let folder = approval_folder(&self.content, digest);
            for (kid, file) in &read_statements(&folder)? {
                ensure_line_ends(root, &folder, *kid, file)?;
                let Ok(approval) = judge::authentic_approval(root, file) else { continue };
                for kid in approval.signers() {
                    let (count, unseen): &mut (u64, u64) = signed.entry(*kid).or_default();
                    *count += 1;
                    *unseen = unseen.saturating_add(approval.body().unseen.unwrap_or_default());
                }
            }
        }
        Ok(signed)
    }

    /// The sites of all programs.
    pub fn sites(&self) -> Result<BTreeSet<&SiteId>, Failure> {
        let mut sites = BTreeSet::new();
        for (digest, entry) in &self.programs {
            sites.extend(self.claims(*digest, entry)?.iter().map(|claim| &claim.approval.site));
        }
        Ok(sites)
    }

    fn claims<'a>(&self, digest: Digest, entry: &'a FiledEntry) -> Result<&'a [Claim], Failure> {
        if entry.claims.get().is_none() {
            let files = read_statements(&approval_folder(&self.content, digest))?;
            let claims = files.values().filter_map(|file| serde_json::from_slice(&file.statement).ok()).collect();
            drop(entry.claims.set(claims));
        }
        Ok(entry.claims.get().map(Vec::as_slice).unwrap_or_default())
    }
}

/// One program of `approvals/`; `None` if it is not there.
pub fn read_filed_program(content: &Path, digest: Digest) -> Result<Option<FiledProgram>, Failure> {
    let folder = approval_folder(content, digest);
    let path = folder.join("program.json");
    let Some(manifest) = read_if_exists(&path, MANIFEST_BYTES)? else { return Ok(None) };
    let shown = path.display();
    if Digest::of(&manifest) != digest {
        if let Some(text) = line_ends::changed_file(&path, &manifest, |bytes| Digest::of(bytes) == digest) {
            return Err(refused_file(&path, &text));
        }
        return Err(Failure::Refused(crate::text!(vi: "{shown} không khớp tên thư mục", en: "{shown} does not match its folder's name")));
    }
    let program = Program::parse(&manifest).map_err(|detail| {
        Failure::Refused(crate::text!(vi: "{shown} sai quy cách: {detail}", en: "{shown} is not well formed: {detail}"))
    })?;
    let files = read_statements(&folder)?;
    Ok(Some(FiledProgram { folder, manifest, program, files }))
}

fn ensure_line_ends(root: &Verified<Root>, folder: &Path, kid: KeyId, file: &ApprovalFile) -> Result<(), Failure> {
    let path = folder.join(format!("{kid}.json"));
    let changed = line_ends::changed_approval(&path, file, |file| judge::authentic_approval(root, file).is_ok());
    changed.map_or(Ok(()), |text| Err(refused_file(&path, &text)))
}

fn approval_folder(content: &Path, program: Digest) -> PathBuf {
    content.join("approvals").join(program.to_string())
}

fn read_statements(folder: &Path) -> Result<BTreeMap<KeyId, ApprovalFile>, Failure> {
    let mut files = BTreeMap::new();
    for name in list_names(folder)? {
        let Some(kid) = name.strip_suffix(".json").and_then(KeyId::parse) else { continue };
        let statement = read_if_exists(&folder.join(&name), SMALL_DOCUMENT_BYTES)?;
        let signature = read_if_exists(&folder.join(format!("{name}.minisig")), SIGNATURE_BYTES)?;
        if let (Some(statement), Some(signature)) = (statement, signature) {
            files.insert(kid, ApprovalFile { statement, signature });
        }
    }
    Ok(files)
}
