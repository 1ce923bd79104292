//! Step 9: fetches the objects of a program: small ones in packs, large ones from an old copy where possible, the rest one by one, several
//! at a time. Never commits and never judges: the digest decides what an object is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use super::fetch::{self, ObjectRef};
use super::fetch_order;
use super::meter::Meter;
use super::pack::PackDownload;
use super::rebuild::rebuild;
use super::stored;
use super::transport::{Pause, PullError, Transport};
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;
use crate::program::manifest::Manifest;
use crate::program::validate::Program;
use crate::store::local_store::LocalStore;
use crate::store::{layout, packs};
use crate::text;

/// Requests in flight at once. More would not use a slow connection better, and each costs memory.
const MAX_CONCURRENT: usize = 4;
/// Up to this many missing small objects are fetched one by one rather than in a pack, which may hold more than those.
const MAX_SINGLE_FETCHES: usize = 4;
/// After this many failures the connection counts as down: the rest of a program is left for the next cycle.
const FAILURES: usize = 3;

/// Fetches the missing objects of programs.
pub struct Fetcher<'a> {
    /// The preferred first.
    pub sources: &'a [&'a dyn Transport],
    pub holdings: &'a LocalStore,
    pub meter: &'a Arc<Meter>,
    /// Unix seconds.
    pub now: i64,
    /// Programs stored in whole or in part, the likeliest base first.
    pub known: Vec<Arc<Program>>,
}

impl Fetcher<'_> {
    /// Fetches the missing objects of a program; false if there are none. An object that fails does not block the rest.
    /// `pack`: the program's pack, with its documents already read.
    pub fn fetch_program(&self, program: &Program, pack: Option<PackDownload>) -> Result<bool, PullError> {
        let lacks = |object: &ObjectRef| !self.holdings.contains(object.digest, object.size);
        if !objects(program).any(|object| lacks(&object)) {
            return Ok(false);
        }
        self.meter.fetching(program.manifest().kind, local_offset(program.manifest(), self.now));
        self.meter.check_allowed()?;
        let mut unrelated = BTreeSet::new();
        if let Some(pack) = pack {
            self.unpack(pack, program, &mut unrelated);
        }
        self.fetch_packs(program, &mut unrelated);
        let known: Vec<_> = self.known.iter().filter(|known| known.digest() != program.digest()).cloned().collect();
        let ordered = || fetch_order::objects_in_play_order(program.manifest(), self.holdings, self.now).into_iter().filter(lacks);
        // Pages first: they determine the order of media and the old copies to use.
        self.fetch_each(ordered().filter(|object| packs::is_small(object.size)).collect(), &BTreeMap::new())?;
        let mut bases = fetch_order::choose_bases(program, &known, self.holdings);
        bases.retain(|digest, _| !unrelated.contains(digest));
        self.fetch_each(ordered().collect(), &bases).map(|()| true)
    }

    /// Fetches small objects in packs. Packs based on a stored program come first: they are the smallest.
    fn fetch_packs(&self, program: &Program, unrelated: &mut BTreeSet<Digest>) {
        let held = |known: &&Arc<Program>| known.digest() != program.digest();
        let mut ways: Vec<Option<&Program>> = self.known.iter().filter(held).map(|known| Some(known.as_ref())).take(2).collect();
        ways.push(None);
        for base in ways {
            let small = |object: &ObjectRef| packs::is_small(object.size) && !self.holdings.contains(object.digest, object.size);
            if objects(program).filter(small).count() <= MAX_SINGLE_FETCHES {
                return;
            }
            for source in self.sources {
                // If a pack can't be fetched or read, its objects are fetched one by one.
                if let Ok(Some(pack)) = PackDownload::request(*source, self.holdings, self.meter, program.digest(), base) {
                    self.unpack(pack, program, unrelated);
                    break;
                }
            }
        }
    }

    fn unpack(&self, pack: PackDownload, program: &Program, unrelated: &mut BTreeSet<Digest>) {
        let unpacked = pack.objects(self.holdings, &stored::objects(program), unrelated);
        // A limit of the line that is reached in the middle is no fault of the pack, and told as what it is.
        if let Err(error) = unpacked
            && self.meter.check_allowed().is_ok()
        {
            crate::logln!("pull: pack of {}: {error}", program.digest());
        }
    }

    /// Fetches objects in this order, several at a time.
    fn fetch_each(&self, objects: VecDeque<ObjectRef>, bases: &BTreeMap<Digest, ObjectRef>) -> Result<(), PullError> {
        let lanes = MAX_CONCURRENT.min(objects.len());
        let (queue, failures) = (Mutex::new(objects), Mutex::new(Vec::new()));
        let next = || {
            // A missing object says nothing about the connection.
            let down = failures.hold().iter().filter(|error: &&PullError| error.pause != Some(Pause::Missing)).count() >= FAILURES;
            if down { None } else { queue.hold().pop_front() }
        };
        let lane = || {
            while let Some(object) = next() {
                let fetched = self.meter.check_allowed().and_then(|()| self.fetch_one(object, bases.get(&object.digest).copied()));
                if let Err(error) = fetched {
                    failures.hold().push(error);
                }
            }
        };
        std::thread::scope(|scope| {
            (1..lanes).for_each(|_| drop(scope.spawn(lane)));
            lane();
        });
        // Of several reasons a failure counts before a state.
        failures
            .into_value()
            .into_iter()
            .min_by_key(|error| (error.pause == Some(Pause::Missing), error.pause.is_some()))
            .map_or(Ok(()), Err)
    }

    fn fetch_one(&self, object: ObjectRef, base: Option<ObjectRef>) -> Result<(), PullError> {
        let path = layout::object(object.digest);
        let mut last = PullError::paused(
            text!(vi: "chưa nguồn nào có {path}; nếu kéo dài, báo người phát hành chạy: bangtin store check", en: "no source has {path}; if that lasts, have the publisher run: bangtin store check"),
            Pause::Missing,
        );
        for source in self.sources {
            let rebuilt = base.map_or(Ok(false), |base| rebuild(*source, self.holdings, self.meter, object, base));
            let fetched = rebuilt.and_then(|done| Ok(done || fetch::object(*source, self.holdings, self.meter, object)?));
            match fetched {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// The objects of a program, each once.
fn objects(program: &Program) -> impl Iterator<Item = ObjectRef> {
    stored::objects(program).into_iter().map(|(digest, size)| ObjectRef { digest, size })
}

/// How far local time is ahead of UTC at `now`, in seconds, by the offsets that the program carries.
pub fn local_offset(manifest: &Manifest, now: i64) -> i64 {
    let offsets = &manifest.offsets;
    offsets.iter().rev().find(|(from, _)| *from <= now).or(offsets.first()).map_or(0, |(_, offset)| i64::from(*offset))
}
