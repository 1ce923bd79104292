//! `bangtin build`: content → program folders that any web server can show.
//! Never signs and never sends.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::text::Text;
use crate::build::cache::BuildCacheFolder;
use crate::build::draft::ProgramDraft;
use crate::build::folders::{self, BuildOrder};
use crate::filing::gone::FolderWithdrawals;
use crate::office::args::PeriodArgs;
use crate::office::context::Context;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    period: PeriodArgs,
    /// One site only | Chỉ một cụm
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Folder for the result | Thư mục kết quả
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    folders::take_part();
    let root = context.content_root()?;
    let period = args.period.period();
    let memory = BuildCacheFolder::new(context.cache.clone(), context.tool.clone());
    let out = context.cwd.join(&args.out);
    let order = BuildOrder { root: &root, out: &out, period, site: args.site.as_deref(), memory: &memory, since: SystemTime::now() };
    let outcome = folders::build(&order)?;
    let withdrawals = FolderWithdrawals::read(&root)?;
    context.print_warnings(&outcome.warnings);
    for draft in &outcome.drafts {
        context.print_warnings(&draft.warnings);
        warn_if_barred(context, withdrawals.as_ref(), draft)?;
        let (digest, files, Text { vi, en }) = (draft.program.digest(), draft.files.len(), numbers::bytes(draft.program.total_bytes()));
        let counted = numbers::counted(files, "file");
        let words = text!(vi: "{files} tệp  {vi}", en: "{counted}  {en}");
        crate::outln!("{digest}  {}/{period}  {}", draft.site, words.get(context.lang));
    }
    Ok(())
}

/// Warns of a program that withdrawals keep from being published.
fn warn_if_barred(context: &Context, withdrawals: Option<&FolderWithdrawals>, draft: &ProgramDraft) -> Result<(), Failure> {
    let barred = withdrawals.and_then(|withdrawals| withdrawals.bars(&draft.program).transpose()).transpose()?;
    barred.iter().for_each(|why| context.alarm(why));
    Ok(())
}
