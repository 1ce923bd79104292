//! Twins: statements of a source under numbers under which the player holds others. A number that somebody has used once, also somebody with
//! one stolen key, must keep no later statement out: each that verifies counts, is kept, and is told. Never judges one: the source does.

use super::look::too_many_withdrawals;
use super::puller::Puller;
use super::settings::Show;
use super::source::{Accepted, Source};
use super::transport::{Pause, PullError};
use super::twin_words;
use crate::base::limits::TWINS_COMPARED;
use crate::trust::document::Verified;
use crate::trust::withdrawal::Withdrawal;

impl Puller {
    /// Step 4 for numbers that are held: compares what a source has under them, the newest first, some in each look. True if it has others.
    pub(super) fn compare_withdrawals(&mut self, at: usize, show: Show<'_>) -> Result<bool, PullError> {
        let mut found = false;
        for _ in 0..TWINS_COMPARED {
            let source = &self.sources[at];
            let number = source.uncompared;
            if number == 0 {
                break;
            }
            let twin = match (Source { transport: source.transport.as_ref(), trusted: &self.trusted }).twin(number) {
                // The next look goes on; all else of this one is read.
                Err(error) if error.pause == Some(Pause::OutOfTime) => break,
                read => read?,
            };
            match twin {
                Some(twin) => found |= self.take_twin(at, twin, show)?,
                None => drop(self.sources[at].passed_over.take_if(|(of, _)| *of == number)),
            }
            self.sources[at].uncompared = number - 1;
        }
        Ok(found)
    }

    /// It is in force and stored before the next is asked for. False if there is no room for it: then it is passed over and told, since who
    /// has one key must not keep away all else that the source has.
    fn take_twin(&mut self, at: usize, twin: Accepted<Verified<Withdrawal>>, show: Show<'_>) -> Result<bool, PullError> {
        if !self.trusted.chain().has_room(twin.document()) {
            let told = Some((twin.document().body().version, twin_words::no_room(&self.trusted, twin.document())));
            if self.sources[at].passed_over != told {
                let detail = told.iter().map(|(_, told)| told.en.clone());
                self.twins_untold.extend(detail.inspect(|detail| crate::logln!("pull: {detail}")));
                self.sources[at].passed_over = told;
            }
            return Ok(false);
        }
        if self.folder.is_full_of_withdrawals() {
            return Err(too_many_withdrawals());
        }
        let mut files = Vec::new();
        let twin = twin.into_parts(&mut files);
        let number = twin.body().version;
        self.folder.keep_twin(files, &self.trusted);
        self.trusted.add_twin(twin);
        let detail =
            format!("different withdrawals carry the number {number}, and all count: {}", twin_words::signed(&self.trusted, number).en);
        crate::logln!("pull: {detail}");
        self.twins_untold.push(detail);
        (self.settled, self.news) = (false, true);
        self.rejudge();
        show(&self.in_force);
        // What fails is told as a fault.
        let _ = self.save();
        Ok(true)
    }

    /// The twins that came and were not told yet, for the journal.
    pub fn take_twins(&mut self) -> Vec<String> {
        std::mem::take(&mut self.twins_untold)
    }
}
