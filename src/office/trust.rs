//! `bangtin trust`: who may sign what, set up, shown, changed. The rules themselves are in `trust`.
//! Never changes a root that exists: a change is a root of its own.

use super::context::Context;
use super::{trust_apply, trust_edit, trust_init, trust_publish, trust_show, trust_sign};
use crate::base::failure::Failure;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Make the first root document / lập văn bản gốc đầu tiên
    Init(trust_init::Args),
    /// Show who may sign what / xem ai được ký gì
    Show(trust_show::Args),
    /// Give a key a role in the draft of the next root / thêm khóa vào một vai trong bản thảo văn bản gốc kế tiếp
    Add(trust_edit::Add),
    /// Take a key out of the draft of the next root / bỏ khóa khỏi bản thảo văn bản gốc kế tiếp
    Remove(trust_edit::Remove),
    /// Finish the draft of the next root and say who must sign it / hoàn tất bản thảo, cho biết ai phải ký
    Prepare(trust_edit::Prepare),
    /// See what a draft changes and sign it, offline / xem bản thảo thay đổi gì rồi ký, không cần mạng
    Sign(trust_sign::Args),
    /// Make a draft with enough signatures the root in force / đưa bản thảo đủ chữ ký thành văn bản gốc có hiệu lực
    Apply(trust_apply::Args),
    /// Put the roots into a store by themselves / đưa riêng văn bản gốc vào kho
    Publish(trust_publish::Args),
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Init(args) => trust_init::run(&args, context),
        Command::Show(args) => trust_show::run(&args, context),
        Command::Add(args) => trust_edit::add(&args, context),
        Command::Remove(args) => trust_edit::remove(&args, context),
        Command::Prepare(args) => trust_edit::prepare(&args, context),
        Command::Sign(args) => trust_sign::run(&args, context),
        Command::Apply(args) => trust_apply::run(&args, context),
        Command::Publish(args) => trust_publish::run(&args, context),
    }
}
