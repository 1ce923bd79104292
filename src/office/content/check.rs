//! `bangtin check`: all faults of the content in one run; without errors, also those of the plans of all sites and months.
//! Never changes a file.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use crate::base::annotations;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::build::cache::BuildCacheFolder;
use crate::build::{pictures, render};
use crate::content::model::choose;
use crate::content::plan::due::{self, Checked};
use crate::content::source::line_ends;
use crate::content::source::weight;
use crate::content::{model, source};
use crate::office::args::{self, FaultFormat};
use crate::office::context::Context;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only this month, such as 2026-12 | Chỉ xét tháng này, dạng 2026-12
    #[arg(long, value_name = "MONTH", value_parser = args::parse_month)]
    month: Option<Month>,
    /// Only this site | Chỉ xét cụm này
    #[arg(long)]
    site: Option<String>,
    /// Form of the faults | Dạng in lỗi
    #[arg(long, value_enum, default_value = "human", hide_possible_values = true)]
    format: FaultFormat,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let root = context.content_root()?;
    let (since, tree) = (SystemTime::now(), source::read(&root)?);
    let loaded = model::build_content(&tree);
    let mut faults = loaded.faults;
    let decoded = BuildCacheFolder::new(context.cache.clone(), context.tool.clone()).cache_file(&root, "pictures");
    faults.extend(pictures::check(&root, &tree, &decoded, since));
    faults.extend(weight::check(&root, &tree));
    if let Some((theme, layouts)) = &loaded.theme {
        faults.extend(render::check_theme(&root, theme, layouts)?);
    }
    let sound = faults.iter().all(|fault| fault.severity == Severity::Warning);
    let mut planned = None;
    if let Some(content) = loaded.content.filter(|_| sound) {
        let sites = choose::select_sites(&content, args.site.as_deref())?;
        let Checked { plans, faults: found } = due::check(&content, &sites, args.month);
        faults.extend(found.into_iter().chain(model::unused_slides(&content)));
        planned = Some(plans);
    }
    faults.extend(line_ends::check(&root));
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert((fault.code, format!("{:?}", fault.place), fault.cause.en.clone())));
    let (errors, warnings): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.severity == Severity::Error);
    let (errors, warnings) = (errors.len(), warnings.len());
    match args.format {
        FaultFormat::Human => faults.iter().for_each(|fault| crate::outln!("{}", fault.render(context.lang, context.pens.out))),
        FaultFormat::Json => {
            crate::outln!("{}", serde_json::to_string_pretty(&CheckReport { errors, warnings, faults: &faults }).unwrap_or_default());
        }
        FaultFormat::Github => annotate(&faults, &root, context),
    }
    if !context.quiet {
        crate::errln!("{}", summary(errors, warnings, planned).get(context.lang));
    }
    if errors > 0 { Err(Failure::Content(Vec::new())) } else { Ok(()) }
}

#[derive(Serialize)]
struct CheckReport<'a> {
    errors: usize,
    warnings: usize,
    faults: &'a [Diagnostic],
}

fn annotate(faults: &[Diagnostic], root: &Path, context: &Context) {
    let prefix = root.strip_prefix(&context.cwd).unwrap_or(root).display().to_string();
    faults.iter().for_each(|fault| crate::outln!("{}", annotations::github(fault, &prefix, context.lang)));
}

/// `planned`: the number of plans checked; `None` while the content has errors.
fn summary(errors: usize, warnings: usize, planned: Option<usize>) -> Text {
    let Some(planned) = planned else {
        return text!(
            vi: "{errors} lỗi, {warnings} cảnh báo; chưa xét lịch chiếu vì còn lỗi",
            en: "{errors} errors, {warnings} warnings; schedules are checked once the errors are fixed"
        );
    };
    text!(vi: "{errors} lỗi, {warnings} cảnh báo; đã xét {planned} lịch chiếu", en: "{errors} errors, {warnings} warnings; schedules checked: {planned}")
}
