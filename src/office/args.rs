//! Readers of arguments that several commands take.
//! Never looks anything up.

use std::path::PathBuf;

use crate::base::ids::SiteId;
use crate::base::times::Month;
use crate::trust::next_root::Seat;

// How an answer is printed, for every command that has an answer for programs too.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct FormatArgs {
    /// How to print the answer / cách in kết quả
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Short for --format json / viết tắt của --format json
    #[arg(long)]
    json: bool,
}

impl FormatArgs {
    /// The form that was asked for.
    pub fn form(self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// How an answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people / cho người đọc
    Human,
    /// JSON alone on standard output / chỉ in JSON
    Json,
}

/// How faults in the content are printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultFormat {
    /// For people, with the source line / cho người đọc, kèm dòng nguồn
    Human,
    /// One JSON object / một đối tượng JSON
    Json,
    /// Annotations of GitHub Actions / chú thích của GitHub Actions
    Github,
}

/// Reads a month: `2026-12`.
pub fn parse_month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| format!("{text:?} is not a month as 2026-12 / không phải là tháng dạng 2026-12"))
}

/// Reads a site's id.
pub fn site(text: &str) -> Result<SiteId, String> {
    SiteId::parse(text).ok_or_else(|| format!("{text:?} is no site's id / không phải mã cụm: {}", SiteId::FORM))
}

/// Reads `root`, `publish` or a reviewer role.
pub fn seat(text: &str) -> Result<Seat, String> {
    Seat::parse(text).ok_or_else(|| format!("want root, publish or a reviewer role, not {text:?} / cần root, publish hoặc tên vai duyệt"))
}

/// Reads `ROLE=FILE.pub`.
pub fn seat_and_file(text: &str) -> Result<(Seat, PathBuf), String> {
    let (role, file) = text.split_once('=').ok_or("want ROLE=FILE.pub / cần VAI=TỆP.pub")?;
    Ok((seat(role)?, PathBuf::from(file)))
}
