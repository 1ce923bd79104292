//! `bangtin check`: every fault of the content, and of the plans of all sites and months, in one run.
//! Never changes a file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::{Lang, Text};
use crate::base::times::Month;
use crate::content::model::values::{Content, Period};
use crate::content::model::written::nearest;
use crate::content::{model, plan, source};
use crate::office::context::Context;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Plan only this month / chỉ xét tháng này (2026-12)
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<String>,
    /// Plan only this site / chỉ xét cụm này
    #[arg(long)]
    site: Option<String>,
    /// How to print faults / cách in lỗi
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// How faults are printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people, with the source line
    Human,
    /// One JSON object
    Json,
    /// Annotations of GitHub Actions
    Github,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let month = args.month.as_deref().map(month).transpose()?;
    let root = context.content_root()?;
    let loaded = model::build(&source::read(&root)?);
    let mut faults = loaded.faults;
    let sound = faults.iter().all(|fault| fault.severity == Severity::Warning);
    let mut planned = 0;
    if let Some(content) = loaded.content.filter(|_| sound) {
        let site = args.site.as_deref().map(|name| site(name, &content)).transpose()?;
        planned = plans(&content, month, site.as_ref(), &mut faults);
    }
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert((fault.code, format!("{:?}", fault.place), fault.cause.en.clone())));
    let prefix = root.strip_prefix(&context.cwd).unwrap_or(&root).display().to_string();
    print(args.format, &faults, &prefix, context.lang);
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    if !context.quiet {
        let warnings = faults.len() - errors;
        eprintln!("{}", summary(errors, warnings, planned, sound).get(context.lang));
    }
    if errors > 0 { Err(Failure::Content(Vec::new())) } else { Ok(()) }
}

fn month(given: &str) -> Result<Month, Failure> {
    Month::parse(given)
        .ok_or_else(|| Failure::Usage(text!(vi: "“{given}” không phải là tháng dạng 2026-12", en: "“{given}” is not a month as 2026-12")))
}

fn site(given: &str, content: &Content) -> Result<SiteId, Failure> {
    let known: Vec<&str> = content.sites.keys().map(SiteId::as_str).collect();
    SiteId::parse(given).filter(|id| content.sites.contains_key(id)).ok_or_else(|| {
        let help = nearest(given, &known);
        let (vi, en) = (help.vi, help.en);
        Failure::Usage(text!(vi: "không có cụm “{given}”; {vi}", en: "there is no site “{given}”; {en}"))
    })
}

/// Plans every chosen site and month and, without a chosen month, its evergreen week. Returns how many.
fn plans(content: &Content, only: Option<Month>, site: Option<&SiteId>, faults: &mut Vec<Diagnostic>) -> usize {
    let months: BTreeSet<Month> = match only {
        Some(month) => BTreeSet::from([month]),
        None => {
            content.playlists.keys().filter_map(|(period, _)| if let Period::Month(month) = period { Some(*month) } else { None }).collect()
        }
    };
    let mut planned = 0;
    for id in content.sites.keys().filter(|id| site.is_none_or(|site| site == *id)) {
        let mut results: Vec<_> = months.iter().map(|month| plan::month(content, id, *month)).collect();
        if only.is_none() {
            results.push(plan::evergreen(content, id));
        }
        for result in results {
            planned += 1;
            match result {
                Ok(plan) => faults.extend(plan.warnings),
                Err(errors) => faults.extend(errors),
            }
        }
    }
    planned
}

#[derive(Serialize)]
struct Report<'a> {
    errors: usize,
    warnings: usize,
    faults: &'a [Diagnostic],
}

fn print(format: Format, faults: &[Diagnostic], prefix: &str, lang: Lang) {
    match format {
        Format::Human => faults.iter().for_each(|fault| println!("{}", fault.human(lang))),
        Format::Json => {
            let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
            let report = Report { errors, warnings: faults.len() - errors, faults };
            println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default());
        }
        Format::Github => faults.iter().for_each(|fault| println!("{}", github(fault, prefix, lang))),
    }
}

/// A workflow command; its values are escaped as GitHub asks, or a fault's text could end it.
fn github(fault: &Diagnostic, prefix: &str, lang: Lang) -> String {
    let kind = if fault.severity == Severity::Error { "error" } else { "warning" };
    let value = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    let path = if prefix.is_empty() { fault.place.path.clone() } else { format!("{prefix}/{}", fault.place.path) };
    let mut place = format!("file={}", property(&path));
    if fault.place.line > 0 {
        let _ = write!(place, ",line={}", fault.place.line);
    }
    if fault.place.column > 0 {
        let last = fault.place.column + fault.place.length - 1;
        let _ = write!(place, ",col={},endColumn={last}", fault.place.column);
    }
    let message = format!("{}\n{}", fault.cause.get(lang), fault.help.get(lang));
    format!("::{kind} {place},title={}::{}", property(fault.code), value(&message))
}

fn summary(errors: usize, warnings: usize, planned: usize, sound: bool) -> Text {
    if !sound {
        return text!(
            vi: "{errors} lỗi, {warnings} cảnh báo; lịch chiếu chưa xét vì còn lỗi",
            en: "{errors} errors, {warnings} warnings; the plans wait until the errors are mended"
        );
    }
    text!(vi: "{errors} lỗi, {warnings} cảnh báo; đã xét {planned} lịch chiếu", en: "{errors} errors, {warnings} warnings; {planned} plans looked at")
}
