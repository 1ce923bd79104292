//! `bangtin store`: maintains a store of any kind.
//! Never publishes.

mod check;
mod progress;
mod prune;
pub mod publish;
pub mod serve;
pub mod verify;

use super::context::Context;
use crate::base::failure::Failure;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Verify every release as a player does, and all that it names | Kiểm tra mọi bản phát hành, và mọi thứ bản đó nêu, như đầu phát kiểm tra
    Check(check::Args),
    /// Remove what is no longer needed | Dọn những gì không còn cần
    Prune(prune::Args),
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    match args.command {
        Command::Check(args) => check::run(&args, context),
        Command::Prune(args) => prune::run(&args, context),
    }
}
