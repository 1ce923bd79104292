//! Verifies everything that a player keeps by the cycle's own checks: state, documents, objects.
//! Never changes anything, so it may run beside the player, and never uses the network.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::data_lock;
use super::data_words::{self, without_copy};
use super::partly::missing_slides;
use super::settings::PullSettings;
use super::stored::{self, Shelf};
use super::traces::{self, State};
use super::transport::PullError;
use super::trusted::{ProgramDocuments, Stored, Trusted};
use super::whole::WholePrograms;
use crate::base::digest::Digest;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::program::validate::Program;
use crate::store::known::Known;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::object_check::{self, ObjectFault};
use crate::store::state::{Documents, PlayerState, StateCopy, StateFiles};
use crate::text;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber};
use crate::trust::root::Root;

/// Objects read at the same time.
const READERS: usize = 8;

/// How long a player may take to store what it has received.
const STORING: Duration = Duration::from_secs(1);

/// The result of an audit.
#[derive(Default)]
pub struct Audit {
    pub root: u64,
    /// Number of withdrawals.
    pub withdrawals: u64,
    /// Numbers of withdrawals that different statements carry, and how many do.
    pub twins: BTreeMap<u64, u64>,
    /// Number of kit releases.
    pub releases: u64,
    /// The head in force; `None` before the first.
    pub head: Option<HeadNumber>,
    pub programs: Vec<AuditedProgram>,
    /// The highest number that a segment of the journal was given, as far as the state knows.
    pub segment: u64,
    /// Number of objects read, and their bytes.
    pub objects: (u64, u64),
    /// Damaged or lost files, by path in the data folder.
    pub faults: BTreeMap<String, Text>,
    /// Why a start shows nothing until a source has given again what is lost, and what to do.
    pub lost: Option<Text>,
    /// Objects that are not there, of programs only that were not on air at the last report: they have yet to be fetched.
    pub pending: BTreeMap<String, Text>,
}

/// A program of the head in force.
pub struct AuditedProgram {
    pub program: Digest,
    pub kind: ProgramKind,
    /// `None` without its manifest.
    pub title: Option<String>,
    /// Of a monthly program whose manifest is there.
    pub month: Option<Month>,
    /// Why it is not shown.
    pub refused: Option<Text>,
    /// Without which slides a start shows it, since files of them are damaged or lost.
    pub missing_slides: BTreeSet<SlideId>,
    /// What a start makes of its damaged or lost files.
    pub damage: Option<Text>,
}

/// Audits a data folder; `on_air`: the programs on air at the last report, which were whole then. Fails if there is no valid provisioned root or the disk can't be read.
pub fn audit(settings: &PullSettings, on_air: &[Digest]) -> Result<Audit, Text> {
    let first = stored::provisioned_root(&settings.root)?;
    let holdings = LocalStore::new(settings.data.join("store"));
    let (data, place) = (settings.data.display().to_string(), data_lock::folder_identity(&settings.data));
    let holdings = &holdings;
    let (mut audit, mut trusted, mut known, mut before) = statements(settings, first.clone(), holdings);
    if !audit.faults.is_empty() {
        // A running player may be storing what it has just received.
        std::thread::sleep(STORING);
        (audit, trusted, known, before) = statements(settings, first, holdings);
    }
    // What the state holds whole is not judged: a damaged file is a fault although a player does without it.
    let kept = Documents::new();
    let shelf = Shelf { kept: &kept, holdings };
    let (mut objects, mut whole, mut shown) = (BTreeMap::new(), BTreeSet::new(), Vec::new());
    if let Some(number) = known.head {
        let head = audit.head(&trusted, shelf, number);
        audit.head = head.as_ref().map(|head| head.body().number());
        for entry in head.iter().flat_map(|head| &head.body().programs) {
            audit.program(&trusted, entry, holdings);
            let program = stored::parse_program(entry.program, holdings).ok().flatten();
            // What is withdrawn whole is not kept.
            if program.as_ref().is_some_and(|program| trusted.withdrawn(program).program) {
                if let Some(audited) = audit.programs.last_mut() {
                    audited.refused = Some(text!(vi: "đã thu hồi, tệp không được giữ", en: "withdrawn, its files are not kept"));
                }
                continue;
            }
            objects.extend(program.iter().flat_map(stored::objects));
            let was_whole = on_air.contains(&entry.program) || before.contains_key(&entry.program);
            whole.extend(program.iter().filter(|_| was_whole).flat_map(stored::objects).map(|(digest, _)| digest));
            shown.extend(program.map(|program| (audit.programs.len() - 1, program)));
        }
    }
    let absent = audit.objects((&objects, &whole), holdings).map_err(|error| {
        let Text { vi, en } = error.reason;
        text!(vi: "{data}: {vi}", en: "{data}: {en}")
    })?;
    for (at, program) in &shown {
        audit.programs[*at].lacks(program, &trusted, &absent, holdings);
    }
    if data_lock::folder_identity(&settings.data) != place {
        return Err(text!(
            vi: "thư mục dữ liệu {data} đã bị chuyển đi hoặc thay thế trong khi kiểm tra; hãy chạy lại",
            en: "the data folder {data} was moved away or replaced while it was read; run this again"
        ));
    }
    Ok(audit)
}

/// Why a start would show nothing, by all that it would find. `known`: what the player once had, and why that may be more.
fn lost(settings: &PullSettings, mut trusted: Trusted, (known, unsure): (Known, Option<Text>), holdings: &LocalStore) -> Option<Text> {
    let kept = StateFiles::new(&settings.data).documents();
    let shelf = Shelf { kept: &kept, holdings };
    stored::recover(&mut trusted, shelf);
    trusted.remember(known, unsure);
    let head = stored::highest_head(&trusted, shelf);
    trusted.rejudge(&Stored { head, program: &|_, _| ProgramDocuments::default(), holds: &|_, _| false }).lost
}

/// Audits the state and the statements: what it and other files tell of has to be there.
fn statements(settings: &PullSettings, first: Verified<Root>, holdings: &LocalStore) -> (Audit, Trusted, Known, WholePrograms) {
    let (mut audit, files) = (Audit::default(), StateFiles::new(&settings.data));
    let (state, all_lost) = audit.state(files.inspect());
    let kept = Documents::new();
    let shelf = Shelf { kept: &kept, holdings };
    let (trusted, _) = stored::trusted(&settings.site, first.clone(), state.floor, shelf);
    audit.segment = state.segment;
    let is_whole = !all_lost && state.lost.is_none();
    let told = traces::traces(&settings.data, &settings.site, holdings, if is_whole { State::Whole } else { State::Lost });
    let known = state.known().joined(told.known);
    audit.faults.extend(told.unsure.clone().map(|reason| ("store".to_owned(), reason)));
    audit.lost = lost(settings, Trusted::new(settings.site.clone(), first, state.floor), (known, told.unsure), holdings);
    // Before the first start there is no state.
    if !all_lost || traces::is_used(&settings.data) {
        audit.missing_copies(&files, all_lost);
    }
    audit.root = trusted.root().body().version;
    audit.statements(&trusted, shelf, known);
    audit.twins(&trusted, Shelf { kept: &state.documents, holdings }, known);
    audit.releases(&trusted, Shelf { kept: &state.documents, holdings }, known);
    (audit, trusted, known, state.whole)
}

impl Audit {
    fn report_damaged(&mut self, document: String) {
        let path = format!("store/{document}");
        self.faults
            .entry(path)
            .or_insert_with(|| text!(vi: "thiếu hoặc không còn đúng chữ ký, mã băm", en: "is missing, or no longer what was signed"));
    }

    /// The newer good copy of the state; the default, and true, without one.
    fn state(&mut self, copies: [(&'static str, StateCopy); 2]) -> (PlayerState, bool) {
        let all_lost = !copies.iter().any(|(_, copy)| matches!(copy, StateCopy::Good(_)));
        let mut newest: Option<PlayerState> = None;
        for (name, copy) in copies {
            match copy {
                StateCopy::Good(state) if newest.as_ref().is_none_or(|held| held.rank() < state.rank()) => newest = Some(state),
                StateCopy::Good(_) | StateCopy::Absent => {}
                StateCopy::Damaged => {
                    let Text { vi, en } = without_copy(all_lost);
                    self.faults.insert(name.to_owned(), text!(vi: "không đọc được; {vi}", en: "can't be read; {en}"));
                }
            }
        }
        (newest.unwrap_or_default(), all_lost)
    }

    fn missing_copies(&mut self, files: &StateFiles, all_lost: bool) {
        for (name, copy) in files.inspect() {
            if copy == StateCopy::Absent {
                let Text { vi, en } = without_copy(all_lost);
                self.faults.insert(name.to_owned(), text!(vi: "không có; {vi}", en: "is not there; {en}"));
            }
        }
    }

    /// Those that are known of, and those of which the disk has a file.
    fn statements(&mut self, trusted: &Trusted, shelf: Shelf<'_>, known: Known) {
        let there = |folder: &str| stored::statement_numbers(&shelf.names(folder));
        let next = (known.root > self.root).then_some(self.root + 1);
        let root = self.root;
        for number in there("root").into_iter().chain(next).filter(|number| *number > root) {
            self.report_damaged(layout::root(number));
        }
        self.withdrawals = trusted.withdrawals().len() as u64;
        let next = (known.withdrawals > self.withdrawals).then_some(self.withdrawals + 1);
        for number in there("withdrawals").into_iter().chain(next).filter(|number| !trusted.chain().has(*number)) {
            self.report_damaged(layout::withdrawal(number));
        }
    }

    /// As [`Audit::statements`]: other withdrawals under numbers that are taken.
    fn twins(&mut self, trusted: &Trusted, shelf: Shelf<'_>, known: Known) {
        let chain = trusted.chain();
        self.twins = chain.twin_numbers().map(|number| (number, chain.of(number).count() as u64)).collect();
        for (number, digest) in
            stored::twins(&shelf.names("withdrawals")).into_iter().filter(|(number, digest)| !chain.has_twin(*number, *digest))
        {
            self.report_damaged(layout::withdrawal_twin(number, digest));
        }
        if known.twins > chain.twin_count() {
            self.report_damaged("withdrawals".to_owned());
        }
    }

    /// As [`Audit::statements`]. `shelf`: with what the state holds.
    fn releases(&mut self, trusted: &Trusted, shelf: Shelf<'_>, known: Known) {
        self.releases = trusted.releases().len() as u64;
        let last = Some(known.kit_release).filter(|last| *last > 0);
        for number in stored::release_numbers(trusted.site(), shelf).into_iter().chain(last) {
            if !trusted.releases().contains_key(&number) {
                self.report_damaged(layout::release(trusted.site(), number));
            }
        }
    }

    fn head(&mut self, trusted: &Trusted, shelf: Shelf<'_>, number: HeadNumber) -> Option<Verified<Head>> {
        let head = stored::verified_head(trusted, shelf, number);
        if head.is_none() {
            self.report_damaged(layout::head(trusted.site(), number));
        }
        head
    }

    fn program(&mut self, trusted: &Trusted, entry: &HeadEntry, holdings: &LocalStore) {
        let manifest = stored::parse_program(entry.program, holdings).ok().flatten();
        let refused = match stored::program(trusted, entry, holdings) {
            Ok(_) => None,
            Err(refusal) => {
                if refusal.is_retryable() {
                    let path = format!("store/{}", layout::program(entry.program));
                    let Text { vi, en } = refusal.text();
                    self.faults.insert(path, text!(vi: "bản kê hoặc văn bản phê duyệt của nó: {vi}", en: "it or its approvals: {en}"));
                }
                Some(refusal.text().clone())
            }
        };
        self.programs.push(AuditedProgram {
            program: entry.program,
            kind: entry.kind,
            title: manifest.as_ref().map(|program| program.manifest().title.clone()),
            month: manifest.as_ref().and_then(|program| program.manifest().month),
            refused,
            missing_slides: BTreeSet::new(),
            damage: None,
        });
    }

    /// `whole`: objects that were there at the last report. Gives those that are damaged or not there, each with whether it has yet to be fetched.
    fn objects(
        &mut self,
        (objects, whole): (&BTreeMap<Digest, u64>, &BTreeSet<Digest>),
        holdings: &LocalStore,
    ) -> Result<BTreeMap<Digest, bool>, PullError> {
        let mut absent = BTreeMap::new();
        let look = |digest, size| -> Result<_, PullError> {
            let read = holdings.check_object(digest, size).map_err(|error| PullError::io(&layout::object(digest), &error))?;
            Ok(match read {
                None => Some(ObjectFault::Absent),
                Some(false) => Some(ObjectFault::Differs),
                Some(true) => None,
            })
        };
        self.objects = (objects.len() as u64, objects.values().sum());
        for (digest, what) in object_check::object_faults(READERS, objects, look)? {
            if what == ObjectFault::Absent {
                self.objects = (self.objects.0 - 1, self.objects.1 - objects[&digest]);
            }
            let (faults, detail) = match what {
                ObjectFault::Absent if !whole.contains(&digest) => (&mut self.pending, text!(vi: "chưa có", en: "is not there yet")),
                ObjectFault::Absent => (&mut self.faults, text!(vi: "đã mất", en: "is lost")),
                ObjectFault::Differs => (&mut self.faults, text!(vi: "có nội dung khác", en: "has different content")),
            };
            faults.insert(format!("store/{}", layout::object(digest)), detail);
            absent.insert(digest, what == ObjectFault::Absent && !whole.contains(&digest));
        }
        Ok(absent)
    }
}

impl AuditedProgram {
    /// Notes what a start makes of the damaged and lost files of a program. `absent`: with whether it has yet to be fetched, in which case the program is not
    /// on air before.
    fn lacks(&mut self, program: &Program, trusted: &Trusted, absent: &BTreeMap<Digest, bool>, holdings: &LocalStore) {
        let lacking: BTreeMap<Digest, bool> =
            stored::objects(program).into_keys().filter_map(|digest| Some((digest, *absent.get(&digest)?))).collect();
        if lacking.is_empty() || lacking.values().any(|pending| *pending) || self.refused.is_some() {
            return;
        }
        let withdrawn = trusted.withdrawn(program).slides;
        let Some(missing) = missing_slides(program, Some(&withdrawn), &lacking.into_keys().collect(), holdings) else {
            self.damage = Some(data_words::not_without());
            return;
        };
        self.damage = data_words::without_slides(&missing);
        self.missing_slides = missing;
    }
}
