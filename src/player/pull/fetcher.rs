//! Step 9: the objects of a program. Small ones come in packs where there are packs, big ones by way of an old copy where there is one, the
//! rest singly and several at once. Never commits and never judges: an object is what its digest says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use super::delta_bases;
use super::fetch::{self, ObjectFetch, ObjectRef};
use super::fetch_order;
use super::meter::Meter;
use super::pack::PackDownload;
use super::rebuild::rebuild;
use super::stored;
use super::transport::{Transport, TransportError};
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;
use crate::program::manifest::Manifest;
use crate::program::validate::Program;
use crate::store::local_store::LocalStore;
use crate::store::{layout, packs};
use crate::text;

/// Requests in flight at once. More would not fill a slow connection better, and each costs memory.
const MAX_CONCURRENT: usize = 4;
/// Up to this many small objects are fetched singly rather than in a pack that may hold others too.
const MAX_SINGLE_FETCHES: usize = 4;
/// After this many failures the rest of a program is left for the next cycle: the line is down.
const FAILURES: usize = 3;

/// Fetches what programs lack.
pub struct Fetcher<'a> {
    /// Where to ask, the preferred first.
    pub sources: &'a [&'a dyn Transport],
    /// Where it is put.
    pub holdings: &'a LocalStore,
    /// What the line may be used for.
    pub meter: &'a Arc<Meter>,
    /// Unix seconds.
    pub now: i64,
    /// Programs of which much is held, the likeliest base first.
    pub known: Vec<Arc<Program>>,
}

impl Fetcher<'_> {
    /// Lets other programs serve as bases too, after the known ones.
    #[must_use]
    pub fn with_bases(mut self, programs: &[Arc<Program>]) -> Self {
        self.known.extend_from_slice(programs);
        self
    }

    /// Fetches all that a program lacks; true if something was lacking. What can't be had does not keep the rest from being fetched.
    /// `pack`: one that was begun with the program's documents.
    pub fn fetch_program(&mut self, program: &Arc<Program>, pack: Option<PackDownload>) -> Result<bool, TransportError> {
        let lacks = |object: &ObjectRef| !self.holdings.contains(object.digest, object.size);
        let lacking = objects(program).filter(lacks).count();
        if lacking > 0 {
            self.meter.fetching(program.manifest().kind);
            self.meter.check_allowed(local_minute(program.manifest(), self.now)).map_err(TransportError::new)?;
            let mut unrelated = BTreeSet::new();
            if let Some(pack) = pack {
                self.unpack(pack, program, &mut unrelated);
            }
            self.fetch_packs(program, &mut unrelated);
            let known: Vec<_> = self.known.iter().filter(|known| known.digest() != program.digest()).cloned().collect();
            let ordered = || fetch_order::objects_in_play_order(program.manifest(), self.holdings, self.now).into_iter().filter(lacks);
            // Pages first: they tell which media follow one another, and which old copies there are.
            self.fetch_each(ordered().filter(|object| packs::is_small(object.size)).collect(), &BTreeMap::new())?;
            let mut bases = delta_bases::choose_bases(program, &known, self.holdings);
            bases.retain(|digest, _| !unrelated.contains(digest));
            self.fetch_each(ordered().collect(), &bases)?;
        }
        self.known.push(program.clone());
        Ok(lacking > 0)
    }

    /// Small objects by packs: those made from a program that is held are the smallest.
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
                // A pack that can't be had or read costs nothing: what it holds is fetched singly.
                if let Ok(Some(pack)) = PackDownload::request(*source, self.holdings, self.meter, program.digest(), base) {
                    self.unpack(pack, program, unrelated);
                    break;
                }
            }
        }
    }

    fn unpack(&self, pack: PackDownload, program: &Program, unrelated: &mut BTreeSet<Digest>) {
        if let Err(error) = pack.objects(self.holdings, &stored::objects(program), unrelated) {
            eprintln!("pull: pack of {}: {error}", program.digest());
        }
    }

    /// Objects one by one, several at once, in this order.
    fn fetch_each(&self, objects: VecDeque<ObjectRef>, bases: &BTreeMap<Digest, ObjectRef>) -> Result<(), TransportError> {
        let lanes = MAX_CONCURRENT.min(objects.len());
        let (queue, failures) = (Mutex::new(objects), Mutex::new(Vec::new()));
        let next = || {
            let down = failures.hold().len() >= FAILURES;
            if down { None } else { queue.hold().pop_front() }
        };
        let lane = || {
            while let Some(object) = next() {
                if let Err(error) = self.fetch_one(object, bases.get(&object.digest).copied()) {
                    failures.hold().push(error);
                }
            }
        };
        std::thread::scope(|scope| {
            (1..lanes).for_each(|_| drop(scope.spawn(lane)));
            lane();
        });
        let failures = failures.into_value();
        failures.into_iter().next().map_or(Ok(()), Err)
    }

    fn fetch_one(&self, object: ObjectRef, base: Option<ObjectRef>) -> Result<(), TransportError> {
        let path = layout::object(object.digest);
        let mut last = TransportError::new(text!(vi: "không nguồn nào có {path}", en: "no source has {path}"));
        for source in self.sources {
            if let Some(base) = base {
                match rebuild(*source, self.holdings, self.meter, object, base) {
                    Ok(true) => return Ok(()),
                    Ok(false) => {}
                    Err(error) => {
                        last = error;
                        continue;
                    }
                }
            }
            match fetch::object(*source, self.holdings, self.meter, object) {
                Ok(ObjectFetch::Whole) => return Ok(()),
                Ok(ObjectFetch::Absent) => {}
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

/// The local minute of the day, by the offsets that the program carries.
fn local_minute(manifest: &Manifest, now: i64) -> u16 {
    let offset = manifest.offsets.iter().rev().find(|(from, _)| *from <= now).or(manifest.offsets.first()).map_or(0, |(_, offset)| *offset);
    u16::try_from((now + i64::from(offset)).rem_euclid(86_400) / 60).unwrap_or(0)
}
