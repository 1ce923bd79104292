//! The player binary: parse, run, exit code.
//! Never holds what a command does.

use std::process::ExitCode;

use bangtin::base::certificates;
use bangtin::base::failure::Failure;
use bangtin::base::help::{self, SpeechArgs};
use bangtin::base::os;
use bangtin::base::output;
use bangtin::daemon::command::Command;
use clap::Parser;

/// Bảng Tin player: shows on this machine's screens what reviewers signed | Đầu phát Bảng Tin: chỉ chiếu nội dung đã được ký duyệt
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
    let survives = os::survive_file_size_limit();
    certificates::remember_named_file(std::env::var_os("SSL_CERT_FILE"));
    let (cli, lang, pens) = match help::start::<Cli>(|name| std::env::var(name).ok()) {
        Ok(started) => started,
        Err(answer) => return ExitCode::from(answer.print()),
    };
    let end = |done| ExitCode::from(output::end(done, "bangtin-player", lang, pens.err));
    if let Err(error) = survives {
        return end(Err(Failure::io("signals".as_ref(), &error)));
    }
    // Registered before anything starts, so that no signal is missed. SIGHUP asks for a pull.
    let mut next_is_pull = match os::signals() {
        Ok(next_is_pull) => next_is_pull,
        Err(error) => return end(Err(Failure::io("signals".as_ref(), &error))),
    };
    let waits = |handle: &bangtin::player::run::RunningPlayer| {
        while next_is_pull() {
            handle.pull_now();
        }
    };
    let done = cli.command.run(lang, waits);
    end(done)
}
