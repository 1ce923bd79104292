//! Reads `sites/*.yaml`.
//! Never looks at playlists.

use std::collections::{BTreeMap, BTreeSet};

use super::agencies::{check_date_order, resolve_agency};
use super::settings::{localized_names, report_duplicate};
use super::values::{Agency, Network, OpeningHours, PlaylistShare, Screen, Site, TimeWindow, Viewing};
use super::windows;
use super::written::{
    FileFaults, FromYaml as _, HoursFile, KnownName, Reference, ScreenFile, SiteFile, Spanned, ViewingFile, folded, language_names, nearest,
};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::ids::{AgencyId, Language, PlaylistId, ScreenId, SiteId};
use crate::base::terms::Canvas;
use crate::base::text::Text;
use crate::content::source::text::TextSpan;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// Reads all sites. A site without screens or hours is reported and left out.
pub fn read(
    tree: &ContentTree,
    languages: &[Language],
    agencies: &BTreeMap<AgencyId, Agency>,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<SiteId, Site> {
    let mut out = BTreeMap::new();
    let files = || tree.texts.range("sites/".to_owned()..).take_while(|(path, _)| path.starts_with("sites/"));
    let id_of = |path: &str| path["sites/".len()..].strip_suffix(".yaml").and_then(SiteId::parse);
    let mut successors = Vec::new();
    for (path, file) in files() {
        let mut found = FileFaults::new(file);
        match id_of(path) {
            None => found.list.push(Diagnostic::error(
                "file-place",
                file.file_location(),
                text!(vi: "tệp này không thể là một cụm thông tin", en: "this file can't be a site"),
                text!(vi: "đặt tên như sites/ta-lung.yaml, tên tối đa 40 ký tự", en: "name it like sites/ta-lung.yaml, a name of 40 characters at most"),
            )),
            Some(id) => {
                let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| SiteFile::read(&node, &mut found));
                successors.extend(written.iter().filter_map(|written| Some((id.clone(), file, written.succeeded_by.clone()?))));
                let site = written.and_then(|written| site(&written, tree, languages, agencies, &mut found));
                out.extend(site.map(|site| (id, site)));
            }
        }
        faults.append(&mut found.list);
    }
    for (id, file, next) in successors {
        let mut found = FileFaults::new(file);
        check_successor(&id, &next, &names(tree, &out), &mut found);
        faults.append(&mut found.list);
    }
    out
}

fn check_successor(id: &SiteId, next: &Spanned<Reference<SiteId>>, known: &[KnownName<'_>], faults: &mut FileFaults<'_>) {
    let others: Vec<_> = known.iter().filter(|(other, _)| *other != id.as_str()).cloned().collect();
    check_site(next, &others, faults);
}

/// Reports a site that is not declared.
pub fn check_site(named: &Spanned<Reference<SiteId>>, known: &[KnownName<'_>], faults: &mut FileFaults<'_>) {
    if known.iter().all(|(id, _)| *id != named.value.0) {
        faults.report_unknown("unknown-site", named.span, &text!(vi: "cụm", en: "site"), &named.value.0, known);
    }
}

/// The sites that have a file, with the display names of those that could be read.
pub fn names<'a>(tree: &'a ContentTree, sites: &'a BTreeMap<SiteId, Site>) -> Vec<KnownName<'a>> {
    let files = tree.texts.keys().chain(&tree.unreadable).filter_map(|path| Some(path.strip_prefix("sites/")?.rsplit_once(".y")?.0));
    let shown = |id: &str| sites.get(id).map(|site| site.name.values().map(String::as_str).collect());
    files.map(|id| (id, shown(id).unwrap_or_default())).collect()
}

fn site(
    written: &SiteFile,
    tree: &ContentTree,
    languages: &[Language],
    agencies: &BTreeMap<AgencyId, Agency>,
    faults: &mut FileFaults<'_>,
) -> Option<Site> {
    let operator = written.operator.as_ref().map(|operator| resolve_agency(operator, agencies, faults));
    check_date_order(written.since.as_ref(), written.until.as_ref(), faults);
    let screens = screens(written, faults);
    let hours = written.hours.as_ref().map(|hours| self::hours(hours, faults));
    let mut shares: Vec<PlaylistShare> = Vec::new();
    for share in written.shares.iter().flat_map(|list| &list.value) {
        let Some(playlist) = &share.value.playlist else { continue };
        let part = share.value.share.as_ref().map_or(1, |part| part.value.get());
        let name = &playlist.value.0;
        match PlaylistId::parse(name).filter(|id| has_playlist(tree, id)) {
            None => report_unknown_playlist(playlist, &playlists(tree), faults),
            Some(id) if shares.iter().any(|before| before.playlist == id) => report_duplicate(playlist.span, name, faults),
            Some(playlist) => shares.push(PlaylistShare { playlist, share: part }),
        }
    }
    if let Some(list) = &written.shares
        && list.value.is_empty()
    {
        report_empty_list(list.span, faults);
    }
    let shown = site_languages(written, languages, faults);
    let network = written.network.as_ref().map(|network| Network {
        kbit_per_s: network.value.kbit_per_s.as_ref().map(|value| value.value.get()),
        mb_per_month: network.value.mb_per_month.as_ref().map(|value| value.value.get()),
    });
    (!screens.is_empty()).then_some(())?;
    Some(Site {
        name: localized_names(written.name.as_ref()),
        operator: operator?,
        languages: shown,
        screens,
        hours: hours?,
        shares,
        volume: written.volume.as_ref().map_or(100, |volume| u8::try_from(volume.value.0).unwrap_or(100)),
        network: network.unwrap_or_default(),
        contacts: written.contacts.iter().flat_map(|list| &list.value.0).map(|contact| contact.value.clone()).collect(),
        since: written.since.as_ref().map(|day| day.value),
        until: written.until.as_ref().map(|day| day.value),
        succeeded_by: written.succeeded_by.as_ref().and_then(|next| SiteId::parse(&next.value.0)),
        place: faults.file.file_location(),
    })
}

fn site_languages(written: &SiteFile, languages: &[Language], faults: &mut FileFaults<'_>) -> Vec<Language> {
    let Some(list) = &written.languages else { return languages.to_vec() };
    let is = |language: &Language, named: &Spanned<Reference<Language>>| named.value.0 == language.as_str();
    for named in list.value.iter().filter(|named| !languages.is_empty() && !languages.iter().any(|language| is(language, named))) {
        let what = text!(vi: "ngôn ngữ", en: "language");
        faults.report_unknown(
            "unknown-language",
            named.span,
            &what,
            &named.value.0,
            &language_names(languages.iter().map(Language::as_str)),
        );
    }
    if list.value.is_empty() {
        report_empty_list(list.span, faults);
    }
    languages.iter().filter(|language| list.value.iter().any(|named| is(language, named))).cloned().collect()
}

/// The playlists that have a file in some period, also one that can't be read.
fn playlists(tree: &ContentTree) -> Vec<KnownName<'_>> {
    let names = playlist_files(tree).filter_map(|path| path.rsplit_once('/')?.1.strip_suffix(".yaml"));
    names.collect::<BTreeSet<_>>().into_iter().map(|name| (name, Vec::new())).collect()
}

fn playlist_files(tree: &ContentTree) -> impl Iterator<Item = &str> {
    tree.texts.keys().chain(&tree.unreadable).filter_map(|path| path.strip_prefix("playlists/"))
}

/// Whether a playlist has a file in some period. A file whose own name is at fault may be the one that is meant.
fn has_playlist(tree: &ContentTree, id: &PlaylistId) -> bool {
    playlist_files(tree).any(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').is_some_and(|(stem, _)| stem == id.as_str() || folded(stem).replace(' ', "-") == id.as_str())
    })
}

/// A share whose playlist has no file in any period. One that lacks a file in some period is a matter of that period's plan.
fn report_unknown_playlist(named: &Spanned<Reference<PlaylistId>>, known: &[KnownName<'_>], faults: &mut FileFaults<'_>) {
    let (name, ids) = (&named.value.0, known.iter().map(|(id, _)| *id).collect::<Vec<_>>());
    let what = text!(vi: "danh sách phát", en: "playlist");
    if PlaylistId::parse(name).is_none() || nearest(name, &ids).is_some() {
        return faults.report_unknown("unknown-playlist", named.span, &what, name, known);
    }
    faults.error(
        "unknown-playlist",
        named.span,
        text!(vi: "không có danh sách phát “{name}” ở tháng nào, cũng không có trong chương trình thường xuyên", en: "there is no playlist “{name}”, in no month and not in evergreen"),
        text!(
            vi: "viết playlists/<năm-tháng>/{name}.yaml hoặc playlists/evergreen/{name}.yaml, hoặc bỏ “{name}” khỏi shares",
            en: "write playlists/<yyyy-mm>/{name}.yaml or playlists/evergreen/{name}.yaml, or take “{name}” out of shares"
        ),
    );
}

fn report_empty_list(span: TextSpan, faults: &mut FileFaults<'_>) {
    faults.error(
        "empty-list",
        span,
        text!(vi: "danh sách trống", en: "the list is empty"),
        text!(vi: "viết ít nhất một mục", en: "write at least one item"),
    );
}

fn screens(written: &SiteFile, faults: &mut FileFaults<'_>) -> Vec<Screen> {
    let Some(list) = &written.screens else { return Vec::new() };
    let mut out: Vec<Screen> = Vec::new();
    if list.value.is_empty() {
        report_empty_list(list.span, faults);
    }
    for (index, item) in list.value.iter().enumerate() {
        let screen = &item.value;
        let (Some(id), Some(width), Some(height)) = (&screen.id, &screen.width, &screen.height) else { continue };
        if out.iter().any(|before| before.id == id.value) {
            report_duplicate(id.span, id.value.as_str(), faults);
            continue;
        }
        let (width, height) = (width.value.get(), height.value.get());
        let canvas = canvas(screen, width, height, faults);
        let audio = screen.audio.as_ref().map_or(index == 0, |audio| audio.value);
        let same_as = screen.same_as.as_ref().map(|other| other.value.0.clone());
        let viewing = screen.viewing.as_ref().or(written.viewing.as_ref()).and_then(viewing);
        out.push(Screen { id: id.value.clone(), width, height, canvas, audio, same_as, viewing });
    }
    // A screen with another fault is there all the same.
    let own = list.value.iter().filter(|item| !item.value.present.iter().any(|(key, _)| *key == "loop"));
    let own: Vec<ScreenId> = own.filter_map(|item| item.value.id.as_ref().map(|id| id.value.clone())).collect();
    let names: Vec<_> = own.iter().map(|id| (id.as_str(), Vec::new())).collect();
    // The name of one whose name is at fault may be the one that is meant.
    let named = list.value.iter().all(|item| item.value.id.is_some() || !item.value.has("id"));
    let copies = list.value.iter().filter_map(|item| item.value.same_as.as_ref()).filter(|_| named);
    for other in copies.filter(|other| !own.contains(&other.value.0)) {
        let what = text!(vi: "màn hình có vòng chiếu riêng tên", en: "screen with a loop of its own named");
        faults.report_unknown("unknown-screen", other.span, &what, other.value.0.as_str(), &names);
    }
    for screen in &mut out {
        if screen.same_as.as_ref().is_some_and(|other| !own.contains(other)) {
            screen.same_as = None;
        }
    }
    out
}

fn viewing(written: &Spanned<ViewingFile>) -> Option<Viewing> {
    let ViewingFile { distance, height, .. } = &written.value;
    Some(Viewing { distance: distance.as_ref()?.value.0, height: height.as_ref()?.value.0 })
}

fn canvas(screen: &ScreenFile, width: u32, height: u32, faults: &mut FileFaults<'_>) -> Canvas {
    let whole = Canvas { w: width, h: height, x: 0, y: 0 };
    let Some(given) = &screen.canvas else { return whole };
    let (Some(w), Some(h), Some(x), Some(y)) = (&given.value.w, &given.value.h, &given.value.x, &given.value.y) else { return whole };
    let canvas = Canvas { w: w.value.get(), h: h.value.get(), x: x.value.get(), y: y.value.get() };
    if canvas.x + width > canvas.w || canvas.y + height > canvas.h {
        faults.error(
            "canvas-too-small",
            given.span,
            text!(vi: "màn hình {width}×{height} không nằm trọn trong khung này", en: "the screen of {width}×{height} is not inside this canvas"),
            text!(vi: "tăng w, h hoặc giảm x, y", en: "raise w, h or lower x, y"),
        );
    }
    canvas
}

fn hours(written: &Spanned<HoursFile>, faults: &mut FileFaults<'_>) -> OpeningHours {
    let lists = [
        ("workday", &written.value.workday),
        ("weekend", &written.value.weekend),
        ("holiday", &written.value.holiday),
        ("makeup", &written.value.makeup),
    ];
    let closed = lists.iter().all(|(_, list)| list.as_ref().is_none_or(|list| list.value.is_empty()));
    let mut clean = true;
    for (kind, list) in lists.iter().filter_map(|(kind, list)| list.as_ref().map(|list| (*kind, list))) {
        let windows: Vec<TimeWindow> = list.value.iter().map(|window| window.value).collect();
        if let Some((first, second)) = windows::first_overlap(&windows) {
            clean = false;
            report_overlap(list.span, (first, &first.to_string()), (second, &second.to_string()), faults);
        }
        let minutes: u32 = windows.iter().map(|window| window.end - window.start).sum();
        // A site that is closed on all days has no hours that could be too short.
        if matches!(kind, "weekend" | "holiday")
            && !closed
            && !(480..=600).contains(&minutes)
            && faults.list.iter().all(|fault| fault.severity == Severity::Warning)
        {
            let (hours, rest) = (minutes / 60, minutes % 60);
            faults.warning(
                "opening-hours",
                list.span,
                text!(vi: "mở {hours} giờ {rest:02} phút; quy định là 8 đến 10 giờ vào ngày lễ, thứ Bảy, Chủ Nhật", en: "open {hours} h {rest:02} min; the regulation asks for 8 to 10 hours on holidays, Saturdays and Sundays"),
                text!(vi: "sửa khung giờ, hoặc để nguyên nếu cấp trên đã đồng ý", en: "change the windows, or leave them if your superiors agreed"),
            );
        }
    }
    let sorted = |list: &Option<Spanned<Vec<Spanned<TimeWindow>>>>| {
        let mut windows: Vec<TimeWindow> = list.iter().flat_map(|list| &list.value).map(|window| window.value).collect();
        windows.sort_unstable();
        windows
    };
    let hours = OpeningHours {
        workday: sorted(&written.value.workday),
        weekend: sorted(&written.value.weekend),
        holiday: sorted(&written.value.holiday),
        makeup: written.value.makeup.is_some().then(|| sorted(&written.value.makeup)),
    };
    if clean && let Some((kind, late, next, early)) = windows::overlap_past_midnight(&hours) {
        let span = lists.iter().find(|(name, _)| *name == kind).and_then(|(_, list)| list.as_ref()).map_or(written.span, |list| list.span);
        report_overlap(span, (late, &format!("{kind} {late}")), (early, &format!("{next} {early}")), faults);
    }
    hours
}

/// Reports two windows, each with how it is called.
fn report_overlap(span: TextSpan, (one, first): (TimeWindow, &str), (other, second): (TimeWindow, &str), faults: &mut FileFaults<'_>) {
    let Text { vi, en } = match [one, other].into_iter().find_map(|window| Some((window, windows::turned(window)?))) {
        Some((window, turned)) => text!(
            vi: "{window} kéo dài qua nửa đêm; có phải {turned}? Nếu không, ",
            en: "{window} goes on past midnight; did you mean {turned}? If not, "
        ),
        None => text!(vi: "", en: ""),
    };
    faults.error(
        "windows-overlap",
        span,
        text!(vi: "khung giờ {first} và {second} chồng lên nhau", en: "the windows {first} and {second} overlap"),
        text!(vi: "{vi}gộp lại thành một khung, hoặc cho khung trước kết thúc sớm hơn", en: "{en}make them one window, or let the first end earlier"),
    );
}
