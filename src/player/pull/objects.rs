//! Step 9: the objects of a program. Small ones come in packs where there are packs, big ones by way of an old copy where there is one, the
//! rest singly and several at once. Never commits and never judges: an object is what its digest says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use super::bases::{self, Named};
use super::fetch::{self, Fetched};
use super::meter::Meter;
use super::order;
use super::pack::Pack;
use super::rebuild::rebuild;
use super::stored;
use super::transport::{Transport, Unusable};
use crate::base::digest::Digest;
use crate::base::lock::MutexExt as _;
use crate::base::terms::Kind;
use crate::program::manifest::Manifest;
use crate::program::verify::Program;
use crate::store::objects::Holdings;
use crate::store::{layout, packs};

/// Questions under way at once. More would not fill a poor line better, and each costs memory.
const LANES: usize = 4;
/// So many small objects are fetched singly rather than in a pack that may hold others too.
const FEW: usize = 4;
/// After so many failures the rest of a program is left for the next cycle: the line is down.
const FAILURES: usize = 3;

/// Fetches what programs lack.
pub struct Fetcher<'a> {
    /// Where to ask, the preferred first.
    pub sources: &'a [&'a dyn Transport],
    /// Where it is put.
    pub holdings: &'a Holdings,
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
    pub fn also(mut self, programs: &[Arc<Program>]) -> Self {
        self.known.extend_from_slice(programs);
        self
    }

    /// Fetches all that a program lacks; true if something was lacking. What can't be had does not keep the rest from being fetched.
    /// `pack`: one that was begun with the program's documents.
    pub fn program(&mut self, program: &Arc<Program>, pack: Option<Pack>) -> Result<bool, Unusable> {
        let lacks = |(digest, size): &Named| !self.holdings.holds(*digest, *size);
        let lacking = stored::objects(program).into_iter().filter(lacks).count();
        if lacking > 0 {
            let urgent = program.manifest().kind == Kind::Urgent;
            self.meter.urgent(urgent);
            if !urgent {
                self.meter.allows(local_minute(program.manifest(), self.now)).map_err(Unusable::new)?;
            }
            let mut strangers = BTreeSet::new();
            if let Some(pack) = pack {
                self.unpack(pack, program, &mut strangers);
            }
            self.packs(program, &mut strangers);
            let known: Vec<_> = self.known.iter().filter(|known| known.digest() != program.digest()).cloned().collect();
            let ordered = || order::of(program.manifest(), self.holdings, self.now).into_iter().filter(lacks);
            // Pages first: they tell which media follow one another, and which old copies there are.
            self.singly(ordered().filter(|(_, size)| packs::is_small(*size)).collect(), &BTreeMap::new())?;
            let mut bases = bases::choose(program, &known, self.holdings);
            bases.retain(|digest, _| !strangers.contains(digest));
            self.singly(ordered().collect(), &bases)?;
        }
        self.known.push(program.clone());
        Ok(lacking > 0)
    }

    /// Small objects by packs: those made from a program that is held are the smallest.
    fn packs(&self, program: &Program, strangers: &mut BTreeSet<Digest>) {
        let held = |known: &&Arc<Program>| known.digest() != program.digest();
        let mut ways: Vec<Option<&Program>> = self.known.iter().filter(held).map(|known| Some(known.as_ref())).take(2).collect();
        ways.push(None);
        for base in ways {
            let small = |(digest, size): &Named| packs::is_small(*size) && !self.holdings.holds(*digest, *size);
            if stored::objects(program).into_iter().filter(small).count() <= FEW {
                return;
            }
            for source in self.sources {
                // A pack that can't be had or read costs nothing: what it holds is fetched singly.
                if let Ok(Some(pack)) = Pack::ask(*source, self.holdings, self.meter, program.digest(), base) {
                    self.unpack(pack, program, strangers);
                    break;
                }
            }
        }
    }

    fn unpack(&self, pack: Pack, program: &Program, strangers: &mut BTreeSet<Digest>) {
        if let Err(error) = pack.objects(self.holdings, &stored::objects(program), strangers) {
            eprintln!("pull: pack of {}: {error}", program.digest());
        }
    }

    /// Objects one by one, several at once, in this order.
    fn singly(&self, wanted: VecDeque<Named>, bases: &BTreeMap<Digest, Named>) -> Result<(), Unusable> {
        let lanes = LANES.min(wanted.len());
        let (queue, failures) = (Mutex::new(wanted), Mutex::new(Vec::new()));
        let next = || {
            let down = failures.hold().len() >= FAILURES;
            if down { None } else { queue.hold().pop_front() }
        };
        let lane = || {
            while let Some(named) = next() {
                if let Err(unusable) = self.one(named, bases.get(&named.0).copied()) {
                    failures.hold().push(unusable);
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

    fn one(&self, wanted: Named, base: Option<Named>) -> Result<(), Unusable> {
        let mut last = Unusable::new(format!("no source has {}", layout::object(wanted.0)));
        for source in self.sources {
            if let Some(base) = base {
                match rebuild(*source, self.holdings, self.meter, wanted, base) {
                    Ok(true) => return Ok(()),
                    Ok(false) => {}
                    Err(unusable) => {
                        last = unusable;
                        continue;
                    }
                }
            }
            match fetch::object(*source, self.holdings, self.meter, wanted) {
                Ok(Fetched::Whole) => return Ok(()),
                Ok(Fetched::Absent) => {}
                Err(unusable) => last = unusable,
            }
        }
        Err(last)
    }
}

/// The local minute of the day, by the offsets that the program carries.
fn local_minute(manifest: &Manifest, now: i64) -> u16 {
    let offset = manifest.offsets.iter().rev().find(|(from, _)| *from <= now).or(manifest.offsets.first()).map_or(0, |(_, offset)| *offset);
    u16::try_from((now + i64::from(offset)).rem_euclid(86_400) / 60).unwrap_or(0)
}
