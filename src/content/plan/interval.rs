//! Half-open stretches of seconds: union and intersection. Lists are sorted and disjoint; stretches that touch are joined.
//! Never knows what the seconds count from.

/// `[start, end)`.
pub type TimeInterval = (i64, i64);

/// All time that any of the stretches holds.
pub fn union(mut stretches: Vec<TimeInterval>) -> Vec<TimeInterval> {
    stretches.sort_unstable();
    let mut out: Vec<TimeInterval> = Vec::with_capacity(stretches.len());
    for (start, end) in stretches {
        match out.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => out.push((start, end)),
        }
    }
    out
}

/// The time that both lists hold.
pub fn intersection(a: &[TimeInterval], b: &[TimeInterval]) -> Vec<TimeInterval> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while let (Some(left), Some(right)) = (a.get(i), b.get(j)) {
        let both = (left.0.max(right.0), left.1.min(right.1));
        if both.0 < both.1 {
            out.push(both);
        }
        if left.1 <= right.1 { i += 1 } else { j += 1 }
    }
    out
}

/// Whether a list holds a second.
pub fn contains(stretches: &[TimeInterval], second: i64) -> bool {
    let after = stretches.partition_point(|(start, _)| *start <= second);
    stretches[..after].last().is_some_and(|(_, end)| second < *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_and_cut() {
        assert_eq!(union(vec![(5, 9), (0, 2), (2, 3), (6, 7)]), [(0, 3), (5, 9)]);
        assert_eq!(intersection(&[(0, 3), (5, 9)], &[(2, 6), (8, 20)]), [(2, 3), (5, 6), (8, 9)]);
        assert!(contains(&[(0, 3), (5, 9)], 5) && !contains(&[(0, 3), (5, 9)], 3));
    }
}
