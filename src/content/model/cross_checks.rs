//! Checks across files and against the regulation: roles and sites of the policy exist, a broadcaster contributes each month.
//! Never checks the form of a file.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{Agency, Content, ContentSettings, Period, Site};
use super::written::suggest_nearest;
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::ids::{AgencyId, RoleId, SiteId};
use crate::base::text::Text;
use crate::content::source::ContentTree;
use crate::text;

/// Roles of agencies must be declared; sites of the policy must exist.
pub fn check_roles_and_sites(
    tree: &ContentTree,
    settings: &ContentSettings,
    agencies: &BTreeMap<AgencyId, Agency>,
    sites: &BTreeMap<SiteId, Site>,
    faults: &mut Vec<Diagnostic>,
) {
    let roles: Vec<&str> = settings.approval.roles.keys().map(RoleId::as_str).collect();
    for role in agencies.values().flat_map(|agency| &agency.roles).collect::<BTreeSet<_>>() {
        if !settings.approval.roles.contains_key(role) {
            let cause = text!(vi: "không có vai trò duyệt “{role}” trong bangtin.yaml", en: "there is no role “{role}” in bangtin.yaml");
            faults.push(Diagnostic::error(
                "unknown-role",
                locate_word(tree, "agencies.yaml", role.as_str()),
                cause,
                suggest_nearest(role.as_str(), &roles),
            ));
        }
    }
    let names: Vec<&str> = sites.keys().map(SiteId::as_str).collect();
    let named = settings.approval.roles.values().flat_map(|role| &role.sites).chain(settings.approval.sites.keys());
    for site in named.collect::<BTreeSet<_>>() {
        if !sites.contains_key(site) && !tree.contains(&format!("sites/{site}.yaml")) {
            let cause = text!(vi: "không có cụm “{site}”", en: "there is no site “{site}”");
            faults.push(Diagnostic::error(
                "unknown-site",
                locate_word(tree, "bangtin.yaml", site.as_str()),
                cause,
                suggest_nearest(site.as_str(), &names),
            ));
        }
    }
}

/// The first place of a whole word in a file, for names that were read without their places.
fn locate_word(tree: &ContentTree, path: &str, word: &str) -> SourceLocation {
    let Some(file) = tree.texts.get(path) else { return SourceLocation::file(path) };
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let whole = file.text().match_indices(word).find(|(at, _)| {
        let before = file.text()[..*at].chars().next_back().is_none_or(|c| !part(c));
        let after = file.text()[at + word.len()..].chars().next().is_none_or(|c| !part(c));
        before && after && !file.text()[at + word.len()..].starts_with(':')
    });
    let whole = whole.or_else(|| file.text().match_indices(word).next());
    whole.map_or_else(|| file.file_location(), |(at, _)| file.location(file.span(at..at + word.len())))
}

/// Article 13: the broadcaster contributes at least once a month. Reported only if an agency is a broadcaster.
pub fn check_broadcasters(content: &Content, faults: &mut Vec<Diagnostic>) {
    let broadcaster = |id: &AgencyId| content.agencies.get(id).is_some_and(|agency| agency.kind == "broadcaster");
    if !content.agencies.keys().any(broadcaster) {
        return;
    }
    let mut months = BTreeMap::new();
    for ((period, _), playlist) in &content.playlists {
        let Period::Month(month) = period else { continue };
        let supplies = |id: &crate::base::ids::SlideId| content.slides.get(id).is_some_and(|slide| broadcaster(&slide.agency));
        let found = playlist.entries.iter().any(|entry| supplies(&entry.slide));
        *months.entry(*month).or_insert(false) |= found;
    }
    for (month, _) in months.into_iter().filter(|(_, found)| !found) {
        let Text { vi, en } = dates::month(month);
        faults.push(Diagnostic::warning(
            "no-broadcaster",
            SourceLocation::file(format!("playlists/{month}")),
            text!(vi: "{vi} chưa có trang nào của đài phát thanh – truyền hình", en: "{en} has no slide of the broadcaster"),
            text!(
                vi: "thêm trang của đài phát thanh – truyền hình (mỗi tháng ít nhất một)",
                en: "add a slide of the broadcaster (at least one a month)"
            ),
        ));
    }
}
