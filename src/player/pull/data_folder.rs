//! A player's data folder: its lock, the two copies of the state, documents and objects. Owns the one commit point. What is accepted is in
//! memory first: a disk that takes nothing delays only the storing. Never asks a source, and never judges: `trusted` does.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ballast::Ballast;
use super::data_lock::{self, DataLock};
use super::data_words;
use super::found_state::FoundState;
use super::kept_files::KeptFiles;
use super::leftovers;
use super::remedy::unreadable;
use super::source::{Accepted, StoreFile};
use super::stored::{self, Shelf};
use super::traces::{self, State, Traces};
use super::trusted::{InForce, Stored, Trusted};
use super::whole;
use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::base::limits::WITHDRAWAL_BYTES;
use crate::base::text::Text;
use crate::store::known::Known;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::state::{PlayerState, StateFiles};
use crate::trust::document::Verified;
use crate::trust::head::Head;
use crate::trust::root::Root;

/// The data folder of a running player, locked.
pub struct DataFolder {
    holdings: LocalStore,
    files: StateFiles,
    state: PlayerState,
    /// Whether memory is ahead of the disk.
    unsaved: bool,
    /// The numbers that a copy of the state on the disk commits to.
    stored: Known,
    /// Copies of the state that are lost, and what serves in their place.
    set_aside: Vec<Text>,
    /// Where both are, or are older than what else the disk tells: the name of the incident and what is here, for the journal.
    incident: Option<(&'static str, String)>,
    data: PathBuf,
    site: SiteId,
    /// Why memory could not be stored.
    save_fault: Option<Text>,
    ballast: Ballast,
    lock: DataLock,
    kept: KeptFiles,
}

impl DataFolder {
    /// Takes the lock, then reads the state and every stored document, from the provisioned root on. Only what verifies is trusted. What is
    /// wrong with the folder stops nothing: only another player on it does.
    pub fn open(data: &Path, site: &SiteId, first: Verified<Root>) -> Result<(Self, Trusted), Text> {
        let lock = DataLock::take(data)?;
        leftovers::remove(data, false);
        let (holdings, files) = (LocalStore::new(data.join("store")), StateFiles::new(data));
        let found = FoundState::read(data, site, first, (&files, &holdings));
        let FoundState { state, mut trusted, stored, unsaved, set_aside, is_rebuilt, is_whole } = found;
        let mut folder = Self {
            files,
            unsaved,
            incident: is_rebuilt.then(|| ("state-rebuilt", data_words::rebuilt(&trusted, state.head()))),
            state,
            stored,
            set_aside,
            data: data.to_owned(),
            site: site.clone(),
            save_fault: None,
            ballast: Ballast::new(data),
            holdings,
            lock,
            kept: KeptFiles::default(),
        };
        folder.state.whole = traces::whole(data, site, &folder.state);
        folder.unsaved |= !folder.state.documents.iter().all(|kept| folder.is_stored(kept));
        // Which head is in force decides whether one is lost.
        folder.rejudge(&mut trusted);
        if is_whole && trusted.lost().is_some() {
            folder.set_aside.push(data_words::behind());
            folder.incident = Some(("state-behind", data_words::behind_detail(&trusted, folder.state.head())));
        }
        if !folder.unsaved {
            folder.stored = folder.reached(&trusted);
        }
        // What fails is told as a fault.
        let saved = folder.save(&trusted);
        folder.note_kept(&trusted, saved.is_ok());
        folder.faults().for_each(|fault| crate::logln!("pull: {}", fault.en));
        Ok((folder, trusted))
    }

    /// The documents and objects.
    pub fn holdings(&self) -> &LocalStore {
        &self.holdings
    }

    /// Step 3: derives what is in force from what is trusted and stored.
    pub fn rejudge(&mut self, trusted: &mut Trusted) -> InForce {
        let head = self.state.head().and_then(|number| stored::signed_head(trusted, self.shelf(), number));
        let program = |entry: &_, kids: &_| stored::program_documents(entry, kids, &self.holdings);
        let mut in_force =
            trusted.rejudge(&Stored { head, program: &program, holds: &|digest, size| self.holdings.contains(digest, size) });
        in_force.unread_fault = self.unread_fault(&in_force);
        let whole = whole::whole(&self.state.whole, trusted, &in_force);
        self.unsaved |= whole != self.state.whole;
        self.state.whole = whole;
        whole::find_lost(&self.state.whole, trusted, &mut in_force, &self.holdings);
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

    /// What the journal has to hear of copies of the state that were lost, or older than what else the disk told: its name, and what is here.
    pub fn incident(&self) -> Option<&(&'static str, String)> {
        self.incident.as_ref()
    }

    /// The numbers that are on the disk: whatever tells of them is written after that, so that no kill leaves one that tells of more.
    pub fn stored(&self) -> Known {
        self.stored
    }

    /// The state as memory has it.
    pub fn state(&self) -> &PlayerState {
        &self.state
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
            let Traces { known, unsure } = traces::traces(&self.data, &self.site, &self.holdings, State::Lost);
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

    /// Takes the files of a withdrawal under a number that another has: that is told until a root comes that is newer than those here.
    pub fn keep_twin(&mut self, files: impl IntoIterator<Item = StoreFile>, trusted: &Trusted) {
        self.state.twins_root = trusted.root().body().version;
        self.keep(files);
    }

    /// Whether the withdrawals that are kept are as many as a player takes.
    pub fn is_full_of_withdrawals(&self) -> bool {
        let kept = self.state.documents.iter().filter(|(path, _)| path.starts_with("withdrawals/"));
        kept.map(|(path, text)| path.len() + text.len()).sum::<usize>() > WITHDRAWAL_BYTES
    }

    /// What is wrong with the folder, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.lock.faults().chain(self.kept.fault()).chain(&self.set_aside).chain(&self.save_fault).chain(self.ballast.faults())
    }

    /// What was lost under the running player and is written anew.
    pub fn repaired(&self) -> Option<&Text> {
        self.kept.repaired()
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
        let (behind, mut saved) = (self.unsaved, if self.unsaved { self.store(trusted) } else { Ok(()) });
        if saved.as_ref().is_err_and(|error| error.kind() == ErrorKind::StorageFull) && self.ballast.give_way() {
            saved = self.store(trusted);
        }
        let put_back = saved.is_ok() && self.ballast.put_back();
        if behind || put_back {
            self.note_kept(trusted, saved.is_ok());
        }
        self.save_fault = saved.as_ref().err().map(|error| data_words::unwritable(error, &self.holdings));
        self.kept.tell(self.save_fault.is_none());
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

    /// Holds what is in memory against the disk: what somebody has removed or changed there since is written anew. Only looks at names as long
    /// as all lies as it was left. `now`: of the monotonic clock. True if something was lost; fails if the folder is another player's now.
    pub fn mind(&mut self, trusted: &mut Trusted, now: Duration) -> Result<bool, Text> {
        self.kept.forget_old(now);
        let lost = if self.lock.is_displaced() { self.settle_again(trusted)? } else { self.lost_files(trusted) };
        self.unsaved |= !lost.is_empty();
        let lock = self.lock.renew_file().then(|| self.data.join("lock"));
        let lost: Vec<PathBuf> = lost.into_iter().chain(lock).collect();
        self.kept.lose(&lost, &self.data, now);
        // What fails is told as a fault.
        let _ = self.save(trusted);
        Ok(!lost.is_empty())
    }

    /// The files that do not hold any more what was written.
    fn lost_files(&mut self, trusted: &Trusted) -> Vec<PathBuf> {
        let touched = self.kept.touched();
        let lost: Vec<PathBuf> = touched.iter().filter(|path| !self.is_whole(path, trusted)).cloned().collect();
        if lost.len() < touched.len() {
            self.note_kept(trusted, false);
        }
        lost
    }

    fn is_whole(&self, path: &Path, trusted: &Trusted) -> bool {
        if path == self.ballast.path() {
            return self.ballast.is_whole();
        }
        if self.files.paths().iter().any(|copy| copy == path) {
            return self.files.holds(path, &self.state);
        }
        let document = path.strip_prefix(self.data.join("store")).ok().and_then(Path::to_str).unwrap_or_default();
        if let Some(kept) = self.state.documents.get_key_value(document) {
            return self.is_stored(kept);
        }
        let mut programs = trusted.head().into_iter().flat_map(|head| &head.body().programs);
        let entry = programs.find(|entry| document.contains(&entry.program.to_string()));
        entry.is_none_or(|entry| stored::program(trusted, entry, &self.holdings).is_ok())
    }

    fn is_stored(&self, (path, text): (&String, &String)) -> bool {
        let file = self.holdings.document(path, text.len() as u64).ok().flatten();
        file.is_some_and(|bytes| bytes == text.as_bytes())
    }

    /// Takes the place of the folder that was moved away or replaced. Where a player has used what is there now, only the documents are added:
    /// a start goes by both, and finds the higher of each number.
    fn settle_again(&mut self, trusted: &mut Trusted) -> Result<Vec<PathBuf>, Text> {
        self.lock = DataLock::take(&self.data).map_err(|_| data_lock::displaced(&self.data, true))?;
        let found = stored::recover(trusted, self.shelf());
        self.keep(found.into_iter().map(|(path, text)| (path, text.into_bytes())));
        if self.files.paths().iter().any(|copy| fs::symlink_metadata(copy).is_ok()) {
            // What fails is lost with this process: the message says what lies where.
            let _ = self.put_documents();
            return Err(data_lock::displaced(&self.data, false));
        }
        Ok(vec![self.data.clone()])
    }

    /// Notes that the files lie as they should. `written`: all that is in memory was.
    fn note_kept(&mut self, trusted: &Trusted, written: bool) {
        let documents = self.state.documents.keys().map(|path| self.data.join("store").join(path));
        self.kept.note(documents.chain(self.files.paths()), written);
        self.kept.note_more([self.ballast.path().to_owned()]);
        self.note_fetched(trusted);
    }

    /// Notes the documents of programs that a fetch has brought.
    pub fn note_fetched(&mut self, trusted: &Trusted) {
        let entries = trusted.head().into_iter().flat_map(|head| &head.body().programs);
        let paths = entries.flat_map(|entry| stored::program_paths(trusted, entry));
        self.kept.note_more(paths.map(|path| self.data.join("store").join(path)));
    }

    /// What was lost under the running player and not told yet, for the journal.
    pub fn take_losses(&mut self) -> Option<String> {
        let then = if self.save_fault.is_some() { "not written anew yet" } else { "what is known was written anew, the rest is fetched" };
        self.kept.take_untold().map(|paths| format!("removed or changed on the disk while the player ran: {paths}; {then}"))
    }

    /// Stores the documents. Backwards: each signature before its document.
    fn put_documents(&self) -> io::Result<()> {
        let put = |(path, text): (&String, &String)| self.holdings.put_document(path, text.as_bytes());
        self.state.documents.iter().rev().map(put).fold(Ok(()), io::Result::and)
    }

    /// The numbers that memory has reached.
    fn reached(&self, trusted: &Trusted) -> Known {
        let (root, withdrawals) = trusted.numbers();
        let (kit_release, twins) = (trusted.newest_kit_release(), trusted.chain().twin_count());
        Known { root, withdrawals, kit_release, head: self.state.head(), twins }
    }

    /// Stores the state in both copies, then the documents: the name of one tells that there was one, whatever becomes of the state.
    fn store(&mut self, trusted: &Trusted) -> io::Result<()> {
        if self.lock.is_displaced() {
            // What is there now may be another player's: `mind` decides.
            return Err(ErrorKind::NotFound.into());
        }
        (self.state.root, self.state.withdrawals) = trusted.numbers();
        self.state.floor = trusted.floor();
        let mut committed = Ok(());
        for _ in 0..2 {
            match self.files.commit(&self.state) {
                Ok(PlayerState { counter, .. }) => (self.state.counter, self.stored) = (counter, self.reached(trusted)),
                Err(error) => committed = Err(error),
            }
        }
        // Better in one place than in none.
        committed.and(self.put_documents())?;
        self.unsaved = false;
        Ok(())
    }

    /// Step 10: commits a head whose due programs are complete. It is in force from now on, even if it can't be stored yet.
    pub fn commit_head(&mut self, trusted: &Trusted, head: Accepted<Verified<Head>>) -> io::Result<()> {
        let mut files = Vec::new();
        let head = head.into_parts(&mut files);
        let number = head.body().number();
        self.state.whole = whole::carried_over(&self.state.whole, (trusted.head(), &head));
        self.state.previous = trusted.head().map(|head| head.body().number());
        (self.state.epoch, self.state.version) = number.into();
        let (folder, mut documents) = (layout::heads(trusted.site()) + "/", std::mem::take(&mut self.state.documents));
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
