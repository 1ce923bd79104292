//! A player's data folder: its lock, the two copies of the state, documents and objects. Owns the one commit point. What is accepted is in
//! memory first: a disk that takes nothing delays only the storing. Never asks a source, and never judges: `trusted` does.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::remedy::{remedy, unreadable};
use super::source::{Accepted, StoreFile};
use super::stored::{self, Shelf};
use super::traces::{self, Traces};
use super::trusted::{InForce, Stored, Trusted};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::limits::{BALLAST_BYTES, WITHDRAWAL_BYTES};
use crate::base::text::Text;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::state::{Known, PlayerState, StateFiles};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadNumber, SignedHead};
use crate::trust::root::Root;

/// The data folder of a running player, locked.
pub struct DataFolder {
    holdings: LocalStore,
    files: StateFiles,
    state: PlayerState,
    /// Whether memory is ahead of the disk.
    unsaved: bool,
    /// Why the lock could not be taken, and what to do.
    lock_fault: Option<Text>,
    /// Copies of the state that are lost, and what serves in their place.
    set_aside: Vec<Text>,
    /// Where both are: what could be made anew, for the journal.
    rebuilt: Option<String>,
    data: PathBuf,
    site: SiteId,
    /// Why memory could not be stored.
    save_fault: Option<Text>,
    /// A file of zeros that gives way on a full disk, so that statements can be stored.
    ballast: PathBuf,
    /// Why there is none, and what to do.
    ballast_fault: Option<Text>,
    _locks: Vec<File>,
}

impl DataFolder {
    /// Takes the lock, then reads the state and every stored document, from the provisioned root on. Only what verifies is trusted. What is
    /// wrong with the folder stops nothing: only another player on it does.
    pub fn open(data: &Path, site: &SiteId, first: Verified<Root>) -> Result<(Self, Trusted), Text> {
        let (locks, lock_fault) = lock(data)?;
        remove_leftovers(data, false);
        let holdings = LocalStore::new(data.join("store"));
        let files = StateFiles::new(data);
        let found = files.load();
        let all_lost = found.state.is_none();
        let mut set_aside: Vec<Text> = found.set_aside.iter().map(|path| set_aside_fault(path, all_lost)).collect();
        let saved = found.state.unwrap_or_default();
        let kept = found.salvaged.into_iter().chain(saved.documents.clone()).collect();
        let shelf = Shelf { kept: &kept, holdings: &holdings };
        let (mut trusted, documents) = stored::trusted(site, first, saved.floor, shelf);
        let head = stored::highest_head(&trusted, shelf);
        let Traces { known, unsure } =
            if all_lost || saved.lost.is_some() { traces::traces(data, site, &holdings) } else { Traces::default() };
        let begin = Known { root: trusted.roots().last().map_or(0, |root| root.body().version), ..Known::default() };
        // The numbers of a whole state need no belief: it has the documents too.
        trusted.remember(saved.lost.unwrap_or_default().joined(known), unsure);
        let had = all_lost && (!set_aside.is_empty() || begin != begin.joined(known));
        if had && set_aside.is_empty() {
            set_aside.push(missing_fault());
        }
        let previous = saved.head().filter(|old| head.as_ref().is_none_or(|head| head.number != *old)).or(saved.previous);
        let before = previous.and_then(|number| stored::signed_head(&trusted, shelf, number));
        let mut folder = Self {
            files,
            state: PlayerState { documents, ..saved.clone() },
            unsaved: false,
            lock_fault,
            set_aside,
            rebuilt: had.then(|| rebuilt(&trusted, head.as_ref().map(|head| head.number))),
            data: data.to_owned(),
            site: site.clone(),
            save_fault: None,
            ballast: data.join("ballast"),
            holdings,
            ballast_fault: None,
            _locks: locks,
        };
        if let Some(head) = head {
            (folder.state.epoch, folder.state.version) = head.number.into();
            folder.state.previous = previous;
            for SignedHead { number, bytes, signature } in before.into_iter().chain([head]) {
                folder.keep([(layout::head_signature(site, number), signature), (layout::head(site, number), bytes)]);
            }
        }
        let stored = |(path, text): (&String, &String)| {
            let file = folder.holdings.document(path, text.len() as u64).ok().flatten();
            file.is_some_and(|bytes| bytes == text.as_bytes())
        };
        folder.unsaved = folder.state != saved || !found.equal || !folder.state.documents.iter().all(stored);
        // Which head is in force decides whether one is lost.
        folder.rejudge(&mut trusted);
        // What fails is told as a fault.
        let _ = folder.save(&trusted);
        folder.faults().for_each(|fault| crate::logln!("pull: {}", fault.en));
        Ok((folder, trusted))
    }

    /// The documents and objects.
    pub fn holdings(&self) -> &LocalStore {
        &self.holdings
    }

    /// Step 3: derives what is in force from what is trusted and stored.
    pub fn rejudge(&self, trusted: &mut Trusted) -> InForce {
        let head = self.state.head().and_then(|number| stored::signed_head(trusted, self.shelf(), number));
        let program = |entry: &_, kids: &_| stored::program_documents(entry, kids, &self.holdings);
        let mut in_force =
            trusted.rejudge(&Stored { head, program: &program, holds: &|digest, size| self.holdings.contains(digest, size) });
        in_force.unread_fault = self.unread_fault(&in_force);
        in_force
    }

    /// What of the store can't be read while something lacks, and what to do: neither a publisher nor a source can help there.
    fn unread_fault(&self, in_force: &InForce) -> Option<Text> {
        let lacks = in_force.programs.iter().any(|each| !each.complete);
        if in_force.unread.is_none() && !lacks && !in_force.undecided {
            return None;
        }
        self.holdings.unreadable_folder().map(|(folder, error)| unreadable(&folder, &error)).or_else(|| in_force.unread.clone())
    }

    /// What could be made anew where both copies of the state were lost, for the journal.
    pub fn rebuilt(&self) -> Option<&str> {
        self.rebuilt.as_deref()
    }

    /// The highest number that a segment of the journal was given, as far as the state knows.
    pub fn segment(&self) -> u64 {
        self.state.segment
    }

    /// Notes such a number, once there is a state. True if that has to be stored.
    pub fn note_segment(&mut self, number: u64) -> bool {
        let news = self.state.counter > 0 && number > self.state.segment;
        if news {
            (self.state.segment, self.unsaved) = (number, true);
        }
        news
    }

    /// After something was lost: trusts what is stored and verifies now, by a root that has come or in a folder that can be read again.
    pub fn recover(&mut self, trusted: &mut Trusted) {
        if trusted.unsure().is_some() {
            let Traces { known, unsure } = traces::traces(&self.data, &self.site, &self.holdings);
            trusted.remember(known, unsure);
        }
        let found = stored::recover(trusted, self.shelf());
        self.keep(found.into_iter().map(|(path, text)| (path, text.into_bytes())));
    }

    /// Takes the files of accepted statements. [`DataFolder::save`] stores them.
    pub fn keep(&mut self, files: impl IntoIterator<Item = StoreFile>) {
        for (path, bytes) in files {
            if let Ok(text) = String::from_utf8(bytes) {
                self.state.documents.insert(path, text);
                self.unsaved = true;
            }
        }
    }

    /// Whether the withdrawals that are kept are as many as a player takes.
    pub fn is_full_of_withdrawals(&self) -> bool {
        let kept = self.state.documents.iter().filter(|(path, _)| path.starts_with("withdrawals/"));
        kept.map(|(path, text)| path.len() + text.len()).sum::<usize>() > WITHDRAWAL_BYTES
    }

    /// What is wrong with the folder, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.lock_fault.iter().chain(&self.set_aside).chain(&self.save_fault).chain(&self.ballast_fault)
    }

    /// Ends the fault of a state that was set aside: all of it is known and stored again.
    pub fn forget_set_aside(&mut self) {
        self.set_aside.clear();
    }

    /// Stores what is only in memory, so that no damage to one place loses anything.
    pub fn save(&mut self, trusted: &Trusted) -> io::Result<()> {
        let lost = trusted.lost().map(|_| trusted.known());
        self.unsaved |= self.state.lost != lost;
        self.state.lost = lost;
        let mut saved = if self.unsaved { self.store(trusted) } else { Ok(()) };
        if saved.as_ref().is_err_and(|error| error.kind() == ErrorKind::StorageFull) && fs::remove_file(&self.ballast).is_ok() {
            saved = self.store(trusted);
        }
        if saved.is_ok() && fs::symlink_metadata(&self.ballast).is_err() {
            // Without room for it the next save tries again.
            let full = |error: &io::Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
            let written = files::write_atomic(&self.ballast, &vec![0; BALLAST_BYTES]);
            self.ballast_fault = written.err().filter(full).map(|_| {
                text!(
                    vi: "ổ đĩa gần đầy: phần dự phòng để lưu văn bản thu hồi đã dùng hết; văn bản nhận sau đây có thể mất khi khởi động lại. Hãy giải phóng dung lượng",
                    en: "the disk is nearly full: the room kept for withdrawals is used up, and a restart may lose those that come now. Make room"
                )
            });
        } else if saved.is_ok() {
            self.ballast_fault = None;
        }
        self.save_fault = saved.as_ref().err().map(|error| {
            let (Text { vi, en }, Text { vi: do_vi, en: do_en }) = (failure::system(error), remedy(error));
            if let Some((folder, error)) = self.holdings.unreadable_folder() {
                return unreadable(&folder, &error);
            }
            text!(
                vi: "ổ đĩa không ghi được: {vi}; những gì đã nhận vẫn có hiệu lực nhưng mất khi khởi động lại. {do_vi}",
                en: "the disk can't be written: {en}; what was received is in force, but a restart loses it. {do_en}"
            )
        });
        saved
    }

    /// As [`DataFolder::save`]; what no head needs gives way on a full disk.
    pub fn save_making_room(&mut self, trusted: &Trusted, in_force: &InForce) -> io::Result<()> {
        match self.save(trusted) {
            Err(error) if error.kind() == ErrorKind::StorageFull => {
                self.collect_garbage(trusted, in_force)?;
                self.save(trusted)
            }
            saved => saved,
        }
    }

    /// Stores the documents, then the state in both copies.
    fn store(&mut self, trusted: &Trusted) -> io::Result<()> {
        (self.state.root, self.state.withdrawals) = trusted.numbers();
        self.state.floor = trusted.floor();
        // Backwards: each signature before its document.
        let put = |(path, text): (&String, &String)| self.holdings.put_document(path, text.as_bytes());
        let stored = self.state.documents.iter().rev().map(put).fold(Ok(()), io::Result::and);
        for _ in 0..2 {
            self.state.counter = self.files.commit(&self.state)?.counter;
        }
        stored?;
        self.unsaved = false;
        Ok(())
    }

    /// Step 10: commits a head whose due programs are complete. It is in force from now on, even if it can't be stored yet.
    pub fn commit_head(&mut self, trusted: &Trusted, head: Accepted<Verified<Head>>) -> io::Result<()> {
        let mut files = Vec::new();
        let number = head.into_parts(&mut files).body().number();
        self.state.previous = trusted.head().map(|head| head.body().number());
        (self.state.epoch, self.state.version) = number.into();
        let folder = layout::heads(trusted.site()) + "/";
        let mut documents = std::mem::take(&mut self.state.documents);
        documents.retain(|path, _| path.strip_prefix(&folder).is_none_or(|name| self.is_listed(name)));
        self.state.documents = documents;
        self.keep(files);
        self.save(trusted)
    }

    /// Whether a file's name is that of the head in force or of the one before it.
    fn is_listed(&self, name: &str) -> bool {
        layout::parse_head_number(name).is_some_and(|head| [self.state.head(), self.state.previous].contains(&Some(head)))
    }

    /// The head before the one in force.
    pub fn previous_head(&self, trusted: &Trusted) -> Option<Verified<Head>> {
        stored::verified_head(trusted, self.shelf(), self.state.previous?)
    }

    fn shelf(&self) -> Shelf<'_> {
        Shelf { kept: &self.state.documents, holdings: &self.holdings }
    }

    /// Step 11: removes objects that neither the head in force nor the one before it needs. Nothing while a manifest can't be read, or one
    /// that is in force has yet to be fetched again: it is not known what they need.
    pub fn collect_garbage(&self, trusted: &Trusted, in_force: &InForce) -> io::Result<()> {
        let mut keep: BTreeSet<Digest> = BTreeSet::new();
        let mut keep_all = |program: &_| keep.extend(stored::objects(program).into_keys());
        in_force.programs.iter().for_each(|each| keep_all(&each.program));
        for (entry, _) in in_force.refused.iter().filter(|(entry, _)| !in_force.withdrawn.programs.contains(entry)) {
            match stored::parse_program(*entry, &self.holdings)? {
                Some(program) => keep_all(&program),
                None if in_force.incomplete => return Ok(()),
                None => {}
            }
        }
        for entry in self.previous_head(trusted).iter().flat_map(|head| &head.body().programs) {
            stored::parse_program(entry.program, &self.holdings)?.iter().for_each(&mut keep_all);
        }
        self.holdings.collect_garbage(&keep).map(drop)
    }

    /// Step 11: removes documents of programs and heads that neither head names.
    pub fn collect_documents(&self, trusted: &Trusted) -> io::Result<()> {
        let previous = self.previous_head(trusted);
        let entries = trusted.head().into_iter().chain(&previous).flat_map(|head| &head.body().programs);
        let programs: BTreeSet<String> = entries.map(|entry| entry.program.to_string()).collect();
        self.holdings.retain_documents("programs", |name| programs.contains(name.trim_end_matches(".json")))?;
        self.holdings.retain_documents("approvals", |name| programs.contains(name))?;
        self.holdings.retain_documents(&layout::heads(trusted.site()), |name| self.is_listed(name))
    }
}

fn set_aside_fault(path: &Path, all_lost: bool) -> Text {
    let (shown, Text { vi, en }) = (path.display(), without_copy(all_lost));
    text!(
        vi: "không đọc được một bản trạng thái, đã cất thành {shown}; {vi}. Nếu lặp lại, hãy thay ổ đĩa",
        en: "a copy of the state could not be read and was set aside as {shown}; {en}. If it happens again, replace the disk"
    )
}

fn missing_fault() -> Text {
    let Text { vi, en } = without_copy(true);
    text!(
        vi: "không thấy hai bản trạng thái state.a, state.b; {vi}. Nếu không ai xóa, hãy thay ổ đĩa",
        en: "the copies of the state, state.a and state.b, are not there; {en}. If nobody removed them, replace the disk"
    )
}

/// What could be made anew and what is missing, in English, for the journal.
fn rebuilt(trusted: &Trusted, head: Option<HeadNumber>) -> String {
    let (root, withdrawals) = trusted.numbers();
    let release = |head: Option<HeadNumber>| head.map_or_else(|| "no release".to_owned(), |head| format!("release {head}"));
    let here = format!("root {root}, withdrawals {withdrawals}, {}", release(head));
    let known = trusted.known();
    let unsure = trusted.unsure().map(|reason| format!("; {}", reason.en)).unwrap_or_default();
    if root >= known.root && withdrawals >= known.withdrawals && head >= known.head {
        return format!("made anew from the stored documents: {here}{unsure}");
    }
    let Known { root, withdrawals, head } = known;
    format!(
        "made anew from the stored documents: {here}; once there were root {root}, withdrawals {withdrawals}, {}{unsure}",
        release(head)
    )
}

/// What serves where a copy of the state can't be read; `all_lost`: there is no other.
pub fn without_copy(all_lost: bool) -> Text {
    if all_lost {
        return text!(
            vi: "không còn bản nào: trạng thái được lập lại từ các văn bản đã lưu",
            en: "both copies are lost: the state is made anew from the stored documents"
        );
    }
    text!(vi: "không mất gì: vẫn dùng bản còn lại và các văn bản đã lưu", en: "nothing is lost: the other copy and the stored documents are used")
}

/// Removes the temporary files of writes that a power cut stopped and, below the store's folder, links: nothing there is anybody else's.
fn remove_leftovers(folder: &Path, in_store: bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let (name, Ok(kind)) = (entry.file_name(), entry.file_type()) else { continue };
        if kind.is_dir() && name != "parts" && !folder.ends_with("objects") {
            remove_leftovers(&entry.path(), in_store || name == "store");
        } else if kind.is_symlink() && in_store || kind.is_file() && name.as_encoded_bytes().starts_with(b".tmp-") {
            // One that stays costs a little space.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Uses `flock`, not a PID file: a crash leaves no lock behind. The folder is locked beside the file in it, so that a second player is refused
/// also where somebody has removed the file. Where the file can't be written, it is locked as it is; then with the reason.
fn lock(data: &Path) -> Result<(Vec<File>, Option<Text>), Text> {
    let (path, mut fault) = (data.join("lock"), None);
    let shown = path.display();
    let own = files::create_dirs_synced(data).and_then(|()| File::options().create(true).read(true).append(true).open(&path));
    let file = own.or_else(|error| {
        let (Text { vi, en }, Text { vi: do_vi, en: do_en }) = (failure::system(&error), remedy(&error));
        fault = Some(text!(vi: "không ghi được {shown}: {vi}. {do_vi}", en: "{shown} can't be written: {en}. {do_en}"));
        File::open(&path)
    });
    // Without anything to lock nothing can be stored either.
    let locks: Vec<File> = file.ok().into_iter().chain(File::open(data)).collect();
    for lock in &locks {
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Err(text!(
                vi: "một đầu phát khác đang chạy trên {shown}; muốn đầu phát đó cập nhật ngay, hãy chạy: systemctl reload bangtin-player",
                en: "another player is running on {shown}; to have it update now, run: systemctl reload bangtin-player"
            ));
        }
    }
    Ok((locks, fault))
}
