//! `bangtin store prune`: lists the files of a store that nothing needs any more, and removes them with `--yes`.
//! Never decides what is needed: `store::prune` does.

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::office::access;
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::store::prune;
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
    /// Remove; without it, only say what would go | Xóa thật; không có thì chỉ cho biết sẽ xóa gì
    #[arg(long)]
    yes: bool,
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
    let plan = prune::plan(&*place, &roots.iter().rev().collect::<Vec<_>>(), since, now)?;
    let (files, bytes) = (plan.remove.len(), plan.remove.iter().map(|entry| entry.size).sum::<u64>());
    if args.format.form() == OutputFormat::Human {
        plan.remove.iter().for_each(|entry| crate::outln!("{}", entry.path));
    }
    let (removed, done) = if args.yes { prune::execute(&*place, &plan) } else { (0, Ok(())) };
    let (stay, heads, Text { vi, en }) = (plan.kept, plan.heads, numbers::bytes(bytes));
    let [all, left] = [files, stay].map(|count| numbers::counted(count, "file"));
    let releases = numbers::counted(heads, "release");
    match args.format.form() {
        OutputFormat::Json => {
            let list: Vec<_> = plan.remove.iter().map(|entry| json!({"path": entry.path, "size": entry.size})).collect();
            output::print_json(&json!({"removed": removed, "files": list, "bytes": bytes, "stay": stay, "heads": heads}));
        }
        OutputFormat::Human if files == 0 => context.print_text(&crate::text!(
            vi: "không có gì để xóa; giữ {stay} tệp, {heads} bản phát hành",
            en: "there is nothing to remove; {left} and {releases} stay"
        )),
        OutputFormat::Human if args.yes => context.print_text(&crate::text!(
            vi: "đã xóa {removed}/{files} tệp ({vi}); còn {stay} tệp, {heads} bản phát hành",
            en: "{removed} of {all} removed ({en}); {left} and {releases} stay"
        )),
        OutputFormat::Human => context.print_text(&crate::text!(
            vi: "sẽ xóa {files} tệp ({vi}), giữ {stay} tệp, {heads} bản phát hành; chưa xóa gì: thêm --yes để xóa",
            en: "{all} ({en}) would be removed, {left} and {releases} stay; nothing was removed: add --yes to do it"
        )),
    }
    done
}
