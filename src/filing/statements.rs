//! The statements about one program in `approvals/`: reads them, and says of each file that is none why, and what to do.
//! Never decides whether a statement counts under the root in force: `judge` does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::line_ends;
use super::signed_files::{list_names, read_if_exists, refused_file};
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::limits::{SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::store::layout;
use crate::text;
use crate::trust::document::{RootId, Verified};
use crate::trust::judge::{self, ApprovalFile};
use crate::trust::keys::{KeyId, PublicKey};
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;

/// What lies in the folder of a program. Nothing is judged yet.
pub struct Statements {
    content: PathBuf,
    program: Digest,
    /// Statements with their signatures, by the key id in the file's name.
    pub files: BTreeMap<KeyId, ApprovalFile>,
    /// Why others lack a signature or can't be read; they count as absent.
    broken: BTreeMap<KeyId, Text>,
}

/// A file in the place of a statement that is none.
pub struct StatementFault {
    place: String,
    cause: Text,
    help: Text,
}

/// Reads the statements about a program: one that can't be read keeps nobody from the rest. A signature alone, which an interrupted run
/// leaves, is nothing.
pub fn read(content: &Path, program: Digest) -> Result<Statements, Failure> {
    let (mut files, mut broken) = (BTreeMap::new(), BTreeMap::new());
    let folder = folder(content, program);
    let key = |name: &String| KeyId::parse(name.strip_suffix(".minisig").unwrap_or(name).strip_suffix(".json")?);
    for kid in list_names(&folder)?.iter().filter_map(key).collect::<BTreeSet<_>>() {
        let path = content.join(layout::approval(program, kid));
        let (statement, signature) = (
            read_if_exists(&path, SMALL_DOCUMENT_BYTES),
            read_if_exists(&content.join(layout::approval_signature(program, kid)), SIGNATURE_BYTES),
        );
        match (statement, signature) {
            (Ok(Some(statement)), Ok(Some(signature))) => drop(files.insert(kid, ApprovalFile { statement, signature })),
            (Ok(Some(_)), Ok(None)) => drop(broken.insert(kid, unsigned(kid))),
            (Ok(None), Ok(_)) => {}
            (Err(Failure::Refused(told)), _) | (_, Err(Failure::Refused(told))) => drop(broken.insert(kid, without_path(&path, told))),
            (Err(failure), _) | (_, Err(failure)) => return Err(failure),
        }
    }
    Ok(Statements { content: content.to_owned(), program, files, broken })
}

/// The documents about a program that have a signature beside them, by the key id in their names. Nothing proves them, and one that can't be read is
/// left out.
pub fn signed_documents(content: &Path, program: Digest) -> Result<Vec<(KeyId, Vec<u8>)>, Failure> {
    let names = list_names(&folder(content, program))?;
    let mut found = Vec::new();
    for kid in names.iter().filter_map(|name| KeyId::parse(name.strip_suffix(".json.minisig")?)) {
        match read_if_exists(&content.join(layout::approval(program, kid)), SMALL_DOCUMENT_BYTES) {
            Ok(statement) => found.extend(statement.map(|statement| (kid, statement))),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}

/// The folder of a program.
pub fn folder(content: &Path, program: Digest) -> PathBuf {
    content.join("approvals").join(program.to_string())
}

impl Statements {
    /// Fails if a statement does not count only because git or an editor has changed its line ends.
    pub fn ensure_line_ends(&self, root: &Verified<Root>) -> Result<(), Failure> {
        self.files.iter().try_for_each(|(kid, file)| {
            let path = self.path(*kid);
            let changed = line_ends::changed_approval(&path, file, |file| judge::authentic_approval(root, file).is_ok());
            changed.map_or(Ok(()), |text| Err(refused_file(&path, &text)))
        })
    }

    /// Why what lies in the place of a key's statement is none; `None` if nothing does or all is well.
    pub fn fault(&self, root_id: RootId, key: &PublicKey) -> Option<StatementFault> {
        let kid = key.kid();
        match (self.broken.get(&kid), self.files.get(&kid)) {
            (Some(cause), _) => Some(self.faulty(kid, cause.clone())),
            (None, Some(file)) => self.judge(root_id, key, file),
            (None, None) => None,
        }
    }

    /// The faults of all files in the places of statements. A signature is judged by the key that the file's name names, also when that key has
    /// left the root since; `key` gives those that are known.
    pub fn faults<'k>(&self, root_id: RootId, key: &dyn Fn(KeyId) -> Option<&'k PublicKey>) -> Vec<StatementFault> {
        let broken = self.broken.iter().map(|(kid, cause)| self.faulty(*kid, cause.clone()));
        let judged =
            self.files.iter().filter_map(|(kid, file)| self.judge(root_id, key(*kid)?, file).or_else(|| self.without_program(*kid)));
        broken.chain(judged).collect()
    }

    /// Why those can't be used that lack a signature or can't be read, each with the remedy.
    pub fn unread(&self) -> Vec<Text> {
        self.broken.iter().map(|(kid, cause)| self.faulty(*kid, cause.clone()).told(&self.content)).collect()
    }

    fn judge(&self, root_id: RootId, key: &PublicKey, file: &ApprovalFile) -> Option<StatementFault> {
        let (kid, path) = (key.kid(), self.path(key.kid()));
        let signed = |file: &ApprovalFile| judge::approval_signed_by(root_id, key, file);
        let cause = match signed(file) {
            Ok(approval) if approval.body().program == self.program => return None,
            Ok(approval) => {
                let other = approval.body().program;
                text!(
                    vi: "văn bản này nói về chương trình {other}; chỗ của nó là thư mục của chương trình đó",
                    en: "this statement speaks of program {other}; its place is the folder of that program"
                )
            }
            Err(_) if line_ends::changed_approval(&path, file, |file| signed(file).is_ok()).is_some() => {
                let [cause, help] = line_ends::cause_and_remedy(&path);
                return Some(StatementFault { help, ..self.faulty(kid, cause) });
            }
            Err(Refusal::Unproven(_)) => text!(
                vi: "chữ ký không đúng: khóa {kid} không ký văn bản này, nên không được tính là văn bản của người giữ khóa",
                en: "the signature is bad: key {kid} has not signed this, so it does not count as its holder's statement"
            ),
            Err(Refusal::Rule(text) | Refusal::Approvals(text)) => text,
        };
        Some(self.faulty(kid, cause))
    }

    fn without_program(&self, kid: KeyId) -> Option<StatementFault> {
        let program = folder(&self.content, self.program).join("program.json");
        let cause = text!(
            vi: "không có program.json bên cạnh, nên văn bản này không được tính",
            en: "there is no program.json beside it, so it does not count"
        );
        let help = text!(
            vi: "lấy lại program.json từ git; nếu git không có thì người duyệt chạy lại bangtin approve với đúng nội dung đó, lệnh sẽ ghi tệp này",
            en: "bring program.json back from git; where git has none, the reviewer runs bangtin approve again on that content, which writes it"
        );
        program.symlink_metadata().is_err().then(|| StatementFault { help, ..self.faulty(kid, cause) })
    }

    fn faulty(&self, kid: KeyId, cause: Text) -> StatementFault {
        let place = layout::approval(self.program, kid);
        let help = text!(
            vi: "lấy lại từ git văn bản mà người duyệt đã ký, cùng tệp .minisig (git log -- {place} cho biết ai đã sửa); nếu git chưa từng có thì xóa cả hai tệp, rồi người duyệt ký lại",
            en: "bring back from git the statement that the reviewer signed, with its .minisig (git log -- {place} tells who changed it); where git never had one, remove both files, and the reviewer signs again"
        );
        StatementFault { place, cause, help }
    }

    fn path(&self, kid: KeyId) -> PathBuf {
        self.content.join(layout::approval(self.program, kid))
    }
}

impl StatementFault {
    /// The fault with its path below `content`, cause and remedy.
    pub fn told(&self, content: &Path) -> Text {
        let (path, Text { vi, en }, Text { vi: vi_help, en: en_help }) = (content.join(&self.place), &self.cause, &self.help);
        let path = path.display();
        text!(vi: "{path}: {vi}; {vi_help}", en: "{path}: {en}; {en_help}")
    }

    /// The fault as `check` reports it.
    pub fn warning(self) -> Diagnostic {
        Diagnostic::warning("approval-unsigned", SourceLocation::file(self.place), self.cause, self.help)
    }
}

/// A program in `approvals/` that can't be used, as `check` reports it. `text`: cause and remedy.
pub fn damaged_program(path: &str, text: Text) -> Diagnostic {
    let help = text!(
        vi: "sửa ngay: khi chưa sửa, approve cho cùng cụm và loại, và trust prepare, bị từ chối; lệnh khác bỏ qua chương trình này và nói rõ",
        en: "repair it now: until then approve for its site and kind, and trust prepare, are refused; other commands pass over this program and say so"
    );
    Diagnostic::warning("approval-program", SourceLocation::file(path), text, help)
}

fn unsigned(kid: KeyId) -> Text {
    text!(
        vi: "thiếu tệp chữ ký {kid}.json.minisig bên cạnh, nên văn bản này không được tính",
        en: "its signature file {kid}.json.minisig is absent, so it does not count"
    )
}

/// What was said of a file, without that file's path; the path of its signature stays.
fn without_path(path: &Path, told: Text) -> Text {
    let start = format!("{}: ", path.display());
    let rest = |text: String| text.strip_prefix(&start).map(str::to_owned).unwrap_or(text);
    Text { vi: rest(told.vi), en: rest(told.en) }
}
