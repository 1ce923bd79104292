//! What a person named on the command line, found in the content.
//! Never reads a file.

use super::values::Content;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::text;

/// The sites that a command is about: the one named, else all.
///
/// # Errors
/// A site that the content does not have.
pub fn sites(content: &Content, named: Option<&str>) -> Result<Vec<SiteId>, Failure> {
    let Some(named) = named else { return Ok(content.sites.keys().cloned().collect()) };
    if let Some((id, _)) = content.sites.get_key_value(named) {
        return Ok(vec![id.clone()]);
    }
    let known = content.sites.keys().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    Err(Failure::Usage(text!(vi: "không có cụm “{named}”; các cụm hiện có: {known}", en: "no site “{named}”; the sites are: {known}")))
}
