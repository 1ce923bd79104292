//! Checks across files and against the regulation: sites of the policy exist, a broadcaster contributes each month,
//! every slide is in a playlist, every file beside them is used by one.
//! Never checks the form of a file.

use std::collections::{BTreeMap, BTreeSet};

use super::values::{Content, Period, Site};
use super::written::{FileFaults, Reference, Spanned};
use super::{ended_agencies, sites, slide_media};
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::ids::{AgencyId, SiteId, SlideId};
use crate::base::numbers;
use crate::base::stamp::FileStamp;
use crate::base::text::Text;
use crate::content::source::ContentTree;
use crate::text;

/// How many unused files are named.
const NAMED: usize = 10;

/// Sites of the policy must exist.
pub fn check_sites_of_policy(
    tree: &ContentTree,
    named: &[Spanned<Reference<SiteId>>],
    sites: &BTreeMap<SiteId, Site>,
    faults: &mut Vec<Diagnostic>,
) {
    let Some(file) = tree.texts.get("bangtin.yaml") else { return };
    let mut found = FileFaults::new(file);
    named.iter().for_each(|site| sites::check_site(site, &sites::names(tree, sites), &mut found));
    faults.append(&mut found.list);
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
        let ended = |id: &AgencyId| content.agencies.get(id).is_some_and(|agency| ended_agencies::ended_before(agency, *month));
        let supplies = |id: &SlideId| {
            let owner = content.slides.get(id).map(|slide| &slide.agency);
            owner.is_some_and(|owner| broadcaster(owner) && !ended(owner))
        };
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

/// Slides that no playlist of any period names, told together. A past month counts: its slides have been shown and stay as a record.
/// A translation follows its original, and an entry that names a translation uses the original too. `withdrawn`: up to which revision slides
/// are withdrawn; those are not to be shown, so nothing is said of them.
pub fn unused_slides(content: &Content, withdrawn: &BTreeMap<SlideId, u64>) -> Option<Diagnostic> {
    let entries = content.playlists.values().flat_map(|playlist| &playlist.entries);
    let used: BTreeSet<SlideId> = entries.map(|entry| entry.slide.split_language().0).collect();
    let unused = content.slides.iter().filter(|(id, _)| !id.is_translation() && !used.contains(*id));
    let unused = unused.filter(|(id, slide)| withdrawn.get(*id).is_none_or(|taken| slide.revision > *taken));
    let unused: Vec<&str> = unused.map(|(_, slide)| slide.source.as_str()).collect();
    let (first, count) = (*unused.first()?, unused.len());
    let list = unused.join(", ");
    Some(Diagnostic::warning(
        "unused-slide",
        SourceLocation::file("slides"),
        text!(vi: "{count} trang không có trong danh sách phát nào: {list}", en: "slides in no playlist ({count}): {list}"),
        text!(
            vi: "thêm vào entries của một danh sách phát: - slide: {first}; trang không dùng nữa thì xóa",
            en: "add each to the entries of a playlist: - slide: {first}; delete a slide that is not needed"
        ),
    ))
}

/// Pictures, films, sounds, tables and captions that no slide uses, told together. A slide that no playlist names uses its files too.
/// `stamps`: of all files of the content.
pub fn unused_media(content: &Content, stamps: &BTreeMap<String, FileStamp>) -> Option<Diagnostic> {
    let files = content.slides.values().flat_map(|slide| slide.media.values().chain(slide.pictures.values()));
    let used: BTreeSet<&str> = files.map(|file| file.path.as_str()).collect();
    let beside_slides = stamps.iter().filter_map(|(path, stamp)| Some((path.strip_prefix("slides/")?, path, stamp.size)));
    let unused: Vec<_> = beside_slides.filter(|(name, path, _)| slide_media::is_taken(name) && !used.contains(path.as_str())).collect();
    let (count, rest) = (unused.len(), unused.len().saturating_sub(NAMED));
    let (first, ..) = unused.first()?;
    let Text { vi: size_vi, en: size_en } = numbers::size(unused.iter().map(|(.., size)| size).sum());
    let list = unused.iter().take(NAMED).map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
    let Text { vi: more_vi, en: more_en } = match rest {
        0 => text!(vi: "", en: ""),
        _ => text!(vi: " và {rest} tệp khác", en: " and {rest} more"),
    };
    Some(Diagnostic::warning(
        "media-unused",
        SourceLocation::file("slides"),
        text!(
            vi: "{count} tệp không trang nào dùng, tổng cộng {size_vi}: {list}{more_vi}",
            en: "files that no slide uses ({count}, {size_en} in all): {list}{more_en}"
        ),
        text!(
            vi: "ghi tên tệp vào trang nằm cạnh nó (image, video, audio, table, poster, captions, hoặc ảnh trong nội dung); tệp không dùng nữa, như slides/{first}, thì xóa",
            en: "name the file in a slide beside it (image, video, audio, table, poster, captions, or a picture in the text); delete a file that is not needed, such as slides/{first}"
        ),
    ))
}
