//! The commands of `bangtin-player` as typed, and what each calls.
//! Never prints anything but the result.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::{status, verify};
use crate::base::clock::{Clock, SystemClock};
use crate::base::failure::Failure;
use crate::base::format_args::FormatArgs;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::{Lang, Text};
use crate::player::alive;
use crate::player::config::Config;
use crate::player::run::{self, RunningPlayer};
use crate::text;

/// The commands of the player.
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Pull, verify, show and record until stopped | Cập nhật, xác thực, chiếu và ghi nhật ký cho đến khi dừng
    Run(Args),
    /// Pull once, then end | Cập nhật một lần rồi dừng
    Pull(Args),
    /// Show how the player is doing | Xem tình trạng đầu phát
    Status {
        /// What every command needs.
        #[command(flatten)]
        args: Args,
        /// Form of the answer.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Verify everything that the player keeps | Xác thực lại mọi dữ liệu đầu phát đang giữ
    Verify {
        /// What every command needs.
        #[command(flatten)]
        args: Args,
        /// Form of the answer.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// What every command needs.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Configuration file | Tệp cấu hình
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

impl Command {
    /// Runs the command. `ended` blocks until the process must end, and calls for a pull at each request.
    pub fn run(self, lang: Lang, ended: impl FnOnce(&RunningPlayer)) -> Result<(), Failure> {
        match self {
            Self::Run(args) => {
                alive::end_on_panic();
                let handle = run::start(&Config::read(&args.config)?, Arc::new(SystemClock::new()))?;
                crate::outln!("http://{}/", handle.address());
                ended(&handle);
                Ok(())
            }
            Self::Pull(args) => pull(&Config::read(&args.config)?, lang),
            Self::Status { args, format } => {
                let (output, end) = status::status(&Config::read(&args.config)?, format.form(), lang, SystemClock::new().now_ms())?;
                crate::out!("{output}");
                end
            }
            Self::Verify { args, format } => {
                let (output, end) = verify::verify(&Config::read(&args.config)?, format.form(), lang)?;
                crate::out!("{output}");
                end
            }
        }
    }
}

fn pull(config: &Config, lang: Lang) -> Result<(), Failure> {
    // A person at a terminal is told below what is wrong, in one language.
    if std::io::stderr().is_terminal() {
        output::keep_no_log();
    }
    let (report, health) = run::pull_once(config, Arc::new(SystemClock::new()))?;
    for fault in health.faults.iter().chain(&health.repaired) {
        crate::errln!("{}", fault.get(lang));
    }
    for (digest, why) in health.withdrawn.iter().chain(&health.dropped) {
        crate::errln!("{} ({digest})", why.get(lang));
    }
    let (head, bytes) = (health.head.unwrap_or_default(), report.downloaded);
    match report.reason {
        Some(Text { vi, en }) => {
            let text = text!(vi: "cập nhật chưa đầy đủ, giữ những gì đang có: {vi}", en: "not fully updated, what is here is kept: {en}");
            Err(if report.external { Failure::External(text) } else { Failure::Refused(text) })
        }
        None => {
            let Text { vi, en } = numbers::bytes(bytes);
            crate::outln!("{}", text!(vi: "bản phát hành {head}: đã tải {vi}", en: "release {head}: {en} fetched").get(lang));
            Ok(())
        }
    }
}
