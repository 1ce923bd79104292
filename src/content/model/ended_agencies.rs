//! Warns of bodies that had ended before the month of a program that names them: owners of slides and playlists, operators of sites.
//! Never checks that an agency exists: `agencies` does.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{self, Agency, Content, Period};
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::ids::AgencyId;
use crate::base::text::{Lang, Text};
use crate::base::times::Month;
use crate::content::source::ContentTree;
use crate::content::source::front_matter::{self, YAML_LINE_OFFSET};
use crate::content::source::text::SourceText;
use crate::content::source::yaml::{self, YamlValue};
use crate::text;

/// Whether an agency had ended when a month began.
pub fn ended_before(agency: &Agency, month: Month) -> bool {
    agency.until.is_some_and(|last| last < month.first_day())
}

/// One warning for each file that names such a body, with the first month that shows it so. The evergreen week counts as the last month of all.
pub fn check(content: &Content, tree: &ContentTree, faults: &mut Vec<Diagnostic>) {
    if content.agencies.values().all(|agency| agency.until.is_none()) {
        return;
    }
    let Some(newest) = content.playlists.keys().filter_map(|(period, _)| period.month()).max() else { return };
    // The key that names the agency, by file, and the months that show it.
    let mut named: BTreeMap<String, (&str, &AgencyId, BTreeSet<Month>)> = BTreeMap::new();
    for ((period, playlist_id), playlist) in &content.playlists {
        let month = period.month().unwrap_or(newest);
        let mut name = |path: String, key: &'static str, agency| {
            named.entry(path).or_insert((key, agency, BTreeSet::new())).2.insert(month);
        };
        name(format!("playlists/{period}/{playlist_id}.yaml"), "agency", &playlist.agency);
        for slide in playlist.entries.iter().filter_map(|entry| content.slides.get(&entry.slide.split_language().0)) {
            name(format!("slides/{}", slide.source), "agency", &slide.agency);
        }
        for (id, site) in content.sites.iter().filter(|(_, site)| site.shares.iter().any(|share| share.playlist == *playlist_id)) {
            name(format!("sites/{id}.yaml"), "operator", &site.operator);
        }
    }
    for (path, (key, id, mut months)) in named {
        let Some(agency) = content.agencies.get(id) else { continue };
        months.retain(|month| ended_before(agency, *month));
        if let Some((first, last)) = months.first().zip(months.last()) {
            faults.push(warning(place(tree, &path, key), content, (id, agency), (*first, *last)));
        }
    }
}

fn warning(place: SourceLocation, content: &Content, (id, agency): (&AgencyId, &Agency), (first, last): (Month, Month)) -> Diagnostic {
    let Text { vi, en } = Period::Month(first).name();
    let Text { vi: until_vi, en: until_en } = agency.until.map_or_else(|| text!(vi: "", en: ""), dates::day);
    let Text { vi: name_vi, en: name_en } = display_name(agency);
    let help = match successor(content, agency, last) {
        Some((next, following)) => {
            let Text { vi, en } = display_name(following);
            text!(vi: "viết đơn vị kế nhiệm: {next} (“{vi}”)", en: "write the body that succeeds it: {next} (“{en}”)")
        }
        None => text!(
            vi: "viết đơn vị nay chịu trách nhiệm, và ghi đơn vị đó vào succeeded_by của “{id}” trong agencies.yaml",
            en: "write the body that answers for it now, and enter it as succeeded_by of “{id}” in agencies.yaml"
        ),
    };
    Diagnostic::warning(
        "agency-ended",
        place,
        text!(
            vi: "“{name_vi}” ({id}) đã kết thúc hoạt động ngày {until_vi}, trước chương trình {vi}",
            en: "“{name_en}” ({id}) ended on {until_en}, before the program of {en}"
        ),
        help,
    )
}

fn display_name(agency: &Agency) -> Text {
    let of = |lang| values::name(&agency.name, lang).to_owned();
    Text { vi: of(Lang::Vi), en: of(Lang::En) }
}

/// The first of the bodies that follow one another which had not ended.
fn successor<'a>(content: &'a Content, agency: &'a Agency, month: Month) -> Option<(&'a AgencyId, &'a Agency)> {
    let mut next = agency.succeeded_by.as_ref();
    // Agencies that name each other would never end.
    for _ in 0..content.agencies.len() {
        let id = next?;
        let following = content.agencies.get(id)?;
        if !ended_before(following, month) {
            return Some((id, following));
        }
        next = following.succeeded_by.as_ref();
    }
    None
}

/// Where the value of a key stands in a file.
fn place(tree: &ContentTree, path: &str, key: &str) -> SourceLocation {
    let value = |file: &SourceText| {
        let (yaml, before) = match front_matter::split(file) {
            Ok(parts) if path.ends_with(".md") => (parts.yaml, YAML_LINE_OFFSET),
            _ => (file.text(), 0),
        };
        let YamlValue::Map(entries) = yaml::parse(file, yaml, before, &mut Vec::new())?.value else { return None };
        entries.into_iter().find(|(known, _)| known.text == key).map(|(_, node)| file.location(node.span))
    };
    tree.texts.get(path).and_then(value).unwrap_or_else(|| SourceLocation::file(path))
}
