//! One pull cycle, step by step as `docs/trust.md` numbers them. Each step either gives what the next one needs or ends the cycle with
//! what was in force still in force. Never commits before what is due now is whole on disk.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fetch::{self, Changed};
use super::objects::Fetcher;
use super::pack::Pack;
use super::puller::{Outcome, Puller, Report};
use super::stop::{Stop, refused};
use super::stored;
use super::transport::Transport;
use crate::base::digest::Digest;
use crate::base::limits::{HEAD_BYTES, LATEST_BYTES, ROOT_STEPS, SMALL_DOCUMENT_BYTES};
use crate::base::terms::Kind;
use crate::program::show::{Listed, Schedule, show};
use crate::program::verify::Program;
use crate::store::layout;
use crate::store::state::State;
use crate::trust::document::Verified;
use crate::trust::head::Head;
use crate::trust::judge::{self, Approved, HeadNews, Held as Holds};
use crate::trust::keys::Kid;
use crate::trust::latest::Latest;

/// Packs that were opened for a program's documents and whose objects are still to be read.
pub(super) type Packs = BTreeMap<Digest, Pack>;

impl Puller {
    /// One cycle, at `now` in Unix seconds. The sources are tried in order until one answers.
    pub fn cycle(&mut self, now: i64) -> Report {
        let mut sources = std::mem::take(&mut self.sources);
        self.meter.begin(now);
        let mut report =
            Report { outcome: Outcome::Kept, reason: None, outside: true, dropped: Vec::new(), downloaded: 0, retry_after_s: None };
        for at in 0..sources.len() {
            // The source that answers first gives the documents; objects may come from any.
            let order: Vec<&dyn Transport> = sources[at..].iter().chain(&sources[..at]).map(AsRef::as_ref).collect();
            match self.steps(&order, now) {
                Ok(outcome) => {
                    report = Report { outcome, reason: None, outside: false, retry_after_s: None, ..report };
                    break;
                }
                // A source that lags behind or lies must not keep the others from giving what is newer. A refusal is told rather than
                // a source that was merely silent.
                Err(stop) => {
                    eprintln!("pull: {}: {}", sources[at].name(), stop.reason);
                    if report.reason.is_none() || report.outside {
                        report.reason = Some(stop.reason);
                        report.outside = stop.outside;
                    }
                    report.retry_after_s = stop.retry_after_s.or(report.retry_after_s);
                }
            }
        }
        self.settle();
        for source in &mut sources {
            source.rest();
        }
        self.sources = sources;
        report.downloaded = self.meter.end();
        report.dropped.clone_from(&self.dropped);
        report
    }

    fn steps(&mut self, sources: &[&dyn Transport], now: i64) -> Result<Outcome, Stop> {
        let source = sources[0];
        // Step 2: the hint. Unchanged, it ends a cycle only if the last one left nothing undone.
        let Some((latest, etag)) = self.hint(source)? else { return Ok(Outcome::Idle) };
        self.complete = false;
        let walked = self.walk_roots(source);
        // Step 3, even if a later root stopped the walk: a source must not hold back what an earlier one revokes.
        self.judge_stored();
        walked?;
        // Step 4.
        self.walk_withdrawals(source, &latest)?;
        self.walk_releases(source, &latest)?;
        // Steps 5 and 6.
        let news = self.news(source, latest)?;
        self.settle();
        let mut packs = Packs::new();
        let adopted = match news {
            Some(head) => {
                self.adopt(sources, &head, now, &mut packs)?;
                true
            }
            None => {
                self.mend(source)?;
                false
            }
        };
        let completed = self.complete_rest(sources, now, packs)?;
        self.collect()?;
        self.hint = Some((latest, etag));
        self.complete = true;
        Ok(if adopted || completed { Outcome::Adopted } else { Outcome::Idle })
    }

    /// Step 2. `None`: nothing has changed and nothing is left to do.
    pub(super) fn hint(&self, source: &dyn Transport) -> Result<Option<(Latest, Option<String>)>, Stop> {
        let path = layout::latest(&self.settings.site);
        let held = self.hint.as_ref();
        let etag = held.filter(|_| self.complete).and_then(|(_, etag)| etag.as_deref());
        match fetch::changed(source, &path, LATEST_BYTES, etag)? {
            Changed::No => Ok(None),
            Changed::Absent => Err(Stop { reason: format!("{}: no {path}", source.name()), outside: true, retry_after_s: None }),
            Changed::Yes(answer) => match Latest::parse(&answer.bytes) {
                Some(latest) if self.complete && held.is_some_and(|(known, _)| *known == latest) => Ok(None),
                Some(latest) => Ok(Some((latest, answer.etag))),
                None => {
                    Err(Stop { reason: format!("{}: {path} is malformed (a portal?)", source.name()), outside: true, retry_after_s: None })
                }
            },
        }
    }

    /// Step 2, roots: n+1 … until absent; each persisted only once it is verified, its signatures before it.
    pub(super) fn walk_roots(&mut self, source: &dyn Transport) -> Result<(), Stop> {
        for _ in 0..ROOT_STEPS {
            let old = self.root().clone();
            let number = old.body().version + 1;
            let Some(bytes) = fetch::document(source, &layout::root(number), SMALL_DOCUMENT_BYTES)? else { return Ok(()) };
            let mut signatures: BTreeMap<Kid, Vec<u8>> = BTreeMap::new();
            let mut fetch_of = |kids: &BTreeSet<Kid>| -> Result<Vec<Vec<u8>>, Stop> {
                for kid in kids {
                    if !signatures.contains_key(kid)
                        && let Some(signature) = fetch::signature(source, &layout::root_signature(number, *kid))?
                    {
                        signatures.insert(*kid, signature);
                    }
                }
                Ok(signatures.values().cloned().collect())
            };
            let by_old = fetch_of(&old.body().roles.root.keys)?;
            let half = judge::root_signed_by_old(&old, &bytes, by_old).map_err(|refusal| refused(format!("root {number}: {refusal}")))?;
            let by_new = fetch_of(half.kids())?;
            let root = half.finish(by_new).map_err(|refusal| refused(format!("root {number}: {refusal}")))?;
            for (kid, signature) in &signatures {
                self.holdings.put_document(&layout::root_signature(number, *kid), signature)?;
            }
            self.holdings.put_document(&layout::root(number), &bytes)?;
            self.roots.push(root);
        }
        Err(refused(format!("more than {ROOT_STEPS} roots in one cycle")))
    }

    /// Steps 5 and 6: the head that the hint names, if it is a new one.
    pub(super) fn news(&self, source: &dyn Transport, latest: Latest) -> Result<Option<Box<Verified<Head>>>, Stop> {
        let (site, name) = (&self.settings.site, latest.head_number());
        let path = layout::head(site, name);
        let missing = || Stop { reason: format!("{}: no {path}", source.name()), outside: true, retry_after_s: None };
        let bytes = fetch::document(source, &path, HEAD_BYTES)?.ok_or_else(missing)?;
        let signature = fetch::signature(source, &layout::head_signature(site, name))?.ok_or_else(missing)?;
        let held = Holds { root: self.root(), withdrawals: self.state.withdrawals, head: self.head.as_ref() };
        match judge::head(held, site, name, bytes, signature.clone()) {
            Ok(HeadNews::Same) => Ok(None),
            Ok(HeadNews::New(head)) => {
                self.holdings.put_document(&layout::head_signature(site, name), &signature)?;
                Ok(Some(head))
            }
            Err(refusal) => Err(refused(format!("head {name}: {}", refusal.text().en))),
        }
    }

    /// Steps 7 to 10 for a new head: judge, fetch what is due now, commit.
    fn adopt(&mut self, sources: &[&dyn Transport], head: &Verified<Head>, now: i64, packs: &mut Packs) -> Result<(), Stop> {
        let mut approved = Vec::new();
        for entry in &head.body().programs {
            match self.judge_entry(sources[0], entry, packs)? {
                // Step 7: what is withdrawn as a whole does not count.
                Ok(program) if self.withdrawn(program.program()).program => {
                    eprintln!("pull: program {} is withdrawn", entry.program);
                }
                Ok(program) => approved.push(program),
                // Step 7: absent or broken bytes may come right; until then the old head stays.
                Err(refusal) if refusal.is_incomplete() => {
                    return Err(Stop { reason: format!("{}: {refusal}", entry.program), outside: true, retry_after_s: None });
                }
                Err(refusal) => eprintln!("pull: program {} is refused: {refusal}", entry.program),
            }
        }
        judge::head_stands(&approved).map_err(|refusal| refused(refusal.to_string()))?;
        // Step 8: the room for all of it, before the first byte.
        if self.room(&approved).is_err() {
            // What no head names any more may be in the way: parts and objects of heads that never came into force.
            self.collect()?;
            self.room(&approved)?;
        }
        // Step 9: what is due now, and the evergreen.
        let due = due(&approved, now);
        for program in &due {
            self.fetcher(sources, program.manifest().kind, now).also(&due).program(program, packs.remove(&program.digest()))?;
        }
        let number = head.body().number();
        self.holdings.put_document(&layout::head(&self.settings.site, number), head.bytes())?;
        // Step 10: the one commit point.
        let previous = self.head.as_ref().map(|head| head.body().number());
        let next = State { epoch: number.epoch, version: number.version, previous, ..self.state.clone() };
        self.state = self.files.commit(&next)?;
        self.judge_stored();
        Ok(())
    }

    fn room(&self, approved: &[Approved]) -> Result<(), Stop> {
        let all: BTreeMap<Digest, u64> = approved.iter().flat_map(|each| stored::objects(each.program())).collect();
        let missing: u64 = all.iter().filter(|(digest, size)| !self.holdings.holds(**digest, **size)).map(|(_, size)| size).sum();
        let free = self.holdings.free_bytes()?;
        let reserve = self.settings.reserve;
        if missing > 0 && missing.saturating_add(reserve) > free {
            let reason = format!("no room: {missing} bytes are missing, {free} are free, {reserve} are kept in reserve");
            return Err(Stop { reason, outside: true, retry_after_s: None });
        }
        Ok(())
    }

    /// Who fetches objects, with the programs that are held as bases: the newest of a kind first.
    fn fetcher<'a>(&'a self, sources: &'a [&'a dyn Transport], kind: Kind, now: i64) -> Fetcher<'a> {
        let mut known: Vec<_> = self.standing.programs.iter().map(|held| (held.from, held.program.clone())).collect();
        known.extend(self.earlier().into_iter().flat_map(|head| {
            let entries = head.body().programs.clone().into_iter();
            entries.filter_map(|entry| Some((entry.from, Arc::new(stored::unjudged(&entry, &self.holdings)?)))).collect::<Vec<_>>()
        }));
        known.sort_by_key(|(from, program)| (program.manifest().kind != kind, Reverse(*from)));
        let mut seen = BTreeSet::new();
        let known = known.into_iter().map(|(_, program)| program).filter(|program| seen.insert(program.digest())).collect();
        Fetcher { sources, holdings: &self.holdings, meter: &self.meter, now, known }
    }

    /// The head before the one in force.
    fn earlier(&self) -> Option<Verified<Head>> {
        let (head, _) = stored::head(&self.roots, &self.settings.site, &self.holdings, self.state.previous?)?;
        Some(head)
    }

    /// The rest of the head in force, in the order in which it will be shown. True when something was missing.
    fn complete_rest(&mut self, sources: &[&dyn Transport], now: i64, mut packs: Packs) -> Result<bool, Stop> {
        let mut open: Vec<_> = self.standing.programs.iter().filter(|held| !held.complete).cloned().collect();
        open.sort_by_key(|held| (held.program.manifest().valid.until.is_some_and(|until| until <= now), held.from));
        // One program that can't be completed does not keep the later ones from being so.
        let fetched: Vec<_> = open
            .iter()
            .map(|held| {
                self.fetcher(sources, held.program.manifest().kind, now).program(&held.program, packs.remove(&held.program.digest()))
            })
            .collect();
        if !open.is_empty() {
            self.judge_stored();
        }
        fetched.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(!open.is_empty())
    }

    /// Step 11: never what the head in force or the one before it names.
    fn collect(&self) -> Result<(), Stop> {
        let programs = self.standing.programs.iter().map(|held| held.program.as_ref());
        let keep = stored::kept(programs, self.earlier().as_ref(), &self.holdings);
        self.holdings.collect(&keep)?;
        Ok(())
    }
}

/// The programs that must be whole before a head is adopted: what any screen shows now, and every evergreen.
fn due(approved: &[Approved], now: i64) -> Vec<std::sync::Arc<Program>> {
    let listed = approved.iter().map(|each| Listed { program: each.program().clone(), from: each.entry().from });
    let schedule = Schedule { programs: listed.collect(), ..Schedule::default() };
    let screens: BTreeSet<_> =
        approved.iter().flat_map(|each| &each.program().manifest().screens).map(|screen| screen.id.as_str()).collect();
    let shown: BTreeSet<Digest> =
        screens.iter().filter_map(|screen| show(&schedule, screen, now.saturating_mul(1_000), true).program).collect();
    let wanted = |program: &Program| shown.contains(&program.digest()) || program.manifest().kind == Kind::Evergreen;
    let mut due: Vec<_> = approved.iter().map(|each| each.program().clone()).filter(|program| wanted(program)).collect();
    // The evergreen first: what it holds need not come again with the others.
    due.sort_by_key(|program| program.manifest().kind != Kind::Evergreen);
    due
}
