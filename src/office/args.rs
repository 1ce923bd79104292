//! Readers of arguments that several commands take.
//! Never looks anything up.

use std::path::PathBuf;

use crate::base::ids::SiteId;
use crate::base::times::Month;
use crate::trust::next_root::Seat;

/// Reads a month: `2026-12`.
pub fn parse_month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "YYYY-MM".to_owned())
}

/// Reads a site's id.
pub fn site(text: &str) -> Result<SiteId, String> {
    SiteId::parse(text).ok_or_else(|| SiteId::FORM.to_owned())
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
