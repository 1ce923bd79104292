//! The programs of a site's next head: those chosen, and those of the last head that must stay. Pure.
//! Never judges approvals: callers pass only approved programs.

use crate::base::digest::Digest;
use crate::base::terms::ProgramKind;
use crate::base::times::Month;
use crate::trust::head::HeadEntry;
use crate::trust::keys::KeyId;

/// An approved program that a head may list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadCandidate {
    pub program: Digest,
    /// Length of its manifest in bytes.
    pub size: u64,
    pub kind: ProgramKind,
    pub month: Option<Month>,
    /// End of its window, in Unix seconds.
    pub until: Option<i64>,
    pub approvals: Vec<KeyId>,
}

impl HeadCandidate {
    fn same_period(&self, other: &Self) -> bool {
        (self.kind, self.month) == (other.kind, other.month)
    }

    fn entry(&self, from: i64) -> HeadEntry {
        HeadEntry { program: self.program, size: self.size, kind: self.kind, from, approvals: self.approvals.clone() }
    }
}

/// Gives the entries of the next head. `listed`: programs of the last head, each with its `from`; `chosen`: at most one program per period.
/// A chosen program that is already the newest of its period keeps its `from`; any other gets `from`, and what it replaces stays listed
/// until then, so that screens never fall back to evergreen in between. Programs of other periods stay until they are past.
pub fn next_entries(listed: &[(HeadCandidate, i64)], chosen: &[HeadCandidate], now: i64, from: i64) -> Vec<HeadEntry> {
    let newest = |period: &HeadCandidate, limit: i64| {
        let same = listed.iter().filter(|(each, each_from)| each.same_period(period) && *each_from <= limit);
        same.max_by_key(|(each, each_from)| (*each_from, std::cmp::Reverse(each.program)))
    };
    let mut out = Vec::new();
    for candidate in chosen {
        let own = newest(candidate, i64::MAX).filter(|(each, _)| each.program == candidate.program);
        out.push(candidate.entry(own.map_or(from, |(_, own_from)| *own_from)));
    }
    for (candidate, own_from) in listed {
        let past = candidate.until.is_some_and(|until| until <= now);
        if past || out.iter().any(|entry| entry.program == candidate.program) {
            continue;
        }
        let keep = match chosen.iter().position(|each| each.same_period(candidate)) {
            None => true,
            Some(at) => out[at].from > now && newest(candidate, now).is_some_and(|(each, _)| each.program == candidate.program),
        };
        if keep {
            out.push(candidate.entry(*own_from));
        }
    }
    out.sort_by_key(|entry| (entry.kind, entry.from, entry.program));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str, month: Option<&str>, until: Option<i64>) -> HeadCandidate {
        let kind = if month.is_some() { ProgramKind::Monthly } else { ProgramKind::Evergreen };
        let month = month.and_then(Month::parse);
        HeadCandidate { program: Digest::of(name.as_bytes()), size: 1, kind, month, until, approvals: Vec::new() }
    }

    fn names(entries: &[HeadEntry], known: &[(&'static str, Digest)]) -> Vec<(&'static str, i64)> {
        entries.iter().map(|entry| (known.iter().find(|(_, digest)| *digest == entry.program).unwrap().0, entry.from)).collect()
    }

    #[test]
    fn what_is_replaced_plays_until_its_successor_takes_over() {
        let (a, b, c) = (
            program("a", Some("2026-12"), Some(9_000)),
            program("b", Some("2026-12"), Some(9_000)),
            program("c", Some("2026-12"), Some(9_000)),
        );
        let known = [("a", a.program), ("b", b.program), ("c", c.program)];
        assert_eq!(names(&next_entries(&[], std::slice::from_ref(&a), 100, 100), &known), [("a", 100)], "a first head");
        assert_eq!(names(&next_entries(&[(a.clone(), 100)], std::slice::from_ref(&a), 200, 1_100), &known), [("a", 100)], "unchanged");
        assert_eq!(
            names(&next_entries(&[(a.clone(), 100)], std::slice::from_ref(&b), 200, 1_100), &known),
            [("a", 100), ("b", 1_100)],
            "replaced"
        );
        let both = [(a.clone(), 100), (b.clone(), 1_100)];
        assert_eq!(
            names(&next_entries(&both, std::slice::from_ref(&b), 300, 1_200), &known),
            [("a", 100), ("b", 1_100)],
            "not yet taken over"
        );
        assert_eq!(
            names(&next_entries(&both, std::slice::from_ref(&c), 300, 1_200), &known),
            [("a", 100), ("c", 1_200)],
            "replaced before it began"
        );
        assert_eq!(names(&next_entries(&both, std::slice::from_ref(&b), 2_000, 2_900), &known), [("b", 1_100)], "taken over");
        assert_eq!(names(&next_entries(&both, &[a], 2_000, 2_900), &known), [("b", 1_100), ("a", 2_900)], "back to the older one");
    }

    #[test]
    fn other_periods_stay_until_they_are_past() {
        let december = program("december", Some("2026-12"), Some(5_000));
        let january = program("january", Some("2027-01"), Some(9_000));
        let evergreen = program("evergreen", None, None);
        let known = [("december", december.program), ("january", january.program), ("evergreen", evergreen.program)];
        let listed = [(december, 10), (evergreen, 10)];
        let at = |now| names(&next_entries(&listed, std::slice::from_ref(&january), now, now + 900), &known);
        assert_eq!(at(1_000), [("december", 10), ("january", 1_900), ("evergreen", 10)]);
        assert_eq!(at(5_000), [("january", 5_900), ("evergreen", 10)]);
    }
}
