//! `bangtin check`: all faults of the content in one run; without errors, also those of the plans of all sites and months, and
//! on demand those that a browser measures.
//! Never changes a file.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
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
use crate::build::check::{self, CheckOrder, Checked, Planned};
use crate::build::pictures;
use crate::build::preflight::{self, Measured, PreflightOrder};
use crate::filing::gone::{FolderWithdrawals, JudgedPlans};
use crate::filing::plan_faults;
use crate::office::args::{self, FaultFormat};
use crate::office::content::measure_bar;
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
    /// Measure every page in a browser too: lost words, small letters, missing characters | Đo thêm mọi trang trong trình duyệt: mất chữ, chữ quá nhỏ, thiếu ký tự
    #[arg(long)]
    render: bool,
    /// Program of the browser; default: Chromium, as found | Chương trình trình duyệt; mặc định: tìm Chromium trên máy
    #[arg(long, value_name = "FILE", requires = "render")]
    browser: Option<PathBuf>,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let root = context.content_root()?;
    let browser = if args.render { Some(browser(&args, context)?) } else { None };
    let memory = BuildCacheFolder::new(context.cache.clone(), context.tool.clone());
    let decoded = memory.cache_file(&root, pictures::MEMORY);
    let withdrawals = LazyLock::new(|| FolderWithdrawals::read(&root));
    let order = CheckOrder {
        root: &root,
        site: args.site.as_deref(),
        month: args.month,
        decoded: &decoded,
        since: SystemTime::now(),
        of_plans: &|content, plans| {
            let now = args.now.instant(content.settings.time_zone)?;
            let Some(withdrawals) = withdrawals.as_ref().map_err(Failure::clone)? else { return Ok(Vec::new()) };
            let judged = JudgedPlans::new(withdrawals, context.cache.clone(), content);
            Ok([plan_faults::faults_of_plans(&judged, plans.iter(), now)?, withdrawals.approval_faults(now)?].concat())
        },
        withdrawn: &|| {
            let withdrawals = withdrawals.as_ref().map_err(Failure::clone)?;
            Ok(withdrawals.as_ref().map(FolderWithdrawals::revisions).unwrap_or_default())
        },
    };
    let Checked { mut faults, planned } = check::check(&order)?;
    let bar = measure_bar::bar(context);
    let measured = browser.zip(planned.as_ref()).map(|(browser, Planned { content, plans, .. })| {
        let progress = |done, all| bar.show(done, all);
        let order = PreflightOrder {
            root: &root,
            content,
            plans,
            memory: &memory,
            browser: &browser,
            search: context.search_path(),
            progress: &progress,
        };
        preflight::measure_into(&mut faults, &order)
    });
    bar.end();
    let outcome = Outcome { faults: &faults, plans: planned.map(|planned| planned.tried), measured };
    outcome.print(args.format, &root, context)
}

/// The browser that measures.
fn browser(args: &Args, context: &Context) -> Result<PathBuf, Failure> {
    preflight::browser_program(args.browser.as_ref().map(|path| context.cwd.join(path)).as_deref(), context.search_path())
}

/// All that was found.
struct Outcome<'a> {
    faults: &'a [Diagnostic],
    /// The number of plans checked; `None` while the content has errors.
    plans: Option<usize>,
    /// `None` if nothing was to be measured.
    measured: Option<Result<Measured, Failure>>,
}

#[derive(Serialize)]
struct CheckReport<'a> {
    errors: usize,
    warnings: usize,
    /// Absent unless pages were measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<Measured>,
    faults: &'a [Diagnostic],
}

impl Outcome<'_> {
    fn print(self, format: FaultFormat, root: &Path, context: &Context) -> Result<(), Failure> {
        let (errors, warnings): (Vec<_>, Vec<_>) = self.faults.iter().partition(|fault| fault.severity == Severity::Error);
        let (errors, warnings) = (errors.len(), warnings.len());
        let (measured, failure) = match self.measured {
            Some(Err(failure)) => (None, Some(failure)),
            measured => (measured.and_then(Result::ok), None),
        };
        match format {
            FaultFormat::Human => self.faults.iter().for_each(|fault| crate::outln!("{}", fault.render(context.lang, context.pens.out))),
            FaultFormat::Json => {
                let report = CheckReport { errors, warnings, measured, faults: self.faults };
                output::print_json(&serde_json::to_string_pretty(&report).unwrap_or_default());
            }
            FaultFormat::Github => annotate(self.faults, root, context),
        }
        if !context.quiet {
            let said = [summary(errors, warnings, self.plans), pages_measured(measured), folder_checked(context)];
            crate::errln!("{}", said.map(|text| text.get(context.lang).to_owned()).concat());
        }
        match failure {
            Some(failure) => Err(failure),
            None if errors > 0 => Err(Failure::Content(Vec::new())),
            None => Ok(()),
        }
    }
}

/// How many pages were measured, and how many of them now.
fn pages_measured(measured: Option<Measured>) -> Text {
    let Some(Measured { pages, anew }) = measured else { return text!(vi: "", en: "") };
    let counted = numbers::counted(pages, "page");
    text!(vi: "; đã đo {pages} trang theo cỡ, {anew} trong lần này", en: "; {counted} measured, {anew} of them now")
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
