//! Finds in the content what a person named on the command line.
//! Never reads a file.

use super::values::{Content, Site};
use super::written::suggest_nearest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::text;

/// The sites that a command is about: the named one, or all. Fails if the content lacks it.
pub fn select_sites(content: &Content, named: Option<&str>) -> Result<Vec<SiteId>, Failure> {
    let Some(named) = named else { return Ok(content.sites.keys().cloned().collect()) };
    site(content, named).map(|(id, _)| vec![id.clone()])
}

/// The site of this name. Fails with the nearest name if the content has none.
pub fn site<'a>(content: &'a Content, named: &str) -> Result<(&'a SiteId, &'a Site), Failure> {
    content.sites.get_key_value(named).ok_or_else(|| {
        let known: Vec<&str> = content.sites.keys().map(SiteId::as_str).collect();
        let Text { vi, en } = suggest_nearest(named, &known);
        Failure::Usage(text!(vi: "không có cụm “{named}”; {vi}", en: "there is no site “{named}”; {en}"))
    })
}
