//! `bangtin store prune`: lists the files of a store that nothing needs any more, and removes them with `--yes`.
//! Never decides what is needed: `store::prune` does.

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::content::model::choose;
use crate::office::access::{self, ArchiveArgs};
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::publish::archive;
use crate::store::expected_sites::ExpectedSites;
use crate::store::prune::{self, PrunePlan};
use crate::store::survey::{self, StoreFaults};

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The store: a folder, file://, s3://, gs://, az://, http(s):// | Kho: thư mục, file://, s3://, gs://, az://, http(s)://
    #[arg(value_name = "URL")]
    url: String,
    /// Keep what releases of the last N months name | Giữ những gì các bản phát hành trong N tháng qua dùng đến
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_200))]
    keep_months: u32,
    /// All sites of the store, if it is not for all that have had releases; may be repeated | Mọi cụm của kho, nếu kho không dành cho mọi cụm từng phát hành; nêu được nhiều lần
    #[arg(long, value_name = "SITE")]
    site: Vec<String>,
    /// Remove; without it, only say what would go | Xóa thật; không có thì chỉ cho biết sẽ xóa gì
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    archive: ArchiveArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let now = args.now.instant(context.zone())?;
    let since = prune::months_before(now, args.keep_months);
    let chain = access::roots(context)?;
    let trusted: Vec<_> = chain.iter().map(|files| &files.root).collect();
    let destination = access::parse_address(&args.url, context)?;
    // Opened to read first: a mistyped folder must not be created.
    let place = destination.open_read_only(&context.environment)?;
    let place = if args.yes { destination.open(&context.environment)? } else { place };
    let roots = survey::root_chain(&*place, &trusted, &mut StoreFaults::default())?;
    let plan = prune::plan(&*place, &roots.iter().rev().collect::<Vec<_>>(), &expected(args, context)?, (since, now))?;
    let format = args.format.form();
    if format == OutputFormat::Human {
        plan.remove.iter().for_each(|entry| crate::outln!("{}", entry.path));
    }
    let (removed, done) = if args.yes { prune::execute(&*place, &plan) } else { (0, Ok(())) };
    match format {
        OutputFormat::Json => output::print_json(&as_json(&plan, removed)),
        OutputFormat::Human => said(&plan, args.yes.then_some(removed)).iter().for_each(|text| context.print_text(text)),
    }
    done
}

/// The sites that the store has to have, by the content and its archive, or by name.
fn expected(args: &Args, context: &Context) -> Result<ExpectedSites, Failure> {
    let content = context.load().map(|(content, _)| content.sites.into_keys().collect()).unwrap_or_default();
    let root = context.content_root().ok();
    let published = root.map(|root| archive::sites(&args.archive.folder(context, &root)?)).transpose()?.unwrap_or_default();
    Ok(ExpectedSites { published, content, named: choose::site_ids([], &args.site)? })
}

/// Whose releases were found, and what became of the rest. `removed`: how many files went; `None`: nothing was to go.
fn said(plan: &PrunePlan, removed: Option<usize>) -> [Text; 2] {
    let (files, stay, heads, Text { vi, en }) = (plan.remove.len(), plan.kept, plan.heads, numbers::bytes(bytes(plan)));
    let [all, left] = [files, stay].map(|count| numbers::counted(count, "file"));
    let releases = numbers::counted(heads, "release");
    let sites = plan.sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    let found = crate::text!(
        vi: "các cụm tìm thấy trong kho: {sites}; chỉ giữ những gì các cụm này cần",
        en: "sites found in the store: {sites}; what none of them needs does not stay"
    );
    let result = match removed {
        _ if files == 0 => crate::text!(
            vi: "không có gì để xóa; giữ {stay} tệp, {heads} bản phát hành",
            en: "there is nothing to remove; {left} and {releases} stay"
        ),
        Some(removed) => crate::text!(
            vi: "đã xóa {removed}/{files} tệp ({vi}); còn {stay} tệp, {heads} bản phát hành",
            en: "{removed} of {all} removed ({en}); {left} and {releases} stay"
        ),
        None => crate::text!(
            vi: "sẽ xóa {files} tệp ({vi}), giữ {stay} tệp, {heads} bản phát hành; chưa xóa gì: thêm --yes để xóa",
            en: "{all} ({en}) would be removed, {left} and {releases} stay; nothing was removed: add --yes to do it"
        ),
    };
    [found, result]
}

fn bytes(plan: &PrunePlan) -> u64 {
    plan.remove.iter().map(|entry| entry.size).sum()
}

fn as_json(plan: &PrunePlan, removed: usize) -> serde_json::Value {
    let list: Vec<_> = plan.remove.iter().map(|entry| json!({"path": entry.path, "size": entry.size})).collect();
    let PrunePlan { sites, kept, heads, .. } = plan;
    json!({"removed": removed, "files": list, "bytes": bytes(plan), "stay": kept, "heads": heads, "sites": sites})
}
