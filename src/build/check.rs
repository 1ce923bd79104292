//! Everything that is wrong with a content folder: its files, its theme, its pictures, its size and, without errors, its plans.
//! Never prints, never changes a file of the content.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use super::{pictures, plan_check, render, room};
use crate::base::cache_file::CacheFile;
use crate::base::diagnostic::{self, Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::ids::SlideId;
use crate::base::times::Month;
use crate::content::model::choose;
use crate::content::model::values::Content;
use crate::content::plan::{Plan, due};
use crate::content::source::{line_ends, weight};
use crate::content::{model, source};

/// What to check.
pub struct CheckOrder<'a> {
    /// Content folder.
    pub root: &'a Path,
    /// `None`: the plans of all sites.
    pub site: Option<&'a str>,
    /// `None`: the plans of all months with a playlist, and of the evergreen week.
    pub month: Option<Month>,
    /// Remembers which pictures are sound.
    pub decoded: &'a CacheFile,
    /// Start of the command.
    pub since: SystemTime,
    /// Finds what later stages hold against the plans.
    pub of_plans: &'a FindFaults<'a>,
    /// Finds up to which revision slides are withdrawn.
    pub withdrawn: &'a FindWithdrawn<'a>,
}

/// The faults of the plans of a content.
pub type FindFaults<'a> = dyn Fn(&Content, &[Plan]) -> Result<Vec<Diagnostic>, Failure> + 'a;

/// Up to which revision slides are withdrawn.
pub type FindWithdrawn<'a> = dyn Fn() -> Result<BTreeMap<SlideId, u64>, Failure> + 'a;

/// What was found.
pub struct Checked {
    /// Each once, sorted by file.
    pub faults: Vec<Diagnostic>,
    /// `None` while the content has errors.
    pub planned: Option<Planned>,
}

/// A content whose files have no errors, with its plans.
pub struct Planned {
    pub content: Content,
    /// Those that could be made.
    pub plans: Vec<Plan>,
    /// How many were made or tried.
    pub tried: usize,
}

/// Checks a content folder. Fails only if it can't be read, or has no such site.
pub fn check(order: &CheckOrder<'_>) -> Result<Checked, Failure> {
    let CheckOrder { root, site, month, decoded, since, of_plans, withdrawn } = *order;
    let tree = source::read(root)?;
    let loaded = model::build_content(&tree);
    let mut faults = loaded.faults;
    if let Some((theme, layouts)) = loaded.theme.as_ref().filter(|(theme, _)| tree.is_theme_plain(theme)) {
        let found = render::check_theme(root, theme, layouts)?;
        if let Some(content) = loaded.content.as_ref().filter(|_| found.is_empty()) {
            faults.extend(render::check_crops(&render::Theme::load(root, theme)?, layouts, content));
        }
        if found.iter().all(|fault| fault.severity == Severity::Warning) {
            faults.extend(render::check_glyphs(root, theme, &tree)?);
        }
        faults.extend(found);
    }
    faults.extend(pictures::check(root, &tree, decoded, since));
    faults.extend(weight::check(root, &tree));
    let sound = faults.iter().all(|fault| fault.severity == Severity::Warning);
    let mut made = None;
    if let Some(content) = loaded.content.filter(|_| sound) {
        month.iter().try_for_each(|month| choose::ensure_month(&content, *month))?;
        let planned = due::check(&content, &choose::select_sites(&content, site)?, month);
        faults.extend(planned.faults.into_iter().chain(model::unused_slides(&content, &withdrawn()?)));
        faults.extend(model::unused_media(&content, &tree.stamps));
        faults.extend(plan_check::check(root, &content, &planned.plans)?);
        faults.extend(of_plans(&content, &planned.plans)?);
        let theme = render::Theme::load(root, &content.settings.theme)?;
        faults.extend(room::check(&render::Renderer::new(theme, root.to_owned(), None), &content, &planned.plans));
        made = Some(Planned { content, plans: planned.plans, tried: planned.tried });
    }
    faults.extend(line_ends::check(root));
    diagnostic::settle(&mut faults);
    Ok(Checked { faults, planned: made })
}
