//! One cycle: a look and a fetch, one after the other, on one thread, for whoever runs a single one.
//! Never decides what follows from it.

use std::time::Duration;

use super::fetch_job::FetchHand;
use super::look::Reach;
use super::puller::Puller;
use super::transport::PullError;
use crate::base::limits::LOOK_TIME;
use crate::base::text::Text;

/// How a cycle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleOutcome {
    Idle,
    /// A new head is in force, or missing objects were completed.
    Adopted,
    /// What was in force stays in force.
    Failed,
}

/// What a cycle did.
#[derive(Clone, Debug)]
pub struct CycleReport {
    pub outcome: CycleOutcome,
    /// Why it failed.
    pub reason: Option<Text>,
    /// Whether the cause is outside: network, disk.
    pub external: bool,
    /// Bytes of objects, packs and block signatures received over the network, without headers.
    pub downloaded: u64,
}

impl Puller {
    /// One cycle, at `now` in Unix seconds: a look and a fetch. The sources are tried in order until one gives everything.
    pub fn cycle(&mut self, now: i64) -> CycleReport {
        self.meter.start_cycle(now);
        let mut report = CycleReport { outcome: CycleOutcome::Failed, reason: None, external: true, downloaded: 0 };
        let mut hand = self.hand.take();
        for at in 0..self.sources.len() {
            let last = at + 1 == self.sources.len();
            self.sources[at].transport.set_time((!last).then_some(LOOK_TIME));
            let looked = self.look_at(at, Reach::Hint, &|_| {});
            let ended = looked.and_then(|_| hand.as_mut().map_or(Ok(CycleOutcome::Idle), |hand| self.fetch_now(at, hand, now)));
            match ended {
                Ok(outcome) => {
                    report = CycleReport { outcome, reason: None, external: false, ..report };
                    break;
                }
                // A refusal takes precedence over an outside error in the report.
                Err(error) if report.reason.is_none() || report.external => {
                    (report.reason, report.external) = (Some(error.reason), error.external);
                }
                Err(_) => {}
            }
        }
        self.hand = hand;
        self.verify_objects();
        self.sources.iter_mut().for_each(|source| source.transport.close_idle());
        CycleReport { downloaded: self.meter.end_cycle(), ..report }
    }

    /// Fetches what is needed of one source, on this thread.
    fn fetch_now(&mut self, at: usize, hand: &mut FetchHand, now: i64) -> Result<CycleOutcome, PullError> {
        self.verify_objects();
        if self.settled && !self.in_force.undecided {
            return Ok(CycleOutcome::Idle);
        }
        let (before, lacked) = (self.in_force.head, self.in_force.programs.iter().any(|each| !each.complete));
        self.made_room = false;
        loop {
            // Objects may come from any source, documents from this one.
            let mut job = self.job(Some(at), now);
            job.offers.retain(|(source, _)| *source == at);
            let ended = job.run(hand, &mut |news| self.apply(news, now));
            self.end_fetch(ended, Duration::ZERO, Duration::ZERO);
            match self.lacking.clone() {
                Some(error) => return Err(error),
                None if self.made_room => {}
                None => break,
            }
        }
        Ok(if lacked || self.in_force.head != before { CycleOutcome::Adopted } else { CycleOutcome::Idle })
    }
}
