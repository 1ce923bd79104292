//! What the moment of a signature says about this computer's clock, in words.
//! Never reads a clock, never decides what is published.

use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::trust::head::HeadNumber;

const DAY_SECONDS: i64 = 86_400;
/// How far the clocks of two computers may differ without a word, in seconds.
const TOLERANCE_SECONDS: i64 = 10 * 60;
/// How long after a release the next one comes at the latest where every month has a program, in seconds. A longer time is no sure sign: an office
/// may pause.
const USUAL_SECONDS: i64 = 35 * DAY_SECONDS;

/// A release, by the site, the number and the moment of its signature.
pub type SignedRelease<'a> = (&'a SiteId, HeadNumber, Timestamp);

/// Why nothing is published: the clock stands before the moment at which the site's release was signed. One of the two is wrong.
pub fn behind(now: Timestamp, release: SignedRelease<'_>, zone: TimeZone) -> Option<Text> {
    let (site, number, signed) = release;
    let [Text { vi, en }, Text { vi: now_vi, en: now_en }] = ahead(now, signed, zone)?;
    Some(crate::text!(
        vi: "không phát hành gì: đồng hồ máy này chỉ {now_vi}, nhưng bản phát hành {number} của {site} được ký sau đó, lúc {vi}. Hãy chỉnh đồng hồ cho đúng rồi chạy lại; nếu đồng hồ máy này đúng và bản đó được ký trên máy có đồng hồ sai thì thêm --clock-is-right",
        en: "nothing is published: this computer's clock shows {now_en}, but release {number} of {site} was signed later, at {en}. Put the clock right and run this again; if this clock is right and that release was signed by a wrong one, add --clock-is-right"
    ))
}

/// Why a release from which programs leave is not published: the last one was signed long ago by this clock. It may be ahead, or the office
/// has paused.
pub fn long_since(now: Timestamp, signed: Timestamp, zone: TimeZone) -> Option<Text> {
    let since = now.0.saturating_sub(signed.0);
    let (days, Text { vi, en }) = (since / DAY_SECONDS, zone.moment(now));
    (since > USUAL_SECONDS).then(|| {
        let counted = numbers::counted(days, "day");
        crate::text!(
            vi: "không phát hành gì: theo đồng hồ máy này ({vi}), bản phát hành trước được ký cách đây {days} ngày; đồng hồ chạy trước giờ đúng làm chương trình bị gỡ khỏi màn hình trước hạn. Hãy kiểm tra đồng hồ; nếu đồng hồ đúng thì thêm --clock-is-right",
            en: "nothing is published: the last release was signed {counted} ago by this computer's clock ({en}), and a clock that is ahead takes programs off the screens before their time. Check the clock; if it is right, add --clock-is-right"
        )
    })
}

/// A warning about a release in a store that was signed in the future of this computer's clock.
pub fn signed_ahead(now: Timestamp, release: SignedRelease<'_>, zone: TimeZone) -> Option<Text> {
    let (site, number, signed) = release;
    let [Text { vi, en }, Text { vi: now_vi, en: now_en }] = ahead(now, signed, zone)?;
    Some(crate::text!(
        vi: "CẢNH BÁO: {site}: bản phát hành {number} được ký lúc {vi}, sau giờ của đồng hồ máy này ({now_vi}); hãy kiểm tra đồng hồ máy này và đồng hồ máy phát hành: nếu máy phát hành chạy trước giờ đúng, có thể chương trình đã bị gỡ trước hạn; khi đó chỉnh đồng hồ rồi phát hành lại với --clock-is-right",
        en: "WARNING: {site}: release {number} was signed at {en}, later than this computer's clock ({now_en}); check this clock and the publisher's: if the publisher's was ahead, programs may have been taken off before their time; put it right and publish again with --clock-is-right"
    ))
}

/// A warning about a clock that stands before the approval of what is withdrawn: the withdrawal bears its moment.
pub fn before_approval(now: Timestamp, approved: Timestamp, zone: TimeZone) -> Option<Text> {
    let [Text { vi, en }, Text { vi: now_vi, en: now_en }] = ahead(now, approved, zone)?;
    Some(crate::text!(
        vi: "CẢNH BÁO: đồng hồ máy này chỉ {now_vi}, nhưng nội dung bị thu hồi được duyệt sau đó, lúc {vi}; văn bản thu hồi ghi thời điểm của đồng hồ này. Hãy chỉnh đồng hồ cho đúng",
        en: "WARNING: this computer's clock shows {now_en}, but what is withdrawn was approved later, at {en}; the withdrawal bears the moment of this clock. Put the clock right"
    ))
}

/// The moment of a signature and that of the clock, where the signature is later.
fn ahead(now: Timestamp, signed: Timestamp, zone: TimeZone) -> Option<[Text; 2]> {
    (signed.0 > now.0.saturating_add(TOLERANCE_SECONDS)).then(|| [signed, now].map(|moment| zone.moment(moment)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_are_nothing_and_five_weeks_are_usual() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let (site, number) = (SiteId::parse("ta-lung").unwrap(), HeadNumber { epoch: 1, version: 2 });
        let at = |seconds: i64| Timestamp(1_800_000_000 + seconds);
        for (signed, told) in [(0, false), (600, false), (601, true), (90 * DAY_SECONDS, true)] {
            assert_eq!(behind(at(0), (&site, number, at(signed)), zone).is_some(), told, "{signed}");
            assert_eq!(signed_ahead(at(0), (&site, number, at(signed)), zone).is_some(), told, "{signed}");
        }
        for (now, told) in
            [(-1, None), (35 * DAY_SECONDS, None), (35 * DAY_SECONDS + 1, Some("35 days ago")), (95 * DAY_SECONDS, Some("95 days ago"))]
        {
            let warning = long_since(at(now), at(0), zone);
            assert!(warning.as_ref().is_some_and(|text| told.is_some_and(|words| text.en.contains(words))) == told.is_some(), "{now}");
            assert_eq!(warning.is_some(), told.is_some(), "{now}");
        }
        assert!(behind(Timestamp(i64::MAX), (&site, number, at(0)), zone).is_none());
    }
}
