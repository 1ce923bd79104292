//! What the moment of a signature says about this computer's clock, in words.
//! Never reads a clock, never decides what is published.

use std::collections::BTreeSet;

use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::trust::approval::Approval;
use crate::trust::document::Verified;
use crate::trust::head::HeadNumber;
use crate::trust::root::Root;

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

/// A document that is signed now.
#[derive(Clone, Copy, Debug)]
pub enum Signing {
    Approval,
    Withdrawal,
}

/// What was signed before it.
#[derive(Clone, Copy, Debug)]
pub enum Earlier<'a> {
    /// A root of this number.
    Root(u64),
    /// An approval of the same program, or of the last one, of this site.
    Approval(&'a SiteId),
    Release(&'a SiteId, HeadNumber),
    /// An approval of what is withdrawn.
    Withdrawn,
}

impl Earlier<'_> {
    /// What it is, and that it was signed.
    fn signed(self) -> Text {
        match self {
            Self::Root(version) => crate::text!(vi: "văn bản phân quyền số {version} được ký", en: "root {version} was signed"),
            Self::Approval(site) => crate::text!(vi: "một văn bản phê duyệt của {site} được ký", en: "an approval of {site} was signed"),
            Self::Release(site, number) => {
                crate::text!(vi: "bản phát hành {number} của {site} được ký", en: "release {number} of {site} was signed")
            }
            Self::Withdrawn => crate::text!(vi: "nội dung bị thu hồi được duyệt", en: "what is withdrawn was approved"),
        }
    }
}

/// A warning about a clock that stands before what was signed earlier: the document signed now bears its moment. Either clock may be wrong.
pub fn before_earlier<'a>(
    now: Timestamp,
    signing: Signing,
    earlier: impl IntoIterator<Item = (Earlier<'a>, Timestamp)>,
    zone: TimeZone,
) -> Option<Text> {
    let (last, signed) = earlier.into_iter().max_by_key(|(_, signed)| *signed)?;
    let [Text { vi, en }, Text { vi: now_vi, en: now_en }] = ahead(now, signed, zone)?;
    let Text { vi: last_vi, en: last_en } = last.signed();
    let (new_vi, new_en) = match signing {
        Signing::Approval => ("văn bản phê duyệt", "the approval"),
        Signing::Withdrawal => ("văn bản thu hồi", "the withdrawal"),
    };
    Some(crate::text!(
        vi: "CẢNH BÁO: đồng hồ máy này chỉ {now_vi}, nhưng {last_vi} sau đó, lúc {vi}; {new_vi} ghi thời điểm của đồng hồ này. Nếu đồng hồ này sai thì hãy chỉnh cho đúng; nếu nó đúng thì đồng hồ của máy đã ký lúc đó chạy trước giờ đúng, hãy báo người ký ở đó",
        en: "WARNING: this computer's clock shows {now_en}, but {last_en} later, at {en}; {new_en} bears the moment of this clock. If this clock is wrong, put it right; if it is right, the clock of the computer that signed then was ahead: tell whoever signed there"
    ))
}

/// Warnings about approvals of a site that are dated more than a day after now, or before the installation's first root. `first`: its moment, if
/// it is known.
pub fn odd_approvals<'a>(
    now: Timestamp,
    site: &SiteId,
    approvals: impl IntoIterator<Item = &'a Verified<Approval>>,
    (root, first): (&Root, Option<Timestamp>),
    zone: TimeZone,
) -> Vec<Text> {
    // Who approves several programs does so in one go.
    let signed: BTreeSet<(Timestamp, String)> =
        approvals.into_iter().flat_map(|each| each.signers().iter().map(move |kid| (each.issued(), root.display_holder(*kid)))).collect();
    signed.iter().filter_map(|(issued, holder)| odd_approval(now, (site, holder.as_str(), *issued), first, zone)).collect()
}

fn odd_approval(now: Timestamp, approval: (&SiteId, &str, Timestamp), first: Option<Timestamp>, zone: TimeZone) -> Option<Text> {
    let (site, holder, issued) = approval;
    let (Text { vi, en }, Text { vi: now_vi, en: now_en }) = (zone.moment(issued), zone.moment(now));
    if issued.0 > now.0.saturating_add(DAY_SECONDS) {
        return Some(crate::text!(
            vi: "CẢNH BÁO: {site}: văn bản phê duyệt của {holder} ghi lúc {vi}, sau giờ của đồng hồ máy này ({now_vi}); hãy kiểm tra đồng hồ máy này và đồng hồ máy của người duyệt",
            en: "WARNING: {site}: the approval by {holder} is dated {en}, later than this computer's clock ({now_en}); check this clock and that of whoever approved"
        ));
    }
    let [Text { vi: root_vi, en: root_en }, _] = first.and_then(|first| ahead(issued, first, zone))?;
    Some(crate::text!(
        vi: "CẢNH BÁO: {site}: văn bản phê duyệt của {holder} ghi lúc {vi}, trước khi có văn bản phân quyền đầu tiên ({root_vi}): đồng hồ máy của người duyệt sai. Văn bản vẫn có hiệu lực; hãy báo người duyệt chỉnh đồng hồ",
        en: "WARNING: {site}: the approval by {holder} is dated {en}, before the first root ({root_en}): the clock of whoever approved was wrong. The approval counts all the same; tell them to put the clock right"
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

    #[test]
    fn a_clock_is_held_against_the_last_of_what_was_signed_before() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let (site, number) = (SiteId::parse("ta-lung").unwrap(), HeadNumber { epoch: 1, version: 2 });
        let at = |seconds: i64| Timestamp(1_800_000_000 + seconds);
        let warned = |now, approved, released| {
            let earlier =
                [(Earlier::Root(3), at(0)), (Earlier::Approval(&site), at(approved)), (Earlier::Release(&site, number), at(released))];
            before_earlier(at(now), Signing::Approval, earlier, zone).map_or(String::new(), |text| text.en)
        };
        for (now, approved, released, last) in [
            (-601, -9_999, -9_999, "but root 3 was signed later"),
            (0, 601, 600, "but an approval of ta-lung was signed later"),
            (0, 601, 602, "but release 1-2 of ta-lung was signed later"),
        ] {
            let said = warned(now, approved, released);
            assert!(said.contains(last) && said.contains("the approval bears") && said.contains("if it is right"), "{said}");
        }
        assert!(warned(-600, -9_999, -9_999).is_empty() && warned(5_000, 5_600, 0).is_empty());
        assert!(before_earlier(at(0), Signing::Approval, [], zone).is_none());
    }

    #[test]
    fn an_approval_is_dated_between_the_first_root_and_tomorrow() {
        let zone = TimeZone::parse("Asia/Ho_Chi_Minh").unwrap();
        let site = SiteId::parse("ta-lung").unwrap();
        let at = |seconds: i64| Timestamp(1_800_000_000 + seconds);
        let said = |issued, first| odd_approval(at(0), (&site, "lan", at(issued)), first, zone).map_or(String::new(), |text| text.en);
        for issued in [DAY_SECONDS, 0, -600] {
            assert_eq!(said(issued, Some(at(0))), "", "{issued}");
        }
        assert!(
            said(DAY_SECONDS + 1, None).contains("the approval by lan is dated")
                && said(-601, Some(at(0))).contains("before the first root")
        );
        assert_eq!(said(-1_800_000_000, None), "");
    }
}
