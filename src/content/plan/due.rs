//! Which periods are due: all that have playlists, and the next one worth seeing. Pure.
//! Never plans by itself: `planner` does.

use std::borrow::Borrow;
use std::collections::BTreeSet;

use super::planned::Plan;
use super::{never, planner};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::SiteId;
use crate::base::times::Month;
use crate::content::model::values::{Content, Period};

/// The result of planning every period.
pub struct Checked {
    /// Made or tried.
    pub tried: usize,
    pub plans: Vec<Plan>,
    /// Errors and warnings.
    pub faults: Vec<Diagnostic>,
}

/// Whether a playlist of the site's shares has a file for a period.
pub fn written(content: &Content, site: &SiteId, period: Period) -> bool {
    let shares = content.sites.get(site).map(|site| site.shares.as_slice()).unwrap_or_default();
    shares.iter().any(|share| content.playlists.contains_key(&(period, share.playlist.clone())))
}

/// The periods for which a playlist of the site's shares has a file, in order.
pub fn periods<'a>(content: &'a Content, site: &SiteId) -> impl Iterator<Item = Period> + 'a {
    let all: BTreeSet<Period> = content.playlists.keys().map(|(period, _)| *period).collect();
    let site = site.clone();
    all.into_iter().filter(move |period| written(content, &site, *period))
}

/// The months for which any playlist has a file.
pub fn months(content: &Content) -> BTreeSet<Month> {
    content.playlists.keys().filter_map(|(period, _)| period.month()).collect()
}

/// The months for which each of these sites has a playlist.
pub fn common_months(content: &Content, sites: &[SiteId]) -> BTreeSet<Month> {
    let common = |month: &Month| sites.iter().all(|site| written(content, site, Period::Month(*month)));
    months(content).into_iter().filter(common).collect()
}

/// Every month with a playlist, and the evergreen week.
pub fn all_periods(content: &Content) -> Vec<Period> {
    months(content).into_iter().map(Period::Month).chain([Period::Evergreen]).collect()
}

/// Plans these sites for one month or, without one, for every month with a playlist and for the evergreen week.
pub fn check(content: &Content, sites: &[SiteId], only: Option<Month>) -> Checked {
    let periods = only.map_or_else(|| all_periods(content), |month| vec![Period::Month(month)]);
    let all = sites.iter().flat_map(|site| periods.iter().map(move |period| (site, *period)));
    let tried: Vec<Result<Plan, Vec<Diagnostic>>> = all.map(|(site, period)| planner::period(content, site, period)).collect();
    Checked { tried: tried.len(), faults: faults(&tried), plans: tried.into_iter().filter_map(Result::ok).collect() }
}

/// What is wrong with plans: why those are missing that could not be made, and the warnings of the others.
pub fn faults<P: Borrow<Plan>>(tried: &[Result<P, Vec<Diagnostic>>]) -> Vec<Diagnostic> {
    let made = || tried.iter().filter_map(|plan| plan.as_ref().ok()).map(Borrow::borrow);
    let own = tried.iter().flat_map(|plan| plan.as_ref().map_or_else(|errors| errors, |plan| &plan.borrow().warnings));
    own.cloned().chain(never::warnings(made().flat_map(|plan| &plan.never))).collect()
}

/// A Unix second from which monthly programs can be seen at these sites: `now` if every site is open, else ten minutes into the first
/// opening of the first common month from today's on (of the last one, if all are past). `None` without such a month.
pub fn worth_seeing(content: &Content, sites: &[SiteId], now: i64) -> Result<Option<i64>, Vec<Diagnostic>> {
    const INTO: i64 = 600;
    let months = common_months(content, sites);
    let today = Month::containing(content.settings.time_zone.to_local(now).date());
    let Some(month) = months.range(today..).next().or(months.last()).copied() else { return Ok(None) };
    let (mut opening, mut open_now) = (0, month == today);
    for site in sites {
        let plan = planner::period(content, site, Period::Month(month))?;
        let spans = || plan.screens.iter().flat_map(|screen| &screen.spans);
        open_now = open_now && spans().any(|span| (span.0..span.1).contains(&now));
        opening = opening.max(spans().map(|span| span.0).min().unwrap_or_default());
    }
    Ok(Some(if open_now { now } else { opening + INTO }))
}
