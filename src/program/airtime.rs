//! Compares how often and when two programs show each slide, from their timetables alone.
//! Never knows playlists. Pure: never reads a file, never prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::at;
use super::manifest::{Loop, Manifest, ManifestScreen};
use crate::base::ids::{ScreenId, SlideId};
use crate::base::terms::ProgramKind;

/// What differs in how often and when slides play.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AirtimeChanges {
    /// Slides that the program did not have before.
    pub added: BTreeMap<SlideId, Airtime>,
    /// Slides with another duration, other hours, or more or fewer turns for each turn of most others.
    pub changed: BTreeMap<SlideId, AirtimeChange>,
    /// All other slides of both programs: how many, and their plays before and after. `null` if these are equal, or if the programs cover
    /// other times.
    pub others: Option<(usize, u64, u64)>,
}

/// One slide's airtime before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AirtimeChange {
    pub before: Airtime,
    pub after: Airtime,
    /// Whether it plays at other times, apart from other opening hours.
    pub other_hours: bool,
}

/// What a program's timetable gives one slide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Airtime {
    /// How many times it begins, on all screens together; for an evergreen program, in a week.
    pub plays: u64,
    /// Its turns in each loop that has it.
    pub per_loop: BTreeSet<u64>,
    /// The lengths of its turns, in milliseconds.
    pub ms: BTreeSet<u64>,
    pub hours: BTreeMap<ScreenId, Hours>,
}

/// When the loops of a screen have a slide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hours {
    /// Whenever the screen shows anything.
    Whole,
    /// In the seconds of the spans, sorted and disjoint.
    Stretches(Vec<(i64, i64)>),
}

/// Turns of a slide after and before, in lowest terms.
type Ratio = (u64, u64);

/// What differs in the turns of slides, and in their hours.
#[derive(Default)]
struct Differing<'a> {
    turns: BTreeSet<&'a SlideId>,
    hours: BTreeSet<&'a SlideId>,
}

/// Compares a program with a later one.
pub fn compare(old: &Manifest, new: &Manifest) -> AirtimeChanges {
    let (mut before, after) = (airtimes(old), airtimes(new));
    let same_window = old.valid == new.valid || old.kind == ProgramKind::Evergreen;
    let differing = if same_window { at_common_moments(old, new) } else { by_pattern((old, &before), (new, &after)) };
    let mut changes = AirtimeChanges::default();
    let (mut count, mut was, mut is) = (0, 0, 0);
    for (id, after) in after {
        let Some(before) = before.remove(id) else {
            changes.added.insert(id.clone(), after);
            continue;
        };
        let other_hours = differing.hours.contains(id);
        // Turns that moved from one loop to another, as many as before, are nothing to tell of one slide.
        let other_turns = differing.turns.contains(id) && (before.plays != after.plays || before.per_loop != after.per_loop);
        if other_hours || other_turns || before.ms != after.ms {
            changes.changed.insert(id.clone(), AirtimeChange { before, after, other_hours });
        } else {
            (count, was, is) = (count + 1, was + before.plays, is + after.plays);
        }
    }
    changes.others = (same_window && was != is).then_some((count, was, is));
    changes
}

/// The airtime of every slide.
fn airtimes(manifest: &Manifest) -> BTreeMap<&SlideId, Airtime> {
    let mut all: BTreeMap<&SlideId, Airtime> = BTreeMap::new();
    for screen in &manifest.screens {
        let mut whole = Vec::new();
        let mut stretches: BTreeMap<&SlideId, Vec<(i64, i64)>> = BTreeMap::new();
        for (start, end, name, phase) in &screen.spans {
            let Some(each) = manifest.loops.get(name) else { continue };
            extend(&mut whole, (*start, *end));
            let span_ms = u64::try_from(end - start).unwrap_or_default().saturating_mul(1_000);
            let mut offset = 0;
            for (id, ms) in &each.items {
                let airtime = all.entry(id).or_default();
                airtime.plays += begins(offset, (each.ms, *phase), span_ms);
                airtime.ms.insert(*ms);
                offset += ms;
            }
            for (id, count) in turns(each) {
                all.entry(id).or_default().per_loop.insert(count);
                extend(stretches.entry(id).or_default(), (*start, *end));
            }
        }
        for (id, own) in stretches {
            let hours = if own == whole { Hours::Whole } else { Hours::Stretches(own) };
            all.entry(id).or_default().hours.insert(screen.id.clone(), hours);
        }
    }
    all
}

/// How long each slide's turns last, in milliseconds.
pub fn durations(manifest: &Manifest) -> BTreeMap<&SlideId, BTreeSet<u64>> {
    let mut all: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (id, ms) in manifest.loops.values().flat_map(|each| &each.items) {
        all.entry(id).or_default().insert(*ms);
    }
    all
}

/// How many times an item begins in a span: one at an offset in a loop of this length, of which the span starts at this phase.
fn begins(offset: u64, (loop_ms, phase): (u64, u64), span_ms: u64) -> u64 {
    let first = (offset + loop_ms - phase) % loop_ms.max(1);
    if first < span_ms { 1 + (span_ms - 1 - first) / loop_ms.max(1) } else { 0 }
}

/// Adds a stretch that is not before the last one, and joins both if they touch.
fn extend(stretches: &mut Vec<(i64, i64)>, (start, end): (i64, i64)) {
    match stretches.last_mut() {
        Some(last) if last.1 == start => last.1 = end,
        _ => stretches.push((start, end)),
    }
}

/// How many turns each slide of a loop has.
fn turns(each: &Loop) -> BTreeMap<&SlideId, u64> {
    let mut all = BTreeMap::new();
    for (id, _) in &each.items {
        *all.entry(id).or_default() += 1;
    }
    all
}

/// Compares the loops that play at the same moments on the same screens.
fn at_common_moments<'a>(old: &'a Manifest, new: &'a Manifest) -> Differing<'a> {
    let mut differing = Differing::default();
    let mut compared = BTreeSet::new();
    for (before, after) in new.screens.iter().filter_map(|after| Some((old.screens.iter().find(|each| each.id == after.id)?, after))) {
        for pair in common_loops(before, after) {
            let loops = old.loops.get(pair.0).zip(new.loops.get(pair.1));
            if let Some((was, is)) = loops.filter(|(was, is)| compared.insert(pair) && was != is) {
                compare_turns((&turns(was), was.ms), (&turns(is), is.ms), &mut differing);
            }
        }
    }
    differing
}

/// The names of the loops that a screen plays in both programs at some moment.
fn common_loops<'a>(before: &'a ManifestScreen, after: &'a ManifestScreen) -> BTreeSet<(&'a str, &'a str)> {
    let mut pairs = BTreeSet::new();
    for (start, end, name, _) in &after.spans {
        let first = before.spans.partition_point(|span| span.1 <= *start);
        let common = before.spans[first..].iter().take_while(|span| span.0 < *end);
        pairs.extend(common.map(|span| (span.2.as_str(), name.as_str())));
    }
    pairs
}

/// A loop may become longer by whole rounds of its playlists, and any slide more makes all others rarer: only a slide whose turns changed
/// differently from those of most others, and whose turns follow each other at another interval, has other turns of its own.
fn compare_turns<'a>(
    (was, was_ms): (&BTreeMap<&'a SlideId, u64>, u64),
    (is, is_ms): (&BTreeMap<&'a SlideId, u64>, u64),
    differing: &mut Differing<'a>,
) {
    let usual = usual_ratio(is.iter().filter_map(|(id, now)| Some((*now, *was.get(id)?))));
    for (id, now) in is {
        let Some(then) = was.get(id) else {
            differing.hours.insert(id);
            continue;
        };
        let (now_rate, then_rate) = (u128::from(*now) * u128::from(was_ms), u128::from(*then) * u128::from(is_ms));
        if lowest((*now, *then)) != usual && now_rate.abs_diff(then_rate) * 100 > then_rate {
            differing.turns.insert(id);
        }
    }
    differing.hours.extend(was.keys().filter(|id| !is.contains_key(*id)).copied());
}

/// The ratio that most slides have; among equals, that of slides with as many turns as before.
fn usual_ratio(turns: impl Iterator<Item = Ratio>) -> Ratio {
    let mut counts: BTreeMap<Ratio, usize> = BTreeMap::new();
    for each in turns {
        *counts.entry(lowest(each)).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(ratio, count)| (*count, *ratio == (1, 1))).map_or((1, 1), |(ratio, _)| ratio)
}

fn lowest((one, other): Ratio) -> Ratio {
    let (mut a, mut b) = (one, other);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    (one / a.max(1), other / a.max(1))
}

/// Compares programs of other times, such as two months: turns in loops, and hours by day of the week and time of day.
fn by_pattern<'a>(
    (old, before): (&Manifest, &BTreeMap<&SlideId, Airtime>),
    (new, after): (&'a Manifest, &BTreeMap<&'a SlideId, Airtime>),
) -> Differing<'a> {
    let most = |airtime: &Airtime| airtime.per_loop.last().copied().unwrap_or_default();
    let both: Vec<_> = after.iter().filter_map(|(id, now)| Some((*id, before.get(*id)?, now))).collect();
    let usual = usual_ratio(both.iter().map(|(_, then, now)| (most(now), most(then))));
    let mut differing = Differing::default();
    for (id, then, now) in both {
        if then.per_loop != now.per_loop && lowest((most(now), most(then))) != usual {
            differing.turns.insert(id);
        }
        if now.hours.iter().any(|(screen, now)| then.hours.get(screen).is_some_and(|then| pattern(old, then) != pattern(new, now))) {
            differing.hours.insert(id);
        }
    }
    differing
}

/// Stretches by day of the week, second of the day and length; none for whole hours.
fn pattern(manifest: &Manifest, hours: &Hours) -> BTreeSet<(i64, i64)> {
    let Hours::Stretches(stretches) = hours else { return BTreeSet::new() };
    stretches.iter().map(|(start, end)| (at::second_of_week(manifest, *start), end - start)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_counts_where_it_begins() {
        // A loop of 30 s with items at 0, 10 and 20 s.
        for (offset, phase, span, count) in
            [(0, 0, 60, 2), (0, 0, 61, 3), (20, 0, 20, 0), (20, 0, 21, 1), (0, 5, 25, 0), (0, 5, 26, 1), (10, 5, 36, 2), (10, 10, 30, 1)]
        {
            assert_eq!(begins(offset * 1_000, (30_000, phase * 1_000), span * 1_000), count, "{offset} {phase} {span}");
        }
    }

    #[test]
    fn a_loop_that_is_longer_by_whole_rounds_gives_no_slide_other_turns() {
        assert_eq!(usual_ratio([(3, 2), (6, 4), (1, 1)].into_iter()), (3, 2));
        assert_eq!(usual_ratio([(3, 2), (1, 1)].into_iter()), (1, 1));
        assert_eq!(usual_ratio(std::iter::empty()), (1, 1));
    }
}
