//! The player binary: parse, run, exit code.
//! Never holds what a command does.

use std::process::ExitCode;

use bangtin::base::color::Pen;
use bangtin::base::failure::Failure;
use bangtin::base::help::{self, SpeechArgs};
use bangtin::base::output;
use bangtin::base::text::Lang;
use bangtin::daemon::command::Command;
use clap::Parser;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Bảng Tin player: shows on this machine's screens what reviewers signed | Máy chiếu Bảng Tin: chỉ chiếu nội dung đã được ký duyệt
#[derive(Parser)]
#[command(name = "bangtin-player", version)]
struct Cli {
    #[command(flatten)]
    speech: SpeechArgs,
    #[command(subcommand)]
    command: Command,
}

impl AsRef<SpeechArgs> for Cli {
    fn as_ref(&self) -> &SpeechArgs {
        &self.speech
    }
}

fn main() -> ExitCode {
    let (cli, lang, pens) = match help::start::<Cli>(|name| std::env::var(name).ok()) {
        Ok(started) => started,
        Err(answer) => return ExitCode::from(answer.print()),
    };
    // Registered before anything starts, so that no signal is missed.
    let mut signals = match signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => return end(&Failure::io("signals".as_ref(), &error), lang, pens.err),
    };
    let waits = |handle: &bangtin::player::run::RunningPlayer| {
        for signal in signals.forever() {
            if signal != SIGHUP {
                break;
            }
            handle.pull_now();
        }
    };
    let done = cli.command.run(lang, waits);
    match done.and(output::finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure, lang, pens.err),
    }
}

fn end(failure: &Failure, lang: Lang, pen: Pen) -> ExitCode {
    bangtin::err!("{}", failure.human("bangtin-player", lang, pen));
    ExitCode::from(failure.exit_code())
}
