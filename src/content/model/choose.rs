//! Finds in the content what a person named on the command line.
//! Never reads a file.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::values::{Content, Screen, Site};
use super::written::suggest_nearest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::{Text, printable};
use crate::text;

/// The sites that a command is about: the named one, or all. Fails if the content lacks it.
pub fn select_sites(content: &Content, named: Option<&str>) -> Result<Vec<SiteId>, Failure> {
    let Some(named) = named else { return Ok(content.sites.keys().cloned().collect()) };
    site(content, named).map(|(id, _)| vec![id.clone()])
}

/// The site of this name. Fails with the nearest name if the content has none.
pub fn site<'a>(content: &'a Content, named: &str) -> Result<(&'a SiteId, &'a Site), Failure> {
    content.sites.get_key_value(named).ok_or_else(|| {
        let known = content.sites.iter().map(|(id, site)| (id.as_str(), site.name.values().map(String::as_str).collect()));
        unknown(&text!(vi: "cụm", en: "site"), named, &known.collect::<Vec<_>>())
    })
}

/// Fails with the nearest name if a site is not among the known ones; without known ones nothing can be said.
pub fn ensure_sites<'a>(known: impl Iterator<Item = &'a SiteId>, named: &[SiteId]) -> Result<(), Failure> {
    let known: Vec<_> = known.map(|site| (site.as_str(), Vec::new())).collect();
    match named.iter().find(|site| known.iter().all(|(id, _)| *id != site.as_str())) {
        Some(site) if !known.is_empty() => Err(unknown(&text!(vi: "cụm", en: "site"), site.as_str(), &known)),
        _ => Ok(()),
    }
}

/// The screen of a site. Fails with the nearest name if the site has none of this name.
pub fn screen<'a>(id: &SiteId, site: &'a Site, named: &str) -> Result<&'a Screen, Failure> {
    site.screens.iter().find(|screen| screen.id.as_str() == named).ok_or_else(|| {
        let known: Vec<_> = site.screens.iter().map(|screen| (screen.id.as_str(), Vec::new())).collect();
        unknown(&text!(vi: "màn hình của {id}", en: "screen of {id}"), named, &known)
    })
}

/// An unknown name on the command line: the id that was meant if a display name was given, else the nearest, or all of them. `known` pairs
/// each id with its display names.
pub fn unknown(what: &Text, named: &str, known: &[(&str, Vec<&str>)]) -> Failure {
    let (Text { vi, en }, shown) = (what, printable(named));
    let Text { vi: vi_help, en: en_help } = suggest_known(named, known);
    Failure::Usage(text!(vi: "không có {vi} “{shown}”; {vi_help}", en: "there is no {en} “{shown}”; {en_help}"))
}

/// The remedy for an unknown name: the id whose display name it is, else as [`suggest_nearest`].
pub fn suggest_known(named: &str, known: &[(&str, Vec<&str>)]) -> Text {
    let meant = folded(named);
    match known.iter().find(|(_, names)| names.iter().any(|name| folded(name) == meant)) {
        Some((id, _)) => text!(vi: "tên này là của “{id}”: hãy viết {id}", en: "that is the name of “{id}”: write {id}"),
        None => suggest_nearest(named, &known.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
    }
}

/// A name without marks, capitals and repeated blanks, as people compare names.
fn folded(name: &str) -> String {
    let plain = name.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(|c| if c == 'đ' { 'd' } else { c });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
