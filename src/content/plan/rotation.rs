//! The order of one loop: whose turn it is between playlists, and within one. Integers only; docs/timetable.md, "Loops".
//! Never knows the time of day; callers give the entries that play.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The entries of one playlist that play.
#[derive(Clone, Debug)]
pub struct RotationGroup {
    /// 1 to 100.
    pub share: u64,
    /// In order of the file; never empty.
    pub turns: Vec<RotationEntry>,
}

/// One entry of a rotation.
#[derive(Clone, Copy, Debug)]
pub struct RotationEntry {
    /// The caller's number for it.
    pub entry: u32,
    /// Places in a round, 1 to 20.
    pub weight: u64,
    /// Milliseconds of its slide and translations, at least 1.
    pub ms: u64,
}

/// The entries of one loop in order, by the caller's numbers.
pub fn loop_order(groups: &[RotationGroup]) -> Vec<u32> {
    let rounds: Vec<Vec<usize>> = groups.iter().map(|group| playlist_round(&group.turns)).collect();
    let time = |group: &RotationGroup| group.turns.iter().map(|turn| u128::from(turn.weight * turn.ms)).sum::<u128>();
    // M = longest / by, the greatest time of a round per share.
    let (mut longest, mut by) = (0_u128, 1_u128);
    for group in groups {
        if time(group) * by > longest * u128::from(group.share) {
            (longest, by) = (time(group), u128::from(group.share));
        }
    }
    let mut played = vec![0_u128; groups.len()];
    let mut next = vec![0; groups.len()];
    let mut out = Vec::new();
    let done = |played: &[u128]| groups.iter().zip(played).all(|(group, ms)| ms * by >= u128::from(group.share) * longest);
    while !done(&played) {
        // Least played per share first; ties go in the order of `shares`.
        let less = |a: &usize, b: &usize| (played[*a] * u128::from(groups[*b].share)).cmp(&(played[*b] * u128::from(groups[*a].share)));
        let Some(at) = (0..groups.len()).min_by(less) else { break };
        let turn = groups[at].turns[rounds[at][next[at]]];
        next[at] = (next[at] + 1) % rounds[at].len();
        played[at] += u128::from(turn.ms);
        out.push(turn.entry);
    }
    out
}

/// One round of a playlist: an index into `turns` per place. Each entry is shown `weight` times, so every round is the same.
fn playlist_round(turns: &[RotationEntry]) -> Vec<usize> {
    let places: u64 = turns.iter().map(|turn| turn.weight).sum();
    // Entries by the first place from which they may be taken: shown × places ≤ place × weight.
    let mut opens: Vec<Vec<usize>> = vec![Vec::new(); usize::try_from(places).unwrap_or(usize::MAX)];
    opens[0] = (0..turns.len()).collect();
    let mut shown = vec![0_u64; turns.len()];
    let mut ready = BinaryHeap::new();
    let mut out = Vec::with_capacity(opens.len());
    for place in 0..opens.len() {
        for at in std::mem::take(&mut opens[place]) {
            ready.push(Reverse(QueuedEntry { nth: shown[at] + 1, weight: turns[at].weight, at }));
        }
        let Some(Reverse(due)) = ready.pop() else { break };
        shown[due.at] += 1;
        out.push(due.at);
        let again = (shown[due.at] * places).div_ceil(due.weight);
        if let Some(list) = usize::try_from(again).ok().and_then(|place| opens.get_mut(place)) {
            list.push(due.at);
        }
    }
    out
}

/// Orders by least nth ÷ weight, then greater weight, then the order of the entries.
#[derive(PartialEq, Eq)]
struct QueuedEntry {
    nth: u64,
    weight: u64,
    at: usize,
}

impl Ord for QueuedEntry {
    fn cmp(&self, other: &Self) -> Ordering {
        let least = (self.nth * other.weight).cmp(&(other.nth * self.weight));
        least.then(other.weight.cmp(&self.weight)).then(self.at.cmp(&other.at))
    }
}

impl PartialOrd for QueuedEntry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(share: u64, turns: &[(u64, u64)], first: u32) -> RotationGroup {
        let turn = |(at, (weight, ms)): (usize, &(u64, u64))| RotationEntry {
            entry: first + u32::try_from(at).unwrap(),
            weight: *weight,
            ms: *ms,
        };
        RotationGroup { share, turns: turns.iter().enumerate().map(turn).collect() }
    }

    #[test]
    fn a_round_spreads_weights_without_a_repeat_at_the_seam() {
        assert_eq!(loop_order(&[group(1, &[(1, 1000), (1, 1000), (2, 1000)], 0)]), [2, 0, 2, 1]);
        assert_eq!(loop_order(&[group(1, &[(1, 1000)], 0)]), [0]);
    }

    #[test]
    fn shares_count_time_and_not_items() {
        // 10 s against 60 s at 1:1: M = 60 s, so six of the first to one of the second.
        assert_eq!(loop_order(&[group(1, &[(1, 10_000)], 0), group(1, &[(1, 60_000)], 1)]), [0, 1, 0, 0, 0, 0, 0]);
    }
}
