//! The programs of a site's next head: those chosen, and those of the last head that must stay. Pure.
//! Never judges approvals: callers pass only approved programs.

use crate::base::times::Month;
use crate::trust::head::HeadEntry;

/// An approved program that a head may list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadCandidate {
    pub entry: HeadEntry,
    pub month: Option<Month>,
    /// End of its window, in Unix seconds.
    pub until: Option<i64>,
}

impl HeadCandidate {
    fn same_period(&self, other: &Self) -> bool {
        (self.entry.kind, self.month) == (other.entry.kind, other.month)
    }
}

/// When a chosen program takes over, in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakeOver {
    /// A program that is new: then. One that is listed keeps its moment.
    New(i64),
    /// Any that has not taken over yet, new or listed: then.
    Moved(i64),
}

/// Gives the entries of the next head. `listed`: programs of the last head; `chosen`: at most one program per period.
/// A chosen program that plays now, or is the newest of its period and not moved, keeps its `from`; any other gets that of `take_over`, and what it
/// replaces stays listed until then, so that screens never fall back to evergreen in between. Programs of other periods stay until they are
/// past.
pub fn next_entries(listed: &[HeadCandidate], chosen: &[HeadCandidate], now: i64, take_over: TakeOver) -> Vec<HeadEntry> {
    let newest = |period: &HeadCandidate, limit: i64| {
        let same = listed.iter().filter(|each| each.same_period(period) && each.entry.from <= limit);
        same.map(|each| &each.entry).max_by_key(|entry| (entry.from, std::cmp::Reverse(entry.program)))
    };
    let mut out = Vec::new();
    for candidate in chosen {
        let own = newest(candidate, i64::MAX).filter(|entry| entry.program == candidate.entry.program);
        let plays = newest(candidate, now).filter(|entry| entry.program == candidate.entry.program);
        let from = match (plays.or(own), take_over) {
            (Some(own), TakeOver::New(_)) => own.from,
            (Some(own), TakeOver::Moved(_)) if own.from <= now => own.from,
            (_, TakeOver::New(from) | TakeOver::Moved(from)) => from,
        };
        out.push(HeadEntry { from, ..candidate.entry.clone() });
    }
    for candidate in listed {
        let past = candidate.until.is_some_and(|until| until <= now);
        if past || out.iter().any(|entry| entry.program == candidate.entry.program) {
            continue;
        }
        let keep = match chosen.iter().position(|each| each.same_period(candidate)) {
            None => true,
            Some(at) => out[at].from > now && newest(candidate, now).is_some_and(|entry| entry.program == candidate.entry.program),
        };
        if keep {
            out.push(candidate.entry.clone());
        }
    }
    out.sort_by_key(|entry| (entry.kind, entry.from, entry.program));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::digest::Digest;
    use crate::base::terms::ProgramKind;

    fn program(name: &str, month: Option<&str>, until: Option<i64>) -> HeadCandidate {
        let kind = if month.is_some() { ProgramKind::Monthly } else { ProgramKind::Evergreen };
        let entry = HeadEntry { program: Digest::of(name.as_bytes()), size: 1, kind, from: 0, approvals: Vec::new() };
        HeadCandidate { entry, month: month.and_then(Month::parse), until }
    }

    fn from(candidate: &HeadCandidate, from: i64) -> HeadCandidate {
        HeadCandidate { entry: HeadEntry { from, ..candidate.entry.clone() }, ..candidate.clone() }
    }

    fn names(entries: &[HeadEntry]) -> Vec<(&'static str, i64)> {
        let known = ["a", "b", "c", "december", "january", "evergreen"];
        let name = |entry: &HeadEntry| *known.iter().find(|name| Digest::of(name.as_bytes()) == entry.program).unwrap();
        entries.iter().map(|entry| (name(entry), entry.from)).collect()
    }

    #[test]
    fn what_is_replaced_plays_until_its_successor_takes_over() {
        let [a, b, c] = ["a", "b", "c"].map(|name| program(name, Some("2026-12"), Some(9_000)));
        let next = |listed: &[HeadCandidate], chosen: &HeadCandidate, now, from| {
            names(&next_entries(listed, std::slice::from_ref(chosen), now, TakeOver::New(from)))
        };
        assert_eq!(next(&[], &a, 100, 100), [("a", 100)], "a first head");
        let first = [from(&a, 100)];
        assert_eq!(next(&first, &a, 200, 1_100), [("a", 100)], "unchanged");
        assert_eq!(next(&first, &b, 200, 1_100), [("a", 100), ("b", 1_100)], "replaced");
        let both = [from(&a, 100), from(&b, 1_100)];
        assert_eq!(next(&both, &b, 300, 1_200), [("a", 100), ("b", 1_100)], "not yet taken over");
        assert_eq!(next(&both, &c, 300, 1_200), [("a", 100), ("c", 1_200)], "replaced before it began");
        assert_eq!(next(&both, &b, 2_000, 2_900), [("b", 1_100)], "taken over");
        assert_eq!(next(&both, &a, 2_000, 2_900), [("b", 1_100), ("a", 2_900)], "back to the older one");
    }

    #[test]
    fn what_has_not_taken_over_yet_can_be_moved_and_nothing_else() {
        let [a, b] = ["a", "b"].map(|name| program(name, Some("2026-12"), Some(9_000)));
        let both = [from(&a, 100), from(&b, 1_100)];
        let moved = |chosen: &HeadCandidate, now, at| names(&next_entries(&both, std::slice::from_ref(chosen), now, TakeOver::Moved(at)));
        assert_eq!(moved(&b, 300, 5_000), [("a", 100), ("b", 5_000)], "later");
        assert_eq!(moved(&b, 300, 400), [("a", 100), ("b", 400)], "earlier");
        assert_eq!(moved(&b, 300, 300), [("b", 300)], "now");
        assert_eq!(moved(&b, 1_100, 5_000), [("b", 1_100)], "it has taken over");
        assert_eq!(moved(&a, 300, 5_000), [("a", 100)], "what plays goes on in place of what was to follow");
        let back = next_entries(&both, std::slice::from_ref(&a), 300, TakeOver::New(1_200));
        assert_eq!(names(&back), [("a", 100)], "the screens never go without it");
    }

    #[test]
    fn other_periods_stay_until_they_are_past() {
        let december = program("december", Some("2026-12"), Some(5_000));
        let january = program("january", Some("2027-01"), Some(9_000));
        let listed = [from(&december, 10), from(&program("evergreen", None, None), 10)];
        let at = |now| names(&next_entries(&listed, std::slice::from_ref(&january), now, TakeOver::New(now + 900)));
        assert_eq!(at(1_000), [("december", 10), ("january", 1_900), ("evergreen", 10)]);
        assert_eq!(at(5_000), [("january", 5_900), ("evergreen", 10)]);
    }
}
