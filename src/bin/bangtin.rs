//! The office binary: parse, run, exit code.
//! Never holds what a command does.

use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;
use std::process::ExitCode;

use bangtin::base::certificates;
use bangtin::base::failure::Failure;
use bangtin::base::help::{self, SpeechArgs};
use bangtin::base::os;
use bangtin::base::output;
use bangtin::office::{Command, context::Context};
use clap::Parser;

/// The system's allocator makes threads that render in parallel wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bảng Tin: signed slideshows for public screens | Bảng Tin: chương trình có chữ ký cho màn hình công cộng
#[derive(Parser)]
#[command(version)]
struct Cli {
    /// Content folder [default: `content` here or above] | Thư mục nội dung [mặc định: `content` tại đây hoặc ở thư mục trên]
    #[arg(long, global = true, value_name = "DIR")]
    content: Option<PathBuf>,
    #[command(flatten)]
    speech: SpeechArgs,
    /// Print only what was asked for | Chỉ in kết quả được yêu cầu
    #[arg(short, long, global = true)]
    quiet: bool,
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
    let end = |done| ExitCode::from(output::end(done, "bangtin", lang, pens.err));
    if let Err(error) = survives {
        return end(Err(Failure::io("signals".as_ref(), &error)));
    }
    let cwd = match std::env::current_dir() {
        Ok(cwd) => cwd,
        Err(error) => return end(Err(Failure::io(".".as_ref(), &error))),
    };
    let environment = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))).collect();
    let terminal = stderr().is_terminal();
    let context = Context { content: cli.content, lang, quiet: cli.quiet, cwd, cache: cache(), tool: tool(), environment, terminal, pens };
    let done = cli.command.run(&context);
    end(done)
}

fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    os::cache_folder(folder).map(|base| base.join("bangtin"))
}

/// The version, and length and time of the executable: a rebuilt one may produce different output under the same version.
fn tool() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let time = file.as_ref().and_then(|file| file.modified().ok());
    format!("{} {:?} {time:?}", env!("CARGO_PKG_VERSION"), file.map(|file| file.len()))
}
