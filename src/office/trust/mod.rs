//! `bangtin trust`: who may sign what: set up, shown, changed. The rules are in the stage `trust`.
//! Never changes a root that exists: a change is a new root.

mod apply;
mod draft_output;
mod drops;
mod edit;
mod folder;
mod init;
mod publish;
mod show;
mod sign;

use super::context::Context;
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Make the first root | Lập văn bản phân quyền đầu tiên
    Init(init::Args),
    /// Show who may sign what | Xem ai được ký gì
    Show(show::Args),
    /// Give a key a role in the draft of the next root | Thêm khóa vào một vai trò trong dự thảo văn bản phân quyền kế tiếp
    Add(edit::AddArgs),
    /// Take a key out of the draft of the next root | Bỏ khóa khỏi dự thảo văn bản phân quyền kế tiếp
    Remove(edit::RemoveArgs),
    /// Finish the draft of the next root and say who must sign it | Hoàn tất dự thảo văn bản phân quyền, cho biết ai phải ký
    Prepare(edit::PrepareArgs),
    /// See what a draft changes and sign it, offline | Xem dự thảo văn bản phân quyền thay đổi gì rồi ký, không cần mạng
    Sign(sign::Args),
    /// Make a draft with enough signatures the root in force | Cho dự thảo văn bản phân quyền đủ chữ ký có hiệu lực
    Apply(apply::Args),
    /// Put only the roots into a store | Đưa riêng văn bản phân quyền vào kho
    Publish(publish::Args),
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Init(args) => context.end(init::run(&args, context), &text!(vi: "chưa lập văn bản phân quyền", en: "no root was made")),
        Command::Show(args) => show::run(&args, context),
        Command::Add(args) => context.end(edit::add(&args, context), &as_it_was()),
        Command::Remove(args) => context.end(edit::remove(&args, context), &as_it_was()),
        Command::Prepare(args) => context.end(edit::prepare(&args, context), &as_it_was()),
        Command::Sign(args) => sign::run(&args, context),
        Command::Apply(args) => apply::run(&args, context),
        Command::Publish(args) => {
            context.end(publish::run(&args, context), &text!(vi: "chưa gửi văn bản phân quyền nào", en: "no root was sent"))
        }
    }
}

fn as_it_was() -> Text {
    text!(vi: "dự thảo văn bản phân quyền không đổi", en: "the draft is as it was")
}
