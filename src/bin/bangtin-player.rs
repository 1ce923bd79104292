//! The player binary: parse, run, exit code.
//! Never holds what a command does.

use std::process::ExitCode;

use bangtin::base::failure::Failure;
use bangtin::base::text::Lang;
use bangtin::daemon::command::Command;
use clap::Parser;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Bảng Tin player: shows on this machine's screens what reviewers signed / máy chiếu: chỉ chiếu những gì đã được ký duyệt
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Language of messages / ngôn ngữ của thông báo [default: by locale]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let lang = cli.lang.unwrap_or_else(|| Lang::from_locale(&["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default()));
    // Asked for before anything starts, so that no signal is missed.
    let mut signals = match signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => return end(&Failure::io("signals".as_ref(), &error), lang),
    };
    let waits = |handle: &bangtin::daemon::run::Handle| {
        for signal in signals.forever() {
            if signal != SIGHUP {
                break;
            }
            handle.pull_now();
        }
    };
    match cli.command.run(lang, waits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure, lang),
    }
}

fn end(failure: &Failure, lang: Lang) -> ExitCode {
    match failure {
        Failure::Content(faults) => faults.iter().for_each(|fault| eprintln!("{}", fault.human(lang))),
        Failure::Refused(text) | Failure::Usage(text) | Failure::Outside(text) => eprintln!("bangtin-player: {}", text.get(lang)),
    }
    ExitCode::from(failure.exit_code())
}
