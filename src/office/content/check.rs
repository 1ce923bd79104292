//! `bangtin check`: all faults of the content in one run; without errors, also those of the plans of all sites and months.
//! Never changes a file.

use std::path::Path;
use std::time::SystemTime;

use serde::Serialize;

use crate::base::annotations;
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::build::cache::BuildCacheFolder;
use crate::build::check::{self, CheckOrder, Checked};
use crate::filing::{plan_faults, returning};
use crate::office::args::{self, FaultFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
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
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let root = context.content_root()?;
    let decoded = BuildCacheFolder::new(context.cache.clone(), context.tool.clone()).cache_file(&root, "pictures");
    let order = CheckOrder {
        root: &root,
        site: args.site.as_deref(),
        month: args.month,
        decoded: &decoded,
        since: SystemTime::now(),
        of_plans: &|content, plans| {
            let now = args.now.instant(content.settings.time_zone)?;
            plan_faults::faults_of_plans(&root, context.cache.clone(), content, plans.iter(), now)
        },
        withdrawn: &|| returning::withdrawn(&root),
    };
    let Checked { faults, plans } = check::check(&order)?;
    let (errors, warnings): (Vec<_>, Vec<_>) = faults.iter().partition(|fault| fault.severity == Severity::Error);
    let (errors, warnings) = (errors.len(), warnings.len());
    match args.format {
        FaultFormat::Human => faults.iter().for_each(|fault| crate::outln!("{}", fault.render(context.lang, context.pens.out))),
        FaultFormat::Json => {
            output::print_json(&serde_json::to_string_pretty(&CheckReport { errors, warnings, faults: &faults }).unwrap_or_default());
        }
        FaultFormat::Github => annotate(&faults, &root, context),
    }
    if !context.quiet {
        crate::errln!("{}{}", summary(errors, warnings, plans).get(context.lang), folder_checked(context).get(context.lang));
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

/// Names the folder that was checked where it is not the one here, which may be another copy.
fn folder_checked(context: &Context) -> Text {
    let Some(root) = context.content_elsewhere() else { return text!(vi: "", en: "") };
    let root = root.display();
    text!(vi: "; thư mục nội dung: {root}", en: "; content folder: {root}")
}

/// `plans`: the number of plans checked; `None` while the content has errors.
fn summary(errors: usize, warnings: usize, plans: Option<usize>) -> Text {
    let (wrong, doubtful) = (numbers::counted(errors, "error"), numbers::counted(warnings, "warning"));
    let Some(plans) = plans else {
        return text!(
            vi: "{errors} lỗi, {warnings} cảnh báo; chưa xét lịch chiếu vì còn lỗi",
            en: "{wrong}, {doubtful}; schedules are checked once the errors are fixed"
        );
    };
    let checked = numbers::counted(plans, "schedule");
    text!(vi: "{errors} lỗi, {warnings} cảnh báo; đã xét {plans} lịch chiếu", en: "{wrong}, {doubtful}; {checked} checked")
}
