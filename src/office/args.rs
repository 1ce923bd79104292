//! Parsers of arguments that several commands take.
//! Never looks anything up.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use crate::base::dates;
pub use crate::base::format_args::{FormatArgs, OutputFormat};
use crate::base::help::Invalid;
use crate::base::times::Month;
use crate::content::model::values::Period;
use crate::text;
use crate::trust::next_root::KeyRole;

// The period that a command is about: one of the two is required.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy, Debug)]
#[group(id = "period", required = true, multiple = false)]
pub struct PeriodArgs {
    /// The program of a month, such as 2026-12 | Chương trình của tháng, dạng 2026-12
    #[arg(long, value_name = "MONTH", value_parser = parse_month)]
    month: Option<Month>,
    /// The evergreen program | Chương trình thường xuyên
    #[arg(long)]
    evergreen: bool,
}

impl PeriodArgs {
    /// The chosen period.
    pub fn period(self) -> Period {
        self.month.map_or(Period::Evergreen, Period::Month)
    }
}

/// The output format of faults in the content.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultFormat {
    /// for people, with the source line | cho người đọc, kèm dòng có lỗi
    Human,
    /// one object | một đối tượng
    Json,
    /// annotations of GitHub Actions | chú thích của GitHub Actions
    Github,
}

/// Reads a month: `2026-12`.
pub fn parse_month(text: &str) -> Result<Month, Invalid> {
    let form = || text!(vi: "không phải là tháng, dạng 2026-12", en: "not a month, such as 2026-12");
    Month::parse(text).ok_or_else(|| Invalid(dates::mistyped(text).unwrap_or_else(form)))
}

/// Reads the digest of a program or the beginning of it.
pub fn digest_start(text: &str) -> Result<String, Invalid> {
    let good = (4..=64).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_hexdigit());
    let form = || text!(vi: "cần 4 đến 64 chữ số thập lục phân", en: "4 to 64 hexadecimal digits are required");
    if good { Ok(text.to_ascii_lowercase()) } else { Err(Invalid(form())) }
}

/// Reads an address to listen on: a host and a port.
pub fn parse_address(text: &str) -> Result<SocketAddr, Invalid> {
    let form = || text!(vi: "không phải địa chỉ, dạng 127.0.0.1:7070", en: "not an address, such as 127.0.0.1:7070");
    text.to_socket_addrs().ok().and_then(|mut all| all.next()).ok_or_else(|| Invalid(form()))
}

/// Reads a text that goes into a signed document or a key: it has one line.
pub fn one_line(text: &str) -> Result<String, Invalid> {
    let form = || text!(vi: "không được có xuống dòng hay ký tự điều khiển", en: "line breaks and control characters are not allowed");
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) { Err(Invalid(form())) } else { Ok(text.to_owned()) }
}

/// Reads `root`, `publish` or a reviewer role.
pub fn parse_key_role(text: &str) -> Result<KeyRole, Invalid> {
    let form = || {
        text!(
            vi: "cần root, publish hoặc tên vai trò duyệt, viết bằng chữ thường không dấu như trong bangtin.yaml, ví dụ chief",
            en: "root, publish or a reviewer role is required, in small letters without accents as in bangtin.yaml, such as chief"
        )
    };
    KeyRole::parse(text).ok_or_else(|| Invalid(form()))
}

/// The halves of `ROLE=FILE.pub`, the role as typed.
pub fn split_role_and_file(text: &str) -> Result<(&str, PathBuf), Invalid> {
    let form = || Invalid(text!(vi: "cần dạng VAI_TRÒ=TỆP.pub", en: "the form is ROLE=FILE.pub"));
    let (role, file) = text.split_once('=').ok_or_else(form)?;
    Ok((role, PathBuf::from(file)))
}

/// Reads `ROLE=FILE.pub`.
pub fn parse_role_and_file(text: &str) -> Result<(KeyRole, PathBuf), Invalid> {
    let (role, file) = split_role_and_file(text)?;
    Ok((parse_key_role(role)?, file))
}
