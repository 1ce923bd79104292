//! Finds in the content what a person named on the command line.
//! Never reads a file.

use std::collections::BTreeSet;

use super::values::{Content, Screen, Site};
use super::written::{KnownName, known_names, nearest_of, suggest_known};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::text::{Text, printable};
use crate::base::times::Month;
use crate::text;

/// The newest months that are named where another does not exist.
const MONTHS_NAMED: usize = 24;

/// The sites that a command is about: the named one, or all. Fails if the content lacks it.
pub fn select_sites(content: &Content, named: Option<&str>) -> Result<Vec<SiteId>, Failure> {
    let Some(named) = named else { return Ok(content.sites.keys().cloned().collect()) };
    site(content, named).map(|(id, _)| vec![id.clone()])
}

/// The site of this name. Fails with the nearest name if the content has none.
pub fn site<'a>(content: &'a Content, named: &str) -> Result<(&'a SiteId, &'a Site), Failure> {
    content
        .sites
        .get_key_value(named)
        .ok_or_else(|| unknown(&text!(vi: "cụm", en: "site"), named, &known_names(content.sites.iter().map(|(id, site)| (id, &site.name)))))
}

/// The sites of these names among the known ones. Fails with the nearest name; where none is known, any name of the right form will do.
pub fn site_ids<'a>(known: impl IntoIterator<Item = &'a SiteId>, named: &[String]) -> Result<Vec<SiteId>, Failure> {
    let known: BTreeSet<&str> = known.into_iter().map(SiteId::as_str).collect();
    let what = text!(vi: "cụm", en: "site");
    let id = |named: &String| {
        if !known.is_empty() {
            ensure_known(&what, known.iter().copied(), named)?;
        }
        SiteId::parse(named).ok_or_else(|| unknown(&what, named, &[]))
    };
    named.iter().map(id).collect()
}

/// Fails with the nearest name if `named` is not among the known ones.
pub fn ensure_known<'a>(what: &Text, known: impl Iterator<Item = &'a str>, named: &str) -> Result<(), Failure> {
    let known: Vec<_> = known.map(|id| (id, Vec::new())).collect();
    if known.iter().any(|(id, _)| *id == named) { Ok(()) } else { Err(unknown(what, named, &known)) }
}

/// An unknown role on the command line.
pub fn unknown_role<'a>(known: impl IntoIterator<Item = &'a str>, named: &str) -> Failure {
    let known: Vec<_> = known.into_iter().map(|role| (role, Vec::new())).collect();
    unknown(&text!(vi: "vai trò", en: "role"), named, &known)
}

/// Fails with the months that there are if no playlist has a file for this one: a month off is no slip of the pen.
pub fn ensure_month(content: &Content, month: Month) -> Result<(), Failure> {
    let months: BTreeSet<Month> = content.playlists.keys().filter_map(|(period, _)| period.month()).collect();
    if months.contains(&month) {
        return Ok(());
    }
    let newest = months.iter().rev().take(MONTHS_NAMED).rev().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let earlier = if months.len() > MONTHS_NAMED { "…, " } else { "" };
    let Text { vi, en } = if months.is_empty() {
        text!(vi: "chưa có tháng nào", en: "there is none of any month yet")
    } else {
        text!(vi: "các tháng đã có: {earlier}{newest}", en: "the months that have one: {earlier}{newest}")
    };
    Err(Failure::Usage(text!(
        vi: "không có danh sách phát nào của tháng “{month}”; {vi}",
        en: "there is no playlist of the month “{month}”; {en}"
    )))
}

/// The screen of a site. Fails with the nearest name if the site has none of this name.
pub fn screen<'a>(id: &SiteId, site: &'a Site, named: &str) -> Result<&'a Screen, Failure> {
    site.screens.iter().find(|screen| screen.id.as_str() == named).ok_or_else(|| {
        let known: Vec<_> = site.screens.iter().map(|screen| screen.id.as_str()).collect();
        let Text { vi, en } = nearest_of(named, &known, &text!(vi: "các màn hình", en: "its screens"));
        let named = printable(named);
        Failure::Usage(text!(vi: "cụm {id} không có màn hình “{named}”; {vi}", en: "site {id} has no screen “{named}”; {en}"))
    })
}

/// An unknown name on the command line: the id that was meant if a display name was given, else the nearest, or all of them. `known` pairs
/// each id with its display names.
pub fn unknown(what: &Text, named: &str, known: &[KnownName<'_>]) -> Failure {
    let (Text { vi, en }, shown) = (what, printable(named));
    let Text { vi: vi_help, en: en_help } = suggest_known(named, known);
    Failure::Usage(text!(vi: "không có {vi} “{shown}”; {vi_help}", en: "there is no {en} “{shown}”; {en_help}"))
}
