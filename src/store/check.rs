//! `bangtin store check`: verifies every head of every site, judges the newest as a new player does, and checks every file they name.
//! Never changes a store.

use std::collections::{BTreeMap, BTreeSet};

use super::backend::StoreBackend;
use super::lacking::{Lacking, LackingProgram};
use super::layout;
use super::object_check::{self, CheckDepth};
use super::survey::{self, StoreFaultKind, StoreFaults};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HINT_BYTES, MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::head::{Head, HeadEntry, HeadNumber};
use crate::trust::hint::Hint;
use crate::trust::judge::{self, HeadContext};
use crate::trust::refusal::Refusal;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// Contents of one site.
#[derive(Debug)]
pub struct SiteSummary {
    pub site: SiteId,
    /// Number of good heads.
    pub heads: usize,
    /// `None` without a good head.
    pub newest: Option<HeadNumber>,
    /// When the newest good head was signed.
    pub signed: Option<Timestamp>,
    /// Number of programs in the newest good head.
    pub programs: usize,
    /// The root that the newest good head counts on.
    pub root_min: Option<u64>,
}

/// Contents and faults of a store.
#[derive(Debug)]
pub struct StoreReport {
    /// The newest root.
    pub root: Verified<Root>,
    /// Number of good withdrawals, counted from 1 without a gap.
    pub withdrawals: u64,
    pub sites: Vec<SiteSummary>,
    /// Number of distinct objects named by good heads.
    pub objects: usize,
    /// Total size of these objects.
    pub bytes: u64,
    pub faults: StoreFaults,
    /// What only people can give; each lack is one of the faults, and no file is at fault for it.
    pub lacking: Lacking,
}

/// Checks a store. `trusted`: the roots of the content folder, empty without one; `sites`: the sites to check, empty for all.
pub fn check(store: &dyn StoreBackend, trusted: &[&Verified<Root>], sites: &[SiteId], depth: CheckDepth) -> Result<StoreReport, Failure> {
    let mut faults = StoreFaults::default();
    store.obstacles()?.into_iter().for_each(|(path, text)| faults.add(&path, StoreFaultKind::Damaged, text));
    let (published, waiting) = trusted.split_at(published(store, trusted, sites)?);
    let roots = survey::root_chain(store, published, &mut faults)?;
    if let Some(newest) = waiting.last() {
        let there = published.len();
        let text = crate::text!(vi: "nội dung đã có, kho mới có đến số {there}", en: "the content has it, the store leads to root {there}");
        faults.add(&layout::root(newest.body().version), StoreFaultKind::Waiting, text);
    }
    let newest_first: Vec<_> = roots.iter().rev().collect();
    let mut lacking = Lacking::default();
    let withdrawals = withdrawals(store, &newest_first, &mut faults, &mut lacking)?;
    let sites = if sites.is_empty() { survey::sites(store)?.ok_or_else(|| listing_unsupported(store))? } else { sites.to_vec() };
    let (manifests, objects) = (BTreeMap::new(), BTreeMap::new());
    let mut look = StoreChecker { store, roots: newest_first, withdrawals, faults, manifests, objects, lacking };
    if sites.is_empty() {
        look.faults.add(
            "sites/",
            StoreFaultKind::Missing,
            crate::text!(vi: "kho không có bản phát hành nào", en: "the store has no release"),
        );
    }
    let sites = sites.into_iter().map(|site| look.site(site)).collect::<Result<_, _>>()?;
    look.check_objects(depth)?;
    let StoreChecker { faults, objects, roots: newest_first, withdrawals, lacking, .. } = look;
    let (root, withdrawals, bytes) = (newest_first[0].clone(), withdrawals.len() as u64, objects.values().sum());
    Ok(StoreReport { root, withdrawals, sites, objects: objects.len(), bytes, faults, lacking })
}

/// How many of the `trusted` roots players can have: all, but for the newest ones if the store lacks them and nothing in it counts on them.
fn published(store: &dyn StoreBackend, trusted: &[&Verified<Root>], sites: &[SiteId]) -> Result<usize, Failure> {
    let all = trusted.len();
    let mut held = all;
    while held > 0 && store.size(&layout::root(held as u64))?.is_none() {
        held -= 1;
    }
    if held == 0 || held == all {
        return Ok(all);
    }
    let roots: Vec<_> = trusted.iter().rev().copied().collect();
    let sites = if sites.is_empty() { survey::sites(store)?.unwrap_or_default() } else { sites.to_vec() };
    for site in &sites {
        let hinted = store.hint(site)?.map_or(0, |hint| hint.root);
        let counted = survey::newest_head(store, &roots, site)?.map_or(0, |(head, _)| head.body().root_min);
        if hinted.max(counted) > held as u64 {
            return Ok(all);
        }
    }
    Ok(held)
}

/// Adds the sites that have had a release and have none here.
pub fn compare_sites(report: &mut StoreReport, published: &[SiteId]) {
    for site in published.iter().filter(|site| report.sites.iter().all(|here| here.site != **site)) {
        let text = crate::text!(
            vi: "cụm này đã có bản phát hành (xem kho lưu giữ), trong kho không có bản nào; kho chỉ dành cho vài cụm thì nêu chúng bằng --site",
            en: "this site has had releases (see the archive), the store has none; if the store is for some sites only, name them with --site"
        );
        report.faults.add(&layout::heads(site), StoreFaultKind::Missing, text);
    }
}

fn withdrawn_evergreen() -> Text {
    crate::text!(
        vi: "chương trình thường xuyên đã bị thu hồi, không còn chương trình thường xuyên nào khác; không tệp nào hỏng",
        en: "the evergreen program is withdrawn, and there is no other; no file is at fault"
    )
}

/// The program of an entry, if approvals are what it lacks.
fn lacking_program(site: &SiteId, entry: &HeadEntry, manifest: &[u8], refusal: &Refusal) -> Option<LackingProgram> {
    let program = Program::parse(manifest).ok().filter(|_| matches!(refusal, Refusal::Approvals(_)))?;
    let manifest = program.manifest();
    Some(LackingProgram { site: site.clone(), kind: entry.kind, month: manifest.month, until: manifest.valid.until })
}

fn no_approval() -> Text {
    crate::text!(
        vi: "không phải văn bản phê duyệt chương trình này, hoặc chữ ký không hợp lệ",
        en: "is no approval of this program, or badly signed"
    )
}

fn listing_unsupported(store: &dyn StoreBackend) -> Failure {
    let name = store.name();
    Failure::Usage(crate::text!(
        vi: "{name} không liệt kê được tệp; hãy nêu cụm cần kiểm tra bằng --site",
        en: "{name} can't list its files; name the sites to look at with --site"
    ))
}

/// Reads withdrawals from 1 on without a gap. A new player judges all of them by the newest root.
fn withdrawals(
    store: &dyn StoreBackend,
    roots: &[&Verified<Root>],
    faults: &mut StoreFaults,
    lacking: &mut Lacking,
) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    let mut good = Vec::new();
    let reviewers: BTreeSet<_> = roots.iter().flat_map(|root| root.body().reviewers()).collect();
    for number in 1.. {
        let path = layout::withdrawal(number);
        let Some(bytes) = store.read(&path, SMALL_DOCUMENT_BYTES)? else { break };
        let mut signatures = Vec::new();
        for kid in &reviewers {
            signatures.extend(store.read(&layout::withdrawal_signature(number, *kid), SIGNATURE_BYTES)?);
        }
        let whole = judge::is_whole_withdrawal(roots.iter().copied(), number, &bytes, &signatures);
        match judge::withdrawal(roots[0], number, bytes, signatures) {
            Ok(withdrawal) => good.push(withdrawal),
            // A player stops here.
            Err(refusal) => {
                lacking.withdrawals.extend(whole.then_some(number));
                let kind = if whole { StoreFaultKind::Lacking } else { StoreFaultKind::Refused };
                faults.add(&path, kind, refusal.text().clone());
                break;
            }
        }
    }
    Ok(good)
}

struct StoreChecker<'a> {
    store: &'a dyn StoreBackend,
    /// Newest first.
    roots: Vec<&'a Verified<Root>>,
    withdrawals: Vec<Verified<Withdrawal>>,
    faults: StoreFaults,
    /// Manifests read so far; `None`: missing or damaged.
    manifests: BTreeMap<Digest, Option<Vec<u8>>>,
    objects: BTreeMap<Digest, u64>,
    lacking: Lacking,
}

impl StoreChecker<'_> {
    fn site(&mut self, site: SiteId) -> Result<SiteSummary, Failure> {
        let (mut heads, mut newest) = (0, None);
        for number in self.store.head_numbers(&site)? {
            if let Some((head, _)) = survey::head(self.store, &self.roots, &site, number, &mut self.faults)? {
                heads += 1;
                head.body().programs.iter().try_for_each(|entry| self.check_program(entry))?;
                newest = Some(head);
            }
        }
        self.hint(&site, newest.as_ref())?;
        if let Some(head) = &newest {
            self.check_newest_head(&site, head)?;
        } else {
            let path = layout::heads(&site);
            self.faults.add(
                &path,
                StoreFaultKind::Missing,
                crate::text!(vi: "không có bản phát hành nào hợp lệ", en: "no release is good"),
            );
        }
        let body = newest.as_ref().map(Verified::body);
        let programs = body.map_or(0, |head| head.programs.len());
        let (newest, signed, root_min) = (body.map(Head::number), newest.as_ref().map(Verified::issued), body.map(|head| head.root_min));
        Ok(SiteSummary { site, heads, newest, signed, programs, root_min })
    }

    fn hint(&mut self, site: &SiteId, newest: Option<&Verified<Head>>) -> Result<(), Failure> {
        let path = layout::hint(site);
        let Some(bytes) = self.store.read(&path, HINT_BYTES)? else {
            self.faults.missing(&path);
            return Ok(());
        };
        let Some(latest) = Hint::parse(&bytes) else {
            self.faults.add(&path, StoreFaultKind::Damaged, crate::text!(vi: "sai dạng", en: "is malformed"));
            return Ok(());
        };
        let newest = newest.map(|head| head.body().number()).unwrap_or_default();
        let hinted = latest.head_number();
        let (root, good) = (self.roots[0].body().version, self.withdrawals.len() as u64);
        if hinted != newest {
            let text = crate::text!(
                vi: "chỉ tới bản phát hành {hinted}, bản mới nhất hợp lệ là {newest}; phát hành lại để sửa",
                en: "names release {hinted}, the newest good one is {newest}; publish again to fix it"
            );
            self.faults.add(&path, StoreFaultKind::Behind, text);
        } else if latest.root < root && latest.withdrawals >= good {
            let hinted = latest.root;
            let text = crate::text!(
                vi: "báo văn bản phân quyền số {hinted}, trong kho có số {root}: đầu phát biết chậm đến mười phút",
                en: "names root {hinted}, the store has root {root}: players learn of it up to ten minutes later"
            );
            self.faults.add(&path, StoreFaultKind::Waiting, text);
        } else if latest.withdrawals < good {
            let Hint { root: hinted, withdrawals: taken, .. } = latest;
            let [named, there] = [taken, good].map(|count| numbers::counted(count, "withdrawal"));
            let text = crate::text!(
                vi: "báo văn bản phân quyền số {hinted} và {taken} văn bản thu hồi, trong kho có số {root} và {good}: đầu phát biết phần còn lại chậm đến mười phút; phát hành lại để sửa",
                en: "names root {hinted} and {named}, the store has root {root} and {there}: players learn of the rest up to ten minutes later; publish again to fix it"
            );
            self.faults.add(&path, StoreFaultKind::Behind, text);
        }
        if latest.withdrawals > good {
            self.faults.missing(&layout::withdrawal(good + 1));
        }
        Ok(())
    }

    /// Judges the newest head as a new player does.
    fn check_newest_head(&mut self, site: &SiteId, head: &Verified<Head>) -> Result<(), Failure> {
        let (root, body) = (self.roots[0], head.body());
        let path = layout::head(site, body.number());
        let signature = self.store.read(&layout::head_signature(site, body.number()), SIGNATURE_BYTES)?.unwrap_or_default();
        let held = HeadContext { root, withdrawals: self.withdrawals.len() as u64, head: None };
        if let Err(refusal) = judge::head(held, site, body.number(), head.bytes().to_vec(), signature) {
            self.faults.add(&path, StoreFaultKind::Lacking, refusal.text().clone());
        }
        let (mut left, mut gone) = (Vec::new(), false);
        for entry in &body.programs {
            let mut files = BTreeMap::new();
            for kid in judge::approvals_to_fetch(root, entry) {
                let file = self.store.approval(entry.program, kid)?;
                if file.as_ref().is_some_and(|file| !judge::is_approval_of(root, entry, file)) {
                    self.faults.add(&layout::approval(entry.program, kid), StoreFaultKind::Damaged, no_approval());
                }
                files.extend(file.map(|file| (kid, file)));
            }
            let Some(Some(manifest)) = self.manifests.get(&entry.program) else { continue };
            match judge::program_with_approvals(root, (site, entry), manifest, &files) {
                // A later withdrawal is no fault of the head; the program just does not count.
                Ok(approved) if judge::withdrawal_effect(root.body(), &self.withdrawals, approved.program()).program => {
                    gone |= entry.kind == ProgramKind::Evergreen;
                }
                Ok(approved) => left.push(approved),
                Err(refusal) => {
                    self.faults.add(&layout::program(entry.program), StoreFaultKind::Lacking, refusal.text().clone());
                    self.lacking.programs.extend(lacking_program(site, entry, manifest, &refusal));
                }
            }
        }
        match judge::ensure_evergreen_left(&left) {
            Err(_) if gone => {
                self.lacking.evergreen.insert(site.clone());
                self.faults.add(&path, StoreFaultKind::Lacking, withdrawn_evergreen());
            }
            Err(refusal) => self.faults.add(&path, StoreFaultKind::Lacking, refusal.text().clone()),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Checks the documents of a program and notes the objects that it names.
    fn check_program(&mut self, entry: &HeadEntry) -> Result<(), Failure> {
        for kid in &entry.approvals {
            for path in [layout::approval(entry.program, *kid), layout::approval_signature(entry.program, *kid)] {
                if self.store.size(&path)?.is_none() {
                    self.faults.missing(&path);
                }
            }
        }
        if self.manifests.contains_key(&entry.program) {
            return Ok(());
        }
        let path = layout::program(entry.program);
        let bytes = match self.store.size(&path)? {
            None => {
                self.faults.missing(&path);
                None
            }
            Some(size) if size > MANIFEST_BYTES => None,
            Some(_) => self.store.read(&path, MANIFEST_BYTES)?.filter(|bytes| Digest::of(bytes) == entry.program),
        };
        let program = bytes.as_ref().and_then(|bytes| Program::parse(bytes).ok());
        if program.is_none() {
            self.faults.add(&path, StoreFaultKind::Damaged, crate::text!(vi: "không khớp mã băm", en: "does not match its digest"));
        }
        for file in program.iter().flat_map(|program| &program.manifest().files) {
            self.objects.insert(file.sha256, file.size);
        }
        self.manifests.insert(entry.program, bytes);
        Ok(())
    }

    fn check_objects(&mut self, depth: CheckDepth) -> Result<(), Failure> {
        let workers = self.store.max_writers().max(2);
        let wrong = object_check::object_faults(workers, &self.objects, |digest, size| {
            object_check::check_in_store(self.store, depth, digest, size)
        })?;
        for (digest, what) in wrong {
            let path = layout::object(digest);
            match what {
                object_check::ObjectFault::Absent => self.faults.missing(&path),
                object_check::ObjectFault::Differs => {
                    self.faults.add(&path, StoreFaultKind::Damaged, crate::text!(vi: "không khớp mã băm", en: "does not match its digest"));
                }
            }
        }
        Ok(())
    }
}
