//! The office binary: parse, run, exit code.

use std::process::ExitCode;

use bangtin::base::failure::Failure;
use bangtin::base::text::Lang;
use bangtin::office::{self, context::Context};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(version, about = "Bảng Tin: signed slideshows for public screens / trình chiếu có chữ ký cho màn hình công cộng")]
struct Cli {
    /// Content folder / thư mục nội dung [default: `content` here or above]
    #[arg(long, global = true, value_name = "DIR")]
    content: Option<std::path::PathBuf>,
    /// Language of messages / ngôn ngữ của thông báo [default: by locale]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// Print only what was asked for / chỉ in điều được hỏi
    #[arg(short, long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(office::check::Args),
    Schema(office::schema::Args),
    Preview(office::preview::Args),
    Build(office::build::Args),
    At(office::at::Args),
    Keys(office::keys::Args),
    Trust(office::trust::Args),
    Approve(office::approve::Args),
    Publish(office::publish::Args),
    Serve(office::serve::Args),
    Demo(office::demo::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let lang = cli.lang.unwrap_or_else(|| Lang::from_locale(&locale.unwrap_or_default()));
    let cwd = std::env::current_dir().unwrap_or_default();
    let context = Context { content: cli.content, lang, quiet: cli.quiet, cwd };
    let result = match cli.command {
        Command::Check(args) => office::check::run(args, &context),
        Command::Schema(args) => office::schema::run(args, &context),
        Command::Preview(args) => office::preview::run(args, &context),
        Command::Build(args) => office::build::run(args, &context),
        Command::At(args) => office::at::run(args, &context),
        Command::Keys(args) => office::keys::run(args, &context),
        Command::Trust(args) => office::trust::run(args, &context),
        Command::Approve(args) => office::approve::run(args, &context),
        Command::Publish(args) => office::publish::run(args, &context),
        Command::Serve(args) => office::serve::run(args, &context),
        Command::Demo(args) => office::demo::run(args, &context),
    };
    let Err(failure) = result else { return ExitCode::SUCCESS };
    match &failure {
        Failure::Content(faults) => faults.iter().for_each(|fault| eprint!("{}", fault.human(lang))),
        Failure::Refused(text) | Failure::Usage(text) | Failure::Outside(text) => eprintln!("bangtin: {}", text.get(lang)),
    }
    ExitCode::from(failure.exit_code())
}
