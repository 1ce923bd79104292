//! The options that choose the form of an answer, for every command of both binaries that can also answer in JSON.
//! Never prints.

// The output format, for every command that can also answer in JSON.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct FormatArgs {
    /// Form of the answer | Dạng kết quả
    #[arg(long, value_enum, default_value = "human", hide_possible_values = true)]
    format: OutputFormat,
    /// Short for --format json | Viết tắt của --format json
    #[arg(long)]
    json: bool,
}

impl FormatArgs {
    /// The chosen format.
    pub fn form(self) -> OutputFormat {
        if self.json { OutputFormat::Json } else { self.format }
    }
}

/// The output format.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputFormat {
    /// for people | cho người đọc
    Human,
    /// JSON alone on standard output | chỉ in JSON ra đầu ra chuẩn
    Json,
}
