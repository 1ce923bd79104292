//! A player's data folder: its lock, the two copies of the state, documents and objects. Owns the one commit point.
//! Never asks a source, and never judges: `trusted` does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::stored;
use super::transport::PullError;
use super::trusted::{InForce, Stored, Trusted};
use crate::base::digest::Digest;
use crate::base::failure;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::store::local_store::LocalStore;
use crate::store::state::{PlayerState, StateFiles};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadNumber};
use crate::trust::judge::Approved;
use crate::trust::root::Root;

/// The data folder of a running player, locked.
pub struct DataFolder {
    holdings: LocalStore,
    files: StateFiles,
    state: PlayerState,
    _lock: File,
}

impl DataFolder {
    /// Takes the lock, then reads the state and every stored document, from the provisioned root on. Only what verifies is trusted.
    pub fn open(data: &Path, site: &SiteId, first: Verified<Root>) -> Result<(Self, Trusted), Text> {
        let lock = lock(data)?;
        let holdings = LocalStore::new(data.join("store"));
        let files = StateFiles::new(data);
        let shown = data.display();
        let found = files.load().map_err(|error| failure::system_at(&shown, &error))?;
        for path in &found.set_aside {
            crate::logln!("state: {} could not be read and was set aside", path.display());
        }
        let mut state = found.state.unwrap_or_default();
        let trusted = stored::trusted(site, first, state.floor, &holdings);
        if state.head().and_then(|number| stored::verified_head(&trusted, &holdings, number)).is_none() {
            // Both copies, or the head that they name, are lost: continue with the highest head that verifies.
            (state.epoch, state.version) = stored::highest_head(&trusted, &holdings).unwrap_or_default().into();
        }
        Ok((Self { holdings, files, state, _lock: lock }, trusted))
    }

    /// The documents and objects.
    pub fn holdings(&self) -> &LocalStore {
        &self.holdings
    }

    /// Step 3: derives what is in force from what is trusted and stored.
    pub fn rejudge(&self, trusted: &mut Trusted) -> InForce {
        let head = self.state.head().and_then(|number| stored::signed_head(trusted.site(), number, &self.holdings));
        let program = |entry: &_, kids: &_| stored::program_documents(entry, kids, &self.holdings);
        let holds = |digest, size| self.holdings.contains(digest, size);
        trusted.rejudge(&Stored { head, program: &program, holds: &holds })
    }

    /// Commits everything trusted now.
    pub fn commit(&mut self, trusted: &Trusted) -> io::Result<()> {
        let next = PlayerState {
            root: trusted.root().body().version,
            withdrawals: trusted.withdrawals().len() as u64,
            floor: trusted.floor(),
            ..self.state.clone()
        };
        self.state = self.files.commit(&next)?;
        Ok(())
    }

    /// Step 10: commits a stored head whose due programs are complete.
    pub fn commit_head(&mut self, trusted: &Trusted, HeadNumber { epoch, version }: HeadNumber) -> io::Result<()> {
        let before = self.state.clone();
        let previous = trusted.head().map(|head| head.body().number());
        self.state = PlayerState { epoch, version, previous, ..before.clone() };
        self.commit(trusted).inspect_err(|_| self.state = before)
    }

    /// The head before the one in force.
    pub fn previous_head(&self, trusted: &Trusted) -> Option<Verified<Head>> {
        stored::verified_head(trusted, &self.holdings, self.state.previous?)
    }

    /// Step 8: checks that the disk has space for all missing objects beyond the reserve, in bytes.
    pub fn ensure_space(&self, programs: &[Approved], reserve: u64) -> Result<(), PullError> {
        let all: BTreeMap<Digest, u64> = programs.iter().flat_map(|each| stored::objects(each.program())).collect();
        let missing: u64 = all.iter().filter(|(digest, size)| !self.holdings.contains(**digest, **size)).map(|(_, size)| size).sum();
        let free = self.holdings.free_bytes()?;
        if missing > 0 && missing.saturating_add(reserve) > free {
            return Err(PullError::external(text!(
                vi: "không đủ chỗ: còn phải tải {missing} byte, ổ đĩa còn trống {free} byte, phải chừa lại {reserve} byte",
                en: "no room: {missing} bytes are missing, {free} are free, {reserve} are kept in reserve"
            )));
        }
        Ok(())
    }

    /// Step 11: removes objects that neither the head in force nor the one before it needs.
    pub fn collect_garbage(&self, trusted: &Trusted, in_force: &InForce) -> io::Result<()> {
        let mut keep: BTreeSet<Digest> = BTreeSet::new();
        let mut keep_all = |program: &_| keep.extend(stored::objects(program).into_keys());
        in_force.programs.iter().for_each(|each| keep_all(&each.program));
        for entry in self.previous_head(trusted).iter().flat_map(|head| &head.body().programs) {
            stored::parse_program(entry, &self.holdings).iter().for_each(&mut keep_all);
        }
        self.holdings.collect_garbage(&keep).map(drop)
    }
}

/// Uses `flock`, not a PID file: a crash leaves no lock behind.
fn lock(data: &Path) -> Result<File, Text> {
    let path = data.join("lock");
    let shown = path.display();
    let failed = |error: io::Error| {
        let Text { vi, en } = failure::system(&error);
        text!(vi: "{shown}: {vi}", en: "{shown}: {en}")
    };
    files::create_dirs_synced(data).map_err(failed)?;
    let file = File::options().create(true).read(true).append(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(text!(
            vi: "một máy chiếu khác đang chạy trên {shown}",
            en: "another player is running on {shown}"
        )),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
