//! Everything that is wrong with a content folder: its files, its theme, its pictures, its size and, without errors, its plans.
//! Never prints, never changes a file of the content.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use super::render::{self, Renderer, Theme};
use super::{pictures, plan_check, room};
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
        if is_sound(&found) {
            let theme = Theme::load(root, theme)?;
            if let Some(content) = loaded.content.as_ref().filter(|_| found.is_empty()) {
                faults.extend(render::check_crops(&theme, layouts, content));
            }
            faults.extend(render::check_glyphs(&theme, &tree.texts)?);
            faults.extend(render::unreadable_fonts(&theme)?);
        }
        faults.extend(found);
    }
    faults.extend(pictures::check(root, (&tree.media, &tree.stamps), decoded, since));
    faults.extend(weight::check(root, &tree.stamps, &tree.unreadable));
    let mut made = None;
    if let Some(content) = loaded.content.filter(|_| is_sound(&faults)) {
        month.iter().try_for_each(|month| choose::ensure_month(&content, *month))?;
        let planned = due::check(&content, &choose::select_sites(&content, site)?, month);
        faults.extend(planned.faults.into_iter().chain(model::unused_slides(&content, &withdrawn()?)));
        faults.extend(model::unused_media(&content, &tree.stamps));
        faults.extend(of_plans(&content, &planned.plans)?);
        let renderer = Renderer::new(Theme::load(root, &content.settings.theme)?, root.to_owned(), None);
        faults.extend(of_programs(root, &renderer, &content, || planned.plans.iter())?);
        made = Some(Planned { content, plans: planned.plans, tried: planned.tried });
    }
    faults.extend(line_ends::check(root));
    diagnostic::settle(&mut faults);
    Ok(Checked { faults, planned: made })
}

/// Whether these are warnings only.
pub fn is_sound(faults: &[Diagnostic]) -> bool {
    faults.iter().all(|fault| fault.severity == Severity::Warning)
}

/// What is wrong with the programs that plans make: beyond the limits of a program, without room on a face.
pub fn of_programs<'p, P: Iterator<Item = &'p Plan>>(
    root: &Path,
    renderer: &Renderer,
    content: &Content,
    plans: impl Fn() -> P,
) -> Result<Vec<Diagnostic>, Failure> {
    let mut faults = plan_check::check(root, renderer.theme(), content, plans())?;
    faults.extend(room::check(renderer, content, plans()));
    Ok(faults)
}
