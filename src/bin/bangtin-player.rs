//! The player binary: parse, run, exit code.
//! Never holds what a command does.

use std::io::{stderr, stdout};
use std::process::ExitCode;

use bangtin::base::color::{Pen, Pens, When};
use bangtin::base::failure::Failure;
use bangtin::base::help;
use bangtin::base::text::Lang;
use bangtin::daemon::command::Command;
use clap::Parser;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Bảng Tin player: shows on this machine's screens what reviewers signed | Máy chiếu Bảng Tin: chỉ chiếu nội dung đã được ký duyệt
#[derive(Parser)]
#[command(name = "bangtin-player", version)]
struct Cli {
    /// Language of messages [default: by locale] | Ngôn ngữ của thông báo [mặc định: theo máy]
    #[arg(long, global = true, value_enum, hide_possible_values = true)]
    lang: Option<Lang>,
    /// When to use colour | Khi nào dùng màu
    #[arg(long, global = true, value_enum, default_value = "auto", hide_possible_values = true)]
    color: When,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let locale = Lang::from_environment(|name| std::env::var(name).ok());
    let no_color = std::env::var("NO_COLOR").ok();
    let pens = |color: When| Pens { out: color.pen(&stdout(), no_color.as_deref()), err: color.pen(&stderr(), no_color.as_deref()) };
    let cli: Cli = match help::parse(&std::env::args_os().collect::<Vec<_>>(), locale, pens) {
        Ok(cli) => cli,
        Err(answer) => {
            if answer.exit_code == 0 {
                print!("{}", answer.text);
            } else {
                eprint!("{}", answer.text);
            }
            return ExitCode::from(answer.exit_code);
        }
    };
    let (lang, pen) = (cli.lang.unwrap_or(locale), pens(cli.color).err);
    // Registered before anything starts, so that no signal is missed.
    let mut signals = match signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) {
        Ok(signals) => signals,
        Err(error) => return end(&Failure::io("signals".as_ref(), &error), lang, pen),
    };
    let waits = |handle: &bangtin::player::run::RunningPlayer| {
        for signal in signals.forever() {
            if signal != SIGHUP {
                break;
            }
            handle.pull_now();
        }
    };
    match cli.command.run(lang, waits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure, lang, pen),
    }
}

fn end(failure: &Failure, lang: Lang, pen: Pen) -> ExitCode {
    eprint!("{}", failure.human("bangtin-player", lang, pen));
    ExitCode::from(failure.exit_code())
}
