//! What plays at a site in a month once withdrawals are counted, as a player counts them: whole programs, slides of every program or of this one.
//! Builds a program only where that can't be told from its plan. Never decides whether a statement counts: `judge` does.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::gone::{FolderWithdrawals, JudgedPlans};
use super::plan_faults;
use super::returning::WithdrawnCopy;
use crate::base::failure::Failure;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::text::Text;
use crate::base::times::Month;
use crate::build::compile;
use crate::content::model::values::{Content, Period};
use crate::content::plan::{self, Plan, due, local_time};
use crate::program::at::{at, next_start};
use crate::program::manifest::Manifest;

/// What plays in a month.
#[derive(Default)]
pub struct InForce {
    /// `None`: the built-in card.
    pub plan: Option<(Period, Plan)>,
    /// What would play, each with number and reason of its withdrawal.
    pub gone: Vec<(Period, Text)>,
    /// The slides of the plan that are withdrawn, each with number and reason, and what that means for releases.
    pub withdrawn: BTreeMap<SlideId, Text>,
    /// Those that look like a withdrawn one: a player shows them where they were published before.
    pub copies: BTreeMap<SlideId, WithdrawnCopy>,
    /// What can't be known, for programs that could not be read.
    pub unknown: Vec<Text>,
}

/// The plan in force in a month of a site: its own, else the evergreen one, else none; never one whose program is withdrawn whole.
pub fn in_force(folder: &Path, cache: Option<PathBuf>, content: &Content, (site, month): (&SiteId, Month)) -> Result<InForce, Failure> {
    let (withdrawals, mut found) = (FolderWithdrawals::read(folder)?, InForce::default());
    let judged = withdrawals.as_ref().map(|withdrawals| JudgedPlans::new(withdrawals, cache, content));
    for period in [Period::Month(month), Period::Evergreen].into_iter().filter(|period| due::written(content, site, *period)) {
        let plan = plan::period(content, site, period).map_err(Failure::Content)?;
        if let Some(judged) = &judged {
            match taken(judged, &plan)? {
                Taken::Whole(why) => {
                    found.gone.push((period, why));
                    continue;
                }
                Taken::Slides(withdrawn) => found.withdrawn = withdrawn,
            }
            found.copies = copies(judged, &plan)?;
        }
        found.plan = Some((period, plan));
        break;
    }
    found.unknown = withdrawals.as_ref().map(FolderWithdrawals::left_unknown).unwrap_or_default();
    Ok(found)
}

/// When a dark screen shows something again.
pub struct OnAgain {
    /// Unix milliseconds.
    pub ms: i64,
    /// That of the program that shows it.
    pub period: Period,
}

/// When each screen that is dark at a moment of a month shows something again, as far as that is known. `timetable`: that of the program in
/// force in the month; from the end of the month on, what is in force in the next one decides.
pub fn on_again(
    (folder, cache): (&Path, Option<PathBuf>),
    content: &Content,
    (site, month): (&SiteId, Month),
    (period, timetable): (Period, &Manifest),
    t_ms: i64,
) -> BTreeMap<ScreenId, OnAgain> {
    let following = month.next();
    let ends = local_time::midnight_second(content.settings.time_zone, following.first_day()) * 1000;
    let later = LazyCell::new(|| {
        let (period, plan) = in_force(folder, cache, content, (site, following)).ok()?.plan?;
        Some((period, compile::timetable(&plan)))
    });
    let next = |screen: &str| match next_start(timetable, screen, t_ms).filter(|ms| *ms < ends) {
        Some(ms) => Some(OnAgain { ms, period }),
        None => {
            let (period, later) = later.as_ref()?;
            let ms = at(later, screen, ends).map(|_| ends).or_else(|| next_start(later, screen, ends))?;
            Some(OnAgain { ms, period: *period })
        }
    };
    let dark = timetable.screens.iter().map(|screen| &screen.id).filter(|id| at(timetable, id.as_str(), t_ms).is_none());
    dark.filter_map(|id| Some((id.clone(), next(id.as_str())?))).collect()
}

/// What withdrawals take of a plan, each with number and reason.
enum Taken {
    Whole(Text),
    Slides(BTreeMap<SlideId, Text>),
}

/// What withdrawals take of a plan. Where a statement may be about this very program, or the loss of slides would empty a loop, which takes the
/// whole program or nothing (W5, W6), the program is built and judged.
fn taken(judged: &JudgedPlans<'_>, plan: &Plan) -> Result<Taken, Failure> {
    let (check, content) = (judged.withdrawals().check(), judged.content());
    let timetable = compile::timetable(plan);
    let found = check.withdrawn_slides(&timetable, &|id| content.slide(id).map(|slide| slide.revision));
    let emptied = timetable.loops.values().any(|each| each.items.iter().all(|(id, _)| found.contains_key(id)));
    if !emptied && !judged.may_be_gone(plan)? {
        return Ok(Taken::Slides(found.into_iter().map(|(id, why)| (id.clone(), why)).collect()));
    }
    let program = judged.compile(plan)?.program;
    Ok(check.gone(&program).map_or_else(|| Taken::Slides(check.taken_from(&program)), Taken::Whole))
}

/// The slides of a plan that look like a withdrawn one.
fn copies(judged: &JudgedPlans<'_>, plan: &Plan) -> Result<BTreeMap<SlideId, WithdrawnCopy>, Failure> {
    let check = judged.withdrawals().check();
    if !plan_faults::may_have_copies(judged, plan)? {
        return Ok(BTreeMap::new());
    }
    check.copied(judged.compile(plan)?.program.manifest())
}
