//! Looks: reads the documents of the sources and applies each at once. The steps are numbered as in `docs/trust.md`.
//! Never fetches what a release names, and never shows: its caller does.

use std::time::Duration;

use super::puller::Puller;
use super::settings::Show;
use super::source::Source;
use super::statement_walk::StatementWalk;
use super::store_source::{BackOff, StoreSource};
use super::transport::{Pause, PullError};
use crate::base::limits::{FULL_LOOK, FURTHER_LOOK, LOOK_TIME, LOOK_TURNS, TWINS_COMPARED, WITHDRAWAL_BYTES};
use crate::base::numbers;
use crate::text;
use crate::trust::hint::Hint;

/// Why no further withdrawal is taken.
pub(super) fn too_many_withdrawals() -> PullError {
    PullError::refused(text!(
        vi: "quá nhiều văn bản thu hồi: đầu phát chỉ nhận tối đa {WITHDRAWAL_BYTES} byte; có thể khóa của một người duyệt đã bị lộ, hãy báo người phát hành",
        en: "too many withdrawals: a player takes {WITHDRAWAL_BYTES} bytes of them; a reviewer's key may be stolen: tell the publisher"
    ))
}

/// How far a look reads, whatever the hint of a source names, which nobody signs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// As far as the hint.
    Hint,
    /// A number further.
    Further,
    /// All that there is.
    All,
}

impl Puller {
    /// Steps 1 to 6: looks at every source, since one that lags or lies must not hide what another has, but at none that failed lately. What is found is in force at
    /// once, and `show` is called with it before anything else is asked for. `now` is monotonic. `None` if no look was complete; else
    /// whether there is news, which a running fetch does not know.
    pub fn look(&mut self, now: Duration, poll: Duration, show: Show<'_>) -> Option<bool> {
        let mut news = None;
        let reach = self.reach(now, poll);
        // Rather early than after the wait: the next look comes a whole `poll` later.
        let mut due: Vec<usize> = (0..self.sources.len()).filter(|at| self.sources[*at].back_off.is_over(now + poll)).collect();
        // A source that is slow, or pretends to be, must not keep the others waiting: it comes last, and has little time while one waits.
        due.sort_by_key(|at| self.sources[*at].slow);
        let others = u32::try_from(due.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let mut slow = if others == 0 { std::mem::take(&mut due) } else { Vec::new() };
        for at in due {
            match self.look_for(at, LOOK_TURNS / others, reach, show) {
                Err(error) if error.pause == Some(Pause::OutOfTime) => slow.push(at),
                looked => self.end_look(at, looked, &mut news, (now, poll)),
            }
        }
        let share = LOOK_TIME / u32::try_from(slow.len().max(1)).unwrap_or(u32::MAX);
        for at in slow {
            let before = self.trusted.numbers();
            let mut looked = self.look_for(at, share, reach, show);
            if let Err(error) = &mut looked
                && error.pause == Some(Pause::OutOfTime)
            {
                self.told_out_of_time(at, error, before);
            }
            let goes_on = looked.as_ref().is_err_and(|error| error.pause == Some(Pause::OutOfTime));
            self.end_look(at, looked, &mut news, (now, poll));
            self.sources[at].slow = others > 0;
            if goes_on {
                self.sources[at].back_off = BackOff::default();
            }
        }
        self.sources.iter_mut().for_each(|source| source.transport.close_idle());
        if self.news {
            self.fetch_back_off = BackOff::default();
        }
        // A disk that takes nothing is no fault of a source, and it is told as one of the machine.
        if self.save().is_ok() && news.is_some() && self.in_force.lost.is_none() {
            self.folder.forget_set_aside();
        }
        news
    }

    /// How far the look at `now` reads; the next one comes a whole `poll` later.
    fn reach(&mut self, now: Duration, poll: Duration) -> Reach {
        let reach = match (now >= self.full_look, now + poll > self.further_look) {
            (true, _) => Reach::All,
            (false, true) => Reach::Further,
            (false, false) => return Reach::Hint,
        };
        self.further_look = now + FURTHER_LOOK;
        if reach == Reach::All {
            self.full_look = now + FULL_LOOK;
            self.sources.iter_mut().for_each(|source| source.hint = None);
        }
        reach
    }

    /// Looks at one source, for this long at most.
    fn look_for(&mut self, at: usize, time: Duration, reach: Reach, show: Show<'_>) -> Result<bool, PullError> {
        self.sources[at].transport.set_time(Some(time));
        self.sources[at].slow = false;
        self.look_at(at, reach, show)
    }

    /// What a source that ran out of time means: it is being read, or it fails. `before`: the numbers of roots and withdrawals before.
    fn told_out_of_time(&mut self, at: usize, error: &mut PullError, before: (u64, u64)) {
        let (name, (root, withdrawals)) = (self.sources[at].transport.name(), self.trusted.numbers());
        if before == (root, withdrawals) {
            error.pause = None;
        } else {
            error.reason = text!(
                vi: "{name}: đang đọc, đã có văn bản phân quyền số {root} và {withdrawals} văn bản thu hồi; lần kiểm tra sau đọc tiếp",
                en: "{name}: being read, root {root} and {withdrawals} withdrawals so far; the next look goes on"
            );
        }
        self.sources[at].note(Some(error));
    }

    fn end_look(&mut self, at: usize, looked: Result<bool, PullError>, news: &mut Option<bool>, (now, poll): (Duration, Duration)) {
        match looked {
            Ok(found) => {
                *news = Some(found || *news == Some(true));
                self.sources[at].back_off = BackOff::default();
            }
            // `Retry-After` must not make the player deaf.
            Err(_) => self.sources[at].back_off.fail(now, poll, None),
        }
    }

    /// Looks at one source. True if it has news.
    pub(super) fn look_at(&mut self, at: usize, reach: Reach, show: Show<'_>) -> Result<bool, PullError> {
        let looked = self.read_source(at, reach, show);
        self.sources[at].note(looked.as_ref().err());
        looked
    }

    fn read_source(&mut self, at: usize, reach: Reach, show: Show<'_>) -> Result<bool, PullError> {
        let source = &mut self.sources[at];
        // Step 2: the hint. With an unchanged hint nothing else has changed, unless the source lacked what it names.
        let hint = Source { transport: source.transport.as_ref(), trusted: &self.trusted }.hint()?;
        let (is_new, (root, held)) = (source.hint != Some(hint), self.trusted.numbers());
        if reach == Reach::Hint && !is_new && hint.root <= root && hint.withdrawals <= held {
            return self.compare_withdrawals(at, show);
        }
        if source.hint.is_none_or(|old| old.withdrawals != hint.withdrawals) {
            // The hint may name fewer than there are.
            source.uncompared = hint.withdrawals.saturating_add(if reach == Reach::All { TWINS_COMPARED } else { 0 }).min(held);
        }
        source.hint = None;
        // After a new one, further ones are asked for until one is absent; so are those that were lost, whatever the hint says.
        let lost = self.in_force.lost.is_some();
        let until = if hint.withdrawals > held || lost || reach != Reach::Hint { u64::MAX } else { 0 };
        let walked = self.walk(at, &Hint { withdrawals: until, ..hint }, show);
        if lost {
            self.folder.recover(&mut self.trusted);
        }
        let found = is_new || self.trusted.numbers() != (root, held);
        if found {
            (self.settled, self.news) = (false, true);
        }
        // Step 3, even if the walk was stopped.
        self.rejudge();
        show(&self.in_force);
        let _ = self.save();
        if self.trusted.numbers().0 > root {
            // What was accepted under another root is read and judged anew.
            self.sources.iter_mut().for_each(StoreSource::forget);
        }
        walked?;
        if let Some((root, needed)) = self.trusted.lost_statements() {
            let (name, all) = (self.sources[at].transport.name(), numbers::counted(needed, "withdrawal"));
            return Err(PullError::external(text!(
                vi: "{name}: không có đủ văn bản mà đầu phát từng nhận: văn bản phân quyền số {root} và {needed} văn bản thu hồi",
                en: "{name}: does not have all that this player once had: root {root} and {all}"
            )));
        }
        // Steps 5 and 6.
        if !is_new && self.trusted.numbers().1 > hint.withdrawals.max(held) {
            self.sources[at].has.0 = self.trusted.numbers().1;
        }
        let further = self.read_heads(at, &hint, (found, reach))?;
        self.sources[at].hint = Some(hint);
        Ok(self.compare_withdrawals(at, show)? || found || further)
    }

    /// Steps 5 and 6: the head that the hint names, where something was found; and the one after all that are known, where the look reaches further
    /// than the hint. True if that one is there.
    fn read_heads(&mut self, at: usize, hint: &Hint, (found, reach): (bool, Reach)) -> Result<bool, PullError> {
        let source = &mut self.sources[at];
        let reader = Source { transport: source.transport.as_ref(), trusted: &self.trusted };
        let held = self.trusted.head().map(|head| head.body().number());
        if found {
            // A source that has the head in force is not behind, though its hint is.
            let has = held > Some(hint.head_number()) && (source.has.1 == held || reach != Reach::Hint && reader.has_held_head()?);
            source.has.1 = held.filter(|_| has);
            source.offer = if has { None } else { reader.newer_head(hint.head_number())? };
        }
        let offered = source.offer.as_ref().map(|head| head.document().body().number());
        let Some(known) = offered.max(held).filter(|_| reach != Reach::Hint) else { return Ok(false) };
        let Some(head) = reader.further_head(known)? else { return Ok(false) };
        // There may be more.
        self.further_look = Duration::ZERO;
        source.has.1 = Some(head.document().body().number());
        source.offer = Some(head);
        (self.settled, self.news) = (false, true);
        Ok(true)
    }

    /// Steps 2 to 4. Each document is in force and stored before the next is asked for: neither a source that stalls nor a disk that takes
    /// nothing must delay what an earlier one revokes. After the first sixteen this is done as often as their number doubles.
    fn walk(&mut self, at: usize, latest: &Hint, show: Show<'_>) -> Result<(), PullError> {
        let (mut walk, mut taken, mut more) = (StatementWalk::new(&self.trusted, latest), 0_u32, true);
        while more {
            let mut files = Vec::new();
            more = walk.step(self.sources[at].transport.as_ref(), &mut self.trusted, &mut files)?;
            taken += u32::from(!files.is_empty());
            let counts = !files.is_empty() && (taken <= 16 || taken.is_power_of_two());
            self.folder.keep(files);
            if more && taken > 0 && self.folder.is_full_of_withdrawals() {
                return Err(too_many_withdrawals());
            }
            if counts {
                self.rejudge();
                show(&self.in_force);
                let _ = self.save();
            }
        }
        Ok(())
    }
}
