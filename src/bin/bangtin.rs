//! The office binary: parse, run, exit code.
//! Never holds what a command does.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use bangtin::base::failure::Failure;
use bangtin::base::text::Lang;
use bangtin::office::{Command, context::Context};
use clap::Parser;

/// Threads that make pages side by side wait for each other in the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bảng Tin: signed slideshows for public screens / trình chiếu có chữ ký cho màn hình công cộng
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Content folder / thư mục nội dung [default: `content` here or above]
    #[arg(long, global = true, value_name = "DIR")]
    content: Option<PathBuf>,
    /// Language of messages / ngôn ngữ của thông báo [default: by locale]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// Print only what was asked for / chỉ in điều được hỏi
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let lang = cli.lang.unwrap_or_else(|| Lang::from_locale(&["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default()));
    let cwd = match std::env::current_dir() {
        Ok(cwd) => cwd,
        Err(error) => return end(&Failure::io(".".as_ref(), &error), lang),
    };
    let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let terminal = std::io::stderr().is_terminal();
    let context = Context { content: cli.content, lang, quiet: cli.quiet, cwd, cache: cache(), tool: tool(), environment, terminal };
    match cli.command.run(&context) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => end(&failure, lang),
    }
}

/// The user's cache folder by the XDG rules.
fn cache() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache"))).map(|base| base.join("bangtin"))
}

/// The version, and the program file itself by its length and time: one that was made anew gives other bytes for the same version.
fn tool() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let time = file.as_ref().and_then(|file| file.modified().ok());
    format!("{} {:?} {time:?}", env!("CARGO_PKG_VERSION"), file.map(|file| file.len()))
}

fn end(failure: &Failure, lang: Lang) -> ExitCode {
    match failure {
        Failure::Content(faults) => faults.iter().for_each(|fault| eprintln!("{}", fault.human(lang))),
        Failure::Refused(text) | Failure::Usage(text) | Failure::Outside(text) => eprintln!("bangtin: {}", text.get(lang)),
    }
    ExitCode::from(failure.exit_code())
}
