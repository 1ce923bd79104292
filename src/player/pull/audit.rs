//! Everything that a player keeps, verified anew by the cycle's own checks: state, documents, objects.
//! Never changes anything, so it may run beside the player, and never asks the network.

use std::collections::BTreeMap;

use super::puller::Settings;
use super::transport::Unusable;
use super::{statements, stored};
use crate::base::digest::Digest;
use crate::base::text::Text;
use crate::program::verify::Program;
use crate::store::layout;
use crate::store::look::{self, Wrong};
use crate::store::objects::Holdings;
use crate::store::state::{Copy, State, StateFiles};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Entry, Head, HeadNumber};
use crate::trust::root::Root;

/// Objects read at the same time.
const READERS: usize = 8;

/// What a player keeps.
#[derive(Default)]
pub struct Audit {
    /// Version of the newest root.
    pub root: u64,
    /// How many withdrawals.
    pub withdrawals: u64,
    /// How many releases of kits.
    pub releases: u64,
    /// Number of the head in force; none before the first.
    pub head: Option<HeadNumber>,
    /// Its programs.
    pub programs: Vec<Kept>,
    /// How many objects were read through, and their bytes.
    pub objects: (u64, u64),
    /// What is damaged or missing, by its path in the data folder.
    pub faults: BTreeMap<String, Text>,
}

/// A program of the head in force.
pub struct Kept {
    /// Its digest.
    pub program: Digest,
    /// Its title, if its manifest is there.
    pub title: Option<String>,
    /// Why it is not shown though nothing of it is damaged.
    pub refused: Option<Text>,
}

/// Looks at all of it. An error: there is no root to begin with, or the disk can't be read.
pub fn audit(settings: &Settings) -> Result<Audit, Text> {
    let first = stored::provisioned(&settings.root)?;
    let holdings = Holdings::new(settings.data.join("store"));
    let data = settings.data.display().to_string();
    let mut audit = Audit::default();
    let copies = StateFiles::new(&settings.data).look().map_err(|error| text!(vi: "{data}: {error}", en: "{data}: {error}"))?;
    let state = audit.state(copies);
    let roots = stored::roots(first, &holdings);
    let newest = &roots[roots.len() - 1];
    audit.root = newest.body().version;
    if audit.root < state.root {
        audit.damaged(layout::root(audit.root + 1));
    }
    audit.statements(settings, &roots, &holdings, &state);
    let mut objects = BTreeMap::new();
    if let Some(number) = state.head() {
        let head = audit.head(settings, &roots, &holdings, number);
        audit.head = head.as_ref().map(|head| head.body().number());
        for entry in head.iter().flat_map(|head| &head.body().programs) {
            audit.program(newest, settings, entry, &holdings);
            objects.extend(stored::unjudged(entry, &holdings).iter().flat_map(stored::objects));
        }
    }
    if let Some(number) = state.previous {
        let earlier = audit.head(settings, &roots, &holdings, number);
        for entry in earlier.iter().flat_map(|head| &head.body().programs) {
            match stored::unjudged(entry, &holdings) {
                Some(program) if program.digest() == entry.program => objects.extend(stored::objects(&program)),
                _ => audit.damaged(layout::program(entry.program)),
            }
        }
    }
    audit.objects(&objects, &holdings).map_err(|unusable| {
        let reason = unusable.reason;
        text!(vi: "{data}: {reason}", en: "{data}: {reason}")
    })?;
    Ok(audit)
}

impl Audit {
    fn damaged(&mut self, document: String) {
        let path = format!("store/{document}");
        self.faults
            .entry(path)
            .or_insert_with(|| text!(vi: "thiếu hoặc không còn đúng chữ ký, mã băm", en: "is missing, or no longer what was signed"));
    }

    /// The newer good copy of the state; nothing is committed before the first pull.
    fn state(&mut self, copies: [(&'static str, Copy); 2]) -> State {
        let mut newest: Option<State> = None;
        for (name, copy) in copies {
            match copy {
                Copy::Good(state) if newest.as_ref().is_none_or(|held| held.rank() < state.rank()) => newest = Some(state),
                Copy::Good(_) | Copy::Absent => {}
                Copy::Damaged => {
                    self.faults.insert(
                        name.to_owned(),
                        text!(vi: "không đọc được; bản kia được dùng", en: "can't be read; the other copy is used"),
                    );
                }
            }
        }
        newest.unwrap_or_default()
    }

    fn statements(&mut self, settings: &Settings, roots: &[Verified<Root>], holdings: &Holdings, state: &State) {
        self.withdrawals = statements::withdrawals(roots, holdings).len() as u64;
        if self.withdrawals < state.withdrawals {
            self.damaged(layout::withdrawal(self.withdrawals + 1));
        }
        let releases = statements::releases(roots, &settings.site, holdings);
        self.releases = releases.len() as u64;
        for name in holdings.names(&format!("releases/{}", settings.site)).unwrap_or_default() {
            if let Some(number) = name.strip_suffix(".json").and_then(|number| number.parse().ok())
                && !releases.contains_key(&number)
            {
                self.damaged(layout::release(&settings.site, number));
            }
        }
    }

    fn head(&mut self, settings: &Settings, roots: &[Verified<Root>], holdings: &Holdings, number: HeadNumber) -> Option<Verified<Head>> {
        let head = stored::head(roots, &settings.site, holdings, number);
        if head.is_none() {
            self.damaged(layout::head(&settings.site, number));
        }
        head.map(|(head, _)| head)
    }

    fn program(&mut self, root: &Verified<Root>, settings: &Settings, entry: &Entry, holdings: &Holdings) {
        let title = |program: &Program| program.manifest().title.clone();
        let refused = match stored::program(root, &settings.site, entry, holdings) {
            Ok(_) => None,
            Err(refusal) => {
                if refusal.is_incomplete() {
                    let path = format!("store/{}", layout::program(entry.program));
                    let Text { vi, en } = refusal.text();
                    self.faults.insert(path, text!(vi: "bản kê hoặc văn bản phê duyệt của nó: {vi}", en: "it or its approvals: {en}"));
                }
                Some(refusal.text().clone())
            }
        };
        self.programs.push(Kept { program: entry.program, title: stored::unjudged(entry, holdings).as_ref().map(title), refused });
    }

    fn objects(&mut self, objects: &BTreeMap<Digest, u64>, holdings: &Holdings) -> Result<(), Unusable> {
        let look = |digest, size| {
            let read = holdings.is_whole(digest, size).map_err(|error| Unusable::new(format!("{}: {error}", layout::object(digest))))?;
            Ok(match read {
                None => Some(Wrong::Absent),
                Some(false) => Some(Wrong::Differs),
                Some(true) => None,
            })
        };
        for (digest, what) in look::wrong_objects(READERS, objects, look)? {
            let detail = match what {
                Wrong::Absent => text!(vi: "không có: chưa tải về hoặc đã mất", en: "is not there: still to be fetched, or lost"),
                Wrong::Differs => text!(vi: "có nội dung khác", en: "has different content"),
            };
            self.faults.insert(format!("store/{}", layout::object(digest)), detail);
        }
        self.objects = (objects.len() as u64, objects.values().sum());
        Ok(())
    }
}
