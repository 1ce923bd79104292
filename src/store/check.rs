//! `bangtin store check`: every head of every site as a player would judge it from the newest root, and everything that it names.
//! Never changes a store.

use std::collections::BTreeMap;

use super::layout;
use super::look::{self, Depth};
use super::place::Place;
use super::survey::{self, Faults, Wrong};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{LATEST_BYTES, MANIFEST_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::program::verify::Program;
use crate::trust::document::Verified;
use crate::trust::head::{Entry, Head, HeadNumber};
use crate::trust::judge::{self, ApprovalFile, Held};
use crate::trust::latest::Latest;
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// What a site has.
#[derive(Debug)]
pub struct SiteState {
    /// The site.
    pub site: SiteId,
    /// How many heads.
    pub heads: usize,
    /// The newest.
    pub newest: Option<HeadNumber>,
    /// How many programs the newest names.
    pub programs: usize,
}

/// What a store has, and what is wrong with it.
#[derive(Debug)]
pub struct Report {
    /// The newest root.
    pub root: Verified<Root>,
    /// How many withdrawals.
    pub withdrawals: u64,
    /// Its sites.
    pub sites: Vec<SiteState>,
    /// How many objects the heads name.
    pub objects: usize,
    /// Their bytes together.
    pub bytes: u64,
    /// What is wrong.
    pub faults: Faults,
}

/// Checks a store. `trusted`: the roots of the content folder, none if there is none; `sites`: those to look at, empty for all.
pub fn check(store: &dyn Place, trusted: &[&Verified<Root>], sites: &[SiteId], depth: Depth) -> Result<Report, Failure> {
    let mut faults = Faults::default();
    let roots = survey::roots(store, trusted, &mut faults)?;
    let newest_first: Vec<_> = roots.iter().rev().collect();
    let withdrawals = withdrawals(store, newest_first[0], &mut faults)?;
    let sites = if sites.is_empty() { survey::sites(store)?.ok_or_else(|| unlisted(store))? } else { sites.to_vec() };
    let mut look = Look { store, roots: newest_first, withdrawals, faults, manifests: BTreeMap::new(), objects: BTreeMap::new() };
    let sites = sites.into_iter().map(|site| look.site(site)).collect::<Result<_, _>>()?;
    look.objects(depth)?;
    let Look { faults, objects, roots: newest_first, withdrawals, .. } = look;
    let (count, bytes) = (objects.len(), objects.values().sum());
    Ok(Report { root: newest_first[0].clone(), withdrawals: withdrawals.len() as u64, sites, objects: count, bytes, faults })
}

fn unlisted(store: &dyn Place) -> Failure {
    let name = store.name();
    Failure::Usage(crate::text!(
        vi: "{name} không liệt kê được tệp; hãy nêu cụm cần kiểm tra bằng --site",
        en: "{name} can't list its files; name the sites to look at with --site"
    ))
}

/// The withdrawals from 1 on without a gap. A new player judges all of them by the newest root.
fn withdrawals(store: &dyn Place, root: &Verified<Root>, faults: &mut Faults) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    let mut good = Vec::new();
    for number in 1.. {
        let path = layout::withdrawal(number);
        let Some(bytes) = store.read(&path, SMALL_DOCUMENT_BYTES)? else { break };
        let mut signatures = Vec::new();
        for kid in root.body().reviewers() {
            signatures.extend(store.read(&layout::withdrawal_signature(number, kid), SIGNATURE_BYTES)?);
        }
        match judge::withdrawal(root, number, bytes, signatures) {
            Ok(withdrawal) => good.push(withdrawal),
            // A player goes no further.
            Err(refusal) => {
                faults.add(&path, Wrong::Refused, refusal.text().clone());
                break;
            }
        }
    }
    Ok(good)
}

struct Look<'a> {
    store: &'a dyn Place,
    /// Newest first.
    roots: Vec<&'a Verified<Root>>,
    withdrawals: Vec<Verified<Withdrawal>>,
    faults: Faults,
    /// Manifests that were read; `None`: missing or damaged.
    manifests: BTreeMap<Digest, Option<Vec<u8>>>,
    objects: BTreeMap<Digest, u64>,
}

impl Look<'_> {
    fn site(&mut self, site: SiteId) -> Result<SiteState, Failure> {
        let (mut heads, mut newest) = (0, None);
        for number in self.store.heads(&site)? {
            match survey::head(self.store, &self.roots, &site, number)? {
                Ok(None) => {}
                Ok(Some(head)) => {
                    heads += 1;
                    newest = Some(head);
                }
                Err((path, wrong, detail)) => self.faults.add(&path, wrong, detail),
            }
            if let Some(head) = newest.as_ref().filter(|head| head.body().number() == number) {
                for entry in &head.body().programs {
                    self.program(entry)?;
                }
            }
        }
        self.hint(&site, newest.as_ref())?;
        if let Some(head) = &newest {
            self.in_force(&site, head)?;
        } else {
            let path = layout::heads(&site);
            self.faults.add(&path, Wrong::Missing, crate::text!(vi: "không có bản phát hành nào hợp lệ", en: "no release is good"));
        }
        let body = newest.as_ref().map(Verified::body);
        let programs = body.map_or(0, |head| head.programs.len());
        Ok(SiteState { site, heads, newest: body.map(Head::number), programs })
    }

    fn hint(&mut self, site: &SiteId, newest: Option<&Verified<Head>>) -> Result<(), Failure> {
        let path = layout::latest(site);
        let Some(bytes) = self.store.read(&path, LATEST_BYTES)? else {
            self.faults.missing(&path);
            return Ok(());
        };
        let Some(latest) = Latest::parse(&bytes) else {
            self.faults.add(&path, Wrong::Damaged, crate::text!(vi: "sai dạng", en: "is malformed"));
            return Ok(());
        };
        let newest = newest.map(|head| head.body().number()).unwrap_or_default();
        let hinted = latest.head_number();
        if hinted != newest {
            let text = crate::text!(
                vi: "chỉ tới bản phát hành {hinted}, bản mới nhất hợp lệ là {newest}; phát hành lại để sửa",
                en: "names release {hinted}, the newest good one is {newest}; publish again to fix it"
            );
            self.faults.add(&path, Wrong::Behind, text);
        }
        Ok(())
    }

    /// The newest head, judged as by a player that holds nothing yet.
    fn in_force(&mut self, site: &SiteId, head: &Verified<Head>) -> Result<(), Failure> {
        let (root, body) = (self.roots[0], head.body());
        let path = layout::head(site, body.number());
        let signature = self.store.read(&layout::head_signature(site, body.number()), SIGNATURE_BYTES)?.unwrap_or_default();
        let held = Held { root, withdrawals: self.withdrawals.len() as u64, head: None };
        if let Err(refusal) = judge::head(held, site, body.number(), head.bytes().to_vec(), signature) {
            self.faults.add(&path, Wrong::Refused, refusal.text().clone());
        }
        let mut left = Vec::new();
        for entry in &body.programs {
            let mut files = BTreeMap::new();
            for kid in judge::wanted(root, entry) {
                let statement = self.store.read(&layout::approval(entry.program, kid), SMALL_DOCUMENT_BYTES)?;
                let signature = self.store.read(&layout::approval_signature(entry.program, kid), SIGNATURE_BYTES)?;
                if let (Some(statement), Some(signature)) = (statement, signature) {
                    files.insert(kid, ApprovalFile { statement, signature });
                }
            }
            let Some(Some(manifest)) = self.manifests.get(&entry.program) else { continue };
            match judge::approvals(root, site, entry, &files).and_then(|counted| judge::program(root, counted, manifest)) {
                // What was withdrawn since is no fault of the head; it just does not count.
                Ok(approved) if judge::withdrawn(root.body(), &self.withdrawals, approved.program()).program => {}
                Ok(approved) => left.push(approved),
                Err(refusal) => self.faults.add(&layout::program(entry.program), Wrong::Refused, refusal.text().clone()),
            }
        }
        if let Err(refusal) = judge::head_stands(&left) {
            self.faults.add(&path, Wrong::Refused, refusal.text().clone());
        }
        Ok(())
    }

    /// The documents of a program, and which objects it names.
    fn program(&mut self, entry: &Entry) -> Result<(), Failure> {
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
            self.faults.add(&path, Wrong::Damaged, crate::text!(vi: "không khớp mã băm", en: "does not match its digest"));
        }
        for file in program.iter().flat_map(|program| &program.manifest().files) {
            self.objects.insert(file.sha256, file.size);
        }
        self.manifests.insert(entry.program, bytes);
        Ok(())
    }

    fn objects(&mut self, depth: Depth) -> Result<(), Failure> {
        let workers = self.store.writers().max(2);
        let wrong = look::wrong_objects(workers, &self.objects, |digest, size| look::in_place(self.store, depth, digest, size))?;
        for (digest, what) in wrong {
            let path = layout::object(digest);
            match what {
                look::Wrong::Absent => self.faults.missing(&path),
                look::Wrong::Differs => {
                    self.faults.add(&path, Wrong::Damaged, crate::text!(vi: "không khớp mã băm", en: "does not match its digest"));
                }
            }
        }
        Ok(())
    }
}
