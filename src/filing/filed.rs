//! The programs in `approvals/`: listed by name, each read and parsed only when it is needed, so that no command gets slower with the years.
//! Never judges one: `judged` does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use rayon::prelude::*;
use serde::Deserialize;

use super::line_ends;
use super::signed_files::{list_names, read_if_exists, refused_file};
use super::statements::{self, StatementFault, Statements};
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::{SiteId, SlideId};
use crate::base::limits::MANIFEST_BYTES;
use crate::base::lock::MutexExt as _;
use crate::base::text::{Text, printable};
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::program::validate::Program;
use crate::trust::approval::Approval;
use crate::trust::document::Verified;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::{Root, SignedRoot};

/// A program in `approvals/` with every statement about it. Nothing is judged yet.
pub struct FiledProgram {
    pub manifest: Vec<u8>,
    pub program: Program,
    pub statements: Statements,
}

impl FiledProgram {
    /// The program on a line of a list: digest, site, period, revision, day of the newest statement, title.
    pub fn list_line(&self) -> Text {
        let (digest, manifest) = (self.program.digest(), self.program.manifest());
        let Text { vi, en } = match manifest.month {
            Some(month) => dates::month(month),
            None => manifest.kind.display_name(),
        };
        let (site, revision, title) = (&manifest.site, manifest.revision, printable(&manifest.title));
        let signed = self.last_signed().map(|issued| TimeZone::UTC.day(issued));
        let signed = signed.map(|Text { vi, en }| crate::text!(vi: ", ký duyệt ngày {vi}", en: ", signed on {en}"));
        let Text { vi: vi_signed, en: en_signed } = signed.unwrap_or_else(|| crate::text!(vi: "", en: ""));
        crate::text!(
            vi: "\n  {digest}  {site} {vi} lần sửa {revision}{vi_signed}: {title}",
            en: "\n  {digest}  {site} {en} revision {revision}{en_signed}: {title}"
        )
    }

    /// When it was first signed, as its statements claim.
    pub fn first_signed(&self) -> Option<Timestamp> {
        self.claims().map(|claim| claim.issued).min()
    }

    fn last_signed(&self) -> Option<Timestamp> {
        self.claims().map(|claim| claim.issued).max()
    }

    fn claims(&self) -> impl Iterator<Item = Claim> {
        self.statements.files.iter().filter_map(|(kid, file)| Claim::read(*kid, &file.statement))
    }
}

/// A list of programs, a line for each, the one that was signed last first. `note`: what else is to be said of one.
pub fn list<'a>(programs: impl IntoIterator<Item = &'a FiledProgram>, note: impl Fn(&FiledProgram) -> Option<Text>) -> Text {
    let mut programs: Vec<_> = programs.into_iter().collect();
    programs.sort_by_cached_key(|filed| Reverse(filed.last_signed()));
    joined(programs.into_iter().map(|filed| match (filed.list_line(), note(filed)) {
        (line, None) => line,
        (Text { vi, en }, Some(Text { vi: vi_note, en: en_note })) => crate::text!(vi: "{vi} ({vi_note})", en: "{en} ({en_note})"),
    }))
}

/// The lines of a list, each of which begins with its line break.
pub fn joined(lines: impl Iterator<Item = Text>) -> Text {
    lines.fold(crate::text!(vi: "", en: ""), |all, line| Text { vi: all.vi + &line.vi, en: all.en + &line.en })
}

/// What a statement says of its program. Unverified: it only narrows a search, whose results are judged.
pub struct Claim {
    /// In the name of its file.
    pub kid: KeyId,
    pub issued: Timestamp,
    pub approval: Approval,
}

#[derive(Deserialize)]
struct ClaimText {
    issued: Timestamp,
    #[serde(flatten)]
    approval: Approval,
}

impl Claim {
    fn read(kid: KeyId, statement: &[u8]) -> Option<Self> {
        let ClaimText { issued, approval } = serde_json::from_slice(statement).ok()?;
        Some(Self { kid, issued, approval })
    }
}

/// Everything in `approvals/`.
pub struct FiledPrograms {
    content: PathBuf,
    programs: BTreeMap<Digest, FiledEntry>,
    /// Those that could not be used, and why.
    passed_over: Mutex<BTreeMap<Digest, Text>>,
}

#[derive(Default)]
struct FiledEntry {
    claims: OnceLock<Vec<Claim>>,
    program: OnceLock<FiledProgram>,
}

impl FiledPrograms {
    /// Lists the programs of a content folder; reads none.
    pub fn list(content: &Path) -> Result<Self, Failure> {
        let names = list_names(&content.join("approvals"))?;
        let programs = names.iter().filter_map(|name| Some((Digest::parse(name)?, FiledEntry::default()))).collect();
        Ok(Self { content: content.to_owned(), programs, passed_over: Mutex::default() })
    }

    /// As [`Self::get`], but one that can't be used is none, and is [passed over](Self::passed_over): `None`.
    pub fn usable(&self, digest: Digest) -> Result<Option<&FiledProgram>, Failure> {
        match self.get(digest) {
            Err(Failure::Refused(text)) => {
                self.passed_over.hold().insert(digest, text);
                Ok(None)
            }
            found => found,
        }
    }

    /// Why programs that were asked for could not be used, each with path and remedy: one damaged file keeps nobody from the others.
    pub fn passed_over(&self) -> Vec<Text> {
        self.passed_over.hold().values().cloned().collect()
    }

    /// What [`Self::passed_over`] leaves unknown, a line for each program.
    pub fn left_unknown(&self) -> Vec<Text> {
        let line = |Text { vi, en }: Text| {
            crate::text!(
                vi: "{vi}. Chưa sửa thì không biết ở đây có trang nào giống hệt trang đã thu hồi của chương trình đó hay không",
                en: "{en}. Until then nobody knows whether a slide here is the same as a withdrawn one of that program"
            )
        };
        self.passed_over().into_iter().map(line).collect()
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
                let Text { vi, en } = list(several.iter().copied(), |_| None);
                Err(Failure::Usage(crate::text!(
                    vi: "có nhiều chương trình như vậy; hãy nêu mã băm của một chương trình:{vi}",
                    en: "there are several; name one by its digest:{en}"
                )))
            }
        }
    }

    /// The programs of which some statement makes such a claim, the one with the newest such statement first. Reads statements alone.
    pub fn claimed(&self, wanted: impl Fn(&Claim) -> bool) -> Result<Vec<Digest>, Failure> {
        let mut found = Vec::new();
        for (digest, claims) in self.claims()? {
            let newest = claims.iter().filter(|claim| wanted(claim)).map(|claim| claim.issued).max();
            found.extend(newest.map(|issued| (Reverse(issued), digest)));
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, digest)| digest).collect())
    }

    /// As [`Self::claimed`], read and parsed; those that can't be used are [passed over](Self::passed_over).
    pub fn read_claimed(&self, wanted: impl Fn(&Claim) -> bool) -> Result<Vec<&FiledProgram>, Failure> {
        let found = self.claimed(wanted)?;
        found.into_iter().filter_map(|digest| self.usable(digest).transpose()).collect()
    }

    /// Why the newest program of a place that plays now or later can't be used, by the path of its manifest below the content folder.
    pub fn program_faults(&self, now: Timestamp) -> Result<Vec<(String, Text)>, Failure> {
        let mut newest: BTreeMap<_, (Timestamp, BTreeSet<Digest>)> = BTreeMap::new();
        for (digest, claims) in self.claims()? {
            if !claims.iter().any(|claim| claim.approval.show_until.is_none_or(|until| until > now.0)) {
                continue;
            }
            for Claim { approval, issued, .. } in claims {
                let (last, all) =
                    newest.entry((&approval.site, approval.kind.as_str(), approval.show_from)).or_insert((*issued, BTreeSet::new()));
                if *issued > *last {
                    (*last, *all) = (*issued, BTreeSet::from([digest]));
                } else if *issued == *last {
                    all.insert(digest);
                }
            }
        }
        let refused = |digest: Digest| match self.get(digest) {
            Err(Failure::Refused(text)) => Some(Ok((format!("approvals/{digest}/program.json"), text))),
            Err(failure) => Some(Err(failure)),
            Ok(_) => None,
        };
        newest.into_values().flat_map(|(_, all)| all).collect::<BTreeSet<_>>().into_par_iter().filter_map(refused).collect()
    }

    /// What each reviewer of the root has signed: how many approvals, and how many pages unseen in them.
    pub fn reviewers(&self, root: &Verified<Root>) -> Result<BTreeMap<KeyId, (u64, u64)>, Failure> {
        let mut signed = BTreeMap::new();
        for digest in self.digests() {
            let statements = self.statements(digest)?;
            statements.ensure_line_ends(root)?;
            for file in statements.files.values() {
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

    /// The statements about a program, read anew.
    pub fn statements(&self, program: Digest) -> Result<Statements, Failure> {
        statements::read(&self.content, program)
    }

    /// What lies in the place of statements and is none, judged by the keys of these roots, on all cores.
    pub fn statement_faults(&self, chain: &[SignedRoot]) -> Result<Vec<StatementFault>, Failure> {
        let Some(root_id) = chain.last().map(|files| files.root.root_id()) else { return Ok(Vec::new()) };
        let key = |kid| chain.iter().rev().find_map(|files| files.root.body().keys.get(&kid)).map(|listed| &listed.minisign);
        let faults = |digest: &Digest| Ok(self.statements(*digest)?.faults(root_id, &key));
        let found = self.programs.par_iter().map(|(digest, _)| faults(digest)).collect::<Result<Vec<_>, Failure>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// The sites of all programs.
    pub fn sites(&self) -> Result<BTreeSet<&SiteId>, Failure> {
        Ok(self.claims()?.flat_map(|(_, claims)| claims).map(|claim| &claim.approval.site).collect())
    }

    /// Every program with what the statements about it claim. Reads those documents alone that bear a signature, once, on all cores.
    pub fn claims(&self) -> Result<impl Iterator<Item = (Digest, &[Claim])>, Failure> {
        self.programs.par_iter().try_for_each(|(digest, entry)| {
            if entry.claims.get().is_none() {
                let signed = statements::signed_documents(&self.content, *digest)?;
                let claims = signed.iter().filter_map(|(kid, statement)| Claim::read(*kid, statement)).collect();
                drop(entry.claims.set(claims));
            }
            Ok::<_, Failure>(())
        })?;
        Ok(self.programs.iter().map(|(digest, entry)| (*digest, entry.claims.get().map(Vec::as_slice).unwrap_or_default())))
    }

    /// Whether the manifest of a program holds one of these digests, of a page or another file. Does not parse it, nor prove that it is this program's.
    pub fn mentions(&self, program: Digest, wanted: &BTreeSet<Digest>) -> Result<bool, Failure> {
        let manifest = read_if_exists(&manifest_path(&self.content, program), MANIFEST_BYTES)?.unwrap_or_default();
        Ok(texts(&manifest).filter_map(Digest::parse).any(|digest| wanted.contains(&digest)))
    }

    /// The programs about which there is a statement and whose manifest names such a slide, read and parsed; the others are not parsed. Those that
    /// can't be used are [passed over](Self::passed_over).
    pub fn read_naming(&self, wanted: &(dyn Fn(&SlideId) -> bool + Sync)) -> Result<Vec<&FiledProgram>, Failure> {
        let is_named = |digest: Digest| {
            let path = manifest_path(&self.content, digest);
            // Nobody knows what a damaged one named.
            let manifest = match read_if_exists(&path, MANIFEST_BYTES) {
                Ok(Some(manifest)) => manifest,
                Ok(None) => return Ok(None),
                Err(Failure::Refused(_)) => return Ok(Some(digest)),
                Err(failure) => return Err(failure),
            };
            let named = Digest::of(&manifest) != digest || texts(&manifest).filter_map(SlideId::parse).any(|id| wanted(&id));
            Ok(named.then_some(digest))
        };
        let claimed = self.claimed(|_| true)?;
        let found = claimed.into_par_iter().filter_map(|digest| is_named(digest).transpose()).collect::<Result<Vec<_>, Failure>>()?;
        found.into_iter().filter_map(|digest| self.usable(digest).transpose()).collect()
    }
}

/// What stands between the quotation marks of a JSON document, and between these.
fn texts(json: &[u8]) -> impl Iterator<Item = &str> {
    json.split(|byte| *byte == b'"').filter_map(|text| std::str::from_utf8(text).ok())
}

fn manifest_path(content: &Path, program: Digest) -> PathBuf {
    statements::folder(content, program).join("program.json")
}

/// One program of `approvals/`; `None` if it is not there.
pub fn read_filed_program(content: &Path, digest: Digest) -> Result<Option<FiledProgram>, Failure> {
    let path = manifest_path(content, digest);
    let Some(manifest) = read_if_exists(&path, MANIFEST_BYTES)? else { return Ok(None) };
    let shown = path.display();
    if Digest::of(&manifest) != digest {
        if let Some(text) = line_ends::changed_file(&path, &manifest, |bytes| Digest::of(bytes) == digest) {
            return Err(refused_file(&path, &text));
        }
        let place = format!("approvals/{digest}");
        return Err(Failure::Refused(crate::text!(
            vi: "{shown} không khớp tên thư mục: tệp đã bị sửa, hoặc là của chương trình khác. Lấy lại từ git (git log -- {place} cho biết ai đã sửa); nếu git chưa từng có bản đúng thì xóa thư mục {place}",
            en: "{shown} does not match its folder's name: it was changed, or is another program's. Bring it back from git (git log -- {place} tells who changed it); where git never had the right one, remove the folder {place}"
        )));
    }
    let program = Program::parse(&manifest).map_err(|detail| {
        Failure::Refused(crate::text!(vi: "{shown} sai quy cách: {detail}", en: "{shown} is not well formed: {detail}"))
    })?;
    Ok(Some(FiledProgram { manifest, program, statements: statements::read(content, digest)? }))
}
