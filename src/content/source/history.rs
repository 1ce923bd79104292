//! Runs git, in one place: the commit of a content folder, who wrote its slides since an earlier commit, which attributes files have.
//! Never writes into a repository. No program depends on what git says: anyone can type any name into a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::base::slow;
use crate::base::text::printable;
use crate::base::times::Timestamp;

/// How long git may take for an answer. A network's disk that is gone, or a pipe in a repository, would keep it for ever.
const PATIENCE: Duration = Duration::from_secs(60);
/// Files that git reads in every folder on the way to a file.
pub const READ_BY_GIT: [&str; 3] = [".gitattributes", ".gitignore", ".mailmap"];
/// Files that it reads of a repository itself, below `.git`.
const OF_REPOSITORY: [&str; 7] = ["config", "HEAD", "index", "packed-refs", "shallow", "info/attributes", "info/exclude"];
/// Whether git gave no answer in time, or would give none; then it is not asked again.
static IS_SILENT: AtomicBool = AtomicBool::new(false);

/// A name and an address as a commit has them: `Lan <lan@example.vn>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Author(String);

/// Who wrote which file of the content folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorship {
    /// Path below the content folder → those who committed changes to it.
    pub authors: BTreeMap<String, BTreeSet<Author>>,
    /// Files that differ from the commit or are not in git.
    pub uncommitted: BTreeSet<String>,
    /// Whether commits or files of commits are missing here, or git gives no answer, so that there may be others.
    pub is_cut: bool,
}

impl Author {
    /// Reads what git wrote, up to 200 characters; those that would move a terminal's cursor become a visible sign.
    pub fn new(text: &str) -> Option<Self> {
        let plain: String = printable(text.trim()).chars().take(200).collect();
        let plain = plain.trim();
        (!plain.is_empty()).then(|| Self(plain.to_owned()))
    }

    /// The text, for people.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a key's holder in the root is this author: by the address, else by the whole name.
    pub fn matches_holder(&self, holder: &str) -> bool {
        let (name, address) = split_name_and_address(&self.0);
        let (held, held_address) = split_name_and_address(holder);
        let same = |one: &str, other: &str| !one.is_empty() && one.to_lowercase() == other.to_lowercase();
        same(address, held_address) || same(name, held) || same(address, holder.trim())
    }
}

/// Splits `Name <address>`; the address is empty if there is none.
fn split_name_and_address(text: &str) -> (&str, &str) {
    match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end().trim_end_matches('>')),
        None => (text.trim(), ""),
    }
}

/// The commit of a folder; empty outside git.
pub fn head_commit(folder: &Path) -> String {
    let found = git(folder, &["rev-parse", "HEAD"]).unwrap_or_default().trim().to_owned();
    if found.bytes().all(|c| c.is_ascii_hexdigit()) { found } else { String::new() }
}

/// The commit that added a file; `None` if there is none.
pub fn introducing_commit(folder: &Path, path: &str) -> Option<String> {
    let found = git(folder, &["log", "--no-show-signature", "--diff-filter=A", "--format=%H", "-1", "HEAD", "--", path])?;
    let found = found.trim();
    (!found.is_empty()).then(|| found.to_owned())
}

/// The last commit before another one, by first parents, that was made in a second before this one; `None` if there is none.
pub fn commit_before(folder: &Path, commit: &str, moment: Timestamp) -> Option<String> {
    // With a zone, git takes every number for seconds.
    let before = format!("--before=@{} +0000", (moment.0 - 1).max(0));
    let found = git(folder, &["log", "--no-show-signature", "--first-parent", &before, "--format=%H", "-1", &format!("{commit}^"), "--"])?;
    let found = found.trim();
    (!found.is_empty()).then(|| found.to_owned())
}

/// A text file of a folder as a commit has it; `None` if the commit does not.
pub fn text_at(folder: &Path, commit: &str, path: &str) -> Option<String> {
    git(folder, &["show", "--no-show-signature", "--no-textconv", &format!("{commit}:./{path}")])
}

/// Those files below a folder's `path` that git has, so that `git restore` brings them back; paths are relative to the folder.
pub fn tracked_files(folder: &Path, path: &str) -> BTreeSet<String> {
    split_nul(&git(folder, &["ls-files", "-z", "--", path]).unwrap_or_default()).collect()
}

/// Whether `git add --all` would take this file of a folder: it lies in a work tree, and no rule leaves it out.
pub fn would_be_added(folder: &Path, name: &str) -> bool {
    git(folder, &["ls-files", "--others", "--exclude-standard", "-z", "--", name]).is_some_and(|found| !found.is_empty())
}

/// Who wrote the slides, in the commits that `since` does not contain or, without it, in all. `None` outside git.
pub fn authorship(folder: &Path, since: Option<&str>) -> Option<Authorship> {
    if head_commit(folder).is_empty() {
        return is_silent().then(|| Authorship { is_cut: true, ..Authorship::default() });
    }
    let told = authorship_told(folder, since).unwrap_or_else(|| Authorship { is_cut: true, ..Authorship::default() });
    let is_shallow = git(folder, &["rev-parse", "--is-shallow-repository"]).is_some_and(|answer| answer.trim() == "true");
    Some(Authorship { is_cut: told.is_cut || is_shallow, ..told })
}

/// Like [`authorship`]; `None` too where git lacks what it would have to read.
fn authorship_told(folder: &Path, since: Option<&str>) -> Option<Authorship> {
    // A squashed merge names its authors in trailers.
    const FORMAT: &str = "--format=%x01%an <%ae>%x02%(trailers:key=Co-authored-by,valueonly,separator=%x02)";
    let range = since.map_or_else(|| "HEAD".to_owned(), |since| format!("{since}..HEAD"));
    // Of a merge: the files that differ from all parents, so that somebody wrote them in it. Git names these from the top of the repository.
    let log = git(folder, &["log", "-c", "--no-show-signature", "--no-renames", FORMAT, "--name-only", "-z", &range, "--", "slides"])?;
    let prefix = git(folder, &["rev-parse", "--show-prefix"])?;
    let above = prefix.trim_end_matches('\n');
    let changed = git(folder, &["diff", "--no-ext-diff", "--relative", "--name-only", "-z", "HEAD", "--", "slides"])?;
    let others = git(folder, &["ls-files", "--others", "--exclude-standard", "-z", "--", "slides"])?;
    let mut found = Authorship { uncommitted: split_nul(&changed).chain(split_nul(&others)).collect(), ..Authorship::default() };
    let mut writers = BTreeSet::new();
    for piece in log.split('\0').map(|piece| piece.trim_start_matches('\n')).filter(|piece| !piece.is_empty()) {
        if let Some(head) = piece.strip_prefix('\u{1}') {
            writers = head.split('\u{2}').filter_map(Author::new).collect();
        } else if let Some(path) = piece.strip_prefix(above) {
            found.authors.entry(path.to_owned()).or_default().extend(writers.iter().cloned());
        }
    }
    Some(found)
}

/// The attributes `text` and `eol` of paths below a folder, as git names their values, such as `unset`. `None` outside git.
pub fn text_attributes(folder: &Path, paths: &[&str]) -> Option<Vec<(String, String)>> {
    let list = git(folder, &[&["check-attr", "-z", "text", "eol", "--"], paths].concat())?;
    // Path, attribute, value; twice for each path.
    let values: Vec<String> = split_nul(&list).skip(2).step_by(3).collect();
    Some(values.as_chunks().0.iter().cloned().map(<[String; 2]>::into).collect())
}

/// Those of these files that git keeps in LFS, by its attributes.
pub fn in_lfs<'a>(folder: &Path, names: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    let args: Vec<&str> = ["check-attr", "-z", "filter", "--"].into_iter().chain(names).collect();
    let told = git(folder, &args).unwrap_or_default();
    let words: Vec<&str> = told.split('\0').collect();
    words.as_chunks().0.iter().filter(|[_, _, filter]| *filter == "lfs").map(|[name, ..]| String::from(*name)).collect()
}

fn split_nul(list: &str) -> impl Iterator<Item = String> {
    list.split('\0').filter(|name| !name.is_empty()).map(str::to_owned)
}

fn is_silent() -> bool {
    IS_SILENT.load(Ordering::Relaxed)
}

/// The output of git; `None` without git, a repository, a commit or an answer. Runs nothing that a repository configures, and fetches nothing that it
/// lacks: objects that it leaves with a server would be asked for with a command of the repository's.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let fixed =
        ["--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-c", "diff.relative=false"];
    let mut command = Command::new("git");
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_ALLOW_PROTOCOL", "").env("GIT_TERMINAL_PROMPT", "0");
    if is_silent() {
        return None;
    }
    let paths = args.iter().skip_while(|arg| **arg != "--").skip(1);
    if obstacle(folder, paths.copied()).is_some() {
        IS_SILENT.store(true, Ordering::Relaxed);
        return None;
    }
    let answer = output(command.arg("-C").arg(folder).args(fixed).args(args), PATIENCE);
    if answer == Err(Failure::Silent) {
        IS_SILENT.store(true, Ordering::Relaxed);
    }
    answer.ok()
}

/// What lies in the place of a file that git would read for these paths of a folder, and is none: of a pipe it would wait for the end. The path as
/// seen from the folder.
pub fn obstacle<'a>(folder: &Path, paths: impl Iterator<Item = &'a str>) -> Option<String> {
    let below: BTreeSet<&Path> = paths.flat_map(|path| Path::new(path).ancestors().skip(1)).collect();
    let top = folder.canonicalize().ok()?;
    // Up to the folder that holds the repository.
    let up = top.ancestors().position(|above| above.join(".git").symlink_metadata().is_ok())?;
    let above = (0..=up).map(|steps| "../".repeat(steps));
    let below = below.into_iter().filter(|path| !path.as_os_str().is_empty()).map(|path| format!("{}/", path.display()));
    let read = above.chain(below).flat_map(|at| READ_BY_GIT.map(|name| format!("{at}{name}")));
    let own = OF_REPOSITORY.map(|name| format!("{}.git/{name}", "../".repeat(up)));
    read.chain(own).find(|path| top.join(path).metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()))
}

/// Why there is no output.
#[derive(Debug, PartialEq, Eq)]
enum Failure {
    /// It ended with a failure, or could not be started.
    Failed,
    /// It had not ended after the limit, and was ended.
    Silent,
}

/// What a command writes.
fn output(command: &mut Command, limit: Duration) -> Result<String, Failure> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|_| Failure::Failed)?;
    let mut stream = child.stdout.take().ok_or(Failure::Failed)?;
    let written = slow::within(limit, move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).is_ok().then_some(bytes)
    });
    if written.is_none() {
        let _ = child.kill();
    }
    let is_good = child.wait().is_ok_and(|status| status.success());
    let bytes = written.ok_or(Failure::Silent)?.filter(|_| is_good).ok_or(Failure::Failed)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_git_that_gives_no_answer_is_ended_and_one_that_fails_is_heard() {
        let said = |script: &str, limit| output(Command::new("sh").args(["-c", script]), limit);
        assert_eq!(said("echo a", PATIENCE), Ok("a\n".to_owned()));
        assert_eq!(said("echo a; exit 1", PATIENCE), Err(Failure::Failed));
        assert_eq!(said("exec sleep 600", Duration::from_millis(50)), Err(Failure::Silent));
        assert_eq!(output(&mut Command::new("/no/git"), PATIENCE), Err(Failure::Failed));
    }

    #[test]
    fn a_holder_is_known_by_address_or_whole_name() {
        let author = Author::new("Nguyễn Thị Lan <lan@example.vn>").unwrap();
        for holder in ["Nguyễn Thị Lan", "nguyễn thị lan", "Lan (Sở TT&TT) <LAN@example.vn>", "lan@example.vn"] {
            assert!(author.matches_holder(holder), "{holder}");
        }
        for holder in ["Lan", "", "Nguyễn Thị Lan Anh", "Hùng <hung@example.vn>"] {
            assert!(!author.matches_holder(holder), "{holder}");
        }
        assert_eq!(Author::new("a\u{1b}[2Jb <x>").unwrap().as_str(), "a\u{fffd}[2Jb <x>");
        assert!(Author::new(" \n").is_none());
    }
}
