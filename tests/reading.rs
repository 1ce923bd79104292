//! What a player has stored is read through in the order in which a screen needs it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bangtin::base::digest::Digest;
use bangtin::player::pull::fetch_job::{FetchHand, FetchJob};
use bangtin::player::pull::meter::{Meter, TransferLimits};
use bangtin::player::pull::trusted::{InForce, ProgramInForce, Trusted};
use bangtin::player::pull::{FetchRequest, FetchResponse, PullError, Transport};
use bangtin::program::validate::Program;
use bangtin::store::local_store::LocalStore;
use serde_json::json;

use crate::trust::kit::{Office, made, manifest, site};

/// 09:00 in Hà Nội on 3 December 2026.
const NOW: i64 = 1_796_263_200;

/// A program of one page of its own.
fn program(kind: &str, name: &str, from: i64) -> ProgramInForce {
    let mut value = manifest("quay", kind, 1);
    value["files"][0]["sha256"] = json!(Digest::of(name.as_bytes()).to_string());
    value["files"][0]["size"] = json!(name.len());
    ProgramInForce { program: Arc::new(Program::parse(&made(&value).bytes).unwrap()), from, complete: false }
}

/// What a start finds: all of these programs but the missing one are stored, and nothing has been read through.
struct Stored {
    names: [&'static str; 5],
    folder: tempfile::TempDir,
    holdings: LocalStore,
    in_force: InForce,
}

const NAMES: [&str; 5] = ["later still", "due", "later", "evergreen", "missing"];
/// The same with a month that is larger than the evergreen program.
const LARGE: [&str; 5] = ["later still", "due, with a film", "later", "evergreen", "missing"];

impl Stored {
    fn new(names: [&'static str; 5]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let written = LocalStore::new(folder.path().join("store"));
        for name in &names[..4] {
            let mut part = written.open_partial(Digest::of(name.as_bytes()), name.len() as u64).unwrap();
            part.append_from(name.as_bytes()).unwrap();
            assert!(part.finish().unwrap());
        }
        let listed =
            [("monthly", NOW + 200), ("monthly", NOW - 200), ("monthly", NOW + 100), ("evergreen", NOW - 100), ("monthly", NOW - 300)];
        let programs = listed.iter().zip(names).map(|((kind, from), name)| program(kind, name, *from)).collect();
        let holdings = LocalStore::new(folder.path().join("store"));
        Self { names, folder, holdings, in_force: InForce { programs, ..InForce::default() } }
    }

    /// The programs that have been read through.
    fn whole(holdings: &LocalStore) -> BTreeSet<&'static str> {
        NAMES.into_iter().chain([LARGE[1]]).filter(|name| holdings.contains(Digest::of(name.as_bytes()), name.len() as u64)).collect()
    }

    fn hand(&self, transports: Vec<Box<dyn Transport>>) -> FetchHand {
        let meter = Arc::new(Meter::new(TransferLimits::default(), self.folder.path().join("spent.json")));
        FetchHand { transports, holdings: self.holdings.clone(), meter }
    }

    fn job(&self, first: Option<usize>) -> FetchJob {
        FetchJob {
            now: NOW,
            trusted: Trusted::new(site("quay"), Office::new().root(), 0),
            in_force: Arc::new(self.in_force.clone()),
            previous: None,
            offers: Vec::new(),
            first,
            reserve: 0,
        }
    }
}

#[test]
fn b13_of_the_evergreen_week_and_what_is_due_the_smaller_is_read_through_first_then_the_rest_by_its_time() {
    for (names, first, second) in [(NAMES, "due", "evergreen"), (LARGE, "evergreen", "due, with a film")] {
        let stored = Stored::new(names);
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        let ended = stored.job(None).run(&mut stored.hand(Vec::new()), &mut |_| {
            order.extend(Stored::whole(&stored.holdings).into_iter().filter(|name| seen.insert(*name)));
            Ok(())
        });
        assert_eq!((ended, order), (Ok(()), vec![first, second, "later", "later still"]), "{}", stored.names[1]);
    }
}

/// A source that has nothing, and notes what was read through when it was first asked.
struct Empty {
    holdings: LocalStore,
    before: Arc<Mutex<Option<BTreeSet<&'static str>>>>,
}

impl Transport for Empty {
    fn get(&self, _: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        self.before.lock().unwrap().get_or_insert_with(|| Stored::whole(&self.holdings));
        Ok(FetchResponse::Absent)
    }

    fn name(&self) -> &'static str {
        "empty"
    }
}

#[test]
fn b13_before_a_source_is_asked_what_the_screens_show_is_read_through_and_no_more() {
    let stored = Stored::new(NAMES);
    let before = Arc::default();
    let source = Empty { holdings: stored.holdings.clone(), before: Arc::clone(&before) };
    let ended = stored.job(Some(0)).run(&mut stored.hand(vec![Box::new(source)]), &mut |_| Ok(()));
    assert!(ended.unwrap_err().reason.en.starts_with("no source has objects/"));
    assert_eq!(before.lock().unwrap().take(), Some(BTreeSet::from(["due", "evergreen"])));
    assert_eq!(Stored::whole(&stored.holdings), BTreeSet::from(["due", "evergreen", "later", "later still"]), "the rest in its turn");
}
