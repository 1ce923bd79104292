//! Finds what a program shows at a moment: the span, the loop's item in it, and when that ends. Pure functions.
//! Never chooses between programs: `show` does. `player/timeline.js` defines the same for the browser; both run `tests/vectors/`.

use std::collections::BTreeSet;

use super::manifest::{Loop, Manifest, ManifestScreen, ManifestSpan};
use super::validate::WEEK_SECONDS;
use crate::base::ids::SlideId;
use crate::base::terms::ProgramKind;

const WEEK_MS: i64 = WEEK_SECONDS * 1000;
/// Unix time began on a Thursday, 3 days into its week.
const EPOCH_IN_WEEK_MS: i64 = 3 * 86_400_000;

/// The item that a screen shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CurrentItem<'a> {
    pub span: &'a ManifestSpan,
    pub slide: &'a SlideId,
    /// Place in the loop, from 0.
    pub item: usize,
    /// Milliseconds since the item began.
    pub elapsed_ms: i64,
    /// Length of the item, including the withdrawn items right before it.
    pub ms: i64,
    /// Next millisecond at which the span ends or local time jumps.
    pub changes_at_ms: i64,
}

impl CurrentItem<'_> {
    /// Id of the loop.
    pub fn loop_id(&self) -> &str {
        &self.span.2
    }

    /// First millisecond after `t_ms` at which the answer may change.
    pub fn until(&self, t_ms: i64) -> i64 {
        self.changes_at_ms.min(t_ms + self.ms - self.elapsed_ms)
    }
}

/// What one program has for one screen at one moment. `Dark`: no span holds it. `edge`: the next millisecond at which that may change.
pub(super) enum Lookup<'a> {
    Plays(CurrentItem<'a>),
    Dark { edge: Option<i64> },
    AllWithdrawn { edge: i64 },
}

/// Options of a lookup.
#[derive(Clone, Copy, Default)]
pub(super) struct LookupOptions<'a> {
    pub withdrawn: Option<&'a BTreeSet<SlideId>>,
    /// Outside its spans, an evergreen program continues with the span that ended last.
    pub round_the_clock: bool,
}

/// Returns what a program shows on a screen at `t_ms` (Unix milliseconds; for a kit, milliseconds since its release). `None`: dark.
pub fn at<'a>(manifest: &'a Manifest, screen: &str, t_ms: i64) -> Option<CurrentItem<'a>> {
    at_without(manifest, screen, t_ms, &BTreeSet::new())
}

/// As [`at`], once these slides are withdrawn. `None` also where they are all that the loop has.
pub fn at_without<'a>(manifest: &'a Manifest, screen: &str, t_ms: i64, withdrawn: &BTreeSet<SlideId>) -> Option<CurrentItem<'a>> {
    match lookup(manifest, screen, t_ms, LookupOptions { withdrawn: Some(withdrawn), ..LookupOptions::default() }) {
        Lookup::Plays(at) => Some(at),
        Lookup::Dark { .. } | Lookup::AllWithdrawn { .. } => None,
    }
}

/// The next Unix millisecond at which a screen that is dark at `t_ms` shows something; `None` if it is not dark, or stays so.
pub fn next_start(manifest: &Manifest, screen: &str, t_ms: i64) -> Option<i64> {
    let mut now = t_ms;
    while let Lookup::Dark { edge } = lookup(manifest, screen, now, LookupOptions::default()) {
        now = edge.filter(|edge| *edge > now)?;
    }
    (now > t_ms).then_some(now)
}

/// Seconds east of UTC at a moment: the latest change up to it; before the first change, that of the first.
pub fn offset(manifest: &Manifest, t_ms: i64) -> i32 {
    let after = manifest.offsets.partition_point(|(from, _)| from * 1000 <= t_ms);
    manifest.offsets.get(after.saturating_sub(1)).map_or(0, |(_, seconds)| *seconds)
}

/// Milliseconds since the local week began.
fn week_ms(manifest: &Manifest, t_ms: i64) -> i64 {
    (t_ms + i64::from(offset(manifest, t_ms)) * 1000 + EPOCH_IN_WEEK_MS).rem_euclid(WEEK_MS)
}

/// Seconds since the local week began, at a Unix second.
pub fn second_of_week(manifest: &Manifest, second: i64) -> i64 {
    week_ms(manifest, second.saturating_mul(1000)).div_euclid(1000)
}

pub(super) fn lookup<'a>(manifest: &'a Manifest, screen: &str, t_ms: i64, manner: LookupOptions<'_>) -> Lookup<'a> {
    let Some(screen) = manifest.screens.iter().find(|each| each.id.as_str() == screen) else { return Lookup::Dark { edge: None } };
    if manifest.kind == ProgramKind::Evergreen {
        lookup_week(manifest, screen, t_ms, manner)
    } else {
        lookup_unix(manifest, screen, t_ms, manner)
    }
}

/// Looks up spans that count from the same origin as `t_ms`, in seconds.
fn lookup_unix<'a>(manifest: &'a Manifest, screen: &'a ManifestScreen, t_ms: i64, manner: LookupOptions<'_>) -> Lookup<'a> {
    let after = screen.spans.partition_point(|span| span.0 * 1000 <= t_ms);
    match screen.spans[..after].last() {
        Some(span) if t_ms < span.1 * 1000 => item_in_span(manifest, span, t_ms - span.0 * 1000, span.1 * 1000, manner),
        _ => Lookup::Dark { edge: screen.spans.get(after).map(|span| span.0 * 1000) },
    }
}

/// Looks up spans in seconds of the local week.
fn lookup_week<'a>(manifest: &'a Manifest, screen: &'a ManifestScreen, t_ms: i64, manner: LookupOptions<'_>) -> Lookup<'a> {
    let now = week_ms(manifest, t_ms);
    let jump = manifest.offsets.iter().skip(1).map(|(from, _)| from * 1000).find(|from| *from > t_ms).unwrap_or(i64::MAX);
    let edge = |at: i64| (t_ms + at - now).min(jump);
    let after = screen.spans.partition_point(|span| span.0 * 1000 <= now);
    if let Some(span) = screen.spans[..after].last()
        && now < span.1 * 1000
    {
        return item_in_span(manifest, span, now - span.0 * 1000, edge(span.1 * 1000), manner);
    }
    let Some(first) = screen.spans.first() else { return Lookup::Dark { edge: None } };
    let next = edge(screen.spans.get(after).map_or(first.0 * 1000 + WEEK_MS, |span| span.0 * 1000));
    if !manner.round_the_clock {
        return Lookup::Dark { edge: Some(next) };
    }
    let ended = screen.spans[..after].last().or(screen.spans.last()).unwrap_or(first);
    item_in_span(manifest, ended, (now - ended.0 * 1000).rem_euclid(WEEK_MS), next, manner)
}

/// Returns the item shown `elapsed` milliseconds after the start of a span.
fn item_in_span<'a>(manifest: &'a Manifest, span: &'a ManifestSpan, elapsed: i64, edge: i64, manner: LookupOptions<'_>) -> Lookup<'a> {
    let Some(each) = manifest.loops.get(&span.2) else { return Lookup::Dark { edge: Some(edge) } };
    let offset = (elapsed + to_i64(span.3)).rem_euclid(to_i64(each.ms).max(1));
    match item_at_offset(each, offset, manner.withdrawn) {
        Some((item, into, ms)) => {
            Lookup::Plays(CurrentItem { span, slide: &each.items[item].0, item, elapsed_ms: into, ms, changes_at_ms: edge })
        }
        None => Lookup::AllWithdrawn { edge },
    }
}

/// Returns the item at an offset, the milliseconds into it, and its length. An item takes the time of the withdrawn items right before it,
/// also across the end of the loop. `None` when all are withdrawn.
fn item_at_offset(each: &Loop, offset: i64, withdrawn: Option<&BTreeSet<SlideId>>) -> Option<(usize, i64, i64)> {
    let is_withdrawn = |slide: &SlideId| withdrawn.is_some_and(|ids| ids.contains(slide));
    let count = each.items.len();
    let mut start = 0;
    let at = each.items.iter().position(|(_, ms)| {
        start += to_i64(*ms);
        offset < start
    })?;
    let (mut into, mut ms) = (offset - (start - to_i64(each.items[at].1)), to_i64(each.items[at].1));
    let mut standing = at;
    while is_withdrawn(&each.items[standing].0) {
        standing = (standing + 1) % count;
        if standing == at {
            return None;
        }
        ms += to_i64(each.items[standing].1);
    }
    let mut before = (at + count - 1) % count;
    while before != standing && is_withdrawn(&each.items[before].0) {
        into += to_i64(each.items[before].1);
        ms += to_i64(each.items[before].1);
        before = (before + count - 1) % count;
    }
    Some((standing, into, ms))
}

/// Verified programs hold no number above 2^53.
fn to_i64(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}
