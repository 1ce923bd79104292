//! Reads `playlists/<period>/<id>.yaml` and replaces each pattern by its slides.
//! Never knows when an entry plays.

use std::collections::{BTreeMap, BTreeSet};

use glob::{MatchOptions, Pattern};

use super::agencies::{check_date_order, resolve_agency};
use super::title_month;
use super::values::{Agency, DayKind, DaySelector, Period, Playlist, PlaylistEntry, Site, Slide};
use super::written::{EntryFile, FileFaults, FromYaml as _, KnownName, PlaylistFile, Spanned, suggest_known, suggest_nearest};
use crate::base::dates;
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::{AgencyId, PlaylistId, ScreenId, SiteId, SlideId};
use crate::base::text::Text;
use crate::base::times::Month;
use crate::content::source::{ContentTree, yaml};
use crate::text;

/// What a playlist may name.
#[derive(Clone, Copy)]
pub struct PlaylistContext<'a> {
    pub tree: &'a ContentTree,
    /// Includes placeholders.
    pub slides: &'a BTreeMap<SlideId, Box<Slide>>,
    pub agencies: &'a BTreeMap<AgencyId, Agency>,
    /// Without those whose file has a fault: what one shares and shows is not known for certain.
    pub sites: &'a BTreeMap<SiteId, Site>,
    /// Whether that leaves all of them.
    pub all_sites: bool,
}

/// Reads all playlists.
pub fn read(known: &PlaylistContext<'_>, faults: &mut Vec<Diagnostic>) -> BTreeMap<(Period, PlaylistId), Playlist> {
    let mut out = BTreeMap::new();
    for (path, file) in known.tree.texts.range("playlists/".to_owned()..).take_while(|(path, _)| path.starts_with("playlists/")) {
        let mut found = FileFaults::new(file);
        let Some((period, id)) = parse_path(path) else {
            faults.push(Diagnostic::error(
                "file-place",
                file.file_location(),
                text!(vi: "tệp này không thể là một danh sách phát", en: "this file can't be a playlist"),
                right_place(path),
            ));
            continue;
        };
        if known.all_sites && !known.sites.values().any(|site| site.shares.iter().any(|share| share.playlist == id)) {
            found.list.push(Diagnostic::warning(
                "playlist-unshared",
                file.file_location(),
                text!(vi: "không cụm nào nêu danh sách phát “{id}” trong shares", en: "no site names the playlist “{id}” in its shares"),
                text!(vi: "thêm vào shares của cụm, hoặc xóa tệp", en: "add it to a site's shares, or remove the file"),
            ));
        }
        let written = yaml::parse(file, file.text(), 0, &mut found.list).and_then(|node| PlaylistFile::read(&node, &mut found));
        if let Some(playlist) = written.and_then(|written| playlist(&written, period, &id, known, &mut found)) {
            out.insert((period, id), playlist);
        }
        faults.append(&mut found.list);
    }
    out
}

/// The playlists that have a file, readable or not, and are not among the sound ones.
pub fn faulty(tree: &ContentTree, sound: &BTreeMap<(Period, PlaylistId), Playlist>) -> BTreeSet<(Period, PlaylistId)> {
    let files = tree.texts.keys().chain(&tree.unreadable);
    files.filter_map(|path| parse_path(path)).filter(|key| !sound.contains_key(key)).collect()
}

/// Where a playlist lies, after what is wrong with a month that was mistyped.
fn right_place(path: &str) -> Text {
    let folder = path.split('/').nth(1).unwrap_or_default();
    let Text { vi, en } = dates::mistyped(folder).map_or(text!(vi: "", en: ""), |Text { vi, en }| text!(vi: "{vi}; ", en: "{en}; "));
    text!(
        vi: "{vi}đặt tại playlists/<năm-tháng>/<tên>.yaml, như playlists/2026-12/province.yaml, hoặc playlists/evergreen/<tên>.yaml; tên tối đa 40 ký tự",
        en: "{en}put it at playlists/<yyyy-mm>/<name>.yaml, such as playlists/2026-12/province.yaml, or playlists/evergreen/<name>.yaml; a name has 40 characters at most"
    )
}

fn parse_path(path: &str) -> Option<(Period, PlaylistId)> {
    let (period, name) = path.strip_prefix("playlists/")?.split_once('/')?;
    let period = if period == "evergreen" { Period::Evergreen } else { Period::Month(Month::parse(period)?) };
    Some((period, PlaylistId::parse(name.strip_suffix(".yaml")?)?))
}

fn playlist(
    written: &PlaylistFile,
    period: Period,
    id: &PlaylistId,
    known: &PlaylistContext<'_>,
    faults: &mut FileFaults<'_>,
) -> Option<Playlist> {
    let agency = written.agency.as_ref().map(|agency| resolve_agency(agency, known.agencies, faults));
    written.title.iter().for_each(|title| title_month::check(title, period, faults));
    let mut entries = Vec::new();
    report_no_entries(written, faults);
    for entry in written.entries.iter().flat_map(|list| &list.value) {
        check_date_order(entry.value.from.as_ref(), entry.value.until.as_ref(), faults);
        check_screens(&entry.value, id, known, faults);
        for slide in resolve_slides(entry, known, faults) {
            if period == Period::Evergreen {
                check_evergreen(entry, &slide, known, faults);
            }
            entries.push(build_entry(entry, slide, faults));
        }
    }
    Some(Playlist {
        title: written.title.as_ref()?.value.clone(),
        agency: agency?,
        revision: written.revision.as_ref().map_or(1, |revision| revision.value.0),
        entries,
        place: faults.file.file_location(),
    })
}

fn report_no_entries(written: &PlaylistFile, faults: &mut FileFaults<'_>) {
    if let Some(list) = &written.entries
        && list.value.is_empty()
    {
        faults.error(
            "empty-list",
            list.span,
            text!(
                vi: "danh sách trống: danh sách phát này không chiếu gì, thời lượng của nó chia cho danh sách khác",
                en: "the list is empty: this playlist would show nothing, and its share would go to the others"
            ),
            text!(vi: "viết ít nhất một mục, như - slide: thư-mục/trang.md, hoặc xóa tệp", en: "write at least one entry, such as - slide: folder/name.md, or remove the file"),
        );
    }
}

fn build_entry(entry: &Spanned<EntryFile>, slide: SlideId, faults: &FileFaults<'_>) -> PlaylistEntry {
    let written = &entry.value;
    let span = written.slide.as_ref().or(written.slides.as_ref()).map_or(entry.span, |name| name.span);
    PlaylistEntry {
        slide,
        days: written.days.iter().flat_map(|list| &list.value).map(|day| day.value).collect(),
        times: written.times.iter().flat_map(|list| &list.value).map(|window| window.value).collect(),
        from: written.from.as_ref().map(|day| day.value),
        until: written.until.as_ref().map(|day| day.value),
        weight: written.weight.as_ref().map_or(1, |weight| weight.value.get()),
        screens: written.screens.as_ref().map(|list| list.value.iter().filter_map(|screen| ScreenId::parse(&screen.value.0)).collect()),
        place: faults.place(span),
    }
}

/// The slides that an entry names.
fn resolve_slides(entry: &Spanned<EntryFile>, known: &PlaylistContext<'_>, faults: &mut FileFaults<'_>) -> Vec<SlideId> {
    match (&entry.value.slide, &entry.value.slides) {
        (Some(name), None) => resolve_slide(name, known, faults).into_iter().collect(),
        (None, Some(pattern)) => resolve_pattern(pattern, known, faults),
        // Already reported: the value itself is at fault.
        (None, None) if entry.value.has("slide") || entry.value.has("slides") => Vec::new(),
        (slide, _) => {
            let span = slide.as_ref().map_or(entry.span, |name| name.span);
            faults.error(
                "entry-form",
                span,
                text!(vi: "một mục cần đúng một trong hai mục slide và slides", en: "an entry needs exactly one of slide and slides"),
                text!(vi: "viết slide: thư-mục/trang.md, hoặc slides: \"thư-mục/*.md\"", en: "write slide: folder/name.md, or slides: \"folder/*.md\""),
            );
            Vec::new()
        }
    }
}

fn resolve_slide(name: &Spanned<String>, known: &PlaylistContext<'_>, faults: &mut FileFaults<'_>) -> Option<SlideId> {
    let id = name.value.strip_suffix(".md").and_then(SlideId::parse).filter(|id| known.slides.contains_key(id));
    let given = &name.value;
    // A file with a fault of its own is there all the same. Among many slides the remedy takes long to find.
    if id.is_none() && faults.takes_error() && !known.tree.contains(&format!("slides/{given}")) {
        let cause = text!(vi: "không có trang slides/{given}", en: "there is no slide slides/{given}");
        faults.error("unknown-slide", name.span, cause, suggest_slide(given, known.slides));
    }
    id
}

/// The remedy for a slide that is not there: its path with the extension that is missing, else what its title or a part of it leads to, else the
/// nearest path, else all.
fn suggest_slide(given: &str, slides: &BTreeMap<SlideId, Box<Slide>>) -> Text {
    if SlideId::parse(given).is_some_and(|id| slides.contains_key(&id)) {
        return text!(vi: "viết cả phần mở rộng: {given}.md", en: "write it with its extension: {given}.md");
    }
    let mut titles = BTreeMap::<SlideId, Vec<&str>>::new();
    for (id, slide) in slides {
        titles.entry(id.split_language().0).or_default().push(&slide.title);
    }
    // A title means the slide in all languages; one of its translations is meant where the path names a language.
    let names_language = given.strip_suffix(".md").and_then(SlideId::parse).is_some_and(|id| id.is_translation());
    let meant = slides.iter().filter(|(id, _)| names_language || !id.is_translation());
    let known: Vec<KnownName<'_>> = meant.map(|(id, slide)| (slide.source.as_str(), titles.remove(id).unwrap_or_default())).collect();
    suggest_known(given, &known)
}

fn resolve_pattern(pattern: &Spanned<String>, known: &PlaylistContext<'_>, faults: &mut FileFaults<'_>) -> Vec<SlideId> {
    let given = &pattern.value;
    let compiled = match Pattern::new(given) {
        Ok(compiled) => compiled,
        Err(error) => {
            let reason = error.msg;
            faults.error(
                "slides-pattern",
                pattern.span,
                text!(vi: "mẫu “{given}” không hợp lệ: {reason}", en: "the pattern “{given}” is not one: {reason}"),
                text!(vi: "dùng * trong một thư mục, ** qua nhiều thư mục, như \"phap-luat/**/*.md\"", en: "use * inside a folder, ** across folders, such as \"phap-luat/**/*.md\""),
            );
            return Vec::new();
        }
    };
    let options = MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
    let originals = known.slides.iter().filter(|(id, _)| !id.is_translation());
    let found: Vec<SlideId> =
        originals.filter(|(_, slide)| compiled.matches_with(&slide.source, options)).map(|(id, _)| id.clone()).collect();
    let faulty = || known.tree.unreadable.iter().filter_map(|path| path.strip_prefix("slides/"));
    if found.is_empty() && !faulty().any(|path| compiled.matches_with(path, options)) {
        faults.warning(
            "slides-none",
            pattern.span,
            text!(vi: "không trang nào khớp với “{given}”", en: "no slide matches “{given}”"),
            text!(vi: "kiểm tra tên thư mục và đuôi .md", en: "look at the folder's name and the .md at the end"),
        );
    }
    found
}

/// At each site that shares the playlist, the screens must exist and have a loop of their own.
fn check_screens(entry: &EntryFile, id: &PlaylistId, known: &PlaylistContext<'_>, faults: &mut FileFaults<'_>) {
    let Some(list) = &entry.screens else { return };
    if list.value.is_empty() {
        faults.error(
            "empty-list",
            list.span,
            text!(vi: "danh sách trống: không màn hình nào chiếu mục này", en: "the list is empty: no screen would show this entry"),
            text!(vi: "viết tên màn hình, hoặc bỏ mục screens", en: "name a screen, or drop the key screens"),
        );
    }
    let sites = known.sites.iter().filter(|(_, site)| site.shares.iter().any(|share| share.playlist == *id));
    for (site_id, site) in sites {
        let own: Vec<&str> = site.screens.iter().filter(|screen| screen.same_as.is_none()).map(|screen| screen.id.as_str()).collect();
        for screen in list.value.iter().filter(|screen| !own.contains(&&*screen.value.0)) {
            let name = &*screen.value.0;
            let copied = site.screens.iter().find(|other| other.id.as_str() == name).and_then(|other| other.same_as.clone());
            let cause = match &copied {
                Some(other) => text!(
                    vi: "ở cụm {site_id}, màn hình “{name}” chiếu theo “{other}”",
                    en: "at the site {site_id} the screen “{name}” copies “{other}”"
                ),
                None => text!(vi: "cụm {site_id} không có màn hình “{name}”", en: "the site {site_id} has no screen “{name}”"),
            };
            faults.error("unknown-screen", screen.span, cause, suggest_nearest(name, &own));
        }
    }
}

/// The evergreen week allows no dates and no holidays.
fn check_evergreen(entry: &Spanned<EntryFile>, slide: &SlideId, known: &PlaylistContext<'_>, faults: &mut FileFaults<'_>) {
    let written = &entry.value;
    let place = |date: &Option<Spanned<chrono::NaiveDate>>| date.as_ref().map(|at| at.span);
    let dates = [("from", place(&written.from)), ("until", place(&written.until))];
    let special = |day: &&Spanned<DaySelector>| matches!(day.value, DaySelector::Kind(DayKind::Holiday | DayKind::Makeup));
    let days = written.days.iter().flat_map(|list| &list.value).filter(special).map(|day| ("holiday, makeup", Some(day.span)));
    for (what, span) in dates.into_iter().chain(days).filter_map(|(what, span)| Some((what, span?))) {
        faults.error(
            "evergreen-dates",
            span,
            text!(vi: "chương trình thường xuyên không có {what}", en: "the evergreen program knows no {what}"),
            text!(vi: "bỏ phần này; chương trình thường xuyên chỉ có thứ trong tuần, workday và weekend", en: "drop it; the evergreen program has weekdays, workday and weekend only"),
        );
    }
    if known.slides.get(slide).is_some_and(|slide| slide.valid != (None, None)) {
        let span = written.slide.as_ref().or(written.slides.as_ref()).map_or(entry.span, |name| name.span);
        faults.error(
            "evergreen-dates",
            span,
            text!(vi: "trang “{slide}” có hạn (valid), không dùng được trong chương trình thường xuyên", en: "the slide “{slide}” has a validity, which the evergreen program can't hold"),
            text!(vi: "bỏ valid khỏi trang, hoặc chọn trang khác", en: "drop valid from the slide, or choose another slide"),
        );
    }
}
