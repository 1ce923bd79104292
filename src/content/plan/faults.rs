//! The faults of a site's period, in words.
//! Never decides whether one applies: callers do.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _};

use super::interval::TimeInterval;
use crate::base::dates;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::ids::{PlaylistId, RoleId, ScreenId, SiteId};
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::content::model::values::{Content, Period, Site, Slide};
use crate::text;

/// A site that the content does not have.
pub fn unknown_site(id: &SiteId) -> Diagnostic {
    Diagnostic::error(
        "unknown-site",
        SourceLocation::file(format!("sites/{id}.yaml")),
        text!(vi: "không có cụm thông tin “{id}”", en: "there is no site “{id}”"),
        text!(vi: "dùng tên của một tệp trong sites/", en: "use the name of a file in sites/"),
    )
}

/// A month of a year without a calendar file.
pub fn missing_calendar(year: i32) -> Diagnostic {
    Diagnostic::error(
        "missing-calendar",
        SourceLocation::file(format!("calendar/{year}.yaml")),
        text!(vi: "thiếu lịch năm {year}", en: "the calendar of {year} is missing"),
        text!(
            vi: "tạo calendar/{year}.yaml với các ngày nghỉ lễ và làm bù của năm, ít nhất là: days: []",
            en: "write calendar/{year}.yaml with the year's holidays and make-up days, at least: days: []"
        ),
    )
}

/// No playlist of the site's shares has a file.
pub fn no_playlists(content: &Content, id: &SiteId, site: &Site, period: Period) -> Diagnostic {
    let Text { vi, en } = in_sentence(period);
    let remedies: Vec<_> = site.shares.iter().map(|share| to_write(content, site, &share.playlist, period)).collect();
    let (vi_help, en_help) = (join(&remedies, " hoặc ", |text| &text.vi), join(&remedies, " or ", |text| &text.en));
    let written: BTreeSet<_> = content.playlists.keys().map(|(period, _)| period.to_string()).collect();
    let written = written.into_iter().collect::<Vec<_>>().join(", ");
    let known = if written.is_empty() {
        text!(vi: "", en: "")
    } else {
        text!(vi: " (đã có danh sách phát của {written})", en: " (there are playlists of {written})")
    };
    let (vi_known, en_known) = (known.vi, known.en);
    Diagnostic::error(
        "no-playlists",
        site.place.clone(),
        text!(vi: "{id}: {vi} không có danh sách phát nào", en: "{id}: no playlist at all for {en}"),
        text!(vi: "{vi_help}{vi_known}", en: "{en_help}{en_known}"),
    )
}

/// One playlist of the shares has no file: its share goes to the others.
pub fn missing_playlist(content: &Content, (id, site): (&SiteId, &Site), playlist: &PlaylistId, period: Period) -> Diagnostic {
    let (Text { vi, .. }, Text { vi: vi_help, en: en_help }) = (period.name(), to_write(content, site, playlist, period));
    Diagnostic::warning(
        "missing-playlist",
        site.place.clone(),
        text!(vi: "{id}: {vi} không có playlists/{period}/{playlist}.yaml, thời lượng của danh sách này chia cho danh sách khác",
            en: "{id}: playlists/{period}/{playlist}.yaml is missing, its share goes to the others"),
        text!(vi: "{vi_help}; hoặc bỏ “{playlist}” khỏi shares", en: "{en_help}; or take “{playlist}” out of shares"),
    )
}

/// The playlist to write, with an example of one slide that may stand in it. Its owner is that of the same playlist of another period, if one
/// is there.
fn to_write(content: &Content, site: &Site, playlist: &PlaylistId, period: Period) -> Text {
    let Text { vi, .. } = period.name();
    let known = content.playlists.iter().find(|((_, id), _)| id == playlist).map(|(_, playlist)| &playlist.agency);
    let agency = known.unwrap_or(&site.operator);
    let fitting = || content.slides.iter().filter(|(id, slide)| !id.is_translation() && may_stand(slide, period)).map(|(_, slide)| slide);
    let slide = fitting().find(|slide| slide.agency == *agency).or_else(|| fitting().next());
    let slide = slide.map_or("co-so/thong-bao.md", |slide| &*slide.source);
    let example = format!("{{title: {vi}, agency: {agency}, entries: [{{slide: {slide}}}]}}");
    text!(
        vi: "viết playlists/{period}/{playlist}.yaml, ví dụ: {example}, thay bằng đơn vị chủ quản và các trang của danh sách này",
        en: "write playlists/{period}/{playlist}.yaml, for example: {example}, with the owner and the slides of this playlist in their place"
    )
}

/// Whether a slide's validity lets it stand in a playlist of the period, for all of it.
fn may_stand(slide: &Slide, period: Period) -> bool {
    let (from, until) = slide.valid;
    match period {
        Period::Evergreen => slide.valid == (None, None),
        Period::Month(month) => {
            let next = Some(month.next().first_day());
            from.is_none_or(|day| day <= month.first_day()) && until.is_none_or(|day| day.succ_opt() >= next)
        }
    }
}

/// The name of a period as it stands inside a sentence.
fn in_sentence(period: Period) -> Text {
    let Text { vi, en } = period.name();
    match period {
        Period::Evergreen => text!(vi: "{vi}", en: "the {en}"),
        Period::Month(_) => text!(vi: "{vi}", en: "{en}"),
    }
}

fn join(texts: &[Text], between: &str, of: impl Fn(&Text) -> &String) -> String {
    texts.iter().map(|text| of(text).as_str()).collect::<Vec<_>>().join(between)
}

/// No agency that owns these playlists has a reviewer role.
pub fn no_role(content: &Content, id: &SiteId, site: &Site, period: Period) -> Diagnostic {
    let Text { vi, en } = period.name();
    let roles: Vec<_> = content.settings.approval.roles.keys().map(RoleId::as_str).collect();
    let Text { vi: vi_roles, en: en_roles } = if roles.is_empty() {
        text!(vi: "trước hết khai báo vai trò tại approval: trong bangtin.yaml", en: "first declare a role under approval: in bangtin.yaml")
    } else {
        let roles = roles.join(", ");
        text!(vi: "vai trò đã có: {roles}", en: "known roles: {roles}")
    };
    Diagnostic::error(
        "no-role",
        site.place.clone(),
        text!(vi: "{id}, {vi}: không đơn vị chủ quản nào có vai trò duyệt", en: "{id}, {en}: no owner of its playlists has a reviewer role"),
        text!(vi: "thêm roles: […] cho đơn vị trong agencies.yaml; {vi_roles}", en: "give the owning agency roles: […] in agencies.yaml; {en_roles}"),
    )
}

/// A condition that the evergreen week does not allow.
pub fn not_in_evergreen(place: SourceLocation, key: &str) -> Diagnostic {
    Diagnostic::error(
        "evergreen-dates",
        place,
        text!(vi: "“{key}” không dùng được trong chương trình thường xuyên (evergreen)", en: "“{key}” has no place in the evergreen program"),
        text!(vi: "bỏ “{key}”, hoặc chuyển mục này sang danh sách của tháng", en: "remove “{key}”, or move the entry to a month's playlist"),
    )
}

/// A site that is closed on every day of a period: nothing plays, and each of its entries for the same reason.
pub fn no_opening_hours(id: &SiteId, site: &Site) -> Diagnostic {
    Diagnostic::warning(
        "no-opening-hours",
        site.place.clone(),
        text!(vi: "{id}: không có giờ hoạt động nào, mọi màn hình đều tắt", en: "{id}: there are no opening hours, every screen stays dark"),
        text!(vi: "viết giờ hoạt động tại hours; nếu cụm tạm đóng cửa thì không cần sửa gì", en: "write the opening hours in hours; for a site that is closed for a while nothing is to be done"),
    )
}

/// Opening time for which a screen has nothing to show.
pub fn uncovered_time(id: &SiteId, site: &Site, screen: &ScreenId, gaps: &[TimeInterval], zone: Option<TimeZone>) -> Diagnostic {
    let first = gaps.first().copied().unwrap_or_default();
    let (Text { vi, en }, more) = (format_interval(first, zone), gaps.len().saturating_sub(1));
    Diagnostic::error(
        "uncovered-time",
        site.place.clone(),
        text!(vi: "{id}: màn hình {screen} không có gì để phát trong giờ hoạt động, đầu tiên {vi} (và {more} khoảng khác)",
            en: "{id}: screen {screen} is open with nothing to play, first {en} (and {more} more)"),
        text!(vi: "thêm một mục không điều kiện vào danh sách phát, hoặc sửa giờ hoạt động", en: "add an entry without conditions to a playlist, or change the hours"),
    )
}

fn format_interval((start, end): TimeInterval, zone: Option<TimeZone>) -> Text {
    if let Some(zone) = zone {
        return dates::between(&dates::moment(zone.to_local(start)), &dates::moment(zone.to_local(end)));
    }
    // 5 January 1970 was a Monday.
    let local = |second: i64| DateTime::from_timestamp(second + 4 * 86_400, 0).unwrap_or_default();
    let moment = |second: i64| {
        let (Text { vi, en }, time) = (dates::weekday(local(second).weekday()), local(second).format("%H:%M"));
        text!(vi: "{vi} {time}", en: "{en} {time}")
    };
    dates::between(&moment(start), &moment(end))
}
