//! Sweeps over a screen's time: finds the loop at each change of what plays, joins equal loops, continues phases. Pure.
//! Never judges: it returns time without an entry as uncovered.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::candidates::CandidateEntry;
use super::interval::TimeInterval;
use super::planned::PlannedLoop;
use super::rotation::{RotationEntry, RotationGroup, loop_order};
use crate::base::ids::SlideId;
use crate::content::model::values::{Screen, Site};

/// The entries that play in one stretch, by their number among the candidates, ascending.
type PlayingEntries = Rc<Vec<u32>>;

/// Loops numbered in order of first use, kept by what plays so that each is computed once.
#[derive(Default)]
pub struct LoopBuilder {
    by_playing: HashMap<PlayingEntries, usize>,
    by_items: HashMap<Vec<(SlideId, u64)>, usize>,
    found: Vec<PlannedLoop>,
}

/// Start, end, the loop's number from 0, phase.
pub type NumberedSpan = (i64, i64, usize, u64);

impl LoopBuilder {
    /// The spans of one screen, and the opening time for which nothing plays.
    pub fn spans(
        &mut self,
        site: &Site,
        screen: &Screen,
        all: &[CandidateEntry<'_>],
        open: &[TimeInterval],
    ) -> (Vec<NumberedSpan>, Vec<TimeInterval>) {
        let mut spans: Vec<NumberedSpan> = Vec::new();
        let mut uncovered: Vec<TimeInterval> = Vec::new();
        let mut played: HashMap<usize, u64> = HashMap::new();
        for (start, end, playing) in sweep(screen, all, open) {
            if playing.is_empty() {
                match uncovered.last_mut() {
                    Some(last) if last.1 == start => last.1 = end,
                    _ => uncovered.push((start, end)),
                }
                continue;
            }
            let number = self.loop_number(site, all, &playing);
            match spans.last_mut() {
                Some(last) if last.1 == start && last.2 == number => last.1 = end,
                _ => spans.push((start, end, number, 0)),
            }
        }
        for span in &mut spans {
            let ms = played.entry(span.2).or_default();
            span.3 = *ms % self.found[span.2].ms;
            *ms += (span.1 - span.0).unsigned_abs() * 1000;
        }
        (spans, uncovered)
    }

    fn loop_number(&mut self, site: &Site, all: &[CandidateEntry<'_>], playing: &PlayingEntries) -> usize {
        if let Some(known) = self.by_playing.get(playing) {
            return *known;
        }
        let items = loop_items(site, all, playing);
        let next = self.found.len();
        let number = *self.by_items.entry(items.clone()).or_insert(next);
        if number == next {
            self.found.push(PlannedLoop { ms: items.iter().map(|(_, ms)| ms).sum(), items });
        }
        self.by_playing.insert(Rc::clone(playing), number);
        number
    }

    /// The loops by id: `1`, `2`, … in order of first use.
    pub fn into_loops_by_id(self) -> BTreeMap<String, PlannedLoop> {
        self.found.into_iter().enumerate().map(|(at, each)| (loop_id(at), each)).collect()
    }
}

/// The id of a loop by its number from 0.
pub fn loop_id(number: usize) -> String {
    (number + 1).to_string()
}

fn loop_items(site: &Site, all: &[CandidateEntry<'_>], playing: &[u32]) -> Vec<(SlideId, u64)> {
    let mut groups: BTreeMap<usize, RotationGroup> = BTreeMap::new();
    for &number in playing {
        let each = &all[number as usize];
        let share = u64::from(site.shares[each.share_index].share);
        let turn = RotationEntry { entry: number, weight: u64::from(each.entry.weight), ms: each.ms() };
        groups.entry(each.share_index).or_insert_with(|| RotationGroup { share, turns: Vec::new() }).turns.push(turn);
    }
    let groups: Vec<RotationGroup> = groups.into_values().collect();
    loop_order(&groups).into_iter().flat_map(|number| all[number as usize].items.iter().cloned()).collect()
}

/// Entries of one screen that play at the same times.
struct EntryClass<'a> {
    plays: &'a [TimeInterval],
    members: Vec<u32>,
}

/// Groups entries by the list of stretches that they share, in order of first use.
fn classes<'a>(screen: &Screen, all: &'a [CandidateEntry<'_>]) -> Vec<EntryClass<'a>> {
    let mut numbers: HashMap<*const TimeInterval, usize> = HashMap::new();
    let mut classes: Vec<EntryClass<'a>> = Vec::new();
    for (number, each) in (0_u32..).zip(all).filter(|(_, each)| !each.play_times.is_empty() && each.plays_on(screen)) {
        let next = classes.len();
        let class = *numbers.entry(each.play_times.as_ptr()).or_insert(next);
        if class == next {
            classes.push(EntryClass { plays: &each.play_times, members: Vec::new() });
        }
        classes[class].members.push(number);
    }
    classes
}

/// Opening time, cut at each change of what plays and at each edge of a window.
fn sweep(screen: &Screen, all: &[CandidateEntry<'_>], open: &[TimeInterval]) -> Vec<(i64, i64, PlayingEntries)> {
    let classes = classes(screen, all);
    let mut changes: Vec<(i64, u32, bool)> = Vec::new();
    for (number, class) in (0_u32..).zip(&classes) {
        changes.extend(class.plays.iter().flat_map(|(start, end)| [(*start, number, true), (*end, number, false)]));
    }
    changes.sort_unstable_by_key(|(second, ..)| *second);
    let mut points: Vec<i64> = changes.iter().map(|change| change.0).chain(open.iter().flat_map(|(start, end)| [*start, *end])).collect();
    points.sort_unstable();
    points.dedup();
    let mut known: HashMap<Vec<u32>, PlayingEntries> = HashMap::new();
    let (mut active, mut playing, mut next, mut out) = (BTreeSet::new(), PlayingEntries::default(), 0, Vec::new());
    for pair in points.windows(2) {
        let first = next;
        while let Some((_, number, starts)) = changes.get(next).filter(|change| change.0 <= pair[0]) {
            if *starts {
                active.insert(*number)
            } else {
                active.remove(number)
            };
            next += 1;
        }
        if next > first {
            let key: Vec<u32> = active.iter().copied().collect();
            playing = Rc::clone(known.entry(key).or_insert_with_key(|key| {
                let mut numbers: Vec<u32> = key.iter().flat_map(|class| &classes[*class as usize].members).copied().collect();
                numbers.sort_unstable();
                Rc::new(numbers)
            }));
        }
        if super::interval::contains(open, pair[0]) {
            out.push((pair[0], pair[1], Rc::clone(&playing)));
        }
    }
    out
}
